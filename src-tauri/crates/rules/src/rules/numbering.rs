//! `numbering`: typed-in numbers that repeat the automatic number, or that skip or repeat one of their own.
//!
//! Why: a reader who finds no clause 3 between 2 and 4 asks what was taken out; 第三条 第三条 is printed twice.
//!
//! Wrong: `## 第三条 付款` (prints 第三条 第三条 付款) · paragraphs 第一条 … 第二条 … 第四条 …
//! Right: `## 付款` · 第一条 … 第二条 … 第三条 …
//! Basis: none; checklist M09.

use crate::facts::Facts;
use crate::facts::lead::{Lead, lead};
use crate::facts::passage::{Passage, Role};
use crate::finding::{Finding, RuleInfo, Severity, Words};
use moqi_document::{BlockKind, HeadingStyle};
use std::collections::BTreeMap;

pub(crate) const INFO: RuleInfo = RuleInfo {
    id: "numbering",
    name: Words {
        zh: "编号",
        en: "Numbering",
    },
    what: Words {
        zh: "查找与自动编号重复的手写编号，以及手写编号的跳号、重号、倒序。",
        en: "Looks for typed-in numbers that repeat the automatic one, and for gaps, doubles and wrong order among typed-in numbers.",
    },
    why: Words {
        zh: "编号断了，引用就指错地方。",
        en: "Where numbers break, references point at the wrong place.",
    },
    severity: Severity::Warning,
};

pub(crate) fn check(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let mut series = Series::default();
    for (index, passage) in facts.passages.iter().enumerate() {
        if passage.quote || !matches!(passage.role, Role::Heading | Role::Item | Role::Body) {
            continue;
        }
        let label = facts
            .numbering
            .labels
            .get(passage.block)
            .and_then(Option::as_ref);
        let found = lead(&passage.text);
        if let (Some(label), Some(found)) = (label, &found) {
            if repeats(facts, passage, &found.lead, u64::from(label.ordinal)) {
                let number = &passage.text[..found.number];
                let message = facts.say(
                    format!(
                        "手写的“{}”会与自动编号“{}”重复印出。",
                        number.trim(),
                        label.text
                    ),
                    format!(
                        "The typed “{}” is printed besides the automatic number “{}”.",
                        number.trim(),
                        label.text
                    ),
                );
                let mut finding = facts.at(
                    INFO.id,
                    Severity::Warning,
                    index,
                    &(0..found.number),
                    message,
                );
                finding.fix = facts
                    .remove(index, &(0..found.length))
                    .filter(|_| found.length < passage.text.len());
                findings.push(finding);
            }
            series.restart();
        } else if let Some(found) = found {
            if let Some((zh, en)) = series.next(&found.lead, matches!(passage.role, Role::Heading))
            {
                findings.push(facts.at(
                    INFO.id,
                    Severity::Warning,
                    index,
                    &(0..found.number),
                    facts.say(zh, en),
                ));
            }
        } else if matches!(passage.role, Role::Heading) {
            series.restart();
        }
    }
}

/// Whether a typed number says what the automatic number says already.
fn repeats(facts: &Facts<'_>, passage: &Passage, typed: &Lead, ordinal: u64) -> bool {
    let block = &facts.document.blocks[passage.block];
    let numbered = match &block.kind {
        BlockKind::Heading { style, .. } => {
            matches!(style, HeadingStyle::Numbered | HeadingStyle::Schedule)
        }
        BlockKind::Item { ordered, .. } => *ordered,
        _ => false,
    };
    let is_item = matches!(block.kind, BlockKind::Item { .. });
    numbered
        && match typed {
            Lead::Article(_) | Lead::Annex(_) | Lead::Han(_) | Lead::HanBracket(_) => true,
            Lead::Decimal(numbers) => !is_item || numbers.len() > 1 || numbers[0] == ordinal,
            Lead::Bracket(n) | Lead::Roman(n) => *n == ordinal,
            Lead::Letter(c) => {
                u64::from(u32::from(c.to_ascii_lowercase())).wrapping_sub(96) == ordinal
            }
        }
}

/// The numbers met so far, one series a kind of number.
#[derive(Default)]
struct Series {
    /// Last number and length of the run, by kind (and by the numbers before the last for 1.2).
    seen: BTreeMap<(u8, Vec<u64>), (u64, u64)>,
}

impl Series {
    /// A new clause: the numbers below it start again, but articles go on through the document.
    fn restart(&mut self) {
        self.seen.retain(|(kind, _), _| *kind == ARTICLE);
    }

    /// Takes the next number; the fault it shows in Chinese and English, if any.
    fn next(&mut self, lead: &Lead, heading: bool) -> Option<(String, String)> {
        let (kind, path, number) = match lead {
            Lead::Article(n) => (ARTICLE, Vec::new(), *n),
            Lead::Han(n) => (2, Vec::new(), *n),
            Lead::HanBracket(n) => (3, Vec::new(), *n),
            Lead::Decimal(numbers) => {
                let (last, path) = numbers.split_last()?;
                (
                    3 + u8::try_from(numbers.len()).unwrap_or(9),
                    path.to_vec(),
                    *last,
                )
            }
            Lead::Bracket(n) => (20, Vec::new(), *n),
            // (i) may be a letter or a Roman number, so these are not counted.
            Lead::Letter(_) | Lead::Roman(_) | Lead::Annex(_) => return None,
        };
        // Everything finer than this number starts again below it.
        self.seen
            .retain(|(other, _), _| *other <= kind || (kind == 20 && *other == 20));
        let (last, length) = self
            .seen
            .get(&(kind, path.clone()))
            .copied()
            .unwrap_or((0, 0));
        let fresh = length == 0 || number == 1;
        self.seen
            .insert((kind, path), (number, if fresh { 1 } else { length + 1 }));
        if fresh || number == last + 1 || (heading && kind != ARTICLE && length < 2) {
            return None;
        }
        if length < 2 && number != last {
            // Two numbers do not make a series yet.
            return None;
        }
        Some(match number {
            n if n == last => (
                format!("编号{n}出现了两次。"),
                format!("The number {n} is used twice."),
            ),
            n if n > last + 1 => {
                let missing = last + 1;
                (
                    format!("编号从{last}跳到{n}，缺少{missing}。"),
                    format!("The numbers jump from {last} to {n}; {missing} is missing."),
                )
            }
            n => (
                format!("编号{n}排在{last}之后。"),
                format!("The number {n} comes after {last}."),
            ),
        })
    }
}

const ARTICLE: u8 = 1;

#[cfg(test)]
mod tests {
    use super::INFO;
    use crate::testing;

    #[test]
    fn pass() {
        testing::pass(
            INFO.id,
            &[
                "# 合同\n\n## 付款\n\n第三条约定的价款。\n\n1. 三方确认\n2. 2026年交货\n",
                "第一条 甲\n\n一、子\n\n二、丑\n\n第二条 乙\n\n一、子\n\n二、丑\n\n三、寅\n\n第三条 丙\n",
                "1.1 a thing\n\n1.2 b thing\n\n2.1 c thing\n\n2.2 d thing\n",
                "第一条 甲\n\n（一）子\n\n（二）丑\n\n第二条 乙\n\n（一）子\n\n（二）丑\n",
            ],
        );
    }

    #[test]
    fn fail() {
        testing::fail(
            INFO.id,
            &[
                (
                    "# 合同\n\n## 标的\n\n## 第二条 付款\n",
                    &[("第二条", "自动编号")],
                ),
                (
                    "第一条 甲\n\n第二条 乙\n\n第四条 丙\n",
                    &[("第四条", "缺少3")],
                ),
                (
                    "第一条 甲\n\n第二条 乙\n\n第二条 丙\n",
                    &[("第二条", "两次")],
                ),
                ("一、甲\n\n二、乙\n\n四、丙\n", &[("四、", "缺少3")]),
                (
                    "# Deed\n\n## Terms\n\n1. 1.1 The price is due.\n",
                    &[("1.1", "besides")],
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
                    "# 备忘\n\n## 标的\n\n## 第二条 付款\n",
                    "删除“第二条”",
                    "# 备忘\n\n## 标的\n\n## 付款\n",
                ),
                (
                    "# Memo\n\n## 1. Price\n\nText.\n",
                    "Delete “1.”",
                    "# Memo\n\n## Price\n\nText.\n",
                ),
            ],
        );
    }
}
