//! Words inside a pair of blocks: tokens with their marks, and the pieces they make.

use std::ops::Range;

use super::tokens::{align_words, tokens, weight};
use crate::model::{Inline, InlineKind, Marks, Span};

/// A stretch of words inside an edited block.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    /// Stands on both sides; spans are those of the new text.
    Same(Vec<Inline>),
    /// The same words with other marks: bold, emphasis, struck, code.
    Formatted {
        /// As they were.
        old: Vec<Inline>,
        /// As they are.
        new: Vec<Inline>,
    },
    /// Only in the new text.
    Inserted(Vec<Inline>),
    /// Only in the old text. Stands before what replaces it.
    Deleted(Vec<Inline>),
}

/// What makes two tokens the same words; a link belongs to the words, other marks do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key<'a> {
    Text(&'a str, Option<&'a str>),
    Field(&'a str, Option<&'a str>),
    Reference(&'a str, Option<&'a str>),
    Break,
    Note(&'a str),
}

impl Key<'_> {
    fn weight(&self) -> usize {
        match self {
            Key::Text(text, _) => weight(text),
            Key::Break => 0,
            Key::Field(..) | Key::Reference(..) | Key::Note(_) => 3,
        }
    }
}

/// A token: what it says, and the inline it was cut from.
#[derive(Debug, Clone, Copy)]
struct Token<'a> {
    key: Key<'a>,
    marks: &'a Marks,
    span: Span,
}

/// The tokens of inline content. Neighbouring texts with the same marks are one text, however they were cut.
fn tokenize(content: &[Inline]) -> Vec<Token<'_>> {
    let mut out = Vec::new();
    for inline in content {
        let link = inline.marks.link.as_deref();
        let mut push = |key, span| {
            out.push(Token {
                key,
                marks: &inline.marks,
                span,
            });
        };
        match &inline.kind {
            InlineKind::Text(text) => {
                let exact = inline.span.end.wrapping_sub(inline.span.start) == text.len();
                let mut at = inline.span.start;
                for word in tokens(text) {
                    let span = if exact {
                        Span {
                            start: at,
                            end: at + word.len(),
                        }
                    } else {
                        inline.span
                    };
                    at += word.len();
                    push(Key::Text(word, link), span);
                }
            }
            InlineKind::Field(expr) => push(Key::Field(expr, link), inline.span),
            InlineKind::Reference(id) => push(Key::Reference(id, link), inline.span),
            InlineKind::Break => push(Key::Break, inline.span),
            InlineKind::FootnoteRef(label) => push(Key::Note(label), inline.span),
        }
    }
    out
}

/// Tokens as inlines; texts with the same marks are joined.
fn inlines(tokens: &[Token<'_>]) -> Vec<Inline> {
    let mut out: Vec<Inline> = Vec::new();
    for token in tokens {
        let kind = match token.key {
            Key::Text(word, _) => {
                if let Some(last) = out.last_mut()
                    && last.marks == *token.marks
                    && let InlineKind::Text(before) = &mut last.kind
                {
                    before.push_str(word);
                    last.span.end = last.span.end.max(token.span.end);
                    continue;
                }
                InlineKind::Text(word.to_owned())
            }
            Key::Field(expr, _) => InlineKind::Field(expr.to_owned()),
            Key::Reference(id, _) => InlineKind::Reference(id.to_owned()),
            Key::Break => InlineKind::Break,
            Key::Note(label) => InlineKind::FootnoteRef(label.to_owned()),
        };
        out.push(Inline {
            kind,
            marks: token.marks.clone(),
            span: token.span,
        });
    }
    out
}

/// Compares the words of two blocks. Joined, the pieces of either side are the content of that side.
pub(super) fn pieces(old: &[Inline], new: &[Inline]) -> Vec<Piece> {
    let (a, b) = (tokenize(old), tokenize(new));
    let a_keys: Vec<Key<'_>> = a.iter().map(|token| token.key).collect();
    let b_keys: Vec<Key<'_>> = b.iter().map(|token| token.key).collect();
    let pairs = align_words(&a_keys, &b_keys, Key::weight);
    let mut out = Vec::new();
    let (mut x, mut y) = (0, 0);
    let mut at = 0;
    while at <= pairs.len() {
        let (next_x, next_y) = pairs.get(at).copied().unwrap_or((a.len(), b.len()));
        if x < next_x {
            out.push(Piece::Deleted(inlines(&a[x..next_x])));
        }
        if y < next_y {
            out.push(Piece::Inserted(inlines(&b[y..next_y])));
        }
        if at == pairs.len() {
            break;
        }
        let mut end = at + 1;
        while end < pairs.len()
            && pairs[end].0 == next_x + (end - at)
            && pairs[end].1 == next_y + (end - at)
        {
            end += 1;
        }
        let length = end - at;
        common(
            &a[next_x..next_x + length],
            &b[next_y..next_y + length],
            &mut out,
        );
        (x, y) = (next_x + length, next_y + length);
        at = end;
    }
    out
}

/// A run of common tokens: stretches with the same marks, and stretches whose marks changed.
fn common(a: &[Token<'_>], b: &[Token<'_>], out: &mut Vec<Piece>) {
    let formatted = |at: usize| a[at].marks != b[at].marks;
    let mut start = 0;
    for end in 1..=a.len() {
        if end < a.len() && formatted(end) == formatted(start) {
            continue;
        }
        let range: Range<usize> = start..end;
        out.push(if formatted(start) {
            Piece::Formatted {
                old: inlines(&a[range.clone()]),
                new: inlines(&b[range]),
            }
        } else {
            Piece::Same(inlines(&b[range]))
        });
        start = end;
    }
}

/// How many words inline content holds: words and numbers, Chinese characters one by one, fields and references.
pub(super) fn count(content: &[Inline]) -> usize {
    content
        .iter()
        .map(|inline| match &inline.kind {
            InlineKind::Text(text) => count_text(text),
            InlineKind::Field(_) | InlineKind::Reference(_) => 1,
            InlineKind::Break | InlineKind::FootnoteRef(_) => 0,
        })
        .sum()
}

/// How many words a text holds.
pub(super) fn count_text(text: &str) -> usize {
    tokens(text)
        .into_iter()
        .filter(|token| weight(token) > 0)
        .count()
}
