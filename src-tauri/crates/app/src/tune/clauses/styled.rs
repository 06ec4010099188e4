//! Clauses in heading styles. Word's headings carry the numbers of many contracts, so that whole clauses are set in
//! them: `2.1 Support. The Provider gives support …` is text, and the heading is the one above it.

use std::borrow::Cow;

use moqi_document::{Block, BlockKind, Document, HeadingStyle, plain};

use super::{
    LONGEST_HEADING, LONGEST_HEADING_ZH, ends_as_sentence, is_han, is_named, run_in_heading,
};

/// The document with such clauses as items below the heading before them, as deep as their level is below its.
pub(super) fn clauses_as_items(document: &Document) -> Cow<'_, Document> {
    if !document.blocks.iter().any(is_clause) {
        return Cow::Borrowed(document);
    }
    let mut document = document.clone();
    let mut above = 0;
    for block in &mut document.blocks {
        let clause = is_clause(block);
        let BlockKind::Heading { level, content, .. } = &mut block.kind else {
            continue;
        };
        if !clause {
            above = *level;
            continue;
        }
        block.kind = BlockKind::Item {
            depth: level.saturating_sub(above + 1),
            ordered: true,
            content: std::mem::take(content),
        };
    }
    Cow::Owned(document)
}

fn is_clause(block: &Block) -> bool {
    match &block.kind {
        BlockKind::Heading {
            style: HeadingStyle::Numbered | HeadingStyle::Plain,
            content,
            ..
        } => is_sentence(plain(content).trim()),
        _ => false,
    }
}

/// Whether words say something and name nothing: too long for a heading, going on in what follows, or ended by a stop.
/// `Survival.` is a heading that somebody ended with one.
fn is_sentence(text: &str) -> bool {
    let (most, names) = match text.chars().any(is_han) {
        true => (2 * LONGEST_HEADING_ZH, text.chars().count() <= 12),
        false => (LONGEST_HEADING, is_named(text)),
    };
    text.chars().nth(most).is_some()
        || ends_as_sentence(text)
        || text.ends_with([':', '：']) && !names
        || text.ends_with('.') && (!names || run_in_heading(text).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_names_and_a_clause_says() {
        for text in [
            "Term & Termination",
            "Survival.",
            "Definitions:",
            "Who pays the costs?",
            "定义：",
            "Schedule 1: Services",
            "第三条 违约责任",
            "附件一：货物清单",
            "第五条 甲方对乙方提供的技术资料、商业秘密及其他未公开信息的保密义务与例外",
        ] {
            assert!(!is_sentence(text), "{text}");
        }
        for text in [
            "Fees. All Fees are due at once.",
            "if the other party fails to cure a material breach following 30 days notice;",
            "Either party may terminate the Agreement immediately:",
            "Customer will no longer have any right to use the Product.",
            "甲方应当在三日内付款。",
            "有下列情形之一的，甲方可以解除合同：",
        ] {
            assert!(is_sentence(text), "{text}");
        }
    }
}
