//! Training on candle's tensors, here on candle's own processor, held against the gradients by hand over packed weights.

use std::ops::ControlFlow;

use super::*;
use crate::block::Kind;
use crate::train::Target;
use crate::train::batch::NOTHING;
use crate::train::ops::Ops;
use crate::train::pass::{Pass, Settings};
use crate::transformer::tests::{model_of, tensors_of};

const FAMILIES: [&str; 4] = ["llama", "qwen2", "qwen3", "gemma3"];

/// Texts of these lengths, with some tokens that are not learnt from.
fn batch(texts: &[usize]) -> Batch {
    let mut random = crate::random::Random::new(9);
    let count: usize = texts.iter().sum();
    let tokens: Vec<u32> = (0..count).map(|_| (random.next() % 50) as u32).collect();
    let mut targets: Vec<u32> = tokens[1..].to_vec();
    targets.push(NOTHING);
    for at in [4, 5, 6, 11, 30] {
        targets[at % count] = NOTHING;
    }
    Batch {
        tokens,
        targets,
        texts: texts.to_vec(),
    }
}

/// As they come, padded, and all in one row.
const TEXTS: [&[usize]; 3] = [&[18, 18], &[12, 19, 6], &[40, 2, 3, 1, 2]];

fn low() -> LowRank {
    LowRank {
        rank: 3,
        alpha: 5.0,
        ..LowRank::default()
    }
}

/// Updates with nothing zero, and of different ranks and scales.
fn learnt(config: &Config, low: &LowRank) -> Learnt {
    let mut learnt = Learnt::lora(low, config, 1);
    let mut random = crate::random::Random::new(4);
    for parameter in &mut learnt.parameters {
        for x in &mut parameter.values {
            *x += 0.1 * (random.unit() - 0.5);
        }
    }
    if let Some(update) = &mut learnt.layers[1].updates[Target::Key as usize] {
        update.scale = 0.7;
        let (a, b) = (update.a, update.b);
        let (inputs, outputs) = (learnt.parameters[a].shape.1, learnt.parameters[b].shape.0);
        learnt.parameters[a].shape = (2, inputs);
        learnt.parameters[a].values.truncate(2 * inputs);
        learnt.parameters[b].shape = (outputs, 2);
        learnt.parameters[b].values.truncate(outputs * 2);
    }
    learnt
}

fn go() -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn settings() -> Settings {
    Settings {
        keep_bytes: usize::MAX,
        noise: 0.0,
        weight: 0.05,
        seed: 7,
        embeddings: true,
    }
}

type Taught = (f64, Vec<f32>, Vec<Vec<f32>>);

fn by_hand(family: &str, learnt: &Learnt, batch: &Batch, settings: Settings) -> Taught {
    let (model, ops) = (model_of(family, Kind::F32), Ops::new(2).unwrap());
    let mut gradients = learnt.gradients();
    let pass = Pass::new(&ops, &model, learnt, batch, Some(settings.seed));
    match pass.learn(settings, None, &mut gradients, &mut go) {
        ControlFlow::Continue(outcome) => (outcome.loss, outcome.embeddings, gradients),
        ControlFlow::Break(()) => unreachable!(),
    }
}

fn on_card(family: &str, learnt: &Learnt, batch: &Batch, settings: Settings) -> Taught {
    let model = tensors_of(family, Kind::F32);
    let card = Card::new(&model, settings.keep_bytes).unwrap();
    let mut gradients = learnt.gradients();
    let taught = card.learn(learnt, batch, settings, None, &mut gradients, &mut go);
    match taught.unwrap() {
        ControlFlow::Continue(outcome) => (outcome.loss, outcome.embeddings, gradients),
        ControlFlow::Break(()) => unreachable!(),
    }
}

fn length(x: &[f32]) -> f32 {
    x.iter().map(|x| x * x).sum::<f32>().sqrt()
}

/// How far one is from the other, by the length of that.
fn off(one: &[f32], other: &[f32]) -> f32 {
    assert_eq!(one.len(), other.len());
    let apart: Vec<f32> = one.iter().zip(other).map(|(a, b)| a - b).collect();
    length(&apart) / length(other).max(1e-12)
}

fn agree(what: &str, learnt: &Learnt, one: &Taught, other: &Taught) {
    let apart = (one.0 - other.0).abs() / other.0;
    assert!(apart < 1e-4, "{what}: loss {} and {}", one.0, other.0);
    assert!(off(&one.1, &other.1) < 1e-3, "{what}: embeddings");
    for ((one, other), parameter) in one.2.iter().zip(&other.2).zip(&learnt.parameters) {
        let name = &parameter.name;
        assert!(length(other) > 0.0, "{what} {name} gets no gradient");
        let off = off(one, other);
        assert!(off < 1e-3, "{what} {name}: off by {off}");
    }
}

#[test]
fn a_card_teaches_what_the_processor_does() {
    for family in FAMILIES {
        let config = model_of(family, Kind::F32).config;
        let learnt = learnt(&config, &low());
        for texts in TEXTS {
            let batch = batch(texts);
            let noisy = Settings {
                noise: 3.0,
                ..settings()
            };
            for settings in [settings(), noisy] {
                let what = format!("{family} {texts:?} noise {}", settings.noise);
                let card = on_card(family, &learnt, &batch, settings);
                let hand = by_hand(family, &learnt, &batch, settings);
                agree(&what, &learnt, &card, &hand);
            }
        }
    }
}

/// Products without an update between those that have one.
#[test]
fn some_products_are_left_alone() {
    let config = model_of("qwen3", Kind::F32).config;
    for targets in [
        vec![Target::Query, Target::Value],
        vec![Target::Key, Target::Up],
        vec![Target::Down],
    ] {
        let low = LowRank { targets, ..low() };
        let mut learnt = Learnt::lora(&low, &config, 1);
        for x in learnt.parameters.iter_mut().flat_map(|one| &mut one.values) {
            *x += 0.01;
        }
        let batch = batch(&[12, 19, 6]);
        let card = on_card("qwen3", &learnt, &batch, settings());
        let hand = by_hand("qwen3", &learnt, &batch, settings());
        agree(&format!("{:?}", low.targets), &learnt, &card, &hand);
    }
}

/// What a layer keeps, or does not keep, changes nothing; dropped numbers are the same ones on the way back.
#[test]
fn recomputing_changes_nothing() {
    for family in ["llama", "gemma3"] {
        let config = model_of(family, Kind::F32).config;
        let dropping = LowRank {
            dropout: 0.3,
            ..low()
        };
        for low in [low(), dropping] {
            let learnt = learnt(&config, &low);
            let batch = batch(&[12, 19, 6]);
            let [none, some, all] = [0, 600_000, usize::MAX].map(|keep_bytes| {
                let settings = Settings {
                    keep_bytes,
                    ..settings()
                };
                on_card(family, &learnt, &batch, settings)
            });
            assert!(none.2 == some.2 && some.2 == all.2, "{family}");
            if low.dropout > 0.0 {
                let whole = by_hand(
                    family,
                    &self::learnt(&config, &self::low()),
                    &batch,
                    settings(),
                );
                assert!(off(&all.2[0], &whole.2[0]) > 0.05, "nothing was dropped");
            }
        }
    }
}

/// With dropout the gradient is the slope of the loss with the same numbers dropped.
#[test]
fn gradients_with_dropout_are_slopes() {
    let low = LowRank {
        dropout: 0.3,
        ..low()
    };
    let config = model_of("qwen2", Kind::F32).config;
    let mut learnt = learnt(&config, &low);
    let batch = batch(&[12, 19, 6]);
    let settings = Settings {
        weight: 1.0,
        ..settings()
    };
    let gradients = on_card("qwen2", &learnt, &batch, settings).2;
    for place in [0, 1, 9, 15, learnt.parameters.len() - 1] {
        let gradient = &gradients[place];
        let size = length(gradient);
        let old = learnt.parameters[place].values.clone();
        let mut at = |step: f32| {
            let moved = old.iter().zip(gradient).map(|(x, g)| x + step * g / size);
            learnt.parameters[place].values = moved.collect();
            on_card("qwen2", &learnt, &batch, settings).0
        };
        let slope = (at(3e-3) - at(-3e-3)) / 6e-3;
        learnt.parameters[place].values.clone_from(&old);
        let apart = (slope - f64::from(size)).abs() / f64::from(size);
        assert!(apart < 0.03, "{place}: slope {slope}, gradient {size}");
    }
}

#[test]
fn measuring_gives_the_same_numbers() {
    for family in FAMILIES {
        let (model, tensors) = (model_of(family, Kind::F32), tensors_of(family, Kind::F32));
        let ops = Ops::new(2).unwrap();
        let card = Card::new(&tensors, 0).unwrap();
        for texts in TEXTS {
            let batch = batch(texts);
            for learnt in [
                learnt(&model.config, &low()),
                Learnt::nothing(&model.config),
            ] {
                let (mut one, mut other) = (Vec::new(), Vec::new());
                let mut each = |row: usize, loss: f32, top: bool| one.push((row, loss, top));
                let sum = card.measure(&learnt, &batch, &mut each, &mut go).unwrap();
                let mut each = |row: usize, loss: f32, top: bool| other.push((row, loss, top));
                let by_hand =
                    Pass::new(&ops, &model, &learnt, &batch, None).measure(&mut each, &mut go);
                let (ControlFlow::Continue(sum), ControlFlow::Continue(by_hand)) = (sum, by_hand)
                else {
                    unreachable!()
                };
                assert!(
                    (sum - by_hand).abs() < by_hand * 1e-4,
                    "{family}: {sum}, {by_hand}"
                );
                assert_eq!(one.len(), batch.wanted());
                for (one, other) in one.iter().zip(&other) {
                    assert_eq!((one.0, one.2), (other.0, other.2), "{family}");
                    assert!(
                        (one.1 - other.1).abs() < 2e-3,
                        "{family}: {one:?}, {other:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn what_needs_the_processor_is_refused() {
    let model = model_of("llama", Kind::F32);
    let ops = Ops::new(1).unwrap();
    for method in [
        Method::Dora(low()),
        Method::AdaLora {
            updates: low(),
            target_rank: 2,
            orthogonal: 0.5,
        },
        Method::Bottleneck { size: 5 },
        Method::Prefix { tokens: 3 },
        Method::Full,
    ] {
        let refused = updates(&method).map(|_| ());
        assert!(
            matches!(refused, Err(Error::NotOnCard { .. })),
            "{method:?}"
        );
        let learnt = Learnt::new(&method, &model, &ops, 1);
        assert!(
            matches!(able(&learnt), Err(Error::NotOnCard { .. })),
            "{method:?}"
        );
    }
    assert!(able(&Learnt::lora(&low(), &model.config, 1)).is_ok());
    assert!(able(&Learnt::nothing(&model.config)).is_ok());
}

#[test]
fn a_break_is_heeded() {
    let tensors = tensors_of("llama", Kind::F32);
    let card = Card::new(&tensors, 0).unwrap();
    let learnt = Learnt::lora(&low(), card.config(), 1);
    let mut gradients = learnt.gradients();
    for after in 0..6 {
        let mut left = after;
        let mut pulse = || match left {
            0 => ControlFlow::Break(()),
            _ => {
                left -= 1;
                go()
            }
        };
        let taught = card.learn(
            &learnt,
            &batch(&[9, 9, 15]),
            settings(),
            None,
            &mut gradients,
            &mut pulse,
        );
        // Two layers there, the head, and two layers back.
        assert_eq!(taught.unwrap().is_break(), after < 5, "{after}");
    }
}

mod whole {
    //! Whole trainings, of a folder of weights.

    use super::super::*;
    use crate::base::{Base, Options};
    use crate::device::Place;
    use crate::train::batch::Example;
    use crate::train::run::{Examples, Trained, train};
    use crate::train::{Adapter, TrainEvent, measure_each};
    use std::ops::ControlFlow::{Break, Continue};
    use std::path::Path;

    fn bases(family: &str) -> (Base, Base) {
        let folder = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../../tests/reference/lm/folders"
        );
        let path = Path::new(folder).join(family);
        let options = Options {
            threads: Some(2),
            place: Place::Processor,
        };
        let base = Base::load_with(&path, &options).unwrap();
        (base, Base::on_tensors(&path).unwrap())
    }

    /// Sentences that repeat themselves, so that there is something to learn.
    fn examples(from: u32, count: u32) -> Vec<Example> {
        (from..from + count)
            .map(|n| Example {
                tokens: (0..20 + n % 5)
                    .map(|at| (n * 7 + at % 6 * 31) % 250)
                    .collect(),
                from: 5,
            })
            .collect()
    }

    fn data() -> Examples {
        Examples {
            train: examples(0, 12),
            valid: examples(12, 4),
            test: Vec::new(),
        }
    }

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
            accumulation: 2,
            validate_every: 4,
            patience: 0,
            noise: 2.0,
            seed: 3,
            threads: 2,
            ..TrainConfig::default()
        }
    }

    fn tuned(base: &Base, config: &TrainConfig, from: Option<&Adapter>) -> Trained {
        train(base, &data(), config, from, None, &mut |_| Continue(())).unwrap()
    }

    #[test]
    fn a_training_on_a_card_ends_where_one_on_the_processor_does() {
        for family in ["llama3", "gemma3"] {
            let (base, card) = bases(family);
            for adversarial in [0.0, 1.0] {
                let config = TrainConfig {
                    adversarial,
                    ..config()
                };
                let (one, other) = (tuned(&card, &config, None), tuned(&base, &config, None));
                for (one, other) in one.losses.iter().zip(&other.losses) {
                    assert!(
                        (one - other).abs() < 2e-3 * other,
                        "{family}: {one}, {other}"
                    );
                }
                assert!(
                    one.losses[7] < one.losses[0] * 0.95,
                    "{family} learns nothing"
                );
                assert_eq!(one.validated.len(), 2);
                for ((_, one), (_, other)) in one.validated.iter().zip(&other.validated) {
                    assert!(
                        (one - other).abs() < 2e-3 * other,
                        "{family}: {one}, {other}"
                    );
                }
                // What was learnt on a card is an adapter like any other.
                let measured = |base: &Base, adapter: &Adapter| {
                    let go_on = &mut |_: usize| Continue(());
                    let each = measure_each(base, Some(adapter), &data().valid, 2, go_on);
                    let each = each.unwrap().unwrap();
                    each.iter().map(|one| one.nll).sum::<f64>()
                };
                let (here, there) = (measured(&base, &one.adapter), measured(&card, &one.adapter));
                assert!(
                    (here - there).abs() < 1e-4 * here,
                    "{family}: {here}, {there}"
                );
            }
        }
    }

    #[test]
    fn a_training_on_a_card_is_taken_up_and_gone_on_from() {
        let (base, card) = bases("llama");
        let whole = tuned(&card, &config(), None);
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        let stop = &mut |event| match event {
            TrainEvent::Step { step: 3, .. } => Break(()),
            _ => Continue(()),
        };
        let part = train(&card, &data(), &config(), None, Some(&state), stop).unwrap();
        assert_eq!(part.steps, 3);
        // The processor does not take it up, since it would round otherwise.
        let go_on = &mut |event| match event {
            TrainEvent::Began { taken, .. } => {
                assert_eq!(taken, 0);
                Break(())
            }
            _ => Continue(()),
        };
        let other = folder.path().join("other");
        std::fs::copy(&state, &other).unwrap();
        train(&base, &data(), &config(), None, Some(&other), go_on).unwrap();
        let again = train(&card, &data(), &config(), None, Some(&state), &mut |_| {
            Continue(())
        });
        let again = again.unwrap();
        assert_eq!(again.losses, whole.losses);
        assert_eq!(again.adapter, whole.adapter);
        let further = tuned(&card, &config(), Some(&whole.adapter));
        assert!(further.losses[0] < whole.losses[0]);
    }

    #[test]
    fn other_methods_say_that_they_want_the_processor() {
        let (base, card) = bases("llama");
        let dora = TrainConfig {
            method: Method::Dora(LowRank::default()),
            steps: Some(1),
            ..config()
        };
        let refused = train(&card, &data(), &dora, None, None, &mut |_| Continue(()));
        assert!(matches!(refused, Err(Error::NotOnCard { .. })));
        let adapter = tuned(&base, &dora, None).adapter;
        let refused = measure_each(&card, Some(&adapter), &data().valid, 1, &mut |_| {
            Continue(())
        });
        assert!(matches!(refused, Err(Error::NotOnCard { .. })));
        let lora = tuned(&base, &config(), None).adapter;
        let changed = train(&card, &data(), &dora, Some(&lora), None, &mut |_| {
            Continue(())
        });
        // What is gone on from says how is learnt.
        assert!(changed.is_ok());
    }

    #[test]
    fn more_tokens_and_ranks_need_more_of_a_card() {
        let (_, card) = bases("llama");
        let need = |config: &TrainConfig| crate::train::need(&card, config);
        let usual = config();
        let longer = TrainConfig {
            batch_tokens: 4096,
            ..config()
        };
        let wider = TrainConfig {
            method: Method::Lora(LowRank {
                rank: 256,
                ..LowRank::default()
            }),
            ..config()
        };
        assert!(need(&longer) > need(&usual) && need(&wider) > need(&usual));
    }
}
