//! A document becomes examples: the requests that drafting makes, each with the words the firm wrote there.

use std::collections::HashSet;
use std::sync::Arc;

use moqi_document::{Block, BlockKind, Document, Inline, InlineKind, Language, Marks, print};

use super::clauses::{Part, parts};
use super::example::{Example, Lesson};
use super::words::{draw, hash};
use crate::prompt::{self, Task};

/// What the examples of a document have in common.
pub(super) struct About<'a> {
    pub source: usize,
    pub title: &'a str,
    pub kind: Option<String>,
    pub language: Language,
    /// Longest wanted text, in bytes.
    pub longest: usize,
    pub seed: u64,
}

/// Wanted texts of fewer bytes teach nothing.
pub(super) const SHORTEST: usize = 16;
/// One of so many whole clauses is also asked for by a paragraph. Where it was each of them, half of all answers ended after one
/// paragraph, and so did whole clauses that were asked for afterwards.
const GOES_ON: u64 = 3;
/// Paragraphs before the place that are looked at.
const READ: usize = 40;
/// Clauses that the request lists; as drafting does.
const OUTLINE: usize = 40;

/// The examples of a document, in its order, none twice.
pub(super) fn examples(document: &Document, about: &About<'_>) -> Vec<Example> {
    let found = parts(document);
    let title = found.title.as_deref().unwrap_or(about.title);
    let (of_rows, own): (Vec<&Part>, Vec<&Part>) = found.parts.iter().partition(|p| p.of_row);
    let headed: Vec<&Part> = own
        .iter()
        .copied()
        .filter(|p| !p.heading.is_empty())
        .collect();
    // As drafting lists them: without the rows of tables.
    let outline: Arc<[String]> = headed
        .iter()
        .take(OUTLINE)
        .map(|p| p.heading.clone())
        .collect();
    let mut made = Made {
        about,
        title,
        outline,
        all: Vec::new(),
        seen: HashSet::new(),
    };
    match headed.is_empty() {
        // Without headings there is nothing to be asked for but how it goes on.
        true => own.into_iter().for_each(|part| made.passages(part)),
        false => headed.into_iter().for_each(|part| made.clause(part)),
    }
    of_rows.into_iter().for_each(|part| made.clause(part));
    made.all
}

struct Made<'a> {
    about: &'a About<'a>,
    title: &'a str,
    outline: Arc<[String]>,
    all: Vec<Example>,
    seen: HashSet<String>,
}

impl Made<'_> {
    /// A clause: its text as far as an answer reaches, then each further paragraph from what stands before it. Of some
    /// clauses that are learned whole, one paragraph is asked for as well.
    fn clause(&mut self, part: &Part) {
        let body = short(&part.body, self.about.longest);
        if body.is_empty() {
            return;
        }
        let mut fitting = 1;
        while fitting < body.len() && written(&body[..=fitting]).len() <= self.about.longest {
            fitting += 1;
        }
        self.add(Task::Draft, &part.heading, &[], &body[..fitting]);
        if fitting < body.len() {
            for at in fitting..body.len() {
                self.go_on(&part.heading, &body, at);
            }
        } else if body.len() > 1 {
            let drawn = draw(self.about.seed, &["continue", self.title, &part.heading]);
            if drawn.is_multiple_of(GOES_ON) {
                let at = 1 + (drawn / GOES_ON % (body.len() as u64 - 1)) as usize;
                self.go_on(&part.heading, &body, at);
            }
        }
    }

    /// Each paragraph from what stands before it.
    fn passages(&mut self, part: &Part) {
        let body = short(&part.body, self.about.longest);
        for at in 1..body.len() {
            self.go_on(&part.heading, &body, at);
        }
    }

    /// One paragraph from what stands before it. The request keeps the end of what it is given; older words would be
    /// read in vain.
    fn go_on(&mut self, heading: &str, body: &[Block], at: usize) {
        let before = &body[at.saturating_sub(READ)..at];
        self.add(Task::Continue, heading, before, &body[at..=at]);
    }

    fn add(&mut self, task: Task, heading: &str, before: &[Block], wanted: &[Block]) {
        let wanted = written(wanted);
        // What drafting would read as something else is not taught.
        let kept = prompt::blocks(&wanted, heading);
        if wanted.len() < SHORTEST || written(&kept) != wanted {
            return;
        }
        let passage = Document {
            blocks: before.to_vec(),
            ..Document::default()
        };
        let mut made = Example {
            source: self.about.source,
            title: self.title.to_owned(),
            heading: heading.to_owned(),
            kind: self.about.kind.clone(),
            language: self.about.language,
            lesson: match task {
                Task::Continue => Lesson::Continue,
                _ => Lesson::Draft,
            },
            outline: Arc::clone(&self.outline),
            passage: prompt::reading(&passage, 0..before.len()),
            precedent: None,
            system: String::new(),
            user: String::new(),
            wanted,
            hash: String::new(),
            wording: None,
        };
        (made.system, made.user) = made.bare();
        made.hash = hash(&[&made.system, &made.user, &made.wanted]);
        if self.seen.insert(made.hash.clone()) {
            self.all.push(made);
        }
    }
}

/// Blocks as the model writes them.
pub(super) fn written(blocks: &[Block]) -> String {
    let print = |blocks: Vec<Block>| {
        let document = Document {
            blocks,
            ..Document::default()
        };
        print(&document).trim().to_owned()
    };
    let text = print(blocks.to_vec());
    // Where Markdown cannot say bold by asterisks, it is not said.
    match text.contains("<strong>") {
        false => text,
        true => print(blocks.iter().map(plainly).collect()),
    }
}

fn plainly(block: &Block) -> Block {
    let mut block = block.clone();
    if let BlockKind::Item { content, .. } | BlockKind::Paragraph { content, .. } = &mut block.kind
    {
        for inline in content {
            inline.marks = Marks::default();
        }
    }
    block
}

/// Blocks of which none is longer than an answer: long ones are cut behind a sentence, and where there is none, behind a
/// word.
fn short(blocks: &[Block], longest: usize) -> Vec<Block> {
    let mut out = Vec::with_capacity(blocks.len());
    for block in blocks {
        let (depth, content) = match &block.kind {
            BlockKind::Item { depth, content, .. } => (*depth + 1, content),
            BlockKind::Paragraph { depth, content, .. } => (*depth, content),
            _ => continue,
        };
        let text = moqi_document::plain(content);
        if text.len() <= longest {
            out.push(block.clone());
            continue;
        }
        for (i, piece) in pieces(&text, longest).into_iter().enumerate() {
            let content = vec![Inline {
                kind: InlineKind::Text(piece.to_owned()),
                marks: Marks::default(),
                span: block.span,
            }];
            let kind = match (&block.kind, i) {
                (BlockKind::Item { depth, ordered, .. }, 0) => BlockKind::Item {
                    depth: *depth,
                    ordered: *ordered,
                    content,
                },
                _ => BlockKind::Paragraph {
                    depth,
                    quote: false,
                    content,
                },
            };
            out.push(Block {
                kind,
                id: None,
                span: block.span,
            });
        }
    }
    out
}

/// A text in pieces of at most `longest` bytes.
fn pieces(text: &str, longest: usize) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = text.trim();
    while rest.len() > longest {
        let mut limit = longest;
        while !rest.is_char_boundary(limit) {
            limit -= 1;
        }
        let head = &rest[..limit];
        let sentence = head
            .rmatch_indices(['。', '；', ';', '.'])
            .find(|(at, sign)| *sign != "." || rest[at + 1..].starts_with(' '))
            .map(|(at, sign)| at + sign.len());
        let word = || head.rfind(' ').map(|at| at + 1);
        let cut = sentence
            .or_else(word)
            .filter(|cut| *cut > 0)
            .unwrap_or(limit);
        // A longest of less than one character could not cut at all.
        let cut = match cut {
            0 => rest.chars().next().map_or(rest.len(), char::len_utf8),
            cut => cut,
        };
        out.push(rest[..cut].trim_end());
        rest = rest[cut..].trim_start();
    }
    if !rest.is_empty() {
        out.push(rest);
    }
    out.retain(|piece| !piece.is_empty());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::{Context, messages};
    use moqi_document::parse;

    fn made(text: &str, longest: usize) -> Vec<Example> {
        seeded(text, longest, 1)
    }

    fn seeded(text: &str, longest: usize, seed: u64) -> Vec<Example> {
        let about = About {
            source: 7,
            title: "file",
            kind: Some("sale".into()),
            language: Language::Zh,
            longest,
            seed,
        };
        examples(&parse(text), &about)
    }

    const SALE: &str = "# 买卖合同\n\n## 标的\n\n甲方向乙方出售机床一台。\n\n规格见附件。机床应当符合标准。\n\n## 价款\n\n价款为【金额1】元，分两期支付。\n";

    #[test]
    fn a_clause_is_asked_for_as_drafting_asks() {
        // Of one in three seeds or so a paragraph of the first clause is asked for as well.
        let all: Vec<_> = (0..90).map(|seed| seeded(SALE, 1000, seed)).collect();
        let further = all.iter().filter(|all| all.len() == 3).count();
        assert!((20..40).contains(&further), "{further}");
        assert!(all.iter().all(|all| all.len() == 2 || all.len() == 3));
        let all = all.into_iter().find(|all| all.len() == 3).unwrap();
        let lessons: Vec<_> = all.iter().map(|e| (e.lesson, e.heading.as_str())).collect();
        assert_eq!(
            lessons,
            [
                (Lesson::Draft, "标的"),
                (Lesson::Continue, "标的"),
                (Lesson::Draft, "价款")
            ]
        );
        let context = Context {
            title: "买卖合同".into(),
            outline: vec!["标的".into(), "价款".into()],
            heading: "标的".into(),
            passage: String::new(),
            instruction: String::new(),
            precedent: None,
        };
        let asked = messages(Task::Draft, Language::Zh, &context);
        assert_eq!((&all[0].system, &all[0].user), (&asked.0, &asked.1));
        assert_eq!(
            all[0].wanted,
            "甲方向乙方出售机床一台。\n\n规格见附件。机床应当符合标准。"
        );
        assert!(
            all[1]
                .user
                .contains("现有文字：\n甲方向乙方出售机床一台。\n")
        );
        assert_eq!(all[1].wanted, "规格见附件。机床应当符合标准。");
        assert_eq!(all[2].wanted, "价款为【金额1】元，分两期支付。");
        assert_eq!((all[0].source, all[0].kind.as_deref()), (7, Some("sale")));
    }

    #[test]
    fn a_long_clause_is_cut_at_its_paragraphs_and_nothing_of_it_is_lost() {
        let all = made(SALE, 60);
        let told: Vec<_> = all
            .iter()
            .filter(|e| e.heading == "标的")
            .map(|e| e.wanted.as_str())
            .collect();
        assert_eq!(
            told,
            ["甲方向乙方出售机床一台。", "规格见附件。机床应当符合标准。"]
        );
        let long = format!(
            "# 长\n\n## 一\n\n{}\n",
            "这是一句话，有十个字以上。".repeat(40)
        );
        let all = made(&long, 200);
        assert!(all.iter().all(|e| e.wanted.len() <= 200), "{all:?}");
        let whole: String = all.iter().map(|e| e.wanted.as_str()).collect();
        assert_eq!(whole, "这是一句话，有十个字以上。".repeat(40));
    }

    #[test]
    fn a_text_without_headings_is_learned_passage_by_passage() {
        let all = made(
            "来函收悉，现就贵方提出的问题答复如下：\n\n第一个问题的答复是可以。\n\n第二个问题的答复是不可以。\n",
            1000,
        );
        let told: Vec<_> = all.iter().map(|e| e.wanted.as_str()).collect();
        assert_eq!(
            told,
            ["第一个问题的答复是可以。", "第二个问题的答复是不可以。"]
        );
        assert!(all.iter().all(|e| e.lesson == Lesson::Continue));
    }

    #[test]
    fn what_is_made_of_hostile_clauses_grows_no_faster_than_they_do_and_nothing_panics() {
        for text in [
            format!("# T\n\n## A\n\n{}", "1. x y z w v u\n".repeat(20_000)),
            format!("# T\n\n{}", "## A\n\ntext of it.\n\n".repeat(10_000)),
            format!("# T\n\n## A\n\n&nbsp;{}\n", "&nbsp;".repeat(2000)),
            format!("{}\n", "（一）".repeat(20_000)),
            "# \n\n## \n\n1. \n".to_owned(),
            String::new(),
        ] {
            let all = made(&text, 1400);
            // Words are asked for twice at most, and each request reads so many lines before them.
            let wanted: usize = all.iter().map(|one| one.wanted.len()).sum();
            let read = all.iter().map(|one| one.passage.lines().count()).max();
            assert!(wanted <= 2 * text.len(), "{wanted} of {}", text.len());
            assert!(read.unwrap_or(0) <= READ, "{read:?}");
            let _ = made(&text[..text.len().min(3000)], 0);
        }
    }

    #[test]
    fn pieces_cover_any_text() {
        for text in [
            "aaaaaaaaaaaaaaaaaaaa",
            "一二三四五六七八九十",
            "a. b. c. d",
            "",
            " . . ",
        ] {
            for longest in [1, 2, 3, 7, 100] {
                let found = pieces(text, longest);
                let strip = |text: &str| text.replace(' ', "");
                assert_eq!(strip(&found.concat()), strip(text), "{text} {longest}");
            }
        }
    }

    #[test]
    fn every_shipped_template_gives_examples_that_drafting_would_keep_as_they_are() {
        let mut count = 0;
        for text in crate::shipped::templates() {
            let given = [super::super::tests::given(text)];
            let read = super::super::sources::read_all(&given, None, &[], &mut |_| {
                std::ops::ControlFlow::Continue(())
            });
            let source = &read.documents[0];
            let about = About {
                source: 0,
                title: &source.title,
                kind: None,
                language: source.language,
                longest: 1400,
                seed: 0,
            };
            let all = examples(&parse(&source.text), &about);
            assert!(all.len() >= 4, "{}: {}", text.file, all.len());
            for example in &all {
                let again = prompt::blocks(&example.wanted, &example.heading);
                assert_eq!(written(&again), example.wanted);
                assert!(!example.wanted.contains("{{") && !example.wanted.contains("](#"));
                assert!(example.wanted.len() <= 1400 + 400);
            }
            count += all.len();
        }
        assert!(count > 300, "{count}");
    }
}
