//! A passage: the words of one paragraph, heading, cell or signature line, with the way back to the source.

use moqi_document::{Block, BlockKind, Document, Edit, Inline, InlineKind, Numbering, Span};
use std::collections::HashMap;
use std::ops::Range;

/// Stands in a passage for a field that has no value yet, so that nothing is read across it.
pub(crate) const CHIP: char = '\u{fffc}';

/// What a passage is in its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The title.
    Title,
    /// A heading below the title.
    Heading,
    /// The first paragraph of a list item.
    Item,
    /// An unnumbered paragraph.
    Body,
    /// A table cell: its table counts from 0 by block; row and column within it.
    Cell { row: usize, column: usize },
    /// A line of a signature block, with the index of the signing party.
    Signature { party: usize },
    /// A footnote.
    Footnote,
}

/// The words of one paragraph, and where each of them stands in the source.
#[derive(Debug)]
pub(crate) struct Passage {
    /// The words; a live reference as it prints, a field as [`CHIP`], a hard break as a line feed.
    pub(crate) text: String,
    /// Index of its block.
    pub(crate) block: usize,
    /// What it is.
    pub(crate) role: Role,
    /// In a block quote: a drafting note or quoted text, which most rules leave alone.
    pub(crate) quote: bool,
    /// Some of its characters are ASCII letters.
    pub(crate) latin: bool,
    /// The first word is in bold, as defined terms and lead-ins are.
    pub(crate) bold_start: bool,
    runs: Vec<Run>,
}

#[derive(Debug)]
struct Run {
    start: usize,
    span: Span,
    /// The text stands in the source byte for byte.
    exact: bool,
    bold: bool,
}

impl Passage {
    /// The place of a range of the words in the source; widened to whole runs where the source is escaped.
    pub(crate) fn span(&self, range: &Range<usize>) -> Span {
        let first = self.run_at(range.start);
        let last = self.run_at(range.end.saturating_sub(1).max(range.start));
        let start = first.map_or(0, |run| match run.exact {
            true => run.span.start + (range.start - run.start),
            false => run.span.start,
        });
        let end = last.map_or(start, |run| match run.exact {
            true => (run.span.start + (range.end - run.start)).min(run.span.end),
            false => run.span.end,
        });
        Span {
            start,
            end: end.max(start),
        }
    }

    /// An edit of a range that stands in the source as it reads; `None` where marks or escapes are in the way.
    pub(crate) fn edit(&self, range: &Range<usize>, text: impl Into<String>) -> Option<Edit> {
        let run = self.run_at(range.start)?;
        let fits = run.exact && range.end <= run.start + (run.span.end - run.span.start);
        fits.then(|| Edit {
            span: self.span(range),
            text: text.into(),
        })
    }

    /// Whether the character at an offset is a live reference rather than typed words.
    pub(crate) fn is_typed(&self, at: usize) -> bool {
        self.run_at(at).is_some_and(|run| run.exact)
    }

    /// Whether the character at an offset is bold.
    pub(crate) fn is_bold(&self, at: usize) -> bool {
        self.run_at(at).is_some_and(|run| run.bold)
    }

    /// Running text, as opposed to headings, cells and signature lines.
    pub(crate) fn is_prose(&self) -> bool {
        matches!(self.role, Role::Item | Role::Body | Role::Footnote) && !self.quote
    }

    fn run_at(&self, at: usize) -> Option<&Run> {
        let next = self.runs.partition_point(|run| run.start <= at);
        self.runs.get(next.checked_sub(1)?)
    }
}

/// Every passage of a document in reading order.
pub(crate) fn passages(document: &Document, numbering: &Numbering) -> Vec<Passage> {
    let ids = document
        .blocks
        .iter()
        .enumerate()
        .filter_map(|(i, block)| Some((block.id.as_deref()?, i)))
        .rev()
        .collect();
    let mut reader = Reader {
        ids,
        numbering,
        passages: Vec::with_capacity(document.blocks.len()),
    };
    for (index, block) in document.blocks.iter().enumerate() {
        reader.block(index, block);
    }
    reader.passages
}

struct Reader<'a> {
    ids: HashMap<&'a str, usize>,
    numbering: &'a Numbering,
    passages: Vec<Passage>,
}

impl Reader<'_> {
    fn block(&mut self, index: usize, block: &Block) {
        match &block.kind {
            BlockKind::Title(content) => self.add(index, Role::Title, false, content),
            BlockKind::Heading { content, .. } => self.add(index, Role::Heading, false, content),
            BlockKind::Item { content, .. } => self.add(index, Role::Item, false, content),
            BlockKind::Paragraph { content, quote, .. } => {
                self.add(index, Role::Body, *quote, content)
            }
            BlockKind::Footnote { content, .. } => self.add(index, Role::Footnote, false, content),
            BlockKind::Table(table) => {
                for (row, cells) in table.rows.iter().enumerate() {
                    for (column, cell) in cells.iter().enumerate() {
                        self.add(index, Role::Cell { row, column }, false, &cell.content);
                    }
                }
            }
            BlockKind::Signature(parties) => {
                for (party, signer) in parties.iter().enumerate() {
                    for line in &signer.lines {
                        self.add(index, Role::Signature { party }, false, line);
                    }
                }
            }
            BlockKind::PageBreak | BlockKind::Verbatim(_) => {}
        }
    }

    fn add(&mut self, block: usize, role: Role, quote: bool, content: &[Inline]) {
        let mut text = String::new();
        let mut runs = Vec::with_capacity(content.len());
        for inline in content {
            let start = text.len();
            let mut exact = false;
            match &inline.kind {
                InlineKind::Text(words) => {
                    text.push_str(words);
                    exact = words.len() == inline.span.end.saturating_sub(inline.span.start);
                }
                InlineKind::Field(_) => text.push(CHIP),
                InlineKind::Reference(id) => text.push_str(self.printed(id)),
                InlineKind::Break => text.push('\n'),
                InlineKind::FootnoteRef(_) => continue,
            }
            if text.len() > start {
                runs.push(Run {
                    start,
                    span: inline.span,
                    exact,
                    bold: inline.marks.strong,
                });
            }
        }
        if text.trim().is_empty() {
            return;
        }
        let bold_start = runs.first().is_some_and(|run| run.bold);
        self.passages.push(Passage {
            latin: text.bytes().any(|byte| byte.is_ascii_alphabetic()),
            text,
            block,
            role,
            quote,
            bold_start,
            runs,
        });
    }

    /// What a live reference prints; a chip when its clause does not exist.
    fn printed(&self, id: &str) -> &str {
        let label = self
            .ids
            .get(id)
            .and_then(|index| self.numbering.labels.get(*index)?.as_ref());
        label.map_or("\u{fffc}", |label| label.reference.as_str())
    }
}
