//! Figures of a model on this machine: reading, writing, and drafting from the clauses of the library.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use moqi_document::{Language, parse};
use moqi_lm::{Base, Message, Options, Place, Role, Sampling};

use crate::App;
use crate::draft;
use crate::error::Result;
use crate::model::as_error;
use crate::prompt::{self, Context, Task};

/// Figures of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Speed {
    /// Where the model ran.
    pub device: String,
    /// Seconds to load it.
    pub load: f64,
    /// Tokens of a prompt of [`PROMPT`] read a second.
    pub prefill: f64,
    /// Tokens written a second, [`NEW`] of them after that prompt.
    pub decode: f64,
}

/// Tokens of the prompt.
pub const PROMPT: usize = 512;
/// Tokens written after it.
pub const NEW: usize = 128;

fn options(threads: Option<usize>) -> Options {
    Options {
        threads,
        place: Place::Automatic,
    }
}

/// Measures a model file once, after a run that is not counted.
pub fn speed(file: &Path, threads: Option<usize>) -> Result<Speed> {
    let started = Instant::now();
    let base = Base::load_with(file, &options(threads)).map_err(as_error)?;
    let load = started.elapsed().as_secs_f64();
    let vocabulary = base.info().vocabulary.max(2) as u64;
    let prompt: Vec<u32> = (0..PROMPT as u64)
        .map(|n| u32::try_from(1 + n * 7919 % (vocabulary - 1)).unwrap_or(1))
        .collect();
    let mut session = base.session().map_err(as_error)?;
    session
        .measure(&prompt[..64], &prompt[..8], 1)
        .map_err(as_error)?;
    let (prefill, decode) = session
        .measure(&prompt, &prompt[..NEW], 1)
        .map_err(as_error)?;
    Ok(Speed {
        device: base.info().device.clone(),
        load,
        prefill: PROMPT as f64 / prefill,
        decode: NEW as f64 / decode,
    })
}

/// Figures of tuning.
#[derive(Debug, Clone, PartialEq)]
pub struct TuneSpeed {
    /// Seconds for a step over [`TEXTS`] texts of [`LENGTH`] tokens: the median of [`STEPS`] after one that is not counted.
    pub step: f64,
    /// The loss of the first step, in nats.
    pub loss: f64,
    /// Where it was tuned.
    pub device: String,
    /// The most bytes that were taken on a graphics card after a step, with the weights; none on the processor.
    pub card: Option<u64>,
}

/// Texts of a step of tuning.
pub const TEXTS: usize = 4;
/// Tokens of each that are read.
pub const LENGTH: usize = 256;
/// Steps that are measured.
pub const STEPS: usize = 3;

/// Measures the tuning of a model file: LoRA of rank 8 on all products, as the program tunes, or with all numbers in single
/// precision; on the processor, or on a graphics card.
///
/// # Errors
/// The file cannot be loaded there.
pub fn tuning(file: &Path, threads: Option<usize>, exact: bool, card: bool) -> Result<TuneSpeed> {
    let place = Options {
        threads: Some(1),
        place: match card {
            true => Place::Card,
            false => Place::Processor,
        },
    };
    let base = Base::load_with(file, &place).map_err(as_error)?;
    let vocabulary = base.info().vocabulary.max(2);
    let text = |n: usize| moqi_lm::Example {
        tokens: (0..=LENGTH)
            .map(|at| u32::try_from(1 + (n * 7919 + at * 104_729) % (vocabulary - 1)).unwrap_or(1))
            .collect(),
        from: 1,
    };
    let examples = moqi_lm::Examples {
        train: (0..TEXTS).map(text).collect(),
        ..moqi_lm::Examples::default()
    };
    let usual = moqi_lm::TrainConfig::default();
    let config = moqi_lm::TrainConfig {
        steps: Some(1 + STEPS),
        batch_tokens: TEXTS * (LENGTH + 1),
        threads: threads.unwrap_or(usual.threads),
        precision: match exact {
            true => moqi_lm::Precision::Single,
            false => moqi_lm::Precision::Mixed,
        },
        ..usual
    };
    // On a card the first steps are slow: its driver takes memory and loads what it needs.
    let warm = if card { 20 } else { 1 };
    let config = moqi_lm::TrainConfig {
        steps: Some(warm + STEPS * if card { 10 } else { 1 }),
        ..config
    };
    let free = base.card_free();
    let mut least = free;
    let mut taken = Vec::new();
    let mut last = 0.0;
    let trained = moqi_lm::train(&base, &examples, &config, None, None, &mut |event| {
        if let moqi_lm::TrainEvent::Step { seconds, .. } = event {
            taken.push(seconds - last);
            last = seconds;
            least = base.card_free().min(least);
        }
        ControlFlow::Continue(())
    })
    .map_err(as_error)?;
    let mut steps = taken.split_off(warm);
    steps.sort_by(f64::total_cmp);
    Ok(TuneSpeed {
        device: base.info().device.clone(),
        step: steps[steps.len() / 2],
        loss: trained.losses[0],
        card: free.zip(least).map(|(free, least)| {
            let taken = free.saturating_sub(least);
            taken + base.info().weight_bytes
        }),
    })
}

/// Figures of drafting.
#[derive(Debug, Clone, PartialEq)]
pub struct Drafting {
    /// Clauses that were drafted after their precedent.
    pub clauses: usize,
    /// Tokens written.
    pub tokens: usize,
    /// Tokens guessed from earlier text.
    pub guessed: usize,
    /// Of those, right ones.
    pub accepted: usize,
    /// Tokens a second with guesses.
    pub with: f64,
    /// Tokens a second without.
    pub without: f64,
}

/// Drafts some clauses of the shipped library in a language as the assistant would, with and without guesses in turn.
pub fn drafting(
    app: &App,
    file: &Path,
    threads: Option<usize>,
    language: Language,
    clauses: usize,
) -> Result<Drafting> {
    let base = Base::load_with(file, &options(threads)).map_err(as_error)?;
    let all = app.clauses("", None, Some(language), None)?;
    let step = (all.len() / clauses.max(1)).max(1);
    let mut figures = Drafting {
        clauses: 0,
        tokens: 0,
        guessed: 0,
        accepted: 0,
        with: 0.0,
        without: 0.0,
    };
    let mut tokens_without = 0;
    for clause in all.iter().step_by(step).take(clauses) {
        let text = app.clause_text(&clause.id)?;
        let document = parse(&crate::filled_text(&text, &draft::sample(&text)));
        let context = Context {
            title: clause.title.clone(),
            outline: vec![clause.title.clone()],
            heading: clause.title.clone(),
            passage: String::new(),
            instruction: String::new(),
            precedent: Some(prompt::reading(&document, 0..document.blocks.len())),
        };
        let (system, user) = prompt::messages(Task::Draft, language, &context);
        let messages = [
            Message::new(Role::System, system),
            Message::new(Role::User, user),
        ];
        let prompt = base.chat(&messages).map_err(as_error)?;
        for lookup in [true, false] {
            let sampling = Sampling {
                lookup,
                ..crate::model::drafting()
            };
            let written = base
                .session()
                .map_err(as_error)?
                .generate(&prompt, &sampling, &mut |_| ControlFlow::Continue(()))
                .map_err(as_error)?;
            if lookup {
                figures.clauses += 1;
                figures.tokens += written.tokens;
                figures.guessed += written.guessed;
                figures.accepted += written.accepted;
                figures.with += written.decode_seconds;
            } else {
                tokens_without += written.tokens;
                figures.without += written.decode_seconds;
            }
        }
    }
    figures.with = figures.tokens as f64 / figures.with.max(1e-9);
    figures.without = tokens_without as f64 / figures.without.max(1e-9);
    Ok(figures)
}
