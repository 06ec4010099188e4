//! Old files become new ones, wholly or not at all.

use super::*;
use crate::migrations::{LATEST, STEPS, run_steps};

/// Step 1 was shipped with version 0.1.0, step 2 with the first one after it, step 3 with the import of files,
/// step 4 with tuning, step 5 with walls above the store, step 6 with house clauses.
const PINNED: &[u64] = &[
    13_235_661_706_717_968_343,
    7_401_266_215_612_624_107,
    15_181_272_170_942_502_731,
    17_267_895_465_951_681_276,
    11_595_386_491_927_886_742,
    1_431_378_442_225_403_008,
];

#[test]
fn a_shipped_step_never_changes() {
    // FNV-1a, 64 bits. When a step is shipped its number is added above and never changed.
    let found: Vec<u64> = STEPS
        .iter()
        .map(|step| {
            step.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            })
        })
        .collect();
    assert_eq!(found, PINNED);
}

/// The rows a program of schema 1 had written; what it held in its index is among them.
const ROWS_OF_1: &str = "
INSERT INTO documents VALUES ('d', '设备买卖合同', 1, 'sale', 'zh', '支付违约金。', '{\"a\":1}', 't', '原文', '{}', 1, 2, NULL, 7, 7);
INSERT INTO documents VALUES ('gone', '旧合同', 0, NULL, 'en', 'Old.', '{}', NULL, NULL, NULL, 1, 2, 3, 1, 1);
INSERT INTO versions VALUES ('v', 'd', 1, '初稿', 'named', '支付定金。', '{}');
INSERT INTO templates VALUES ('t', '我的范本', 'sale', 'zh', '范本的正文', 'zh-sale', 1, 2);
INSERT INTO clauses VALUES ('c', 'Late payment', 'payment', 'en', 'Interest accrues.', 1, 2);
INSERT INTO settings VALUES ('language', 'zh'), ('shipped_index', 'abc');
INSERT INTO ignored VALUES ('d', 'rule#1', '已经核对', 5);
INSERT INTO found (rowid, kind, id, shipped, language, title, text) VALUES (1, 'document', 'd', 0, 'zh', '设备买卖合同', NULL), (2, 'clause', 'zh-x', 1, 'zh', '旧条款', '旧条款');
INSERT INTO words (rowid, title, text) VALUES (1, '旧', '旧词'), (2, '旧', '旧词');
";

/// Schema and rows, without the tables SQLite keeps for the index.
fn dump(connection: &Connection) -> Vec<String> {
    let strings = |sql: &str| -> Vec<String> {
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(|row| row.unwrap()).collect()
    };
    let mut lines = strings(
        "SELECT type || ' ' || name || ': ' || coalesce(sql, '') FROM sqlite_schema ORDER BY type, name",
    );
    lines.extend(strings(
        "SELECT 'mark ' || application_id FROM pragma_application_id",
    ));
    lines.extend(strings(
        "SELECT 'version ' || user_version FROM pragma_user_version",
    ));
    for table in strings(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'words%' ORDER BY name",
    ) {
        let columns = strings(&format!(
            "SELECT 'quote(\"' || name || '\")' FROM pragma_table_info('{table}') ORDER BY cid"
        ))
        .join(" || ',' || ");
        lines.extend(strings(&format!(
            "SELECT '{table}: ' || {columns} FROM {table} ORDER BY 1"
        )));
    }
    lines
}

/// A file of an old schema with its rows.
fn old_file(path: &Path, schema: usize) {
    let old = Connection::open(path).unwrap();
    old.execute_batch("PRAGMA journal_mode = WAL").unwrap();
    // The rows of a file that has come all the way from schema 1.
    run_steps(&old, &STEPS[..schema.min(1)], None).unwrap();
    if schema > 0 {
        old.execute_batch(ROWS_OF_1).unwrap();
        run_steps(&old, &STEPS[..schema], None).unwrap();
    }
}

/// The same rows, written by this program.
fn same_rows_now(store: &Store) {
    let mut row = document("d", "设备买卖合同", "支付违约金。");
    row.title_set = true;
    row.answers = "{\"a\":1}".into();
    row.template_id = Some("t".into());
    row.template_text = Some("原文".into());
    row.template_answers = Some("{}".into());
    row.updated_at = 2;
    store.documents().insert(&row).unwrap();
    for _ in 1..7 {
        row.revision = store.documents().save(&row).unwrap();
    }
    let mut gone = document("gone", "旧合同", "Old.");
    gone.kind = None;
    gone.language = "en".into();
    gone.updated_at = 2;
    gone.deleted_at = Some(3);
    store.documents().insert(&gone).unwrap();
    let mut first = version("v", 1, "named", "支付定金。");
    first.label = Some("初稿".into());
    assert!(store.versions().keep(&first).unwrap());
    let mut own = template("t", "我的范本", "范本的正文");
    own.copy_of = Some("zh-sale".into());
    store.templates().put(&own, 1).unwrap();
    store.templates().put(&own, 2).unwrap();
    let mut late = clause("c", "Late payment", "Interest accrues.");
    late.language = "en".into();
    store.clauses().put(&late, 1).unwrap();
    store.clauses().put(&late, 2).unwrap();
    store.settings().set("language", "zh").unwrap();
    store.ignored().add("d", "rule#1", "已经核对", 5).unwrap();
}

#[test]
fn every_released_schema_migrates_to_the_same_dump() {
    let fresh = Store::open_in_memory().unwrap();
    let empty = dump(fresh.connection());
    same_rows_now(&fresh);
    let full = dump(fresh.connection());
    for schema in 0..STEPS.len() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("moqi.db");
        old_file(&path, schema);
        let store = Store::open(&path).unwrap();
        let wanted = if schema == 0 { &empty } else { &full };
        assert_eq!(&dump(store.connection()), wanted, "from schema {schema}");
        store.check().unwrap();
        if schema > 0 {
            for query in ["违约金", "范本", "late", "旧词", "旧条款"] {
                let ids = |store: &Store| -> Vec<String> {
                    let hits = store.search(query, 9).unwrap();
                    hits.into_iter().map(|hit| hit.id).collect()
                };
                assert_eq!(ids(&store), ids(&fresh), "{query} from schema {schema}");
            }
        }
    }
}

#[test]
fn the_file_is_copied_before_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("moqi.db");
    old_file(&path, 1);
    let before = dump(&Connection::open(&path).unwrap());
    let copy = folder.path().join(format!("moqi.db.before-v{LATEST}"));
    // A copy of another time is not written over.
    std::fs::write(&copy, "of another time").unwrap();
    // Left behind by a program that was killed while it copied.
    let part = folder.path().join(format!("moqi.db.before-v{LATEST}.part"));
    std::fs::write(&part, "half").unwrap();
    drop(Store::open(&path).unwrap());
    assert_eq!(std::fs::read_to_string(&copy).unwrap(), "of another time");
    assert!(!part.exists());
    let second = folder.path().join(format!("moqi.db.before-v{LATEST}-2"));
    assert_eq!(dump(&Connection::open(&second).unwrap()), before);
    let files = std::fs::read_dir(folder.path()).unwrap().count();
    drop(Store::open(&path).unwrap());
    drop(Store::open(&path).unwrap());
    assert!(
        std::fs::read_dir(folder.path()).unwrap().count() <= files,
        "a file of today is not copied again"
    );
}

#[test]
fn words_in_the_log_are_in_the_copy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("moqi.db");
    old_file(&path, 1);
    // The last save of a program that was killed stands in the log only.
    let writer = Connection::open(&path).unwrap();
    writer
        .execute(
            "UPDATE documents SET text = '最后一次保存' WHERE id = 'd'",
            [],
        )
        .unwrap();
    let killed = tempfile::tempdir().unwrap();
    let there = killed.path().join("moqi.db");
    for ending in ["", "-wal"] {
        std::fs::copy(open::beside(&path, ending), open::beside(&there, ending)).unwrap();
    }
    let store = Store::open(&there).unwrap();
    assert_eq!(
        store.documents().get("d").unwrap().unwrap().text,
        "最后一次保存"
    );
    let copy = Connection::open(killed.path().join(format!("moqi.db.before-v{LATEST}"))).unwrap();
    let text: String = copy
        .query_row("SELECT text FROM documents WHERE id = 'd'", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(text, "最后一次保存");
}

#[test]
fn a_step_that_fails_leaves_everything_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("moqi.db");
    old_file(&path, 1);
    let connection = Connection::open(&path).unwrap();
    let before = dump(&connection);
    let steps = [
        STEPS[0],
        "CREATE TABLE half (a TEXT) STRICT; DELETE FROM settings;",
        "INSERT INTO nowhere VALUES (1);",
    ];
    assert!(run_steps(&connection, &steps, Some(&path)).is_err());
    assert_eq!(dump(&connection), before);
    drop(connection);
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 1, "the copy is taken away: nothing was migrated");
}

#[test]
fn a_schema_is_never_lowered() {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch("PRAGMA user_version = 9").unwrap();
    assert!(matches!(
        run_steps(&connection, STEPS, None),
        Err(Error::Newer { found: 9, .. })
    ));
}

#[test]
fn many_programs_at_once_migrate_once() {
    for schema in [0, 1] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("moqi.db");
        if schema > 0 {
            old_file(&path, schema);
        }
        std::thread::scope(|scope| {
            for number in 0..8 {
                let path = &path;
                scope.spawn(move || {
                    let store = Store::open(path).unwrap();
                    let row = document(&format!("n{number}"), "合同", "支付货款。");
                    store.documents().insert(&row).unwrap();
                    assert!(!store.search("货款", 20).unwrap().is_empty());
                });
            }
        });
        let store = Store::open(&path).unwrap();
        assert_eq!(store.search("货款", 20).unwrap().len(), 8);
        store.check().unwrap();
        drop(store);
        let copies = std::fs::read_dir(folder.path())
            .unwrap()
            .filter(|entry| {
                let name = entry.as_ref().unwrap().file_name();
                name.to_string_lossy().contains("before")
            })
            .count();
        assert_eq!(copies, schema);
    }
}
