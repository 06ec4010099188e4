//! Going on from an adapter: whether that may be, and what it learnt from.

use std::collections::{BTreeMap, HashSet};

use moqi_store::TrainingRunRow;

use moqi_document::mask::Masked;

use crate::App;
use crate::adapters::AdapterInfo;
use crate::error::{Error, Result};
use crate::tune::leak::{Canaries, Secrets};
use crate::tune::{Example, LeftOut, Side, Source, Why};
use crate::walls::{apart, named, within};

use super::{Report, Tune};

/// What an adapter knows, as far as that can be read again.
#[derive(Debug, Default)]
pub(super) struct Before {
    /// Where its documents were, by their hashes, and rows of labelled files that are as they were; one that it learnt from in
    /// one tuning and not in another was learnt from.
    pub sides: BTreeMap<String, Side>,
    /// The examples it learnt from, document by document.
    pub learnt: Vec<(Source, Vec<Example>)>,
    /// What it learnt from and is not there any more, or not as it was.
    pub gone: Vec<LeftOut>,
    /// What identifies somebody or something in them.
    pub identifiers: Vec<Masked>,
}

impl App {
    /// What is asked for, with the whole id of the adapter that is gone on from.
    pub(super) fn settled(&self, wanted: &Tune) -> Result<Tune> {
        Ok(Tune {
            wall: named(wanted.wall.clone())?,
            from: self.going_on_from(wanted)?.map(|info| info.id),
            ..wanted.clone()
        })
    }

    /// The adapter that is gone on from, if it may be: what was learnt from a client's papers is gone on with for that client.
    ///
    /// # Errors
    /// There is no such adapter, it must not be used, it is of another model, or for others than the new one.
    pub(super) fn going_on_from(&self, wanted: &Tune) -> Result<Option<AdapterInfo>> {
        let Some(from) = &wanted.from else {
            return Ok(None);
        };
        let info = self.adapter(from)?;
        info.usable()?;
        let (name, base) = (&info.manifest.name, &info.manifest.base.name);
        if *base != wanted.model {
            let model = &wanted.model;
            return Err(Error::input(
                format!("“{name}”是在模型“{base}”上训练的，不能在“{model}”上继续。"),
                format!("“{name}” was learnt on the model “{base}”, so it cannot be gone on with on “{model}”."),
            )
            .hint(
                format!("请选择模型“{base}”，或从头开始。"),
                format!("Choose the model “{base}”, or begin anew."),
            ));
        }
        if !within(&wanted.wall, &info.wall) {
            return Err(apart(&info.wall, &wanted.wall).hint(
                format!("在“{name}”上继续学习的，只能用于同一范围；或从头开始。"),
                format!("What goes on from “{name}” can only be for the same; or begin anew."),
            ));
        }
        Ok(Some(info))
    }

    /// Reads again what an adapter learnt from, also by way of those it went on from or was mixed of.
    pub(super) fn learnt_before(
        &self,
        info: &AdapterInfo,
        wanted: &Tune,
        report: Report<'_>,
    ) -> Result<Before> {
        let mut before = Before {
            sides: sides(info),
            ..Before::default()
        };
        let documents = before.sides.clone();
        let mut read = HashSet::new();
        // The first one first: what goes on from it left its rows where they were.
        for old in self.asked_before(&info.id)?.into_iter().rev() {
            let old = Tune {
                without: [old.without.as_slice(), &wanted.without].concat(),
                // Copies with other values are made of what is learnt now.
                augment: false,
                ..old
            };
            let settled = match old.from {
                Some(_) => before.sides.clone(),
                None => documents.clone(),
            };
            let identifiers = before.identifiers.clone();
            let made = self.made(&old, settled, identifiers, None, report)?;
            before.identifiers.extend(made.identifiers);
            for rows in made.report.labelled {
                // A file that has changed holds rows of which nothing is known.
                if documents.contains_key(&made.sources[rows.source].hash) {
                    for (hash, side) in rows.sides {
                        settle(&mut before.sides, hash, side);
                    }
                }
            }
            let mut examples = vec![Vec::new(); made.sources.len()];
            for example in made.train {
                if wanted.task.takes(example.lesson) {
                    examples[example.source].push(example);
                }
            }
            for (source, examples) in made.sources.into_iter().zip(examples) {
                let learnt = before.sides.get(&source.hash) == Some(&Side::Train);
                if learnt && read.insert(source.hash.clone()) {
                    before.learnt.push((source, examples));
                }
            }
        }
        let mut named = HashSet::new();
        for source in &info.manifest.sources {
            let learnt = before.sides.get(&source.hash) == Some(&Side::Train);
            if learnt && !read.contains(&source.hash) && named.insert(&source.hash) {
                before.gone.push(LeftOut {
                    name: source.title.clone(),
                    path: None,
                    why: Why::Gone,
                });
            }
        }
        Ok(before)
    }

    /// What adapters must not give away, as far as what they learnt from can be read again: also of those they went on from or
    /// were mixed of.
    ///
    /// # Errors
    /// The data file cannot be read, or `report` breaks off.
    pub(crate) fn secrets_of<'a>(
        &self,
        adapters: impl Iterator<Item = &'a AdapterInfo>,
        report: Report<'_>,
    ) -> Result<Secrets> {
        let mut secrets = Secrets::default();
        let mut read: Vec<Tune> = Vec::new();
        for info in adapters {
            let sides = sides(info);
            for asked in self.asked_before(&info.id)? {
                // What several are made of is read once.
                if read.contains(&asked) {
                    continue;
                }
                let canaries = Some(Canaries::default());
                let made = self.made(&asked, sides.clone(), Vec::new(), canaries, &mut *report)?;
                secrets.extend(made.secrets);
                read.push(asked);
            }
        }
        Ok(secrets)
    }

    /// What was asked of the tunings that an adapter came from, the last first; nothing of what was added from elsewhere or
    /// comes from an earlier version.
    fn asked_before(&self, id: &str) -> Result<Vec<Tune>> {
        let runs = self.runs()?;
        let mut asked = Vec::new();
        let mut seen = HashSet::new();
        let mut next = vec![id.to_owned()];
        while let Some(id) = next.pop() {
            if !seen.insert(id.clone()) {
                continue;
            }
            let store = self.store();
            let failed = |error| self.store_error(error);
            let parents = store.adapters().parents(&id).map_err(failed)?;
            next.extend(parents.into_iter().map(|(parent, _)| parent));
            let row = store.adapters().get(&id).map_err(failed)?;
            let Some(run) = run_of(&runs, &id, row.and_then(|row| row.run).as_deref()) else {
                continue;
            };
            next.extend(run.begun_from.clone());
            let request = store.training_runs().request(&run.id).map_err(failed)?;
            asked.extend(request.and_then(|text| serde_json::from_str::<Tune>(&text).ok()));
        }
        Ok(asked)
    }
}

/// Where the documents of an adapter were, by their hashes.
fn sides(info: &AdapterInfo) -> BTreeMap<String, Side> {
    let mut sides = BTreeMap::new();
    for source in &info.manifest.sources {
        settle(&mut sides, source.hash.clone(), Side::named(&source.part));
    }
    sides
}

/// Settles a side, or the earlier one in the order of what was made of it: learnt, looked at, left alone.
fn settle(sides: &mut BTreeMap<String, Side>, hash: String, side: Side) {
    let known = sides.entry(hash).or_insert(side);
    if (side as usize) < *known as usize {
        *known = side;
    }
}

/// The run that an adapter came from, by what its row says or what a run does. Of runs with the same outcome, which learnt
/// from the same, it is the last.
pub(crate) fn run_of<'a>(
    runs: &'a [TrainingRunRow],
    adapter: &str,
    run: Option<&str>,
) -> Option<&'a TrainingRunRow> {
    let says = |row: &&TrainingRunRow| row.adapter.as_deref() == Some(adapter);
    let said = |row: &&TrainingRunRow| Some(row.id.as_str()) == run;
    runs.iter().find(says).or_else(|| runs.iter().find(said))
}

#[cfg(test)]
pub(crate) mod tests;
