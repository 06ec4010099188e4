//! A session: one text that the model reads and continues, with its memory.

use std::ops::ControlFlow;
use std::time::Instant;

use crate::base::Base;
use crate::error::{Error, Result};
use crate::model::Cache;
use crate::random::Random;
use crate::sampling::{Sampling, choose};
use crate::stream::Stream;
use crate::transformer::Want;

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
            cache: self.base.inner.model.copy(&self.cache)?,
            tokens: self.tokens.clone(),
        })
    }

    /// Takes up the memory of a snapshot made by a session of the same base.
    ///
    /// # Errors
    /// [`Error::Compute`], which only a fault of this program can cause.
    pub fn restore(&mut self, snapshot: &Snapshot) -> Result<()> {
        self.cache = self.base.inner.model.copy(&snapshot.cache)?;
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
        let read = self.feed(
            &prompt[reused..],
            Want::Last(&mut scores),
            false,
            &mut |done| {
                report(Event::Prefill {
                    done: reused + done,
                    total: prompt.len(),
                })
            },
        )?;
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
            let written = self.feed(&[token], Want::Last(&mut scores), true, &mut |_| {
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

    /// How long it takes to read `prompt`, and then one by one `then`, with scores after each: the seconds of both. For
    /// benchmarks; the memory holds all of them afterwards.
    ///
    /// # Errors
    /// As [`Session::generate`]; [`Error::Compute`] where an id is beyond the vocabulary.
    pub fn measure(&mut self, prompt: &[u32], then: &[u32]) -> Result<(f64, f64)> {
        self.truncate(0);
        let mut scores = Vec::new();
        let mut pulse = |_: usize| ControlFlow::Continue(());
        let started = Instant::now();
        self.reserve(prompt.len() + then.len())?;
        let _ = self.feed(prompt, Want::Last(&mut scores), true, &mut pulse)?;
        let prefill = started.elapsed().as_secs_f64();
        let started = Instant::now();
        for token in then {
            let _ = self.feed(&[*token], Want::Last(&mut scores), true, &mut pulse)?;
        }
        Ok((prefill, started.elapsed().as_secs_f64()))
    }

    /// Makes room for a text of this length, or of all the model can hold.
    fn reserve(&mut self, tokens: usize) -> Result<()> {
        let model = &self.base.inner.model;
        let most = model.config().context;
        Ok(model.reserve(&mut self.cache, tokens.min(most))?)
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

    /// Reads tokens behind those in the memory; see [`crate::transformer::Transformer::read`].
    pub(crate) fn feed(
        &mut self,
        tokens: &[u32],
        mut want: Want<'_>,
        quiet: bool,
        pulse: &mut dyn FnMut(usize) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>> {
        let inner = self.base.inner.clone();
        let context = inner.model.config().context;
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
        let flow = inner
            .model
            .read(&mut self.cache, tokens, &mut want, quiet, pulse)?;
        let read = self.cache.length() - first;
        self.tokens.extend_from_slice(&tokens[..read]);
        Ok(flow)
    }
}
