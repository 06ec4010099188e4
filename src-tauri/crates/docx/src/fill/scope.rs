//! What the names in expressions mean, and what expressions are worth.

use std::borrow::Cow;

use moqi_document::{Answer, Answers, Decimal};

use super::expr::{Expr, Fault};

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value<'v> {
    /// Yes or no.
    Bool(bool),
    /// A text.
    Text(Cow<'v, str>),
    /// A party or row.
    Group(&'v Answers),
    /// Rows.
    List(&'v [Answers]),
}

/// A round of a loop.
#[derive(Debug, Clone)]
struct Round<'v> {
    /// Name of the row; `None` for a section, whose names are those of the row itself.
    variable: Option<String>,
    row: &'v Answers,
    index: usize,
    length: usize,
}

/// What names mean: the values given, and the rows of the loops around.
pub(super) struct Scope<'v> {
    values: &'v Answers,
    rounds: Vec<Round<'v>>,
    /// Yes and no in Chinese.
    pub chinese: bool,
}

impl<'v> Scope<'v> {
    /// The values at hand outside any loop.
    pub fn new(values: &'v Answers, chinese: bool) -> Scope<'v> {
        Scope {
            values,
            rounds: Vec::new(),
            chinese,
        }
    }

    /// Enters a round of a loop.
    pub fn enter(&mut self, variable: Option<&str>, row: &'v Answers, index: usize, length: usize) {
        self.rounds.push(Round {
            variable: variable.map(str::to_owned),
            row,
            index,
            length,
        });
    }

    /// Leaves it.
    pub fn leave(&mut self) {
        self.rounds.pop();
    }

    /// The words an expression prints.
    pub fn words(&self, expr: &Expr) -> Result<String, Fault> {
        self.show(&self.value(expr)?)
    }

    fn show(&self, value: &Value<'_>) -> Result<String, Fault> {
        Ok(match value {
            Value::Text(text) => text.clone().into_owned(),
            Value::Bool(yes) => match (yes, self.chinese) {
                (true, true) => "是",
                (false, true) => "否",
                (true, false) => "Yes",
                (false, false) => "No",
            }
            .to_owned(),
            // A party prints its name, a row with one value that value.
            Value::Group(group) => match (group.get("name"), group.len()) {
                (Some(Answer::Text(name)), _) => name.clone(),
                (None, 1) => match group.values().next() {
                    Some(Answer::Text(text)) => text.clone(),
                    _ => return Err(Fault::Bad),
                },
                _ => return Err(Fault::Bad),
            },
            Value::List(_) => return Err(Fault::Bad),
        })
    }

    /// Whether a condition holds.
    pub fn truth(&self, expr: &Expr) -> Result<bool, Fault> {
        Ok(truth(&self.value(expr)?))
    }

    /// The value of an expression.
    pub fn value(&self, expr: &Expr) -> Result<Value<'v>, Fault> {
        Ok(match expr {
            Expr::Path(path) => self
                .lookup(path)
                .ok_or_else(|| Fault::Absent(path.join(".")))?,
            Expr::Text(text) => Value::Text(Cow::Owned(text.clone())),
            Expr::Bool(yes) => Value::Bool(*yes),
            Expr::Not(inner) => Value::Bool(!self.truth(inner)?),
            Expr::Defined(inner) => match self.value(inner) {
                Ok(_) => Value::Bool(true),
                Err(Fault::Absent(_)) => Value::Bool(false),
                Err(fault) => return Err(fault),
            },
            Expr::Binary("or", a, b) => match self.value(a)? {
                left if truth(&left) => left,
                _ => self.value(b)?,
            },
            Expr::Binary("and", a, b) => match self.value(a)? {
                left if truth(&left) => self.value(b)?,
                left => left,
            },
            Expr::Binary(operator, a, b) => {
                Value::Bool(compare(operator, &self.value(a)?, &self.value(b)?)?)
            }
            Expr::Filter(base, name, argument) => match (name.as_str(), self.value(base), argument)
            {
                ("default" | "d", Err(Fault::Absent(_)), Some(argument)) => self.value(argument)?,
                ("default" | "d" | "date", value, _) => value?,
                (name, value, _) => Value::Text(Cow::Owned(filtered(name, &self.show(&value?)?))),
            },
        })
    }

    /// The value at a dotted path: in the rows around first, then among all values; a key may hold the whole path.
    pub fn lookup(&self, path: &[String]) -> Option<Value<'v>> {
        let first = path.first()?.trim_start_matches('$');
        for round in self.rounds.iter().rev() {
            match &round.variable {
                Some(variable) if variable == first => {
                    return descend(Value::Group(round.row), &path[1..]);
                }
                Some(_) if first == "loop" => return round.counter(path.get(1)?),
                Some(_) => {}
                None if first == "." => return Some(Value::Group(round.row)),
                None => {
                    if let Some(answer) = round.row.get(first) {
                        return descend(of(answer), &path[1..]);
                    }
                }
            }
        }
        if let Some(found) = self
            .values
            .get(first)
            .and_then(|answer| descend(of(answer), &path[1..]))
        {
            return Some(found);
        }
        let whole = std::iter::once(first)
            .chain(path[1..].iter().map(String::as_str))
            .collect::<Vec<_>>()
            .join(".");
        self.values.get(&whole).map(of)
    }
}

impl<'v> Round<'v> {
    /// `loop.index` and its like.
    fn counter(&self, part: &str) -> Option<Value<'v>> {
        Some(match part {
            "index" => Value::Text(Cow::Owned((self.index + 1).to_string())),
            "index0" => Value::Text(Cow::Owned(self.index.to_string())),
            "length" => Value::Text(Cow::Owned(self.length.to_string())),
            "first" => Value::Bool(self.index == 0),
            "last" => Value::Bool(self.index + 1 == self.length),
            _ => return None,
        })
    }
}

fn of(answer: &Answer) -> Value<'_> {
    match answer {
        Answer::Text(text) => Value::Text(Cow::Borrowed(text)),
        Answer::Bool(yes) => Value::Bool(*yes),
        Answer::Group(group) => Value::Group(group),
        Answer::List(rows) => Value::List(rows),
    }
}

fn descend<'v>(value: Value<'v>, path: &[String]) -> Option<Value<'v>> {
    let Some((first, rest)) = path.split_first() else {
        return Some(value);
    };
    match value {
        Value::Group(group) => descend(of(group.get(first)?), rest),
        Value::List(rows) => descend(Value::Group(rows.get(first.parse::<usize>().ok()?)?), rest),
        // A party given by its name alone.
        Value::Text(_) if first == "name" && rest.is_empty() => Some(value),
        _ => None,
    }
}

/// What a condition takes for true: what is there, and not no, zero or empty.
pub(super) fn truth(value: &Value<'_>) -> bool {
    match value {
        Value::Bool(yes) => *yes,
        Value::Text(text) => !matches!(
            text.trim().to_lowercase().as_str(),
            "" | "0" | "no" | "false" | "否"
        ),
        Value::Group(group) => !group.is_empty(),
        Value::List(rows) => !rows.is_empty(),
    }
}

fn compare(operator: &str, a: &Value<'_>, b: &Value<'_>) -> Result<bool, Fault> {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let order = match (a, b) {
        (Value::Text(a), Value::Text(b)) => {
            let number = |text: &str| Decimal::parse(&text.trim().replace(',', ""));
            match (number(a), number(b)) {
                (Some(a), Some(b)) => a.cmp(&b),
                _ => a.as_ref().cmp(b.as_ref()),
            }
        }
        (Value::Bool(_), _) | (_, Value::Bool(_)) => truth(a).cmp(&truth(b)),
        _ => return Err(Fault::Bad),
    };
    Ok(match operator {
        "==" => order == Equal,
        "!=" => order != Equal,
        "<" => order == Less,
        "<=" => order != Greater,
        ">" => order == Greater,
        _ => order != Less,
    })
}

fn filtered(name: &str, text: &str) -> String {
    let capital = |word: &str| {
        let mut chars = word.chars();
        chars.next().map_or_else(String::new, |c| {
            c.to_uppercase()
                .chain(chars.as_str().to_lowercase().chars())
                .collect::<String>()
        })
    };
    match name {
        "upper" => text.to_uppercase(),
        "lower" => text.to_lowercase(),
        "trim" => text.trim().to_owned(),
        "capitalize" => capital(text),
        _ => text.split(' ').map(capital).collect::<Vec<_>>().join(" "),
    }
}
