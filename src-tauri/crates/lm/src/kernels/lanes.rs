//! What the inner loops are written in: sixteen numbers at a time.

/// Sixteen lanes of an instruction set: integers of 32 bits, or twice as many of 16, and floats.
///
/// The loops see one result per lane, sixteen rows of weights, so that no sum runs across lanes and all sets add in the
/// same order. Integer results are the same in all sets, bit for bit; float results may differ where a set has no fused
/// multiply-add.
pub trait Lanes: Copy {
    /// 16 × i32, or 32 × i16.
    type I: Copy;
    /// 16 × f32.
    type F: Copy;
    /// Whether there are registers enough for 24 × `F` and more.
    const WIDE: bool = false;

    /// Says that the bytes so far ahead will be read soon.
    #[inline(always)]
    fn prefetch(self, _bytes: &[u8], _ahead: usize) {}
    /// Zeros.
    fn zero(self) -> Self::I;
    /// 32 × u16 as they lie in memory, little-endian.
    fn load(self, bytes: &[u8; 64]) -> Self::I;
    /// 32 × i8, each widened to 16 bits.
    fn widen(self, bytes: &[u8; 32]) -> Self::I;
    /// 16-bit lanes: and with a constant.
    fn and(self, x: Self::I, mask: i16) -> Self::I;
    /// Bitwise or.
    fn or(self, a: Self::I, b: Self::I) -> Self::I;
    /// 16-bit lanes: shifted right by `N`, zeros come in.
    fn shr<const N: u32>(self, x: Self::I) -> Self::I;
    /// 16-bit lanes: shifted left by `N`.
    fn shl<const N: u32>(self, x: Self::I) -> Self::I;
    /// 16-bit lanes: less a constant.
    fn less(self, x: Self::I, constant: i16) -> Self::I;
    /// Adds to each 32-bit lane the two products of its 16-bit halves with those of `pair`.
    fn dot(self, sum: Self::I, weights: Self::I, pair: i32) -> Self::I;
    /// Adds to each 32-bit lane the four products of its bytes, which are 0 to 15, with the signed bytes of `quad`.
    fn dot_small(self, sum: Self::I, weights: Self::I, quad: i32) -> Self::I;
    /// 32-bit lanes: added.
    fn add(self, a: Self::I, b: Self::I) -> Self::I;
    /// 32-bit lanes as floats.
    fn floats(self, x: Self::I) -> Self::F;

    /// 16 half-precision numbers.
    fn halves(self, bytes: &[u8; 32]) -> Self::F;
    /// 16 numbers that are the upper halves of floats.
    fn brains(self, bytes: &[u8; 32]) -> Self::F;
    /// 16 floats as they lie in memory, little-endian.
    fn singles(self, bytes: &[u8; 64]) -> Self::F;
    /// 16 bytes.
    fn unsigned(self, bytes: &[u8; 16]) -> Self::F;
    /// 16 signed bytes.
    fn signed(self, bytes: &[u8; 16]) -> Self::F;
    /// One number in all lanes.
    fn splat(self, x: f32) -> Self::F;
    /// From memory.
    fn get(self, x: &[f32; 16]) -> Self::F;
    /// Rounded to half precision, to the nearest and of two to the even one.
    fn to_halves(self, x: Self::F) -> [u8; 32];
    /// To memory.
    fn put(self, x: Self::F, to: &mut [f32; 16]);
    /// `a · b`.
    fn mul(self, a: Self::F, b: Self::F) -> Self::F;
    /// `a · b + c`.
    fn fma(self, a: Self::F, b: Self::F, c: Self::F) -> Self::F;
    /// Adds to each float two products: of the halves of a lane of `weights`, each the upper half of a float, with those of
    /// `pair`. How the sum is rounded on the way is left to the instruction.
    #[inline(always)]
    fn dot_brains(self, sum: Self::F, weights: Self::F, pair: u32) -> Self::F {
        let mut both = [0f32; 16];
        self.put(weights, &mut both);
        let (mut low, mut high) = ([0f32; 16], [0f32; 16]);
        for (n, both) in both.iter().enumerate() {
            [low[n], high[n]] = halves_of(both.to_bits());
        }
        let [first, second] = halves_of(pair);
        let sum = self.fma(self.get(&low), self.splat(first), sum);
        self.fma(self.get(&high), self.splat(second), sum)
    }
}

/// The floats whose upper halves are the lower and the upper half of a word.
#[inline(always)]
fn halves_of(word: u32) -> [f32; 2] {
    [
        f32::from_bits(word << 16),
        f32::from_bits(word & 0xffff_0000),
    ]
}

/// Lanes in plain Rust.
#[derive(Clone, Copy)]
pub struct Scalar;

/// Both readings of 64 bytes.
#[derive(Clone, Copy)]
pub struct Plain([i16; 32]);

impl Plain {
    fn wide(self) -> [i32; 16] {
        std::array::from_fn(|n| {
            let [low, high] = [self.0[2 * n], self.0[2 * n + 1]];
            i32::from(high) << 16 | i32::from(low.cast_unsigned())
        })
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "the two halves of a number are taken apart"
    )]
    fn narrow(wide: [i32; 16]) -> Plain {
        Plain(std::array::from_fn(|n| {
            (wide[n / 2] >> (n % 2 * 16)) as i16
        }))
    }
}

/// Maps sixteen places of memory to floats.
fn lanes<const N: usize>(bytes: &[u8], read: impl Fn([u8; N]) -> f32) -> [f32; 16] {
    let (parts, _) = bytes.as_chunks::<N>();
    std::array::from_fn(|n| read(parts[n]))
}

impl Lanes for Scalar {
    type I = Plain;
    type F = [f32; 16];

    fn zero(self) -> Plain {
        Plain([0; 32])
    }
    fn load(self, bytes: &[u8; 64]) -> Plain {
        Plain(std::array::from_fn(|n| {
            i16::from_le_bytes([bytes[2 * n], bytes[2 * n + 1]])
        }))
    }
    fn widen(self, bytes: &[u8; 32]) -> Plain {
        Plain(bytes.map(|byte| i16::from(byte.cast_signed())))
    }
    fn and(self, x: Plain, mask: i16) -> Plain {
        Plain(x.0.map(|x| x & mask))
    }
    fn or(self, a: Plain, b: Plain) -> Plain {
        Plain(std::array::from_fn(|n| a.0[n] | b.0[n]))
    }
    fn shr<const N: u32>(self, x: Plain) -> Plain {
        Plain(x.0.map(|x| (x.cast_unsigned() >> N).cast_signed()))
    }
    fn shl<const N: u32>(self, x: Plain) -> Plain {
        Plain(x.0.map(|x| x << N))
    }
    fn less(self, x: Plain, constant: i16) -> Plain {
        Plain(x.0.map(|x| x.wrapping_sub(constant)))
    }
    fn dot(self, sum: Plain, weights: Plain, pair: i32) -> Plain {
        let [low, high] = [pair << 16 >> 16, pair >> 16];
        let sum = sum.wide();
        Plain::narrow(std::array::from_fn(|n| {
            let first = i32::from(weights.0[2 * n]).wrapping_mul(low);
            let second = i32::from(weights.0[2 * n + 1]).wrapping_mul(high);
            sum[n].wrapping_add(first).wrapping_add(second)
        }))
    }
    fn dot_small(self, sum: Plain, weights: Plain, quad: i32) -> Plain {
        let (sum, weights) = (sum.wide(), weights.wide());
        Plain::narrow(std::array::from_fn(|n| {
            let terms = weights[n].to_le_bytes().into_iter().zip(quad.to_le_bytes());
            sum[n]
                + terms
                    .map(|(w, x)| i32::from(w) * i32::from(x.cast_signed()))
                    .sum::<i32>()
        }))
    }
    fn add(self, a: Plain, b: Plain) -> Plain {
        let (a, b) = (a.wide(), b.wide());
        Plain::narrow(std::array::from_fn(|n| a[n].wrapping_add(b[n])))
    }
    fn floats(self, x: Plain) -> [f32; 16] {
        x.wide().map(|x| x as f32)
    }
    fn halves(self, bytes: &[u8; 32]) -> [f32; 16] {
        lanes(bytes, |two| crate::block::half(u16::from_le_bytes(two)))
    }
    fn brains(self, bytes: &[u8; 32]) -> [f32; 16] {
        lanes(bytes, |[low, high]| f32::from_le_bytes([0, 0, low, high]))
    }
    fn singles(self, bytes: &[u8; 64]) -> [f32; 16] {
        lanes(bytes, f32::from_le_bytes)
    }
    fn unsigned(self, bytes: &[u8; 16]) -> [f32; 16] {
        bytes.map(f32::from)
    }
    fn signed(self, bytes: &[u8; 16]) -> [f32; 16] {
        bytes.map(|byte| f32::from(byte.cast_signed()))
    }
    fn splat(self, x: f32) -> [f32; 16] {
        [x; 16]
    }
    fn get(self, x: &[f32; 16]) -> [f32; 16] {
        *x
    }
    fn to_halves(self, x: [f32; 16]) -> [u8; 32] {
        let mut out = [0; 32];
        for (out, x) in out.as_chunks_mut::<2>().0.iter_mut().zip(x) {
            *out = crate::block::to_half(x).to_le_bytes();
        }
        out
    }
    fn put(self, x: [f32; 16], to: &mut [f32; 16]) {
        *to = x;
    }
    fn mul(self, a: [f32; 16], b: [f32; 16]) -> [f32; 16] {
        std::array::from_fn(|n| a[n] * b[n])
    }
    fn fma(self, a: [f32; 16], b: [f32; 16], c: [f32; 16]) -> [f32; 16] {
        std::array::from_fn(|n| a[n] * b[n] + c[n])
    }
}
