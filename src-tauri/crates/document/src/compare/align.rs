//! What two sequences have in common: rare anchors first, a short edit script between them.
//!
//! The cost is bounded: anchors take a sort, a region without anchors takes Myers's algorithm up to a fixed number of
//! differences, and what differs even more is matched greedily in order. Nothing is quadratic in hostile input.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;

/// Differences Myers's algorithm looks for in one region before it gives up.
const MOST_DIFFERENCES: usize = 400;
/// How far the greedy matching looks ahead.
const REACH: usize = 64;
/// Regions inside regions; deeper ones take the edit script at once.
const DEEPEST: usize = 48;

/// Pairs of places, in the old and in the new sequence.
type Pairs = Vec<(usize, usize)>;

/// The pairs of equal elements that stay in place, increasing on both sides.
#[must_use]
pub fn align<T: Eq + Hash>(old: &[T], new: &[T]) -> Vec<(usize, usize)> {
    // Everything below compares plain numbers, and elements of one side only are out of the way.
    let mut names: HashMap<&T, (u32, u8)> = HashMap::new();
    for (side, all) in [(1, old), (2, new)] {
        for element in all {
            let next = u32::try_from(names.len()).unwrap_or(u32::MAX);
            names.entry(element).or_insert((next, 0)).1 |= side;
        }
    }
    let shared = |all: &[T]| -> (Vec<u32>, Vec<usize>) {
        all.iter()
            .enumerate()
            .filter_map(|(at, element)| {
                let (name, sides) = names.get(element)?;
                (*sides == 3).then_some((*name, at))
            })
            .unzip()
    };
    let ((a, a_at), (b, b_at)) = (shared(old), shared(new));
    let mut pairs = Vec::new();
    let mut open = vec![(0..a.len(), 0..b.len(), 0)];
    while let Some((in_a, in_b, depth)) = open.pop() {
        region(&a, &b, (in_a, in_b, depth), &mut pairs, &mut open);
    }
    pairs.sort_unstable();
    pairs.iter().map(|&(x, y)| (a_at[x], b_at[y])).collect()
}

/// A part of both sequences, and how deep it lies inside others.
type Region = (Range<usize>, Range<usize>, usize);

/// Matches what begins and ends alike, then splits at anchors or looks for an edit script.
fn region(
    a: &[u32],
    b: &[u32],
    (mut in_a, mut in_b, depth): Region,
    pairs: &mut Pairs,
    open: &mut Vec<Region>,
) {
    while !in_a.is_empty() && !in_b.is_empty() && a[in_a.start] == b[in_b.start] {
        pairs.push((in_a.start, in_b.start));
        in_a.start += 1;
        in_b.start += 1;
    }
    while !in_a.is_empty() && !in_b.is_empty() && a[in_a.end - 1] == b[in_b.end - 1] {
        in_a.end -= 1;
        in_b.end -= 1;
        pairs.push((in_a.end, in_b.end));
    }
    if in_a.is_empty() || in_b.is_empty() {
        return;
    }
    let anchors = if depth < DEEPEST {
        anchors(a, b, &in_a, &in_b)
    } else {
        Pairs::new()
    };
    if anchors.is_empty() {
        if !edit_script(a, b, &in_a, &in_b, pairs) {
            greedy(a, b, &in_a, &in_b, pairs);
        }
        return;
    }
    let (mut from_a, mut from_b) = (in_a.start, in_b.start);
    for (x, y) in anchors.into_iter().chain([(in_a.end, in_b.end)]) {
        open.push((from_a..x, from_b..y, depth + 1));
        if x < in_a.end && y < in_b.end {
            pairs.push((x, y));
        }
        (from_a, from_b) = (x + 1, y + 1);
    }
}

/// Elements that stand once on both sides of a region, the longest run of them that is in order.
fn anchors(a: &[u32], b: &[u32], in_a: &Range<usize>, in_b: &Range<usize>) -> Pairs {
    // Count and place on each side.
    let mut found: HashMap<u32, [(u32, usize); 2]> = HashMap::new();
    for (side, all, range) in [(0, a, in_a), (1, b, in_b)] {
        for at in range.clone() {
            let entry = &mut found.entry(all[at]).or_default()[side];
            *entry = (entry.0 + 1, at);
        }
    }
    let pairs: Pairs = in_a
        .clone()
        .filter_map(|at| match found.get(&a[at]) {
            Some([(1, x), (1, y)]) => Some((*x, *y)),
            _ => None,
        })
        .collect();
    increasing(&pairs)
}

/// The longest run of pairs whose second places increase; the first places do already.
pub(super) fn increasing(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut tails: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (at, &(_, y)) in pairs.iter().enumerate() {
        let place = tails.partition_point(|&tail| pairs[tail].1 < y);
        before.push(place.checked_sub(1).map(|last| tails[last]));
        if place == tails.len() {
            tails.push(at);
        } else {
            tails[place] = at;
        }
    }
    let mut run = Vec::with_capacity(tails.len());
    let mut at = tails.last().copied();
    while let Some(place) = at {
        run.push(pairs[place]);
        at = before[place];
    }
    run.reverse();
    run
}

/// The shortest edit script by Myers (1986), its forward form; false when it has too many differences.
fn edit_script(
    a: &[u32],
    b: &[u32],
    in_a: &Range<usize>,
    in_b: &Range<usize>,
    pairs: &mut Pairs,
) -> bool {
    let (a, b) = (&a[in_a.clone()], &b[in_b.clone()]);
    let most = (a.len() + b.len()).min(MOST_DIFFERENCES);
    // Furthest place in `a` on diagonal k, at k + most + 1; one vector kept for each number of differences.
    let middle = most + 1;
    let mut furthest = vec![0usize; 2 * most + 3];
    let mut trace: Vec<Vec<usize>> = Vec::new();
    let mut reached = None;
    'search: for d in 0..=most {
        trace.push(furthest[middle - d..=middle + d].to_vec());
        for k in (0..=2 * d).step_by(2) {
            let diagonal = middle + k - d;
            let down = k == 0 || (k != 2 * d && furthest[diagonal - 1] < furthest[diagonal + 1]);
            let mut x = if d == 0 {
                0
            } else if down {
                furthest[diagonal + 1]
            } else {
                furthest[diagonal - 1] + 1
            };
            // y = x - (diagonal - middle); a diagonal beyond the region has no place.
            let Some(mut y) = (x + middle).checked_sub(diagonal) else {
                continue;
            };
            while x < a.len() && y < b.len() && a[x] == b[y] {
                x += 1;
                y += 1;
            }
            furthest[diagonal] = x;
            if x >= a.len() && y >= b.len() {
                reached = Some(d);
                break 'search;
            }
        }
    }
    let Some(reached) = reached else { return false };
    // Back along the diagonals that were taken.
    let (mut x, mut y) = (a.len(), b.len());
    for d in (1..=reached).rev() {
        let kept = &trace[d];
        let at = |diagonal: isize| -> usize {
            // The vector of d spans diagonals -d..=d as they stood before step d.
            usize::try_from(diagonal + d as isize)
                .ok()
                .and_then(|place| kept.get(place).copied())
                .unwrap_or(0)
        };
        let k = x as isize - y as isize;
        let down = k == -(d as isize) || (k != d as isize && at(k - 1) < at(k + 1));
        let (from_x, from_k) = if down {
            (at(k + 1), k + 1)
        } else {
            (at(k - 1), k - 1)
        };
        let from_y = usize::try_from(from_x as isize - from_k).unwrap_or(0);
        let start = if down { from_x } else { from_x + 1 };
        while x > start {
            x -= 1;
            y = y.saturating_sub(1);
            pairs.push((in_a.start + x, in_b.start + y));
        }
        (x, y) = (from_x, from_y);
    }
    while x > 0 && y > 0 {
        x -= 1;
        y -= 1;
        pairs.push((in_a.start + x, in_b.start + y));
    }
    true
}

/// Matches each element with the next equal one that is near: never best, always in one pass.
fn greedy(a: &[u32], b: &[u32], in_a: &Range<usize>, in_b: &Range<usize>, pairs: &mut Pairs) {
    let mut next = in_b.start;
    for x in in_a.clone() {
        let end = (next + REACH).min(in_b.end);
        if let Some(found) = (next..end).find(|&y| b[y] == a[x]) {
            pairs.push((x, found));
            next = found + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(old: &str, new: &str, common: &str) {
        let (old, new): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
        let pairs = align(&old, &new);
        assert!(
            pairs
                .windows(2)
                .all(|two| two[0].0 < two[1].0 && two[0].1 < two[1].1)
        );
        let found: String = pairs.iter().map(|&(x, _)| old[x]).collect();
        assert!(pairs.iter().all(|&(x, y)| old[x] == new[y]));
        assert_eq!(found, common);
    }

    #[test]
    fn what_is_common_stays() {
        check("", "", "");
        check("abc", "abc", "abc");
        check("abc", "xyz", "");
        check("abcd", "bcde", "bcd");
        check("aabbaabb", "bbaabbaa", "bbaabb");
        check("xaybzc", "abc", "abc");
        check("abab", "baba", "bab");
    }

    /// The edit script against the longest common subsequence by the textbook's table.
    #[test]
    fn the_edit_script_is_the_shortest() {
        let mut dice = 0x2545_F491_4F6C_DD1Du64;
        let mut roll = |sides: u64| {
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            dice % sides
        };
        for _ in 0..500 {
            let mut word = || -> Vec<u32> { (0..roll(24)).map(|_| roll(4) as u32).collect() };
            let (a, b) = (word(), word());
            let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
            for x in 0..a.len() {
                for y in 0..b.len() {
                    table[x + 1][y + 1] = if a[x] == b[y] {
                        table[x][y] + 1
                    } else {
                        table[x][y + 1].max(table[x + 1][y])
                    };
                }
            }
            let mut pairs = Pairs::new();
            assert!(edit_script(
                &a,
                &b,
                &(0..a.len()),
                &(0..b.len()),
                &mut pairs
            ));
            pairs.sort_unstable();
            assert!(pairs.iter().all(|&(x, y)| a[x] == b[y]));
            assert!(pairs.windows(2).all(|w| w[0].0 < w[1].0 && w[0].1 < w[1].1));
            assert_eq!(pairs.len(), table[a.len()][b.len()], "{a:?} {b:?}");
        }
    }
}
