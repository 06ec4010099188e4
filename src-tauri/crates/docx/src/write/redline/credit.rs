//! Which of several suggestions a change comes from.
//!
//! The edits are known, so nothing is guessed: words outside every suggestion stay what they are, and those inside one are
//! compared with what it puts there and with nothing else. Each suggestion can then be taken or left alone.

use std::collections::HashMap;

use super::flat::Flat;
use super::marks::State;
use moqi_document::compare::{Inside, align};
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
        for token in &flat.tokens {
            token.say((BREAK, FIELD, NOTE), &mut written);
        }
        let mut found: Vec<Option<Span>> = vec![None; written.len()];
        for (x, y) in align(&written, &said) {
            found[x] = Some(places[y]);
        }
        // What is not in the text, such as a number that is printed as words, stands where the word before it ends.
        let first = found.iter().flatten().next().map(|span| span.start);
        let mut last = first.unwrap_or_else(|| content.first().map_or(0, |c| c.span.start));
        let mut least = 0;
        let signs: Vec<(usize, usize)> = found
            .into_iter()
            .map(|found| {
                let span = found.unwrap_or(Span {
                    start: last,
                    end: last,
                });
                last = last.max(span.end);
                least = self.segment(span, side).max(least);
                (least, self.of_segment(least, span, side))
            })
            .collect();
        // A word in several suggestions is cut where they meet.
        let mut at = 0;
        for mut token in std::mem::take(&mut flat.tokens) {
            let mut own = Vec::new();
            token.say((BREAK, FIELD, NOTE), &mut own);
            let length = own.len();
            for alike in signs[at..at + length].chunk_by(|a, b| a.0 == b.0) {
                let rest = token.cut(alike.len());
                (token.segment, token.who) = alike[0];
                flat.tokens.push(token);
                token = match rest {
                    Some(rest) => rest,
                    None => break,
                };
            }
            at += length;
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

    /// The blocks side by side. Between two blocks with nothing of a suggestion between them both texts are cut, and only
    /// what lies between two cuts is compared. Nothing is a move, because either end of one might be taken without the
    /// other.
    pub fn comparison(&self) -> Comparison {
        let (old, new) = (&self.old.blocks, &self.new.blocks);
        let mut parts = Vec::with_capacity(old.len().max(new.len()));
        let (mut x, mut y) = (0, 0);
        for (next_x, next_y) in self.cuts().into_iter().chain([(old.len(), new.len())]) {
            if (next_x - x, next_y - y) == (1, 1) {
                // The block stays in its place, whatever becomes of its words.
                parts.push(Change::Edited {
                    old: x,
                    new: y,
                    inside: Inside::Words(Vec::new()),
                });
            } else {
                let stretch = |blocks: &[Block]| Document {
                    blocks: blocks.to_vec(),
                    ..Document::default()
                };
                let found = compare(&stretch(&old[x..next_x]), &stretch(&new[y..next_y]));
                apart(found, x, y, &mut parts);
            }
            (x, y) = (next_x, next_y);
        }
        Comparison { parts }
    }

    /// Places in both lists of blocks before which everything comes from the same part of the text.
    fn cuts(&self) -> Vec<(usize, usize)> {
        let (old, new) = (&self.old.blocks, &self.new.blocks);
        let mut cuts = Vec::new();
        let mut y = 0;
        for x in 1..old.len() {
            let (start, end) = (old[x - 1].span.end, old[x].span.start);
            let next = self.old_spans.partition_point(|own| own.end <= start);
            let whole = self.old_spans.get(next).is_none_or(|own| own.start >= end);
            if start > end || !whole {
                continue;
            }
            let shifted = |at: usize| match next.checked_sub(1) {
                Some(last) => at - self.old_spans[last].end + self.new_spans[last].end,
                None => at,
            };
            while new
                .get(y)
                .is_some_and(|block| block.span.start < shifted(end))
            {
                y += 1;
            }
            if y > 0
                && new
                    .get(y)
                    .is_some_and(|block| block.span.start == shifted(end))
                && new[y - 1].span.end == shifted(start)
                && cuts.last().is_none_or(|&(_, last)| last < y)
            {
                cuts.push((x, y));
            }
        }
        cuts
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
