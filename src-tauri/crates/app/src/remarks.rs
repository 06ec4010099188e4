//! Comments of the file a document was imported from: shown beside the text, and kept when it is exported again.

use std::path::Path;

use moqi_document::{Document, Prose, Span};
use moqi_docx::{Comment, ReadComment, Remark};

use crate::error::Result;
use crate::{App, read};

/// A comment with its answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// The words it stands at; empty for one at a point.
    pub quoted: String,
    /// The comment, then its answers.
    pub said: Vec<Said>,
    /// It is marked as done.
    pub done: bool,
}

/// What somebody says in a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Who.
    pub author: String,
    /// The author's initials.
    pub initials: String,
    /// When, as the file writes it.
    pub date: Option<String>,
    /// What; lines are paragraphs.
    pub text: String,
}

impl App {
    /// The comments of the file a document was imported from; none where it was not.
    ///
    /// # Errors
    /// The memory refuses.
    pub fn remarks(&self, id: &str) -> Result<Vec<Thread>> {
        let Some(original) = self.original(id)? else {
            return Ok(Vec::new());
        };
        // It was read once; a file that cannot be read any more has nothing to say.
        let read = read::read_bytes(Path::new(&original.name), original.bytes);
        Ok(read.map_or_else(|_| Vec::new(), |file| threads(&file.word.comments)))
    }
}

fn threads(comments: &[ReadComment]) -> Vec<Thread> {
    let said = |comment: &ReadComment| Said {
        author: comment.author.clone(),
        initials: comment.initials.clone(),
        date: comment.date.clone(),
        text: comment.text.clone(),
    };
    let mut all: Vec<Thread> = Vec::new();
    // Which thread each comment belongs to; an answer to an answer is in the thread of the first.
    let mut of = vec![usize::MAX; comments.len()];
    for (index, comment) in comments.iter().enumerate() {
        let parent = comment.parent.and_then(|parent| of.get(parent).copied());
        match parent.and_then(|parent| Some((parent, all.get_mut(parent)?))) {
            Some((parent, thread)) => {
                thread.said.push(said(comment));
                of[index] = parent;
            }
            None => {
                of[index] = all.len();
                all.push(Thread {
                    quoted: comment.quoted.clone(),
                    said: vec![said(comment)],
                    done: comment.done,
                });
            }
        }
    }
    all
}

/// The threads as comments of a document, each at its words. What stands nowhere any more stays at the beginning, so that
/// nobody's remark is lost.
pub(crate) fn placed(threads: Vec<Thread>, document: &Document) -> Vec<Comment> {
    let proses: Vec<Prose> = document.blocks.iter().flat_map(Prose::of).collect();
    let start = document.blocks.first().map_or(0, |block| block.span.start);
    let mut from = 0;
    threads
        .into_iter()
        .map(|thread| {
            let found = find(&proses, &thread.quoted, &mut from);
            let mut said = thread.said.into_iter().map(|said| Remark {
                author: said.author,
                initials: said.initials,
                date: said.date,
                text: said.text,
            });
            Comment {
                span: found.unwrap_or(Span { start, end: start }),
                remark: said.next().unwrap_or_default(),
                replies: said.collect(),
                done: thread.done,
            }
        })
        .collect()
}

/// Where words stand: behind the comment before, else anywhere. Of words over several paragraphs, those of the first.
fn find(proses: &[Prose], quoted: &str, from: &mut usize) -> Option<Span> {
    let words = quoted
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())?;
    let order = (*from..proses.len()).chain(0..(*from).min(proses.len()));
    for index in order {
        let prose = proses.get(index)?;
        if let Some(at) = prose.text.find(words) {
            *from = index;
            return Some(prose.source(at..at + words.len()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Home, Language, Wish};
    use moqi_docx::{Attached, Look, write_with};

    const TEXT: &str = "# 租赁合同\n\n## 租金\n\n1. 月租金为**五千元**，按季支付。\n2. 逾期支付的，按日加收违约金。\n";

    fn remark(author: &str, text: &str) -> Remark {
        Remark {
            author: author.into(),
            initials: "W".into(),
            date: Some("2026-11-23T09:00:00Z".into()),
            text: text.into(),
        }
    }

    fn commented() -> Vec<u8> {
        let span = |words: &str| {
            let start = TEXT.find(words).unwrap();
            Span {
                start,
                end: start + words.len(),
            }
        };
        let comments = vec![
            Comment {
                span: span("**五千元**，按季"),
                remark: remark("王律师", "请确认租金。"),
                replies: vec![remark("李律师", "已确认。")],
                done: true,
            },
            Comment {
                span: span("违约金"),
                remark: remark("李律师", "比例？"),
                replies: Vec::new(),
                done: false,
            },
        ];
        let document = moqi_document::parse(TEXT);
        let attached = Attached {
            comments,
            ..Attached::default()
        };
        write_with(&document, &Look::for_document(&document), &attached)
            .unwrap()
            .value
    }

    #[test]
    fn comments_are_shown_and_stay_with_their_words_when_the_document_leaves_again() {
        let folder = tempfile::tempdir().unwrap();
        let app = App::open(Home::at(folder.path().join("home")).unwrap(), Language::Zh).unwrap();
        let path = folder.path().join("a.docx");
        std::fs::write(&path, commented()).unwrap();
        let id = app.import_file(&path).unwrap().document.id;
        app.open_document(&id).unwrap();
        let threads = app.remarks(&id).unwrap();
        let shown: Vec<_> = threads
            .iter()
            .map(|thread| (thread.quoted.as_str(), thread.said.len(), thread.done))
            .collect();
        assert_eq!(shown, [("五千元，按季", 2, true), ("违约金", 1, false)]);

        let out = folder.path().join("out.docx");
        let kept = Wish {
            comments: true,
            ..Wish::default()
        };
        app.export(&id, Some(out.clone()), &kept).unwrap();
        let again = moqi_docx::read(&std::fs::read(&out).unwrap())
            .unwrap()
            .value;
        assert_eq!(super::threads(&again.comments), threads);
        // Without the wish the other side sees none of it.
        let said = app
            .export(&id, Some(out.clone()), &Wish::default())
            .unwrap();
        assert!(said.warnings.iter().any(|words| words.contains("2 条批注")));
        let bare = moqi_docx::read(&std::fs::read(&out).unwrap())
            .unwrap()
            .value;
        assert!(bare.comments.is_empty());
    }

    #[test]
    fn a_comment_whose_words_are_gone_stays() {
        let thread = Thread {
            quoted: "不再有的文字".into(),
            said: vec![Said {
                author: "王律师".into(),
                initials: "W".into(),
                date: None,
                text: "请保留。".into(),
            }],
            done: false,
        };
        let document = moqi_document::parse(TEXT);
        let comments = placed(vec![thread], &document);
        assert_eq!(comments.len(), 1);
        assert_eq!(comments[0].remark.text, "请保留。");
        assert!(comments[0].span.end <= TEXT.len());
    }
}
