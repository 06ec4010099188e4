//! The house style of a firm's own document: its paper, margins, fonts and sizes, for our documents to wear.

use std::collections::HashMap;

use quick_xml::events::{BytesStart, Event};

use super::ReadError;
use super::package::Package;
use super::styles::LONGEST_CHAIN;
use super::xml::{Xml, attribute};
use crate::write::{House, HouseText};

/// Sizes of text that can be read on paper, in half points.
const SIZES: std::ops::RangeInclusive<i32> = 12..=144;

/// Reads the house style of a .docx file.
///
/// Paper and margins are those of its last section; body text is what most of its words are set in, headings and title
/// are the styles of these names. What a file leaves unsaid or says beyond reason is `None`.
///
/// # Errors
/// As [`super::read`].
pub fn house(bytes: &[u8]) -> Result<House, ReadError> {
    let mut parts = super::open(bytes)?;
    let mut sheet = Sheet::default();
    if let Some(part) = parts.part("word/styles.xml")? {
        sheet.read(&part)?;
    }
    let theme = Theme::read(&mut parts)?;
    let mut house = House::default();
    let body = read_document(&mut parts, &mut house, &sheet)?;
    let text = |id: Option<&str>| theme.resolve(&sheet.resolved(id));
    house.body = text(body.as_deref().or(sheet.normal.as_deref()));
    house.headings = std::array::from_fn(|level| {
        let id = sheet.named(&format!("heading {}", level + 1));
        id.map_or_else(HouseText::default, |id| text(Some(id)))
    });
    let title = sheet.named("title");
    house.title = title.map_or_else(HouseText::default, |id| text(Some(id)));
    Ok(house)
}

/// Fonts and size as a style says them: a font by name, or by its place in the theme.
#[derive(Debug, Clone, Default)]
struct Said {
    latin: Option<String>,
    chinese: Option<String>,
    latin_theme: Option<String>,
    chinese_theme: Option<String>,
    size: Option<i32>,
}

impl Said {
    fn hear(&mut self, tag: &BytesStart<'_>) {
        match tag.local_name().as_ref() {
            "rFonts" => {
                let take = |slot: &mut Option<String>, name| {
                    if let Some(found) = attribute(tag, name) {
                        *slot = Some(found);
                    }
                };
                take(&mut self.latin, "ascii");
                take(&mut self.chinese, "eastAsia");
                take(&mut self.latin_theme, "asciiTheme");
                take(&mut self.chinese_theme, "eastAsiaTheme");
            }
            "sz" => self.size = attribute(tag, "val").and_then(|size| size.parse().ok()),
            _ => {}
        }
    }

    /// What this style leaves unsaid, from the one it is based on.
    fn inherit(&mut self, base: &Said) {
        // A font by name and one by theme are one statement: only where neither is made the base speaks.
        if self.latin.is_none() && self.latin_theme.is_none() {
            self.latin = base.latin.clone();
            self.latin_theme = base.latin_theme.clone();
        }
        if self.chinese.is_none() && self.chinese_theme.is_none() {
            self.chinese = base.chinese.clone();
            self.chinese_theme = base.chinese_theme.clone();
        }
        self.size = self.size.or(base.size);
    }
}

#[derive(Debug, Default)]
struct Style {
    name: String,
    parent: Option<String>,
    said: Said,
}

/// The paragraph styles of a file.
#[derive(Debug, Default)]
struct Sheet {
    styles: HashMap<String, Style>,
    defaults: Said,
    normal: Option<String>,
}

impl Sheet {
    fn read(&mut self, part: &[u8]) -> Result<(), ReadError> {
        let mut xml = Xml::new("word/styles.xml", part);
        let mut current: Option<(String, Style)> = None;
        let mut defaults = false;
        while let Some(event) = xml.next()? {
            match event {
                Event::Start(tag) | Event::Empty(tag) => match tag.local_name().as_ref() {
                    "rPrDefault" => defaults = true,
                    "style" => {
                        self.styles.extend(current.take());
                        let id = attribute(&tag, "styleId");
                        if attribute(&tag, "type").as_deref() != Some("paragraph") {
                            continue;
                        }
                        if matches!(attribute(&tag, "default").as_deref(), Some("1" | "true")) {
                            self.normal = id.clone();
                        }
                        current = id.map(|id| (id, Style::default()));
                    }
                    name => match (&mut current, name) {
                        (Some((_, style)), "name") => {
                            style.name = attribute(&tag, "val").unwrap_or_default().to_lowercase();
                        }
                        (Some((_, style)), "basedOn") => style.parent = attribute(&tag, "val"),
                        (Some((_, style)), _) => style.said.hear(&tag),
                        (None, _) if defaults => self.defaults.hear(&tag),
                        _ => {}
                    },
                },
                Event::End(tag) => match tag.local_name().as_ref() {
                    "rPrDefault" => defaults = false,
                    "style" => self.styles.extend(current.take()),
                    _ => {}
                },
                _ => {}
            }
        }
        Ok(())
    }

    fn named(&self, name: &str) -> Option<&str> {
        let mut ids: Vec<&str> = self
            .styles
            .iter()
            .filter(|(_, style)| style.name == name)
            .map(|(id, _)| id.as_str())
            .collect();
        // Names are unique in a sound file; in another the same one is taken each time.
        ids.sort_unstable();
        ids.first().copied()
    }

    /// What a style says with all it is based on.
    fn resolved(&self, id: Option<&str>) -> Said {
        let mut said = Said::default();
        let mut next = id;
        for _ in 0..LONGEST_CHAIN {
            let Some(style) = next.and_then(|id| self.styles.get(id)) else {
                break;
            };
            said.inherit(&style.said);
            next = style.parent.as_deref();
        }
        said.inherit(&self.defaults);
        said
    }
}

/// Fonts of the theme: of headings (major) and of text (minor), Western and Chinese.
#[derive(Debug, Default)]
struct Theme {
    major: (Option<String>, Option<String>),
    minor: (Option<String>, Option<String>),
}

impl Theme {
    fn read(parts: &mut Package<'_>) -> Result<Theme, ReadError> {
        let mut theme = Theme::default();
        let Some(part) = parts.part("word/theme/theme1.xml")? else {
            return Ok(theme);
        };
        let mut xml = Xml::new("word/theme/theme1.xml", &part);
        let mut major = None;
        while let Some(event) = xml.next()? {
            match event {
                Event::Start(tag) | Event::Empty(tag) => {
                    let name = tag.local_name();
                    match name.as_ref() {
                        "majorFont" => major = Some(true),
                        "minorFont" => major = Some(false),
                        "latin" | "ea" | "font" => {
                            let fonts = match major {
                                Some(true) => &mut theme.major,
                                Some(false) => &mut theme.minor,
                                None => continue,
                            };
                            let face = attribute(&tag, "typeface").filter(|face| !face.is_empty());
                            match (name.as_ref(), attribute(&tag, "script").as_deref()) {
                                ("latin", _) => fonts.0 = face,
                                ("ea", _) if face.is_some() => fonts.1 = face,
                                ("font", Some("Hans")) if fonts.1.is_none() => fonts.1 = face,
                                _ => {}
                            }
                        }
                        _ => {}
                    }
                }
                Event::End(tag)
                    if matches!(tag.local_name().as_ref(), "majorFont" | "minorFont") =>
                {
                    major = None;
                }
                _ => {}
            }
        }
        Ok(theme)
    }

    fn resolve(&self, said: &Said) -> HouseText {
        let of = |place: &str| {
            if place.starts_with("major") {
                &self.major
            } else {
                &self.minor
            }
        };
        // Word lets the theme win where a style names both.
        let latin = said
            .latin_theme
            .as_deref()
            .and_then(|place| of(place).0.clone());
        let chinese = said
            .chinese_theme
            .as_deref()
            .and_then(|place| of(place).1.clone());
        HouseText {
            latin: latin
                .or_else(|| said.latin.clone())
                .filter(|name| is_font(name)),
            chinese: chinese
                .or_else(|| said.chinese.clone())
                .filter(|name| is_font(name)),
            size: said.size.filter(|size| SIZES.contains(size)),
        }
    }
}

/// A name of a font as people give them; anything else is not carried into our files.
fn is_font(name: &str) -> bool {
    !name.trim().is_empty()
        && name.chars().count() <= 64
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || " -_.()（）+".contains(c))
}

/// Takes the paper of the last section, and returns the style most words are set in, headings and title aside.
fn read_document(
    parts: &mut Package<'_>,
    house: &mut House,
    sheet: &Sheet,
) -> Result<Option<String>, ReadError> {
    let name = parts.body();
    let part = parts.part(&name)?.ok_or(ReadError::NotWord)?;
    let mut xml = Xml::new(&name, &part);
    let mut words: HashMap<String, usize> = HashMap::new();
    let mut style = None;
    while let Some(event) = xml.next()? {
        match event {
            Event::Start(tag) | Event::Empty(tag) => {
                let number = |name: &str| {
                    attribute(&tag, name)
                        .and_then(|value| value.parse::<f64>().ok())
                        .map(|n| n as i32)
                };
                match tag.local_name().as_ref() {
                    "p" => style = None,
                    "pStyle" => style = attribute(&tag, "val"),
                    "pgSz" => house.paper = number("w").zip(number("h")),
                    "pgMar" => {
                        let sides = ["top", "right", "bottom", "left"].map(number);
                        house.margins = match sides {
                            [Some(top), Some(right), Some(bottom), Some(left)] => {
                                // A negative margin fixes the text whatever the header needs.
                                Some([top.abs(), right.abs(), bottom.abs(), left.abs()])
                            }
                            _ => None,
                        };
                    }
                    _ => {}
                }
            }
            Event::Text(text) => {
                let id = style.clone().or_else(|| sheet.normal.clone());
                *words.entry(id.unwrap_or_default()).or_default() += text.len();
            }
            _ => {}
        }
    }
    house.paper = house.paper.filter(|(width, height)| {
        (5_000..=32_000).contains(width) && (5_000..=32_000).contains(height)
    });
    let width = house.paper.map_or(11_906, |(width, _)| width);
    house.margins = house.margins.filter(|sides| {
        sides.iter().all(|side| *side <= 5_000) && width - sides[1] - sides[3] >= 4_000
    });
    let is_body = |id: &str| {
        sheet.styles.get(id).is_none_or(|style| {
            !["heading", "title", "toc", "header", "footer"]
                .iter()
                .any(|kind| style.name.starts_with(kind))
        })
    };
    let mut counted: Vec<(String, usize)> =
        words.into_iter().filter(|(id, _)| is_body(id)).collect();
    counted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Ok(counted.into_iter().next().map(|(id, _)| id))
}
