//! The shape of a model, as its file states it.

use crate::engine::{Activation, Pairs};
use crate::gguf::{Header, Layout, Refusal, Value};
use crate::rope::{Rope, Stretch};

/// The shape of a decoder of the llama, Qwen or Gemma family. What differs between its members is data.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// `general.architecture`.
    pub architecture: String,
    /// Number of layers.
    pub layers: usize,
    /// Numbers that stand for a token between the layers (C).
    pub width: usize,
    /// Heads that ask (H).
    pub heads: usize,
    /// Heads that are asked (K); each serves H / K of the others.
    pub kv_heads: usize,
    /// Numbers in a head (D).
    pub head: usize,
    /// Numbers inside the feed-forward part (F).
    pub inner: usize,
    /// Tokens it was trained to look back on.
    pub context: usize,
    /// Base of the rotary frequencies.
    pub rope_base: f64,
    /// How the rotary embedding is stretched.
    pub stretch: Stretch,
    /// Base of the frequencies in layers that see a window; never stretched.
    pub window_rope_base: f64,
    /// How the rotary embedding pairs numbers.
    pub pairs: Pairs,
    /// Added under the root of the norms.
    pub eps: f32,
    /// Whether the products that ask have a bias (Qwen2).
    pub bias: bool,
    /// Whether each head is normed before the rotary embedding (Qwen3, Gemma 3).
    pub head_norm: bool,
    /// Whether there are norms after attention and after the feed-forward part (Gemma).
    pub after_norms: bool,
    /// What the embedding is multiplied by (Gemma: the root of the width).
    pub embedding_scale: f32,
    /// What the products of queries and keys are multiplied by.
    pub attention_scale: f32,
    /// Soft cap of those products.
    pub attention_cap: Option<f32>,
    /// Soft cap of the scores of the next token.
    pub final_cap: Option<f32>,
    /// The function inside the gate.
    pub activation: Activation,
    /// Tokens that some layers see, and which layers see no further.
    pub window: Option<(usize, Vec<bool>)>,
}

/// What a family has that others have not.
struct Family {
    pairs: Pairs,
    bias: bool,
    head_norm: bool,
    gemma: bool,
}

impl Family {
    fn of(architecture: &str, layout: Layout) -> Option<Family> {
        let llama = match layout {
            Layout::Ggml => Pairs::Neighbours,
            Layout::HuggingFace => Pairs::Halves,
        };
        let (pairs, bias, head_norm, gemma) = match architecture {
            "llama" => (llama, false, false, false),
            "qwen2" => (Pairs::Halves, true, false, false),
            "qwen3" => (Pairs::Halves, false, true, false),
            "gemma3" => (Pairs::Halves, false, true, true),
            _ => return None,
        };
        Some(Family {
            pairs,
            bias,
            head_norm,
            gemma,
        })
    }
}

/// Larger than in any model this program could run, small enough that no product of three overflows.
const MOST: i64 = 1 << 20;

impl Config {
    /// Reads and checks the shape.
    pub fn from_header(header: &Header) -> Result<Config, Refusal> {
        let damaged = |what: String| Refusal::Damaged(what);
        let architecture = header
            .text("general.architecture")
            .ok_or_else(|| damaged("it names no architecture".into()))?;
        let family = Family::of(architecture, header.layout)
            .ok_or_else(|| Refusal::Unknown(format!("the architecture {architecture}")))?;
        let size = |key: &str, default: Option<usize>| {
            let key = format!("{architecture}.{key}");
            match (header.values.get(&key), default) {
                (None, Some(default)) => Ok(default),
                _ => {
                    let number = header
                        .integer(&key)
                        .filter(|number| (1..=MOST).contains(number));
                    number
                        .and_then(|number| usize::try_from(number).ok())
                        .ok_or_else(|| damaged(format!("{key} is missing or cannot be")))
                }
            }
        };
        let number = |key: &str, default: Option<f64>| {
            let key = format!("{architecture}.{key}");
            header
                .float(&key)
                .or(default)
                .filter(|number| number.is_finite() && *number > 0.0)
                .ok_or_else(|| damaged(format!("{key} is missing or cannot be")))
        };
        let optional = |key: &str| {
            let key = format!("{architecture}.{key}");
            match header.float(&key) {
                None => Ok(None),
                Some(cap) if cap.is_finite() && cap >= 0.0 =>
                {
                    #[expect(clippy::cast_possible_truncation, reason = "a small number")]
                    Ok(Some(cap as f32).filter(|cap| *cap > 0.0))
                }
                Some(_) => Err(damaged(format!("{key} cannot be"))),
            }
        };
        let width = size("embedding_length", None)?;
        let heads = size("attention.head_count", None)?;
        let kv_heads = size("attention.head_count_kv", Some(heads))?;
        let head = size("attention.key_length", Some(width / heads))?;
        let layers = size("block_count", None)?;
        if layers > 1024 || heads > 1024 {
            return Err(damaged(format!(
                "{layers} layers of {heads} heads cannot be"
            )));
        }
        let rope_base = number("rope.freq_base", Some(if family.gemma { 1e6 } else { 1e4 }))?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "small numbers, kept in single precision"
        )]
        let config = Config {
            architecture: architecture.to_owned(),
            layers,
            width,
            heads,
            kv_heads,
            head,
            inner: size("feed_forward_length", None)?,
            context: size("context_length", None)?,
            rope_base,
            stretch: stretch(header, architecture)?,
            window_rope_base: number(
                "rope.freq_base_swa",
                Some(if family.gemma { 1e4 } else { rope_base }),
            )?,
            pairs: family.pairs,
            eps: number("attention.layer_norm_rms_epsilon", None)? as f32,
            bias: family.bias,
            head_norm: family.head_norm,
            after_norms: family.gemma,
            embedding_scale: if family.gemma {
                (width as f32).sqrt()
            } else {
                1.0
            },
            attention_scale: optional("attention.scale")?.unwrap_or(1.0 / (head as f32).sqrt()),
            attention_cap: optional("attn_logit_softcapping")?,
            final_cap: optional("final_logit_softcapping")?,
            activation: if family.gemma {
                Activation::GeluTanh
            } else {
                Activation::Silu
            },
            window: if family.gemma {
                window(header, architecture, layers)?
            } else {
                None
            },
        };
        if head == 0 || !heads.is_multiple_of(kv_heads) {
            return Err(damaged(format!(
                "{heads} heads of {head} over {kv_heads} cannot be"
            )));
        }
        if !head.is_multiple_of(16) {
            return Err(Refusal::Unknown(format!(
                "heads of {head} numbers, no multiple of 16"
            )));
        }
        if size("attention.value_length", Some(head))? != head
            || size("rope.dimension_count", Some(head))? != head
        {
            return Err(Refusal::Unknown(
                "heads whose parts have different sizes".into(),
            ));
        }
        if header
            .integer(&format!("{architecture}.expert_count"))
            .is_some_and(|count| count > 0)
        {
            return Err(Refusal::Unknown("a mixture of experts".into()));
        }
        Ok(config)
    }

    /// How far a layer sees; `None` for everything.
    pub fn window_of(&self, layer: usize) -> Option<usize> {
        let (window, layers) = self.window.as_ref()?;
        layers
            .get(layer)
            .copied()
            .unwrap_or(false)
            .then_some(*window)
    }

    /// Frequencies of layers that see all, and of those that see a window.
    pub fn ropes(&self) -> [Rope; 2] {
        [
            Rope::new(self.head, self.rope_base, &self.stretch),
            Rope::new(self.head, self.window_rope_base, &Stretch::None),
        ]
    }
}

/// How the rotary embedding is stretched. Numbers of each frequency are filled in when the weights are read.
fn stretch(header: &Header, architecture: &str) -> Result<Stretch, Refusal> {
    let key = |name: &str| format!("{architecture}.rope.scaling.{name}");
    let positive = |name: &str| {
        header
            .float(&key(name))
            .filter(|number| number.is_finite() && *number > 0.0)
    };
    let need = |name: &str| {
        positive(name)
            .ok_or_else(|| Refusal::Damaged(format!("{} is missing or cannot be", key(name))))
    };
    if let Some(Value::Floats(factors)) = header.values.get(&key("factors")) {
        return Ok(Stretch::Each(factors.clone()));
    }
    match header.text(&key("type")) {
        None | Some("none") => Ok(Stretch::None),
        Some("linear") => Ok(Stretch::Linear(need("factor")?)),
        Some("yarn") => {
            let original = header
                .integer(&key("original_context_length"))
                .and_then(|number| usize::try_from(number).ok())
                .filter(|number| *number > 0)
                .ok_or_else(|| {
                    Refusal::Damaged(format!("{} is missing", key("original_context_length")))
                })?;
            Ok(Stretch::Yarn {
                factor: need("factor")?,
                original,
                fast: positive("yarn_beta_fast").unwrap_or(32.0),
                slow: positive("yarn_beta_slow").unwrap_or(1.0),
                magnitude: positive("attn_factor"),
            })
        }
        Some(other) => Err(Refusal::Unknown(format!(
            "a rotary embedding stretched by {other:.40}"
        ))),
    }
}

/// The window, and which layers see no further: all but every sixth, where the file does not say.
fn window(
    header: &Header,
    architecture: &str,
    layers: usize,
) -> Result<Option<(usize, Vec<bool>)>, Refusal> {
    let key = |name: &str| format!("{architecture}.attention.{name}");
    let Some(window) = header.integer(&key("sliding_window")) else {
        return Ok(None);
    };
    let window = usize::try_from(window)
        .ok()
        .filter(|window| *window > 0)
        .ok_or_else(|| Refusal::Damaged(format!("{} cannot be", key("sliding_window"))))?;
    let every = |every: usize| (0..layers).map(|layer| (layer + 1) % every != 0).collect();
    let pattern = match header.values.get(&key("sliding_window_pattern")) {
        Some(Value::Integers(flags)) if flags.len() >= layers => {
            flags.iter().take(layers).map(|flag| *flag != 0).collect()
        }
        Some(Value::Integer(n)) => match usize::try_from(*n) {
            Ok(n) if n > 0 => every(n),
            _ => {
                return Err(Refusal::Damaged(format!(
                    "{} cannot be",
                    key("sliding_window_pattern")
                )));
            }
        },
        _ => every(6),
    };
    Ok(Some((window, pattern)))
}
