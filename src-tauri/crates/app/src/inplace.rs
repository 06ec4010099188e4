//! A firm's own Word template, filled in place: its looks stay as they are, byte for byte.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use moqi_document::{Answer, Answers, FieldKind};
use moqi_docx::{SlotKind, Values};

use crate::error::Result;
use crate::export::{Exported, Word};
use crate::{App, files, word};

/// A place of a Word template that wants a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its id, by which a value can be given to it alone: `document:3`.
    pub id: String,
    /// Its name: of a content control or tag, or guessed from the words before it.
    pub name: String,
    /// What stands there now.
    pub text: String,
    /// The words before it.
    pub before: String,
    /// The words after it.
    pub after: String,
    /// What it takes.
    pub takes: Takes,
}

/// What a place of a Word template takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Takes {
    /// Words, the same in every place of this name.
    Words,
    /// Words for this place alone: a blank.
    Blank,
    /// A day.
    Date,
    /// One of these.
    Choice(Vec<String>),
    /// Yes or no: a box to tick, or what decides whether a passage stays.
    YesNo,
    /// Rows, each with a value for every one of these names.
    Rows(Vec<String>),
}

/// What each row is called inside of a loop: `item` of `{% for item in goods %}`.
fn variable(tag: &str) -> Option<String> {
    let (_, rest) = tag.split_once("for ")?;
    let (name, _) = rest.split_once(" in ")?;
    let name = name.trim();
    (!name.is_empty() && !name.contains(',')).then(|| name.to_owned())
}

fn takes(kind: SlotKind, value: &FieldKind) -> Takes {
    match (kind, value) {
        (_, FieldKind::Repeat(fields)) => {
            Takes::Rows(fields.iter().map(|field| field.name.clone()).collect())
        }
        (SlotKind::Loop, _) => Takes::Rows(Vec::new()),
        (SlotKind::Condition, _) | (_, FieldKind::YesNo) => Takes::YesNo,
        (_, FieldKind::Choice(options)) => {
            Takes::Choice(options.iter().map(|option| option.value.clone()).collect())
        }
        (SlotKind::Blank, _) => Takes::Blank,
        (_, FieldKind::Date) => Takes::Date,
        _ => Takes::Words,
    }
}

impl App {
    /// The places of a Word template that want a value.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn places(&self, template: &Path) -> Result<Vec<Place>> {
        let slots = moqi_docx::slots(&files::read_whole(template)?)
            .map_err(|error| word::as_error(template, error))?;
        // What stands in a row is asked for row by row.
        let variables: Vec<String> = slots
            .value
            .iter()
            .filter(|slot| slot.kind == SlotKind::Loop)
            .filter_map(|slot| variable(&slot.text))
            .collect();
        let of_a_row = |name: &str| {
            variables.iter().any(|variable| {
                name.strip_prefix(variable.as_str())
                    .is_some_and(|rest| rest.starts_with('.'))
            })
        };
        let asked = slots.value.into_iter().filter(|slot| !of_a_row(&slot.name));
        let places = asked.map(|slot| Place {
            id: slot.id,
            name: slot.name,
            takes: takes(slot.kind, &slot.value),
            text: slot.text,
            before: slot.before,
            after: slot.after,
        });
        Ok(places.collect())
    }

    /// Fills a Word template in place. Answers go to the places of their name, and those named by a place's id to it alone.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn fill_in_place(&self, template: &Path, answers: &Answers) -> Result<Word> {
        let slots = answers.iter().filter_map(|(name, answer)| match answer {
            moqi_document::Answer::Text(text) if name.contains(':') => {
                Some((name.clone(), text.clone()))
            }
            _ => None,
        });
        let values = Values {
            slots: slots.collect(),
            named: answers.clone(),
        };
        let filled = moqi_docx::fill(&files::read_whole(template)?, &values)
            .map_err(|error| word::as_error(template, error))?;
        let warnings = filled.warnings.iter();
        let warnings = warnings
            .map(|warning| word::warning(warning, self.language()))
            .collect();
        Ok(Word {
            bytes: filled.value,
            warnings,
        })
    }

    /// Fills a Word template with what a person typed, by place or by name, and writes it where exports go. Yes and no are
    /// `yes` and `no`; what is empty stays as it is, and so do rows without any word.
    ///
    /// # Errors
    /// The template cannot be read, or the file not be written.
    pub fn export_filled(
        &self,
        template: &Path,
        typed: &BTreeMap<String, String>,
        rows: &BTreeMap<String, Vec<BTreeMap<String, String>>>,
    ) -> Result<Exported> {
        let answer = |text: &String| match text.as_str() {
            "yes" => Answer::Bool(true),
            "no" => Answer::Bool(false),
            _ => Answer::Text(text.clone()),
        };
        let given = |typed: &BTreeMap<String, String>| -> Answers {
            let typed = typed.iter().filter(|(_, text)| !text.trim().is_empty());
            typed
                .map(|(name, text)| (name.clone(), answer(text)))
                .collect()
        };
        let mut answers = given(typed);
        for (name, rows) in rows {
            let rows: Vec<Answers> = rows
                .iter()
                .map(given)
                .filter(|row| !row.is_empty())
                .collect();
            if !rows.is_empty() {
                answers.insert(name.clone(), Answer::List(rows));
            }
        }
        let word = self.fill_in_place(template, &answers)?;
        let stem = template
            .file_stem()
            .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        let name = match self.language() {
            crate::Language::Zh => format!("{stem}（已填写）"),
            crate::Language::En => format!("{stem} (filled)"),
        };
        let path: PathBuf = files::free_path(&self.export_folder()?, &name, "docx");
        files::write_whole(&path, &word.bytes)?;
        Ok(self.was_exported(Exported {
            path,
            warnings: word.warnings,
            errors: 0,
            warnings_open: 0,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Home, Language};

    #[test]
    fn a_form_is_filled_by_name_and_by_place() {
        let folder = tempfile::tempdir().unwrap();
        let app = App::open(Home::at(folder.path().join("home")).unwrap(), Language::Zh).unwrap();
        let text = "# 委托函\n\n致 \\{client}：\n\n费用 ____ 元，\\{client} 于 ____ 前支付。\n";
        let form = folder.path().join("委托函.docx");
        let word = app
            .word(text, &Answers::new(), &Default::default())
            .unwrap();
        std::fs::write(&form, word.bytes).unwrap();
        let places = app.places(&form).unwrap();
        let of = |takes: Takes| places.iter().filter(|place| place.takes == takes).count();
        assert_eq!((of(Takes::Words), of(Takes::Blank)), (2, 2), "{places:?}");
        let blank = places
            .iter()
            .find(|place| place.takes == Takes::Blank)
            .unwrap();
        let typed = BTreeMap::from([
            ("client".to_owned(), "华东公司".to_owned()),
            (blank.id.clone(), "5,000".to_owned()),
            ("other".to_owned(), " ".to_owned()),
        ]);
        let made = app.export_filled(&form, &typed, &BTreeMap::new()).unwrap();
        assert!(made.path.ends_with("委托函（已填写）.docx"));
        let read = moqi_docx::read(&std::fs::read(&made.path).unwrap()).unwrap();
        let words = read.value.text.replace('\\', "");
        assert!(words.contains("致 华东公司"), "{words}");
        assert!(
            words.contains("费用 5,000 元，华东公司 于 ____ 前支付"),
            "{words}"
        );
        assert_eq!(made.warnings.len(), 1, "{:?}", made.warnings);
    }

    #[test]
    fn rows_of_a_form_are_filled_row_by_row() {
        let folder = tempfile::tempdir().unwrap();
        let app = App::open(Home::at(folder.path().join("home")).unwrap(), Language::En).unwrap();
        let text = "# Order\n\n\\{% for item in goods %\\}\n\n\\{\\{ item.name \\}\\} at \\{\\{ item.price \\}\\}\n\n\\{% endfor %\\}\n\nEnd\n";
        let form = folder.path().join("order.docx");
        let word = app
            .word(text, &Answers::new(), &Default::default())
            .unwrap();
        std::fs::write(&form, word.bytes).unwrap();
        let places = app.places(&form).unwrap();
        assert_eq!(places.len(), 1, "{places:?}");
        assert_eq!(
            places[0].takes,
            Takes::Rows(vec!["name".to_owned(), "price".to_owned()])
        );
        let row = |name: &str, price: &str| {
            BTreeMap::from([
                ("name".to_owned(), name.to_owned()),
                ("price".to_owned(), price.to_owned()),
            ])
        };
        let rows = BTreeMap::from([(
            places[0].name.clone(),
            vec![row("Lathe", "5,000"), row("", " "), row("Drill", "700")],
        )]);
        let made = app.export_filled(&form, &BTreeMap::new(), &rows).unwrap();
        let read = moqi_docx::read(&std::fs::read(&made.path).unwrap()).unwrap();
        let words = read.value.text.replace('\\', "");
        assert!(
            words.contains("Lathe at 5,000\n\nDrill at 700\n\nEnd"),
            "{words}"
        );
    }
}
