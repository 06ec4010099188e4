//! The body: paragraphs and tables of both documents in one order.

use std::collections::{BTreeMap, BTreeSet};

use super::flat::{Flat, Labels, all, merged, runs};
use super::marks::{Marks, State};
use super::names::{Bookmarks, Names};
use super::rows::columns;
use super::{Composed, Revision, WriteError, parsed};
use crate::write::parts;
use crate::write::tree::{Element, Node};
use moqi_document::{Change, Comparison};

/// Merges two composed documents.
pub(super) struct Merger<'a> {
    names: &'a Names,
    pub(super) marks: Marks,
    old_labels: Labels<'a>,
    new_labels: Labels<'a>,
    bookmarks: Bookmarks,
    /// Footnotes that are in both documents: old number to new number.
    notes: BTreeMap<usize, usize>,
}

/// What to do with an element of the body, in the order of the merged document. Indexes are those of the elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Op {
    Pair(usize, usize),
    Delete(usize),
    Insert(usize),
    /// Where a moved paragraph came from: old, new, the id of the move.
    From(usize, usize, usize),
    /// Where it went.
    To(usize, usize, usize),
}

/// A paragraph of the merged document.
struct Paragraph {
    content: String,
    /// What stands in its properties if the new document has it.
    new: String,
    /// The same for the old document.
    old: String,
    mark: State,
    /// It ran into the next one, content and all.
    gone: bool,
}

enum Out {
    Paragraph(Paragraph),
    Markup(String),
}

/// Elements of a document by block.
struct Elements<'e, 'a> {
    all: &'e [(Option<usize>, Element<'a>)],
    /// Range of the elements of each block that has some.
    of: BTreeMap<usize, std::ops::Range<usize>>,
}

impl<'e, 'a> Elements<'e, 'a> {
    fn new(all: &'e [(Option<usize>, Element<'a>)]) -> Self {
        let mut of: BTreeMap<usize, std::ops::Range<usize>> = BTreeMap::new();
        for (at, (block, _)) in all.iter().enumerate() {
            if let Some(block) = block {
                of.entry(*block).or_insert(at..at).end = at + 1;
            }
        }
        Self { all, of }
    }

    fn block(&self, block: usize) -> std::ops::Range<usize> {
        self.of.get(&block).cloned().unwrap_or(0..0)
    }

    fn is_paragraph(&self, at: usize) -> bool {
        self.all[at].1.name == "w:p"
    }
}

impl<'a> Merger<'a> {
    pub fn new(
        names: &'a Names,
        by: &Revision,
        earlier: &'a Composed,
        later: &'a Composed,
    ) -> Self {
        Self {
            names,
            marks: Marks::new(by),
            old_labels: Labels(&earlier.note_labels),
            new_labels: Labels(&later.note_labels),
            bookmarks: Bookmarks::default(),
            notes: BTreeMap::new(),
        }
    }

    /// A paragraph taken apart, of the side the state says.
    pub(super) fn flat(&self, paragraph: &Element<'_>, side: State) -> Flat {
        let labels = if side.is_old() {
            &self.old_labels
        } else {
            &self.new_labels
        };
        Flat::new(paragraph, labels)
    }

    /// The markup of the merged body.
    pub fn body(
        &mut self,
        comparison: &Comparison,
        mut old: Vec<(Option<usize>, Element<'_>)>,
        new: Vec<(Option<usize>, Element<'_>)>,
    ) -> String {
        let ops = ops(comparison, &Elements::new(&old), &Elements::new(&new));
        for op in &ops {
            if let Op::Pair(x, y) = *op {
                self.bookmarks.pair(&old[x].1, &new[y].1);
            }
        }
        for (_, element) in &mut old {
            self.bookmarks.collect(element);
        }
        for (_, element) in &mut old {
            self.names.rename(element, &self.bookmarks);
        }
        let mut out = Vec::with_capacity(ops.len());
        let mut open: Option<(usize, bool, u64)> = None;
        for op in ops {
            let of = match op {
                Op::From(_, _, id) => Some((id, true)),
                Op::To(_, _, id) => Some((id, false)),
                _ => None,
            };
            if open.map(|(id, from, _)| (id, from)) != of {
                self.range(&mut open, of, &mut out);
            }
            match op {
                Op::Pair(x, y) => self.pair(&old[x].1, &new[y].1, &mut out),
                Op::Delete(x) => self.single(&old[x].1, State::Deleted, &mut out),
                Op::Insert(y) => self.single(&new[y].1, State::Inserted, &mut out),
                Op::From(x, y, _) | Op::To(x, y, _) => {
                    let from = matches!(op, Op::From(..));
                    self.moved(&old[x].1, &new[y].1, from, &mut out);
                }
            }
        }
        self.range(&mut open, None, &mut out);
        settle_end(&mut out);
        let mut markup = String::new();
        for piece in out {
            match piece {
                Out::Markup(piece) => markup.push_str(&piece),
                Out::Paragraph(paragraph) if paragraph.gone => {}
                Out::Paragraph(paragraph) => self.print(&paragraph, &mut markup),
            }
        }
        markup
    }

    /// Ends the range of a move, and begins that of the next.
    fn range(
        &mut self,
        open: &mut Option<(usize, bool, u64)>,
        next: Option<(usize, bool)>,
        out: &mut Vec<Out>,
    ) {
        let kind = |from: bool| if from { "moveFrom" } else { "moveTo" };
        if let Some((_, from, id)) = open.take() {
            let end = format!("<w:{}RangeEnd w:id=\"{id}\"/>", kind(from));
            out.push(Out::Markup(end));
        }
        if let Some((id, from)) = next {
            let attributes = self.marks.attributes();
            let number = self.marks.last();
            out.push(Out::Markup(format!(
                "<w:{}RangeStart {attributes} w:name=\"move{}\"/>",
                kind(from),
                id + 1
            )));
            *open = Some((id, from, number));
        }
    }

    /// Two elements in the same place.
    fn pair(&mut self, old: &Element<'_>, new: &Element<'_>, out: &mut Vec<Out>) {
        if new.name != "w:p" {
            let table = self.tables(old, new);
            out.push(Out::Markup(table));
            return;
        }
        let (old, new) = (
            self.flat(old, State::Deleted),
            self.flat(new, State::Inserted),
        );
        let content = self.kept_content(&old, &new);
        out.push(Out::Paragraph(Paragraph {
            content,
            new: new.properties,
            old: old.properties,
            mark: State::Same,
            gone: false,
        }));
    }

    /// The content of a paragraph that both documents have.
    fn kept_content(&mut self, old: &Flat, new: &Flat) -> String {
        let steps = merged(old, new);
        self.notes
            .extend(steps.iter().filter_map(|step| step.notes));
        let content = runs(&steps, &mut self.marks, self.new_labels.0.len());
        // A bookmark of the old paragraph has the name of the new one's, if there is one.
        let around = if new.starts.is_empty() { old } else { new };
        format!("{}{content}{}", around.starts, around.ends)
    }

    /// An element of one document.
    fn single(&mut self, element: &Element<'_>, state: State, out: &mut Vec<Out>) {
        if element.name != "w:p" {
            let table = self.table(element, state);
            out.push(Out::Markup(table));
            return;
        }
        let flat = self.flat(element, state);
        let content = self.whole(&flat, state);
        out.push(Out::Paragraph(Paragraph {
            content,
            new: flat.properties.clone(),
            old: flat.properties,
            mark: state,
            gone: false,
        }));
    }

    /// The content of a paragraph that one document has.
    fn whole(&mut self, flat: &Flat, state: State) -> String {
        let steps: Vec<_> = all(&flat.tokens, state).collect();
        let content = runs(&steps, &mut self.marks, self.new_labels.0.len());
        format!("{}{content}{}", flat.starts, flat.ends)
    }

    /// One end of a move. What is common to both is moved; other words are deleted where it came from and inserted where
    /// it went, so that either end taken alone is whole.
    fn moved(&mut self, old: &Element<'_>, new: &Element<'_>, from: bool, out: &mut Vec<Out>) {
        let (old, new) = (
            self.flat(old, State::Deleted),
            self.flat(new, State::Inserted),
        );
        let steps = if from {
            // Merging the other way round keeps the old tokens, with their own look and notes.
            let mut steps = merged(&new, &old);
            steps.retain_mut(|step| {
                step.take_side(State::Inserted, State::MovedFrom, State::Deleted)
            });
            steps
        } else {
            let mut steps = merged(&old, &new);
            steps.retain_mut(|step| {
                step.take_side(State::Inserted, State::MovedTo, State::Inserted)
            });
            steps
        };
        let content = runs(&steps, &mut self.marks, self.new_labels.0.len());
        let (flat, mark) = if from {
            (&old, State::MovedFrom)
        } else {
            (&new, State::MovedTo)
        };
        out.push(Out::Paragraph(Paragraph {
            content: format!("{}{content}{}", flat.starts, flat.ends),
            new: flat.properties.clone(),
            old: flat.properties.clone(),
            mark,
            gone: false,
        }));
    }

    /// A paragraph of a row that one document has. The mark at the end of a cell goes with the row.
    pub(super) fn cell_paragraph(&mut self, flat: &Flat, state: State) -> String {
        let mut out = String::new();
        let paragraph = Paragraph {
            content: self.whole(flat, state),
            new: flat.properties.clone(),
            old: flat.properties.clone(),
            mark: State::Same,
            gone: false,
        };
        self.print(&paragraph, &mut out);
        out
    }

    /// A paragraph of a row that both documents have.
    pub(super) fn kept_cell_paragraph(&mut self, old: &Flat, new: &Flat) -> String {
        let mut out = String::new();
        let paragraph = Paragraph {
            content: self.kept_content(old, new),
            new: new.properties.clone(),
            old: old.properties.clone(),
            mark: State::Same,
            gone: false,
        };
        self.print(&paragraph, &mut out);
        out
    }

    fn print(&mut self, paragraph: &Paragraph, out: &mut String) {
        let mut properties = if paragraph.mark.is_old() {
            paragraph.old.clone()
        } else {
            paragraph.new.clone()
        };
        let flag = self.marks.flag(paragraph.mark);
        if !flag.is_empty() {
            properties.push_str(&format!("<w:rPr>{flag}</w:rPr>"));
        }
        if paragraph.mark == State::Same && lasting(&paragraph.old) != lasting(&paragraph.new) {
            properties.push_str(&format!(
                "<w:pPrChange {}><w:pPr>{}</w:pPr></w:pPrChange>",
                self.marks.attributes(),
                paragraph.old
            ));
        }
        out.push_str(&format!("<w:p {}>", self.marks.paragraph()));
        if !properties.is_empty() {
            out.push_str(&format!("<w:pPr>{properties}</w:pPr>"));
        }
        out.push_str(&paragraph.content);
        out.push_str("</w:p>");
    }

    /// The footnotes part: notes of both documents, merged where their mark stayed; after the body.
    pub fn notes(
        &mut self,
        old: Option<&str>,
        new: Option<&str>,
    ) -> Result<Option<String>, WriteError> {
        const NAME: &str = "footnotes.xml";
        if old.is_none() && new.is_none() {
            return Ok(None);
        }
        let mut earlier = note_paragraphs(old.map(|source| parsed(source, NAME)).transpose()?);
        for paragraph in earlier.values_mut() {
            self.names.rename_in_note(paragraph, &self.bookmarks);
        }
        let later = note_paragraphs(new.map(|source| parsed(source, NAME)).transpose()?);
        let partner: BTreeMap<usize, usize> =
            self.notes.iter().map(|(&old, &new)| (new, old)).collect();
        let mut out = parts::footnotes_opening();
        let mut note = |merger: &mut Self,
                        number: usize,
                        old: Option<&Element<'_>>,
                        new: Option<&Element<'_>>| {
            let mut paragraphs = Vec::new();
            match (old, new) {
                (Some(old), Some(new)) => merger.pair(old, new, &mut paragraphs),
                (Some(old), None) => merger.single(old, State::Deleted, &mut paragraphs),
                (None, Some(new)) => merger.single(new, State::Inserted, &mut paragraphs),
                (None, None) => return,
            }
            out.push_str(&format!("<w:footnote w:id=\"{number}\">"));
            for paragraph in &mut paragraphs {
                if let Out::Paragraph(paragraph) = paragraph {
                    // The mark of the only paragraph of a note goes with the note.
                    paragraph.mark = State::Same;
                    merger.print(paragraph, &mut out);
                }
            }
            out.push_str("</w:footnote>");
        };
        for (&number, new) in &later {
            let old = partner.get(&number).and_then(|old| earlier.get(old));
            note(self, number, old, Some(new));
        }
        let gone: Vec<usize> = earlier
            .keys()
            .copied()
            .filter(|old| !self.notes.contains_key(old))
            .collect();
        for old in gone {
            let shifted = old + self.new_labels.0.len();
            note(self, shifted, earlier.get(&old), None);
        }
        out.push_str("</w:footnotes>");
        Ok(Some(out))
    }
}

/// The paragraph of every footnote, by number.
fn note_paragraphs(root: Option<Element<'_>>) -> BTreeMap<usize, Element<'_>> {
    let mut found = BTreeMap::new();
    for node in root.map(|root| root.children).unwrap_or_default() {
        let Node::Element(note) = node else { continue };
        let number = note.attribute("w:id").and_then(|id| id.parse().ok());
        let paragraph = note.children.into_iter().find_map(|node| match node {
            Node::Element(paragraph) if paragraph.name == "w:p" => Some(paragraph),
            _ => None,
        });
        // The separators have the numbers -1 and 0.
        if let (Some(number), Some(paragraph)) =
            (number.filter(|&number: &usize| number > 0), paragraph)
        {
            found.insert(number, paragraph);
        }
    }
    found
}

/// Properties without those that follow from what stands next to the paragraph; their change alone is not worth a mark.
fn lasting(properties: &str) -> String {
    properties.replace("<w:keepNext/>", "")
}

/// The order of everything, from the parts of the comparison.
fn ops(comparison: &Comparison, old: &Elements<'_, '_>, new: &Elements<'_, '_>) -> Vec<Op> {
    // Word has no moves of tables: a move with anything but paragraphs is a deletion and an insertion.
    let mut unmovable = BTreeSet::new();
    let mut origins = Vec::new();
    for part in &comparison.parts {
        if let Change::Moved {
            old: x, new: y, id, ..
        } = part
        {
            origins.push((*x, *y, *id));
            let (a, b) = (old.block(*x), new.block(*y));
            let paragraphs = a.clone().all(|at| old.is_paragraph(at))
                && b.clone().all(|at| new.is_paragraph(at));
            if a.len() != b.len() || !paragraphs {
                unmovable.insert(*id);
            }
        }
    }
    origins.sort_unstable();
    let mut ordered = order(comparison, old, new, &origins, &unmovable);
    // The last mark of a body cannot be tracked, and the end is settled for plain changes only.
    let tail = ordered
        .iter()
        .rposition(|op| matches!(op, Op::Pair(..)))
        .map_or(0, |at| at + 1);
    let before = unmovable.len();
    for op in &ordered[tail..] {
        if let Op::From(_, _, id) | Op::To(_, _, id) = op {
            unmovable.insert(*id);
        }
    }
    if unmovable.len() > before {
        ordered = order(comparison, old, new, &origins, &unmovable);
    }
    // Nothing binds deletions and insertions at the end to an order: a table among them should not come last, because
    // what stands after it cannot share a mark with what stands before it.
    let is_table = |op: &Op| match *op {
        Op::Insert(at) => !new.is_paragraph(at),
        _ => false,
    };
    let tail = &mut ordered[tail..];
    let inserted_first = tail.iter().any(is_table);
    tail.sort_by_key(|op| matches!(op, Op::Insert(_)) != inserted_first);
    ordered
}

/// The order with the moves that can be made.
fn order(
    comparison: &Comparison,
    old: &Elements<'_, '_>,
    new: &Elements<'_, '_>,
    origins: &[(usize, usize, usize)],
    unmovable: &BTreeSet<usize>,
) -> Vec<Op> {
    let mut ops = Vec::with_capacity(old.all.len().max(new.all.len()));
    // What no block says stands at the front: a title from the front matter, the paragraph of an empty document.
    let free = |elements: &Elements<'_, '_>| {
        elements
            .all
            .iter()
            .take_while(|(block, _)| block.is_none())
            .count()
    };
    pairs(old, new, 0..free(old), 0..free(new), &mut ops);
    let mut waiting = origins.iter().peekable();
    let mut leave = |ops: &mut Vec<Op>, before: usize| {
        while let Some(&(x, y, id)) = waiting.next_if(|(x, _, _)| *x < before) {
            let (a, b) = (old.block(x), new.block(y));
            if unmovable.contains(&id) {
                ops.extend(a.map(Op::Delete));
            } else {
                ops.extend(a.zip(b).map(|(a, b)| Op::From(a, b, id)));
            }
        }
    };
    for part in &comparison.parts {
        match *part {
            Change::Same { old: x, new: y } | Change::Edited { old: x, new: y, .. } => {
                leave(&mut ops, x);
                pairs(old, new, old.block(x), new.block(y), &mut ops);
            }
            Change::Deleted { old: x } => {
                leave(&mut ops, x);
                ops.extend(old.block(x).map(Op::Delete));
            }
            Change::Inserted { new: y } => ops.extend(new.block(y).map(Op::Insert)),
            Change::Moved {
                old: x, new: y, id, ..
            } => {
                if unmovable.contains(&id) {
                    ops.extend(new.block(y).map(Op::Insert));
                } else {
                    ops.extend(
                        old.block(x)
                            .zip(new.block(y))
                            .map(|(a, b)| Op::To(a, b, id)),
                    );
                }
            }
        }
    }
    leave(&mut ops, usize::MAX);
    ops
}

/// Elements of two blocks one by one where they are of the same kinds, else all deleted and all inserted.
fn pairs(
    old: &Elements<'_, '_>,
    new: &Elements<'_, '_>,
    a: std::ops::Range<usize>,
    b: std::ops::Range<usize>,
    ops: &mut Vec<Op>,
) {
    let alike = a.len() == b.len()
        && a.clone().zip(b.clone()).all(|(x, y)| {
            let (x, y) = (&old.all[x].1, &new.all[y].1);
            x.name == y.name && columns(x) == columns(y)
        });
    if alike {
        ops.extend(a.zip(b).map(|(x, y)| Op::Pair(x, y)));
    } else {
        ops.extend(a.map(Op::Delete));
        ops.extend(b.map(Op::Insert));
    }
}

/// Makes the last paragraph one that both documents have: its mark cannot come or go. What was inserted or deleted at
/// the end then takes the mark of the paragraph before it, as it does when a person types there.
fn settle_end(out: &mut [Out]) {
    let first = out
        .iter()
        .rposition(|piece| match piece {
            Out::Markup(_) => true,
            Out::Paragraph(paragraph) => paragraph.mark == State::Same,
        })
        .map_or(0, |at| at + 1);
    let (before, tail) = out.split_at_mut(first);
    let mut tail: Vec<&mut Paragraph> = tail
        .iter_mut()
        .filter_map(|piece| match piece {
            Out::Paragraph(paragraph) => Some(paragraph),
            Out::Markup(_) => None,
        })
        .collect();
    let Some(end) = tail.len().checked_sub(1) else {
        return;
    };
    let last_of =
        |tail: &[&mut Paragraph], is: fn(State) -> bool| tail.iter().rposition(|p| is(p.mark));
    let (old, new) = (last_of(&tail, State::is_old), last_of(&tail, State::is_new));
    match (old, new) {
        (Some(x), Some(y)) => {
            // The earlier of the two runs into the paragraph after it, in either document.
            let earlier = x.min(y);
            let content = std::mem::take(&mut tail[earlier].content);
            tail[earlier + 1].content.insert_str(0, &content);
            let (was, is) = (tail[x].old.clone(), tail[y].new.clone());
            tail[end].old = was;
            tail[end].new = is;
            tail[end].mark = State::Same;
            tail[earlier].gone = true;
        }
        (only_old, _) => {
            let Some(Out::Paragraph(kept)) = before.last_mut() else {
                return;
            };
            if only_old.is_some() {
                tail[end].new = kept.new.clone();
                kept.mark = State::Deleted;
            } else {
                tail[end].old = kept.old.clone();
                kept.mark = State::Inserted;
            }
            tail[end].mark = State::Same;
        }
    }
}
