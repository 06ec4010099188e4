//! The checks: one rule, one file, findings with spans and fixes.
//!
//! [`check`] reads a parsed document the way a senior lawyer proof-reads it before it goes out, and gives
//! every finding with its place, a full sentence, its legal basis where there is one, and a fix where a fix
//! is safe:
//!
//! ```
//! let document = moqi_document::parse("# 买卖合同\n\n合同总价为人民币壹佰万元整（¥1,200,000.00）。\n");
//! let findings = moqi_rules::check(&document, &moqi_rules::Profile::default());
//! let money = findings.iter().find(|f| f.rule == "money").expect("the words and the figures differ");
//! assert_eq!(money.fix.as_ref().map(|fix| fix.title.as_str()), Some("改为“壹佰贰拾万元整”"));
//! ```
//!
//! Invariants:
//! - Precision first: a value that is not read with certainty gives no finding.
//! - The same text and profile give the same findings in the same order; there is no clock, model, database
//!   or randomness in here.
//! - Checking never fails and never panics: trouble is a [`Finding`].
//! - A fix removes its own finding and adds none; it touches only text that stands in the source as read.
//! - The document is scanned once into facts (passages, outline, terms, amounts, dates, parties); rules only
//!   read those.

mod citations;
mod facts;
mod finding;
mod rules;
mod scan;
#[cfg(test)]
mod testing;

pub use citations::citations;
pub use finding::{Finding, Fix, Profile, RuleInfo, Severity, Words};

use moqi_document::Document;

/// Checks a document: every finding of every rule, sorted by place, then by rule.
///
/// Spans are byte offsets into the text that was parsed. The order and the wording depend on nothing but
/// the document and the profile.
#[must_use]
pub fn check(document: &Document, profile: &Profile) -> Vec<Finding> {
    let facts = facts::Facts::gather(document, profile);
    let mut findings = Vec::new();
    for rule in rules::ALL {
        (rule.check)(&facts, &mut findings);
    }
    findings.sort_by(|a, b| (a.span, a.rule, &a.message).cmp(&(b.span, b.rule, &b.message)));
    findings.dedup();
    findings
}

/// The rules of this room in a fixed order, for settings pages and documentation.
#[must_use]
pub fn rules() -> &'static [RuleInfo] {
    rules::INFOS
}
