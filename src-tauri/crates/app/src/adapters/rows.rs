//! Adapters and their rows in the record.

use std::collections::HashMap;

use moqi_store::{AdapterRow, AdapterState, Wall};

use super::{AdapterInfo, Found};
use crate::App;
use crate::error::{Error, Result};
use crate::record::Manifest;
use crate::walls::{self, apart, joined};

/// What the record says of an adapter beside its manifest.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Standing {
    pub wall: Wall,
    pub state: AdapterState,
    /// The run it came from.
    pub run: Option<String>,
    /// What it was mixed of, each with its weight.
    pub parents: Vec<(String, f64)>,
}

/// A row that an adapter has.
pub(super) struct Entered {
    pub wall: Wall,
    /// It was not there before.
    pub fresh: bool,
}

impl AdapterInfo {
    /// Refuses one that must not be loaded, given away or made anything of.
    pub(crate) fn usable(&self) -> Result<()> {
        usable(&self.manifest.name, self.state)
    }
}

pub(super) fn usable(name: &str, state: AdapterState) -> Result<()> {
    match state {
        AdapterState::Kept | AdapterState::Candidate => Ok(()),
        AdapterState::Leaking => Err(Error::input(
            format!("“{name}”会泄露它学过的内容，不能使用，只能删除。"),
            format!("“{name}” gives away what it learnt from, so it cannot be used, only deleted."),
        )
        .hint("请删除它，再重新微调。", "Delete it and tune again.")),
        AdapterState::Discarded => Err(Error::input(
            format!("“{name}”学过要求忘记的文件，已停用。"),
            format!(
                "“{name}” has learnt from a document that is to be forgotten, so it is out of use."
            ),
        )
        .hint(
            "请再次要求忘记该文件，以完成重新训练；或删除它。",
            "Ask again for the document to be forgotten, so that it is learnt anew; or delete it.",
        )),
    }
}

impl App {
    /// Folders with what the record says of them. One that has no row yet, of an earlier version of the program or brought
    /// here by hand, gets one: kept, for whom its manifest says.
    pub(super) fn with_rows(&self, found: Vec<Found>) -> Result<Vec<AdapterInfo>> {
        let store = self.store();
        let failed = |error| self.store_error(error);
        let rows = store.adapters().list().map_err(failed)?;
        let mut rows: HashMap<String, AdapterRow> =
            rows.into_iter().map(|row| (row.id.clone(), row)).collect();
        let known = store.adapters().walls().map_err(failed)?;
        let mut all = Vec::with_capacity(found.len());
        for Found {
            id,
            folder,
            bytes,
            manifest,
        } in found
        {
            let row = match rows.remove(&id) {
                Some(row) => row,
                None => {
                    let standing = Standing {
                        wall: walls::marked(manifest.wall.as_deref(), &known),
                        state: AdapterState::Kept,
                        run: None,
                        parents: Vec::new(),
                    };
                    let row = row(&id, bytes, &manifest, &standing);
                    store.adapters().insert(&row).map_err(failed)?;
                    row
                }
            };
            let parents = store.adapters().parents(&id).map_err(failed)?;
            let mut parents: Vec<String> = parents.into_iter().map(|(parent, _)| parent).collect();
            parents.extend(manifest.begun_from.clone());
            all.push(AdapterInfo {
                id,
                folder,
                bytes,
                manifest,
                wall: row.wall,
                state: row.state,
                used: row.used,
                run: row.run,
                parents,
            });
        }
        Ok(all)
    }

    /// Writes down an adapter before its folder is there. One that is known already, by the same contents, stands behind the
    /// narrower wall from now on, and stays what was decided about it, unless it was given up.
    ///
    /// # Errors
    /// It is known behind a wall that parts people.
    pub(super) fn enter_adapter(
        &self,
        id: &str,
        bytes: u64,
        manifest: &Manifest,
        standing: &Standing,
    ) -> Result<Entered> {
        let store = self.store();
        let rows = store.adapters();
        let failed = |error| self.store_error(error);
        let Some(known) = rows.get(id).map_err(failed)? else {
            let row = row(id, bytes, manifest, standing);
            rows.insert(&row).map_err(failed)?;
            rows.set_parents(id, &standing.parents).map_err(failed)?;
            return Ok(Entered {
                wall: row.wall,
                fresh: true,
            });
        };
        let wall = joined([&known.wall, &standing.wall]).ok_or_else(|| {
            apart(&known.wall, &standing.wall).hint(
                format!("同样的适配器已有一个，名为“{}”。", known.name),
                format!(
                    "The very same adapter is there already, called “{}”.",
                    known.name
                ),
            )
        })?;
        if wall != known.wall {
            rows.set_wall(id, &wall).map_err(failed)?;
        }
        let decided = match (known.state, standing.state) {
            // Whoever finds out first: the same contents leak.
            (_, AdapterState::Leaking) => AdapterState::Leaking,
            (AdapterState::Discarded | AdapterState::Candidate, fresh) => fresh,
            (known, _) => known,
        };
        rows.decide(id, decided).map_err(failed)?;
        Ok(Entered { wall, fresh: false })
    }
}

fn row(id: &str, bytes: u64, manifest: &Manifest, standing: &Standing) -> AdapterRow {
    AdapterRow {
        id: id.to_owned(),
        name: manifest.name.clone(),
        base: manifest.base.fingerprint.clone(),
        base_name: manifest.base.name.clone(),
        method: manifest.method.clone(),
        language: manifest.language.clone(),
        created_at: manifest.created_at,
        wall: standing.wall.clone(),
        state: standing.state,
        run: standing.run.clone(),
        bytes: i64::try_from(bytes).unwrap_or(i64::MAX),
        note: String::new(),
        used: false,
    }
}
