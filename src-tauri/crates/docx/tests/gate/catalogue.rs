//! What is defined once and used elsewhere: styles, numbers, notes, comments.

use std::collections::{BTreeMap, BTreeSet};

use super::faults::File;
use super::xml::{Piece, Tag};

const STYLES: &str = "word/styles.xml";
const NUMBERING: &str = "word/numbering.xml";

/// Checks styles, numbers, notes and comments.
pub fn check(file: &File, found: &mut Vec<String>) {
    styles(file, found);
    numbers(file, found);
    for kind in ["footnote", "endnote"] {
        notes(file, kind, found);
    }
    comments(file, found);
}

#[derive(Default)]
struct Style {
    kind: String,
    based_on: Option<String>,
    next: Option<String>,
    link: Option<String>,
}

fn styles(file: &File, found: &mut Vec<String>) {
    let mut all: BTreeMap<String, Style> = BTreeMap::new();
    let mut current = String::new();
    for piece in file.pieces(STYLES) {
        let Piece::Open(tag) = piece else { continue };
        if tag.name == "w:style" {
            current = tag.get("w:styleId").unwrap_or_default().to_owned();
            let style = Style {
                kind: tag.get("w:type").unwrap_or_default().to_owned(),
                ..Style::default()
            };
            if all.insert(current.clone(), style).is_some() {
                found.push(format!("the style {current} is defined twice"));
            }
        }
        let value = tag.get("w:val").map(str::to_owned);
        if let Some(style) = all.get_mut(&current) {
            match tag.name.as_str() {
                "w:basedOn" => style.based_on = value,
                "w:next" => style.next = value,
                "w:link" => style.link = value,
                _ => {}
            }
        }
    }
    for (id, style) in &all {
        for (what, other) in [
            ("based on", &style.based_on),
            ("followed by", &style.next),
            ("linked to", &style.link),
        ] {
            let Some(other) = other else { continue };
            let Some(target) = all.get(other) else {
                found.push(format!(
                    "the style {id} is {what} {other}, which is missing"
                ));
                continue;
            };
            // A link joins a paragraph style and a character style, each to the other; the rest stay in their kind.
            if (target.kind == style.kind) == (what == "linked to") {
                found.push(format!(
                    "the style {id} is {what} {other}, a style of kind {}",
                    target.kind
                ));
            }
            if what == "linked to" && target.link.as_ref() != Some(id) {
                found.push(format!(
                    "the style {id} is linked to {other}, but not {other} to {id}"
                ));
            }
        }
        let (mut at, mut steps) = (id, 0);
        while let Some(base) = all.get(at).and_then(|style| style.based_on.as_ref()) {
            (at, steps) = (base, steps + 1);
            if steps > all.len() {
                found.push(format!("the style {id} is based on itself in a circle"));
                break;
            }
        }
    }
    for (part, pieces) in file.stories() {
        for piece in pieces {
            let Piece::Open(tag) = piece else { continue };
            let kind = match tag.name.as_str() {
                "w:pStyle" => "paragraph",
                "w:rStyle" => "character",
                "w:tblStyle" => "table",
                _ => continue,
            };
            let id = tag.get("w:val").unwrap_or_default();
            if all.get(id).is_none_or(|style| style.kind != kind) {
                found.push(format!("{part}: there is no {kind} style {id}"));
            }
        }
    }
}

fn numbers(file: &File, found: &mut Vec<String>) {
    let value = |tag: &Tag, name: &str| tag.get(name).unwrap_or_default().to_owned();
    let mut lists: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut counts: BTreeMap<String, String> = BTreeMap::new();
    let mut lent: BTreeSet<String> = BTreeSet::new();
    let (mut list, mut count) = (None, None);
    for piece in file.pieces(NUMBERING) {
        match piece {
            Piece::Open(tag) => match (tag.name.as_str(), &list, &count) {
                ("w:abstractNum", ..) => {
                    let id = value(tag, "w:abstractNumId");
                    if lists.insert(id.clone(), BTreeSet::new()).is_some() {
                        found.push(format!("the list {id} is defined twice"));
                    }
                    list = Some(id);
                }
                ("w:lvl", Some(id), _) => {
                    let level = value(tag, "w:ilvl");
                    if !lists.entry(id.clone()).or_default().insert(level.clone()) {
                        found.push(format!("the list {id} has level {level} twice"));
                    }
                }
                ("w:numStyleLink", Some(id), _) => {
                    lent.insert(id.clone());
                }
                ("w:num", ..) => count = Some(value(tag, "w:numId")),
                ("w:abstractNumId", _, Some(id))
                    if counts.insert(id.clone(), value(tag, "w:val")).is_some() =>
                {
                    found.push(format!("the number {id} is defined twice"));
                }
                _ => {}
            },
            Piece::Close(name) if name == "w:abstractNum" => list = None,
            Piece::Close(name) if name == "w:num" => {
                if let Some(id) = count.take().filter(|id| !counts.contains_key(id)) {
                    found.push(format!("the number {id} names no list"));
                }
            }
            _ => {}
        }
    }
    for (id, list) in &counts {
        if !lists.contains_key(list) {
            found.push(format!(
                "the number {id} is of the list {list}, which is missing"
            ));
        }
    }
    for (part, pieces) in file.stories() {
        let mut level = "0".to_owned();
        for piece in pieces {
            let Piece::Open(tag) = piece else { continue };
            match tag.name.as_str() {
                "w:numPr" => "0".clone_into(&mut level),
                "w:ilvl" => level = value(tag, "w:val"),
                "w:numId" => {
                    let id = value(tag, "w:val");
                    let Some(list) = counts.get(&id) else {
                        // 0 takes a number away.
                        if id != "0" {
                            found.push(format!("{part}: there is no number {id}"));
                        }
                        continue;
                    };
                    let levels = lists.get(list).filter(|_| !lent.contains(list));
                    if levels.is_some_and(|levels| !levels.contains(&level)) {
                        found.push(format!("{part}: the number {id} has no level {level}"));
                    }
                }
                _ => {}
            }
        }
    }
}

fn notes(file: &File, kind: &str, found: &mut Vec<String>) {
    let part = format!("word/{kind}s.xml");
    let mut known = BTreeSet::new();
    let mut separators = BTreeSet::new();
    let name = format!("w:{kind}");
    for note in file.tags(&part, &name) {
        let id = note.get("w:id").unwrap_or_default();
        if !known.insert(id) {
            found.push(format!("{part} has the note {id} twice"));
        }
        separators.extend(note.get("w:type").map(|kind| (kind, id)));
    }
    if file.xml.contains_key(&part) {
        for kind in ["separator", "continuationSeparator"] {
            if !separators.iter().any(|(found, _)| *found == kind) {
                found.push(format!("{part} has no {kind}"));
            }
        }
        for note in file.tags("word/settings.xml", &name) {
            let id = note.get("w:id").unwrap_or_default();
            if !separators.iter().any(|(_, found)| *found == id) {
                found.push(format!(
                    "the settings name the separator {id}, which is missing"
                ));
            }
        }
    }
    let name = format!("w:{kind}Reference");
    for (story, _) in file.stories() {
        for reference in file.tags(story, &name) {
            let id = reference.get("w:id").unwrap_or_default();
            if !known.contains(id) || separators.iter().any(|(_, found)| *found == id) {
                found.push(format!("{story}: there is no {kind} {id}"));
            }
        }
    }
}

fn comments(file: &File, found: &mut Vec<String>) {
    const PART: &str = "word/comments.xml";
    let mut known = BTreeSet::new();
    for comment in file.tags(PART, "w:comment") {
        let id = comment.get("w:id").unwrap_or_default();
        if !known.insert(id) {
            found.push(format!("{PART} has the comment {id} twice"));
        }
    }
    for (story, _) in file.stories() {
        for name in [
            "w:commentRangeStart",
            "w:commentRangeEnd",
            "w:commentReference",
        ] {
            for tag in file.tags(story, name) {
                let id = tag.get("w:id").unwrap_or_default();
                if !known.contains(id) {
                    found.push(format!(
                        "{story}: <{name}> is of the comment {id}, which is missing"
                    ));
                }
            }
        }
    }
    // Replies are joined by the ids of the comments' paragraphs.
    let paragraphs: BTreeSet<_> = file
        .tags(PART, "w:p")
        .filter_map(|tag| tag.get("w14:paraId"))
        .collect();
    for tag in file.tags("word/commentsExtended.xml", "w15:commentEx") {
        for name in ["w15:paraId", "w15:paraIdParent"] {
            if let Some(id) = tag.get(name).filter(|id| !paragraphs.contains(id)) {
                found.push(format!(
                    "commentsExtended.xml: no comment has the paragraph {id}"
                ));
            }
        }
    }
}
