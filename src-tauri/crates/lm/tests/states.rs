//! The state of a training on the disk: full disks, folders that cannot be written, damaged files, states of other trainings.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod tiny_model;

use std::ops::ControlFlow::{self, Break, Continue};
use std::path::{Path, PathBuf};

use moqi_lm::{
    Base, Error, Example, Examples, LowRank, Method, TrainConfig, TrainEvent, Trained, train,
};

fn base() -> Base {
    let folder = tempfile::tempdir().unwrap();
    let parts = tiny_model::parts("llama", 1);
    Base::load(&tiny_model::write(&folder, &parts.bytes().1)).unwrap()
}

fn data() -> Examples {
    let tokens = |n: u32| (0..24).map(|at| (n * 7 + at % 6 * 31) % 250).collect();
    let example = |n| Example {
        tokens: tokens(n),
        from: 5,
    };
    Examples {
        train: (0..12).map(example).collect(),
        valid: (12..16).map(example).collect(),
        ..Examples::default()
    }
}

/// Eight steps, each of which is saved, with a look at the other examples after every third.
fn config() -> TrainConfig {
    TrainConfig {
        method: Method::Lora(LowRank {
            rank: 4,
            alpha: 12.0,
            ..LowRank::default()
        }),
        learning_rate: 5e-3,
        steps: Some(8),
        batch_tokens: 80,
        validate_every: 3,
        patience: 0,
        seed: 3,
        threads: 2,
        save_seconds: 0.0,
        ..TrainConfig::default()
    }
}

fn run(
    base: &Base,
    path: Option<&Path>,
    report: &mut dyn FnMut(TrainEvent) -> ControlFlow<()>,
) -> moqi_lm::Result<Trained> {
    train(base, &data(), &config(), None, path, report)
}

fn whole(base: &Base) -> Trained {
    run(base, None, &mut |_| Continue(())).unwrap()
}

/// Steps that a training which takes up this state has behind it.
fn taken(base: &Base, path: &Path, config: &TrainConfig) -> moqi_lm::Result<usize> {
    let copy = path.with_extension("copy");
    std::fs::copy(path, &copy).unwrap();
    let mut taken = 0;
    let mut look = |event: TrainEvent| {
        if let TrainEvent::Began { taken: steps, .. } = event {
            taken = steps;
        }
        Break(())
    };
    train(base, &data(), config, None, Some(&copy), &mut look).map(|_| taken)
}

/// Trains, makes the disk fail by `fail` after three steps and work again by `mend` after six.
fn through_trouble(fail: impl Fn(&Path), mend: impl Fn(&Path)) {
    let base = base();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");
    let mut part = path.clone().into_os_string();
    part.push(".part");
    let part = PathBuf::from(part);
    let mut heard = Vec::new();
    let mut saved = Vec::new();
    let trained = run(&base, Some(&path), &mut |event| {
        match event {
            TrainEvent::Saved { step } => {
                heard.push((step, true));
                saved = std::fs::read(&path).unwrap();
                if step == 3 {
                    fail(&part);
                }
            }
            TrainEvent::NotSaved { step } => {
                heard.push((step, false));
                // What was saved before is still there, whole.
                assert!(std::fs::read(&path).unwrap() == saved, "after step {step}");
                assert_eq!(taken(&base, &path, &config()).unwrap(), 3);
                if step == 6 {
                    mend(&part);
                } else {
                    fail(&part);
                }
            }
            _ => {}
        }
        Continue(())
    });
    let all = [1, 2, 3, 4, 5, 6, 7, 8].map(|step| (step, !(4..=6).contains(&step)));
    assert_eq!(heard, all);
    // The trouble changed nothing of what was learnt, and the last state is of the last step.
    assert!(trained.unwrap().adapter == whole(&base).adapter);
    assert_eq!(taken(&base, &path, &config()).unwrap(), 8);
    assert!(!part.exists(), "what could not be written is left behind");
}

/// Writing to this device always finds the disk full.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_stops_nothing_and_loses_nothing() {
    let fail = |part: &Path| {
        std::os::unix::fs::symlink("/dev/full", part).unwrap();
    };
    through_trouble(fail, |_| {});
}

#[test]
fn a_place_that_cannot_be_written_stops_nothing_and_loses_nothing() {
    let fail = |part: &Path| std::fs::create_dir_all(part.join("in the way")).unwrap();
    let mend = |part: &Path| std::fs::remove_dir_all(part).unwrap();
    through_trouble(fail, mend);
}

#[test]
fn a_training_that_is_broken_off_tells_whether_its_state_is_kept() {
    let base = base();
    let folder = tempfile::tempdir().unwrap();
    for (path, kept) in [("state.safetensors", true), ("no/such/folder", false)] {
        let mut last = None;
        let config = TrainConfig {
            save_seconds: 1e9,
            ..config()
        };
        let mut stop = |event: TrainEvent| {
            last = Some(event);
            match event {
                TrainEvent::Step { step: 2, .. } => Break(()),
                _ => Continue(()),
            }
        };
        let path = folder.path().join(path);
        let trained = train(&base, &data(), &config, None, Some(&path), &mut stop).unwrap();
        assert_eq!(trained.steps, 2);
        assert_eq!(
            last,
            Some(match kept {
                true => TrainEvent::Saved { step: 2 },
                false => TrainEvent::NotSaved { step: 2 },
            })
        );
    }
}

#[test]
fn a_state_of_another_training_is_not_taken_up() {
    let base = base();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");
    let mut stop = |event: TrainEvent| match event {
        TrainEvent::Step { step: 2, .. } => Break(()),
        _ => Continue(()),
    };
    run(&base, Some(&path), &mut stop).unwrap();
    assert_eq!(taken(&base, &path, &config()).unwrap(), 2);
    let other = TrainConfig {
        seed: 4,
        ..config()
    };
    assert_eq!(taken(&base, &path, &other).unwrap(), 0);
}

#[test]
fn a_damaged_state_is_refused_by_name_and_never_believed() {
    let base = base();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");
    let mut stop = |event: TrainEvent| match event {
        TrainEvent::Step { step: 4, .. } => Break(()),
        _ => Continue(()),
    };
    run(&base, Some(&path), &mut stop).unwrap();
    let whole = std::fs::read(&path).unwrap();
    let header = 8 + u64::from_le_bytes(*whole.first_chunk().unwrap()) as usize;
    let refused = |bytes: &[u8], what: &str| {
        std::fs::write(&path, bytes).unwrap();
        match taken(&base, &path, &config()) {
            Err(error @ Error::Damaged { .. }) => {
                let sentence = error.to_string();
                assert!(sentence.contains("state.copy"), "{sentence}");
                assert!(sentence.contains("begins anew"), "{sentence}");
                true
            }
            // A name that is another one by now is of another training; nothing of it is taken up.
            Ok(0) => false,
            other => unreachable!("{what}: {other:?}"),
        }
    };
    for length in (0..64).map(|n| whole.len() * n / 64) {
        assert!(refused(&whole[..length], "cut short"), "{length} bytes");
    }
    let mut longer = whole.clone();
    longer.push(0);
    assert!(refused(&longer, "longer"));
    // A bit of the numbers, which the format itself would not miss.
    for n in 0..64 {
        let mut bytes = whole.clone();
        bytes[header + (whole.len() - header) * n / 64] ^= 1 << (n % 8);
        assert!(refused(&bytes, "numbers"), "bit {n}");
    }
    let mut heads = 0;
    for at in (0..header).step_by(7) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        heads += usize::from(refused(&bytes, "header"));
    }
    assert!(heads > header / 7 / 2, "{heads}");
    std::fs::write(&path, &whole).unwrap();
    assert_eq!(taken(&base, &path, &config()).unwrap(), 4);
}
