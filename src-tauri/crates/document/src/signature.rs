//! Signature blocks: lines as they stand, with fields, references and notes, and no other Markdown.
//!
//! A backslash keeps `\`, `{`, `[` and `]` from their meaning; a line of one backslash is an empty line.

use crate::guard::{TokenKind, guard};
use crate::inline::Source;
use crate::model::{Inline, InlineKind, Marks, SignatureParty, Span};
use crate::walk::Pieces;

/// Reads the lines of a signature fence.
pub(crate) fn read(code: &Pieces, source: Source<'_>) -> Vec<SignatureParty> {
    let mut parties = Vec::new();
    let mut lines: Vec<Vec<Inline>> = Vec::new();
    for (line, start) in split(code) {
        let line = line.trim_end_matches('\r');
        if line.trim_matches([' ', '\t']).is_empty() {
            if !lines.is_empty() {
                parties.push(SignatureParty {
                    lines: std::mem::take(&mut lines),
                });
            }
            continue;
        }
        // Containers may cut the text into pieces; positions are exact where the line is in the source.
        let exact = source.text.get(start..start + line.len()) == Some(line);
        lines.push(inlines(line, start, exact));
    }
    if !lines.is_empty() {
        parties.push(SignatureParty { lines });
    }
    parties
}

fn split(code: &Pieces) -> Vec<(String, usize)> {
    let mut out: Vec<(String, usize)> = Vec::new();
    let mut open = false;
    for (text, span) in &code.parts {
        let mut at = span.start;
        for part in text.split_inclusive('\n') {
            let words = part.strip_suffix('\n').unwrap_or(part);
            match out.last_mut() {
                Some((line, _)) if open => line.push_str(words),
                _ => out.push((words.to_owned(), at)),
            }
            open = !part.ends_with('\n');
            at += part.len();
        }
    }
    out
}

fn inlines(line: &str, start: usize, exact: bool) -> Vec<Inline> {
    let whole = Span {
        start,
        end: start + line.len(),
    };
    let place = |from: usize, to: usize| {
        if exact {
            Span {
                start: start + from,
                end: start + to,
            }
        } else {
            whole
        }
    };
    let mut out = Vec::new();
    let mut add = |kind: InlineKind, from: usize, to: usize| {
        let empty = matches!(&kind, InlineKind::Text(t) if t.is_empty());
        if !empty {
            out.push(Inline {
                kind,
                marks: Marks::default(),
                span: place(from, to),
            });
        }
    };
    if line == "\\" {
        return Vec::new();
    }
    // A letter before the line: `[^1]:` defines no note here, and no line is a tag.
    let mut tokens = guard(&format!("x{line}"), 0).tokens;
    for token in &mut tokens {
        token.span = Span {
            start: token.span.start - 1,
            end: token.span.end - 1,
        };
    }
    let mut tokens = tokens
        .iter()
        .filter(|t| !matches!(t.kind, TokenKind::Attributes { .. }))
        .peekable();
    let (mut at, mut from) = (0, 0);
    while at < line.len() {
        if let Some(token) = tokens.next_if(|t| t.span.start == at) {
            add(InlineKind::Text(line[from..at].to_owned()), from, at);
            at = token.span.end;
            from = at;
            let kind = match &token.kind {
                TokenKind::Field(expr) => InlineKind::Field(expr.clone()),
                TokenKind::Reference(id) => InlineKind::Reference(id.clone()),
                TokenKind::FootnoteRef(label) => InlineKind::FootnoteRef(label.clone()),
                TokenKind::Attributes { .. } => continue,
            };
            add(kind, token.span.start, token.span.end);
            continue;
        }
        let bytes = line.as_bytes();
        if bytes[at] == b'\\' && bytes.get(at + 1).is_some_and(|b| b"\\{[]".contains(b)) {
            add(InlineKind::Text(line[from..at].to_owned()), from, at);
            // The escaped character is its own source, one byte further on.
            from = at + 1;
            at += 2;
            continue;
        }
        at += line[at..].chars().next().map_or(1, char::len_utf8);
    }
    add(InlineKind::Text(line[from..].to_owned()), from, line.len());
    out
}

/// Writes the lines of a signature block, without its fence.
pub(crate) fn write(parties: &[SignatureParty]) -> String {
    let mut out = String::new();
    for (i, party) in parties.iter().enumerate() {
        if i > 0 {
            out.push('\n');
        }
        for line in &party.lines {
            let mut words = String::new();
            for inline in line {
                match &inline.kind {
                    InlineKind::Text(text) => words.push_str(&escaped(text)),
                    InlineKind::Field(expr) => words.push_str(&format!("{{{{{expr}}}}}")),
                    InlineKind::Reference(id) => words.push_str(&format!("[](#{id})")),
                    InlineKind::FootnoteRef(label) => words.push_str(&format!("[^{label}]")),
                    InlineKind::Break => words.push(' '),
                }
            }
            out.push_str(if words.is_empty() { "\\" } else { &words });
            out.push('\n');
        }
    }
    out
}

/// Words of a signature line: what could begin a field, a reference or a note is escaped.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let meant = match (c, chars.peek()) {
            ('\\' | '{', _) | ('[' | ']', None) => true,
            ('[', Some(next)) => matches!(next, ']' | '^'),
            (']', Some(next)) => matches!(next, '(' | '['),
            _ => false,
        };
        if meant {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
