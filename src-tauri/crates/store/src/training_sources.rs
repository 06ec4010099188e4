//! What training runs learnt from, and what they left out and why.

use rusqlite::{Connection, Row, Transaction, TransactionBehavior, params};

use crate::{Error, Result};

/// What a source was used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// Learnt from.
    Train,
    /// Looked at while training, to choose what is kept.
    Valid,
    /// Looked at before and after only.
    Test,
    /// Not used.
    LeftOut,
}

impl Part {
    /// Its word in the table.
    pub fn name(self) -> &'static str {
        match self {
            Part::Train => "train",
            Part::Valid => "valid",
            Part::Test => "test",
            Part::LeftOut => "left out",
        }
    }

    /// The part of a word.
    pub fn read(name: &str) -> Option<Part> {
        [Part::Train, Part::Valid, Part::Test, Part::LeftOut]
            .into_iter()
            .find(|part| part.name() == name)
    }
}

/// A source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRow {
    /// Path of the file, or title of the document.
    pub title: String,
    /// Hash of its content, in hexadecimal.
    pub hash: String,
    /// The document in the store it was; named here even after that was deleted.
    pub document_id: Option<String>,
    /// Examples made of it.
    pub examples: i64,
    /// Tokens of these.
    pub tokens: i64,
    /// What it was used for.
    pub part: Part,
    /// Why it was left out, or only partly used.
    pub reason: Option<String>,
}

/// Reads and writes sources. They go with their run.
pub struct TrainingSources<'a>(pub(crate) &'a Connection);

impl TrainingSources<'_> {
    /// Notes the sources of a run in their order, in place of those noted before. [`Error::NotFound`] when the run is
    /// gone.
    pub fn put(&self, run: &str, sources: &[SourceRow]) -> Result<()> {
        let transaction = Transaction::new_unchecked(self.0, TransactionBehavior::Immediate)?;
        if !transaction
            .prepare_cached("SELECT 1 FROM training_runs WHERE id = ?1")?
            .exists([run])?
        {
            return Err(Error::NotFound);
        }
        transaction.execute("DELETE FROM training_sources WHERE run = ?1", [run])?;
        {
            let mut statement = transaction.prepare_cached(
                "INSERT INTO training_sources (run, number, title, hash, document_id, examples, tokens, part, reason) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?;
            for (number, row) in (1_i64..).zip(sources) {
                statement.execute(params![
                    run,
                    number,
                    row.title,
                    row.hash,
                    row.document_id,
                    row.examples,
                    row.tokens,
                    row.part.name(),
                    row.reason
                ])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// The sources of a run, in the order they were noted in.
    pub fn of(&self, run: &str) -> Result<Vec<SourceRow>> {
        let mut statement = self.0.prepare_cached(
            "SELECT title, hash, document_id, examples, tokens, part, reason FROM training_sources \
             WHERE run = ?1 ORDER BY number",
        )?;
        let rows = statement.query_map([run], read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<SourceRow> {
    let part: String = row.get(5)?;
    Ok(SourceRow {
        title: row.get(0)?,
        hash: row.get(1)?,
        document_id: row.get(2)?,
        examples: row.get(3)?,
        tokens: row.get(4)?,
        part: Part::read(&part).ok_or(rusqlite::Error::InvalidQuery)?,
        reason: row.get(6)?,
    })
}
