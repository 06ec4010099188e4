//! Many texts asked for at once, against each asked for alone.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod tiny_model;

use std::ops::ControlFlow::{self, Break, Continue};

use moqi_lm::{Base, Error, Sampling};

fn base(architecture: &str) -> Base {
    let folder = tempfile::tempdir().unwrap();
    let file = tiny_model::write(&folder, &tiny_model::parts(architecture, 5).bytes().1);
    Base::load(&file).unwrap()
}

fn go_on() -> ControlFlow<()> {
    Continue(())
}

#[test]
fn texts_asked_for_together_are_as_likely_as_alone() {
    for architecture in ["llama", "qwen2", "qwen3", "gemma3"] {
        let base = base(architecture);
        let prompt = "<|im_start|>The Seller ";
        let texts = ["138 0011 2233", "139", "", "违约金", "138 0011 2244", "a"];
        let mut session = base.session().unwrap();
        let found = session
            .continuations(prompt, "calls ", &texts, &mut go_on)
            .unwrap()
            .unwrap();
        let start = base.session().unwrap().score_after(prompt, "calls ");
        let start = start.unwrap().sum();
        for (text, found) in texts.iter().zip(&found) {
            let mut alone = base.session().unwrap();
            let alone = alone.score_after(prompt, &format!("calls {text}")).unwrap();
            let wanted = alone.sum() - start;
            assert!(
                (wanted - found.logprob).abs() < 1e-3,
                "{architecture} {text}: {wanted} and {}",
                found.logprob
            );
            let tops = alone.tokens.iter().zip(&alone.top1);
            let greedy = tops.skip(6).all(|((token, _), top)| token == top);
            assert_eq!((found.tokens, found.greedy), (text.len(), greedy), "{text}");
        }
        // The session goes on as if nothing had been asked.
        let sampling = Sampling {
            max_tokens: 8,
            ..Sampling::default()
        };
        let write = |session: &mut moqi_lm::Session| {
            let written = session.generate("The Seller ", &sampling, &mut |_| Continue(()));
            written.unwrap().text
        };
        assert_eq!(write(&mut session), write(&mut base.session().unwrap()));
    }
}

#[test]
fn what_is_written_greedily_is_known_without_writing_it() {
    let base = base("llama");
    let greedy = Sampling {
        max_tokens: 5,
        temperature: 0.0,
        repeat_penalty: 1.0,
        ..Sampling::default()
    };
    let mut session = base.session().unwrap();
    let written = session
        .generate("The Seller ", &greedy, &mut |_| Continue(()))
        .unwrap()
        .text;
    let other = format!("{written}?");
    let found = session
        .continuations("The Seller ", "", &[&written, "138", &other], &mut go_on)
        .unwrap()
        .unwrap();
    if !written.contains('\u{fffd}') {
        assert!(found[0].greedy && found[0].logprob > found[1].logprob);
    }
    assert!(!found[1].greedy);
}

#[test]
fn a_beginning_that_joins_with_a_text_is_read_as_they_stand_together() {
    // `t` and `he` are one token of this model.
    let base = base("llama");
    let mut session = base.session().unwrap();
    let found = session.continuations("At ", "t", &["he", "a"], &mut go_on);
    let found = found.unwrap().unwrap();
    for (found, text) in found.iter().zip(["the", "ta"]) {
        let alone = base.session().unwrap().score_after("At ", text).unwrap();
        assert_eq!(found.tokens, alone.tokens.len());
        assert!((found.logprob - alone.sum()).abs() < 1e-4);
    }
}

#[test]
fn nothing_is_asked_where_there_is_no_room_or_it_is_broken_off() {
    let base = base("llama");
    let mut session = base.session().unwrap();
    let long = "x".repeat(tiny_model::CONTEXT as usize);
    let refused = session.continuations("At ", "", &[&long, "a"], &mut go_on);
    assert!(matches!(refused, Err(Error::TooLong { .. })), "{refused:?}");
    let stopped = session.continuations("At ", "", &["abc", "a"], &mut || Break(()));
    assert!(stopped.unwrap().is_none());
    let nothing = session.continuations("At ", "", &[], &mut go_on);
    assert!(nothing.unwrap().unwrap().is_empty());
    // After a break it answers as before.
    let again = session.continuations("At ", "", &["abc", "a"], &mut go_on);
    let fresh = base
        .session()
        .unwrap()
        .continuations("At ", "", &["abc", "a"], &mut go_on);
    assert_eq!(again.unwrap(), fresh.unwrap());
}
