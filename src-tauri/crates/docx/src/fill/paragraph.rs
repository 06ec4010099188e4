//! A paragraph as words and the pieces of source they come from, with the places in it that want a value.
//!
//! Word cuts a tag over several runs where spelling or a correction left its trace; here the words are joined, the
//! tags found in them, and the pieces cut at their ends.

use std::ops::Range;

use moqi_document::{BlankForm, blanks};

use super::control;
use super::field::{self, Field};
use super::syntax::{Syntax, Tag, tags};
use super::tree::{Id, Tree};

/// What stands for a drawing, a control or anything else that is no word.
pub(super) const OBJECT: char = '\u{FFFC}';

/// A piece of a paragraph's source.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    /// The run it is in; `None` for markup between runs.
    pub run: Option<Id>,
    /// The element it is, or whose words it is a part of; `None` for a tag of an element that holds runs.
    pub element: Option<Id>,
    /// Its source.
    pub source: Range<usize>,
    /// Its words in the words of the paragraph.
    pub words: Range<usize>,
    /// The words of a text element, or a part of them.
    pub plain: bool,
    /// A part of a text element only: printed from its words, not its source.
    pub cut: bool,
    /// The element around the run or markup.
    pub container: Id,
}

/// A place in a paragraph that wants a value, or a tag that decides about others.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// Its pieces.
    pub pieces: Range<usize>,
    /// Its words in the words of the paragraph.
    pub words: Range<usize>,
    /// What it is.
    pub kind: TokenKind,
}

/// What a token is.
#[derive(Debug, Clone)]
pub(super) enum TokenKind {
    /// A tag of a template language.
    Tag(Tag),
    /// A blank, with the words in its brackets.
    Blank(BlankForm, Option<String>),
    /// Underlined spaces.
    Underlined,
    /// A field of Word.
    Field(Field),
    /// A content control.
    Control(Id),
}

/// A paragraph with its words.
#[derive(Debug)]
pub(super) struct Paragraph {
    /// Its element.
    pub id: Id,
    /// Its visible words.
    pub words: String,
    /// Its source after the properties, piece by piece.
    pub pieces: Vec<Piece>,
    /// Its tokens in order, none overlapping.
    pub tokens: Vec<Token>,
    /// Fields inside the conditions of other fields, which Word computes and nobody fills.
    pub inner_fields: usize,
}

impl Paragraph {
    /// Reads the words of a paragraph. Tokens are found by [`Paragraph::find`].
    pub fn read(tree: &Tree<'_>, id: Id) -> Paragraph {
        let mut reader = Reader {
            tree,
            words: String::new(),
            pieces: Vec::new(),
            open: Vec::new(),
            found: Vec::new(),
            inner: 0,
        };
        reader.children(id);
        let Reader {
            words,
            pieces,
            found,
            inner,
            ..
        } = reader;
        Paragraph {
            id,
            words,
            pieces,
            tokens: found,
            inner_fields: inner,
        }
    }

    /// Finds tags and blanks in the words.
    pub fn find(&mut self, tree: &Tree<'_>, syntax: Option<Syntax>) {
        let mut spans: Vec<(Range<usize>, TokenKind)> = Vec::new();
        if let Some(syntax) = syntax {
            spans.extend(
                tags(&self.words, syntax)
                    .into_iter()
                    .map(|tag| (tag.span.clone(), TokenKind::Tag(tag))),
            );
        }
        let bare = blanks(&self.words)
            .into_iter()
            .map(|b| (b.span.start..b.span.end, TokenKind::Blank(b.form, b.hint)));
        spans.extend(bare);
        spans.extend(
            self.underlined(tree)
                .into_iter()
                .map(|span| (span, TokenKind::Underlined)),
        );
        // A tag goes before a blank in it, a written blank before the underline below it.
        spans.sort_by_key(|(span, _)| (span.start, std::cmp::Reverse(span.end)));
        let fields: Vec<Token> = std::mem::take(&mut self.tokens);
        let mut taken = fields.iter().map(|t| t.words.clone()).peekable();
        let mut end = 0;
        spans.retain(|(span, _)| {
            while taken.next_if(|t| t.end <= span.start).is_some() {}
            let free = span.start >= end && taken.peek().is_none_or(|t| t.start >= span.end);
            if free {
                end = span.end;
            }
            free
        });
        let spans = spans
            .into_iter()
            .filter(|(span, _)| span.start < span.end)
            .collect::<Vec<_>>();
        self.cut(&spans, fields);
    }

    /// Cuts the pieces at the ends of the spans and makes tokens of them; fields keep theirs, moved along.
    fn cut(&mut self, spans: &[(Range<usize>, TokenKind)], fields: Vec<Token>) {
        let mut ends: Vec<usize> = spans
            .iter()
            .flat_map(|(span, _)| [span.start, span.end])
            .collect();
        ends.sort_unstable();
        let mut pieces = Vec::with_capacity(self.pieces.len() + ends.len());
        // Where each old piece begins among the new ones.
        let mut moved = Vec::with_capacity(self.pieces.len() + 1);
        let mut next = 0;
        for piece in std::mem::take(&mut self.pieces) {
            moved.push(pieces.len());
            while ends.get(next).is_some_and(|end| *end <= piece.words.start) {
                next += 1;
            }
            let mut from = piece.words.start;
            let mut at = next;
            while piece.plain
                && let Some(end) = ends.get(at).copied().filter(|end| *end < piece.words.end)
            {
                if end > from {
                    pieces.push(Piece {
                        words: from..end,
                        cut: true,
                        ..piece.clone()
                    });
                    from = end;
                }
                at += 1;
            }
            let cut = piece.cut || from > piece.words.start;
            pieces.push(Piece {
                words: from..piece.words.end,
                cut,
                ..piece
            });
        }
        moved.push(pieces.len());
        self.pieces = pieces;
        let mut tokens: Vec<Token> = Vec::with_capacity(spans.len() + fields.len());
        let mut at = 0;
        for (span, kind) in spans {
            while self
                .pieces
                .get(at)
                .is_some_and(|p| p.words.end <= span.start)
            {
                at += 1;
            }
            let mut end = at;
            while self
                .pieces
                .get(end)
                .is_some_and(|p| p.words.start < span.end)
            {
                end += 1;
            }
            tokens.push(Token {
                pieces: at..end,
                words: span.clone(),
                kind: kind.clone(),
            });
        }
        for field in fields {
            let pieces = moved[field.pieces.start]..moved[field.pieces.end];
            tokens.push(Token { pieces, ..field });
        }
        tokens.sort_by_key(|token| token.pieces.start);
        self.tokens = tokens;
    }

    /// Runs of underlined spaces and tabs.
    fn underlined(&self, tree: &Tree<'_>) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        let mut run: Option<(Id, bool)> = None;
        for piece in self.pieces.iter().filter(|p| !p.words.is_empty()) {
            let words = &self.words[piece.words.clone()];
            let Some(id) = piece.run.filter(|_| {
                words
                    .chars()
                    .all(|c| matches!(c, ' ' | '\t' | '\u{3000}' | '\u{A0}' | '\u{2002}'))
            }) else {
                continue;
            };
            if run.is_none_or(|(seen, _)| seen != id) {
                run = Some((id, is_underlined(tree, id)));
            }
            if run.is_none_or(|(_, underlined)| !underlined) {
                continue;
            }
            match found.last_mut() {
                Some(last) if last.end == piece.words.start => last.end = piece.words.end,
                _ => found.push(piece.words.clone()),
            }
        }
        // One underlined space between two words is a space.
        found.retain(|span| {
            self.words[span.clone()].contains(['\t', '\u{3000}']) || span.len() >= 3
        });
        found
    }
}

fn is_underlined(tree: &Tree<'_>, run: Id) -> bool {
    tree.child(run, "rPr")
        .and_then(|properties| tree.child(properties, "u"))
        .is_some_and(|u| tree.attribute(u, "val").is_none_or(|val| val != "none"))
}

/// A field being read.
struct OpenField {
    /// Piece of its beginning.
    begin: usize,
    /// The element of that piece.
    mark: Id,
    /// Its instruction.
    code: String,
    /// Piece after which its result stands.
    separate: Option<usize>,
    words: usize,
}

struct Reader<'t, 'a> {
    tree: &'t Tree<'a>,
    words: String,
    pieces: Vec<Piece>,
    open: Vec<OpenField>,
    found: Vec<Token>,
    inner: usize,
}

impl Reader<'_, '_> {
    fn children(&mut self, parent: Id) {
        let tree = self.tree;
        for &child in &tree.at(parent).children {
            let element = tree.at(child);
            match element.name {
                "pPr" => {}
                "r" => self.run(child, parent),
                "sdt" if control::is_slot(tree, child) => {
                    let at = self.object(child, parent);
                    self.found.push(Token {
                        pieces: at..at + 1,
                        words: self.pieces[at].words.clone(),
                        kind: TokenKind::Control(child),
                    });
                }
                "fldSimple" => {
                    let code = tree.attribute(child, "instr").unwrap_or_default();
                    match field::simple(tree, child, &code) {
                        Some(field) => {
                            let at = self.object(child, parent);
                            self.found.push(Token {
                                pieces: at..at + 1,
                                words: self.pieces[at].words.clone(),
                                kind: TokenKind::Field(field),
                            });
                        }
                        None => self.nested(child, parent),
                    }
                }
                "hyperlink" | "ins" | "moveTo" | "smartTag" | "customXml" | "sdt"
                | "sdtContent" | "dir" | "bdo" => {
                    self.nested(child, parent);
                }
                _ => {
                    let at = self.words.len();
                    self.piece(
                        None,
                        Some(child),
                        element.span.clone(),
                        at..at,
                        false,
                        parent,
                    );
                }
            }
        }
    }

    /// An element whose runs are runs of the paragraph.
    fn nested(&mut self, child: Id, parent: Id) {
        let element = self.tree.at(child);
        let at = self.words.len();
        self.piece(
            None,
            None,
            element.span.start..element.inner.start,
            at..at,
            false,
            parent,
        );
        self.children(child);
        let at = self.words.len();
        self.piece(
            None,
            None,
            element.inner.end..element.span.end,
            at..at,
            false,
            parent,
        );
    }

    fn object(&mut self, child: Id, parent: Id) -> usize {
        let start = self.words.len();
        self.words.push(OBJECT);
        self.piece(
            None,
            Some(child),
            self.tree.at(child).span.clone(),
            start..self.words.len(),
            false,
            parent,
        );
        self.pieces.len() - 1
    }

    fn piece(
        &mut self,
        run: Option<Id>,
        element: Option<Id>,
        source: Range<usize>,
        words: Range<usize>,
        plain: bool,
        container: Id,
    ) {
        self.pieces.push(Piece {
            run,
            element,
            source,
            words,
            plain,
            cut: false,
            container,
        });
    }

    fn run(&mut self, run: Id, parent: Id) {
        let tree = self.tree;
        let before = self.pieces.len();
        for &child in &tree.at(run).children {
            let element = tree.at(child);
            let start = self.words.len();
            // What stands in the instruction of a field is no word of the text.
            let hidden = self.open.iter().any(|field| field.separate.is_none());
            let mut plain = false;
            match element.name {
                "rPr" => continue,
                "t" if !hidden => {
                    self.words.push_str(&tree.words(child));
                    plain = true;
                }
                "tab" | "ptab" if !hidden => self.words.push('\t'),
                "br" if !hidden
                    && tree
                        .attribute(child, "type")
                        .is_none_or(|t| t == "textWrapping") =>
                {
                    self.words.push('\n')
                }
                "cr" if !hidden => self.words.push('\n'),
                "noBreakHyphen" if !hidden => self.words.push('-'),
                "instrText" => {
                    if let Some(field) = self
                        .open
                        .last_mut()
                        .filter(|field| field.separate.is_none())
                    {
                        field.code.push_str(&tree.words(child));
                    }
                }
                "drawing" | "pict" | "object" | "sym" | "AlternateContent" if !hidden => {
                    self.words.push(OBJECT)
                }
                _ => {}
            }
            self.piece(
                Some(run),
                Some(child),
                element.span.clone(),
                start..self.words.len(),
                plain,
                parent,
            );
            if element.name == "fldChar" {
                self.mark(child);
            }
        }
        if self.pieces.len() == before {
            // A run with nothing but properties is kept as it is.
            let at = self.words.len();
            self.piece(
                None,
                Some(run),
                tree.at(run).span.clone(),
                at..at,
                false,
                parent,
            );
        }
    }

    /// The beginning, middle or end of a field.
    fn mark(&mut self, mark: Id) {
        let at = self.pieces.len() - 1;
        match self.tree.attribute(mark, "fldCharType").as_deref() {
            Some("begin") => {
                let words = self.words.len();
                self.open.push(OpenField {
                    begin: at,
                    mark,
                    code: String::new(),
                    separate: None,
                    words,
                });
            }
            Some("separate") => {
                if let Some(field) = self.open.last_mut() {
                    field.separate.get_or_insert(at);
                }
            }
            Some("end") => {
                let Some(open) = self.open.pop() else { return };
                let Some(field) = field::complex(self.tree, open.mark, &open.code) else {
                    return;
                };
                if self.open.iter().any(|outer| outer.separate.is_none()) {
                    self.inner += 1;
                    return;
                }
                // The fields of a form keep their marks, so that the form stays one.
                let pieces = match (&field, open.separate) {
                    (Field::Merge { .. } | Field::Check { .. } | Field::List { .. }, _) => {
                        open.begin..at + 1
                    }
                    (Field::Text { .. }, Some(separate)) => separate..at + 1,
                    (Field::Text { .. }, None) => at..at + 1,
                };
                let inside = self
                    .found
                    .iter()
                    .rposition(|t| t.pieces.start < open.begin)
                    .map_or(0, |n| n + 1);
                self.found.truncate(inside);
                self.found.push(Token {
                    pieces,
                    words: open.words..self.words.len(),
                    kind: TokenKind::Field(field),
                });
            }
            _ => {}
        }
    }
}
