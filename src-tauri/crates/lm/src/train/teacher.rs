//! What tells a training its loss and its gradients: the model on the processor, or on a graphics card.

use std::ops::ControlFlow;

use crate::base::Base;
use crate::config::Config;
use crate::engine::Cpu;
use crate::error::{Error, Result};
use crate::model::Model;
use crate::transformer::Transformer;

use super::batch::Batch;
use super::card::{self, Card};
use super::head::Each;
use super::method::{Method, TrainConfig};
use super::ops::Ops;
use super::pass::{Outcome, Pass, Pulse, Settings};
use super::places::Learnt;

/// The model that is learnt with.
pub enum Teacher<'a> {
    /// On the processor.
    Processor(&'a Transformer<Cpu>, Ops),
    /// On a card.
    Card(Box<Card<'a>>),
}

impl<'a> Teacher<'a> {
    /// The model of a bare base, wherever that is.
    ///
    /// # Errors
    /// The base has an adapter beside its weights, or the system gives no threads, or the card no memory.
    pub fn of(base: &'a Base, config: &TrainConfig) -> Result<Teacher<'a>> {
        base.bare()?;
        Ok(match &base.inner.model {
            Model::Cpu(model) => {
                let ops = Ops::with(config.threads, config.precision)
                    .map_err(|error| Error::Compute(error.to_string()))?;
                Teacher::Processor(model, ops)
            }
            Model::Device(model) => Teacher::Card(Box::new(Card::new(model, config.keep_bytes)?)),
        })
    }

    /// The shape of the model.
    pub fn config(&self) -> &Config {
        match self {
            Teacher::Processor(model, _) => &model.config,
            Teacher::Card(card) => card.config(),
        }
    }

    /// What a method learns, as it is before the first step.
    ///
    /// # Errors
    /// [`Error::NotOnCard`] where the method needs the processor.
    pub fn learnt(&self, method: &Method, seed: u64) -> Result<Learnt> {
        match self {
            Teacher::Processor(model, ops) => Ok(Learnt::new(method, model, ops, seed)),
            Teacher::Card(card) => Ok(Learnt::lora(card::updates(method)?, card.config(), seed)),
        }
    }

    /// Refuses what cannot be learnt or measured here.
    ///
    /// # Errors
    /// [`Error::NotOnCard`].
    pub fn able(&self, learnt: &Learnt) -> Result<()> {
        match self {
            Teacher::Processor(..) => Ok(()),
            Teacher::Card(_) => card::able(learnt),
        }
    }

    /// The loss of a batch, and the gradients, which are added to those in `gradients`. `nudge` (T, C) is added to the
    /// embeddings.
    ///
    /// # Errors
    /// The card has no room, or fails.
    pub fn learn(
        &self,
        learnt: &Learnt,
        batch: &Batch,
        settings: Settings,
        nudge: Option<&[f32]>,
        gradients: &mut [Vec<f32>],
        pulse: Pulse<'_>,
    ) -> Result<ControlFlow<(), Outcome>> {
        match self {
            Teacher::Processor(model, ops) => {
                let pass = Pass::new(ops, model, learnt, batch, Some(settings.seed));
                Ok(pass.learn(settings, nudge, gradients, pulse))
            }
            Teacher::Card(card) => {
                Ok(card.learn(learnt, batch, settings, nudge, gradients, pulse)?)
            }
        }
    }

    /// The sum of the losses of the wanted tokens, in nats; `each` hears of every one of them.
    ///
    /// # Errors
    /// As [`Teacher::learn`].
    pub fn measure(
        &self,
        learnt: &Learnt,
        batch: &Batch,
        each: Each<'_>,
        pulse: Pulse<'_>,
    ) -> Result<ControlFlow<(), f64>> {
        match self {
            Teacher::Processor(model, ops) => {
                Ok(Pass::new(ops, model, learnt, batch, None).measure(each, pulse))
            }
            Teacher::Card(card) => Ok(card.measure(learnt, batch, each, pulse)?),
        }
    }
}
