//! Signs that stand where words should be: underscores, empty dates, crosses, TBC.

use crate::scan::{after, before, is_han, is_whole_word, places, run, skip_spaces};
use std::ops::Range;

/// The place of a blank, and what is said of it in Chinese and English.
pub(super) type Blank = (Range<usize>, String, String);

/// What is said of signs that stand for a name or number, in both languages.
pub(super) fn stands_in(signs: &str) -> (String, String) {
    (
        format!("“{signs}”处没有填写。"),
        format!("“{signs}” stands where a name or number should be."),
    )
}

pub(super) fn underscores(text: &str, found: &mut Vec<Blank>) {
    let mut from = 0;
    while let Some(offset) = text[from..].find(['_', '＿']) {
        let range = run(text, from + offset, |c| matches!(c, '_' | '＿'));
        from = range.end;
        if text[range.clone()].chars().count() >= 2 && !is_part_of_name(text, &range) {
            found.push((
                range,
                "此处留有空白没有填写。".into(),
                "A blank was left here.".into(),
            ));
        }
    }
}

fn is_part_of_name(text: &str, range: &Range<usize>) -> bool {
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    joins(before(text, range.start)) && joins(after(text, range.end))
}

/// 年 月 日 with spaces where the figures should be.
pub(super) fn dates(text: &str, found: &mut Vec<Blank>) {
    for at in places(text, "年") {
        let month = skip_spaces(text, at + '年'.len_utf8());
        if month == at + '年'.len_utf8() || !text[month..].starts_with('月') {
            continue;
        }
        let day = skip_spaces(text, month + '月'.len_utf8());
        let end = if text[day..].starts_with('日') {
            day + '日'.len_utf8()
        } else {
            month + '月'.len_utf8()
        };
        found.push((
            at..end,
            "日期没有填写。".into(),
            "The date is not filled in.".into(),
        ));
    }
}

/// XX, ×× and their kin where a name or number should be.
pub(super) fn crosses(text: &str, found: &mut Vec<Blank>) {
    let cross = |c: char| matches!(c, 'X' | 'x' | '×' | 'Ｘ' | '╳');
    let mut from = 0;
    while let Some(offset) = text[from..].find(cross) {
        let range = run(text, from + offset, cross);
        from = range.end;
        let words = &text[range.clone()];
        let two = words.chars().count() >= 2;
        let capital = !words.contains('x') || words.len() >= 3 && words.bytes().all(|b| b == b'x');
        // Sizes (XXL), Roman numbers (Article XX) and identifiers are words of their own.
        let lead = text[..range.start].trim_end();
        let roman = [
            "Article", "Chapter", "Section", "Part", "Title", "Annex", "Appendix", "Volume",
            "Schedule", "ARTICLE", "TITLE",
        ]
        .iter()
        .any(|w| lead.ends_with(w));
        if two && capital && is_whole_word(text, &range) && !roman {
            let (zh, en) = stands_in(words);
            found.push((range, zh, en));
        }
    }
}

/// TBC, TBD, 待定 and the like.
pub(super) fn words(text: &str, found: &mut Vec<Blank>) {
    if !text.contains(['T', '待']) {
        return;
    }
    for word in ["TBC", "TBD", "TBA", "T.B.C.", "T.B.D."] {
        for at in places(text, word) {
            let range = at..at + word.len();
            if is_whole_word(text, &range) {
                found.push((
                    range,
                    format!("“{word}”还没有确定。"),
                    format!("“{word}” is still to be settled."),
                ));
            }
        }
    }
    for word in ["待定", "待填写", "待填", "待补充", "待补", "待确认"] {
        for at in places(text, word) {
            let range = at..at + word.len();
            let ends = after(text, range.end).is_none_or(|c| !is_han(c) && !c.is_alphanumeric());
            // 等待、期待、对待 are other words.
            let own = !before(text, at)
                .is_some_and(|c| matches!(c, '等' | '期' | '对' | '招' | '接' | '看' | '优'));
            if ends && own {
                found.push((
                    range,
                    format!("“{word}”的内容还没有确定。"),
                    format!("“{word}” is still to be settled."),
                ));
            }
        }
    }
}
