//! The weights of the base as training on a card multiplies them: plain numbers, unpacked once, and those of products that
//! share their input joined into one matrix. Few large products are what a card is good at.

use candle_core::{DType, Result, Tensor};

use crate::config::Config;
use crate::engine::{Linear, Tensors};
use crate::train::parameters::Target;
use crate::transformer::Layer;

use super::rows::Norm;

/// The products of a layer, those that share their input together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Queries, keys and values: (H·D + 2·K·D, C).
    Heads,
    /// What attention puts out: (C, H·D).
    Output,
    /// The gate and what it lets through: (2·F, C).
    Gate,
    /// (C, F).
    Down,
}

impl Group {
    /// All of them, in the order they are computed in.
    pub const ALL: [Group; 4] = [Group::Heads, Group::Output, Group::Gate, Group::Down];

    /// The products in it, one below another.
    pub fn targets(self) -> &'static [Target] {
        match self {
            Group::Heads => &[Target::Query, Target::Key, Target::Value],
            Group::Output => &[Target::Output],
            Group::Gate => &[Target::Gate, Target::Up],
            Group::Down => &[Target::Down],
        }
    }

    /// Outputs and inputs.
    pub fn shape(self, config: &Config) -> (usize, usize) {
        let shapes = self.targets().iter().map(|target| target.shape(config));
        shapes.fold((0, 0), |(outputs, _), (more, inputs)| {
            (outputs + more, inputs)
        })
    }
}

/// A product of the base.
pub struct Product {
    /// (outputs, inputs).
    pub weights: Tensor,
    /// (outputs).
    pub bias: Option<Tensor>,
}

/// The weights of a layer.
pub struct Weights {
    /// In the order of [`Group::ALL`].
    pub products: [Product; 4],
    pub attention_norm: Norm,
    /// Norms of each head of queries and of keys.
    pub head_norms: Option<(Norm, Norm)>,
    pub after_attention: Option<Norm>,
    pub inner_norm: Norm,
    pub after_inner: Option<Norm>,
}

impl Weights {
    /// Those of a layer, in the numbers of `dtype`.
    pub fn of(layer: &Layer<Tensors>, eps: f32, dtype: DType) -> Result<Weights> {
        let norm = |weights: &Tensor| norm_of(weights, eps);
        let maybe = |weights: &Option<Tensor>| weights.as_ref().map(norm);
        let product = |group: Group| -> Result<Product> {
            let linears = group.targets().iter().map(|target| layer.product(*target));
            let linears: Vec<&Linear<Tensors>> = linears.collect();
            let parts = linears.iter().map(|linear| linear.weights.plain(dtype));
            let biases: Vec<&Tensor> = linears
                .iter()
                .filter_map(|linear| linear.bias.as_ref())
                .collect();
            Ok(Product {
                weights: joined(parts.collect::<Result<_>>()?)?,
                // Of the products in a group all have a bias, or none has.
                bias: match biases.is_empty() {
                    true => None,
                    false => Some(Tensor::cat(&biases, 0)?.to_dtype(dtype)?),
                },
            })
        };
        let [heads, output, gate, down] = Group::ALL.map(product);
        Ok(Weights {
            products: [heads?, output?, gate?, down?],
            attention_norm: norm(&layer.attention_norm),
            head_norms: layer
                .head_norms
                .as_ref()
                .map(|(query, key)| (norm(query), norm(key))),
            after_attention: maybe(&layer.after_attention),
            inner_norm: norm(&layer.inner_norm),
            after_inner: maybe(&layer.after_inner),
        })
    }
}

/// A norm of the base.
pub fn norm_of(weights: &Tensor, eps: f32) -> Norm {
    Norm {
        weights: weights.clone(),
        eps: f64::from(eps),
    }
}

fn joined(mut parts: Vec<Tensor>) -> Result<Tensor> {
    match parts.len() {
        1 => Ok(parts.swap_remove(0)),
        _ => Tensor::cat(&parts, 0),
    }
}
