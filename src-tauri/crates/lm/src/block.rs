//! How a GGUF file writes numbers: in blocks of a few bits with a scale, decoded here into `f32`.
//!
//! Layouts: ggml's `ggml-common.h`. Bytes are read as they come, so a tensor may lie at any address of the file.

/// The types of tensor this program reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// 32-bit floats.
    F32,
    /// 16-bit floats.
    F16,
    /// The upper half of 32-bit floats.
    Bf16,
    /// 4 bits and a scale.
    Q4_0,
    /// 4 bits, a scale and a minimum.
    Q4_1,
    /// 5 bits and a scale.
    Q5_0,
    /// 5 bits, a scale and a minimum.
    Q5_1,
    /// 8 bits and a scale.
    Q8_0,
    /// 4 bits in blocks of 256 with scales and minima of 6 bits.
    Q4K,
    /// 5 bits in blocks of 256 with scales and minima of 6 bits.
    Q5K,
    /// 6 bits in blocks of 256 with scales of 8 bits.
    Q6K,
}

impl Kind {
    /// The type by ggml's number.
    pub fn from_number(number: u32) -> Option<Kind> {
        Some(match number {
            0 => Kind::F32,
            1 => Kind::F16,
            2 => Kind::Q4_0,
            3 => Kind::Q4_1,
            6 => Kind::Q5_0,
            7 => Kind::Q5_1,
            8 => Kind::Q8_0,
            12 => Kind::Q4K,
            13 => Kind::Q5K,
            14 => Kind::Q6K,
            30 => Kind::Bf16,
            _ => return None,
        })
    }

    /// Numbers in a block, and bytes of a block.
    pub fn block(self) -> (usize, usize) {
        match self {
            Kind::F32 => (1, 4),
            Kind::F16 | Kind::Bf16 => (1, 2),
            Kind::Q4_0 => (32, 18),
            Kind::Q4_1 => (32, 20),
            Kind::Q5_0 => (32, 22),
            Kind::Q5_1 => (32, 24),
            Kind::Q8_0 => (32, 34),
            Kind::Q4K => (256, 144),
            Kind::Q5K => (256, 176),
            Kind::Q6K => (256, 210),
        }
    }

    /// The name people know it by.
    pub fn name(self) -> &'static str {
        match self {
            Kind::F32 => "F32",
            Kind::F16 => "F16",
            Kind::Bf16 => "BF16",
            Kind::Q4_0 => "Q4_0",
            Kind::Q4_1 => "Q4_1",
            Kind::Q5_0 => "Q5_0",
            Kind::Q5_1 => "Q5_1",
            Kind::Q8_0 => "Q8_0",
            Kind::Q4K => "Q4_K",
            Kind::Q5K => "Q5_K",
            Kind::Q6K => "Q6_K",
        }
    }
}

/// Writes numbers in a type that loses little: F32, F16 or Q8_0. `bytes` takes exactly as many as the numbers need; a block
/// that is not full is not written.
///
/// # Panics
/// For any other type, which is a fault of this program.
pub fn encode(kind: Kind, numbers: &[f32], bytes: &mut [u8]) {
    let (count, size) = kind.block();
    for (numbers, block) in numbers
        .chunks_exact(count)
        .zip(bytes.chunks_exact_mut(size))
    {
        match kind {
            Kind::F32 => block.copy_from_slice(&numbers[0].to_le_bytes()),
            Kind::F16 => block.copy_from_slice(&to_half(numbers[0]).to_le_bytes()),
            Kind::Q8_0 => encode_eight(numbers, block),
            _ => unreachable!("{} is read only", kind.name()),
        }
    }
}

/// A block of Q8_0: the largest number becomes 127.
#[expect(
    clippy::cast_possible_truncation,
    reason = "at most 127 by the clamp, and not a number becomes 0"
)]
fn encode_eight(numbers: &[f32], block: &mut [u8]) {
    let largest = numbers.iter().fold(0f32, |largest, x| largest.max(x.abs()));
    let bits = to_half(largest / 127.0);
    block[..2].copy_from_slice(&bits.to_le_bytes());
    // The scale as it will be read, so that its own rounding does not add to that of the numbers.
    let scale = half(bits);
    let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
    for (x, byte) in numbers.iter().zip(&mut block[2..]) {
        let whole = (x * inverse).round_ties_even().clamp(-127.0, 127.0) as i8;
        *byte = whole.cast_unsigned();
    }
}

/// The value of an IEEE half-precision number.
pub fn half(bits: u16) -> f32 {
    let sign = u32::from(bits & 0x8000) << 16;
    let exponent = u32::from(bits >> 10) & 0x1f;
    let fraction = u32::from(bits) & 0x3ff;
    match exponent {
        // Subnormal: the fraction counts units of 2^-24.
        0 => f32::from_bits(sign | (fraction as f32 * f32::from_bits(0x3380_0000)).to_bits()),
        0x1f => f32::from_bits(sign | 0x7f80_0000 | fraction << 13),
        _ => f32::from_bits(sign | (exponent + 112) << 23 | fraction << 13),
    }
}

/// The nearest IEEE half-precision number; of two as near, the one whose last bit is zero. What is too large is infinite.
pub fn to_half(x: f32) -> u16 {
    let bits = x.to_bits();
    let sign = (bits >> 16 & 0x8000) as u16;
    let size = f32::from_bits(bits & 0x7fff_ffff);
    if size.is_nan() {
        return sign | 0x7e00;
    }
    if size >= 65520.0 {
        return sign | 0x7c00;
    }
    if size < 6.103_515_6e-5 {
        // Subnormal: a whole number of units of 2^-24. Adding 0.5 in such units lets the addition round to even.
        return sign | ((size + 0.5).to_bits() - 0x3f00_0000) as u16;
    }
    let bits = size.to_bits();
    let rounded = bits + 0xfff + (bits >> 13 & 1);
    sign | ((rounded - (112 << 23)) >> 13) as u16
}

fn half_at(bytes: &[u8], at: usize) -> f32 {
    half(u16::from_le_bytes([bytes[at], bytes[at + 1]]))
}

/// The scale and the minimum, of 6 bits each, of part `index` (0..8) of a Q4_K or Q5_K block.
#[inline(always)]
pub fn six_bits(packed: &[u8], index: usize) -> (u8, u8) {
    if index < 4 {
        (packed[index] & 63, packed[index + 4] & 63)
    } else {
        (
            packed[index + 4] & 15 | (packed[index - 4] >> 6) << 4,
            packed[index + 4] >> 4 | (packed[index] >> 6) << 4,
        )
    }
}

/// Decodes whole blocks; `out` takes exactly as many numbers as `bytes` hold.
pub fn decode(kind: Kind, bytes: &[u8], out: &mut [f32]) {
    let (count, size) = kind.block();
    for (block, out) in bytes.chunks_exact(size).zip(out.chunks_exact_mut(count)) {
        decode_block(kind, block, out);
    }
}

fn decode_block(kind: Kind, block: &[u8], out: &mut [f32]) {
    match kind {
        Kind::F32 => out[0] = f32::from_le_bytes([block[0], block[1], block[2], block[3]]),
        Kind::F16 => out[0] = half_at(block, 0),
        Kind::Bf16 => {
            out[0] = f32::from_bits(u32::from(u16::from_le_bytes([block[0], block[1]])) << 16)
        }
        Kind::Q4_0 => {
            let scale = half_at(block, 0);
            for (n, byte) in block[2..].iter().enumerate() {
                out[n] = scale * (f32::from(byte & 15) - 8.0);
                out[n + 16] = scale * (f32::from(byte >> 4) - 8.0);
            }
        }
        Kind::Q4_1 => {
            let (scale, min) = (half_at(block, 0), half_at(block, 2));
            for (n, byte) in block[4..].iter().enumerate() {
                out[n] = scale * f32::from(byte & 15) + min;
                out[n + 16] = scale * f32::from(byte >> 4) + min;
            }
        }
        Kind::Q5_0 => five_bits(
            half_at(block, 0),
            -16.0 * half_at(block, 0),
            &block[2..6],
            &block[6..],
            out,
        ),
        Kind::Q5_1 => five_bits(
            half_at(block, 0),
            half_at(block, 2),
            &block[4..8],
            &block[8..],
            out,
        ),
        Kind::Q8_0 => {
            let scale = half_at(block, 0);
            for (out, byte) in out.iter_mut().zip(&block[2..]) {
                *out = scale * f32::from(byte.cast_signed());
            }
        }
        Kind::Q4K => {
            let (scale, min) = (half_at(block, 0), half_at(block, 2));
            for (part, out) in out.chunks_exact_mut(32).enumerate() {
                let (s, m) = six_bits(&block[4..16], part);
                let (s, m) = (f32::from(s), f32::from(m));
                let bytes = &block[16 + part / 2 * 32..][..32];
                for (out, byte) in out.iter_mut().zip(bytes) {
                    *out = scale * s * f32::from(byte >> (part % 2 * 4) & 15) - min * m;
                }
            }
        }
        Kind::Q5K => {
            let (scale, min) = (half_at(block, 0), half_at(block, 2));
            for (part, out) in out.chunks_exact_mut(32).enumerate() {
                let (s, m) = six_bits(&block[4..16], part);
                let (s, m) = (f32::from(s), f32::from(m));
                let low = &block[48 + part / 2 * 32..][..32];
                for (n, out) in out.iter_mut().enumerate() {
                    let value = low[n] >> (part % 2 * 4) & 15 | (block[16 + n] >> part & 1) << 4;
                    *out = scale * s * f32::from(value) - min * m;
                }
            }
        }
        Kind::Q6K => {
            let scale = half_at(block, 208);
            for (n, out) in out.iter_mut().enumerate() {
                // Halves of 128 numbers; in each, four groups of 32 share the upper-bit bytes.
                let (part, group, lane) = (n / 128, n % 128 / 32, n % 32);
                let low = block[part * 64 + group % 2 * 32 + lane] >> (group / 2 * 4) & 15;
                let high = block[128 + part * 32 + lane] >> (group * 2) & 3;
                let s = f32::from(block[192 + part * 8 + group * 2 + lane / 16].cast_signed());
                *out = scale * s * (f32::from(low | high << 4) - 32.0);
            }
        }
    }
}

fn five_bits(scale: f32, min: f32, high: &[u8], low: &[u8], out: &mut [f32]) {
    let high = u32::from_le_bytes([high[0], high[1], high[2], high[3]]);
    for (n, byte) in low.iter().enumerate() {
        let bit = |n: usize| if high >> n & 1 == 1 { 16.0 } else { 0.0 };
        out[n] = scale * (f32::from(byte & 15) + bit(n)) + min;
        out[n + 16] = scale * (f32::from(byte >> 4) + bit(n + 16)) + min;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::quantized::{GgmlDType, QTensor, ggml_file::qtensor_from_ggml};
    use candle_core::{Device, Tensor};

    #[test]
    fn halves_have_their_values() {
        for (bits, value) in [
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
            (1, 5.960_464_5e-8),
            (0x8000, -0.0),
            (0x3555, 0.333_251_95),
        ] {
            assert_eq!(half(bits).to_bits(), f32::to_bits(value), "{bits:#x}");
        }
        assert!(half(0x7c00).is_infinite() && half(0x7e00).is_nan());
        for bits in 0..=0xffffu16 {
            let value = half(bits);
            assert!(value.is_nan() || to_half(value) == bits, "{bits:#x}");
            let next = half((bits & 0x7fff) + 1);
            if next.is_finite() && value.is_finite() {
                // Halfway to the next one: to the even of both.
                let middle = (half(bits & 0x7fff) + next) / 2.0;
                assert_eq!(to_half(middle), ((bits & 0x7fff) + 1) & !1, "{bits:#x}");
            }
        }
    }

    #[test]
    fn what_is_written_is_read_again_as_near_as_the_type_allows() {
        let numbers: Vec<f32> = (0..96)
            .map(|n| ((n * 7919 + 13) % 1009) as f32 / 400.0 - 1.1)
            .chain([0.0; 32])
            .collect();
        for (kind, off) in [
            (Kind::F32, 0.0),
            (Kind::F16, 2f32.powi(-11)),
            // Half a step of the largest number of a group, and what the scale itself is off.
            (Kind::Q8_0, 0.5 / 127.0 + 2f32.powi(-11)),
        ] {
            let (count, size) = kind.block();
            let mut bytes = vec![1u8; numbers.len() / count * size];
            encode(kind, &numbers, &mut bytes);
            let mut again = vec![1f32; numbers.len()];
            decode(kind, &bytes, &mut again);
            let (groups, found) = (numbers.chunks(32), again.chunks(32));
            for (group, found) in groups.zip(found) {
                let largest = group.iter().fold(0f32, |largest, x| largest.max(x.abs()));
                for (x, found) in group.iter().zip(found) {
                    assert!(
                        (x - found).abs() <= off * largest,
                        "{kind:?}: {found} for {x}"
                    );
                }
            }
        }
    }

    #[test]
    fn every_type_decodes_as_candle_decodes_it() {
        let values: Vec<f32> = (0..512)
            .map(|n| ((n * 7919 + 13) % 1009) as f32 / 400.0 - 1.1)
            .collect();
        let source = Tensor::from_vec(values, (2, 256), &Device::Cpu).unwrap();
        for (kind, dtype) in [
            (Kind::F32, GgmlDType::F32),
            (Kind::F16, GgmlDType::F16),
            (Kind::Bf16, GgmlDType::BF16),
            (Kind::Q4_0, GgmlDType::Q4_0),
            (Kind::Q4_1, GgmlDType::Q4_1),
            (Kind::Q5_0, GgmlDType::Q5_0),
            (Kind::Q5_1, GgmlDType::Q5_1),
            (Kind::Q8_0, GgmlDType::Q8_0),
            (Kind::Q4K, GgmlDType::Q4K),
            (Kind::Q5K, GgmlDType::Q5K),
            (Kind::Q6K, GgmlDType::Q6K),
        ] {
            let quantised = QTensor::quantize(&source, dtype).unwrap();
            let bytes = quantised.data().unwrap().into_owned();
            let (count, size) = kind.block();
            assert_eq!(bytes.len(), 512 / count * size, "{kind:?}");
            let again = qtensor_from_ggml(dtype, &bytes, vec![2, 256], &Device::Cpu).unwrap();
            let wanted = again
                .dequantize(&Device::Cpu)
                .unwrap()
                .flatten_all()
                .unwrap()
                .to_vec1::<f32>()
                .unwrap();
            let mut found = vec![0f32; 512];
            decode(kind, &bytes, &mut found);
            for (n, (found, wanted)) in found.iter().zip(&wanted).enumerate() {
                assert!(
                    (found - wanted).abs() <= 1e-6,
                    "{kind:?} number {n}: {found} for {wanted}"
                );
            }
        }
    }
}
