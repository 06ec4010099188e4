//! The clauses that adapters were taught.

use super::training::adapter;
use super::*;

fn clause(number: u32, hash: &str, heading: &str) -> HouseClauseRow {
    HouseClauseRow {
        number,
        hash: hash.into(),
        document: "设备买卖.docx".into(),
        title: "设备买卖合同".into(),
        heading: heading.into(),
        kind: Some("sale".into()),
        language: "zh".into(),
        text: "出卖人应当于【日期1】前交付。".into(),
        excluded: false,
    }
}

#[test]
fn clauses_come_back_in_their_order_and_go_with_their_adapter() {
    let store = Store::open_in_memory().unwrap();
    let taught = [clause(1, "h1", "交付"), clause(2, "h2", "价款")];
    assert!(matches!(
        store.house_clauses().put("a", &taught),
        Err(Error::NotFound)
    ));
    for id in ["a", "b"] {
        let row = adapter(id, Wall::Firm, AdapterState::Kept);
        store.adapters().insert(&row).unwrap();
        store.house_clauses().put(id, &taught).unwrap();
    }
    assert_eq!(store.house_clauses().of("a").unwrap(), taught);
    store.house_clauses().put("a", &taught[1..]).unwrap();
    assert_eq!(
        store.house_clauses().of("a").unwrap(),
        [clause(1, "h2", "价款")]
    );
    store.adapters().delete("a").unwrap();
    assert!(store.house_clauses().of("a").unwrap().is_empty());
    assert_eq!(store.house_clauses().of("b").unwrap(), taught);
}

#[test]
fn what_is_forgotten_goes_from_all() {
    let store = Store::open_in_memory().unwrap();
    for id in ["a", "b"] {
        let row = adapter(id, Wall::Firm, AdapterState::Discarded);
        store.adapters().insert(&row).unwrap();
        let taught = [
            clause(1, "h1", "交付"),
            clause(2, "h2", "价款"),
            clause(3, "h1", "验收"),
        ];
        store.house_clauses().put(id, &taught).unwrap();
    }
    assert_eq!(store.house_clauses().forget("h1").unwrap(), 4);
    for id in ["a", "b"] {
        assert_eq!(
            store.house_clauses().of(id).unwrap(),
            [clause(2, "h2", "价款")]
        );
    }
    assert_eq!(store.house_clauses().forget("h1").unwrap(), 0);
    // What is left keeps its number, so that a list which was shown before still means the same clauses.
    store.house_clauses().exclude("a", &[2], true).unwrap();
    assert!(store.house_clauses().of("a").unwrap()[0].excluded);
    assert!(matches!(
        store.house_clauses().exclude("a", &[1], true),
        Err(Error::NotFound)
    ));
}

#[test]
fn what_a_person_excluded_stays_so_where_it_is_learnt_anew() {
    let store = Store::open_in_memory().unwrap();
    let taught = [clause(1, "h1", "交付"), clause(2, "h2", "价款")];
    let put = |id: &str, taught: &[HouseClauseRow]| {
        let row = adapter(id, Wall::Firm, AdapterState::Kept);
        store.adapters().insert(&row).unwrap();
        store.house_clauses().put(id, taught).unwrap();
    };
    let excluded = |id: &str| -> Vec<bool> {
        let clauses = store.house_clauses().of(id).unwrap();
        clauses.iter().map(|clause| clause.excluded).collect()
    };
    put("a", &taught);
    store.house_clauses().exclude("a", &[2], true).unwrap();
    assert_eq!(excluded("a"), [false, true]);
    // The same clause of the same document; another wording is looked at anew.
    put("b", &[clause(1, "h2", "价款"), clause(2, "h1", "价款")]);
    assert_eq!(excluded("b"), [true, false]);
    // Noted again, in place of what is there.
    store.house_clauses().put("a", &taught).unwrap();
    assert_eq!(excluded("a"), [false, true]);
    store.house_clauses().exclude("a", &[2], false).unwrap();
    assert_eq!(excluded("a"), [false, false]);
    // All or none.
    assert!(matches!(
        store.house_clauses().exclude("a", &[1, 3], true),
        Err(Error::NotFound)
    ));
    assert_eq!(excluded("a"), [false, false]);
}
