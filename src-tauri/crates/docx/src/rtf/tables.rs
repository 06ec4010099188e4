//! What the head of a file defines: fonts, styles, lists.

use std::collections::HashMap;

use super::codepage::{self, Page};

/// Fonts, styles and lists of a file.
#[derive(Debug, Default)]
pub(super) struct Tables {
    fonts: HashMap<i32, Page>,
    styles: HashMap<i32, Style>,
    lists: HashMap<i32, Vec<Shows>>,
    overrides: HashMap<i32, Override>,
    font: i32,
    style: i32,
    name: String,
    entry: Style,
    list: Vec<Shows>,
    over: Override,
}

/// A paragraph style.
#[derive(Debug, Default)]
struct Style {
    /// 0 for a title, 1 for the first level of headings.
    heading: Option<u8>,
    parent: Option<i32>,
    outline: Option<u8>,
    strong: bool,
    emphasis: bool,
}

/// A list as paragraphs name it: a definition, and levels of its own.
#[derive(Debug, Default)]
struct Override {
    list: i32,
    /// The formats of its own; `None` where the definition's holds.
    levels: Vec<Option<Shows>>,
}

/// What a level of a list puts before a paragraph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shows {
    Number,
    Bullet,
    Nothing,
}

/// A chain of styles longer than this goes in a circle.
const LONGEST_CHAIN: usize = 32;
/// Entries of one table at most; Word itself stops at 4,079 styles.
const MOST_ENTRIES: usize = 1 << 16;
/// Levels a list has at most.
const LEVELS: usize = 9;

impl Tables {
    /// A control word in the font table.
    pub(super) fn font_word(&mut self, word: &str, number: Option<i32>) {
        let page = match (word, number) {
            ("f", Some(font)) => {
                self.font = font;
                return;
            }
            ("fcharset", Some(charset)) => codepage::of_charset(charset),
            ("cpg", Some(page)) => Some(codepage::of_code_page(page)),
            _ => return,
        };
        if let Some(page) = page {
            keep(&mut self.fonts, self.font, page);
        }
    }

    /// The page of a font; `None` where it names none.
    pub(super) fn page(&self, font: i32) -> Option<Page> {
        self.fonts.get(&font).copied()
    }

    /// A control word in an entry of the style sheet.
    pub(super) fn style_word(&mut self, word: &str, number: Option<i32>) {
        match (word, number) {
            ("s", Some(style)) => self.style = style,
            // Character, section and table styles share no numbers with paragraph styles.
            ("cs" | "ds" | "ts", _) => self.style = -1,
            ("sbasedon", Some(parent)) => self.entry.parent = Some(parent),
            ("outlinelevel", Some(level)) => self.entry.outline = u8::try_from(level).ok(),
            ("b", _) => self.entry.strong = number != Some(0),
            ("i", _) => self.entry.emphasis = number != Some(0),
            ("plain", _) => (self.entry.strong, self.entry.emphasis) = (false, false),
            _ => {}
        }
    }

    /// Words in an entry of the style sheet.
    pub(super) fn style_text(&mut self, text: &str) {
        // A name is short; what is longer is none.
        if self.name.len() < 256 {
            self.name.push_str(text);
        }
    }

    /// An entry of the style sheet ends.
    pub(super) fn end_style(&mut self) {
        let name = std::mem::take(&mut self.name);
        let mut entry = std::mem::take(&mut self.entry);
        entry.heading = heading(&name);
        let style = std::mem::take(&mut self.style);
        if style >= 0 {
            keep(&mut self.styles, style, entry);
        }
    }

    fn chain(&self, style: i32) -> impl Iterator<Item = &Style> {
        std::iter::successors(self.styles.get(&style), |style| {
            style.parent.and_then(|parent| self.styles.get(&parent))
        })
        .take(LONGEST_CHAIN)
    }

    /// 0 for a title, 1 for the first level of headings.
    pub(super) fn heading(&self, style: i32) -> Option<u8> {
        self.chain(style).find_map(|style| {
            style.heading.or(style
                .outline
                .filter(|level| *level < 9)
                .map(|level| level + 1))
        })
    }

    /// Whether a style is bold and italic by itself, so that its words being so says nothing.
    pub(super) fn marked(&self, style: i32) -> (bool, bool) {
        self.styles
            .get(&style)
            .map_or((false, false), |style| (style.strong, style.emphasis))
    }

    /// A control word in the list table.
    pub(super) fn list_word(&mut self, word: &str, number: Option<i32>) {
        match (word, number) {
            ("list", _) => self.list.clear(),
            ("listlevel", _) if self.list.len() < LEVELS => self.list.push(Shows::Number),
            ("levelnfc" | "levelnfcn", Some(format)) => {
                if let Some(level) = self.list.last_mut() {
                    *level = shows(format);
                }
            }
            ("listid", Some(list)) => {
                keep(&mut self.lists, list, std::mem::take(&mut self.list));
            }
            _ => {}
        }
    }

    /// A control word in the list override table.
    pub(super) fn override_word(&mut self, word: &str, number: Option<i32>) {
        match (word, number) {
            ("listoverride", _) => self.over = Override::default(),
            ("listid", Some(list)) => self.over.list = list,
            ("lfolevel", _) if self.over.levels.len() < LEVELS => self.over.levels.push(None),
            ("levelnfc" | "levelnfcn", Some(format)) => {
                if let Some(level) = self.over.levels.last_mut() {
                    *level = Some(shows(format));
                }
            }
            ("ls", Some(number)) => {
                let over = std::mem::take(&mut self.over);
                keep(&mut self.overrides, number, over);
            }
            _ => {}
        }
    }

    /// The definition behind a list; lists that count on from one another share it.
    pub(super) fn definition(&self, list: i32) -> i32 {
        // A list without an entry stands for itself, below all numbers of definitions that files use.
        self.overrides
            .get(&list)
            .map_or(i32::MIN.saturating_add(list.max(0)), |over| over.list)
    }

    /// Whether the level of a list is numbered rather than bulleted; `None` when it shows nothing.
    pub(super) fn ordered(&self, list: i32, level: u8) -> Option<bool> {
        let at = usize::from(level);
        let over = self.overrides.get(&list)?;
        let own = over.levels.get(at).copied().flatten();
        match own.or_else(|| self.lists.get(&over.list)?.get(at).copied())? {
            Shows::Number => Some(true),
            Shows::Bullet => Some(false),
            Shows::Nothing => None,
        }
    }
}

/// Keeps an entry of a table that is not full; what it defines is then as if it were not there.
fn keep<T>(table: &mut HashMap<i32, T>, key: i32, value: T) {
    if table.len() < MOST_ENTRIES {
        table.insert(key, value);
    }
}

/// What a number format shows ([MS-OSHARED] MSONFC): 23 is a bullet, 255 is nothing.
fn shows(format: i32) -> Shows {
    match format {
        255 => Shows::Nothing,
        23 => Shows::Bullet,
        _ => Shows::Number,
    }
}

/// The level a name of a style tells, in the English and the Chinese of Word, WPS and LibreOffice.
fn heading(name: &str) -> Option<u8> {
    // Words after a comma are other names of the style.
    let name = name.split([';', ',']).next().unwrap_or_default();
    let name = name.trim().to_lowercase();
    if matches!(name.as_str(), "title" | "标题") {
        return Some(0);
    }
    let level = name
        .strip_prefix("heading")
        .or_else(|| name.strip_prefix("标题"))?;
    level
        .trim()
        .parse()
        .ok()
        .filter(|level| (1..=9).contains(level))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_headings() {
        for (name, level) in [
            ("heading 1", Some(1)),
            ("Heading 3;", Some(3)),
            ("标题 2", Some(2)),
            ("标题1;", Some(1)),
            ("heading 2,章", Some(2)),
            ("Title", Some(0)),
            ("标题", Some(0)),
            ("heading", None),
            ("Heading 1 Plain", None),
            ("heading 10", None),
            ("Normal", None),
        ] {
            assert_eq!(heading(name), level, "{name}");
        }
    }

    #[test]
    fn a_circle_of_styles_ends() {
        let mut tables = Tables::default();
        for (style, parent) in [(1, 2), (2, 1)] {
            tables.style_word("s", Some(style));
            tables.style_word("sbasedon", Some(parent));
            tables.end_style();
        }
        assert_eq!(tables.heading(1), None);
    }
}
