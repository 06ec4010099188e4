//! The tags of template languages in words: Jinja's (docxtpl, docassemble), docxtemplater's `{name}` and `{#list}`, and
//! `{IF x}` of docx-templates. What is a tag here is one for the filling of Word files in place as well.

use std::ops::Range;

use super::TagStyle;

/// A tag.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tag {
    /// Where, in the words.
    pub span: Range<usize>,
    pub said: Said,
}

/// What a tag says; expressions as they are written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Said {
    Value(String),
    If(String),
    Elif(String),
    Else,
    For {
        variable: String,
        list: String,
    },
    /// `{#xs}`: a loop whose rows have no name, or a condition.
    Section(String),
    /// `{^xs}`
    Without(String),
    EndIf,
    EndFor,
    /// `{/xs}`; empty for `{/}`.
    EndSection(String),
    Comment,
    /// A statement that is none of ours: `{% set … %}`, `{@raw}`.
    Foreign,
}

/// Longest tag, in bytes.
const LONGEST: usize = 600;

/// The tags of some words, in order. Linear in their length.
pub(super) fn tags(words: &str, style: TagStyle) -> Vec<Tag> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = words[at..].find('{').map(|n| at + n) {
        let tag = match style {
            TagStyle::Jinja => jinja(words, open),
            TagStyle::Braces => braces(words, open),
        };
        at = tag.as_ref().map_or(open + 1, |tag| tag.span.end);
        found.extend(tag);
    }
    found
}

/// The inside of a tag that begins at `open`, and its end. The next brace decides.
fn inside<'a>(words: &'a str, open: usize, sign: &str, close: &str) -> Option<(&'a str, usize)> {
    let rest = words[open..].strip_prefix(sign)?;
    let from = open + sign.len();
    let mut limit = LONGEST.min(rest.len());
    while !rest.is_char_boundary(limit) {
        limit -= 1;
    }
    let brace = rest[..limit].find(['{', '}'])?;
    let end = (brace + 1 + usize::from(close == "}}")).checked_sub(close.len())?;
    let inner = rest.get(..end)?;
    rest[end..]
        .starts_with(close)
        .then_some((inner, from + end + close.len()))
}

fn jinja(words: &str, open: usize) -> Option<Tag> {
    let tag = |said, end| {
        Some(Tag {
            span: open..end,
            said,
        })
    };
    if let Some((inner, end)) = inside(words, open, "{{", "}}") {
        let inner = trimmed(inner);
        let plain = ["p ", "r "]
            .iter()
            .find_map(|prefix| inner.strip_prefix(prefix))
            .unwrap_or(inner)
            .trim();
        let said = section(inner).unwrap_or_else(|| Said::Value(plain.to_owned()));
        return if inner.is_empty() {
            None
        } else {
            tag(said, end)
        };
    }
    if let Some((_, end)) = inside(words, open, "{#", "#}") {
        return tag(Said::Comment, end);
    }
    let (inner, end) = inside(words, open, "{%", "%}")?;
    // docxtpl's `{%p` and `{%tr` take a paragraph or row with them: where the tag stands says so too.
    let inner = ["p ", "tr ", "r "]
        .iter()
        .find_map(|prefix| inner.strip_prefix(prefix))
        .unwrap_or(inner);
    tag(statement(trimmed(inner)), end)
}

/// Without the signs that trim spaces: `{%-`.
fn trimmed(inner: &str) -> &str {
    inner.trim_matches(|c: char| c == '-' || c == '+' || c.is_whitespace())
}

fn statement(inner: &str) -> Said {
    let (word, rest) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
    let rest = rest.trim();
    match word {
        "if" if !rest.is_empty() => Said::If(rest.to_owned()),
        "elif" if !rest.is_empty() => Said::Elif(rest.to_owned()),
        "else" => Said::Else,
        "endif" => Said::EndIf,
        "endfor" => Said::EndFor,
        "for" => looped(rest, " in "),
        _ => Said::Foreign,
    }
}

fn looped(rest: &str, sign: &str) -> Said {
    match rest.split_once(sign) {
        Some((variable, list)) if is_path(variable.trim()) && !variable.contains('.') => {
            Said::For {
                variable: variable.trim().to_owned(),
                list: list.trim().to_owned(),
            }
        }
        _ => Said::Foreign,
    }
}

/// `#xs`, `^xs`, `/xs`.
fn section(inner: &str) -> Option<Said> {
    let name = inner.get(1..)?.trim();
    match inner.chars().next()? {
        '#' if is_path(name) => Some(Said::Section(name.to_owned())),
        '^' if is_path(name) => Some(Said::Without(name.to_owned())),
        '/' if name.is_empty() || is_path(name) => Some(Said::EndSection(name.to_owned())),
        _ => None,
    }
}

fn braces(words: &str, open: usize) -> Option<Tag> {
    let (inner, end) = inside(words, open, "{", "}")?;
    let inner = inner.trim();
    let (word, rest) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
    let said = match word {
        "IF" if !rest.trim().is_empty() => Said::If(rest.trim().to_owned()),
        "FOR" => looped(rest, " IN "),
        "END-IF" => Said::EndIf,
        "END-FOR" => Said::EndFor,
        "INS" => Said::Value(rest.trim().to_owned()),
        _ => match section(inner) {
            Some(said) => said,
            None => {
                let value = inner.trim_start_matches('=').trim();
                let path = value.split('|').next().unwrap_or(value).trim();
                if path == "." || is_path(path) {
                    Said::Value(value.to_owned())
                } else if inner.starts_with(['@', '%']) {
                    Said::Foreign
                } else {
                    // Braces around other words, a set or a gap, are no tag.
                    return None;
                }
            }
        },
    };
    Some(Tag {
        span: open..end,
        said,
    })
}

/// Names joined by dots or brackets: `a.b[0]`.
fn is_path(words: &str) -> bool {
    let first = words.chars().next();
    first.is_some_and(|c| c.is_alphabetic() || c == '_' || c == '$')
        && words
            .chars()
            .all(|c| c.is_alphanumeric() || "_-.$[]'\"".contains(c))
        && !matches!(words, "and" | "or" | "not" | "in" | "is" | "if" | "else")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &str, style: TagStyle, expected: &[&str]) {
        let found: Vec<String> = tags(words, style)
            .into_iter()
            .map(|tag| match tag.said {
                Said::Value(e) => format!("= {e}"),
                Said::If(e) => format!("if {e}"),
                Said::Elif(e) => format!("elif {e}"),
                Said::For { variable, list } => format!("for {variable} in {list}"),
                Said::Section(e) => format!("# {e}"),
                Said::Without(e) => format!("^ {e}"),
                Said::EndSection(e) => format!("/ {e}"),
                other => format!("{other:?}"),
            })
            .collect();
        assert_eq!(found, expected, "{words}");
    }

    #[test]
    fn tags_of_three_languages_are_read() {
        check(
            "{{ a.b }}{{r x}}{%p if a and not b %}{%tr for x in a.xs %}{% else %}{%- endif -%}{# c #}{% set x = 1 %}",
            TagStyle::Jinja,
            &[
                "= a.b",
                "= x",
                "if a and not b",
                "for x in a.xs",
                "Else",
                "EndIf",
                "Comment",
                "Foreign",
            ],
        );
        check(
            "{name} {#xs}{^xs}{/xs}{/} {IF a == 'b'}x{END-IF}{FOR x IN xs}{$x.name}{END-FOR x} {@raw}",
            TagStyle::Braces,
            &[
                "= name",
                "# xs",
                "^ xs",
                "/ xs",
                "/ ",
                "if a == 'b'",
                "EndIf",
                "for x in xs",
                "= $x.name",
                "EndFor",
                "Foreign",
            ],
        );
        check("{see the note} {1, 2} {} { }", TagStyle::Braces, &[]);
        check("{{ }} {{{{ {% ", TagStyle::Jinja, &[]);
    }
}
