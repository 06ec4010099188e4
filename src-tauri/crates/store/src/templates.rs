//! Own templates.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};

use crate::search::{self, Entry, Kind};
use crate::{Error, Result};

/// An own template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateRow {
    /// Id, chosen by the caller.
    pub id: String,
    /// Title.
    pub title: String,
    /// Kind of contract; may be empty.
    pub kind: String,
    /// `zh` or `en`.
    pub language: String,
    /// The whole text.
    pub text: String,
    /// The template it was copied from.
    pub copy_of: Option<String>,
}

/// Reads and writes own templates.
pub struct Templates<'a>(pub(crate) &'a Connection);

impl Templates<'_> {
    /// Adds a template or replaces the one with its id; where it was copied from stays.
    pub fn put(&self, row: &TemplateRow, now: i64) -> Result<()> {
        let transaction = Transaction::new_unchecked(self.0, TransactionBehavior::Immediate)?;
        transaction.execute(
            "INSERT INTO templates (id, title, kind, language, text, copy_of, created_at, updated_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7) ON CONFLICT (id) DO UPDATE SET title = excluded.title, \
             kind = excluded.kind, language = excluded.language, text = excluded.text, updated_at = excluded.updated_at",
            params![row.id, row.title, row.kind, row.language, row.text, row.copy_of, now],
        )?;
        let TemplateRow {
            id,
            title,
            language,
            text,
            ..
        } = row;
        search::put(
            &transaction,
            &Entry {
                kind: Kind::Template,
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

    /// A template.
    pub fn get(&self, id: &str) -> Result<Option<TemplateRow>> {
        let sql = "SELECT id, title, kind, language, text, copy_of FROM templates WHERE id = ?1";
        Ok(self
            .0
            .prepare_cached(sql)?
            .query_row([id], read)
            .optional()?)
    }

    /// All templates, the last changed first.
    pub fn list(&self) -> Result<Vec<TemplateRow>> {
        let sql = "SELECT id, title, kind, language, text, copy_of FROM templates ORDER BY updated_at DESC, id DESC";
        let mut statement = self.0.prepare_cached(sql)?;
        let rows = statement.query_map([], read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Deletes a template; documents made from it keep their own copy.
    pub fn delete(&self, id: &str) -> Result<()> {
        let transaction = Transaction::new_unchecked(self.0, TransactionBehavior::Immediate)?;
        if transaction.execute("DELETE FROM templates WHERE id = ?1", [id])? == 0 {
            return Err(Error::NotFound);
        }
        search::remove(&transaction, Kind::Template, id, false)?;
        transaction.commit()?;
        Ok(())
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<TemplateRow> {
    Ok(TemplateRow {
        id: row.get(0)?,
        title: row.get(1)?,
        kind: row.get(2)?,
        language: row.get(3)?,
        text: row.get(4)?,
        copy_of: row.get(5)?,
    })
}
