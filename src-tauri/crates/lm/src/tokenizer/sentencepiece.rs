//! SentencePiece with scores and a fall back on bytes, as llama.cpp runs it (`llm_tokenizer_spm_session`).
//!
//! A text is cut into characters; of two neighbours whose join is a known piece, those with the highest score are joined
//! first, of equals the leftmost. What is no known piece in the end is written byte by byte.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};

/// The pieces.
pub struct SentencePiece {
    ids: HashMap<Vec<u8>, u32>,
    scores: Vec<f32>,
    /// The id of each byte.
    single: HashMap<u8, u32>,
    unknown: Option<u32>,
}

/// Two neighbours that could be joined.
struct Join {
    score: f32,
    left: usize,
    right: usize,
    /// Bytes of both together; a change since says that one of them has been joined otherwise.
    length: usize,
}

impl PartialEq for Join {
    fn eq(&self, other: &Join) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Join {}

impl PartialOrd for Join {
    fn partial_cmp(&self, other: &Join) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Join {
    fn cmp(&self, other: &Join) -> Ordering {
        self.score
            .total_cmp(&other.score)
            .then(other.left.cmp(&self.left))
    }
}

/// A piece of the text: its place, and its neighbours.
#[derive(Clone, Copy)]
struct Symbol {
    start: usize,
    length: usize,
    before: Option<usize>,
    after: Option<usize>,
}

impl SentencePiece {
    /// From the bytes of each known piece, the scores of all, and the ids of single bytes.
    pub fn new(
        ids: HashMap<Vec<u8>, u32>,
        scores: Vec<f32>,
        single: HashMap<u8, u32>,
        unknown: Option<u32>,
    ) -> SentencePiece {
        SentencePiece {
            ids,
            scores,
            single,
            unknown,
        }
    }

    /// The ids of a text, in which spaces already are what the pieces have for them.
    pub fn encode(&self, text: &str, out: &mut Vec<u32>) {
        let mut symbols: Vec<Symbol> = Vec::new();
        for (start, letter) in text.char_indices() {
            let index = symbols.len();
            symbols.push(Symbol {
                start,
                length: letter.len_utf8(),
                before: index.checked_sub(1),
                after: Some(index + 1),
            });
        }
        if let Some(last) = symbols.last_mut() {
            last.after = None;
        }
        let mut joins = BinaryHeap::new();
        let offer =
            |symbols: &[Symbol], joins: &mut BinaryHeap<Join>, left: usize, right: usize| {
                let length = symbols[left].length + symbols[right].length;
                let start = symbols[left].start;
                let piece = &text.as_bytes()[start..start + length];
                if let Some(id) = self.ids.get(piece) {
                    joins.push(Join {
                        score: self.scores[*id as usize],
                        left,
                        right,
                        length,
                    });
                }
            };
        for right in 1..symbols.len() {
            offer(&symbols, &mut joins, right - 1, right);
        }
        while let Some(join) = joins.pop() {
            let (left, right) = (symbols[join.left], symbols[join.right]);
            if left.length == 0 || right.length == 0 || left.length + right.length != join.length {
                continue;
            }
            symbols[join.left].length = join.length;
            symbols[join.left].after = right.after;
            symbols[join.right].length = 0;
            if let Some(after) = right.after {
                symbols[after].before = Some(join.left);
                offer(&symbols, &mut joins, join.left, after);
            }
            if let Some(before) = left.before {
                offer(&symbols, &mut joins, before, join.left);
            }
        }
        for symbol in symbols.iter().filter(|symbol| symbol.length > 0) {
            let piece = &text.as_bytes()[symbol.start..symbol.start + symbol.length];
            match self.ids.get(piece) {
                Some(id) => out.push(*id),
                None => out.extend(
                    piece
                        .iter()
                        .filter_map(|byte| self.single.get(byte).copied().or(self.unknown)),
                ),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(list: &[(&str, f32)]) -> SentencePiece {
        let ids = list
            .iter()
            .zip(0u32..)
            .map(|((text, _), id)| (text.as_bytes().to_vec(), id));
        let single = (0..=255u8)
            .map(|byte| (byte, 1000 + u32::from(byte)))
            .collect();
        SentencePiece::new(
            ids.collect(),
            list.iter().map(|(_, score)| *score).collect(),
            single,
            None,
        )
    }

    #[test]
    fn the_highest_score_is_joined_first() {
        let known = pieces(&[
            ("a", -9.0),
            ("b", -9.0),
            ("c", -9.0),
            ("ab", -2.0),
            ("bc", -1.0),
            ("abc", -3.0),
        ]);
        let encode = |text: &str| {
            let mut ids = Vec::new();
            known.encode(text, &mut ids);
            ids
        };
        // "bc" before "ab"; then "a" and "bc" make "abc".
        assert_eq!(encode("abc"), [5]);
        assert_eq!(encode("abab"), [3, 3]);
        assert_eq!(encode("abbc"), [3, 4]);
        assert_eq!(encode(""), [0u32; 0]);
        // Of equals the leftmost.
        let twins = pieces(&[("a", -9.0), ("aa", -1.0)]);
        let mut ids = Vec::new();
        twins.encode("aaa", &mut ids);
        assert_eq!(ids, [1, 0]);
    }

    #[test]
    fn what_is_unknown_is_written_in_bytes() {
        let mut ids = Vec::new();
        pieces(&[("a", -1.0)]).encode("a约", &mut ids);
        assert_eq!(ids, [0, 1000 + 0xe7, 1000 + 0xba, 1000 + 0xa6]);
    }

    #[test]
    fn long_texts_take_no_long_time() {
        let known = pieces(&[("a", -9.0), ("aa", -1.0), ("aaaa", -2.0)]);
        let mut ids = Vec::new();
        known.encode(&"a".repeat(400_000), &mut ids);
        assert_eq!(ids.len(), 100_000);
    }
}
