//! What is promised of the file as a whole.

use super::*;

mod burst;
mod house;
mod knowing;
mod migrating;
mod opening;
mod rows;
mod searching;
mod training;
mod training_crash;

fn document(id: &str, title: &str, text: &str) -> DocumentRow {
    DocumentRow {
        id: id.into(),
        title: title.into(),
        title_set: false,
        kind: Some("sale".into()),
        language: "zh".into(),
        text: text.into(),
        answers: "{}".into(),
        template_id: None,
        template_text: None,
        template_answers: None,
        created_at: 1,
        updated_at: 1,
        deleted_at: None,
        revision: 1,
    }
}

fn version(id: &str, at: i64, reason: &str, text: &str) -> VersionRow {
    VersionRow {
        id: id.into(),
        document_id: "d".into(),
        created_at: at,
        label: None,
        reason: reason.into(),
        text: text.into(),
        answers: "{}".into(),
    }
}

fn template(id: &str, title: &str, text: &str) -> TemplateRow {
    TemplateRow {
        id: id.into(),
        title: title.into(),
        kind: "sale".into(),
        language: "zh".into(),
        text: text.into(),
        copy_of: None,
    }
}

fn clause(id: &str, title: &str, text: &str) -> ClauseRow {
    ClauseRow {
        id: id.into(),
        title: title.into(),
        topic: "payment".into(),
        language: "zh".into(),
        text: text.into(),
    }
}

/// The next number of a seeded row (xorshift64).
fn next(seed: &mut u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed
}

/// Short patience, so that a test of waiting does not wait for long.
fn open_soon(path: &Path) -> Result<Store> {
    let connection = open::open(path, Duration::from_millis(60))?;
    Ok(Store { connection })
}
