//! Jobs of the window: events of the queue go through a channel, words in batches.

use std::time::{Duration, Instant};

use moqi_app::{App, Assist, Ended, Result, Written};
use tauri::ipc::Channel;

use super::commands::failure;
use crate::ipc::*;

/// At most ten batches of words a second reach the window.
pub(super) const BATCH: Duration = Duration::from_millis(100);

/// Starts the assistant and sends what it says.
pub fn assist(app: &App, request: AssistRequest, events: Channel<AssistEvent>) -> Result<u64> {
    let AssistRequest {
        document,
        task,
        block,
        instruction,
    } = request;
    let language = app.language();
    let words = events.clone();
    let mut batch = Batch {
        channel: words,
        waiting: String::new(),
        sent: None,
    };
    app.assist(
        Assist {
            document,
            task: task.into(),
            block,
            instruction,
        },
        move |event| match event {
            Written::Reading { done, total } => {
                let _ = batch.channel.send(AssistEvent::Reading { done, total });
            }
            Written::Words(text) => batch.push(&text),
            Written::Proposals {
                proposals,
                why,
                fetch,
            } => {
                batch.flush();
                let proposals = proposals.into_iter().map(Into::into).collect();
                let why = why.map(|why| why.in_language(language).to_owned());
                let _ = batch.channel.send(AssistEvent::Proposals {
                    proposals,
                    why,
                    fetch,
                });
            }
        },
        move |ended| {
            let (outcome, failure) = outcome(ended, language);
            let _ = events.send(AssistEvent::Ended { outcome, failure });
        },
    )
}

/// Starts fetching a model.
pub fn fetch(app: &App, id: String, accepted: bool, events: Channel<FetchEvent>) -> Result<u64> {
    let language = app.language();
    let progress = events.clone();
    let mut sent: Option<Instant> = None;
    app.fetch_model(
        &id,
        accepted,
        move |done, total| {
            if sent.is_none_or(|sent| sent.elapsed() >= BATCH) {
                sent = Some(Instant::now());
                let _ = progress.send(FetchEvent::Progress { done, total });
            }
        },
        move |ended| {
            let (outcome, failure) = outcome(ended, language);
            let _ = events.send(FetchEvent::Ended { outcome, failure });
        },
    )
}

fn outcome(ended: Ended, language: moqi_app::Language) -> (Outcome, Option<Failure>) {
    match ended {
        Ended::Done => (Outcome::Done, None),
        Ended::Cancelled => (Outcome::Cancelled, None),
        Ended::Failed(error) => (Outcome::Failed, Some(failure(&error, language))),
    }
}

struct Batch {
    channel: Channel<AssistEvent>,
    waiting: String,
    sent: Option<Instant>,
}

impl Batch {
    fn push(&mut self, text: &str) {
        self.waiting.push_str(text);
        if self.sent.is_none_or(|sent| sent.elapsed() >= BATCH) {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if !self.waiting.is_empty() {
            let text = std::mem::take(&mut self.waiting);
            let _ = self.channel.send(AssistEvent::Words { text });
            self.sent = Some(Instant::now());
        }
    }
}
