//! Training runs: the record of every tuning, also of those that came to nothing.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};

use crate::adapters::Adapters;
use crate::tuning::Tuning;
use crate::{Error, Result};

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RunStatus {
    /// It waits for its turn.
    Queued,
    /// It is being taken now.
    Running,
    /// It came to its end.
    Done,
    /// It could not go on.
    Failed,
    /// A person ended it.
    Cancelled,
    /// It was paused, or the program ended under it; it can be taken up again.
    Interrupted,
}

impl RunStatus {
    /// Its word in the table.
    pub fn name(self) -> &'static str {
        match self {
            RunStatus::Queued => "Queued",
            RunStatus::Running => "Running",
            RunStatus::Done => "Done",
            RunStatus::Failed => "Failed",
            RunStatus::Cancelled => "Cancelled",
            RunStatus::Interrupted => "Interrupted",
        }
    }

    fn read(name: &str) -> Option<RunStatus> {
        use RunStatus::{Cancelled, Done, Failed, Interrupted, Queued, Running};
        [Queued, Running, Done, Failed, Cancelled, Interrupted]
            .into_iter()
            .find(|status| status.name() == name)
    }
}

/// How well the wanted texts of held-out documents are foretold. A figure that is no number is kept as none.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Measured {
    /// Mean loss of a wanted token, in nats.
    pub loss: Option<f64>,
    /// Perplexity.
    pub perplexity: Option<f64>,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Progress {
    /// Steps taken.
    pub steps: i64,
    /// Tokens read.
    pub tokens: i64,
    /// Seconds of work.
    pub seconds: f64,
    /// Most memory held at once, in bytes.
    pub peak_bytes: i64,
}

/// A run. Configuration and machine are texts that the store does not look into.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainingRunRow {
    /// Id, chosen by the caller.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it made; named here even after that was deleted.
    pub adapter: Option<String>,
    /// The adapter it began from; what that knew is known to its own.
    pub begun_from: Option<String>,
    /// Fingerprint of the weights it tunes.
    pub base: String,
    /// How it stands.
    pub status: RunStatus,
    /// When it was asked for, in Unix milliseconds.
    pub created_at: i64,
    /// When its first step was taken, in Unix milliseconds.
    pub started_at: Option<i64>,
    /// When it ended, in Unix milliseconds; of one the program ended under it is not known.
    pub ended_at: Option<i64>,
    /// All settings, as JSON.
    pub configuration: String,
    /// Hash of all examples, in hexadecimal.
    pub data_hash: String,
    /// What it runs on.
    pub machine: String,
    /// The same seed gives the same numbers.
    pub seed: u64,
    /// Steps it is to take.
    pub steps_wanted: i64,
    /// How far it is.
    pub progress: Progress,
    /// Held-out documents with the bare base.
    pub before: Measured,
    /// Held-out documents with what it made.
    pub after: Measured,
    /// Version of the program.
    pub program: String,
    /// Why it could not go on.
    pub error: Option<String>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub struct RunEnd {
    /// How it stands now; not [`RunStatus::Queued`] or [`RunStatus::Running`].
    pub status: RunStatus,
    /// Unix milliseconds.
    pub at: i64,
    /// What it made.
    pub adapter: Option<String>,
    /// Held-out documents with what it made.
    pub after: Measured,
    /// Why it could not go on.
    pub error: Option<String>,
}

const COLUMNS: &str = "id, name, adapter, begun_from, base, status, created_at, started_at, ended_at, configuration, \
                       data_hash, machine, seed, steps_wanted, steps_taken, tokens, seconds, peak_bytes, loss_before, \
                       perplexity_before, loss_after, perplexity_after, program, error";

/// Reads and writes training runs.
pub struct TrainingRuns<'a>(pub(crate) &'a Connection);

impl TrainingRuns<'_> {
    /// Adds a run as it is, in a status of the past or queued. [`Error::Exists`] when the id is taken,
    /// [`Error::Conflict`] for one that says it is running: that is for [`TrainingRuns::start`].
    pub fn insert(&self, row: &TrainingRunRow) -> Result<()> {
        if row.status == RunStatus::Running {
            return Err(Error::Conflict);
        }
        let sql = format!(
            "INSERT INTO training_runs ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, \
             ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24)"
        );
        self.0.prepare_cached(&sql)?.execute(params![
            row.id,
            row.name,
            row.adapter,
            row.begun_from,
            row.base,
            row.status.name(),
            row.created_at,
            row.started_at,
            row.ended_at,
            row.configuration,
            row.data_hash,
            row.machine,
            row.seed.cast_signed(),
            row.steps_wanted,
            row.progress.steps,
            row.progress.tokens,
            row.progress.seconds,
            row.progress.peak_bytes,
            row.before.loss,
            row.before.perplexity,
            row.after.loss,
            row.after.perplexity,
            row.program,
            row.error
        ])?;
        Ok(())
    }

    /// A run.
    pub fn get(&self, id: &str) -> Result<Option<TrainingRunRow>> {
        let sql = format!("SELECT {COLUMNS} FROM training_runs WHERE id = ?1");
        Ok(self
            .0
            .prepare_cached(&sql)?
            .query_row([id], read)
            .optional()?)
    }

    /// All runs, the newest first.
    pub fn list(&self) -> Result<Vec<TrainingRunRow>> {
        let sql = format!("SELECT {COLUMNS} FROM training_runs ORDER BY created_at DESC, id DESC");
        let mut statement = self.0.prepare_cached(&sql)?;
        let rows = statement.query_map([], read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// A run that was queued or interrupted runs from now on, as long as the right to tune is held. When it first
    /// started is kept. [`Error::Conflict`] when it stands otherwise, [`Error::NotFound`] when it is gone.
    pub fn start(&self, _held: &Tuning, id: &str, at: i64, steps_wanted: i64) -> Result<()> {
        let sql = "UPDATE training_runs SET status = 'Running', started_at = coalesce(started_at, ?2), ended_at = NULL, \
                   error = NULL, steps_wanted = ?3 WHERE id = ?1 AND status IN ('Queued', 'Interrupted')";
        self.changed(id, self.0.execute(sql, params![id, at, steps_wanted])?)
    }

    /// Notes settings in place of those it began with.
    pub fn set_configuration(&self, id: &str, configuration: &str) -> Result<()> {
        let sql = "UPDATE training_runs SET configuration = ?2 WHERE id = ?1";
        self.changed(id, self.0.execute(sql, params![id, configuration])?)
    }

    /// Notes how well the bare base does, before the first step.
    pub fn set_before(&self, id: &str, before: Measured) -> Result<()> {
        let sql = "UPDATE training_runs SET loss_before = ?2, perplexity_before = ?3 WHERE id = ?1";
        self.changed(
            id,
            self.0
                .execute(sql, params![id, before.loss, before.perplexity])?,
        )
    }

    /// Ends a run. One that ended already stays as it is: [`Error::Conflict`]. How far it came was said with its losses.
    pub fn end(&self, id: &str, end: &RunEnd) -> Result<()> {
        if matches!(end.status, RunStatus::Queued | RunStatus::Running) {
            return Err(Error::Conflict);
        }
        let sql = "UPDATE training_runs SET status = ?2, ended_at = ?3, adapter = ?4, loss_after = ?5, \
                   perplexity_after = ?6, error = ?7 WHERE id = ?1 AND status IN ('Queued', 'Running', 'Interrupted')";
        let values = params![
            id,
            end.status.name(),
            end.at,
            end.adapter,
            end.after.loss,
            end.after.perplexity,
            end.error
        ];
        self.changed(id, self.0.execute(sql, values)?)
    }

    /// Notes what was asked for, as JSON that the store does not look into.
    pub fn set_request(&self, id: &str, request: &str) -> Result<()> {
        let sql = "UPDATE training_runs SET request = ?2 WHERE id = ?1";
        self.changed(id, self.0.execute(sql, params![id, request])?)
    }

    /// What was asked for; none of a run of an earlier version.
    pub fn request(&self, id: &str) -> Result<Option<String>> {
        self.text(id, "SELECT request FROM training_runs WHERE id = ?1")
    }

    /// Notes what came of a run, as JSON that the store does not look into. It may hold words of the documents.
    pub fn set_report(&self, id: &str, report: &str) -> Result<()> {
        let sql = "UPDATE training_runs SET report = ?2 WHERE id = ?1";
        self.changed(id, self.0.execute(sql, params![id, report])?)
    }

    /// What came of a run, where that was noted.
    pub fn report(&self, id: &str) -> Result<Option<String>> {
        self.text(id, "SELECT report FROM training_runs WHERE id = ?1")
    }

    /// Forgets what came of a run: the words of the documents that its report may hold.
    pub fn drop_report(&self, id: &str) -> Result<()> {
        let sql = "UPDATE training_runs SET report = NULL WHERE id = ?1";
        self.changed(id, self.0.execute(sql, params![id])?)
    }

    fn text(&self, id: &str, sql: &str) -> Result<Option<String>> {
        let found = self
            .0
            .prepare_cached(sql)?
            .query_row([id], |row| row.get(0))
            .optional()?;
        found.ok_or(Error::NotFound)
    }

    /// Gives a run another name.
    pub fn rename(&self, id: &str, name: &str) -> Result<()> {
        let sql = "UPDATE training_runs SET name = ?2 WHERE id = ?1";
        self.changed(id, self.0.execute(sql, params![id, name])?)
    }

    /// Deletes a run with its losses and sources. Returns whether it went: one that is running stays, and so does one
    /// whose outcome lives on in an adapter, since only here is written what that adapter knows.
    pub fn delete(&self, id: &str) -> Result<bool> {
        let transaction = Transaction::new_unchecked(self.0, TransactionBehavior::Immediate)?;
        let row = self.get(id)?.ok_or(Error::NotFound)?;
        if row.status == RunStatus::Running || !Adapters(self.0).of_run(id)?.is_empty() {
            return Ok(false);
        }
        transaction.execute("DELETE FROM training_runs WHERE id = ?1", [id])?;
        transaction.commit()?;
        Ok(true)
    }

    /// What it means that no row was changed.
    fn changed(&self, id: &str, rows: usize) -> Result<()> {
        match rows {
            0 if self.get(id)?.is_some() => Err(Error::Conflict),
            0 => Err(Error::NotFound),
            _ => Ok(()),
        }
    }
}

/// Runs that say they are running although nobody tunes were left by a program that ended under them.
pub(crate) fn interrupt_left(connection: &Connection) -> Result<()> {
    let running: bool = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM training_runs WHERE status = 'Running')",
        [],
        |row| row.get(0),
    )?;
    if !running {
        return Ok(());
    }
    // Held until the rows are changed, so that no run starts in between.
    let Some(_held) = Tuning::take_if_free(connection) else {
        return Ok(());
    };
    connection.execute(
        "UPDATE training_runs SET status = 'Interrupted' WHERE status = 'Running'",
        [],
    )?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<TrainingRunRow> {
    let status: String = row.get(5)?;
    let seed: i64 = row.get(12)?;
    Ok(TrainingRunRow {
        id: row.get(0)?,
        name: row.get(1)?,
        adapter: row.get(2)?,
        begun_from: row.get(3)?,
        base: row.get(4)?,
        status: RunStatus::read(&status).ok_or(rusqlite::Error::InvalidQuery)?,
        created_at: row.get(6)?,
        started_at: row.get(7)?,
        ended_at: row.get(8)?,
        configuration: row.get(9)?,
        data_hash: row.get(10)?,
        machine: row.get(11)?,
        seed: seed.cast_unsigned(),
        steps_wanted: row.get(13)?,
        progress: Progress {
            steps: row.get(14)?,
            tokens: row.get(15)?,
            seconds: row.get(16)?,
            peak_bytes: row.get(17)?,
        },
        before: Measured {
            loss: row.get(18)?,
            perplexity: row.get(19)?,
        },
        after: Measured {
            loss: row.get(20)?,
            perplexity: row.get(21)?,
        },
        program: row.get(22)?,
        error: row.get(23)?,
    })
}
