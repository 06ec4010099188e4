//! A model on the engine it was loaded for. Here the two meet; everything below is written for either.

use std::ops::ControlFlow;

use candle_core::Result;

use crate::cache;
use crate::config::Config;
use crate::device;
use crate::engine::{Cpu, Engine, Tensors};
use crate::transformer::{Transformer, Want};

/// A model.
pub enum Model {
    /// On the processor.
    Cpu(Transformer<Cpu>),
    /// On a device of candle.
    Device(Transformer<Tensors>),
}

/// Its memory of a text.
pub enum Cache {
    /// On the processor.
    Cpu(cache::Cache<Cpu>),
    /// On a device of candle.
    Device(cache::Cache<Tensors>),
}

/// Does the same on either engine.
macro_rules! either {
    ($model:expr, $transformer:ident => $body:expr) => {
        match $model {
            Model::Cpu($transformer) => $body,
            Model::Device($transformer) => $body,
        }
    };
}

impl Model {
    /// The shape.
    pub fn config(&self) -> &Config {
        either!(self, model => &model.config)
    }

    /// Bytes the weights take where they are multiplied.
    pub fn weight_bytes(&self) -> usize {
        either!(self, model => model.weight_bytes())
    }

    /// Where it runs, for people.
    pub fn device(&self) -> String {
        match self {
            Model::Cpu(model) => format!(
                "CPU ({}, {} threads)",
                model.engine.tier().name(),
                model.engine.threads().count()
            ),
            Model::Device(model) => device::name(model.engine.device()).to_owned(),
        }
    }

    /// Bytes the memory of a text takes for each token.
    pub fn bytes_per_token(&self) -> usize {
        either!(self, model => {
            let config = &model.config;
            config.layers * model.engine.bytes_per_token(config.kv_heads, config.head)
        })
    }

    /// An empty memory.
    pub fn cache(&self) -> Result<Cache> {
        Ok(match self {
            Model::Cpu(model) => Cache::Cpu(model.cache()?),
            Model::Device(model) => Cache::Device(model.cache()?),
        })
    }

    /// A copy of a memory.
    pub fn copy(&self, cache: &Cache) -> Result<Cache> {
        Ok(match (self, cache) {
            (Model::Cpu(model), Cache::Cpu(cache)) => Cache::Cpu(cache.copy(&model.engine)?),
            (Model::Device(model), Cache::Device(cache)) => {
                Cache::Device(cache.copy(&model.engine)?)
            }
            _ => return Err(other()),
        })
    }

    /// See [`Transformer::read`].
    pub fn read(
        &self,
        cache: &mut Cache,
        tokens: &[u32],
        want: &mut Want<'_>,
        quiet: bool,
        pulse: &mut dyn FnMut(usize) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>> {
        match (self, cache) {
            (Model::Cpu(model), Cache::Cpu(cache)) => model.read(cache, tokens, want, quiet, pulse),
            (Model::Device(model), Cache::Device(cache)) => {
                model.read(cache, tokens, want, quiet, pulse)
            }
            _ => Err(other()),
        }
    }

    /// See [`Transformer::read_apart`].
    pub fn read_apart(
        &self,
        cache: &mut Cache,
        texts: &[&[u32]],
        each: &mut dyn FnMut(usize, usize, &[f32]),
        pulse: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>> {
        match (self, cache) {
            (Model::Cpu(model), Cache::Cpu(cache)) => model.read_apart(cache, texts, each, pulse),
            (Model::Device(model), Cache::Device(cache)) => {
                model.read_apart(cache, texts, each, pulse)
            }
            _ => Err(other()),
        }
    }

    /// Makes room for a text of this length.
    pub fn reserve(&self, cache: &mut Cache, tokens: usize) -> Result<()> {
        match (self, cache) {
            (Model::Cpu(model), Cache::Cpu(cache)) => cache.reserve(&model.engine, tokens),
            (Model::Device(model), Cache::Device(cache)) => cache.reserve(&model.engine, tokens),
            _ => Err(other()),
        }
    }
}

fn other() -> candle_core::Error {
    candle_core::Error::Msg("a memory of another model".into())
}

impl Cache {
    /// Tokens held.
    pub fn length(&self) -> usize {
        match self {
            Cache::Cpu(cache) => cache.length(),
            Cache::Device(cache) => cache.length(),
        }
    }

    /// Forgets all but the first `length` tokens.
    pub fn truncate(&mut self, length: usize) {
        match self {
            Cache::Cpu(cache) => cache.truncate(length),
            Cache::Device(cache) => cache.truncate(length),
        }
    }
}
