//! The tags of a text in order, which of them belong together, and where each stands in its unit.

use std::collections::HashMap;

use super::KeptWhy;
use super::speech::paths;
use super::syntax::{Said, Tag};
use super::units::Unit;

/// A tag with its place.
pub(super) struct Spot {
    pub tag: Tag,
    pub unit: usize,
    /// The cell of a row.
    pub cell: usize,
    /// Nothing but tags stands in its unit.
    pub only: bool,
    /// Nothing but statements stands before it in its unit, or after it.
    pub first: bool,
    pub last: bool,
}

/// Statements that belong together.
pub(super) struct Group {
    /// The opening, the `elif` and `else`, the end: indices of spots.
    pub spots: Vec<usize>,
    /// It goes over the rows of a list.
    pub looped: bool,
}

/// All tags, and their groups by the index of the opening.
pub(super) struct Pairs {
    pub spots: Vec<Spot>,
    pub groups: HashMap<usize, Group>,
    /// Statements without partner, or too deep.
    pub alone: HashMap<usize, KeptWhy>,
    /// For a name that sections hold: the sections around all places where it stands, from the outermost.
    pub homes: HashMap<String, Vec<usize>>,
}

/// Groups that may stand in one another; our templates have the same limit.
const DEEPEST: usize = 24;

pub(super) fn pairs(units: &[Unit], tags: impl Fn(&Unit) -> Vec<Tag>) -> Pairs {
    let mut spots = Vec::new();
    for (index, unit) in units.iter().enumerate() {
        spots_of(index, unit, tags(unit), &mut spots);
    }
    let mut pairs = Pairs {
        spots,
        groups: HashMap::new(),
        alone: HashMap::new(),
        homes: HashMap::new(),
    };
    pairs.group();
    pairs.name_homes();
    pairs.decide_loops(units);
    pairs
}

fn spots_of(index: usize, unit: &Unit, found: Vec<Tag>, spots: &mut Vec<Spot>) {
    let words = &unit.words;
    let row = unit.cells.len() > 1 || unit.head.is_some();
    let mut rest = String::new();
    let mut at = 0;
    for tag in &found {
        rest.push_str(&words[at..tag.span.start]);
        at = tag.span.end;
    }
    rest.push_str(&words[at..]);
    let statement = |tag: &Tag| !matches!(tag.said, Said::Value(_));
    // What stands beside `{%p if x %}` in its paragraph is kept, where docxtpl drops it: nothing is lost silently.
    let only = is_blank(&rest.replace('|', " ")) && found.iter().all(statement);
    let mut first = true;
    let mut at = 0;
    let start = spots.len();
    for tag in found {
        first &= is_blank(words[at..tag.span.start].trim_start_matches([' ', '|']))
            || at == 0 && row && is_blank(&words[at..tag.span.start].replacen('|', " ", 1));
        at = tag.span.end;
        let cell = unit.cell(tag.span.start);
        let here = first && statement(&tag) && cell == 0;
        first &= statement(&tag);
        spots.push(Spot {
            unit: index,
            cell,
            only,
            first: here,
            last: false,
            tag,
        });
    }
    let mut last = true;
    let mut at = words.len();
    let end_cell = unit.cells.len().saturating_sub(1);
    for spot in spots[start..].iter_mut().rev() {
        let gap = &words[spot.tag.span.end..at];
        last &= is_blank(gap.trim_end_matches([' ', '|']));
        at = spot.tag.span.start;
        spot.last = last && statement(&spot.tag) && spot.cell == end_cell;
        last &= statement(&spot.tag);
    }
}

/// Whether nothing but spaces and marks is left.
fn is_blank(words: &str) -> bool {
    let mut words = words.to_owned();
    for mark in ["<strong>", "</strong>", "<em>", "</em>", "<br>", "*"] {
        words = words.replace(mark, "");
    }
    words.trim().is_empty()
}

impl Pairs {
    fn group(&mut self) {
        let mut open: Vec<Group> = Vec::new();
        for i in 0..self.spots.len() {
            let said = &self.spots[i].tag.said;
            let top = open
                .last()
                .map(|group| &self.spots[group.spots[0]].tag.said);
            // Nothing but the end comes after `else`.
            let ended = open.last().and_then(|group| group.spots.last());
            let ended = ended.is_some_and(|spot| self.spots[*spot].tag.said == Said::Else);
            let closes = match (said, top) {
                (Said::EndIf, Some(Said::If(_))) | (Said::EndFor, Some(Said::For { .. })) => true,
                (Said::EndSection(name), Some(Said::Section(opened) | Said::Without(opened))) => {
                    name.is_empty() || name == opened
                }
                _ => false,
            };
            match said {
                Said::If(_) | Said::For { .. } | Said::Section(_) | Said::Without(_) => {
                    open.push(Group {
                        spots: vec![i],
                        looped: matches!(said, Said::For { .. }),
                    });
                }
                Said::Elif(_) if !ended && matches!(top, Some(Said::If(_))) => {
                    if let Some(group) = open.last_mut() {
                        group.spots.push(i);
                    }
                }
                Said::Else if !ended && matches!(top, Some(Said::If(_) | Said::For { .. })) => {
                    if let Some(group) = open.last_mut() {
                        group.spots.push(i);
                    }
                }
                _ if closes => {
                    let depth = open.len();
                    if let Some(mut group) = open.pop() {
                        group.spots.push(i);
                        if depth > DEEPEST {
                            for spot in group.spots {
                                self.alone.insert(spot, KeptWhy::TooDeep);
                            }
                        } else {
                            self.groups.insert(group.spots[0], group);
                        }
                    }
                }
                Said::Value(_) | Said::Comment => {}
                Said::Foreign => {
                    self.alone.insert(i, KeptWhy::Statement);
                }
                _ => {
                    self.alone.insert(i, KeptWhy::Unmatched);
                }
            }
        }
        for spot in open.into_iter().flat_map(|group| group.spots) {
            self.alone.insert(spot, KeptWhy::Unmatched);
        }
    }

    /// The section around all the places of each name.
    fn name_homes(&mut self) {
        let mut around: Vec<usize> = Vec::new();
        let mut homes: HashMap<String, Vec<usize>> = HashMap::new();
        for (i, spot) in self.spots.iter().enumerate() {
            if let Said::EndSection(_) = &spot.tag.said
                && let Some(open) = around.last()
                && self.groups.get(open).is_some_and(|g| g.spots.contains(&i))
            {
                around.pop();
            }
            let expression = match &spot.tag.said {
                Said::Value(e)
                | Said::If(e)
                | Said::Elif(e)
                | Said::Section(e)
                | Said::Without(e) => e,
                Said::For { list, .. } => list,
                _ => "",
            };
            for path in paths(expression) {
                let Some(name) = path.into_iter().next() else {
                    continue;
                };
                let home = homes.entry(name).or_insert_with(|| around.clone());
                let common = home.iter().zip(&around).take_while(|(a, b)| a == b).count();
                home.truncate(common);
            }
            if matches!(spot.tag.said, Said::Section(_)) && self.groups.contains_key(&i) {
                around.push(i);
            }
        }
        self.homes = homes;
    }

    /// `{#xs}` is a loop where it looks like a list with values of its own, and a condition otherwise.
    fn decide_loops(&mut self, units: &[Unit]) {
        let mut own: HashMap<usize, Vec<&str>> = HashMap::new();
        for (name, home) in &self.homes {
            if let Some(section) = home.last() {
                own.entry(*section).or_default().push(name);
            }
        }
        let mut looped = Vec::new();
        for open in self.groups.keys() {
            let Said::Section(name) = &self.spots[*open].tag.said else {
                continue;
            };
            let low = name.to_lowercase();
            let asks = [
                "is_", "has_", "show_", "include_", "with_", "if_", "no_", "是否", "有",
            ]
            .iter()
            .any(|start| low.starts_with(start));
            let values = own.get(open).map_or(&[][..], Vec::as_slice);
            let of_it = |value: &&str| value.to_lowercase().starts_with(&low);
            let many = (low.ends_with('s') && !low.ends_with("ss"))
                || ["list", "列表", "清单", "明细", "表"]
                    .iter()
                    .any(|end| low.ends_with(end))
                || units[self.spots[*open].unit].cells.len() > 1;
            if !asks && !values.is_empty() && (many || !values.iter().all(of_it))
                || values.contains(&".")
            {
                looped.push(*open);
            }
        }
        for open in looped {
            if let Some(group) = self.groups.get_mut(&open) {
                group.looped = true;
            }
        }
    }
}
