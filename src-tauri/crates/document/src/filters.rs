//! The filters of expressions.

use crate::eval::{Fault, bad, fits, number};
use crate::model::Language;
use crate::value::Value;
use crate::words::{self, Decimal};

/// Every filter: the contract's own, and the usual ones of Jinja that make sense for words.
pub(crate) const NAMES: [&str; 26] = [
    "money",
    "rmb_upper",
    "zh_date",
    "zh_date_words",
    "en_date",
    "us_date",
    "iso_date",
    "zh_number",
    "ordinal",
    "en_words",
    "sum",
    "default",
    "d",
    "upper",
    "lower",
    "capitalize",
    "title",
    "trim",
    "length",
    "count",
    "first",
    "last",
    "join",
    "round",
    "abs",
    "replace",
];

type Args<'a> = [(Option<&'a str>, Value)];

/// Applies a filter. What is missing stays missing, except for `default`.
pub(crate) fn apply(
    name: &str,
    value: Value,
    args: &Args<'_>,
    language: Language,
) -> Result<Value, Fault> {
    if matches!(name, "default" | "d") {
        let other = args.first().map_or(Value::Nothing, |a| a.1.clone());
        return Ok(if matches!(value, Value::Nothing | Value::Missing(_)) {
            other
        } else {
            value
        });
    }
    if matches!(name, "length" | "count") && matches!(value, Value::Nothing | Value::Missing(_)) {
        return Ok(Value::Number(Decimal::whole(0)));
    }
    if !NAMES.contains(&name) {
        return bad(format!("there is no filter `{name}`"));
    }
    if let Value::Missing(_) | Value::Nothing = value {
        return Ok(value);
    }
    if let Value::Party { .. } = value {
        return match value.show(language) {
            Ok(text) => apply(name, Value::Text(text.unwrap_or_default()), args, language),
            Err(missing) => Ok(Value::Missing(missing)),
        };
    }
    let amount = || number(&value).ok_or_else(|| Fault::Bad(format!("`{name}` needs a number")));
    let whole = || {
        amount()?
            .as_u64()
            .ok_or_else(|| Fault::Bad(format!("`{name}` needs a whole number")))
    };
    let text = || match value.show(language) {
        Ok(Some(text)) => Ok(text),
        _ => bad(format!("`{name}` needs a text")),
    };
    let day = || match &value {
        Value::Date(d) => Ok(*d),
        Value::Text(t) => {
            words::Date::parse_iso(t).ok_or_else(|| Fault::Bad(format!("`{name}` needs a date")))
        }
        _ => bad(format!("`{name}` needs a date")),
    };
    let list = || match &value {
        Value::List(items) => Ok(items.as_slice()),
        _ => bad(format!("`{name}` needs a list")),
    };
    Ok(match name {
        "money" => Value::Text(words::money(amount()?.minor())),
        "rmb_upper" => Value::Text(words::rmb_upper(amount()?.minor())),
        "zh_date" => Value::Text(day()?.zh()),
        "zh_date_words" => Value::Text(day()?.zh_words()),
        "en_date" => Value::Text(day()?.en()),
        "us_date" => Value::Text(day()?.us()),
        "iso_date" => Value::Text(day()?.to_string()),
        "zh_number" => Value::Text(words::zh_number(whole()?)),
        "ordinal" => Value::Text(words::ordinal(whole()?)),
        "en_words" => Value::Text(words::en_words(whole()?)),
        "upper" => Value::Text(text()?.to_uppercase()),
        "lower" => Value::Text(text()?.to_lowercase()),
        "trim" => Value::Text(text()?.trim().to_owned()),
        "capitalize" => Value::Text(capital(&text()?.to_lowercase())),
        "title" => Value::Text(
            text()?
                .split(' ')
                .map(|w| capital(&w.to_lowercase()))
                .collect::<Vec<_>>()
                .join(" "),
        ),
        "length" | "count" => {
            let n = match &value {
                Value::List(items) => items.len(),
                _ => text()?.chars().count(),
            };
            Value::Number(Decimal::whole(i64::try_from(n).unwrap_or(i64::MAX)))
        }
        "first" => list()?.first().cloned().unwrap_or(Value::Nothing),
        "last" => list()?.last().cloned().unwrap_or(Value::Nothing),
        "sum" => sum(list()?, attribute(args, 0), language)?,
        "join" => {
            let between = match args.first() {
                Some((None, Value::Text(t))) => t.clone(),
                None => String::new(),
                _ => return bad("`join` needs the text to put between"),
            };
            let mut parts = Vec::new();
            for item in list()? {
                let item = attribute(args, 1)
                    .map_or_else(|| item.clone(), |a| item.attribute(a, "", language));
                match item.show(language) {
                    Ok(Some(words)) => parts.push(words),
                    Ok(None) => {
                        return bad(
                            "`join` needs texts; name the part: join('、', attribute='name')",
                        );
                    }
                    Err(missing) => return Ok(Value::Missing(missing)),
                }
            }
            Value::Text(parts.join(&between))
        }
        "round" => {
            let places = args
                .first()
                .and_then(|a| number(&a.1))
                .and_then(Decimal::as_u64)
                .unwrap_or(0);
            let rounded = amount()?.round(u32::try_from(places).unwrap_or(8));
            if matches!(value, Value::Money(_)) {
                Value::Money(rounded)
            } else {
                Value::Number(rounded)
            }
        }
        "abs" => {
            let n = amount()?;
            let n = if n < Decimal::default() {
                fits(n.negated())?
            } else {
                n
            };
            if matches!(value, Value::Money(_)) {
                Value::Money(n)
            } else {
                Value::Number(n)
            }
        }
        _ => match args {
            [(_, Value::Text(from)), (_, Value::Text(to))] if !from.is_empty() => {
                let out = text()?.replace(from.as_str(), to);
                if out.len() > 100_000 {
                    return bad("the text is too long");
                }
                Value::Text(out)
            }
            _ => return bad("`replace` needs two texts"),
        },
    })
}

/// The name of a part of each row: the argument at `place`, or `attribute=`.
fn attribute<'a>(args: &'a Args<'_>, place: usize) -> Option<&'a str> {
    let named = args.iter().find(|(key, _)| *key == Some("attribute"));
    match named.or_else(|| args.get(place).filter(|(key, _)| key.is_none())) {
        Some((_, Value::Text(name))) => Some(name),
        _ => None,
    }
}

/// Exact: amounts add up as decimals. A row without the part makes the sum missing.
fn sum(items: &[Value], attribute: Option<&str>, language: Language) -> Result<Value, Fault> {
    let mut total = Decimal::default();
    let mut amounts = false;
    for item in items {
        let part = attribute.map_or_else(|| item.clone(), |a| item.attribute(a, "", language));
        amounts |= matches!(part, Value::Money(_));
        match number(&part) {
            Some(n) => total = fits(total.plus(n))?,
            None if matches!(part, Value::Missing(_)) => return Ok(part),
            None => return bad("`sum` needs a number in every row: sum('price')"),
        }
    }
    Ok(if amounts {
        Value::Money(total)
    } else {
        Value::Number(total)
    })
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars
        .next()
        .map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}
