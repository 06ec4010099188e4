//! The tuning of the window on a tiny model of random weights.

use std::sync::mpsc;

use super::*;
use crate::home::Home;
use crate::tuning::tests::{app, wanted};

/// The program, and what is heard of its tuning.
struct Scene {
    _folder: tempfile::TempDir,
    app: Arc<App>,
    heard: mpsc::Receiver<TuningNow>,
}

impl Scene {
    fn new() -> Scene {
        let (folder, app) = app();
        Scene::of(folder, app)
    }

    fn of(folder: tempfile::TempDir, app: App) -> Scene {
        let app = Arc::new(app);
        let (sender, heard) = mpsc::channel();
        app.watch_tuning(move |now| {
            // The test may be over.
            let _ = sender.send(now.clone());
        });
        Scene {
            _folder: folder,
            app,
            heard,
        }
    }

    /// The program is ended and started again.
    fn again(self) -> Scene {
        self.app.close();
        let root = self.app.home().root().to_owned();
        let Scene { _folder, app, .. } = self;
        let Some(app) = Arc::into_inner(app) else {
            panic!("a job still holds the program");
        };
        drop(app);
        let app = App::open(Home::at(root).unwrap(), crate::Language::En).unwrap();
        Scene::of(_folder, app)
    }

    fn until(&self, is: impl Fn(&TuningNow) -> bool) -> Vec<TuningNow> {
        let mut all = Vec::new();
        loop {
            let now = self.heard.recv_timeout(Duration::from_secs(60)).unwrap();
            let found = is(&now);
            all.push(now);
            if found {
                return all;
            }
        }
    }

    fn ended(&self) -> Vec<TuningNow> {
        self.until(|now| now.stand != Stand::Idle && !now.stand.busy())
    }

    fn status(&self) -> RunStatus {
        self.app.runs().unwrap()[0].status
    }

    fn states(&self) -> usize {
        std::fs::read_dir(self.app.home().trainings()).map_or(0, Iterator::count)
    }
}

fn steps(app: &App, steps: usize) -> Tune {
    Tune {
        steps: Some(steps),
        ..wanted(app, 6)
    }
}

#[test]
fn what_happens_is_told_in_order_and_ends_with_the_outcome() {
    let scene = Scene::new();
    scene.app.start_tuning(steps(&scene.app, 4)).unwrap();
    let second = scene.app.start_tuning(steps(&scene.app, 4)).unwrap_err();
    assert!(second.message.en.contains("under way"), "{second:?}");
    let all = scene.ended();
    let mut stands: Vec<Stand> = all.iter().map(|now| now.stand).collect();
    stands.dedup();
    let wanted = [
        Stand::Idle,
        Stand::Queued,
        Stand::At(Phase::Reading),
        Stand::At(Phase::Before),
        Stand::At(Phase::Learning),
        Stand::At(Phase::After),
        Stand::At(Phase::Leaks),
        Stand::Done,
    ];
    assert_eq!(stands, wanted);
    let last = all.last().unwrap();
    assert_eq!(last.steps, (4, 4));
    let train: Vec<usize> = last.train.iter().map(|(step, _)| *step).collect();
    assert_eq!(train, [1, 2, 3, 4]);
    assert_eq!(last.valid.last().unwrap().0, 4);
    let outcome = last.outcome.clone().unwrap();
    assert!(outcome.after.perplexity.unwrap() < outcome.before.perplexity.unwrap());
    assert_eq!(scene.app.adapters()[0].id, outcome.adapter);
    // It is kept with the run, for later.
    let run = last.run.clone().unwrap();
    let kept = scene.app.store().training_runs().report(&run).unwrap();
    assert_eq!(
        serde_json::from_str::<Outcome>(&kept.unwrap()).unwrap(),
        outcome
    );
    scene.app.dismiss_tuning();
    assert_eq!(scene.app.tuning_now().stand, Stand::Idle);
}

#[test]
fn a_pause_outlives_the_program_and_comes_to_the_same_end() {
    let scene = Scene::new();
    scene.app.start_tuning(steps(&scene.app, 5)).unwrap();
    let whole = scene.ended().last().unwrap().outcome.clone().unwrap();
    scene.app.remove_adapter(&whole.adapter).unwrap();
    scene.app.start_tuning(steps(&scene.app, 5)).unwrap();
    let pausing = Arc::clone(&scene.app);
    scene.app.watch_tuning({
        let (sender, heard) = mpsc::channel();
        let taken = std::thread::spawn(move || {
            for now in heard {
                let now: TuningNow = now;
                if now.steps.0 >= 1 && now.stand == Stand::At(Phase::Learning) {
                    pausing.pause_tuning();
                    break;
                }
            }
        });
        drop(taken);
        move |now| {
            let _ = sender.send(now.clone());
        }
    });
    while scene.app.tuning_now().stand.busy() {
        std::thread::sleep(Duration::from_millis(5));
    }
    // It was paused, unless it was faster than the pause.
    let now = scene.app.tuning_now();
    assert!(
        matches!(now.stand, Stand::Paused | Stand::Done),
        "{:?}",
        now.stand
    );
    if now.stand == Stand::Paused {
        assert_eq!(scene.status(), RunStatus::Interrupted);
        assert_eq!(scene.states(), 1);
        let run = now.run.unwrap();
        let scene = scene.again();
        scene.app.resume_tuning(&run).unwrap();
        let all = scene.ended();
        let last = all.last().unwrap();
        assert_eq!(last.stand, Stand::Done);
        assert!(all.iter().all(|now| !now.anew));
        // The chart has the steps from before, too.
        let train: Vec<usize> = last.train.iter().map(|(step, _)| *step).collect();
        assert_eq!(train, [1, 2, 3, 4, 5]);
        assert_eq!(last.outcome.as_ref().unwrap().adapter, whole.adapter);
        assert_eq!(scene.states(), 0);
        let again = scene.app.resume_tuning(&run).unwrap_err();
        assert!(again.message.en.contains("not interrupted"), "{again:?}");
    }
}

#[test]
fn the_end_of_the_program_puts_a_training_aside() {
    let scene = Scene::new();
    scene.app.start_tuning(steps(&scene.app, 100_000)).unwrap();
    scene.until(|now| now.steps.0 >= 1);
    let scene = scene.again();
    assert_eq!(scene.status(), RunStatus::Interrupted);
    assert_eq!(scene.states(), 1);
    // What is left of it can be thrown away.
    let run = scene.app.runs().unwrap()[0].id.clone();
    scene.app.cancel_tuning(Some(&run)).unwrap();
    assert_eq!(scene.status(), RunStatus::Cancelled);
    assert_eq!(scene.states(), 0);
    assert!(scene.app.resume_tuning(&run).is_err());
}

#[test]
fn a_tuning_that_cannot_be_gone_on_with_says_that_it_begins_anew() {
    let scene = Scene::new();
    scene.app.start_tuning(steps(&scene.app, 100_000)).unwrap();
    assert!(!scene.until(|now| now.steps.0 >= 1).last().unwrap().anew);
    let scene = scene.again();
    let run = scene.app.runs().unwrap()[0].id.clone();
    // As where the model is elsewhere now, on a graphics card or no more: the state is of another training.
    for state in std::fs::read_dir(scene.app.home().trainings()).unwrap() {
        std::fs::remove_file(state.unwrap().path()).unwrap();
    }
    scene.app.resume_tuning(&run).unwrap();
    assert!(scene.until(|now| now.steps.0 >= 1).last().unwrap().anew);
    scene.app.cancel_tuning(None).unwrap();
    scene.ended();
    // The next one is new and says nothing of it.
    scene.app.start_tuning(steps(&scene.app, 2)).unwrap();
    assert!(!scene.ended().last().unwrap().anew);
}

#[test]
fn styles_are_mixed_beside_drafting_and_that_can_be_broken_off() {
    let scene = Scene::new();
    scene.app.start_tuning(steps(&scene.app, 2)).unwrap();
    let one = scene.ended().last().unwrap().outcome.clone().unwrap();
    let parts = vec![(one.adapter, 0.5)];
    let mix = |name: &str| scene.app.start_mixing(parts.clone(), name.into()).unwrap();
    mix("Broken off");
    scene.until(|now| now.stand == Stand::At(Phase::Leaks) && now.count.0 >= 1);
    scene.app.cancel_tuning(None).unwrap();
    let cancelled = scene.ended().pop().unwrap();
    assert_eq!(
        (cancelled.stand, cancelled.work),
        (Stand::Cancelled, Work::Mix)
    );
    assert_eq!(scene.app.adapters().len(), 1);
    mix("Mixed");
    let all = scene.until(|now| now.stand == Stand::Idle && now.name == "Mixed");
    assert!(all.iter().any(|now| now.stand == Stand::At(Phase::Leaks)));
    assert!(
        all.iter()
            .all(|now| now.run.is_none() && now.failure.is_none())
    );
    let names: Vec<String> = { scene.app.adapters().into_iter() }
        .map(|info| info.manifest.name)
        .collect();
    assert!(names.len() == 2 && names.contains(&"Mixed".to_owned()));
    // What cannot be mixed is said.
    let nothing = vec![("nothing".to_owned(), 1.0)];
    scene.app.start_mixing(nothing, "None".into()).unwrap();
    let failed = scene.ended().pop().unwrap();
    assert!(failed.stand == Stand::Failed && failed.failure.is_some());
}

#[test]
fn a_cancelled_tuning_leaves_nothing_but_its_entry() {
    let scene = Scene::new();
    scene.app.start_tuning(steps(&scene.app, 100_000)).unwrap();
    scene.until(|now| now.steps.0 >= 1);
    scene.app.cancel_tuning(None).unwrap();
    assert_eq!(scene.ended().last().unwrap().stand, Stand::Cancelled);
    assert_eq!(scene.status(), RunStatus::Cancelled);
    assert_eq!((scene.states(), scene.app.adapters().len()), (0, 0));
}

#[test]
fn drafting_goes_first() {
    let scene = Scene::new();
    scene.app.start_tuning(steps(&scene.app, 100_000)).unwrap();
    scene.until(|now| now.steps.0 >= 1);
    let (sender, ended) = mpsc::channel();
    for _ in 0..3 {
        let sender = sender.clone();
        scene.app.jobs.start(
            Priority::Interactive,
            |_, _| Ok(()),
            move |ended| sender.send(ended).unwrap(),
        );
        let ended = ended.recv_timeout(Duration::from_secs(20)).unwrap();
        assert!(matches!(ended, Ended::Done));
        assert!(scene.app.tuning_now().stand.busy());
    }
    scene.until(|now| now.waiting);
    scene.app.cancel_tuning(None).unwrap();
    let last = scene.ended().pop().unwrap();
    assert!(!last.waiting && last.stand == Stand::Cancelled);
}

#[test]
fn what_cannot_be_learnt_from_fails_in_a_sentence() {
    let scene = Scene::new();
    let none = Tune {
        paths: Vec::new(),
        ..wanted(&scene.app, 6)
    };
    scene.app.start_tuning(none).unwrap();
    let last = scene.ended().pop().unwrap();
    assert_eq!(last.stand, Stand::Failed);
    assert!(!last.failure.unwrap().message.en.is_empty());
    let other = Tune {
        model: "no such".into(),
        ..wanted(&scene.app, 6)
    };
    assert!(scene.app.start_tuning(other).is_err());
}
