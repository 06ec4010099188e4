//! Damaged and hostile files are refused: no panic, no hang, no large allocation.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod tiny_model;

use std::time::{Duration, Instant};

use moqi_lm::{Base, Error};
use tiny_model::{Meta, parts, write};

/// The most address space this process has had, in bytes; 0 where the system does not tell. Memory that is asked for counts
/// even if it is never touched.
fn most_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmPeak"))
        .unwrap_or_default();
    line.split_whitespace()
        .nth(1)
        .map_or(0, |kilobytes| kilobytes.parse::<u64>().unwrap() * 1024)
}

/// Loads bytes as a model, quickly and without asking for much memory.
fn load(bytes: &[u8]) -> Result<Base, Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = write(&folder, bytes);
    let started = Instant::now();
    let result = Base::load(&path);
    assert!(started.elapsed() < Duration::from_secs(5));
    // The files here have 400 kB. Threads reserve much address space of their own, several of them for each test.
    let most = most_memory();
    assert!(most < 4 << 30, "{most} bytes for a file of {}", bytes.len());
    result
}

fn refused(bytes: &[u8], what: &str) -> Error {
    match load(bytes) {
        Err(error) => error,
        Ok(_) => panic!("accepted: {what}"),
    }
}

#[test]
fn the_undamaged_file_loads() {
    for family in ["llama", "qwen2", "qwen3"] {
        load(&parts(family, 1).bytes().1).unwrap();
    }
}

#[test]
fn a_file_cut_short_anywhere_is_refused() {
    let (header, bytes) = parts("llama", 1).bytes();
    let step = header / 150;
    for length in
        (0..header)
            .step_by(step)
            .chain([4, 8, 16, 24, header, bytes.len() / 2, bytes.len() - 1])
    {
        let error = refused(
            &bytes[..length],
            &format!("{length} of {} bytes", bytes.len()),
        );
        assert!(
            matches!(error, Error::NotAModel { .. } | Error::Damaged { .. }),
            "{error}"
        );
        assert!(error.to_string().contains("model.gguf"), "{error}");
    }
}

#[test]
fn impossible_numbers_anywhere_in_the_header_do_no_harm() {
    let (header, bytes) = parts("llama", 1).bytes();
    let huge = [u64::MAX, 1 << 63, 1 << 40, 0x7fff_ffff_ffff_ffff, 0];
    let (mut tried, mut errors) = (0, 0);
    // Over the counts at the start with every one of them, then over the whole header.
    let places = (4..32).chain((32..header - 8).step_by(header / 60));
    for at in places {
        for number in huge {
            let mut damaged = bytes.clone();
            damaged[at..at + 8].copy_from_slice(&number.to_le_bytes());
            tried += 1;
            errors += usize::from(load(&damaged).is_err());
        }
    }
    assert!(tried > 300);
    // Some numbers land in a name or a token, which may be anything.
    assert!(errors * 10 > tried * 5, "{errors} of {tried} refused");
}

#[test]
fn flipped_bytes_in_the_lists_of_tensors_do_no_harm() {
    let (header, bytes) = parts("llama", 1).bytes();
    let mut state = 88_172_645_463_325_252u64;
    for _ in 0..150 {
        let mut damaged = bytes.clone();
        for _ in 0..3 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let length = header - header / 4;
            let at = header / 4 + (state % length as u64) as usize;
            damaged[at] ^= (state >> 40) as u8 | 1;
        }
        // Whether it loads depends on the place; it must only end well.
        let _ = load(&damaged);
    }
}

#[test]
fn each_kind_of_fault_is_named() {
    let sound = parts("llama", 1);
    let check = |change: &dyn Fn(&mut tiny_model::Parts), words: &str| {
        let mut parts = sound.clone();
        change(&mut parts);
        let error = refused(&parts.bytes().1, words).to_string();
        assert!(error.contains(words), "{error:?} does not say {words:?}");
    };
    let number = |key: &'static str, n: u32| {
        move |parts: &mut tiny_model::Parts| parts.set(key, Meta::U32(n))
    };
    check(
        &|parts| parts.set("general.architecture", Meta::Text("mamba".into())),
        "the architecture mamba",
    );
    check(
        &|parts| parts.meta.retain(|(key, _)| key != "general.architecture"),
        "names no architecture",
    );
    check(
        &number("llama.block_count", 1000),
        "blk.3.attn_q.weight is missing",
    );
    check(&number("llama.block_count", 0), "llama.block_count");
    check(&number("llama.block_count", u32::MAX), "llama.block_count");
    check(&number("llama.embedding_length", 128), "has the shape");
    check(
        &number("llama.attention.head_count", 0),
        "llama.attention.head_count",
    );
    check(
        &number("llama.attention.head_count_kv", 3),
        "4 heads of 16 over 3",
    );
    check(&number("llama.attention.head_count", 1000), "cannot be");
    check(
        &number("llama.feed_forward_length", 128),
        "ffn_gate.weight has the shape",
    );
    check(&number("llama.expert_count", 8), "mixture of experts");
    check(
        &|parts| parts.set("llama.rope.scaling.type", Meta::Text("yarn".into())),
        "scaling.original_context_length is missing",
    );
    check(
        &|parts| parts.set("llama.rope.scaling.type", Meta::Text("linear".into())),
        "scaling.factor is missing",
    );
    check(
        &|parts| parts.set("llama.rope.scaling.type", Meta::Text("longrope".into())),
        "stretched by longrope",
    );
    check(
        &number("llama.attention.key_length", 24),
        "heads of 24 numbers",
    );
    check(
        &|parts| {
            parts.set(
                "llama.attention.layer_norm_rms_epsilon",
                Meta::F32(f32::NAN),
            )
        },
        "layer_norm_rms_epsilon",
    );
    check(
        &|parts| parts.set("llama.rope.freq_base", Meta::F32(-1.0)),
        "rope.freq_base",
    );
    check(
        &|parts| parts.set("llama.embedding_length", Meta::Text("64".into())),
        "embedding_length",
    );
    check(
        &|parts| parts.set("general.alignment", Meta::U32(3)),
        "alignment",
    );
    check(
        &|parts| parts.set("tokenizer.ggml.model", Meta::Text("bert".into())),
        "the tokenizer bert",
    );
    check(
        &|parts| parts.set("tokenizer.ggml.model", Meta::Text("llama".into())),
        "its scores are missing",
    );
    check(
        &|parts| parts.set("tokenizer.ggml.pre", Meta::Text("odd".into())),
        "the pre-tokenizer odd",
    );
    check(
        &|parts| parts.set("tokenizer.ggml.merges", Meta::Texts(vec!["the the".into()])),
        "the merge",
    );
    check(
        &|parts| parts.set("tokenizer.ggml.token_type", Meta::I32s(vec![1])),
        "list of tokens",
    );
    check(
        &|parts| parts.set("tokenizer.ggml.tokens", Meta::Texts(Vec::new())),
        "list of tokens",
    );
    check(
        &|parts| {
            parts
                .tensors
                .retain(|(name, ..)| name != "output_norm.weight")
        },
        "output_norm.weight is missing",
    );
    check(
        &|parts| parts.tensor("output_norm.weight").1 = vec![8, 8],
        "output_norm.weight has the shape",
    );
    check(
        &|parts| parts.tensor("blk.1.ffn_down.weight").1 = vec![64, 96],
        "blk.1.ffn_down.weight has the shape",
    );
    check(
        &|parts| parts.tensor("blk.1.ffn_down.weight").1 = vec![1, 1, 1, 1, 1],
        "5 dimensions",
    );
    check(
        &|parts| parts.tensor("blk.1.ffn_down.weight").1 = vec![0, 96],
        "cannot be",
    );
    check(
        &|parts| parts.tensor("blk.1.ffn_down.weight").1 = vec![1 << 40, 1 << 40],
        "cannot be",
    );
    check(
        &|parts| parts.tensor("blk.1.ffn_down.weight").1 = vec![1 << 40, 1 << 20],
        "ends at byte",
    );

    let (_, mut bytes) = sound.bytes();
    bytes[0] = b'g';
    assert!(matches!(
        refused(&bytes, "another magic"),
        Error::NotAModel { .. }
    ));
    let (_, mut bytes) = sound.bytes();
    bytes[4] = 9;
    assert!(matches!(
        refused(&bytes, "version 9"),
        Error::Unsupported { .. }
    ));
}

#[test]
fn lists_of_lists_of_lists_are_refused() {
    let mut bytes = b"GGUF".to_vec();
    bytes.extend(3u32.to_le_bytes());
    bytes.extend(0u64.to_le_bytes());
    bytes.extend(1u64.to_le_bytes());
    bytes.extend(1u64.to_le_bytes());
    bytes.push(b'k');
    bytes.extend(9u32.to_le_bytes());
    for _ in 0..200_000 {
        bytes.extend(9u32.to_le_bytes());
        bytes.extend(1u64.to_le_bytes());
    }
    assert!(
        refused(&bytes, "nested lists")
            .to_string()
            .contains("lists of type 9")
    );
}

#[test]
fn what_is_no_file_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(
        Base::load(&folder.path().join("none.gguf")),
        Err(Error::Io { .. })
    ));
    assert!(matches!(
        Base::load(folder.path()),
        Err(Error::Damaged { .. })
    ));
    assert!(load(b"").is_err() && load(b"GGUF").is_err() && load(b"not a model at all").is_err());
}
