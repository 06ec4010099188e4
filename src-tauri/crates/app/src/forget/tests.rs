//! Forgetting, on a tiny model of random weights.

use std::path::PathBuf;

use moqi_store::Wall;

use super::*;
use crate::tuning::from::tests::{asked, papers, tuned};
use crate::tuning::tests::{app, go_on};
use crate::tuning::{Halt, Tuning};
use crate::{Decision, files};

/// The hash of a document that an adapter was learnt from.
fn learnt(app: &App, adapter: &str, part: &str) -> (String, String) {
    let info = app.adapter(adapter).unwrap();
    let mut sources = info.manifest.sources.into_iter();
    let source = sources.find(|source| source.part == part).unwrap();
    (source.hash, source.title)
}

/// An old tuning, one that goes on from it, a mix of both, and one that has nothing to do with them.
fn family(app: &App, old: &PathBuf, new: &PathBuf) -> [String; 4] {
    let a = tuned(app, &asked("A", &[old], None));
    let b = tuned(app, &asked("B", &[new], Some(&a)));
    let halves = [(a.clone(), 0.25), (b.clone(), 0.75)];
    let mixed = app.mix_adapters(&halves, "Mixed", &mut go_on).unwrap().id;
    let other = tuned(app, &asked("Other", &[new], None));
    [a, b, mixed, other]
}

#[test]
fn what_is_left_is_as_if_the_document_had_never_been_there() {
    let (_folder, one) = app();
    let (old, new) = (papers(&one, "old", 6), papers(&one, "new", 6));
    let [a, b, mixed, other] = family(&one, &old, &new);
    for id in [&a, &b] {
        one.wall_adapter(id, Wall::Client("C".into())).unwrap();
    }
    one.rename_adapter(&b, "Renamed").unwrap();
    one.decide_adapter(&a, Decision::Keep).unwrap();
    one.decide_adapter(&b, Decision::Use).unwrap();
    let (hash, title) = learnt(&one, &a, "train");
    let plan = one.forget_plan(&hash).unwrap();
    let ids = |all: &[AdapterInfo]| all.iter().map(|info| info.id.clone()).collect::<Vec<_>>();
    assert_eq!(
        (ids(&plan.again), ids(&plan.deleted)),
        (vec![a.clone(), b.clone(), mixed.clone()], vec![])
    );
    let runs: Vec<String> = [&a, &b]
        .map(|id| one.adapter(id).unwrap().run.unwrap())
        .into();
    assert!(
        one.store()
            .training_runs()
            .report(&runs[0])
            .unwrap()
            .is_some()
    );
    let done = one.forget(&hash, &mut go_on).unwrap();
    assert_eq!((done.deleted.len(), done.left.len()), (0, 0));
    let olds: Vec<&String> = done.retrained.iter().map(|(old, _)| old).collect();
    assert_eq!(olds, [&a, &b, &mixed]);
    // Another program that never saw it learns the very same, bit by bit.
    let (_folder, two) = app();
    let (old_, new_) = (papers(&two, "old", 6), papers(&two, "new", 6));
    std::fs::remove_file(old_.join(&title)).unwrap();
    let [a_, b_, mixed_, _] = family(&two, &old_, &new_);
    let news: Vec<&String> = done.retrained.iter().map(|(_, new)| new).collect();
    assert_eq!(news, [&a_, &b_, &mixed_]);
    assert!(news.iter().all(|new| !olds.contains(new)));
    // So are the precedents they were taught.
    for new in &news {
        let clauses = one.house_clauses(new).unwrap();
        assert!(!clauses.is_empty() && clauses.iter().all(|clause| clause.hash != hash));
        assert_eq!(clauses, two.house_clauses(new).unwrap());
    }
    // They stand where the old ones stood, and nothing is left of those.
    let [now_a, now_b, now_mixed] = [0, 1, 2].map(|n| one.adapter(news[n]).unwrap());
    assert_eq!(now_b.manifest.name, "Renamed");
    for info in [&now_a, &now_b, &now_mixed] {
        assert_eq!(
            (&info.wall, info.state),
            (&Wall::Client("C".into()), AdapterState::Kept)
        );
        assert!(
            info.manifest
                .sources
                .iter()
                .all(|source| source.hash != hash)
        );
    }
    assert!(now_b.used && !now_a.used && !now_mixed.used);
    assert_eq!((now_b.parents, now_mixed.parents.len()), (vec![a_], 2));
    let mut left: Vec<String> = one.adapters().into_iter().map(|info| info.id).collect();
    let mut all = vec![
        news[0].clone(),
        news[1].clone(),
        news[2].clone(),
        other.clone(),
    ];
    left.sort();
    all.sort();
    assert_eq!(left, all);
    for id in [&a, &b, &mixed] {
        assert!(!one.home().adapters().join(id).exists());
        assert!(one.store().adapters().get(id).unwrap().is_none());
    }
    for run in &runs {
        assert_eq!(one.store().training_runs().report(run).unwrap(), None);
    }
    assert_eq!(one.forget_plan(&hash).unwrap(), ForgetPlan::default());
    assert_eq!(one.forget(&hash, &mut go_on).unwrap(), Forgotten::default());
}

#[test]
fn broken_off_it_leaves_nothing_in_use_that_knows_and_can_be_gone_on_with() {
    let (_folder, app) = app();
    let (old, new) = (papers(&app, "old", 6), papers(&app, "new", 6));
    let [a, b, mixed, other] = family(&app, &old, &new);
    for id in [&a, &b, &mixed, &other] {
        app.decide_adapter(id, Decision::Use).unwrap();
    }
    let (hash, _) = learnt(&app, &a, "valid");
    // A training that was paused has read it too.
    let paused = Tune {
        seed: 7,
        ..asked("Paused", &[&old], None)
    };
    let paused = app.tune(&paused, &mut |event| match event {
        Tuning::Step { .. } => ControlFlow::Break(Halt::Pause),
        _ => ControlFlow::Continue(()),
    });
    let paused = paused.unwrap().run;
    let state = app.training_state(&app.run(&paused).unwrap().data_hash);
    assert!(state.exists());
    let mut learning = 0;
    let mut stop_in_the_second = |event: Tuning| {
        if matches!(event, Tuning::Began { .. }) {
            learning += 1;
        }
        match learning {
            2 => ControlFlow::Break(Halt::Pause),
            _ => ControlFlow::Continue(()),
        }
    };
    let done = app.forget(&hash, &mut stop_in_the_second).unwrap();
    assert_eq!(done.left, [b.clone(), mixed.clone()]);
    assert_eq!(done.retrained.len(), 1);
    assert_eq!(app.run(&paused).unwrap().status, RunStatus::Cancelled);
    assert!(!state.exists());
    for id in [&b, &mixed] {
        let info = app.adapter(id).unwrap();
        assert_eq!((info.state, info.used), (AdapterState::Discarded, false));
        let error = app
            .base_with(crate::tuning::tests::MODEL, Some(id))
            .unwrap_err();
        assert!(error.message.en.contains("to be forgotten"), "{error:?}");
        assert!(app.use_adapter(id, true).is_err() && app.adapter(&a).is_err());
    }
    assert!(app.adapter(&other).unwrap().state == AdapterState::Kept);
    // In another life of the program.
    let home = app.home().clone();
    drop(app);
    let app = App::open(home, crate::Language::En).unwrap();
    let more = app.forget(&hash, &mut go_on).unwrap();
    let olds: Vec<&String> = more.retrained.iter().map(|(old, _)| old).collect();
    assert_eq!((olds, more.left.len()), (vec![&b, &mixed], 0));
    let new_b = app.adapter(&more.retrained[0].1).unwrap();
    assert_eq!(new_b.parents, [done.retrained[0].1.clone()]);
    let new_mixed = app.adapter(&more.retrained[1].1).unwrap();
    // Of the three that stood behind one wall the last one was in use, before another took its turn.
    assert_eq!(new_b.state, AdapterState::Kept);
    assert_eq!(new_mixed.state, AdapterState::Kept);
    assert!(app.adapter(&other).unwrap().used && !new_mixed.used);
    assert_eq!(app.forget(&hash, &mut go_on).unwrap(), Forgotten::default());
    assert_eq!(app.setting(SETTING).unwrap().as_deref(), Some(""));
}

#[test]
fn what_cannot_be_learnt_again_is_deleted() {
    let (folder, app) = app();
    let old = papers(&app, "old", 2);
    let both = tuned(&app, &asked("Both", &[&old], None));
    let (hash, _) = learnt(&app, &both, "train");
    // From elsewhere, with a manifest that tells what it knows; and one that is made of it.
    let out = folder.path().join("out");
    app.export_adapter(&both, &out).unwrap();
    let (_folder, stranger) = app_();
    let added = stranger.add_adapter(&out).unwrap().id;
    let mixed = stranger
        .mix_adapters(&[(added.clone(), 0.5)], "Mixed", &mut go_on)
        .unwrap()
        .id;
    let done = stranger.forget(&hash, &mut go_on).unwrap();
    assert_eq!(done.retrained.len(), 0);
    let told = |gone: &Gone| (gone.id.clone(), gone.why.en.clone());
    let told: Vec<(String, String)> = done.deleted.iter().map(told).collect();
    assert_eq!(
        told,
        [
            (added, Why::NoRecord.sentence().en),
            (mixed, Why::PartGone.sentence().en)
        ]
    );
    assert!(stranger.adapters().is_empty());
    // One document would be left, which cannot be learnt from honestly.
    let done = app.forget(&hash, &mut go_on).unwrap();
    let gone = Gone {
        id: both,
        name: "Both".into(),
        why: Why::TooLittleLeft.sentence(),
    };
    assert_eq!((done.deleted, done.retrained.len()), (vec![gone], 0));
    assert!(app.adapters().is_empty());
}

fn app_() -> (tempfile::TempDir, App) {
    app()
}

#[test]
fn a_document_of_this_program_is_forgotten_in_all_its_versions() {
    let (_folder, app) = app();
    let old = papers(&app, "old", 4);
    let imported = |name: &str| {
        let text = files::read_whole(&old.join(name)).unwrap();
        let text = String::from_utf8(text).unwrap();
        let opened =
            app.create_document(None, Some(name), crate::Language::En, &Default::default());
        let id = opened.unwrap().info.id;
        let store = app.store();
        let mut row = store.documents().get(&id).unwrap().unwrap();
        row.text = text;
        store.documents().save(&row).unwrap();
        id
    };
    let ids = [0, 1, 2, 3].map(|n| imported(&format!("old {n}.md")));
    let wanted = Tune {
        documents: ids.to_vec(),
        ..asked("Own", &[], None)
    };
    let own = tuned(&app, &wanted);
    let run = app.adapter(&own).unwrap().run.unwrap();
    let rows = app.run_sources(&run).unwrap();
    let row = rows.iter().find(|row| row.part == Part::Train).unwrap();
    let id = row.document_id.clone().unwrap();
    // It says something else today.
    {
        let store = app.store();
        let mut saved = store.documents().get(&id).unwrap().unwrap();
        saved.text = saved.text.replace("parties", "people");
        store.documents().save(&saved).unwrap();
    }
    let done = app.forget(&row.hash, &mut go_on).unwrap();
    let [(_, new)] = &done.retrained[..] else {
        panic!("{done:?}");
    };
    let run = app.adapter(new).unwrap().run.unwrap();
    let rows = app.run_sources(&run).unwrap();
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|row| row.document_id.as_ref() != Some(&id)));
    assert_eq!(app.forget_plan(&id).unwrap(), ForgetPlan::default());
}
