//! What runs through the words: bookmarks, fields, comment ranges, tracked changes, ids; and how blocks nest.

use std::collections::{BTreeMap, BTreeSet};

use super::faults::File;
use super::instruction::{Aim, aim};
use super::xml::{Piece, Tag};

/// Elements that record a change: each has an id of its own.
const CHANGES: [&str; 14] = [
    "w:ins",
    "w:del",
    "w:moveFrom",
    "w:moveTo",
    "w:rPrChange",
    "w:pPrChange",
    "w:sectPrChange",
    "w:tblPrChange",
    "w:tblGridChange",
    "w:trPrChange",
    "w:tcPrChange",
    "w:numberingChange",
    "w:cellIns",
    "w:cellDel",
];

/// Marks that open and close by id; what a person calls them.
const RANGES: [(&str, &str, &str); 4] = [
    ("w:bookmarkStart", "w:bookmarkEnd", "bookmark"),
    ("w:commentRangeStart", "w:commentRangeEnd", "comment range"),
    ("w:moveFromRangeStart", "w:moveFromRangeEnd", "move away"),
    ("w:moveToRangeStart", "w:moveToRangeEnd", "move here"),
];

/// Names seen so far in the whole file.
#[derive(Default)]
struct Seen {
    /// Bookmarks in small letters: Word tells them apart by nothing else.
    bookmarks: BTreeSet<String>,
    paragraphs: BTreeSet<String>,
    controls: BTreeSet<String>,
    changes: BTreeSet<String>,
    /// Names of moves: how often away and how often here.
    moves: BTreeMap<String, [usize; 2]>,
    /// Bookmarks pointed to: part and name.
    aims: Vec<(String, String)>,
}

/// Checks every part that holds words.
pub fn check(file: &File, found: &mut Vec<String>) {
    let mut seen = Seen::default();
    for (part, pieces) in file.stories() {
        ranges(part, pieces, found);
        ids(part, pieces, &mut seen, found);
        fields(part, pieces, &mut seen, found);
        nesting(part, pieces, found);
    }
    for (name, counts) in &seen.moves {
        if counts[0] == 0 || counts[1] == 0 {
            found.push(format!("the move {name} has only one of its two ends"));
        }
    }
    for (part, name) in &seen.aims {
        // `_top` is the beginning of every document.
        if name != "_top" && !seen.bookmarks.contains(&name.to_lowercase()) {
            found.push(format!("{part}: there is no bookmark {name}"));
        }
    }
}

/// Every start has one end after it.
fn ranges(part: &str, pieces: &[Piece], found: &mut Vec<String>) {
    for (start, end, what) in RANGES {
        let (mut open, mut done) = (BTreeSet::new(), BTreeSet::new());
        for tag in opened(pieces) {
            let id = tag.get("w:id").unwrap_or_default();
            if tag.name == start && (done.contains(id) || !open.insert(id)) {
                found.push(format!("{part}: the {what} {id} starts twice"));
            }
            if tag.name == end && !(open.remove(id) && done.insert(id)) {
                found.push(format!("{part}: the {what} {id} ends without a start"));
            }
        }
        for id in open {
            found.push(format!("{part}: the {what} {id} has no end"));
        }
    }
}

fn opened(pieces: &[Piece]) -> impl Iterator<Item = &Tag> {
    pieces.iter().filter_map(|piece| match piece {
        Piece::Open(tag) => Some(tag),
        _ => None,
    })
}

/// Ids and names that may occur only once.
fn ids(part: &str, pieces: &[Piece], seen: &mut Seen, found: &mut Vec<String>) {
    let mut control = false;
    for tag in opened(pieces) {
        let id = tag.get("w:id").unwrap_or_default().to_owned();
        let name = tag.get("w:name").unwrap_or_default();
        match tag.name.as_str() {
            "w:bookmarkStart" if !seen.bookmarks.insert(name.to_lowercase()) => {
                found.push(format!("{part}: the bookmark {name} is there twice"));
            }
            "w:sdtPr" => control = true,
            "w:sdtContent" => control = false,
            "w:id" if control => {
                let id = tag.get("w:val").unwrap_or_default();
                if !seen.controls.insert(id.to_owned()) {
                    found.push(format!("{part}: the content control {id} is there twice"));
                }
            }
            "w:moveFromRangeStart" => seen.moves.entry(name.to_owned()).or_default()[0] += 1,
            "w:moveToRangeStart" => seen.moves.entry(name.to_owned()).or_default()[1] += 1,
            change
                if CHANGES.contains(&change)
                    && (id.is_empty() || !seen.changes.insert(id.clone())) =>
            {
                found.push(format!(
                    "{part}: the change {id:?} is there twice or has no id"
                ));
            }
            _ => {}
        }
        let Some(id) = tag.get("w14:paraId") else {
            continue;
        };
        // ST_LongHexNumber, and below 0x80000000 (MS-DOCX 2.6.2.3).
        if id.len() != 8 || !matches!(u32::from_str_radix(id, 16), Ok(1..=0x7FFF_FFFF)) {
            found.push(format!("{part}: {id} is no id of a paragraph"));
        }
        if !seen.paragraphs.insert(id.to_lowercase()) {
            found.push(format!("{part}: the paragraph {id} is there twice"));
        }
    }
}

/// A complex field that has begun.
#[derive(Default)]
struct Field {
    instruction: String,
    separate: bool,
}

/// Fields open and close in order within a part, and say something.
fn fields(part: &str, pieces: &[Piece], seen: &mut Seen, found: &mut Vec<String>) {
    let mut open: Vec<Field> = Vec::new();
    let mut instruction = false;
    let mut point = |text: &str, found: &mut Vec<String>| match aim(text) {
        Aim::None => {}
        Aim::Bookmark(name) => seen.aims.push((part.to_owned(), name)),
        Aim::Broken => found.push(format!("{part}: a field says {text:?}")),
    };
    for piece in pieces {
        match piece {
            Piece::Open(tag) => match (tag.name.as_str(), tag.get("w:fldCharType")) {
                ("w:fldChar", Some("begin")) => open.push(Field::default()),
                ("w:fldChar", Some("separate")) => match open.last_mut() {
                    Some(field) if !field.separate => field.separate = true,
                    _ => found.push(format!("{part}: a field's result begins out of place")),
                },
                ("w:fldChar", Some("end")) => match open.pop() {
                    Some(field) => point(&field.instruction, found),
                    None => found.push(format!("{part}: a field ends that has not begun")),
                },
                ("w:fldChar", _) => found.push(format!("{part}: a field character of no type")),
                ("w:instrText", _) => {
                    instruction = true;
                    if open.last().is_none_or(|field| field.separate) {
                        found.push(format!("{part}: an instruction stands outside a field"));
                    }
                }
                ("w:fldSimple", _) => point(tag.get("w:instr").unwrap_or_default(), found),
                ("w:hyperlink", _) => {
                    // With an address the anchor is a place in that other file.
                    if let (Some(name), None) = (tag.get("w:anchor"), tag.get("r:id")) {
                        point(&format!("HYPERLINK \\l \"{name}\""), found);
                    }
                }
                _ => {}
            },
            Piece::Text(text) if instruction => {
                if let Some(field) = open.last_mut() {
                    field.instruction.push_str(text);
                }
            }
            Piece::Close(name) if name == "w:instrText" => instruction = false,
            _ => {}
        }
    }
    if !open.is_empty() {
        found.push(format!("{part}: {} fields have no end", open.len()));
    }
}

/// An open element: its name, and the names of its children so far.
struct Open<'a> {
    name: &'a str,
    children: Vec<&'a str>,
}

/// What every table, row, cell, section and deletion must hold.
fn nesting(part: &str, pieces: &[Piece], found: &mut Vec<String>) {
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut deleted = 0;
    for piece in pieces {
        match piece {
            Piece::Open(tag) => {
                let name = tag.name.as_str();
                if let Some(parent) = open.last_mut() {
                    parent.children.push(name);
                }
                open.push(Open {
                    name,
                    children: Vec::new(),
                });
                match name {
                    "w:del" | "w:moveFrom" if !is_mark(&open) => deleted += 1,
                    "w:t" if deleted > 0 && !open.iter().any(|open| open.name == "w:moveFrom") => {
                        found.push(format!("{part}: deleted words stand as words"));
                    }
                    "w:delText" if deleted == 0 => {
                        found.push(format!(
                            "{part}: words are marked deleted outside a deletion"
                        ));
                    }
                    _ => {}
                }
            }
            Piece::Close(name) => {
                let is_deletion = matches!(name.as_str(), "w:del" | "w:moveFrom");
                if is_deletion && !is_mark(&open) {
                    deleted -= 1;
                }
                let Some(closed) = open.pop() else { continue };
                let holds = |child: &str| closed.children.contains(&child);
                let held = holds("w:sdt") || holds("w:customXml");
                let fault = match closed.name {
                    "w:tbl" if !holds("w:tr") && !held => "a table has no row",
                    "w:tbl" if !holds("w:tblGrid") => "a table has no grid",
                    "w:tr" if !holds("w:tc") && !held => "a row has no cell",
                    "w:tc" if closed.children.last() != Some(&"w:p") && !held => {
                        "a cell does not end in a paragraph"
                    }
                    "w:body" => match closed.children.iter().position(|name| *name == "w:sectPr") {
                        Some(at) if at + 1 < closed.children.len() => {
                            "a section ends outside a paragraph"
                        }
                        _ => continue,
                    },
                    "w:footnote" | "w:endnote" | "w:comment" | "w:hdr" | "w:ftr"
                        if !holds("w:p") && !holds("w:tbl") && !held
                            // The settings list notes by the same name.
                            && part != "word/settings.xml" =>
                    {
                        "a story has no paragraph"
                    }
                    _ => continue,
                };
                found.push(format!("{part}: {fault}"));
            }
            Piece::Text(_) => {}
        }
    }
}

/// Whether the innermost element marks its paragraph or row as changed, and holds no words.
fn is_mark(open: &[Open<'_>]) -> bool {
    let outer = open.iter().rev().nth(1).map(|open| open.name);
    matches!(outer, Some("w:rPr" | "w:trPr"))
}
