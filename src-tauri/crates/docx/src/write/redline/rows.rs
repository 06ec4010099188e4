//! Tables: rows inserted, deleted, or merged cell by cell.

use super::body::Merger;
use super::credit::Place;
use super::flat::{Flat, inside, printed};
use super::marks::State;
use crate::write::tree::{Element, Node};
use moqi_document::compare::align_lines;

/// The children of a name.
fn named<'e, 'a>(element: &'e Element<'a>, name: &str) -> Vec<&'e Element<'a>> {
    element
        .children
        .iter()
        .filter_map(|node| match node {
            Node::Element(child) if child.name == name => Some(child),
            _ => None,
        })
        .collect()
}

/// How many columns a table has.
pub(super) fn columns(table: &Element<'_>) -> usize {
    table
        .child("w:tblGrid")
        .map_or(0, |grid| named(grid, "w:gridCol").len())
}

impl Merger<'_> {
    /// Two tables with the same number of columns as one, in the shape of the new one.
    pub(super) fn tables(&mut self, old: &Element<'_>, new: &Element<'_>) -> String {
        let (a, b) = (named(old, "w:tr"), named(new, "w:tr"));
        let lines = |rows: &[&Element<'_>], side: State| -> Vec<String> {
            rows.iter()
                .map(|row| {
                    let cells: Vec<String> = paragraphs(row)
                        .into_iter()
                        .map(|paragraph| self.flat(paragraph, side, Place::Whole).words())
                        .collect();
                    cells.join("\u{2}")
                })
                .collect()
        };
        let pairs = align_lines(&lines(&a, State::Deleted), &lines(&b, State::Inserted));
        let mut out = head(new);
        let (mut x, mut y) = (0, 0);
        for (next_x, next_y) in pairs.into_iter().chain([(a.len(), b.len())]) {
            for (row, at) in a[x..next_x].iter().zip(x..) {
                out.push_str(&self.row((row, at), State::Deleted, b.first().copied()));
            }
            for (row, at) in b[y..next_y].iter().zip(y..) {
                out.push_str(&self.row((row, at), State::Inserted, None));
            }
            if let (Some(before), Some(now)) = (a.get(next_x), b.get(next_y)) {
                out.push_str(&self.kept_row((before, next_x), (now, next_y)));
            }
            (x, y) = (next_x + 1, next_y + 1);
        }
        out.push_str("</w:tbl>");
        out
    }

    /// A table that is in one document only.
    pub(super) fn table(&mut self, table: &Element<'_>, state: State) -> String {
        let mut out = head(table);
        for (at, row) in named(table, "w:tr").into_iter().enumerate() {
            out.push_str(&self.row((row, at), state, None));
        }
        out.push_str("</w:tbl>");
        out
    }

    /// A row that is in one document only; its cells take their widths from those of `like`.
    fn row(
        &mut self,
        (row, number): (&Element<'_>, usize),
        state: State,
        like: Option<&Element<'_>>,
    ) -> String {
        let who = self
            .credit
            .as_ref()
            .map_or(0, |credit| credit.of_row(self.block(state), number, state));
        self.marks.sign(who);
        let flag = self.marks.flag(state);
        let properties = row.child("w:trPr").map(inside).unwrap_or_default();
        let mut out = format!("<w:tr><w:trPr>{properties}{flag}</w:trPr>");
        let widths: Vec<Option<String>> = like
            .map(|like| {
                named(like, "w:tc")
                    .into_iter()
                    .map(|cell| Some(printed(cell.child("w:tcPr")?.child("w:tcW")?)))
                    .collect()
            })
            .unwrap_or_default();
        for (at, cell) in named(row, "w:tc").into_iter().enumerate() {
            out.push_str("<w:tc>");
            if let Some(own) = cell.child("w:tcPr") {
                let mut own_markup = printed(own);
                if let (Some(own), Some(Some(width))) = (own.child("w:tcW"), widths.get(at)) {
                    own_markup = own_markup.replace(&printed(own), width);
                }
                out.push_str(&own_markup);
            }
            for paragraph in named(cell, "w:p") {
                let mut flat = self.flat(paragraph, state, Place::Cell(number, at));
                flat.is_by(who);
                out.push_str(&self.cell_paragraph(&flat, state));
            }
            out.push_str("</w:tc>");
        }
        out.push_str("</w:tr>");
        out
    }

    fn kept_row(
        &mut self,
        (old, old_row): (&Element<'_>, usize),
        (new, new_row): (&Element<'_>, usize),
    ) -> String {
        let (a, b) = (named(old, "w:tc"), named(new, "w:tc"));
        let mut out = String::from("<w:tr>");
        if let Some(properties) = new.child("w:trPr") {
            properties.print(&mut out);
        }
        for (at, cell) in b.iter().enumerate() {
            out.push_str("<w:tc>");
            if let Some(properties) = cell.child("w:tcPr") {
                properties.print(&mut out);
            }
            let before = a.get(at).and_then(|cell| cell.child("w:p"));
            for paragraph in named(cell, "w:p") {
                let new = self.flat(paragraph, State::Inserted, Place::Cell(new_row, at));
                let old = before.map_or_else(Flat::default, |old| {
                    self.flat(old, State::Deleted, Place::Cell(old_row, at))
                });
                out.push_str(&self.kept_cell_paragraph(&old, &new));
            }
            out.push_str("</w:tc>");
        }
        out.push_str("</w:tr>");
        out
    }
}

/// The paragraphs of a row.
fn paragraphs<'e, 'a>(row: &'e Element<'a>) -> Vec<&'e Element<'a>> {
    named(row, "w:tc")
        .into_iter()
        .flat_map(|cell| named(cell, "w:p"))
        .collect()
}

/// A table up to its first row.
fn head(table: &Element<'_>) -> String {
    let mut out = String::from("<w:tbl>");
    for name in ["w:tblPr", "w:tblGrid"] {
        if let Some(child) = table.child(name) {
            child.print(&mut out);
        }
    }
    out
}
