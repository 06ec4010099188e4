//! A kill in the middle of saves loses nothing that was confirmed.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use super::*;

const BURST: &str = "MOQI_STORE_BURST";

/// The text of a revision: long enough for a save to write many pages.
fn text_of(revision: i64) -> String {
    format!(
        "{revision} {}",
        "支付违约金。".repeat(600 + revision as usize % 300)
    )
}

/// Not a test of its own: the process that is killed. It saves, keeps versions, searches and thins out in a loop, and
/// says each revision once all of it is confirmed.
#[test]
fn burst_child() {
    let Some(path) = std::env::var_os(BURST) else {
        return;
    };
    let store = Store::open(Path::new(&path)).unwrap();
    // Often, so that kills also fall into the moment when the log is written into the file.
    store
        .connection()
        .execute_batch("PRAGMA wal_autocheckpoint = 24")
        .unwrap();
    let mut row = store.documents().get("d").unwrap().unwrap();
    let mut out = std::io::stdout().lock();
    loop {
        let revision = row.revision + 1;
        row.text = text_of(revision);
        row.revision = store.documents().save(&row).unwrap();
        assert_eq!(row.revision, revision);
        let kept = version(
            &format!("v{revision}"),
            revision * 60_000,
            "named",
            &row.text,
        );
        assert!(store.versions().keep(&kept).unwrap());
        if revision % 3 == 0 {
            assert_eq!(store.search("违约金", 9).unwrap().len(), 1);
        }
        writeln!(out, "confirmed {revision}").unwrap();
        out.flush().unwrap();
    }
}

fn confirmed(line: &str) -> Option<i64> {
    // The harness may write on the same line before it.
    let (_, revision) = line.rsplit_once("confirmed ")?;
    revision.trim().parse().ok()
}

#[test]
fn a_kill_loses_nothing_that_was_confirmed() {
    let rounds = if std::env::var_os("MOQI_GATES").is_some() {
        50
    } else {
        10
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("moqi.db");
    Store::open(&path)
        .unwrap()
        .documents()
        .insert(&document("d", "合同", &text_of(1)))
        .unwrap();
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut first = 1;
    let mut logs = 0;
    for round in 0..rounds {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "tests::burst::burst_child",
                "--nocapture",
                "--test-threads=1",
            ])
            .env(BURST, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Between one save and a few dozen, then a moment that falls anywhere inside a save.
        let saves = 1 + next(&mut seed) % 24;
        let mut last = first;
        let mut seen = 0;
        while seen < saves {
            let line = lines
                .next()
                .expect("the child saves until it is killed")
                .unwrap();
            if let Some(revision) = confirmed(&line) {
                last = revision;
                seen += 1;
            }
        }
        std::thread::sleep(Duration::from_micros(next(&mut seed) % 6000));
        child.kill().unwrap();
        child.wait().unwrap();
        // What it still said before it died counts.
        for line in lines.map_while(std::result::Result::ok) {
            last = confirmed(&line).unwrap_or(last);
        }
        if std::fs::metadata(open::beside(&path, "-wal")).is_ok_and(|log| log.len() > 0) {
            logs += 1;
        }
        let store = Store::open(&path).unwrap();
        let row = store.documents().get("d").unwrap().unwrap();
        assert!(
            (last..=last + 1).contains(&row.revision),
            "round {round}: revision {} after {last} was confirmed",
            row.revision
        );
        assert!(
            row.text == text_of(row.revision),
            "round {round}: the text is of another save"
        );
        for revision in first + 1..=last {
            let kept = store.versions().get(&format!("v{revision}")).unwrap();
            assert!(
                kept.is_some_and(|kept| kept.text == text_of(revision)),
                "round {round}: version {revision} was confirmed"
            );
        }
        store.check().unwrap();
        assert_eq!(store.search("违约金", 9).unwrap().len(), 1);
        // The version of a revision that was saved but not confirmed may be missing; the next child goes on from here.
        first = row.revision;
    }
    assert!(first > rounds);
    assert_eq!(logs, rounds, "each kill left a log to recover from");
}
