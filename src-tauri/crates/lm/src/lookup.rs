//! Guessing the next tokens by looking up where the text has said the same before (prompt lookup, Saxena 2023).
//!
//! A draft copies much of its template and of its precedents. Tokens that followed the same words before are offered as
//! guesses; the model reads them all at once, which costs little more than reading one, and only those it would have
//! written itself are kept. The text is the same with and without guesses.

use std::collections::HashMap;
use std::time::Duration;

/// Guesses at a time, so that the rows together are 2, 4 or 8: what the kernels are made for.
const SIZES: [usize; 3] = [7, 3, 1];
/// Places looked at for one pair of tokens, the newest first.
const PLACES: usize = 8;
/// The longest agreement that is told apart.
const LONGEST: usize = 16;

/// Where tokens and pairs of them stand in a text, and what guessing has cost and brought.
pub struct Lookup {
    /// For each pair of tokens the places after it, in order.
    pairs: HashMap<(u32, u32), Vec<usize>>,
    /// The same for each token: a poor guess, but a row more costs little.
    singles: HashMap<u32, Vec<usize>>,
    read: usize,
    /// Seconds of a step for 1, 2, 4 and 8 rows, smoothed.
    seconds: [Option<f64>; 4],
    /// How often the next guess was right, by the length of agreement: one token, short, longer, longest. Begins with a
    /// fair hope.
    right: [f64; 4],
}

impl Default for Lookup {
    fn default() -> Lookup {
        Lookup {
            pairs: HashMap::new(),
            singles: HashMap::new(),
            read: 0,
            seconds: [None; 4],
            right: [0.3, 0.5, 0.7, 0.9],
        }
    }
}

/// Guesses, and how they were found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Guess {
    /// The tokens.
    pub tokens: Vec<u32>,
    class: usize,
}

/// The last of some places.
fn newest(places: Option<&Vec<usize>>) -> &[usize] {
    let places = places.map_or(&[][..], Vec::as_slice);
    &places[places.len().saturating_sub(PLACES)..]
}

impl Lookup {
    /// Guesses what follows the text, at most so many tokens. No guess where none would pay. The text has only grown since
    /// the last call.
    pub fn guess(&mut self, text: &[u32], most: usize) -> Guess {
        for at in self.read.max(2)..text.len() {
            let [before, last] = [text[at - 2], text[at - 1]];
            self.pairs.entry((before, last)).or_default().push(at);
            self.singles.entry(last).or_default().push(at);
        }
        self.read = text.len();
        let [.., before, last] = text else {
            return Guess::default();
        };
        let agreement = |at: usize| {
            let same = text[..at].iter().rev().zip(text.iter().rev());
            same.take(LONGEST).take_while(|(a, b)| a == b).count()
        };
        // The longest agreement; of equals the newest.
        let pairs = newest(self.pairs.get(&(*before, *last)));
        let best = pairs.iter().map(|at| (agreement(*at), *at)).max();
        let best = best.or_else(|| {
            // What followed the last token most often; of equals the newest.
            let singles = newest(self.singles.get(last));
            let often = |at: usize| singles.iter().filter(|o| text[**o] == text[at]).count();
            let most = singles.iter().map(|at| (often(*at), *at)).max();
            most.map(|(_, at)| (1, at))
        });
        let Some((length, at)) = best else {
            return Guess::default();
        };
        let class = usize::from(length > 1) + usize::from(length > 3) + usize::from(length > 8);
        let available = most.min(text.len() - at);
        let size = SIZES
            .into_iter()
            .enumerate()
            .filter(|(_, size)| *size <= available)
            .map(|(index, size)| (self.gain(class, size, 3 - index), size))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        match size {
            Some((gain, size)) if gain > 1.0 => Guess {
                tokens: text[at..at + size].to_vec(),
                class,
            },
            _ => Guess::default(),
        }
    }

    /// Tokens a second with so many guesses over those with none.
    fn gain(&self, class: usize, size: usize, rows: usize) -> f64 {
        let right = self.right[class];
        let tokens = 1.0 + (1..=size).map(|n| right.powf(n as f64)).sum::<f64>();
        // Until it is measured, a row more costs a tenth of the first.
        let cost = match (self.seconds[0], self.seconds[rows]) {
            (Some(one), Some(several)) if one > 0.0 => several / one,
            _ => 1.0 + 0.1 * size as f64,
        };
        tokens / cost
    }

    /// Learns from a step: how many guesses were right, and how long it took.
    pub fn learn(&mut self, guess: &Guess, right: usize, took: Duration) {
        let rows = match guess.tokens.len() {
            0 => 0,
            1 => 1,
            2..=3 => 2,
            _ => 3,
        };
        let smooth = |old: &mut f64, new: f64| *old += 0.15 * (new - *old);
        let seconds = took.as_secs_f64();
        match &mut self.seconds[rows] {
            // One slow step, for instance while another program works, is not believed.
            Some(old) => smooth(old, seconds.min(*old * 2.0)),
            none => *none = Some(seconds),
        }
        for n in 0..(right + 1).min(guess.tokens.len()) {
            smooth(&mut self.right[guess.class], f64::from(n < right));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: Duration = Duration::from_millis(10);

    #[test]
    fn what_followed_before_is_guessed() {
        let mut lookup = Lookup::default();
        let text: Vec<u32> = (0..20).chain(0..10).collect();
        assert_eq!(lookup.guess(&text, 20).tokens, [10, 11, 12, 13, 14, 15, 16]);
        assert_eq!(lookup.guess(&text, 5).tokens, [10, 11, 12]);
        assert_eq!(lookup.guess(&text, 0).tokens.len(), 0);
        let fresh = &mut Lookup::default();
        assert_eq!(fresh.guess(&[1, 2, 3, 4], 20).tokens.len(), 0);
        assert_eq!(Lookup::default().guess(&[7], 20).tokens.len(), 0);
    }

    #[test]
    fn the_longest_agreement_wins() {
        let mut lookup = Lookup::default();
        let text = [5, 1, 2, 3, 70, 70, 70, 6, 2, 3, 80, 80, 80, 5, 1, 2, 3];
        assert_eq!(lookup.guess(&text, 3).tokens, [70, 70, 70]);
    }

    #[test]
    fn a_token_alone_is_followed_by_what_mostly_followed_it() {
        let text = [9, 5, 1, 7, 5, 1, 3, 5, 2, 8, 5];
        assert_eq!(Lookup::default().guess(&text, 20).tokens, [1]);
    }

    #[test]
    fn it_stops_where_it_does_not_pay_and_tries_again_where_it_does() {
        let mut lookup = Lookup::default();
        let text = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1, 2, 3];
        lookup.learn(&Guess::default(), 0, MOMENT);
        for _ in 0..40 {
            let guess = lookup.guess(&text, 20);
            lookup.learn(&guess, 0, MOMENT * 2);
        }
        assert_eq!(lookup.guess(&text, 20).tokens.len(), 0);
        // Where rows cost nothing, and are right, as many as possible.
        let mut lookup = Lookup::default();
        for _ in 0..40 {
            let guess = lookup.guess(&text, 20);
            lookup.learn(&guess, guess.tokens.len(), MOMENT);
            lookup.learn(&Guess::default(), 0, MOMENT);
        }
        assert_eq!(lookup.guess(&text, 20).tokens.len(), 7);
    }
}
