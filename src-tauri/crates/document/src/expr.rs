//! The small language inside `{{ }}` and `{% %}`: names, filters, comparisons, arithmetic.
//!
//! It is a part of Jinja's, read here so that numbers are exact decimals, nothing a template says can take much
//! time or memory, and names keep their places.

use crate::words::Decimal;

/// Longest expression, in bytes; deepest nesting.
const LONGEST: usize = 2000;
const DEEPEST: u8 = 48;

/// Place in the expression's text.
pub(crate) type Place = std::ops::Range<usize>;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expr {
    Text(String),
    Number(Decimal),
    Bool(bool),
    None,
    List(Vec<Expr>),
    Name(String, Place),
    /// `a.b`, `a.0`; the place is that of the whole path.
    Attribute(Box<Expr>, String, Place),
    Filter(Box<Expr>, String, Vec<(Option<String>, Expr)>),
    /// `a is defined`, `a is not defined`
    Defined(Box<Expr>, bool),
    Not(Box<Expr>),
    Minus(Box<Expr>),
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// `a if condition else b`
    Choose {
        condition: Box<Expr>,
        yes: Box<Expr>,
        no: Option<Box<Expr>>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Operator {
    Or,
    And,
    Equal,
    Unequal,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    NotIn,
    Add,
    Subtract,
    Join,
    Multiply,
    Divide,
    DivideFloor,
    Remainder,
}

impl Expr {
    /// Reads a whole expression; the error says what was expected where.
    pub(crate) fn parse(text: &str) -> Result<Expr, Unread> {
        if text.len() > LONGEST {
            return Err(Unread::from("the expression is too long"));
        }
        let mut reader = Reader {
            text,
            at: 0,
            depth: 0,
        };
        let expr = reader.choose()?;
        reader.space();
        if reader.at < text.len() {
            Err(reader.expected("an operator or the end"))
        } else {
            Ok(expr)
        }
    }

    /// Names joined by dots: `goods.0.name`.
    pub(crate) fn path(&self) -> Option<Vec<&str>> {
        match self {
            Expr::Name(name, _) => Some(vec![name]),
            Expr::Attribute(base, name, _) => {
                let mut path = base.path()?;
                path.push(name);
                Some(path)
            }
            _ => None,
        }
    }

    /// Calls `see` for every expression inside this one, a path only once as a whole.
    pub(crate) fn walk<'a>(&'a self, see: &mut dyn FnMut(&'a Expr)) {
        see(self);
        match self {
            Expr::Attribute(base, ..) if self.path().is_none() => base.walk(see),
            Expr::List(items) => items.iter().for_each(|e| e.walk(see)),
            Expr::Filter(base, _, args) => {
                base.walk(see);
                args.iter().for_each(|(_, e)| e.walk(see));
            }
            Expr::Defined(inner, _) | Expr::Not(inner) | Expr::Minus(inner) => inner.walk(see),
            Expr::Binary(_, a, b) => {
                a.walk(see);
                b.walk(see);
            }
            Expr::Choose { condition, yes, no } => {
                condition.walk(see);
                yes.walk(see);
                if let Some(no) = no {
                    no.walk(see);
                }
            }
            _ => {}
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: u8,
}

/// Why an expression could not be read, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unread(pub(crate) String);

impl From<&str> for Unread {
    fn from(words: &str) -> Self {
        Unread(words.to_owned())
    }
}

type Read = Result<Expr, Unread>;

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn expected(&self, what: &str) -> Unread {
        let found: String = self.rest().chars().take(12).collect();
        if found.is_empty() {
            Unread(format!("expected {what} at the end"))
        } else {
            Unread(format!("expected {what} before `{found}`"))
        }
    }

    /// Takes a sign, if it is next.
    fn sign(&mut self, sign: &str) -> bool {
        self.space();
        let found = self.rest().starts_with(sign);
        if found {
            self.at += sign.len();
        }
        found
    }

    /// Takes a word, if it is next and ends there.
    fn word(&mut self, word: &str) -> bool {
        self.space();
        let found = self
            .rest()
            .strip_prefix(word)
            .is_some_and(|r| !r.starts_with(is_word));
        if found {
            self.at += word.len();
        }
        found
    }

    fn name(&mut self) -> Option<String> {
        let end = self
            .rest()
            .find(|c| !is_word(c))
            .unwrap_or(self.rest().len());
        let name = self.rest()[..end].to_owned();
        self.at += end;
        (!name.is_empty()).then_some(name)
    }

    fn choose(&mut self) -> Read {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Unread::from("the expression is nested too deeply"));
        }
        let mut expr = self.or()?;
        if self.word("if") {
            let condition = Box::new(self.or()?);
            let no = if self.word("else") {
                Some(Box::new(self.choose()?))
            } else {
                None
            };
            expr = Expr::Choose {
                condition,
                yes: Box::new(expr),
                no,
            };
        }
        self.depth -= 1;
        Ok(expr)
    }

    fn or(&mut self) -> Read {
        let mut left = self.and()?;
        while self.word("or") {
            left = binary(Operator::Or, left, self.and()?);
        }
        Ok(left)
    }

    fn and(&mut self) -> Read {
        let mut left = self.not()?;
        while self.word("and") {
            left = binary(Operator::And, left, self.not()?);
        }
        Ok(left)
    }

    fn not(&mut self) -> Read {
        let mut count = 0;
        while self.word("not") {
            count += 1;
        }
        let inner = self.compare()?;
        Ok(match count {
            0 => inner,
            n if n % 2 == 1 => Expr::Not(Box::new(inner)),
            _ => Expr::Not(Box::new(Expr::Not(Box::new(inner)))),
        })
    }

    fn compare(&mut self) -> Read {
        let left = self.sum()?;
        if self.word("is") {
            let mut wanted = !self.word("not");
            if self.word("undefined") || self.word("none") {
                wanted = !wanted;
            } else if !self.word("defined") {
                return Err(self.expected("`defined` or `undefined`"));
            }
            return Ok(Expr::Defined(Box::new(left), wanted));
        }
        let operator = if self.sign("==") {
            Operator::Equal
        } else if self.sign("!=") {
            Operator::Unequal
        } else if self.sign("<=") {
            Operator::LessEqual
        } else if self.sign(">=") {
            Operator::GreaterEqual
        } else if self.sign("<") {
            Operator::Less
        } else if self.sign(">") {
            Operator::Greater
        } else if self.word("in") {
            Operator::In
        } else if self.word("not") {
            if !self.word("in") {
                return Err(self.expected("`in`"));
            }
            Operator::NotIn
        } else {
            return Ok(left);
        };
        Ok(binary(operator, left, self.sum()?))
    }

    fn sum(&mut self) -> Read {
        let mut left = self.product()?;
        loop {
            let operator = if self.sign("+") {
                Operator::Add
            } else if self.sign("-") {
                Operator::Subtract
            } else if self.sign("~") {
                Operator::Join
            } else {
                return Ok(left);
            };
            left = binary(operator, left, self.product()?);
        }
    }

    fn product(&mut self) -> Read {
        let mut left = self.signed()?;
        loop {
            let operator = if self.sign("//") {
                Operator::DivideFloor
            } else if self.sign("*") {
                Operator::Multiply
            } else if self.sign("/") {
                Operator::Divide
            } else if self.sign("%") {
                Operator::Remainder
            } else {
                return Ok(left);
            };
            left = binary(operator, left, self.signed()?);
        }
    }

    fn signed(&mut self) -> Read {
        if self.sign("-") {
            let inner = self.filtered()?;
            return Ok(Expr::Minus(Box::new(inner)));
        }
        self.filtered()
    }

    fn filtered(&mut self) -> Read {
        let mut expr = self.primary()?;
        while self.sign("|") {
            self.space();
            let name = self
                .name()
                .ok_or_else(|| self.expected("the name of a filter"))?;
            let args = if self.sign("(") {
                self.arguments()?
            } else {
                Vec::new()
            };
            expr = Expr::Filter(Box::new(expr), name, args);
        }
        Ok(expr)
    }

    fn arguments(&mut self) -> Result<Vec<(Option<String>, Expr)>, Unread> {
        let mut args = Vec::new();
        while !self.sign(")") {
            if !args.is_empty() && !self.sign(",") {
                return Err(self.expected("`,` or `)`"));
            }
            self.space();
            let back = self.at;
            let key = self
                .name()
                .filter(|_| self.sign("=") && !self.rest().starts_with('='));
            if key.is_none() {
                self.at = back;
            }
            args.push((key, self.choose()?));
        }
        Ok(args)
    }

    fn primary(&mut self) -> Read {
        self.space();
        let start = self.at;
        let mut expr = match self.rest().chars().next() {
            Some('(') => {
                self.at += 1;
                let inner = self.choose()?;
                if !self.sign(")") {
                    return Err(self.expected("`)`"));
                }
                inner
            }
            Some('[') => {
                self.at += 1;
                let mut items = Vec::new();
                while !self.sign("]") {
                    if !items.is_empty() && !self.sign(",") {
                        return Err(self.expected("`,` or `]`"));
                    }
                    items.push(self.choose()?);
                }
                Expr::List(items)
            }
            Some(quote @ ('"' | '\'')) => self.string(quote)?,
            Some(c) if c.is_ascii_digit() => {
                let rest = self.rest();
                let whole = rest
                    .find(|c: char| !c.is_ascii_digit())
                    .unwrap_or(rest.len());
                let decimals = rest[whole..]
                    .strip_prefix('.')
                    .map_or(0, |r| r.bytes().take_while(u8::is_ascii_digit).count());
                let end = if decimals > 0 {
                    whole + 1 + decimals
                } else {
                    whole
                };
                let number =
                    Decimal::parse(&rest[..end]).ok_or("the number has too many digits")?;
                self.at += end;
                Expr::Number(number)
            }
            Some(c) if is_word(c) => {
                let name = self.name().unwrap_or_default();
                match name.as_str() {
                    "true" | "True" => Expr::Bool(true),
                    "false" | "False" => Expr::Bool(false),
                    "none" | "None" => Expr::None,
                    "and" | "or" | "not" | "in" | "is" | "if" | "else" => {
                        self.at = start;
                        return Err(self.expected("a value"));
                    }
                    _ => Expr::Name(name, start..self.at),
                }
            }
            _ => return Err(self.expected("a value")),
        };
        loop {
            if self.rest().starts_with('.') {
                self.at += 1;
                let name = self
                    .name()
                    .ok_or_else(|| self.expected("a name after `.`"))?;
                expr = Expr::Attribute(Box::new(expr), name, start..self.at);
            } else if self.rest().starts_with('[') {
                self.at += 1;
                let name = match self.choose()? {
                    Expr::Text(name) => name,
                    Expr::Number(n) => n.as_u64().ok_or("an index is a whole number")?.to_string(),
                    _ => return Err(Unread::from("an index is a number or a text")),
                };
                if !self.sign("]") {
                    return Err(self.expected("`]`"));
                }
                expr = Expr::Attribute(Box::new(expr), name, start..self.at);
            } else {
                return Ok(expr);
            }
        }
    }

    fn string(&mut self, quote: char) -> Read {
        self.at += 1;
        let mut out = String::new();
        let mut chars = self.text[self.at..].char_indices();
        while let Some((i, c)) = chars.next() {
            match c {
                '\\' => match chars.next() {
                    Some((_, 'n')) => out.push('\n'),
                    Some((_, 't')) => out.push('\t'),
                    Some((_, other)) => out.push(other),
                    None => break,
                },
                c if c == quote => {
                    self.at += i + 1;
                    return Ok(Expr::Text(out));
                }
                c => out.push(c),
            }
        }
        Err(Unread::from("a text is not closed"))
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn binary(operator: Operator, left: Expr, right: Expr) -> Expr {
    Expr::Binary(operator, Box::new(left), Box::new(right))
}
