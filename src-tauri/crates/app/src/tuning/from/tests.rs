//! Going on from an adapter, on a tiny model of random weights.

use std::ops::ControlFlow;
use std::path::PathBuf;

use moqi_store::{AdapterState, Part, Wall};

use super::*;
use crate::tuning::tests::{MODEL, app};
use crate::tuning::{Plan, Tuning};

/// A folder of documents that have nothing in common with those of another.
pub(crate) fn papers(app: &App, about: &str, count: usize) -> PathBuf {
    let folder = app.home().root().join(about);
    std::fs::create_dir_all(&folder).unwrap();
    for n in 0..count {
        let clause = |of: &str| {
            let words: String = (0..30).map(|w| format!("{about}{n}{of}{w} ")).collect();
            format!("## {of}\n\nThe parties shall {words} under this agreement.\n\n")
        };
        let text = format!("# {about} {n}\n\n{}{}", clause("Scope"), clause("Term"));
        std::fs::write(folder.join(format!("{about} {n}.md")), text).unwrap();
    }
    folder
}

/// What is asked for, of some steps.
pub(crate) fn asked(name: &str, paths: &[&PathBuf], from: Option<&str>) -> Tune {
    Tune {
        paths: paths.iter().map(|path| (*path).clone()).collect(),
        model: MODEL.into(),
        name: name.into(),
        steps: Some(2),
        rank: 2,
        from: from.map(str::to_owned),
        ..Tune::default()
    }
}

pub(crate) fn tuned(app: &App, wanted: &Tune) -> String {
    let tuned = app.tune(wanted, &mut |_| ControlFlow::Continue(()));
    tuned.unwrap().adapter.unwrap()
}

fn plan(app: &App, wanted: &Tune) -> Plan {
    app.plan_tuning(wanted, &mut |_, _| {}).unwrap()
}

fn named(plan: &Plan, side: Side) -> Vec<String> {
    let of = plan.sources.iter().filter(|source| source.side == side);
    let mut names: Vec<String> = of.map(|source| source.name.clone()).collect();
    names.sort();
    names
}

#[test]
fn the_old_is_repeated_and_what_was_held_out_stays_so() {
    let (_folder, app) = app();
    let (old, new) = (papers(&app, "old", 8), papers(&app, "new", 8));
    let first = asked("Old", &[&old], None);
    let sides = plan(&app, &first);
    let a = tuned(&app, &first);
    let second = Tune {
        replay: 0.4,
        ..asked("New", &[&new], Some("Old"))
    };
    let b = app
        .tune(&second, &mut |_| ControlFlow::Continue(()))
        .unwrap();
    let info = app.adapter(b.adapter.as_deref().unwrap()).unwrap();
    assert_eq!(info.parents, [a.as_str()]);
    // It knows all that the old one knew, where that was; of what was learnt, a share was learnt again.
    assert_eq!(info.manifest.sources.len(), 16);
    let known = &app.adapter(&a).unwrap().manifest.sources;
    assert!(
        known
            .iter()
            .all(|source| info.manifest.sources.contains(source))
    );
    let rows = app.run_sources(&b.run).unwrap();
    let repeated: Vec<&str> = rows
        .iter()
        .filter(|row| row.reason.is_some())
        .map(|row| row.title.as_str())
        .collect();
    let learnt = named(&sides, Side::Train);
    assert!(repeated.len() > 2, "{repeated:?}");
    for title in &repeated {
        assert!(
            learnt.iter().any(|name| name == title),
            "{title} in {learnt:?}"
        );
    }
    assert!(
        rows.iter()
            .all(|row| row.reason.is_none() || row.part == Part::Train)
    );
    let [train, ..] = b.plan.examples;
    let count: usize = {
        let of_old = b
            .plan
            .sources
            .iter()
            .filter(|source| source.name.starts_with("old"));
        of_old.map(|source| source.examples).sum()
    };
    assert_eq!(count, (0.4 * train as f64).round() as usize);
    // Given once more among new ones, each old document is where it was, whatever the seed.
    for seed in 0..5 {
        let both = Tune {
            seed,
            ..asked("Both", &[&old, &new], Some(&a))
        };
        let again = plan(&app, &both);
        for side in [Side::Train, Side::Valid, Side::Test] {
            let mut of_old = named(&again, side);
            of_old.retain(|name| name.starts_with("old"));
            assert_eq!(of_old, named(&sides, side), "seed {seed}");
        }
    }
    // What is gone is named and passed over, and nothing that was held out takes its place.
    let gone = &learnt[0];
    std::fs::remove_file(old.join(gone)).unwrap();
    let less = plan(
        &app,
        &Tune {
            replay: 0.9,
            ..second.clone()
        },
    );
    let left: Vec<(&str, &Why)> = less
        .left_out
        .iter()
        .map(|left| (left.name.as_str(), &left.why))
        .collect();
    assert_eq!(left, [(gone.as_str(), &Why::Gone)]);
    let mut of_old = named(&less, Side::Train);
    of_old.retain(|name| name.starts_with("old"));
    assert_eq!(of_old, learnt[1..]);
    // By way of another, the oldest is repeated too.
    let third = Tune {
        replay: 0.9,
        ..asked("Third", &[&papers(&app, "third", 4)], Some(&info.id))
    };
    let all = named(&plan(&app, &third), Side::Train);
    assert!(
        all.contains(&learnt[1]) && all.iter().any(|name| name.starts_with("new")),
        "{all:?}"
    );
}

#[test]
fn going_on_begins_where_the_old_one_stopped() {
    let (_folder, app) = app();
    let (old, new) = (papers(&app, "old", 4), papers(&app, "new", 4));
    let longer = Tune {
        steps: Some(12),
        ..asked("Old", &[&old], None)
    };
    let a = tuned(&app, &longer);
    let first_loss = |from: Option<&str>| {
        let mut first = None;
        let wanted = Tune {
            replay: 0.0,
            ..asked("New", &[&new], from)
        };
        let done = app.tune(&wanted, &mut |event| {
            if let Tuning::Step { loss, .. } = event {
                first.get_or_insert(loss);
            }
            ControlFlow::Continue(())
        });
        done.unwrap();
        first.unwrap()
    };
    let (anew, on) = (first_loss(None), first_loss(Some(&a)));
    assert!((anew - on).abs() > 1e-4, "{anew} and {on}");
}

#[test]
fn what_must_not_be_gone_on_from_is_refused() {
    let (_folder, app) = app();
    let (old, new) = (papers(&app, "old", 4), papers(&app, "new", 4));
    let client = |name: &str| Wall::Client(name.into());
    let of_a = Tune {
        wall: client("A"),
        ..asked("Of A", &[&old], None)
    };
    let of_a = tuned(&app, &of_a);
    let firm = tuned(
        &app,
        &Tune {
            seed: 1,
            ..asked("Firm", &[&old], None)
        },
    );
    let on = |from: &str, wall: Wall| {
        let wanted = Tune {
            wall,
            ..asked("New", &[&new], Some(from))
        };
        app.tune(&wanted, &mut |_| ControlFlow::Continue(()))
    };
    for wall in [Wall::Firm, client("B"), Wall::Group("A".into())] {
        let refused = on(&of_a, wall).unwrap_err();
        assert!(
            refused.message.en.contains("must not be used for"),
            "{refused:?}"
        );
        assert!(refused.message.zh.contains("委托人“A”"), "{refused:?}");
    }
    let narrow = on(&firm, client("B")).unwrap().adapter.unwrap();
    assert_eq!(app.adapter(&narrow).unwrap().wall, client("B"));
    assert!(on(&of_a, client("A")).unwrap().adapter.is_some());
    // Nothing new: what would be held out was learnt.
    let nothing = asked("New", &[&old], Some(&firm));
    let only: Vec<PathBuf> = named(
        &plan(
            &app,
            &Tune {
                seed: 1,
                ..nothing.clone()
            },
        ),
        Side::Train,
    )
    .iter()
    .map(|name| old.join(name))
    .collect();
    let nothing = Tune {
        paths: only,
        ..nothing
    };
    let refused = app.plan_tuning(&nothing, &mut |_, _| {}).unwrap_err();
    assert!(refused.message.en.contains("already"), "{refused:?}");
    let other = Tune {
        model: "other".into(),
        ..asked("New", &[&new], Some(&firm))
    };
    let refused = app.plan_tuning(&other, &mut |_, _| {}).unwrap_err();
    assert!(
        refused
            .message
            .en
            .contains("was learnt on the model “tiny”"),
        "{refused:?}"
    );
    let leaks = app.store().adapters().decide(&firm, AdapterState::Leaking);
    leaks.unwrap();
    assert!(
        on(&firm, Wall::Firm)
            .unwrap_err()
            .message
            .en
            .contains("gives away")
    );
}

#[test]
fn rows_of_labelled_files_stay_where_they_were() {
    let (_folder, app) = app();
    let rows = |about: &str| {
        let path = app.home().root().join(format!("{about}.jsonl"));
        let lines = (0..20).map(|n| {
            let words: String = (0..12).map(|w| format!("{about}{n}x{w} ")).collect();
            format!("{{\"text\": \"{words}\", \"label\": \"one\"}}\n")
        });
        std::fs::write(&path, lines.collect::<String>()).unwrap();
        path
    };
    let sides = |wanted: &Tune| -> BTreeMap<String, Side> {
        let made = app.dataset(wanted, None, &mut |_| ControlFlow::Continue(()));
        let made = made.unwrap();
        let of = |side| {
            let rows = made
                .side(side)
                .iter()
                .filter(|one| one.user.contains("old"));
            rows.map(move |one| (one.user.clone(), side))
                .collect::<Vec<_>>()
        };
        [Side::Train, Side::Valid, Side::Test]
            .into_iter()
            .flat_map(of)
            .collect()
    };
    let (old, new) = (rows("old"), rows("new"));
    let classify = |name: &str, paths: &[&PathBuf], from: Option<&str>, seed| Tune {
        task: crate::Goal::Classify,
        seed,
        ..asked(name, paths, from)
    };
    let first = classify("Old", &[&old], None, 0);
    let were = sides(&first);
    assert_eq!(were.len(), 20);
    let a = tuned(&app, &first);
    for seed in 1..4 {
        let both = classify("Both", &[&old, &new], Some(&a), seed);
        assert_eq!(sides(&both), were, "seed {seed}");
    }
    // By way of another one, too.
    let b = tuned(&app, &classify("New", &[&old, &new], Some(&a), 5));
    assert_eq!(sides(&classify("Third", &[&old], Some(&b), 6)), were);
    // Without it they are drawn anew.
    assert_ne!(sides(&classify("Other", &[&old], None, 1)), were);
}
