//! Gradients and methods on small models of random weights.

use super::batch::{Batch, NOTHING};
use super::method::{LowRank, Method};
use super::ops::Ops;
use super::pass::{Pass, Settings};
use super::places::Learnt;
use crate::block::Kind;
use crate::engine::Cpu;
use crate::random::Random;
use crate::transformer::tests::model_of;
use crate::transformer::{Transformer, Want};
use std::ops::ControlFlow;

fn batch() -> Batch {
    let mut random = Random::new(9);
    let tokens: Vec<u32> = (0..37).map(|_| (random.next() % 50) as u32).collect();
    let mut targets: Vec<u32> = tokens[1..].to_vec();
    targets.push(NOTHING);
    // Ends of texts, and a part that is not learnt from.
    for at in [4, 5, 6, 11, 30] {
        targets[at] = NOTHING;
    }
    Batch {
        tokens,
        targets,
        texts: vec![12, 19, 6],
    }
}

fn methods() -> Vec<Method> {
    let low = LowRank {
        rank: 3,
        alpha: 5.0,
        dropout: 0.0,
        ..LowRank::default()
    };
    vec![
        Method::Lora(low.clone()),
        Method::Lora(LowRank {
            dropout: 0.3,
            ..low.clone()
        }),
        Method::Dora(low.clone()),
        Method::AdaLora {
            updates: low,
            target_rank: 2,
            orthogonal: 0.5,
        },
        Method::Bottleneck { size: 5 },
        Method::Prefix { tokens: 3 },
        Method::Full,
    ]
}

fn loss(ops: &Ops, model: &Transformer<Cpu>, learnt: &Learnt, batch: &Batch) -> f64 {
    let mut zeros = learnt.gradients();
    let settings = Settings {
        noise: 3.0,
        weight: 1.0,
        ..Settings::default()
    };
    let pass = Pass::new(ops, model, learnt, batch, Some(7));
    match pass.learn(
        settings,
        None,
        &mut zeros,
        &mut || ControlFlow::Continue(()),
    ) {
        ControlFlow::Continue(outcome) => outcome.loss,
        ControlFlow::Break(()) => unreachable!(),
    }
}

/// Random numbers in place of those a method begins with, so that nothing is zero.
fn shaken(learnt: &mut Learnt) {
    let mut random = Random::new(4);
    for parameter in &mut learnt.parameters {
        for x in &mut parameter.values {
            *x += 0.1 * (random.unit() - 0.5);
        }
    }
}

const FAMILIES: [&str; 4] = ["llama", "qwen2", "qwen3", "gemma3"];

/// A model that drafts with an adapter says what training measures, in every family and by every method.
#[test]
fn the_model_that_drafts_is_the_one_that_was_tuned() {
    let ops = Ops::new(2).unwrap();
    let batch = batch();
    for family in FAMILIES {
        let model = model_of(family, Kind::F32);
        for method in methods() {
            let mut learnt = Learnt::new(&method, &model, &ops, 1);
            shaken(&mut learnt);
            let measured = Pass::new(&ops, &model, &learnt, &batch, None)
                .measure(&mut |_, _, _| (), &mut || ControlFlow::Continue(()));
            let tuned =
                super::apply::adapted(&model, Cpu::new(2).unwrap(), &learnt, Some(&model)).unwrap();
            let (mut sum, mut first) = (0.0, 0);
            for length in &batch.texts {
                let mut cache = tuned.cache().unwrap();
                let mut each = |at: usize, scores: &[f32]| {
                    let target = batch.targets[first + at];
                    if target != NOTHING {
                        let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                        let all: f64 = scores.iter().map(|x| f64::from(x - largest).exp()).sum();
                        sum += all.ln() - f64::from(scores[target as usize] - largest);
                    }
                };
                let text = &batch.tokens[first..first + length];
                // In two parts, as a text that is written comes.
                for part in [&text[..length / 2], &text[length / 2..]] {
                    let flow = tuned.read(
                        &mut cache,
                        part,
                        &mut Want::Each(&mut each),
                        true,
                        &mut |_| ControlFlow::Continue(()),
                    );
                    assert!(flow.unwrap().is_continue());
                }
                first += length;
            }
            let ControlFlow::Continue(measured) = measured else {
                unreachable!()
            };
            assert!(
                (measured - sum).abs() < 0.02 + measured * 2e-4,
                "{family} {method:?}: {measured} and {sum}"
            );
            let plain = loss_of_base(&ops, &model, &batch);
            assert!(
                (measured - plain).abs() > 1e-3,
                "{family} {method:?} changes nothing"
            );
        }
    }
}

/// The scores after each token of a text.
fn scores(model: &Transformer<Cpu>, text: &[u32]) -> Vec<Vec<f32>> {
    let mut cache = model.cache().unwrap();
    let mut all = Vec::new();
    let mut each = |_: usize, scores: &[f32]| all.push(scores.to_vec());
    let mut want = Want::Each(&mut each);
    let go_on = &mut |_: usize| ControlFlow::Continue(());
    let flow = model.read(&mut cache, text, &mut want, true, go_on);
    assert!(flow.unwrap().is_continue());
    all
}

fn probabilities(scores: &[f32]) -> Vec<f64> {
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let parts: Vec<f64> = scores
        .iter()
        .map(|x| f64::from(x - largest).exp())
        .collect();
    let sum: f64 = parts.iter().sum();
    parts.into_iter().map(|part| part / sum).collect()
}

/// Mean of what one model's next tokens tell from another's (KL), in nats.
fn apart(one: &[Vec<f32>], other: &[Vec<f32>]) -> f64 {
    let each = one.iter().zip(other).map(|(one, other)| {
        let (p, q) = (probabilities(one), probabilities(other));
        let terms = p.iter().zip(&q).map(|(p, q)| p * (p / q).ln());
        terms.sum::<f64>()
    });
    each.sum::<f64>() / one.len() as f64
}

/// An adapter in the weights says what one beside them says, with alpha other than the rank.
#[test]
fn merged_equals_unmerged() {
    let ops = Ops::new(2).unwrap();
    let text = &batch().tokens[..20];
    let low_rank = methods().into_iter().take(4);
    for method in low_rank {
        for family in FAMILIES {
            for kind in [Kind::F32, Kind::Q4K] {
                let model = model_of(family, kind);
                let mut learnt = Learnt::new(&method, &model, &ops, 1);
                shaken(&mut learnt);
                let engine = Cpu::new(2).unwrap();
                let beside = super::apply::adapted(&model, engine, &learnt, Some(&model)).unwrap();
                let inside = super::merge::merged(&model, &learnt).unwrap();
                let (bare, beside, inside) = (
                    scores(&model, text),
                    scores(&beside, text),
                    scores(&inside, text),
                );
                let (moved, lost) = (apart(&bare, &beside), apart(&beside, &inside));
                let what = format!("{family} {kind:?} {method:?}: {lost} of {moved}");
                // The least that was measured is 8.9e-6 (learnt lengths of directions move little) and 8.1e-3.
                match method {
                    Method::AdaLora { .. } => assert!(moved > 1e-6, "{what}"),
                    _ => assert!(moved > 1e-3, "{what}"),
                }
                match kind {
                    // Floats, and a memory of 16-bit ones, which may round the other way: 3.5e-9 at most.
                    Kind::F32 => assert!(lost < 1e-8, "{what}"),
                    // Weights that are rounded to 8 bits, whatever was learnt: 1.6e-4 at most. That is more than AdaLoRA
                    // moves here, so that of it the floats alone tell whether it was put in.
                    _ => assert!(lost < 5e-4, "{what}"),
                }
            }
        }
    }
}

#[test]
fn what_is_no_change_of_weights_cannot_be_merged() {
    let ops = Ops::new(1).unwrap();
    let model = model_of("llama", Kind::F32);
    for (method, why) in [(4, "small layers"), (5, "keys and values")] {
        let learnt = Learnt::new(&methods()[method], &model, &ops, 1);
        let refused = super::merge::merged(&model, &learnt);
        let Err(crate::Error::CannotMerge { what }) = refused else {
            unreachable!("{:?} was merged", learnt.method);
        };
        assert!(what.contains(why), "{what}");
    }
}

fn loss_of_base(ops: &Ops, model: &Transformer<Cpu>, batch: &Batch) -> f64 {
    let nothing = Learnt::nothing(&model.config);
    match Pass::new(ops, model, &nothing, batch, None)
        .measure(&mut |_, _, _| (), &mut || ControlFlow::Continue(()))
    {
        ControlFlow::Continue(loss) => loss,
        ControlFlow::Break(()) => unreachable!(),
    }
}

/// What a layer keeps, or does not keep, changes no bit of a gradient.
#[test]
fn recomputing_changes_nothing() {
    let ops = Ops::new(2).unwrap();
    let batch = batch();
    for family in FAMILIES {
        let model = model_of(family, Kind::Q4K);
        let mut learnt = Learnt::new(&methods()[1], &model, &ops, 1);
        shaken(&mut learnt);
        let all: Vec<Vec<Vec<f32>>> = [0, 200_000, usize::MAX]
            .map(|keep_bytes| {
                let mut gradients = learnt.gradients();
                let settings = Settings {
                    keep_bytes,
                    weight: 0.1,
                    ..Settings::default()
                };
                let pass = Pass::new(&ops, &model, &learnt, &batch, Some(3));
                let _ = pass.learn(settings, None, &mut gradients, &mut || {
                    ControlFlow::Continue(())
                });
                gradients
            })
            .to_vec();
        assert!(all[0] == all[1] && all[1] == all[2], "{family}");
    }
}

#[test]
fn gradients_are_the_slopes_of_the_loss() {
    let ops = Ops::new(2).unwrap();
    let batch = batch();
    for family in FAMILIES {
        let model = model_of(family, Kind::Q4K);
        for method in methods() {
            // What the families differ in goes through the same code in every low-rank method.
            if family != "gemma3" && !matches!(method, Method::Lora(_) | Method::Full) {
                continue;
            }
            let mut learnt = Learnt::new(&method, &model, &ops, 1);
            shaken(&mut learnt);
            let mut gradients = learnt.gradients();
            let settings = Settings {
                noise: 3.0,
                weight: 1.0,
                ..Settings::default()
            };
            let pass = Pass::new(&ops, &model, &learnt, &batch, Some(7));
            let _ = pass.learn(settings, None, &mut gradients, &mut || {
                ControlFlow::Continue(())
            });
            let mut random = Random::new(2);
            for (place, gradient) in gradients.iter().enumerate() {
                let name = &learnt.parameters[place].name;
                assert!(
                    gradient.iter().any(|x| *x != 0.0),
                    "{family} {name} gets no gradient"
                );
                if matches!(method, Method::Dora(_)) && !name.contains("magnitude") {
                    // The length of a row counts as a constant in DoRA's gradient, so that this is not the slope.
                    continue;
                }
                // Along a random direction, of a length that f32 can tell apart.
                let direction: Vec<f32> = gradient.iter().map(|_| random.normal()).collect();
                let length = direction.iter().map(|x| x * x).sum::<f32>().sqrt();
                // Along the gradient itself too, where nothing cancels.
                let norm = gradient.iter().map(|x| x * x).sum::<f32>().sqrt();
                let along: Vec<f32> = gradient
                    .iter()
                    .zip(&direction)
                    .map(|(g, d)| g / norm + 0.3 * d / length)
                    .collect();
                let step = 3e-3;
                let mut moved = learnt.clone();
                let mut at = |sign: f32| {
                    for ((x, old), d) in moved.parameters[place]
                        .values
                        .iter_mut()
                        .zip(&learnt.parameters[place].values)
                        .zip(&along)
                    {
                        *x = old + sign * step * d;
                    }
                    loss(&ops, &model, &moved, &batch)
                };
                let slope = (at(1.0) - at(-1.0)) / (2.0 * f64::from(step));
                let wanted: f64 = gradient
                    .iter()
                    .zip(&along)
                    .map(|(g, d)| f64::from(*g) * f64::from(*d))
                    .sum();
                let off = (slope - wanted).abs() / (wanted.abs() + 0.1);
                assert!(
                    off < 0.03,
                    "{family} {method:?} {name}: slope {slope}, gradient {wanted}"
                );
            }
        }
    }
}
