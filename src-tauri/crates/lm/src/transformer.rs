//! The model itself: a decoder of the llama family, read from top to bottom.
//!
//! Letters in shapes: T tokens fed now, S tokens in the cache with them, C width, H heads, K heads of keys and values,
//! G = H / K, D numbers in a head, F inner width, V vocabulary. All numbers are `f32` outside of the packed weights.

use std::sync::Arc;

use candle_core::{Device, Result, Tensor};

use crate::cache::{Cache, LayerCache};
use crate::config::Config;
use crate::ops::{Form, attention, linear, rms_norm, rope, sum, swiglu};
use crate::pack::Packed;

/// A model with its weights.
pub struct Transformer {
    /// The shape.
    pub config: Config,
    /// (V, C): a row for each token; also the head where the file has no other.
    pub embedding: Arc<Packed>,
    /// The layers, in order.
    pub layers: Vec<Layer>,
    /// (C): norm before the head.
    pub norm: Tensor,
    /// (V, C): scores of the next token.
    pub head: Arc<Packed>,
}

/// One layer: attention, then the feed-forward part, each added to its input.
pub struct Layer {
    /// (C): norm before attention.
    pub attention_norm: Tensor,
    /// (H·D, C).
    pub query: Linear,
    /// (K·D, C).
    pub key: Linear,
    /// (K·D, C).
    pub value: Linear,
    /// (D) norms of each head of queries and of keys, in models that have them.
    pub head_norms: Option<(Tensor, Tensor)>,
    /// (C, H·D).
    pub output: Linear,
    /// (C): norm before the feed-forward part.
    pub inner_norm: Tensor,
    /// (F, C).
    pub gate: Linear,
    /// (F, C).
    pub up: Linear,
    /// (C, F).
    pub down: Linear,
}

/// A product with weights, and a bias in models that have one.
pub struct Linear {
    /// (out, in).
    pub weights: Arc<Packed>,
    /// (out).
    pub bias: Option<Tensor>,
}

impl Linear {
    fn forward(&self, form: Form, x: &Tensor) -> Result<Tensor> {
        linear(form, x, &self.weights, self.bias.as_ref())
    }
}

/// Cosines and sines of the rotary embedding for the tokens of one step, each (T, D/2).
pub struct Angles {
    cos: Tensor,
    sin: Tensor,
}

impl Transformer {
    /// The rows of the embedding: (T, C). The ids are below V.
    pub fn embed(&self, tokens: &[u32]) -> Result<Tensor> {
        let width = self.config.width;
        let mut rows = vec![0f32; tokens.len() * width];
        for (token, row) in tokens.iter().zip(rows.chunks_exact_mut(width)) {
            self.embedding.row(*token as usize, row);
        }
        Tensor::from_vec(rows, (tokens.len(), width), &Device::Cpu)
    }

    /// Angles of the positions `first..first + count`: position · base^(-2i/D).
    pub fn angles(&self, first: usize, count: usize) -> Result<Angles> {
        let half = self.config.head / 2;
        let mut cos = Vec::with_capacity(count * half);
        let mut sin = Vec::with_capacity(count * half);
        for position in first..first + count {
            for i in 0..half {
                let angle = position as f64 * self.config.rope_base.powf(-(i as f64) / half as f64);
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "computed in double precision, kept in single"
                )]
                {
                    cos.push(angle.cos() as f32);
                    sin.push(angle.sin() as f32);
                }
            }
        }
        let tensor = |values| Tensor::from_vec(values, (count, half), &Device::Cpu);
        Ok(Angles {
            cos: tensor(cos)?,
            sin: tensor(sin)?,
        })
    }

    /// One layer over the new tokens: `x` (T, C) to (T, C). Keys and values are written behind the `past` tokens of the
    /// cache, which must have room.
    pub fn layer(
        &self,
        form: Form,
        index: usize,
        x: &Tensor,
        angles: &Angles,
        cache: &mut LayerCache,
        past: usize,
    ) -> Result<Tensor> {
        let layer = &self.layers[index];
        let eps = self.config.eps;
        let normed = rms_norm(form, x, &layer.attention_norm, eps)?;
        let x = sum(
            form,
            x,
            &self.attention(form, layer, &normed, angles, cache, past)?,
        )?;
        let normed = rms_norm(form, &x, &layer.inner_norm, eps)?;
        let inner = swiglu(
            form,
            &layer.gate.forward(form, &normed)?,
            &layer.up.forward(form, &normed)?,
        )?; // (T, F)
        sum(form, &x, &layer.down.forward(form, &inner)?)
    }

    fn attention(
        &self,
        form: Form,
        layer: &Layer,
        x: &Tensor,
        angles: &Angles,
        cache: &mut LayerCache,
        past: usize,
    ) -> Result<Tensor> {
        let Config {
            heads,
            kv_heads,
            head,
            eps,
            pairs,
            ..
        } = self.config;
        let tokens = x.dim(0)?;
        let mut query = layer
            .query
            .forward(form, x)?
            .reshape((tokens, heads, head))?;
        let mut key = layer
            .key
            .forward(form, x)?
            .reshape((tokens, kv_heads, head))?;
        let value = layer
            .value
            .forward(form, x)?
            .reshape((tokens, kv_heads, head))?;
        if let Some((query_norm, key_norm)) = &layer.head_norms {
            query = rms_norm(form, &query, query_norm, eps)?;
            key = rms_norm(form, &key, key_norm, eps)?;
        }
        let query = rope(form, &query, &angles.cos, &angles.sin, pairs)?;
        let key = rope(form, &key, &angles.cos, &angles.sin, pairs)?;
        let (keys, values) = cache.extend(past, &key.transpose(0, 1)?, &value.transpose(0, 1)?)?; // (K, S, D) each
        let mixed = attention(form, &query, &keys, &values)?; // (T, H·D)
        layer.output.forward(form, &mixed)
    }

    /// Scores of the next token after each of the given states: (T, C) to (T, V).
    pub fn scores(&self, form: Form, x: &Tensor) -> Result<Tensor> {
        linear(
            form,
            &rms_norm(form, x, &self.norm, self.config.eps)?,
            &self.head,
            None,
        )
    }

    /// An empty cache for this model.
    pub fn cache(&self) -> Result<Cache> {
        Cache::new(self.layers.len(), self.config.kv_heads, self.config.head)
    }

    /// Bytes the packed weights take.
    pub fn weight_bytes(&self) -> usize {
        let head = if Arc::ptr_eq(&self.head, &self.embedding) {
            0
        } else {
            self.head.bytes()
        };
        let layers = self
            .layers
            .iter()
            .flat_map(Layer::products)
            .map(|product| product.weights.bytes());
        self.embedding.bytes() + head + layers.sum::<usize>()
    }

    /// Multiplications for one token in one layer: what a step between two looks at the brake costs.
    pub fn layer_cost(&self) -> usize {
        self.layers[0]
            .products()
            .iter()
            .map(|product| product.weights.rows * product.weights.columns)
            .sum()
    }
}

impl Layer {
    fn products(&self) -> [&Linear; 7] {
        [
            &self.query,
            &self.key,
            &self.value,
            &self.output,
            &self.gate,
            &self.up,
            &self.down,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gguf::Header;

    /// A model of random weights, made without a file.
    fn random(pairs: crate::ops::Pairs, special: bool) -> Transformer {
        let mut random = crate::random::Random::new(3);
        let mut matrix = |rows: usize, columns: usize| {
            let bytes: Vec<u8> = (0..rows * columns)
                .flat_map(|_| ((random.unit() - 0.5) * 0.4).to_le_bytes())
                .collect();
            Arc::new(Packed::new(crate::block::Kind::F32, &bytes, rows, columns).unwrap())
        };
        let ramp = |count: usize| {
            (Tensor::arange(0f32, count as f32, &Device::Cpu).unwrap() / count as f64).unwrap()
        };
        let (width, heads, kv_heads, head, inner) = (64, 4, 2, 16, 96);
        let bias = |count: usize| special.then(|| ramp(count));
        let embedding = matrix(50, width);
        let layers = (0..2)
            .map(|_| Layer {
                attention_norm: ramp(width),
                query: Linear {
                    weights: matrix(heads * head, width),
                    bias: bias(heads * head),
                },
                key: Linear {
                    weights: matrix(kv_heads * head, width),
                    bias: bias(kv_heads * head),
                },
                value: Linear {
                    weights: matrix(kv_heads * head, width),
                    bias: bias(kv_heads * head),
                },
                head_norms: special.then(|| (ramp(head), ramp(head))),
                output: Linear {
                    weights: matrix(width, heads * head),
                    bias: None,
                },
                inner_norm: ramp(width),
                gate: Linear {
                    weights: matrix(inner, width),
                    bias: None,
                },
                up: Linear {
                    weights: matrix(inner, width),
                    bias: None,
                },
                down: Linear {
                    weights: matrix(width, inner),
                    bias: None,
                },
            })
            .collect();
        let config = Config {
            architecture: "test".into(),
            layers: 2,
            width,
            heads,
            kv_heads,
            head,
            inner,
            context: 100,
            rope_base: 10_000.0,
            pairs,
            eps: 1e-5,
            bias: special,
            head_norm: special,
        };
        Transformer {
            config,
            head: embedding.clone(),
            embedding,
            layers,
            norm: ramp(width),
        }
    }

    fn forward(
        model: &Transformer,
        form: Form,
        tokens: &[u32],
        cache: &mut Cache,
    ) -> Vec<Vec<f32>> {
        let past = cache.length();
        cache.reserve(past + tokens.len()).unwrap();
        let angles = model.angles(past, tokens.len()).unwrap();
        let mut x = model.embed(tokens).unwrap();
        for index in 0..model.layers.len() {
            x = model
                .layer(form, index, &x, &angles, cache.layer(index), past)
                .unwrap();
        }
        cache.advance(tokens.len());
        model.scores(form, &x).unwrap().to_vec2().unwrap()
    }

    #[test]
    fn the_whole_model_agrees_in_both_forms() {
        for (pairs, special) in [
            (crate::ops::Pairs::Neighbours, false),
            (crate::ops::Pairs::Halves, true),
        ] {
            let model = random(pairs, special);
            let mut caches = [model.cache().unwrap(), model.cache().unwrap()];
            // A first part, then a second behind it.
            for tokens in [&[1u32, 7, 30, 49, 3][..], &[8, 9, 7]] {
                let fused = forward(&model, Form::Fused, tokens, &mut caches[0]);
                let parts = forward(&model, Form::Differentiable, tokens, &mut caches[1]);
                for (a, b) in fused.iter().flatten().zip(parts.iter().flatten()) {
                    assert!((a - b).abs() < 2e-3, "{a} and {b}");
                }
            }
        }
    }

    #[test]
    fn an_empty_header_is_no_model() {
        assert!(Config::from_header(&Header::default()).is_err());
    }
}
