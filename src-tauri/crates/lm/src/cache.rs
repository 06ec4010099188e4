//! Keys and values of the tokens read so far, so that each new token is computed alone.

use candle_core::{DType, Device, Result, Tensor};

/// The cache of a whole model. It grows as it is filled; what lies behind its length is not looked at.
#[derive(Debug)]
pub struct Cache {
    layers: Vec<LayerCache>,
    kv_heads: usize,
    head: usize,
    room: usize,
    length: usize,
}

/// The cache of one layer: keys and values (K, room, D).
#[derive(Debug)]
pub struct LayerCache {
    keys: Tensor,
    values: Tensor,
}

/// Tokens by which an empty cache first has room.
const FIRST_ROOM: usize = 256;

impl Cache {
    /// An empty cache, which takes no memory yet.
    pub fn new(layers: usize, kv_heads: usize, head: usize) -> Result<Cache> {
        let empty = || Tensor::zeros((kv_heads, 0, head), DType::F32, &Device::Cpu);
        let layers = (0..layers)
            .map(|_| {
                Ok(LayerCache {
                    keys: empty()?,
                    values: empty()?,
                })
            })
            .collect::<Result<_>>()?;
        Ok(Cache {
            layers,
            kv_heads,
            head,
            room: 0,
            length: 0,
        })
    }

    /// Tokens held.
    #[cfg(test)]
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

    /// Makes room for `wanted` tokens in all: half as much again as it had, so that growing stays rare.
    pub fn reserve(&mut self, wanted: usize) -> Result<()> {
        if wanted <= self.room {
            return Ok(());
        }
        let room = wanted
            .max(self.room + self.room / 2)
            .next_multiple_of(FIRST_ROOM);
        for layer in &mut self.layers {
            for part in [&mut layer.keys, &mut layer.values] {
                let larger =
                    Tensor::zeros((self.kv_heads, room, self.head), DType::F32, &Device::Cpu)?;
                if self.length > 0 {
                    larger.slice_set(&part.narrow(1, 0, self.length)?.contiguous()?, 1, 0)?;
                }
                *part = larger;
            }
        }
        self.room = room;
        Ok(())
    }

    /// The cache of a layer.
    pub fn layer(&mut self, index: usize) -> &mut LayerCache {
        &mut self.layers[index]
    }

    /// A copy of what is held, with no spare room.
    pub fn copy(&self) -> Result<Cache> {
        let part = |tensor: &Tensor| tensor.narrow(1, 0, self.length)?.force_contiguous();
        let layers = self
            .layers
            .iter()
            .map(|layer| {
                Ok(LayerCache {
                    keys: part(&layer.keys)?,
                    values: part(&layer.values)?,
                })
            })
            .collect::<Result<_>>()?;
        Ok(Cache {
            layers,
            room: self.length,
            ..*self
        })
    }
}

impl LayerCache {
    /// Writes new keys and values (K, T, D) behind the first `past` and gives all of them: (K, past + T, D) each.
    pub fn extend(
        &mut self,
        past: usize,
        keys: &Tensor,
        values: &Tensor,
    ) -> Result<(Tensor, Tensor)> {
        let all = past + keys.dim(1)?;
        self.keys.slice_set(&keys.contiguous()?, 1, past)?;
        self.values.slice_set(&values.contiguous()?, 1, past)?;
        Ok((self.keys.narrow(1, 0, all)?, self.values.narrow(1, 0, all)?))
    }
}
