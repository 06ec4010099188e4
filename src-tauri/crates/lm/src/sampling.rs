//! Choosing the next token from the scores.

use crate::engine::Best;
use crate::random::Random;
use crate::repetition::repetitions;

/// How the next token is chosen. The order is llama.cpp's: penalties, `top_k`, `top_p`, `min_p`, temperature.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampling {
    /// 0 takes the most likely token always; 1 takes tokens as often as the model thinks; more is wilder.
    pub temperature: f32,
    /// Only the `top_k` most likely tokens; 0 for all.
    pub top_k: usize,
    /// Only the most likely tokens that together reach this probability; 1 for all.
    pub top_p: f32,
    /// Only tokens at least this likely relative to the most likely one; 0 for all.
    pub min_p: f32,
    /// Divides the scores of the last 64 tokens; 1 for none.
    pub repeat_penalty: f32,
    /// Keeps an answer from going round in circles: a token that would go on with a repetition which is by `n` tokens longer
    /// than `dry_allowed_length` already loses this times 1.75 to the power of `n` (DRY). What agrees with the prompt as far
    /// does not count; 0 for none.
    pub dry_multiplier: f32,
    /// Tokens that an answer may say again.
    pub dry_allowed_length: usize,
    /// The same seed, prompt and settings give the same text on the same machine.
    pub seed: u64,
    /// Tokens to write at most.
    pub max_tokens: usize,
    /// The text ends before any of these.
    pub stop: Vec<String>,
    /// Whether to guess tokens from earlier text; the result is the same, only sooner.
    pub lookup: bool,
}

impl Default for Sampling {
    /// Calm settings for drafting.
    fn default() -> Sampling {
        Sampling {
            temperature: 0.3,
            top_k: 40,
            top_p: 0.95,
            min_p: 0.05,
            repeat_penalty: 1.05,
            dry_multiplier: 0.0,
            dry_allowed_length: 8,
            seed: 0,
            max_tokens: 512,
            stop: Vec::new(),
            lookup: true,
        }
    }
}

/// How much more a repetition costs that is a token longer: llama.cpp's.
const DRY_BASE: f32 = 1.75;

/// How many of the last tokens the penalty looks at.
pub const LOOK_BACK: usize = 64;

impl Sampling {
    /// How many of the likeliest tokens the choice must know, besides those of [`Sampling::also`], to choose as if it
    /// knew all; none where it must know all.
    pub(crate) fn needs(&self) -> Option<usize> {
        // A penalty moves tokens down, and only those of the text; below 1 it moves them up.
        match self.top_k {
            _ if self.has_penalty() && self.repeat_penalty < 1.0 => None,
            _ if !self.is_warm() => Some(1),
            0 => None,
            top_k => Some(top_k),
        }
    }

    /// Tokens of a text whose answer begins at `answer` that a penalty may move down.
    pub(crate) fn also<'a>(&self, text: &'a [u32], answer: usize) -> &'a [u32] {
        let last = text.len().saturating_sub(LOOK_BACK);
        &text[if self.is_dry() {
            last.min(answer)
        } else {
            last
        }..]
    }

    fn is_dry(&self) -> bool {
        self.dry_multiplier > 0.0
    }

    fn is_warm(&self) -> bool {
        self.temperature.is_finite() && self.temperature > 0.0
    }

    fn has_penalty(&self) -> bool {
        self.repeat_penalty > 0.0 && self.repeat_penalty != 1.0
    }
}

/// The next token of those given with their scores, in their order: all, or what [`Sampling::needs`] says. `before` is
/// the text so far, the answer beginning at `answer`. Scores that are no number count as the lowest.
///
/// # Panics
/// Where no token is given.
pub fn choose(
    mut scores: Best,
    before: &[u32],
    answer: usize,
    sampling: &Sampling,
    random: &mut Random,
) -> u32 {
    for (_, score) in scores.iter_mut().filter(|(_, score)| !score.is_finite()) {
        *score = f32::MIN;
    }
    if sampling.has_penalty() {
        let mut seen = before[before.len().saturating_sub(LOOK_BACK)..].to_vec();
        seen.sort_unstable();
        seen.dedup();
        for id in seen {
            if let Ok(at) = scores.binary_search_by_key(&id, |(id, _)| *id) {
                let score = &mut scores[at].1;
                *score = if *score > 0.0 {
                    *score / sampling.repeat_penalty
                } else {
                    *score * sampling.repeat_penalty
                };
            }
        }
    }
    if sampling.is_dry() {
        for (id, length) in repetitions(before, answer, sampling.dry_allowed_length) {
            if let Ok(at) = scores.binary_search_by_key(&id, |(id, _)| *id) {
                scores[at].1 -= sampling.dry_multiplier * DRY_BASE.powi(length.min(30) as i32);
            }
        }
    }
    // Ties go to the lower id.
    if !sampling.is_warm() || sampling.top_k == 1 {
        let first = scores[0];
        let higher = |best: (u32, f32), next: (u32, f32)| if next.1 > best.1 { next } else { best };
        return scores.into_iter().fold(first, higher).0;
    }
    let mut kept = scores;
    // Ties go to the lower id, so that the choice does not depend on how the sort moves equal ones.
    let order = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
    if sampling.top_k > 0 && sampling.top_k < kept.len() {
        kept.select_nth_unstable_by(sampling.top_k, order);
        kept.truncate(sampling.top_k);
    }
    kept.sort_unstable_by(order);
    let largest = kept[0].1;
    let total: f32 = kept.iter().map(|(_, score)| (score - largest).exp()).sum();
    let mut sum = 0.0;
    let mut count = 0;
    for (_, score) in &kept {
        let likely = (score - largest).exp();
        // The first is always kept, whatever the settings.
        if count > 0 && (sum >= sampling.top_p * total || likely < sampling.min_p) {
            break;
        }
        sum += likely;
        count += 1;
    }
    kept.truncate(count);
    let weight = |score: f32| ((score - largest) / sampling.temperature).exp();
    let mut left = random.unit() * kept.iter().map(|(_, score)| weight(*score)).sum::<f32>();
    for (id, score) in &kept {
        left -= weight(*score);
        if left < 0.0 {
            return *id;
        }
    }
    kept[count - 1].0
}

/// The id with the highest score; the first of equals.
pub fn best(scores: &[f32]) -> u32 {
    let mut best = (0u32, f32::NEG_INFINITY);
    for (id, score) in (0u32..).zip(scores) {
        if *score > best.1 {
            best = (id, *score);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open() -> Sampling {
        Sampling {
            temperature: 1.0,
            top_k: 0,
            top_p: 1.0,
            min_p: 0.0,
            repeat_penalty: 1.0,
            ..Sampling::default()
        }
    }

    /// Chooses with the scores of all tokens.
    fn choose(scores: &[f32], before: &[u32], sampling: &Sampling, random: &mut Random) -> u32 {
        let all = (0u32..).zip(scores.iter().copied()).collect();
        super::choose(all, before, 0, sampling, random)
    }

    #[test]
    fn the_likeliest_are_enough_to_choose_from() {
        let mut random = Random::new(4);
        let mut other = 0;
        for round in 0..400 {
            let scores: Vec<f32> = (0..500).map(|_| random.unit() * 12.0 - 4.0).collect();
            let few = [500, 7][round / 2 % 2];
            let before: Vec<u32> = (0..100).map(|_| (random.next() % few) as u32).collect();
            let sampling = Sampling {
                temperature: [0.0, 0.7, 1.5][round % 3],
                top_k: 1 + round % 40,
                repeat_penalty: [1.0, 1.05, 1.5][round / 3 % 3],
                dry_multiplier: [0.0, 0.8][round % 2],
                dry_allowed_length: 1,
                ..Sampling::default()
            };
            let recent = sampling.also(&before, 20);
            let mut order: Vec<u32> = (0..500).filter(|id| !recent.contains(id)).collect();
            order.sort_by(|a, b| scores[*b as usize].total_cmp(&scores[*a as usize]));
            order.truncate(sampling.needs().unwrap());
            other += usize::from(
                recent
                    .iter()
                    .all(|id| scores[*id as usize] < scores[order[0] as usize]),
            );
            order.extend(recent);
            order.sort_unstable();
            order.dedup();
            let some = order.iter().map(|id| (*id, scores[*id as usize])).collect();
            let all = (0u32..).zip(scores.iter().copied()).collect();
            let (mut a, mut b) = (Random::new(round as u64), Random::new(round as u64));
            assert_eq!(
                super::choose(some, &before, 20, &sampling, &mut a),
                super::choose(all, &before, 20, &sampling, &mut b),
                "{sampling:?}"
            );
        }
        assert!((20..380).contains(&other), "both kinds come first: {other}");
        let needs = |top_k, repeat_penalty| {
            let sampling = Sampling {
                top_k,
                repeat_penalty,
                ..Sampling::default()
            };
            sampling.needs()
        };
        assert_eq!(
            [needs(0, 1.05), needs(40, 0.9), needs(40, 1.0)],
            [None, None, Some(40)]
        );
    }

    /// How often each of four tokens with probabilities 1/2, 1/4, 1/8, 1/8 is taken in 4000 choices.
    fn counts(sampling: &Sampling) -> [usize; 4] {
        let mut random = Random::new(9);
        let mut counts = [0; 4];
        for _ in 0..4000 {
            let scores = [0.125f32, 0.5, 0.125, 0.25].map(f32::ln);
            counts[choose(&scores, &[], sampling, &mut random) as usize] += 1;
        }
        counts
    }

    #[test]
    fn tokens_are_taken_as_often_as_they_are_likely() {
        let [a, b, c, d] = counts(&open());
        for (found, wanted) in [(a, 500), (b, 2000), (c, 500), (d, 1000)] {
            assert!(found.abs_diff(wanted) < 120, "{found} for {wanted}");
        }
        // At temperature 1/2 the probabilities are squared: 4 to 1 for the first two.
        let [_, b, _, d] = counts(&Sampling {
            temperature: 0.5,
            ..open()
        });
        assert!((3.4..4.6).contains(&(b as f32 / d as f32)), "{b} and {d}");
    }

    #[test]
    fn the_limits_cut_the_tail() {
        let only = |counts: [usize; 4]| counts.map(|count| count > 0);
        assert_eq!(
            only(counts(&Sampling {
                temperature: 0.0,
                ..open()
            })),
            [false, true, false, false]
        );
        assert_eq!(
            only(counts(&Sampling { top_k: 2, ..open() })),
            [false, true, false, true]
        );
        assert_eq!(
            only(counts(&Sampling {
                top_p: 0.7,
                ..open()
            })),
            [false, true, false, true]
        );
        assert_eq!(
            only(counts(&Sampling {
                min_p: 0.3,
                ..open()
            })),
            [false, true, false, true]
        );
        // Of equals, the lower id stays.
        assert_eq!(
            only(counts(&Sampling { top_k: 3, ..open() })),
            [true, true, false, true]
        );
        assert_eq!(
            only(counts(&Sampling {
                top_p: 0.0,
                min_p: 2.0,
                ..open()
            })),
            [false, true, false, false]
        );
    }

    #[test]
    fn the_penalty_makes_repetition_less_likely() {
        let greedy = Sampling {
            temperature: 0.0,
            repeat_penalty: 2.0,
            ..open()
        };
        assert_eq!(
            choose(&[1.0, 1.5, -1.0], &[1], &greedy, &mut Random::new(0)),
            0
        );
        assert_eq!(
            choose(&[-1.5, -1.0], &[1, 1, 1], &greedy, &mut Random::new(0)),
            0
        );
        assert_eq!(
            choose(&[1.0, 1.5], &[7, 1_000_000], &greedy, &mut Random::new(0)),
            1
        );
    }

    #[test]
    fn an_answer_that_goes_round_in_circles_is_led_out_of_them() {
        let dry = Sampling {
            temperature: 0.0,
            dry_multiplier: 0.8,
            dry_allowed_length: 2,
            ..open()
        };
        let chosen = |before: &[u32], answer: usize, sampling: &Sampling| {
            let all = vec![(1, 3.0f32), (5, 4.0), (8, 2.0)];
            super::choose(all, before, answer, sampling, &mut Random::new(0))
        };
        let before = [9, 1, 2, 3, 4, 5, 1, 2, 3, 4];
        // Four tokens again are two too many: 0.8 · 1.75² off the score of 5.
        assert_eq!(chosen(&before, 1, &dry), 1);
        assert_eq!(chosen(&before, 1, &open_greedy()), 5);
        // Copied from the prompt it is in order.
        assert_eq!(chosen(&before, 6, &dry), 5);
        let [also, last] = [&dry, &open_greedy()].map(|one| one.also(&before, 1).len());
        assert_eq!((also, last), (10, 10));
        let long = vec![1; 200];
        assert_eq!(dry.also(&long, 50).len(), 150);
        assert_eq!(dry.also(&long, 190).len(), LOOK_BACK);
        assert_eq!(open_greedy().also(&long, 50).len(), LOOK_BACK);
    }

    fn open_greedy() -> Sampling {
        Sampling {
            temperature: 0.0,
            ..open()
        }
    }

    #[test]
    fn odd_scores_and_settings_do_no_harm() {
        for sampling in [
            open(),
            Sampling {
                temperature: f32::NAN,
                ..open()
            },
            Sampling {
                top_p: f32::NAN,
                min_p: f32::NAN,
                ..open()
            },
        ] {
            let chosen = choose(
                &[f32::NAN, 2.0, f32::NEG_INFINITY],
                &[],
                &sampling,
                &mut Random::new(1),
            );
            assert_eq!(chosen, 1, "{sampling:?}");
        }
        assert!(choose(&[f32::NAN; 3], &[], &open(), &mut Random::new(1)) < 3);
    }
}
