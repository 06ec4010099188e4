//! The settings of a training, made to fit this machine.

use moqi_lm::{Adapter, Example, LowRank, Method, Precision, TrainConfig};

use super::Tune;
use crate::error::{Error, Result};
use crate::models;

/// The learning rate at its height, where none is asked for. A firm's documents are few and a tuning is short: at 1e-3 sixty
/// steps come much further on held-out documents than at the 3e-4 that is usual for LoRA: perplexity 8.0 and 14.0 (SmolLM2 on
/// the documents of firm-en).
const LEARNING_RATE: f64 = 1e-3;

/// The settings, made to fit into the memory of this machine. What is gone on from says how is learnt.
///
/// # Errors
/// Even the smallest that make sense do not fit.
pub(super) fn config(
    base: &moqi_lm::Base,
    wanted: &Tune,
    from: Option<&Adapter>,
    train: &[Example],
) -> Result<TrainConfig> {
    let method = from.map(|adapter| adapter.method().clone());
    let have = base.card_free().unwrap_or_else(models::memory_free);
    fitting(wanted, method, train, have, &|config| {
        moqi_lm::need(base, config)
    })
}

/// Whether a tuning can be done where the model is: anything on the processor; on a graphics card what is learnt there and
/// fits without cutting texts shorter, which the processor need not do.
pub(super) fn suits(base: &moqi_lm::Base, wanted: &Tune, from: Option<&Adapter>) -> bool {
    let usual = settings(wanted).method;
    let method = from.map_or(&usual, Adapter::method);
    !base.on_card()
        || method.on_card()
            && config(base, wanted, from, &[])
                .is_ok_and(|fitting| fitting.length == settings(wanted).length)
}

/// The settings that are asked for, wherever it is learnt.
pub(crate) fn settings(wanted: &Tune) -> TrainConfig {
    let rank = wanted.rank.clamp(1, 256);
    TrainConfig {
        method: Method::Lora(LowRank {
            rank,
            alpha: 2.0 * rank as f32,
            ..LowRank::default()
        }),
        learning_rate: wanted.learning_rate.unwrap_or(LEARNING_RATE),
        epochs: wanted.effort.rounds(),
        steps: wanted.steps,
        seed: wanted.seed,
        // Nearly twice as fast where the processor can, and the losses differ by less than a thousandth.
        precision: Precision::Mixed,
        ..TrainConfig::default()
    }
}

/// As [`config`], for a machine with so many bytes free.
fn fitting(
    wanted: &Tune,
    method: Option<Method>,
    train: &[Example],
    have: u64,
    need: &dyn Fn(&TrainConfig) -> u64,
) -> Result<TrainConfig> {
    let mut config = settings(wanted);
    config.method = method.unwrap_or(config.method);
    // First what only makes it faster, then shorter batches, then shorter texts.
    if need(&config) > have {
        config.keep_bytes = 0;
    }
    while need(&config) > have && config.batch_tokens > 256 {
        config.batch_tokens /= 2;
        config.length = config.length.min(config.batch_tokens);
        config.accumulation *= 2;
    }
    let lacks = need(&config);
    if lacks > have {
        return Err(too_little(lacks, have, wanted, need, &config));
    }
    // About eight looks on the way: often enough to stop in time and to see a curve, seldom enough to cost little.
    let steps = moqi_lm::steps(train, &config);
    config.validate_every = (steps / 8).clamp(2, 50);
    // Looks come close together, so that a single worse one says little.
    config.patience = 3;
    Ok(config)
}

/// The refusal, with a setting that would fit where there is one.
fn too_little(
    lacks: u64,
    have: u64,
    wanted: &Tune,
    need: &dyn Fn(&TrainConfig) -> u64,
    least: &TrainConfig,
) -> Error {
    let (lacks, free) = (lacks as f64 / 1e9, have as f64 / 1e9);
    let error = Error::input(
        format!("内存不足：微调还需 {lacks:.1} GB，现有 {free:.1} GB 可用。"),
        format!("Too little memory: tuning needs {lacks:.1} GB more, {free:.1} GB are free."),
    );
    let smaller = [4, 2, 1].into_iter().find(|rank| {
        let method = Method::Lora(LowRank {
            rank: *rank,
            ..LowRank::default()
        });
        let config = TrainConfig {
            method,
            ..least.clone()
        };
        wanted.from.is_none() && *rank < wanted.rank && need(&config) <= have
    });
    match smaller {
        Some(rank) => error.hint(
            format!("秩设为 {rank}（--rank {rank}）可以放下；或关闭其他程序，或选择较小的模型。"),
            format!("With rank {rank} (--rank {rank}) it fits; or close other programs, or choose a smaller model."),
        ),
        None => error.hint(
            "请关闭其他程序，或选择较小的模型。",
            "Close other programs, or choose a smaller model.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes by rank, batch and what is kept, as a real model's grow.
    fn need(config: &TrainConfig) -> u64 {
        let Method::Lora(low) = &config.method else {
            panic!("another method")
        };
        (low.rank * 100 + config.batch_tokens) as u64 + config.keep_bytes as u64
    }

    fn fit(have: u64) -> Result<TrainConfig> {
        let wanted = Tune::default();
        fitting(&wanted, None, &[], have, &need)
    }

    #[test]
    fn what_does_not_fit_is_made_smaller_in_the_order_of_what_it_costs() {
        let usual = TrainConfig::default();
        let all = fit(u64::MAX).unwrap();
        assert_eq!((all.keep_bytes, all.batch_tokens), (usual.keep_bytes, 1024));
        let slower = fit(800 + 1024).unwrap();
        assert_eq!((slower.keep_bytes, slower.batch_tokens), (0, 1024));
        let shorter = fit(800 + 300).unwrap();
        assert_eq!(
            (shorter.batch_tokens, shorter.length, shorter.accumulation),
            (256, 256, 4)
        );
        // A step still learns from as many tokens.
        assert_eq!(shorter.batch_tokens * shorter.accumulation, 1024);
    }

    #[test]
    fn a_cluster_is_given_the_same_job() {
        let wanted = Tune {
            rank: 4,
            steps: Some(7),
            seed: 9,
            ..Tune::default()
        };
        let (here, there) = (settings(&wanted), crate::tuning::rows::job(&wanted, "base"));
        assert_eq!(here.learning_rate, LEARNING_RATE);
        assert_eq!(
            (
                there.learning_rate,
                there.epochs,
                there.max_steps,
                there.seed
            ),
            (here.learning_rate, here.epochs, here.steps, here.seed)
        );
        assert_eq!((there.rank, there.alpha), (4, 8));
        let asked = Tune {
            learning_rate: Some(5e-5),
            ..wanted
        };
        assert_eq!(crate::tuning::rows::job(&asked, "base").learning_rate, 5e-5);
    }

    #[test]
    fn too_little_memory_is_refused_with_a_setting_that_fits() {
        let error = fit(400 + 256).unwrap_err();
        let hint = error.hint.unwrap();
        assert!(
            hint.en.contains("--rank 4") && hint.zh.contains("--rank 4"),
            "{hint:?}"
        );
        let error = fit(10).unwrap_err();
        assert!(!error.hint.unwrap().en.contains("--rank"));
    }
}
