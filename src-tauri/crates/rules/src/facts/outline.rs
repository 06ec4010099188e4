//! The outline: which clauses and schedules a document has, by their numbers.

use super::lead::{Lead, lead};
use super::passage::{Passage, Role};
use moqi_document::{BlockKind, Document, HeadingStyle, Numbering};
use std::collections::BTreeMap;

/// The numbered clauses and schedules of a document.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    /// Clauses of the body by path: clause 3.2 is `[3, 2]`. The first block that has the number.
    clauses: BTreeMap<Vec<u64>, usize>,
    /// The same within schedules, by schedule number first.
    inside_schedules: BTreeMap<(u64, Vec<u64>), usize>,
    /// Schedule headings by number.
    pub(crate) schedules: BTreeMap<u64, usize>,
    /// For each block, the schedule it stands in; 0 for the body.
    part: Vec<u64>,
    /// For each block, the level of its number; 0 for none.
    level: Vec<u8>,
}

impl Outline {
    pub(crate) fn read(document: &Document, numbering: &Numbering, passages: &[Passage]) -> Self {
        let count = document.blocks.len();
        let mut outline = Self {
            part: vec![0; count],
            level: vec![0; count],
            ..Self::default()
        };
        let mut path: Vec<u64> = Vec::new();
        let mut schedule = 0;
        for (index, block) in document.blocks.iter().enumerate() {
            let label = numbering.labels.get(index).and_then(Option::as_ref);
            let is_schedule = matches!(
                &block.kind,
                BlockKind::Heading {
                    style: HeadingStyle::Schedule,
                    ..
                }
            );
            if is_schedule {
                schedule = label.map_or(schedule + 1, |l| u64::from(l.ordinal));
                outline.schedules.entry(schedule).or_insert(index);
                path.clear();
            } else if let Some(label) = label {
                let level = usize::from(label.level.max(1));
                path.resize(level, 0);
                path[level - 1] = u64::from(label.ordinal);
                outline.level[index] = label.level;
                outline.add(schedule, path.clone(), index);
            } else if let BlockKind::Heading {
                style: HeadingStyle::Plain,
                ..
            } = &block.kind
            {
                path.clear();
            }
            outline.part[index] = schedule;
        }
        outline.read_typed(passages);
        outline
    }

    /// Numbers that were typed at the start of paragraphs, as in texts that came from Word.
    fn read_typed(&mut self, passages: &[Passage]) {
        for passage in passages
            .iter()
            .filter(|p| matches!(p.role, Role::Heading | Role::Body | Role::Item))
        {
            let Some(found) = lead(&passage.text).filter(|_| self.level[passage.block] == 0) else {
                continue;
            };
            match found.lead {
                Lead::Article(n) => self.add(self.part[passage.block], vec![n], passage.block),
                Lead::Decimal(numbers) => {
                    self.add(self.part[passage.block], numbers, passage.block)
                }
                Lead::Annex(n) => {
                    // A list of annexes at the end of a contract attaches them just as a heading does.
                    self.schedules.entry(n).or_insert(passage.block);
                }
                _ => {}
            }
        }
    }

    fn add(&mut self, part: u64, path: Vec<u64>, block: usize) {
        if part == 0 {
            self.clauses.entry(path).or_insert(block);
        } else {
            self.inside_schedules.entry((part, path)).or_insert(block);
        }
    }

    /// Whether the body has numbered clauses at all, so that a missing one is a certain fault.
    pub(crate) fn is_numbered(&self) -> bool {
        self.clauses.keys().any(|path| path.len() == 1)
    }

    /// Whether the numbers of the body run from 1 without a gap: an excerpt or a half-numbered text does not
    /// show which of its clauses exist.
    pub(crate) fn is_whole(&self) -> bool {
        let numbers = self.clauses.keys().filter(|path| path.len() == 1);
        numbers.zip(1..).all(|(path, n)| path[0] == n)
    }

    /// The block of a clause named in a block: looked for in the schedule around it first, then in the body.
    pub(crate) fn find(&self, path: &[u64], from_block: usize) -> Option<usize> {
        let part = self.part.get(from_block).copied().unwrap_or(0);
        let near = self.inside_schedules.get(&(part, path.to_vec()));
        near.or_else(|| self.clauses.get(path)).copied()
    }

    /// The schedule a block stands in; 0 for the body.
    pub(crate) fn part_of(&self, block: usize) -> u64 {
        self.part.get(block).copied().unwrap_or(0)
    }

    /// The last block of the clause that starts at a block: up to the next number of its level or above.
    pub(crate) fn end_of(&self, block: usize) -> usize {
        let level = self.level[block];
        let rest = self.level[block + 1..]
            .iter()
            .position(|l| *l != 0 && *l <= level);
        let typed = level == 0;
        let end = rest.map_or(self.level.len(), |offset| block + 1 + offset);
        let part_end = self.part[block..]
            .iter()
            .position(|p| *p != self.part[block])
            .map_or(end, |o| block + o);
        if typed { part_end } else { end.min(part_end) }
    }

    /// How many numbered children a clause has.
    pub(crate) fn children(&self, path: &[u64], from_block: usize) -> u64 {
        (1..)
            .take_while(|n| self.find(&[path, &[*n]].concat(), from_block).is_some())
            .last()
            .unwrap_or(0)
    }
}
