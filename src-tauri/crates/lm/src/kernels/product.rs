//! `x · Wᵀ` for packed weights: the product that nearly all time goes into.
//!
//! The inputs are rounded to 16 bits in groups of 32, and the products inside a group are summed as integers. Rounding to
//! 8 bits, as llama.cpp does, would be faster still but costs exactness: on SmolLM2 it moves the most likely token in 3
//! to 5 of 100 places. Weights that are floats are multiplied as floats.
//!
//! A row of the result does not depend on how many rows are computed together, so that reading a text at once, token by
//! token or with guessed tokens gives the same numbers.
#![expect(
    unsafe_code,
    reason = "threads write into different columns of one matrix"
)]

use super::format::{
    Brain, Float, Format, Half, Q4K, Q4One, Q4Zero, Q5K, Q5One, Q5Zero, Q6K, Q8Split, Q8Zero,
    Single,
};
use super::lanes::Lanes;
use super::{Threads, Tier, Work};
use crate::block::Kind;
use crate::pack::{GROUP, PANEL, Packed};

/// 32 inputs rounded to 16 bits.
#[derive(Debug, Clone, Copy)]
struct Group {
    /// Neighbours, the first in the lower half.
    pairs: [i32; 16],
    /// What one unit stands for.
    scale: f32,
    /// Sum of the rounded inputs.
    sum: f32,
}

/// Inputs of a product: rows of `columns` numbers.
pub struct Input<'a> {
    numbers: &'a [f32],
    columns: usize,
    groups: Vec<Group>,
}

impl<'a> Input<'a> {
    /// Rounds the inputs, where `rounded` says that weights of integers will be multiplied.
    pub fn new(threads: &Threads, numbers: &'a [f32], columns: usize, rounded: bool) -> Input<'a> {
        let zero = Group {
            pairs: [0; 16],
            scale: 0.0,
            sum: 0.0,
        };
        let mut groups = Vec::new();
        if rounded {
            groups.resize(numbers.len() / GROUP, zero);
            let size = if numbers.len() < 1 << 14 {
                groups.len()
            } else {
                1 << 8
            };
            threads.parts(&mut groups, size, &|part, groups| {
                let x = &numbers[part * size * GROUP..][..groups.len() * GROUP];
                pulp::Arch::new().dispatch(RoundAll { x, groups });
            });
        }
        Input {
            numbers,
            columns,
            groups,
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.numbers.len() / self.columns
    }

    /// The numbers of all rows.
    pub(super) fn numbers(&self) -> &[f32] {
        self.numbers
    }

    fn row(&self, row: usize) -> &[Group] {
        let count = self.columns / GROUP;
        &self.groups[row * count..][..count]
    }
}

/// Rounds all groups; a type of its own for the reason that stands at [`crate::lanes`].
struct RoundAll<'a> {
    x: &'a [f32],
    groups: &'a mut [Group],
}

impl pulp::NullaryFnOnce for RoundAll<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let (parts, _) = self.x.as_chunks::<GROUP>();
        for (x, group) in parts.iter().zip(self.groups) {
            *group = round(x);
        }
    }
}

/// Rounds a group to 16 bits around zero: numbers in -32767..=32767.
#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "at most 32767 by the choice of the scale"
)]
fn round(x: &[f32; GROUP]) -> Group {
    let mut lanes = [0f32; 8];
    for eight in x.as_chunks::<8>().0 {
        for (lane, x) in lanes.iter_mut().zip(eight) {
            *lane = lane.max(x.abs());
        }
    }
    let largest = lanes.iter().fold(0f32, |largest, x| largest.max(*x));
    let fine = largest > 1e-30 && largest.is_finite();
    let inverse = if fine { 32767.0 / largest } else { 0.0 };
    let mut pairs = [0i32; 16];
    let mut sum = 0;
    for (pair, two) in pairs.iter_mut().zip(x.as_chunks::<2>().0) {
        // Adding and taking away 1.5 · 2^23 rounds to the nearest integer in plain arithmetic, which every machine
        // vectorises.
        let low = ((two[0] * inverse + 12_582_912.0) - 12_582_912.0) as i32;
        let high = ((two[1] * inverse + 12_582_912.0) - 12_582_912.0) as i32;
        sum += low + high;
        *pair = low & 0xffff | high << 16;
    }
    let scale = if fine { largest / 32767.0 } else { 0.0 };
    Group {
        pairs: if fine { pairs } else { [0; 16] },
        scale,
        sum: if fine { scale * sum as f32 } else { 0.0 },
    }
}

/// A product to be computed.
pub struct Product<'a> {
    /// Weights; their columns are those of the input.
    pub weights: &'a Packed,
    /// Gets (rows of the input, rows of the weights).
    pub out: &'a mut [f32],
}

/// Bytes of weights that are worth handing to another thread, for one row of input.
const WORTH: usize = 64 * 1024;

/// Computes products of one input with several matrices, on all threads.
///
/// # Panics
/// Where sizes do not match, or the input was not rounded though a matrix is of integers.
pub fn multiply(threads: &Threads, tier: Tier, input: &Input<'_>, products: &mut [Product<'_>]) {
    let rows = input.rows();
    if rows == 0 {
        return;
    }
    let mut parts = Vec::new();
    for product in products.iter_mut() {
        let weights = product.weights;
        assert_eq!(
            weights.columns, input.columns,
            "columns of weights and input"
        );
        assert_eq!(
            product.out.len(),
            rows * weights.rows,
            "room for the result"
        );
        let columns = Columns {
            start: product.out.as_mut_ptr(),
            count: product.out.len(),
            width: weights.rows,
        };
        // Panels at a time: enough to be worth it, few enough that all threads end together.
        let worth = (WORTH / rows / weights.panel_bytes().max(1)).max(1);
        let even = weights.panels().div_ceil(threads.count());
        let size = worth.min(even).max(1);
        for first in (0..weights.panels()).step_by(size) {
            parts.push(Part {
                weights,
                input,
                columns,
                first,
                last: weights.panels().min(first + size),
            });
        }
    }
    threads.each(parts.len(), &|index| tier.run(parts[index]));
}

/// A result that threads write column by column.
#[derive(Clone, Copy)]
struct Columns {
    start: *mut f32,
    count: usize,
    width: usize,
}

// SAFETY: parts of a product own different columns, which `multiply` deals out, and write nothing else; the slice behind
// the pointer is borrowed by `multiply` for longer than any of them runs.
unsafe impl Send for Columns {}
// SAFETY: as above.
unsafe impl Sync for Columns {}

impl Columns {
    /// Writes a row's sixteen numbers of a panel, or as many of them as the matrix has.
    #[inline(always)]
    fn put(&self, row: usize, panel: usize, values: &[f32; PANEL]) {
        let column = panel * PANEL;
        let count = PANEL.min(self.width - column);
        let at = row * self.width + column;
        assert!(at + count <= self.count);
        // SAFETY: inside of the slice by the line above; of columns that no other part writes.
        unsafe {
            std::ptr::copy_nonoverlapping(values.as_ptr(), self.start.add(at), count);
        }
    }
}

/// Some panels of a product.
#[derive(Clone, Copy)]
struct Part<'a> {
    weights: &'a Packed,
    input: &'a Input<'a>,
    columns: Columns,
    first: usize,
    last: usize,
}

impl Work for Part<'_> {
    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        match self.weights.kind {
            Kind::Q4_0 => self.integers::<L, Q4Zero>(lanes),
            Kind::Q4_1 => self.integers::<L, Q4One>(lanes),
            Kind::Q5_0 => self.integers::<L, Q5Zero>(lanes),
            Kind::Q5_1 => self.integers::<L, Q5One>(lanes),
            Kind::Q8_0 if self.weights.is_split() => self.integers::<L, Q8Split>(lanes),
            Kind::Q8_0 => self.integers::<L, Q8Zero>(lanes),
            Kind::Q4K => self.integers::<L, Q4K>(lanes),
            Kind::Q5K => self.integers::<L, Q5K>(lanes),
            Kind::Q6K => self.integers::<L, Q6K>(lanes),
            Kind::F16 => self.floats::<L, Half>(lanes),
            Kind::Bf16 => self.floats::<L, Brain>(lanes),
            Kind::F32 => self.floats::<L, Single>(lanes),
        }
    }
}

/// Bytes ahead of the weights at hand that are asked for.
pub(super) const AHEAD: usize = 4096;

/// Calls a function for rows of the input in blocks of 8, 4, 2 and 1.
macro_rules! in_blocks {
    ($rows:expr, |$at:ident, $n:ident| $body:expr) => {{
        let rows = $rows;
        let mut $at = 0;
        while rows - $at >= 8 {
            const $n: usize = 8;
            $body;
            $at += 8;
        }
        if rows - $at >= 4 {
            const $n: usize = 4;
            $body;
            $at += 4;
        }
        if rows - $at >= 2 {
            const $n: usize = 2;
            $body;
            $at += 2;
        }
        if rows - $at >= 1 {
            const $n: usize = 1;
            $body;
        }
    }};
}
pub(super) use in_blocks;

impl Part<'_> {
    #[inline(always)]
    fn integers<L: Lanes, F: Format>(self, lanes: L) {
        for panel in self.first..self.last {
            let data = self.weights.panel(panel);
            in_blocks!(self.input.rows(), |at, N| {
                let sums = integer_block::<L, F, N>(lanes, data, self.input, at);
                for (n, sums) in sums.iter().enumerate() {
                    self.columns.put(at + n, panel, sums);
                }
            });
        }
    }

    #[inline(always)]
    fn floats<L: Lanes, F: Float>(self, lanes: L) {
        let columns = self.input.columns;
        for panel in self.first..self.last {
            let (data, _) = self.weights.panel(panel);
            in_blocks!(self.input.rows(), |at, N| {
                let x = &self.input.numbers[at * columns..][..N * columns];
                let sums = float_block::<L, F, N>(lanes, data, x);
                for (n, sums) in sums.iter().enumerate() {
                    self.columns.put(at + n, panel, sums);
                }
            });
        }
    }
}

/// Sums of some rows of the input from `at` with the sixteen rows of a panel.
#[inline(always)]
pub(super) fn integer_block<L: Lanes, F: Format, const N: usize>(
    lanes: L,
    (panel, lower): (&[u8], &[u8]),
    input: &Input<'_>,
    at: usize,
) -> [[f32; 16]; N] {
    let mut rows = [input.row(at); N];
    for (n, row) in rows.iter_mut().enumerate() {
        *row = input.row(at + n);
    }
    let mut sums = [lanes.splat(0.0); N];
    // Hidden from the compiler, which would unroll eight groups into more code than the nearest cache holds.
    let parts = std::hint::black_box(F::PARTS);
    for (index, block) in panel.chunks_exact(F::BYTES).enumerate() {
        let rest = &lower[index * F::REST..][..F::REST];
        let head = F::head(lanes, block);
        for part in 0..parts {
            if at == 0 {
                // The first rows take the weights from memory, faster than the processor asks for them by itself.
                let size = F::BYTES / F::PARTS;
                for line in 0..size.div_ceil(64) {
                    lanes.prefetch(block, part * size + line * 64 + AHEAD);
                }
            }
            let (weights, scales, min) = F::group(lanes, block, rest, part, head);
            for n in 0..N {
                let x = &rows[n][index * F::PARTS + part];
                let scale = lanes.splat(x.scale);
                let mut halves = [lanes.zero(); 2];
                for j in 0..8 {
                    halves[0] = lanes.dot(halves[0], weights[j], x.pairs[j]);
                    halves[1] = lanes.dot(halves[1], weights[j + 8], x.pairs[j + 8]);
                }
                if F::SPLIT {
                    for half in 0..2 {
                        sums[n] = lanes.fma(
                            lanes.floats(halves[half]),
                            lanes.mul(scales[half], scale),
                            sums[n],
                        );
                    }
                } else {
                    let whole = lanes.floats(lanes.add(halves[0], halves[1]));
                    sums[n] = lanes.fma(whole, lanes.mul(scales[0], scale), sums[n]);
                }
                if F::MINIMA {
                    sums[n] = lanes.fma(min, lanes.splat(x.sum), sums[n]);
                }
            }
        }
    }
    let mut out = [[0f32; 16]; N];
    for n in 0..N {
        lanes.put(sums[n], &mut out[n]);
    }
    out
}

#[inline(always)]
fn float_block<L: Lanes, F: Float, const N: usize>(
    lanes: L,
    panel: &[u8],
    x: &[f32],
) -> [[f32; 16]; N] {
    let columns = panel.len() / F::BYTES;
    let mut rows = [&x[..columns]; N];
    for (n, row) in rows.iter_mut().enumerate() {
        *row = &x[n * columns..][..columns];
    }
    let mut sums = [lanes.splat(0.0); N];
    for (k, bytes) in panel.chunks_exact(F::BYTES).enumerate() {
        let weights = F::get(lanes, bytes);
        for n in 0..N {
            sums[n] = lanes.fma(weights, lanes.splat(rows[n][k]), sums[n]);
        }
    }
    let mut out = [[0f32; 16]; N];
    for n in 0..N {
        lanes.put(sums[n], &mut out[n]);
    }
    out
}

#[cfg(test)]
#[path = "product_tests.rs"]
mod tests;
