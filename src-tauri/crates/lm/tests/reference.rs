//! The model against llama.cpp, on three legal texts: the same ids, and nearly the same probabilities.
//!
//! Needs the model file: `MOQI_TEST_MODEL` names it, or it lies under `MOQI_HOME/models`. The reference was written by
//! `tests/reference/lm/make_reference.py`, which also says what the stored classes mean: the divergence computed from
//! them is a lower bound of the exact one. `MOQI_FULL_REFERENCE` names the folder of its full output, where that was made.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::print_stdout, reason = "figures and skips are shown")]

mod tiny_model;

use std::path::Path;

mod model_file;

use moqi_lm::{Base, Message, Role, Sampling, Stop};

struct Reference {
    ids: Vec<u32>,
    groups: usize,
    /// Per position: ids and log-probabilities of the most likely, and the masses of the groups of the others.
    rows: Vec<(Vec<u32>, Vec<f64>, Vec<f64>)>,
}

fn read(path: &Path) -> Reference {
    let bytes = std::fs::read(path).unwrap();
    assert_eq!(&bytes[..4], b"MQLS");
    let u16_at = |at: usize| u32::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    let u32_at = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let [count, kept, groups] = [4, 8, 12].map(|at| u32_at(at) as usize);
    let ids = (0..count).map(|n| u32_at(16 + 4 * n)).collect();
    let size = 6 * kept + 4 * groups;
    let rows = (0..count).map(|n| {
        let start = 16 + 4 * count + n * size;
        let top = (0..kept).map(|k| u32_at(start + 4 * k)).collect();
        let logs = (0..kept)
            .map(|k| -f64::from(u16_at(start + 4 * kept + 2 * k)) / 2048.0)
            .collect();
        let masses = (0..groups)
            .map(|g| f64::from(f32::from_bits(u32_at(start + 6 * kept + 4 * g))))
            .collect();
        (top, logs, masses)
    });
    let rows = rows.collect();
    assert_eq!(bytes.len(), 16 + 4 * count + count * size);
    Reference { ids, groups, rows }
}

/// `Σ p (ln p - ln q)` over the stored classes, p from llama.cpp and q from our log-probabilities.
fn divergence(
    (top, logs, masses): &(Vec<u32>, Vec<f64>, Vec<f64>),
    groups: usize,
    ours: &[f32],
) -> f64 {
    let mut other = vec![0f64; groups];
    let mut taken = vec![false; ours.len()];
    top.iter().for_each(|id| taken[*id as usize] = true);
    for (id, logprob) in ours.iter().enumerate().filter(|(id, _)| !taken[*id]) {
        other[id % groups] += f64::from(*logprob).exp();
    }
    // The stored logarithms are rounded to 1/2048: p is made to sum to one again.
    let total: f64 = logs.iter().map(|log| log.exp()).sum::<f64>() + masses.iter().sum::<f64>();
    let near = top
        .iter()
        .zip(logs)
        .map(|(id, log)| log.exp() / total * (log - total.ln() - f64::from(ours[*id as usize])));
    let rest = masses
        .iter()
        .zip(&other)
        .filter(|(p, _)| **p > 0.0)
        .map(|(p, q)| p / total * ((p / total).ln() - q.max(1e-30).ln()));
    near.sum::<f64>() + rest.sum::<f64>()
}

fn first_best(logprobs: &[f32]) -> u32 {
    let best = logprobs.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    u32::try_from(logprobs.iter().position(|x| *x == best).unwrap()).unwrap()
}

#[test]
fn smollm2_agrees_with_llama_cpp() {
    let Some(path) = model_file::find() else {
        return;
    };
    agrees(&path, "", 0.0005);
}

/// `MOQI_TEST_GEMMA` names the file of Gemma 3 270M, whose licence forbids to keep it with the tests.
#[test]
fn gemma_agrees_with_llama_cpp() {
    match std::env::var_os("MOQI_TEST_GEMMA") {
        Some(path) => agrees(Path::new(&path), "gemma-", 0.0005),
        None => println!("skipped: MOQI_TEST_GEMMA names no file"),
    }
}

/// Compares a model with the stored runs of llama.cpp over three texts.
fn agrees(path: &Path, prefix: &str, most: f64) {
    let base = Base::load(path).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/reference/lm");
    let (mut sum, mut same, mut count) = (0.0, 0, 0);
    for name in ["english", "chinese", "mixed"] {
        let text = std::fs::read_to_string(folder.join(name).with_extension("txt")).unwrap();
        let reference = read(&folder.join(format!("{prefix}{name}.ref")));
        let first = usize::from(!prefix.is_empty());
        assert_eq!(
            base.tokenize(&text, false),
            reference.ids[first..],
            "the ids of {name}"
        );
        assert_eq!(base.detokenize(&reference.ids), text);
        let full = std::env::var_os("MOQI_FULL_REFERENCE").map(|full| {
            std::fs::read(Path::new(&full).join(format!("{prefix}{name}.f32"))).unwrap()
        });
        let (mut here, mut exact, mut agreed) = (0.0, 0.0, 0);
        base.session()
            .unwrap()
            .log_probabilities(&reference.ids, &mut |position, ours| {
                let row = &reference.rows[position];
                here += divergence(row, reference.groups, ours);
                agreed += usize::from(first_best(ours) == row.0[0]);
                if let Some(full) = &full {
                    let row = &full[position * ours.len() * 4..][..ours.len() * 4];
                    let theirs = row
                        .chunks_exact(4)
                        .map(|four| f64::from(f32::from_le_bytes(four.try_into().unwrap())));
                    exact += theirs
                        .zip(ours)
                        .map(|(p, q)| p.exp() * (p - f64::from(*q)))
                        .sum::<f64>();
                }
            })
            .unwrap();
        let tokens = reference.ids.len();
        println!(
            "{prefix}{name}: {tokens} tokens, mean KL {:.1e}, top-1 agreement {:.4}",
            here / tokens as f64,
            agreed as f64 / tokens as f64
        );
        if full.is_some() {
            println!(
                "{prefix}{name}: exact mean KL {:.1e}",
                exact / tokens as f64
            );
        }
        sum += here;
        same += agreed;
        count += tokens;
    }
    let (mean, agreement) = (
        sum / f64::from(count as u32),
        f64::from(same as u32) / f64::from(count as u32),
    );
    println!("all: {count} tokens, mean KL {mean:.1e}, top-1 agreement {agreement:.4}");
    assert!(mean <= most, "mean KL {mean}");
    assert!(agreement >= 0.99, "top-1 agreement {agreement}");
}

/// Tiny models, each with a stored reference.
const TINY: [&str; 8] = [
    "llama",
    "qwen2",
    "qwen3",
    "gemma3",
    "gemma3-linear",
    "llama-linear",
    "llama-each",
    "qwen3-yarn",
];

/// The other families, for which no file is at hand: a tiny random model of each, run by llama.cpp on the same tokens.
/// `MOQI_WRITE_TINY` names a folder into which the files are written for the script.
#[test]
fn tiny_models_of_each_family_agree_with_llama_cpp() {
    let references = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/reference/lm");
    for family in TINY {
        let folder = tempfile::tempdir().unwrap();
        let path = tiny_model::write(&folder, &tiny_model::parts(family, 42).bytes().1);
        if let Some(target) = std::env::var_os("MOQI_WRITE_TINY") {
            let name = format!("tiny-{family}.gguf");
            std::fs::copy(&path, Path::new(&target).join(name)).unwrap();
            continue;
        }
        let base = Base::load(&path).unwrap();
        let reference = read(&references.join(format!("tiny-{family}.ref")));
        let (mut most, mut agreed) = (0f64, 0);
        let mut session = base.session().unwrap();
        session
            .log_probabilities(&reference.ids, &mut |position, ours| {
                let row = &reference.rows[position];
                most = most.max(divergence(row, reference.groups, ours));
                agreed += usize::from(first_best(ours) == row.0[0]);
            })
            .unwrap();
        println!(
            "tiny {family}: at most KL {most:.7}, top-1 {agreed} of {}",
            reference.ids.len()
        );
        assert!(
            most < 1e-4 && agreed * 100 >= reference.ids.len() * 98,
            "{family}: {most}, {agreed}"
        );
    }
}

#[test]
fn it_answers_a_question_in_words() {
    let Some(path) = model_file::find() else {
        return;
    };
    let base = Base::load(&path).unwrap();
    let info = base.info();
    assert_eq!(
        (
            info.architecture.as_str(),
            info.quantisation.as_str(),
            info.vocabulary
        ),
        ("llama", "Q4_1", 49152)
    );
    assert_eq!(
        (info.context_length, info.parameters / 1_000_000),
        (8192, 134)
    );
    let prompt = base
        .chat(&[Message::new(
            Role::User,
            "What is the capital of France? Answer in one sentence.",
        )])
        .unwrap();
    assert!(
        prompt.starts_with("<|im_start|>system\n") && prompt.ends_with("<|im_start|>assistant\n"),
        "{prompt}"
    );
    let mut shown = String::new();
    let sampling = Sampling {
        temperature: 0.0,
        max_tokens: 40,
        ..Sampling::default()
    };
    let made = base
        .session()
        .unwrap()
        .generate(&prompt, &sampling, &mut |event| {
            if let moqi_lm::Event::Token { text, .. } = event {
                shown.push_str(text);
            }
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    assert!(made.text.contains("Paris"), "{}", made.text);
    assert_eq!(
        (made.stop, shown.as_str()),
        (Stop::EndOfText, made.text.as_str())
    );
    let good = base
        .session()
        .unwrap()
        .score("The Seller shall deliver the Goods to the Buyer.")
        .unwrap();
    let bad = base
        .session()
        .unwrap()
        .score("The the Goods shall Buyer Seller to deliver.")
        .unwrap();
    assert!(
        good.perplexity * 3.0 < bad.perplexity,
        "{} and {}",
        good.perplexity,
        bad.perplexity
    );
}
