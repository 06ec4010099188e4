//! Words of the walk: text, breaks, references to notes, links and fields.

use moqi_document::{Inline, InlineKind, Marks, Span};
use quick_xml::events::BytesStart;

use super::{NoteKind, Walk};
use crate::read::field::{self, Field};
use crate::read::found::Changes;
use crate::read::xml::attribute;

/// Bytes of an address that is kept.
const LONGEST_LINK: usize = 2_048;
/// Fields inside one another; more are taken for damage, and their beginnings are passed over.
const DEEPEST_FIELD: usize = 64;
/// Addresses that are named in warnings.
const MOST_UNSAFE: usize = 64;

impl Walk<'_> {
    pub(super) fn page_break(&mut self) {
        if self.hidden > 0 {
            return;
        }
        self.with_paragraph(|p| {
            if p.content.is_empty() {
                p.page_before = true;
            } else {
                p.page_after = true;
            }
        });
    }

    pub(super) fn note_reference(&mut self, tag: &BytesStart<'_>, kind: NoteKind) {
        let Some(id) = attribute(tag, "id").filter(|_| self.hidden == 0) else {
            return;
        };
        let key = (kind, id);
        let next = self.references.len() + 1;
        let label = self.labels.entry(key.clone()).or_insert_with(|| {
            self.references.push(key);
            next.to_string()
        });
        let label = label.clone();
        self.atom(InlineKind::FootnoteRef(label));
    }

    /// The address of a link element; links inside the document are plain words.
    pub(super) fn link_of(&mut self, tag: &BytesStart<'_>) -> Option<String> {
        let relation = self.relations.get(&attribute(tag, "id")?)?;
        if !relation.external {
            return None;
        }
        let mut address = relation.target.clone();
        if let Some(anchor) = attribute(tag, "anchor").filter(|_| !address.contains('#')) {
            address = format!("{address}#{anchor}");
        }
        self.safe(address)
    }

    /// An address that may stand in a document, or `None` and a warning.
    pub(super) fn safe(&mut self, address: String) -> Option<String> {
        if address.len() <= LONGEST_LINK && field::is_safe(&address) {
            return Some(address);
        }
        let named = &mut self.left_out.unsafe_links;
        let address: String = address.chars().take(200).collect();
        if named.len() < MOST_UNSAFE && !named.contains(&address) {
            named.push(address);
        }
        None
    }

    pub(super) fn field_character(&mut self, tag: &BytesStart<'_>) {
        let at = self.paragraph().map_or(0, |p| p.content.len());
        match attribute(tag, "fldCharType").as_deref() {
            Some("begin") if self.fields.len() < DEEPEST_FIELD => {
                self.fields.push(Field::begin(self.spot(), at));
            }
            Some("separate") => {
                let spot = self.spot();
                let Some(mut field) = self.fields.pop() else {
                    return;
                };
                self.drop_instruction(&field, spot);
                let address = field.address();
                field.separate(address.and_then(|address| self.safe(address)));
                self.fields.push(field);
            }
            Some("end") => {
                let base = self.stories.last().map_or(0, |story| story.fields);
                if self.fields.len() > base
                    && let Some(field) = self.fields.pop()
                    && !field.separated
                {
                    self.drop_instruction(&field, self.spot());
                }
            }
            _ => {}
        }
    }

    /// Words between the beginning of a field and its result are part of the instruction.
    pub(super) fn drop_instruction(&mut self, field: &Field, spot: usize) {
        if !field.separated && field.spot == spot {
            self.with_paragraph(|p| p.content.truncate(field.at));
        }
    }

    pub(super) fn text(&mut self, words: &str) {
        if self.in_instruction {
            if let Some(field) = self.fields.last_mut() {
                field.instruct(words);
            }
            return;
        }
        self.words += words.len();
        self.anchored.words(words);
        if self.in_deleted && self.hidden == 0 && self.side == Changes::Accepted {
            return;
        }
        self.atom(InlineKind::Text(words.to_owned()));
    }

    pub(super) fn atom(&mut self, kind: InlineKind) {
        if self.hidden > 0 || self.paragraph().is_none() {
            return;
        }
        let link = self.links.last().cloned().flatten();
        let link = link.or_else(|| {
            self.fields
                .iter()
                .rev()
                .find_map(|field| field.link.clone())
        });
        self.words += link.as_ref().map_or(0, String::len);
        let marks = Marks {
            link,
            ..self.marks.clone()
        };
        if let InlineKind::Text(words) = &kind {
            self.anchored.visible(words);
            self.left_out.hidden_runs += usize::from(std::mem::take(&mut self.vanishes));
            // Words of an instruction stay apart from those before it, so that they can be dropped.
            let spot = self.spot();
            let floor = self
                .fields
                .iter()
                .rev()
                .find(|field| field.spot == spot && !field.separated)
                .map(|field| field.at);
            let joins = self
                .paragraph()
                .is_some_and(|p| floor.is_none_or(|at| p.content.len() > at));
            if joins
                && let Some(Inline {
                    kind: InlineKind::Text(before),
                    marks: same,
                    ..
                }) = self.paragraph().and_then(|p| p.content.last_mut())
                && *same == marks
            {
                before.push_str(words);
                return;
            }
        }
        self.things += 1;
        self.with_paragraph(|p| {
            p.content.push(Inline {
                kind,
                marks,
                span: Span::default(),
            })
        });
    }
}
