//! The tags of template languages in the words of a paragraph: Jinja's (docxtpl, docassemble), docxtemplater's
//! `{name}`, `{#list}`, and `{IF x}` of docx-templates.

use std::ops::Range;

use super::expr::Expr;

/// Which language the tags of a file are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Syntax {
    /// `{{ }}` and `{% %}`.
    Jinja,
    /// `{ }`.
    Braces,
}

/// A tag.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tag {
    /// Where, in the words of its paragraph.
    pub span: Range<usize>,
    /// What it says.
    pub kind: TagKind,
    /// What goes with the tag, for a statement.
    pub level: Level,
}

/// What a statement takes with it: docxtpl's `{%p`, `{%tr`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// Not said: decided by where its partner stands.
    Any,
    /// Its whole paragraph.
    Paragraph,
    /// Its whole table row.
    Row,
}

/// What a tag says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum TagKind {
    /// Prints a value.
    Value(Expr),
    /// `{% if x %}`.
    If(Expr),
    /// `{% elif x %}`.
    Elif(Expr),
    /// `{% else %}`.
    Else,
    /// `{% for x in xs %}`; without variable, `{#xs}`: a loop over rows, or a condition, as its value is.
    For {
        /// Name of the row.
        variable: Option<String>,
        /// The list.
        list: Expr,
    },
    /// `{% endif %}`, `{% endfor %}`, `{/xs}`.
    End(Closing),
    /// `{# … #}`: prints nothing.
    Comment,
    /// Anything else; stays as it is.
    Unknown,
}

/// What an end closes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Closing {
    /// A condition.
    If,
    /// A loop with a variable.
    For,
    /// A section of that name; empty for `{/}`.
    Section(String),
}

/// Longest tag, in bytes.
const LONGEST: usize = 600;

/// The language of some words, if they hold a tag at all.
pub(super) fn syntax_of(words: &str) -> Option<Syntax> {
    let last = words.rfind('}').unwrap_or(0);
    let jinja = ["{{", "{%"]
        .iter()
        .any(|open| words.find(open).is_some_and(|at| at < last));
    if jinja {
        return Some(Syntax::Jinja);
    }
    (!tags(words, Syntax::Braces).is_empty()).then_some(Syntax::Braces)
}

/// The tags of a paragraph in order.
pub(super) fn tags(words: &str, syntax: Syntax) -> Vec<Tag> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = words[at..].find('{').map(|n| at + n) {
        let tag = match syntax {
            Syntax::Jinja => jinja(words, open),
            Syntax::Braces => braces(words, open),
        };
        at = tag.as_ref().map_or(open + 1, |tag| tag.span.end);
        found.extend(tag);
    }
    found
}

/// The inside of a tag that begins at `open`, and its end.
fn inside<'a>(words: &'a str, open: usize, sign: &str, close: &str) -> Option<(&'a str, usize)> {
    let rest = words[open..].strip_prefix(sign)?;
    let from = open + sign.len();
    let mut limit = LONGEST.min(rest.len());
    while !rest.is_char_boundary(limit) {
        limit -= 1;
    }
    // The next brace decides, so that a text of openings takes no time.
    let brace = rest[..limit].find(['{', '}'])?;
    let end = (brace + 1 + usize::from(close == "}}")).checked_sub(close.len())?;
    let inner = rest.get(..end)?;
    rest[end..]
        .starts_with(close)
        .then_some((inner, from + end + close.len()))
}

fn jinja(words: &str, open: usize) -> Option<Tag> {
    if let Some((inner, end)) = inside(words, open, "{{", "}}") {
        let inner = trimmed(inner);
        let prefixed = ["p ", "r "].iter().find_map(|p| inner.strip_prefix(p));
        let kind = section(inner).unwrap_or_else(|| {
            let expr = Expr::parse(inner).or_else(|_| Expr::parse(prefixed.unwrap_or(inner)));
            expr.map_or(TagKind::Unknown, TagKind::Value)
        });
        return Some(Tag {
            span: open..end,
            kind,
            level: Level::Any,
        });
    }
    if let Some((_, end)) = inside(words, open, "{#", "#}") {
        return Some(Tag {
            span: open..end,
            kind: TagKind::Comment,
            level: Level::Any,
        });
    }
    let (inner, end) = inside(words, open, "{%", "%}")?;
    let (level, inner) = if let Some(rest) = inner.strip_prefix("p ") {
        (Level::Paragraph, rest)
    } else if let Some(rest) = inner.strip_prefix("tr ") {
        (Level::Row, rest)
    } else {
        (Level::Any, inner.strip_prefix("r ").unwrap_or(inner))
    };
    Some(Tag {
        span: open..end,
        kind: statement(trimmed(inner)),
        level,
    })
}

/// Without the signs that trim spaces (`{%-`), which Word's paragraphs do not need.
fn trimmed(inner: &str) -> &str {
    inner.trim_matches(|c: char| c == '-' || c == '+' || c.is_whitespace())
}

fn statement(inner: &str) -> TagKind {
    let (word, rest) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
    let condition =
        |make: fn(Expr) -> TagKind| Expr::parse(rest.trim()).map_or(TagKind::Unknown, make);
    match word {
        "if" => condition(TagKind::If),
        "elif" => condition(TagKind::Elif),
        "else" => TagKind::Else,
        "endif" => TagKind::End(Closing::If),
        "endfor" => TagKind::End(Closing::For),
        "for" => looped(rest, " in "),
        _ => TagKind::Unknown,
    }
}

fn looped(rest: &str, sign: &str) -> TagKind {
    let Some((variable, list)) = rest.split_once(sign) else {
        return TagKind::Unknown;
    };
    let variable = variable.trim();
    match Expr::parse(list.trim()) {
        Ok(list) if list.path().is_some() && super::expr::is_name(variable) => TagKind::For {
            variable: Some(variable.to_owned()),
            list,
        },
        _ => TagKind::Unknown,
    }
}

/// `#xs`, `^xs`, `/xs`.
fn section(inner: &str) -> Option<TagKind> {
    let name = inner.get(1..)?.trim();
    let path = || Expr::parse(name).ok().filter(|expr| expr.path().is_some());
    match inner.chars().next()? {
        '#' => path().map(|list| TagKind::For {
            variable: None,
            list,
        }),
        '^' => path().map(|expr| TagKind::If(Expr::Not(Box::new(expr)))),
        '/' if name.is_empty() || path().is_some() => {
            Some(TagKind::End(Closing::Section(name.to_owned())))
        }
        _ => None,
    }
}

fn braces(words: &str, open: usize) -> Option<Tag> {
    let (inner, end) = inside(words, open, "{", "}")?;
    let inner = inner.trim();
    let (word, rest) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
    let kind = match word {
        "IF" => Expr::parse(rest.trim()).map_or(TagKind::Unknown, TagKind::If),
        "FOR" => looped(rest, " IN "),
        "END-IF" => TagKind::End(Closing::If),
        "END-FOR" => TagKind::End(Closing::For),
        "INS" => Expr::parse(rest.trim()).map_or(TagKind::Unknown, TagKind::Value),
        _ => match section(inner) {
            Some(kind) => kind,
            None => match Expr::parse(inner.trim_start_matches('=')) {
                Ok(expr) if expr.prints() => TagKind::Value(expr),
                // Braces around other words, a set or a gap, are no tag; what docxtemplater's modules use is.
                _ if inner.starts_with(['@', '%']) => TagKind::Unknown,
                _ => return None,
            },
        },
    };
    Some(Tag {
        span: open..end,
        kind,
        level: Level::Any,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(words: &str, syntax: Syntax) -> Vec<String> {
        tags(words, syntax)
            .into_iter()
            .map(|tag| {
                let words = match tag.kind {
                    TagKind::Value(_) => "value",
                    TagKind::If(_) => "if",
                    TagKind::Elif(_) => "elif",
                    TagKind::Else => "else",
                    TagKind::For { .. } => "for",
                    TagKind::End(_) => "end",
                    TagKind::Comment => "comment",
                    TagKind::Unknown => "unknown",
                };
                let level = match tag.level {
                    Level::Any => "",
                    Level::Paragraph => "p",
                    Level::Row => "tr",
                };
                format!("{words}{level}")
            })
            .collect()
    }

    #[test]
    fn tags_of_three_languages_are_read() {
        assert_eq!(
            kinds(
                "{{ a.b }}{{r x}}{%p if a and not b %}{%tr for x in a.xs %}{% else %}{%- endif -%}{# c #}{% set x = 1 %}",
                Syntax::Jinja
            ),
            [
                "value", "value", "ifp", "fortr", "else", "end", "comment", "unknown"
            ]
        );
        assert_eq!(
            kinds(
                "{name} {#xs}{^xs}{/xs}{/} {IF a == 'b'}x{END-IF}{FOR x IN xs}{$x.name}{END-FOR x} {@raw}",
                Syntax::Braces
            ),
            [
                "value", "for", "if", "end", "end", "if", "end", "for", "value", "end", "unknown"
            ]
        );
        assert_eq!(
            kinds("{see the note} {1, 2} {} { }", Syntax::Braces),
            [""; 0]
        );
        assert_eq!(syntax_of("{a} {{ b }}"), Some(Syntax::Jinja));
        assert_eq!(syntax_of("no tag { here"), None);
    }
}
