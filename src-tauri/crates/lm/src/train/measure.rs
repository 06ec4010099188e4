//! How likely a model finds what is wanted of it: of each example by itself, and of all together.

use std::ops::ControlFlow;

use crate::base::Base;
use crate::error::Result;

use super::adapter::Adapter;
use super::batch::{Batch, Example, in_order};
use super::method::{Precision, TrainConfig};
use super::places::Learnt;
use super::teacher::Teacher;

/// How likely a model finds the wanted tokens of an example, each after all before it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Measured {
    /// Sum of the losses of the wanted tokens, in nats.
    pub nll: f64,
    /// Wanted tokens.
    pub tokens: usize,
    /// Of those, tokens that the model itself would have put in their place.
    pub top1: usize,
}

/// Measures examples with an adapter or without: one entry an example, in their order. `pulse` hears how many are done,
/// several times a second; there is no result where it breaks off.
///
/// # Errors
/// The base has an adapter beside its weights, an example has a token that it does not know, the adapter is of another base, or it is one that a base on a graphics card
/// cannot be measured with ([`crate::Error::NotOnCard`]).
pub fn measure_each(
    base: &Base,
    adapter: Option<&Adapter>,
    examples: &[Example],
    threads: usize,
    pulse: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Result<Option<Vec<Measured>>> {
    let exact = TrainConfig {
        threads,
        // What is told of a model does not depend on what the processor is quick at.
        precision: Precision::Single,
        ..TrainConfig::default()
    };
    base.knows(examples)?;
    let teacher = Teacher::of(base, &exact)?;
    let learnt = match adapter {
        Some(adapter) => adapter.checked(base)?.clone(),
        None => Learnt::nothing(teacher.config()),
    };
    teacher.able(&learnt)?;
    Ok(match measured(&teacher, &learnt, examples, pulse)? {
        ControlFlow::Continue(each) => Some(each),
        ControlFlow::Break(()) => None,
    })
}

/// Mean loss of the wanted tokens of some examples, in nats, with an adapter or without; none where nothing is wanted or the
/// caller breaks off.
///
/// # Errors
/// As [`measure_each`].
pub fn measure(
    base: &Base,
    adapter: Option<&Adapter>,
    examples: &[Example],
    threads: usize,
    pulse: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<Option<f64>> {
    let each = measure_each(base, adapter, examples, threads, &mut |_| pulse())?;
    Ok(each.and_then(|each| mean_loss(&each)))
}

/// Mean loss of the wanted tokens, in nats; none where nothing is wanted.
pub(super) fn loss_of(
    teacher: &Teacher<'_>,
    learnt: &Learnt,
    examples: &[Example],
    pulse: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<ControlFlow<(), Option<f64>>> {
    let each = measured(teacher, learnt, examples, &mut |_| pulse())?;
    Ok(each.map_continue(|each| mean_loss(&each)))
}

/// Mean loss of the wanted tokens of measured examples, in nats; none where nothing is wanted.
#[must_use]
pub fn mean_loss(each: &[Measured]) -> Option<f64> {
    let count: usize = each.iter().map(|one| one.tokens).sum();
    let sum: f64 = each.iter().map(|one| one.nll).sum();
    (count > 0).then(|| sum / count as f64)
}

fn measured(
    teacher: &Teacher<'_>,
    learnt: &Learnt,
    examples: &[Example],
    pulse: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Result<ControlFlow<(), Vec<Measured>>> {
    let mut all = vec![Measured::default(); examples.len()];
    let mut done = 0;
    for part in in_order(examples, 1024) {
        let batch = Batch::of(part.iter().map(|index| &examples[*index]));
        // Whose each token of the batch is: an example is read but for its last token.
        let owner: Vec<usize> = part
            .iter()
            .flat_map(|index| {
                let read = examples[*index].tokens.len().saturating_sub(1);
                std::iter::repeat_n(*index, read)
            })
            .collect();
        let mut each = |row: usize, nll: f32, top: bool| {
            let one = &mut all[owner[row]];
            one.nll += f64::from(nll);
            one.tokens += 1;
            one.top1 += usize::from(top);
        };
        if !batch.tokens.is_empty() {
            let flow = teacher.measure(learnt, &batch, &mut each, &mut || pulse(done))?;
            if flow.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        done += part.len();
    }
    Ok(pulse(done).map_continue(|()| all))
}
