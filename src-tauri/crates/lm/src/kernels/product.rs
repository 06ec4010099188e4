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

use super::lanes::Lanes;
use super::{Threads, Tier, Work};
use crate::block::Kind;
use crate::pack::{GROUP, PANEL, Packed, unit};

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
const WORTH: usize = 24 * 1024;

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
const AHEAD: usize = 4096;

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
    fn panel(&self, panel: usize) -> &[u8] {
        let size = self.weights.panel_bytes();
        &self.weights.data[panel * size..][..size]
    }

    #[inline(always)]
    fn integers<L: Lanes, F: Format>(self, lanes: L) {
        for panel in self.first..self.last {
            let data = self.panel(panel);
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
            let data = self.panel(panel);
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

/// How a type of integers lies in a block of a panel.
trait Format {
    /// Bytes of a block, from [`unit`].
    const BYTES: usize;
    /// Groups of 32 in a block.
    const PARTS: usize;
    /// Whether there are minima.
    const MINIMA: bool;
    /// Whether the two halves of a group have scales of their own.
    const SPLIT: bool;

    /// Scale and minimum of the whole block.
    fn head<L: Lanes>(lanes: L, block: &[u8]) -> [L::F; 2];
    /// A group: the numbers, the scales of its halves, the minimum.
    fn group<L: Lanes>(
        lanes: L,
        block: &[u8],
        part: usize,
        head: [L::F; 2],
    ) -> ([L::I; 16], [L::F; 2], L::F);
}

#[inline(always)]
fn integer_block<L: Lanes, F: Format, const N: usize>(
    lanes: L,
    panel: &[u8],
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
        let head = F::head(lanes, block);
        for part in 0..parts {
            if N <= 2 {
                // With few rows the weights come from memory, faster than the processor asks for them by itself.
                let size = F::BYTES / F::PARTS;
                for line in 0..size.div_ceil(64) {
                    lanes.prefetch(block, part * size + line * 64 + AHEAD);
                }
            }
            let (weights, scales, min) = F::group(lanes, block, part, head);
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

/// The first bytes of a slice, as many as an operator wants.
#[inline(always)]
fn at<const N: usize>(bytes: &[u8], at: usize) -> &[u8; N] {
    bytes[at..at + N]
        .first_chunk()
        .expect("as many as were asked for")
}

/// Lower four bits of all pairs of a group.
#[inline(always)]
fn four<L: Lanes>(lanes: L, group: &[u8]) -> [L::I; 16] {
    let mut numbers = [lanes.zero(); 16];
    for chunk in 0..4 {
        let words = lanes.load(at(group, 64 * chunk));
        numbers[4 * chunk] = lanes.and(words, 15);
        numbers[4 * chunk + 1] = lanes.and(lanes.shr::<4>(words), 15);
        numbers[4 * chunk + 2] = lanes.and(lanes.shr::<8>(words), 15);
        numbers[4 * chunk + 3] = lanes.shr::<12>(words);
    }
    numbers
}

/// The same with the fifth bits that follow.
#[inline(always)]
fn five<L: Lanes>(lanes: L, group: &[u8]) -> [L::I; 16] {
    let mut numbers = four(lanes, group);
    let mut bits = lanes.load(at(group, 256));
    for number in &mut numbers {
        *number = lanes.or(*number, lanes.and(lanes.shl::<4>(bits), 16));
        bits = lanes.shr::<1>(bits);
    }
    numbers
}

#[inline(always)]
fn less<L: Lanes>(lanes: L, mut numbers: [L::I; 16], zero: i16) -> [L::I; 16] {
    for number in &mut numbers {
        *number = lanes.less(*number, zero);
    }
    numbers
}

/// Formats of 32 numbers with a scale, and perhaps a minimum.
macro_rules! simple {
    ($name:ident, $kind:expr, $minima:expr, |$lanes:ident, $group:ident| $numbers:expr) => {
        struct $name;

        impl Format for $name {
            const BYTES: usize = bytes($kind);
            const PARTS: usize = 1;
            const MINIMA: bool = $minima;
            const SPLIT: bool = false;

            #[inline(always)]
            fn head<L: Lanes>(lanes: L, block: &[u8]) -> [L::F; 2] {
                let scale = lanes.halves(at(block, 0));
                [
                    scale,
                    if $minima {
                        lanes.halves(at(block, 32))
                    } else {
                        scale
                    },
                ]
            }

            #[inline(always)]
            fn group<L: Lanes>(
                $lanes: L,
                block: &[u8],
                _: usize,
                head: [L::F; 2],
            ) -> ([L::I; 16], [L::F; 2], L::F) {
                let $group = &block[if $minima { 64 } else { 32 }..];
                ($numbers, [head[0]; 2], head[1])
            }
        }
    };
}

/// [`unit`] gives the same; a test holds them together.
const fn bytes(kind: Kind) -> usize {
    match kind {
        Kind::Q4_0 => 288,
        Kind::Q4_1 => 320,
        Kind::Q5_0 => 352,
        Kind::Q5_1 => 384,
        Kind::Q8_0 => 544,
        Kind::Q4K => 2368,
        Kind::Q5K => 2880,
        Kind::Q6K => 3360,
        _ => 0,
    }
}

simple!(Q4Zero, Kind::Q4_0, false, |lanes, group| less(
    lanes,
    four(lanes, group),
    8
));
simple!(Q4One, Kind::Q4_1, true, |lanes, group| four(lanes, group));
simple!(Q5Zero, Kind::Q5_0, false, |lanes, group| less(
    lanes,
    five(lanes, group),
    16
));
simple!(Q5One, Kind::Q5_1, true, |lanes, group| five(lanes, group));
simple!(Q8Zero, Kind::Q8_0, false, |lanes, group| {
    let mut numbers = [lanes.zero(); 16];
    for (n, number) in numbers.iter_mut().enumerate() {
        *number = lanes.widen(at(group, 32 * n));
    }
    numbers
});

/// Formats of 256 numbers in eight groups with scales and minima of 6 bits.
macro_rules! of_256 {
    ($name:ident, $kind:expr, $numbers:ident) => {
        struct $name;

        impl Format for $name {
            const BYTES: usize = bytes($kind);
            const PARTS: usize = 8;
            const MINIMA: bool = true;
            const SPLIT: bool = false;

            #[inline(always)]
            fn head<L: Lanes>(lanes: L, block: &[u8]) -> [L::F; 2] {
                let min = lanes.mul(lanes.halves(at(block, 32)), lanes.splat(-1.0));
                [lanes.halves(at(block, 0)), min]
            }

            #[inline(always)]
            fn group<L: Lanes>(
                lanes: L,
                block: &[u8],
                part: usize,
                head: [L::F; 2],
            ) -> ([L::I; 16], [L::F; 2], L::F) {
                let part = &block[64 + part * ((bytes($kind) - 64) / 8)..];
                let scale = lanes.mul(lanes.unsigned(at(part, 0)), head[0]);
                let min = lanes.mul(lanes.unsigned(at(part, 16)), head[1]);
                ($numbers(lanes, &part[32..]), [scale; 2], min)
            }
        }
    };
}

of_256!(Q4K, Kind::Q4K, four);
of_256!(Q5K, Kind::Q5K, five);

struct Q6K;

impl Format for Q6K {
    const BYTES: usize = bytes(Kind::Q6K);
    const PARTS: usize = 8;
    const MINIMA: bool = false;
    const SPLIT: bool = true;

    #[inline(always)]
    fn head<L: Lanes>(lanes: L, block: &[u8]) -> [L::F; 2] {
        [lanes.halves(at(block, 0)); 2]
    }

    #[inline(always)]
    fn group<L: Lanes>(
        lanes: L,
        block: &[u8],
        part: usize,
        head: [L::F; 2],
    ) -> ([L::I; 16], [L::F; 2], L::F) {
        let part = &block[32 + part * 416..];
        let scales = [
            lanes.mul(lanes.signed(at(part, 0)), head[0]),
            lanes.mul(lanes.signed(at(part, 16)), head[0]),
        ];
        let mut numbers = four(lanes, &part[32..]);
        for half in 0..2 {
            let mut bits = lanes.load(at(part, 32 + 256 + 64 * half));
            for number in &mut numbers[8 * half..][..8] {
                *number = lanes.or(*number, lanes.and(lanes.shl::<4>(bits), 48));
                bits = lanes.shr::<2>(bits);
            }
        }
        (less(lanes, numbers, 32), scales, head[0])
    }
}

/// How a type of floats lies in a panel.
trait Float {
    /// Bytes of sixteen numbers.
    const BYTES: usize;
    /// Sixteen numbers.
    fn get<L: Lanes>(lanes: L, bytes: &[u8]) -> L::F;
}

struct Half;
struct Brain;
struct Single;

impl Float for Half {
    const BYTES: usize = 32;
    #[inline(always)]
    fn get<L: Lanes>(lanes: L, bytes: &[u8]) -> L::F {
        lanes.halves(at(bytes, 0))
    }
}

impl Float for Brain {
    const BYTES: usize = 32;
    #[inline(always)]
    fn get<L: Lanes>(lanes: L, bytes: &[u8]) -> L::F {
        lanes.brains(at(bytes, 0))
    }
}

impl Float for Single {
    const BYTES: usize = 64;
    #[inline(always)]
    fn get<L: Lanes>(lanes: L, bytes: &[u8]) -> L::F {
        lanes.singles(at(bytes, 0))
    }
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

/// Whether weights of this type are multiplied with rounded inputs.
pub fn takes_rounded(kind: Kind) -> bool {
    unit(kind).1 == bytes(kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::tests::{KINDS, random_bytes};
    use crate::random::Random;

    fn inputs(rows: usize, columns: usize) -> Vec<f32> {
        let mut random = Random::new(rows as u64);
        (0..rows * columns)
            .map(|_| random.unit() * 2.0 - 1.0)
            .collect()
    }

    fn product(threads: &Threads, tier: Tier, weights: &Packed, x: &[f32]) -> Vec<f32> {
        let input = Input::new(threads, x, weights.columns, true);
        let mut out = vec![0f32; input.rows() * weights.rows];
        let mut products = [Product {
            weights,
            out: &mut out,
        }];
        multiply(threads, tier, &input, &mut products);
        out
    }

    #[test]
    fn every_kernel_is_near_the_exact_product() {
        let mut random = Random::new(11);
        let mut below = |most: u64| 1 + (random.next() % most) as usize;
        for kind in KINDS {
            let whole = unit(kind).0;
            for _ in 0..6 {
                let (rows, columns, count) = (below(70), whole * below(5), below(19));
                let bytes = random_bytes(kind, rows, columns, 7);
                let weights = Packed::new(kind, &bytes, rows, columns).unwrap();
                let (values, x) = (weights.values(), inputs(count, columns));
                let threads = Threads::new(1 + count % 3).unwrap();
                for tier in Tier::ALL.iter().copied().filter(|tier| tier.available()) {
                    let found = product(&threads, tier, &weights, &x);
                    for (t, x) in x.chunks_exact(columns).enumerate() {
                        for (row, w) in values.chunks_exact(columns).enumerate() {
                            let terms = || x.iter().zip(w).map(|(x, w)| f64::from(x * w));
                            // Inputs are rounded to 1/65534 of the largest near them.
                            let most = 1e-6
                                + terms().map(f64::abs).sum::<f64>() * 2e-5
                                + w.iter().map(|w| f64::from(w.abs())).sum::<f64>() * 1.6e-5;
                            let off =
                                (terms().sum::<f64>() - f64::from(found[t * rows + row])).abs();
                            assert!(
                                off < most,
                                "{kind:?} {tier:?} {rows}x{columns} for {count}: off by {off}"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn every_kernel_agrees_with_its_scalar_twin() {
        let threads = Threads::new(2).unwrap();
        for kind in KINDS {
            let (rows, columns, count) = (53, 512, 15);
            let bytes = random_bytes(kind, rows, columns, 9);
            let weights = Packed::new(kind, &bytes, rows, columns).unwrap();
            let x = inputs(count, columns);
            let (twin, values) = (
                product(&threads, Tier::Scalar, &weights, &x),
                weights.values(),
            );
            for tier in Tier::ALL.iter().copied().filter(|tier| tier.available()) {
                for (n, (a, b)) in product(&threads, tier, &weights, &x)
                    .iter()
                    .zip(&twin)
                    .enumerate()
                {
                    // Only the rounding of float sums differs: by parts of the sizes that are summed.
                    let w = &values[n % rows * columns..][..columns];
                    let x = &x[n / rows * columns..][..columns];
                    let sizes: f32 = w.iter().zip(x).map(|(w, x)| (w * x).abs()).sum();
                    assert!(
                        (a - b).abs() <= 2e-6 * sizes,
                        "{kind:?} {tier:?} number {n}: {a} and {b}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_row_does_not_depend_on_its_company() {
        let threads = Threads::new(2).unwrap();
        for kind in KINDS {
            let bytes = random_bytes(kind, 33, 256, 2);
            let weights = Packed::new(kind, &bytes, 33, 256).unwrap();
            let x = inputs(15, 256);
            for tier in Tier::ALL.iter().copied().filter(|tier| tier.available()) {
                let together = product(&threads, tier, &weights, &x);
                let alone: Vec<f32> = x
                    .chunks_exact(256)
                    .flat_map(|x| product(&threads, tier, &weights, x))
                    .collect();
                assert_eq!(together, alone, "{kind:?} {tier:?}");
            }
        }
    }

    #[test]
    fn rounding_survives_zeros_and_what_is_no_number() {
        for odd in [0.0, f32::INFINITY, f32::NAN, 1e-40] {
            let group = round(&[odd; 32]);
            assert!(group.scale.is_finite() && group.sum.is_finite(), "{odd}");
        }
        let mut x = [0f32; 32];
        x[..4].copy_from_slice(&[-2.0, 1.0, 2.0, 0.5]);
        let group = round(&x);
        assert_eq!(
            group.pairs[..2],
            [-32767 & 0xffff | 16384 << 16, 32767 | 8192 << 16]
        );
        assert!((group.sum - 1.5).abs() < 1e-3 && group.scale == 2.0 / 32767.0);
    }

    #[test]
    fn formats_know_their_sizes() {
        for kind in KINDS {
            let float = matches!(kind, Kind::F16 | Kind::Bf16 | Kind::F32);
            assert_eq!(takes_rounded(kind), !float, "{kind:?}");
        }
    }
}
