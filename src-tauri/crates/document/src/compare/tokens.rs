//! Words as a lawyer compares them, and which common words are too short to break up a change.

use std::hash::Hash;

use super::align::align;

/// Common tokens of so little weight between two changes are part of the change.
const LIGHT: usize = 2;
/// A Latin word of so few letters is short.
const SHORT: usize = 4;

/// Cuts text into tokens: a word of letters and digits (Latin, Greek, Cyrillic …; `1,200.00` and `don't` are one), a single
/// Chinese, Japanese or Korean character, a run of blanks, a single sign. Joined together they are the text.
#[must_use]
pub fn tokens(text: &str) -> Vec<&str> {
    let mut out = Vec::with_capacity(text.len() / 4 + 1);
    let mut start = 0;
    let mut last: Option<(char, Class)> = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let mut class = Class::of(c);
        if class == Class::Sign
            && matches!(c, '.' | ',' | '\'' | '’' | '-')
            && let (Some((before, Class::Word)), Some(&(_, after))) = (last, chars.peek())
        {
            let digits = before.is_ascii_digit() && after.is_ascii_digit();
            let letters = matches!(c, '\'' | '’') && Class::of(after) == Class::Word;
            if digits && c != '-' || letters {
                class = Class::Word;
            }
        }
        let joins = matches!(class, Class::Word | Class::Blank)
            && last.is_some_and(|(_, before)| before == class);
        if !joins && at > start {
            out.push(&text[start..at]);
            start = at;
        }
        last = Some((c, class));
    }
    if start < text.len() {
        out.push(&text[start..]);
    }
    out
}

/// How much a token says: nothing for blanks and signs, 1 for a short word or a Chinese character, 3 for a word or a number.
#[must_use]
pub fn weight(token: &str) -> usize {
    let Some(first) = token.chars().next() else {
        return 0;
    };
    match Class::of(first) {
        Class::Blank | Class::Sign => 0,
        Class::Wide => 1,
        Class::Word if token.contains(|c: char| c.is_ascii_digit()) => 3,
        Class::Word if token.chars().count() <= SHORT => 1,
        Class::Word => 3,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Word,
    Wide,
    Blank,
    Sign,
}

impl Class {
    fn of(c: char) -> Self {
        if c.is_whitespace() {
            Self::Blank
        } else if matches!(c, '\u{2E80}'..='\u{2FFF}' | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{A4CF}' | '\u{AC00}'..='\u{D7A3}'
            | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFD}')
        {
            Self::Wide
        } else if c.is_alphanumeric() || matches!(c, '_' | '\u{300}'..='\u{36F}') {
            Self::Word
        } else {
            Self::Sign
        }
    }
}

/// The tokens that stay, as a lawyer would mark them: changes separated only by a short word or two are one change,
/// and blanks or signs alone never stand between two changes. `weight` is that of a token, see [`weight`].
#[must_use]
pub fn align_words<T: Eq + Hash>(
    old: &[T],
    new: &[T],
    weight: impl Fn(&T) -> usize,
) -> Vec<(usize, usize)> {
    let mut pairs = align(old, new);
    // What is swallowed makes a wider change; a second look joins it with the next. Three looks end it in practice.
    for _ in 0..3 {
        let before = pairs.len();
        pairs = without_islands(&pairs, old, new.len(), &weight);
        if pairs.len() == before {
            break;
        }
    }
    pairs
}

/// One pass over the runs of pairs between changes.
fn without_islands<T>(
    pairs: &[(usize, usize)],
    old: &[T],
    new_len: usize,
    weight: &impl Fn(&T) -> usize,
) -> Vec<(usize, usize)> {
    let mut out = Vec::with_capacity(pairs.len());
    let mut at = 0;
    while at < pairs.len() {
        let mut end = at + 1;
        while end < pairs.len()
            && pairs[end].0 == pairs[end - 1].0 + 1
            && pairs[end].1 == pairs[end - 1].1 + 1
        {
            end += 1;
        }
        let run = &pairs[at..end];
        let (first, last) = (run[0], run[run.len() - 1]);
        let changed_before = first.0 > 0 || first.1 > 0;
        let changed_after = last.0 + 1 < old.len() || last.1 + 1 < new_len;
        let heavy: usize = run.iter().map(|&(x, _)| weight(&old[x])).sum();
        if !(changed_before && changed_after && heavy <= LIGHT) {
            out.extend_from_slice(run);
        }
        at = end;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_numbers_and_characters_are_tokens() {
        assert_eq!(
            tokens("The Seller's fee: 1,200.50 GBP."),
            [
                "The", " ", "Seller's", " ", "fee", ":", " ", "1,200.50", " ", "GBP", "."
            ]
        );
        assert_eq!(
            tokens("甲方于2026年支付USD100元，"),
            [
                "甲", "方", "于", "2026", "年", "支", "付", "USD100", "元", "，"
            ]
        );
        assert_eq!(tokens("a, b. c"), ["a", ",", " ", "b", ".", " ", "c"]);
        assert!(tokens("").is_empty());
    }

    /// What stays of `old`, changes as `|`.
    fn stays(old: &str, new: &str) -> String {
        let (old, new) = (tokens(old), tokens(new));
        let mut out = String::new();
        let (mut x, mut y) = (0, 0);
        for (a, b) in align_words(&old, &new, |token| weight(token))
            .into_iter()
            .chain([(old.len(), new.len())])
        {
            if (a, b) != (x, y) {
                out.push('|');
            }
            if let Some(token) = old.get(a) {
                out.push_str(token);
            }
            (x, y) = (a + 1, b + 1);
        }
        out
    }

    #[test]
    fn a_change_is_not_broken_up_by_a_short_word() {
        assert_eq!(
            stays(
                "The Buyer will pay the price in cash.",
                "The Buyer shall pay a deposit in cash."
            ),
            "The Buyer | in cash."
        );
        assert_eq!(
            stays(
                "within thirty days of delivery",
                "within sixty days of acceptance"
            ),
            "within |"
        );
        assert_eq!(
            stays("甲方应在三日内付款。", "甲方应在五日内付款。"),
            "甲方应在|日内付款。"
        );
        assert_eq!(
            stays(
                "the Purchaser may terminate now",
                "the Purchaser can terminate later"
            ),
            "the Purchaser | terminate |"
        );
    }
}
