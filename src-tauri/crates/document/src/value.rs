//! Answers as typed values, and how each type prints.

use std::collections::BTreeMap;

use crate::fields::PARTY;
use crate::model::{Answer, Answers, Field, FieldKind, Language};
use crate::words::{Date, Decimal, Period, money, parse_money};

/// A value in an expression.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// `none`, or a name that a value does not have.
    Nothing,
    /// A declared field without a usable answer.
    Missing(Missing),
    Bool(bool),
    Number(Decimal),
    Money(Decimal),
    Text(String),
    Date(Date),
    Period(Period),
    Choice {
        value: String,
        label: String,
    },
    /// A party; prints its name.
    Party {
        label: String,
        parts: BTreeMap<String, String>,
    },
    /// A row of a repeating group.
    Row(BTreeMap<String, Value>),
    List(Vec<Value>),
}

/// What is missing: the label for its place and the path of the answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Missing {
    pub(crate) label: String,
    pub(crate) path: String,
}

impl Value {
    /// What `if` takes for true: an answer that is there, and not no, zero or empty.
    pub(crate) fn truth(&self) -> bool {
        match self {
            Value::Nothing | Value::Missing(_) => false,
            Value::Bool(b) => *b,
            Value::Number(n) | Value::Money(n) => !n.is_zero(),
            Value::Text(t) => !t.is_empty(),
            Value::List(l) => !l.is_empty(),
            Value::Party { parts, .. } => !parts.is_empty(),
            Value::Date(_) | Value::Period(_) | Value::Choice { .. } | Value::Row(_) => true,
        }
    }

    /// Prints by type: a party's name, an amount with commas, a day in words of the language. `Err` is missing;
    /// `Ok(None)` has no printed form.
    pub(crate) fn show(&self, language: Language) -> Result<Option<String>, Missing> {
        let zh = language == Language::Zh;
        Ok(Some(match self {
            Value::Nothing => String::new(),
            Value::Missing(missing) => return Err(missing.clone()),
            Value::Bool(true) => if zh { "是" } else { "Yes" }.to_owned(),
            Value::Bool(false) => if zh { "否" } else { "No" }.to_owned(),
            Value::Number(n) => n.to_string(),
            Value::Money(n) => money(n.minor()),
            Value::Text(t) => t.clone(),
            Value::Date(d) => {
                if zh {
                    d.zh()
                } else {
                    d.en()
                }
            }
            Value::Period(p) => {
                if zh {
                    p.zh()
                } else {
                    p.en()
                }
            }
            Value::Choice { label, .. } => label.clone(),
            Value::Party { .. } => return self.attribute("name", "", language).show(language),
            Value::Row(_) | Value::List(_) => return Ok(None),
        }))
    }

    /// `value.name`; `path` is that of the value.
    pub(crate) fn attribute(&self, name: &str, path: &str, language: Language) -> Value {
        match self {
            Value::Party { label, parts } if PARTY.contains(&name) => match parts.get(name) {
                Some(text) => Value::Text(text.clone()),
                None => Value::Missing(Missing {
                    label: party_label(label, name, language),
                    path: format!("{path}.{name}"),
                }),
            },
            Value::Row(parts) => parts.get(name).cloned().unwrap_or(Value::Nothing),
            Value::List(rows) => name
                .parse::<usize>()
                .ok()
                .and_then(|i| rows.get(i))
                .cloned()
                .unwrap_or(Value::Nothing),
            Value::Missing(missing) => Value::Missing(missing.clone()),
            Value::Choice { value, label } => match name {
                "value" => Value::Text(value.clone()),
                "label" => Value::Text(label.clone()),
                _ => Value::Nothing,
            },
            _ => Value::Nothing,
        }
    }
}

/// The label of a part of a party: its own label for the name, else with the part's.
fn party_label(label: &str, part: &str, language: Language) -> String {
    if part == "name" {
        return label.to_owned();
    }
    let words = part_label(part, language);
    if language == Language::Zh {
        format!("{label}{words}")
    } else {
        format!("{label} {words}")
    }
}

fn part_label(part: &str, language: Language) -> &str {
    match (language, part) {
        (Language::Zh, "name") => "名称",
        (Language::Zh, "id_number") => "证件号码",
        (Language::Zh, "address") => "住所",
        (Language::Zh, "representative") => "法定代表人",
        (Language::Zh, "contact") => "联系人",
        (Language::Zh, "phone") => "电话",
        (Language::Zh, "email") => "电子邮箱",
        (Language::Zh, "bank") => "开户行",
        (Language::Zh, "account") => "账号",
        (Language::En, "id_number") => "registration number",
        (_, other) => other,
    }
}

/// The parts of a party in the order a form asks them: the name of each in answers, and its label.
pub fn party_parts(language: Language) -> impl Iterator<Item = (&'static str, &'static str)> {
    PARTY
        .iter()
        .map(move |part| (*part, part_label(part, language)))
}

/// The value of a field; an answer that its type cannot read is missing.
pub(crate) fn typed(
    field: &Field,
    answer: Option<&Answer>,
    path: &str,
    language: Language,
) -> Value {
    let missing = || {
        Value::Missing(Missing {
            label: field.label.clone(),
            path: path.to_owned(),
        })
    };
    let text = match answer {
        Some(Answer::Text(text)) => Some(text.trim()).filter(|t| !t.is_empty()),
        _ => None,
    };
    let found = match &field.kind {
        FieldKind::Text => text.map(|t| Value::Text(t.to_owned())),
        FieldKind::LongText => text.map(|t| Value::Text(t.replace("\r\n", "\n"))),
        FieldKind::Money { .. } => text
            .and_then(parse_money)
            .and_then(Decimal::from_minor)
            .map(Value::Money),
        FieldKind::Number => text.and_then(Decimal::parse).map(Value::Number),
        FieldKind::Date => text.and_then(Date::parse_iso).map(Value::Date),
        FieldKind::Period => text.and_then(Period::parse).map(Value::Period),
        FieldKind::Choice(options) => text
            .and_then(|t| options.iter().find(|o| o.value == t))
            .map(|o| Value::Choice {
                value: o.value.clone(),
                label: o.label.clone(),
            }),
        FieldKind::YesNo => yes_no(answer).map(Value::Bool),
        FieldKind::Party => match answer {
            Some(Answer::Group(group)) => {
                let parts = group
                    .iter()
                    .filter_map(|(k, v)| match v {
                        Answer::Text(t) if !t.trim().is_empty() => {
                            Some((k.clone(), t.trim().to_owned()))
                        }
                        _ => None,
                    })
                    .collect();
                Some(Value::Party {
                    label: field.label.clone(),
                    parts,
                })
            }
            _ => Some(Value::Party {
                label: field.label.clone(),
                parts: text
                    .map(|t| ("name".to_owned(), t.to_owned()))
                    .into_iter()
                    .collect(),
            }),
        },
        FieldKind::Repeat(fields) => match answer {
            Some(Answer::List(rows)) => Some(Value::List(
                rows.iter()
                    .enumerate()
                    .map(|(i, r)| row(fields, r, &format!("{path}.{i}"), language))
                    .collect(),
            )),
            _ => None,
        },
    };
    found.unwrap_or_else(missing)
}

fn row(fields: &[Field], answers: &Answers, path: &str, language: Language) -> Value {
    let part = |f: &Field| {
        let answer = answers.get(&f.name).or(f.default.as_ref());
        (
            f.name.clone(),
            typed(f, answer, &format!("{path}.{}", f.name), language),
        )
    };
    Value::Row(fields.iter().map(part).collect())
}

/// Yes or no, also as a command line gives it.
pub(crate) fn yes_no(answer: Option<&Answer>) -> Option<bool> {
    match answer? {
        Answer::Bool(b) => Some(*b),
        Answer::Text(t) => match t.trim().to_ascii_lowercase().as_str() {
            "yes" | "true" | "是" => Some(true),
            "no" | "false" | "否" => Some(false),
            _ => None,
        },
        _ => None,
    }
}
