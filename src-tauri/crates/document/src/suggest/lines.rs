//! The words of a document line by line, each with what it stands under.

use crate::model::{Block, BlockKind, Document};
use crate::prose::Prose;

/// The words of a paragraph, heading, item, cell, line of a signature or note, with what is around.
pub(super) struct Line {
    /// The words.
    pub prose: Prose,
    /// Index of the heading above in [`Lines::headings`].
    pub heading: Option<usize>,
    /// Index of the line with the cell to the left of this cell.
    pub left: Option<usize>,
    /// Index of the line with the head of this cell's column.
    pub top: Option<usize>,
    /// Columns of its table.
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
        let columns = match &block.kind {
            BlockKind::Table(table) => table.align.len().max(1),
            _ => 1,
        };
        let first = self.all.len();
        let heading = self.headings.len().checked_sub(1);
        for (i, prose) in Prose::of(block).into_iter().enumerate() {
            let cell = place == Place::Cell;
            self.all.push(Line {
                prose,
                heading,
                left: (cell && i % columns > 0).then(|| first + i - 1),
                top: (cell && i >= columns).then_some(first + i % columns),
                columns,
                column: i % columns,
                place,
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
