//! Which of Word's lists every numbered block belongs to, and where a list has to start again.
//!
//! The document room says what every label is; this plan makes Word count to the same labels. It
//! replays Word's counters and opens a new `w:num` with `w:startOverride` exactly where they would
//! differ: at the next schedule, at the next set of recitals, at a list under another heading.

use super::label::Shape;
use moqi_document::{BlockKind, Document, HeadingStyle, Numbering};
use std::collections::BTreeMap;

/// Word's lists have nine levels.
const LEVELS: usize = 9;

/// What a list belongs to. Each kind counts on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Part {
    /// Numbered headings and the items under them.
    Clauses,
    /// Items before any heading or under one without number.
    Loose,
    /// Headings of schedules.
    Schedules,
    /// What stands under a schedule.
    InSchedule,
    /// Items under `{.parties}`.
    Parties,
    /// Items under `{.recitals}`.
    Recitals,
}

/// A multi-level list, `w:abstractNum` in Word.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct List {
    /// What it belongs to.
    pub part: Part,
    /// The shape of each level that is used.
    pub levels: [Option<Shape>; LEVELS],
    /// Levels of headings that use each level as their own number: the style to link, 1 to 5.
    pub headings: [Option<u8>; LEVELS],
    /// Levels that items use.
    pub items: [bool; LEVELS],
}

impl List {
    /// How many levels look the same in both, if no level looks different and one does look the same.
    fn in_common(&self, other: &Self) -> Option<usize> {
        let levels = self.levels.iter().zip(&other.levels);
        let used = levels.filter_map(|(a, b)| a.as_ref().zip(b.as_ref()));
        let alike: Vec<bool> = used.map(|(a, b)| a == b).collect();
        let common = self.part == other.part && !alike.is_empty() && !alike.contains(&false);
        common.then_some(alike.len())
    }

    /// Takes in the levels only another list has.
    fn join(&mut self, other: &Self) {
        for (level, shape) in other.levels.iter().enumerate() {
            if self.levels[level].is_none() {
                self.levels[level].clone_from(shape);
            }
            self.headings[level] = self.headings[level].or(other.headings[level]);
            self.items[level] |= other.items[level];
        }
    }
}

/// A counting of a list, `w:num` in Word; its id is its place in [`Plan::counts`] plus one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Count {
    /// Which list.
    pub list: usize,
    /// Levels that start from another number than the list's; empty for the first counting of a list.
    pub starts: Vec<(usize, u32)>,
}

/// The place of a block in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Index into [`Plan::lists`].
    pub list: usize,
    /// Index into [`Plan::counts`].
    pub count: usize,
    /// Level from 0.
    pub level: usize,
    /// This is the first counting of the list: the one styles are linked to.
    pub first: bool,
}

/// Lists of a document.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Plan {
    /// Lists in order of appearance.
    pub lists: Vec<List>,
    /// Countings in order of appearance.
    pub counts: Vec<Count>,
    /// One entry a block.
    pub places: Vec<Option<Place>>,
    /// The part each block stands in.
    pub parts: Vec<Part>,
}

/// Word's counters of one counting while it is replayed.
#[derive(Debug, Clone, Default)]
struct Counters {
    /// Which counting.
    count: usize,
    /// It took over at this level; shallower levels go on in the counting it interrupts.
    from: usize,
    /// Last number of each level; `None` where the next is the first.
    last: [Option<u32>; LEVELS],
    /// Levels that were skipped, or only shown by a deeper one, and never stood by themselves.
    implied: [bool; LEVELS],
}

impl Plan {
    /// Plans the lists of a document. A label of a shape Word cannot count gets no place.
    pub fn new(document: &Document, numbering: &Numbering) -> Self {
        let mut plan = Self::default();
        let mut open: BTreeMap<usize, Vec<Counters>> = BTreeMap::new();
        let mut walk = Walk {
            part: Part::Loose,
            floor: 0,
        };
        for (index, block) in document.blocks.iter().enumerate() {
            let label = numbering.labels.get(index).and_then(Option::as_ref);
            let heading = match &block.kind {
                BlockKind::Heading { level, style, .. } => {
                    walk.enter(*level, *style, label.is_some());
                    Some((*level, *style))
                }
                _ => None,
            };
            plan.parts.push(walk.part);
            let own = if matches!(heading, Some((_, HeadingStyle::Schedule))) {
                Part::Schedules
            } else {
                walk.part
            };
            let place = label.and_then(|label| {
                let (shape, shown) = Shape::of(&label.text, label.ordinal)?;
                let level = if own == Part::Schedules {
                    0
                } else {
                    usize::from(label.level.max(1)) - 1
                };
                if level >= LEVELS || shown.len() > level {
                    return None;
                }
                let list = plan.list(own, level, &shape);
                match heading {
                    Some((depth, _)) => {
                        plan.lists[list].headings[level].get_or_insert(depth);
                    }
                    None => plan.lists[list].items[level] = true,
                }
                let count = plan.count(
                    open.entry(list).or_default(),
                    list,
                    level,
                    label.ordinal,
                    &shown,
                );
                Some(Place {
                    list,
                    count,
                    level,
                    first: plan.counts[count].starts.is_empty(),
                })
            });
            plan.places.push(place);
        }
        plan
    }

    /// Gives two plans one table of lists: a list of one that counts as a list of the other does is the same list, and
    /// each has what only the other needs. The lists of `other` keep their places.
    pub fn share(&mut self, other: &mut Self) {
        let mut free: Vec<usize> = (0..other.lists.len()).collect();
        let mut shared = other.lists.clone();
        let mut place_of = Vec::with_capacity(self.lists.len());
        for list in &self.lists {
            let best = free
                .iter()
                .enumerate()
                .filter_map(|(at, &place)| Some((list.in_common(&shared[place])?, at)))
                .max_by_key(|&(common, at)| (common, std::cmp::Reverse(at)));
            place_of.push(match best {
                Some((_, at)) => {
                    let place = free.remove(at);
                    shared[place].join(list);
                    place
                }
                None => {
                    shared.push(list.clone());
                    shared.len() - 1
                }
            });
        }
        for count in &mut self.counts {
            count.list = place_of[count.list];
        }
        for place in self.places.iter_mut().flatten() {
            place.list = place_of[place.list];
        }
        for plan in [self, other] {
            plan.lists.clone_from(&shared);
            // A list has a first counting, which its styles are linked to, even where the document does not use it.
            for list in 0..shared.len() {
                if !plan.counts.iter().any(|count| count.list == list) {
                    let starts = Vec::new();
                    plan.counts.push(Count { list, starts });
                }
            }
        }
    }

    /// The list of a part that has that shape at that level, or has the level free.
    fn list(&mut self, part: Part, level: usize, shape: &Shape) -> usize {
        let found = self.lists.iter().position(|list| {
            list.part == part && list.levels[level].as_ref().is_none_or(|used| used == shape)
        });
        let index = found.unwrap_or_else(|| {
            self.lists.push(List {
                part,
                levels: Default::default(),
                headings: Default::default(),
                items: Default::default(),
            });
            self.lists.len() - 1
        });
        self.lists[index].levels[level].get_or_insert_with(|| shape.clone());
        index
    }

    /// The counting in which Word prints `ordinal` at that level under the ancestors `shown`: the one in
    /// use, or one it interrupts, or a new one.
    fn count(
        &mut self,
        open: &mut Vec<Counters>,
        list: usize,
        level: usize,
        ordinal: u32,
        shown: &[u32],
    ) -> usize {
        if open.is_empty() {
            self.counts.push(Count {
                list,
                starts: Vec::new(),
            });
            open.push(Counters {
                count: self.counts.len() - 1,
                ..Counters::default()
            });
        }
        // A list that started again inside a clause ends with the clause: the outer counting goes on.
        while open.len() > 1 && open.last().is_some_and(|inner| inner.from > level) {
            open.pop();
        }
        let fits = open
            .last()
            .is_some_and(|counters| counters.would_print(level, ordinal, shown));
        if !fits {
            let above = level - shown.len();
            let mut starts: Vec<(usize, u32)> = shown
                .iter()
                .enumerate()
                .map(|(i, &parent)| (above + i, parent))
                .collect();
            starts.push((level, ordinal));
            self.counts.push(Count { list, starts });
            let mut counters = open.last().cloned().unwrap_or_default();
            if open.len() > 1 && counters.from == level {
                open.pop();
            }
            counters.count = self.counts.len() - 1;
            counters.from = level;
            open.push(counters);
        }
        let Some(counters) = open.last_mut() else {
            return self.counts.len() - 1;
        };
        counters.step(level, ordinal, shown);
        counters.count
    }
}

/// Where in the document the plan is.
#[derive(Debug, Clone, Copy)]
struct Walk {
    part: Part,
    /// Level of the heading of the schedule.
    floor: u8,
}

impl Walk {
    /// Goes past a heading. Deeper headings stay inside a schedule; one of its own level ends it.
    fn enter(&mut self, level: u8, style: HeadingStyle, labelled: bool) {
        let inside = self.part == Part::InSchedule && level > self.floor;
        self.part = match style {
            HeadingStyle::Schedule => {
                self.floor = level;
                Part::InSchedule
            }
            HeadingStyle::Parties => Part::Parties,
            HeadingStyle::Recitals => Part::Recitals,
            _ if inside => Part::InSchedule,
            HeadingStyle::Numbered if labelled => Part::Clauses,
            HeadingStyle::Numbered | HeadingStyle::Plain => Part::Loose,
        };
    }
}

impl Counters {
    /// True when Word, left alone, would print `ordinal` under the ancestors `shown`.
    fn would_print(&self, level: usize, ordinal: u32, shown: &[u32]) -> bool {
        let next = match self.last[level] {
            None => 1,
            Some(_) if self.implied[level] => return false,
            Some(last) => last.saturating_add(1),
        };
        let above = level - shown.len();
        next == ordinal
            && shown
                .iter()
                .enumerate()
                .all(|(i, &parent)| self.last[above + i] == Some(parent))
    }

    /// Takes the number of a level; deeper levels start anew.
    fn step(&mut self, level: usize, ordinal: u32, shown: &[u32]) {
        let above = level - shown.len();
        for (i, &parent) in shown.iter().enumerate() {
            if self.last[above + i] != Some(parent) {
                self.last[above + i] = Some(parent);
                self.implied[above + i] = true;
            }
        }
        // Programs differ in how they count a level that was skipped: its next number is set outright.
        for skipped in 0..level {
            if self.last[skipped].is_none() {
                self.last[skipped] = Some(1);
                self.implied[skipped] = true;
            }
        }
        self.last[level] = Some(ordinal);
        self.implied[level] = false;
        for deeper in level + 1..LEVELS {
            self.last[deeper] = None;
            self.implied[deeper] = false;
        }
    }
}
