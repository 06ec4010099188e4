//! Content controls of a Word file as fields.

use std::collections::HashMap;

use super::form::{CONTROL, beside, usual};
use super::label::{kind_around, label_around};
use super::lines::Lines;
use super::offer::{Find, Why};
use super::values::{values, written};
use crate::edit::Lines as Starts;
use crate::model::{FieldKind, Language};

/// A content control of a Word file, as its reader reports it beside the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Control {
    /// The line of the text on which it begins, counted from 1.
    pub line: usize,
    /// Its name for people, or its tag.
    pub label: Option<String>,
    /// The words in it.
    pub words: String,
    /// What it takes, where that is known: a date, one of several options.
    pub kind: Option<FieldKind>,
    /// It shows its prompt: nobody has filled it in.
    pub placeholder: bool,
}

/// The content controls by the line of words they stand in.
pub(super) fn in_lines(
    text: &str,
    lines: &Lines,
    controls: &[Control],
    spoken: Language,
) -> HashMap<usize, Vec<Find>> {
    let mut found: HashMap<usize, Vec<Find>> = HashMap::new();
    if controls.is_empty() {
        return found;
    }
    let starts = Starts::of(text);
    let at: Vec<usize> = lines
        .all
        .iter()
        .map(|line| starts.line(line.prose.source(0..1).start))
        .collect();
    // Where the search in each line goes on: controls come in order.
    let mut done: HashMap<usize, usize> = HashMap::new();
    for control in controls {
        let words = control.words.trim();
        if words.is_empty() || words.contains('\n') || control.kind == Some(FieldKind::YesNo) {
            continue;
        }
        let first = at.partition_point(|line| *line < control.line);
        let last = at.partition_point(|line| *line <= control.line);
        // A control on a later line of a paragraph stands in the words that begin before it.
        let (first, last) = if first == last {
            (first.saturating_sub(1), first)
        } else {
            (first, last)
        };
        for index in (first..last).take(MOST_CELLS) {
            let Some(line) = lines.all.get(index) else {
                break;
            };
            let from = done.get(&index).copied().unwrap_or(0);
            let Some(start) = line.prose.text[from..].find(words).map(|n| from + n) else {
                continue;
            };
            let range = start..start + words.len();
            done.insert(index, range.end);
            let (before, after) = (&line.prose.text[..start], &line.prose.text[range.end..]);
            let label = control
                .label
                .clone()
                .or_else(|| label_around(before, after))
                .or_else(|| beside(line, lines));
            let label = label.unwrap_or_else(|| usual(spoken).to_owned());
            let kind = control
                .kind
                .clone()
                .unwrap_or_else(|| kind_around(&label, before, after));
            let (kind, sample, filter) = filled_in(kind, words, spoken);
            found.entry(index).or_default().push(Find {
                range,
                key: Some(format!("c{label}\n{words}")),
                label,
                kind,
                sample: sample.filter(|_| !control.placeholder),
                filter,
                why: Why::Control,
                said: true,
                rank: CONTROL,
            });
            break;
        }
    }
    found
}

/// Most cells of a row that are searched for a control.
const MOST_CELLS: usize = 64;

/// How a kind prints the words that are filled in: a text where it cannot.
fn filled_in(
    kind: FieldKind,
    words: &str,
    spoken: Language,
) -> (FieldKind, Option<String>, &'static str) {
    let value = values(words)
        .into_iter()
        .find(|value| value.range == (0..words.len()));
    match (&kind, value) {
        (FieldKind::Date, Some(value)) => {
            let written = written(&value.value, words, spoken);
            (written.kind, Some(written.sample), written.filter)
        }
        (FieldKind::Choice(options), _) => {
            let chosen = options.iter().find(|option| option.label == words);
            let sample = chosen.map(|option| option.value.clone());
            (kind, sample, "")
        }
        (FieldKind::Text | FieldKind::LongText | FieldKind::Party, _) => {
            (kind, Some(words.to_owned()), "")
        }
        _ => (kind, None, ""),
    }
}
