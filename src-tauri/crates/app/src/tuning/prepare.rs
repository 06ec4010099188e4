//! What comes before the first step: documents are read, made into examples, and what they take is estimated.

use std::collections::BTreeMap;
use std::ops::{ControlFlow, RangeInclusive};
use std::path::Path;

use moqi_document::Language;
use moqi_document::mask::{Gazetteer, Masked, Private};
use moqi_lm::{Adapter, Examples, Measured, TrainConfig};

use super::config::{config, suits};
use super::estimate::estimate;
use super::from::Before;
use super::search::{self, Candidate};
use super::{Goal, Halt, Phase, Report, Tune, Tuning, cancelled, go, rows};
use crate::adapters::as_error;
use crate::error::{Error, Result};
use crate::record::SourceNamed;
use crate::tune::leak::Canaries;
use crate::tune::{self, Augment, DataConfig, Dataset, Given, LeftOut, Side};
use crate::{App, device, memory, models};

/// What is learnt from, and what it takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Documents and files of labelled examples, in the order they were given, and then what is repeated of earlier ones.
    pub sources: Vec<PlanSource>,
    /// What is left out, and why.
    pub left_out: Vec<LeftOut>,
    /// Files in folders that are no documents.
    pub others: usize,
    /// Documents that are near-duplicates of another.
    pub duplicates: usize,
    /// Examples to learn from, for stopping in time, and held out.
    pub examples: [usize; 3],
    /// Tokens in a round over the examples.
    pub tokens: usize,
    /// Places where personal data was masked, by kind.
    pub masked: Vec<(Private, usize)>,
    /// The first masked values of each document, for the eye only: they are not written anywhere.
    pub shown: Vec<(String, Masked)>,
    /// Steps at most.
    pub steps: usize,
    /// Seconds it takes at most, to the last measure, by the speed of a first one.
    pub seconds: f64,
    /// Bytes of memory it takes, with the model.
    pub memory: u64,
    /// Bytes of memory that were free before the model was loaded; on a graphics card, of its memory.
    pub memory_free: u64,
}

/// A source of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanSource {
    /// File name or title.
    pub name: String,
    /// Its language.
    pub language: Language,
    /// What it is used for; a labelled file is parted row by row and named where most of it goes.
    pub side: Side,
    /// Clauses it has.
    pub clauses: usize,
    /// Examples made of it.
    pub examples: usize,
    /// Places that were masked.
    pub masked: usize,
}

/// Everything that a training needs.
pub(crate) struct Prepared {
    pub base: moqi_lm::Base,
    pub dataset: Dataset,
    pub examples: Examples,
    pub config: TrainConfig,
    pub plan: Plan,
    /// What is gone on from.
    pub from: Option<Adapter>,
    /// What that knows.
    pub known: Vec<SourceNamed>,
    /// Settings that were tried, the best first.
    pub searched: Vec<Candidate>,
    /// What the bare base makes of each example of [`Prepared::held_out`]; empty where that was not measured.
    pub before: Vec<Measured>,
}

/// Values that are shown of all documents together.
const MOST_SHOWN: usize = 200;
/// Passages that are looked at on the way, at most: more would take longer than they tell. And at least, however short the
/// tuning: fewer would not tell better from worse.
const LOOKED_AT: RangeInclusive<usize> = 16..=64;

impl App {
    /// Reads what would be learnt from and says what it takes; nothing is kept.
    ///
    /// # Errors
    /// As [`App::tune`].
    pub fn plan_tuning(&self, wanted: &Tune, report: &mut dyn FnMut(usize, usize)) -> Result<Plan> {
        self.planning.release();
        let prepared = self.prepare(wanted, &mut |event| {
            if let Tuning::Reading { done, all } = event {
                report(done, all);
            }
            self.planning.flow().map_break(|()| Halt::Cancel)
        })?;
        Ok(prepared.plan)
    }

    /// Stops the plan that is being made.
    pub fn cancel_plan(&self) {
        self.planning.pull();
    }

    /// Writes the examples of a tuning, and its settings for LLaMA-Factory, Axolotl and TRL, into a folder, so that another
    /// machine can run it. `base` is what the model is called there. Personal data is masked as for a tuning here.
    ///
    /// # Errors
    /// There is nothing to learn from, or the folder cannot be written.
    pub fn export_tuning(&self, wanted: &Tune, base: &str, folder: &Path) -> Result<()> {
        let dataset = self.dataset(wanted, None, &mut |_| ControlFlow::Continue(()))?;
        tune::export::write(folder, &dataset, &rows::job(wanted, base))
    }

    /// Reads, loads, estimates.
    pub(crate) fn prepare(&self, wanted: &Tune, report: Report<'_>) -> Result<Prepared> {
        go(report, Tuning::Phase(Phase::Reading))?;
        let memory_free = models::memory_free();
        let mut dataset = self.dataset(wanted, Some(Canaries::default()), report)?;
        // The part that measures the result, where two documents are all there is, is the validation part.
        let measured = match dataset.test.is_empty() {
            true => &mut dataset.valid,
            false => &mut dataset.test,
        };
        *measured = thinned(std::mem::take(measured), wanted.effort.measured());
        let local = self.local(models::file_of(self.home(), &wanted.model)?)?;
        let from = self.going_on_from(wanted)?;
        let base = base_for(
            &local,
            wanted,
            from.as_ref().map(|info| info.folder.as_path()),
        )?;
        let mut examples = examples(&base, &dataset)?;
        if examples.test.is_empty() && examples.valid.is_empty() {
            return Err(match &from {
                Some(info) => all_known(&info.manifest.name),
                None => nothing_for(wanted.task),
            });
        }
        let (from, known) = match from {
            Some(info) => {
                let adapter = Adapter::load(&base, &info.folder).map_err(as_error)?;
                (Some(adapter), info.manifest.sources)
            }
            None => (None, Vec::new()),
        };
        let config = config(&base, wanted, from.as_ref(), &examples.train)?;
        // Where it measures the result as well, the looks on the way are at all of it.
        if !examples.test.is_empty() {
            examples.valid = few(examples.valid, &config, config.validate_every, LOOKED_AT);
        }
        go(report, Tuning::Pulse)?;
        let drafts = wanted.effort.drafts();
        let mut plan = plan(&base, &dataset, &examples, &config, memory_free, drafts)?;
        if wanted.search {
            plan.seconds *= 1.0 + search::COST;
        }
        Ok(Prepared {
            base,
            dataset,
            examples,
            config,
            plan,
            from,
            known,
            searched: Vec::new(),
            before: Vec::new(),
        })
    }

    /// The examples of what is asked for, of which there is at least one to learn from.
    pub(crate) fn dataset(
        &self,
        wanted: &Tune,
        canaries: Option<Canaries>,
        report: Report<'_>,
    ) -> Result<Dataset> {
        let mut before = match self.going_on_from(wanted)? {
            Some(info) => self.learnt_before(&info, wanted, report)?,
            None => Before::default(),
        };
        let mut dataset = self.made(wanted, before.sides, before.identifiers, canaries, report)?;
        if let Some(refusal) = dataset.refused {
            return Err(refused(refusal, &dataset.left_out));
        }
        for side in [&mut dataset.train, &mut dataset.valid, &mut dataset.test] {
            side.retain(|example| wanted.task.takes(example.lesson));
        }
        if dataset.train.is_empty() {
            return Err(nothing_for(wanted.task));
        }
        // Whom the documents of today introduce, those of then may only name.
        let known = Gazetteer::of(dataset.identifiers.iter());
        for (_, examples) in &mut before.learnt {
            examples.retain(|one| !known.stands_in(&one.user) && !known.stands_in(&one.wanted));
        }
        tune::replay(&mut dataset, before.learnt, wanted.replay, wanted.seed);
        if wanted.replay > 0.0 {
            dataset.left_out.extend(before.gone);
        }
        Ok(dataset)
    }

    /// The examples of what is asked for by itself, or why there are none. `settled` are sides of documents that are not
    /// drawn, `identifiers` are those of documents that were learnt before.
    pub(super) fn made(
        &self,
        wanted: &Tune,
        settled: BTreeMap<String, Side>,
        identifiers: Vec<Masked>,
        canaries: Option<Canaries>,
        report: Report<'_>,
    ) -> Result<Dataset> {
        let data = DataConfig {
            settled,
            identifiers,
            seed: wanted.seed,
            augment: wanted.augment.then(Augment::default),
            without: wanted.without.clone(),
            canaries,
            ..DataConfig::default()
        };
        let given = self.given(wanted)?;
        let dataset = tune::dataset(&given, &data, &mut |event| {
            let (tune::Event::Read { done, all } | tune::Event::Made { done, all }) = event;
            report(Tuning::Reading { done, all }).map_break(|_| ())
        });
        match dataset.cancelled {
            true => Err(cancelled()),
            false => Ok(dataset),
        }
    }

    /// What is learnt from: paths, and documents of this program with their answers filled in.
    fn given(&self, wanted: &Tune) -> Result<Vec<Given>> {
        let mut given: Vec<Given> = wanted.paths.iter().cloned().map(Given::Path).collect();
        for id in &wanted.documents {
            let saved = memory::load(&self.store(), id).map_err(|error| self.store_error(error))?;
            // One that was deleted since is no longer learnt from.
            let Some(saved) = saved.filter(|saved| !saved.deleted) else {
                continue;
            };
            given.push(Given::Text {
                title: saved.title.clone(),
                text: crate::filled_text(&saved.text, &saved.answers),
                document: Some(id.clone()),
            });
        }
        Ok(given)
    }
}

impl Prepared {
    /// The part that measures the result: the test part, or the validation part where two documents are all there is.
    pub fn held_out(&self) -> &[moqi_lm::Example] {
        match self.examples.test.is_empty() {
            true => &self.examples.valid,
            false => &self.examples.test,
        }
    }

    /// Measures the bare base on the held-out part, and gives its mean loss in nats a token; none where it was broken off.
    pub fn measure(&mut self, pulse: &mut dyn FnMut() -> ControlFlow<()>) -> Result<Option<f64>> {
        let cut: Vec<moqi_lm::Example> = self
            .held_out()
            .iter()
            .map(|example| example.cut(self.config.length))
            .collect();
        let mut pulse = |_| pulse();
        let each = moqi_lm::measure_each(&self.base, None, &cut, self.config.threads, &mut pulse);
        Ok(each.map_err(as_error)?.and_then(|each| {
            self.before = each;
            moqi_lm::mean_loss(&self.before)
        }))
    }
}

/// The model where it is tuned: on a graphics card where the choice of the device allows that and it suits what is wanted, else
/// on the processor. `from` is the folder of what is gone on from.
fn base_for(local: &device::Local, wanted: &Tune, from: Option<&Path>) -> Result<moqi_lm::Base> {
    let on = |place| {
        let local = device::Local {
            place,
            ..local.clone()
        };
        local.load()
    };
    if local.place != moqi_lm::Place::Processor {
        // A model that does not fit on the card, or a card that is not there, is no reason not to tune.
        if let Ok(base) = on(local.place) {
            let from = from.map(|folder| Adapter::load(&base, folder));
            let from = from.transpose().map_err(as_error)?;
            if suits(&base, wanted, from.as_ref()) {
                return Ok(base);
            }
        }
    }
    on(moqi_lm::Place::Processor)
}

/// Why there is nothing to learn from, with the first things that were left out.
fn refused(refusal: tune::Refusal, left_out: &[LeftOut]) -> Error {
    let why = refusal.sentence();
    let said = |language| -> String {
        let each = left_out.iter().take(3).map(|left| {
            let why = left.why.sentence();
            format!("{}: {}", left.name, why.in_language(language))
        });
        each.collect::<Vec<_>>().join("; ")
    };
    let error = Error::input(why.zh, why.en);
    match left_out {
        [] => error,
        _ => error.hint(
            format!("未采用：{}。", said(Language::Zh)),
            format!("Left out: {}.", said(Language::En)),
        ),
    }
}

fn nothing_for(task: Goal) -> Error {
    let (zh, en) = match task {
        Goal::Draft => (
            "没有可供学习起草的条款。",
            "There are no clauses to learn drafting from.",
        ),
        Goal::Classify => ("没有带类别的样本。", "There are no examples with classes."),
        Goal::Extract => (
            "没有带抽取结果的样本。",
            "There are no examples with values.",
        ),
    };
    Error::input(zh, en).hint(
        "分类和抽取须提供 .jsonl 或 .csv 的标注文件。",
        "Classifying and extracting need a labelled file, .jsonl or .csv.",
    )
}

/// Why nothing could be measured where all documents were learnt before.
fn all_known(name: &str) -> Error {
    Error::input(
        format!("这些文件“{name}”都学过，无法检验新学的结果。"),
        format!("“{name}” knows all of these documents already, so nothing would be left to measure the result with."),
    )
    .hint("请加入新的文件。", "Add documents that are new.")
}

/// The examples in the tokens of a model, as it is asked when it drafts.
fn examples(base: &moqi_lm::Base, dataset: &Dataset) -> Result<Examples> {
    let side = |list: &[tune::Example]| -> Result<Vec<moqi_lm::Example>> {
        list.iter().map(|example| example.tokens(base)).collect()
    };
    Ok(Examples {
        train: side(&dataset.train)?,
        valid: side(&dataset.valid)?,
        test: side(&dataset.test)?,
    })
}

/// Passages from all over the validation part whose reading takes about a sixth of the time of so many steps, as a way there
/// takes a third of the way there and back; as many as a range says.
pub(super) fn few(
    valid: Vec<moqi_lm::Example>,
    config: &TrainConfig,
    steps: usize,
    count: RangeInclusive<usize>,
) -> Vec<moqi_lm::Example> {
    let each = valid.iter();
    let each = each.map(|example| example.tokens.len().min(config.length));
    let all: usize = each.sum();
    let room = steps * config.batch_tokens * config.accumulation / 2;
    let most = room * valid.len() / all.max(1);
    thinned(valid, most.clamp(*count.start(), *count.end()))
}

/// At most so many of a list, evenly from its beginning to its end.
fn thinned<T>(list: Vec<T>, most: usize) -> Vec<T> {
    let length = list.len();
    if length <= most {
        return list;
    }
    let mut chosen = (0..most).map(|n| n * length / most).peekable();
    let numbered = list.into_iter().enumerate();
    numbered
        .filter(|(at, _)| chosen.next_if_eq(at).is_some())
        .map(|(_, one)| one)
        .collect()
}

fn plan(
    base: &moqi_lm::Base,
    dataset: &Dataset,
    examples: &Examples,
    config: &TrainConfig,
    memory_free: u64,
    drafts: usize,
) -> Result<Plan> {
    let report = &dataset.report;
    let sum = |masked: &[(Private, usize)]| masked.iter().map(|(_, count)| count).sum();
    let documents = report.documents.iter().zip(&dataset.sources);
    let documents = documents.map(|(learned, source)| PlanSource {
        name: source.name.clone(),
        language: source.language,
        side: learned.side,
        clauses: learned.clauses,
        examples: learned.examples,
        masked: sum(&learned.masked),
    });
    let labelled = report.labelled.iter().filter_map(|rows| {
        let source = dataset.sources.get(rows.source)?;
        Some(PlanSource {
            name: source.name.clone(),
            language: source.language,
            side: Side::Train,
            clauses: 0,
            examples: rows.sides.len(),
            masked: sum(&rows.masked),
        })
    });
    let repeated = report.repeated.iter().filter_map(|repeated| {
        let source = dataset.sources.get(repeated.source)?;
        Some(PlanSource {
            name: source.name.clone(),
            language: source.language,
            side: Side::Train,
            clauses: 0,
            examples: repeated.examples,
            masked: 0,
        })
    });
    let counts = || {
        let documents = report.documents.iter().flat_map(|one| &one.masked);
        documents.chain(report.labelled.iter().flat_map(|rows| &rows.masked))
    };
    let masked = Private::ALL.into_iter().filter_map(|kind| {
        let of_kind = counts().filter(|(other, _)| *other == kind);
        let count: usize = of_kind.map(|(_, count)| count).sum();
        (count > 0).then_some((kind, count))
    });
    let shown = report.documents.iter().zip(&dataset.sources);
    let shown = shown.flat_map(|(learned, source)| {
        let values = learned.shown.iter().cloned();
        values.map(|masked| (source.name.clone(), masked))
    });
    let tokens = examples
        .train
        .iter()
        .map(|example| example.tokens.len().min(config.length))
        .sum();
    let steps = moqi_lm::steps(&examples.train, config);
    Ok(Plan {
        sources: documents.chain(labelled).chain(repeated).collect(),
        left_out: dataset.left_out.clone(),
        others: report.others,
        duplicates: report.families.iter().map(|family| family.len() - 1).sum(),
        examples: [
            examples.train.len(),
            examples.valid.len(),
            examples.test.len(),
        ],
        tokens,
        masked: masked.collect(),
        shown: shown.take(MOST_SHOWN).collect(),
        steps,
        seconds: estimate(base, examples, config, steps, drafts)?,
        memory: moqi_lm::need(base, config) + base.info().weight_bytes,
        memory_free: match base.card_free() {
            Some(free) => free + base.info().weight_bytes,
            None => memory_free,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_thinned_keeps_its_order_and_reaches_from_end_to_end() {
        for (length, most) in [(0, 3), (1, 3), (3, 3), (4, 3), (1000, 300), (599, 300)] {
            let thin = thinned((0..length).collect(), most);
            assert_eq!(thin.len(), length.min(most));
            // As evenly as can be: no gap is more than one longer than another.
            let ends = thin.iter().skip(1).chain([&length]);
            let gaps: Vec<usize> = thin.iter().zip(ends).map(|(a, b)| b - a).collect();
            let (least, longest) = (gaps.iter().min(), gaps.iter().max());
            assert!(longest <= least.map(|gap| gap + 1).as_ref(), "{gaps:?}");
            assert!(thin.first().is_none_or(|first| *first == 0));
        }
    }

    #[test]
    fn a_look_reads_half_of_what_is_learned_since_the_last_one() {
        let passage = || moqi_lm::Example {
            tokens: vec![1; 512],
            from: 12,
        };
        for (validate_every, accumulation, count) in [(7, 1, 16), (50, 1, 50), (50, 2, 64)] {
            let config = TrainConfig {
                validate_every,
                batch_tokens: 1024,
                accumulation,
                length: 1024,
                ..TrainConfig::default()
            };
            let valid = std::iter::repeat_with(passage).take(100).collect();
            assert_eq!(few(valid, &config, validate_every, LOOKED_AT).len(), count);
        }
        assert!(few(Vec::new(), &TrainConfig::default(), 1, LOOKED_AT).is_empty());
    }
}
