//! `party`: a party called by two names, or in two roles.
//!
//! Why: a contract signed by 华东精密器械有限公司 binds another company than 华东精密机械有限公司.
//!
//! Wrong: 甲方：华东精密机械有限公司 … 甲方（盖章）：华东精密器械有限公司 · 甲方（出卖人） … 甲方（买受人）
//! Right: one name in every place, as registered.
//! Basis: none; checklist M13, M15.

mod itself;

use crate::facts::Facts;
use crate::facts::numeral::is_chinese_numeral;
use crate::facts::party::{Party, is_org};
use crate::finding::{Finding, RuleInfo, Severity, Words};
use crate::scan::{after, before, edit_distance, is_han, places};
use moqi_document::Language;
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

pub(crate) const INFO: RuleInfo = RuleInfo {
    id: "party",
    name: Words {
        zh: "当事人名称",
        en: "Names of the parties",
    },
    what: Words {
        zh: "核对当事人名称在首部、正文、签署处是否一致，身份是否写反，以及不应出现的名称。",
        en: "Checks that each party has one name and one role throughout, and that no stranger's name is left.",
    },
    why: Words {
        zh: "差一个字就是另一个主体。",
        en: "One character makes it somebody else.",
    },
    severity: Severity::Error,
};

pub(crate) fn check(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    strangers(facts, findings);
    signatures(facts, findings);
    roles(facts, findings);
    itself::check(facts, findings);
    match facts.language {
        Language::Zh => spellings(facts, findings),
        Language::En => english(facts, findings),
    }
}

/// Names that the caller says must not appear.
fn strangers(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    for name in facts
        .strangers
        .iter()
        .filter(|name| name.chars().count() >= 2)
    {
        for (passage, range) in facts.places_of(name) {
            let message = facts.say(
                format!("“{name}”不是本文件的当事人，可能是范本遗留的名称。"),
                format!("“{name}” is no party here; the name may be left from a precedent."),
            );
            findings.push(facts.at(INFO.id, Severity::Error, passage, &range, message));
        }
    }
}

/// The names at the top by role: the first that is certainly a name.
fn top<'a>(facts: &'a Facts<'_>) -> BTreeMap<&'static str, &'a Party> {
    let mut found = BTreeMap::new();
    for party in facts
        .parties
        .iter()
        .filter(|p| !p.signs && is_person_or_org(&p.name))
    {
        found.entry(party.role).or_insert(party);
    }
    found
}

fn is_person_or_org(name: &str) -> bool {
    let short = (2..=4).contains(&name.chars().count()) && name.chars().all(is_han);
    let blank = ["盖章", "签字", "签名", "公章", "签章"]
        .iter()
        .any(|w| name.contains(w));
    (is_org(name) || short) && !blank
}

/// A role that signs under another name than it bears at the top.
fn signatures(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let top = top(facts);
    for party in facts.parties.iter().filter(|p| p.signs && is_org(&p.name)) {
        let Some(first) = top
            .get(party.role)
            .filter(|first| is_org(&first.name) && first.name != party.name)
        else {
            continue;
        };
        // 合同专用章 and branch names after the same name are not another name.
        if party.name.starts_with(&first.name) || first.name.starts_with(&party.name) {
            continue;
        }
        let swapped = top.values().find(|other| other.name == party.name);
        let zh = match swapped {
            Some(other) => format!(
                "{}在首部是“{}”，此处却写成{}“{}”。",
                party.role, first.name, other.role, party.name
            ),
            None => format!(
                "{}在首部是“{}”，此处是“{}”。",
                party.role, first.name, party.name
            ),
        };
        let en = format!(
            "{} is “{}” at the top and “{}” here.",
            party.role, first.name, party.name
        );
        let mut finding = facts.at(
            INFO.id,
            Severity::Error,
            party.passage,
            &party.range,
            facts.say(zh, en),
        );
        finding.fix = facts.replace(party.passage, &party.range, &first.name);
        findings.push(finding);
    }
}

/// 甲方（出卖人） in one place and 甲方（买受人） in another.
fn roles(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let mut seen: BTreeMap<&str, &'static str> = BTreeMap::new();
    for party in &facts.parties {
        let Some(also) = party.also.filter(|also| *also != party.role) else {
            continue;
        };
        let first = *seen.entry(party.role).or_insert(also);
        let taken = seen
            .iter()
            .any(|(role, other)| *role != party.role && *other == also);
        // 卖方 and 出卖人 are two words for one role; only a role that the other side bears is certainly wrong.
        if first != also && taken {
            let text = &facts.passages[party.passage].text;
            let Some(at) = text.find(also) else { continue };
            let zh = format!("{}前面是{first}，此处写成了{also}。", party.role);
            let en = format!("{} is {first} above and {also} here.", party.role);
            let range = at..at + also.len();
            let mut finding = facts.at(
                INFO.id,
                Severity::Error,
                party.passage,
                &range,
                facts.say(zh, en),
            );
            finding.fix = facts.replace(party.passage, &range, first);
            findings.push(finding);
        }
    }
}

/// Names in the text that differ from a party's name by a character or two.
fn spellings(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let mut names: Vec<&str> = top(facts)
        .values()
        .map(|p| p.name.as_str())
        .filter(|n| is_org(n) && n.chars().count() >= 6)
        .collect();
    names.sort_unstable();
    names.dedup();
    let reported: Vec<_> = findings
        .iter()
        .filter(|f| f.rule == INFO.id)
        .map(|f| f.span)
        .collect();
    for name in &names {
        let chars: Vec<char> = name.chars().collect();
        // All names of companies end alike, so the end is where a misspelt one is looked for.
        let ending: String = chars[chars.len() - 2..].iter().collect();
        for (passage, range) in facts.places_of(&ending) {
            if facts.passages[passage].quote {
                continue;
            }
            let Some(found) = near(&facts.passages[passage].text, range.end, &chars) else {
                continue;
            };
            let written = &facts.passages[passage].text[found.clone()];
            let span = facts.passages[passage].span(&found);
            let known = names.contains(&written)
                || reported.contains(&span)
                || names.iter().any(|n| n.contains(written));
            if known || !differs_by_slip(written, name) {
                continue;
            }
            let zh = format!("“{written}”与当事人“{name}”只差一两个字，请核对。");
            let en = format!("“{written}” differs from the party “{name}” by a character or two.");
            let mut finding =
                facts.at(INFO.id, Severity::Error, passage, &found, facts.say(zh, en));
            finding.fix = facts.replace(passage, &found, name);
            findings.push(finding);
        }
    }
}

/// The words that end at `end` and are nearest to a name, when they are near but not the same.
fn near(text: &str, end: usize, name: &[char]) -> Option<Range<usize>> {
    let limit = if name.len() >= 10 { 2 } else { 1 };
    let mut window: Vec<(usize, char)> = text[..end]
        .char_indices()
        .rev()
        .take(name.len() + limit)
        .collect();
    window.reverse();
    let mut best: Option<(usize, usize)> = None;
    for skip in 0..window.len() {
        let words = &window[skip..];
        if words.len() + limit < name.len() {
            break;
        }
        let chars: Vec<char> = words.iter().map(|(_, c)| *c).collect();
        let Some(distance) = edit_distance(&chars, name, limit) else {
            continue;
        };
        if distance == 0 {
            return None;
        }
        // Of equally near words those of the same length as the name are meant.
        let better = best.is_none_or(|(least, at)| {
            distance < least
                || (distance == least
                    && chars.len() == name.len()
                    && window.len() - at != name.len())
        });
        if better {
            best = Some((distance, skip));
        }
    }
    let (_, skip) = best?;
    // The first character must be the name's own, or the words before it were taken in.
    let start = window[skip].0;
    let same_start = window[skip].1 == name[0];
    let bounded = before(text, start).is_none_or(|c| !is_han(c));
    (same_start || bounded).then_some(start..end)
}

/// Whether two names differ as slips do: numbers and brackets make other companies (一号, 上海).
fn differs_by_slip(written: &str, name: &str) -> bool {
    let only = |a: &str, b: &str| a.chars().filter(|c| !b.contains(*c)).collect::<Vec<_>>();
    let special = |c: &char| {
        is_chinese_numeral(*c)
            || c.is_ascii_alphanumeric()
            || matches!(
                c,
                '（' | '）' | '(' | ')' | '东' | '西' | '南' | '北' | '新' | '甲' | '乙' | '丙'
            )
    };
    let plain = written
        .chars()
        .all(|c| is_han(c) || matches!(c, '（' | '）' | '(' | ')') || c.is_ascii_alphanumeric());
    plain && !only(written, name).iter().any(special) && !only(name, written).iter().any(special)
}

const FORMS: &[&str] = &[
    "Limited",
    "Ltd.",
    "Ltd",
    "LLC",
    "Inc.",
    "Inc",
    "PLC",
    "plc",
    "LLP",
    "GmbH",
    "Corporation",
    "Corp.",
];

/// English company names: the words with capitals before Ltd, LLC …
fn english(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let mut names: Vec<(usize, Range<usize>, String)> = Vec::new();
    for (index, passage) in facts.passages.iter().enumerate().filter(|(_, p)| !p.quote) {
        for form in FORMS {
            for at in places(&passage.text, form) {
                let end = at + form.len();
                let whole = !after(&passage.text, end).is_some_and(|c| c.is_ascii_alphanumeric())
                    && before(&passage.text, at) == Some(' ');
                if let Some(start) = capitals_before(&passage.text, at).filter(|_| whole) {
                    names.push((index, start..end, passage.text[start..end].to_owned()));
                }
            }
        }
    }
    names.sort_by_key(|(index, range, _)| (*index, range.start, std::cmp::Reverse(range.end)));
    names.dedup_by(|b, a| a.0 == b.0 && a.1.start == b.1.start);
    let mut first: Vec<&str> = Vec::new();
    let mut met: HashSet<&str> = HashSet::new();
    for (index, range, name) in &names {
        // Nobody contracts with hundreds of companies: a text that names more is a list of them.
        if !met.insert(name) || first.len() >= 200 {
            continue;
        }
        let chars: Vec<char> = name.chars().collect();
        let twin = first.iter().find(|known| {
            let other: Vec<char> = known.chars().collect();
            let slip = edit_distance(&chars, &other, 2).is_some()
                && chars.len() >= 8
                && chars[0] == other[0];
            slip && stem(name) != stem(known) && !numbers_differ(name, known)
        });
        if let Some(known) = twin {
            let message = facts.say(
                format!("“{name}”与“{known}”只差一两个字母，请核对。"),
                format!("“{name}” differs from “{known}” by a letter or two."),
            );
            let mut finding = facts.at(INFO.id, Severity::Error, *index, range, message);
            finding.fix = facts.replace(*index, range, known);
            findings.push(finding);
        } else {
            first.push(name);
        }
    }
}

/// A name without its legal form: Ltd and Limited are the same.
fn stem(name: &str) -> &str {
    FORMS
        .iter()
        .find_map(|form| name.strip_suffix(form))
        .unwrap_or(name)
        .trim_end_matches([' ', ','])
}

fn numbers_differ(a: &str, b: &str) -> bool {
    let marks = |text: &str| {
        text.split(' ')
            .filter(|w| w.len() <= 3 || w.bytes().any(|b| b.is_ascii_digit()))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    marks(stem(a)) != marks(stem(b))
}

/// Where the words with capitals that end before `at` start; at least one.
fn capitals_before(text: &str, at: usize) -> Option<usize> {
    let mut start = None;
    let mut end = at;
    // No company has more words in its name.
    for _ in 0..10 {
        let trimmed = text[..end].trim_end_matches([' ', ',']).len();
        let from = text[..trimmed]
            .rfind([' ', '\n', '(', '“', '"', '\t', ':', '/'])
            .map_or(0, |i| {
                i + text[i..].chars().next().map_or(1, char::len_utf8)
            });
        let word = &text[from..trimmed];
        let capital = word.starts_with(|c: char| c.is_ascii_uppercase())
            || (word == "&" || word == "and" || word == "of") && start.is_some();
        if word.is_empty() || !capital || trimmed < end.saturating_sub(2) {
            break;
        }
        start = word
            .starts_with(|c: char| c.is_ascii_uppercase())
            .then_some(from)
            .or(start);
        end = from;
        if from == 0 || !text[..from].ends_with(' ') {
            break;
        }
    }
    start
}

#[cfg(test)]
mod tests {
    use super::INFO;
    use crate::{Profile, check, testing};

    #[test]
    fn pass() {
        testing::pass(
            INFO.id,
            &[
                "甲方（出卖人）：华东精密机械有限公司\n\n乙方（买受人）：南方重工有限公司\n\n华东精密机械有限公司应交货。\n\n甲方（盖章）：华东精密机械有限公司\n\n乙方（盖章）：________\n",
                "甲方：东方一号投资有限公司\n\n乙方：东方二号投资有限公司\n\n东方三号投资有限公司不是当事人。\n",
                "甲方：华东精密机械（上海）有限公司\n\n华东精密机械（北京）有限公司是关联公司。\n",
                "原告：王小明，男\n\n被告：李大力\n",
                "甲方应当向乙方付款；乙方应当向乙方的供应商付款；甲方与乙方应当向乙方、丙方说明。\n",
                "The Seller shall pay the Buyer. The Buyer shall pay the Buyer’s bank and notify the Seller.\n",
                "Northwind Trading Limited (the “Seller”) and Southwind Foods Limited. Northwind Trading Ltd agrees.\n",
            ],
        );
    }

    #[test]
    fn fail() {
        testing::fail(
            INFO.id,
            &[
                (
                    "甲方应当向甲方交付货物，乙方应当向甲方付款。\n",
                    &[("甲方", "自己")],
                ),
                (
                    "The Seller shall indemnify the Seller against all claims.\n",
                    &[("Seller", "itself")],
                ),
                (
                    "甲方：华东精密机械有限公司\n\n由华东精密器械有限公司交货。\n",
                    &[("华东精密器械有限公司", "只差")],
                ),
                (
                    "甲方：华东精密机械有限公司\n\n乙方：南方重工有限公司\n\n甲方（盖章）：南方重工有限公司\n",
                    &[("南方重工有限公司", "写成乙方")],
                ),
                (
                    "甲方（出卖人）：华东公司\n\n乙方（买受人）：南方公司\n\n甲方（买受人）（盖章）：\n",
                    &[("买受人", "前面是出卖人")],
                ),
                (
                    "Northwind Trading Limited sells. Northwind Traiding Limited delivers.\n",
                    &[("Northwind Traiding Limited", "letter or two")],
                ),
            ],
        );
    }

    #[test]
    fn fix() {
        testing::fix(
            INFO.id,
            &[
                (
                    "甲方：华东精密机械有限公司\n\n由华东精密器械有限公司交货。\n",
                    "改为“华东精密机械有限公司”",
                    "甲方：华东精密机械有限公司\n\n由华东精密机械有限公司交货。\n",
                ),
                (
                    "Northwind Trading Limited sells. Northwind Traiding Limited delivers.\n",
                    "Change to “Northwind Trading Limited”",
                    "Northwind Trading Limited sells. Northwind Trading Limited delivers.\n",
                ),
            ],
        );
    }

    #[test]
    fn names_from_the_precedent_are_found() {
        let document = moqi_document::parse("由旧客户有限公司付款。\n");
        let profile = Profile {
            strangers: vec!["旧客户有限公司".into()],
            ..Profile::default()
        };
        assert!(
            check(&document, &profile)
                .iter()
                .any(|f| f.rule == INFO.id && f.message.contains("遗留"))
        );
    }
}
