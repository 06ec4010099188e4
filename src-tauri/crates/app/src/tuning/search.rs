//! A small search over learning rate and rank before a tuning: successive halving (Jamieson and Talwalkar 2016).
//!
//! Each candidate takes a few steps of its own, from warm-up to decay; the better half takes twice as many; the best one of
//! these is tuned with. Losses are those of the validation part, of which a few passages are looked at.

use std::ops::ControlFlow;

use moqi_lm::{Adapter, Base, Examples, LowRank, Method, TrainConfig, TrainEvent};
use serde::{Deserialize, Serialize};

use super::prepare::few;
use super::{Phase, Tune, Tuning};
use crate::adapters::as_error;
use crate::error::Result;
use crate::models;

/// A setting that is tried.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Rank of the updates.
    pub rank: usize,
    /// The learning rate at its height.
    pub learning_rate: f64,
    /// Steps it took; none before its turn.
    pub steps: usize,
    /// Loss on the validation part after these, in nats a token; none before its turn, and where it is no number.
    pub loss: Option<f64>,
}

/// Learning rates and ranks that are tried, the likeliest first: that of the learning rate matters more.
const WIDE: [(f64, usize); 6] = [
    (1e-3, 8),
    (2e-3, 8),
    (3e-4, 8),
    (1e-3, 16),
    (2e-3, 16),
    (1e-3, 4),
];
const RATES: [f64; 3] = [1e-3, 2e-3, 3e-4];
const RANKS: [usize; 3] = [8, 4, 16];

/// The search takes this part of the steps of the tuning at most.
const PART: usize = 4;
/// Its time, of the time of the tuning: the steps, and a look at what each candidate came to.
pub(super) const COST: f64 = 0.3;
/// Steps that tell something of a candidate.
const FEWEST: usize = 2;

/// The candidates of a tuning of so many steps; none where too few steps would be left to each. What was said is not tried,
/// and of what is gone on from the rank stays.
pub(super) fn candidates(wanted: &Tune, config: &TrainConfig, steps: usize) -> Vec<Candidate> {
    let own = match &config.method {
        Method::Lora(low) => low.rank,
        _ => wanted.rank,
    };
    let budget = steps / PART;
    let pairs: Vec<(f64, usize)> = match (wanted.learning_rate, &wanted.from) {
        (Some(_), Some(_)) => Vec::new(),
        (Some(rate), None) => RANKS.map(|rank| (rate, rank)).to_vec(),
        (None, None) if first_steps(WIDE.len(), budget) > FEWEST => WIDE.to_vec(),
        (None, _) => RATES.map(|rate| (rate, own)).to_vec(),
    };
    let all = pairs.into_iter().map(|(learning_rate, rank)| Candidate {
        rank,
        learning_rate,
        steps: 0,
        loss: None,
    });
    let all: Vec<Candidate> = all.collect();
    match first_steps(all.len(), budget) >= FEWEST {
        true => all,
        false => Vec::new(),
    }
}

/// Steps of each candidate in the first round, where all rounds take a number of steps together: a round of half the
/// candidates with twice the steps costs as much as the one before.
fn first_steps(count: usize, budget: usize) -> usize {
    match count {
        0 => 0,
        1..=3 => budget / count,
        _ => budget / (2 * count),
    }
}

/// Tries candidates on a base; `config` says all else. Gives the settings of the best one, and what was tried, in the order
/// of the last turns; nothing where `report` breaks off. Where no loss is a number, the settings stay as they were.
///
/// Candidates that had their turns already, as the last [`Tuning::Tried`] told them, are not tried again: a search that was
/// broken off goes on, and one that was done ends at once.
///
/// # Errors
/// The adapter that is gone on from is of another base.
pub(super) fn search(
    base: &Base,
    examples: &Examples,
    config: &TrainConfig,
    from: Option<&Adapter>,
    candidates: Vec<Candidate>,
    report: &mut dyn FnMut(Tuning) -> ControlFlow<()>,
) -> Result<Option<(TrainConfig, Vec<Candidate>)>> {
    let budget = moqi_lm::steps(&examples.train, config) / PART;
    let free = base.card_free().unwrap_or_else(models::memory_free);
    let mut all: Vec<Candidate> = candidates
        .into_iter()
        .filter(|one| one.steps > 0 || moqi_lm::need(base, &with(config, one)) <= free)
        .collect();
    let mut steps = first_steps(all.len(), budget);
    if all.is_empty() || steps == 0 || examples.valid.is_empty() {
        return Ok(Some((config.clone(), Vec::new())));
    }
    let examples = Examples {
        train: examples.train.clone(),
        valid: few(examples.valid.clone(), config, steps, 1..=usize::MAX),
        test: Vec::new(),
    };
    let rounds: &[usize] = match all.len() {
        1..=3 => &[1],
        _ => &[1, 2],
    };
    let total: usize = rounds.len() * steps * all.len();
    let (mut done, mut tried, mut begun) = (0, all.len(), false);
    for longer in rounds {
        steps *= longer;
        for at in 0..tried {
            if all[at].steps >= steps {
                done += steps;
                continue;
            }
            if !begun && report(Tuning::Phase(Phase::Searching)).is_break() {
                return Ok(None);
            }
            begun = true;
            let config = TrainConfig {
                steps: Some(steps),
                // One look, at the end.
                validate_every: steps,
                patience: 0,
                ..with(config, &all[at])
            };
            let mut broken = false;
            let trained = moqi_lm::train(base, &examples, &config, from, None, &mut |event| {
                let told = match event {
                    TrainEvent::Step { .. } => {
                        done += 1;
                        Tuning::Counted { done, all: total }
                    }
                    _ => Tuning::Pulse,
                };
                let flow = report(told);
                broken |= flow.is_break();
                flow
            })
            .map_err(as_error)?;
            if broken {
                return Ok(None);
            }
            let last = trained.validated.last().map(|(_, loss)| *loss);
            all[at].steps = steps;
            all[at].loss = last.filter(|loss| loss.is_finite());
            if report(Tuning::Tried(all.clone())).is_break() {
                return Ok(None);
            }
        }
        // Where the next round had begun, they are in its order already.
        if all.iter().all(|one| one.steps <= steps) {
            // Of equal ones the likelier stays first.
            let loss = |one: &Candidate| one.loss.unwrap_or(f64::INFINITY);
            all[..tried].sort_by(|a, b| loss(a).total_cmp(&loss(b)));
        }
        tried = tried.div_ceil(2);
    }
    let best = all.first().filter(|best| best.loss.is_some());
    let best = best.map_or_else(|| config.clone(), |best| with(config, best));
    Ok(Some((best, all)))
}

/// The settings of a tuning with what a candidate says.
pub(super) fn with(config: &TrainConfig, candidate: &Candidate) -> TrainConfig {
    let method = match &config.method {
        Method::Lora(low) => Method::Lora(LowRank {
            rank: candidate.rank,
            // The size of an update does not depend on the rank.
            alpha: low.scale() * candidate.rank as f32,
            ..low.clone()
        }),
        other => other.clone(),
    };
    TrainConfig {
        method,
        learning_rate: candidate.learning_rate,
        ..config.clone()
    }
}

#[cfg(test)]
mod tests;
