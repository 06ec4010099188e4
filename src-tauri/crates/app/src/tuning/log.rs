//! The record of a tuning while it is taken.

use std::time::{Duration, Instant};

use moqi_document::Language;
use moqi_lm::TrainEvent;
use moqi_store::{
    LossKind, LossRow, Measured, Part, Progress, RunEnd, RunStatus, SourceRow, TrainingRunRow,
    TrainingRuns, Tuning,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Candidate, Tune};
use crate::App;
use crate::error::{Code, Error, Result, Sentence};
use crate::tune::Side;

/// Time between two writings of losses.
const EVERY: Duration = Duration::from_secs(2);

/// A run being taken. While it lives no other program tunes on this data folder.
pub(super) struct Log<'a> {
    app: &'a App,
    _held: Tuning,
    id: String,
    /// All settings.
    configuration: Value,
    losses: Vec<LossRow>,
    progress: Progress,
    written: Instant,
}

/// A loss and its perplexity.
pub(super) fn figures(loss: f64) -> Measured {
    Measured {
        loss: Some(loss),
        perplexity: Some(loss.exp()),
    }
}

impl<'a> Log<'a> {
    /// Takes the right to tune.
    ///
    /// # Errors
    /// Another program, or another window, tunes.
    pub fn hold(app: &App) -> Result<Tuning> {
        app.store().tuning().map_err(|error| match error {
            moqi_store::Error::Locked => {
                Error::input("已有一项微调正在进行。", "Another tuning is going on.").hint(
                    "请等它结束或先停止它。",
                    "Wait until it ends, or stop it first.",
                )
            }
            other => app.store_error(other),
        })
    }

    /// The run of the same data and settings that was left, and can be taken up.
    ///
    /// # Errors
    /// The data file cannot be read.
    pub fn left(app: &App, key: &str) -> Result<Option<TrainingRunRow>> {
        let store = app.store();
        left(&store.training_runs(), key).map_err(|error| app.store_error(error))
    }

    /// Begins a run, or takes up the one of the same data and settings that was left.
    pub fn begin(
        app: &'a App,
        held: Tuning,
        mut row: TrainingRunRow,
        sources: &[SourceRow],
        wanted: &Tune,
    ) -> Result<Log<'a>> {
        let request = serde_json::to_string(wanted).map_err(|error| {
            Error::new(
                Code::Internal,
                "微调的设置没有写成。",
                "The settings of the tuning could not be written.",
            )
            .caused_by(error)
        })?;
        let (id, configuration) = {
            let store = app.store();
            let runs = store.training_runs();
            let left = left(&runs, &row.data_hash).map_err(|error| app.store_error(error))?;
            let (id, configuration) = match left {
                Some(run) => (run.id, run.configuration),
                None => {
                    row.id = crate::new_id();
                    runs.insert(&row).map_err(|error| app.store_error(error))?;
                    (row.id, row.configuration)
                }
            };
            store
                .training_sources()
                .put(&id, sources)
                .and_then(|()| runs.start(&held, &id, crate::now(), row.steps_wanted))
                .and_then(|()| runs.set_before(&id, row.before))
                .and_then(|()| runs.set_request(&id, &request))
                .map_err(|error| app.store_error(error))?;
            (id, configuration)
        };
        Ok(Log {
            app,
            _held: held,
            id,
            // Settings that cannot be read are settings of which nothing is known.
            configuration: serde_json::from_str(&configuration).unwrap_or_default(),
            losses: Vec::new(),
            progress: Progress::default(),
            written: Instant::now(),
        })
    }

    /// The id of the run.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Settings that were tried by now, also by a run that was broken off and is taken up again.
    pub fn searched(&self) -> Vec<Candidate> {
        let written = self.configuration.get("search");
        let read = written.and_then(|written| Vec::deserialize(written).ok());
        read.unwrap_or_default()
    }

    /// Writes down settings that were tried.
    pub fn tried(&mut self, tried: &[Candidate]) {
        let mut configuration = self.configuration.take();
        if let Value::Object(settings) = &mut configuration {
            settings.insert("search".to_owned(), json!(tried));
        }
        self.configure(configuration);
    }

    /// Writes down the settings.
    pub fn configure(&mut self, configuration: Value) {
        // Nothing but the search is lost where it cannot be written, and that can be made again.
        let _ = self
            .app
            .store()
            .training_runs()
            .set_configuration(&self.id, &configuration.to_string());
        self.configuration = configuration;
    }

    /// Writes down what happens in a training, and says what of it is of interest to others. `steps` becomes the number of
    /// steps in all.
    pub fn hear(&mut self, event: TrainEvent, steps: &mut usize) -> super::Tuning {
        use super::Tuning as Told;
        match event {
            TrainEvent::Began {
                steps: all, taken, ..
            } => {
                *steps = all;
                self.taken(taken);
                Told::Began {
                    run: self.id.clone(),
                    taken,
                    steps: all,
                }
            }
            TrainEvent::Pulse => Told::Pulse,
            TrainEvent::Step {
                step,
                loss,
                rate,
                gradient,
                tokens,
                seconds,
            } => {
                let row = LossRow {
                    step: count(step),
                    kind: LossKind::Train,
                    loss,
                    rate: Some(rate),
                    gradient: Some(gradient),
                    seconds,
                };
                self.loss(row, tokens);
                Told::Step {
                    step,
                    loss,
                    rate: tokens as f64 / seconds.max(1e-9),
                    seconds,
                    left: seconds / step as f64 * steps.saturating_sub(step) as f64,
                }
            }
            TrainEvent::Validated { step, loss, best } => {
                self.validated(step, loss);
                Told::Validated { step, loss, best }
            }
            TrainEvent::Saved { .. } => Told::Saved(true),
            TrainEvent::NotSaved { .. } => Told::Saved(false),
        }
    }

    /// Training goes on after so many steps: what the record says of later ones did not happen.
    fn taken(&self, steps: usize) {
        // The record is for people to look at; that it cannot be written is no reason to stop learning.
        let _ = self
            .app
            .store()
            .training_losses()
            .cut(&self.id, count(steps));
    }

    /// A loss, and how far the run is.
    fn loss(&mut self, row: LossRow, tokens: u64) {
        self.progress = Progress {
            steps: row.step,
            tokens: i64::try_from(tokens).unwrap_or(i64::MAX),
            seconds: row.seconds,
            peak_bytes: i64::try_from(crate::models::peak_memory().unwrap_or(0))
                .unwrap_or(i64::MAX),
        };
        self.losses.push(row);
        if self.written.elapsed() >= EVERY {
            self.flush();
        }
    }

    /// A look at the validation part.
    fn validated(&mut self, step: usize, loss: f64) {
        self.losses.push(LossRow {
            step: count(step),
            kind: LossKind::Valid,
            loss,
            rate: None,
            gradient: None,
            seconds: self.progress.seconds,
        });
    }

    fn flush(&mut self) {
        // As above.
        let _ = self
            .app
            .store()
            .training_losses()
            .append(&self.id, &self.losses, &self.progress);
        self.losses.clear();
        self.written = Instant::now();
    }

    /// Writes down what came of it. That it cannot be written is no reason to lose the adapter.
    pub fn report(&self, outcome: &super::Outcome) {
        if let Ok(text) = serde_json::to_string(outcome) {
            let _ = self.app.store().training_runs().set_report(&self.id, &text);
        }
    }

    /// Ends the run.
    pub fn end(
        mut self,
        status: RunStatus,
        adapter: Option<String>,
        after: Option<f64>,
        error: Option<String>,
    ) -> Result<()> {
        self.flush();
        let end = RunEnd {
            status,
            at: crate::now(),
            adapter,
            after: after.map_or_else(Measured::default, figures),
            error,
        };
        let ended = self.app.store().training_runs().end(&self.id, &end);
        ended.map_err(|error| self.app.store_error(error))
    }
}

fn left(
    runs: &TrainingRuns<'_>,
    key: &str,
) -> std::result::Result<Option<TrainingRunRow>, moqi_store::Error> {
    let mut known = runs.list()?.into_iter();
    Ok(known.find(|run| run.data_hash == key && run.status == RunStatus::Interrupted))
}

/// Mean loss of the bare base on the held-out part as a run that was left had measured it, in nats a token; none where it
/// had cut its examples elsewhere, as it does where memory is short.
pub(super) fn loss_before(left: &TrainingRunRow, length: usize) -> Option<f64> {
    let settings: Value = serde_json::from_str(&left.configuration).ok()?;
    let same = settings.get("length")? == &json!(length);
    left.before.loss.filter(|_| same)
}

pub(super) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// What a run learns from and what it leaves out.
pub(super) fn sources(dataset: &crate::tune::Dataset, language: Language) -> Vec<SourceRow> {
    let documents = dataset.report.documents.iter();
    let learned = documents
        .zip(&dataset.sources)
        .map(|(learned, source)| SourceRow {
            title: source.name.clone(),
            hash: source.hash.clone(),
            document_id: source.document.clone(),
            examples: count(learned.examples),
            tokens: 0,
            part: learned.side.into(),
            reason: None,
        });
    let labelled = dataset.report.labelled.iter().filter_map(|rows| {
        let source = dataset.sources.get(rows.source)?;
        Some(SourceRow {
            title: source.name.clone(),
            hash: source.hash.clone(),
            document_id: None,
            examples: count(rows.sides.len()),
            tokens: 0,
            part: Part::Train,
            reason: None,
        })
    });
    let repeated = dataset.report.repeated.iter().filter_map(|repeated| {
        let source = dataset.sources.get(repeated.source)?;
        let why = Sentence::new("复习以前学过的", "repeated of what was learnt before");
        Some(SourceRow {
            title: source.name.clone(),
            hash: source.hash.clone(),
            document_id: source.document.clone(),
            examples: count(repeated.examples),
            tokens: 0,
            part: Part::Train,
            reason: Some(why.in_language(language).to_owned()),
        })
    });
    let left_out = dataset.left_out.iter().map(|left| SourceRow {
        title: left.name.clone(),
        hash: String::new(),
        document_id: None,
        examples: 0,
        tokens: 0,
        part: Part::LeftOut,
        reason: Some(left.why.sentence().in_language(language).to_owned()),
    });
    learned
        .chain(labelled)
        .chain(repeated)
        .chain(left_out)
        .collect()
}

impl From<Side> for Part {
    fn from(side: Side) -> Part {
        match side {
            Side::Train => Part::Train,
            Side::Valid => Part::Valid,
            Side::Test => Part::Test,
        }
    }
}

impl Side {
    /// The side of a part of the record; none of what was left out.
    pub fn of(part: Part) -> Option<Side> {
        match part {
            Part::Train => Some(Side::Train),
            Part::Valid => Some(Side::Valid),
            Part::Test => Some(Side::Test),
            Part::LeftOut => None,
        }
    }

    /// The side of a source in the folder of an adapter; what it does not say was learnt from.
    pub fn named(part: &str) -> Side {
        let part = Part::read(part).and_then(Side::of);
        part.unwrap_or(Side::Train)
    }
}

/// A failure while a run is taken, as its record tells it.
pub(super) fn told(error: &Error, language: Language) -> String {
    let internal = if error.code == Code::Internal {
        "internal: "
    } else {
        ""
    };
    format!("{internal}{}", error.message.in_language(language))
}
