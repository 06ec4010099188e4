//! The page of a firm: which of its sections our text stands in, with which headers and footers.
//!
//! A firm's file may have a cover and a page of signatures beside its terms, each with words of its own at the top. Our
//! text stands where most of the firm's words stand. Only where the first page alone has a picture in its header or
//! footer – the letterhead – does the first page of our text keep it.

use std::fmt::Write;

use crate::fill::tree::{Id, Tree};

/// Kinds of header and footer.
const KINDS: [&str; 2] = ["header", "footer"];
/// Sections that are looked at.
const MOST_SECTIONS: usize = 4096;
/// Pages they stand on.
const PAGES: [&str; 3] = ["default", "first", "even"];

/// Relations of headers and footers by kind and pages.
type Margins = [[Option<String>; 3]; 2];

/// A section.
#[derive(Debug, Clone, Default)]
struct Section {
    margins: Margins,
    /// Its other properties, in order.
    rest: Vec<(String, String)>,
    title_page: bool,
    words: usize,
    paper: Option<(i32, i32)>,
    /// Top, right, bottom, left.
    sides: Option<[i32; 4]>,
    /// Number of columns and the space between them.
    columns: (i32, i32),
}

/// The page our text stands on.
#[derive(Debug, Clone, Default)]
pub(super) struct Page {
    section: Section,
}

impl Page {
    /// Chooses among the sections of a body. `has_picture` says it of the header or footer of a relation.
    pub fn choose(tree: &Tree<'_>, mut has_picture: impl FnMut(&str) -> bool) -> Option<Self> {
        let mut sections = sections(tree);
        // What a section does not say, the one before says.
        for at in 1..sections.len() {
            let before = sections[at - 1].margins.clone();
            for (own, other) in sections[at].margins.iter_mut().zip(before) {
                for (own, other) in own.iter_mut().zip(other) {
                    if own.is_none() {
                        *own = other;
                    }
                }
            }
        }
        let cover = sections.first()?.clone();
        let at = (0..sections.len()).max_by_key(|&at| sections[at].words)?;
        let mut section = sections.swap_remove(at);
        if at > 0 && !section.title_page {
            let first = usize::from(cover.title_page);
            let letterhead: Vec<bool> = (0..KINDS.len())
                .map(|kind| {
                    let mut picture =
                        |found: &Option<String>| found.as_deref().is_some_and(&mut has_picture);
                    picture(&cover.margins[kind][first]) && !picture(&section.margins[kind][0])
                })
                .collect();
            if letterhead.contains(&true) {
                for ((own, other), letterhead) in section
                    .margins
                    .iter_mut()
                    .zip(&cover.margins)
                    .zip(letterhead)
                {
                    own[1] = if letterhead {
                        other[first].clone()
                    } else {
                        own[0].clone()
                    };
                }
                section.title_page = true;
                section.rest.retain(|(name, _)| name != "titlePg");
                section
                    .rest
                    .push(("titlePg".to_owned(), "<w:titlePg/>".to_owned()));
            }
        }
        Some(Self { section })
    }

    /// Relations it names.
    pub fn relations(&self) -> impl Iterator<Item = &str> {
        self.section
            .margins
            .iter()
            .flatten()
            .flatten()
            .map(String::as_str)
    }

    /// Width and height of the paper in twips.
    pub fn paper(&self) -> Option<(i32, i32)> {
        self.section.paper
    }

    /// Margins around the text in twips, of its first column: top, right, bottom, left.
    pub fn sides(&self) -> Option<[i32; 4]> {
        let mut sides = self.section.sides?;
        let (columns, space) = self.section.columns;
        if let Some((width, _)) = self.section.paper.filter(|_| columns > 1) {
            let text = width - sides[1] - sides[3] - space * (columns - 1);
            sides[1] = width - sides[3] - text / columns;
        }
        Some(sides)
    }

    /// The properties of a section of ours: its kind of break, whether it lies on its side, and whether it is the first,
    /// whose first page is that of the paper.
    pub fn markup(&self, kind: &str, lying: bool, first: bool) -> String {
        let mut out = "<w:sectPr>".to_owned();
        for (name, pages) in KINDS.iter().zip(&self.section.margins) {
            for (which, relation) in PAGES.iter().zip(pages) {
                if let Some(relation) = relation.as_ref().filter(|_| first || *which != "first") {
                    let _ = write!(
                        out,
                        "<w:{name}Reference w:type=\"{which}\" r:id=\"{}\"/>",
                        crate::write::text::escape(relation)
                    );
                }
            }
        }
        for (name, markup) in self.in_order() {
            match name {
                "footnotePr" | "endnotePr" => out.push_str(markup),
                _ => break,
            }
        }
        if !kind.is_empty() {
            let _ = write!(out, "<w:type w:val=\"{kind}\"/>");
        }
        for (name, markup) in self.in_order() {
            match (name, self.section.paper) {
                ("footnotePr" | "endnotePr", _) => {}
                ("titlePg", _) if !first => {}
                // Pages are counted once, from the first of the paper.
                ("pgNumType", _) if !first => out.push_str(&without(markup, "w:start")),
                ("pgMar", Some((width, height))) if lying && width < height => {
                    out.push_str(&turned(markup));
                }
                ("pgSz", Some((width, height))) if lying && width < height => {
                    let _ = write!(
                        out,
                        "<w:pgSz w:w=\"{height}\" w:h=\"{width}\" w:orient=\"landscape\"/>"
                    );
                }
                _ => out.push_str(markup),
            }
        }
        out.push_str("</w:sectPr>");
        out
    }

    /// Properties in the order of CT_SectPr.
    fn in_order(&self) -> Vec<(&str, &str)> {
        const ORDER: [&str; 16] = [
            "footnotePr",
            "endnotePr",
            "pgSz",
            "pgMar",
            "paperSrc",
            "pgBorders",
            "lnNumType",
            "pgNumType",
            "cols",
            "formProt",
            "vAlign",
            "noEndnote",
            "titlePg",
            "textDirection",
            "bidi",
            "docGrid",
        ];
        let mut all: Vec<(usize, &str, &str)> = self
            .section
            .rest
            .iter()
            .filter_map(|(name, markup)| {
                let place = ORDER.iter().position(|other| other == name)?;
                Some((place, name.as_str(), markup.as_str()))
            })
            .collect();
        all.sort_by_key(|(place, ..)| *place);
        all.dedup_by_key(|(place, ..)| *place);
        all.into_iter()
            .map(|(_, name, markup)| (name, markup))
            .collect()
    }
}

/// Markup without an attribute.
fn without(markup: &str, name: &str) -> String {
    let sign = format!(" {name}=\"");
    match markup.split_once(&sign) {
        Some((before, rest)) => {
            let after = rest.split_once('"').map_or("", |(_, after)| after);
            format!("{before}{after}")
        }
        None => markup.to_owned(),
    }
}

/// The margins of paper that is turned to the left: the upper one was at its right.
fn turned(markup: &str) -> String {
    let sides = ["top", "right", "bottom", "left"];
    let mut out = markup.to_owned();
    for (at, side) in sides.iter().enumerate() {
        let from = format!(" w:{}=\"", sides[(at + 3) % 4]);
        let value = markup
            .split_once(&from)
            .and_then(|(_, rest)| rest.split_once('"'));
        if let Some((value, _)) = value {
            out = without(&out, &format!("w:{side}"));
            out = out.replacen("<w:pgMar", &format!("<w:pgMar w:{side}=\"{value}\""), 1);
        }
    }
    out
}

/// The sections of a body in order, each with the words that stand in it.
fn sections(tree: &Tree<'_>) -> Vec<Section> {
    let mut all = Vec::new();
    let mut words = 0;
    for id in 0..tree.elements.len() as Id {
        match tree.at(id).name {
            "t" => words += tree.at(id).inner.len(),
            // One that was changed keeps what it was before.
            "sectPr" if tree.around(id, "sectPrChange").is_none() => {
                let mut section = section(tree, id);
                section.words = std::mem::take(&mut words);
                if all.len() < MOST_SECTIONS {
                    all.push(section);
                }
            }
            _ => {}
        }
    }
    all
}

fn section(tree: &Tree<'_>, id: Id) -> Section {
    let mut section = Section::default();
    for &child in &tree.at(id).children {
        let number = |name: &str| -> Option<i32> {
            let value: f64 = tree.attribute(child, name)?.parse().ok()?;
            Some(value.clamp(-31_680.0, 31_680.0) as i32)
        };
        let element = tree.at(child);
        let name = element.name;
        let reference = KINDS
            .iter()
            .position(|kind| name.strip_suffix("Reference") == Some(kind));
        if let Some(kind) = reference {
            let pages = tree.attribute(child, "type").unwrap_or_default();
            let pages = PAGES.iter().position(|known| *known == pages).unwrap_or(0);
            section.margins[kind][pages] = tree.attribute(child, "id");
            continue;
        }
        match name {
            "titlePg" => {
                section.title_page = !matches!(
                    tree.attribute(child, "val").as_deref(),
                    Some("0" | "false" | "off")
                );
            }
            "pgSz" => {
                let paper = number("w").zip(number("h"));
                section.paper = paper
                    .filter(|(w, h)| (5_000..=32_000).contains(w) && (5_000..=32_000).contains(h));
            }
            "pgMar" => {
                let sides =
                    ["top", "right", "bottom", "left"].map(|side| number(side).map(i32::abs));
                if let [Some(top), Some(right), Some(bottom), Some(left)] = sides {
                    section.sides = Some([top, right, bottom, left]);
                }
            }
            "cols" => {
                section.columns = (
                    number("num").unwrap_or(1).clamp(1, 8),
                    number("space").unwrap_or(720),
                );
            }
            _ => {}
        }
        if element.full.starts_with("w:") {
            section
                .rest
                .push((name.to_owned(), tree.text(&element.span).to_owned()));
        }
    }
    let width = section.paper.map_or(11_906, |(width, _)| width);
    section.sides = section
        .sides
        .filter(|sides| width - sides[1] - sides[3] >= 2_000);
    section
}
