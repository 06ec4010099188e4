//! References that say what they point at: Section 6 (Confidentiality), 第六条（保密）.

use super::Found;
use crate::facts::Facts;
use crate::facts::mention::{Mention, Target};
use crate::facts::passage::{Passage, Role};
use crate::scan::{head, is_space};
use std::collections::HashMap;

/// By mention: the heading its words name, where its number is that of another clause and the name is of one heading.
pub(super) fn elsewhere(facts: &Facts<'_>, targets: &[Found]) -> HashMap<usize, usize> {
    let mut headings: Option<HashMap<&str, Vec<usize>>> = None;
    let mut found = HashMap::new();
    for (i, (mention, target)) in facts.mentions.iter().zip(targets).enumerate() {
        let (Some(subject), Found::At(block)) = (subject(facts, mention), target) else {
            continue;
        };
        let headings = headings.get_or_insert_with(|| captions(facts));
        if let Some([heading]) = headings.get(subject).map(Vec::as_slice)
            && !are_one(facts, *heading, *block)
        {
            found.insert(i, *heading);
        }
    }
    found
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
