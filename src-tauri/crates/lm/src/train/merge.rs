//! A model with an adapter put into its weights, for drafting: each touched weight becomes `W + s · B · A`.
//!
//! What the sum is written down in decides what is lost: an update is far smaller than the steps of four bits, so the weights
//! of a quantised base get eight. Floats stay floats.

use std::sync::Arc;

use crate::base::{Base, Inner};
use crate::block::{Kind, encode};
use crate::engine::Cpu;
use crate::error::{Error, Result};
use crate::load::{Load, Raw, Use};
use crate::model::Model;
use crate::pack::Packed;
use crate::transformer::Transformer;

use super::apply::adapted;
use super::low_rank::Update;
use super::ops::{Ops, Weights};
use super::parameters::{Parameter, Target};
use super::places::{Learnt, Places};

impl Base {
    /// The same model with an adapter put into its weights: it takes no more arithmetic than the bare one, but memory for
    /// every weight the adapter touches. [`Base::adapted`] keeps the two apart, says the same and is made sooner.
    ///
    /// Where the base holds floats of 32 bits the two agree to the rounding of such floats. The touched weights of other bases
    /// are rounded once more: to floats of 16 bits where the base has 16, to 8 bits with a scale for each 32 (Q8_0) where it is
    /// quantised. On SmolLM2 in Q4_1 that moved the next tokens by 0.0015 nats (KL) where an adapter moved them by 0.09; floats
    /// of 16 bits would cost nothing, and more than twice the memory of the base.
    ///
    /// Its weights are other weights: nothing that was learnt for the base fits it, and it has a fingerprint of its own.
    ///
    /// # Errors
    /// The base has an adapter beside its weights, or the adapter is of another base, or of a kind that is no change of weights (small layers, learnt keys and values); or
    /// the model is on a graphics card.
    pub fn merged(&self, adapter: &super::Adapter) -> Result<Base> {
        let learnt = adapter.checked(self)?;
        let Model::Cpu(model) = &self.inner.model else {
            return Err(Error::CannotMerge {
                what: "the model runs on a graphics card".into(),
            });
        };
        let merged = Model::Cpu(merged(model, learnt)?);
        let fingerprint = adapter.fingerprint_on(self);
        Ok(Base {
            inner: Arc::new(Inner::with_weights(&self.inner, merged, fingerprint)),
        })
    }
}

/// A model with what was learnt of it in its weights.
pub(super) fn merged(model: &Transformer<Cpu>, learnt: &Learnt) -> Result<Transformer<Cpu>> {
    let cannot = |what: &str| Error::CannotMerge { what: what.into() };
    let has = |what: fn(&Places) -> bool| learnt.layers.iter().any(what);
    if has(|places| places.bottlenecks.iter().any(Option::is_some)) {
        return Err(cannot("its small layers stand beside the weights"));
    }
    if has(|places| places.prefix.is_some()) {
        return Err(cannot(
            "its learnt keys and values stand before every text, not in the weights",
        ));
    }
    let threads = model.engine.threads().count();
    let compute = |error: std::io::Error| Error::Compute(error.to_string());
    let (engine, ops) = (
        Cpu::new(threads).map_err(compute)?,
        Ops::new(threads).map_err(compute)?,
    );
    let mut rest = learnt.clone();
    for places in &mut rest.layers {
        places.updates = Default::default();
    }
    let mut merged = adapted(model, engine, &rest, Some(model))?;
    for (index, places) in learnt.layers.iter().enumerate() {
        for target in Target::ALL {
            let Some(update) = &places.updates[target as usize] else {
                continue;
            };
            let old = &model.layers[index].product(target).weights;
            let weights = sum(&ops, &merged.engine, old, update, &learnt.parameters)?;
            merged.layers[index].product_mut(target).weights = weights;
        }
    }
    Ok(merged)
}

/// The type that the sum of a weight and an update is kept in.
fn kept(kind: Kind) -> Kind {
    match kind {
        Kind::F32 => Kind::F32,
        Kind::F16 | Kind::Bf16 => Kind::F16,
        _ => Kind::Q8_0,
    }
}

/// `W + s · B · A`, each row of it made as long as it shall be where that is learnt.
fn sum(
    ops: &Ops,
    engine: &Cpu,
    old: &Packed,
    update: &Update,
    parameters: &[Parameter],
) -> Result<Arc<Packed>> {
    let (rows, columns, kind) = (old.rows, old.columns, kept(old.kind));
    let (count, size) = kind.block();
    let mut bytes = vec![0u8; rows * columns / count * size];
    let lengths = update.magnitude.map(|place| &parameters[place].values);
    update.updated(ops, parameters, Weights::Frozen(old), &mut |first, sum| {
        let row_bytes = columns / count * size;
        let bytes = &mut bytes[first * row_bytes..][..sum.len() / columns * row_bytes];
        ops.threads().parts(bytes, row_bytes, &|row, bytes| {
            let sum = &sum[row * columns..][..columns];
            match lengths {
                None => encode(kind, sum, bytes),
                Some(lengths) => {
                    let length = sum.iter().map(|x| x * x).sum::<f32>().sqrt();
                    let factor = lengths[first + row] / length;
                    let sum: Vec<f32> = sum.iter().map(|x| x * factor).collect();
                    encode(kind, &sum, bytes);
                }
            }
        });
    });
    engine
        .matrix(
            &Raw::new(kind, &bytes, rows, columns),
            Use::Layer,
            &|_, _| {},
        )
        .map_err(|refusal| Error::Compute(format!("{refusal:?}")))
}
