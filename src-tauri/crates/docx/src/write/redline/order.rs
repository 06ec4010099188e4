//! In which order the elements of two bodies stand in one, and what becomes of each.

use std::collections::{BTreeMap, BTreeSet};

use super::columns::columns;
use crate::write::tree::Element;
use moqi_document::{Change, Comparison};

/// What to do with an element of the body, in the order of the merged document. Indexes are those of the elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Pair(usize, usize),
    Delete(usize),
    Insert(usize),
    /// Where a moved paragraph came from: old, new, the id of the move.
    From(usize, usize, usize),
    /// Where it went.
    To(usize, usize, usize),
    /// The tables of contents.
    Contents(usize, usize),
}

/// Elements of a document by block.
pub(super) struct Elements<'e, 'a> {
    all: &'e [(Option<usize>, Element<'a>)],
    /// Range of the elements of each block that has some.
    of: BTreeMap<usize, std::ops::Range<usize>>,
    /// The end of the section before a block, where one ends there.
    breaks: BTreeMap<usize, usize>,
    /// The table of contents; the end of its section follows it.
    contents: Option<usize>,
}

/// True for a paragraph that ends a section.
pub(super) fn is_break(element: &Element<'_>) -> bool {
    let properties = element.child("w:pPr");
    properties.is_some_and(|properties| properties.child("w:sectPr").is_some())
}

impl<'e, 'a> Elements<'e, 'a> {
    pub fn new(all: &'e [(Option<usize>, Element<'a>)]) -> Self {
        let mut elements = Self {
            all,
            of: BTreeMap::new(),
            breaks: BTreeMap::new(),
            contents: None,
        };
        for (at, (block, element)) in all.iter().enumerate() {
            let Some(block) = block else { continue };
            if element.name == "w:sdt" {
                elements.contents = Some(at);
            } else if !is_break(element) {
                elements.of.entry(*block).or_insert(at..at).end = at + 1;
            } else if elements.contents.is_none_or(|contents| contents + 1 != at) {
                elements.breaks.insert(*block, at);
            }
        }
        elements
    }

    fn block(&self, block: usize) -> std::ops::Range<usize> {
        self.of.get(&block).cloned().unwrap_or(0..0)
    }

    /// The end of the section before a block.
    fn before(&self, block: usize) -> Option<usize> {
        self.breaks.get(&block).copied()
    }

    fn is_paragraph(&self, at: usize) -> bool {
        self.all[at].1.name == "w:p"
    }
}

/// Blocks that changed their place: where each went, and the number of its move; `None` where Word has no such move.
type Moves = BTreeMap<usize, (usize, Option<usize>)>;

/// The order of everything, from the parts of the comparison.
pub(super) fn ops(
    comparison: &Comparison,
    old: &Elements<'_, '_>,
    new: &Elements<'_, '_>,
) -> Vec<Op> {
    let mut moves = moves(comparison, old, new);
    let mut ordered = order(comparison, old, new, &moves);
    // The last mark of a body cannot be tracked, and the end is settled for plain changes only.
    let tail = ordered
        .iter()
        .rposition(|op| matches!(op, Op::Pair(..)))
        .map_or(0, |at| at + 1);
    let last: BTreeSet<usize> = ordered[tail..]
        .iter()
        .filter_map(|op| match op {
            Op::From(_, _, id) | Op::To(_, _, id) => Some(*id),
            _ => None,
        })
        .collect();
    if !last.is_empty() {
        for (_, id) in moves.values_mut() {
            *id = id.filter(|id| !last.contains(id));
        }
        ordered = order(comparison, old, new, &moves);
    }
    // Nothing binds deletions and insertions at the end to an order: a table among them should not come last, because
    // what stands after it cannot share a mark with what stands before it.
    let is_table = |op: &Op| match *op {
        Op::Insert(at) => !new.is_paragraph(at),
        _ => false,
    };
    let tail = &mut ordered[tail..];
    let inserted_first = tail.iter().any(is_table);
    tail.sort_by_key(|op| matches!(op, Op::Insert(_)) != inserted_first);
    match (old.contents, new.contents) {
        (Some(x), Some(y)) => with_contents(ordered, x, y),
        _ => ordered,
    }
}

/// The order with the tables of contents between what stands before and after them in either document. What stands before
/// one and after the other cannot stay.
fn with_contents(ordered: Vec<Op>, x: usize, y: usize) -> Vec<Op> {
    let torn: BTreeSet<usize> = ordered
        .iter()
        .filter_map(|op| match *op {
            Op::From(a, b, id) | Op::To(a, b, id) if (a < x) != (b < y) => Some(id),
            _ => None,
        })
        .collect();
    let (mut head, mut tail) = (Vec::new(), Vec::with_capacity(ordered.len() + 3));
    tail.extend([Op::Contents(x, y), Op::Pair(x + 1, y + 1)]);
    for op in ordered {
        let apart: &[Op] = match op {
            Op::Pair(a, b) if (a < x) != (b < y) => &[Op::Delete(a), Op::Insert(b)],
            Op::From(a, _, id) if torn.contains(&id) => &[Op::Delete(a)],
            Op::To(_, b, id) if torn.contains(&id) => &[Op::Insert(b)],
            op => &[op],
        };
        for &op in apart {
            let before = match op {
                Op::Pair(a, _) | Op::Delete(a) | Op::From(a, ..) => a < x,
                Op::Insert(b) | Op::To(_, b, _) => b < y,
                Op::Contents(..) => false,
            };
            if before { &mut head } else { &mut tail }.push(op);
        }
    }
    head.append(&mut tail);
    head
}

/// The moves of the comparison. Word has none of tables: one in a clause that moved is deleted and inserted, and what
/// stands before it and after it moves in two stretches.
fn moves(comparison: &Comparison, old: &Elements<'_, '_>, new: &Elements<'_, '_>) -> Moves {
    let mut moves = Moves::new();
    let mut next = 0;
    // The move of the block before, and whether that block could be moved.
    let mut before = None;
    for part in &comparison.parts {
        let Change::Moved {
            old: x, new: y, id, ..
        } = part
        else {
            continue;
        };
        let (a, b) = (old.block(*x), new.block(*y));
        let movable = a.len() == b.len()
            && a.clone().all(|at| old.is_paragraph(at))
            && b.clone().all(|at| new.is_paragraph(at));
        // What moves is one stretch of text, without the end of a section inside.
        let broken = old.before(*x).is_some() || new.before(*y).is_some();
        if broken || before != Some((*id, true)) {
            next += 1;
        }
        moves.insert(*x, (*y, movable.then_some(next - 1)));
        before = Some((*id, movable));
    }
    moves
}

/// The order with the moves that can be made.
fn order(
    comparison: &Comparison,
    old: &Elements<'_, '_>,
    new: &Elements<'_, '_>,
    moves: &Moves,
) -> Vec<Op> {
    let mut ops = Vec::with_capacity(old.all.len().max(new.all.len()));
    // What no block says stands at the front: a title from the front matter, the paragraph of an empty document.
    let free = |elements: &Elements<'_, '_>| {
        elements
            .all
            .iter()
            .take_while(|(block, _)| block.is_none())
            .count()
    };
    pairs(old, new, 0..free(old), 0..free(new), &mut ops);
    let mut waiting = moves.iter().peekable();
    let mut leave = |ops: &mut Vec<Op>, before: usize| {
        while let Some((&x, &(y, id))) = waiting.next_if(|(x, _)| **x < before) {
            let (a, b) = (old.block(x), new.block(y));
            ops.extend(old.before(x).map(Op::Delete));
            match id {
                Some(id) => ops.extend(a.zip(b).map(|(a, b)| Op::From(a, b, id))),
                None => ops.extend(a.map(Op::Delete)),
            }
        }
    };
    for part in &comparison.parts {
        match *part {
            Change::Same { old: x, new: y } | Change::Edited { old: x, new: y, .. } => {
                leave(&mut ops, x);
                ops.extend(match (old.before(x), new.before(y)) {
                    (Some(a), Some(b)) => Some(Op::Pair(a, b)),
                    (a, b) => a.map(Op::Delete).or(b.map(Op::Insert)),
                });
                pairs(old, new, old.block(x), new.block(y), &mut ops);
            }
            Change::Deleted { old: x } => {
                leave(&mut ops, x);
                ops.extend(
                    old.before(x)
                        .into_iter()
                        .chain(old.block(x))
                        .map(Op::Delete),
                );
            }
            Change::Inserted { new: y } => {
                ops.extend(
                    new.before(y)
                        .into_iter()
                        .chain(new.block(y))
                        .map(Op::Insert),
                );
            }
            Change::Moved { old: x, new: y, .. } => {
                let (a, b) = (old.block(x), new.block(y));
                ops.extend(new.before(y).map(Op::Insert));
                match moves.get(&x).and_then(|(_, id)| *id) {
                    Some(id) => ops.extend(a.zip(b).map(|(a, b)| Op::To(a, b, id))),
                    None => ops.extend(b.map(Op::Insert)),
                }
            }
        }
    }
    leave(&mut ops, usize::MAX);
    ops
}

/// Elements of two blocks one by one where they are of the same kinds (tables: with a column in common), else all deleted and all inserted.
fn pairs(
    old: &Elements<'_, '_>,
    new: &Elements<'_, '_>,
    a: std::ops::Range<usize>,
    b: std::ops::Range<usize>,
    ops: &mut Vec<Op>,
) {
    let alike = a.len() == b.len()
        && a.clone().zip(b.clone()).all(|(x, y)| {
            let (x, y) = (&old.all[x].1, &new.all[y].1);
            x.name == y.name && (x.name == "w:p" || columns(x, y).is_some())
        });
    if alike {
        ops.extend(a.zip(b).map(|(x, y)| Op::Pair(x, y)));
    } else {
        ops.extend(a.map(Op::Delete));
        ops.extend(b.map(Op::Insert));
    }
}
