//! What styles and numbering say of a paragraph: heading level, list level.

use std::collections::HashMap;

use quick_xml::events::Event;

use super::ReadError;
use super::archive::Parts;
use super::body::{Xml, attribute};

/// A paragraph's place in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Listed {
    /// Id of the numbering.
    pub(super) number: u32,
    /// Level, from 0.
    pub(super) level: u8,
}

#[derive(Debug, Clone, Default)]
struct Style {
    name: String,
    parent: Option<String>,
    outline: Option<u8>,
    number: Option<u32>,
    level: Option<u8>,
}

/// Styles, numbering formats, and the title of the file.
#[derive(Debug, Default)]
pub(super) struct Styles {
    styles: HashMap<String, Style>,
    /// Abstract numbering of each number.
    numbers: HashMap<u32, u32>,
    /// Format of each level of an abstract numbering.
    formats: HashMap<(u32, u8), String>,
    /// Title in the core properties.
    pub(super) title: Option<String>,
}

/// A chain of styles longer than this goes in a circle.
pub(super) const LONGEST_CHAIN: usize = 32;

impl Styles {
    pub(super) fn read(parts: &Parts) -> Result<Styles, ReadError> {
        let mut styles = Styles::default();
        if let Some(part) = parts.get("word/styles.xml") {
            styles.read_styles(part)?;
        }
        if let Some(part) = parts.get("word/numbering.xml") {
            styles.read_numbering(part)?;
        }
        if let Some(part) = parts.get("docProps/core.xml") {
            styles.read_title(part)?;
        }
        Ok(styles)
    }

    fn read_styles(&mut self, part: &[u8]) -> Result<(), ReadError> {
        let mut xml = Xml::new("word/styles.xml", part);
        let mut current: Option<(String, Style)> = None;
        while let Some(event) = xml.next()? {
            match event {
                Event::Start(tag) | Event::Empty(tag) => match tag.local_name().as_ref() {
                    "style" => {
                        self.keep(current.take());
                        current = attribute(&tag, "styleId").map(|id| (id, Style::default()));
                    }
                    name => {
                        let (Some((_, style)), Some(value)) =
                            (&mut current, attribute(&tag, "val"))
                        else {
                            continue;
                        };
                        match name {
                            "name" => style.name = value.to_lowercase(),
                            "basedOn" => style.parent = Some(value),
                            "outlineLvl" => style.outline = value.parse().ok(),
                            "numId" => style.number = value.parse().ok(),
                            "ilvl" => style.level = value.parse().ok(),
                            _ => {}
                        }
                    }
                },
                _ => {}
            }
        }
        self.keep(current);
        Ok(())
    }

    fn keep(&mut self, style: Option<(String, Style)>) {
        if let Some((id, style)) = style {
            self.styles.insert(id, style);
        }
    }

    fn read_numbering(&mut self, part: &[u8]) -> Result<(), ReadError> {
        let mut xml = Xml::new("word/numbering.xml", part);
        let (mut definition, mut level, mut number) = (None, None, None);
        while let Some(event) = xml.next()? {
            let (Event::Start(tag) | Event::Empty(tag)) = event else {
                continue;
            };
            let integer =
                |name: &str| attribute(&tag, name).and_then(|value| value.parse::<u32>().ok());
            match tag.local_name().as_ref() {
                "abstractNum" => definition = integer("abstractNumId"),
                "num" => number = integer("numId"),
                "lvl" => level = integer("ilvl").and_then(|level| u8::try_from(level).ok()),
                "abstractNumId" => {
                    if let (Some(number), Some(definition)) = (number, integer("val")) {
                        self.numbers.insert(number, definition);
                    }
                }
                "numFmt" => {
                    if let (Some(definition), Some(level), Some(format)) =
                        (definition, level, attribute(&tag, "val"))
                    {
                        self.formats.entry((definition, level)).or_insert(format);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn read_title(&mut self, part: &[u8]) -> Result<(), ReadError> {
        let mut xml = Xml::new("docProps/core.xml", part);
        let mut inside = false;
        let mut title = String::new();
        while let Some(event) = xml.next()? {
            match event {
                Event::Start(tag) => inside = tag.local_name().as_ref() == "title",
                Event::End(_) => inside = false,
                Event::Text(words) if inside => title.push_str(&words.xml10_content()),
                _ => {}
            }
        }
        self.title = Some(title.trim().to_owned()).filter(|title| !title.is_empty());
        Ok(())
    }

    fn chain<'a>(&'a self, id: &str) -> impl Iterator<Item = &'a Style> {
        let first = self.styles.get(id);
        std::iter::successors(first, |style| {
            style
                .parent
                .as_ref()
                .and_then(|parent| self.styles.get(parent))
        })
        .take(LONGEST_CHAIN)
    }

    /// 0 for a title, 1 for the first level of headings.
    pub(super) fn heading(&self, id: &str) -> Option<u8> {
        self.chain(id).find_map(|style| {
            if style.name == "title" {
                return Some(0);
            }
            let named = style
                .name
                .strip_prefix("heading ")
                .and_then(|level| level.parse::<u8>().ok());
            named.or(style
                .outline
                .filter(|level| *level < 9)
                .map(|level| level + 1))
        })
    }

    /// The list a style puts its paragraphs into.
    pub(super) fn listed(&self, id: &str) -> Option<Listed> {
        let number = self.chain(id).find_map(|style| style.number)?;
        let level = self.chain(id).find_map(|style| style.level).unwrap_or(0);
        (number > 0).then_some(Listed { number, level })
    }

    /// The definition behind a list; lists that count on from one another share it.
    pub(super) fn definition(&self, listed: Listed) -> Option<u32> {
        self.numbers.get(&listed.number).copied()
    }

    /// Whether the level of a list is numbered rather than bulleted; `None` when it shows nothing.
    pub(super) fn ordered(&self, listed: Listed) -> Option<bool> {
        let definition = self.definition(listed)?;
        match self
            .formats
            .get(&(definition, listed.level))
            .map(String::as_str)
        {
            Some("none") | None => None,
            Some("bullet") => Some(false),
            Some(_) => Some(true),
        }
    }
}
