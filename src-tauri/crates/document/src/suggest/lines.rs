//! The words of a document line by line, each with what it stands under.

use crate::model::{Block, BlockKind, Document, Table};
use crate::prose::Prose;

/// The words of a paragraph, heading, item, cell, line of a signature or note, with what is around.
pub(super) struct Line {
    /// The words.
    pub prose: Prose,
    /// Index of the heading above in [`Lines::headings`].
    pub heading: Option<usize>,
    /// Index of the line with the cell to the left of this cell.
    pub left: Option<usize>,
    /// Index of the line with the head of this cell's column; `None` in the first row.
    pub top: Option<usize>,
    /// Cells of its row of the table; a merged one counts once.
    pub columns: usize,
    /// Its column, from 0.
    pub column: usize,
    /// What kind of place it is.
    pub place: Place,
}

/// Where a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Heading,
    Body,
    Cell,
    Signature,
    /// A drafting note or quoted text.
    Quote,
    /// A footnote.
    Note,
}

/// Longest words that can name what stands under or beside them, in bytes.
const LONGEST_LABEL: usize = 160;

/// The lines of a document.
pub(super) struct Lines {
    pub all: Vec<Line>,
    /// The words of the headings.
    pub headings: Vec<String>,
}

impl Lines {
    pub fn of(document: &Document) -> Lines {
        let mut lines = Lines {
            all: Vec::new(),
            headings: Vec::new(),
        };
        for block in &document.blocks {
            lines.block(block);
        }
        lines
    }

    fn block(&mut self, block: &Block) {
        let place = match &block.kind {
            BlockKind::Title(_) => Place::Heading,
            BlockKind::Heading { .. } => {
                let words = Prose::of(block).into_iter().map(|p| p.text).collect();
                self.headings.push(words);
                Place::Heading
            }
            BlockKind::Paragraph { quote: true, .. } => Place::Quote,
            BlockKind::Table(_) => Place::Cell,
            BlockKind::Signature(_) => Place::Signature,
            BlockKind::Footnote { .. } => Place::Note,
            _ => Place::Body,
        };
        let heading = self.headings.len().checked_sub(1);
        let line = |prose| Line {
            prose,
            heading,
            left: None,
            top: None,
            columns: 1,
            column: 0,
            place,
        };
        match &block.kind {
            BlockKind::Table(table) => self.table(table, Prose::of(block).into_iter().map(line)),
            _ => self.all.extend(Prose::of(block).into_iter().map(line)),
        }
    }

    /// The cells of a table. What stands beside or above a cell is read from the cell it is merged into.
    fn table(&mut self, table: &Table, lines: impl Iterator<Item = Line>) {
        let columns = table.align.len().max(1);
        let first = self.all.len();
        let anchors = table.anchors();
        let at = |row: usize, column: usize| {
            let (row, column) = anchors.get(row)?.get(column)?;
            Some(first + row * columns + column)
        };
        // The row under which the body stands, which names its columns more closely than the first.
        let last_head = table.head_rows().saturating_sub(1);
        let widths: Vec<usize> = anchors
            .iter()
            .map(|row| row.chunk_by(|a, b| a == b).count())
            .collect();
        for (i, line) in lines.enumerate() {
            let (row, column) = (i / columns, i % columns);
            let head = if row > last_head { last_head } else { 0 };
            let top = at(head, column).filter(|top| row > 0 && *top != first + i);
            self.all.push(Line {
                left: column.checked_sub(1).and_then(|left| at(row, left)),
                top,
                columns: widths.get(row).copied().unwrap_or(columns),
                column,
                ..line
            });
        }
    }

    /// The words of the heading above a line, where they are short enough to name something.
    pub fn heading(&self, line: &Line) -> Option<&str> {
        line.heading
            .and_then(|i| self.headings.get(i))
            .map(String::as_str)
            .filter(|words| words.len() <= LONGEST_LABEL)
    }

    /// The words of another line, where they are short enough to name something.
    pub fn words(&self, index: Option<usize>) -> Option<&str> {
        index
            .and_then(|i| self.all.get(i))
            .map(|line| line.prose.text.trim())
            .filter(|words| (1..=LONGEST_LABEL).contains(&words.len()))
    }
}
