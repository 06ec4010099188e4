//! The lists of a firm: its multi-level list of numbered headings, the labels it gives our clauses, and our own lists
//! beside it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;

use moqi_document::{Document, Label, Language, Numbering};

use super::OntoError;
use super::form::{Source, parsed};
use super::properties::{Properties, markup, value};
use super::roles::{Roles, Target};
use super::sheet::{Sheet, Start};
use crate::fill::tree::{Id, Tree};
use crate::read::label::formatted;
use crate::write::WriteError;
use crate::write::label::Shape;
use crate::write::plan::{Part, Plan};
use crate::write::tree::{self, Element, Node};

const LEVELS: usize = 9;

/// A level of a list.
#[derive(Debug, Clone, Default)]
pub(super) struct Level {
    format: String,
    text: String,
    first: u32,
    /// It starts anew otherwise than after every higher level.
    odd_restart: bool,
    legal: bool,
    /// The style linked to it.
    pub style: Option<String>,
    /// Where its paragraphs start.
    pub start: Start,
}

/// The list that numbers a firm's headings.
#[derive(Debug, Clone)]
pub(super) struct Outline {
    /// Id of the `w:num`.
    pub number: u32,
    /// Id of its `w:abstractNum`.
    definition: u32,
    /// Its levels.
    pub levels: [Option<Level>; LEVELS],
}

impl Outline {
    /// The list of the style of a firm's first headings, if they have one that counts plainly from its first level on.
    pub fn of(tree: &Tree<'_>, sheet: &Sheet, heading: &str) -> Option<Self> {
        let (number, by, level) = sheet.listed(heading)?;
        let children = || tree.at(0).children.iter().copied();
        let integer =
            |id: Id, name: &str| -> Option<u32> { tree.attribute(id, name)?.parse().ok() };
        let num = children()
            .find(|&id| tree.at(id).name == "num" && integer(id, "numId") == Some(number))?;
        // A number that says otherwise than its list counts in a way of its own.
        let plain = tree.at(num).children.iter().all(|&id| {
            tree.at(id).name != "lvlOverride"
                || (tree.child(id, "lvl").is_none()
                    && tree
                        .value(id, "startOverride")
                        .is_none_or(|start| start == "1"))
        });
        let definition: u32 = tree.value(num, "abstractNumId")?.parse().ok()?;
        let find = |wanted: u32| {
            children().find(|&id| {
                tree.at(id).name == "abstractNum" && integer(id, "abstractNumId") == Some(wanted)
            })
        };
        let mut list = find(definition)?;
        if let Some(link) = tree.value(list, "numStyleLink") {
            list = children()
                .find(|&id| tree.value(id, "styleLink").as_deref() == Some(link.as_str()))?;
        }
        let mut levels: [Option<Level>; LEVELS] = Default::default();
        for &id in &tree.at(list).children {
            if tree.at(id).name == "lvl"
                && let Some(at) = integer(id, "ilvl").filter(|at| (*at as usize) < LEVELS)
            {
                levels[at as usize] = Some(read_level(tree, id));
            }
        }
        let linked = levels.iter().position(|level| {
            level
                .as_ref()
                .is_some_and(|level| level.style.as_deref() == Some(by))
        });
        let first = linked.unwrap_or_else(|| usize::from(level.unwrap_or(0))) == 0;
        (plain && first).then_some(Self {
            number,
            definition,
            levels,
        })
    }

    /// Our numbering with the labels this list gives to numbered clauses; `None` where it cannot count some of them, or
    /// counts in the words of another language.
    pub fn labels(
        &self,
        document: &Document,
        numbering: &Numbering,
        language: Language,
    ) -> Option<Numbering> {
        let plan = Plan::new(document, numbering);
        let mut counts = [None; LEVELS];
        let mut alike = [true; LEVELS];
        let mut labels = numbering.labels.clone();
        for (label, part) in labels.iter_mut().zip(&plan.parts) {
            let Some(label) = label.as_mut().filter(|_| *part == Part::Clauses) else {
                continue;
            };
            let level = usize::from(label.level.max(1)) - 1;
            *counts.get_mut(level)? = Some(label.ordinal);
            counts[level + 1..].fill(None);
            let theirs = self.label(level, &counts, label, language)?;
            alike[level] = theirs.text == label.text;
            let above = alike.iter().zip(&counts).take(level + 1);
            // Where both count alike, references stay in the words of the law: 第二条第一款第（一）项.
            if above
                .into_iter()
                .any(|(alike, count)| count.is_some() && !alike)
            {
                *label = theirs;
            }
        }
        let labels = Numbering { labels };
        // The list counts as one: where our plan needs a second shape, it would not.
        let plan = Plan::new(document, &labels);
        let lists = plan.lists.iter().filter(|list| list.part == Part::Clauses);
        (lists.count() == 1).then_some(labels)
    }

    fn label(
        &self,
        at: usize,
        counts: &[Option<u32>; LEVELS],
        ours: &Label,
        language: Language,
    ) -> Option<Label> {
        let level = self.levels[at].as_ref()?;
        let text = level.text.trim();
        let in_english = text
            .chars()
            .filter(|c| !c.is_ascii_digit() && *c != '%')
            .any(char::is_alphabetic);
        let chinese = text.chars().any(crate::write::text::is_wide)
            || !formatted(1, &level.format).is_ascii();
        let fits = match language {
            Language::Zh => chinese || !in_english,
            Language::En => !chinese,
        };
        if !fits || level.first != 1 || level.odd_restart {
            return None;
        }
        let printed = self.printed(at, counts)?;
        let (shape, _) = Shape::of(&printed, ours.ordinal)?;
        if shape.level_text(at) != text {
            return None;
        }
        let whole = self.whole(at, counts)?;
        let reference = match language {
            Language::Zh if whole.is_ascii() => format!("第{whole}条"),
            _ => whole,
        };
        Some(Label {
            text: printed,
            reference,
            ..ours.clone()
        })
    }

    /// What the list prints before a paragraph.
    fn printed(&self, at: usize, counts: &[Option<u32>; LEVELS]) -> Option<String> {
        let level = self.levels[at].as_ref()?;
        let mut out = String::new();
        let mut rest = level.text.trim();
        while let Some((before, after)) = rest.split_once('%') {
            out.push_str(before);
            let other = usize::try_from(after.chars().next()?.to_digit(10)?)
                .ok()?
                .checked_sub(1)?;
            let shown = self.levels.get(other)?.as_ref()?;
            let legal = level.legal && other != at;
            let format = if legal {
                "decimal"
            } else {
                shown.format.as_str()
            };
            out.push_str(&formatted(counts[other].unwrap_or(1), format));
            rest = &after[1..];
        }
        out.push_str(rest);
        Some(out)
    }

    /// What `REF \w` prints: the number with those above it that it does not show itself, without full stops at its end.
    fn whole(&self, at: usize, counts: &[Option<u32>; LEVELS]) -> Option<String> {
        let text = self.levels[at].as_ref()?.text.as_str();
        let printed = self.printed(at, counts)?;
        let own = printed.trim_end_matches('.');
        let highest = (0..=at).find(|other| text.contains(&format!("%{}", other + 1)))?;
        let above = (0..highest).rev().find(|&above| counts[above].is_some());
        match above {
            Some(above) => Some(self.whole(above, counts)? + own),
            None => Some(own.to_owned()),
        }
    }
}

fn read_level(tree: &Tree<'_>, id: Id) -> Level {
    let value = |name: &str| tree.value(id, name);
    let on = |name: &str| {
        tree.child(id, name).is_some()
            && !matches!(value(name).as_deref(), Some("0" | "false" | "off"))
    };
    let indent = tree
        .child(id, "pPr")
        .and_then(|properties| tree.child(properties, "ind"));
    Level {
        format: value("numFmt").unwrap_or_else(|| "decimal".to_owned()),
        // Word takes 31 characters.
        text: value("lvlText")
            .unwrap_or_default()
            .chars()
            .take(64)
            .collect(),
        first: value("start")
            .and_then(|start| start.parse().ok())
            .unwrap_or(0),
        odd_restart: tree.child(id, "lvlRestart").is_some(),
        legal: on("isLgl"),
        style: value("pStyle"),
        start: indent.map_or_else(Start::default, |indent| Start::read(tree, indent)),
    }
}

/// Where our lists stand in the firm's file.
#[derive(Debug, Default)]
pub(super) struct Lists {
    /// Ids of our `w:num` to those they have now.
    pub numbers: HashMap<String, u32>,
    /// Our numbers that count in the firm's outline, and whether each is the one its styles are linked to.
    pub in_outline: BTreeMap<String, bool>,
    /// Our definitions: their ids to those they have now.
    definitions: BTreeMap<String, u32>,
    /// Ids of our `w:num` that are added.
    added: BTreeSet<String>,
}

impl Lists {
    /// Gives our lists ids that are free. Definitions in `outlined` count in the firm's outline.
    pub fn new(
        firm: Option<&Tree<'_>>,
        ours: Option<&Element<'_>>,
        outline: Option<&Outline>,
        outlined: Option<usize>,
    ) -> Self {
        let mut lists = Self::default();
        let Some(ours) = ours else { return lists };
        let used = |name: &str, id: &str| -> BTreeSet<u32> {
            let Some(tree) = firm else {
                return BTreeSet::new();
            };
            let all = tree.at(0).children.iter();
            all.filter(|&&child| tree.at(child).name == name)
                .filter_map(|&child| tree.attribute(child, id)?.parse().ok())
                .collect()
        };
        let mut definitions = Free::new(used("abstractNum", "abstractNumId"), 0);
        let mut numbers = Free::new(used("num", "numId"), 1);
        let mut first = true;
        for child in elements(ours) {
            if child.name == "w:abstractNum" {
                let id = child.attribute("w:abstractNumId").unwrap_or_default();
                let outlined = outlined.is_some_and(|index| id == index.to_string());
                let now = match outline.filter(|_| outlined) {
                    Some(outline) => outline.definition,
                    None => definitions.next(),
                };
                lists.definitions.insert(id.to_owned(), now);
            } else if child.name == "w:num" {
                let id = child.attribute("w:numId").unwrap_or_default().to_owned();
                let definition = value(child, "w:abstractNumId").unwrap_or_default();
                let counts = outlined.is_some_and(|index| definition == index.to_string());
                let now = match outline.filter(|_| counts) {
                    Some(outline) => {
                        let linked = std::mem::take(&mut first);
                        lists.in_outline.insert(id.clone(), linked);
                        if linked {
                            outline.number
                        } else {
                            numbers.next()
                        }
                    }
                    None => numbers.next(),
                };
                if !lists.in_outline.get(&id).copied().unwrap_or(false) {
                    lists.added.insert(id.clone());
                }
                lists.numbers.insert(id, now);
            }
        }
        lists
    }

    /// The numbering part with our lists; `None` where it need not change.
    pub fn part(
        &self,
        firm: Option<&Source>,
        ours: Option<&Element<'_>>,
        outline: Option<&Outline>,
        roles: &Roles,
    ) -> Result<Option<String>, OntoError> {
        let Some(ours) = ours.filter(|_| !self.added.is_empty()) else {
            return Ok(None);
        };
        let tree = firm.map(parsed).transpose()?;
        let mut signs = BTreeSet::new();
        if let Some(tree) = &tree {
            for id in 0..tree.elements.len() as Id {
                if tree.at(id).name == "nsid" {
                    signs.extend(
                        tree.attribute(id, "val")
                            .and_then(|sign| u32::from_str_radix(&sign, 16).ok()),
                    );
                }
            }
        }
        let (mut definitions, mut numbers) = (String::new(), String::new());
        for child in elements(ours) {
            if child.name == "w:abstractNum" {
                let id = child.attribute("w:abstractNumId").unwrap_or_default();
                let now = self.definitions.get(id).copied().unwrap_or_default();
                let in_outline = outline.is_some_and(|outline| outline.definition == now);
                if !in_outline {
                    definitions.push_str(&definition(child.clone(), now, &mut signs, roles));
                }
            } else if let Some(id) = child.attribute("w:numId")
                && self.added.contains(id)
            {
                numbers.push_str(&self.number(child, id));
            }
        }
        let (Some(firm), Some(tree)) = (firm, tree) else {
            let mut out = String::from("<w:numbering ");
            let _ = write!(
                out,
                "{}>{definitions}{numbers}</w:numbering>",
                ours.attributes
            );
            return Ok(Some(out));
        };
        let of = |name: &str| {
            let mut places = tree
                .at(0)
                .children
                .iter()
                .filter(|&&id| tree.at(id).name == name);
            places.next_back().map(|&id| tree.at(id).span.end)
        };
        let start = tree.at(0).inner.start;
        if tree.at(0).inner.is_empty() {
            // `<w:numbering …/>`, or one without anything in it.
            let tag = tree.tag(0).trim_end_matches('>').trim_end_matches('/');
            let before = &firm.text[..tree.at(0).span.start];
            return Ok(Some(format!(
                "{before}{tag}>{definitions}{numbers}</w:numbering>"
            )));
        }
        let first = of("abstractNum")
            .or_else(|| of("numPicBullet"))
            .unwrap_or(start);
        let second = of("num").unwrap_or(first).max(first);
        let text = &firm.text;
        Ok(Some(format!(
            "{}{definitions}{}{numbers}{}",
            &text[..first],
            &text[first..second],
            &text[second..]
        )))
    }

    fn number(&self, element: &Element<'_>, id: &str) -> String {
        let mut out = format!(
            "<w:num w:numId=\"{}\">",
            self.numbers.get(id).copied().unwrap_or_default()
        );
        for child in elements(element) {
            if child.name == "w:abstractNumId" {
                let definition = child.attribute("w:val").unwrap_or_default();
                let now = self
                    .definitions
                    .get(definition)
                    .copied()
                    .unwrap_or_default();
                let _ = write!(out, "<w:abstractNumId w:val=\"{now}\"/>");
            } else {
                child.print(&mut out);
            }
        }
        out.push_str("</w:num>");
        out
    }
}

/// A definition of ours under its new id, in the firm's type.
fn definition(
    mut element: Element<'_>,
    id: u32,
    signs: &mut BTreeSet<u32>,
    roles: &Roles,
) -> String {
    element.attributes = "";
    element.added = format!("w:abstractNumId=\"{id}\"");
    for node in &mut element.children {
        let Node::Element(child) = node else { continue };
        match child.name {
            "w:nsid" => {
                let own = child
                    .attribute("w:val")
                    .and_then(|sign| u32::from_str_radix(sign, 16).ok());
                let mut sign = own.unwrap_or(0x1000_3D57);
                // Word takes lists with the same sign for one list.
                while !signs.insert(sign) {
                    sign = sign.wrapping_add(0x0101_0101) & 0x7FFF_FFFF;
                }
                child.attributes = "";
                child.added = format!("w:val=\"{sign:08X}\"");
            }
            "w:lvl" => level(child, roles),
            _ => {}
        }
    }
    markup(&element)
}

fn level(element: &mut Element<'_>, roles: &Roles) {
    let bullet = value(element, "w:numFmt") == Some("bullet");
    element.children.retain_mut(|node| {
        let Node::Element(child) = node else {
            return true;
        };
        match child.name {
            "w:pStyle" => {
                let target = child.attribute("w:val").map(|style| roles.target(style));
                match target {
                    Some(Target::Own(id)) => {
                        child.attributes = "";
                        child.added = format!("w:val=\"{id}\"");
                        true
                    }
                    // The firm's style is not changed, so that the level cannot be linked to it.
                    _ => false,
                }
            }
            // The number takes the firm's type from the style of its paragraph.
            "w:rPr" if !bullet => {
                let mut properties = Properties::of(Some(child));
                properties.remove("w:rFonts");
                *node = Node::Raw(properties.print("w:rPr"));
                true
            }
            "w:pPr" => {
                let mut properties = Properties::of(Some(child));
                roles.settle(&mut properties);
                *node = Node::Raw(properties.print("w:pPr"));
                true
            }
            _ => true,
        }
    });
}

/// Ids that are free.
struct Free {
    used: BTreeSet<u32>,
    next: u32,
}

impl Free {
    fn new(used: BTreeSet<u32>, first: u32) -> Self {
        Self { used, next: first }
    }

    fn next(&mut self) -> u32 {
        while self.used.contains(&self.next) {
            self.next += 1;
        }
        self.next += 1;
        self.next - 1
    }
}

fn elements<'t, 'a>(parent: &'t Element<'a>) -> impl Iterator<Item = &'t Element<'a>> {
    parent.children.iter().filter_map(|node| match node {
        Node::Element(child) => Some(child),
        _ => None,
    })
}

/// Our numbering part as a tree.
pub(super) fn ours(part: Option<&str>) -> Result<Option<Element<'_>>, WriteError> {
    part.map(|part| tree::parse(part).ok_or(WriteError::Markup("numbering.xml")))
        .transpose()
}
