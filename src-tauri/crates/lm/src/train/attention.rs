//! Attention over whole texts, and its gradient. No weight of it outlives the moment it is used in: the gradient computes
//! them again, a few rows at a time.

use std::sync::{Mutex, PoisonError};

use crate::kernels::{Asked, Put, Threads, View, product};

use super::rows::{Softmax, SoftmaxBack};

/// Rows of queries whose weights are computed at a time.
const ROWS: usize = 64;

/// What attention is over. T tokens lie one after another in texts that do not see each other.
#[derive(Clone, Copy)]
pub struct Attention<'a> {
    /// Lengths of the texts; their sum is T.
    pub texts: &'a [usize],
    /// Heads that are asked (K).
    pub groups: usize,
    /// Numbers in a head (D).
    pub head: usize,
    /// What is asked.
    pub asked: Asked,
    /// Learnt keys and values (P, K·D) that stand before every text, as tokens before it would.
    pub prefix: Option<(&'a [f32], &'a [f32])>,
}

/// Gradients of attention.
pub struct Gradients {
    /// (T, H·D).
    pub query: Vec<f32>,
    /// (T, K·D).
    pub key: Vec<f32>,
    /// (T, K·D).
    pub value: Vec<f32>,
    /// (P, K·D) of keys and of values.
    pub prefix: Option<(Vec<f32>, Vec<f32>)>,
}

/// A text and one of the heads that are asked.
#[derive(Clone, Copy)]
struct Part {
    /// First token.
    start: usize,
    /// Tokens.
    length: usize,
    group: usize,
}

/// What one part gives.
#[derive(Default)]
struct Local {
    /// (S, G·D): the mixed values, or the gradients of the queries.
    query: Vec<f32>,
    /// (P + S, D).
    key: Vec<f32>,
    /// (P + S, D).
    value: Vec<f32>,
}

impl Attention<'_> {
    /// The mixed values (T, H·D) for queries (T, H·D), keys and values (T, K·D), all of them turned already.
    pub fn forward(
        &self,
        threads: &Threads,
        query: &[f32],
        key: &[f32],
        value: &[f32],
    ) -> Vec<f32> {
        let parts = self.parts();
        let done = in_turn(threads, &parts, &|part| self.mix(part, query, key, value));
        let mut out = vec![0f32; query.len()];
        for (part, local) in parts.iter().zip(done) {
            self.put(part, &local.query, &mut out);
        }
        out
    }

    /// The gradients, given those of the mixed values.
    pub fn backward(
        &self,
        threads: &Threads,
        query: &[f32],
        key: &[f32],
        value: &[f32],
        mixed: &[f32],
    ) -> Gradients {
        let parts = self.parts();
        let done = in_turn(threads, &parts, &|part| {
            self.unmix(part, query, key, value, mixed)
        });
        let zeros = |like: &[f32]| vec![0f32; like.len()];
        let mut gradients = Gradients {
            query: zeros(query),
            key: zeros(key),
            value: zeros(value),
            prefix: self.prefix.map(|(key, value)| (zeros(key), zeros(value))),
        };
        let before = self.before();
        let (head, width) = (self.head, self.groups * self.head);
        for (part, local) in parts.iter().zip(done) {
            self.put(part, &local.query, &mut gradients.query);
            let at = part.group * head;
            for (out, local) in [
                (&mut gradients.key, &local.key),
                (&mut gradients.value, &local.value),
            ] {
                let rows = out[part.start * width..].chunks_exact_mut(width);
                for (row, local) in rows.zip(local[before * head..].chunks_exact(head)) {
                    row[at..][..head].copy_from_slice(local);
                }
            }
            if let Some((keys, values)) = &mut gradients.prefix {
                for (out, local) in [(keys, &local.key), (values, &local.value)] {
                    for (row, local) in out.chunks_exact_mut(width).zip(local.chunks_exact(head)) {
                        row[at..][..head]
                            .iter_mut()
                            .zip(local)
                            .for_each(|(a, b)| *a += b);
                    }
                }
            }
        }
        gradients
    }

    /// Learnt keys before each text.
    fn before(&self) -> usize {
        self.prefix
            .map_or(0, |(key, _)| key.len() / (self.groups * self.head))
    }

    fn parts(&self) -> Vec<Part> {
        let mut start = 0;
        let mut parts = Vec::new();
        for length in self.texts {
            parts.extend((0..self.groups).map(|group| Part {
                start,
                length: *length,
                group,
            }));
            start += length;
        }
        parts
    }

    /// The numbers of one head that is asked, those learnt first: (P + S, D).
    fn gathered(&self, part: Part, numbers: &[f32], prefix: Option<&[f32]>) -> Vec<f32> {
        let (head, width) = (self.head, self.groups * self.head);
        let own = numbers[part.start * width..][..part.length * width].chunks_exact(width);
        let rows = prefix.unwrap_or(&[]).chunks_exact(width).chain(own);
        let mut out = Vec::with_capacity((self.before() + part.length) * head);
        for row in rows {
            out.extend_from_slice(&row[part.group * head..][..head]);
        }
        out
    }

    /// Puts (S, G·D) where it belongs in (T, H·D).
    fn put(&self, part: &Part, local: &[f32], out: &mut [f32]) {
        let size = local.len() / part.length;
        let width = self.asked.heads * self.head;
        let rows = out[part.start * width..].chunks_exact_mut(width);
        for (row, local) in rows.zip(local.chunks_exact(size)) {
            row[part.group * size..][..size].copy_from_slice(local);
        }
    }

    /// Blocks of rows of a text: the first, how many, and what keys they see in all; and for each row what it sees of those.
    fn blocks(
        &self,
        length: usize,
    ) -> impl Iterator<Item = (usize, usize, usize, usize, Vec<(usize, usize)>)> {
        let (before, window) = (self.before(), self.asked.window);
        (0..length).step_by(ROWS).map(move |first| {
            let count = ROWS.min(length - first);
            let start = |row: usize| match window {
                Some(window) => (before + row + 1).saturating_sub(window),
                None => 0,
            };
            let (low, high) = (start(first), before + first + count);
            let seen = (first..first + count)
                .map(|row| (start(row) - low, before + row + 1 - low))
                .collect();
            (first, count, low, high, seen)
        })
    }

    /// Queries of one head: rows `first..first + count` of a text.
    fn head_rows<'a>(
        &self,
        numbers: &'a [f32],
        part: Part,
        head: usize,
        first: usize,
        count: usize,
    ) -> View<'a> {
        let width = self.asked.heads * self.head;
        let start = (part.start + first) * width + head * self.head;
        View::part(&numbers[start..], width, self.head).rows(0, count)
    }

    fn mix(&self, part: Part, query: &[f32], key: &[f32], value: &[f32]) -> Local {
        let each = self.asked.heads / self.groups;
        let (head, step) = (self.head, each * self.head);
        let keys = self.gathered(part, key, self.prefix.map(|(key, _)| key));
        let values = self.gathered(part, value, self.prefix.map(|(_, value)| value));
        let mut mixed = vec![0f32; part.length * step];
        let (mut scores, mut slopes) = (Vec::new(), Vec::new());
        for (first, count, low, high, seen) in self.blocks(part.length) {
            for n in 0..each {
                let query = self.head_rows(query, part, part.group * each + n, first, count);
                self.weigh(
                    query,
                    &keys[low * head..high * head],
                    &seen,
                    &mut scores,
                    &mut slopes,
                );
                let weights = View::new(&scores, high - low);
                let values = View::new(&values[low * head..high * head], head);
                product(
                    &mut mixed[first * step + n * head..],
                    step,
                    weights,
                    values,
                    1.0,
                    Put::Over,
                );
            }
        }
        Local {
            query: mixed,
            ..Local::default()
        }
    }

    /// The weights (rows, keys) of some rows of queries, and the slopes of their caps.
    fn weigh(
        &self,
        query: View<'_>,
        keys: &[f32],
        seen: &[(usize, usize)],
        scores: &mut Vec<f32>,
        slopes: &mut Vec<f32>,
    ) {
        let width = keys.len() / self.head;
        scores.clear();
        scores.resize(seen.len() * width, 0.0);
        slopes.clear();
        if self.asked.cap.is_some() {
            slopes.resize(scores.len(), 0.0);
        }
        let keys = View::new(keys, self.head).transposed();
        product(scores, width, query, keys, self.asked.scale, Put::Over);
        let cap = self.asked.cap;
        pulp::Arch::new().dispatch(Softmax {
            scores,
            width,
            seen,
            cap,
            slopes,
        });
    }

    fn unmix(&self, part: Part, query: &[f32], key: &[f32], value: &[f32], mixed: &[f32]) -> Local {
        let each = self.asked.heads / self.groups;
        let (head, step, scale) = (self.head, each * self.head, self.asked.scale);
        let keys = self.gathered(part, key, self.prefix.map(|(key, _)| key));
        let values = self.gathered(part, value, self.prefix.map(|(_, value)| value));
        let mut local = Local {
            query: vec![0f32; part.length * step],
            key: vec![0f32; keys.len()],
            value: vec![0f32; values.len()],
        };
        let (mut weights, mut slopes, mut gradients) = (Vec::new(), Vec::new(), Vec::new());
        for (first, count, low, high, seen) in self.blocks(part.length) {
            let (width, range) = (high - low, low * head..high * head);
            for n in 0..each {
                let h = part.group * each + n;
                let query = self.head_rows(query, part, h, first, count);
                let mixed = self.head_rows(mixed, part, h, first, count);
                self.weigh(
                    query,
                    &keys[range.clone()],
                    &seen,
                    &mut weights,
                    &mut slopes,
                );
                gradients.clear();
                gradients.resize(weights.len(), 0.0);
                let values = View::new(&values[range.clone()], head);
                product(
                    &mut gradients,
                    width,
                    mixed,
                    values.transposed(),
                    1.0,
                    Put::Over,
                );
                let turned = View::new(&weights, width).transposed();
                product(
                    &mut local.value[range.clone()],
                    head,
                    turned,
                    mixed,
                    1.0,
                    Put::Onto,
                );
                pulp::Arch::new().dispatch(SoftmaxBack {
                    weights: &weights,
                    gradients: &mut gradients,
                    width,
                    slopes: &slopes,
                });
                let gradients = View::new(&gradients, width);
                let keys = View::new(&keys[range.clone()], head);
                product(
                    &mut local.query[first * step + n * head..],
                    step,
                    gradients,
                    keys,
                    scale,
                    Put::Over,
                );
                let turned = gradients.transposed();
                product(
                    &mut local.key[range.clone()],
                    head,
                    turned,
                    query,
                    scale,
                    Put::Onto,
                );
            }
        }
        local
    }
}

/// What each part gives, in their order.
fn in_turn(threads: &Threads, parts: &[Part], each: &(dyn Fn(Part) -> Local + Sync)) -> Vec<Local> {
    let places: Vec<Mutex<Local>> = parts.iter().map(|_| Mutex::default()).collect();
    threads.each(parts.len(), &|index| {
        let local = each(parts[index]);
        *places[index].lock().unwrap_or_else(PoisonError::into_inner) = local;
    });
    places
        .into_iter()
        .map(|place| place.into_inner().unwrap_or_else(PoisonError::into_inner))
        .collect()
}
