//! Who knows what: adapters and what they, and those they were made of, learnt from.

use super::training::{adapter, ended, ids, run, source};
use super::*;

/// A run over sources, and the adapter it made.
fn made(store: &Store, id: &str, from: Option<&str>, sources: &[SourceRow]) -> String {
    let mut row = run(id);
    let made = format!("adapter-{id}");
    row.begun_from = from.map(str::to_owned);
    store.training_runs().insert(&row).unwrap();
    store.training_sources().put(id, sources).unwrap();
    let mut adapter = adapter(&made, Wall::Client(id.into()), AdapterState::Kept);
    adapter.run = Some(id.into());
    store.adapters().insert(&adapter).unwrap();
    let end = ended(RunStatus::Done, Some(&made));
    store.training_runs().end(id, &end).unwrap();
    made
}

#[test]
fn whoever_learnt_from_a_document_is_known() {
    let store = Store::open_in_memory().unwrap();
    let first = made(
        &store,
        "1",
        None,
        &[source("x", Part::Train), source("y", Part::Test)],
    );
    let second = made(&store, "2", Some(&first), &[source("y", Part::Valid)]);
    let third = made(
        &store,
        "3",
        Some(&second),
        &[source("z", Part::Train), source("x", Part::LeftOut)],
    );
    let other = made(
        &store,
        "4",
        None,
        &[source("w", Part::Train), source("x", Part::Test)],
    );
    let of = |hash: &str| ids(store.adapters().of_source(hash).unwrap());
    // An adapter knows what the one it went on from knew.
    assert_eq!(of("x"), [first.as_str(), &second, &third]);
    assert_eq!(of("y"), [second.as_str(), &third]);
    assert_eq!(of("z"), [third.as_str()]);
    assert_eq!(of("w"), [other.as_str()]);
    assert_eq!(of(""), Vec::<String>::new());
    // The document's text may be another today.
    let by_document = store.adapters().of_document("document-x").unwrap();
    assert_eq!(ids(by_document), [first.as_str(), &second, &third]);
    // A run in a circle, which only a damaged record could hold, ends.
    store
        .connection()
        .execute(
            "UPDATE training_runs SET begun_from = 'adapter-3' WHERE id = '1'",
            [],
        )
        .unwrap();
    assert_eq!(of("z"), [first.as_str(), &second, &third]);
    store
        .connection()
        .execute(
            "UPDATE training_runs SET begun_from = NULL WHERE id = '1'",
            [],
        )
        .unwrap();
    // The record outlives the adapters between, as long as one of them is left.
    for gone in [&first, &second] {
        store.adapters().delete(gone).unwrap();
    }
    assert_eq!(of("x"), [third.as_str()]);
    for id in ["1", "2", "3"] {
        assert!(!store.training_runs().delete(id).unwrap(), "run {id}");
    }
    // The same bytes of another run are the same adapter, which then knows what both read.
    let mut twin = run("5");
    twin.status = RunStatus::Done;
    twin.adapter = Some(other.clone());
    store.training_runs().insert(&twin).unwrap();
    let twin_sources = [source("v", Part::Train)];
    store.training_sources().put("5", &twin_sources).unwrap();
    assert_eq!(of("v"), [other.as_str()]);
    store.adapters().delete(&third).unwrap();
    for id in ["1", "2", "3"] {
        assert!(store.training_runs().delete(id).unwrap(), "run {id}");
    }
    assert!(store.training_sources().of("1").unwrap().is_empty());
    assert!(matches!(
        store.training_runs().delete("1"),
        Err(Error::NotFound)
    ));
    store.check().unwrap();
}

#[test]
fn a_mix_knows_what_its_parts_knew() {
    let store = Store::open_in_memory().unwrap();
    let part = made(&store, "1", None, &[source("x", Part::Train)]);
    let other = made(&store, "2", None, &[source("y", Part::Train)]);
    let adapters = store.adapters();
    let mixed = adapter("mixed", Wall::Firm, AdapterState::Kept);
    adapters.insert(&mixed).unwrap();
    let parents = [
        (part.clone(), 0.5),
        (other.clone(), 0.25),
        (part.clone(), 0.25),
    ];
    adapters.set_parents("mixed", &parents).unwrap();
    assert_eq!(
        adapters.parents("mixed").unwrap(),
        [(part.clone(), 0.75), (other.clone(), 0.25)]
    );
    assert!(adapters.parents(&part).unwrap().is_empty());
    assert!(matches!(
        adapters.set_parents("nobody", &parents),
        Err(Error::NotFound)
    ));
    let further = made(&store, "3", Some("mixed"), &[source("z", Part::Train)]);
    let of = |hash: &str| {
        let mut ids = ids(store.adapters().of_source(hash).unwrap());
        ids.sort();
        ids
    };
    assert_eq!(of("x"), [part.as_str(), &further, "mixed"]);
    assert_eq!(of("y"), [other.as_str(), &further, "mixed"]);
    assert_eq!(of("z"), [further.as_str()]);
    let after = |id: &str| {
        let mut ids = ids(store.adapters().of_adapter(id).unwrap());
        ids.sort();
        ids
    };
    assert_eq!(after(&part), [part.as_str(), &further, "mixed"]);
    assert_eq!(after(&further), [further.as_str()]);
    // What went on from a mix still knows, when the mix and its parts are gone.
    for gone in [part.as_str(), "mixed"] {
        adapters.delete(gone).unwrap();
    }
    assert_eq!(of("x"), [further.as_str()]);
    assert_eq!(after(&part), [further.as_str()]);
    assert!(!store.training_runs().delete("1").unwrap());
}
