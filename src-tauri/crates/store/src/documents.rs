//! Documents. A save does not touch the search index, so that it stays quick in a long document; a search does.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};

use crate::search::{self, Kind};
use crate::{Error, Result};

/// A document. Answers are JSON that the store does not look into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRow {
    /// Id, chosen by the caller.
    pub id: String,
    /// Title in the lists.
    pub title: String,
    /// Whether a person chose the title, so that it no longer follows the text.
    pub title_set: bool,
    /// Kind of contract.
    pub kind: Option<String>,
    /// `zh` or `en`.
    pub language: String,
    /// The text with its fields.
    pub text: String,
    /// Answers.
    pub answers: String,
    /// Template it was drafted from.
    pub template_id: Option<String>,
    /// That template as it was.
    pub template_text: Option<String>,
    /// Answers the template was last read with.
    pub template_answers: Option<String>,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub updated_at: i64,
    /// When it went into the trash.
    pub deleted_at: Option<i64>,
    /// Counts saves, from 1.
    pub revision: i64,
}

/// A document without its text, for lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentSummary {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Kind of contract.
    pub kind: Option<String>,
    /// `zh` or `en`.
    pub language: String,
    /// Unix milliseconds.
    pub updated_at: i64,
    /// When it went into the trash.
    pub deleted_at: Option<i64>,
}

/// Whom a document is for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Matter {
    /// The client.
    pub client: Option<String>,
    /// The matter: a case or a deal, by name or number.
    pub matter: Option<String>,
    /// The practice group that works on it.
    pub group: Option<String>,
}

/// Reads and writes documents.
pub struct Documents<'a>(pub(crate) &'a Connection);

impl Documents<'_> {
    /// Adds a document; its revision becomes 1. [`Error::Exists`] when the id is taken.
    pub fn insert(&self, row: &DocumentRow) -> Result<()> {
        let transaction = Transaction::new_unchecked(self.0, TransactionBehavior::Immediate)?;
        transaction
            .prepare_cached(
                "INSERT INTO documents (id, title, title_set, kind, language, text, answers, template_id, template_text, \
                 template_answers, created_at, updated_at, deleted_at, revision) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 1)",
            )?
            .execute(params![
                row.id,
                row.title,
                row.title_set,
                row.kind,
                row.language,
                row.text,
                row.answers,
                row.template_id,
                row.template_text,
                row.template_answers,
                row.created_at,
                row.updated_at,
                row.deleted_at
            ])?;
        transaction.commit()?;
        Ok(())
    }

    /// Saves a document over the revision it was read with, and returns the new one. [`Error::Conflict`] when somebody
    /// else saved in between, [`Error::NotFound`] when it is gone. When it was made, whether it is in the trash and whom
    /// it is for are not changed by a save.
    pub fn save(&self, row: &DocumentRow) -> Result<i64> {
        let transaction = Transaction::new_unchecked(self.0, TransactionBehavior::Immediate)?;
        let changed = transaction
            .prepare_cached(
                "UPDATE documents SET title = ?3, title_set = ?4, kind = ?5, language = ?6, text = ?7, answers = ?8, \
                 template_id = ?9, template_text = ?10, template_answers = ?11, updated_at = ?12, revision = revision + 1 \
                 WHERE id = ?1 AND revision = ?2",
            )?
            .execute(params![
                row.id,
                row.revision,
                row.title,
                row.title_set,
                row.kind,
                row.language,
                row.text,
                row.answers,
                row.template_id,
                row.template_text,
                row.template_answers,
                row.updated_at
            ])?;
        if changed == 0 {
            let there: Option<i64> = transaction
                .query_row(
                    "SELECT revision FROM documents WHERE id = ?1",
                    [&row.id],
                    |found| found.get(0),
                )
                .optional()?;
            return Err(if there.is_some() {
                Error::Conflict
            } else {
                Error::NotFound
            });
        }
        transaction.commit()?;
        Ok(row.revision + 1)
    }

    /// A document, also from the trash.
    pub fn get(&self, id: &str) -> Result<Option<DocumentRow>> {
        let mut statement = self.0.prepare_cached(
            "SELECT id, title, title_set, kind, language, text, answers, template_id, template_text, template_answers, \
             created_at, updated_at, deleted_at, revision FROM documents WHERE id = ?1",
        )?;
        Ok(statement.query_row([id], read).optional()?)
    }

    /// All documents, the last saved first.
    pub fn list(&self) -> Result<Vec<DocumentSummary>> {
        let mut statement = self.0.prepare_cached(
            "SELECT id, title, kind, language, updated_at, deleted_at FROM documents ORDER BY updated_at DESC, id DESC",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(DocumentSummary {
                id: row.get(0)?,
                title: row.get(1)?,
                kind: row.get(2)?,
                language: row.get(3)?,
                updated_at: row.get(4)?,
                deleted_at: row.get(5)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Puts a document into the trash at a time, or takes it out.
    pub fn set_deleted(&self, id: &str, at: Option<i64>) -> Result<()> {
        let sql = "UPDATE documents SET deleted_at = ?2, indexed = 0 WHERE id = ?1";
        if self.0.execute(sql, params![id, at])? == 0 {
            return Err(Error::NotFound);
        }
        Ok(())
    }

    /// Whom a document is for, or that nobody said.
    pub fn matter(&self, id: &str) -> Result<Matter> {
        let mut statement = self
            .0
            .prepare_cached("SELECT client, matter, practice_group FROM documents WHERE id = ?1")?;
        let found = statement.query_row([id], |row| {
            Ok(Matter {
                client: row.get(0)?,
                matter: row.get(1)?,
                group: row.get(2)?,
            })
        })?;
        Ok(found)
    }

    /// Says whom a document is for; its text and its revision stay.
    pub fn set_matter(&self, id: &str, matter: &Matter) -> Result<()> {
        let sql =
            "UPDATE documents SET client = ?2, matter = ?3, practice_group = ?4 WHERE id = ?1";
        if self
            .0
            .execute(sql, params![id, matter.client, matter.matter, matter.group])?
            == 0
        {
            return Err(Error::NotFound);
        }
        Ok(())
    }

    /// Deletes a document with its versions for good.
    pub fn delete(&self, id: &str) -> Result<()> {
        let transaction = Transaction::new_unchecked(self.0, TransactionBehavior::Immediate)?;
        if transaction.execute("DELETE FROM documents WHERE id = ?1", [id])? == 0 {
            return Err(Error::NotFound);
        }
        search::remove(&transaction, Kind::Document, id, false)?;
        transaction.commit()?;
        Ok(())
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<DocumentRow> {
    Ok(DocumentRow {
        id: row.get(0)?,
        title: row.get(1)?,
        title_set: row.get(2)?,
        kind: row.get(3)?,
        language: row.get(4)?,
        text: row.get(5)?,
        answers: row.get(6)?,
        template_id: row.get(7)?,
        template_text: row.get(8)?,
        template_answers: row.get(9)?,
        created_at: row.get(10)?,
        updated_at: row.get(11)?,
        deleted_at: row.get(12)?,
        revision: row.get(13)?,
    })
}
