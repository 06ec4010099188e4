//! Footnotes: which are written, which are marked, in what order.

use moqi_document::{BlockKind, Document, Inline, InlineKind, Span};
use std::collections::BTreeMap;

/// The footnotes of a document.
#[derive(Debug, Clone, Default)]
pub(super) struct Notes<'a> {
    written: BTreeMap<&'a str, (&'a [Inline], Span)>,
    marks: BTreeMap<&'a str, usize>,
    /// Labels in the order of their first marks; a note's number is its place plus one.
    order: Vec<String>,
}

impl<'a> Notes<'a> {
    /// Collects what a document writes and marks.
    pub fn new(document: &'a Document) -> Self {
        let mut notes = Self::default();
        for block in &document.blocks {
            if let BlockKind::Footnote { label, content } = &block.kind {
                notes
                    .written
                    .entry(label.as_str())
                    .or_insert((content.as_slice(), block.span));
                // Marks inside notes have no place in Word.
                continue;
            }
            super::reference::each_inline(block, &mut |inline| {
                if let InlineKind::FootnoteRef(label) = &inline.kind {
                    *notes.marks.entry(label.as_str()).or_insert(0) += 1;
                }
            });
        }
        notes
    }

    /// True when there is a note of that label.
    pub fn is_written(&self, label: &str) -> bool {
        self.written.contains_key(label)
    }

    /// True when more than one mark points to it.
    pub fn is_repeated(&self, label: &str) -> bool {
        self.marks.get(label).is_some_and(|&count| count > 1)
    }

    /// The number of the note, and whether it was marked before.
    pub fn mark(&mut self, label: &str) -> (usize, bool) {
        match self.order.iter().position(|marked| marked == label) {
            Some(place) => (place + 1, true),
            None => {
                self.order.push(label.to_owned());
                (self.order.len(), false)
            }
        }
    }

    /// The words of the marked notes, by number.
    pub fn marked(&self) -> Vec<&'a [Inline]> {
        self.order
            .iter()
            .filter_map(|label| {
                self.written
                    .get(label.as_str())
                    .map(|(content, _)| *content)
            })
            .collect()
    }

    /// The labels of the marked notes, by number.
    pub fn labels(&self) -> Vec<String> {
        self.order.clone()
    }

    /// Notes nothing points to: label and place.
    pub fn unused(&self) -> Vec<(String, Span)> {
        self.written
            .iter()
            .filter(|(label, _)| !self.order.iter().any(|marked| marked == *label))
            .map(|(label, (_, span))| ((*label).to_owned(), *span))
            .collect()
    }
}
