//! Capital letters in English: terms used before or without a definition, or in small letters.

use super::{INFO, stem};
use crate::facts::Facts;
use crate::facts::passage::Role;
use crate::facts::term::{Form, Term};
use crate::finding::{Finding, Severity};
use crate::scan::{after, has_any, is_whole_word, places};
use std::collections::BTreeMap;

/// The checks that only English needs.
pub(super) fn check(facts: &Facts<'_>, terms: &[&Term], findings: &mut Vec<Finding>) {
    lower_case(facts, terms, findings);
    early_en(facts, terms, findings);
    undefined_en(facts, terms, findings);
}

/// M05 in English, for terms of two words and more, where there is no definitions clause.
fn early_en(facts: &Facts<'_>, terms: &[&Term], findings: &mut Vec<Finding>) {
    let clause = facts.passages.iter().any(|p| {
        p.text.len() < 60
            && has_any(
                &p.text,
                &[
                    "Definition",
                    "Interpretation",
                    "DEFINITION",
                    "INTERPRETATION",
                    "Defined Terms",
                ],
            )
    });
    if clause {
        return;
    }
    for term in terms
        .iter()
        .filter(|t| t.form == Form::Aside && t.name.contains(' ') && t.name.is_ascii())
    {
        let earlier = facts.places_of(&term.name).find(|(passage, range)| {
            let text = &facts.passages[*passage].text;
            (*passage, range.start) < (term.passage, term.range.start)
                && facts.passages[*passage].is_prose()
                && is_whole_word(text, range)
        });
        if let Some((passage, range)) = earlier {
            let message = facts.say(
                format!("“{}”在定义之前就使用了。", term.name),
                format!("“{}” is used before it is defined.", term.name),
            );
            findings.push(facts.at(INFO.id, Severity::Note, passage, &range, message));
        }
    }
}

/// M04: "the confidential information" for "Confidential Information". Only terms of two words and more, after
/// a word that points at the defined thing.
fn lower_case(facts: &Facts<'_>, terms: &[&Term], findings: &mut Vec<Finding>) {
    let mut names: Vec<&str> = terms
        .iter()
        .map(|t| t.name.as_str())
        .filter(|n| {
            n.contains(' ')
                && n.is_ascii()
                && n.split(' ')
                    .all(|w| w.starts_with(|c: char| c.is_ascii_uppercase()))
        })
        .collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let lower = name.to_ascii_lowercase();
        for (passage, range) in facts.places_of(&lower) {
            let text = &facts.passages[passage].text;
            let defining = terms.iter().any(|t| t.passage == passage && t.name == name);
            let pointed = ["the ", "such ", "The ", "Such "]
                .iter()
                .any(|w| text[..range.start].ends_with(w));
            // A longer term may contain this one: "the confidential information agreement".
            let longer = after(text, range.end) == Some(' ')
                && terms.iter().any(|t| {
                    t.name.len() > name.len()
                        && t.name.to_ascii_lowercase().contains(&lower)
                        && text[range.start..]
                            .to_ascii_lowercase()
                            .starts_with(&t.name.to_ascii_lowercase())
                });
            if defining
                || !pointed
                || longer
                || !facts.passages[passage].is_prose()
                || !is_whole_word(text, &range)
            {
                continue;
            }
            let message = facts.say(
                format!("“{lower}”应按定义写作“{name}”。"),
                format!("“{lower}” is defined as “{name}”."),
            );
            let mut finding = facts.at(INFO.id, Severity::Warning, passage, &range, message);
            finding.fix = facts.replace(passage, &range, name);
            findings.push(finding);
        }
    }
}

/// M01 in English: "the Longstop Date" used several times and never defined, in a document that defines its terms.
fn undefined_en(facts: &Facts<'_>, terms: &[&Term], findings: &mut Vec<Finding>) {
    const GENERIC: &[&str] = &[
        "date",
        "period",
        "fee",
        "fees",
        "price",
        "services",
        "products",
        "goods",
        "materials",
        "information",
        "property",
        "rights",
        "documents",
        "account",
        "claims",
        "losses",
        "personnel",
        "premises",
        "deposit",
        "loan",
    ];
    let elsewhere = [
        "not defined in this",
        "not otherwise defined",
        "not defined herein",
        "meanings given in",
        "meaning given in the",
        "as defined in the",
    ];
    if terms.len() < 3 || facts.says(&elsewhere) {
        return;
    }
    let mut uses: BTreeMap<&str, Vec<(usize, std::ops::Range<usize>)>> = BTreeMap::new();
    for (index, passage) in facts
        .passages
        .iter()
        .enumerate()
        .filter(|(_, p)| p.is_prose())
    {
        for at in places(&passage.text, "the ") {
            let start = at + "the ".len();
            if let Some(range) = title_words(&passage.text, start) {
                uses.entry(&passage.text[range.clone()])
                    .or_default()
                    .push((index, range));
            }
        }
    }
    for (name, found) in uses {
        let last = name.rsplit(' ').next().unwrap_or(name).to_ascii_lowercase();
        let known = terms.iter().any(|t| {
            stem(&t.name).eq_ignore_ascii_case(stem(name))
                || name.starts_with(&t.name)
                || name.ends_with(&t.name)
                || t.name.contains(name)
        });
        let labelled = facts.passages.iter().any(|p| {
            let lead = p.text.trim_start();
            lead.starts_with(name)
                && (matches!(p.role, Role::Heading | Role::Cell { .. } | Role::Title)
                    || lead[name.len()..].starts_with([':', '.'])
                    || p.bold_start)
        });
        if found.len() < 2 || known || labelled || !GENERIC.contains(&last.as_str()) {
            continue;
        }
        let (passage, range) = &found[0];
        let message = facts.say(
            format!("“{name}”大写使用，但没有定义。"),
            format!("“{name}” is used with capitals and never defined."),
        );
        findings.push(facts.at(INFO.id, Severity::Warning, *passage, range, message));
    }
}

/// Two or three words with capitals at `start`, followed by anything but another capital.
fn title_words(text: &str, start: usize) -> Option<std::ops::Range<usize>> {
    let mut end = start;
    let mut count = 0;
    loop {
        let from = if count == 0 { end } else { end + 1 };
        if count > 0 && after(text, end) != Some(' ') {
            break;
        }
        let word = crate::scan::run(text, from.min(text.len()), |c| c.is_ascii_alphabetic());
        let upper = text[word.clone()].starts_with(|c: char| c.is_ascii_uppercase())
            && text[word.clone()]
                .bytes()
                .skip(1)
                .all(|b| b.is_ascii_lowercase());
        if !upper || word.len() < 2 {
            break;
        }
        end = word.end;
        count += 1;
    }
    (2..=3).contains(&count).then_some(start..end)
}
