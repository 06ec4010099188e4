//! Ids for the clauses that references lead to.

use std::collections::{HashMap, HashSet};

use moqi_document::{Block, BlockKind, Inline, InlineKind};

/// Characters of an id that is made from a heading.
const LONGEST_ID: usize = 32;

/// The ids of a text.
pub(super) struct Ids {
    taken: HashSet<String>,
    /// Last number given to each beginning.
    counts: HashMap<String, usize>,
}

impl Ids {
    pub(super) fn of(blocks: &[Block]) -> Ids {
        Ids {
            taken: blocks.iter().filter_map(|block| block.id.clone()).collect(),
            counts: HashMap::new(),
        }
    }

    /// An id for a block: the one in a bookmark `_Ref1_id`, the name a person gave the bookmark, the words of the
    /// heading, or the number of the item. Word's own names say nothing and change from file to file.
    pub(super) fn fresh(&mut self, block: &Block, bookmark: &str, printed: &str) -> String {
        let named = match bookmark.strip_prefix('_') {
            None => Some(kept(bookmark)),
            Some(own) => own.strip_prefix("Ref").and_then(|own| {
                let own = own.trim_start_matches(|c: char| c.is_ascii_digit());
                Some(kept(&own.strip_prefix('_')?.replace("__", "-")))
            }),
        };
        let words = match &block.kind {
            BlockKind::Title(content) | BlockKind::Heading { content, .. } => of_words(content),
            _ => None,
        };
        let number = || match of_text(printed) {
            Some(id) if id.starts_with(|c: char| c.is_ascii_digit()) => {
                Some(format!("clause-{id}"))
            }
            other => other,
        };
        let base = named
            .filter(|id| !id.is_empty())
            .or(words)
            .or_else(number)
            .unwrap_or_else(|| "clause".to_owned());
        if self.taken.insert(base.clone()) {
            return base;
        }
        let count = self.counts.entry(base.clone()).or_insert(1);
        loop {
            *count += 1;
            let id = format!("{base}-{count}");
            if self.taken.insert(id.clone()) {
                return id;
            }
        }
    }
}

/// The characters of an id in some words.
fn kept(words: &str) -> String {
    let is_kept = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_');
    words.chars().filter(is_kept).take(64).collect()
}

/// An id from the words of a heading: the first of them, in small letters.
fn of_words(content: &[Inline]) -> Option<String> {
    let words: Vec<&str> = content
        .iter()
        .filter_map(|inline| match &inline.kind {
            InlineKind::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    of_text(&words.concat())
}

fn of_text(text: &str) -> Option<String> {
    let mut id = String::new();
    let mut length = 0;
    for word in text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        length += word.chars().count() + 1;
        if !id.is_empty() {
            if length > LONGEST_ID + 1 {
                break;
            }
            id.push('-');
        }
        id.extend(word.chars().take(LONGEST_ID).flat_map(char::to_lowercase));
    }
    (!id.is_empty()).then_some(id)
}
