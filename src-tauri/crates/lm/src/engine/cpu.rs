//! The engine for the processor: the kernels of this crate on threads of their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use candle_core::Result;

use super::rows::{GateAll, NormAll, TurnAll};
use super::{Activation, Best, Engine, Heads, Linear};
use crate::kernels::{
    self, Input, Memory, Product, Put, Threads, Tier, View, attend, multiply, product,
    takes_rounded, tanh,
};
use crate::pack::Packed;

/// The engine.
pub struct Cpu {
    threads: Threads,
    tier: Tier,
    patience: Patience,
}

/// Whether the likeliest tokens are looked for before all are computed. Where a model has no idea how a text goes on, too
/// many tokens are likely for that to pay: then it is not tried for a while, twice as long each time it fails again.
#[derive(Debug, Default)]
struct Patience {
    /// Steps to let pass.
    left: AtomicU32,
    /// How many they were at last.
    pause: AtomicU32,
}

/// The longest pause, in steps.
const LONGEST_PAUSE: u32 = 64;

impl Patience {
    /// Whether this step is to be let pass.
    fn waits(&self) -> bool {
        let less = |left: u32| left.checked_sub(1);
        self.left.fetch_update(Relaxed, Relaxed, less).is_ok()
    }

    fn learn(&self, paid: bool) {
        let pause = match (paid, self.pause.load(Relaxed)) {
            (true, _) => 0,
            (false, last) => (2 * last).clamp(2, LONGEST_PAUSE),
        };
        self.pause.store(pause, Relaxed);
        self.left.store(pause, Relaxed);
    }
}

/// Rows of numbers.
#[derive(Debug, Clone)]
pub struct Array {
    width: usize,
    numbers: Vec<f32>,
}

/// Numbers that are worth handing to another thread.
const WORTH: usize = 1 << 14;

impl Cpu {
    /// An engine with this many threads.
    ///
    /// # Errors
    /// The system gives no more threads.
    pub fn new(threads: usize) -> std::io::Result<Cpu> {
        Ok(Cpu {
            threads: Threads::new(threads)?,
            tier: Tier::best(),
            patience: Patience::default(),
        })
    }

    /// Its threads.
    pub fn threads(&self) -> &Threads {
        &self.threads
    }

    /// The instructions it uses.
    pub fn tier(&self) -> Tier {
        self.tier
    }

    /// Whole rows in parts that are worth a thread.
    fn by_rows(
        &self,
        numbers: &mut [f32],
        width: usize,
        each: &(dyn Fn(usize, &mut [f32]) + Sync),
    ) {
        let rows = (WORTH / width).max(1);
        self.threads.parts(numbers, rows * width, &|part, numbers| {
            each(part * rows, numbers)
        });
    }
}

impl Engine for Cpu {
    type Array = Array;
    type Matrix = Arc<Packed>;
    type Vector = Vec<f32>;
    type Plain = (Vec<f32>, usize);
    type Memory = Memory;

    fn embed(&self, table: &Arc<Packed>, tokens: &[u32], scale: f32) -> Result<Array> {
        let width = table.columns;
        let mut numbers = vec![0f32; tokens.len() * width];
        self.by_rows(&mut numbers, width, &|first, rows| {
            for (row, token) in rows.chunks_exact_mut(width).zip(&tokens[first..]) {
                table.row(*token as usize, row);
                if scale != 1.0 {
                    row.iter_mut().for_each(|x| *x *= scale);
                }
            }
        });
        Ok(Array { width, numbers })
    }

    fn norm(&self, x: &Array, weight: &Vec<f32>, eps: f32) -> Result<Array> {
        let width = x.width;
        let mut out = vec![0f32; x.numbers.len()];
        self.by_rows(&mut out, width, &|first, out| {
            pulp::Arch::new().dispatch(NormAll {
                x: &x.numbers[first * width..][..out.len()],
                weight,
                eps,
                out,
            });
        });
        Ok(Array {
            width,
            numbers: out,
        })
    }

    fn linear<const N: usize>(&self, x: &Array, weights: [&Linear<Cpu>; N]) -> Result<[Array; N]> {
        let rounded = weights
            .iter()
            .any(|linear| takes_rounded(linear.weights.kind));
        let input = Input::new(&self.threads, &x.numbers, x.width, rounded);
        let mut out = weights.map(|linear| Array {
            width: linear.weights.rows,
            numbers: vec![0f32; input.rows() * linear.weights.rows],
        });
        let mut products = Vec::with_capacity(N);
        for (linear, out) in weights.iter().zip(&mut out) {
            products.push(Product {
                weights: &linear.weights,
                out: &mut out.numbers,
            });
        }
        multiply(&self.threads, self.tier, &input, &mut products);
        for (linear, out) in weights.iter().zip(&mut out) {
            if let Some(bias) = &linear.bias {
                for row in out.numbers.chunks_exact_mut(bias.len()) {
                    row.iter_mut().zip(bias).for_each(|(x, bias)| *x += bias);
                }
            }
        }
        Ok(out)
    }

    fn best(
        &self,
        x: &Array,
        head: &Linear<Cpu>,
        count: usize,
        also: &[u32],
    ) -> Result<Option<Vec<Best>>> {
        let weights = &head.weights;
        if !weights.is_split() || head.bias.is_some() || count > weights.panels() / 16 {
            return Ok(None);
        }
        if self.patience.waits() {
            return Ok(None);
        }
        let input = Input::new(&self.threads, &x.numbers, x.width, true);
        let best = kernels::best(&self.threads, self.tier, &input, weights, count, also);
        self.patience.learn(best.is_some());
        Ok(best)
    }

    fn attention(&self, heads: Heads<'_, Cpu>, memory: &mut Memory, past: usize) -> Result<Array> {
        let Heads {
            mut query,
            mut key,
            value,
            norms,
            angles,
            pairs,
            asked,
        } = heads;
        let half = query.width / asked.heads / 2;
        let norms = norms.map(|(query, key, eps)| [(query, eps), (key, eps)]);
        for (index, array) in [&mut query, &mut key].into_iter().enumerate() {
            let width = array.width;
            self.by_rows(&mut array.numbers, width, &|first, rows| {
                let tokens = rows.len() / width;
                pulp::Arch::new().dispatch(TurnAll {
                    rows,
                    width,
                    norm: norms.map(|norms| (norms[index].0.as_slice(), norms[index].1)),
                    cos: &angles.cos[first * half..][..tokens * half],
                    sin: &angles.sin[first * half..][..tokens * half],
                    half,
                    pairs,
                });
            });
        }
        memory.write(&self.threads, self.tier, past, &key.numbers, &value.numbers);
        let numbers = attend(
            &self.threads,
            self.tier,
            memory,
            asked,
            past,
            &query.numbers,
        );
        Ok(Array {
            width: query.width,
            numbers,
        })
    }

    fn gate(&self, mut gate: Array, up: Array, by: Activation) -> Result<Array> {
        self.by_rows(&mut gate.numbers, gate.width, &|first, rows| {
            let up = &up.numbers[first * up.width..][..rows.len()];
            pulp::Arch::new().dispatch(GateAll { gate: rows, up, by });
        });
        Ok(gate)
    }

    fn sum(&self, mut a: Array, b: Array) -> Result<Array> {
        self.by_rows(&mut a.numbers, a.width, &|first, rows| {
            let b = &b.numbers[first * b.width..][..rows.len()];
            rows.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        });
        Ok(a)
    }

    fn cap(&self, mut x: Array, cap: f32) -> Result<Array> {
        self.by_rows(&mut x.numbers, x.width, &|_, rows| {
            rows.iter_mut().for_each(|x| *x = cap * tanh(*x / cap));
        });
        Ok(x)
    }

    fn plain(&self, numbers: Vec<f32>, columns: usize) -> Result<(Vec<f32>, usize)> {
        Ok((numbers, columns))
    }

    fn times(&self, x: &Array, (weights, columns): &(Vec<f32>, usize)) -> Result<Array> {
        let width = weights.len() / columns;
        let mut numbers = vec![0f32; x.numbers.len() / columns * width];
        let (x, weights) = (
            View::new(&x.numbers, *columns),
            View::new(weights, *columns),
        );
        let rows = (WORTH / width.max(*columns)).max(1);
        self.threads
            .parts(&mut numbers, rows * width, &|part, out| {
                let x = x.rows(part * rows, out.len() / width);
                product(out, width, x, weights.transposed(), 1.0, Put::Over);
            });
        Ok(Array { width, numbers })
    }

    fn stretch(&self, mut x: Array, by: &Vec<f32>) -> Result<Array> {
        for row in x.numbers.chunks_exact_mut(by.len()) {
            row.iter_mut().zip(by).for_each(|(x, by)| *x *= by);
        }
        Ok(x)
    }

    fn shift(&self, mut x: Array, by: &Vec<f32>) -> Result<Array> {
        for row in x.numbers.chunks_exact_mut(by.len()) {
            row.iter_mut().zip(by).for_each(|(x, by)| *x += by);
        }
        Ok(x)
    }

    fn positive(&self, mut x: Array) -> Result<Array> {
        x.numbers.iter_mut().for_each(|x| *x = x.max(0.0));
        Ok(x)
    }

    fn remember(&self, memory: &mut Memory, keys: &[f32], values: &[f32]) -> Result<()> {
        memory.write(&self.threads, self.tier, 0, keys, values);
        Ok(())
    }

    fn rows(&self, x: &Array, from: usize, count: usize) -> Result<Array> {
        Ok(Array {
            width: x.width,
            numbers: x.numbers[from * x.width..][..count * x.width].to_vec(),
        })
    }

    fn join(&self, parts: Vec<Array>) -> Result<Array> {
        let width = parts.first().map_or(0, |part| part.width);
        let numbers = parts.into_iter().flat_map(|part| part.numbers).collect();
        Ok(Array { width, numbers })
    }

    fn numbers(&self, x: Array) -> Result<Vec<f32>> {
        Ok(x.numbers)
    }

    fn memory(&self, heads: usize, head: usize) -> Result<Memory> {
        Ok(Memory::new(heads, head))
    }

    fn resize(&self, memory: &mut Memory, room: usize, length: usize) -> Result<()> {
        memory.resize(room, length);
        Ok(())
    }

    fn copy(&self, memory: &Memory, length: usize) -> Result<Memory> {
        Ok(memory.copy(length))
    }

    fn bytes_per_token(&self, heads: usize, head: usize) -> usize {
        2 * 2 * heads * head
    }

    fn matrix_bytes(&self, matrix: &Arc<Packed>) -> usize {
        matrix.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_did_not_pay_is_tried_again_later_and_later() {
        let patience = Patience::default();
        let mut tried = Vec::new();
        for step in 0..380 {
            if !patience.waits() {
                tried.push(step);
                patience.learn(false);
            }
        }
        let pauses: Vec<i32> = tried.windows(2).map(|two| two[1] - two[0] - 1).collect();
        assert_eq!(pauses, [2, 4, 8, 16, 32, 64, 64, 64, 64]);
        while patience.waits() {}
        patience.learn(true);
        assert!(!patience.waits());
    }
}
