//! The work on rows of numbers and its gradients, made of candle's operators: norms, rotary embeddings, gates, softmax.
//!
//! Rows come and go in the numbers of the products (bf16 where the card has them); everything in between is in single
//! precision. The formulas are those of [`crate::train::rows`].

use candle_core::{D, DType, Result, Tensor};

use crate::engine::{Activation, Pairs};

/// The weights of a norm, and what is added under its root.
#[derive(Debug, Clone)]
pub struct Norm {
    /// (C), in single precision.
    pub weights: Tensor,
    pub eps: f64,
}

fn single(x: &Tensor) -> Result<Tensor> {
    x.to_dtype(DType::F32)
}

impl Norm {
    /// `x · r · weight` with `r = 1 / sqrt(mean(x²) + eps)`, row by row.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let wide = single(x)?;
        let scale = self.scale(&wide)?;
        let normed = wide.broadcast_mul(&scale)?.broadcast_mul(&self.weights)?;
        normed.to_dtype(x.dtype())
    }

    /// The gradient of `x`: `r · (weight · dy) − x · r³ · mean(x · weight · dy)`; added to what is `onto`, where that is
    /// given.
    pub fn backward(&self, x: &Tensor, dy: &Tensor, onto: Option<&Tensor>) -> Result<Tensor> {
        let wide = single(x)?;
        let scale = self.scale(&wide)?;
        let weighted = single(dy)?.broadcast_mul(&self.weights)?;
        let pull = (&wide * &weighted)?.mean_keepdim(D::Minus1)?;
        let pull = (pull * scale.sqr()?)?.mul(&scale)?;
        let dx = (weighted.broadcast_mul(&scale)? - wide.broadcast_mul(&pull)?)?;
        let dx = dx.to_dtype(x.dtype())?;
        match onto {
            Some(onto) => onto + dx,
            None => Ok(dx),
        }
    }

    fn scale(&self, wide: &Tensor) -> Result<Tensor> {
        (wide.sqr()?.mean_keepdim(D::Minus1)? + self.eps)?
            .sqrt()?
            .recip()
    }
}

/// Cosines and sines of the tokens (T, 1, D/2), and which numbers of a head make a pair.
#[derive(Debug, Clone)]
pub struct Turns {
    pub cos: Tensor,
    pub sin: Tensor,
    pub pairs: Pairs,
}

impl Turns {
    /// Turns heads (T, h, D).
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.turned(x, &self.sin)
    }

    /// A rotation is undone by the opposite one, and that is its gradient too.
    pub fn backward(&self, dy: &Tensor) -> Result<Tensor> {
        self.turned(dy, &self.sin.neg()?)
    }

    fn turned(&self, x: &Tensor, sin: &Tensor) -> Result<Tensor> {
        let (tokens, heads, head) = x.dims3()?;
        let half = head / 2;
        let wide = single(x)?;
        // The two members of the pairs, each (T, h, D/2).
        let (shape, dim) = match self.pairs {
            Pairs::Neighbours => ((tokens, heads, half, 2), 3),
            Pairs::Halves => ((tokens, heads, 2, half), 2),
        };
        let apart = wide.reshape(shape)?;
        let member = |which: usize| apart.narrow(dim, which, 1)?.squeeze(dim);
        let (first, second) = (member(0)?, member(1)?);
        let cos = &self.cos;
        let one = (first.broadcast_mul(cos)? - second.broadcast_mul(sin)?)?;
        let two = (first.broadcast_mul(sin)? + second.broadcast_mul(cos)?)?;
        Tensor::stack(&[one, two], dim)?
            .reshape((tokens, heads, head))?
            .to_dtype(x.dtype())
    }
}

/// `activation(gate) · up` of rows in which the gate (F) stands before what it lets through (F).
pub fn gate(both: &Tensor, by: Activation) -> Result<Tensor> {
    let (gate, up) = halves(both)?;
    let activated = match by {
        Activation::Silu => (&gate * sigmoid(&gate)?)?,
        Activation::GeluTanh => (&gate * ((inner(&gate)?.tanh()? + 1.0)? * 0.5)?)?,
    };
    (activated * up)?.to_dtype(both.dtype())
}

/// The gradients of both, side by side as they are.
pub fn gate_back(both: &Tensor, dy: &Tensor, by: Activation) -> Result<Tensor> {
    let (x, up) = halves(both)?;
    let dy = single(dy)?;
    let (activated, slope) = match by {
        Activation::Silu => {
            let sigmoid = sigmoid(&x)?;
            let activated = (&x * &sigmoid)?;
            // σ · (1 + x · (1 − σ)) = σ + x · σ · (1 − σ)
            let slope = (&sigmoid + (&activated * sigmoid.affine(-1.0, 1.0)?)?)?;
            (activated, slope)
        }
        Activation::GeluTanh => {
            let t = inner(&x)?.tanh()?;
            let half = ((&t + 1.0)? * 0.5)?;
            let steep = (x.sqr()? * (3.0 * CUBE * ROOT))?.affine(1.0, ROOT)?;
            let bend = ((&x * t.sqr()?.affine(-0.5, 0.5)?)? * steep)?;
            ((&x * &half)?, (half + bend)?)
        }
    };
    let up_back = (&dy * activated)?;
    let gate_back = ((dy * up)? * slope)?;
    Tensor::cat(&[gate_back, up_back], D::Minus1)?.to_dtype(both.dtype())
}

/// √(2/π), and the weight of the cube, in GELU's formula with tanh.
const ROOT: f64 = 0.797_884_560_802_865_4;
const CUBE: f64 = 0.044_715;

/// `√(2/π) · (x + 0.044715 x³)`
fn inner(x: &Tensor) -> Result<Tensor> {
    (x * x.sqr()?.affine(CUBE, 1.0)?)? * ROOT
}

fn sigmoid(x: &Tensor) -> Result<Tensor> {
    (x.neg()?.exp()? + 1.0)?.recip()
}

fn halves(both: &Tensor) -> Result<(Tensor, Tensor)> {
    let inner = both.dim(D::Minus1)? / 2;
    let wide = single(both)?;
    let half = |from: usize| wide.narrow(D::Minus1, from, inner)?.contiguous();
    Ok((half(0)?, half(inner)?))
}

/// Products of queries and keys (.., L, S) to weights: times `scale`, capped where the model does so, plus a mask (L, S) of
/// zeros and minus infinities, and a softmax.
pub fn softmax(scores: &Tensor, mask: &Tensor, scale: f64, cap: Option<f64>) -> Result<Tensor> {
    let mut wide = (single(scores)? * scale)?;
    if let Some(cap) = cap {
        wide = ((wide / cap)?.tanh()? * cap)?;
    }
    let wide = wide.broadcast_add(mask)?;
    let exp = wide.broadcast_sub(&wide.max_keepdim(D::Minus1)?)?.exp()?;
    exp.broadcast_div(&exp.sum_keepdim(D::Minus1)?)?
        .to_dtype(scores.dtype())
}

/// The gradient of those products: `w · (dw − Σ w · dw)`, times the slopes of the caps and the scale. The products themselves
/// are looked at only where there is a cap.
pub fn softmax_back(
    weights: &Tensor,
    dweights: &Tensor,
    scores: Option<&Tensor>,
    scale: f64,
    cap: Option<f64>,
) -> Result<Tensor> {
    let (w, dw) = (single(weights)?, single(dweights)?);
    let sum = (&w * &dw)?.sum_keepdim(D::Minus1)?;
    let mut back = ((w * dw.broadcast_sub(&sum)?)? * scale)?;
    if let (Some(cap), Some(scores)) = (cap, scores) {
        let t = (single(scores)? * (scale / cap))?.tanh()?;
        back = (back * t.sqr()?.affine(-1.0, 1.0)?)?;
    }
    back.to_dtype(weights.dtype())
}

/// What the head makes of scores (N, V) and the tokens wanted after them (N, 1).
pub struct Found {
    /// (N): losses in nats.
    pub losses: Tensor,
    /// (N): the token the model would have put there itself, where it was asked for.
    pub tops: Option<Tensor>,
    /// (N, V): the gradient of the scores, where it was asked for.
    pub back: Option<Tensor>,
}

/// Cross-entropy; with the gradient times `weight` where a weight is given, and with the likeliest token where not.
pub fn cross_entropy(
    scores: &Tensor,
    targets: &Tensor,
    cap: Option<f64>,
    weight: Option<f64>,
) -> Result<Found> {
    let mut wide = single(scores)?;
    if let Some(cap) = cap {
        wide = ((wide / cap)?.tanh()? * cap)?;
    }
    let largest = wide.max_keepdim(D::Minus1)?;
    let exp = wide.broadcast_sub(&largest)?.exp()?;
    let sum = exp.sum_keepdim(D::Minus1)?; // (N, 1)
    let at_target = wide.gather(targets, D::Minus1)?;
    let losses = ((largest + sum.log()?)? - at_target)?.squeeze(D::Minus1)?;
    let Some(weight) = weight else {
        let tops = wide.argmax_keepdim(D::Minus1)?.squeeze(D::Minus1)?;
        return Ok(Found {
            losses,
            tops: Some(tops),
            back: None,
        });
    };
    let minus = Tensor::full(-1f32, targets.dims(), targets.device())?;
    let back = exp.broadcast_div(&sum)?;
    let mut back = (back.scatter_add(targets, &minus, D::Minus1)? * weight)?;
    if let Some(cap) = cap {
        back = (back * (wide / cap)?.sqr()?.affine(-1.0, 1.0)?)?;
    }
    Ok(Found {
        losses,
        tops: None,
        back: Some(back.to_dtype(scores.dtype())?),
    })
}
