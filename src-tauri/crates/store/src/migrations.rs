//! The steps from an empty file to the current schema. A shipped step never changes; a test pins each.

use std::fs::File;
use std::path::{Path, PathBuf};

use rusqlite::backup::Progress;
use rusqlite::{Connection, MAIN_DB, OpenFlags, Transaction, TransactionBehavior};

use crate::open::beside;
use crate::{Error, Result};

/// `MOQI`, in the place where SQLite files carry the mark of their program.
pub(crate) const MARK: i64 = 0x4d4f_5149;

/// Every step in order; step n brings the schema from n - 1 to n.
pub(crate) const STEPS: &[&str] = &["
CREATE TABLE documents (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    title_set INTEGER NOT NULL CHECK (title_set IN (0, 1)),
    kind TEXT,
    language TEXT NOT NULL CHECK (language IN ('zh', 'en')),
    text TEXT NOT NULL,
    answers TEXT NOT NULL,
    template_id TEXT,
    template_text TEXT,
    template_answers TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    revision INTEGER NOT NULL,
    -- The revision whose words are in the index; search brings it up to date.
    indexed INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX documents_by_age ON documents (updated_at);
CREATE INDEX documents_to_index ON documents (id) WHERE indexed <> revision;

CREATE TABLE versions (
    id TEXT PRIMARY KEY,
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    label TEXT,
    reason TEXT NOT NULL,
    text TEXT NOT NULL,
    answers TEXT NOT NULL
) STRICT;
CREATE INDEX versions_by_document ON versions (document_id, created_at);

CREATE TABLE templates (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    kind TEXT NOT NULL,
    language TEXT NOT NULL CHECK (language IN ('zh', 'en')),
    text TEXT NOT NULL,
    copy_of TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE clauses (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    topic TEXT NOT NULL,
    language TEXT NOT NULL CHECK (language IN ('zh', 'en')),
    text TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE ignored (
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (document_id, key)
) STRICT, WITHOUT ROWID;

-- What can be found, and its words; the words are made by index.rs.
CREATE TABLE found (
    rowid INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('document', 'template', 'clause')),
    id TEXT NOT NULL,
    shipped INTEGER NOT NULL CHECK (shipped IN (0, 1)),
    language TEXT NOT NULL,
    title TEXT NOT NULL,
    -- Only of shipped texts; the others are read from their own tables.
    text TEXT,
    UNIQUE (kind, id)
) STRICT;
CREATE VIRTUAL TABLE words USING fts5 (title, text, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2');
", "
-- The mark of this program, so that its files and those of others are not mixed up.
PRAGMA application_id = 1297043785;

-- Whom a document is for.
ALTER TABLE documents ADD COLUMN client TEXT;
ALTER TABLE documents ADD COLUMN matter TEXT;

-- What a clause is good for.
ALTER TABLE clauses ADD COLUMN kind TEXT;
ALTER TABLE clauses ADD COLUMN side TEXT;
ALTER TABLE clauses ADD COLUMN length TEXT CHECK (length IN ('short', 'standard', 'long'));
ALTER TABLE clauses ADD COLUMN tags TEXT NOT NULL DEFAULT '';
ALTER TABLE clauses ADD COLUMN copy_of TEXT;

-- The index is made anew: own and shipped texts may share an id, and words come folded, so that the tokenizer need not
-- know the writing systems. Prefixes of one character, since a single Chinese character begins hundreds of pairs.
DROP TABLE words;
DROP TABLE found;
CREATE TABLE found (
    rowid INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('document', 'template', 'clause')),
    id TEXT NOT NULL,
    shipped INTEGER NOT NULL CHECK (shipped IN (0, 1)),
    language TEXT NOT NULL,
    title TEXT NOT NULL,
    -- Only of shipped texts; the others are read from their own tables.
    text TEXT,
    UNIQUE (kind, id, shipped)
) STRICT;
CREATE VIRTUAL TABLE words USING fts5 (title, text, content = '', contentless_delete = 1, tokenize = 'ascii', prefix = '1');

-- One row: the rule by which the words were made, and the version of the shipped texts among them.
CREATE TABLE index_state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    rule INTEGER NOT NULL,
    shipped TEXT
) STRICT;
INSERT INTO index_state (one, rule) VALUES (1, 0);
DELETE FROM settings WHERE key = 'shipped_index';
", "
-- The files that documents were imported from, byte for byte as they came.
CREATE TABLE originals (
    document_id TEXT PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    -- SHA-256 in hexadecimal: a file that comes again is seen.
    hash TEXT NOT NULL,
    bytes BLOB NOT NULL,
    imported_at INTEGER NOT NULL
) STRICT;
CREATE INDEX originals_by_hash ON originals (hash);
", "
-- Every tuning, also one that came to nothing.
CREATE TABLE training_runs (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    -- No reference: what a run made, and what it began from, is named here even after that was deleted.
    adapter TEXT,
    begun_from TEXT,
    base TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('Queued', 'Running', 'Done', 'Failed', 'Cancelled', 'Interrupted')),
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    configuration TEXT NOT NULL,
    data_hash TEXT NOT NULL,
    machine TEXT NOT NULL,
    seed INTEGER NOT NULL,
    steps_wanted INTEGER NOT NULL,
    steps_taken INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    seconds REAL NOT NULL,
    peak_bytes INTEGER NOT NULL,
    loss_before REAL,
    perplexity_before REAL,
    loss_after REAL,
    perplexity_after REAL,
    program TEXT NOT NULL,
    error TEXT
) STRICT;
CREATE INDEX training_runs_by_beginning ON training_runs (begun_from) WHERE begun_from IS NOT NULL;

-- What tunings left, and for whom it may be used.
CREATE TABLE adapters (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    base TEXT NOT NULL,
    base_name TEXT NOT NULL,
    method TEXT NOT NULL,
    language TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    owner_kind TEXT NOT NULL CHECK (owner_kind IN ('firm', 'group', 'client', 'matter')),
    owner TEXT CHECK ((owner IS NULL) = (owner_kind = 'firm')),
    -- Two clients may call their matters alike.
    owner_client TEXT CHECK (owner_client IS NULL OR owner_kind = 'matter'),
    state TEXT NOT NULL CHECK (state IN ('candidate', 'kept', 'discarded', 'leaking')),
    run TEXT REFERENCES training_runs (id),
    bytes INTEGER NOT NULL,
    note TEXT NOT NULL
) STRICT;
CREATE INDEX adapters_by_owner ON adapters (owner_kind, owner);
CREATE INDEX adapters_by_run ON adapters (run);

CREATE TABLE training_losses (
    run TEXT NOT NULL REFERENCES training_runs (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('train', 'valid')),
    step INTEGER NOT NULL,
    -- NULL stands for a loss that is no number.
    loss REAL,
    rate REAL,
    gradient REAL,
    seconds REAL NOT NULL,
    PRIMARY KEY (run, kind, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE training_sources (
    run TEXT NOT NULL REFERENCES training_runs (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    title TEXT NOT NULL,
    hash TEXT NOT NULL,
    -- No reference: what was learnt outlives the document.
    document_id TEXT,
    examples INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    part TEXT NOT NULL CHECK (part IN ('train', 'valid', 'test', 'left out')),
    reason TEXT,
    PRIMARY KEY (run, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX training_sources_by_hash ON training_sources (hash);
CREATE INDEX training_sources_by_document ON training_sources (document_id) WHERE document_id IS NOT NULL;
", "
-- The practice group that a document belongs to.
ALTER TABLE documents ADD COLUMN practice_group TEXT;

-- What was asked for, so that an interrupted run can be gone on with, and taken again without a document; and what came
-- of it. Both are JSON that only the program looks into.
ALTER TABLE training_runs ADD COLUMN request TEXT;
ALTER TABLE training_runs ADD COLUMN report TEXT;

-- Drafting uses it, where its wall allows.
ALTER TABLE adapters ADD COLUMN used INTEGER NOT NULL DEFAULT 0 CHECK (used IN (0, 1));

-- What an adapter was mixed of: it knows what these knew. No references: what was learnt outlives an adapter that was
-- deleted in those that went on from it.
CREATE TABLE adapter_parents (
    adapter TEXT NOT NULL,
    parent TEXT NOT NULL,
    weight REAL NOT NULL,
    PRIMARY KEY (adapter, parent)
) STRICT, WITHOUT ROWID;
CREATE INDEX adapter_parents_by_parent ON adapter_parents (parent);
", "
-- The clauses an adapter was taught, personal data masked: precedents for drafting in its style. They go with it.
CREATE TABLE house_clauses (
    adapter TEXT NOT NULL REFERENCES adapters (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    -- Hash of the source, so that what is forgotten goes at once.
    hash TEXT NOT NULL,
    document TEXT NOT NULL,
    title TEXT NOT NULL,
    heading TEXT NOT NULL,
    kind TEXT,
    language TEXT NOT NULL CHECK (language IN ('zh', 'en')),
    text TEXT NOT NULL,
    -- Whether drafting leaves it out, as a person said.
    excluded INTEGER NOT NULL CHECK (excluded IN (0, 1)),
    PRIMARY KEY (adapter, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX house_clauses_by_hash ON house_clauses (hash);
"];

/// The schema this program writes.
pub(crate) const LATEST: i64 = STEPS.len() as i64;

/// Brings the schema to the latest, in one transaction: all steps or none. The file at `path`, if there is one and it
/// is not new, is copied before.
pub(crate) fn run(connection: &Connection, path: Option<&Path>) -> Result<()> {
    run_steps(connection, STEPS, path)
}

pub(crate) fn run_steps(
    connection: &Connection,
    steps: &[&str],
    path: Option<&Path>,
) -> Result<()> {
    let target = steps.len();
    if version(connection)? == target {
        return Ok(());
    }
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    // Another program may have migrated while this one waited for the lock.
    let from = version(&transaction)?;
    let Some(missing) = steps.get(from..).filter(|missing| !missing.is_empty()) else {
        return match from == target {
            true => Ok(()),
            false => Err(Error::Newer {
                found: from as i64,
                known: target as i64,
            }),
        };
    };
    let mut copy = None;
    if from > 0 {
        sound(&transaction)?;
        copy = path.map(|path| copy_before(path, target)).transpose()?;
    }
    let done = apply(transaction, missing, target);
    // Without a migration there is nothing to go back to, and every further attempt would leave another copy.
    if let (Err(_), Some(copy)) = (&done, copy) {
        let _ = std::fs::remove_file(copy);
    }
    done
}

fn apply(transaction: Transaction<'_>, missing: &[&str], target: usize) -> Result<()> {
    for step in missing {
        transaction.execute_batch(step)?;
    }
    transaction.execute_batch(&format!("PRAGMA user_version = {target}"))?;
    transaction.commit()?;
    Ok(())
}

/// The schema of a file; 0 for an empty one.
fn version(connection: &Connection) -> Result<usize> {
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    usize::try_from(found).map_err(|_| Error::NotADatabase)
}

/// Fails when a page is damaged: what is half lost must not be rewritten.
fn sound(connection: &Connection) -> Result<()> {
    let said: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if said == "ok" {
        Ok(())
    } else {
        Err(Error::Damaged)
    }
}

/// A copy of the file as it was, beside it: `moqi.db.before-v2`. It has its name only once it is whole and on the disk.
/// The caller holds the write lock, so nothing is saved between the copy and the migration.
fn copy_before(path: &Path, target: usize) -> Result<PathBuf> {
    let part = beside(path, &format!(".before-v{target}.part"));
    let made = write_copy(path, &part).and_then(|()| {
        let name = free_name(path, target);
        std::fs::rename(&part, &name).map_err(|error| Error::at(&name, error))?;
        sync_folder(&name);
        Ok(name)
    });
    if made.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    made
}

fn write_copy(path: &Path, part: &Path) -> Result<()> {
    match std::fs::remove_file(part) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(Error::at(part, error));
        }
        _ => {}
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let source = Connection::open_with_flags(path, flags)?;
    source.backup(MAIN_DB, part, None::<fn(Progress)>)?;
    let copy = File::options().write(true).open(part);
    copy.and_then(|copy| copy.sync_all())
        .map_err(|error| Error::at(part, error))
}

/// A copy of another time under the same name stays: it may be all somebody has.
fn free_name(path: &Path, target: usize) -> PathBuf {
    let first = beside(path, &format!(".before-v{target}"));
    if !first.exists() {
        return first;
    }
    (2..)
        .map(|count: u64| beside(path, &format!(".before-v{target}-{count}")))
        .find(|name| !name.exists())
        .unwrap_or(first)
}

/// Makes the new name last. Where a folder cannot be opened as a file, as on Windows, the system sees to it.
fn sync_folder(file: &Path) {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}
