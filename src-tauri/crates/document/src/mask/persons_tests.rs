//! Recall and precision on persons alone: `⟦p:Jane Roe⟧` plants one. All of it is invented.
//!
//! The two held-out texts (250 mentions of about 130 persons) were written before these rules, by the hand that wrote the
//! rules afterwards; what is missed in them was never read, only the figures. Recall and precision, Chinese and English:
//! 0.205 and 1.000, 0.305 and 0.957 by the rules before; 0.924 and 0.992, 0.949 and 0.966 at first sight of the new ones,
//! which were then made better by the other texts (the figures were looked at nine times before the blind passages, once after).
//!
//! The blind passages (eighty that name persons, twenty that look as if) were written by another hand before it had read any
//! of the rules. At first sight 70 of 129 mentions (0.543) were masked in Chinese and 85 of 111 (0.766) in English, with four
//! and two false masks: half of the passages call nobody by a role, and surnames and given names are rare on purpose. That
//! is the figure that counts; what the test finds now is found by rules that were made with them.
//!
//! Passages by other hands, from the web, are no part of this: the recall at first sight was 28 of 38 mentions in Chinese
//! notices and reports, and after that 26 of 27 in a judgment and 20 of 22 in the openings of American contracts, each
//! without a false mask.

use super::annotated_tests::{placed, planted};
use super::*;
use crate::{parse, print};

const HELD: [&str; 2] = [
    include_str!("../../tests/data/mask/persons/held-zh.md"),
    include_str!("../../tests/data/mask/persons/held-en.md"),
];
/// Written by another hand before it had read any of the rules.
const BLIND: [&str; 2] = [
    include_str!("../../tests/data/mask/persons/blind-zh.md"),
    include_str!("../../tests/data/mask/persons/blind-en.md"),
];
/// What the rules were made better by.
const MADE: [&str; 2] = [
    include_str!("../../tests/data/mask/persons/zh.md"),
    include_str!("../../tests/data/mask/persons/en.md"),
];
/// Texts with all kinds of personal data.
const OTHERS: [&str; 5] = [
    include_str!("../../tests/data/mask/zh.md"),
    include_str!("../../tests/data/mask/en.md"),
    include_str!("../../tests/data/mask/fresh.md"),
    include_str!("../../tests/data/mask/later.md"),
    include_str!("../../tests/data/mask/last.md"),
];

/// How many mentions of persons were planted and masked whole, and how many masks of persons were right and wrong.
#[derive(Default)]
pub(super) struct Persons {
    planted: usize,
    masked: usize,
    right: usize,
    wrong: usize,
    /// What was missed, and what was masked for nothing.
    pub(super) notes: Vec<String>,
}

impl Persons {
    pub(super) fn of(marked: &str) -> Persons {
        let mut told = Persons::default();
        for part in marked.split("=====\n") {
            told.add(part);
        }
        told
    }

    fn add(&mut self, marked: &str) {
        let (text, all) = planted(marked);
        let persons = || all.iter().filter(|value| value.kind == Private::Person);
        let found = placed(&text);
        for value in persons() {
            self.planted += 1;
            let covers = |(range, _): &(Range<usize>, Private)| {
                range.start <= value.range.start && value.range.end <= range.end
            };
            match found.iter().any(covers) {
                true => self.masked += 1,
                false => self
                    .notes
                    .push(format!("missed: {}", near(&text, &value.range))),
            }
        }
        for (range, _) in found.iter().filter(|(_, kind)| *kind == Private::Person) {
            match persons().any(|p| p.range.start < range.end && range.start < p.range.end) {
                true => self.right += 1,
                false => {
                    self.wrong += 1;
                    self.notes
                        .push(format!("for nothing: {}", near(&text, range)));
                }
            }
        }
    }

    pub(super) fn recall(&self) -> f64 {
        self.masked as f64 / self.planted.max(1) as f64
    }

    pub(super) fn precision(&self) -> f64 {
        self.right as f64 / (self.right + self.wrong).max(1) as f64
    }
}

/// A part of a text, marked, with the words around it.
fn near(text: &str, range: &Range<usize>) -> String {
    let before: Vec<char> = text[..range.start].chars().rev().take(15).collect();
    let before: String = before.into_iter().rev().collect();
    let after: String = text[range.end..].chars().take(15).collect();
    format!("{before}⟦{}⟧{after}", &text[range.clone()]).replace('\n', "⏎")
}

/// Texts apart, without the marks of what is planted.
fn texts() -> Vec<String> {
    let all = HELD.into_iter().chain(MADE).chain(OTHERS);
    all.flat_map(|text| text.split("=====\n"))
        .map(|text| planted(text).0)
        .collect()
}

#[test]
fn persons_of_texts_that_no_rule_was_made_with() {
    for text in HELD {
        let told = Persons::of(text);
        println!(
            "{} mentions: recall {:.3}, precision {:.3}",
            told.planted,
            told.recall(),
            told.precision()
        );
        assert!(told.planted >= 110 && told.recall() >= 0.95 && told.precision() >= 0.95);
    }
}

#[test]
fn persons_of_passages_written_blind() {
    for (text, least) in BLIND.into_iter().zip([0.8, 0.8]) {
        let told = Persons::of(text);
        println!(
            "{} mentions, {} masked: recall {:.3}, precision {:.3}: {:#?}",
            told.planted,
            told.masked,
            told.recall(),
            told.precision(),
            told.notes
        );
        assert!(told.planted >= 110 && told.recall() >= least && told.precision() >= 0.95);
    }
}

#[test]
fn persons_of_texts_that_rules_were_made_with() {
    for text in MADE {
        let told = Persons::of(text);
        println!(
            "{} mentions: recall {:.3}, precision {:.3}: {:?}",
            told.planted,
            told.recall(),
            told.precision(),
            told.notes
        );
        assert!(told.recall() >= 0.97 && told.precision() >= 0.98);
    }
}

#[test]
fn what_was_masked_is_not_masked_again() {
    for text in texts() {
        let once = print(&mask(&parse(&text), &[]).document);
        let twice = mask(&parse(&once), &[]);
        assert_eq!(twice.found, [], "{once}");
        assert_eq!(print(&twice.document), once);
    }
}

#[test]
fn words_between_placeholders_are_those_of_the_text() {
    for text in texts() {
        let document = parse(&text);
        let before = print(&document);
        let masked = mask(&document, &[]);
        let mut after = print(&masked.document);
        // Brackets are escaped in a text, and an underscore beside a name may be.
        after = after.replace('\\', "");
        let before = before.replace('\\', "");
        let placeholders: Vec<&str> = masked
            .found
            .iter()
            .map(|m| m.placeholder.as_str())
            .collect();
        let mut at = 0;
        let mut rest = after.as_str();
        while !rest.is_empty() {
            let next = placeholders
                .iter()
                .filter_map(|one| Some((rest.find(one)?, one.len())))
                .min_by_key(|(at, len)| (*at, std::cmp::Reverse(*len)));
            let (stay, length) = next.unwrap_or((rest.len(), 0));
            let found = before[at..].find(&rest[..stay]);
            at += found.unwrap_or_else(|| panic!("{:?}", &rest[..stay])) + stay;
            rest = &rest[stay + length..];
        }
    }
}
