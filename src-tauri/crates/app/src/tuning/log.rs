//! The record of a tuning while it is taken.

use std::time::{Duration, Instant};

use moqi_lm::TrainEvent;
use moqi_store::{
    LossKind, LossRow, Measured, Part, Progress, RunEnd, RunStatus, SourceRow, TrainingRunRow,
    Tuning,
};

use super::Tune;
use crate::App;
use crate::error::{Code, Error, Result, Sentence};
use crate::memory::as_error;

/// Time between two writings of losses.
const EVERY: Duration = Duration::from_secs(2);

/// A run being taken. While it lives no other program tunes on this data folder.
pub(super) struct Log<'a> {
    app: &'a App,
    _held: Tuning,
    id: String,
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
            other => failed(app, other),
        })
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
        let id = {
            let store = app.store();
            let runs = store.training_runs();
            let known = runs.list().map_err(|error| failed(app, error))?;
            let left = known
                .into_iter()
                .find(|run| run.data_hash == row.data_hash && run.status == RunStatus::Interrupted);
            let id = match left {
                Some(run) => run.id,
                None => {
                    row.id = crate::new_id();
                    runs.insert(&row).map_err(|error| failed(app, error))?;
                    row.id.clone()
                }
            };
            store
                .training_sources()
                .put(&id, sources)
                .and_then(|()| runs.start(&held, &id, crate::now(), row.steps_wanted))
                .and_then(|()| runs.set_before(&id, row.before))
                .and_then(|()| runs.set_request(&id, &request))
                .map_err(|error| failed(app, error))?;
            id
        };
        Ok(Log {
            app,
            _held: held,
            id,
            losses: Vec::new(),
            progress: Progress::default(),
            written: Instant::now(),
        })
    }

    /// The id of the run.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Writes down what happens in a training, and says what of it is of interest to others. `steps` becomes the number of
    /// steps in all.
    pub fn hear(&mut self, event: TrainEvent, steps: &mut usize) -> Option<super::Tuning> {
        use super::Tuning as Told;
        Some(match event {
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
        })
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
        ended.map_err(|error| failed(self.app, error))
    }
}

fn failed(app: &App, error: moqi_store::Error) -> Error {
    as_error(&app.home().database(), error)
}

pub(super) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// What a run learns from and what it leaves out.
pub(super) fn sources(
    dataset: &crate::tune::Dataset,
    language: moqi_document::Language,
) -> Vec<SourceRow> {
    use crate::tune::Side;
    let documents = dataset.report.documents.iter();
    let learned = documents
        .zip(&dataset.sources)
        .map(|(learned, source)| SourceRow {
            title: source.name.clone(),
            hash: source.hash.clone(),
            document_id: source.document.clone(),
            examples: count(learned.examples),
            tokens: 0,
            part: match learned.side {
                Side::Train => Part::Train,
                Side::Valid => Part::Valid,
                Side::Test => Part::Test,
            },
            reason: None,
        });
    let labelled = dataset.report.labelled.iter().filter_map(|rows| {
        let source = dataset.sources.get(rows.source)?;
        Some(SourceRow {
            title: source.name.clone(),
            hash: source.hash.clone(),
            document_id: None,
            examples: count(rows.sides.iter().sum()),
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

/// A failure while a run is taken, as its record tells it.
pub(super) fn told(error: &Error) -> String {
    let internal = if error.code == Code::Internal {
        "internal: "
    } else {
        ""
    };
    format!("{internal}{}", error.message.en)
}
