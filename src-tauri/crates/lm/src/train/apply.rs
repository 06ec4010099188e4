//! A model with an adapter, for drafting: it shares all weights with the base that the adapter leaves as they are.

use std::sync::Arc;

use crate::base::{Base, Inner};
use crate::block::Kind;
use crate::cache::Prefix;
use crate::engine::{Cpu, Linear, Small, Update};
use crate::error::{Error, Result};
use crate::load::{Load, Raw, Use};
use crate::model::Model;
use crate::transformer::{Layer, Transformer};

use super::adapter::Adapter;
use super::ops::{Ops, Weights};
use super::parameters::Target;
use super::places::{Learnt, Norm};

impl Base {
    /// The same model with an adapter, for drafting. Its weights are shared, so it costs little more than the adapter. It is
    /// neither trained nor measured, and takes no second adapter: these want the bare base.
    ///
    /// # Errors
    /// The base has an adapter already ([`Error::Adapted`]), or the adapter is of another base, or of a kind that cannot be applied to a model on a graphics card (DoRA, whole weights).
    pub fn adapted(&self, adapter: &Adapter) -> Result<Base> {
        let learnt = adapter.checked(self)?;
        let model = match &self.inner.model {
            Model::Cpu(model) => {
                let engine = Cpu::new(model.engine.threads().count())
                    .map_err(|error| Error::Compute(error.to_string()))?;
                Model::Cpu(adapted(model, engine, learnt, Some(model))?)
            }
            Model::Device(model) => {
                Model::Device(adapted(model, model.engine.share(), learnt, None)?)
            }
        };
        Ok(Base {
            inner: Arc::new(Inner::with_adapter(&self.inner, model)),
        })
    }
}

/// A model with what was learnt of it. `packed` is the same model on the processor, where it is there.
pub(super) fn adapted<E: Load>(
    model: &Transformer<E>,
    engine: E,
    learnt: &Learnt,
    packed: Option<&Transformer<Cpu>>,
) -> Result<Transformer<E>> {
    let of = |place: usize| &learnt.parameters[place];
    let vector = |values: Vec<f32>| engine.vector(values).map_err(refused);
    let mut prefix = Prefix::default();
    let mut layers = Vec::with_capacity(model.layers.len());
    for (index, (base, places)) in model.layers.iter().zip(&learnt.layers).enumerate() {
        let linear = |target: Target| -> Result<Linear<E>> {
            let old = base.product(target);
            let mut linear = Linear {
                weights: old.weights.clone(),
                bias: old.bias.clone(),
                update: None,
            };
            if let Some(place) = places.whole[target as usize] {
                let parameter = of(place);
                let bytes: Vec<u8> = parameter
                    .values
                    .iter()
                    .flat_map(|x| x.to_le_bytes())
                    .collect();
                let raw = Raw::new(Kind::F32, &bytes, parameter.shape.0, parameter.shape.1);
                linear.weights = engine
                    .matrix(&raw, Use::Layer, &|_, _| {})
                    .map_err(refused)?;
            }
            if let Some(update) = &places.updates[target as usize] {
                let (a, mut b) = update.plain(&learnt.parameters);
                b.iter_mut().for_each(|x| *x *= update.scale);
                let factors = match update.magnitude {
                    None => None,
                    Some(magnitude) => {
                        let Some(packed) = packed else {
                            return Err(Error::NotOnCard {
                                what: "DoRA".to_owned(),
                            });
                        };
                        let product = packed.layers[index].product(target);
                        let ops = Ops::new(packed.engine.threads().count())
                            .map_err(|error| Error::Compute(error.to_string()))?;
                        let lengths = update.lengths(
                            &ops,
                            &learnt.parameters,
                            Weights::Frozen(&product.weights),
                        );
                        let factors = of(magnitude)
                            .values
                            .iter()
                            .zip(&lengths)
                            .map(|(m, length)| m / length);
                        let factors: Vec<f32> = factors.collect();
                        // The factor is not for the bias, which is added before: it is divided by it.
                        if let Some(bias) = &product.bias {
                            let bias = bias
                                .iter()
                                .zip(&factors)
                                .map(|(bias, factor)| bias / factor);
                            linear.bias = Some(vector(bias.collect())?);
                        }
                        Some(vector(factors)?)
                    }
                };
                linear.update = Some(Update {
                    a: engine.plain(a, of(update.a).shape.1)?,
                    b: engine.plain(b, of(update.b).shape.1)?,
                    factors,
                });
            }
            Ok(linear)
        };
        let norm = |norm: Norm, old: &Option<E::Vector>| -> Result<Option<E::Vector>> {
            match places.norms[norm as usize] {
                Some(place) => vector(of(place).values.clone()).map(Some),
                None => Ok(old.clone()),
            }
        };
        let always = |which: Norm, old: &E::Vector| -> Result<E::Vector> {
            Ok(norm(which, &None)?.unwrap_or_else(|| old.clone()))
        };
        let small = |part: usize| -> Result<Option<Small<E>>> {
            let Some(small) = &places.bottlenecks[part] else {
                return Ok(None);
            };
            let plain = |place: usize| engine.plain(of(place).values.clone(), of(place).shape.1);
            Ok(Some(Small {
                down: plain(small.down)?,
                down_bias: vector(of(small.down_bias).values.clone())?,
                up: plain(small.up)?,
                up_bias: vector(of(small.up_bias).values.clone())?,
            }))
        };
        let head_norms = match &base.head_norms {
            Some((query, key)) => Some((always(Norm::Query, query)?, always(Norm::Key, key)?)),
            None => None,
        };
        if let Some((key, value)) = places.prefix {
            prefix.tokens = of(key).shape.0;
            prefix
                .layers
                .push((of(key).values.clone(), of(value).values.clone()));
        }
        layers.push(Layer {
            attention_norm: always(Norm::Attention, &base.attention_norm)?,
            query: linear(Target::Query)?,
            key: linear(Target::Key)?,
            value: linear(Target::Value)?,
            head_norms,
            output: linear(Target::Output)?,
            after_attention: norm(Norm::AfterAttention, &base.after_attention)?,
            inner_norm: always(Norm::Inner, &base.inner_norm)?,
            gate: linear(Target::Gate)?,
            up: linear(Target::Up)?,
            down: linear(Target::Down)?,
            after_inner: norm(Norm::AfterInner, &base.after_inner)?,
            small: [small(0)?, small(1)?],
        });
    }
    let norm = match learnt.norm {
        Some(place) => vector(of(place).values.clone())?,
        None => model.norm.clone(),
    };
    Ok(Transformer {
        config: model.config.clone(),
        embedding: model.embedding.clone(),
        layers,
        norm,
        head: Linear {
            weights: model.head.weights.clone(),
            bias: model.head.bias.clone(),
            update: None,
        },
        tied: model.tied,
        ropes: model.ropes.clone(),
        prefix: Arc::new(prefix),
        engine,
    })
}

fn refused(refusal: crate::gguf::Refusal) -> Error {
    Error::Compute(format!("{refusal:?}"))
}
