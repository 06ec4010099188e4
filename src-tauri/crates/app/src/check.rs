//! Checking a text or a file.

use std::path::Path;

use moqi_document::{Answers, Language, parse};
use moqi_rules::Profile;

use crate::App;
use crate::derive::{Placed, counts, findings};
use crate::error::Result;
use crate::shipped::language_of;

/// A checked text.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The text that the spans of the findings refer to.
    pub text: String,
    /// Kind it was checked as.
    pub kind: Option<String>,
    /// Language it was checked as.
    pub language: Language,
    /// Findings in reading order.
    pub findings: Vec<Placed>,
}

impl Checked {
    /// Errors, warnings, notes.
    pub fn counts(&self) -> (usize, usize, usize) {
        counts(&self.findings)
    }
}

impl App {
    /// Checks a .docx, .md or .txt file.
    pub fn check_file(
        &self,
        path: &Path,
        kind: Option<&str>,
        language: Option<Language>,
    ) -> Result<Checked> {
        let text = crate::read::read_file(path)?.text;
        Ok(self.check_text(&text, &Answers::new(), kind, language))
    }

    /// Checks a text as it reads with these answers.
    pub fn check_text(
        &self,
        text: &str,
        answers: &Answers,
        kind: Option<&str>,
        language: Option<Language>,
    ) -> Checked {
        let document = parse(text);
        let language = language.unwrap_or_else(|| language_of(&document, text));
        let kind = kind
            .map(str::to_owned)
            .or_else(|| document.meta.kind.clone());
        let profile = Profile {
            kind: kind.clone(),
            language: Some(language),
            ui: self.language(),
            ..Profile::default()
        };
        let findings = findings(text, &document, answers, &profile);
        Checked {
            text: text.to_owned(),
            kind,
            language,
            findings,
        }
    }
}
