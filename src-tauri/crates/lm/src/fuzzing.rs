//! Doors for the fuzzer, which is not to write files. Not part of the interface.

use crate::config::Config;
use crate::engine::Cpu;
use crate::gguf::{self, Header, Value};
use crate::load::{self, Files};
use crate::tokenizer::Tokenizer;

struct Bytes<'a>(&'a [u8]);

impl Files for Bytes<'_> {
    fn bytes(&self, _: usize) -> &[u8] {
        self.0
    }
    fn done(&self, _: usize, _: usize, _: usize) {}
}

/// Reads bytes as each kind of file, and loads what they describe.
pub fn headers(bytes: &[u8]) {
    let mut other = Header::default();
    let _ = crate::safetensors::tensors(bytes, 0, &mut other);
    let Ok(header) = gguf::read(bytes) else {
        return;
    };
    let _ = Config::from_header(&header);
    let size = Tokenizer::from_header(&header).map_or(0, |tokenizer| tokenizer.size());
    if let Ok(engine) = Cpu::new(1) {
        let _ = load::transformer(engine, &header, &Bytes(bytes), size);
    }
}

/// Makes a tokenizer of each kind from the first half of the bytes, and sends the rest through it.
pub fn tokenizer(bytes: &[u8]) {
    let (list, text) = bytes.split_at(bytes.len() / 2);
    let words: Vec<String> = list
        .split(|byte| *byte == b'|')
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .collect();
    let text = String::from_utf8_lossy(text);
    let kinds = words
        .iter()
        .map(|word| word.bytes().next().map_or(1, |byte| i64::from(byte % 8)));
    let scores = words
        .iter()
        .map(|word| word.len() as f32 - f32::from(u8::from(word.starts_with('a'))) * 3.0);
    for (model, pre) in [
        ("gpt2", "qwen2"),
        ("gpt2", "smollm"),
        ("gpt2", "llama-bpe"),
        ("llama", "default"),
    ] {
        let mut header = Header::default();
        let merges = words
            .iter()
            .filter(|word| word.contains(' '))
            .cloned()
            .collect();
        for (key, value) in [
            ("model", Value::Text(model.into())),
            ("pre", Value::Text(pre.into())),
            ("tokens", Value::Texts(words.clone())),
            ("merges", Value::Texts(merges)),
            ("token_type", Value::Integers(kinds.clone().collect())),
            ("scores", Value::Floats(scores.clone().collect())),
        ] {
            header.values.insert(format!("tokenizer.ggml.{key}"), value);
        }
        if let Ok(tokenizer) = Tokenizer::from_header(&header) {
            for special in [false, true] {
                let ids = tokenizer.encode(&text, special);
                assert!(ids.iter().all(|id| (*id as usize) < tokenizer.size()));
                let _ = tokenizer.decode(&ids);
            }
        }
    }
}
