//! Lists in Word's terms: styles of numbered text, and the numbering part.

use super::design::{Design, Indent, Shape as Position};
use super::label::{Digits, Shape};
use super::plan::{List, Part, Place, Plan};
use super::text::escape;
use docx_rs as word;
use std::collections::{BTreeMap, BTreeSet};

/// Deepest level of bullets Word has.
pub(super) const BULLET_LEVELS: usize = 9;

/// Which style numbers which level of which list, and what else the styles part needs to know.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Links {
    /// Style to list and level: the style alone numbers its paragraphs.
    by_style: BTreeMap<String, (usize, usize)>,
    /// List and level to the style linked to it.
    by_level: BTreeMap<(usize, usize), String>,
}

impl Links {
    /// Links every used level to one style: the heading where headings use it, else the style of its items.
    pub fn new(plan: &Plan) -> Self {
        let mut links = Self::default();
        for (index, list) in plan.lists.iter().enumerate() {
            for level in 0..list.levels.len() {
                let heading = list.headings[level].map(|depth| heading_style(list.part, depth));
                // Heading styles belong to the clauses; headings inside schedules number themselves one by one.
                let heading = heading.filter(|style| {
                    matches!(list.part, Part::Clauses | Part::Schedules)
                        && !links.by_style.contains_key(style)
                });
                let item = list.items[level].then(|| item_style(index, list.part, level));
                if let Some(style) = heading.or(item) {
                    links.by_style.insert(style.clone(), (index, level));
                    links.by_level.insert((index, level), style);
                }
            }
        }
        links
    }

    /// The list and level a style numbers by itself.
    pub fn level_of(&self, style: &str) -> Option<(usize, usize)> {
        self.by_style.get(style).copied()
    }

    /// True when a paragraph of that style at that place needs no numbering of its own.
    pub fn by_style_alone(&self, style: &str, place: Place) -> bool {
        place.first && self.level_of(style) == Some((place.list, place.level))
    }
}

/// The style of headings of that depth.
pub(super) fn heading_style(part: Part, depth: u8) -> String {
    if part == Part::Schedules {
        "ScheduleHeading".to_owned()
    } else {
        format!("Heading{depth}")
    }
}

/// The style of items at a level of a list.
pub(super) fn item_style(list: usize, part: Part, level: usize) -> String {
    let name = match part {
        Part::Clauses => "Clause",
        Part::Loose => "ListItem",
        Part::Schedules => "ScheduleHeading",
        Part::InSchedule => "ScheduleClause",
        Part::Parties => "Party",
        Part::Recitals => "Recital",
    };
    // The list is part of the id: a document can hold two lists of one kind with other shapes.
    format!("{name}{}L{}", level + 1, list + 1)
}

/// The name of that style as a lawyer sees it.
pub(super) fn item_name(plan: &Plan, list: usize, level: usize) -> String {
    let part = plan.lists[list].part;
    let name = match part {
        Part::Clauses => "Clause",
        Part::Loose => "List Item",
        Part::Schedules => "Schedule Heading",
        Part::InSchedule => "Schedule Clause",
        Part::Parties => "Party",
        Part::Recitals => "Recital",
    };
    let earlier = plan.lists[..list]
        .iter()
        .filter(|other| other.part == part)
        .count();
    if earlier == 0 {
        format!("{name} {}", level + 1)
    } else {
        format!("{name} {} ({})", level + 1, earlier + 1)
    }
}

/// Where numbered text of a level stands.
pub(super) fn indent(design: &Design, list: &List, level: usize) -> Indent {
    let spare = spare(list, level);
    let shape = list.levels[level].as_ref().unwrap_or(&spare);
    let article = shape.before.starts_with('第');
    if list.part == Part::Schedules || (article && list.headings[level].is_some()) {
        return Indent::default();
    }
    if design.shape == Position::Flow {
        return design.first_line();
    }
    let rank = match list.part {
        Part::Parties | Part::Recitals => {
            level.saturating_sub(
                list.levels
                    .iter()
                    .position(Option::is_some)
                    .unwrap_or(level),
            ) + 1
        }
        _ => match shape.digits {
            Digits::Decimal if shape.after.starts_with(['）', ')']) => 2,
            Digits::Decimal | Digits::Chinese | Digits::UpperRoman => 1,
            Digits::LowerLetter => 2,
            Digits::LowerRoman => 3,
            // Deep levels of 1.1 all count in circles.
            Digits::Circled => level.max(2),
            Digits::UpperLetter => 4,
        },
    };
    let rank = i32::try_from(rank).unwrap_or(1);
    Indent {
        left: design.step * rank,
        first: -design.step,
        first_chars: 0,
    }
}

/// Where bullets of a depth stand.
pub(super) fn bullet_indent(design: &Design, depth: usize) -> Indent {
    let base = match (design.body_follows_heading, design.first_line) {
        (true, _) => design.step,
        (false, true) => design.two_characters(),
        (false, false) => 0,
    };
    let step = 400;
    Indent {
        left: base + step * i32::try_from(depth + 1).unwrap_or(1),
        first: -step,
        first_chars: 0,
    }
}

/// What stands between the number of a place and its text.
pub(super) fn suffix_at(design: &Design, plan: &Plan, place: Place) -> word::LevelSuffixType {
    let list = &plan.lists[place.list];
    let spare = spare(list, place.level);
    let shape = list.levels[place.level].as_ref().unwrap_or(&spare);
    suffix(shape, indent(design, list, place.level))
}

/// What stands between a number and its text.
fn suffix(shape: &Shape, indent: Indent) -> word::LevelSuffixType {
    if indent.first < 0 {
        word::LevelSuffixType::Tab
    } else if shape.after.ends_with(['、', '）', '．']) || shape.digits == Digits::Circled {
        word::LevelSuffixType::Nothing
    } else {
        word::LevelSuffixType::Space
    }
}

/// The numbering part, as docx-rs models it. `bullets` are the depths of bullets that are used.
pub(super) fn numberings(
    design: &Design,
    plan: &Plan,
    links: &Links,
    bullets: &BTreeSet<usize>,
) -> word::Numberings {
    let mut part = word::Numberings::new();
    for (index, list) in plan.lists.iter().enumerate() {
        let mut definition = word::AbstractNumbering::new(index);
        definition.multi_level_type = Some("multilevel".to_owned());
        for level in 0..list.levels.len() {
            definition = definition.add_level(level_definition(
                design,
                list,
                level,
                links.by_level.get(&(index, level)),
            ));
        }
        part = part.add_abstract_numbering(definition);
    }
    for (index, count) in plan.counts.iter().enumerate() {
        let mut numbering = word::Numbering::new(index + 1, count.list);
        for &(level, start) in &count.starts {
            numbering =
                numbering.add_override(word::LevelOverride::new(level).start(start as usize));
        }
        part = part.add_numbering(numbering);
    }
    if !bullets.is_empty() {
        part = part
            .add_abstract_numbering(bullet_definition(design, plan.lists.len(), bullets))
            .add_numbering(word::Numbering::new(bullet_count(plan), plan.lists.len()));
    }
    part
}

/// The id of the `w:num` of bullets.
pub(super) fn bullet_count(plan: &Plan) -> usize {
    plan.counts.len() + 1
}

/// The shape of a level no text uses: what the scheme would print there, as far as the levels above tell.
fn spare(list: &List, level: usize) -> Shape {
    let shape = |before: &str, digits, after: &str| Shape {
        before: before.to_owned(),
        parents: 0,
        digits,
        after: after.to_owned(),
    };
    let chinese = list
        .levels
        .iter()
        .flatten()
        .any(|shape| shape.before.contains(['第', '（']) || shape.after.contains(['、', '）']));
    match (chinese, level) {
        (true, 0) => shape("第", Digits::Chinese, "条"),
        (true, 1) => shape("", Digits::Chinese, "、"),
        (true, 2) => shape("（", Digits::Chinese, "）"),
        (true, 3) => shape("", Digits::Decimal, "."),
        (true, 4) => shape("（", Digits::Decimal, "）"),
        (true, _) => shape("", Digits::Circled, ""),
        (false, 0) => shape("", Digits::Decimal, "."),
        (false, 1) => Shape {
            parents: 1,
            ..shape("", Digits::Decimal, "")
        },
        (false, 2) => shape("(", Digits::LowerLetter, ")"),
        (false, 3) => shape("(", Digits::LowerRoman, ")"),
        (false, 4) => shape("(", Digits::UpperLetter, ")"),
        (false, _) => shape("(", Digits::Decimal, ")"),
    }
}

/// One level of a list. A level no text uses is still defined, so that a lawyer can demote into it.
fn level_definition(
    design: &Design,
    list: &List,
    level: usize,
    style: Option<&String>,
) -> word::Level {
    let spare = spare(list, level);
    let shape = list.levels[level].as_ref().unwrap_or(&spare);
    let indent = indent(design, list, level);
    let special = match indent.first {
        0 => None,
        first if first < 0 => Some(word::SpecialIndentType::Hanging(-first)),
        first => Some(word::SpecialIndentType::FirstLine(first)),
    };
    let mut definition = word::Level::new(
        level,
        word::Start::new(1),
        word::NumberFormat::new(shape.digits.format()),
        word::LevelText::new(escape(&shape.level_text(level))),
        word::LevelJc::new("left"),
    )
    .indent(Some(indent.left), special, None, None)
    .suffix(suffix(shape, indent))
    .fonts(fonts(design, list.headings[level]));
    // A parent that counts in other figures (第一条) shows as 1 in 1.1 only by the legal switch.
    let mixed = (level.saturating_sub(usize::from(shape.parents))..level).any(|above| {
        list.levels[above]
            .as_ref()
            .is_some_and(|shape| shape.digits != Digits::Decimal)
    });
    if mixed {
        definition = definition.is_lgl();
    }
    if let Some(style) = style {
        definition = definition.paragraph_style(style);
    }
    definition
}

/// Fonts of a number: without them Word draws it in the font of the text that happens to follow.
fn fonts(design: &Design, heading: Option<u8>) -> word::RunFonts {
    let fonts = heading.map_or(design.body, |depth| {
        design.headings[usize::from(depth.clamp(1, 5)) - 1]
    });
    let run = word::RunFonts::new()
        .ascii(fonts.latin)
        .hi_ansi(fonts.latin)
        .east_asia(fonts.chinese)
        .cs(fonts.latin);
    match design.language {
        moqi_document::Language::Zh => run.hint("eastAsia"),
        moqi_document::Language::En => run,
    }
}

/// The list of bullets.
fn bullet_definition(
    design: &Design,
    id: usize,
    used: &BTreeSet<usize>,
) -> word::AbstractNumbering {
    let mut definition = word::AbstractNumbering::new(id);
    definition.multi_level_type = Some("hybridMultilevel".to_owned());
    for depth in 0..BULLET_LEVELS {
        let indent = bullet_indent(design, depth);
        let glyph = if depth % 2 == 0 { "•" } else { "–" };
        let mut level = word::Level::new(
            depth,
            word::Start::new(1),
            word::NumberFormat::new("bullet"),
            word::LevelText::new(glyph),
            word::LevelJc::new("left"),
        )
        .indent(
            Some(indent.left),
            Some(word::SpecialIndentType::Hanging(-indent.first)),
            None,
            None,
        )
        .fonts(
            word::RunFonts::new()
                .ascii("Times New Roman")
                .hi_ansi("Times New Roman")
                .cs("Times New Roman"),
        );
        if used.contains(&depth) {
            level = level.paragraph_style(bullet_style(depth));
        }
        definition = definition.add_level(level);
    }
    definition
}

/// The style of bullets of a depth.
pub(super) fn bullet_style(depth: usize) -> String {
    if depth == 0 {
        "ListBullet".to_owned()
    } else {
        format!("ListBullet{}", depth + 1)
    }
}
