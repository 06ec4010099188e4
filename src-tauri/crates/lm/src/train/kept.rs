//! What a layer keeps for its gradient, and how much that is.

use crate::config::Config;

/// What a layer computed that its gradient needs.
pub struct Kept {
    /// The input (T, C).
    pub x: Vec<f32>,
    /// Queries, keys and values before they are normed and turned.
    pub query: Vec<f32>,
    /// See there.
    pub key: Vec<f32>,
    /// See there.
    pub value: Vec<f32>,
    /// What attention gives (T, H·D).
    pub mixed: Vec<f32>,
    /// The product with that (T, C), where it is needed again.
    pub attended: Vec<f32>,
    /// The sum after attention (T, C).
    pub middle: Vec<f32>,
    /// (T, F).
    pub gate: Vec<f32>,
    /// (T, F).
    pub up: Vec<f32>,
    /// What the feed-forward part gives (T, C), where it is needed again.
    pub inner: Vec<f32>,
}

/// Bytes that one layer keeps for a batch of so many tokens.
pub fn kept_bytes(config: &Config, tokens: usize, outputs: bool) -> usize {
    let heads = config.head * (2 * config.heads + 2 * config.kv_heads);
    let rows =
        2 * config.width + heads + 2 * config.inner + if outputs { 2 * config.width } else { 0 };
    4 * tokens * rows
}
