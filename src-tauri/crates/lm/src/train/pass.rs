//! One way through the model and back: the loss of a batch and the gradients of what is learnt.
//!
//! A layer is computed again on the way back unless there is memory to keep what it computed. Kept or not, the numbers are
//! the same.

use std::ops::ControlFlow;

use crate::engine::rows::TurnAll;
use crate::engine::{Angles, Cpu};
use crate::kernels::{Asked, Put, View};
use crate::random::Random;
use crate::transformer::{Layer, Transformer};

use super::attention::Attention;
use super::batch::Batch;
use super::head::Each;
use super::kept::{Kept, kept_bytes};
use super::low_rank::Site;
use super::ops::{Ops, Weights};
use super::parameters::Target;
use super::places::{Learnt, Norm, Places};
use super::rows::TurnBack;

/// The model with what it learns, for one batch.
pub struct Pass<'a> {
    pub(super) ops: &'a Ops,
    pub(super) model: &'a Transformer<Cpu>,
    pub(super) learnt: &'a Learnt,
    pub(super) batch: &'a Batch,
    /// Angles of every token for layers that see all, and for those that see a window.
    angles: [Angles; 2],
    /// What dropout and noise draw from; none where the model is only measured.
    seed: Option<u64>,
}

/// Settings of one way through the model.
#[derive(Debug, Clone, Copy, Default)]
pub struct Settings {
    /// Bytes that may be taken to keep what layers computed.
    pub keep_bytes: usize,
    /// Size of the noise on the embeddings (NEFTune, Jain et al. 2023); 0 for none.
    pub noise: f32,
    /// What each token's loss is multiplied by.
    pub weight: f32,
    /// What noise and dropout draw from.
    pub seed: u64,
    /// Whether the gradient of the embeddings is looked at.
    pub embeddings: bool,
}

/// The loss and the gradient of the embeddings.
pub struct Outcome {
    /// Sum of the losses of the wanted tokens, in nats.
    pub loss: f64,
    /// (T, C); a card leaves it empty where it is not looked at.
    pub embeddings: Vec<f32>,
}

/// The brake: called between layers.
pub type Pulse<'a> = &'a mut dyn FnMut() -> ControlFlow<()>;

/// Even noise in ±size / √(L · C) for the embeddings of each text of L tokens: (T, C).
pub fn noise(batch: &Batch, width: usize, size: f32, seed: u64) -> Vec<f32> {
    let mut random = Random::new(seed ^ 0x6e65_6674_756e_6521);
    let mut noise = Vec::with_capacity(batch.tokens.len() * width);
    for length in &batch.texts {
        let bound = size / ((length * width) as f32).sqrt();
        noise.extend((0..length * width).map(|_| (2.0 * random.unit() - 1.0) * bound));
    }
    noise
}

impl<'a> Pass<'a> {
    /// A way through the model.
    pub fn new(
        ops: &'a Ops,
        model: &'a Transformer<Cpu>,
        learnt: &'a Learnt,
        batch: &'a Batch,
        seed: Option<u64>,
    ) -> Pass<'a> {
        // Learnt keys stand before the text and take the first positions.
        let first = learnt.layers.first().and_then(|places| places.prefix);
        let first = first.map_or(0, |(key, _)| learnt.parameters[key].shape.0);
        let longest = batch.texts.iter().copied().max().unwrap_or(0);
        let angles = [0, 1].map(|which| {
            let all = model.ropes[which].angles(first, longest);
            let half = model.config.head / 2;
            let each = |numbers: &[f32]| {
                let texts = batch
                    .texts
                    .iter()
                    .flat_map(|length| &numbers[..length * half]);
                texts.copied().collect()
            };
            Angles {
                cos: each(&all.cos),
                sin: each(&all.sin),
            }
        });
        Pass {
            ops,
            model,
            learnt,
            batch,
            angles,
            seed,
        }
    }

    /// The sum of the losses of the wanted tokens, in nats; `each` hears of every one of them.
    pub fn measure(&self, each: Each<'_>, pulse: Pulse<'_>) -> ControlFlow<(), f64> {
        let mut x = self.embed();
        for index in 0..self.model.layers.len() {
            x = self.layer(index, x, false).0;
            pulse()?;
        }
        self.head(&x, None, each, pulse)
    }

    /// The loss, and the gradients, which are added to those in `gradients`. `nudge` is added to the embeddings.
    pub fn learn(
        &self,
        settings: Settings,
        nudge: Option<&[f32]>,
        gradients: &mut [Vec<f32>],
        pulse: Pulse<'_>,
    ) -> ControlFlow<(), Outcome> {
        let layers = self.model.layers.len();
        let mut x = self.embed();
        self.disturb(settings.noise, &mut x);
        if let Some(nudge) = nudge {
            self.ops.add(&mut x, nudge);
        }
        let mut kept = Vec::with_capacity(layers);
        let mut bytes = settings.keep_bytes;
        for index in 0..layers {
            let before = x;
            let size = kept_bytes(
                &self.model.config,
                self.batch.tokens.len(),
                self.keeps_outputs(index),
            );
            // The inputs of the layers are kept anyhow.
            let size = size - 4 * before.len();
            if bytes >= size {
                bytes -= size;
                let (after, all) = self.layer(index, before, true);
                kept.push(Err(all));
                x = after;
            } else {
                x = self.layer(index, before.clone(), false).0;
                kept.push(Ok(before));
            }
            pulse()?;
        }
        let mut dx = vec![0f32; x.len()];
        let back = Some((&mut dx[..], settings.weight, &mut *gradients));
        let loss = self.head(&x, back, &mut |_, _, _| (), pulse)?;
        drop(x);
        for index in (0..layers).rev() {
            let kept = match kept.pop() {
                Some(Err(Some(kept))) => kept,
                Some(Ok(before)) => match self.layer(index, before, true).1 {
                    Some(kept) => kept,
                    None => unreachable!("a layer that was told to keep"),
                },
                Some(Err(None)) | None => unreachable!("one for each layer"),
            };
            pulse()?;
            dx = self.layer_back(index, kept, dx, gradients);
            pulse()?;
        }
        ControlFlow::Continue(Outcome {
            loss,
            embeddings: dx,
        })
    }

    fn embed(&self) -> Vec<f32> {
        let (table, scale) = (&self.model.embedding, self.model.config.embedding_scale);
        let width = table.columns;
        let tokens = &self.batch.tokens;
        let mut x = vec![0f32; tokens.len() * width];
        self.ops.by_rows(&mut x, width, &|first, rows| {
            for (row, token) in rows.chunks_exact_mut(width).zip(&tokens[first..]) {
                table.row(*token as usize, row);
                row.iter_mut().for_each(|x| *x *= scale);
            }
        });
        x
    }

    /// Adds noise to the embeddings.
    fn disturb(&self, size: f32, x: &mut [f32]) {
        if let Some(seed) = self.seed.filter(|_| size > 0.0) {
            let noise = noise(self.batch, self.model.config.width, size, seed);
            self.ops.add(x, &noise);
        }
    }

    /// The weights of a norm, and where they are learnt.
    fn norm_of(&self, index: usize, norm: Norm) -> Option<(&'a [f32], Option<usize>)> {
        match self.places(index).norms[norm as usize] {
            Some(place) => Some((&self.learnt.parameters[place].values, Some(place))),
            None => norm.of(self.base(index)).map(|weights| (weights, None)),
        }
    }

    fn places(&self, index: usize) -> &'a Places {
        &self.learnt.layers[index]
    }

    fn base(&self, index: usize) -> &'a Layer<Cpu> {
        &self.model.layers[index]
    }

    /// Whether the results of the two parts of a layer are needed on the way back.
    fn keeps_outputs(&self, index: usize) -> bool {
        let places = self.places(index);
        let lengths = places
            .updates
            .iter()
            .flatten()
            .any(|update| update.magnitude.is_some());
        self.model.config.after_norms || lengths || places.bottlenecks[0].is_some()
    }

    fn norm(&self, index: usize, norm: Norm, x: &[f32]) -> Vec<f32> {
        match self.norm_of(index, norm) {
            Some((weights, _)) => self.ops.norm(x, weights, self.model.config.eps),
            None => x.to_vec(),
        }
    }

    /// Adds the gradient of the input of a norm to `dx`.
    fn norm_back(
        &self,
        index: usize,
        norm: Norm,
        x: &[f32],
        dy: &[f32],
        dx: &mut [f32],
        gradients: &mut [Vec<f32>],
    ) {
        let eps = self.model.config.eps;
        match self.norm_of(index, norm) {
            Some((weights, place)) => {
                self.ops.norm_back(x, weights, eps, dy, dx);
                if let Some(place) = place {
                    self.ops.norm_weights(x, eps, dy, &mut gradients[place]);
                }
            }
            None => self.ops.add(dx, dy),
        }
    }

    fn site<'b>(&'b self, index: usize, target: Target, x: &'b [f32]) -> Site<'b> {
        let linear = self.base(index).product(target);
        let weights = match self.places(index).whole[target as usize] {
            Some(place) => {
                let parameter = &self.learnt.parameters[place];
                Weights::Plain(&parameter.values, parameter.shape.1)
            }
            None => Weights::Frozen(&linear.weights),
        };
        Site {
            ops: self.ops,
            parameters: &self.learnt.parameters,
            x,
            weights,
            bias: linear.bias.as_deref(),
            seed: self.seed,
        }
    }

    fn linear(&self, index: usize, target: Target, x: &[f32]) -> Vec<f32> {
        let site = self.site(index, target, x);
        if let Some(update) = &self.places(index).updates[target as usize] {
            return update.forward(&site);
        }
        let mut y = self.ops.linear(x, site.weights);
        if let Some(bias) = site.bias {
            self.ops.add_to_rows(&mut y, bias);
        }
        y
    }

    /// The gradient of the input of products that share it; for each of them what it gave, and the gradient of that.
    fn linear_back<const N: usize>(
        &self,
        index: usize,
        x: &[f32],
        products: [(Target, &[f32], Vec<f32>); N],
        gradients: &mut [Vec<f32>],
    ) -> Vec<f32> {
        let places = self.places(index);
        let done = products.map(|(target, y, mut dy)| {
            let site = self.site(index, target, x);
            let update = places.updates[target as usize].as_ref();
            let inner = update.map(|update| update.backward(&site, y, &mut dy, gradients));
            if let Some(place) = places.whole[target as usize] {
                let turned = View::new(&dy, site.weights.rows()).transposed();
                let columns = site.weights.columns();
                let x = View::new(x, columns);
                self.ops
                    .product(&mut gradients[place], columns, turned, x, 1.0, Put::Onto);
            }
            (site, dy, update.zip(inner))
        });
        let mut dx = vec![0f32; x.len()];
        let mut terms = Vec::with_capacity(2 * N);
        let mut put = Put::Over;
        for (site, dy, update) in &done {
            terms.push((&dy[..], site.weights.straight()));
            if let Some((update, inner)) = update {
                if update.add_dropped(site, inner, &mut dx) {
                    put = Put::Onto;
                } else {
                    terms.push((&inner[..], update.inputs(site.parameters)));
                }
            }
        }
        let width = x.len() / self.batch.tokens.len();
        self.ops.tiled(&mut dx, width, &terms, put);
        dx
    }

    fn attention(&self, index: usize) -> Attention<'_> {
        let config = &self.model.config;
        let values = |place: usize| self.learnt.parameters[place].values.as_slice();
        Attention {
            texts: &self.batch.texts,
            groups: config.kv_heads,
            head: config.head,
            asked: Asked {
                heads: config.heads,
                scale: config.attention_scale,
                window: config.window_of(index),
                cap: config.attention_cap,
            },
            prefix: self
                .places(index)
                .prefix
                .map(|(key, value)| (values(key), values(value))),
        }
    }

    /// Norms and turns the heads of queries or keys.
    fn turned(&self, index: usize, norm: Norm, heads: &[f32], width: usize) -> Vec<f32> {
        let config = &self.model.config;
        let angles = &self.angles[usize::from(config.window_of(index).is_some())];
        let half = config.head / 2;
        let mut out = heads.to_vec();
        self.ops.by_rows(&mut out, width, &|first, rows| {
            let tokens = rows.len() / width;
            pulp::Arch::new().dispatch(TurnAll {
                rows,
                width,
                norm: self
                    .norm_of(index, norm)
                    .map(|(weights, _)| (weights, config.eps)),
                cos: &angles.cos[first * half..][..tokens * half],
                sin: &angles.sin[first * half..][..tokens * half],
                half,
                pairs: config.pairs,
            });
        });
        out
    }

    /// Turns the gradient of turned heads into that of the heads before.
    fn turn_back(
        &self,
        index: usize,
        norm: Norm,
        before: &[f32],
        mut dy: Vec<f32>,
        width: usize,
        gradients: &mut [Vec<f32>],
    ) -> Vec<f32> {
        let config = &self.model.config;
        let angles = &self.angles[usize::from(config.window_of(index).is_some())];
        let half = config.head / 2;
        let weights = self.norm_of(index, norm);
        let back = |norm: Option<(&[f32], f32)>, dy: &mut [f32]| {
            self.ops.by_rows(dy, width, &|first, rows| {
                let tokens = rows.len() / width;
                pulp::Arch::new().dispatch(TurnBack {
                    before: &before[first * width..][..rows.len()],
                    rows,
                    width,
                    norm,
                    cos: &angles.cos[first * half..][..tokens * half],
                    sin: &angles.sin[first * half..][..tokens * half],
                    half,
                    pairs: config.pairs,
                });
            });
        };
        if let Some((_, Some(place))) = weights {
            // The gradient of the norm's own weights needs what came out of it.
            let mut normed = dy.clone();
            back(None, &mut normed);
            self.ops
                .norm_weights(before, config.eps, &normed, &mut gradients[place]);
        }
        back(weights.map(|(weights, _)| (weights, config.eps)), &mut dy);
        dy
    }

    /// The output of a layer and, where they shall be kept, the numbers its gradient needs.
    fn layer(&self, index: usize, x: Vec<f32>, keep: bool) -> (Vec<f32>, Option<Kept>) {
        let (ops, config) = (self.ops, &self.model.config);
        let normed = self.norm(index, Norm::Attention, &x);
        let query = self.linear(index, Target::Query, &normed);
        let key = self.linear(index, Target::Key, &normed);
        let value = self.linear(index, Target::Value, &normed);
        drop(normed);
        let (heads, groups) = (config.heads * config.head, config.kv_heads * config.head);
        let turned = self.turned(index, Norm::Query, &query, heads);
        let keys = self.turned(index, Norm::Key, &key, groups);
        let mixed = self
            .attention(index)
            .forward(ops.threads(), &turned, &keys, &value);
        drop((turned, keys));
        let attended = self.linear(index, Target::Output, &mixed);
        let mut middle = self.after(index, 0, &attended).0;
        ops.add(&mut middle, &x);
        let normed = self.norm(index, Norm::Inner, &middle);
        let gate = self.linear(index, Target::Gate, &normed);
        let up = self.linear(index, Target::Up, &normed);
        drop(normed);
        let inner = {
            let product = ops.gate(&gate, &up, config.activation);
            self.linear(index, Target::Down, &product)
        };
        let mut out = self.after(index, 1, &inner).0;
        ops.add(&mut out, &middle);
        if !keep {
            return (out, None);
        }
        let needed = |numbers: Vec<f32>| {
            if self.keeps_outputs(index) {
                numbers
            } else {
                Vec::new()
            }
        };
        let kept = Kept {
            x,
            query,
            key,
            value,
            mixed,
            attended: needed(attended),
            middle,
            gate,
            up,
            inner: needed(inner),
        };
        (out, Some(kept))
    }

    /// What becomes of the result of attention (0) or of the feed-forward part (1) before it is added: small layers and
    /// norms. And what the norm is of.
    fn after(&self, index: usize, part: usize, y: &[f32]) -> (Vec<f32>, Option<Vec<f32>>) {
        let mut all = y.to_vec();
        if let Some(bottleneck) = &self.places(index).bottlenecks[part] {
            let (more, _) = bottleneck.forward(self.ops, &self.learnt.parameters, y);
            self.ops.add(&mut all, &more);
        }
        let norm = [Norm::AfterAttention, Norm::AfterInner][part];
        match self.norm_of(index, norm) {
            Some(_) => (self.norm(index, norm, &all), Some(all)),
            None => (all, None),
        }
    }

    /// The gradient of `y` in [`Pass::after`].
    fn after_back(
        &self,
        index: usize,
        part: usize,
        y: &[f32],
        dy: &[f32],
        gradients: &mut [Vec<f32>],
    ) -> Vec<f32> {
        let norm = [Norm::AfterAttention, Norm::AfterInner][part];
        let mut back = match self.norm_of(index, norm) {
            None => dy.to_vec(),
            Some(_) => {
                let mut back = vec![0f32; dy.len()];
                let before = self.after(index, part, y).1.unwrap_or_default();
                self.norm_back(index, norm, &before, dy, &mut back, gradients);
                back
            }
        };
        if let Some(bottleneck) = &self.places(index).bottlenecks[part] {
            bottleneck.backward(self.ops, &self.learnt.parameters, y, &mut back, gradients);
        }
        back
    }

    /// The gradient of the input of a layer, given that of its output.
    fn layer_back(
        &self,
        index: usize,
        kept: Kept,
        dy: Vec<f32>,
        gradients: &mut [Vec<f32>],
    ) -> Vec<f32> {
        let (ops, config) = (self.ops, &self.model.config);
        let Kept {
            x,
            query,
            key,
            value,
            mixed,
            attended,
            middle,
            mut gate,
            mut up,
            inner,
        } = kept;
        // The feed-forward part.
        let back = self.after_back(index, 1, &inner, &dy, gradients);
        let product = ops.gate(&gate, &up, config.activation);
        let down = [(Target::Down, &inner[..], back)];
        let dproduct = self.linear_back(index, &product, down, gradients);
        drop((product, inner));
        let normed = self.norm(index, Norm::Inner, &middle);
        let magnitudes = self
            .places(index)
            .updates
            .iter()
            .flatten()
            .any(|update| update.magnitude.is_some());
        let outputs = magnitudes.then(|| (gate.clone(), up.clone()));
        let (gate_out, up_out) = outputs.unwrap_or_default();
        ops.gate_back(&mut gate, &mut up, &dproduct, config.activation);
        drop(dproduct);
        let inputs = [
            (Target::Gate, &gate_out[..], gate),
            (Target::Up, &up_out[..], up),
        ];
        let dnormed = self.linear_back(index, &normed, inputs, gradients);
        let mut dmiddle = dy;
        self.norm_back(
            index,
            Norm::Inner,
            &middle,
            &dnormed,
            &mut dmiddle,
            gradients,
        );
        drop((normed, dnormed, middle));
        // Attention.
        let back = self.after_back(index, 0, &attended, &dmiddle, gradients);
        let output = [(Target::Output, &attended[..], back)];
        let dmixed = self.linear_back(index, &mixed, output, gradients);
        drop((mixed, attended));
        let (heads, groups) = (config.heads * config.head, config.kv_heads * config.head);
        let turned = self.turned(index, Norm::Query, &query, heads);
        let keys = self.turned(index, Norm::Key, &key, groups);
        let back = self
            .attention(index)
            .backward(ops.threads(), &turned, &keys, &value, &dmixed);
        drop((turned, keys, dmixed));
        if let (Some((dkeys, dvalues)), Some((key, value))) =
            (&back.prefix, self.places(index).prefix)
        {
            ops.add(&mut gradients[key], dkeys);
            ops.add(&mut gradients[value], dvalues);
        }
        let dquery = self.turn_back(index, Norm::Query, &query, back.query, heads, gradients);
        let dkey = self.turn_back(index, Norm::Key, &key, back.key, groups, gradients);
        let normed = self.norm(index, Norm::Attention, &x);
        let inputs = [
            (Target::Query, &query[..], dquery),
            (Target::Key, &key[..], dkey),
            (Target::Value, &value[..], back.value),
        ];
        let dnormed = self.linear_back(index, &normed, inputs, gradients);
        let mut dx = dmiddle;
        self.norm_back(index, Norm::Attention, &x, &dnormed, &mut dx, gradients);
        dx
    }
}
