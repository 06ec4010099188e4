//! Names of fields: ASCII words that a person can read, from the label of the field.

use std::collections::{BTreeSet, HashMap};
use std::sync::OnceLock;

use pinyin::ToPinyin as _;

use super::glossary::{EMPTY, LABELS, WORDS};
use super::label::{SIDES, side};
use crate::fields::is_name;

/// Longest term of the glossary, in characters.
const LONGEST_TERM: usize = 8;
/// Most words in a name.
const MOST_WORDS: usize = 6;
/// Most characters of a label that its name is made of.
const MOST_CHARS: usize = 60;

/// Names that are taken, and those that count up.
pub(super) struct Names {
    taken: BTreeSet<String>,
    counts: HashMap<String, usize>,
}

impl Names {
    /// With the names that are in use already.
    pub fn new(taken: impl IntoIterator<Item = String>) -> Names {
        Names {
            taken: taken.into_iter().collect(),
            counts: HashMap::new(),
        }
    }

    /// A new name from a label: `party_a_address`, `signing_date`; `field` where the label has no word. The second of
    /// one name is `address_2`.
    pub fn take(&mut self, label: &str) -> String {
        let base = name_of(label).unwrap_or_else(|| "field".to_owned());
        // Each base remembers where it counts, so that a thousand blanks take no square of time.
        let count = self.counts.entry(base.clone()).or_insert(0);
        loop {
            *count += 1;
            let name = if *count == 1 {
                base.clone()
            } else {
                format!("{base}_{count}")
            };
            if self.taken.insert(name.clone()) {
                return name;
            }
        }
    }
}

/// The name of a field that a label asks for: the side of a contract, the words of the glossary, English words, or
/// pinyin. `None` where no word is in the label.
pub(crate) fn name_of(label: &str) -> Option<String> {
    let label = label.trim();
    if let Some(side) = side(label) {
        return Some(side);
    }
    let (whose, rest) = sided(label);
    let mut words: Vec<String> = whose.into_iter().collect();
    let mut found = Words::default();
    found.read(rest);
    let mut rest = found.done();
    rest.truncate(MOST_WORDS);
    words.extend(rest);
    let mut name = words.join("_");
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert_str(0, "field_");
    }
    is_name(&name).then_some(name)
}

/// The side that a label begins with, and the rest: 甲方地址, `Seller’s address`.
pub(super) fn sided(label: &str) -> (Option<String>, &str) {
    let found = SIDES.iter().find_map(|(words, name)| {
        let start = label.get(..words.len())?;
        let rest = &label[words.len()..];
        let matches = if words.is_ascii() {
            start.eq_ignore_ascii_case(words) && rest.starts_with([' ', '\'', '’'])
        } else {
            start == *words
        };
        let rest = rest
            .trim_start_matches("’s")
            .trim_start_matches("'s")
            .trim_start_matches(['的', '之', ' ']);
        (matches && !rest.is_empty()).then_some((*name, rest))
    });
    match found {
        Some((name, rest)) => (Some(name.to_owned()), rest),
        None => (None, label),
    }
}

/// The longest label of the glossary that some words end with: 甲方应支付的违约金 ends with 违约金.
pub(super) fn known_end(words: &str) -> Option<&'static str> {
    let glossary = glossary();
    let starts: Vec<usize> = words
        .char_indices()
        .rev()
        .take(LONGEST_TERM)
        .map(|(i, _)| i)
        .collect();
    starts
        .into_iter()
        .rev()
        .find_map(|start| glossary.get(&words[start..]).filter(|term| term.label))
        .map(|term| term.zh)
}

/// The glossary's label that some words are, without what stands in parentheses.
pub(super) fn known(words: &str) -> Option<&'static str> {
    known_end(words).filter(|label| label.len() == words.len())
}

/// Whether words are made of sides and words of the glossary.
pub(super) fn all_known(words: &str) -> bool {
    let mut rest = words;
    while !rest.is_empty() {
        let side = SIDES.iter().find(|(side, _)| rest.starts_with(side));
        match side
            .map(|(side, _)| side.len())
            .or_else(|| term_at(rest).map(|term| term.0))
        {
            Some(len) => rest = &rest[len..],
            None => return false,
        }
    }
    true
}

/// The glossary's label that some words begin with.
pub(super) fn known_start(words: &str) -> Option<&'static str> {
    let glossary = glossary();
    starts(words)
        .find_map(|start| glossary.get(start).filter(|term| term.label))
        .map(|term| term.zh)
}

/// What some words begin with, as long as a term can be, the longest first.
fn starts(words: &str) -> impl Iterator<Item = &str> {
    let ends: Vec<usize> = words
        .char_indices()
        .map(|(i, c)| i + c.len_utf8())
        .take(LONGEST_TERM)
        .collect();
    ends.into_iter().rev().map(|end| &words[..end])
}

/// The English of a label of the glossary.
pub(super) fn glossed(label: &str) -> Option<&'static str> {
    glossary().get(label).map(|term| term.en)
}

struct Term {
    zh: &'static str,
    en: &'static str,
    /// It names a value by itself.
    label: bool,
}

fn glossary() -> &'static HashMap<&'static str, Term> {
    static GLOSSARY: OnceLock<HashMap<&'static str, Term>> = OnceLock::new();
    GLOSSARY.get_or_init(|| {
        let words = WORDS.iter().map(|(zh, en)| (zh, *en, false));
        let empty = EMPTY.iter().map(|zh| (zh, "", false));
        let labels = LABELS.iter().map(|(zh, en)| (zh, *en, true));
        words
            .chain(empty)
            .chain(labels)
            .map(|(zh, en, label)| (*zh, Term { zh, en, label }))
            .collect()
    })
}

/// The words of a name as they are read from a label.
#[derive(Default)]
struct Words {
    all: Vec<String>,
    /// Words that a name leaves out where it has others.
    small: Vec<String>,
    /// An ASCII word that is being read.
    ascii: String,
    /// The last word is pinyin, which the next syllable joins.
    spelt: bool,
}

impl Words {
    fn read(&mut self, label: &str) {
        let sides = SIDES.iter().filter(|(words, _)| !words.is_ascii());
        let mut at = 0;
        let end = label
            .char_indices()
            .nth(MOST_CHARS)
            .map_or(label.len(), |(i, _)| i);
        // A word that the limit cuts is left out.
        let cut =
            end < label.len() && label[end..].starts_with(|c: char| c.is_ascii_alphanumeric());
        let end = match label[..end].rfind(' ') {
            Some(space) if cut => space,
            _ => end,
        };
        while let Some(c) = label[at..end].chars().next() {
            if c.is_ascii_alphanumeric() || c == '_' {
                self.ascii.push(c.to_ascii_lowercase());
                at += 1;
                continue;
            }
            self.close();
            if let Some((words, name)) = sides.clone().find(|(w, _)| label[at..].starts_with(w)) {
                self.all.push((*name).to_owned());
                at += words.len();
                self.spelt = false;
                continue;
            }
            if let Some((len, en)) = term_at(&label[at..end]) {
                self.spelt = false;
                if !en.is_empty() {
                    self.all.push(en.to_owned());
                }
                at += len;
                continue;
            }
            match c.to_pinyin().map(|p| p.plain().replace('ü', "v")) {
                Some(syllable) if self.spelt => {
                    if let Some(last) = self.all.last_mut() {
                        last.push_str(&syllable);
                    }
                }
                Some(syllable) => {
                    self.all.push(syllable);
                    self.spelt = true;
                }
                None => self.spelt = false,
            }
            at += c.len_utf8();
        }
        self.close();
    }

    fn close(&mut self) {
        let word = std::mem::take(&mut self.ascii);
        let word = word.trim_matches('_');
        const SMALL: [&str; 13] = [
            "the", "a", "an", "of", "for", "to", "in", "by", "s", "be", "its", "this", "that",
        ];
        if !word.is_empty() {
            self.spelt = false;
            match SMALL.contains(&word) {
                true => self.small.push(word.to_owned()),
                false => self.all.push(word.to_owned()),
            }
        }
    }

    fn done(self) -> Vec<String> {
        let words = if self.all.is_empty() {
            self.small
        } else {
            self.all
        };
        words.into_iter().filter(|word| word.is_ascii()).collect()
    }
}

/// The longest term that some words begin with: its length in bytes, and its English.
fn term_at(words: &str) -> Option<(usize, &'static str)> {
    let glossary = glossary();
    starts(words).find_map(|start| glossary.get(start).map(|term| (start.len(), term.en)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words_a_person_reads() {
        for (label, name) in [
            ("甲方", Some("party_a")),
            ("甲方地址", Some("party_a_address")),
            ("出租人的法定代表人", Some("lessor_legal_representative")),
            ("合同编号", Some("contract_number")),
            ("首期付款日期", Some("first_payment_date")),
            ("违约金比例", Some("penalty_rate")),
            ("违约金比例（%）", Some("penalty_rate")),
            (
                "逾期付款违约金每日费率",
                Some("late_payment_penalty_daily_rate"),
            ),
            ("桩基础", Some("zhuangjichu")),
            ("绿化面积", Some("lvhua_area")),
            ("Seller’s address", Some("seller_address")),
            (
                "Effective date of this agreement",
                Some("effective_date_agreement"),
            ),
            ("2nd instalment", Some("field_2nd_instalment")),
            ("（）", None),
            ("the", Some("the")),
            ("By", Some("by")),
        ] {
            assert_eq!(name_of(label).as_deref(), name, "{label}");
        }
    }

    #[test]
    fn every_name_of_the_glossary_is_a_name_and_every_term_short_enough() {
        for (zh, en) in LABELS.iter().chain(WORDS) {
            assert!(is_name(en), "{zh} {en}");
            assert!(zh.chars().count() <= LONGEST_TERM, "{zh}");
        }
        let mut seen = BTreeSet::new();
        for zh in LABELS.iter().chain(WORDS).map(|(zh, _)| zh).chain(EMPTY) {
            assert!(seen.insert(zh), "{zh} stands twice");
        }
    }

    #[test]
    fn names_count_up() {
        let mut names = Names::new(["address_2".to_owned()]);
        let taken: Vec<_> = ["地址", "住所", "Address"]
            .map(|label| names.take(label))
            .into();
        assert_eq!(taken, ["address", "address_3", "address_4"]);
    }
}
