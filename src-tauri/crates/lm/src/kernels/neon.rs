//! The lanes of 64-bit ARM: four registers of four.
#![expect(
    unsafe_code,
    reason = "intrinsics, which every processor of this kind has"
)]

use std::arch::aarch64::*;

use super::Work;
use super::lanes::Lanes;

/// See [`super::Tier::run`].
pub fn run(work: impl Work) {
    work.run(Neon(()));
}

/// Four registers of four.
#[derive(Clone, Copy)]
struct Neon(());

/// Does the same to all four registers.
macro_rules! four {
    (|$n:ident| $body:expr) => {
        [0usize, 1, 2, 3].map(
            #[inline(always)]
            |$n| unsafe { $body },
        )
    };
}

// SAFETY of every block: kind 1: NEON is part of this kind of processor; those that read or write memory get a reference
// to as many bytes as they touch, and none needs its address aligned.
impl Lanes for Neon {
    type I = [int16x8_t; 4];
    type F = [float32x4_t; 4];

    #[inline(always)]
    fn zero(self) -> Self::I {
        four!(|_n| vdupq_n_s16(0))
    }
    #[inline(always)]
    fn load(self, bytes: &[u8; 64]) -> Self::I {
        four!(|n| vreinterpretq_s16_u8(vld1q_u8(bytes.as_ptr().add(16 * n))))
    }
    #[inline(always)]
    fn widen(self, bytes: &[u8; 32]) -> Self::I {
        four!(|n| vmovl_s8(vld1_s8(bytes.as_ptr().add(8 * n).cast())))
    }
    #[inline(always)]
    fn and(self, x: Self::I, mask: i16) -> Self::I {
        four!(|n| vandq_s16(x[n], vdupq_n_s16(mask)))
    }
    #[inline(always)]
    fn or(self, a: Self::I, b: Self::I) -> Self::I {
        four!(|n| vorrq_s16(a[n], b[n]))
    }
    #[inline(always)]
    fn shr<const N: u32>(self, x: Self::I) -> Self::I {
        // A shift to the left by a negative count.
        let count = -(N as i16);
        four!(|n| vreinterpretq_s16_u16(vshlq_u16(vreinterpretq_u16_s16(x[n]), vdupq_n_s16(count))))
    }
    #[inline(always)]
    fn shl<const N: u32>(self, x: Self::I) -> Self::I {
        let count = N as i16;
        four!(|n| vshlq_s16(x[n], vdupq_n_s16(count)))
    }
    #[inline(always)]
    fn less(self, x: Self::I, constant: i16) -> Self::I {
        four!(|n| vsubq_s16(x[n], vdupq_n_s16(constant)))
    }
    #[inline(always)]
    fn dot(self, sum: Self::I, weights: Self::I, pair: i32) -> Self::I {
        four!(|n| {
            let x = vreinterpretq_s16_s32(vdupq_n_s32(pair));
            let low = vmull_s16(vget_low_s16(weights[n]), vget_low_s16(x));
            let high = vmull_high_s16(weights[n], x);
            let sum = vreinterpretq_s32_s16(sum[n]);
            vreinterpretq_s16_s32(vaddq_s32(sum, vpaddq_s32(low, high)))
        })
    }
    #[inline(always)]
    fn dot_small(self, sum: Self::I, weights: Self::I, quad: i32) -> Self::I {
        four!(|n| {
            let (w, x) = (
                vreinterpretq_s8_s16(weights[n]),
                vreinterpretq_s8_s32(vdupq_n_s32(quad)),
            );
            let low = vpaddlq_s16(vmull_s8(vget_low_s8(w), vget_low_s8(x)));
            let high = vpaddlq_s16(vmull_high_s8(w, x));
            let sum = vreinterpretq_s32_s16(sum[n]);
            vreinterpretq_s16_s32(vaddq_s32(sum, vpaddq_s32(low, high)))
        })
    }
    #[inline(always)]
    fn add(self, a: Self::I, b: Self::I) -> Self::I {
        four!(|n| vreinterpretq_s16_s32(vaddq_s32(
            vreinterpretq_s32_s16(a[n]),
            vreinterpretq_s32_s16(b[n])
        )))
    }
    #[inline(always)]
    fn floats(self, x: Self::I) -> Self::F {
        four!(|n| vcvtq_f32_s32(vreinterpretq_s32_s16(x[n])))
    }
    #[inline(always)]
    fn halves(self, bytes: &[u8; 32]) -> Self::F {
        // The bits of a half, moved into those of a float, are its value times 2^-112. Infinity becomes 65536.
        four!(|n| {
            let bits = vmovl_u16(vreinterpret_u16_u8(vld1_u8(bytes.as_ptr().add(8 * n))));
            let sign = vshlq_n_u32::<16>(vandq_u32(bits, vdupq_n_u32(0x8000)));
            let size = vshlq_n_u32::<13>(vandq_u32(bits, vdupq_n_u32(0x7fff)));
            let scale = vdupq_n_f32(f32::from_bits((127 + 112) << 23));
            let size = vmulq_f32(vreinterpretq_f32_u32(size), scale);
            vreinterpretq_f32_u32(vorrq_u32(vreinterpretq_u32_f32(size), sign))
        })
    }
    #[inline(always)]
    fn brains(self, bytes: &[u8; 32]) -> Self::F {
        four!(|n| {
            let bits = vmovl_u16(vreinterpret_u16_u8(vld1_u8(bytes.as_ptr().add(8 * n))));
            vreinterpretq_f32_u32(vshlq_n_u32::<16>(bits))
        })
    }
    #[inline(always)]
    fn singles(self, bytes: &[u8; 64]) -> Self::F {
        four!(|n| vreinterpretq_f32_u8(vld1q_u8(bytes.as_ptr().add(16 * n))))
    }
    #[inline(always)]
    fn unsigned(self, bytes: &[u8; 16]) -> Self::F {
        let floats = bytes.map(f32::from);
        self.get(&floats)
    }
    #[inline(always)]
    fn signed(self, bytes: &[u8; 16]) -> Self::F {
        let floats = bytes.map(|byte| f32::from(byte as i8));
        self.get(&floats)
    }
    #[inline(always)]
    fn splat(self, x: f32) -> Self::F {
        four!(|_n| vdupq_n_f32(x))
    }
    #[inline(always)]
    fn get(self, x: &[f32; 16]) -> Self::F {
        four!(|n| vld1q_f32(x.as_ptr().add(4 * n)))
    }
    #[inline(always)]
    fn to_halves(self, x: Self::F) -> [u8; 32] {
        let mut floats = [0f32; 16];
        self.put(x, &mut floats);
        let mut out = [0; 32];
        for (out, x) in out.chunks_exact_mut(2).zip(floats) {
            out.copy_from_slice(&crate::block::to_half(x).to_le_bytes());
        }
        out
    }
    #[inline(always)]
    fn put(self, x: Self::F, to: &mut [f32; 16]) {
        for (n, x) in x.into_iter().enumerate() {
            unsafe { vst1q_f32(to.as_mut_ptr().add(4 * n), x) }
        }
    }
    #[inline(always)]
    fn mul(self, a: Self::F, b: Self::F) -> Self::F {
        four!(|n| vmulq_f32(a[n], b[n]))
    }
    #[inline(always)]
    fn fma(self, a: Self::F, b: Self::F, c: Self::F) -> Self::F {
        four!(|n| vfmaq_f32(c[n], a[n], b[n]))
    }
}
