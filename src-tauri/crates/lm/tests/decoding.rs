//! The session on a tiny random model: the memory never changes what comes out.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod tiny_model;

use std::ops::ControlFlow::{Break, Continue};

use moqi_lm::{Base, Error, Event, Message, Role, Sampling, Session, Stop};

const FAMILIES: [&str; 3] = ["llama", "qwen2", "qwen3"];

fn base(architecture: &str) -> Base {
    let folder = tempfile::tempdir().unwrap();
    Base::load(&tiny_model::write(
        &folder,
        &tiny_model::parts(architecture, 42).bytes().1,
    ))
    .unwrap()
}

/// Log-probabilities after each of `tokens` that the memory does not hold yet.
fn after(session: &mut Session, tokens: &[u32]) -> Vec<(usize, Vec<f32>)> {
    let mut all = Vec::new();
    session
        .log_probabilities(tokens, &mut |position, logprobs| {
            all.push((position, logprobs.to_vec()))
        })
        .unwrap();
    all
}

fn some_tokens(count: usize) -> Vec<u32> {
    (0..count as u32)
        .map(|n| (n * 97 + n * n * 31) % 258)
        .collect()
}

#[test]
fn token_by_token_equals_all_at_once() {
    for family in FAMILIES {
        let base = base(family);
        // More than one chunk of 128.
        let tokens = some_tokens(150);
        let together = after(&mut base.session().unwrap(), &tokens);
        assert_eq!(together.len(), 150);
        // The past matters: the same token elsewhere is followed by something else.
        assert!(together.iter().zip(&together[1..]).all(|(a, b)| a.1 != b.1));
        let mut session = base.session().unwrap();
        for (n, (position, logprobs)) in together.iter().enumerate() {
            let step = after(&mut session, &tokens[..=n]);
            assert_eq!((step.len(), step[0].0), (1, *position));
            assert_eq!(&step[0].1, logprobs);
        }
    }
}

#[test]
fn however_the_text_is_cut_and_cut_back_the_rest_is_the_same() {
    for family in FAMILIES {
        let base = base(family);
        let tokens = some_tokens(200);
        let together = after(&mut base.session().unwrap(), &tokens);
        for cuts in [vec![1, 200], vec![7, 8, 60, 199, 200], vec![129, 131, 200]] {
            let mut session = base.session().unwrap();
            for cut in cuts {
                for (position, logprobs) in after(&mut session, &tokens[..cut]) {
                    assert_eq!(logprobs, together[position].1);
                }
            }
            assert_eq!(session.length(), 200);
            session.truncate(50);
            assert_eq!(session.length(), 50);
            let again = after(&mut session, &tokens);
            assert_eq!((again.len(), again[0].0), (150, 50));
            assert_eq!(again[149].1, together[199].1);
        }
    }
}

#[test]
fn a_shared_beginning_is_read_once() {
    let base = base("llama");
    let sampling = Sampling {
        temperature: 0.0,
        max_tokens: 12,
        repeat_penalty: 1.0,
        ..Sampling::default()
    };
    let first = "The Seller shall deliver the Goods.".repeat(6);
    let (one, two) = (format!("{first} One"), format!("{first} 第二"));
    let mut session = base.session().unwrap();
    let mut seen = Vec::new();
    let made = session
        .generate(&one, &sampling, &mut |_| Continue(()))
        .unwrap();
    assert_eq!(made.reused_tokens, 0);
    let reused = session
        .generate(&two, &sampling, &mut |event| {
            if let Event::Prefill { done, total } = event {
                seen.push((done, total));
            }
            Continue(())
        })
        .unwrap();
    let shared = base.tokenize(&first, true).len();
    assert!(
        reused.reused_tokens >= shared && reused.reused_tokens < reused.prompt_tokens,
        "{reused:?}"
    );
    assert_eq!(
        seen.first(),
        Some(&(reused.reused_tokens, reused.prompt_tokens))
    );
    assert_eq!(
        seen.last(),
        Some(&(reused.prompt_tokens, reused.prompt_tokens))
    );
    let fresh = base
        .session()
        .unwrap()
        .generate(&two, &sampling, &mut |_| Continue(()))
        .unwrap();
    assert_eq!(
        (fresh.reused_tokens, &fresh.text, fresh.tokens),
        (0, &reused.text, reused.tokens)
    );
    // The same prompt again: all but its last token are known.
    let again = session
        .generate(&two, &sampling, &mut |_| Continue(()))
        .unwrap();
    assert_eq!(
        (again.reused_tokens, again.text),
        (again.prompt_tokens - 1, fresh.text)
    );
}

#[test]
fn a_snapshot_is_taken_up_again() {
    let base = base("qwen3");
    let tokens = some_tokens(90);
    let together = after(&mut base.session().unwrap(), &tokens);
    let mut session = base.session().unwrap();
    after(&mut session, &tokens[..40]);
    let snapshot = session.snapshot().unwrap();
    after(&mut session, &[1, 2, 3]);
    let mut other = base.session().unwrap();
    for session in [&mut session, &mut other] {
        session.restore(&snapshot).unwrap();
        assert_eq!(session.length(), 40);
        let rest = after(session, &tokens);
        assert_eq!((rest.len(), rest[0].0), (50, 40));
        assert_eq!(rest[49].1, together[89].1);
    }
}

#[test]
fn the_seed_decides() {
    let base = base("llama");
    let write = |seed| {
        let sampling = Sampling {
            temperature: 1.5,
            top_k: 0,
            top_p: 1.0,
            min_p: 0.0,
            seed,
            max_tokens: 40,
            ..Sampling::default()
        };
        base.session()
            .unwrap()
            .generate("the", &sampling, &mut |_| Continue(()))
            .unwrap()
            .text
    };
    assert_eq!(write(1), write(1));
    assert_ne!(write(1), write(2));
}

#[test]
fn writing_ends_for_the_reason_it_gives() {
    let base = base("llama");
    let sampling = Sampling {
        temperature: 0.0,
        max_tokens: 20,
        ..Sampling::default()
    };
    let mut shown = String::new();
    let made = base
        .session()
        .unwrap()
        .generate("the Buyer", &sampling, &mut |event| {
            if let Event::Token { text, .. } = event {
                shown.push_str(text);
            }
            Continue(())
        })
        .unwrap();
    assert_eq!(
        (made.stop, made.tokens, &shown),
        (Stop::MaxTokens, 20, &made.text)
    );
    // A stop string out of the middle of what it writes.
    let middle: String = made.text.chars().skip(4).take(3).collect();
    let at = made.text.find(&middle).unwrap();
    let stopped = base
        .session()
        .unwrap()
        .generate(
            "the Buyer",
            &Sampling {
                stop: vec![middle],
                ..sampling.clone()
            },
            &mut |_| Continue(()),
        )
        .unwrap();
    assert_eq!(
        (stopped.stop, stopped.text.as_str()),
        (Stop::StopString, &made.text[..at])
    );
    let none = base
        .session()
        .unwrap()
        .generate(
            "the",
            &Sampling {
                max_tokens: 0,
                ..sampling.clone()
            },
            &mut |_| Continue(()),
        )
        .unwrap();
    assert_eq!(
        (none.stop, none.tokens, none.text.as_str()),
        (Stop::MaxTokens, 0, "")
    );

    // The context is 400 tokens.
    let long = "a ".repeat(195);
    let full = base
        .session()
        .unwrap()
        .generate(
            &long,
            &Sampling {
                max_tokens: 1000,
                ..sampling.clone()
            },
            &mut |_| Continue(()),
        )
        .unwrap();
    assert_eq!(
        (full.stop, full.prompt_tokens, full.tokens),
        (Stop::ContextFull, 390, 11)
    );
    let error = base
        .session()
        .unwrap()
        .generate(&"a ".repeat(201), &sampling, &mut |_| Continue(()))
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::TooLong {
                tokens: 402,
                context: 400
            }
        ),
        "{error}"
    );
}

#[test]
fn an_end_token_ends_the_text() {
    let mut parts = tiny_model::parts("llama", 42);
    // The row of the end token becomes far the longest in one direction, and a state is either along or against it.
    let (_, _, values) = parts.tensor("token_embd.weight");
    let row = 259 * 64..260 * 64;
    values[row].iter_mut().for_each(|x| *x *= 60.0);
    let folder = tempfile::tempdir().unwrap();
    let base = Base::load(&tiny_model::write(&folder, &parts.bytes().1)).unwrap();
    let sampling = Sampling {
        temperature: 0.0,
        max_tokens: 200,
        ..Sampling::default()
    };
    let ended = ["the", "a", "b", "卖方"].iter().filter(|prompt| {
        let made = base
            .session()
            .unwrap()
            .generate(prompt, &sampling, &mut |_| Continue(()))
            .unwrap();
        assert!(made.stop == Stop::MaxTokens || made.tokens < 200);
        made.stop == Stop::EndOfText
    });
    assert!(ended.count() > 0);
}

#[test]
fn a_break_is_heeded_at_once() {
    let base = base("qwen3");
    let sampling = Sampling {
        max_tokens: 300,
        ..Sampling::default()
    };
    for stop_at in 0..8 {
        let (mut events, mut shown, mut written) = (0, String::new(), 0);
        let made = base
            .session()
            .unwrap()
            .generate("the Seller", &sampling, &mut |event| {
                if let Event::Token { text, count } = event {
                    shown.push_str(text);
                    written = count;
                }
                events += 1;
                if events > stop_at {
                    Break(())
                } else {
                    Continue(())
                }
            })
            .unwrap();
        assert_eq!(
            (made.stop, events, made.tokens),
            (Stop::Cancelled, stop_at + 1, written)
        );
        assert!(made.text.starts_with(&shown));
    }
    // After a break while reading, the session still works, and as a fresh one does.
    let mut session = base.session().unwrap();
    let prompt = "the Buyer shall pay the Price. ".repeat(12);
    let mut events = 0;
    let broken = session
        .generate(&prompt, &sampling, &mut |_| {
            events += 1;
            if events == 2 { Break(()) } else { Continue(()) }
        })
        .unwrap();
    assert_eq!((broken.stop, broken.tokens), (Stop::Cancelled, 0));
    assert!(session.length() > 0 && session.length() < broken.prompt_tokens);
    let greedy = Sampling {
        temperature: 0.0,
        max_tokens: 10,
        ..Sampling::default()
    };
    let here = session
        .generate(&prompt, &greedy, &mut |_| Continue(()))
        .unwrap();
    let fresh = base
        .session()
        .unwrap()
        .generate(&prompt, &greedy, &mut |_| Continue(()))
        .unwrap();
    assert_eq!(here.text, fresh.text);
    assert!(here.reused_tokens > 0);
}

/// How long a step takes is the machine's affair (`examples/gaps.rs` measures it); how many tokens it has is ours.
#[test]
fn events_come_often() {
    let base = base("llama");
    // As long as the model can take.
    let words = "the Buyer ";
    let length = |count: usize| base.tokenize(&words.repeat(count), true).len();
    let count = (1..).find(|count| length(count + 1) + 32 > base.info().context_length);
    let prompt = words.repeat(count.unwrap());
    let (mut read, mut total, mut steps, mut written) = (0, 0, 0, 0);
    let greedy = Sampling {
        max_tokens: 30,
        ..Sampling::default()
    };
    let generated = base
        .session()
        .unwrap()
        .generate(&prompt, &greedy, &mut |event| {
            match event {
                Event::Prefill { done, total: all } => {
                    assert!(
                        done - read <= 256,
                        "{} tokens without an event",
                        done - read
                    );
                    (read, total, steps) = (done, all, steps + 1);
                }
                Event::Token { count, .. } => {
                    assert!(count <= written + 1, "a token without an event");
                    written = count;
                }
            }
            Continue(())
        })
        .unwrap();
    assert_eq!((read, written), (total, generated.tokens));
    assert!(steps > 1 && written > 0);
}

#[test]
fn scores_are_those_of_the_text() {
    let base = base("qwen2");
    let mut session = base.session().unwrap();
    let text = "the Seller，卖方";
    let tokens = base.tokenize(text, false);
    let scores = session.score(text).unwrap();
    assert_eq!(
        scores.tokens.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
        tokens[1..]
    );
    let rows = after(&mut base.session().unwrap(), &tokens);
    for (n, logprob) in scores.logprobs.iter().enumerate() {
        assert!((logprob - rows[n].1[tokens[n + 1] as usize]).abs() < 1e-4);
        assert!((rows[n].1.iter().map(|x| x.exp()).sum::<f32>() - 1.0).abs() < 1e-3);
    }
    assert!((scores.nll + scores.sum() / scores.logprobs.len() as f64).abs() < 1e-9);
    assert!(
        (scores.perplexity.ln() - scores.nll).abs() < 1e-9
            && (0.0..=1.0).contains(&scores.agreement())
    );
    // Scoring a continuation gives the same logarithms, for the continuation only, in whatever state the session is.
    for _ in 0..2 {
        let after = session.score_after("the Seller", "，卖方").unwrap();
        let count = after.tokens.len();
        assert_eq!(count, base.tokenize("，卖方", false).len());
        for (a, b) in after
            .logprobs
            .iter()
            .zip(&scores.logprobs[scores.logprobs.len() - count..])
        {
            assert_eq!(a, b);
        }
    }
    for text in ["", "a"] {
        assert!(session.score(text).unwrap().logprobs.is_empty());
    }
    assert!(matches!(
        session.log_probabilities(&[9999], &mut |_, _| {}),
        Err(Error::Compute(_))
    ));
    assert!(matches!(
        session.log_probabilities(&[], &mut |_, _| {}),
        Err(Error::TooLong { .. })
    ));
}

#[test]
fn what_a_file_says_is_told() {
    let base = base("qwen3");
    let info = base.info();
    assert_eq!(
        (
            info.name.as_str(),
            info.architecture.as_str(),
            info.quantisation.as_str()
        ),
        ("Tiny", "qwen3", "F32")
    );
    assert_eq!((info.context_length, info.vocabulary), (400, 260));
    let prompt = base
        .chat(&[
            Message::new(Role::System, "Be brief."),
            Message::new(Role::User, "你好"),
        ])
        .unwrap();
    assert_eq!(
        prompt,
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n你好<|im_end|>\n<|im_start|>assistant\n"
    );
}

/// Texts that repeat themselves, so that much is guessed, and rightly.
#[test]
fn guessing_changes_nothing_but_the_time() {
    for family in ["llama", "qwen2", "qwen3", "gemma3"] {
        let base = base(family);
        for (temperature, dry_multiplier) in [(0.0, 0.0), (0.9, 0.0), (0.0, 0.8)] {
            let prompt = "The Seller shall deliver the Goods. 第二条 The Seller shall ".repeat(3);
            let sampling = |lookup: bool| Sampling {
                temperature,
                max_tokens: 90,
                repeat_penalty: 1.0,
                dry_multiplier,
                seed: 5,
                lookup,
                ..Sampling::default()
            };
            let mut sessions = [base.session().unwrap(), base.session().unwrap()];
            let [guessed, plain] = [0, 1].map(|n| {
                sessions[n]
                    .generate(&prompt, &sampling(n == 0), &mut |_| Continue(()))
                    .unwrap()
            });
            assert_eq!(
                (&guessed.text, guessed.tokens, guessed.stop),
                (&plain.text, plain.tokens, plain.stop),
                "{family} {temperature}"
            );
            assert!(guessed.guessed > 0, "{family}: nothing was guessed");
            assert!(guessed.accepted <= guessed.guessed && plain.guessed == 0);
            // What was guessed wrongly is not in the memory.
            let tokens = some_tokens(20);
            let [a, b] = &mut sessions;
            a.truncate(30);
            b.truncate(30);
            let [a, b] = [a, b].map(|session| {
                after(
                    session,
                    &[base.tokenize(&prompt, true)[..30].to_vec(), tokens.clone()].concat(),
                )
            });
            assert!(a == b, "{family}");
        }
    }
}

#[test]
fn texts_that_come_by_turns_are_read_once() {
    let base = base("qwen3");
    let sampling = Sampling {
        temperature: 0.0,
        max_tokens: 5,
        ..Sampling::default()
    };
    let texts = [
        "The Seller shall deliver. ".repeat(9),
        "第一条 甲方应当付款。".repeat(9),
    ];
    let mut session = base.session().unwrap();
    let mut write = |text: &str| {
        session
            .generate(text, &sampling, &mut |_| Continue(()))
            .unwrap()
    };
    let first = texts.clone().map(|text| write(&format!("{text}One")));
    assert!(first.iter().all(|made| made.reused_tokens < 3));
    for (text, before) in texts.iter().zip(first).cycle().take(6) {
        let made = write(&format!("{text}Two"));
        assert!(made.reused_tokens + 12 > before.prompt_tokens, "{made:?}");
        let fresh = base
            .session()
            .unwrap()
            .generate(&format!("{text}Two"), &sampling, &mut |_| Continue(()))
            .unwrap();
        assert_eq!((made.text, made.tokens), (fresh.text, fresh.tokens));
    }
}

#[test]
fn texts_are_ranked_by_what_the_model_would_write() {
    let base = base("qwen3");
    let prompt = "The Seller ";
    let texts = ["the", "the Goods", "th", "违约", "违约金", ""];
    let mut session = base.session().unwrap();
    let ranked = session.rank(prompt, &texts).unwrap();
    assert_eq!(ranked.len(), texts.len());
    assert!(ranked.is_sorted_by(|a, b| a.share >= b.share));
    let sum: f64 = ranked.iter().map(|ranked| ranked.share).sum();
    assert!((sum - 1.0).abs() < 1e-9);
    for ranked in &ranked {
        // The same as scored alone, by a session that knows nothing.
        let alone = base
            .session()
            .unwrap()
            .score_after(prompt, texts[ranked.index])
            .unwrap();
        assert!(
            (alone.sum() - ranked.logprob).abs() < 1e-5,
            "{ranked:?}, {}",
            alone.sum()
        );
        assert_eq!(alone.tokens.len(), ranked.tokens);
    }
    // By hand: the text's probability, and that of an end after it.
    let end = base.tokenize("<|im_end|>", true)[0];
    let by_hand: Vec<f64> = texts
        .iter()
        .map(|text| {
            let tokens = base.tokenize(&format!("{prompt}{text}"), true);
            let mut log = 0.0;
            let count = base.tokenize(prompt, true).len();
            base.session()
                .unwrap()
                .log_probabilities(&tokens, &mut |position, row| {
                    if position + 1 >= count {
                        let next = tokens.get(position + 1).copied().unwrap_or(end);
                        log += f64::from(row[next as usize]);
                    }
                })
                .unwrap();
            log
        })
        .collect();
    let total: f64 = by_hand.iter().map(|log| log.exp()).sum();
    for ranked in &ranked {
        let share = by_hand[ranked.index].exp() / total;
        assert!((share - ranked.share).abs() < 1e-5, "{ranked:?} {share}");
    }
    assert!(session.rank(prompt, &[]).unwrap().is_empty());
    let scores = session.score_all(&["The Seller", "甲方"]).unwrap();
    assert_eq!(scores[1], base.session().unwrap().score("甲方").unwrap());
}
