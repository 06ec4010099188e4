//! Dropout on a card: the numbers of a step are drawn once, and each group of updates reads them from a place of its own.

use candle_core::{DType, Result, Tensor};

use crate::random::Random;

use super::Card;
use super::weights::Group;

/// Places that a group may begin to read at.
const PLACES: u64 = 1 << 16;

/// What is dropped in a step.
pub struct Drops {
    /// Zero for what is dropped, and by how much the rest grows.
    numbers: Tensor,
    seed: u64,
}

impl Drops {
    /// Draws for a batch of so many tokens.
    pub fn new(card: &Card<'_>, tokens: usize, part: f32, seed: u64) -> Result<Drops> {
        let config = &card.model.config;
        let widest = Group::ALL.map(|group| group.shape(config).1);
        let widest = widest.into_iter().max().unwrap_or(0);
        let keep = 1.0 - part;
        let mut random = Random::new(seed ^ 0x6472_6f70_6f75_7421);
        let count = tokens * widest + usize::try_from(PLACES).unwrap_or(0);
        let drawn = (0..count).map(|_| match random.unit() < keep {
            true => 1.0 / keep,
            false => 0.0,
        });
        let drawn: Vec<f32> = drawn.collect();
        let numbers = Tensor::from_vec(drawn, count, &card.device)?.to_dtype(DType::F32)?;
        Ok(Drops {
            numbers: numbers.to_dtype(card.dtype)?,
            seed,
        })
    }

    /// Drops numbers of rows, the same ones for the same group in the same step.
    pub fn drop(&self, group: usize, x: &Tensor) -> Result<Tensor> {
        let salt = (group as u64 + 1).wrapping_mul(0x5851_f42d_4c95_7f2d);
        let place = Random::new(self.seed ^ salt).next() % PLACES;
        let from = usize::try_from(place).unwrap_or(0);
        let mask = self.numbers.narrow(0, from, x.elem_count())?;
        x * mask.reshape(x.dims())?
    }
}
