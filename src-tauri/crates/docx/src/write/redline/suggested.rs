//! Suggestions that are still open, as tracked changes in the document as it stands.

use super::credit::Credit;
use super::marks::Signer;
use super::{Changes, WriteError, composed, redline};
use crate::write::attach::{Attached, Comment, Control, Remark};
use crate::write::look::Look;
use crate::{Warned, Warning, WarningKind};
use moqi_document::compare::{tokens, weight};
use moqi_document::{Edit, Span, apply, parse};
use std::collections::BTreeMap;

/// Characters of the longest word.
const LONGEST: usize = 64;

/// A change that somebody, or the model, proposes and nobody has decided on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Suggested {
    /// Place in the text of the document, in bytes.
    pub span: Span,
    /// What should stand there, in the text's own form.
    pub text: String,
    /// Who proposes it.
    pub author: String,
    /// When, as W3CDTF (`2026-11-23T09:00:00Z`). A value of another shape is left out.
    pub date: Option<String>,
    /// Why; becomes a comment on the change.
    pub comment: Option<String>,
}

/// Writes a .docx file of the document as it stands, with every suggestion as a tracked change by its author.
///
/// Accepting all changes gives what [`super::super::write()`] makes of the text with the suggestions applied, rejecting
/// all what it makes of the text itself. A suggestion is compared with the words it would replace and with no others, so
/// each can be accepted without the next. Warnings are those of writing, with their places in the text as it stands; a
/// suggestion that cannot be shown is one too: [`WarningKind::StaleSuggestion`], [`WarningKind::OverlappingSuggestion`].
///
/// # Errors
/// As [`super::super::write()`].
pub fn write_suggested(
    document_text: &str,
    look: &Look,
    suggestions: &[Suggested],
) -> Result<Warned<Vec<u8>>, WriteError> {
    write_suggested_with(document_text, look, suggestions, &Attached::default())
}

/// As [`write_suggested()`], with content controls and comments around words of the text as it stands.
///
/// A control around a value that a suggestion changes holds both values; a comment on words that a suggestion takes away
/// goes with them.
///
/// # Errors
/// As [`super::super::write()`].
pub fn write_suggested_with(
    document_text: &str,
    look: &Look,
    suggestions: &[Suggested],
    attached: &Attached,
) -> Result<Warned<Vec<u8>>, WriteError> {
    let (kept, mut warnings) = fitting(document_text, suggestions);
    let edits = whole_words(document_text, &kept);
    let old = parse(document_text);
    let new = parse(&apply(document_text, &edits));
    let moved = Attached {
        controls: carried(&attached.controls, &kept),
        comments: Vec::new(),
    };
    let reasons = reasons(&kept);
    let beside = [attached, &moved];
    let [earlier, later] = composed([&old, &new], look, beside, !reasons.is_empty())?;
    let credit = Credit::new(&old, &new, &edits);
    let signers = kept.iter().map(|suggestion| Signer {
        author: &suggestion.author,
        date: suggestion.date.as_deref().unwrap_or_default(),
    });
    for warning in &later.warnings {
        warnings.push(Warning {
            span: warning.span.map(|span| credit.back(span)),
            kind: warning.kind.clone(),
        });
    }
    let changes = Changes {
        comparison: credit.comparison(),
        credit: Some(credit),
        signers: signers.collect(),
        reasons,
        people: [&attached.comments, &[]],
        track: false,
    };
    let (value, left) = redline(&earlier, &later, changes)?;
    warnings.extend(left.into_iter().map(|number| Warning {
        span: Some(kept[number].span),
        kind: WarningKind::LeftOut {
            what: "comment",
            count: 1,
        },
    }));
    warnings.sort_by_key(|warning| warning.span);
    Ok(Warned { value, warnings })
}

/// What suggestions say for themselves, as comments, by their numbers.
fn reasons(kept: &[&Suggested]) -> BTreeMap<usize, Comment> {
    let said = |suggestion: &Suggested| -> Option<Comment> {
        let words = suggestion.comment.as_deref().map(str::trim)?;
        let author = suggestion.author.split_whitespace();
        let initials = author.filter_map(|word| word.chars().next()).take(3);
        (!words.is_empty()).then(|| Comment {
            span: suggestion.span,
            remark: Remark {
                author: suggestion.author.clone(),
                initials: initials.collect(),
                date: suggestion.date.clone(),
                text: words.to_owned(),
            },
            replies: Vec::new(),
            done: false,
        })
    };
    let numbered = kept.iter().enumerate();
    numbered
        .filter_map(|(number, suggestion)| Some((number, said(suggestion)?)))
        .collect()
}

/// Controls where their words are once the suggestions are taken. One whose edge lies in a suggestion is left out.
fn carried(controls: &[Control], kept: &[&Suggested]) -> Vec<Control> {
    // How far the new text is ahead of the old one behind each suggestion, in bytes.
    let mut shift = 0;
    let shifts: Vec<isize> = kept
        .iter()
        .map(|suggestion| {
            let Span { start, end } = suggestion.span;
            shift += suggestion.text.len().cast_signed() - (end - start).cast_signed();
            shift
        })
        .collect();
    // What is put in at an edge stands beside the control.
    let place = |at: usize, begins: bool| -> Option<usize> {
        let done =
            kept.partition_point(|own| own.span.end <= at && (begins || own.span.start < at));
        let inside = kept.get(done).is_some_and(|own| own.span.start < at);
        let ahead = done.checked_sub(1).map_or(0, |last| shifts[last]);
        (!inside).then(|| at.saturating_add_signed(ahead))
    };
    let carry = |control: &Control| -> Option<Control> {
        let (start, end) = (control.span.start, control.span.end);
        let span = Span {
            start: place(start, true)?,
            end: place(end, false)?,
        };
        (span.start < span.end).then(|| Control {
            span,
            ..control.clone()
        })
    };
    controls.iter().filter_map(carry).collect()
}

/// The suggestions that can be shown together, in the order of the text, and warnings of the others. They are the same
/// that [`apply`] takes.
fn fitting<'s>(text: &str, suggestions: &'s [Suggested]) -> (Vec<&'s Suggested>, Vec<Warning>) {
    let mut order: Vec<&Suggested> = suggestions.iter().collect();
    order.sort_by_key(|suggestion| (suggestion.span.start, suggestion.span.end));
    let mut kept: Vec<&Suggested> = Vec::with_capacity(order.len());
    let mut warnings = Vec::new();
    for suggestion in order {
        let span = suggestion.span;
        let done = kept.last().map_or(0, |last| last.span.end);
        let kind = if text.get(span.start..span.end).is_none() {
            WarningKind::StaleSuggestion
        } else if span.start < done {
            WarningKind::OverlappingSuggestion
        } else {
            kept.push(suggestion);
            continue;
        };
        warnings.push(Warning {
            span: Some(span),
            kind,
        });
    }
    (kept, warnings)
}

/// The suggestions as edits, widened to whole words where no other suggestion is in the way.
fn whole_words(text: &str, kept: &[&Suggested]) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::with_capacity(kept.len());
    for (at, suggestion) in kept.iter().enumerate() {
        let Span { start, end } = suggestion.span;
        let least = edits.last().map_or(0, |last| last.span.end);
        let most = kept.get(at + 1).map_or(text.len(), |next| next.span.start);
        let before = &text[back(text, start).max(least)..start];
        let after = &text[end..ahead(text, end).min(most)];
        let own = &text[start..end];
        // Looked at with the words that are there, and with those that are suggested.
        let reach = |middle: &str| {
            let around = [before, middle, after].concat();
            let (first, last) = (before.len(), before.len() + middle.len());
            let (mut from, mut to) = (first, last);
            let mut place = 0;
            for token in tokens(&around) {
                let end = place + token.len();
                if weight(token) > 0 {
                    if place < first && first < end {
                        from = place;
                    }
                    if place < last && last < end {
                        to = end;
                    }
                }
                place = end;
            }
            (first - from, to - last)
        };
        let (there, fresh) = (reach(own), reach(&suggestion.text));
        let left = &before[before.len() - there.0.max(fresh.0)..];
        let right = &after[..there.1.max(fresh.1)];
        edits.push(Edit {
            span: Span {
                start: start - left.len(),
                end: end + right.len(),
            },
            text: [left, &suggestion.text, right].concat(),
        });
    }
    edits
}

/// A place so far before another that a word lies between them.
fn back(text: &str, at: usize) -> usize {
    text[..at]
        .char_indices()
        .rev()
        .take(LONGEST)
        .last()
        .map_or(at, |(place, _)| place)
}

/// A place so far after another that a word lies between them.
fn ahead(text: &str, at: usize) -> usize {
    let far = text[at..].char_indices().nth(LONGEST);
    far.map_or(text.len(), |(place, _)| at + place)
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(super) use tests::{samples, words_suggested};
