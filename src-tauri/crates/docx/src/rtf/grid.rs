//! The columns of a table whose rows are cut differently.

use moqi_document::Cell;

use super::flow::cell;

/// Edges nearer than this, in twentieths of a point, are one: programs round them row by row, and no column that
/// holds words is as narrow as 1.8 mm.
const NEAR: i32 = 100;
/// Columns of a table at most.
const MOST_COLUMNS: usize = 64;

/// Puts every cell in the column where it begins; a cell over several columns leaves the others empty.
///
/// A table whose rows all have as many cells, or whose rows do not tell their edges, stays as it is.
pub(super) fn spread(rows: Vec<(Vec<Cell>, Vec<i32>)>) -> Vec<Vec<Cell>> {
    let first = rows.first().map_or(0, |(cells, _)| cells.len());
    let even = rows.iter().all(|(cells, _)| cells.len() == first);
    let told = rows
        .iter()
        .all(|(cells, edges)| cells.len() == edges.len() && edges.is_sorted());
    let mut all: Vec<i32> = Vec::new();
    if !even && told {
        all = rows.iter().flat_map(|(_, edges)| edges).copied().collect();
        all.sort_unstable();
        all.dedup_by(|next, last| next.saturating_sub(*last) < NEAR);
    }
    if all.is_empty() || all.len() > MOST_COLUMNS {
        return rows.into_iter().map(|(cells, _)| cells).collect();
    }
    rows.into_iter()
        .map(|(cells, edges)| {
            let mut row = Vec::with_capacity(all.len());
            for (content, edge) in cells.into_iter().zip(edges) {
                row.push(content);
                let column = all.partition_point(|at| *at <= edge).max(row.len());
                row.resize_with(column, || cell(Vec::new()));
            }
            row
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use moqi_document::{Inline, InlineKind, Marks, Span};

    fn words(text: &str) -> Cell {
        cell(vec![Inline {
            kind: InlineKind::Text(text.into()),
            marks: Marks::default(),
            span: Span::default(),
        }])
    }

    #[test]
    fn a_wide_cell_leaves_columns_empty() {
        let rows = vec![
            (vec![words("wide"), words("c")], vec![2000, 3010]),
            (
                vec![words("a"), words("b"), words("c")],
                vec![1000, 2001, 3000],
            ),
        ];
        assert_eq!(
            spread(rows),
            [
                vec![words("wide"), cell(vec![]), words("c")],
                vec![words("a"), words("b"), words("c")]
            ]
        );
    }

    #[test]
    fn rows_that_do_not_tell_their_edges_stay() {
        let rows = vec![
            (vec![words("a")], vec![]),
            (vec![words("b"), words("c")], vec![5, 9]),
        ];
        assert_eq!(spread(rows).concat().len(), 3);
    }
}
