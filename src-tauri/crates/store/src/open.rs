//! Opening the file: look at it without changing a byte, refuse what is not ours, then bring it up to date.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, MAIN_DB, OpenFlags};

use crate::{Error, Result, migrations, search, training_runs};

const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Bytes of the header of a database.
const HEAD: usize = 100;

/// Opens the file; waits `patience` for another program at each step that needs it.
pub(crate) fn open(path: &Path, patience: Duration) -> Result<Connection> {
    look(path)?;
    let log_has_words = size(&beside(path, "-wal")) > 0;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(patience)?;
    // The last connection that closes writes the log into the file; one that is refused must not.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, log_has_words)?;
    let found = match inspect(&connection) {
        Ok(Found::Schema(version)) => version,
        Ok(Found::Stranger) => return Err(Error::NotADatabase),
        // The file begins as a database does, so it was one.
        Err(Error::NotADatabase) => return Err(Error::Damaged),
        Err(error) => return Err(error),
    };
    if found > migrations::LATEST {
        return Err(Error::Newer {
            found,
            known: migrations::LATEST,
        });
    }
    // Where writing is forbidden SQLite opens for reading, and would say so only at the first save.
    if connection.is_readonly(MAIN_DB)? {
        return Err(Error::ReadOnly);
    }
    prepare(&connection, patience)?;
    migrations::run(&connection, Some(path))?;
    search::follow_rule(&connection)?;
    training_runs::interrupt_left(&connection)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(connection)
}

/// A database that no file holds.
pub(crate) fn open_in_memory() -> Result<Connection> {
    let connection = Connection::open_in_memory()?;
    prepare(&connection, Duration::ZERO)?;
    migrations::run(&connection, None)?;
    search::follow_rule(&connection)?;
    Ok(connection)
}

fn prepare(connection: &Connection, patience: Duration) -> Result<()> {
    // FULL makes a confirmed save survive a power cut, not only a kill; on a Mac only the "full" kind of flushing
    // reaches the disk.
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON; \
         PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;",
    )?;
    // SQLite does not wait here while another program makes the same change.
    let start = Instant::now();
    loop {
        match connection.execute_batch("PRAGMA journal_mode = WAL") {
            Ok(()) => return Ok(()),
            Err(error) => match Error::from(error) {
                Error::Locked if start.elapsed() < patience => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                other => return Err(other),
            },
        }
    }
}

/// How long a file that looks cut is looked at again.
const SETTLES: Duration = Duration::from_millis(250);

/// Looks at the path before SQLite does, which would wait for a pipe, make a database of an empty folder entry, or say
/// late what is wrong. Another program may be making the file in this moment: its size and its log are read one after
/// the other and need not belong together, so what looks cut is looked at again.
fn look(path: &Path) -> Result<()> {
    let start = Instant::now();
    loop {
        match look_once(path) {
            Err(Error::Damaged) if start.elapsed() < SETTLES => {
                std::thread::sleep(Duration::from_millis(5));
            }
            settled => return settled,
        }
    }
}

fn look_once(path: &Path) -> Result<()> {
    let found = match std::fs::metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let folder = path
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty());
            return match folder.map(std::fs::metadata) {
                Some(Err(error)) => Err(Error::at(path, error)),
                _ => Ok(()),
            };
        }
        Err(error) => return Err(Error::at(path, error)),
    };
    if !found.is_file() {
        return Err(Error::NotADatabase);
    }
    if found.len() == 0 {
        // SQLite throws away the log of an empty file; it may hold all that is left.
        return match size(&beside(path, "-wal")) {
            0 => writable(&found),
            _ => Err(Error::Damaged),
        };
    }
    let mut head = Vec::with_capacity(HEAD);
    let file = std::fs::File::open(path).map_err(|error| Error::at(path, error))?;
    file.take(HEAD as u64)
        .read_to_end(&mut head)
        .map_err(|error| Error::at(path, error))?;
    let magic = &head[..head.len().min(MAGIC.len())];
    if !MAGIC.starts_with(magic) {
        return Err(Error::NotADatabase);
    }
    // With a log, the size in the file may be of before.
    let Ok(head) = <&[u8; HEAD]>::try_from(head.as_slice()) else {
        return Err(Error::Damaged);
    };
    if found.len() < promised(head) && size(&beside(path, "-wal")) == 0 {
        return Err(Error::Damaged);
    }
    writable(&found)
}

/// The bytes a file must have by its header; 0 when the header does not say (file format of SQLite, section 1.3).
/// SQLite itself reads a last page that is cut as if it ended in zeros.
fn promised(head: &[u8; HEAD]) -> u64 {
    let number =
        |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let page = match u16::from_be_bytes([head[16], head[17]]) {
        1 => 65_536,
        size => u64::from(size),
    };
    // The count holds only if it was written at the last change.
    if number(24) == number(92) {
        page * u64::from(number(28))
    } else {
        0
    }
}

/// A file that is marked read-only is left alone even by a user whom the system would let write.
fn writable(found: &std::fs::Metadata) -> Result<()> {
    if found.permissions().readonly() {
        return Err(Error::ReadOnly);
    }
    Ok(())
}

enum Found {
    /// A file of this program with this schema; 0 for an empty one.
    Schema(i64),
    /// A database of another program.
    Stranger,
}

/// Whose database it is. One statement, so that another program cannot change the file in between.
fn inspect(connection: &Connection) -> Result<Found> {
    let (version, application, things, ours): (i64, i64, i64, i64) = connection.query_row(
        "SELECT (SELECT user_version FROM pragma_user_version), \
                (SELECT application_id FROM pragma_application_id), \
                (SELECT count(*) FROM sqlite_schema), \
                (SELECT count(*) FROM sqlite_schema WHERE type = 'table' \
                 AND name IN ('documents', 'versions', 'settings', 'found'))",
        [],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
    )?;
    // The first schema had no mark of its own; it is known by its tables.
    let marked = application == migrations::MARK || (application == 0 && ours == 4);
    Ok(match version {
        0 if application == 0 && things == 0 => Found::Schema(0),
        1.. if marked => Found::Schema(version),
        _ => Found::Stranger,
    })
}

/// The path with something after its name.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |found| found.len())
}
