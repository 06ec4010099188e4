//! Work on rows of numbers that needs no other row: norms, rotary embeddings, gates.

use super::{Activation, Pairs};
use crate::kernels::tanh;
use crate::lanes::{exp, sum_of};

/// The work of a norm; a type of its own for the reason that stands at [`crate::lanes`].
pub struct NormAll<'a> {
    pub x: &'a [f32],
    pub weight: &'a [f32],
    pub eps: f32,
    pub out: &'a mut [f32],
}

impl pulp::NullaryFnOnce for NormAll<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let width = self.weight.len();
        let rows = self.x.chunks_exact(width);
        for (x, out) in rows.zip(self.out.chunks_exact_mut(width)) {
            let scale = 1.0 / (sum_of(x, |x| x * x) / width as f32 + self.eps).sqrt();
            for ((out, x), weight) in out.iter_mut().zip(x).zip(self.weight) {
                *out = x * scale * weight;
            }
        }
    }
}

/// Norms the heads of tokens where the model does so, and turns them.
pub struct TurnAll<'a> {
    pub rows: &'a mut [f32],
    pub width: usize,
    pub norm: Option<(&'a [f32], f32)>,
    pub cos: &'a [f32],
    pub sin: &'a [f32],
    pub half: usize,
    pub pairs: Pairs,
}

impl pulp::NullaryFnOnce for TurnAll<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let size = 2 * self.half;
        let angles = self
            .cos
            .chunks_exact(self.half)
            .zip(self.sin.chunks_exact(self.half));
        for (row, (cos, sin)) in self.rows.chunks_exact_mut(self.width).zip(angles) {
            for head in row.chunks_exact_mut(size) {
                if let Some((weight, eps)) = self.norm {
                    let scale = 1.0 / (sum_of(head, |x| x * x) / size as f32 + eps).sqrt();
                    for (x, weight) in head.iter_mut().zip(weight) {
                        *x = *x * scale * weight;
                    }
                }
                turn(head, cos, sin, self.pairs);
            }
        }
    }
}

/// Turns a head by angles, one for each pair of its numbers.
#[inline(always)]
pub fn turn(head: &mut [f32], cos: &[f32], sin: &[f32], pairs: Pairs) {
    match pairs {
        Pairs::Neighbours => {
            let pairs = head.as_chunks_mut::<2>().0;
            for ((pair, cos), sin) in pairs.iter_mut().zip(cos).zip(sin) {
                let [first, second] = *pair;
                *pair = [first * cos - second * sin, first * sin + second * cos];
            }
        }
        Pairs::Halves => {
            let (a, b) = head.split_at_mut(cos.len());
            for (((a, b), cos), sin) in a.iter_mut().zip(b).zip(cos).zip(sin) {
                let (first, second) = (*a, *b);
                *a = first * cos - second * sin;
                *b = first * sin + second * cos;
            }
        }
    }
}

/// The work of a gate.
pub struct GateAll<'a> {
    pub gate: &'a mut [f32],
    pub up: &'a [f32],
    pub by: Activation,
}

impl pulp::NullaryFnOnce for GateAll<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        match self.by {
            Activation::Silu => {
                for (x, up) in self.gate.iter_mut().zip(self.up) {
                    *x = *x / (1.0 + exp(-*x)) * up;
                }
            }
            Activation::GeluTanh => {
                for (x, up) in self.gate.iter_mut().zip(self.up) {
                    let inner = 0.797_884_6 * *x * (1.0 + 0.044_715 * *x * *x);
                    *x = 0.5 * *x * (1.0 + tanh(inner)) * up;
                }
            }
        }
    }
}
