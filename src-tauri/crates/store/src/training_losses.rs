//! The losses of training runs: a row for each step and each look at the validation part.

use rusqlite::{Connection, Row, Transaction, TransactionBehavior, params};

use crate::training_runs::Progress;
use crate::{Error, Result};

/// What a loss was taken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LossKind {
    /// The examples of a step.
    Train,
    /// The validation part.
    Valid,
}

impl LossKind {
    /// Its word in the table.
    pub fn name(self) -> &'static str {
        match self {
            LossKind::Train => "train",
            LossKind::Valid => "valid",
        }
    }
}

/// A loss.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LossRow {
    /// Steps taken.
    pub step: i64,
    /// What it was taken of.
    pub kind: LossKind,
    /// Mean loss of a wanted token, in nats; NaN of a training that went astray is kept.
    pub loss: f64,
    /// The learning rate of the step.
    pub rate: Option<f64>,
    /// Length of the gradient before it was clipped; none where it is no number.
    pub gradient: Option<f64>,
    /// Seconds of work since the run began.
    pub seconds: f64,
}

/// Reads and writes losses. They go with their run.
pub struct TrainingLosses<'a>(pub(crate) &'a Connection);

impl TrainingLosses<'_> {
    /// Adds losses of a running run and says how far it is, all of it or nothing. A step that is taken again, after a
    /// crash, replaces what was there. [`Error::NotFound`] when the run is gone.
    pub fn append(&self, run: &str, losses: &[LossRow], progress: &Progress) -> Result<()> {
        let transaction = Transaction::new_unchecked(self.0, TransactionBehavior::Immediate)?;
        let known = transaction
            .prepare_cached(
                "UPDATE training_runs SET steps_taken = ?2, tokens = ?3, seconds = ?4, peak_bytes = ?5 WHERE id = ?1",
            )?
            .execute(params![
                run,
                progress.steps,
                progress.tokens,
                progress.seconds,
                progress.peak_bytes
            ])?;
        if known == 0 {
            return Err(Error::NotFound);
        }
        {
            let mut statement = transaction.prepare_cached(
                "INSERT OR REPLACE INTO training_losses (run, kind, step, loss, rate, gradient, seconds) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?;
            for row in losses {
                statement.execute(params![
                    run,
                    row.kind.name(),
                    row.step,
                    row.loss,
                    row.rate,
                    row.gradient,
                    row.seconds
                ])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// Takes away the losses after a step: a run that is taken up goes on from its last checkpoint, and what came after
    /// that did not happen.
    pub fn cut(&self, run: &str, step: i64) -> Result<()> {
        self.0.execute(
            "DELETE FROM training_losses WHERE run = ?1 AND kind IN ('train', 'valid') AND step > ?2",
            params![run, step],
        )?;
        Ok(())
    }

    /// All losses of a kind, in the order of their steps.
    pub fn of(&self, run: &str, kind: LossKind) -> Result<Vec<LossRow>> {
        let mut all = Vec::new();
        self.each(run, kind, |row| all.push(row))?;
        Ok(all)
    }

    /// At most so many losses of a kind, in the order of their steps, for a chart: the first, the last, and the least and
    /// the greatest of each of equal stretches between. NaN counts as the greatest. All, where there are not more.
    pub fn thinned(&self, run: &str, kind: LossKind, points: usize) -> Result<Vec<LossRow>> {
        // Of one moment: a running training adds rows between two reads.
        let transaction = Transaction::new_unchecked(self.0, TransactionBehavior::Deferred)?;
        let count: i64 = transaction.query_row(
            "SELECT count(*) FROM training_losses WHERE run = ?1 AND kind = ?2",
            params![run, kind.name()],
            |row| row.get(0),
        )?;
        let mut thinning = Thinning::new(usize::try_from(count).unwrap_or(usize::MAX), points);
        self.each(run, kind, |row| thinning.add(row))?;
        Ok(thinning.kept)
    }

    fn each(&self, run: &str, kind: LossKind, mut add: impl FnMut(LossRow)) -> Result<()> {
        let mut statement = self.0.prepare_cached(
            "SELECT step, loss, rate, gradient, seconds FROM training_losses \
             WHERE run = ?1 AND kind = ?2 ORDER BY step",
        )?;
        let mut rows = statement.query(params![run, kind.name()])?;
        while let Some(row) = rows.next()? {
            add(read(row, kind)?);
        }
        Ok(())
    }
}

/// Thins a row of known length while it is read.
struct Thinning {
    count: usize,
    points: usize,
    /// Stretches between the first and the last.
    stretches: usize,
    seen: usize,
    least: Option<LossRow>,
    greatest: Option<LossRow>,
    kept: Vec<LossRow>,
}

impl Thinning {
    fn new(count: usize, points: usize) -> Thinning {
        Thinning {
            count,
            points,
            stretches: points.saturating_sub(2) / 2,
            seen: 0,
            least: None,
            greatest: None,
            kept: Vec::new(),
        }
    }

    fn add(&mut self, row: LossRow) {
        let (index, last) = (self.seen, self.count.saturating_sub(1));
        self.seen += 1;
        if self.count <= self.points {
            self.kept.push(row);
        } else if index == last {
            // Where only one has room, how it stands now says most.
            if self.points > 0 {
                self.kept.push(row);
            }
        } else if index == 0 {
            if self.points > 1 {
                self.kept.push(row);
            }
        } else if self.stretches > 0 {
            if self
                .least
                .is_none_or(|least| row.loss.total_cmp(&least.loss).is_lt())
            {
                self.least = Some(row);
            }
            if self
                .greatest
                .is_none_or(|most| row.loss.total_cmp(&most.loss).is_gt())
            {
                self.greatest = Some(row);
            }
            let inner = last - 1;
            // The last of its stretch.
            if index * self.stretches / inner != (index - 1) * self.stretches / inner {
                self.close();
            }
        }
    }

    fn close(&mut self) {
        let (Some(a), Some(b)) = (self.least.take(), self.greatest.take()) else {
            return;
        };
        let (first, second) = if a.step <= b.step { (a, b) } else { (b, a) };
        self.kept.push(first);
        if second.step != first.step {
            self.kept.push(second);
        }
    }
}

/// SQLite keeps no NaN; it becomes NULL on the way in.
fn read(row: &Row<'_>, kind: LossKind) -> rusqlite::Result<LossRow> {
    let loss: Option<f64> = row.get(1)?;
    Ok(LossRow {
        step: row.get(0)?,
        kind,
        loss: loss.unwrap_or(f64::NAN),
        rate: row.get(2)?,
        gradient: row.get(3)?,
        seconds: row.get(4)?,
    })
}
