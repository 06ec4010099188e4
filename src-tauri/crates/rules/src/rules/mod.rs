//! One rule, one file; this list is their order.

mod annex;
mod cross_reference;
mod date;
mod defined_term;
mod duplicate_clause;
mod identifier;
mod leftover;
mod missing_part;
mod money;
mod numbering;
mod party;
mod punctuation;

use crate::facts::Facts;
use crate::finding::{Finding, RuleInfo};

/// A rule: what it says of itself, and its check.
pub(crate) struct Rule {
    pub(crate) check: fn(&Facts<'_>, &mut Vec<Finding>),
}

macro_rules! rules {
    ($($name:ident),* $(,)?) => {
        /// What every rule says of itself.
        pub(crate) const INFOS: &[RuleInfo] = &[$($name::INFO),*];
        /// Every rule, in the order of [`INFOS`].
        pub(crate) const ALL: &[Rule] = &[$(Rule { check: $name::check }),*];
    };
}

rules! {
    leftover, defined_term, cross_reference, numbering, party, money, date, annex, missing_part, punctuation, identifier,
    duplicate_clause,
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_rule_has_its_own_kebab_case_id_and_words_in_both_languages() {
        let infos = super::INFOS;
        for (i, info) in infos.iter().enumerate() {
            assert!(
                info.id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'),
                "{}",
                info.id
            );
            assert!(
                infos[..i].iter().all(|other| other.id != info.id),
                "{}",
                info.id
            );
            for words in [info.name, info.what, info.why] {
                assert!(!words.zh.is_empty() && !words.en.is_empty(), "{}", info.id);
            }
        }
        assert_eq!(infos.len(), 12);
    }
}
