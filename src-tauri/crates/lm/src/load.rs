//! From the bytes of a file to a model: every shape is checked against the configuration.

use std::sync::Arc;

use candle_core::{Device, Tensor};
use rayon::prelude::*;

use crate::block::decode;
use crate::config::Config;
use crate::gguf::{Header, Refusal, TensorInfo};
use crate::pack::Packed;
use crate::transformer::{Layer, Linear, Transformer};

/// Builds the model whose header was read from the same bytes. `vocabulary` is the number of tokens the tokenizer has.
pub fn transformer(
    header: &Header,
    bytes: &[u8],
    vocabulary: usize,
) -> Result<Transformer, Refusal> {
    let config = Config::from_header(header)?;
    let source = Source { header, bytes };
    let (width, rows) = (config.width, config.head * config.heads);
    let embedding = Arc::new(source.matrix("token_embd.weight", vocabulary, width)?);
    let head = match header.tensors.contains_key("output.weight") {
        true => Arc::new(source.matrix("output.weight", vocabulary, width)?),
        false => embedding.clone(),
    };
    // Before any layer is built, so that a wrong number of layers costs nothing.
    for index in 0..config.layers {
        source.info(&format!("blk.{index}.attn_q.weight"), &[rows, width])?;
    }
    let layers = (0..config.layers)
        .into_par_iter()
        .map(|index| source.layer(&config, index))
        .collect::<Result<_, _>>()?;
    let norm = source.vector("output_norm.weight", width)?;
    Ok(Transformer {
        config,
        embedding,
        layers,
        norm,
        head,
    })
}

struct Source<'a> {
    header: &'a Header,
    bytes: &'a [u8],
}

impl Source<'_> {
    fn layer(&self, config: &Config, index: usize) -> Result<Layer, Refusal> {
        let Config {
            width,
            heads,
            kv_heads,
            head,
            inner,
            bias,
            head_norm,
            ..
        } = *config;
        let name = |part: &str| format!("blk.{index}.{part}");
        let linear = |part: &str, rows: usize, columns: usize, bias: bool| {
            let weights = Arc::new(self.matrix(&name(&format!("{part}.weight")), rows, columns)?);
            let bias = if bias {
                Some(self.vector(&name(&format!("{part}.bias")), rows)?)
            } else {
                None
            };
            Ok::<_, Refusal>(Linear { weights, bias })
        };
        let head_norms = match head_norm {
            true => Some((
                self.vector(&name("attn_q_norm.weight"), head)?,
                self.vector(&name("attn_k_norm.weight"), head)?,
            )),
            false => None,
        };
        Ok(Layer {
            attention_norm: self.vector(&name("attn_norm.weight"), width)?,
            query: linear("attn_q", heads * head, width, bias)?,
            key: linear("attn_k", kv_heads * head, width, bias)?,
            value: linear("attn_v", kv_heads * head, width, bias)?,
            head_norms,
            output: linear("attn_output", width, heads * head, false)?,
            inner_norm: self.vector(&name("ffn_norm.weight"), width)?,
            gate: linear("ffn_gate", inner, width, false)?,
            up: linear("ffn_up", inner, width, false)?,
            down: linear("ffn_down", width, inner, false)?,
        })
    }

    fn info(&self, name: &str, shape: &[usize]) -> Result<&TensorInfo, Refusal> {
        let info = self
            .header
            .tensors
            .get(name)
            .ok_or_else(|| Refusal::Damaged(format!("{name} is missing")))?;
        if info.shape != shape {
            return Err(Refusal::Damaged(format!(
                "{name} has the shape {:?}, not {shape:?}",
                info.shape
            )));
        }
        Ok(info)
    }

    fn part(&self, info: &TensorInfo) -> &[u8] {
        // The header's reader has checked that every tensor lies inside the file.
        &self.bytes[info.start..info.start + info.length]
    }

    fn matrix(&self, name: &str, rows: usize, columns: usize) -> Result<Packed, Refusal> {
        let info = self.info(name, &[rows, columns])?;
        Packed::new(info.kind, self.part(info), rows, columns).ok_or_else(|| {
            Refusal::Unknown(format!("{name} with rows of {columns}, no multiple of 32"))
        })
    }

    fn vector(&self, name: &str, length: usize) -> Result<Tensor, Refusal> {
        let info = self.info(name, &[length])?;
        let mut values = vec![0f32; length];
        decode(info.kind, self.part(info), &mut values);
        Tensor::from_vec(values, length, &Device::Cpu)
            .map_err(|error| Refusal::Damaged(format!("{name}: {error}")))
    }
}
