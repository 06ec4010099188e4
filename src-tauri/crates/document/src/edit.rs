//! Changing a text, and finding lines in it.

use crate::model::Edit;

/// Applies edits to a text. Spans are in the text as given; the edits may come in any order.
///
/// An edit that lies out of range, cuts a character, or overlaps an earlier one (by start, then by its place
/// in the list) is skipped. Two insertions at one place come in the order of the list.
#[must_use]
pub fn apply(text: &str, edits: &[Edit]) -> String {
    let mut order: Vec<&Edit> = edits.iter().collect();
    // A stable sort: an insertion at a place comes before a replacement that starts there.
    order.sort_by_key(|e| (e.span.start, e.span.end));
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for edit in order {
        let (start, end) = (edit.span.start, edit.span.end);
        if start < done || end < start || text.get(start..end).is_none() {
            continue;
        }
        out.push_str(&text[done..start]);
        out.push_str(&edit.text);
        done = end;
    }
    out.push_str(&text[done..]);
    out
}

/// The line, counted from 1, on which a byte offset stands; an offset past the end is on the last line.
#[must_use]
pub fn line_of(text: &str, offset: usize) -> usize {
    let end = offset.min(text.len());
    text.as_bytes()[..end]
        .iter()
        .filter(|b| **b == b'\n')
        .count()
        + 1
}

/// The starts of all lines, for many questions about one text.
pub(crate) struct Lines(Vec<usize>);

impl Lines {
    pub(crate) fn of(text: &str) -> Lines {
        Lines(
            std::iter::once(0)
                .chain(
                    text.bytes()
                        .enumerate()
                        .filter(|(_, b)| *b == b'\n')
                        .map(|(i, _)| i + 1),
                )
                .collect(),
        )
    }

    pub(crate) fn line(&self, offset: usize) -> usize {
        self.0.partition_point(|start| *start <= offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Span;

    fn edit(start: usize, end: usize, text: &str) -> Edit {
        Edit {
            span: Span { start, end },
            text: text.to_owned(),
        }
    }

    #[test]
    fn edits_are_sorted_and_bad_ones_skipped() {
        assert_eq!(
            apply(
                "abcdef",
                &[
                    edit(4, 5, "X"),
                    edit(0, 1, "Y"),
                    edit(2, 2, "+"),
                    edit(2, 2, "-")
                ]
            ),
            "Yb+-cdXf"
        );
        assert_eq!(apply("abcdef", &[edit(0, 3, "X"), edit(2, 4, "Y")]), "Xdef");
        assert_eq!(
            apply(
                "甲乙",
                &[edit(1, 3, "X"), edit(3, 6, "丙"), edit(3, 99, "Y")]
            ),
            "甲丙"
        );
        assert_eq!(
            apply(
                "ab",
                &[
                    Edit {
                        span: Span { start: 2, end: 1 },
                        text: "X".into()
                    },
                    edit(2, 2, "c")
                ]
            ),
            "abc"
        );
    }

    #[test]
    fn lines() {
        assert_eq!(
            [0, 1, 2, 3, 99].map(|o| line_of("a\nb\nc", o)),
            [1, 1, 2, 2, 3]
        );
        let lines = Lines::of("a\nb\nc");
        assert_eq!([0, 1, 2, 3, 4].map(|o| lines.line(o)), [1, 1, 2, 2, 3]);
    }
}
