//! Answers as JSON: in answer files of the command line and in the store.

use moqi_document::{Answer, Answers};
use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// Answers as a JSON object.
pub fn to_json(answers: &Answers) -> Value {
    Value::Object(
        answers
            .iter()
            .map(|(name, answer)| (name.clone(), value(answer)))
            .collect(),
    )
}

fn value(answer: &Answer) -> Value {
    match answer {
        Answer::Text(text) => Value::String(text.clone()),
        Answer::Bool(yes) => Value::Bool(*yes),
        Answer::Group(group) => to_json(group),
        Answer::List(rows) => Value::Array(rows.iter().map(to_json).collect()),
    }
}

/// Reads answers from JSON text: an object of fields. Numbers are taken as they are written; `null` is no answer.
pub fn from_json_text(text: &str, name: &str) -> Result<Answers> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        Error::input(
            format!(
                "{name} 不是有效的 JSON：第 {} 行第 {} 列。",
                error.line(),
                error.column()
            ),
            format!(
                "{name} is not valid JSON: line {}, column {}.",
                error.line(),
                error.column()
            ),
        )
        .hint(
            "请检查引号、逗号和括号。",
            "Check quotes, commas and brackets.",
        )
        .caused_by(error)
    })?;
    match value {
        Value::Object(fields) => from_fields(&fields, ""),
        _ => Err(Error::input(
            format!("{name} 应当是一个 JSON 对象，例如 {{\"price\": \"1200000.00\"}}。"),
            format!("{name} should be one JSON object, such as {{\"price\": \"1200000.00\"}}."),
        )),
    }
}

fn from_fields(fields: &Map<String, Value>, path: &str) -> Result<Answers> {
    let mut answers = Answers::new();
    for (name, value) in fields {
        let path = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        if let Some(answer) = from_value(value, &path)? {
            answers.insert(name.clone(), answer);
        }
    }
    Ok(answers)
}

fn from_value(value: &Value, path: &str) -> Result<Option<Answer>> {
    Ok(Some(match value {
        Value::Null => return Ok(None),
        Value::Bool(yes) => Answer::Bool(*yes),
        Value::Number(number) => Answer::Text(number.to_string()),
        Value::String(text) => Answer::Text(text.clone()),
        Value::Object(fields) => Answer::Group(from_fields(fields, path)?),
        Value::Array(rows) => {
            let rows = rows.iter().enumerate().map(|(index, row)| match row {
                Value::Object(fields) => from_fields(fields, &format!("{path}.{index}")),
                _ => Err(Error::input(
                    format!("字段 {path} 的第 {} 行应当是一个对象。", index + 1),
                    format!("Row {} of the field {path} should be an object.", index + 1),
                )),
            });
            Answer::List(rows.collect::<Result<_>>()?)
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_go_to_json_and_back() {
        let text = r#"{"a":"x","b":true,"g":{"name":"甲"},"rows":[{"qty":"12"},{"qty":"3"}]}"#;
        let answers = from_json_text(text, "answers.json").unwrap();
        assert_eq!(to_json(&answers).to_string(), text);
    }

    #[test]
    fn numbers_and_nulls_of_a_file_are_taken_as_written() {
        let answers =
            from_json_text(r#"{"qty": 12, "price": 1200000.50, "none": null}"#, "f").unwrap();
        assert_eq!(answers["qty"], Answer::Text("12".into()));
        assert_eq!(answers["price"], Answer::Text("1200000.5".into()));
        assert!(!answers.contains_key("none"));
    }

    #[test]
    fn a_fault_names_the_file_and_the_place() {
        let broken = from_json_text("{\"a\": \n oops}", "answers.json").unwrap_err();
        assert!(
            broken.message.en.contains("answers.json") && broken.message.en.contains("line 2"),
            "{broken}"
        );
        let list = from_json_text("[1]", "answers.json").unwrap_err();
        assert!(list.message.zh.contains("对象"));
        let row = from_json_text(r#"{"goods": [{"a": "b"}, 3]}"#, "f").unwrap_err();
        assert!(row.message.en.contains("Row 2 of the field goods"), "{row}");
    }
}
