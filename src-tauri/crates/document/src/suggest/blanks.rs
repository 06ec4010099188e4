//! Blanks: the places of a form that a person fills in by hand.

use crate::model::Span;

/// A place left open for a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blank {
    /// Where, in the words searched.
    pub span: Span,
    /// How it is written.
    pub form: BlankForm,
    /// The words inside, such as `insert date`; `None` where it is bare.
    pub hint: Option<String>,
}

/// How a blank is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BlankForm {
    /// A line to write on: `____`, `＿＿`.
    Line,
    /// Brackets: `[●]`, `【】`, `[Name]`.
    Brackets,
    /// A whole date in parts: `____年__月__日`, `【】年【】月【】日`.
    Date,
    /// A box to tick at the start of a line: `[  ] words`.
    Box,
}

/// Longest inside of brackets, in characters; longer ones are wording in dispute, not a blank.
const LONGEST_HINT: usize = 90;
/// Most blank characters before 年, 月 or 日.
const LONGEST_PART: usize = 40;

/// The blanks of one paragraph or line, in order, none overlapping. Linear in the length of the words.
#[must_use]
pub fn blanks(words: &str) -> Vec<Blank> {
    let mut found: Vec<Blank> = Vec::new();
    let mut at = 0;
    while let Some(c) = words[at..].chars().next() {
        let next = match c {
            '_' | '＿' => line(words, at, &mut found),
            '[' | '【' | '［' | '〔' => brackets(words, at, c, &mut found),
            '年' => spaced_date(words, at, &mut found),
            _ => None,
        };
        at = next.unwrap_or(at + c.len_utf8());
    }
    dates(words, found)
}

fn is_line(c: char) -> bool {
    matches!(c, '_' | '＿')
}

/// True for what stands in an empty place: spaces of all widths, lines, bullets, dots.
fn is_filler(c: char) -> bool {
    c.is_whitespace()
        || is_line(c)
        || matches!(
            c,
            '●' | '•' | '*' | '…' | '·' | '○' | '◯' | '■' | '□' | '.' | '＊'
        )
}

fn line(words: &str, at: usize, found: &mut Vec<Blank>) -> Option<usize> {
    let rest = &words[at..];
    let len = rest.find(|c| !is_line(c)).unwrap_or(rest.len());
    let wide = rest[..len].contains('＿');
    let count = if wide { 4 } else { len };
    // Two characters are a blank only as a part of a date, which `dates` decides.
    if count >= 2 {
        found.push(Blank {
            span: Span {
                start: at,
                end: at + len,
            },
            form: BlankForm::Line,
            hint: None,
        });
    }
    Some(at + len)
}

fn brackets(words: &str, at: usize, open: char, found: &mut Vec<Blank>) -> Option<usize> {
    let close = match open {
        '[' => ']',
        '【' => '】',
        '［' => '］',
        _ => '〕',
    };
    let inside = at + open.len_utf8();
    let mut end = None;
    // Inside brackets of fillers the length does not matter; among words it does.
    for (count, (i, c)) in words[inside..].char_indices().enumerate() {
        if c == close {
            end = Some(inside + i);
            break;
        }
        if c == open || c == '\n' || count >= LONGEST_HINT {
            break;
        }
    }
    let end = end?;
    let after = end + close.len_utf8();
    let inner = &words[inside..end];
    let mut blank = Blank {
        span: Span {
            start: at,
            end: after,
        },
        form: BlankForm::Brackets,
        hint: None,
    };
    if inner.chars().all(is_filler) {
        // `[](#id)` is a reference of ours, `[]` of others an empty link.
        if words[after..].starts_with('(') && inner.is_empty() {
            return Some(after);
        }
        let starts_line = words[..at]
            .chars()
            .next_back()
            .is_none_or(|c| matches!(c, '\n' | '\t'));
        let only_spaces = !inner.is_empty() && inner.chars().all(char::is_whitespace);
        if open == '['
            && starts_line
            && only_spaces
            && words[after..].chars().any(char::is_alphanumeric)
        {
            blank.form = BlankForm::Box;
        }
        found.push(blank);
    } else if asks(inner.trim(), open) {
        blank.hint = Some(inner.trim().to_owned());
        found.push(blank);
    } else {
        return None;
    }
    Some(after)
}

/// Whether words in brackets ask for a value, rather than cite, note or offer wording.
fn asks(inner: &str, open: char) -> bool {
    let first = inner.chars().next().unwrap_or(' ');
    if !inner.chars().any(char::is_alphabetic) || !(first.is_alphanumeric() || first == '_') {
        return false;
    }
    let low = inner.to_lowercase();
    const NOTES: [&str; 16] = [
        "drafting note",
        "note:",
        "note to",
        "sic",
        "reserved",
        "intentionally",
        "omitted",
        "deleted",
        "signature page",
        "remainder of",
        "注：",
        "注:",
        "说明",
        "提示",
        "备注",
        "以下无正文",
    ];
    if NOTES.iter().any(|note| low.starts_with(note)) || low == "x" || low == "√" {
        return false;
    }
    if inner.contains([';', '；', '。', '!']) || inner.contains(". ") {
        return false;
    }
    if open != '[' {
        return true;
    }
    // Optional wording: `[and its affiliates]`, `[including tax]`.
    let word = low
        .split(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or("");
    const WORDING: [&str; 14] = [
        "and",
        "or",
        "including",
        "provided",
        "except",
        "but",
        "which",
        "that",
        "other",
        "if",
        "as",
        "unless",
        "subject",
        "see",
    ];
    !WORDING.contains(&word) && inner.split_whitespace().count() <= 14
}

/// `    年  月  日`: a date whose parts are nothing but spaces.
fn spaced_date(words: &str, at: usize, found: &mut Vec<Blank>) -> Option<usize> {
    let is_space = |c: char| c.is_whitespace() && c != '\n';
    let before = &words[..at];
    let mut start = at;
    for c in before
        .chars()
        .rev()
        .take(LONGEST_PART)
        .take_while(|c| is_space(*c))
    {
        start -= c.len_utf8();
    }
    let spaced = start < at;
    // `20  年`: the century is printed.
    if words[..start].ends_with("20") && !words[..start - 2].ends_with(|c: char| c.is_ascii_digit())
    {
        start -= 2;
    } else if !spaced {
        return None;
    }
    let mut end = at + '年'.len_utf8();
    for mark in ['月', '日'] {
        let len = words[end..]
            .chars()
            .take(LONGEST_PART)
            .take_while(|c| is_space(*c))
            .map(char::len_utf8)
            .sum::<usize>();
        if len == 0 || !words[end + len..].starts_with(mark) {
            return None;
        }
        end += len + mark.len_utf8();
    }
    if found.last().is_some_and(|last| last.span.end > start) {
        return None;
    }
    found.push(Blank {
        span: Span { start, end },
        form: BlankForm::Date,
        hint: None,
    });
    Some(end)
}

/// Joins three blanks around 年, 月 and 日 into one date, and drops lines too short to be a blank of their own.
fn dates(words: &str, found: Vec<Blank>) -> Vec<Blank> {
    let mut out = Vec::with_capacity(found.len());
    let mut rest = found.into_iter().peekable();
    let mut all: Vec<Blank> = Vec::new();
    while let Some(blank) = rest.next() {
        all.push(blank);
        let joined = match all.as_slice() {
            [a, b, c] => date_of(words, a, b, c),
            _ => None,
        };
        if let Some(date) = joined {
            out.push(date);
            all.clear();
        } else if all.len() == 3 {
            out.push(all.remove(0));
        }
        if rest.peek().is_none() {
            out.append(&mut all);
        }
    }
    out.retain(|blank| {
        let words = &words[blank.span.start..blank.span.end];
        blank.form != BlankForm::Line || words.contains('＿') || words.len() >= 3
    });
    out
}

fn date_of(words: &str, a: &Blank, b: &Blank, c: &Blank) -> Option<Blank> {
    let bare = [a, b, c].iter().all(|blank| {
        blank.form != BlankForm::Date
            && blank
                .hint
                .as_ref()
                .is_none_or(|hint| hint.chars().count() <= 2)
    });
    let between = |from: &Blank, to: &Blank| words[from.span.end..to.span.start].trim();
    let tail = &words[c.span.end..];
    let day = tail.trim_start_matches([' ', '\u{3000}']);
    if !bare || between(a, b) != "年" || between(b, c) != "月" || !day.starts_with('日') {
        return None;
    }
    let before = &words[..a.span.start];
    let century = before.ends_with("20")
        && !before[..before.len() - 2].ends_with(|c: char| c.is_ascii_digit());
    Some(Blank {
        span: Span {
            start: a.span.start - if century { 2 } else { 0 },
            end: c.span.end + (tail.len() - day.len()) + '日'.len_utf8(),
        },
        form: BlankForm::Date,
        hint: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &str, expected: &[&str]) {
        let found: Vec<_> = blanks(words)
            .into_iter()
            .map(|b| &words[b.span.start..b.span.end])
            .collect();
        assert_eq!(found, expected, "{words}");
    }

    #[test]
    fn blanks_of_every_form_are_found() {
        check("甲方：____，乙方：＿＿＿", &["____", "＿＿＿"]);
        check("[●] and [•] and [ ] and [*]", &["[●]", "[•]", "[ ]", "[*]"]);
        check(
            "【】与【 】与【甲方名称】",
            &["【】", "【 】", "【甲方名称】"],
        );
        check(
            "[Name], [insert date], [____]",
            &["[Name]", "[insert date]", "[____]"],
        );
        check("于____年__月__日", &["____年__月__日"]);
        check("于20__年__月__日签订", &["20__年__月__日"]);
        check("于【】年【】月【】日", &["【】年【】月【】日"]);
        check("日期：    年  月  日", &["    年  月  日"]);
        check("2026年11月23日", &[]);
    }

    #[test]
    fn citations_notes_and_wording_are_no_blanks() {
        check("[2019] UKSC 5, [1], [sic], [x] done", &[]);
        check(
            "[Drafting note: delete this] [and its affiliates] [, if any,]",
            &[],
        );
        check("见[](#price)。【注：本条可删】", &[]);
        check("a__b 与 __init", &[]);
    }

    #[test]
    fn a_box_stands_at_the_start_of_a_line() {
        let form = |words: &str| blanks(words)[0].form;
        assert_eq!(form("[   ] Claims"), BlankForm::Box);
        assert_eq!(form("within [   ] days"), BlankForm::Brackets);
    }
}
