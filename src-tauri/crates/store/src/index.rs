//! Words for the index: Chinese text by pairs of neighbouring characters, other text by words.
//!
//! Each Chinese character stands for itself and the next one, so that a phrase of pairs finds any run of two or more
//! characters exactly, and a prefix finds a single one. A word in another script is itself, in lower case.

/// The words of a text, parted by spaces, as the index holds them.
pub(crate) fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for token in tokens(text) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&token.text);
    }
    out
}

/// A word of the index, and whether it is Chinese.
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) han: bool,
}

/// The tokens of a text in order.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut characters = text.chars().peekable();
    let mut word = String::new();
    while let Some(c) = characters.next() {
        if is_han(c) {
            flush(&mut word, &mut tokens);
            let next = characters.peek().copied().filter(|next| is_han(*next));
            let text = next.map_or_else(|| c.to_string(), |next| [c, next].iter().collect());
            tokens.push(Token { text, han: true });
        } else if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        } else {
            flush(&mut word, &mut tokens);
        }
    }
    flush(&mut word, &mut tokens);
    tokens
}

fn flush(word: &mut String, tokens: &mut Vec<Token>) {
    if !word.is_empty() {
        tokens.push(Token {
            text: std::mem::take(word),
            han: false,
        });
    }
}

/// Chinese characters, with the extensions and the compatibility block.
pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}' | '〇')
}

/// What somebody typed, as a query of the index; `None` when it holds no word. Every part must be found; a part in
/// quotes is a phrase, another one may go on at its end.
pub(crate) fn query(typed: &str) -> Option<String> {
    let mut parts = Vec::new();
    for (index, piece) in typed.split(['"', '“', '”', '「', '」']).enumerate() {
        let quoted = index % 2 == 1;
        if quoted {
            parts.extend(phrase(piece, false));
        } else {
            parts.extend(
                piece
                    .split_whitespace()
                    .filter_map(|word| phrase(word, true)),
            );
        }
    }
    (!parts.is_empty()).then(|| parts.join(" AND "))
}

/// One phrase; with `open`, its last word may go on.
fn phrase(text: &str, open: bool) -> Option<String> {
    let mut tokens = tokens(text);
    let last = tokens.last()?;
    // The last character of a Chinese run is already in the pair before it; alone it is the start of a pair.
    let alone = tokens.len() == 1 || !tokens[tokens.len() - 2].han;
    let prefix = if last.han {
        if !alone {
            tokens.pop();
        }
        alone
    } else {
        open
    };
    let words: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
    Some(format!(
        "\"{}\"{}",
        words.join(" "),
        if prefix { "*" } else { "" }
    ))
}

/// Ranges of a text, in bytes, that hold a word of the query; without regard to case.
pub(crate) fn marks(text: &str, typed: &str) -> Vec<(usize, usize)> {
    let wanted: Vec<Vec<char>> = typed
        .split(|c: char| c.is_whitespace() || "\"“”「」".contains(c))
        .map(|word| {
            word.chars()
                .filter(|c| c.is_alphanumeric())
                .flat_map(char::to_lowercase)
                .collect::<Vec<char>>()
        })
        .filter(|word| !word.is_empty())
        .collect();
    let characters: Vec<(usize, char)> = text.char_indices().collect();
    let mut marks: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    while at < characters.len() {
        let length = wanted
            .iter()
            .filter(|word| starts_with(&characters[at..], word))
            .map(Vec::len)
            .max();
        match length {
            Some(length) => {
                let end = characters
                    .get(at + length)
                    .map_or(text.len(), |(end, _)| *end);
                marks.push((characters[at].0, end));
                at += length;
            }
            None => at += 1,
        }
    }
    marks
}

fn starts_with(text: &[(usize, char)], word: &[char]) -> bool {
    text.len() >= word.len()
        && text
            .iter()
            .zip(word)
            .all(|((_, c), wanted)| c.to_lowercase().eq([*wanted]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_both_scripts() {
        assert_eq!(words("违约金 is Due"), "违约 约金 金 is due");
        assert_eq!(words("（甲方）2026年"), "甲方 方 2026 年");
        assert_eq!(words("**，。"), "");
    }

    #[test]
    fn queries_cannot_be_wrong() {
        let cases = [
            ("违约金", Some("\"违约 约金\"")),
            ("违约 定金", Some("\"违约\" AND \"定金\"")),
            ("违", Some("\"违\"*")),
            ("confid", Some("\"confid\"*")),
            ("\"late payment\"", Some("\"late payment\"")),
            (
                "AND OR NOT ( * ^ : -",
                Some("\"and\"* AND \"or\"* AND \"not\"*"),
            ),
            ("\"", None),
            ("  ，", None),
        ];
        for (typed, wanted) in cases {
            assert_eq!(query(typed).as_deref(), wanted, "{typed}");
        }
    }

    #[test]
    fn marks_are_where_the_words_stand() {
        let text = "逾期付款的违约金 Late Payment";
        let found: Vec<&str> = marks(text, "违约 late")
            .into_iter()
            .map(|(from, to)| &text[from..to])
            .collect();
        assert_eq!(found, ["违约", "Late"]);
    }
}
