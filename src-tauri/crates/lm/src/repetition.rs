//! Where an answer goes round in circles: after DRY (“don't repeat yourself”, p-e-w 2024), but what a text was given to copy
//! it may copy.
//!
//! A small model that has nothing more to say says the same again, word for word or with another number, until its room is
//! used up. A penalty on single tokens would keep it from the terms that return in a contract by right; this one looks at how
//! long the end of the answer repeats something earlier in the answer.

use std::collections::BTreeMap;

/// The longest repetition that is told apart, in tokens.
const LONGEST: usize = 64;

/// Tokens with which an answer would go on repeating itself, by id, and by how many tokens the repetition is too long.
/// `text` is the prompt and, from `answer` on, the answer.
///
/// A repetition is too long as far as it is longer than `allowed`, or the third of its kind in a row, and longer than any
/// agreement with a place of the prompt that goes on in the same way: then it is copied from there.
pub(crate) fn repetitions(text: &[u32], answer: usize, allowed: usize) -> BTreeMap<u32, usize> {
    let (prompt, written) = text.split_at(answer.min(text.len()));
    let mut given = BTreeMap::new();
    for (next, length, _) in agreements(prompt, written) {
        let most = given.entry(next).or_insert(length);
        *most = length.max(*most);
    }
    let mut too_long = BTreeMap::new();
    for (next, length, distance) in agreements(written, written) {
        let in_a_row = length > distance;
        let own = if in_a_row {
            allowed.min(2 * distance)
        } else {
            allowed
        };
        let fair = given.get(&next).map_or(own, |given| own.max(*given));
        if length > fair {
            let most = too_long.entry(next).or_insert(0);
            *most = (length - fair).max(*most);
        }
    }
    too_long
}

/// The places of a text that agree with the end of another: what follows there, how long they agree, and how far that is from
/// the text's own end.
fn agreements(text: &[u32], end: &[u32]) -> impl Iterator<Item = (u32, usize, usize)> {
    text.iter().enumerate().filter_map(|(at, token)| {
        let next = *text.get(at + 1)?;
        if end.last() != Some(token) {
            return None;
        }
        let same = text[..=at].iter().rev().zip(end.iter().rev());
        let length = same.take(LONGEST).take_while(|(a, b)| a == b).count();
        Some((next, length, text.len() - 1 - at))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_is_seen_as_long_as_it_is() {
        // 1 2 3 4 5, and again 1 2 3 4: the next 5 would make it five.
        let text = [9, 9, 1, 2, 3, 4, 5, 1, 2, 3, 4];
        assert_eq!(repetitions(&text, 2, 2), BTreeMap::from([(5, 2)]));
        assert_eq!(repetitions(&text, 2, 3), BTreeMap::from([(5, 1)]));
        assert!(repetitions(&text, 2, 4).is_empty());
        // What stands in the prompt alone is no repetition.
        assert!(repetitions(&text, 7, 0).is_empty());
        assert!(repetitions(&text, text.len(), 0).is_empty());
        assert!(repetitions(&[], 0, 0).is_empty());
        // One token over and over, or two of them: the third time is one too many, however short they are.
        assert_eq!(repetitions(&[7; 100], 0, 3), BTreeMap::from([(7, 62)]));
        assert!(repetitions(&[7; 3], 0, 9).is_empty());
        assert_eq!(repetitions(&[7; 4], 0, 9), BTreeMap::from([(7, 1)]));
        assert!(repetitions(&[7, 8, 7, 8, 7, 8], 0, 9).is_empty());
        assert_eq!(
            repetitions(&[7, 8, 7, 8, 7, 8, 7], 0, 9),
            BTreeMap::from([(8, 1)])
        );
    }

    #[test]
    fn what_the_prompt_says_twice_may_be_said_twice() {
        let given = [20, 1, 2, 3, 4, 5, 21, 1, 2, 3, 4, 5, 22];
        let mut text = given.to_vec();
        text.extend([20, 1, 2, 3, 4, 5, 21, 1, 2, 3, 4]);
        assert!(repetitions(&text, given.len(), 2).is_empty());
        // Short words may return.
        text.extend([5, 23, 1, 2, 3, 4]);
        assert!(repetitions(&text, given.len(), 4).is_empty());
        text.extend([5, 21, 1, 2, 3, 4, 5, 21, 1, 2, 3, 4, 5, 21, 1, 2, 3]);
        // A third time is more than was given: of its fifteen tokens nine agree with it.
        let found = repetitions(&text, given.len(), 2);
        assert_eq!(found, BTreeMap::from([(4, 6)]));
    }
}
