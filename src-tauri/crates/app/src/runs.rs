//! The record of tunings: looked at, and written out for spreadsheets and for TensorBoard.

use std::path::{Path, PathBuf};

use moqi_store::{LossKind, LossRow, SourceRow, TrainingRunRow};

use crate::error::{Code, Error, Result};
use crate::{App, Outcome, files, models, record};

/// Losses by step, in nats a token.
pub type Curve = Vec<(usize, f64)>;

impl App {
    /// All runs, the newest first.
    ///
    /// # Errors
    /// The data file cannot be read.
    pub fn runs(&self) -> Result<Vec<TrainingRunRow>> {
        let runs = self.store().training_runs().list();
        runs.map_err(|error| self.store_error(error))
    }

    /// The run of an id, or of a beginning of one that no other has.
    ///
    /// # Errors
    /// There is none, or there are several.
    pub fn run(&self, id: &str) -> Result<TrainingRunRow> {
        let mut found = self.runs()?;
        found.retain(|run| run.id == id || (id.len() >= 4 && run.id.starts_with(id)));
        match <[TrainingRunRow; 1]>::try_from(found) {
            Ok([run]) => Ok(run),
            Err(found) if found.is_empty() => Err(Error::new(
                Code::NotFound,
                format!("没有编号为“{id}”的训练记录。"),
                format!("There is no training run “{id}”."),
            )
            .hint("运行 moqi runs 可查看全部。", "moqi runs lists them all.")),
            Err(_) => Err(Error::input(
                format!("有多条训练记录以“{id}”开头。"),
                format!("Several training runs begin with “{id}”."),
            )
            .hint("请写出完整编号。", "Give the whole id.")),
        }
    }

    /// What a run learnt from and what it left out.
    ///
    /// # Errors
    /// The data file cannot be read.
    pub fn run_sources(&self, id: &str) -> Result<Vec<SourceRow>> {
        let sources = self.store().training_sources().of(id);
        sources.map_err(|error| self.store_error(error))
    }

    /// The losses of a run by step, in nats a token: of what it learnt from, and of the validation part.
    ///
    /// # Errors
    /// The data file cannot be read.
    pub fn run_losses(&self, id: &str) -> Result<(Curve, Curve)> {
        let rows = self.losses(id)?;
        let of = |kind| {
            let of_kind = rows.iter().filter(|row| row.kind == kind);
            let finite = of_kind.filter(|row| row.loss.is_finite());
            finite
                .filter_map(|row| Some((usize::try_from(row.step).ok()?, row.loss)))
                .collect()
        };
        Ok((of(LossKind::Train), of(LossKind::Valid)))
    }

    /// What came of a run, where that is known.
    pub fn outcome(&self, id: &str) -> Option<Outcome> {
        let report = self.store().training_runs().report(id).ok().flatten()?;
        serde_json::from_str(&report).ok()
    }

    /// Name of the model of a run; the beginning of its fingerprint where that is all that is known.
    pub fn run_model(&self, run: &TrainingRunRow) -> String {
        let asked = self.asked_for(&run.id).ok().map(|asked| asked.model);
        let model = asked.and_then(|id| models::find(self.home(), &id).ok());
        model.map_or_else(
            || run.base.chars().take(12).collect(),
            |model| model.entry.name,
        )
    }

    /// Whether what was asked of a run is known, so that it can be gone on with.
    pub fn resumable(&self, id: &str) -> bool {
        self.asked_for(id).is_ok()
    }

    fn losses(&self, id: &str) -> Result<Vec<LossRow>> {
        let failed = |error| self.store_error(error);
        let store = self.store();
        let mut all = store
            .training_losses()
            .of(id, LossKind::Train)
            .map_err(failed)?;
        all.extend(
            store
                .training_losses()
                .of(id, LossKind::Valid)
                .map_err(failed)?,
        );
        Ok(all)
    }

    /// Writes a table for spreadsheets (CSV): the losses of a run, or all runs where none is named.
    ///
    /// # Errors
    /// There is no such run, or the file cannot be written.
    pub fn export_runs(&self, id: Option<&str>, path: &Path) -> Result<()> {
        let text = match id {
            Some(id) => record::csv_of_run(&self.losses(&self.run(id)?.id)?),
            None => record::csv_of_runs(&self.runs()?),
        };
        files::write_whole(path, text.as_bytes())
    }

    /// Writes the losses of a run as an event file of TensorBoard, into a folder of the run's own below `folder`.
    ///
    /// # Errors
    /// There is no such run, or the file cannot be written.
    pub fn export_events(&self, id: &str, folder: &Path) -> Result<PathBuf> {
        let run = self.run(id)?;
        let losses = self.losses(&run.id)?;
        let own = folder.join(files::clean_name(&format!("{} {}", run.name, run.id)));
        let path = own.join(record::events_name(&run, "moqi"));
        files::write_whole(&path, &record::events(&run, &losses))?;
        Ok(path)
    }
}
