//! A session: one text that the model reads and continues, with its memory.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use candle_core::Tensor;

use crate::base::Base;
use crate::cache::Cache;
use crate::error::{Error, Result};
use crate::ops::Form;
use crate::random::Random;
use crate::sampling::{Sampling, choose};
use crate::stream::Stream;

/// What happens while a session works. The answer `Break` to any event stops it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// The prompt is being read. Comes at least once, and several times a second.
    Prefill {
        /// Tokens read, those known from before included.
        done: usize,
        /// Tokens of the prompt.
        total: usize,
    },
    /// A token was written, or is on its way in a large model.
    Token {
        /// Text that is certain now; empty while a character is unfinished, a stop string may be coming, or as a mere
        /// chance to stop.
        text: &'a str,
        /// Tokens written so far.
        count: usize,
    },
}

/// Why writing ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The model ended the text.
    EndOfText,
    /// As many tokens as allowed were written.
    MaxTokens,
    /// A stop string came; it is not in the text.
    StopString,
    /// The caller broke off; the text so far is given.
    Cancelled,
    /// The model cannot look back any further.
    ContextFull,
}

/// What was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Generated {
    /// The text.
    pub text: String,
    /// Tokens written; an end token is not counted.
    pub tokens: usize,
    /// Tokens of the prompt.
    pub prompt_tokens: usize,
    /// Of those, tokens that the memory already held.
    pub reused_tokens: usize,
    /// Time for reading the prompt.
    pub prefill_seconds: f64,
    /// Time for writing.
    pub decode_seconds: f64,
    /// Why it ended.
    pub stop: Stop,
}

/// A model with the memory of one text. Feeding a text that begins like the last one computes only the rest.
pub struct Session {
    pub(crate) base: Base,
    cache: Cache,
    /// The tokens whose keys and values the cache holds.
    tokens: Vec<u32>,
}

/// The memory of a session at one moment.
pub struct Snapshot {
    cache: Cache,
    tokens: Vec<u32>,
}

/// Tokens read at a time, at most. More does not make it faster.
const CHUNK: usize = 128;
/// Multiplications between two looks at the brake: well below 100 ms on any machine this runs on.
const STEP_COST: usize = 1_000_000_000;
/// Time between two events while a prompt is read.
const PULSE: Duration = Duration::from_millis(40);

/// What a step over tokens is wanted for.
pub(crate) enum Want<'a> {
    /// Scores after the last token only.
    Last(&'a mut Vec<f32>),
    /// Scores after each token: the position, and the scores (V).
    Each(&'a mut dyn FnMut(usize, &[f32])),
}

impl Session {
    pub(crate) fn new(base: Base) -> Result<Session> {
        let cache = base.inner.model.cache()?;
        Ok(Session {
            base,
            cache,
            tokens: Vec::new(),
        })
    }

    /// Tokens the memory holds.
    pub fn length(&self) -> usize {
        self.tokens.len()
    }

    /// Forgets all but the first `length` tokens.
    pub fn truncate(&mut self, length: usize) {
        self.tokens.truncate(length);
        self.cache.truncate(length);
    }

    /// A copy of the memory, for instance after a system prompt.
    ///
    /// # Errors
    /// [`Error::Compute`], which only a fault of this program can cause.
    pub fn snapshot(&self) -> Result<Snapshot> {
        Ok(Snapshot {
            cache: self.cache.copy()?,
            tokens: self.tokens.clone(),
        })
    }

    /// Takes up the memory of a snapshot made by a session of the same base.
    ///
    /// # Errors
    /// [`Error::Compute`], which only a fault of this program can cause.
    pub fn restore(&mut self, snapshot: &Snapshot) -> Result<()> {
        self.cache = snapshot.cache.copy()?;
        self.tokens.clone_from(&snapshot.tokens);
        Ok(())
    }

    /// Continues a prompt, which is already templated (see [`Base::chat`]).
    ///
    /// `report` hears of the progress and stops the work by `Break`, at any time within a fifth of a second; what was
    /// written until then is given with [`Stop::Cancelled`].
    ///
    /// # Errors
    /// [`Error::TooLong`] where the prompt leaves no room for an answer.
    pub fn generate(
        &mut self,
        prompt: &str,
        sampling: &Sampling,
        report: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> Result<Generated> {
        let prompt = self.with_begin(self.base.tokenize(prompt, true));
        let started = Instant::now();
        let mut scores = Vec::new();
        let reused = self.rewind(&prompt);
        let read = self.feed(&prompt[reused..], Want::Last(&mut scores), &mut |done| {
            report(Event::Prefill {
                done: reused + done,
                total: prompt.len(),
            })
        })?;
        let prefill_seconds = started.elapsed().as_secs_f64();
        let mut generated = Generated {
            text: String::new(),
            tokens: 0,
            prompt_tokens: prompt.len(),
            reused_tokens: reused,
            prefill_seconds,
            decode_seconds: 0.0,
            stop: Stop::Cancelled,
        };
        if read.is_continue() {
            let started = Instant::now();
            self.write(&prompt, scores, sampling, &mut generated, report)?;
            generated.decode_seconds = started.elapsed().as_secs_f64();
        }
        Ok(generated)
    }

    fn write(
        &mut self,
        prompt: &[u32],
        mut scores: Vec<f32>,
        sampling: &Sampling,
        generated: &mut Generated,
        report: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> Result<()> {
        let base = self.base.clone();
        let tokenizer = &base.inner.tokenizer;
        let mut random = Random::new(sampling.seed);
        let mut stream = Stream::new(&sampling.stop);
        let mut before = prompt.to_vec();
        generated.stop = loop {
            if generated.tokens >= sampling.max_tokens {
                break Stop::MaxTokens;
            }
            let token = choose(&mut scores, &before, sampling, &mut random);
            if tokenizer.is_end(token) {
                break Stop::EndOfText;
            }
            before.push(token);
            generated.tokens += 1;
            let text = stream.push(tokenizer.bytes_of(token));
            generated.text.push_str(&text);
            if stream.stopped() {
                if !text.is_empty() {
                    // Whatever the answer, the text has ended here.
                    let _ = report(Event::Token {
                        text: &text,
                        count: generated.tokens,
                    });
                }
                break Stop::StopString;
            }
            if report(Event::Token {
                text: &text,
                count: generated.tokens,
            })
            .is_break()
            {
                break Stop::Cancelled;
            }
            if self.tokens.len() >= base.info().context_length {
                break Stop::ContextFull;
            }
            let count = generated.tokens;
            let written = self.feed(&[token], Want::Last(&mut scores), &mut |_| {
                report(Event::Token { text: "", count })
            })?;
            if written.is_break() {
                break Stop::Cancelled;
            }
        };
        let rest = stream.finish();
        generated.text.push_str(&rest);
        if !rest.is_empty() && generated.stop != Stop::Cancelled {
            // Whatever the answer, the text has ended here.
            let _ = report(Event::Token {
                text: &rest,
                count: generated.tokens,
            });
        }
        Ok(())
    }

    /// A text with the token it has to begin with, in models that want one.
    pub(crate) fn with_begin(&self, mut tokens: Vec<u32>) -> Vec<u32> {
        match self.base.inner.tokenizer.begin() {
            Some(begin) if tokens.first() != Some(&begin) => tokens.insert(0, begin),
            // A model cannot continue nothing: an end token is what its training texts are apart by.
            None if tokens.is_empty() => tokens.push(0),
            _ => {}
        }
        tokens
    }

    /// Keeps of the memory what the tokens begin with, but leaves at least one of them to read. Returns how much is kept.
    pub(crate) fn rewind(&mut self, tokens: &[u32]) -> usize {
        let same = self
            .tokens
            .iter()
            .zip(tokens)
            .take_while(|(a, b)| a == b)
            .count();
        self.truncate(same.min(tokens.len().saturating_sub(1)));
        self.tokens.len()
    }

    /// Reads tokens behind those in the memory. `pulse` is called with the count read so far, at the start, at the end of
    /// each chunk, and in between whenever [`PULSE`] has passed. After a break the memory holds the chunks read whole.
    pub(crate) fn feed(
        &mut self,
        tokens: &[u32],
        mut want: Want<'_>,
        pulse: &mut dyn FnMut(usize) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>> {
        let inner = self.base.inner.clone();
        let model = &inner.model;
        let context = model.config.context;
        let first = self.tokens.len();
        if tokens.is_empty() || first + tokens.len() > context {
            return Err(Error::TooLong {
                tokens: first + tokens.len(),
                context,
            });
        }
        if let Some(unknown) = tokens
            .iter()
            .find(|token| **token as usize >= inner.tokenizer.size())
        {
            return Err(Error::Compute(format!(
                "the model knows no token {unknown}"
            )));
        }
        let size = (STEP_COST / model.layer_cost().max(1)).clamp(8, CHUNK);
        let single = tokens.len() == 1;
        let mut last = Instant::now();
        if !single && pulse(0).is_break() {
            return Ok(ControlFlow::Break(()));
        }
        for (index, chunk) in tokens.chunks(size).enumerate() {
            let past = self.tokens.len();
            let cache = &mut self.cache;
            let (mut x, angles) = inner.pool.install(|| {
                cache.reserve(past + chunk.len())?;
                Ok::<_, candle_core::Error>((model.embed(chunk)?, model.angles(past, chunk.len())?))
            })?;
            let mut layer = 0;
            while layer < model.config.layers {
                // As many layers at a time as fit between two looks at the brake: a small model is not held up by looking.
                let count = (STEP_COST / (model.layer_cost() * chunk.len()).max(1))
                    .clamp(1, model.config.layers - layer);
                x = inner.pool.install(|| {
                    (layer..layer + count).try_fold(x, |x, index| {
                        model.layer(Form::Fused, index, &x, &angles, cache.layer(index), past)
                    })
                })?;
                layer += count;
                if last.elapsed() >= PULSE && layer < model.config.layers {
                    last = Instant::now();
                    if pulse(index * size).is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
            }
            self.cache.advance(chunk.len());
            self.tokens.extend_from_slice(chunk);
            let ends = (index + 1) * size >= tokens.len();
            match &mut want {
                Want::Last(_) if !ends => {}
                Want::Last(scores) => {
                    let x = x.narrow(0, chunk.len() - 1, 1)?;
                    **scores = inner.scores(&x)?;
                }
                Want::Each(each) => {
                    // A few rows at a time: the scores of a chunk over a large vocabulary would take much memory.
                    for at in (0..chunk.len()).step_by(16) {
                        let rows = inner.scores(&x.narrow(0, at, 16.min(chunk.len() - at))?)?;
                        for (n, scores) in rows.chunks_exact(inner.tokenizer.size()).enumerate() {
                            each(past + at + n, scores);
                        }
                    }
                }
            }
            if !single {
                last = Instant::now();
                if pulse(index * size + chunk.len()).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

impl crate::base::Inner {
    /// Scores after states (T, C), row by row.
    fn scores(&self, x: &Tensor) -> Result<Vec<f32>> {
        let scores = self.pool.install(|| {
            self.model
                .scores(Form::Fused, &x.contiguous()?)?
                .flatten_all()?
                .to_vec1::<f32>()
        })?;
        Ok(scores)
    }
}
