//! The end of the way: the scores of the next token, their loss, and its gradient.

use std::ops::ControlFlow;

use crate::kernels::{Put, tanh};
use crate::lanes::{exp, sum_of};

use super::batch::NOTHING;
use super::ops::Weights;
use super::pass::{Pass, Pulse};

/// Scores held at a time: 32 MB, which a processor may have in its caches from one use to the next.
pub(super) const SCORES: usize = 8 << 20;

/// Hears of each wanted token, in their order: its place in the batch, its loss in nats, and whether it is the one the model
/// would have put there itself.
pub type Each<'a> = &'a mut dyn FnMut(usize, f32, bool);

/// Where the gradient of the last layer's output goes, what each token's loss counts, and the gradients of what is learnt.
pub type Back<'a> = (&'a mut [f32], f32, &'a mut [Vec<f32>]);

impl Pass<'_> {
    /// The sum of the losses of the wanted tokens after `x` (T, C), in nats; with its gradient where that is wanted.
    pub(super) fn head(
        &self,
        x: &[f32],
        mut back: Option<Back<'_>>,
        each: Each<'_>,
        pulse: Pulse<'_>,
    ) -> ControlFlow<(), f64> {
        let (model, ops) = (self.model, self.ops);
        let config = &model.config;
        let width = config.width;
        // Only tokens with something to learn from get scores, a few at a time: the scores of a batch over a large
        // vocabulary would take more memory than all else.
        let wanted: Vec<usize> = (0..self.batch.targets.len())
            .filter(|at| self.batch.targets[*at] != NOTHING)
            .collect();
        let weights = Weights::Frozen(&model.head.weights);
        let vocabulary = weights.rows();
        let norm = match self.learnt.norm {
            Some(place) => &self.learnt.parameters[place].values,
            None => &model.norm,
        };
        let mut loss = 0.0;
        for rows in wanted.chunks((SCORES / vocabulary).max(1)) {
            let part: Vec<f32> = rows
                .iter()
                .flat_map(|row| &x[row * width..][..width])
                .copied()
                .collect();
            let normed = ops.norm(&part, norm, config.eps);
            let mut scores = ops.linear(&normed, weights);
            pulse()?;
            let losses: Vec<std::sync::Mutex<(f32, bool)>> =
                rows.iter().map(|_| (0.0, false).into()).collect();
            let weight = back.as_ref().map(|(_, weight, _)| *weight);
            ops.by_rows(&mut scores, vocabulary, &|first, scores| {
                for (n, scores) in scores.chunks_exact_mut(vocabulary).enumerate() {
                    let target = self.batch.targets[rows[first + n]];
                    let (mut nll, mut top) = (0.0, false);
                    pulp::Arch::new().dispatch(CrossEntropy {
                        scores,
                        target: target as usize,
                        cap: config.final_cap,
                        weight,
                        nll: &mut nll,
                        top: &mut top,
                    });
                    *losses[first + n]
                        .lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner) = (nll, top);
                }
            });
            for (row, part) in rows.iter().zip(losses) {
                let (nll, top) = part
                    .into_inner()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                loss += f64::from(nll);
                each(*row, nll, top);
            }
            if let Some((dx, _, gradients)) = &mut back {
                let mut dnormed = vec![0f32; normed.len()];
                let terms = [(&scores[..], weights.straight())];
                ops.tiled(&mut dnormed, width, &terms, Put::Over);
                let mut dpart = vec![0f32; part.len()];
                ops.norm_back(&part, norm, config.eps, &dnormed, &mut dpart);
                if let Some(place) = self.learnt.norm {
                    ops.norm_weights(&part, config.eps, &dnormed, &mut gradients[place]);
                }
                for (row, dpart) in rows.iter().zip(dpart.chunks_exact(width)) {
                    dx[row * width..][..width].copy_from_slice(dpart);
                }
                pulse()?;
            }
        }
        ControlFlow::Continue(loss)
    }
}

/// The loss of one token; where a weight is given the scores become their gradient.
struct CrossEntropy<'a> {
    scores: &'a mut [f32],
    target: usize,
    cap: Option<f32>,
    weight: Option<f32>,
    nll: &'a mut f32,
    top: &'a mut bool,
}

impl pulp::NullaryFnOnce for CrossEntropy<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let scores = self.scores;
        if let Some(cap) = self.cap {
            scores.iter_mut().for_each(|x| *x = cap * tanh(*x / cap));
        }
        let mut lanes = [f32::NEG_INFINITY; 8];
        let (eights, rest) = scores.as_chunks::<8>();
        for eight in eights {
            for (lane, x) in lanes.iter_mut().zip(eight) {
                *lane = lane.max(*x);
            }
        }
        let largest = lanes
            .iter()
            .chain(rest)
            .fold(f32::NEG_INFINITY, |a, x| a.max(*x));
        let sum = sum_of(scores, |x| exp(x - largest));
        *self.nll = largest + sum.ln() - scores[self.target];
        // Of equals the first is chosen, as in writing.
        *self.top = scores[self.target] == largest && !scores[..self.target].contains(&largest);
        let Some(weight) = self.weight else { return };
        let scale = weight / sum;
        let cap = self.cap;
        let slope = |x: f32| match cap {
            Some(cap) => 1.0 - (x / cap) * (x / cap),
            None => 1.0,
        };
        let at_target = scores[self.target];
        for x in scores.iter_mut() {
            *x = exp(*x - largest) * scale * slope(*x);
        }
        scores[self.target] -= weight * slope(at_target);
    }
}
