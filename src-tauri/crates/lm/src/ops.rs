//! The operators between the products, each in two forms: fused, and made of parts that have a gradient.
//!
//! Fast operators of candle record no gradient: training through them stops silently. Ours say which form they are.
//! Inference takes the fused form; training takes the other. A test holds them together and asks for a gradient.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp1, CustomOp2, CustomOp3, D, Layout, Result, Shape, Tensor};

use crate::attention::Attention;
use crate::lanes::{exp, sum_of};
use crate::pack::Packed;

/// Which form of an operator to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Fast, without a gradient.
    Fused,
    /// Made of parts that have a gradient.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "training takes it; until then the tests do")
    )]
    Differentiable,
}

/// How the rotary embedding pairs the numbers of a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pairs {
    /// Number 2i with 2i + 1: llama as GGUF files lay it out.
    Neighbours,
    /// Number i with i + D/2: Qwen, Gemma.
    Halves,
}

/// `x · Wᵀ (+ bias)`: (T, columns) to (T, rows).
pub fn linear(
    form: Form,
    x: &Tensor,
    weights: &Arc<Packed>,
    bias: Option<&Tensor>,
) -> Result<Tensor> {
    let y = match form {
        Form::Fused => x.apply_op1_no_bwd(&Product(weights.clone()))?,
        Form::Differentiable => {
            let values = Tensor::from_vec(
                weights.values(),
                (weights.rows, weights.columns),
                x.device(),
            )?;
            x.matmul(&values.t()?)?
        }
    };
    match bias {
        Some(bias) => y.broadcast_add(bias),
        None => Ok(y),
    }
}

/// Root-mean-square norm over the last dimension: `x / sqrt(mean(x²) + eps) · weight`.
pub fn rms_norm(form: Form, x: &Tensor, weight: &Tensor, eps: f64) -> Result<Tensor> {
    match form {
        Form::Fused => x.apply_op2_no_bwd(weight, &RmsNorm(eps)),
        Form::Differentiable => {
            let mean = x.sqr()?.mean_keepdim(D::Minus1)?;
            x.broadcast_div(&(mean + eps)?.sqrt()?)?
                .broadcast_mul(weight)
        }
    }
}

/// Rotary embedding: turns each pair of a head by the angle of its position. `x` (T, H, D), `cos` and `sin` (T, D/2).
pub fn rope(form: Form, x: &Tensor, cos: &Tensor, sin: &Tensor, pairs: Pairs) -> Result<Tensor> {
    if form == Form::Fused {
        return x.apply_op3_no_bwd(cos, sin, &Rope(pairs));
    }
    let (t, h, d) = x.dims3()?;
    // The two members of the pairs, each (T, H, D/2).
    let (shape, dim) = match pairs {
        Pairs::Neighbours => ((t, h, d / 2, 2), 3),
        Pairs::Halves => ((t, h, 2, d / 2), 2),
    };
    let apart = x.reshape(shape)?;
    let first = apart.narrow(dim, 0, 1)?.squeeze(dim)?;
    let second = apart.narrow(dim, 1, 1)?.squeeze(dim)?;
    let cos = cos.reshape((t, 1, d / 2))?;
    let sin = sin.reshape((t, 1, d / 2))?;
    let turned_first = (first.broadcast_mul(&cos)? - second.broadcast_mul(&sin)?)?;
    let turned_second = (first.broadcast_mul(&sin)? + second.broadcast_mul(&cos)?)?;
    Tensor::stack(&[turned_first, turned_second], dim)?.reshape((t, h, d))
}

/// Attention under the causal mask: the newest T of S tokens ask, each sees the keys up to its own. `query` (T, H, D), `keys`
/// and `values` (K, S, D), the result (T, H·D). Heads that ask are served in groups of H / K, in order.
pub fn attention(form: Form, query: &Tensor, keys: &Tensor, values: &Tensor) -> Result<Tensor> {
    if form == Form::Fused {
        return query.apply_op3_no_bwd(keys, values, &Attention);
    }
    let (tokens, heads, head) = query.dims3()?;
    let (groups, all, _) = keys.dims3()?;
    let each = heads / groups;
    // The heads that ask the same keys lie together: (T, H, D) → (K, G·T, D).
    let query = query
        .transpose(0, 1)?
        .reshape((groups, each * tokens, head))?;
    let scores = (query.matmul(&keys.transpose(1, 2)?)? * (1.0 / (head as f64).sqrt()))?; // (K, G·T, S)
    let mut mask = vec![0f32; each * tokens * all];
    for (row, mask) in mask.chunks_exact_mut(all).enumerate() {
        mask[all - tokens + row % tokens + 1..].fill(f32::NEG_INFINITY);
    }
    let masked = scores.broadcast_add(&Tensor::from_vec(
        mask,
        (1, each * tokens, all),
        query.device(),
    )?)?;
    let exp = masked
        .broadcast_sub(&masked.max_keepdim(D::Minus1)?)?
        .exp()?;
    let weights = exp.broadcast_div(&exp.sum_keepdim(D::Minus1)?)?;
    let mixed = weights.matmul(values)?; // (K, G·T, D)
    mixed
        .reshape((heads, tokens, head))?
        .transpose(0, 1)?
        .reshape((tokens, heads * head))
}

/// `a + b`, of the same shape. Candle's own sum wakes a second set of threads, which spin on every core.
pub fn sum(form: Form, a: &Tensor, b: &Tensor) -> Result<Tensor> {
    match form {
        Form::Fused => a.apply_op2_no_bwd(b, &Sum),
        Form::Differentiable => a + b,
    }
}

/// The gate of the feed-forward part: `gate · sigmoid(gate) · up`.
pub fn swiglu(form: Form, gate: &Tensor, up: &Tensor) -> Result<Tensor> {
    match form {
        Form::Fused => gate.apply_op2_no_bwd(up, &SwiGlu),
        Form::Differentiable => (gate / (gate.neg()?.exp()? + 1.0)?)? * up,
    }
}

/// The numbers of a contiguous tensor on the CPU.
pub(crate) fn numbers<'a>(
    storage: &'a CpuStorage,
    layout: &Layout,
    op: &'static str,
) -> Result<&'a [f32]> {
    let Some((start, end)) = layout.contiguous_offsets() else {
        return Err(candle_core::Error::RequiresContiguous { op }.bt());
    };
    Ok(&storage.as_slice::<f32>()?[start..end])
}

pub(crate) fn made(values: Vec<f32>, shape: impl Into<Shape>) -> Result<(CpuStorage, Shape)> {
    Ok((CpuStorage::F32(values), shape.into()))
}

struct Product(Arc<Packed>);

impl CustomOp1 for Product {
    fn name(&self) -> &'static str {
        "product"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (tokens, columns) = layout.shape().dims2()?;
        if columns != self.0.columns {
            candle_core::bail!(
                "an input of {columns} numbers for weights of {}",
                self.0.columns
            );
        }
        made(
            crate::multiply::multiply(&self.0, numbers(x, layout, self.name())?),
            (tokens, self.0.rows),
        )
    }
}

struct RmsNorm(f64);

impl CustomOp2 for RmsNorm {
    fn name(&self) -> &'static str {
        "rms-norm"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let x = numbers(x, layout, self.name())?;
        let weight = numbers(weight, weight_layout, self.name())?;
        let mut out = vec![0f32; x.len()];
        #[expect(
            clippy::cast_possible_truncation,
            reason = "eps is a small power of ten"
        )]
        let eps = self.0 as f32;
        pulp::Arch::new().dispatch(NormAll {
            x,
            weight,
            eps,
            out: &mut out,
        });
        made(out, layout.shape())
    }
}

/// The work of [`RmsNorm`]; a type of its own for the reason that stands at [`crate::lanes`].
struct NormAll<'a> {
    x: &'a [f32],
    weight: &'a [f32],
    eps: f32,
    out: &'a mut [f32],
}

impl pulp::NullaryFnOnce for NormAll<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let width = self.weight.len();
        for (x, out) in self
            .x
            .chunks_exact(width)
            .zip(self.out.chunks_exact_mut(width))
        {
            let scale = 1.0 / (sum_of(x, |x| x * x) / width as f32 + self.eps).sqrt();
            for ((out, x), weight) in out.iter_mut().zip(x).zip(self.weight) {
                *out = x * scale * weight;
            }
        }
    }
}

struct Rope(Pairs);

impl CustomOp3 for Rope {
    fn name(&self) -> &'static str {
        "rope"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        layout: &Layout,
        cos: &CpuStorage,
        cos_layout: &Layout,
        sin: &CpuStorage,
        sin_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (_, heads, size) = layout.shape().dims3()?;
        let half = size / 2;
        let mut out = numbers(x, layout, self.name())?.to_vec();
        let cos = numbers(cos, cos_layout, self.name())?;
        let sin = numbers(sin, sin_layout, self.name())?;
        for ((token, cos), sin) in out
            .chunks_exact_mut(heads * size)
            .zip(cos.chunks_exact(half))
            .zip(sin.chunks_exact(half))
        {
            for head in token.chunks_exact_mut(size) {
                for i in 0..half {
                    let (a, b) = match self.0 {
                        Pairs::Neighbours => (2 * i, 2 * i + 1),
                        Pairs::Halves => (i, i + half),
                    };
                    let (first, second) = (head[a], head[b]);
                    head[a] = first * cos[i] - second * sin[i];
                    head[b] = first * sin[i] + second * cos[i];
                }
            }
        }
        made(out, layout.shape())
    }
}

struct SwiGlu;

impl CustomOp2 for SwiGlu {
    fn name(&self) -> &'static str {
        "swiglu"
    }

    fn cpu_fwd(
        &self,
        gate: &CpuStorage,
        layout: &Layout,
        up: &CpuStorage,
        up_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let gate = numbers(gate, layout, self.name())?;
        let up = numbers(up, up_layout, self.name())?;
        let mut out = vec![0f32; gate.len()];
        pulp::Arch::new().dispatch(GateAll {
            gate,
            up,
            out: &mut out,
        });
        made(out, layout.shape())
    }
}

/// The work of [`SwiGlu`].
struct GateAll<'a> {
    gate: &'a [f32],
    up: &'a [f32],
    out: &'a mut [f32],
}

impl pulp::NullaryFnOnce for GateAll<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for ((out, gate), up) in self.out.iter_mut().zip(self.gate).zip(self.up) {
            *out = gate / (1.0 + exp(-gate)) * up;
        }
    }
}

struct Sum;

impl CustomOp2 for Sum {
    fn name(&self) -> &'static str {
        "sum"
    }

    fn cpu_fwd(
        &self,
        a: &CpuStorage,
        layout: &Layout,
        b: &CpuStorage,
        b_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let a = numbers(a, layout, self.name())?;
        let b = numbers(b, b_layout, self.name())?;
        made(
            a.iter().zip(b).map(|(a, b)| a + b).collect(),
            layout.shape(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::Kind;
    use candle_core::{Device, Var};

    fn input(shape: (usize, usize, usize)) -> Var {
        let count = shape.0 * shape.1 * shape.2;
        let values: Vec<f32> = (0..count)
            .map(|n| ((n * 7919 + 13) % 101) as f32 / 50.0 - 1.0)
            .collect();
        Var::from_vec(values, shape, &Device::Cpu).unwrap()
    }

    /// Runs an operator in both forms: they agree, and only the differentiable one lets a gradient through to `x`.
    fn check(name: &str, x: &Var, tolerance: f32, run: impl Fn(Form, &Tensor) -> Result<Tensor>) {
        let (fused, parts) = (
            run(Form::Fused, x).unwrap(),
            run(Form::Differentiable, x).unwrap(),
        );
        assert_eq!(fused.dims(), parts.dims(), "{name}");
        let distance = (&fused - &parts)
            .unwrap()
            .abs()
            .unwrap()
            .flatten_all()
            .unwrap()
            .max(0)
            .unwrap()
            .to_scalar::<f32>()
            .unwrap();
        assert!(
            distance <= tolerance,
            "the forms of {name} differ by {distance}"
        );
        let gradient = |y: &Tensor| {
            let ramp = Tensor::arange(0f32, y.elem_count() as f32, &Device::Cpu)
                .unwrap()
                .reshape(y.shape())
                .unwrap();
            let gradients = (y * ramp).unwrap().sum_all().unwrap().backward().unwrap();
            gradients.get(x.as_tensor()).map(|g| {
                g.sqr()
                    .unwrap()
                    .sum_all()
                    .unwrap()
                    .to_scalar::<f32>()
                    .unwrap()
            })
        };
        assert!(
            gradient(&parts).is_some_and(|norm| norm > 0.0),
            "{name} gives no gradient"
        );
        assert_eq!(
            gradient(&fused),
            None,
            "{name} in its fused form seems to have a gradient"
        );
    }

    #[test]
    fn the_forms_agree_and_one_has_a_gradient() {
        let device = &Device::Cpu;
        let weight = Tensor::arange(1f32, 9f32, device).unwrap();
        check("rms_norm", &input((5, 3, 8)), 1e-5, |form, x| {
            rms_norm(form, x, &weight, 1e-5)
        });
        let angle = Tensor::arange(0f32, 20f32, device)
            .unwrap()
            .reshape((5, 4))
            .unwrap();
        let (cos, sin) = (angle.cos().unwrap(), angle.sin().unwrap());
        for pairs in [Pairs::Neighbours, Pairs::Halves] {
            check("rope", &input((5, 3, 8)), 1e-6, |form, x| {
                rope(form, x, &cos, &sin, pairs)
            });
        }
        // 4 tokens, 6 heads over 2; 9 keys, 5 of them from before.
        let (keys, values) = (input((2, 9, 8)), input((2, 9, 8)).affine(0.7, 0.2).unwrap());
        check("attention", &input((4, 6, 8)), 1e-6, |form, x| {
            attention(form, x, keys.as_tensor(), &values)
        });
        let other = input((1, 4, 8)).affine(0.3, 1.0).unwrap();
        check("sum", &input((1, 4, 8)), 1e-6, |form, x| {
            sum(form, x, &other)
        });
        let up = input((1, 4, 8));
        check("swiglu", &input((1, 4, 8)), 1e-6, |form, x| {
            swiglu(form, x, up.as_tensor())
        });
        let bytes: Vec<u8> = (0..48 * 32)
            .flat_map(|n| (((n * 31) % 17) as f32 / 17.0 - 0.5).to_le_bytes())
            .collect();
        let weights = Arc::new(Packed::new(Kind::F32, &bytes, 48, 32).unwrap());
        let bias = Tensor::arange(0f32, 48f32, device).unwrap();
        check("linear", &input((1, 5, 32)), 3e-4, |form, x| {
            linear(form, &x.squeeze(0)?, &weights, Some(&bias))
        });
    }

    #[test]
    fn later_keys_are_hidden() {
        let query = input((2, 2, 8));
        let all = |hidden: f64| {
            // The last of six keys, and its value, belong to the second token.
            let last = Tensor::ones((2, 1, 8), candle_core::DType::F32, &Device::Cpu)
                .unwrap()
                .affine(hidden, 0.0)
                .unwrap();
            let keys = Tensor::cat(&[&input((2, 5, 8)).as_tensor().clone(), &last], 1).unwrap();
            attention(Form::Fused, &query, &keys, &keys)
                .unwrap()
                .to_vec2::<f32>()
                .unwrap()
        };
        let (one, two) = (all(1.0), all(-3.0));
        assert_eq!(one[0], two[0]);
        assert_ne!(one[1], two[1]);
    }
}
