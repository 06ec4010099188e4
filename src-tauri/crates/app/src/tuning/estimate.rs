//! How long a tuning takes on this machine.

use std::ops::ControlFlow;
use std::time::Instant;

use moqi_lm::{Examples, TrainConfig};

use crate::adapters::as_error;
use crate::error::Result;
use crate::model::LONGEST_ANSWER;

/// Tokens of the first measure, which the estimate comes from.
const TRIED: usize = 512;
/// The way there and back, with what is computed again, takes about three times the way there.
const LEARNT: f64 = 3.0;
/// A token that is written takes about as long as so many that are read together.
const WRITTEN: f64 = 4.0;
/// Looks on the way at some of the validation part.
const LOOKS: f64 = 8.0;
/// The leak test asks for some dozens of values, with candidates beside each: about so many tokens that are read.
const LEAKS: f64 = 60_000.0;

/// Seconds at most, from the first measure to the last: a few hundred tokens are read, and the rest is reckoned from their
/// time.
pub(super) fn estimate(
    base: &moqi_lm::Base,
    examples: &Examples,
    config: &TrainConfig,
    steps: usize,
    drafts: usize,
) -> Result<f64> {
    let tokens = |list: &[moqi_lm::Example]| -> f64 {
        let each = list.iter();
        let each = each.map(|example| example.tokens.len().min(config.length));
        each.sum::<usize>() as f64
    };
    let held_out = match examples.test.is_empty() {
        true => tokens(&examples.valid),
        false => tokens(&examples.test),
    };
    let learnt = (steps * config.batch_tokens * config.accumulation) as f64;
    // Without and with what was learnt, and so is another wording beside each.
    let measured = 4.0 * held_out + LOOKS * tokens(&examples.valid);
    let draft = config.length as f64 + WRITTEN * LONGEST_ANSWER as f64;
    let written = 2.0 * drafts as f64 * draft;
    Ok(second(base, examples, config)? * (LEARNT * learnt + measured + written + LEAKS))
}

/// Seconds that a token takes to be read, measured.
fn second(base: &moqi_lm::Base, examples: &Examples, config: &TrainConfig) -> Result<f64> {
    let mut tried = Vec::new();
    let mut tokens = 0;
    for example in &examples.train {
        let cut = example.cut(config.length.min(TRIED));
        tokens += cut.tokens.len();
        tried.push(cut);
        if tokens >= TRIED {
            break;
        }
    }
    if base.on_card() {
        // The first time its kernels are compiled.
        let few: Vec<_> = tried.iter().take(1).map(|one| one.cut(16)).collect();
        moqi_lm::measure(base, None, &few, config.threads, &mut || {
            ControlFlow::Continue(())
        })
        .map_err(as_error)?;
    }
    let started = Instant::now();
    moqi_lm::measure(base, None, &tried, config.threads, &mut || {
        ControlFlow::Continue(())
    })
    .map_err(as_error)?;
    Ok(started.elapsed().as_secs_f64() / tokens.max(1) as f64)
}
