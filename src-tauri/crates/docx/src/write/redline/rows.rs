//! Tables: rows and columns inserted and deleted, or merged cell by cell.

use super::body::Merger;
use super::columns::{Column, Shape, columns, shape};
use super::credit::Place;
use super::flat::{Flat, inside, printed};
use super::marks::State;
use crate::write::tree::{Element, Node};
use moqi_document::compare::align_lines;

/// The children of a name.
pub(super) fn named<'e, 'a>(element: &'e Element<'a>, name: &str) -> Vec<&'e Element<'a>> {
    element
        .children
        .iter()
        .filter_map(|node| match node {
            Node::Element(child) if child.name == name => Some(child),
            _ => None,
        })
        .collect()
}

impl Merger<'_> {
    /// Two tables with columns in common as one, in the shape of the new one.
    ///
    /// Rows that a merged cell holds together stay, come and go together, and where their cells are merged in another way
    /// they go and come anew: the mark of a merge (`w:cellMerge`) tells of rows only, and few programs take one back,
    /// where every program takes back a whole row.
    pub(super) fn tables(&mut self, old: &Element<'_>, new: &Element<'_>) -> String {
        let columns = columns(old, new).unwrap_or_default();
        let (a, b) = (bound(old), bound(new));
        let lines = |rows: &[Bound<'_, '_>], side: State| -> Vec<String> {
            rows.iter()
                .map(|bound| self.says(bound, &columns, side))
                .collect()
        };
        let mut pairs = align_lines(&lines(&a, State::Deleted), &lines(&b, State::Inserted));
        pairs.retain(|&(x, y)| !all_kept(&columns) || shapes(&a[x]) == shapes(&b[y]));
        let grid = widths(new);
        let mut out = self.head(old, new, &columns);
        let (mut x, mut y) = (0, 0);
        for (next_x, next_y) in pairs.into_iter().chain([(a.len(), b.len())]) {
            for row in a[x..next_x].iter().flatten() {
                out.push_str(&self.row(*row, State::Deleted, &grid, &columns));
            }
            for row in b[y..next_y].iter().flatten() {
                out.push_str(&self.row(*row, State::Inserted, &[], &columns));
            }
            if let (Some(before), Some(now)) = (a.get(next_x), b.get(next_y)) {
                for (before, now) in before.iter().zip(now) {
                    out.push_str(&self.kept_row(*before, *now, &columns));
                }
            }
            (x, y) = (next_x + 1, next_y + 1);
        }
        out.push_str("</w:tbl>");
        out
    }

    /// The words of rows, without the columns that only one document has.
    fn says(&self, rows: &Bound<'_, '_>, columns: &[Column], side: State) -> String {
        let mut words: Vec<String> = Vec::new();
        for (row, _) in rows {
            let cells = named(row, "w:tc");
            let places: Vec<usize> = if all_kept(columns) {
                (0..cells.len()).collect()
            } else {
                columns
                    .iter()
                    .filter_map(|column| match *column {
                        Column::Kept(x, y) => Some(if side.is_old() { x } else { y }),
                        _ => None,
                    })
                    .collect()
            };
            words.extend(
                places
                    .into_iter()
                    .filter_map(|at| cells.get(at))
                    .flat_map(|cell| named(cell, "w:p"))
                    .map(|paragraph| self.flat(paragraph, side, Place::Whole).words()),
            );
        }
        words.join("\u{2}")
    }

    /// A table that is in one document only.
    pub(super) fn table(&mut self, table: &Element<'_>, state: State) -> String {
        let mut out = String::from("<w:tbl>");
        for name in ["w:tblPr", "w:tblGrid"] {
            if let Some(child) = table.child(name) {
                child.print(&mut out);
            }
        }
        for (at, row) in named(table, "w:tr").into_iter().enumerate() {
            out.push_str(&self.row((row, at), state, &[], &[]));
        }
        out.push_str("</w:tbl>");
        out
    }

    /// A merged table up to its first row: the grid has the columns of both, and remembers that of the old one.
    fn head(&mut self, old: &Element<'_>, new: &Element<'_>, columns: &[Column]) -> String {
        let mut out = String::from("<w:tbl>");
        if let Some(properties) = new.child("w:tblPr") {
            properties.print(&mut out);
        }
        let grids = (old.child("w:tblGrid"), new.child("w:tblGrid"));
        match grids {
            (Some(before), Some(now)) if !all_kept(columns) => {
                let (a, b) = (named(before, "w:gridCol"), named(now, "w:gridCol"));
                out.push_str("<w:tblGrid>");
                for column in columns {
                    let own = match (column.after(), column.before()) {
                        (Some(at), _) => b.get(at),
                        (None, at) => at.and_then(|at| a.get(at)),
                    };
                    if let Some(own) = own {
                        own.print(&mut out);
                    }
                }
                out.push_str(&format!(
                    "<w:tblGridChange w:id=\"{}\"><w:tblGrid>{}</w:tblGrid></w:tblGridChange></w:tblGrid>",
                    self.marks.number(),
                    inside(before)
                ));
            }
            (_, Some(now)) => now.print(&mut out),
            _ => {}
        }
        out
    }

    /// A row that is in one document only; its cells take their widths from the columns of `grid`. Columns that are only in
    /// the other document have an empty cell in it, so that all rows have as many.
    fn row(
        &mut self,
        (row, number): (&Element<'_>, usize),
        state: State,
        grid: &[usize],
        columns: &[Column],
    ) -> String {
        let who = self
            .credit
            .as_ref()
            .map_or(0, |credit| credit.of_row(self.block(state), number, state));
        self.marks.sign(who);
        let flag = self.marks.flag(state);
        let properties = row.child("w:trPr").map(inside).unwrap_or_default();
        let mut out = format!("<w:tr><w:trPr>{properties}{flag}</w:trPr>");
        let cells = named(row, "w:tc");
        if all_kept(columns) {
            for (cell, (at, span)) in cells.into_iter().zip(places(row)) {
                let width = grid.get(at..at + span).map(|own| own.iter().sum());
                self.whole_cell(cell, (number, at), (state, who), width, "", &mut out);
            }
        } else {
            for column in columns {
                let (own, other) = if state.is_old() {
                    (column.before(), "w:cellIns")
                } else {
                    (column.after(), "w:cellDel")
                };
                match own.and_then(|at| Some((at, *cells.get(at)?))) {
                    Some((at, cell)) => {
                        self.whole_cell(cell, (number, at), (state, who), None, "", &mut out);
                    }
                    None => {
                        self.marks.sign(who);
                        let flag = self.marks.attributes();
                        let paragraph = self.marks.paragraph();
                        out.push_str(&format!(
                            "<w:tc><w:tcPr><{other} {flag}/></w:tcPr><w:p {paragraph}/></w:tc>"
                        ));
                    }
                }
            }
        }
        out.push_str("</w:tr>");
        out
    }

    /// A cell that is in one document only, with a mark of its own or that of its row.
    fn whole_cell(
        &mut self,
        cell: &Element<'_>,
        (row, column): (usize, usize),
        (state, who): (State, usize),
        width: Option<usize>,
        flag: &str,
        out: &mut String,
    ) {
        out.push_str("<w:tc>");
        let mut own = cell.child("w:tcPr").map(inside).unwrap_or_default();
        let before = cell.child("w:tcPr").and_then(|own| own.child("w:tcW"));
        if let (Some(before), Some(width)) = (before, width) {
            let now = format!("<w:tcW w:w=\"{width}\" w:type=\"dxa\"/>");
            own = own.replace(&printed(before), &now);
        }
        if cell.child("w:tcPr").is_some() || !flag.is_empty() {
            out.push_str(&format!("<w:tcPr>{own}{flag}</w:tcPr>"));
        }
        for paragraph in named(cell, "w:p") {
            let mut flat = self.flat(paragraph, state, Place::Cell(row, column));
            flat.is_by(who);
            out.push_str(&self.cell_paragraph(&flat, state));
        }
        out.push_str("</w:tc>");
    }

    fn kept_row(
        &mut self,
        (old, old_row): (&Element<'_>, usize),
        (new, new_row): (&Element<'_>, usize),
        columns: &[Column],
    ) -> String {
        let (a, b) = (named(old, "w:tc"), named(new, "w:tc"));
        let mut out = String::from("<w:tr>");
        if let Some(properties) = new.child("w:trPr") {
            properties.print(&mut out);
        }
        if all_kept(columns) {
            // Both rows are cut in the same way.
            for ((index, cell), (at, _)) in b.iter().enumerate().zip(places(new)) {
                let before = a.get(index).map(|cell| (*cell, (old_row, at)));
                self.kept_cell(before, (cell, (new_row, at)), false, &mut out);
            }
        } else {
            for column in columns {
                match *column {
                    Column::Kept(x, y) => {
                        let before = a.get(x).map(|cell| (*cell, (old_row, x)));
                        if let Some(cell) = b.get(y) {
                            self.kept_cell(before, (cell, (new_row, y)), true, &mut out);
                        }
                    }
                    Column::Deleted(x) => {
                        self.single_cell(&a, (old_row, x), State::Deleted, &mut out)
                    }
                    Column::Inserted(y) => {
                        self.single_cell(&b, (new_row, y), State::Inserted, &mut out)
                    }
                }
            }
        }
        out.push_str("</w:tr>");
        out
    }

    /// A cell of a column that came or went, in a row that stayed.
    fn single_cell(
        &mut self,
        cells: &[&Element<'_>],
        (row, column): (usize, usize),
        state: State,
        out: &mut String,
    ) {
        let Some(cell) = cells.get(column) else {
            return;
        };
        let who = self
            .credit
            .as_ref()
            .map_or(0, |credit| credit.of_row(self.block(state), row, state));
        self.marks.sign(who);
        let name = if state.is_old() {
            "w:cellDel"
        } else {
            "w:cellIns"
        };
        let flag = format!("<{name} {}/>", self.marks.attributes());
        self.whole_cell(cell, (row, column), (state, who), None, &flag, out);
    }

    /// A cell that both documents have; `resized` where its width was another.
    fn kept_cell(
        &mut self,
        before: Option<(&Element<'_>, (usize, usize))>,
        (cell, (row, column)): (&Element<'_>, (usize, usize)),
        resized: bool,
        out: &mut String,
    ) {
        out.push_str("<w:tc>");
        let shape = |cell: &Element<'_>| cell.child("w:tcPr").map(inside).unwrap_or_default();
        let own = shape(cell);
        match before.map(|(cell, _)| shape(cell)) {
            Some(former) if resized && former != own => {
                let who = self.credit.as_ref().map_or(0, |credit| {
                    credit.of_row(self.block(State::Inserted), row, State::Inserted)
                });
                self.marks.sign(who);
                out.push_str(&format!(
                    "<w:tcPr>{own}<w:tcPrChange {}><w:tcPr>{former}</w:tcPr></w:tcPrChange></w:tcPr>",
                    self.marks.attributes()
                ));
            }
            _ if own.is_empty() => {}
            _ => out.push_str(&format!("<w:tcPr>{own}</w:tcPr>")),
        }
        let paragraph = before.and_then(|(cell, _)| cell.child("w:p"));
        let place = before.map_or((0, 0), |(_, place)| place);
        for now in named(cell, "w:p") {
            let new = self.flat(now, State::Inserted, Place::Cell(row, column));
            let old = paragraph.map_or_else(Flat::default, |old| {
                self.flat(old, State::Deleted, Place::Cell(place.0, place.1))
            });
            out.push_str(&self.kept_cell_paragraph(&old, &new));
        }
        out.push_str("</w:tc>");
    }
}

/// Rows with their numbers that merged cells hold together.
type Bound<'e, 'a> = Vec<(&'e Element<'a>, usize)>;

/// The rows of a table, those together into which one cell goes on.
fn bound<'e, 'a>(table: &'e Element<'a>) -> Vec<Bound<'e, 'a>> {
    let mut all: Vec<Bound<'e, 'a>> = Vec::new();
    for (at, row) in named(table, "w:tr").into_iter().enumerate() {
        let goes_on = shape(row).iter().any(|cell| cell.begins == Some(false));
        match all.last_mut().filter(|_| goes_on) {
            Some(open) => open.push((row, at)),
            None => all.push(vec![(row, at)]),
        }
    }
    all
}

/// How the cells of rows are merged.
fn shapes(rows: &Bound<'_, '_>) -> Vec<Vec<Shape>> {
    rows.iter().map(|(row, _)| shape(row)).collect()
}

/// Where the cells of a row begin in the grid, and how many columns they take.
fn places(row: &Element<'_>) -> Vec<(usize, usize)> {
    let mut at = 0;
    let place = |cell: Shape| {
        let from = at;
        at += cell.span;
        (from, cell.span)
    };
    shape(row).into_iter().map(place).collect()
}

/// The widths of the columns of a table; none where one does not tell its own.
fn widths(table: &Element<'_>) -> Vec<usize> {
    let columns = table
        .child("w:tblGrid")
        .map(|grid| named(grid, "w:gridCol"));
    let width = |column: &Element<'_>| column.attribute("w:w")?.parse().ok();
    columns
        .unwrap_or_default()
        .into_iter()
        .map(width)
        .collect::<Option<_>>()
        .unwrap_or_default()
}

/// True when no column came or went.
fn all_kept(columns: &[Column]) -> bool {
    columns
        .iter()
        .all(|column| matches!(column, Column::Kept(..)))
}
