//! Several texts that go on from one beginning, read together: the beginning is read once, and the products with the
//! weights see the tokens of all texts at a time. For asking how likely each of many answers is.

use std::ops::ControlFlow;

use candle_core::Result;

use crate::cache::Cache;
use crate::engine::{Angles, Engine, Heads};
use crate::lanes::{exp, sum_of};
use crate::session::Session;
use crate::transformer::{Transformer, Want};

/// How likely a text is as the continuation of another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Continuation {
    /// Natural logarithm of the probability that the model writes it, and goes on or ends there.
    pub logprob: f64,
    /// Its tokens.
    pub tokens: usize,
    /// Whether the model writes it where it always chooses the likeliest token.
    pub greedy: bool,
}

/// Tokens of texts that are read together, at most. More does not make it faster.
const CHUNK: usize = 256;
/// Rows whose scores are held at a time.
const ROWS: usize = 16;

impl Session {
    /// How likely each of several texts is after a prompt, which is already templated, and the beginning of an answer. The
    /// beginning is tokenised together with each text, as an example of a training is. None where `pulse`, which is called
    /// between the parts of the work, breaks off.
    ///
    /// # Errors
    /// [`crate::Error::TooLong`] where the prompt and a text do not fit into the context.
    pub fn continuations(
        &mut self,
        prompt: &str,
        before: &str,
        texts: &[&str],
        pulse: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> crate::Result<Option<Vec<Continuation>>> {
        let base = self.base.clone();
        let prompt = self.with_begin(base.tokenize(prompt, true));
        let whole = |text: &str| {
            let answer = base.tokenize(&format!("{before}{text}"), false);
            [prompt.as_slice(), &answer].concat()
        };
        let all: Vec<Vec<u32>> = texts.iter().map(|text| whole(text)).collect();
        // A text may join with the last token of the beginning; what is common to all is read once.
        let mut shared = whole("");
        for tokens in &all {
            let same = shared.iter().zip(tokens).take_while(|(a, b)| a == b);
            let same = same.count();
            shared.truncate(same);
        }
        let context = base.info().context_length;
        let longest = all.iter().map(Vec::len).max().unwrap_or(0);
        if shared.is_empty() || longest > context {
            return Err(crate::Error::TooLong {
                tokens: longest,
                context,
            });
        }
        let reused = self.rewind(&shared);
        let mut first = Vec::new();
        let read = self.feed(
            &shared[reused..],
            Want::Last(&mut first),
            false,
            &mut |_| pulse(),
        )?;
        if read.is_break() {
            return Ok(None);
        }
        let rest: Vec<&[u32]> = all.iter().map(|tokens| &tokens[shared.len()..]).collect();
        let mut found: Vec<Continuation> = rest
            .iter()
            .map(|tokens| Continuation {
                logprob: 0.0,
                tokens: tokens.len(),
                greedy: true,
            })
            .collect();
        let mut seen = |text: usize, at: usize, scores: &[f32]| {
            if let Some(token) = rest[text].get(at) {
                let (logprob, likeliest) = of_token(scores, *token);
                found[text].logprob += logprob;
                found[text].greedy &= likeliest;
            }
        };
        for text in 0..rest.len() {
            seen(text, 0, &first);
        }
        // After its last token nothing is asked of a text, so it is not read.
        let read: Vec<&[u32]> = rest
            .iter()
            .map(|tokens| &tokens[..tokens.len().saturating_sub(1)])
            .collect();
        let mut later = |text: usize, at: usize, scores: &[f32]| seen(text, at + 1, scores);
        let flow = base
            .inner
            .model
            .read_apart(&mut self.cache, &read, &mut later, pulse)?;
        Ok(flow.is_continue().then_some(found))
    }
}

/// The logarithm of the probability of a token by the scores of all, and whether it is the likeliest.
fn of_token(scores: &[f32], token: u32) -> (f64, bool) {
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum = pulp::Arch::new().dispatch(SumOfExp { scores, largest });
    let score = scores[token as usize];
    (
        f64::from(score - largest) - f64::from(sum).ln(),
        score >= largest,
    )
}

/// `Σ exp(score − largest)`.
struct SumOfExp<'a> {
    scores: &'a [f32],
    largest: f32,
}

impl pulp::NullaryFnOnce for SumOfExp<'_> {
    type Output = f32;

    #[inline(always)]
    fn call(self) -> f32 {
        sum_of(self.scores, |score| exp(score - self.largest))
    }
}

impl<E: Engine> Transformer<E> {
    /// Reads texts, each behind the tokens in the cache and none seeing another. `each` gets the number of a text, the
    /// place of a token in it and the scores (V) after that token. The cache holds afterwards what it held before.
    pub fn read_apart(
        &self,
        cache: &mut Cache<E>,
        texts: &[&[u32]],
        each: &mut dyn FnMut(usize, usize, &[f32]),
        pulse: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>> {
        let past = cache.length();
        let longest = texts.iter().map(|text| text.len()).max().unwrap_or(0);
        cache.reserve(&self.engine, past + longest)?;
        let mut next = 0;
        while next < texts.len() {
            let (first, mut tokens, mut lengths) = (next, Vec::new(), Vec::new());
            // At least one text at a time, however long it is.
            while next < texts.len()
                && (tokens.is_empty() || tokens.len() + texts[next].len() <= CHUNK)
            {
                tokens.extend_from_slice(texts[next]);
                lengths.push(texts[next].len());
                next += 1;
            }
            if tokens.is_empty() {
                continue;
            }
            let mut step = self.begin_apart(&tokens, &lengths, past)?;
            for layer in 0..self.layers.len() {
                step = self.layer(layer, step, cache)?;
                if pulse().is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            let places = lengths
                .iter()
                .enumerate()
                .flat_map(|(text, length)| (0..*length).map(move |at| (first + text, at)));
            let mut places = places;
            for at in (0..tokens.len()).step_by(ROWS) {
                let count = ROWS.min(tokens.len() - at);
                let rows = self.scores(&step, at, count)?;
                for (scores, (text, at)) in
                    rows.chunks_exact(rows.len() / count).zip(places.by_ref())
                {
                    each(text, at, scores);
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Attention of a step: of one text, or of several that do not see each other.
    pub(crate) fn attention(
        &self,
        heads: Heads<'_, E>,
        texts: &[usize],
        memory: &mut E::Memory,
        past: usize,
    ) -> Result<E::Array> {
        let engine = &self.engine;
        let total: usize = texts.iter().sum();
        if texts.len() < 2 {
            return engine.attention(heads, memory, past);
        }
        let half = heads.angles.cos.len() / total;
        let mut parts = Vec::with_capacity(texts.len());
        let mut first = 0;
        for count in texts.iter().copied().filter(|count| *count > 0) {
            let turns = first * half..(first + count) * half;
            let angles = Angles {
                cos: heads.angles.cos[turns.clone()].to_vec(),
                sin: heads.angles.sin[turns].to_vec(),
            };
            let part = Heads {
                query: engine.rows(&heads.query, first, count)?,
                key: engine.rows(&heads.key, first, count)?,
                value: engine.rows(&heads.value, first, count)?,
                angles: &angles,
                ..heads
            };
            // Each writes its keys and values over those of the one before it.
            parts.push(engine.attention(part, memory, past)?);
            first += count;
        }
        engine.join(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::Kind;
    use crate::engine::{Cpu, Tensors};
    use crate::transformer::tests::{model_of, tensors_of};

    const FAMILIES: [&str; 4] = ["llama", "qwen2", "qwen3", "gemma3"];

    fn go_on(_: usize) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// Texts read together have the scores of texts read one by one.
    fn check<E: Engine>(model: &Transformer<E>) {
        let start = [3, 1, 4, 1, 5, 9];
        let texts: [&[u32]; 5] = [&[2, 6, 5, 3, 5], &[8], &[], &[9, 7, 9], &[2, 6, 5, 3, 5]];
        let mut alone = Vec::new();
        for (text, tokens) in texts.iter().enumerate() {
            let mut cache = model.cache().unwrap();
            let whole = [&start, *tokens].concat();
            let mut each = |at: usize, scores: &[f32]| {
                if at >= start.len() {
                    alone.push((text, at - start.len(), scores.to_vec()));
                }
            };
            let _ = model
                .read(
                    &mut cache,
                    &whole,
                    &mut Want::Each(&mut each),
                    true,
                    &mut go_on,
                )
                .unwrap();
        }
        let mut cache = model.cache().unwrap();
        let mut last = Vec::new();
        let mut read = |cache: &mut Cache<E>, tokens: &[u32]| {
            let _ = model
                .read(cache, tokens, &mut Want::Last(&mut last), true, &mut go_on)
                .unwrap();
            last.clone()
        };
        read(&mut cache, &start);
        let mut together = Vec::new();
        let _ = model
            .read_apart(
                &mut cache,
                &texts,
                &mut |text, at, scores| together.push((text, at, scores.to_vec())),
                &mut || ControlFlow::Continue(()),
            )
            .unwrap();
        assert_eq!(together.len(), alone.len());
        for ((text, at, scores), (text_alone, at_alone, wanted)) in together.iter().zip(&alone) {
            assert_eq!((text, at), (text_alone, at_alone));
            let off = scores.iter().zip(wanted).map(|(a, b)| (a - b).abs());
            let off = off.fold(0f32, f32::max);
            assert!(off < 1e-3, "text {text} at {at}: off by {off}");
        }
        // What follows is read as if they had never been.
        assert_eq!(cache.length(), start.len());
        let after = read(&mut cache, &[7]);
        let mut fresh = model.cache().unwrap();
        let wanted = read(&mut fresh, &[3, 1, 4, 1, 5, 9, 7]);
        let off = after.iter().zip(&wanted).map(|(a, b)| (a - b).abs());
        assert!(off.fold(0f32, f32::max) < 1e-3);
    }

    #[test]
    fn texts_read_together_do_not_see_each_other() {
        for family in FAMILIES {
            check::<Cpu>(&model_of(family, Kind::F32));
            check::<Tensors>(&tensors_of(family, Kind::F32));
        }
    }

    #[test]
    fn a_probability_is_that_of_the_softmax() {
        let scores = [1.0f32, 3.0, -2.0, 0.5, 3.5, 2.0, 0.0, 1.0, 2.5];
        let all: f64 = scores.iter().map(|x| f64::from(*x).exp()).sum();
        for (token, score) in (0u32..).zip(scores) {
            let (logprob, likeliest) = of_token(&scores, token);
            assert!((logprob - (f64::from(score) - all.ln())).abs() < 1e-6);
            assert_eq!(likeliest, token == 4);
        }
    }
}
