//! Files that are not as they should be are named and left alone.

use super::*;

/// A small store on disk, closed, and its bytes.
fn closed(folder: &Path) -> (std::path::PathBuf, Vec<u8>) {
    let path = folder.join("moqi.db");
    let store = Store::open(&path).unwrap();
    for number in 0..40 {
        let row = document(&format!("d{number}"), "合同", &"支付违约金。".repeat(200));
        store.documents().insert(&row).unwrap();
    }
    assert_eq!(store.search("违约金", 50).unwrap().len(), 40);
    drop(store);
    let bytes = std::fs::read(&path).unwrap();
    (path, bytes)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_save_is_flushed_before_it_is_confirmed() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("moqi.db")).unwrap();
    for (pragma, wanted) in [
        ("journal_mode", "wal"),
        ("synchronous", "2"),
        ("foreign_keys", "1"),
        ("fullfsync", "1"),
        ("trusted_schema", "0"),
        ("busy_timeout", "5000"),
    ] {
        let found = store
            .connection()
            .pragma_query_value(None, pragma, |row| {
                Ok(match row.get_ref(0)? {
                    rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                    other => other.as_str()?.to_owned(),
                })
            })
            .unwrap();
        assert_eq!(found, wanted, "{pragma}");
    }
}

#[test]
fn a_newer_file_is_refused_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = closed(folder.path());
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch("PRAGMA user_version = 999; PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    drop(connection);
    let before = std::fs::read(&path).unwrap();
    let refused = Store::open(&path);
    assert!(matches!(
        refused,
        Err(Error::Newer { found: 999, known }) if known == migrations::LATEST
    ));
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert_eq!(names(folder.path()), ["moqi.db"]);
}

#[test]
fn the_log_of_a_newer_file_is_left_alone_too() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = closed(folder.path());
    let writer = Connection::open(&path).unwrap();
    writer.execute_batch("PRAGMA user_version = 999").unwrap();
    // As a newer program leaves them when it is killed.
    let killed = tempfile::tempdir().unwrap();
    let there = killed.path().join("moqi.db");
    let log = open::beside(&there, "-wal");
    std::fs::copy(&path, &there).unwrap();
    std::fs::copy(open::beside(&path, "-wal"), &log).unwrap();
    let before = (std::fs::read(&there).unwrap(), std::fs::read(&log).unwrap());
    assert!(matches!(
        Store::open(&there),
        Err(Error::Newer { found: 999, .. })
    ));
    let after = (std::fs::read(&there).unwrap(), std::fs::read(&log).unwrap());
    assert!(after == before, "the file or its log was changed");
}

#[test]
fn a_foreign_file_is_refused_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("moqi.db");
    for words in [
        "PK\u{3}\u{4} a Word file that is long enough to be looked at",
        "x",
        "SQLite format 4 would be another thing",
    ] {
        std::fs::write(&path, words).unwrap();
        assert!(
            matches!(Store::open(&path), Err(Error::NotADatabase)),
            "{words}"
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), words);
    }
    // A database of another program, whatever its number.
    for number in [0, 1, 2, 70] {
        std::fs::remove_file(&path).unwrap();
        let foreign = Connection::open(&path).unwrap();
        foreign
            .execute_batch(&format!(
                "CREATE TABLE bookmarks (url TEXT); CREATE TABLE settings (a); PRAGMA user_version = {number}"
            ))
            .unwrap();
        drop(foreign);
        let before = std::fs::read(&path).unwrap();
        assert!(
            matches!(Store::open(&path), Err(Error::NotADatabase)),
            "number {number}"
        );
        assert_eq!(std::fs::read(&path).unwrap(), before);
        assert_eq!(names(folder.path()), ["moqi.db"]);
    }
}

#[test]
fn what_is_no_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(
        Store::open(folder.path()),
        Err(Error::NotADatabase)
    ));
    let missing = folder.path().join("no such folder").join("moqi.db");
    match Store::open(&missing) {
        Err(Error::Io(error)) => {
            assert_eq!(error.path(), missing);
            assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
        }
        _ => panic!("a missing folder is named"),
    }
    let under_a_file = folder.path().join("file");
    std::fs::write(&under_a_file, "x").unwrap();
    assert!(matches!(
        Store::open(&under_a_file.join("moqi.db")),
        Err(Error::Io(_))
    ));
    // A device or a pipe would block or be filled.
    #[cfg(unix)]
    assert!(matches!(
        Store::open(Path::new("/dev/null")),
        Err(Error::NotADatabase)
    ));
}

#[test]
fn an_empty_file_becomes_a_store_unless_its_log_holds_something() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("moqi.db");
    std::fs::write(&path, "").unwrap();
    let store = Store::open(&path).unwrap();
    store.settings().set("a", "b").unwrap();
    drop(store);
    let log = open::beside(&path, "-wal");
    std::fs::write(&path, "").unwrap();
    std::fs::write(&log, "the last saves").unwrap();
    assert!(matches!(Store::open(&path), Err(Error::Damaged)));
    assert_eq!(std::fs::read_to_string(&log).unwrap(), "the last saves");
}

#[test]
fn a_truncated_file_is_damaged_wherever_it_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    let (path, bytes) = closed(folder.path());
    let lengths = [
        1,
        15,
        16,
        17,
        99,
        100,
        3000,
        4096,
        4097,
        8192,
        50_000,
        bytes.len() - 4096,
        bytes.len() - 1,
    ];
    for length in lengths {
        assert!(length < bytes.len());
        std::fs::write(&path, &bytes[..length]).unwrap();
        let opened = Store::open(&path);
        assert!(
            matches!(opened, Err(Error::Damaged)),
            "cut at {length}: {:?}",
            opened.err()
        );
        assert!(
            std::fs::read(&path).unwrap() == bytes[..length],
            "cut at {length}: the file was changed"
        );
    }
}

#[test]
fn damage_anywhere_is_an_error_or_harmless_but_never_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    let (path, bytes) = closed(folder.path());
    let mut seed = 0x1234_5678_9abc_def1;
    let mut refused = 0;
    for round in 0..120 {
        let mut damaged = bytes.clone();
        // A header byte, a run of noise, or a page of zeros.
        match round % 3 {
            0 => damaged[16 + next(&mut seed) as usize % 84] ^= 1 << (next(&mut seed) % 8),
            1 => {
                let at = next(&mut seed) as usize % (damaged.len() - 600);
                for byte in &mut damaged[at..at + 500] {
                    *byte = next(&mut seed) as u8;
                }
            }
            _ => {
                let page = next(&mut seed) as usize % (damaged.len() / 4096);
                damaged[page * 4096..(page + 1) * 4096].fill(0);
            }
        }
        std::fs::write(&path, &damaged).unwrap();
        let used = Store::open(&path).and_then(|store| {
            store.check()?;
            for row in store.documents().list()? {
                store.documents().get(&row.id)?;
            }
            store.search("违约", 50).map(|_| ())
        });
        if used.is_err() {
            refused += 1;
        }
        for ending in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(open::beside(&path, ending));
        }
    }
    assert!(refused >= 60, "only {refused} of 120 damages were seen");
}

#[test]
fn a_damaged_page_stops_a_migration() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("moqi.db");
    let old = Connection::open(&path).unwrap();
    migrations::run_steps(&old, &migrations::STEPS[..1], None).unwrap();
    let page: i64 = old
        .query_row(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'versions'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    drop(old);
    let mut bytes = std::fs::read(&path).unwrap();
    let at = (page as usize - 1) * 4096;
    bytes[at..at + 4096].fill(0x5a);
    std::fs::write(&path, &bytes).unwrap();
    assert!(matches!(Store::open(&path), Err(Error::Damaged)));
    let after = std::fs::read(&path).unwrap();
    // Turning the log on is written into the header; pages with words are as they were.
    assert!(after[100..] == bytes[100..]);
    assert!(
        names(folder.path())
            .iter()
            .all(|name| !name.contains("before"))
    );
}

#[test]
fn a_read_only_file_is_named_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (path, bytes) = closed(folder.path());
    let mut permissions = std::fs::metadata(&path).unwrap().permissions();
    let before = permissions.clone();
    permissions.set_readonly(true);
    std::fs::set_permissions(&path, permissions).unwrap();
    assert!(matches!(Store::open(&path), Err(Error::ReadOnly)));
    std::fs::set_permissions(&path, before).unwrap();
    assert!(std::fs::read(&path).unwrap() == bytes);
    assert!(Store::open(&path).is_ok());
}

#[test]
fn a_file_that_another_program_holds_is_locked() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = closed(folder.path());
    let other = Connection::open(&path).unwrap();
    other
        .execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; UPDATE documents SET title = 'x'; COMMIT")
        .unwrap();
    let refused = open_soon(&path).err().unwrap();
    assert!(matches!(refused, Error::Locked));
    assert!(refused.may_pass());
    drop(other);
    let mine = open_soon(&path).unwrap();
    // Somebody who only writes for a while delays a save, not a reading.
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut row = mine.documents().get("d1").unwrap().unwrap();
    assert!(matches!(mine.documents().save(&row), Err(Error::Locked)));
    other.execute_batch("ROLLBACK").unwrap();
    row.revision = mine.documents().save(&row).unwrap();
    assert_eq!(row.revision, 2);
}

#[test]
fn a_program_that_is_about_to_finish_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("moqi.db");
    // Not yet in log mode, and read by somebody: nobody may turn the log on meanwhile.
    let other = Connection::open(&path).unwrap();
    migrations::run_steps(&other, &migrations::STEPS[..1], None).unwrap();
    other
        .execute_batch("BEGIN; SELECT count(*) FROM documents")
        .unwrap();
    assert!(matches!(open_soon(&path), Err(Error::Locked)));
    std::thread::scope(|scope| {
        let opening = scope.spawn(|| Store::open(&path).map(|_| ()));
        std::thread::sleep(Duration::from_millis(150));
        other.execute_batch("COMMIT").unwrap();
        opening.join().unwrap().unwrap();
    });
}

#[test]
fn many_first_openings_at_once_all_succeed() {
    let rounds = if std::env::var_os("MOQI_GATES").is_some() {
        400
    } else {
        25
    };
    for _ in 0..rounds {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("moqi.db");
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| drop(Store::open(&path).unwrap()));
            }
        });
    }
}

/// A file that is being made looks cut for a moment, when its size is read before its log.
#[test]
fn a_file_that_grows_while_it_is_looked_at_is_not_called_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("moqi.db");
    let made = folder.path().join("made.db");
    drop(Store::open(&made).unwrap());
    let bytes = std::fs::read(&made).unwrap();
    std::fs::write(&path, &bytes[..60]).unwrap();
    std::thread::scope(|scope| {
        let opening = scope.spawn(|| Store::open(&path).map(|_| ()));
        std::thread::sleep(Duration::from_millis(60));
        std::fs::write(&path, &bytes).unwrap();
        opening.join().unwrap().unwrap();
    });
    // One that stays cut is.
    let cut = folder.path().join("cut.db");
    std::fs::write(&cut, &bytes[..60]).unwrap();
    assert!(matches!(Store::open(&cut), Err(Error::Damaged)));
}

#[test]
fn errors_are_sentences() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("none").join("moqi.db");
    let said = Store::open(&missing).err().unwrap().to_string();
    assert!(said.contains("none"), "{said}");
    let newer = Error::Newer { found: 9, known: 2 };
    assert_eq!(
        newer.to_string(),
        "the database has schema 9, this program knows 2"
    );
}
