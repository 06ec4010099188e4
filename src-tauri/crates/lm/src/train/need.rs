//! How much memory a training takes, before it begins.

use crate::base::Base;
use crate::config::Config;

use super::head::SCORES;
use super::kept::kept_bytes;
use super::method::{LowRank, Method, TrainConfig};
use super::ops::UNPACKED;
use super::parameters::Target;

/// Copies of every number that is learnt: its value, the state's, the best, the gradient, and two means; with room to spare
/// for a state being written.
const COPIES: u64 = 8;

/// Bytes a training takes besides the weights of the base, rounded up.
pub fn need(base: &Base, config: &TrainConfig) -> u64 {
    let shape = base.inner.model.config();
    let tokens = config.batch_tokens.max(config.length.min(shape.context));
    let bytes = |numbers: usize| 4 * numbers as u64;
    // What one layer computes is there twice while its gradient is worked out.
    let layer = 3 * kept_bytes(shape, tokens, true) as u64;
    let inputs = bytes(tokens * shape.width * (shape.layers + 4));
    let all_layers = kept_bytes(shape, tokens, true) as u64 * shape.layers as u64;
    let kept = all_layers.min(config.keep_bytes as u64);
    let scores = bytes(SCORES.max(2 * base.info().vocabulary));
    COPIES * bytes(learnt(shape, &config.method)) + layer + inputs + kept + scores + bytes(UNPACKED)
}

/// Numbers that a method learns.
fn learnt(shape: &Config, method: &Method) -> usize {
    let low_rank = |low: &LowRank| -> usize {
        let each = |target: &Target| {
            let (outputs, inputs) = target.shape(shape);
            low.rank * (outputs + inputs) + outputs
        };
        low.targets.iter().map(each).sum()
    };
    let layer = match method {
        Method::Lora(low) | Method::Dora(low) => low_rank(low),
        // Every number has its importance and how much that varies.
        Method::AdaLora { updates, .. } => 2 * low_rank(updates),
        Method::Bottleneck { size } => 2 * (2 * shape.width * size + size + shape.width),
        Method::Prefix { tokens } => 2 * tokens * shape.kv_heads * shape.head,
        Method::Full => {
            let all = Target::ALL.map(|target| target.shape(shape));
            all.into_iter()
                .map(|(outputs, inputs)| outputs * inputs)
                .sum::<usize>()
                + 4 * shape.width
        }
    };
    layer * shape.layers
}
