//! What tuning comes to on a folder of documents: the held-out figures of the window, in a table.
//!
//! `MOQI_TEST_MODEL=MODEL.gguf cargo run --release -p moqi-app --example tuned -- FOLDER [--steps 60] [--rounds 3]
//! [--rate 1e-3] [--rank 8] [--dropout 0] [--seeds 0,1] [--drafts 24] [--temperature 0] [--penalty 1] [--dry 0.8]
//! [--allowed 8] [--adapter FOLDER] [--only 24] [--json FILE] [--clauses] [--bare]`
//!
//! Without FOLDER it takes `firm-en` of the folder that `MOQI_DATA` names. With several seeds the documents are parted and
//! learned once for each. With `--adapter` what was learned is kept there, and used again where it is there already. With
//! `--only` the first of the held-out clauses are measured, and nothing else: for trying how drafts are written best. With
//! `--bare` clauses are asked for without precedents.
#![allow(clippy::print_stdout, reason = "figures are shown")]

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use moqi_app::tune::measure::{Comparison, Group, Options, compare};
use moqi_app::tune::{DataConfig, Dataset, Example, Given, Lesson, dataset};
use moqi_lm::{
    Adapter, Base, Examples, LowRank, Method, Place, Precision, TrainConfig, TrainEvent,
};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let asked = Asked::read()?;
    let base = Base::load_with(
        &asked.model,
        &moqi_lm::Options {
            threads: asked.number("threads")?,
            place: Place::Processor,
        },
    )?;
    let seeds = asked.named("seeds").unwrap_or("0");
    for seed in seeds.split(',') {
        one(&asked, &base, seed.trim().parse()?)?;
    }
    Ok(())
}

/// One parting of the documents, learned and measured.
fn one(asked: &Asked, base: &Base, seed: u64) -> Result<(), Failure> {
    let given = [Given::Path(asked.folder.clone())];
    let data = DataConfig {
        seed,
        precedents: !asked.options.contains_key("bare"),
        ..DataConfig::default()
    };
    let mut made = dataset(&given, &data, &mut |_| ControlFlow::Continue(()));
    if let Some(refusal) = made.refused {
        return Err(refusal.sentence().en.into());
    }
    println!(
        "seed {seed}: {} documents, {} / {} / {} examples, {:?}, {} of {} masked values stand elsewhere",
        made.sources.len(),
        made.train.len(),
        made.valid.len(),
        made.test.len(),
        made.report.shared,
        made.secrets.standing(),
        made.secrets.count()
    );
    let with = made.train.iter().filter(|one| one.precedent.is_some());
    println!("{} are learned with a precedent", with.count());
    let started = Instant::now();
    let adapter = adapter(asked, base, &made, seed)?;
    println!("learned in {:.0} s", started.elapsed().as_secs_f64());
    let mut options = Options {
        seed,
        ..Options::default()
    };
    if let Some(drafts) = asked.number("drafts")? {
        options.drafts = drafts;
    }
    for sampling in [&mut options.sampling.before, &mut options.sampling.after] {
        if let Some(temperature) = asked.number("temperature")? {
            sampling.temperature = temperature;
        }
        if let Some(dry) = asked.number("dry")? {
            sampling.dry_multiplier = dry;
        }
        if let Some(allowed) = asked.number("allowed")? {
            sampling.dry_allowed_length = allowed;
        }
        if let Some(penalty) = asked.number("penalty")? {
            sampling.repeat_penalty = penalty;
        }
    }
    if let Some(only) = asked.number("only")? {
        made.test.retain(|example| example.lesson == Lesson::Draft);
        made.test.truncate(only);
    }
    let started = Instant::now();
    let mut tenths = 0;
    let compared = compare(base, &adapter, &made, &options, &mut |at| {
        let now = 10 * at.done / at.all.max(1);
        if now > tenths {
            tenths = now;
            println!("{now} tenths compared");
        }
        ControlFlow::Continue(())
    })?;
    let compared = compared.ok_or("it was broken off")?;
    println!("compared in {:.0} s", started.elapsed().as_secs_f64());
    table(&compared);
    for sentence in compared.sentences() {
        println!("- {}\n  {}", sentence.en, sentence.zh);
    }
    if asked.options.contains_key("clauses") {
        for at in &compared.shown {
            println!("{:#?}", compared.clauses[*at]);
        }
    }
    if let Some(path) = asked.named("json") {
        std::fs::write(path, serde_json::to_vec_pretty(&compared)?)?;
    }
    Ok(())
}

/// What the training part teaches, or what it taught before.
fn adapter(asked: &Asked, base: &Base, made: &Dataset, seed: u64) -> Result<Adapter, Failure> {
    let kept = asked
        .named("adapter")
        .map(|folder| PathBuf::from(format!("{folder}-{seed}")));
    if let Some(folder) = kept.as_ref().filter(|folder| folder.is_dir()) {
        return Ok(Adapter::load(base, folder)?);
    }
    let rank = asked.number("rank")?.unwrap_or(8);
    let fallback = TrainConfig::default();
    let rounds: Option<f64> = asked.number("rounds")?;
    let steps: Option<usize> = asked.number("steps")?;
    let config = TrainConfig {
        method: Method::Lora(LowRank {
            rank,
            alpha: 2.0 * rank as f32,
            dropout: asked.number("dropout")?.unwrap_or(0.0),
            ..LowRank::default()
        }),
        learning_rate: asked.number("rate")?.unwrap_or(1e-3),
        steps: match rounds {
            Some(_) => None,
            None => steps.or(Some(60)),
        },
        epochs: rounds.unwrap_or(fallback.epochs),
        precision: Precision::Mixed,
        noise: asked.number("noise")?.unwrap_or(0.0),
        seed,
        ..fallback
    };
    let examples = Examples {
        train: side(base, &made.train)?,
        valid: side(base, &made.valid)?,
        test: Vec::new(),
    };
    let mut heard = |event: TrainEvent| {
        match event {
            TrainEvent::Step { step, loss, .. } if step % 20 == 0 => {
                println!("step {step}: {loss:.3}");
            }
            TrainEvent::Validated { step, loss, .. } => {
                println!("validation after {step} steps: {loss:.3}");
            }
            _ => {}
        }
        ControlFlow::Continue(())
    };
    let trained = moqi_lm::train(base, &examples, &config, None, None, &mut heard)?;
    println!(
        "{} steps, {:?}, {:.0} s",
        trained.steps, trained.ended, trained.seconds
    );
    if let Some(folder) = kept {
        trained.adapter.save(base, "base", &folder)?;
    }
    Ok(trained.adapter)
}

fn side(base: &Base, list: &[Example]) -> Result<Vec<moqi_lm::Example>, Failure> {
    let each = list.iter().map(|example| Ok(example.tokens(base)?));
    each.collect()
}

fn table(compared: &Comparison) {
    println!(
        "{:<8}{:>9}{:>8}{:>16}{:>16}{:>14}",
        "", "examples", "tokens", "perplexity", "first choice", "choice"
    );
    let groups = [
        ("all", &compared.all),
        ("novel", &compared.novel),
        ("shared", &compared.shared),
    ];
    for (name, group) in groups {
        let Some(fit) = &group.fit else { continue };
        let (before, after, choices) = (fit.before, fit.after, &group.choices);
        println!(
            "{name:<8}{:>9}{:>8}{:>16}{:>16}{:>14}",
            group.examples,
            group.tokens,
            format!("{:.2} → {:.2}", before.perplexity, after.perplexity),
            format!("{:.3} → {:.3}", before.agreement, after.agreement),
            format!(
                "{} → {} / {}",
                choices.firm.before, choices.firm.after, choices.clauses
            ),
        );
    }
    println!(
        "{:<8}{:>9}{:>16}{:>16}{:>16}{:>16}{:>8}{:>8}",
        "", "drafts", "base", "tuned", "nearest", "oracle", "> base", "> near"
    );
    for (name, group) in groups {
        drafted(name, group);
    }
}

/// ROUGE-L and chrF of the four texts.
fn drafted(name: &str, group: &Group) {
    let Some(drafts) = &group.drafts else { return };
    let mean = &drafts.mean;
    let [base, tuned, nearest, oracle] = [mean.base, mean.tuned, mean.nearest, mean.oracle]
        .map(|close| format!("{:.3} {:.3}", close.rouge_l, close.chrf));
    println!(
        "{name:<8}{:>9}{base:>16}{tuned:>16}{nearest:>16}{oracle:>16}{:>8}{:>8}",
        drafts.clauses, drafts.closer_than_base, drafts.closer_than_nearest
    );
}

/// The command line.
struct Asked {
    folder: PathBuf,
    model: PathBuf,
    options: HashMap<String, String>,
}

impl Asked {
    fn read() -> Result<Asked, Failure> {
        let model = std::env::var_os("MOQI_TEST_MODEL").ok_or("MOQI_TEST_MODEL names no model")?;
        let mut options = HashMap::new();
        let mut folder = None;
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.strip_prefix("--") {
                Some(name @ ("clauses" | "bare")) => options.insert(name.into(), String::new()),
                Some(name) => {
                    let value = arguments.next().ok_or(format!("--{name} has no value"))?;
                    options.insert(name.to_owned(), value)
                }
                None => {
                    folder = Some(PathBuf::from(argument));
                    None
                }
            };
        }
        let firm = || std::env::var_os("MOQI_DATA").map(|data| Path::new(&data).join("firm-en"));
        Ok(Asked {
            folder: folder.or_else(firm).ok_or("names no folder")?,
            model: model.into(),
            options,
        })
    }

    fn named(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(String::as_str)
    }

    fn number<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, Failure>
    where
        T::Err: std::error::Error + 'static,
    {
        Ok(self.named(name).map(str::parse).transpose()?)
    }
}
