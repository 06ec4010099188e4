//! Attention over a memory of keys and values, and that memory.
//!
//! Keys and values are kept as half-precision numbers. Keys lie in panels of sixteen tokens, so that a register holds one
//! number of each; values lie token by token. Queries that ask the same keys are served eight at a time. What is computed
//! for one query does not depend on its company.
#![expect(
    unsafe_code,
    reason = "threads write into different parts of one matrix"
)]

use super::lanes::Lanes;
use super::product::in_blocks;
use super::{Threads, Tier, Work};
use crate::lanes::{exp, sum_of};

/// Tokens of a panel of keys.
const PANEL: usize = 16;

/// Keys and values of one layer.
#[derive(Debug, Clone)]
pub struct Memory {
    heads: usize,
    head: usize,
    room: usize,
    /// For each head and panel, for each number of the head, those of sixteen tokens.
    keys: Vec<[u8; 32]>,
    /// For each head and token, the numbers of the head by sixteen.
    values: Vec<[u8; 32]>,
}

impl Memory {
    /// An empty memory for `heads` heads of `head` numbers, a multiple of sixteen.
    pub fn new(heads: usize, head: usize) -> Memory {
        Memory {
            heads,
            head,
            room: 0,
            keys: Vec::new(),
            values: Vec::new(),
        }
    }

    /// Makes room for `room` tokens, rounded up, and keeps the first `length`.
    pub fn resize(&mut self, room: usize, length: usize) {
        let old = std::mem::replace(self, Memory::new(self.heads, self.head));
        self.take(&old, room, length);
    }

    /// Becomes a copy of another's first `length` tokens, with room for `room`.
    fn take(&mut self, old: &Memory, room: usize, length: usize) {
        let each = self.head / 16;
        self.room = room.next_multiple_of(PANEL);
        for (old_numbers, numbers) in [(&old.keys, &mut self.keys), (&old.values, &mut self.values)]
        {
            *numbers = vec![[0; 32]; self.heads * self.room * each];
            // A panel of keys is as long as the values of its tokens.
            let kept = length.min(old.room).next_multiple_of(PANEL) * each;
            for head in 0..self.heads {
                let from = &old_numbers[head * old.room * each..][..kept];
                numbers[head * self.room * each..][..kept].copy_from_slice(from);
            }
        }
    }

    /// A copy of the first `length` tokens, with no more room than they need.
    pub fn copy(&self, length: usize) -> Memory {
        let mut copy = Memory::new(self.heads, self.head);
        copy.take(self, length, length);
        copy
    }

    /// Writes the keys and values (T, heads · head) of the tokens from `past` on, for which there is room.
    pub fn write(
        &mut self,
        threads: &Threads,
        tier: Tier,
        past: usize,
        keys: &[f32],
        values: &[f32],
    ) {
        let (heads, head) = (self.heads, self.head);
        let size = self.room * head / 16;
        let mut parts: Vec<_> = self
            .keys
            .chunks_mut(size)
            .zip(self.values.chunks_mut(size))
            .collect();
        let size = if keys.len() < 1 << 14 { parts.len() } else { 1 };
        threads.parts(&mut parts, size, &|part, parts| {
            for (n, (to_keys, to_values)) in parts.iter_mut().enumerate() {
                tier.run(Write {
                    keys,
                    values,
                    width: heads * head,
                    column: (part * size + n) * head,
                    head,
                    past,
                    to_keys,
                    to_values,
                });
            }
        });
    }
}

/// Writes one head.
struct Write<'a> {
    keys: &'a [f32],
    values: &'a [f32],
    width: usize,
    column: usize,
    head: usize,
    past: usize,
    to_keys: &'a mut [[u8; 32]],
    to_values: &'a mut [[u8; 32]],
}

impl Work for Write<'_> {
    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let each = self.head / 16;
        let rows = self
            .keys
            .chunks_exact(self.width)
            .zip(self.values.chunks_exact(self.width));
        for (token, (key, value)) in (self.past..).zip(rows) {
            let key = &key[self.column..][..self.head];
            let panel = &mut self.to_keys[token / PANEL * self.head..][..self.head];
            for (key, out) in key
                .as_chunks::<16>()
                .0
                .iter()
                .zip(panel.as_chunks_mut::<16>().0)
            {
                let halves = lanes.to_halves(lanes.get(key));
                for (half, out) in halves.as_chunks::<2>().0.iter().zip(out) {
                    out[token % PANEL * 2..][..2].copy_from_slice(half);
                }
            }
            let value = &value[self.column..][..self.head];
            let out = &mut self.to_values[token * each..][..each];
            for (value, out) in value.as_chunks::<16>().0.iter().zip(out) {
                *out = lanes.to_halves(lanes.get(value));
            }
        }
    }
}

/// What is asked of a memory.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// Heads that ask, a multiple of those of the memory.
    pub heads: usize,
    /// Factor on the products of queries and keys.
    pub scale: f32,
    /// The newest tokens each token sees, itself among them; `None` for all.
    pub window: Option<usize>,
    /// Products are drawn into -cap..cap by `cap · tanh(x / cap)`.
    pub cap: Option<f32>,
}

/// Rows of queries served by a thread at a time.
const ROWS: usize = 16;

/// Attention under the causal mask: the T tokens from `past` on, whose keys have been written, ask; each sees the keys up
/// to its own. `query` (T, heads · head) to the same shape.
pub fn attend(
    threads: &Threads,
    tier: Tier,
    memory: &Memory,
    asked: Asked,
    past: usize,
    query: &[f32],
) -> Vec<f32> {
    let width = asked.heads * memory.head;
    let tokens = query.len() / width;
    let group = asked.heads / memory.heads;
    let mut out = vec![0f32; query.len()];
    let places = Places {
        start: out.as_mut_ptr(),
        count: out.len(),
    };
    // The queries of a head of keys: token by token, in each the heads that ask it.
    let rows = tokens * group;
    let size = (rows * memory.heads / (threads.count() * 2)).clamp(1, ROWS);
    let blocks = rows.div_ceil(size);
    threads.each(memory.heads * blocks, &|index| {
        // The last blocks see most: they are begun first.
        let (head, block) = (index % memory.heads, blocks - 1 - index / memory.heads);
        tier.run(Block {
            memory,
            asked,
            past,
            query,
            places,
            head,
            first: block * size,
            last: rows.min((block + 1) * size),
        });
    });
    out
}

/// A result that threads write head by head.
#[derive(Clone, Copy)]
struct Places {
    start: *mut f32,
    count: usize,
}

// SAFETY: blocks own different rows of different heads, which `attend` deals out, and write nothing else; the vector
// behind the pointer lives in `attend` for longer than any of them runs.
unsafe impl Send for Places {}
// SAFETY: as above.
unsafe impl Sync for Places {}

impl Places {
    #[inline(always)]
    fn put(&self, at: usize, values: &[f32; 16]) {
        assert!(at + 16 <= self.count);
        // SAFETY: inside of the vector by the line above; in a place that no other block writes.
        unsafe { std::ptr::copy_nonoverlapping(values.as_ptr(), self.start.add(at), 16) }
    }
}

/// Some queries of one head of keys.
struct Block<'a> {
    memory: &'a Memory,
    asked: Asked,
    past: usize,
    query: &'a [f32],
    places: Places,
    head: usize,
    first: usize,
    last: usize,
}

impl Work for Block<'_> {
    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let group = self.asked.heads / self.memory.heads;
        let sees = |row: usize| {
            let end = self.past + row / group + 1;
            let start = self
                .asked
                .window
                .map_or(0, |window| end.saturating_sub(window));
            (start, end)
        };
        // All that any of them sees, in whole panels.
        let start = sees(self.first).0 / PANEL * PANEL;
        let end = sees(self.last - 1).1.next_multiple_of(PANEL);
        let length = end - start;
        let mut weights = vec![0f32; (self.last - self.first) * length];
        in_blocks!(self.last - self.first, |at, N| self.scores::<L, N>(
            lanes,
            self.first + at,
            start,
            &mut weights[at * length..][..N * length]
        ));
        let mut inverse = [0f32; ROWS];
        let rows = weights.chunks_exact_mut(length).enumerate();
        for ((row, weights), inverse) in rows.zip(&mut inverse) {
            let (from, to) = sees(self.first + row);
            *inverse = soften(weights, from - start, to - start, self.asked.cap);
        }
        in_blocks!(self.last - self.first, |at, N| self.mix::<L, N>(
            lanes,
            self.first + at,
            start,
            &weights[at * length..][..N * length],
            &inverse[at..]
        ));
    }
}

impl Block<'_> {
    /// Where a row of queries lies in the whole.
    #[inline(always)]
    fn place(&self, row: usize) -> usize {
        let group = self.asked.heads / self.memory.heads;
        let head = self.head * group + row % group;
        (row / group * self.asked.heads + head) * self.memory.head
    }

    /// Products of `N` queries with all keys from `start` on.
    #[inline(always)]
    fn scores<L: Lanes, const N: usize>(
        &self,
        lanes: L,
        row: usize,
        start: usize,
        out: &mut [f32],
    ) {
        let (head, memory) = (self.memory.head, self.memory);
        let mut queries = [&self.query[..head]; N];
        for (n, query) in queries.iter_mut().enumerate() {
            *query = &self.query[self.place(row + n)..][..head];
        }
        let length = out.len() / N;
        let keys = &memory.keys[(self.head * memory.room + start) * head / PANEL..];
        let keys = &keys[..length * head / PANEL];
        let scale = lanes.splat(self.asked.scale);
        let zero = lanes.splat(0.0);
        // Few queries leave registers for several panels, which hides that a sum waits for the one before.
        let mut at = 0;
        if N <= 2 {
            for panels in keys.chunks_exact(4 * head) {
                let mut sums = [[zero; N]; 4];
                for k in 0..head {
                    for (p, sums) in sums.iter_mut().enumerate() {
                        let keys = lanes.halves(&panels[p * head + k]);
                        for n in 0..N {
                            sums[n] = lanes.fma(keys, lanes.splat(queries[n][k]), sums[n]);
                        }
                    }
                }
                for sums in sums {
                    for n in 0..N {
                        let to = out[n * length + at..]
                            .first_chunk_mut()
                            .expect("whole panels");
                        lanes.put(lanes.mul(sums[n], scale), to);
                    }
                    at += PANEL;
                }
            }
        }
        for panel in keys[at / PANEL * head..].chunks_exact(head) {
            let mut sums = [zero; N];
            for (k, keys) in panel.iter().enumerate() {
                let keys = lanes.halves(keys);
                for n in 0..N {
                    sums[n] = lanes.fma(keys, lanes.splat(queries[n][k]), sums[n]);
                }
            }
            for n in 0..N {
                let to = out[n * length + at..]
                    .first_chunk_mut()
                    .expect("whole panels");
                lanes.put(lanes.mul(sums[n], scale), to);
            }
            at += PANEL;
        }
    }

    /// Values mixed by the weights of `N` queries.
    #[inline(always)]
    fn mix<L: Lanes, const N: usize>(
        &self,
        lanes: L,
        row: usize,
        start: usize,
        weights: &[f32],
        inverse: &[f32],
    ) {
        let (each, memory) = (self.memory.head / 16, self.memory);
        let length = weights.len() / N;
        let mut rows = [&weights[..length]; N];
        for (n, row) in rows.iter_mut().enumerate() {
            *row = &weights[n * length..][..length];
        }
        let values = &memory.values[(self.head * memory.room + start) * each..][..length * each];
        let zero = lanes.splat(0.0);
        let put = |sums: [L::F; N], part: usize| {
            for n in 0..N {
                let mut out = [0f32; 16];
                lanes.put(lanes.mul(sums[n], lanes.splat(inverse[n])), &mut out);
                self.places.put(self.place(row + n) + 16 * part, &out);
            }
        };
        let mut part = 0;
        while N <= 4 && part + 4 <= each {
            let mut sums = [[zero; N]; 4];
            for (s, values) in values.chunks_exact(each).enumerate() {
                for (p, sums) in sums.iter_mut().enumerate() {
                    let values = lanes.halves(&values[part + p]);
                    for n in 0..N {
                        sums[n] = lanes.fma(values, lanes.splat(rows[n][s]), sums[n]);
                    }
                }
            }
            for sums in sums {
                put(sums, part);
                part += 1;
            }
        }
        while part < each {
            let mut sums = [zero; N];
            for (s, values) in values.chunks_exact(each).enumerate() {
                let values = lanes.halves(&values[part]);
                for n in 0..N {
                    sums[n] = lanes.fma(values, lanes.splat(rows[n][s]), sums[n]);
                }
            }
            put(sums, part);
            part += 1;
        }
    }
}

/// Turns scores into weights, those outside of `from..to` into zeros; gives one over their sum.
#[inline(always)]
fn soften(weights: &mut [f32], from: usize, to: usize, cap: Option<f32>) -> f32 {
    weights[..from].fill(0.0);
    weights[to..].fill(0.0);
    let seen = &mut weights[from..to];
    if let Some(cap) = cap {
        for x in seen.iter_mut() {
            *x = cap * tanh(*x / cap);
        }
    }
    let mut lanes = [f32::NEG_INFINITY; 16];
    let (parts, rest) = seen.as_chunks::<16>();
    for part in parts {
        for (lane, x) in lanes.iter_mut().zip(part) {
            *lane = if *x > *lane { *x } else { *lane };
        }
    }
    let largest = lanes
        .iter()
        .chain(rest)
        .fold(f32::NEG_INFINITY, |a, b| a.max(*b));
    for x in seen.iter_mut() {
        *x = exp(*x - largest);
    }
    // Over the whole row, so that where lanes begin does not depend on the window.
    1.0 / sum_of(weights, |x| x)
}

/// `tanh x = 1 - 2 / (e^2x + 1)`.
#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    1.0 - 2.0 / (exp(2.0 * x) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    struct Case {
        memory: Memory,
        asked: Asked,
        keys: Vec<f32>,
        values: Vec<f32>,
        query: Vec<f32>,
    }

    fn case(tier: Tier, heads: (usize, usize), head: usize, tokens: usize, asked: Asked) -> Case {
        let mut random = Random::new(tokens as u64);
        let mut numbers = |count: usize| -> Vec<f32> {
            // Numbers that half precision holds exactly.
            (0..count)
                .map(|_| ((random.unit() * 4.0 - 2.0) * 256.0).round() / 256.0)
                .collect()
        };
        let (keys, values) = (
            numbers(tokens * heads.1 * head),
            numbers(tokens * heads.1 * head),
        );
        let query = numbers(tokens * heads.0 * head);
        let threads = Threads::new(2).unwrap();
        let mut memory = Memory::new(heads.1, head);
        // In two parts, with a move to a larger room between them.
        let first = tokens / 3;
        let at = first * heads.1 * head;
        memory.resize(first, 0);
        memory.write(&threads, tier, 0, &keys[..at], &values[..at]);
        memory.resize(tokens + 5, first);
        memory.write(&threads, tier, first, &keys[at..], &values[at..]);
        Case {
            memory,
            asked,
            keys,
            values,
            query,
        }
    }

    /// The formula, in double precision.
    fn exact(case: &Case, heads: (usize, usize), head: usize, t: usize, h: usize) -> Vec<f64> {
        let k = h / (heads.0 / heads.1);
        let row = |x: &[f32], count: usize, t: usize, h: usize| -> Vec<f64> {
            x[(t * count + h) * head..][..head]
                .iter()
                .map(|x| f64::from(*x))
                .collect()
        };
        let query = row(&case.query, heads.0, t, h);
        let first = case
            .asked
            .window
            .map_or(0, |window| (t + 1).saturating_sub(window));
        let scores: Vec<f64> = (first..=t)
            .map(|s| {
                let key = row(&case.keys, heads.1, s, k);
                let x = query.iter().zip(&key).map(|(a, b)| a * b).sum::<f64>()
                    * f64::from(case.asked.scale);
                case.asked
                    .cap
                    .map_or(x, |cap| f64::from(cap) * (x / f64::from(cap)).tanh())
            })
            .collect();
        let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = scores.iter().map(|x| (x - largest).exp()).sum();
        let mut out = vec![0f64; head];
        for (s, score) in (first..=t).zip(&scores) {
            for (out, v) in out.iter_mut().zip(row(&case.values, heads.1, s, k)) {
                *out += (score - largest).exp() / sum * v;
            }
        }
        out
    }

    #[test]
    fn it_is_the_formula_however_the_queries_come() {
        let threads = Threads::new(2).unwrap();
        for tier in Tier::ALL.iter().copied().filter(|tier| tier.available()) {
            for (heads, head, tokens) in [
                ((4, 4), 16, 5),
                ((9, 3), 64, 37),
                ((4, 1), 128, 70),
                ((6, 2), 32, 200),
            ] {
                for (window, cap) in [(None, None), (Some(9), None), (Some(40), Some(3.0))] {
                    let asked = Asked {
                        heads: heads.0,
                        scale: 0.3,
                        window,
                        cap,
                    };
                    let case = case(tier, heads, head, tokens, asked);
                    let width = heads.0 * head;
                    let found = attend(&threads, tier, &case.memory, asked, 0, &case.query);
                    for t in 0..tokens {
                        for h in 0..heads.0 {
                            let exact = exact(&case, heads, head, t, h);
                            for (a, b) in found[t * width + h * head..].iter().zip(exact) {
                                assert!(
                                    (f64::from(*a) - b).abs() < 2e-5,
                                    "{tier:?} {heads:?} token {t}: {a} for {b}"
                                );
                            }
                        }
                    }
                    // Alone, and in threes, the same to the last bit.
                    for size in [1, 3] {
                        let parts: Vec<f32> = case
                            .query
                            .chunks(size * width)
                            .enumerate()
                            .flat_map(|(n, query)| {
                                attend(&threads, tier, &case.memory, asked, n * size, query)
                            })
                            .collect();
                        assert_eq!(parts, found, "{tier:?} {heads:?} {size} at a time");
                    }
                }
            }
        }
    }
}
