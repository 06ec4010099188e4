//! How the types of weights lie in panels, as the inner loops read them; see [`crate::pack`].

use super::lanes::Lanes;
use crate::block::Kind;
use crate::pack::{self, unit};

/// How a type of integers lies in a block of a panel.
pub trait Format {
    /// Bytes of a block, from [`unit()`].
    const BYTES: usize;
    /// Bytes of each block that lie apart.
    const REST: usize = 0;
    /// Groups of 32 in a block.
    const PARTS: usize;
    /// Whether there are minima.
    const MINIMA: bool;
    /// Whether the two halves of a group have scales of their own.
    const SPLIT: bool;

    /// Scale and minimum of the whole block.
    fn head<L: Lanes>(lanes: L, block: &[u8]) -> [L::F; 2];
    /// A group: the numbers, the scales of its halves, the minimum. `rest` is the block's second part.
    fn group<L: Lanes>(
        lanes: L,
        block: &[u8],
        rest: &[u8],
        part: usize,
        head: [L::F; 2],
    ) -> ([L::I; 16], [L::F; 2], L::F);
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
        /// See [`Kind`].
        pub struct $name;

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
                _: &[u8],
                _: usize,
                head: [L::F; 2],
            ) -> ([L::I; 16], [L::F; 2], L::F) {
                let $group = &block[if $minima { 64 } else { 32 }..];
                ($numbers, [head[0]; 2], head[1])
            }
        }
    };
}

/// [`unit()`] gives the same; a test holds them together.
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

/// Q8_0 in two parts: the upper four bits of all numbers of a panel, then the lower.
pub struct Q8Split;

impl Format for Q8Split {
    const BYTES: usize = pack::PARTS.0;
    const REST: usize = pack::PARTS.1;
    const PARTS: usize = 1;
    const MINIMA: bool = false;
    const SPLIT: bool = false;

    #[inline(always)]
    fn head<L: Lanes>(lanes: L, block: &[u8]) -> [L::F; 2] {
        [lanes.halves(at(block, 0)); 2]
    }

    #[inline(always)]
    fn group<L: Lanes>(
        lanes: L,
        block: &[u8],
        rest: &[u8],
        _: usize,
        head: [L::F; 2],
    ) -> ([L::I; 16], [L::F; 2], L::F) {
        let upper = four(lanes, &block[32..]);
        let mut numbers = four(lanes, rest);
        for (number, upper) in numbers.iter_mut().zip(upper) {
            *number = lanes.less(lanes.or(*number, lanes.shl::<4>(upper)), 128);
        }
        (numbers, head, head[0])
    }
}

/// Formats of 256 numbers in eight groups with scales and minima of 6 bits.
macro_rules! of_256 {
    ($name:ident, $kind:expr, $numbers:ident) => {
        /// See [`Kind`].
        pub struct $name;

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
                _: &[u8],
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

/// See [`Kind`].
pub struct Q6K;

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
        _: &[u8],
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
pub trait Float {
    /// Bytes of sixteen numbers.
    const BYTES: usize;
    /// Sixteen numbers.
    fn get<L: Lanes>(lanes: L, bytes: &[u8]) -> L::F;
}

/// 16-bit floats.
pub struct Half;
/// Upper halves of floats.
pub struct Brain;
/// 32-bit floats.
pub struct Single;

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

/// Whether weights of this type are multiplied with rounded inputs.
pub fn takes_rounded(kind: Kind) -> bool {
    unit(kind).1 == bytes(kind)
}
