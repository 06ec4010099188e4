//! Products of matrices of floats, among them frozen weights, which are unpacked as the inner loop reads them: what training
//! spends its time in.
//!
//! A thread takes a strip of the result, 64 columns, and unpacks what belongs to it a few hundred numbers deep into its
//! nearest caches; then it goes through the rows, some at a time, with a tile of sums in registers. The left side is read
//! as it lies. Each sum runs along the depth in order, in fused steps of its own, so that the numbers depend neither on
//! the threads nor on how rows are put together.
#![expect(
    unsafe_code,
    reason = "threads write into different tiles of one matrix"
)]

use std::cell::RefCell;

use super::dense::{Put, View};
use super::lanes::Lanes;
use super::unpack::{Line, Side, brain, unpack};
use super::{Threads, Tier, Work};
use crate::pack::{GROUP, PANEL, Packed};

/// The right side of a product: a matrix (depth, width).
#[derive(Clone, Copy)]
pub enum Right<'a> {
    /// Weights, turned: for `x · Wᵀ`.
    Turned(&'a Packed),
    /// Weights: for `dy · W`.
    Weights(&'a Packed),
    /// Plain numbers.
    Plain(View<'a>),
}

impl Right<'_> {
    fn depth(&self) -> usize {
        match self {
            Right::Turned(weights) => weights.columns,
            Right::Weights(weights) => weights.rows,
            Right::Plain(view) => view.shape().0,
        }
    }

    fn width(&self) -> usize {
        match self {
            Right::Turned(weights) => weights.rows,
            Right::Weights(weights) => weights.columns,
            Right::Plain(view) => view.shape().1,
        }
    }
}

/// One product of a sum of products: the rows of the left side one after another, and the right side.
pub type Term<'a> = (&'a [f32], Right<'a>);

/// How products are computed.
#[derive(Debug, Clone, Copy)]
pub struct Arithmetic {
    /// The instructions.
    pub tier: Tier,
    /// Whether both sides of products with weights are rounded to the upper halves of their floats; sums are whole floats.
    pub mixed: bool,
}

/// Numbers of the depth that are unpacked at a time: with the 64 columns of a strip 200 KB.
const DEPTH: usize = 768;
/// Registers of sixteen columns in a strip.
const STRIP: usize = 4;
/// Rows that are worth unpacking a strip for.
const ROWS: usize = 240;

/// `out = Σ left · right`, or that added to it; `width` columns to a row of `out`.
///
/// # Panics
/// Where the shapes do not fit.
pub fn tiled(
    threads: &Threads,
    arithmetic: Arithmetic,
    out: &mut [f32],
    width: usize,
    terms: &[Term<'_>],
    put: Put,
) {
    let rows = out.len() / width;
    let tier = arithmetic.tier;
    let rounded: Vec<Option<Vec<u32>>> = terms
        .iter()
        .map(|(left, right)| match right {
            Right::Plain(_) => None,
            _ if !arithmetic.mixed => None,
            _ => Some(rounded(threads, tier, left, right.depth())),
        })
        .collect();
    let mut blocks: Vec<Vec<Segment<'_>>> = Vec::new();
    let mut filled = DEPTH;
    for ((left, right), rounded) in terms.iter().zip(&rounded) {
        let depth = right.depth();
        assert_eq!(right.width(), width, "columns of the sides of a sum");
        assert_eq!(left.len(), rows * depth, "rows of the sides of a product");
        // Even pieces of whole groups.
        let size = depth
            .div_ceil(depth.div_ceil(DEPTH).max(1))
            .next_multiple_of(GROUP);
        for from in (0..depth).step_by(size.max(1)) {
            let count = size.min(depth - from);
            // A short piece goes with the one before it, which saves a way through the result.
            if filled + count > DEPTH {
                blocks.push(Vec::new());
                filled = 0;
            }
            filled += count;
            if let Some(block) = blocks.last_mut() {
                block.push(Segment {
                    left: match rounded {
                        Some(pairs) => Left::Pairs(pairs),
                        None => Left::Floats(left),
                    },
                    right: *right,
                    depth,
                    from,
                    count,
                });
            }
        }
    }
    if blocks.is_empty() && put == Put::Over {
        out.fill(0.0);
    }
    let vectors = width.div_ceil(PANEL);
    let strips = vectors.div_ceil(STRIP);
    // Strips are cut further where there are few of them for the threads.
    let pieces = (4 * threads.count())
        .div_ceil(strips.max(1))
        .min(rows / ROWS)
        .max(1);
    let at_a_time = rows.div_ceil(pieces).next_multiple_of(6);
    let matrix = Matrix {
        start: out.as_mut_ptr(),
        count: out.len(),
        width,
    };
    threads.each(strips * pieces, &|index| {
        let (strip, piece) = (index / pieces, index % pieces);
        let first = strip * STRIP;
        let part = Part {
            blocks: &blocks,
            out: matrix,
            rows: (
                (piece * at_a_time).min(rows),
                ((piece + 1) * at_a_time).min(rows),
            ),
            first,
            vectors: STRIP.min(vectors - first),
            over: put == Put::Over,
        };
        if arithmetic.mixed {
            tier.run_brains(part);
        } else {
            tier.run(part);
        }
    });
}

/// Rows of numbers rounded to upper halves of floats, in pairs of neighbours, the first in the lower half; the last pair of a
/// row may want its second.
fn rounded(threads: &Threads, tier: Tier, numbers: &[f32], depth: usize) -> Vec<u32> {
    let width = depth.div_ceil(2);
    let mut pairs = vec![0u32; numbers.len() / depth * width];
    let rows = ((1 << 13) / width).max(1);
    threads.parts(&mut pairs, rows * width, &|part, pairs| {
        let numbers = &numbers[part * rows * depth..];
        tier.run(Round {
            numbers,
            depth,
            pairs,
        });
    });
    pairs
}

struct Round<'a> {
    numbers: &'a [f32],
    depth: usize,
    pairs: &'a mut [u32],
}

impl Work for Round<'_> {
    #[inline(always)]
    fn run<L: Lanes>(self, _: L) {
        let rows = self.numbers.chunks_exact(self.depth);
        for (row, out) in rows.zip(self.pairs.chunks_exact_mut(self.depth.div_ceil(2))) {
            let (pairs, last) = row.as_chunks::<2>();
            for (pair, out) in pairs.iter().zip(out.iter_mut()) {
                *out = brain(pair[0]) | brain(pair[1]) << 16;
            }
            if let ([last], Some(out)) = (last, out.last_mut()) {
                *out = brain(*last);
            }
        }
    }
}

/// The left side of a product, whole or rounded.
#[derive(Clone, Copy)]
enum Left<'a> {
    Floats(&'a [f32]),
    Pairs(&'a [u32]),
}

/// A piece of the depth of one of the terms.
#[derive(Clone, Copy)]
struct Segment<'a> {
    left: Left<'a>,
    right: Right<'a>,
    /// Of the term: numbers to a row of the left side.
    depth: usize,
    from: usize,
    count: usize,
}

impl Segment<'_> {
    /// Lines of a tile's register that the right side takes.
    #[inline(always)]
    fn lines(&self) -> usize {
        match self.left {
            Left::Floats(_) => self.count,
            Left::Pairs(_) => self.count.div_ceil(2),
        }
    }
}

/// A result that threads write in different places.
#[derive(Clone, Copy)]
struct Matrix {
    start: *mut f32,
    count: usize,
    width: usize,
}

// SAFETY: the parts of a product own different rows or columns, which `tiled` deals out, and read and write nothing else;
// the slice behind the pointer is borrowed by `tiled` for longer than any of them runs.
unsafe impl Send for Matrix {}
// SAFETY: as above.
unsafe impl Sync for Matrix {}

impl Matrix {
    /// Where sixteen numbers of a row start, and how many of them there are.
    #[inline(always)]
    fn place(&self, row: usize, vector: usize) -> (usize, usize) {
        let column = vector * PANEL;
        let count = PANEL.min(self.width - column);
        let at = row * self.width + column;
        assert!(at + count <= self.count);
        (at, count)
    }

    #[inline(always)]
    fn get(&self, row: usize, vector: usize) -> [f32; PANEL] {
        let (at, count) = self.place(row, vector);
        let mut values = [0f32; PANEL];
        // A number of bytes that is known is not copied by a call.
        // SAFETY: kind 5: inside of the slice by the look in `place`, in a part's own columns and rows.
        unsafe {
            let from = self.start.add(at);
            match count {
                PANEL => std::ptr::copy_nonoverlapping(from, values.as_mut_ptr(), PANEL),
                _ => std::ptr::copy_nonoverlapping(from, values.as_mut_ptr(), count),
            }
        }
        values
    }

    #[inline(always)]
    fn put(&self, row: usize, vector: usize, values: &[f32; PANEL]) {
        let (at, count) = self.place(row, vector);
        // SAFETY: kind 5: as above.
        unsafe {
            let to = self.start.add(at);
            match count {
                PANEL => std::ptr::copy_nonoverlapping(values.as_ptr(), to, PANEL),
                _ => std::ptr::copy_nonoverlapping(values.as_ptr(), to, count),
            }
        }
    }
}

thread_local! {
    /// What a thread unpacks into.
    static ROOM: RefCell<Vec<Line>> = const { RefCell::new(Vec::new()) };
}

/// Some rows of a strip.
#[derive(Clone, Copy)]
struct Part<'a> {
    blocks: &'a [Vec<Segment<'a>>],
    out: Matrix,
    rows: (usize, usize),
    /// First register of the strip in a row of the result, and how many there are.
    first: usize,
    vectors: usize,
    over: bool,
}

impl Work for Part<'_> {
    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        // Not in a closure, which would not be compiled for the instruction set.
        let mut room = ROOM.take();
        if L::WIDE && self.vectors == STRIP {
            self.strip::<L, STRIP>(lanes, &mut room);
        } else {
            self.strip::<L, 1>(lanes, &mut room);
        }
        ROOM.set(room);
    }
}

impl Part<'_> {
    /// All blocks of a strip, in tiles of `P` registers.
    #[inline(always)]
    fn strip<L: Lanes, const P: usize>(self, lanes: L, room: &mut Vec<Line>) {
        let mut over = self.over;
        for block in self.blocks {
            let depth: usize = block.iter().map(Segment::lines).sum();
            if room.len() < depth * self.vectors {
                room.resize(depth * self.vectors, Line::default());
            }
            let mut at = 0;
            for segment in block {
                let place = Place::<P> {
                    depth,
                    at,
                    vectors: self.vectors,
                };
                self.fill(lanes, segment, room, place);
                at += segment.lines();
            }
            let mut row = self.rows.0;
            while row < self.rows.1 {
                let left = self.rows.1 - row;
                let count = match left {
                    6.. => 6,
                    4.. => 4,
                    2.. => 2,
                    _ => 1,
                };
                for sub in 0..self.vectors / P {
                    let weights = &room[sub * depth * P..][..depth * P];
                    let vector = self.first + sub * P;
                    match count {
                        6 => self.tile::<L, 6, P>(lanes, block, weights, row, vector, over),
                        4 => self.tile::<L, 4, P>(lanes, block, weights, row, vector, over),
                        2 => self.tile::<L, 2, P>(lanes, block, weights, row, vector, over),
                        _ => self.tile::<L, 1, P>(lanes, block, weights, row, vector, over),
                    }
                }
                row += count;
            }
            over = false;
        }
    }

    /// Brings the right side of a segment into the order the tiles read.
    #[inline(always)]
    fn fill<L: Lanes, const P: usize>(
        &self,
        lanes: L,
        segment: &Segment<'_>,
        room: &mut [Line],
        place: Place<P>,
    ) {
        let (from, count) = (segment.from, segment.count);
        let pairs = matches!(segment.left, Left::Pairs(_));
        match segment.right {
            Right::Plain(view) => {
                for k in 0..count {
                    for vector in 0..self.vectors {
                        let line = &mut room[place.line(k, vector)].0;
                        view.copy(from + k, (self.first + vector) * PANEL, line);
                    }
                }
            }
            Right::Turned(weights) => {
                for vector in 0..self.vectors {
                    for group in 0..count / GROUP {
                        if pairs {
                            let mut lines = [Line::default(); GROUP];
                            let (panel, group_at) = (self.first + vector, from / GROUP + group);
                            let side = Side::Along(&mut lines, 1);
                            unpack(lanes, weights, panel, group_at, side);
                            for (n, two) in lines.as_chunks::<2>().0.iter().enumerate() {
                                let line = place.line(group * GROUP / 2 + n, vector);
                                room[line] = two[0].join(&two[1]);
                            }
                            continue;
                        }
                        let start = place.line(group * GROUP, vector);
                        unpack(
                            lanes,
                            weights,
                            self.first + vector,
                            from / GROUP + group,
                            Side::Along(&mut room[start..], P),
                        );
                    }
                }
            }
            Right::Weights(weights) => {
                for panel in 0..count.div_ceil(PANEL) {
                    let rows = PANEL.min(count - panel * PANEL);
                    for pair in 0..self.vectors / 2 {
                        let group = self.first / 2 + pair;
                        let mut lines = [[Line::default(); PANEL]; 2];
                        unpack(
                            lanes,
                            weights,
                            from / PANEL + panel,
                            group,
                            Side::Across(&mut lines),
                        );
                        for (half, lines) in lines.iter().enumerate() {
                            if pairs {
                                // Rows that the last panel does not have are zeros.
                                let pairs = lines.as_chunks::<2>().0.iter();
                                for (n, two) in pairs.take(rows.div_ceil(2)).enumerate() {
                                    let line = place.line(panel * PANEL / 2 + n, 2 * pair + half);
                                    room[line] = two[0].join(&two[1]);
                                }
                                continue;
                            }
                            for (row, line) in lines[..rows].iter().enumerate() {
                                room[place.line(panel * PANEL + row, 2 * pair + half)] = *line;
                            }
                        }
                    }
                }
            }
        }
    }

    /// The sums of `N` rows from `row` with `P` registers from `vector`.
    #[inline(always)]
    fn tile<L: Lanes, const N: usize, const P: usize>(
        &self,
        lanes: L,
        block: &[Segment<'_>],
        weights: &[Line],
        row: usize,
        vector: usize,
        over: bool,
    ) {
        let mut sums = [[lanes.splat(0.0); P]; N];
        if !over {
            for (n, sums) in sums.iter_mut().enumerate() {
                for (p, sum) in sums.iter_mut().enumerate() {
                    *sum = lanes.get(&self.out.get(row + n, vector + p));
                }
            }
        }
        let mut rest = weights;
        for segment in block {
            let count = segment.lines();
            let (now, after) = rest.split_at(count * P);
            rest = after;
            let now = &now.as_chunks::<P>().0[..count];
            sums = match segment.left {
                Left::Floats(left) => {
                    let start = row * segment.depth + segment.from;
                    let rows = rows_of(left, start, segment.depth, count);
                    add_floats(lanes, sums, now, rows)
                }
                Left::Pairs(left) => {
                    let width = segment.depth.div_ceil(2);
                    let rows = rows_of(left, row * width + segment.from / 2, width, count);
                    add_pairs(lanes, sums, now, rows)
                }
            };
        }
        for (n, sums) in sums.iter().enumerate() {
            for (p, sum) in sums.iter().enumerate() {
                let mut values = [0f32; PANEL];
                lanes.put(*sum, &mut values);
                self.out.put(row + n, vector + p, &values);
            }
        }
    }
}

/// Adds the products of rows with as many lines of a tile. The sums go in and out by value: in the loop they stay in
/// registers.
#[inline(always)]
fn add_floats<L: Lanes, const N: usize, const P: usize>(
    lanes: L,
    before: [[L::F; P]; N],
    lines: &[[Line; P]],
    rows: [&[f32]; N],
) -> [[L::F; P]; N] {
    let mut sums = before;
    for k in 0..lines.len() {
        let mut weights = [lanes.splat(0.0); P];
        for p in 0..P {
            weights[p] = lanes.get(&lines[k][p].0);
        }
        for n in 0..N {
            let x = lanes.splat(rows[n][k]);
            for p in 0..P {
                sums[n][p] = lanes.fma(weights[p], x, sums[n][p]);
            }
        }
    }
    sums
}

/// [`add_floats`] with both sides in pairs of upper halves.
#[inline(always)]
fn add_pairs<L: Lanes, const N: usize, const P: usize>(
    lanes: L,
    before: [[L::F; P]; N],
    lines: &[[Line; P]],
    rows: [&[u32]; N],
) -> [[L::F; P]; N] {
    let mut sums = before;
    for k in 0..lines.len() {
        let mut weights = [lanes.splat(0.0); P];
        for p in 0..P {
            weights[p] = lanes.get(&lines[k][p].0);
        }
        for n in 0..N {
            for p in 0..P {
                sums[n][p] = lanes.dot_brains(sums[n][p], weights[p], rows[n][k]);
            }
        }
    }
    sums
}

/// Pieces of `N` rows, each `count` long, that start `step` apart.
#[inline(always)]
fn rows_of<T, const N: usize>(numbers: &[T], start: usize, step: usize, count: usize) -> [&[T]; N] {
    let mut rows = [&numbers[..0]; N];
    for (n, row) in rows.iter_mut().enumerate() {
        *row = &numbers[start + n * step..][..count];
    }
    rows
}

/// Where a segment's lines go: tiles of `P` registers, each as deep as the block, one after another.
#[derive(Clone, Copy)]
struct Place<const P: usize> {
    depth: usize,
    /// First line of the segment in the depth.
    at: usize,
    vectors: usize,
}

impl<const P: usize> Place<P> {
    #[inline(always)]
    fn line(&self, k: usize, vector: usize) -> usize {
        debug_assert!(vector < self.vectors);
        (vector / P * self.depth + self.at + k) * P + vector % P
    }
}

#[cfg(test)]
#[path = "tiles_tests.rs"]
mod tests;
