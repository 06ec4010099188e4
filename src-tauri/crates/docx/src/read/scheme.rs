//! The numbers our text will print: the scheme of numbering whose numbers are those of the file.
//!
//! A text is numbered by the scheme of its language unless it names another. Contracts in Chinese often count 第一条,
//! 1.1, and pleadings 1.; where such numbers stand in the file, the text says so.

use moqi_document::{
    Block, BlockKind, Document, Inline, InlineKind, Marks, Numbering, Scheme, Span, language,
    normalize, number, plain, scheme_of,
};

use super::compose::Composed;

/// Numbers that make a scheme.
const ENOUGH: usize = 2;

/// How a text is numbered.
#[derive(Debug, Default)]
pub(super) struct Numbered {
    /// The scheme its front matter names; `None` for that of its language.
    pub(super) scheme: Option<Scheme>,
    pub(super) numbering: Numbering,
}

/// Finds the scheme, and counts by it.
pub(super) fn numbered(composed: &mut Composed) -> Numbered {
    let whole = Document {
        blocks: std::mem::take(&mut composed.blocks),
        ..Document::default()
    };
    let mut document = Document {
        blocks: whole.blocks.iter().map(bare).collect(),
        ..Document::default()
    };
    document.meta.language = Some(language(&whole));
    composed.blocks = whole.blocks;
    // Nesting is that of the text that is printed, which has no item inside one that is not there.
    normalize(&mut document);
    let usual = scheme_of(&document);
    let mut best = Numbered {
        scheme: None,
        numbering: number(&document),
    };
    let (mut most, all) = agreeing(composed, &best.numbering);
    if all < ENOUGH || most == all {
        return best;
    }
    // Items alone count 1. in contracts and in pleadings (起诉状, 答辩状), which their titles tell apart.
    let pleads = composed.blocks.iter().any(|block| {
        matches!(&block.kind, BlockKind::Title(content) if plain(content).trim_end().ends_with('状'))
    });
    let [first, second] = match pleads {
        true => [Scheme::ZhPleading, Scheme::ZhDecimal],
        false => [Scheme::ZhDecimal, Scheme::ZhPleading],
    };
    for scheme in [Scheme::ZhArticle, first, second, Scheme::EnDecimal] {
        document.meta.numbering = Some(scheme).filter(|scheme| *scheme != usual);
        let numbering = number(&document);
        let (equal, _) = agreeing(composed, &numbering);
        // Most numbers agree, or the text keeps the scheme that its readers expect.
        if equal > most && equal >= ENOUGH && 3 * equal >= 2 * all {
            most = equal;
            best = Numbered {
                scheme: document.meta.numbering,
                numbering,
            };
        }
    }
    best
}

/// A block with what counting looks at: its kind, its place, its last character.
fn bare(block: &Block) -> Block {
    let last = |content: &[Inline]| {
        let last = content.last().map(|inline| match &inline.kind {
            InlineKind::Text(text) => InlineKind::Text(
                text.chars()
                    .next_back()
                    .map(String::from)
                    .unwrap_or_default(),
            ),
            other => other.clone(),
        });
        last.into_iter()
            .map(|kind| Inline {
                kind,
                marks: Marks::default(),
                span: Span::default(),
            })
            .collect()
    };
    let kind = match &block.kind {
        BlockKind::Heading { level, style, .. } => BlockKind::Heading {
            level: *level,
            style: *style,
            content: Vec::new(),
        },
        BlockKind::Item { depth, ordered, .. } => BlockKind::Item {
            depth: *depth,
            ordered: *ordered,
            content: Vec::new(),
        },
        BlockKind::Paragraph {
            depth,
            quote,
            content,
        } => BlockKind::Paragraph {
            depth: *depth,
            quote: *quote,
            content: last(content),
        },
        BlockKind::Title(_) => BlockKind::Title(Vec::new()),
        // What neither counts nor ends a list.
        _ => BlockKind::PageBreak,
    };
    Block {
        kind,
        id: None,
        span: Span::default(),
    }
}

/// How many numbers of the file are those of the text, of how many.
fn agreeing(composed: &Composed, numbering: &Numbering) -> (usize, usize) {
    let (mut equal, mut all) = (0, 0);
    for found in composed.labels.iter().filter(|found| found.site.row == 0) {
        let counted = match composed
            .blocks
            .get(found.site.block)
            .map(|block| &block.kind)
        {
            Some(BlockKind::Heading { .. }) => true,
            Some(BlockKind::Item { ordered, .. }) => *ordered,
            _ => false,
        };
        if !counted {
            continue;
        }
        all += 1;
        let ours = numbering
            .labels
            .get(found.site.block)
            .and_then(Option::as_ref);
        equal += usize::from(ours.is_some_and(|ours| same(&ours.text, &found.label)));
    }
    (equal, all)
}

/// Whether two numbers differ at most in the width of their brackets and the sign at their end.
fn same(ours: &str, theirs: &str) -> bool {
    let plain = |label: &str| -> String {
        label
            .trim_end_matches(['.', '、', '．'])
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| match c {
                '（' => '(',
                '）' => ')',
                c => c,
            })
            .collect()
    };
    plain(ours) == plain(theirs)
}
