//! The cells of a table in the columns of one grid, merged as the file says.

use moqi_document::{Cell, Inline, Merge, Table};

use super::story::{MOST_COLUMNS, line_end};

/// How a cell stands to the cells above and below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Vertical {
    /// It reaches over its own row.
    #[default]
    Alone,
    /// The rows below may go on with it.
    Begins,
    /// It goes on with the cell above.
    GoesOn,
}

/// A cell as it stands in a file.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    pub(crate) content: Vec<Inline>,
    /// Columns of the grid it takes; none is read as one.
    pub(crate) span: usize,
    pub(crate) vertical: Vertical,
    /// It goes on with the cell on its left.
    pub(crate) joins_left: bool,
}

/// A table as it is read, row by row.
#[derive(Debug, Default)]
pub(crate) struct Raster {
    rows: Vec<Vec<Cell>>,
    /// By the columns where they begin, the spans of the cells of the last row with which the next may go on.
    above: Vec<usize>,
    columns: usize,
    lost: usize,
}

impl Raster {
    /// Adds a row. Columns beyond those of Word are read into the last one.
    pub(crate) fn row(&mut self, slots: impl IntoIterator<Item = Slot>) {
        let mut row: Vec<Cell> = Vec::new();
        let mut here = Vec::new();
        for slot in slots {
            let column = row.len();
            if column >= MOST_COLUMNS {
                self.lost += usize::from(slot.vertical == Vertical::GoesOn || slot.span > 1);
                if let Some(last) = row.last_mut() {
                    append(&mut last.content, slot.content);
                }
                continue;
            }
            let span = slot.span.clamp(1, MOST_COLUMNS - column);
            self.lost += usize::from(span < slot.span);
            // Word merges only cells that begin and end in the same columns.
            let asks = slot.vertical == Vertical::GoesOn;
            let goes_on = asks && self.above.get(column) == Some(&span);
            self.lost += usize::from(asks && !goes_on);
            if slot.vertical != Vertical::Alone {
                here.resize(column, 0);
                here.push(span);
            }
            let (first, rest) = match (goes_on, slot.joins_left && column > 0) {
                (true, _) => (Merge::Up, Merge::Up),
                (false, true) => (Merge::Left, Merge::Left),
                (false, false) => (Merge::None, Merge::Left),
            };
            let merges = std::iter::once(first).chain(std::iter::repeat_n(rest, span - 1));
            row.extend(merges.map(|merge| Cell {
                merge,
                ..Cell::default()
            }));
            row[column].content = slot.content;
        }
        self.columns = self.columns.max(row.len());
        self.above = here;
        self.rows.push(row);
    }

    /// Rows so far.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Cells that [`Raster::finish`] makes at most.
    pub(crate) fn cells(&self) -> usize {
        self.rows.len() * self.columns
    }

    /// The table, and how many merges it does not have that the file has; `None` for one without cells.
    ///
    /// What a row lacks on its right is one empty cell. A column in which no cell begins is none.
    pub(crate) fn finish(mut self) -> Option<(Table, usize)> {
        if self.columns == 0 {
            return None;
        }
        for row in &mut self.rows {
            let (full, columns) = (row.len(), self.columns);
            row.resize_with(columns, || Cell {
                merge: Merge::Left,
                ..Cell::default()
            });
            if let Some(first) = row.get_mut(full) {
                first.merge = Merge::None;
            }
        }
        let mut table = Table {
            align: vec![Default::default(); self.columns],
            rows: self.rows,
        };
        let asked = merged(&table);
        table.normalize_merges();
        let lost = self.lost + asked - merged(&table);
        drop_columns(&mut table);
        Some((table, lost))
    }
}

fn merged(table: &Table) -> usize {
    let cells = table.rows.iter().flatten();
    cells.filter(|cell| cell.merge != Merge::None).count()
}

/// Drops the columns in which every row goes on with the cell of the column before: Word's grids have them where cells
/// were merged and parted by hand.
fn drop_columns(table: &mut Table) {
    let anchors = table.anchors();
    let columns = table.align.len();
    let stays: Vec<bool> = (0..columns)
        .map(|column| {
            column == 0
                || anchors
                    .iter()
                    .any(|row| row.get(column) != row.get(column - 1))
        })
        .collect();
    if stays.iter().all(|stays| *stays) {
        return;
    }
    let mut at = 0..columns;
    table
        .align
        .retain(|_| at.next().is_some_and(|column| stays[column]));
    for row in &mut table.rows {
        let mut at = 0..columns;
        row.retain(|_| at.next().is_some_and(|column| stays[column]));
    }
}

/// Puts words on a line of their own below others.
pub(crate) fn append(content: &mut Vec<Inline>, words: Vec<Inline>) {
    if !content.is_empty() && !words.is_empty() {
        content.push(line_end());
    }
    content.extend(words);
}

#[cfg(test)]
mod tests {
    use super::*;
    use moqi_document::{BlockKind, Document, parse, print};

    /// Slots written as `words`, or `words:span`, with `v` for a cell that begins and `^` for one that goes on downwards,
    /// `<` for one that goes on with the one on its left.
    fn table(rows: &[&str]) -> (String, usize) {
        let mut raster = Raster::default();
        for row in rows {
            raster.row(row.split_whitespace().map(|slot| {
                let (words, span) = slot.split_once(':').unwrap_or((slot, "1"));
                let bare = words.trim_matches(['v', '^', '<']);
                let inlines = match parse(bare).blocks.pop().map(|block| block.kind) {
                    Some(BlockKind::Paragraph { content, .. }) => content,
                    _ => Vec::new(),
                };
                Slot {
                    content: inlines,
                    span: span.parse().unwrap(),
                    vertical: match words.chars().next() {
                        Some('v') => Vertical::Begins,
                        Some('^') => Vertical::GoesOn,
                        _ => Vertical::Alone,
                    },
                    joins_left: words.ends_with('<'),
                }
            }));
        }
        let (table, lost) = raster.finish().unwrap();
        let text = print(&Document {
            blocks: vec![moqi_document::Block {
                kind: BlockKind::Table(table),
                id: None,
                span: Default::default(),
            }],
            ..Document::default()
        });
        let lines = text.lines().enumerate().filter(|(at, _)| *at != 1);
        let lines: Vec<&str> = lines.map(|(_, line)| line).collect();
        (lines.join("\n"), lost)
    }

    fn check(rows: &[&str], expected: &[&str], lost: usize) {
        assert_eq!(table(rows), (expected.join("\n"), lost), "{rows:?}");
    }

    #[test]
    fn cells_over_columns_and_rows() {
        check(
            &["a:2 b", "va c d", "^ e f"],
            &["| a | < | b |", "| a | c | d |", "| ^ | e | f |"],
            0,
        );
        check(
            &["va:2 vb", "^:2 ^", "c d e"],
            &["| a | < | b |", "| ^ | ^ | ^ |", "| c | d | e |"],
            0,
        );
        // The older way: every column has its cell.
        check(
            &["va v< b", "^ ^< c", "d e f"],
            &["| a | < | b |", "| ^ | ^ | c |", "| d | e | f |"],
            0,
        );
    }

    #[test]
    fn what_a_row_lacks_is_one_cell() {
        check(
            &["a b c d", "e"],
            &["| a | b | c | d |", "| e |  | < | < |"],
            0,
        );
    }

    #[test]
    fn columns_in_which_nothing_begins_are_none() {
        check(&["a:2 b:3", "c:2 d:3"], &["| a | b |", "| c | d |"], 0);
        check(
            &["va:2 b:3", "^:2 d e:2"],
            &["| a | b | < |", "| ^ | d | e |"],
            0,
        );
    }

    #[test]
    fn what_is_no_rectangle_is_counted_and_its_words_stay() {
        check(&["va b", "^x:2"], &["| a | b |", "| x | < |"], 1);
        check(&["a b", "^ c"], &["| a | b |", "|  | c |"], 1);
        // Words of a cell that goes on, which Word hides, join those it goes on with.
        check(&["va b", "^x c"], &["| a<br>x | b |", "| ^ | c |"], 0);
        let wide = table(&["a:70 b"]);
        assert_eq!(wide.1, 1);
        assert!(wide.0.contains("a<br>b"), "{}", wide.0);
    }
}
