//! Properties of a paragraph or run, changed one by one and printed in the order of the schema.

use crate::write::mend;
use crate::write::tree::{Element, Node};

/// The properties in one element.
#[derive(Debug, Clone, Default)]
pub(super) struct Properties {
    /// Name and markup.
    items: Vec<(String, String)>,
}

impl Properties {
    /// Those of an element; none where there is no such element.
    pub fn of(element: Option<&Element<'_>>) -> Self {
        let children = element.map_or(&[][..], |element| element.children.as_slice());
        let mut properties = Self::default();
        for node in children {
            match node {
                Node::Element(child) => properties.set(child.name, markup(child)),
                // The mending pass puts in whole elements.
                Node::Raw(raw) => {
                    let name = raw.trim_start_matches('<');
                    let end = name.find(|c: char| !c.is_alphanumeric() && c != ':');
                    properties.set(&name[..end.unwrap_or(name.len())], raw.clone());
                }
                Node::Text(_) => {}
            }
        }
        properties
    }

    /// Puts a property in, in the place of one of its name.
    pub fn set(&mut self, name: &str, markup: String) {
        self.remove(name);
        self.items.push((name.to_owned(), markup));
    }

    /// Puts a property in where there is none of its name.
    pub fn set_if_absent(&mut self, name: &str, markup: &str) {
        if !self.has(name) {
            self.items.push((name.to_owned(), markup.to_owned()));
        }
    }

    pub fn remove(&mut self, name: &str) {
        self.items.retain(|(own, _)| own != name);
    }

    pub fn has(&self, name: &str) -> bool {
        self.items.iter().any(|(own, _)| own == name)
    }

    /// The markup of a property.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.items.iter().find(|(own, _)| own == name);
        found.map(|(_, markup)| markup.as_str())
    }

    /// The element `w:pPr` or `w:rPr` with its children in order; nothing where it has none.
    pub fn print(mut self, parent: &str) -> String {
        if self.items.is_empty() {
            return String::new();
        }
        let order = mend::order(parent).unwrap_or_default();
        let place = |(name, _): &(String, String)| {
            let found = order.iter().position(|other| other == name);
            found.unwrap_or(order.len())
        };
        self.items.sort_by_key(place);
        let inside: String = self.items.into_iter().map(|(_, markup)| markup).collect();
        format!("<{parent}>{inside}</{parent}>")
    }
}

/// An element as markup.
pub(super) fn markup(element: &Element<'_>) -> String {
    let mut out = String::new();
    element.print(&mut out);
    out
}

/// The value of `w:val` of a child.
pub(super) fn value<'a>(element: &Element<'a>, child: &str) -> Option<&'a str> {
    element.child(child)?.attribute("w:val")
}
