//! Tuning a model on documents: read, made into examples, learnt, measured, kept as an adapter.
//!
//! Nothing half-made is ever seen: the adapter is written beside its place and put there whole. A training that is broken
//! off, by a person or by a power cut, goes on where it was when the same is asked for again.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Instant;

use moqi_document::Language;
use moqi_lm::{Examples, LowRank, Message, Method, Role, TrainConfig, TrainEvent};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::adapters::{Learnt, Manifest, as_error};
use crate::error::{Error, Result};
use crate::tune::{self, DataConfig, Dataset, Given, LeftOut, Lesson};
use crate::{App, device, models};

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
        let state = self.state_of(wanted, &dataset, &base)?;
        let mut steps = 1;
        let trained = moqi_lm::train(
            &base,
            &examples,
            &config,
            None,
            Some(&state),
            &mut |event| match event {
                TrainEvent::Began { steps: all, .. } => {
                    steps = all;
                    ControlFlow::Continue(())
                }
                TrainEvent::Pulse => report(Tuning::Pulse),
                TrainEvent::Step {
                    step,
                    loss,
                    tokens,
                    seconds,
                    ..
                } => report(Tuning::Step {
                    step,
                    steps,
                    loss,
                    rate: tokens as f64 / seconds.max(1e-9),
                    left: seconds / step as f64 * steps.saturating_sub(step) as f64,
                }),
                TrainEvent::Validated { step, loss, best } => {
                    report(Tuning::Validated { step, loss, best })
                }
                TrainEvent::Saved { .. } => ControlFlow::Continue(()),
                TrainEvent::NotSaved { .. } => report(Tuning::NotSaved),
            },
        )
        .map_err(as_error)?;
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
            return Ok(tuned);
        }
        go(report, Tuning::Measuring)?;
        tuned.loss.1 = measured(&base, Some(&trained.adapter), held_out, &config, report)?;
        let manifest = Manifest {
            name: wanted.name.clone(),
            base: base.fingerprint().to_owned(),
            base_model: wanted.model.clone(),
            sources: sources(&dataset),
            configuration: configuration(&config, wanted),
            loss: Some(tuned.loss),
            steps: trained.steps,
            created: crate::now(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let beside = self.home().trainings().join("adapter");
        trained
            .adapter
            .save(&base, &wanted.model, &beside)
            .map_err(as_error)?;
        let kept = self.keep_adapter(&beside, &manifest)?;
        // The adapter is where it belongs; what stays behind would only take room.
        let _ = std::fs::remove_dir_all(&beside);
        let _ = std::fs::remove_file(&state);
        tuned.adapter = Some(kept.id);
        Ok(tuned)
    }

    /// Where the state of a training is kept: one file for all that is asked for in the same words.
    fn state_of(&self, wanted: &Tune, dataset: &Dataset, base: &moqi_lm::Base) -> Result<PathBuf> {
        let mut hash = Sha256::new();
        hash.update(format!(
            "{:?} {:?} {} {}",
            wanted.task, wanted.steps, wanted.rank, wanted.seed
        ));
        hash.update(base.fingerprint());
        for source in &dataset.sources {
            hash.update(&source.hash);
        }
        let folder = self.home().trainings();
        std::fs::create_dir_all(&folder).map_err(|error| Error::io(&folder, error))?;
        Ok(folder.join(format!(
            "{}.safetensors",
            &models::hex(&hash.finalize())[..16]
        )))
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

fn sources(dataset: &Dataset) -> Vec<Learnt> {
    let each = dataset.sources.iter().map(|source| Learnt {
        name: source.name.clone(),
        hash: source.hash.clone(),
    });
    each.collect()
}

fn configuration(config: &TrainConfig, wanted: &Tune) -> serde_json::Value {
    json!({
        "method": "lora",
        "rank": wanted.rank,
        "alpha": 2 * wanted.rank,
        "learning_rate": config.learning_rate,
        "epochs": config.epochs,
        "steps": config.steps,
        "batch_tokens": config.batch_tokens,
        "accumulation": config.accumulation,
        "length": config.length,
        "warmup": config.warmup,
        "weight_decay": config.weight_decay,
        "clip": config.clip,
        "seed": config.seed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;
    use crate::home::Home;
    use crate::models::{add, tiny_model};

    const MODEL: &str = "tiny";

    fn app() -> (tempfile::TempDir, App) {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path().join("home")).unwrap();
        let file = folder.path().join("tiny.gguf");
        let mut parts = tiny_model::parts("llama", 1);
        // The prompts of drafting are a page long in the letters of this model.
        parts.set("llama.context_length", tiny_model::Meta::U32(4096));
        std::fs::write(&file, parts.bytes().1).unwrap();
        add(&home, &file, &mut |_, _| true).unwrap();
        let app = App::open(home, moqi_document::Language::En).unwrap();
        (folder, app)
    }

    /// A document about something of its own.
    fn document(n: usize) -> Given {
        let words = [
            "supply of timber",
            "storage of grain",
            "repair of lifts",
            "teaching of music",
            "carriage of glass",
            "lease of barges",
        ];
        let what = words[n % words.len()];
        let clause = |heading: &str, verb: &str| {
            format!(
                "## {heading}\n\nThe parties {verb} the {what} number {n} under this agreement, and each keeps records of the {what} for {} years.\n\n",
                n + 2
            )
        };
        let text = format!(
            "# Agreement on the {what} {n}\n\n{}{}{}",
            clause("Scope", "agree upon"),
            clause("Payment", "settle all invoices for"),
            clause("Term", "may end"),
        );
        Given::Text {
            title: format!("Agreement {n}"),
            text,
        }
    }

    fn wanted(count: usize) -> Tune {
        Tune {
            given: (0..count).map(document).collect(),
            model: MODEL.into(),
            name: "House style".into(),
            task: Goal::Draft,
            steps: Some(4),
            rank: 2,
            seed: 1,
        }
    }

    #[test]
    fn tuning_leaves_an_adapter_that_says_where_it_comes_from() {
        let (_folder, app) = app();
        let mut steps = 0;
        let mut planned = None;
        let tuned = app
            .tune(&wanted(6), &mut |event| {
                match event {
                    Tuning::Step { .. } => steps += 1,
                    Tuning::Plan(plan) => planned = Some(plan),
                    _ => {}
                }
                ControlFlow::Continue(())
            })
            .unwrap();
        assert_eq!((steps, tuned.steps, tuned.stopped), (4, 4, "finished"));
        let plan = planned.unwrap();
        assert_eq!(plan.sources, 6);
        assert!(
            plan.seconds.unwrap() > 0.0
                && plan.memory > 0
                && plan.examples.iter().all(|count| *count > 0)
        );
        let id = tuned.adapter.unwrap();
        let info = app.adapter("House style").unwrap();
        assert_eq!(info.id, id);
        assert_eq!(info.manifest.sources.len(), 6);
        assert_eq!(info.manifest.loss, Some(tuned.loss));
        assert_eq!(info.manifest.base_model, MODEL);
        // Nothing unfinished is left, and the model says something else with it.
        assert_eq!(
            std::fs::read_dir(app.home().trainings()).unwrap().count(),
            0
        );
        let text = "The parties agree upon the supply of timber.";
        let plain = app.base(MODEL).unwrap().score(text).unwrap();
        let with = app
            .base_with(MODEL, Some(&id))
            .unwrap()
            .score(text)
            .unwrap();
        assert!(with.nll < plain.nll, "{} and {}", with.nll, plain.nll);
        // Out and in again it is the same one.
        let out = app.home().root().join("out");
        app.export_adapter(&id[..6], &out).unwrap();
        assert_eq!(
            app.export_adapter(&id, &out).unwrap_err().code,
            Code::BadInput
        );
        app.remove_adapter(&id).unwrap();
        assert_eq!(app.adapter(&id).unwrap_err().code, Code::NotFound);
        let again = app.add_adapter(&out).unwrap();
        assert_eq!(
            (again.id.as_str(), again.manifest.name.as_str()),
            (id.as_str(), "House style")
        );
        assert_eq!(
            app.rename_adapter(&id, "Ours").unwrap().manifest.name,
            "Ours"
        );
        assert_eq!(app.adapters().len(), 1);
    }

    #[test]
    fn a_training_that_was_broken_off_goes_on_to_the_same_adapter() {
        let (_folder, app) = app();
        let whole = app
            .tune(&wanted(6), &mut |_| ControlFlow::Continue(()))
            .unwrap();
        let whole = whole.adapter.unwrap();
        app.remove_adapter(&whole).unwrap();
        let mut stop = |event| match event {
            Tuning::Step { step: 2, .. } => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        };
        let stopped = app.tune(&wanted(6), &mut stop).unwrap();
        assert_eq!(
            (stopped.adapter, stopped.steps, stopped.stopped),
            (None, 2, "cancelled")
        );
        assert!(app.adapters().is_empty());
        let mut first = None;
        let resumed = app
            .tune(&wanted(6), &mut |event| {
                if let Tuning::Step { step, .. } = event {
                    first.get_or_insert(step);
                }
                ControlFlow::Continue(())
            })
            .unwrap();
        assert_eq!(
            (first, resumed.adapter.as_deref()),
            (Some(3), Some(whole.as_str()))
        );
    }

    #[test]
    fn what_cannot_be_learnt_from_is_refused_in_a_sentence() {
        let (_folder, app) = app();
        let mut go_on = |_| ControlFlow::Continue(());
        let one = app.tune(&wanted(1), &mut go_on).unwrap_err();
        assert_eq!(one.code, Code::BadInput);
        let nothing = Tune {
            task: Goal::Classify,
            ..wanted(6)
        };
        let nothing = app.tune(&nothing, &mut go_on).unwrap_err();
        assert!(
            nothing.message.en.contains("no examples with classes"),
            "{nothing:?}"
        );
        let other = Tune {
            model: "no-such".into(),
            ..wanted(6)
        };
        assert_eq!(
            app.tune(&other, &mut go_on).unwrap_err().code,
            Code::NotFound
        );
        let mut at_once = |_| ControlFlow::Break(());
        let stopped = app.tune(&wanted(6), &mut at_once).unwrap_err();
        assert!(stopped.message.en.starts_with("Cancelled"), "{stopped:?}");
    }
}
