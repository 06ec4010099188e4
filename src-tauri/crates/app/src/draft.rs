//! Drafting without a window: template, answers, chosen clauses → the document's text.

use moqi_document::{
    Answers, Block, BlockKind, Document, HeadingStyle, Language, Template, check_answers,
    instantiate, parse, print, sample_answers,
};

use crate::error::{Error, Result};
use crate::problems;

/// A drafted document, fields still live.
#[derive(Debug, Clone)]
pub struct Drafted {
    /// The text with its fields.
    pub text: String,
    /// The answers it was drafted with.
    pub answers: Answers,
}

/// Instantiates a template. `name` is the file or id for error messages. Answers that cannot be right are refused;
/// missing ones are left open, for the leftover rule to find.
pub fn draft(name: &str, template: &str, answers: &Answers) -> Result<Drafted> {
    let read = Template::parse(template);
    if let Some(problem) = read.problems.first() {
        return Err(problems::as_error(name, problem));
    }
    let faults = check_answers(&read.document.meta, answers);
    if let Some(fault) = faults.iter().find(|fault| !problems::is_missing(fault)) {
        return Err(problems::answer_as_error(fault, &read.document.meta));
    }
    let instance = instantiate(template, answers);
    if let Some(problem) = instance.problems.first() {
        return Err(problems::as_error(name, problem));
    }
    Ok(Drafted {
        text: instance.text,
        answers: answers.clone(),
    })
}

/// The example of every field.
pub fn sample(template: &str) -> Answers {
    sample_answers(&Template::parse(template).document.meta)
}

/// Puts a library clause into a text where clauses end: before schedules, signatures and page breaks, and with its
/// fields declared.
pub fn add_clause(text: &str, clause: &str) -> String {
    let mut document = parse(text);
    let at = end_of_clauses(&document);
    let (blocks, meta_raw) = clause_blocks(&document, clause);
    document.blocks.splice(at..at, blocks);
    document.meta.raw = meta_raw;
    print(&document)
}

/// The blocks of a clause made fit for a document: ids that are taken get a number behind them, and fields that the
/// document has already go by its names, so that they are filled at once. The second part is the document's front
/// matter with the clause's other fields declared.
pub fn clause_blocks(document: &Document, clause: &str) -> (Vec<Block>, Option<String>) {
    let read = parse(clause);
    let taken: Vec<&str> = document
        .blocks
        .iter()
        .filter_map(|block| block.id.as_deref())
        .collect();
    let mut text_blocks = read.blocks.clone();
    let renames: Vec<(String, String)> = text_blocks
        .iter()
        .filter_map(|block| block.id.clone())
        .filter(|id| taken.contains(&id.as_str()))
        .map(|id| {
            let free = (2..)
                .map(|count| format!("{id}-{count}"))
                .find(|name| !taken.contains(&name.as_str()));
            let free = free.expect("the numbers do not end");
            (id, free)
        })
        .collect();
    let same = crate::bind::same(document, &read.meta);
    for block in &mut text_blocks {
        crate::bind::rename(block, &same);
        if let Some(id) = &mut block.id
            && let Some((_, new)) = renames.iter().find(|(old, _)| old == id)
        {
            *id = new.clone();
        }
        crate::fields::for_each_inline_mut(block, &mut |inline| {
            if let moqi_document::InlineKind::Reference(target) = &mut inline.kind
                && let Some((_, new)) = renames.iter().find(|(old, _)| old == target)
            {
                *target = new.clone();
            }
        });
    }
    let raw = crate::fields::declare(document, clause, &read.meta);
    (text_blocks, raw)
}

/// Index of the block before which a further clause goes.
pub fn end_of_clauses(document: &Document) -> usize {
    let ends = |block: &Block| {
        matches!(
            &block.kind,
            BlockKind::Signature(_)
                | BlockKind::PageBreak
                | BlockKind::Heading {
                    style: HeadingStyle::Schedule,
                    ..
                }
        )
    };
    let end = document
        .blocks
        .iter()
        .position(ends)
        .unwrap_or(document.blocks.len());
    // A line such as “（以下无正文）” that leads to the signatures stays with them.
    let mut at = end;
    while at > 0 && at < document.blocks.len() {
        let BlockKind::Paragraph { content, .. } = &document.blocks[at - 1].kind else {
            break;
        };
        let words = moqi_document::plain(content);
        if words.contains("无正文")
            || words.contains("签署页")
            || words.to_lowercase().contains("signature page")
        {
            at -= 1;
        } else {
            break;
        }
    }
    at
}

/// An empty document: a title and an empty paragraph to begin in.
pub fn blank(title: Option<&str>, language: Language) -> String {
    let (tag, fallback) = match language {
        Language::Zh => ("zh", "未命名文件"),
        Language::En => ("en", "Untitled document"),
    };
    let title = title
        .map(str::trim)
        .filter(|title| !title.is_empty())
        .unwrap_or(fallback);
    let quoted = title.replace('\\', "\\\\").replace('"', "\\\"");
    let mut document = parse(&format!("---\ntitle: \"{quoted}\"\nlanguage: {tag}\n---\n"));
    let words = |text: &str| {
        vec![moqi_document::Inline {
            kind: moqi_document::InlineKind::Text(text.to_owned()),
            marks: moqi_document::Marks::default(),
            span: moqi_document::Span::default(),
        }]
    };
    let block = |kind| Block {
        kind,
        id: None,
        span: moqi_document::Span::default(),
    };
    document.blocks = vec![
        block(BlockKind::Title(words(title))),
        block(BlockKind::Paragraph {
            depth: 0,
            quote: false,
            content: Vec::new(),
        }),
    ];
    print(&document)
}

/// A refusal to draft with an unreadable answer file or unknown names, kept beside [`draft`] for the command line.
pub fn no_answers() -> Error {
    Error::input("没有给出答案。", "No answers were given.").hint(
        "用 --answers 文件.json，或 --answers sample 填入示例。",
        "Use --answers FILE.json, or --answers sample for the examples.",
    )
}
