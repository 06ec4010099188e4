//! Answers: which are wanted, which cannot be right, and examples of them.

use std::collections::BTreeSet;

use crate::eval::Scope;
use crate::fields::PARTY;
use crate::model::{Answer, Answers, Field, FieldKind, Language, Meta};
use crate::value::yes_no;
use crate::words::{Date, Decimal, Period, parse_money};

/// Something wrong with the answer to one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerProblem {
    /// The dotted path of the answer: `price`, `seller.name`, `goods.0.qty`.
    pub path: String,
    /// What is wrong.
    pub kind: AnswerProblemKind,
}

/// What can be wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AnswerProblemKind {
    /// A required field without an answer.
    Missing,
    /// Not a day of the calendar in the form `2026-11-23`.
    BadDate,
    /// Not an amount with at most two decimals.
    BadMoney,
    /// Not a number.
    BadNumber,
    /// Not a number and a unit such as `12 months`.
    BadPeriod,
    /// None of the options.
    BadChoice,
    /// Neither yes nor no.
    BadYesNo,
    /// A text where a group is wanted, a list where a text is wanted …
    WrongShape,
    /// No field has this name.
    UnknownField,
}

/// Checks answers against the declared fields, in form order; unknown names come last. A field whose `when` is
/// false is neither required nor checked. A default counts as an answer.
#[must_use]
pub fn check_answers(meta: &Meta, answers: &Answers) -> Vec<AnswerProblem> {
    let scope = Scope::new(meta, answers, meta.language.unwrap_or(Language::Zh));
    let mut found = Vec::new();
    for field in meta.fields.iter().filter(|f| scope.asks(f)) {
        check(
            field,
            answers.get(&field.name).or(field.default.as_ref()),
            &field.name,
            &scope,
            &mut found,
        );
    }
    for name in answers
        .keys()
        .filter(|name| !meta.fields.iter().any(|f| f.name == **name))
    {
        found.push(AnswerProblem {
            path: name.clone(),
            kind: AnswerProblemKind::UnknownField,
        });
    }
    found
}

fn check(
    field: &Field,
    answer: Option<&Answer>,
    path: &str,
    scope: &Scope<'_>,
    found: &mut Vec<AnswerProblem>,
) {
    let mut report =
        |path: String, kind: AnswerProblemKind| found.push(AnswerProblem { path, kind });
    let empty = match answer {
        None => true,
        Some(Answer::Text(text)) => text.trim().is_empty(),
        Some(Answer::Group(group)) => group.is_empty(),
        Some(Answer::List(rows)) => rows.is_empty(),
        Some(Answer::Bool(_)) => false,
    };
    let Some(answer) = answer.filter(|_| !empty) else {
        if field.required {
            report(path.to_owned(), AnswerProblemKind::Missing);
        }
        return;
    };
    let wrong = match (&field.kind, answer) {
        (FieldKind::Party, Answer::Text(_)) => None,
        (FieldKind::Party, Answer::Group(group)) => {
            let named = matches!(group.get("name"), Some(Answer::Text(t)) if !t.trim().is_empty());
            if field.required && !named {
                report(format!("{path}.name"), AnswerProblemKind::Missing);
            }
            for (key, value) in group {
                if !PARTY.contains(&key.as_str()) {
                    report(format!("{path}.{key}"), AnswerProblemKind::UnknownField);
                } else if !matches!(value, Answer::Text(_)) {
                    report(format!("{path}.{key}"), AnswerProblemKind::WrongShape);
                }
            }
            None
        }
        (FieldKind::Repeat(fields), Answer::List(rows)) => {
            for (i, row) in rows.iter().enumerate() {
                for inner in fields.iter().filter(|f| row_asks(f, fields, row, scope)) {
                    let path = format!("{path}.{i}.{}", inner.name);
                    check(
                        inner,
                        row.get(&inner.name).or(inner.default.as_ref()),
                        &path,
                        scope,
                        found,
                    );
                }
                for name in row
                    .keys()
                    .filter(|name| !fields.iter().any(|f| f.name == **name))
                {
                    let path = format!("{path}.{i}.{name}");
                    found.push(AnswerProblem {
                        path,
                        kind: AnswerProblemKind::UnknownField,
                    });
                }
            }
            None
        }
        (FieldKind::YesNo, answer @ (Answer::Bool(_) | Answer::Text(_))) => yes_no(Some(answer))
            .is_none()
            .then_some(AnswerProblemKind::BadYesNo),
        (FieldKind::Text | FieldKind::LongText, Answer::Text(_)) => None,
        (kind, Answer::Text(text)) => {
            let text = text.trim();
            match kind {
                FieldKind::Date => Date::parse_iso(text)
                    .is_none()
                    .then_some(AnswerProblemKind::BadDate),
                FieldKind::Money { .. } => parse_money(text)
                    .is_none()
                    .then_some(AnswerProblemKind::BadMoney),
                FieldKind::Number => Decimal::parse(text)
                    .is_none()
                    .then_some(AnswerProblemKind::BadNumber),
                FieldKind::Period => Period::parse(text)
                    .is_none()
                    .then_some(AnswerProblemKind::BadPeriod),
                FieldKind::Choice(options) => (!options.iter().any(|o| o.value == text))
                    .then_some(AnswerProblemKind::BadChoice),
                _ => Some(AnswerProblemKind::WrongShape),
            }
        }
        _ => Some(AnswerProblemKind::WrongShape),
    };
    if let Some(kind) = wrong {
        found.push(AnswerProblem {
            path: path.to_owned(),
            kind,
        });
    }
}

/// Whether a field of a row is asked; its `when` sees the other fields of the row first.
fn row_asks(field: &Field, fields: &[Field], row: &Answers, scope: &Scope<'_>) -> bool {
    if field.when.is_none() {
        return true;
    }
    let mut inner = scope.clone();
    for f in fields {
        let answer = row.get(&f.name).or(f.default.as_ref());
        inner.locals.push((
            f.name.clone(),
            crate::value::typed(f, answer, &f.name, scope.language),
        ));
    }
    inner.asks(field)
}

/// The example answer of every field that has one (its default otherwise). A repeating group without example gets
/// one row of its fields' examples.
#[must_use]
pub fn sample_answers(meta: &Meta) -> Answers {
    samples(&meta.fields)
}

fn samples(fields: &[Field]) -> Answers {
    let mut all = Answers::new();
    for field in fields {
        let sample = field
            .sample
            .clone()
            .or_else(|| field.default.clone())
            .or_else(|| match &field.kind {
                FieldKind::Repeat(inner) => Some(samples(inner))
                    .filter(|s| !s.is_empty())
                    .map(|row| Answer::List(vec![row])),
                _ => None,
            });
        if let Some(sample) = sample {
            all.insert(field.name.clone(), sample);
        }
    }
    all
}

/// The declared field at a dotted path: `price`, `goods.0.name`. A part of a party (`seller.name`) is the party's field.
#[must_use]
pub fn field_at<'a>(meta: &'a Meta, path: &str) -> Option<&'a Field> {
    let mut fields: &'a [Field] = &meta.fields;
    let mut parts = path.split('.');
    loop {
        let name = parts.next()?;
        let field = fields.iter().find(|f| f.name == name)?;
        let Some(part) = parts.next() else {
            return Some(field);
        };
        match &field.kind {
            FieldKind::Party if PARTY.contains(&part) && parts.next().is_none() => {
                return Some(field);
            }
            FieldKind::Repeat(inner)
                if part.bytes().all(|b| b.is_ascii_digit()) && !part.is_empty() =>
            {
                let mut rest = parts.clone();
                if rest.next().is_none() {
                    return Some(field);
                }
                fields = inner;
            }
            _ => return None,
        }
    }
}

/// The names of the fields that are asked with these answers: all whose `when` is absent or true.
#[must_use]
pub fn asked(meta: &Meta, answers: &Answers) -> BTreeSet<String> {
    let scope = Scope::new(meta, answers, meta.language.unwrap_or(Language::Zh));
    meta.fields
        .iter()
        .filter(|f| scope.asks(f))
        .map(|f| f.name.clone())
        .collect()
}
