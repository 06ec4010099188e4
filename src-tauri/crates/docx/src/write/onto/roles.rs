//! Which style of the firm each of our styles becomes, and which of ours have to be added.
//!
//! A style is found by the name Word stores for it, then by what the firm uses it for: its title and headings may wear
//! styles of its own, and its body text is whatever most of its words outside lists, headings and tables are set in.

use std::collections::{HashMap, HashSet};

use super::lists::Outline;
use super::properties::{Properties, value};
use super::sheet::{Sheet, Start, Style, name_key};
use super::usage::{Dress, Usage};
use crate::fill::tree::attributes;
use crate::write::tree::{Element, Node};

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
/// Levels of headings we have.
pub(super) const HEADINGS: usize = 5;

/// What a style of ours becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// A style of the firm.
    Firm(String),
    /// A style of ours, added under this id.
    Own(String),
}

impl Target {
    pub fn id(&self) -> &str {
        match self {
            Self::Firm(id) | Self::Own(id) => id,
        }
    }
}

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
}

impl Cast {
    /// Sees what a firm's styles are used for.
    pub fn new(sheet: &Sheet, usage: &Usage<'_>) -> Self {
        let headings = headings(sheet, usage);
        let body = body(sheet, usage, &headings);
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
        let (title, title_by_hand) = title(sheet, usage, size);
        Self {
            body,
            start,
            size,
            title,
            title_by_hand,
            headings,
            table: table(sheet, usage),
        }
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
    let style = best.map_or(normal, |(id, _)| id).to_owned();
    let mut dress = usage.dress(&style, true);
    // Text that stands further in does so below a number, where ours may have none.
    dress
        .paragraph
        .retain(|(name, markup)| name != "w:ind" || start_of(markup).left.unwrap_or(0) == 0);
    Body {
        dress,
        style,
        unnumbered: false,
        missing: false,
    }
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

/// A style of ours.
#[derive(Debug, Clone)]
pub(super) struct Ours<'a> {
    pub id: &'a str,
    pub name: &'a str,
    pub kind: &'a str,
    pub base: &'a str,
    pub element: Element<'a>,
}

/// Our styles.
pub(super) fn ours<'a>(root: &Element<'a>) -> Vec<Ours<'a>> {
    let styles = root.children.iter().filter_map(|node| match node {
        Node::Element(child) if child.name == "w:style" => Some(child),
        _ => None,
    });
    styles
        .map(|element| Ours {
            id: element.attribute("w:styleId").unwrap_or_default(),
            name: value(element, "w:name").unwrap_or_default(),
            kind: element.attribute("w:type").unwrap_or_default(),
            base: value(element, "w:basedOn").unwrap_or_default(),
            element: element.clone(),
        })
        .collect()
}

/// What every style of ours becomes.
#[derive(Debug, Default)]
pub(super) struct Roles {
    targets: HashMap<String, Target>,
    /// Names of those that are added.
    pub names: HashMap<String, String>,
    /// Their bases.
    pub bases: HashMap<String, String>,
    /// What the firm sets by hand over its styles of titles and headings.
    dresses: HashMap<String, Dress>,
    normal: String,
    /// Body text starts at the margin.
    flush: bool,
}

impl Roles {
    pub fn new(
        ours: &[Ours<'_>],
        sheet: &Sheet,
        usage: &Usage<'_>,
        cast: &Cast,
        outline: Option<&Outline>,
    ) -> Self {
        let mut roles = Self {
            normal: sheet.normal().unwrap_or("Normal").to_owned(),
            flush: cast.start.first.unwrap_or(0) <= 0 && cast.start.first_chars.unwrap_or(0) <= 0,
            ..Self::default()
        };
        let mut ids: HashSet<String> = sheet
            .styles
            .iter()
            .map(|style| style.id.to_lowercase())
            .collect();
        let mut names: HashSet<String> = sheet
            .styles
            .iter()
            .map(|style| style.name.clone())
            .collect();
        for style in ours {
            let firm = firm_style(style, sheet, cast);
            let target = match firm {
                Some(id) => Target::Firm(id),
                None => {
                    let id = free(style.id, &mut ids, "House", |id| id.to_lowercase());
                    let name = free(style.name, &mut names, "House ", name_key);
                    roles.names.insert(style.id.to_owned(), name);
                    Target::Own(id)
                }
            };
            roles.targets.insert(style.id.to_owned(), target);
        }
        for style in ours {
            let base = roles.base(style, cast);
            roles.bases.insert(style.id.to_owned(), base);
        }
        let linked = outline
            .into_iter()
            .flat_map(|outline| outline.levels.iter().flatten());
        let linked = linked.filter_map(|level| level.style.as_ref());
        for id in cast
            .headings
            .iter()
            .flatten()
            .chain(&cast.title)
            .chain(linked)
        {
            roles.dresses.insert(id.clone(), usage.dress(id, true));
        }
        roles
    }

    /// What a style of ours becomes.
    pub fn target(&self, style: &str) -> Target {
        let found = self.targets.get(style).cloned();
        found.unwrap_or_else(|| Target::Firm(self.normal.clone()))
    }

    /// What the firm sets by hand over a style of its own.
    pub fn dress(&self, style: &str) -> Option<&Dress> {
        self.dresses.get(style).filter(|dress| !dress.is_empty())
    }

    /// The id of the style that one of ours is based on once it is added.
    fn base(&self, style: &Ours<'_>, cast: &Cast) -> String {
        let of = |id: &str| self.target(id).id().to_owned();
        if style.id == "Normal" {
            return String::new();
        }
        if style.kind != "paragraph" {
            return if style.base.is_empty() {
                String::new()
            } else {
                of(style.base)
            };
        }
        if style.id == "BodyText" {
            return cast.body.style.clone();
        }
        if style.id == "Title"
            && let Some((base, _)) = &cast.title_by_hand
        {
            return base.clone();
        }
        // A heading the firm lacks follows the one above it.
        let level = style
            .id
            .strip_prefix("Heading")
            .and_then(|level| level.parse::<usize>().ok());
        if let Some(level) = level {
            let above = cast
                .headings
                .iter()
                .take(level.saturating_sub(1))
                .flatten()
                .next_back();
            return above.cloned().unwrap_or_else(|| of("BodyText"));
        }
        if style.id == "ScheduleHeading" {
            return of("Heading1");
        }
        match style.base {
            "" | "Normal" => of("BodyText"),
            base => of(base),
        }
    }

    /// Where our look starts lines two characters in and the firm's text starts at the margin, ours does too.
    pub fn settle(&self, properties: &mut Properties) {
        let Some(markup) = properties.get("w:ind").filter(|_| self.flush) else {
            return;
        };
        let start = start_of(markup);
        if start.left.unwrap_or(0) == 0 && start.first.unwrap_or(0) > 0 {
            properties.set(
                "w:ind",
                "<w:ind w:left=\"0\" w:firstLine=\"0\"/>".to_owned(),
            );
        }
    }
}

/// The style of the firm that one of ours is, if it has one.
fn firm_style(style: &Ours<'_>, sheet: &Sheet, cast: &Cast) -> Option<String> {
    if style.kind == "table" && style.id == "TableGrid" {
        return cast.table.clone();
    }
    let level = style
        .id
        .strip_prefix("Heading")
        .and_then(|level| level.parse::<usize>().ok());
    if let Some(level) = level {
        return cast.headings.get(level.checked_sub(1)?)?.clone();
    }
    match style.id {
        "Title" => return cast.title.clone(),
        "BodyText" => return (!cast.body.is_own()).then(|| cast.body.style.clone()),
        // These depend on our lists, or on the text around them.
        "BodyTextIndent" | "Addressee" => return None,
        id if id.starts_with("ListContinue") => return None,
        "Normal" => return sheet.normal().map(str::to_owned),
        _ => {}
    }
    let found = sheet.named(style.kind, style.name)?;
    // A style of bullets without a list has no bullets.
    let bullet = style.id.starts_with("ListBullet");
    (!bullet || sheet.listed(&found.id).is_some()).then(|| found.id.clone())
}

/// A name that is not in use.
fn free(
    wanted: &str,
    used: &mut HashSet<String>,
    before: &str,
    key: impl Fn(&str) -> String,
) -> String {
    let mut name = wanted.to_owned();
    let mut count = 1;
    while !used.insert(key(&name)) {
        name = match count {
            1 => format!("{before}{wanted}"),
            _ => format!("{before}{wanted} {count}")
                .replace(' ', if before.ends_with(' ') { " " } else { "" }),
        };
        count += 1;
    }
    name
}

/// A `w:ind` in markup.
pub(super) fn start_of(markup: &str) -> Start {
    let mut start = Start::default();
    let tag = markup.trim_end_matches("/>").trim_end_matches('>');
    for (name, value) in attributes(&format!("{tag} ")) {
        let Ok(value) = value.parse::<f64>() else {
            continue;
        };
        let value = value.clamp(-31_680.0, 31_680.0) as i32;
        match name {
            "w:left" | "w:start" => start.left = Some(value),
            "w:firstLine" => start.first = Some(value),
            "w:hanging" => start.first = Some(-value),
            "w:firstLineChars" => start.first_chars = Some(value),
            "w:hangingChars" => start.first_chars = Some(-value),
            "w:leftChars" | "w:startChars" => start.left_chars = Some(value),
            _ => {}
        }
    }
    start
}
