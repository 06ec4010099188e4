//! The figures in plain sentences, for a lawyer.

use super::{Both, Choices, Comparison, Drafted, Fit, Group};
use crate::error::Sentence;

/// Examples below which figures are rough.
const FEW: usize = 20;

impl Comparison {
    /// What the figures say, the most important first. What is worse than before, or worse than copying, is said as well.
    pub fn sentences(&self) -> Vec<Sentence> {
        let mut told = Vec::new();
        if let Some(fit) = &self.all.fit {
            told.push(self.wavers(fit));
        }
        for (group, which) in [
            (
                &self.novel,
                Sentence::new(
                    "学习材料中没有的文字",
                    "passages whose words it has never seen",
                ),
            ),
            (
                &self.shared,
                Sentence::new(
                    "与学习材料几乎相同的文字",
                    "passages of which it has learned nearly the same words",
                ),
            ),
        ] {
            if let Some(fit) = &group.fit {
                told.push(first_choices(group, fit, &which));
            }
            if group.choices.clauses > 0 {
                told.push(preferred(&group.choices, &which));
            }
            if let Some(drafts) = &group.drafts {
                told.extend(closer(drafts, &which));
            }
        }
        if !self.shown.is_empty() {
            let count = self.clauses.len();
            told.push(Sentence::new(
                format!("所示条款是 {count} 条草稿中进步居中的几条，不是最好的几条。"),
                format!(
                    "The clauses shown are those of {count} drafts whose gain is nearest to the middle; they are not the best."
                ),
            ));
        }
        if (1..FEW).contains(&self.all.examples) {
            let count = self.all.examples;
            told.push(Sentence::new(
                format!("检验材料只有 {count} 段，以上数字仅供参考。"),
                format!(
                    "There were only {count} passages to measure with, so these figures are rough."
                ),
            ));
        }
        told
    }

    fn wavers(&self, fit: &Both<Fit>) -> Sentence {
        let (documents, examples) = (self.documents, self.all.examples);
        let (before, after) = (fit.before.perplexity, fit.after.perplexity);
        let change = 100.0 * (after / before - 1.0);
        let (zh, en) = match change <= 0.0 {
            true => ("降低", "lower"),
            false => ("升高", "higher"),
        };
        let change = change.abs();
        Sentence::new(
            format!(
                "用 {documents} 份没有学过的文件（{examples} 段）检验：每写一个词，模型原先平均在 {before:.1} 个候选之间犹豫，现在是 {after:.1} 个（困惑度{zh} {change:.0}%）。"
            ),
            format!(
                "Measured on {documents} it has not learned from, {examples} passages: for each next word the model wavered among {before:.1} candidates, and now among {after:.1} (perplexity {change:.0} % {en}).",
                documents = counted(documents, "document", "documents"),
            ),
        )
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn first_choices(group: &Group, fit: &Both<Fit>, which: &Sentence) -> Sentence {
    let (before, after) = (100.0 * fit.before.agreement, 100.0 * fit.after.agreement);
    let (examples, zh, en) = (group.examples, &which.zh, &which.en);
    Sentence::new(
        format!(
            "{zh}（{examples} 段）：每 100 处有 {after:.0} 处，模型的首选就是您的用词；微调前是 {before:.0} 处。"
        ),
        format!(
            "On {en} ({examples}), the model's first choice is the firm's word in {after:.0} of 100 places; before tuning it was in {before:.0}."
        ),
    )
}

fn preferred(choices: &Choices, which: &Sentence) -> Sentence {
    let (clauses, firm) = (choices.clauses, choices.firm);
    let (before, after) = (firm.before, firm.after);
    let (zh, en) = (&which.zh, &which.en);
    let (other_zh, other_en) = match choices.own_drafts {
        0 => ("条款库的措辞", "that of the clause library"),
        _ => (
            "另一种措辞（条款库的，或微调前模型自己的草稿）",
            "another (that of the clause library, or its own draft before tuning)",
        ),
    };
    Sentence::new(
        format!(
            "{zh}：在您的措辞与{other_zh}之间，模型在 {clauses} 条中的 {after} 条更倾向于您的；微调前是 {before} 条。"
        ),
        format!(
            "On {en}: between the firm's wording and {other_en}, the model finds the firm's likelier in {after} of {clauses} clauses; before tuning in {before}."
        ),
    )
}

fn closer(drafts: &Drafted, which: &Sentence) -> Vec<Sentence> {
    let Drafted {
        clauses,
        mean,
        closer_than_base,
        closer_than_nearest,
    } = drafts;
    let hundredths = |x: f64| 100.0 * x;
    let (base, tuned) = (
        hundredths(mean.base.rouge_l),
        hundredths(mean.tuned.rouge_l),
    );
    let nearest = hundredths(mean.nearest.rouge_l);
    let (zh, en) = (&which.zh, &which.en);
    let mut told = vec![Sentence::new(
        format!(
            "{zh}：试写 {clauses} 条，其中 {closer_than_base} 条比微调前更接近您的原文；与原文的平均相似度（ROUGE-L）由 {base:.0}% 变为 {tuned:.0}%。"
        ),
        format!(
            "On {en}: of {clauses} clauses drafted, {closer_than_base} came closer to the firm's own text than before tuning; the mean likeness (ROUGE-L) went from {base:.0} % to {tuned:.0} %."
        ),
    )];
    told.push(match tuned > nearest {
        true => Sentence::new(
            format!("照抄学习材料中最相近的条款，相似度为 {nearest:.0}%，不如模型的草稿（{clauses} 条中有 {closer_than_nearest} 条是草稿更接近）。"),
            format!("Copying the nearest clause of the documents learned from would have come to {nearest:.0} %, less than the drafts, which are closer in {closer_than_nearest} of {clauses} clauses."),
        ),
        false => Sentence::new(
            format!("照抄学习材料中最相近的条款，相似度为 {nearest:.0}%，比模型的草稿更接近；这类条款直接取用旧文更好。"),
            format!("Copying the nearest clause of the documents learned from would have come to {nearest:.0} %, closer than the drafts: for such clauses, take the old text."),
        ),
    });
    told
}
