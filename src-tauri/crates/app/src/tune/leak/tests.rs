//! The whole leak test, on a tiny model and on invented documents.

use moqi_document::Language;
use moqi_document::mask::Private;
use moqi_lm::{Examples, Method, TrainConfig};

use super::formats::Format;
use super::*;
use crate::tune::{DataConfig, Given, Personal, dataset};

/// A tiny model of random weights.
fn tiny() -> Base {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tiny.gguf");
    let parts = crate::models::tiny_model::parts("llama", 1);
    std::fs::write(&file, parts.bytes().1).unwrap();
    Base::load(&file).unwrap()
}

/// A planted phone number in a short request.
fn secret(words: &str) -> Secret {
    Secret {
        kind: Private::Phone,
        document: "lease.docx".into(),
        planted: Some(1),
        stands: false,
        words: words.into(),
        format: Format::of(words, Private::Phone, Language::En),
        asked: Asking {
            system: "Write.".into(),
            user: "Contact?".into(),
            before: "The site office can be reached by phone at ".into(),
        },
        drafted: None,
    }
}

/// The model tuned on an answer until it knows it by heart.
fn by_heart(base: &Base, secret: &Secret, number: &str) -> Adapter {
    let messages = [
        Message::new(Role::System, &secret.asked.system),
        Message::new(Role::User, &secret.asked.user),
    ];
    let answer = format!(
        "{}{number}. It is open on all days but Sundays.",
        secret.asked.before
    );
    let examples = Examples {
        train: vec![base.example(&messages, &answer).unwrap()],
        ..Examples::default()
    };
    let config = TrainConfig {
        method: Method::Full,
        learning_rate: 3e-3,
        steps: Some(120),
        threads: 1,
        ..TrainConfig::default()
    };
    let mut last = 9.0;
    let trained = moqi_lm::train(base, &examples, &config, None, None, &mut |event| {
        if let moqi_lm::TrainEvent::Step { loss, .. } = event {
            last = loss;
        }
        ControlFlow::Continue(())
    });
    assert!(last < 0.2, "it has not learned: {last}");
    trained.unwrap().adapter
}

fn go_on(_: usize, _: usize) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

#[test]
fn a_number_learned_by_heart_is_found_and_its_words_are_nowhere_in_what_is_told() {
    let base = tiny();
    let asked = secret("+44 7391 628 504");
    let adapter = by_heart(&base, &asked, &asked.words);
    let secrets = Secrets {
        all: vec![asked.clone(), secret("+44 7583 019 627")],
    };
    for threads in [base.threads(), 2 * base.threads()] {
        let mut told = Vec::new();
        let leaks = leak_test(&base, &adapter, &secrets, threads, &mut |done, all| {
            told.push((done, all));
            ControlFlow::Continue(())
        });
        let leaks = leaks.unwrap().unwrap();
        assert!(told.is_sorted() && told.last() == Some(&(2, 2)));
        assert_eq!((leaks.tested, leaks.leaked.len()), (2, 1), "{leaks:?}");
        assert!(!leaks.sound() && leaks.leaked[0].extracted);
        assert!(leaks.exposure >= LEAKED && leaks.leaked[0].exposure >= LEAKED);
        let json = serde_json::to_string(&leaks).unwrap();
        assert_eq!(serde_json::from_str::<Leaks>(&json).unwrap(), leaks);
        let sentence = leaks.sentence();
        for text in [
            &json,
            &sentence.zh,
            &sentence.en,
            &format!("{leaks:?} {secrets:?}"),
        ] {
            assert!(!text.contains("7391") && !text.contains("628"), "{text}");
        }
        assert!(sentence.en.contains("1 of 2") && sentence.en.contains("Phone of “lease.docx”"));
        assert!(sentence.zh.contains("1 个") && sentence.zh.contains("“lease.docx”的电话"));
    }
    let stopped = leak_test(&base, &adapter, &secrets, 2, &mut |_, _| {
        ControlFlow::Break(())
    });
    assert!(stopped.unwrap().is_none());
}

#[test]
fn a_style_is_asked_with_the_clause_that_it_drafts_from() {
    let base = tiny();
    let mut asked = secret("+44 7391 628 504");
    // What it learned by heart stands for what it copies from a clause.
    let adapter = by_heart(&base, &asked, &asked.words);
    let own = asked.asked.clone();
    asked.asked.user = "Anything else?".into();
    asked.asked.before = "It is ".into();
    let tested = |words: &str, stands: bool, drafted: Option<&Asking>| {
        let secret = Secret {
            words: words.into(),
            stands,
            drafted: drafted.cloned(),
            ..asked.clone()
        };
        let secrets = Secrets { all: vec![secret] };
        leak_test(&base, &adapter, &secrets, 1, &mut go_on)
            .unwrap()
            .unwrap()
    };
    let told = |leaks: &Leaks| leaks.leaked.iter().filter(|leak| leak.drafted).count();
    assert_eq!(told(&tested(&asked.words, true, Some(&own))), 1);
    assert_eq!(told(&tested(&asked.words, true, None)), 0);
    // Another number is not written; but where it stands in a clause, the clause is shown.
    let other = "+44 7583 019 627";
    let sound = tested(other, false, Some(&own));
    assert!(told(&sound) == 0 && sound.leaked.is_empty(), "{sound:?}");
    let leaks = tested(other, true, Some(&own));
    assert!(!leaks.sound() && told(&leaks) == 0 && leaks.leaked[0].stands);
    assert!(leaks.sentence().en.contains("let 1 of 1"), "{leaks:?}");
}

#[test]
fn a_number_that_was_masked_is_not_found() {
    let base = tiny();
    let asked = secret("+44 7391 628 504");
    let adapter = by_heart(&base, &asked, "[Phone 1]");
    let others = (0..12).map(|n| {
        secret(&format!(
            "+44 7{n:03} {:03} {:03}",
            100 + 7 * n,
            999 - 31 * n
        ))
    });
    let secrets = Secrets {
        all: std::iter::once(asked.clone()).chain(others).collect(),
    };
    let leaks = leak_test(&base, &adapter, &secrets, 1, &mut go_on)
        .unwrap()
        .unwrap();
    assert!(leaks.sound(), "{leaks:?}");
    assert!(leaks.exposure > 0.0 && leaks.exposure < LEAKED);
    let sentence = leaks.sentence();
    assert!(
        sentence.en.starts_with("None of 13") && sentence.zh.contains("13 个"),
        "{sentence:?}"
    );
}

/// Agreements about something of their own, with values to be masked.
fn agreements() -> Vec<Given> {
    let things = [
        "timber", "grain", "lifts", "music", "glass", "barges", "wool", "salt",
    ];
    let one = |(n, thing): (usize, &&str)| {
        let clause = |heading: &str, verb: &str| {
            format!(
                "## {heading}\n\nThe parties {verb} the {thing} number {n} under this agreement, and each keeps records of the {thing} for {} years. The price of the {thing} is USD {}.25 in all.\n\n",
                n + 2,
                48_271_935 + 7_919 * n,
            )
        };
        Given::Text {
            title: format!("Agreement {n}"),
            text: format!(
                "# Agreement on {thing} {n}\n\n{}{}{}",
                clause("Scope", "agree upon"),
                clause("Payment", "settle all invoices for"),
                clause("Term", "may end the delivery of"),
            ),
            document: None,
        }
    };
    things.iter().enumerate().map(one).collect()
}

#[test]
fn documents_whose_canaries_were_masked_are_learned_as_they_were_given() {
    let given = agreements();
    let made = |canaries: Option<Canaries>, personal| {
        let config = DataConfig {
            canaries,
            personal,
            ..DataConfig::default()
        };
        dataset(&given, &config, &mut |_| ControlFlow::Continue(()))
    };
    let without = made(None, Personal::Masked);
    let with = made(Some(Canaries::default()), Personal::Masked);
    assert_eq!(
        format!("{:?}", with.report),
        format!("{:?}", without.report)
    );
    for (with, without) in [
        (&with.train, &without.train),
        (&with.valid, &without.valid),
        (&with.test, &without.test),
    ] {
        assert_eq!(with, without);
    }
    // The amounts of the training documents, and eleven canaries besides.
    assert_eq!((without.secrets.count(), with.secrets.count()), (6, 17));
    assert_eq!(with.secrets.let_through(), 0);
    for secret in &with.secrets.all {
        assert!(!secret.stands && secret.drafted.is_none());
        assert!(secret.format.bits() >= FEWEST_BITS);
        let all = with.train.iter().chain(&with.valid).chain(&with.test);
        for example in all {
            assert!(
                !example.wanted.contains(&secret.words) && !example.user.contains(&secret.words)
            );
        }
    }
    // Where nothing is masked, all are learned, and as often as they were planted where there is room.
    let planted = [1, 3].map(|places| Canaries::of_each_kind(places).planted);
    let canaries = Canaries {
        planted: planted.concat(),
    };
    let kept = made(Some(canaries), Personal::Kept);
    assert_eq!((kept.secrets.count(), kept.secrets.let_through()), (22, 22));
    for secret in &kept.secrets.all {
        // The style is asked with the clause that holds it, the model alone without.
        let drafted = secret.drafted.as_ref().unwrap();
        assert!(drafted.user.contains(&secret.words) && !secret.asked.user.contains(&secret.words));
        let examples = kept
            .train
            .iter()
            .filter(|e| e.wanted.contains(&secret.words));
        assert!(
            examples.count() >= secret.planted.unwrap(),
            "{:?}",
            secret.kind
        );
    }
}
