//! Paragraphs, cells and notes become blocks.

use moqi_document::{Block, BlockKind, Cell, HeadingStyle, Inline, InlineKind, Marks, Span};

use super::tables::Tables;
use super::words::Words;
use crate::read::levels::{self, Place};
use crate::read::raster::{Raster, Vertical};

/// What a paragraph is, besides its words.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Shape {
    /// Number of its style.
    pub(super) style: i32,
    /// Its list, 0 for none.
    pub(super) list: i32,
    /// Its level in the list, from 0.
    pub(super) level: u8,
    /// Its own outline level, from 0.
    pub(super) outline: Option<u8>,
    /// Numbered (true) or bulleted in the manner before list tables.
    pub(super) old_list: Option<bool>,
    /// It stands in a table.
    pub(super) in_table: bool,
    /// It begins a page.
    pub(super) begins_page: bool,
}

/// A row of a table: its cells, and what the row says of them.
type Row = (Vec<Cell>, Vec<Edge>);

/// What a row says of a cell.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Edge {
    /// Where it ends, in twentieths of a point.
    pub(super) at: i32,
    pub(super) vertical: Vertical,
    /// It goes on with the cell on its left.
    pub(super) joins_left: bool,
}

/// Columns of a table at most; cells further right join the last one.
const MOST_COLUMNS: usize = 64;
/// Pieces of a text at most: runs, paragraphs, cells. A thousand-page contract has less than a tenth of them.
const MOST_PIECES: usize = 1 << 20;
/// Bytes of addresses at most, all links together, so that a long one on many runs stays small.
const MOST_LINK_BYTES: usize = 16 << 20;

/// The text as it is built.
#[derive(Default)]
pub(super) struct Flow {
    pub(super) blocks: Vec<Block>,
    words: Words,
    /// Words of the cell before the paragraph being read.
    cell: Words,
    cells: Vec<Cell>,
    edges: Vec<Edge>,
    /// What was said so far of the cell whose edge is next.
    next: Edge,
    rows: Vec<Row>,
    /// Words around the footnotes being read, innermost last.
    outside: Vec<Words>,
    notes: Vec<Block>,
    pieces: usize,
    link_bytes: usize,
    /// Headings and items, whose levels are settled at the end.
    places: Vec<Place>,
    /// A page break cut the paragraph; what follows is the rest of it.
    cut: bool,
}

impl Flow {
    /// More pieces came than a document can hold.
    pub(super) fn is_full(&self) -> bool {
        self.pieces > MOST_PIECES
    }

    /// Words of the paragraph being read.
    pub(super) fn text(&mut self, text: &str, mut marks: Marks) {
        if self.link_bytes > MOST_LINK_BYTES {
            marks.link = None;
        }
        if self.words.text(text, &marks) {
            self.pieces += 1;
            self.link_bytes += marks.link.map_or(0, |link| link.len());
        }
    }

    /// A line ends in a paragraph.
    pub(super) fn line(&mut self) {
        self.words.line();
    }

    /// A footnote begins at this place.
    pub(super) fn begin_note(&mut self) {
        self.outside.push(std::mem::take(&mut self.words));
    }

    /// The footnote ends, and the words around it go on.
    pub(super) fn end_note(&mut self) {
        let content = self.words.take();
        self.words = self.outside.pop().unwrap_or_default();
        if content.is_empty() {
            return;
        }
        self.pieces += 1;
        let label = (self.notes.len() + 1).to_string();
        self.words.atom(InlineKind::FootnoteRef(label.clone()));
        self.notes
            .push(block(BlockKind::Footnote { label, content }));
    }

    /// A paragraph ends.
    pub(super) fn end_paragraph(&mut self, shape: Shape, tables: &Tables) {
        if !self.outside.is_empty() {
            // The paragraphs of a footnote are one.
            self.words.text(" ", &Marks::default());
            return;
        }
        let content = self.words.take();
        let cut = std::mem::take(&mut self.cut);
        if shape.in_table {
            self.put_in_cell(content);
            return;
        }
        self.end_table();
        if shape.begins_page && !cut {
            self.break_page();
        }
        if !content.is_empty() {
            self.place(shape, content, cut, tables);
        }
    }

    /// A page ends, maybe in the middle of a paragraph.
    pub(super) fn page(&mut self, shape: Shape, tables: &Tables) {
        if !self.outside.is_empty() || shape.in_table {
            self.words.line();
            return;
        }
        let content = self.words.take();
        self.end_table();
        if !content.is_empty() {
            let cut = std::mem::replace(&mut self.cut, true);
            self.place(shape, content, cut, tables);
        }
        self.break_page();
    }

    fn break_page(&mut self) {
        if !matches!(self.blocks.last(), Some(last) if last.kind == BlockKind::PageBreak) {
            self.pieces += 1;
            self.blocks.push(block(BlockKind::PageBreak));
        }
    }

    fn place(&mut self, shape: Shape, content: Vec<Inline>, cut: bool, tables: &Tables) {
        self.pieces += 1;
        let ordered = if shape.list > 0 {
            tables.ordered(shape.list, shape.level)
        } else {
            shape.old_list
        };
        let list = ordered.map(|_| (tables.definition(shape.list).cast_unsigned(), shape.level));
        let heading = shape
            .outline
            .filter(|level| *level < 9)
            .map(|level| level + 1)
            .or_else(|| tables.heading(shape.style));
        let at = self.blocks.len();
        let kind = match (heading, ordered) {
            _ if cut => paragraph(content),
            (Some(0), _) => BlockKind::Title(unbold(content)),
            (Some(level), _) => {
                let level = level.clamp(1, 5);
                self.places.push(Place {
                    block: at,
                    list: list.filter(|_| ordered == Some(true)),
                });
                BlockKind::Heading {
                    level,
                    style: if ordered == Some(true) {
                        HeadingStyle::Numbered
                    } else {
                        HeadingStyle::Plain
                    },
                    content: unbold(content),
                }
            }
            (None, Some(ordered)) => {
                self.places.push(Place { block: at, list });
                BlockKind::Item {
                    depth: shape.level.min(7),
                    ordered,
                    content,
                }
            }
            (None, None) => paragraph(content),
        };
        self.blocks.push(block(kind));
    }

    fn put_in_cell(&mut self, content: Vec<Inline>) {
        if !content.is_empty() {
            self.pieces += 1;
            self.cell.line();
            self.cell.append(content);
        }
    }

    /// A row is described anew.
    pub(super) fn begin_row(&mut self) {
        self.edges.clear();
        self.next = Edge::default();
    }

    /// The next cell begins or goes on with one over several rows.
    pub(super) fn vertical(&mut self, vertical: Vertical) {
        self.next.vertical = vertical;
    }

    /// The next cell goes on with the one on its left.
    pub(super) fn joins_left(&mut self) {
        self.next.joins_left = true;
    }

    /// The right edge of the next cell.
    pub(super) fn edge(&mut self, at: i32) {
        let edge = std::mem::take(&mut self.next);
        if self.edges.len() < MOST_COLUMNS {
            self.edges.push(Edge { at, ..edge });
        }
    }

    /// A cell ends.
    pub(super) fn end_cell(&mut self) {
        if !self.outside.is_empty() {
            self.words.text(" ", &Marks::default());
            return;
        }
        let content = self.words.take();
        self.put_in_cell(content);
        self.pieces += 1;
        if self.cells.len() >= MOST_COLUMNS {
            // The words wait for the end of the row, where they join the last cell.
            return;
        }
        let content = self.cell.take();
        self.cells.push(cell(content));
    }

    /// A cell of a table in a cell ends: its words are a line of the outer cell.
    pub(super) fn end_inner_cell(&mut self) {
        if self.outside.is_empty() {
            let content = self.words.take();
            self.put_in_cell(content);
        }
    }

    /// A row ends.
    pub(super) fn end_row(&mut self) {
        if !self.outside.is_empty() {
            return;
        }
        let rest = self.words.take();
        self.put_in_cell(rest);
        let mut cells = std::mem::take(&mut self.cells);
        let rest = self.cell.take();
        if !rest.is_empty() {
            match cells.last_mut().filter(|last| !last.content.is_empty()) {
                Some(last) => {
                    last.content.push(text_inline(" "));
                    last.content.extend(rest);
                }
                None => cells.push(cell(rest)),
            }
        }
        if !cells.is_empty() {
            self.rows.push((cells, self.edges.clone()));
        }
    }

    fn end_table(&mut self) {
        if self.rows.is_empty() && self.cells.is_empty() && self.cell.is_empty() {
            return;
        }
        // A row that never ended still has its words.
        self.end_row();
        let rows = std::mem::take(&mut self.rows);
        let mut raster = Raster::default();
        for row in super::grid::spread(rows) {
            raster.row(row);
        }
        self.pieces += raster.cells();
        if self.is_full() {
            return;
        }
        // What is no rectangle stands beside: RTF has no list of what was left out.
        if let Some((table, _)) = raster.finish() {
            self.blocks.push(block(BlockKind::Table(table)));
        }
    }

    /// The text ends; words without a paragraph mark are the last paragraph.
    pub(super) fn end(&mut self, shape: Shape, tables: &Tables) -> Vec<Block> {
        while !self.outside.is_empty() {
            self.end_note();
        }
        self.end_paragraph(shape, tables);
        self.end_table();
        levels::settle(&mut self.blocks, &self.places);
        self.blocks.append(&mut self.notes);
        std::mem::take(&mut self.blocks)
    }
}

pub(super) fn cell(content: Vec<Inline>) -> Cell {
    Cell {
        content,
        ..Cell::default()
    }
}

fn block(kind: BlockKind) -> Block {
    Block {
        kind,
        id: None,
        span: Span::default(),
    }
}

fn paragraph(content: Vec<Inline>) -> BlockKind {
    BlockKind::Paragraph {
        depth: 0,
        quote: false,
        content,
    }
}

fn text_inline(words: &str) -> Inline {
    Inline {
        kind: InlineKind::Text(words.to_owned()),
        marks: Marks::default(),
        span: Span::default(),
    }
}

/// A heading is bold by its style; marks of the whole say nothing more.
fn unbold(mut content: Vec<Inline>) -> Vec<Inline> {
    if content.iter().all(|inline| inline.marks.strong) {
        for inline in &mut content {
            inline.marks.strong = false;
        }
    }
    content
}
