//! A part of a Word file as elements with their places in the source, so that a part can be changed in place.

use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::ReadError;

/// Elements inside one another; a real document stays below 40.
const DEEPEST: usize = 256;
/// Elements of one part; a contract of 1,000 pages has about 400,000.
const MOST_ELEMENTS: usize = 3_000_000;

/// Place of an element in [`Tree::elements`].
pub(crate) type Id = u32;

/// An element: its name, its source, its children.
#[derive(Debug)]
pub(crate) struct Element<'a> {
    /// Name without prefix: `p`.
    pub name: &'a str,
    /// Name as written: `w:p`.
    pub full: &'a str,
    /// The whole element in the source.
    pub span: Range<usize>,
    /// What stands between its tags; empty, at the end, for `<a/>`.
    pub inner: Range<usize>,
    /// The element around.
    pub parent: Option<Id>,
    /// Elements inside, in order.
    pub children: Vec<Id>,
}

/// A part and its elements; the first is the root.
pub(crate) struct Tree<'a> {
    /// The source.
    pub source: &'a str,
    /// Elements in the order of their opening tags.
    pub elements: Vec<Element<'a>>,
}

impl<'a> Tree<'a> {
    /// Reads a part.
    pub fn parse(part: &str, bytes: &'a [u8]) -> Result<Tree<'a>, ReadError> {
        let bad = |why: &str| ReadError::BadXml {
            part: part.to_owned(),
            why: why.to_owned(),
        };
        let source = std::str::from_utf8(bytes).map_err(|_| bad("it is not UTF-8"))?;
        let mark = if source.starts_with('\u{FEFF}') { 3 } else { 0 };
        let body = &source[mark..];
        let mut reader = Reader::from_str(body);
        reader.config_mut().check_end_names = true;
        let mut elements: Vec<Element<'a>> = Vec::new();
        let mut open: Vec<Id> = Vec::new();
        let mut before = mark;
        loop {
            let event = reader
                .read_event()
                .map_err(|error| bad(&error.to_string()))?;
            let after = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX) + mark;
            let raw = source.get(before..after).unwrap_or_default();
            match event {
                Event::Start(_) | Event::Empty(_) => {
                    let closed = matches!(event, Event::Empty(_));
                    let inside = raw.trim_start_matches('<');
                    let full = inside
                        .find(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>')
                        .map_or(inside, |end| &inside[..end]);
                    if elements.len() >= MOST_ELEMENTS {
                        return Err(ReadError::TooLarge(
                            "a part has more than 3,000,000 elements",
                        ));
                    }
                    let id = elements.len() as Id;
                    let parent = open.last().copied();
                    if let Some(parent) = parent {
                        elements[parent as usize].children.push(id);
                    } else if id > 0 {
                        return Err(bad("it has two roots"));
                    }
                    elements.push(Element {
                        name: full.rsplit(':').next().unwrap_or(full),
                        full,
                        span: before..after,
                        inner: after..after,
                        parent,
                        children: Vec::new(),
                    });
                    if !closed {
                        open.push(id);
                        if open.len() > DEEPEST {
                            return Err(bad("its elements are nested too deeply"));
                        }
                    }
                }
                Event::End(_) => {
                    let id = open
                        .pop()
                        .ok_or_else(|| bad("it closes what is not open"))?;
                    let element = &mut elements[id as usize];
                    element.inner.end = before;
                    element.span.end = after;
                }
                Event::DocType(_) => return Err(bad("it declares a document type")),
                Event::Eof if !open.is_empty() => return Err(bad("it ends in the middle")),
                Event::Eof if elements.is_empty() => return Err(bad("it is empty")),
                Event::Eof => break,
                _ => {}
            }
            before = after;
        }
        Ok(Tree { source, elements })
    }

    /// An element.
    pub fn at(&self, id: Id) -> &Element<'a> {
        &self.elements[id as usize]
    }

    /// The source of a range.
    pub fn text(&self, range: &Range<usize>) -> &'a str {
        self.source.get(range.clone()).unwrap_or_default()
    }

    /// The opening tag of an element.
    pub fn tag(&self, id: Id) -> &'a str {
        let element = self.at(id);
        self.text(&(element.span.start..element.inner.start))
    }

    /// The first child of that name.
    pub fn child(&self, id: Id, name: &str) -> Option<Id> {
        self.at(id)
            .children
            .iter()
            .copied()
            .find(|c| self.at(*c).name == name)
    }

    /// An attribute by its local name, unescaped.
    pub fn attribute(&self, id: Id, name: &str) -> Option<String> {
        let (_, value) =
            attributes(self.tag(id)).find(|(key, _)| key.rsplit(':').next() == Some(name))?;
        Some(unescape(value))
    }

    /// The attribute `val` of a child.
    pub fn value(&self, id: Id, child: &str) -> Option<String> {
        self.attribute(self.child(id, child)?, "val")
    }

    /// The next element around that has this name.
    pub fn around(&self, id: Id, name: &str) -> Option<Id> {
        let mut at = self.at(id).parent;
        while let Some(id) = at {
            if self.at(id).name == name {
                return Some(id);
            }
            at = self.at(id).parent;
        }
        None
    }

    /// All elements inside one, itself included, in order: children follow their parents directly.
    pub fn inside(&self, id: Id) -> Range<usize> {
        let end = self.at(id).span.end;
        let from = id as usize;
        let count = self.elements[from..].partition_point(|e| e.span.start < end);
        from..from + count
    }

    /// The words of a text element, unescaped.
    pub fn words(&self, id: Id) -> String {
        unescape(self.text(&self.at(id).inner))
    }
}

/// The attributes of a tag as written: names and values, still escaped.
pub(crate) fn attributes(tag: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = tag
        .split_once(|c: char| c.is_ascii_whitespace())
        .map_or("", |(_, rest)| rest);
    std::iter::from_fn(move || {
        let (key, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, tail) = after[1..].split_once(quote)?;
        rest = tail;
        Some((key.trim(), value))
    })
}

/// Text as it was meant; comments and processing instructions inside it are left out. What is no entity stays as it
/// stands.
fn unescape(raw: &str) -> String {
    if !raw.contains(['&', '<', '\r']) {
        return raw.to_owned();
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find(['&', '<']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let cdata = rest
            .strip_prefix("<![CDATA[")
            .and_then(|inner| inner.split_once("]]>"));
        if let Some((words, tail)) = cdata {
            out.push_str(words);
            rest = tail;
        } else if rest.starts_with('<') {
            let close = if rest.starts_with("<!--") { "-->" } else { ">" };
            rest = rest.split_once(close).map_or("", |(_, tail)| tail);
        } else {
            // Longer than any entity that XML itself knows.
            let end = rest.bytes().take(12).position(|b| b == b';');
            let known =
                end.and_then(|end| Some((quick_xml::escape::unescape(&rest[..=end]).ok()?, end)));
            match known {
                Some((words, end)) => {
                    out.push_str(&words);
                    rest = &rest[end + 1..];
                }
                None => {
                    out.push('&');
                    rest = &rest[1..];
                }
            }
        }
    }
    out.push_str(rest);
    out.replace("\r\n", "\n").replace('\r', "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_knows_its_source() {
        let source = "\u{FEFF}<?xml version=\"1.0\"?><w:p w:id='1'><w:r><w:t xml:space=\"preserve\">a &lt; &#x4E00;</w:t></w:r><w:x/></w:p>";
        let tree = Tree::parse("x", source.as_bytes()).unwrap();
        assert_eq!(tree.elements.len(), 4);
        assert_eq!(
            tree.text(&tree.at(1).span),
            "<w:r><w:t xml:space=\"preserve\">a &lt; &#x4E00;</w:t></w:r>"
        );
        assert_eq!(
            (tree.words(2).as_str(), tree.tag(0)),
            ("a < 一", "<w:p w:id='1'>")
        );
        assert_eq!(tree.attribute(0, "id").as_deref(), Some("1"));
        assert_eq!(tree.inside(1), 1..3);
        assert_eq!(tree.at(3).full, "w:x");
        for bad in [
            "<a>",
            "<a></b>",
            "<!DOCTYPE a><a/>",
            "",
            "<a/><b/>",
            "<a/></a>",
        ] {
            assert!(Tree::parse("x", bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
