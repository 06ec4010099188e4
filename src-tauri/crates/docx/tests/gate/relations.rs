//! Content types and relationships: every part has its type, every relationship its target, every `r:id` its relationship.

use std::collections::{BTreeMap, BTreeSet};

use super::faults::File;
use super::xml::Piece;

const TYPES: &str = "[Content_Types].xml";

/// Attributes that name a relationship of the part they stand in.
const NAMING: [&str; 5] = ["r:id", "r:embed", "r:link", "r:pict", "r:href"];

/// Kinds of relationship whose target has a content type that ends in the same word.
const TYPED: [&str; 11] = [
    "comments",
    "endnotes",
    "fontTable",
    "footer",
    "footnotes",
    "header",
    "numbering",
    "settings",
    "styles",
    "theme",
    "webSettings",
];

/// Checks the package.
pub fn check(file: &File, found: &mut Vec<String>) {
    let types = types(file, found);
    let mut entrances = 0;
    let mut named = BTreeSet::new();
    for (rels, _) in file.xml.iter().filter(|(name, _)| name.ends_with(".rels")) {
        let (folder, source) = source(rels);
        if !source.is_empty() && !file.parts.contains_key(&source) {
            found.push(format!("{rels} belongs to no part"));
        }
        let mut ids = BTreeSet::new();
        for relation in file.tags(rels, "Relationship") {
            let (id, kind, target) = ["Id", "Type", "Target"]
                .map(|name| relation.get(name).unwrap_or_default())
                .into();
            if id.is_empty() || kind.is_empty() || target.is_empty() {
                found.push(format!("{rels}: a relationship lacks id, type or target"));
            }
            if !ids.insert(id.to_owned()) {
                found.push(format!("{rels} has the relationship {id} twice"));
            }
            if relation.get("TargetMode") == Some("External") {
                continue;
            }
            let kind = kind.rsplit('/').next().unwrap_or_default();
            entrances += usize::from(kind == "officeDocument");
            let part = resolved(&folder, target);
            if !file.parts.contains_key(&part) {
                found.push(format!("{rels}: {id} leads to {part}, which is missing"));
                continue;
            }
            let content = types.get(&part).map_or("", String::as_str);
            if TYPED.contains(&kind) && !content.ends_with(&format!(".{kind}+xml")) {
                found.push(format!("{part} is of type {content:?}, not of {kind}"));
            }
            named.insert(part);
        }
        for piece in file.pieces(&source) {
            let Piece::Open(tag) = piece else { continue };
            for id in NAMING.iter().filter_map(|name| tag.get(name)) {
                if !ids.contains(id) {
                    found.push(format!(
                        "{source}: <{}> names no relationship {id}",
                        tag.name
                    ));
                }
            }
        }
    }
    if entrances != 1 {
        found.push(format!("the package has {entrances} main documents"));
    }
    for name in file.parts.keys() {
        if name != TYPES && !name.ends_with(".rels") && !named.contains(name) {
            found.push(format!("no relationship leads to {name}"));
        }
    }
    // A part without relationships of its own cannot name any.
    for (name, pieces) in file.stories() {
        let (folder, base) = name.rsplit_once('/').unwrap_or(("", name));
        let own = file
            .xml
            .contains_key(&format!("{folder}/_rels/{base}.rels"));
        let names = pieces.iter().any(
            |piece| matches!(piece, Piece::Open(tag) if NAMING.iter().any(|name| tag.get(name).is_some())),
        );
        if names && !own {
            found.push(format!("{name} names relationships and has none"));
        }
    }
}

/// The content type of each part.
fn types(file: &File, found: &mut Vec<String>) -> BTreeMap<String, String> {
    let mut own = BTreeMap::new();
    for tag in file.tags(TYPES, "Override") {
        let name = tag.get("PartName").unwrap_or_default();
        let part = name.trim_start_matches('/').to_owned();
        if !file.parts.contains_key(&part) {
            found.push(format!(
                "a content type is given for {part}, which is missing"
            ));
        }
        let kind = tag.get("ContentType").unwrap_or_default().to_owned();
        if own.insert(part, kind).is_some() {
            found.push(format!("the content type of {name} is given twice"));
        }
    }
    let mut usual = BTreeMap::new();
    for tag in file.tags(TYPES, "Default") {
        let ending = tag.get("Extension").unwrap_or_default().to_lowercase();
        usual.insert(ending, tag.get("ContentType").unwrap_or_default());
    }
    for name in file.parts.keys().filter(|name| *name != TYPES) {
        if own.contains_key(name) {
            continue;
        }
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        match usual.get(&ending.to_lowercase()) {
            Some(kind) => {
                own.insert(name.clone(), (*kind).to_owned());
            }
            None => found.push(format!("{name} has no content type")),
        }
    }
    own
}

/// The folder that targets start from, and the part that the relationships belong to; empty for the package itself.
fn source(rels: &str) -> (String, String) {
    let (folder, base) = rels.split_once("_rels/").unwrap_or(("", rels));
    let base = base.trim_end_matches(".rels");
    let source = if base.is_empty() {
        String::new()
    } else {
        format!("{folder}{base}")
    };
    (folder.to_owned(), source)
}

/// A target as the name of a part.
fn resolved(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut path: Vec<&str> = folder.split('/').filter(|step| !step.is_empty()).collect();
    for step in target.split('/') {
        match step {
            "." => {}
            ".." => {
                path.pop();
            }
            step => path.push(step),
        }
    }
    path.join("/")
}
