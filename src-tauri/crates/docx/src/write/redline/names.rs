//! Names of the old document in the file of the new one: styles, lists, links, bookmarks.
//!
//! What both documents define in the same way is shared; what only the old one has, or has otherwise, is added under a
//! name of its own, so that rejected text finds its own style and its own counting again.

use std::collections::{BTreeMap, BTreeSet};

use super::flat::{inside, printed};
use super::{Composed, WriteError, parsed, part};
use crate::write::tree::{Element, Node};

/// First number of what is added.
const ADDED_BOOKMARK: usize = 500_000;

/// Old names to merged names, and the merged parts that define them.
pub(super) struct Names {
    styles_of: BTreeMap<String, String>,
    counts_of: BTreeMap<String, String>,
    links_of: BTreeMap<String, String>,
    note_links_of: BTreeMap<String, String>,
    /// Remarks on the new document: those on the old one are counted on from there.
    remarks: usize,
    /// `word/styles.xml`.
    pub styles: String,
    /// `word/numbering.xml`, where there are lists.
    pub numbering: Option<String>,
    /// Addresses of links in the body.
    pub links: Vec<String>,
    /// Addresses of links in footnotes.
    pub note_links: Vec<String>,
}

/// Bookmarks of the old document.
#[derive(Debug, Default)]
pub(super) struct Bookmarks {
    /// By name, and by number as written.
    names: BTreeMap<String, String>,
    numbers: BTreeMap<String, String>,
}

impl Bookmarks {
    /// References to a paragraph that stays lead to the bookmark it has in the new document, and so do entries of contents.
    pub fn pair(&mut self, old: &Element<'_>, new: &Element<'_>) {
        let new = around(new);
        for name in around(old) {
            let same = new.iter().find(|new| kind(new) == kind(name));
            if let Some(new) = same {
                self.names.insert(name.to_owned(), (*new).to_owned());
            }
        }
    }

    /// Gives every other bookmark a new name and number.
    pub fn collect(&mut self, element: &Element<'_>) {
        if element.name == "w:bookmarkStart"
            && let (Some(name), Some(number)) =
                (element.attribute("w:name"), element.attribute("w:id"))
        {
            let fresh = ADDED_BOOKMARK + self.numbers.len();
            self.numbers.insert(number.to_owned(), fresh.to_string());
            self.names.entry(name.to_owned()).or_insert_with(|| {
                // What follows the number is the id of the clause, which stays.
                let kind = kind(name);
                let id = name
                    .trim_start_matches(kind)
                    .trim_start_matches(|c: char| c.is_ascii_digit());
                format!("{kind}{}{id}", 300_000_000 + fresh)
            });
        }
        for node in &element.children {
            if let Node::Element(child) = node {
                self.collect(child);
            }
        }
    }
}

/// The names of the bookmarks around a paragraph: they come first, right after the properties.
fn around<'a>(paragraph: &Element<'a>) -> Vec<&'a str> {
    let at = usize::from(paragraph.child("w:pPr").is_some());
    let mut names = Vec::new();
    let mut rest = paragraph.children.get(at..).unwrap_or_default();
    while let [Node::Element(start), more @ ..] = rest
        && start.name == "w:bookmarkStart"
        && !is_of_note(more)
    {
        names.extend(start.attribute("w:name"));
        rest = more;
    }
    names
}

/// What a bookmark is for: an entry of the contents, or references.
fn kind(name: &str) -> &'static str {
    if name.starts_with("_Toc") {
        "_Toc"
    } else {
        "_Ref"
    }
}

/// True when a bookmark that starts before these nodes is that of the mark of a note.
fn is_of_note(rest: &[Node<'_>]) -> bool {
    matches!(rest, [Node::Element(run), Node::Element(end), ..]
        if run.child("w:footnoteReference").is_some() && end.name == "w:bookmarkEnd")
}

impl Names {
    /// `remarks` is how many there are on the new document.
    pub fn new(earlier: &Composed, later: &Composed, remarks: usize) -> Result<Self, WriteError> {
        let (links, links_of) = joined_links(&earlier.links, &later.links);
        let (note_links, note_links_of) = joined_links(&earlier.note_links, &later.note_links);
        let lists = Lists::new(
            part(earlier, "word/numbering.xml"),
            part(later, "word/numbering.xml"),
        )?;
        let (styles, styles_of) = styles(
            part(earlier, "word/styles.xml").unwrap_or_default(),
            part(later, "word/styles.xml").unwrap_or_default(),
            &lists.counts_of,
        )?;
        Ok(Self {
            numbering: lists.print(&styles_of),
            counts_of: lists.counts_of,
            styles_of,
            links_of,
            note_links_of,
            remarks,
            styles,
            links,
            note_links,
        })
    }

    /// Renames what the body of the old document refers to.
    pub fn rename(&self, element: &mut Element<'_>, bookmarks: &Bookmarks) {
        self.rename_with(element, bookmarks, &self.links_of);
    }

    /// Renames what a footnote of the old document refers to.
    pub fn rename_in_note(&self, element: &mut Element<'_>, bookmarks: &Bookmarks) {
        self.rename_with(element, bookmarks, &self.note_links_of);
    }

    fn rename_with(
        &self,
        element: &mut Element<'_>,
        bookmarks: &Bookmarks,
        links: &BTreeMap<String, String>,
    ) {
        match element.name {
            "w:pStyle" | "w:rStyle" | "w:tblStyle" => put(element, &[("w:val", &self.styles_of)]),
            "w:numId" => put(element, &[("w:val", &self.counts_of)]),
            "w:hyperlink" => {
                put(element, &[("r:id", links), ("w:anchor", &bookmarks.names)]);
            }
            "w:bookmarkStart" => {
                let to = [("w:name", &bookmarks.names), ("w:id", &bookmarks.numbers)];
                put(element, &to);
            }
            "w:bookmarkEnd" => put(element, &[("w:id", &bookmarks.numbers)]),
            "w:commentRangeStart" | "w:commentRangeEnd" | "w:commentReference" => {
                if let Some(id) = element
                    .attribute("w:id")
                    .and_then(|id| id.parse::<usize>().ok())
                {
                    element.attributes = "";
                    element.added = format!("w:id=\"{}\"", id + self.remarks);
                }
            }
            "w:instrText" => instruction(element, &bookmarks.names),
            _ => {}
        }
        for node in &mut element.children {
            if let Node::Element(child) = node {
                self.rename_with(child, bookmarks, links);
            }
        }
    }
}

/// Puts other values in the place of attributes', where they have other names now.
fn put(element: &mut Element<'_>, renamings: &[(&str, &BTreeMap<String, String>)]) {
    let mut whole = element.attributes.to_owned();
    for (attribute, names) in renamings {
        if let Some(value) = element.attribute(attribute)
            && let Some(name) = names.get(value)
        {
            let before = format!("{attribute}=\"{value}\"");
            whole = whole.replacen(&before, &format!("{attribute}=\"{name}\""), 1);
        }
    }
    if whole != element.attributes {
        element.attributes = "";
        element.added = whole;
    }
}

/// The bookmark in a field instruction.
fn instruction(element: &mut Element<'_>, names: &BTreeMap<String, String>) {
    let text = inside(element);
    let mut words = text.split(' ').filter(|word| !word.is_empty());
    if !matches!(words.next(), Some("REF" | "NOTEREF" | "PAGEREF")) {
        return;
    }
    if let Some((old, new)) = words.next().and_then(|name| Some((name, names.get(name)?))) {
        element.children = vec![Node::Raw(text.replacen(old, new, 1))];
    }
}

/// The links of both: those of the new document first, under their own numbers.
fn joined_links(old: &[String], new: &[String]) -> (Vec<String>, BTreeMap<String, String>) {
    let mut all = new.to_vec();
    let mut place: BTreeMap<String, usize> = new
        .iter()
        .enumerate()
        .map(|(at, link)| (link.clone(), at))
        .collect();
    let mut of = BTreeMap::new();
    for (at, link) in old.iter().enumerate() {
        let number = *place.entry(link.clone()).or_insert_with(|| {
            all.push(link.clone());
            all.len() - 1
        });
        of.insert(
            format!("rIdLink{}", at + 1),
            format!("rIdLink{}", number + 1),
        );
    }
    (all, of)
}

/// The children of a part that are elements.
fn elements<'a>(root: Element<'a>) -> Vec<Element<'a>> {
    root.children
        .into_iter()
        .filter_map(|node| match node {
            Node::Element(child) => Some(child),
            _ => None,
        })
        .collect()
}

/// An element from its opening tag on, without an attribute.
fn without(element: &Element<'_>, attribute: &str) -> String {
    let own = element.attribute(attribute).unwrap_or_default();
    printed(element).replacen(&format!("{attribute}=\"{own}\""), "", 1)
}

/// The lists of both documents.
struct Lists {
    /// The part of the new document up to its end, or an empty one.
    opening: String,
    definitions: Vec<String>,
    counts: Vec<String>,
    /// Definitions added from the old document, and the place of the first.
    added: Vec<String>,
    counts_of: BTreeMap<String, String>,
}

impl Lists {
    fn new(old: Option<&str>, new: Option<&str>) -> Result<Self, WriteError> {
        const NAME: &str = "numbering.xml";
        let mut lists = Self {
            opening: String::new(),
            definitions: Vec::new(),
            counts: Vec::new(),
            added: Vec::new(),
            counts_of: BTreeMap::new(),
        };
        // Without its number, and without the sign that tells pasted lists apart.
        let same = |definition: &Element<'_>| {
            let mut bare = definition.clone();
            bare.children
                .retain(|node| !matches!(node, Node::Element(child) if child.name == "w:nsid"));
            without(&bare, "w:abstractNumId")
        };
        let (mut known, mut known_counts) = (Vec::new(), Vec::new());
        let mut next = (0, 1);
        if let Some(new) = new {
            let root = parsed(new, NAME)?;
            lists.opening = format!("<{} {}>", root.name, root.attributes);
            for child in elements(root) {
                let number = |name| {
                    child
                        .attribute(name)
                        .and_then(|id| id.parse::<usize>().ok())
                };
                if child.name == "w:abstractNum" {
                    let id = number("w:abstractNumId").unwrap_or(0);
                    next.0 = next.0.max(id + 1);
                    known.push((same(&child), id));
                    lists.definitions.push(printed(&child));
                } else if child.name == "w:num" {
                    let id = number("w:numId").unwrap_or(0);
                    next.1 = next.1.max(id + 1);
                    known_counts.push((without(&child, "w:numId"), id));
                    lists.counts.push(printed(&child));
                }
            }
        }
        let Some(old) = old else { return Ok(lists) };
        let root = parsed(old, NAME)?;
        if lists.opening.is_empty() {
            lists.opening = format!("<{} {}>", root.name, root.attributes);
        }
        let mut definition_of = BTreeMap::new();
        for mut child in elements(root) {
            if child.name == "w:abstractNum" {
                let own = child
                    .attribute("w:abstractNumId")
                    .unwrap_or_default()
                    .to_owned();
                let bare = same(&child);
                let id = match known.iter().position(|(other, _)| *other == bare) {
                    Some(at) => known.remove(at).1,
                    None => {
                        next.0 += 1;
                        let id = next.0 - 1;
                        child.children.retain(
                            |node| !matches!(node, Node::Element(sign) if sign.name == "w:nsid"),
                        );
                        let sign = format!("<w:nsid w:val=\"{:08X}\"/>", 0x5A00_0000 + id);
                        child.children.insert(0, Node::Raw(sign));
                        let number = format!("w:abstractNumId=\"{own}\"");
                        let now = format!("w:abstractNumId=\"{id}\"");
                        lists.added.push(printed(&child).replacen(&number, &now, 1));
                        id
                    }
                };
                definition_of.insert(own, id.to_string());
            } else if child.name == "w:num" {
                let own = child.attribute("w:numId").unwrap_or_default().to_owned();
                for node in &mut child.children {
                    if let Node::Element(of) = node
                        && of.name == "w:abstractNumId"
                    {
                        put(of, &[("w:val", &definition_of)]);
                    }
                }
                let bare = without(&child, "w:numId");
                let id = match known_counts.iter().position(|(other, _)| *other == bare) {
                    Some(at) => known_counts.remove(at).1,
                    None => {
                        next.1 += 1;
                        let id = next.1 - 1;
                        let number = format!("w:numId=\"{own}\"");
                        let now = format!("w:numId=\"{id}\"");
                        lists
                            .counts
                            .push(printed(&child).replacen(&number, &now, 1));
                        id
                    }
                };
                lists.counts_of.insert(own, id.to_string());
            }
        }
        Ok(lists)
    }

    /// The part; levels of added lists are linked to the added styles.
    fn print(&self, styles_of: &BTreeMap<String, String>) -> Option<String> {
        if self.opening.is_empty() {
            return None;
        }
        let mut out = self.opening.clone();
        self.definitions
            .iter()
            .for_each(|definition| out.push_str(definition));
        for definition in &self.added {
            let mut definition = definition.clone();
            for (old, new) in styles_of {
                definition = definition.replace(
                    &format!("<w:pStyle w:val=\"{old}\"/>"),
                    &format!("<w:pStyle w:val=\"{new}\"/>"),
                );
            }
            out.push_str(&definition);
        }
        self.counts.iter().for_each(|count| out.push_str(count));
        out.push_str("</w:numbering>");
        Some(out)
    }
}

/// The styles part of the new document with the styles only the old one has, and the names of those that differ.
fn styles(
    old: &str,
    new: &str,
    counts_of: &BTreeMap<String, String>,
) -> Result<(String, BTreeMap<String, String>), WriteError> {
    const NAME: &str = "styles.xml";
    let mut known = BTreeMap::new();
    let mut titles = BTreeSet::new();
    let title = |style: &Element<'_>| {
        style
            .child("w:name")
            .and_then(|name| name.attribute("w:val"))
            .unwrap_or_default()
            .to_owned()
    };
    for style in elements(parsed(new, NAME)?) {
        if style.name == "w:style" {
            let id = style.attribute("w:styleId").unwrap_or_default();
            known.insert(id.to_owned(), printed(&style));
            titles.insert(title(&style));
        }
    }
    let mut added = Vec::new();
    let mut names = BTreeMap::new();
    for mut style in elements(parsed(old, NAME)?) {
        if style.name != "w:style" {
            continue;
        }
        recount(&mut style, counts_of);
        let id = style.attribute("w:styleId").unwrap_or_default().to_owned();
        match known.get(&id) {
            Some(other) if *other == printed(&style) => {}
            Some(_) => {
                names.insert(id.clone(), format!("{id}Earlier"));
                added.push((id, style));
            }
            None => added.push((id, style)),
        }
    }
    let mut markup = String::new();
    for (id, mut style) in added {
        let own = title(&style);
        let mut now = own.clone();
        if !titles.insert(now.clone()) {
            now = format!("{own} (earlier)");
            titles.insert(now.clone());
        }
        let of = BTreeMap::from([(own, now)]);
        for node in &mut style.children {
            if let Node::Element(child) = node {
                match child.name {
                    "w:name" => put(child, &[("w:val", &of)]),
                    "w:basedOn" | "w:next" | "w:link" => put(child, &[("w:val", &names)]),
                    _ => {}
                }
            }
        }
        let text = printed(&style).replacen(" w:default=\"1\"", "", 1);
        let text = match names.get(&id) {
            Some(name) => text.replacen(
                &format!("w:styleId=\"{id}\""),
                &format!("w:styleId=\"{name}\""),
                1,
            ),
            None => text,
        };
        markup.push_str(&text);
    }
    Ok((
        new.replacen("</w:styles>", &format!("{markup}</w:styles>"), 1),
        names,
    ))
}

/// Lists under their new numbers.
fn recount(element: &mut Element<'_>, counts_of: &BTreeMap<String, String>) {
    if element.name == "w:numId" {
        put(element, &[("w:val", counts_of)]);
    }
    for node in &mut element.children {
        if let Node::Element(child) = node {
            recount(child, counts_of);
        }
    }
}
