//! Which clauses answer a wish best: BM25 over Chinese bigrams and English words.
//!
//! Robertson and Zaragoza, “The Probabilistic Relevance Framework: BM25 and Beyond” (2009), eq. 3.15, with k1 = 1.2 and b = 0.5
//! (clauses are short and of like length, so length counts for less).

use std::collections::{BTreeMap, HashMap};

const K1: f64 = 1.2;
const B: f64 = 0.5;

/// A text to be ranked: weighted parts, such as a title that counts three times.
pub struct Candidate<'a> {
    /// Parts with their weights.
    pub parts: Vec<(&'a str, f64)>,
    /// Added to the score: a clause made for this kind of contract is nearer than a general one.
    pub bonus: f64,
}

/// Candidates that questions are asked of.
pub struct Index {
    /// For each term the candidates that hold it, in order, and how much it weighs there.
    postings: HashMap<String, Vec<(usize, f64)>>,
    lengths: Vec<f64>,
    bonuses: Vec<f64>,
    mean: f64,
}

impl Index {
    /// Of some candidates.
    pub fn of(candidates: &[Candidate<'_>]) -> Index {
        let mut postings: HashMap<String, Vec<(usize, f64)>> = HashMap::new();
        let mut lengths = vec![0.0; candidates.len()];
        for (index, candidate) in candidates.iter().enumerate() {
            for (text, weight) in &candidate.parts {
                for term in terms(text) {
                    lengths[index] += weight;
                    let there = postings.entry(term).or_default();
                    match there.last_mut().filter(|(last, _)| *last == index) {
                        Some((_, sum)) => *sum += weight,
                        None => there.push((index, *weight)),
                    }
                }
            }
        }
        Index {
            postings,
            mean: (lengths.iter().sum::<f64>() / lengths.len().max(1) as f64).max(1.0),
            lengths,
            bonuses: candidates.iter().map(|one| one.bonus).collect(),
        }
    }

    /// Indices of the candidates that share at least one term with the query, best first, with their scores. A query has
    /// parts with weights; a term counts with the greatest of its parts. Ties keep the order of the candidates, so the
    /// same question gives the same answer.
    pub fn rank(&self, query: &[(&str, f64)]) -> Vec<(usize, f64)> {
        // Floating-point sums depend on their order; a fixed order keeps the ranking the same from run to run.
        let mut wanted: BTreeMap<String, f64> = BTreeMap::new();
        for (text, weight) in query {
            for term in terms(text) {
                let most = wanted.entry(term).or_insert(0.0);
                *most = most.max(*weight);
            }
        }
        let all = self.lengths.len() as f64;
        let mut scores = vec![0.0; self.lengths.len()];
        for (term, weight) in wanted {
            let Some(there) = self.postings.get(&term) else {
                continue;
            };
            let with = there.len() as f64;
            let idf = weight * ((all - with + 0.5) / (with + 0.5) + 1.0).ln();
            for (index, count) in there {
                let norm = K1 * (1.0 - B + B * self.lengths[*index] / self.mean);
                scores[*index] += idf * count * (K1 + 1.0) / (count + norm);
            }
        }
        let mut scored: Vec<(usize, f64)> = scores
            .into_iter()
            .enumerate()
            .filter(|(_, score)| *score > 0.0)
            .map(|(index, score)| (index, score + self.bonuses[index]))
            .collect();
        scored.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        scored
    }
}

/// Pairs of neighbouring Chinese characters, and English words in lower case without a plural s.
pub(crate) fn terms(text: &str) -> Vec<String> {
    let mut terms = Vec::new();
    let mut word = String::new();
    let mut previous: Option<char> = None;
    for c in text.chars().chain([' ']) {
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        } else if !word.is_empty() {
            let stem = if word.len() > 3 {
                word.strip_suffix('s').unwrap_or(&word)
            } else {
                &word
            };
            if !STOP_WORDS.contains(&stem) {
                terms.push(stem.to_owned());
            }
            word.clear();
        }
        let han = ('\u{4e00}'..='\u{9fff}').contains(&c);
        if han && let Some(first) = previous {
            terms.push([first, c].iter().collect());
        }
        previous = han.then_some(c);
    }
    terms
}

/// English words that say nothing of a clause's subject.
const STOP_WORDS: &[&str] = &[
    "a", "an", "and", "any", "be", "by", "for", "in", "is", "it", "of", "on", "or", "shall",
    "that", "the", "thi", "this", "to", "will", "with", "clause", "please", "write", "draft",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn order(query: &str, texts: &[(&str, &str)]) -> Vec<usize> {
        let candidates: Vec<_> = texts
            .iter()
            .map(|(title, body)| Candidate {
                parts: vec![(title, 3.0), (body, 1.0)],
                bonus: 0.0,
            })
            .collect();
        Index::of(&candidates)
            .rank(&[(query, 1.0)])
            .into_iter()
            .map(|(index, _)| index)
            .collect()
    }

    #[test]
    fn the_clause_about_the_subject_comes_first() {
        let zh = [
            ("保密", "双方对合同内容保密，违约的承担违约责任。"),
            ("逾期付款违约金", "买受人逾期付款的，每逾期一日支付违约金。"),
            ("交付", "出卖人于约定日期交付标的物。"),
        ];
        assert_eq!(order("逾期付款怎么办", &zh)[0], 1);
        assert_eq!(order("违约", &zh), [1, 0]);
        let en = [
            (
                "Limitation of liability",
                "Neither party's liability shall exceed the fees.",
            ),
            (
                "Confidentiality",
                "Each party shall keep confidential information secret.",
            ),
        ];
        assert_eq!(
            order("limit the liabilities of the supplier, liability cap", &en)[0],
            0
        );
        assert_eq!(order("please draft the clause", &en), Vec::<usize>::new());
    }

    #[test]
    fn a_bonus_breaks_a_tie() {
        let same = |bonus| Candidate {
            parts: vec![("定金条款", 1.0)],
            bonus,
        };
        let ranked = Index::of(&[same(0.0), same(0.5)]).rank(&[("定金", 1.0)]);
        assert_eq!(
            ranked.iter().map(|(index, _)| *index).collect::<Vec<_>>(),
            [1, 0]
        );
    }
}
