//! Damaged and hostile files: no panic, no hang, and an answer in seconds for each.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at the first fault and says how long it took"
)]

mod damage;
mod file;

use std::sync::mpsc;
use std::time::{Duration, Instant};

use moqi_docx::{Changes, ReadError, ReadOptions, read, read_with};

/// A file that takes longer hangs; a debug build on a busy machine takes some of it.
const PATIENCE: Duration = Duration::from_secs(30);

/// What reading made of a file: whether it was read, and the seconds it took. Panics where it hangs.
fn answer(name: &str, bytes: Vec<u8>) -> (Result<(), ReadError>, f64) {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let start = Instant::now();
        let accepted = read(&bytes).map(drop);
        let seconds = start.elapsed().as_secs_f64();
        let rejected = read_with(&bytes, &ReadOptions::with_changes(Changes::Rejected)).map(drop);
        assert_eq!(accepted.is_ok(), rejected.is_ok());
        let _ = send.send((accepted, seconds));
    });
    match receive.recv_timeout(PATIENCE) {
        Ok(answer) => answer,
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("{name} hangs"),
        Err(mpsc::RecvTimeoutError::Disconnected) => panic!("{name} panics"),
    }
}

/// Reads them all and returns which were read.
fn all(files: Vec<(String, Vec<u8>)>) -> Vec<(String, Result<(), ReadError>)> {
    let mut slowest = (0.0, String::new());
    let count = files.len();
    let mut out = Vec::new();
    for (name, bytes) in files {
        let (result, seconds) = answer(&name, bytes);
        if seconds > slowest.0 {
            slowest = (seconds, name.clone());
        }
        out.push((name, result));
    }
    let read = out.iter().filter(|(_, result)| result.is_ok()).count();
    println!(
        "{count} files, {read} read; slowest {:.3} s: {}",
        slowest.0, slowest.1
    );
    out
}

#[test]
fn hundreds_of_damaged_files_do_no_harm() {
    let files = damage::mutations();
    assert!(files.len() >= 200, "{}", files.len());
    let results = all(files);
    // A missing body is no Word file; anything else may be missing.
    for (name, result) in &results {
        if name.ends_with("missing") {
            assert_eq!(
                result.is_err(),
                name.contains("word/document.xml missing"),
                "{name}: {result:?}"
            );
        }
    }
}

#[test]
fn hostile_files_get_a_clear_answer() {
    let files = damage::hostile();
    for (name, result) in all(files) {
        match name.split(':').next() {
            Some("read") => assert!(result.is_ok(), "{name}: {result:?}"),
            Some("refused") => assert!(
                matches!(
                    result,
                    Err(ReadError::TooLarge(_) | ReadError::BadXml { .. })
                ),
                "{name}: {result:?}"
            ),
            _ => {}
        }
    }
}
