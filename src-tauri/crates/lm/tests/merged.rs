//! Adapters put into the weights of a base: it says what it says with the adapter beside them, and is another base then.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed; a skipped one says so"
)]

mod model_file;
mod tiny_model;

use std::ops::ControlFlow::Continue;

use moqi_lm::{
    Adapter, Base, Error, Example, Examples, LowRank, Method, TrainConfig, measure, train,
};

fn base(family: &str, seed: u64) -> Base {
    let folder = tempfile::tempdir().unwrap();
    let parts = tiny_model::parts(family, seed);
    Base::load(&tiny_model::write(&folder, &parts.bytes().1)).unwrap()
}

fn low_rank() -> LowRank {
    LowRank {
        rank: 4,
        alpha: 12.0,
        ..LowRank::default()
    }
}

fn tuned(base: &Base, examples: Vec<Example>, method: Method, rate: f64) -> Adapter {
    let examples = Examples {
        train: examples,
        ..Examples::default()
    };
    let config = TrainConfig {
        method,
        learning_rate: rate,
        warmup: 0.0,
        steps: Some(3),
        batch_tokens: 160,
        threads: 2,
        ..TrainConfig::default()
    };
    train(base, &examples, &config, None, None, &mut |_| Continue(()))
        .unwrap()
        .adapter
}

fn sentences() -> Vec<Example> {
    let tokens = |n: u32| (0..24).map(|at| (n * 7 + at % 6 * 31) % 250).collect();
    let example = |n| Example {
        tokens: tokens(n),
        from: 5,
    };
    (0..8).map(example).collect()
}

/// Logarithms of the probabilities of all tokens after each of some.
fn said(base: &Base, tokens: &[u32]) -> Vec<Vec<f32>> {
    let mut all = Vec::new();
    let mut session = base.session().unwrap();
    let each = &mut |_: usize, logprobs: &[f32]| all.push(logprobs.to_vec());
    session.log_probabilities(tokens, each).unwrap();
    all
}

/// Mean of what one base's next tokens tell from another's (KL), in nats, and the part of places whose likeliest token is
/// the same.
fn apart(one: &[Vec<f32>], other: &[Vec<f32>]) -> (f64, f64) {
    let likeliest = |of: &[f32]| (0..of.len()).max_by(|a, b| of[*a].total_cmp(&of[*b]));
    let (mut sum, mut same) = (0.0, 0);
    for (p, q) in one.iter().zip(other) {
        let terms = p.iter().zip(q);
        sum += terms
            .map(|(p, q)| f64::from(*p).exp() * f64::from(p - q))
            .sum::<f64>();
        same += usize::from(likeliest(p) == likeliest(q));
    }
    (sum / one.len() as f64, same as f64 / one.len() as f64)
}

#[test]
fn a_merged_base_says_what_the_adapted_one_says() {
    let text: Vec<u32> = (0..60).map(|n| n * 37 % 250).collect();
    for family in ["llama", "qwen2", "qwen3", "gemma3"] {
        for method in [
            Method::Lora(low_rank()),
            Method::Dora(low_rank()),
            Method::Full,
        ] {
            let base = base(family, 5);
            let adapter = tuned(&base, sentences(), method.clone(), 2e-2);
            let beside = said(&base.adapted(&adapter).unwrap(), &text);
            let inside = said(&base.merged(&adapter).unwrap(), &text);
            let (moved, _) = apart(&said(&base, &text), &beside);
            let (lost, _) = apart(&beside, &inside);
            // Measured: 1.07 at least, and 3.2e-7 at most.
            assert!(moved > 0.1, "{family} {method:?}: {moved}");
            assert!(lost.abs() < 1e-6, "{family} {method:?}: {lost} of {moved}");
        }
    }
}

#[test]
fn a_merged_base_is_another_base() {
    let base = base("llama", 5);
    let adapter = tuned(&base, sentences(), Method::Lora(low_rank()), 2e-2);
    let merged = base.merged(&adapter).unwrap();
    assert_ne!(merged.fingerprint(), base.fingerprint());
    // The same adapter gives the same base, and another one another.
    let again = base.merged(&adapter).unwrap();
    assert_eq!(merged.fingerprint(), again.fingerprint());
    let other = tuned(&base, sentences(), Method::Lora(low_rank()), 1e-2);
    let other = base.merged(&other).unwrap();
    assert_ne!(merged.fingerprint(), other.fingerprint());
    // What was learnt for the base does not go on top of itself.
    assert!(matches!(
        merged.merged(&adapter),
        Err(Error::OtherBase { .. })
    ));
    assert!(matches!(
        merged.adapted(&adapter),
        Err(Error::OtherBase { .. })
    ));
}

/// One beside the weights would be left out without a word by what reads the weights alone.
#[test]
fn a_base_with_an_adapter_is_only_for_drafting() {
    let base = base("llama", 5);
    let adapter = tuned(&base, sentences(), Method::Lora(low_rank()), 2e-2);
    let adapted = base.adapted(&adapter).unwrap();
    let examples = Examples {
        train: sentences(),
        ..Examples::default()
    };
    let config = TrainConfig {
        steps: Some(1),
        threads: 1,
        ..TrainConfig::default()
    };
    let trained = |base: &Base, from| {
        train(base, &examples, &config, from, None, &mut |_| Continue(())).map(|_| ())
    };
    let measured = |base: &Base, adapter| {
        measure(base, adapter, &sentences(), 1, &mut || Continue(())).map(|_| ())
    };
    let all = |base: &Base| {
        [
            trained(base, None),
            trained(base, Some(&adapter)),
            measured(base, None),
            measured(base, Some(&adapter)),
            base.adapted(&adapter).map(|_| ()),
            base.merged(&adapter).map(|_| ()),
        ]
    };
    assert!(all(&base).iter().all(Result::is_ok));
    for (at, refused) in all(&adapted).into_iter().enumerate() {
        let refused = refused.err().unwrap();
        assert!(matches!(refused, Error::Adapted), "{at}: {refused}");
        assert!(refused.to_string().contains("bare model"), "{refused}");
    }
}

#[test]
fn what_is_no_change_of_weights_is_refused_with_a_reason() {
    let base = base("llama", 5);
    for (method, why) in [
        (Method::Bottleneck { size: 4 }, "small layers"),
        (Method::Prefix { tokens: 2 }, "keys and values"),
    ] {
        let adapter = tuned(&base, sentences(), method, 1e-2);
        let refused = base.merged(&adapter).err().unwrap();
        assert!(matches!(refused, Error::CannotMerge { .. }));
        assert!(refused.to_string().contains(why), "{refused}");
    }
}

/// The base is in 4 bits, so that the touched weights are rounded once more.
#[test]
fn the_real_model_loses_little_by_being_merged() {
    let Some(file) = model_file::find() else {
        return;
    };
    let base = Base::load(&file).unwrap();
    let text = "The Receiving Party shall keep the Confidential Information secret and shall not disclose it to anyone \
        without the prior written consent of the Disclosing Party, save to those of its employees and professional \
        advisers who need to know it and are bound by duties of confidence no less strict than those set out herein.";
    let learnt = "A Party that wishes to terminate this Agreement shall give the other Party notice in writing.";
    let adapter = tuned(
        &base,
        vec![base.passage(learnt)],
        Method::Lora(low_rank()),
        3e-3,
    );
    let tokens = base.tokenize(text, false);
    let merged = base.merged(&adapter).unwrap();
    assert!(merged.info().weight_bytes > base.info().weight_bytes);
    let beside = said(&base.adapted(&adapter).unwrap(), &tokens);
    let (lost, same) = apart(&beside, &said(&merged, &tokens));
    let (moved, _) = apart(&said(&base, &tokens), &beside);
    println!(
        "{} tokens: moved {moved:.3e}, lost {lost:.3e}, same {same:.3}",
        tokens.len()
    );
    assert!(moved > 1e-2, "{moved}");
    // Two engines that read the same file may be 0.01 apart; this was 0.003.
    assert!(lost < 0.01 && lost < moved / 20.0, "{lost} of {moved}");
    assert!(same >= 0.95, "{same}");
}
