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

/// A text among several, and how likely the model finds it.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    /// Its place in the list that was given.
    pub index: usize,
    /// Natural logarithm of the probability that the model writes it, and ends there or goes on.
    pub logprob: f64,
    /// Its tokens.
    pub tokens: usize,
    /// The probability that it, and no other of the list, is what the model writes and ends with; all together are 1.
    pub share: f64,
}

impl Session {
    /// Which of several texts the model would write after a prompt, which is already templated: the likeliest first. The
    /// prompt is read once, and what the texts have in common too. An empty list gives an empty one.
    ///
    /// # Errors
    /// [`crate::Error::TooLong`] where the prompt and a text do not fit into the context.
    pub fn rank(&mut self, prompt: &str, texts: &[&str]) -> Result<Vec<Ranked>> {
        let prompt = self.with_begin(self.base.tokenize(prompt, true));
        let base = self.base.clone();
        let mut order: Vec<(Vec<u32>, usize)> = texts
            .iter()
            .enumerate()
            .map(|(index, text)| (base.tokenize(text, false), index))
            .collect();
        // Neighbours share their beginnings.
        order.sort();
        let mut ranked = Vec::with_capacity(texts.len());
        // Scores after each token of the prompt's last and of the text at hand.
        let mut rows: Vec<Vec<f32>> = Vec::new();
        let mut known: Vec<u32> = Vec::new();
        for (tokens, index) in order {
            let same = known
                .iter()
                .zip(&tokens)
                .take_while(|(a, b)| a == b)
                .count();
            rows.truncate(same + 1);
            let whole = [prompt.as_slice(), &tokens].concat();
            let first = prompt.len() - 1;
            if rows.len() < tokens.len() + 1 {
                // All but what is in the memory is read; the rows wanted begin behind those that are known.
                self.truncate(first + rows.len());
                self.log_probabilities(&whole, &mut |position, logprobs| {
                    if position >= first + rows.len() {
                        rows.push(logprobs.to_vec());
                    }
                })?;
            }
            let logprob: f64 = tokens
                .iter()
                .zip(&rows)
                .map(|(token, row)| f64::from(row[*token as usize]))
                .sum();
            let last = &rows[tokens.len()];
            let ends: f64 = base
                .inner
                .tokenizer
                .ends()
                .iter()
                .map(|end| f64::from(last[*end as usize]).exp())
                .sum();
            known.clone_from(&tokens);
            ranked.push(Ranked {
                index,
                logprob,
                tokens: tokens.len(),
                share: logprob + ends.max(1e-30).ln(),
            });
        }
        let largest = ranked
            .iter()
            .map(|ranked| ranked.share)
            .fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = ranked
            .iter()
            .map(|ranked| (ranked.share - largest).exp())
            .sum();
        for ranked in &mut ranked {
            ranked.share = (ranked.share - largest).exp() / sum;
        }
        ranked.sort_by(|a, b| b.share.total_cmp(&a.share).then(a.index.cmp(&b.index)));
        Ok(ranked)
    }

    /// Scores of several texts, each by itself as by [`Session::score`].
    ///
    /// # Errors
    /// [`crate::Error::TooLong`] where one of them does not fit into the context.
    pub fn score_all(&mut self, texts: &[&str]) -> Result<Vec<Scores>> {
        texts.iter().map(|text| self.score(text)).collect()
    }
}
