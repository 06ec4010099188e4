//! Marks and words written twice.

use super::INFO;
use crate::facts::Facts;
use crate::facts::numeral::is_chinese_numeral;
use crate::facts::passage::Passage;
use crate::finding::{Finding, Severity};
use crate::scan::{CharSet, after, before, is_han, run};
use moqi_document::Language;
use std::ops::Range;

/// Looks for doubled marks and, by the language of the document, doubled words.
pub(super) fn check(
    facts: &Facts<'_>,
    index: usize,
    passage: &Passage,
    findings: &mut Vec<Finding>,
) {
    doubled_marks(facts, index, passage, findings);
    match facts.language {
        Language::Zh => doubled_han(facts, index, passage, findings),
        Language::En => doubled_words(facts, index, passage, findings),
    }
}

fn doubled_marks(facts: &Facts<'_>, index: usize, passage: &Passage, findings: &mut Vec<Finding>) {
    let text = passage.text.as_str();
    static MARKS: CharSet = CharSet::of("，。；：、？！,;:");
    let mark = |c: char| !c.is_ascii() && MARKS.has(c);
    let ascii = |c: char| matches!(c, ',' | ';' | ':');
    let mut from = 0;
    while let Some(offset) = text[from..].find(|c| MARKS.has(c)) {
        let start = from + offset;
        let first = text[start..].chars().next().unwrap_or(' ');
        let range = if mark(first) {
            run(text, start, mark)
        } else {
            run(text, start, ascii)
        };
        from = range.end;
        let marks = &text[range.clone()];
        let emphasis = marks.chars().all(|c| matches!(c, '？' | '！'));
        if marks.chars().count() < 2 || emphasis || marks == "::" {
            continue;
        }
        // The last mark is the stronger where a stop follows a comma; otherwise the first was meant.
        let kept = marks
            .chars()
            .find(|c| matches!(c, '。' | '；' | ';'))
            .unwrap_or(first)
            .to_string();
        let message = facts.say(
            format!("标点“{marks}”重复。"),
            format!("The marks “{marks}” are doubled."),
        );
        let mut finding = facts.at(INFO.id, Severity::Warning, index, &range, message);
        finding.fix = facts.replace(index, &range, &kept);
        findings.push(finding);
    }
}

/// Words of two characters that take no ending, so that twice in a row is a slip.
const PAIRS: &[&str] = &[
    "应当", "可以", "不得", "必须", "双方", "甲方", "乙方", "丙方", "丁方", "任何", "以及", "或者",
    "并且", "因为", "由于", "如果", "按照", "依照", "根据", "支付", "交付", "提供", "承担", "履行",
    "进行", "经过", "对于", "关于", "除非", "其中", "包括", "有权", "负责", "同意", "确认", "保证",
    "未经", "自本", "如有", "均为", "视为", "要求", "需要",
];

/// 应当应当, 乙方乙方: two to six characters twice in a row.
fn doubled_han(facts: &Facts<'_>, index: usize, passage: &Passage, findings: &mut Vec<Finding>) {
    let text = passage.text.as_str();
    if has_repeat(text) {
        repeated_words(facts, index, text, findings);
    }
    // 的的 is a slip unless the first belongs to 目的 or 标的.
    for at in crate::scan::places(text, "的的") {
        if !before(text, at).is_some_and(|c| matches!(c, '目' | '标' | '有')) {
            doubled(
                facts,
                index,
                at..at + "的的".len(),
                at + "的".len(),
                findings,
            );
        }
    }
}

/// Whether any two to six characters stand twice in a row, of whatever kind: nearly never, and quickly known.
fn has_repeat(text: &str) -> bool {
    let mut last = ['\0'; 8];
    // For each length, how many characters in a row equal the one that far back.
    let mut equal = [0usize; 7];
    text.chars().enumerate().any(|(at, c)| {
        let found = (2..=6).any(|size| {
            let same = last[at.wrapping_sub(size) % 8] == c;
            equal[size] = if same { equal[size] + 1 } else { 0 };
            equal[size] >= size
        });
        last[at % 8] = c;
        found
    })
}

fn repeated_words(facts: &Facts<'_>, index: usize, text: &str, findings: &mut Vec<Finding>) {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let is_word = |c: char| {
        is_han(c) && !is_chinese_numeral(c) && !matches!(c, '某' | '年' | '月' | '日' | '元')
    };
    // For each length, how many characters in a row equal the one that far ahead: as many as the length make a
    // word said twice.
    let mut equal = [0usize; 7];
    let mut done = 0;
    for i in 0..chars.len() {
        let here = chars[i].1;
        for size in 2..=6 {
            let same = chars.get(i + size).is_some_and(|ahead| ahead.1 == here) && is_word(here);
            equal[size] = if same { equal[size] + 1 } else { 0 };
            if equal[size] < size || i + 1 < size + done {
                continue;
            }
            let from = i + 1 - size;
            let word: String = chars[from..from + size].iter().map(|c| c.1).collect();
            // 大队大队长 and 房产房产证 are two words: of two characters only words that take no ending count.
            let certain = size > 2 || PAIRS.contains(&word.as_str());
            if certain
                && chars[from..from + size]
                    .iter()
                    .any(|c| c.1 != chars[from].1)
            {
                let end = chars.get(from + 2 * size).map_or(text.len(), |c| c.0);
                doubled(
                    facts,
                    index,
                    chars[from].0..end,
                    chars[from + size].0,
                    findings,
                );
                done = from + 2 * size;
                equal = [0; 7];
            }
        }
    }
}

fn doubled(
    facts: &Facts<'_>,
    index: usize,
    range: Range<usize>,
    second: usize,
    findings: &mut Vec<Finding>,
) {
    let text = &facts.passages[index].text;
    let word = text[range.start..second].trim();
    let message = facts.say(
        format!("“{word}”写了两遍。"),
        format!("“{word}” is written twice."),
    );
    let mut finding = facts.at(INFO.id, Severity::Warning, index, &range, message);
    finding.fix = facts.remove(index, &(second..range.end));
    findings.push(finding);
}

/// the the, of of: the same word twice, with one space between.
fn doubled_words(facts: &Facts<'_>, index: usize, passage: &Passage, findings: &mut Vec<Finding>) {
    const WORDS: &[&str] = &[
        "the",
        "of",
        "to",
        "and",
        "a",
        "an",
        "in",
        "is",
        "or",
        "for",
        "by",
        "with",
        "shall",
        "be",
        "on",
        "as",
        "this",
        "any",
        "will",
        "from",
        "at",
        "are",
        "its",
        "not",
        "which",
        "may",
        "each",
        "such",
        "all",
        "party",
        "agreement",
    ];
    let text = passage.text.as_str();
    let mut last: Option<Range<usize>> = None;
    let mut from = 0;
    while let Some(offset) = text[from..].find(|c: char| c.is_ascii_alphabetic()) {
        let word = run(text, from + offset, |c| c.is_ascii_alphabetic());
        from = word.end;
        if let Some(previous) = last.replace(word.clone()) {
            let same = text[previous.clone()].eq_ignore_ascii_case(&text[word.clone()])
                && &text[previous.end..word.start] == " ";
            let listed = same
                && WORDS
                    .iter()
                    .any(|w| w.eq_ignore_ascii_case(&text[word.clone()]));
            // "Section a A" and initials are not doubled words.
            let alone = !matches!(after(text, word.end), Some('.' | ')' | '-')) || word.len() > 1;
            if listed
                && alone
                && !matches!(
                    before(text, previous.start),
                    Some('(' | '-' | '.' | '\'' | '’')
                )
            {
                doubled(
                    facts,
                    index,
                    previous.start..word.end,
                    previous.end,
                    findings,
                );
                last = None;
            }
        }
    }
}
