//! What forms and programs leave behind: empty brackets, prompts to fill in, circles for a name, dead fields of Word.

use super::blanks::stands_in;
use super::{INFO, is_option, is_signing};
use crate::facts::Facts;
use crate::facts::passage::Passage;
use crate::finding::{Finding, Severity};
use crate::scan::{CharSet, has, has_any, is_space, places, run};
use std::ops::Range;

/// What Word prints where a reference has lost its target.
const DEAD_FIELDS: &[&str] = &[
    "错误！未找到引用源",
    "错误!未找到引用源",
    "错误！未定义书签",
    "错误!未定义书签",
    "Error! Reference source not found",
    "Error! Bookmark not defined",
];

/// Prompts of forms and of typesetters. 请填写 alone also stands in finished forms, so it counts in brackets only.
const PROMPTS: &[&str] = &[
    "（请填写）",
    "(请填写)",
    "此处填写",
    "请在此处填写",
    "请在此处输入",
    "单击或点击此处输入",
    "Lorem ipsum",
    "Click here to enter",
    "Click or tap here",
];

/// What any of this has in it; most paragraphs have none.
static SIGNS: CharSet = CharSet::of("（(〔［○◯●△错此!");

fn may_hold(text: &str) -> bool {
    text.contains(|c| SIGNS.has(c)) || has(text, "Lorem") || has(text, "Click")
}

pub(super) fn check(
    facts: &Facts<'_>,
    index: usize,
    passage: &Passage,
    findings: &mut Vec<Finding>,
) {
    let text = passage.text.as_str();
    if !may_hold(text) {
        return;
    }
    let mut report = |range: Range<usize>, message: String| {
        findings.push(facts.at(INFO.id, Severity::Error, index, &range, message));
    };
    for phrase in DEAD_FIELDS {
        for at in places(text, phrase) {
            let message = facts.say(
                "Word 的引用域已经失效，会印出这句错误提示；请重新指向所引用的条款。",
                "A Word reference is broken and prints this error; point it at its clause again.",
            );
            report(at..at + phrase.len(), message);
        }
    }
    for phrase in PROMPTS {
        for at in places(text, phrase) {
            let message = facts.say(
                format!("填写提示“{phrase}”没有换成内容。"),
                format!("The prompt “{phrase}” was not replaced by what it asks for."),
            );
            report(at..at + phrase.len(), message);
        }
    }
    for range in empty(text).filter(|_| !is_signing(passage)) {
        let message = facts.say(
            format!("“{}”是空的，没有填写。", &text[range.clone()]),
            format!(
                "“{}” is empty; it was never filled in.",
                &text[range.clone()]
            ),
        );
        report(range, message);
    }
    for range in circles(text) {
        let (zh, en) = stands_in(&text[range.clone()]);
        report(range, facts.say(zh, en));
    }
}

/// A note to the drafter, as templates write them where answers do not agree; quoted text of any other kind is left alone.
pub(super) fn drafting_note(
    facts: &Facts<'_>,
    index: usize,
    passage: &Passage,
    findings: &mut Vec<Finding>,
) {
    const NOTES: &[&str] = &["起草提示", "Drafting note", "Drafting Note"];
    let text = passage.text.trim_start();
    if NOTES.iter().any(|note| text.starts_with(note)) {
        let message = facts.say(
            "这是写给起草人的提示，会原样印出；请核对后删除。",
            "This is a note to the drafter and would be printed; settle it, then delete it.",
        );
        let whole = 0..passage.text.len();
        findings.push(facts.at(INFO.id, Severity::Error, index, &whole, message));
    }
}

/// 【特别提示】 at the start of a paragraph is a heading, and 【（2020）最高法民终1号】 the number of a case.
pub(super) fn is_caption(text: &str, open: usize, content: &str) -> bool {
    const CAPTIONS: &[&str] = &[
        "提示",
        "注意",
        "声明",
        "须知",
        "案情",
        "要旨",
        "摘要",
        "关键词",
        "法条",
        "条文",
        "裁判",
        "评析",
        "来源",
        "编者按",
    ];
    let digits = content.bytes().any(|b| b.is_ascii_digit());
    let case = digits && content.contains(['(', '（', '〔']) && content.contains('号');
    let first = text[..open].trim_matches(is_space).is_empty();
    let short = content.chars().count() <= 12;
    // 【填写提示：…】 still asks for something.
    let asks = has_any(content, &["填", "选", "插入", "输入", "补"]);
    case || (first && short && !asks && has_any(content, CAPTIONS))
}

/// （　　）, 〔　〕 and ［ ］ with nothing in them, save boxes before an option.
fn empty(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.char_indices().filter_map(|(open, mark)| {
        let pair = match mark {
            '（' => '）',
            '〔' => '〕',
            '［' => '］',
            _ => return None,
        };
        let close = run(text, open + mark.len_utf8(), is_space).end;
        let end = close + pair.len_utf8();
        (text[close..].starts_with(pair) && !is_option(text, open, end)).then_some(open..end)
    })
}

/// ○○公司, △△路: two circles or more in a row.
fn circles(text: &str) -> Vec<Range<usize>> {
    let circle = |c: char| matches!(c, '○' | '◯' | '●' | '△');
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(offset) = text[from..].find(circle) {
        let range = run(text, from + offset, circle);
        from = range.end;
        if text[range.clone()].chars().count() >= 2 {
            found.push(range);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{DEAD_FIELDS, PROMPTS, may_hold};

    #[test]
    fn every_phrase_has_a_sign_that_is_looked_for() {
        for phrase in DEAD_FIELDS.iter().chain(PROMPTS) {
            assert!(may_hold(phrase), "{phrase}");
        }
    }
}
