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
use super::unpack::{Line, Side, unpack};
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
    tier: Tier,
    out: &mut [f32],
    width: usize,
    terms: &[Term<'_>],
    put: Put,
) {
    let rows = out.len() / width;
    let mut blocks: Vec<Vec<Segment<'_>>> = Vec::new();
    let mut filled = DEPTH;
    for (left, right) in terms {
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
                    left,
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
        tier.run(Part {
            blocks: &blocks,
            out: matrix,
            rows: (
                (piece * at_a_time).min(rows),
                ((piece + 1) * at_a_time).min(rows),
            ),
            first,
            vectors: STRIP.min(vectors - first),
            over: put == Put::Over,
        });
    });
}

/// A piece of the depth of one of the terms.
#[derive(Clone, Copy)]
struct Segment<'a> {
    left: &'a [f32],
    right: Right<'a>,
    /// Of the term: numbers to a row of the left side.
    depth: usize,
    from: usize,
    count: usize,
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
            let depth: usize = block.iter().map(|segment| segment.count).sum();
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
                at += segment.count;
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
            let count = segment.count;
            let (now, after) = rest.split_at(count * P);
            rest = after;
            let now = &now.as_chunks::<P>().0[..count];
            let mut rows = [&segment.left[..0]; N];
            for (n, row_of) in rows.iter_mut().enumerate() {
                *row_of = &segment.left[(row + n) * segment.depth + segment.from..][..count];
            }
            for k in 0..count {
                let mut weights = [lanes.splat(0.0); P];
                for p in 0..P {
                    weights[p] = lanes.get(&now[k][p].0);
                }
                for n in 0..N {
                    let x = lanes.splat(rows[n][k]);
                    for p in 0..P {
                        sums[n][p] = lanes.fma(weights[p], x, sums[n][p]);
                    }
                }
            }
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
