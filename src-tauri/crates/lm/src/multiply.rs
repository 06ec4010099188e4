//! `x · Wᵀ` for packed weights: the product that nearly all time goes into.
//!
//! The inputs are rounded to 16 bits in groups of 32, and the products inside a group are summed as integers. Rounding
//! to 8 bits, as llama.cpp does, would save nothing here (a product of 16 bits is one instruction, of 8 bits two) and
//! costs exactness: on SmolLM2 it moves the most likely token in 3 to 5 of 100 places. On x86 with AVX2 the inner loop is written for it and chosen at run time; elsewhere the plain twin runs. A
//! test holds the two together. A row of the result does not depend on how many rows are computed together, so that
//! reading a text at once and token by token gives the same numbers.

use rayon::prelude::*;

use crate::pack::{Bits, GROUP, Packed};

/// Inputs rounded to 16 bits: per group a scale, the integers, and the sum of the rounded values.
#[derive(Debug, Default)]
pub struct Rounded {
    rows: usize,
    groups: usize,
    numbers: Vec<[i16; 32]>,
    scales: Vec<f32>,
    sums: Vec<f32>,
}

impl Rounded {
    /// Rounds inputs of `columns` numbers a row.
    pub fn new(x: &[f32], columns: usize) -> Rounded {
        let groups = columns / GROUP;
        let rows = x.len() / columns;
        let mut rounded = Rounded {
            rows,
            groups,
            numbers: Vec::with_capacity(rows * groups),
            scales: Vec::with_capacity(rows * groups),
            sums: Vec::with_capacity(rows * groups),
        };
        pulp::Arch::new().dispatch(RoundAll {
            x,
            rounded: &mut rounded,
        });
        rounded
    }

    fn row(&self, row: usize) -> Input<'_> {
        let range = row * self.groups..(row + 1) * self.groups;
        Input {
            numbers: &self.numbers[range.clone()],
            scales: &self.scales[range.clone()],
            sums: &self.sums[range],
        }
    }
}

/// Rounds all groups; a type of its own for the reason that stands at [`crate::lanes`].
struct RoundAll<'a> {
    x: &'a [f32],
    rounded: &'a mut Rounded,
}

impl pulp::NullaryFnOnce for RoundAll<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for group in self.x.chunks_exact(GROUP) {
            let (scale, numbers) = round(group);
            let sum: i32 = numbers.iter().map(|n| i32::from(*n)).sum();
            self.rounded.numbers.push(numbers);
            self.rounded.scales.push(scale);
            self.rounded.sums.push(scale * sum as f32);
        }
    }
}

#[derive(Clone, Copy)]
struct Input<'a> {
    numbers: &'a [[i16; 32]],
    scales: &'a [f32],
    sums: &'a [f32],
}

/// Rounds a group to 16 bits around zero: the scale, and the numbers in -32767..=32767.
#[inline(always)]
fn round(group: &[f32]) -> (f32, [i16; 32]) {
    let largest = group.iter().fold(0f32, |largest, x| largest.max(x.abs()));
    let mut rounded = [0i16; 32];
    if largest == 0.0 || !largest.is_finite() {
        return (0.0, rounded);
    }
    let inverse = 32767.0 / largest;
    for (out, x) in rounded.iter_mut().zip(group) {
        // Adding and taking away 1.5 · 2^23 rounds to the nearest integer in plain arithmetic, which every machine vectorises.
        let nearest = (x * inverse + 12_582_912.0) - 12_582_912.0;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "at most 32767 by the choice of the scale"
        )]
        {
            *out = nearest as i32 as i16;
        }
    }
    (largest / 32767.0, rounded)
}

/// Which inner loop runs.
#[derive(Debug, Clone, Copy)]
enum Engine {
    Plain,
    #[cfg(target_arch = "x86_64")]
    Avx2(pulp::x86::V3),
}

impl Engine {
    fn best() -> Engine {
        #[cfg(target_arch = "x86_64")]
        if let Some(simd) = pulp::x86::V3::try_new() {
            return Engine::Avx2(simd);
        }
        Engine::Plain
    }
}

/// Rows of weights that one thread takes at a time.
const SLICE: usize = 64;

/// Bytes of rounded inputs that surely stay in the nearest cache, beside a row of weights.
const NEAREST_CACHE: usize = 24 * 1024;

/// Multiplies: `x` (T, columns) gives (T, rows), row by row.
pub fn multiply(weights: &Packed, x: &[f32]) -> Vec<f32> {
    product(Engine::best(), weights, &Rounded::new(x, weights.columns))
}

fn product(engine: Engine, weights: &Packed, x: &Rounded) -> Vec<f32> {
    let (rows, count) = (weights.rows, x.rows);
    // Made with a row for each output, so that threads write apart from each other, and turned at the end.
    let mut turned = vec![0f32; rows * count];
    let fill = |(slice, out): (usize, &mut [f32])| match engine {
        Engine::Plain => slice_of_rows(&Plain, weights, x, slice * SLICE, out),
        #[cfg(target_arch = "x86_64")]
        Engine::Avx2(simd) => simd.vectorize(
            #[inline(always)]
            || slice_of_rows(&avx2::Avx2(simd), weights, x, slice * SLICE, out),
        ),
    };
    if count > 0 {
        turned
            .par_chunks_mut(SLICE * count)
            .enumerate()
            .for_each(fill);
    }
    if count == 1 {
        turned
    } else {
        turn(&turned, rows, count)
    }
}

/// (rows, count) to (count, rows), in tiles that stay in the cache.
fn turn(from: &[f32], rows: usize, count: usize) -> Vec<f32> {
    let mut to = vec![0f32; from.len()];
    for first in (0..rows).step_by(16) {
        let last = rows.min(first + 16);
        for (column, to) in to.chunks_exact_mut(rows).enumerate() {
            for row in first..last {
                to[row] = from[row * count + column];
            }
        }
    }
    to
}

/// The dot products of one group of weights with several inputs, added up over the groups of a row.
trait Dot {
    /// Sums over a row of eight-bit weights for `N` inputs.
    fn eight<const N: usize>(
        &self,
        bits: &[[i8; 32]],
        scales: &[f32],
        x: [Input<'_>; N],
    ) -> [f32; N];
    /// The same for numbers 0..=15.
    fn four<const N: usize>(
        &self,
        bits: &[[u8; 16]],
        scales: &[f32],
        x: [Input<'_>; N],
    ) -> [f32; N];
    /// `Σ a·b`.
    fn floats(&self, a: &[f32], b: &[f32]) -> f32;
}

#[inline(always)]
fn slice_of_rows<D: Dot>(dot: &D, weights: &Packed, x: &Rounded, first: usize, out: &mut [f32]) {
    let groups = weights.groups();
    // As many inputs at a time as stay in the nearest cache while all rows of the slice pass by.
    let block = (NEAREST_CACHE / (size_of::<i16>() * weights.columns)).max(4) / 4 * 4;
    for start in (0..x.rows).step_by(block) {
        let end = x.rows.min(start + block);
        for (row, out) in (first..).zip(out.chunks_exact_mut(x.rows)) {
            let range = row * groups..(row + 1) * groups;
            let scales = &weights.scales[range.clone()];
            let out = &mut out[start..end];
            let mut at = start;
            let mut fours = out.chunks_exact_mut(4);
            for out in &mut fours {
                let inputs = [x.row(at), x.row(at + 1), x.row(at + 2), x.row(at + 3)];
                out.copy_from_slice(&sums(dot, &weights.bits, &range, scales, inputs));
                at += 4;
            }
            for out in fours.into_remainder() {
                [*out] = sums(dot, &weights.bits, &range, scales, [x.row(at)]);
                at += 1;
            }
            if !weights.mins.is_empty() {
                let mins = &weights.mins[range];
                for (at, out) in (start..).zip(out) {
                    *out += dot.floats(mins, x.row(at).sums);
                }
            }
        }
    }
}

#[inline(always)]
fn sums<D: Dot, const N: usize>(
    dot: &D,
    bits: &Bits,
    range: &std::ops::Range<usize>,
    scales: &[f32],
    x: [Input<'_>; N],
) -> [f32; N] {
    match bits {
        Bits::Four(bits) => dot.four(&bits[range.clone()], scales, x),
        Bits::Eight(bits) => dot.eight(&bits[range.clone()], scales, x),
    }
}

/// The twin that runs everywhere.
struct Plain;

impl Dot for Plain {
    #[inline(always)]
    fn eight<const N: usize>(
        &self,
        bits: &[[i8; 32]],
        scales: &[f32],
        x: [Input<'_>; N],
    ) -> [f32; N] {
        x.map(|x| {
            let mut sum = 0f32;
            for (((w, scale), n), x_scale) in bits.iter().zip(scales).zip(x.numbers).zip(x.scales) {
                let products: i32 = w
                    .iter()
                    .zip(n)
                    .map(|(w, n)| i32::from(*w) * i32::from(*n))
                    .sum();
                sum += scale * x_scale * products as f32;
            }
            sum
        })
    }

    #[inline(always)]
    fn four<const N: usize>(
        &self,
        bits: &[[u8; 16]],
        scales: &[f32],
        x: [Input<'_>; N],
    ) -> [f32; N] {
        x.map(|x| {
            let mut sum = 0f32;
            for (((w, scale), n), x_scale) in bits.iter().zip(scales).zip(x.numbers).zip(x.scales) {
                let mut products = 0i32;
                for (at, byte) in w.iter().enumerate() {
                    products += i32::from(byte & 15) * i32::from(n[at])
                        + i32::from(byte >> 4) * i32::from(n[at + 16]);
                }
                sum += scale * x_scale * products as f32;
            }
            sum
        })
    }

    #[inline(always)]
    fn floats(&self, a: &[f32], b: &[f32]) -> f32 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::{Dot, Input};
    use pulp::x86::V3;
    use std::arch::x86_64::{__m128i, __m256, __m256i};

    /// 32 products in two instructions; the type is the proof that the machine has them.
    pub struct Avx2(pub V3);

    impl Avx2 {
        /// The eight sums in one register, added up.
        #[inline(always)]
        fn total(&self, sums: __m256) -> f32 {
            let lanes: [f32; 8] = pulp::cast(sums);
            ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5]))
                + ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]))
        }

        /// Sums of products of 16 numbers and 16 more with those of an input, as floats. Each is a sum of four products
        /// of at most 128 · 32767 in size, which stays below 2^24 and so is exact.
        #[inline(always)]
        fn products(&self, first: __m256i, second: __m256i, x: &[i16; 32]) -> __m256 {
            let halves: [__m256i; 2] = pulp::cast(*x);
            let pairs = self.0.avx2._mm256_madd_epi16(first, halves[0]);
            let more = self.0.avx2._mm256_madd_epi16(second, halves[1]);
            self.0
                .avx
                ._mm256_cvtepi32_ps(self.0.avx2._mm256_add_epi32(pairs, more))
        }

        #[inline(always)]
        fn add(&self, sum: __m256, products: __m256, scale: f32) -> __m256 {
            self.0
                .fma
                ._mm256_fmadd_ps(products, self.0.avx._mm256_set1_ps(scale), sum)
        }
    }

    impl Dot for Avx2 {
        #[inline(always)]
        fn eight<const N: usize>(
            &self,
            bits: &[[i8; 32]],
            scales: &[f32],
            x: [Input<'_>; N],
        ) -> [f32; N] {
            let mut sums = [self.0.avx._mm256_setzero_ps(); N];
            let groups = bits.len();
            let scales = &scales[..groups];
            let x = x.map(|x| (&x.numbers[..groups], &x.scales[..groups]));
            for group in 0..groups {
                let halves: [__m128i; 2] = pulp::cast(bits[group]);
                let first = self.0.avx2._mm256_cvtepi8_epi16(halves[0]);
                let second = self.0.avx2._mm256_cvtepi8_epi16(halves[1]);
                for n in 0..N {
                    let products = self.products(first, second, &x[n].0[group]);
                    sums[n] = self.add(sums[n], products, scales[group] * x[n].1[group]);
                }
            }
            sums.map(|sum| self.total(sum))
        }

        #[inline(always)]
        fn four<const N: usize>(
            &self,
            bits: &[[u8; 16]],
            scales: &[f32],
            x: [Input<'_>; N],
        ) -> [f32; N] {
            let mut sums = [self.0.avx._mm256_setzero_ps(); N];
            let low = self.0.avx._mm256_set1_epi16(15);
            let groups = bits.len();
            let scales = &scales[..groups];
            let x = x.map(|x| (&x.numbers[..groups], &x.scales[..groups]));
            for group in 0..groups {
                // A byte in each 16 bits: the lower number is masked, the upper one moved down.
                let both = self.0.avx2._mm256_cvtepu8_epi16(pulp::cast(bits[group]));
                let first = self.0.avx2._mm256_and_si256(both, low);
                let second = self.0.avx2._mm256_srli_epi16::<4>(both);
                for n in 0..N {
                    let products = self.products(first, second, &x[n].0[group]);
                    sums[n] = self.add(sums[n], products, scales[group] * x[n].1[group]);
                }
            }
            sums.map(|sum| self.total(sum))
        }

        #[inline(always)]
        fn floats(&self, a: &[f32], b: &[f32]) -> f32 {
            let (eights, rest) = a.as_chunks::<8>();
            let (eights_b, rest_b) = b.as_chunks::<8>();
            let mut sum = self.0.avx._mm256_setzero_ps();
            for (a, b) in eights.iter().zip(eights_b) {
                sum = self
                    .0
                    .fma
                    ._mm256_fmadd_ps(pulp::cast(*a), pulp::cast(*b), sum);
            }
            self.total(sum) + rest.iter().zip(rest_b).map(|(a, b)| a * b).sum::<f32>()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::Kind;

    fn numbers(count: usize, seed: u64) -> Vec<f32> {
        let mut random = crate::random::Random::new(seed);
        (0..count).map(|_| random.unit() * 2.0 - 1.0).collect()
    }

    /// Q4_1 blocks with random bits.
    fn four_bit(rows: usize, columns: usize) -> Packed {
        let mut random = crate::random::Random::new(5);
        let mut bytes = Vec::new();
        for _ in 0..rows * columns / 32 {
            bytes.extend(0x2c00u16.to_le_bytes());
            bytes.extend(0xb400u16.to_le_bytes());
            bytes.extend((0..16).map(|_| random.next().to_le_bytes()[0]));
        }
        Packed::new(Kind::Q4_1, &bytes, rows, columns).unwrap()
    }

    fn eight_bit(rows: usize, columns: usize) -> Packed {
        let bytes: Vec<u8> = numbers(rows * columns, 7)
            .iter()
            .flat_map(|x| x.to_le_bytes())
            .collect();
        Packed::new(Kind::F32, &bytes, rows, columns).unwrap()
    }

    #[test]
    fn the_product_is_near_the_exact_one() {
        for weights in [four_bit(70, 96), eight_bit(70, 96)] {
            let x = numbers(7 * 96, 3);
            let values = weights.values();
            let found = multiply(&weights, &x);
            for t in 0..7 {
                for row in 0..70 {
                    let exact: f32 = (0..96).map(|k| x[t * 96 + k] * values[row * 96 + k]).sum();
                    // Inputs are off by at most 1/65534 each; 96 products of at most 1.
                    assert!(
                        (found[t * 70 + row] - exact).abs() < 1e-3,
                        "{} for {exact}",
                        found[t * 70 + row]
                    );
                }
            }
        }
    }

    #[test]
    fn both_inner_loops_agree() {
        for weights in [four_bit(130, 288), eight_bit(130, 288)] {
            let x = Rounded::new(&numbers(9 * 288, 11), 288);
            let plain = product(Engine::Plain, &weights, &x);
            let best = product(Engine::best(), &weights, &x);
            for (a, b) in plain.iter().zip(&best) {
                assert!((a - b).abs() <= 1e-4 * a.abs().max(1.0), "{a} and {b}");
            }
        }
    }

    #[test]
    fn the_largest_numbers_do_not_overflow() {
        let bytes: Vec<u8> = [0x00, 0x3c].into_iter().chain([0x80u8; 32]).collect();
        let weights = Packed::new(Kind::Q8_0, &bytes, 1, 32).unwrap();
        let found = multiply(&weights, &[1.0; 32]);
        assert!((found[0] + 128.0 * 32.0).abs() < 0.01, "{}", found[0]);
    }

    #[test]
    fn rows_do_not_depend_on_their_company() {
        let weights = four_bit(100, 160);
        let x = numbers(13 * 160, 17);
        let together = multiply(&weights, &x);
        for (t, x) in x.chunks(160).enumerate() {
            assert_eq!(multiply(&weights, x), together[t * 100..(t + 1) * 100]);
        }
    }
}
