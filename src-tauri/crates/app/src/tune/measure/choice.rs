//! The other wording in the test of choice: what the program's own clause library says under such a heading.

use moqi_document::mask::mask;
use moqi_document::{Language, parse};

use super::super::DataConfig;
use super::super::duplicates::Shingles;
use super::super::examples::{About, examples};
use super::super::sources::with_samples;
use super::super::{Example, Lesson};
use crate::assist::{fits, index};
use crate::library::{ClauseInfo, clause_info};
use crate::shipped::{self, Text};

/// The shipped clauses of a language.
pub(super) struct Library {
    language: Language,
    clauses: Vec<(ClauseInfo, Text)>,
}

impl Library {
    /// All of them.
    pub fn of(language: Language) -> Library {
        let all = shipped::clauses().iter();
        Library {
            language,
            clauses: all
                .filter(|text| text.language() == language)
                .map(|text| (clause_info(text, false), text.clone()))
                .collect(),
        }
    }

    /// The wording of the clause that drafting would offer for a request, filled, masked and cut as examples are. None where
    /// there is none, or where it is a near-duplicate of what is wanted: then there is nothing to choose.
    pub fn wording(&self, asked: &Example) -> Option<String> {
        let kind = asked.kind.as_deref().unwrap_or_default();
        let ranked = index(&self.clauses, kind).rank(&[(&asked.heading, 1.0)]);
        let mut fitting = ranked
            .into_iter()
            .map(|(at, _)| &self.clauses[at])
            .filter(|(info, _)| fits(info, kind));
        let (info, text) = fitting.next()?;
        let wording = self.as_wanted(&info.title, &text.text)?;
        differ(&wording, &asked.wanted).then_some(wording)
    }

    fn as_wanted(&self, title: &str, text: &str) -> Option<String> {
        let document = mask(&parse(&with_samples(text.to_owned())), &[]).document;
        let about = About {
            source: 0,
            title,
            kind: None,
            language: self.language,
            longest: DataConfig::default().longest,
            seed: 0,
        };
        let first = examples(&document, &about).into_iter().next();
        let first = first.filter(|example| example.lesson == Lesson::Draft);
        first.map(|example| example.wanted)
    }
}

/// Whether two wordings are no near-duplicates, so that preferring one of them says something.
pub(super) fn differ(one: &str, other: &str) -> bool {
    !Shingles::of(one).near(&Shingles::of(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_clause_has_a_wording_without_fields() {
        for language in [Language::Zh, Language::En] {
            let library = Library::of(language);
            assert!(library.clauses.len() > 20);
            for (info, text) in &library.clauses {
                let wording = library.as_wanted(&info.title, &text.text);
                let wording = wording.unwrap_or_else(|| panic!("{} has none", text.file));
                assert!(
                    !wording.contains("{{") && !wording.contains("](#"),
                    "{wording}"
                );
            }
        }
    }
}
