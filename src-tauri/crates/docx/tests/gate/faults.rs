//! Our own checks of a Word file: what the validators do not see, and what must hold where there is no Python.

use std::collections::BTreeMap;

use super::xml::{self, Piece, Tag};
use super::{catalogue, marks, package, relations};

/// A file taken apart: its entries, and those of them that are XML.
pub struct File {
    /// Every entry.
    pub parts: BTreeMap<String, Vec<u8>>,
    /// Every XML part, read.
    pub xml: BTreeMap<String, Vec<Piece>>,
}

impl File {
    /// The opening tags of that name in a part, in order.
    pub fn tags<'a>(&'a self, part: &str, name: &'a str) -> impl Iterator<Item = &'a Tag> {
        self.pieces(part)
            .iter()
            .filter_map(move |piece| match piece {
                Piece::Open(tag) if tag.name == name => Some(tag),
                _ => None,
            })
    }

    /// The pieces of a part; none where it is missing.
    pub fn pieces(&self, part: &str) -> &[Piece] {
        self.xml.get(part).map_or(&[], Vec::as_slice)
    }

    /// The XML parts below `word/` that are no relations: where styles, numbers and marks are used.
    pub fn stories(&self) -> impl Iterator<Item = (&str, &[Piece])> {
        self.xml
            .iter()
            .filter(|(name, _)| name.starts_with("word/") && !name.ends_with(".rels"))
            .map(|(name, pieces)| (name.as_str(), pieces.as_slice()))
    }
}

/// Every fault found in a .docx file, each a sentence that names the part; empty for a sound file.
pub fn faults(docx: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    // Names of parts are equal whatever the case of their letters (ECMA-376 part 2, 7.3.1).
    let mut names: Vec<String> = package::listed(docx)
        .iter()
        .map(|name| name.to_ascii_lowercase())
        .collect();
    names.sort();
    for pair in names.windows(2) {
        if pair[0] == pair[1] {
            found.push(format!("the archive has {} twice", pair[0]));
        }
    }
    let parts = match package::unpack(docx) {
        Ok(parts) => parts,
        Err(why) => {
            found.push(format!("the archive cannot be read: {why}"));
            return found;
        }
    };
    let mut file = File {
        parts: parts.into_iter().collect(),
        xml: BTreeMap::new(),
    };
    for (name, bytes) in &file.parts {
        if name.ends_with(".xml") || name.ends_with(".rels") {
            match xml::read(bytes) {
                Ok(pieces) => {
                    file.xml.insert(name.clone(), pieces);
                }
                Err(why) => found.push(format!("{name} is no XML: {why}")),
            }
        }
    }
    relations::check(&file, &mut found);
    catalogue::check(&file, &mut found);
    marks::check(&file, &mut found);
    found
}
