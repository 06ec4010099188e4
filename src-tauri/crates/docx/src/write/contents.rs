//! The table of contents: a field of Word's own, with its entries as they stand when the file is written.
//!
//! Word sets pages, not this program, so the numbers of pages are estimates until Word updates the field, which the
//! settings ask it to do when the file is opened; unless somebody who has set the pages tells them.

use super::design::Design;
use super::lists;
use super::look::Look;
use super::pages;
use super::plan::Plan;
use super::reference;
use super::sections::Sections;
use super::styles;
use super::text::escape;
use docx_rs::LevelSuffixType;
use moqi_document::{BlockKind, Document, HeadingStyle, Language, Numbering};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Ids of the bookmarks of entries count from here; those of references and notes stay below.
const FIRST_ID: usize = 1_000_000;

/// An entry of the table of contents a document would be written with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentsEntry {
    /// The words of the heading, without its number.
    pub words: String,
    /// The page that is printed behind it, as estimated.
    pub page: u32,
}

/// The entries of the table of contents of a document in a look, for somebody who has set the pages and wants to tell
/// them by [`Look::contents_pages`]; and whether the pages before the text are counted apart, so that the text begins on
/// page 1. Nothing where the look has no contents.
#[must_use]
pub fn contents(document: &Document, look: &Look) -> (Vec<ContentsEntry>, bool) {
    let numbering = moqi_document::number(document);
    let plan = Plan::new(document, &numbering);
    let design = Design::new(look, moqi_document::scheme_of(document));
    let Some(contents) = Contents::new(document, &numbering, &plan, look, &design) else {
        return (Vec::new(), false);
    };
    let start = usize::from(super::starts_with_title(document));
    let sections = Sections::new(document, &numbering, &plan, look, &design, Some(start));
    let apart = sections.counts_anew(look);
    let pages = pages::estimate(document, look, &design, &contents, start, apart);
    let entries = contents
        .of_block
        .iter()
        .map(|(block, &entry)| ContentsEntry {
            words: contents.entries[entry].words.clone(),
            page: pages.get(block).copied().unwrap_or(1),
        });
    (entries.collect(), apart)
}

/// The table of contents of a document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Contents {
    entries: Vec<Entry>,
    levels: u8,
    /// Which entry a heading is.
    of_block: BTreeMap<usize, usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    level: u8,
    label: String,
    words: String,
}

impl Contents {
    /// The headings down to the look's level; nothing where the look wants no contents or the text has no headings.
    pub fn new(
        document: &Document,
        numbering: &Numbering,
        plan: &Plan,
        look: &Look,
        design: &Design,
    ) -> Option<Self> {
        let levels = look.contents?.clamp(1, 5);
        let mut contents = Self {
            levels,
            ..Self::default()
        };
        for (index, block) in document.blocks.iter().enumerate() {
            let BlockKind::Heading { level, style, .. } = &block.kind else {
                continue;
            };
            let level = match style {
                HeadingStyle::Schedule => 1,
                _ => (*level).clamp(1, 5),
            };
            let words = reference::words(block);
            if level > levels || words.is_empty() {
                continue;
            }
            let label = numbering.labels.get(index).and_then(Option::as_ref);
            let label = label.map_or_else(String::new, |label| {
                let gap = plan.places[index].map(|place| lists::suffix_at(design, plan, place));
                match gap {
                    Some(LevelSuffixType::Tab) => format!("{}\t", label.text),
                    Some(LevelSuffixType::Nothing) => label.text.clone(),
                    _ => format!("{} ", label.text),
                }
            });
            contents.of_block.insert(index, contents.entries.len());
            contents.entries.push(Entry {
                level,
                label,
                words,
            });
        }
        (!contents.entries.is_empty()).then_some(contents)
    }

    /// The number and name of the bookmark of a heading.
    pub fn bookmark(&self, block: usize) -> Option<(usize, String)> {
        let entry = *self.of_block.get(&block)?;
        Some((FIRST_ID + entry, name(entry)))
    }

    /// The headings, in their order.
    pub fn blocks(&self) -> impl Iterator<Item = usize> + '_ {
        self.of_block.keys().copied()
    }

    /// Lines the contents take, the heading included.
    pub fn lines(&self) -> usize {
        self.entries.len() + 2
    }

    /// The field in its control, as Word's own gallery makes it. `first` is the block after the title, `apart` that pages
    /// count from 1 there.
    pub fn markup(
        &self,
        document: &Document,
        look: &Look,
        design: &Design,
        first: usize,
        apart: bool,
    ) -> String {
        let estimate = pages::estimate(document, look, design, self, first, apart);
        let heading = match look.language {
            Language::Zh => "目　录",
            Language::En => "Contents",
        };
        let mut out = format!(
            "<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val=\"Table of Contents\"/><w:docPartUnique/></w:docPartObj></w:sdtPr>\
             <w:sdtContent><w:p><w:pPr><w:pStyle w:val=\"TOCHeading\"/></w:pPr><w:r><w:t>{heading}</w:t></w:r></w:p>"
        );
        for ((number, entry), (block, _)) in self.entries.iter().enumerate().zip(&self.of_block) {
            let page = look
                .contents_pages
                .get(number)
                .or_else(|| estimate.get(block))
                .copied()
                .unwrap_or(1);
            // As Word does it: the stop for the words belongs to the entries that have a number before them.
            let stop = match entry.label.ends_with('\t') {
                true => format!(
                    "<w:tabs><w:tab w:val=\"left\" w:pos=\"{}\"/></w:tabs>",
                    styles::contents_indent(design, entry.level) + design.step
                ),
                false => String::new(),
            };
            let _ = write!(
                out,
                "<w:p><w:pPr><w:pStyle w:val=\"TOC{}\"/>{stop}</w:pPr>",
                entry.level
            );
            if number == 0 {
                let _ = write!(
                    out,
                    "{}<w:r><w:instrText xml:space=\"preserve\"> TOC \\o \"1-{}\" \\h \\z \\u </w:instrText></w:r>{}",
                    mark("begin"),
                    self.levels,
                    mark("separate")
                );
            }
            let _ = write!(
                out,
                "<w:hyperlink w:anchor=\"{}\" w:history=\"1\">",
                name(number)
            );
            if !entry.label.is_empty() {
                let label = entry.label.trim_end_matches('\t');
                let _ = write!(
                    out,
                    "<w:r><w:t xml:space=\"preserve\">{}</w:t></w:r>",
                    escape(label)
                );
                if label.len() < entry.label.len() {
                    out.push_str("<w:r><w:tab/></w:r>");
                }
            }
            let _ = write!(
                out,
                "<w:r><w:t xml:space=\"preserve\">{}</w:t></w:r><w:r><w:tab/></w:r>{}\
                 <w:r><w:instrText xml:space=\"preserve\"> PAGEREF {} \\h </w:instrText></w:r>{}<w:r><w:t>{page}</w:t></w:r>{}</w:hyperlink>",
                escape(&entry.words),
                mark("begin"),
                name(number),
                mark("separate"),
                mark("end")
            );
            if number + 1 == self.entries.len() {
                out.push_str(&mark("end"));
            }
            out.push_str("</w:p>");
        }
        out.push_str("</w:sdtContent></w:sdt>");
        out
    }
}

/// Word's own names for such bookmarks.
fn name(entry: usize) -> String {
    format!("_Toc{}", 200_000_001 + entry)
}

fn mark(kind: &str) -> String {
    format!("<w:r><w:fldChar w:fldCharType=\"{kind}\"/></w:r>")
}
