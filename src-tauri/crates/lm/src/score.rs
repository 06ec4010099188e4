//! How likely the model finds a given text: for comparing labels, measuring a model, and tests.

use std::ops::ControlFlow;

use crate::error::Result;
use crate::sampling::best;
use crate::session::Session;
use crate::transformer::Want;

/// How likely a text is, token by token.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    /// The tokens that were scored, with their text (bytes that are no UTF-8 are replaced).
    pub tokens: Vec<(u32, String)>,
    /// Natural logarithm of the probability of each, given all before it.
    pub logprobs: Vec<f32>,
    /// The token the model thought most likely in each place.
    pub top1: Vec<u32>,
    /// Mean of the negated logarithms; 0 for nothing scored.
    pub nll: f64,
    /// `exp(nll)`.
    pub perplexity: f64,
}

impl Scores {
    /// The part of places where the most likely token was the one in the text; 1 for nothing scored.
    pub fn agreement(&self) -> f64 {
        let same = self
            .tokens
            .iter()
            .zip(&self.top1)
            .filter(|((token, _), top)| token == *top)
            .count();
        if self.tokens.is_empty() {
            1.0
        } else {
            same as f64 / self.tokens.len() as f64
        }
    }

    /// Sum of the logarithms: the probability of the text as a whole.
    pub fn sum(&self) -> f64 {
        self.logprobs
            .iter()
            .map(|logprob| f64::from(*logprob))
            .sum()
    }
}

impl Session {
    /// How likely each token of a text is after those before it. The first has nothing before it and is not scored unless
    /// the model begins its texts with a token.
    ///
    /// # Errors
    /// [`crate::Error::TooLong`] where the text does not fit into the context.
    pub fn score(&mut self, text: &str) -> Result<Scores> {
        let tokens = self.with_begin(self.base.tokenize(text, false));
        self.score_from(&tokens, 1)
    }

    /// How likely `text` is as the continuation of `prompt`, which is already templated. Only `text` is scored.
    ///
    /// # Errors
    /// [`crate::Error::TooLong`] where both do not fit into the context.
    pub fn score_after(&mut self, prompt: &str, text: &str) -> Result<Scores> {
        let mut tokens = self.with_begin(self.base.tokenize(prompt, true));
        let first = tokens.len();
        tokens.extend(self.base.tokenize(text, false));
        self.score_from(&tokens, first)
    }

    /// Scores the tokens from `first`, which is at least 1, on.
    fn score_from(&mut self, tokens: &[u32], first: usize) -> Result<Scores> {
        let mut scores = Scores {
            tokens: Vec::new(),
            logprobs: Vec::new(),
            top1: Vec::new(),
            nll: 0.0,
            perplexity: 1.0,
        };
        if tokens.len() <= first {
            return Ok(scores);
        }
        let names = self.base.clone();
        self.truncate(first - 1);
        let last = tokens.len() - 1;
        self.log_probabilities(&tokens[..last], &mut |position, logprobs| {
            if position + 1 >= first {
                let token = tokens[position + 1];
                scores.tokens.push((token, names.detokenize(&[token])));
                scores.logprobs.push(logprobs[token as usize]);
                scores.top1.push(best(logprobs));
            }
        })?;
        scores.nll = -scores.sum() / scores.tokens.len() as f64;
        scores.perplexity = scores.nll.exp();
        Ok(scores)
    }

    /// The natural logarithms of the probabilities of all tokens after each of the given ones: calls `each` with the
    /// position and V numbers. Positions that the memory already holds are passed over, except the last.
    ///
    /// # Errors
    /// [`crate::Error::TooLong`] where the tokens do not fit into the context, or there are none;
    /// [`crate::Error::Compute`] where one of them is beyond the vocabulary.
    pub fn log_probabilities(
        &mut self,
        tokens: &[u32],
        each: &mut dyn FnMut(usize, &[f32]),
    ) -> Result<()> {
        let reused = self.rewind(tokens);
        let mut logprobs = Vec::new();
        let mut log = |position: usize, scores: &[f32]| {
            let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let sum: f64 = scores
                .iter()
                .map(|score| f64::from((score - largest).exp()))
                .sum();
            #[expect(
                clippy::cast_possible_truncation,
                reason = "summed in double precision, kept in single"
            )]
            let shift = largest + sum.ln() as f32;
            logprobs.clear();
            logprobs.extend(scores.iter().map(|score| score - shift));
            each(position, &logprobs);
        };
        self.feed(&tokens[reused..], Want::Each(&mut log), true, &mut |_| {
            ControlFlow::Continue(())
        })
        .map(|_| ())
    }
}
