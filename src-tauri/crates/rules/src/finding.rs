//! What a check gives: findings, fixes, and what it needs to know beforehand.

use moqi_document::words::Date;
use moqi_document::{Edit, Language, Span};

/// What the caller knows about a document; everything has a fallback.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Kind of contract or pleading (`sale`, `lease`, `complaint` …). Falls back to the front matter, then to
    /// a guess from the title; an unknown kind is checked as a contract of no particular kind.
    pub kind: Option<String>,
    /// Language of the document. Falls back to the front matter, then to a guess from the text.
    pub language: Option<Language>,
    /// Language of the messages.
    pub ui: Language,
    /// Names that must not appear, such as the former client of the precedent this text was made from.
    pub strangers: Vec<String>,
    /// The day of the check, where a rule needs one; the rules themselves have no clock.
    pub today: Option<Date>,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            kind: None,
            language: None,
            ui: Language::Zh,
            strangers: Vec::new(),
            today: None,
        }
    }
}

/// How grave a finding is; the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The document must not go out like this.
    Error,
    /// Usually a fault; a lawyer judges.
    Warning,
    /// Worth knowing.
    Note,
}

/// One thing found in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Id of the rule, as in [`RuleInfo::id`].
    pub rule: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// Where: byte offsets into the text that was parsed.
    pub span: Span,
    /// A full sentence in the language of the profile.
    pub message: String,
    /// The legal basis, such as `《民法典》第五百九十六条`.
    pub basis: Option<String>,
    /// Further sentences, such as where the other half of a contradiction stands.
    pub notes: Vec<String>,
    /// A safe way to put it right.
    pub fix: Option<Fix>,
}

/// A way to put a finding right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// The wording of its button, such as 改为“壹佰贰拾万元整”.
    pub title: String,
    /// Replacements in the text that was parsed; they do not overlap and are in order.
    pub edits: Vec<Edit>,
}

/// A text in both languages of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// In Chinese.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
}

impl Words {
    /// The text in one language.
    #[must_use]
    pub fn of(self, language: Language) -> &'static str {
        match language {
            Language::Zh => self.zh,
            Language::En => self.en,
        }
    }
}

/// What a rule says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleInfo {
    /// Stable id in kebab-case.
    pub id: &'static str,
    /// Its name.
    pub name: Words,
    /// What it looks for.
    pub what: Words,
    /// Why that matters.
    pub why: Words,
    /// The gravest severity its findings have.
    pub severity: Severity,
}
