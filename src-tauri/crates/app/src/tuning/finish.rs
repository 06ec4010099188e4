//! What comes after the last step: the result is measured, tried for leaks, and kept.

use moqi_lm::Trained;
use moqi_store::AdapterState;

use super::prepare::Prepared;
use super::rows::{manifest, standing};
use super::{Ear, Outcome, Phase, Tune, Tuning};
use crate::App;
use crate::adapters::as_error;
use crate::error::Result;
use crate::tune::leak::leak_test;
use crate::tune::measure::{Options, Progress, compare};

impl App {
    /// Measures what was learnt beside the bare base, asks it for what it must not tell, and keeps it: as leaking, where it
    /// tells. Gives what came of it, and its mean loss on the held-out part in nats a token; nothing where it was broken off.
    ///
    /// # Errors
    /// A disk that refuses.
    pub(super) fn finish(
        &self,
        wanted: &Tune,
        prepared: &Prepared,
        trained: &Trained,
        run: &str,
        ear: &mut Ear<'_>,
    ) -> Result<Option<(Outcome, f64)>> {
        let Prepared {
            base,
            dataset,
            config,
            before,
            ..
        } = prepared;
        let options = Options {
            drafts: wanted.effort.drafts(),
            threads: config.threads,
            seed: wanted.seed,
            length: config.length,
            before: before.clone(),
            ..Options::default()
        };
        if ear.hear(Tuning::Phase(Phase::After)).is_break() {
            return Ok(None);
        }
        let mut counted = |Progress { done, all }| ear.hear(Tuning::Counted { done, all });
        let adapter = &trained.adapter;
        let Some(compared) = compare(base, adapter, dataset, &options, &mut counted)? else {
            return Ok(None);
        };
        if ear.hear(Tuning::Phase(Phase::Leaks)).is_break() {
            return Ok(None);
        }
        let mut counted = |done, all| ear.hear(Tuning::Counted { done, all });
        let secrets = &dataset.secrets;
        let Some(leaks) = leak_test(base, adapter, secrets, config.threads, &mut counted)? else {
            return Ok(None);
        };
        let [before, after] = match compared.all.fit {
            Some(fit) => [fit.before.loss, fit.after.loss],
            None => [f64::NAN; 2],
        };
        let manifest = manifest(wanted, prepared, (before, after));
        let beside = self.home().trainings().join("adapter");
        adapter
            .save(base, &wanted.model, &beside)
            .map_err(as_error)?;
        let state = match leaks.sound() {
            true => AdapterState::Candidate,
            false => AdapterState::Leaking,
        };
        let kept = self.keep_adapter(&beside, &manifest, standing(wanted, run, state))?;
        self.keep_house_clauses(&kept.id, wanted, dataset)?;
        // The adapter is where it belongs; what stays behind would only take room.
        let _ = std::fs::remove_dir_all(&beside);
        let outcome = Outcome {
            adapter: kept.id,
            steps: trained.steps,
            seconds: trained.seconds,
            early: trained.ended == moqi_lm::Ended::EarlyStop,
            leaks: Some(leaks),
            ..Outcome::of(&compared)
        };
        Ok(Some((outcome, after)))
    }
}
