//! Which style of the firm each of our styles becomes, and which of ours have to be added.

use std::collections::{HashMap, HashSet};

use super::cast::Cast;
use super::lists::Outline;
use super::properties::{Properties, markup, value};
use super::sheet::{Sheet, Start, name_key};
use super::usage::{Dress, Usage};
use crate::fill::tree::attributes;
use crate::write::tree::{Element, Node};

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
            let mut dress = usage.dress(id, true);
            if usage.characters(id) == 0 {
                dress = cast.unused(sheet, id);
            }
            roles.dresses.insert(id.clone(), dress);
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
        "Addressee" => return None,
        id if id == "BodyTextIndent" || id.starts_with("ListContinue") => {
            let found = sheet.named(style.kind, style.name)?;
            let own = style.element.child("w:pPr")?.child("w:ind")?;
            let alike = sheet.start(&found.id).left == start_of(&markup(own)).left;
            return alike.then(|| found.id.clone());
        }
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
