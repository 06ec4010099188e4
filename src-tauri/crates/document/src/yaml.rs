//! Front matter as a small tree with positions.
//!
//! Built from the parser's events and not from its values, so that scalars keep their words (`no`, `2026-12-31`,
//! `1200000.00` stay text), doubled keys are seen, and depth is bounded.

use saphyr_parser::{Event, Parser, ScalarStyle};

use crate::model::Span;

/// A value of the front matter; spans are byte ranges of the whole text.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) value: Value,
}

#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// The words, and whether they were written without quotes.
    Scalar {
        text: String,
        plain: bool,
    },
    Sequence(Vec<Node>),
    /// Keys with the span from key to value.
    Mapping(Vec<(String, Span, Node)>),
}

impl Node {
    /// The words of a scalar; `None` for an empty or null one.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, plain }
                if !(*plain && matches!(text.as_str(), "" | "~" | "null")) =>
            {
                Some(text)
            }
            _ => None,
        }
    }

    pub(crate) fn mapping(&self) -> Option<&[(String, Span, Node)]> {
        match &self.value {
            Value::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    pub(crate) fn sequence(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// `yes`, `true`, `no`, `false` without quotes.
    pub(crate) fn yes_no(&self) -> Option<bool> {
        match &self.value {
            Value::Scalar { text, plain: true } => match text.to_ascii_lowercase().as_str() {
                "yes" | "true" => Some(true),
                "no" | "false" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }
}

/// What could not be read, and where (a byte offset of the whole text).
pub(crate) struct Unread {
    pub(crate) at: usize,
    pub(crate) words: String,
}

const DEEPEST: usize = 24;

/// Reads `text[start..end]` as one YAML value; `None` when it is empty.
pub(crate) fn read(text: &str, start: usize, end: usize) -> Result<Option<Node>, Unread> {
    let source = &text[start..end];
    // The parser counts characters.
    let mut places: Vec<usize> = source.char_indices().map(|(i, _)| start + i).collect();
    places.push(end);
    let place = |index: usize| places.get(index).copied().unwrap_or(end);
    let mut stack: Vec<Open> = Vec::new();
    let mut parser = Parser::new_from_str(source);
    loop {
        let (event, span) = match parser.next_event() {
            None => return Ok(None),
            Some(Err(error)) => {
                return Err(Unread {
                    at: place(error.marker().index()),
                    words: error.info().to_owned(),
                });
            }
            Some(Ok(found)) => found,
        };
        let (from, to) = (place(span.start.index()), place(span.end.index()));
        let refuse = |words: &str| {
            Err(Unread {
                at: from,
                words: words.to_owned(),
            })
        };
        let done = match event {
            Event::Scalar(words, style, _, _) => {
                let value = Value::Scalar {
                    text: words.into_owned(),
                    plain: style == ScalarStyle::Plain,
                };
                Some(Node {
                    span: Span {
                        start: from,
                        end: to.max(from),
                    },
                    value,
                })
            }
            Event::SequenceStart(..) | Event::MappingStart(..) if stack.len() >= DEEPEST => {
                return refuse("nested too deeply");
            }
            Event::SequenceStart(..) => {
                stack.push(Open {
                    start: from,
                    key: None,
                    value: Value::Sequence(Vec::new()),
                });
                None
            }
            Event::MappingStart(..) => {
                stack.push(Open {
                    start: from,
                    key: None,
                    value: Value::Mapping(Vec::new()),
                });
                None
            }
            Event::SequenceEnd | Event::MappingEnd => stack.pop().map(|open| {
                let mut last = to.max(from);
                // A block collection ends where its last value ends, not at the next key.
                if from == to
                    || text
                        .get(from..to)
                        .is_none_or(|t| !t.starts_with(['}', ']']))
                {
                    last = match &open.value {
                        Value::Sequence(items) => items.last().map_or(from, |n| n.span.end),
                        Value::Mapping(entries) => {
                            entries.last().map_or(from, |(_, _, n)| n.span.end)
                        }
                        Value::Scalar { .. } => last,
                    };
                }
                Node {
                    span: Span {
                        start: open.start,
                        end: last.max(open.start),
                    },
                    value: open.value,
                }
            }),
            Event::Alias(_) => return refuse("aliases are not read in front matter"),
            Event::StreamEnd | Event::DocumentEnd => return Ok(None),
            Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => None,
        };
        let Some(node) = done else { continue };
        let Some(parent) = stack.last_mut() else {
            return finish(&mut parser, node, place);
        };
        match &mut parent.value {
            Value::Sequence(items) => items.push(node),
            Value::Mapping(entries) => match parent.key.take() {
                None => {
                    let Value::Scalar { text, .. } = node.value else {
                        return refuse("a key must be one word");
                    };
                    parent.key = Some((text, node.span.start));
                }
                Some((key, key_start)) => {
                    let span = Span {
                        start: key_start,
                        end: node.span.end,
                    };
                    entries.push((key, span, node));
                }
            },
            Value::Scalar { .. } => {}
        }
    }
}

/// Reads on to the end, so that trouble after the value is not overlooked.
fn finish<'a>(
    parser: &mut Parser<'a, saphyr_parser::StrInput<'a>>,
    node: Node,
    place: impl Fn(usize) -> usize,
) -> Result<Option<Node>, Unread> {
    while let Some(event) = parser.next_event() {
        if let Err(error) = event {
            return Err(Unread {
                at: place(error.marker().index()),
                words: error.info().to_owned(),
            });
        }
    }
    Ok(Some(node))
}

struct Open {
    start: usize,
    key: Option<(String, usize)>,
    value: Value,
}

/// Text as a YAML scalar that reads back as the same text, in flow or block context.
pub(crate) fn quoted(text: &str) -> String {
    let mut chars = text.chars();
    let simple = chars.next().is_some_and(|c| c.is_alphanumeric())
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || "_ -./".contains(c))
        && !text.ends_with([' ', '-'])
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "yes" | "no" | "true" | "false" | "null"
        );
    if simple {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}') => {
                out.push_str(&format!("\\u{:04X}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
