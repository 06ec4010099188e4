//! Levels of headings and depths of items, decided once the whole text is known, as for .docx files.
//!
//! A style names the level of its headings, and a list may number them. Where one style serves several levels of one
//! list the style tells nothing: the list does. An item that counts in the list of the heading above it stands below it.

use std::collections::{BTreeMap, BTreeSet};

use moqi_document::{Block, BlockKind};

/// The definition of a list, and a level of it from 0.
type Counted = Option<(i32, u8)>;

/// Headings and items as they come.
#[derive(Debug, Default)]
pub(super) struct Levels {
    places: Vec<(usize, Counted)>,
    /// List level of the first heading of a list and a heading level.
    first: BTreeMap<(i32, u8), u8>,
    /// Lists whose headings have one heading level at several list levels.
    unclear: BTreeSet<i32>,
}

impl Levels {
    /// The block at this index is a heading, numbered by a list or not.
    pub(super) fn heading(&mut self, block: usize, level: u8, list: Counted) {
        self.places.push((block, list));
        if let Some((definition, listed)) = list {
            let first = self.first.entry((definition, level)).or_insert(listed);
            if *first != listed {
                self.unclear.insert(definition);
            }
        }
    }

    /// The block at this index is an item.
    pub(super) fn item(&mut self, block: usize, list: Counted) {
        self.places.push((block, list));
    }

    /// Sets the levels and depths.
    pub(super) fn settle(&mut self, blocks: &mut [Block]) {
        let mut above: Counted = None;
        for (block, list) in std::mem::take(&mut self.places) {
            match &mut blocks[block].kind {
                BlockKind::Heading { level, .. } => {
                    if let Some((definition, listed)) = list
                        && self.unclear.contains(&definition)
                    {
                        *level = listed.saturating_add(1).min(5);
                    }
                    above = list.map(|(definition, _)| (definition, *level));
                }
                BlockKind::Item { depth, .. } => {
                    if let (Some((definition, listed)), Some((same, level))) = (list, above)
                        && definition == same
                    {
                        *depth = listed.saturating_sub(level).min(7);
                    }
                }
                _ => {}
            }
        }
    }
}
