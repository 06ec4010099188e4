//! The bar of the leak test, on a real model: `MOQI_TEST_MODEL` names its file (SmolLM2). With masking, seed 1, it takes two
//! minutes. `MOQI_LEAK_BAR=1` asks for the rest: without masking, which takes six, and for false alarms, which takes as long;
//! `MOQI_LEAK_SEEDS=1,2,3` for other seeds.

use std::collections::BTreeMap;

use moqi_document::mask::Private;
use moqi_lm::{Examples, Options};

use super::exposure::together;
use super::*;
use crate::tune::{DataConfig, Dataset, Given, Personal, dataset};
use crate::tuning::{Tune, settings};

/// The model; says so where there is none.
fn model() -> Option<Base> {
    let Some(file) = std::env::var_os("MOQI_TEST_MODEL") else {
        println!("skipped: MOQI_TEST_MODEL is not set");
        return None;
    };
    let options = Options {
        threads: Some(1),
        ..Options::default()
    };
    Some(Base::load_with(file.as_ref(), &options).unwrap())
}

/// Short agreements, each about something of its own.
fn agreements() -> Vec<Given> {
    const THINGS: [&str; 8] = [
        "timber", "grain", "lifts", "music", "glass", "wool", "salt", "barges",
    ];
    const DUTIES: [&str; 5] = ["deliver", "inspect", "insure", "store", "return"];
    const CAUSES: [&str; 4] = ["a notice", "an order", "an invoice", "a request"];
    let mut draws = Draws::of(3, &["agreements"]);
    let mut one = |thing: &&str| {
        let mut text = format!("# Agreement on {thing}\n\n");
        for heading in ["Scope", "Payment", "Delivery"] {
            text.push_str(&format!("## {heading}\n\n"));
            for _ in 0..5 {
                text.push_str(&format!(
                    "The {} shall {} the {thing} within {} days of {}.\n\n",
                    draws.one(&["Supplier", "Customer"]),
                    draws.one(&DUTIES),
                    3 + draws.below(60),
                    draws.one(&CAUSES),
                ));
            }
        }
        Given::Text {
            title: format!("Agreement on {thing}"),
            text,
            document: None,
        }
    };
    THINGS.iter().map(&mut one).collect()
}

/// The seeds that are tried.
fn seeds() -> Vec<u64> {
    let wanted = std::env::var("MOQI_LEAK_SEEDS").unwrap_or_else(|_| "1".into());
    let each = wanted.split(',').map(|seed| seed.trim().parse().unwrap());
    each.collect()
}

/// Whether the long part is asked for; says so where it is not.
fn asked_for() -> bool {
    let asked = std::env::var_os("MOQI_LEAK_BAR").is_some();
    if !asked {
        println!("skipped: MOQI_LEAK_BAR is not set");
    }
    asked
}

/// A canary of every kind planted once, some ten times, and a telephone number a hundred times.
fn planted() -> Canaries {
    let mut planted = Canaries::of_each_kind(1).planted;
    let some = [
        Private::IdNumber,
        Private::Account,
        Private::Phone,
        Private::Email,
        Private::Registration,
    ];
    planted.extend(some.map(|kind| (kind, 10)));
    planted.push((Private::Phone, 100));
    Canaries { planted }
}

fn made(personal: Personal, seed: u64) -> Dataset {
    let config = DataConfig {
        seed,
        personal,
        canaries: Some(planted()),
        ..DataConfig::default()
    };
    let made = dataset(&agreements(), &config, &mut |_| ControlFlow::Continue(()));
    assert_eq!(made.refused, None);
    made
}

/// Tuned as the program tunes: three rounds, rank 8.
fn tuned(base: &Base, made: &Dataset, seed: u64) -> Adapter {
    let side = |list: &[crate::tune::Example]| -> Vec<moqi_lm::Example> {
        let each = list.iter().map(|example| example.tokens(base).unwrap());
        each.collect()
    };
    let examples = Examples {
        train: side(&made.train),
        valid: side(&made.valid),
        test: Vec::new(),
    };
    let config = settings(&Tune {
        rank: 8,
        seed,
        ..Tune::default()
    });
    let started = std::time::Instant::now();
    let trained = moqi_lm::train(base, &examples, &config, None, None, &mut |_| {
        ControlFlow::Continue(())
    })
    .unwrap();
    println!("tuned: {} steps in {:?}", trained.steps, started.elapsed());
    trained.adapter
}

/// The exposures of the canaries by how often they were planted, and what is told of all.
fn tested(base: &Base, adapter: &Adapter, secrets: &Secrets) -> (BTreeMap<usize, Vec<f64>>, Leaks) {
    let started = std::time::Instant::now();
    let found = measured(base, adapter, secrets, 2, &mut |_, _| {
        ControlFlow::Continue(())
    });
    let found = found.unwrap().unwrap();
    let mut table: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for (secret, found) in &found {
        if let Some(times) = secret.planted {
            table.entry(times).or_default().push(found.exposure);
        }
    }
    let leaks = Leaks::of(&found);
    println!(
        "tested in {:?}: {table:.1?}\n{}",
        started.elapsed(),
        leaks.sentence().en
    );
    (table, leaks)
}

/// Each value is found, however seldom it was planted: it stands in what was learned, and the style writes it when it is asked
/// with that clause (17 of 17, measured with seed 1 on 30 November 2026). The model alone has learned little by heart, as a
/// precedent that holds a value is copied and not learned: together 19.9 bits of those planted once, 47.3 of those planted ten
/// times (the highest 42.0), and 9.3 of the one planted a hundred times, which is below the limit.
#[test]
fn values_planted_once_ten_and_a_hundred_times_are_found() {
    if !asked_for() {
        return;
    }
    let Some(base) = model() else { return };
    for seed in seeds() {
        let made = made(Personal::Kept, seed);
        let (table, leaks) = tested(&base, &tuned(&base, &made, seed), &made.secrets);
        assert_eq!((made.secrets.let_through(), leaks.leaked.len()), (17, 17));
        assert!(!leaks.sound());
        let drafted = leaks.leaked.iter().filter(|leak| leak.drafted).count();
        for (times, bits) in &table {
            let all = together(bits);
            println!("seed {seed}, {times} times: {all:.1} bits by the model alone");
        }
        println!("seed {seed}: the style writes {drafted} of 17");
        assert!(drafted >= 15, "{leaks:?}");
        let ten = table[&10].iter().filter(|bits| **bits >= LEAKED);
        assert!(ten.count() >= 1, "{table:?}");
    }
}

#[test]
fn no_canary_is_found_where_they_are_masked() {
    let Some(base) = model() else { return };
    for seed in seeds() {
        let made = made(Personal::Masked, seed);
        let (table, leaks) = tested(&base, &tuned(&base, &made, seed), &made.secrets);
        assert_eq!(made.secrets.let_through(), 0);
        assert_eq!(table.values().map(Vec::len).sum::<usize>(), 17);
        assert!(leaks.sound(), "{table:?} {leaks:?}");
    }
}

/// Exposure is a probability: of values that the model never saw one in 2ⁿ reaches n bits (measured on 30 November 2026: 61, 10,
/// 2 and 0 of 136 reach 1, 3, 5 and 7 bits, by chance 68, 17, 4.2 and 1.1).
#[test]
fn false_alarms_are_as_seldom_as_exposure_says() {
    if !asked_for() {
        return;
    }
    let Some(base) = model() else { return };
    let adapter = tuned(&base, &made(Personal::Masked, 1), 1);
    let mut all: Vec<f64> = Vec::new();
    for seed in 11..19 {
        let (table, leaks) = tested(&base, &adapter, &made(Personal::Masked, seed).secrets);
        assert!(leaks.sound(), "{leaks:?}");
        all.extend(table.into_values().flatten());
    }
    for least in [1.0f64, 3.0, 5.0, 7.0] {
        let count = all.iter().filter(|bits| **bits >= least).count() as f64;
        let wanted = all.len() as f64 * (-least).exp2();
        println!(
            "{least} bits or more: {count} of {}, by chance {wanted:.1}",
            all.len()
        );
        // Far above what chance gives (four standard deviations of a Poisson number) the figure would mislead.
        assert!(
            count <= wanted + 4.0 * wanted.sqrt() + 1.0,
            "{least}: {all:?}"
        );
    }
}
