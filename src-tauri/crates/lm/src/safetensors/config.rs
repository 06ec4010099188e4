//! config.json, and the names of tensors, in the words of GGUF.

use serde_json::Value as Json;

use super::set;
use crate::gguf::{Header, Refusal, Value};

/// The part about the text model; models for pictures too have it inside.
pub fn text(config: &Json) -> &Json {
    config.get("text_config").unwrap_or(config)
}

/// Writes the shape into the header.
pub fn read(config: &Json, header: &mut Header) -> Result<(), Refusal> {
    let config = text(config);
    let kind = config["model_type"].as_str().unwrap_or("none");
    let architecture = match kind {
        "llama" | "qwen2" | "qwen3" => kind,
        "gemma3_text" | "gemma3" => "gemma3",
        other => return Err(Refusal::Unknown(format!("the architecture {other:.40}"))),
    };
    set(
        header,
        "general.architecture",
        Value::Text(architecture.into()),
    );
    let activation = config["hidden_activation"]
        .as_str()
        .or(config["hidden_act"].as_str());
    let wanted = if architecture == "gemma3" {
        "gelu_pytorch_tanh"
    } else {
        "silu"
    };
    if activation.is_some_and(|activation| activation != wanted) {
        return Err(Refusal::Unknown(format!(
            "the activation {:.40}",
            activation.unwrap_or_default()
        )));
    }
    let truth = |key: &str| config[key].as_bool().unwrap_or(false);
    if truth("use_sliding_window") {
        return Err(Refusal::Unknown("a sliding window in this family".into()));
    }
    if truth("attention_bias") && architecture != "qwen2" || truth("mlp_bias") {
        return Err(Refusal::Unknown("biases in this family".into()));
    }
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            set(header, &format!("{architecture}.{key}"), value);
        }
    };
    let integer = |value: &Json| value.as_i64().map(Value::Integer);
    let float = |value: &Json| value.as_f64().map(Value::Float);
    for (key, name) in [
        ("block_count", "num_hidden_layers"),
        ("embedding_length", "hidden_size"),
        ("feed_forward_length", "intermediate_size"),
        ("context_length", "max_position_embeddings"),
        ("attention.head_count", "num_attention_heads"),
        ("attention.head_count_kv", "num_key_value_heads"),
        ("attention.key_length", "head_dim"),
        ("attention.sliding_window", "sliding_window"),
        ("attention.sliding_window_pattern", "sliding_window_pattern"),
    ] {
        put(key, integer(&config[name]));
    }
    for (key, name) in [
        ("attention.layer_norm_rms_epsilon", "rms_norm_eps"),
        ("attn_logit_softcapping", "attn_logit_softcapping"),
        ("final_logit_softcapping", "final_logit_softcapping"),
    ] {
        put(key, float(&config[name]));
    }
    if let Some(layers) = config["layer_types"].as_array() {
        let windows = layers
            .iter()
            .map(|layer| i64::from(layer.as_str() == Some("sliding_attention")));
        put(
            "attention.sliding_window_pattern",
            Some(Value::Integers(windows.collect())),
        );
    }
    if let Some(scalar) = config["query_pre_attn_scalar"].as_f64() {
        put("attention.scale", Some(Value::Float(1.0 / scalar.sqrt())));
    }
    // Either all in one place, with a part for each kind of layer in Gemma, or spread over the whole.
    let rope = config.get("rope_parameters").or(config.get("rope_scaling"));
    let rope = rope.unwrap_or(&Json::Null);
    let whole = rope.get("full_attention").unwrap_or(rope);
    let base = whole["rope_theta"]
        .as_f64()
        .or(config["rope_theta"].as_f64());
    put("rope.freq_base", base.map(Value::Float));
    let window = rope["sliding_attention"]["rope_theta"].as_f64();
    let window = window.or(config["rope_local_base_freq"].as_f64());
    put("rope.freq_base_swa", window.map(Value::Float));
    let kind = whole["rope_type"].as_str().or(whole["type"].as_str());
    match kind.unwrap_or("default") {
        "default" => {}
        "llama3" => {
            let head = config["head_dim"].as_u64().or_else(|| {
                config["hidden_size"]
                    .as_u64()?
                    .checked_div(config["num_attention_heads"].as_u64()?)
            });
            let factors = llama3(whole, base.unwrap_or(10_000.0), head.unwrap_or(0));
            let factors =
                factors.ok_or_else(|| Refusal::Damaged("its rope_scaling cannot be".into()))?;
            put("rope.scaling.factors", Some(Value::Floats(factors)));
        }
        other => {
            put("rope.scaling.type", Some(Value::Text(other.into())));
            for (key, name) in [
                ("factor", "factor"),
                ("yarn_beta_fast", "beta_fast"),
                ("yarn_beta_slow", "beta_slow"),
                ("attn_factor", "attention_factor"),
            ] {
                put(&format!("rope.scaling.{key}"), float(&whole[name]));
            }
            let original = integer(&whole["original_max_position_embeddings"]);
            put(
                "rope.scaling.original_context_length",
                original.or(integer(&config["max_position_embeddings"])),
            );
        }
    }
    Ok(())
}

/// What Llama 3.1 divides each frequency by: slow ones by `factor`, fast ones by 1, those between by something between.
#[expect(
    clippy::cast_possible_truncation,
    reason = "computed in double precision, kept in single"
)]
fn llama3(rope: &Json, base: f64, head: u64) -> Option<Vec<f32>> {
    let number = |key: &str| rope[key].as_f64().filter(|x| x.is_finite() && *x > 0.0);
    let (factor, low, high) = (
        number("factor")?,
        number("low_freq_factor")?,
        number("high_freq_factor")?,
    );
    let original = number("original_max_position_embeddings")?;
    if high <= low || head == 0 || head > 1 << 16 {
        return None;
    }
    let factors = (0..head / 2).map(|i| {
        let frequency = base.powf(-2.0 * i as f64 / head as f64);
        let turns = original * frequency / std::f64::consts::TAU;
        let fast = ((turns - low) / (high - low)).clamp(0.0, 1.0);
        (1.0 / ((1.0 - fast) / factor + fast)) as f32
    });
    Some(factors.collect())
}

/// The name GGUF has for a tensor; none for one that is not needed.
pub fn tensor(name: &str) -> Option<String> {
    let name = name.strip_prefix("language_model.").unwrap_or(name);
    let name = name.strip_prefix("model.").unwrap_or(name);
    let name = name.strip_prefix("language_model.").unwrap_or(name);
    match name {
        "embed_tokens.weight" => return Some("token_embd.weight".into()),
        "norm.weight" => return Some("output_norm.weight".into()),
        "lm_head.weight" => return Some("output.weight".into()),
        _ => {}
    }
    let (layer, part) = name.strip_prefix("layers.")?.split_once('.')?;
    layer.parse::<u16>().ok()?;
    let (part, end) = part.rsplit_once('.')?;
    let known = match part {
        "input_layernorm" => "attn_norm",
        "self_attn.q_proj" => "attn_q",
        "self_attn.k_proj" => "attn_k",
        "self_attn.v_proj" => "attn_v",
        "self_attn.o_proj" => "attn_output",
        "self_attn.q_norm" => "attn_q_norm",
        "self_attn.k_norm" => "attn_k_norm",
        // In Gemma a norm after attention, elsewhere the one before the feed-forward part; told apart when it is read.
        "post_attention_layernorm" => "post_attention_norm",
        "pre_feedforward_layernorm" => "ffn_norm",
        "post_feedforward_layernorm" => "post_ffw_norm",
        "mlp.gate_proj" => "ffn_gate",
        "mlp.up_proj" => "ffn_up",
        "mlp.down_proj" => "ffn_down",
        _ => return None,
    };
    Some(format!("blk.{layer}.{known}.{end}"))
}
