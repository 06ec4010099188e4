//! More examples for training, made of those there are: other values in the blanks, the clauses listed in another order.
//!
//! Nothing of it reaches validation or test, and nothing personal can come back: the values are invented.

use std::collections::{BTreeMap, HashSet};

use moqi_document::mask::Private;
use moqi_document::{Language, rmb_upper};

use super::words::{draw, hash};
use super::{Example, Lesson};

/// What is made more of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Augment {
    /// Copies of each example at most, each with other values and another order.
    pub copies: usize,
    /// Values: placeholders are filled with invented values of their kind.
    pub values: bool,
    /// Order: the clauses that the request lists are permuted.
    pub order: bool,
}

impl Default for Augment {
    fn default() -> Self {
        Augment {
            copies: 1,
            values: true,
            order: true,
        }
    }
}

/// Copies of examples that differ from them and from each other.
pub(super) fn more(examples: &[Example], augment: &Augment, seed: u64) -> Vec<Example> {
    let mut seen: HashSet<String> = examples
        .iter()
        .map(|example| example.hash.clone())
        .collect();
    let mut all = Vec::new();
    for copy in 0..augment.copies {
        for example in examples
            .iter()
            .filter(|e| matches!(e.lesson, Lesson::Draft | Lesson::Continue))
        {
            let mut made = example.clone();
            let copy = copy.to_string();
            if augment.values {
                // A document's values are the same in each of its examples, as they are in a contract.
                let at = example.source.to_string();
                let invent =
                    |kind, number: &str| invented(kind, number, made.language, seed, &[&copy, &at]);
                let mut values = BTreeMap::new();
                made.user = filled(&example.user, example.language, &mut values, &invent);
                made.wanted = filled(&example.wanted, example.language, &mut values, &invent);
            }
            if augment.order {
                made.user = reordered(
                    &made.user,
                    example.language,
                    draw(seed, &["order", &copy, &example.hash]),
                );
            }
            made.hash = hash(&[&made.system, &made.user, &made.wanted]);
            if seen.insert(made.hash.clone()) {
                all.push(made);
            }
        }
    }
    all
}

/// A text with its placeholders filled. Their numbers are the keys of `values`.
fn filled(
    text: &str,
    language: Language,
    values: &mut BTreeMap<(Private, String), String>,
    invent: &dyn Fn(Private, &str) -> String,
) -> String {
    let (open, close) = match language {
        Language::Zh => ('【', '】'),
        Language::En => ('[', ']'),
    };
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(open) {
        out.push_str(before);
        let inside = after.split_once(close).and_then(|(inner, next)| {
            let name = inner.trim_end_matches(|c: char| c.is_ascii_digit());
            let number = &inner[name.len()..];
            let kind = Private::ALL
                .into_iter()
                .find(|kind| kind.name(language) == name.trim_end())?;
            (!number.is_empty()).then(|| (kind, number.to_owned(), next))
        });
        match inside {
            Some((kind, number, next)) => {
                // 大写 before it asks for capital characters.
                let capitals = kind == Private::Amount
                    && before.ends_with(['：', '币'])
                    && tail(before, 8).contains("大写");
                let value = values
                    .entry((kind, number.clone()))
                    .or_insert_with(|| invent(kind, &number));
                match capitals
                    .then(|| moqi_document::parse_money(value))
                    .flatten()
                {
                    Some(minor) => out.push_str(&rmb_upper(minor)),
                    None => out.push_str(value),
                }
                rest = next;
            }
            None => {
                out.push(open);
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn tail(text: &str, chars: usize) -> &str {
    let at = text.char_indices().rev().nth(chars.saturating_sub(1));
    &text[at.map_or(0, |(i, _)| i)..]
}

const PLACES_ZH: [&str; 8] = [
    "临江", "云泽", "望山", "清河", "明湖", "东岭", "南川", "安平",
];
const STEMS_ZH: [&str; 12] = [
    "恒川", "启元", "瑞和", "博远", "汇通", "景澜", "昭明", "泰岳", "致知", "新禾", "君安", "弘毅",
];
const TRADES_ZH: [&str; 8] = [
    "贸易", "科技", "实业", "装备", "软件", "物流", "建设", "咨询",
];
const SURNAMES_ZH: [&str; 10] = ["李", "王", "陈", "林", "周", "吴", "郑", "沈", "唐", "许"];
const GIVEN_ZH: [&str; 10] = [
    "安然", "子衿", "明远", "若水", "思齐", "景行", "嘉言", "知微", "清和", "怀瑾",
];
const STEMS_EN: [&str; 12] = [
    "Ashcombe",
    "Larkfield",
    "Winterbourne",
    "Copperton",
    "Halden",
    "Brightwater",
    "Elmhurst",
    "Oakmere",
    "Northgate",
    "Silverlake",
    "Thornbury",
    "Westbrook",
];
const FORMS_EN: [&str; 4] = ["Ltd", "LLC", "Inc.", "Limited"];
const FIRST_EN: [&str; 8] = [
    "Alex", "Morgan", "Robin", "Taylor", "Jordan", "Casey", "Jamie", "Avery",
];
const LAST_EN: [&str; 8] = [
    "Carter", "Ellis", "Hayes", "Marsh", "Nolan", "Pryce", "Sutton", "Wells",
];

/// An invented value. Numbers are of ranges that are kept free for examples, or cannot be real ones.
fn invented(kind: Private, number: &str, language: Language, seed: u64, about: &[&str]) -> String {
    let mut words = vec!["value", number, kind.name(Language::En)];
    words.extend(about);
    let mut left = draw(seed, &words);
    let mut take = |of: u64| {
        let taken = left % of;
        left /= of;
        taken as usize
    };
    match (kind, language) {
        (Private::Organisation, Language::Zh) => format!(
            "{}{}{}有限公司",
            PLACES_ZH[take(8)],
            STEMS_ZH[take(12)],
            TRADES_ZH[take(8)]
        ),
        (Private::Organisation, Language::En) => {
            format!("{} {}", STEMS_EN[take(12)], FORMS_EN[take(4)])
        }
        (Private::Person, Language::Zh) => {
            format!("{}{}", SURNAMES_ZH[take(10)], GIVEN_ZH[take(10)])
        }
        (Private::Person, Language::En) => format!("{} {}", FIRST_EN[take(8)], LAST_EN[take(8)]),
        // No region begins with 00, so it is nobody's number.
        (Private::IdNumber, Language::Zh) => format!("0000001990010{:05}", take(100_000)),
        (Private::IdNumber, Language::En) => format!("000-{:02}-{:04}", take(100), take(10_000)),
        (Private::Passport, _) => format!("X{:08}", take(100_000_000)),
        (Private::Registration, Language::Zh) => format!("00000000{:010}", take(10_000_000_000)),
        (Private::Registration, Language::En) => format!("0000{:04}", take(10_000)),
        (Private::Account, _) => format!("0000{:012}", take(1_000_000_000_000)),
        (Private::Phone, Language::Zh) => format!("1380000{:04}", take(10_000)),
        // 555-0100 to 555-0199 are kept for fiction.
        (Private::Phone, Language::En) => format!("(206) 555-01{:02}", take(100)),
        (Private::Email, _) => format!("contact{}@example.com", take(1000)),
        (Private::Address, Language::Zh) => {
            format!("{}市示例路{}号", PLACES_ZH[take(8)], 1 + take(999))
        }
        (Private::Address, Language::En) => format!("{} Example Street", 1 + take(999)),
        (Private::Amount, _) => {
            let digits = [1_000, 10_000, 100_000][take(3)];
            moqi_document::money(i128::from((1 + take(99)) as u32) * digits * 100)
        }
        (Private::Number, _) => format!("EX-{:04}", take(10_000)),
    }
}

/// A request with the clauses it lists in another order.
fn reordered(user: &str, language: Language, mut drawn: u64) -> String {
    let (lead, sign, end) = match language {
        Language::Zh => ("条款目录：", "、", "。\n"),
        Language::En => ("Clauses: ", "; ", ".\n"),
    };
    let Some((before, rest)) = user.split_once(lead) else {
        return user.to_owned();
    };
    let Some((list, after)) = rest.split_once(end) else {
        return user.to_owned();
    };
    let mut clauses: Vec<&str> = list.split(sign).collect();
    // Fisher and Yates, with a generator of one multiplication: the order need only look like one.
    for i in (1..clauses.len()).rev() {
        drawn = drawn
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        clauses.swap(i, (drawn >> 33) as usize % (i + 1));
    }
    format!("{before}{lead}{}{end}{after}", clauses.join(sign))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tune::tests::of_templates;
    use crate::tune::{DataConfig, Dataset};

    fn made(augment: Option<Augment>) -> Dataset {
        let config = DataConfig {
            augment,
            ..DataConfig::default()
        };
        of_templates(usize::MAX, &config)
    }

    #[test]
    fn copies_are_of_training_only_and_have_other_values() {
        let (plain, more) = (
            made(None),
            made(Some(Augment {
                copies: 2,
                ..Augment::default()
            })),
        );
        assert_eq!((&plain.valid, &plain.test), (&more.valid, &more.test));
        assert_eq!(plain.train, more.train[..plain.train.len()]);
        let copies = &more.train[plain.train.len()..];
        assert!(
            copies.len() > plain.train.len(),
            "{} of {}",
            copies.len(),
            plain.train.len()
        );
        let hashes: HashSet<&str> = more.train.iter().map(|e| e.hash.as_str()).collect();
        assert_eq!(hashes.len(), more.train.len());
        let placeholder =
            |e: &&Example| e.wanted.contains("【金额") || e.wanted.contains("[Amount ");
        assert!(plain.train.iter().any(|e| placeholder(&e)));
        assert!(!copies.iter().any(|e| placeholder(&e)));
        assert_eq!(
            more.train,
            made(Some(Augment {
                copies: 2,
                ..Augment::default()
            }))
            .train
        );
    }

    #[test]
    fn one_placeholder_has_one_value_in_figures_and_in_capitals() {
        let mut values = BTreeMap::new();
        let invent = |kind, number: &str| invented(kind, number, Language::Zh, 3, &[]);
        let text =
            "【单位1】付【金额1】元（大写：【金额1】）给【单位2】，【单位1】留存。【附件】____";
        let filled = filled(text, Language::Zh, &mut values, &invent);
        let amount = &values[&(Private::Amount, "1".to_owned())];
        let capitals = rmb_upper(moqi_document::parse_money(amount).unwrap());
        assert!(
            filled.contains(&format!("付{amount}元（大写：{capitals}）")),
            "{filled}"
        );
        assert_eq!(
            filled
                .matches(&values[&(Private::Organisation, "1".to_owned())])
                .count(),
            2
        );
        assert!(filled.ends_with("【附件】____"));
    }

    #[test]
    fn an_order_keeps_every_clause() {
        let user = "Document: NDA.\nClauses: One; Two; Three; Four.\nClause at hand: Two.\n";
        let turned = reordered(user, Language::En, 77);
        assert_ne!(turned, user);
        let sorted = |text: &str| {
            let mut words: Vec<String> = text
                .split([' ', ';', '.', '\n'])
                .map(str::to_owned)
                .collect();
            words.sort();
            words
        };
        assert_eq!(sorted(&turned), sorted(user));
        assert!(turned.ends_with("Clause at hand: Two.\n"));
    }
}
