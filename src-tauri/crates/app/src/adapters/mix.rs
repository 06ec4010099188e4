//! Adapters mixed by weight.

use std::fs;

use moqi_store::{AdapterState, HouseClauseRow};

use super::{AdapterInfo, Standing, as_error};
use crate::error::{Error, Result};
use crate::record::Manifest;
use crate::walls::{apart, joined};
use crate::{App, models};

impl App {
    /// One adapter that does what several do together, each as much as its weight says. It stays bound to the sources of
    /// all of them, and to the narrowest of their walls.
    ///
    /// # Errors
    /// There is no such adapter, one must not be used, they are of different models, of a kind that cannot be added, or
    /// behind walls that part people.
    pub fn mix_adapters(&self, parts: &[(String, f32)], name: &str) -> Result<AdapterInfo> {
        let infos = parts
            .iter()
            .map(|(id, _)| self.adapter(id))
            .collect::<Result<Vec<_>>>()?;
        let Some(first) = infos.first() else {
            return Err(Error::input("没有指定适配器。", "No adapter is named."));
        };
        for info in &infos {
            info.usable()?;
        }
        let wall = joined(infos.iter().map(|info| &info.wall)).ok_or_else(|| {
            let walls = || infos.iter().map(|info| &info.wall);
            let mut pairs = walls().flat_map(|one| walls().map(move |other| (one, other)));
            let parted = pairs.find(|(one, other)| joined([*one, *other]).is_none());
            let (one, other) = parted.unwrap_or((&first.wall, &first.wall));
            apart(one, other).hint(
                "学自不同委托人、项目或业务组文件的适配器不能混合。",
                "What was learnt from papers of different clients, matters or practice groups cannot be mixed.",
            )
        })?;
        let mut manifest = Manifest {
            base: first.manifest.base.clone(),
            name: name.to_owned(),
            method: "lora".to_owned(),
            language: first.manifest.language.clone(),
            created_at: crate::now(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            configuration: serde_json::json!({
                "mixed": infos.iter().zip(parts).map(|(info, (_, weight))| serde_json::json!({ "adapter": info.id, "weight": weight })).collect::<Vec<_>>(),
            }),
            ..Manifest::default()
        };
        for source in infos.iter().flat_map(|info| &info.manifest.sources) {
            if !manifest.sources.contains(source) {
                manifest.sources.push(source.clone());
            }
        }
        let base = self
            .local(models::file_of(self.home(), &first.manifest.base.name)?)?
            .load()?;
        let loaded = infos
            .iter()
            .map(|info| moqi_lm::Adapter::load(&base, &info.folder).map_err(as_error))
            .collect::<Result<Vec<_>>>()?;
        let weighed: Vec<_> = loaded
            .iter()
            .zip(parts.iter().map(|(_, weight)| *weight))
            .collect();
        let mixed = moqi_lm::Adapter::mixed(&weighed).map_err(as_error)?;
        let beside = self.home().trainings().join("mixed");
        mixed
            .save(&base, &first.manifest.base.name, &beside)
            .map_err(as_error)?;
        let standing = Standing {
            wall,
            state: AdapterState::Kept,
            run: None,
            parents: infos
                .iter()
                .zip(parts)
                .map(|(info, (_, weight))| (info.id.clone(), f64::from(*weight)))
                .collect(),
        };
        let kept = self.keep_adapter(&beside, &manifest, standing);
        // Kept or not, what stays behind would only take room.
        let _ = fs::remove_dir_all(&beside);
        let kept = kept?;
        let mut clauses = Vec::new();
        for info in &infos {
            for clause in self.house_clauses(&info.id)? {
                // What is left out in one of them is so in the mix, as the store sees to.
                let clause = HouseClauseRow {
                    number: 0,
                    excluded: false,
                    ..clause
                };
                if !clauses.contains(&clause) {
                    clauses.push(clause);
                }
            }
        }
        self.set_house_clauses(&kept.id, &clauses)?;
        Ok(kept)
    }
}
