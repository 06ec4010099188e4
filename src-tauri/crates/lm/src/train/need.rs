//! How much memory a training takes, before it begins.

use crate::base::Base;
use crate::config::Config;
use crate::kernels::Tier;
use crate::model::Model;

use super::card;
use super::head::SCORES;
use super::kept::kept_bytes;
use super::method::{LowRank, Method, Precision, TrainConfig};
use super::ops::UNPACKED;
use super::parameters::Target;

/// Copies of every number that is learnt while a step is taken: two of its value, its gradient, two means, the best one.
const COPIES: u64 = 6;
/// The same while the state is written or read: no gradient, but a file with four of the others.
const COPIES_SAVED: u64 = 9;

/// What freed memory takes that is not given back to the system: glibc's allocator was seen to keep 10 to 45 MB of what was
/// measured where everything is given back, another amount each time.
const SPARE: u64 = 48 << 20;

/// Bytes a training takes besides the weights of the base: a little more than was measured. Of a base on a graphics card, bytes
/// on that card; that is a bound worked out by hand.
pub fn need(base: &Base, config: &TrainConfig) -> u64 {
    let shape = base.inner.model.config();
    if let Model::Device(_) = base.inner.model {
        return card::need(shape, base.info().vocabulary, config);
    }
    let tokens = config.batch_tokens.max(config.length.min(shape.context));
    let bytes = |numbers: usize| 4 * numbers as u64;
    let (width, layers) = (shape.width, shape.layers as u64);
    let lengths = matches!(config.method, Method::Dora(_));
    let outputs =
        shape.after_norms || lengths || matches!(config.method, Method::Bottleneck { .. });
    // The inputs of all layers, and all that some of them computed.
    let input = bytes(tokens * width);
    let each = kept_bytes(shape, tokens, outputs) as u64 - input;
    let whole = (config.keep_bytes as u64 / each.max(1)).min(layers);
    let kept = input * layers + each * whole;
    // The layer whose gradient is worked out: what it computed, where that was not kept, and what stands beside that in
    // the larger of its parts, attention and feed-forward.
    let (heads, groups) = (shape.heads * shape.head, shape.kv_heads * shape.head);
    let attention = 5 * heads + 6 * groups + 2 * width;
    let forward = 3 * shape.inner + 3 * width;
    let again = if whole < layers { each } else { 0 };
    let layer = again + bytes(tokens * attention.max(forward));
    // Before that the scores, once more in halves where they are multiplied so.
    let mixed = config.precision == Precision::Mixed && Tier::best().has_brains();
    let scores = bytes(SCORES.max(base.info().vocabulary));
    let halves = if mixed { scores / 2 } else { 0 };
    let scores = scores + halves + 3 * input;
    let sizes = Target::ALL.map(|target| target.shape(shape));
    let largest = sizes.iter().map(|(outputs, inputs)| outputs * inputs).max();
    let unpacked = match lengths {
        true => 2 * bytes(largest.unwrap_or(0).min(UNPACKED)),
        false => 0,
    };
    let learnt = bytes(learnt(shape, &config.method));
    let step = COPIES * learnt + kept + layer.max(scores) + unpacked;
    let most = step.max(COPIES_SAVED * learnt);
    SPARE + most + most / 50
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
