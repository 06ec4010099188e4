//! The tree of clauses, derived from the flat blocks.

use std::ops::Range;

use crate::inline::plain;
use crate::model::{BlockKind, Document};

/// A heading or an ordered item with everything below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// Blocks of the clause: its own first, then what belongs to it, its children's too.
    pub blocks: Range<usize>,
    /// The words of the heading, or of the item.
    pub heading: String,
    /// The id other text refers to.
    pub id: Option<String>,
    /// Depth in the tree's own measure: a heading's level, an item's heading level + depth + 1.
    pub level: u8,
    /// Clauses directly below.
    pub children: Vec<Clause>,
}

/// The clauses of a document. Blocks before the first heading or item belong to none.
#[must_use]
pub fn clauses(document: &Document) -> Vec<Clause> {
    let mut roots: Vec<Clause> = Vec::new();
    let mut open: Vec<Clause> = Vec::new();
    let mut heading = 0;
    let close = |open: &mut Vec<Clause>, roots: &mut Vec<Clause>, level: u8, at: usize| {
        while open.last().is_some_and(|c| c.level >= level) {
            let Some(mut done) = open.pop() else { break };
            done.blocks.end = at;
            match open.last_mut() {
                Some(parent) => parent.children.push(done),
                None => roots.push(done),
            }
        }
    };
    for (i, block) in document.blocks.iter().enumerate() {
        let (level, content) = match &block.kind {
            BlockKind::Heading { level, content, .. } => {
                heading = *level;
                (*level, content)
            }
            BlockKind::Item {
                depth,
                ordered: true,
                content,
            } => (heading + depth + 1, content),
            // Body text at the margin belongs to the heading again.
            BlockKind::Paragraph { depth, .. } => {
                close(&mut open, &mut roots, heading + depth + 1, i);
                continue;
            }
            BlockKind::Title(_) => {
                heading = 0;
                close(&mut open, &mut roots, 0, i);
                continue;
            }
            _ => continue,
        };
        close(&mut open, &mut roots, level, i);
        open.push(Clause {
            blocks: i..i + 1,
            heading: plain(content),
            id: block.id.clone(),
            level,
            children: Vec::new(),
        });
    }
    close(&mut open, &mut roots, 0, document.blocks.len());
    roots
}
