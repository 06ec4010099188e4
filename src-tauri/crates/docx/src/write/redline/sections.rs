//! Ends of sections, and their headers.
//!
//! Word tracks the size of paper and the count of pages, and that a section comes or goes with the mark of its last
//! paragraph; it does not track which header a section has. So a section that both documents have has one header, and the
//! words in it are tracked. Where the last section of the two is not the same, their two headers are one all the same: the
//! last section has no mark that could come or go.

use std::collections::BTreeMap;

use super::body::Merger;
use super::flat::{elements, inside, printed, value};
use super::marks::State;
use super::{Composed, WriteError, parsed, part};
use crate::write::parts::MAIN;
use crate::write::tree::Element;

/// The headers of both documents, and those of the merged one.
pub(super) struct Headers<'a> {
    old: Vec<Header<'a>>,
    new: Vec<Header<'a>>,
    /// Parts in order; which pair of headers each is made of.
    pub parts: Vec<String>,
    of: BTreeMap<(Option<usize>, Option<usize>), usize>,
}

struct Header<'a> {
    source: &'a str,
    root: Element<'a>,
}

impl<'a> Headers<'a> {
    pub fn new(earlier: &'a Composed, later: &'a Composed) -> Result<Self, WriteError> {
        Ok(Self {
            old: headers(earlier)?,
            new: headers(later)?,
            parts: Vec::new(),
            of: BTreeMap::new(),
        })
    }
}

/// The headers of a document, by number.
fn headers(composed: &Composed) -> Result<Vec<Header<'_>>, WriteError> {
    (1..=composed.present.headers)
        .filter_map(|number| part(composed, &format!("word/header{number}.xml")))
        .map(|source| {
            let root = parsed(source, "header.xml")?;
            Ok(Header { source, root })
        })
        .collect()
}

const HEADER: &str = "rIdHeader";

impl Merger<'_> {
    /// The properties of a section: that of one document, or of both.
    pub(super) fn section(
        &mut self,
        old: Option<&Element<'_>>,
        new: Option<&Element<'_>>,
    ) -> String {
        let own = |section: Option<&Element<'_>>| -> Option<String> {
            let children = section.map(elements)?;
            let rest = children.into_iter().filter(|child| !refers(child));
            Some(rest.map(printed).collect())
        };
        let mut out = String::from("<w:sectPr>");
        for name in ["w:headerReference", "w:footerReference"] {
            for pages in ["default", "even", "first"] {
                let of = |section: Option<&Element<'_>>| -> Option<String> {
                    let found = elements(section?).into_iter().find(|child| {
                        child.name == name && value(child, "w:type").as_deref() == Some(pages)
                    });
                    value(found?, "r:id")
                };
                let part = match (of(old), of(new)) {
                    (None, None) => continue,
                    (old, new) if name == "w:headerReference" => {
                        let number =
                            |id: Option<String>| id?.strip_prefix(HEADER)?.parse::<usize>().ok();
                        format!("{HEADER}{}", self.header(number(old), number(new)))
                    }
                    // All footers count pages, and are those of the look.
                    (old, new) => new.or(old).unwrap_or_default(),
                };
                out.push_str(&format!("<{name} w:type=\"{pages}\" r:id=\"{part}\"/>"));
            }
        }
        let (before, now) = (own(old), own(new));
        if let Some(own) = now.as_ref().or(before.as_ref()) {
            out.push_str(own);
        }
        if let (Some(before), Some(now)) = (&before, &now)
            && before != now
        {
            self.marks.sign(self.section_by);
            out.push_str(&format!(
                "<w:sectPrChange {}><w:sectPr>{before}</w:sectPr></w:sectPrChange>",
                self.marks.attributes()
            ));
        }
        out.push_str("</w:sectPr>");
        out
    }

    /// The number of a header that was one and is another.
    fn header(&mut self, old: Option<usize>, new: Option<usize>) -> usize {
        if let Some(&number) = self.headers.of.get(&(old, new)) {
            return number;
        }
        let at = |headers: &[Header<'_>], number: Option<usize>| -> Option<String> {
            Some(headers.get(number?.checked_sub(1)?)?.source.to_owned())
        };
        let sources = (at(&self.headers.old, old), at(&self.headers.new, new));
        let part = match sources {
            (Some(before), Some(now)) if before != now => self.merged_header(old, new),
            (before, now) => now.or(before).unwrap_or_default(),
        };
        self.headers.parts.push(part);
        let number = self.headers.parts.len();
        self.headers.of.insert((old, new), number);
        number
    }

    fn merged_header(&mut self, old: Option<usize>, new: Option<usize>) -> String {
        let paragraph = |headers: &[Header<'_>], number: Option<usize>| {
            let header = headers.get(number.unwrap_or(0).saturating_sub(1));
            header.and_then(|header| header.root.child("w:p")).map(|p| {
                let properties = p.child("w:pPr").map(inside).unwrap_or_default();
                (
                    properties,
                    super::flat::Flat::new(p, &super::flat::Labels(&[])),
                )
            })
        };
        let before = paragraph(&self.headers.old, old).unwrap_or_default();
        let now = paragraph(&self.headers.new, new).unwrap_or_default();
        let (mut a, mut b) = (before.1, now.1);
        a.is_by(self.section_by);
        b.is_by(self.section_by);
        self.marks.comments.held = true;
        let content = self.kept_content(&a, &b);
        self.marks.comments.held = false;
        let properties = if now.0.is_empty() { before.0 } else { now.0 };
        format!("<w:hdr {MAIN}><w:p><w:pPr>{properties}</w:pPr>{content}</w:p></w:hdr>")
    }

    /// What comes next belongs to the section of the block that is being merged.
    pub(super) fn section_begins(&mut self) {
        let side = match self.new_block {
            Some(_) => State::Inserted,
            None => State::Deleted,
        };
        self.section_by = self.who(side);
    }
}

fn refers(child: &Element<'_>) -> bool {
    matches!(child.name, "w:headerReference" | "w:footerReference")
}
