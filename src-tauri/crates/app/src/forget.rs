//! Forgetting a document: what was learnt from it is learnt again without it, and what cannot be is deleted.
//!
//! What knows the document is out of use from the first moment. The work can be broken off at any time and gone on with;
//! until then the settings remember how far it is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::ControlFlow;

use moqi_store::{AdapterState, Part, RunStatus};
use serde::{Deserialize, Serialize};

use crate::adapters::AdapterInfo;
use crate::error::{Code, Error, Result};
use crate::tuning::from::run_of;
use crate::tuning::{Report, Tune};
use crate::{App, TrainingRunRow};

mod gone;

pub use gone::Gone;
use gone::Why;

/// What forgetting a document comes to. What is made of others comes after them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ForgetPlan {
    /// Adapters that are learnt, or mixed, again.
    pub again: Vec<AdapterInfo>,
    /// Adapters that can only be deleted: nobody knows any more how they were made, what they were made of is gone, or they
    /// leak.
    pub deleted: Vec<AdapterInfo>,
}

/// What was done to forget a document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Forgotten {
    /// Ids of adapters, and of those that took their place.
    pub retrained: Vec<(String, String)>,
    /// Adapters that are gone without another in their place.
    pub deleted: Vec<Gone>,
    /// Ids of adapters that are out of use and still to be learnt again, where the work was broken off.
    pub left: Vec<String>,
}

/// The setting that remembers what is being forgotten.
const SETTING: &str = "forgetting";

/// What is being forgotten, and how far that is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Journal {
    /// Hashes of the sources.
    hashes: BTreeSet<String>,
    /// Ids of documents of this program.
    documents: BTreeSet<String>,
    /// How the adapters stood before, by id.
    were: BTreeMap<String, Was>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Was {
    kept: bool,
    used: bool,
    /// What took its place.
    new: Option<String>,
}

/// How an adapter comes back.
enum Way {
    Learn(Box<Tune>),
    Mix(Vec<(String, f32)>),
    Delete(Why),
}

/// What takes its place.
enum Again {
    Made(String),
    /// Nothing does, for this reason.
    Nothing(Why),
}

impl App {
    /// What forgetting a document comes to: a source by its SHA-256 in hexadecimal, or a document of this program by its id,
    /// with all that its text has been.
    ///
    /// # Errors
    /// The data file cannot be read.
    pub fn forget_plan(&self, what: &str) -> Result<ForgetPlan> {
        let mut journal = self.journal()?;
        let runs = self.runs()?;
        self.name_all(what, &runs, &mut journal)?;
        let mut plan = ForgetPlan::default();
        for (info, way) in self.ways(&journal, &runs)? {
            match way {
                Way::Delete(_) => plan.deleted.push(info),
                Way::Learn(_) | Way::Mix(_) => plan.again.push(info),
            }
        }
        Ok(plan)
    }

    /// Forgets a document, named as for [`App::forget_plan`]. All that know it are out of use at once; each is learnt again
    /// without it, as it would have been had the document never been given: with the same settings, from the files as they
    /// are today. Then the old one is deleted, and with it what the record quotes. What takes its place stands where it
    /// stood and is in use where it was, unless it leaks. Names that only the forgotten document introduced are known no more:
    /// in others they are masked where those themselves show that they are names.
    ///
    /// Broken off, it leaves what is still to be learnt out of use; asked again, for this document or another, it goes on.
    ///
    /// # Errors
    /// As [`App::tune`]: what is still to be learnt stays out of use.
    pub fn forget(&self, what: &str, report: Report<'_>) -> Result<Forgotten> {
        let mut journal = self.journal()?;
        let runs = self.runs()?;
        self.name_all(what, &runs, &mut journal)?;
        let all = self.ways(&journal, &runs)?;
        for (info, _) in &all {
            let was = Was {
                kept: info.state == AdapterState::Kept,
                used: info.used,
                new: None,
            };
            // One that was put out of use before, by a try that was broken off, is known from then.
            journal.were.entry(info.id.clone()).or_insert(was);
        }
        self.set_journal(Some(&journal))?;
        for (info, _) in all
            .iter()
            .filter(|(info, _)| info.state != AdapterState::Leaking)
        {
            let decided = self
                .store()
                .adapters()
                .decide(&info.id, AdapterState::Discarded);
            decided.map_err(|error| self.store_error(error))?;
        }
        self.drop_traces(&journal, &runs, &all)?;
        let mut done = Forgotten::default();
        for n in 0..all.len() {
            let (info, way) = &all[n];
            let new = match journal.were.get(&info.id).and_then(|was| was.new.clone()) {
                Some(new) => Again::Made(new),
                None => match self.again(info, way, &journal, &mut *report)? {
                    ControlFlow::Continue(new) => new,
                    ControlFlow::Break(()) => {
                        done.left = all[n..].iter().map(|(info, _)| info.id.clone()).collect();
                        return Ok(done);
                    }
                },
            };
            match new {
                Again::Made(new) => {
                    let was = journal.were.entry(info.id.clone()).or_default();
                    was.new = Some(new.clone());
                    let was = was.clone();
                    self.set_journal(Some(&journal))?;
                    if new != info.id {
                        self.remove_adapter(&info.id)?;
                    }
                    self.put_back(&new, &was)?;
                    done.retrained.push((info.id.clone(), new));
                }
                Again::Nothing(why) => {
                    self.remove_adapter(&info.id)?;
                    done.deleted.push(Gone {
                        id: info.id.clone(),
                        name: info.manifest.name.clone(),
                        why: why.sentence(),
                    });
                }
            }
        }
        self.set_journal(None)?;
        Ok(done)
    }

    /// Adds all that a document is named by: its hash, its id, and the hashes of what its text has been.
    fn name_all(&self, what: &str, runs: &[TrainingRunRow], journal: &mut Journal) -> Result<()> {
        if what.trim().is_empty() {
            return Err(Error::input("没有指定文件。", "No document is named."));
        }
        let mut rows = Vec::new();
        for run in runs {
            rows.extend(self.run_sources(&run.id)?);
        }
        journal.hashes.insert(what.to_owned());
        let of_document = |row: &moqi_store::SourceRow| {
            row.document_id
                .clone()
                .filter(|id| id == what || row.hash == what)
        };
        journal
            .documents
            .extend(rows.iter().filter_map(of_document));
        let hashes = rows.into_iter().filter(|row| {
            let document = row.document_id.as_ref();
            !row.hash.is_empty() && document.is_some_and(|id| journal.documents.contains(id))
        });
        journal.hashes.extend(hashes.map(|row| row.hash));
        Ok(())
    }

    /// The adapters that know it, each with the way it comes back; what is made of others comes after them.
    fn ways(&self, journal: &Journal, runs: &[TrainingRunRow]) -> Result<Vec<(AdapterInfo, Way)>> {
        let everyone = self.adapters();
        let known = self.knowing(journal, &everyone)?;
        let there: BTreeSet<&str> = everyone.iter().map(|info| info.id.as_str()).collect();
        let mut gone: BTreeSet<String> = BTreeSet::new();
        let mut ways = Vec::new();
        for info in in_order(known) {
            let parents = self.store().adapters().parents(&info.id);
            let parents = parents.map_err(|error| self.store_error(error))?;
            let replaced = |id: &str| journal.were.get(id).is_some_and(|was| was.new.is_some());
            let can = |id: &str| !gone.contains(id) && (there.contains(id) || replaced(id));
            let way = match run_of(runs, &info.id, info.run.as_deref()) {
                _ if info.state == AdapterState::Leaking => Way::Delete(Why::Leaks),
                _ if parents.iter().any(|(id, _)| !can(id)) => Way::Delete(Why::PartGone),
                _ if !parents.is_empty() => Way::Mix(
                    parents
                        .into_iter()
                        .map(|(id, weight)| (id, weight as f32))
                        .collect(),
                ),
                Some(run) => match self.asked_for(&run.id) {
                    Ok(asked) if asked.from.as_deref().is_none_or(can) => {
                        Way::Learn(Box::new(asked))
                    }
                    Ok(_) => Way::Delete(Why::PartGone),
                    Err(error) if error.code == Code::NotFound => Way::Delete(Why::NoRecord),
                    Err(error) => return Err(error),
                },
                None => Way::Delete(Why::NoRecord),
            };
            if matches!(way, Way::Delete(_)) {
                gone.insert(info.id.clone());
            }
            ways.push((info, way));
        }
        Ok(ways)
    }

    /// The adapters that know it: by the record, or by what their folders say, also by way of others.
    fn knowing(&self, journal: &Journal, everyone: &[AdapterInfo]) -> Result<Vec<AdapterInfo>> {
        let store = self.store();
        let rows = store.adapters();
        let mut ids: BTreeSet<String> = BTreeSet::new();
        let mut add = |found: moqi_store::Result<Vec<moqi_store::AdapterRow>>| -> Result<()> {
            let found = found.map_err(|error| self.store_error(error))?;
            ids.extend(found.into_iter().map(|row| row.id));
            Ok(())
        };
        for hash in &journal.hashes {
            add(rows.of_source(hash))?;
        }
        for id in &journal.documents {
            add(rows.of_document(id))?;
        }
        for info in everyone {
            let mut sources = info.manifest.sources.iter();
            let knows = sources.any(|source| {
                source.part != Part::Test.name() && journal.hashes.contains(&source.hash)
            });
            if knows {
                add(rows.of_adapter(&info.id))?;
            }
        }
        let known = everyone.iter().filter(|info| ids.contains(&info.id));
        Ok(known.cloned().collect())
    }

    /// Deletes what else is left of it: trainings that were broken off, and what reports quote.
    fn drop_traces(
        &self,
        journal: &Journal,
        runs: &[TrainingRunRow],
        all: &[(AdapterInfo, Way)],
    ) -> Result<()> {
        let known = |id: &Option<String>| {
            let id = id.as_ref();
            id.is_some_and(|id| all.iter().any(|(info, _)| info.id == *id))
        };
        let mut hashes = journal.hashes.clone();
        for run in runs {
            let sources = self.run_sources(&run.id)?;
            let of_it: Vec<&String> = sources
                .iter()
                .filter(|source| {
                    let document = source.document_id.as_ref();
                    journal.hashes.contains(&source.hash)
                        || document.is_some_and(|id| journal.documents.contains(id))
                })
                .map(|source| &source.hash)
                .collect();
            hashes.extend(of_it.iter().copied().cloned());
            if of_it.is_empty() && !known(&run.begun_from) && !known(&run.adapter) {
                continue;
            }
            if run.status == RunStatus::Interrupted {
                self.cancel_tuning(Some(&run.id))?;
            }
            let state = self.training_state(&run.data_hash);
            match fs::remove_file(&state) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Error::io(&state, error));
                }
                _ => {}
            }
            let dropped = self.store().training_runs().drop_report(&run.id);
            dropped.map_err(|error| self.store_error(error))?;
        }
        // Also those that it only measured have its clauses for precedents.
        for hash in &hashes {
            let gone = self.store().house_clauses().forget(hash);
            gone.map_err(|error| self.store_error(error))?;
        }
        Ok(())
    }

    /// Makes an adapter again, as far as that can be. A break is one of `report`.
    fn again(
        &self,
        info: &AdapterInfo,
        way: &Way,
        journal: &Journal,
        report: Report<'_>,
    ) -> Result<ControlFlow<(), Again>> {
        let now = |id: &str| {
            let new = journal.were.get(id).and_then(|was| was.new.clone());
            new.unwrap_or_else(|| id.to_owned())
        };
        // A part may have turned out not to be learnt again after all.
        let there = |id: &str| self.adapter(id).is_ok_and(|info| info.usable().is_ok());
        let nothing = |why| Ok(ControlFlow::Continue(Again::Nothing(why)));
        match way {
            Way::Delete(why) => nothing(*why),
            Way::Mix(parts) => {
                let parts: Vec<(String, f32)> = parts
                    .iter()
                    .map(|(id, weight)| (now(id), *weight))
                    .collect();
                if !parts.iter().all(|(id, _)| there(id)) {
                    return nothing(Why::PartGone);
                }
                let mix = |report: Report<'_>| self.mix(&parts, &info.manifest.name, report);
                match unless_broken(report, mix) {
                    ControlFlow::Break(()) => Ok(ControlFlow::Break(())),
                    ControlFlow::Continue(mixed) => Ok(ControlFlow::Continue(match mixed? {
                        Ok(mixed) => {
                            Again::Made(self.wall_adapter(&mixed.id, info.wall.clone())?.id)
                        }
                        // What leaks is not kept.
                        Err(_) => Again::Nothing(Why::Leaks),
                    })),
                }
            }
            Way::Learn(asked) => {
                let mut without = asked.without.clone();
                without.extend(journal.hashes.iter().cloned());
                let mut documents = asked.documents.clone();
                documents.retain(|id| !journal.documents.contains(id));
                let wanted = Tune {
                    without,
                    documents,
                    from: asked.from.as_deref().map(now),
                    // It may have been renamed, or put behind another wall.
                    name: info.manifest.name.clone(),
                    wall: info.wall.clone(),
                    ..(**asked).clone()
                };
                if wanted.from.as_deref().is_some_and(|id| !there(id)) {
                    return nothing(Why::PartGone);
                }
                let read = |report: Report<'_>| self.dataset(&wanted, None, report);
                match unless_broken(&mut *report, read) {
                    ControlFlow::Break(()) => return Ok(ControlFlow::Break(())),
                    ControlFlow::Continue(Err(error)) if error.code == Code::BadInput => {
                        return nothing(Why::TooLittleLeft);
                    }
                    ControlFlow::Continue(left) => {
                        let left = left?;
                        // Nothing would be left to measure the result with.
                        if left.test.is_empty() && left.valid.is_empty() {
                            return nothing(Why::TooLittleLeft);
                        }
                    }
                }
                match unless_broken(report, |report| self.tune(&wanted, report)) {
                    ControlFlow::Break(()) => Ok(ControlFlow::Break(())),
                    ControlFlow::Continue(tuned) => Ok(match tuned?.adapter {
                        Some(new) => ControlFlow::Continue(Again::Made(new)),
                        None => ControlFlow::Break(()),
                    }),
                }
            }
        }
    }

    /// What took the place of another stands as that one did, unless it leaks.
    fn put_back(&self, new: &str, was: &Was) -> Result<()> {
        let store = self.store();
        let rows = store.adapters();
        let failed = |error| self.store_error(error);
        let Some(row) = rows.get(new).map_err(failed)? else {
            return Ok(());
        };
        if !was.kept || row.state == AdapterState::Leaking {
            return Ok(());
        }
        rows.decide(new, AdapterState::Kept).map_err(failed)?;
        match was.used {
            true => rows.set_used(new, true).map_err(failed),
            false => Ok(()),
        }
    }

    fn journal(&self) -> Result<Journal> {
        let text = self.setting(SETTING)?.unwrap_or_default();
        // Only this program writes it; one that cannot be read remembers nothing, and all is found again but the states.
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }

    fn set_journal(&self, journal: Option<&Journal>) -> Result<()> {
        let text = journal.map_or(Ok(String::new()), serde_json::to_string);
        let text = text.map_err(|error| {
            Error::new(
                Code::Internal,
                "忘记文件的进度没有写成。",
                "How far the forgetting is could not be written.",
            )
            .caused_by(error)
        })?;
        self.set_setting(SETTING, &text)
    }
}

/// What work comes to; a break where it failed because `report` broke it off.
fn unless_broken<T>(
    report: Report<'_>,
    work: impl FnOnce(Report<'_>) -> Result<T>,
) -> ControlFlow<(), Result<T>> {
    let mut broken = false;
    let done = work(&mut |event| {
        let flow = report(event);
        broken |= flow.is_break();
        flow
    });
    match done {
        Err(_) if broken => ControlFlow::Break(()),
        done => ControlFlow::Continue(done),
    }
}

/// Adapters in an order in which what is made of others comes after them.
fn in_order(mut waiting: Vec<AdapterInfo>) -> Vec<AdapterInfo> {
    // The oldest first: the usual order already.
    waiting.reverse();
    let mut order: Vec<AdapterInfo> = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let ready = waiting.iter().position(|info| {
            let mut others = waiting.iter().filter(|other| other.id != info.id);
            !others.any(|other| info.parents.contains(&other.id))
        });
        // Nothing is made of itself, but a record that was changed by hand may say so.
        order.push(waiting.remove(ready.unwrap_or(0)));
    }
    order
}

#[cfg(test)]
mod tests;
