//! The value of an expression.

use std::cmp::Ordering;

use crate::expr::{Expr, Operator};
use crate::filters;
use crate::model::{Answers, Field, Language, Meta, ProblemKind};
use crate::value::{Missing, Value, typed};
use crate::words::{Date, Decimal};

/// What names mean: the fields of a document with their answers, and the variables of loops around.
#[derive(Clone)]
pub(crate) struct Scope<'a> {
    pub(crate) meta: &'a Meta,
    pub(crate) answers: &'a Answers,
    pub(crate) language: Language,
    pub(crate) locals: Vec<(String, Value)>,
    /// `when` conditions being evaluated, against circles.
    depth: u8,
}

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fault {
    Unknown(String),
    Bad(String),
}

impl From<Fault> for ProblemKind {
    fn from(fault: Fault) -> ProblemKind {
        match fault {
            Fault::Unknown(name) => ProblemKind::UnknownField(name),
            Fault::Bad(words) => ProblemKind::Template(words),
        }
    }
}

pub(crate) fn bad<T>(words: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::Bad(words.into()))
}

impl<'a> Scope<'a> {
    pub(crate) fn new(meta: &'a Meta, answers: &'a Answers, language: Language) -> Scope<'a> {
        Scope {
            meta,
            answers,
            language,
            locals: Vec::new(),
            depth: 0,
        }
    }

    /// Reads and evaluates.
    pub(crate) fn value(&self, expression: &str) -> Result<Value, Fault> {
        self.eval(&Expr::parse(expression).map_err(|unread| Fault::Bad(unread.0))?)
    }

    /// Whether a field is asked: its `when` is true or absent. A condition that cannot be read asks.
    pub(crate) fn asks(&self, field: &Field) -> bool {
        let Some(when) = &field.when else { return true };
        if self.depth > 8 {
            return true;
        }
        let inner = Scope {
            depth: self.depth + 1,
            ..self.clone()
        };
        inner.value(when).map_or(true, |v| v.truth())
    }

    fn name(&self, name: &str) -> Result<Value, Fault> {
        if let Some((_, value)) = self.locals.iter().rev().find(|(n, _)| n == name) {
            return Ok(value.clone());
        }
        let Some(field) = self.meta.fields.iter().find(|f| f.name == name) else {
            return Err(Fault::Unknown(name.to_owned()));
        };
        if !self.asks(field) {
            return Ok(Value::Missing(Missing {
                label: field.label.clone(),
                path: name.to_owned(),
            }));
        }
        let answer = self.answers.get(name).or(field.default.as_ref());
        Ok(typed(field, answer, name, self.language))
    }

    pub(crate) fn eval(&self, expr: &Expr) -> Result<Value, Fault> {
        Ok(match expr {
            Expr::Text(text) => Value::Text(text.clone()),
            Expr::Number(n) => Value::Number(*n),
            Expr::Bool(b) => Value::Bool(*b),
            Expr::None => Value::Nothing,
            Expr::List(items) => Value::List(
                items
                    .iter()
                    .map(|e| self.eval(e))
                    .collect::<Result<_, _>>()?,
            ),
            Expr::Name(name, _) => self.name(name)?,
            Expr::Attribute(base, name, _) => {
                let path = base.path().map(|p| p.join(".")).unwrap_or_default();
                let base = self.eval(base)?;
                let whole_missing = matches!(base, Value::Missing(_));
                match base.attribute(name, &path, self.language) {
                    Value::Nothing => self.absent(expr, &path, name)?,
                    // What is missing as a whole is missing in each part, under the part's own label.
                    Value::Missing(missing) if whole_missing => match self.declared(expr) {
                        Some(label) => Value::Missing(Missing {
                            label,
                            path: format!("{path}.{name}"),
                        }),
                        None => Value::Missing(missing),
                    },
                    found => found,
                }
            }
            Expr::Filter(base, name, args) => {
                let value = self.eval(base);
                // `default` is the one filter for what is not there.
                let value = if matches!(name.as_str(), "default" | "d") {
                    value.or_else(soft)?
                } else {
                    value?
                };
                let mut evaluated = Vec::with_capacity(args.len());
                for (key, arg) in args {
                    evaluated.push((key.as_deref(), self.eval(arg)?));
                }
                filters::apply(name, value, &evaluated, self.language)?
            }
            Expr::Defined(inner, wanted) => {
                let there = !matches!(
                    self.eval(inner).or_else(soft)?,
                    Value::Nothing | Value::Missing(_)
                );
                Value::Bool(there == *wanted)
            }
            Expr::Not(inner) => Value::Bool(!self.eval(inner)?.truth()),
            Expr::Minus(inner) => match self.eval(inner)? {
                Value::Number(n) => Value::Number(fits(n.negated())?),
                Value::Money(n) => Value::Money(fits(n.negated())?),
                missing @ Value::Missing(_) => missing,
                _ => return bad("only a number has a sign"),
            },
            Expr::Binary(Operator::Or, a, b) => match self.eval(a)? {
                left if left.truth() => left,
                _ => self.eval(b)?,
            },
            Expr::Binary(Operator::And, a, b) => match self.eval(a)? {
                left if left.truth() => self.eval(b)?,
                left => left,
            },
            Expr::Binary(operator, a, b) => {
                binary(*operator, self.eval(a)?, self.eval(b)?, self.language)?
            }
            Expr::Choose { condition, yes, no } => match (self.eval(condition)?.truth(), no) {
                (true, _) => self.eval(yes)?,
                (false, Some(no)) => self.eval(no)?,
                (false, None) => Value::Nothing,
            },
        })
    }

    /// An attribute that is not there: a row that has not been answered yet is missing, anything else unknown.
    fn absent(&self, expr: &Expr, path: &str, name: &str) -> Result<Value, Fault> {
        let whole = format!("{path}.{name}");
        match self.declared(expr) {
            Some(label) => Ok(Value::Missing(Missing { label, path: whole })),
            None => Err(Fault::Unknown(whole)),
        }
    }

    /// The label of the field a path of declared names leads to.
    fn declared(&self, expr: &Expr) -> Option<String> {
        let path = expr.path()?;
        crate::answers::field_at(self.meta, &path.join(".")).map(|f| f.label.clone())
    }
}

fn soft(fault: Fault) -> Result<Value, Fault> {
    match fault {
        Fault::Unknown(_) => Ok(Value::Nothing),
        fault => Err(fault),
    }
}

pub(crate) fn fits(result: Option<Decimal>) -> Result<Decimal, Fault> {
    result.ok_or_else(|| Fault::Bad("the result is too large, or a division by zero".to_owned()))
}

fn binary(operator: Operator, a: Value, b: Value, language: Language) -> Result<Value, Fault> {
    use Operator::{
        Add, Divide, DivideFloor, Equal, Greater, GreaterEqual, In, Join, Less, LessEqual,
        Multiply, NotIn, Remainder, Subtract, Unequal,
    };
    Ok(match operator {
        Equal => Value::Bool(equal(&a, &b)),
        Unequal => Value::Bool(!equal(&a, &b)),
        In | NotIn => {
            let found = match &b {
                Value::List(items) => items.iter().any(|i| equal(&a, i)),
                Value::Text(text) => plain(&a).is_some_and(|a| text.contains(&a)),
                _ => false,
            };
            Value::Bool(found == (operator == In))
        }
        Less | LessEqual | Greater | GreaterEqual => {
            // What is missing is neither smaller nor greater.
            if [&a, &b]
                .iter()
                .any(|v| matches!(v, Value::Missing(_) | Value::Nothing))
            {
                return Ok(Value::Bool(false));
            }
            let Some(order) = compare(&a, &b) else {
                return bad("these two cannot be compared");
            };
            Value::Bool(match operator {
                Less => order == Ordering::Less,
                LessEqual => order != Ordering::Greater,
                Greater => order == Ordering::Greater,
                _ => order != Ordering::Less,
            })
        }
        Join => {
            let mut text = String::new();
            for value in [a, b] {
                match value.show(language) {
                    Ok(Some(words)) => text.push_str(&words),
                    Ok(None) => return bad("a list has no words"),
                    Err(missing) => return Ok(Value::Missing(missing)),
                }
            }
            Value::Text(text)
        }
        Add | Subtract | Multiply | Divide | DivideFloor | Remainder => {
            if let Value::Missing(_) = a {
                return Ok(a);
            }
            if let Value::Missing(_) = b {
                return Ok(b);
            }
            if let (Add, Value::Text(x), Value::Text(y)) = (operator, &a, &b) {
                return Ok(Value::Text(format!("{x}{y}")));
            }
            let (Some(x), Some(y)) = (number(&a), number(&b)) else {
                return bad("only numbers can be counted with");
            };
            let result = fits(match operator {
                Add => x.plus(y),
                Subtract => x.minus(y),
                Multiply => x.times(y),
                Divide => x.over(y),
                DivideFloor => x.div_floor(y),
                _ => x.remainder(y),
            })?;
            let amounts = (matches!(a, Value::Money(_)), matches!(b, Value::Money(_)));
            match (operator, amounts) {
                // An amount by an amount is a share.
                (Divide | DivideFloor, (true, true)) | (_, (false, false)) => Value::Number(result),
                _ => Value::Money(result),
            }
        }
        Operator::Or | Operator::And => Value::Bool(a.truth() || b.truth()),
    })
}

pub(crate) fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Number(n) | Value::Money(n) => Some(*n),
        Value::Period(p) => Some(Decimal::whole(i64::from(p.count))),
        _ => None,
    }
}

/// What equality looks at: a choice is its value, a day its ISO form.
fn plain(value: &Value) -> Option<String> {
    Some(match value {
        Value::Text(t) => t.clone(),
        Value::Choice { value, .. } => value.clone(),
        Value::Date(d) => d.to_string(),
        Value::Period(p) => p.en(),
        Value::Party { parts, .. } => parts.get("name").cloned()?,
        _ => return None,
    })
}

fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(x) | Value::Money(x), Value::Number(y) | Value::Money(y)) => x == y,
        (Value::Bool(x), Value::Bool(y)) => x == y,
        (Value::Nothing | Value::Missing(_), Value::Nothing | Value::Missing(_)) => true,
        (Value::Period(x), Value::Text(y)) | (Value::Text(y), Value::Period(x)) => {
            crate::words::Period::parse(y) == Some(*x)
        }
        (Value::List(x), Value::List(y)) => x == y,
        _ => match (plain(a), plain(b)) {
            (Some(x), Some(y)) => x == y,
            _ => false,
        },
    }
}

fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    if let (Some(x), Some(y)) = (number(a), number(b)) {
        return Some(x.cmp(&y));
    }
    let day = |v: &Value| match v {
        Value::Date(d) => Some(*d),
        Value::Text(t) => Date::parse_iso(t),
        _ => None,
    };
    if let (Some(x), Some(y)) = (day(a), day(b)) {
        return Some(x.cmp(&y));
    }
    match (a, b) {
        (Value::Text(x), Value::Text(y)) => Some(x.cmp(y)),
        _ => None,
    }
}
