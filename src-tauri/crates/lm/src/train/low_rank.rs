//! A low-rank update of one product: LoRA, DoRA and AdaLoRA.
//!
//! With `u = drop(x) · Aᵀ`, for AdaLoRA times λ, the product becomes `x · Wᵀ + s · u · Bᵀ`; for DoRA each output is then
//! multiplied by `m / |W + s · B · A|`, the length of its row. As in the paper (and in PEFT) that length counts as a constant
//! in the gradient.

use crate::kernels::{Put, View};
use crate::random::Random;

use super::ops::{Ops, Weights};
use super::parameters::Parameter;

/// Where the matrices of an update are, in a list of parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Update {
    /// A: (rank, inputs).
    pub a: usize,
    /// B: (outputs, rank).
    pub b: usize,
    /// λ: (rank, 1), in AdaLoRA.
    pub lambda: Option<usize>,
    /// m: (outputs, 1), in DoRA.
    pub magnitude: Option<usize>,
    /// What the update is multiplied by.
    pub scale: f32,
    /// Part of the inputs that it does not see.
    pub dropout: f32,
}

/// What an update has to do with in one step.
pub struct Site<'a> {
    pub ops: &'a Ops,
    pub parameters: &'a [Parameter],
    /// (T, inputs).
    pub x: &'a [f32],
    /// The product's own weights and bias.
    pub weights: Weights<'a>,
    pub bias: Option<&'a [f32]>,
    /// What dropout draws from; none where nothing is dropped.
    pub seed: Option<u64>,
}

impl Update {
    fn rank(&self, parameters: &[Parameter]) -> usize {
        parameters[self.a].shape.0
    }

    /// Adds the update to `y`, the product with its bias.
    pub fn forward(&self, site: &Site<'_>, y: &mut [f32]) {
        let rank = self.rank(site.parameters);
        let outputs = site.weights.rows();
        let (_, low) = self.low(site, &self.seen(site));
        let b = View::new(&site.parameters[self.b].values, rank).transposed();
        site.ops
            .product(y, outputs, View::new(&low, rank), b, self.scale, Put::Onto);
        if let Some(factors) = self.factors(site) {
            site.ops.by_rows(y, outputs, &|_, rows| {
                for row in rows.chunks_exact_mut(outputs) {
                    scale_row(row, &factors, site.bias);
                }
            });
        }
    }

    /// Adds the gradients of the matrices to `gradients` and that of the input to `dx`, given the output and its gradient;
    /// turns `dy` into the gradient of the plain product.
    pub fn backward(
        &self,
        site: &Site<'_>,
        y: &[f32],
        dy: &mut [f32],
        dx: &mut [f32],
        gradients: &mut [Vec<f32>],
    ) {
        let rank = self.rank(site.parameters);
        let (outputs, inputs) = (site.weights.rows(), site.weights.columns());
        if let (Some(factors), Some(magnitude)) = (self.factors(site), self.magnitude) {
            // The gradient of m / |row| · z is z / |row|, and z · m / |row| is what was put out.
            let lengths = &site.parameters[magnitude].values;
            let gradient = &mut gradients[magnitude];
            for (y, dy) in y.chunks_exact(outputs).zip(dy.chunks_exact(outputs)) {
                for (n, (y, dy)) in y.iter().zip(dy).enumerate() {
                    let bias = site.bias.map_or(0.0, |bias| bias[n]);
                    gradient[n] += dy * (y - bias) / lengths[n];
                }
            }
            site.ops.by_rows(dy, outputs, &|_, rows| {
                for row in rows.chunks_exact_mut(outputs) {
                    row.iter_mut()
                        .zip(&factors)
                        .for_each(|(dy, factor)| *dy *= factor);
                }
            });
        }
        let dy = &*dy;
        let tokens = dy.len() / outputs;
        let seen = self.seen(site);
        let (plain, low) = self.low(site, &seen);
        // dB = s · dyᵀ · u, shared by its rows.
        let turned = View::new(dy, outputs).transposed();
        site.ops.product(
            &mut gradients[self.b],
            rank,
            turned,
            View::new(&low, rank),
            self.scale,
            Put::Onto,
        );
        let mut inner = vec![0f32; tokens * rank];
        let b = View::new(&site.parameters[self.b].values, rank);
        site.ops.product(
            &mut inner,
            rank,
            View::new(dy, outputs),
            b,
            self.scale,
            Put::Over,
        );
        if let Some(lambda) = self.lambda {
            let values = &site.parameters[lambda].values;
            let gradient = &mut gradients[lambda];
            for (inner, plain) in inner.chunks_exact_mut(rank).zip(plain.chunks_exact(rank)) {
                for n in 0..rank {
                    gradient[n] += inner[n] * plain[n];
                    inner[n] *= values[n];
                }
            }
        }
        // dA = gᵀ · x, computed as its own transpose so that there are rows enough to share.
        let mut turned = vec![0f32; inputs * rank];
        let x = View::new(&seen, inputs).transposed();
        site.ops.product(
            &mut turned,
            rank,
            x,
            View::new(&inner, rank),
            1.0,
            Put::Over,
        );
        for (row, gradient) in gradients[self.a].chunks_exact_mut(inputs).enumerate() {
            for (column, gradient) in gradient.iter_mut().enumerate() {
                *gradient += turned[column * rank + row];
            }
        }
        let a = View::new(&site.parameters[self.a].values, inputs);
        match self.drawn(site) {
            None => site
                .ops
                .product(dx, inputs, View::new(&inner, rank), a, 1.0, Put::Onto),
            Some(seed) => {
                let mut part = vec![0f32; dx.len()];
                site.ops.product(
                    &mut part,
                    inputs,
                    View::new(&inner, rank),
                    a,
                    1.0,
                    Put::Over,
                );
                self.drop(site.ops, seed, inputs, &mut part);
                site.ops.add(dx, &part);
            }
        }
    }

    /// `u` before and after λ: (T, rank).
    fn low(&self, site: &Site<'_>, seen: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let (rank, inputs) = (self.rank(site.parameters), site.weights.columns());
        let mut plain = vec![0f32; seen.len() / inputs * rank];
        let a = View::new(&site.parameters[self.a].values, inputs).transposed();
        site.ops
            .product(&mut plain, rank, View::new(seen, inputs), a, 1.0, Put::Over);
        let mut low = plain.clone();
        if let Some(lambda) = self.lambda {
            for row in low.chunks_exact_mut(rank) {
                row.iter_mut()
                    .zip(&site.parameters[lambda].values)
                    .for_each(|(x, lambda)| *x *= lambda);
            }
        }
        (plain, low)
    }

    /// What the factors of DoRA are: `m / |W + s · B · A|` of each row.
    fn factors(&self, site: &Site<'_>) -> Option<Vec<f32>> {
        let magnitude = &site.parameters[self.magnitude?].values;
        let lengths = self.lengths(site.ops, site.parameters, site.weights);
        Some(
            magnitude
                .iter()
                .zip(&lengths)
                .map(|(m, length)| m / length)
                .collect(),
        )
    }

    /// The length of each row of the updated weights.
    pub fn lengths(&self, ops: &Ops, parameters: &[Parameter], weights: Weights<'_>) -> Vec<f32> {
        let (rank, inputs) = (self.rank(parameters), weights.columns());
        let mut lengths = vec![0f32; weights.rows()];
        let (a, b) = (&parameters[self.a].values, &parameters[self.b].values);
        let a = View::new(a, inputs);
        ops.stripes(weights, &mut |first, numbers| {
            let mut rows = numbers.to_vec();
            let b = View::new(&b[first * rank..], rank).rows(0, numbers.len() / inputs);
            ops.product(&mut rows, inputs, b, a, self.scale, Put::Onto);
            ops.by_rows(
                &mut lengths[first..][..numbers.len() / inputs],
                1,
                &|from, lengths| {
                    let rows = rows[from * inputs..].chunks_exact(inputs);
                    for (length, row) in lengths.iter_mut().zip(rows) {
                        *length = row.iter().map(|x| x * x).sum::<f32>().sqrt();
                    }
                },
            );
        });
        lengths
    }

    /// The input as the update sees it.
    fn seen<'a>(&self, site: &Site<'a>) -> std::borrow::Cow<'a, [f32]> {
        match self.drawn(site) {
            None => site.x.into(),
            Some(seed) => {
                let mut x = site.x.to_vec();
                self.drop(site.ops, seed, site.weights.columns(), &mut x);
                x.into()
            }
        }
    }

    /// What this update draws from.
    fn drawn(&self, site: &Site<'_>) -> Option<u64> {
        let seed = site.seed.filter(|_| self.dropout > 0.0)?;
        Some(seed ^ (self.a as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// Drops numbers, the same ones for the same seed, and makes the others larger by as much.
    fn drop(&self, ops: &Ops, seed: u64, width: usize, numbers: &mut [f32]) {
        let keep = 1.0 - self.dropout;
        ops.by_rows(numbers, width, &|first, rows| {
            for (row, numbers) in rows.chunks_exact_mut(width).enumerate() {
                let mut random = Random::new(
                    seed.wrapping_add(((first + row) as u64).wrapping_mul(0x5851_f42d_4c95_7f2d)),
                );
                for x in numbers {
                    *x *= if random.unit() < keep {
                        1.0 / keep
                    } else {
                        0.0
                    };
                }
            }
        });
    }
}

/// Multiplies what is not the bias.
fn scale_row(row: &mut [f32], factors: &[f32], bias: Option<&[f32]>) {
    match bias {
        None => row
            .iter_mut()
            .zip(factors)
            .for_each(|(y, factor)| *y *= factor),
        Some(bias) => {
            for ((y, factor), bias) in row.iter_mut().zip(factors).zip(bias) {
                *y = (*y - bias) * factor + bias;
            }
        }
    }
}
