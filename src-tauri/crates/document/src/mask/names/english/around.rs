//! What stands around the name of a person: labels, offices and verbs before it; definitions, offices and verbs behind it.

use super::{Candidate, words};
use crate::suggest::{definition, last_chars};

/// The weights of what stands before and behind a candidate.
pub(super) fn around(line: &str, candidate: &Candidate) -> (i32, i32) {
    let (before, after) = (&line[..candidate.range.start], &line[candidate.range.end..]);
    if is_case(before, after) {
        return (-9, 0);
    }
    let ends = |part: &str| part.is_empty() || part.ends_with(['\n', '\t']);
    // A line of its own, as in a block of signatures.
    let alone = candidate.names.len() >= 2
        && ends(before.trim_end_matches(['_', ' ']))
        && (after.starts_with(['\n', '\t'])
            || after.len() <= 8
                && matches!(after.trim(), "" | ";" | "," | "; and" | ", and" | "; or"));
    let mut after_weight = behind(after);
    if let Some((label, _)) = after.strip_prefix(' ').and_then(|rest| definition(rest, 0))
        && candidate
            .names
            .iter()
            .any(|range| line[range.clone()] == label)
        && candidate.names.len() >= 2
    {
        after_weight = after_weight.max(2);
    }
    (lead(before) + i32::from(alone), after_weight)
}

/// Whether a name is one of a reported case, which anybody may cite: `Smith v Jones [1992] QB 600`.
fn is_case(before: &str, after: &str) -> bool {
    let near = last_chars(before, 4);
    let beside = |part: &str| {
        [" v ", " v. ", " vs. "]
            .iter()
            .any(|v| part.starts_with(v) || part.ends_with(v))
    };
    if !beside(near) && !beside(after) {
        return false;
    }
    let end = after.char_indices().nth(80).map_or(after.len(), |(i, _)| i);
    let after = &after[..end];
    [
        "[1", "[2", "(1", "(2", " U.S. ", " F.2d", " F.3d", " F. Supp",
    ]
    .iter()
    .any(|mark| after.contains(mark))
}

/// The last words before a candidate, in small letters, nearest first; signs but commas and colons are left out.
fn last_words(before: &str) -> Vec<String> {
    let near = last_chars(before, 60);
    let near = near.rsplit('\n').next().unwrap_or(near);
    near.rsplit([' ', '\u{a0}', '_', '\t'])
        .map(|word| {
            word.trim_matches(['(', '“', '"', '”', '‘', '*', '—', '–'])
                .to_lowercase()
        })
        .filter(|word| !word.is_empty())
        .take(6)
        .collect()
}

/// The weight of the words before a candidate.
fn lead(before: &str) -> i32 {
    let words = last_words(before);
    let word = |at: usize| words.get(at).map_or("", String::as_str);
    let bare = |at: usize| word(at).trim_end_matches([',', ':', ';', '.', ')']);
    let nearest = word(0);
    if nearest == "/s/" {
        return 4;
    }
    if nearest.ends_with(':') {
        return label(&words);
    }
    if bare(0) == "i" && nearest.ends_with(',') || matches!(bare(0), "attn" | "attention" | "c/o") {
        return 4;
    }
    let comma = nearest.ends_with(',');
    if words::is_kin(bare(0)) {
        return 6;
    }
    if words::is_role(bare(0)) {
        return 3;
    }
    if comma {
        // `a bystander, …` names who that is.
        let article = matches!(
            word(1),
            "a" | "an" | "the" | "his" | "her" | "my" | "its" | "their" | "our"
        );
        let doer = [
            "er", "or", "ist", "ant", "ian", "eer", "man", "woman", "person", "ee",
        ];
        return match article && doer.iter().any(|end| bare(0).ends_with(end)) {
            true => 3,
            false => 0,
        };
    }
    let deed = words::leads_to_person(nearest);
    if deed > 0 {
        return deed;
    }
    // (1) Jane Roe of … (the “First Seller”)
    if nearest.len() <= 3 && nearest.ends_with(')') && words.len() == 1 {
        return 1;
    }
    match nearest {
        "by" if words::is_signed(word(1)) => 3,
        "by" if words::leads_to_person(word(1)) > 0 => 2,
        "to" => words::leads_to_person(word(1)),
        "by" => 1,
        "means" if words::is_role(bare(1)) => 3,
        "means" | "that" => 1,
        "of" if bare(1) == "presence" => 3,
        "of" if matches!(
            bare(1),
            "attention"
                | "care"
                | "death"
                | "knowledge"
                | "estate"
                | "behalf"
                | "resignation"
                | "resignations"
                | "signature"
                | "order"
                | "favour"
                | "favor"
                | "consent"
                | "name"
                | "services"
                | "employment"
                | "appointment"
                | "retention"
                | "termination"
                | "hiring"
                | "promotion"
                | "departure"
        ) =>
        {
            2
        }
        "me" if word(1) == "before" => 2,
        "is" | "be" | "are" | "as" if (1..4).any(|at| words::is_role(bare(at))) => 3,
        "between" | "among" | "versus" | "v." | "vs." => 1,
        _ => 0,
    }
}

/// Words that a label of a person ends with, beside roles.
fn is_label(low: &str) -> bool {
    matches!(
        low,
        "contact"
            | "attention"
            | "attn"
            | "by"
            | "name"
            | "names"
            | "signed"
            | "signature"
            | "cc"
            | "copy"
            | "fao"
            | "public"
            | "present"
            | "attendance"
            | "apologies"
            | "absent"
            | "personnel"
            | "between"
            | "among"
            | "following"
            | "persons"
            | "people"
            | "presence"
    ) || words::is_role(low)
}

/// The weight of a label: `Emergency contact:`, `Witness (2):`, `the following directors:`
fn label(words: &[String]) -> i32 {
    let mut near = words
        .iter()
        .map(|word| word.trim_end_matches([':', ')', '.', ',']))
        .filter(|word| !word.is_empty());
    match near.next() {
        Some("name" | "names" | "by" | "attn" | "attention" | "signed") => 4,
        Some(word) if is_label(word) => 3,
        _ => match near.take(2).any(is_label) {
            true => 2,
            false => 0,
        },
    }
}

/// The weight of the words behind a candidate.
fn behind(after: &str) -> i32 {
    let end = after
        .char_indices()
        .nth(300)
        .map_or(after.len(), |(i, _)| i);
    let after = &after[..end];
    if let Some(rest) = after.strip_prefix(" (") {
        return defined(after, 1).max(office(rest).min(2));
    }
    if let Some(rest) = after
        .strip_prefix(", ")
        .or_else(|| after.strip_prefix(" – "))
    {
        let told = [
            "esq",
            "an individual",
            "individually",
            "a resident",
            "residing",
            "aged",
            "born",
            "who",
            "a citizen",
            "a married",
            "a single",
            "deceased",
        ];
        let low = rest
            .get(..16.min(rest.len()))
            .unwrap_or(rest)
            .to_lowercase();
        if told.iter().any(|word| low.starts_with(word)) {
            return 3;
        }
        let office = office(rest);
        return office.max(later(after));
    }
    if [" of ", " residing", " trading", " whose", " born", " with "]
        .iter()
        .any(|word| after.starts_with(word))
    {
        return later(after);
    }
    let mut words = after
        .strip_prefix(' ')
        .unwrap_or("")
        .split([' ', ',', '.', '\n']);
    match words.next().unwrap_or("") {
        "v" | "vs" | "versus" => 1,
        word if words::only_persons(word) => 3,
        // `resigns as a director`
        word if words::follows_person(word) => {
            1 + i32::from(
                words
                    .take(4)
                    .any(|word| words::is_role(&word.to_lowercase())),
            )
        }
        _ => 0,
    }
}

/// The weight of a definition that opens at `open`: `(the “Seller”)` is defined of somebody, `(the “Facility”)` is not.
fn defined(after: &str, open: usize) -> i32 {
    match definition(after, open) {
        Some((label, _))
            if label
                .split(' ')
                .any(|word| words::is_role(&word.to_lowercase())) =>
        {
            3
        }
        _ => 0,
    }
}

/// The weight of a definition that stands behind an address: `of 12 Heron Close, Norwich (the “Seller”)`.
fn later(after: &str) -> i32 {
    let sentence = after.find(". ").unwrap_or(after.len());
    let open = after[..sentence].find(" (");
    open.map_or(0, |open| defined(after, open + 1).min(2))
}

/// The weight of an office behind a name: `, its Vice President`, `, Head of Engineering`, `(Procurement)`.
fn office(rest: &str) -> i32 {
    let sign = rest
        .find([',', '.', ')', ';', '\n', '('])
        .unwrap_or(rest.len());
    let phrase = &rest[..sign];
    let mut words = phrase.split(' ').take(6);
    let first = words.next().unwrap_or("");
    let role = |word: &str| words::is_role(&word.to_lowercase());
    let capital = first.starts_with(char::is_uppercase);
    let article = matches!(
        first,
        "a" | "an"
            | "the"
            | "its"
            | "his"
            | "her"
            | "as"
            | "acting"
            | "our"
            | "their"
            | "my"
            | "in"
    );
    if (capital || article || role(first)) && (role(first) || words.any(role)) {
        return 3;
    }
    0
}
