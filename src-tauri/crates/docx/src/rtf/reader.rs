//! The tokens of a file in order, and what each does.

use std::collections::BTreeMap;

use moqi_document::{Block, Marks};

use super::codepage::{self, Page};
use super::field::{Meaning, meaning};
use super::flow::Flow;
use super::state::{Destination, Group, State, character, group, set_shape};
use super::tables::Tables;
use super::tokens::{Token, Tokens};
use crate::read::ReadError;
use crate::read::raster::Vertical;
use crate::warned::{Warning, WarningKind};

/// Groups inside one another; a real file stays below 40.
const DEEPEST: usize = 256;
/// Bytes of a field's instruction that are kept.
const LONGEST_INSTRUCTION: usize = 8192;
/// Links to other places than the web that are named one by one.
const MOST_UNSAFE: usize = 100;

/// A field whose group is open.
struct Field {
    depth: usize,
    instruction: String,
}

/// What was read.
pub(super) struct Read {
    pub(super) blocks: Vec<Block>,
    pub(super) title: String,
    pub(super) warnings: Vec<Warning>,
}

/// Reads a file that begins with `{\rtf`.
pub(super) fn read(bytes: &[u8]) -> Result<Read, ReadError> {
    let mut reader = Reader::new();
    let mut tokens = Tokens::new(bytes);
    let mut ended = false;
    for token in tokens.by_ref() {
        if reader.token(token)? {
            ended = true;
            break;
        }
        if reader.flow.is_full() {
            break;
        }
    }
    // Blanks and zero bytes after the end are padding; anything else is words that could not be read.
    let rest = ended && tokens.any(|token| !is_padding(token));
    reader.finish(!ended || rest)
}

fn is_padding(token: Token<'_>) -> bool {
    match token {
        Token::Text(bytes) => bytes.iter().all(|b| b.is_ascii_whitespace() || *b == 0x1a),
        Token::Word("par", None) => true,
        _ => false,
    }
}

struct Reader {
    stack: Vec<State>,
    state: State,
    /// A group has begun and said nothing yet.
    head: bool,
    starred: bool,
    tables: Tables,
    flow: Flow,
    fields: Vec<Field>,
    /// Depths of the groups of open footnotes.
    notes: Vec<usize>,
    links: Vec<String>,
    title: String,
    /// Page of the whole file.
    page: Page,
    default_font: Option<i32>,
    /// Bytes not yet read as characters: a character may have two.
    bytes: Vec<u8>,
    /// Characters of the same look, not yet put anywhere.
    text: String,
    /// First half of a character beyond the first 65,536.
    high: Option<u16>,
    /// Characters still to leave out after a `\u`.
    spare: usize,
    left_out: BTreeMap<&'static str, usize>,
    /// What the last words were left out for, so that a run of them counts once.
    leaving: Option<&'static str>,
    unread: usize,
    unsafe_links: Vec<String>,
    /// The margin being read has words.
    margin_said: bool,
}

impl Reader {
    fn new() -> Reader {
        Reader {
            stack: Vec::new(),
            state: State::new(),
            head: false,
            starred: false,
            tables: Tables::default(),
            flow: Flow::default(),
            fields: Vec::new(),
            notes: Vec::new(),
            links: Vec::new(),
            title: String::new(),
            page: codepage::WESTERN,
            default_font: None,
            bytes: Vec::new(),
            text: String::new(),
            high: None,
            spare: 0,
            left_out: BTreeMap::new(),
            leaving: None,
            unread: 0,
            unsafe_links: Vec::new(),
            margin_said: false,
        }
    }

    /// Takes one token; true when the outermost group has ended.
    fn token(&mut self, token: Token<'_>) -> Result<bool, ReadError> {
        match token {
            Token::Open => self.open()?,
            Token::Close => return Ok(self.close()),
            // Most bytes of a file with pictures lie in groups that are left out.
            _ if self.state.destination == Destination::Skip => {}
            Token::Text(bytes) => {
                let spare = self.spare.min(bytes.len());
                self.spare -= spare;
                self.raw(&bytes[spare..]);
            }
            Token::Hex(byte) => {
                if self.spare > 0 {
                    self.spare -= 1;
                } else {
                    self.raw(&[byte]);
                }
            }
            Token::Binary => self.spare = self.spare.saturating_sub(1),
            Token::Symbol(symbol) => self.symbol(symbol),
            Token::Word(word, number) => self.word(word, number),
        }
        Ok(false)
    }

    fn open(&mut self) -> Result<(), ReadError> {
        self.flush();
        if self.stack.len() >= DEEPEST {
            return Err(ReadError::TooLarge("its groups are nested too deeply"));
        }
        self.stack.push(self.state);
        if self.state.destination == Destination::Styles {
            self.state.destination = Destination::Style;
        }
        self.head = true;
        self.starred = false;
        self.spare = 0;
        Ok(())
    }

    /// A group ends; true when it was the outermost.
    fn close(&mut self) -> bool {
        self.flush();
        self.head = false;
        self.spare = 0;
        let depth = self.stack.len();
        if self.fields.last().is_some_and(|field| field.depth == depth) {
            self.fields.pop();
        }
        if self.notes.last() == Some(&depth) {
            self.notes.pop();
            self.flow.end_note();
        }
        let Some(around) = self.stack.pop() else {
            return true;
        };
        let ended = std::mem::replace(&mut self.state, around);
        match ended.destination {
            Destination::Style if around.destination == Destination::Styles => {
                self.tables.end_style();
            }
            Destination::OldList if around.destination == Destination::Body => {
                self.state.shape.old_list = ended.shape.old_list;
                if around.shape.list == 0 {
                    self.state.shape.level = ended.shape.level;
                }
            }
            Destination::Margin(name)
                if around.destination == Destination::Body
                    && std::mem::take(&mut self.margin_said) =>
            {
                *self.left_out.entry(name).or_default() += 1;
            }
            _ => {}
        }
        self.stack.is_empty()
    }

    fn symbol(&mut self, symbol: u8) {
        if symbol == b'*' && self.head {
            self.starred = true;
            return;
        }
        self.head = false;
        if self.spare > 0 {
            self.spare -= 1;
            return;
        }
        match symbol {
            // Also the second byte of a character may be one of these.
            b'\\' | b'{' | b'}' => self.raw(&[symbol]),
            b'~' => self.say("\u{a0}"),
            b'_' => self.say("-"),
            b'\t' => self.say("\t"),
            _ => self.decode(),
        }
    }

    fn word(&mut self, word: &str, number: Option<i32>) {
        let said = character(word);
        if self.spare > 0 && said.is_some() {
            self.spare -= 1;
            return;
        }
        self.spare = 0;
        if word != "u" && said.is_none() {
            self.flush();
        }
        let first = std::mem::take(&mut self.head);
        let starred = std::mem::take(&mut self.starred);
        if first && let Some(group) = group(word, self.state.destination) {
            self.enter(group);
            return;
        }
        if starred {
            // A group marked so is for those who know it.
            self.state.destination = Destination::Skip;
            return;
        }
        if let Some(said) = said {
            self.say(said);
            return;
        }
        match (word, number) {
            ("u", Some(unit)) => return self.unit(unit),
            ("uc", Some(count)) => return self.state.spare = usize::try_from(count).unwrap_or(1),
            ("ansicpg", Some(page)) => return self.page = codepage::of_code_page(page),
            ("mac", _) => return self.page = codepage::of_code_page(10000),
            ("pc", _) => return self.page = codepage::of_code_page(437),
            ("pca", _) => return self.page = codepage::of_code_page(850),
            ("deff", _) => return self.default_font = number,
            _ => {}
        }
        match self.state.destination {
            Destination::Body => self.body_word(word, number),
            Destination::Fonts => self.tables.font_word(word, number),
            Destination::Style => self.tables.style_word(word, number),
            Destination::Lists => self.tables.list_word(word, number),
            Destination::Overrides => self.tables.override_word(word, number),
            Destination::OldList => self.old_list_word(word, number),
            _ => {}
        }
    }

    /// A group tells what it is.
    fn enter(&mut self, group: Group) {
        let depth = self.stack.len();
        match group {
            Group::To(Destination::Twice) => {
                self.state.outer = self.state.destination;
                self.state.destination = Destination::Twice;
            }
            Group::To(destination) => {
                self.state.destination = destination;
                if destination == Destination::OldList {
                    self.state.shape.old_list = None;
                }
            }
            Group::LeftOut(what) => {
                *self.left_out.entry(what).or_default() += 1;
                self.state.destination = Destination::Skip;
            }
            Group::Note => {
                self.notes.push(depth);
                self.flow.begin_note();
                self.state.shape = Default::default();
                self.state.look = Default::default();
                self.state.link = None;
            }
            Group::Field => self.fields.push(Field {
                depth,
                instruction: String::new(),
            }),
            Group::Result => self.result(),
            Group::Unicode => self.state.destination = self.state.outer,
            Group::Open => {}
        }
    }

    /// The result of a field begins.
    fn result(&mut self) {
        if self.state.destination != Destination::Body {
            return;
        }
        let Some(field) = self.fields.last() else {
            return;
        };
        match meaning(&field.instruction) {
            Meaning::Link(address) => {
                self.state.link = Some(self.links.len());
                self.links.push(address);
            }
            Meaning::Unsafe(address) => {
                if self.unsafe_links.len() < MOST_UNSAFE {
                    self.unsafe_links.push(address);
                }
            }
            Meaning::Symbol(picture) => {
                self.emit(picture.encode_utf8(&mut [0; 4]));
                self.state.destination = Destination::Skip;
            }
            Meaning::Words => {}
        }
    }

    fn body_word(&mut self, word: &str, number: Option<i32>) {
        let shape = self.state.shape;
        match word {
            // A paragraph whose mark is deleted goes on with the next one.
            "par" | "sect" if self.state.look.deleted => {}
            "par" | "sect" => self.flow.end_paragraph(shape, &self.tables),
            "line" | "lbr" => self.flow.line(),
            "page" => self.flow.page(shape, &self.tables),
            "cell" => self.flow.end_cell(),
            "nestcell" => self.flow.end_inner_cell(),
            "row" => self.flow.end_row(),
            "trowd" => self.flow.begin_row(),
            "clvmgf" => self.flow.vertical(Vertical::Begins),
            "clvmrg" => self.flow.vertical(Vertical::GoesOn),
            "clmrg" => self.flow.joins_left(),
            "cellx" => self.flow.edge(number.unwrap_or(0)),
            _ => {
                if !self.state.look.set(word, number) {
                    set_shape(&mut self.state.shape, word, number);
                }
            }
        }
    }

    fn old_list_word(&mut self, word: &str, number: Option<i32>) {
        let shape = &mut self.state.shape;
        match word {
            "pnlvlblt" => shape.old_list = Some(false),
            "pnlvlbody" => shape.old_list = Some(true),
            "pnlvl" => {
                shape.old_list = Some(true);
                let level = number.unwrap_or(1).clamp(1, 9) - 1;
                shape.level = u8::try_from(level).unwrap_or(0);
            }
            _ => {}
        }
    }

    /// Bytes of words.
    fn raw(&mut self, bytes: &[u8]) {
        self.head &= bytes.is_empty();
        for byte in bytes {
            match byte {
                // A line end written as a character is a paragraph mark.
                b'\r' | b'\n' => {
                    self.flush();
                    if self.state.destination == Destination::Body {
                        self.body_word("par", None);
                    }
                }
                _ => self.bytes.push(*byte),
            }
        }
    }

    /// Puts away everything that waits, before anything changes.
    fn flush(&mut self) {
        self.decode();
        self.end_high();
        if !self.text.is_empty() {
            let text = std::mem::take(&mut self.text);
            self.emit(&text);
            // The room is used again.
            self.text = text;
            self.text.clear();
        }
    }

    /// Reads the bytes that wait as characters.
    fn decode(&mut self) {
        if self.bytes.is_empty() {
            return;
        }
        self.end_high();
        let font = self.state.look.font.or(self.default_font);
        let page = match self.state.destination {
            Destination::Body => font.and_then(|font| self.tables.page(font)),
            _ => None,
        };
        let (text, unread) = codepage::decode(&self.bytes, page.unwrap_or(self.page), self.page);
        self.unread += unread;
        self.bytes.clear();
        self.text.push_str(&text);
    }

    /// Characters after whatever waits.
    fn say(&mut self, text: &str) {
        self.decode();
        self.end_high();
        self.text.push_str(text);
    }

    /// A UTF-16 unit.
    fn unit(&mut self, unit: i32) {
        self.decode();
        self.spare = self.state.spare;
        let code = if unit < 0 { unit + 0x1_0000 } else { unit };
        let code = u32::try_from(code).unwrap_or(0xfffd);
        let code = match (self.high.take(), code) {
            (Some(high), 0xdc00..=0xdfff) => {
                0x1_0000 + ((u32::from(high) - 0xd800) << 10) + (code - 0xdc00)
            }
            (before, _) => {
                if before.is_some() {
                    self.text.push('\u{fffd}');
                }
                if let 0xd800..=0xdbff = code {
                    self.high = u16::try_from(code).ok();
                    return;
                }
                code
            }
        };
        let c = char::from_u32(code).unwrap_or('\u{fffd}');
        self.text.push(codepage::shown(c));
    }

    /// Half a character without its other half.
    fn end_high(&mut self) {
        if self.high.take().is_some() {
            self.text.push('\u{fffd}');
        }
    }

    fn emit(&mut self, text: &str) {
        match self.state.destination {
            Destination::Body => self.body_text(text),
            Destination::Style => self.tables.style_text(text),
            Destination::Title if self.title.len() < LONGEST_INSTRUCTION => {
                self.title.push_str(text);
            }
            Destination::Instruction => {
                if let Some(field) = self.fields.last_mut()
                    && field.instruction.len() < LONGEST_INSTRUCTION
                {
                    field.instruction.push_str(text);
                }
            }
            Destination::Margin(_) => self.margin_said |= !text.trim().is_empty(),
            _ => {}
        }
    }

    fn body_text(&mut self, text: &str) {
        let look = self.state.look;
        let why = match look {
            _ if look.deleted => Some("deletion"),
            _ if look.hidden => Some("hidden text"),
            _ => None,
        };
        if let Some(why) = why {
            if self.leaving.replace(why) != Some(why) {
                *self.left_out.entry(why).or_default() += 1;
            }
            return;
        }
        self.leaving = None;
        let clean: String = text
            .chars()
            .filter(|c| !c.is_control() || *c == '\t')
            .collect();
        let marks = |double: bool| {
            let (strong, emphasis) = self.tables.marked(self.state.shape.style);
            Marks {
                strong: (look.strong || double && look.double_strong) && !strong,
                emphasis: (look.emphasis || double && look.double_emphasis) && !emphasis,
                strike: look.strike,
                code: false,
                link: self.state.link.and_then(|at| self.links.get(at)).cloned(),
            }
        };
        let (single, double) = (marks(false), marks(true));
        if single == double {
            self.flow.text(&clean, single);
            return;
        }
        let mut rest = clean.as_str();
        while let Some(first) = rest.chars().next() {
            let east = is_east_asian(first);
            let length = rest
                .find(|c| is_east_asian(c) != east)
                .unwrap_or(rest.len());
            let (run, after) = rest.split_at(length);
            let marks = if east { &double } else { &single };
            self.flow.text(run, marks.clone());
            rest = after;
        }
    }

    fn finish(mut self, cut: bool) -> Result<Read, ReadError> {
        self.flush();
        let blocks = self.flow.end(self.state.shape, &self.tables);
        if self.flow.is_full() {
            return Err(ReadError::TooLarge("it has more than a million pieces"));
        }
        if self.unread > 0 {
            self.left_out
                .insert("character of an unknown code page", self.unread);
        }
        if cut {
            self.left_out.insert("end of the file", 1);
        }
        let links = self.unsafe_links.into_iter().map(WarningKind::UnsafeLink);
        let left_out = self
            .left_out
            .into_iter()
            .map(|(what, count)| WarningKind::LeftOut { what, count });
        Ok(Read {
            blocks,
            title: self.title,
            warnings: links
                .chain(left_out)
                .map(|kind| Warning { span: None, kind })
                .collect(),
        })
    }
}

/// Characters that Word sets in the East Asian font.
fn is_east_asian(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2027}' | '\u{2e80}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}
