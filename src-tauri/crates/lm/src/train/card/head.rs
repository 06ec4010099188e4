//! The end of the way: the scores of the next token, their loss, and its gradient.

use candle_core::{Result, Tensor};

use crate::train::batch::{Batch, NOTHING};

use super::Card;
use super::layout::{number, with_zeros};

/// Scores held at a time, in numbers: 128 MB in single precision.
pub const SCORES: usize = 32 << 20;

/// The losses of wanted tokens, still on the card.
pub struct Losses {
    /// The places of the tokens in the batch.
    pub rows: Vec<usize>,
    /// (N) for each of some parts, in nats.
    pub losses: Vec<Tensor>,
    /// (N) tokens the model would have put there itself; only where no gradient was wanted.
    pub tops: Vec<Tensor>,
}

impl Losses {
    /// Their sum, in nats.
    pub fn sum(&self) -> Result<f64> {
        let mut sum = 0.0;
        for part in &self.losses {
            sum += part
                .to_vec1::<f32>()?
                .into_iter()
                .map(f64::from)
                .sum::<f64>();
        }
        Ok(sum)
    }
}

impl Card<'_> {
    /// The losses after `x` (T, C); where a weight is given, also the gradient of `x`, times that weight.
    pub(super) fn head(
        &self,
        batch: &Batch,
        x: &Tensor,
        weight: Option<f64>,
    ) -> Result<(Losses, Option<Tensor>)> {
        // Only tokens with something to learn from get scores, and not all at a time.
        let wanted: Vec<usize> = (0..batch.targets.len())
            .filter(|at| batch.targets[*at] != NOTHING)
            .collect();
        let mut found = Losses {
            rows: Vec::new(),
            losses: Vec::new(),
            tops: Vec::new(),
        };
        let mut back = Vec::new();
        let cap = self.model.config.final_cap.map(f64::from);
        let vocabulary = self.head.dim(0)?;
        for rows in wanted.chunks((SCORES / vocabulary).max(1)) {
            let places: Vec<u32> = rows.iter().map(|row| number(*row)).collect();
            let targets: Vec<u32> = rows.iter().map(|row| batch.targets[*row]).collect();
            let places = Tensor::from_vec(places, rows.len(), &self.device)?;
            let targets = Tensor::from_vec(targets, (rows.len(), 1), &self.device)?;
            let part = x.index_select(&places, 0)?;
            let normed = self.rows.norm(&self.norm, &part)?;
            let scores = normed.matmul(&self.head.t()?)?;
            let one = self.rows.cross_entropy(&scores, &targets, cap, weight)?;
            found.losses.push(one.losses);
            found.tops.extend(one.tops);
            if let Some(dscores) = one.back {
                let dnormed = dscores.matmul(&self.head)?;
                back.push(self.rows.norm_back(&self.norm, &part, &dnormed, None)?);
            }
        }
        let dx = match (weight, back.is_empty()) {
            (None, _) => None,
            (Some(_), true) => Some(x.zeros_like()?),
            (Some(_), false) => {
                let back = with_zeros(&Tensor::cat(&back, 0)?)?;
                // The row of each token among those of the wanted ones; the zeros behind them where it is none.
                let mut places = vec![number(wanted.len()); batch.targets.len()];
                for (at, row) in wanted.iter().enumerate() {
                    places[*row] = number(at);
                }
                let count = places.len();
                let places = Tensor::from_vec(places, count, &self.device)?;
                Some(back.index_select(&places, 0)?)
            }
        };
        found.rows = wanted;
        Ok((found, dx))
    }
}
