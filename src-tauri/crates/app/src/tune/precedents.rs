//! Precedents: a clause is asked for with the firm's nearest other clause before it, as drafting asks for it, so that what is
//! learnt is to change a precedent for the document at hand.

use moqi_document::{Document, Language};

use super::Dataset;
use super::clause_index::ClauseIndex;
use super::clauses::parts;
use super::example::{Example, Lesson};
use super::examples::{About, SHORTEST, written};
use super::practice::practice;
use super::words::draw;

/// A clause of a document: what a precedent is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// Index of its source in [`super::Dataset::sources`].
    pub source: usize,
    /// Title of the document, masked.
    pub title: String,
    /// Its heading.
    pub heading: String,
    /// Kind of document, where it says so.
    pub kind: Option<String>,
    /// Language of the document.
    pub language: Language,
    /// Its whole wording, as a model writes; personal data is masked.
    pub text: String,
}

/// The clauses of a document that have a heading, in its order.
pub(super) fn clauses(document: &Document, about: &About<'_>) -> Vec<Clause> {
    let found = parts(document);
    let title = found.title.as_deref().unwrap_or(about.title);
    let headed = found.parts.iter().filter(|part| !part.heading.is_empty());
    headed
        .map(|part| Clause {
            source: about.source,
            title: title.to_owned(),
            heading: part.heading.clone(),
            kind: about.kind.clone(),
            language: about.language,
            text: written(&part.body),
        })
        .filter(|clause| clause.text.len() >= SHORTEST)
        .collect()
}

/// One of so many training examples is asked for without a precedent, so that drafting without one is learnt too.
const WITHOUT: u64 = 4;

/// Part of the wanted words, in pairs, that a precedent has at least where one is learnt with: from others a model learns that
/// precedents are not to be followed.
const APT: f64 = 0.25;

/// Of clauses without an apt precedent one of so many has one to practise with.
const PRACTISED: u64 = 2;

/// Gives the examples of a dataset their precedents: of training clauses the firm's usual wording, and never one of their
/// own document; where that is not apt, some have one to practise with. Held-out ones are asked for as the program drafts,
/// with the usual wording, apt or not.
pub(super) fn add(made: &mut Dataset, seed: u64) {
    let of_firm = |one: &&Example| one.lesson == Lesson::Draft;
    let clauses: Vec<Example> = made.train.iter().filter(of_firm).cloned().collect();
    let index = ClauseIndex::of(clauses.iter().map(Example::entry));
    let sides = [&mut made.train, &mut made.valid, &mut made.test];
    for (learnt, side) in [true, false, false].into_iter().zip(sides) {
        // The examples of a document stand together.
        for examples in side.chunk_by_mut(|a, b| a.source == b.source) {
            let Some(first) = examples.first() else {
                continue;
            };
            let query = index.query(&first.profile());
            for example in examples {
                if learnt && draw(seed, &["precedent", &example.hash]).is_multiple_of(WITHOUT) {
                    continue;
                }
                let usual = query.usual(&example.heading, Some(example.source));
                let apt = |at: &usize| !learnt || index.part(*at, &example.wanted) >= APT;
                if let Some(at) = usual.filter(apt) {
                    example.set_precedent(&clauses[at].wanted);
                } else if learnt && example.lesson == Lesson::Draft {
                    let drawn = draw(seed, &["practice", &example.hash]);
                    if !drawn.is_multiple_of(PRACTISED) {
                        continue;
                    }
                    let clause = practice(&example.wanted, seed);
                    // What needs no change teaches nothing but copying.
                    if clause.len() >= SHORTEST && clause != example.wanted {
                        example.set_precedent(&clause);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::DataConfig;
    use super::super::tests::of_templates;
    use super::*;

    fn made(precedents: bool) -> Dataset {
        let config = DataConfig {
            precedents,
            ..DataConfig::default()
        };
        of_templates(usize::MAX, &config)
    }

    #[test]
    fn a_precedent_is_a_training_clause_of_another_document_or_one_to_practise_with() {
        let (made, bare) = (made(true), made(false));
        let clauses: Vec<&Example> = bare
            .train
            .iter()
            .filter(|one| one.lesson == Lesson::Draft)
            .collect();
        let mut given = [0, 0];
        let mut practised = 0;
        let sides = [(&made.train, &bare.train), (&made.test, &bare.test)];
        let apt = ClauseIndex::of(clauses.iter().map(|one| one.entry()));
        for (side, (with, without)) in sides.into_iter().enumerate() {
            assert_eq!(with.len(), without.len());
            for (with, without) in with.iter().zip(without) {
                assert_eq!(
                    (&with.wanted, with.bare()),
                    (&without.wanted, without.bare())
                );
                let Some(precedent) = &with.precedent else {
                    assert_eq!(with.user, without.user);
                    continue;
                };
                given[side] += 1;
                assert_ne!(with.hash, without.hash);
                if side == 0 && *precedent == practice(&with.wanted, DataConfig::default().seed) {
                    practised += 1;
                    continue;
                }
                let of = |one: &&Example| one.wanted == *precedent && one.source != with.source;
                let at = clauses.iter().position(of).expect(&with.heading);
                // What is learnt with is worth following.
                assert!(
                    side == 1 || apt.part(at, &with.wanted) >= APT,
                    "{}",
                    with.user
                );
                let begins = precedent.lines().next().unwrap();
                assert!(with.user.contains(begins), "{}", with.user);
            }
        }
        assert!((30..120).contains(&practised), "{practised}");
        // Templates of many kinds have few clauses in common; held-out ones are asked for with the nearest all the same.
        let part = |side: usize, of: usize| given[side] as f64 / of as f64;
        assert!((0.1..0.5).contains(&part(0, made.train.len())), "{given:?}");
        assert!(part(1, made.test.len()) > 0.6, "{given:?}");
    }
}
