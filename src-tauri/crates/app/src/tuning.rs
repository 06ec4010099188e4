//! Tuning a model on documents: read, made into examples, learnt, measured, kept as an adapter.
//!
//! Nothing half-made is ever seen: the adapter is written beside its place and put there whole. A training that is broken
//! off, by a person or by a power cut, goes on where it was when the same is asked for again.

mod config;
mod estimate;
mod finish;
pub(crate) mod from;
mod house;
mod log;
mod outcome;
mod prepare;
mod rows;
mod search;
mod wish;

use std::ops::ControlFlow;
use std::path::Path;

use moqi_lm::{Ended, Trained};
use moqi_store::RunStatus;
use sha2::{Digest, Sha256};

use crate::adapters::as_error;
use crate::error::{Error, Result};
use crate::tune::Dataset;
use crate::{App, models};

#[cfg(test)]
pub(crate) use config::settings;
use log::Log;
pub use outcome::{Figures, Outcome, Sample};
use prepare::Prepared;
pub use prepare::{Plan, PlanSource};
use rows::run_row;
pub use search::Candidate;
pub use wish::{Effort, Goal, Tune};

/// What happens on the way.
#[derive(Debug, Clone, PartialEq)]
pub enum Tuning {
    /// A part of the work begins.
    Phase(Phase),
    /// Documents are read, or made into examples.
    Reading {
        /// Done.
        done: usize,
        /// In all.
        all: usize,
    },
    /// What will be learnt from.
    Plan(Box<Plan>),
    /// How far the part of the work is, in pieces of its own.
    Counted {
        /// Done.
        done: usize,
        /// In all.
        all: usize,
    },
    /// Settings that are tried, with what is known of them by now.
    Tried(Vec<Candidate>),
    /// Several times a second: a chance to stop, or to let other work go first.
    Pulse,
    /// Learning begins, or goes on.
    Began {
        /// Id of the run in the record.
        run: String,
        /// Steps taken before, by a training that is taken up again.
        taken: usize,
        /// Steps in all, at most.
        steps: usize,
    },
    /// A step was taken.
    Step {
        /// Its number, from 1.
        step: usize,
        /// Mean loss of its wanted tokens, in nats.
        loss: f64,
        /// Tokens learnt a second.
        rate: f64,
        /// Seconds of learning until now.
        seconds: f64,
        /// Seconds left at that rate, at most: training stops sooner where it gets no better.
        left: f64,
    },
    /// The validation part was looked at.
    Validated {
        /// Steps taken.
        step: usize,
        /// Mean loss, in nats.
        loss: f64,
        /// Whether it is the best so far.
        best: bool,
    },
    /// Whether the state of the training is on the disk; where it could not be written, training goes on all the same.
    Saved(bool),
}

/// A part of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Documents are read and made into examples.
    Reading,
    /// The held-out part is measured with the bare base; not where a run that is taken up again did so.
    Before,
    /// A few settings are tried on a part of the steps.
    Searching,
    /// Steps are taken.
    Learning,
    /// The held-out part is measured with what was learnt, and some of its clauses are drafted.
    After,
    /// It is tried whether what was learnt gives away what it must not.
    Leaks,
}

/// Why a tuning is broken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Halt {
    /// To be gone on with. Before the bare base was measured nothing is left that could be.
    Pause,
    /// For good: nothing is left of it but its entry in the record.
    Cancel,
}

/// Why a tuning ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// All steps were taken.
    Finished,
    /// It got no better.
    EarlyStop,
    /// It can be gone on with.
    Paused,
    /// It was ended for good.
    Cancelled,
}

impl Stopped {
    /// Its word for programs.
    pub fn name(self) -> &'static str {
        match self {
            Stopped::Finished => "finished",
            Stopped::EarlyStop => "early_stop",
            Stopped::Paused => "paused",
            Stopped::Cancelled => "cancelled",
        }
    }
}

/// What came of a tuning.
#[derive(Debug, Clone, PartialEq)]
pub struct TunedModel {
    /// Id of its run in the record.
    pub run: String,
    /// Id of the adapter; none where it was broken off.
    pub adapter: Option<String>,
    /// What was learnt from.
    pub plan: Plan,
    /// Steps taken.
    pub steps: usize,
    /// Loss on the held-out part, in nats a token: of the bare base, and with the adapter.
    pub loss: (f64, f64),
    /// Seconds of learning.
    pub seconds: f64,
    /// Why it ended.
    pub stopped: Stopped,
    /// What is told of it at the end; none where it was broken off.
    pub outcome: Option<Outcome>,
}

pub(crate) type Report<'a> = &'a mut dyn FnMut(Tuning) -> ControlFlow<Halt>;

impl App {
    /// Tunes a model and keeps what it has learnt as an adapter, which nobody has decided about yet.
    ///
    /// # Errors
    /// There is no such model, nothing to learn from, too few documents to measure the result, too little memory, or a disk
    /// that refuses; or it is broken off before the bare base was measured.
    pub fn tune(&self, wanted: &Tune, report: Report<'_>) -> Result<TunedModel> {
        // Before the long work, so that a second tuning is refused at once.
        let held = Log::hold(self)?;
        let wanted = &self.settled(wanted)?;
        let mut prepared = self.prepare(wanted, report)?;
        go(report, Tuning::Plan(Box::new(prepared.plan.clone())))?;
        let key = key(wanted, &prepared.dataset, &prepared.base);
        let left = Log::left(self, &key)?;
        let known = left.and_then(|left| log::loss_before(&left, prepared.config.length));
        let mut ear = Ear { report, halt: None };
        let before = match known {
            Some(loss) => loss,
            None => {
                go(ear.report, Tuning::Phase(Phase::Before))?;
                let measured = prepared.measure(&mut || ear.hear(Tuning::Pulse))?;
                measured.ok_or_else(cancelled)?
            }
        };
        let state = self.training_state(&key);
        let folder = self.home().trainings();
        std::fs::create_dir_all(&folder).map_err(|error| Error::io(&folder, error))?;
        let row = run_row(wanted, &prepared, key, before);
        let sources = log::sources(&prepared.dataset, self.language());
        let mut log = Log::begin(self, held, row, &sources, wanted)?;
        let trained = match learn(wanted, &mut prepared, &mut log, &state, &mut ear) {
            Ok(trained) => trained,
            Err(error) => {
                log.end(
                    RunStatus::Failed,
                    None,
                    None,
                    Some(log::told(&error, self.language())),
                )?;
                return Err(error);
            }
        };
        let mut tuned = TunedModel {
            run: log.id().to_owned(),
            adapter: None,
            plan: prepared.plan.clone(),
            steps: trained.as_ref().map_or(0, |trained| trained.steps),
            loss: (before, before),
            seconds: trained.as_ref().map_or(0.0, |trained| trained.seconds),
            stopped: Stopped::Paused,
            outcome: None,
        };
        let Some(trained) = trained.filter(|one| one.ended != Ended::Cancelled) else {
            return broken_off(tuned, log, &state, ear.halt);
        };
        match self.finish(wanted, &prepared, &trained, log.id(), &mut ear) {
            Ok(Some((outcome, after))) => {
                // What stays behind would only take room.
                let _ = std::fs::remove_file(&state);
                tuned.stopped = match trained.ended {
                    Ended::EarlyStop => Stopped::EarlyStop,
                    _ => Stopped::Finished,
                };
                tuned.loss.1 = after;
                tuned.adapter = Some(outcome.adapter.clone());
                log.report(&outcome);
                log.end(RunStatus::Done, tuned.adapter.clone(), Some(after), None)?;
                tuned.outcome = Some(outcome);
                Ok(tuned)
            }
            // The learning is done, but not lost: the last steps are taken again, and then it is measured.
            Ok(None) => broken_off(tuned, log, &state, ear.halt),
            // A disk that is full, for instance: what was learnt is not lost, and can be kept once there is room.
            Err(error) => {
                log.end(
                    RunStatus::Interrupted,
                    None,
                    None,
                    Some(log::told(&error, self.language())),
                )?;
                Err(error)
            }
        }
    }
}

/// Hands on what happens, and remembers why it was broken off.
struct Ear<'a> {
    report: Report<'a>,
    halt: Option<Halt>,
}

impl Ear<'_> {
    fn hear(&mut self, event: Tuning) -> ControlFlow<()> {
        (self.report)(event).map_break(|why| self.halt = Some(why))
    }
}

/// Searches for settings where that is wished, and takes the steps. Nothing where it was broken off before the first one.
fn learn(
    wanted: &Tune,
    prepared: &mut Prepared,
    log: &mut Log<'_>,
    state: &Path,
    ear: &mut Ear<'_>,
) -> Result<Option<Trained>> {
    if wanted.search && choose_settings(wanted, prepared, log, ear)?.is_break() {
        return Ok(None);
    }
    if ear.hear(Tuning::Phase(Phase::Learning)).is_break() {
        return Ok(None);
    }
    let mut steps = 1;
    let trained = moqi_lm::train(
        &prepared.base,
        &prepared.examples,
        &prepared.config,
        prepared.from.as_ref(),
        Some(state),
        &mut |event| ear.hear(log.hear(event, &mut steps)),
    );
    trained.map(Some).map_err(as_error)
}

/// Searches for settings and takes the best. What was tried is in the record at every moment, so that a search that was
/// broken off goes on from there.
fn choose_settings(
    wanted: &Tune,
    prepared: &mut Prepared,
    log: &mut Log<'_>,
    ear: &mut Ear<'_>,
) -> Result<ControlFlow<()>> {
    let Prepared {
        base,
        examples,
        config,
        from,
        ..
    } = &*prepared;
    let mut candidates = log.searched();
    if candidates.is_empty() {
        let steps = moqi_lm::steps(&examples.train, config);
        candidates = search::candidates(wanted, config, steps);
    }
    let mut hear = |event| {
        if let Tuning::Tried(tried) = &event {
            log.tried(tried);
        }
        ear.hear(event)
    };
    let found = search::search(base, examples, config, from.as_ref(), candidates, &mut hear)?;
    let Some(found) = found else {
        return Ok(ControlFlow::Break(()));
    };
    (prepared.config, prepared.searched) = found;
    log.configure(rows::configuration(prepared, wanted));
    Ok(ControlFlow::Continue(()))
}

/// What is left of a tuning that was broken off: for good nothing but its entry in the record.
fn broken_off(
    mut tuned: TunedModel,
    log: Log<'_>,
    state: &Path,
    halt: Option<Halt>,
) -> Result<TunedModel> {
    let status = match halt {
        Some(Halt::Cancel) => {
            let _ = std::fs::remove_file(state);
            tuned.stopped = Stopped::Cancelled;
            RunStatus::Cancelled
        }
        _ => RunStatus::Interrupted,
    };
    log.end(status, None, None, None)?;
    Ok(tuned)
}

impl App {
    /// The file that the state of a training is written to, by the key of its run.
    pub(crate) fn training_state(&self, key: &str) -> std::path::PathBuf {
        let beginning = key.get(..16).unwrap_or(key);
        self.home()
            .trainings()
            .join(format!("{beginning}.safetensors"))
    }
}

/// What a run of the same data, base and settings has in common with another, in hexadecimal digits.
fn key(wanted: &Tune, dataset: &Dataset, base: &moqi_lm::Base) -> String {
    let mut hash = Sha256::new();
    hash.update(wanted.settings());
    hash.update(base.fingerprint());
    for example in dataset
        .train
        .iter()
        .chain(&dataset.valid)
        .chain(&dataset.test)
    {
        hash.update(&example.hash);
    }
    models::hex(&hash.finalize())
}

pub(crate) fn go(report: Report<'_>, event: Tuning) -> Result<()> {
    match report(event) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(_) => Err(cancelled()),
    }
}

pub(crate) fn cancelled() -> Error {
    Error::input(
        "已取消，没有学到任何内容。",
        "Cancelled; nothing was learnt.",
    )
}

#[cfg(test)]
pub(crate) mod tests;
