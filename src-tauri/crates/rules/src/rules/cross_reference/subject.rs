//! References that say what they point at: Section 6 (Confidentiality), 第六条（保密）.

use super::{Found, target};
use crate::facts::Facts;
use crate::facts::mention::{Mention, Target};
use crate::facts::passage::{Passage, Role};
use crate::scan::{head, is_space};
use std::collections::HashMap;

/// What the subjects of the references tell.
pub(super) struct Subjects {
    /// Whether references name headings that stand here under other numbers than the references give.
    ///
    /// One such reference is a slip of its author. Where most are of this kind, the numbers were lost on the way
    /// from Word: then nothing certain can be said of clauses that seem to be missing.
    pub(super) numbers_were_lost: bool,
    /// By mention: the one heading its words name, where its number is that of another clause.
    pub(super) elsewhere: HashMap<usize, usize>,
}

pub(super) fn check(facts: &Facts<'_>) -> Subjects {
    let mut headings: Option<HashMap<&str, Vec<usize>>> = None;
    let mut elsewhere = HashMap::new();
    let (mut agree, mut differ) = (0, 0);
    for (i, mention) in facts.mentions.iter().enumerate() {
        let Some(subject) = subject(facts, mention) else {
            continue;
        };
        let headings = headings.get_or_insert_with(|| captions(facts));
        let Some(places) = headings.get(subject) else {
            continue;
        };
        match target(facts, mention) {
            Found::Missing => differ += 1,
            Found::At(block) => {
                let same = places.iter().any(|place| are_one(facts, *place, block));
                match places[..] {
                    [place] if !same => {
                        differ += 1;
                        elsewhere.insert(i, place);
                    }
                    _ => agree += 1,
                }
            }
            Found::Unsure => {}
        }
    }
    Subjects {
        numbers_were_lost: differ >= 2 && differ > agree,
        elsewhere,
    }
}

/// Whether one of two blocks stands in the clause that the other begins.
fn are_one(facts: &Facts<'_>, a: usize, b: usize) -> bool {
    let (first, second) = (a.min(b), a.max(b));
    second < facts.outline.end_of(first).max(first + 1)
}

/// The words in brackets after a reference to a clause.
fn subject<'a>(facts: &'a Facts<'_>, mention: &Mention) -> Option<&'a str> {
    if matches!(mention.target, Target::Schedule(_)) {
        return None;
    }
    let rest = head(&facts.passages[mention.passage].text, mention.range.end, 60);
    let rest = rest
        .trim_start_matches(is_space)
        .strip_prefix(['(', '（'])?;
    let end = rest.find([')', '）'])?;
    Some(rest[..end].trim()).filter(|words| words.chars().count() >= 2)
}

/// The blocks whose headings start with the same words, up to their first full stop.
fn captions<'a>(facts: &'a Facts<'_>) -> HashMap<&'a str, Vec<usize>> {
    let mut found: HashMap<&str, Vec<usize>> = HashMap::new();
    let headed = |p: &&Passage| p.role == Role::Heading || (p.role == Role::Item && p.bold_start);
    for passage in facts.passages.iter().filter(headed) {
        if let Some(words) = passage.text.split(['.', '。', '：', ':']).next() {
            found.entry(words.trim()).or_default().push(passage.block);
        }
    }
    found
}
