//! Conditions and loops: which tags belong together, and what they take with them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use super::expr::Expr;
use super::paragraph::{Paragraph, TokenKind};
use super::syntax::{Closing, Level, TagKind};
use super::tree::{Id, Tree};

/// Conditions and loops open at once.
const DEEPEST: usize = 64;

/// Where a tag stands: its paragraph among all, its token there.
pub(super) type At = (usize, usize);

/// A condition or loop with a place where it can be carried out.
#[derive(Debug)]
pub(super) struct Block {
    /// What decides.
    pub head: Head,
    /// The condition of each further branch; `None` for `else`.
    pub others: Vec<Option<Expr>>,
    /// What it takes with it.
    pub region: Region,
    /// Its tags, the first and last included.
    pub tags: Vec<At>,
}

/// What decides about a block.
#[derive(Debug)]
pub(super) enum Head {
    /// A condition.
    If(Expr),
    /// A loop.
    For {
        /// Name of the row.
        variable: Option<String>,
        /// The list.
        list: Expr,
    },
}

/// What a block takes with it.
#[derive(Debug)]
pub(super) enum Region {
    /// Words of one paragraph, between its tags.
    Words,
    /// Elements side by side: paragraphs or table rows.
    Siblings {
        /// The element around them.
        parent: Id,
        /// Places of the tags among its children.
        edges: Vec<usize>,
        /// Whether the first and the last edge belong to what is kept or repeated.
        kept: [bool; 2],
    },
}

/// The blocks of a part, in the order of their first tags.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    /// All blocks.
    pub all: Vec<Block>,
    /// The block of each tag that belongs to one.
    pub of: HashMap<At, usize>,
    /// Blocks that begin at a child of an element, the outermost first.
    pub starts: HashMap<(Id, usize), Vec<usize>>,
    /// Tags without partner or without a place where they can be carried out.
    pub lost: Vec<At>,
}

struct Open {
    head: Head,
    section: Option<String>,
    others: Vec<Option<Expr>>,
    ended: bool,
    tags: Vec<At>,
}

/// Finds the blocks of a part. A text box, a note and the body are read each for itself.
pub(super) fn blocks(tree: &Tree<'_>, paragraphs: &[Paragraph]) -> Blocks {
    let mut stories: BTreeMap<Id, Vec<At>> = BTreeMap::new();
    for (p, paragraph) in paragraphs.iter().enumerate() {
        for (t, token) in paragraph.tokens.iter().enumerate() {
            let TokenKind::Tag(tag) = &token.kind else {
                continue;
            };
            if !matches!(
                tag.kind,
                TagKind::Value(_) | TagKind::Comment | TagKind::Unknown
            ) {
                stories
                    .entry(story(tree, paragraph.id))
                    .or_default()
                    .push((p, t));
            }
        }
    }
    let mut found: Vec<Open> = Vec::new();
    let mut lost: Vec<At> = Vec::new();
    for tags in stories.values() {
        matched(paragraphs, tags, &mut found, &mut lost);
    }
    found.sort_by_key(|open| open.tags.first().copied());
    let mut placing = Placing {
        tree,
        paragraphs,
        closed: HashSet::new(),
    };
    let mut blocks = Blocks {
        lost,
        ..Blocks::default()
    };
    for open in found {
        let Some(region) = placing.place(&open.tags) else {
            blocks.lost.extend(&open.tags);
            continue;
        };
        let number = blocks.all.len();
        for at in &open.tags {
            blocks.of.insert(*at, number);
        }
        if let Region::Siblings { parent, edges, .. } = &region {
            blocks
                .starts
                .entry((*parent, edges[0]))
                .or_default()
                .push(number);
        }
        blocks.all.push(Block {
            head: open.head,
            others: open.others,
            region,
            tags: open.tags,
        });
    }
    blocks.lost.sort_unstable();
    blocks
}

/// The text box, note or part that a paragraph stands in.
fn story(tree: &Tree<'_>, id: Id) -> Id {
    let mut at = id;
    while let Some(parent) = tree.at(at).parent {
        at = parent;
        if matches!(tree.at(at).name, "txbxContent" | "footnote" | "endnote") {
            break;
        }
    }
    at
}

/// Pairs the tags of a story.
fn matched(paragraphs: &[Paragraph], tags: &[At], found: &mut Vec<Open>, lost: &mut Vec<At>) {
    let mut open: Vec<Open> = Vec::new();
    for &(p, t) in tags {
        let TokenKind::Tag(tag) = &paragraphs[p].tokens[t].kind else {
            continue;
        };
        let begin = |head: Head, section: Option<String>| Open {
            head,
            section,
            others: Vec::new(),
            ended: false,
            tags: vec![(p, t)],
        };
        match &tag.kind {
            TagKind::If(_) | TagKind::For { .. } if open.len() >= DEEPEST => lost.push((p, t)),
            TagKind::If(condition) => {
                // `{^x}` is closed by `{/x}`.
                let section = match condition {
                    Expr::Not(inner) => inner.path().map(|path| path.join(".")),
                    _ => None,
                };
                open.push(begin(Head::If(condition.clone()), section));
            }
            TagKind::For { variable, list } => {
                let section = list
                    .path()
                    .filter(|_| variable.is_none())
                    .map(|path| path.join("."));
                let head = Head::For {
                    variable: variable.clone(),
                    list: list.clone(),
                };
                open.push(begin(head, section));
            }
            TagKind::Elif(_) | TagKind::Else => {
                let condition = match &tag.kind {
                    TagKind::Elif(condition) => Some(condition.clone()),
                    _ => None,
                };
                match open
                    .last_mut()
                    .filter(|o| !o.ended && (condition.is_none() || matches!(o.head, Head::If(_))))
                {
                    Some(last) => {
                        last.ended = condition.is_none();
                        last.others.push(condition);
                        last.tags.push((p, t));
                    }
                    None => lost.push((p, t)),
                }
            }
            TagKind::End(closing) => {
                let closes = |open: &Open| match (closing, &open.head) {
                    (Closing::If, Head::If(_)) => true,
                    (Closing::For, Head::For { variable, .. }) => variable.is_some(),
                    (Closing::Section(name), _) => open
                        .section
                        .as_ref()
                        .is_some_and(|section| name.is_empty() || section == name),
                    _ => false,
                };
                match open.iter().rposition(closes) {
                    Some(at) => {
                        for unclosed in open.drain(at + 1..) {
                            lost.extend(unclosed.tags);
                        }
                        found.extend(open.pop().map(|mut block| {
                            block.tags.push((p, t));
                            block
                        }));
                    }
                    None => lost.push((p, t)),
                }
            }
            _ => {}
        }
    }
    lost.extend(open.into_iter().flat_map(|open| open.tags));
}

struct Placing<'t, 'a> {
    tree: &'t Tree<'a>,
    paragraphs: &'t [Paragraph],
    /// Children at which a block ends that keeps them; no other block can begin there.
    closed: HashSet<(Id, usize)>,
}

impl Placing<'_, '_> {
    fn level(&self, at: At) -> Level {
        match &self.paragraphs[at.0].tokens[at.1].kind {
            TokenKind::Tag(tag) => tag.level,
            _ => Level::Any,
        }
    }

    fn place(&mut self, tags: &[At]) -> Option<Region> {
        let (first, last) = (*tags.first()?, *tags.last()?);
        let row = tags.iter().any(|at| self.level(*at) == Level::Row);
        let any = tags.iter().all(|at| self.level(*at) == Level::Any);
        if any && tags.iter().all(|at| at.0 == first.0) {
            return self.words(tags);
        }
        let [a, b] = [first, last].map(|at| self.paragraphs[at.0].id);
        let mut parent = self.common(a, b)?;
        if row && self.tree.at(parent).name != "tbl" {
            parent = self.tree.around(parent, "tbl")?;
        } else if matches!(self.tree.at(parent).name, "tr") {
            parent = self.tree.at(parent).parent?;
        } else if self.tree.at(parent).name == "p" {
            // All in one paragraph, each said to take it with it.
            return None;
        }
        let edges: Vec<Id> = tags
            .iter()
            .map(|at| self.under(parent, self.paragraphs[at.0].id))
            .collect::<Option<_>>()?;
        let rows = edges.iter().all(|edge| self.tree.at(*edge).name == "tr");
        let lines = edges
            .iter()
            .zip(tags)
            .all(|(edge, at)| *edge == self.paragraphs[at.0].id);
        let alone: Vec<bool> = edges
            .iter()
            .zip(tags)
            .map(|(edge, at)| self.goes(*edge, *at))
            .collect();
        let inner = &alone[1..alone.len() - 1];
        if !(rows || lines) || !inner.iter().all(|alone| *alone) {
            return None;
        }
        let kept = [!alone[0], !alone[alone.len() - 1]];
        if lines && !self.at_the_ends(first, last, kept) {
            return None;
        }
        // A section break cannot go with the paragraph of a tag.
        let breaks = |edge: Id| {
            self.tree
                .inside(edge)
                .any(|i| self.tree.elements[i].name == "sectPr")
        };
        if edges.iter().any(|edge| breaks(*edge)) {
            return None;
        }
        let children = &self.tree.at(parent).children;
        let edges: Vec<usize> = edges
            .iter()
            .map(|edge| children.binary_search(edge).ok())
            .collect::<Option<_>>()?;
        let (start, end) = (*edges.first()?, *edges.last()?);
        // A row that loops within itself has no room for branches.
        let whole = kept == [true, true] || start < end;
        if !whole
            || (start == end && edges.len() > 2)
            || (kept[0] && self.closed.contains(&(parent, start)))
        {
            return None;
        }
        if kept[1] {
            self.closed.insert((parent, end));
        }
        Some(Region::Siblings {
            parent,
            edges,
            kept,
        })
    }

    /// Words of one paragraph: what is repeated must not cut an element of the paragraph.
    fn words(&self, tags: &[At]) -> Option<Region> {
        let paragraph = &self.paragraphs[tags[0].0];
        let ends: Vec<&Range<usize>> = tags
            .iter()
            .map(|at| &paragraph.tokens[at.1].pieces)
            .collect();
        let container = |piece: usize| paragraph.pieces.get(piece).map(|p| p.container);
        let whole = ends
            .windows(2)
            .all(|pair| container(pair[0].end - 1) == container(pair[1].start));
        whole.then_some(Region::Words)
    }

    /// The nearest element that holds both.
    fn common(&self, a: Id, b: Id) -> Option<Id> {
        let holds = |id: Id| self.tree.at(id).span.end >= self.tree.at(b).span.end;
        let mut at = a;
        while !holds(at) {
            at = self.tree.at(at).parent?;
        }
        if at == a && a == b {
            self.tree.at(a).parent
        } else {
            Some(at)
        }
    }

    /// The child of `parent` that holds an element.
    fn under(&self, parent: Id, id: Id) -> Option<Id> {
        let mut at = id;
        loop {
            let above = self.tree.at(at).parent?;
            if above == parent {
                return Some(at);
            }
            at = above;
        }
    }

    /// Whether an edge goes with its tag: the tag says so, or nothing else stands there.
    fn goes(&self, edge: Id, at: At) -> bool {
        if self.level(at) != Level::Any {
            return true;
        }
        let span = &self.tree.at(edge).span;
        let from = self.paragraphs.partition_point(|p| p.id < edge);
        self.paragraphs[from..]
            .iter()
            .take_while(|p| self.tree.at(p.id).span.start < span.end)
            .all(|p| self.blank(p, 0..p.words.len()))
    }

    /// Whether a part of a paragraph holds nothing but tags that print nothing.
    fn blank(&self, paragraph: &Paragraph, part: Range<usize>) -> bool {
        let mut at = part.start;
        for token in paragraph
            .tokens
            .iter()
            .filter(|t| t.words.start >= part.start && t.words.end <= part.end)
        {
            let silent = match &token.kind {
                TokenKind::Tag(tag) => !matches!(tag.kind, TagKind::Value(_) | TagKind::Unknown),
                _ => false,
            };
            if !silent || !paragraph.words[at..token.words.start].trim().is_empty() {
                return false;
            }
            at = token.words.end;
        }
        paragraph.words[at..part.end].trim().is_empty()
    }

    /// Nothing stands before the first tag and after the last in paragraphs that go or stay whole.
    fn at_the_ends(&self, first: At, last: At, kept: [bool; 2]) -> bool {
        let before = &self.paragraphs[first.0];
        let after = &self.paragraphs[last.0];
        (!kept[0] || self.blank(before, 0..before.tokens[first.1].words.start))
            && (!kept[1] || self.blank(after, after.tokens[last.1].words.end..after.words.len()))
    }
}
