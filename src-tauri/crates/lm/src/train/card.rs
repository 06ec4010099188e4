//! Training on a graphics card: low-rank updates, with gradients written out by hand over candle's tensors.
//!
//! The base is unpacked once into bf16 on the card (single precision where that has no bf16, and on candle's own
//! processor, where tests hold it against [`super::pass`]). Norms, softmax and losses are in single precision; what is
//! learnt stays with the processor in single precision, and goes to the card at each step and its gradients back. Candle's
//! own gradients are not used: they compute one for the weights of the base too, and stop without a word at fused
//! operators.

mod attention;
mod drops;
mod factors;
mod head;
#[cfg(feature = "cuda")]
mod kernels;
mod layout;
mod pass;
mod plain;
mod rows;
#[cfg(test)]
mod tests;
mod weights;

use candle_core::{DType, Device, Tensor};

use crate::config::Config;
use crate::device;
use crate::engine::Tensors;
use crate::error::{Error, Result};
use crate::transformer::Transformer;

use super::batch::Batch;
use super::method::{LowRank, Method, TrainConfig};
use super::places::Learnt;
use rows::{Norm, Rows};
use weights::{Group, Weights, norm_of};

/// A model on a card, as training multiplies it.
pub struct Card<'a> {
    model: &'a Transformer<Tensors>,
    device: Device,
    /// The numbers of the products.
    dtype: DType,
    /// Who works on rows.
    rows: Rows,
    layers: Vec<Weights>,
    norm: Norm,
    /// (V, C).
    head: Tensor,
    /// Bytes that may be taken to keep what layers computed.
    keep: usize,
}

impl<'a> Card<'a> {
    /// Unpacks the weights of a model. `keep` are the bytes it may keep of what layers computed where the device does not
    /// say what it has; else half of what is free is kept.
    ///
    /// # Errors
    /// The card has no room for the weights.
    pub fn new(model: &'a Transformer<Tensors>, keep: usize) -> Result<Card<'a>> {
        let device = model.engine.device().clone();
        let dtype = device::numbers(&device);
        let eps = model.config.eps;
        let layers = model.layers.iter();
        let layers = layers.map(|layer| Weights::of(layer, eps, dtype));
        let layers = layers.collect::<candle_core::Result<_>>()?;
        let head = model.head.weights.plain(dtype)?;
        device::give_back(&device);
        let keep = match device::free(&device) {
            Some(free) => usize::try_from(free / 2).unwrap_or(usize::MAX),
            None => keep,
        };
        Ok(Card {
            norm: norm_of(&model.norm, eps),
            rows: Rows::on(&device, dtype),
            model,
            device,
            dtype,
            layers,
            head,
            keep,
        })
    }

    /// The shape of the model.
    pub fn config(&self) -> &'a Config {
        &self.model.config
    }

    /// Rows of the table of the tokens (T, C).
    fn embed(&self, batch: &Batch) -> candle_core::Result<Tensor> {
        let scale = self.model.config.embedding_scale;
        if !self.model.tied {
            // The table is in the computer's own memory only.
            let rows = crate::engine::Engine::embed(
                &self.model.engine,
                &self.model.embedding,
                &batch.tokens,
                scale,
            )?;
            return rows.to_dtype(self.dtype);
        }
        let count = batch.tokens.len();
        let tokens = Tensor::from_slice(&batch.tokens, count, &self.device)?;
        let rows = self.head.index_select(&tokens, 0)?;
        if (scale - 1.0).abs() < f32::EPSILON {
            return Ok(rows);
        }
        let rows = (rows.to_dtype(DType::F32)? * f64::from(scale))?;
        rows.to_dtype(self.dtype)
    }

    /// Bytes that a layer keeps of a batch.
    fn kept_bytes(&self, batch: &Batch) -> usize {
        let longest = batch.texts.iter().copied().max().unwrap_or(0);
        let tokens = batch.tokens.len().max(batch.texts.len() * longest);
        kept_numbers(&self.model.config, tokens, longest) * self.dtype.size_in_bytes()
    }
}

impl Drop for Card<'_> {
    fn drop(&mut self) {
        // What the last layers kept is freed by now; the weights go with the next who gives back.
        device::give_back(&self.device);
    }
}

/// Numbers that a layer keeps of so many tokens, in texts of a length.
fn kept_numbers(config: &Config, tokens: usize, length: usize) -> usize {
    let (heads, groups) = (config.heads * config.head, config.kv_heads * config.head);
    let rows = 6 * config.width + 3 * heads + 4 * groups + 3 * config.inner;
    tokens * (rows + config.heads * length)
}

/// Refuses what is not learnt on a card, or not yet: what is not made of low-rank updates alone.
///
/// # Errors
/// [`Error::NotOnCard`].
pub fn able(learnt: &Learnt) -> Result<()> {
    let plain = |learnt: &Learnt| {
        let places = learnt.layers.iter().all(|places| {
            let updates = places.updates.iter().flatten();
            places.whole.iter().all(Option::is_none)
                && places.norms.iter().all(Option::is_none)
                && places.bottlenecks.iter().all(Option::is_none)
                && places.prefix.is_none()
                && { updates }.all(|update| update.lambda.is_none() && update.magnitude.is_none())
        });
        places && learnt.norm.is_none()
    };
    match learnt.method.on_card() && plain(learnt) {
        true => Ok(()),
        false => Err(refused(&learnt.method)),
    }
}

/// The low-rank updates of a method that is learnt on a card.
///
/// # Errors
/// [`Error::NotOnCard`] for other methods.
pub fn updates(method: &Method) -> Result<&LowRank> {
    match method {
        Method::Lora(low) => Ok(low),
        other => Err(refused(other)),
    }
}

fn refused(method: &Method) -> Error {
    let what = match method {
        Method::Lora(_) => "an adapter that is more than low-rank updates",
        Method::Dora(_) => "DoRA",
        Method::AdaLora { .. } => "AdaLoRA",
        Method::Bottleneck { .. } => "small layers",
        Method::Prefix { .. } => "learnt keys and values",
        Method::Full => "all weights",
    };
    Error::NotOnCard {
        what: what.to_owned(),
    }
}

/// What freed memory and the libraries of a card take, measured on none yet: a guess on the safe side.
const SPARE: u64 = 512 << 20;

/// Bytes that a training takes on a card besides the weights the base has there, where every layer is computed again on
/// the way back; where there is room, what layers computed is kept instead.
pub fn need(shape: &Config, vocabulary: usize, config: &TrainConfig) -> u64 {
    // Two bytes a number in bf16. A card without it takes twice as many.
    let bytes = |numbers: usize| 2 * numbers as u64;
    let tokens = config.batch_tokens.max(config.length.min(shape.context));
    let length = config.length.min(shape.context).min(tokens);
    let groups = Group::ALL.map(|group| group.shape(shape));
    let products = groups.map(|(outputs, inputs)| outputs * inputs);
    let layer = products.into_iter().sum::<usize>();
    let weights = bytes(layer * shape.layers + vocabulary * shape.width);
    let inputs = bytes(tokens * shape.width * shape.layers);
    // The layer whose gradient is worked out, and as much again in single precision while that is done.
    let one = 4 * bytes(kept_numbers(shape, tokens, length));
    let scores = 4 * 4 * head::SCORES.max(vocabulary) as u64;
    let learnt = match &config.method {
        Method::Lora(low) => {
            let each = |(outputs, inputs): (usize, usize)| 3 * low.rank * (outputs + inputs);
            12 * (groups.map(each).into_iter().sum::<usize>() * shape.layers) as u64
        }
        _ => 0,
    };
    SPARE + weights + inputs + one.max(scores) + learnt
}
