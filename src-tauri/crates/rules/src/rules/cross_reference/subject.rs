//! References that say what they point at: Section 6 (Confidentiality), 第六条（保密）.

use super::{Found, target};
use crate::facts::Facts;
use crate::facts::mention::{Mention, Target};
use crate::facts::passage::Role;
use crate::scan::{head, is_space};
use std::collections::HashSet;

/// Whether references name headings that stand here under other numbers than the references give.
///
/// One such reference is a slip of its author. Where most are of this kind, the numbers were lost on the way
/// from Word: then nothing certain can be said of clauses that seem to be missing.
pub(super) fn numbers_were_lost(facts: &Facts<'_>) -> bool {
    let mut headings: Option<HashSet<&str>> = None;
    let (mut agree, mut differ) = (0, 0);
    for mention in &facts.mentions {
        let Some(subject) = subject(facts, mention) else {
            continue;
        };
        let headings = headings.get_or_insert_with(|| captions(facts));
        if !headings.contains(subject) {
            continue;
        }
        match target(facts, mention) {
            Found::Missing => differ += 1,
            Found::At(_) => agree += 1,
            Found::Unsure => {}
        }
    }
    differ >= 2 && differ > agree
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

/// What each heading starts with, up to its first full stop.
fn captions<'a>(facts: &'a Facts<'_>) -> HashSet<&'a str> {
    facts
        .passages
        .iter()
        .filter(|p| p.role == Role::Heading || (p.role == Role::Item && p.bold_start))
        .filter_map(|p| p.text.split(['.', '。', '：', ':']).next())
        .map(str::trim)
        .collect()
}
