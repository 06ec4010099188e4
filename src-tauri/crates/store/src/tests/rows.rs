//! What a row promises.

use super::*;

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
fn of_two_programs_that_save_one_wins_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("moqi.db");
    Store::open(&path)
        .unwrap()
        .documents()
        .insert(&document("d", "合同", "0"))
        .unwrap();
    let won: i64 = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let store = Store::open(&path).unwrap();
                    let mut won = 0;
                    for _ in 0..25 {
                        let mut row = store.documents().get("d").unwrap().unwrap();
                        row.text = (row.text.parse::<i64>().unwrap() + 1).to_string();
                        match store.documents().save(&row) {
                            Ok(_) => won += 1,
                            Err(Error::Conflict) => {}
                            Err(error) => panic!("{error}"),
                        }
                    }
                    won
                })
            })
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .sum()
    });
    let row = Store::open(&path)
        .unwrap()
        .documents()
        .get("d")
        .unwrap()
        .unwrap();
    assert_eq!(row.text, won.to_string(), "no save was lost");
    assert_eq!(row.revision, won + 1);
}

#[test]
fn a_row_comes_back_as_it_went_in() {
    let store = Store::open_in_memory().unwrap();
    let mut row = document("d", "标题 '; --", "正文\0\u{10ffff}\r\n");
    row.title_set = true;
    row.template_id = Some("t".into());
    row.template_text = Some(String::new());
    row.template_answers = Some("[]".into());
    row.created_at = i64::MIN;
    row.updated_at = i64::MAX;
    row.deleted_at = Some(-1);
    store.documents().insert(&row).unwrap();
    assert_eq!(store.documents().get("d").unwrap(), Some(row));
    assert_eq!(store.documents().get("e").unwrap(), None);
    let own = template("t", "范本", "正文");
    store.templates().put(&own, 1).unwrap();
    assert_eq!(store.templates().get("t").unwrap(), Some(own));
    let mine = clause("c", "条款", "正文");
    store.clauses().put(&mine, 1).unwrap();
    assert_eq!(store.clauses().list().unwrap(), [mine]);
}

#[test]
fn what_the_tables_do_not_take() {
    let store = Store::open_in_memory().unwrap();
    let row = document("d", "合同", "一");
    store.documents().insert(&row).unwrap();
    assert!(matches!(store.documents().insert(&row), Err(Error::Exists)));
    let mut french = document("f", "Contrat", "Un");
    french.language = "fr".into();
    assert!(matches!(
        store.documents().insert(&french),
        Err(Error::Sqlite(_))
    ));
    assert_eq!(store.documents().get("f").unwrap(), None);
    // Strict tables refuse a value of another type.
    let blob = "UPDATE documents SET text = x'00'";
    assert!(store.connection().execute(blob, []).is_err());
    // A row that belongs to another goes with it, and does not come without it.
    let mut lost = version("v", 1, "named", "一");
    lost.document_id = "nobody".into();
    assert!(matches!(store.versions().keep(&lost), Err(Error::NotFound)));
    assert!(matches!(
        store.ignored().add("nobody", "k", "r", 1),
        Err(Error::NotFound)
    ));
    assert!(
        store
            .versions()
            .keep(&version("v", 1, "named", "一"))
            .unwrap()
    );
    assert!(matches!(
        store.versions().keep(&version("v", 2, "named", "二")),
        Err(Error::Exists)
    ));
    store.ignored().add("d", "k", "已核对", 1).unwrap();
    store.ignored().add("d", "k", "另有约定", 2).unwrap();
    assert_eq!(store.ignored().of("d").unwrap()["k"], "另有约定");
    store.documents().delete("d").unwrap();
    assert_eq!(store.versions().get("v").unwrap(), None);
    assert!(store.ignored().of("d").unwrap().is_empty());
    for result in [
        store.documents().delete("d"),
        store.documents().set_deleted("d", None),
        store.documents().set_matter("d", &Matter::default()),
        store.templates().delete("t"),
        store.clauses().delete("c"),
        store.clauses().set_details("c", &ClauseDetails::default()),
        store.documents().matter("d").map(|_| ()),
        store.clauses().details("c").map(|_| ()),
    ] {
        assert!(matches!(result, Err(Error::NotFound)));
    }
    store.check().unwrap();
}

#[test]
fn whom_a_document_is_for_outlives_its_saves() {
    let store = Store::open_in_memory().unwrap();
    let mut row = document("d", "合同", "一");
    store.documents().insert(&row).unwrap();
    assert_eq!(store.documents().matter("d").unwrap(), Matter::default());
    let matter = Matter {
        client: Some("华东精密机械有限公司".into()),
        matter: Some("2026-017".into()),
        group: None,
    };
    store.documents().set_matter("d", &matter).unwrap();
    row.revision = store.documents().save(&row).unwrap();
    assert_eq!(row.revision, 2, "it is no save of the text");
    assert_eq!(store.documents().matter("d").unwrap(), matter);
}

#[test]
fn what_a_clause_is_good_for_outlives_its_changes() {
    let store = Store::open_in_memory().unwrap();
    let mine = clause("c", "违约金", "正文");
    store.clauses().put(&mine, 1).unwrap();
    let details = ClauseDetails {
        kind: Some("sale".into()),
        side: Some("party_a".into()),
        length: Some("long".into()),
        tags: "[\"违约\"]".into(),
        copy_of: Some("zh-penalty-standard".into()),
    };
    store.clauses().set_details("c", &details).unwrap();
    store.clauses().put(&mine, 2).unwrap();
    assert_eq!(store.clauses().details("c").unwrap(), details);
    let odd = ClauseDetails {
        length: Some("endless".into()),
        ..details.clone()
    };
    assert!(store.clauses().set_details("c", &odd).is_err());
    assert_eq!(store.clauses().details("c").unwrap(), details);
}

#[test]
fn lists_are_newest_first() {
    let store = Store::open_in_memory().unwrap();
    for (id, at) in [("a", 2), ("b", 3), ("c", 2)] {
        let mut row = document(id, id, "一");
        row.updated_at = at;
        store.documents().insert(&row).unwrap();
    }
    let ids: Vec<String> = store
        .documents()
        .list()
        .unwrap()
        .into_iter()
        .map(|row| row.id)
        .collect();
    assert_eq!(ids, ["b", "c", "a"]);
    store.documents().set_deleted("b", Some(9)).unwrap();
    assert_eq!(store.documents().list().unwrap()[0].deleted_at, Some(9));
}

#[test]
fn settings_are_only_those_that_were_set() {
    let store = Store::open_in_memory().unwrap();
    store.replace_shipped("1", &[]).unwrap();
    store.settings().set("language", "zh").unwrap();
    store.settings().set("language", "en").unwrap();
    assert_eq!(
        store
            .settings()
            .all()
            .unwrap()
            .into_iter()
            .collect::<Vec<_>>(),
        [("language".to_owned(), "en".to_owned())]
    );
    assert_eq!(store.settings().get("look").unwrap(), None);
}

#[test]
fn a_version_that_changes_nothing_is_not_kept_unless_it_has_a_name() {
    let store = Store::open_in_memory().unwrap();
    store
        .documents()
        .insert(&document("d", "合同", "一"))
        .unwrap();
    let versions = store.versions();
    assert_eq!(versions.last("d").unwrap(), None);
    assert!(versions.keep(&version("1", 10, "autosave", "x")).unwrap());
    assert!(!versions.keep(&version("2", 20, "export", "x")).unwrap());
    let mut named = version("3", 30, "named", "x");
    named.label = Some("给客户的".into());
    assert!(versions.keep(&named).unwrap());
    let mut other_answers = version("4", 40, "autosave", "x");
    other_answers.answers = "{\"a\":1}".into();
    assert!(versions.keep(&other_answers).unwrap());
    // Back to an earlier text is a change.
    assert!(versions.keep(&version("5", 50, "autosave", "x")).unwrap());
    assert_eq!(versions.last("d").unwrap(), Some(50));
    let ids: Vec<String> = versions
        .list("d")
        .unwrap()
        .into_iter()
        .map(|row| row.id)
        .collect();
    assert_eq!(ids, ["5", "4", "3", "1"]);
}

#[test]
fn thinning_takes_only_automatic_versions_of_the_same_document() {
    let store = Store::open_in_memory().unwrap();
    let day = 86_400_000;
    let now = 3000 * day;
    for id in ["d", "e"] {
        store
            .documents()
            .insert(&document(id, "合同", "一"))
            .unwrap();
        for (number, reason, label) in [
            (0, "autosave", None),
            (1, "before-restore", None),
            (2, "autosave", Some("谈判前")),
            (3, "named", None),
            (4, "autosave", None),
            (5, "export", None),
        ] {
            let mut row = version(
                &format!("{id}{number}"),
                now - 10 * day + 3_600_000 - number,
                reason,
                &number.to_string(),
            );
            row.document_id = id.into();
            row.label = label.map(str::to_owned);
            assert!(store.versions().keep(&row).unwrap());
        }
    }
    assert_eq!(store.versions().thin(now).unwrap(), 2);
    for id in ["d", "e"] {
        let ids: Vec<String> = store
            .versions()
            .list(id)
            .unwrap()
            .into_iter()
            .map(|row| row.id)
            .collect();
        let wanted: Vec<String> = [0, 1, 2, 3, 5].map(|number| format!("{id}{number}")).into();
        assert_eq!(ids, wanted);
    }
    assert_eq!(store.versions().thin(now).unwrap(), 0);
}

#[test]
fn a_full_disk_is_named_and_the_old_text_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("moqi.db");
    let store = Store::open(&path).unwrap();
    let mut row = document("d", "合同", "旧");
    store.documents().insert(&row).unwrap();
    let pages: i64 = store
        .connection()
        .query_row("PRAGMA page_count", [], |row| row.get(0))
        .unwrap();
    let limit = |pages: i64| {
        store
            .connection()
            .execute_batch(&format!("PRAGMA max_page_count = {pages}"))
            .unwrap();
    };
    limit(pages + 4);
    row.text = "新".repeat(400_000);
    let refused = store.documents().save(&row).unwrap_err();
    assert!(matches!(refused, Error::DiskFull));
    assert!(refused.may_pass());
    assert!(matches!(
        store
            .versions()
            .keep(&version("v", 1, "autosave", &row.text)),
        Err(Error::DiskFull)
    ));
    assert!(matches!(
        store.clauses().put(&clause("c", "条款", &row.text), 1),
        Err(Error::DiskFull)
    ));
    assert_eq!(store.documents().get("d").unwrap().unwrap().text, "旧");
    assert_eq!(store.clauses().get("c").unwrap(), None);
    store.check().unwrap();
    limit(1_000_000);
    assert_eq!(
        store.documents().save(&row).unwrap(),
        2,
        "the store goes on working"
    );
    drop(store);
    let store = Store::open(&path).unwrap();
    assert_eq!(store.documents().get("d").unwrap().unwrap().text, row.text);
}

#[test]
fn originals_are_kept_byte_for_byte_and_go_with_their_document() {
    let store = Store::open_in_memory().unwrap();
    let row = |document: &str, hash: &str, at: i64| OriginalRow {
        document_id: document.into(),
        name: "合同.docx".into(),
        hash: hash.into(),
        bytes: vec![0, 255, 80, 75],
        imported_at: at,
    };
    assert!(matches!(
        store.originals().keep(&row("d", "h", 1)),
        Err(Error::NotFound)
    ));
    for id in ["d", "e"] {
        store
            .documents()
            .insert(&document(id, "合同", "第一条"))
            .unwrap();
    }
    store.originals().keep(&row("d", "h", 1)).unwrap();
    assert!(matches!(
        store.originals().keep(&row("d", "other", 2)),
        Err(Error::Exists)
    ));
    assert_eq!(store.originals().of("d").unwrap(), Some(row("d", "h", 1)));
    assert_eq!(store.originals().of("e").unwrap(), None);
    store.originals().keep(&row("e", "h", 2)).unwrap();
    let names = store.originals().names().unwrap();
    assert_eq!(
        names.into_iter().collect::<Vec<_>>(),
        ["d", "e"].map(|id| (id.to_owned(), "合同.docx".to_owned()))
    );
    assert_eq!(store.originals().same("h").unwrap().as_deref(), Some("e"));
    store.documents().set_deleted("e", Some(3)).unwrap();
    assert_eq!(store.originals().same("h").unwrap().as_deref(), Some("d"));
    store.documents().delete("d").unwrap();
    assert_eq!(store.originals().same("h").unwrap(), None);
    assert_eq!(store.originals().of("d").unwrap(), None);
    store.check().unwrap();
}
