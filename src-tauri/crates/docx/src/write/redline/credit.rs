//! Which of several suggestions a change comes from.
//!
//! The edits are known, so nothing is guessed: words outside every suggestion stay what they are, and those inside one are
//! compared with what it puts there and with nothing else. Each suggestion can then be taken or left alone.

use std::collections::HashMap;

use super::flat::Flat;
use super::marks::State;
use moqi_document::compare::align;
use moqi_document::{
    Block, BlockKind, Change, Comparison, Document, Edit, Inline, InlineKind, Span, compare,
};

/// Documents before and after edits, and where the edits are in both texts.
pub(super) struct Credit<'d> {
    old: &'d Document,
    new: &'d Document,
    old_spans: Vec<Span>,
    new_spans: Vec<Span>,
    /// Blocks of the footnotes by label.
    old_notes: HashMap<&'d str, usize>,
    new_notes: HashMap<&'d str, usize>,
}

/// Words of a block by their place in it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    /// All its words.
    Whole,
    /// A cell of a table: row and column.
    Cell(usize, usize),
}

/// What stands for a tab or a break, for a field, and for the mark of a note where words are compared by character.
const BREAK: char = '\u{1}';
const FIELD: char = '\u{2}';
const NOTE: char = '\u{3}';

impl<'d> Credit<'d> {
    /// `edits` are in the order of the old text and apart from one another; `new` is what they make of it.
    pub fn new(old: &'d Document, new: &'d Document, edits: &[Edit]) -> Self {
        let mut new_spans = Vec::with_capacity(edits.len());
        // How far the new text is ahead of the old one, and behind it.
        let (mut ahead, mut behind) = (0, 0);
        for edit in edits {
            let start = edit.span.start + ahead - behind;
            new_spans.push(Span {
                start,
                end: start + edit.text.len(),
            });
            ahead += edit.text.len();
            behind += edit.span.end - edit.span.start;
        }
        Self {
            old,
            new,
            old_spans: edits.iter().map(|edit| edit.span).collect(),
            new_spans,
            old_notes: notes(old),
            new_notes: notes(new),
        }
    }

    fn spans(&self, side: State) -> &[Span] {
        if side.is_old() {
            &self.old_spans
        } else {
            &self.new_spans
        }
    }

    fn document(&self, side: State) -> &'d Document {
        if side.is_old() { self.old } else { self.new }
    }

    /// A place in the new text as one in the old text: a suggestion's own place for what it put there.
    pub fn back(&self, span: Span) -> Span {
        let back = |at: usize, edge: fn(&Span) -> usize| {
            let next = self.new_spans.partition_point(|new| new.end <= at);
            match (self.new_spans.get(next), self.old_spans.get(next)) {
                (Some(new), Some(old)) if new.start <= at => edge(old),
                _ => match next.checked_sub(1) {
                    Some(last) => at - self.new_spans[last].end + self.old_spans[last].end,
                    None => at,
                },
            }
        };
        let start = back(span.start, |old| old.start);
        Span {
            start,
            end: back(span.end, |old| old.end).max(start),
        }
    }

    /// Where a place lies among the suggestions: odd inside one (its number doubled, and one), even between two.
    fn segment(&self, span: Span, side: State) -> usize {
        let spans = self.spans(side);
        let next = spans.partition_point(|own| own.end <= span.start);
        match spans.get(next) {
            Some(own) if own.start < span.end && span.start < own.end => 2 * next + 1,
            _ => 2 * next,
        }
    }

    /// The suggestion a place belongs to: the one it lies in, or the nearest.
    fn of_segment(&self, segment: usize, span: Span, side: State) -> usize {
        let (spans, next) = (self.spans(side), segment / 2);
        if segment % 2 == 1 {
            return next;
        }
        let before = next
            .checked_sub(1)
            .map(|at| span.start.saturating_sub(spans[at].end));
        let after = spans
            .get(next)
            .map(|own| own.start.saturating_sub(span.end));
        match (before, after) {
            (Some(before), Some(after)) if before <= after => next - 1,
            (Some(_), None) => next - 1,
            _ => next,
        }
    }

    /// The suggestion that changed a place.
    fn of(&self, span: Span, side: State) -> usize {
        self.of_segment(self.segment(span, side), span, side)
    }

    /// The suggestion that changed a block; without a block, the first.
    pub fn of_block(&self, block: Option<usize>, side: State) -> usize {
        self.block(block, side)
            .map_or(0, |block| self.of(block.span, side))
    }

    /// The suggestion that changed a row of a table, or the block where that is no table.
    pub fn of_row(&self, block: Option<usize>, row: usize, side: State) -> usize {
        let cells = match self.block(block, side).map(|block| &block.kind) {
            Some(BlockKind::Table(table)) => table.rows.get(row),
            _ => None,
        };
        match cells.map(Vec::as_slice) {
            Some([first, .., last] | [first @ last]) => {
                let (start, end) = (first.span.start, last.span.end);
                self.of(Span { start, end }, side)
            }
            _ => self.of_block(block, side),
        }
    }

    /// The suggestions that lie in a block or at its edge, or in a footnote that it marks.
    pub fn touching(&self, block: Option<usize>, side: State) -> Vec<usize> {
        let Some(own) = self.block(block, side) else {
            return Vec::new();
        };
        let spans = self.spans(side);
        let mut all: Vec<usize> = touching(spans, own.span).collect();
        for inline in self.words(block, Place::Whole, side).unwrap_or_default() {
            if let InlineKind::FootnoteRef(label) = &inline.kind
                && let Some(note) = self.block(self.note(label, side), side)
            {
                all.extend(touching(spans, note.span));
            }
        }
        all
    }

    fn block(&self, block: Option<usize>, side: State) -> Option<&'d Block> {
        self.document(side).blocks.get(block?)
    }

    /// The words at a place; `None` where they are not written as they stand in one run of inlines.
    fn words(&self, block: Option<usize>, place: Place, side: State) -> Option<&'d [Inline]> {
        match (&self.block(block, side)?.kind, place) {
            (
                BlockKind::Title(content)
                | BlockKind::Heading { content, .. }
                | BlockKind::Item { content, .. }
                | BlockKind::Paragraph { content, .. }
                | BlockKind::Footnote { content, .. },
                Place::Whole,
            ) => Some(content),
            (BlockKind::Table(table), Place::Cell(row, column)) => {
                Some(&table.rows.get(row)?.get(column)?.content)
            }
            _ => None,
        }
    }

    /// Tells the tokens of a paragraph which suggestion they lie in, and which they would be changed by.
    pub fn sign(&self, flat: &mut Flat, block: Option<usize>, place: Place, side: State) {
        let Some(content) = self.words(block, place, side) else {
            let who = self.of_block(block, side);
            flat.tokens.iter_mut().for_each(|token| token.who = who);
            return;
        };
        flat.signed = true;
        let (said, places) = characters(content);
        let mut written = Vec::with_capacity(said.len());
        let mut token_of = Vec::with_capacity(said.len());
        for (at, token) in flat.tokens.iter().enumerate() {
            let before = written.len();
            token.say((BREAK, FIELD, NOTE), &mut written);
            token_of.resize(token_of.len() + written.len() - before, at);
        }
        let mut found: Vec<Option<Span>> = vec![None; flat.tokens.len()];
        for (x, y) in align(&written, &said) {
            let (place, found) = (places[y], &mut found[token_of[x]]);
            *found = Some(found.map_or(place, |before| Span {
                start: before.start.min(place.start),
                end: before.end.max(place.end),
            }));
        }
        // What is not in the text, such as a number that is printed as words, stands where the word before it ends.
        let first = found.iter().flatten().next().map(|span| span.start);
        let mut last = first.unwrap_or_else(|| content.first().map_or(0, |c| c.span.start));
        let mut least = 0;
        for (token, found) in flat.tokens.iter_mut().zip(found) {
            let span = found.unwrap_or(Span {
                start: last,
                end: last,
            });
            last = last.max(span.end);
            let segment = self.segment(span, side).max(least);
            least = segment;
            token.segment = segment;
            token.who = self.of_segment(segment, span, side);
        }
    }

    /// The block of a footnote.
    pub fn note(&self, label: &str, side: State) -> Option<usize> {
        let notes = if side.is_old() {
            &self.old_notes
        } else {
            &self.new_notes
        };
        notes.get(label).copied()
    }

    /// The blocks side by side: those no suggestion touches are what they were; those that some touch are compared with
    /// what these make of them. Nothing is a move, because either end of one might be taken without the other.
    pub fn comparison(&self) -> Comparison {
        let mut joined = vec![false; self.old_spans.len()];
        for (document, spans) in [(self.old, &self.old_spans), (self.new, &self.new_spans)] {
            for at in 0..document.blocks.len() {
                let own = touching(spans, with_gap(&document.blocks, at));
                let last = own.end.saturating_sub(1).max(own.start);
                joined[own.start..last].fill(true);
            }
        }
        // Suggestions that touch one block stand together; their number is that of the first.
        let mut together = Vec::with_capacity(joined.len());
        for at in 0..joined.len() {
            let before = at
                .checked_sub(1)
                .filter(|&before| joined[before])
                .map(|before| together[before]);
            together.push(before.unwrap_or(at));
        }
        let keys = |document: &Document, spans: &[Span]| -> Vec<usize> {
            (0..document.blocks.len())
                .map(|at| {
                    let own = touching(spans, with_gap(&document.blocks, at));
                    let (before, after) = (own.start.checked_sub(1), together.get(own.start));
                    match before.map(|before| together[before]) {
                        _ if !own.is_empty() => 2 * together[own.start] + 1,
                        Some(before) if after == Some(&before) => 2 * before + 1,
                        _ => 2 * own.start,
                    }
                })
                .collect()
        };
        let (a, b) = (
            keys(self.old, &self.old_spans),
            keys(self.new, &self.new_spans),
        );
        let mut parts = Vec::with_capacity(a.len().max(b.len()));
        let (mut x, mut y) = (0, 0);
        while x < a.len() || y < b.len() {
            let key = match (a.get(x), b.get(y)) {
                (Some(&a), Some(&b)) => a.min(b),
                (Some(&key), None) | (None, Some(&key)) => key,
                (None, None) => break,
            };
            let end = |keys: &[usize], from: usize| {
                let length = keys[from..].iter().take_while(|&&own| own <= key).count();
                from + length
            };
            let (next_x, next_y) = (end(&a, x), end(&b, y));
            let stretch = |document: &Document, from: usize, to: usize| Document {
                blocks: document.blocks[from..to].to_vec(),
                ..Document::default()
            };
            let found = compare(&stretch(self.old, x, next_x), &stretch(self.new, y, next_y));
            apart(found, x, y, &mut parts);
            (x, y) = (next_x, next_y);
        }
        Comparison { parts }
    }
}

/// The blocks of footnotes by label; the first of several with the same one counts.
fn notes(document: &Document) -> HashMap<&str, usize> {
    let mut notes = HashMap::new();
    for (at, block) in document.blocks.iter().enumerate() {
        if let BlockKind::Footnote { label, .. } = &block.kind {
            notes.entry(label.as_str()).or_insert(at);
        }
    }
    notes
}

/// The place of a block with what stands between it and the next one: its last line may have been there.
fn with_gap(blocks: &[Block], at: usize) -> Span {
    let Span { start, end } = blocks[at].span;
    let next = blocks.get(at + 1).map_or(end + 1, |next| next.span.start);
    Span {
        start,
        end: end.max(next.saturating_sub(1)),
    }
}

/// The suggestions that touch a place.
fn touching(spans: &[Span], place: Span) -> std::ops::Range<usize> {
    let first = spans.partition_point(|own| own.end < place.start);
    let length = spans[first..].partition_point(|own| own.start <= place.end);
    first..first + length
}

/// The parts of a comparison of stretches that begin at `x` and `y`, moves as deletions and insertions.
fn apart(found: Comparison, x: usize, y: usize, parts: &mut Vec<Change>) {
    let mut origins: Vec<usize> = found
        .parts
        .iter()
        .filter_map(|part| match part {
            Change::Moved { old, .. } => Some(*old),
            _ => None,
        })
        .collect();
    origins.sort_unstable();
    let mut origins = origins.into_iter().peekable();
    for part in found.parts {
        let until = match part {
            Change::Same { old, .. } | Change::Edited { old, .. } | Change::Deleted { old } => old,
            Change::Inserted { .. } | Change::Moved { .. } => 0,
        };
        while let Some(old) = origins.next_if(|&old| old < until) {
            parts.push(Change::Deleted { old: old + x });
        }
        parts.push(match part {
            Change::Same { old, new } => Change::Same {
                old: old + x,
                new: new + y,
            },
            Change::Edited { old, new, inside } => Change::Edited {
                old: old + x,
                new: new + y,
                inside,
            },
            Change::Deleted { old } => Change::Deleted { old: old + x },
            Change::Inserted { new } | Change::Moved { new, .. } => {
                Change::Inserted { new: new + y }
            }
        });
    }
    parts.extend(origins.map(|old| Change::Deleted { old: old + x }));
}

/// The characters of words as they will be written, each with its place in the text.
fn characters(content: &[Inline]) -> (Vec<char>, Vec<Span>) {
    let (mut out, mut places) = (Vec::new(), Vec::new());
    let mut push = |c: char, place: Span| {
        out.push(c);
        places.push(place);
    };
    for inline in content {
        let span = inline.span;
        match &inline.kind {
            InlineKind::Text(text) => {
                let exact = span.end.wrapping_sub(span.start) == text.len();
                for (at, c) in text.char_indices() {
                    let start = span.start + at;
                    let own = Span {
                        start,
                        end: start + c.len_utf8(),
                    };
                    let c = match c {
                        '\n' | '\r' => ' ',
                        '\t' => BREAK,
                        c => c,
                    };
                    push(c, if exact { own } else { span });
                }
            }
            InlineKind::Field(expression) => {
                for c in format!("{{{{{expression}}}}}").chars() {
                    push(c, span);
                }
            }
            InlineKind::Reference(_) => push(FIELD, span),
            InlineKind::Break => push(BREAK, span),
            InlineKind::FootnoteRef(_) => push(NOTE, span),
        }
    }
    (out, places)
}
