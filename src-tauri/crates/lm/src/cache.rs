//! Keys and values of the tokens read so far, so that each new token is computed alone.

use std::sync::Arc;

use candle_core::Result;

use crate::config::Config;
use crate::engine::Engine;

/// The cache of a whole model. It grows as it is filled; what lies behind its length is not looked at.
pub struct Cache<E: Engine> {
    layers: Vec<E::Memory>,
    /// What an adapter has learnt to stand before every text: for each layer keys and values, and how many tokens' worth.
    prefix: Arc<Prefix>,
    room: usize,
    length: usize,
}

/// Keys and values (P, K·D) of each layer that stand before every text; P may be 0.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Prefix {
    /// P.
    pub tokens: usize,
    /// Layer by layer; empty where P is 0.
    pub layers: Vec<(Vec<f32>, Vec<f32>)>,
}

/// Tokens by which an empty cache first has room.
const FIRST_ROOM: usize = 256;

impl<E: Engine> Cache<E> {
    /// An empty cache, which takes no memory yet.
    pub fn new(engine: &E, config: &Config, prefix: Arc<Prefix>) -> Result<Cache<E>> {
        Ok(Cache {
            prefix,
            layers: (0..config.layers)
                .map(|_| engine.memory(config.kv_heads, config.head))
                .collect::<Result<_>>()?,
            room: 0,
            length: 0,
        })
    }

    /// Tokens held, besides those that stand before every text.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Forgets all but the first `length` tokens.
    pub fn truncate(&mut self, length: usize) {
        self.length = self.length.min(length);
    }

    /// Counts the tokens whose keys and values all layers have written.
    pub fn advance(&mut self, count: usize) {
        self.length = self.room.min(self.length + count);
    }

    /// Makes room for `wanted` tokens in all: at least a quarter more than it had, so that growing stays rare.
    pub fn reserve(&mut self, engine: &E, wanted: usize) -> Result<()> {
        if wanted <= self.room {
            return Ok(());
        }
        let room = wanted
            .max(self.room + self.room / 4)
            .next_multiple_of(FIRST_ROOM);
        let before = self.prefix.tokens;
        // Room comes in whole panels of tokens, so what stands before the text is counted apart.
        let first = self.room == 0;
        for (index, layer) in self.layers.iter_mut().enumerate() {
            let length = if first { 0 } else { before + self.length };
            engine.resize(layer, before + room, length)?;
            if let Some((keys, values)) = self.prefix.layers.get(index).filter(|_| first) {
                engine.remember(layer, keys, values)?;
            }
        }
        self.room = room;
        Ok(())
    }

    /// The memory of a layer.
    pub fn layer(&mut self, index: usize) -> &mut E::Memory {
        &mut self.layers[index]
    }

    /// A copy of what is held, with no spare room.
    pub fn copy(&self, engine: &E) -> Result<Cache<E>> {
        // An empty one holds not even what stands before every text yet, and copies to an empty one.
        let held = match self.length {
            0 => 0,
            length => self.prefix.tokens + length,
        };
        Ok(Cache {
            layers: self
                .layers
                .iter()
                .map(|layer| engine.copy(layer, held))
                .collect::<Result<_>>()?,
            prefix: self.prefix.clone(),
            room: self.length,
            length: self.length,
        })
    }
}
