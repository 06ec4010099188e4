//! Sections: which blocks share paper, headers and the count of pages.
//!
//! A document is one section, but for two things: the pages of the contents before it, and schedules, whose header names
//! them so that a page that went astray is still known.

use super::design::Design;
use super::look::{Look, PageNumbers};
use super::plan::{Part, Plan};
use super::reference;
use super::tables;
use moqi_document::{Block, BlockKind, Document, HeadingStyle, Language, Numbering};
use std::fmt::Write;

/// Schedules that get a section each; a text with more has all in one.
const MOST_SCHEDULES: usize = 64;

/// A section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    /// Its first block. The pages of the contents begin before any.
    pub start: usize,
    kind: Kind,
    /// The paper lies across.
    pub landscape: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Title and contents.
    Front,
    /// The text.
    Body,
    /// A schedule; carries the number of its header.
    Schedule(usize),
}

/// The sections of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sections {
    /// In order; at least one.
    pub list: Vec<Section>,
    /// Text of each header part, `header1.xml` first; an empty one is an empty header.
    pub headers: Vec<String>,
}

impl Sections {
    /// Plans the sections. `front` is the block the text begins with where there are pages of contents before it.
    pub fn new(
        document: &Document,
        numbering: &Numbering,
        plan: &Plan,
        look: &Look,
        design: &Design,
        front: Option<usize>,
    ) -> Self {
        let main = look.header.as_deref().map(str::trim);
        let main = main.filter(|text| !text.is_empty());
        let mut sections = Self {
            list: Vec::new(),
            headers: Vec::new(),
        };
        if let Some(text) = main {
            // The second is the empty one of the first page.
            sections.headers.extend([text.to_owned(), String::new()]);
        }
        let plain = |start, kind| Section {
            start,
            kind,
            landscape: false,
        };
        if front.is_some() {
            sections.list.push(plain(0, Kind::Front));
        }
        sections.list.push(plain(front.unwrap_or(0), Kind::Body));
        let schedules = starts(document).count();
        if !look.schedule_sections || schedules == 0 || schedules > MOST_SCHEDULES {
            return sections;
        }
        for start in starts(document) {
            let end = (start + 1..document.blocks.len())
                .find(|&index| ends(document, plan, index))
                .unwrap_or(document.blocks.len());
            let landscape = is_wide(&document.blocks[start..end], look, design);
            if main.is_none() && !landscape {
                // Nothing to say in a header, and the paper stays: the text goes on as it is.
                continue;
            }
            let mut header = 0;
            if let Some(text) = main {
                sections
                    .headers
                    .push(named(text, document, numbering, start, look.language));
                header = sections.headers.len();
            }
            let schedule = Section {
                start,
                kind: Kind::Schedule(header),
                landscape,
            };
            match sections.list.last_mut() {
                Some(last) if last.start == start && last.kind != Kind::Front => *last = schedule,
                _ => sections.list.push(schedule),
            }
            if end < document.blocks.len() {
                sections.list.push(plain(end, Kind::Body));
            }
        }
        sections
    }

    /// Where sections but the first begin, and whether the paper lies across there.
    pub fn breaks(&self) -> Vec<(usize, bool)> {
        let later = self.list[1..].iter();
        later
            .map(|section| (section.start, section.landscape))
            .collect()
    }

    /// The `w:sectPr` of a section.
    pub fn markup(&self, number: usize, look: &Look, design: &Design, footers: usize) -> String {
        let section = &self.list[number];
        let mut out = String::from("<w:sectPr>");
        let refer = |out: &mut String, what: &str, pages: &str, part: usize| {
            let kind = what.to_lowercase();
            let _ = write!(
                out,
                "<w:{kind}Reference w:type=\"{pages}\" r:id=\"rId{what}{part}\"/>"
            );
        };
        // The page that begins with the title needs no header that repeats it, nor do the pages of the contents; text
        // that goes on behind a schedule does.
        let begins = number == 0 || (number == 1 && self.list[0].kind == Kind::Front);
        let first_page_bare =
            begins && !self.headers.is_empty() && !matches!(section.kind, Kind::Schedule(_));
        if !self.headers.is_empty() {
            let part = match section.kind {
                Kind::Schedule(part) => part,
                Kind::Front | Kind::Body => 1,
            };
            refer(&mut out, "Header", "default", part);
            if look.two_sided {
                refer(&mut out, "Header", "even", part);
            }
            if first_page_bare {
                refer(&mut out, "Header", "first", 2);
            }
        }
        if footers > 0 {
            refer(&mut out, "Footer", "default", 1);
            if look.two_sided {
                refer(&mut out, "Footer", "even", footers);
            }
            if first_page_bare {
                refer(&mut out, "Footer", "first", 1);
            }
        }
        if number > 0 {
            out.push_str("<w:type w:val=\"nextPage\"/>");
        }
        let (width, height) = look.page();
        let [top, right, bottom, left] = design.margins;
        // Paper that lies across is turned to the left: its left margin was the upper one.
        let (page, [top, right, bottom, left]) = match section.landscape {
            false => (
                format!("<w:pgSz w:w=\"{width}\" w:h=\"{height}\"/>"),
                [top, right, bottom, left],
            ),
            true => (
                format!("<w:pgSz w:w=\"{height}\" w:h=\"{width}\" w:orient=\"landscape\"/>"),
                [left, top, right, bottom],
            ),
        };
        let _ = write!(
            out,
            "{page}<w:pgMar w:top=\"{top}\" w:right=\"{right}\" w:bottom=\"{bottom}\" w:left=\"{left}\" \
             w:header=\"851\" w:footer=\"{}\" w:gutter=\"0\"/>",
            design.footer.min(bottom)
        );
        if self.counts_anew(look) && section.kind == Kind::Front {
            out.push_str("<w:pgNumType w:fmt=\"lowerRoman\" w:start=\"1\"/>");
        } else if self.counts_anew(look) && number == 1 {
            out.push_str("<w:pgNumType w:start=\"1\"/>");
        }
        out.push_str("<w:cols w:space=\"425\"/>");
        if first_page_bare {
            out.push_str("<w:titlePg/>");
        }
        out.push_str("<w:docGrid w:linePitch=\"312\"/></w:sectPr>");
        out
    }

    /// True when the pages of the contents are counted apart, in Roman figures. Where every page says how many there are,
    /// all count together.
    pub fn counts_anew(&self, look: &Look) -> bool {
        self.list[0].kind == Kind::Front
            && matches!(look.page_numbers, PageNumbers::Number | PageNumbers::Dashed)
    }
}

/// The headings of schedules.
fn starts(document: &Document) -> impl Iterator<Item = usize> {
    let blocks = document.blocks.iter().enumerate();
    blocks
        .filter(|(_, block)| is_schedule(block))
        .map(|(index, _)| index)
}

fn is_schedule(block: &Block) -> bool {
    matches!(
        &block.kind,
        BlockKind::Heading {
            style: HeadingStyle::Schedule,
            ..
        }
    )
}

/// True for a block that is no longer part of the schedule before it.
fn ends(document: &Document, plan: &Plan, index: usize) -> bool {
    is_schedule(&document.blocks[index]) || plan.parts.get(index) != Some(&Part::InSchedule)
}

/// True when a table in these blocks does not fit the paper as it stands, and fits better across.
fn is_wide(blocks: &[Block], look: &Look, design: &Design) -> bool {
    let (width, height) = look.page();
    let [_, right, _, left] = design.margins;
    height > width
        && blocks.iter().any(|block| match &block.kind {
            BlockKind::Table(table) => tables::least_width(table, design) > width - right - left,
            _ => false,
        })
}

/// The header of a schedule: that of the text, then the schedule.
fn named(
    main: &str,
    document: &Document,
    numbering: &Numbering,
    index: usize,
    language: Language,
) -> String {
    let label = numbering.labels.get(index).and_then(Option::as_ref);
    let words = reference::words(&document.blocks[index]);
    let parts = [
        main.to_owned(),
        label.map(|label| label.text.clone()).unwrap_or_default(),
        words,
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    match language {
        Language::Zh => parts.join("　"),
        Language::En => parts.join(" – "),
    }
}
