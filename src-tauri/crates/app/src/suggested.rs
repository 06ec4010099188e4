//! What is suggested and not decided on, as tracked changes of a Word file: the fixes of the check, and a proposal of the
//! assistant that stands in the page.

use moqi_document::{Answers, Block, Document, Filled, Span, fill, parse, print};
use moqi_docx::Suggested;

use crate::App;
use crate::desk::Change;

/// Under this name the program suggests.
pub(crate) const AUTHOR: &str = "Moqi";

impl App {
    /// Every open suggestion for a filled text: `changes` speak of `text`, the fixes are found here.
    pub(crate) fn open_suggestions(
        &self,
        text: &str,
        answers: &Answers,
        filled: &Filled,
        document: &Document,
        changes: Vec<Change>,
    ) -> Vec<Suggested> {
        let date = crate::redline::moment(crate::now());
        let suggested = |span, text, comment| Suggested {
            span,
            text,
            author: AUTHOR.to_owned(),
            date: Some(date.clone()),
            comment,
        };
        let source = parse(text);
        let mut all: Vec<Suggested> = changes
            .into_iter()
            .filter_map(|change| {
                let (span, words) = placed(&source, answers, filled, change)?;
                Some(suggested(span, words, None))
            })
            .collect();
        for finding in self.findings_of(document, &filled.text) {
            let Some(fix) = finding.fix else { continue };
            let mut why = Some(finding.message);
            for edit in fix.edits {
                all.push(suggested(edit.span, edit.text, why.take()));
            }
        }
        all
    }
}

/// Where a change of whole blocks stands in the filled text, and what it says there.
fn placed(
    source: &Document,
    answers: &Answers,
    filled: &Filled,
    change: Change,
) -> Option<(Span, String)> {
    let Change {
        from,
        remove,
        insert,
    } = change;
    let words = in_words(source, answers, insert);
    let blocks = source.blocks.get(from..from.checked_add(remove)?)?;
    if let (Some(first), Some(last)) = (blocks.first(), blocks.last()) {
        let span = Span {
            start: forward(filled, first.span.start)?,
            end: forward(filled, last.span.end)?,
        };
        return Some((span, words));
    }
    // Blocks that only come stand before the next one, or behind the last.
    let (at, words) = match source.blocks.get(from) {
        Some(next) => (forward(filled, next.span.start)?, format!("{words}\n\n")),
        None => {
            let last = source.blocks.last()?;
            (forward(filled, last.span.end)?, format!("\n\n{words}"))
        }
    };
    Some((Span { start: at, end: at }, words))
}

/// Blocks as they read with these answers.
fn in_words(source: &Document, answers: &Answers, blocks: Vec<Block>) -> String {
    let with_fields = print(&Document {
        meta: source.meta.clone(),
        blocks,
        ..Document::default()
    });
    let read = parse(&fill(&with_fields, answers).text);
    let words = print(&Document {
        blocks: read.blocks,
        ..Document::default()
    });
    words.trim().to_owned()
}

/// A place of the source in the filled text; `None` inside of what was replaced by a value.
fn forward(filled: &Filled, at: usize) -> Option<usize> {
    let piece = filled.pieces.iter().find(|piece| match piece.value {
        false => piece.source.start <= at && at <= piece.source.end,
        true => at == piece.source.start || at == piece.source.end,
    })?;
    Some(match piece.value {
        false => piece.filled.start + (at - piece.source.start),
        true if at == piece.source.start => piece.filled.start,
        true => piece.filled.end,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Home, Language, Wish};
    use moqi_docx::{Changes, ReadOptions};

    const TEXT: &str = "---\nlanguage: zh\nfields:\n  buyer: {type: text, label: 买方}\n---\n\n# 合同\n\n## 价款\n\n1. {{buyer}}应支付人民币壹佰万元整（¥1,200,000.00）。\n\n## 交货\n\n1. 另议。\n";

    #[test]
    fn fixes_and_a_proposal_are_tracked_changes_by_the_program() {
        let folder = tempfile::tempdir().unwrap();
        let app = App::open(Home::at(folder.path().join("home")).unwrap(), Language::Zh).unwrap();
        let answers =
            crate::answers::from_json_text(r#"{"buyer": "江南有限公司"}"#, "answers").unwrap();
        let source = parse(TEXT);
        let last = source.blocks.len() - 1;
        let change = Change {
            from: last,
            remove: 1,
            insert: parse("1. 甲方应于签订之日起三十日内向{{buyer}}交货。\n").blocks,
        };
        let wish = Wish {
            suggestions: true,
            ..Wish::default()
        };
        let beside = crate::export::Beside {
            changes: vec![change],
            ..Default::default()
        };
        let word = app.word_with(TEXT, &answers, &wish, beside).unwrap();
        assert!(word.warnings.is_empty(), "{:?}", word.warnings);
        let side = |changes| {
            moqi_docx::read_with(&word.bytes, &ReadOptions::with_changes(changes))
                .unwrap()
                .value
        };
        let (old, new) = (side(Changes::Rejected), side(Changes::Accepted));
        assert!(old.text.contains("另议") && old.text.contains("壹佰万元整（¥1,200,000.00）"));
        assert!(
            new.text.contains("向江南有限公司交货") && !new.text.contains("另议"),
            "{}",
            new.text
        );
        assert!(new.text.contains("壹佰贰拾万元整"), "{}", new.text);
        assert!(new.changes.iter().all(|change| change.author == "Moqi"));
        assert!(!new.comments.is_empty(), "the finding says why");
    }

    #[test]
    fn blocks_that_only_come_stand_between_their_neighbours() {
        let filled = fill(TEXT, &Answers::new());
        let source = parse(TEXT);
        for from in 0..=source.blocks.len() {
            let change = Change {
                from,
                remove: 0,
                insert: parse("新的一段。\n").blocks,
            };
            let (span, words) = placed(&source, &Answers::new(), &filled, change).unwrap();
            let mut text = filled.text.clone();
            text.replace_range(span.start..span.end, &words);
            let blocks = parse(&text).blocks;
            assert_eq!(blocks.len(), source.blocks.len() + 1, "{text}");
        }
    }
}
