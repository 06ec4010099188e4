//! Paragraphs and tables as they stand in a part, before lists are counted and blocks are made.

use moqi_document::{Inline, InlineKind, Marks, Span};

use super::raster::Vertical;

/// Columns of a table; Word's own limit.
pub(super) const MOST_COLUMNS: usize = 63;

/// A paragraph, or a table.
pub(super) enum Piece {
    Paragraph(Box<Paragraph>),
    Table(Grid),
}

/// A paragraph with what it says of itself.
#[derive(Debug, Default)]
pub(super) struct Paragraph {
    /// Its spot, and those of paragraphs that became part of it.
    pub(super) spots: Vec<usize>,
    pub(super) style: Option<String>,
    /// A list of its own; 0 takes the list of its style away.
    pub(super) list: Option<u32>,
    pub(super) level: Option<u8>,
    pub(super) outline: Option<u8>,
    pub(super) content: Vec<Inline>,
    /// A new page begins before its words, or after them.
    pub(super) page_before: bool,
    pub(super) page_after: bool,
    /// It holds a section break.
    pub(super) ends_section: bool,
    /// Its mark is not part of the text that is read: it goes on in the next paragraph.
    pub(super) joins: bool,
    /// What stands in its text boxes.
    pub(super) after: Vec<Piece>,
}

impl std::fmt::Debug for Piece {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Piece::Paragraph(_) => "Paragraph",
            Piece::Table(_) => "Table",
        })
    }
}

/// A table.
#[derive(Default)]
pub(super) struct Grid {
    pub(super) rows: Vec<Vec<GridCell>>,
    /// The row being read is a row of the other side of the changes.
    pub(super) row_goes: bool,
    /// Columns the row being read leaves out before its first cell.
    pub(super) before: usize,
}

/// A cell and how it stands in the grid.
#[derive(Default)]
pub(super) struct GridCell {
    pub(super) pieces: Vec<Piece>,
    pub(super) shape: Shape,
}

/// How a cell stands in the grid.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Shape {
    /// Columns it takes; none is read as one.
    pub(super) span: usize,
    pub(super) vertical: Vertical,
    /// It goes on with the cell on its left.
    pub(super) joins_left: bool,
}

/// A run of paragraphs and tables being read: the body, a cell, a text box, a note.
#[derive(Default)]
pub(super) struct Story {
    pieces: Vec<Piece>,
    /// Paragraphs being read; more than one only where a part is out of order.
    pub(super) open: Vec<Paragraph>,
    /// Tables being read.
    pub(super) tables: Vec<Grid>,
    /// A paragraph that goes on in the next.
    joining: Option<Paragraph>,
    /// How the cell stands in its table that this is.
    pub(super) shape: Shape,
    /// Fields that were open when it began.
    pub(super) fields: usize,
}

impl Story {
    pub(super) fn begin(fields: usize) -> Story {
        Story {
            fields,
            ..Story::default()
        }
    }

    /// Puts a finished paragraph in its place.
    pub(super) fn paragraph(&mut self, mut paragraph: Paragraph) {
        if let Some(before) = self.joining.take() {
            let Paragraph {
                mut spots,
                mut content,
                mut after,
                page_before,
                ..
            } = before;
            // The words join; of the looks those of the mark that stays are kept, as in Word.
            spots.append(&mut paragraph.spots);
            content.append(&mut paragraph.content);
            after.append(&mut paragraph.after);
            paragraph = Paragraph {
                spots,
                content,
                after,
                page_before: page_before || paragraph.page_before,
                ..paragraph
            };
        }
        if paragraph.joins {
            self.joining = Some(paragraph);
        } else {
            self.put(Piece::Paragraph(Box::new(paragraph)));
        }
    }

    /// Puts a finished table, or what stood in a text box, in its place.
    pub(super) fn piece(&mut self, piece: Piece) {
        if self.open.is_empty() {
            self.finish_joining();
        }
        self.put(piece);
    }

    fn put(&mut self, piece: Piece) {
        match self.open.last_mut() {
            Some(holder) => holder.after.push(piece),
            None => self.pieces.push(piece),
        }
    }

    fn finish_joining(&mut self) {
        if let Some(paragraph) = self.joining.take() {
            self.pieces.push(Piece::Paragraph(Box::new(paragraph)));
        }
    }

    /// Everything it holds.
    pub(super) fn end(mut self) -> Vec<Piece> {
        self.finish_joining();
        self.pieces
    }
}

/// A line break between two paragraphs that are read as one.
pub(super) fn line_end() -> Inline {
    Inline {
        kind: InlineKind::Break,
        marks: Marks::default(),
        span: Span::default(),
    }
}

/// Calls for each paragraph in reading order, tables and text boxes included.
pub(super) fn each(pieces: Vec<Piece>, take: &mut impl FnMut(Paragraph)) {
    for piece in pieces {
        match piece {
            Piece::Paragraph(paragraph) => {
                let mut paragraph = *paragraph;
                let after = std::mem::take(&mut paragraph.after);
                take(paragraph);
                each(after, take);
            }
            Piece::Table(grid) => {
                for cell in grid.rows.into_iter().flatten() {
                    each(cell.pieces, take);
                }
            }
        }
    }
}

/// Plain words: paragraphs and rows are lines, cells are parted by tabs.
pub(super) fn words(pieces: Vec<Piece>) -> String {
    let mut lines = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Paragraph(paragraph) => {
                lines.push(plain(&super::tidy::tidy(paragraph.content)));
                lines.push(words(paragraph.after));
            }
            Piece::Table(grid) => {
                for row in grid.rows {
                    let cells: Vec<String> = row
                        .into_iter()
                        .map(|cell| words(cell.pieces).replace('\n', " "))
                        .collect();
                    lines.push(cells.join("\t").trim().to_owned());
                }
            }
        }
    }
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

fn plain(content: &[Inline]) -> String {
    content
        .iter()
        .map(|inline| match &inline.kind {
            InlineKind::Text(text) => text.as_str(),
            InlineKind::Break => "\n",
            _ => "",
        })
        .collect()
}
