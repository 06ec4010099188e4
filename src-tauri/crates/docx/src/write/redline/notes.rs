//! The footnotes: notes of both documents, merged where their mark stayed.

use std::collections::BTreeMap;

use super::body::{Merger, Out};
use super::flat::Labels;
use super::marks::State;
use super::{WriteError, parsed};
use crate::write::parts;
use crate::write::tree::{Element, Node};

impl Merger<'_> {
    /// The footnotes part; after the body.
    pub fn notes(
        &mut self,
        old: Option<&str>,
        new: Option<&str>,
    ) -> Result<Option<String>, WriteError> {
        const NAME: &str = "footnotes.xml";
        if old.is_none() && new.is_none() {
            return Ok(None);
        }
        let mut earlier = note_paragraphs(old.map(|source| parsed(source, NAME)).transpose()?);
        for paragraph in earlier.values_mut() {
            self.names.rename_in_note(paragraph, &self.bookmarks);
        }
        let later = note_paragraphs(new.map(|source| parsed(source, NAME)).transpose()?);
        let partner: BTreeMap<usize, usize> =
            self.notes.iter().map(|(&old, &new)| (new, old)).collect();
        let mut out = parts::footnotes_opening();
        let mut note = |merger: &mut Self,
                        number: usize,
                        old: Option<(usize, &Element<'_>)>,
                        new: Option<(usize, &Element<'_>)>| {
            let mut paragraphs = Vec::new();
            merger.at_note(old, new);
            match (old, new) {
                (Some((_, old)), Some((_, new))) => merger.pair(old, new, &mut paragraphs),
                (Some((_, old)), None) => merger.single(old, State::Deleted, &mut paragraphs),
                (None, Some((_, new))) => merger.single(new, State::Inserted, &mut paragraphs),
                (None, None) => return,
            }
            out.push_str(&format!("<w:footnote w:id=\"{number}\">"));
            for paragraph in &mut paragraphs {
                if let Out::Paragraph(paragraph) = paragraph {
                    // The mark of the only paragraph of a note goes with the note.
                    paragraph.mark = State::Same;
                    merger.print(paragraph, &mut out);
                }
            }
            out.push_str("</w:footnote>");
        };
        for (&number, new) in &later {
            let old = partner
                .get(&number)
                .and_then(|old| Some((*old, earlier.get(old)?)));
            note(self, number, old, Some((number, new)));
        }
        let gone: Vec<usize> = earlier
            .keys()
            .copied()
            .filter(|old| !self.notes.contains_key(old))
            .collect();
        for old in gone {
            let shifted = old + self.new_labels.0.len();
            note(
                self,
                shifted,
                earlier.get(&old).map(|note| (old, note)),
                None,
            );
        }
        out.push_str("</w:footnotes>");
        Ok(Some(out))
    }

    /// The blocks of a note, by its numbers.
    fn at_note(&mut self, old: Option<(usize, &Element<'_>)>, new: Option<(usize, &Element<'_>)>) {
        let Some(credit) = &self.credit else { return };
        let block = |labels: &Labels<'_>, note: Option<(usize, &Element<'_>)>, side: State| {
            credit.note(labels.of(note?.0), side)
        };
        let old = block(&self.old_labels, old, State::Deleted);
        let new = block(&self.new_labels, new, State::Inserted);
        (self.old_block, self.new_block) = (old, new);
    }
}

/// The paragraph of every footnote, by number.
fn note_paragraphs(root: Option<Element<'_>>) -> BTreeMap<usize, Element<'_>> {
    let mut found = BTreeMap::new();
    for node in root.map(|root| root.children).unwrap_or_default() {
        let Node::Element(note) = node else { continue };
        let number = note.attribute("w:id").and_then(|id| id.parse().ok());
        let paragraph = note.children.into_iter().find_map(|node| match node {
            Node::Element(paragraph) if paragraph.name == "w:p" => Some(paragraph),
            _ => None,
        });
        // The separators have the numbers -1 and 0.
        if let (Some(number), Some(paragraph)) =
            (number.filter(|&number: &usize| number > 0), paragraph)
        {
            found.insert(number, paragraph);
        }
    }
    found
}
