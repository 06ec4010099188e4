//! Near-duplicates: documents and clauses that say nearly the same.
//!
//! Two texts are near-duplicates where their sets of five words in a row ([`SHINGLE`]) have a Jaccard index of at least
//! [`NEAR`]. Candidates come from MinHash in bands (Broder 1997), and each is confirmed by the exact index.

use std::collections::HashMap;

use super::words::tokens;

/// Words in a row that are compared as one; Chinese characters count as words.
pub const SHINGLE: usize = 5;
/// The Jaccard index from which two texts are near-duplicates.
///
/// Lists of training data are commonly cleaned at 0.8 (Lee et al. 2022). 0.7 is stricter: of the 780 pairs that 40
/// documents of one house style make (median 0.41, and 4 in 5 above 0.3) it joins three documents that differ in little
/// but the name of a state (0.89, 0.70). The next ones, at 0.69, have clauses of their own, which [`super::Wording`]
/// tells apart one by one.
pub const NEAR: f64 = 0.7;

/// Bands and rows of the signature: a pair at 0.7 shares a band with probability 1 − (1 − 0.7⁴)³² > 0.9998.
const BANDS: usize = 32;
const ROWS: usize = 4;
/// Texts of one band that a text is compared with; more would be a square of time on a folder of one form.
const MOST_IN_BAND: usize = 512;
/// Places of 128 in which the signatures of near-duplicates agree at least: five standard deviations below 0.7.
const FEWEST_EQUAL: usize = 64;

/// The shingles of a text, as sorted hashes, and its MinHash signature.
#[derive(Debug, Clone, Default)]
pub(super) struct Shingles {
    all: Vec<u64>,
    least: Vec<u64>,
}

impl Shingles {
    /// Of a text. One shorter than a shingle is one shingle.
    pub fn of(text: &str) -> Shingles {
        let words = tokens(text);
        if words.is_empty() {
            return Shingles::default();
        }
        let hashes: Vec<u64> = words.iter().map(|word| fnv(word.as_bytes())).collect();
        let width = SHINGLE.min(hashes.len());
        let join = |window: &[u64]| window.iter().fold(0u64, |all, word| mix(all ^ word));
        let mut all: Vec<u64> = hashes.windows(width).map(join).collect();
        all.sort_unstable();
        all.dedup();
        let mut least = vec![u64::MAX; BANDS * ROWS];
        for shingle in &all {
            for (i, least) in least.iter_mut().enumerate() {
                *least = (*least).min(mix(shingle ^ SALT.wrapping_mul(i as u64 + 1)));
            }
        }
        Shingles { all, least }
    }

    /// The Jaccard index of two texts, 0 to 1; 0 where one has no words.
    pub fn likeness(&self, other: &Shingles) -> f64 {
        let (mut a, mut b) = (self.all.as_slice(), other.all.as_slice());
        let mut both = 0;
        while let ([x, rest_a @ ..], [y, rest_b @ ..]) = (a, b) {
            both += usize::from(x == y);
            a = if x <= y { rest_a } else { a };
            b = if y <= x { rest_b } else { b };
        }
        match self.all.len() + other.all.len() - both {
            0 => 0.0,
            all => both as f64 / all as f64,
        }
    }

    /// Whether two texts are near-duplicates.
    pub fn near(&self, other: &Shingles) -> bool {
        let equal = self.least.iter().zip(&other.least).filter(|(a, b)| a == b);
        equal.count() >= FEWEST_EQUAL && self.likeness(other) >= NEAR
    }

    /// One key a band; texts that share one are candidates.
    fn bands(&self) -> Vec<u64> {
        let band =
            |(i, rows): (usize, &[u64])| rows.iter().fold(i as u64, |all, row| mix(all ^ row));
        self.least.chunks(ROWS).enumerate().map(band).collect()
    }
}

const SALT: u64 = 0x9e37_79b9_7f4a_7c15;

/// FNV-1a, 64 bits.
fn fnv(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

/// The finaliser of SplitMix64: every bit of the result depends on every bit of the input.
fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(SALT);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Texts that near-duplicates are looked up in.
#[derive(Debug, Default)]
pub(super) struct Index {
    texts: Vec<Shingles>,
    bands: HashMap<(usize, u64), Vec<usize>>,
}

impl Index {
    /// Adds a text; it has the number of those added before it.
    pub fn add(&mut self, shingles: Shingles) {
        let at = self.texts.len();
        for (band, key) in shingles.bands().into_iter().enumerate() {
            let there = self.bands.entry((band, key)).or_default();
            if there.len() < MOST_IN_BAND {
                there.push(at);
            }
        }
        self.texts.push(shingles);
    }

    /// The texts that are near-duplicates of this one, in the order they were added.
    pub fn near(&self, shingles: &Shingles) -> Vec<usize> {
        let keys = shingles.bands().into_iter().enumerate();
        let mut found: Vec<usize> = keys
            .filter_map(|key| self.bands.get(&key))
            .flatten()
            .copied()
            .collect();
        found.sort_unstable();
        found.dedup();
        found.retain(|at| self.texts[*at].near(shingles));
        found
    }
}

/// The families of some texts: a text and its near-duplicates, and theirs. Each lists its members in order; families
/// are in the order of their first members.
pub(super) fn families(texts: &[Shingles]) -> Vec<Vec<usize>> {
    let mut parent: Vec<usize> = (0..texts.len()).collect();
    fn root(parent: &mut [usize], mut at: usize) -> usize {
        while parent[at] != at {
            parent[at] = parent[parent[at]];
            at = parent[at];
        }
        at
    }
    let mut index = Index::default();
    for (at, text) in texts.iter().enumerate() {
        for near in index.near(text) {
            let (a, b) = (root(&mut parent, near), root(&mut parent, at));
            parent[a.max(b)] = a.min(b);
        }
        index.add(text.clone());
    }
    let mut families: Vec<Vec<usize>> = Vec::new();
    let mut place: HashMap<usize, usize> = HashMap::new();
    for at in 0..texts.len() {
        let first = root(&mut parent, at);
        let family = *place.entry(first).or_insert_with(|| {
            families.push(Vec::new());
            families.len() - 1
        });
        families[family].push(at);
    }
    families
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn text(from: usize, to: usize) -> String {
        (from..to).map(|n| format!("word{n} ")).collect()
    }

    #[test]
    fn likeness_is_the_jaccard_index_of_shingles() {
        let (a, b) = (Shingles::of(&text(0, 104)), Shingles::of(&text(20, 124)));
        // 100 shingles each, 80 shared.
        assert!((a.likeness(&b) - 80.0 / 120.0).abs() < 1e-12);
        assert!((a.likeness(&a) - 1.0).abs() < 1e-12);
        assert!(Shingles::of("").likeness(&Shingles::of("")) < 1e-12);
        assert!(
            (Shingles::of("Same, words!").likeness(&Shingles::of("same words")) - 1.0).abs()
                < 1e-12
        );
    }

    #[test]
    fn families_are_those_of_comparing_every_pair() {
        // Thirty texts that drift apart: neighbours at 0.82 are one family as far as the chain reaches.
        let mut texts: Vec<String> = (0..30).map(|n| text(n * 1000, n * 1000 + 104)).collect();
        texts.extend((0..10).map(|n| text(50_000 + n * 10, 50_104 + n * 10)));
        texts.extend((0..4).map(|n| text(90_000 + n * 40, 90_104 + n * 40)));
        let shingles: Vec<Shingles> = texts.iter().map(|text| Shingles::of(text)).collect();
        let mut wanted: Vec<usize> = (0..shingles.len()).collect();
        for a in 0..shingles.len() {
            for b in 0..a {
                if shingles[a].likeness(&shingles[b]) >= NEAR {
                    let (from, to) = (wanted[a], wanted[b]);
                    wanted
                        .iter_mut()
                        .filter(|w| **w == from)
                        .for_each(|w| *w = to);
                }
            }
        }
        let found = families(&shingles);
        for family in &found {
            assert!(family.iter().all(|at| wanted[*at] == wanted[family[0]]));
        }
        let distinct: HashSet<usize> = wanted.iter().copied().collect();
        assert_eq!(found.len(), distinct.len());
        assert_eq!(found.iter().map(Vec::len).max(), Some(10));
    }

    #[test]
    fn of_many_copies_of_one_form_a_text_is_compared_with_some() {
        let texts: Vec<Shingles> = (0..MOST_IN_BAND + 100)
            .map(|n| Shingles::of(&format!("{}{}", text(0, 150), text(n * 7, n * 7 + 10))))
            .collect();
        assert_eq!(families(&texts).len(), 1);
        let mut index = Index::default();
        texts.into_iter().for_each(|text| index.add(text));
        // More of them would share a band: the bound is what keeps the work from growing with their square.
        assert_eq!(index.bands.values().map(Vec::len).max(), Some(MOST_IN_BAND));
    }
}
