//! Words of the walk: text, breaks, references to notes, links and fields.

use moqi_document::{Inline, InlineKind, Marks, Span};
use quick_xml::events::BytesStart;

use super::{Link, NoteKind, Walk};
use crate::read::field;
use crate::read::found::Changes;
use crate::read::pins::AimKind;
use crate::read::symbol::{Font, symbol};
use crate::read::xml::attribute;

/// Bytes of an address that is kept.
const LONGEST_LINK: usize = 2_048;
/// Addresses that are named in warnings.
const MOST_UNSAFE: usize = 64;

/// Signs of our markup that words seldom have.
fn is_markup(byte: u8) -> bool {
    b"#&*<>[\\]^`{|}~".contains(&byte)
}

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

    /// Where a link element leads: out of the document, or to a bookmark.
    pub(super) fn link_of(&mut self, tag: &BytesStart<'_>) -> Link {
        let anchor = attribute(tag, "anchor");
        let relation = attribute(tag, "id").and_then(|id| self.relations.get(&id));
        match (relation.filter(|relation| relation.external), anchor) {
            (Some(relation), anchor) => {
                let mut address = relation.target.clone();
                if let Some(anchor) = anchor.filter(|_| !address.contains('#')) {
                    address = format!("{address}#{anchor}");
                }
                Link {
                    address: self.safe(address),
                    aim: None,
                }
            }
            (None, Some(anchor)) => Link {
                address: None,
                aim: self.aim(AimKind::Link, &anchor),
            },
            (None, None) => Link::default(),
        }
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

    pub(super) fn text(&mut self, words: &str) {
        if self.in_instruction {
            if let Some(field) = self.fields.last_mut() {
                field.instruct(words);
            }
            return;
        }
        self.words += words.len();
        // Each is escaped in our text, and a piece of its own once that is parsed.
        self.things += words.bytes().filter(|byte| is_markup(*byte)).count();
        if let Some(ruby) = self.rubies.last_mut().filter(|ruby| ruby.reads) {
            ruby.reading.push_str(words);
            return;
        }
        let drawn;
        let words = match self.font {
            Font::Letters => words,
            font => {
                drawn = words
                    .chars()
                    .map(|c| self.drawn(font, c))
                    .collect::<String>();
                &drawn
            }
        };
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
        if let InlineKind::Text(words) = &kind {
            self.anchored.visible(words);
        }
        self.silent(kind);
    }

    /// What stands in the text and is not said by the file.
    pub(super) fn silent(&mut self, kind: InlineKind) {
        let link = self.links.last().and_then(|link| link.address.clone());
        let link = link.or_else(|| {
            self.fields
                .iter()
                .rev()
                .find_map(|field| field.link.clone())
        });
        self.words += link.as_ref().map_or(0, String::len);
        let aim = self.fields.iter().rev().find_map(|field| field.aim);
        let aim = aim.or_else(|| self.links.iter().rev().find_map(|link| link.aim));
        let marks = Marks {
            link: self.pins.mark(link, aim, self.anchored.innermost()),
            ..self.marks.clone()
        };
        if let InlineKind::Text(words) = &kind {
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

    /// What a character of a font of signs shows.
    fn drawn(&mut self, font: Font, sign: char) -> char {
        let (sign, known) = symbol(font, sign);
        self.left_out.symbols += usize::from(!known && self.hidden == 0);
        sign
    }

    /// A sign of a font of signs.
    pub(super) fn sign(&mut self, font: Font, sign: char) {
        let sign = self.drawn(font, sign);
        self.text(sign.encode_utf8(&mut [0; 4]));
    }
}
