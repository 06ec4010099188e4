//! A program that ends under a training leaves a record that can be gone on from.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use super::training::{loss, run};
use super::*;

const TRAINS: &str = "MOQI_STORE_TRAINS";
/// Losses in a batch.
const BATCH: i64 = 20;

fn value(step: i64) -> f64 {
    4.0 / step as f64
}

#[test]
fn a_run_that_was_left_is_interrupted_and_one_that_goes_on_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("moqi.db");
    let status = || {
        let store = Store::open(&path).unwrap();
        let found = store.training_runs().list().unwrap();
        found.iter().map(|row| row.status).collect::<Vec<_>>()
    };
    let store = Store::open(&path).unwrap();
    let mut done = run("done");
    done.status = RunStatus::Done;
    for row in [run("r"), run("queued"), done] {
        store.training_runs().insert(&row).unwrap();
    }
    let wanted = |status| [status, RunStatus::Queued, RunStatus::Done];
    let held = store.tuning().unwrap();
    store.training_runs().start(&held, "r", 5, 60).unwrap();
    // The window trains; the command line opens the same file.
    assert_eq!(status(), wanted(RunStatus::Running));
    let other = open_soon(&path).unwrap();
    assert!(matches!(other.tuning(), Err(Error::Locked)));
    drop(store);
    assert_eq!(
        status(),
        wanted(RunStatus::Running),
        "it is the right that counts"
    );
    drop(held);
    assert_eq!(status(), wanted(RunStatus::Interrupted));
    let held = other.tuning().unwrap();
    other.training_runs().start(&held, "r", 6, 60).unwrap();
    assert_eq!(status(), wanted(RunStatus::Running));
    drop((held, other));
    // Somebody tidied the folder up.
    std::fs::remove_file(open::beside(&path, ".tuning")).unwrap();
    assert_eq!(status(), wanted(RunStatus::Interrupted));
}

/// Not a test of its own: the process that is killed. It takes a run up where the record ends, and says each batch of
/// losses once it is confirmed.
#[test]
fn train_child() {
    let Some(path) = std::env::var_os(TRAINS) else {
        return;
    };
    let store = Store::open(Path::new(&path)).unwrap();
    let held = store.tuning().unwrap();
    store.training_runs().start(&held, "r", 5, 60).unwrap();
    let mut taken = store
        .training_runs()
        .get("r")
        .unwrap()
        .unwrap()
        .progress
        .steps;
    let mut out = std::io::stdout().lock();
    loop {
        let rows: Vec<LossRow> = (taken + 1..=taken + BATCH)
            .map(|step| loss(step, value(step)))
            .collect();
        taken += BATCH;
        let progress = Progress {
            steps: taken,
            tokens: taken * 1024,
            ..Progress::default()
        };
        store
            .training_losses()
            .append("r", &rows, &progress)
            .unwrap();
        writeln!(out, "confirmed {taken}").unwrap();
        out.flush().unwrap();
    }
}

fn confirmed(line: &str) -> Option<i64> {
    line.rsplit_once("confirmed ")?.1.trim().parse().ok()
}

#[test]
fn a_kill_loses_no_loss_that_was_confirmed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("moqi.db");
    Store::open(&path)
        .unwrap()
        .training_runs()
        .insert(&run("r"))
        .unwrap();
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut last = 0;
    for round in 0..8 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "tests::training_crash::train_child",
                "--nocapture",
                "--test-threads=1",
            ])
            .env(TRAINS, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        for _ in 0..1 + next(&mut seed) % 12 {
            last = loop {
                let line = lines.next().expect("it trains until it is killed").unwrap();
                if let Some(step) = confirmed(&line) {
                    break step;
                }
            };
        }
        // Another program looks on and takes nothing away.
        let status = |store: &Store| store.training_runs().get("r").unwrap().unwrap().status;
        assert_eq!(
            status(&Store::open(&path).unwrap()),
            RunStatus::Running,
            "round {round}"
        );
        std::thread::sleep(Duration::from_micros(next(&mut seed) % 6000));
        child.kill().unwrap();
        child.wait().unwrap();
        for line in lines.map_while(std::result::Result::ok) {
            last = confirmed(&line).unwrap_or(last);
        }
        let store = Store::open(&path).unwrap();
        assert_eq!(status(&store), RunStatus::Interrupted, "round {round}");
        let taken = store
            .training_runs()
            .get("r")
            .unwrap()
            .unwrap()
            .progress
            .steps;
        assert!(
            taken == last || taken == last + BATCH,
            "round {round}: {taken} after {last}"
        );
        let wanted: Vec<LossRow> = (1..=taken).map(|step| loss(step, value(step))).collect();
        let found = store.training_losses().of("r", LossKind::Train).unwrap();
        assert_eq!(
            found, wanted,
            "round {round}: the losses and how far it is belong together"
        );
        store.check().unwrap();
    }
}
