//! The parts the styles of a firm play: which is its title, its headings, its body text.
//!
//! A style is found by the name Word stores for it, then by what the firm uses it for: its title and headings may wear
//! styles of its own, and its body text is whatever most of its words outside lists, headings and tables are set in.

use super::roles::start_of;
use super::sheet::{Sheet, Start, Style};
use super::usage::{Dress, Usage};
use crate::fill::tree::attributes;

/// Words of a firm's styles that are no body text.
const NO_BODY: [&str; 14] = [
    "heading",
    "title",
    "toc",
    "header",
    "footer",
    "list",
    "caption",
    "footnote",
    "endnote",
    "quote",
    "table",
    "标题",
    "目录",
    "signature",
];
/// Space after text that has none.
const AFTER: &str = "w:after=\"120\"";
/// Levels of headings we have.
pub(super) const HEADINGS: usize = 5;

/// What body text is.
#[derive(Debug, Clone, Default)]
pub(super) struct Body {
    /// The style of the firm it is, or is based on.
    pub style: String,
    /// What the firm sets by hand over it.
    pub dress: Dress,
    /// The firm writes its text as numbered headings: text without number is based on them and takes number and level away.
    pub unnumbered: bool,
    /// The firm's file has no styles to speak of.
    pub missing: bool,
}

impl Body {
    /// True where a style of our own is needed.
    pub fn is_own(&self) -> bool {
        self.missing || self.unnumbered || !self.dress.is_empty()
    }
}

impl Body {
    /// Paragraphs that start at the margin need space between them; a firm that has none puts empty ones there, or fills
    /// tables.
    fn set_apart(&mut self, sheet: &Sheet) {
        let own = self
            .dress
            .paragraph
            .iter()
            .position(|(name, _)| name == "w:spacing");
        let said = own.and_then(|at| attribute(&self.dress.paragraph[at].1, "w:after"));
        let inherited = if self.missing {
            0
        } else {
            sheet.after(&self.style)
        };
        if said.unwrap_or(inherited) > 0 {
            return;
        }
        let spacing = match own.map(|at| self.dress.paragraph.remove(at).1) {
            Some(markup) if said.is_some() => markup.replacen("w:after=\"0\"", AFTER, 1),
            Some(markup) => markup.replacen("<w:spacing ", &format!("<w:spacing {AFTER} "), 1),
            None => format!("<w:spacing {AFTER}/>"),
        };
        self.dress.paragraph.push(("w:spacing".to_owned(), spacing));
    }
}

/// The styles of a firm in the parts they play.
#[derive(Debug)]
pub(super) struct Cast {
    pub body: Body,
    /// Where its lines start.
    pub start: Start,
    /// Its size in half points.
    pub size: i32,
    pub title: Option<String>,
    /// The title is set by hand: the style under it, and its dress.
    pub title_by_hand: Option<(String, Dress)>,
    /// Headings 1 to 5.
    pub headings: [Option<String>; HEADINGS],
    pub table: Option<String>,
    /// The firm writes text, but sets its headings by hand and not in styles.
    by_hand: bool,
}

impl Cast {
    /// Sees what a firm's styles are used for.
    pub fn new(sheet: &Sheet, usage: &Usage<'_>) -> Self {
        let headings = headings(sheet, usage);
        let mut body = body(sheet, usage, &headings);
        let size = body.dress.size().unwrap_or_else(|| sheet.size(&body.style));
        let own = body
            .dress
            .paragraph
            .iter()
            .find(|(name, _)| name == "w:ind");
        let start = match own {
            _ if body.unnumbered => Start::default(),
            Some((_, markup)) => start_of(markup).or(sheet.start(&body.style)),
            None => sheet.start(&body.style),
        };
        let text: usize = usage.styles.values().map(|found| found.characters).sum();
        let styled = headings.iter().flatten().any(|id| usage.characters(id) > 0);
        let by_hand = text > 200 && !styled;
        let (title, title_by_hand) = title(sheet, usage, size);
        let indented = start.first.unwrap_or(0) > 0 || start.first_chars.unwrap_or(0) > 0;
        if !indented {
            body.set_apart(sheet);
        }
        Self {
            body,
            start,
            size,
            title,
            title_by_hand,
            headings,
            table: table(sheet, usage),
            by_hand,
        }
    }
}

impl Cast {
    /// The dress of a style of titles or headings the firm has but does not use: its own text is in other type.
    pub fn unused(&self, sheet: &Sheet, id: &str) -> Dress {
        let mut dress = Dress::default();
        let fonts = self
            .body
            .dress
            .run
            .iter()
            .filter(|(name, _)| name == "w:rFonts");
        dress.run.extend(fonts.cloned());
        let title = self.title.as_deref() == Some(id);
        if self.by_hand && !title {
            // What sets its headings apart is not known, but that they are.
            for name in ["w:b", "w:bCs"] {
                dress.run.push((name.to_owned(), format!("<{name}/>")));
            }
        }
        let (most, now) = if title { (24, 12) } else { (16, 2) };
        if self.by_hand && sheet.size(id) * 10 > self.size * most {
            for name in ["w:sz", "w:szCs"] {
                dress.run.push((
                    name.to_owned(),
                    format!("<{name} w:val=\"{}\"/>", self.size + now),
                ));
            }
            if !title {
                let spacing = "<w:spacing w:before=\"240\" w:after=\"120\"/>".to_owned();
                dress.paragraph.push(("w:spacing".to_owned(), spacing));
            }
        }
        dress
    }
}

fn is_used(usage: &Usage<'_>, style: &Style) -> bool {
    usage.characters(&style.id) > 0
}

fn headings(sheet: &Sheet, usage: &Usage<'_>) -> [Option<String>; HEADINGS] {
    let built_in = |level: usize| sheet.named("paragraph", &format!("heading {level}"));
    let in_use = (1..=HEADINGS)
        .filter_map(built_in)
        .any(|style| is_used(usage, style) || sheet.listed(&style.id).is_some());
    let mut own: [Option<String>; HEADINGS] = Default::default();
    if !in_use {
        let candidates = sheet.styles.iter().filter(|style| {
            style.kind == "paragraph"
                && (style.name.contains("heading") || style.name.contains("标题"))
                && !(1..=9).any(|level| style.name == format!("heading{level}"))
                && sheet.listed(&style.id).is_none()
        });
        let mut candidates: Vec<&Style> = candidates.collect();
        // Styles in use come first, then in the order of the file.
        candidates.sort_by_key(|style| !is_used(usage, style));
        if candidates
            .first()
            .is_some_and(|style| is_used(usage, style))
        {
            for style in candidates {
                let level = match style.outline.filter(|level| usize::from(*level) < HEADINGS) {
                    Some(level) => usize::from(level),
                    None if ["sub", "2", "二"]
                        .iter()
                        .any(|sign| style.name.contains(sign)) =>
                    {
                        1
                    }
                    None if style.name.contains('3') => 2,
                    None => 0,
                };
                own[level].get_or_insert_with(|| style.id.clone());
            }
        }
    }
    if own.iter().any(Option::is_some) {
        return own;
    }
    std::array::from_fn(|level| built_in(level + 1).map(|style| style.id.clone()))
}

fn body(sheet: &Sheet, usage: &Usage<'_>, headings: &[Option<String>; HEADINGS]) -> Body {
    let Some(normal) = sheet.normal() else {
        return Body {
            missing: true,
            ..Body::default()
        };
    };
    let is_body = |id: &str| {
        let found = sheet.get(id);
        let named = found.is_some_and(|style| NO_BODY.iter().any(|word| style.name.contains(word)));
        let outlined = sheet
            .chain(id)
            .any(|style| style.outline.is_some_and(|level| level < 9));
        found.is_some() && !named && !outlined && sheet.listed(id).is_none()
    };
    let mut best: Option<(&str, usize)> = None;
    let mut all = 0;
    for id in &usage.order {
        let Some(found) = usage.styles.get(id) else {
            continue;
        };
        all += found.characters;
        let free = found.characters - found.listed;
        if is_body(id) && best.is_none_or(|(_, most)| free > most) && free > 0 {
            best = Some((id, free));
        }
    }
    // A firm that writes its clauses as headings has hardly any body text beside them.
    let running = headings.iter().flatten().filter(|id| usage.runs(id));
    let running = running.max_by_key(|id| usage.characters(id));
    if let Some(id) = running.filter(|_| best.is_none_or(|(_, most)| most * 10 < all)) {
        return Body {
            style: id.clone(),
            dress: usage.dress(id, false),
            unnumbered: true,
            missing: false,
        };
    }
    let style = best.map_or(normal, |(id, most)| {
        at_margin(sheet, usage, id, most, &is_body)
    });
    let style = style.to_owned();
    let mut dress = usage.dress(&style, true);
    // Text that stands further in does so below a number, where ours may have none.
    dress
        .paragraph
        .retain(|(name, markup)| name != "w:ind" || start_of(markup).left.unwrap_or(0) == 0);
    if stands_in(sheet, &style) {
        let margin = "<w:ind w:left=\"0\" w:firstLine=\"0\"/>".to_owned();
        dress.paragraph.push(("w:ind".to_owned(), margin));
    }
    Body {
        dress,
        style,
        unnumbered: false,
        missing: false,
    }
}

fn stands_in(sheet: &Sheet, style: &str) -> bool {
    sheet.start(style).left.unwrap_or(0) > 0
}

/// The style of body text beside one that holds the most of it: where that stands further in, it is made for text below a
/// number, and one at the margin is preferred that holds a fifth as much, or is body text by its name.
fn at_margin<'a>(
    sheet: &Sheet,
    usage: &'a Usage<'_>,
    best: &'a str,
    most: usize,
    is_body: &impl Fn(&str) -> bool,
) -> &'a str {
    if !stands_in(sheet, best) {
        return best;
    }
    let free = |id: &str| {
        usage
            .styles
            .get(id)
            .map_or(0, |found| found.characters - found.listed)
    };
    let named = |id: &str| {
        sheet
            .get(id)
            .is_some_and(|style| style.name.contains("body") || style.name.contains("正文"))
    };
    let others = usage.order.iter().filter(|id| {
        is_body(id) && !stands_in(sheet, id) && free(id) > 0 && (free(id) * 5 > most || named(id))
    });
    others
        .max_by_key(|id| free(id))
        .map_or(best, String::as_str)
}

type ByHand = Option<(String, Dress)>;

fn title(sheet: &Sheet, usage: &Usage<'_>, size: i32) -> (Option<String>, ByHand) {
    let named = sheet.named("paragraph", "title");
    let like = |style: &&Style| {
        style.kind == "paragraph"
            && style.name.contains("title")
            && !style.name.contains("subtitle")
    };
    let used = named.filter(|style| is_used(usage, style)).or_else(|| {
        let mut used = usage.order.iter().filter_map(|id| sheet.get(id));
        used.find(|style| like(style) && is_used(usage, style))
    });
    if let Some(style) = used {
        return (Some(style.id.clone()), None);
    }
    if let Some(first) = &usage.first {
        let larger = first
            .dress
            .size()
            .unwrap_or_else(|| sheet.size(&first.style))
            > size + 2;
        let listed = sheet.listed(&first.style).is_some();
        let says = |list: &[(String, String)], name: &str, sign: &str| {
            list.iter()
                .any(|(own, markup)| own == name && markup.contains(sign))
        };
        let centred =
            says(&first.dress.paragraph, "w:jc", "center") && says(&first.dress.run, "w:b", "");
        if !listed && (larger || centred) {
            return (None, Some((first.style.clone(), first.dress.clone())));
        }
    }
    (named.map(|style| style.id.clone()), None)
}

fn table(sheet: &Sheet, usage: &Usage<'_>) -> Option<String> {
    let drawn = |id: &String| {
        sheet.get(id).is_some_and(|style| style.kind == "table")
            && sheet.chain(id).any(|style| style.bordered)
    };
    let best = usage
        .tables
        .iter()
        .filter(|(id, _)| drawn(id))
        .max_by_key(|(id, count)| (**count, std::cmp::Reverse(*id)));
    let grid = || {
        sheet
            .named("table", "Table Grid")
            .map(|style| style.id.clone())
    };
    best.map(|(id, _)| id.clone()).or_else(grid)
}

/// An attribute with a whole number, in markup.
fn attribute(markup: &str, name: &str) -> Option<i32> {
    let tag = markup.trim_end_matches("/>").trim_end_matches('>');
    let tag = format!("{tag} ");
    let (_, value) = attributes(&tag).find(|(own, _)| *own == name)?;
    value.parse().ok()
}
