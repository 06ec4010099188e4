//! Tracked changes in a tree of WordprocessingML: taken in, or taken back.

use std::collections::BTreeSet;

use crate::write::tree::{Element, Node};

/// Which side of the changes is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// All changes accepted.
    New,
    /// All changes rejected.
    Old,
}

/// Notes and comments whose marks went with a change: `footnoteReference`, `endnoteReference` or `commentReference`, and
/// the id.
#[derive(Debug, Default)]
pub(super) struct Notes {
    dropped: BTreeSet<(&'static str, String)>,
    kept: BTreeSet<(&'static str, String)>,
}

impl Notes {
    /// True when no mark of a note or comment is left.
    fn are_gone(&self, kind: &'static str, id: &str) -> bool {
        let key = (kind, id.to_owned());
        self.dropped.contains(&key) && !self.kept.contains(&key)
    }
}

/// Columns a table is looked at for.
const WIDEST: usize = 1024;

/// The mark of a comment.
const COMMENT: &str = "commentReference";

/// Works through one part.
pub(super) struct Resolver<'n> {
    side: Side,
    notes: &'n mut Notes,
    /// True once anything was changed.
    pub changed: bool,
}

/// What a change of one kind means for what is in it.
enum Fate {
    /// What is inside stays, without the change around it.
    Unwrap,
    /// It goes with all that is inside.
    Drop,
}

/// The name of a paragraph without its mark, until it has run into the next one; no element of a file has it.
const UNMARKED: &str = "";
/// In place of the attributes of such a paragraph: its name had the usual prefix.
const PREFIXED: &str = "w";

/// The name without its prefix. Only elements of the main namespace have these names in a Word part, but for `m:r`.
fn local(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, local)| local)
}

/// True for the record of former properties.
fn is_former(node: &Node<'_>) -> bool {
    matches!(node, Node::Element(child)
        if local(child.name).ends_with("PrChange") || matches!(local(child.name), "tblGridChange" | "numberingChange" | "tblPrExChange"))
}

impl<'n> Resolver<'n> {
    pub fn new(side: Side, notes: &'n mut Notes) -> Self {
        Self {
            side,
            notes,
            changed: false,
        }
    }

    /// Resolves a part from its root.
    pub fn part(&mut self, root: &mut Element<'_>) {
        if matches!(local(root.name), "footnotes" | "endnotes" | "comments") {
            self.without_notes(root);
        }
        self.element(root);
        if self.notes.dropped.iter().any(|(kind, _)| *kind == COMMENT) {
            self.without_ranges(root);
        }
    }

    /// What becomes of a change around content.
    fn fate(&self, name: &str) -> Option<Fate> {
        let new = match local(name) {
            "ins" | "moveTo" => true,
            "del" | "moveFrom" => false,
            _ => return None,
        };
        Some(if new == (self.side == Side::New) {
            Fate::Unwrap
        } else {
            Fate::Drop
        })
    }

    /// True when a flag among properties says that their owner goes.
    fn goes(&self, properties: &Element<'_>, new: &[&str], old: &[&str]) -> bool {
        let gone = match self.side {
            Side::New => old,
            Side::Old => new,
        };
        properties
            .children
            .iter()
            .any(|node| matches!(node, Node::Element(flag) if gone.contains(&local(flag.name))))
    }

    /// Resolves what is in an element.
    fn element(&mut self, element: &mut Element<'_>) {
        let name = local(element.name);
        let properties = name.ends_with("Pr") || matches!(name, "tblGrid" | "tblPrEx");
        loop {
            if properties {
                self.properties(element);
            }
            let children = std::mem::take(&mut element.children);
            let mut out = Vec::with_capacity(children.len());
            self.content(children, &mut out);
            element.children = joined(out, element.name);
            // In a malformed file a change of properties can stand inside another change, and comes out with it.
            if !properties || !element.children.iter().any(is_former) {
                return;
            }
        }
    }

    /// Children one by one: changes are unwrapped or dropped, everything else is gone into.
    fn content<'a>(&mut self, children: Vec<Node<'a>>, out: &mut Vec<Node<'a>>) {
        for node in children {
            let Node::Element(mut child) = node else {
                out.push(node);
                continue;
            };
            match self.fate(child.name) {
                // A flag without content says something of a mark or a row; that was read before.
                Some(_) if child.children.is_empty() => self.changed = true,
                Some(Fate::Unwrap) => {
                    self.changed = true;
                    let inside = std::mem::take(&mut child.children);
                    self.content(inside, out);
                }
                Some(Fate::Drop) => self.drop_whole(&child),
                None if is_range(local(child.name)) => self.changed = true,
                None => out.extend(self.kept(child).map(Node::Element)),
            }
        }
    }

    /// An element that is no change itself; `None` when it goes because of what it says of itself.
    fn kept<'a>(&mut self, mut child: Element<'a>) -> Option<Element<'a>> {
        let name = local(child.name);
        let flags = match name {
            "p" => child
                .child_named("pPr")
                .and_then(|properties| properties.child_named("rPr"))
                .is_some_and(|mark| self.goes(mark, &["ins", "moveTo"], &["del", "moveFrom"])),
            "tr" => child
                .child_named("trPr")
                .is_some_and(|row| self.goes(row, &["ins"], &["del"])),
            "tc" => child
                .child_named("tcPr")
                .is_some_and(|cell| self.goes(cell, &["cellIns"], &["cellDel"])),
            _ => false,
        };
        if flags && name != "p" {
            self.drop_whole(&child);
            return None;
        }
        match self.side {
            Side::Old => self.restore(&mut child),
            // Deleted text that no deletion holds is deleted all the same.
            Side::New if matches!(name, "delText" | "delInstrText") => {
                self.changed = true;
                return None;
            }
            Side::New => {}
        }
        if matches!(name, "footnoteReference" | "endnoteReference" | COMMENT) {
            self.notes.kept.extend(note(&child));
        }
        if matches!(name, "cellIns" | "cellDel" | "cellMerge") {
            self.changed = true;
            return None;
        }
        let rows = child.child_named("tr").is_some();
        let had = !child.children.is_empty();
        let held = name == "sdt" && holds_words(&child);
        let columns = if name == "tbl" {
            self.gone_columns(&child)
        } else {
            BTreeSet::new()
        };
        self.element(&mut child);
        without_columns(&mut child, &columns);
        if flags {
            self.changed = true;
            child.attributes = if child.name == "p" { "" } else { PREFIXED };
            child.name = UNMARKED;
        }
        let emptied = match name {
            // A table whose rows all went, a link whose words all went.
            "tbl" => rows && child.child_named("tr").is_none(),
            "hyperlink" | "fldSimple" | "smartTag" => had && !child.children.iter().any(has_words),
            // A control whose words all went. One that had none asks for some.
            "sdt" => held && !holds_words(&child),
            _ => false,
        };
        (!emptied).then_some(child)
    }

    /// The columns of a table whose cells go in every row that stays, unless its former grid comes back anyhow.
    fn gone_columns(&self, table: &Element<'_>) -> BTreeSet<usize> {
        let mut gone: Option<BTreeSet<usize>> = None;
        let restored = self.side == Side::Old
            && table
                .child_named("tblGrid")
                .is_some_and(|grid| grid.child_named("tblGridChange").is_some());
        for row in elements(table, "tr") {
            let goes = row
                .child_named("trPr")
                .is_some_and(|row| self.goes(row, &["ins"], &["del"]));
            if goes || restored {
                continue;
            }
            let mut own = BTreeSet::new();
            let mut place = 0usize;
            for cell in elements(row, "tc") {
                let properties = cell.child_named("tcPr");
                let span = properties
                    .and_then(|own| own.child_named("gridSpan"))
                    .and_then(|span| span.attribute("w:val").or_else(|| span.attribute("val")))
                    .and_then(|span| span.parse::<usize>().ok())
                    .map_or(1, |span| span.clamp(1, WIDEST));
                if properties.is_some_and(|cell| self.goes(cell, &["cellIns"], &["cellDel"])) {
                    own.extend(place..place + span);
                }
                place = (place + span).min(WIDEST);
            }
            gone = Some(match gone {
                Some(before) => before.intersection(&own).copied().collect(),
                None => own,
            });
        }
        gone.unwrap_or_default()
    }

    fn drop_whole(&mut self, element: &Element<'_>) {
        self.changed = true;
        self.drop_notes(element);
    }

    /// Deleted text that comes back is text again.
    fn restore(&mut self, element: &mut Element<'_>) {
        let name = match element.name {
            "w:delText" => "w:t",
            "w:delInstrText" => "w:instrText",
            "delText" => "t",
            "delInstrText" => "instrText",
            _ => return,
        };
        element.name = name;
        self.changed = true;
    }

    /// Recorded changes of properties: accepted they go, rejected the former properties come back.
    fn properties(&mut self, properties: &mut Element<'_>) {
        let change = properties.children.iter().position(is_former);
        let Some(at) = change else { return };
        self.changed = true;
        let Node::Element(change) = properties.children.remove(at) else {
            return;
        };
        // Another one is malformed; it goes the same way on the next round, so that none is left.
        if self.side == Side::Old && local(change.name) != "numberingChange" {
            let former = change.children.into_iter().find_map(|node| match node {
                Node::Element(former) => Some(former.children),
                _ => None,
            });
            // These are no part of what is recorded.
            let stays = |node: &Node<'_>| {
                matches!(node, Node::Element(child) if match local(properties.name) {
                    "pPr" => matches!(local(child.name), "rPr" | "sectPr"),
                    "sectPr" => matches!(local(child.name), "headerReference" | "footerReference"),
                    "rPr" | "trPr" | "tcPr" => matches!(
                        local(child.name),
                        "ins" | "del" | "moveFrom" | "moveTo" | "cellIns" | "cellDel"
                    ),
                    _ => false,
                })
            };
            let (mut kept, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut properties.children)
                .into_iter()
                .partition(stays);
            drop(rest);
            let former = former.unwrap_or_default();
            properties.children = if local(properties.name) == "pPr" {
                former.into_iter().chain(kept).collect()
            } else {
                kept.extend(former);
                kept
            };
        }
        self.properties(properties);
    }

    /// Takes the notes out of their part whose only mark went with a change.
    fn without_notes(&mut self, root: &mut Element<'_>) {
        let kind = match local(root.name) {
            "footnotes" => "footnoteReference",
            "endnotes" => "endnoteReference",
            _ => COMMENT,
        };
        let before = root.children.len();
        root.children.retain(|node| match node {
            Node::Element(child) => id_of(child).is_none_or(|id| !self.notes.are_gone(kind, id)),
            _ => true,
        });
        self.changed |= root.children.len() != before;
    }

    /// Takes away the edges of what comments were on that are gone.
    fn without_ranges(&mut self, element: &mut Element<'_>) {
        element.children.retain(|node| match node {
            Node::Element(edge)
                if matches!(local(edge.name), "commentRangeStart" | "commentRangeEnd") =>
            {
                id_of(edge).is_none_or(|id| !self.notes.are_gone(COMMENT, id))
            }
            _ => true,
        });
        for node in &mut element.children {
            if let Node::Element(child) = node {
                self.without_ranges(child);
            }
        }
    }

    /// Remembers the marks of notes in what is dropped.
    fn drop_notes(&mut self, element: &Element<'_>) {
        self.notes.dropped.extend(note(element));
        for node in &element.children {
            if let Node::Element(child) = node {
                self.drop_notes(child);
            }
        }
    }
}

/// The children of a name.
fn elements<'e, 'a>(
    element: &'e Element<'a>,
    name: &'static str,
) -> impl Iterator<Item = &'e Element<'a>> {
    element.children.iter().filter_map(move |node| match node {
        Node::Element(child) if local(child.name) == name => Some(child),
        _ => None,
    })
}

/// Takes columns out of the grid of a table.
fn without_columns(table: &mut Element<'_>, columns: &BTreeSet<usize>) {
    if columns.is_empty() {
        return;
    }
    for node in &mut table.children {
        if let Node::Element(grid) = node
            && local(grid.name) == "tblGrid"
        {
            let mut at = 0;
            grid.children.retain(|node| match node {
                Node::Element(column) if local(column.name) == "gridCol" => {
                    at += 1;
                    !columns.contains(&(at - 1))
                }
                _ => true,
            });
        }
    }
}

/// Paragraphs without a mark run into the paragraph after them, which keeps its own properties. Where none follows, one
/// that still has words stays a paragraph; an empty one goes, unless its cell or note would be left without any.
fn joined<'a>(nodes: Vec<Node<'a>>, parent: &str) -> Vec<Node<'a>> {
    let unmarked = |node: &Node<'_>| matches!(node, Node::Element(p) if p.name == UNMARKED);
    if !nodes.iter().any(unmarked) {
        return nodes;
    }
    let mut out: Vec<Node<'a>> = Vec::with_capacity(nodes.len());
    let mut open: Option<Element<'a>> = None;
    for node in nodes {
        let Node::Element(mut element) = node else {
            out.push(node);
            continue;
        };
        match local(element.name) {
            UNMARKED => {
                drop_bookmarks(&mut element);
                let mut earlier = open.take();
                if let Some(earlier) = &mut earlier {
                    prepend(&mut element, std::mem::take(&mut earlier.children));
                }
                open = Some(element);
            }
            "p" => {
                if let Some(earlier) = open.take() {
                    prepend(&mut element, earlier.children);
                }
                out.push(Node::Element(element));
            }
            "tbl" | "sdt" | "sectPr" => {
                close(open.take(), false, &mut out);
                out.push(Node::Element(element));
            }
            _ => out.push(Node::Element(element)),
        }
    }
    let needed = matches!(
        local(parent),
        "tc" | "footnote" | "endnote" | "body" | "hdr" | "ftr" | "comment"
    ) && !out.iter().any(
        |node| matches!(node, Node::Element(e) if matches!(local(e.name), "p" | "tbl" | "sdt")),
    );
    close(open, needed, &mut out);
    out
}

/// A bookmark goes with its words: one around all of a paragraph that went would stand around nothing in the next.
fn drop_bookmarks(paragraph: &mut Element<'_>) {
    if paragraph.children.iter().any(has_words) {
        return;
    }
    let ids = |name: &str| -> BTreeSet<&str> {
        let own = paragraph.children.iter().filter_map(|node| match node {
            Node::Element(edge) if local(edge.name) == name => id_of(edge),
            _ => None,
        });
        own.collect()
    };
    let (starts, ends) = (ids("bookmarkStart"), ids("bookmarkEnd"));
    let whole: BTreeSet<String> = starts
        .intersection(&ends)
        .map(|id| (*id).to_owned())
        .collect();
    paragraph.children.retain(|node| match node {
        Node::Element(edge) if matches!(local(edge.name), "bookmarkStart" | "bookmarkEnd") => {
            id_of(edge).is_none_or(|id| !whole.contains(id))
        }
        _ => true,
    });
}

/// Puts content before that of a paragraph, after its properties.
fn prepend<'a>(paragraph: &mut Element<'a>, content: Vec<Node<'a>>) {
    let at = usize::from(paragraph.child_named("pPr").is_some());
    let content: Vec<Node<'a>> = content
        .into_iter()
        .filter(|node| !is_properties(node))
        .collect();
    let at = at.min(paragraph.children.len());
    paragraph.children.splice(at..at, content);
}

fn is_properties(node: &Node<'_>) -> bool {
    matches!(node, Node::Element(e) if local(e.name) == "pPr")
}

/// Ends a paragraph without a mark that found none to run into.
fn close<'a>(open: Option<Element<'a>>, needed: bool, out: &mut Vec<Node<'a>>) {
    let Some(mut open) = open else { return };
    if needed || open.children.iter().any(has_words) {
        open.name = if open.attributes == PREFIXED {
            "w:p"
        } else {
            "p"
        };
        open.attributes = "";
        out.push(Node::Element(open));
    } else {
        // Bookmarks may stand between paragraphs too.
        out.extend(
            open.children
                .into_iter()
                .filter(|node| !is_properties(node)),
        );
    }
}

/// True for anything a reader would see, as against properties, bookmarks and marks of the spelling checker.
fn has_words(node: &Node<'_>) -> bool {
    match node {
        Node::Element(element) => {
            !matches!(
                local(element.name),
                "pPr"
                    | "bookmarkStart"
                    | "bookmarkEnd"
                    | "proofErr"
                    | "permStart"
                    | "permEnd"
                    | "commentRangeStart"
                    | "commentRangeEnd"
            ) && !is_range(local(element.name))
        }
        Node::Text(_) | Node::Raw(_) => false,
    }
}

/// True for a content control with something in it.
fn holds_words(control: &Element<'_>) -> bool {
    let content = control.child_named("sdtContent");
    content.is_some_and(|content| content.children.iter().any(has_words))
}

/// True for the edges of moves and of changes in custom XML.
fn is_range(name: &str) -> bool {
    let Some(kind) = name
        .strip_suffix("RangeStart")
        .or_else(|| name.strip_suffix("RangeEnd"))
    else {
        return false;
    };
    matches!(
        kind,
        "moveFrom"
            | "moveTo"
            | "customXmlIns"
            | "customXmlDel"
            | "customXmlMoveFrom"
            | "customXmlMoveTo"
    )
}

fn id_of<'a>(element: &Element<'a>) -> Option<&'a str> {
    element
        .attribute("w:id")
        .or_else(|| element.attribute("id"))
}

/// The note an element marks.
fn note(element: &Element<'_>) -> Option<(&'static str, String)> {
    let kind = match local(element.name) {
        "footnoteReference" => "footnoteReference",
        "endnoteReference" => "endnoteReference",
        COMMENT => COMMENT,
        _ => return None,
    };
    Some((kind, id_of(element)?.to_owned()))
}

/// Looking for children whatever their prefix.
trait Named<'a> {
    fn child_named(&self, name: &str) -> Option<&Element<'a>>;
}

impl<'a> Named<'a> for Element<'a> {
    fn child_named(&self, name: &str) -> Option<&Element<'a>> {
        self.children.iter().find_map(|node| match node {
            Node::Element(child) if local(child.name) == name => Some(child),
            _ => None,
        })
    }
}
