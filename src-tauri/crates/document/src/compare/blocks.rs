//! Which block of the new text is which of the old one: equal, edited, or moved.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use super::align::{align, increasing};
use super::tokens::{tokens, weight};
use crate::model::{Block, BlockKind, Inline, InlineKind, Merge, Table};

/// Share of words, in percent, from which two blocks in the same place are one block that was edited.
const EDITED: usize = 45;
/// Share of words from which a block elsewhere is the same block, moved.
const MOVED: usize = 80;
/// Words a block needs to be known again elsewhere by itself; shorter ones only move beside another.
const KNOWN_BY: usize = 6;
/// Pairs of blocks that are weighed one by one in a gap; larger gaps are split at rare words first.
const WEIGHED: usize = 2_500;
/// A word in so many blocks of a gap, or fewer, is rare.
const RARE: usize = 8;
/// Words of one block that are looked at; a longer block is known by its beginning.
const LOOKED_AT: usize = 2_000;

/// The block as seen by the comparison.
pub(super) struct Seen {
    /// Equal for blocks that say and look the same; ids and source positions are left out.
    pub exact: String,
    /// What it can be an edited form of.
    family: Family,
    /// Its words, sorted; signs and blanks left out.
    words: Vec<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Family {
    Text,
    Table,
    Signature,
    Note,
    Verbatim,
    Break,
}

impl Seen {
    pub fn new(block: &Block) -> Self {
        let mut exact = String::new();
        let mut words = Vec::new();
        let mut content = |exact: &mut String, content: &[Inline]| {
            say(exact, content);
            hear(&mut words, content);
        };
        let family = match &block.kind {
            BlockKind::Title(c) => {
                exact.push_str("t\u{1}");
                content(&mut exact, c);
                Family::Text
            }
            BlockKind::Heading {
                level,
                style,
                content: c,
            } => {
                let _ = write!(exact, "h{level}{style:?}\u{1}");
                content(&mut exact, c);
                Family::Text
            }
            BlockKind::Item {
                depth,
                ordered,
                content: c,
            } => {
                let _ = write!(exact, "i{depth}{ordered}\u{1}");
                content(&mut exact, c);
                Family::Text
            }
            BlockKind::Paragraph {
                depth,
                quote,
                content: c,
            } => {
                let _ = write!(exact, "p{depth}{quote}\u{1}");
                content(&mut exact, c);
                Family::Text
            }
            BlockKind::Table(table) => {
                let _ = write!(exact, "T{:?}\u{1}", table.align);
                for cell in table.rows.iter().flatten() {
                    content(&mut exact, &cell.content);
                    exact.push(if cell.merge == Merge::None {
                        '\u{2}'
                    } else {
                        '\u{3}'
                    });
                    exact.push_str(cell.merge.sign().unwrap_or_default());
                }
                Family::Table
            }
            BlockKind::Signature(parties) => {
                exact.push_str("s\u{1}");
                for party in parties {
                    for line in &party.lines {
                        content(&mut exact, line);
                        exact.push('\u{2}');
                    }
                    exact.push('\u{3}');
                }
                Family::Signature
            }
            BlockKind::PageBreak => {
                exact.push('b');
                Family::Break
            }
            BlockKind::Footnote { label, content: c } => {
                let _ = write!(exact, "n{label}\u{1}");
                content(&mut exact, c);
                Family::Note
            }
            BlockKind::Verbatim(text) => {
                exact.push_str("v\u{1}");
                exact.push_str(text);
                hear_text(&mut words, text);
                Family::Verbatim
            }
        };
        words.truncate(LOOKED_AT);
        words.sort_unstable();
        Self {
            exact,
            family,
            words,
        }
    }

    /// A row of a table, or a line of a signature.
    pub fn row(cells: &[&[Inline]]) -> Self {
        let mut seen = Self {
            exact: String::new(),
            family: Family::Table,
            words: Vec::new(),
        };
        for cell in cells {
            say(&mut seen.exact, cell);
            seen.exact.push('\u{2}');
            hear(&mut seen.words, cell);
        }
        seen.words.truncate(LOOKED_AT);
        seen.words.sort_unstable();
        seen
    }

    /// A line of plain text.
    pub fn line(text: &str) -> Self {
        let mut words = Vec::new();
        hear_text(&mut words, text);
        words.truncate(LOOKED_AT);
        words.sort_unstable();
        Self {
            exact: text.to_owned(),
            family: Family::Table,
            words,
        }
    }

    /// Percent of the words of both that are common to both.
    pub fn likeness(&self, other: &Self) -> usize {
        if self.family != other.family {
            return 0;
        }
        if self.exact == other.exact {
            return 100;
        }
        let all = self.words.len() + other.words.len();
        if all == 0 {
            // Without words there is nothing to tell apart, nor to know again.
            return if self.family == Family::Break {
                100
            } else {
                50
            };
        }
        let (mut x, mut y, mut common) = (0, 0, 0);
        while x < self.words.len() && y < other.words.len() {
            match self.words[x].cmp(&other.words[y]) {
                std::cmp::Ordering::Less => x += 1,
                std::cmp::Ordering::Greater => y += 1,
                std::cmp::Ordering::Equal => {
                    common += 1;
                    x += 1;
                    y += 1;
                }
            }
        }
        200 * common / all
    }
}

/// Writes content so that equal strings mean equal content.
fn say(out: &mut String, content: &[Inline]) {
    let mut marks = None;
    for inline in content {
        if marks != Some(&inline.marks) {
            let m = &inline.marks;
            let _ = write!(
                out,
                "\u{4}{}{}{}{}{}\u{4}",
                u8::from(m.strong),
                u8::from(m.emphasis),
                u8::from(m.strike),
                u8::from(m.code),
                m.link.as_deref().unwrap_or_default()
            );
            marks = Some(m);
        }
        match &inline.kind {
            InlineKind::Text(text) => out.push_str(text),
            InlineKind::Field(expr) => {
                let _ = write!(out, "\u{5}f{expr}\u{5}");
            }
            InlineKind::Reference(id) => {
                let _ = write!(out, "\u{5}r{id}\u{5}");
            }
            InlineKind::Break => out.push_str("\u{5}b\u{5}"),
            InlineKind::FootnoteRef(label) => {
                let _ = write!(out, "\u{5}n{label}\u{5}");
            }
        }
    }
}

fn hear(words: &mut Vec<u64>, content: &[Inline]) {
    for inline in content {
        match &inline.kind {
            InlineKind::Text(text) => hear_text(words, text),
            InlineKind::Field(name) | InlineKind::Reference(name) => words.push(hash(name)),
            InlineKind::Break | InlineKind::FootnoteRef(_) => {}
        }
    }
}

fn hear_text(words: &mut Vec<u64>, text: &str) {
    words.extend(
        tokens(text)
            .into_iter()
            .filter(|token| weight(token) > 0)
            .map(hash),
    );
}

/// FNV-1a: the same on every machine and in every run.
fn hash(word: &str) -> u64 {
    word.bytes().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}

/// Pairs that stay in place, equal or edited; increasing on both sides.
pub(super) fn in_place(old: &[Seen], new: &[Seen]) -> Vec<(usize, usize)> {
    let exact = |all: &[Seen]| -> Vec<String> { all.iter().map(|s| s.exact.clone()).collect() };
    let mut pairs = Vec::new();
    let (mut x, mut y) = (0, 0);
    for (a, b) in align(&exact(old), &exact(new))
        .into_iter()
        .chain([(old.len(), new.len())])
    {
        let old_gap: Vec<usize> = (x..a).collect();
        let new_gap: Vec<usize> = (y..b).collect();
        gap(old, new, &old_gap, &new_gap, &mut pairs);
        if a < old.len() {
            pairs.push((a, b));
        }
        (x, y) = (a + 1, b + 1);
    }
    pairs
}

/// Edited blocks between two pairs.
fn gap(old: &[Seen], new: &[Seen], a: &[usize], b: &[usize], pairs: &mut Vec<(usize, usize)>) {
    if a.is_empty() || b.is_empty() {
        return;
    }
    if a.len() * b.len() <= WEIGHED {
        weighed(old, new, a, b, pairs);
        return;
    }
    let found = increasing(&by_rare_words(old, new, a, b, EDITED));
    let (mut x, mut y) = (0, 0);
    for (p, q) in found.into_iter().chain([(a.len(), b.len())]) {
        let (left, right) = (&a[x..p], &b[y..q]);
        if left.len() * right.len() <= WEIGHED {
            weighed(old, new, left, right, pairs);
        }
        if p < a.len() {
            pairs.push((a[p], b[q]));
        }
        (x, y) = (p + 1, q + 1);
    }
}

/// The pairs with the greatest sum of likeness, in order.
fn weighed(old: &[Seen], new: &[Seen], a: &[usize], b: &[usize], pairs: &mut Vec<(usize, usize)>) {
    if a.is_empty() || b.is_empty() {
        return;
    }
    let width = b.len() + 1;
    let mut best = vec![0usize; (a.len() + 1) * width];
    let mut alike = vec![0usize; a.len() * b.len()];
    for x in (0..a.len()).rev() {
        for y in (0..b.len()).rev() {
            let like = old[a[x]].likeness(&new[b[y]]);
            let like = if like >= EDITED { like } else { 0 };
            alike[x * b.len() + y] = like;
            let skip = best[(x + 1) * width + y].max(best[x * width + y + 1]);
            let take = best[(x + 1) * width + y + 1] + like;
            best[x * width + y] = skip.max(if like > 0 { take } else { 0 });
        }
    }
    let (mut x, mut y) = (0, 0);
    while x < a.len() && y < b.len() {
        let like = alike[x * b.len() + y];
        if like > 0 && best[x * width + y] == best[(x + 1) * width + y + 1] + like {
            pairs.push((a[x], b[y]));
            x += 1;
            y += 1;
        } else if best[x * width + y] == best[(x + 1) * width + y] {
            x += 1;
        } else {
            y += 1;
        }
    }
}

/// For each place in `a` its most alike partner in `b`, among those that share a rare word with it; no partner twice.
fn by_rare_words(
    old: &[Seen],
    new: &[Seen],
    a: &[usize],
    b: &[usize],
    least: usize,
) -> Vec<(usize, usize)> {
    let mut holders: HashMap<u64, Vec<usize>> = HashMap::new();
    for (place, &block) in b.iter().enumerate() {
        let mut last = None;
        for &word in &new[block].words {
            if last.replace(word) != Some(word) {
                let holders = holders.entry(word).or_default();
                if holders.len() <= RARE {
                    holders.push(place);
                }
            }
        }
    }
    let mut taken = HashSet::new();
    let mut out = Vec::new();
    for (place, &block) in a.iter().enumerate() {
        let mut votes: HashMap<usize, usize> = HashMap::new();
        let mut last = None;
        for word in &old[block].words {
            if last.replace(word) == Some(word) {
                continue;
            }
            for &holder in holders
                .get(word)
                .filter(|holders| holders.len() <= RARE)
                .into_iter()
                .flatten()
            {
                *votes.entry(holder).or_default() += 1;
            }
        }
        let mut ranked: Vec<(usize, usize)> = votes.into_iter().collect();
        ranked.sort_unstable_by_key(|&(holder, votes)| (std::cmp::Reverse(votes), holder));
        let best = ranked
            .into_iter()
            .take(3)
            .filter(|(holder, _)| !taken.contains(holder))
            .map(|(holder, _)| (old[block].likeness(&new[b[holder]]), holder))
            .max_by_key(|&(like, holder)| (like, std::cmp::Reverse(holder)));
        if let Some((like, holder)) = best
            && like >= least
        {
            taken.insert(holder);
            out.push((place, holder));
        }
    }
    out
}

/// Blocks left over on both sides that are the same block in another place: old, new, and the move they are part of.
/// Blocks that moved together, one after the other, share a move. In the order of the new text.
pub(super) fn moves(
    old: &[Seen],
    new: &[Seen],
    left: &[usize],
    right: &[usize],
) -> Vec<(usize, usize, usize)> {
    let alone = |seen: &Seen| seen.words.len() >= KNOWN_BY && seen.family != Family::Note;
    let a: Vec<usize> = left.iter().copied().filter(|&at| alone(&old[at])).collect();
    let b: Vec<usize> = right
        .iter()
        .copied()
        .filter(|&at| alone(&new[at]))
        .collect();
    let mut found: HashMap<usize, usize> = HashMap::new();
    let mut used: HashSet<usize> = HashSet::new();
    // Equal blocks first, in order: the first of several equal ones is the first elsewhere.
    let mut equal: HashMap<&str, Vec<usize>> = HashMap::new();
    for &at in a.iter().rev() {
        equal.entry(&old[at].exact).or_default().push(at);
    }
    for &at in &b {
        if let Some(from) = equal.get_mut(new[at].exact.as_str()).and_then(Vec::pop) {
            found.insert(at, from);
            used.insert(from);
        }
    }
    let a: Vec<usize> = a.into_iter().filter(|at| !used.contains(at)).collect();
    let b: Vec<usize> = b.into_iter().filter(|at| !found.contains_key(at)).collect();
    for (x, y) in by_rare_words(old, new, &a, &b, MOVED) {
        found.insert(b[y], a[x]);
        used.insert(a[x]);
    }
    // Headings and short items go along with what they stand beside.
    let (left, right): (HashSet<usize>, HashSet<usize>) = (
        left.iter().copied().collect(),
        right.iter().copied().collect(),
    );
    let mut seeds: Vec<(usize, usize)> = found.iter().map(|(&to, &from)| (from, to)).collect();
    seeds.sort_unstable_by_key(|&(_, to)| to);
    for forward in [false, true] {
        for &(from, to) in &seeds {
            let (mut x, mut y) = (from, to);
            loop {
                let next = if forward {
                    Some((x + 1, y + 1))
                } else {
                    x.checked_sub(1).zip(y.checked_sub(1))
                };
                let Some((next_x, next_y)) = next else { break };
                (x, y) = (next_x, next_y);
                if !left.contains(&x)
                    || !right.contains(&y)
                    || used.contains(&x)
                    || found.contains_key(&y)
                    || old[x].family == Family::Note
                    || old[x].likeness(&new[y]) < MOVED
                {
                    break;
                }
                found.insert(y, x);
                used.insert(x);
            }
        }
    }
    let mut all: Vec<(usize, usize)> = found.into_iter().map(|(to, from)| (from, to)).collect();
    all.sort_unstable_by_key(|&(_, to)| to);
    let mut out: Vec<(usize, usize, usize)> = Vec::with_capacity(all.len());
    for (from, to) in all {
        let id = match out.last() {
            Some(&(x, y, id)) if from == x + 1 && to == y + 1 => id,
            Some(&(_, _, id)) => id + 1,
            None => 0,
        };
        out.push((from, to, id));
    }
    out
}

/// Rows of two tables: pairs in place.
pub(super) fn rows(old: &Table, new: &Table) -> Vec<(usize, usize)> {
    let seen = |table: &Table| -> Vec<Seen> {
        table
            .rows
            .iter()
            .map(|row| {
                let cells: Vec<&[Inline]> =
                    row.iter().map(|cell| cell.content.as_slice()).collect();
                let mut seen = Seen::row(&cells);
                // Of rows with the same words those with the same merged cells belong together.
                let signs = row.iter().map(|cell| cell.merge.sign().unwrap_or(" "));
                seen.exact.extend(signs);
                seen
            })
            .collect()
    };
    in_place(&seen(old), &seen(new))
}
