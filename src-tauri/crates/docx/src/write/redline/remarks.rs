//! Comments of people on the words of a paragraph.

use std::collections::BTreeMap;

use super::marks::{Marks, State};
use super::runs::whole_state;
use super::steps::Step;
use crate::write::comments;

/// A place where a remark begins, or where it ends and has its mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    Opens(usize),
    Closes(usize),
}

/// The edges around a token.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Remarked {
    pub before: Vec<Edge>,
    pub after: Vec<Edge>,
}

/// What becomes of remarks when changes are taken or left.
pub(super) struct Fates(BTreeMap<usize, State>);

/// A remark goes with its words where all of them come or go; one that also stands on words that stay, or on other
/// paragraphs, stays.
pub(super) fn fates(steps: &[Step<'_>]) -> Fates {
    let mut fates = BTreeMap::new();
    let mut open: BTreeMap<usize, usize> = BTreeMap::new();
    // Counts stretches of one state: words between two places of one stretch are in that state.
    let mut stretch = 0;
    let all = whole_state(steps);
    for (at, step) in steps.iter().enumerate() {
        if at > 0 && steps[at - 1].state != step.state {
            stretch += 1;
        }
        let mut see = |edge: Edge| match edge {
            Edge::Opens(id) => {
                open.insert(id, stretch);
            }
            Edge::Closes(id) => {
                let state = match open.get(&id) {
                    Some(since) if *since == stretch => step.state,
                    Some(_) => State::Same,
                    None => all,
                };
                fates.insert(id, state);
            }
        };
        step.opens().for_each(&mut see);
        step.closes().for_each(&mut see);
    }
    Fates(fates)
}

impl Edge {
    /// As markup.
    pub fn print(self, fates: &Fates, marks: &mut Marks) -> String {
        match self {
            Self::Opens(id) => comments::opening(id),
            Self::Closes(id) => {
                let state = fates.0.get(&id).copied().unwrap_or_default();
                comments::closing(id) + &marks.wrap(state, &comments::mark(id))
            }
        }
    }
}

/// Remarks of a paragraph without words, which is in that state.
pub(super) fn printed(edges: &[Edge], state: State, marks: &mut Marks) -> String {
    let ids = edges.iter().map(|edge| match *edge {
        Edge::Opens(id) | Edge::Closes(id) => (id, state),
    });
    let fates = Fates(ids.collect());
    edges.iter().map(|edge| edge.print(&fates, marks)).collect()
}
