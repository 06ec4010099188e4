//! Documents are parted into training, validation and test, near-duplicates on one side.

use super::duplicates::{Index, Shingles, families};
use super::example::{Example, Lesson, Wording};
use super::words::draw;

/// Where a document goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Learned from.
    Train,
    /// Decides when to stop.
    Valid,
    /// Only looked at in the end.
    Test,
}

/// Why nothing can be learned honestly; data, not an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// Nothing to learn from is left.
    Nothing,
    /// One document only: nothing would be left to measure with.
    OneDocument,
    /// All documents are near-duplicates of each other; carries how many there are.
    OneFamily(usize),
}

impl Refusal {
    /// What to say, and what to do.
    pub fn sentence(self) -> crate::error::Sentence {
        let (zh, en) = match self {
            Refusal::Nothing => (
                "没有可以学习的文件。请选择含有条款的 .docx、.md 或 .txt 文件。".to_owned(),
                "There is nothing to learn from. Choose .docx, .md or .txt files with clauses.".to_owned(),
            ),
            Refusal::OneDocument => (
                "只有一份文件：学过之后没有别的文件可以检验。请至少再加一份不同的文件。".to_owned(),
                "There is one document only: nothing would be left to measure the result with. Add at least one that differs.".to_owned(),
            ),
            Refusal::OneFamily(count) => (
                format!("{count} 份文件的文字几乎相同，无法检验学习的结果。请至少再加一份不同的文件。"),
                format!("The {count} documents have nearly the same words, so the result could not be measured. Add at least one that differs."),
            ),
        };
        crate::error::Sentence::new(zh, en)
    }
}

/// The side of each document, and its family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Split {
    pub sides: Vec<Side>,
    pub families: Vec<Vec<usize>>,
}

/// Documents of validation, and of test, for a number of documents: a tenth, at least one. Two documents leave none for
/// the test.
fn held_out(documents: usize) -> (usize, usize) {
    match documents {
        0 | 1 => (0, 0),
        2 => (1, 0),
        count => {
            let tenth = (count + 5) / 10;
            (tenth.max(1), tenth.max(1))
        }
    }
}

/// Documents with fewer bytes are held out only where there are no others: a cover page measures little. A third of the
/// middle length.
pub(super) fn shortest_held_out(texts: &[&str]) -> usize {
    let mut lengths: Vec<usize> = texts.iter().map(|text| text.len()).collect();
    lengths.sort_unstable();
    lengths
        .get(lengths.len() / 2)
        .map_or(0, |middle| middle / 3)
}

/// Parts documents by their texts. The same texts and seed give the same sides, in whatever order they come; among other
/// texts the same one may be on another side. `settled` are sides that are not drawn, as many as texts, or none; a
/// near-duplicate of such a text goes with it. Texts with fewer than `shortest` bytes are held out only where there are no
/// others.
pub(super) fn split(
    texts: &[&str],
    settled: &[Option<Side>],
    shortest: usize,
    seed: u64,
) -> Result<Split, Refusal> {
    let shingles: Vec<Shingles> = texts.iter().map(|text| Shingles::of(text)).collect();
    let families = families(&shingles);
    let settled = |at: usize| settled.get(at).copied().flatten();
    let open = (0..texts.len()).any(|at| settled(at).is_none());
    match (texts.len(), families.len()) {
        (0, _) => return Err(Refusal::Nothing),
        (1, _) if open => return Err(Refusal::OneDocument),
        (count, 1) if open => return Err(Refusal::OneFamily(count)),
        _ => {}
    }
    let mut sides = vec![Side::Train; texts.len()];
    let mut drawn_from = vec![true; families.len()];
    for (family, drawn_from) in families.iter().zip(&mut drawn_from) {
        // What is learnt already cannot measure anything any more.
        let known = [Side::Train, Side::Valid, Side::Test];
        let side = known
            .into_iter()
            .find(|side| family.iter().any(|at| settled(*at) == Some(*side)));
        let Some(side) = side else { continue };
        *drawn_from = false;
        for at in family {
            sides[*at] = settled(*at).unwrap_or(side);
        }
    }
    let there = |side| {
        let texts = 0..texts.len();
        texts.filter(|at| settled(*at) == Some(side)).count()
    };
    let (valid, test) = held_out(texts.len());
    let (valid, test) = (
        valid.saturating_sub(there(Side::Valid)),
        test.saturating_sub(there(Side::Test)),
    );
    // A family that is left to training is the largest, of equals the one with most text: it is what most is to be learned
    // from.
    let drawn = |family: &[usize]| {
        let draws = family.iter().map(|at| draw(seed, &["split", texts[*at]]));
        draws.min().unwrap_or(0)
    };
    let short = |family: &[usize]| family.iter().all(|at| texts[*at].len() < shortest);
    let mut order: Vec<(usize, (bool, u64))> = families
        .iter()
        .enumerate()
        .filter(|(i, _)| drawn_from[*i])
        .map(|(i, family)| (i, (short(family), drawn(family))))
        .collect();
    order.sort_by_key(|(_, drawn)| *drawn);
    let largest = order
        .iter()
        .map(|(i, _)| *i)
        .max_by_key(|i| {
            let bytes = families[*i].iter().map(|at| texts[*at].len());
            (families[*i].len(), bytes.sum::<usize>())
        })
        // There is something to learn from already.
        .filter(|_| there(Side::Train) == 0);
    let mut left: Vec<usize> = order
        .iter()
        .map(|(i, _)| *i)
        .filter(|i| Some(*i) != largest)
        .collect();
    for (side, wanted) in [(Side::Test, test), (Side::Valid, valid)] {
        // With few families, validation needs one as well.
        if side == Side::Test && left.len() < 2 && valid > 0 {
            continue;
        }
        let mut room = wanted;
        for short_too in [false, true] {
            let may = |i: usize| short_too || !short(&families[i]);
            left.retain(|i| {
                let fits = may(*i) && families[*i].len() <= room;
                if fits {
                    room -= families[*i].len();
                    families[*i].iter().for_each(|at| sides[*at] = side);
                }
                !fits
            });
            if room < wanted || wanted == 0 {
                break;
            }
            // Where every family is larger than what is wanted, the smallest is held out; but a large one leaves little to learn
            // from, and then a short text has to do.
            let fair = |i: usize| short_too || families[i].len() <= 2 * wanted;
            let there = (0..left.len()).filter(|at| may(left[*at]) && fair(left[*at]));
            if let Some(at) = there.min_by_key(|at| families[left[*at]].len()) {
                let family = left.remove(at);
                families[family].iter().for_each(|at| sides[*at] = side);
                room = 0;
            }
        }
    }
    Ok(Split { sides, families })
}

/// What became of clauses that training shares with held-out documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shared {
    /// Training examples with a near-duplicate among the held-out ones.
    pub in_training: usize,
    /// They were taken out of training. If not, too little would have been left, and held-out examples are marked
    /// [`Wording::Novel`] or [`Wording::Shared`].
    pub dropped: bool,
    /// Held-out examples, validation and test, whose words are new.
    pub novel: usize,
    /// Held-out examples whose words training has.
    pub shared: usize,
}

/// Training keeps at least this share of its examples when shared clauses are dropped; otherwise all stay and the
/// held-out ones are marked.
const KEPT_AT_LEAST: f64 = 0.7;

/// Looks for clauses that training and the held-out parts share, drops them from training where enough is left, and
/// marks the held-out examples.
pub(super) fn part(train: &mut Vec<Example>, held: [&mut Vec<Example>; 2]) -> Shared {
    let drafts = |example: &Example| matches!(example.lesson, Lesson::Draft | Lesson::Continue);
    let mut held_index = Index::default();
    for example in held
        .iter()
        .flat_map(|part| part.iter())
        .filter(|e| drafts(e))
    {
        held_index.add(Shingles::of(&example.wanted));
    }
    let twice: Vec<bool> = train
        .iter()
        .map(|example| {
            drafts(example) && !held_index.near(&Shingles::of(&example.wanted)).is_empty()
        })
        .collect();
    let mut told = Shared {
        in_training: twice.iter().filter(|twice| **twice).count(),
        ..Shared::default()
    };
    let kept = train.len() - told.in_training;
    if told.in_training > 0 && kept as f64 >= KEPT_AT_LEAST * train.len() as f64 {
        let mut twice = twice.into_iter();
        train.retain(|_| !twice.next().unwrap_or(false));
        told.dropped = true;
    }
    let mut index = Index::default();
    for example in train.iter().filter(|example| drafts(example)) {
        index.add(Shingles::of(&example.wanted));
    }
    let asked: std::collections::HashSet<&str> =
        train.iter().map(|example| example.user.as_str()).collect();
    for example in held.into_iter().flatten() {
        let shared = match drafts(example) {
            true => !index.near(&Shingles::of(&example.wanted)).is_empty(),
            false => asked.contains(example.user.as_str()),
        };
        example.wording = Some(match shared {
            true => Wording::Shared,
            false => Wording::Novel,
        });
        told.shared += usize::from(shared);
        told.novel += usize::from(!shared);
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(count: usize) -> Vec<String> {
        (0..count)
            .map(|n| (0..60).map(|w| format!("d{n}w{w} ")).collect())
            .collect()
    }

    fn sizes(texts: &[String], seed: u64) -> (usize, usize, usize) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let found = split(&texts, &[], 0, seed).unwrap();
        let count = |side| found.sides.iter().filter(|s| **s == side).count();
        (count(Side::Train), count(Side::Valid), count(Side::Test))
    }

    #[test]
    fn few_documents_are_parted_sensibly() {
        for (count, wanted) in [
            (2, (1, 1, 0)),
            (3, (1, 1, 1)),
            (5, (3, 1, 1)),
            (10, (8, 1, 1)),
            (40, (32, 4, 4)),
        ] {
            assert_eq!(sizes(&texts(count), 3), wanted, "{count}");
        }
        assert_eq!(split(&[], &[], 0, 0), Err(Refusal::Nothing));
        assert_eq!(split(&["one text"], &[], 0, 0), Err(Refusal::OneDocument));
    }

    #[test]
    fn near_duplicates_stay_on_one_side() {
        let mut all = texts(12);
        // Copies that differ in one word of sixty; families of three, two and two.
        for (of, count) in [(0, 2), (5, 1), (7, 1)] {
            for n in 0..count {
                all.push(all[of].replace(&format!("d{of}w30 "), &format!("other{n} ")));
            }
        }
        let words: Vec<&str> = all.iter().map(String::as_str).collect();
        for seed in 0..50 {
            let found = split(&words, &[], 0, seed).unwrap();
            assert_eq!(found.families.len(), 12);
            for family in &found.families {
                assert!(
                    family
                        .iter()
                        .all(|at| found.sides[*at] == found.sides[family[0]])
                );
            }
            assert!(found.sides.contains(&Side::Test) && found.sides.contains(&Side::Valid));
        }
        let copies = [all[0].as_str(), all[12].as_str()];
        assert_eq!(split(&copies, &[], 0, 0), Err(Refusal::OneFamily(2)));
    }

    #[test]
    fn the_order_of_files_does_not_matter_and_the_seed_does() {
        let all = texts(20);
        let words: Vec<&str> = all.iter().map(String::as_str).collect();
        let found = split(&words, &[], 0, 4).unwrap();
        let turned: Vec<&str> = words.iter().rev().copied().collect();
        let mut again = split(&turned, &[], 0, 4).unwrap().sides;
        again.reverse();
        assert_eq!(found.sides, again);
        assert!((0..10).any(|seed| split(&words, &[], 0, seed).unwrap().sides != found.sides));
    }

    #[test]
    fn settled_sides_stay_and_near_duplicates_go_with_them() {
        let mut all = texts(12);
        // Copies of a text that was learnt and of one that was held out.
        for of in [0, 1] {
            all.push(all[of].replace(&format!("d{of}w30 "), "other "));
        }
        let words: Vec<&str> = all.iter().map(String::as_str).collect();
        let mut settled = vec![None; words.len()];
        settled[0] = Some(Side::Train);
        settled[1] = Some(Side::Test);
        settled[2] = Some(Side::Train);
        for seed in 0..50 {
            let sides = split(&words, &settled, 0, seed).unwrap().sides;
            let of = |at: usize| sides[at];
            assert_eq!(
                [of(0), of(1), of(2)],
                [Side::Train, Side::Test, Side::Train]
            );
            assert_eq!([of(12), of(13)], [Side::Train, Side::Test]);
            // What is settled counts among what is held out.
            let count = |side| sides.iter().filter(|s| **s == side).count();
            assert_eq!((count(Side::Valid), count(Side::Test)), (1, 2));
        }
        // One new text among known ones measures; known ones alone are not drawn at all.
        let known = [Some(Side::Train), Some(Side::Train), None];
        let sides = split(&words[2..5], &known, 0, 0).unwrap().sides;
        assert_eq!(sides, [Side::Train, Side::Train, Side::Valid]);
        let alone = split(&words[..1], &[Some(Side::Test)], 0, 0).unwrap();
        assert_eq!(alone.sides, [Side::Test]);
    }

    #[test]
    fn of_equally_many_documents_the_longest_is_learnt_from() {
        let mut all = texts(8);
        let more: String = (60..90).map(|w| format!("d5w{w} ")).collect();
        all[5].push_str(&more);
        let words: Vec<&str> = all.iter().map(String::as_str).collect();
        for seed in 0..50 {
            assert_eq!(split(&words, &[], 0, seed).unwrap().sides[5], Side::Train);
        }
        // Where it is as long as the others it is held out sometimes.
        let all = texts(8);
        let words: Vec<&str> = all.iter().map(String::as_str).collect();
        assert!((0..50).any(|seed| split(&words, &[], 0, seed).unwrap().sides[5] != Side::Train));
    }

    #[test]
    fn short_texts_are_held_out_only_where_there_are_no_others() {
        let sides_of = |all: &[String], seed| {
            let words: Vec<&str> = all.iter().map(String::as_str).collect();
            let shortest = shortest_held_out(&words);
            split(&words, &[], shortest, seed).unwrap().sides
        };
        let mut all = texts(9);
        for at in [2, 6] {
            let short = all[at].len() / 5;
            all[at].truncate(short);
        }
        for seed in 0..50 {
            let sides = sides_of(&all, seed);
            assert_eq!([sides[2], sides[6]], [Side::Train; 2], "{seed}");
            // Of two long ones one is learnt from and one is measured with; the short one decides when to stop.
            let three = sides_of(&all[1..4], seed);
            assert!(three[1] == Side::Valid && three.contains(&Side::Test));
        }
        // A family of two is rather held out than a cover page, one of nine is not.
        for (copies, held_out) in [(2, false), (9, true)] {
            let families = texts(4).into_iter();
            let mut all: Vec<String> = families
                .flat_map(|text| {
                    (0..copies).map(move |n| text.replacen("w30 ", &format!("w30x{n} "), 1))
                })
                .collect();
            all.push("a cover page of few words".into());
            all.push("another one that says as little".into());
            let held = sides_of(&all, 0).split_off(4 * copies);
            let train = held.iter().filter(|side| **side == Side::Train).count();
            assert_eq!(train, if held_out { 0 } else { 2 }, "{copies}");
        }
    }

    #[test]
    fn large_families_only_still_leave_something_to_measure_with() {
        let mut all = Vec::new();
        for text in texts(3) {
            for n in 0..10 {
                all.push(text.replacen("w30 ", &format!("w30x{n} "), 1));
            }
        }
        assert_eq!(sizes(&all, 1), (10, 10, 10));
    }
}
