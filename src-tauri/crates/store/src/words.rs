//! Words for the index: Chinese text by pairs of neighbouring characters, other text by words.
//!
//! Each Chinese character stands for itself and the next one, so that a phrase of pairs finds any run of two or more
//! characters exactly, and a prefix finds a single one. A word in another script is itself, folded. The trigram
//! tokenizer of SQLite would not find the two-character words that Chinese mostly consists of.

use std::borrow::Cow;

use crate::fold::{fold, is_accent, is_han};

/// The rule by which texts become words. It rises with every change to this file or `fold.rs` that gives other words,
/// so that the index is made anew.
pub(crate) const RULE: i64 = 2;

/// A word of the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    /// As the index holds it.
    pub(crate) text: Cow<'a, str>,
    /// Where it stands in the text, in bytes.
    pub(crate) start: usize,
    /// One past its last byte.
    pub(crate) end: usize,
    /// Whether it is one or two Chinese characters.
    pub(crate) han: bool,
}

/// The words of a text, parted by spaces, as the index holds them. They are letters and digits only, so that the
/// tokenizer `ascii` leaves them as they are.
pub(crate) fn indexed(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for token in tokens(text) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&token.text);
    }
    out
}

/// The words of a text in order.
pub(crate) fn tokens(text: &str) -> Tokens<'_> {
    Tokens { text, at: 0 }
}

/// See [`tokens`].
pub(crate) struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let (start, c) = (self.at, self.text[self.at..].chars().next()?);
            self.at += c.len_utf8();
            if is_han(c) {
                return Some(self.pair(start, c));
            }
            if is_word(c) {
                let token = self.word(start);
                // A letter that folds to nothing would be an empty word.
                if !token.text.is_empty() {
                    return Some(token);
                }
            }
        }
    }
}

impl<'a> Tokens<'a> {
    /// The character just passed, with the next one where that is Chinese too.
    fn pair(&self, start: usize, c: char) -> Token<'a> {
        let gap = joint(&self.text[self.at..]);
        let second = self.at + gap;
        let next = self.text[second..].chars().next().filter(|c| is_han(*c));
        let (text, end) = match next {
            Some(next) if gap == 0 => {
                let end = second + next.len_utf8();
                (Cow::Borrowed(&self.text[start..end]), end)
            }
            Some(next) => (
                Cow::Owned([c, next].iter().collect()),
                second + next.len_utf8(),
            ),
            None => (Cow::Borrowed(&self.text[start..self.at]), self.at),
        };
        Token {
            text,
            start,
            end,
            han: true,
        }
    }

    /// The word that begins at `start`.
    fn word(&mut self, start: usize) -> Token<'a> {
        let rest = &self.text[start..];
        let length = rest
            .find(|c: char| !is_word(c) && !is_accent(c))
            .unwrap_or(rest.len());
        self.at = start + length;
        let word = &rest[..length];
        let text = if word
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        {
            Cow::Borrowed(word)
        } else {
            Cow::Owned(
                word.chars()
                    .filter(|c| !is_accent(*c))
                    .flat_map(fold)
                    .collect(),
            )
        };
        Token {
            text,
            start,
            end: self.at,
            han: false,
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() && !is_han(c)
}

/// Bytes that may stand between two characters of one Chinese word: the stars of emphasis, or one line break, since
/// Chinese is written without spaces. An empty line parts.
fn joint(rest: &str) -> usize {
    let stars = rest.len() - rest.trim_start_matches('*').len();
    if stars > 0 {
        return stars;
    }
    let (mut breaks, mut length) = (0, 0);
    for byte in rest.bytes() {
        match byte {
            b'\n' => breaks += 1,
            b' ' | b'\t' | b'\r' => {}
            _ => break,
        }
        length += 1;
    }
    if breaks == 1 { length } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_both_scripts() {
        for (text, wanted) in [
            ("违约金 is Due", "违约 约金 金 is due"),
            ("（甲方）2026年", "甲方 方 2026 年"),
            ("ＡＢ１２", "ab12"),
            ("Zu\u{308}rich Zürich", "zurich zurich"),
            ("甲方**不得**转让", "甲方 方不 不得 得转 转让 让"),
            ("违约\r\n  金", "违约 约金 金"),
            ("总则\n\n第一", "总则 则 第一 一"),
            ("定 金", "定 金"),
            ("party's", "party s"),
            ("𬭩𰻝", "𬭩𰻝 𰻝"),
            ("**，。\u{301}", ""),
        ] {
            assert_eq!(indexed(text), wanted, "{text}");
        }
    }

    #[test]
    fn words_stand_where_they_say() {
        let text = "甲**方**，Late\u{301} 金";
        let found: Vec<(&str, &str)> = tokens(text)
            .map(|token| (&text[token.start..token.end], token.text.to_string()))
            .map(|(place, word)| (place, &*word.leak()))
            .collect();
        assert_eq!(
            found,
            [
                ("甲**方", "甲方"),
                ("方", "方"),
                ("Late\u{301}", "late"),
                ("金", "金")
            ]
        );
    }
}
