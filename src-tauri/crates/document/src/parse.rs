//! From text to a document; never fails.

use std::collections::HashSet;

use pulldown_cmark::{Options, Parser};

use crate::edit::Lines;
use crate::front::front_matter;
use crate::guard::{Guarded, guard};
use crate::inline::{Source, is_chinese, plain};
use crate::model::{
    Block, BlockKind, Document, HeadingStyle, Inline, InlineKind, Language, Meta, Problem,
    ProblemKind, Span,
};
use crate::normal;
use crate::walk::Walk;

/// Lists nested deeper than this are flattened to it.
pub(crate) const DEEPEST: u8 = 8;

/// An empty paragraph or item in the text: Markdown has none of its own.
pub(crate) const EMPTY: &str = "<!-- -->";

/// A paragraph of one break: a lone `<br>` would begin a block of HTML that goes on to the next blank line.
pub(crate) const EMPTY_BREAK: &str = "<!-- --><br>";

/// Reads any text as a document. Every text has a document; what is strange in it is in `problems`.
///
/// Spans are byte ranges of `text`. Nothing readable is lost: what the model has no place for is kept as text
/// or verbatim.
#[must_use]
pub fn parse(text: &str) -> Document {
    let lines = Lines::of(text);
    let (mut meta, body, mut problems) = front_matter(text, &lines);
    let Guarded {
        text: guarded,
        tokens,
        tags,
    } = guard(text, body);
    let source = Source {
        text,
        guarded: &guarded,
        tokens: &tokens,
        language: language_of(&meta, &text[body..]),
    };
    let mut walk = Walk::new(source);
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH;
    for (event, range) in Parser::new_ext(&guarded, options).into_offset_iter() {
        walk.event(
            event,
            Span {
                start: range.start,
                end: range.end,
            },
        );
    }
    let mut blocks = with_tags(text, walk.finish(), &tags);
    normal::clamp_depths(&mut blocks);
    if meta.title.is_none() {
        meta.title = blocks.iter().find_map(|b| match &b.kind {
            BlockKind::Title(content) => Some(plain(content)),
            _ => None,
        });
    }
    let mut seen = HashSet::new();
    for block in &blocks {
        if let Some(id) = &block.id
            && !seen.insert(id.as_str())
        {
            problems.push(Problem {
                span: block.span,
                line: lines.line(block.span.start),
                field: None,
                kind: ProblemKind::DuplicateId(id.clone()),
            });
        }
    }
    Document {
        meta,
        blocks,
        problems,
    }
}

/// The language a document says it has, or the one its characters show.
#[must_use]
pub fn language(document: &Document) -> Language {
    if let Some(language) = document.meta.language {
        return language;
    }
    let chinese = |content: &[Inline]| {
        content
            .iter()
            .any(|i| matches!(&i.kind, InlineKind::Text(t) if t.chars().any(is_chinese)))
    };
    let found = document.blocks.iter().any(|b| match &b.kind {
        BlockKind::Title(c)
        | BlockKind::Heading { content: c, .. }
        | BlockKind::Item { content: c, .. }
        | BlockKind::Paragraph { content: c, .. } => chinese(c),
        _ => false,
    });
    if found { Language::Zh } else { Language::En }
}

pub(crate) fn language_of(meta: &Meta, body: &str) -> Language {
    meta.language.unwrap_or_else(|| {
        if body.chars().any(is_chinese) {
            Language::Zh
        } else {
            Language::En
        }
    })
}

/// Puts the template tags between the blocks, as verbatim lines.
fn with_tags(text: &str, blocks: Vec<Block>, tags: &[Span]) -> Vec<Block> {
    if tags.is_empty() {
        return blocks;
    }
    let inside = |span: &Span| {
        let next = blocks.partition_point(|b| b.span.start <= span.start);
        next.checked_sub(1)
            .and_then(|i| blocks.get(i))
            .is_some_and(|b| {
                b.span.end > span.start
                    && matches!(b.kind, BlockKind::Verbatim(_) | BlockKind::Signature(_))
            })
    };
    let lines: Vec<Block> = tags
        .iter()
        .filter(|span| !inside(span))
        .map(|span| Block {
            kind: BlockKind::Verbatim(text[span.start..span.end].to_owned()),
            id: None,
            span: *span,
        })
        .collect();
    let mut all = blocks;
    all.extend(lines);
    all.sort_by_key(|b| b.span.start);
    all
}

/// The span without these characters at both ends.
pub(crate) fn trimmed(text: &str, span: Span, chars: &[char]) -> Span {
    let Some(part) = text.get(span.start..span.end) else {
        return span;
    };
    let end = span.start + part.trim_end_matches(chars).len();
    let start = span.start + (part.len() - part.trim_start_matches(chars).len());
    Span {
        start: start.min(end),
        end,
    }
}

/// Headings without a style.
impl HeadingStyle {
    /// The class in `{.class}`; `None` for the numbered style, which needs none.
    #[must_use]
    pub fn class(self) -> Option<&'static str> {
        match self {
            HeadingStyle::Numbered => None,
            HeadingStyle::Plain => Some("plain"),
            HeadingStyle::Schedule => Some("schedule"),
            HeadingStyle::Parties => Some("parties"),
            HeadingStyle::Recitals => Some("recitals"),
        }
    }
}
