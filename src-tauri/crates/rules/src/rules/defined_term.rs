//! `defined-term`: terms defined and not used, used and not defined, defined twice, or written otherwise.
//!
//! Why: a capital letter promises a meaning; where there is none, or two, the parties did not agree on one.
//!
//! Wrong: 丙方应当付款 (there is no 丙方) · （以下简称“样机”） and no further word of it · "Goods" means … twice
//! Right: each term defined once and written as defined.
//! Basis: none; checklist M01 to M05.

mod english;

use crate::facts::Facts;
use crate::facts::term::{Form, Term};
use crate::finding::{Finding, RuleInfo, Severity, Words};
use crate::scan::{after, before, has_any, is_han, places};
use moqi_document::Language;
use std::collections::{BTreeMap, HashMap, HashSet};

pub(crate) const INFO: RuleInfo = RuleInfo {
    id: "defined-term",
    name: Words {
        zh: "定义用语",
        en: "Defined terms",
    },
    what: Words {
        zh: "查找定义而未用、用而未定义、重复定义、大小写不一致的用语。",
        en: "Looks for terms defined and not used, used and not defined, defined twice, or written otherwise.",
    },
    why: Words {
        zh: "同一用语没有定义或有两个定义，就没有约定的含义。",
        en: "A term with no meaning, or two, has none that was agreed.",
    },
    severity: Severity::Error,
};

pub(crate) fn check(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let own: Vec<&Term> = facts
        .terms
        .iter()
        .filter(|t| !facts.passages[t.passage].quote)
        .collect();
    twice(facts, &own, findings);
    unused(facts, &own, findings);
    circular(facts, &own, findings);
    match facts.language {
        Language::Zh => {
            undefined_party(facts, &own, findings);
            early_zh(facts, &own, findings);
        }
        Language::En => english::check(facts, &own, findings),
    }
}

/// Words by which a definition says that it is for its own clause.
const LOCAL: &[&str] = &[
    "in this clause",
    "in this Clause",
    "in this Section",
    "in this Schedule",
    "for purposes of this",
    "for the purposes of this",
    "本条所称",
    "本款所称",
    "under this Section",
];

/// M03. A definition that says it is for its own clause may repeat a name.
fn twice(facts: &Facts<'_>, terms: &[&Term], findings: &mut Vec<Finding>) {
    let mut first: BTreeMap<(u64, &str), &Term> = BTreeMap::new();
    let mut local_in: HashMap<usize, bool> = HashMap::new();
    for term in terms.iter().filter(|t| t.form != Form::Pointer) {
        let part = facts.outline.part_of(facts.passages[term.passage].block);
        let text = &facts.passages[term.passage].text;
        let local = *local_in
            .entry(term.passage)
            .or_insert_with(|| has_any(text, LOCAL));
        if local
            || matches!(
                term.name.as_str(),
                "Party" | "Parties" | "双方" | "一方" | "各方"
            )
        {
            continue;
        }
        match first.get(&(part, term.name.as_str())) {
            None => {
                first.insert((part, &term.name), term);
            }
            // The same person named again in the signature block or a table is not defined again.
            Some(before) if before.passage == term.passage && before.range == term.range => {}
            Some(before) => findings.push(again(facts, before, term)),
        }
    }
}

/// The finding at a second definition. The same words named again by the same name need only lose the aside.
fn again(facts: &Facts<'_>, before: &Term, term: &Term) -> Finding {
    let lead = |t: &Term| {
        let text = &facts.passages[t.passage].text;
        let lead = text[..t.whole.start].trim_end();
        crate::scan::tail(lead, lead.len(), 6).to_owned()
    };
    let same = term.form == Form::Aside
        && before.form == Form::Aside
        && !term.shared
        && term.whole.end > term.range.end
        && lead(term).chars().count() == 6
        && lead(term) == lead(before);
    let severity = if same {
        Severity::Warning
    } else {
        Severity::Error
    };
    let message = facts.say(
        format!("“{}”定义了两次，请只保留一处。", term.name),
        format!("“{}” is defined twice; keep one definition.", term.name),
    );
    let mut finding = facts.at(INFO.id, severity, term.passage, &term.range, message);
    let text = facts.passages[before.passage].text.trim();
    finding.notes.push(facts.say(
        format!("前一处定义：“{}…”", crate::scan::head(text, 0, 30)),
        format!(
            "The first definition: “{}…”",
            crate::scan::head(text, 0, 60)
        ),
    ));
    if same {
        finding.fix = facts.remove(
            term.passage,
            &with_space(&facts.passages[term.passage].text, term),
        );
    }
    finding
}

/// M02.
fn unused(facts: &Facts<'_>, terms: &[&Term], findings: &mut Vec<Finding>) {
    // An excerpt of a sentence or two does not show what the rest of its document says.
    if facts.passages.iter().filter(|p| !p.quote).count() < 3 {
        return;
    }
    let defined: HashSet<(&str, usize)> = terms
        .iter()
        .map(|t| (t.name.as_str(), facts.offset(t.passage, t.range.start)))
        .collect();
    // A name is used or not wherever it was defined, so each is looked for once.
    let mut known: HashMap<&str, bool> = HashMap::new();
    for term in terms
        .iter()
        .filter(|t| t.form != Form::Pointer && !t.shared)
    {
        let zh = term.name.starts_with(is_han);
        if matches!(
            term.name.as_str(),
            "双方"
                | "一方"
                | "各方"
                | "甲方"
                | "乙方"
                | "Party"
                | "Parties"
                | "Agreement"
                | "本合同"
                | "本协议"
                | "合同"
                | "协议"
        ) {
            continue;
        }
        let stem = if zh {
            term.name.clone()
        } else {
            stem(&term.name).to_ascii_lowercase()
        };
        let used = *known
            .entry(term.name.as_str())
            .or_insert_with(|| is_used(facts, &defined, term, &stem));
        if used {
            continue;
        }
        let message = facts.say(
            format!("“{}”定义后没有再使用。", term.name),
            format!("“{}” is defined and never used.", term.name),
        );
        let mut finding = facts.at(
            INFO.id,
            Severity::Warning,
            term.passage,
            &term.range,
            message,
        );
        if term.form == Form::Aside && term.whole.end > term.range.end {
            finding.fix = facts.remove(
                term.passage,
                &with_space(&facts.passages[term.passage].text, term),
            );
        }
        findings.push(finding);
    }
}

/// Whether a term stands anywhere but in its definitions: looked for after its definition first, where it mostly is.
fn is_used(facts: &Facts<'_>, defined: &HashSet<(&str, usize)>, term: &Term, stem: &str) -> bool {
    let own = facts.offset(term.passage, term.range.start);
    let after = own + term.range.len();
    let found = |range: std::ops::Range<usize>| {
        places(&facts.lower[range.clone()], stem)
            .any(|at| !defined.contains(&(term.name.as_str(), range.start + at)))
    };
    found(after..facts.lower.len()) || found(0..own)
}

/// An aside with the space before it.
fn with_space(text: &str, term: &Term) -> std::ops::Range<usize> {
    let start = if before(text, term.whole.start) == Some(' ') {
        term.whole.start - 1
    } else {
        term.whole.start
    };
    start..term.whole.end
}

/// A singular for a plural and the other way: what both begin with.
fn stem(name: &str) -> &str {
    ["ies", "es", "s", "y"]
        .iter()
        .find_map(|end| name.strip_suffix(end))
        .filter(|s| s.len() >= 3)
        .unwrap_or(name)
}

/// M05: "A" means B, and "B" means A.
fn circular(facts: &Facts<'_>, terms: &[&Term], findings: &mut Vec<Finding>) {
    let meaning = |term: &Term| {
        let text = &facts.passages[term.passage].text;
        // Only a definition of a few words can be nothing but another term.
        let rest = crate::scan::head(text, term.range.end, 120);
        let rest = rest.trim_start_matches(['”', '"', ' ', '*', '：', ':', '，']);
        let body = ["means", "shall mean", "是指", "系指", "指"]
            .iter()
            .find_map(|w| rest.strip_prefix(w))?;
        let body = body
            .trim()
            .trim_end_matches(['.', '。', ';', '；'])
            .trim_start_matches("the ");
        Some(body.trim_matches(['“', '”', '"']).to_owned())
    };
    let meanings: BTreeMap<&str, String> = terms
        .iter()
        .filter(|t| t.form == Form::Sentence)
        .filter_map(|t| Some((t.name.as_str(), meaning(t)?)))
        .collect();
    for term in terms.iter().filter(|t| t.form == Form::Sentence) {
        let Some(other) = meanings.get(term.name.as_str()) else {
            continue;
        };
        if meanings
            .get(other.as_str())
            .is_some_and(|back| *back == term.name)
        {
            let message = facts.say(
                format!("“{}”与“{other}”互相定义。", term.name),
                format!("“{}” and “{other}” are defined by each other.", term.name),
            );
            findings.push(facts.at(
                INFO.id,
                Severity::Warning,
                term.passage,
                &term.range,
                message,
            ));
        }
    }
}

/// M01: 丙方 where only 甲方 and 乙方 are named.
fn undefined_party(facts: &Facts<'_>, terms: &[&Term], findings: &mut Vec<Finding>) {
    let named = |role: &str| {
        facts
            .parties
            .iter()
            .any(|p| p.role == role || p.also == Some(role))
            || terms.iter().any(|t| t.name == role)
            || facts.passages.iter().any(|p| introduces(&p.text, role))
    };
    // A fragment that introduces nobody is not a whole contract.
    if !named("甲方") || !named("乙方") {
        return;
    }
    for role in ["丙方", "丁方", "戊方"] {
        let mut uses = facts.places_of(role).filter(|(passage, range)| {
            let text = &facts.passages[*passage].text;
            !facts.passages[*passage].quote && !matches!(before(text, range.start), Some('“' | '"'))
        });
        let Some((passage, range)) = uses.next().filter(|_| !named(role)) else {
            continue;
        };
        let message = facts.say(
            format!("“{role}”没有定义：当事人中没有{role}。"),
            format!("“{role}” is not defined: no party bears that name."),
        );
        findings.push(facts.at(INFO.id, Severity::Warning, passage, &range, message));
    }
}

/// 出租人（甲方）, 甲方 at the start of a line or a cell.
fn introduces(text: &str, role: &str) -> bool {
    let line = text.split('\n').any(|line| {
        line.trim_start().strip_prefix(role).is_some_and(|rest| {
            rest.trim_start().is_empty() || rest.trim_start().starts_with(['：', ':', '（', '('])
        })
    });
    line || places(text, role).any(|at| {
        matches!(before(text, at), Some('（' | '(' | '“'))
            && matches!(after(text, at + role.len()), Some('）' | ')' | '”'))
    })
}

/// M05 in Chinese: 本-terms, which are nothing before their definition.
fn early_zh(facts: &Facts<'_>, terms: &[&Term], findings: &mut Vec<Finding>) {
    if facts.says(&["定义", "释义", "名词解释"]) {
        return;
    }
    for term in terms.iter().filter(|t| {
        t.name.starts_with('本')
            && t.form == Form::Aside
            && !matches!(t.name.as_str(), "本合同" | "本协议")
    }) {
        let earlier = facts.places_of(&term.name).find(|(passage, range)| {
            (*passage, range.start) < (term.passage, term.range.start)
                && facts.passages[*passage].is_prose()
        });
        if let Some((passage, range)) = earlier {
            let message = facts.say(
                format!("“{}”在定义之前就使用了。", term.name),
                format!("“{}” is used before it is defined.", term.name),
            );
            findings.push(facts.at(INFO.id, Severity::Note, passage, &range, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::INFO;
    use crate::testing;

    #[test]
    fn pass() {
        testing::pass(
            INFO.id,
            &[
                "华东公司（以下简称“甲方”）与南方公司（以下简称“乙方”）约定，购买样机（以下简称“样机”），样机由甲方交付。\n",
                "出租人（甲方）：华东\n\n承租人（乙方）：南方\n\n丁香花归甲方。\n",
                "“保密信息”是指技术信息。乙方不得泄露保密信息。\n",
                "The supplier (the “Seller”) sells the goods (the “Goods”). The Seller delivers the Goods to the buyer (the “Buyer”). The Buyer pays.\n",
                "“Confidential Information” means all information. Each party keeps Confidential Information and other confidential information secret.\n",
                "第三方应当配合，甲方：华东\n",
                "上述四家公司（以下简称“华东公司”）提起上诉。\n",
            ],
        );
    }

    #[test]
    fn fail() {
        testing::fail(
            INFO.id,
            &[
                (
                    "购买设备一台（以下简称“样机”），由卖方交付。\n\n买方付款。\n\n双方签字。\n",
                    &[("样机", "没有再使用")],
                ),
                (
                    "甲方：华东\n\n乙方：南方\n\n丙方应当付款。\n",
                    &[("丙方", "没有定义")],
                ),
                (
                    "“样机”是指设备。\n\n其他。\n\n“样机”是指机器，样机归甲方。\n",
                    &[("样机", "两次")],
                ),
                (
                    "华东机械有限公司（以下简称“华东”）供货。\n\n华东机械有限公司（以下简称“华东”）开票，华东收款。\n",
                    &[("华东", "两次")],
                ),
                (
                    "应当按时完成本项目。\n\n建设厂房（以下简称“本项目”）。\n",
                    &[("本项目", "之前")],
                ),
                (
                    "The machine (the “Prototype”) is sold.\n\nThe buyer pays.\n\nBoth sign.\n",
                    &[("Prototype", "never used")],
                ),
                (
                    "“Confidential Information” means all information.\n\nThe Buyer keeps the confidential information secret.\n",
                    &[("confidential information", "defined as")],
                ),
                (
                    "The seller (“Seller”), the buyer (“Buyer”) and the goods (“Goods”). The Seller delivers the Goods to the Buyer by the Longstop Date. After the Longstop Date the Buyer may end this.\n",
                    &[("Longstop Date", "never defined")],
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
                    "购买设备一台（以下简称“样机”），由卖方交付。\n\n买方付款。\n\n双方签字。\n",
                    "删除“（以下简称“样机”）”",
                    "购买设备一台，由卖方交付。\n\n买方付款。\n\n双方签字。\n",
                ),
                (
                    "华东机械有限公司（以下简称“华东”）供货。\n\n华东机械有限公司（以下简称“华东”）开票，华东收款。\n",
                    "删除“（以下简称“华东”）”",
                    "华东机械有限公司（以下简称“华东”）供货。\n\n华东机械有限公司开票，华东收款。\n",
                ),
                (
                    "“Confidential Information” means all information.\n\nThe Buyer keeps the confidential information secret.\n",
                    "Change to “Confidential Information”",
                    "“Confidential Information” means all information.\n\nThe Buyer keeps the Confidential Information secret.\n",
                ),
            ],
        );
    }
}
