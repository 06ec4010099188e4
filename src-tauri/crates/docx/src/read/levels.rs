//! Levels of headings and depths of items, decided once the whole text is known; of Word files and of rich text.
//!
//! A style names the level of its headings, and a list may number them. Where one style serves several levels of one
//! list, as in forms that set every clause in Heading 3, the style tells nothing: the list does.

use std::collections::{BTreeMap, BTreeSet};

use moqi_document::{Block, BlockKind};

/// A heading or an item, in the order of the text.
pub(crate) struct Place {
    /// Index of its block.
    pub(crate) block: usize,
    /// The definition of its list and its level there; `None` for a heading without a number.
    pub(crate) list: Option<(u32, u8)>,
}

/// Deepest level of a heading.
const DEEPEST: u8 = 5;

/// Gives headings the level of their list where their style tells none, and items the depth below the numbered heading
/// they stand under, when both count in one list.
pub(crate) fn settle(blocks: &mut [Block], places: &[Place]) {
    let unclear = unclear(blocks, places);
    let mut above: Option<(u32, u8)> = None;
    for place in places {
        match &mut blocks[place.block].kind {
            BlockKind::Heading { level, .. } => {
                if let Some((definition, listed)) = place.list
                    && unclear.contains(&definition)
                {
                    *level = listed.saturating_add(1).min(DEEPEST);
                }
                above = place.list.map(|(definition, _)| (definition, *level));
            }
            BlockKind::Item { depth, .. } => {
                if let (Some((definition, listed)), Some((same, level))) = (place.list, above)
                    && definition == same
                {
                    *depth = listed.saturating_sub(level).min(7);
                }
            }
            _ => {}
        }
    }
    nest(blocks);
}

/// Gives items the depth below the items they really stand under: a list may begin at any level of its definition, and
/// items of one level are of one depth whether or not the levels above are there.
fn nest(blocks: &mut [Block]) {
    let mut open: Vec<u8> = Vec::new();
    for block in blocks {
        match &mut block.kind {
            BlockKind::Item { depth, .. } => {
                open.retain(|above| *above < *depth);
                open.push(*depth);
                *depth = u8::try_from(open.len() - 1).unwrap_or(*depth);
            }
            BlockKind::Title(_) | BlockKind::Heading { .. } | BlockKind::Paragraph { .. } => {
                open.clear();
            }
            _ => {}
        }
    }
}

/// The lists whose headings wear one style at several levels.
fn unclear(blocks: &[Block], places: &[Place]) -> BTreeSet<u32> {
    let mut level_of: BTreeMap<(u32, u8), u8> = BTreeMap::new();
    let mut found = BTreeSet::new();
    for place in places {
        if let (BlockKind::Heading { level, .. }, Some((definition, listed))) =
            (&blocks[place.block].kind, place.list)
        {
            let first = level_of.entry((definition, *level)).or_insert(listed);
            if *first != listed {
                found.insert(definition);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depths(raw: &[Option<u8>]) -> Vec<u8> {
        let block = |depth: &Option<u8>| Block {
            kind: match depth {
                Some(depth) => BlockKind::Item {
                    depth: *depth,
                    ordered: true,
                    content: Vec::new(),
                },
                None => BlockKind::Paragraph {
                    depth: 0,
                    quote: false,
                    content: Vec::new(),
                },
            },
            id: None,
            span: Default::default(),
        };
        let mut blocks: Vec<Block> = raw.iter().map(block).collect();
        settle(&mut blocks, &[]);
        let of = |block: &Block| match block.kind {
            BlockKind::Item { depth, .. } => Some(depth),
            _ => None,
        };
        blocks.iter().filter_map(of).collect()
    }

    #[test]
    fn items_of_one_level_are_of_one_depth() {
        let some = |raw: &[u8]| depths(&raw.iter().copied().map(Some).collect::<Vec<_>>());
        assert_eq!(some(&[0, 1, 1, 2, 0]), [0, 1, 1, 2, 0]);
        assert_eq!(some(&[2, 2, 2]), [0, 0, 0]);
        assert_eq!(some(&[0, 3, 3, 1, 1]), [0, 1, 1, 1, 1]);
        // Words between them end the items above.
        assert_eq!(
            depths(&[Some(0), Some(1), None, Some(1), Some(1)]),
            [0, 1, 0, 0]
        );
    }
}
