//! The rows of a labelled file.

use std::collections::BTreeMap;
use std::path::Path;

use moqi_document::mask::{Gazetteer, Masked, Private, mask_knowing};
use moqi_document::{Block, BlockKind, Document, Inline, InlineKind, Marks, Span};
use serde_json::{Map, Value};

use super::{Fault, FaultKind};
use crate::read;

/// What a row wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Labels {
    /// The classes of the text.
    Classes(Vec<String>),
    /// Types and values of the text, in its order.
    Values(Vec<(String, String)>),
    /// The answer to an instruction.
    Answer(String),
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// What is to be done; empty where the labels say it.
    pub instruction: String,
    pub text: String,
    pub labels: Labels,
}

impl Row {
    /// The instruction with its text.
    pub fn asked(&self) -> String {
        match (self.instruction.trim(), self.text.trim()) {
            ("", text) => text.to_owned(),
            (instruction, "") => instruction.to_owned(),
            (instruction, text) => format!("{instruction}\n{text}"),
        }
    }
}

/// Rows of one file that are read.
const MOST_ROWS: usize = 200_000;
/// Longest row, in bytes of its texts.
const LONGEST: usize = 200_000;

/// The rows of a file by its ending, and the faults of the others.
pub(super) fn rows(text: &str, path: &Path) -> (Vec<Row>, Vec<Fault>) {
    let mut rows = Vec::new();
    let mut faults = Vec::new();
    let mut keep = |read: Result<Row, Fault>| match read {
        Ok(row) => rows.push(row),
        Err(fault) => faults.push(fault),
    };
    match read::ending(path).as_str() {
        "csv" => csv(text, &mut keep),
        _ => {
            let lines = text
                .lines()
                .enumerate()
                .filter(|(_, line)| !line.trim().is_empty());
            for (i, line) in lines.take(MOST_ROWS) {
                let fault = Fault {
                    line: i + 1,
                    field: String::new(),
                    kind: FaultKind::NotARow,
                };
                keep(
                    match serde_json::from_str(line.trim_start_matches('\u{feff}')) {
                        Ok(Value::Object(fields)) => row(&fields, i + 1),
                        _ => Err(fault),
                    },
                );
            }
        }
    }
    (rows, faults)
}

fn csv(text: &str, keep: &mut dyn FnMut(Result<Row, Fault>)) {
    let mut reader = ::csv::ReaderBuilder::new()
        .flexible(true)
        .trim(::csv::Trim::Headers)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let fault = |line: usize| Fault {
        line,
        field: String::new(),
        kind: FaultKind::NotARow,
    };
    let Ok(heads) = reader.headers().cloned() else {
        return keep(Err(fault(1)));
    };
    for record in reader.records().take(MOST_ROWS) {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, |position| position.line());
                keep(Err(fault(line as usize)));
                continue;
            }
        };
        let line = record.position().map_or(0, |position| position.line()) as usize;
        let fields = heads.iter().zip(&record).map(|(head, cell)| {
            // A list stands in its cell as JSON.
            let value = match head {
                "entities" => serde_json::from_str(cell).unwrap_or_else(|_| Value::from(cell)),
                _ => Value::from(cell),
            };
            (head.to_owned(), value)
        });
        keep(row(&fields.collect(), line));
    }
}

fn row(fields: &Map<String, Value>, line: usize) -> Result<Row, Fault> {
    let fault = |field: &str, kind| Fault {
        line,
        field: field.to_owned(),
        kind,
    };
    let text = |field: &str| match fields.get(field) {
        None | Some(Value::Null) => Err(fault(field, FaultKind::Empty)),
        Some(Value::String(text)) if text.trim().is_empty() => Err(fault(field, FaultKind::Empty)),
        Some(Value::String(text)) => Ok(text.trim().to_owned()),
        Some(_) => Err(fault(field, FaultKind::BadValue)),
    };
    let has = |field: &str| fields.contains_key(field);
    let read = if has("text") && has("label") {
        Row {
            instruction: String::new(),
            text: text("text")?,
            labels: Labels::Classes(classes(fields, line)?),
        }
    } else if has("text") && has("entities") {
        let words = text("text")?;
        let values = values(fields, &words, line)?;
        Row {
            instruction: String::new(),
            text: words,
            labels: Labels::Values(values),
        }
    } else if has("instruction") && (has("output") || has("answer")) {
        let (asked, answer) = match has("output") {
            true => ("input", "output"),
            false => ("question", "answer"),
        };
        let instruction = text("instruction")?;
        // An instruction may be whole without an input.
        let asked = match text(asked) {
            Err(Fault {
                kind: FaultKind::Empty,
                ..
            }) if asked == "input" => String::new(),
            read => read?,
        };
        Row {
            instruction,
            text: asked,
            labels: Labels::Answer(text(answer)?),
        }
    } else {
        return Err(fault("", FaultKind::UnknownFields));
    };
    match read.text.len() + read.instruction.len() > LONGEST {
        true => Err(fault("", FaultKind::TooLong)),
        false => Ok(read),
    }
}

fn classes(fields: &Map<String, Value>, line: usize) -> Result<Vec<String>, Fault> {
    let fault = |kind| Fault {
        line,
        field: "label".to_owned(),
        kind,
    };
    let found: Vec<String> = match fields.get("label") {
        Some(Value::String(label)) => vec![label.trim().to_owned()],
        Some(Value::Number(number)) => vec![number.to_string()],
        Some(Value::Array(all)) => {
            let labels = all
                .iter()
                .map(|label| label.as_str().map(|label| label.trim().to_owned()));
            labels
                .collect::<Option<_>>()
                .ok_or_else(|| fault(FaultKind::BadValue))?
        }
        _ => return Err(fault(FaultKind::BadValue)),
    };
    match found.is_empty() || found.iter().any(String::is_empty) {
        true => Err(fault(FaultKind::Empty)),
        false => Ok(found),
    }
}

fn values(
    fields: &Map<String, Value>,
    text: &str,
    line: usize,
) -> Result<Vec<(String, String)>, Fault> {
    let fault = |field: String, kind| Fault { line, field, kind };
    let Some(Value::Array(all)) = fields.get("entities") else {
        return Err(fault("entities".to_owned(), FaultKind::BadValue));
    };
    let mut found = Vec::new();
    for (i, entity) in all.iter().enumerate() {
        let part = |name: &str| match entity.get(name) {
            Some(Value::String(words)) if words.trim().is_empty() => {
                Err(fault(format!("entities[{i}].{name}"), FaultKind::Empty))
            }
            Some(Value::String(words)) => Ok(words.trim().to_owned()),
            _ => Err(fault(format!("entities[{i}].{name}"), FaultKind::BadValue)),
        };
        let (kind, value) = (part("type")?, part("value")?);
        let Some(at) = text.find(&value) else {
            return Err(fault(format!("entities[{i}].value"), FaultKind::NotInText));
        };
        found.push((at, kind, value));
    }
    found.sort();
    Ok(found
        .into_iter()
        .map(|(_, kind, value)| (kind, value))
        .collect())
}

impl Row {
    /// What it is told apart from others by: an instruction may be whole without a text.
    pub fn telling(&self) -> &str {
        match self.text.trim().is_empty() {
            true => &self.instruction,
            false => &self.text,
        }
    }
}

/// A row without personal data, and what that was; what is wanted is masked as its text is.
pub(super) fn hidden(
    row: Row,
    gazetteer: &Gazetteer,
    counts: &mut BTreeMap<Private, usize>,
) -> (Row, Vec<Masked>) {
    let lines = row.instruction.lines().chain(row.text.lines());
    let document = Document {
        blocks: lines.map(paragraph).collect(),
        ..Document::default()
    };
    let mut others = vec![row.instruction.as_str(), row.text.as_str()];
    match &row.labels {
        Labels::Values(values) => others.extend(values.iter().map(|(_, value)| value.as_str())),
        Labels::Answer(answer) => others.push(answer),
        Labels::Classes(_) => {}
    }
    let masked = mask_knowing(&document, &others, gazetteer);
    let mut words = masked.others.into_iter();
    let instruction = words.next().unwrap_or_default();
    let text = words.next().unwrap_or_default();
    for found in &masked.found {
        let places = |words: &str| words.matches(&found.placeholder).count();
        *counts.entry(found.kind).or_insert(0) += places(&instruction) + places(&text);
    }
    let labels = match row.labels {
        Labels::Values(values) => {
            let masked = values
                .into_iter()
                .zip(words)
                .map(|((kind, _), value)| (kind, value));
            // A name that is masked in part elsewhere than in the text would teach what does not stand there.
            Labels::Values(masked.filter(|(_, value)| text.contains(value)).collect())
        }
        Labels::Answer(_) => Labels::Answer(words.next().unwrap_or_default()),
        labels => labels,
    };
    let row = Row {
        instruction,
        text,
        labels,
    };
    (row, masked.found)
}

fn paragraph(line: &str) -> Block {
    let words = Inline {
        kind: InlineKind::Text(line.to_owned()),
        marks: Marks::default(),
        span: Span::default(),
    };
    Block {
        kind: BlockKind::Paragraph {
            depth: 0,
            quote: false,
            content: vec![words],
        },
        id: None,
        span: Span::default(),
    }
}
