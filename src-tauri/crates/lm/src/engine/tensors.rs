//! The engine of candle's tensors: on a graphics card.
//!
//! Candle's fused operators record no gradient, and training through them stops silently; so all here is made of parts
//! that have one, which a test makes sure of. Tuning has gradients of its own and does not take it. The products with quantised weights on a graphics card are candle's own and have none.

use std::sync::Arc;

use candle_core::quantized::ggml_file::qtensor_from_ggml;
use candle_core::quantized::{GgmlDType, QMatMul};
use candle_core::{D, DType, Device, Module, Result, Tensor};

use super::{Activation, Engine, Heads, Linear, Pairs};
use crate::block::{Kind, decode};
use crate::kernels::Asked;
use crate::pack::Packed;

/// The engine.
pub struct Tensors {
    device: Device,
    /// Whether quantised weights stay so.
    quantised: bool,
}

/// Weights of a product.
#[derive(Clone)]
pub struct Matrix {
    product: QMatMul,
    /// The rows, in the computer's own memory, where they are looked up.
    table: Option<Arc<Packed>>,
    bytes: usize,
}

impl Matrix {
    /// The weights as plain numbers (out, in), on the device.
    pub fn plain(&self, dtype: DType) -> Result<Tensor> {
        match &self.product {
            QMatMul::QTensor(weights) => weights.dequantize(&weights.device())?,
            QMatMul::Tensor(weights) | QMatMul::TensorF16(weights) => weights.clone(),
        }
        .to_dtype(dtype)
    }
}

/// Keys and values (K, room, D).
pub struct Memory {
    keys: Tensor,
    values: Tensor,
}

impl Tensors {
    /// An engine on a device. Weights that are `quantised` there have no gradient for their inputs.
    pub fn new(device: Device, quantised: bool) -> Tensors {
        Tensors { device, quantised }
    }

    /// Another one on the same device.
    pub fn share(&self) -> Tensors {
        Tensors::new(self.device.clone(), self.quantised)
    }

    /// Its device.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Weights from the bytes of a file, as [`Packed::new`] takes them, and whether rows of it will be looked up.
    pub fn matrix(
        &self,
        kind: Kind,
        bytes: &[u8],
        (rows, columns): (usize, usize),
        table: bool,
    ) -> Result<Matrix> {
        let float = matches!(kind, Kind::F32 | Kind::F16 | Kind::Bf16);
        let product = if self.quantised && !float {
            let weights = qtensor_from_ggml(dtype(kind), bytes, vec![rows, columns], &self.device)?;
            QMatMul::from_arc(Arc::new(weights))?
        } else {
            let mut values = vec![0f32; rows * columns];
            decode(kind, bytes, &mut values);
            QMatMul::Tensor(Tensor::from_vec(values, (rows, columns), &self.device)?)
        };
        let bytes_there = match &product {
            QMatMul::QTensor(weights) => weights.storage_size_in_bytes(),
            QMatMul::Tensor(weights) | QMatMul::TensorF16(weights) => {
                weights.elem_count() * weights.dtype().size_in_bytes()
            }
        };
        let table = table
            .then(|| Packed::new(kind, bytes, rows, columns))
            .flatten();
        Ok(Matrix {
            product,
            table: table.map(Arc::new),
            bytes: bytes_there,
        })
    }

    /// A vector of weights.
    pub fn vector(&self, values: Vec<f32>) -> Result<Tensor> {
        let length = values.len();
        Tensor::from_vec(values, length, &self.device)
    }

    fn normed(&self, x: &Tensor, weight: &Tensor, eps: f32) -> Result<Tensor> {
        let mean = x.sqr()?.mean_keepdim(D::Minus1)?;
        x.broadcast_div(&(mean + f64::from(eps))?.sqrt()?)?
            .broadcast_mul(weight)
    }

    /// `x` (T, H, D), `cos` and `sin` (T, D/2).
    fn turned(&self, x: &Tensor, cos: &[f32], sin: &[f32], pairs: Pairs) -> Result<Tensor> {
        let (t, h, d) = x.dims3()?;
        // The two members of the pairs, each (T, H, D/2).
        let (shape, dim) = match pairs {
            Pairs::Neighbours => ((t, h, d / 2, 2), 3),
            Pairs::Halves => ((t, h, 2, d / 2), 2),
        };
        let apart = x.reshape(shape)?;
        let first = apart.narrow(dim, 0, 1)?.squeeze(dim)?;
        let second = apart.narrow(dim, 1, 1)?.squeeze(dim)?;
        let angles = |x: &[f32]| Tensor::from_slice(x, (t, 1, d / 2), &self.device);
        let (cos, sin) = (angles(cos)?, angles(sin)?);
        let turned_first = (first.broadcast_mul(&cos)? - second.broadcast_mul(&sin)?)?;
        let turned_second = (first.broadcast_mul(&sin)? + second.broadcast_mul(&cos)?)?;
        Tensor::stack(&[turned_first, turned_second], dim)?.reshape((t, h, d))
    }

    /// Which keys the newest `tokens` of `all` see: 0 or minus infinity, (1, G·T, S).
    fn mask(&self, asked: Asked, each: usize, tokens: usize, all: usize) -> Result<Tensor> {
        let mut mask = vec![f32::NEG_INFINITY; each * tokens * all];
        for (row, mask) in mask.chunks_exact_mut(all).enumerate() {
            let end = all - tokens + row % tokens + 1;
            let start = asked.window.map_or(0, |window| end.saturating_sub(window));
            mask[start..end].fill(0.0);
        }
        Tensor::from_vec(mask, (1, each * tokens, all), &self.device)
    }
}

fn dtype(kind: Kind) -> GgmlDType {
    match kind {
        Kind::F32 => GgmlDType::F32,
        Kind::F16 => GgmlDType::F16,
        Kind::Bf16 => GgmlDType::BF16,
        Kind::Q4_0 => GgmlDType::Q4_0,
        Kind::Q4_1 => GgmlDType::Q4_1,
        Kind::Q5_0 => GgmlDType::Q5_0,
        Kind::Q5_1 => GgmlDType::Q5_1,
        Kind::Q8_0 => GgmlDType::Q8_0,
        Kind::Q4K => GgmlDType::Q4K,
        Kind::Q5K => GgmlDType::Q5K,
        Kind::Q6K => GgmlDType::Q6K,
    }
}

impl Engine for Tensors {
    type Array = Tensor;
    type Matrix = Matrix;
    type Vector = Tensor;
    type Plain = Tensor;
    type Memory = Memory;

    fn embed(&self, table: &Matrix, tokens: &[u32], scale: f32) -> Result<Tensor> {
        let Some(table) = &table.table else {
            candle_core::bail!("rows of a matrix that is no table");
        };
        let mut rows = vec![0f32; tokens.len() * table.columns];
        for (token, row) in tokens.iter().zip(rows.chunks_exact_mut(table.columns)) {
            table.row(*token as usize, row);
        }
        Tensor::from_vec(rows, (tokens.len(), table.columns), &self.device)? * f64::from(scale)
    }

    fn norm(&self, x: &Tensor, weight: &Tensor, eps: f32) -> Result<Tensor> {
        self.normed(x, weight, eps)
    }

    fn linear<const N: usize>(
        &self,
        x: &Tensor,
        weights: [&Linear<Self>; N],
    ) -> Result<[Tensor; N]> {
        let mut out = Vec::with_capacity(N);
        for linear in weights {
            let y = linear.weights.product.forward(x)?;
            out.push(match &linear.bias {
                Some(bias) => y.broadcast_add(bias)?,
                None => y,
            });
        }
        out.try_into()
            .map_err(|_| candle_core::Error::Msg("as many results as weights".into()))
    }

    fn attention(
        &self,
        heads: Heads<'_, Self>,
        memory: &mut Memory,
        past: usize,
    ) -> Result<Tensor> {
        let asked = heads.asked;
        let (tokens, width) = heads.query.dims2()?;
        let head = width / asked.heads;
        let groups = heads.key.dim(1)? / head;
        let each = asked.heads / groups;
        let mut query = heads.query.reshape((tokens, asked.heads, head))?;
        let mut key = heads.key.reshape((tokens, groups, head))?;
        let value = heads.value.reshape((tokens, groups, head))?;
        if let Some((query_norm, key_norm, eps)) = heads.norms {
            query = self.normed(&query, query_norm, eps)?;
            key = self.normed(&key, key_norm, eps)?;
        }
        let turn = |x: &Tensor| self.turned(x, &heads.angles.cos, &heads.angles.sin, heads.pairs);
        let query = turn(&query)?;
        // (K, T, D) each.
        let key = turn(&key)?.transpose(0, 1)?.contiguous()?;
        let value = value.transpose(0, 1)?.contiguous()?;
        memory.keys.slice_set(&key, 1, past)?;
        memory.values.slice_set(&value, 1, past)?;
        let all = past + tokens;
        let (keys, values) = match past {
            // Straight through, so that there is a gradient.
            0 => (key, value),
            _ => (
                memory.keys.narrow(1, 0, all)?.contiguous()?,
                memory.values.narrow(1, 0, all)?.contiguous()?,
            ),
        };
        // The heads that ask the same keys lie together: (T, H, D) → (K, G·T, D).
        let query = query
            .transpose(0, 1)?
            .reshape((groups, each * tokens, head))?;
        let mut scores =
            (query.matmul(&keys.transpose(1, 2)?.contiguous()?)? * f64::from(asked.scale))?; // (K, G·T, S)
        if let Some(cap) = asked.cap {
            scores = self.cap(scores, cap)?;
        }
        let masked = scores.broadcast_add(&self.mask(asked, each, tokens, all)?)?;
        let exp = masked
            .broadcast_sub(&masked.max_keepdim(D::Minus1)?)?
            .exp()?;
        let weights = exp.broadcast_div(&exp.sum_keepdim(D::Minus1)?)?;
        weights
            .matmul(&values)? // (K, G·T, D)
            .reshape((asked.heads, tokens, head))?
            .transpose(0, 1)?
            .reshape((tokens, asked.heads * head))
    }

    fn gate(&self, gate: Tensor, up: Tensor, by: Activation) -> Result<Tensor> {
        let activated = match by {
            Activation::Silu => (&gate / (gate.neg()?.exp()? + 1.0)?)?,
            // Candle's gelu is the one with tanh, and has a gradient.
            Activation::GeluTanh => gate.gelu()?,
        };
        activated * up
    }

    fn sum(&self, a: Tensor, b: Tensor) -> Result<Tensor> {
        a + b
    }

    fn cap(&self, x: Tensor, cap: f32) -> Result<Tensor> {
        let cap = f64::from(cap);
        (x / cap)?.tanh()? * cap
    }

    fn plain(&self, numbers: Vec<f32>, columns: usize) -> Result<Tensor> {
        let rows = numbers.len() / columns;
        Tensor::from_vec(numbers, (rows, columns), &self.device)
    }

    fn times(&self, x: &Tensor, weights: &Tensor) -> Result<Tensor> {
        x.matmul(&weights.t()?)
    }

    fn stretch(&self, x: Tensor, by: &Tensor) -> Result<Tensor> {
        x.broadcast_mul(by)
    }

    fn shift(&self, x: Tensor, by: &Tensor) -> Result<Tensor> {
        x.broadcast_add(by)
    }

    fn positive(&self, x: Tensor) -> Result<Tensor> {
        x.relu()
    }

    fn remember(&self, memory: &mut Memory, keys: &[f32], values: &[f32]) -> Result<()> {
        let (heads, _, head) = memory.keys.dims3()?;
        for (part, numbers) in [(&memory.keys, keys), (&memory.values, values)] {
            let tokens = numbers.len() / (heads * head);
            let rows = Tensor::from_slice(numbers, (tokens, heads, head), &self.device)?;
            part.slice_set(&rows.transpose(0, 1)?.contiguous()?, 1, 0)?;
        }
        Ok(())
    }

    fn rows(&self, x: &Tensor, from: usize, count: usize) -> Result<Tensor> {
        x.narrow(0, from, count)?.contiguous()
    }

    fn join(&self, parts: Vec<Tensor>) -> Result<Tensor> {
        Tensor::cat(&parts, 0)
    }

    fn numbers(&self, x: Tensor) -> Result<Vec<f32>> {
        x.flatten_all()?.to_vec1()
    }

    fn memory(&self, heads: usize, head: usize) -> Result<Memory> {
        let empty = || Tensor::zeros((heads, 0, head), DType::F32, &self.device);
        Ok(Memory {
            keys: empty()?,
            values: empty()?,
        })
    }

    fn resize(&self, memory: &mut Memory, room: usize, length: usize) -> Result<()> {
        for part in [&mut memory.keys, &mut memory.values] {
            let (heads, _, head) = part.dims3()?;
            let larger = Tensor::zeros((heads, room, head), DType::F32, &self.device)?;
            if length > 0 {
                larger.slice_set(&part.narrow(1, 0, length)?.contiguous()?, 1, 0)?;
            }
            *part = larger;
        }
        Ok(())
    }

    fn copy(&self, memory: &Memory, length: usize) -> Result<Memory> {
        let part = |tensor: &Tensor| tensor.narrow(1, 0, length)?.force_contiguous();
        Ok(Memory {
            keys: part(&memory.keys)?,
            values: part(&memory.values)?,
        })
    }

    fn bytes_per_token(&self, heads: usize, head: usize) -> usize {
        2 * 4 * heads * head
    }

    fn matrix_bytes(&self, matrix: &Matrix) -> usize {
        matrix.bytes
    }
}
