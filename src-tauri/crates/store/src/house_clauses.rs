//! House clauses: what an adapter was taught, clause by clause, so that drafting in its style has precedents of the firm's own.

use rusqlite::{Connection, Row, Transaction, TransactionBehavior, params};

use crate::{Error, Result};

/// A clause of the firm's. Personal data in it is masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HouseClauseRow {
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
}

/// Reads and writes house clauses. They go with their adapter, and stand behind its wall.
pub struct HouseClauses<'a>(pub(crate) &'a Connection);

impl HouseClauses<'_> {
    /// Notes the clauses of an adapter in their order, in place of those noted before. [`Error::NotFound`] when the adapter
    /// is gone.
    pub fn put(&self, adapter: &str, clauses: &[HouseClauseRow]) -> Result<()> {
        let transaction = Transaction::new_unchecked(self.0, TransactionBehavior::Immediate)?;
        if !transaction
            .prepare_cached("SELECT 1 FROM adapters WHERE id = ?1")?
            .exists([adapter])?
        {
            return Err(Error::NotFound);
        }
        transaction.execute("DELETE FROM house_clauses WHERE adapter = ?1", [adapter])?;
        {
            let mut statement = transaction.prepare_cached(
                "INSERT INTO house_clauses (adapter, number, hash, document, title, heading, kind, language, text) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?;
            for (number, row) in (1_i64..).zip(clauses) {
                statement.execute(params![
                    adapter,
                    number,
                    row.hash,
                    row.document,
                    row.title,
                    row.heading,
                    row.kind,
                    row.language,
                    row.text
                ])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// The clauses of an adapter, in the order they were noted in.
    pub fn of(&self, adapter: &str) -> Result<Vec<HouseClauseRow>> {
        let mut statement = self.0.prepare_cached(
            "SELECT hash, document, title, heading, kind, language, text FROM house_clauses \
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
        hash: row.get(0)?,
        document: row.get(1)?,
        title: row.get(2)?,
        heading: row.get(3)?,
        kind: row.get(4)?,
        language: row.get(5)?,
        text: row.get(6)?,
    })
}
