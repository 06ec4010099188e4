//! Persons in Latin letters: capitalised words that a title, a label, an office, a verb, a given name, an initial or
//! their company in a list shows to be one.
//!
//! Each sign has a weight, and [`ENOUGH`] of them make a person. A list of all given names of the world would be too
//! much data and still miss some; what stands around a name in a contract tells more.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

mod around;
mod given;
mod pinyin;
mod runs;
mod words;

use around::around;
use given::is_given;
use runs::{Run, Shape, Word, runs};
pub(super) use words::{is_body, is_role};

/// The weight of signs that makes a person.
const ENOUGH: i32 = 3;

/// Words that a document has with a small letter: hardly names, even with a capital.
#[derive(Default)]
pub(super) struct Small(HashSet<String>);

impl Small {
    /// Takes in the words of a line.
    pub fn read(&mut self, line: &str) {
        for word in line.split(|c: char| !c.is_alphabetic()) {
            if word.len() > 2
                && word.is_ascii()
                && word.starts_with(|c: char| c.is_ascii_lowercase())
                && !self.0.contains(word)
            {
                self.0.insert(word.to_owned());
            }
        }
    }

    fn has(&self, low: &str) -> bool {
        self.0.contains(low)
    }
}

/// Whether a word is a name wherever it stands in a document: no word of contracts, and none that it writes small.
pub(super) fn is_telling(word: &str, small: &Small) -> bool {
    let low = word.to_lowercase();
    word.chars().count() >= 3
        && !small.has(&low)
        && !words::is_common(&low)
        && !words::is_name_too(&low)
}

/// The words of a person’s name that are names: without initials, particles and suffixes.
pub(super) fn parts(name: &str) -> Vec<&str> {
    let all = runs(name).into_iter().flatten();
    all.filter(|word| word.shape == Shape::Name)
        .map(|word| &name[word.range])
        .collect()
}

/// Whether some words can be a person’s name and no more: two to five names, none a word of contracts.
pub(super) fn is_person(name: &str) -> bool {
    let all = runs(name);
    let [run] = all.as_slice() else {
        return false;
    };
    let whole = run[0].range.start == 0 && run[run.len() - 1].range.end == name.len();
    let names = run.iter().filter(|word| word.shape == Shape::Name);
    whole
        && (1..=5).contains(&names.clone().count())
        && names.into_iter().all(|word| can_be(name, word))
}

fn can_be(words: &str, word: &Word) -> bool {
    let low = words[word.range.clone()].to_lowercase();
    !words::is_common(&low) || words::is_name_too(&low)
}

/// What stands beside a candidate in its run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beside {
    Nothing,
    Title,
    Role,
    Body,
    Common,
}

/// Capitalised words that may be a person’s name.
struct Candidate {
    range: Range<usize>,
    names: Vec<Range<usize>>,
    /// An initial, a suffix: `Derek J. Callahan`, `Everett Stanhope III`.
    initial: bool,
    /// `van der Meer`, `O’Rourke`
    particle: bool,
    before: Beside,
    after: Beside,
    score: i32,
}

/// The best that stands around a name anywhere, and how often it is there.
#[derive(Debug, Clone, Copy, Default)]
struct Best {
    before: i32,
    after: i32,
    count: u32,
}

/// The persons in the lines of a document. `companies`: the companies of each line, in order.
pub(super) fn persons<'a>(
    lines: impl Iterator<Item = &'a str>,
    companies: &[Vec<Range<usize>>],
    small: &Small,
) -> Vec<&'a str> {
    let mut all: Vec<(&str, Vec<Candidate>)> = Vec::new();
    let mut best: HashMap<&str, Best> = HashMap::new();
    let mut titled: HashSet<&str> = HashSet::new();
    for (line, taken) in lines.zip(companies) {
        let mut here: Vec<Candidate> = Vec::new();
        for run in runs(line) {
            split(line, &run, &mut here);
        }
        here.retain(|candidate| {
            let range = &candidate.range;
            let at = taken.partition_point(|other| other.end <= range.start);
            taken.get(at).is_none_or(|other| range.end <= other.start)
        });
        for candidate in &here {
            let (before, after) = around(line, candidate);
            let best = best.entry(&line[candidate.range.clone()]).or_insert(Best {
                before,
                after,
                count: 0,
            });
            best.before = best.before.max(before);
            best.after = best.after.max(after);
            best.count += 1;
            if candidate.before == Beside::Title {
                titled.extend(candidate.names.last().map(|range| &line[range.clone()]));
            }
        }
        if !here.is_empty() {
            all.push((line, here));
        }
    }
    let mut found: Vec<&str> = Vec::new();
    for (line, mut here) in all {
        for candidate in &mut here {
            let best = best
                .get(&line[candidate.range.clone()])
                .copied()
                .unwrap_or_default();
            candidate.score = own(line, candidate, small) + best.before + best.after;
            if let [_, .., last] = candidate.names.as_slice() {
                candidate.score += i32::from(best.count >= 2);
                // Who is Mr. Roe elsewhere is Richard Roe here.
                candidate.score += 2 * i32::from(titled.contains(&line[last.clone()]));
            } else if best.before < 6 && candidate.before != Beside::Title && !candidate.initial {
                candidate.score = candidate.score.min(0);
            }
        }
        in_lists(line, &mut here);
        here.retain(|candidate| candidate.score >= ENOUGH);
        found.extend(here.into_iter().map(|candidate| &line[candidate.range]));
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The candidates of a run: what is between words of contracts.
fn split(line: &str, run: &Run, all: &mut Vec<Candidate>) {
    let mut before = Beside::Nothing;
    let mut start = 0;
    for at in 0..=run.len() {
        let beside = match run.get(at) {
            None => Beside::Nothing,
            Some(word) => match beside(line, word) {
                Some(beside) => beside,
                None => continue,
            },
        };
        all.extend(candidate(line, &run[start..at], before, beside));
        before = beside;
        start = at + 1;
    }
}

/// What a word of a run is beside a name; `None` where it can be a part of it.
fn beside(line: &str, word: &Word) -> Option<Beside> {
    if word.shape == Shape::Title {
        return Some(Beside::Title);
    }
    if word.shape != Shape::Name || can_be(line, word) {
        return None;
    }
    let low = line[word.range.clone()].to_lowercase();
    // `Name: Jane Roe Title: President`: a label begins something else.
    let label = line[word.range.end..].starts_with(':');
    Some(if label || words::leads_in(&low) {
        Beside::Nothing
    } else if words::is_role(&low) {
        Beside::Role
    } else if words::is_body(&low) {
        Beside::Body
    } else {
        Beside::Common
    })
}

fn candidate(line: &str, run: &[Word], before: Beside, after: Beside) -> Option<Candidate> {
    let is = |word: &Word, shape: Shape| word.shape == shape;
    let from = run
        .iter()
        .position(|word| is(word, Shape::Name) || is(word, Shape::Initial))?;
    let to = run.iter().rposition(|word| !is(word, Shape::Particle))?;
    let run = run.get(from..=to)?;
    let names: Vec<Range<usize>> = run
        .iter()
        .filter(|word| is(word, Shape::Name))
        .map(|word| word.range.clone())
        .collect();
    let (first, last) = (run.first()?, run.last()?);
    let shaped = |range: &Range<usize>| {
        let word = &line[range.clone()];
        let inner = word
            .split_once(['’', '\''])
            .is_some_and(|(head, tail)| head.len() <= 2 && tail.starts_with(char::is_uppercase));
        let scottish = ["Mc", "Mac"].iter().any(|head| {
            word.strip_prefix(head)
                .is_some_and(|tail| tail.starts_with(char::is_uppercase))
        });
        inner || scottish || word.starts_with(char::is_lowercase)
    };
    // `Washington D.C.` ends with initials, a person does not.
    let initial = names.len() >= 2 && run.iter().any(|word| is(word, Shape::Suffix))
        || is(last, Shape::Name)
            && !names.is_empty()
            && run.len() >= 2
            && run.iter().any(|word| is(word, Shape::Initial));
    Some(Candidate {
        range: first.range.start..last.range.end,
        initial,
        particle: names.len() >= 2 && names.iter().any(shaped)
            || run.iter().any(|word| is(word, Shape::Particle)),
        names,
        before,
        after,
        score: 0,
    })
    .filter(|candidate| (1..=5).contains(&candidate.names.len()))
}

/// The weight of what a candidate itself is.
fn own(line: &str, candidate: &Candidate, small: &Small) -> i32 {
    let low = |range: &Range<usize>| line[range.clone()].to_lowercase();
    let count = candidate.names.len();
    let mut score = match (count, candidate.initial) {
        (1, false) => -3,
        (5.., false) => -1,
        _ => 0,
    };
    if candidate.initial {
        score += if count >= 2 { 3 } else { 1 };
    }
    if candidate.particle {
        score += 2;
    }
    let first = candidate
        .names
        .first()
        .map_or("", |range| &line[range.clone()]);
    if is_given(first) {
        score += if (2..=4).contains(&count) { 3 } else { 2 };
    }
    if pinyin::is_name(candidate.names.iter().map(|range| &line[range.clone()])) {
        score += 3;
    }
    let doubtful = candidate
        .names
        .iter()
        .filter(|range| small.has(&low(range)))
        .count() as i32;
    score -= 2 * doubtful;
    let places = candidate
        .names
        .iter()
        .filter(|range| words::is_place(&low(range)))
        .count();
    let common = candidate
        .names
        .iter()
        .filter(|range| words::is_common(&low(range)))
        .count();
    if common == count {
        score -= if places > 0 { 5 } else { 1 };
    }
    score -= match candidate.after {
        Beside::Body => 6,
        Beside::Common => 3,
        _ => 0,
    };
    score
        + match candidate.before {
            Beside::Title => 6,
            Beside::Role => 1,
            Beside::Body | Beside::Common => -2,
            Beside::Nothing => 0,
        }
}

/// In a list of persons all are persons: `Callum O’Rourke, Bridget O’Rourke, and Vikram Chandrasekhar`.
fn in_lists(line: &str, all: &mut [Candidate]) {
    let mut start = 0;
    while start < all.len() {
        let mut end = start + 1;
        let mut joined = false;
        while end < all.len() {
            let between = line
                .get(all[end - 1].range.end..all[end].range.start)
                .unwrap_or("");
            let Some(join) = joins(between) else {
                break;
            };
            joined |= join;
            end += 1;
        }
        let list = &mut all[start..end];
        // Two names with a comma between them are a person and a company as well.
        if list.len() >= 2
            && (joined || list.len() >= 3)
            && list.iter().any(|one| one.score >= ENOUGH)
        {
            for one in list {
                let fits = one.names.len() >= 2 && one.score >= 0
                    || one.names.len() == 1 && one.score >= -3;
                if fits && !matches!(one.after, Beside::Body | Beside::Common) {
                    one.score = one.score.max(ENOUGH);
                }
            }
        }
        start = end;
    }
}

/// Whether words between two names make a list of them, and whether they say so: `and` does, a comma may not.
fn joins(between: &str) -> Option<bool> {
    // `Owen Castellanos (30%) and`
    let between = match (between.strip_prefix(" ("), between.find(')')) {
        (Some(_), Some(close)) if close <= 40 => &between[close + 1..],
        _ => between,
    };
    let said = between.trim_start_matches([',', ';']).trim();
    match said {
        "" if between.starts_with([',', ';', '、', '，']) => Some(false),
        "" => (between.trim().is_empty() && between.contains("  ")).then_some(false),
        "and" | "or" | "&" | "nor" | "和" | "与" | "及" | "、" => Some(true),
        said => {
            let mut words = said.split(' ');
            let first = words.next().unwrap_or("");
            let kin = matches!(first, "and" | "to" | "with") && said.len() <= 40;
            (kin && words.all(|word| {
                matches!(
                    word,
                    "his"
                        | "her"
                        | "their"
                        | "the"
                        | "late"
                        | "minor"
                        | "Messrs"
                        | "Mr."
                        | "Ms."
                        | "Mrs."
                        | "Dr."
                ) || words::is_role(word.trim_end_matches(','))
            }))
            .then_some(true)
        }
    }
}
