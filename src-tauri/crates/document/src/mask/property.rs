//! Numbers of certificates of real property: 苏（2024）南京市不动产权第0012345号.

use super::{Find, Private};

/// The certificates of some words.
pub(super) fn certificates(words: &str) -> Vec<Find> {
    let mut found: Vec<Find> = Vec::new();
    for mark in ["不动产权第", "房权证"] {
        for (at, _) in words.match_indices(mark) {
            let tail = &words[at + mark.len()..];
            let Some((end, sign)) = tail.char_indices().take(24).find(|(_, c)| *c == '号') else {
                continue;
            };
            if !tail[..end].contains(|c: char| c.is_ascii_digit()) {
                continue;
            }
            // The province and the year stand before the town.
            let head = words[..at]
                .char_indices()
                .rev()
                .take(20)
                .take_while(|(_, c)| !"，。；：、 为是".contains(*c))
                .last();
            let start = head.map_or(at, |(i, _)| i);
            let end = at + mark.len() + end + sign.len_utf8();
            found.push(Find::new(words, start..end, Private::Number));
        }
    }
    found
}
