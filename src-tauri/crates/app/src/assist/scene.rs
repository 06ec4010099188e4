//! Where in a document a request stands: the clause around the caret, what the model reads of it, where its words go.

use std::ops::Range;

use moqi_document::{Block, BlockKind, Document, HeadingStyle, clauses, plain};

use super::Assist;
use crate::desk::Change;
use crate::draft;
use crate::error::{Code, Error, Result};
use crate::prompt::{self, Context, Task};

/// Clauses that a request lists at most.
const OUTLINE: usize = 40;

/// Where in the document the request stands.
pub(super) struct Scene {
    pub(super) heading: String,
    /// Blocks the model reads.
    pub(super) passage: Range<usize>,
    /// Where its words go: first block, how many they replace.
    pub(super) place: (usize, usize),
    /// The whole clause with its heading.
    clause: Range<usize>,
}

impl Scene {
    pub(super) fn of(document: &Document, request: &Assist) -> Result<Scene> {
        let count = document.blocks.len();
        if request.block >= count {
            return Err(Error::new(
                Code::Conflict,
                "这个位置已经不在文件中。",
                "This place is no longer in the document.",
            ));
        }
        let clause = clause_of(document, request.block);
        let body =
            (clause.start + usize::from(is_heading(&document.blocks[clause.start])))..clause.end;
        let heading = match &document.blocks[clause.start].kind {
            BlockKind::Heading { content, .. } | BlockKind::Title(content) => plain(content),
            _ => String::new(),
        };
        let (passage, place) = match request.task {
            Task::Draft => (body.start..body.start, (body.start, body.len())),
            Task::Continue => (
                body.start..(request.block + 1).max(body.start),
                (request.block + 1, 0),
            ),
            Task::Rewrite => (request.block..request.block + 1, (request.block, 1)),
        };
        if request.task == Task::Rewrite && is_heading(&document.blocks[request.block]) {
            return Err(Error::input(
                "请先把光标放在要改写的正文中。",
                "Put the caret into the text to be rewritten first.",
            ));
        }
        Ok(Scene {
            heading,
            passage,
            place,
            clause,
        })
    }

    pub(super) fn context(
        &self,
        document: &Document,
        request: &Assist,
        precedent: Option<String>,
    ) -> Context {
        Context {
            title: document.meta.title.clone().unwrap_or_default(),
            outline: outline(document),
            heading: self.heading.clone(),
            passage: prompt::reading(document, self.passage.clone()),
            instruction: request.instruction.trim().to_owned(),
            precedent,
        }
    }

    /// A library clause fills the clause at hand when that is still empty, else it comes behind it.
    pub(super) fn clause_change(&self, document: &Document, blocks: Vec<Block>) -> Change {
        let Some(BlockKind::Heading { .. }) = document
            .blocks
            .get(self.clause.start)
            .map(|block| &block.kind)
        else {
            return Change {
                from: draft::end_of_clauses(document)
                    .max(self.clause.end.min(document.blocks.len())),
                remove: 0,
                insert: blocks,
            };
        };
        let body = &document.blocks[self.clause.start + 1..self.clause.end];
        let empty = body.iter().all(|block| match &block.kind {
            BlockKind::Paragraph { content, .. } | BlockKind::Item { content, .. } => {
                plain(content).trim().is_empty()
            }
            _ => false,
        });
        if empty {
            Change {
                from: self.clause.start,
                remove: self.clause.len(),
                insert: blocks,
            }
        } else {
            Change {
                from: self.clause.end,
                remove: 0,
                insert: blocks,
            }
        }
    }
}

/// The headings of a document, as a request lists them.
pub(super) fn outline(document: &Document) -> Vec<String> {
    let headings = clauses(document).into_iter().map(|clause| clause.heading);
    let headings = headings.filter(|heading| !heading.trim().is_empty());
    headings.take(OUTLINE).collect()
}

pub(super) fn is_heading(block: &Block) -> bool {
    matches!(block.kind, BlockKind::Heading { .. } | BlockKind::Title(_))
}

/// The clause around a block: from its heading of the first level to the next one, or to schedules and signatures.
fn clause_of(document: &Document, block: usize) -> Range<usize> {
    let starts = |block: &Block| {
        matches!(
            block.kind,
            BlockKind::Title(_) | BlockKind::Heading { level: 1, .. }
        )
    };
    let ends = |block: &Block| {
        starts(block)
            || matches!(
                block.kind,
                BlockKind::Signature(_)
                    | BlockKind::PageBreak
                    | BlockKind::Heading {
                        style: HeadingStyle::Schedule,
                        ..
                    }
            )
    };
    let start = (0..=block)
        .rev()
        .find(|at| starts(&document.blocks[*at]))
        .unwrap_or(0);
    let end = (start + 1..document.blocks.len())
        .find(|at| *at > block && ends(&document.blocks[*at]))
        .unwrap_or(document.blocks.len());
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;
    use moqi_document::parse;

    #[test]
    fn a_clause_reaches_from_its_heading_to_the_next() {
        let document = parse(
            "# T\n\n前言\n\n## 一\n\n1. 甲\n2. 乙\n\n### 细\n\n丙\n\n## 二\n\n丁\n\n```signature\n甲方：\n```\n",
        );
        let cases = [
            (0, 0..2),
            (1, 0..2),
            (2, 2..7),
            (4, 2..7),
            (6, 2..7),
            (7, 7..9),
            (8, 7..9),
        ];
        for (block, wanted) in cases {
            assert_eq!(clause_of(&document, block), wanted, "block {block}");
        }
    }
}
