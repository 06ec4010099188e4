//! Text on its way into XML: escaping, and the characters XML cannot hold.

use std::borrow::Cow;

/// True for a character that XML 1.0 allows (production `Char`), tab and line ends included.
pub(super) fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// The text without the characters XML cannot hold, and how many there were.
pub(super) fn clean(text: &str) -> (Cow<'_, str>, usize) {
    let bad = text.chars().filter(|&c| !is_xml(c)).count();
    if bad == 0 {
        (Cow::Borrowed(text), 0)
    } else {
        (
            Cow::Owned(text.chars().filter(|&c| is_xml(c)).collect()),
            bad,
        )
    }
}

/// Text made fit for an element or an attribute in double quotes.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars().filter(|&c| is_xml(c)) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// True for a character that takes the room of two in a Chinese text: CJK, kana, Hangul, full-width forms.
pub(super) fn is_wide(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{115F}' | '\u{2E80}'..='\u{A4CF}' | '\u{AC00}'..='\u{D7A3}'
        | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE4F}' | '\u{FF00}'..='\u{FF60}' | '\u{FFE0}'..='\u{FFE6}'
        | '\u{20000}'..='\u{3FFFD}')
}

/// True for a character that Word draws in the Western font unless the run says otherwise, though
/// a Chinese text wants it in the Chinese one: quotation marks, dashes, dots, circled numbers.
pub(super) fn is_ambiguous(c: char) -> bool {
    matches!(c, '‘' | '’' | '“' | '”' | '—' | '…' | '·' | '×' | '÷' | '±' | '°' | '§' | '①'..='⓿' | '■'..='◯' | '☆'..='☒')
}

/// Room the text takes, in half widths of a character.
pub(super) fn width(text: &str) -> usize {
    text.chars()
        .map(|c| if is_wide(c) || is_ambiguous(c) { 2 } else { 1 })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_xml_cannot_hold_go() {
        assert_eq!(
            clean("a\u{0}b\u{b}c\u{FFFE}d\te"),
            (Cow::Owned("abcd\te".to_owned()), 3)
        );
        assert!(matches!(clean("正常 text"), (Cow::Borrowed(_), 0)));
        assert_eq!(escape("a<b>&\"c\"\u{1}\n"), "a&lt;b&gt;&amp;&quot;c&quot; ");
    }

    #[test]
    fn wide_characters_take_two_places() {
        assert_eq!(width("第1条（甲）"), 11);
    }
}
