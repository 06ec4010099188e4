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
//! Invariants: a save that returned is on the disk and survives a kill and a power cut; a newer or damaged file is left
//! untouched; the search index changes in the same transaction as the row; time is passed in as Unix milliseconds;
//! nothing here parses a document.

mod clauses;
mod documents;
mod error;
mod ignored;
mod index;
mod migrations;
mod search;
mod settings;
mod templates;
mod versions;

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

pub use clauses::{ClauseRow, Clauses};
pub use documents::{DocumentRow, DocumentSummary, Documents};
pub use error::Error;
pub use ignored::Ignored;
pub use search::{Hit, Kind, Shipped};
pub use settings::Settings;
pub use templates::{TemplateRow, Templates};
pub use versions::{VersionRow, Versions};

/// The result of a reading or a writing.
pub type Result<T> = std::result::Result<T, Error>;

/// An open store. One thread uses it at a time.
pub struct Store {
    connection: Connection,
}

impl Store {
    /// Opens the file, making it if it is missing, and brings it to the current schema. An older file is copied
    /// beside itself first; a newer or damaged one is refused and stays as it is.
    pub fn open(path: &Path) -> Result<Store> {
        refuse_strangers(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        let version = migrations::version(&connection)?;
        if version > migrations::LATEST {
            return Err(Error::Newer {
                found: version,
                known: migrations::LATEST,
            });
        }
        if version > 0 && version < migrations::LATEST {
            migrations::copy_before(&connection, path, version)?;
        }
        prepare(&connection)?;
        migrations::run(&connection)?;
        Ok(Store { connection })
    }

    /// A store that lives as long as the value.
    pub fn open_in_memory() -> Result<Store> {
        let connection = Connection::open_in_memory()?;
        prepare(&connection)?;
        migrations::run(&connection)?;
        Ok(Store { connection })
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

fn prepare(connection: &Connection) -> Result<()> {
    // FULL makes a confirmed save survive a power cut, not only a kill.
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;",
    )?;
    Ok(())
}

/// SQLite would take a folder or a foreign file for a new database of its own, or say so late; look first.
fn refuse_strangers(path: &Path) -> Result<()> {
    let Ok(found) = std::fs::metadata(path) else {
        return Ok(());
    };
    if found.is_dir() {
        return Err(Error::NotADatabase);
    }
    if found.len() == 0 {
        return Ok(());
    }
    let mut head = [0u8; 16];
    let mut file = std::fs::File::open(path).map_err(Error::Io)?;
    match std::io::Read::read_exact(&mut file, &mut head) {
        Ok(()) if &head == b"SQLite format 3\0" => Ok(()),
        _ => Err(Error::NotADatabase),
    }
}

#[cfg(test)]
mod tests;
