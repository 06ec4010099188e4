//! tokenizer.json and tokenizer_config.json in the words of GGUF.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::set;
use crate::gguf::{Header, Refusal, Value};
use crate::tokenizer::{BYTE, CONTROL, NORMAL, UNUSED, USER_DEFINED};

/// Tokens of the largest vocabularies stay far below this.
const MOST_TOKENS: u64 = 1 << 22;

/// Writes the tokenizer into the header. `rows` are those of the embedding, which may be more than there are tokens.
pub fn read(
    tokenizer: &Json,
    settings: &Json,
    rows: u64,
    header: &mut Header,
) -> Result<(), Refusal> {
    let damaged = |what: &str| Refusal::Damaged(format!("tokenizer.json: {what}"));
    let model = &tokenizer["model"];
    if model["type"].as_str().is_some_and(|kind| kind != "BPE") {
        return Err(Refusal::Unknown(format!(
            "the tokenizer {:.40}",
            model["type"]
        )));
    }
    if rows == 0 || rows > MOST_TOKENS {
        return Err(Refusal::Damaged("config.json: vocab_size cannot be".into()));
    }
    let size = usize::try_from(rows).map_err(|_| damaged("it is too large"))?;
    let mut tokens: Vec<Option<String>> = vec![None; size];
    let mut kinds = vec![UNUSED; size];
    let vocabulary = model["vocab"]
        .as_object()
        .ok_or_else(|| damaged("its tokens are missing"))?;
    let sentence = model["byte_fallback"].as_bool().unwrap_or(false);
    let mut put = |id: Option<u64>, token: &str, kind: i64| {
        let place = id
            .and_then(|id| usize::try_from(id).ok())
            .filter(|id| *id < size);
        let place = place.ok_or_else(|| damaged("a token is beyond vocab_size"))?;
        (tokens[place], kinds[place]) = (Some(token.to_owned()), kind);
        Ok::<_, Refusal>(())
    };
    for (token, id) in vocabulary {
        let byte = sentence && token.len() == 6 && token.starts_with("<0x");
        put(id.as_u64(), token, if byte { BYTE } else { NORMAL })?;
    }
    let added = tokenizer["added_tokens"].as_array();
    for token in added.into_iter().flatten() {
        let content = token["content"].as_str().unwrap_or_default();
        let special = token["special"].as_bool().unwrap_or(true);
        put(
            token["id"].as_u64(),
            content,
            if special { CONTROL } else { USER_DEFINED },
        )?;
    }
    let tokens: Vec<String> = tokens
        .into_iter()
        .enumerate()
        .map(|(id, token)| token.unwrap_or_else(|| format!("[PAD{id}]")))
        .collect();
    let mut merges = Vec::new();
    for merge in model["merges"].as_array().into_iter().flatten() {
        merges.push(match merge {
            Json::String(merge) => merge.clone(),
            Json::Array(pair) => match pair.as_slice() {
                [Json::String(a), Json::String(b)] => format!("{a} {b}"),
                _ => return Err(damaged("a merge is no pair")),
            },
            _ => return Err(damaged("a merge is no pair")),
        });
    }
    let ids: HashMap<&str, i64> = tokens.iter().map(String::as_str).zip(0..).collect();
    let named = |key: &str| {
        let name = settings[key]
            .as_str()
            .or(settings[key]["content"].as_str())?;
        ids.get(name).copied()
    };
    for (key, name) in [
        ("bos", "bos_token"),
        ("eos", "eos_token"),
        ("unknown", "unk_token"),
    ] {
        if let Some(id) = named(name) {
            set(
                header,
                &format!("tokenizer.ggml.{key}_token_id"),
                Value::Integer(id),
            );
        }
    }
    let first = settings["bos_token"]
        .as_str()
        .or(settings["bos_token"]["content"].as_str());
    let begins = settings["add_bos_token"].as_bool().unwrap_or_else(|| {
        // What is put around a text, where the settings do not say.
        first.is_some_and(|first| {
            tokenizer["post_processor"]
                .to_string()
                .contains(&format!("\"{first}\""))
        })
    });
    set(header, "tokenizer.ggml.add_bos_token", Value::Bool(begins));
    if let Some(template) = settings["chat_template"].as_str() {
        set(
            header,
            "tokenizer.chat_template",
            Value::Text(template.into()),
        );
    }
    if sentence {
        // A piece is as good as the first merge that makes it.
        let mut scores = vec![-1e9f32; tokens.len()];
        for (rank, merge) in merges.iter().enumerate() {
            let joined = merge.replacen(' ', "", 1);
            if let Some(id) = ids.get(joined.as_str()) {
                let score = &mut scores[usize::try_from(*id).unwrap_or_default()];
                *score = score.max(-(rank as f32));
            }
        }
        let space = tokenizer["normalizer"].to_string().contains("\"Prepend\"");
        set(header, "tokenizer.ggml.model", Value::Text("llama".into()));
        set(header, "tokenizer.ggml.scores", Value::Floats(scores));
        set(
            header,
            "tokenizer.ggml.add_space_prefix",
            Value::Bool(space),
        );
    } else {
        set(header, "tokenizer.ggml.model", Value::Text("gpt2".into()));
        set(header, "tokenizer.ggml.merges", Value::Texts(merges));
        let cut = cut(&tokenizer["pre_tokenizer"])?;
        set(header, "tokenizer.ggml.pre", Value::Text(cut.into()));
    }
    set(header, "tokenizer.ggml.tokens", Value::Texts(tokens));
    set(header, "tokenizer.ggml.token_type", Value::Integers(kinds));
    Ok(())
}

/// The name GGUF has for a way to cut texts.
fn cut(json: &Json) -> Result<&'static str, Refusal> {
    let text = json.to_string();
    // All of these cut contractions, letters and signs alike, and differ in how they take digits.
    let regular = text.contains(r"[^\\s\\p{L}\\p{N}]+[\\r\\n]*");
    if regular && text.contains(r"|\\p{N}{1,3}|") {
        Ok("llama-bpe")
    } else if regular && text.contains(r"|\\p{N}|") {
        Ok("qwen2")
    } else if text.contains("\"Digits\"") && text.contains("\"individual_digits\":true") {
        Ok("smollm")
    } else if json["type"].as_str() == Some("ByteLevel") {
        Ok("gpt-2")
    } else {
        Err(Refusal::Unknown("how its tokenizer cuts texts".into()))
    }
}
