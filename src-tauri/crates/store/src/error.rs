//! Why a reading or a writing failed, in the few ways a caller can act on.

use std::fmt;

use rusqlite::ffi::ErrorCode;

/// Why the store refused.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The file was written by a newer program; it is untouched.
    Newer {
        /// Schema of the file.
        found: i64,
        /// Latest schema this program knows.
        known: i64,
    },
    /// The file is no SQLite database; it is untouched.
    NotADatabase,
    /// The database is damaged.
    Damaged,
    /// The disk is full; what was there before is still there.
    DiskFull,
    /// The file or its folder cannot be written.
    ReadOnly,
    /// Another program holds the file.
    Locked,
    /// The row changed since it was read.
    Conflict,
    /// No such row.
    NotFound,
    /// The file system refused.
    Io(std::io::Error),
    /// Anything else SQLite says.
    Sqlite(Cause),
}

/// What SQLite said; kept whole for the log, without naming the library's type.
#[derive(Debug)]
pub struct Cause(rusqlite::Error);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Newer { found, known } => write!(
                f,
                "the database has schema {found}, this program knows {known}"
            ),
            Error::NotADatabase => f.write_str("the file is not a database"),
            Error::Damaged => f.write_str("the database is damaged"),
            Error::DiskFull => f.write_str("the disk is full"),
            Error::ReadOnly => f.write_str("the database cannot be written"),
            Error::Locked => f.write_str("another program holds the database"),
            Error::Conflict => f.write_str("the row was changed by another save"),
            Error::NotFound => f.write_str("there is no such row"),
            Error::Io(error) => error.fmt(f),
            Error::Sqlite(Cause(error)) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Error::DiskFull,
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                Error::ReadOnly
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Locked,
            Some(ErrorCode::DatabaseCorrupt) => Error::Damaged,
            Some(ErrorCode::NotADatabase) => Error::NotADatabase,
            _ if matches!(error, rusqlite::Error::QueryReturnedNoRows) => Error::NotFound,
            _ => Error::Sqlite(Cause(error)),
        }
    }
}
