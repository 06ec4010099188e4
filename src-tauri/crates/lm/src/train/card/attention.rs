//! Attention over the texts of a batch and its gradient.
//!
//! The heads that ask the same keys lie together, so that each product is one batch of matrices: N = B · K of them, with
//! G = H / K heads that ask in each.

use candle_core::{Result, Tensor};

use crate::config::Config;

use super::layout::Layout;
use super::plain;
use super::rows::{Norm, Rows, Turns, quick};

/// Scores held at a time, in numbers; of more texts some after others are attended to.
const SCORES: usize = 64 << 20;

/// Heads as they are multiplied.
pub struct Heads {
    /// (N, G·L, D).
    pub query: Tensor,
    /// (N, L, D).
    pub key: Tensor,
    /// (N, L, D).
    pub value: Tensor,
}

/// Attention in one layer.
pub struct Attention<'a> {
    pub rows: &'a Rows,
    pub config: &'a Config,
    pub layout: &'a Layout,
    /// Of each head of queries and of keys.
    pub norms: Option<&'a (Norm, Norm)>,
    /// Which layer it is in.
    pub index: usize,
}

impl Attention<'_> {
    /// Normed and turned heads of the products of a layer (T, H·D + 2·K·D).
    pub fn heads(&self, all: &Tensor) -> Result<Heads> {
        quick!(self.rows, kernels => kernels.heads(self, all), self.plain_heads(all))
    }

    fn plain_heads(&self, all: &Tensor) -> Result<Heads> {
        let [query, key, value] = self.parts(all)?;
        let turns = self.turns();
        let (query, key) = match self.norms {
            None => (query, key),
            Some((for_query, for_key)) => (for_query.forward(&query)?, for_key.forward(&key)?),
        };
        Ok(Heads {
            query: self.apart(&turns.forward(&query)?)?,
            key: self.apart(&turns.forward(&key)?)?,
            value: self.apart(&value)?,
        })
    }

    /// The gradient of what [`Attention::heads`] was given, from those of the heads.
    pub fn heads_back(&self, all: &Tensor, back: &Heads) -> Result<Tensor> {
        quick!(
            self.rows,
            kernels => kernels.heads_back(self, all, back),
            self.plain_heads_back(all, back)
        )
    }

    fn plain_heads_back(&self, all: &Tensor, back: &Heads) -> Result<Tensor> {
        let turns = self.turns();
        let (heads, groups) = (self.config.heads, self.config.kv_heads);
        let mut query = turns.backward(&self.together(&back.query, heads)?)?;
        let mut key = turns.backward(&self.together(&back.key, groups)?)?;
        if let Some((for_query, for_key)) = self.norms {
            let [before, before_key, _] = self.parts(all)?;
            query = for_query.backward(&before, &query, None)?;
            key = for_key.backward(&before_key, &key, None)?;
        }
        let value = self.together(&back.value, groups)?;
        let parts = [query, key, value].map(|part| part.flatten_from(1));
        let [query, key, value] = parts;
        Tensor::cat(&[query?, key?, value?], 1)
    }

    /// What attention gives (T, H·D), and its weights where one product holds them all.
    pub fn forward(&self, heads: &Heads) -> Result<(Tensor, Option<Tensor>)> {
        let parts = self.ranges(heads)?;
        let mut mixed = Vec::with_capacity(parts.len());
        let mut kept = None;
        for (from, count) in &parts {
            let (query, key, value) = part(heads, *from, *count)?;
            let weights = self.weights(&scores(&query, &key)?)?;
            mixed.push(weights.matmul(&value)?);
            kept = (parts.len() == 1).then_some(weights);
        }
        Ok((self.mixed(&joined(mixed)?)?, kept))
    }

    /// The gradients of the heads, from that of what attention gave.
    pub fn backward(
        &self,
        heads: &Heads,
        weights: Option<&Tensor>,
        dmixed: &Tensor,
    ) -> Result<Heads> {
        let dmixed = self.mixed_back(dmixed)?;
        let (scale, cap) = self.scale_and_cap();
        let (mut dquery, mut dkey, mut dvalue) = (Vec::new(), Vec::new(), Vec::new());
        for (from, count) in self.ranges(heads)? {
            let (query, key, value) = part(heads, from, count)?;
            let again = match weights.is_none() || cap.is_some() {
                true => Some(scores(&query, &key)?),
                false => None,
            };
            let weights = match (weights, &again) {
                (Some(weights), _) => weights.clone(),
                (None, Some(scores)) => self.weights(scores)?,
                (None, None) => candle_core::bail!("no weights of attention"),
            };
            let dmixed = dmixed.narrow(0, from, count)?;
            dvalue.push(turned(&weights)?.matmul(&dmixed)?);
            let dweights = dmixed.matmul(&turned(&value)?)?;
            let again = again.as_ref();
            let dscores = self.softmax_back(&weights, &dweights, again, scale, cap)?;
            dquery.push(dscores.matmul(&key)?);
            dkey.push(turned(&dscores)?.matmul(&query)?);
        }
        Ok(Heads {
            query: joined(dquery)?,
            key: joined(dkey)?,
            value: joined(dvalue)?,
        })
    }

    /// What attention gives, heads side by side: (T, H·D) of (N, G·L, D).
    fn mixed(&self, x: &Tensor) -> Result<Tensor> {
        quick!(
            self.rows,
            kernels => kernels.together(self, x),
            self.together(x, self.config.heads)?.flatten_from(1)
        )
    }

    fn mixed_back(&self, dmixed: &Tensor) -> Result<Tensor> {
        let (tokens, _) = dmixed.dims2()?;
        let shape = (tokens, self.config.heads, self.config.head);
        quick!(
            self.rows,
            kernels => kernels.apart(self, dmixed),
            self.apart(&dmixed.reshape(shape)?)
        )
    }

    fn softmax_back(
        &self,
        weights: &Tensor,
        dweights: &Tensor,
        scores: Option<&Tensor>,
        scale: f64,
        cap: Option<f64>,
    ) -> Result<Tensor> {
        quick!(
            self.rows,
            kernels => kernels.softmax_back(weights, dweights, scores, scale, cap),
            plain::softmax_back(weights, dweights, scores, scale, cap)
        )
    }

    /// How far it sees.
    pub fn window(&self) -> Option<usize> {
        self.config.window_of(self.index)
    }

    /// Turns of the tokens.
    pub fn turns(&self) -> &Turns {
        &self.layout.turns[usize::from(self.window().is_some())]
    }

    /// What the products of queries and keys are multiplied by, and their cap.
    pub fn scale_and_cap(&self) -> (f64, Option<f64>) {
        let cap = self.config.attention_cap.map(f64::from);
        (f64::from(self.config.attention_scale), cap)
    }

    fn weights(&self, scores: &Tensor) -> Result<Tensor> {
        quick!(self.rows, kernels => kernels.softmax(self, scores), self.plain_weights(scores))
    }

    fn plain_weights(&self, scores: &Tensor) -> Result<Tensor> {
        let (scale, cap) = self.scale_and_cap();
        let length = self.layout.length;
        let shape = scores.dims3()?;
        let each = scores.reshape((shape.0 * shape.1 / length, length, length))?;
        let mask = self.layout.mask(self.window().is_some())?;
        plain::softmax(&each, mask, scale, cap)?.reshape(shape)
    }

    /// Which of the N matrices are multiplied together: the first, and how many.
    fn ranges(&self, heads: &Heads) -> Result<Vec<(usize, usize)>> {
        let (count, rows, _) = heads.query.dims3()?;
        let size = (SCORES / (rows * self.layout.length).max(1)).clamp(1, count.max(1));
        let from = (0..count).step_by(size);
        Ok(from.map(|from| (from, size.min(count - from))).collect())
    }

    /// Queries, keys and values (T, h, D).
    fn parts(&self, all: &Tensor) -> Result<[Tensor; 3]> {
        let (tokens, _) = all.dims2()?;
        let Config {
            heads,
            kv_heads,
            head,
            ..
        } = *self.config;
        let part = |from: usize, heads: usize| {
            let part = all.narrow(1, from * head, heads * head)?;
            part.reshape((tokens, heads, head))
        };
        Ok([
            part(0, heads)?,
            part(heads, kv_heads)?,
            part(heads + kv_heads, kv_heads)?,
        ])
    }

    /// (T, h, D) to (N, h / K · L, D).
    fn apart(&self, x: &Tensor) -> Result<Tensor> {
        let (_, heads, head) = x.dims3()?;
        let Layout { texts, length, .. } = *self.layout;
        let groups = self.config.kv_heads;
        self.layout
            .spread(&x.flatten_from(1)?)?
            .reshape((texts, length, heads, head))?
            .transpose(1, 2)?
            .contiguous()?
            .reshape((texts * groups, heads / groups * length, head))
    }

    /// And back.
    fn together(&self, x: &Tensor, heads: usize) -> Result<Tensor> {
        let Layout { texts, length, .. } = *self.layout;
        let head = self.config.head;
        let rows = x
            .reshape((texts, heads, length, head))?
            .transpose(1, 2)?
            .reshape((texts * length, heads * head))?;
        let rows = self.layout.gather(&rows)?;
        let tokens = rows.dim(0)?;
        rows.reshape((tokens, heads, head))
    }
}

fn scores(query: &Tensor, key: &Tensor) -> Result<Tensor> {
    query.matmul(&turned(key)?)
}

fn turned(x: &Tensor) -> Result<Tensor> {
    x.transpose(1, 2)
}

fn part(heads: &Heads, from: usize, count: usize) -> Result<(Tensor, Tensor, Tensor)> {
    let part = |x: &Tensor| x.narrow(0, from, count);
    Ok((part(&heads.query)?, part(&heads.key)?, part(&heads.value)?))
}

fn joined(mut parts: Vec<Tensor>) -> Result<Tensor> {
    match parts.len() {
        1 => Ok(parts.swap_remove(0)),
        _ => Tensor::cat(&parts, 0),
    }
}
