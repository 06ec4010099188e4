//! Walls: for whom what was learnt may be used, and whose a document is.
//!
//! The record is the truth about both. An adapter's folder has a mark of its wall, so that it is behind the same wall where
//! the folder is taken to another machine of the firm; the mark names nobody.

use std::fs;
use std::path::PathBuf;

use moqi_store::{AdapterState, Matter, Wall};
use sha2::{Digest, Sha256};

use crate::adapters::AdapterInfo;
use crate::error::{Error, Result, Sentence};
use crate::{App, adapters, models};

/// What a person decides about an adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Keep it, and draft with it.
    Use,
    /// Keep it for later.
    Keep,
    /// Delete it.
    Discard,
}

impl App {
    /// Decides about an adapter. One that leaks can only be discarded.
    ///
    /// # Errors
    /// There is no such adapter, it may not be used, or its folder cannot be deleted.
    pub fn decide_adapter(&self, id: &str, decision: Decision) -> Result<()> {
        if decision == Decision::Discard {
            return self.remove_adapter(id);
        }
        let info = self.adapter(id)?;
        info.usable()?;
        let decided = {
            let store = self.store();
            let rows = store.adapters();
            rows.decide(&info.id, AdapterState::Kept)
                .and_then(|()| match decision {
                    Decision::Use => rows.set_used(&info.id, true),
                    _ => Ok(()),
                })
        };
        decided.map_err(|error| self.store_error(error))
    }

    /// Has drafting use an adapter, in place of another of the same model behind the same wall; or no longer. To use one is
    /// to keep it.
    ///
    /// # Errors
    /// There is no such adapter, or it may not be used.
    pub fn use_adapter(&self, id: &str, on: bool) -> Result<()> {
        if on {
            return self.decide_adapter(id, Decision::Use);
        }
        let info = self.adapter(id)?;
        let set = self.store().adapters().set_used(&info.id, false);
        set.map_err(|error| self.store_error(error))
    }

    /// Puts an adapter behind another wall, a wider one too: a person answers for that. It is out of use until somebody says
    /// otherwise. What was made of it goes behind the narrower wall as well.
    ///
    /// # Errors
    /// There is no such adapter, the wall has no name, or something was made of it that stands behind a wall of its own.
    pub fn wall_adapter(&self, id: &str, wall: Wall) -> Result<AdapterInfo> {
        let wall = named(wall)?;
        let info = self.adapter(id)?;
        let mut moved = vec![(info.clone(), wall.clone())];
        for made in self.made_of(&info.id)? {
            let Some(narrow) = joined([&made.wall, &wall]) else {
                return Err(apart(&wall, &made.wall).hint(
                    format!("“{}”是用它做成的；请先删除后者。", made.manifest.name),
                    format!(
                        "“{}” was made of it; delete that one first.",
                        made.manifest.name
                    ),
                ));
            };
            if narrow != made.wall {
                moved.push((made, narrow));
            }
        }
        for (mut info, wall) in moved {
            if info.wall == wall {
                continue;
            }
            // The folder first: where that fails, nothing has changed.
            info.manifest.wall = Some(mark(&wall));
            adapters::write_manifest(&info.folder, &info.manifest)?;
            let set = self.store().adapters().set_wall(&info.id, &wall);
            set.map_err(|error| self.store_error(error))?;
        }
        self.adapter(&info.id)
    }

    /// The adapters on this machine that went on from one or were mixed of it, also by way of others.
    pub(crate) fn made_of(&self, id: &str) -> Result<Vec<AdapterInfo>> {
        let rows = self.store().adapters().of_adapter(id);
        let rows = rows.map_err(|error| self.store_error(error))?;
        let mut all = self.adapters();
        all.retain(|info| info.id != id && rows.iter().any(|row| row.id == info.id));
        Ok(all)
    }

    /// The name and the folder of what drafting with a model uses for somebody: the nearest of what is in use behind their
    /// walls, else what the whole firm uses.
    pub(crate) fn style_for(
        &self,
        model: &str,
        matter: &Matter,
    ) -> Result<Option<(String, PathBuf)>> {
        let mut walls = Wall::of(matter);
        walls.push(Wall::Firm);
        let offered = self.store().adapters().offered(&walls);
        let offered = offered.map_err(|error| self.store_error(error))?;
        let used: Vec<_> = offered
            .into_iter()
            .filter(|row| row.used && row.base_name == model)
            .map(|row| (self.home().adapters().join(&row.id), row))
            .filter(|(folder, _)| folder.is_dir())
            .collect();
        let nearest = walls
            .iter()
            .find_map(|wall| used.iter().find(|(_, row)| row.wall == *wall));
        Ok(nearest.map(|(folder, row)| (row.name.clone(), folder.clone())))
    }

    /// All walls that documents and adapters stand behind, but the firm's.
    ///
    /// # Errors
    /// The data file cannot be read.
    pub fn walls(&self) -> Result<Vec<Wall>> {
        let walls = self.store().adapters().walls();
        walls.map_err(|error| self.store_error(error))
    }

    /// Whose a document is, as far as somebody said.
    ///
    /// # Errors
    /// There is no such document.
    pub fn matter(&self, document: &str) -> Result<Matter> {
        let matter = self.store().documents().matter(document);
        matter.map_err(|error| self.store_error(error))
    }

    /// Says whose a document is. An empty name is none.
    ///
    /// # Errors
    /// There is no such document.
    pub fn set_matter(&self, document: &str, matter: &Matter) -> Result<()> {
        let name = |name: &Option<String>| {
            let name = name.as_deref().map(str::trim);
            name.filter(|name| !name.is_empty()).map(str::to_owned)
        };
        let matter = Matter {
            client: name(&matter.client),
            matter: name(&matter.matter),
            group: name(&matter.group),
        };
        let set = self.store().documents().set_matter(document, &matter);
        set.map_err(|error| self.store_error(error))
    }

    /// Deletes an adapter. That one leaks stays in the record, so that a copy of it is known again.
    ///
    /// # Errors
    /// There is no such adapter, or it cannot be deleted.
    pub fn remove_adapter(&self, name: &str) -> Result<()> {
        let info = self.adapter(name)?;
        fs::remove_dir_all(&info.folder).map_err(|error| Error::io(&info.folder, error))?;
        if info.state == AdapterState::Leaking {
            return Ok(());
        }
        let deleted = self.store().adapters().delete(&info.id);
        deleted.map_err(|error| self.store_error(error))
    }
}

/// Whether all who stand behind one wall stand behind another as well: a matter's people are its client's.
pub(crate) fn within(inner: &Wall, outer: &Wall) -> bool {
    let of_client = match (inner, outer) {
        (Wall::Matter { client, .. }, Wall::Client(name)) => client.as_ref() == Some(name),
        _ => false,
    };
    inner == outer || *outer == Wall::Firm || of_client
}

/// The narrowest of some walls where it is within all the others; none where two of them part people. No wall is the firm's.
pub(crate) fn joined<'a>(walls: impl IntoIterator<Item = &'a Wall>) -> Option<Wall> {
    walls.into_iter().try_fold(Wall::Firm, |narrow, wall| {
        match (within(wall, &narrow), within(&narrow, wall)) {
            (true, _) => Some(wall.clone()),
            (_, true) => Some(narrow),
            _ => None,
        }
    })
}

/// A mark by which a wall is known again: what it is of, and the beginning of the SHA-256 of the name. Who guesses the name
/// can prove it.
pub(crate) fn mark(wall: &Wall) -> String {
    let (kind, client, name) = match wall {
        Wall::Firm => return FIRM.to_owned(),
        Wall::Group(name) => (KINDS[0], None, name),
        Wall::Client(name) => (KINDS[1], None, name),
        Wall::Matter { client, matter } => (KINDS[2], client.as_deref(), matter),
    };
    let marked = name.strip_prefix(UNKNOWN).filter(|_| client.is_none());
    if let Some(digits) = marked {
        return format!("{kind}:{digits}");
    }
    let mut hash = Sha256::new();
    for part in [client.unwrap_or_default(), name] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    format!("{kind}:{}", &models::hex(&hash.finalize())[..DIGITS])
}

const FIRM: &str = "firm";
const KINDS: [&str; 3] = ["group", "client", "matter"];
/// Hexadecimal digits of a mark.
const DIGITS: usize = 16;
/// What stands before the digits of a mark, where those it is of are not known.
const UNKNOWN: char = '#';

/// The wall of a mark, among those that are known. One that is not known is named by its mark: nobody stands behind it.
pub(crate) fn marked(wall: Option<&str>, known: &[Wall]) -> Wall {
    let Some(wall) = wall.filter(|wall| *wall != FIRM) else {
        return Wall::Firm;
    };
    if let Some(known) = known.iter().find(|known| mark(known) == wall) {
        return known.clone();
    }
    let (kind, digits) = wall.split_once(':').unwrap_or((KINDS[1], wall));
    let name = format!("{UNKNOWN}{digits}");
    match KINDS.iter().position(|known| *known == kind) {
        Some(0) => Wall::Group(name),
        Some(2) => Wall::Matter {
            client: None,
            matter: name,
        },
        _ => Wall::Client(name),
    }
}

/// A wall without blanks around its names.
///
/// # Errors
/// A name is empty.
pub(crate) fn named(wall: Wall) -> Result<Wall> {
    let trimmed = |name: String| Some(name.trim().to_owned()).filter(|name| !name.is_empty());
    let wall = match wall {
        Wall::Firm => Some(Wall::Firm),
        Wall::Group(name) => trimmed(name).map(Wall::Group),
        Wall::Client(name) => trimmed(name).map(Wall::Client),
        Wall::Matter { client, matter } => trimmed(matter).map(|matter| Wall::Matter {
            client: client.and_then(trimmed),
            matter,
        }),
    };
    wall.ok_or_else(|| {
        Error::input(
            "请写出业务组、委托人或项目的名称。",
            "Give the name of the practice group, client or matter.",
        )
    })
}

/// The refusal to join what stands behind walls that part people.
pub(crate) fn apart(one: &Wall, other: &Wall) -> Error {
    let (one, other) = (sentence(one), sentence(other));
    Error::input(
        format!("{}的内容不得用于{}。", one.zh, other.zh),
        format!(
            "What belongs to {} must not be used for {}.",
            one.en, other.en
        ),
    )
}

/// For whom, as people read it.
pub fn sentence(wall: &Wall) -> Sentence {
    match wall {
        Wall::Firm => Sentence::new("全所", "the whole firm"),
        Wall::Group(name) => Sentence::new(
            format!("业务组“{name}”"),
            format!("the practice group “{name}”"),
        ),
        Wall::Client(name) => {
            Sentence::new(format!("委托人“{name}”"), format!("the client “{name}”"))
        }
        Wall::Matter {
            client: None,
            matter,
        } => Sentence::new(format!("项目“{matter}”"), format!("the matter “{matter}”")),
        Wall::Matter {
            client: Some(client),
            matter,
        } => Sentence::new(
            format!("委托人“{client}”的项目“{matter}”"),
            format!("the matter “{matter}” of the client “{client}”"),
        ),
    }
}

#[cfg(test)]
mod tests;
