//! Keys and values of the tokens read so far, so that each new token is computed alone.

use candle_core::Result;

use crate::config::Config;
use crate::engine::Engine;

/// The cache of a whole model. It grows as it is filled; what lies behind its length is not looked at.
pub struct Cache<E: Engine> {
    layers: Vec<E::Memory>,
    room: usize,
    length: usize,
}

/// Tokens by which an empty cache first has room.
const FIRST_ROOM: usize = 256;

impl<E: Engine> Cache<E> {
    /// An empty cache, which takes no memory yet.
    pub fn new(engine: &E, config: &Config) -> Result<Cache<E>> {
        Ok(Cache {
            layers: (0..config.layers)
                .map(|_| engine.memory(config.kv_heads, config.head))
                .collect::<Result<_>>()?,
            room: 0,
            length: 0,
        })
    }

    /// Tokens held.
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
        for layer in &mut self.layers {
            engine.resize(layer, room, self.length)?;
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
        Ok(Cache {
            layers: self
                .layers
                .iter()
                .map(|layer| engine.copy(layer, self.length))
                .collect::<Result<_>>()?,
            room: self.length,
            length: self.length,
        })
    }
}
