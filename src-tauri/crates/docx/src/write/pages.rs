//! On which page a heading will stand, as far as it can be told without setting type: by counting lines.

use super::contents::Contents;
use super::design::{Design, Lines};
use super::look::Look;
use super::text;
use moqi_document::{Block, BlockKind, Document, HeadingStyle, Inline, InlineKind, Language};
use std::collections::BTreeMap;

/// Page of each heading in the contents, by block. `first` is the block after the title; `apart` that pages count from 1
/// there, rather than from the pages of the contents.
pub(super) fn estimate(
    document: &Document,
    look: &Look,
    design: &Design,
    contents: &Contents,
    first: usize,
    apart: bool,
) -> BTreeMap<usize, u32> {
    let (width, height) = look.page();
    let [top, right, bottom, left] = design.margins;
    let sheet = Sheet {
        width: (width - left - right).max(1440),
        height: (height - top - bottom).max(1440),
        line: line_height(design),
        design,
    };
    let mut pages = BTreeMap::new();
    let mut page = 1;
    if !apart {
        page += 1 + i32::try_from(contents.lines()).unwrap_or(0) * sheet.line / sheet.height;
    }
    let mut used = 0;
    for (index, block) in document.blocks.iter().enumerate().skip(first) {
        if new_page(block) && used > 0 {
            page += 1;
            used = 0;
        }
        let need = sheet.need(block);
        let heading = matches!(block.kind, BlockKind::Heading { .. });
        // A heading does not stand alone at the foot of a page.
        let least = if heading {
            need + 2 * sheet.line
        } else {
            sheet.line
        };
        if used + least.min(sheet.height) > sheet.height {
            page += 1;
            used = 0;
        }
        if contents.bookmark(index).is_some() {
            pages.insert(index, u32::try_from(page).unwrap_or(1));
        }
        used += need;
        page += used / sheet.height;
        used %= sheet.height;
    }
    pages
}

fn new_page(block: &Block) -> bool {
    matches!(
        block.kind,
        BlockKind::PageBreak
            | BlockKind::Heading {
                style: HeadingStyle::Schedule,
                ..
            }
    )
}

/// Height of a line in twips. A line of Chinese type is taller than one of Western type of that size.
fn line_height(design: &Design) -> i32 {
    match design.lines {
        Lines::Exactly(line) => line,
        Lines::Multiple(line) => {
            let natural = match design.language {
                Language::Zh => design.size * 13,
                Language::En => design.size * 115 / 10,
            };
            natural * line / 240
        }
    }
}

/// The text area of a page; lengths in twips.
struct Sheet<'a> {
    width: i32,
    height: i32,
    line: i32,
    design: &'a Design<'a>,
}

impl Sheet<'_> {
    fn need(&self, block: &Block) -> i32 {
        match &block.kind {
            BlockKind::Heading { content, .. } => {
                let (before, after) = self.design.around_heading;
                self.lines(&[content], 0) + before + after
            }
            BlockKind::Title(content) => self.lines(&[content], 0) + 500,
            BlockKind::Item { content, depth, .. } => {
                self.lines(&[content], i32::from(*depth) + 1) + self.design.after
            }
            BlockKind::Paragraph { content, depth, .. } => {
                self.lines(&[content], i32::from(*depth)) + self.design.after
            }
            BlockKind::Table(table) => table
                .rows
                .iter()
                .map(|row| {
                    let cells: Vec<&[Inline]> =
                        row.iter().map(|cell| cell.content.as_slice()).collect();
                    // Columns take room by what they hold, so a row is about as tall as if its words were one text.
                    self.lines(&cells, 0) + 80
                })
                .sum(),
            BlockKind::Signature(parties) => {
                let lines = parties.iter().map(|party| party.lines.len()).sum::<usize>();
                i32::try_from(lines.div_ceil(2)).unwrap_or(0) * 500
            }
            BlockKind::Verbatim(text) => i32::try_from(text.lines().count()).unwrap_or(0) * 260,
            BlockKind::PageBreak | BlockKind::Footnote { .. } => 0,
        }
    }

    /// Height of running text that stands so many steps in.
    fn lines(&self, content: &[&[Inline]], steps: i32) -> i32 {
        let half = (self.design.size * 5).max(1);
        let room = (self.width - steps * self.design.step).max(self.width / 3) / half;
        let mut halves = 0usize;
        for inline in content.iter().copied().flatten() {
            halves += match &inline.kind {
                InlineKind::Text(words) => text::width(words),
                InlineKind::Break => usize::try_from(room / 2).unwrap_or(0),
                InlineKind::Field(words) => text::width(words) + 4,
                InlineKind::Reference(_) => 8,
                InlineKind::FootnoteRef(_) => 1,
            };
        }
        let halves = i32::try_from(halves).unwrap_or(i32::MAX / 4);
        (halves / room.max(1) + 1) * self.line
    }
}
