//! Packed weights as floats: a group of 32 columns of the sixteen rows of a panel at a time.

use super::format::{
    Brain, Float, Format, Half, Q4K, Q4One, Q4Zero, Q5K, Q5One, Q5Zero, Q6K, Q8Split, Q8Zero,
    Single,
};
use super::lanes::Lanes;
use super::{Tier, Work};
use crate::block::Kind;
use crate::pack::{GROUP, PANEL, Packed};

/// Sixteen numbers that lie in one line of the processor's cache.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(64))]
pub struct Line(pub [f32; PANEL]);

impl Line {
    /// Both lines rounded to the upper halves of their floats: the bits of `self` below, those of `next` above.
    #[inline(always)]
    pub fn join(&self, next: &Line) -> Line {
        let mut both = Line::default();
        for (n, both) in both.0.iter_mut().enumerate() {
            *both = f32::from_bits(brain(self.0[n]) | brain(next.0[n]) << 16);
        }
        both
    }
}

/// The upper half of a float, rounded to the nearest and of two to the even one.
#[inline(always)]
pub fn brain(x: f32) -> u32 {
    let bits = x.to_bits();
    if x.is_nan() {
        bits >> 16 | 0x40
    } else {
        bits.wrapping_add(0x7fff + (bits >> 16 & 1)) >> 16
    }
}

/// How a group is wanted.
pub enum Side<'a> {
    /// A line for each column with its sixteen rows; the lines are so many apart.
    Along(&'a mut [Line], usize),
    /// For both halves of the columns a line for each row.
    Across(&'a mut [[Line; PANEL]; 2]),
}

/// The numbers of a group of a panel, exactly as [`Packed::row`] gives them.
#[inline(always)]
pub fn unpack<L: Lanes>(lanes: L, weights: &Packed, panel: usize, group: usize, side: Side<'_>) {
    match side {
        Side::Along(lines, step) => along(lanes, weights, panel, group, lines, step),
        Side::Across(out) => {
            let mut lines = [Line::default(); GROUP];
            along(lanes, weights, panel, group, &mut lines, 1);
            for (half, out) in out.iter_mut().enumerate() {
                for (row, out) in out.iter_mut().enumerate() {
                    for (column, out) in out.0.iter_mut().enumerate() {
                        *out = lines[half * PANEL + column].0[row];
                    }
                }
            }
        }
    }
}

#[inline(always)]
fn along<L: Lanes>(
    lanes: L,
    weights: &Packed,
    panel: usize,
    group: usize,
    lines: &mut [Line],
    step: usize,
) {
    let data = weights.panel(panel);
    match weights.kind {
        Kind::Q4_0 => integers::<L, Q4Zero>(lanes, data, group, lines, step),
        Kind::Q4_1 => integers::<L, Q4One>(lanes, data, group, lines, step),
        Kind::Q5_0 => integers::<L, Q5Zero>(lanes, data, group, lines, step),
        Kind::Q5_1 => integers::<L, Q5One>(lanes, data, group, lines, step),
        Kind::Q8_0 if weights.is_split() => integers::<L, Q8Split>(lanes, data, group, lines, step),
        Kind::Q8_0 => integers::<L, Q8Zero>(lanes, data, group, lines, step),
        Kind::Q4K => integers::<L, Q4K>(lanes, data, group, lines, step),
        Kind::Q5K => integers::<L, Q5K>(lanes, data, group, lines, step),
        Kind::Q6K => integers::<L, Q6K>(lanes, data, group, lines, step),
        Kind::F16 => floats::<L, Half>(lanes, data.0, group, lines, step),
        Kind::Bf16 => floats::<L, Brain>(lanes, data.0, group, lines, step),
        Kind::F32 => floats::<L, Single>(lanes, data.0, group, lines, step),
    }
}

#[inline(always)]
fn integers<L: Lanes, F: Format>(
    lanes: L,
    (panel, lower): (&[u8], &[u8]),
    group: usize,
    lines: &mut [Line],
    step: usize,
) {
    let (index, part) = (group / F::PARTS, group % F::PARTS);
    let block = &panel[index * F::BYTES..][..F::BYTES];
    let rest = &lower[index * F::REST..][..F::REST];
    let head = F::head(lanes, block);
    let (numbers, scales, min) = F::group(lanes, block, rest, part, head);
    let one = lanes.splat(1.0);
    for (pair, numbers) in numbers.iter().enumerate() {
        for member in 0..2 {
            // A product with one of the members alone takes it out.
            let number = lanes.dot(lanes.zero(), *numbers, 1 << (16 * member));
            let mut value = lanes.mul(lanes.floats(number), scales[pair / 8]);
            if F::MINIMA {
                // Times one: only the sum is rounded.
                value = lanes.fma(value, one, min);
            }
            lanes.put(value, &mut lines[(2 * pair + member) * step].0);
        }
    }
}

#[inline(always)]
fn floats<L: Lanes, F: Float>(
    lanes: L,
    panel: &[u8],
    group: usize,
    lines: &mut [Line],
    step: usize,
) {
    let bytes = &panel[group * GROUP * F::BYTES..][..GROUP * F::BYTES];
    for (column, bytes) in bytes.chunks_exact(F::BYTES).enumerate() {
        lanes.put(F::get(lanes, bytes), &mut lines[column * step].0);
    }
}

/// Writes the values of the rows of one panel one after another, as many as `out` has room for.
pub fn panel_values(tier: Tier, weights: &Packed, panel: usize, out: &mut [f32]) {
    tier.run(Panel {
        weights,
        panel,
        out,
    });
}

struct Panel<'a> {
    weights: &'a Packed,
    panel: usize,
    out: &'a mut [f32],
}

impl Work for Panel<'_> {
    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let columns = self.weights.columns;
        for group in 0..columns / GROUP {
            let mut lines = [[Line::default(); PANEL]; 2];
            unpack(
                lanes,
                self.weights,
                self.panel,
                group,
                Side::Across(&mut lines),
            );
            for (row, out) in self.out.chunks_exact_mut(columns).enumerate() {
                for (half, lines) in lines.iter().enumerate() {
                    out[group * GROUP + half * PANEL..][..PANEL].copy_from_slice(&lines[row].0);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::tests::{KINDS, random_bytes, split};
    use crate::pack::unit;

    #[test]
    fn every_set_of_lanes_gives_the_same_values_as_one_by_one() {
        for kind in KINDS {
            let (rows, columns) = (37, 3 * unit(kind).0);
            let bytes = random_bytes(kind, rows, columns, 5);
            let whole = Packed::new(kind, &bytes, rows, columns).unwrap();
            let halved = (kind == Kind::Q8_0).then(|| split(&bytes, rows, columns));
            for weights in [Some(whole), halved].into_iter().flatten() {
                let wanted = weights.values();
                for tier in Tier::ALL.iter().copied().filter(|tier| tier.available()) {
                    let mut found = vec![0f32; rows * columns];
                    for (panel, out) in found.chunks_mut(PANEL * columns).enumerate() {
                        panel_values(tier, &weights, panel, out);
                    }
                    assert!(found == wanted, "{kind:?} {tier:?}");
                }
            }
        }
    }
}
