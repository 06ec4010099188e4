//! What the model computes with: a handful of operators over rows of numbers, on two engines.
//!
//! [`Cpu`] runs the kernels of this crate and is what most people use. [`Tensors`] runs candle's operators on any device
//! of candle. A test holds them together. Training has operators of its own ([`mod@crate::train`]), over the weights of [`Cpu`].

mod cpu;
pub mod rows;
mod tensors;

use candle_core::Result;

pub use cpu::Cpu;
pub use tensors::{Matrix, Tensors};

use crate::kernels::Asked;

/// How the rotary embedding pairs the numbers of a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pairs {
    /// Number 2i with 2i + 1: llama as GGUF files lay it out.
    Neighbours,
    /// Number i with i + D/2: Qwen, Gemma, and llama as Hugging Face lays it out.
    Halves,
}

/// The function inside the gate of the feed-forward part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// `x · sigmoid(x)`.
    Silu,
    /// `x / 2 · (1 + tanh(√(2/π) · (x + 0.044715 x³)))`.
    GeluTanh,
}

/// Cosines and sines of the rotary embedding for the tokens of one step, each (T, D/2).
#[derive(Debug, Clone)]
pub struct Angles {
    /// Cosines, row by row.
    pub cos: Vec<f32>,
    /// Sines, row by row.
    pub sin: Vec<f32>,
}

/// A product with weights, and a bias in models that have one.
pub struct Linear<E: Engine> {
    /// (out, in).
    pub weights: E::Matrix,
    /// (out).
    pub bias: Option<E::Vector>,
    /// What an adapter makes of it.
    pub update: Option<Update<E>>,
}

/// A low-rank update of a product: `x · Wᵀ + (x · Aᵀ) · Bᵀ`, then times a factor for each output where there is one.
pub struct Update<E: Engine> {
    /// A: (rank, in).
    pub a: E::Plain,
    /// B, with all that scales it: (out, rank).
    pub b: E::Plain,
    /// (out).
    pub factors: Option<E::Vector>,
}

/// A small layer behind a part of a layer: `y + U · relu(D · y + d) + u`.
pub struct Small<E: Engine> {
    /// D: (inside, C).
    pub down: E::Plain,
    /// d: (inside).
    pub down_bias: E::Vector,
    /// U: (C, inside).
    pub up: E::Plain,
    /// u: (C).
    pub up_bias: E::Vector,
}

/// The heads of one step of attention.
pub struct Heads<'a, E: Engine> {
    /// (T, H·D).
    pub query: E::Array,
    /// (T, K·D).
    pub key: E::Array,
    /// (T, K·D).
    pub value: E::Array,
    /// (D): norms of each head of queries and of keys, in models that have them, and what is added under their roots.
    pub norms: Option<(&'a E::Vector, &'a E::Vector, f32)>,
    /// Angles of the positions.
    pub angles: &'a Angles,
    /// Pairs that are turned.
    pub pairs: Pairs,
    /// What is asked.
    pub asked: Asked,
}

/// Tokens with their scores, in the order of the tokens.
pub type Best = Vec<(u32, f32)>;

/// An engine. Arrays are (T, width), row by row.
pub trait Engine: Sized + Send + Sync {
    /// Rows of numbers.
    type Array;
    /// Weights of a product.
    type Matrix: Clone + Send + Sync;
    /// Weights of a norm, or a bias.
    type Vector: Clone + Send + Sync;
    /// A matrix of plain floats.
    type Plain: Send + Sync;
    /// Keys and values of a layer.
    type Memory: Send;

    /// Rows of a table: (T, C), each times `scale`. The ids are below the number of its rows.
    fn embed(&self, table: &Self::Matrix, tokens: &[u32], scale: f32) -> Result<Self::Array>;
    /// Root-mean-square norm of each row: `x / sqrt(mean(x²) + eps) · weight`.
    fn norm(&self, x: &Self::Array, weight: &Self::Vector, eps: f32) -> Result<Self::Array>;
    /// `x · Wᵀ (+ bias)` for each of some weights.
    fn linear<const N: usize>(
        &self,
        x: &Self::Array,
        weights: [&Linear<Self>; N],
    ) -> Result<[Self::Array; N]>;
    /// For each row the products with the rows of weights that `also` names and, besides them, at least those `count` whose
    /// products are highest: pairs of their number and the product, in the order of the numbers. None where the engine is not sooner done with these than with
    /// all by [`Engine::linear`], which gives the same numbers.
    fn best(
        &self,
        _x: &Self::Array,
        _weights: &Linear<Self>,
        _count: usize,
        _also: &[u32],
    ) -> Result<Option<Vec<Best>>> {
        Ok(None)
    }
    /// Attention of new tokens: the heads are normed and turned, keys and values written into the memory behind `past`
    /// tokens, where there is room; the result is (T, H·D).
    fn attention(
        &self,
        heads: Heads<'_, Self>,
        memory: &mut Self::Memory,
        past: usize,
    ) -> Result<Self::Array>;
    /// `activation(gate) · up`.
    fn gate(&self, gate: Self::Array, up: Self::Array, by: Activation) -> Result<Self::Array>;
    /// `a + b`.
    fn sum(&self, a: Self::Array, b: Self::Array) -> Result<Self::Array>;
    /// `cap · tanh(x / cap)`.
    fn cap(&self, x: Self::Array, cap: f32) -> Result<Self::Array>;
    /// A matrix of plain floats, from its rows of `columns` numbers.
    fn plain(&self, numbers: Vec<f32>, columns: usize) -> Result<Self::Plain>;
    /// `x · Wᵀ` with plain floats.
    fn times(&self, x: &Self::Array, weights: &Self::Plain) -> Result<Self::Array>;
    /// Each row times a vector, number by number.
    fn stretch(&self, x: Self::Array, by: &Self::Vector) -> Result<Self::Array>;
    /// A vector added to each row.
    fn shift(&self, x: Self::Array, by: &Self::Vector) -> Result<Self::Array>;
    /// Zero for what is less.
    fn positive(&self, x: Self::Array) -> Result<Self::Array>;
    /// Writes keys and values (P, K·D), as they are, into the beginning of a memory that has room for them.
    fn remember(&self, memory: &mut Self::Memory, keys: &[f32], values: &[f32]) -> Result<()>;

    /// Rows `from..from + count`.
    fn rows(&self, x: &Self::Array, from: usize, count: usize) -> Result<Self::Array>;
    /// The rows of several arrays of one width, of which there is at least one.
    fn join(&self, parts: Vec<Self::Array>) -> Result<Self::Array>;
    /// The numbers, row by row.
    fn numbers(&self, x: Self::Array) -> Result<Vec<f32>>;

    /// An empty memory for `heads` heads of `head` numbers.
    fn memory(&self, heads: usize, head: usize) -> Result<Self::Memory>;
    /// Makes room in a memory for `room` tokens and keeps the first `length`.
    fn resize(&self, memory: &mut Self::Memory, room: usize, length: usize) -> Result<()>;
    /// A copy of the first `length` tokens of a memory.
    fn copy(&self, memory: &Self::Memory, length: usize) -> Result<Self::Memory>;
    /// Bytes a memory takes for each token.
    fn bytes_per_token(&self, heads: usize, head: usize) -> usize;
    /// Bytes of weights.
    fn matrix_bytes(&self, matrix: &Self::Matrix) -> usize;
}
