//! The tuning of the window: it goes on beside drafting, which goes first, and is seen from every room.
//!
//! It is a job of the one queue, on the thread that owns the loaded model: whenever somebody drafts, learning waits.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Code, Error, Result};
use crate::jobs::{Ended, JobId, Priority};
use crate::tuning::{Halt, Outcome, Phase, Plan, Report, Stopped, TunedModel, Tuning, cancelled};
use crate::{App, Gone, RunStatus, Tune, models};

/// How the tuning stands.
#[derive(Debug, Clone, Default)]
pub struct TuningNow {
    /// Where it is.
    pub stand: Stand,
    /// Id of its run, once there is one.
    pub run: Option<String>,
    /// Name of what it makes.
    pub name: String,
    /// Name of the model.
    pub model: String,
    /// Done and in all, of the part of the work that counts something.
    pub count: (usize, usize),
    /// Steps taken, and at most.
    pub steps: (usize, usize),
    /// Tokens learnt a second.
    pub rate: f64,
    /// Seconds of learning until now.
    pub seconds: f64,
    /// Seconds left at most, once that is known.
    pub left: Option<f64>,
    /// What it is.
    pub work: Work,
    /// Steps in the record of a run that was to be gone on with.
    pub before: usize,
    /// It was to be gone on with, but begins with its first step: its documents or the device are not the same any
    /// more, or its state was not saved yet.
    pub anew: bool,
    /// Drafting goes first at this moment.
    pub waiting: bool,
    /// The disk took the last state, or none was written yet.
    pub saved: bool,
    /// Training loss by step, in nats a token.
    pub train: Vec<(usize, f64)>,
    /// Loss on the validation part by step, in nats a token.
    pub valid: Vec<(usize, f64)>,
    /// What is learnt from.
    pub plan: Option<Box<Plan>>,
    /// What came of it.
    pub outcome: Option<Outcome>,
    /// Why it could not go on.
    pub failure: Option<Arc<Error>>,
    /// What was deleted because it could not be learnt again without a document that was to be forgotten.
    pub gone: Vec<Gone>,
}

/// What is done as a tuning is: on the thread of the model, behind drafting, with progress, and to be broken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Work {
    /// It learns from documents.
    #[default]
    Tune,
    /// It mixes what was learnt.
    Mix,
    /// It learns again what has to forget a document.
    Forget,
}

/// Where a tuning is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stand {
    /// None is under way.
    #[default]
    Idle,
    /// It waits for its turn.
    Queued,
    /// It is in this part of the work.
    At(Phase),
    /// It breaks off, to be gone on with.
    Pausing,
    /// It can be gone on with.
    Paused,
    /// It is done.
    Done,
    /// It was ended.
    Cancelled,
    /// It could not go on.
    Failed,
}

impl Stand {
    /// Work is being done or waits to be.
    pub fn busy(self) -> bool {
        matches!(self, Stand::Queued | Stand::At(_) | Stand::Pausing)
    }
}

/// Changes that are not of the part of the work reach the listener this often at most.
const EVERY: Duration = Duration::from_millis(250);
/// How long the end of the program waits for the state of a training to be written.
const LAST_WORDS: Duration = Duration::from_secs(10);

type Listener = Box<dyn FnMut(&TuningNow) + Send>;

/// The one tuning of a program.
#[derive(Default)]
pub(crate) struct Tuner {
    now: Mutex<TuningNow>,
    listener: Mutex<Option<Listener>>,
    told: Mutex<Option<Instant>>,
    halt: Mutex<Option<Halt>>,
    job: Mutex<Option<JobId>>,
}

/// No code of ours panics while it holds one of these locks.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Tuner {
    /// Changes what is shown, and tells it: at once, or when the last telling is long enough ago.
    fn change(&self, at_once: bool, change: impl FnOnce(&mut TuningNow)) {
        change(&mut locked(&self.now));
        let mut told = locked(&self.told);
        if at_once || told.is_none_or(|told| told.elapsed() >= EVERY) {
            *told = Some(Instant::now());
            drop(told);
            self.tell();
        }
    }

    fn tell(&self) {
        let now = locked(&self.now).clone();
        if let Some(listener) = &mut *locked(&self.listener) {
            listener(&now);
        }
    }

    fn stand(&self) -> Stand {
        locked(&self.now).stand
    }
}

impl App {
    /// How the tuning stands.
    pub fn tuning_now(&self) -> TuningNow {
        locked(&self.tuner.now).clone()
    }

    /// Has every change told to a listener, in place of the one before: at once, and then four times a second at most.
    pub fn watch_tuning(&self, listener: impl FnMut(&TuningNow) + Send + 'static) {
        *locked(&self.tuner.listener) = Some(Box::new(listener));
        self.tuner.tell();
    }

    /// Starts a tuning.
    ///
    /// # Errors
    /// One is under way, or there is no such model.
    pub fn start_tuning(self: &Arc<Self>, wanted: Tune) -> Result<()> {
        self.start_or_resume(wanted, 0)
    }

    /// `before`: steps in the record of the run that is gone on with.
    fn start_or_resume(self: &Arc<Self>, wanted: Tune, before: usize) -> Result<()> {
        let first = TuningNow {
            name: wanted.name.clone(),
            model: models::find(self.home(), &wanted.model)?.entry.name,
            before,
            ..TuningNow::default()
        };
        self.start_long(first, move |app, report| {
            app.tune(&wanted, report).map(Some)
        })
    }

    /// Starts to forget a document, see [`App::forget`]: each adapter that knows it is learnt again. `title` is what people
    /// call it.
    ///
    /// # Errors
    /// A tuning is under way.
    pub fn start_forgetting(self: &Arc<Self>, what: String, title: String) -> Result<()> {
        let first = TuningNow {
            name: title,
            work: Work::Forget,
            ..TuningNow::default()
        };
        self.start_long(first, move |app, report| {
            let done = app.forget(&what, report)?;
            app.tuner.change(true, |now| now.gone = done.deleted);
            match done.left.is_empty() {
                true => Ok(None),
                // Broken off: what is left to be learnt again is out of use.
                false => Err(cancelled()),
            }
        })
    }

    /// Starts to mix adapters, see [`App::mix_adapters`].
    ///
    /// # Errors
    /// A tuning is under way.
    pub fn start_mixing(self: &Arc<Self>, parts: Vec<(String, f32)>, name: String) -> Result<()> {
        let first = TuningNow {
            name: name.clone(),
            work: Work::Mix,
            ..TuningNow::default()
        };
        self.start_long(first, move |app, report| {
            app.mix_adapters(&parts, &name, report)?;
            Ok(None)
        })
    }

    /// Starts work that reports as a tuning does, and may come to one. `first` is what is known of it.
    fn start_long(
        self: &Arc<Self>,
        first: TuningNow,
        work: impl FnOnce(&App, Report<'_>) -> Result<Option<TunedModel>> + Send + 'static,
    ) -> Result<()> {
        {
            let mut now = locked(&self.tuner.now);
            if now.stand.busy() {
                return Err(
                    Error::input("已有一项微调正在进行。", "A tuning is under way.").hint(
                        "请等它结束，或先暂停、取消它。",
                        "Wait until it ends, or pause or cancel it first.",
                    ),
                );
            }
            *now = TuningNow {
                stand: Stand::Queued,
                saved: true,
                ..first
            };
        }
        *locked(&self.tuner.halt) = None;
        self.tuner.change(true, |_| {});
        let app = Arc::downgrade(self);
        let after = Arc::downgrade(self);
        let done = Arc::new(Mutex::new(None));
        let result = Arc::clone(&done);
        let job = self.jobs.start_long(
            Priority::Long,
            move |loaded, brake, turn| {
                let Some(app) = app.upgrade() else {
                    return Ok(());
                };
                let tuned = work(&app, &mut |event| {
                    app.tuning_heard(event);
                    if turn.wanted() {
                        app.tuner.change(true, |now| now.waiting = true);
                        turn.others(loaded);
                        app.tuner.change(true, |now| now.waiting = false);
                    }
                    match *locked(&app.tuner.halt) {
                        Some(why) => ControlFlow::Break(why),
                        // The program ends.
                        None if brake.pulled() => ControlFlow::Break(Halt::Pause),
                        None => ControlFlow::Continue(()),
                    }
                })?;
                *locked(&done) = Some(tuned);
                Ok(())
            },
            move |ended| {
                if let Some(app) = after.upgrade() {
                    let came = locked(&result).take();
                    app.tuning_ended(ended, came);
                }
            },
        );
        *locked(&self.tuner.job) = Some(job);
        Ok(())
    }

    fn tuning_heard(&self, event: Tuning) {
        let tuner = &self.tuner;
        match event {
            Tuning::Phase(phase) => tuner.change(true, |now| {
                now.count = (0, 0);
                if phase != Phase::Learning {
                    // What was told of the steps says nothing of this part.
                    (now.rate, now.left) = (0.0, None);
                }
                if now.stand != Stand::Pausing {
                    now.stand = Stand::At(phase);
                }
            }),
            Tuning::Reading { done, all } | Tuning::Counted { done, all } => {
                tuner.change(false, |now| now.count = (done, all));
            }
            Tuning::Plan(plan) => tuner.change(true, |now| {
                now.steps = (0, plan.steps);
                now.left = Some(plan.seconds);
                now.plan = Some(plan);
            }),
            Tuning::Pulse | Tuning::Tried(_) => {}
            Tuning::Began { run, taken, steps } => {
                // Of the steps taken before; later ones are out of the record by now.
                let (train, valid) = self.run_losses(&run).unwrap_or_default();
                tuner.change(true, |now| {
                    now.steps = (taken, steps);
                    now.anew = now.before > 0 && taken == 0;
                    (now.train, now.valid) = (train, valid);
                    now.run = Some(run);
                });
            }
            Tuning::Step {
                step,
                loss,
                rate,
                seconds,
                left,
            } => tuner.change(false, |now| {
                now.steps.0 = step;
                (now.rate, now.seconds, now.left) = (rate, seconds, Some(left));
                now.train.push((step, loss));
            }),
            Tuning::Validated { step, loss, .. } => {
                tuner.change(true, |now| now.valid.push((step, loss)));
            }
            Tuning::Saved(saved) => tuner.change(false, |now| now.saved = saved),
        }
    }

    /// `came`: what the work came to; none where it failed, and of work that was no tuning nothing more.
    fn tuning_ended(&self, ended: Ended, came: Option<Option<TunedModel>>) {
        *locked(&self.tuner.job) = None;
        let halt = locked(&self.tuner.halt).take();
        self.tuner.change(true, |now| {
            now.waiting = false;
            now.left = None;
            now.stand = match (ended, came) {
                // What was done counts, whether or not somebody pulled the brake at the last moment.
                (Ended::Done | Ended::Cancelled, Some(Some(tuned))) => {
                    now.run = Some(tuned.run);
                    now.steps.0 = tuned.steps;
                    now.outcome = tuned.outcome;
                    match tuned.stopped {
                        Stopped::Paused => Stand::Paused,
                        Stopped::Cancelled => Stand::Cancelled,
                        Stopped::Finished | Stopped::EarlyStop => Stand::Done,
                    }
                }
                // The list of house styles shows what has become of them.
                (Ended::Done, Some(None)) => Stand::Idle,
                (Ended::Done | Ended::Cancelled, _) => Stand::Cancelled,
                (Ended::Failed(_), _) if halt.is_some() => Stand::Cancelled,
                (Ended::Failed(error), _) => {
                    now.failure = Some(Arc::new(error));
                    Stand::Failed
                }
            };
        });
    }

    /// Breaks the tuning off, to be gone on with.
    pub fn pause_tuning(&self) {
        if matches!(
            self.tuner.stand(),
            Stand::At(Phase::Searching | Phase::Learning | Phase::After | Phase::Leaks)
        ) {
            *locked(&self.tuner.halt) = Some(Halt::Pause);
            self.tuner.change(true, |now| now.stand = Stand::Pausing);
        }
    }

    /// Goes on with a run that was interrupted.
    ///
    /// # Errors
    /// There is no such run, it was not interrupted, or what was asked for is not known any more.
    pub fn resume_tuning(self: &Arc<Self>, run: &str) -> Result<()> {
        let row = self.run(run)?;
        if row.status != RunStatus::Interrupted {
            return Err(Error::input(
                "这项微调没有中断，不能继续。",
                "This tuning was not interrupted, so it cannot be gone on with.",
            ));
        }
        let wanted = self.asked_for(&row.id)?;
        let (train, _) = self.run_losses(&row.id)?;
        self.start_or_resume(wanted, train.last().map_or(0, |(step, _)| *step))
    }

    /// What was asked of a run.
    ///
    /// # Errors
    /// It is not known: the run is of an earlier version.
    pub(crate) fn asked_for(&self, run: &str) -> Result<Tune> {
        let request = self.store().training_runs().request(run);
        let request = request.map_err(|error| self.store_error(error))?;
        let read = request.and_then(|text| serde_json::from_str(&text).ok());
        read.ok_or_else(|| {
            Error::new(
                Code::NotFound,
                "这项微调当初的设置已不可知，不能继续。",
                "What was asked of this tuning is not known any more, so it cannot be gone on with.",
            )
            .hint("请重新开始一项微调。", "Start a new tuning.")
        })
    }

    /// Ends the tuning under way for good, or what is left of an interrupted run.
    ///
    /// # Errors
    /// There is no such run.
    pub fn cancel_tuning(&self, run: Option<&str>) -> Result<()> {
        let now = self.tuning_now();
        if now.stand.busy() && (run.is_none() || run == now.run.as_deref()) {
            *locked(&self.tuner.halt) = Some(Halt::Cancel);
            if now.stand == Stand::Queued
                && let Some(job) = *locked(&self.tuner.job)
            {
                self.jobs.cancel(job);
            }
            return Ok(());
        }
        let Some(run) = run.or(now.run.as_deref()) else {
            return Ok(());
        };
        let row = self.run(run)?;
        if row.status == RunStatus::Interrupted {
            let state = self.training_state(&row.data_hash);
            match std::fs::remove_file(&state) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Error::io(&state, error));
                }
                _ => {}
            }
            let end = moqi_store::RunEnd {
                status: RunStatus::Cancelled,
                at: crate::now(),
                adapter: None,
                after: moqi_store::Measured::default(),
                error: None,
            };
            let ended = self.store().training_runs().end(&row.id, &end);
            ended.map_err(|error| self.store_error(error))?;
        }
        if now.run.as_deref() == Some(row.id.as_str()) {
            self.tuner.change(true, |now| now.stand = Stand::Cancelled);
        }
        Ok(())
    }

    /// The end of a tuning was seen.
    pub fn dismiss_tuning(&self) {
        self.tuner.change(true, |now| {
            if !now.stand.busy() {
                *now = TuningNow::default();
            }
        });
    }

    /// Before the program ends: the state of a training is written, so that it can be gone on with.
    pub(crate) fn put_tuning_aside(&self) {
        if !self.tuner.stand().busy() {
            return;
        }
        locked(&self.tuner.halt).get_or_insert(Halt::Pause);
        let started = Instant::now();
        while self.tuner.stand().busy() && started.elapsed() < LAST_WORDS {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[cfg(test)]
mod tests;
