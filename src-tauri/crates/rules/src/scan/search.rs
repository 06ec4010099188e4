//! Looking for words, in the short texts of paragraphs and in whole documents.

use memchr::{memchr, memmem};

/// From this length of text on, preparing a search pays.
const LONG: usize = 1024;

/// Every place of `needle`, not overlapping; none of an empty one.
pub(super) fn places<'t>(text: &'t [u8], needle: &'t [u8]) -> impl Iterator<Item = usize> + 't {
    let prepared = (text.len() >= LONG).then(|| memmem::Finder::new(needle));
    let mut from = if needle.is_empty() { text.len() } else { 0 };
    std::iter::from_fn(move || {
        let rest = text.get(from..)?;
        let at = match &prepared {
            _ if rest.is_empty() => None,
            Some(finder) => finder.find(rest),
            None => find(rest, needle),
        }? + from;
        from = at + needle.len();
        Some(at)
    })
}

/// Looks for one byte of the word and compares there. The third byte tells Chinese characters apart best: their
/// first is the same for hundreds of them.
fn find(text: &[u8], word: &[u8]) -> Option<usize> {
    let probe = word.len().checked_sub(1)?.min(2);
    let mut from = 0;
    while let Some(offset) = memchr(word[probe], text.get(from + probe..)?) {
        let at = from + offset;
        if text[at..].starts_with(word) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{LONG, places};

    #[test]
    fn words_are_found_as_the_standard_library_finds_them() {
        let short = "甲方应当应当于年年月付款，the the theatre，aaaaa";
        let long = short.repeat(LONG / short.len() + 2);
        for text in [short, &long, "", "年", "aa"] {
            for word in [
                "年",
                "应当",
                "the",
                "a",
                "aa",
                "aaa",
                "，",
                "乙方",
                "款，the",
            ] {
                let found: Vec<usize> = places(text.as_bytes(), word.as_bytes()).collect();
                let wanted: Vec<usize> = text.match_indices(word).map(|(at, _)| at).collect();
                assert_eq!(found, wanted, "{word} in {text}");
            }
        }
        assert_eq!(places(short.as_bytes(), b"").count(), 0);
    }
}
