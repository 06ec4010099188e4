//! The tags and words of a part, in reading order.

use std::error::Error;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// A tag or words of a part.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    /// An opening tag; an empty element is one with a closing tag after it.
    Open(Tag),
    /// A closing tag, by its qualified name.
    Close(String),
    /// Words between tags, with character references read.
    Text(String),
}

/// An opening tag.
#[derive(Debug, Clone, PartialEq)]
pub struct Tag {
    /// Qualified name, such as `w:p`.
    pub name: String,
    /// Attributes in order, with values read.
    pub attributes: Vec<(String, String)>,
}

impl Tag {
    /// The value of the attribute of that qualified name.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Reads a part; says what makes it no XML.
pub fn read(bytes: &[u8]) -> Result<Vec<Piece>, Box<dyn Error>> {
    let source = std::str::from_utf8(bytes)?;
    if let Some(bad) = source.chars().find(|&c| !is_xml(c)) {
        return Err(format!("the character {:#06x} stands in it", bad as u32).into());
    }
    let mut reader = Reader::from_str(source);
    let (mut pieces, mut open, mut roots) = (Vec::new(), Vec::new(), 0);
    loop {
        match reader.read_event()? {
            Event::Start(start) => {
                roots += usize::from(open.is_empty());
                let tag = tag(&start)?;
                open.push(tag.name.clone());
                pieces.push(Piece::Open(tag));
            }
            Event::Empty(start) => {
                roots += usize::from(open.is_empty());
                let tag = tag(&start)?;
                let name = tag.name.clone();
                pieces.extend([Piece::Open(tag), Piece::Close(name)]);
            }
            Event::End(end) => {
                open.pop();
                pieces.push(Piece::Close(end.name().as_ref().to_owned()));
            }
            Event::Text(text) => {
                let text: &str = &text;
                if open.is_empty() && !text.trim().is_empty() {
                    return Err("words stand outside its root".into());
                }
                pieces.push(Piece::Text(text.to_owned()));
            }
            Event::CData(text) => pieces.push(Piece::Text(text.to_string())),
            Event::GeneralRef(name) => {
                let name: &str = &name;
                pieces.push(Piece::Text(unescaped(&format!("&{name};"))?));
            }
            Event::DocType(_) => return Err("it has a document type".into()),
            Event::Eof => break,
            _ => {}
        }
    }
    if let Some(name) = open.pop() {
        return Err(format!("<{name}> is not closed").into());
    }
    if roots != 1 {
        return Err(format!("it has {roots} roots").into());
    }
    Ok(pieces)
}

fn tag(start: &BytesStart<'_>) -> Result<Tag, Box<dyn Error>> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute?;
        let key: &str = attribute.key.as_ref();
        let value: &str = &attribute.value;
        if value.contains('<') {
            return Err(format!("{key} holds a <").into());
        }
        attributes.push((key.to_owned(), unescaped(value)?));
    }
    Ok(Tag {
        name: start.name().as_ref().to_owned(),
        attributes,
    })
}

/// A character reference may not bring in what XML cannot hold either.
fn unescaped(text: &str) -> Result<String, Box<dyn Error>> {
    let text = quick_xml::escape::unescape(text)?;
    match text.chars().find(|&c| !is_xml(c)) {
        Some(bad) => Err(format!("the character {:#06x} is referred to", bad as u32).into()),
        None => Ok(text.into_owned()),
    }
}

/// `Char` of XML 1.0.
fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}
