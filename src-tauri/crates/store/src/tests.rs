//! What is promised of the file as a whole.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use super::*;

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

/// Tables, indexes and their text, without what SQLite makes by itself.
fn schema(connection: &Connection) -> Vec<String> {
    let mut statement =
        connection.prepare("SELECT type || ' ' || name || ': ' || coalesce(sql, '') FROM sqlite_schema ORDER BY type, name").unwrap();
    statement
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(|row| row.unwrap())
        .collect()
}

#[test]
fn every_released_schema_migrates_to_the_same_one() {
    let fresh = Store::open_in_memory().unwrap();
    for start in 0..=migrations::LATEST {
        let old = Connection::open_in_memory().unwrap();
        migrations::run_to(&old, start).unwrap();
        migrations::run(&old).unwrap();
        assert_eq!(
            schema(&old),
            schema(fresh.connection()),
            "from schema {start}"
        );
    }
}

#[test]
fn a_shipped_step_never_changes() {
    // FNV-1a, 64 bits. When a step is shipped its number is added here and never changed.
    let pinned: &[u64] = &[PINNED_FIRST];
    let found: Vec<u64> = migrations::STEPS
        .iter()
        .map(|step| {
            step.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            })
        })
        .collect();
    assert_eq!(found, pinned);
}

/// Step 1, shipped with version 0.1.0.
const PINNED_FIRST: u64 = 13_235_661_706_717_968_343;

#[test]
fn a_save_over_another_save_is_a_conflict_and_changes_nothing() {
    let store = Store::open_in_memory().unwrap();
    let mut mine = document("d", "合同", "一");
    store.documents().insert(&mine).unwrap();
    let mut other = mine.clone();
    other.text = "二".into();
    assert_eq!(store.documents().save(&other).unwrap(), 2);
    mine.text = "三".into();
    assert!(matches!(
        store.documents().save(&mine),
        Err(Error::Conflict)
    ));
    assert_eq!(store.documents().get("d").unwrap().unwrap().text, "二");
    mine.id = "gone".into();
    assert!(matches!(
        store.documents().save(&mine),
        Err(Error::NotFound)
    ));
}

#[test]
fn search_finds_both_languages_and_forgets_what_is_gone() {
    let store = Store::open_in_memory().unwrap();
    store
        .documents()
        .insert(&document(
            "d",
            "设备买卖合同",
            "---\nsample: 样例\n---\n\n逾期付款的，支付违约金。",
        ))
        .unwrap();
    let clause = ClauseRow {
        id: "c".into(),
        title: "Late payment".into(),
        topic: "payment".into(),
        language: "en".into(),
        text: "Interest accrues on late sums.".into(),
    };
    store.clauses().put(&clause, 1).unwrap();
    let shipped = Shipped {
        kind: Kind::Template,
        id: "zh-sale",
        title: "买卖合同",
        language: "zh",
        text: "定金与违约金",
    };
    store.replace_shipped("1", &[shipped]).unwrap();
    let ids = |query: &str| -> Vec<String> {
        store
            .search(query, 10)
            .unwrap()
            .into_iter()
            .map(|hit| hit.id)
            .collect()
    };
    assert_eq!(ids("违约金"), ["zh-sale", "d"]);
    assert_eq!(ids("金"), ["zh-sale", "d"]);
    assert_eq!(ids("定金"), ["zh-sale"]);
    assert_eq!(ids("买卖 逾期"), ["d"]);
    assert_eq!(
        ids("约支"),
        Vec::<String>::new(),
        "the characters do not stand together"
    );
    assert_eq!(
        ids("样例"),
        Vec::<String>::new(),
        "the front matter is not searched"
    );
    assert_eq!(ids("LATE inter"), ["c"]);
    assert_eq!(ids("\"late sums\""), ["c"]);
    assert_eq!(ids("\"sums late\""), Vec::<String>::new());
    for odd in [
        "\"",
        "*",
        "a AND",
        "NEAR(",
        "title:x",
        "-",
        "（",
        "'; DROP TABLE found",
    ] {
        let _ = ids(odd);
    }
    let hit = &store.search("违约金", 10).unwrap()[1];
    let (from, to) = hit.marks[0];
    assert_eq!(&hit.snippet[from..to], "违约金");

    let mut row = store.documents().get("d").unwrap().unwrap();
    row.text = "改为赔偿损失。".into();
    row.revision = store.documents().save(&row).unwrap();
    assert_eq!(ids("违约金"), ["zh-sale"]);
    assert_eq!(ids("赔偿损失"), ["d"]);
    store.documents().set_deleted("d", Some(9)).unwrap();
    assert_eq!(ids("赔偿损失"), Vec::<String>::new());
    store.documents().set_deleted("d", None).unwrap();
    assert_eq!(ids("赔偿损失"), ["d"]);
    store.documents().delete("d").unwrap();
    store.clauses().delete("c").unwrap();
    store.replace_shipped("2", &[]).unwrap();
    for query in ["赔偿损失", "late", "定金"] {
        assert_eq!(ids(query), Vec::<String>::new(), "{query}");
    }
}

#[test]
fn versions_are_kept_once_and_thinned_with_age() {
    let store = Store::open_in_memory().unwrap();
    store
        .documents()
        .insert(&document("d", "合同", "一"))
        .unwrap();
    let (hour, day) = (3_600_000, 86_400_000);
    let now = 400 * day;
    let versions = store.versions();
    assert!(
        versions
            .keep(&version("same", now - 1, "autosave", "x"))
            .unwrap()
    );
    assert!(
        !versions
            .keep(&version("again", now, "autosave", "x"))
            .unwrap()
    );
    let mut count = 0;
    let mut keep = |at: i64, reason: &str| {
        count += 1;
        assert!(
            versions
                .keep(&version(
                    &format!("v{count:03}"),
                    at,
                    reason,
                    &format!("text {count}")
                ))
                .unwrap()
        );
    };
    for step in 0..4 {
        keep(now - 10 * hour - step * 60_000, "autosave");
        keep(now - 10 * day - step * hour, "autosave");
        keep(now - 200 * day - step * day, "autosave");
    }
    keep(now - 200 * day, "named");
    let before = versions.list("d").unwrap().len();
    let gone = versions.thin(now).unwrap();
    let left = versions.list("d").unwrap();
    assert_eq!(left.len(), before - gone);
    assert_eq!(left.iter().filter(|row| row.reason == "named").count(), 1);
    let automatic = left.iter().filter(|row| row.reason == "autosave").count();
    assert!(
        (4..=7).contains(&automatic),
        "{automatic} automatic versions are left"
    );
    assert_eq!(
        versions.thin(now).unwrap(),
        0,
        "thinning again takes nothing"
    );
    store.documents().delete("d").unwrap();
    assert_eq!(versions.list("d").unwrap(), []);
}

#[test]
fn a_newer_a_foreign_and_a_damaged_file_are_refused_and_stay_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("moqi.db");
    drop(Store::open(&path).unwrap());
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch("PRAGMA user_version = 999; PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    drop(connection);
    let before = std::fs::read(&path).unwrap();
    assert!(matches!(
        Store::open(&path),
        Err(Error::Newer { found: 999, .. })
    ));
    assert_eq!(std::fs::read(&path).unwrap(), before);

    for words in [
        "PK\u{3}\u{4} a Word file that is long enough to be looked at",
        "x",
    ] {
        std::fs::write(&path, words).unwrap();
        assert!(
            matches!(Store::open(&path), Err(Error::NotADatabase)),
            "{words}"
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), words);
    }
    assert!(matches!(
        Store::open(folder.path()),
        Err(Error::NotADatabase)
    ));

    let damaged = folder.path().join("damaged.db");
    let mut bytes = before.clone();
    bytes.truncate(3000);
    bytes[60..64].copy_from_slice(&[0, 0, 0, 0]);
    bytes[100..].fill(0xff);
    std::fs::write(&damaged, &bytes).unwrap();
    assert!(Store::open(&damaged).is_err());

    std::fs::write(folder.path().join("empty.db"), "").unwrap();
    assert!(Store::open(&folder.path().join("empty.db")).is_ok());
}

#[test]
fn a_full_disk_is_named_and_the_old_text_stays() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("moqi.db")).unwrap();
    let mut row = document("d", "合同", "旧");
    store.documents().insert(&row).unwrap();
    store
        .connection()
        .execute_batch("PRAGMA max_page_count = 60")
        .unwrap();
    row.text = "新".repeat(400_000);
    assert!(matches!(store.documents().save(&row), Err(Error::DiskFull)));
    assert_eq!(store.documents().get("d").unwrap().unwrap().text, "旧");
    row.text = "新".into();
    assert_eq!(
        store.documents().save(&row).unwrap(),
        2,
        "the store goes on working"
    );
}

const BURST: &str = "MOQI_STORE_BURST";

/// Not a test of its own: the process that is killed. It saves in a loop and says each revision once it is confirmed.
#[test]
fn burst_child() {
    let Some(path) = std::env::var_os(BURST) else {
        return;
    };
    let store = Store::open(Path::new(&path)).unwrap();
    let mut row = store.documents().get("d").unwrap().unwrap();
    let mut out = std::io::stdout().lock();
    loop {
        row.text = format!("{} {}", row.revision + 1, "字".repeat(2000));
        row.revision = store.documents().save(&row).unwrap();
        writeln!(out, "confirmed {}", row.revision).unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn a_kill_loses_nothing_that_was_confirmed() {
    let rounds = if std::env::var_os("MOQI_GATES").is_some() {
        50
    } else {
        6
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("moqi.db");
    Store::open(&path)
        .unwrap()
        .documents()
        .insert(&document("d", "合同", "1"))
        .unwrap();
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut last = 1;
    for round in 0..rounds {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "tests::burst_child",
                "--nocapture",
                "--test-threads=1",
            ])
            .env(BURST, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        // Between one save and a few dozen, then a moment that falls anywhere inside a save.
        let saves = 1 + seed % 24;
        let mut confirmed = last;
        let mut seen = 0;
        while seen < saves {
            let line = lines.next().unwrap().unwrap();
            if let Some(revision) = line
                .rsplit_once("confirmed ")
                .map(|(_, revision)| revision.trim().parse::<i64>().unwrap())
            {
                confirmed = revision;
                seen += 1;
            }
        }
        std::thread::sleep(std::time::Duration::from_micros(seed >> 32 & 0x7ff));
        child.kill().unwrap();
        child.wait().unwrap();
        for line in lines.map_while(std::result::Result::ok) {
            if let Some((_, revision)) = line.rsplit_once("confirmed ")
                && let Ok(revision) = revision.trim().parse::<i64>()
            {
                confirmed = revision;
            }
        }
        let store = Store::open(&path).unwrap();
        let row = store.documents().get("d").unwrap().unwrap();
        assert!(
            row.revision >= confirmed,
            "round {round}: revision {} after {confirmed} was confirmed",
            row.revision
        );
        assert!(
            row.text.starts_with(&format!("{} ", row.revision)),
            "round {round}: the text is of another save"
        );
        let whole: String = store
            .connection()
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(whole, "ok");
        last = row.revision;
    }
    assert!(last > rounds);
}
