//! The words shown under a hit.

use crate::fold::is_han;
use crate::query::{Mark, Query, merged};

/// Characters shown before the first match, and in all.
const BEFORE: usize = 16;
const SHOWN: usize = 80;
/// A word cut by the edge is completed up to this many characters.
const WORD: usize = 24;
/// Matches looked at in a text; a common word need not be found everywhere.
const MOST: usize = 200;

/// The text without the lines that describe it, which nobody looks for: from the second `---` line on.
pub(crate) fn body(text: &str) -> &str {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut at = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        at += line.len();
        let fence = line.trim_end() == "---";
        if number == 0 && !fence {
            return text;
        }
        if number > 0 && fence {
            return &text[at..];
        }
    }
    text
}

/// One line around the place with the most parts of the query, and the matches in it as byte ranges.
pub(crate) fn snippet(text: &str, query: &Query) -> (String, Vec<(usize, usize)>) {
    let marks = query.marks(text, MOST);
    let start = best(text, &marks, query.parts()).map_or(0, |at| before(text, at));
    let line = one_line(&text[start..after(text, start)]);
    let marks = merged(query.marks(&line, MOST));
    (line, marks)
}

/// The first match of the window that holds the most parts of the query.
fn best(text: &str, marks: &[Mark], parts: usize) -> Option<usize> {
    let mut found: Option<(usize, usize)> = None;
    for (index, mark) in marks.iter().enumerate() {
        let end = text[mark.start..]
            .char_indices()
            .nth(SHOWN - BEFORE)
            .map_or(text.len(), |(at, _)| mark.start + at);
        let mut seen: Vec<usize> = marks[index..]
            .iter()
            .take_while(|mark| mark.start < end)
            .filter(|mark| mark.end <= end)
            .map(|mark| mark.part)
            .collect();
        seen.sort_unstable();
        seen.dedup();
        if found.is_none_or(|(count, _)| seen.len() > count) {
            found = Some((seen.len(), mark.start));
        }
        if seen.len() == parts {
            break;
        }
    }
    found.map(|(_, at)| at)
}

/// A little before a match, not inside a word.
fn before(text: &str, at: usize) -> usize {
    let mut start = at;
    for (count, (place, c)) in text[..at].char_indices().rev().enumerate() {
        let next = text[start..].chars().next();
        let inside = is_letter(c) && next.is_some_and(is_letter);
        if count >= BEFORE && (!inside || count >= BEFORE + WORD) {
            break;
        }
        start = place;
    }
    start
}

/// The end of what is shown, not inside a word.
fn after(text: &str, start: usize) -> usize {
    let mut last = ' ';
    for (count, (place, c)) in text[start..].char_indices().enumerate() {
        let inside = is_letter(last) && is_letter(c);
        if count >= SHOWN && (!inside || count >= SHOWN + WORD) {
            return start + place;
        }
        last = c;
    }
    text.len()
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric() && !is_han(c)
}

/// Runs of white space as one space; a line break between Chinese characters goes, as it does on paper.
fn one_line(cut: &str) -> String {
    let mut line = String::with_capacity(cut.len());
    let mut space = String::new();
    for c in cut.chars() {
        if c.is_whitespace() || c.is_control() {
            space.push(c);
            continue;
        }
        if !space.is_empty() && !line.is_empty() {
            let within = is_han(c) && line.chars().next_back().is_some_and(is_han);
            if !(within && space.matches('\n').count() == 1) {
                line.push(' ');
            }
        }
        space.clear();
        line.push(c);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_describing_lines_are_left_out() {
        for (text, wanted) in [
            ("---\ntitle: x\n---\n正文", "正文"),
            ("---\r\ntitle: x\r\n---\r\n正文", "正文"),
            ("\u{feff}---\n---\n正文", "正文"),
            ("正文\n---\n下页", "正文\n---\n下页"),
            ("---\ntitle: x", "---\ntitle: x"),
            ("", ""),
        ] {
            assert_eq!(body(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn the_fullest_place_is_shown() {
        let text = format!("违约。{}逾期付款的，支付违约\n金。", "其他。".repeat(100));
        let query = Query::read("违约 逾期").unwrap();
        let (line, marks) = snippet(&text, &query);
        let found: Vec<&str> = marks.iter().map(|(from, to)| &line[*from..*to]).collect();
        assert_eq!(found, ["逾期", "违约"]);
        assert!(line.ends_with("支付违约金。"), "{line}");
    }

    #[test]
    fn a_word_is_not_cut() {
        let text = format!("the translate{} late payment", " of".repeat(4));
        let query = Query::read("late").unwrap();
        let (line, marks) = snippet(&text, &query);
        assert_eq!(marks.len(), 1, "{line}");
        assert_eq!(&line[marks[0].0..marks[0].1], "late");
        // A word without an end does not make the line long.
        let text = format!("{0} late {0}", "x".repeat(10_000));
        let (line, marks) = snippet(&text, &query);
        assert!(line.len() < 200);
        assert_eq!(marks.len(), 1);
    }
}
