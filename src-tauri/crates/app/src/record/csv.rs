//! Tables as CSV: RFC 4180, and a byte-order mark, without which Excel takes Chinese for another code page.
//!
//! Text that a spreadsheet would take for a formula gets an apostrophe before it: names come from files of others.

use jiff::Timestamp;
use moqi_store::{LossRow, TrainingRunRow};

const MARK: &str = "\u{feff}";

/// The losses of a run, a line for each: kind (`train` or `valid`), step, loss in nats, learning rate, length of the
/// gradient, seconds of work. What is not known is empty.
pub fn csv_of_run(losses: &[LossRow]) -> String {
    let mut table = Table::new(&["kind", "step", "loss", "rate", "gradient", "seconds"]);
    for row in losses {
        table.line([
            Cell::Plain(row.kind.name().into()),
            Cell::Plain(row.step.to_string()),
            number(Some(row.loss)),
            number(row.rate),
            number(row.gradient),
            number(Some(row.seconds)),
        ]);
    }
    table.text
}

/// All runs, a line for each. Times are UTC, losses in nats.
pub fn csv_of_runs(runs: &[TrainingRunRow]) -> String {
    let mut table = Table::new(&[
        "id",
        "name",
        "status",
        "created",
        "started",
        "ended",
        "base",
        "begun_from",
        "adapter",
        "steps_taken",
        "steps_wanted",
        "tokens",
        "seconds",
        "peak_bytes",
        "loss_before",
        "loss_after",
        "perplexity_before",
        "perplexity_after",
        "seed",
        "data_hash",
        "machine",
        "program",
        "configuration",
        "error",
    ]);
    for run in runs {
        table.line([
            text(Some(&run.id)),
            text(Some(&run.name)),
            Cell::Plain(run.status.name().into()),
            time(Some(run.created_at)),
            time(run.started_at),
            time(run.ended_at),
            text(Some(&run.base)),
            text(run.begun_from.as_ref()),
            text(run.adapter.as_ref()),
            Cell::Plain(run.progress.steps.to_string()),
            Cell::Plain(run.steps_wanted.to_string()),
            Cell::Plain(run.progress.tokens.to_string()),
            number(Some(run.progress.seconds)),
            Cell::Plain(run.progress.peak_bytes.to_string()),
            number(run.before.loss),
            number(run.after.loss),
            number(run.before.perplexity),
            number(run.after.perplexity),
            Cell::Plain(run.seed.to_string()),
            text(Some(&run.data_hash)),
            text(Some(&run.machine)),
            text(Some(&run.program)),
            text(Some(&run.configuration)),
            text(run.error.as_ref()),
        ]);
    }
    table.text
}

enum Cell {
    /// Of this program: a number, a time, a word.
    Plain(String),
    /// Of somebody else.
    Text(String),
}

fn text(text: Option<&String>) -> Cell {
    Cell::Text(text.cloned().unwrap_or_default())
}

/// The shortest text that is read back as the same number.
fn number(number: Option<f64>) -> Cell {
    Cell::Plain(number.map_or(String::new(), |x| format!("{x:?}")))
}

fn time(milliseconds: Option<i64>) -> Cell {
    let written = |ms| match Timestamp::from_millisecond(ms) {
        Ok(time) => time.to_string(),
        // A clock beyond the calendar.
        Err(_) => ms.to_string(),
    };
    Cell::Plain(milliseconds.map_or(String::new(), written))
}

struct Table {
    text: String,
}

impl Table {
    fn new(header: &[&str]) -> Table {
        Table {
            text: format!("{MARK}{}\r\n", header.join(",")),
        }
    }

    fn line<const N: usize>(&mut self, cells: [Cell; N]) {
        let cells = cells.map(|cell| match cell {
            Cell::Plain(plain) => plain,
            Cell::Text(text) => quoted(&text),
        });
        self.text.push_str(&cells.join(","));
        self.text.push_str("\r\n");
    }
}

fn quoted(text: &str) -> String {
    // The full-width ones are formulas to Excel where Chinese or Japanese is typed.
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let apostrophe = if formula { "'" } else { "" };
    if text.contains(['"', ',', '\r', '\n']) {
        format!("\"{apostrophe}{}\"", text.replace('"', "\"\""))
    } else {
        format!("{apostrophe}{text}")
    }
}
