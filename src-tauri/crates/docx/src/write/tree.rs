//! A borrowed XML tree, just enough to mend the parts that docx-rs builds.
//!
//! Names, attributes and text stay as they stand in the source (still escaped), so reading and
//! printing again copies bytes and allocates only the vectors of children.

use quick_xml::Reader;
use quick_xml::events::Event;

/// An element with what is inside it.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Element<'a> {
    /// Qualified name, such as `w:p`.
    pub name: &'a str,
    /// The attributes as written, without the space before them.
    pub attributes: &'a str,
    /// A second run of attributes, put in by the mending pass.
    pub added: String,
    /// Children in order.
    pub children: Vec<Node<'a>>,
}

/// A child of an element.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node<'a> {
    /// An element.
    Element(Element<'a>),
    /// Text, escaped.
    Text(&'a str),
    /// Markup put in by the mending pass, printed as it stands.
    Raw(String),
}

impl<'a> Element<'a> {
    /// The value of an attribute as written (escaped), among those of the source.
    pub fn attribute(&self, name: &str) -> Option<&'a str> {
        let mut rest = self.attributes;
        while let Some((key, after)) = rest.split_once('=') {
            let after = after.trim_start();
            let quote = after.chars().next()?;
            let (value, tail) = after.get(1..)?.split_once(quote)?;
            if key.trim() == name {
                return Some(value);
            }
            rest = tail;
        }
        None
    }

    /// The first child element of that name.
    pub fn child(&self, name: &str) -> Option<&Element<'a>> {
        self.children.iter().find_map(|node| match node {
            Node::Element(element) if element.name == name => Some(element),
            _ => None,
        })
    }

    /// Prints its opening tag.
    pub fn print_opening(&self, out: &mut String) {
        self.print_tag(out);
        out.push('>');
    }

    fn print_tag(&self, out: &mut String) {
        out.push('<');
        out.push_str(self.name);
        for attributes in [self.attributes, self.added.as_str()] {
            if !attributes.is_empty() {
                out.push(' ');
                out.push_str(attributes);
            }
        }
    }

    /// Prints the element and all in it.
    pub fn print(&self, out: &mut String) {
        self.print_tag(out);
        if self.children.is_empty() {
            out.push_str("/>");
            return;
        }
        out.push('>');
        for child in &self.children {
            match child {
                Node::Element(element) => element.print(out),
                Node::Text(text) => out.push_str(text),
                Node::Raw(markup) => out.push_str(markup),
            }
        }
        out.push_str("</");
        out.push_str(self.name);
        out.push('>');
    }
}

/// Reads one XML document of our own. `None` when it is not well formed; depth is bounded by what docx-rs
/// nests, which is the nesting of our own tables.
pub(crate) fn parse(source: &str) -> Option<Element<'_>> {
    read(source, usize::MAX, |_| false)
}

/// Reads one XML document of anybody's: comments, processing instructions and CDATA stay as they stand. `None` when it is
/// not well formed, declares a document type or nests deeper than `deepest`.
pub(crate) fn parse_foreign(source: &str, deepest: usize) -> Option<Element<'_>> {
    read(source, deepest, |event| {
        matches!(event, Event::Comment(_) | Event::PI(_) | Event::CData(_))
    })
}

/// `kept` says which of the rarer events are copied; any other ends the reading.
fn read(source: &str, deepest: usize, kept: impl Fn(&Event<'_>) -> bool) -> Option<Element<'_>> {
    let mut reader = Reader::from_str(source);
    let mut open: Vec<Element<'_>> = Vec::new();
    let mut root = None;
    let mut before = 0usize;
    loop {
        let event = reader.read_event().ok()?;
        let after = usize::try_from(reader.buffer_position()).ok()?;
        let raw = source.get(before..after)?;
        before = after;
        let copied = kept(&event);
        let closed = match event {
            Event::Start(_) => {
                if open.len() >= deepest {
                    return None;
                }
                open.push(opened(raw.strip_prefix('<')?.strip_suffix('>')?));
                None
            }
            Event::Empty(_) => Some(opened(raw.strip_prefix('<')?.strip_suffix("/>")?)),
            Event::End(_) => Some(open.pop()?),
            Event::Decl(_) => None,
            Event::Eof => return if open.is_empty() { root } else { None },
            event => {
                if !copied && !matches!(event, Event::Text(_) | Event::GeneralRef(_)) {
                    return None;
                }
                if let Some(parent) = open.last_mut() {
                    parent.children.push(Node::Text(raw));
                }
                None
            }
        };
        if let Some(element) = closed {
            match open.last_mut() {
                Some(parent) => parent.children.push(Node::Element(element)),
                // Only one element stands at the top.
                None if root.is_some() => return None,
                None => root = Some(element),
            }
        }
    }
}

/// An element from the inside of its opening tag.
fn opened(tag: &str) -> Element<'_> {
    let (name, attributes) = tag
        .split_once(|c: char| c.is_ascii_whitespace())
        .unwrap_or((tag, ""));
    Element {
        name,
        attributes: attributes.trim(),
        ..Element::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_printed_as_it_was_read() {
        let source = r#"<w:p w:id="1"><w:r><w:t xml:space="preserve"> a &lt; b &#x4E00; </w:t></w:r><w:tab/></w:p>"#;
        let mut out = String::new();
        let tree = parse(source).unwrap();
        tree.print(&mut out);
        assert_eq!(out, source);
        assert_eq!(tree.attribute("w:id"), Some("1"));
        assert_eq!(tree.attribute("id"), None);
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        for source in [
            "<a>",
            "<a></b>",
            "</a>",
            "<a",
            "",
            "<!DOCTYPE a><a/>",
            "<a><![CDATA[x]]></a>",
        ] {
            assert_eq!(parse(source), None, "{source}");
        }
    }
}
