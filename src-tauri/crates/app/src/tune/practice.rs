//! Precedents to practise with, where the firm's documents have none that is worth following.
//!
//! A house style is drafted with by changing a precedent. From precedents that say something else a model learns to pass over
//! them; from its own clause, as another document might have it, it learns to keep what fits and to add what is missing.

use moqi_document::{Inline, InlineKind, parse};

use super::examples::written;
use super::words::draw;

/// Periods and counts that clauses are full of.
const COUNTS: [&str; 8] = ["3", "5", "7", "10", "15", "20", "30", "60"];

/// A clause with other periods and counts and, where it has several paragraphs, without one of them.
pub(super) fn practice(clause: &str, seed: u64) -> String {
    let mut blocks = parse(clause).blocks;
    if blocks.len() > 1 {
        let at = draw(seed, &["left out", clause]) % blocks.len() as u64;
        blocks.remove(at as usize);
    }
    for content in blocks.iter_mut().flat_map(|block| block.contents_mut()) {
        for inline in content {
            if let Inline {
                kind: InlineKind::Text(text),
                ..
            } = inline
            {
                *text = other_counts(text, seed);
            }
        }
    }
    written(&blocks)
}

/// A text with other numbers of one or two digits; those of placeholders, clauses and dates, parts of longer ones and
/// percentages stay.
fn other_counts(text: &str, seed: u64) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut rest, mut placeholder) = (text, false);
    while let Some(first) = rest.chars().next() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if digits == 0 {
            placeholder = match first {
                '【' | '[' => true,
                '】' | ']' => false,
                _ => placeholder,
            };
            out.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let (number, after) = rest.split_at(digits);
        let sign = |c: char| c.is_ascii_alphanumeric() || ".,-/%％‰".contains(c);
        // Numbers of clauses and days are other clauses and days.
        let before = out.ends_with(|c| sign(c) || "第月".contains(c)) || names_a_clause(&out);
        let ends =
            matches!(after, "" | "." | ",") || after.starts_with(". ") || after.starts_with(", ");
        let alone =
            !before && (ends || !after.starts_with(|c| sign(c) || "条款项年月".contains(c)));
        if alone && !placeholder && digits < 3 {
            let drawn = draw(seed, &["count", text, number]) as usize;
            let other = [drawn, drawn + 1].map(|at| COUNTS[at % COUNTS.len()]);
            out.push_str(if other[0] == number {
                other[1]
            } else {
                other[0]
            });
        } else {
            out.push_str(number);
        }
        rest = after;
    }
    out
}

fn names_a_clause(before: &str) -> bool {
    let word = before.trim_end().rsplit(' ').next().unwrap_or_default();
    [
        "section",
        "sections",
        "clause",
        "clauses",
        "article",
        "articles",
        "schedule",
        "paragraph",
        "exhibit",
    ]
    .contains(&word.trim_start_matches('(').to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clause_to_practise_with_has_other_counts_and_one_paragraph_less() {
        let clause = "1. 乙方应当在5日内书面通知甲方。\n2. 逾期的，每日按【金额1】元的0.05%支付违约金。\n3. 本合同自2026年起有效。";
        for seed in 0..20 {
            let made = practice(clause, seed);
            assert_eq!(made.lines().count(), 2, "{made}");
            assert!(!made.contains("在5日内"), "{made}");
            assert_eq!(made, practice(clause, seed));
            for line in made.lines() {
                let words = line.split_once(". ").unwrap().1;
                let kept = clause.contains(words) || words.starts_with("乙方应当在");
                assert!(kept, "{words}");
            }
        }
        let other: std::collections::BTreeSet<String> =
            (0..20).map(|seed| practice(clause, seed)).collect();
        assert!(other.len() > 5, "{other:?}");
    }

    #[test]
    fn other_numbers_stay() {
        let kept = "5% of [Amount 2], section 4.2, Clause 7, 100 or 12/24 of A5";
        let made = other_counts(&format!("Within 30 days, {kept}, in 60."), 1);
        assert!(made.contains(kept), "{made}");
        assert!(
            !made.contains("30 days") && !made.contains("in 60."),
            "{made}"
        );
        for kept in [
            "at 5%",
            "利率为5%",
            "5‰",
            "第5条",
            "2026年5月3日",
            "Schedule 3B",
        ] {
            assert_eq!(other_counts(kept, 1), kept);
        }
        assert_eq!(practice("", 0), "");
        assert_eq!(practice("Only this.", 0), "Only this.");
    }
}
