//! Folders of Hugging Face against transformers: the same ids and nearly the same probabilities, for tiny random models
//! made by `tests/reference/lm/make_folders.py`; and damaged folders, which are refused.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::{Path, PathBuf};

use moqi_lm::{Base, Error};
use serde_json::Value as Json;

const NAMES: [&str; 5] = ["llama", "llama3", "qwen2", "qwen3", "gemma3"];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../tests/reference/lm/folders")
        .join(name)
}

fn ids(json: &Json) -> Vec<u32> {
    let list = json.as_array().unwrap();
    list.iter()
        .map(|id| u32::try_from(id.as_u64().unwrap()).unwrap())
        .collect()
}

/// Bytes from base64 without padding rules worth a crate.
fn bytes(text: &str) -> Vec<u8> {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let values: Vec<u32> = text
        .bytes()
        .filter_map(|byte| digits.iter().position(|digit| *digit == byte))
        .map(|value| value as u32)
        .collect();
    let mut out = Vec::new();
    for four in values.chunks(4) {
        let word = four.iter().fold(0, |word, value| word << 6 | value) << (6 * (4 - four.len()));
        out.extend(word.to_be_bytes()[1..four.len()].iter());
    }
    out
}

#[test]
fn folders_agree_with_transformers() {
    for name in NAMES {
        let base = Base::load(&folder(name)).unwrap();
        let reference = std::fs::read_to_string(folder(name).join("reference.json")).unwrap();
        let reference: Json = serde_json::from_str(&reference).unwrap();
        for pair in reference["texts"].as_array().unwrap() {
            let text = pair[0].as_str().unwrap();
            let ours = base.tokenize(text, true);
            assert_eq!(ours, ids(&pair[1]), "{name}: {text:?}");
        }
        let rows = reference["rows"].as_u64().unwrap() as usize;
        let logs = bytes(reference["logs"].as_str().unwrap());
        let logs: Vec<f64> = logs
            .chunks_exact(2)
            .map(|two| -f64::from(u16::from_le_bytes([two[0], two[1]])) / 2048.0)
            .collect();
        let tokens = ids(&reference["ids"]);
        assert_eq!(
            (base.info().vocabulary, logs.len()),
            (rows, rows * tokens.len())
        );
        let (mut sum, mut same) = (0.0, 0);
        base.session()
            .unwrap()
            .log_probabilities(&tokens, &mut |position, ours| {
                let theirs = &logs[position * rows..][..rows];
                sum += theirs
                    .iter()
                    .zip(ours)
                    .map(|(p, q)| p.exp() * (p - f64::from(*q)))
                    .sum::<f64>();
                // Among near equals any may be the first: the memory of the past has half precision.
                let largest = theirs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let best = (0..rows)
                    .max_by(|a, b| ours[*a].total_cmp(&ours[*b]))
                    .unwrap();
                same += usize::from(theirs[best] > largest - 0.01);
            })
            .unwrap();
        let mean = sum / tokens.len() as f64;
        // The stored logarithms are rounded to 1/2048, which alone makes a divergence of this size.
        assert!(mean.abs() < 3e-4, "{name}: mean KL {mean}");
        assert!(
            same * 100 >= tokens.len() * 98,
            "{name}: {same} of {}",
            tokens.len()
        );
    }
}

/// A copy of a folder, to be damaged.
fn copy(name: &str) -> tempfile::TempDir {
    let target = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(folder(name)).unwrap().flatten() {
        std::fs::copy(file.path(), target.path().join(file.file_name())).unwrap();
    }
    target
}

fn refusal(folder: &Path) -> String {
    let error = Base::load(folder).err().expect("a refusal");
    assert!(!matches!(error, Error::Compute(_)), "{error}");
    error.to_string()
}

#[test]
fn each_kind_of_fault_is_named() {
    let check = |file: &str, from: &str, to: &str, words: &str| {
        let folder = copy("qwen3");
        let path = folder.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from}");
        std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
        let said = refusal(folder.path());
        assert!(said.contains(words), "{said:?} does not say {words:?}");
    };
    check(
        "config.json",
        "\"qwen3\"",
        "\"mamba\"",
        "the architecture mamba",
    );
    check(
        "config.json",
        "\"hidden_size\": 64",
        "\"hidden_size\": 96",
        "has the shape",
    );
    check(
        "config.json",
        "\"vocab_size\": 384",
        "\"vocab_size\": 99999999",
        "vocab_size",
    );
    check(
        "config.json",
        "\"vocab_size\": 384",
        "\"vocab_size\": 100",
        "beyond vocab_size",
    );
    check("config.json", "{", "[", "config.json");
    check(
        "config.json",
        "\"num_hidden_layers\": 2",
        "\"num_hidden_layers\": 3",
        "blk.2.",
    );
    check("tokenizer.json", "\"BPE\"", "\"Unigram\"", "the tokenizer");
    check("tokenizer.json", r"|\\p{N}|", r"|\\p{N}{2}|", "cuts texts");
    for file in ["config.json", "tokenizer.json", "model.safetensors"] {
        let folder = copy("llama");
        std::fs::remove_file(folder.path().join(file)).unwrap();
        let said = refusal(folder.path());
        let words = if file.ends_with("json") {
            file
        } else {
            "no .safetensors"
        };
        assert!(said.contains(words), "{said}");
    }
    let empty = tempfile::tempdir().unwrap();
    assert!(refusal(empty.path()).contains("config.json is missing"));
    let index = copy("llama");
    let map = r#"{"weight_map":{"a":"../other.safetensors"}}"#;
    std::fs::write(index.path().join("model.safetensors.index.json"), map).unwrap();
    assert!(refusal(index.path()).contains("its index names"));
}

#[test]
fn damaged_weights_do_no_harm() {
    let folder = copy("gemma3");
    let path = folder.path().join("model.safetensors");
    let sound = std::fs::read(&path).unwrap();
    let header = 8 + u64::from_le_bytes(*sound.first_chunk().unwrap()) as usize;
    for length in [
        0,
        1,
        7,
        8,
        9,
        100,
        header - 1,
        header,
        header + 1,
        sound.len() - 1,
    ] {
        std::fs::write(&path, &sound[..length]).unwrap();
        refusal(folder.path());
    }
    for size in [
        u64::MAX,
        1 << 40,
        sound.len() as u64,
        sound.len() as u64 - 7,
    ] {
        let mut bytes = sound.clone();
        bytes[..8].copy_from_slice(&size.to_le_bytes());
        std::fs::write(&path, &bytes).unwrap();
        refusal(folder.path());
    }
    // Any change of a byte of the header is refused or gives some model; it never panics.
    let mut state = 7u64;
    for _ in 0..150 {
        let mut bytes = sound.clone();
        for _ in 0..3 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let at = 8 + (state >> 33) as usize % (header - 8);
            bytes[at] = (state >> 24) as u8;
        }
        std::fs::write(&path, &bytes).unwrap();
        let _ = Base::load(folder.path());
    }
    std::fs::write(&path, &sound).unwrap();
    Base::load(folder.path()).unwrap();
    Base::check(folder.path()).unwrap();
}
