//! The steps from an empty file to the current schema. A shipped step never changes; a test pins each.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::{Error, Result};

/// Every step in order; step n brings the schema from n - 1 to n.
pub(crate) const STEPS: &[&str] = &["
CREATE TABLE documents (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    title_set INTEGER NOT NULL CHECK (title_set IN (0, 1)),
    kind TEXT,
    language TEXT NOT NULL CHECK (language IN ('zh', 'en')),
    text TEXT NOT NULL,
    answers TEXT NOT NULL,
    template_id TEXT,
    template_text TEXT,
    template_answers TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    revision INTEGER NOT NULL,
    -- The revision whose words are in the index; search brings it up to date.
    indexed INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX documents_by_age ON documents (updated_at);
CREATE INDEX documents_to_index ON documents (id) WHERE indexed <> revision;

CREATE TABLE versions (
    id TEXT PRIMARY KEY,
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    label TEXT,
    reason TEXT NOT NULL,
    text TEXT NOT NULL,
    answers TEXT NOT NULL
) STRICT;
CREATE INDEX versions_by_document ON versions (document_id, created_at);

CREATE TABLE templates (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    kind TEXT NOT NULL,
    language TEXT NOT NULL CHECK (language IN ('zh', 'en')),
    text TEXT NOT NULL,
    copy_of TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE clauses (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    topic TEXT NOT NULL,
    language TEXT NOT NULL CHECK (language IN ('zh', 'en')),
    text TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE ignored (
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (document_id, key)
) STRICT, WITHOUT ROWID;

-- What can be found, and its words; the words are made by index.rs.
CREATE TABLE found (
    rowid INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('document', 'template', 'clause')),
    id TEXT NOT NULL,
    shipped INTEGER NOT NULL CHECK (shipped IN (0, 1)),
    language TEXT NOT NULL,
    title TEXT NOT NULL,
    -- Only of shipped texts; the others are read from their own tables.
    text TEXT,
    UNIQUE (kind, id)
) STRICT;
CREATE VIRTUAL TABLE words USING fts5 (title, text, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2');
"];

/// The schema this program writes.
pub(crate) const LATEST: i64 = STEPS.len() as i64;

/// The schema of a file; 0 for an empty one.
pub(crate) fn version(connection: &Connection) -> Result<i64> {
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// Brings the schema to the latest, in one transaction: all steps or none.
pub(crate) fn run(connection: &Connection) -> Result<()> {
    run_to(connection, LATEST)
}

pub(crate) fn run_to(connection: &Connection, target: i64) -> Result<()> {
    if version(connection)? >= target {
        return Ok(());
    }
    let transaction =
        rusqlite::Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    // Another program may have migrated while this one waited for the lock.
    let from = version(&transaction)?;
    for step in from..target {
        let index = usize::try_from(step).map_err(|_| Error::Damaged)?;
        transaction.execute_batch(STEPS[index])?;
    }
    transaction.execute_batch(&format!("PRAGMA user_version = {target}"))?;
    transaction.commit()?;
    Ok(())
}

/// A copy of the file as it was, beside it: `moqi.db.before-v2`.
pub(crate) fn copy_before(connection: &Connection, path: &Path, found: i64) -> Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".before-v{}", found + 1));
    if Path::new(&name).exists() {
        return Ok(());
    }
    connection.execute("VACUUM INTO ?1", [name.to_string_lossy()])?;
    Ok(())
}
