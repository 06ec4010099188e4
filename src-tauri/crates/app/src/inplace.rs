//! A firm's own Word template, filled in place: its looks stay as they are, byte for byte.

use std::path::Path;

use moqi_document::Answers;
use moqi_docx::Values;

use crate::error::Result;
use crate::export::Word;
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
}

impl App {
    /// The places of a Word template that want a value.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn places(&self, template: &Path) -> Result<Vec<Place>> {
        let slots = moqi_docx::slots(&files::read_whole(template)?)
            .map_err(|error| word::as_error(template, error))?;
        let places = slots.value.into_iter().map(|slot| Place {
            id: slot.id,
            name: slot.name,
            text: slot.text,
            before: slot.before,
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
}
