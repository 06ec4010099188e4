//! The columns of a table whose rows are cut differently.

use moqi_document::Cell;

use super::flow::Edge;
use crate::read::raster::Slot;

/// Edges nearer than this, in twentieths of a point, are one: programs round them row by row, and no column that
/// holds words is as narrow as 1.8 mm.
const NEAR: i32 = 100;
/// Columns of a table at most.
const MOST_COLUMNS: usize = 64;

/// Every cell with the columns it takes.
///
/// In a table whose rows all have as many cells, or whose rows do not tell their edges, each takes one.
pub(super) fn spread(rows: Vec<(Vec<Cell>, Vec<Edge>)>) -> Vec<Vec<Slot>> {
    let first = rows.first().map_or(0, |(cells, _)| cells.len());
    let even = rows.iter().all(|(cells, _)| cells.len() == first);
    let told = rows
        .iter()
        .all(|(cells, edges)| cells.len() == edges.len() && edges.is_sorted_by_key(|edge| edge.at));
    let mut all: Vec<i32> = Vec::new();
    if !even && told {
        let edges = rows.iter().flat_map(|(_, edges)| edges);
        all = edges.map(|edge| edge.at).collect();
        all.sort_unstable();
        all.dedup_by(|next, last| next.saturating_sub(*last) < NEAR);
    }
    if all.len() > MOST_COLUMNS {
        all.clear();
    }
    rows.into_iter()
        .map(|(cells, edges)| {
            let mut column = 0;
            let told = cells.len() == edges.len();
            let mut edges = edges.into_iter().filter(|_| told);
            cells
                .into_iter()
                .map(|cell| {
                    let edge = edges.next().unwrap_or_default();
                    let end = all.partition_point(|at| *at <= edge.at).max(column + 1);
                    let span = if all.is_empty() { 1 } else { end - column };
                    column += span;
                    Slot {
                        content: cell.content,
                        span,
                        vertical: edge.vertical,
                        joins_left: edge.joins_left,
                    }
                })
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::flow::cell;
    use super::*;

    fn spans(rows: &[&[i32]]) -> Vec<Vec<usize>> {
        let row = |edges: &[i32]| {
            let cells = edges.iter().map(|_| cell(Vec::new())).collect();
            let edge = |at: &i32| Edge {
                at: *at,
                ..Edge::default()
            };
            (cells, edges.iter().map(edge).collect())
        };
        let slots = spread(rows.iter().map(|edges| row(edges)).collect());
        slots
            .into_iter()
            .map(|row| row.into_iter().map(|slot| slot.span).collect())
            .collect()
    }

    #[test]
    fn a_wide_cell_takes_the_columns_under_it() {
        assert_eq!(
            spans(&[&[2000, 3010], &[1000, 2001, 3000]]),
            [vec![2, 1], vec![1, 1, 1]]
        );
    }

    #[test]
    fn rows_of_as_many_cells_or_without_order_take_a_column_each() {
        assert_eq!(spans(&[&[2000, 3000], &[500, 900]]), [[1, 1], [1, 1]]);
        assert_eq!(spans(&[&[2000], &[5, 3, 9]]), [vec![1], vec![1, 1, 1]]);
    }

    #[test]
    fn rows_that_do_not_tell_their_edges_stay() {
        let rows = vec![
            (vec![cell(vec![])], vec![]),
            (vec![cell(vec![]), cell(vec![])], vec![Edge::default(); 2]),
        ];
        let spans: Vec<usize> = spread(rows).into_iter().flatten().map(|s| s.span).collect();
        assert_eq!(spans, [1, 1, 1]);
    }
}
