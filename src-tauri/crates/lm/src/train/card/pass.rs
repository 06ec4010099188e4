//! One way through the model and back on a card: the loss of a batch and the gradients of the factors.

use std::ops::ControlFlow;

use candle_core::{Result, Tensor};

use crate::train::batch::Batch;
use crate::train::head::Each;
use crate::train::pass::{Outcome, Pulse, Settings, noise};
use crate::train::places::Learnt;

use super::Card;
use super::attention::{Attention, Heads};
use super::drops::Drops;
use super::factors::{Low, LowBack, Plan};
use super::layout::Layout;
use super::weights::{Group, Weights};

/// What a layer computed that its gradient needs. Rows are (T, width).
struct Kept {
    /// The input.
    x: Tensor,
    normed: Tensor,
    /// What goes between the factors of each group (T, R), where it has an update.
    lows: [Option<Tensor>; 4],
    /// The products before heads are normed, where they are.
    all: Tensor,
    heads: Heads,
    weights: Option<Tensor>,
    mixed: Tensor,
    /// The product with that.
    attended: Tensor,
    /// The sum after attention.
    middle: Tensor,
    inner_normed: Tensor,
    both: Tensor,
    gated: Tensor,
    /// What the feed-forward part gives.
    inner: Tensor,
}

/// A batch on its way.
struct Way<'a> {
    card: &'a Card<'a>,
    layout: Layout,
    lows: Vec<Option<Low>>,
    drops: Option<Drops>,
}

/// Breaks off where the caller does.
macro_rules! heed {
    ($pulse:expr) => {
        if $pulse().is_break() {
            return Ok(ControlFlow::Break(()));
        }
    };
}

impl Card<'_> {
    /// The sum of the losses of the wanted tokens, in nats; `each` hears of every one of them.
    pub fn measure(
        &self,
        learnt: &Learnt,
        batch: &Batch,
        each: Each<'_>,
        pulse: Pulse<'_>,
    ) -> Result<ControlFlow<(), f64>> {
        let plan = Plan::new(learnt, &self.model.config);
        let way = Way::new(self, batch, &plan, None)?;
        let mut x = self.embed(batch)?;
        for index in 0..self.layers.len() {
            x = way.layer(index, x)?.0;
            heed!(pulse);
        }
        let (found, _) = self.head(batch, &x, None)?;
        let mut rows = found.rows.iter();
        let mut sum = 0.0;
        for (losses, tops) in found.losses.iter().zip(&found.tops) {
            let (losses, tops) = (losses.to_vec1::<f32>()?, tops.to_vec1::<u32>()?);
            for ((loss, top), row) in losses.into_iter().zip(tops).zip(&mut rows) {
                sum += f64::from(loss);
                each(*row, loss, top == batch.targets[*row]);
            }
            heed!(pulse);
        }
        Ok(ControlFlow::Continue(sum))
    }

    /// The loss, and the gradients, which are added to those in `gradients`. `nudge` (T, C) is added to the embeddings.
    pub fn learn(
        &self,
        learnt: &Learnt,
        batch: &Batch,
        settings: Settings,
        nudge: Option<&[f32]>,
        gradients: &mut [Vec<f32>],
        pulse: Pulse<'_>,
    ) -> Result<ControlFlow<(), Outcome>> {
        let plan = Plan::new(learnt, &self.model.config);
        let way = Way::new(self, batch, &plan, Some(settings.seed))?;
        let layers = self.layers.len();
        let mut x = self.embed(batch)?;
        let width = self.model.config.width;
        let noisy = settings.noise > 0.0;
        let noise = noisy.then(|| noise(batch, width, settings.noise, settings.seed));
        for more in noise.into_iter().chain(nudge.map(<[f32]>::to_vec)) {
            let more = Tensor::from_vec(more, x.dims(), &self.device)?;
            x = (x + more.to_dtype(self.dtype)?)?;
        }
        let mut kept = Vec::with_capacity(layers);
        let room = self.keep / self.kept_bytes(batch).max(1);
        for index in 0..layers {
            let before = x.clone();
            let (after, all) = way.layer(index, x)?;
            x = after;
            kept.push(match index < room {
                true => Err(Box::new(all)),
                false => Ok(before),
            });
            heed!(pulse);
        }
        let (found, dx) = self.head(batch, &x, Some(f64::from(settings.weight)))?;
        drop(x);
        let Some(mut dx) = dx else {
            candle_core::bail!("no gradient of the head");
        };
        heed!(pulse);
        let mut back: Vec<Option<LowBack>> = way.lows.iter().map(|_| None).collect();
        while let Some(one) = kept.pop() {
            let index = kept.len();
            let kept = match one {
                Err(kept) => *kept,
                Ok(before) => way.layer(index, before)?.1,
            };
            dx = way.layer_back(index, kept, dx, &mut back)?;
            heed!(pulse);
        }
        plan.download(back, gradients)?;
        Ok(ControlFlow::Continue(Outcome {
            loss: found.sum()?,
            embeddings: match settings.embeddings {
                true => dx
                    .to_dtype(candle_core::DType::F32)?
                    .flatten_all()?
                    .to_vec1()?,
                false => Vec::new(),
            },
        }))
    }
}

impl<'a> Way<'a> {
    fn new(
        card: &'a Card<'a>,
        batch: &Batch,
        plan: &Plan<'_>,
        seed: Option<u64>,
    ) -> Result<Way<'a>> {
        let model = card.model;
        let layout = Layout::new(batch, model, card.rows.plain(), &card.device)?;
        let lows = plan.upload(&card.device, card.dtype)?;
        let dropout = lows.iter().flatten().map(|low| low.dropout);
        let dropout = dropout.fold(0f32, f32::max);
        let drops = match seed.filter(|_| dropout > 0.0) {
            Some(seed) => Some(Drops::new(card, batch.tokens.len(), dropout, seed)?),
            None => None,
        };
        Ok(Way {
            card,
            layout,
            lows,
            drops,
        })
    }

    fn weights(&self, index: usize) -> &'a Weights {
        &self.card.layers[index]
    }

    fn low(&self, index: usize, group: Group) -> Option<&Low> {
        self.lows[index * Group::ALL.len() + group as usize].as_ref()
    }

    fn attention(&self, index: usize) -> Attention<'_> {
        let config = &self.card.model.config;
        Attention {
            rows: &self.card.rows,
            config,
            layout: &self.layout,
            norms: self.weights(index).head_norms.as_ref(),
            index,
        }
    }

    /// The input as the updates of a group see it.
    fn seen(&self, index: usize, group: Group, x: &Tensor) -> Result<Tensor> {
        match &self.drops {
            Some(drops) => drops.drop(index * Group::ALL.len() + group as usize, x),
            None => Ok(x.clone()),
        }
    }

    /// `x · Wᵀ + b + (x · Aᵀ) · Bᵀ`, and what is in the brackets.
    fn linear(&self, index: usize, group: Group, x: &Tensor) -> Result<(Tensor, Option<Tensor>)> {
        let product = &self.weights(index).products[group as usize];
        let mut y = x.matmul(&product.weights.t()?)?;
        if let Some(bias) = &product.bias {
            y = y.broadcast_add(bias)?;
        }
        let Some(low) = self.low(index, group) else {
            return Ok((y, None));
        };
        let between = self.seen(index, group, x)?.matmul(&low.a.t()?)?;
        let y = (y + between.matmul(&low.b.t()?)?)?;
        Ok((y, Some(between)))
    }

    /// The gradient of the input of a group of products, given that of what they put out.
    fn linear_back(
        &self,
        index: usize,
        group: Group,
        (x, between): (&Tensor, Option<&Tensor>),
        dy: &Tensor,
        back: &mut [Option<LowBack>],
    ) -> Result<Tensor> {
        let product = &self.weights(index).products[group as usize];
        let dx = dy.matmul(&product.weights)?;
        let (Some(low), Some(between)) = (self.low(index, group), between) else {
            return Ok(dx);
        };
        let inner = dy.matmul(&low.b)?; // (T, R)
        back[index * Group::ALL.len() + group as usize] = Some(LowBack {
            a: inner.t()?.matmul(&self.seen(index, group, x)?)?,
            b: dy.t()?.matmul(between)?,
        });
        dx + self.seen(index, group, &inner.matmul(&low.a)?)?
    }

    /// The output of a layer and the numbers its gradient needs.
    fn layer(&self, index: usize, x: Tensor) -> Result<(Tensor, Kept)> {
        let (weights, rows) = (self.weights(index), &self.card.rows);
        let attention = self.attention(index);
        let normed = rows.norm(&weights.attention_norm, &x)?;
        let (all, low_heads) = self.linear(index, Group::Heads, &normed)?;
        let heads = attention.heads(&all)?;
        let (mixed, of_attention) = attention.forward(&heads)?;
        let (attended, low_output) = self.linear(index, Group::Output, &mixed)?;
        let middle = match &weights.after_attention {
            Some(norm) => (&x + rows.norm(norm, &attended)?)?,
            None => (&x + &attended)?,
        };
        let inner_normed = rows.norm(&weights.inner_norm, &middle)?;
        let (both, low_gate) = self.linear(index, Group::Gate, &inner_normed)?;
        let gated = rows.gate(&both, self.card.model.config.activation)?;
        let (inner, low_down) = self.linear(index, Group::Down, &gated)?;
        let out = match &weights.after_inner {
            Some(norm) => (&middle + rows.norm(norm, &inner)?)?,
            None => (&middle + &inner)?,
        };
        let kept = Kept {
            x,
            normed,
            lows: [low_heads, low_output, low_gate, low_down],
            all,
            heads,
            weights: of_attention,
            mixed,
            attended,
            middle,
            inner_normed,
            both,
            gated,
            inner,
        };
        Ok((out, kept))
    }

    /// The gradient of the input of a layer, given that of its output.
    fn layer_back(
        &self,
        index: usize,
        kept: Kept,
        dy: Tensor,
        back: &mut [Option<LowBack>],
    ) -> Result<Tensor> {
        let (weights, rows) = (self.weights(index), &self.card.rows);
        let lows = kept.lows.each_ref().map(Option::as_ref);
        // The feed-forward part.
        let dinner = match &weights.after_inner {
            Some(norm) => rows.norm_back(norm, &kept.inner, &dy, None)?,
            None => dy.clone(),
        };
        let input = (&kept.gated, lows[Group::Down as usize]);
        let dgated = self.linear_back(index, Group::Down, input, &dinner, back)?;
        let activation = self.card.model.config.activation;
        let dboth = rows.gate_back(&kept.both, &dgated, activation)?;
        let input = (&kept.inner_normed, lows[Group::Gate as usize]);
        let dnormed = self.linear_back(index, Group::Gate, input, &dboth, back)?;
        let dmiddle = rows.norm_back(&weights.inner_norm, &kept.middle, &dnormed, Some(&dy))?;
        // Attention.
        let dattended = match &weights.after_attention {
            Some(norm) => rows.norm_back(norm, &kept.attended, &dmiddle, None)?,
            None => dmiddle.clone(),
        };
        let input = (&kept.mixed, lows[Group::Output as usize]);
        let dmixed = self.linear_back(index, Group::Output, input, &dattended, back)?;
        let attention = self.attention(index);
        let dheads = attention.backward(&kept.heads, kept.weights.as_ref(), &dmixed)?;
        let dall = attention.heads_back(&kept.all, &dheads)?;
        let input = (&kept.normed, lows[Group::Heads as usize]);
        let dnormed = self.linear_back(index, Group::Heads, input, &dall, back)?;
        rows.norm_back(&weights.attention_norm, &kept.x, &dnormed, Some(&dmiddle))
    }
}
