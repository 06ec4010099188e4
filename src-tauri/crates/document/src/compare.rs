//! Two versions of a document side by side: what was inserted, deleted, edited and moved.
//!
//! Blocks are aligned first: equal ones by patience-like anchors, then edited ones between them by the words they
//! share; what is left over on both sides and nearly the same is a move. Inside a pair, words are aligned, and a change
//! is not broken up by a short word or two that happen to be common, so that it reads as a lawyer would have marked it.

mod align;
mod blocks;
mod summary;
mod tokens;
mod words;

pub use align::align;
pub use tokens::{align_words, tokens, weight};
pub use words::Piece;

use blocks::Seen;

use crate::inline::plain;
use crate::model::{Block, BlockKind, Document, Inline, Span};

/// What became of the blocks of two documents.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Comparison {
    /// In the order of the new document; every block of either document stands in exactly one. Blocks deleted in a
    /// place come before those inserted there. Apart from moves, old blocks are in their order too.
    pub parts: Vec<Change>,
}

/// What became of a block.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Says and looks the same.
    Same {
        /// Index in the old document.
        old: usize,
        /// Index in the new document.
        new: usize,
    },
    /// In place, but its words, marks, level or rows changed.
    Edited {
        /// Index in the old document.
        old: usize,
        /// Index in the new document.
        new: usize,
        /// What changed inside; nothing inside where only the kind or level of the block changed.
        inside: Inside,
    },
    /// Only in the new document.
    Inserted {
        /// Index in the new document.
        new: usize,
    },
    /// Only in the old document.
    Deleted {
        /// Index in the old document.
        old: usize,
    },
    /// The same block in another place; at least 80 % of its words are the same.
    Moved {
        /// Index in the old document.
        old: usize,
        /// Index in the new document.
        new: usize,
        /// Blocks that moved together share an id; counted from 0 in the order of the new document.
        id: usize,
        /// What changed inside.
        inside: Inside,
    },
}

/// The inside of a pair of blocks.
#[derive(Debug, Clone, PartialEq)]
pub enum Inside {
    /// Words of a paragraph, heading, item, note or of code.
    Words(Vec<Piece>),
    /// Rows of a table, or lines of a signature block.
    Rows(Vec<RowChange>),
}

/// What became of a row of a table, or of a line of a signature block. Lines are counted through all parties.
#[derive(Debug, Clone, PartialEq)]
pub enum RowChange {
    /// In both; the pieces of each cell, those of cells on one side only being whole.
    Kept {
        /// Index of the old row.
        old: usize,
        /// Index of the new row.
        new: usize,
        /// Cells from left to right.
        cells: Vec<Vec<Piece>>,
    },
    /// Only in the new table.
    Inserted {
        /// Index of the new row.
        new: usize,
    },
    /// Only in the old table.
    Deleted {
        /// Index of the old row.
        old: usize,
    },
}

/// Changes counted. Words are words and numbers, Chinese characters one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Stretches inserted: blocks, rows, or words inside a block.
    pub insertions: usize,
    /// Words in them.
    pub inserted_words: usize,
    /// Stretches deleted.
    pub deletions: usize,
    /// Words in them.
    pub deleted_words: usize,
    /// Moves; blocks that moved together are one.
    pub moves: usize,
    /// Words in the moved blocks, as they are in the new document.
    pub moved_words: usize,
    /// Stretches whose marks, and blocks whose kind or level, changed.
    pub formats: usize,
}

/// One change for a list beside the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// What happened.
    pub kind: ListedKind,
    /// Where in the old text, unless it is only in the new one.
    pub old: Option<Span>,
    /// Where in the new text, unless it is only in the old one.
    pub new: Option<Span>,
    /// Its words, at most 80 characters: the new ones, or the old ones of a deletion.
    pub quote: String,
}

/// What happened in a [`Listed`] change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ListedKind {
    /// Words, rows or a block inserted.
    Inserted,
    /// Words, rows or a block deleted.
    Deleted,
    /// Words put in the place of others.
    Replaced,
    /// A block, or several together, moved.
    Moved,
    /// Marks, level or kind changed.
    Formatted,
}

/// Compares two documents. Pure, the same for the same texts; front matter is not compared.
#[must_use]
pub fn compare(old: &Document, new: &Document) -> Comparison {
    let a: Vec<Seen> = old.blocks.iter().map(Seen::new).collect();
    let b: Vec<Seen> = new.blocks.iter().map(Seen::new).collect();
    let pairs = blocks::in_place(&a, &b);
    let mut old_kept = vec![false; a.len()];
    let mut new_kept = vec![false; b.len()];
    for &(x, y) in &pairs {
        old_kept[x] = true;
        new_kept[y] = true;
    }
    let left = |kept: &[bool]| -> Vec<usize> { (0..kept.len()).filter(|&at| !kept[at]).collect() };
    let moves = blocks::moves(&a, &b, &left(&old_kept), &left(&new_kept));
    let mut moved_from = vec![false; a.len()];
    let mut moved_to = vec![None; b.len()];
    for (from, to, id) in moves {
        moved_from[from] = true;
        moved_to[to] = Some((from, id));
    }
    let mut parts = Vec::with_capacity(a.len().max(b.len()));
    let (mut x, mut y) = (0, 0);
    for (next_x, next_y) in pairs.into_iter().chain([(a.len(), b.len())]) {
        parts.extend(
            (x..next_x)
                .filter(|&at| !moved_from[at])
                .map(|old| Change::Deleted { old }),
        );
        for (at, moved) in moved_to.iter().enumerate().take(next_y).skip(y) {
            parts.push(match *moved {
                Some((from, id)) => Change::Moved {
                    old: from,
                    new: at,
                    id,
                    inside: inside(&old.blocks[from], &new.blocks[at]),
                },
                None => Change::Inserted { new: at },
            });
        }
        if next_x < a.len() {
            parts.push(if a[next_x].exact == b[next_y].exact {
                Change::Same {
                    old: next_x,
                    new: next_y,
                }
            } else {
                Change::Edited {
                    old: next_x,
                    new: next_y,
                    inside: inside(&old.blocks[next_x], &new.blocks[next_y]),
                }
            });
        }
        (x, y) = (next_x + 1, next_y + 1);
    }
    Comparison { parts }
}

/// The pairs of lines, or of rows, that stay in place: equal ones, and between them those that share most of their words.
#[must_use]
pub fn align_lines(old: &[String], new: &[String]) -> Vec<(usize, usize)> {
    let seen =
        |lines: &[String]| -> Vec<Seen> { lines.iter().map(|line| Seen::line(line)).collect() };
    blocks::in_place(&seen(old), &seen(new))
}

/// Compares the insides of two blocks of one family.
fn inside(old: &Block, new: &Block) -> Inside {
    match (&old.kind, &new.kind) {
        (BlockKind::Table(a), BlockKind::Table(b)) => {
            let row = |table: &crate::model::Table, at: usize| -> Vec<Vec<Inline>> {
                table.rows[at].iter().map(|c| c.content.clone()).collect()
            };
            let pairs = blocks::rows(a, b);
            Inside::Rows(rows(&pairs, a.rows.len(), b.rows.len(), |x, y| {
                cells(&row(a, x), &row(b, y))
            }))
        }
        (BlockKind::Signature(a), BlockKind::Signature(b)) => {
            let lines = |parties: &[crate::model::SignatureParty]| -> Vec<Vec<Inline>> {
                parties.iter().flat_map(|p| p.lines.clone()).collect()
            };
            let (a, b) = (lines(a), lines(b));
            let seen = |lines: &[Vec<Inline>]| -> Vec<Seen> {
                lines.iter().map(|line| Seen::row(&[line])).collect()
            };
            let pairs = blocks::in_place(&seen(&a), &seen(&b));
            Inside::Rows(rows(&pairs, a.len(), b.len(), |x, y| {
                vec![words::pieces(&a[x], &b[y])]
            }))
        }
        (a, b) => Inside::Words(words::pieces(&content(a), &content(b))),
    }
}

/// The pieces of every cell of two rows.
fn cells(old: &[Vec<Inline>], new: &[Vec<Inline>]) -> Vec<Vec<Piece>> {
    (0..old.len().max(new.len()))
        .map(|at| {
            let cell = |row: &[Vec<Inline>]| row.get(at).cloned().unwrap_or_default();
            words::pieces(&cell(old), &cell(new))
        })
        .collect()
}

/// Rows in order from their pairs.
fn rows(
    pairs: &[(usize, usize)],
    old: usize,
    new: usize,
    cells: impl Fn(usize, usize) -> Vec<Vec<Piece>>,
) -> Vec<RowChange> {
    let mut out = Vec::with_capacity(old.max(new));
    let (mut x, mut y) = (0, 0);
    for &(a, b) in pairs.iter().chain([&(old, new)]) {
        out.extend((x..a).map(|old| RowChange::Deleted { old }));
        out.extend((y..b).map(|new| RowChange::Inserted { new }));
        if a < old {
            out.push(RowChange::Kept {
                old: a,
                new: b,
                cells: cells(a, b),
            });
        }
        (x, y) = (a + 1, b + 1);
    }
    out
}

/// The words of a block that is neither table nor signature.
fn content(kind: &BlockKind) -> std::borrow::Cow<'_, [Inline]> {
    match kind {
        BlockKind::Title(content)
        | BlockKind::Heading { content, .. }
        | BlockKind::Item { content, .. }
        | BlockKind::Paragraph { content, .. }
        | BlockKind::Footnote { content, .. } => content.into(),
        BlockKind::Verbatim(text) => vec![Inline {
            kind: crate::model::InlineKind::Text(text.clone()),
            marks: Default::default(),
            span: Span::default(),
        }]
        .into(),
        BlockKind::Table(_) | BlockKind::Signature(_) | BlockKind::PageBreak => Vec::new().into(),
    }
}
