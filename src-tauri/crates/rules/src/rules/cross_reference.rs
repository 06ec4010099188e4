//! `cross-reference`: references to clauses and schedules that do not exist, and typed ones that could be live.
//!
//! Why: a reference to nothing leaves the right or the remedy it carries without content; a typed number is
//! wrong as soon as a clause is put in before it.
//! Articles of statutes (《民法典》第五百八十六条, section 2 of the Act) and clauses of other contracts are not ours.
//!
//! Wrong: 按照本合同第十八条的约定 (there are twelve) · clause 9.4 (there is none) · `[](#gone)`
//! Right: 按照本合同`[](#payment)`的约定
//! Basis: none; checklist M06, M07, M08.

mod subject;

use crate::facts::Facts;
use crate::facts::mention::{Mention, Target};
use crate::finding::{Finding, Fix, RuleInfo, Severity, Words};
use moqi_document::{Block, BlockKind, Inline, InlineKind};
use std::collections::BTreeSet;

pub(crate) const INFO: RuleInfo = RuleInfo {
    id: "cross-reference",
    name: Words {
        zh: "条款引用",
        en: "Cross-references",
    },
    what: Words {
        zh: "查找指向不存在的条款、附件的引用，并提示可以改为自动更新的手写引用。",
        en: "Looks for references to clauses and schedules that do not exist, and for typed ones that could be live.",
    },
    why: Words {
        zh: "指向空处的引用使权利落空。",
        en: "A reference to nothing leaves a right without content.",
    },
    severity: Severity::Error,
};

pub(crate) fn check(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let ids: BTreeSet<&str> = facts
        .document
        .blocks
        .iter()
        .filter_map(|b| b.id.as_deref())
        .collect();
    for block in &facts.document.blocks {
        dead(facts, block, &ids, findings);
    }
    let targets: Vec<Found> = facts.mentions.iter().map(|m| target(facts, m)).collect();
    let elsewhere = subject::elsewhere(facts, &targets);
    for (i, (mention, target)) in facts.mentions.iter().zip(&targets).enumerate() {
        match (target, elsewhere.get(&i)) {
            (Found::Missing, _) => missing(facts, mention, findings),
            (Found::At(_), Some(heading)) => other_subject(facts, mention, *heading, findings),
            (Found::At(block), None) => typed(facts, mention, *block, findings),
            (Found::Unsure, _) => {}
        }
    }
}

enum Found {
    At(usize),
    Missing,
    Unsure,
}

/// Live references to ids that no block has.
fn dead(facts: &Facts<'_>, block: &Block, ids: &BTreeSet<&str>, findings: &mut Vec<Finding>) {
    let mut report = |content: &[Inline]| {
        for inline in content {
            if let InlineKind::Reference(id) = &inline.kind
                && !ids.contains(id.as_str())
            {
                let message = facts.say(
                    format!("引用的条款“{id}”不存在。"),
                    format!("There is no clause “{id}” to refer to."),
                );
                findings.push(Finding {
                    span: inline.span,
                    ..facts.at_title(INFO.id, Severity::Error, message)
                });
            }
        }
    };
    match &block.kind {
        BlockKind::Title(content)
        | BlockKind::Heading { content, .. }
        | BlockKind::Item { content, .. }
        | BlockKind::Paragraph { content, .. }
        | BlockKind::Footnote { content, .. } => report(content),
        BlockKind::Table(table) => table
            .rows
            .iter()
            .flatten()
            .for_each(|cell| report(&cell.content)),
        BlockKind::Signature(parties) => parties
            .iter()
            .flat_map(|p| &p.lines)
            .for_each(|line| report(line)),
        BlockKind::PageBreak | BlockKind::Verbatim(_) => {}
    }
}

/// What a typed reference points at.
fn target(facts: &Facts<'_>, mention: &Mention) -> Found {
    let from = facts.passages[mention.passage].block;
    let outline = &facts.outline;
    match &mention.target {
        // Where nothing is attached at all, the rule on annexes says so.
        Target::Schedule(_) if outline.schedules.is_empty() => Found::Unsure,
        Target::Schedule(number) => outline
            .schedules
            .get(number)
            .map_or(Found::Missing, |block| Found::At(*block)),
        _ if !outline.is_numbered()
            || (!mention.own && (facts.is_complaint() || !outline.is_whole())) =>
        {
            Found::Unsure
        }
        Target::Article {
            article,
            paragraph,
            item,
        } => {
            let Some(block) = outline.find(&[*article], from) else {
                return Found::Missing;
            };
            match (paragraph, item) {
                (None, None) => Found::At(block),
                (Some(p), None) => within(facts, block, &[*article], *p, from),
                _ => Found::Unsure,
            }
        }
        Target::Clause { path, parts } => clause(facts, path, parts, from),
    }
}

/// 第三条第二款: a numbered child, or an unnumbered paragraph of the article.
fn within(facts: &Facts<'_>, block: usize, path: &[u64], paragraph: u64, from: usize) -> Found {
    let outline = &facts.outline;
    if let Some(child) = outline.find(&[path, &[paragraph]].concat(), from) {
        return Found::At(child);
    }
    let end = outline.end_of(block);
    let plain = facts.document.blocks[block + 1..end]
        .iter()
        .any(|b| matches!(b.kind, BlockKind::Paragraph { .. } | BlockKind::Table(_)));
    let children = outline.children(path, from);
    // Unnumbered paragraphs count as 款 too, so only a clause made of numbered ones can lack one for certain.
    if children > 0 && !plain {
        Found::Missing
    } else {
        Found::Unsure
    }
}

/// 3.2(a): the numbered part, then the bracketed parts by their labels or their typed form.
fn clause(facts: &Facts<'_>, path: &[u64], parts: &[String], from: usize) -> Found {
    let outline = &facts.outline;
    let Some(block) = outline.find(path, from) else {
        // A text whose sub-clauses carry no decimal numbers is cited by its articles only.
        let parent_is_plain = path.len() > 1
            && outline
                .find(&path[..1], from)
                .is_some_and(|_| outline.children(&path[..1], from) == 0);
        return if parent_is_plain {
            Found::Unsure
        } else {
            Found::Missing
        };
    };
    if parts.is_empty() {
        return Found::At(block);
    }
    let end = outline.end_of(block);
    let wanted = format!(
        "{}{}",
        path.iter()
            .map(u64::to_string)
            .collect::<Vec<_>>()
            .join("."),
        parts.iter().map(|p| format!("({p})")).collect::<String>()
    );
    let labels = &facts.numbering.labels;
    let exact = (block..end).find(|i| {
        labels
            .get(*i)
            .and_then(Option::as_ref)
            .is_some_and(|l| l.reference == wanted)
    });
    if let Some(child) = exact {
        return Found::At(child);
    }
    let first = format!("({})", parts[0]);
    let labelled = (block + 1..end).any(|i| {
        labels
            .get(i)
            .and_then(Option::as_ref)
            .is_some_and(|l| l.text == first || l.reference.contains(&first))
    });
    let written = facts
        .passages
        .iter()
        .filter(|p| (block..end).contains(&p.block))
        .any(|p| p.text.contains(&first));
    if labelled || written {
        Found::Unsure
    } else {
        Found::Missing
    }
}

fn missing(facts: &Facts<'_>, mention: &Mention, findings: &mut Vec<Finding>) {
    let words = &facts.passages[mention.passage].text[mention.range.clone()];
    let message = facts.say(
        format!("本文件没有“{words}”。"),
        format!("This document has no “{words}”."),
    );
    findings.push(facts.at(
        INFO.id,
        Severity::Error,
        mention.passage,
        &mention.range,
        message,
    ));
}

/// Clause 2 (Delivery), where 2 is another clause and Delivery stands under another number.
fn other_subject(
    facts: &Facts<'_>,
    mention: &Mention,
    heading: usize,
    findings: &mut Vec<Finding>,
) {
    let words = &facts.passages[mention.passage].text[mention.range.clone()];
    let label = facts.numbering.labels.get(heading).and_then(Option::as_ref);
    let Some(label) = label else { return };
    let number = &label.reference;
    let message = facts.say(
        format!("“{words}”不是后面所写的内容；该标题是{number}。"),
        format!("“{words}” is not the clause named after it; that heading is {number}."),
    );
    findings.push(facts.at(
        INFO.id,
        Severity::Warning,
        mention.passage,
        &mention.range,
        message,
    ));
}

/// A typed reference whose clause has an id, and which prints the same when live.
fn typed(facts: &Facts<'_>, mention: &Mention, block: usize, findings: &mut Vec<Finding>) {
    let Some(id) = facts.document.blocks[block].id.as_deref() else {
        return;
    };
    let Some(label) = facts.numbering.labels.get(block).and_then(Option::as_ref) else {
        return;
    };
    let passage = &facts.passages[mention.passage];
    let words = &passage.text[mention.range.clone()];
    // In Chinese 第3条 and 第三条 say the same; in English the number must print as it was typed.
    let same = match &mention.target {
        Target::Article {
            paragraph: None,
            item: None,
            ..
        } => label.level == 1 && label.reference.starts_with('第'),
        Target::Schedule(number) => {
            u64::from(label.ordinal) == *number && same_kind(&label.reference, words)
        }
        _ => label.reference == words,
    };
    let Some(edit) = passage
        .edit(&mention.range, format!("[](#{id})"))
        .filter(|_| same)
    else {
        return;
    };
    let message = facts.say(
        format!("“{words}”是手写的编号，条款增减后不会跟着变。"),
        format!("“{words}” is typed in and will not follow when clauses are added or removed."),
    );
    let mut finding = facts.at(
        INFO.id,
        Severity::Note,
        mention.passage,
        &mention.range,
        message,
    );
    let title = facts.say(
        format!("改为自动引用（{}）", label.reference),
        format!("Make it a live reference ({})", label.reference),
    );
    finding.fix = Some(Fix {
        title,
        edits: vec![edit],
    });
    findings.push(finding);
}

/// Exhibit A is not printed by a reference to Schedule 1.
fn same_kind(reference: &str, words: &str) -> bool {
    let first = |text: &str| text.split([' ', '\u{a0}']).next().unwrap_or("").to_owned();
    reference.starts_with("附件")
        || first(reference).eq_ignore_ascii_case(&first(words)) && reference.len() == words.len()
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
                "# 合同\n\n## 标的\n\n依据《民法典》第五百八十六条、第五百八十七条及第九条，定金有效。\n\n## 付款\n\n按第一条。\n",
                "# 合同\n\n## 标的\n\n## 付款\n\n主合同第八条、民法典第九条、第三条件。按[](#a)。\n\n## 终止 {#a}\n",
                "# Agreement\n\n## Price\n\n1. See section 2 of the Sale of Goods Act 1979 and clause 14 of the Framework Terms.\n2. Subject to clause 1.1 and Section 409A.\n",
                "# Agreement\n\n## Price\n\n1. Article 28 of the UK GDPR and Companies Act 2006, section 44 apply.\n",
                "# 民事起诉状\n\n## 事实与理由\n\n合同第九条约定被告付款。\n",
                "没有编号的文字，按第九条。\n",
            ],
        );
    }

    #[test]
    fn fail() {
        testing::fail(
            INFO.id,
            &[
                (
                    "# 合同\n\n## 标的\n\n## 付款\n\n按照本合同第九条的约定。\n",
                    &[("第九条", "没有")],
                ),
                (
                    "# 合同\n\n## 标的 {#subject}\n\n## 付款\n\n按照第一条和[](#gone)。\n",
                    &[("第一条", "手写"), ("[](#gone)", "不存在")],
                ),
                (
                    "# 合同\n\n## 标的\n\n见附件一、附件三。\n\n## 清单 {.schedule}\n\n无。\n",
                    &[("附件三", "没有")],
                ),
                (
                    "# Agreement\n\n## Price\n\nSubject to clause 6 (Secrecy), clause 2 (Delivery) and clause 2 (Price).\n\n## Secrecy\n\n## Delivery\n",
                    &[("6", "no"), ("2", "is 3"), ("2", "is 1")],
                ),
                (
                    "# 合同\n\n## 标的\n\n按照第三条（付款）和第二条（付款）。\n\n## 付款\n\n## 交付\n",
                    &[("第三条", "该标题是第二条")],
                ),
                (
                    "# Agreement\n\n## Price\n\n1. Subject to clause 2 (Delivery).\n\n## Term\n\nNone.\n\n## Delivery\n\nNone.\n",
                    &[("2", "is 3")],
                ),
                (
                    "# Agreement\n\n## Price\n\n1. Subject to clauses 1.1 and 9.4 and Schedule 2.\n\n## Goods {.schedule}\n\nSee Schedule 1.\n",
                    &[("9.4", "no"), ("Schedule 2", "no")],
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
                    "# 备忘\n\n## 标的 {#s}\n\n## 付款\n\n按照第一条。\n",
                    "改为自动引用（第一条）",
                    "# 备忘\n\n## 标的 {#s}\n\n## 付款\n\n按照[](#s)。\n",
                ),
                (
                    "# Memo\n\n## Price {#p}\n\n1. Subject to clause 1.\n",
                    "Make it a live reference (1)",
                    "# Memo\n\n## Price {#p}\n\n1. Subject to clause [](#p).\n",
                ),
            ],
        );
    }
}
