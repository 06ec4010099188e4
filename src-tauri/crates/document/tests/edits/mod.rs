//! Random edit scripts over the shipped templates: seeded, so a failure comes back. Shared with the tests of Word files.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first fault"
)]

use moqi_document::*;
use std::path::{Path, PathBuf};

/// xorshift: the same numbers everywhere.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides.max(1) as u64) as usize
    }
}

/// The shipped templates, filled with their sample answers.
pub fn templates() -> Vec<(String, Document)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../templates");
    let mut files: Vec<PathBuf> = ["zh", "en"]
        .iter()
        .flat_map(|language| std::fs::read_dir(root.join(language)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "md"))
        .collect();
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let template = parse(&text);
            let answers = sample_answers(&template.meta);
            let filled = fill(&instantiate(&text, &answers).text, &answers).text;
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, canonical(&parse(&filled)))
        })
        .collect()
}

/// A document as its printed text reads.
pub fn canonical(document: &Document) -> Document {
    parse(&print(document))
}

/// Content of a block that has some.
pub fn content(block: &mut Block) -> Option<&mut Vec<Inline>> {
    match &mut block.kind {
        BlockKind::Title(content)
        | BlockKind::Heading { content, .. }
        | BlockKind::Item { content, .. }
        | BlockKind::Paragraph { content, .. }
        | BlockKind::Footnote { content, .. } => Some(content),
        _ => None,
    }
}

const WORDS: [&str; 14] = [
    "reasonable",
    "the Seller",
    "thirty (30)",
    "不可抗力",
    "书面",
    "，",
    "甲方",
    " and ",
    "1,200,000.00",
    "“定金”",
    ".",
    "unless otherwise agreed",
    "五",
    "<&>",
];

pub fn words(dice: &mut Dice) -> String {
    let count = 1 + dice.roll(4);
    (0..count)
        .map(|_| WORDS[dice.roll(WORDS.len())])
        .collect::<Vec<_>>()
        .join(if dice.roll(2) == 0 { " " } else { "" })
}

/// A place between two characters.
fn cut(dice: &mut Dice, text: &str) -> usize {
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    places.get(dice.roll(places.len())).copied().unwrap_or(0)
}

/// Replaces, inserts or deletes words in content.
fn edit_words(dice: &mut Dice, content: &mut Vec<Inline>) {
    if content.is_empty() {
        return;
    }
    let at = dice.roll(content.len());
    if let InlineKind::Text(text) = &mut content[at].kind {
        let (a, b) = (cut(dice, text), cut(dice, text));
        let (start, end) = (a.min(b), a.max(b));
        match dice.roll(3) {
            0 => text.insert_str(start, &words(dice)),
            1 if end - start < 60 => text.replace_range(start..end, ""),
            _ => {
                let end = text[start..]
                    .char_indices()
                    .nth(6)
                    .map_or(text.len(), |(n, _)| start + n);
                text.replace_range(start..end, &words(dice));
            }
        }
    } else if dice.roll(3) == 0 {
        content.remove(at);
    }
}

/// Sets or takes a mark on part of a text.
fn edit_marks(dice: &mut Dice, content: &mut Vec<Inline>) {
    if content.is_empty() {
        return;
    }
    let at = dice.roll(content.len());
    let InlineKind::Text(text) = &content[at].kind else {
        return;
    };
    let place = cut(dice, text);
    let (before, after) = (text[..place].to_owned(), text[place..].to_owned());
    let mut marked = content[at].clone();
    marked.kind = InlineKind::Text(after);
    match dice.roll(4) {
        0 => marked.marks.strong = !marked.marks.strong,
        1 => marked.marks.emphasis = !marked.marks.emphasis,
        2 => marked.marks.strike = !marked.marks.strike,
        _ => marked.marks.link = Some("https://example.com/a?b=1&c=2".into()),
    }
    content[at].kind = InlineKind::Text(before);
    content.insert(at + 1, marked);
}

/// One edit of a table.
pub fn edit_table(dice: &mut Dice, table: &mut Table) {
    let row = dice.roll(table.rows.len());
    match dice.roll(11) {
        0 => {
            let fresh = table.rows[row]
                .iter()
                .map(|_| Cell {
                    content: vec![text(&words(dice))],
                    ..Cell::default()
                })
                .collect();
            table.rows.insert(row + 1, fresh);
        }
        1 if table.rows.len() > 1 => {
            table.rows.remove(row);
        }
        2 => {
            // A column comes.
            let column = dice.roll(table.align.len() + 1);
            table.align.insert(column, Align::None);
            for row in &mut table.rows {
                let cell = Cell {
                    content: vec![text(&words(dice))],
                    ..Cell::default()
                };
                row.insert(column.min(row.len()), cell);
            }
        }
        3 if table.align.len() > 1 => {
            let column = dice.roll(table.align.len());
            table.align.remove(column);
            for row in &mut table.rows {
                row.remove(column);
            }
        }
        4 => {
            let column = dice.roll(table.rows[row].len());
            if let Some(cell) = table.rows[row].get_mut(column) {
                edit_marks(dice, &mut cell.content);
            }
        }
        5 | 6 => merge_cells(dice, table, row),
        7 => {
            // Cells are taken apart.
            for cell in &mut table.rows[row] {
                cell.merge = Merge::None;
            }
        }
        _ => {
            let column = dice.roll(table.rows[row].len());
            if let Some(cell) = table.rows[row].get_mut(column) {
                if cell.content.is_empty() {
                    cell.content.push(text(&words(dice)));
                } else {
                    edit_words(dice, &mut cell.content);
                }
            }
        }
    }
}

/// Merges a rectangle of at most three by three cells that begins in a row; what it cuts is normalized later.
pub fn merge_cells(dice: &mut Dice, table: &mut Table, row: usize) {
    let column = dice.roll(table.align.len());
    let right = column + 1 + dice.roll(3);
    let bottom = row + 1 + dice.roll(3);
    for (at, cells) in table.rows.iter_mut().enumerate().take(bottom).skip(row) {
        for (over, cell) in cells.iter_mut().enumerate().take(right).skip(column) {
            cell.merge = match (at == row, over == column) {
                (true, true) => Merge::None,
                (true, false) => Merge::Left,
                _ => Merge::Up,
            };
        }
    }
}

pub fn text(words: &str) -> Inline {
    Inline {
        kind: InlineKind::Text(words.into()),
        marks: Marks::default(),
        span: Span::default(),
    }
}

fn fresh(dice: &mut Dice) -> Block {
    let content = vec![text(&format!("{} {}", words(dice), words(dice)))];
    let kind = match dice.roll(7) {
        0 => BlockKind::Heading {
            level: 1,
            style: HeadingStyle::Numbered,
            content,
        },
        1 | 2 => BlockKind::Item {
            depth: dice.roll(2) as u8,
            ordered: dice.roll(3) > 0,
            content,
        },
        3 => BlockKind::Table(Table {
            align: vec![Align::None; 2],
            rows: (0..3)
                .map(|_| {
                    (0..2)
                        .map(|_| Cell {
                            content: vec![text(&words(dice))],
                            ..Cell::default()
                        })
                        .collect()
                })
                .collect(),
        }),
        4 => BlockKind::PageBreak,
        _ => BlockKind::Paragraph {
            depth: 0,
            quote: false,
            content,
        },
    };
    Block {
        kind,
        id: None,
        span: Span::default(),
    }
}

/// One edit.
fn edit(dice: &mut Dice, blocks: &mut Vec<Block>) {
    if blocks.is_empty() {
        blocks.push(fresh(dice));
        return;
    }
    let at = dice.roll(blocks.len());
    match dice.roll(14) {
        0..=4 => match &mut blocks[at].kind {
            BlockKind::Table(table) => edit_table(dice, table),
            BlockKind::Signature(parties) => {
                if let Some(line) = parties
                    .first_mut()
                    .and_then(|party| party.lines.first_mut())
                {
                    edit_words(dice, line);
                }
            }
            _ => {
                if let Some(content) = content(&mut blocks[at]) {
                    edit_words(dice, content);
                }
            }
        },
        5 => {
            if let Some(content) = content(&mut blocks[at]) {
                edit_marks(dice, content);
            }
        }
        6 => {
            blocks.remove(at);
        }
        7 => {
            let block = fresh(dice);
            blocks.insert(at + dice.roll(2), block);
        }
        8 | 9 => {
            let length = 1 + dice.roll(6).min(blocks.len() - at - 1);
            let run: Vec<Block> = blocks.drain(at..at + length).collect();
            let to = dice.roll(blocks.len() + 1);
            blocks.splice(to..to, run);
        }
        10 => {
            // Split a paragraph.
            let mut second = blocks[at].clone();
            second.id = None;
            if let (Some(first), Some(rest)) = (content(&mut blocks[at]), content(&mut second))
                && first.len() > 1
            {
                let place = 1 + dice.roll(first.len() - 1);
                first.truncate(place);
                rest.drain(..place);
                blocks.insert(at + 1, second);
            }
        }
        11 => {
            // Join two.
            if at + 1 < blocks.len()
                && content(&mut blocks[at + 1]).is_some()
                && content(&mut blocks[at]).is_some()
            {
                let mut next = blocks.remove(at + 1);
                let rest = content(&mut next).map(std::mem::take).unwrap_or_default();
                if let Some(first) = content(&mut blocks[at]) {
                    first.extend(rest);
                }
            }
        }
        12 => match &mut blocks[at].kind {
            BlockKind::Heading { level, .. } => *level = 1 + dice.roll(3) as u8,
            BlockKind::Paragraph { quote, .. } => *quote = !*quote,
            BlockKind::Item { depth, ordered, .. } => {
                if dice.roll(2) == 0 {
                    *ordered = !*ordered;
                } else {
                    *depth = dice.roll(3) as u8;
                }
            }
            _ => {}
        },
        _ => {
            // A footnote, marked where the block has words.
            let label = format!("e{}", dice.roll(1000));
            if let Some(content) = content(&mut blocks[at])
                && !content.is_empty()
            {
                content.push(Inline {
                    kind: InlineKind::FootnoteRef(label.clone()),
                    marks: Marks::default(),
                    span: Span::default(),
                });
                blocks.push(Block {
                    kind: BlockKind::Footnote {
                        label,
                        content: vec![text(&words(dice))],
                    },
                    id: None,
                    span: Span::default(),
                });
            }
        }
    }
}

/// The document after a script of one to a dozen edits, as its text reads.
pub fn edited(dice: &mut Dice, document: &Document) -> Document {
    let mut document = document.clone();
    for _ in 0..1 + dice.roll(12) {
        edit(dice, &mut document.blocks);
    }
    canonical(&document)
}
