//! What a tuning leaves behind, as the record and the adapter's folder tell it.

use moqi_document::Language;
use moqi_lm::{LowRank, Method, Target};
use moqi_store::{AdapterState, Measured, Part, Progress, RunStatus, TrainingRunRow};
use serde_json::json;

use super::config::settings;
use super::prepare::Prepared;
use super::{Tune, log};
use crate::adapters::Standing;
use crate::models;
use crate::record::{BaseNamed, Figures, Manifest, SourceNamed};
use crate::tune::export::Job;

/// The row of a run before it begins.
pub(super) fn run_row(
    wanted: &Tune,
    prepared: &Prepared,
    key: String,
    before: f64,
) -> TrainingRunRow {
    let Prepared { base, config, .. } = prepared;
    TrainingRunRow {
        id: String::new(),
        name: wanted.name.clone(),
        adapter: None,
        begun_from: wanted.from.clone(),
        base: base.fingerprint().to_owned(),
        status: RunStatus::Queued,
        created_at: crate::now(),
        started_at: None,
        ended_at: None,
        configuration: configuration(prepared, wanted).to_string(),
        data_hash: key,
        machine: match base.on_card() {
            true => base.info().device.clone(),
            false => format!("{}, {} threads", base.info().device, config.threads),
        },
        seed: wanted.seed,
        steps_wanted: log::count(prepared.plan.steps),
        progress: Progress::default(),
        before: log::figures(before),
        after: Measured::default(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        error: None,
    }
}

/// What the record says of the adapter a run has made.
pub(super) fn standing(wanted: &Tune, run: &str, state: AdapterState) -> Standing {
    Standing {
        wall: wanted.wall.clone(),
        state,
        run: Some(run.to_owned()),
        parents: Vec::new(),
    }
}

/// What the adapter's folder says of itself.
pub(super) fn manifest(wanted: &Tune, prepared: &Prepared, loss: (f64, f64)) -> Manifest {
    let Prepared {
        base,
        dataset,
        config,
        known,
        ..
    } = prepared;
    let figures = |loss: f64| Figures::from(log::figures(loss));
    let zh = dataset
        .sources
        .iter()
        .filter(|source| source.language == Language::Zh)
        .count();
    let rows = log::sources(dataset, Language::En);
    let used = rows
        .into_iter()
        .filter(|row| row.part != Part::LeftOut && row.reason.is_none());
    let mut sources: Vec<SourceNamed> = used
        .map(|row| SourceNamed {
            title: row.title,
            hash: row.hash,
            part: row.part.name().to_owned(),
            examples: row.examples,
            tokens: row.tokens,
        })
        .collect();
    // What it goes on from knew all of that, repeated or not.
    for source in known {
        if !sources.iter().any(|new| new.hash == source.hash) {
            sources.push(source.clone());
        }
    }
    Manifest {
        base: BaseNamed {
            fingerprint: base.fingerprint().to_owned(),
            name: wanted.model.clone(),
        },
        name: wanted.name.clone(),
        method: ranked(&config.method).0.to_owned(),
        language: models::tag(if 2 * zh > dataset.sources.len() {
            Language::Zh
        } else {
            Language::En
        })
        .to_owned(),
        created_at: crate::now(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        begun_from: wanted.from.clone(),
        configuration: configuration(prepared, wanted),
        sources,
        before: figures(loss.0),
        after: figures(loss.1),
        ..Manifest::default()
    }
}

/// The name of a method, its size, and its alpha where it has one.
fn ranked(method: &Method) -> (&'static str, usize, Option<f32>) {
    let low = |name, low: &LowRank| (name, low.rank, Some(low.alpha));
    match method {
        Method::Lora(updates) => low("lora", updates),
        Method::Dora(updates) => low("dora", updates),
        Method::AdaLora { updates, .. } => low("adalora", updates),
        Method::Bottleneck { size } => ("bottleneck", *size, None),
        Method::Prefix { tokens } => ("prefix", *tokens, None),
        Method::Full => ("full", 0, None),
    }
}

/// All settings, as the record keeps them.
pub(super) fn configuration(prepared: &Prepared, wanted: &Tune) -> serde_json::Value {
    let config = &prepared.config;
    let (method, rank, alpha) = ranked(&config.method);
    json!({
        "method": method,
        "rank": rank,
        "alpha": alpha,
        "begun_from": wanted.from,
        "replay": wanted.from.as_ref().map(|_| wanted.replay),
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
        "search": wanted.search.then_some(&prepared.searched),
    })
}

/// The same job for a cluster. Alpha is twice the rank, as here.
pub(super) fn job(wanted: &Tune, base: &str) -> Job {
    let settings = settings(wanted);
    let rank = u32::try_from(ranked(&settings.method).1).unwrap_or(u32::MAX / 2);
    Job {
        base: base.to_owned(),
        rank,
        alpha: 2 * rank,
        dropout: 0.0,
        targets: Target::ALL.map(|target| target.name().to_owned()).to_vec(),
        learning_rate: settings.learning_rate,
        epochs: settings.epochs,
        max_steps: settings.steps,
        batch: 4,
        accumulation: 1,
        warmup_steps: 10,
        weight_decay: settings.weight_decay,
        clip: settings.clip,
        cutoff: u32::try_from(settings.length).unwrap_or(u32::MAX),
        noise: None,
        seed: wanted.seed,
    }
}
