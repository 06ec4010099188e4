//! Own clauses.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};

use crate::search::{self, Entry, Kind};
use crate::{Error, Result};

/// An own clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClauseRow {
    /// Id, chosen by the caller.
    pub id: String,
    /// Title.
    pub title: String,
    /// Alternatives share it.
    pub topic: String,
    /// `zh` or `en`.
    pub language: String,
    /// The whole text.
    pub text: String,
}

/// What an own clause is good for, beside its text; all of it may be left open.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClauseDetails {
    /// Kind of contract.
    pub kind: Option<String>,
    /// Whose side it takes: `neutral`, `party_a`, …
    pub side: Option<String>,
    /// `short`, `standard` or `long`; the table takes nothing else.
    pub length: Option<String>,
    /// Tags, in the caller's own writing.
    pub tags: String,
    /// The shipped clause it was copied from.
    pub copy_of: Option<String>,
}

/// Reads and writes own clauses.
pub struct Clauses<'a>(pub(crate) &'a Connection);

impl Clauses<'_> {
    /// Adds a clause or replaces the one with its id.
    pub fn put(&self, row: &ClauseRow, now: i64) -> Result<()> {
        let transaction = Transaction::new_unchecked(self.0, TransactionBehavior::Immediate)?;
        transaction.execute(
            "INSERT INTO clauses (id, title, topic, language, text, created_at, updated_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6) ON CONFLICT (id) DO UPDATE SET title = excluded.title, \
             topic = excluded.topic, language = excluded.language, text = excluded.text, updated_at = excluded.updated_at",
            params![row.id, row.title, row.topic, row.language, row.text, now],
        )?;
        let ClauseRow {
            id,
            title,
            language,
            text,
            ..
        } = row;
        search::put(
            &transaction,
            &Entry {
                kind: Kind::Clause,
                id,
                shipped: false,
                language,
                title,
                text,
            },
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// A clause.
    pub fn get(&self, id: &str) -> Result<Option<ClauseRow>> {
        let sql = "SELECT id, title, topic, language, text FROM clauses WHERE id = ?1";
        Ok(self
            .0
            .prepare_cached(sql)?
            .query_row([id], read)
            .optional()?)
    }

    /// All clauses, the last changed first.
    pub fn list(&self) -> Result<Vec<ClauseRow>> {
        let sql = "SELECT id, title, topic, language, text FROM clauses ORDER BY updated_at DESC, id DESC";
        let mut statement = self.0.prepare_cached(sql)?;
        let rows = statement.query_map([], read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// What a clause is good for.
    pub fn details(&self, id: &str) -> Result<ClauseDetails> {
        let sql = "SELECT kind, side, length, tags, copy_of FROM clauses WHERE id = ?1";
        let found = self.0.prepare_cached(sql)?.query_row([id], |row| {
            Ok(ClauseDetails {
                kind: row.get(0)?,
                side: row.get(1)?,
                length: row.get(2)?,
                tags: row.get(3)?,
                copy_of: row.get(4)?,
            })
        })?;
        Ok(found)
    }

    /// Says what a clause is good for; [`Clauses::put`] leaves it as it is.
    pub fn set_details(&self, id: &str, details: &ClauseDetails) -> Result<()> {
        let ClauseDetails {
            kind,
            side,
            length,
            tags,
            copy_of,
        } = details;
        let sql = "UPDATE clauses SET kind = ?2, side = ?3, length = ?4, tags = ?5, copy_of = ?6 WHERE id = ?1";
        if self
            .0
            .execute(sql, params![id, kind, side, length, tags, copy_of])?
            == 0
        {
            return Err(Error::NotFound);
        }
        Ok(())
    }

    /// Deletes a clause; documents it went into keep it.
    pub fn delete(&self, id: &str) -> Result<()> {
        let transaction = Transaction::new_unchecked(self.0, TransactionBehavior::Immediate)?;
        if transaction.execute("DELETE FROM clauses WHERE id = ?1", [id])? == 0 {
            return Err(Error::NotFound);
        }
        search::remove(&transaction, Kind::Clause, id, false)?;
        transaction.commit()?;
        Ok(())
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<ClauseRow> {
    Ok(ClauseRow {
        id: row.get(0)?,
        title: row.get(1)?,
        topic: row.get(2)?,
        language: row.get(3)?,
        text: row.get(4)?,
    })
}
