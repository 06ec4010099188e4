//! What a person would copy from the training documents instead of having a clause drafted.

use super::super::Example;
use super::super::clause_index::ClauseIndex;
use super::closeness::Tokens;

/// The clauses that were learned from, to be copied from.
pub(super) struct Copies<'a> {
    examples: Vec<&'a Example>,
    index: ClauseIndex,
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
        Copies {
            index: ClauseIndex::of(examples.iter().map(|one| one.entry())),
            tokens: examples.iter().map(|one| Tokens::of(&one.wanted)).collect(),
            examples,
        }
    }

    /// The clause to copy, by what is known before anything is written: of those under the same heading that of the document
    /// which is most alike; where no heading is the same, one under a heading that is like it. The wanted text is not looked
    /// at.
    pub fn by_request(&self, asked: &Example) -> Option<&'a Example> {
        let query = self.index.query(&asked.profile());
        let first = query.nearest(&asked.heading, None).into_iter().next()?;
        Some(self.examples[first])
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
