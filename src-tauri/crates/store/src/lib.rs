//! The memory: one SQLite file, its migrations and its tables.
//!
//! [`Store::open`] is the door; each table has its own file with its row and its handle:
//!
//! ```
//! use moqi_store::Store;
//!
//! let store = Store::open_in_memory()?;
//! store.settings().set("language", "zh")?;
//! assert_eq!(store.settings().get("language")?.as_deref(), Some("zh"));
//! # Ok::<(), moqi_store::Error>(())
//! ```
//!
//! Invariants: a save that returned is on the disk and survives a kill and a power cut; a newer, foreign or damaged
//! file is left untouched; a search sees every save before it (the words of a clause or template change in the same
//! transaction as the row; a save of a document marks its words as old in the same transaction, and the next search
//! makes them anew, so that saving a long document stays quick); time is passed in as Unix milliseconds; nothing here
//! parses a document.

mod adapters;
mod check;
mod clauses;
mod documents;
mod error;
mod fold;
mod house_clauses;
mod ignored;
mod migrations;
mod open;
mod originals;
mod query;
mod search;
mod settings;
mod snippet;
mod templates;
mod thinning;
mod training_losses;
mod training_runs;
mod training_sources;
mod tuning;
mod versions;
mod words;

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;

pub use adapters::{AdapterRow, AdapterState, Adapters, Wall};
pub use clauses::{ClauseDetails, ClauseRow, Clauses};
pub use documents::{DocumentRow, DocumentSummary, Documents, Matter};
pub use error::{Cause, Error, FileError};
pub use house_clauses::{HouseClauseRow, HouseClauses};
pub use ignored::Ignored;
pub use originals::{OriginalRow, Originals};
pub use search::{Hit, Kind, Shipped};
pub use settings::Settings;
pub use templates::{TemplateRow, Templates};
pub use training_losses::{LossKind, LossRow, TrainingLosses};
pub use training_runs::{Measured, Progress, RunEnd, RunStatus, TrainingRunRow, TrainingRuns};
pub use training_sources::{Part, SourceRow, TrainingSources};
pub use tuning::Tuning;
pub use versions::{VersionRow, Versions};

/// The result of a reading or a writing.
pub type Result<T> = std::result::Result<T, Error>;

/// An open store. One thread uses it at a time.
pub struct Store {
    connection: Connection,
}

impl Store {
    /// Opens the file, making it if it is missing, and brings it to the current schema. An older file is copied
    /// beside itself first, as `<name>.before-v2`; a newer, a foreign or a damaged one is refused and stays as it is.
    /// Another program that holds the file is waited for up to five seconds. A training run that a program left when it
    /// was killed is interrupted from now on.
    pub fn open(path: &Path) -> Result<Store> {
        let connection = open::open(path, Duration::from_secs(5))?;
        Ok(Store { connection })
    }

    /// A store that lives as long as the value.
    pub fn open_in_memory() -> Result<Store> {
        let connection = open::open_in_memory()?;
        Ok(Store { connection })
    }

    /// Reads the whole file and fails with [`Error::Damaged`] when a page, a link between rows or the search index is
    /// not as it must be.
    pub fn check(&self) -> Result<()> {
        check::check(&self.connection)
    }

    /// The documents.
    pub fn documents(&self) -> Documents<'_> {
        Documents(&self.connection)
    }

    /// The versions of documents.
    pub fn versions(&self) -> Versions<'_> {
        Versions(&self.connection)
    }

    /// Own templates.
    pub fn templates(&self) -> Templates<'_> {
        Templates(&self.connection)
    }

    /// Own clauses.
    pub fn clauses(&self) -> Clauses<'_> {
        Clauses(&self.connection)
    }

    /// Settings.
    pub fn settings(&self) -> Settings<'_> {
        Settings(&self.connection)
    }

    /// Findings that are ignored.
    pub fn ignored(&self) -> Ignored<'_> {
        Ignored(&self.connection)
    }

    /// The files that documents were imported from.
    pub fn originals(&self) -> Originals<'_> {
        Originals(&self.connection)
    }

    /// Adapters.
    pub fn adapters(&self) -> Adapters<'_> {
        Adapters(&self.connection)
    }

    /// Training runs.
    pub fn training_runs(&self) -> TrainingRuns<'_> {
        TrainingRuns(&self.connection)
    }

    /// The losses of training runs.
    pub fn training_losses(&self) -> TrainingLosses<'_> {
        TrainingLosses(&self.connection)
    }

    /// The clauses that adapters were taught.
    pub fn house_clauses(&self) -> HouseClauses<'_> {
        HouseClauses(&self.connection)
    }

    /// What training runs learnt from.
    pub fn training_sources(&self) -> TrainingSources<'_> {
        TrainingSources(&self.connection)
    }

    /// Takes the right to tune, which is given back when the value is dropped or the program ends.
    /// [`Error::Locked`] when somebody else tunes with this store.
    pub fn tuning(&self) -> Result<Tuning> {
        Tuning::take(&self.connection)
    }

    /// Refreshes the shipped texts in the search index; nothing happens when `version` is the one indexed last.
    pub fn replace_shipped(&self, version: &str, texts: &[Shipped<'_>]) -> Result<()> {
        search::replace_shipped(&self.connection, version, texts)
    }

    /// Documents, templates and clauses that hold every word of the query, best first. Documents in the trash are
    /// not found. A query without a word finds nothing.
    pub fn search(&self, query: &str, limit: usize) -> Result<Vec<Hit>> {
        search::search(&self.connection, query, limit)
    }

    #[cfg(test)]
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }
}

#[cfg(test)]
mod tests;
