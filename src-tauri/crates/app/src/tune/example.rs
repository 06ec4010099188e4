//! An example: a request as drafting makes it, and the answer that is wanted.

use std::sync::Arc;

use moqi_document::Language;
use moqi_lm::{Base, Message, Role};

use super::clause_index::{Entry, Profile};
use super::words::hash;
use crate::adapters::as_error;
use crate::error::Result;
use crate::prompt::{Context, Task, messages};

/// What an example teaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lesson {
    /// To write the clause under a heading.
    Draft,
    /// To go on after a paragraph.
    Continue,
    /// To say the class of a text.
    Classify,
    /// To list the values of a text.
    Extract,
    /// To do what a labelled file says.
    Instruct,
}

impl Lesson {
    /// Its name, for programs.
    pub fn name(self) -> &'static str {
        match self {
            Lesson::Draft => "draft",
            Lesson::Continue => "continue",
            Lesson::Classify => "classify",
            Lesson::Extract => "extract",
            Lesson::Instruct => "instruct",
        }
    }
}

/// Whether a held-out example asks for words that training has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wording {
    /// No near-duplicate of the wanted words is in training.
    Novel,
    /// A near-duplicate is: the model may have learned them by heart.
    Shared,
}

/// A request and the wanted answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// Index of its source in [`super::Dataset::sources`].
    pub source: usize,
    /// Title of the document, masked.
    pub title: String,
    /// Heading of the clause; empty where the document has none.
    pub heading: String,
    /// Kind of document (`sale`, `nda` …) where it says so.
    pub kind: Option<String>,
    /// Language of the request.
    pub language: Language,
    /// What it teaches.
    pub lesson: Lesson,
    /// Headings of the document, as the request lists them.
    pub outline: Arc<[String]>,
    /// What stands before the wanted text.
    pub passage: String,
    /// The clause it is to be made of, where the request has one.
    pub precedent: Option<String>,
    /// The system message.
    pub system: String,
    /// The user message.
    pub user: String,
    /// The answer wanted; only its tokens are learned.
    pub wanted: String,
    /// SHA-256 of system, user and wanted, in hex.
    pub hash: String,
    /// For held-out examples.
    pub wording: Option<Wording>,
}

impl Example {
    /// The request.
    pub fn messages(&self) -> [Message; 2] {
        [
            Message::new(Role::System, &self.system),
            Message::new(Role::User, &self.user),
        ]
    }

    /// The request and the wanted answer in the tokens of a model.
    ///
    /// # Errors
    /// The model has no format for conversations that it can be asked in.
    pub fn tokens(&self, base: &Base) -> Result<moqi_lm::Example> {
        base.example(&self.messages(), &self.wanted)
            .map_err(as_error)
    }

    /// Its document, as precedents are looked up by it.
    pub(super) fn profile(&self) -> Profile<'_> {
        Profile {
            title: &self.title,
            kind: self.kind.as_deref(),
            outline: &self.outline,
        }
    }

    /// The clause it asks for, to be found by others.
    pub(super) fn entry(&self) -> Entry<'_> {
        Entry {
            number: self.source,
            profile: self.profile(),
            heading: &self.heading,
            text: &self.wanted,
        }
    }

    /// Asks for it with a precedent; what is not drafted has none.
    pub(super) fn set_precedent(&mut self, precedent: &str) {
        if let Some((system, user)) = self.request(Some(precedent)) {
            self.precedent = Some(precedent.to_owned());
            (self.system, self.user) = (system, user);
            self.hash = hash(&[&self.system, &self.user, &self.wanted]);
        }
    }

    /// A hash of what it teaches, whatever its precedent.
    pub(super) fn identity(&self) -> String {
        let (system, user) = self.bare();
        hash(&[&system, &user, &self.wanted])
    }

    /// The request without a precedent.
    pub(super) fn bare(&self) -> (String, String) {
        let request = self.request(None);
        request.unwrap_or_else(|| (self.system.clone(), self.user.clone()))
    }

    /// System and user message with or without a precedent; none for what is not drafted.
    pub(super) fn request(&self, precedent: Option<&str>) -> Option<(String, String)> {
        let task = match self.lesson {
            Lesson::Draft => Task::Draft,
            Lesson::Continue => Task::Continue,
            Lesson::Classify | Lesson::Extract | Lesson::Instruct => return None,
        };
        let context = Context {
            title: self.title.clone(),
            outline: self.outline.to_vec(),
            heading: self.heading.clone(),
            passage: self.passage.clone(),
            instruction: String::new(),
            precedent: precedent.map(str::to_owned),
        };
        Some(messages(task, self.language, &context))
    }
}
