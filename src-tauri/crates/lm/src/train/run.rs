//! A training from its first step to its last.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use crate::base::Base;
use crate::error::{Error, Result};
use crate::model::Model;

use super::adapter::Adapter;
use super::adaptive;
use super::batch::{Batch, Example, packed};
use super::checkpoint::State;
use super::measure::loss_of;
use super::method::TrainConfig;
use super::optimizer::{AdamW, clip, course};
use super::pass::Settings;
use super::places::Learnt;
use super::teacher::Teacher;

/// What a training learns from and is measured by. No example may be in two parts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Examples {
    /// Learnt from.
    pub train: Vec<Example>,
    /// Looked at while training, to stop in time and to keep the best.
    pub valid: Vec<Example>,
    /// Looked at before and after, and never besides.
    pub test: Vec<Example>,
}

/// What happens in a training. The answer `Break` to any of it ends the training there: after whole steps, with what was
/// learnt until then.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TrainEvent {
    /// Before the first step.
    Began {
        /// Steps to take in all.
        steps: usize,
        /// Steps taken before, by a training that is taken up again.
        taken: usize,
        /// Numbers that are learnt.
        parameters: usize,
    },
    /// Between two layers, several times a second: a chance to stop, or to let other work go first.
    Pulse,
    /// After a step.
    Step {
        /// Its number, from 1.
        step: usize,
        /// Mean loss of its wanted tokens, in nats.
        loss: f64,
        /// The learning rate it was taken with.
        rate: f64,
        /// Length of the gradient before it was clipped.
        gradient: f64,
        /// Tokens read since the training began.
        tokens: u64,
        /// Seconds of work since the training began.
        seconds: f64,
    },
    /// After a look at the validation part.
    Validated {
        /// Steps taken.
        step: usize,
        /// Mean loss of its wanted tokens, in nats.
        loss: f64,
        /// Whether it is the best so far.
        best: bool,
    },
    /// The state is on the disk. This and the next are also told of the state of a training that was broken off; then the
    /// answer is not looked at.
    Saved {
        /// Steps taken.
        step: usize,
    },
    /// The state could not be written; training goes on, and writing is tried again later.
    NotSaved {
        /// Steps taken.
        step: usize,
    },
}

/// Why a training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// All steps were taken.
    Finished,
    /// The loss of the validation part did not become better any more.
    EarlyStop,
    /// The caller broke off.
    Cancelled,
}

/// What came of a training.
#[derive(Debug, Clone)]
pub struct Trained {
    /// What was learnt, at its best.
    pub adapter: Adapter,
    /// Steps taken.
    pub steps: usize,
    /// Why it ended.
    pub ended: Ended,
    /// Mean loss of each step, in nats.
    pub losses: Vec<f64>,
    /// Looks at the validation part: the step, and the mean loss in nats.
    pub validated: Vec<(usize, f64)>,
    /// Tokens read.
    pub tokens: u64,
    /// Seconds of work.
    pub seconds: f64,
}

/// Tunes a model.
///
/// With a `checkpoint` the state is written there every so many seconds and at the end of a training that is broken off; where the
/// file holds the state of this very training (the same base, settings, examples and beginning), it is taken up. `from` is
/// an adapter to begin with.
///
/// # Errors
/// The base has an adapter beside its weights, an example has a token that it does not know, there is nothing to learn, the adapter to begin with was learnt in another way, or the
/// checkpoint cannot be read. On a graphics card: the method is none that is learnt there ([`Error::NotOnCard`]), or the card has
/// no room for it ([`Error::Compute`]).
pub fn train(
    base: &Base,
    examples: &Examples,
    config: &TrainConfig,
    from: Option<&Adapter>,
    checkpoint: Option<&Path>,
    report: &mut dyn FnMut(TrainEvent) -> ControlFlow<()>,
) -> Result<Trained> {
    let teacher = Teacher::of(base, config)?;
    let cut = |examples: &[Example]| -> Vec<Example> {
        let length = config.length.min(teacher.config().context).max(2);
        examples
            .iter()
            .map(|example| example.cut(length))
            .filter(|example| example.wanted() > 0)
            .collect()
    };
    base.knows(&examples.train)?;
    base.knows(&examples.valid)?;
    let (train, valid) = (cut(&examples.train), cut(&examples.valid));
    if train.is_empty() {
        return Err(Error::NothingToLearn);
    }
    let learnt = match from {
        Some(adapter) => adapter.learnt(teacher.config(), config)?,
        None => teacher.learnt(&config.method, config.seed)?,
    };
    teacher.able(&learnt)?;
    let run = name_of(base, config, &train, &valid, &learnt);
    let mut state = State {
        optimizer: AdamW::new(&learnt.parameters),
        importance: adaptive::importance(&learnt),
        parameters: learnt.parameters.clone(),
        step: 0,
        tokens: 0,
        seconds: 0.0,
        losses: Vec::new(),
        validated: Vec::new(),
        best: None,
        worse: 0,
    };
    if let Some(path) = checkpoint {
        state.take_up(path, &run)?;
    }
    let mut run = Run {
        teacher: &teacher,
        config,
        train: &train,
        valid: &valid,
        plan: Plan::new(&train, config),
        learnt,
        state,
        name: run,
        checkpoint,
        saved: Instant::now(),
        failed: None,
    };
    let ended = run.go(report);
    let Run {
        mut learnt,
        state,
        failed,
        ..
    } = run;
    if let Some(error) = failed {
        return Err(error);
    }
    learnt.parameters = state.parameters;
    if let Some((_, best)) = state.best {
        for (parameter, best) in learnt.parameters.iter_mut().zip(best) {
            parameter.values = best;
        }
    }
    Ok(Trained {
        adapter: Adapter::of(learnt, base),
        steps: state.step,
        ended,
        losses: state.losses,
        validated: state.validated,
        tokens: state.tokens,
        seconds: state.seconds,
    })
}

/// Steps that [`train`] takes at most.
pub fn steps(examples: &[Example], config: &TrainConfig) -> usize {
    let cut: Vec<Example> = examples
        .iter()
        .map(|example| example.cut(config.length.max(2)))
        .filter(|example| example.wanted() > 0)
        .collect();
    match cut.is_empty() {
        true => 0,
        false => Plan::new(&cut, config).steps,
    }
}

/// What tells one training from another: everything its numbers depend on.
fn name_of(
    base: &Base,
    config: &TrainConfig,
    train: &[Example],
    valid: &[Example],
    learnt: &Learnt,
) -> String {
    let mut hash = Sha256::new();
    // Neither the threads nor the memory nor the disk change what is learnt.
    let config = TrainConfig {
        keep_bytes: 0,
        threads: 0,
        save_seconds: 0.0,
        ..config.clone()
    };
    hash.update(format!("{config:?}"));
    hash.update(base.fingerprint());
    // Its numbers are rounded elsewhere, so that a training is not taken up there that was begun on the processor.
    if matches!(base.inner.model, Model::Device(_)) {
        hash.update("card");
    }
    for examples in [train, valid] {
        hash.update(examples.len().to_le_bytes());
        for example in examples {
            hash.update(example.from.to_le_bytes());
            hash.update(example.tokens.len().to_le_bytes());
            example
                .tokens
                .iter()
                .for_each(|token| hash.update(token.to_le_bytes()));
        }
    }
    for parameter in &learnt.parameters {
        hash.update(&parameter.name);
        parameter
            .values
            .iter()
            .for_each(|x| hash.update(x.to_le_bytes()));
    }
    let digest = hash.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Which batches make up which step.
struct Plan {
    /// Batches in a round.
    batches: usize,
    steps: usize,
    /// Steps over which the learning rate rises.
    warmup: usize,
    validate_every: usize,
}

impl Plan {
    fn new(train: &[Example], config: &TrainConfig) -> Plan {
        let batches = packed(train, config.batch_tokens, config.seed).len();
        let accumulation = config.accumulation.max(1);
        let round = batches.div_ceil(accumulation);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count of steps"
        )]
        let count = |x: f64| x.ceil() as usize;
        let steps = config
            .steps
            .unwrap_or_else(|| count(round as f64 * config.epochs))
            .max(1);
        Plan {
            batches,
            steps,
            warmup: count(steps as f64 * config.warmup),
            validate_every: match config.validate_every {
                0 => round,
                steps => steps,
            },
        }
    }
}

struct Run<'a> {
    teacher: &'a Teacher<'a>,
    config: &'a TrainConfig,
    train: &'a [Example],
    valid: &'a [Example],
    plan: Plan,
    /// The parameters in it are those of the state while a step is taken.
    learnt: Learnt,
    state: State,
    name: String,
    checkpoint: Option<&'a Path>,
    saved: Instant,
    /// Why a step could not be taken; then it ends as if the caller had broken off.
    failed: Option<Error>,
}

type Report<'a> = &'a mut dyn FnMut(TrainEvent) -> ControlFlow<()>;

/// Gives other work its chance. How long that took is no time of learning.
fn pulsed(report: Report<'_>, away: &mut Duration) -> ControlFlow<()> {
    let asked = Instant::now();
    let answer = report(TrainEvent::Pulse);
    *away += asked.elapsed();
    answer
}

/// What came of work that may fail; a failure is kept, and ends the training as a break does.
fn worked<T>(result: Result<ControlFlow<(), T>>, failed: &mut Option<Error>) -> ControlFlow<(), T> {
    result.unwrap_or_else(|error| {
        *failed = Some(error);
        ControlFlow::Break(())
    })
}

impl Run<'_> {
    fn go(&mut self, report: Report<'_>) -> Ended {
        let began = TrainEvent::Began {
            steps: self.plan.steps,
            taken: self.state.step,
            parameters: self.learnt.count(),
        };
        let ended = match report(began) {
            ControlFlow::Break(()) => ControlFlow::Break(Ended::Cancelled),
            ControlFlow::Continue(()) => self.steps(report),
        };
        match ended {
            ControlFlow::Continue(()) => Ended::Finished,
            ControlFlow::Break(ended) => {
                if ended == Ended::Cancelled {
                    // Whether there is something to go on with is told, but the last word has been said.
                    let _ = self.save(report);
                }
                ended
            }
        }
    }

    fn steps(&mut self, report: Report<'_>) -> ControlFlow<Ended> {
        let cancelled = |()| Ended::Cancelled;
        loop {
            // First, so that a training that was broken off before this look takes it when it is taken up again.
            if self.validation_is_due() {
                self.validate(report).map_break(cancelled)?;
            }
            if self.state.step >= self.plan.steps {
                return ControlFlow::Continue(());
            }
            if self.config.patience > 0 && self.state.worse >= self.config.patience {
                return ControlFlow::Break(Ended::EarlyStop);
            }
            self.step(report).map_break(cancelled)?;
            if self.checkpoint.is_some()
                && self.saved.elapsed().as_secs_f64() >= self.config.save_seconds
            {
                self.save(report).map_break(cancelled)?;
            }
        }
    }

    fn validation_is_due(&self) -> bool {
        let step = self.state.step;
        let due = step.is_multiple_of(self.plan.validate_every) || step == self.plan.steps;
        let done = self
            .state
            .validated
            .last()
            .is_some_and(|(last, _)| *last == step);
        step > 0 && due && !done && !self.valid.is_empty()
    }

    fn step(&mut self, report: Report<'_>) -> ControlFlow<()> {
        let started = Instant::now();
        let (config, step) = (self.config, self.state.step);
        let batches = self.batches(step);
        let wanted: usize = batches.iter().map(Batch::wanted).sum();
        let weight = 1.0 / wanted.max(1) as f32;
        let mut gradients = self.learnt.gradients();
        self.learnt.parameters.clone_from(&self.state.parameters);
        let mut loss = 0.0;
        let mut away = Duration::ZERO;
        for (n, batch) in batches.iter().enumerate() {
            let seed =
                config.seed ^ ((step as u64) << 20 | n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let adversarial = config.adversarial > 0.0;
            let settings = Settings {
                keep_bytes: config.keep_bytes,
                noise: config.noise,
                // Half from where the batch is, half from where it hurts.
                weight: if adversarial { weight / 2.0 } else { weight },
                seed,
                embeddings: adversarial,
            };
            let mut pulse = || pulsed(report, &mut away);
            let taught = self.teacher.learn(
                &self.learnt,
                batch,
                settings,
                None,
                &mut gradients,
                &mut pulse,
            );
            let outcome = worked(taught, &mut self.failed)?;
            loss += outcome.loss;
            if adversarial {
                let mut nudge = outcome.embeddings;
                let length = nudge.iter().map(|x| x * x).sum::<f32>().sqrt().max(1e-12);
                nudge
                    .iter_mut()
                    .for_each(|x| *x *= config.adversarial / length);
                let taught = self.teacher.learn(
                    &self.learnt,
                    batch,
                    settings,
                    Some(&nudge),
                    &mut gradients,
                    &mut pulse,
                );
                let _ = worked(taught, &mut self.failed)?;
            }
        }
        adaptive::keep_apart(&self.learnt, &mut gradients);
        let gradient = clip(&mut gradients, config.clip);
        let rate = config.learning_rate * course(step, self.plan.steps, self.plan.warmup);
        self.state.optimizer.step(
            &mut self.learnt.parameters,
            &gradients,
            rate,
            config.weight_decay,
            config.threads,
        );
        adaptive::cut(
            &mut self.learnt,
            &mut self.state.importance,
            &gradients,
            step,
            self.plan.steps,
        );
        self.state.parameters.clone_from(&self.learnt.parameters);
        let loss = loss / wanted.max(1) as f64;
        self.state.losses.push(loss);
        self.state.step += 1;
        self.state.tokens += batches
            .iter()
            .map(|batch| batch.tokens.len() as u64)
            .sum::<u64>();
        self.state.seconds += started.elapsed().saturating_sub(away).as_secs_f64();
        report(TrainEvent::Step {
            step: self.state.step,
            loss,
            rate,
            gradient,
            tokens: self.state.tokens,
            seconds: self.state.seconds,
        })
    }

    /// The batches of a step. Each round over the examples has an order of its own.
    fn batches(&self, step: usize) -> Vec<Batch> {
        let accumulation = self.config.accumulation.max(1);
        let per_round = self.plan.batches.div_ceil(accumulation);
        let (round, place) = (step / per_round, step % per_round);
        let seed = self
            .config
            .seed
            .wrapping_add((round as u64).wrapping_mul(0xd134_2543_de82_ef95));
        let all = packed(self.train, self.config.batch_tokens, seed);
        // A round in another order may need a batch more or less; the surplus goes with the last step.
        let from = (place * accumulation).min(all.len().saturating_sub(1));
        let to = if place + 1 == per_round {
            all.len()
        } else {
            (from + accumulation).min(all.len())
        };
        let batches = all[from..to.max(from + 1)].iter();
        batches
            .map(|batch| Batch::of(batch.iter().map(|index| &self.train[*index])))
            .collect()
    }

    fn validate(&mut self, report: Report<'_>) -> ControlFlow<()> {
        let started = Instant::now();
        self.learnt.parameters.clone_from(&self.state.parameters);
        let mut away = Duration::ZERO;
        let mut pulse = || pulsed(report, &mut away);
        let measured = loss_of(self.teacher, &self.learnt, self.valid, &mut pulse);
        let loss = worked(measured, &mut self.failed)?;
        self.state.seconds += started.elapsed().saturating_sub(away).as_secs_f64();
        let Some(loss) = loss else {
            return ControlFlow::Continue(());
        };
        let best = self
            .state
            .best
            .as_ref()
            .is_none_or(|(best, _)| loss < *best);
        if best {
            let values = self
                .state
                .parameters
                .iter()
                .map(|parameter| parameter.values.clone());
            self.state.best = Some((loss, values.collect()));
            self.state.worse = 0;
        } else {
            self.state.worse += 1;
        }
        self.state.validated.push((self.state.step, loss));
        report(TrainEvent::Validated {
            step: self.state.step,
            loss,
            best,
        })
    }

    fn save(&mut self, report: Report<'_>) -> ControlFlow<()> {
        let Some(path) = self.checkpoint else {
            return ControlFlow::Continue(());
        };
        self.saved = Instant::now();
        let step = self.state.step;
        report(match self.state.save(path, &self.name) {
            Ok(()) => TrainEvent::Saved { step },
            Err(_) => TrainEvent::NotSaved { step },
        })
    }
}
