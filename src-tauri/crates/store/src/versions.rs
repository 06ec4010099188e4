//! Versions of documents: what stood there before.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};

use crate::{Result, thinning};

/// A version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRow {
    /// Id, chosen by the caller.
    pub id: String,
    /// Its document.
    pub document_id: String,
    /// Unix milliseconds.
    pub created_at: i64,
    /// A person's name for it.
    pub label: Option<String>,
    /// Why it was kept; `autosave` ones are thinned out with age.
    pub reason: String,
    /// The text.
    pub text: String,
    /// The answers, as JSON.
    pub answers: String,
}

/// Reads and writes versions.
pub struct Versions<'a>(pub(crate) &'a Connection);

impl Versions<'_> {
    /// Keeps a version, unless it has no name and equals the latest one. Returns whether it was kept.
    /// [`crate::Error::NotFound`] when its document is gone.
    pub fn keep(&self, row: &VersionRow) -> Result<bool> {
        let transaction = Transaction::new_unchecked(self.0, TransactionBehavior::Immediate)?;
        let latest: Option<(String, String)> = transaction
            .prepare_cached("SELECT text, answers FROM versions WHERE document_id = ?1 ORDER BY created_at DESC, id DESC LIMIT 1")?
            .query_row([&row.document_id], |found| Ok((found.get(0)?, found.get(1)?)))
            .optional()?;
        if row.label.is_none()
            && latest.is_some_and(|(text, answers)| text == row.text && answers == row.answers)
        {
            return Ok(false);
        }
        transaction.execute(
            "INSERT INTO versions (id, document_id, created_at, label, reason, text, answers) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![row.id, row.document_id, row.created_at, row.label, row.reason, row.text, row.answers],
        )?;
        transaction.commit()?;
        Ok(true)
    }

    /// The versions of a document, newest first.
    pub fn list(&self, document: &str) -> Result<Vec<VersionRow>> {
        let mut statement = self.0.prepare_cached(
            "SELECT id, document_id, created_at, label, reason, text, answers FROM versions \
             WHERE document_id = ?1 ORDER BY created_at DESC, id DESC",
        )?;
        let rows = statement.query_map([document], read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// A version.
    pub fn get(&self, id: &str) -> Result<Option<VersionRow>> {
        let sql = "SELECT id, document_id, created_at, label, reason, text, answers FROM versions WHERE id = ?1";
        Ok(self
            .0
            .prepare_cached(sql)?
            .query_row([id], read)
            .optional()?)
    }

    /// When the latest version of a document was kept.
    pub fn last(&self, document: &str) -> Result<Option<i64>> {
        let sql = "SELECT max(created_at) FROM versions WHERE document_id = ?1";
        Ok(self
            .0
            .prepare_cached(sql)?
            .query_row([document], |row| row.get(0))?)
    }

    /// Thins out automatic versions (reason `autosave`, no label): all of the last hour stay, then the last of each hour
    /// for a day, of each day for thirty days, of each thirty days before that. Others are kept. Returns how many went.
    pub fn thin(&self, now: i64) -> Result<usize> {
        let transaction = Transaction::new_unchecked(self.0, TransactionBehavior::Immediate)?;
        let mut documents: BTreeMap<String, (Vec<String>, Vec<i64>)> = BTreeMap::new();
        {
            let mut statement = transaction.prepare(
                "SELECT document_id, id, created_at FROM versions WHERE reason = 'autosave' AND label IS NULL \
                 ORDER BY created_at DESC, id DESC",
            )?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let (ids, times) = documents.entry(row.get(0)?).or_default();
                ids.push(row.get(1)?);
                times.push(row.get(2)?);
            }
        }
        let mut count = 0;
        for (ids, times) in documents.values() {
            for index in thinning::going(now, times) {
                count += transaction
                    .prepare_cached("DELETE FROM versions WHERE id = ?1")?
                    .execute([&ids[index]])?;
            }
        }
        transaction.commit()?;
        Ok(count)
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<VersionRow> {
    Ok(VersionRow {
        id: row.get(0)?,
        document_id: row.get(1)?,
        created_at: row.get(2)?,
        label: row.get(3)?,
        reason: row.get(4)?,
        text: row.get(5)?,
        answers: row.get(6)?,
    })
}
