//! Fields of the walk: where they lead, and those of a form; controls without words; readings beside characters.

use moqi_document::InlineKind;
use quick_xml::events::BytesStart;

use super::{Ruby, Walk};
use crate::read::field::{Field, Form, FormKind, Instruction};
use crate::read::found::{Changes, ControlKind};
use crate::read::pins::AimKind;
use crate::read::story::Paragraph;
use crate::read::xml::{attribute, is_on, number, value};

/// Fields inside one another; more are taken for damage, and their beginnings are passed over.
const DEEPEST_FIELD: usize = 64;
/// What stands in the text for a place without words.
const BLANK: &str = "____";

impl Walk<'_> {
    pub(super) fn field_character(&mut self, tag: &BytesStart<'_>) {
        let at = self.inlines();
        match attribute(tag, "fldCharType").as_deref() {
            Some("begin") if self.fields.len() < DEEPEST_FIELD => {
                self.fields.push(Field::begin(self.spot(), at));
            }
            Some("separate") => {
                let Some(field) = self.fields.pop() else {
                    return;
                };
                self.separate(field);
            }
            Some("end") => {
                let base = self.stories.last().map_or(0, |story| story.fields);
                if self.fields.len() > base {
                    self.end_field();
                }
            }
            _ => {}
        }
    }

    /// A field in one element: its instruction is an attribute, its result what stands inside.
    pub(super) fn simple_field(&mut self, tag: &BytesStart<'_>) {
        self.simple.push(self.fields.len());
        if self.fields.len() < DEEPEST_FIELD {
            let mut field = Field::begin(self.spot(), self.inlines());
            field.instruct(&attribute(tag, "instr").unwrap_or_default());
            self.separate(field);
        }
    }

    pub(super) fn end_simple_field(&mut self) {
        // What began inside and did not end, ends with it.
        let Some(outside) = self.simple.pop() else {
            return;
        };
        while self.fields.len() > outside {
            self.end_field();
        }
    }

    /// Inlines of the open paragraph.
    pub(super) fn inlines(&mut self) -> usize {
        self.paragraph().map_or(0, |p| p.content.len())
    }

    fn separate(&mut self, mut field: Field) {
        let spot = self.spot();
        self.drop_instruction(&field, spot);
        match field.instruction() {
            Instruction::Link(address) => field.link = self.safe(address),
            Instruction::Jump(bookmark) => field.aim = self.aim(AimKind::Link, &bookmark),
            Instruction::Reference(bookmark) => field.aim = self.aim(AimKind::Field, &bookmark),
            Instruction::Note(bookmark) => field.aim = self.aim(AimKind::Note, &bookmark),
            Instruction::Contents(levels) => (field.lists, field.levels) = (true, levels),
            Instruction::Other => {}
        }
        if field.levels.is_some() {
            // Tabs and spaces before a table of contents are no words that would keep its first paragraph.
            self.clear_blanks(spot, 0);
        }
        let at = self.inlines();
        field.separate(spot, at);
        self.fields.push(field);
    }

    /// A reference to a bookmark; none for an entry of a table of contents, which is made anew.
    pub(super) fn aim(&mut self, kind: AimKind, bookmark: &str) -> Option<usize> {
        if self.fields.iter().any(|field| field.lists) || bookmark.starts_with("_Toc") {
            return None;
        }
        self.things += 1;
        self.words += bookmark.len();
        self.pins.aim(kind, bookmark)
    }

    fn end_field(&mut self) {
        let spot = self.spot();
        if let Some(field) = self.fields.last()
            && !field.separated
            && field.spot == spot
        {
            let at = field.at;
            self.with_paragraph(|p| p.content.truncate(at));
        }
        if let Some(form) = self.fields.last_mut().and_then(|field| field.form.take()) {
            self.end_form(&form);
        }
        if let Some(Field {
            levels: Some(levels),
            spot: first,
            at,
            separated: true,
            ..
        }) = self.fields.pop()
            && self.stories.len() == 1
        {
            self.end_contents(first, at, spot, levels);
        }
    }

    /// A table of contents of the body goes; words before it, and those that follow in its last paragraph, stay.
    fn end_contents(&mut self, first: usize, at: usize, last: usize, levels: u8) {
        if first == last {
            self.with_paragraph(|p| p.content.truncate(at));
        } else {
            self.with_paragraph(|p| p.content.clear());
        }
        self.contents.met(first + usize::from(at > 0), last, levels);
    }

    /// Words between the beginning of a field and its result are part of the instruction.
    fn drop_instruction(&mut self, field: &Field, spot: usize) {
        if !field.separated && field.spot == spot {
            self.with_paragraph(|p| p.content.truncate(field.at));
        }
    }

    /// A field says that it is one of a form.
    pub(super) fn begin_form(&mut self) {
        let spot = self.spot();
        if self.hidden == 0
            && let Some(field) = self.fields.last_mut()
            && field.form.is_none()
        {
            field.form = Some(Form::new(self.anchored.begin_control(spot)));
        }
    }

    /// What a field of a form says of itself.
    pub(super) fn form_data(&mut self, tag: &BytesStart<'_>, name: &str) {
        let Some(form) = self.fields.last_mut().and_then(|field| field.form.as_mut()) else {
            return;
        };
        let Some(control) = self.anchored.control_at(form.control) else {
            return;
        };
        match name {
            "name" => control.tag = value(tag).filter(|name| !name.is_empty()),
            "type" if value(tag).is_some_and(|kind| kind.to_lowercase().contains("date")) => {
                control.kind = ControlKind::Date;
            }
            "checkBox" => (form.kind, control.kind) = (FormKind::CheckBox, ControlKind::CheckBox),
            "ddList" => {
                form.kind = FormKind::DropDown;
                control.kind = ControlKind::DropDown(Vec::new());
            }
            "listEntry" => {
                if let (ControlKind::DropDown(items), Some(item)) = (&mut control.kind, value(tag))
                {
                    self.things += 1;
                    self.words += item.len();
                    items.push(item);
                }
            }
            "checked" => form.state = Some(usize::from(is_on(tag))),
            "result" => form.state = number(tag),
            "default" => match form.kind {
                FormKind::CheckBox => form.default = usize::from(is_on(tag)),
                FormKind::DropDown => form.default = number(tag).unwrap_or(0),
                // The words of a text stand in its result.
                FormKind::Text => {}
            },
            _ => {}
        }
    }

    /// Shows what Word draws for a field of a form where the file has no words for it.
    fn end_form(&mut self, form: &Form) {
        let is_mute = self.anchored.innermost() == Some(form.control)
            && self.anchored.silent().is_some()
            && self.hidden == 0;
        let (spot, at) = self
            .fields
            .last()
            .map_or((self.spot(), 0), |field| (field.spot, field.at));
        if let Some(control) = self.anchored.control_at(form.control) {
            let shown = match (form.kind, &control.kind) {
                (FormKind::CheckBox, _) => {
                    control.checked = Some(form.state() > 0);
                    Some(if form.state() > 0 { "☒" } else { "☐" }.to_owned())
                }
                (FormKind::DropDown, ControlKind::DropDown(items)) => {
                    items.get(form.state()).cloned()
                }
                _ => None,
            };
            control.placeholder |= is_mute && shown.is_none();
            if is_mute && self.clear_blanks(spot, at) {
                match shown.filter(|shown| !shown.trim().is_empty()) {
                    Some(shown) => self.text(&shown),
                    None => self.silent(InlineKind::Text(BLANK.to_owned())),
                }
            }
        }
        self.anchored.end_control(form.control);
    }

    /// A control without words becomes a line to write on, one to tick an empty box.
    pub(super) fn end_control(&mut self) {
        let Some((control, spot, at)) = self.anchored.silent() else {
            return;
        };
        let (is_box, ticked) = (
            control.kind == ControlKind::CheckBox,
            control.checked == Some(true),
        );
        if self.hidden > 0 || control.kind == ControlKind::Other || !self.clear_blanks(spot, at) {
            return;
        }
        match (is_box, ticked) {
            (true, true) => self.text("☒"),
            (true, false) => self.text("☐"),
            (false, _) => self.silent(InlineKind::Text(BLANK.to_owned())),
        }
    }

    /// Takes the blanks after so many inlines of this paragraph away; false where there is more than blanks.
    fn clear_blanks(&mut self, spot: usize, at: usize) -> bool {
        if self.spot() != spot || self.drawing > 0 {
            return false;
        }
        let Some(Paragraph { content, .. }) = self.paragraph() else {
            return false;
        };
        let blank = content.get(at..).is_some_and(|rest| {
            rest.iter().all(
                |inline| matches!(&inline.kind, InlineKind::Text(text) if text.trim().is_empty()),
            )
        });
        if blank {
            content.truncate(at);
        }
        blank
    }

    pub(super) fn begin_ruby(&mut self) {
        self.rubies.push(Ruby {
            marks: self.marks.clone(),
            reading: String::new(),
            reads: false,
        });
    }

    /// The reading of characters follows them in brackets, as in print without room above the line.
    pub(super) fn end_ruby(&mut self) {
        let Some(ruby) = self.rubies.pop() else {
            return;
        };
        self.marks = ruby.marks;
        let reading = ruby.reading.trim();
        let is_gone = self.in_deleted && self.side == Changes::Accepted;
        if !reading.is_empty() && !is_gone {
            self.text(&format!("（{reading}）"));
        }
    }
}
