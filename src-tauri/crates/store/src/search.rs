//! Search over documents, templates and clauses.

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use crate::query::{Query, merged};
use crate::snippet::{body, snippet};
use crate::words::{RULE, indexed};
use crate::{Error, Result};

/// Marks in a title; nobody reads more.
const MOST_MARKS: usize = 50;

/// What can be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A document.
    Document,
    /// A template, own or shipped.
    Template,
    /// A clause, own or shipped.
    Clause,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Document => "document",
            Kind::Template => "template",
            Kind::Clause => "clause",
        }
    }
}

/// Something found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// What it is.
    pub kind: Kind,
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// `zh` or `en`.
    pub language: String,
    /// Words around the first match.
    pub snippet: String,
    /// Matches in the snippet, as byte ranges in order.
    pub marks: Vec<(usize, usize)>,
    /// Matches in the title, as byte ranges in order.
    pub title_marks: Vec<(usize, usize)>,
    /// Whether it came with the program.
    pub shipped: bool,
}

/// A shipped text to be found.
#[derive(Debug, Clone, Copy)]
pub struct Shipped<'a> {
    /// What it is.
    pub kind: Kind,
    /// Its id.
    pub id: &'a str,
    /// Its title.
    pub title: &'a str,
    /// `zh` or `en`.
    pub language: &'a str,
    /// Its text.
    pub text: &'a str,
}

/// A text on its way into the index.
pub(crate) struct Entry<'a> {
    pub(crate) kind: Kind,
    pub(crate) id: &'a str,
    pub(crate) shipped: bool,
    pub(crate) language: &'a str,
    pub(crate) title: &'a str,
    pub(crate) text: &'a str,
}

/// Puts the words of a text into the index, in place of those it had.
pub(crate) fn put(connection: &Connection, entry: &Entry<'_>) -> Result<()> {
    remove(connection, entry.kind, entry.id, entry.shipped)?;
    connection
        .prepare_cached("INSERT INTO found (kind, id, shipped, language, title, text) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![
            entry.kind.name(),
            entry.id,
            entry.shipped,
            entry.language,
            entry.title,
            entry.shipped.then_some(entry.text)
        ])?;
    connection
        .prepare_cached("INSERT INTO words (rowid, title, text) VALUES (?1, ?2, ?3)")?
        .execute(params![
            connection.last_insert_rowid(),
            indexed(entry.title),
            indexed(body(entry.text))
        ])?;
    Ok(())
}

/// Takes a text out of the index.
pub(crate) fn remove(connection: &Connection, kind: Kind, id: &str, shipped: bool) -> Result<()> {
    let row: Option<i64> = connection
        .prepare_cached("SELECT rowid FROM found WHERE kind = ?1 AND id = ?2 AND shipped = ?3")?
        .query_row(params![kind.name(), id, shipped], |row| row.get(0))
        .optional()?;
    if let Some(row) = row {
        connection
            .prepare_cached("DELETE FROM words WHERE rowid = ?1")?
            .execute([row])?;
        connection
            .prepare_cached("DELETE FROM found WHERE rowid = ?1")?
            .execute([row])?;
    }
    Ok(())
}

/// See [`crate::Store::replace_shipped`].
pub(crate) fn replace_shipped(
    connection: &Connection,
    version: &str,
    texts: &[Shipped<'_>],
) -> Result<()> {
    let known = "SELECT shipped IS ?1 FROM index_state";
    if connection.query_row(known, [version], |row| row.get(0))? {
        return Ok(());
    }
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    if transaction.query_row(known, [version], |row| row.get(0))? {
        return Ok(());
    }
    transaction.execute(
        "DELETE FROM words WHERE rowid IN (SELECT rowid FROM found WHERE shipped = 1)",
        [],
    )?;
    transaction.execute("DELETE FROM found WHERE shipped = 1", [])?;
    for Shipped {
        kind,
        id,
        title,
        language,
        text,
    } in texts.iter().copied()
    {
        put(
            &transaction,
            &Entry {
                kind,
                id,
                shipped: true,
                language,
                title,
                text,
            },
        )?;
    }
    transaction.execute("UPDATE index_state SET shipped = ?1", [version])?;
    transaction.commit()?;
    Ok(())
}

/// Makes the index anew when its words were made by another rule. Shipped texts come back when the program gives them.
pub(crate) fn follow_rule(connection: &Connection) -> Result<()> {
    let followed = "SELECT rule = ?1 FROM index_state";
    if connection.query_row(followed, [RULE], |row| row.get(0))? {
        return Ok(());
    }
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    // Another program may have done it while this one waited for the lock.
    if transaction.query_row(followed, [RULE], |row| row.get(0))? {
        return Ok(());
    }
    transaction.execute_batch(
        "INSERT INTO words (words) VALUES ('delete-all'); DELETE FROM found; UPDATE documents SET indexed = 0;",
    )?;
    for (kind, sql) in [
        (
            Kind::Template,
            "SELECT id, title, language, text FROM templates ORDER BY id",
        ),
        (
            Kind::Clause,
            "SELECT id, title, language, text FROM clauses ORDER BY id",
        ),
    ] {
        let mut statement = transaction.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (id, title, language, text): (String, String, String, String) =
                (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            put(
                &transaction,
                &Entry {
                    kind,
                    id: &id,
                    shipped: false,
                    language: &language,
                    title: &title,
                    text: &text,
                },
            )?;
        }
    }
    transaction.execute("UPDATE index_state SET rule = ?1, shipped = NULL", [RULE])?;
    transaction.commit()?;
    Ok(())
}

/// Brings the words of documents that were saved since into the index.
fn refresh(connection: &Connection) -> Result<()> {
    let stale: bool = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM documents WHERE indexed <> revision)",
        [],
        |row| row.get(0),
    )?;
    if !stale {
        return Ok(());
    }
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    {
        let mut statement =
            transaction.prepare("SELECT id, title, language, text, deleted_at IS NOT NULL FROM documents WHERE indexed <> revision")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let id: String = row.get(0)?;
            if row.get(4)? {
                remove(&transaction, Kind::Document, &id, false)?;
                continue;
            }
            let (title, language, text): (String, String, String) =
                (row.get(1)?, row.get(2)?, row.get(3)?);
            let entry = Entry {
                kind: Kind::Document,
                id: &id,
                shipped: false,
                language: &language,
                title: &title,
                text: &text,
            };
            put(&transaction, &entry)?;
        }
    }
    transaction.execute(
        "UPDATE documents SET indexed = revision WHERE indexed <> revision",
        [],
    )?;
    transaction.commit()?;
    Ok(())
}

pub(crate) fn search(connection: &Connection, typed: &str, limit: usize) -> Result<Vec<Hit>> {
    let Some(query) = Query::read(typed) else {
        return Ok(Vec::new());
    };
    refresh(connection)?;
    // A word of the title counts eight times; equal scores keep a fixed order.
    let mut statement = connection.prepare_cached(
        "SELECT f.kind, f.id, f.title, f.language, coalesce(f.text, d.text, t.text, c.text, ''), f.shipped \
         FROM (SELECT rowid AS place, bm25(words, 8.0, 1.0) AS score FROM words WHERE words MATCH ?1 ORDER BY score, rowid LIMIT ?2) \
         JOIN found f ON f.rowid = place \
         LEFT JOIN documents d ON f.kind = 'document' AND d.id = f.id \
         LEFT JOIN templates t ON f.kind = 'template' AND t.id = f.id \
         LEFT JOIN clauses c ON f.kind = 'clause' AND c.id = f.id \
         ORDER BY score, place",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![query.expression(), limit], |row| {
        let kind: String = row.get(0)?;
        let text: String = row.get(4)?;
        let kind = match kind.as_str() {
            "document" => Kind::Document,
            "template" => Kind::Template,
            _ => Kind::Clause,
        };
        let title: String = row.get(2)?;
        let (snippet, marks) = snippet(body(&text), &query);
        Ok(Hit {
            kind,
            id: row.get(1)?,
            title_marks: merged(query.marks(&title, MOST_MARKS)),
            title,
            language: row.get(3)?,
            snippet,
            marks,
            shipped: row.get(5)?,
        })
    })?;
    rows.collect::<rusqlite::Result<_>>().map_err(Error::from)
}
