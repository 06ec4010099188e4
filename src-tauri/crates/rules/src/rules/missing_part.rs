//! `missing-part`: what a document of its kind has and this one has not, and signatures.
//!
//! Why: where the parties were silent the statute fills the gap, seldom as the client wished.
//! A part counts as present when any of its usual words stands anywhere, so that a finding is certain. The
//! lists are those of the contents articles; a part that the article names but contracts often leave to
//! practice (packing, language) is a note.
//!
//! Wrong: a 买卖合同 without a word on quality, inspection or the place of delivery
//! Right: a clause on each.
//! Basis: 《民法典》第四百七十条 and the contents article of the kind; 《劳动合同法》第十七条; 《民事诉讼法》第一百二十四条.

mod lists;

use crate::citations::{Cited, basis};
use crate::facts::Facts;
use crate::facts::passage::Role;
use crate::finding::{Finding, RuleInfo, Severity, Words};
use lists::*;
use moqi_document::{BlockKind, Language};

pub(crate) const INFO: RuleInfo = RuleInfo {
    id: "missing-part",
    name: Words {
        zh: "缺少的内容",
        en: "Missing parts",
    },
    what: Words {
        zh: "按文书种类核对应有的内容与签署处。",
        en: "Checks for the parts a document of its kind has, and for signatures.",
    },
    why: Words {
        zh: "没有约定的，按法律的补充规则办，往往不是当事人要的结果。",
        en: "Where parties are silent the statute fills the gap, seldom as they wished.",
    },
    severity: Severity::Error,
};

pub(crate) fn check(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let Some(kind) = facts.kind.as_deref() else {
        return;
    };
    // A page of a document, or a form without words, is not judged by what it lacks.
    let prose = facts.passages.iter().filter(|p| !p.quote).count();
    if prose < 3 {
        return;
    }
    match facts.language {
        Language::Zh => chinese(facts, kind, findings),
        Language::En => {
            if !facts.is_complaint() && (facts.document.meta.kind.is_some() || is_agreement(facts))
            {
                lacking(facts, ENGLISH, None, findings);
                signed(facts, findings);
            }
        }
    }
}

/// An English text that says it binds parties, rather than a notice about one.
fn is_agreement(facts: &Facts<'_>) -> bool {
    facts.says(&[
        "this agreement",
        "this deed",
        "this contract",
        "the parties",
    ])
}

fn chinese(facts: &Facts<'_>, kind: &str, findings: &mut Vec<Finding>) {
    let (own, cited): (&[Part], Cited) = match kind {
        "sale" => (SALE, Cited::Sale),
        "lease" => (LEASE, Cited::Lease),
        "loan" => (LOAN, Cited::Loan),
        "guarantee" => (GUARANTEE, Cited::Guarantee),
        "mortgage" => (MORTGAGE, Cited::Mortgage),
        "pledge" => (MORTGAGE, Cited::Pledge),
        "finance-lease" => (FINANCELEASE, Cited::FinanceLease),
        "factoring" => (FACTORING, Cited::Factoring),
        "construction" => (CONSTRUCTION, Cited::Construction),
        "work" => (WORK, Cited::Work),
        "technical-services" | "technology" | "software-licence" => (TECHNOLOGY, Cited::Technology),
        "property" => (PROPERTY, Cited::Property),
        "employment" => (EMPLOYMENT, Cited::Employment),
        "nda" => (NDA, Cited::Contents),
        "equity-transfer" => (EQUITY, Cited::Contents),
        "mandate" => (MANDATE, Cited::Contents),
        "complaint" => (COMPLAINT, Cited::Complaint),
        "defence" => (DEFENCE, Cited::Defence),
        _ => (&[], Cited::Contents),
    };
    lacking(facts, own, Some(cited), findings);
    match kind {
        "complaint" => {
            let defendant = [
                part("明确的被告", "a defendant", &["被告"]),
                part("受诉人民法院", "the court", &["人民法院", "法院"]),
            ];
            lacking(facts, &defendant, Some(Cited::Suing), findings);
        }
        "defence" | "employment" | "nda" => {}
        _ => lacking(facts, GENERAL, Some(Cited::Contents), findings),
    }
    signed(facts, findings);
}

fn lacking(facts: &Facts<'_>, parts: &[Part], cited: Option<Cited>, findings: &mut Vec<Finding>) {
    for Part(name, words, severity) in parts {
        if facts.says(words) {
            continue;
        }
        let message = facts.say(
            format!("没有约定或写明{}。", name.zh),
            format!("The document says nothing on {}.", name.en),
        );
        let mut finding = facts.at_title(INFO.id, *severity, message);
        finding.basis = cited.map(|cited| basis(facts.ui, cited));
        findings.push(finding);
    }
}

/// M25: a place to sign, and one for every party.
fn signed(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    const PLACES: &[&str] = &[
        "盖章",
        "签字",
        "签章",
        "签名",
        "签署",
        "捺印",
        "具状人",
        "答辩人（",
        "此致",
        "signature",
        "signed",
        "by:",
        "in witness",
        "sign here",
        "executed",
    ];
    let block = facts
        .document
        .blocks
        .iter()
        .any(|b| matches!(b.kind, BlockKind::Signature(_)));
    if !block && !facts.says(PLACES) {
        let message = facts.say("没有签名、盖章的地方。", "There is no place to sign.");
        let mut finding = facts.at_title(INFO.id, Severity::Error, message);
        if facts.language == Language::Zh && facts.is_contract() {
            finding.basis = Some(basis(facts.ui, Cited::Formation));
        }
        findings.push(finding);
        return;
    }
    if !block || !facts.is_contract() {
        return;
    }
    for party in facts.parties.iter().filter(|p| !p.signs) {
        let roles = [Some(party.role), party.also];
        let first = facts
            .parties
            .iter()
            .find(|p| !p.signs && p.role == party.role)
            .is_some_and(|p| p.passage == party.passage);
        let signing = facts
            .passages
            .iter()
            .filter(|p| matches!(p.role, Role::Signature { .. }));
        let signs = signing.into_iter().any(|p| {
            roles.iter().flatten().any(|role| p.text.contains(role))
                || (!party.name.is_empty() && p.text.contains(&party.name))
        });
        let prime = ["甲方", "乙方", "丙方", "丁方"].contains(&party.role);
        if !signs && first && prime {
            let message = facts.say(
                format!("签署处没有{}。", party.role),
                format!("The signature block lacks {}.", party.role),
            );
            let mut finding = facts.at_title(INFO.id, Severity::Error, message);
            finding.basis = Some(basis(facts.ui, Cited::Formation));
            findings.push(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::INFO;
    use crate::testing;

    const SALE: &str = "# 买卖合同\n\n甲方：华东公司\n\n乙方：南方公司\n\n## 标的\n\n数控机床，数量2台，质量符合国家标准，价款100元，包装为木箱。\n\n## 交付\n\n2026年1月1日前在甲方仓库地点交付，乙方三日内验收后付款。\n\n## 其他\n\n违约的赔偿损失，争议由法院管辖，本合同一式两份。\n";

    #[test]
    fn pass() {
        let signed = format!("{SALE}\n```signature\n甲方（盖章）：\n\n乙方（盖章）：\n```\n");
        testing::pass(
            INFO.id,
            &[
                &signed,
                "# 会议纪要\n\n参加人三名。\n\n议题一。\n\n议题二。\n",
                "# 关于解除合同的通知\n\n致南方公司。\n\n我方解除合同。\n\n特此通知。\n",
                "# Services Agreement\n\nThis agreement is governed by the law of England. The courts have jurisdiction.\n\nEntire agreement. No amendment. No assignment. Notices in writing. Severance.\n\nCounterparts.\n\nSigned by the parties.\n",
            ],
        );
    }

    #[test]
    fn fail() {
        let one = format!("{SALE}\n```signature\n甲方（盖章）：\n```\n");
        testing::fail(
            INFO.id,
            &[
                (SALE, &[("# 买卖合同", "签名")]),
                (&one, &[("# 买卖合同", "乙方")]),
                (
                    "# 民事起诉状\n\n原告：王小明，住北京市，电话13800138000。\n\n被告：李大力。\n\n请求判令被告还款。\n\n事实与理由：被告借款未还。\n\n此致北京市人民法院\n",
                    &[("# 民事起诉状", "证据")],
                ),
                (
                    "# Services Agreement\n\nThis agreement is governed by the law of England.\n\nEntire agreement. No amendment. No assignment. Notices in writing. Severance.\n\nCounterparts.\n\nSigned by the parties.\n",
                    &[("# Services Agreement", "jurisdiction")],
                ),
            ],
        );
    }
}
