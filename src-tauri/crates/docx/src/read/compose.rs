//! From paragraphs and tables to blocks: lists counted, headings and items told apart.

use moqi_document::{Block, BlockKind, HeadingStyle, Inline, InlineKind, Marks, Span};

use super::ReadError;
use super::label::Counts;
use super::levels::{self, Place};
use super::numbering::{Listed, Numbering};
use super::raster::{Raster, Slot, append};
use super::story::{self, Grid, Paragraph, Piece};
use super::styles::Styles;
use super::tidy::tidy;

/// Cells of all tables, empty ones that make rows equal included.
const MOST_CELLS: usize = 1_000_000;

/// A place in the text: a block, and its row where that is a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Site {
    pub(super) block: usize,
    pub(super) row: usize,
}

/// A label before words.
pub(super) struct Labelled {
    pub(super) site: Site,
    pub(super) label: String,
    pub(super) typed: bool,
}

/// The blocks of a body, and what stands where in them.
pub(super) struct Composed {
    pub(super) blocks: Vec<Block>,
    /// Where the paragraph of each spot went.
    pub(super) spots: Vec<Option<Site>>,
    pub(super) labels: Vec<Labelled>,
    /// Some paragraph counts in a list that is not of bullets.
    pub(super) counts: bool,
    /// Tables inside cells, which became lines of the cell.
    pub(super) nested: usize,
    /// Cells that a file merges and the text does not.
    pub(super) unmerged: usize,
    /// Numbered paragraphs in cells, whose numbers our text does not print.
    pub(super) in_cells: usize,
}

/// Makes the blocks of a body.
pub(super) fn compose(
    pieces: Vec<Piece>,
    styles: &Styles,
    numbering: &Numbering,
) -> Result<Composed, ReadError> {
    let mut composer = Composer {
        styles,
        numbering,
        counts: Counts::new(numbering),
        places: Vec::new(),
        cells: 0,
        out: Composed {
            blocks: Vec::new(),
            spots: Vec::new(),
            labels: Vec::new(),
            counts: false,
            nested: 0,
            unmerged: 0,
            in_cells: 0,
        },
    };
    composer.pieces(pieces)?;
    levels::settle(&mut composer.out.blocks, &composer.places);
    Ok(composer.out)
}

/// Paragraphs as one run of words, for a note.
pub(super) fn flat(pieces: Vec<Piece>, mut on: impl FnMut(&Paragraph)) -> Vec<Inline> {
    let mut content = Vec::new();
    story::each(pieces, &mut |mut paragraph| {
        on(&paragraph);
        append(&mut content, tidy(std::mem::take(&mut paragraph.content)));
    });
    content
}

pub(super) fn plain_block(kind: BlockKind) -> Block {
    Block {
        kind,
        id: None,
        span: Span::default(),
    }
}

/// What the lists of a file say of a paragraph.
struct Rank {
    listed: Listed,
    definition: u32,
    /// Numbered rather than bulleted; `None` when it shows nothing.
    ordered: Option<bool>,
    label: String,
}

struct Composer<'a> {
    styles: &'a Styles,
    numbering: &'a Numbering,
    counts: Counts<'a>,
    places: Vec<Place>,
    cells: usize,
    out: Composed,
}

impl Composer<'_> {
    fn pieces(&mut self, pieces: Vec<Piece>) -> Result<(), ReadError> {
        for piece in pieces {
            match piece {
                Piece::Paragraph(mut paragraph) => {
                    let after = std::mem::take(&mut paragraph.after);
                    self.paragraph(*paragraph);
                    self.pieces(after)?;
                }
                Piece::Table(grid) => self.table(grid)?,
            }
        }
        Ok(())
    }

    fn put(&mut self, kind: BlockKind) {
        self.out.blocks.push(plain_block(kind));
    }

    /// Notes where the paragraph went.
    fn settle(&mut self, spots: &[usize], site: Site) {
        for &spot in spots {
            if self.out.spots.len() <= spot {
                self.out.spots.resize(spot + 1, None);
            }
            self.out.spots[spot] = Some(site);
        }
    }

    fn site(&self, row: usize) -> Site {
        Site {
            block: self.out.blocks.len(),
            row,
        }
    }

    /// Counts a paragraph in its list.
    fn rank(&mut self, paragraph: &Paragraph) -> Option<Rank> {
        let (styles, numbering) = (self.styles, self.numbering);
        let style = paragraph.style.as_deref().unwrap_or(styles.normal());
        let of_style = styles.listed(style);
        let list_of = |style: &str| styles.listed(style).map(|(list, ..)| list);
        let (number, by) = match (paragraph.list, of_style) {
            (Some(own), _) => (own, style),
            (None, Some((list, by, _))) => (list, by),
            (None, None) => return None,
        };
        if number == 0 {
            return None;
        }
        let definition = numbering.definition(number, list_of)?;
        let level = paragraph
            .level
            // Where the style names no level, the list names the style.
            .or_else(|| numbering.level_of_style(definition, by))
            .or_else(|| of_style.and_then(|(.., level)| level))
            .unwrap_or(0);
        // A section break alone in its paragraph is no paragraph to a reader and takes no number.
        if paragraph.ends_section && is_blank(&paragraph.content) {
            return None;
        }
        let listed = Listed { number, level };
        let shape = numbering.level(number, definition, level);
        let ordered = shape.and_then(|shape| match shape.format.as_deref() {
            Some("none") => None,
            Some("bullet") => Some(false),
            _ if shape.text.as_deref() == Some("") => None,
            Some(_) | None => Some(true),
        });
        let label = self.counts.label(definition, listed);
        Some(Rank {
            listed,
            definition,
            ordered,
            label,
        })
    }

    fn paragraph(&mut self, mut paragraph: Paragraph) {
        let rank = self.rank(&paragraph);
        let content = tidy(std::mem::take(&mut paragraph.content));
        if paragraph.page_before {
            self.put(BlockKind::PageBreak);
        }
        let site = self.site(0);
        self.settle(&paragraph.spots, site);
        if !content.is_empty() {
            let ordered = rank.as_ref().and_then(|rank| rank.ordered);
            self.out.counts |= ordered == Some(true);
            if let Some(rank) = rank.as_ref().filter(|rank| !rank.label.is_empty()) {
                self.out.labels.push(Labelled {
                    site,
                    label: rank.label.clone(),
                    typed: false,
                });
            }
            let kind = self.kind(&paragraph, rank.as_ref(), content);
            self.put(kind);
        }
        if paragraph.page_after {
            self.put(BlockKind::PageBreak);
        }
    }

    fn kind(
        &mut self,
        paragraph: &Paragraph,
        rank: Option<&Rank>,
        content: Vec<Inline>,
    ) -> BlockKind {
        let style = paragraph.style.as_deref().unwrap_or(self.styles.normal());
        let heading = match paragraph.outline {
            Some(level) if level < 9 => Some(level + 1),
            _ => self.styles.heading(style),
        };
        let ordered = rank.and_then(|rank| rank.ordered);
        match (heading, rank, ordered) {
            (Some(0), ..) => BlockKind::Title(unbold(content)),
            (Some(level), ..) => {
                let style = match rank.filter(|_| ordered == Some(true)) {
                    Some(rank) if is_schedule(&rank.label) => HeadingStyle::Schedule,
                    Some(_) => HeadingStyle::Numbered,
                    None => HeadingStyle::Plain,
                };
                self.place(rank.filter(|_| ordered == Some(true)));
                BlockKind::Heading {
                    level: level.clamp(1, 5),
                    style,
                    content: unbold(content),
                }
            }
            (None, Some(rank), Some(ordered)) => {
                self.place(Some(rank));
                BlockKind::Item {
                    depth: rank.listed.level.min(7),
                    ordered,
                    content,
                }
            }
            _ => BlockKind::Paragraph {
                depth: 0,
                quote: false,
                content,
            },
        }
    }

    /// Remembers that the next block is a heading or an item, and its list.
    fn place(&mut self, rank: Option<&Rank>) {
        self.places.push(Place {
            block: self.out.blocks.len(),
            list: rank.map(|rank| (rank.definition, rank.listed.level)),
        });
    }

    fn table(&mut self, grid: Grid) -> Result<(), ReadError> {
        let mut raster = Raster::default();
        for cells in grid.rows {
            if cells.is_empty() {
                continue;
            }
            let site = self.site(raster.len());
            let mut slots = Vec::with_capacity(cells.len());
            for cell in cells {
                slots.push(Slot {
                    content: self.cell(cell.pieces, site),
                    span: cell.shape.span,
                    vertical: cell.shape.vertical,
                    joins_left: cell.shape.joins_left,
                });
            }
            raster.row(slots);
        }
        self.cells += raster.cells();
        if self.cells > MOST_CELLS {
            return Err(ReadError::TooLarge(
                "its tables have more than 1,000,000 cells",
            ));
        }
        let Some((mut table, lost)) = raster.finish() else {
            return Ok(());
        };
        self.out.unmerged += lost;
        // A header row is bold by its place, as a heading is by its style.
        let head = table.head_rows();
        for row in table.rows.iter_mut().take(head) {
            let all = row.iter().flat_map(|cell| &cell.content);
            if all.clone().all(|inline| inline.marks.strong) {
                row.iter_mut()
                    .flat_map(|cell| &mut cell.content)
                    .for_each(|inline| inline.marks.strong = false);
            }
        }
        self.put(BlockKind::Table(table));
        Ok(())
    }

    /// The words of a cell: paragraphs are lines, and so are the cells of a table inside it.
    fn cell(&mut self, pieces: Vec<Piece>, site: Site) -> Vec<Inline> {
        self.out.nested += pieces
            .iter()
            .filter(|piece| matches!(piece, Piece::Table(_)))
            .count();
        let mut content = Vec::new();
        story::each(pieces, &mut |mut paragraph| {
            let rank = self.rank(&paragraph);
            self.settle(&paragraph.spots, site);
            let words = tidy(std::mem::take(&mut paragraph.content));
            if let Some(rank) = rank.filter(|rank| !rank.label.is_empty() && !words.is_empty()) {
                self.out.counts |= rank.ordered == Some(true);
                self.out.in_cells += usize::from(rank.ordered == Some(true));
                self.out.labels.push(Labelled {
                    site,
                    label: rank.label,
                    typed: false,
                });
            }
            append(&mut content, words);
        });
        content
    }
}

fn is_blank(content: &[Inline]) -> bool {
    content.iter().all(|inline| match &inline.kind {
        InlineKind::Text(text) => text.trim().is_empty(),
        kind => *kind == InlineKind::Break,
    })
}

/// A heading is bold by its style; marks of the whole say nothing more.
fn unbold(mut content: Vec<Inline>) -> Vec<Inline> {
    let bold = |marks: &Marks| marks.strong;
    if content.iter().all(|inline| bold(&inline.marks)) {
        content
            .iter_mut()
            .for_each(|inline| inline.marks.strong = false);
    }
    content
}

/// Whether a label is that of a schedule in our own words; an exhibit or annex has other words, to which the text refers.
fn is_schedule(label: &str) -> bool {
    label.starts_with("附件") || label.starts_with("Schedule ")
}
