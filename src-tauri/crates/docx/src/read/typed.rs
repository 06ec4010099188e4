//! Numbers that were typed as words: 第三条, 一、, 3.1, (a).
//!
//! A paragraph may begin with a year, an amount or an article of a statute, so a number counts only in company: three
//! in a row of one kind, from the first on, inside one number of the kind around them. What does not count on stays
//! words.

use std::collections::HashMap;

use moqi_document::{Block, BlockKind, HeadingStyle, Inline, InlineKind, parse_zh_number, roman};

use super::compose::{Labelled, Site};

/// The shape of a number, its brackets included: numbers of one shape count on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    /// 第三条
    Article,
    /// Article 3, Section 3, Clause 3; the first letter tells them apart.
    Named(char),
    /// 三、
    ChineseComma,
    /// （三）
    ChineseBracket,
    /// 3. or 3) or 3、; the last character tells them apart.
    Number(char),
    /// (3)
    NumberBracket,
    /// 3.1, 3.1.2: how many numbers.
    Path(usize),
    /// (c), c) or c.
    Lower(char),
    /// (C), C) or C.
    Upper(char),
    /// (iii), iii) or iii.
    LowerRoman(char),
    /// (III), III) or III.
    UpperRoman(char),
    /// ③
    Circle,
}

/// A number as it stands at the beginning of words.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Reading {
    kind: Kind,
    /// The count; all numbers of a path.
    count: Vec<u32>,
    /// Bytes of the number itself.
    length: usize,
}

/// Numbers of one kind that count on.
struct Run {
    kind: Kind,
    count: Vec<u32>,
    /// The run whose last number these stand under.
    parent: Option<usize>,
    /// Blocks, and bytes of the number of each.
    members: Vec<(usize, usize)>,
    holds: bool,
    heads: bool,
}

/// Numbers in a row that make a list of them.
const ENOUGH: usize = 3;
/// Longest title of a clause, in characters.
const LONGEST_TITLE: usize = 60;
/// Kinds inside one another.
const DEEPEST: usize = 8;

/// Turns paragraphs with typed numbers into numbered headings and items, and takes the numbers out of their words.
pub(super) fn recognise(blocks: &mut [Block], labels: &mut Vec<Labelled>) {
    let mut runs = runs(blocks);
    judge(&mut runs, blocks);
    // Level of the heading, or depth of the items, each run gives.
    let mut ranks: Vec<(u8, u8)> = Vec::with_capacity(runs.len());
    for run in &runs {
        let (level, depth) = run.parent.map_or((0, 0), |parent| ranks[parent]);
        ranks.push(match (run.holds, run.heads) {
            (false, _) => (level, depth),
            (true, true) => (level + 1, 0),
            (true, false) => (level, depth + 1),
        });
    }
    for (run, (level, depth)) in runs.iter().zip(&ranks).filter(|(run, _)| run.holds) {
        for &(at, length) in &run.members {
            let block = &mut blocks[at];
            let label = strip(&mut block.kind, length);
            labels.push(Labelled {
                site: Site { block: at, row: 0 },
                label,
                typed: true,
            });
            match &mut block.kind {
                BlockKind::Heading { style, .. } => *style = HeadingStyle::Numbered,
                BlockKind::Paragraph { content, .. } => {
                    let content = std::mem::take(content);
                    block.kind = if run.heads {
                        BlockKind::Heading {
                            level: (*level).clamp(1, 5),
                            style: HeadingStyle::Numbered,
                            content,
                        }
                    } else {
                        BlockKind::Item {
                            depth: depth.saturating_sub(1).min(7),
                            ordered: true,
                            content,
                        }
                    };
                }
                _ => {}
            }
        }
    }
    labels.sort_by_key(|found| (found.site.block, found.site.row));
}

/// Finds what counts on from 1, each kind inside the last number of the kinds that are open.
fn runs(blocks: &[Block]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for (at, block) in blocks.iter().enumerate() {
        let (BlockKind::Paragraph {
            quote: false,
            content,
            ..
        }
        | BlockKind::Heading {
            style: HeadingStyle::Plain,
            content,
            ..
        }) = &block.kind
        else {
            continue;
        };
        let words = beginning(content);
        let readings: Vec<Reading> = readings(&words)
            .into_iter()
            .filter(|reading| !rest(&words, reading.length).is_empty())
            .collect();
        let next = readings.iter().find_map(|reading| {
            let place = open
                .iter()
                .rposition(|run| counts_on(&runs[*run], reading))?;
            Some((place, reading))
        });
        if let Some((place, reading)) = next {
            open.truncate(place + 1);
            let run = &mut runs[open[place]];
            run.count.clone_from(&reading.count);
            run.members.push((at, reading.length));
            continue;
        }
        let first = readings.iter().find_map(|reading| {
            // A kind that is open begins anew in place of its last run.
            let same = open.iter().position(|run| runs[*run].kind == reading.kind);
            let around = &open[..same.unwrap_or(open.len()).min(DEEPEST)];
            let parent = around.last().copied();
            begins(reading, parent.map(|parent| &runs[parent])).then_some((
                around.len(),
                parent,
                reading,
            ))
        });
        if let Some((depth, parent, reading)) = first {
            open.truncate(depth);
            open.push(runs.len());
            runs.push(Run {
                kind: reading.kind,
                count: reading.count.clone(),
                parent,
                members: vec![(at, reading.length)],
                holds: false,
                heads: false,
            });
        }
    }
    runs
}

fn counts_on(run: &Run, reading: &Reading) -> bool {
    let Some((last, before)) = run.count.split_last() else {
        return false;
    };
    run.kind == reading.kind
        && reading.count.split_last() == Some((&last.saturating_add(1), before))
}

/// Whether a number is the first of its kind; a path begins under the number it repeats.
fn begins(reading: &Reading, parent: Option<&Run>) -> bool {
    match reading.count.split_last() {
        Some((1, [])) => true,
        Some((1, before)) => parent.is_some_and(|parent| parent.count == before),
        _ => false,
    }
}

/// Decides which runs hold, parents first, and which of them are headings.
fn judge(runs: &mut [Run], blocks: &[Block]) {
    let mut longest: HashMap<Kind, usize> = HashMap::new();
    for run in runs.iter() {
        let so_far = longest.entry(run.kind).or_default();
        // Paths name what they stand under, so those of several parents are one row.
        *so_far = match run.kind {
            Kind::Path(_) => *so_far + run.members.len(),
            _ => run.members.len().max(*so_far),
        };
    }
    for at in 0..runs.len() {
        let parent = runs[at].parent.map(|parent| &runs[parent]);
        let run = &runs[at];
        let proven = longest.get(&run.kind).is_some_and(|row| *row >= ENOUGH);
        let holds = proven
            && match run.kind {
                Kind::Path(_) => parent.is_some_and(|parent| parent.holds),
                _ => run.members.len() > 1,
            };
        let under_items = std::iter::successors(parent, |run| run.parent.map(|up| &runs[up]))
            .take(runs.len())
            .any(|run| run.holds && !run.heads);
        let heads = match run.kind {
            Kind::Article | Kind::Named(_) => !under_items,
            Kind::Number(_) | Kind::UpperRoman(_) => {
                !under_items
                    && run
                        .members
                        .iter()
                        .all(|(at, length)| is_title(&blocks[*at], *length))
            }
            _ => false,
        };
        runs[at].holds = holds;
        runs[at].heads = heads;
    }
}

/// A few words without the end of a sentence.
fn is_title(block: &Block, length: usize) -> bool {
    let content = match &block.kind {
        BlockKind::Heading { .. } => return true,
        BlockKind::Paragraph { content, .. } => content,
        _ => return false,
    };
    let all = plain(content);
    let words = rest(&all, length);
    words.chars().count() <= LONGEST_TITLE
        && !words.ends_with(['.', '。', ';', '；', ',', '，', ':', '：'])
        && !content
            .iter()
            .any(|inline| inline.kind == InlineKind::Break)
}

fn plain(content: &[Inline]) -> String {
    let texts = content.iter().filter_map(|inline| match &inline.kind {
        InlineKind::Text(text) => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

/// The first words of a paragraph, as far as a number can reach and a little more.
fn beginning(content: &[Inline]) -> String {
    let mut out = String::new();
    for inline in content {
        let InlineKind::Text(text) = &inline.kind else {
            break;
        };
        out.extend(text.chars().take(48));
        if out.len() >= 48 {
            break;
        }
    }
    out
}

/// What stands between a number and its words.
fn is_gap(c: char) -> bool {
    c.is_whitespace() || matches!(c, ':' | '：')
}

fn rest(words: &str, length: usize) -> &str {
    words
        .get(length..)
        .unwrap_or_default()
        .trim_start_matches(is_gap)
}

/// Takes the number and the gap after it out of the words, and returns the number.
fn strip(kind: &mut BlockKind, length: usize) -> String {
    let (BlockKind::Paragraph { content, .. } | BlockKind::Heading { content, .. }) = kind else {
        return String::new();
    };
    let mut label = String::new();
    let mut left = length;
    for inline in content.iter_mut() {
        let InlineKind::Text(text) = &mut inline.kind else {
            break;
        };
        let cut = left.min(text.len());
        if !text.is_char_boundary(cut) {
            break;
        }
        label.extend(text.drain(..cut));
        left -= cut;
        if left == 0 {
            let words = text.trim_start_matches(is_gap).len();
            text.drain(..text.len() - words);
            if !text.is_empty() {
                break;
            }
        }
    }
    content.retain(|inline| inline.kind != InlineKind::Text(String::new()));
    label
}

/// Every way the beginning of words can be read as a number.
fn readings(words: &str) -> Vec<Reading> {
    let Some(first) = words.chars().next() else {
        return Vec::new();
    };
    match first {
        '第' => article(words),
        '(' | '（' => bracketed(words),
        '①'..='⑳' => vec![Reading {
            kind: Kind::Circle,
            count: vec![u32::from(first) - u32::from('①') + 1],
            length: first.len_utf8(),
        }],
        '0'..='9' => numeric(words),
        'a'..='z' | 'A'..='Z' => lettered(words),
        _ => chinese_comma(words),
    }
}

/// Whether words can follow a number here.
fn parts(after: &str) -> bool {
    after.chars().next().is_none_or(|c| is_gap(c) || is_wide(c))
}

/// A character of Chinese text, which needs no blank before it.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '“' | '‘')
}

fn article(words: &str) -> Vec<Reading> {
    let found = words.strip_prefix('第').and_then(|rest| {
        let (number, after) = rest.split_once('条')?;
        let count = match number.trim().parse() {
            Ok(count) => count,
            Err(_) => u32::try_from(parse_zh_number(number.trim())?).ok()?,
        };
        // 第三条规定的…… speaks of an article and is none.
        let gap = after
            .chars()
            .next()
            .is_none_or(|c| is_gap(c) || matches!(c, '【' | '[' | '（' | '(' | '、'));
        gap.then(|| Reading {
            kind: Kind::Article,
            count: vec![count],
            length: words.len() - after.trim_start_matches('、').len(),
        })
    });
    found.into_iter().collect()
}

fn chinese_comma(words: &str) -> Vec<Reading> {
    let found = words.split_once('、').and_then(|(number, after)| {
        let count = u32::try_from(parse_zh_number(number)?).ok()?;
        Some(Reading {
            kind: Kind::ChineseComma,
            count: vec![count],
            length: words.len() - after.len(),
        })
    });
    found.into_iter().collect()
}

fn bracketed(words: &str) -> Vec<Reading> {
    let inner = words.trim_start_matches(['(', '（']);
    let Some(end) = inner.find([')', '）']) else {
        return Vec::new();
    };
    let (number, after) = inner.split_at(end);
    let bracket = after.chars().next().map_or(0, char::len_utf8);
    let length = words.len() - after.len() + bracket;
    let after = &after[bracket..];
    let one = |kind, count| Reading {
        kind,
        count: vec![count],
        length,
    };
    if let Some(count) = parse_zh_number(number).and_then(|count| u32::try_from(count).ok()) {
        return vec![one(Kind::ChineseBracket, count)];
    }
    if !parts(after) {
        return Vec::new();
    }
    if let Some(count) = small(number) {
        return vec![one(Kind::NumberBracket, count)];
    }
    letters_of(number, '(')
        .into_iter()
        .map(|(kind, count)| one(kind, count))
        .collect()
}

/// Letters and Roman numerals.
fn letters_of(number: &str, mark: char) -> Vec<(Kind, u32)> {
    let mut found = Vec::new();
    let lower = number.to_ascii_lowercase();
    let is_lower = lower == number;
    if !is_lower && number.to_ascii_uppercase() != number {
        return found;
    }
    let letter = lower.bytes().next().filter(u8::is_ascii_lowercase);
    if let Some(letter) = letter.filter(|letter| lower.bytes().all(|other| other == *letter))
        && number.len() <= 3
    {
        let round = u32::try_from(number.len() - 1).unwrap_or(0);
        let count = u32::from(letter - b'a') + 1 + 26 * round;
        found.push((
            if is_lower {
                Kind::Lower(mark)
            } else {
                Kind::Upper(mark)
            },
            count,
        ));
    }
    if number.len() <= 8
        && let Some(count) = (1..=60).find(|count| roman(*count) == lower)
    {
        let kind = if is_lower {
            Kind::LowerRoman(mark)
        } else {
            Kind::UpperRoman(mark)
        };
        // (i) is more often the first Roman numeral than the ninth letter; counting on decides first.
        found.insert(0, (kind, count));
    }
    found
}

/// A number without zeros before it, as clauses have.
fn small(number: &str) -> Option<u32> {
    let plain = !number.is_empty()
        && number.len() <= 3
        && number.bytes().all(|c| c.is_ascii_digit())
        && !number.starts_with('0');
    plain.then(|| number.parse().ok()).flatten()
}

fn numeric(words: &str) -> Vec<Reading> {
    let end = words
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(words.len());
    let (number, after) = words.split_at(end);
    let dotted = number.ends_with('.');
    let bare = number.strip_suffix('.').unwrap_or(number);
    let Some(count) = bare.split('.').map(small).collect::<Option<Vec<u32>>>() else {
        return Vec::new();
    };
    let many = count.len();
    let mark = after.chars().next();
    let (kind, length) = match mark {
        _ if many > 1 => (Kind::Path(many), number.len()),
        _ if dotted => (Kind::Number('.'), number.len()),
        Some(mark @ ('、' | '．' | ')' | '）')) => {
            let same = if mark == '）' { ')' } else { mark };
            (Kind::Number(same), number.len() + mark.len_utf8())
        }
        _ => return Vec::new(),
    };
    let open = matches!(mark, Some('、')) && many == 1;
    if !open && !parts(&words[length..]) {
        return Vec::new();
    }
    vec![Reading {
        kind,
        count,
        length,
    }]
}

fn lettered(words: &str) -> Vec<Reading> {
    for name in [
        "Article", "Section", "Clause", "ARTICLE", "SECTION", "CLAUSE",
    ] {
        let Some(after) = words
            .strip_prefix(name)
            .filter(|after| after.starts_with(' '))
        else {
            continue;
        };
        let number = after.trim_start();
        let end = number
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(number.len());
        let (number, after) = number.split_at(end);
        let lower = number.to_ascii_lowercase();
        let count = small(number).or_else(|| (1..=60).find(|count| roman(*count) == lower));
        let after_mark = after
            .strip_prefix(['.', ':', '–', '-', '—'])
            .unwrap_or(after);
        // "Section 3 applies" speaks of a section: a mark parts the number from its title.
        return match count {
            Some(count) if after_mark.len() < after.len() && parts(after_mark) => vec![Reading {
                kind: Kind::Named(name.chars().next().unwrap_or('A')),
                count: vec![count],
                length: words.len() - after_mark.len(),
            }],
            _ => Vec::new(),
        };
    }
    let end = words
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(words.len());
    let (number, after) = words.split_at(end);
    let Some(mark) = after.chars().next().filter(|c| matches!(c, '.' | ')')) else {
        return Vec::new();
    };
    if !parts(&after[1..]) || number.len() > 8 {
        return Vec::new();
    }
    letters_of(number, mark)
        .into_iter()
        .map(|(kind, count)| Reading {
            kind,
            count: vec![count],
            length: end + 1,
        })
        .collect()
}
