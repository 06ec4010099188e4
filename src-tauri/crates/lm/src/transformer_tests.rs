//! The model on both engines, every family.

use super::*;
use crate::block::Kind;
use crate::engine::{Cpu, Tensors};
use crate::gguf::{Header, Layout, TensorInfo, Value};
use crate::load::{self, Files, Load};
use crate::random::Random;
use candle_core::{Device, Var};

/// A file in memory.
struct Bytes(Vec<u8>);

impl Files for Bytes {
    fn bytes(&self, _: usize) -> &[u8] {
        &self.0
    }
    fn done(&self, _: usize, _: usize, _: usize) {}
}

const VOCABULARY: usize = 50;

/// A small model of random weights: two layers that see all or a window of 4.
fn parts(architecture: &str, kind: Kind) -> (Header, Bytes) {
    let mut random = Random::new(3);
    let mut header = Header::default();
    let mut bytes = Vec::new();
    let (width, heads, kv_heads, head, inner) = (256, 4, 2, 64, 512);
    let mut set =
        |key: &str, value: Value| header.values.insert(format!("{architecture}.{key}"), value);
    for (key, number) in [
        ("block_count", 2),
        ("embedding_length", width),
        ("feed_forward_length", inner),
        ("context_length", 100),
        ("attention.head_count", heads),
        ("attention.head_count_kv", kv_heads),
        ("attention.key_length", head),
        ("attention.sliding_window", 4),
        ("attention.sliding_window_pattern", 2),
    ] {
        set(key, Value::Integer(number as i64));
    }
    set("attention.layer_norm_rms_epsilon", Value::Float(1e-5));
    if architecture == "gemma3" {
        set("attn_logit_softcapping", Value::Float(5.0));
        set("final_logit_softcapping", Value::Float(3.0));
    }
    header.values.insert(
        "general.architecture".into(),
        Value::Text(architecture.into()),
    );
    let mut tensor = |name: String, shape: Vec<usize>| {
        let count = shape.iter().product::<usize>();
        let start = bytes.len();
        let kind = if shape.len() == 1 { Kind::F32 } else { kind };
        if shape.len() == 1 {
            bytes.extend((0..count).flat_map(|n| (0.5 + n as f32 / count as f32).to_le_bytes()));
        } else {
            // Rounded by candle, so that the weights are like a real model's.
            let device = &Device::Cpu;
            let size = 2.0 / (shape[1] as f32).sqrt();
            let values: Vec<f32> = (0..count)
                .map(|_| (random.unit() - 0.5) * 2.0 * size)
                .collect();
            let values = candle_core::Tensor::from_vec(values, shape.as_slice(), device).unwrap();
            let dtype = if kind == Kind::Q4K {
                candle_core::quantized::GgmlDType::Q4K
            } else {
                candle_core::quantized::GgmlDType::F32
            };
            let packed = candle_core::quantized::QTensor::quantize(&values, dtype).unwrap();
            bytes.extend_from_slice(&packed.data().unwrap());
        }
        let info = TensorInfo {
            shape,
            kind,
            file: 0,
            start,
            length: bytes.len() - start,
        };
        header.tensors.insert(name, info);
    };
    tensor("token_embd.weight".into(), vec![VOCABULARY, width]);
    tensor("output_norm.weight".into(), vec![width]);
    for layer in 0..2 {
        let mut tensor =
            |name: &str, shape: &[usize]| tensor(format!("blk.{layer}.{name}"), shape.to_vec());
        let (rows, kv_rows) = (heads * head, kv_heads * head);
        for (name, rows) in [("attn_q", rows), ("attn_k", kv_rows), ("attn_v", kv_rows)] {
            tensor(&format!("{name}.weight"), &[rows, width]);
            if architecture == "qwen2" {
                tensor(&format!("{name}.bias"), &[rows]);
            }
        }
        tensor("attn_output.weight", &[width, rows]);
        tensor("ffn_gate.weight", &[inner, width]);
        tensor("ffn_up.weight", &[inner, width]);
        tensor("ffn_down.weight", &[width, inner]);
        for name in [
            "attn_norm",
            "ffn_norm",
            "post_attention_norm",
            "post_ffw_norm",
        ] {
            tensor(&format!("{name}.weight"), &[width]);
        }
        for name in ["attn_q_norm", "attn_k_norm"] {
            tensor(&format!("{name}.weight"), &[head]);
        }
    }
    (header, Bytes(bytes))
}

fn forward<E: Load>(model: &Transformer<E>, tokens: &[u32], cache: &mut Cache<E>) -> Vec<f32> {
    let mut all = Vec::new();
    let mut each = |_: usize, scores: &[f32]| all.extend_from_slice(scores);
    let flow = model.read(
        cache,
        tokens,
        &mut Want::Each(&mut each),
        false,
        &mut |_| ControlFlow::Continue(()),
    );
    assert!(flow.unwrap().is_continue());
    all
}

fn model<E: Load>(engine: E, architecture: &str, kind: Kind, layout: Layout) -> Transformer<E> {
    let (mut header, bytes) = parts(architecture, kind);
    header.layout = layout;
    load::transformer(engine, &header, &bytes, VOCABULARY).unwrap()
}

/// A small model of random weights on the processor.
pub fn model_of(architecture: &str, kind: Kind) -> Transformer<Cpu> {
    model(Cpu::new(1).unwrap(), architecture, kind, Layout::Ggml)
}

/// The same on candle's operators.
pub fn tensors_of(architecture: &str, kind: Kind) -> Transformer<Tensors> {
    let engine = Tensors::new(Device::Cpu, false);
    model(engine, architecture, kind, Layout::Ggml)
}

const FAMILIES: [&str; 4] = ["llama", "qwen2", "qwen3", "gemma3"];

#[test]
fn the_engines_agree() {
    for architecture in FAMILIES {
        for layout in [Layout::Ggml, Layout::HuggingFace] {
            let ours = model(Cpu::new(2).unwrap(), architecture, Kind::F32, layout);
            let theirs = model(
                Tensors::new(Device::Cpu, false),
                architecture,
                Kind::F32,
                layout,
            );
            let (mut cache, mut other) = (ours.cache().unwrap(), theirs.cache().unwrap());
            // A first part, then a second behind it.
            for tokens in [&[1u32, 7, 30, 49, 3, 3, 8, 41][..], &[8, 9, 7]] {
                let a = forward(&ours, tokens, &mut cache);
                let b = forward(&theirs, tokens, &mut other);
                assert_eq!(a.len(), tokens.len() * VOCABULARY);
                for (a, b) in a.iter().zip(&b) {
                    assert!(
                        (a - b).abs() < 4e-3,
                        "{architecture} {layout:?}: {a} and {b}"
                    );
                }
            }
        }
    }
}

/// What runs on a graphics card, here on candle's own processor: it rounds inputs to 8 bits, so it is only near.
#[test]
fn quantised_tensors_are_near() {
    for architecture in FAMILIES {
        let ours = model(Cpu::new(1).unwrap(), architecture, Kind::Q4K, Layout::Ggml);
        let theirs = model(
            Tensors::new(Device::Cpu, true),
            architecture,
            Kind::Q4K,
            Layout::Ggml,
        );
        let (mut cache, mut other) = (ours.cache().unwrap(), theirs.cache().unwrap());
        let tokens = [1u32, 7, 30, 49, 3];
        let a = forward(&ours, &tokens, &mut cache);
        let b = forward(&theirs, &tokens, &mut other);
        let size = a.iter().map(|x| x * x).sum::<f32>();
        let off = a
            .iter()
            .zip(&b)
            .map(|(a, b)| (a - b) * (a - b))
            .sum::<f32>();
        assert!(off < size * 2e-3, "{architecture}: off by {off} of {size}");
        assert!(ours.weight_bytes() > 0 && theirs.weight_bytes() > 0);
    }
}

#[test]
fn chunks_and_cached_tokens_equal_the_plain_forward() {
    for architecture in FAMILIES {
        let model = model(Cpu::new(2).unwrap(), architecture, Kind::Q4K, Layout::Ggml);
        let tokens: Vec<u32> = (0..29).map(|n| n * 7 % 50).collect();
        let whole = forward(&model, &tokens, &mut model.cache().unwrap());
        for size in [1, 2, 3, 8, 13] {
            let mut cache = model.cache().unwrap();
            let parts: Vec<f32> = tokens
                .chunks(size)
                .flat_map(|tokens| forward(&model, tokens, &mut cache))
                .collect();
            assert_eq!(parts, whole, "{architecture}, {size} at a time");
            // Taken back, and read again.
            cache.truncate(11);
            let again = forward(&model, &tokens[11..], &mut cache);
            assert_eq!(again, whole[11 * VOCABULARY..], "{architecture}");
            // A copy is a memory of its own.
            cache.truncate(20);
            let mut copy = cache.copy(&model.engine).unwrap();
            forward(&model, &[1, 2, 3], &mut cache);
            let again = forward(&model, &tokens[20..], &mut copy);
            assert_eq!(again, whole[20 * VOCABULARY..], "{architecture}");
        }
    }
}

#[test]
fn the_tensors_have_a_gradient_through_a_layer() {
    for architecture in FAMILIES {
        let model = model(
            Tensors::new(Device::Cpu, false),
            architecture,
            Kind::F32,
            Layout::Ggml,
        );
        let mut cache = model.cache().unwrap();
        cache.reserve(&model.engine, 16).unwrap();
        let step = model.begin(&[1, 7, 30], 0).unwrap();
        let x = Var::from_tensor(&step.x).unwrap();
        let step = Step {
            x: x.as_tensor().clone(),
            ..step
        };
        let step = model.layer(0, step, &mut cache).unwrap();
        let step = model.layer(1, step, &mut cache).unwrap();
        let gradients = step.x.sqr().unwrap().sum_all().unwrap().backward().unwrap();
        let gradient = gradients
            .get(x.as_tensor())
            .expect("a gradient")
            .to_vec2::<f32>()
            .unwrap();
        assert!(
            gradient.iter().all(|row| row.iter().any(|x| *x != 0.0)),
            "{architecture}"
        );
    }
}

#[test]
fn an_empty_header_is_no_model() {
    assert!(Config::from_header(&Header::default()).is_err());
}

#[test]
fn the_likeliest_scores_are_those_of_all() {
    let mut model = model(Cpu::new(2).unwrap(), "gemma3", Kind::F32, Layout::Ggml);
    let (rows, width) = (8000, model.config.width);
    let head = crate::pack::tests::head(rows, width, 7);
    model.head.weights = std::sync::Arc::new(head);
    // Far enough away that no two scores become equal.
    model.config.final_cap = Some(1e5);
    let tokens: Vec<u32> = (0..20).map(|n| n * 7 % VOCABULARY as u32).collect();
    let all = forward(&model, &tokens, &mut model.cache().unwrap());
    let also = [17, 4000];
    let read = |least: usize| {
        let mut found = Vec::new();
        let mut each = |position: usize, best: Best| {
            assert_eq!(position, found.len());
            found.push(best);
        };
        let mut want = Want::Best {
            least,
            also: &also,
            each: &mut each,
        };
        let pulse = &mut |_: usize| ControlFlow::Continue(());
        let cache = &mut model.cache().unwrap();
        assert!(
            model
                .read(cache, &tokens, &mut want, true, pulse)
                .unwrap()
                .is_continue()
        );
        found
    };
    // Few enough to be looked for, and so many that all are given.
    for (least, most) in [(8, rows / 8), (4000, rows)] {
        for (best, all) in read(least).iter().zip(all.chunks_exact(rows)) {
            assert!(best.len() >= least && best.len() <= most);
            assert!(best.iter().all(|(id, score)| all[*id as usize] == *score));
            let mut order: Vec<u32> = (0..rows as u32).collect();
            order.sort_by(|a, b| all[*b as usize].total_cmp(&all[*a as usize]));
            for id in order[..least].iter().chain(&also) {
                assert!(best.iter().any(|(found, _)| found == id));
            }
        }
    }
}
