//! Labelled examples for classification and extraction, from JSON lines and CSV.
//!
//! A row has `text` and `label`, or `text` and `entities` (a list of `{"type", "value"}`, in CSV as JSON in its cell), or
//! `instruction`, `input` and `output`, or `instruction`, `question` and `answer`. [`classify`] and [`extract`] are the
//! requests that a model tuned on such rows is taught to answer; `moqi read classify` and `moqi read extract` are to ask
//! in the same words.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use moqi_document::Language;
use moqi_document::mask::{Gazetteer, Masked, Private};
use sha2::{Digest, Sha256};

use super::split::{self, Refusal, Side};
use super::words::{hash, is_han};
use super::{
    DataConfig, Dataset, Example, LARGEST_FILE, LeftOut, Lesson, Personal, Rows, Source, Why,
};
use crate::error::Sentence;
use crate::files;
use crate::models::hex;

mod rows;

use rows::{Labels, Row, hidden};

/// Something wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Line in the file, from 1.
    pub line: usize,
    /// The field, empty where it is the whole line.
    pub field: String,
    /// What is wrong with it.
    pub kind: FaultKind,
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// The line is no JSON object, or no row of CSV.
    NotARow,
    /// None of the known sets of fields is there.
    UnknownFields,
    /// It is empty, or missing where others have it.
    Empty,
    /// It is not what such a field holds: a text, or a list of `{"type", "value"}`.
    BadValue,
    /// A value to be extracted does not stand in the text.
    NotInText,
    /// The row is longer than a model reads.
    TooLong,
}

impl Fault {
    /// The fault as people read it, with line and field.
    pub fn sentence(&self) -> Sentence {
        let (zh, en) = match self.kind {
            FaultKind::NotARow => (
                "不是一行有效的 JSON 或 CSV",
                "is no valid row of JSON or CSV",
            ),
            FaultKind::UnknownFields => (
                "没有 text 和 label、text 和 entities，或 instruction 和 output 这几组字段",
                "has none of the sets of fields: text and label, text and entities, instruction and output",
            ),
            FaultKind::Empty => ("没有内容", "is empty"),
            FaultKind::BadValue => ("内容的类型不对", "is of the wrong type"),
            FaultKind::NotInText => (
                "的值不在文字中",
                "has a value that does not stand in the text",
            ),
            FaultKind::TooLong => ("太长", "is too long"),
        };
        let field = match self.field.as_str() {
            "" => (String::new(), "the row".to_owned()),
            field => (format!("字段 {field} "), format!("the field {field}")),
        };
        Sentence::new(
            format!("第 {} 行：{}{zh}", self.line, field.0),
            format!("Line {}: {} {en}", self.line, field.1),
        )
    }
}

/// The system and user messages that ask for the class of a text.
pub fn classify(text: &str, labels: &[&str], language: Language) -> (String, String) {
    match language {
        Language::Zh => (
            "你是严谨的法律文书阅读助手。只输出类别，不解释。".to_owned(),
            format!(
                "类别：{}。\n文字：\n{text}\n请写出这段文字的类别。",
                labels.join("、")
            ),
        ),
        Language::En => (
            "You read legal texts with care. Reply with the class only, without explanation."
                .to_owned(),
            format!(
                "Classes: {}.\nText:\n{text}\nState the class of this text.",
                labels.join("; ")
            ),
        ),
    }
}

/// The answer to [`classify`]: one class, or several.
pub fn classified(labels: &[&str], language: Language) -> String {
    labels.join(match language {
        Language::Zh => "、",
        Language::En => "; ",
    })
}

/// The system and user messages that ask for the values of a text.
pub fn extract(text: &str, types: &[&str], language: Language) -> (String, String) {
    match language {
        Language::Zh => (
            "你是严谨的法律文书阅读助手。每行输出一个“类型：值”，值须是原文；没有的不写，都没有则只写“无”。".to_owned(),
            format!("类型：{}。\n文字：\n{text}\n请逐行列出。", types.join("、")),
        ),
        Language::En => (
            "You read legal texts with care. Reply with one “type: value” a line, the value in the words of the text; leave out what is not there, and reply “none” where nothing is.".to_owned(),
            format!("Types: {}.\nText:\n{text}\nList them line by line.", types.join("; ")),
        ),
    }
}

/// The answer to [`extract`].
pub fn extracted(values: &[(&str, &str)], language: Language) -> String {
    let (sign, none) = match language {
        Language::Zh => ("：", "无"),
        Language::En => (": ", "none"),
    };
    match values {
        [] => none.to_owned(),
        values => {
            let lines = values
                .iter()
                .map(|(kind, value)| format!("{kind}{sign}{value}"));
            lines.collect::<Vec<_>>().join("\n")
        }
    }
}

/// Faults of one file that are listed.
const MOST_FAULTS: usize = 50;

/// What masking found in a row that is learned, by the hash of its example.
pub(super) type Found = (String, Vec<Masked>);

/// Adds the examples of labelled files to a dataset, each file split by its rows. Gives what masking found in those that are
/// learned.
pub(super) fn add(
    made: &mut Dataset,
    paths: &[PathBuf],
    config: &DataConfig,
    gazetteer: &Gazetteer,
) -> (Result<(), Refusal>, Vec<Found>) {
    let mut told = Err(Refusal::Nothing);
    let mut trained = Vec::new();
    for path in paths {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let left = |why| LeftOut {
            name: name.clone(),
            path: Some(path.clone()),
            why,
        };
        let (bytes, text) = match text(path) {
            Ok(read) => read,
            Err(why) => {
                made.left_out.push(left(why));
                continue;
            }
        };
        let file_hash = hex(&Sha256::digest(&bytes));
        if config.without.contains(&file_hash) {
            made.left_out.push(left(Why::Forgotten));
            continue;
        }
        let (rows, faults) = rows::rows(&text, path);
        made.left_out.extend(
            faults
                .into_iter()
                .take(MOST_FAULTS)
                .map(|fault| left(Why::Labelled(fault))),
        );
        if rows.is_empty() {
            made.left_out.push(left(Why::NothingToLearn));
            continue;
        }
        let source = made.sources.len();
        let (made_of, masked) = examples(rows, source, &name, config, gazetteer);
        let texts: Vec<&str> = made_of.iter().map(|row| row.text.as_str()).collect();
        // What other documents give away changes what is masked, and not which row it is.
        let hashes: Vec<String> = made_of.iter().map(|row| row.hash.clone()).collect();
        let settled = hashes.iter().map(|hash| config.settled.get(hash).copied());
        let settled: Vec<Option<Side>> = settled.collect();
        // A short row is a row like others.
        match split::split(&texts, &settled, 0, config.seed) {
            Err(refusal) => told = told.or(Err(refusal)),
            Ok(found) => {
                let language = language_of(texts.first().copied().unwrap_or_default());
                for (row, side) in made_of.into_iter().zip(&found.sides) {
                    if *side == Side::Train && !row.found.is_empty() {
                        trained.push((row.example.hash.clone(), row.found));
                    }
                    made.side_mut(*side).push(row.example);
                }
                made.report.labelled.push(Rows {
                    source,
                    sides: hashes.into_iter().zip(found.sides).collect(),
                    masked,
                });
                made.sources.push(Source {
                    hash: file_hash,
                    path: Some(path.clone()),
                    document: None,
                    language,
                    title: name.clone(),
                    name,
                    text: String::new(),
                    warnings: Vec::new(),
                });
                told = Ok(());
            }
        }
    }
    (told, trained)
}

fn text(path: &Path) -> Result<(Vec<u8>, String), Why> {
    let size = std::fs::metadata(path).map_or(0, |found| found.len());
    if size > LARGEST_FILE {
        return Err(Why::TooLarge(size));
    }
    let bytes = files::read_whole(path).map_err(super::sources::why)?;
    let text = files::text_of(path, bytes.clone()).map_err(super::sources::why)?;
    match text.trim().is_empty() {
        true => Err(Why::Empty),
        false => Ok((bytes, text)),
    }
}

fn language_of(text: &str) -> Language {
    let han = text.chars().filter(|c| is_han(*c)).count();
    match han * 4 > text.chars().filter(|c| c.is_alphabetic()).count() {
        true => Language::Zh,
        false => Language::En,
    }
}

/// A row as an example.
struct Labelled {
    example: Example,
    /// What it is told apart from others by.
    text: String,
    /// Of that, before it was masked.
    hash: String,
    /// What masking found in it.
    found: Vec<Masked>,
}

/// Examples of rows, and how many places of each kind were masked.
fn examples(
    rows: Vec<Row>,
    source: usize,
    name: &str,
    config: &DataConfig,
    gazetteer: &Gazetteer,
) -> (Vec<Labelled>, Vec<(Private, usize)>) {
    // A model chooses among all the classes of the file.
    let mut known: [BTreeSet<String>; 2] = Default::default();
    for row in &rows {
        match &row.labels {
            Labels::Classes(classes) => known[0].extend(classes.iter().cloned()),
            Labels::Values(values) => known[1].extend(values.iter().map(|(kind, _)| kind.clone())),
            Labels::Answer(_) => {}
        }
    }
    let lists = known
        .each_ref()
        .map(|set| set.iter().map(String::as_str).collect::<Vec<_>>());
    let mut all = Vec::new();
    let mut counts = std::collections::BTreeMap::new();
    for row in rows {
        let hash_of_row = hash(&[row.telling()]);
        let (row, found) = match config.personal {
            Personal::Masked => hidden(row, gazetteer, &mut counts),
            Personal::Kept => (row, Vec::new()),
        };
        let language = language_of(&row.text);
        let (lesson, (system, user), wanted) = match &row.labels {
            Labels::Classes(classes) => {
                let classes: Vec<&str> = classes.iter().map(String::as_str).collect();
                (
                    Lesson::Classify,
                    classify(&row.text, &lists[0], language),
                    classified(&classes, language),
                )
            }
            Labels::Values(values) => {
                let values: Vec<(&str, &str)> = values
                    .iter()
                    .map(|(kind, value)| (kind.as_str(), value.as_str()))
                    .collect();
                (
                    Lesson::Extract,
                    extract(&row.text, &lists[1], language),
                    extracted(&values, language),
                )
            }
            Labels::Answer(answer) => (
                Lesson::Instruct,
                (String::new(), row.asked()),
                answer.clone(),
            ),
        };
        let example = Example {
            source,
            title: name.to_owned(),
            heading: String::new(),
            kind: None,
            language,
            lesson,
            outline: [].into(),
            passage: String::new(),
            precedent: None,
            hash: hash(&[&system, &user, &wanted]),
            system,
            user,
            wanted,
            wording: None,
        };
        all.push(Labelled {
            example,
            text: row.telling().to_owned(),
            hash: hash_of_row,
            found,
        });
    }
    (all, counts.into_iter().collect())
}

#[cfg(test)]
mod tests;
