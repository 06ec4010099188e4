//! Tuning tiny random models: it learns, it repeats, it can be stopped and taken up, and what it leaves on the disk is what it
//! learnt.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod tiny_model;

use std::ops::ControlFlow::{self, Break, Continue};
use std::path::Path;

use moqi_lm::{
    Adapter, Base, Ended, Error, Example, Examples, LowRank, Method, TrainConfig, TrainEvent,
    Trained, measure, train,
};

fn base(architecture: &str, seed: u64) -> Base {
    let folder = tempfile::tempdir().unwrap();
    let parts = tiny_model::parts(architecture, seed);
    Base::load(&tiny_model::write(&folder, &parts.bytes().1)).unwrap()
}

/// Sentences that repeat themselves, so that there is something to learn.
fn examples(count: u32) -> Vec<Example> {
    (0..count)
        .map(|n| Example {
            tokens: (0..24).map(|at| (n * 7 + at % 6 * 31) % 250).collect(),
            from: 5,
        })
        .collect()
}

fn data() -> Examples {
    let mut all = examples(20);
    let test = all.split_off(16);
    let valid = all.split_off(12);
    Examples {
        train: all,
        valid,
        test,
    }
}

fn config(method: Method) -> TrainConfig {
    TrainConfig {
        method,
        learning_rate: 5e-3,
        steps: Some(12),
        batch_tokens: 80,
        validate_every: 4,
        patience: 0,
        seed: 3,
        threads: 2,
        ..TrainConfig::default()
    }
}

fn lora() -> Method {
    Method::Lora(LowRank {
        rank: 4,
        alpha: 12.0,
        ..LowRank::default()
    })
}

fn methods() -> Vec<Method> {
    let low = LowRank {
        rank: 4,
        alpha: 12.0,
        ..LowRank::default()
    };
    vec![
        lora(),
        Method::Dora(low.clone()),
        Method::AdaLora {
            updates: low,
            target_rank: 2,
            orthogonal: 0.1,
        },
        Method::Bottleneck { size: 8 },
        Method::Prefix { tokens: 4 },
        Method::Full,
    ]
}

fn go_on(_: TrainEvent) -> ControlFlow<()> {
    Continue(())
}

fn trained(base: &Base, config: &TrainConfig, checkpoint: Option<&Path>) -> Trained {
    train(base, &data(), config, None, checkpoint, &mut go_on).unwrap()
}

#[test]
fn every_method_learns_and_what_it_leaves_on_the_disk_is_what_it_learnt() {
    for family in ["llama", "gemma3"] {
        let base = base(family, 42);
        let data = data();
        let before = measure(&base, None, &data.test, 2, &mut || Continue(()))
            .unwrap()
            .unwrap();
        for method in methods() {
            let trained = trained(
                &base,
                &TrainConfig {
                    steps: Some(40),
                    // What stands before the text has a longer way to go.
                    learning_rate: if matches!(method, Method::Prefix { .. }) {
                        0.3
                    } else {
                        5e-3
                    },
                    ..config(method.clone())
                },
                None,
            );
            let with = |adapter: &Adapter| {
                measure(&base, Some(adapter), &data.test, 2, &mut || Continue(()))
                    .unwrap()
                    .unwrap()
            };
            let after = with(&trained.adapter);
            assert!(
                after < before - 0.1,
                "{family} {method:?}: {before} before, {after} after"
            );
            let folder = tempfile::tempdir().unwrap();
            trained.adapter.save(&base, "tiny", folder.path()).unwrap();
            let again = Adapter::load(&base, folder.path()).unwrap();
            // The same adapter is the same bytes.
            let file =
                |folder: &Path| std::fs::read(folder.join("adapter_model.safetensors")).unwrap();
            let second = tempfile::tempdir().unwrap();
            trained.adapter.save(&base, "tiny", second.path()).unwrap();
            assert!(file(folder.path()) == file(second.path()));
            assert!((with(&again) - after).abs() < 1e-5, "{family} {method:?}");
            // The model that drafts with it says the same of a text as the measure.
            let tuned = base.adapted(&again).unwrap();
            let mut session = tuned.session().unwrap();
            let (mut sum, mut count) = (0.0, 0);
            for example in &data.test {
                session.truncate(0);
                let each = &mut |at: usize, logprobs: &[f32]| {
                    if at + 1 >= example.from {
                        sum -= f64::from(logprobs[example.tokens[at + 1] as usize]);
                        count += 1;
                    }
                };
                session
                    .log_probabilities(&example.tokens[..example.tokens.len() - 1], each)
                    .unwrap();
            }
            let said = sum / f64::from(count);
            assert!(
                (said - after).abs() < 0.02,
                "{family} {method:?}: {said} and {after}"
            );
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bits_and_another_gives_others() {
    let base = base("qwen3", 1);
    let noisy = |seed: u64| TrainConfig {
        method: Method::Lora(LowRank {
            dropout: 0.2,
            rank: 4,
            ..LowRank::default()
        }),
        noise: 5.0,
        adversarial: 0.5,
        accumulation: 2,
        seed,
        ..config(lora())
    };
    let first = trained(&base, &noisy(1), None);
    // Neither the threads nor the memory change anything.
    let second = trained(
        &base,
        &TrainConfig {
            threads: 1,
            keep_bytes: 0,
            ..noisy(1)
        },
        None,
    );
    assert!(first.adapter == second.adapter);
    assert_eq!(first.losses, second.losses);
    assert_ne!(first.adapter, trained(&base, &noisy(2), None).adapter);
}

#[test]
fn a_break_at_step_three_leaves_three_steps() {
    let base = base("llama", 1);
    let full = trained(&base, &config(lora()), None);
    let mut after_three = |event: TrainEvent| match event {
        TrainEvent::Step { step: 3, .. } => Break(()),
        _ => Continue(()),
    };
    let stopped = train(
        &base,
        &data(),
        &config(lora()),
        None,
        None,
        &mut after_three,
    )
    .unwrap();
    assert_eq!((stopped.steps, stopped.ended), (3, Ended::Cancelled));
    assert_eq!(stopped.losses[..], full.losses[..3]);
    // Between two layers of the fourth step it is the same: that step is not taken.
    let mut seen = 0;
    let mut in_the_fourth = |event: TrainEvent| match event {
        TrainEvent::Step { step, .. } => {
            seen = step;
            Continue(())
        }
        TrainEvent::Pulse if seen == 3 => Break(()),
        _ => Continue(()),
    };
    let inside = train(
        &base,
        &data(),
        &config(lora()),
        None,
        None,
        &mut in_the_fourth,
    )
    .unwrap();
    assert_eq!((inside.steps, inside.adapter), (3, stopped.adapter));
}

#[test]
fn a_training_is_taken_up_where_it_was_left_wherever_that_was() {
    let base = base("gemma3", 1);
    for method in methods() {
        let config = config(method);
        let whole = trained(&base, &config, None);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.safetensors");
        // Stopped at every third event of any kind that ends a step or a look, and taken up again and again.
        let (mut rounds, mut last) = (0, None);
        while last
            .as_ref()
            .is_none_or(|trained: &Trained| trained.ended == Ended::Cancelled)
        {
            let mut events = 0;
            let mut stop = |event: TrainEvent| {
                events += usize::from(matches!(
                    event,
                    TrainEvent::Step { .. } | TrainEvent::Validated { .. }
                ));
                if events == 3 { Break(()) } else { Continue(()) }
            };
            last = Some(train(&base, &data(), &config, None, Some(&path), &mut stop).unwrap());
            rounds += 1;
        }
        let last = last.unwrap();
        assert!(rounds > 3);
        assert_eq!(
            (last.losses, last.validated),
            (whole.losses, whole.validated)
        );
        assert_eq!(last.adapter, whole.adapter, "{:?}", config.method);
    }
}

/// What the child of the next test does: it trains until it is killed.
#[test]
fn a_child_that_is_killed() {
    let Some(path) = std::env::var_os("MOQI_LM_KILLED_CHILD") else {
        return;
    };
    let config = TrainConfig {
        steps: Some(400),
        save_seconds: 0.0,
        ..config(lora())
    };
    train(
        &base("llama", 1),
        &data(),
        &config,
        None,
        Some(Path::new(&path)),
        &mut go_on,
    )
    .unwrap();
}

#[test]
fn a_training_whose_program_is_killed_goes_on_to_the_same_end() {
    let base = base("llama", 1);
    let config = TrainConfig {
        steps: Some(400),
        ..config(lora())
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");
    let (mut last, mut kills) = (0, 0);
    while kills < 3 {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["a_child_that_is_killed", "--exact"])
            .env("MOQI_LM_KILLED_CHILD", &path)
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        // Killed at any moment after it has written something new, in the middle of a step or of a writing.
        let before = std::fs::metadata(&path)
            .ok()
            .and_then(|about| about.modified().ok());
        while std::fs::metadata(&path)
            .ok()
            .and_then(|about| about.modified().ok())
            == before
        {
            assert!(
                child.try_wait().unwrap().is_none(),
                "the child ended by itself"
            );
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        std::thread::sleep(std::time::Duration::from_millis(7 * (kills + 1)));
        child.kill().unwrap();
        child.wait().unwrap();
        kills += 1;
        let mut taken = 0;
        let mut look = |event: TrainEvent| {
            if let TrainEvent::Began { taken: steps, .. } = event {
                taken = steps;
            }
            Break(())
        };
        train(&base, &data(), &config, None, Some(&path), &mut look).unwrap();
        assert!(taken > last, "{taken} steps after {last}");
        last = taken;
    }
    assert!(last < 400, "it was through before it was killed");
    let resumed = train(&base, &data(), &config, None, Some(&path), &mut go_on).unwrap();
    let whole = trained(&base, &config, None);
    assert_eq!(
        (resumed.losses, resumed.validated),
        (whole.losses, whole.validated)
    );
    assert!(resumed.adapter == whole.adapter);
}

#[test]
fn training_stops_where_it_does_not_get_better_and_keeps_the_best() {
    let base = base("llama", 1);
    let mut data = data();
    // What is looked at says the opposite of what is learnt.
    for example in &mut data.valid {
        example.tokens.reverse();
    }
    let config = TrainConfig {
        steps: Some(200),
        patience: 2,
        validate_every: 2,
        learning_rate: 2e-2,
        ..config(lora())
    };
    let trained = train(&base, &data, &config, None, None, &mut go_on).unwrap();
    assert_eq!(trained.ended, Ended::EarlyStop);
    assert!(trained.steps < 200);
    let best = trained
        .validated
        .iter()
        .map(|(_, loss)| *loss)
        .fold(f64::INFINITY, f64::min);
    let kept = measure(&base, Some(&trained.adapter), &data.valid, 2, &mut || {
        Continue(())
    })
    .unwrap()
    .unwrap();
    assert!((kept - best).abs() < 1e-6, "{kept} and {best}");
}

#[test]
fn going_on_from_an_adapter_begins_where_it_ended() {
    let base = base("llama", 1);
    let first = trained(&base, &config(lora()), None);
    let more = train(
        &base,
        &data(),
        &config(lora()),
        Some(&first.adapter),
        None,
        &mut go_on,
    )
    .unwrap();
    assert!(more.losses[0] < first.losses[0] - 0.05);
    assert!(more.losses.last() < first.losses.last());
}

#[test]
fn mixing_adds_the_updates_by_their_weights() {
    let base = base("llama", 1);
    let first = trained(&base, &config(lora()), None).adapter;
    let query = LowRank {
        rank: 2,
        alpha: 3.0,
        targets: vec![moqi_lm::Target::Query, moqi_lm::Target::Down],
        ..LowRank::default()
    };
    let second = trained(&base, &config(Method::Lora(query)), None).adapter;
    let loss = |adapter: &Adapter| {
        measure(&base, Some(adapter), &data().test, 2, &mut || Continue(()))
            .unwrap()
            .unwrap()
    };
    let alone = Adapter::mixed(&[(&first, 1.0), (&second, 0.0)]).unwrap();
    assert!((loss(&alone) - loss(&first)).abs() < 1e-5);
    let other = Adapter::mixed(&[(&second, 1.0)]).unwrap();
    assert!((loss(&other) - loss(&second)).abs() < 1e-5);
    // Half and half of the same is the same.
    let halves = Adapter::mixed(&[(&first, 0.5), (&first, 0.5)]).unwrap();
    assert!((loss(&halves) - loss(&first)).abs() < 1e-5);
    let both = Adapter::mixed(&[(&first, 1.0), (&second, 1.0)]).unwrap();
    assert!((loss(&both) - loss(&first)).abs() > 1e-4);
    let dora = trained(&base, &config(methods().swap_remove(1)), None).adapter;
    assert!(matches!(
        Adapter::mixed(&[(&first, 1.0), (&dora, 1.0)]),
        Err(Error::CannotCombine { .. })
    ));
}

#[test]
fn an_adapter_of_another_base_is_refused() {
    let (own, other) = (base("llama", 1), base("llama", 2));
    let adapter = trained(&own, &config(lora()), None).adapter;
    let folder = tempfile::tempdir().unwrap();
    adapter.save(&own, "tiny", folder.path()).unwrap();
    assert!(matches!(
        Adapter::load(&other, folder.path()),
        Err(Error::OtherBase { .. })
    ));
    assert!(matches!(
        other.adapted(&adapter),
        Err(Error::OtherBase { .. })
    ));
    // One of another shape, even without a fingerprint.
    assert!(matches!(
        Adapter::load(&base("gemma3", 1), folder.path()),
        Err(Error::OtherBase { .. } | Error::Unsupported { .. })
    ));
}

#[test]
fn damaged_adapters_are_refused_without_a_panic() {
    let base = base("llama", 1);
    let adapter = trained(
        &base,
        &TrainConfig {
            steps: Some(1),
            ..config(lora())
        },
        None,
    )
    .adapter;
    let folder = tempfile::tempdir().unwrap();
    adapter.save(&base, "tiny", folder.path()).unwrap();
    for name in ["adapter_model.safetensors", "adapter_config.json"] {
        let path = folder.path().join(name);
        let whole = std::fs::read(&path).unwrap();
        let mut refused = 0;
        for round in 0..60usize {
            let mut bytes = whole.clone();
            match round % 3 {
                0 => bytes.truncate(whole.len() * round / 60),
                // The beginning is where sizes and names are.
                1 => bytes[round * 7 % whole.len().min(400)] ^= 1 << (round % 8),
                _ => bytes[..8.min(whole.len())].fill(round as u8),
            }
            std::fs::write(&path, &bytes).unwrap();
            refused += usize::from(Adapter::load(&base, folder.path()).is_err());
        }
        assert!(refused > 30, "{name}: {refused}");
        std::fs::write(&path, &whole).unwrap();
    }
    Adapter::load(&base, folder.path()).unwrap();
}

#[test]
fn nothing_to_learn_is_said() {
    let base = base("llama", 1);
    let short = Examples {
        train: vec![Example {
            tokens: vec![1],
            from: 0,
        }],
        ..Examples::default()
    };
    assert!(matches!(
        train(&base, &short, &config(lora()), None, None, &mut go_on),
        Err(Error::NothingToLearn)
    ));
}

#[test]
fn examples_of_another_model_are_refused() {
    let base = base("llama", 1);
    let vocabulary = base.info().vocabulary;
    let other = vec![Example {
        tokens: vec![1, 2, u32::try_from(vocabulary).unwrap()],
        from: 1,
    }];
    let [learnt, looked_at] = [0, 1].map(|side| {
        let mut examples = data();
        match side {
            0 => examples.train.extend(other.clone()),
            _ => examples.valid.extend(other.clone()),
        }
        train(&base, &examples, &config(lora()), None, None, &mut go_on).map(|_| ())
    });
    let measured =
        moqi_lm::measure_each(&base, None, &other, 1, &mut |_| ControlFlow::Continue(()));
    for refused in [learnt, looked_at, measured.map(|_| ())] {
        let error = refused.unwrap_err();
        assert!(matches!(error, Error::UnknownToken { .. }), "{error:?}");
        assert!(error.to_string().contains(&format!("knows {vocabulary}")));
    }
}
