//! Columns of two tables: which stayed, which came and which went.

use super::rows::named;
use crate::write::tree::{Element, Node};
use moqi_document::compare::align_lines;

/// A column of the merged table, by its places in the two tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Kept(usize, usize),
    Deleted(usize),
    Inserted(usize),
}

impl Column {
    /// Its place in the old table.
    pub fn before(self) -> Option<usize> {
        match self {
            Self::Kept(old, _) | Self::Deleted(old) => Some(old),
            Self::Inserted(_) => None,
        }
    }

    /// Its place in the new table.
    pub fn after(self) -> Option<usize> {
        match self {
            Self::Kept(_, new) | Self::Inserted(new) => Some(new),
            Self::Deleted(_) => None,
        }
    }
}

/// The columns of the merged table; `None` where the two have none in common, or where one came or went and a cell is
/// merged: Word does not say which cells such a column had. Tables with as many columns as one another
/// have the same ones, whatever their cells say.
pub(super) fn columns(old: &Element<'_>, new: &Element<'_>) -> Option<Vec<Column>> {
    let count = |table: &Element<'_>| {
        table
            .child("w:tblGrid")
            .map_or(0, |grid| named(grid, "w:gridCol").len())
    };
    let (a, b) = (count(old), count(new));
    if a == b {
        return Some((0..a).map(|at| Column::Kept(at, at)).collect());
    }
    let pairs = align_lines(&words(old, a)?, &words(new, b)?);
    if pairs.is_empty() {
        return None;
    }
    let mut out = Vec::with_capacity(a.max(b));
    let (mut x, mut y) = (0, 0);
    for (next_x, next_y) in pairs.into_iter().chain([(a, b)]) {
        out.extend((x..next_x).map(Column::Deleted));
        out.extend((y..next_y).map(Column::Inserted));
        if next_x < a {
            out.push(Column::Kept(next_x, next_y));
        }
        (x, y) = (next_x + 1, next_y + 1);
    }
    Some(out)
}

/// How a cell is merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// The columns it takes.
    pub span: usize,
    /// It begins a cell over several rows (true), or goes on with the one above (false).
    pub begins: Option<bool>,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            span: 1,
            begins: None,
        }
    }
}

/// The shapes of the cells of a row.
pub(super) fn shape(row: &Element<'_>) -> Vec<Shape> {
    let of = |cell: &Element<'_>| {
        let value = |name: &str| {
            let own = cell.child("w:tcPr")?.child(name)?;
            Some(own.attribute("w:val"))
        };
        let span = value("w:gridSpan").flatten().and_then(|n| n.parse().ok());
        Shape {
            span: span.unwrap_or(1),
            begins: value("w:vMerge").map(|value| value == Some("restart")),
        }
    };
    named(row, "w:tc").into_iter().map(of).collect()
}

/// What each column says; `None` where a row has not a cell for each.
fn words(table: &Element<'_>, count: usize) -> Option<Vec<String>> {
    let mut out = vec![String::new(); count];
    for row in named(table, "w:tr") {
        let cells = named(row, "w:tc");
        let spans = shape(row).iter().any(|cell| *cell != Shape::default());
        if cells.len() != count || spans {
            return None;
        }
        for (cell, words) in cells.into_iter().zip(&mut out) {
            say(cell, words);
            words.push('\n');
        }
    }
    Some(out)
}

fn say(element: &Element<'_>, out: &mut String) {
    for node in &element.children {
        match node {
            Node::Element(child) => say(child, out),
            Node::Text(text) if element.name == "w:t" => out.push_str(text),
            _ => {}
        }
    }
}
