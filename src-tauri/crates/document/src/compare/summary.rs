//! A comparison in numbers, and as a list for the window.

use super::words::{count, count_text};
use super::{
    Change, Comparison, Counts, Inside, Listed, ListedKind, Piece, RowChange, content, plain,
};
use crate::model::{Block, BlockKind, Document, Inline, SignatureParty, Span, Table};

/// Characters of a quote.
const QUOTE: usize = 80;

impl Comparison {
    /// True when no block changed.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.parts
            .iter()
            .all(|part| matches!(part, Change::Same { .. }))
    }

    /// Counts the changes. `old` and `new` are the documents that were compared.
    #[must_use]
    pub fn counts(&self, old: &Document, new: &Document) -> Counts {
        let mut counts = Counts::default();
        let mut last_move = None;
        for part in &self.parts {
            match part {
                Change::Same { .. } => {}
                Change::Inserted { new: at } => {
                    counts.insertions += 1;
                    counts.inserted_words += words_of(&new.blocks[*at]);
                }
                Change::Deleted { old: at } => {
                    counts.deletions += 1;
                    counts.deleted_words += words_of(&old.blocks[*at]);
                }
                Change::Moved {
                    old: from,
                    new: at,
                    id,
                    inside,
                } => {
                    counts.moves += usize::from(last_move != Some(*id));
                    last_move = Some(*id);
                    counts.moved_words += words_of(&new.blocks[*at]);
                    counts.inside(inside, &old.blocks[*from], &new.blocks[*at]);
                }
                Change::Edited {
                    old: from,
                    new: at,
                    inside,
                } => {
                    let before = counts;
                    counts.inside(inside, &old.blocks[*from], &new.blocks[*at]);
                    counts.formats += usize::from(counts == before);
                }
            }
        }
        counts
    }

    /// The changes in reading order, for a list beside the text. Blocks that moved together are one entry.
    #[must_use]
    pub fn list(&self, old: &Document, new: &Document) -> Vec<Listed> {
        let mut list: Vec<Listed> = Vec::new();
        let mut last_move = None;
        for part in &self.parts {
            match part {
                Change::Same { .. } => {}
                Change::Inserted { new: at } => {
                    let block = &new.blocks[*at];
                    list.push(entry(
                        ListedKind::Inserted,
                        None,
                        Some(block.span),
                        &text(block),
                    ));
                }
                Change::Deleted { old: at } => {
                    let block = &old.blocks[*at];
                    list.push(entry(
                        ListedKind::Deleted,
                        Some(block.span),
                        None,
                        &text(block),
                    ));
                }
                Change::Moved {
                    old: from,
                    new: at,
                    id,
                    inside,
                } => {
                    let (a, b) = (&old.blocks[*from], &new.blocks[*at]);
                    match list.iter_mut().rev().find(|e| e.kind == ListedKind::Moved) {
                        Some(entry) if last_move == Some(*id) => {
                            entry.old = joined(entry.old, a.span);
                            entry.new = joined(entry.new, b.span);
                        }
                        _ => list.push(entry(
                            ListedKind::Moved,
                            Some(a.span),
                            Some(b.span),
                            &text(b),
                        )),
                    }
                    last_move = Some(*id);
                    list_inside(inside, a, b, &mut list);
                }
                Change::Edited {
                    old: from,
                    new: at,
                    inside,
                } => {
                    let (a, b) = (&old.blocks[*from], &new.blocks[*at]);
                    let before = list.len();
                    list_inside(inside, a, b, &mut list);
                    if list.len() == before {
                        list.push(entry(
                            ListedKind::Formatted,
                            Some(a.span),
                            Some(b.span),
                            &text(b),
                        ));
                    }
                }
            }
        }
        list
    }
}

impl Counts {
    fn inside(&mut self, inside: &Inside, old: &Block, new: &Block) {
        match inside {
            Inside::Words(pieces) => self.pieces(pieces),
            Inside::Rows(rows) => {
                for row in rows {
                    match row {
                        RowChange::Kept { cells, .. } => {
                            cells.iter().for_each(|cell| self.pieces(cell));
                        }
                        RowChange::Inserted { new: at } => {
                            self.insertions += 1;
                            self.inserted_words += row_words(new, *at);
                        }
                        RowChange::Deleted { old: at } => {
                            self.deletions += 1;
                            self.deleted_words += row_words(old, *at);
                        }
                    }
                }
            }
        }
    }

    fn pieces(&mut self, pieces: &[Piece]) {
        for piece in pieces {
            match piece {
                Piece::Same(_) => {}
                Piece::Formatted { .. } => self.formats += 1,
                Piece::Inserted(content) => {
                    self.insertions += 1;
                    self.inserted_words += count(content);
                }
                Piece::Deleted(content) => {
                    self.deletions += 1;
                    self.deleted_words += count(content);
                }
            }
        }
    }
}

/// Entries for what changed inside a pair of blocks.
fn list_inside(inside: &Inside, old: &Block, new: &Block, list: &mut Vec<Listed>) {
    match inside {
        Inside::Words(pieces) => list_pieces(pieces, old.span, new.span, list),
        Inside::Rows(rows) => {
            for row in rows {
                match row {
                    RowChange::Kept { cells, .. } => {
                        for cell in cells {
                            list_pieces(cell, old.span, new.span, list);
                        }
                    }
                    RowChange::Inserted { new: at } => {
                        let words = row_text(new, *at);
                        list.push(entry(ListedKind::Inserted, None, Some(new.span), &words));
                    }
                    RowChange::Deleted { old: at } => {
                        let words = row_text(old, *at);
                        list.push(entry(ListedKind::Deleted, Some(old.span), None, &words));
                    }
                }
            }
        }
    }
}

/// Entries for pieces. Words without a place of their own get that of their block.
fn list_pieces(pieces: &[Piece], old: Span, new: Span, list: &mut Vec<Listed>) {
    let mut at = 0;
    while let Some(piece) = pieces.get(at) {
        at += 1;
        match piece {
            Piece::Same(_) => {}
            Piece::Formatted { old: a, new: b } => list.push(entry(
                ListedKind::Formatted,
                Some(place(a, old)),
                Some(place(b, new)),
                &plain(b),
            )),
            Piece::Inserted(b) => list.push(entry(
                ListedKind::Inserted,
                None,
                Some(place(b, new)),
                &plain(b),
            )),
            Piece::Deleted(a) => {
                if let Some(Piece::Inserted(b)) = pieces.get(at) {
                    at += 1;
                    list.push(entry(
                        ListedKind::Replaced,
                        Some(place(a, old)),
                        Some(place(b, new)),
                        &plain(b),
                    ));
                } else {
                    list.push(entry(
                        ListedKind::Deleted,
                        Some(place(a, old)),
                        None,
                        &plain(a),
                    ));
                }
            }
        }
    }
}

/// The source of a piece.
fn place(content: &[Inline], block: Span) -> Span {
    let first = content.iter().map(|inline| inline.span.start).min();
    let last = content.iter().map(|inline| inline.span.end).max();
    match first.zip(last) {
        Some((start, end)) if start < end => Span { start, end },
        _ => block,
    }
}

fn joined(before: Option<Span>, next: Span) -> Option<Span> {
    before.map(|before| Span {
        start: before.start.min(next.start),
        end: before.end.max(next.end),
    })
}

fn entry(kind: ListedKind, old: Option<Span>, new: Option<Span>, words: &str) -> Listed {
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut quote: String = words.chars().take(QUOTE).collect();
    if quote.len() < words.len() {
        quote.pop();
        quote.push('…');
    }
    Listed {
        kind,
        old,
        new,
        quote,
    }
}

/// The cells of a row, or the one of a line of a signature.
fn row_of(block: &Block, at: usize) -> Vec<&[Inline]> {
    match &block.kind {
        BlockKind::Table(Table { rows, .. }) => rows
            .get(at)
            .map(|row| row.iter().map(|cell| cell.content.as_slice()).collect())
            .unwrap_or_default(),
        BlockKind::Signature(parties) => parties
            .iter()
            .flat_map(|party: &SignatureParty| &party.lines)
            .nth(at)
            .map(|line| vec![line.as_slice()])
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn row_words(block: &Block, at: usize) -> usize {
    row_of(block, at).into_iter().map(count).sum()
}

fn row_text(block: &Block, at: usize) -> String {
    row_of(block, at)
        .into_iter()
        .map(plain)
        .collect::<Vec<_>>()
        .join(" ")
}

/// How many rows or lines a block has.
fn rows_in(block: &Block) -> usize {
    match &block.kind {
        BlockKind::Table(table) => table.rows.len(),
        BlockKind::Signature(parties) => parties.iter().map(|party| party.lines.len()).sum(),
        _ => 0,
    }
}

/// The words of a block.
fn text(block: &Block) -> String {
    match rows_in(block) {
        0 => plain(&content(&block.kind)),
        rows => (0..rows)
            .map(|at| row_text(block, at))
            .collect::<Vec<_>>()
            .join(" "),
    }
}

fn words_of(block: &Block) -> usize {
    match &block.kind {
        BlockKind::Verbatim(text) => count_text(text),
        kind => {
            let rows: usize = (0..rows_in(block)).map(|at| row_words(block, at)).sum();
            rows + count(&content(kind))
        }
    }
}
