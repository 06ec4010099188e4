//! A party that owes something to itself: one of the two names was written for the other.

use super::INFO;
use crate::facts::Facts;
use crate::facts::party::ROLES;
use crate::finding::{Finding, Severity};
use crate::scan::places;
use moqi_document::Language;
use std::ops::Range;

/// What stands between the first name and 向 where the first owes to the second; 必须 before 须.
const OWES: &[&str] = &["应当", "应", "必须", "须", "有义务", "负责"];

const VERBS: &[&str] = &[
    "pay",
    "repay",
    "reimburse",
    "compensate",
    "indemnify",
    "notify",
    "inform",
    "invoice",
];

pub(super) fn check(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    for (index, passage) in facts.passages.iter().enumerate().filter(|(_, p)| !p.quote) {
        let text = passage.text.as_str();
        let mut report = |range: Range<usize>, name: &str| {
            let message = facts.say(
                format!("{name}在这里对自己负有义务，有一处应当是对方。"),
                format!(
                    "{name} owes this to itself; one of the two names should be the other party’s."
                ),
            );
            findings.push(facts.at(INFO.id, Severity::Warning, index, &range, message));
        };
        match facts.language {
            Language::Zh => {
                for at in places(text, "向") {
                    let end = at + "向".len();
                    let Some(name) = ROLES.iter().find(|role| text[end..].starts_with(**role))
                    else {
                        continue;
                    };
                    let Some(lead) = OWES
                        .iter()
                        .find_map(|owes| text[..at].strip_suffix(owes)?.strip_suffix(name))
                    else {
                        continue;
                    };
                    // 甲方与乙方应当向乙方指定的人 names two, and 向甲方的客户 somebody else.
                    let joint = lead.ends_with(['与', '和', '及', '、', '或', '被']);
                    let rest = &text[end + name.len()..];
                    let other = rest
                        .starts_with(['的', '指', '以', '之', '所', '委', '或', '和', '、', '及']);
                    if !joint && !other {
                        report(end..end + name.len(), name);
                    }
                }
            }
            Language::En => {
                for at in places(text, " shall ") {
                    let name = text[..at].rsplit(' ').next().unwrap_or_default();
                    let capital = name.starts_with(|c: char| c.is_ascii_uppercase());
                    let lead = text[..at - name.len()].trim_end();
                    if !capital || !(lead.ends_with("The") || lead.ends_with("the")) {
                        continue;
                    }
                    let after = at + " shall ".len();
                    let Some(verb) = VERBS.iter().find(|verb| text[after..].starts_with(**verb))
                    else {
                        continue;
                    };
                    let object = after + verb.len() + " the ".len();
                    let named = text
                        .get(after + verb.len()..)
                        .and_then(|rest| rest.strip_prefix(" the "))
                        .and_then(|rest| rest.strip_prefix(name));
                    // The Buyer shall pay the Buyer’s bank, or the Buyer Contribution.
                    let ends = |rest: &str| {
                        let mut rest = rest.chars();
                        match rest.next() {
                            None | Some('.' | ',' | ';') => true,
                            Some(' ') => rest.next().is_some_and(|c| c.is_ascii_lowercase()),
                            _ => false,
                        }
                    };
                    if named.is_some_and(ends) {
                        report(object..object + name.len(), &format!("The {name}"));
                    }
                }
            }
        }
    }
}
