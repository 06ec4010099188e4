//! Mixes that leak, on a tiny model of random weights.

use std::ops::ControlFlow;

use super::*;
use crate::tune::leak::Canaries;
use crate::tune::{DataConfig, Given, Personal, dataset};
use crate::tuning::Halt;
use crate::tuning::tests::{app, go_on, wanted};

#[test]
fn a_mix_is_kept_only_where_it_gives_away_nothing() {
    let (_folder, app) = app();
    let wanted = wanted(&app, 6);
    let one = app.tune(&wanted, &mut go_on).unwrap().adapter.unwrap();
    let parts = [(one.clone(), 0.5), (one.clone(), 0.25)];
    // What is asked for are the canaries of the run that the parts come from, each once.
    let info = app.adapter(&one).unwrap();
    let secrets = app.secrets_of([&info].into_iter(), &mut go_on).unwrap();
    assert_eq!((secrets.count(), secrets.let_through()), (11, 0));
    let mut twice = secrets.clone();
    twice.extend(secrets);
    assert_eq!(twice.count(), 11);
    // The same, had masking let them through.
    let given: Vec<Given> = wanted.paths.iter().cloned().map(Given::Path).collect();
    let config = DataConfig {
        seed: wanted.seed,
        personal: Personal::Kept,
        canaries: Some(Canaries::default()),
        ..DataConfig::default()
    };
    let made = dataset(&given, &config, &mut |_| ControlFlow::Continue(()));
    let mix = app.mixture(&parts).unwrap();
    let leaks = app.keep_mix(mix, "Mixed", &made.secrets, &mut go_on);
    let leaks = leaks.unwrap().unwrap_err();
    assert_eq!(leaks.let_through, 11);
    let told = leaking("Mixed", &leaks);
    assert!(told.message.en.contains("let 11 of 11"), "{told:?}");
    assert!(told.hint.unwrap().en.contains("tune again without"));
    assert_eq!(app.adapters().len(), 1);
    let left = fs::read_dir(app.home().trainings()).unwrap();
    assert_eq!(left.count(), 0);
    // Broken off in the test, it is not kept either.
    let mut at = None;
    let stopped = app.mix_adapters(&parts, "Mixed", &mut |event| match event {
        Tuning::Phase(phase) => {
            at = Some(phase);
            ControlFlow::Continue(())
        }
        Tuning::Counted { done: 3.., .. } => ControlFlow::Break(Halt::Cancel),
        _ => ControlFlow::Continue(()),
    });
    assert!(stopped.is_err() && at == Some(Phase::Leaks));
    assert_eq!(app.adapters().len(), 1);
    let kept = app.mix_adapters(&parts, "Mixed", &mut go_on).unwrap();
    assert_eq!(kept.state, AdapterState::Kept);
    // What was found is told wherever it goes.
    let leaks = kept.manifest.leaks().unwrap();
    assert!(leaks.tested == 11 && leaks.sound());
    assert_eq!(app.adapters().len(), 2);
}
