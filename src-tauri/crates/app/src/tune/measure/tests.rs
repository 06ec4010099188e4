//! The whole comparison, on a small model of random weights and documents made here.

use std::ops::ControlFlow::{self, Break, Continue};
use std::sync::LazyLock;

use moqi_lm::{Adapter, Base, Examples, TrainConfig};

use super::super::{DataConfig, Dataset, Example, Given, Wording, dataset};
use super::compare::{drawn, typical};
use super::nearest::Copies;
use super::*;
use crate::models::tiny_model::{self, Meta};

/// A model, documents, and what it has learned from them.
static TUNED: LazyLock<(Base, Dataset, Adapter)> = LazyLock::new(|| {
    let (base, made) = (base(), made());
    let adapter = learnt(&base, &made);
    (base, made, adapter)
});

fn base() -> Base {
    let folder = tempfile::tempdir().unwrap();
    let mut parts = tiny_model::parts("llama", 3);
    parts.set("llama.context_length", Meta::U32(1500));
    Base::load(&tiny_model::write(&folder, &parts.bytes().1)).unwrap()
}

/// Documents of one house: a clause that all have in the same words, and clauses of their own.
fn given() -> Vec<Given> {
    let own = [
        (
            "Sale",
            "The Seller delivers the machine to the yard of the Buyer and the Buyer pays the price within ten days.",
        ),
        (
            "Lease",
            "The Landlord lets the second floor to the Tenant for five years and the Tenant keeps all windows clean.",
        ),
        (
            "Loan",
            "The Bank lends one sum to the Borrower who repays it in twelve equal parts on the last day of each month.",
        ),
        (
            "Work",
            "The Employee begins at eight in the morning and may not work for any rival during the whole term of service.",
        ),
        (
            "Advice",
            "The Adviser answers each question in writing and signs every answer with the full name of the office.",
        ),
        (
            "Licence",
            "The Owner permits the use of the program on two computers and forbids all copies but one for safety.",
        ),
    ];
    let notice = "Every notice under this document shall be in writing and shall be sent by registered letter to the address that is named above.";
    own.iter()
        .map(|(title, words)| Given::Text {
            title: (*title).to_owned(),
            text: format!("# {title}\n\n## Duties\n\n{words}\n\n## Notices\n\n{notice}\n\n## Term\n\nThis {title} ends when what is said above is done by both sides.\n"),
            document: None,
        })
        .collect()
}

fn made() -> Dataset {
    let made = dataset(&given(), &DataConfig::default(), &mut |_| Continue(()));
    assert!(made.refused.is_none() && !made.test.is_empty());
    made
}

fn learnt(base: &Base, made: &Dataset) -> Adapter {
    let train = made.train.iter().map(|one| asked(base, one, &one.wanted));
    let examples = Examples {
        train: train.collect(),
        ..Examples::default()
    };
    let config = TrainConfig {
        learning_rate: 1e-2,
        steps: Some(40),
        threads: 2,
        ..TrainConfig::default()
    };
    let trained = moqi_lm::train(base, &examples, &config, None, None, &mut |_| Continue(()));
    trained.unwrap().adapter
}

fn asked(base: &Base, one: &Example, wanted: &str) -> moqi_lm::Example {
    base.example(&one.messages(), wanted).unwrap()
}

fn options() -> Options {
    let mut options = Options {
        drafts: 2,
        threads: 2,
        ..Options::default()
    };
    options.sampling.before.max_tokens = 40;
    options.sampling.after.max_tokens = 40;
    options
}

fn go_on(_: Progress) -> ControlFlow<()> {
    Continue(())
}

#[test]
fn the_figures_are_those_of_the_models_measured_one_by_one() {
    let (base, made, adapter) = &*TUNED;
    let tuned = base.adapted(adapter).unwrap();
    let mut heard = Vec::new();
    let told = compare(base, adapter, made, &options(), &mut |progress| {
        heard.push(progress);
        Continue(())
    });
    let told = told.unwrap().unwrap();
    assert!(
        heard
            .iter()
            .all(|one| one.done <= one.all && one.all == heard[0].all)
    );
    assert!(heard.is_sorted_by_key(|one| one.done) && heard[heard.len() - 1].done == heard[0].all);
    // Which words training has, was found out when the dataset was made.
    let novel = |one: &&Example| one.wording == Some(Wording::Novel);
    assert_eq!(told.documents, 1);
    assert_eq!(told.all.examples, made.test.len());
    assert_eq!(told.novel.examples, made.test.iter().filter(novel).count());
    assert!(
        told.novel.examples > 0 && told.shared.examples > 0,
        "{told:?}"
    );
    assert_eq!(
        told.all.examples,
        told.novel.examples + told.shared.examples
    );
    assert_eq!(told.all.tokens, told.novel.tokens + told.shared.tokens);
    let texts: Vec<moqi_lm::Example> = made
        .test
        .iter()
        .map(|one| asked(base, one, &one.wanted))
        .collect();
    let fit = told.all.fit.unwrap();
    for (adapter, figures) in [(None, fit.before), (Some(adapter), fit.after)] {
        let loss = moqi_lm::measure(base, adapter, &texts, 2, &mut || Continue(()));
        assert!((loss.unwrap().unwrap() - figures.loss).abs() < 1e-9);
        assert!((figures.loss.exp() - figures.perplexity).abs() < 1e-9);
    }
    assert!(
        fit.after.perplexity < 0.5 * fit.before.perplexity,
        "{fit:?}"
    );
    assert!(fit.after.agreement > fit.before.agreement + 0.1, "{fit:?}");
    // A clause that training has is learned better than one it does not.
    let after = |group: &Group| group.fit.unwrap().after.perplexity;
    assert!(after(&told.shared) < after(&told.novel));
    // The drafts are what the assistant would write.
    assert_eq!(told.clauses.len(), 2);
    for clause in &told.clauses {
        let one = made.test.iter().find(|one| one.heading == clause.heading);
        let one = one.unwrap();
        assert_eq!((&one.wanted, clause.shared), (&clause.wanted, !novel(&one)));
        let sampling = options().sampling;
        for (model, sampling, text) in [
            (base, &sampling.before, &clause.base),
            (&tuned, &sampling.after, &clause.tuned),
        ] {
            let prompt = model.chat(&one.messages()).unwrap();
            let mut session = model.session().unwrap();
            let answer = session.generate(&prompt, sampling, &mut |_| Continue(()));
            let answer = answer.unwrap();
            let words = match answer.stop {
                moqi_lm::Stop::MaxTokens => crate::model::whole_sentences(&answer.text),
                _ => &answer.text,
            };
            let blocks = crate::prompt::blocks(words, &one.heading);
            assert_eq!(*text, super::super::examples::written(&blocks));
        }
        let near = clause.nearest.as_ref().unwrap();
        assert_eq!(
            near.heading, clause.heading,
            "the same heading is taken first"
        );
        let four = clause.closeness;
        assert!((four.nearest.rouge_l - rouge_l(&near.text, &clause.wanted)).abs() < 1e-12);
        assert!(four.oracle.rouge_l >= four.nearest.rouge_l);
        assert!((four.tuned.chrf - chrf(&clause.tuned, &clause.wanted)).abs() < 1e-12);
    }
    let drafted = |group: &Group| group.drafts.map_or(0, |drafts| drafts.clauses);
    assert_eq!(drafted(&told.all), 2);
    assert_eq!(drafted(&told.novel) + drafted(&told.shared), 2);
    assert!(told.shown.len() == 2 && !told.sentences().is_empty());
    // What the window is sent has no holes.
    let sent = serde_json::to_value(&told).unwrap();
    assert!(sent["all"]["fit"]["after"]["perplexity"].is_f64(), "{sent}");
    let again = compare(base, adapter, made, &options(), &mut go_on);
    assert_eq!(again.unwrap().unwrap(), told);
}

#[test]
fn what_is_known_of_the_base_is_not_measured_again() {
    let (base, made, adapter) = &*TUNED;
    let none = Options {
        drafts: 0,
        ..options()
    };
    let texts = made.test.iter();
    let texts: Vec<moqi_lm::Example> = texts
        .map(|one| asked(base, one, &one.wanted).cut(none.length))
        .collect();
    let before = moqi_lm::measure_each(base, None, &texts, 2, &mut |_| Continue(()));
    let before = before.unwrap().unwrap();
    let told = |before: Vec<Measured>| {
        let mut all = 0;
        let options = Options {
            before,
            ..none.clone()
        };
        let told = compare(base, adapter, made, &options, &mut |progress| {
            all = progress.all;
            Continue(())
        });
        (told.unwrap().unwrap(), all)
    };
    let (whole, all) = told(Vec::new());
    let (same, fewer) = told(before.clone());
    assert_eq!(same, whole);
    assert_eq!(fewer + texts.len(), all);
    // It is taken as it is given; but what is of another number is not of these examples.
    let (other, _) = told(vec![
        Measured {
            nll: 3.0,
            tokens: 1,
            top1: 0
        };
        texts.len()
    ]);
    assert!((other.all.fit.unwrap().before.loss - 3.0).abs() < 1e-12);
    assert_eq!(told(before[1..].to_vec()), (whole, all));
}

/// Preferring is a matter of two measures: of the firm's words, and of the library's, as answers to the same request.
#[test]
fn the_choice_is_between_the_firms_words_and_the_librarys() {
    let (base, made, adapter) = &*TUNED;
    let none = Options {
        drafts: 0,
        ..options()
    };
    let told = compare(base, adapter, made, &none, &mut go_on);
    let told = told.unwrap().unwrap();
    let library = super::choice::Library::of(moqi_document::Language::En);
    let mut wanted = Choices::default();
    for one in &made.test {
        let Some(other) = library.wording(one) else {
            continue;
        };
        let mean = |adapter: Option<&Adapter>, words: &str| {
            let text = [asked(base, one, words).cut(none.length)];
            let loss = moqi_lm::measure(base, adapter, &text, 1, &mut || Continue(()));
            loss.unwrap().unwrap()
        };
        let prefers = |adapter| usize::from(mean(adapter, &one.wanted) < mean(adapter, &other));
        wanted.clauses += 1;
        wanted.firm.before += prefers(None);
        wanted.firm.after += prefers(Some(adapter));
    }
    assert!(wanted.clauses > 0);
    assert_eq!(told.all.choices, wanted);
    assert!(told.clauses.is_empty() && told.all.drafts.is_none());
}

#[test]
fn it_can_be_broken_off_at_any_moment() {
    let (base, made, adapter) = &*TUNED;
    let mut count = 0;
    let whole = compare(base, adapter, made, &options(), &mut |_| {
        count += 1;
        Continue(())
    });
    assert!(whole.unwrap().is_some() && count > 60, "{count}");
    // Also within a draft: there are as many moments as tokens.
    for stop in [1, count / 4, count / 2, count * 9 / 10] {
        let mut left = stop;
        let told = compare(base, adapter, made, &options(), &mut |_| {
            left -= 1;
            match left {
                0 => Break(()),
                _ => Continue(()),
            }
        });
        assert_eq!(told.unwrap(), None, "at {stop} of {count}");
        assert_eq!(left, 0);
    }
}

#[test]
fn without_a_test_part_validation_is_held_out_and_without_either_there_are_no_figures() {
    let (base, made, adapter) = &*TUNED;
    let mut made = made.clone();
    made.valid = std::mem::take(&mut made.test);
    let told = compare(base, adapter, &made, &options(), &mut go_on);
    assert_eq!(told.unwrap().unwrap().all.examples, made.valid.len());
    made.valid.clear();
    let told = compare(base, adapter, &made, &options(), &mut go_on);
    let told = told.unwrap().unwrap();
    assert_eq!(told, Comparison::default());
    assert!(told.sentences().is_empty());
}

#[test]
fn a_copier_goes_by_the_request_and_only_the_oracle_by_the_words() {
    let made = made();
    let one = made
        .test
        .iter()
        .find(|one| one.heading == "Duties")
        .unwrap();
    let copies = Copies::of(&made.train, one);
    let found = copies.by_request(one).unwrap();
    let mut other = one.clone();
    other.wanted = made.train[0].wanted.clone();
    assert_eq!(copies.by_request(&other), Some(found));
    assert_eq!(found.heading, "Duties");
    let exact = copies.by_wanted(&made.train[0].wanted).unwrap();
    assert_eq!(exact.wanted, made.train[0].wanted);
    // A title that is alike decides among clauses of the same heading.
    let mut wanted = made.train.iter().filter(|one| one.heading == "Duties");
    let second = wanted.nth(1).unwrap();
    let mut like = one.clone();
    like.title = format!("{} (amended)", second.title);
    assert_eq!(copies.by_request(&like), Some(second));
    // The same heading goes before any likeness.
    let of = |heading: &str, title: &str| Example {
        heading: heading.to_owned(),
        title: title.to_owned(),
        ..one.clone()
    };
    let train = [
        of("Duties of both", "Lease of the second floor"),
        of("Duties", "Quite another"),
    ];
    let asked = of("DUTIES", "Lease of the second floor");
    let found = Copies::of(&train, &asked).by_request(&asked);
    assert_eq!(found, Some(&train[1]));
    assert_eq!(Copies::of(&[], one).by_request(one), None);
    assert_eq!(Copies::of(&[], one).by_wanted("x"), None);
}

#[test]
fn the_drafts_shown_are_those_in_the_middle() {
    let of = |gain: f64| Clause {
        document: String::new(),
        heading: String::new(),
        shared: false,
        wanted: String::new(),
        base: String::new(),
        tuned: String::new(),
        nearest: None,
        closeness: Four {
            tuned: Closeness {
                rouge_l: gain,
                chrf: gain,
            },
            ..Four::default()
        },
    };
    let clauses: Vec<Clause> = [0.9, -0.5, 0.2, 0.3, 0.1, 0.8, 0.0].map(of).into();
    assert_eq!(typical(&clauses), [4, 2, 3]);
    assert_eq!(typical(&clauses[..1]), [0]);
    assert!(typical(&[]).is_empty());
    let made = made();
    assert_eq!(drawn(&made.test, 1, 2), drawn(&made.test, 1, 2));
    assert_eq!(drawn(&made.test, 1, 2).len(), 2);
    assert!((0..20).any(|seed| drawn(&made.test, seed, 2) != drawn(&made.test, 1, 2)));
}

#[test]
fn what_is_worse_is_said() {
    let fit = |before: f64, after: f64| {
        let of = |perplexity: f64| Fit {
            loss: perplexity.ln(),
            perplexity,
            agreement: 0.4,
        };
        Some(Both {
            before: of(before),
            after: of(after),
        })
    };
    let close = |rouge_l| Closeness { rouge_l, chrf: 0.0 };
    let drafts = |tuned, nearest| {
        Some(Drafted {
            clauses: 9,
            mean: Four {
                base: close(0.3),
                tuned: close(tuned),
                nearest: close(nearest),
                oracle: close(0.9),
            },
            closer_than_base: 4,
            closer_than_nearest: 2,
        })
    };
    let told = |fit, drafts, own_drafts| {
        let group = Group {
            choices: Choices {
                clauses: 7,
                own_drafts,
                firm: Both {
                    before: 2,
                    after: 6,
                },
            },
            examples: 12,
            tokens: 900,
            fit,
            drafts,
        };
        let told = Comparison {
            documents: 1,
            all: group,
            novel: group,
            ..Comparison::default()
        };
        let all = told.sentences();
        let en: Vec<String> = all.into_iter().map(|one| one.en).collect();
        en.join("\n")
    };
    let good = told(fit(20.0, 10.0), drafts(0.5, 0.4), 0);
    assert!(
        good.contains("among 20.0 candidates, and now among 10.0 (perplexity 50 % lower)"),
        "{good}"
    );
    assert!(
        good.contains("from 30 % to 50 %") && good.contains("40 %, less than the drafts"),
        "{good}"
    );
    assert!(good.contains("only 12 passages"), "{good}");
    let bad = told(fit(10.0, 12.0), drafts(0.2, 0.4), 1);
    assert!(
        bad.contains("perplexity 20 % higher") && bad.contains("closer than the drafts"),
        "{bad}"
    );
    assert!(
        good.contains("that of the clause library, the model finds the firm's likelier in 6 of 7 clauses; before tuning in 2"),
        "{good}"
    );
    assert!(bad.contains("or its own draft before tuning"), "{bad}");
}
