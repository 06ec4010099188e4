//! The clauses of a contract as a person sees them, also where Word's styles say nothing: a bold item with text below it
//! is a heading, and so is a short line above a text.

use std::collections::BTreeMap;

use moqi_document::{
    Block, BlockKind, Document, HeadingStyle, Inline, InlineKind, Marks, number, plain, references,
};

use super::words::is_han;

mod rows;
mod styled;
mod typed;

use typed::{Typed, typed};

/// A heading and the text directly below it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Part {
    /// Words of the heading, without number; empty before the first one.
    pub heading: String,
    /// Paragraphs and items as a model should write them: no heading, no typed number, no note or link.
    pub body: Vec<Block>,
    /// It is a row of a table.
    pub of_row: bool,
}

/// What a document consists of.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Parts {
    /// Its title, where its text states one.
    pub title: Option<String>,
    /// Its parts in order, then what rows of tables say. Tables of values, signatures and drafting notes are in none.
    pub parts: Vec<Part>,
}

/// Parts with a heading that a contract has at least; with fewer its items are looked at for headings of their own.
const FEWEST_HEADED: usize = 3;

/// The parts of a document.
pub(super) fn parts(document: &Document) -> Parts {
    let references = references(document, &number(document));
    let document = &*styled::clauses_as_items(document);
    let found = read(document, &references, RunIn::AreText);
    let own = |part: &&Part| !part.heading.is_empty() && !part.of_row;
    let headed = |found: &Parts| found.parts.iter().filter(own).count();
    if headed(&found) >= FEWEST_HEADED {
        return found;
    }
    let other = read(document, &references, RunIn::AreHeadings);
    match headed(&other) > headed(&found) {
        true => other,
        false => found,
    }
}

/// What `Term. This NDA begins …` at the start of an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RunIn {
    AreText,
    AreHeadings,
}

fn read(document: &Document, references: &BTreeMap<String, String>, run_in: RunIn) -> Parts {
    let mut found = Parts::default();
    let mut open = Part::default();
    let mut of_rows = Vec::new();
    // How deep the items below an item that serves as heading stand.
    let mut below = 0;
    // A signature or a new page ends a clause; what follows belongs to no heading.
    let mut closed = false;
    let mut numbers = Vec::new();
    for (i, block) in document.blocks.iter().enumerate() {
        let next = document.blocks.get(i + 1);
        let words = match &block.kind {
            BlockKind::Title(content)
            | BlockKind::Heading { content, .. }
            | BlockKind::Item { content, .. }
            | BlockKind::Paragraph {
                content,
                quote: false,
                ..
            } => line(content, references),
            BlockKind::Signature(_) | BlockKind::PageBreak => {
                closed = true;
                continue;
            }
            BlockKind::Table(table) if !closed => {
                of_rows.extend(rows::clauses_of(table, block, references));
                continue;
            }
            _ => continue,
        };
        let text = plain(&words);
        let heading = match &block.kind {
            BlockKind::Title(_) => true,
            BlockKind::Heading { .. } => true,
            BlockKind::Item {
                depth: 0,
                ordered: true,
                ..
            } => serves_as_heading(&words, &text) && item_has_text(block, next),
            BlockKind::Paragraph { depth: 0, .. } => {
                let first = found.title.is_none() && found.parts.is_empty() && open.body.is_empty();
                if first && is_title(&words, &text, next) {
                    found.title = Some(text.trim().to_owned());
                    continue;
                }
                line_is_heading(&words, &text, next)
            }
            _ => false,
        };
        let named = match &block.kind {
            BlockKind::Item {
                depth: 0,
                ordered: true,
                ..
            } if run_in == RunIn::AreHeadings && !heading => run_in_heading(&text),
            _ => None,
        };
        if let Some((name, cut)) = named {
            let done = std::mem::replace(
                &mut open,
                Part {
                    heading: name.to_owned(),
                    ..Part::default()
                },
            );
            keep(&mut found.parts, done);
            (below, closed) = (1, false);
            numbers.clear();
            let mut words = words;
            cut_front(&mut words, cut);
            let text = plain(&words);
            let mut first = body(block, words, &text, 0, &mut numbers);
            if let BlockKind::Item { content, .. } = &mut first.kind {
                first.kind = BlockKind::Paragraph {
                    depth: 0,
                    quote: false,
                    content: std::mem::take(content),
                };
            }
            open.body.push(first);
            continue;
        }
        if let BlockKind::Title(_) = &block.kind
            && found.title.is_none()
        {
            found.title = Some(text.trim().to_owned());
        }
        if heading {
            let name = match &block.kind {
                BlockKind::Title(_) => String::new(),
                _ => name_of(&text).to_owned(),
            };
            below = usize::from(matches!(block.kind, BlockKind::Item { .. }));
            // The parties sign below their heading; what stands there is no clause.
            closed = matches!(
                &block.kind,
                BlockKind::Heading {
                    style: HeadingStyle::Parties,
                    ..
                }
            );
            numbers.clear();
            let done = std::mem::replace(
                &mut open,
                Part {
                    heading: name,
                    ..Part::default()
                },
            );
            keep(&mut found.parts, done);
        } else if !closed && !text.trim().is_empty() {
            open.body
                .push(body(block, words, &text, below as u8, &mut numbers));
        }
    }
    keep(&mut found.parts, open);
    found.parts.extend(of_rows);
    found
}

/// The words of a heading without its number and the sign that ends it.
fn name_of(text: &str) -> &str {
    typed(text)
        .map_or(text.trim(), |typed| typed.rest)
        .trim_end_matches(['.', ':', '：'])
}

fn keep(parts: &mut Vec<Part>, mut part: Part) {
    rebase(&mut part.body);
    if !part.body.is_empty() {
        parts.push(part);
    }
}

/// Items count from the outermost of the part; paragraphs before its first item stand at the margin.
fn rebase(body: &mut [Block]) {
    let depths = body.iter().filter_map(|block| match &block.kind {
        BlockKind::Item { depth, .. } => Some(*depth),
        _ => None,
    });
    let least = depths.min().unwrap_or(0);
    let mut deepest = 0;
    for block in body {
        match &mut block.kind {
            BlockKind::Item { depth, .. } => {
                *depth = (*depth - least).min(deepest);
                deepest = *depth + 1;
            }
            BlockKind::Paragraph { depth, .. } => {
                *depth = depth.saturating_sub(least).min(deepest);
                deepest = *depth;
            }
            _ => {}
        }
    }
}

/// A block of a clause, without what is derived.
fn body(
    block: &Block,
    mut content: Vec<Inline>,
    text: &str,
    below: u8,
    numbers: &mut Vec<&'static str>,
) -> Block {
    for inline in &mut content {
        inline.marks.emphasis = false;
    }
    let mut kind = match &block.kind {
        BlockKind::Item { depth, ordered, .. } => BlockKind::Item {
            depth: depth.saturating_sub(below),
            ordered: *ordered,
            content: Vec::new(),
        },
        BlockKind::Paragraph { depth, .. } => BlockKind::Paragraph {
            depth: depth.saturating_sub(below),
            quote: false,
            content: Vec::new(),
        },
        other => other.clone(),
    };
    // 1.1 and （一） that are typed become items, each kind of number below those that came before it.
    if let Some(Typed { form, rest }) = typed(text)
        && !rest.is_empty()
    {
        let depth = match numbers.iter().position(|known| *known == form) {
            Some(at) => {
                numbers.truncate(at + 1);
                at
            }
            None => {
                numbers.push(form);
                numbers.len() - 1
            }
        };
        let cut = text.len() - text.trim_start().len() + (text.trim_start().len() - rest.len());
        cut_front(&mut content, cut);
        if let BlockKind::Paragraph { .. } = kind {
            kind = BlockKind::Item {
                depth: depth.min(5) as u8,
                ordered: true,
                content: Vec::new(),
            };
        }
    }
    match &mut kind {
        BlockKind::Item { content: place, .. } | BlockKind::Paragraph { content: place, .. } => {
            *place = content;
        }
        _ => {}
    }
    Block {
        kind,
        id: None,
        span: block.span,
    }
}

/// Takes the first bytes off some words.
fn cut_front(content: &mut Vec<Inline>, mut bytes: usize) {
    content.retain_mut(|inline| {
        let InlineKind::Text(text) = &mut inline.kind else {
            return true;
        };
        let cut = bytes.min(text.len());
        bytes -= cut;
        text.drain(..cut);
        !text.is_empty()
    });
}

/// Words as a model should write them: references printed, defined terms bold, no other mark, no note.
fn line(content: &[Inline], references: &BTreeMap<String, String>) -> Vec<Inline> {
    let all_strong = content.iter().all(|inline| {
        inline.marks.strong
            || matches!(&inline.kind, InlineKind::Text(text) if text.trim().is_empty())
    });
    let mut words: Vec<Inline> = Vec::new();
    for inline in content {
        let text = match &inline.kind {
            InlineKind::Text(text) => text.clone(),
            InlineKind::Field(expr) => format!("{{{{{expr}}}}}"),
            InlineKind::Reference(id) => references.get(id).cloned().unwrap_or_default(),
            InlineKind::Break => " ".to_owned(),
            InlineKind::FootnoteRef(_) => continue,
        };
        let strong = inline.marks.strong && !all_strong;
        match words.last_mut() {
            Some(Inline {
                kind: InlineKind::Text(last),
                marks,
                ..
            }) if marks.strong == strong => last.push_str(&text),
            _ => words.push(Inline {
                kind: InlineKind::Text(text),
                marks: Marks {
                    strong,
                    ..Marks::default()
                },
                span: inline.span,
            }),
        }
    }
    // Whether the whole was bold is what a heading is known by.
    if let [first, ..] = words.as_mut_slice()
        && all_strong
    {
        first.marks.emphasis = true;
    }
    words
}

/// Whether the whole line was bold; see [`line()`].
fn was_strong(words: &[Inline]) -> bool {
    words.first().is_some_and(|first| first.marks.emphasis)
}

/// Longest heading, in characters.
const LONGEST_HEADING: usize = 100;
const LONGEST_HEADING_ZH: usize = 30;

/// Whether words are as short as a heading and end as none of the sentences do.
fn is_short(text: &str) -> bool {
    let text = text.trim();
    let most = match text.chars().any(is_han) {
        true => LONGEST_HEADING_ZH,
        false => LONGEST_HEADING,
    };
    let count = text.chars().take(most + 1).count();
    // 法定代表人：林屿 is a label with its value.
    let words = typed(text).map_or(text, |typed| typed.rest);
    (1..=most).contains(&count)
        && text.chars().any(char::is_alphabetic)
        && !text.ends_with(['.', ':', '：', '?', '？'])
        && !ends_as_sentence(text)
        && !words.contains(['。', '；', '_', '＿', '\t', '：', ':'])
}

/// Whether a text ends as no heading does. One that Word's style calls so may end with other signs: `Survival.`,
/// `Definitions:`, `Who pays?`.
fn ends_as_sentence(text: &str) -> bool {
    text.ends_with(['。', ';', '；', ',', '，', '、'])
}

fn serves_as_heading(words: &[Inline], text: &str) -> bool {
    // A sentence can be bold as well; an item of one is text.
    is_short(text) && (was_strong(words) || is_named(text) || text.chars().any(is_han))
}

/// Whether the words that bear meaning are capitalised: `Term and Termination`.
fn is_named(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let small = |word: &&&str| word.len() > 4;
    words.len() <= 12
        && words
            .first()
            .is_some_and(|word| word.starts_with(char::is_uppercase))
        && words
            .iter()
            .filter(small)
            .all(|word| !word.starts_with(char::is_lowercase))
}

/// The heading that an item begins with, and the bytes it takes: `Term and Termination. This NDA …`.
fn run_in_heading(text: &str) -> Option<(&str, usize)> {
    let start = text.len() - text.trim_start().len();
    let rest = &text[start..];
    let (end, sign) = rest
        .char_indices()
        .take(LONGEST_HEADING)
        .find(|(_, c)| matches!(c, '.' | '。' | ':' | '：'))?;
    let name = rest[..end].trim();
    let after = &rest[end + sign.len_utf8()..];
    let parted = after.starts_with([' ', '\u{a0}']) || !sign.is_ascii();
    let fits = match name.chars().any(is_han) {
        true => name.chars().count() <= 12 && !name.contains(['，', '、']),
        false => is_named(name) && name.split_whitespace().count() <= 8 && name.len() >= 3,
    };
    let cut = text.len() - after.trim_start().len();
    (parted && fits && cut < text.len()).then_some((name, cut))
}

fn text_of(block: Option<&Block>) -> Option<(String, &BlockKind)> {
    let block = block?;
    match &block.kind {
        BlockKind::Item { content, .. }
        | BlockKind::Paragraph {
            content,
            quote: false,
            ..
        } => Some((plain(content), &block.kind)),
        _ => None,
    }
}

/// Whether text of its own stands below an item: deeper items, or a paragraph.
fn item_has_text(item: &Block, next: Option<&Block>) -> bool {
    let own = match &item.kind {
        BlockKind::Item { depth, .. } => *depth,
        _ => 0,
    };
    match text_of(next) {
        Some((_, BlockKind::Item { depth, .. })) => *depth > own,
        Some((text, _)) => !is_short(&text),
        None => false,
    }
}

/// Whether a line without a style is the heading of what follows.
fn line_is_heading(words: &[Inline], text: &str, next: Option<&Block>) -> bool {
    if !is_short(text) {
        return false;
    }
    let Some((after, kind)) = text_of(next) else {
        return false;
    };
    let typed_number = typed(text).is_some_and(|typed| !typed.rest.is_empty());
    let capitals = !text.chars().any(char::is_lowercase) && text.chars().any(char::is_uppercase);
    if was_strong(words) || typed_number || capitals {
        return true;
    }
    let says = matches!(kind, BlockKind::Item { .. }) || {
        let after = after.trim();
        after.chars().count() > text.chars().count()
            && after.ends_with(['.', '。', ':', '：', ';', '；'])
    };
    // 签订日期 and “Seller” are short as well, but no text follows them.
    says && match text.chars().any(is_han) {
        true => text.trim().chars().count() <= 15 && !text.contains(['，', '（', '(']),
        false => is_named(text) && text.split_whitespace().count() <= 8,
    }
}

/// Whether the first line is the title of the document.
fn is_title(words: &[Inline], text: &str, next: Option<&Block>) -> bool {
    is_short(text)
        && next.is_some()
        && typed(text).is_none()
        && (was_strong(words) || text.chars().any(is_han) || is_named(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use moqi_document::{parse, print};

    /// Asserts headings and texts.
    pub(super) fn check(text: &str, wanted: &[(&str, &str)]) {
        let found = parts(&parse(text)).parts;
        let found: Vec<(String, String)> = found
            .into_iter()
            .map(|part| {
                let document = Document {
                    blocks: part.body,
                    ..Document::default()
                };
                (part.heading, print(&document).trim().to_owned())
            })
            .collect();
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|(h, b)| (h.as_str(), b.as_str()))
            .collect();
        assert_eq!(found, wanted, "{text}");
    }

    #[test]
    fn headings_part_a_text_and_signatures_end_it() {
        check(
            "# 买卖合同\n\n## 标的 {#goods}\n\n1. 甲方交付[货物](https://x.example)。[^1]\n2. 依[](#goods)。\n\n> 起草说明\n\n## 价款\n\n价款为____元。\n\n```signature\n甲方：\n```\n\n附页\n\n[^1]: 注。\n",
            &[
                ("标的", "1. 甲方交付货物。\n2. 依第一条。"),
                ("价款", "价款为____元。"),
            ],
        );
    }

    #[test]
    fn bold_items_with_text_below_are_headings() {
        check(
            "Standard Terms\n\n1. **Defined Terms**\n   1. **“Fees”** means the fees.\n   2. *“Term”* means the term.\n2. **Remedies**\n\nEmployer may seek relief.\n\n3. **Notices must be in writing.**\n4. Short item\n5. Another item\n",
            &[
                (
                    "Defined Terms",
                    "1. **“Fees”** means the fees.\n2. “Term” means the term.",
                ),
                (
                    "Remedies",
                    "Employer may seek relief.\n\n1. Notices must be in writing.\n2. Short item\n3. Another item",
                ),
            ],
        );
    }

    #[test]
    fn typed_numbers_are_read_and_not_written() {
        check(
            "保密协议\n\n第一条 定义\n\n1.1 保密信息是指全部资料。\n\n1.2 包括下列各项：\n\n（1）图纸；\n\n（2）软件。\n\n第二条 保密义务\n\n乙方应当保密。\n",
            &[
                (
                    "定义",
                    "1. 保密信息是指全部资料。\n2. 包括下列各项：\n   1. 图纸；\n   2. 软件。",
                ),
                ("保密义务", "乙方应当保密。"),
            ],
        );
        check(
            "MASTER AGREEMENT\n\nARTICLE I – TERM\n\n(a) It runs for a year.\n\n(b) It ends then.\n",
            &[("TERM", "1. It runs for a year.\n2. It ends then.")],
        );
    }

    #[test]
    fn names_at_the_start_of_items_are_headings_where_there_are_no_others() {
        check(
            "One-Way NDA\n\n1. **Use**. Recipient shall use it only so.\n   1. First case;\n2. General Terms. No assignment.\n3. Recipient shall pay. It shall do so.\n",
            &[
                ("Use", "Recipient shall use it only so.\n\n1. First case;"),
                (
                    "General Terms",
                    "No assignment.\n\n1. Recipient shall pay. It shall do so.",
                ),
            ],
        );
    }

    #[test]
    fn clauses_set_in_heading_styles_are_text_below_their_heading() {
        check(
            "Cloud Service Agreement\n\n## Service\n\n### Support.  Provider gives **Technical Support**, see clause [](#term).\n\n## Term {#term}\n\n### Termination.  Either party may terminate:\n\n#### if the other party fails to cure a breach;\n\n#### for any reason.\n\n### Survival.\n\n#### Section 1 will survive.\n\n## Payment\n\n### Fees. All Fees are due at once.\n",
            &[
                (
                    "Service",
                    "1. Support.  Provider gives **Technical Support**, see clause 2.",
                ),
                (
                    "Term",
                    "1. Termination.  Either party may terminate:\n   1. if the other party fails to cure a breach;\n   2. for any reason.",
                ),
                ("Survival", "1. Section 1 will survive."),
                ("Payment", "1. Fees. All Fees are due at once."),
            ],
        );
    }

    #[test]
    fn labels_with_values_are_no_headings() {
        let text = "# 合同\n\n法定代表人：林屿\n\n甲、乙双方协商一致，订立本合同，共同遵守。\n";
        assert_eq!(parts(&parse(text)).parts[0].heading, "");
    }

    #[test]
    fn a_text_without_headings_is_one_part() {
        let text =
            "我们收到你方来函，现答复如下，请查收并尽快处理。\n\n第二段说明了理由，并附上证据。\n";
        let found = parts(&parse(text));
        assert_eq!(found.parts.len(), 1);
        assert_eq!(
            (found.parts[0].heading.as_str(), found.parts[0].body.len()),
            ("", 2)
        );
    }
}
