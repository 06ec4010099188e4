//! From bytes of the text to places in the editor.
//!
//! The editor counts a UTF-16 unit of text as one and every atom (field, reference, footnote mark, line break) as one.

use moqi_document::{Block, BlockKind, Inline, InlineKind, Span};

/// A place in the editor's document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Index of the block.
    pub block: usize,
    /// For tables and signature blocks: row (party) and column (line).
    pub cell: Option<(usize, usize)>,
    /// First unit inside the block or cell.
    pub from: usize,
    /// One past the last unit.
    pub to: usize,
}

/// The place of a span. A span over several blocks is cut at the end of the first; one outside every block has none.
pub fn locate(blocks: &[Block], span: Span) -> Option<Place> {
    let at = blocks.partition_point(|block| {
        block.span.end <= span.start && block.span.end < span.end.max(span.start + 1)
    });
    let block = blocks.get(at)?;
    if span.end < block.span.start || (span.start == 0 && span.end == 0) {
        return None;
    }
    let whole = |content: &[Inline]| {
        let (from, to) = units(content, span);
        Some(Place {
            block: at,
            cell: None,
            from,
            to,
        })
    };
    match &block.kind {
        BlockKind::Title(content)
        | BlockKind::Heading { content, .. }
        | BlockKind::Item { content, .. }
        | BlockKind::Paragraph { content, .. }
        | BlockKind::Footnote { content, .. } => whole(content),
        BlockKind::Table(table) => {
            let cells = table.rows.iter().enumerate().flat_map(|(row, cells)| {
                cells
                    .iter()
                    .enumerate()
                    .map(move |(column, cell)| ((row, column), cell.span, cell.content.as_slice()))
            });
            in_cell(at, cells, span)
        }
        BlockKind::Signature(parties) => {
            let lines = parties.iter().enumerate().flat_map(|(party, lines)| {
                lines
                    .lines
                    .iter()
                    .enumerate()
                    .filter_map(move |(line, content)| {
                        let first = content.first()?.span;
                        let last = content.last()?.span;
                        Some((
                            (party, line),
                            Span {
                                start: first.start,
                                end: last.end,
                            },
                            content.as_slice(),
                        ))
                    })
            });
            in_cell(at, lines, span)
        }
        BlockKind::PageBreak => Some(Place {
            block: at,
            cell: None,
            from: 0,
            to: 0,
        }),
        BlockKind::Verbatim(text) => Some(Place {
            block: at,
            cell: None,
            from: 0,
            to: utf16(text),
        }),
    }
}

type Part<'a> = ((usize, usize), Span, &'a [Inline]);

/// The cell or line that the span begins in, or the first one after its start.
fn in_cell<'a>(
    block: usize,
    mut parts: impl Iterator<Item = Part<'a>>,
    span: Span,
) -> Option<Place> {
    let (cell, _, content) = parts.find(|(_, place, _)| span.start <= place.end)?;
    let (from, to) = units(content, span);
    Some(Place {
        block,
        cell: Some(cell),
        from,
        to,
    })
}

/// Units from the start of `content` to both ends of the span.
fn units(content: &[Inline], span: Span) -> (usize, usize) {
    let mut from = None;
    let mut to = 0;
    let mut before = 0;
    for inline in content {
        let size = size(inline);
        let last = before + size;
        // The first unit touched: a span that begins inside an atom takes the whole atom.
        if from.is_none() && span.start < inline.span.end {
            from = Some(before + inside(inline, span.start, false));
        }
        if span.end > inline.span.start {
            to = if span.end >= inline.span.end {
                last
            } else {
                before + inside(inline, span.end, true)
            };
        }
        before = last;
    }
    let from = from.unwrap_or(before);
    (from, to.max(from))
}

/// Units of one inline.
fn size(inline: &Inline) -> usize {
    match &inline.kind {
        InlineKind::Text(text) => utf16(text),
        InlineKind::Field(_)
        | InlineKind::Reference(_)
        | InlineKind::Break
        | InlineKind::FootnoteRef(_) => 1,
    }
}

/// Units of an inline before the byte `at` of the source; an atom counts wholly when `after`, else not at all.
fn inside(inline: &Inline, at: usize, after: bool) -> usize {
    let InlineKind::Text(text) = &inline.kind else {
        return usize::from(after);
    };
    if at <= inline.span.start {
        return 0;
    }
    let bytes = at - inline.span.start;
    if text.len() == inline.span.end - inline.span.start {
        let cut = (0..=bytes.min(text.len()))
            .rev()
            .find(|cut| text.is_char_boundary(*cut))
            .unwrap_or(0);
        return utf16(&text[..cut]);
    }
    // The source holds escapes, each one byte more than the text; scale, which is right to a few letters.
    let length = (inline.span.end - inline.span.start).max(1);
    utf16(text) * bytes.min(length) / length
}

fn utf16(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use moqi_document::parse;

    /// Finds `quote` in `text` and returns its place as `block[cell] from..to`.
    fn place(text: &str, quote: &str) -> String {
        let start = text.find(quote).unwrap();
        let span = Span {
            start,
            end: start + quote.len(),
        };
        match locate(&parse(text).blocks, span) {
            None => "none".into(),
            Some(Place {
                block,
                cell: None,
                from,
                to,
            }) => format!("{block} {from}..{to}"),
            Some(Place {
                block,
                cell: Some((row, column)),
                from,
                to,
            }) => format!("{block}[{row},{column}] {from}..{to}"),
        }
    }

    #[test]
    fn places_are_counted_as_the_editor_counts() {
        let text = "# 合同\n\n甲方：{{seller}}，见[](#a)。𠮷字**粗体**后\n\n## 标题 {#a}\n\n1. 第一款\n\n| 名 | 量 |\n| --- | --- |\n| 机床 | {{qty}} 台 |\n\n```signature\n甲方（盖章）：\n日期：\n\n乙方（盖章）：\n```\n";
        let cases = [
            ("合同", "0 0..2"),
            ("甲方", "1 0..2"),
            ("{{seller}}", "1 3..4"),
            ("，见", "1 4..6"),
            ("[](#a)", "1 6..7"),
            ("𠮷字", "1 8..11"),
            ("粗体", "1 11..13"),
            ("后", "1 13..14"),
            ("标题", "2 0..2"),
            ("第一款", "3 0..3"),
            ("机床", "4[1,0] 0..2"),
            ("台", "4[1,1] 2..3"),
            ("日期", "5[0,1] 0..2"),
            ("乙方", "5[1,0] 0..2"),
        ];
        for (quote, wanted) in cases {
            assert_eq!(place(text, quote), wanted, "{quote}");
        }
    }

    #[test]
    fn a_span_outside_every_block_has_no_place() {
        let text = "---\ntitle: T\n---\n\n正文\n";
        assert_eq!(place(text, "正文"), "0 0..2");
        assert_eq!(locate(&parse(text).blocks, Span { start: 0, end: 0 }), None);
        assert_eq!(
            locate(
                &parse(text).blocks,
                Span {
                    start: text.len(),
                    end: text.len() + 4
                }
            ),
            None
        );
    }
}
