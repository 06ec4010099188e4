//! The paragraphs, rows and lines of a text in which tags can stand, with the words of each and their places.

use std::ops::Range;

use crate::guard::tag_line;
use crate::model::{BlockKind, Document, Merge, Span};

/// A paragraph, a row of a table, or a line of a signature block.
pub(super) struct Unit {
    /// Its words, without the backslashes that take the meaning of signs away.
    pub words: String,
    /// Where each byte of the words begins in the source; one more for the end.
    map: Vec<usize>,
    /// Its whole lines, with the line end.
    pub lines: Span,
    /// Its content, without the sign of a list or heading.
    pub content: Span,
    /// Which table or signature block it is in.
    pub container: Option<usize>,
    /// The cells of a row, in its words; one for the whole words otherwise.
    pub cells: Vec<Range<usize>>,
    /// The first row of a table; the second line of the table divides it from the rest.
    pub head: Option<Span>,
    /// Lines may stand before and after it.
    pub apart: bool,
}

impl Unit {
    /// The source of some of the words.
    pub fn source(&self, range: &Range<usize>) -> Span {
        let at = |i: usize| self.map.get(i).copied().unwrap_or(self.content.end);
        Span {
            start: at(range.start),
            end: at(range.end),
        }
    }

    /// The cell that holds a place.
    pub fn cell(&self, at: usize) -> usize {
        self.cells
            .partition_point(|cell| cell.end <= at)
            .min(self.cells.len().saturating_sub(1))
    }
}

/// The units of a text, in order.
pub(super) fn units(text: &str, document: &Document) -> Vec<Unit> {
    let mut all = Vec::new();
    for (index, block) in document.blocks.iter().enumerate() {
        let end = block.span.start + text[block.span.start..block.span.end].trim_end().len();
        let span = Span {
            start: block.span.start,
            end,
        };
        if span.start >= span.end {
            continue;
        }
        match &block.kind {
            BlockKind::Table(_) => {
                let rows: Vec<Span> = lines_of(text, span);
                for (i, row) in rows.iter().enumerate().filter(|(i, _)| *i != 1) {
                    let head = rows.get(1).filter(|_| i == 0);
                    all.extend(unit(text, *row, Some(index), true).map(|unit| Unit {
                        head: head.map(|line| whole_lines(text, *line)),
                        ..unit
                    }));
                }
            }
            BlockKind::Signature(_) => {
                let lines = lines_of(text, span);
                let inner = lines.get(1..lines.len().saturating_sub(1));
                for line in inner.unwrap_or_default() {
                    all.extend(unit(text, *line, Some(index), false));
                }
            }
            BlockKind::Verbatim(words) if tag_line(words).is_none() => {}
            BlockKind::PageBreak => {}
            _ => all.extend(unit(text, span, None, false)),
        }
    }
    all
}

fn lines_of(text: &str, span: Span) -> Vec<Span> {
    let mut start = span.start;
    text[span.start..span.end]
        .split_inclusive('\n')
        .map(|line| {
            let at = start;
            start += line.len();
            Span {
                start: at,
                end: at + line.trim_end().len(),
            }
        })
        .collect()
}

fn whole_lines(text: &str, span: Span) -> Span {
    let start = text[..span.start].rfind('\n').map_or(0, |n| n + 1);
    let end = text[span.end..]
        .find('\n')
        .map_or(text.len(), |n| span.end + n + 1);
    Span { start, end }
}

fn unit(text: &str, span: Span, container: Option<usize>, row: bool) -> Option<Unit> {
    let lines = whole_lines(text, span);
    let source = &text[span.start..span.end];
    // The sign of a list, heading or quote, and the id at the end of a line, are none of the words.
    let start = if row { 0 } else { sign_of(source) };
    let mut end = source.len();
    if !row
        && source.ends_with('}')
        && let Some(open) = source.rfind(" {")
        && source[open + 2..].starts_with(['#', '.'])
        && !source[open + 2..].contains("{/")
        && !source[open + 2..source.len() - 1].contains(['{', '}', '\n'])
    {
        end = open;
    }
    let content = Span {
        start: span.start + start,
        end: span.start + end.max(start),
    };
    if content.start >= content.end {
        return None;
    }
    let mut words = String::new();
    let mut map = Vec::new();
    let mut bars = Vec::new();
    // A bar inside `{{a | b}}` ends no cell.
    let mut tag = false;
    let mut chars = text[content.start..content.end].char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        let at = content.start + i;
        let mut shown = c;
        if c == '\\'
            && let Some((_, next)) = chars.peek().copied()
            && next.is_ascii_punctuation()
        {
            shown = next;
            chars.next();
        } else if c == '{'
            && chars
                .peek()
                .is_some_and(|(_, next)| matches!(next, '{' | '%'))
        {
            tag = true;
        } else if c == '}' {
            tag = false;
        } else if c == '|' && row && !tag {
            bars.push(words.len());
        }
        map.extend(std::iter::repeat_n(at, shown.len_utf8()));
        words.push(shown);
    }
    map.push(content.end);
    let cells = if row {
        let cells = cells(&words, &bars);
        for cell in &cells {
            without_sign(&mut words, cell, text, &map);
        }
        cells
    } else {
        std::iter::once(0..words.len()).collect()
    };
    Some(Unit {
        apart: text[lines.start..span.start]
            .chars()
            .all(|c| c.is_whitespace() || c == '>'),
        words,
        map,
        lines,
        content,
        container,
        cells,
        head: None,
    })
}

fn cells(words: &str, bars: &[usize]) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    let mut start = 0;
    for bar in bars {
        if *bar > 0 {
            all.push(start..*bar);
        }
        start = bar + 1;
    }
    if !words[start.min(words.len())..].trim().is_empty() || all.is_empty() {
        all.push(start..words.len());
    }
    all
}

/// The sign of a cell that is merged into another is none of the words.
fn without_sign(words: &mut String, cell: &Range<usize>, text: &str, map: &[usize]) {
    let inside = &words[cell.clone()];
    let at = cell.start + (inside.len() - inside.trim_start().len());
    let bare = text[map[at]..].starts_with(inside.trim());
    if bare && Merge::of(inside.trim()) != Merge::None {
        words.replace_range(at..=at, " ");
    }
}

/// The length of `1. `, `- `, `## `, `> ` before the words.
fn sign_of(source: &str) -> usize {
    let mut rest = source;
    loop {
        let trimmed = rest.trim_start();
        let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
        let hashes = trimmed.bytes().take_while(|b| *b == b'#').count();
        let next = if (1..=6).contains(&hashes) {
            trimmed[hashes..].strip_prefix(' ')
        } else if (1..=9).contains(&digits) {
            trimmed[digits..]
                .strip_prefix(". ")
                .or_else(|| trimmed[digits..].strip_prefix(") "))
        } else {
            ["- ", "+ ", "* ", "> "]
                .iter()
                .find_map(|sign| trimmed.strip_prefix(sign))
        };
        match next {
            Some(next) => rest = next,
            None => return source.len() - trimmed.len(),
        }
    }
}
