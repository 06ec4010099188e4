//! Templates of other programs: a text with the tags of Jinja (docxtpl, docassemble) or with `{tag}` becomes one of ours.
//!
//! | theirs | ours |
//! |---|---|
//! | `{{ client.name }}`, `{client.name}` | `{{client_name}}`, declared with a kind guessed from the name and filters |
//! | `{{ price\|currency }}` | `{{price \| money}}`, an amount |
//! | `{%p if a %}` … `{% else %}` … `{% endif %}`, `{#a}…{/a}`, `{^a}…{/a}` | `{% if a %}` lines around the paragraphs |
//! | `{% if a %}words{% endif %}` in a sentence | `{{'words' if a else ''}}` |
//! | `{%tr for x in xs %}`, `{#xs}…{/xs}` around rows or paragraphs | `{% for x in xs %}` lines; a repeating field |
//! | `{% for x in xs %}{{ x.name }}, {% endfor %}` in a sentence | `{{xs \| join(', ', attribute='name')}}` |
//! | `{# comment #}` | nothing |
//!
//! What our language cannot say stays as words and is reported.

mod convert;
mod needs;
mod pairs;
mod speech;
mod syntax;
mod units;

use std::collections::HashSet;

use convert::{Convert, Fate, by_unit};
use pairs::{Spot, pairs};
use units::{Unit, units};

use crate::edit::{Lines, apply};
use crate::front::{front_matter, write};
use crate::model::{Document, Edit, Meta, Span};
use crate::parse::{language, parse};

/// Which language the tags of a text are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TagStyle {
    /// `{{ }}` and `{% %}`: Jinja, docxtpl, docassemble.
    Jinja,
    /// `{ }`: docxtemplater, docx-templates, and forms that mark their places so.
    Braces,
}

/// A text with tags as a template of ours.
#[derive(Debug, Clone, PartialEq)]
pub struct Tagged {
    /// The template; the text as it was given where it has no foreign tags.
    pub text: String,
    /// How its tags were written; `None` where it has none, as a template of ours.
    pub style: Option<TagStyle>,
    /// Tags that stay as words, in order.
    pub kept: Vec<KeptTag>,
}

/// A tag that our language cannot say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptTag {
    /// Where, in the text that was given.
    pub span: Span,
    /// Line, counted from 1.
    pub line: usize,
    /// The tag as it reads.
    pub tag: String,
    /// Why it stays.
    pub why: KeptWhy,
}

/// Why a tag stays as words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeptWhy {
    /// There is no such statement with us: `{% set %}`, `{% include %}`.
    Statement,
    /// Its expression uses a function, filter or sign that ours has not.
    Expression,
    /// It has no partner: an `if` without `endif`.
    Unmatched,
    /// A condition or loop in the middle of words that cannot be said as a value.
    Place,
    /// Nested deeper than a template of ours.
    TooDeep,
}

/// What a tag tells of the kind of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hint {
    Money,
    Date,
    Number,
}

/// How the tags of a text are written, if it has any. A template of ours, whose fields are declared and not escaped, has
/// none.
#[must_use]
pub fn tag_style(text: &str) -> Option<TagStyle> {
    let document = parse(text);
    style_of(&units(text, &document), text, &document)
}

fn style_of(units: &[Unit], text: &str, document: &Document) -> Option<TagStyle> {
    let has = |style| {
        units
            .iter()
            .any(|unit| !foreign(unit, text, document, style).is_empty())
    };
    if has(TagStyle::Jinja) {
        return Some(TagStyle::Jinja);
    }
    has(TagStyle::Braces).then_some(TagStyle::Braces)
}

/// The tags of a unit that are of another program. Where fields are declared, bare braces are ours: what was a tag in
/// another program has backslashes.
fn foreign(unit: &Unit, text: &str, document: &Document, style: TagStyle) -> Vec<syntax::Tag> {
    let mut tags = syntax::tags(&unit.words, style);
    if !document.meta.fields.is_empty() {
        tags.retain(|tag| text[unit.source(&tag.span).start..].starts_with('\\'));
    }
    tags
}

/// A text with the tags of another program as a template of ours, in linear time. The text is as a reader gives it: what
/// were tags in a Word file are words, so their braces have backslashes; bare ones are read as well.
///
/// Every field is declared, with a kind guessed from its name, its filters and how it is used: yes or no where it is only
/// tested, a choice where it is compared with several texts, a repeating group where it is looped over. Names with dots
/// are joined by underscores. A template of ours comes back unchanged.
#[must_use]
pub fn from_tags(given: &str) -> Tagged {
    // A line can stand after the last one as well.
    let whole = match given.ends_with('\n') {
        true => given.to_owned(),
        false => format!("{given}\n"),
    };
    let text = whole.as_str();
    let document = parse(text);
    let units = units(text, &document);
    let Some(style) = style_of(&units, text, &document) else {
        return Tagged {
            text: given.to_owned(),
            style: None,
            kept: Vec::new(),
        };
    };
    let (mut meta, body, _) = front_matter(text, &Lines::of(text));
    let declared: HashSet<String> = meta.fields.iter().map(|f| f.name.clone()).collect();
    let pairs = pairs(&units, |unit| foreign(unit, text, &document, style));
    let (fates, needs) = Convert::new(&units, &pairs, declared).all();
    let starts = Lines::of(text);
    let kept = pairs.spots.iter().zip(&fates).filter_map(|(spot, fate)| {
        let Fate::Kept(why) = fate else { return None };
        let unit = &units[spot.unit];
        let span = unit.source(&spot.tag.span);
        Some(KeptTag {
            span,
            line: starts.line(span.start),
            tag: unit.words[spot.tag.span.clone()].to_owned(),
            why: *why,
        })
    });
    let kept = kept.collect();
    let edits = edits(text, &units, &pairs.spots, &fates);
    let rest = apply(text, &edits)[body..].to_owned();
    let spoken = language(&document);
    meta.language.get_or_insert(spoken);
    meta.fields.extend(needs.fields(spoken));
    meta.raw = None;
    let front = write(&Document {
        meta: Meta { ..meta },
        ..Document::default()
    });
    Tagged {
        text: format!("{front}{}", rest.trim_start_matches(['\r', '\n'])),
        style: Some(style),
        kept,
    }
}

/// What changes in the source.
fn edits(text: &str, units: &[Unit], spots: &[Spot], fates: &[Fate]) -> Vec<Edit> {
    let mut edits = Vec::new();
    let here = by_unit(spots);
    for (index, unit) in units.iter().enumerate() {
        let Some(here) = here.get(&index) else {
            continue;
        };
        let lines = |wanted: bool| -> String {
            here.iter()
                .filter_map(|i| match &fates[*i] {
                    Fate::Line { tag, before } if *before == wanted => Some(format!("{tag}\n")),
                    _ => None,
                })
                .collect()
        };
        let any_line = here.iter().any(|i| matches!(fates[*i], Fate::Line { .. }));
        // The head of a table holds no lines: it becomes an empty one, and the row stands under it.
        let mut before = String::new();
        if let Some(rule) = unit.head.filter(|_| any_line) {
            let bars = "|  ".repeat(unit.cells.len().max(1));
            before.push_str(&format!("{bars}|\n{}", &text[rule.start..rule.end]));
            edits.push(Edit {
                span: rule,
                text: String::new(),
            });
        }
        before.push_str(&lines(true));
        let only = here
            .iter()
            .any(|i| spots[*i].only && matches!(fates[*i], Fate::Line { .. }))
            && !here.iter().any(|i| matches!(fates[*i], Fate::Kept(_)));
        if only {
            edits.push(Edit {
                span: unit.lines,
                text: before + &lines(false),
            });
            continue;
        }
        if !before.is_empty() {
            edits.push(Edit {
                span: Span {
                    start: unit.lines.start,
                    end: unit.lines.start,
                },
                text: before,
            });
        }
        for i in here {
            edits.extend(edit(text, unit, spots, *i, &fates[*i]));
        }
        let after = lines(false);
        if !after.is_empty() {
            edits.push(Edit {
                span: Span {
                    start: unit.lines.end,
                    end: unit.lines.end,
                },
                text: after,
            });
        }
    }
    edits
}

fn edit(text: &str, unit: &Unit, spots: &[Spot], i: usize, fate: &Fate) -> Option<Edit> {
    let span = unit.source(&spots[i].tag.span);
    Some(match fate {
        Fate::Value(expression) => Edit {
            span,
            text: format!("{{{{{expression}}}}}"),
        },
        Fate::Inline { expression, last } => Edit {
            span: Span {
                start: span.start,
                end: unit.source(&spots[*last].tag.span).end,
            },
            text: format!("{{{{{expression}}}}}"),
        },
        Fate::Line { .. } | Fate::Gone => Edit {
            span: with_marks(text, span),
            text: String::new(),
        },
        // Bare braces would be a tag of ours.
        Fate::Kept(_) => {
            let source = &text[span.start..span.end];
            if !source.starts_with("{{") && !source.starts_with("{%") {
                return None;
            }
            Edit {
                span: Span {
                    start: span.start,
                    end: span.start + 2,
                },
                text: format!("\\{{\\{}", &source[1..2]),
            }
        }
    })
}

/// The place with the marks right around it, which would be left empty.
fn with_marks(text: &str, span: Span) -> Span {
    let mut span = span;
    loop {
        let (before, after) = (&text[..span.start], &text[span.end..]);
        let around = [
            ("**", "**"),
            ("*", "*"),
            ("<strong>", "</strong>"),
            ("<em>", "</em>"),
        ];
        match around
            .iter()
            .find(|(open, close)| before.ends_with(open) && after.starts_with(close))
        {
            Some((open, close)) => {
                span.start -= open.len();
                span.end += close.len();
            }
            None => return span,
        }
    }
}
