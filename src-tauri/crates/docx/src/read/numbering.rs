//! The lists of a file: formats and starts of their levels, and which lists count on from one another.

use std::collections::HashMap;

use quick_xml::events::{BytesStart, Event};

use super::ReadError;
use super::xml::{Xml, attribute, is_on, number, value};

/// Levels of a list.
pub(super) const LEVELS: usize = 9;

/// A paragraph's place in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Listed {
    /// Id of the numbering.
    pub(super) number: u32,
    /// Level, from 0.
    pub(super) level: u8,
}

/// One level of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Level {
    /// `w:numFmt`; decimal where the level does not say.
    pub(super) format: Option<String>,
    /// `w:lvlText`: words with `%1` … `%9`.
    pub(super) text: Option<String>,
    /// First number; 0 where the level does not say (ISO 29500-1, 17.9.25).
    pub(super) start: Option<u32>,
    /// After which level it starts again, from 1; 0 for never; after any higher one where it does not say.
    pub(super) restart: Option<u32>,
    /// All numbers of the label are decimal.
    pub(super) legal: bool,
    /// Style linked to the level.
    style: Option<String>,
}

#[derive(Debug, Default)]
struct Definition {
    levels: [Option<Level>; LEVELS],
    /// The style whose list this one uses.
    style_link: Option<String>,
    /// The style this list is the list of.
    linked: Option<String>,
}

#[derive(Debug, Default)]
struct Number {
    definition: u32,
    overrides: HashMap<u8, Override>,
}

#[derive(Debug, Default)]
struct Override {
    start: Option<u32>,
    level: Option<Level>,
}

/// All lists of a file.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    definitions: HashMap<u32, Definition>,
    numbers: HashMap<u32, Number>,
    /// Definition of each list that a style is the name of.
    by_link: HashMap<String, u32>,
}

/// Where the reader of the part stands.
#[derive(Default)]
struct Place {
    definition: Option<u32>,
    number: Option<u32>,
    overriding: Option<u8>,
    level: Option<u8>,
}

impl Numbering {
    pub(super) fn read(part: &[u8]) -> Result<Numbering, ReadError> {
        let mut found = Numbering::default();
        let mut xml = Xml::new("word/numbering.xml", part);
        let mut place = Place::default();
        while let Some(event) = xml.next()? {
            match event {
                Event::Start(tag) => found.open(&tag, &mut place),
                Event::Empty(tag) => {
                    found.open(&tag, &mut place);
                    close(tag.local_name().as_ref(), &mut place);
                }
                Event::End(tag) => close(tag.local_name().as_ref(), &mut place),
                _ => {}
            }
        }
        found.by_link = found
            .definitions
            .iter()
            .filter_map(|(id, definition)| Some((definition.linked.clone()?, *id)))
            .collect();
        Ok(found)
    }

    fn open(&mut self, tag: &BytesStart<'_>, place: &mut Place) {
        let integer = |name: &str| attribute(tag, name).and_then(|value| value.parse().ok());
        match tag.local_name().as_ref() {
            "abstractNum" => {
                place.definition = integer("abstractNumId");
                if let Some(id) = place.definition {
                    self.definitions.entry(id).or_default();
                }
            }
            "num" => place.number = integer("numId"),
            "abstractNumId" => {
                if let (Some(id), Some(definition)) = (place.number, number(tag)) {
                    self.numbers.entry(id).or_default().definition = definition;
                }
            }
            "lvlOverride" => place.overriding = level_of(tag),
            "startOverride" => {
                if let Some(found) = self.overridden(place) {
                    found.start = number(tag);
                }
            }
            "lvl" => {
                place.level = level_of(tag);
                let fresh = Some(Level::default());
                if let Some(found) = self.overridden(place) {
                    found.level = fresh;
                } else if let (Some(definition), Some(level)) = (place.definition, place.level)
                    && let Some(definition) = self.definitions.get_mut(&definition)
                {
                    definition.levels[usize::from(level)] = fresh;
                }
            }
            "numStyleLink" => {
                if let Some(definition) = self.definition_at(place) {
                    definition.style_link = value(tag);
                }
            }
            "styleLink" => {
                if let Some(definition) = self.definition_at(place) {
                    definition.linked = value(tag);
                }
            }
            name => {
                let Some(level) = self.level_at(place) else {
                    return;
                };
                match name {
                    // Only a custom format gives way to the plain one its compatibility block offers.
                    "numFmt" if matches!(level.format.as_deref(), None | Some("custom")) => {
                        level.format = value(tag);
                    }
                    "lvlText" => {
                        // Word takes 31 characters; a longer one would be printed before every paragraph.
                        let text = value(tag).unwrap_or_default();
                        level.text = Some(text.chars().take(255).collect());
                    }
                    "start" => level.start = number(tag),
                    "lvlRestart" => level.restart = number(tag),
                    "isLgl" => level.legal = is_on(tag),
                    "pStyle" => level.style = value(tag),
                    _ => {}
                }
            }
        }
    }

    fn overridden(&mut self, place: &Place) -> Option<&mut Override> {
        let level = place.overriding?;
        let number = self.numbers.get_mut(&place.number?)?;
        Some(number.overrides.entry(level).or_default())
    }

    fn definition_at(&mut self, place: &Place) -> Option<&mut Definition> {
        self.definitions.get_mut(&place.definition?)
    }

    fn level_at(&mut self, place: &Place) -> Option<&mut Level> {
        let level = place.level?;
        if place.overriding.is_some() {
            return self.overridden(place)?.level.as_mut();
        }
        self.definition_at(place)?.levels[usize::from(level)].as_mut()
    }

    /// The definition behind a list, through the list style it may use; lists that count on share it.
    ///
    /// `list_of` names the list of a list style.
    pub(super) fn definition(
        &self,
        number: u32,
        list_of: impl Fn(&str) -> Option<u32>,
    ) -> Option<u32> {
        let mut id = self.numbers.get(&number)?.definition;
        // Two steps are the longest chain of a sound file; a chain in a circle ends here.
        for _ in 0..4 {
            let definition = self.definitions.get(&id)?;
            let Some(link) = &definition.style_link else {
                break;
            };
            let linked = self.by_link.get(link).copied();
            let next = linked.or_else(|| Some(self.numbers.get(&list_of(link)?)?.definition));
            match next {
                Some(next) if next != id => id = next,
                _ => break,
            }
        }
        Some(id)
    }

    /// A level of a list, with what the list says otherwise than its definition.
    pub(super) fn level(&self, number: u32, definition: u32, level: u8) -> Option<&Level> {
        let own = self
            .numbers
            .get(&number)
            .and_then(|number| number.overrides.get(&level))
            .and_then(|found| found.level.as_ref());
        own.or_else(|| {
            self.definitions
                .get(&definition)?
                .levels
                .get(usize::from(level))?
                .as_ref()
        })
    }

    /// Where a list starts a level anew when it first comes to it.
    pub(super) fn start_override(&self, number: u32, level: u8) -> Option<u32> {
        self.numbers.get(&number)?.overrides.get(&level)?.start
    }

    /// The level of a definition a style is linked to.
    pub(super) fn level_of_style(&self, definition: u32, style: &str) -> Option<u8> {
        let levels = &self.definitions.get(&definition)?.levels;
        let found = levels.iter().position(|level| {
            level
                .as_ref()
                .is_some_and(|level| level.style.as_deref() == Some(style))
        })?;
        u8::try_from(found).ok()
    }
}

fn close(name: &str, place: &mut Place) {
    match name {
        "abstractNum" => place.definition = None,
        "num" => place.number = None,
        "lvlOverride" => place.overriding = None,
        "lvl" => place.level = None,
        _ => {}
    }
}

fn level_of(tag: &BytesStart<'_>) -> Option<u8> {
    attribute(tag, "ilvl")
        .and_then(|level| level.parse().ok())
        .filter(|level| usize::from(*level) < LEVELS)
}
