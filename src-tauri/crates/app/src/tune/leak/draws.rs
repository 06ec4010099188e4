//! Random draws from a seed and words, the same on every machine.

use super::super::words::draw;

/// Draws one after another: SplitMix64 (Steele, Lea, Flood 2014).
pub(crate) struct Draws(u64);

impl Draws {
    /// Draws of their own for a seed and some words.
    pub fn of(seed: u64, words: &[&str]) -> Draws {
        Draws(draw(seed, words))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `count`, which is at least 1.
    pub fn below(&mut self, count: u64) -> u64 {
        self.next() % count.max(1)
    }

    /// One of a list; nothing of an empty one.
    pub fn one<'a>(&mut self, list: &[&'a str]) -> &'a str {
        let at = self.below(list.len() as u64) as usize;
        list.get(at).copied().unwrap_or("")
    }

    /// One of the 26 letters that begin with this one.
    pub fn letter(&mut self, first: u8) -> char {
        char::from(first + self.below(26) as u8)
    }

    /// A list in another order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for end in (1..list.len()).rev() {
            list.swap(end, self.below(end as u64 + 1) as usize);
        }
    }
}
