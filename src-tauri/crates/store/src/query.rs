//! What somebody typed into the search box.
//!
//! Every part must be found. Parts are parted by spaces; a part in quotes is a phrase; the last word of a free part may
//! go on, so that results appear while somebody types. Nothing that can be typed is an error.

use crate::words::{Token, tokens};

/// Parts and words beyond these are not looked at: a page pasted into the box must not stop the program.
const MOST_BYTES: usize = 4096;
const MOST_PHRASES: usize = 24;
const MOST_WORDS: usize = 64;

/// A query with at least one word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Query {
    phrases: Vec<Phrase>,
}

/// Words that must stand side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Phrase {
    words: Vec<String>,
    /// The last word may go on.
    open: bool,
    /// The last word is a single Chinese character that stands for every pair it begins.
    single: bool,
}

/// A place where a part of the query stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    /// First byte.
    pub(crate) start: usize,
    /// One past the last byte.
    pub(crate) end: usize,
    /// Which part of the query.
    pub(crate) part: usize,
}

impl Query {
    /// Reads what was typed; `None` when it holds no word.
    pub(crate) fn read(typed: &str) -> Option<Query> {
        let mut limit = typed.len().min(MOST_BYTES);
        while !typed.is_char_boundary(limit) {
            limit -= 1;
        }
        let mut phrases = Vec::new();
        let pieces: Vec<&str> = typed[..limit].split(is_quote).collect();
        for (index, piece) in pieces.iter().enumerate() {
            // A quote that is not closed yet is still being typed.
            let closed = index + 1 < pieces.len();
            if index % 2 == 1 {
                phrases.extend(phrase(piece, !closed));
            } else {
                phrases.extend(
                    piece
                        .split_whitespace()
                        .filter_map(|word| phrase(word, true)),
                );
            }
        }
        phrases.dedup();
        phrases.truncate(MOST_PHRASES);
        (!phrases.is_empty()).then_some(Query { phrases })
    }

    /// The query in the language of FTS5. Words are letters and digits in quotes, so no operator can arise.
    pub(crate) fn expression(&self) -> String {
        let parts: Vec<String> = self
            .phrases
            .iter()
            .map(|phrase| {
                let star = if phrase.open { "*" } else { "" };
                format!("\"{}\"{star}", phrase.words.join(" "))
            })
            .collect();
        parts.join(" AND ")
    }

    /// How many parts it has.
    pub(crate) fn parts(&self) -> usize {
        self.phrases.len()
    }

    /// Where parts of the query stand in a text, in order; at most about `most`, and the rest of the text is not read.
    /// The same words are compared as in the index, so what was found has a mark.
    pub(crate) fn marks(&self, text: &str, most: usize) -> Vec<Mark> {
        let longest = self.phrases.iter().map(|phrase| phrase.words.len()).max();
        let mut window: Vec<Token<'_>> = Vec::new();
        let mut rest = tokens(text);
        let mut marks = Vec::new();
        let mut from = 0;
        loop {
            // Tokens are dropped in lots, so that a long text does not move them once for each.
            if from > 256 {
                window.drain(..from);
                from = 0;
            }
            while window.len() - from < longest.unwrap_or(0) {
                match rest.next() {
                    Some(token) => window.push(token),
                    None => break,
                }
            }
            if from >= window.len() || marks.len() >= most {
                return marks;
            }
            let here = &window[from..];
            for (part, phrase) in self.phrases.iter().enumerate() {
                if let Some(end) = phrase.ends(here, text) {
                    marks.push(Mark {
                        start: here[0].start,
                        end,
                        part,
                    });
                }
            }
            from += 1;
        }
    }
}

impl Phrase {
    /// Where the phrase ends if it stands at the first of the tokens.
    fn ends(&self, tokens: &[Token<'_>], text: &str) -> Option<usize> {
        let tokens = tokens.get(..self.words.len())?;
        let (last, before) = tokens.split_last()?;
        let (last_word, words_before) = self.words.split_last()?;
        if before
            .iter()
            .zip(words_before)
            .any(|(token, word)| token.text != **word)
        {
            return None;
        }
        if last.text == **last_word {
            return Some(last.end);
        }
        if !self.open || !last.text.starts_with(last_word.as_str()) {
            return None;
        }
        if self.single {
            let first = text[last.start..].chars().next()?;
            return Some(last.start + first.len_utf8());
        }
        Some(last.end)
    }
}

/// Marks that overlap, made one; as byte ranges.
pub(crate) fn merged(mut marks: Vec<Mark>) -> Vec<(usize, usize)> {
    marks.sort_unstable();
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for mark in marks {
        match ranges.last_mut() {
            Some(last) if mark.start < last.1 => last.1 = last.1.max(mark.end),
            _ => ranges.push((mark.start, mark.end)),
        }
    }
    ranges
}

fn is_quote(c: char) -> bool {
    matches!(
        c,
        '"' | '“' | '”' | '„' | '＂' | '「' | '」' | '『' | '』' | '«' | '»'
    )
}

/// One phrase; with `open`, its last word may go on.
fn phrase(text: &str, open: bool) -> Option<Phrase> {
    let mut found: Vec<Token<'_>> = tokens(text).take(MOST_WORDS + 1).collect();
    let cut = found.len() > MOST_WORDS;
    found.truncate(MOST_WORDS);
    let last = found.last()?;
    // The last character of a Chinese run is already in the pair before it; alone it is the start of a pair.
    let in_pair = found.len() > 1 && last.han && found[found.len() - 2].end == last.end;
    let single = last.han && !in_pair && !cut;
    let open = single || (open && !last.han && !cut);
    if in_pair {
        found.pop();
    }
    Some(Phrase {
        words: found
            .into_iter()
            .map(|token| token.text.into_owned())
            .collect(),
        open,
        single,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_cannot_be_wrong() {
        let cases = [
            ("违约金", Some("\"违约 约金\"")),
            ("违约 定金", Some("\"违约\" AND \"定金\"")),
            ("违", Some("\"违\"*")),
            ("“违”", Some("\"违\"*")),
            ("甲，乙", Some("\"甲 乙\"*")),
            ("甲乙，丙丁", Some("\"甲乙 乙 丙丁\"")),
            ("第10条", Some("\"第 10 条\"*")),
            ("confid", Some("\"confid\"*")),
            ("\"late payment\"", Some("\"late payment\"")),
            ("\"late paym", Some("\"late paym\"*")),
            ("「逾期 付款」 late", Some("\"逾期 期 付款\" AND \"late\"*")),
            (
                "AND OR NOT ( * ^ : -",
                Some("\"and\"* AND \"or\"* AND \"not\"*"),
            ),
            ("\"", None),
            ("  ，", None),
            ("\u{301}\0", None),
        ];
        for (typed, wanted) in cases {
            let found = Query::read(typed).map(|query| query.expression());
            assert_eq!(found.as_deref(), wanted, "{typed}");
        }
    }

    #[test]
    fn a_pasted_page_is_cut() {
        let query = Query::read(&"字 词a ".repeat(1_000_000)).unwrap();
        assert_eq!(query.parts(), MOST_PHRASES);
        let query = Query::read(&"违约金".repeat(1000)).unwrap();
        assert_eq!(query.parts(), 1);
        assert_eq!(query.phrases[0].words.len(), MOST_WORDS);
    }

    #[test]
    fn marks_are_where_the_words_stand() {
        for (text, typed, wanted) in [
            (
                "逾期付款的违约金 Late Payment, translate",
                "违约 late",
                &["违约", "Late"][..],
            ),
            ("违约金", "金", &["金"]),
            ("定金，金额", "金", &["金", "金"]),
            ("按第10.2条，第3条", "第10.2条", &["第10.2条"]),
            ("甲方**不得**转让", "方不得", &["方**不得"]),
            ("ＡＢＣ公司与 Zürich", "abc zurich", &["ＡＢＣ", "Zürich"]),
            ("late late payment", "\"late payment\"", &["late payment"]),
            ("confidentiality", "confid", &["confidentiality"]),
            ("违约金违约", "违约金 约金", &["违约金"]),
            ("什么都没有", "违约", &[]),
        ] {
            let query = Query::read(typed).unwrap();
            let found: Vec<&str> = merged(query.marks(text, usize::MAX))
                .into_iter()
                .map(|(from, to)| &text[from..to])
                .collect();
            assert_eq!(found, wanted, "{typed} in {text}");
        }
    }
}
