//! Tuning a tiny model of random weights on invented agreements.

use moqi_store::LossKind;

use super::*;
use crate::error::Code;
use crate::home::Home;
use crate::models::{add, tiny_model};

pub(crate) const MODEL: &str = "tiny";

pub(crate) fn app() -> (tempfile::TempDir, App) {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(folder.path().join("home")).unwrap();
    let file = folder.path().join("tiny.gguf");
    let mut parts = tiny_model::parts("llama", 1);
    // The prompts of drafting are a page long in the letters of this model.
    parts.set("llama.context_length", tiny_model::Meta::U32(4096));
    std::fs::write(&file, parts.bytes().1).unwrap();
    add(&home, &file, &mut |_, _| true).unwrap();
    let app = App::open(home, moqi_document::Language::En).unwrap();
    (folder, app)
}

pub(crate) fn go_on(_: Tuning) -> ControlFlow<Halt> {
    ControlFlow::Continue(())
}

/// A document about something of its own.
fn document(n: usize) -> String {
    let words = [
        "supply of timber",
        "storage of grain",
        "repair of lifts",
        "teaching of music",
        "carriage of glass",
        "lease of barges",
    ];
    let what = words[n % words.len()];
    let clause = |heading: &str, verb: &str| {
        format!(
            "## {heading}\n\nThe parties {verb} the {what} number {n} under this agreement, and each keeps records of the {what} for {} years.\n\n",
            n + 2
        )
    };
    format!(
        "# Agreement on the {what} {n}\n\n{}{}{}",
        clause("Scope", "agree upon"),
        clause("Payment", "settle all invoices for"),
        clause("Term", "may end"),
    )
}

/// What is asked for: to learn from so many files.
pub(crate) fn wanted(app: &App, count: usize) -> Tune {
    let folder = app.home().root().join(format!("papers {count}"));
    std::fs::create_dir_all(&folder).unwrap();
    for n in 0..count {
        std::fs::write(folder.join(format!("Agreement {n}.md")), document(n)).unwrap();
    }
    Tune {
        paths: vec![folder],
        model: MODEL.into(),
        name: "House style".into(),
        task: Goal::Draft,
        steps: Some(4),
        rank: 2,
        seed: 1,
        ..Tune::default()
    }
}

#[test]
fn tuning_leaves_an_adapter_that_says_where_it_comes_from() {
    let (_folder, app) = app();
    let mut steps = 0;
    let mut planned = None;
    let tuned = app
        .tune(&wanted(&app, 6), &mut |event| {
            match event {
                Tuning::Step { .. } => steps += 1,
                Tuning::Plan(plan) => planned = Some(plan),
                _ => {}
            }
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(
        (steps, tuned.steps, tuned.stopped),
        (4, 4, Stopped::Finished)
    );
    let plan = planned.unwrap();
    assert_eq!(plan.sources.len(), 6);
    assert!(plan.seconds > 0.0 && plan.memory > 0 && plan.examples.iter().all(|count| *count > 0));
    let id = tuned.adapter.unwrap();
    let info = app.adapter("House style").unwrap();
    assert_eq!(info.id, id);
    assert_eq!(info.manifest.sources.len(), 6);
    let told = (info.manifest.before.loss, info.manifest.after.loss);
    assert_eq!(told, (Some(tuned.loss.0), Some(tuned.loss.1)));
    assert_eq!(info.manifest.base.name, MODEL);
    let runs = app.store().training_runs().list().unwrap();
    assert_eq!(
        (runs.len(), runs[0].status, runs[0].adapter.as_ref()),
        (1, RunStatus::Done, Some(&id))
    );
    let losses = app
        .store()
        .training_losses()
        .of(&runs[0].id, LossKind::Train)
        .unwrap();
    assert_eq!(losses.len(), 4);
    // The record goes out for spreadsheets and TensorBoard.
    let out = app.home().root().join("record");
    app.export_runs(None, &out.join("runs.csv")).unwrap();
    app.export_runs(Some(&runs[0].id), &out.join("losses.csv"))
        .unwrap();
    let losses = std::fs::read_to_string(out.join("losses.csv")).unwrap();
    assert_eq!(
        losses
            .lines()
            .filter(|line| line.starts_with("train,"))
            .count(),
        4
    );
    let events = app.export_events(&runs[0].id, &out).unwrap();
    assert!(std::fs::metadata(events).unwrap().len() > 100);
    assert_eq!(app.run("nothing").unwrap_err().code, Code::NotFound);
    // Half of it twice is the same to the last figures, under its own id and with the same sources.
    let halves = [(id.clone(), 0.5), (id.clone(), 0.5)];
    let mixed = app.mix_adapters(&halves, "Mixed", &mut go_on).unwrap();
    assert!(mixed.id != id && mixed.manifest.sources == info.manifest.sources);
    let words = "The parties settle all invoices.";
    let score = |adapter: &str| {
        app.base_with(MODEL, Some(adapter))
            .unwrap()
            .score(words)
            .unwrap()
            .nll
    };
    assert!((score(&mixed.id) - score(&id)).abs() < 1e-4);
    app.remove_adapter(&mixed.id).unwrap();
    // Nothing unfinished is left, and the model says something else with it.
    assert_eq!(
        std::fs::read_dir(app.home().trainings()).unwrap().count(),
        0
    );
    let text = "The parties agree upon the supply of timber.";
    let plain = app.base(MODEL).unwrap().score(text).unwrap();
    let with = app
        .base_with(MODEL, Some(&id))
        .unwrap()
        .score(text)
        .unwrap();
    assert!(with.nll < plain.nll, "{} and {}", with.nll, plain.nll);
    // The tiny model is of floats: with the adapter in its weights it says the same.
    let merged = app.base_with(MODEL, Some(&id)).unwrap().merging();
    let merged = merged.score(text).unwrap();
    assert!((merged.nll - with.nll).abs() < 1e-4, "{}", merged.nll);
    // Out and in again it is the same one.
    let out = app.home().root().join("out");
    app.export_adapter(&id[..6], &out).unwrap();
    assert_eq!(
        app.export_adapter(&id, &out).unwrap_err().code,
        Code::BadInput
    );
    app.remove_adapter(&id).unwrap();
    assert_eq!(app.adapter(&id).unwrap_err().code, Code::NotFound);
    let again = app.add_adapter(&out).unwrap();
    assert_eq!(
        (again.id.as_str(), again.manifest.name.as_str()),
        (id.as_str(), "House style")
    );
    assert_eq!(
        app.rename_adapter(&id, "Ours").unwrap().manifest.name,
        "Ours"
    );
    assert_eq!(app.adapters().len(), 1);
}

#[test]
fn a_training_that_was_broken_off_goes_on_to_the_same_adapter() {
    let (_folder, app) = app();
    let whole = app
        .tune(&wanted(&app, 6), &mut |_| ControlFlow::Continue(()))
        .unwrap();
    let whole = whole.adapter.unwrap();
    app.remove_adapter(&whole).unwrap();
    let mut stop = |event| match event {
        Tuning::Step { step: 2, .. } => ControlFlow::Break(Halt::Pause),
        _ => ControlFlow::Continue(()),
    };
    let stopped = app.tune(&wanted(&app, 6), &mut stop).unwrap();
    assert_eq!(
        (&stopped.adapter, stopped.steps, stopped.stopped),
        (&None, 2, Stopped::Paused)
    );
    assert!(app.adapters().is_empty());
    let (mut first, mut phases) = (None, Vec::new());
    let resumed = app
        .tune(&wanted(&app, 6), &mut |event| {
            match event {
                Tuning::Step { step, .. } => {
                    first.get_or_insert(step);
                }
                Tuning::Phase(phase) => phases.push(phase),
                _ => {}
            }
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(
        (first, resumed.adapter.as_deref()),
        (Some(3), Some(whole.as_str()))
    );
    // What the bare base makes of the held-out part was known.
    assert_eq!(
        phases,
        [Phase::Reading, Phase::Learning, Phase::After, Phase::Leaks]
    );
    assert_eq!(resumed.loss.0, stopped.loss.0);
    let info = app.adapter(&whole).unwrap();
    assert_eq!(info.manifest.before.loss, Some(resumed.loss.0));
}

#[test]
fn the_record_tells_the_steps_where_none_were_said() {
    let (_folder, app) = app();
    let wanted = Tune {
        steps: None,
        ..wanted(&app, 6)
    };
    let stopped = app.tune(&wanted, &mut |event| match event {
        Tuning::Step { .. } => ControlFlow::Break(Halt::Pause),
        _ => ControlFlow::Continue(()),
    });
    let stopped = stopped.unwrap();
    let run = app.run(&stopped.run).unwrap();
    assert!(run.steps_wanted > 0);
    assert_eq!(run.steps_wanted, log::count(stopped.plan.steps));
}

#[test]
fn a_tuning_is_written_for_another_machine() {
    let (_folder, app) = app();
    let out = app.home().root().join("job");
    app.export_tuning(&wanted(&app, 6), "org/model", &out)
        .unwrap();
    let train = std::fs::read_to_string(out.join("data/train.jsonl")).unwrap();
    assert!(train.lines().count() > 3);
    let settings = std::fs::read_to_string(out.join("llamafactory.yaml")).unwrap();
    assert!(
        settings.contains("org/model") && settings.contains("lora_rank: 2"),
        "{settings}"
    );
    let one = app
        .export_tuning(&wanted(&app, 1), "org/model", &out)
        .unwrap_err();
    assert_eq!(one.code, Code::BadInput);
}

#[test]
fn what_cannot_be_learnt_from_is_refused_in_a_sentence() {
    let (_folder, app) = app();
    let mut go_on = |_| ControlFlow::Continue(());
    let one = app.tune(&wanted(&app, 1), &mut go_on).unwrap_err();
    assert_eq!(one.code, Code::BadInput);
    let nothing = Tune {
        task: Goal::Classify,
        ..wanted(&app, 6)
    };
    let nothing = app.tune(&nothing, &mut go_on).unwrap_err();
    assert!(
        nothing.message.en.contains("no examples with classes"),
        "{nothing:?}"
    );
    let other = Tune {
        model: "no-such".into(),
        ..wanted(&app, 6)
    };
    assert_eq!(
        app.tune(&other, &mut go_on).unwrap_err().code,
        Code::NotFound
    );
    let mut at_once = |_| ControlFlow::Break(Halt::Pause);
    let stopped = app.tune(&wanted(&app, 6), &mut at_once).unwrap_err();
    assert!(stopped.message.en.starts_with("Cancelled"), "{stopped:?}");
}
