//! Why a reading or a writing failed, in the few ways a caller can act on.

use std::fmt;
use std::path::{Path, PathBuf};

use rusqlite::ffi;
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
    /// The file is no database of this program; it is untouched.
    NotADatabase,
    /// The database is damaged. Said by [`crate::Store::open`], the file is untouched.
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
    /// The id is taken.
    Exists,
    /// The file system refused.
    Io(FileError),
    /// Anything else SQLite says; a value that a table does not take is among it.
    Sqlite(Cause),
}

impl Error {
    /// Whether the same call may succeed later without a change by the program: somebody frees space or closes the
    /// other program.
    pub fn may_pass(&self) -> bool {
        matches!(self, Error::DiskFull | Error::Locked)
    }

    /// What the file system said about a path, sorted.
    pub(crate) fn at(path: &Path, error: std::io::Error) -> Error {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Error::DiskFull,
            std::io::ErrorKind::ReadOnlyFilesystem => Error::ReadOnly,
            _ => Error::Io(FileError {
                path: path.to_path_buf(),
                error,
            }),
        }
    }
}

/// What the file system said, and about which path.
#[derive(Debug)]
pub struct FileError {
    path: PathBuf,
    error: std::io::Error,
}

impl FileError {
    /// The path concerned.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What kind of refusal it is.
    pub fn kind(&self) -> std::io::ErrorKind {
        self.error.kind()
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.error)
    }
}

/// What SQLite said; kept whole for the log, without naming the library's type.
#[derive(Debug)]
pub struct Cause(rusqlite::Error);

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Newer { found, known } => write!(
                f,
                "the database has schema {found}, this program knows {known}"
            ),
            Error::NotADatabase => f.write_str("the file is not a database of this program"),
            Error::Damaged => f.write_str("the database is damaged"),
            Error::DiskFull => f.write_str("the disk is full"),
            Error::ReadOnly => f.write_str("the database cannot be written"),
            Error::Locked => f.write_str("another program holds the database"),
            Error::Conflict => f.write_str("the row was changed by another save"),
            Error::NotFound => f.write_str("there is no such row"),
            Error::Exists => f.write_str("the id is taken"),
            Error::Io(error) => error.fmt(f),
            Error::Sqlite(cause) => cause.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Io(FileError { error, .. }) => Some(error),
            _ => None,
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        let extended = error.sqlite_error().map(|error| error.extended_code);
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Error::DiskFull,
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                Error::ReadOnly
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Locked,
            Some(ErrorCode::DatabaseCorrupt) => Error::Damaged,
            Some(ErrorCode::NotADatabase) => Error::NotADatabase,
            Some(ErrorCode::ConstraintViolation) => match extended {
                // The row that the new one belongs to is missing.
                Some(ffi::SQLITE_CONSTRAINT_FOREIGNKEY) => Error::NotFound,
                Some(ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_UNIQUE) => {
                    Error::Exists
                }
                _ => Error::Sqlite(Cause(error)),
            },
            _ if matches!(error, rusqlite::Error::QueryReturnedNoRows) => Error::NotFound,
            _ => Error::Sqlite(Cause(error)),
        }
    }
}
