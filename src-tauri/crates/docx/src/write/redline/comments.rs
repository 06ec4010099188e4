//! Comments that say why a change is suggested.

use std::collections::{BTreeMap, BTreeSet};

use super::marks::{Marks, State};
use super::runs::whole_state;
use super::steps::Step;
use crate::write::comments;

/// Comments by the suggestion they belong to.
#[derive(Debug, Default)]
pub(super) struct Comments {
    /// The id of the one that belongs to the first suggestion.
    first: usize,
    waiting: BTreeSet<usize>,
    placed: BTreeSet<usize>,
    left: BTreeSet<usize>,
    /// What is written now is no place for them.
    pub held: bool,
}

/// Comments of one paragraph: before and after which of its tokens they begin and end.
pub(super) struct Anchors {
    begin: BTreeMap<usize, Vec<usize>>,
    /// With the state of the mark, which stands with the words.
    end: BTreeMap<usize, Vec<(usize, State)>>,
}

impl Comments {
    /// Comments that are to find a place; `first` is the id of the first suggestion's.
    pub fn new(first: usize, numbers: impl IntoIterator<Item = usize>) -> Self {
        Self {
            first,
            waiting: numbers.into_iter().collect(),
            ..Self::default()
        }
    }

    /// The id of the comment of a suggestion.
    pub fn id(&self, number: usize) -> usize {
        self.first + number
    }

    /// Comments that found one, in the order of the suggestions.
    pub fn placed(&self) -> impl Iterator<Item = usize> + '_ {
        self.placed.iter().copied()
    }

    /// Gives the comments a place whose suggestions change something among these tokens.
    pub fn on(&mut self, steps: &[Step<'_>]) -> Anchors {
        let mut found: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
        if !self.held && !self.waiting.is_empty() {
            for (at, step) in steps.iter().enumerate() {
                if let Some(who) = step.who().filter(|who| self.waiting.contains(who)) {
                    found.entry(who).or_insert((at, at)).1 = at;
                }
            }
        }
        let mut anchors = Anchors {
            begin: BTreeMap::new(),
            end: BTreeMap::new(),
        };
        for (who, (first, last)) in found {
            self.waiting.remove(&who);
            self.placed.insert(who);
            anchors.begin.entry(first).or_default().push(who);
            // One on words that are all in one document goes with them.
            let state = whole_state(&steps[first..=last]);
            let end = anchors.end.entry(last + 1).or_default();
            end.push((who, state));
        }
        anchors
    }

    /// Those of these comments that have no place yet get one.
    pub fn take(&mut self, of: &[usize]) -> Vec<usize> {
        let taken: Vec<usize> = of
            .iter()
            .copied()
            .filter(|number| !self.held && self.waiting.remove(number))
            .collect();
        self.placed.extend(&taken);
        taken
    }

    /// No comment finds a place any more: Word has none in footnotes.
    pub fn close(&mut self) {
        self.left = std::mem::take(&mut self.waiting);
    }

    /// Comments that found no place.
    pub fn left(&self) -> impl Iterator<Item = usize> + '_ {
        self.left.iter().copied()
    }
}

impl Anchors {
    /// What stands before a token.
    pub fn opening(&mut self, at: usize, marks: &Marks) -> String {
        let begin = self.begin.remove(&at).unwrap_or_default();
        begin
            .into_iter()
            .map(|number| opening(number, marks))
            .collect()
    }

    /// What stands before a token, or at the end, of the comments that end there.
    pub fn closing(&mut self, at: usize, marks: &mut Marks) -> String {
        let end = self.end.remove(&at).unwrap_or_default();
        end.into_iter()
            .map(|(number, state)| closing(number, state, marks))
            .collect()
    }
}

/// Where the comment of a suggestion begins.
pub(super) fn opening(number: usize, marks: &Marks) -> String {
    comments::opening(marks.comments.id(number))
}

/// Where it ends, with its mark.
pub(super) fn closing(number: usize, state: State, marks: &mut Marks) -> String {
    marks.sign(number);
    let id = marks.comments.id(number);
    comments::closing(id) + &marks.wrap(state, &comments::mark(id))
}
