//! Recall and precision on contracts with planted values: `⟦o:Acme Ltd⟧` plants an organisation. All of it is invented.

use std::collections::BTreeMap;

use super::*;
use crate::parse;
use crate::prose::Prose;

const ZH: &str = include_str!("../../tests/data/mask/zh.md");
/// Written after the rules had been made with the two above. At first sight they masked all 34 codes and amounts of it and
/// 0.71 of its 34 names and addresses; the rules for appointed persons, for two forms in a row and others followed.
const FRESH: &str = include_str!("../../tests/data/mask/fresh.md");
/// Written after the rules had learned of that one as well. At first sight: codes and amounts 24 of 24, organisations 13
/// of 13, addresses 5 of 5, persons 4 of 17; the rules for offices, relations and initials followed.
const LATER: &str = include_str!("../../tests/data/mask/later.md");
/// Written last, and measured once before any rule was changed again: codes and amounts 14 of 14, organisations 7 of 7,
/// addresses 3 of 4, persons 17 of 22 (0.82 of names and addresses). What is missed are persons that nothing in the text
/// calls one: 店员何小丽.
const LAST: &str = include_str!("../../tests/data/mask/last.md");
const EN: &str = include_str!("../../tests/data/mask/en.md");

pub(super) struct Planted {
    pub kind: Private,
    pub range: Range<usize>,
}

/// The text without its marks, and the values planted in it.
pub(super) fn planted(marked: &str) -> (String, Vec<Planted>) {
    let mut text = String::new();
    let mut all = Vec::new();
    let mut rest = marked;
    while let Some((before, after)) = rest.split_once('⟦') {
        text.push_str(before);
        let (inner, next) = after.split_once('⟧').unwrap();
        let (kind, words) = inner.split_once(':').unwrap();
        let at = "opisratedmn".find(kind).unwrap();
        const KINDS: [Private; 11] = [
            Private::Organisation,
            Private::Person,
            Private::IdNumber,
            Private::Passport,
            Private::Registration,
            Private::Account,
            Private::Phone,
            Private::Email,
            Private::Address,
            Private::Amount,
            Private::Number,
        ];
        let start = text.len();
        text.push_str(words);
        all.push(Planted {
            kind: KINDS[at],
            range: start..text.len(),
        });
        rest = next;
    }
    text.push_str(rest);
    (text, all)
}

/// What is replaced in a text, by its place there, and as what.
pub(super) fn placed(text: &str) -> Vec<(Range<usize>, Private)> {
    let document = parse(text);
    let names = Names::of(&document);
    let gazetteer = Gazetteer::default();
    let mut placeholders = Placeholders {
        gazetteer: &gazetteer,
        language: language(&document),
        numbers: HashMap::new(),
        counts: HashMap::new(),
        found: Vec::new(),
    };
    let mut all = Vec::new();
    for prose in document.blocks.iter().flat_map(Prose::of) {
        for (range, placeholder) in placeholders.replace("", &prose.text, &names) {
            let span = prose.source(range);
            let kinds = Private::ALL.into_iter();
            let kind = kinds
                .filter(|kind| {
                    placeholder
                        .trim_start_matches(['[', '【'])
                        .starts_with(kind.name(placeholders.language))
                })
                .max_by_key(|kind| kind.name(placeholders.language).len());
            all.push((span.start..span.end, kind.unwrap()));
        }
    }
    all
}

/// How many values of each kind were planted and masked, and how many finds were right and wrong.
struct Measured {
    kinds: BTreeMap<Private, (usize, usize)>,
    right: usize,
    wrong: usize,
}

impl Measured {
    fn of(texts: &[&str]) -> Measured {
        let mut told = Measured {
            kinds: BTreeMap::new(),
            right: 0,
            wrong: 0,
        };
        for marked in texts.iter().flat_map(|text| text.split("=====\n")) {
            told.add(marked);
        }
        println!(
            "{} values: {:?}; precision {:.3} ({} wrong)",
            told.all(),
            told.kinds,
            told.precision(),
            told.wrong
        );
        told
    }

    fn add(&mut self, marked: &str) {
        let (text, planted) = planted(marked);
        let found: Vec<Range<usize>> = placed(&text).into_iter().map(|(range, _)| range).collect();
        for value in &planted {
            let covers = |found: &Range<usize>| {
                found.start <= value.range.start && value.range.end <= found.end
            };
            let count = self.kinds.entry(value.kind).or_default();
            count.0 += 1;
            match found.iter().any(covers) {
                true => count.1 += 1,
                false => println!("missed {:?}: {}", value.kind, &text[value.range.clone()]),
            }
        }
        for range in found {
            match planted
                .iter()
                .any(|p| p.range.start < range.end && range.start < p.range.end)
            {
                true => self.right += 1,
                false => {
                    self.wrong += 1;
                    println!("masked for nothing: {}", &text[range]);
                }
            }
        }
    }

    fn all(&self) -> usize {
        self.kinds.values().map(|(all, _)| all).sum()
    }

    fn precision(&self) -> f64 {
        self.right as f64 / (self.right + self.wrong).max(1) as f64
    }

    fn recall(&self, kinds: impl Fn(Private) -> bool) -> f64 {
        let told = self.kinds.iter().filter(|(kind, _)| kinds(**kind));
        let (all, hit) = told.fold((0, 0), |sum, (_, n)| (sum.0 + n.0, sum.1 + n.1));
        hit as f64 / all as f64
    }
}

fn is_code(kind: Private) -> bool {
    !matches!(
        kind,
        Private::Organisation | Private::Person | Private::Address
    )
}

#[test]
fn planted_values_are_masked_and_little_else() {
    let told = Measured::of(&[ZH, EN]);
    assert!(told.all() >= 150);
    assert!(told.precision() >= 0.98);
    for kind in Private::ALL {
        let least = if is_code(kind) { 0.98 } else { 0.95 };
        let recall = told.recall(|other| other == kind);
        assert!(recall >= least, "{kind:?}: {recall}");
    }
}

#[test]
fn values_of_further_texts_are_masked_as_well() {
    for text in [FRESH, LATER] {
        let told = Measured::of(&[text]);
        let (codes, names) = (told.recall(is_code), told.recall(|kind| !is_code(kind)));
        println!("codes {codes:.3}, names and addresses {names:.3}");
        assert!(codes >= 0.98 && names >= 0.95 && told.precision() >= 0.98);
    }
}

#[test]
fn values_of_texts_that_no_rule_was_made_with() {
    let told = Measured::of(&[LAST]);
    let (codes, names) = (told.recall(is_code), told.recall(|kind| !is_code(kind)));
    println!("codes {codes:.3}, names and addresses {names:.3}");
    assert!(codes >= 0.98 && names >= 0.8 && told.precision() >= 0.98);
}

#[test]
fn one_value_has_one_placeholder_and_roles_and_law_stay() {
    let text = "甲方：南京远见置业有限公司（以下简称“远见”）\n\n甲方与远见依《民法典》第五百八十五条约定价款50万元（大写：伍拾万元整），违约金5%。甲方名称：【甲方名称】，账号：____。";
    let masked = mask(&parse(text), &["远见置业有限公司买卖合同"]);
    assert_eq!(
        crate::print(&masked.document).trim(),
        "甲方：【单位1】（以下简称“【单位1】”）\n\n甲方与【单位1】依《民法典》第五百八十五条约定价款【金额1】元（大写：【金额1】），违约金5%。甲方名称：【甲方名称】，账号：____。"
    );
    assert_eq!(masked.others, ["【单位1】买卖合同"]);
    let told: Vec<_> = masked
        .found
        .iter()
        .map(|m| (m.placeholder.as_str(), m.count))
        .collect();
    assert_eq!(told, [("【单位1】", 4), ("【金额1】", 2)]);
    // What is masked reads as a blank, and is not masked again.
    let words = crate::print(&masked.document);
    assert_eq!(
        crate::blanks(&words)
            .iter()
            .filter(|blank| blank.hint.is_some())
            .count(),
        6
    );
    assert_eq!(mask(&parse(&words), &[]).found, []);
}

#[test]
fn english_placeholders_are_blanks_as_well() {
    let text = "Acme Limited (the “Seller”) shall pay £5,000 to account number 12345678. Acme Limited’s terms stay.";
    let masked = mask(&parse(text), &[]);
    let words = crate::print(&masked.document);
    assert_eq!(
        words.trim(),
        "[Company 1] (the “Seller”) shall pay £[Amount 1] to account number [Account Number 1]. [Company 1]’s terms stay."
    );
    assert_eq!(crate::blanks(&words).len(), 4);
    assert_eq!(mask(&parse(&words), &[]).found, []);
}

#[test]
fn hostile_text_is_masked_to_its_end() {
    for piece in [
        "1 ",
        "+(",
        "@a.",
        "(“A”) ",
        "号1",
        "公司",
        "Acme Ltd ",
        "甲方：张三。",
        "一",
        "IBAN GB82 ",
        "代表（",
        "某某公司（以下简称“某某”）",
        "Director Aa ",
        "Aa ",
        "A B Union ",
        "张三（身份证",
        "不动产权第1",
        "王 ",
        " ",
        "甲：",
        "张一·",
        "王建国、",
        "Mr. Aa Ba ",
        "By: Aa Ba\n",
        "Aa Ba, ",
    ] {
        // So many that no test run would wait for a square of them.
        let text = format!("{}\n\nMail: a.b@firm-post.com\n", piece.repeat(40_000));
        let masked = mask(&parse(&text), &[&text]);
        let at_the_end = |found: &Masked| found.words == "a.b@firm-post.com";
        assert!(masked.found.iter().any(at_the_end), "{piece}");
    }
}
