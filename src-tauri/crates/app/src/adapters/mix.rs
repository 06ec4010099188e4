//! Adapters mixed by weight.

use std::fs;

use moqi_lm::{Adapter, Base, TrainConfig};
use moqi_store::{AdapterState, HouseClauseRow, Wall};

use super::{AdapterInfo, Standing, as_error};
use crate::error::{Error, Result, Sentence};
use crate::record::Manifest;
use crate::tune::leak::{Leaks, Secrets, leak_test};
use crate::tuning::{Phase, Report, Tuning, cancelled, go};
use crate::walls::{apart, joined};
use crate::{App, models};

impl App {
    /// One adapter that does what several do together, each as much as its weight says. It stays bound to the sources of
    /// all of them, and to the narrowest of their walls. What they must not give away is asked of it, as far as what they learnt
    /// from can be read again: weights can bring out what none of them tells by itself.
    ///
    /// # Errors
    /// There is no such adapter, one must not be used, they are of different models, of a kind that cannot be added, or
    /// behind walls that part people; the mix gives away what it must not, and is not kept; or `report` breaks off.
    pub fn mix_adapters(
        &self,
        parts: &[(String, f32)],
        name: &str,
        report: Report<'_>,
    ) -> Result<AdapterInfo> {
        self.mix(parts, name, report)?
            .map_err(|leaks| leaking(name, &leaks))
    }

    /// As [`App::mix_adapters`]; what leaks is told by what was found.
    pub(crate) fn mix(
        &self,
        parts: &[(String, f32)],
        name: &str,
        report: Report<'_>,
    ) -> Result<std::result::Result<AdapterInfo, Leaks>> {
        go(report, Tuning::Phase(Phase::Reading))?;
        let mix = self.mixture(parts)?;
        let secrets = self.secrets_of(mix.parts.iter().map(|(part, _)| part), report)?;
        self.keep_mix(mix, name, &secrets, report)
    }

    fn mixture(&self, parts: &[(String, f32)]) -> Result<Mixture> {
        let (parts, wall) = self.parts(parts)?;
        let Some((first, _)) = parts.first() else {
            return Err(Error::input("没有指定适配器。", "No adapter is named."));
        };
        let base = self
            .local(models::file_of(self.home(), &first.manifest.base.name)?)?
            .load()?;
        let loaded = parts
            .iter()
            .map(|(info, weight)| {
                let adapter = Adapter::load(&base, &info.folder).map_err(as_error)?;
                Ok((adapter, *weight))
            })
            .collect::<Result<Vec<_>>>()?;
        let weighed: Vec<_> = loaded
            .iter()
            .map(|(part, weight)| (part, *weight))
            .collect();
        let adapter = Adapter::mixed(&weighed).map_err(as_error)?;
        Ok(Mixture {
            parts,
            wall,
            base,
            adapter,
        })
    }

    /// What is to be mixed, if it may be, and the narrowest of its walls.
    fn parts(&self, parts: &[(String, f32)]) -> Result<(Vec<(AdapterInfo, f32)>, Wall)> {
        let mut parts = parts
            .iter()
            .map(|(id, weight)| Ok((self.adapter(id)?, *weight)))
            .collect::<Result<Vec<_>>>()?;
        // The same in another order is the same mix, to the bit.
        parts.sort_by(|(a, weight), (b, other)| a.id.cmp(&b.id).then(weight.total_cmp(other)));
        for (info, _) in &parts {
            info.usable()?;
        }
        let walls = || parts.iter().map(|(info, _)| &info.wall);
        let wall = joined(walls()).ok_or_else(|| {
            let mut pairs = walls().flat_map(|one| walls().map(move |other| (one, other)));
            let parted = pairs.find(|(one, other)| joined([*one, *other]).is_none());
            let (one, other) = parted.unwrap_or((&Wall::Firm, &Wall::Firm));
            apart(one, other).hint(
                "学自不同委托人、项目或业务组文件的适配器不能混合。",
                "What was learnt from papers of different clients, matters or practice groups cannot be mixed.",
            )
        })?;
        Ok((parts, wall))
    }

    /// Keeps a mix that gives none of the secrets away.
    fn keep_mix(
        &self,
        mut mix: Mixture,
        name: &str,
        secrets: &Secrets,
        report: Report<'_>,
    ) -> Result<std::result::Result<AdapterInfo, Leaks>> {
        go(report, Tuning::Phase(Phase::Leaks))?;
        let threads = TrainConfig::default().threads;
        let tested = leak_test(
            &mix.base,
            &mix.adapter,
            secrets,
            threads,
            &mut |done, all| report(Tuning::Counted { done, all }).map_break(|_| ()),
        )?;
        let leaks = tested.ok_or_else(cancelled)?;
        if !leaks.sound() {
            return Ok(Err(leaks));
        }
        // It took a while: a part may be behind another wall by now, or out of use.
        let weights: Vec<(String, f32)> = mix
            .parts
            .iter()
            .map(|(info, weight)| (info.id.clone(), *weight))
            .collect();
        (mix.parts, mix.wall) = self.parts(&weights)?;
        let base = &mix.base;
        let manifest = mix.manifest(name, &leaks);
        let beside = self.home().trainings().join("mixed");
        mix.adapter
            .save(base, &manifest.base.name, &beside)
            .map_err(as_error)?;
        let parents = mix.parts.iter();
        let standing = Standing {
            wall: mix.wall.clone(),
            state: AdapterState::Kept,
            run: None,
            parents: parents
                .map(|(info, weight)| (info.id.clone(), f64::from(*weight)))
                .collect(),
        };
        let kept = self.keep_adapter(&beside, &manifest, standing);
        // Kept or not, what stays behind would only take room.
        let _ = fs::remove_dir_all(&beside);
        let kept = kept?;
        let mut clauses = Vec::new();
        for (info, _) in &mix.parts {
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
        Ok(Ok(kept))
    }
}

/// Why a mix was not kept.
fn leaking(name: &str, leaks: &Leaks) -> Error {
    let told = Sentence::new(
        format!("混合后的“{name}”会泄露所学的内容，没有保留。"),
        format!("The mix “{name}” gives away what it must not, so it was not kept."),
    )
    .and(leaks.sentence());
    // No weight changes what stands in the clauses of a part.
    let (zh, en) = match leaks.leaked.iter().any(|leak| leak.stands) {
        true => (
            "请不要混合它，或去掉上述文件后重新微调相应的部分。",
            "Use its parts alone, or tune again without the documents named here.",
        ),
        false => (
            "请减小其中一部分的比重，或单独使用其中之一。",
            "Give one of its parts less weight, or use one of them alone.",
        ),
    };
    Error::input(told.zh, told.en).hint(zh, en)
}

/// Adapters that may be mixed, and what they come to.
struct Mixture {
    parts: Vec<(AdapterInfo, f32)>,
    /// The narrowest of their walls.
    wall: Wall,
    base: Base,
    adapter: Adapter,
}

impl Mixture {
    /// With what the leak test found, as there is no run that it could be in the record of.
    fn manifest(&self, name: &str, leaks: &Leaks) -> Manifest {
        let mixed = self
            .parts
            .iter()
            .map(|(info, weight)| serde_json::json!({ "adapter": info.id, "weight": weight }));
        let mut manifest = Manifest {
            name: name.to_owned(),
            method: "lora".to_owned(),
            created_at: crate::now(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            configuration: serde_json::json!({ "mixed": mixed.collect::<Vec<_>>(), "leaks": leaks }),
            ..Manifest::default()
        };
        if let Some((first, _)) = self.parts.first() {
            manifest.base = first.manifest.base.clone();
            manifest.language = first.manifest.language.clone();
        }
        for source in self
            .parts
            .iter()
            .flat_map(|(info, _)| &info.manifest.sources)
        {
            if !manifest.sources.contains(source) {
                manifest.sources.push(source.clone());
            }
        }
        manifest
    }
}

#[cfg(test)]
mod tests;
