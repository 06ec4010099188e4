//! The body: paragraphs and tables of both documents in one order.

use std::collections::BTreeMap;

use super::comments::{closing, opening};
use super::credit::{Credit, Place};
use super::ending::settle_end;
use super::flat::{Flat, Labels, around};
use super::marks::{Marks, State};
use super::names::{Bookmarks, Names};
use super::order::{Elements, Op, is_break, ops};
use super::remarks::printed as remarks;
use super::runs::runs;
use super::sections::Headers;
use super::steps::{all, arrived, merged};
use super::{Composed, WriteError};
use crate::write::tree::Element;
use moqi_document::Comparison;

/// Merges two composed documents.
pub(super) struct Merger<'a> {
    pub(super) names: &'a Names,
    pub(super) marks: Marks,
    pub(super) old_labels: Labels<'a>,
    pub(super) new_labels: Labels<'a>,
    pub(super) bookmarks: Bookmarks,
    /// Footnotes that are in both documents: old number to new number.
    pub(super) notes: BTreeMap<usize, usize>,
    /// Which suggestion a change comes from, where not all come from one hand.
    pub(super) credit: Option<Credit<'a>>,
    /// The blocks that are being merged.
    pub(super) old_block: Option<usize>,
    pub(super) new_block: Option<usize>,
    pub(super) headers: Headers<'a>,
    /// Who changed the section that is being merged.
    pub(super) section_by: usize,
    /// The headings of the entries of the tables of contents.
    pub(super) old_entries: &'a [usize],
    pub(super) new_entries: &'a [usize],
}

/// A paragraph of the merged document.
#[derive(Debug, Default)]
pub(super) struct Paragraph {
    pub content: String,
    /// What stands in its properties if the new document has it.
    pub new: String,
    /// The same for the old document.
    pub old: String,
    pub mark: State,
    /// Who changed its mark or its properties.
    pub who: usize,
    /// The properties of the section that ends with it.
    pub section: String,
    /// The suggestions that touch it: their comments stand here if they find no better place.
    pub touched: Vec<usize>,
    /// It ran into the next one, content and all.
    pub gone: bool,
}

pub(super) enum Out {
    Paragraph(Paragraph),
    Markup(String),
}

impl<'a> Merger<'a> {
    pub fn new(
        names: &'a Names,
        marks: Marks,
        credit: Option<Credit<'a>>,
        earlier: &'a Composed,
        later: &'a Composed,
    ) -> Result<Self, WriteError> {
        Ok(Self {
            names,
            marks,
            old_labels: Labels(&earlier.note_labels),
            new_labels: Labels(&later.note_labels),
            bookmarks: Bookmarks::default(),
            notes: BTreeMap::new(),
            credit,
            old_block: None,
            new_block: None,
            headers: Headers::new(earlier, later)?,
            section_by: 0,
            old_entries: &earlier.entries,
            new_entries: &later.entries,
        })
    }

    /// The block that is being merged, of the side the state says.
    pub(super) fn block(&self, side: State) -> Option<usize> {
        if side.is_old() {
            self.old_block
        } else {
            self.new_block
        }
    }

    /// A paragraph taken apart, of the side the state says.
    pub(super) fn flat(&self, paragraph: &Element<'_>, side: State, place: Place) -> Flat {
        let labels = if side.is_old() {
            &self.old_labels
        } else {
            &self.new_labels
        };
        let mut flat = Flat::new(paragraph, labels);
        if let Some(credit) = &self.credit {
            credit.sign(&mut flat, self.block(side), place, side);
        }
        flat
    }

    /// Who changed the block that is being merged.
    pub(super) fn who(&self, side: State) -> usize {
        self.credit
            .as_ref()
            .map_or(0, |credit| credit.of_block(self.block(side), side))
    }

    /// The suggestions that touch the block that is being merged.
    fn touched(&self, side: State) -> Vec<usize> {
        self.credit
            .as_ref()
            .map(|credit| credit.touching(self.block(side), side))
            .unwrap_or_default()
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
            (self.old_block, self.new_block) = match op {
                Op::Pair(x, y) | Op::From(x, y, _) | Op::To(x, y, _) | Op::Contents(x, y) => {
                    (old[x].0, new[y].0)
                }
                Op::Delete(x) => (old[x].0, None),
                Op::Insert(y) => (None, new[y].0),
            };
            match op {
                Op::Pair(x, y) => self.pair(&old[x].1, &new[y].1, &mut out),
                Op::Delete(x) => self.single(&old[x].1, State::Deleted, &mut out),
                Op::Insert(y) => self.single(&new[y].1, State::Inserted, &mut out),
                Op::From(x, y, _) | Op::To(x, y, _) => {
                    let from = matches!(op, Op::From(..));
                    self.moved(&old[x].1, &new[y].1, from, &mut out);
                }
                Op::Contents(x, y) => {
                    let contents = self.contents(&old[x].1, &new[y].1);
                    out.push(Out::Markup(contents));
                }
            }
        }
        self.range(&mut open, None, &mut out);
        settle_end(&mut out);
        fold_sections(&mut out);
        let mut markup = String::new();
        for piece in out {
            match piece {
                Out::Markup(piece) => markup.push_str(&piece),
                Out::Paragraph(paragraph) if paragraph.gone => {}
                Out::Paragraph(paragraph) => self.print(&paragraph, &mut markup),
            }
        }
        self.marks.comments.close();
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
    pub(super) fn pair(&mut self, old: &Element<'_>, new: &Element<'_>, out: &mut Vec<Out>) {
        if is_break(new) {
            self.break_of(Some(old), Some(new), State::Same, out);
            return;
        }
        if new.name != "w:p" {
            let table = self.tables(old, new);
            out.push(Out::Markup(table));
            return;
        }
        let (old, new) = (
            self.flat(old, State::Deleted, Place::Whole),
            self.flat(new, State::Inserted, Place::Whole),
        );
        let content = self.kept_content(&old, &new);
        out.push(Out::Paragraph(Paragraph {
            content,
            new: new.properties,
            old: old.properties,
            who: self.who(State::Inserted),
            touched: self.touched(State::Inserted),
            ..Paragraph::default()
        }));
    }

    /// The content of a paragraph that both documents have.
    pub(super) fn kept_content(&mut self, old: &Flat, new: &Flat) -> String {
        let steps = merged(old, new);
        self.notes
            .extend(steps.iter().filter_map(|step| step.notes));
        let content = runs(&steps, &mut self.marks, self.new_labels.0.len());
        // A bookmark of the old paragraph has the name of the new one's, if there is one.
        let only_old = old.bookmarks.iter().filter(|bookmark| {
            let mut names = new.bookmarks.iter().map(|new| &new.name);
            names.all(|name| *name != bookmark.name)
        });
        let (starts, ends) = around(new.bookmarks.iter().chain(only_old));
        let left = [&new.remarks, &old.remarks];
        let left = left.map(|edges| remarks(edges, State::Same, &mut self.marks));
        format!("{starts}{content}{}{ends}", left.concat())
    }

    /// A paragraph that ends a section and says nothing.
    fn break_of(
        &mut self,
        old: Option<&Element<'_>>,
        new: Option<&Element<'_>>,
        mark: State,
        out: &mut Vec<Out>,
    ) {
        let section = self.section(old.and_then(section_of), new.and_then(section_of));
        self.section_begins();
        let side = if mark.is_old() { mark } else { State::Inserted };
        let Some(paragraph) = new.or(old) else { return };
        let flat = self.flat(paragraph, side, Place::Whole);
        out.push(Out::Paragraph(Paragraph {
            new: flat.properties.clone(),
            old: flat.properties,
            mark,
            who: self.who(side),
            section,
            ..Paragraph::default()
        }));
    }

    /// An element of one document.
    pub(super) fn single(&mut self, element: &Element<'_>, state: State, out: &mut Vec<Out>) {
        if is_break(element) {
            let (old, new) = match state.is_old() {
                true => (Some(element), None),
                false => (None, Some(element)),
            };
            self.break_of(old, new, state, out);
            return;
        }
        if element.name != "w:p" {
            let table = self.table(element, state);
            out.push(Out::Markup(table));
            return;
        }
        let mut flat = self.flat(element, state, Place::Whole);
        let who = self.who(state);
        flat.is_by(who);
        let content = self.whole(&flat, state);
        out.push(Out::Paragraph(Paragraph {
            content,
            new: flat.properties.clone(),
            old: flat.properties,
            mark: state,
            who,
            touched: self.touched(state),
            ..Paragraph::default()
        }));
    }

    /// The content of a paragraph that one document has.
    fn whole(&mut self, flat: &Flat, state: State) -> String {
        let steps: Vec<_> = all(&flat.tokens, state).collect();
        let content = runs(&steps, &mut self.marks, self.new_labels.0.len());
        let (starts, ends) = around(&flat.bookmarks);
        let left = remarks(&flat.remarks, state, &mut self.marks);
        format!("{starts}{content}{left}{ends}")
    }

    /// One end of a move: what stood where it came from, or what stands where it went with what changed on the way.
    fn moved(&mut self, old: &Element<'_>, new: &Element<'_>, from: bool, out: &mut Vec<Out>) {
        let (old, new) = (
            self.flat(old, State::Deleted, Place::Whole),
            self.flat(new, State::Inserted, Place::Whole),
        );
        let (flat, mark, content) = if from {
            let content = self.whole(&old, State::MovedFrom);
            (old, State::MovedFrom, content)
        } else {
            let steps = arrived(&old, &new);
            let content = runs(&steps, &mut self.marks, self.new_labels.0.len());
            let (starts, ends) = around(&new.bookmarks);
            let left = remarks(&new.remarks, State::MovedTo, &mut self.marks);
            let content = format!("{starts}{content}{left}{ends}");
            (new, State::MovedTo, content)
        };
        out.push(Out::Paragraph(Paragraph {
            content,
            new: flat.properties.clone(),
            old: flat.properties,
            mark,
            ..Paragraph::default()
        }));
    }

    /// A paragraph of a row that one document has. The mark at the end of a cell goes with the row.
    pub(super) fn cell_paragraph(&mut self, flat: &Flat, state: State) -> String {
        let mut out = String::new();
        let paragraph = Paragraph {
            content: self.whole(flat, state),
            new: flat.properties.clone(),
            old: flat.properties.clone(),
            ..Paragraph::default()
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
            who: self.who(State::Inserted),
            ..Paragraph::default()
        };
        self.print(&paragraph, &mut out);
        out
    }

    pub(super) fn print(&mut self, paragraph: &Paragraph, out: &mut String) {
        self.marks.sign(paragraph.who);
        let mut properties = if paragraph.mark.is_old() {
            paragraph.old.clone()
        } else {
            paragraph.new.clone()
        };
        let flag = self.marks.flag(paragraph.mark);
        if !flag.is_empty() {
            properties.push_str(&format!("<w:rPr>{flag}</w:rPr>"));
        }
        properties.push_str(&paragraph.section);
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
        let here = self.marks.comments.take(&paragraph.touched);
        for &number in &here {
            out.push_str(&opening(number, &self.marks));
        }
        out.push_str(&paragraph.content);
        for number in here {
            out.push_str(&closing(number, paragraph.mark, &mut self.marks));
        }
        out.push_str("</w:p>");
    }
}

/// The properties of the section that a paragraph ends.
fn section_of<'e, 'a>(paragraph: &'e Element<'a>) -> Option<&'e Element<'a>> {
    paragraph.child("w:pPr")?.child("w:sectPr")
}

/// A section ends with its last paragraph where that comes and goes as its end does; only where one of the two stays
/// without the other has the end a paragraph of its own.
fn fold_sections(out: &mut [Out]) {
    for at in 1..out.len() {
        let (before, rest) = out.split_at_mut(at);
        let (Some(Out::Paragraph(last)), Some(Out::Paragraph(end))) =
            (before.last_mut(), rest.first_mut())
        else {
            continue;
        };
        // Who leaves one of two suggestions alone must not lose the other's section.
        let together = last.mark == State::Same || last.who == end.who;
        let ends = !end.section.is_empty() && end.content.is_empty() && together;
        if ends && !last.gone && last.section.is_empty() && last.mark == end.mark {
            last.section = std::mem::take(&mut end.section);
            end.gone = true;
        }
    }
}

/// Properties without those that follow from what stands next to the paragraph; their change alone is not worth a mark.
fn lasting(properties: &str) -> String {
    properties.replace("<w:keepNext/>", "")
}
