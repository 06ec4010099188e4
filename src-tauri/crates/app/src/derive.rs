//! Everything that follows from a text and its answers: numbers, references, chips, findings, length.

use std::collections::{BTreeMap, BTreeSet};

use moqi_document::{
    Answers, Block, BlockKind, Document, Filled, Inline, InlineKind, Language, Shown, Span, fill,
    line_of, number, parse, references, value_of,
};
use moqi_rules::{Finding, Profile};
use sha2::{Digest, Sha256};

use crate::models::hex;
use crate::place::{Place, locate};

/// What the window shows beside the words.
#[derive(Debug, Clone, PartialEq)]
pub struct Derived {
    /// One entry a block: its number as printed.
    pub labels: Vec<Option<String>>,
    /// Clause id → how a reference to it reads.
    pub references: BTreeMap<String, String>,
    /// Expression → what its chip shows.
    pub chips: BTreeMap<String, Chip>,
    /// Findings in reading order.
    pub findings: Vec<Placed>,
    /// Characters of a Chinese document, words of an English one.
    pub words: usize,
}

/// What a chip shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chip {
    /// The value, or the label of what is missing.
    pub text: String,
    /// Whether there is a value.
    pub state: ChipState,
    /// The field of the form it belongs to.
    pub field: Option<String>,
}

/// Whether a chip has a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChipState {
    /// It has.
    Filled,
    /// Its field is not answered.
    Empty,
    /// Its expression or answer is at fault.
    Error,
}

/// A finding with its place in the source text and in the editor.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// Stable while the same fault stands.
    pub key: String,
    /// The finding; its span and the edits of its fix are in the source text. The fix is dropped where it would have
    /// to change the value of a field.
    pub finding: Finding,
    /// The words it is about, as filled.
    pub quote: String,
    /// Where in the editor; `None` for the document as a whole.
    pub place: Option<Place>,
}

/// Derives everything. `text` is the source with fields; `source` is `parse(text)`.
pub fn derive(text: &str, source: &Document, answers: &Answers, profile: &Profile) -> Derived {
    let numbering = number(source);
    let references = references(source, &numbering);
    Derived {
        chips: chips(source, answers),
        findings: findings(text, source, answers, profile),
        words: words(source),
        labels: numbering
            .labels
            .into_iter()
            .map(|label| label.map(|label| label.text))
            .collect(),
        references,
    }
}

/// Checks the filled text and carries the findings back to the source.
pub fn findings(
    text: &str,
    source: &Document,
    answers: &Answers,
    profile: &Profile,
) -> Vec<Placed> {
    let filled = fill(text, answers);
    let document = parse(&filled.text);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    moqi_rules::check(&document, profile)
        .into_iter()
        .map(|mut finding| {
            let quote = filled
                .text
                .get(finding.span.start..finding.span.end)
                .unwrap_or_default()
                .to_owned();
            finding.span = back(&filled, finding.span);
            finding.fix = finding.fix.and_then(|mut fix| {
                for edit in &mut fix.edits {
                    edit.span = copied(&filled, edit.span)?;
                }
                Some(fix)
            });
            let print = fingerprint(finding.rule, &quote, &finding.message);
            let count = seen.entry(print.clone()).or_default();
            *count += 1;
            let key = if *count == 1 {
                print
            } else {
                format!("{print}-{count}")
            };
            let place = locate(&source.blocks, finding.span);
            Placed {
                key,
                finding,
                quote,
                place,
            }
        })
        .collect()
}

fn fingerprint(rule: &str, quote: &str, message: &str) -> String {
    let mut hash = Sha256::new();
    for part in [rule, quote, message] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    format!("{rule}-{}", &hex(&hash.finalize())[..12])
}

/// The source of a range of the filled text: the whole field where it touches a value.
fn back(filled: &Filled, span: Span) -> Span {
    let touched = |at: usize| {
        let index = filled
            .pieces
            .partition_point(|piece| piece.filled.end <= at);
        filled.pieces.get(index).or(filled.pieces.last())
    };
    let start = touched(span.start).map_or(span.start, |piece| {
        if piece.value {
            piece.source.start
        } else {
            piece.source.start + span.start.saturating_sub(piece.filled.start)
        }
    });
    if span.end <= span.start {
        return Span { start, end: start };
    }
    let end = touched(span.end - 1).map_or(span.end, |piece| {
        if piece.value {
            piece.source.end
        } else {
            piece.source.start + span.end.saturating_sub(piece.filled.start)
        }
    });
    Span {
        start,
        end: end.max(start),
    }
}

/// The source of a range that was copied byte for byte, or nothing when a value stands in it.
fn copied(filled: &Filled, span: Span) -> Option<Span> {
    let piece = filled.pieces.iter().find(|piece| {
        !piece.value && piece.filled.start <= span.start && span.end <= piece.filled.end
    })?;
    let start = piece.source.start + span.start - piece.filled.start;
    Some(Span {
        start,
        end: start + span.end - span.start,
    })
}

/// The value of every chip in the text.
pub fn chips(source: &Document, answers: &Answers) -> BTreeMap<String, Chip> {
    let mut expressions = BTreeSet::new();
    for block in &source.blocks {
        for_each_inline(block, &mut |inline| {
            if let InlineKind::Field(expression) = &inline.kind {
                expressions.insert(expression.clone());
            }
        });
    }
    expressions
        .into_iter()
        .map(|expression| (expression.clone(), chip(&expression, source, answers)))
        .collect()
}

fn chip(expression: &str, source: &Document, answers: &Answers) -> Chip {
    let field = field_name(expression);
    let known = moqi_document::field_at(&source.meta, &field);
    let owner = field
        .split('.')
        .next()
        .filter(|_| known.is_some())
        .map(str::to_owned);
    match value_of(expression, &source.meta, answers) {
        Ok(Shown::Value(text)) => Chip {
            text,
            state: ChipState::Filled,
            field: owner,
        },
        Ok(Shown::Missing(label)) => Chip {
            text: label,
            state: ChipState::Empty,
            field: owner,
        },
        Err(_) => Chip {
            text: expression.to_owned(),
            state: ChipState::Error,
            field: owner,
        },
    }
}

/// The dotted name an expression begins with: `price | rmb_upper` → `price`.
pub fn field_name(expression: &str) -> String {
    expression
        .trim_start_matches(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_' || *c == '.')
        .collect()
}

/// Calls `see` for every inline of a block.
pub fn for_each_inline(block: &Block, see: &mut dyn FnMut(&Inline)) {
    match &block.kind {
        BlockKind::Title(content)
        | BlockKind::Heading { content, .. }
        | BlockKind::Item { content, .. }
        | BlockKind::Paragraph { content, .. }
        | BlockKind::Footnote { content, .. } => content.iter().for_each(see),
        BlockKind::Table(table) => table
            .rows
            .iter()
            .flatten()
            .flat_map(|cell| &cell.content)
            .for_each(see),
        BlockKind::Signature(parties) => parties
            .iter()
            .flat_map(|party| party.lines.iter().flatten())
            .for_each(see),
        BlockKind::PageBreak | BlockKind::Verbatim(_) => {}
    }
}

/// Characters that are no space of a Chinese document, words of an English one.
pub fn words(document: &Document) -> usize {
    let mut characters = 0;
    let mut words = 0;
    for block in &document.blocks {
        for_each_inline(block, &mut |inline| {
            if let InlineKind::Text(text) = &inline.kind {
                characters += text.chars().filter(|c| !c.is_whitespace()).count();
                words += text.split_whitespace().count();
            }
        });
    }
    match document.meta.language {
        Some(Language::En) => words,
        _ => characters,
    }
}

/// Counts of findings: errors, warnings, notes.
pub fn counts(findings: &[Placed]) -> (usize, usize, usize) {
    use moqi_rules::Severity;
    let of = |severity| {
        findings
            .iter()
            .filter(|placed| placed.finding.severity == severity)
            .count()
    };
    (
        of(Severity::Error),
        of(Severity::Warning),
        of(Severity::Note),
    )
}

/// The line of a finding, counted from 1.
pub fn line(text: &str, placed: &Placed) -> usize {
    line_of(text, placed.finding.span.start)
}
