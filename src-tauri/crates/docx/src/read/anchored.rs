//! What is anchored in the words: tracked changes, comments, content controls. And what an element is to those inside.

use std::cell::Cell;
use std::collections::HashMap;

use moqi_document::Span;
use quick_xml::events::BytesStart;

use super::found::{ChangeKind, ControlKind, ReadChange, ReadControl};
use super::place::Held;
use super::xml::{attribute, is_on, value};

/// Bytes of words that are quoted for a comment or a control.
const LONGEST_QUOTE: usize = 4_096;
/// Bytes of words that are quoted in all; beyond them nothing is.
const MOST_QUOTED: usize = 16 << 20;

/// What an open element is to the elements inside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Within {
    /// Holds words or elements that do.
    #[default]
    Structure,
    Run,
    RunProperties,
    /// Run properties as they were.
    RunChange,
    ParagraphProperties,
    /// Paragraph properties as they were.
    ParagraphChange,
    /// Properties of a paragraph mark.
    MarkProperties,
    ListProperties,
    RowProperties,
    CellProperties,
    ControlProperties,
    /// What a field of a form says of itself.
    FormData,
    Section,
    /// Other properties.
    Properties,
    /// Properties of the past that are not read.
    Past,
    /// Words of the other side of the changes.
    OtherSide,
}

impl Within {
    pub(super) fn of(name: &str, parent: Within) -> Within {
        if parent == Within::Past {
            return Within::Past;
        }
        match (name, parent) {
            ("pPr", _) => Within::ParagraphProperties,
            ("rPr", Within::Run | Within::RunChange) => Within::RunProperties,
            ("rPr", Within::ParagraphProperties) => Within::MarkProperties,
            ("rPrChange", Within::RunProperties) => Within::RunChange,
            ("pPrChange", Within::ParagraphProperties) => Within::ParagraphChange,
            ("numPr", Within::ParagraphProperties) => Within::ListProperties,
            ("sectPr", _) => Within::Section,
            ("sdtPr", _) => Within::ControlProperties,
            ("ffData", _) | (_, Within::FormData) => Within::FormData,
            ("trPr", _) => Within::RowProperties,
            ("tcPr", _) => Within::CellProperties,
            ("rPr" | "tblPr" | "tblPrEx" | "tblGrid" | "sdtEndPr" | "fldData", _) => {
                Within::Properties
            }
            (_, parent) if !parent.is_structure() => Within::Properties,
            ("r", _) => Within::Run,
            _ => Within::Structure,
        }
    }

    pub(super) fn is_structure(self) -> bool {
        matches!(self, Within::Structure | Within::Run | Within::OtherSide)
    }
}

/// A control and the words it holds.
struct OpenControl {
    control: ReadControl,
    spot: usize,
    start: usize,
    end: usize,
    /// The control it stands in.
    outer: Option<usize>,
    /// Inlines of its paragraph before it.
    at: usize,
}

/// What a comment says of itself where it is written.
pub(super) struct CommentHead {
    pub(super) id: String,
    pub(super) author: String,
    pub(super) initials: String,
    pub(super) date: Option<String>,
}

/// Where a comment stands.
#[derive(Clone, Copy)]
pub(super) struct CommentRange {
    pub(super) spot: usize,
    start: usize,
    end: Option<usize>,
}

#[derive(Default)]
pub(super) struct Anchored {
    /// All words of the side that is read, a line a paragraph.
    said: String,
    changes: Vec<(ReadChange, usize)>,
    /// Changes that are open, innermost last; `None` for one without words of its own.
    open_changes: Vec<usize>,
    controls: Vec<OpenControl>,
    open_controls: Vec<usize>,
    ranges: HashMap<String, CommentRange>,
    pub(super) comments: Vec<CommentHead>,
    /// Bytes quoted so far: comments and controls inside one another repeat each other's words.
    quoted: Cell<usize>,
    /// Id of the note or comment being read.
    pub(super) note_id: Option<String>,
}

impl Anchored {
    /// Another part begins.
    pub(super) fn part(&mut self) {
        self.open_changes.clear();
        self.open_controls.clear();
        self.note_id = None;
    }

    /// How many things are kept.
    pub(super) fn len(&self) -> usize {
        4 * (self.changes.len() + self.controls.len() + self.ranges.len() + self.comments.len())
    }

    /// An element begins; its kind where it records a tracked change.
    pub(super) fn open(
        &mut self,
        tag: &BytesStart<'_>,
        name: &str,
        parent: Within,
        spot: usize,
    ) -> Option<ChangeKind> {
        let kind = change_kind(name, parent);
        if let Some(kind) = kind {
            let marks = parent == Within::MarkProperties && kind != ChangeKind::Formatted;
            let change = ReadChange {
                kind,
                author: attribute(tag, "author").unwrap_or_default(),
                date: attribute(tag, "date"),
                text: if marks {
                    "\n".to_owned()
                } else {
                    String::new()
                },
                line: 0,
            };
            if parent.is_structure() {
                self.open_changes.push(self.changes.len());
            }
            self.changes.push((change, spot));
            return Some(kind);
        }
        match (name, parent) {
            ("sdt", _) if parent.is_structure() => {
                self.begin_control(spot);
            }
            ("checked", Within::Properties) => {
                if let Some(control) = self.control().filter(|c| c.kind == ControlKind::CheckBox) {
                    control.checked = Some(is_on(tag));
                }
            }
            ("listItem", Within::Properties) => {
                let value = attribute(tag, "value");
                // An entry without a value asks to choose.
                let asks = value.as_deref() == Some("");
                let shown = attribute(tag, "displayText").or(value).filter(|_| !asks);
                if let Some(ControlKind::DropDown(items)) = self.control().map(|c| &mut c.kind) {
                    items.extend(shown);
                }
            }
            (_, Within::ControlProperties) => {
                if let Some(control) = self.control() {
                    property(control, tag, name);
                }
            }
            ("commentRangeStart", _) => {
                let start = self.said.len();
                self.range(
                    tag,
                    CommentRange {
                        spot,
                        start,
                        end: None,
                    },
                );
            }
            ("commentRangeEnd", _) => {
                let end = self.said.len();
                if let Some(range) = attribute(tag, "id").and_then(|id| self.ranges.get_mut(&id)) {
                    range.end.get_or_insert(end);
                }
            }
            ("commentReference", _) => {
                let start = self.said.len();
                self.range(
                    tag,
                    CommentRange {
                        spot,
                        start,
                        end: Some(start),
                    },
                );
            }
            ("comment", _) => {
                self.note_id = attribute(tag, "id");
                self.comments.push(CommentHead {
                    id: self.note_id.clone().unwrap_or_default(),
                    author: attribute(tag, "author").unwrap_or_default(),
                    initials: attribute(tag, "initials").unwrap_or_default(),
                    date: attribute(tag, "date"),
                });
            }
            ("footnote" | "endnote", _) => self.note_id = attribute(tag, "id"),
            _ => {}
        }
        None
    }

    /// An element ends.
    pub(super) fn close(&mut self, here: Within, name: &str, parent: Within) {
        if !parent.is_structure() {
            return;
        }
        if here == Within::OtherSide || change_kind(name, parent).is_some() {
            self.open_changes.pop();
        } else if name == "sdt"
            && let Some(open) = self.open_controls.last()
        {
            self.end_control(*open);
        }
    }

    /// A control begins; what stands before it in its paragraph is told by [`Anchored::stands_after`].
    pub(super) fn begin_control(&mut self, spot: usize) -> usize {
        let number = self.controls.len();
        self.controls.push(OpenControl {
            control: ReadControl {
                tag: None,
                alias: None,
                kind: ControlKind::Text,
                text: String::new(),
                placeholder: false,
                checked: None,
                line: 0,
                span: None,
            },
            spot,
            start: self.said.len(),
            end: self.said.len(),
            outer: self.innermost(),
            at: 0,
        });
        self.open_controls.push(number);
        number
    }

    pub(super) fn end_control(&mut self, number: usize) {
        self.open_controls.retain(|open| *open != number);
        let end = self.said.len();
        if let Some(control) = self.controls.get_mut(number) {
            control.end = end;
        }
    }

    /// The innermost control that is open.
    pub(super) fn innermost(&self) -> Option<usize> {
        self.open_controls.last().copied()
    }

    /// Says how many inlines stand before the innermost control.
    pub(super) fn stands_after(&mut self, inlines: usize) {
        if let Some(open) = self.innermost() {
            self.controls[open].at = inlines;
        }
    }

    /// The innermost control, its spot, and the inlines before it, where no words were said in it.
    pub(super) fn silent(&self) -> Option<(&ReadControl, usize, usize)> {
        let open = &self.controls[self.innermost()?];
        let said = self.said.get(open.start..).unwrap_or_default();
        said.trim()
            .is_empty()
            .then_some((&open.control, open.spot, open.at))
    }

    pub(super) fn control_at(&mut self, number: usize) -> Option<&mut ReadControl> {
        self.controls.get_mut(number).map(|open| &mut open.control)
    }

    /// What settling the words needs to know of the controls.
    pub(super) fn held(&self) -> Vec<Held> {
        self.controls
            .iter()
            .map(|open| Held {
                outer: open.outer,
                prompts: open.control.placeholder && open.control.kind != ControlKind::CheckBox,
            })
            .collect()
    }

    /// Words of either side: they belong to the innermost change around them.
    pub(super) fn words(&mut self, words: &str) {
        if let Some((change, _)) = self
            .open_changes
            .last()
            .and_then(|open| self.changes.get_mut(*open))
        {
            change.text.push_str(words);
        }
    }

    /// Words of the side that is read.
    pub(super) fn visible(&mut self, words: &str) {
        if words != "\n" || !self.said.ends_with('\n') {
            self.said.push_str(words);
        }
    }

    fn control(&mut self) -> Option<&mut ReadControl> {
        self.control_at(self.innermost()?)
    }

    fn range(&mut self, tag: &BytesStart<'_>, range: CommentRange) {
        if let Some(id) = attribute(tag, "id") {
            self.ranges.entry(id).or_insert(range);
        }
    }

    /// Where a comment stands, and the words it stands at.
    pub(super) fn quoted(&self, id: &str) -> Option<(usize, String)> {
        let range = self.ranges.get(id)?;
        let end = range.end.unwrap_or(range.start);
        Some((
            range.spot,
            quote(&self.said, &self.quoted, range.start, end),
        ))
    }

    /// The changes and controls, each on the line of its spot, the controls at their places.
    pub(super) fn finish(
        self,
        line: impl Fn(usize) -> usize,
        spans: &[Option<Span>],
    ) -> (Vec<ReadChange>, Vec<ReadControl>) {
        let (said, quoted) = (self.said, self.quoted);
        let changes = self.changes.into_iter().map(|(change, spot)| ReadChange {
            line: line(spot),
            ..change
        });
        let controls = self
            .controls
            .into_iter()
            .enumerate()
            .map(|(number, open)| ReadControl {
                text: quote(&said, &quoted, open.start, open.end),
                line: line(open.spot),
                span: spans.get(number).copied().flatten(),
                ..open.control
            });
        (changes.collect(), controls.collect())
    }
}

/// Words between two places, cut where they are long.
fn quote(said: &str, quoted: &Cell<usize>, start: usize, end: usize) -> String {
    let room = LONGEST_QUOTE.min(MOST_QUOTED.saturating_sub(quoted.get()));
    let end = end.min(start + room).min(said.len());
    quoted.set(quoted.get() + end.saturating_sub(start));
    let end = (start..=end).rev().find(|end| said.is_char_boundary(*end));
    end.and_then(|end| said.get(start..end))
        .unwrap_or_default()
        .trim()
        .to_owned()
}

fn change_kind(name: &str, parent: Within) -> Option<ChangeKind> {
    let kind = match name {
        "ins" | "cellIns" => ChangeKind::Inserted,
        "del" | "cellDel" => ChangeKind::Deleted,
        "moveFrom" => ChangeKind::MovedFrom,
        "moveTo" => ChangeKind::MovedTo,
        "cellMerge" => ChangeKind::Formatted,
        name if name.ends_with("PrChange") || name == "tblPrExChange" => ChangeKind::Formatted,
        _ => return None,
    };
    match parent {
        Within::Past => None,
        // A number that came or went by itself is a matter of looks.
        Within::ListProperties => Some(ChangeKind::Formatted),
        _ => Some(kind),
    }
}

fn property(control: &mut ReadControl, tag: &BytesStart<'_>, name: &str) {
    match name {
        "tag" => control.tag = value(tag).filter(|tag| !tag.is_empty()),
        "alias" => control.alias = value(tag).filter(|alias| !alias.is_empty()),
        "showingPlcHdr" => control.placeholder = is_on(tag),
        "text" | "richText" => control.kind = ControlKind::Text,
        "date" => control.kind = ControlKind::Date,
        "dropDownList" | "comboBox" => control.kind = ControlKind::DropDown(Vec::new()),
        "checkbox" => control.kind = ControlKind::CheckBox,
        "picture"
        | "group"
        | "citation"
        | "bibliography"
        | "equation"
        | "docPartObj"
        | "docPartList"
        | "repeatingSection"
        | "repeatingSectionItem" => {
            control.kind = ControlKind::Other;
        }
        _ => {}
    }
}
