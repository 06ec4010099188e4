//! How close a draft is to the text that was wanted: ROUGE-L and chrF.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::super::words::is_han;

/// Characters of a text that are looked at; a clause has fewer.
const MOST: usize = 20_000;

/// ROUGE-L (Lin 2004): the F1 of the longest common subsequence of tokens, 0 to 1.
///
/// Tokens are runs of Latin letters and digits in lower case, as in Google's `rouge-score` without stemming, and Chinese
/// characters one by one, which that drops. Signs and other letters are none. A text without tokens scores 0.
pub fn rouge_l(draft: &str, wanted: &str) -> f64 {
    Tokens::of(draft).rouge_l(&Tokens::of(wanted))
}

/// The tokens of a text, as ROUGE-L compares them.
#[derive(Debug, Clone)]
pub(super) struct Tokens(Vec<u64>);

impl Tokens {
    /// Of the first [`MOST`] characters of a text.
    pub fn of(text: &str) -> Tokens {
        let mut found = Vec::new();
        let mut word = DefaultHasher::new();
        let mut inside = false;
        let letters = text.chars().take(MOST).flat_map(char::to_lowercase);
        for c in letters.chain([' ']) {
            if c.is_ascii_alphanumeric() {
                c.hash(&mut word);
                inside = true;
                continue;
            }
            if inside {
                // Above all characters, which stand for themselves.
                found.push(word.finish() | 1 << 63);
                word = DefaultHasher::new();
                inside = false;
            }
            if is_han(c) {
                found.push(u64::from(u32::from(c)));
            }
        }
        Tokens(found)
    }

    /// ROUGE-L of a draft against a wanted text.
    pub fn rouge_l(&self, wanted: &Tokens) -> f64 {
        match (self.0.len(), wanted.0.len()) {
            (0, _) | (_, 0) => 0.0,
            // 2PR / (P + R) with P = n / draft and R = n / wanted.
            (a, b) => 2.0 * common(&self.0, &wanted.0) as f64 / (a + b) as f64,
        }
    }
}

/// The length of the longest common subsequence, 64 cells of the table at a time (Hyyrö 2004).
fn common(a: &[u64], b: &[u64]) -> usize {
    let words = a.len().div_ceil(64);
    let mut places: HashMap<u64, Vec<u64>> = HashMap::new();
    for (at, token) in a.iter().enumerate() {
        let places = places.entry(*token).or_insert_with(|| vec![0; words]);
        places[at / 64] |= 1 << (at % 64);
    }
    // A zero is a place of `a` where the subsequence grows.
    let mut row = vec![u64::MAX; words];
    for token in b {
        let Some(places) = places.get(token) else {
            continue;
        };
        let mut carry = false;
        for (row, place) in row.iter_mut().zip(places) {
            let both = *row & place;
            let (sum, over) = row.overflowing_add(both);
            let (sum, more) = sum.overflowing_add(u64::from(carry));
            carry = over || more;
            *row = sum | (*row & !both);
        }
    }
    let ones: u32 = row.iter().map(|word| word.count_ones()).sum();
    // Places behind the end of `a` stay ones but for a carry that runs out of it, which sets none to zero.
    words * 64 - ones as usize
}

/// The longest run of characters that chrF compares.
const ORDER: usize = 6;
/// How much more recall counts than precision.
const BETA: f64 = 2.0;

/// chrF (Popović 2015): the F-score of common runs of 1 to 6 characters, without spaces, recall counting twice as much as
/// precision; 0 to 1. It is sacreBLEU's `CHRF` of one sentence, divided by 100: precision and recall are means over the
/// lengths of run that both texts have.
pub fn chrf(draft: &str, wanted: &str) -> f64 {
    let solid = |text: &str| -> Vec<char> {
        let solid = text.chars().filter(|c| !c.is_whitespace());
        solid.take(MOST).collect()
    };
    let (draft, wanted) = (solid(draft), solid(wanted));
    let (mut precision, mut recall, mut orders) = (0.0, 0.0, 0.0);
    for length in 1..=ORDER {
        let (ours, theirs) = (runs(&draft, length), runs(&wanted, length));
        if ours.is_empty() || theirs.is_empty() {
            break;
        }
        let both: usize = ours
            .iter()
            .map(|(run, count)| theirs.get(run).map_or(0, |known| *count.min(known)))
            .sum();
        precision += both as f64 / (draft.len() + 1 - length) as f64;
        recall += both as f64 / (wanted.len() + 1 - length) as f64;
        orders += 1.0;
    }
    if precision + recall == 0.0 {
        return 0.0;
    }
    let (precision, recall) = (precision / orders, recall / orders);
    let factor = BETA * BETA;
    (1.0 + factor) * precision * recall / (factor * precision + recall)
}

fn runs(text: &[char], length: usize) -> HashMap<&[char], usize> {
    let mut counts = HashMap::new();
    for run in text.windows(length) {
        *counts.entry(run).or_insert(0) += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By rouge-score and sacreBLEU; see tests/reference/app/make_closeness.py.
    const REFERENCE: &str = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../tests/reference/app/closeness.json"
    ));

    #[test]
    fn scores_are_those_of_rouge_score_and_sacrebleu() {
        let all: Vec<serde_json::Value> = serde_json::from_str(REFERENCE).unwrap();
        assert!(all.len() > 20);
        for one in all {
            let text = |key: &str| one[key].as_str().unwrap();
            let (draft, wanted) = (text("draft"), text("wanted"));
            for (name, found) in [
                ("rouge_l", rouge_l(draft, wanted)),
                ("chrf", chrf(draft, wanted)),
            ] {
                let reference = one[name].as_f64().unwrap();
                assert!(
                    (found - reference).abs() < 1e-12,
                    "{name} of {draft:?} and {wanted:?}: {found}, not {reference}"
                );
            }
        }
    }

    /// Against the table of the textbook, on lengths around the width of a word.
    #[test]
    fn the_common_subsequence_is_that_of_the_table() {
        let mut state = 7u64;
        let mut draw = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % below
        };
        for (m, n) in [
            (1, 1),
            (63, 64),
            (64, 63),
            (65, 130),
            (128, 128),
            (200, 7),
            (131, 257),
        ] {
            for kinds in [1, 2, 5, 40] {
                let a: Vec<u64> = (0..m).map(|_| draw(kinds)).collect();
                let b: Vec<u64> = (0..n).map(|_| draw(kinds)).collect();
                let mut row = vec![0usize; n + 1];
                for x in &a {
                    let mut corner = 0;
                    for (at, y) in b.iter().enumerate() {
                        let above = row[at + 1];
                        row[at + 1] = match x == y {
                            true => corner + 1,
                            false => above.max(row[at]),
                        };
                        corner = above;
                    }
                }
                assert_eq!(common(&a, &b), row[n], "{m} {n} {kinds}");
            }
        }
    }

    #[test]
    fn of_huge_texts_the_beginning_is_looked_at() {
        let (a, b) = (
            "一二三四五".repeat(1_000_000),
            "五 four 三 ".repeat(800_000),
        );
        // With the spaces between.
        let beginning = |text: &str| -> String { text.chars().take(2 * MOST).collect() };
        let (first_a, first_b) = (beginning(&a), beginning(&b));
        assert!(rouge_l(&a, &b) > 0.1 && chrf(&a, &b) > 0.0);
        assert_eq!(rouge_l(&a, &b), rouge_l(&first_a, &first_b));
        assert_eq!(chrf(&a, &b), chrf(&first_a, &first_b));
    }
}
