//! Answers into the text that is checked and exported.

use crate::edit::Lines;
use crate::escape;
use crate::eval::Scope;
use crate::front::front_matter;
use crate::guard::{TokenKind, guard};
use crate::model::{
    Answers, BlockKind, Document, Filled, Language, Meta, Piece, Problem, ProblemKind, Span,
};
use crate::parse::{language_of, parse};
use crate::value::Missing;

/// Puts answers in place of the fields of a text. The fields are those its own front matter declares; the front
/// matter is copied as it stands.
///
/// A value can never change the structure: it is escaped for the place it stands in, and its line ends are hard
/// breaks (spaces in signatures and code). Without a usable answer the label stands in 【】 or [], and a problem tells.
/// The pieces cover the filled text without gap or overlap.
#[must_use]
pub fn fill(text: &str, answers: &Answers) -> Filled {
    let document = parse(text);
    let lines = Lines::of(text);
    let (_, body, _) = front_matter(text, &lines);
    let language = language_of(&document.meta, &text[body..]);
    let scope = Scope::new(&document.meta, answers, language);
    let mut filled = Filled::default();
    let mut at = 0;
    for token in guard(text, body).tokens {
        let TokenKind::Field(expression) = &token.kind else {
            continue;
        };
        copy(&mut filled, text, at, token.span.start);
        at = token.span.end;
        let words = match shown(expression, &scope) {
            Ok(Ok(words)) => words,
            Ok(Err(missing)) => {
                let kind = ProblemKind::Template(format!("no answer for {}", missing.label));
                filled
                    .problems
                    .push(problem(&lines, token.span, Some(missing.path), kind));
                placeholder(&missing.label, language)
            }
            Err(kind) => {
                let field = match &kind {
                    ProblemKind::UnknownField(name) => Some(name.clone()),
                    _ => None,
                };
                filled
                    .problems
                    .push(problem(&lines, token.span, field, kind));
                placeholder(expression, language)
            }
        };
        let mut words = escape::value(&words, ground(&document, token.span));
        // `{{n}}. ` at the start of a line must not become a list.
        if text[at..].starts_with(['.', ')'])
            && words.bytes().all(|b| b.is_ascii_digit())
            && let Some(last) = words.pop()
        {
            words.push_str(&format!("&#{};", u32::from(last)));
        }
        let start = filled.text.len();
        filled.text.push_str(&words);
        let span = Span {
            start,
            end: filled.text.len(),
        };
        filled.pieces.push(Piece {
            filled: span,
            source: token.span,
            value: true,
        });
    }
    copy(&mut filled, text, at, text.len());
    filled
}

/// What a chip of the editor says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// The printed value.
    Value(String),
    /// What is to be answered first, in the words of its label.
    Missing(String),
}

/// What a chip with this expression says.
///
/// # Errors
/// [`ProblemKind::UnknownField`] or [`ProblemKind::Template`] when the expression has no meaning.
pub fn value_of(expression: &str, meta: &Meta, answers: &Answers) -> Result<Shown, ProblemKind> {
    let scope = Scope::new(meta, answers, meta.language.unwrap_or(Language::Zh));
    Ok(match shown(expression, &scope)? {
        Ok(value) => Shown::Value(value),
        Err(missing) => Shown::Missing(missing.label),
    })
}

pub(crate) fn shown(
    expression: &str,
    scope: &Scope<'_>,
) -> Result<Result<String, Missing>, ProblemKind> {
    let value = scope.value(expression)?;
    match value.show(scope.language) {
        Ok(Some(words)) => Ok(Ok(words)),
        Ok(None) => Err(ProblemKind::Template(format!(
            "`{expression}` is a list; it needs a loop or a filter"
        ))),
        Err(missing) => Ok(Err(missing)),
    }
}

fn placeholder(label: &str, language: Language) -> String {
    if language == Language::Zh {
        format!("【{label}】")
    } else {
        format!("[{label}]")
    }
}

fn problem(lines: &Lines, span: Span, field: Option<String>, kind: ProblemKind) -> Problem {
    Problem {
        span,
        line: lines.line(span.start),
        field,
        kind,
    }
}

fn copy(filled: &mut Filled, text: &str, start: usize, end: usize) {
    if end > start {
        let from = filled.text.len();
        filled.text.push_str(&text[start..end]);
        let span = Span {
            start: from,
            end: filled.text.len(),
        };
        filled.pieces.push(Piece {
            filled: span,
            source: Span { start, end },
            value: false,
        });
    }
}

/// What surrounds a field.
fn ground(document: &Document, span: Span) -> escape::Ground {
    let next = document
        .blocks
        .partition_point(|b| b.span.start <= span.start);
    let block = next
        .checked_sub(1)
        .and_then(|i| document.blocks.get(i))
        .filter(|b| b.span.end >= span.end);
    match block.map(|b| &b.kind) {
        Some(BlockKind::Signature(_)) => escape::Ground::Signature,
        Some(BlockKind::Verbatim(_)) => escape::Ground::Verbatim,
        _ => escape::Ground::Words,
    }
}
