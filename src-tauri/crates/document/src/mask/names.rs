//! Names of organisations and persons: those a document introduces, also by their short names wherever they stand, and
//! those that are known by their form.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Find, Private};
use crate::model::{BlockKind, Document};
use crate::prose::Prose;
use crate::suggest::{Named, SIDES, Why, is_han, is_organisation, named};

mod chinese;
mod columns;
mod english;
mod forms;
mod mentions;
mod short;

use english::Small;
pub(super) use mentions::{Known, Mentions};

/// The names of a document.
pub(super) struct Names {
    mentions: Mentions,
}

/// Most words that are looked for everywhere.
const MOST: usize = 20_000;

/// The words that are looked for, each once: what is said of them first stays.
#[derive(Default)]
struct Collected {
    all: BTreeMap<String, Known>,
}

impl Collected {
    fn add(&mut self, known: Known) {
        let count = known.words.chars().count();
        if count >= 2 && self.all.len() < MOST && !is_role(&known.words) {
            self.all.entry(known.words.clone()).or_insert(known);
        }
    }

    /// A name, with what it is shortened to.
    fn name(&mut self, words: &str, kind: Private, small: &Small) {
        let words = words.trim();
        let key = key(words);
        if words.chars().count() < 2 || is_role(words) {
            return;
        }
        // A part of a name that is known already is the same person.
        let key = match self.all.get(words) {
            Some(known) if known.kind == kind => known.key.clone(),
            _ => key,
        };
        self.add(Known::of(words, kind, &key));
        match kind {
            Private::Organisation => {
                for short in short::shortened(words) {
                    self.add(Known::of(&short, kind, &key));
                }
                if words.is_ascii() {
                    self.add(Known::of(&words.to_uppercase(), kind, &key));
                }
            }
            Private::Person => {
                for further in mentions::further(words, &key, small) {
                    self.add(further);
                }
            }
            _ => {}
        }
    }
}

impl Names {
    pub fn of(document: &Document) -> Names {
        let lines: Vec<Prose> = document.blocks.iter().flat_map(Prose::of).collect();
        let mut small = Small::default();
        for line in &lines {
            small.read(&line.text);
        }
        let mut all = Collected::default();
        for found in named(document) {
            if let Some(kind) = kind_of(&found) {
                all.name(&found.words, kind, &small);
            }
        }
        let texts = || lines.iter().map(|line| line.text.as_str());
        let companies: Vec<Vec<Range<usize>>> = texts().map(forms::companies).collect();
        for (text, ranges) in texts().zip(&companies) {
            for range in ranges {
                all.name(&text[range.clone()], Private::Organisation, &small);
            }
        }
        let english = english::persons(texts(), &companies, &small);
        let chinese = chinese::persons(texts());
        let found = english.into_iter().chain(chinese);
        let mut persons: Vec<String> = found.map(str::to_owned).collect();
        for block in &document.blocks {
            if let BlockKind::Table(table) = &block.kind {
                persons.extend(columns::persons(table));
            }
        }
        // The full name comes before what is a part of it.
        persons.sort_by_key(|name| std::cmp::Reverse(name.split(' ').count()));
        for name in persons {
            all.name(&name, Private::Person, &small);
        }
        for line in &lines {
            for range in chinese::titled(&line.text) {
                let surname = &line.text[range.clone()];
                let title: String = line.text[range.end..].chars().take(2).collect();
                let mut known = Known::of(&format!("{surname}{title}"), Private::Person, surname);
                known.name.end = surname.len();
                all.add(known);
            }
        }
        let mentions = Mentions::of(&all.all);
        let known = all.all.clone();
        for line in &lines {
            if !line.text.contains(['“', '"', '简']) {
                continue;
            }
            let finds = mentions.in_line(&line.text).into_iter();
            let who = |find: &Find| matches!(find.kind, Private::Organisation | Private::Person);
            let places: Vec<Range<usize>> = finds.filter(who).map(|find| find.range).collect();
            for (name, short) in short::defined(&line.text, &places) {
                let Some(known) = known.get(&name) else {
                    continue;
                };
                if belongs(&name, &short) {
                    all.add(Known::of(&short, known.kind, &known.key));
                }
            }
        }
        Names {
            mentions: Mentions::of(&all.all),
        }
    }

    /// The names in the words of a line.
    pub fn in_words(&self, words: &str) -> Vec<Find> {
        self.mentions.in_line(words)
    }
}

/// Letters and digits without signs, in small letters.
pub(super) fn key(words: &str) -> String {
    let low = words.chars().filter(|c| c.is_alphanumeric());
    low.flat_map(char::to_lowercase).collect()
}

/// What the label of a value says it is; `None` where it is nothing personal.
fn kind_of(found: &Named) -> Option<Private> {
    let label = found.label.to_lowercase();
    let words = found.words.as_str();
    let has = |parts: &[&str]| parts.iter().any(|part| label.contains(part));
    let digits = words.bytes().filter(u8::is_ascii_digit).count();
    match found.why {
        Why::Party if words.is_ascii() && !is_organisation(words) && !english::is_person(words) => {
            None
        }
        Why::Party if is_organisation(words) || is_long_name(words) => Some(Private::Organisation),
        Why::Party => can_be_person(words).then_some(Private::Person),
        Why::Contact if words.contains('@') => Some(Private::Email),
        Why::Contact
            if has(&[
                "地址",
                "住所",
                "住址",
                "address",
                "office",
                "place of business",
                "地点",
            ]) =>
        {
            Some(Private::Address)
        }
        Why::Contact if digits >= 7 => Some(Private::Phone),
        Why::Contact if has(&["行", "bank"]) => Some(Private::Organisation),
        Why::Contact if is_organisation(words) => Some(Private::Organisation),
        Why::Contact if label.ends_with("title") || has(&["职务", "职位"]) => None,
        // The Company Secretary is an office.
        Why::Contact if words.is_ascii() && !english::is_person(words) => None,
        Why::Contact => can_be_person(words).then_some(Private::Person),
        Why::Identifier if has(&["身份"]) => Some(Private::IdNumber),
        Why::Identifier if has(&["护照", "passport"]) => Some(Private::Passport),
        Why::Identifier if has(&["账", "帐", "account", "iban", "swift", "sort code"]) => {
            Some(Private::Account)
        }
        Why::Identifier
            if has(&[
                "信用", "登记", "注册", "税", "company", "regist", "vat", "tax", "ein",
            ]) =>
        {
            Some(Private::Registration)
        }
        Why::Identifier if has(&["邮", "postcode"]) => None,
        Why::Identifier => Some(Private::Number),
        _ => None,
    }
}

/// What stands where a person is named is one unless it is a sentence or a word of contracts.
fn can_be_person(words: &str) -> bool {
    !words.chars().any(is_han) || chinese::is_person(words) || chinese::is_strange_name(words)
}

/// A name of five characters or more is no person's: 某某县人民政府, 某小区业主.
fn is_long_name(words: &str) -> bool {
    words.chars().all(is_han) && words.chars().count() > 4
}

/// Words for sides and for things that contracts define; they stay.
fn is_role(words: &str) -> bool {
    let low = words.trim().to_lowercase();
    let low = low.strip_prefix("the ").unwrap_or(&low);
    const OTHERS: [&str; 40] = [
        "公司",
        "本公司",
        "目标公司",
        "双方",
        "各方",
        "合同",
        "本合同",
        "协议",
        "本协议",
        "标的",
        "标的公司",
        "集团",
        "银行",
        "贷款银行",
        "律师",
        "债务人",
        "保证人",
        "担保人",
        "项目",
        "本项目",
        "房屋",
        "设备",
        "party",
        "parties",
        "agreement",
        "affiliate",
        "affiliates",
        "services",
        "service provider",
        "target",
        "target company",
        "group",
        "bank",
        "trustee",
        "issuer",
        "holder",
        "investor",
        "investors",
        "disclosing party",
        "receiving party",
    ];
    SIDES.iter().any(|(side, _)| *side == low)
        || OTHERS.contains(&low)
        || low
            .strip_prefix("party ")
            .is_some_and(|letter| letter.len() == 1)
}

/// Whether a defined short name is made of the name it stands for: 远见 of 南京远见置业有限公司, `Acme` of `Acme Ltd`.
fn belongs(name: &str, short: &str) -> bool {
    let (name, low) = (name.to_lowercase(), short.to_lowercase());
    if short.chars().any(is_han) {
        return low.chars().filter(|c| name.contains(*c)).count() * 2 > low.chars().count();
    }
    let initials: String = name
        .split([' ', ',', '.'])
        .filter_map(|word| word.chars().next())
        .collect();
    low.split_whitespace().all(|word| name.contains(word))
        || (low.len() >= 2 && initials.starts_with(&low))
}
