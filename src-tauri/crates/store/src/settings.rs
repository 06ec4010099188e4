//! Settings: names and values.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, params};

use crate::Result;

/// Reads and writes settings.
pub struct Settings<'a>(pub(crate) &'a Connection);

impl Settings<'_> {
    /// The value of a setting.
    pub fn get(&self, key: &str) -> Result<Option<String>> {
        let mut statement = self
            .0
            .prepare_cached("SELECT value FROM settings WHERE key = ?1")?;
        Ok(statement.query_row([key], |row| row.get(0)).optional()?)
    }

    /// Sets it; a setting that has the value already is not written again.
    pub fn set(&self, key: &str, value: &str) -> Result<()> {
        if self.get(key)?.as_deref() == Some(value) {
            return Ok(());
        }
        let sql = "INSERT INTO settings (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        self.0.execute(sql, params![key, value])?;
        Ok(())
    }

    /// All settings.
    pub fn all(&self) -> Result<BTreeMap<String, String>> {
        let mut statement = self.0.prepare_cached("SELECT key, value FROM settings")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
