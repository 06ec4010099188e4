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

/// The clauses of a document that have a heading, in its order, and then the rows of its tables that are clauses.
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

/// Containment of the wanted words in an apt precedent, at least.
const APT: f64 = 0.25;

/// Of clauses without an apt precedent one of so many has one to practise with, where few precedents are apt.
const PRACTISED: u64 = 2;

/// Gives the examples of a dataset their precedents: of training clauses the firm's usual wording, and never one of their
/// own document. Where most of what would be learnt with is not apt, the rest teaches that precedents are not to be followed:
/// then only the apt ones are learnt with, and some clauses have one to practise with. Held-out ones are asked for as the
/// program drafts, with the usual wording, apt or not.
pub(super) fn add(made: &mut Dataset, seed: u64) {
    let of_firm = |one: &&Example| one.lesson == Lesson::Draft;
    let clauses: Vec<Example> = made.train.iter().filter(of_firm).cloned().collect();
    let index = ClauseIndex::of(clauses.iter().map(Example::entry));
    for side in [&mut made.valid, &mut made.test] {
        let usual = usual(&index, side);
        for (example, at) in side.iter_mut().zip(usual) {
            if let Some(at) = at {
                example.set_precedent(&clauses[at].wanted);
            }
        }
    }
    let usual = usual(&index, &made.train);
    let apt: Vec<bool> = { made.train.iter().zip(&usual) }
        .map(|(example, at)| at.is_some_and(|at| index.containment(at, &example.wanted) >= APT))
        .collect();
    let drafts = (0..usual.len()).filter(|n| made.train[*n].lesson == Lesson::Draft);
    let known: Vec<usize> = drafts.filter(|n| usual[*n].is_some()).collect();
    let followed = 2 * known.iter().filter(|n| apt[**n]).count() >= known.len();
    for ((example, at), apt) in made.train.iter_mut().zip(usual).zip(apt) {
        if draw(seed, &["precedent", &example.hash]).is_multiple_of(WITHOUT) {
            continue;
        }
        if let Some(at) = at.filter(|_| followed || apt) {
            example.set_precedent(&clauses[at].wanted);
        } else if !followed
            && example.lesson == Lesson::Draft
            && draw(seed, &["practice", &example.hash]).is_multiple_of(PRACTISED)
        {
            let clause = practice(&example.wanted, seed);
            // What needs no change teaches nothing but copying.
            if clause.len() >= SHORTEST && clause != example.wanted {
                example.set_precedent(&clause);
            }
        }
    }
}

/// The firm's usual wording for each of some examples, those of a document standing together; none of their own document.
fn usual(index: &ClauseIndex, examples: &[Example]) -> Vec<Option<usize>> {
    let mut all = Vec::with_capacity(examples.len());
    for examples in examples.chunk_by(|a, b| a.source == b.source) {
        let query = index.query(&examples[0].profile());
        let of = |one: &Example| query.usual(&one.heading, Some(one.source));
        all.extend(examples.iter().map(of));
    }
    all
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
                    side == 1 || apt.containment(at, &with.wanted) >= APT,
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

    #[test]
    fn where_most_precedents_are_apt_all_are_learnt_with_and_none_is_made_up() {
        let term = "Either party may end this agreement by thirty days' notice in writing to the other party.";
        let given: Vec<_> = (0..12u8)
            .map(|n| {
                let own = format!("{} ", char::from(b'a' + n)).repeat(60);
                let text = format!(
                    "# Agreement {n}\n\n## Term\n\n{term} It begins on day {n}.\n\n## Subject {n}\n\nThe parties agree on {own}.\n\n## Scope\n\nIt covers {own}.\n\n## Notices\n\nNotices are given in writing to the address above, by hand or by post.\n",
                );
                super::super::Given::Text {
                    title: format!("Agreement {n}"),
                    text,
                    document: None,
                }
            })
            .collect();
        let mut quietly = |_| std::ops::ControlFlow::Continue(());
        let made = super::super::dataset(&given, &DataConfig::default(), &mut quietly);
        assert_eq!(made.refused, None);
        let scope = |one: &&Example| one.heading == "Scope" && one.precedent.is_some();
        assert!(made.train.iter().any(|one| scope(&one)));
        for one in &made.train {
            let made_up = practice(&one.wanted, DataConfig::default().seed);
            let same = one.precedent.as_ref() == Some(&made_up) && made_up != one.wanted;
            assert!(!same, "{}", one.heading);
        }
    }
}
