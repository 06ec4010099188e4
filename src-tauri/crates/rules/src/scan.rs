//! Reading text character by character: the small questions every rule asks.

mod char_set;
mod search;

pub(crate) use char_set::CharSet;
use std::ops::Range;

/// A Han character (the ranges that contracts use).
pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '〇' | '\u{f900}'..='\u{faff}')
}

/// A space of any width.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() || c == '\u{3000}' || c == '\u{a0}'
}

/// The character before a byte offset.
pub(crate) fn before(text: &str, at: usize) -> Option<char> {
    text[..at].chars().next_back()
}

/// The character at a byte offset.
pub(crate) fn after(text: &str, at: usize) -> Option<char> {
    text[at..].chars().next()
}

/// The offset after any spaces that stand at `at`.
pub(crate) fn skip_spaces(text: &str, at: usize) -> usize {
    at + text[at..].len() - text[at..].trim_start_matches(is_space).len()
}

/// The longest run of characters from `at` that all satisfy `keep`.
pub(crate) fn run(text: &str, at: usize, keep: impl Fn(char) -> bool) -> Range<usize> {
    let rest = &text[at..];
    let length = rest.find(|c| !keep(c)).unwrap_or(rest.len());
    at..at + length
}

/// The longest run of characters that ends at `at` and all satisfy `keep`.
pub(crate) fn run_back(text: &str, at: usize, keep: impl Fn(char) -> bool) -> Range<usize> {
    text[..at].trim_end_matches(keep).len()..at
}

/// Up to `count` characters before `at`.
pub(crate) fn tail(text: &str, at: usize, count: usize) -> &str {
    let start = text[..at]
        .char_indices()
        .rev()
        .take(count)
        .last()
        .map_or(at, |(i, _)| i);
    &text[start..at]
}

/// Up to `count` characters from `at`.
pub(crate) fn head(text: &str, at: usize, count: usize) -> &str {
    let rest = &text[at..];
    let end = rest
        .char_indices()
        .nth(count)
        .map_or(rest.len(), |(i, _)| i);
    &rest[..end]
}

/// Every place of `needle`, not overlapping.
pub(crate) fn places<'t>(text: &'t str, needle: &'t str) -> impl Iterator<Item = usize> + 't {
    search::places(text.as_bytes(), needle.as_bytes())
}

/// Whether any of the words stands in the text.
pub(crate) fn has_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| has(text, word))
}

/// Whether the word stands in the text.
pub(crate) fn has(text: &str, word: &str) -> bool {
    places(text, word).next().is_some()
}

/// Whether the range is not part of a longer ASCII word.
pub(crate) fn is_whole_word(text: &str, range: &Range<usize>) -> bool {
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
    !joins(before(text, range.start)) && !joins(after(text, range.end))
}

/// A full-width digit, letter or sign as its ASCII twin; anything else unchanged.
pub(crate) fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        other => other,
    }
}

/// How far the ends of a sentence are looked for: a longer stretch is no sentence, and a megabyte on one line
/// must not be read again for each word of it.
const SENTENCE: usize = 4000;

/// Start of the sentence that contains `at`: after the last full stop, or the start of the text.
pub(crate) fn sentence_start(text: &str, at: usize) -> usize {
    let mut floor = at.saturating_sub(SENTENCE);
    while !text.is_char_boundary(floor) {
        floor -= 1;
    }
    let mut end = at;
    while let Some(offset) = text[floor..end].rfind(['。', '；', '！', '？', '\n', '.', ';']) {
        let stop = floor + offset;
        let next = stop + text[stop..].chars().next().map_or(1, char::len_utf8);
        // A point inside a number or an abbreviation such as "U.S.C." does not end a sentence.
        if text.as_bytes()[stop] == b'.' && !text[next..].starts_with([' ', '\n']) {
            end = stop;
            continue;
        }
        return next;
    }
    floor
}

/// End of the sentence that contains `at`: its full stop, or the end of the text.
pub(crate) fn sentence_end(text: &str, at: usize) -> usize {
    let mut from = at;
    let mut limit = (at + SENTENCE).min(text.len());
    while !text.is_char_boundary(limit) {
        limit += 1;
    }
    while let Some(offset) = text[from..limit].find(['。', '；', '！', '？', '\n', '.', ';']) {
        let stop = from + offset;
        if text.as_bytes()[stop] == b'.'
            && !matches!(after(text, stop + 1), None | Some(' ' | '\n'))
        {
            from = stop + 1;
            continue;
        }
        return stop;
    }
    limit
}

/// The number of single-character changes between two texts, or `None` when it is more than `limit`.
pub(crate) fn edit_distance(a: &[char], b: &[char], limit: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        let mut best = row[0];
        for (j, y) in b.iter().enumerate() {
            let cost = (corner + usize::from(x != y))
                .min(row[j] + 1)
                .min(row[j + 1] + 1);
            corner = row[j + 1];
            row[j + 1] = cost;
            best = best.min(cost);
        }
        if best > limit {
            return None;
        }
    }
    Some(row[b.len()]).filter(|d| *d <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_where_a_reader_ends_them() {
        let text = "Pay 1.5 percent. Then stop; 完。余";
        assert_eq!(sentence_start(text, 8), 0);
        assert_eq!(
            &text[sentence_start(text, 20)..sentence_end(text, 20)],
            " Then stop"
        );
    }

    #[test]
    fn distance_counts_single_changes_up_to_a_limit() {
        let chars = |s: &str| s.chars().collect::<Vec<_>>();
        for (a, b, limit, wanted) in [
            ("华东精密机械", "华东精密器械", 2, Some(1)),
            ("abc", "abc", 0, Some(0)),
            ("abc", "xyz", 2, None),
            ("Northwind", "Northwnid", 2, Some(2)),
        ] {
            assert_eq!(
                edit_distance(&chars(a), &chars(b), limit),
                wanted,
                "{a} {b}"
            );
        }
    }

    #[test]
    fn windows_respect_character_borders() {
        assert_eq!(tail("甲方乙方", 6, 1), "方");
        assert_eq!(head("甲方乙方", 6, 9), "乙方");
        assert_eq!(run_back("共12", 5, |c| c.is_ascii_digit()), 3..5);
    }
}
