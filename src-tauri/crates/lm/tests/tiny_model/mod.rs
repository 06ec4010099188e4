//! Writes a small GGUF model with random weights, so that tests need no file from elsewhere.
#![allow(
    dead_code,
    reason = "each test binary uses its own part of this module"
)]

use std::path::PathBuf;

/// A value of the metadata.
#[derive(Clone)]
pub enum Meta {
    U32(u32),
    F32(f32),
    Bool(bool),
    Text(String),
    Texts(Vec<String>),
    I32s(Vec<i32>),
}

/// A tensor: name, sizes in ggml's order (the row length first), values as F32.
pub type Tensor = (String, Vec<u64>, Vec<f32>);

/// What a file is made of.
#[derive(Clone)]
pub struct Parts {
    pub meta: Vec<(String, Meta)>,
    pub tensors: Vec<Tensor>,
}

/// Sizes of the tiny model; all rows are whole groups of 32.
pub const WIDTH: u64 = 64;
pub const HEADS: u64 = 4;
pub const KV_HEADS: u64 = 2;
pub const INNER: u64 = 96;
pub const LAYERS: u64 = 3;
pub const CONTEXT: u32 = 400;

/// The 256 letters of byte-level BPE in the order of their bytes (GPT-2).
fn letters() -> Vec<String> {
    let printable = |byte: u32| matches!(byte, 0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff);
    let mut next = 0x100;
    (0..256u32)
        .map(|byte| {
            let code = if printable(byte) {
                byte
            } else {
                next += 1;
                next - 1
            };
            char::from_u32(code).unwrap().to_string()
        })
        .collect()
}

struct Random(u64);

impl Random {
    /// Evenly in -1..1.
    fn next(&mut self) -> f32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / 8_388_608.0 - 1.0
    }
}

/// A tiny model of a family: `llama`, `qwen2`, `qwen3`, `gemma3`; after a dash how its rotary embedding is stretched:
/// `linear`, `yarn`, `each`.
pub fn parts(family: &str, seed: u64) -> Parts {
    let (architecture, stretch) = family.split_once('-').unwrap_or((family, ""));
    let gemma = architecture == "gemma3";
    // The sixth layer of Gemma sees all, the others a window.
    let layers = if gemma { 7 } else { LAYERS };
    let mut tokens = letters();
    tokens.extend(["th", "the", "<|im_start|>", "<|im_end|>"].map(str::to_owned));
    let mut kinds = vec![1i32; tokens.len()];
    let vocabulary = tokens.len() as u64;
    kinds[tokens.len() - 2..].fill(3);
    let key = |name: &str| format!("{architecture}.{name}");
    let number = |n: u64| Meta::U32(n as u32);
    let head = WIDTH / HEADS;
    let pre = if architecture == "llama" {
        "smollm"
    } else {
        "qwen2"
    };
    let mut meta = vec![
        (
            "general.architecture".into(),
            Meta::Text(architecture.into()),
        ),
        ("general.name".into(), Meta::Text("Tiny".into())),
        (key("block_count"), number(layers)),
        (key("context_length"), Meta::U32(CONTEXT)),
        (key("embedding_length"), number(WIDTH)),
        (key("feed_forward_length"), number(INNER)),
        (key("attention.head_count"), number(HEADS)),
        (key("attention.head_count_kv"), number(KV_HEADS)),
        (key("rope.freq_base"), Meta::F32(10_000.0)),
        (key("attention.layer_norm_rms_epsilon"), Meta::F32(1e-5)),
        ("tokenizer.ggml.model".into(), Meta::Text("gpt2".into())),
        ("tokenizer.ggml.pre".into(), Meta::Text(pre.into())),
        ("tokenizer.ggml.tokens".into(), Meta::Texts(tokens)),
        ("tokenizer.ggml.token_type".into(), Meta::I32s(kinds)),
        (
            "tokenizer.ggml.merges".into(),
            Meta::Texts(vec!["t h".into(), "th e".into()]),
        ),
        ("tokenizer.ggml.eos_token_id".into(), Meta::U32(259)),
        ("tokenizer.ggml.add_bos_token".into(), Meta::Bool(false)),
    ];
    if gemma {
        meta.push((key("attention.key_length"), number(head)));
        meta.push((key("attention.value_length"), number(head)));
        meta.push((key("attention.sliding_window"), Meta::U32(24)));
    }
    let scaling = |name: &str| key(&format!("rope.scaling.{name}"));
    if matches!(stretch, "linear" | "yarn") {
        meta.push((scaling("type"), Meta::Text(stretch.into())));
        meta.push((scaling("factor"), Meta::F32(4.0)));
        meta.push((scaling("original_context_length"), Meta::U32(100)));
    }
    let mut random = Random(seed);
    let mut tensors: Vec<Tensor> = Vec::new();
    // Multiples of a power of two, the largest in each group of 32: the loader's rounding to 8 bits keeps them exactly, so
    // that another program which reads the file as it is has the same weights.
    let mut matrix = |name: String, columns: u64, rows: u64, size: f32| {
        let step = (size / 127.0).log2().floor().exp2();
        let values = (0..columns * rows)
            .map(|n| {
                if n % 32 == 0 {
                    127.0 * step
                } else {
                    (random.next() * 127.0).round() * step
                }
            })
            .collect();
        tensors.push((name, vec![columns, rows], values));
    };
    let small = 1.7 / (WIDTH as f32).sqrt();
    matrix("token_embd.weight".into(), WIDTH, vocabulary, 1.0);
    for layer in 0..layers {
        let name = |part: &str| format!("blk.{layer}.{part}.weight");
        // Sharp attention, so that the past matters.
        matrix(name("attn_q"), WIDTH, head * HEADS, small * 3.0);
        matrix(name("attn_k"), WIDTH, head * KV_HEADS, small * 3.0);
        matrix(name("attn_v"), WIDTH, head * KV_HEADS, small);
        matrix(name("attn_output"), head * HEADS, WIDTH, small);
        matrix(name("ffn_gate"), WIDTH, INNER, small);
        matrix(name("ffn_up"), WIDTH, INNER, small);
        matrix(name("ffn_down"), INNER, WIDTH, small);
    }
    let mut vector = |name: String, length: u64, base: f32| {
        let values = (0..length).map(|_| base + random.next() * 0.2).collect();
        tensors.push((name, vec![length], values));
    };
    vector("output_norm.weight".into(), WIDTH, 1.0);
    for layer in 0..layers {
        let name = |part: &str| format!("blk.{layer}.{part}");
        vector(name("attn_norm.weight"), WIDTH, 1.0);
        vector(name("ffn_norm.weight"), WIDTH, 1.0);
        if architecture == "qwen2" {
            vector(name("attn_q.bias"), head * HEADS, 0.3);
            vector(name("attn_k.bias"), head * KV_HEADS, 0.3);
            vector(name("attn_v.bias"), head * KV_HEADS, 0.3);
        }
        if gemma {
            vector(name("post_attention_norm.weight"), WIDTH, 1.0);
            vector(name("post_ffw_norm.weight"), WIDTH, 1.0);
        }
        if architecture == "qwen3" || gemma {
            vector(name("attn_q_norm.weight"), head, 1.0);
            vector(name("attn_k_norm.weight"), head, 1.0);
        }
    }
    if stretch == "each" {
        let factors = (0..head / 2).map(|n| 1.0 + n as f32 * 0.5).collect();
        tensors.push(("rope_freqs.weight".into(), vec![head / 2], factors));
    }
    Parts { meta, tensors }
}

fn text(out: &mut Vec<u8>, text: &str) {
    out.extend((text.len() as u64).to_le_bytes());
    out.extend(text.as_bytes());
}

fn list(out: &mut Vec<u8>, kind: u32, count: usize) {
    out.extend(9u32.to_le_bytes());
    out.extend(kind.to_le_bytes());
    out.extend((count as u64).to_le_bytes());
}

impl Parts {
    /// Takes a tensor out, to be changed and put back by the caller.
    pub fn tensor(&mut self, name: &str) -> &mut Tensor {
        self.tensors
            .iter_mut()
            .find(|tensor| tensor.0 == name)
            .unwrap()
    }

    /// Changes a value of the metadata, or adds it.
    pub fn set(&mut self, key: &str, value: Meta) {
        self.meta.retain(|(known, _)| known != key);
        self.meta.push((key.into(), value));
    }

    /// Header (up to the data) and whole file.
    pub fn bytes(&self) -> (usize, Vec<u8>) {
        let mut out = b"GGUF".to_vec();
        out.extend(3u32.to_le_bytes());
        out.extend((self.tensors.len() as u64).to_le_bytes());
        out.extend((self.meta.len() as u64).to_le_bytes());
        for (key, value) in &self.meta {
            text(&mut out, key);
            match value {
                Meta::U32(n) => {
                    out.extend(4u32.to_le_bytes());
                    out.extend(n.to_le_bytes());
                }
                Meta::F32(x) => {
                    out.extend(6u32.to_le_bytes());
                    out.extend(x.to_le_bytes());
                }
                Meta::Bool(b) => {
                    out.extend(7u32.to_le_bytes());
                    out.push(u8::from(*b));
                }
                Meta::Text(s) => {
                    out.extend(8u32.to_le_bytes());
                    text(&mut out, s);
                }
                Meta::Texts(all) => {
                    list(&mut out, 8, all.len());
                    all.iter().for_each(|s| text(&mut out, s));
                }
                Meta::I32s(all) => {
                    list(&mut out, 5, all.len());
                    all.iter().for_each(|n| out.extend(n.to_le_bytes()));
                }
            }
        }
        let mut offset = 0u64;
        for (name, sizes, values) in &self.tensors {
            text(&mut out, name);
            out.extend((sizes.len() as u32).to_le_bytes());
            sizes.iter().for_each(|size| out.extend(size.to_le_bytes()));
            out.extend(0u32.to_le_bytes());
            out.extend(offset.to_le_bytes());
            offset += (values.len() as u64 * 4).next_multiple_of(32);
        }
        let header = out.len();
        for (_, _, values) in &self.tensors {
            out.resize(out.len().next_multiple_of(32), 0);
            values.iter().for_each(|x| out.extend(x.to_le_bytes()));
        }
        (header, out)
    }
}

/// Writes bytes as a model file.
pub fn write(folder: &tempfile::TempDir, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join("model.gguf");
    std::fs::write(&path, bytes).unwrap();
    path
}
