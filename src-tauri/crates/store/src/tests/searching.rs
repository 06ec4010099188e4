//! What is found, in both languages, whatever was typed and whatever happened to the rows.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

fn ids(store: &Store, query: &str) -> Vec<String> {
    let hits = store.search(query, 1000).unwrap();
    hits.into_iter().map(|hit| hit.id).collect()
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
    let mut late = clause("c", "Late payment", "Interest accrues on late sums.");
    late.language = "en".into();
    store.clauses().put(&late, 1).unwrap();
    let shipped = Shipped {
        kind: Kind::Template,
        id: "zh-sale",
        title: "买卖合同",
        language: "zh",
        text: "定金与违约金",
    };
    store.replace_shipped("1", &[shipped]).unwrap();
    let nothing = Vec::<String>::new();
    for (query, wanted) in [
        ("违约金", &["zh-sale", "d"][..]),
        ("金", &["zh-sale", "d"]),
        ("定金", &["zh-sale"]),
        ("买卖 逾期", &["d"]),
        ("约支", &[]),
        ("样例", &[]),
        ("LATE inter", &["c"]),
        ("\"late sums\"", &["c"]),
        ("\"sums late\"", &[]),
        ("\"late su\"", &[]),
        ("\"late su", &["c"]),
        ("", &[]),
    ] {
        assert_eq!(ids(&store, query), wanted, "{query}");
    }
    let hits = store.search("违约金 合同", 10).unwrap();
    assert!(hits[0].shipped && !hits[1].shipped);
    let (from, to) = hits[1].marks[0];
    assert_eq!(&hits[1].snippet[from..to], "违约金");
    let (from, to) = hits[1].title_marks[0];
    assert_eq!(&hits[1].title[from..to], "合同");

    let mut row = store.documents().get("d").unwrap().unwrap();
    row.text = "改为赔偿损失。".into();
    row.revision = store.documents().save(&row).unwrap();
    assert_eq!(ids(&store, "违约金"), ["zh-sale"]);
    assert_eq!(ids(&store, "赔偿损失"), ["d"]);
    store.documents().set_deleted("d", Some(9)).unwrap();
    assert_eq!(ids(&store, "赔偿损失"), nothing);
    store.documents().set_deleted("d", None).unwrap();
    assert_eq!(ids(&store, "赔偿损失"), ["d"]);
    store.documents().delete("d").unwrap();
    store.clauses().delete("c").unwrap();
    store.replace_shipped("2", &[]).unwrap();
    for query in ["赔偿损失", "late", "定金"] {
        assert_eq!(ids(&store, query), nothing, "{query}");
    }
}

#[test]
fn a_word_is_found_however_it_is_written() {
    let store = Store::open_in_memory().unwrap();
    let text =
        "甲方**不得**转让。ＡＢＣ公司，第10.2条，支付違约\n金；Zürich Société, the party's 𬭩𰻝氏";
    store
        .documents()
        .insert(&document("d", "合同", text))
        .unwrap();
    for query in [
        "甲方不得转让",
        "abc公司",
        "ABC",
        "ａｂｃ",
        "10.2",
        "第10.2条",
        "约金",
        "zurich",
        "ZÜRICH",
        "societe",
        "party's",
        "𬭩",
        "𰻝氏",
        "「不得转让」",
        "“the party”",
        "＂the＂",
    ] {
        assert_eq!(ids(&store, query), ["d"], "{query}");
        let hit = &store.search(query, 1).unwrap()[0];
        assert!(
            !hit.marks.is_empty(),
            "{query} has no mark in {}",
            hit.snippet
        );
    }
}

#[test]
fn the_title_comes_first() {
    let store = Store::open_in_memory().unwrap();
    for (id, title, text) in [
        ("often", "买卖合同", "定金。支付定金。返还定金。定金不退。"),
        ("title", "定金合同", "双方约定如下。"),
        (
            "once",
            "借款合同",
            &*format!("定金。{}", "其他约定。".repeat(200)),
        ),
    ] {
        store
            .documents()
            .insert(&document(id, title, text))
            .unwrap();
    }
    assert_eq!(ids(&store, "定金"), ["title", "often", "once"]);
    assert_eq!(store.search("定金", 2).unwrap().len(), 2);
    assert_eq!(store.search("定金", 0).unwrap().len(), 0);
}

#[test]
fn own_and_shipped_texts_may_share_an_id() {
    let store = Store::open_in_memory().unwrap();
    let shipped = Shipped {
        kind: Kind::Clause,
        id: "c",
        title: "违约金（标准）",
        language: "zh",
        text: "违约金的标准写法",
    };
    store.replace_shipped("1", &[shipped]).unwrap();
    store
        .clauses()
        .put(&clause("c", "违约金（我的）", "违约金的我的写法"), 1)
        .unwrap();
    assert_eq!(ids(&store, "违约金"), ["c", "c"]);
    store.replace_shipped("2", &[shipped]).unwrap();
    assert_eq!(ids(&store, "我的"), ["c"]);
    let hit = &store.search("我的", 9).unwrap()[0];
    assert!(!hit.shipped && hit.snippet.contains("我的写法"));
    store.clauses().delete("c").unwrap();
    assert_eq!(ids(&store, "违约金"), ["c"]);
    assert_eq!(ids(&store, "我的"), Vec::<String>::new());
}

#[test]
fn the_same_shipped_version_is_not_indexed_again() {
    let store = Store::open_in_memory().unwrap();
    let text = |id| Shipped {
        kind: Kind::Clause,
        id,
        title: "定金",
        language: "zh",
        text: "定金",
    };
    store.replace_shipped("1", &[text("a")]).unwrap();
    store.replace_shipped("1", &[text("b")]).unwrap();
    assert_eq!(ids(&store, "定金"), ["a"]);
    store.replace_shipped("2", &[text("b")]).unwrap();
    assert_eq!(ids(&store, "定金"), ["b"]);
    store.replace_shipped("1", &[text("a")]).unwrap();
    assert_eq!(ids(&store, "定金"), ["a"], "also back to an older program");
    store.check().unwrap();
}

#[test]
fn another_rule_of_words_makes_the_index_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("moqi.db");
    let store = Store::open(&path).unwrap();
    store
        .documents()
        .insert(&document("d", "合同", "支付定金"))
        .unwrap();
    store
        .templates()
        .put(&template("t", "范本", "支付定金"), 1)
        .unwrap();
    store
        .clauses()
        .put(&clause("c", "条款", "支付定金"), 1)
        .unwrap();
    let shipped = [Shipped {
        kind: Kind::Clause,
        id: "s",
        title: "附带",
        language: "zh",
        text: "支付定金",
    }];
    store.replace_shipped("1", &shipped).unwrap();
    let before: BTreeSet<String> = ids(&store, "定金").into_iter().collect();
    assert_eq!(before.len(), 4);
    // As an older program left it: other words under the same rows.
    store
        .connection()
        .execute_batch("UPDATE index_state SET rule = 1; INSERT INTO words (words) VALUES ('delete-all'); UPDATE found SET title = '旧'")
        .unwrap();
    assert!(
        matches!(store.check(), Err(Error::Damaged)),
        "rows without words are seen"
    );
    drop(store);
    let store = Store::open(&path).unwrap();
    assert_eq!(ids(&store, "定金").len(), 3);
    store.replace_shipped("1", &shipped).unwrap();
    assert_eq!(
        ids(&store, "定金").into_iter().collect::<BTreeSet<_>>(),
        before
    );
    assert_eq!(ids(&store, "旧"), Vec::<String>::new());
    store.check().unwrap();
}

#[test]
fn nothing_that_can_be_typed_is_an_error() {
    let store = Store::open_in_memory().unwrap();
    let texts = [
        "违约金 late payment \"x\" 10.2 ＡＢ",
        "甲**乙**\n丙 𬭩 o'neil title:text",
    ];
    for (number, text) in texts.iter().enumerate() {
        store
            .documents()
            .insert(&document(&number.to_string(), "合同 AND", text))
            .unwrap();
    }
    for odd in [
        "\"",
        "\"\"",
        "*",
        "a AND",
        "NEAR(",
        "NEAR(a b, 3)",
        "title:x",
        "{title text}: x",
        "-",
        "^late",
        "late*",
        "（",
        "'; DROP TABLE found",
        "\0",
        "a\0b",
        "\u{301}",
        "“”“",
        "(((((",
        "+ +",
        "\u{ffff}",
        "\u{202e}x",
        "%",
        "_",
        "\\",
    ] {
        let _ = ids(&store, odd);
    }
    let pieces: Vec<char> = "违约金甲乙late10.\"“”「」 *^:-+(){}',，\0\u{301}ＡüİAND𬭩\n\t"
        .chars()
        .collect();
    let mut seed = 0x9e37_79b9_7f4a_7c15;
    let mut found = 0;
    for _ in 0..3000 {
        let length = 1 + next(&mut seed) % 12;
        let typed: String = (0..length)
            .map(|_| pieces[next(&mut seed) as usize % pieces.len()])
            .collect();
        for hit in store.search(&typed, 10).unwrap() {
            found += 1;
            assert!(
                hit.marks.len() + hit.title_marks.len() > 0,
                "{typed:?} has no mark in {:?}",
                hit.snippet
            );
            for (line, marks) in [(&hit.snippet, &hit.marks), (&hit.title, &hit.title_marks)] {
                let mut last = 0;
                for (from, to) in marks {
                    assert!(last <= *from && from < to, "{typed:?}: marks in order");
                    assert!(
                        line.get(*from..*to).is_some(),
                        "{typed:?}: whole characters"
                    );
                    last = *to;
                }
            }
        }
    }
    assert!(
        found > 100,
        "the strings must find something to prove something: {found}"
    );
    let _ = ids(&store, &"违约 \"late".repeat(200_000));
}

/// What a search must find, told without an index: every part stands in the title or in the text; a part in Latin
/// letters begins a word.
fn expected(rows: &BTreeMap<(Kind, String), (String, String)>, query: &str) -> BTreeSet<String> {
    let holds = |text: &str, part: &str| {
        if part.is_ascii() {
            text.split(|c: char| !c.is_ascii_alphanumeric())
                .any(|word| word.starts_with(part))
        } else {
            text.contains(part)
        }
    };
    rows.iter()
        .filter(|(_, (title, text))| {
            query
                .split(' ')
                .all(|part| holds(title, part) || holds(text, part))
        })
        .map(|((_, id), _)| id.clone())
        .collect()
}

#[test]
fn the_index_follows_whatever_happens() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("moqi.db");
    let mut store = Store::open(&path).unwrap();
    let mut rows: BTreeMap<(Kind, String), (String, String)> = BTreeMap::new();
    let mut trash: BTreeMap<String, (String, String)> = BTreeMap::new();
    let mut seed = 0x0bad_5eed_0bad_5eed;
    let characters: Vec<char> = "违约金定甲乙方 ，".chars().collect();
    let latin = ["late", "later", "pay", "sum"];
    let mut compared = 0;
    for round in 0..700 {
        let mut write = |most: u64| -> String {
            let mut text = String::new();
            for _ in 0..1 + next(&mut seed) % most {
                let pick = next(&mut seed) as usize;
                if pick.is_multiple_of(7) {
                    text.push_str(&format!(" {} ", latin[pick / 7 % latin.len()]));
                } else {
                    text.push(characters[pick / 7 % characters.len()]);
                }
            }
            text
        };
        let (title, text) = (write(4), write(20));
        let id = format!("n{}", next(&mut seed) % 12);
        let key = |kind| (kind, id.clone());
        let texts = (title.clone(), text.clone());
        match next(&mut seed) % 9 {
            0..=2 => match store.documents().get(&id).unwrap() {
                None => {
                    store
                        .documents()
                        .insert(&document(&id, &title, &text))
                        .unwrap();
                    rows.insert(key(Kind::Document), texts);
                }
                Some(mut row) => {
                    (row.title, row.text) = (title, text);
                    store.documents().save(&row).unwrap();
                    match trash.contains_key(&id) {
                        true => trash.insert(id.clone(), texts),
                        false => rows.insert(key(Kind::Document), texts),
                    };
                }
            },
            3 => {
                if let Some(texts) = rows.remove(&key(Kind::Document)) {
                    store.documents().set_deleted(&id, Some(1)).unwrap();
                    trash.insert(id.clone(), texts);
                } else if let Some(texts) = trash.remove(&id) {
                    store.documents().set_deleted(&id, None).unwrap();
                    rows.insert(key(Kind::Document), texts);
                }
            }
            4 => {
                let was = rows.remove(&key(Kind::Document)).is_some() | trash.remove(&id).is_some();
                assert_eq!(store.documents().delete(&id).is_ok(), was);
            }
            5 => {
                store
                    .templates()
                    .put(&template(&id, &title, &text), 1)
                    .unwrap();
                rows.insert(key(Kind::Template), texts);
            }
            6 => {
                store.clauses().put(&clause(&id, &title, &text), 1).unwrap();
                rows.insert(key(Kind::Clause), texts);
            }
            7 => {
                let was = rows.remove(&key(Kind::Clause)).is_some();
                assert_eq!(store.clauses().delete(&id).is_ok(), was);
            }
            _ => {
                drop(store);
                store = Store::open(&path).unwrap();
            }
        }
        let query = [
            "金",
            "违约",
            "定金 甲方",
            "la",
            "late 乙",
            "甲乙方",
            "违 约",
            "sum pay",
        ][round % 8];
        let wanted = expected(&rows, query);
        let found = store.search(query, 1000).unwrap();
        assert_eq!(
            found
                .iter()
                .map(|hit| hit.id.clone())
                .collect::<BTreeSet<_>>(),
            wanted,
            "round {round}: {query}"
        );
        for hit in &found {
            assert!(
                rows.contains_key(&(hit.kind, hit.id.clone())),
                "round {round}: {hit:?}"
            );
        }
        compared += found.len();
    }
    store.check().unwrap();
    assert!(compared > 1000, "{compared} hits prove little");
}
