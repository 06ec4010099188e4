//! The files that documents were imported from, so that nothing a reader leaves out is lost.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, params};

use crate::Result;

/// A file as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginalRow {
    /// The document that was made of it.
    pub document_id: String,
    /// Its name, without folders.
    pub name: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub hash: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Unix milliseconds.
    pub imported_at: i64,
}

/// Reads and writes originals. They go with their document.
pub struct Originals<'a>(pub(crate) &'a Connection);

impl Originals<'_> {
    /// Keeps a file. [`crate::Error::NotFound`] when its document is gone, [`crate::Error::Exists`] when that has one.
    pub fn keep(&self, row: &OriginalRow) -> Result<()> {
        self.0.execute(
            "INSERT INTO originals (document_id, name, hash, bytes, imported_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![row.document_id, row.name, row.hash, row.bytes, row.imported_at],
        )?;
        Ok(())
    }

    /// The file of a document.
    pub fn of(&self, document: &str) -> Result<Option<OriginalRow>> {
        let sql = "SELECT document_id, name, hash, bytes, imported_at FROM originals WHERE document_id = ?1";
        let read = |row: &rusqlite::Row<'_>| {
            Ok(OriginalRow {
                document_id: row.get(0)?,
                name: row.get(1)?,
                hash: row.get(2)?,
                bytes: row.get(3)?,
                imported_at: row.get(4)?,
            })
        };
        Ok(self
            .0
            .prepare_cached(sql)?
            .query_row([document], read)
            .optional()?)
    }

    /// The names of all files, by document.
    pub fn names(&self) -> Result<BTreeMap<String, String>> {
        let mut statement = self
            .0
            .prepare_cached("SELECT document_id, name FROM originals")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The document that was made of the same bytes, the newest first; one in the trash does not count.
    pub fn same(&self, hash: &str) -> Result<Option<String>> {
        let sql = "SELECT document_id FROM originals JOIN documents ON documents.id = document_id \
                   WHERE hash = ?1 AND deleted_at IS NULL ORDER BY imported_at DESC LIMIT 1";
        Ok(self
            .0
            .prepare_cached(sql)?
            .query_row([hash], |row| row.get(0))
            .optional()?)
    }
}
