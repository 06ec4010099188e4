//! Drafts of held-out clauses, written as the assistant writes.

use std::ops::ControlFlow;

use moqi_lm::{Base, Event, Sampling, Session, Stop};

use super::super::Example;
use super::super::examples::written;
use super::Both;
use crate::error::Result;
use crate::model::{as_error, drafting, in_style, whole_sentences};
use crate::prompt;

/// How the assistant writes without and with a house style, but without chance: the likeliest token each time.
pub(super) fn without_chance() -> Both<Sampling> {
    let certain = |sampling| Sampling {
        temperature: 0.0,
        ..sampling
    };
    Both {
        before: certain(drafting()),
        after: certain(in_style()),
    }
}

/// What came of a request.
pub(super) enum Draft {
    /// The text, as it would be proposed; it may be empty.
    Text(String),
    /// The request does not fit into the model.
    TooLong,
    /// It was broken off.
    Cancelled,
}

/// Answers the request of an example. `pulse` is heard with every token.
pub(super) fn draft(
    base: &Base,
    session: &mut Session,
    asked: &Example,
    sampling: &Sampling,
    pulse: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<Draft> {
    let prompt = base.chat(&asked.messages()).map_err(as_error)?;
    let mut heard = |_: Event<'_>| pulse();
    let answer = match session.generate(&prompt, sampling, &mut heard) {
        Ok(answer) => answer,
        Err(moqi_lm::Error::TooLong { .. }) => return Ok(Draft::TooLong),
        Err(error) => return Err(as_error(error)),
    };
    let words = match answer.stop {
        Stop::Cancelled => return Ok(Draft::Cancelled),
        // As in the assistant: what was cut off ends with its last whole sentence.
        Stop::MaxTokens | Stop::ContextFull => whole_sentences(&answer.text),
        Stop::EndOfText | Stop::StopString => &answer.text,
    };
    Ok(Draft::Text(written(&prompt::blocks(words, &asked.heading))))
}
