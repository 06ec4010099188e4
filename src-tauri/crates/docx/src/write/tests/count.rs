//! Counts the numbers of a written file as a word processor does, and compares them with `number`.
//!
//! Two ways of counting are tried, because programs differ: Word shares the counters of all countings
//! of a list, LibreOffice keeps one set for each. The files must read the same in both.

use super::unzip::parts;
use crate::write::label::Digits;
use crate::write::tree::{Element, Node, parse};
use crate::write::{Look, write};
use moqi_document::*;
use std::collections::{BTreeMap, BTreeSet};

struct Level {
    format: String,
    text: String,
    legal: bool,
    style: Option<String>,
}

#[derive(Default)]
struct Lists {
    levels: BTreeMap<String, Vec<Level>>,
    /// Counting to list and starts.
    counts: BTreeMap<String, (String, BTreeMap<usize, u32>)>,
    /// Style to counting and level.
    styles: BTreeMap<String, (String, usize)>,
}

fn children<'a, 'b>(
    element: &'b Element<'a>,
    name: &'b str,
) -> impl Iterator<Item = &'b Element<'a>> {
    element.children.iter().filter_map(move |node| match node {
        Node::Element(child) if child.name == name => Some(child),
        _ => None,
    })
}

fn value(element: &Element<'_>, child: &str) -> Option<String> {
    element.child(child)?.attribute("w:val").map(str::to_owned)
}

fn lists(parts: &BTreeMap<String, String>) -> Lists {
    let mut lists = Lists::default();
    let Some(numbering) = parts.get("word/numbering.xml") else {
        return lists;
    };
    let numbering = parse(numbering).unwrap();
    for list in children(&numbering, "w:abstractNum") {
        let levels = children(list, "w:lvl")
            .map(|level| Level {
                format: value(level, "w:numFmt").unwrap(),
                text: value(level, "w:lvlText").unwrap(),
                legal: level.child("w:isLgl").is_some(),
                style: value(level, "w:pStyle"),
            })
            .collect();
        lists.levels.insert(
            list.attribute("w:abstractNumId").unwrap().to_owned(),
            levels,
        );
    }
    for count in children(&numbering, "w:num") {
        let starts = children(count, "w:lvlOverride")
            .map(|level| {
                (
                    level.attribute("w:ilvl").unwrap().parse().unwrap(),
                    value(level, "w:startOverride").unwrap().parse().unwrap(),
                )
            })
            .collect();
        lists.counts.insert(
            count.attribute("w:numId").unwrap().to_owned(),
            (value(count, "w:abstractNumId").unwrap(), starts),
        );
    }
    let styles = parse(&parts["word/styles.xml"]).unwrap();
    for style in children(&styles, "w:style") {
        let Some(number) = style.child("w:pPr").and_then(|p| p.child("w:numPr")) else {
            continue;
        };
        let (id, count) = (
            style.attribute("w:styleId").unwrap(),
            value(number, "w:numId").unwrap(),
        );
        let Some((list, _)) = lists.counts.get(&count) else {
            continue;
        };
        // The level is the one linked to the style, and the style says the same.
        let linked = lists.levels[list]
            .iter()
            .position(|level| level.style.as_deref() == Some(id))
            .unwrap_or_else(|| panic!("{id} is not linked"));
        assert_eq!(value(number, "w:ilvl").unwrap(), linked.to_string());
        lists.styles.insert(id.to_owned(), (count, linked));
    }
    lists
}

fn print(format: &str, n: u32) -> String {
    let digits = match format {
        "decimal" => Digits::Decimal,
        "chineseCountingThousand" => Digits::Chinese,
        "decimalEnclosedCircle" => Digits::Circled,
        "lowerLetter" => Digits::LowerLetter,
        "upperLetter" => Digits::UpperLetter,
        "lowerRoman" => Digits::LowerRoman,
        "bullet" => return String::new(),
        other => panic!("{other}"),
    };
    digits.print(n).unwrap()
}

/// The numbers of all numbered paragraphs but bullets, in order.
fn labels(parts: &BTreeMap<String, String>, shared: bool) -> Vec<String> {
    let lists = lists(parts);
    let document = parse(&parts["word/document.xml"]).unwrap();
    let mut counters: BTreeMap<String, [Option<u32>; 9]> = BTreeMap::new();
    let mut begun: BTreeSet<(String, usize)> = BTreeSet::new();
    let mut found = Vec::new();
    for paragraph in children(document.child("w:body").unwrap(), "w:p") {
        let Some(properties) = paragraph.child("w:pPr") else {
            continue;
        };
        let direct = properties.child("w:numPr").map(|n| {
            (
                value(n, "w:numId").unwrap(),
                value(n, "w:ilvl").unwrap().parse().unwrap(),
            )
        });
        let styled =
            value(properties, "w:pStyle").and_then(|style| lists.styles.get(&style).cloned());
        let Some((count, level)) = direct.or(styled) else {
            continue;
        };
        let (list, starts) = &lists.counts[&count];
        let state = counters
            .entry(if shared { list.clone() } else { count.clone() })
            .or_default();
        for (&at, &start) in starts {
            if begun.insert((count.clone(), at)) {
                state[at] = if at == level {
                    start.checked_sub(1)
                } else {
                    Some(start)
                };
            }
        }
        state[level] = Some(state[level].unwrap_or(0) + 1);
        state[level + 1..].fill(None);
        let levels = &lists.levels[list];
        let mut text = levels[level].text.clone();
        for (at, definition) in levels.iter().enumerate() {
            let format = if levels[level].legal {
                "decimal"
            } else {
                &definition.format
            };
            if text.contains(&format!("%{}", at + 1)) && levels[level].format != "bullet" {
                text = text.replace(
                    &format!("%{}", at + 1),
                    &print(format, state[at].unwrap_or(1)),
                );
            }
        }
        if levels[level].format != "bullet" {
            found.push(text);
        }
    }
    found
}

fn agrees(document: &Document) {
    let written = write(document, &Look::for_document(document)).unwrap();
    let parts = parts(&written.value);
    // A number Word has no figure for stands in the text; it is not counted.
    let literal = written
        .warnings
        .iter()
        .filter(|w| matches!(w.kind, crate::WarningKind::LiteralNumber(_)))
        .count();
    assert_eq!(literal, 0, "{:?}", written.warnings);
    let wanted: Vec<String> = number(document)
        .labels
        .into_iter()
        .flatten()
        .map(|label| label.text)
        .collect();
    for shared in [true, false] {
        assert_eq!(
            labels(&parts, shared),
            wanted,
            "shared {shared}: {:?}",
            document.blocks.iter().map(|b| &b.kind).collect::<Vec<_>>()
        );
    }
}

#[test]
fn word_counts_as_the_document_does() {
    super::invariants::each_look(|_, document, _| agrees(document));
}

#[test]
fn lists_start_again_where_the_document_says() {
    for (language, text) in [("zh", LISTS_ZH), ("en", LISTS_EN)] {
        for scheme in [
            "zh-article",
            "zh-decimal",
            "zh-pleading",
            "en-decimal",
            "none",
        ] {
            let document = moqi_document::parse(&format!(
                "---\nlanguage: {language}\nnumbering: {scheme}\n---\n\n{text}"
            ));
            agrees(&document);
        }
    }
}

pub(super) const LISTS_ZH: &str = "1. 首部甲\n2. 首部乙\n\n## 总则\n\n1. 下列情形：\n\n   1. 甲项；\n   2. 乙项。\n\n   以及：\n\n   1. 丙项；\n   2. 丁项。\n\n2. 继续款。\n\n   1. 戊项。\n\n## 分则\n\n本条包括：\n\n1. 己款；\n2. 庚款。\n\n还包括：\n\n1. 辛款；\n2. 壬款。\n\n### 小节\n\n1. 癸项\n\n## 附则 {.plain}\n\n1. 子款\n2. 丑款\n\n## 尾则\n\n1. 寅款\n\n## 清单 {.schedule}\n\n1. 卯款\n\n   1. 辰项\n\n2. 巳款\n\n### 附件小节\n\n1. 午项\n\n## 表格 {.schedule}\n\n1. 未款\n2. 申款\n\n## 后文\n\n1. 酉款\n";

pub(super) const LISTS_EN: &str = "1. Opening one\n2. Opening two\n\n## General\n\n1. These are:\n\n   1. alpha;\n   2. beta.\n\n   and also:\n\n   1. gamma;\n   2. delta.\n\n2. Going on.\n\n   1. epsilon.\n\n## Special\n\nThis clause has:\n\n1. zeta;\n2. eta.\n\n### Deeper\n\n1. theta\n\n   1. iota\n\n## Apart {.plain}\n\n1. kappa\n2. lambda\n\n## Parties {.parties}\n\n1. mu\n2. nu\n\n## Background {.recitals}\n\n1. xi\n\n   1. omicron\n\n## Closing\n\n1. pi\n\n## Things {.schedule}\n\n1. rho\n\n   1. sigma\n\n2. tau\n\n### Sub\n\n1. upsilon\n\n## More {.schedule}\n\n1. phi\n2. chi\n\n## After\n\n1. psi\n";

#[test]
fn any_sequence_of_headings_and_items_is_counted_right() {
    let mut seed = 0x2545_F491_4F6C_DD1D_u64;
    let mut random = move |below: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed % below
    };
    for round in 0..400 {
        let mut document = Document::default();
        document.meta.numbering = Some(
            [
                Scheme::ZhArticle,
                Scheme::ZhDecimal,
                Scheme::ZhPleading,
                Scheme::EnDecimal,
            ][round % 4],
        );
        document.meta.language = Some(if round % 4 == 3 {
            Language::En
        } else {
            Language::Zh
        });
        let mut depth = 0;
        for _ in 0..=random(30) {
            let kind = match random(10) {
                0..=2 => {
                    depth = 0;
                    let style = [
                        HeadingStyle::Numbered,
                        HeadingStyle::Numbered,
                        HeadingStyle::Numbered,
                        HeadingStyle::Plain,
                        HeadingStyle::Schedule,
                        HeadingStyle::Parties,
                        HeadingStyle::Recitals,
                    ][random(7) as usize];
                    super::samples::heading(1 + random(3) as u8, style, "x")
                }
                3 => super::samples::paragraph(
                    random(depth + 1) as u8,
                    false,
                    vec![super::samples::text("as follows:")],
                ),
                4 => super::samples::bullet(random(depth + 1).min(2) as u8, "x"),
                _ => {
                    depth = random(depth + 2).min(3);
                    super::samples::item(depth as u8, "x")
                }
            };
            document.blocks.push(super::samples::block(kind));
        }
        agrees(&document);
    }
}
