//! When a structural answer changes, the template says something else; the lawyer's own changes stay.
//!
//! A three-way merge by paragraphs: what the template said before, what it says now, and what the lawyer made of it.
//! Where both changed the same paragraph the lawyer's wording is kept and counted as a conflict.

use std::collections::HashMap;

use moqi_document::{Block, Document, parse, print};
use similar::{Algorithm, DiffOp, capture_diff_slices};

/// The merged blocks and the number of places where the lawyer's wording was kept against the template.
#[derive(Debug, Clone, PartialEq)]
pub struct Merged {
    /// The document with the merged blocks; its front matter is the lawyer's.
    pub document: Document,
    /// Places where both had changed.
    pub conflicts: usize,
}

/// Merges `before` → `after` (the template) into `mine` (the lawyer's document).
pub fn merge(before: &str, after: &str, mine: &Document) -> Merged {
    let mut words = Words::default();
    let base = words.of(&parse(before).blocks);
    let theirs = words.of(&parse(after).blocks);
    let ours = words.of(&mine.blocks);
    let mut result = Vec::new();
    let mut conflicts = 0;
    for hunk in hunks(&base, &theirs, &ours) {
        let Hunk {
            base: b,
            theirs: t,
            ours: o,
        } = hunk;
        let (b, t, o) = (&base[b.0..b.1], &theirs[t.0..t.1], &ours[o.0..o.1]);
        if o == b {
            result.extend_from_slice(t);
        } else {
            if t != b && t != o {
                conflicts += 1;
            }
            result.extend_from_slice(o);
        }
    }
    let blocks = result
        .into_iter()
        .map(|index| words.blocks[index].clone())
        .collect();
    Merged {
        document: Document {
            meta: mine.meta.clone(),
            blocks,
            problems: Vec::new(),
        },
        conflicts,
    }
}

/// The parts of a change: replace `remove` blocks from `from` by `insert`, for each run that differs, last run first,
/// so that applying them in order never moves a later one.
pub fn changes(old: &[Block], new: &[Block]) -> Vec<(usize, usize, Vec<Block>)> {
    let mut words = Words::default();
    let (a, b) = (words.of(old), words.of(new));
    let mut changes: Vec<(usize, usize, Vec<Block>)> =
        capture_diff_slices(Algorithm::Myers, &a, &b)
            .into_iter()
            .filter_map(|op| match op {
                DiffOp::Equal { .. } => None,
                other => {
                    let (_, from, to) = other.as_tag_tuple();
                    Some((from.start, from.len(), new[to].to_vec()))
                }
            })
            .collect();
    changes.reverse();
    changes
}

/// Blocks as small numbers: equal wording, equal number.
#[derive(Default)]
struct Words {
    blocks: Vec<Block>,
    index: HashMap<String, usize>,
}

impl Words {
    fn of(&mut self, blocks: &[Block]) -> Vec<usize> {
        blocks
            .iter()
            .map(|block| {
                let one = Document {
                    blocks: vec![block.clone()],
                    ..Document::default()
                };
                *self.index.entry(print(&one)).or_insert_with(|| {
                    self.blocks.push(block.clone());
                    self.blocks.len() - 1
                })
            })
            .collect()
    }
}

/// A stretch of the three texts that belongs together, as half-open ranges.
struct Hunk {
    base: (usize, usize),
    theirs: (usize, usize),
    ours: (usize, usize),
}

/// Cuts the three texts at the blocks of the base that both others kept: the classical three-way walk.
fn hunks(base: &[usize], theirs: &[usize], ours: &[usize]) -> Vec<Hunk> {
    let kept_by = |other: &[usize]| {
        let mut kept = vec![None; base.len()];
        for op in capture_diff_slices(Algorithm::Myers, base, other) {
            if let DiffOp::Equal {
                old_index,
                new_index,
                len,
            } = op
            {
                for step in 0..len {
                    kept[old_index + step] = Some(new_index + step);
                }
            }
        }
        kept
    };
    let (in_theirs, in_ours) = (kept_by(theirs), kept_by(ours));
    let mut hunks = Vec::new();
    let (mut b, mut t, mut o) = (0, 0, 0);
    for at in 0..base.len() {
        if let (Some(their), Some(our)) = (in_theirs[at], in_ours[at]) {
            hunks.push(Hunk {
                base: (b, at),
                theirs: (t, their),
                ours: (o, our),
            });
            hunks.push(Hunk {
                base: (at, at + 1),
                theirs: (their, their + 1),
                ours: (our, our + 1),
            });
            (b, t, o) = (at + 1, their + 1, our + 1);
        }
    }
    hunks.push(Hunk {
        base: (b, base.len()),
        theirs: (t, theirs.len()),
        ours: (o, ours.len()),
    });
    hunks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, after: &str, mine: &str, wanted: &str, conflicts: usize) {
        let split = |text: &str| text.replace('/', "\n\n");
        let mine = parse(&split(mine));
        let merged = merge(&split(before), &split(after), &mine);
        assert_eq!(print(&merged.document).trim(), split(wanted));
        assert_eq!(merged.conflicts, conflicts, "{wanted}");
        // Applying the changes to the lawyer's blocks gives the merged ones.
        let mut blocks = mine.blocks.clone();
        for (from, remove, insert) in changes(&mine.blocks, &merged.document.blocks) {
            blocks.splice(from..from + remove, insert);
        }
        let text = |blocks: Vec<Block>| {
            print(&Document {
                blocks,
                ..Document::default()
            })
        };
        assert_eq!(text(blocks), text(merged.document.blocks));
    }

    #[test]
    fn the_templates_change_and_the_lawyers_change_both_arrive() {
        check("a/b/c", "a/b/deposit/c", "a/b mine/c", "a/b mine/c", 1);
        check(
            "a/b/c",
            "a/b/c/deposit",
            "a mine/b/c",
            "a mine/b/c/deposit",
            0,
        );
        check("a/b/c/d", "a/c/d", "a/b/c/d mine", "a/c/d mine", 0);
        check("a/b/c", "a/c", "a/b mine/c", "a/b mine/c", 1);
        check("a/b/c", "a/b/c", "a/x/c", "a/x/c", 0);
        check("a/b/c", "a/y/c", "a/y/c", "a/y/c", 0);
        check("", "a/b", "", "a/b", 0);
    }
}
