//! Merged cells of tables: rectangles, and nothing else.

use crate::model::{Cell, Extent, Inline, InlineKind, Merge, Placed, Span, Table};

impl Merge {
    /// What a cell that is merged is in the text; `None` for a cell of its own.
    pub(crate) fn sign(self) -> Option<&'static str> {
        match self {
            Merge::None => None,
            Merge::Left => Some("<"),
            Merge::Up => Some("^"),
        }
    }

    /// What a cell says by its whole source.
    pub(crate) fn of(source: &str) -> Merge {
        match source {
            "<" => Merge::Left,
            "^" => Merge::Up,
            _ => Merge::None,
        }
    }
}

impl Table {
    /// How far a cell reaches; `None` for one that is merged into another or is not there.
    ///
    /// Over all cells of a table this takes linear time. What it says holds for merges as [`crate::parse()`] and
    /// [`Table::normalize_merges`] leave them.
    #[must_use]
    pub fn extent(&self, row: usize, column: usize) -> Option<Extent> {
        let cells = self.rows.get(row)?;
        if cells.get(column)?.merge != Merge::None {
            return None;
        }
        let right = cells[column + 1..].iter();
        let below = self.rows[row + 1..].iter();
        Some(Extent {
            columns: 1 + right.take_while(|cell| cell.merge == Merge::Left).count(),
            rows: 1 + below
                .take_while(|cells| {
                    cells
                        .get(column)
                        .is_some_and(|cell| cell.merge == Merge::Up)
                })
                .count(),
        })
    }

    /// The cells that are not merged into another, in reading order, with their places.
    pub fn placed(&self) -> impl Iterator<Item = Placed<'_>> {
        self.rows.iter().enumerate().flat_map(move |(row, cells)| {
            cells.iter().enumerate().filter_map(move |(column, cell)| {
                let extent = self.extent(row, column)?;
                Some(Placed {
                    row,
                    column,
                    extent,
                    cell,
                })
            })
        })
    }

    /// For every cell the row and column of the cell it belongs to: its own where it is not merged into another.
    #[must_use]
    pub fn anchors(&self) -> Vec<Vec<(usize, usize)>> {
        let mut all: Vec<Vec<(usize, usize)>> = Vec::with_capacity(self.rows.len());
        for (row, cells) in self.rows.iter().enumerate() {
            let mut line: Vec<(usize, usize)> = Vec::with_capacity(cells.len());
            for (column, cell) in cells.iter().enumerate() {
                let owner = match cell.merge {
                    Merge::None => None,
                    Merge::Left => line.last().copied(),
                    Merge::Up => all.last().and_then(|above| above.get(column)).copied(),
                };
                line.push(owner.unwrap_or((row, column)));
            }
            all.push(line);
        }
        all
    }

    /// How many rows are the head of the table: the first, and those its cells reach, and theirs. Only the first where that
    /// would be all rows.
    #[must_use]
    pub fn head_rows(&self) -> usize {
        let reached = |row: &Vec<Cell>| row.iter().any(|cell| cell.merge == Merge::Up);
        let below = self.rows.iter().skip(1);
        let head = 1 + below.take_while(|row| reached(row)).count();
        if head < self.rows.len() { head } else { 1 }
    }

    /// Keeps the merges that make rectangles, each spelled in its one way ([`Merge`]); a cell with any other is one of
    /// its own again. Words of a cell that is merged into another join the words of that.
    pub fn normalize_merges(&mut self) {
        for ((row, column), (to_row, to_column)) in self.keep_rectangles() {
            let words = std::mem::take(&mut self.rows[row][column].content);
            if words.is_empty() {
                continue;
            }
            let all = &mut self.rows[to_row][to_column].content;
            if !all.is_empty() {
                all.push(Inline {
                    kind: InlineKind::Break,
                    marks: Default::default(),
                    span: Span::default(),
                });
            }
            all.extend(words);
        }
    }

    /// Makes every merge part of a rectangle or takes it away; the merged cells, each with the one it belongs to.
    ///
    /// From the first cell on each takes the cells on its right that ask for it, then as many rows below as ask for it
    /// in their whole width. In a row below a cell may ask for the one above or for the one on its left. Linear: each
    /// cell is taken once, and looked at in vain once for a cell above and once for a cell on its left.
    pub(crate) fn keep_rectangles(&mut self) -> Vec<((usize, usize), (usize, usize))> {
        let mut merged = Vec::new();
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        // For each column the first row that is free again.
        let mut free = vec![0; columns];
        for row in 0..self.rows.len() {
            for column in 0..self.rows[row].len() {
                if free[column] > row {
                    continue;
                }
                self.rows[row][column].merge = Merge::None;
                let asks = |row: usize, column: usize| {
                    let cell: Option<&Cell> =
                        self.rows.get(row).and_then(|cells| cells.get(column));
                    cell.map_or(Merge::None, |cell| cell.merge)
                };
                let mut right = column + 1;
                while right < columns && free[right] <= row && asks(row, right) == Merge::Left {
                    right += 1;
                }
                let whole = |below: usize| {
                    (column..right).all(|at| match asks(below, at) {
                        Merge::Up => true,
                        Merge::Left => at > column,
                        Merge::None => false,
                    })
                };
                let mut bottom = row + 1;
                while whole(bottom) {
                    bottom += 1;
                }
                for at in row..bottom {
                    for over in column..right {
                        if (at, over) != (row, column) {
                            self.rows[at][over].merge =
                                if at == row { Merge::Left } else { Merge::Up };
                            merged.push(((at, over), (row, column)));
                        }
                    }
                }
                free[column..right].fill(bottom);
            }
        }
        merged
    }
}
