//! Going on from what was learnt before: some of it is repeated, so that it is not forgotten over the new.

use std::collections::HashSet;

use super::duplicates::{Index, Shingles};
use super::example::{Example, Lesson, Wording};
use super::sources::Source;
use super::words::draw;
use super::{Dataset, Repeated};

/// The largest share that can be asked for.
const MOST: f64 = 0.9;

/// Adds examples that were learnt before to those that are learnt now, until they are a share of all of these, or as many as
/// there are. None is added that is there already, or whose wanted words are nearly those of a held-out one. Held-out
/// examples whose words were learnt before are marked [`Wording::Shared`].
///
/// Which ones are added depends on the seed and on their words, not on their order.
pub fn replay(dataset: &mut Dataset, before: Vec<(Source, Vec<Example>)>, share: f64, seed: u64) {
    let drafts = |example: &Example| matches!(example.lesson, Lesson::Draft | Lesson::Continue);
    let mut held = Index::default();
    let mut asked = HashSet::new();
    for example in dataset.valid.iter().chain(&dataset.test) {
        match drafts(example) {
            true => held.add(Shingles::of(&example.wanted)),
            false => drop(asked.insert(example.user.clone())),
        }
    }
    // Which precedent it has does not make it another one.
    let mut there: HashSet<String> = dataset.train.iter().map(Example::identity).collect();
    let mut learnt = Index::default();
    let mut pool = Vec::new();
    let (sources, examples): (Vec<Source>, Vec<Vec<Example>>) = before.into_iter().unzip();
    for (of, example) in examples
        .into_iter()
        .enumerate()
        .flat_map(|(of, examples)| examples.into_iter().map(move |example| (of, example)))
    {
        let again = match drafts(&example) {
            true => {
                let shingles = Shingles::of(&example.wanted);
                let near = !held.near(&shingles).is_empty();
                learnt.add(shingles);
                near
            }
            false => asked.contains(&example.user),
        };
        if !again && there.insert(example.identity()) {
            pool.push((of, example));
        }
    }
    for example in dataset.valid.iter_mut().chain(&mut dataset.test) {
        let shared = &mut dataset.report.shared;
        if drafts(example)
            && example.wording == Some(Wording::Novel)
            && !learnt.near(&Shingles::of(&example.wanted)).is_empty()
        {
            example.wording = Some(Wording::Shared);
            (shared.novel, shared.shared) = (shared.novel.saturating_sub(1), shared.shared + 1);
        }
    }
    let share = if share > 0.0 { share.min(MOST) } else { 0.0 };
    let wanted = share / (1.0 - share) * dataset.train.len() as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "nine times the count of examples at most"
    )]
    let wanted = wanted.round() as usize;
    pool.sort_by_cached_key(|(_, example)| draw(seed, &["replay", &example.hash]));
    pool.truncate(wanted);
    let mut places = vec![None; sources.len()];
    for (of, mut example) in pool {
        let at = *places[of].get_or_insert_with(|| {
            dataset.sources.push(Source {
                // Its examples are what counts.
                text: String::new(),
                ..sources[of].clone()
            });
            dataset.report.repeated.push(Repeated {
                source: dataset.sources.len() - 1,
                examples: 0,
            });
            dataset.report.repeated.len() - 1
        });
        let repeated = &mut dataset.report.repeated[at];
        repeated.examples += 1;
        example.source = repeated.source;
        dataset.train.push(example);
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::tune::{DataConfig, Given, dataset};

    fn made(about: &str, count: usize) -> Dataset {
        let given: Vec<Given> = (0..count)
            .map(|n| Given::Text {
                title: format!("{about} {n}"),
                text: (0..5).fold(format!("# {about} {n}\n\n"), |text, clause| {
                    let words: String = (0..30)
                        .map(|w| format!("{about}{n}x{clause}x{w} "))
                        .collect();
                    format!("{text}## Heading {clause}\n\nThe parties {words} agree.\n\n")
                }),
                document: None,
            })
            .collect();
        dataset(&given, &DataConfig::default(), &mut |_| {
            ControlFlow::Continue(())
        })
    }

    fn learnt(dataset: &Dataset) -> Vec<(Source, Vec<Example>)> {
        let of = |at: usize| {
            let examples = dataset.train.iter().filter(|example| example.source == at);
            examples.cloned().collect()
        };
        let sources = dataset.sources.iter().cloned().enumerate();
        sources.map(|(at, source)| (source, of(at))).collect()
    }

    #[test]
    fn a_share_of_what_was_learnt_is_repeated_whatever_its_order() {
        let (old, now) = (made("old", 6), made("new", 8));
        let with = |mut before: Vec<(Source, Vec<Example>)>, share, turned: bool| {
            let mut now = now.clone();
            if turned {
                before.reverse();
            }
            replay(&mut now, before, share, 3);
            now
        };
        let count = now.train.len();
        let half = with(learnt(&old), 0.2, false);
        assert_eq!(half.train.len() - count, count.div_ceil(4), "{count}");
        let hashes = |dataset: &Dataset| {
            let repeated = dataset.train[count..].iter();
            let mut hashes: Vec<String> = repeated.map(|example| example.hash.clone()).collect();
            hashes.sort();
            hashes
        };
        let turned = with(learnt(&old), 0.2, true);
        assert_eq!(hashes(&half), hashes(&turned));
        for example in &half.train[count..] {
            assert!(half.sources[example.source].name.starts_with("old"));
        }
        let told: usize = half.report.repeated.iter().map(|one| one.examples).sum();
        assert_eq!(told, half.train.len() - count);
        // All there is, where more is asked for; nothing, where nothing is.
        assert_eq!(
            with(learnt(&old), 0.9, false).train.len() - count,
            old.train.len()
        );
        for none in [0.0, -1.0, f64::NAN] {
            assert_eq!(with(learnt(&old), none, false).train.len(), count);
        }
    }

    #[test]
    fn nothing_is_repeated_that_measures_the_result() {
        let now = made("new", 8);
        let mut same = now.clone();
        let mut before = learnt(&now);
        // All of it was learnt before, also what is held out now.
        for example in now.test.iter().chain(&now.valid) {
            before[example.source].1.push(example.clone());
        }
        assert!(now.report.shared.novel > 0);
        replay(&mut same, before, 0.5, 0);
        assert_eq!(same.train.len(), now.train.len());
        assert!(
            same.test
                .iter()
                .all(|example| example.wording == Some(Wording::Shared))
        );
        assert_eq!(same.report.shared.novel, 0);
    }
}
