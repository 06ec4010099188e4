//! Walls, on a tiny model of random weights.

use std::ops::ControlFlow;

use moqi_document::{Answers, Language};

use super::*;
use crate::error::Code;
use crate::tuning::tests::{MODEL, app, go_on, wanted};
use crate::{Base, Source, Tune};

fn client(name: &str) -> Wall {
    Wall::Client(name.into())
}

fn matter(client: &str, matter: &str) -> Wall {
    Wall::Matter {
        client: Some(client.into()),
        matter: matter.into(),
    }
}

/// An adapter that was learnt for somebody, by id.
fn learnt(app: &App, name: &str, wall: Wall, seed: u64) -> String {
    let wanted = Tune {
        name: name.into(),
        wall,
        seed,
        steps: Some(1),
        ..wanted(app, 3)
    };
    let tuned = app.tune(&wanted, &mut |_| ControlFlow::Continue(()));
    tuned.unwrap().adapter.unwrap()
}

#[test]
fn the_narrower_of_two_walls_holds_and_walls_that_part_people_join_not() {
    let group = Wall::Group("M&A".into());
    for (walls, narrowest) in [
        (vec![], Some(Wall::Firm)),
        (vec![Wall::Firm, Wall::Firm], Some(Wall::Firm)),
        (vec![Wall::Firm, client("A"), Wall::Firm], Some(client("A"))),
        (vec![client("A"), client("A")], Some(client("A"))),
        (vec![client("A"), client("B")], None),
        (vec![client("A"), matter("A", "1")], Some(matter("A", "1"))),
        (
            vec![matter("A", "1"), Wall::Firm, client("A")],
            Some(matter("A", "1")),
        ),
        (vec![matter("A", "1"), matter("A", "2")], None),
        (vec![client("B"), matter("A", "1")], None),
        (vec![group.clone(), Wall::Firm], Some(group.clone())),
        (vec![group.clone(), client("A")], None),
    ] {
        assert_eq!(joined(&walls), narrowest, "{walls:?}");
        let turned: Vec<&Wall> = walls.iter().rev().collect();
        assert_eq!(joined(turned), narrowest, "{walls:?} the other way round");
    }
    assert!(named(client(" ")).is_err());
    assert_eq!(named(client(" A ")).unwrap(), client("A"));
}

#[test]
fn a_wall_is_known_again_by_its_mark_and_not_named_by_it() {
    let walls = [
        Wall::Firm,
        client("恒通"),
        Wall::Group("恒通".into()),
        matter("恒通", "1"),
        matter("1", "恒通"),
        Wall::Matter {
            client: None,
            matter: "1".into(),
        },
    ];
    for wall in &walls {
        let told = mark(wall);
        assert!(!told.contains("恒通"), "{told}");
        assert_eq!(marked(Some(&told), &walls), *wall);
        // Where it is not known, it is told on as it was.
        let unknown = marked(Some(&told), &[]);
        assert_eq!(mark(&unknown), told);
        assert_eq!(unknown == Wall::Firm, *wall == Wall::Firm);
    }
    assert_eq!(marked(None, &walls), Wall::Firm);
    assert_ne!(marked(Some("a later kind of wall"), &walls), Wall::Firm);
}

#[test]
fn what_one_client_had_learnt_never_drafts_for_another() {
    let (_folder, app) = app();
    let [a, b] = ["A", "B"].map(|name| learnt(&app, name, client(name), u64::from(name == "B")));
    assert_ne!(a, b);
    let firm = learnt(&app, "Firm", Wall::Firm, 2);
    let of = |client: Option<&str>| {
        let opened = app
            .create_document(None, Some("Agreement"), Language::En, &Answers::new())
            .unwrap();
        let client = client.map(str::to_owned);
        let matter = Matter {
            client,
            matter: Some("1".into()),
            group: None,
        };
        app.set_matter(&opened.info.id, &matter).unwrap();
        assert_eq!(app.matter(&opened.info.id).unwrap(), matter);
        opened.info.id
    };
    let documents = [of(Some("A")), of(Some("B")), of(None)];
    // What would write in each document: the id of the adapter that is loaded, and the name that is shown.
    let writers = || {
        documents.each_ref().map(|document| {
            let (base, source) = app.writer_for(document, Language::En).unwrap().unwrap();
            let (Base::Here(local), Source::Model { name, style }) = (base, source) else {
                panic!("another base");
            };
            assert_eq!(name, MODEL);
            let folder = local
                .adapter
                .as_deref()
                .and_then(|folder| folder.file_name());
            let loaded = folder.map(|name| name.to_string_lossy().into_owned());
            assert_eq!(loaded.is_some(), style.is_some());
            (loaded.unwrap_or_default(), style.unwrap_or_default())
        })
    };
    let none = || (String::new(), String::new());
    let pair = |id: &str, name: &str| (id.to_owned(), name.to_owned());
    // Nobody has decided yet, so nothing is used; and what is only kept is not used either.
    assert_eq!(writers(), [none(), none(), none()]);
    app.decide_adapter(&a, Decision::Keep).unwrap();
    assert_eq!(writers(), [none(), none(), none()]);
    app.decide_adapter(&a, Decision::Use).unwrap();
    app.use_adapter(&b, true).unwrap();
    assert_eq!(writers(), [pair(&a, "A"), pair(&b, "B"), none()]);
    // The client's own goes before the firm's.
    app.use_adapter(&firm, true).unwrap();
    assert_eq!(
        writers(),
        [pair(&a, "A"), pair(&b, "B"), pair(&firm, "Firm")]
    );
    app.use_adapter(&a, false).unwrap();
    assert_eq!(
        writers(),
        [pair(&firm, "Firm"), pair(&b, "B"), pair(&firm, "Firm")]
    );
    // A matter's goes before its client's, and stays with that client.
    app.wall_adapter(&firm, matter("B", "1")).unwrap();
    assert_eq!(writers(), [none(), pair(&b, "B"), none()]);
    app.use_adapter(&firm, true).unwrap();
    assert_eq!(writers(), [none(), pair(&firm, "Firm"), none()]);
    app.decide_adapter(&firm, Decision::Discard).unwrap();
    assert_eq!(writers(), [none(), pair(&b, "B"), none()]);
    assert_eq!(app.adapter(&firm).unwrap_err().code, Code::NotFound);
    let walls = app.walls().unwrap();
    assert!(
        walls.contains(&client("A")) && walls.contains(&matter("B", "1")),
        "{walls:?}"
    );
}

#[test]
fn what_is_made_of_an_adapter_is_never_more_open() {
    let (folder, app) = app();
    let a = learnt(&app, "A", client("A"), 0);
    let b = learnt(&app, "B", client("B"), 1);
    let firm = learnt(&app, "Firm", Wall::Firm, 2);
    let halves = |one: &str, other: &str| [(one.to_owned(), 0.5), (other.to_owned(), 0.5)];
    let refused = app
        .mix_adapters(&halves(&a, &b), "AB", &mut go_on)
        .unwrap_err();
    assert!(refused.message.en.contains("client “A”"), "{refused:?}");
    assert!(refused.message.zh.contains("委托人“B”"), "{refused:?}");
    let narrow = app
        .mix_adapters(&halves(&firm, &a), "Firm and A", &mut go_on)
        .unwrap();
    assert_eq!(
        (narrow.wall.clone(), narrow.state),
        (client("A"), AdapterState::Kept)
    );
    let [one, other] = halves(&firm, &a);
    let again = app.mix_adapters(&[other, one], "Turned round", &mut go_on);
    assert_eq!(again.unwrap().id, narrow.id);
    let mut parents = vec![firm.clone(), a.clone()];
    parents.sort();
    assert_eq!(narrow.parents, parents);
    // A wider wall only where a person says so; a narrower one also for what was made of it.
    let wide = app
        .mix_adapters(&halves(&firm, &firm), "Firm twice", &mut go_on)
        .unwrap();
    assert_eq!(wide.wall, Wall::Firm);
    app.use_adapter(&wide.id, true).unwrap();
    let clash = app.wall_adapter(&firm, client("B")).unwrap_err();
    assert!(clash.hint.unwrap().en.contains("Firm and A"));
    assert_eq!(app.adapter(&wide.id).unwrap().wall, Wall::Firm);
    assert_eq!(
        app.wall_adapter(&firm, client("A")).unwrap().wall,
        client("A")
    );
    let wide = app.adapter(&wide.id).unwrap();
    assert_eq!((wide.wall, wide.used), (client("A"), false));
    assert_eq!(app.wall_adapter(&a, Wall::Firm).unwrap().wall, Wall::Firm);
    assert_eq!(app.adapter(&narrow.id).unwrap().wall, client("A"));
    // The wall goes with the folder, which names nobody; where the client is not known, it is for nobody.
    let out = folder.path().join("out");
    app.export_adapter(&b, &out).unwrap();
    app.remove_adapter(&b).unwrap();
    let opened = app
        .create_document(None, Some("Agreement"), Language::En, &Answers::new())
        .unwrap();
    let for_b = Matter {
        client: Some("B".into()),
        ..Matter::default()
    };
    let stranger = app.add_adapter(&out).unwrap();
    let Wall::Client(name) = &stranger.wall else {
        panic!("{:?}", stranger.wall);
    };
    assert!(name.starts_with('#') && !name.contains('B'), "{name}");
    app.remove_adapter(&b).unwrap();
    app.set_matter(&opened.info.id, &for_b).unwrap();
    let again = app.add_adapter(&out).unwrap();
    assert_eq!((again.id.as_str(), again.wall), (b.as_str(), client("B")));
    // A folder without a row gets one.
    app.store().adapters().delete(&b).unwrap();
    let found = app.adapter(&b).unwrap();
    assert_eq!(
        (found.wall, found.state, found.used),
        (client("B"), AdapterState::Kept, false)
    );
    assert!(app.store().adapters().get(&b).unwrap().is_some());
    // One of an earlier version says nothing of walls.
    let mut manifest = found.manifest;
    manifest.wall = None;
    adapters::write_manifest(&found.folder, &manifest).unwrap();
    app.store().adapters().delete(&b).unwrap();
    assert_eq!(app.adapter(&b).unwrap().wall, Wall::Firm);
}

#[test]
fn what_leaks_is_good_for_nothing_but_to_be_discarded() {
    let (folder, app) = app();
    let leaking = learnt(&app, "Leaking", Wall::Firm, 0);
    let out = folder.path().join("out");
    app.export_adapter(&leaking, &out).unwrap();
    // It was kept, and then the very same was found to leak.
    app.decide_adapter(&leaking, Decision::Use).unwrap();
    let info = app.adapter(&leaking).unwrap();
    let standing = adapters::Standing {
        wall: Wall::Firm,
        state: AdapterState::Leaking,
        run: None,
        parents: Vec::new(),
    };
    let found = app.keep_adapter(&info.folder, &info.manifest, standing);
    let found = found.unwrap();
    assert_eq!(
        (found.id.as_str(), found.state, found.used),
        (leaking.as_str(), AdapterState::Leaking, false)
    );
    let whole = [(leaking.clone(), 1.0)];
    let place = app.adapter(&leaking).unwrap().folder;
    for error in [
        app.decide_adapter(&leaking, Decision::Use).unwrap_err(),
        app.decide_adapter(&leaking, Decision::Keep).unwrap_err(),
        app.use_adapter(&leaking, true).unwrap_err(),
        app.base_with(MODEL, Some(&leaking)).unwrap_err(),
        app.base_with(MODEL, place.to_str()).unwrap_err(),
        app.base_with(MODEL, out.to_str()).unwrap_err(),
        app.mix_adapters(&whole, "Mixed", &mut go_on).unwrap_err(),
        app.export_adapter(&leaking, &folder.path().join("more"))
            .unwrap_err(),
        app.add_adapter(&out).unwrap_err(),
    ] {
        assert!(error.message.en.contains("gives away"), "{error:?}");
        assert!(error.message.zh.contains("泄露"), "{error:?}");
    }
    app.decide_adapter(&leaking, Decision::Discard).unwrap();
    assert!(app.adapters().is_empty() && !place.exists());
    // A copy of it is known again.
    assert!(app.add_adapter(&out).is_err());
}
