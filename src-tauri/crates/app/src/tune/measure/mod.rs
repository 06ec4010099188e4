//! How good a tuned model is: figures and drafts of documents it has not learned from, before and after.
//!
//! [`compare()`] is the door. Held-out are the examples of the test part, or of the validation part where there is no test.
//! They are told apart by [`super::Wording`]: of those that are shared, training has nearly the same words, so that a model may have
//! learned them by heart.
//!
//! - Fit, over all held-out examples: perplexity, and in how many places of a hundred the model's first choice is the token
//!   that stands there.
//! - Choice, over at most [`MOST_CHOICES`] held-out clauses: whether the model finds the firm's wording likelier than another,
//!   as answer to the same request, by the mean log-probability of a token, its end included. The other wording is that of
//!   the shipped clause which drafting would offer under this heading, filled, masked and cut in the same way; where the
//!   library has none, or nearly the same words, the untuned model's own draft, if the clause was drafted and differs.
//! - Drafts, over a seeded sample: how close (ROUGE-L, chrF) drafts of the untuned and of the tuned model are to the firm's
//!   text, beside the training clause that a person would copy by its heading and title, and the training clause that is
//!   nearest to the wanted text, which nobody can know before.

mod choice;
mod closeness;
mod compare;
mod drafts;
mod nearest;
mod told;

use moqi_lm::{Measured, Sampling};
use serde::Serialize;

pub use closeness::{chrf, rouge_l};
pub use compare::compare;

/// Held-out clauses that the test of choice asks about at most.
pub const MOST_CHOICES: usize = 200;

/// What is compared, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Held-out clauses that both models draft, at most.
    pub drafts: usize,
    /// Threads of the measuring.
    pub threads: usize,
    /// Decides which clauses are drafted.
    pub seed: u64,
    /// Tokens of an example at most, as in training; longer ones are cut.
    pub length: usize,
    /// What the bare base was found to make of the held-out examples: one entry an example, in their order, each cut to
    /// `length`. Where it is of another number, it is measured.
    pub before: Vec<Measured>,
    /// How drafts are written by the untuned and by the tuned model.
    pub sampling: Both<Sampling>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            drafts: 24,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            seed: 0,
            length: 1024,
            before: Vec::new(),
            sampling: drafts::without_chance(),
        }
    }
}

/// How far it is, in parts of about the same length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Done.
    pub done: usize,
    /// In all.
    pub all: usize,
}

/// Two figures of the same thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Both<T> {
    /// Of the untuned model.
    pub before: T,
    /// Of the tuned model.
    pub after: T,
}

/// How well a model foresees texts.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Fit {
    /// Mean loss of a token, in nats.
    pub loss: f64,
    /// `exp(loss)`: among how many tokens the model wavers.
    pub perplexity: f64,
    /// The part of tokens that are the model's first choice, 0 to 1.
    pub agreement: f64,
}

/// How often the firm's wording is preferred to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Choices {
    /// Clauses asked about.
    pub clauses: usize,
    /// Of those, with the untuned model's own draft for the other wording.
    pub own_drafts: usize,
    /// Clauses in which the firm's wording was likelier.
    pub firm: Both<usize>,
}

/// How close a text is to the wanted one, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Closeness {
    /// F1 of the longest common subsequence.
    pub rouge_l: f64,
    /// F2 of common runs of characters.
    pub chrf: f64,
}

impl Closeness {
    fn of(text: &str, wanted: &str) -> Closeness {
        Closeness {
            rouge_l: rouge_l(text, wanted),
            chrf: chrf(text, wanted),
        }
    }

    fn both(self) -> f64 {
        (self.rouge_l + self.chrf) / 2.0
    }
}

/// The four texts that are held against a wanted one.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Four {
    /// The untuned model's draft.
    pub base: Closeness,
    /// The tuned model's draft.
    pub tuned: Closeness,
    /// The training clause a person would copy; nothing to copy counts as an empty text.
    pub nearest: Closeness,
    /// The training clause that is nearest to the wanted text.
    pub oracle: Closeness,
}

/// Figures of drafts.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Drafted {
    /// Clauses drafted.
    pub clauses: usize,
    /// Means over them.
    pub mean: Four,
    /// Clauses in which the tuned model's draft is closer than the untuned model's, by the mean of both measures.
    pub closer_than_base: usize,
    /// Clauses in which it is closer than the training clause a person would copy.
    pub closer_than_nearest: usize,
}

/// Figures of some held-out examples.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Group {
    /// Examples.
    pub examples: usize,
    /// Their wanted tokens.
    pub tokens: usize,
    /// How well they are foreseen; none where there are no tokens.
    pub fit: Option<Both<Fit>>,
    /// How often their wording is preferred.
    pub choices: Choices,
    /// How close drafts of them are; none where none was drafted.
    pub drafts: Option<Drafted>,
}

/// A clause of the training part.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Copied {
    /// Name of its document.
    pub document: String,
    /// Its heading.
    pub heading: String,
    /// Its text.
    pub text: String,
}

/// A held-out clause and its drafts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Clause {
    /// Name of its document.
    pub document: String,
    /// Its heading.
    pub heading: String,
    /// Whether training has nearly the same words.
    pub shared: bool,
    /// What the firm wrote; personal data is masked.
    pub wanted: String,
    /// What the untuned model drafted.
    pub base: String,
    /// What the tuned model drafted.
    pub tuned: String,
    /// What a person would have copied.
    pub nearest: Option<Copied>,
    /// How close these are to what the firm wrote.
    pub closeness: Four,
}

/// The whole comparison.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Comparison {
    /// Held-out documents.
    pub documents: usize,
    /// All held-out examples.
    pub all: Group,
    /// Those whose words training does not have.
    pub novel: Group,
    /// Those of which training has a near-duplicate.
    pub shared: Group,
    /// The clauses that were drafted.
    pub clauses: Vec<Clause>,
    /// Which of them to show: the three whose gain is nearest to the median, neither the best nor the worst.
    pub shown: Vec<usize>,
}

impl Four {
    fn each(&self) -> [&Closeness; 4] {
        [&self.base, &self.tuned, &self.nearest, &self.oracle]
    }

    fn each_mut(&mut self) -> [&mut Closeness; 4] {
        [
            &mut self.base,
            &mut self.tuned,
            &mut self.nearest,
            &mut self.oracle,
        ]
    }
}

#[cfg(test)]
mod tests;
