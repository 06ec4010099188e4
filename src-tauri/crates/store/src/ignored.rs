//! Findings a lawyer chose to ignore, with the reason.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use crate::Result;

/// Reads and writes ignored findings.
pub struct Ignored<'a>(pub(crate) &'a Connection);

impl Ignored<'_> {
    /// Ignores a finding of a document, or changes the reason. The key is the caller's own: its rule and what tells
    /// the place again after edits. [`crate::Error::NotFound`] when the document is gone.
    pub fn add(&self, document: &str, key: &str, reason: &str, at: i64) -> Result<()> {
        let sql = "INSERT INTO ignored (document_id, key, reason, at) VALUES (?1, ?2, ?3, ?4) \
                   ON CONFLICT (document_id, key) DO UPDATE SET reason = excluded.reason, at = excluded.at";
        self.0.execute(sql, params![document, key, reason, at])?;
        Ok(())
    }

    /// Shows a finding again; one that was not ignored is left alone.
    pub fn remove(&self, document: &str, key: &str) -> Result<()> {
        self.0.execute(
            "DELETE FROM ignored WHERE document_id = ?1 AND key = ?2",
            params![document, key],
        )?;
        Ok(())
    }

    /// The ignored findings of a document with their reasons.
    pub fn of(&self, document: &str) -> Result<BTreeMap<String, String>> {
        let mut statement = self
            .0
            .prepare_cached("SELECT key, reason FROM ignored WHERE document_id = ?1")?;
        let rows = statement.query_map([document], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
