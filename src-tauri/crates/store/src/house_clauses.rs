//! House clauses: what an adapter was taught, clause by clause, so that drafting in its style has precedents of the firm's own.

use std::collections::HashSet;

use rusqlite::{Connection, Row, Transaction, TransactionBehavior, params};

use crate::{Error, Result};

/// A clause of the firm's. Personal data in it is masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HouseClauseRow {
    /// Its number among the clauses of its adapter, from 1: given by [`HouseClauses::put`], and kept where others are forgotten.
    pub number: u32,
    /// Hash of the source it stands in, in hexadecimal.
    pub hash: String,
    /// Name of that source, as a person knows it.
    pub document: String,
    /// Title of the document.
    pub title: String,
    /// Heading of the clause.
    pub heading: String,
    /// Kind of document, where it says so.
    pub kind: Option<String>,
    /// The language, as a tag: `zh` or `en`.
    pub language: String,
    /// The wording under the heading, in Markdown.
    pub text: String,
    /// Whether drafting leaves it out, as a person said.
    pub excluded: bool,
}

/// Reads and writes house clauses. They go with their adapter, and stand behind its wall.
pub struct HouseClauses<'a>(pub(crate) &'a Connection);

impl HouseClauses<'_> {
    /// Notes the clauses of an adapter in their order, numbered anew, in place of those noted before. [`Error::NotFound`] when the adapter
    /// is gone. A clause that a person excluded in any adapter is excluded here too, so that what is learnt anew keeps to it.
    pub fn put(&self, adapter: &str, clauses: &[HouseClauseRow]) -> Result<()> {
        let transaction = Transaction::new_unchecked(self.0, TransactionBehavior::Immediate)?;
        if !transaction
            .prepare_cached("SELECT 1 FROM adapters WHERE id = ?1")?
            .exists([adapter])?
        {
            return Err(Error::NotFound);
        }
        let excluded = excluded(&transaction)?;
        transaction.execute("DELETE FROM house_clauses WHERE adapter = ?1", [adapter])?;
        {
            let mut statement = transaction.prepare_cached(
                "INSERT INTO house_clauses \
                 (adapter, number, hash, document, title, heading, kind, language, text, excluded) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?;
            for (number, row) in (1_i64..).zip(clauses) {
                let known = (row.hash.clone(), row.heading.clone(), row.text.clone());
                statement.execute(params![
                    adapter,
                    number,
                    row.hash,
                    row.document,
                    row.title,
                    row.heading,
                    row.kind,
                    row.language,
                    row.text,
                    row.excluded || excluded.contains(&known)
                ])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// Excludes clauses from drafting in the style of an adapter, by their numbers, or takes them in again: all or none.
    /// [`Error::NotFound`] where there is none of such a number.
    pub fn exclude(&self, adapter: &str, numbers: &[u32], excluded: bool) -> Result<()> {
        let transaction = Transaction::new_unchecked(self.0, TransactionBehavior::Immediate)?;
        {
            let sql = "UPDATE house_clauses SET excluded = ?3 WHERE adapter = ?1 AND number = ?2";
            let mut statement = transaction.prepare_cached(sql)?;
            for number in numbers {
                if statement.execute(params![adapter, number, excluded])? == 0 {
                    return Err(Error::NotFound);
                }
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// The clauses of an adapter, in the order they were noted in.
    pub fn of(&self, adapter: &str) -> Result<Vec<HouseClauseRow>> {
        let mut statement = self.0.prepare_cached(
            "SELECT number, hash, document, title, heading, kind, language, text, excluded FROM house_clauses \
             WHERE adapter = ?1 ORDER BY number",
        )?;
        let rows = statement.query_map([adapter], read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Deletes the clauses of a source, whoever was taught them, and says how many they were.
    pub fn forget(&self, hash: &str) -> Result<usize> {
        let sql = "DELETE FROM house_clauses WHERE hash = ?1";
        Ok(self.0.execute(sql, [hash])?)
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<HouseClauseRow> {
    Ok(HouseClauseRow {
        number: row.get(0)?,
        hash: row.get(1)?,
        document: row.get(2)?,
        title: row.get(3)?,
        heading: row.get(4)?,
        kind: row.get(5)?,
        language: row.get(6)?,
        text: row.get(7)?,
        excluded: row.get(8)?,
    })
}

/// Source, heading and wording of all that is excluded.
fn excluded(connection: &Connection) -> Result<HashSet<(String, String, String)>> {
    let sql = "SELECT DISTINCT hash, heading, text FROM house_clauses WHERE excluded = 1";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
