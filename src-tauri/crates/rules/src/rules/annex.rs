//! `annex`: annexes that are named but not attached, and annexes that are attached but not named.
//!
//! Why: what stands in an annex that nobody attached was not agreed; an annex that no clause names binds nobody.
//!
//! Wrong: 详见附件一 (nothing is attached) · a Schedule that no clause mentions
//! Right: 详见附件一 with the heading `## 技术规格 {.schedule}` at the end.
//! Basis: none; checklist M11.

use crate::facts::Facts;
use crate::facts::mention::Target;
use crate::finding::{Finding, RuleInfo, Severity, Words};
use crate::scan::{after, has_any};
use moqi_document::{BlockKind, HeadingStyle, InlineKind};
use std::collections::BTreeSet;

pub(crate) const INFO: RuleInfo = RuleInfo {
    id: "annex",
    name: Words {
        zh: "附件",
        en: "Annexes",
    },
    what: Words {
        zh: "核对正文提到的附件是否附上、附上的附件是否被提到。",
        en: "Checks that annexes named are attached, and annexes attached are named.",
    },
    why: Words {
        zh: "没有附上的内容等于没有约定。",
        en: "What was not attached was not agreed.",
    },
    severity: Severity::Error,
};

pub(crate) fn check(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    if facts.outline.schedules.is_empty() {
        named_only(facts, findings);
    } else {
        attached_only(facts, findings);
    }
}

/// Annexes named in a document that attaches none.
fn named_only(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for mention in &facts.mentions {
        let Target::Schedule(number) = mention.target else {
            continue;
        };
        // A pleading lists its exhibits elsewhere; a document without clauses is a fragment or a letter.
        if facts.is_complaint() || !facts.outline.is_numbered() || !seen.insert(number) {
            continue;
        }
        let words = &facts.passages[mention.passage].text[mention.range.clone()];
        let message = facts.say(
            format!("提到了“{words}”，但没有附上。"),
            format!("“{words}” is named but not attached."),
        );
        findings.push(facts.at(
            INFO.id,
            Severity::Error,
            mention.passage,
            &mention.range,
            message,
        ));
    }
}

/// Schedules that the body never names.
fn attached_only(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let blocks = &facts.document.blocks;
    let headings: Vec<(u64, usize)> = facts
        .outline
        .schedules
        .iter()
        .map(|(number, block)| (*number, *block))
        .filter(|(_, block)| {
            matches!(
                &blocks[*block].kind,
                BlockKind::Heading {
                    style: HeadingStyle::Schedule,
                    ..
                }
            )
        })
        .collect();
    let typed: BTreeSet<u64> = facts
        .mentions
        .iter()
        .filter_map(|m| match m.target {
            Target::Schedule(number) => Some((number, facts.passages[m.passage].block)),
            _ => None,
        })
        .filter(|(number, block)| facts.outline.part_of(*block) != *number)
        .map(|(number, _)| number)
        .collect();
    let live = references(facts);
    let named = |number: u64, block: usize| {
        typed.contains(&number)
            || blocks[block]
                .id
                .as_deref()
                .is_some_and(|id| live.contains(id))
            || by_title(facts, block)
    };
    let some_named = headings
        .iter()
        .any(|(number, block)| named(*number, *block));
    // "the Schedules form part of this Agreement" names them all, unless others are named one by one.
    if !some_named && generic(facts) {
        return;
    }
    for (number, block) in headings {
        if !named(number, block) {
            let label = facts
                .numbering
                .labels
                .get(block)
                .and_then(Option::as_ref)
                .map_or_else(String::new, |l| l.reference.clone());
            let message = facts.say(
                format!("“{label}”附上了，但正文没有提到。"),
                format!("“{label}” is attached, but no clause names it."),
            );
            findings.push(Finding {
                span: blocks[block].span,
                ..facts.at_title(INFO.id, Severity::Warning, message)
            });
        }
    }
}

/// Ids that live references outside the schedule itself point at.
fn references<'a>(facts: &'a Facts<'_>) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    for block in &facts.document.blocks {
        let mut add = |content: &'a [moqi_document::Inline]| {
            for inline in content {
                if let InlineKind::Reference(id) = &inline.kind {
                    found.insert(id.as_str());
                }
            }
        };
        match &block.kind {
            BlockKind::Heading { content, .. }
            | BlockKind::Item { content, .. }
            | BlockKind::Paragraph { content, .. } => add(content),
            BlockKind::Table(table) => table
                .rows
                .iter()
                .flatten()
                .for_each(|cell| add(&cell.content)),
            _ => {}
        }
    }
    found
}

/// Whether the words of the heading stand in the body, as in 详见《技术规格书》.
fn by_title(facts: &Facts<'_>, block: usize) -> bool {
    let Some(heading) = facts.passages.iter().find(|p| p.block == block) else {
        return false;
    };
    let title = heading.text.trim().trim_matches(['《', '》']);
    let part = facts.outline.part_of(block);
    title.chars().count() >= 3
        && facts.places_of(title).any(|(index, _)| {
            let other = facts.passages[index].block;
            other != block && facts.outline.part_of(other) != part
        })
}

/// Annexes named as a whole: 本合同附件, the Schedules.
fn generic(facts: &Facts<'_>) -> bool {
    let bare = facts.places_of("附件").any(|(index, range)| {
        let text = &facts.passages[index].text;
        let block = facts.passages[index].block;
        let counted = after(text, range.end)
            .is_some_and(|c| c.is_ascii_digit() || crate::facts::numeral::is_chinese_numeral(c));
        !counted && facts.outline.part_of(block) == 0
    });
    bare || has_any(
        &facts.words,
        &[
            "the Schedules",
            "the Annexes",
            "the Appendices",
            "the Exhibits",
            "the Schedule ",
            "the Annex ",
            "The Schedule",
            "its schedules",
            "any schedules",
        ],
    )
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
                "# 合同\n\n## 标的\n\n详见附件一。\n\n## 技术规格 {.schedule}\n\n无。\n",
                "# 合同\n\n## 标的\n\n详见[](#spec)。\n\n## 技术规格 {.schedule #spec}\n\n无。\n",
                "# 合同\n\n## 标的\n\n本合同附件为本合同的组成部分。\n\n## 技术规格 {.schedule}\n\n无。\n",
                "# 合同\n\n## 标的\n\n详见附件一。\n\n附件一：技术规格书\n",
                "# Agreement\n\n## Goods\n\nThe Goods are listed in Schedule 1.\n\n## Goods {.schedule}\n\nNone.\n",
                "# 合同\n\n## 标的\n\n主合同附件一、《总合同》附件二，附件一份。\n",
            ],
        );
    }

    #[test]
    fn fail() {
        testing::fail(
            INFO.id,
            &[
                (
                    "# 合同\n\n## 标的\n\n详见附件一和附件1。\n",
                    &[("附件一", "没有附上")],
                ),
                (
                    "# 合同\n\n## 标的\n\n详见附件一。\n\n## 规格 {.schedule}\n\n无。\n\n## 清单 {.schedule}\n\n无。\n",
                    &[("## 清单 {.schedule}", "没有提到")],
                ),
                (
                    "# Agreement\n\n## Goods\n\nAs listed in Schedule 1.\n",
                    &[("Schedule 1", "not attached")],
                ),
                (
                    "# Agreement\n\n## Goods\n\nSold as seen.\n\n## Prices {.schedule}\n\nNone.\n",
                    &[("## Prices {.schedule}", "no clause names it")],
                ),
            ],
        );
    }
}
