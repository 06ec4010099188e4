//! The expressions inside tags: names, comparisons, `and`, `or`, `not` and a few filters, over untyped values.
//!
//! `moqi_document` has an evaluator of its own, but over declared, typed fields; what stands in a firm's Word
//! template is declared nowhere, and a text must come out as it was typed.

/// Longest expression, in bytes; deepest nesting.
const LONGEST: usize = 600;
const DEEPEST: u8 = 24;

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    /// `a.b.0`
    Path(Vec<String>),
    /// A text in quotes, or a number.
    Text(String),
    /// `true`, `false`.
    Bool(bool),
    /// `not a`
    Not(Box<Expr>),
    /// `a is defined`
    Defined(Box<Expr>),
    /// `a and b`, `a == b` …
    Binary(&'static str, Box<Expr>, Box<Expr>),
    /// `a | upper`
    Filter(Box<Expr>, String, Option<Box<Expr>>),
}

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fault {
    /// No value was given for this name.
    Absent(String),
    /// It cannot be printed, or is no expression of ours.
    Bad,
}

/// A word that can be a name.
pub(super) fn is_name(word: &str) -> bool {
    let mut chars = word.chars();
    chars
        .next()
        .is_some_and(|c| c.is_alphabetic() || c == '_' || c == '$')
        && chars.all(|c| c.is_alphanumeric() || c == '_' || c == '-')
        && !matches!(word, "and" | "or" | "not" | "in" | "is" | "if" | "else")
}

const FILTERS: [&str; 8] = [
    "upper",
    "lower",
    "title",
    "capitalize",
    "trim",
    "date",
    "default",
    "d",
];

impl Expr {
    /// Reads a whole expression.
    pub fn parse(text: &str) -> Result<Expr, Fault> {
        if text.len() > LONGEST {
            return Err(Fault::Bad);
        }
        // Word makes straight quotes curly.
        let text = text.replace(['‘', '’'], "'").replace(['“', '”'], "\"");
        let mut reader = Reader {
            rest: &text,
            depth: 0,
        };
        let expr = reader.or()?;
        if reader.rest.trim().is_empty() {
            Ok(expr)
        } else {
            Err(Fault::Bad)
        }
    }

    /// The names, if it is nothing but names joined by dots.
    pub fn path(&self) -> Option<&[String]> {
        match self {
            Expr::Path(path) => Some(path),
            _ => None,
        }
    }

    /// Whether it names a value to print: a path, filtered or not.
    pub fn prints(&self) -> bool {
        match self {
            Expr::Path(_) => true,
            Expr::Filter(base, ..) => base.prints(),
            _ => false,
        }
    }

    /// The paths it names, as written.
    pub fn names(&self) -> Vec<String> {
        match self {
            Expr::Path(path) => vec![path.join(".")],
            Expr::Text(_) | Expr::Bool(_) => Vec::new(),
            Expr::Not(inner) | Expr::Defined(inner) | Expr::Filter(inner, ..) => inner.names(),
            Expr::Binary(_, a, b) => [a.names(), b.names()].concat(),
        }
    }
}

struct Reader<'t> {
    rest: &'t str,
    depth: u8,
}

impl Reader<'_> {
    /// Takes a sign or word, if it is next; a word must end there.
    fn take(&mut self, sign: &str) -> bool {
        let rest = self.rest.trim_start();
        let Some(after) = rest.strip_prefix(sign) else {
            return false;
        };
        let word = sign.ends_with(|c: char| c.is_alphanumeric());
        if word && after.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
            return false;
        }
        self.rest = after;
        true
    }

    fn or(&mut self) -> Result<Expr, Fault> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Fault::Bad);
        }
        let mut left = self.and()?;
        while self.take("or") || self.take("||") {
            left = Expr::Binary("or", Box::new(left), Box::new(self.and()?));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn and(&mut self) -> Result<Expr, Fault> {
        let mut left = self.not()?;
        while self.take("and") || self.take("&&") {
            left = Expr::Binary("and", Box::new(left), Box::new(self.not()?));
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Expr, Fault> {
        let sign =
            !self.rest.trim_start().starts_with("!=") && (self.take("not") || self.take("!"));
        if !sign {
            return self.comparison();
        }
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Fault::Bad);
        }
        let inner = self.not()?;
        self.depth -= 1;
        Ok(Expr::Not(Box::new(inner)))
    }

    fn comparison(&mut self) -> Result<Expr, Fault> {
        let left = self.filtered()?;
        if self.take("is") {
            let not = self.take("not");
            if !self.take("defined") {
                return Err(Fault::Bad);
            }
            let there = Expr::Defined(Box::new(left));
            return Ok(if not {
                Expr::Not(Box::new(there))
            } else {
                there
            });
        }
        for (sign, operator) in [
            ("===", "=="),
            ("!==", "!="),
            ("==", "=="),
            ("!=", "!="),
            ("<=", "<="),
            (">=", ">="),
            ("<", "<"),
            (">", ">"),
        ] {
            if self.take(sign) {
                return Ok(Expr::Binary(
                    operator,
                    Box::new(left),
                    Box::new(self.filtered()?),
                ));
            }
        }
        Ok(left)
    }

    fn filtered(&mut self) -> Result<Expr, Fault> {
        let mut base = self.primary()?;
        while !self.rest.trim_start().starts_with("||") && self.take("|") {
            let name = self.word().ok_or(Fault::Bad)?;
            if !FILTERS.contains(&name.as_str()) {
                return Err(Fault::Bad);
            }
            let mut argument = None;
            if self.take("(") {
                if !self.take(")") {
                    argument = Some(Box::new(self.or()?));
                    if !self.take(")") {
                        return Err(Fault::Bad);
                    }
                }
            } else if self.take(":") {
                // Angular's way, which docxtemplater takes over.
                argument = Some(Box::new(self.primary()?));
            }
            if matches!(name.as_str(), "default" | "d") && argument.is_none() {
                return Err(Fault::Bad);
            }
            base = Expr::Filter(Box::new(base), name, argument);
        }
        Ok(base)
    }

    fn primary(&mut self) -> Result<Expr, Fault> {
        if self.take("(") {
            let inner = self.or()?;
            return if self.take(")") {
                Ok(inner)
            } else {
                Err(Fault::Bad)
            };
        }
        self.rest = self.rest.trim_start();
        let first = self.rest.chars().next().ok_or(Fault::Bad)?;
        if first == '\'' || first == '"' {
            let (words, after) = self.rest[1..].split_once(first).ok_or(Fault::Bad)?;
            self.rest = after;
            return Ok(Expr::Text(words.to_owned()));
        }
        if first.is_ascii_digit() {
            let end = self
                .rest
                .find(|c: char| !c.is_ascii_digit() && c != '.')
                .unwrap_or(self.rest.len());
            let (number, after) = self.rest.split_at(end);
            self.rest = after;
            return Ok(Expr::Text(number.to_owned()));
        }
        for (word, value) in [
            ("true", true),
            ("True", true),
            ("false", false),
            ("False", false),
        ] {
            if self.take(word) {
                return Ok(Expr::Bool(value));
            }
        }
        if self.rest == "." {
            self.rest = "";
            return Ok(Expr::Path(vec![".".to_owned()]));
        }
        let mut path = vec![self.word().ok_or(Fault::Bad)?];
        loop {
            if let Some(after) = self.rest.strip_prefix('.') {
                self.rest = after;
                path.push(self.segment().ok_or(Fault::Bad)?);
            } else if let Some(after) = self.rest.strip_prefix('[') {
                let (inner, after) = after.split_once(']').ok_or(Fault::Bad)?;
                let inner = inner.trim().trim_matches(['\'', '"']);
                if inner.is_empty() || !inner.chars().all(|c| c.is_alphanumeric() || c == '_') {
                    return Err(Fault::Bad);
                }
                path.push(inner.to_owned());
                self.rest = after;
            } else {
                return Ok(Expr::Path(path));
            }
        }
    }

    /// A name.
    fn word(&mut self) -> Option<String> {
        self.rest = self.rest.trim_start();
        self.segment().filter(|word| is_name(word))
    }

    fn segment(&mut self) -> Option<String> {
        let end = self
            .rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'))
            .unwrap_or(self.rest.len());
        let (word, after) = self.rest.split_at(end);
        self.rest = after;
        (!word.is_empty()).then(|| word.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use moqi_document::{Answer, Answers};

    use super::super::scope::Scope;
    use super::*;

    #[test]
    fn expressions_have_jinjas_values() {
        let row = |name: &str| Answers::from([("name".to_owned(), Answer::Text(name.to_owned()))]);
        let values = Answers::from([
            ("a".to_owned(), Answer::Text("12".into())),
            ("b".to_owned(), Answer::Bool(false)),
            ("名称".to_owned(), Answer::Text("华东".into())),
            ("seller".to_owned(), Answer::Group(row("acme ltd"))),
            ("flat.key".to_owned(), Answer::Text("flat".into())),
            ("xs".to_owned(), Answer::List(vec![row("one"), row("two")])),
        ]);
        let scope = Scope::new(&values, false);
        let words = |text: &str| scope.words(&Expr::parse(text).unwrap());
        for (text, expected) in [
            ("a", "12"),
            ("名称", "华东"),
            ("seller", "acme ltd"),
            ("seller.name | title", "Acme Ltd"),
            ("seller['name'] | upper", "ACME LTD"),
            ("flat.key", "flat"),
            ("xs.1.name", "two"),
            ("xs[0].name", "one"),
            ("a == 12 and not b", "Yes"),
            ("a > 9", "Yes"),
            ("a < 9 or a == “12”", "Yes"),
            ("zz | default('none')", "none"),
            ("zz is defined", "No"),
            ("(b or a) | lower", "12"),
        ] {
            assert_eq!(words(text).as_deref(), Ok(expected), "{text}");
        }
        assert_eq!(words("zz.y"), Err(Fault::Absent("zz.y".into())));
        assert_eq!(words("xs"), Err(Fault::Bad));
        for bad in [
            "a b",
            "a +",
            "f(x)",
            "a | money",
            "",
            "(a",
            "'x",
            "a.",
            &"(".repeat(99),
            &"not ".repeat(99),
        ] {
            assert!(Expr::parse(bad).is_err(), "{bad}");
        }
    }
}
