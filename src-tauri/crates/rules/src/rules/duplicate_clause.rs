//! `duplicate-clause`: the same paragraph twice, and one sentence twice with two different numbers.
//!
//! Why: of two copies one is changed later and the other forgotten; of two periods nobody knows which holds.
//!
//! Wrong: 买受人应在收到货物后十日内付款。 … 买受人应在收到货物后十五日内付款。
//! Right: one of them.
//! Basis: none; checklist §7.

use crate::facts::Facts;
use crate::facts::numeral::{self, is_chinese_numeral};
use crate::facts::passage::Passage;
use crate::finding::{Finding, Fix, RuleInfo, Severity, Words};
use crate::scan::{CharSet, head, is_han};
use moqi_document::{BlockKind, Edit, Language};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;

pub(crate) const INFO: RuleInfo = RuleInfo {
    id: "duplicate-clause",
    name: Words {
        zh: "重复与矛盾的条款",
        en: "Clauses said twice",
    },
    what: Words {
        zh: "查找内容相同的段落，以及只有期限或金额不同的两句话。",
        en: "Looks for paragraphs said twice, and for one sentence said twice with different periods or sums.",
    },
    why: Words {
        zh: "两处约定不同，就不知以哪一处为准。",
        en: "Of two versions, nobody knows which one holds.",
    },
    severity: Severity::Warning,
};

pub(crate) fn check(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let mut paragraphs: HashMap<(u64, u64), usize> = HashMap::new();
    let mut sentences: HashMap<(u64, String), (usize, Range<usize>, String)> = HashMap::new();
    for (index, passage) in facts
        .passages
        .iter()
        .enumerate()
        .filter(|(_, p)| p.is_prose())
    {
        let part = facts.outline.part_of(passage.block);
        if passage.text.len() >= least(facts, 60) {
            let (digest, length) = digest(&passage.text);
            match paragraphs.entry((part, digest)) {
                Entry::Occupied(first)
                    if length >= least(facts, 60)
                        && letters(&facts.passages[*first.get()].text)
                            .eq(letters(&passage.text)) =>
                {
                    said_twice(facts, *first.get(), index, findings);
                    continue;
                }
                entry => entry.insert_entry(index),
            };
        }
        for range in sentence_ranges(&passage.text) {
            numbers(facts, (index, range), part, &mut sentences, findings);
        }
    }
}

/// Shortest text that counts, in bytes: English says the same with more of them.
fn least(facts: &Facts<'_>, zh: usize) -> usize {
    match facts.language {
        Language::Zh => zh,
        Language::En => zh * 2 - 30,
    }
}

/// The letters and figures of a text, without marks, spaces and case.
fn letters(text: &str) -> impl Iterator<Item = char> {
    static MARKS: CharSet = CharSet::of(" ，。、；：？！（）《》“”‘’【】,.;:()\"'-　");
    text.chars()
        .filter(|c| is_han(*c) || (!MARKS.has(*c) && c.is_alphanumeric()))
        .map(|c| c.to_ascii_lowercase())
}

/// A number that two texts of the same letters share (FNV-1a, by characters), and the bytes of those letters.
fn digest(text: &str) -> (u64, usize) {
    letters(text).fold((0xcbf2_9ce4_8422_2325, 0), |(digest, length), c| {
        (
            (digest ^ u64::from(u32::from(c))).wrapping_mul(0x0100_0000_01b3),
            length + c.len_utf8(),
        )
    })
}

fn said_twice(facts: &Facts<'_>, first: usize, second: usize, findings: &mut Vec<Finding>) {
    let passage = &facts.passages[second];
    let range = 0..passage.text.len();
    let message = facts.say(
        format!(
            "这一段与前文“{}…”相同。",
            head(facts.passages[first].text.trim(), 0, 12)
        ),
        format!(
            "This paragraph repeats “{}…” above.",
            head(facts.passages[first].text.trim(), 0, 30)
        ),
    );
    let mut finding = facts.at(INFO.id, Severity::Warning, second, &range, message);
    // An unnumbered paragraph can go without moving any number; an item cannot.
    let block = &facts.document.blocks[passage.block];
    let plain = matches!(
        block.kind,
        BlockKind::Paragraph {
            depth: 0,
            quote: false,
            ..
        }
    );
    if plain && passage.edit(&range, "").is_some() {
        let title = facts.say("删除重复的这一段", "Delete this repetition");
        finding.fix = Some(Fix {
            title,
            edits: vec![Edit {
                span: block.span,
                text: String::new(),
            }],
        });
    }
    findings.push(finding);
}

/// The sentences of a text.
fn sentence_ranges(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let end = crate::scan::sentence_end(text, start);
        found.push(start..end);
        start = end + text[end..].chars().next().map_or(1, char::len_utf8);
    }
    found
}

/// One sentence with its numbers taken out, and the numbers.
fn skeleton(sentence: &str) -> (String, Vec<String>, Vec<String>) {
    let mut frame = String::with_capacity(sentence.len());
    let mut numbers: Vec<String> = Vec::new();
    let mut units = Vec::new();
    let mut inside = false;
    for (at, c) in sentence.char_indices() {
        let figure =
            c.is_ascii_digit() || is_chinese_numeral(c) || (inside && matches!(c, '.' | ','));
        if figure {
            if !inside {
                numbers.push(String::new());
                frame.push('#');
            }
            if let Some(number) = numbers.last_mut() {
                number.push(c);
            }
        } else {
            if inside {
                units.push(head(sentence, at, 6).to_owned());
            }
            if is_han(c) {
                frame.push(c);
            } else if c.is_alphanumeric() {
                frame.extend(c.to_lowercase());
            }
        }
        inside = figure;
    }
    if inside {
        units.push(String::new());
    }
    (frame, numbers, units)
}

/// Whether a sentence has exactly one run of figures; most have none, and need not be taken apart.
fn has_one_number(text: &str) -> bool {
    let mut runs = 0;
    let mut inside = false;
    for c in text.chars() {
        let figure =
            c.is_ascii_digit() || is_chinese_numeral(c) || (inside && matches!(c, '.' | ','));
        runs += usize::from(figure && !inside);
        inside = figure;
    }
    runs == 1
}

type Seen = HashMap<(u64, String), (usize, Range<usize>, String)>;

/// A sentence that stood before with one other number of days, months or money.
fn numbers(
    facts: &Facts<'_>,
    (index, range): (usize, Range<usize>),
    part: u64,
    seen: &mut Seen,
    findings: &mut Vec<Finding>,
) {
    let text = &facts.passages[index].text[range.clone()];
    if text.len() < least(facts, 36) || !has_one_number(text) {
        return;
    }
    let (frame, values, units) = skeleton(text);
    let long = frame.len() >= least(facts, 36);
    if values.len() != 1 || !long || !is_measure(&units[0]) {
        return;
    }
    let Some((first, place, value)) = seen.get(&(part, frame.clone())) else {
        seen.insert((part, frame), (index, range, values[0].clone()));
        return;
    };
    let before = &facts.passages[*first];
    // Steps of one list (第一期…第二期…) differ on purpose; so do numbers that only count the steps.
    if is_same_number(value, &values[0]) || siblings(facts, before, &facts.passages[index]) {
        return;
    }
    let message = facts.say(
        format!(
            "同一件事有两个数：这里是“{}{}”，前文是“{value}{}”。",
            values[0],
            units[0].chars().take(1).collect::<String>(),
            units[0].chars().take(1).collect::<String>()
        ),
        format!(
            "One thing has two numbers: “{}” here, “{value}” above.",
            values[0]
        ),
    );
    let mut finding = facts.at(
        INFO.id,
        Severity::Warning,
        index,
        &trimmed(&facts.passages[index].text, &range),
        message,
    );
    finding.notes.push(facts.say(
        format!("前文：“{}”。", before.text[place.clone()].trim()),
        format!("Above: “{}”.", before.text[place.clone()].trim()),
    ));
    findings.push(finding);
}

/// 三 and 3, 1,000 and 1000 are one number in two writings.
fn is_same_number(one: &str, other: &str) -> bool {
    let value = |text: &str| numeral::whole(&text.replace(',', ""));
    one == other || value(one).is_some_and(|one| value(other) == Some(one))
}

fn trimmed(text: &str, range: &Range<usize>) -> Range<usize> {
    let words = &text[range.clone()];
    let start = range.start + words.len() - words.trim_start().len();
    start..start + words.trim().len()
}

/// A period, a sum or a share, as opposed to a count of steps or a clause number.
fn is_measure(unit: &str) -> bool {
    let unit = unit.trim_start();
    [
        "日", "天", "个", "月", "年", "元", "%", "％", "小时", "周", "工作",
    ]
    .iter()
    .any(|u| unit.starts_with(u))
        || ["day", "mon", "yea", "wee", "wor", "bus", "hou"]
            .iter()
            .any(|u| unit.starts_with(u))
}

/// Items of one list stand next to each other.
fn siblings(facts: &Facts<'_>, a: &Passage, b: &Passage) -> bool {
    let is_item =
        |p: &Passage| matches!(facts.document.blocks[p.block].kind, BlockKind::Item { .. });
    let heading_between = facts.document.blocks[a.block..b.block]
        .iter()
        .any(|block| matches!(block.kind, BlockKind::Heading { .. }));
    (is_item(a) && is_item(b) && !heading_between)
        || !a.text.chars().any(|c| is_han(c) || c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::INFO;
    use crate::testing;

    #[test]
    fn pass() {
        testing::pass(
            INFO.id,
            &[
                "甲方逾期付款的，应当每日按未付金额的千分之一向乙方支付违约金。\n\n乙方逾期交货的，应当每日按货款的千分之一向甲方支付违约金。\n",
                "1. 买受人应当在收到发票后10日内支付相应的货款\n2. 买受人应当在收到发票后30日内支付相应的货款\n",
                "本条无。\n\n本条无。\n",
                "送达信息变更的一方，应当提前3日书面通知对方。\n\n其他。\n\n送达信息变更的一方，应当提前三日书面通知对方。\n",
                "买受人迟延付款的，应当支付违约金1,000元。\n\n其他。\n\n买受人迟延付款的，应当支付违约金1000元。\n",
                "The Buyer shall pay within 10 days of delivery of the Goods.\n\nThe Seller shall deliver within 20 days of payment.\n",
            ],
        );
    }

    #[test]
    fn fail() {
        let clause = "任何一方不得向第三方披露在履行本合同过程中知悉的对方商业秘密。";
        let twice = format!("{clause}\n\n其他约定见附页。\n\n{clause}\n");
        testing::fail(
            INFO.id,
            &[
                (&twice, &[(clause, "相同")]),
                (
                    "买受人应当在收到货物后10日内付款。\n\n双方应当友好协商。\n\n买受人应当在收到货物后15日内付款。\n",
                    &[("买受人应当在收到货物后15日内付款", "两个数")],
                ),
                (
                    "The Buyer shall pay each invoice within 10 days of the day on which it receives it.\n\nOther words.\n\nThe Buyer shall pay each invoice within 30 days of the day on which it receives it.\n",
                    &[(
                        "The Buyer shall pay each invoice within 30 days of the day on which it receives it",
                        "two numbers",
                    )],
                ),
            ],
        );
    }

    #[test]
    fn fix() {
        let clause = "任何一方不得向第三方披露在履行本合同过程中知悉的对方商业秘密。";
        let (before, after) = (
            format!("{clause}\n\n其他约定见附页。\n\n{clause}\n"),
            format!("{clause}\n\n其他约定见附页。\n\n\n"),
        );
        testing::fix(INFO.id, &[(&before, "删除重复的这一段", &after)]);
    }
}
