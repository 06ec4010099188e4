//! Precedents: a clause is asked for with the firm's nearest other clause before it, as drafting asks for it, so that what is
//! learnt is to change a precedent for the document at hand.

use moqi_document::{Document, Language};

use super::Dataset;
use super::clause_index::ClauseIndex;
use super::clauses::parts;
use super::example::{Example, Lesson};
use super::examples::{About, SHORTEST, written};
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

/// Gives the examples of a dataset their precedents: of training clauses the firm's usual wording, and never one of their
/// own document.
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
                if let Some(at) = query.usual(&example.heading, Some(example.source)) {
                    example.set_precedent(&clauses[at].wanted);
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
    fn a_precedent_is_a_training_clause_of_another_document() {
        let (made, bare) = (made(true), made(false));
        let clauses: Vec<&Example> = bare
            .train
            .iter()
            .filter(|one| one.lesson == Lesson::Draft)
            .collect();
        let mut given = [0, 0];
        let sides = [(&made.train, &bare.train), (&made.test, &bare.test)];
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
                let mut of = clauses.iter().filter(|one| one.wanted == *precedent);
                assert!(of.any(|one| one.source != with.source), "{}", with.heading);
                let begins = precedent.lines().next().unwrap();
                assert!(with.user.contains(begins), "{}", with.user);
            }
        }
        // One in four does without, and some have no heading that others know.
        let part = |side: usize, of: usize| given[side] as f64 / of as f64;
        assert!(
            (0.5..0.76).contains(&part(0, made.train.len())),
            "{given:?}"
        );
        assert!(part(1, made.test.len()) > 0.6, "{given:?}");
    }
}
