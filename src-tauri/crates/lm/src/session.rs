//! A session: one text that the model reads and continues, with its memory.

use std::ops::ControlFlow;
use std::time::Instant;

use crate::base::Base;
use crate::engine::Best;
use crate::error::{Error, Result};
use crate::lookup::{Guess, Lookup};
use crate::model::Cache;
use crate::random::Random;
use crate::sampling::{LOOK_BACK, Sampling, choose};
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
    /// Tokens that were guessed by looking up earlier text.
    pub guessed: usize,
    /// Of those, tokens that the model would have written itself, and that were kept.
    pub accepted: usize,
    /// Time for reading the prompt.
    pub prefill_seconds: f64,
    /// Time for writing.
    pub decode_seconds: f64,
    /// Why it ended.
    pub stop: Stop,
}

/// Tokens of an answer for which there is room from the beginning; for more the memory grows on the way.
const LONGEST_ROOM: usize = 2048;
/// Texts that a session remembers besides the one at hand, and bytes they may take.
const KEPT_TEXTS: usize = 4;
const KEPT_BYTES: u64 = 256 << 20;
/// Tokens that are worth remembering.
const WORTH_KEEPING: usize = 64;

/// A model with the memory of one text. Feeding a text that begins like the last one computes only the rest.
pub struct Session {
    pub(crate) base: Base,
    pub(crate) cache: Cache,
    /// The tokens whose keys and values the cache holds.
    tokens: Vec<u32>,
    /// Texts read before, the oldest first.
    kept: Vec<Snapshot>,
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
            kept: Vec::new(),
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
        self.take_up(&prompt)?;
        let reused = self.rewind(&prompt);
        self.reserve(prompt.len() + sampling.max_tokens.min(LONGEST_ROOM))?;
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
            guessed: 0,
            accepted: 0,
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

    /// Writes on from the scores after the prompt.
    fn write(
        &mut self,
        prompt: &[u32],
        scores: Vec<f32>,
        sampling: &Sampling,
        generated: &mut Generated,
        report: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> Result<()> {
        let base = self.base.clone();
        let tokenizer = &base.inner.tokenizer;
        let context = base.info().context_length;
        let mut random = Random::new(sampling.seed);
        let mut stream = Stream::new(&sampling.stop);
        let mut lookup = Lookup::default();
        let needs = sampling.needs().unwrap_or(usize::MAX);
        // The text, and how much of it has been let out.
        let mut text = prompt.to_vec();
        let mut out = prompt.len();
        let scores = (0u32..).zip(scores).collect();
        let first = choose(scores, &text, prompt.len(), sampling, &mut random);
        text.push(first);
        generated.stop = 'writing: loop {
            while out < text.len() {
                if generated.tokens >= sampling.max_tokens {
                    break 'writing Stop::MaxTokens;
                }
                if tokenizer.is_end(text[out]) {
                    break 'writing Stop::EndOfText;
                }
                generated.tokens += 1;
                let words = stream.push(tokenizer.bytes_of(text[out]));
                out += 1;
                generated.text.push_str(&words);
                let told = report(Event::Token {
                    text: &words,
                    count: generated.tokens,
                });
                if stream.stopped() {
                    // Whatever the answer, the text has ended here.
                    break 'writing Stop::StopString;
                }
                if told.is_break() {
                    break 'writing Stop::Cancelled;
                }
            }
            let held = self.tokens.len();
            if held >= context {
                break Stop::ContextFull;
            }
            let left = sampling.max_tokens - generated.tokens;
            if left == 0 {
                break Stop::MaxTokens;
            }
            let most = (context - held - 1).min(left - 1);
            let guess = match sampling.lookup {
                true => lookup.guess(&text, most),
                false => Guess::default(),
            };
            let started = Instant::now();
            let mut step = vec![text[text.len() - 1]];
            step.extend_from_slice(&guess.tokens);
            let recent = sampling.also(&text, prompt.len()).iter();
            let recent: Vec<u32> = recent.chain(&guess.tokens).copied().collect();
            let count = generated.tokens;
            let mut right = 0;
            let mut wrong = false;
            let mut each = |_: usize, scores: Best| {
                if wrong {
                    return;
                }
                let token = choose(scores, &text, prompt.len(), sampling, &mut random);
                text.push(token);
                wrong = guess.tokens.get(right) != Some(&token);
                right += usize::from(!wrong);
            };
            let want = Want::Best {
                least: needs,
                also: &recent,
                each: &mut each,
            };
            let written = self.feed(&step, want, true, &mut |_| {
                report(Event::Token { text: "", count })
            })?;
            if written.is_break() {
                break Stop::Cancelled;
            }
            // Wrong guesses are forgotten.
            self.truncate(held + 1 + right);
            lookup.learn(&guess, right, started.elapsed());
            generated.guessed += guess.tokens.len();
            generated.accepted += right;
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

    /// How long it takes to read `prompt`, and then `then`, `rows` at a time, with the scores after each token that writing
    /// by [`Sampling::default`] needs: the seconds of both. For benchmarks; the memory holds all of them afterwards.
    ///
    /// # Errors
    /// As [`Session::generate`]; [`Error::Compute`] where an id is beyond the vocabulary.
    pub fn measure(&mut self, prompt: &[u32], then: &[u32], rows: usize) -> Result<(f64, f64)> {
        self.truncate(0);
        let mut scores = Vec::new();
        let mut pulse = |_: usize| ControlFlow::Continue(());
        let started = Instant::now();
        self.reserve(prompt.len() + then.len())?;
        let _ = self.feed(prompt, Want::Last(&mut scores), true, &mut pulse)?;
        let prefill = started.elapsed().as_secs_f64();
        let started = Instant::now();
        let needs = Sampling::default().needs().unwrap_or(usize::MAX);
        for tokens in then.chunks(rows.max(1)) {
            let mut each = |_: usize, _: Best| {};
            let want = Want::Best {
                least: needs,
                also: &then[then.len().saturating_sub(LOOK_BACK)..],
                each: &mut each,
            };
            let _ = self.feed(tokens, want, true, &mut pulse)?;
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

    /// Before a new text: takes up that of the remembered texts which begins most like it, and remembers the text at hand
    /// where much of it would be lost. So a system prompt, a template and a document are read once, even if requests for
    /// two of them come by turns.
    fn take_up(&mut self, tokens: &[u32]) -> Result<()> {
        let shared = |known: &[u32]| known.iter().zip(tokens).take_while(|(a, b)| a == b).count();
        let best = (0..self.kept.len()).max_by_key(|index| shared(&self.kept[*index].tokens));
        if let Some(index) = best
            && shared(&self.kept[index].tokens) > shared(&self.tokens) + 16
        {
            let found = self.kept.remove(index);
            let cache = std::mem::replace(&mut self.cache, found.cache);
            let tokens = std::mem::replace(&mut self.tokens, found.tokens);
            if tokens.len() >= WORTH_KEEPING {
                self.kept.push(Snapshot { cache, tokens });
            }
        } else if self.tokens.len() >= shared(&self.tokens) + WORTH_KEEPING {
            let kept = self.snapshot()?;
            self.kept.push(kept);
        }
        let bytes = self.base.info().bytes_per_token;
        let most = (KEPT_BYTES / bytes.max(1)) as usize;
        while self.kept.len() > KEPT_TEXTS
            || self
                .kept
                .iter()
                .map(|kept| kept.tokens.len())
                .sum::<usize>()
                > most
        {
            self.kept.remove(0);
        }
        Ok(())
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
