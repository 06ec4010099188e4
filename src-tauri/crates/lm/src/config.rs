//! The shape of a model, read from the metadata of its file and checked.

use crate::gguf::{Header, Refusal};
use crate::ops::Pairs;

/// A decoder of the llama family: what differs between its members is data.
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
    /// How the rotary embedding pairs numbers.
    pub pairs: Pairs,
    /// Added under the root of the norms.
    pub eps: f64,
    /// Whether the products that ask have a bias (Qwen2).
    pub bias: bool,
    /// Whether each head is normed before the rotary embedding (Qwen3).
    pub head_norm: bool,
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
        let (pairs, bias, head_norm) = match architecture {
            "llama" => (Pairs::Neighbours, false, false),
            "qwen2" => (Pairs::Halves, true, false),
            "qwen3" => (Pairs::Halves, false, true),
            other => return Err(Refusal::Unknown(format!("the architecture {other}"))),
        };
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
        let width = size("embedding_length", None)?;
        let heads = size("attention.head_count", None)?;
        let kv_heads = size("attention.head_count_kv", Some(heads))?;
        let head = size("attention.key_length", Some(width / heads))?;
        let config = Config {
            architecture: architecture.to_owned(),
            layers: size("block_count", None)?,
            width,
            heads,
            kv_heads,
            head,
            inner: size("feed_forward_length", None)?,
            context: size("context_length", None)?,
            rope_base: number("rope.freq_base", Some(10_000.0))?,
            pairs,
            eps: number("attention.layer_norm_rms_epsilon", None)?,
            bias,
            head_norm,
        };
        if head == 0 || !head.is_multiple_of(2) || !heads.is_multiple_of(kv_heads) {
            return Err(damaged(format!(
                "{heads} heads of {head} over {kv_heads} cannot be"
            )));
        }
        if config.layers > 1024 || heads > 1024 {
            return Err(damaged(format!(
                "{} layers of {heads} heads cannot be",
                config.layers
            )));
        }
        if size("attention.value_length", Some(head))? != head
            || size("rope.dimension_count", Some(head))? != head
        {
            return Err(Refusal::Unknown(
                "heads whose parts have different sizes".into(),
            ));
        }
        let scaling = header
            .text(&format!("{architecture}.rope.scaling.type"))
            .is_some_and(|kind| kind != "none");
        if scaling || header.tensors.contains_key("rope_freqs.weight") {
            return Err(Refusal::Unknown("a stretched rotary embedding".into()));
        }
        if header
            .integer(&format!("{architecture}.expert_count"))
            .is_some_and(|count| count > 0)
        {
            return Err(Refusal::Unknown("a mixture of experts".into()));
        }
        Ok(config)
    }
}
