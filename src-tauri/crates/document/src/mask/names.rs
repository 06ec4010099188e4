//! Names of organisations and persons: those a document introduces, also by their short names wherever they stand, and
//! those that are known by their form.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Find, Private};
use crate::model::Document;
use crate::prose::Prose;
use crate::suggest::{Named, SIDES, Why, is_han, is_organisation, named};

mod english;
mod forms;
mod persons;
mod short;

/// The names of a document.
pub(super) struct Names {
    /// Words that are masked wherever they stand, the longest first: a short name is a part of the long one.
    known: Vec<Known>,
}

struct Known {
    words: String,
    kind: Private,
    key: String,
}

/// Most names that are looked for everywhere; a hostile text of names would cost its size for each.
const MOST: usize = 400;

impl Names {
    pub fn of(document: &Document) -> Names {
        let mut all: BTreeMap<String, (Private, String)> = BTreeMap::new();
        let mut add = |words: &str, kind: Private, key: &str| {
            let words = words.trim();
            if words.chars().count() >= 2 && all.len() < MOST && !is_role(words) {
                let entry = (kind, key.to_owned());
                all.entry(words.to_owned()).or_insert(entry);
            }
        };
        for found in named(document) {
            let Some(kind) = kind_of(&found) else {
                continue;
            };
            add_with_short(&found.words, kind, &mut add);
        }
        for prose in document.blocks.iter().flat_map(Prose::of) {
            for (range, kind) in forms::names(&prose.text) {
                add_with_short(&prose.text[range], kind, &mut add);
            }
        }
        let names = Names::ordered(&all);
        for prose in document.blocks.iter().flat_map(Prose::of) {
            if !prose.text.contains(['“', '"', '简']) {
                continue;
            }
            let finds = names.in_words(&prose.text).into_iter();
            let who = |find: &Find| matches!(find.kind, Private::Organisation | Private::Person);
            let places: Vec<Range<usize>> = finds.filter(who).map(|find| find.range).collect();
            for (name, short) in short::defined(&prose.text, &places) {
                let Some((kind, key)) = all.get(&name).cloned() else {
                    continue;
                };
                if !is_role(&short) && belongs(&name, &short) && all.len() < 2 * MOST {
                    all.entry(short).or_insert((kind, key));
                }
            }
        }
        Names::ordered(&all)
    }

    fn ordered(all: &BTreeMap<String, (Private, String)>) -> Names {
        let mut known: Vec<Known> = all
            .iter()
            .map(|(words, (kind, key))| Known {
                words: words.clone(),
                kind: *kind,
                key: key.clone(),
            })
            .collect();
        known.sort_by(|a, b| (b.words.len(), &a.words).cmp(&(a.words.len(), &b.words)));
        Names { known }
    }

    /// The names in the words of a line.
    pub fn in_words(&self, words: &str) -> Vec<Find> {
        let mut found = Vec::new();
        for known in &self.known {
            let find = |range: Range<usize>| Find {
                range,
                kind: known.kind,
                key: known.key.clone(),
            };
            found.extend(places(known, words).map(find));
        }
        // What names somebody here is a name here, even where it could be a word elsewhere.
        for (range, kind) in forms::names(words) {
            if let Some(known) = self
                .known
                .iter()
                .find(|known| known.words == words[range.clone()])
            {
                found.push(Find {
                    range,
                    kind,
                    key: known.key.clone(),
                });
            }
        }
        found
    }
}

fn add_with_short(words: &str, kind: Private, add: &mut dyn FnMut(&str, Private, &str)) {
    let key = key(words);
    add(words, kind, &key);
    match kind {
        Private::Organisation => {
            for short in short::shortened(words) {
                add(&short, kind, &key);
            }
            if words.is_ascii() {
                add(&words.to_uppercase(), kind, &key);
            }
        }
        Private::Person if words.is_ascii() => {
            let parts: Vec<&str> = words.split_whitespace().collect();
            if let [first, .., last] = parts.as_slice()
                && parts.len() >= 2
            {
                for title in ["Mr. ", "Ms. ", "Mrs. ", "Dr. ", "Mr ", "Ms ", "Mrs ", "Dr "] {
                    add(&format!("{title}{last}"), kind, &key);
                }
                add(&format!("{first} {last}"), kind, &key);
                add(&words.to_uppercase(), kind, &key);
            }
        }
        _ => {}
    }
}

fn key(words: &str) -> String {
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
        Why::Party => Some(match is_organisation(words) || is_long_name(words) {
            true => Private::Organisation,
            false => Private::Person,
        }),
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
        Why::Contact => Some(Private::Person),
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

/// Where a name stands as a name of its own.
fn places<'a>(known: &'a Known, words: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let name = known.words.as_str();
    let count = name.chars().count();
    // A person’s name of two characters may be a word; it is found only between signs and words that join.
    let short = known.kind == Private::Person && name.chars().all(is_han) && count <= 2;
    words.match_indices(name).filter_map(move |(at, found)| {
        let range = at..at + found.len();
        let before = words[..at].chars().next_back();
        let after = words[range.end..].chars().next();
        let word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let joined = word(name.chars().next()) && word(before)
            || word(name.chars().next_back()) && word(after);
        let joins = |c: Option<char>, set: &str| c.is_none_or(|c| !is_han(c) || set.contains(c));
        let alone = !short
            || joins(
                before,
                "与和及向由对给即为是系如经在于从请向人方至往到派托权命子女夫妻亲偶",
            )
            || joins(
                after,
                "与和及的应向将对在之于未已不系为同先女以有承可须是自其提任按负指",
            );
        (!joined && alone).then_some(range)
    })
}
