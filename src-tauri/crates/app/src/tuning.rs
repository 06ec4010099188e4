//! Tuning a model on documents: read, made into examples, learnt, measured, kept as an adapter.
//!
//! Nothing half-made is ever seen: the adapter is written beside its place and put there whole. A training that is broken
//! off, by a person or by a power cut, goes on where it was when the same is asked for again.

mod log;
mod rows;

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use moqi_document::Language;
use moqi_lm::{Examples, LowRank, Message, Method, Precision, Role, TrainConfig, TrainEvent};
use moqi_store::{LossKind, LossRow, RunStatus};
use sha2::{Digest, Sha256};

use crate::adapters::as_error;
use crate::error::{Error, Result};
use crate::tune::{self, DataConfig, Dataset, Given, LeftOut, Lesson};
use crate::{App, device, models};

use log::Log;
use rows::{adapter_row, manifest, run_row};

/// What is to be learnt, and how.
#[derive(Debug, Clone)]
pub struct Tune {
    /// What is learnt from.
    pub given: Vec<Given>,
    /// Id of an installed model.
    pub model: String,
    /// What the adapter is to be called.
    pub name: String,
    /// Only what teaches this, where a labelled file teaches several things.
    pub task: Goal,
    /// Steps at most; three rounds over the examples where none is given.
    pub steps: Option<usize>,
    /// Rank of the updates.
    pub rank: usize,
    /// Decides which documents are held out, and the order of learning.
    pub seed: u64,
}

/// What a model is tuned for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Goal {
    /// Drafting clauses.
    #[default]
    Draft,
    /// Naming the class of a text.
    Classify,
    /// Finding values in a text.
    Extract,
}

impl Goal {
    fn takes(self, lesson: Lesson) -> bool {
        match self {
            Goal::Draft => matches!(lesson, Lesson::Draft | Lesson::Continue | Lesson::Instruct),
            Goal::Classify => matches!(lesson, Lesson::Classify | Lesson::Instruct),
            Goal::Extract => matches!(lesson, Lesson::Extract | Lesson::Instruct),
        }
    }
}

/// What happens on the way. The answer `Break` stops it there: before the first step nothing is left, later the training can
/// be gone on with by asking for the same again.
#[derive(Debug, Clone, PartialEq)]
pub enum Tuning {
    /// Documents are read, or made into examples.
    Reading {
        /// Done.
        done: usize,
        /// In all.
        all: usize,
    },
    /// What will be learnt from.
    Plan(Plan),
    /// Between two steps, several times a second.
    Pulse,
    /// The held-out part is measured, with the bare base or with the adapter.
    Measuring,
    /// A step was taken.
    Step {
        /// Its number, from 1.
        step: usize,
        /// Steps in all.
        steps: usize,
        /// Mean loss of its wanted tokens, in nats.
        loss: f64,
        /// Tokens learnt a second.
        rate: f64,
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
    /// The state of the training could not be written; it goes on all the same.
    NotSaved,
}

/// What is learnt from, and what it takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Documents and files of labelled examples.
    pub sources: usize,
    /// Examples to learn from, for stopping in time, and held out.
    pub examples: [usize; 3],
    /// Tokens in a round over the examples.
    pub tokens: usize,
    /// Places where personal data was masked.
    pub masked: usize,
    /// What is left out, and why.
    pub left_out: Vec<LeftOut>,
    /// Bytes of memory it takes, with the model.
    pub memory: u64,
    /// Seconds it takes at most, by the speed of the first measure; nothing where that is not known yet.
    pub seconds: Option<f64>,
}

/// What came of a tuning.
#[derive(Debug, Clone, PartialEq)]
pub struct TunedModel {
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
    /// `finished`, `early_stop` or `cancelled`.
    pub stopped: &'static str,
}

type Report<'a> = &'a mut dyn FnMut(Tuning) -> ControlFlow<()>;

impl App {
    /// Tunes a model and keeps what it has learnt as an adapter.
    ///
    /// # Errors
    /// There is no such model, nothing to learn from, too few documents to measure the result, too little memory, or a disk
    /// that refuses.
    pub fn tune(&self, wanted: &Tune, report: Report<'_>) -> Result<TunedModel> {
        let data = DataConfig {
            seed: wanted.seed,
            ..DataConfig::default()
        };
        let dataset = tune::dataset(&wanted.given, &data, &mut |event| {
            let (tune::Event::Read { done, all } | tune::Event::Made { done, all }) = event;
            report(Tuning::Reading { done, all })
        });
        if dataset.cancelled {
            return Err(cancelled());
        }
        if let Some(refusal) = dataset.refused {
            return Err(refused(refusal, &dataset.left_out));
        }
        // Before the long work, so that a second tuning is refused at once.
        let held = Log::hold(self)?;
        let local = device::Local {
            // What is learnt is worked out on the processor.
            place: moqi_lm::Place::Processor,
            ..self.local(models::file_of(self.home(), &wanted.model)?)?
        };
        let base = local.load()?;
        let examples = examples(&base, &dataset, wanted.task)?;
        let held_out = if examples.test.is_empty() {
            &examples.valid
        } else {
            &examples.test
        };
        if examples.train.is_empty() || held_out.is_empty() {
            return Err(nothing_for(wanted.task));
        }
        let config = config(&base, wanted)?;
        let mut plan = plan(&base, &dataset, &examples, &config);
        go(report, Tuning::Plan(plan.clone()))?;
        go(report, Tuning::Measuring)?;
        let started = Instant::now();
        let before = measured(&base, None, held_out, &config, report)?;
        let tokens: usize = held_out.iter().map(|example| example.tokens.len()).sum();
        // The way there and back, with what is computed again, takes about three times the way there.
        let second = 3.0 * started.elapsed().as_secs_f64() / tokens.max(1) as f64;
        let rounds = match config.steps {
            Some(steps) => (steps * config.batch_tokens) as f64,
            None => plan.tokens as f64 * config.epochs,
        };
        plan.seconds = Some(second * rounds);
        go(report, Tuning::Plan(plan.clone()))?;
        let key = key(wanted, &dataset, &base);
        let folder = self.home().trainings();
        std::fs::create_dir_all(&folder).map_err(|error| Error::io(&folder, error))?;
        let state = folder.join(format!("{}.safetensors", &key[..16]));
        let row = run_row(wanted, &config, &base, key, before);
        let sources = log::sources(&dataset, self.language());
        let mut log = Log::begin(self, held, row, &sources)?;
        let mut steps = 1;
        let trained = moqi_lm::train(
            &base,
            &examples,
            &config,
            None,
            Some(&state),
            &mut |event| match event {
                TrainEvent::Began {
                    steps: all, taken, ..
                } => {
                    steps = all;
                    log.taken(taken);
                    ControlFlow::Continue(())
                }
                TrainEvent::Pulse => report(Tuning::Pulse),
                TrainEvent::Step {
                    step,
                    loss,
                    rate,
                    gradient,
                    tokens,
                    seconds,
                } => {
                    let row = LossRow {
                        step: log::count(step),
                        kind: LossKind::Train,
                        loss,
                        rate: Some(rate),
                        gradient: Some(gradient),
                        seconds,
                    };
                    log.loss(row, tokens);
                    report(Tuning::Step {
                        step,
                        steps,
                        loss,
                        rate: tokens as f64 / seconds.max(1e-9),
                        left: seconds / step as f64 * steps.saturating_sub(step) as f64,
                    })
                }
                TrainEvent::Validated { step, loss, best } => {
                    log.validated(step, loss);
                    report(Tuning::Validated { step, loss, best })
                }
                TrainEvent::Saved { .. } => ControlFlow::Continue(()),
                TrainEvent::NotSaved { .. } => report(Tuning::NotSaved),
            },
        )
        .map_err(as_error);
        let trained = match trained {
            Ok(trained) => trained,
            Err(error) => {
                log.end(RunStatus::Failed, None, None, Some(log::told(&error)))?;
                return Err(error);
            }
        };
        let mut tuned = TunedModel {
            adapter: None,
            plan,
            steps: trained.steps,
            loss: (before, before),
            seconds: trained.seconds,
            stopped: match trained.ended {
                moqi_lm::Ended::Finished => "finished",
                moqi_lm::Ended::EarlyStop => "early_stop",
                moqi_lm::Ended::Cancelled => "cancelled",
            },
        };
        if trained.ended == moqi_lm::Ended::Cancelled {
            log.end(RunStatus::Interrupted, None, None, None)?;
            return Ok(tuned);
        }
        // The last measure is not broken off: the learning is done, and what it came to is what counts.
        let _ = report(Tuning::Measuring);
        let after = measured(
            &base,
            Some(&trained.adapter),
            held_out,
            &config,
            &mut |_| ControlFlow::Continue(()),
        );
        let kept = after.and_then(|after| {
            tuned.loss.1 = after;
            let manifest = manifest(wanted, &config, &base, &dataset, tuned.loss);
            let beside = folder.join("adapter");
            trained
                .adapter
                .save(&base, &wanted.model, &beside)
                .map_err(as_error)?;
            let kept = self.keep_adapter(&beside, &manifest)?;
            // The adapter is where it belongs; what stays behind would only take room.
            let _ = std::fs::remove_dir_all(&beside);
            let _ = std::fs::remove_file(&state);
            log::kept(self, &adapter_row(&kept, log.id()))?;
            Ok(kept.id)
        });
        match kept {
            Ok(id) => {
                tuned.adapter = Some(id.clone());
                log.end(RunStatus::Done, Some(id), Some(tuned.loss.1), None)?;
                Ok(tuned)
            }
            Err(error) => {
                log.end(RunStatus::Failed, None, None, Some(log::told(&error)))?;
                Err(error)
            }
        }
    }
}

/// What a run of the same data, base and settings has in common with another, in hexadecimal digits.
fn key(wanted: &Tune, dataset: &Dataset, base: &moqi_lm::Base) -> String {
    let mut hash = Sha256::new();
    hash.update(format!(
        "{:?} {:?} {} {}",
        wanted.task, wanted.steps, wanted.rank, wanted.seed
    ));
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

impl App {
    /// Writes the examples of a tuning, and its settings for LLaMA-Factory, Axolotl and TRL, into a folder, so that another
    /// machine can run it. `base` is what the model is called there. Personal data is masked as for a tuning here.
    ///
    /// # Errors
    /// There is nothing to learn from, or the folder cannot be written.
    pub fn export_tuning(&self, wanted: &Tune, base: &str, folder: &Path) -> Result<()> {
        let data = DataConfig {
            seed: wanted.seed,
            ..DataConfig::default()
        };
        let mut dataset = tune::dataset(&wanted.given, &data, &mut |_| ControlFlow::Continue(()));
        if let Some(refusal) = dataset.refused {
            return Err(refused(refusal, &dataset.left_out));
        }
        for side in [&mut dataset.train, &mut dataset.valid, &mut dataset.test] {
            side.retain(|example| wanted.task.takes(example.lesson));
        }
        if dataset.train.is_empty() {
            return Err(nothing_for(wanted.task));
        }
        tune::export::write(folder, &dataset, &rows::job(wanted, base))
    }
}

fn go(report: Report<'_>, event: Tuning) -> Result<()> {
    match report(event) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(cancelled()),
    }
}

fn cancelled() -> Error {
    Error::input(
        "已取消，没有学到任何内容。",
        "Cancelled; nothing was learnt.",
    )
}

/// Why there is nothing to learn from, with the first things that were left out.
fn refused(refusal: tune::Refusal, left_out: &[LeftOut]) -> Error {
    let why = refusal.sentence();
    let said = |language| -> String {
        let each = left_out.iter().take(3).map(|left| {
            let why = left.why.sentence();
            format!("{}: {}", left.name, why.in_language(language))
        });
        each.collect::<Vec<_>>().join("; ")
    };
    let error = Error::input(why.zh, why.en);
    match left_out {
        [] => error,
        _ => error.hint(
            format!("未采用：{}。", said(Language::Zh)),
            format!("Left out: {}.", said(Language::En)),
        ),
    }
}

fn nothing_for(task: Goal) -> Error {
    let (zh, en) = match task {
        Goal::Draft => (
            "没有可供学习起草的条款。",
            "There are no clauses to learn drafting from.",
        ),
        Goal::Classify => ("没有带类别的样本。", "There are no examples with classes."),
        Goal::Extract => (
            "没有带抽取结果的样本。",
            "There are no examples with values.",
        ),
    };
    Error::input(zh, en).hint(
        "分类和抽取须提供 .jsonl 或 .csv 的标注文件。",
        "Classifying and extracting need a labelled file, .jsonl or .csv.",
    )
}

/// The examples in the tokens of a model, as it is asked when it drafts.
fn examples(base: &moqi_lm::Base, dataset: &Dataset, task: Goal) -> Result<Examples> {
    let side = |list: &[tune::Example]| -> Result<Vec<moqi_lm::Example>> {
        let taken = list.iter().filter(|example| task.takes(example.lesson));
        taken
            .map(|example| {
                let messages = [
                    Message::new(Role::System, &example.system),
                    Message::new(Role::User, &example.user),
                ];
                base.example(&messages, &example.wanted).map_err(as_error)
            })
            .collect()
    };
    Ok(Examples {
        train: side(&dataset.train)?,
        valid: side(&dataset.valid)?,
        test: side(&dataset.test)?,
    })
}

/// The settings, made to fit into the memory of this machine.
fn config(base: &moqi_lm::Base, wanted: &Tune) -> Result<TrainConfig> {
    let rank = wanted.rank.clamp(1, 256);
    let mut config = TrainConfig {
        method: Method::Lora(LowRank {
            rank,
            alpha: 2.0 * rank as f32,
            ..LowRank::default()
        }),
        steps: wanted.steps,
        seed: wanted.seed,
        // Nearly twice as fast where the processor can, and the losses differ by less than a thousandth.
        precision: Precision::Mixed,
        ..TrainConfig::default()
    };
    let have = models::memory_free();
    let need = |config: &TrainConfig| moqi_lm::need(base, config);
    // First what only makes it faster, then shorter batches, then shorter texts.
    if need(&config) > have {
        config.keep_bytes = 0;
    }
    while need(&config) > have && config.batch_tokens > 256 {
        config.batch_tokens /= 2;
        config.length = config.length.min(config.batch_tokens);
        config.accumulation *= 2;
    }
    let need = need(&config);
    if need > have {
        let (need, have) = (need as f64 / 1e9, have as f64 / 1e9);
        return Err(Error::input(
            format!("内存不足：微调还需 {need:.1} GB，现有 {have:.1} GB 可用。"),
            format!("Too little memory: tuning needs {need:.1} GB more, {have:.1} GB are free."),
        )
        .hint(
            "请关闭其他程序，或选择较小的模型，或用 --rank 4。",
            "Close other programs, choose a smaller model, or use --rank 4.",
        ));
    }
    Ok(config)
}

fn plan(
    base: &moqi_lm::Base,
    dataset: &Dataset,
    examples: &Examples,
    config: &TrainConfig,
) -> Plan {
    let documents = &dataset.report.documents;
    let labelled = &dataset.report.labelled;
    let counts = documents
        .iter()
        .map(|one| &one.masked)
        .chain(labelled.iter().map(|one| &one.masked));
    Plan {
        sources: dataset.sources.len(),
        examples: [
            examples.train.len(),
            examples.valid.len(),
            examples.test.len(),
        ],
        tokens: examples
            .train
            .iter()
            .map(|example| example.tokens.len().min(config.length))
            .sum(),
        masked: counts.flatten().map(|(_, count)| count).sum(),
        left_out: dataset.left_out.clone(),
        memory: moqi_lm::need(base, config) + base.info().weight_bytes,
        seconds: None,
    }
}

fn measured(
    base: &moqi_lm::Base,
    adapter: Option<&moqi_lm::Adapter>,
    held_out: &[moqi_lm::Example],
    config: &TrainConfig,
    report: Report<'_>,
) -> Result<f64> {
    let cut: Vec<moqi_lm::Example> = held_out
        .iter()
        .map(|example| example.cut(config.length))
        .collect();
    let mut pulse = || report(Tuning::Pulse);
    let loss =
        moqi_lm::measure(base, adapter, &cut, config.threads, &mut pulse).map_err(as_error)?;
    loss.ok_or_else(cancelled)
}

#[cfg(test)]
mod tests;
