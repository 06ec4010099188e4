//! The lanes of x86: AVX-512 in one register of sixteen, AVX2 in two of eight.
#![expect(
    unsafe_code,
    reason = "intrinsics, and calls of functions compiled for instructions that the machine was seen to have"
)]

use std::arch::x86_64::*;

use super::lanes::Lanes;
use super::{Tier, Work};

pub fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("fma")
        && is_x86_feature_detected!("f16c")
}

pub fn has_avx_vnni() -> bool {
    has_avx2() && is_x86_feature_detected!("avxvnni")
}

pub fn has_avx512() -> bool {
    has_avx2()
        && is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512vnni")
}

/// Whether AVX-512 has products of upper halves of floats.
pub fn has_brains() -> bool {
    has_avx512() && is_x86_feature_detected!("avx512bf16")
}

/// Work on [`Tier::Avx512`] with those products.
pub fn run_brains(work: impl Work) {
    assert!(has_brains(), "this machine has no avx512bf16");
    // SAFETY: kind 2: the machine has the instructions the function is compiled for, by the line above.
    unsafe { avx512_brains(work) }
}

/// See [`Tier::run`].
pub fn run(tier: Tier, work: impl Work) {
    assert!(tier.available(), "this machine has no {}", tier.name());
    // SAFETY: kind 2: the machine has the instructions the functions are compiled for, by the line above.
    unsafe {
        match tier {
            Tier::Avx512 => avx512(work),
            Tier::AvxVnni => avx_vnni(work),
            _ => avx2(work),
        }
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,avx2,fma,f16c")]
fn avx512(work: impl Work) {
    work.run(Avx512::<false>(()));
}

#[target_feature(enable = "avx512bf16,avx512f,avx512bw,avx512vl,avx512vnni,avx2,fma,f16c")]
fn avx512_brains(work: impl Work) {
    work.run(Avx512::<true>(()));
}

#[target_feature(enable = "avxvnni,avx2,fma,f16c")]
fn avx_vnni(work: impl Work) {
    work.run(Avx2::<true>(()));
}

#[target_feature(enable = "avx2,fma,f16c")]
fn avx2(work: impl Work) {
    work.run(Avx2::<false>(()));
}

/// One register of sixteen. Made only in [`avx512`], and with `BRAINS` only in [`avx512_brains`].
#[derive(Clone, Copy)]
struct Avx512<const BRAINS: bool>(());

/// Two registers of eight. Made only in [`avx2`], and with `VNNI` only in [`avx_vnni`].
#[derive(Clone, Copy)]
struct Avx2<const VNNI: bool>(());

// SAFETY of every block in this and the next impl: kind 1; those that read or write memory get a reference to as many
// bytes as the instruction touches, and none needs its address aligned.
impl<const BRAINS: bool> Lanes for Avx512<BRAINS> {
    type I = __m512i;
    type F = __m512;
    const WIDE: bool = true;

    #[inline(always)]
    fn prefetch(self, bytes: &[u8], ahead: usize) {
        // A hint that touches nothing: the address may lie anywhere.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(bytes.as_ptr().wrapping_add(ahead).cast()) }
    }
    #[inline(always)]
    fn zero(self) -> __m512i {
        unsafe { _mm512_setzero_si512() }
    }
    #[inline(always)]
    fn load(self, bytes: &[u8; 64]) -> __m512i {
        unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
    }
    #[inline(always)]
    fn widen(self, bytes: &[u8; 32]) -> __m512i {
        unsafe { _mm512_cvtepi8_epi16(_mm256_loadu_si256(bytes.as_ptr().cast())) }
    }
    #[inline(always)]
    fn and(self, x: __m512i, mask: i16) -> __m512i {
        unsafe { _mm512_and_si512(x, _mm512_set1_epi16(mask)) }
    }
    #[inline(always)]
    fn or(self, a: __m512i, b: __m512i) -> __m512i {
        unsafe { _mm512_or_si512(a, b) }
    }
    #[inline(always)]
    fn shr<const N: u32>(self, x: __m512i) -> __m512i {
        unsafe { _mm512_srli_epi16::<N>(x) }
    }
    #[inline(always)]
    fn shl<const N: u32>(self, x: __m512i) -> __m512i {
        unsafe { _mm512_slli_epi16::<N>(x) }
    }
    #[inline(always)]
    fn less(self, x: __m512i, constant: i16) -> __m512i {
        unsafe { _mm512_sub_epi16(x, _mm512_set1_epi16(constant)) }
    }
    #[inline(always)]
    fn dot(self, sum: __m512i, weights: __m512i, pair: i32) -> __m512i {
        unsafe { dpwssd_512(sum, weights, _mm512_set1_epi32(pair)) }
    }
    #[inline(always)]
    fn dot_small(self, sum: __m512i, weights: __m512i, quad: i32) -> __m512i {
        unsafe { dpbusd_512(sum, weights, _mm512_set1_epi32(quad)) }
    }
    #[inline(always)]
    fn add(self, a: __m512i, b: __m512i) -> __m512i {
        unsafe { _mm512_add_epi32(a, b) }
    }
    #[inline(always)]
    fn floats(self, x: __m512i) -> __m512 {
        unsafe { _mm512_cvtepi32_ps(x) }
    }
    #[inline(always)]
    fn halves(self, bytes: &[u8; 32]) -> __m512 {
        unsafe { _mm512_cvtph_ps(_mm256_loadu_si256(bytes.as_ptr().cast())) }
    }
    #[inline(always)]
    fn brains(self, bytes: &[u8; 32]) -> __m512 {
        unsafe {
            let wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256(bytes.as_ptr().cast()));
            _mm512_castsi512_ps(_mm512_slli_epi32::<16>(wide))
        }
    }
    #[inline(always)]
    fn singles(self, bytes: &[u8; 64]) -> __m512 {
        unsafe { _mm512_loadu_ps(bytes.as_ptr().cast()) }
    }
    #[inline(always)]
    fn unsigned(self, bytes: &[u8; 16]) -> __m512 {
        unsafe { _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(bytes.as_ptr().cast()))) }
    }
    #[inline(always)]
    fn signed(self, bytes: &[u8; 16]) -> __m512 {
        unsafe { _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128(bytes.as_ptr().cast()))) }
    }
    #[inline(always)]
    fn splat(self, x: f32) -> __m512 {
        unsafe { _mm512_set1_ps(x) }
    }
    #[inline(always)]
    fn get(self, x: &[f32; 16]) -> __m512 {
        unsafe { _mm512_loadu_ps(x.as_ptr()) }
    }
    #[inline(always)]
    fn to_halves(self, x: __m512) -> [u8; 32] {
        let mut out = [0; 32];
        unsafe {
            let halves = _mm512_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(x);
            _mm256_storeu_si256(out.as_mut_ptr().cast(), halves);
        }
        out
    }
    #[inline(always)]
    fn put(self, x: __m512, to: &mut [f32; 16]) {
        unsafe { _mm512_storeu_ps(to.as_mut_ptr(), x) }
    }
    #[inline(always)]
    fn mul(self, a: __m512, b: __m512) -> __m512 {
        unsafe { _mm512_mul_ps(a, b) }
    }
    #[inline(always)]
    fn fma(self, a: __m512, b: __m512, c: __m512) -> __m512 {
        unsafe { _mm512_fmadd_ps(a, b, c) }
    }
    #[inline(always)]
    fn dot_brains(self, sum: __m512, weights: __m512, pair: u32) -> __m512 {
        unsafe {
            let pair = _mm512_castsi512_ps(_mm512_set1_epi32(pair.cast_signed()));
            if BRAINS {
                return dpbf16_512(sum, weights, pair);
            }
            let upper = _mm512_set1_epi32(0xffff_0000_u32.cast_signed());
            let halves = |x: __m512| {
                let x = _mm512_castps_si512(x);
                let low = _mm512_castsi512_ps(_mm512_slli_epi32::<16>(x));
                (low, _mm512_castsi512_ps(_mm512_and_si512(x, upper)))
            };
            let ((low, high), (first, second)) = (halves(weights), halves(pair));
            _mm512_fmadd_ps(high, second, _mm512_fmadd_ps(low, first, sum))
        }
    }
}

/// A dot product of VNNI. The intrinsics will not do: the compiler makes two instructions of them, a product and a sum,
/// which take twice the time here.
macro_rules! dot {
    ($name:ident, $vector:ident, $class:ident, $features:literal, $instruction:literal) => {
        #[inline]
        #[target_feature(enable = $features)]
        fn $name(mut sum: $vector, weights: $vector, x: $vector) -> $vector {
            // SAFETY: kind 1.
            unsafe {
                std::arch::asm!(
                    concat!($instruction, " {sum}, {weights}, {x}"),
                    sum = inout($class) sum,
                    weights = in($class) weights,
                    x = in($class) x,
                    options(pure, nomem, nostack, preserves_flags)
                );
            }
            sum
        }
    };
}

dot!(
    dpwssd_512,
    __m512i,
    zmm_reg,
    "avx512f,avx512vnni",
    "vpdpwssd"
);
dot!(
    dpbusd_512,
    __m512i,
    zmm_reg,
    "avx512f,avx512vnni",
    "vpdpbusd"
);
dot!(
    dpbf16_512,
    __m512,
    zmm_reg,
    "avx512f,avx512bf16",
    "vdpbf16ps"
);
dot!(
    dpwssd_256,
    __m256i,
    ymm_reg,
    "avx2,avxvnni",
    "{{vex}} vpdpwssd"
);
dot!(
    dpbusd_256,
    __m256i,
    ymm_reg,
    "avx2,avxvnni",
    "{{vex}} vpdpbusd"
);

/// Does the same to both registers. Written out: `map` is compiled for the least of machines, and where the compiler does not
/// take it in, as in debug builds, every instruction is a call with its registers in memory.
macro_rules! both {
    (|$n:ident| $body:expr) => {
        unsafe {
            [
                {
                    let $n = 0usize;
                    $body
                },
                {
                    let $n = 1usize;
                    $body
                },
            ]
        }
    };
}

impl<const VNNI: bool> Lanes for Avx2<VNNI> {
    type I = [__m256i; 2];
    type F = [__m256; 2];

    #[inline(always)]
    fn prefetch(self, bytes: &[u8], ahead: usize) {
        // A hint that touches nothing: the address may lie anywhere.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(bytes.as_ptr().wrapping_add(ahead).cast()) }
    }
    #[inline(always)]
    fn zero(self) -> Self::I {
        both!(|_n| _mm256_setzero_si256())
    }
    #[inline(always)]
    fn load(self, bytes: &[u8; 64]) -> Self::I {
        both!(|n| _mm256_loadu_si256(bytes.as_ptr().add(32 * n).cast()))
    }
    #[inline(always)]
    fn widen(self, bytes: &[u8; 32]) -> Self::I {
        both!(|n| _mm256_cvtepi8_epi16(_mm_loadu_si128(bytes.as_ptr().add(16 * n).cast())))
    }
    #[inline(always)]
    fn and(self, x: Self::I, mask: i16) -> Self::I {
        both!(|n| _mm256_and_si256(x[n], _mm256_set1_epi16(mask)))
    }
    #[inline(always)]
    fn or(self, a: Self::I, b: Self::I) -> Self::I {
        both!(|n| _mm256_or_si256(a[n], b[n]))
    }
    #[inline(always)]
    fn shr<const N: u32>(self, x: Self::I) -> Self::I {
        both!(|n| _mm256_srl_epi16(x[n], _mm_cvtsi32_si128(N.cast_signed())))
    }
    #[inline(always)]
    fn shl<const N: u32>(self, x: Self::I) -> Self::I {
        both!(|n| _mm256_sll_epi16(x[n], _mm_cvtsi32_si128(N.cast_signed())))
    }
    #[inline(always)]
    fn less(self, x: Self::I, constant: i16) -> Self::I {
        both!(|n| _mm256_sub_epi16(x[n], _mm256_set1_epi16(constant)))
    }
    #[inline(always)]
    fn dot(self, sum: Self::I, weights: Self::I, pair: i32) -> Self::I {
        if VNNI {
            both!(|n| dpwssd_256(sum[n], weights[n], _mm256_set1_epi32(pair)))
        } else {
            both!(|n| _mm256_add_epi32(
                sum[n],
                _mm256_madd_epi16(weights[n], _mm256_set1_epi32(pair))
            ))
        }
    }
    #[inline(always)]
    fn dot_small(self, sum: Self::I, weights: Self::I, quad: i32) -> Self::I {
        if VNNI {
            both!(|n| dpbusd_256(sum[n], weights[n], _mm256_set1_epi32(quad)))
        } else {
            // Two products of at most 15 · 127 fit into 16 bits.
            both!(|n| {
                let pairs = _mm256_maddubs_epi16(weights[n], _mm256_set1_epi32(quad));
                _mm256_add_epi32(sum[n], _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
            })
        }
    }
    #[inline(always)]
    fn add(self, a: Self::I, b: Self::I) -> Self::I {
        both!(|n| _mm256_add_epi32(a[n], b[n]))
    }
    #[inline(always)]
    fn floats(self, x: Self::I) -> Self::F {
        both!(|n| _mm256_cvtepi32_ps(x[n]))
    }
    #[inline(always)]
    fn halves(self, bytes: &[u8; 32]) -> Self::F {
        both!(|n| _mm256_cvtph_ps(_mm_loadu_si128(bytes.as_ptr().add(16 * n).cast())))
    }
    #[inline(always)]
    fn brains(self, bytes: &[u8; 32]) -> Self::F {
        both!(|n| {
            let wide = _mm256_cvtepu16_epi32(_mm_loadu_si128(bytes.as_ptr().add(16 * n).cast()));
            _mm256_castsi256_ps(_mm256_slli_epi32::<16>(wide))
        })
    }
    #[inline(always)]
    fn singles(self, bytes: &[u8; 64]) -> Self::F {
        both!(|n| _mm256_loadu_ps(bytes.as_ptr().add(32 * n).cast()))
    }
    #[inline(always)]
    fn unsigned(self, bytes: &[u8; 16]) -> Self::F {
        both!(|n| _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(
            bytes.as_ptr().add(8 * n).cast()
        ))))
    }
    #[inline(always)]
    fn signed(self, bytes: &[u8; 16]) -> Self::F {
        both!(|n| _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64(
            bytes.as_ptr().add(8 * n).cast()
        ))))
    }
    #[inline(always)]
    fn splat(self, x: f32) -> Self::F {
        both!(|_n| _mm256_set1_ps(x))
    }
    #[inline(always)]
    fn get(self, x: &[f32; 16]) -> Self::F {
        both!(|n| _mm256_loadu_ps(x.as_ptr().add(8 * n)))
    }
    #[inline(always)]
    fn to_halves(self, x: Self::F) -> [u8; 32] {
        let mut out = [0; 32];
        for (n, x) in x.into_iter().enumerate() {
            unsafe {
                let halves = _mm256_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(x);
                _mm_storeu_si128(out.as_mut_ptr().add(16 * n).cast(), halves);
            }
        }
        out
    }
    #[inline(always)]
    fn put(self, x: Self::F, to: &mut [f32; 16]) {
        for (n, x) in x.into_iter().enumerate() {
            unsafe { _mm256_storeu_ps(to.as_mut_ptr().add(8 * n), x) }
        }
    }
    #[inline(always)]
    fn mul(self, a: Self::F, b: Self::F) -> Self::F {
        both!(|n| _mm256_mul_ps(a[n], b[n]))
    }
    #[inline(always)]
    fn fma(self, a: Self::F, b: Self::F, c: Self::F) -> Self::F {
        both!(|n| _mm256_fmadd_ps(a[n], b[n], c[n]))
    }
}
