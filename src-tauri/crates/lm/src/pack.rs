//! Weights as they are kept while the model runs: 4 or 8 bits with a scale (and a minimum) for every 32 numbers of a row.
//!
//! Q4_0, Q4_1, Q4_K and Q8_0 keep their exact values; the other types are rounded once, at load, to 8 bits. Only this
//! copy is kept, so a model takes about as much memory as its file.

use crate::block::{Kind, decode, half, six_bits};

/// Numbers that share a scale.
pub const GROUP: usize = 32;

/// A matrix of weights, row by row. The value of number `n` of a group is `scale · q[n] + min`.
#[derive(Debug, Clone, PartialEq)]
pub struct Packed {
    /// Rows: outputs of the layer.
    pub rows: usize,
    /// Numbers in a row: inputs of the layer; a multiple of 32.
    pub columns: usize,
    /// The bits.
    pub bits: Bits,
    /// A scale for each group.
    pub scales: Vec<f32>,
    /// A minimum for each group; empty where all are zero.
    pub mins: Vec<f32>,
}

/// The small integers of a matrix.
#[derive(Debug, Clone, PartialEq)]
pub enum Bits {
    /// 0..=15; byte `j` of a group holds number `j` below and number `j + 16` above.
    Four(Vec<[u8; 16]>),
    /// -127..=127 (a file may hold -128).
    Eight(Vec<[i8; 32]>),
}

impl Packed {
    /// Packs a matrix of a file. `bytes` holds exactly `rows · columns` numbers of this kind; `None` where a row is no
    /// whole number of groups.
    pub fn new(kind: Kind, bytes: &[u8], rows: usize, columns: usize) -> Option<Packed> {
        if columns == 0 || !columns.is_multiple_of(GROUP) {
            return None;
        }
        let groups = rows * columns / GROUP;
        let mut packed = Packed {
            rows,
            columns,
            bits: Bits::Four(Vec::new()),
            scales: Vec::with_capacity(groups),
            mins: Vec::new(),
        };
        match kind {
            Kind::Q4_0 | Kind::Q4_1 | Kind::Q4K => packed.take_four(kind, bytes, groups),
            Kind::Q8_0 => {
                let mut bits = Vec::with_capacity(groups);
                for block in bytes.chunks_exact(34) {
                    packed
                        .scales
                        .push(half(u16::from_le_bytes([block[0], block[1]])));
                    bits.push(std::array::from_fn(|n| block[2 + n].cast_signed()));
                }
                packed.bits = Bits::Eight(bits);
            }
            _ => {
                let mut bits = Vec::with_capacity(groups);
                let (count, size) = kind.block();
                // A whole number of groups and of blocks at a time: both divide 256.
                let mut numbers = [0f32; 256];
                for part in bytes.chunks(256 / count * size) {
                    let numbers = &mut numbers[..part.len() / size * count];
                    decode(kind, part, numbers);
                    for group in numbers.chunks_exact(GROUP) {
                        let (scale, rounded) = round(group);
                        packed.scales.push(scale);
                        bits.push(rounded);
                    }
                }
                packed.bits = Bits::Eight(bits);
            }
        }
        Some(packed)
    }

    fn take_four(&mut self, kind: Kind, bytes: &[u8], groups: usize) {
        let mut bits: Vec<[u8; 16]> = Vec::with_capacity(groups);
        self.mins = Vec::with_capacity(groups);
        let (_, size) = kind.block();
        for block in bytes.chunks_exact(size) {
            let scale = half(u16::from_le_bytes([block[0], block[1]]));
            let second = half(u16::from_le_bytes([block[2], block[3]]));
            match kind {
                Kind::Q4_0 => {
                    bits.push(std::array::from_fn(|n| block[2 + n]));
                    self.scales.push(scale);
                    self.mins.push(-8.0 * scale);
                }
                Kind::Q4_1 => {
                    bits.push(std::array::from_fn(|n| block[4 + n]));
                    self.scales.push(scale);
                    self.mins.push(second);
                }
                _ => {
                    for part in 0..8 {
                        let (s, m) = six_bits(&block[4..16], part);
                        let from = &block[16 + part / 2 * 32..][..32];
                        let number = |n: usize| from[n] >> (part % 2 * 4) & 15;
                        bits.push(std::array::from_fn(|n| number(n) | number(n + 16) << 4));
                        self.scales.push(scale * s);
                        self.mins.push(-second * m);
                    }
                }
            }
        }
        self.bits = Bits::Four(bits);
    }

    /// Groups in a row.
    pub fn groups(&self) -> usize {
        self.columns / GROUP
    }

    /// Writes the values of one row.
    pub fn row(&self, row: usize, out: &mut [f32]) {
        let first = row * self.groups();
        for (group, out) in (first..).zip(out.chunks_exact_mut(GROUP)) {
            let scale = self.scales[group];
            let min = self.mins.get(group).copied().unwrap_or(0.0);
            match &self.bits {
                Bits::Four(bits) => {
                    for (n, byte) in bits[group].iter().enumerate() {
                        out[n] = scale * f32::from(byte & 15) + min;
                        out[n + 16] = scale * f32::from(byte >> 4) + min;
                    }
                }
                Bits::Eight(bits) => {
                    for (out, byte) in out.iter_mut().zip(&bits[group]) {
                        *out = scale * f32::from(*byte) + min;
                    }
                }
            }
        }
    }

    /// All values, row by row.
    pub fn values(&self) -> Vec<f32> {
        let mut values = vec![0f32; self.rows * self.columns];
        for (row, out) in values.chunks_exact_mut(self.columns).enumerate() {
            self.row(row, out);
        }
        values
    }

    /// Bytes it takes in memory.
    pub fn bytes(&self) -> usize {
        let bits = match &self.bits {
            Bits::Four(bits) => bits.len() * 16,
            Bits::Eight(bits) => bits.len() * 32,
        };
        bits + (self.scales.len() + self.mins.len()) * 4
    }
}

/// Rounds a group to 8 bits around zero: the scale, and the numbers in -127..=127.
pub fn round(group: &[f32]) -> (f32, [i8; 32]) {
    let largest = group.iter().fold(0f32, |largest, x| largest.max(x.abs()));
    if largest == 0.0 || !largest.is_finite() {
        return (0.0, [0; 32]);
    }
    let inverse = 127.0 / largest;
    let mut rounded = [0i8; 32];
    for (out, x) in rounded.iter_mut().zip(group) {
        // Adding and taking away 1.5 · 2^23 rounds to the nearest integer in plain arithmetic, which every machine vectorises.
        let nearest = (x * inverse + 12_582_912.0) - 12_582_912.0;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "at most 127 by the choice of the scale"
        )]
        {
            *out = nearest as i8;
        }
    }
    (largest / 127.0, rounded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::quantized::{GgmlDType, QTensor};
    use candle_core::{Device, Tensor};

    fn check(kind: Kind, dtype: GgmlDType, tolerance: f32) {
        let values: Vec<f32> = (0..1024)
            .map(|n| ((n * 7919 + 13) % 1009) as f32 / 400.0 - 1.1)
            .collect();
        let source = Tensor::from_vec(values, (4, 256), &Device::Cpu).unwrap();
        let bytes = QTensor::quantize(&source, dtype)
            .unwrap()
            .data()
            .unwrap()
            .into_owned();
        let mut wanted = vec![0f32; 1024];
        decode(kind, &bytes, &mut wanted);
        let packed = Packed::new(kind, &bytes, 4, 256).unwrap();
        assert_eq!(
            (packed.rows, packed.columns, packed.scales.len()),
            (4, 256, 32)
        );
        for (n, (found, wanted)) in packed.values().iter().zip(&wanted).enumerate() {
            assert!(
                (found - wanted).abs() <= tolerance,
                "{kind:?} number {n}: {found} for {wanted}"
            );
        }
    }

    #[test]
    fn four_and_eight_bit_types_keep_their_values() {
        check(Kind::Q4_0, GgmlDType::Q4_0, 1e-6);
        check(Kind::Q4_1, GgmlDType::Q4_1, 1e-6);
        check(Kind::Q4K, GgmlDType::Q4K, 1e-6);
        check(Kind::Q8_0, GgmlDType::Q8_0, 0.0);
    }

    #[test]
    fn other_types_are_rounded_to_eight_bits() {
        // Half a step of 1/127 of the largest number, 1.42.
        for (kind, dtype) in [
            (Kind::F32, GgmlDType::F32),
            (Kind::Q6K, GgmlDType::Q6K),
            (Kind::Q5K, GgmlDType::Q5K),
            (Kind::Q5_1, GgmlDType::Q5_1),
        ] {
            check(kind, dtype, 0.0062);
        }
    }

    #[test]
    fn a_row_of_broken_groups_is_refused() {
        assert!(Packed::new(Kind::F32, &[0; 4 * 40], 1, 40).is_none());
    }

    #[test]
    fn rounding_survives_zeros_and_what_is_no_number() {
        assert_eq!(round(&[0.0; 32]).0, 0.0);
        assert_eq!(round(&[f32::INFINITY; 32]), (0.0, [0; 32]));
        let (scale, rounded) = round(&[-2.0, 1.0, 2.0, 0.5]);
        assert_eq!(&rounded[..4], [-127, 64, 127, 32]);
        assert_eq!(scale, 2.0 / 127.0);
    }
}
