//! Words with an exact map to their source: what every textual check reads.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::model::{Block, BlockKind, Inline, InlineKind, Span};

/// The flattened words of one paragraph, heading, item, cell, signature line or footnote.
///
/// Marks vanish; a field is `{{expr}}`; a reference is what it prints when the map of references is given
/// ([`Prose::with_references`]) and `[](#id)` otherwise; a break is a line end; a note's mark is nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Prose {
    /// The words.
    pub text: String,
    segments: Vec<Segment>,
    /// Where an empty prose stands.
    whole: Span,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Segment {
    /// First byte in `text`.
    start: usize,
    /// One past the last byte in `text`.
    end: usize,
    source: Span,
    /// Byte for byte its source; otherwise the whole stands for the whole.
    exact: bool,
}

impl Prose {
    /// The proses of a block: one for a paragraph, heading, item or footnote, one a cell (without words where it is
    /// merged into another), one a signature line, none for page breaks and verbatim text.
    #[must_use]
    pub fn of(block: &Block) -> Vec<Prose> {
        Prose::block(block, None)
    }

    /// As [`Prose::of`], with references printed; a reference without entry stays `[](#id)`.
    #[must_use]
    pub fn with_references(block: &Block, references: &BTreeMap<String, String>) -> Vec<Prose> {
        Prose::block(block, Some(references))
    }

    /// The words of some inlines.
    #[must_use]
    pub fn line(inlines: &[Inline], references: Option<&BTreeMap<String, String>>) -> Prose {
        let mut prose = Prose::default();
        if let (Some(first), Some(last)) = (inlines.first(), inlines.last()) {
            prose.whole = Span {
                start: first.span.start,
                end: last.span.end,
            };
        }
        for inline in inlines {
            match &inline.kind {
                InlineKind::Text(text) => prose.push(
                    text,
                    inline.span,
                    text.len() == inline.span.end.saturating_sub(inline.span.start),
                ),
                InlineKind::Field(expr) => {
                    prose.push(&format!("{{{{{expr}}}}}"), inline.span, false)
                }
                InlineKind::Reference(id) => match references.and_then(|r| r.get(id)) {
                    Some(words) => prose.push(words, inline.span, false),
                    None => prose.push(&format!("[](#{id})"), inline.span, false),
                },
                InlineKind::Break => prose.push("\n", inline.span, false),
                InlineKind::FootnoteRef(_) => {}
            }
        }
        prose
    }

    /// The source of a part of the text. Where text and source have the same length, exactly that part; where they
    /// have not (an escape, a field, a reference) the whole of what was written for it. A range that is empty
    /// gives an empty span; one that is out of bounds is clamped.
    #[must_use]
    pub fn source(&self, range: Range<usize>) -> Span {
        let end = range.end.min(self.text.len());
        let start = range.start.min(end);
        let Some(first) = self.segments.get(self.segment(start)) else {
            return Span {
                start: self.whole.start,
                end: self.whole.start,
            };
        };
        let from = if first.exact {
            first.source.start + (start - first.start).min(first.source.end - first.source.start)
        } else if start >= first.end {
            first.source.end
        } else {
            first.source.start
        };
        if start == end {
            return Span {
                start: from,
                end: from,
            };
        }
        let to = match self.segments.get(self.segment(end - 1)) {
            Some(last) if last.exact => last.source.start + (end - last.start),
            Some(last) => last.source.end,
            None => from,
        };
        Span {
            start: from,
            end: to.max(from),
        }
    }

    /// The segment that holds the byte at `at`, or the last one.
    fn segment(&self, at: usize) -> usize {
        self.segments
            .partition_point(|s| s.end <= at)
            .min(self.segments.len().saturating_sub(1))
    }

    fn push(&mut self, text: &str, source: Span, exact: bool) {
        if text.is_empty() {
            return;
        }
        let start = self.text.len();
        self.text.push_str(text);
        self.segments.push(Segment {
            start,
            end: self.text.len(),
            source,
            exact,
        });
    }

    fn block(block: &Block, references: Option<&BTreeMap<String, String>>) -> Vec<Prose> {
        let line = |content: &[Inline]| {
            let mut prose = Prose::line(content, references);
            if content.is_empty() {
                prose.whole = Span {
                    start: block.span.end,
                    end: block.span.end,
                };
            }
            prose
        };
        match &block.kind {
            BlockKind::Title(content)
            | BlockKind::Heading { content, .. }
            | BlockKind::Item { content, .. }
            | BlockKind::Paragraph { content, .. }
            | BlockKind::Footnote { content, .. } => vec![line(content)],
            BlockKind::Table(table) => table
                .rows
                .iter()
                .flatten()
                .map(|cell| {
                    let mut prose = Prose::line(&cell.content, references);
                    if cell.content.is_empty() {
                        prose.whole = cell.span;
                    }
                    prose
                })
                .collect(),
            BlockKind::Signature(parties) => parties
                .iter()
                .flat_map(|p| &p.lines)
                .map(|l| line(l))
                .collect(),
            BlockKind::PageBreak | BlockKind::Verbatim(_) => Vec::new(),
        }
    }
}
