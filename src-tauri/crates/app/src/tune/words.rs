//! Words for comparing texts: what is left of them without signs, marks and capitals.

use sha2::{Digest, Sha256};

/// The words of a text in lower case; every Chinese character is one. Signs are none.
pub(super) fn tokens(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        if is_han(c) {
            if !word.is_empty() {
                found.push(std::mem::take(&mut word));
            }
            found.push(c.to_string());
        } else if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        } else if !word.is_empty() && !matches!(c, '\'' | '’') {
            found.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        found.push(word);
    }
    found
}

pub(super) fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c) || ('\u{3400}'..='\u{4dbf}').contains(&c)
}

/// A number drawn for some words: the same seed and words give the same number on every machine, others an unrelated one.
pub(super) fn draw(seed: u64, words: &[&str]) -> u64 {
    let mut hash = Sha256::new();
    hash.update(seed.to_le_bytes());
    for words in words {
        // The length keeps ("ab", "c") apart from ("a", "bc").
        hash.update((words.len() as u64).to_le_bytes());
        hash.update(words.as_bytes());
    }
    let digest: [u8; 32] = hash.finalize().into();
    u64::from_le_bytes(digest[..8].try_into().expect("eight bytes of thirty-two"))
}

/// The SHA-256 of some words, in hex.
pub(super) fn hash(words: &[&str]) -> String {
    let mut hash = Sha256::new();
    for words in words {
        hash.update((words.len() as u64).to_le_bytes());
        hash.update(words.as_bytes());
    }
    crate::models::hex(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_what_is_left_without_signs() {
        assert_eq!(
            tokens("The **Seller’s** goods, 3.5 kg；甲方Ａ"),
            ["the", "sellers", "goods", "3", "5", "kg", "甲", "方", "ａ"]
        );
    }

    #[test]
    fn draws_tell_words_and_seeds_apart() {
        assert_eq!(draw(1, &["a", "b"]), draw(1, &["a", "b"]));
        assert_ne!(draw(1, &["a", "b"]), draw(2, &["a", "b"]));
        assert_ne!(draw(1, &["ab", ""]), draw(1, &["a", "b"]));
    }
}
