//! What the model is told, and what becomes of its words.

use moqi_document::{Block, BlockKind, Document, Language, parse};

/// What the assistant is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Write the clause under a heading.
    Draft,
    /// Go on after a paragraph.
    Continue,
    /// Write a paragraph again.
    Rewrite,
}

/// What the model needs to know, as plain words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Title of the document.
    pub title: String,
    /// Headings in order.
    pub outline: Vec<String>,
    /// Heading of the clause at hand.
    pub heading: String,
    /// Text of the clause before the place, or the paragraph to write again.
    pub passage: String,
    /// What the lawyer asks.
    pub instruction: String,
    /// The nearest clause of the library, filled.
    pub precedent: Option<String>,
}

/// Longest passage handed over, in characters: a small model loses the thread in more, and reading costs time.
const LONGEST_PASSAGE: usize = 1200;

/// Longest precedent handed over, in characters: a Chinese one says about as much as two others.
fn longest_precedent(language: Language) -> usize {
    match language {
        Language::Zh => LONGEST_PASSAGE / 2,
        Language::En => LONGEST_PASSAGE,
    }
}

/// The system and user messages of a request.
pub fn messages(task: Task, language: Language, context: &Context) -> (String, String) {
    let passage = tail(&context.passage, LONGEST_PASSAGE);
    // A small model writes sound law only where it has sound law to change.
    let precedent = context
        .precedent
        .as_deref()
        .map(|text| head(text, longest_precedent(language)))
        .filter(|text| !text.is_empty() && task != Task::Rewrite);
    let outline = context.outline.join(if language == Language::Zh {
        "、"
    } else {
        "; "
    });
    let mut user = String::new();
    match language {
        Language::Zh => {
            user.push_str(&format!(
                "文件：《{}》。\n条款目录：{outline}。\n当前条款：{}。\n",
                context.title, context.heading
            ));
            if !passage.is_empty() {
                user.push_str(&format!("现有文字：\n{passage}\n"));
            }
            if let Some(precedent) = precedent {
                user.push_str(&format!("条款库范例：\n{precedent}\n"));
            }
            user.push_str(match task {
                Task::Draft if precedent.is_some() && context.instruction.is_empty() => {
                    "请把范例改成适合本文件的条款正文，其余文字保持不变。"
                }
                Task::Draft if precedent.is_some() => {
                    "请按要求修改范例，作为当前条款的正文，其余文字保持不变。"
                }
                Task::Draft => "请写出当前条款的正文。",
                Task::Continue => "请接着现有文字往下写一段。",
                Task::Rewrite => "请改写现有文字，使其更清楚、更完整，含义不变。",
            });
            if !context.instruction.is_empty() {
                user.push_str(&format!(
                    "要求：{}。",
                    context.instruction.trim_end_matches(['。', '.'])
                ));
            }
        }
        Language::En => {
            user.push_str(&format!(
                "Document: {}.\nClauses: {outline}.\nClause at hand: {}.\n",
                context.title, context.heading
            ));
            if !passage.is_empty() {
                user.push_str(&format!("Existing text:\n{passage}\n"));
            }
            if let Some(precedent) = precedent {
                user.push_str(&format!("Clause of the library:\n{precedent}\n"));
            }
            user.push_str(match task {
                Task::Draft if precedent.is_some() && context.instruction.is_empty() => {
                    "Change the clause of the library so that it fits this document. Keep its wording otherwise."
                }
                Task::Draft if precedent.is_some() => {
                    "Change the clause of the library so that it meets the instruction. Keep its wording otherwise."
                }
                Task::Draft => "Write the text of the clause at hand.",
                Task::Continue => "Continue the existing text with one more paragraph.",
                Task::Rewrite => "Rewrite the existing text so that it is clearer and complete, with the same meaning.",
            });
            if !context.instruction.is_empty() {
                user.push_str(&format!(
                    " Instruction: {}.",
                    context.instruction.trim_end_matches(['。', '.'])
                ));
            }
        }
    }
    let system = match language {
        Language::Zh => {
            "你是严谨的合同起草律师。只输出条款正文，不解释，不重复标题，不写编号，用语规范、前后一致。"
        }
        Language::En => {
            "You are a careful contract lawyer. Reply with the wording of the clause only: no explanation, no heading, no numbers. \
             Use precise, consistent legal English."
        }
    };
    (system.to_owned(), user)
}

/// The first `limit` characters, to the end of a line where there is one.
fn head(text: &str, limit: usize) -> &str {
    let Some((cut, _)) = text.char_indices().nth(limit) else {
        return text;
    };
    let part = &text[..cut];
    part.rfind('\n').map_or(part, |at| &part[..at])
}

/// The last `limit` characters, from the start of a sentence where there is one.
fn tail(text: &str, limit: usize) -> &str {
    let count = text.chars().count();
    if count <= limit {
        return text;
    }
    let cut = text
        .char_indices()
        .nth(count - limit)
        .map_or(0, |(at, _)| at);
    let rest = &text[cut..];
    let sentence = rest
        .find(['。', '\n'])
        .map(|at| at + rest[at..].chars().next().map_or(1, char::len_utf8));
    sentence.map_or(rest, |at| &rest[at..])
}

/// The model's words as blocks: its headings, bullets of emphasis and typed numbers are chatter, its paragraphs and lists are text.
pub fn blocks(words: &str, heading: &str) -> Vec<Block> {
    let mut kept: Vec<Block> = Vec::new();
    let mut said = std::collections::HashSet::new();
    for mut block in parse(&without_chatter(words)).blocks {
        match &mut block.kind {
            BlockKind::Title(content) | BlockKind::Heading { content, .. } => {
                let same = moqi_document::plain(content)
                    .trim()
                    .eq_ignore_ascii_case(heading.trim());
                if same || kept.is_empty() {
                    continue;
                }
                let content = std::mem::take(content);
                block.kind = BlockKind::Paragraph {
                    depth: 0,
                    quote: false,
                    content,
                };
            }
            BlockKind::Paragraph { quote, .. } => *quote = false,
            BlockKind::Item { .. } | BlockKind::Table(_) => {}
            BlockKind::Signature(_)
            | BlockKind::PageBreak
            | BlockKind::Footnote { .. }
            | BlockKind::Verbatim(_) => continue,
        }
        // A number with nothing behind it: there the answer broke off.
        if let BlockKind::Item { content, .. } = &block.kind
            && moqi_document::plain(content).trim().is_empty()
        {
            continue;
        }
        block.id = None;
        // A small model that has nothing more to say says the same again; once is enough.
        let words = print_one(&block);
        if !said.insert(words) {
            break;
        }
        kept.push(block);
    }
    kept
}

/// The words without what small models put around them: quotation marks about the whole, and “Clause 1.” before a line.
fn without_chatter(words: &str) -> String {
    let trimmed = words.trim();
    let inner = [('"', '"'), ('“', '”'), ('「', '」')]
        .iter()
        .find_map(|(open, close)| trimmed.strip_prefix(*open)?.strip_suffix(*close))
        .filter(|inner| !inner.contains(['"', '“', '”']))
        .unwrap_or(trimmed);
    let lines = inner.lines().map(|line| {
        let rest = ["Clause ", "Section ", "Article "]
            .iter()
            .find_map(|name| line.trim_start().strip_prefix(name));
        let after = rest.map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
        match (rest, after.and_then(|after| after.strip_prefix(['.', ':']))) {
            (Some(rest), Some(words)) if !rest.starts_with(['.', ':']) => words.trim_start(),
            _ => line,
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn print_one(block: &Block) -> String {
    moqi_document::print(&Document {
        blocks: vec![block.clone()],
        ..Document::default()
    })
}

/// The text of some blocks, a line each, for the model to read.
pub fn reading(document: &Document, blocks: std::ops::Range<usize>) -> String {
    let mut text = String::new();
    for block in document.blocks.get(blocks).unwrap_or_default() {
        let words = match &block.kind {
            BlockKind::Title(content)
            | BlockKind::Heading { content, .. }
            | BlockKind::Item { content, .. }
            | BlockKind::Paragraph { content, .. }
            | BlockKind::Footnote { content, .. } => moqi_document::plain(content),
            BlockKind::Table(table) => {
                let rows = table.rows.iter().map(|row| {
                    row.iter()
                        .map(|cell| moqi_document::plain(&cell.content))
                        .collect::<Vec<_>>()
                        .join(" | ")
                });
                rows.collect::<Vec<_>>().join("\n")
            }
            BlockKind::Signature(_) | BlockKind::PageBreak | BlockKind::Verbatim(_) => continue,
        };
        text.push_str(&words);
        text.push('\n');
    }
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use moqi_document::print;

    #[test]
    fn chatter_of_a_model_is_dropped_and_its_text_kept() {
        let words = "## Confidentiality\n\n**Confidentiality**: each party shall keep it secret.\n\n1. First.\n2. Second.\n\n```\ncode\n```\n";
        let document = Document {
            blocks: blocks(words, "Confidentiality"),
            ..Document::default()
        };
        assert_eq!(
            print(&document).trim(),
            "**Confidentiality**: each party shall keep it secret.\n\n1. First.\n2. Second."
        );
        // Numbers that nothing follows are none.
        let words = |text| blocks(text, "").iter().map(print_one).collect::<String>();
        assert_eq!(words("1. First.\n2. \n").trim(), "1. First.");
        assert_eq!(words("1. "), "");
    }

    #[test]
    fn quotation_marks_and_typed_names_of_a_clause_are_dropped() {
        let cases = [
            (
                "\"Clause 1. Each party may end it.\"",
                "Each party may end it.",
            ),
            ("“Each party may end it.”", "Each party may end it."),
            ("Clause 12: One.\n\nSection 3. Two.", "One.\n\nTwo."),
            (
                "\"A\" means one. \"B\" means \"two\"",
                "\"A\" means one. \"B\" means \"two\"",
            ),
            ("Clause 3 applies.", "Clause 3 applies."),
        ];
        for (words, wanted) in cases {
            assert_eq!(without_chatter(words), wanted);
        }
    }

    #[test]
    fn a_draft_with_a_precedent_changes_the_precedent() {
        let context = Context {
            title: "NDA".into(),
            outline: Vec::new(),
            heading: "Termination".into(),
            passage: String::new(),
            instruction: "thirty days".into(),
            precedent: Some("Either party may terminate on three months’ notice.".into()),
        };
        let (_, user) = messages(Task::Draft, Language::En, &context);
        assert!(
            user.contains("three months’ notice.\nChange the clause"),
            "{user}"
        );
        let (_, user) = messages(Task::Rewrite, Language::En, &context);
        assert!(!user.contains("three months"), "{user}");
        assert_eq!(head("one\ntwo\nthree", 9), "one\ntwo");
        assert_eq!(head("one", 9), "one");
    }

    #[test]
    fn a_long_passage_is_cut_at_a_sentence() {
        let text = format!("{}。最后一句。", "长".repeat(50));
        assert_eq!(tail(&text, 10), "最后一句。");
        assert_eq!(tail("短句。", 10), "短句。");
    }

    #[test]
    fn the_request_names_document_clause_and_wish() {
        let context = Context {
            title: "保密协议".into(),
            outline: vec!["定义".into(), "保密义务".into()],
            heading: "保密义务".into(),
            passage: String::new(),
            instruction: "期限三年。".into(),
            precedent: None,
        };
        let (_, user) = messages(Task::Draft, Language::Zh, &context);
        assert!(
            user.contains("《保密协议》")
                && user.contains("定义、保密义务")
                && user.contains("要求：期限三年。"),
            "{user}"
        );
        assert!(!user.contains("现有文字"));
    }
}
