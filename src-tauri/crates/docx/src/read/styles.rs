//! What styles say of a paragraph or a run: heading level, place in a list, bold. And the language of the file.

use std::collections::HashMap;

use quick_xml::events::Event;

use super::ReadError;
use super::xml::{Xml, attribute, is_on, number, value};

#[derive(Debug, Clone, Default)]
struct Style {
    name: String,
    parent: Option<String>,
    outline: Option<u8>,
    number: Option<u32>,
    level: Option<u8>,
    strong: Option<bool>,
    emphasis: Option<bool>,
}

/// The styles of a file.
#[derive(Debug, Default)]
pub(super) struct Styles {
    styles: HashMap<String, Style>,
    /// Style of a paragraph that names none.
    normal: Option<String>,
    /// Language of Western words and of East Asian ones.
    language: (Option<String>, Option<String>),
}

/// A chain of styles longer than this goes in a circle.
pub(super) const LONGEST_CHAIN: usize = 32;

impl Styles {
    pub(super) fn read(part: &[u8]) -> Result<Styles, ReadError> {
        let mut styles = Styles::default();
        let mut xml = Xml::new("word/styles.xml", part);
        let mut current: Option<(String, Style)> = None;
        // Conditional formats of table styles speak of parts of a table, not of a paragraph.
        let mut conditional = 0usize;
        while let Some(event) = xml.next()? {
            let tag = match event {
                Event::Start(tag) if tag.local_name().as_ref() == "tblStylePr" => {
                    conditional += 1;
                    continue;
                }
                Event::End(tag) => {
                    conditional -=
                        usize::from(conditional > 0 && tag.local_name().as_ref() == "tblStylePr");
                    continue;
                }
                Event::Start(tag) | Event::Empty(tag) => tag,
                _ => continue,
            };
            match tag.local_name().as_ref() {
                "style" => {
                    styles.styles.extend(current.take());
                    let id = attribute(&tag, "styleId");
                    let first = matches!(attribute(&tag, "default").as_deref(), Some("1" | "true"));
                    if first && attribute(&tag, "type").as_deref() == Some("paragraph") {
                        styles.normal.clone_from(&id);
                    }
                    current = id.map(|id| (id, Style::default()));
                }
                "lang" if current.is_none() => {
                    styles.language = (value(&tag), attribute(&tag, "eastAsia"));
                }
                name => {
                    let Some((_, style)) = &mut current else {
                        continue;
                    };
                    match name {
                        _ if conditional > 0 => {}
                        "name" => style.name = value(&tag).unwrap_or_default().to_lowercase(),
                        "basedOn" => style.parent = value(&tag),
                        "outlineLvl" => style.outline = number(&tag),
                        "numId" => style.number = number(&tag),
                        "ilvl" => style.level = number(&tag),
                        "b" => style.strong = Some(is_on(&tag)),
                        "i" => style.emphasis = Some(is_on(&tag)),
                        _ => {}
                    }
                }
            }
        }
        styles.styles.extend(current);
        Ok(styles)
    }

    /// The language of the defaults, for words that are Chinese or not.
    pub(super) fn language(&self, chinese: bool) -> Option<String> {
        let (western, eastern) = &self.language;
        let preferred = if chinese { eastern } else { western };
        preferred.clone().or_else(|| western.clone())
    }

    fn chain<'a>(&'a self, id: &str) -> impl Iterator<Item = (&'a str, &'a Style)> {
        let find = |id: &str| {
            self.styles
                .get_key_value(id)
                .map(|(id, style)| (id.as_str(), style))
        };
        std::iter::successors(find(id), move |(_, style)| find(style.parent.as_deref()?))
            .take(LONGEST_CHAIN)
    }

    /// The style a paragraph without one wears.
    pub(super) fn normal(&self) -> &str {
        self.normal.as_deref().unwrap_or_default()
    }

    /// 0 for a title, 1 for the first level of headings.
    pub(super) fn heading(&self, id: &str) -> Option<u8> {
        self.chain(id).find_map(|(_, style)| {
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

    /// The list a style puts its paragraphs into, the style of the chain that says so, and the level where one says it.
    pub(super) fn listed<'a>(&'a self, id: &str) -> Option<(u32, &'a str, Option<u8>)> {
        let (by, list) = self
            .chain(id)
            .find_map(|(id, style)| Some((id, style.number?)))?;
        let level = self.chain(id).find_map(|(_, style)| style.level);
        Some((list, by, level))
    }

    /// Whether a character style makes its words bold, and italic.
    pub(super) fn marks(&self, id: &str) -> (bool, bool) {
        let strong = self.chain(id).find_map(|(_, style)| style.strong);
        let emphasis = self.chain(id).find_map(|(_, style)| style.emphasis);
        (strong.unwrap_or(false), emphasis.unwrap_or(false))
    }
}
