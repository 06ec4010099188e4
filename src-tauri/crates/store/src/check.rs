//! Whether the file is whole.

use rusqlite::Connection;

use crate::{Error, Result};

/// See [`crate::Store::check`].
pub(crate) fn check(connection: &Connection) -> Result<()> {
    let said: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if said != "ok" {
        return Err(Error::Damaged);
    }
    if connection.prepare("PRAGMA foreign_key_check")?.exists([])? {
        return Err(Error::Damaged);
    }
    // A row without its words could not be found, and words without their row would be found as nothing.
    let apart: bool = connection.query_row(
        "SELECT EXISTS (SELECT rowid FROM found EXCEPT SELECT id FROM words_docsize) \
             OR EXISTS (SELECT id FROM words_docsize EXCEPT SELECT rowid FROM found)",
        [],
        |row| row.get(0),
    )?;
    if apart {
        return Err(Error::Damaged);
    }
    Ok(())
}
