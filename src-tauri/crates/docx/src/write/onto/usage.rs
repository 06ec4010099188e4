//! What a firm's text wears: how much of it stands in which style, and what is set by hand over the styles.

use std::collections::HashMap;

use super::sheet::Sheet;
use crate::fill::tree::{Id, Tree};

/// What is set by hand counts as the look of a style where so many hundredths of its words have it.
const MOST: usize = 60;
/// A paragraph of more characters is no title.
const LONGEST_TITLE: usize = 120;
/// Properties of runs and of paragraphs that are looked at.
const RUN: [&str; 8] = [
    "rFonts",
    "b",
    "bCs",
    "caps",
    "smallCaps",
    "color",
    "sz",
    "szCs",
];
const PARAGRAPH: [&str; 3] = ["spacing", "ind", "jc"];

/// What stands in a style, in characters.
#[derive(Debug, Clone, Default)]
pub(super) struct Use {
    pub paragraphs: usize,
    pub characters: usize,
    /// In paragraphs that say themselves that they are in a list.
    pub listed: usize,
}

/// Looks that are set by hand over a style.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Dress {
    /// Name and markup of properties of the paragraph.
    pub paragraph: Vec<(String, String)>,
    /// Name and markup of properties of its runs.
    pub run: Vec<(String, String)>,
}

/// The title of a firm's text that wears no style of a title.
#[derive(Debug, Clone)]
pub(super) struct FirstLine {
    pub style: String,
    pub dress: Dress,
}

/// How the styles of a file are used in its body.
#[derive(Debug, Default)]
pub(super) struct Usage<'a> {
    pub styles: HashMap<String, Use>,
    /// Styles in order of their first use.
    pub order: Vec<String>,
    /// Tables in each table style.
    pub tables: HashMap<String, usize>,
    pub first: Option<FirstLine>,
    /// Characters by style, property and its markup.
    by_hand: HashMap<String, HashMap<&'static str, HashMap<&'a str, usize>>>,
}

/// A paragraph of the firm's, outside tables.
struct Line<'a> {
    style: String,
    listed: bool,
    characters: usize,
    paragraph: [&'a str; PARAGRAPH.len()],
    /// Properties of its first words.
    run: [&'a str; RUN.len()],
}

impl<'a> Usage<'a> {
    /// Reads the body of a file: its text outside tables, or all of it where hardly any stands there.
    pub fn read(tree: &'a Tree<'a>, sheet: &Sheet) -> Self {
        let (outside, cells) = Self::of(tree, sheet, false);
        let sum =
            |usage: &Self| -> usize { usage.styles.values().map(|found| found.characters).sum() };
        if cells <= 3 * sum(&outside) {
            return outside;
        }
        let (all, _) = Self::of(tree, sheet, true);
        Self {
            first: outside.first,
            ..all
        }
    }

    /// Reads text outside tables, or also inside; gives the characters inside too.
    fn of(tree: &'a Tree<'a>, sheet: &Sheet, inside: bool) -> (Self, usize) {
        let normal = sheet.normal().unwrap_or_default();
        let mut usage = Self::default();
        let mut lines: Vec<Line<'a>> = Vec::new();
        // Only paragraphs with words count.
        let (mut last, mut in_text, mut in_cell) = (Id::MAX, false, false);
        let mut cells = 0;
        let mut asked: (Option<Id>, _) = (None, [""; RUN.len()]);
        for id in 0..tree.elements.len() as Id {
            match tree.at(id).name {
                "tblStyle" => {
                    let style = tree.attribute(id, "val").unwrap_or_default();
                    *usage.tables.entry(style).or_default() += 1;
                }
                "t" => {
                    let run = tree.at(id).parent;
                    let Some(paragraph) = tree.around(id, "p") else {
                        continue;
                    };
                    if paragraph != last {
                        last = paragraph;
                        in_cell = tree.around(paragraph, "tc").is_some();
                        in_text =
                            (inside || !in_cell) && tree.around(paragraph, "txbxContent").is_none();
                        if in_text {
                            lines.push(line(tree, paragraph, normal));
                        }
                    }
                    if in_cell {
                        cells += tree.at(id).inner.len();
                    }
                    let Some(line) = lines.last_mut().filter(|_| in_text) else {
                        continue;
                    };
                    let length = tree.words(id).trim().chars().count();
                    // Thousands of text elements may share a parent, which is asked once.
                    if run != asked.0 {
                        let properties = run.and_then(|run| tree.child(run, "rPr"));
                        let values = properties
                            .map_or([""; RUN.len()], |properties| raw(tree, properties, RUN));
                        asked = (run, values);
                    }
                    let values = asked.1;
                    if line.characters == 0 {
                        line.run = values;
                    }
                    line.characters += length;
                    let style = usage.by_hand.entry(line.style.clone()).or_default();
                    for (name, value) in RUN.into_iter().zip(values) {
                        *style.entry(name).or_default().entry(value).or_default() += length;
                    }
                }
                _ => {}
            }
        }
        for line in &lines {
            usage.line(line);
        }
        let first = lines.iter().find(|line| line.characters > 0);
        usage.first = first
            .filter(|line| line.characters <= LONGEST_TITLE && !line.listed)
            .map(|line| FirstLine {
                style: line.style.clone(),
                dress: Dress {
                    paragraph: said(PARAGRAPH, line.paragraph),
                    run: said(RUN, line.run),
                },
            });
        (usage, cells)
    }

    fn line(&mut self, line: &Line<'a>) {
        if !self.styles.contains_key(&line.style) {
            self.order.push(line.style.clone());
        }
        let style = self.styles.entry(line.style.clone()).or_default();
        if line.characters == 0 {
            return;
        }
        style.paragraphs += 1;
        style.characters += line.characters;
        style.listed += if line.listed { line.characters } else { 0 };
        let by_hand = self.by_hand.entry(line.style.clone()).or_default();
        for (name, value) in PARAGRAPH.into_iter().zip(line.paragraph) {
            let counts = by_hand.entry(name).or_default();
            *counts.entry(value).or_default() += line.characters;
        }
    }

    /// What most words of a style have by hand; `indented` says whether the place of its lines is asked for too.
    pub fn dress(&self, style: &str, indented: bool) -> Dress {
        let most = |name: &&'static str| -> Option<(String, String)> {
            let counts = self.by_hand.get(style)?.get(name)?;
            let all: usize = counts.values().sum();
            // Markup is compared too, so that the choice is the same each time.
            let (value, count) = counts
                .iter()
                .max_by_key(|(value, count)| (**count, **value))?;
            let enough = *count * 100 > all * MOST && is_seen(value);
            enough.then(|| (format!("w:{name}"), (*value).to_owned()))
        };
        Dress {
            paragraph: PARAGRAPH
                .iter()
                .filter(|name| indented || **name != "ind")
                .filter_map(most)
                .collect(),
            run: RUN.iter().filter_map(most).collect(),
        }
    }

    /// Characters of a style.
    pub fn characters(&self, style: &str) -> usize {
        self.styles.get(style).map_or(0, |found| found.characters)
    }

    /// True where a style holds running text, as clauses are, and not the few words of a heading.
    pub fn runs(&self, style: &str) -> bool {
        self.styles
            .get(style)
            .is_some_and(|found| found.characters > 60 * found.paragraphs && found.paragraphs > 0)
    }
}

impl Dress {
    pub fn is_empty(&self) -> bool {
        self.paragraph.is_empty() && self.run.is_empty()
    }

    /// Size of the words in half points.
    pub fn size(&self) -> Option<i32> {
        let (_, markup) = self.run.iter().find(|(name, _)| name == "w:sz")?;
        let (_, value) = markup.split_once("w:val=\"")?;
        value.split_once('"')?.0.parse().ok()
    }
}

fn line<'a>(tree: &'a Tree<'a>, id: Id, normal: &str) -> Line<'a> {
    let properties = tree.child(id, "pPr");
    let style = properties.and_then(|properties| tree.value(properties, "pStyle"));
    Line {
        style: style.unwrap_or_else(|| normal.to_owned()),
        listed: properties.is_some_and(|properties| tree.child(properties, "numPr").is_some()),
        characters: 0,
        paragraph: properties.map_or([""; PARAGRAPH.len()], |properties| {
            raw(tree, properties, PARAGRAPH)
        }),
        run: [""; RUN.len()],
    }
}

/// The markup of some properties; `""` for those that are not there.
fn raw<'a, const N: usize>(tree: &'a Tree<'a>, properties: Id, names: [&str; N]) -> [&'a str; N] {
    names.map(|name| {
        let found = tree
            .child(properties, name)
            .filter(|&id| tree.at(id).full.starts_with("w:"));
        found.map_or("", |id| tree.text(&tree.at(id).span))
    })
}

fn said<const N: usize>(names: [&str; N], values: [&str; N]) -> Vec<(String, String)> {
    names
        .iter()
        .zip(values)
        .filter(|(_, value)| is_seen(value))
        .map(|(name, value)| (format!("w:{name}"), value.to_owned()))
        .collect()
}

/// False where nothing is said, and for white words, which stand on a ground ours do not have.
fn is_seen(markup: &str) -> bool {
    !markup.is_empty() && !markup.contains("w:val=\"FFFFFF\"")
}
