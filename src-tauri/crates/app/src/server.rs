//! A server of the firm's own as one more base: any that speaks OpenAI's interface (vLLM, llama.cpp, Ollama).
//!
//! Off by default. Text goes only to an address the user typed into the list of allowed servers and turned on, and
//! while that is so the window and the command line say it. What a server answers is data: every part of it has a
//! size, every wait has an end, and nothing in it leads anywhere else.

use std::fmt;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::error::Result;

mod address;
mod answer;
mod events;
mod settings;
#[cfg(test)]
mod tests;
mod trouble;
mod wire;

pub use address::Address;
pub(crate) use settings::Shown;
pub use settings::{AllowedServer, ServerState, Used};

use answer::{Said, Thoughts, Usage};
use events::{Events, Fault};
use settings::Allowed;
use wire::{Head, Heard, Patience, Request, exchange};

/// The word a server asks for. Its debug form does not tell it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Key(String);

impl Key {
    fn new(key: &str) -> Result<Key> {
        // It travels in a line of its own, and must not be able to end it.
        if key.is_empty() || key.len() > 4096 || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(trouble::bad_key());
        }
        Ok(Key(key.to_owned()))
    }

    fn header(&self) -> String {
        format!("Bearer {}", self.0)
    }
}

impl TryFrom<String> for Key {
    type Error = crate::Error;

    fn try_from(key: String) -> Result<Key> {
        Key::new(&key)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// A model on a server that the user allowed and turned on.
#[derive(Debug, Clone)]
pub struct Server {
    to: Allowed,
    model: String,
    patience: Patience,
}

/// What is asked of a server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask<'a> {
    pub(crate) system: Option<&'a str>,
    pub(crate) user: &'a str,
    pub(crate) max_tokens: usize,
    pub(crate) temperature: f32,
    pub(crate) seed: Option<u64>,
}

/// What is heard while a server writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress<'a> {
    /// Nothing yet, or nothing new; comes many times a second.
    Waiting,
    /// More words.
    Words(&'a str),
}

/// How an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The model had said what it had to say.
    Finished,
    /// At the number of tokens asked for, or at the end of the model's context.
    MaxTokens,
    /// Whoever listens wanted no more.
    Cancelled,
}

/// What a server wrote.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answered {
    pub(crate) text: String,
    pub(crate) end: End,
    /// Tokens as the server counts them, else pieces.
    pub(crate) tokens: usize,
    /// 0 when the server does not say.
    pub(crate) prompt_tokens: usize,
    /// Until the first words.
    pub(crate) first: Duration,
    /// In all.
    pub(crate) whole: Duration,
}

/// Bytes of a body that is read whole.
const LONGEST_BODY: usize = 4 << 20;
/// Bytes of a stream for each token asked for: a piece of an answer has some hundred, with a frame of its own.
const BYTES_A_TOKEN: usize = 4096;

impl Server {
    fn new(to: Allowed, model: &str) -> Server {
        Server {
            to,
            model: model.to_owned(),
            patience: Patience::default(),
        }
    }

    /// Where the text goes.
    pub fn address(&self) -> &Address {
        &self.to.address
    }

    /// The model asked for.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Names of the models the server offers.
    pub(crate) fn models(&self) -> Result<Vec<String>> {
        let quick = Server {
            patience: self.patience.for_a_list(),
            ..self.clone()
        };
        let body = quick.whole(Request::Get("/v1/models"), "")?;
        answer::models(&body).ok_or_else(|| trouble::nonsense(self.address()))
    }

    /// Lets the model answer. Words are given as they arrive; `hear` breaks to stop, which closes the connection.
    pub(crate) fn write(
        &self,
        ask: Ask<'_>,
        hear: &mut dyn FnMut(Progress<'_>) -> ControlFlow<()>,
    ) -> Result<Answered> {
        let mut hearing = Hearing::of(self, ask.max_tokens, hear);
        let request = Request::Post("/v1/chat/completions", self.chat(ask));
        exchange(&self.to, self.patience, request, &mut |heard| {
            hearing.take(heard)
        })?;
        hearing.end()
    }

    /// The log-probability of each token of a text but the first, and whether it was the likeliest.
    ///
    /// # Errors
    /// Servers that do not echo a text with its probabilities cannot score; that is said, never guessed.
    pub(crate) fn score(&self, text: &str) -> Result<Vec<(f32, bool)>> {
        let json = json!({
            "model": self.model, "prompt": text, "max_tokens": answer::PROOF, "temperature": 0, "echo": true, "logprobs": 1,
            "stream": false,
        });
        let request = Request::Post("/v1/completions", json.to_string());
        let (status, body) = self.body(request)?;
        if status != 200 {
            // Not having the interface, and refusing these two wishes, mean the same.
            return Err(if matches!(status, 400 | 404 | 405 | 422 | 500 | 501) {
                trouble::cannot_score(self.address())
            } else {
                trouble::status(self.address(), status, &answer::failure(&body), &self.model)
            });
        }
        answer::scores(&body, text).ok_or_else(|| trouble::cannot_score(self.address()))
    }

    fn chat(&self, ask: Ask<'_>) -> String {
        let mut messages = Vec::new();
        if let Some(system) = ask.system {
            messages.push(json!({"role": "system", "content": system}));
        }
        messages.push(json!({"role": "user", "content": ask.user}));
        let mut body = json!({
            "model": self.model, "messages": messages, "max_tokens": ask.max_tokens, "temperature": ask.temperature,
            "stream": true, "stream_options": {"include_usage": true},
        });
        if let Some(seed) = ask.seed {
            body["seed"] = seed.into();
        }
        // The chat format of Qwen3 has a switch for thinking aloud, which would use up the tokens of a clause.
        if self.model.to_ascii_lowercase().contains("qwen3") {
            body["chat_template_kwargs"] = json!({"enable_thinking": false});
        }
        body.to_string()
    }

    /// The whole body of a success.
    fn whole(&self, request: Request, model: &str) -> Result<Vec<u8>> {
        let (status, body) = self.body(request)?;
        if status == 200 {
            Ok(body)
        } else {
            Err(trouble::status(
                self.address(),
                status,
                &answer::failure(&body),
                model,
            ))
        }
    }

    fn body(&self, request: Request) -> Result<(u16, Vec<u8>)> {
        let (mut status, mut body) = (0, Vec::new());
        exchange(&self.to, self.patience, request, &mut |heard| {
            match heard {
                Heard::Waiting => {}
                Heard::Head(head) => status = self.status_of(&head)?,
                Heard::Bytes(bytes) if body.len() + bytes.len() > LONGEST_BODY => {
                    return Err(trouble::too_much(self.address()));
                }
                Heard::Bytes(bytes) => body.extend_from_slice(bytes),
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok((status, body))
    }

    fn status_of(&self, head: &Head) -> Result<u16> {
        if (300..400).contains(&head.status) {
            return Err(trouble::redirect(self.address(), &head.location));
        }
        Ok(head.status)
    }
}

/// An answer on its way.
struct Hearing<'a> {
    server: &'a Server,
    hear: &'a mut dyn FnMut(Progress<'_>) -> ControlFlow<()>,
    head: Option<Head>,
    events: Events,
    /// A body that is no stream: a failure, or an answer in one piece.
    body: Vec<u8>,
    left: usize,
    thoughts: Thoughts,
    text: String,
    pieces: usize,
    usage: Option<Usage>,
    finished: Option<String>,
    done: bool,
    cancelled: bool,
    start: Instant,
    first: Option<Duration>,
}

impl<'a> Hearing<'a> {
    fn of(
        server: &'a Server,
        max_tokens: usize,
        hear: &'a mut dyn FnMut(Progress<'_>) -> ControlFlow<()>,
    ) -> Hearing<'a> {
        Hearing {
            server,
            hear,
            head: None,
            events: Events::default(),
            body: Vec::new(),
            left: max_tokens
                .saturating_mul(BYTES_A_TOKEN)
                .saturating_add(LONGEST_BODY),
            thoughts: Thoughts::default(),
            text: String::new(),
            pieces: 0,
            usage: None,
            finished: None,
            done: false,
            cancelled: false,
            start: Instant::now(),
            first: None,
        }
    }

    fn take(&mut self, heard: Heard<'_>) -> Result<ControlFlow<()>> {
        match heard {
            Heard::Waiting => {
                let flow = (self.hear)(Progress::Waiting);
                self.cancelled = flow.is_break();
                Ok(flow)
            }
            Heard::Head(head) => {
                self.server.status_of(&head)?;
                self.head = Some(head);
                Ok(ControlFlow::Continue(()))
            }
            Heard::Bytes(bytes) => self.bytes(bytes),
        }
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<ControlFlow<()>> {
        let address = self.server.address();
        self.left = self
            .left
            .checked_sub(bytes.len())
            .ok_or_else(|| trouble::too_much(address))?;
        let streams = self
            .head
            .as_ref()
            .is_some_and(|head| head.status == 200 && head.events);
        if !streams {
            if self.body.len() + bytes.len() > LONGEST_BODY {
                return Err(trouble::too_much(address));
            }
            self.body.extend_from_slice(bytes);
            // Bytes that trickle in are no reason to leave a cancel unheard.
            let flow = (self.hear)(Progress::Waiting);
            self.cancelled = flow.is_break();
            return Ok(flow);
        }
        let mut events = std::mem::take(&mut self.events);
        let mut failed = None;
        let fed = events.feed(bytes, &mut |data| {
            self.event(data).unwrap_or_else(|error| {
                failed = Some(error);
                ControlFlow::Break(())
            })
        });
        self.events = events;
        match (failed, fed) {
            (Some(error), _) => Err(error),
            (None, Err(Fault::TooLong)) => Err(trouble::too_much(address)),
            (None, Err(Fault::NotUtf8)) => Err(trouble::nonsense(address)),
            // A server that sends comments without end is heard between them.
            (None, Ok(ControlFlow::Continue(()))) => {
                let flow = (self.hear)(Progress::Waiting);
                self.cancelled = flow.is_break();
                Ok(flow)
            }
            (None, Ok(flow)) => Ok(flow),
        }
    }

    fn event(&mut self, data: &str) -> Result<ControlFlow<()>> {
        if data.trim() == "[DONE]" {
            self.done = true;
            return Ok(ControlFlow::Break(()));
        }
        // An event without data says only that the server lives.
        if data.trim().is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        self.piece(data)
    }

    fn piece(&mut self, json: &str) -> Result<ControlFlow<()>> {
        match answer::piece(json) {
            Said::Nonsense => Err(trouble::nonsense(self.server.address())),
            Said::Failure(said) => Err(trouble::said(self.server.address(), &said)),
            Said::Piece {
                words,
                finished,
                usage,
            } => {
                self.usage = usage.or(self.usage);
                self.finished = finished.or(self.finished.take());
                self.pieces += usize::from(!words.is_empty());
                let mut words = self.thoughts.push(&words);
                // What a terminal would obey is no wording.
                words.retain(|c| !c.is_control() || matches!(c, '\n' | '\t'));
                Ok(self.words(&words))
            }
        }
    }

    fn words(&mut self, words: &str) -> ControlFlow<()> {
        if words.is_empty() {
            return ControlFlow::Continue(());
        }
        self.first.get_or_insert_with(|| self.start.elapsed());
        self.text.push_str(words);
        let flow = (self.hear)(Progress::Words(words));
        self.cancelled = flow.is_break();
        flow
    }

    fn end(mut self) -> Result<Answered> {
        let address = self.server.address();
        if !self.cancelled {
            let head = self
                .head
                .take()
                .ok_or_else(|| trouble::broke_off(address))?;
            if head.status != 200 {
                let said = answer::failure(&self.body);
                return Err(trouble::status(
                    address,
                    head.status,
                    &said,
                    &self.server.model,
                ));
            }
            if head.events {
                if !self.done && self.finished.is_none() {
                    return Err(trouble::broke_off(address));
                }
            } else {
                // The answer came in one piece, although a stream was asked for.
                let body = std::mem::take(&mut self.body);
                let json = std::str::from_utf8(&body).map_err(|_| trouble::nonsense(address))?;
                let _ = self.piece(json)?;
            }
            let held = std::mem::take(&mut self.thoughts).end();
            let _ = self.words(&held);
        }
        let count = |tokens: Option<u64>| tokens.and_then(|tokens| usize::try_from(tokens).ok());
        Ok(Answered {
            end: match self.finished.as_deref() {
                _ if self.cancelled => End::Cancelled,
                Some("length") => End::MaxTokens,
                _ => End::Finished,
            },
            tokens: count(self.usage.and_then(|usage| usage.completion_tokens))
                .unwrap_or(self.pieces),
            prompt_tokens: count(self.usage.and_then(|usage| usage.prompt_tokens)).unwrap_or(0),
            first: self.first.unwrap_or_else(|| self.start.elapsed()),
            whole: self.start.elapsed(),
            text: self.text,
        })
    }
}
