//! Tables, from Markdown events to rows of cells.

use pulldown_cmark::{Alignment, Event, Tag, TagEnd};

use crate::inline::{Inlines, Source};
use crate::model::{Align, Cell, Inline, InlineKind, Merge, Span, Table};
use crate::parse::trimmed;

/// A table being read.
pub(crate) struct OpenTable<'a> {
    source: Source<'a>,
    table: Table,
    pub(crate) span: Span,
    row: Vec<Cell>,
    cell: Option<(Inlines<'a>, Span)>,
}

impl<'a> OpenTable<'a> {
    pub(crate) fn new(source: Source<'a>, align: &[Alignment], span: Span) -> Self {
        let align = align.iter().map(alignment).collect();
        OpenTable {
            source,
            table: Table {
                align,
                rows: Vec::new(),
            },
            span,
            row: Vec::new(),
            cell: None,
        }
    }

    /// Takes an event inside the table.
    pub(crate) fn event(&mut self, event: &Event<'_>, span: Span) {
        let text = self.source.text;
        match event {
            Event::Start(Tag::TableHead | Tag::TableRow) => self.row.clear(),
            Event::Start(Tag::TableCell) => self.cell = Some((Inlines::new(self.source), span)),
            Event::End(TagEnd::TableCell) => {
                if let Some((inlines, span)) = self.cell.take() {
                    let span = trimmed(text, span, &[' ', '\t', '|']);
                    self.row.push(Cell {
                        content: inlines.finish(false).0,
                        merge: Merge::None,
                        span,
                    });
                }
            }
            Event::End(TagEnd::TableHead | TagEnd::TableRow) => {
                let mut row = std::mem::take(&mut self.row);
                keep_surplus(text, &mut row, span);
                self.table.rows.push(row);
            }
            inline => {
                if let Some((inlines, _)) = &mut self.cell {
                    inlines.event(inline, span);
                }
            }
        }
    }

    /// The table, every row as long as the header, its signs of merged cells read where they make rectangles.
    pub(crate) fn finish(mut self) -> Table {
        let columns = self.table.align.len();
        for row in &mut self.table.rows {
            let end = row.last().map_or(self.span.start, |c| c.span.end);
            row.truncate(columns);
            row.resize_with(columns, || Cell {
                span: Span { start: end, end },
                ..Cell::default()
            });
            for cell in row {
                let source = self.source.text.get(cell.span.start..cell.span.end);
                cell.merge = Merge::of(source.unwrap_or_default());
            }
        }
        for ((row, column), _) in self.table.keep_rectangles() {
            self.table.rows[row][column].content.clear();
        }
        self.table
    }
}

/// GFM drops cells beyond the header's columns; their words go to the last cell.
fn keep_surplus(text: &str, row: &mut [Cell], span: Span) {
    let Some(last) = row.last_mut() else { return };
    let rest = Span {
        start: last.span.end.max(span.start),
        end: span.end,
    };
    let rest = trimmed(text, rest, &[' ', '\t', '\n', '\r', '|']);
    if rest.end > rest.start && rest.start >= last.span.end {
        let marks = Default::default();
        let gap = Span {
            start: last.span.end,
            end: rest.start,
        };
        last.content.push(Inline {
            kind: InlineKind::Text(" ".into()),
            marks,
            span: gap,
        });
        let kind = InlineKind::Text(text[rest.start..rest.end].to_owned());
        last.content.push(Inline {
            kind,
            marks: Default::default(),
            span: rest,
        });
        last.span.end = rest.end;
    }
}

fn alignment(a: &Alignment) -> Align {
    match a {
        Alignment::None => Align::None,
        Alignment::Left => Align::Left,
        Alignment::Center => Align::Center,
        Alignment::Right => Align::Right,
    }
}
