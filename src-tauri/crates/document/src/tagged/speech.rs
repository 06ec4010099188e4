//! An expression of another template language in ours: the same grammar with other names, and fewer filters.

use super::Hint;
use crate::fields::is_word;

/// What names mean where an expression stands.
pub(super) trait Names {
    /// A path of names in our words; `None` where it has no meaning of ours.
    fn name(&mut self, path: &[String]) -> Option<String>;
    /// What the expression says of the value of one of our paths.
    fn hint(&mut self, path: &str, hint: Hint);
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Path(Vec<String>),
    Text(String),
    Number(String),
    Sign(&'static str),
}

/// Longest expression, in bytes; ours has the same limit.
const LONGEST: usize = 600;

/// The expression in our words; `None` where ours cannot say it.
pub(super) fn ours(expression: &str, names: &mut dyn Names) -> Option<String> {
    if expression.len() > LONGEST {
        return None;
    }
    // Word makes straight quotes curly.
    let text = expression
        .replace(['‘', '’'], "'")
        .replace(['“', '”'], "\"");
    let tokens = tokens(&text)?;
    let mut out = Said::default();
    spoken(&tokens, names, &mut out)?;
    let whole = out.words;
    let read = crate::expr::Expr::parse(&whole).ok()?;
    let mut known = true;
    read.walk(&mut |e| {
        if let crate::expr::Expr::Filter(_, name, _) = e {
            known &= crate::filters::NAMES.contains(&name.as_str());
        }
    });
    known.then_some(whole)
}

/// The paths of names in an expression, as they are written; a method's name ends the path of what it is called on.
pub(super) fn paths(expression: &str) -> Vec<Vec<String>> {
    if expression.len() > LONGEST {
        return Vec::new();
    }
    let text = expression
        .replace(['‘', '’'], "'")
        .replace(['“', '”'], "\"");
    let mut found = Vec::new();
    for token in tokens(&text).unwrap_or_default() {
        if let Token::Path(path) = token
            && !matches!(path.as_slice(), [word] if is_word(word))
        {
            found.push(path);
        }
    }
    found
}

#[derive(Default)]
struct Said {
    words: String,
    /// The last path that was said, for a filter after it.
    last: Option<String>,
}

impl Said {
    /// One more word, with a space before it where one belongs.
    fn push(&mut self, word: &str) {
        let tight = self.words.is_empty()
            || self.words.ends_with(['(', '['])
            || matches!(word, ")" | "]" | ",");
        if !tight {
            self.words.push(' ');
        }
        self.words.push_str(word);
    }
}

/// What a filter, function or method of theirs is with us: a filter of ours, or nothing but a hint.
fn filter(name: &str) -> Option<(Option<&'static str>, Option<Hint>)> {
    Some(match name {
        "currency" | "money" | "format_currency" | "dollars" => (Some("money"), Some(Hint::Money)),
        "rmb_upper" => (Some("rmb_upper"), Some(Hint::Money)),
        "date" | "format_date" | "strftime" | "date_format" | "datetime" | "dateformat"
        | "toDate" => (None, Some(Hint::Date)),
        "zh_date" => (Some("zh_date"), Some(Hint::Date)),
        "zh_date_words" => (Some("zh_date_words"), Some(Hint::Date)),
        "en_date" => (Some("en_date"), Some(Hint::Date)),
        "us_date" => (Some("us_date"), Some(Hint::Date)),
        "iso_date" => (Some("iso_date"), Some(Hint::Date)),
        "int" | "float" => (None, Some(Hint::Number)),
        "string" | "str" | "safe" | "e" | "escape" | "xml" | "paragraphs" | "markdown"
        | "inline_markdown" | "full" | "block" | "on_one_line" | "familiar" | "formatted" => {
            (None, None)
        }
        "upper" | "toUpperCase" => (Some("upper"), None),
        "lower" | "toLowerCase" => (Some("lower"), None),
        "title" | "title_case" => (Some("title"), None),
        "capitalize" => (Some("capitalize"), None),
        "trim" | "strip" => (Some("trim"), None),
        "length" | "count" | "number" | "len" => (Some("length"), None),
        "nice_number" | "en_words" => (Some("en_words"), Some(Hint::Number)),
        "ordinal" | "ordinal_number" => (Some("ordinal"), Some(Hint::Number)),
        "abs" => (Some("abs"), Some(Hint::Number)),
        _ => return None,
    })
}

/// Filters of ours that take the same arguments there.
const WITH_ARGUMENTS: [&str; 8] = [
    "default", "d", "join", "sum", "round", "replace", "first", "last",
];

fn spoken(tokens: &[Token], names: &mut dyn Names, out: &mut Said) -> Option<()> {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token {
            Token::Text(text) => out.push(&quoted(text)),
            Token::Number(number) => out.push(number),
            Token::Sign("|") => {
                let Some(Token::Path(path)) = tokens.get(at) else {
                    return None;
                };
                let [name] = path.as_slice() else {
                    return None;
                };
                at += 1;
                let arguments = arguments(tokens, at)?;
                if WITH_ARGUMENTS.contains(&name.as_str()) {
                    out.push("|");
                    if arguments > at {
                        out.push(&format!("{name}("));
                        let inner = tokens.get(at + 1..arguments - 1)?;
                        spoken_arguments(inner, names, out)?;
                        out.push(")");
                    } else {
                        out.push(name);
                    }
                    at = arguments;
                    continue;
                }
                let (ours, hint) = filter(name)?;
                if let (Some(hint), Some(last)) = (hint, &out.last) {
                    names.hint(last, hint);
                }
                if let Some(ours) = ours {
                    out.push(&format!("| {ours}"));
                }
                at = arguments;
            }
            Token::Sign(sign) => out.push(sign),
            Token::Path(path) => match path.as_slice() {
                [word] if is_word(word) => out.push(word),
                [word] if matches!(word.as_str(), "undefined" | "defined") => {
                    out.push(word);
                }
                path if tokens.get(at) == Some(&Token::Sign("(")) => {
                    let end = arguments(tokens, at)?;
                    called(path, tokens.get(at + 1..end - 1)?, names, out)?;
                    at = end;
                }
                path => {
                    let ours = names.name(path)?;
                    out.push(&ours);
                    out.last = Some(ours);
                }
            },
        }
    }
    Some(())
}

/// The arguments of a filter, where `attribute=` is a word of ours.
fn spoken_arguments(tokens: &[Token], names: &mut dyn Names, out: &mut Said) -> Option<()> {
    if let [Token::Path(key), Token::Sign("="), ..] = tokens {
        out.push(&format!("{}=", key.join(".")));
        let [Token::Text(value)] = &tokens[2..] else {
            return None;
        };
        out.words.push_str(&quoted(value));
        return Some(());
    }
    match tokens.iter().position(|t| *t == Token::Sign(",")) {
        Some(n) => {
            spoken(&tokens[..n], names, out)?;
            out.push(",");
            spoken_arguments(&tokens[n + 1..], names, out)
        }
        None => spoken(tokens, names, out),
    }
}

/// A function `currency(x)` or a method `x.upper()`.
fn called(path: &[String], inner: &[Token], names: &mut dyn Names, out: &mut Said) -> Option<()> {
    let (last, owner) = path.split_last()?;
    let (ours, hint) = filter(last)?;
    out.push("(");
    if owner.is_empty() {
        // What comes after the first argument says how it looks, which our kinds know.
        let end = inner.iter().position(|t| *t == Token::Sign(","));
        spoken(&inner[..end.unwrap_or(inner.len())], names, out)?;
    } else {
        let name = names.name(owner)?;
        out.push(&name);
        out.last = Some(name);
    }
    out.push(")");
    if let (Some(hint), Some(last)) = (hint, &out.last) {
        names.hint(last, hint);
    }
    if let Some(ours) = ours {
        out.push(&format!("| {ours}"));
    }
    Some(())
}

/// One past the parenthesis that closes the one at `at`; `at` itself where none opens there.
fn arguments(tokens: &[Token], at: usize) -> Option<usize> {
    match tokens.get(at) {
        Some(Token::Sign("(")) => {}
        // Angular's way: `x | default:'y'`.
        Some(Token::Sign(":")) => return None,
        _ => return Some(at),
    }
    let mut depth = 0usize;
    for (n, token) in tokens[at..].iter().enumerate() {
        match token {
            Token::Sign("(") => depth += 1,
            Token::Sign(")") => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + n + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// A text in quotes as our expressions read it.
pub(super) fn quoted(text: &str) -> String {
    let inner = text
        .replace('\\', "\\\\")
        .replace('\'', "\\'")
        .replace('\n', "\\n");
    format!("'{inner}'")
}

const SIGNS: [(&str, &str); 27] = [
    ("===", "=="),
    ("!==", "!="),
    ("==", "=="),
    ("!=", "!="),
    ("<=", "<="),
    (">=", ">="),
    ("&&", "and"),
    ("||", "or"),
    ("//", "//"),
    ("!", "not"),
    ("<", "<"),
    (">", ">"),
    ("|", "|"),
    ("(", "("),
    (")", ")"),
    ("[", "["),
    ("]", "]"),
    (",", ","),
    ("+", "+"),
    ("-", "-"),
    ("*", "*"),
    ("/", "/"),
    ("%", "%"),
    ("~", "~"),
    ("=", "="),
    (":", ":"),
    ("?", "?"),
];

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut all = Vec::new();
    let mut rest = text.trim_start();
    while let Some(c) = rest.chars().next() {
        if c == '\'' || c == '"' {
            let (inner, after) = string(&rest[1..], c)?;
            all.push(Token::Text(inner));
            rest = after;
        } else if c.is_ascii_digit() {
            let end = rest
                .find(|c: char| !(c.is_ascii_digit() || c == '.'))
                .unwrap_or(rest.len());
            all.push(Token::Number(rest[..end].to_owned()));
            rest = &rest[end..];
        } else if c == '.' && rest.len() == 1 {
            all.push(Token::Path(vec![".".to_owned()]));
            rest = "";
        } else if c.is_alphabetic() || c == '_' || c == '$' {
            let (path, after) = path(rest)?;
            all.push(Token::Path(path));
            rest = after;
        } else {
            let (sign, word) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign))?;
            all.push(Token::Sign(word));
            rest = &rest[sign.len()..];
        }
        rest = rest.trim_start();
    }
    (!all.is_empty()).then_some(all)
}

fn string(rest: &str, quote: char) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut chars = rest.char_indices();
    while let Some((i, c)) = chars.next() {
        match c {
            '\\' => out.push(chars.next()?.1),
            c if c == quote => return Some((out, &rest[i + 1..])),
            c => out.push(c),
        }
    }
    None
}

/// `a.b['c'][0]`
fn path(text: &str) -> Option<(Vec<String>, &str)> {
    let word = |rest: &str| {
        rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'))
            .unwrap_or(rest.len())
    };
    let mut rest = text;
    let mut all = Vec::new();
    loop {
        let end = word(rest);
        if end == 0 {
            return None;
        }
        all.push(rest[..end].trim_start_matches('$').to_owned());
        rest = &rest[end..];
        while let Some(after) = rest.strip_prefix('[') {
            let (inner, after) = after.split_once(']')?;
            let inner = inner.trim().trim_matches(['\'', '"']);
            if inner.is_empty() || !inner.chars().all(|c| c.is_alphanumeric() || c == '_') {
                return None;
            }
            all.push(inner.to_owned());
            rest = after;
        }
        match rest.strip_prefix('.') {
            Some(after) => rest = after,
            None => return Some((all, rest)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Joined(Vec<String>);

    impl Names for Joined {
        fn name(&mut self, path: &[String]) -> Option<String> {
            Some(path.join("_"))
        }

        fn hint(&mut self, path: &str, hint: Hint) {
            self.0.push(format!("{path} {hint:?}"));
        }
    }

    #[test]
    fn expressions_become_ours() {
        for (theirs, expected, hints) in [
            ("client.name", Some("client_name"), ""),
            ("client['name'] | upper", Some("client_name | upper"), ""),
            ("price|currency", Some("price | money"), "price Money"),
            (
                "currency(price, decimals=2)",
                Some("(price) | money"),
                "price Money",
            ),
            ("d|date('%Y')", Some("d"), "d Date"),
            (
                "a == “x” && !b || c.d",
                Some("a == 'x' and not b or c_d"),
                "",
            ),
            (
                "kind in ['a', 'b'] and not (x or y)",
                Some("kind in ['a', 'b'] and not (x or y)"),
                "",
            ),
            ("x is not defined", Some("x is not defined"), ""),
            ("x | default('none')", Some("x | default('none')"), ""),
            (
                "xs | join(', ', attribute='name')",
                Some("xs | join(', ', attribute='name')"),
                "",
            ),
            ("client.name.full()", Some("(client_name)"), ""),
            ("items|length > 0", Some("items | length > 0"), ""),
            ("x | frobnicate", None, ""),
            ("f(x)", None, ""),
            ("a ? b : c", None, ""),
            ("a b", None, ""),
            ("", None, ""),
        ] {
            let mut names = Joined(Vec::new());
            assert_eq!(ours(theirs, &mut names).as_deref(), expected, "{theirs}");
            assert_eq!(names.0.join(","), hints, "{theirs}");
        }
    }
}
