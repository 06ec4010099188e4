//! What is put around words of the text: content controls and comments, by their places in the source.

use super::comments;
use super::text::escape;
use crate::ControlKind;
use moqi_document::{Inline, InlineKind, Language, Span};
use std::fmt::Write;

/// What a file says beside the text of its document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attached {
    /// Words that stand in content controls. One that crosses the border of a paragraph, cell or link is left out.
    pub controls: Vec<Control>,
    /// Comments on words.
    pub comments: Vec<Comment>,
}

/// Words in a content control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// The words, in the text of the document.
    pub span: Span,
    /// Its name for programs.
    pub tag: String,
    /// Its name for people.
    pub title: String,
    /// What it takes.
    pub kind: ControlKind,
    /// The words only ask for a value; who types there replaces them.
    pub prompt: bool,
}

/// A comment on words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The words, in the text of the document; without any, the comment stands at a point.
    pub span: Span,
    /// What it says.
    pub remark: Remark,
    /// Answers to it, in order.
    pub replies: Vec<Remark>,
    /// The thread is marked as done.
    pub done: bool,
}

/// What somebody says in a comment or in an answer to one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remark {
    /// Who.
    pub author: String,
    /// The author's initials.
    pub initials: String,
    /// When, as W3CDTF (`2026-11-23T09:00:00Z`), never taken from a clock. A value of another shape is left out.
    pub date: Option<String>,
    /// What; lines are paragraphs.
    pub text: String,
}

/// A place where markup goes between the words.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mark {
    at: usize,
    /// Ends stand before beginnings at the same place.
    opens: bool,
    markup: String,
}

/// Inline content with markup between.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Bit {
    /// Words.
    Inline(Inline),
    /// Markup that stands beside runs.
    Markup(String),
}

/// What is still to be put around words while a text is written.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// By place; those of one comment are two.
    comments: Vec<Mark>,
    /// How many of them are written.
    written: usize,
    /// By place.
    controls: Vec<(Span, String)>,
}

impl Marks {
    /// The marks of what is attached. Ids of controls count from 1.
    pub fn new(attached: &Attached, language: Language) -> Self {
        let mut placed = Vec::new();
        for (number, id) in ids(&attached.comments).into_iter().enumerate() {
            let comment = &attached.comments[number];
            let (start, end) = (comment.span.start, comment.span.end.max(comment.span.start));
            let (mut opening, mut closing) = (String::new(), String::new());
            for id in id..=id + comment.replies.len() {
                opening.push_str(&comments::opening(id));
                closing.push_str(&comments::closing(id));
                closing.push_str(&comments::mark(id));
            }
            if start == end {
                let markup = opening + &closing;
                let mark = |markup| Mark {
                    at: start,
                    opens: true,
                    markup,
                };
                placed.push(mark(markup));
                continue;
            }
            for (at, opens, markup) in [(start, true, opening), (end, false, closing)] {
                placed.push(Mark { at, opens, markup });
            }
        }
        placed.sort_by_key(|mark| (mark.at, mark.opens));
        let mut controls: Vec<(Span, String)> = attached
            .controls
            .iter()
            .enumerate()
            .filter(|(_, control)| control.span.start < control.span.end)
            .map(|(number, control)| {
                let markup = properties(
                    &control.tag,
                    &control.title,
                    &control.kind,
                    number + 1,
                    control.prompt,
                    language,
                );
                (control.span, markup)
            })
            .collect();
        controls.sort_by_key(|(span, _)| (span.start, span.end));
        // Controls do not stand in one another: of two that overlap the first is kept.
        let mut last = 0;
        controls.retain(|(span, _)| {
            let apart = span.start >= last;
            if apart {
                last = span.end;
            }
            apart
        });
        Self {
            comments: placed,
            written: 0,
            controls,
        }
    }

    /// True when nothing is left to be put anywhere.
    pub fn is_empty(&self) -> bool {
        self.controls.is_empty() && self.written == self.comments.len()
    }

    /// The content of a paragraph with the marks that belong into it.
    pub fn around(&mut self, content: &[Inline]) -> Vec<Bit> {
        let placed = content
            .iter()
            .filter(|inline| inline.span != Span::default());
        let (low, high) = placed.fold((usize::MAX, 0), |(low, high), inline| {
            (low.min(inline.span.start), high.max(inline.span.end))
        });
        let mut marks: Vec<Mark> = Vec::new();
        if low < high {
            let first = self.controls.partition_point(|(span, _)| span.start < low);
            for (span, opening) in &self.controls[first..] {
                if span.start >= high {
                    break;
                }
                if fits(content, *span) {
                    let mark = |at, opens, markup: &str| Mark {
                        at,
                        opens,
                        markup: markup.to_owned(),
                    };
                    marks.push(mark(span.start, true, opening));
                    marks.push(mark(span.end, false, "</w:sdtContent></w:sdt>"));
                }
            }
            while let Some(mark) = self.comments.get(self.written)
                && mark.at <= high
            {
                marks.push(mark.clone());
                self.written += 1;
            }
            // A comment that ends where a control begins ends before it, and one that begins there stands around it.
            marks.sort_by_key(|mark| (mark.at, mark.opens));
        }
        let mut out = Vec::with_capacity(content.len() + marks.len());
        let mut marks = marks.into_iter().peekable();
        for inline in content {
            let mut rest = Some(inline.clone());
            while let Some(mark) = marks.peek() {
                let Some(left) = &rest else { break };
                let within = left.span != Span::default()
                    && (mark.at < left.span.end || (mark.at == left.span.end && !mark.opens));
                if !within {
                    break;
                }
                match split(left, mark.at) {
                    Some((head, tail)) => {
                        out.push(Bit::Inline(head));
                        rest = Some(tail);
                    }
                    // What cannot be divided stands inside: what begins there begins before it.
                    None if !mark.opens && mark.at > left.span.start => {
                        out.extend(rest.take().map(Bit::Inline));
                    }
                    None => {}
                }
                out.extend(marks.next().map(|mark| Bit::Markup(mark.markup)));
            }
            out.extend(rest.map(Bit::Inline));
        }
        out.extend(marks.map(|mark| Bit::Markup(mark.markup)));
        out
    }

    /// Markup that found no place: comments on what stands behind the last words.
    pub fn rest(&mut self) -> String {
        let rest = &self.comments[self.written..];
        self.written = self.comments.len();
        rest.iter().map(|mark| mark.markup.as_str()).collect()
    }
}

/// The id of the first remark of each comment; those of its answers follow.
pub(super) fn ids(comments: &[Comment]) -> Vec<usize> {
    let mut next = 0;
    comments
        .iter()
        .map(|comment| {
            let id = next;
            next += 1 + comment.replies.len();
            id
        })
        .collect()
}

/// True when a control around these words begins and ends between the same words: not inside a link, a code or a field
/// that cannot be divided.
fn fits(content: &[Inline], span: Span) -> bool {
    let link_at = |at: usize| {
        content
            .iter()
            .find(|inline| inline.span.start < at && at < inline.span.end)
            .map(|inline| (inline.marks.link.is_some(), split(inline, at).is_some()))
    };
    let whole = content
        .iter()
        .any(|inline| inline.span.start < span.end && inline.span.end > span.start);
    let cut = |at| link_at(at).is_none_or(|(link, divided)| !link && divided);
    let (start, end) = (
        content.iter().map(|inline| inline.span.start).min(),
        content.iter().map(|inline| inline.span.end).max(),
    );
    let inside =
        start.is_some_and(|start| start <= span.start) && end.is_some_and(|end| span.end <= end);
    // A link is one element, and a control stands around all of it or none.
    let links_whole = content
        .iter()
        .filter(|inline| inline.marks.link.is_some())
        .all(|inline| inline.span.end <= span.start || inline.span.start >= span.end);
    whole && inside && cut(span.start) && cut(span.end) && links_whole
}

/// Text in two at a place of its source; `None` where the place is its edge, or cannot be found in the words.
fn split(inline: &Inline, at: usize) -> Option<(Inline, Inline)> {
    let InlineKind::Text(text) = &inline.kind else {
        return None;
    };
    let Span { start, end } = inline.span;
    let plain = text.len() == end - start;
    let offset = at.checked_sub(start).filter(|offset| {
        plain && *offset > 0 && *offset < text.len() && text.is_char_boundary(*offset)
    })?;
    let part = |text: &str, span| Inline {
        kind: InlineKind::Text(text.to_owned()),
        marks: inline.marks.clone(),
        span,
    };
    Some((
        part(&text[..offset], Span { start, end: at }),
        part(&text[offset..], Span { start: at, end }),
    ))
}

/// A content control up to its content.
pub(super) fn properties(
    tag: &str,
    title: &str,
    kind: &ControlKind,
    id: usize,
    placeholder: bool,
    language: Language,
) -> String {
    // Word refuses names of more than 64 characters.
    let short = |name: &str| escape(&name.chars().take(64).collect::<String>());
    let mut out = format!(
        "<w:sdt><w:sdtPr><w:alias w:val=\"{}\"/><w:tag w:val=\"{}\"/><w:id w:val=\"{id}\"/>",
        short(title),
        short(tag)
    );
    if placeholder {
        out.push_str("<w:showingPlcHdr/>");
    }
    match kind {
        ControlKind::Date => {
            let (format, lid) = match language {
                Language::Zh => ("yyyy年M月d日", "zh-CN"),
                Language::En => ("d MMMM yyyy", "en-GB"),
            };
            let _ = write!(
                out,
                "<w:date><w:dateFormat w:val=\"{format}\"/><w:lid w:val=\"{lid}\"/><w:storeMappedDataAs w:val=\"dateTime\"/><w:calendar w:val=\"gregorian\"/></w:date>"
            );
        }
        ControlKind::DropDown(options) => {
            out.push_str("<w:dropDownList>");
            let mut seen = std::collections::BTreeSet::new();
            for option in options.iter().filter(|option| seen.insert(*option)) {
                let option = escape(option);
                let _ = write!(
                    out,
                    "<w:listItem w:displayText=\"{option}\" w:value=\"{option}\"/>"
                );
            }
            out.push_str("</w:dropDownList>");
        }
        ControlKind::Text | ControlKind::CheckBox | ControlKind::Other => {
            out.push_str("<w:text/>");
        }
    }
    out.push_str("</w:sdtPr><w:sdtContent>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use moqi_document::{BlockKind, parse};

    fn shown(text: &str, attached: &Attached) -> Vec<String> {
        let document = parse(text);
        let mut marks = Marks::new(attached, Language::En);
        let mut out: Vec<String> = document
            .blocks
            .iter()
            .map(|block| {
                let (BlockKind::Paragraph { content, .. } | BlockKind::Title(content)) =
                    &block.kind
                else {
                    panic!("a paragraph")
                };
                marks
                    .around(content)
                    .into_iter()
                    .map(|bit| match bit {
                        Bit::Inline(inline) => match inline.kind {
                            InlineKind::Text(text) => text,
                            other => format!("<{other:?}>"),
                        },
                        Bit::Markup(markup) => match markup.get(..9) {
                            Some("<w:commen") if markup.contains("RangeStart") => "[".into(),
                            Some("<w:commen") => "]".into(),
                            Some("<w:sdt><w") => "{".into(),
                            _ => "}".into(),
                        },
                    })
                    .collect()
            })
            .collect();
        out.push(marks.rest());
        out
    }

    fn span(text: &str, words: &str) -> Span {
        let start = text.find(words).unwrap();
        Span {
            start,
            end: start + words.len(),
        }
    }

    fn comment(span: Span) -> Comment {
        Comment {
            span,
            remark: Remark::default(),
            replies: Vec::new(),
            done: false,
        }
    }

    #[test]
    fn marks_stand_where_the_words_are() {
        let text = "# A deed\n\nThe **price** is [one](https://a.b) pound, \\*net.\n\nThe end.\n";
        let control = |words| Control {
            span: span(text, words),
            tag: "t".into(),
            title: "T".into(),
            kind: ControlKind::Text,
            prompt: false,
        };
        let attached = Attached {
            controls: vec![
                control("price"),
                // Half a link, and two paragraphs, cannot stand in a control.
                control("one](https"),
                control("*n"),
                control(".\n\nThe"),
                control("end"),
            ],
            comments: vec![
                comment(span(text, "deed")),
                comment(span(text, "The **price**")),
                comment(span(text, "pound, \\*net.\n\nThe")),
                comment(Span {
                    start: 500,
                    end: 600,
                }),
            ],
        };
        let found = shown(text, &attached);
        assert_eq!(
            found[..3],
            [
                "A [deed]".to_owned(),
                "[The {price}] is one [pound, {*n}et.".to_owned(),
                "The] {end}.".to_owned()
            ]
        );
        assert!(found[3].starts_with("<w:commentRangeStart w:id=\"3\"/><w:commentRangeEnd"));
    }
}
