//! The model itself: a decoder of the llama, Qwen or Gemma family, read from top to bottom.
//!
//! Letters in shapes: T tokens fed now, C width, H heads, K heads of keys and values, D numbers in a head, F inner width,
//! V vocabulary.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use candle_core::Result;

use crate::cache::{Cache, Prefix};
use crate::config::Config;
use crate::engine::{Angles, Best, Engine, Heads, Linear, Small};
use crate::kernels::{Asked, tanh};
use crate::rope::Rope;
use crate::train::Target;

/// A model with its weights.
pub struct Transformer<E: Engine> {
    /// What it computes with.
    pub engine: E,
    /// The shape.
    pub config: Config,
    /// (V, C): a row for each token; also the head where the file has no other.
    pub embedding: E::Matrix,
    /// The layers, in order.
    pub layers: Vec<Layer<E>>,
    /// (C): norm before the head.
    pub norm: E::Vector,
    /// (V, C): scores of the next token; none where the embedding serves.
    pub head: Linear<E>,
    /// Whether the embedding is the head too.
    pub tied: bool,
    /// Frequencies of the layers that see all, and of those that see a window.
    pub ropes: [Rope; 2],
    /// What stands before every text.
    pub prefix: Arc<Prefix>,
}

/// One layer: attention, then the feed-forward part, each added to its input.
pub struct Layer<E: Engine> {
    /// (C): norm before attention.
    pub attention_norm: E::Vector,
    /// (H·D, C).
    pub query: Linear<E>,
    /// (K·D, C).
    pub key: Linear<E>,
    /// (K·D, C).
    pub value: Linear<E>,
    /// (D) norms of each head of queries and of keys, in models that have them.
    pub head_norms: Option<(E::Vector, E::Vector)>,
    /// (C, H·D).
    pub output: Linear<E>,
    /// (C) norm after attention, in Gemma.
    pub after_attention: Option<E::Vector>,
    /// (C): norm before the feed-forward part.
    pub inner_norm: E::Vector,
    /// (F, C).
    pub gate: Linear<E>,
    /// (F, C).
    pub up: Linear<E>,
    /// (C, F).
    pub down: Linear<E>,
    /// (C) norm after the feed-forward part, in Gemma.
    pub after_inner: Option<E::Vector>,
    /// Small layers of an adapter, behind attention and behind the feed-forward part.
    pub small: [Option<Small<E>>; 2],
}

/// Tokens on their way through the layers.
pub struct Step<E: Engine> {
    x: E::Array,
    /// Angles for layers that see all, and for those that see a window.
    angles: [Angles; 2],
    /// How many of the tokens are of each text; texts do not see each other.
    texts: Vec<usize>,
    past: usize,
}

/// Tokens read at a time, at most. More does not make it faster.
const CHUNK: usize = 256;
/// Multiplications between two looks at the brake: well below 100 ms on any machine this runs on.
const STEP_COST: usize = 2_000_000_000;
/// Time between two calls of the brake.
const PULSE: Duration = Duration::from_millis(30);

/// What a reading of tokens is wanted for.
pub enum Want<'a> {
    /// Scores after the last token only.
    Last(&'a mut Vec<f32>),
    /// Scores after each token: the position, and the scores (V).
    Each(&'a mut dyn FnMut(usize, &[f32])),
    /// Scores after each token, of those next ones that can be chosen.
    Best {
        /// How many of the likeliest at least, those of `also` not counted.
        least: usize,
        /// Tokens whose scores are wanted anyhow.
        also: &'a [u32],
        /// Gets the position and the scores.
        each: &'a mut dyn FnMut(usize, Best),
    },
}

impl<E: Engine> Transformer<E> {
    /// The beginning of a step over tokens behind `past` others. The ids are below V.
    pub fn begin(&self, tokens: &[u32], past: usize) -> Result<Step<E>> {
        self.begin_apart(tokens, &[tokens.len()], past)
    }

    /// The beginning of a step over the tokens of several texts, each behind the same `past` others.
    pub fn begin_apart(&self, tokens: &[u32], texts: &[usize], past: usize) -> Result<Step<E>> {
        let past = self.prefix.tokens + past;
        let longest = texts.iter().copied().max().unwrap_or(0);
        let angles = |rope: &Rope| {
            let all = rope.angles(past, longest);
            let half = all.cos.len() / longest.max(1);
            let each = |numbers: &[f32]| {
                let texts = texts.iter().flat_map(|length| &numbers[..length * half]);
                texts.copied().collect()
            };
            Angles {
                cos: each(&all.cos),
                sin: each(&all.sin),
            }
        };
        let [whole, window] = &self.ropes;
        let whole = angles(whole);
        let window = match self.config.window {
            Some(_) => angles(window),
            None => whole.clone(),
        };
        Ok(Step {
            x: self
                .engine
                .embed(&self.embedding, tokens, self.config.embedding_scale)?,
            angles: [whole, window],
            texts: texts.to_vec(),
            past,
        })
    }

    /// One layer over the tokens of a step. The cache must have room for them.
    pub fn layer(&self, index: usize, step: Step<E>, cache: &mut Cache<E>) -> Result<Step<E>> {
        let (engine, layer, config) = (&self.engine, &self.layers[index], &self.config);
        let Step {
            x,
            angles,
            texts,
            past,
        } = step;
        let after = |x: E::Array, norm: &Option<E::Vector>| match norm {
            Some(norm) => engine.norm(&x, norm, config.eps),
            None => Ok(x),
        };
        let normed = engine.norm(&x, &layer.attention_norm, config.eps)?;
        let [query, key, value] = self.linear(&normed, [&layer.query, &layer.key, &layer.value])?;
        let window = config.window_of(index);
        let heads = Heads {
            query,
            key,
            value,
            norms: layer
                .head_norms
                .as_ref()
                .map(|(query, key)| (query, key, config.eps)),
            angles: &angles[usize::from(window.is_some())],
            pairs: config.pairs,
            asked: Asked {
                heads: config.heads,
                scale: config.attention_scale,
                window,
                cap: config.attention_cap,
            },
        };
        let mixed = self.attention(heads, &texts, cache.layer(index), past)?; // (T, H·D)
        let [mixed] = self.linear(&mixed, [&layer.output])?;
        let mixed = self.small(mixed, &layer.small[0])?;
        let x = engine.sum(x, after(mixed, &layer.after_attention)?)?;
        let normed = engine.norm(&x, &layer.inner_norm, config.eps)?;
        let [gate, up] = self.linear(&normed, [&layer.gate, &layer.up])?;
        let inner = engine.gate(gate, up, config.activation)?; // (T, F)
        let [inner] = self.linear(&inner, [&layer.down])?;
        let inner = self.small(inner, &layer.small[1])?;
        let x = engine.sum(x, after(inner, &layer.after_inner)?)?;
        Ok(Step {
            x,
            angles,
            texts,
            past,
        })
    }

    /// Products with what an adapter makes of them.
    fn linear<const N: usize>(
        &self,
        x: &E::Array,
        weights: [&Linear<E>; N],
    ) -> Result<[E::Array; N]> {
        let engine = &self.engine;
        let mut all = Vec::with_capacity(N);
        for (y, linear) in engine.linear(x, weights)?.into_iter().zip(weights) {
            all.push(match &linear.update {
                None => y,
                Some(update) => {
                    let low = engine.times(x, &update.a)?;
                    let sum = engine.sum(y, engine.times(&low, &update.b)?)?;
                    match &update.factors {
                        Some(factors) => engine.stretch(sum, factors)?,
                        None => sum,
                    }
                }
            });
        }
        all.try_into()
            .map_err(|_| candle_core::Error::Msg("as many results as weights".into()))
    }

    /// What a small layer of an adapter makes of a part of a layer.
    fn small(&self, y: E::Array, small: &Option<Small<E>>) -> Result<E::Array> {
        let Some(small) = small else { return Ok(y) };
        let engine = &self.engine;
        let inside = engine.shift(engine.times(&y, &small.down)?, &small.down_bias)?;
        let more = engine.times(&engine.positive(inside)?, &small.up)?;
        engine.sum(y, engine.shift(more, &small.up_bias)?)
    }

    /// Scores of the next token after each of `count` tokens of a finished step: (count, V), row by row.
    pub fn scores(&self, step: &Step<E>, from: usize, count: usize) -> Result<Vec<f32>> {
        let normed = self.normed(step, from, count)?;
        self.all_scores(&normed)
    }

    /// The same for the tokens of `also`, and besides them for at least the `least` likeliest after each.
    pub fn best(
        &self,
        step: &Step<E>,
        from: usize,
        count: usize,
        least: usize,
        also: &[u32],
    ) -> Result<Vec<Best>> {
        let normed = self.normed(step, from, count)?;
        if let Some(mut best) = self.engine.best(&normed, &self.head, least, also)? {
            if let Some(cap) = self.config.final_cap {
                let scores = best.iter_mut().flatten();
                scores.for_each(|(_, x)| *x = cap * tanh(*x / cap));
            }
            return Ok(best);
        }
        let scores = self.all_scores(&normed)?;
        let rows = scores.chunks_exact(scores.len() / count);
        Ok(rows
            .map(|row| (0u32..).zip(row.iter().copied()).collect())
            .collect())
    }

    fn normed(&self, step: &Step<E>, from: usize, count: usize) -> Result<E::Array> {
        let x = self.engine.rows(&step.x, from, count)?;
        self.engine.norm(&x, &self.norm, self.config.eps)
    }

    fn all_scores(&self, normed: &E::Array) -> Result<Vec<f32>> {
        let engine = &self.engine;
        let [mut scores] = engine.linear(normed, [&self.head])?;
        if let Some(cap) = self.config.final_cap {
            scores = engine.cap(scores, cap)?;
        }
        engine.numbers(scores)
    }

    /// Reads tokens behind those in the cache, in chunks with looks at the brake between them. `pulse` is called with the
    /// count read so far whenever [`PULSE`] has passed and, unless it is `quiet`, at the start and at the end of each
    /// chunk. After a break the cache holds the chunks read whole.
    pub fn read(
        &self,
        cache: &mut Cache<E>,
        tokens: &[u32],
        want: &mut Want<'_>,
        quiet: bool,
        pulse: &mut dyn FnMut(usize) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>> {
        let cost = self.layer_cost().max(1);
        let size = (STEP_COST / cost).clamp(8, CHUNK);
        let mut last = Instant::now();
        if !quiet && pulse(0).is_break() {
            return Ok(ControlFlow::Break(()));
        }
        for (index, chunk) in tokens.chunks(size).enumerate() {
            let past = cache.length();
            cache.reserve(&self.engine, past + chunk.len())?;
            let mut step = self.begin(chunk, past)?;
            let mut unseen = 0;
            for layer in 0..self.layers.len() {
                step = self.layer(layer, step, cache)?;
                unseen += cost * chunk.len();
                // A small model is not held up by looking.
                if unseen >= STEP_COST && last.elapsed() >= PULSE {
                    (unseen, last) = (0, Instant::now());
                    if pulse(index * size).is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
            }
            cache.advance(chunk.len());
            match want {
                Want::Last(scores) if (index + 1) * size >= tokens.len() => {
                    **scores = self.scores(&step, chunk.len() - 1, 1)?;
                }
                Want::Last(_) => {}
                // A few rows at a time: the scores of a chunk over a large vocabulary would take much memory.
                Want::Best { least, also, each } => {
                    for at in (0..chunk.len()).step_by(16) {
                        let count = 16.min(chunk.len() - at);
                        let rows = self.best(&step, at, count, *least, also)?;
                        for (n, best) in rows.into_iter().enumerate() {
                            each(past + at + n, best);
                        }
                    }
                }
                Want::Each(each) => {
                    for at in (0..chunk.len()).step_by(16) {
                        let count = 16.min(chunk.len() - at);
                        let rows = self.scores(&step, at, count)?;
                        for (n, scores) in rows.chunks_exact(rows.len() / count).enumerate() {
                            each(past + at + n, scores);
                        }
                    }
                }
            }
            if !quiet {
                last = Instant::now();
                if pulse(index * size + chunk.len()).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// An empty cache for this model.
    pub fn cache(&self) -> Result<Cache<E>> {
        Cache::new(&self.engine, &self.config, self.prefix.clone())
    }

    /// Bytes the weights take where they are multiplied.
    pub fn weight_bytes(&self) -> usize {
        let products = self.layers.iter().flat_map(Layer::products);
        let sum: usize = products
            .map(|linear| self.engine.matrix_bytes(&linear.weights))
            .sum();
        let head = self.engine.matrix_bytes(&self.head.weights);
        let tied = if self.tied {
            0
        } else {
            self.engine.matrix_bytes(&self.embedding)
        };
        sum + head + tied
    }

    /// Multiplications for one token in one layer: what a step between two looks at the brake costs.
    pub fn layer_cost(&self) -> usize {
        let config = &self.config;
        let heads = config.heads + config.kv_heads;
        config.width * (2 * heads * config.head + 3 * config.inner)
    }
}

impl<E: Engine> Layer<E> {
    /// One of its products.
    pub fn product(&self, target: Target) -> &Linear<E> {
        self.products()[target as usize]
    }

    /// The same, to be changed.
    pub fn product_mut(&mut self, target: Target) -> &mut Linear<E> {
        match target {
            Target::Query => &mut self.query,
            Target::Key => &mut self.key,
            Target::Value => &mut self.value,
            Target::Output => &mut self.output,
            Target::Gate => &mut self.gate,
            Target::Up => &mut self.up,
            Target::Down => &mut self.down,
        }
    }

    fn products(&self) -> [&Linear<E>; 7] {
        [
            &self.query,
            &self.key,
            &self.value,
            &self.output,
            &self.gate,
            &self.up,
            &self.down,
        ]
    }
}

#[cfg(test)]
#[path = "transformer_tests.rs"]
pub(crate) mod tests;
