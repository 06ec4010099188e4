//! What a person would copy from the training documents instead of having a clause drafted.

use super::super::examples::Example;
use super::closeness::Tokens;
use crate::rank::{Candidate, Index};

/// The clauses that were learned from, to be copied from.
pub(super) struct Copies<'a> {
    examples: Vec<&'a Example>,
    index: Index,
    tokens: Vec<Tokens>,
}

impl<'a> Copies<'a> {
    /// Of the training examples that `asked` for the same: clauses, or further paragraphs. Where there are none, of all.
    pub fn of(train: &'a [Example], asked: &Example) -> Copies<'a> {
        let same: Vec<&Example> = train
            .iter()
            .filter(|one| one.lesson == asked.lesson)
            .collect();
        let examples = match same.is_empty() {
            true => train.iter().collect(),
            false => same,
        };
        let candidates: Vec<Candidate<'_>> = examples
            .iter()
            .map(|one| Candidate {
                parts: vec![
                    (&one.heading, 4.0),
                    (&one.title, 2.0),
                    (one.kind.as_deref().unwrap_or_default(), 1.0),
                    (&one.user, 0.5),
                ],
                bonus: 0.0,
            })
            .collect();
        Copies {
            index: Index::of(&candidates),
            tokens: examples.iter().map(|one| Tokens::of(&one.wanted)).collect(),
            examples,
        }
    }

    /// The clause to copy, by what is known before anything is written: of those under the same heading the one whose title,
    /// kind and request are most like these; where no heading is the same, the one that is most like it. The wanted text is
    /// not looked at.
    pub fn by_request(&self, asked: &Example) -> Option<&'a Example> {
        let ranked = self.index.rank(&[
            (&asked.heading, 3.0),
            (&asked.title, 1.5),
            (asked.kind.as_deref().unwrap_or_default(), 1.0),
            (&asked.user, 0.5),
        ]);
        let heading = asked.heading.trim().to_lowercase();
        let same = |at: &usize| self.examples[*at].heading.trim().to_lowercase() == heading;
        let mut ranked = ranked.into_iter().map(|(at, _)| at);
        let first = ranked.next()?;
        let found = std::iter::once(first).chain(ranked).find(same);
        Some(self.examples[found.unwrap_or(first)])
    }

    /// The clause that is nearest to the wanted text by ROUGE-L: what the best of all copiers, who knows the answer, would
    /// take.
    pub fn by_wanted(&self, wanted: &str) -> Option<&'a Example> {
        let wanted = Tokens::of(wanted);
        let mut best: Option<(f64, usize)> = None;
        for (at, tokens) in self.tokens.iter().enumerate() {
            let score = tokens.rouge_l(&wanted);
            // Of equals the first.
            if best.is_none_or(|(most, _)| score > most) {
                best = Some((score, at));
            }
        }
        best.map(|(_, at)| self.examples[at])
    }
}
