//! What going on from an adapter costs the old, with replay and without: held-out losses on both kinds of documents.
//!
//! `MOQI_TEST_MODEL=MODEL.gguf MOQI_DATA=FOLDER cargo run --release -p moqi-app --example going_on -- [STEPS] [REPLAY]`
//!
//! The old are twenty documents of `firm-en`, the new those of `standard-en`. Everything lies in a folder that is deleted.
#![allow(clippy::print_stdout, reason = "figures are shown")]

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use moqi_app::tune::{DataConfig, Given, dataset};
use moqi_app::{App, Effort, Home, Language, Tune};
use moqi_lm::{Adapter, Base, Example, Place, measure};

type Failure = Box<dyn std::error::Error>;

/// Documents of the old kind.
const OLD: usize = 20;
/// Tokens of an example, as in a tuning.
const LENGTH: usize = 1024;

fn main() -> Result<(), Failure> {
    let named = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .ok_or(format!("{name} is not set"))
    };
    let (model, data) = (named("MOQI_TEST_MODEL")?, named("MOQI_DATA")?);
    let mut numbers = std::env::args().skip(1);
    let steps: usize = numbers.next().map_or(Ok(60), |text| text.parse())?;
    let replay: f64 = numbers.next().map_or(Ok(0.25), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let app = App::open(Home::at(folder.path())?, Language::En)?;
    let id = moqi_app::models::add(app.home(), &model, &mut |_, _| true)?
        .entry
        .id;
    let mut old = files(&data.join("firm-en"))?;
    old.truncate(OLD);
    let new = files(&data.join("standard-en"))?;
    let options = moqi_lm::Options {
        threads: None,
        place: Place::Processor,
    };
    let base = Base::load_with(&model, &options)?;
    let held = [held_out(&base, &old)?, held_out(&base, &new)?];
    let told = |name: &str, adapter: Option<&str>| -> Result<[f64; 2], Failure> {
        let adapter = adapter
            .map(|id| Ok::<_, Failure>(Adapter::load(&base, &app.adapter(id)?.folder)?))
            .transpose()?;
        let mut losses = [0.0; 2];
        for (loss, held) in losses.iter_mut().zip(&held) {
            let threads = std::thread::available_parallelism().map_or(1, usize::from);
            let measured = measure(&base, adapter.as_ref(), held, threads, &mut || {
                ControlFlow::Continue(())
            })?;
            *loss = measured.ok_or("nothing is held out")?;
        }
        let [a, b] = losses;
        println!(
            "{name:<32} old {a:.4} (perplexity {:.2})   new {b:.4} (perplexity {:.2})",
            a.exp(),
            b.exp()
        );
        Ok(losses)
    };
    let tuned = |name: &str, paths: &[PathBuf], from: Option<&str>, replay: f64| {
        let wanted = Tune {
            paths: paths.to_vec(),
            model: id.clone(),
            name: name.into(),
            effort: Effort::Quick,
            steps: Some(steps),
            from: from.map(str::to_owned),
            replay,
            ..Tune::default()
        };
        let tuned = app.tune(&wanted, &mut |_| ControlFlow::Continue(()))?;
        println!(
            "{name}: {} steps, {:.0} s, {:?} examples",
            tuned.steps, tuned.seconds, tuned.plan.examples
        );
        tuned.adapter.ok_or_else(|| Failure::from("broken off"))
    };
    told("the bare base", None)?;
    let first = tuned("the old", &old, None, 0.0)?;
    let [before, _] = told("after the old", Some(&first))?;
    for replay in [0.0, replay] {
        let name = format!("after the new, replay {replay}");
        let second = tuned(&name, &new, Some(&first), replay)?;
        let [after, _] = told(&name, Some(&second))?;
        let rise = 100.0 * ((after - before).exp() - 1.0);
        println!(
            "with replay {replay}: loss on the old {:+.4}, perplexity {rise:+.1} %",
            after - before
        );
    }
    Ok(())
}

/// The documents of a folder by name.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries: Result<Vec<_>, _> = std::fs::read_dir(folder)?.collect();
    let mut all: Vec<PathBuf> = entries?.into_iter().map(|entry| entry.path()).collect();
    all.retain(|path| path.extension().is_some_and(|ending| ending == "docx"));
    all.sort();
    Ok(all)
}

/// What a tuning on these holds out for the test.
fn held_out(base: &Base, paths: &[PathBuf]) -> Result<Vec<Example>, Failure> {
    let given: Vec<Given> = paths.iter().cloned().map(Given::Path).collect();
    let made = dataset(&given, &DataConfig::default(), &mut |_| {
        ControlFlow::Continue(())
    });
    let made = made
        .test
        .iter()
        .map(|example| Ok(example.tokens(base)?.cut(LENGTH)));
    made.collect()
}
