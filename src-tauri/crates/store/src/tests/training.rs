//! The record of tunings, and who may use what they left.

use std::time::Instant;

use super::*;

pub(super) fn run(id: &str) -> TrainingRunRow {
    TrainingRunRow {
        id: id.into(),
        name: "设备合同".into(),
        adapter: None,
        begun_from: None,
        base: "b0".into(),
        status: RunStatus::Queued,
        created_at: 1,
        started_at: None,
        ended_at: None,
        configuration: "{\"rank\":8}".into(),
        data_hash: "d0".into(),
        machine: "16 cores".into(),
        seed: u64::MAX - 7,
        steps_wanted: 40,
        progress: Progress::default(),
        before: Measured::default(),
        after: Measured::default(),
        program: "0.1.0".into(),
        error: None,
    }
}

pub(super) fn adapter(id: &str, wall: Wall, state: AdapterState) -> AdapterRow {
    AdapterRow {
        id: id.into(),
        name: "我们的合同".into(),
        base: "b0".into(),
        base_name: "Gemma 3 270M".into(),
        method: "lora".into(),
        language: "zh".into(),
        created_at: 1,
        wall,
        state,
        run: None,
        bytes: 3_000_000,
        note: String::new(),
        used: false,
    }
}

pub(super) fn loss(step: i64, loss: f64) -> LossRow {
    LossRow {
        step,
        kind: LossKind::Train,
        loss,
        rate: Some(3e-4),
        gradient: Some(0.5),
        seconds: step as f64,
    }
}

pub(super) fn source(hash: &str, part: Part) -> SourceRow {
    SourceRow {
        title: "供货/合同 '一'.docx".into(),
        hash: hash.into(),
        document_id: Some(format!("document-{hash}")),
        examples: 12,
        tokens: 3400,
        part,
        reason: None,
    }
}

pub(super) fn ended(status: RunStatus, adapter: Option<&str>) -> RunEnd {
    RunEnd {
        status,
        at: 9,
        adapter: adapter.map(str::to_owned),
        after: Measured::default(),
        error: None,
    }
}

pub(super) fn ids(rows: Vec<AdapterRow>) -> Vec<String> {
    let mut ids: Vec<String> = rows.into_iter().map(|row| row.id).collect();
    ids.sort();
    ids
}

#[test]
fn the_record_comes_back_as_it_went_in() {
    let store = Store::open_in_memory().unwrap();
    let runs = store.training_runs();
    let mut full = run("r");
    full.adapter = Some("a".into());
    full.begun_from = Some("z".into());
    full.status = RunStatus::Failed;
    full.started_at = Some(2);
    full.ended_at = Some(i64::MAX);
    full.progress = Progress {
        steps: 3,
        tokens: 4,
        seconds: 0.1,
        peak_bytes: 5,
    };
    full.before = Measured {
        loss: Some(2.5),
        perplexity: Some(f64::INFINITY),
    };
    full.after.loss = Some(1.25);
    full.error = Some("磁盘已满".into());
    runs.insert(&full).unwrap();
    runs.insert(&run("q")).unwrap();
    assert!(matches!(runs.insert(&full), Err(Error::Exists)));
    assert_eq!(runs.get("r").unwrap(), Some(full.clone()));
    assert_eq!(runs.get("s").unwrap(), None);
    assert_eq!(runs.list().unwrap(), [full, run("q")]);
    let walls = [
        Wall::Firm,
        Wall::Group("并购".into()),
        Wall::Client("华东精密".into()),
        Wall::Matter {
            client: Some("华东精密".into()),
            matter: "2026-017".into(),
        },
    ];
    for (number, wall) in walls.into_iter().enumerate() {
        let mut row = adapter(&number.to_string(), wall, AdapterState::Leaking);
        row.run = Some("r".into());
        store.adapters().insert(&row).unwrap();
        assert_eq!(store.adapters().get(&row.id).unwrap(), Some(row));
    }
    let mut lost = adapter("lost", Wall::Firm, AdapterState::Kept);
    lost.run = Some("nobody".into());
    let refused = store.adapters().insert(&lost);
    assert!(matches!(refused, Err(Error::NotFound)));
    let parts = [Part::Train, Part::Valid, Part::Test, Part::LeftOut];
    let mut sources: Vec<SourceRow> = parts.map(|part| source("h", part)).into();
    sources[3].reason = Some("扫描件".into());
    sources[3].document_id = None;
    store.training_sources().put("r", &sources).unwrap();
    assert_eq!(store.training_sources().of("r").unwrap(), sources);
    store.training_sources().put("r", &sources[1..2]).unwrap();
    assert_eq!(store.training_sources().of("r").unwrap(), sources[1..2]);
    let refused = store.training_sources().put("nobody", &[]);
    assert!(matches!(refused, Err(Error::NotFound)));
    store.check().unwrap();
}

#[test]
fn a_wall_lets_nothing_through() {
    let store = Store::open_in_memory().unwrap();
    let matter = |client: Option<&str>, matter: &str| Wall::Matter {
        client: client.map(str::to_owned),
        matter: matter.into(),
    };
    // A group, a client and a matter with one name, and one matter name of two clients and of none.
    let walls = [
        Wall::Firm,
        Wall::Group("恒通".into()),
        Wall::Group("并购".into()),
        Wall::Client("恒通".into()),
        Wall::Client("恒通 ".into()),
        matter(Some("恒通"), "增资"),
        matter(Some("华东"), "增资"),
        matter(None, "增资"),
        matter(None, "恒通"),
    ];
    let states = [
        AdapterState::Candidate,
        AdapterState::Kept,
        AdapterState::Discarded,
        AdapterState::Leaking,
    ];
    let mut all = Vec::new();
    for (w, wall) in walls.iter().enumerate() {
        for state in states {
            let mut row = adapter(&format!("{w}-{}", state.name()), wall.clone(), state);
            row.created_at = w as i64;
            store.adapters().insert(&row).unwrap();
            all.push(row);
        }
    }
    // Every choice of walls to stand behind.
    for choice in 0..1 << walls.len() {
        let chosen: Vec<Wall> = (0..walls.len())
            .filter(|bit| choice >> bit & 1 == 1)
            .map(|bit| walls[bit].clone())
            .collect();
        let mut wanted: Vec<&AdapterRow> = all
            .iter()
            .filter(|row| row.state == AdapterState::Kept)
            .filter(|row| row.wall == Wall::Firm || chosen.contains(&row.wall))
            .collect();
        wanted.sort_by_key(|row| std::cmp::Reverse(row.created_at));
        let offered = store.adapters().offered(&chosen).unwrap();
        assert_eq!(offered.iter().collect::<Vec<_>>(), wanted, "{chosen:?}");
    }
    let behind = |client: Option<&str>, matter: Option<&str>, group: Option<&str>| {
        let walls = Wall::of(&Matter {
            client: client.map(str::to_owned),
            matter: matter.map(str::to_owned),
            group: group.map(str::to_owned),
        });
        ids(store.adapters().offered(&walls).unwrap())
    };
    let of = |client, matter| behind(client, matter, None);
    assert_eq!(of(None, None), ["0-kept"]);
    assert_eq!(of(Some("恒通"), None), ["0-kept", "3-kept"]);
    assert_eq!(
        of(Some("恒通"), Some("增资")),
        ["0-kept", "3-kept", "5-kept"]
    );
    assert_eq!(of(None, Some("增资")), ["0-kept", "7-kept"]);
    assert_eq!(behind(None, None, Some("并购")), ["0-kept", "2-kept"]);
    assert_eq!(behind(None, None, Some("恒通")), ["0-kept", "1-kept"]);
    assert_eq!(store.adapters().list().unwrap().len(), all.len());
}

#[test]
fn what_leaks_is_not_offered_again() {
    let store = Store::open_in_memory().unwrap();
    let adapters = store.adapters();
    let row = adapter("a", Wall::Firm, AdapterState::Candidate);
    adapters.insert(&row).unwrap();
    assert!(matches!(adapters.insert(&row), Err(Error::Exists)));
    assert!(adapters.offered(&[]).unwrap().is_empty());
    for state in [
        AdapterState::Kept,
        AdapterState::Discarded,
        AdapterState::Kept,
    ] {
        adapters.decide("a", state).unwrap();
    }
    assert_eq!(ids(adapters.offered(&[]).unwrap()), ["a"]);
    adapters.rename("a", "新名", "只用于买方").unwrap();
    adapters.decide("a", AdapterState::Leaking).unwrap();
    adapters.decide("a", AdapterState::Leaking).unwrap();
    for state in [AdapterState::Kept, AdapterState::Discarded] {
        let refused = adapters.decide("a", state);
        assert!(matches!(refused, Err(Error::Conflict)));
    }
    assert!(adapters.offered(&[]).unwrap().is_empty());
    let found = adapters.get("a").unwrap().unwrap();
    assert_eq!((&*found.name, &*found.note), ("新名", "只用于买方"));
    adapters.delete("a").unwrap();
    for result in [
        adapters.delete("a"),
        adapters.rename("a", "", ""),
        adapters.decide("a", AdapterState::Kept),
    ] {
        assert!(matches!(result, Err(Error::NotFound)));
    }
}

#[test]
fn one_adapter_of_a_base_is_used_behind_each_wall() {
    let store = Store::open_in_memory().unwrap();
    let adapters = store.adapters();
    let client = Wall::Client("恒通".into());
    for (id, wall) in [("a", Wall::Firm), ("b", Wall::Firm), ("c", client.clone())] {
        adapters
            .insert(&adapter(id, wall, AdapterState::Kept))
            .unwrap();
    }
    let mut other = adapter("other base", Wall::Firm, AdapterState::Kept);
    other.base = "b1".into();
    adapters.insert(&other).unwrap();
    let new = adapter("new", Wall::Firm, AdapterState::Candidate);
    adapters.insert(&new).unwrap();
    let used = || {
        let mut all = adapters.list().unwrap();
        all.retain(|row| row.used);
        let mut ids = ids(all);
        ids.sort();
        ids
    };
    for id in ["a", "c", "other base", "b"] {
        adapters.set_used(id, true).unwrap();
    }
    assert_eq!(used(), ["b", "c", "other base"]);
    assert!(matches!(
        adapters.set_used("new", true),
        Err(Error::Conflict)
    ));
    assert!(matches!(adapters.set_used("", true), Err(Error::NotFound)));
    // Neither another wall nor another decision leaves it in use.
    adapters.set_wall("c", &Wall::Firm).unwrap();
    adapters
        .decide("other base", AdapterState::Discarded)
        .unwrap();
    adapters.decide("b", AdapterState::Kept).unwrap();
    assert_eq!(used(), ["b"]);
    assert_eq!(adapters.get("c").unwrap().unwrap().wall, Wall::Firm);
    adapters.set_used("b", false).unwrap();
    assert_eq!(used(), [""; 0]);
    let mut document = super::document("d", "", "");
    document.title = "增资协议".into();
    store.documents().insert(&document).unwrap();
    let matter = Matter {
        client: Some("华东".into()),
        matter: Some("增资".into()),
        group: Some("并购".into()),
    };
    store.documents().set_matter("d", &matter).unwrap();
    assert_eq!(store.documents().matter("d").unwrap(), matter);
    adapters.set_wall("c", &client).unwrap();
    let known = adapters.walls().unwrap();
    assert_eq!(known.len(), 4);
    assert!(Wall::of(&matter).iter().all(|wall| known.contains(wall)));
    assert!(known.contains(&client));
}

#[test]
fn what_was_asked_and_what_came_of_it_are_kept_and_forgotten() {
    let store = Store::open_in_memory().unwrap();
    let runs = store.training_runs();
    runs.insert(&run("r")).unwrap();
    assert_eq!(
        (runs.request("r").unwrap(), runs.report("r").unwrap()),
        (None, None)
    );
    runs.set_request("r", "{\"a\":1}").unwrap();
    runs.set_report("r", "{\"b\":2}").unwrap();
    assert_eq!(runs.request("r").unwrap().as_deref(), Some("{\"a\":1}"));
    assert_eq!(runs.report("r").unwrap().as_deref(), Some("{\"b\":2}"));
    runs.drop_report("r").unwrap();
    assert_eq!(runs.report("r").unwrap(), None);
    for result in [
        runs.set_request("", "x"),
        runs.set_report("", "x"),
        runs.drop_report(""),
        runs.request("").map(|_| ()),
        runs.report("").map(|_| ()),
    ] {
        assert!(matches!(result, Err(Error::NotFound)));
    }
}

#[test]
fn a_run_goes_one_way() {
    let store = Store::open_in_memory().unwrap();
    let runs = store.training_runs();
    let held = store.tuning().unwrap();
    let mut running = run("r");
    running.status = RunStatus::Running;
    assert!(matches!(runs.insert(&running), Err(Error::Conflict)));
    runs.insert(&run("r")).unwrap();
    runs.start(&held, "r", 5, 60).unwrap();
    assert!(matches!(
        runs.start(&held, "r", 6, 60),
        Err(Error::Conflict)
    ));
    assert!(matches!(
        runs.start(&held, "s", 6, 60),
        Err(Error::NotFound)
    ));
    assert!(!runs.delete("r").unwrap(), "it is running");
    let before = Measured {
        loss: Some(3.0),
        perplexity: Some(f64::NAN),
    };
    runs.set_before("r", before).unwrap();
    let progress = Progress {
        steps: 2,
        tokens: 2048,
        seconds: 3.5,
        peak_bytes: 7,
    };
    let losses = store.training_losses();
    losses
        .append("r", &[loss(1, 3.0), loss(2, 2.0)], &progress)
        .unwrap();
    runs.end("r", &ended(RunStatus::Interrupted, None)).unwrap();
    // Taken up again; when it first began is kept.
    runs.start(&held, "r", 20, 80).unwrap();
    losses.cut("r", 1).unwrap();
    assert_eq!(losses.of("r", LossKind::Train).unwrap(), [loss(1, 3.0)]);
    for status in [RunStatus::Queued, RunStatus::Running] {
        assert!(matches!(
            runs.end("r", &ended(status, None)),
            Err(Error::Conflict)
        ));
    }
    let mut end = ended(RunStatus::Done, Some("a"));
    end.after.loss = Some(1.5);
    runs.end("r", &end).unwrap();
    assert!(matches!(
        runs.end("r", &ended(RunStatus::Failed, None)),
        Err(Error::Conflict)
    ));
    assert!(matches!(
        runs.start(&held, "r", 30, 80),
        Err(Error::Conflict)
    ));
    assert!(matches!(runs.end("s", &end), Err(Error::NotFound)));
    runs.rename("r", "第二次").unwrap();
    let wanted = TrainingRunRow {
        name: "第二次".into(),
        adapter: Some("a".into()),
        status: RunStatus::Done,
        started_at: Some(5),
        ended_at: Some(9),
        steps_wanted: 80,
        progress,
        before: Measured {
            loss: Some(3.0),
            perplexity: None,
        },
        after: end.after,
        ..run("r")
    };
    assert_eq!(runs.get("r").unwrap(), Some(wanted));
    assert!(runs.delete("r").unwrap());
    assert!(losses.of("r", LossKind::Train).unwrap().is_empty());
}

#[test]
fn losses_are_added_all_or_none() {
    let store = Store::open_in_memory().unwrap();
    store.training_runs().insert(&run("r")).unwrap();
    let losses = store.training_losses();
    let one = Progress {
        steps: 1,
        ..Progress::default()
    };
    let valid = LossRow {
        kind: LossKind::Valid,
        rate: None,
        gradient: None,
        ..loss(1, f64::INFINITY)
    };
    losses.append("r", &[loss(1, 2.0), valid], &one).unwrap();
    // A table without room for it: no second is no number.
    let mut odd = loss(3, 1.0);
    odd.seconds = f64::NAN;
    let three = Progress {
        steps: 3,
        ..Progress::default()
    };
    assert!(losses.append("r", &[loss(2, 1.5), odd], &three).is_err());
    assert_eq!(losses.of("r", LossKind::Train).unwrap(), [loss(1, 2.0)]);
    assert_eq!(losses.of("r", LossKind::Valid).unwrap(), [valid]);
    let found = store.training_runs().get("r").unwrap().unwrap();
    assert_eq!(found.progress.steps, 1);
    assert!(matches!(
        losses.append("s", &[], &one),
        Err(Error::NotFound)
    ));
    // A training that went astray, and a step that is taken again.
    losses
        .append("r", &[loss(1, 2.5), loss(2, f64::NAN)], &three)
        .unwrap();
    let found = losses.of("r", LossKind::Train).unwrap();
    assert_eq!(found[0], loss(1, 2.5));
    assert!(found[1].loss.is_nan() && found.len() == 2);
}

#[test]
fn a_thinned_chart_keeps_its_ends_and_extremes() {
    let store = Store::open_in_memory().unwrap();
    let losses = store.training_losses();
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    for count in [0_i64, 1, 2, 3, 5, 17, 100, 1000] {
        let id = format!("r{count}");
        store.training_runs().insert(&run(&id)).unwrap();
        let rows: Vec<LossRow> = (1..=count)
            .map(|step| loss(step * 3, (next(&mut seed) % 10_000) as f64 / 1000.0))
            .collect();
        losses.append(&id, &rows, &Progress::default()).unwrap();
        for points in [0, 1, 2, 3, 4, 5, 8, 16, 99, 100, 101, 5000] {
            let thin = losses.thinned(&id, LossKind::Train, points).unwrap();
            let said = format!("{points} of {count}");
            assert!(thin.len() <= points, "{said}");
            assert!(
                thin.windows(2).all(|two| two[0].step < two[1].step),
                "{said}"
            );
            assert!(thin.iter().all(|row| rows.contains(row)), "{said}");
            if rows.len() <= points {
                assert_eq!(thin, rows, "{said}");
            }
            assert_eq!(
                thin.last(),
                if points > 0 { rows.last() } else { None },
                "{said}"
            );
            if points > 1 {
                assert_eq!(thin.first(), rows.first(), "{said}");
            }
            if points > 3 && !rows.is_empty() {
                let least =
                    |rows: &[LossRow]| rows.iter().map(|row| row.loss).fold(f64::MAX, f64::min);
                let most =
                    |rows: &[LossRow]| rows.iter().map(|row| row.loss).fold(f64::MIN, f64::max);
                assert_eq!(least(&thin), least(&rows), "{said}");
                assert_eq!(most(&thin), most(&rows), "{said}");
                // No stretch is left without a point.
                let gap = rows.len().div_ceil((points - 2) / 2) as i64 * 3 * 2 + 3;
                assert!(
                    thin.windows(2).all(|two| two[1].step - two[0].step <= gap),
                    "{said}"
                );
            }
        }
    }
}

#[test]
fn a_hundred_thousand_losses_are_read_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("moqi.db")).unwrap();
    let losses = store.training_losses();
    let rows: Vec<LossRow> = (1..=100_000)
        .map(|step| loss(step, 3.0 + (step as f64 / 50.0).sin() - step as f64 / 1e5))
        .collect();
    // Other runs before and after, which must not be read for it.
    for id in ["a", "b", "c"] {
        store.training_runs().insert(&run(id)).unwrap();
        losses.append(id, &rows, &Progress::default()).unwrap();
    }
    let start = Instant::now();
    assert_eq!(losses.of("b", LossKind::Train).unwrap(), rows);
    let whole = start.elapsed();
    let start = Instant::now();
    assert_eq!(
        losses.thinned("b", LossKind::Train, 1000).unwrap().len(),
        1000
    );
    let thinned = start.elapsed();
    let start = Instant::now();
    assert!(
        losses
            .thinned("b", LossKind::Valid, 1000)
            .unwrap()
            .is_empty()
    );
    let none = start.elapsed();
    println!(
        "100,000 losses: all in {whole:?}, thinned in {thinned:?}, none of the other kind in {none:?}"
    );
    assert!(whole.as_secs_f64() < 1.0 && thinned.as_secs_f64() < 1.0 && none.as_secs_f64() < 0.1);
    let plan: String = store
        .connection()
        .query_row(
            "EXPLAIN QUERY PLAN SELECT step FROM training_losses WHERE run = 'b' AND kind = 'train' ORDER BY step",
            [],
            |row| row.get(3),
        )
        .unwrap();
    assert!(plan.contains("USING PRIMARY KEY"), "{plan}");
}
