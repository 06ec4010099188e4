//! What is told of a tuning at its end, and kept with its run.

use serde::{Deserialize, Serialize};

/// What came of a tuning. It may hold words of the documents, so it stays in the record of this machine and goes nowhere
/// with the adapter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Id of the adapter.
    pub adapter: String,
    /// Steps taken.
    pub steps: usize,
    /// Seconds of learning.
    pub seconds: f64,
    /// It stopped by itself because it got no better.
    pub early: bool,
    /// The bare base on the held-out documents.
    pub before: Figures,
    /// The tuned one.
    pub after: Figures,
}

/// How well held-out documents are foretold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Figures {
    /// Perplexity of the wanted words.
    pub perplexity: Option<f64>,
}

impl Figures {
    /// Of a mean loss in nats a token.
    pub(super) fn of(loss: f64) -> Figures {
        Figures {
            perplexity: Some(loss.exp()).filter(|x| x.is_finite()),
        }
    }
}
