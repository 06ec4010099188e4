//! Marks and words written twice.

use super::INFO;
use crate::facts::Facts;
use crate::facts::numeral::is_chinese_numeral;
use crate::facts::passage::Passage;
use crate::finding::{Finding, Severity};
use crate::scan::{after, before, is_han, run};
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
    let mark = |c: char| matches!(c, '，' | '。' | '；' | '：' | '、' | '？' | '！');
    let ascii = |c: char| matches!(c, ',' | ';' | ':');
    let mut from = 0;
    while let Some(offset) = text[from..].find(|c| mark(c) || ascii(c)) {
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

/// 应当应当, 乙方乙方: two to six characters twice in a row.
fn doubled_han(facts: &Facts<'_>, index: usize, passage: &Passage, findings: &mut Vec<Finding>) {
    let text = passage.text.as_str();
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let is_word = |c: char| {
        is_han(c) && !is_chinese_numeral(c) && !matches!(c, '某' | '年' | '月' | '日' | '元')
    };
    let mut i = 0;
    'places: while i + 3 < chars.len() {
        if !is_word(chars[i].1) {
            i += 1;
            continue;
        }
        for size in (2..=6).rev() {
            if i + 2 * size > chars.len() {
                continue;
            }
            let (left, right) = (&chars[i..i + size], &chars[i + size..i + 2 * size]);
            let same = left
                .iter()
                .zip(right)
                .all(|(a, b)| a.1 == b.1 && is_word(a.1));
            if same && left.iter().any(|c| c.1 != left[0].1) {
                let end = chars.get(i + 2 * size).map_or(text.len(), |c| c.0);
                doubled(facts, index, chars[i].0..end, chars[i + size].0, findings);
                i += 2 * size;
                continue 'places;
            }
        }
        i += 1;
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
