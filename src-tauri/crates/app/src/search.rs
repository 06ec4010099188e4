//! Search over documents, templates and clauses.

use moqi_document::Language;

use crate::App;
use crate::error::Result;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// What it is.
    pub kind: HitKind,
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Words around the first match.
    pub snippet: String,
    /// Matches in the snippet, in UTF-16 units.
    pub marks: Vec<(usize, usize)>,
    /// Its language.
    pub language: Language,
}

/// What a hit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HitKind {
    /// A document.
    Document,
    /// A template.
    Template,
    /// A clause.
    Clause,
}

/// Hits shown at most.
const SHOWN: usize = 40;

impl App {
    /// Everything that holds every word of the query, best first.
    pub fn search(&self, query: &str) -> Result<Vec<Hit>> {
        let hits = self
            .store()
            .search(query, SHOWN)
            .map_err(|error| self.store_error(error))?;
        Ok(hits
            .into_iter()
            .map(|hit| {
                let units = |at: usize| hit.snippet[..at].chars().map(char::len_utf16).sum();
                Hit {
                    kind: match hit.kind {
                        moqi_store::Kind::Document => HitKind::Document,
                        moqi_store::Kind::Template => HitKind::Template,
                        moqi_store::Kind::Clause => HitKind::Clause,
                    },
                    marks: hit
                        .marks
                        .iter()
                        .map(|(from, to)| (units(*from), units(*to)))
                        .collect(),
                    id: hit.id,
                    title: hit.title,
                    language: if hit.language == "zh" {
                        Language::Zh
                    } else {
                        Language::En
                    },
                    snippet: hit.snippet,
                }
            })
            .collect())
    }
}
