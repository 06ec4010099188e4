//! Through the elements of a part: its paragraphs and tables, and what is anchored in them.
//!
//! One walk goes through the body, the notes, the comments and the headers, so that spots are unique in a file.

mod fields;
mod properties;
mod words;

use std::collections::HashMap;

use moqi_document::{InlineKind, Marks};
use quick_xml::events::{BytesStart, Event};

use super::ReadError;
use super::anchored::{Anchored, Within};
use super::contents::Contents;
use super::field::Field;
use super::found::Changes;
use super::package::Relation;
use super::pins::{Mark, Pins};
use super::story::{Grid, GridCell, Paragraph, Piece, Shape, Story};
use super::symbol::Font;
use super::xml::{Xml, attribute};

/// Bytes of words and addresses of one file; a contract of 100 pages has 300,000.
const MOST_WORDS: usize = 16 << 20;
/// Inlines, paragraphs (four each), cells, changes, controls, signs that are escaped, of one file. They take 350 bytes each
/// at most.
const MOST_THINGS: usize = 1_000_000;

/// A note or comment: its id, its words, and the last `paraId` in it.
pub(super) struct Note {
    pub(super) id: String,
    pub(super) pieces: Vec<Piece>,
    pub(super) last_paragraph: Option<String>,
}

/// Which note a reference means.
pub(super) type NoteKey = (NoteKind, String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum NoteKind {
    Footnote,
    Endnote,
}

/// How many things were met that the text cannot hold.
#[derive(Default)]
pub(super) struct LeftOut {
    pub(super) drawings: usize,
    pub(super) changed: usize,
    pub(super) equations: usize,
    pub(super) hidden_runs: usize,
    pub(super) unsafe_links: Vec<String>,
    /// Signs of fonts that are not known here.
    pub(super) symbols: usize,
}

/// Where a link element leads.
#[derive(Default)]
struct Link {
    address: Option<String>,
    aim: Option<usize>,
}

/// Characters with their reading beside them.
struct Ruby {
    /// Marks of the run around it.
    marks: Marks,
    reading: String,
    /// Inside the reading.
    reads: bool,
}

/// A reference to a header or footer.
pub(super) struct MarginRef {
    pub(super) header: bool,
    pub(super) pages: Option<String>,
    pub(super) relation: Option<String>,
    pub(super) section: usize,
}

pub(super) struct Walk<'a> {
    side: Changes,
    styles: &'a super::styles::Styles,
    relations: &'a HashMap<String, Relation>,
    stories: Vec<Story>,
    /// What the open elements are, as far as it matters to those inside.
    within: Vec<Within>,
    /// Depth inside an element that is passed over.
    skip: usize,
    /// For each open `AlternateContent`, whether one of its forms was taken.
    alternatives: Vec<bool>,
    /// Depth of elements whose words belong to the other side of the changes.
    hidden: usize,
    marks: Marks,
    font: Font,
    vanishes: bool,
    in_text: bool,
    /// Inside `w:delText`.
    in_deleted: bool,
    in_instruction: bool,
    fields: Vec<Field>,
    /// For each open field in one element, how many fields were open before it.
    simple: Vec<usize>,
    links: Vec<Link>,
    rubies: Vec<Ruby>,
    /// Depth of drawings, and whether the outermost has words.
    drawing: usize,
    drawing_speaks: bool,
    spots: usize,
    section: usize,
    words: usize,
    things: usize,
    seen_body: bool,
    last_paragraph: Option<String>,
    pub(super) anchored: Anchored,
    pub(super) pins: Pins,
    pub(super) notes: Vec<Note>,
    /// References to notes in reading order.
    pub(super) references: Vec<NoteKey>,
    labels: HashMap<NoteKey, String>,
    pub(super) margins: Vec<MarginRef>,
    pub(super) left_out: LeftOut,
    pub(super) contents: Contents,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        side: Changes,
        styles: &'a super::styles::Styles,
        relations: &'a HashMap<String, Relation>,
    ) -> Walk<'a> {
        Walk {
            side,
            styles,
            relations,
            stories: Vec::new(),
            within: Vec::new(),
            skip: 0,
            alternatives: Vec::new(),
            hidden: 0,
            marks: Marks::default(),
            font: Font::default(),
            vanishes: false,
            in_text: false,
            in_deleted: false,
            in_instruction: false,
            fields: Vec::new(),
            simple: Vec::new(),
            links: Vec::new(),
            rubies: Vec::new(),
            drawing: 0,
            drawing_speaks: false,
            spots: 0,
            section: 1,
            words: 0,
            things: 0,
            seen_body: false,
            last_paragraph: None,
            anchored: Anchored::default(),
            pins: Pins::default(),
            notes: Vec::new(),
            references: Vec::new(),
            labels: HashMap::new(),
            margins: Vec::new(),
            contents: Contents::default(),
            left_out: LeftOut::default(),
        }
    }

    /// Reads the body.
    pub(super) fn body(&mut self, name: &str, part: &[u8]) -> Result<Vec<Piece>, ReadError> {
        let pieces = self.part(name, part)?;
        if self.seen_body {
            Ok(pieces)
        } else {
            Err(ReadError::NotWord)
        }
    }

    /// Reads a header, a footer, or notes, which are put into `notes`.
    pub(super) fn part(&mut self, name: &str, part: &[u8]) -> Result<Vec<Piece>, ReadError> {
        self.stories = vec![Story::begin(0)];
        self.within.clear();
        (self.skip, self.hidden, self.drawing) = (0, 0, 0);
        (self.in_text, self.in_deleted, self.in_instruction) = (false, false, false);
        self.alternatives.clear();
        self.fields.clear();
        self.simple.clear();
        self.links.clear();
        self.rubies.clear();
        self.anchored.part();
        self.last_paragraph = None;
        let mut xml = Xml::new(name, part);
        while let Some(event) = xml.next()? {
            match event {
                Event::Start(tag) => self.open(&tag)?,
                Event::Empty(tag) => {
                    self.open(&tag)?;
                    self.close(tag.local_name().as_ref());
                }
                Event::End(tag) => self.close(tag.local_name().as_ref()),
                Event::Text(words) if self.listens() => self.text(&words.xml10_content()),
                Event::CData(words) if self.listens() => self.text(&words.xml10_content()),
                Event::GeneralRef(name) if self.listens() => {
                    let name = name.xml10_content();
                    if let Ok(words) = quick_xml::escape::unescape(&format!("&{name};")) {
                        self.text(&words);
                    }
                }
                _ => {}
            }
            if self.words > MOST_WORDS {
                return Err(ReadError::TooLarge("it has more than 16 MB of words"));
            }
            if self.things + self.anchored.len() > MOST_THINGS {
                return Err(ReadError::TooLarge(
                    "it has more paragraphs and runs than a document can hold",
                ));
            }
        }
        // Well-formed XML closes all it opens, so one story is left.
        Ok(self.stories.pop().map(Story::end).unwrap_or_default())
    }

    /// Paragraphs met so far: spots below this number belong to them.
    pub(super) fn spots(&self) -> usize {
        self.spots
    }

    fn listens(&self) -> bool {
        self.skip == 0 && (self.in_text || self.in_deleted || self.in_instruction)
    }

    fn story(&mut self) -> Option<&mut Story> {
        self.stories.last_mut()
    }

    fn paragraph(&mut self) -> Option<&mut Paragraph> {
        self.story()?.open.last_mut()
    }

    fn with_paragraph(&mut self, change: impl FnOnce(&mut Paragraph)) {
        if let Some(paragraph) = self.paragraph() {
            change(paragraph);
        }
    }

    /// Where the next words stand: the open paragraph, else the next.
    fn spot(&self) -> usize {
        let open = self.stories.iter().rev().find_map(|story| {
            let paragraph = story.open.last()?;
            paragraph.spots.last().copied()
        });
        open.unwrap_or(self.spots)
    }

    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), ReadError> {
        if self.skip > 0 {
            self.skip += 1;
            return Ok(());
        }
        let local = tag.local_name();
        let name = local.as_ref();
        let parent = self.within.last().copied().unwrap_or_default();
        let here = Within::of(name, parent);
        self.within.push(here);
        let spot = self.spot();
        if let Some(kind) = self.anchored.open(tag, name, parent, spot) {
            self.changed(kind, parent, name);
            return Ok(());
        }
        if name == "sdt" && parent.is_structure() {
            let at = self.inlines();
            self.anchored.stands_after(at);
        }
        match here {
            Within::Run => {
                self.marks = Marks::default();
                self.font = Font::default();
                self.vanishes = false;
            }
            Within::Past => return Ok(()),
            _ => {}
        }
        match parent {
            Within::RunProperties => self.run_property(tag, name),
            Within::ParagraphProperties | Within::ListProperties => {
                self.paragraph_property(tag, name);
            }
            Within::CellProperties => self.cell_property(tag, name),
            Within::RowProperties => self.row_property(tag, name),
            Within::FormData => self.form_data(tag, name),
            _ => self.structure(tag, name),
        }
        Ok(())
    }

    /// Elements that hold or are words.
    fn structure(&mut self, tag: &BytesStart<'_>, name: &str) {
        match name {
            "body" => self.seen_body = true,
            "p" => self.open_paragraph(tag),
            "tbl" => {
                self.things += 1;
                if let Some(story) = self.story() {
                    story.tables.push(Grid::default());
                }
            }
            "tr" => {
                self.things += 1;
                if let Some(table) = self.table() {
                    table.rows.push(Vec::new());
                    table.row_goes = false;
                    table.before = 0;
                }
            }
            "tc" | "txbxContent" | "footnote" | "endnote" | "comment" => {
                self.things += 1;
                self.drawing_speaks |= name == "txbxContent";
                let fields = self.fields.len();
                self.stories.push(Story::begin(fields));
            }
            "ffData" => self.begin_form(),
            "fldSimple" => self.simple_field(tag),
            "bookmarkStart" => {
                if let Some(name) = attribute(tag, "name").filter(|_| self.hidden == 0) {
                    self.things += 1;
                    self.words += name.len();
                    let (spot, notes) = (self.spot(), self.references.len());
                    self.pins.bookmark(&name, Mark { spot, notes });
                }
            }
            "ruby" => self.begin_ruby(),
            "rt" => {
                if let Some(ruby) = self.rubies.last_mut() {
                    ruby.reads = true;
                }
            }
            "t" => self.in_text = true,
            "delText" => self.in_deleted = true,
            "instrText" | "delInstrText" => self.in_instruction = true,
            "tab" | "ptab" => self.text(" "),
            "noBreakHyphen" => self.text("-"),
            "cr" => self.atom(InlineKind::Break),
            "br" => {
                if attribute(tag, "type").as_deref() == Some("page") {
                    self.page_break();
                } else {
                    self.atom(InlineKind::Break);
                }
            }
            "sym" => {
                let font = Font::of(attribute(tag, "font").as_deref());
                let sign = attribute(tag, "char")
                    .and_then(|code| u32::from_str_radix(&code, 16).ok())
                    .and_then(char::from_u32);
                if let Some(sign) = sign {
                    self.sign(font, sign);
                }
            }
            "footnoteReference" => self.note_reference(tag, NoteKind::Footnote),
            "endnoteReference" => self.note_reference(tag, NoteKind::Endnote),
            "fldChar" => self.field_character(tag),
            "hyperlink" => {
                let link = self.link_of(tag);
                self.links.push(link);
            }
            "drawing" | "pict" | "object" => {
                if self.drawing == 0 {
                    self.drawing_speaks = false;
                }
                self.drawing += 1;
            }
            "oMath" => self.left_out.equations += usize::from(self.hidden == 0),
            "AlternateContent" => self.alternatives.push(false),
            "Choice" | "Fallback" => {
                // The first form is what Word of today shows; both say the same words.
                if let Some(taken) = self.alternatives.last_mut()
                    && std::mem::replace(taken, true)
                {
                    self.pass_over();
                }
            }
            "headerReference" | "footerReference" => self.margins.push(MarginRef {
                header: name == "headerReference",
                pages: attribute(tag, "type"),
                relation: attribute(tag, "id"),
                section: self.section,
            }),
            _ => {}
        }
    }

    /// Passes over the element just opened.
    fn pass_over(&mut self) {
        self.within.pop();
        self.skip = 1;
    }

    fn table(&mut self) -> Option<&mut Grid> {
        self.story()?.tables.last_mut()
    }

    fn open_paragraph(&mut self, tag: &BytesStart<'_>) {
        let spot = self.spots;
        self.spots += 1;
        self.things += 4;
        if let Some(id) = attribute(tag, "paraId") {
            self.last_paragraph = Some(id);
        }
        if let Some(story) = self.story() {
            story.open.push(Paragraph {
                spots: vec![spot],
                ..Paragraph::default()
            });
        }
    }

    fn close(&mut self, name: &str) {
        if self.skip > 0 {
            self.skip -= 1;
            return;
        }
        let here = self.within.pop().unwrap_or_default();
        let parent = self.within.last().copied().unwrap_or_default();
        if name == "sdt" && parent.is_structure() && here != Within::OtherSide {
            self.end_control();
        }
        self.anchored.close(here, name, parent);
        if here == Within::OtherSide {
            self.hidden -= usize::from(self.hidden > 0);
            return;
        }
        if !parent.is_structure() {
            return;
        }
        match name {
            "p" => self.end_paragraph(),
            "t" => self.in_text = false,
            "delText" => self.in_deleted = false,
            "instrText" | "delInstrText" => self.in_instruction = false,
            "hyperlink" => drop(self.links.pop()),
            "fldSimple" => self.end_simple_field(),
            "ruby" => self.end_ruby(),
            "rt" => {
                if let Some(ruby) = self.rubies.last_mut() {
                    ruby.reads = false;
                }
            }
            "AlternateContent" => drop(self.alternatives.pop()),
            "tbl" => {
                if let Some(story) = self.story()
                    && let Some(grid) = story.tables.pop()
                {
                    story.piece(Piece::Table(grid));
                }
            }
            "tr" => {
                if let Some(table) = self.table()
                    && table.row_goes
                {
                    table.rows.pop();
                    self.left_out.changed += 1;
                }
            }
            "tc" | "txbxContent" | "footnote" | "endnote" | "comment" => self.end_story(name),
            "drawing" | "pict" | "object" => {
                self.drawing -= usize::from(self.drawing > 0);
                let silent = self.drawing == 0 && !self.drawing_speaks && self.hidden == 0;
                self.left_out.drawings += usize::from(silent);
            }
            _ => {}
        }
    }

    fn end_paragraph(&mut self) {
        for field in &mut self.fields {
            field.end_of_paragraph();
        }
        self.anchored.visible("\n");
        let Some(story) = self.story() else { return };
        let Some(paragraph) = story.open.pop() else {
            return;
        };
        let ends_section = paragraph.ends_section;
        if story.open.is_empty() {
            story.paragraph(paragraph);
        } else {
            story.piece(Piece::Paragraph(Box::new(paragraph)));
        }
        self.section += usize::from(ends_section);
    }

    fn end_story(&mut self, name: &str) {
        let Some(story) = self.stories.pop() else {
            return;
        };
        self.fields.truncate(story.fields);
        let shape = story.shape;
        let pieces = story.end();
        if matches!(name, "footnote" | "endnote" | "comment") {
            // The element is closed, but its id was kept when it was opened.
            let id = self.anchored.note_id.take().unwrap_or_default();
            self.notes.push(Note {
                id,
                pieces,
                last_paragraph: self.last_paragraph.take(),
            });
            return;
        }
        let Some(outer) = self.stories.last_mut() else {
            return;
        };
        let before = outer.tables.last().map_or(0, |table| table.before);
        let row = outer
            .tables
            .last_mut()
            .filter(|_| name == "tc")
            .and_then(|table| table.rows.last_mut());
        match row {
            Some(row) => {
                if row.is_empty() && before > 0 {
                    // A row that begins further right has an empty cell before it.
                    let shape = Shape {
                        span: before,
                        ..Shape::default()
                    };
                    row.push(GridCell {
                        shape,
                        ..GridCell::default()
                    });
                }
                row.push(GridCell { pieces, shape });
            }
            None => pieces.into_iter().for_each(|piece| outer.piece(piece)),
        }
    }
}
