//! The right to tune: one program at a time, and the system takes it back when that program ends, however it ends.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::open::beside;
use crate::{Error, Result};

/// Held by the program that tunes, for as long as it does.
///
/// A lock on a file beside the store, which a kill gives back: so a program that opens the store can tell a run that is
/// going on in another program from one that was left.
#[derive(Debug)]
pub struct Tuning {
    /// None of a store in memory, which no other program can open.
    _file: Option<File>,
}

/// How long another program may look whether somebody tunes.
const LOOKS: Duration = Duration::from_millis(500);

impl Tuning {
    /// Takes the right. [`Error::Locked`] when another program, or another part of this one, holds it.
    pub(crate) fn take(connection: &Connection) -> Result<Tuning> {
        let start = Instant::now();
        loop {
            match lock(connection, true)? {
                Some(tuning) => return Ok(tuning),
                None if start.elapsed() < LOOKS => std::thread::sleep(Duration::from_millis(5)),
                None => return Err(Error::Locked),
            }
        }
    }

    /// The right, unless somebody holds it or that cannot be told.
    pub(crate) fn take_if_free(connection: &Connection) -> Option<Tuning> {
        lock(connection, false).ok().flatten()
    }
}

/// One attempt. Where the file system knows no locks nobody can hold one, and the right is given.
fn lock(connection: &Connection, make: bool) -> Result<Option<Tuning>> {
    let Some(path) = connection.path().filter(|path| !path.is_empty()) else {
        return Ok(Some(Tuning { _file: None }));
    };
    let path = beside(Path::new(path), ".tuning");
    let opened = File::options()
        .read(true)
        .write(true)
        .create(make)
        .truncate(false)
        .open(&path);
    let file = match opened {
        Ok(file) => file,
        // Nobody has ever tuned here, or the file was taken away.
        Err(error) if !make && error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Some(Tuning { _file: None }));
        }
        Err(error) => return Err(Error::at(&path, error)),
    };
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Ok(None),
        Ok(()) | Err(TryLockError::Error(_)) => Ok(Some(Tuning { _file: Some(file) })),
    }
}
