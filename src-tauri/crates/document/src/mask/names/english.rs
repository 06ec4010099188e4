//! Names of persons in English: behind a title, a label or an office, and as parties.

use std::ops::Range;

use super::super::Private;
use super::forms::STARTS;
use crate::suggest::{definition, is_organisation, last_chars};

/// The persons in some words.
pub(super) fn persons(words: &str) -> Vec<(Range<usize>, Private)> {
    let mut found = english_persons(words);
    found.extend(labelled(words));
    found.extend(in_office(words));
    found.extend(defined(words));
    found
}

/// `Mr. John Smith`, `Dr Jane Doe`
fn english_persons(words: &str) -> Vec<(Range<usize>, Private)> {
    let mut found = Vec::new();
    for title in ["Mr. ", "Ms. ", "Mrs. ", "Dr. ", "Mr ", "Ms ", "Mrs ", "Dr "] {
        for (at, _) in words.match_indices(title) {
            if words[..at].ends_with(|c: char| c.is_alphanumeric()) {
                continue;
            }
            let start = at + title.len();
            let mut end = start;
            for word in words[start..].split(' ').take(4) {
                let bare = word.trim_end_matches([',', ';', ')', '.', '”']);
                let bare = bare
                    .strip_suffix("’s")
                    .or_else(|| bare.strip_suffix("'s"))
                    .unwrap_or(bare);
                let name = bare.chars().next().is_some_and(char::is_uppercase)
                    && bare
                        .chars()
                        .all(|c| c.is_alphabetic() || matches!(c, '-' | '’' | '\''));
                let initial = word.len() == 2 && word.ends_with('.');
                if !name {
                    break;
                }
                let from = word.as_ptr() as usize - words.as_ptr() as usize;
                end = from + if initial { 2 } else { bare.len() };
                if bare.len() < word.len() && !initial {
                    break;
                }
            }
            if end > start {
                found.push((start..end, Private::Person));
            }
        }
    }
    found
}

/// Words that a label of a person ends with.
const LABELS: [&str; 20] = [
    "contact",
    "attention",
    "attn",
    "guarantor",
    "by",
    "name",
    "representative",
    "manager",
    "director",
    "witness",
    "signatory",
    "borrower",
    "lender",
    "employee",
    "consultant",
    "contractor",
    "tenant",
    "landlord",
    "trustee",
    "executor",
];
/// Offices that a name stands behind.
const OFFICES: [&str; 16] = [
    "president",
    "director",
    "manager",
    "secretary",
    "treasurer",
    "chairman",
    "chairwoman",
    "partner",
    "officer",
    "attorney",
    "trustee",
    "administrator",
    "principal",
    "owner",
    "shareholder",
    "spouse",
];

/// `Emergency contact: Dana Meyers`
fn labelled(words: &str) -> Vec<(Range<usize>, Private)> {
    let mut found = Vec::new();
    for (at, _) in words.match_indices(':') {
        let near = last_chars(words[..at].trim_end(), 40).to_lowercase();
        let label = near.strip_suffix(')').map_or(near.as_str(), |open| {
            open.rfind('(').map_or(open, |at| open[..at].trim_end())
        });
        if !LABELS.iter().any(|word| ends_with_word(label, word)) {
            continue;
        }
        let rest = words[at + 1..].trim_start_matches([' ', '\u{a0}']);
        found.extend(name_at(words, words.len() - rest.len(), 2));
    }
    found
}

/// `its president, Louise Callahan`
fn in_office(words: &str) -> Vec<(Range<usize>, Private)> {
    let mut found = Vec::new();
    let low = words.to_ascii_lowercase();
    for office in OFFICES {
        for (at, _) in low.match_indices(office) {
            let before = low[..at].chars().next_back();
            let after = &words[at + office.len()..];
            let rest = after.trim_start_matches([',', ' ', '\u{a0}']);
            if before.is_some_and(|c| c.is_ascii_alphabetic()) || rest.len() == after.len() {
                continue;
            }
            found.extend(name_at(words, words.len() - rest.len(), 2));
        }
    }
    found
}

fn ends_with_word(words: &str, word: &str) -> bool {
    let rest = words.strip_suffix(word);
    rest.is_some_and(|rest| !rest.ends_with(|c: char| c.is_ascii_alphabetic()))
}

/// The name that begins at `start`: at least so many capitalised words, initials among them.
fn name_at(words: &str, start: usize, least: usize) -> Option<(Range<usize>, Private)> {
    let mut end = start;
    let mut count = 0;
    for word in words[start..].split([' ', '\n', '\t']).take(5) {
        let from = word.as_ptr() as usize - words.as_ptr() as usize;
        let bare = word.trim_end_matches([',', ';', ')', '.', ':', '”']);
        let own = bare
            .strip_suffix("’s")
            .or_else(|| bare.strip_suffix("'s"))
            .unwrap_or(bare);
        let initial = word.len() == 2
            && word.ends_with('.')
            && bare.starts_with(char::is_uppercase)
            && count > 0;
        if !is_given(own) {
            break;
        }
        // A label with a colon begins something else.
        if word.ends_with(':') {
            break;
        }
        count += 1;
        end = from + own.len();
        if own.len() < word.len() && !initial {
            break;
        }
    }
    let name = &words[start..end];
    ((least..=4).contains(&count) && !is_organisation(name))
        .then_some((start..end, Private::Person))
}

/// Words of contracts that are capitalised and none of a person’s name.
const NOT: [&str; 60] = [
    "Signature",
    "Title",
    "Date",
    "Name",
    "Customer",
    "Provider",
    "Legal",
    "General",
    "Chief",
    "Department",
    "Agreement",
    "Notice",
    "Notices",
    "Duration",
    "Cap",
    "Period",
    "Term",
    "Terms",
    "Business",
    "Company",
    "Secretary",
    "Counsel",
    "Director",
    "Managing",
    "Finance",
    "Officer",
    "Manager",
    "President",
    "Team",
    "Services",
    "Service",
    "State",
    "County",
    "Party",
    "Parties",
    "Address",
    "Email",
    "Phone",
    "Effective",
    "Section",
    "Schedule",
    "Exhibit",
    "Annex",
    "Employee",
    "Employer",
    "Board",
    "Committee",
    "Head",
    "Vice",
    "Personal",
    "Data",
    "Information",
    "Confidential",
    "Software",
    "Products",
    "Product",
    "Fees",
    "Order",
    "Form",
    "Group",
];

/// Whether every word of a name can be a part of a person’s.
pub(super) fn is_person(name: &str) -> bool {
    let mut words = name.split_whitespace();
    words.all(|word| {
        is_given(word.trim_end_matches(['.', ',']))
            || matches!(word, "of" | "de" | "van" | "von" | "&")
    })
}

/// Whether a word can be a part of a person’s name.
fn is_given(word: &str) -> bool {
    word.starts_with(char::is_uppercase)
        && word
            .chars()
            .all(|c| c.is_alphabetic() || matches!(c, '-' | '’' | '\''))
        && !STARTS.contains(&word)
        && !NOT.contains(&word)
}

/// `between Margaret Ellsworth of 12 Heron Close, Norwich (the “Seller”)`
fn defined(words: &str) -> Vec<(Range<usize>, Private)> {
    let mut found = Vec::new();
    let mut from = 0;
    for (open, _) in words.match_indices('(') {
        let Some((_, close)) = definition(words, open).filter(|_| open >= from) else {
            continue;
        };
        let segment = last_chars(&words[from..open], 300);
        from = close;
        // A party begins the segment, or stands behind what joins it to the one before.
        let starts = ["", "between ", " and "].map(|lead| {
            segment.rfind(lead).map(|at| match lead {
                "" => segment,
                lead => &segment[at + lead.len()..],
            })
        });
        for part in starts.into_iter().flatten() {
            let part = part.trim_start_matches([' ', ',', ';', ':', '.', '\n']);
            let part = part.strip_prefix("and ").unwrap_or(part);
            let start = part.as_ptr() as usize - words.as_ptr() as usize;
            let Some((range, kind)) =
                name_at(words, start, 2).filter(|(range, _)| range.end <= open)
            else {
                continue;
            };
            let after = &words[range.end..open];
            let follows = [",", " of ", " residing", " trading", " an individual"]
                .iter()
                .any(|word| after.starts_with(word));
            if after.trim().is_empty() || follows {
                found.push((range, kind));
                break;
            }
        }
    }
    found
}
