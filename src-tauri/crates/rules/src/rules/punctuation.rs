//! `punctuation`: unmatched brackets and quotation marks, half-width marks in Chinese, doubled marks and words.
//!
//! Why: a bracket without its partner leaves open what an aside belongs to; the rest looks careless.
//!
//! Wrong: 甲方（以下简称“出卖人”应交货。 · 甲方,乙方 · 乙方应当应当付款。。 · the the Buyer
//! Right: 甲方（以下简称“出卖人”）应交货。 · 甲方，乙方 · 乙方应当付款。 · the Buyer
//! Basis: none; checklist M21.

mod doubled;

use crate::facts::Facts;
use crate::facts::numeral::is_chinese_numeral;
use crate::facts::passage::Passage;
use crate::finding::{Finding, Fix, RuleInfo, Severity, Words};
use crate::scan::{CharSet, after, before, is_han, is_space};
use moqi_document::Language;

pub(crate) const INFO: RuleInfo = RuleInfo {
    id: "punctuation",
    name: Words {
        zh: "标点与重字",
        en: "Punctuation and doubled words",
    },
    what: Words {
        zh: "查找不成对的括号和引号、中文里的半角标点、重复的标点和词语。",
        en: "Looks for unmatched brackets and quotation marks, half-width marks in Chinese, doubled marks and words.",
    },
    why: Words {
        zh: "括号不成对会改变限定的范围。",
        en: "A bracket without its partner changes what an aside belongs to.",
    },
    severity: Severity::Warning,
};

pub(crate) fn check(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    for (index, passage) in facts.passages.iter().enumerate() {
        if passage.quote {
            continue;
        }
        pairs(facts, index, passage, findings);
        half_width(facts, index, passage, findings);
        doubled::check(facts, index, passage, findings);
    }
}

const PAIRS: &[(char, char)] = &[
    ('（', '）'),
    ('(', ')'),
    ('《', '》'),
    ('“', '”'),
    ('【', '】'),
    ('〔', '〕'),
    ('[', ']'),
    ('「', '」'),
    ('『', '』'),
];

/// Every mark of a pair.
static HALVES: CharSet = CharSet::of("（）()《》“”【】〔〕[]「」『』");

fn pairs(facts: &Facts<'_>, index: usize, passage: &Passage, findings: &mut Vec<Finding>) {
    let text = passage.text.as_str();
    // Open marks by place and pair, and how many of each pair, so that one that never was is not looked for among
    // thousands.
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut waiting = [0_usize; PAIRS.len()];
    let mut lone: Vec<(usize, char)> = Vec::new();
    for (at, c) in text.char_indices() {
        if !HALVES.has(c) {
            continue;
        }
        if let Some(pair) = PAIRS.iter().position(|(left, _)| *left == c) {
            waiting[pair] += 1;
            open.push((at, pair));
            continue;
        }
        let Some(pair) = PAIRS.iter().position(|(_, right)| *right == c) else {
            continue;
        };
        let round = is_round(PAIRS[pair].0);
        match open.last() {
            Some(&(from, top)) if top != pair && round && is_round(PAIRS[top].0) => {
                let opened = (from, PAIRS[top].0);
                mixed(facts, index, passage, opened, (at, c), findings);
                waiting[top] -= 1;
                open.pop();
            }
            Some((_, top)) if *top != pair && round && is_list_mark(text, at) => {}
            None if round && is_list_mark(text, at) => {}
            _ if waiting[pair] == 0 => lone.push((at, c)),
            _ => {
                // Marks opened inside this pair were never closed.
                while let Some((from, top)) = open.pop() {
                    waiting[top] -= 1;
                    if top == pair {
                        break;
                    }
                    lone.push((from, PAIRS[top].0));
                }
            }
        }
    }
    lone.extend(open.into_iter().map(|(at, pair)| (at, PAIRS[pair].0)));
    // English opens a quotation again with each paragraph of it, so a mark at the very start may stay open.
    lone.retain(|(at, c)| {
        !(*c == '“' && text[..*at].trim().is_empty() && facts.language == Language::En)
    });
    lone.sort_unstable();
    let crossed = crossed_quotes(facts, index, text, &mut lone, findings);
    for (at, c) in lone {
        let message = facts.say(
            match c {
                '“' => "这个左引号没有与之成对的右引号。".to_owned(),
                '”' => "这个右引号没有与之成对的左引号。".to_owned(),
                _ => format!("“{c}”没有与之成对的另一半。"),
            },
            format!("This {c} has no partner."),
        );
        findings.push(facts.at(
            INFO.id,
            Severity::Warning,
            index,
            &(at..at + c.len_utf8()),
            message,
        ));
    }
    if !crossed {
        straight_quotes(facts, index, text, findings);
    }
}

fn is_round(left: char) -> bool {
    matches!(left, '（' | '(')
}

/// `1)` or `a）` before the words of an item, at the start or after a mark.
fn is_list_mark(text: &str, close: usize) -> bool {
    let label = text[..close]
        .trim_end_matches(|c: char| c.is_ascii_alphanumeric() || is_chinese_numeral(c));
    let length = text[label.len()..close].chars().count();
    let start = label.trim_end_matches(is_space);
    (1..=4).contains(&length)
        && (start.is_empty()
            || start.ends_with(['；', ';', '：', ':', '，', ',', '。', '\n', '、'])
            || label.ends_with(' '))
}

/// "Term” or “Term": one straight mark and one curly one make a pair; the straight one is the odd one out.
fn crossed_quotes(
    facts: &Facts<'_>,
    index: usize,
    text: &str,
    lone: &mut Vec<(usize, char)>,
    findings: &mut Vec<Finding>,
) -> bool {
    let straight: Vec<usize> = crate::scan::places(text, "\"").collect();
    if straight.len().is_multiple_of(2) {
        return false;
    }
    let close = lone
        .iter()
        .position(|(at, c)| *c == '”' && straight.iter().any(|s| s < at));
    let open = lone
        .iter()
        .position(|(at, c)| *c == '“' && straight.iter().any(|s| s > at));
    let Some(place) = close.or(open) else {
        return false;
    };
    let (at, curly) = lone[place];
    let partner = match curly {
        '”' => straight.iter().rfind(|s| **s < at),
        _ => straight.iter().find(|s| **s > at),
    };
    let Some(partner) = partner.copied() else {
        return false;
    };
    lone.remove(place);
    let range = partner..partner + 1;
    let message = facts.say(
        "这一对引号一个是直引号、一个是弯引号。",
        "One quotation mark of this pair is straight and the other curly.",
    );
    let mut finding = facts.at(INFO.id, Severity::Note, index, &range, message);
    let right = if curly == '”' { "“" } else { "”" };
    finding.fix = facts.replace(index, &range, right);
    findings.push(finding);
    true
}

/// An odd number of straight quotation marks, where none stands for inches.
fn straight_quotes(facts: &Facts<'_>, index: usize, text: &str, findings: &mut Vec<Finding>) {
    let places: Vec<usize> = crate::scan::places(text, "\"").collect();
    let inches = places
        .iter()
        .any(|at| before(text, *at).is_some_and(|c| c.is_ascii_digit()));
    if places.len() % 2 == 1 && !inches {
        let at = places[places.len() - 1];
        let message = facts.say(
            "这个引号没有与之成对的另一半。",
            "This quotation mark has no partner.",
        );
        findings.push(facts.at(INFO.id, Severity::Warning, index, &(at..at + 1), message));
    }
}

/// （…) or (…）: one half-width bracket and one full-width.
fn mixed(
    facts: &Facts<'_>,
    index: usize,
    passage: &Passage,
    open: (usize, char),
    close: (usize, char),
    findings: &mut Vec<Finding>,
) {
    let range = open.0..close.0 + close.1.len_utf8();
    let wide = facts.language == Language::Zh;
    let wanted = if wide { ('（', '）') } else { ('(', ')') };
    let message = facts.say(
        "这一对括号一个是全角、一个是半角。",
        "One bracket of this pair is full-width and the other half-width.",
    );
    let mut finding = facts.at(INFO.id, Severity::Warning, index, &range, message);
    let (place, mark) = if open.1 == wanted.0 {
        (close, wanted.1)
    } else {
        (open, wanted.0)
    };
    finding.fix = facts
        .replace(
            index,
            &(place.0..place.0 + place.1.len_utf8()),
            &mark.to_string(),
        )
        .filter(|_| passage.is_typed(place.0));
    findings.push(finding);
}

/// Half-width marks between Chinese characters.
fn half_width(facts: &Facts<'_>, index: usize, passage: &Passage, findings: &mut Vec<Finding>) {
    let text = passage.text.as_str();
    if facts.language != Language::Zh {
        return;
    }
    for (at, c) in text.char_indices() {
        let wide = match c {
            ',' => "，",
            ';' => "；",
            ':' => "：",
            '?' => "？",
            '!' => "！",
            '.' => "。",
            '(' => "（",
            _ => continue,
        };
        if c == '(' {
            half_brackets(facts, index, text, at, findings);
            continue;
        }
        let closes = |c: char| matches!(c, '）' | '》' | '”' | '】');
        let left = before(text, at).is_some_and(|c| is_han(c) || closes(c));
        let next = after(text, at + 1);
        let right = match next {
            None => c == '.' || c == ';' || c == ',',
            Some(next) => {
                is_han(next)
                    || matches!(next, '“' | '《' | '（')
                    || (next == ' ' && after(text, at + 2).is_some_and(is_han))
            }
        };
        if left && right {
            let range = at..at + 1;
            let message = facts.say(
                format!("中文里用了半角的“{c}”。"),
                format!("A half-width “{c}” stands in Chinese text."),
            );
            let mut finding = facts.at(INFO.id, Severity::Note, index, &range, message);
            finding.fix = facts.replace(index, &range, wide);
            findings.push(finding);
        }
    }
}

/// (以下简称“甲方”): both brackets half-width around Chinese, after Chinese.
fn half_brackets(
    facts: &Facts<'_>,
    index: usize,
    text: &str,
    open: usize,
    findings: &mut Vec<Finding>,
) {
    if !before(text, open).is_some_and(is_han) {
        return;
    }
    let Some(close) = text[open + 1..]
        .find([')', '(', '）', '（'])
        .map(|c| open + 1 + c)
    else {
        return;
    };
    let inside = &text[open + 1..close];
    if !text[close..].starts_with(')') || !inside.chars().any(is_han) {
        return;
    }
    let message = facts.say(
        "中文里用了半角括号。",
        "Half-width brackets stand in Chinese text.",
    );
    let mut finding = facts.at(INFO.id, Severity::Note, index, &(open..close + 1), message);
    let passage = &facts.passages[index];
    let edits: Option<Vec<_>> = [
        passage.edit(&(open..open + 1), "（"),
        passage.edit(&(close..close + 1), "）"),
    ]
    .into_iter()
    .collect();
    finding.fix = edits.map(|edits| Fix {
        title: facts.say("改为全角括号", "Change to full-width brackets"),
        edits,
    });
    findings.push(finding);
}

#[cfg(test)]
mod tests {
    use super::INFO;
    use crate::testing;

    #[test]
    fn every_half_of_a_pair_is_looked_for() {
        for (left, right) in super::PAIRS {
            assert!(
                super::HALVES.has(*left) && super::HALVES.has(*right),
                "{left}{right}"
            );
        }
    }

    #[test]
    fn pass() {
        testing::pass(
            INFO.id,
            &[
                "甲方（以下简称“出卖人”）依据《民法典》（2020年）交货：1）数量；2）质量。\n",
                "合同目的的实现，标的的交付，价款为1,200.00元，比例1:2，于10:30交付GB/T 19001-2016。\n",
                "是否同意？！请说明……\n",
                "某某某某公司，一一对应，年年月月。\n",
                "The Buyer (as defined) said that that was agreed; see a) price and b) time.\n",
                "“This is a quotation that goes on in the next paragraph.\n",
                "A 19\" rack, art. 5 of U.S.C. at 10:30, and New York, New York.\n",
                "网址：www.example.com，邮箱：a@b.com。\n",
            ],
        );
    }

    #[test]
    fn fail() {
        testing::fail(
            INFO.id,
            &[
                ("甲方（以下简称“出卖人”应当交货。\n", &[("（", "成对")]),
                ("根据《民法典第一条的规定履行。\n", &[("《", "成对")]),
                ("甲方,乙方均同意.\n", &[(",", "半角"), (".", "半角")]),
                (
                    "乙方应当应当付款。。\n",
                    &[("应当应当", "两遍"), ("。。", "重复")],
                ),
                ("甲方（出卖人)应当交货。\n", &[("（出卖人)", "全角")]),
                ("甲方(出卖人)应当交货。\n", &[("(出卖人)", "半角括号")]),
                ("我方的的货物。\n", &[("的的", "两遍")]),
                (
                    "The the Buyer shall pay, , then stop;; now (or later.\n",
                    &[("The the", "twice"), (";;", "doubled"), ("(", "partner")],
                ),
                ("He said \"stop and left.\n", &[("\"", "partner")]),
            ],
        );
    }

    #[test]
    fn fix() {
        testing::fix(
            INFO.id,
            &[
                (
                    "The \"Term” starts today.\n",
                    "Change to ““”",
                    "The “Term” starts today.\n",
                ),
                ("甲方,乙方同意。\n", "改为“，”", "甲方，乙方同意。\n"),
                (
                    "甲方(出卖人)应当交货。\n",
                    "改为全角括号",
                    "甲方（出卖人）应当交货。\n",
                ),
                (
                    "甲方（出卖人)应当交货。\n",
                    "改为“）”",
                    "甲方（出卖人）应当交货。\n",
                ),
                ("乙方应当付款，。\n", "改为“。”", "乙方应当付款。\n"),
                ("乙方应当应当付款。\n", "删除“应当”", "乙方应当付款。\n"),
                (
                    "The Buyer pays to to the Seller.\n",
                    "Delete “to”",
                    "The Buyer pays to the Seller.\n",
                ),
            ],
        );
    }
}
