//! What is measured of each example is what a session says of it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod tiny_model;

use std::ops::ControlFlow::{Break, Continue};

use moqi_lm::{Base, Example, Examples, Measured, TrainConfig, measure, measure_each, train};

fn base(architecture: &str) -> Base {
    let folder = tempfile::tempdir().unwrap();
    let parts = tiny_model::parts(architecture, 5);
    Base::load(&tiny_model::write(&folder, &parts.bytes().1)).unwrap()
}

/// Examples of many lengths, more than one batch of them; some repeat themselves, so that they can be learnt.
fn examples() -> Vec<Example> {
    (0..70u32)
        .map(|n| Example {
            tokens: (0..8 + n % 37)
                .map(|at| (n % 3 * 7 + at % 5 * 31) % 250)
                .collect(),
            from: 1 + (n as usize * 3) % 7,
        })
        .collect()
}

/// The same by a session: the sum of the losses, the tokens, and between how many and how many of them are the model's own
/// choice. The two compute in other numbers, so near ties may fall either way.
fn by_session(base: &Base, example: &Example) -> (f64, usize, usize, usize) {
    const TIE: f32 = 0.05;
    let mut session = base.session().unwrap();
    let (mut nll, mut tokens, mut surely, mut perhaps) = (0.0, 0, 0, 0);
    let each = &mut |at: usize, logprobs: &[f32]| {
        if at + 1 < example.from {
            return;
        }
        let target = example.tokens[at + 1] as usize;
        let others = logprobs.iter().enumerate().filter(|(id, _)| *id != target);
        let other = others.fold(f32::NEG_INFINITY, |most, (_, x)| most.max(*x));
        nll -= f64::from(logprobs[target]);
        tokens += 1;
        surely += usize::from(logprobs[target] > other + TIE);
        perhaps += usize::from(logprobs[target] > other - TIE);
    };
    let read = &example.tokens[..example.tokens.len() - 1];
    session.log_probabilities(read, each).unwrap();
    (nll, tokens, surely, perhaps)
}

#[test]
fn each_example_is_measured_as_a_session_scores_it_bare_and_tuned() {
    for family in ["llama", "gemma3"] {
        let base = base(family);
        let all = examples();
        let config = TrainConfig {
            learning_rate: 5e-3,
            steps: Some(80),
            batch_tokens: 256,
            threads: 2,
            ..TrainConfig::default()
        };
        let data = Examples {
            train: all.clone(),
            ..Examples::default()
        };
        let trained = train(&base, &data, &config, None, None, &mut |_| Continue(())).unwrap();
        let tuned = base.adapted(&trained.adapter).unwrap();
        let mut chosen = Vec::new();
        for (adapter, by) in [(None, &base), (Some(&trained.adapter), &tuned)] {
            let mut heard = Vec::new();
            let measured = measure_each(&base, adapter, &all, 2, &mut |done| {
                heard.push(done);
                Continue(())
            });
            let measured = measured.unwrap().unwrap();
            assert_eq!(measured.len(), all.len());
            assert!(heard.is_sorted() && heard.last() == Some(&all.len()));
            assert!(heard.len() > 6, "{heard:?}");
            let (mut least, mut most) = (0, 0);
            for (example, one) in all.iter().zip(&measured) {
                let (nll, tokens, surely, perhaps) = by_session(by, example);
                assert_eq!(one.tokens, tokens);
                assert_eq!(one.tokens, example.wanted());
                let off = (one.nll - nll).abs() / tokens as f64;
                assert!(off < 0.03, "{family}: {} and {nll}", one.nll);
                assert!(
                    (surely..=perhaps).contains(&one.top1),
                    "{family}: {one:?}, {surely} to {perhaps}"
                );
                least += surely;
                most += perhaps;
            }
            assert!(
                most < least + 40,
                "the bounds say something: {least} {most}"
            );
            chosen.push(measured.iter().map(|one| one.top1).sum::<usize>());
            let sum: f64 = measured.iter().map(|one| one.nll).sum();
            let count: usize = measured.iter().map(|one| one.tokens).sum();
            let mean = measure(&base, adapter, &all, 2, &mut || Continue(()));
            assert!((mean.unwrap().unwrap() - sum / count as f64).abs() < 1e-12);
        }
        assert!(chosen[1] > 4 * chosen[0] + 100, "{family}: {chosen:?}");
    }
}

#[test]
fn what_has_nothing_to_measure_counts_nothing_and_a_break_gives_none() {
    let base = base("llama");
    let of = |tokens: &[u32], from| Example {
        tokens: tokens.to_vec(),
        from,
    };
    let odd = [
        of(&[], 0),
        of(&[3], 1),
        of(&[3, 4, 5], 9),
        of(&[3, 4, 5], 0),
        of(&[], 4),
    ];
    let all = measure_each(&base, None, &odd, 1, &mut |_| Continue(()));
    let all = all.unwrap().unwrap();
    for (at, one) in all.iter().enumerate() {
        match at {
            3 => assert!(one.tokens == 2 && one.nll > 0.0 && one.nll.is_finite()),
            _ => assert_eq!(*one, Measured::default(), "{at}"),
        }
    }
    let none = measure_each(&base, None, &[], 1, &mut |_| Continue(()));
    assert_eq!(none.unwrap(), Some(Vec::new()));
    let broken = measure_each(&base, None, &examples(), 1, &mut |done| match done {
        0 => Continue(()),
        _ => Break(()),
    });
    assert_eq!(broken.unwrap(), None);
}
