//! What is learnt of each layer, and where it is kept.

use crate::config::Config;
use crate::engine::Cpu;
use crate::random::Random;
use crate::transformer::{Layer, Transformer};

use super::bottleneck::Bottleneck;
use super::low_rank::Update;
use super::method::{LowRank, Method};
use super::ops::{Ops, Weights};
use super::parameters::{Parameter, Target};

/// What is learnt, all of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Learnt {
    /// How.
    pub method: Method,
    /// The matrices.
    pub parameters: Vec<Parameter>,
    /// Where they belong, layer by layer.
    pub layers: Vec<Places>,
    /// The norm before the head, where it is learnt.
    pub norm: Option<usize>,
}

/// What is learnt of one layer; numbers are places in [`Learnt::parameters`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Places {
    /// Low-rank updates, in the order of [`Target::ALL`].
    pub updates: [Option<Update>; 7],
    /// Whole weights, in the order of [`Target::ALL`].
    pub whole: [Option<usize>; 7],
    /// Norms, in the order of [`Norm`].
    pub norms: [Option<usize>; 6],
    /// Small layers behind attention and behind the feed-forward part.
    pub bottlenecks: [Option<Bottleneck>; 2],
    /// Learnt keys and values: (P, K·D) each.
    pub prefix: Option<(usize, usize)>,
}

/// The norms of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Norm {
    /// Before attention.
    Attention,
    /// Of each head of queries.
    Query,
    /// Of each head of keys.
    Key,
    /// After attention.
    AfterAttention,
    /// Before the feed-forward part.
    Inner,
    /// After the feed-forward part.
    AfterInner,
}

impl Norm {
    /// All of them, in their order.
    pub const ALL: [Norm; 6] = [
        Norm::Attention,
        Norm::Query,
        Norm::Key,
        Norm::AfterAttention,
        Norm::Inner,
        Norm::AfterInner,
    ];

    /// The weights of the base.
    pub fn of(self, layer: &Layer<Cpu>) -> Option<&[f32]> {
        let heads = layer.head_norms.as_ref();
        let norm = match self {
            Norm::Attention => Some(&layer.attention_norm),
            Norm::Query => heads.map(|(query, _)| query),
            Norm::Key => heads.map(|(_, key)| key),
            Norm::AfterAttention => layer.after_attention.as_ref(),
            Norm::Inner => Some(&layer.inner_norm),
            Norm::AfterInner => layer.after_inner.as_ref(),
        };
        norm.map(Vec::as_slice)
    }

    /// What it is called in an adapter.
    pub fn name(self) -> &'static str {
        match self {
            Norm::Attention => "input_layernorm",
            Norm::Query => "self_attn.q_norm",
            Norm::Key => "self_attn.k_norm",
            Norm::AfterAttention => "after_attention_norm",
            Norm::Inner => "before_mlp_norm",
            Norm::AfterInner => "after_mlp_norm",
        }
    }

    /// Numbers in it.
    pub fn length(self, config: &Config) -> usize {
        match self {
            Norm::Query | Norm::Key => config.head,
            _ => config.width,
        }
    }
}

impl Learnt {
    /// Nothing of a model of so many layers yet.
    fn empty(method: &Method, layers: usize) -> Learnt {
        Learnt {
            method: method.clone(),
            parameters: Vec::new(),
            layers: vec![Places::default(); layers],
            norm: None,
        }
    }

    /// What LoRA learns of a model of some shape, as it is before the first step.
    pub fn lora(low: &LowRank, config: &Config, seed: u64) -> Learnt {
        let mut learnt = Learnt::empty(&Method::Lora(low.clone()), config.layers);
        let mut random = Random::new(seed);
        for layer in 0..config.layers {
            learnt.low_rank(low, config, layer, false, &mut random);
        }
        learnt
    }

    /// What a method learns of a model, as it is before the first step: an adapter changes nothing yet.
    pub fn new(method: &Method, model: &Transformer<Cpu>, ops: &Ops, seed: u64) -> Learnt {
        let config = &model.config;
        let mut learnt = Learnt::empty(method, config.layers);
        let mut random = Random::new(seed);
        for layer in 0..config.layers {
            match method {
                Method::Lora(low) | Method::Dora(low) => {
                    learnt.low_rank(low, config, layer, false, &mut random);
                }
                Method::AdaLora { updates, .. } => {
                    learnt.low_rank(updates, config, layer, true, &mut random);
                }
                Method::Bottleneck { size } => {
                    for (place, module) in ["self_attn", "mlp"].into_iter().enumerate() {
                        let name = format!("layers.{layer}.{module}.adapter");
                        let bottleneck = Bottleneck::new(
                            &mut learnt.parameters,
                            &name,
                            config.width,
                            *size,
                            &mut random,
                        );
                        learnt.layers[layer].bottlenecks[place] = Some(bottleneck);
                    }
                }
                Method::Prefix { tokens } => {
                    let width = config.kv_heads * config.head;
                    let mut add = |what: &str| {
                        let name = format!("layers.{layer}.self_attn.prefix.{what}");
                        learnt.add(name, *tokens, width, || 0.2 * (random.unit() - 0.5))
                    };
                    learnt.layers[layer].prefix = Some((add("key"), add("value")));
                }
                Method::Full => learnt.full(model, layer),
            }
        }
        match method {
            Method::Dora(_) => learnt.magnitudes(model, ops),
            Method::Full => {
                let values = model.norm.clone();
                learnt.parameters.push(Parameter {
                    name: "norm".into(),
                    shape: (values.len(), 1),
                    values,
                });
                learnt.norm = Some(learnt.parameters.len() - 1);
            }
            _ => {}
        }
        learnt
    }

    /// Nothing: the base as it is.
    pub fn nothing(config: &Config) -> Learnt {
        let method = Method::Lora(LowRank {
            targets: Vec::new(),
            ..LowRank::default()
        });
        Learnt::empty(&method, config.layers)
    }

    /// The number of numbers that are learnt.
    pub fn count(&self) -> usize {
        self.parameters
            .iter()
            .map(|parameter| parameter.values.len())
            .sum()
    }

    /// Zeros for the gradients.
    pub fn gradients(&self) -> Vec<Vec<f32>> {
        let zeros = |parameter: &Parameter| vec![0f32; parameter.values.len()];
        self.parameters.iter().map(zeros).collect()
    }

    fn add(
        &mut self,
        name: String,
        rows: usize,
        columns: usize,
        mut each: impl FnMut() -> f32,
    ) -> usize {
        self.parameters.push(Parameter {
            name,
            shape: (rows, columns),
            values: (0..rows * columns).map(|_| each()).collect(),
        });
        self.parameters.len() - 1
    }

    fn low_rank(
        &mut self,
        low: &LowRank,
        config: &Config,
        layer: usize,
        ada: bool,
        random: &mut Random,
    ) {
        for (place, target) in Target::ALL.into_iter().enumerate() {
            if !low.targets.contains(&target) {
                continue;
            }
            let (outputs, inputs) = target.shape(config);
            let name = |part: &str| {
                let (module, target) = (target.module(), target.name());
                format!("layers.{layer}.{module}.{target}.{part}")
            };
            let update = if ada {
                // As PEFT does: both sides random and small, λ zero.
                let mut normal = || 0.02 * random.normal();
                let a = self.add(name("lora_A"), low.rank, inputs, &mut normal);
                let b = self.add(name("lora_B"), outputs, low.rank, &mut normal);
                let lambda = self.add(name("lora_E"), low.rank, 1, || 0.0);
                (a, b, Some(lambda))
            } else {
                // Kaiming's uniform with a = √5, as PyTorch begins a linear layer: within 1 / √inputs. B is zero.
                let bound = 1.0 / (inputs as f32).sqrt();
                let a = self.add(name("lora_A.weight"), low.rank, inputs, || {
                    (2.0 * random.unit() - 1.0) * bound
                });
                let b = self.add(name("lora_B.weight"), outputs, low.rank, || 0.0);
                (a, b, None)
            };
            self.layers[layer].updates[place] = Some(Update {
                a: update.0,
                b: update.1,
                lambda: update.2,
                magnitude: None,
                scale: low.scale(),
                dropout: low.dropout,
            });
        }
    }

    /// The lengths of the rows of the base, with which DoRA begins.
    fn magnitudes(&mut self, model: &Transformer<Cpu>, ops: &Ops) {
        for layer in 0..self.layers.len() {
            for (place, target) in Target::ALL.into_iter().enumerate() {
                let Some(update) = &self.layers[layer].updates[place] else {
                    continue;
                };
                let weights = Weights::Frozen(&model.layers[layer].product(target).weights);
                let values = update.lengths(ops, &self.parameters, weights);
                let (module, target) = (target.module(), target.name());
                self.parameters.push(Parameter {
                    name: format!("layers.{layer}.{module}.{target}.lora_magnitude_vector"),
                    shape: (values.len(), 1),
                    values,
                });
                let last = self.parameters.len() - 1;
                if let Some(update) = &mut self.layers[layer].updates[place] {
                    update.magnitude = Some(last);
                }
            }
        }
    }

    fn full(&mut self, model: &Transformer<Cpu>, layer: usize) {
        let base = &model.layers[layer];
        for (place, target) in Target::ALL.into_iter().enumerate() {
            let weights = &base.product(target).weights;
            let mut values = vec![0f32; weights.rows * weights.columns];
            for (row, values) in values.chunks_exact_mut(weights.columns).enumerate() {
                weights.row(row, values);
            }
            let (module, target) = (target.module(), target.name());
            self.parameters.push(Parameter {
                name: format!("layers.{layer}.{module}.{target}.weight"),
                shape: (weights.rows, weights.columns),
                values,
            });
            self.layers[layer].whole[place] = Some(self.parameters.len() - 1);
        }
        for (place, norm) in Norm::ALL.into_iter().enumerate() {
            if let Some(values) = norm.of(base) {
                self.parameters.push(Parameter {
                    name: format!("layers.{layer}.{}.weight", norm.name()),
                    shape: (values.len(), 1),
                    values: values.to_vec(),
                });
                self.layers[layer].norms[place] = Some(self.parameters.len() - 1);
            }
        }
    }
}
