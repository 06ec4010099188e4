//! The search, on a tiny model of random weights.

use moqi_store::RunStatus;

use super::*;
use crate::App;
use crate::tuning::from::tests::{asked, papers};
use crate::tuning::prepare::Prepared;
use crate::tuning::tests::app;
use crate::tuning::{Halt, Phase, Stopped};

fn prepared(app: &App, steps: usize) -> Prepared {
    let wanted = wanted(app, steps);
    app.prepare(&wanted, &mut |_| ControlFlow::Continue(()))
        .unwrap()
}

fn wanted(app: &App, steps: usize) -> Tune {
    Tune {
        steps: Some(steps),
        search: true,
        ..asked("Searched", &[&papers(app, "old", 8)], None)
    }
}

fn candidate(learning_rate: f64, rank: usize) -> Candidate {
    Candidate {
        rank,
        learning_rate,
        steps: 0,
        loss: None,
    }
}

#[test]
fn candidates_are_as_many_as_the_steps_allow() {
    let pairs = |wanted: &Tune, steps| {
        let config = TrainConfig {
            method: Method::Lora(LowRank {
                rank: wanted.rank,
                ..LowRank::default()
            }),
            ..TrainConfig::default()
        };
        let all = candidates(wanted, &config, steps).into_iter();
        all.map(|one| (one.learning_rate, one.rank))
            .collect::<Vec<_>>()
    };
    let wanted = Tune {
        rank: 32,
        ..Tune::default()
    };
    assert_eq!(pairs(&wanted, 400), WIDE);
    assert_eq!(pairs(&wanted, 60), RATES.map(|rate| (rate, 32)));
    assert!(pairs(&wanted, 20).is_empty());
    let said = Tune {
        learning_rate: Some(5e-4),
        ..Tune::default()
    };
    assert_eq!(pairs(&said, 400), RANKS.map(|rank| (5e-4, rank)));
    let on = Tune {
        from: Some("x".into()),
        ..Tune::default()
    };
    assert_eq!(pairs(&on, 400), RATES.map(|rate| (rate, 8)));
    let nothing = Tune {
        from: Some("x".into()),
        ..said
    };
    assert!(pairs(&nothing, 400).is_empty());
    // The rounds together never take more than their part.
    for steps in 0..500 {
        let count = pairs(&Tune::default(), steps).len();
        let rounds = if count > 3 { 2 } else { 1 };
        assert!(
            PART * rounds * count * first_steps(count, steps / PART) <= steps,
            "{steps}"
        );
    }
}

#[test]
fn a_bad_learning_rate_is_not_chosen_and_the_same_is_found_again() {
    let (_folder, app) = app();
    let prepared = prepared(&app, 96);
    let (base, examples, config) = (&prepared.base, &prepared.examples, &prepared.config);
    let planted = [
        (300.0, 4),
        (1e-9, 4),
        (1e-2, 4),
        (1e-9, 2),
        (300.0, 2),
        (1e-9, 1),
    ];
    let found = || {
        let candidates = planted.map(|(rate, rank)| candidate(rate, rank)).to_vec();
        let (mut steps, mut told) = (0, Vec::new());
        let found = search(base, examples, config, None, candidates, &mut |event| {
            match event {
                Tuning::Counted { .. } => steps += 1,
                Tuning::Tried(all) => told.push(all),
                _ => {}
            }
            ControlFlow::Continue(())
        });
        (found.unwrap().unwrap(), steps, told)
    };
    let ((best, tried), steps, told) = found();
    assert_eq!((best.learning_rate, rank(&best)), (1e-2, 4));
    assert_eq!(
        (best.steps, best.validate_every),
        (config.steps, config.validate_every)
    );
    // A quarter of the steps: six of two, and three of four.
    assert_eq!((steps, told.len()), (24, 9));
    assert_eq!(told.last().unwrap().len(), 6);
    let turns: Vec<usize> = tried.iter().map(|one| one.steps).collect();
    assert_eq!(turns, [4, 4, 4, 2, 2, 2]);
    assert!(tried[0].loss < tried[1].loss, "{tried:?}");
    assert_eq!(found(), ((best, tried), steps, told));
}

fn rank(config: &TrainConfig) -> usize {
    match &config.method {
        Method::Lora(low) => {
            assert_eq!(low.scale(), 2.0);
            low.rank
        }
        _ => panic!("another method"),
    }
}

#[test]
fn where_no_loss_is_a_number_the_usual_is_taken_and_a_break_is_heeded() {
    let (_folder, app) = app();
    let prepared = prepared(&app, 24);
    let (base, examples, config) = (&prepared.base, &prepared.examples, &prepared.config);
    let bad = vec![candidate(f64::INFINITY, 2), candidate(f64::NAN, 2)];
    let go_on = &mut |_| ControlFlow::Continue(());
    let (best, tried) = search(base, examples, config, None, bad.clone(), go_on)
        .unwrap()
        .unwrap();
    assert_eq!(&best, config);
    assert!(
        tried.iter().all(|one| one.loss.is_none() && one.steps == 3),
        "{tried:?}"
    );
    let mut count = 0;
    let broken = search(base, examples, config, None, bad, &mut |_| {
        count += 1;
        match count {
            5 => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    });
    assert!(broken.unwrap().is_none() && count == 5);
}

#[test]
fn what_was_tried_is_written_down_and_not_tried_again() {
    let (_folder, app) = app();
    let wanted = wanted(&app, 24);
    let (mut phases, mut tried) = (Vec::new(), Vec::new());
    let stopped = app.tune(&wanted, &mut |event| match event {
        Tuning::Phase(phase) => {
            phases.push(phase);
            ControlFlow::Continue(())
        }
        Tuning::Tried(all) => {
            tried = all;
            ControlFlow::Continue(())
        }
        Tuning::Step { .. } => ControlFlow::Break(Halt::Pause),
        _ => ControlFlow::Continue(()),
    });
    let run = stopped.unwrap().run;
    assert_eq!(
        phases,
        [
            Phase::Reading,
            Phase::Before,
            Phase::Searching,
            Phase::Learning
        ]
    );
    let row = app.run(&run).unwrap();
    assert_eq!(row.status, RunStatus::Interrupted);
    let written: serde_json::Value = serde_json::from_str(&row.configuration).unwrap();
    let told: Vec<Candidate> = serde_json::from_value(written["search"].clone()).unwrap();
    assert_eq!(told.len(), 3);
    assert!(
        tried.iter().all(|one| told.contains(one)),
        "{tried:?} and {told:?}"
    );
    assert_eq!(written["learning_rate"], told[0].learning_rate);
    assert_eq!(written["rank"], told[0].rank);
    let done = app.tune(&wanted, &mut |event| {
        assert!(!matches!(
            event,
            Tuning::Tried(_) | Tuning::Phase(Phase::Searching)
        ));
        ControlFlow::Continue(())
    });
    let done = done.unwrap();
    assert_eq!((done.run.as_str(), done.steps), (run.as_str(), 24));
    let info = app.adapter(&done.adapter.unwrap()).unwrap();
    assert_eq!(info.manifest.configuration, written);
}

/// The settings of the best candidate, and what was tried.
type Best = (TrainConfig, Vec<Candidate>);

/// Tries candidates for so many turns, and gives what came of it and what was told at each turn.
fn turns(
    prepared: &Prepared,
    candidates: &[Candidate],
    turns: usize,
) -> (Option<Best>, Vec<Vec<Candidate>>) {
    let (base, examples, config) = (&prepared.base, &prepared.examples, &prepared.config);
    let mut told = Vec::new();
    let candidates = candidates.to_vec();
    let found = search(base, examples, config, None, candidates, &mut |event| {
        if let Tuning::Tried(all) = event {
            told.push(all);
        }
        match told.len() < turns {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    });
    (found.unwrap(), told)
}

#[test]
fn a_search_that_was_broken_off_comes_to_the_same_end() {
    let (_folder, app) = app();
    let prepared = prepared(&app, 96);
    let pairs = [
        (1e-9, 4),
        (1e-2, 4),
        (300.0, 4),
        (1e-3, 2),
        (1e-4, 2),
        (1e-9, 1),
    ];
    let fresh = pairs.map(|(rate, rank)| candidate(rate, rank));
    let (whole, told) = turns(&prepared, &fresh, usize::MAX);
    assert_eq!(told.len(), 9);
    // In the first round, between the rounds, in the second, and at the very end.
    for count in [2, 6, 7, 9] {
        let (broken, before) = turns(&prepared, &fresh, count);
        assert!(broken.is_none());
        let (found, after) = turns(&prepared, before.last().unwrap(), usize::MAX);
        assert_eq!((&found, before.len() + after.len()), (&whole, 9), "{count}");
    }
    // Who got into the second round stays there, whatever came of those that had their turn in it.
    let mut known = fresh;
    for (at, one) in (1u32..).zip(&mut known) {
        (one.steps, one.loss) = (2, Some(f64::from(at)));
    }
    (known[0].steps, known[0].loss) = (4, Some(100.0));
    let (found, after) = turns(&prepared, &known, usize::MAX);
    let (_, found) = found.unwrap();
    let second = found.iter().filter(|one| one.steps == 4);
    let mut second: Vec<f64> = second.map(|one| one.learning_rate).collect();
    second.sort_by(f64::total_cmp);
    assert_eq!((after.len(), second), (2, vec![1e-9, 1e-2, 300.0]));
}

#[test]
fn a_pause_of_the_search_keeps_what_was_tried_and_an_end_leaves_an_entry() {
    let (_folder, app) = app();
    let wanted = wanted(&app, 24);
    let broken = |wanted: &Tune, why| {
        let broken = app.tune(wanted, &mut |event| match event {
            Tuning::Tried(_) => ControlFlow::Break(why),
            _ => ControlFlow::Continue(()),
        });
        broken.unwrap()
    };
    let paused = broken(&wanted, Halt::Pause);
    assert_eq!((paused.stopped, paused.steps), (Stopped::Paused, 0));
    assert_eq!(app.run(&paused.run).unwrap().status, RunStatus::Interrupted);
    assert!(app.resumable(&paused.run));
    let mut tried = Vec::new();
    let again = app.tune(&wanted, &mut |event| match event {
        Tuning::Tried(all) => {
            tried.push(all);
            ControlFlow::Continue(())
        }
        Tuning::Step { .. } => ControlFlow::Break(Halt::Pause),
        _ => ControlFlow::Continue(()),
    });
    assert_eq!(again.unwrap().run, paused.run);
    // Of three candidates one had its turn before.
    assert_eq!(tried.len(), 2);
    let other = Tune { seed: 3, ..wanted };
    let ended = broken(&other, Halt::Cancel);
    assert_eq!(ended.stopped, Stopped::Cancelled);
    assert_eq!(app.run(&ended.run).unwrap().status, RunStatus::Cancelled);
}
