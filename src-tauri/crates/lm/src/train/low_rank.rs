//! A low-rank update of one product: LoRA, DoRA and AdaLoRA.
//!
//! With `u = drop(x) · Aᵀ`, for AdaLoRA times λ, the product becomes `x · Wᵀ + s · u · Bᵀ`; for DoRA each output is then
//! multiplied by `m / |W + s · B · A|`, the length of its row. As in the paper (and in PEFT) that length counts as a constant
//! in the gradient.

use crate::kernels::{Put, Right, View};
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

    /// The updated product (T, outputs), with its bias.
    pub fn forward(&self, site: &Site<'_>) -> Vec<f32> {
        let rank = self.rank(site.parameters);
        let outputs = site.weights.rows();
        let (_, mut low) = self.low(site, &self.seen(site));
        low.iter_mut().for_each(|x| *x *= self.scale);
        let b = View::new(&site.parameters[self.b].values, rank).transposed();
        let mut y = vec![0f32; low.len() / rank * outputs];
        let terms = [(site.x, site.weights.turned()), (&low[..], Right::Plain(b))];
        site.ops.tiled(&mut y, outputs, &terms, Put::Over);
        if let Some(bias) = site.bias {
            site.ops.add_to_rows(&mut y, bias);
        }
        if let Some(factors) = self.factors(site) {
            site.ops.by_rows(&mut y, outputs, &|_, rows| {
                for row in rows.chunks_exact_mut(outputs) {
                    scale_row(row, &factors, site.bias);
                }
            });
        }
        y
    }

    /// Adds the gradients of the matrices to `gradients`, given the output and its gradient; turns `dy` into the gradient of
    /// the plain product. What comes back, times A, is the gradient of the input of the update.
    pub fn backward(
        &self,
        site: &Site<'_>,
        y: &[f32],
        dy: &mut [f32],
        gradients: &mut [Vec<f32>],
    ) -> Vec<f32> {
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
        let seen = self.seen(site);
        let (plain, mut low) = self.low(site, &seen);
        low.iter_mut().for_each(|x| *x *= self.scale);
        // dB = s · dyᵀ · u and dA = gᵀ · x; the first is computed as its own transpose, so that the small matrix is always
        // the one on the left, and the large one is read once.
        let mut turned = vec![0f32; rank * outputs];
        let terms = [(&transposed(&low, rank)[..], plain_of(dy, outputs))];
        site.ops.tiled(&mut turned, outputs, &terms, Put::Over);
        let gradient = &mut gradients[self.b];
        for (row, gradient) in gradient.chunks_exact_mut(rank).enumerate() {
            for (n, gradient) in gradient.iter_mut().enumerate() {
                *gradient += turned[n * outputs + row];
            }
        }
        let mut inner = vec![0f32; low.len()];
        let terms = [(dy, plain_of(&site.parameters[self.b].values, rank))];
        site.ops.tiled(&mut inner, rank, &terms, Put::Over);
        inner.iter_mut().for_each(|x| *x *= self.scale);
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
        let terms = [(&transposed(&inner, rank)[..], plain_of(&seen, inputs))];
        site.ops
            .tiled(&mut gradients[self.a], inputs, &terms, Put::Onto);
        inner
    }

    /// A, for the gradient of the input.
    pub fn inputs<'a>(&self, parameters: &'a [Parameter]) -> Right<'a> {
        let a = &parameters[self.a];
        plain_of(&a.values, a.shape.1)
    }

    /// Whether something is dropped: then `inner · A`, which [`Update::backward`] is about, is computed here and added to
    /// `dx`.
    pub fn add_dropped(&self, site: &Site<'_>, inner: &[f32], dx: &mut [f32]) -> bool {
        let Some(seed) = self.drawn(site) else {
            return false;
        };
        let inputs = site.weights.columns();
        let mut part = vec![0f32; dx.len()];
        let terms = [(inner, self.inputs(site.parameters))];
        site.ops.tiled(&mut part, inputs, &terms, Put::Over);
        self.drop(site.ops, seed, inputs, &mut part);
        site.ops.add(dx, &part);
        true
    }

    /// `u` before and after λ: (T, rank).
    fn low(&self, site: &Site<'_>, seen: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let (rank, inputs) = (self.rank(site.parameters), site.weights.columns());
        let mut plain = vec![0f32; seen.len() / inputs * rank];
        let a = View::new(&site.parameters[self.a].values, inputs).transposed();
        site.ops
            .tiled(&mut plain, rank, &[(seen, Right::Plain(a))], Put::Over);
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
        let mut lengths = vec![0f32; weights.rows()];
        let inputs = weights.columns();
        self.updated(ops, parameters, weights, &mut |first, rows| {
            let lengths = &mut lengths[first..][..rows.len() / inputs];
            ops.by_rows(lengths, 1, &|from, lengths| {
                let rows = rows[from * inputs..].chunks_exact(inputs);
                for (length, row) in lengths.iter_mut().zip(rows) {
                    *length = row.iter().map(|x| x * x).sum::<f32>().sqrt();
                }
            });
        });
        lengths
    }

    /// Calls `each` with the rows of `W + s · B · A`, some at a time, and the number of the first of them.
    pub fn updated(
        &self,
        ops: &Ops,
        parameters: &[Parameter],
        weights: Weights<'_>,
        each: &mut dyn FnMut(usize, &mut [f32]),
    ) {
        let (rank, inputs) = (self.rank(parameters), weights.columns());
        let (a, b) = self.plain(parameters);
        let a = View::new(&a, inputs);
        ops.stripes(weights, &mut |first, numbers| {
            let mut rows = numbers.to_vec();
            let b = View::new(&b[first * rank..], rank).rows(0, numbers.len() / inputs);
            ops.product(&mut rows, inputs, b, a, self.scale, Put::Onto);
            each(first, &mut rows);
        });
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

/// Rows of `columns` numbers as the right side of a product.
fn plain_of(numbers: &[f32], columns: usize) -> Right<'_> {
    Right::Plain(View::new(numbers, columns))
}

/// The columns of narrow rows, one after another.
fn transposed(numbers: &[f32], columns: usize) -> Vec<f32> {
    let rows = numbers.len() / columns;
    let mut out = vec![0f32; numbers.len()];
    for (n, row) in numbers.chunks_exact(columns).enumerate() {
        for (column, x) in row.iter().enumerate() {
            out[column * rows + n] = *x;
        }
    }
    out
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
