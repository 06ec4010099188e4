//! Attention in its fused form: each token alone, so that what is computed for one does not depend on its company.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape};
use rayon::prelude::*;

use crate::lanes::{dot, exp, sum_of};
use crate::ops::{made, numbers};

/// Takes `query` (T, H, D), `keys` and `values` (K, S, D), gives (T, H·D); see [`crate::ops::attention`].
pub struct Attention;

impl CustomOp3 for Attention {
    fn name(&self) -> &'static str {
        "attention"
    }

    fn cpu_fwd(
        &self,
        query: &CpuStorage,
        layout: &Layout,
        keys: &CpuStorage,
        key_layout: &Layout,
        values: &CpuStorage,
        value_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (tokens, heads, head) = layout.shape().dims3()?;
        let query = numbers(query, layout, self.name())?;
        let keys = Heads::new(keys.as_slice::<f32>()?, key_layout)?;
        let values = Heads::new(values.as_slice::<f32>()?, value_layout)?;
        let mut out = vec![0f32; query.len()];
        let arch = pulp::Arch::new();
        // Token by token: what is computed for one does not depend on how many are read together.
        query
            .par_chunks_exact(heads * head)
            .zip(out.par_chunks_exact_mut(heads * head))
            .enumerate()
            .for_each(|(token, (query, out))| {
                let seen = keys.count - tokens + token + 1;
                arch.dispatch(AttendAll {
                    query,
                    keys: &keys,
                    values: &values,
                    weights: vec![0f32; seen],
                    out,
                });
            });
        made(out, (tokens, heads * head))
    }
}

/// All heads of one token, which sees as many keys as there is room for weights.
struct AttendAll<'a> {
    query: &'a [f32],
    keys: &'a Heads<'a>,
    values: &'a Heads<'a>,
    weights: Vec<f32>,
    out: &'a mut [f32],
}

impl pulp::NullaryFnOnce for AttendAll<'_> {
    type Output = ();

    #[inline(always)]
    fn call(mut self) {
        let size = self.keys.head;
        let each = self.query.len() / size / self.keys.heads;
        let seen = self.weights.len();
        let heads = self
            .query
            .chunks_exact(size)
            .zip(self.out.chunks_exact_mut(size));
        for (index, (query, out)) in heads.enumerate() {
            let keys = self.keys.rows(index / each, seen);
            let values = self.values.rows(index / each, seen);
            attend(query, keys, values, &mut self.weights, out);
        }
    }
}

/// Keys or values (K, S, D) in the cache: rows lie close, heads may lie apart.
struct Heads<'a> {
    numbers: &'a [f32],
    apart: usize,
    heads: usize,
    count: usize,
    head: usize,
}

impl<'a> Heads<'a> {
    fn new(numbers: &'a [f32], layout: &Layout) -> Result<Heads<'a>> {
        let (heads, count, head) = layout.shape().dims3()?;
        match *layout.stride() {
            [apart, row, 1] if row == head => Ok(Heads {
                numbers: &numbers[layout.start_offset()..],
                apart,
                heads,
                count,
                head,
            }),
            _ => Err(candle_core::Error::RequiresContiguous { op: "attention" }.bt()),
        }
    }

    /// The first `count` rows of a head.
    fn rows(&self, index: usize, count: usize) -> &'a [f32] {
        &self.numbers[index * self.apart..][..count * self.head]
    }
}

/// One head of one token: `out = softmax(query · keysᵀ / √D) · values`.
#[inline(always)]
fn attend(query: &[f32], keys: &[f32], values: &[f32], weights: &mut [f32], out: &mut [f32]) {
    let size = query.len();
    let scale = 1.0 / (size as f32).sqrt();
    for (weight, key) in weights.iter_mut().zip(keys.chunks_exact(size)) {
        *weight = dot(query, key) * scale;
    }
    let largest = weights
        .iter()
        .fold(f32::NEG_INFINITY, |largest, x| largest.max(*x));
    for weight in weights.iter_mut() {
        *weight = exp(*weight - largest);
    }
    let inverse = 1.0 / sum_of(weights, |x| x);
    out.fill(0.0);
    // Four rows at a time, so that `out` is loaded and stored a quarter as often. Where the fours begin does not depend on
    // how much is seen.
    let (fours, rest) = weights.as_chunks::<4>();
    for (weights, rows) in fours.iter().zip(values.chunks_exact(4 * size)) {
        let (a, b) = rows.split_at(2 * size);
        let ((a, b), (c, d)) = (a.split_at(size), b.split_at(size));
        for ((((out, a), b), c), d) in out.iter_mut().zip(a).zip(b).zip(c).zip(d) {
            *out += weights[0] * a + weights[1] * b + weights[2] * c + weights[3] * d;
        }
    }
    for (weight, row) in rest
        .iter()
        .zip(values[fours.len() * 4 * size..].chunks_exact(size))
    {
        for (out, value) in out.iter_mut().zip(row) {
            *out += weight * value;
        }
    }
    out.iter_mut().for_each(|x| *x *= inverse);
}
