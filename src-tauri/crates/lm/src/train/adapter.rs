//! What was learnt, as a thing of its own: for drafting, for going on with, and for the disk.

use sha2::{Digest, Sha256};

use crate::base::Base;
use crate::config::Config;
use crate::error::{Error, Result};

use super::low_rank::Update;
use super::method::{LowRank, Method, TrainConfig};
use super::parameters::{Parameter, Target};
use super::places::Learnt;

/// What a training has learnt of a base.
#[derive(Debug, Clone, PartialEq)]
pub struct Adapter {
    pub(super) learnt: Learnt,
    /// The base it was learnt for; empty where that is not known.
    pub(super) base: String,
}

impl Adapter {
    pub(super) fn of(learnt: Learnt, base: &Base) -> Adapter {
        Adapter {
            learnt,
            base: base.fingerprint().to_owned(),
        }
    }

    /// How it was learnt.
    pub fn method(&self) -> &Method {
        &self.learnt.method
    }

    /// What tells a base with this adapter in its weights from all others.
    pub(super) fn fingerprint_on(&self, base: &Base) -> String {
        let mut hash = Sha256::new();
        hash.update(base.fingerprint());
        for parameter in &self.learnt.parameters {
            hash.update(format!("{parameter:?};"));
            for x in &parameter.values {
                hash.update(x.to_le_bytes());
            }
        }
        for update in self.learnt.layers.iter().flat_map(|layer| &layer.updates) {
            hash.update(format!("{update:?};"));
        }
        let digest = hash.finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// What was learnt, if it is of this base, and that is bare.
    pub(super) fn checked(&self, base: &Base) -> Result<&Learnt> {
        base.bare()?;
        if !self.base.is_empty() && self.base != base.fingerprint() {
            let name = &base.info().name;
            return Err(Error::OtherBase {
                what: format!("the weights of {name} are not those it was learnt on"),
            });
        }
        Ok(&self.learnt)
    }

    /// What a training goes on from. The method is the adapter's, with the dropout of the settings.
    pub(super) fn learnt(&self, shape: &Config, config: &TrainConfig) -> Result<Learnt> {
        let mut learnt = self.learnt.clone();
        if learnt.layers.len() != shape.layers {
            let what = format!("it has {} layers", learnt.layers.len());
            return Err(Error::OtherBase { what });
        }
        let dropout = match &config.method {
            Method::Lora(low) | Method::Dora(low) | Method::AdaLora { updates: low, .. } => {
                low.dropout
            }
            _ => 0.0,
        };
        for update in learnt
            .layers
            .iter_mut()
            .flat_map(|places| &mut places.updates)
            .flatten()
        {
            update.dropout = dropout;
        }
        Ok(learnt)
    }

    /// One adapter that does what several do together, each as much as its weight says.
    ///
    /// # Errors
    /// There are none, they are of different bases, or one is not made of low-rank updates that can be added.
    pub fn mixed(parts: &[(&Adapter, f32)]) -> Result<Adapter> {
        let cannot = |what: &str| Error::CannotCombine {
            what: what.to_owned(),
        };
        let (first, _) = parts.first().ok_or_else(|| cannot("there are none"))?;
        let layers = first.learnt.layers.len();
        for (part, _) in parts {
            if part.base != first.base || part.learnt.layers.len() != layers {
                return Err(cannot("they were learnt for different models"));
            }
            if !matches!(part.learnt.method, Method::Lora(_) | Method::AdaLora { .. }) {
                return Err(cannot("only low-rank updates can be added (LoRA, AdaLoRA)"));
            }
        }
        let mut mixed = Learnt {
            method: Method::Lora(LowRank::default()),
            parameters: Vec::new(),
            layers: vec![Default::default(); layers],
            norm: None,
        };
        let (mut widest, mut targets) = (0, Vec::new());
        for layer in 0..layers {
            for (place, target) in Target::ALL.into_iter().enumerate() {
                let of = |learnt: &Learnt| learnt.layers[layer].updates[place].clone();
                let updates: Vec<(&Learnt, f32, Update)> = parts
                    .iter()
                    .filter_map(|(part, weight)| Some((&part.learnt, *weight, of(&part.learnt)?)))
                    .collect();
                let Some((learnt, _, update)) = updates.first() else {
                    continue;
                };
                let name = |of: usize| learnt.parameters[of].name.clone();
                let (inputs, outputs) = (
                    learnt.parameters[update.a].shape.1,
                    learnt.parameters[update.b].shape.0,
                );
                let rank = updates
                    .iter()
                    .map(|(learnt, _, update)| learnt.parameters[update.a].shape.0)
                    .sum();
                let mut a = Parameter::zeros(with_weight(&name(update.a)), rank, inputs);
                let mut b = Parameter::zeros(with_weight(&name(update.b)), outputs, rank);
                let mut first = 0;
                for (learnt, weight, update) in &updates {
                    let (part_a, part_b) = update.plain(&learnt.parameters);
                    let own = part_a.len() / inputs;
                    a.values[first * inputs..][..part_a.len()].copy_from_slice(&part_a);
                    for (row, part) in b
                        .values
                        .chunks_exact_mut(rank)
                        .zip(part_b.chunks_exact(own))
                    {
                        let row = row[first..][..own].iter_mut().zip(part);
                        row.for_each(|(x, part)| *x = weight * update.scale * part);
                    }
                    first += own;
                }
                mixed.parameters.extend([a, b]);
                let place_of_b = mixed.parameters.len() - 1;
                mixed.layers[layer].updates[place] = Some(Update {
                    a: place_of_b - 1,
                    b: place_of_b,
                    lambda: None,
                    magnitude: None,
                    scale: 1.0,
                    dropout: 0.0,
                });
                widest = widest.max(rank);
                if !targets.contains(&target) {
                    targets.push(target);
                }
            }
        }
        mixed.method = Method::Lora(LowRank {
            rank: widest,
            alpha: widest as f32,
            dropout: 0.0,
            targets,
        });
        Ok(Adapter {
            learnt: mixed,
            base: first.base.clone(),
        })
    }
}

/// The name PEFT gives a matrix of LoRA.
pub(super) fn with_weight(name: &str) -> String {
    match name.strip_suffix(".weight") {
        Some(_) => name.to_owned(),
        None => format!("{name}.weight"),
    }
}

impl Update {
    /// A and B without λ, which goes into A.
    pub(super) fn plain(&self, parameters: &[Parameter]) -> (Vec<f32>, Vec<f32>) {
        let mut a = parameters[self.a].values.clone();
        if let Some(lambda) = self.lambda {
            let inputs = parameters[self.a].shape.1;
            for (row, lambda) in a.chunks_exact_mut(inputs).zip(&parameters[lambda].values) {
                row.iter_mut().for_each(|x| *x *= lambda);
            }
        }
        (a, parameters[self.b].values.clone())
    }
}
