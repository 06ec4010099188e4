//! Live references: bookmarks on clauses, and the fields that print their numbers.
//!
//! A reference such as 第二条第一款第（一）项 is put together from the numbers of the clause and of those
//! above it, each a `REF … \n` field, and fixed words between; so the text is right as exported and
//! follows the numbers when fields are updated in Word. Where the figure of a reference is in another
//! script than the number it stands for (一、 read as 第一款), no field of Word prints it: these words are a
//! link to the clause, and the clause above it stays a field.

use super::plan::{Part, Plan};
use moqi_document::{
    Block, BlockKind, Document, HeadingStyle, Inline, InlineKind, Label, Language, Numbering,
};
use std::collections::{BTreeMap, BTreeSet};

/// A part of a printed reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Fixed words.
    Words(String),
    /// Words that jump to the block, with no field that could print them.
    Jump(usize, String),
    /// A field: the block whose bookmark it names, its switches, what it prints now.
    Field(usize, &'static str, String),
}

/// What every reference prints, and the blocks that need a bookmark for it.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct References {
    /// By target id.
    pub pieces: BTreeMap<String, Vec<Piece>>,
    /// Bookmark number of each block that has one.
    pub bookmarks: BTreeMap<usize, usize>,
    /// The name of each bookmark, by block.
    names: BTreeMap<usize, String>,
}

impl References {
    /// Collects every reference of a document.
    pub fn new(
        document: &Document,
        numbering: &Numbering,
        plan: &Plan,
        language: Language,
    ) -> Self {
        let mut wanted = BTreeSet::new();
        for block in &document.blocks {
            each_inline(block, &mut |inline| {
                if let InlineKind::Reference(id) = &inline.kind {
                    wanted.insert(id.as_str());
                }
            });
        }
        let mut references = Self::default();
        let mut marked = BTreeSet::new();
        // The first block with an id is the one meant; the parser reports the others.
        let mut targets: BTreeMap<&str, usize> = BTreeMap::new();
        for (index, block) in document.blocks.iter().enumerate() {
            if let Some(id) = block.id.as_deref().filter(|id| wanted.contains(id)) {
                targets.entry(id).or_insert(index);
            }
        }
        for (id, index) in targets {
            let Some(pieces) = pieces(document, numbering, plan, language, index) else {
                continue;
            };
            for piece in &pieces {
                if let Piece::Jump(block, _) | Piece::Field(block, _, _) = piece {
                    marked.insert(*block);
                }
            }
            references.pieces.insert(id.to_owned(), pieces);
        }
        references.bookmarks = marked
            .into_iter()
            .enumerate()
            .map(|(number, block)| (block, number + 1))
            .collect();
        references.names = references
            .bookmarks
            .iter()
            .map(|(block, number)| {
                let id = document
                    .blocks
                    .get(*block)
                    .and_then(|block| block.id.as_deref());
                (*block, named_bookmark(*number, id.unwrap_or_default()))
            })
            .collect();
        references
    }

    /// The name of the bookmark of a block.
    pub fn name(&self, block: usize) -> Option<String> {
        self.names.get(&block).cloned()
    }
}

/// Word's own names for such bookmarks: hidden, because they start with an underscore.
pub(super) fn bookmark_name(number: usize) -> String {
    format!("_Ref{}", 100_000_000 + number)
}

/// Characters of the name of a bookmark; Word takes no more.
const LONGEST_NAME: usize = 40;

/// The name of a bookmark that says the id of its clause, `_Ref100000001_price`, so that reading the file finds it again.
/// Word has no hyphen in such names: it is written `__`. An id that does not fit, or would be read as another, is left
/// out.
fn named_bookmark(number: usize, id: &str) -> String {
    let plain = bookmark_name(number);
    let encoded = id.replace('-', "__");
    let name = format!("{plain}_{encoded}");
    let fits = !id.is_empty() && name.chars().count() <= LONGEST_NAME;
    if fits && encoded.replace("__", "-") == id {
        name
    } else {
        plain
    }
}

/// The pieces of a reference to a block; `None` where there is nothing to print.
fn pieces(
    document: &Document,
    numbering: &Numbering,
    plan: &Plan,
    language: Language,
    index: usize,
) -> Option<Vec<Piece>> {
    let label = |index: usize| numbering.labels.get(index).and_then(Option::as_ref);
    let Some(own) = label(index) else {
        // Without a number a reference prints the words of the heading, which is what REF does without switches.
        let heading = matches!(
            document.blocks[index].kind,
            BlockKind::Title(_) | BlockKind::Heading { .. }
        );
        let words = if heading {
            words(&document.blocks[index])
        } else {
            String::new()
        };
        return (!words.is_empty()).then(|| vec![Piece::Field(index, "\\h", words)]);
    };
    let above = ancestors(document, numbering, plan, index);
    if language == Language::En && is_full_context(own, &above) {
        return Some(vec![Piece::Field(index, "\\w \\h", own.reference.clone())]);
    }
    let mut known: Vec<(usize, &str, bool)> = vec![(index, printed(own), own.level == 1)];
    known.extend(
        above
            .iter()
            .map(|&(block, label)| (block, printed(label), label.level == 1)),
    );
    known.retain(|(_, text, _)| !text.is_empty());
    known.sort_by_key(|(_, text, _)| std::cmp::Reverse(text.chars().count()));
    let mut pieces = vec![Piece::Words(own.reference.clone())];
    for (block, text, top) in known {
        let place = pieces
            .iter()
            .enumerate()
            .find_map(|(at, piece)| match piece {
                Piece::Words(words) => words.find(text).map(|start| (at, start)),
                _ => None,
            });
        let Some((at, start)) = place else { continue };
        let Piece::Words(words) = pieces.remove(at) else {
            continue;
        };
        // Below the top, \n prints the number alone; \r would put the clauses above before it.
        let switches = if top { "\\r \\h" } else { "\\n \\h" };
        let parts = [
            Piece::Words(words[..start].to_owned()),
            Piece::Field(block, switches, text.to_owned()),
            Piece::Words(words[start + text.len()..].to_owned()),
        ];
        pieces.splice(
            at..at,
            parts
                .into_iter()
                .filter(|piece| !matches!(piece, Piece::Words(words) if words.is_empty())),
        );
    }
    let reached = pieces
        .iter()
        .any(|piece| matches!(piece, Piece::Field(block, _, _) if *block == index));
    if !reached {
        for piece in pieces.iter_mut().rev() {
            if let Piece::Words(words) = piece {
                *piece = Piece::Jump(index, std::mem::take(words));
                break;
            }
        }
    }
    Some(pieces)
}

/// What `REF \n` prints of a label: Word leaves out full stops at the end.
fn printed(label: &Label) -> &str {
    label.text.trim_end_matches('.')
}

/// True when the reference is what `REF \w` prints: the numbers from the top down, one after the other.
fn is_full_context(own: &Label, above: &[(usize, &Label)]) -> bool {
    let Some(mut rest) = own.reference.strip_suffix(printed(own)) else {
        return false;
    };
    for (_, label) in above {
        if rest.is_empty() {
            return true;
        }
        match rest.strip_suffix(printed(label)) {
            Some(shorter) => rest = shorter,
            None => return false,
        }
    }
    rest.is_empty()
}

/// The labelled blocks a block stands under, the nearest first.
fn ancestors<'a>(
    document: &Document,
    numbering: &'a Numbering,
    plan: &Plan,
    index: usize,
) -> Vec<(usize, &'a Label)> {
    let mut found = Vec::new();
    let Some(Some(own)) = numbering.labels.get(index) else {
        return found;
    };
    if is_schedule(&document.blocks[index]) {
        return found;
    }
    let inside = plan.parts.get(index) == Some(&Part::InSchedule);
    // Past a heading without number, only the schedule itself is still above.
    let mut apart = is_apart(&document.blocks[index], own.level);
    let mut level = own.level;
    for block in (0..index).rev() {
        let schedule = is_schedule(&document.blocks[block]);
        let Some(Some(label)) = numbering.labels.get(block) else {
            apart |= matches!(document.blocks[block].kind, BlockKind::Heading { .. });
            if apart && !inside {
                break;
            }
            continue;
        };
        if schedule || (!apart && label.level < level) {
            level = label.level;
            found.push((block, label));
        }
        if schedule || (!inside && level <= 1) {
            break;
        }
    }
    found
}

/// True for a heading of the first level, which has nothing above it but a schedule.
fn is_apart(block: &Block, level: u8) -> bool {
    matches!(block.kind, BlockKind::Heading { .. }) && level <= 1
}

fn is_schedule(block: &Block) -> bool {
    matches!(
        &block.kind,
        BlockKind::Heading {
            style: HeadingStyle::Schedule,
            ..
        }
    )
}

/// The words of a heading, item or title, without fields.
pub(super) fn words(block: &Block) -> String {
    let mut out = String::new();
    each_inline(block, &mut |inline| {
        if let InlineKind::Text(text) = &inline.kind {
            out.push_str(text);
        }
    });
    super::text::clean(&out)
        .0
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// Calls `visit` on every inline of a block.
pub(super) fn each_inline<'a>(block: &'a Block, visit: &mut dyn FnMut(&'a Inline)) {
    match &block.kind {
        BlockKind::Title(content)
        | BlockKind::Heading { content, .. }
        | BlockKind::Item { content, .. }
        | BlockKind::Paragraph { content, .. }
        | BlockKind::Footnote { content, .. } => content.iter().for_each(visit),
        BlockKind::Table(table) => table
            .rows
            .iter()
            .flatten()
            .flat_map(|cell| &cell.content)
            .for_each(visit),
        BlockKind::Signature(parties) => parties
            .iter()
            .flat_map(|party| &party.lines)
            .flatten()
            .for_each(visit),
        BlockKind::PageBreak | BlockKind::Verbatim(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(text: &str, reference: &str, level: u8, ordinal: u32) -> Option<Label> {
        Some(Label {
            text: text.into(),
            reference: reference.into(),
            level,
            ordinal,
        })
    }

    fn document(levels: &[u8]) -> Document {
        let block = |&level: &u8| Block {
            kind: match level {
                1 => BlockKind::Heading {
                    level: 1,
                    style: HeadingStyle::Numbered,
                    content: vec![],
                },
                _ => BlockKind::Item {
                    depth: level - 2,
                    ordered: true,
                    content: vec![],
                },
            },
            id: None,
            span: Default::default(),
        };
        Document {
            blocks: levels.iter().map(block).collect(),
            ..Document::default()
        }
    }

    #[test]
    fn a_bookmark_says_the_id_where_it_fits() {
        for (id, name) in [
            ("price", "_Ref100000001_price"),
            ("the-fee_1", "_Ref100000001_the__fee_1"),
            ("价款", "_Ref100000001_价款"),
            ("", "_Ref100000001"),
            ("a__b", "_Ref100000001"),
            ("_-a", "_Ref100000001"),
            ("an-id-of-more-than-forty-characters", "_Ref100000001"),
        ] {
            assert_eq!(named_bookmark(1, id), name);
        }
    }

    #[test]
    fn chinese_references_are_put_together() {
        let numbering = Numbering {
            labels: vec![
                label("第二条", "第二条", 1, 2),
                label("一、", "第二条第一款", 2, 1),
                label("（一）", "第二条第一款第（一）项", 3, 1),
            ],
        };
        let document = document(&[1, 2, 3]);
        let of = |index| {
            pieces(
                &document,
                &numbering,
                &Plan::new(&document, &numbering),
                Language::Zh,
                index,
            )
            .unwrap()
        };
        assert_eq!(of(0), [Piece::Field(0, "\\r \\h", "第二条".into())]);
        assert_eq!(
            of(1),
            [
                Piece::Field(0, "\\r \\h", "第二条".into()),
                Piece::Jump(1, "第一款".into())
            ]
        );
        assert_eq!(
            of(2),
            [
                Piece::Field(0, "\\r \\h", "第二条".into()),
                Piece::Words("第一款第".into()),
                Piece::Field(2, "\\n \\h", "（一）".into()),
                Piece::Words("项".into())
            ]
        );
    }

    #[test]
    fn english_references_are_one_field() {
        let numbering = Numbering {
            labels: vec![
                label("2.", "2", 1, 2),
                label("2.1", "2.1", 2, 1),
                label("(a)", "2.1(a)", 3, 1),
                label("(a)", "somewhere (a)", 3, 1),
            ],
        };
        let document = document(&[1, 2, 3, 3]);
        let of = |index| {
            pieces(
                &document,
                &numbering,
                &Plan::new(&document, &numbering),
                Language::En,
                index,
            )
            .unwrap()
        };
        assert_eq!(of(0), [Piece::Field(0, "\\w \\h", "2".into())]);
        assert_eq!(of(1), [Piece::Field(1, "\\w \\h", "2.1".into())]);
        assert_eq!(of(2), [Piece::Field(2, "\\w \\h", "2.1(a)".into())]);
        assert_eq!(
            of(3),
            [
                Piece::Words("somewhere ".into()),
                Piece::Field(3, "\\n \\h", "(a)".into())
            ]
        );
    }
}
