//! Properties of the walk: looks of runs, paragraphs and cells, and the tracked changes among them.

use moqi_document::Marks;
use quick_xml::events::BytesStart;

use super::Walk;
use crate::read::anchored::Within;
use crate::read::found::{ChangeKind, Changes};
use crate::read::raster::Vertical;
use crate::read::story::MOST_COLUMNS;
use crate::read::symbol::Font;
use crate::read::xml::{attribute, is_on, number, value};

impl Walk<'_> {
    pub(super) fn run_property(&mut self, tag: &BytesStart<'_>, name: &str) {
        match name {
            "b" => self.marks.strong = is_on(tag),
            "i" => self.marks.emphasis = is_on(tag),
            "strike" | "dstrike" => self.marks.strike = is_on(tag),
            "vanish" => self.vanishes = is_on(tag),
            "rFonts" => self.font = Font::of(attribute(tag, "ascii").as_deref()),
            // The style comes first among the properties, which then have the last word.
            "rStyle" => {
                let id = value(tag).unwrap_or_default();
                let (strong, emphasis) = self.styles.marks(&id);
                self.marks.strong |= strong;
                self.marks.emphasis |= emphasis;
            }
            _ => {}
        }
    }

    pub(super) fn row_property(&mut self, tag: &BytesStart<'_>, name: &str) {
        if name != "gridBefore" {
            return;
        }
        let before = number::<usize>(tag).unwrap_or(0).min(MOST_COLUMNS - 1);
        if let Some(table) = self.table() {
            table.before = before;
        }
    }

    pub(super) fn cell_property(&mut self, tag: &BytesStart<'_>, name: &str) {
        let Some(story) = self.story() else { return };
        let shape = &mut story.shape;
        let begins = || value(tag).as_deref() == Some("restart");
        match name {
            "gridSpan" => shape.span = number(tag).unwrap_or(1),
            "vMerge" if begins() => shape.vertical = Vertical::Begins,
            "vMerge" => shape.vertical = Vertical::GoesOn,
            "hMerge" => shape.joins_left = !begins(),
            _ => {}
        }
    }

    pub(super) fn paragraph_property(&mut self, tag: &BytesStart<'_>, name: &str) {
        self.with_paragraph(|p| match name {
            "pStyle" => p.style = value(tag),
            "outlineLvl" => p.outline = number(tag),
            "numId" => p.list = number(tag),
            "ilvl" => p.level = number(tag),
            "pageBreakBefore" => p.page_before = is_on(tag),
            "sectPr" => p.ends_section = true,
            _ => {}
        });
    }

    /// A tracked change begins.
    pub(super) fn changed(&mut self, kind: ChangeKind, parent: Within, name: &str) {
        use ChangeKind::{Deleted, Formatted, Inserted, MovedFrom, MovedTo};
        let goes = match self.side {
            Changes::Accepted => matches!(kind, Deleted | MovedFrom),
            Changes::Rejected => matches!(kind, Inserted | MovedTo),
        };
        match (kind, parent) {
            (Formatted, _) => match (self.side, name) {
                // The earlier properties follow inside and are read in place of those before.
                (Changes::Rejected, "rPrChange") if parent == Within::RunProperties => {
                    self.marks = Marks::default();
                    self.vanishes = false;
                }
                (Changes::Rejected, "pPrChange") => self.with_paragraph(|p| {
                    (p.style, p.list, p.level, p.outline) = (None, None, None, None);
                    p.page_before = false;
                }),
                _ => self.pass_over_change(),
            },
            (_, Within::MarkProperties) => self.with_paragraph(|p| p.joins |= goes),
            (_, Within::RowProperties) => {
                if let Some(table) = self.table() {
                    table.row_goes |= goes;
                }
            }
            (_, Within::CellProperties | Within::ListProperties | Within::RunProperties) => {}
            _ if goes => {
                self.left_out.changed += usize::from(self.hidden == 0);
                self.hidden += 1;
                if let Some(last) = self.within.last_mut() {
                    *last = Within::OtherSide;
                }
            }
            _ => {}
        }
    }

    fn pass_over_change(&mut self) {
        if let Some(last) = self.within.last_mut() {
            *last = Within::Past;
        }
    }
}
