//! Gradients of the work on rows: of norms, rotary embeddings, gates and softmax.

use crate::engine::rows::turn;
use crate::engine::{Activation, Pairs};
use crate::kernels::tanh;
use crate::lanes::{exp, sum_of};

/// The sum of `map` over pairs, in eight lanes in a fixed order.
#[inline(always)]
fn sum_of_both(a: &[f32], b: &[f32], map: impl Fn(f32, f32) -> f32) -> f32 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut lanes = [0f32; 8];
    for (a, b) in a.iter().zip(b) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += map(*a, *b);
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| map(*a, *b)).sum();
    lanes.iter().sum::<f32>() + rest
}

/// Adds to `dx` the gradient of the input of `y = x · r · weight` with `r = 1 / sqrt(mean(x²) + eps)`:
/// `r · (weight · dy) − x · r³ · mean(x · weight · dy)`.
pub struct NormBack<'a> {
    pub x: &'a [f32],
    pub weight: &'a [f32],
    pub eps: f32,
    pub dy: &'a [f32],
    pub dx: &'a mut [f32],
}

impl pulp::NullaryFnOnce for NormBack<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let width = self.weight.len();
        let rows = self.x.chunks_exact(width).zip(self.dy.chunks_exact(width));
        for ((x, dy), dx) in rows.zip(self.dx.chunks_exact_mut(width)) {
            norm_back(x, self.weight, self.eps, dy, dx);
        }
    }
}

#[inline(always)]
fn norm_back(x: &[f32], weight: &[f32], eps: f32, dy: &[f32], dx: &mut [f32]) {
    let width = weight.len() as f32;
    let scale = 1.0 / (sum_of(x, |x| x * x) / width + eps).sqrt();
    // The weighted gradient is needed twice; `dx` may hold a sum already, so it is computed twice.
    let mut lanes = [0f32; 8];
    for (n, ((x, weight), dy)) in x.iter().zip(weight).zip(dy).enumerate() {
        lanes[n % 8] += x * weight * dy;
    }
    let mean = lanes.iter().sum::<f32>() / width;
    let pull = scale * scale * scale * mean;
    for (((dx, x), weight), dy) in dx.iter_mut().zip(x).zip(weight).zip(dy) {
        *dx += scale * weight * dy - x * pull;
    }
}

/// Turns gradients of turned heads into those of the heads before they were normed and turned.
pub struct TurnBack<'a> {
    /// Gradients, which are overwritten.
    pub rows: &'a mut [f32],
    /// The heads before; looked at only where they were normed.
    pub before: &'a [f32],
    pub width: usize,
    pub norm: Option<(&'a [f32], f32)>,
    pub cos: &'a [f32],
    pub sin: &'a [f32],
    pub half: usize,
    pub pairs: Pairs,
}

impl pulp::NullaryFnOnce for TurnBack<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let size = 2 * self.half;
        let mut normed = vec![0f32; size];
        // A rotation is undone by the opposite one, and that is its gradient too.
        let back: Vec<f32> = self.sin.iter().map(|sin| -sin).collect();
        let angles = self
            .cos
            .chunks_exact(self.half)
            .zip(back.chunks_exact(self.half));
        let rows = self
            .rows
            .chunks_exact_mut(self.width)
            .zip(self.before.chunks_exact(self.width));
        for ((row, before), (cos, sin)) in rows.zip(angles) {
            for (head, before) in row.chunks_exact_mut(size).zip(before.chunks_exact(size)) {
                turn(head, cos, sin, self.pairs);
                if let Some((weight, eps)) = self.norm {
                    normed.fill(0.0);
                    norm_back(before, weight, eps, head, &mut normed);
                    head.copy_from_slice(&normed);
                }
            }
        }
    }
}

/// Turns `gate` and `up` of `y = activation(gate) · up` into their gradients.
pub struct GateBack<'a> {
    pub gate: &'a mut [f32],
    pub up: &'a mut [f32],
    pub dy: &'a [f32],
    pub by: Activation,
}

impl pulp::NullaryFnOnce for GateBack<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let all = self.gate.iter_mut().zip(self.up).zip(self.dy);
        match self.by {
            Activation::Silu => {
                for ((gate, up), dy) in all {
                    let (x, u) = (*gate, *up);
                    let sigmoid = 1.0 / (1.0 + exp(-x));
                    *up = dy * x * sigmoid;
                    *gate = dy * u * sigmoid * (1.0 + x * (1.0 - sigmoid));
                }
            }
            Activation::GeluTanh => {
                for ((gate, up), dy) in all {
                    let (x, u) = (*gate, *up);
                    let t = tanh(0.797_884_6 * x * (1.0 + 0.044_715 * x * x));
                    let inner = 0.797_884_6 * (1.0 + 3.0 * 0.044_715 * x * x);
                    *up = dy * 0.5 * x * (1.0 + t);
                    *gate = dy * u * 0.5 * (1.0 + t + x * (1.0 - t * t) * inner);
                }
            }
        }
    }
}

/// Scores to weights: each row is capped where the model does so, and becomes a softmax over the numbers it sees.
pub struct Softmax<'a> {
    /// Rows of `width` scores.
    pub scores: &'a mut [f32],
    pub width: usize,
    /// What each row sees: the numbers from the first to before the second.
    pub seen: &'a [(usize, usize)],
    pub cap: Option<f32>,
    /// Gets the slopes of the caps where there is one.
    pub slopes: &'a mut [f32],
}

impl pulp::NullaryFnOnce for Softmax<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        if let Some(cap) = self.cap {
            for (x, slope) in self.scores.iter_mut().zip(self.slopes) {
                let t = tanh(*x / cap);
                (*x, *slope) = (cap * t, 1.0 - t * t);
            }
        }
        for (row, (from, to)) in self.scores.chunks_exact_mut(self.width).zip(self.seen) {
            row[..*from].fill(0.0);
            row[*to..].fill(0.0);
            let row = &mut row[*from..*to];
            let mut largest = [f32::NEG_INFINITY; 8];
            let (eights, rest) = row.as_chunks::<8>();
            for eight in eights {
                for (lane, x) in largest.iter_mut().zip(eight) {
                    *lane = lane.max(*x);
                }
            }
            let largest = largest
                .iter()
                .chain(rest)
                .fold(f32::NEG_INFINITY, |a, x| a.max(*x));
            row.iter_mut().for_each(|x| *x = exp(*x - largest));
            let scale = 1.0 / sum_of(row, |x| x);
            row.iter_mut().for_each(|x| *x *= scale);
        }
    }
}

/// Turns gradients of the weights of a softmax into gradients of the scores: `w · (dw − Σ w · dw)`, times the slopes of the
/// caps.
pub struct SoftmaxBack<'a> {
    pub weights: &'a [f32],
    /// Gradients of the weights, which are overwritten.
    pub gradients: &'a mut [f32],
    pub width: usize,
    /// Empty where there is no cap.
    pub slopes: &'a [f32],
}

impl pulp::NullaryFnOnce for SoftmaxBack<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let rows = self.weights.chunks_exact(self.width);
        for (weights, gradients) in rows.zip(self.gradients.chunks_exact_mut(self.width)) {
            let sum = sum_of_both(weights, gradients, |w, dw| w * dw);
            for (w, dw) in weights.iter().zip(gradients) {
                *dw = w * (*dw - sum);
            }
        }
        for (x, slope) in self.gradients.iter_mut().zip(self.slopes) {
            *x *= slope;
        }
    }
}
