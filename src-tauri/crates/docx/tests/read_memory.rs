//! No damaged or hostile file takes more than 512 MB of memory.
//!
//! Each hostile file is read by a process of its own, this test again, which tells the most memory it has held. The
//! files damaged at random are small, and one process reads them all.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at the first fault and says how much memory was held"
)]

mod damage;
mod file;

use std::path::Path;
use std::process::Command;

use moqi_docx::{Changes, ReadOptions, read, read_with};

/// Most memory a process may hold, in MB: the promise of the reader.
const MOST: usize = 512;
/// Names the files a process reads, one a line.
const FILES: &str = "MOQI_MEMORY_FILES";

/// The most memory this process has held, in MB.
fn held() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    let kilobytes: usize = line
        .chars()
        .filter(char::is_ascii_digit)
        .collect::<String>()
        .parse()
        .unwrap();
    kilobytes / 1_000
}

/// The other process: reads what it is told to, and says what it held.
#[test]
fn reads_what_it_is_told() {
    let Some(list) = std::env::var_os(FILES) else {
        return;
    };
    for path in std::fs::read_to_string(list).unwrap().lines() {
        let bytes = std::fs::read(path).unwrap();
        let _ = read(&bytes);
        let _ = read_with(&bytes, &ReadOptions::with_changes(Changes::Rejected));
    }
    println!("held {} MB", held());
}

/// What a process holds that reads these files.
fn held_by(folder: &Path, files: &[(String, Vec<u8>)]) -> usize {
    let list = folder.join("list");
    let mut names = String::new();
    for (number, (_, bytes)) in files.iter().enumerate() {
        let path = folder.join(number.to_string());
        std::fs::write(&path, bytes).unwrap();
        names += &format!("{}\n", path.display());
    }
    std::fs::write(&list, names).unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "reads_what_it_is_told", "--nocapture"])
        .env(FILES, &list)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    let held = said.split("held ").nth(1).unwrap();
    held.split(' ').next().unwrap().parse().unwrap()
}

#[test]
fn no_file_takes_more_than_half_a_gigabyte() {
    let folder = tempfile::tempdir().unwrap();
    let none = held_by(folder.path(), &[]);
    let mut most = (none, "no file".to_owned());
    for file in damage::hostile() {
        let held = held_by(folder.path(), std::slice::from_ref(&file));
        if std::env::var_os("MOQI_DATA").is_some() {
            println!("{held} MB: {}", file.0);
        }
        if held > most.0 {
            most = (held, file.0);
        }
    }
    let damaged = damage::mutations();
    let small = held_by(folder.path(), &damaged);
    println!(
        "most memory held: {} MB ({}); {small} MB by {} damaged files; {none} MB by none",
        most.0,
        most.1,
        damaged.len()
    );
    assert!(most.0 <= MOST && small <= MOST, "{most:?}, {small}");
    assert!(none < most.0, "the measure sees what reading takes");
}
