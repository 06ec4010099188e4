//! The operators of training on the processor, each with its gradient, over rows of plain floats.
//!
//! The base is frozen and stays as it is packed: its numbers are unpacked into a few megabytes where a product needs them.
//! How the work is cut does not depend on which thread is free, so the same numbers come out every time.

use std::sync::{Mutex, PoisonError};

use crate::engine::Activation;
use crate::engine::rows::{GateAll, NormAll};
use crate::kernels::{
    Arithmetic, Put, Right, Term, Threads, Tier, View, panel_values, product, tiled,
};
use crate::pack::{PANEL, Packed};

use super::method::Precision;
use super::rows::{GateBack, NormBack};

/// Weights of a product: (rows, columns), outputs by inputs.
#[derive(Clone, Copy)]
pub enum Weights<'a> {
    /// Of the base.
    Frozen(&'a Packed),
    /// Plain numbers, row by row, and how many to a row.
    Plain(&'a [f32], usize),
}

impl<'a> Weights<'a> {
    /// As the right side of `x · Wᵀ`.
    pub fn turned(self) -> Right<'a> {
        match self {
            Weights::Frozen(packed) => Right::Turned(packed),
            Weights::Plain(numbers, columns) => {
                Right::Plain(View::new(numbers, columns).transposed())
            }
        }
    }

    /// As the right side of `dy · W`.
    pub fn straight(self) -> Right<'a> {
        match self {
            Weights::Frozen(packed) => Right::Weights(packed),
            Weights::Plain(numbers, columns) => Right::Plain(View::new(numbers, columns)),
        }
    }

    /// Outputs.
    pub fn rows(&self) -> usize {
        match self {
            Weights::Frozen(packed) => packed.rows,
            Weights::Plain(numbers, columns) => numbers.len() / columns,
        }
    }

    /// Inputs.
    pub fn columns(&self) -> usize {
        match self {
            Weights::Frozen(packed) => packed.columns,
            Weights::Plain(_, columns) => *columns,
        }
    }
}

/// Numbers unpacked at a time: 16 MB.
pub(super) const UNPACKED: usize = 4 << 20;
/// Rows of a product that one thread does at a time: always the same, so that the sums do not depend on the threads.
const BLOCK: usize = 128;
/// Numbers that are worth handing to another thread.
const WORTH: usize = 1 << 14;

/// The threads and the room they unpack into.
pub struct Ops {
    threads: Threads,
    arithmetic: Arithmetic,
    scratch: Mutex<Vec<f32>>,
}

impl Ops {
    /// Operators on this many threads, in single precision.
    ///
    /// # Errors
    /// The system gives no more threads.
    pub fn new(threads: usize) -> std::io::Result<Ops> {
        Ops::with(threads, Precision::Single)
    }

    /// Operators on this many threads.
    ///
    /// # Errors
    /// The system gives no more threads.
    pub fn with(threads: usize, precision: Precision) -> std::io::Result<Ops> {
        let tier = Tier::best();
        Ok(Ops {
            threads: Threads::new(threads)?,
            arithmetic: Arithmetic {
                tier,
                mixed: precision == Precision::Mixed && tier.has_brains(),
            },
            scratch: Mutex::new(Vec::new()),
        })
    }

    /// The threads.
    pub fn threads(&self) -> &Threads {
        &self.threads
    }

    /// `x · Wᵀ`: (T, columns) to (T, rows).
    pub fn linear(&self, x: &[f32], weights: Weights<'_>) -> Vec<f32> {
        let (rows, columns) = (weights.rows(), weights.columns());
        let mut y = vec![0f32; x.len() / columns * rows];
        self.tiled(&mut y, rows, &[(x, weights.turned())], Put::Over);
        y
    }

    /// See [`tiled`].
    pub fn tiled(&self, out: &mut [f32], width: usize, terms: &[Term<'_>], put: Put) {
        tiled(&self.threads, self.arithmetic, out, width, terms, put);
    }

    /// `out = scale · a · b`, or that added to it, with the rows of `out`, each of `width` numbers, shared among the threads.
    pub fn product(
        &self,
        out: &mut [f32],
        width: usize,
        a: View<'_>,
        b: View<'_>,
        scale: f32,
        put: Put,
    ) {
        self.threads.parts(out, BLOCK * width, &|part, out| {
            let a = a.rows(part * BLOCK, out.len() / width);
            product(out, width, a, b, scale, put);
        });
    }

    /// Root-mean-square norm of rows.
    pub fn norm(&self, x: &[f32], weight: &[f32], eps: f32) -> Vec<f32> {
        let width = weight.len();
        let mut out = vec![0f32; x.len()];
        self.by_rows(&mut out, width, &|first, out| {
            let x = &x[first * width..][..out.len()];
            pulp::Arch::new().dispatch(NormAll {
                x,
                weight,
                eps,
                out,
            });
        });
        out
    }

    /// Adds the gradient of the input of [`Ops::norm`] to `dx`.
    pub fn norm_back(&self, x: &[f32], weight: &[f32], eps: f32, dy: &[f32], dx: &mut [f32]) {
        let width = weight.len();
        self.by_rows(dx, width, &|first, dx| {
            let part = first * width..first * width + dx.len();
            let (x, dy) = (&x[part.clone()], &dy[part]);
            pulp::Arch::new().dispatch(NormBack {
                x,
                weight,
                eps,
                dy,
                dx,
            });
        });
    }

    /// Adds the gradient of the weights of [`Ops::norm`] to `dweight`.
    pub fn norm_weights(&self, x: &[f32], eps: f32, dy: &[f32], dweight: &mut [f32]) {
        let width = dweight.len();
        for (x, dy) in x.chunks_exact(width).zip(dy.chunks_exact(width)) {
            let mean = x.iter().map(|x| x * x).sum::<f32>() / width as f32;
            let scale = 1.0 / (mean + eps).sqrt();
            for ((dweight, x), dy) in dweight.iter_mut().zip(x).zip(dy) {
                *dweight += x * scale * dy;
            }
        }
    }

    /// `activation(gate) · up`.
    pub fn gate(&self, gate: &[f32], up: &[f32], by: Activation) -> Vec<f32> {
        let mut out = gate.to_vec();
        self.by_rows(&mut out, 1, &|first, gate| {
            let up = &up[first..][..gate.len()];
            pulp::Arch::new().dispatch(GateAll { gate, up, by });
        });
        out
    }

    /// Turns `gate` and `up` into the gradients of themselves.
    pub fn gate_back(&self, gate: &mut [f32], up: &mut [f32], dy: &[f32], by: Activation) {
        let up: Vec<Mutex<&mut [f32]>> = up.chunks_mut(WORTH).map(Mutex::new).collect();
        self.threads.parts(gate, WORTH, &|part, gate| {
            let mut up = up[part].lock().unwrap_or_else(PoisonError::into_inner);
            let dy = &dy[part * WORTH..][..gate.len()];
            pulp::Arch::new().dispatch(GateBack {
                gate,
                up: &mut up,
                dy,
                by,
            });
        });
    }

    /// Adds the same numbers to every row.
    pub fn add_to_rows(&self, rows: &mut [f32], more: &[f32]) {
        self.by_rows(rows, more.len(), &|_, rows| {
            for row in rows.chunks_exact_mut(more.len()) {
                row.iter_mut().zip(more).for_each(|(x, more)| *x += more);
            }
        });
    }

    /// Adds `b` to `a`.
    pub fn add(&self, a: &mut [f32], b: &[f32]) {
        self.by_rows(a, 1, &|first, a| {
            let b = &b[first..][..a.len()];
            a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        });
    }

    /// Calls `each` with whole rows in parts that are worth a thread, and the number of the first.
    pub fn by_rows(
        &self,
        numbers: &mut [f32],
        width: usize,
        each: &(dyn Fn(usize, &mut [f32]) + Sync),
    ) {
        let rows = (WORTH / width).max(1);
        let size = rows * width;
        self.threads
            .parts(numbers, size, &|part, numbers| each(part * rows, numbers));
    }

    /// Calls `each` with the rows of weights as plain numbers, some at a time, and the number of the first of them.
    pub fn stripes(&self, weights: Weights<'_>, each: &mut dyn FnMut(usize, &[f32])) {
        let packed = match weights {
            Weights::Plain(numbers, _) => return each(0, numbers),
            Weights::Frozen(packed) => packed,
        };
        let columns = packed.columns;
        let at_a_time = (UNPACKED / columns).max(PANEL) / PANEL * PANEL;
        let mut scratch = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        for first in (0..packed.rows).step_by(at_a_time) {
            let count = at_a_time.min(packed.rows - first);
            if scratch.len() < count * columns {
                scratch.resize(count * columns, 0.0);
            }
            let numbers = &mut scratch[..count * columns];
            self.threads
                .parts(numbers, PANEL * columns, &|panel, numbers| {
                    panel_values(self.arithmetic.tier, packed, first / PANEL + panel, numbers);
                });
            each(first, numbers);
        }
    }
}
