//! The body of a Word file as blocks.

use moqi_document::{Block, BlockKind, Cell, HeadingStyle, Inline, InlineKind, Marks, Span, Table};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::ReadError;
use super::archive::Parts;
use super::levels::{self, Place};
use super::styles::{Listed, Styles};
use crate::warned::{Warning, WarningKind};

/// Elements inside one another; a real document stays below 40.
const DEEPEST: usize = 256;

/// An XML part, read event by event with a limit of depth and without a document type.
pub(super) struct Xml<'a> {
    part: &'static str,
    reader: Reader<&'a [u8]>,
    depth: usize,
}

impl<'a> Xml<'a> {
    pub(super) fn new(part: &'static str, bytes: &'a [u8]) -> Xml<'a> {
        let mut reader = Reader::from_reader(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
        reader.config_mut().check_end_names = true;
        Xml {
            part,
            reader,
            depth: 0,
        }
    }

    /// The next event, or `None` at the end of a whole part.
    pub(super) fn next(&mut self) -> Result<Option<Event<'a>>, ReadError> {
        let bad = |why: String| ReadError::BadXml {
            part: self.part.to_owned(),
            why,
        };
        let event = self
            .reader
            .read_event()
            .map_err(|error| bad(error.to_string()))?;
        match &event {
            Event::Start(_) => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(bad("its elements are nested too deeply".into()));
                }
            }
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            Event::DocType(_) => return Err(bad("it declares a document type".into())),
            Event::Eof if self.depth > 0 => return Err(bad("it ends in the middle".into())),
            Event::Eof => return Ok(None),
            _ => {}
        }
        Ok(Some(event))
    }
}

/// The value of an attribute by its local name.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag
        .attributes()
        .flatten()
        .find(|found| found.key.local_name().as_ref() == name)?;
    let raw = found.value;
    Some(
        quick_xml::escape::unescape(&raw)
            .map(|words| words.into_owned())
            .unwrap_or_else(|_| raw.clone().into_owned()),
    )
}

/// Reads the body and the footnotes it refers to.
pub(super) fn blocks(
    parts: &Parts,
    styles: &Styles,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<Block>, ReadError> {
    let body = parts.get("word/document.xml").ok_or(ReadError::NotWord)?;
    let mut flow = Flow::new(styles);
    flow.read("word/document.xml", body)?;
    if !flow.seen_body {
        return Err(ReadError::NotWord);
    }
    levels::settle(&mut flow.blocks, &flow.places);
    let notes = parts
        .get("word/footnotes.xml")
        .filter(|_| !flow.notes.is_empty());
    if let Some(part) = notes {
        let mut reading = Flow::new(styles);
        reading.read("word/footnotes.xml", part)?;
        for (label, content) in reading.footnotes {
            if flow.notes.contains(&label) {
                flow.blocks
                    .push(plain_block(BlockKind::Footnote { label, content }));
            }
        }
    }
    if flow.drawings > 0 {
        warnings.push(Warning {
            span: None,
            kind: WarningKind::LeftOut {
                what: "drawing",
                count: flow.drawings,
            },
        });
    }
    if flow.deleted > 0 {
        warnings.push(Warning {
            span: None,
            kind: WarningKind::LeftOut {
                what: "deletion",
                count: flow.deleted,
            },
        });
    }
    Ok(flow.blocks)
}

fn plain_block(kind: BlockKind) -> Block {
    Block {
        kind,
        id: None,
        span: Span::default(),
    }
}

/// What stands between words of two paragraphs that are read as one.
fn blank() -> Inline {
    Inline {
        kind: InlineKind::Text(" ".into()),
        marks: Marks::default(),
        span: Span::default(),
    }
}

/// What is known of the paragraph being read.
#[derive(Default)]
struct Paragraph {
    style: Option<String>,
    listed: Option<Listed>,
    /// A direct `numId` of 0 takes the number of the style away.
    unlisted: bool,
    outline: Option<u8>,
    content: Vec<Inline>,
    breaks_page: bool,
}

/// A table being read; tables inside its cells are read as lines of text.
#[derive(Default)]
struct OpenTable {
    rows: Vec<Vec<Cell>>,
    cell: Vec<Inline>,
    span: usize,
}

struct Flow<'a> {
    styles: &'a Styles,
    blocks: Vec<Block>,
    paragraphs: Vec<Paragraph>,
    tables: Vec<OpenTable>,
    marks: Marks,
    /// Inside run properties, where `b` and `i` are marks.
    in_run_properties: bool,
    /// Depth of elements whose text is not part of the text.
    hidden: usize,
    in_text: bool,
    /// Inside properties as they were before a tracked change of format.
    past: usize,
    notes: Vec<String>,
    note: Option<String>,
    footnotes: Vec<(String, Vec<Inline>)>,
    drawings: usize,
    deleted: usize,
    seen_body: bool,
    /// Headings and items, whose levels are settled at the end.
    places: Vec<Place>,
}

impl<'a> Flow<'a> {
    fn new(styles: &'a Styles) -> Flow<'a> {
        Flow {
            styles,
            blocks: Vec::new(),
            paragraphs: Vec::new(),
            tables: Vec::new(),
            marks: Marks::default(),
            in_run_properties: false,
            hidden: 0,
            in_text: false,
            past: 0,
            notes: Vec::new(),
            note: None,
            footnotes: Vec::new(),
            drawings: 0,
            deleted: 0,
            seen_body: false,
            places: Vec::new(),
        }
    }

    fn read(&mut self, name: &'static str, part: &[u8]) -> Result<(), ReadError> {
        let mut xml = Xml::new(name, part);
        while let Some(event) = xml.next()? {
            match event {
                Event::Start(tag) => self.open(&tag, false),
                Event::Empty(tag) => {
                    self.open(&tag, true);
                    self.close(tag.local_name().as_ref());
                }
                Event::End(tag) => self.close(tag.local_name().as_ref()),
                Event::Text(words) if self.in_text => self.text(&words.xml10_content()),
                Event::GeneralRef(name) if self.in_text => self.entity(&name.xml10_content()),
                Event::CData(words) if self.in_text => self.text(&words.xml10_content()),
                _ => {}
            }
        }
        Ok(())
    }

    fn open(&mut self, tag: &BytesStart<'_>, empty: bool) {
        let local = tag.local_name();
        let name = local.as_ref();
        self.past += usize::from(name.ends_with("PrChange"));
        if self.past > 0 {
            return;
        }
        match name {
            "body" => self.seen_body = true,
            "p" => self.paragraphs.push(Paragraph::default()),
            "tbl" => self.tables.push(OpenTable::default()),
            "tr" => self.row(),
            "tc" => self.cell(),
            "gridSpan" => {
                if let Some(table) = self.tables.last_mut() {
                    table.span = attribute(tag, "val")
                        .and_then(|value| value.parse().ok())
                        .unwrap_or(1)
                        .clamp(1, 64);
                }
            }
            "rPr" => self.in_run_properties = true,
            "r" => self.marks = Marks::default(),
            "b" if self.in_run_properties => self.marks.strong = is_on(tag),
            "i" if self.in_run_properties => self.marks.emphasis = is_on(tag),
            "strike" if self.in_run_properties => self.marks.strike = is_on(tag),
            "pStyle" => self.with_paragraph(|p| p.style = attribute(tag, "val")),
            "outlineLvl" => self.with_paragraph(|p| {
                p.outline = attribute(tag, "val").and_then(|value| value.parse().ok())
            }),
            "numId" => self.with_paragraph(|p| {
                match attribute(tag, "val").and_then(|value| value.parse::<u32>().ok()) {
                    Some(0) => p.unlisted = true,
                    Some(number) => {
                        p.listed = Some(Listed {
                            number,
                            level: p.listed.map_or(0, |listed| listed.level),
                        })
                    }
                    None => {}
                }
            }),
            "ilvl" => self.with_paragraph(|p| {
                let level = attribute(tag, "val")
                    .and_then(|value| value.parse().ok())
                    .unwrap_or(0);
                p.listed = Some(Listed {
                    number: p.listed.map_or(0, |listed| listed.number),
                    level,
                });
            }),
            "t" => self.in_text = !empty && self.hidden == 0,
            "tab" if !self.in_run_properties && !self.paragraphs.is_empty() => self.text(" "),
            "noBreakHyphen" => self.text("-"),
            "cr" => self.atom(InlineKind::Break),
            "ptab" => self.text(" "),
            "br" => {
                if attribute(tag, "type").as_deref() == Some("page") {
                    self.with_paragraph(|p| p.breaks_page = true);
                } else {
                    self.atom(InlineKind::Break);
                }
            }
            "footnoteReference" => {
                if let Some(label) = attribute(tag, "id") {
                    self.notes.push(label.clone());
                    self.atom(InlineKind::FootnoteRef(label));
                }
            }
            "footnote" => {
                self.note = attribute(tag, "id");
                if let Some(label) = &self.note {
                    self.footnotes.push((label.clone(), Vec::new()));
                }
            }
            "drawing" | "pict" | "object" => {
                self.drawings += usize::from(self.hidden == 0);
                self.hidden += 1;
            }
            "del" | "moveFrom" if !self.in_run_properties => {
                self.deleted += usize::from(self.hidden == 0 && !empty);
                self.hidden += 1;
            }
            "instrText" | "delText" | "Fallback" => self.hidden += 1,
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        if self.past > 0 {
            self.past -= usize::from(name.ends_with("PrChange"));
            return;
        }
        match name {
            "p" => self.end_paragraph(),
            "tbl" => self.end_table(),
            "tc" => self.end_cell(),
            "rPr" => self.in_run_properties = false,
            "t" => self.in_text = false,
            "footnote" => self.note = None,
            "del" | "moveFrom" if !self.in_run_properties => {
                self.hidden = self.hidden.saturating_sub(1)
            }
            "drawing" | "pict" | "object" | "instrText" | "delText" | "Fallback" => {
                self.hidden = self.hidden.saturating_sub(1);
            }
            _ => {}
        }
    }

    fn with_paragraph(&mut self, change: impl FnOnce(&mut Paragraph)) {
        if let Some(paragraph) = self.paragraphs.last_mut() {
            change(paragraph);
        }
    }

    fn text(&mut self, words: &str) {
        if self.hidden == 0 {
            self.atom(InlineKind::Text(words.to_owned()));
        }
    }

    fn entity(&mut self, name: &str) {
        if let Ok(words) = quick_xml::escape::unescape(&format!("&{name};")) {
            self.text(&words);
        }
    }

    fn atom(&mut self, kind: InlineKind) {
        let marks = self.marks.clone();
        if self.hidden == 0 {
            self.with_paragraph(|p| {
                p.content.push(Inline {
                    kind,
                    marks,
                    span: Span::default(),
                })
            });
        }
    }

    fn end_paragraph(&mut self) {
        let Some(paragraph) = self.paragraphs.pop() else {
            return;
        };
        let Paragraph {
            style,
            listed,
            unlisted,
            outline,
            content,
            breaks_page,
        } = paragraph;
        let content = super::tidy::tidy(content);
        if let Some((_, note)) = self.footnotes.last_mut().filter(|_| self.note.is_some()) {
            if !note.is_empty() && !content.is_empty() {
                note.push(blank());
            }
            note.extend(content);
            return;
        }
        if let Some(table) = self.tables.last_mut() {
            if !table.cell.is_empty() && !content.is_empty() {
                table.cell.push(Inline {
                    kind: InlineKind::Break,
                    marks: Marks::default(),
                    span: Span::default(),
                });
            }
            table.cell.extend(content);
            return;
        }
        if breaks_page {
            self.blocks.push(plain_block(BlockKind::PageBreak));
        }
        if content.is_empty() {
            return;
        }
        let style = style.unwrap_or_default();
        let listed = listed
            .filter(|listed| listed.number > 0)
            .or_else(|| self.styles.listed(&style))
            .filter(|_| !unlisted);
        let ordered = listed.and_then(|listed| self.styles.ordered(listed));
        let heading = outline
            .filter(|level| *level < 9)
            .map(|level| level + 1)
            .or_else(|| self.styles.heading(&style));
        let kind = match (heading, listed, ordered) {
            (Some(0), ..) => BlockKind::Title(unbold(content)),
            (Some(level), ..) => {
                let style = if ordered == Some(true) {
                    HeadingStyle::Numbered
                } else {
                    HeadingStyle::Plain
                };
                self.place(listed.filter(|_| ordered == Some(true)));
                BlockKind::Heading {
                    level: level.clamp(1, 5),
                    style,
                    content: unbold(content),
                }
            }
            (None, Some(listed), Some(ordered)) => {
                self.place(Some(listed));
                BlockKind::Item {
                    depth: listed.level.min(7),
                    ordered,
                    content,
                }
            }
            _ => BlockKind::Paragraph {
                depth: 0,
                quote: false,
                content,
            },
        };
        self.blocks.push(plain_block(kind));
    }

    /// Remembers that the next block is a heading or an item, and its list.
    fn place(&mut self, listed: Option<Listed>) {
        let list = listed.and_then(|listed| Some((self.styles.definition(listed)?, listed)));
        self.places.push(Place {
            block: self.blocks.len(),
            list,
        });
    }

    fn row(&mut self) {
        if let Some(table) = self.tables.last_mut() {
            table.rows.push(Vec::new());
        }
    }

    fn cell(&mut self) {
        if let Some(table) = self.tables.last_mut() {
            table.cell.clear();
            table.span = 1;
        }
    }

    fn end_cell(&mut self) {
        let Some(table) = self.tables.last_mut() else {
            return;
        };
        let content = std::mem::take(&mut table.cell);
        let span = table.span;
        let Some(row) = table.rows.last_mut() else {
            return;
        };
        row.push(Cell {
            content,
            span: Span::default(),
        });
        row.extend((1..span).map(|_| Cell {
            content: Vec::new(),
            span: Span::default(),
        }));
    }

    fn end_table(&mut self) {
        let Some(OpenTable { mut rows, .. }) = self.tables.pop() else {
            return;
        };
        if let Some(outer) = self.tables.last_mut() {
            // A table inside a cell becomes lines of that cell, so that no word is lost.
            for cell in rows.into_iter().flatten() {
                outer.cell.extend(cell.content);
                outer.cell.push(blank());
            }
            return;
        }
        rows.retain(|row| !row.is_empty());
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        if columns == 0 {
            return;
        }
        for row in &mut rows {
            row.resize_with(columns, || Cell {
                content: Vec::new(),
                span: Span::default(),
            });
        }
        self.blocks.push(plain_block(BlockKind::Table(Table {
            align: vec![Default::default(); columns],
            rows,
        })));
    }
}

/// A heading is bold by its style; marks of the whole say nothing more.
fn unbold(mut content: Vec<Inline>) -> Vec<Inline> {
    if content.iter().all(|inline| inline.marks.strong) {
        content
            .iter_mut()
            .for_each(|inline| inline.marks.strong = false);
    }
    content
}

/// A switch is on unless it says otherwise.
fn is_on(tag: &BytesStart<'_>) -> bool {
    !matches!(
        attribute(tag, "val").as_deref(),
        Some("0" | "false" | "off" | "none")
    )
}
