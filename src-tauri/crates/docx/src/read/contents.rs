//! Tables of contents: a text has one made anew from its headings wherever it goes, so their entries are no text of it.

use moqi_document::{InlineKind, plain};

use super::story::{Paragraph, Piece};

/// The tables of contents of a body.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// Spots from the first entry to the last paragraph, which may hold other words too.
    ranges: Vec<(usize, usize)>,
    /// Levels of headings the first of them lists.
    pub(super) levels: Option<u8>,
}

impl Contents {
    /// A table was met between these spots. In the last paragraph its words are gone already.
    pub(super) fn met(&mut self, first: usize, last: usize, levels: u8) {
        self.ranges.push((first, last));
        self.levels.get_or_insert(levels);
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.ranges.len()
    }

    /// The body without them and without their headings.
    pub(super) fn without(&self, pieces: Vec<Piece>) -> Vec<Piece> {
        if self.ranges.is_empty() {
            return pieces;
        }
        let mut out: Vec<Piece> = Vec::with_capacity(pieces.len());
        let mut ranges = self.ranges.iter().peekable();
        let mut begun = false;
        for piece in pieces {
            let spot = match &piece {
                Piece::Paragraph(paragraph) => paragraph.spots.first().copied(),
                Piece::Table(_) => None,
            };
            let Some(spot) = spot else {
                out.push(piece);
                continue;
            };
            while ranges.next_if(|(_, last)| *last < spot).is_some() {
                begun = false;
            }
            match (ranges.peek(), &piece) {
                (Some((first, last)), Piece::Paragraph(paragraph))
                    if *first <= spot && (spot < *last || is_blank(paragraph)) =>
                {
                    if !begun && out.last().is_some_and(is_heading) {
                        out.pop();
                    }
                    begun = true;
                }
                _ => out.push(piece),
            }
        }
        out
    }
}

/// The levels a `TOC` instruction lists: `\o "1-3"`; Word's own table has three.
pub(super) fn levels(switches: &str) -> u8 {
    let range = switches
        .split_once("\\o")
        .and_then(|(_, rest)| rest.split('"').nth(1));
    let last = range.and_then(|range| range.rsplit('-').next()?.trim().parse::<u8>().ok());
    last.unwrap_or(3).clamp(1, 5)
}

fn is_blank(paragraph: &Paragraph) -> bool {
    paragraph
        .content
        .iter()
        .all(|inline| matches!(&inline.kind, InlineKind::Text(text) if text.trim().is_empty()))
}

/// True for 目录 and its like, which belongs to the table below it.
fn is_heading(piece: &Piece) -> bool {
    let Piece::Paragraph(paragraph) = piece else {
        return false;
    };
    let words: String = plain(&paragraph.content)
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect();
    matches!(
        words.trim_end_matches([':', '：']),
        "目录" | "目次" | "contents" | "tableofcontents"
    )
}
