//! The likeliest tokens, without the scores of all others.
//!
//! A head has a row for each token, and the small models of today spend most of the time of writing on it. Only a few
//! dozen of its scores can ever be chosen. So all rows are weighed by the upper half of their bits first, which takes half
//! the memory's time, and scores are computed, exactly as by [`super::multiply`], where the lower bits could still lift a
//! row among the likeliest.
//!
//! What the lower four bits add is a sum of as many terms as the input has numbers, each spread evenly between -7.5 and
//! 7.5 units: a bell curve, whose width is known from the scales and the input. On real heads (262,144 rows of Gemma 3,
//! 49,152 of SmolLM2, contracts in Chinese and English) the largest of all is 3.2 to 5.4 times that width, as it should be.
//! [`SURE`] times it are allowed for: a row that belongs to the likeliest is missed once in fifty million times, and then
//! it was at the very end of them, since it would need still more than that to be missed from the middle. The inputs are
//! rounded to 8 bits for the weighing, which widens the curve a little and is allowed for too.

use std::collections::BTreeSet;

use super::format::{Float, Half, Q8Split};
use super::lanes::Lanes;
use super::product::{AHEAD, Input, in_blocks, integer_block};
use super::{Threads, Tier, Work};
use crate::engine::Best;
use crate::pack::{GROUP, PANEL, PARTS, Packed};

/// Widths of the bell curve that the lower bits may add.
const SURE: f32 = 5.5;
/// Variance of a whole number spread evenly over sixteen values: (16² - 1) / 12.
const VARIANCE: f32 = 21.25;
/// What a number of the upper bits, of 16 units each, stands for beyond them: half of what the lower bits can be, less the
/// 128 units that a number has more.
const MIDDLE: f32 = 7.5 - 128.0;
/// The part of all panels that is worth computing one by one: one in so many.
const MOST: usize = 8;
/// Panels that are worth handing to another thread.
const WORTH: usize = 16;

/// For each row of the input the exact scores of the rows of weights that `also` names and, besides them, of at least the
/// `count` rows with the highest, with their numbers, in the order of the numbers. The weights lie in two parts; `also` is
/// below their rows.
///
/// # Panics
/// Where the weights do not, or sizes do not match.
pub fn best(
    threads: &Threads,
    tier: Tier,
    input: &Input<'_>,
    weights: &Packed,
    count: usize,
    also: &[u32],
) -> Option<Vec<Best>> {
    assert!(weights.is_split(), "weights in two parts");
    let (rows, panels) = (input.rows(), weights.panels());
    assert_eq!(rows * weights.columns, input.numbers().len(), "columns");
    if rows == 0 || panels == 0 {
        return Some(vec![Vec::new(); rows]);
    }
    let count = count.clamp(1, panels);
    let also: BTreeSet<u32> = also.iter().copied().collect();
    let (groups, _) = input.numbers().as_chunks::<GROUP>();
    let rough: Vec<Rough> = groups.iter().map(Rough::new).collect();
    let mut seen = vec![Seen::default(); panels * rows];
    threads.parts(&mut seen, WORTH * rows, &|part, seen| {
        tier.run(Weigh {
            weights,
            rows,
            rough: &rough,
            first: part * WORTH,
            seen,
        });
    });
    let looks = |row: usize| (0u32..).zip(seen.iter().skip(row).step_by(rows));
    // The exact scores of the panels that look best tell what a score must reach at least.
    let mut places = Vec::new();
    let mut order: Vec<(f32, u32)> = Vec::with_capacity(panels);
    for row in 0..rows {
        order.clear();
        order.extend(looks(row).map(|(panel, seen)| (seen.likely, panel)));
        order.select_nth_unstable_by(count - 1, |a, b| b.0.total_cmp(&a.0));
        let likely = order[..count].iter().map(|(_, panel)| *panel);
        let asked = also.iter().map(|id| id / PANEL as u32);
        let panels: BTreeSet<u32> = likely.chain(asked).collect();
        places.extend(panels.into_iter().map(|panel| Place::new(row, panel)));
    }
    exact(threads, tier, input, weights, &mut places);
    let mut more = Vec::new();
    for known in places.chunk_by(|a, b| a.row == b.row) {
        let scores = known.iter().flat_map(|place| place.pairs(weights));
        let mut scores: Vec<f32> = scores
            .filter(|(id, _)| !also.contains(id))
            .map(|(_, score)| score)
            .collect();
        let least = match scores.len() {
            few if few < count => f32::NEG_INFINITY,
            _ => {
                *scores
                    .select_nth_unstable_by(count - 1, |a, b| b.total_cmp(a))
                    .1
            }
        };
        let row = known[0].row;
        let mut known = known.iter().map(|place| place.panel).peekable();
        for (panel, seen) in looks(row) {
            if known.next_if_eq(&panel).is_none() && seen.at_most >= least {
                more.push(Place::new(row, panel));
            }
        }
    }
    if (places.len() + more.len()) * MOST > panels * rows {
        return None;
    }
    exact(threads, tier, input, weights, &mut more);
    places.append(&mut more);
    places.sort_unstable_by_key(|place| (place.row, place.panel));
    let rows = places.chunk_by(|a, b| a.row == b.row);
    let pairs = rows.map(|places| {
        places
            .iter()
            .flat_map(|place| place.pairs(weights))
            .collect()
    });
    Some(pairs.collect())
}

/// Rows that a panel has.
fn width(weights: &Packed, panel: u32) -> usize {
    PANEL.min(weights.rows - panel as usize * PANEL)
}

/// What the upper bits of a panel say about its rows.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// The highest score if the lower bits add nothing.
    likely: f32,
    /// The highest score if they add as much as they may.
    at_most: f32,
}

/// 32 inputs rounded to 8 bits.
#[derive(Debug, Clone, Copy)]
struct Rough {
    /// Fours of them, as [`quads`] has those of the weights.
    quads: [i32; 8],
    /// What one unit stands for.
    scale: f32,
    /// Sum of the rounded inputs.
    sum: f32,
    /// Sum of the squares of what the lower bits of weights are multiplied with.
    square: f32,
}

impl Rough {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "at most 127 by the choice of the scale"
    )]
    fn new(x: &[f32; GROUP]) -> Rough {
        let largest = x.iter().fold(0f32, |largest, x| largest.max(x.abs()));
        let fine = largest > 1e-30 && largest.is_finite();
        let scale = if fine { largest / 127.0 } else { 0.0 };
        let whole = x.map(|x| if fine { (x / scale).round() as i8 } else { 0 });
        let mut quads = [0; 8];
        for (n, quad) in quads.iter_mut().enumerate() {
            let first = n / 2 * 8 + n % 2 * 2;
            let four = [0, 4, 1, 5].map(|n| whole[first + n].cast_unsigned());
            *quad = i32::from_le_bytes(four);
        }
        let sum: i32 = whole.iter().map(|x| i32::from(*x)).sum();
        // Rounding is off by a variance of 1/12 of a unit, times a weight of at most 127.
        let rounding = 127.0 * 127.0 / 12.0 / VARIANCE * GROUP as f32 * scale * scale;
        let square = x.iter().map(|x| x * x).sum::<f32>();
        Rough {
            quads,
            scale,
            sum: scale * sum as f32,
            square: if fine { square + rounding } else { 0.0 },
        }
    }
}

/// The upper bits of a group, as bytes: a lane of quad 2n holds the numbers 0, 4, 1, 5 of the eight from 8n of its row, of
/// quad 2n + 1 the numbers 2, 6, 3, 7.
#[inline(always)]
fn quads<L: Lanes>(lanes: L, block: &[u8]) -> [L::I; 8] {
    let mut quads = [lanes.zero(); 8];
    let (chunks, _) = block[32..].as_chunks::<64>();
    for (two, chunk) in quads.as_chunks_mut::<2>().0.iter_mut().zip(chunks) {
        let words = lanes.load(chunk);
        *two = [
            lanes.and(words, 0x0f0f),
            lanes.and(lanes.shr::<4>(words), 0x0f0f),
        ];
    }
    quads
}

/// Weighs some panels by their upper bits.
struct Weigh<'a> {
    weights: &'a Packed,
    /// Rows of the input, and its groups.
    rows: usize,
    rough: &'a [Rough],
    first: usize,
    seen: &'a mut [Seen],
}

impl Work for Weigh<'_> {
    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let groups = self.weights.columns / GROUP;
        for (index, seen) in self.seen.chunks_exact_mut(self.rows).enumerate() {
            let panel = self.first + index;
            let (upper, _) = self.weights.panel(panel);
            let width = width(self.weights, panel as u32);
            in_blocks!(self.rows, |at, N| {
                let rough = &self.rough[at * groups..][..N * groups];
                let (sums, spreads) = weigh::<L, N>(lanes, upper, rough, at == 0);
                for n in 0..N {
                    let mut likely = f32::NEG_INFINITY;
                    let mut at_most = f32::NEG_INFINITY;
                    for (sum, spread) in sums[n].iter().zip(&spreads[n]).take(width) {
                        let most = sum + SURE * spread.sqrt();
                        // What is no number is looked at.
                        at_most = at_most.max(if most.is_nan() { f32::INFINITY } else { most });
                        likely = likely.max(*sum);
                    }
                    seen[at + n] = Seen { likely, at_most };
                }
            });
        }
    }
}

/// Sixteen numbers for each of some rows of the input.
type Sums<const N: usize> = [[f32; PANEL]; N];

/// Sums of `N` rows of the input with the sixteen rows of a panel as their upper bits have it, and the variance of what the
/// lower bits add.
#[inline(always)]
fn weigh<L: Lanes, const N: usize>(
    lanes: L,
    upper: &[u8],
    rough: &[Rough],
    first: bool,
) -> (Sums<N>, Sums<N>) {
    let groups = rough.len() / N;
    let mut sums = [lanes.splat(0.0); N];
    let mut spreads = [lanes.splat(0.0); N];
    for (group, block) in upper.chunks_exact(PARTS.0).enumerate() {
        if first {
            for line in 0..PARTS.0.div_ceil(64) {
                lanes.prefetch(block, line * 64 + AHEAD);
            }
        }
        let scale = Half::get(lanes, block);
        let (square, unit) = (lanes.mul(scale, scale), lanes.mul(scale, lanes.splat(16.0)));
        let middle = lanes.mul(scale, lanes.splat(MIDDLE));
        let weights = quads(lanes, block);
        for n in 0..N {
            let x = &rough[n * groups + group];
            let mut halves = [lanes.zero(); 2];
            for j in 0..4 {
                halves[0] = lanes.dot_small(halves[0], weights[j], x.quads[j]);
                halves[1] = lanes.dot_small(halves[1], weights[j + 4], x.quads[j + 4]);
            }
            let whole = lanes.floats(lanes.add(halves[0], halves[1]));
            sums[n] = lanes.fma(whole, lanes.mul(unit, lanes.splat(x.scale)), sums[n]);
            sums[n] = lanes.fma(middle, lanes.splat(x.sum), sums[n]);
            spreads[n] = lanes.fma(square, lanes.splat(x.square), spreads[n]);
        }
    }
    let mut out = ([[0f32; PANEL]; N], [[0f32; PANEL]; N]);
    for n in 0..N {
        lanes.put(sums[n], &mut out.0[n]);
        lanes.put(lanes.mul(spreads[n], lanes.splat(VARIANCE)), &mut out.1[n]);
    }
    out
}

/// A panel for one row of the input.
#[derive(Debug, Clone, Copy)]
struct Place {
    row: usize,
    panel: u32,
    scores: [f32; PANEL],
}

impl Place {
    fn new(row: usize, panel: u32) -> Place {
        Place {
            row,
            panel,
            scores: [0.0; PANEL],
        }
    }

    /// The numbers of its rows with their scores.
    fn pairs(&self, weights: &Packed) -> impl Iterator<Item = (u32, f32)> {
        let first = self.panel * PANEL as u32;
        (first..).zip(self.scores.into_iter().take(width(weights, self.panel)))
    }
}

/// Computes the scores of some places.
fn exact(threads: &Threads, tier: Tier, input: &Input<'_>, weights: &Packed, places: &mut [Place]) {
    threads.parts(places, WORTH / 2, &|_, places| {
        tier.run(Exact {
            weights,
            input,
            places,
        });
    });
}

/// See [`exact`].
struct Exact<'a> {
    weights: &'a Packed,
    input: &'a Input<'a>,
    places: &'a mut [Place],
}

impl Work for Exact<'_> {
    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        for place in self.places {
            let panel = self.weights.panel(place.panel as usize);
            [place.scores] = integer_block::<L, Q8Split, 1>(lanes, panel, self.input, place.row);
        }
    }
}

#[cfg(test)]
#[path = "screen_tests.rs"]
mod tests;
