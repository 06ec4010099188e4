//! The runs of a paragraph printed with values among them, each in the looks of the run its slot began in.

use std::collections::HashSet;
use std::ops::Range;

use super::blocks::Region;
use super::content::text;
use super::field::{self, Field, prefix};
use super::paragraph::{Paragraph, Piece, Token, TokenKind};
use super::render::Render;
use super::syntax::TagKind;
use super::tree::Id;
use crate::warned::WarningKind;

/// Bytes of words held back for one text element.
const LONGEST_TEXT: usize = 1 << 20;

/// A paragraph being printed.
pub(super) struct Line<'p> {
    number: usize,
    paragraph: &'p Paragraph,
    /// Runs that hold a part of a token.
    touched: HashSet<Id>,
    /// The run being printed.
    run: Option<Id>,
    /// Words of it not printed yet.
    words: String,
}

impl<'p> Line<'p> {
    pub fn new(number: usize, paragraph: &'p Paragraph) -> Line<'p> {
        let touched = paragraph
            .tokens
            .iter()
            .flat_map(|token| &paragraph.pieces[token.pieces.clone()])
            .filter_map(|piece| piece.run)
            .collect();
        Line {
            number,
            paragraph,
            touched,
            run: None,
            words: String::new(),
        }
    }

    /// Prints pieces, with the blocks from number `least` on that begin among them.
    pub fn print(&mut self, render: &mut Render<'_, '_>, range: Range<usize>, least: usize) {
        let paragraph = self.paragraph;
        let mut at = range.start;
        let mut next = paragraph
            .tokens
            .partition_point(|token| token.pieces.start < range.start);
        while at < range.end && !render.full() {
            if let Some(token) = paragraph
                .tokens
                .get(next)
                .filter(|token| token.pieces.start == at && token.pieces.end <= range.end)
            {
                let end = self.token(render, next, token, least);
                at = end.max(at + 1);
                next += paragraph.tokens[next..].partition_point(|token| token.pieces.start < at);
                continue;
            }
            at = self.piece(render, at, range.end);
        }
    }

    /// Prints a piece as it stands; gives the next one.
    fn piece(&mut self, render: &mut Render<'_, '_>, at: usize, end: usize) -> usize {
        let pieces = &self.paragraph.pieces;
        let piece = &pieces[at];
        let Some(run) = piece.run else {
            self.markup(render, piece);
            return at + 1;
        };
        if self.touched.contains(&run) {
            self.inside(render, run, piece);
            return at + 1;
        }
        // A run without a slot is printed whole.
        self.close(render);
        render.element(run);
        let rest = pieces[at..end]
            .iter()
            .take_while(|p| p.run == Some(run))
            .count();
        at + rest.max(1)
    }

    fn markup(&mut self, render: &mut Render<'_, '_>, piece: &Piece) {
        self.close(render);
        match piece.element {
            Some(element) => render.element(element),
            None => render.out.push_str(render.scan.tree.text(&piece.source)),
        }
    }

    /// A piece of a run that holds a slot.
    fn inside(&mut self, render: &mut Render<'_, '_>, run: Id, piece: &Piece) {
        if piece.cut {
            self.text(render, run, &self.paragraph.words[piece.words.clone()]);
            return;
        }
        match piece.element {
            // A run with nothing but properties.
            Some(element) if element == run => {
                self.close(render);
                render.element(run);
            }
            Some(element) => {
                self.begin(render, run);
                self.flush(render);
                render.element(element);
            }
            None => {}
        }
    }

    fn begin(&mut self, render: &mut Render<'_, '_>, run: Id) {
        if self.run == Some(run) {
            return;
        }
        self.close(render);
        let tree = &render.scan.tree;
        render.out.push_str(tree.tag(run));
        if let Some(looks) = tree.child(run, "rPr") {
            render.copy(looks);
        }
        self.run = Some(run);
    }

    fn text(&mut self, render: &mut Render<'_, '_>, run: Id, words: &str) {
        if !words.is_empty() {
            self.begin(render, run);
            self.words.push_str(words);
            // The limit of a part counts what is printed.
            if self.words.len() > LONGEST_TEXT {
                self.flush(render);
            }
        }
    }

    fn flush(&mut self, render: &mut Render<'_, '_>) {
        let words = std::mem::take(&mut self.words);
        if let Some(run) = self.run {
            let prefix = prefix(render.scan.tree.at(run).full);
            render.out.push_str(&text(&words, prefix));
        }
    }

    /// Ends the run being printed.
    pub fn close(&mut self, render: &mut Render<'_, '_>) {
        self.flush(render);
        if let Some(run) = self.run.take() {
            render
                .out
                .push_str(&format!("</{}>", render.scan.tree.at(run).full));
        }
    }

    /// Prints a token; gives the piece after what was printed.
    fn token(
        &mut self,
        render: &mut Render<'_, '_>,
        number: usize,
        token: &Token,
        least: usize,
    ) -> usize {
        let slot = render.scan.of_token.get(&(self.number, number)).copied();
        match &token.kind {
            TokenKind::Tag(tag) => match &tag.kind {
                TagKind::Value(expr) => {
                    let value = slot.and_then(|slot| render.value(slot, Some(expr)));
                    self.replaced(render, token, value);
                }
                TagKind::Comment => {
                    self.replaced(render, token, Some(String::new()));
                }
                TagKind::Unknown => {
                    let words = self.paragraph.words[token.words.clone()].to_owned();
                    render.warn(
                        format!("unknown {words}"),
                        WarningKind::NotUnderstood(words.clone()),
                    );
                    self.replaced(render, token, None);
                }
                _ => return self.statement(render, number, token, least),
            },
            TokenKind::Blank(form, _) => {
                let mut value = slot.and_then(|slot| render.value(slot, None));
                if *form == moqi_document::BlankForm::Box {
                    value = value
                        .map(|value| ticked(&value, &self.paragraph.words[token.words.clone()]));
                }
                self.replaced(render, token, value);
            }
            TokenKind::Underlined => {
                let value = slot.and_then(|slot| render.value(slot, None));
                self.replaced(render, token, value);
            }
            TokenKind::Control(id) => {
                self.close(render);
                if let Some(slot) = slot {
                    let printed = render.control(*id, slot);
                    render.out.push_str(&printed);
                }
            }
            TokenKind::Field(field) => self.field(render, token, field, slot),
        }
        token.pieces.end
    }

    /// A value in place of a token, in the looks of its first words; the token as it stands where there is none.
    fn replaced(&mut self, render: &mut Render<'_, '_>, token: &Token, value: Option<String>) {
        let Some(value) = value else {
            self.verbatim(render, token.pieces.clone());
            return;
        };
        render.edits += 1;
        let mut value = Some(value);
        for piece in &self.paragraph.pieces[token.pieces.clone()] {
            match piece.run {
                None => self.markup(render, piece),
                Some(run) if !piece.words.is_empty() => {
                    if let Some(value) = value.take() {
                        self.text(render, run, &value);
                    }
                }
                Some(_) => {}
            }
        }
    }

    fn verbatim(&mut self, render: &mut Render<'_, '_>, pieces: Range<usize>) {
        let mut at = pieces.start;
        while at < pieces.end {
            at = self.piece(render, at, pieces.end);
        }
    }

    /// The tag of a condition or loop.
    fn statement(
        &mut self,
        render: &mut Render<'_, '_>,
        number: usize,
        token: &Token,
        least: usize,
    ) -> usize {
        let scan = render.scan;
        let block = scan.blocks.of.get(&(self.number, number)).copied();
        let Some(block) = block else {
            let words = self.paragraph.words[token.words.clone()].to_owned();
            render.warn(
                format!("lost {}:{number}", self.number),
                WarningKind::NotUnderstood(words),
            );
            self.verbatim(render, token.pieces.clone());
            return token.pieces.end;
        };
        let found = &scan.blocks.all[block];
        let begins = found.tags.first() == Some(&(self.number, number));
        if block >= least
            && begins
            && matches!(found.region, Region::Words)
            && let Some(choice) = render.decide(block)
        {
            let pieces = |branch: usize| {
                let [from, to] =
                    [branch, branch + 1].map(|n| &self.paragraph.tokens[found.tags[n].1].pieces);
                from.end..to.start
            };
            let parts: Vec<Range<usize>> = (0..found.tags.len() - 1).map(pieces).collect();
            self.dropped(render, token);
            let line = &mut *self;
            render.rounds(found, choice, &mut |render, branch| {
                line.print(render, parts[branch].clone(), block + 1)
            });
            let last = found.tags.last().map_or(number, |tag| tag.1);
            let last = &self.paragraph.tokens[last];
            self.dropped(render, last);
            return last.pieces.end;
        }
        if render.resolved[block] {
            self.dropped(render, token);
        } else {
            self.verbatim(render, token.pieces.clone());
        }
        token.pieces.end
    }

    /// A tag that is carried out: its words go, markup among them stays.
    fn dropped(&mut self, render: &mut Render<'_, '_>, token: &Token) {
        for piece in self.paragraph.pieces[token.pieces.clone()]
            .iter()
            .filter(|p| p.run.is_none())
        {
            self.markup(render, piece);
        }
    }

    fn field(
        &mut self,
        render: &mut Render<'_, '_>,
        token: &Token,
        field: &Field,
        slot: Option<usize>,
    ) {
        let Some(value) = slot.and_then(|slot| render.value(slot, None)) else {
            self.verbatim(render, token.pieces.clone());
            return;
        };
        let tree = &render.scan.tree;
        let pieces = &self.paragraph.pieces[token.pieces.clone()];
        let mark = match field {
            Field::Merge { case, .. } => {
                let value = case.map_or_else(|| value.clone(), |case| case.apply(&value));
                self.merged(render, pieces, &value);
                return;
            }
            Field::Text { .. } => {
                self.result(render, pieces, &value);
                return;
            }
            Field::Check { mark, .. } => {
                yes_no(&value).and_then(|yes| field::ticked(tree, *mark, yes))
            }
            Field::List { mark, choices, .. } => choices
                .iter()
                .position(|c| *c == value)
                .and_then(|choice| field::chosen(tree, *mark, choice)),
        };
        match (mark, pieces.first().and_then(|p| p.run)) {
            (Some(mark), Some(run)) => {
                self.begin(render, run);
                self.flush(render);
                render.out.push_str(&mark);
                render.edits += 1;
                self.verbatim(render, token.pieces.start + 1..token.pieces.end);
            }
            _ => {
                if let Some(slot) = slot {
                    let slot = render.scan.slots[slot].id.clone();
                    render.warn(slot.clone(), WarningKind::NotAChoice { slot, value });
                }
                self.verbatim(render, token.pieces.clone());
            }
        }
    }

    /// A merge field becomes its value, in the looks of its result.
    fn merged(&mut self, render: &mut Render<'_, '_>, pieces: &[Piece], value: &str) {
        render.edits += 1;
        let tree = &render.scan.tree;
        // A field written as one element holds its runs itself.
        if let [
            Piece {
                run: None,
                element: Some(element),
                ..
            },
        ] = pieces
        {
            let runs = tree
                .inside(*element)
                .find(|i| tree.elements[*i].name == "r");
            self.close(render);
            match runs {
                Some(run) => self.text(render, run as Id, value),
                None => {
                    let prefix = prefix(tree.at(*element).full);
                    render
                        .out
                        .push_str(&format!("<{prefix}r>{}</{prefix}r>", text(value, prefix)));
                }
            }
            return;
        }
        let result = pieces
            .iter()
            .find(|p| p.plain)
            .or(pieces.first())
            .and_then(|p| p.run);
        let mut printed = false;
        for piece in pieces {
            match piece.run {
                None => self.markup(render, piece),
                Some(run) if !printed && Some(run) == result => {
                    printed = true;
                    self.text(render, run, value);
                }
                Some(_) => {}
            }
        }
    }

    /// The result of a form field, from its middle mark to its end.
    fn result(&mut self, render: &mut Render<'_, '_>, pieces: &[Piece], value: &str) {
        render.edits += 1;
        let Some((end, rest)) = pieces.split_last() else {
            return;
        };
        let looks = rest
            .iter()
            .find(|p| p.plain)
            .and_then(|p| p.run)
            .or(end.run);
        match rest.split_first() {
            Some((middle, _)) => {
                if let Some(run) = middle.run {
                    self.inside(render, run, middle);
                }
            }
            None => {
                // A field that never had a result has no middle either.
                if let Some(run) = end.run {
                    self.begin(render, run);
                    self.flush(render);
                    let prefix = prefix(render.scan.tree.at(run).full);
                    render.out.push_str(&format!(
                        "<{0}fldChar {0}fldCharType=\"separate\"/>",
                        prefix
                    ));
                }
            }
        }
        if let Some(run) = looks {
            self.text(render, run, value);
        }
        for piece in rest.iter().filter(|p| p.run.is_none()) {
            self.markup(render, piece);
        }
        if let Some(run) = end.run {
            self.inside(render, run, end);
        }
    }
}

fn yes_no(value: &str) -> Option<bool> {
    match value.trim().to_lowercase().as_str() {
        "yes" | "true" | "1" | "是" | "x" => Some(true),
        "no" | "false" | "0" | "否" | "" => Some(false),
        _ => None,
    }
}

/// A box in brackets, ticked or as it stands.
fn ticked(value: &str, bracket: &str) -> String {
    match yes_no(value) {
        Some(true) => "[x]".to_owned(),
        Some(false) => bracket.to_owned(),
        None => format!("[{value}]"),
    }
}
