//! `cargo xtask bench word`: writing and reading of a contract of about 100 pages, ours beside others, in turn.
//!
//! npm docx is installed into the build folder where node and npm are; `MOQI_WORD_PYTHON` names a Python with
//! python-docx; pandoc is taken from the path. One that is missing is left out, said so. Medians of `MOQI_BENCH_ROUNDS`
//! rounds, five where it is not set; a round of ours, npm docx and python-docx is itself a median of several runs in one
//! warm process, pandoc is a process each time, and so it is compared with our way from Markdown to the file.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::figures::{figures, median};
use crate::shell::{Done, Step, Stop, cargo, on_path, target};

const NPM: &str = include_str!("word/npm.mjs");
const PYTHON: &str = include_str!("word/python.py");

/// What is compared: the work, ours, theirs, and how many times as fast ours must be.
const RATIOS: [(&str, &str, &str, Option<f64>); 6] = [
    ("write", "ours write", "npm docx write", Some(8.0)),
    ("write", "ours write", "python-docx write", None),
    ("read", "ours read", "python-docx read", Some(10.0)),
    (
        "Markdown to .docx",
        "ours md → docx",
        "pandoc md → docx",
        None,
    ),
    (".docx to Markdown", "ours read", "pandoc docx → md", None),
    ("parse and write", "ours md → docx", "npm docx write", None),
];

/// The others that are on this machine.
struct Peers {
    /// Folder with the script and `node_modules`.
    npm: Option<PathBuf>,
    python: Option<String>,
    pandoc: bool,
}

/// Measures both languages and fails where a bar is missed.
pub fn bench() -> Done {
    cargo(&[
        "build",
        "--release",
        "--quiet",
        "--package",
        "moqi-docx",
        "--example",
        "speed",
    ])
    .run()?;
    let speed =
        target()
            .join("release/examples")
            .join(if cfg!(windows) { "speed.exe" } else { "speed" });
    let folder = target().join("tools/word");
    fs::create_dir_all(&folder).map_err(|error| broken(&folder, error))?;
    let peers = peers(&folder)?;
    let rounds = std::env::var("MOQI_BENCH_ROUNDS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(5usize);
    let mut missed = Vec::new();
    for language in ["zh", "en"] {
        let mut command = Command::new(&speed);
        command.args(["prepare", language]).arg(&folder);
        figures(command, [])?;
        let mut times: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        let mut note = |name: &'static str, time: Option<f64>| {
            times.entry(name).or_default().extend(time);
        };
        for _ in 0..rounds {
            ours(&speed, &folder, &mut note)?;
            theirs(&peers, &folder, &mut note)?;
        }
        println!("{language}: a contract of about 100 pages, rounds in turn: {rounds}, medians");
        let medians: BTreeMap<&str, f64> = times
            .into_iter()
            .filter_map(|(name, times)| Some((name, median(times)?)))
            .collect();
        for (name, time) in &medians {
            println!("  {name:<20} {time:>9.1} ms");
        }
        for (work, ours, theirs, bar) in RATIOS {
            let Some(ratio) = medians
                .get(theirs)
                .zip(medians.get(ours))
                .map(|(a, b)| a / b)
            else {
                continue;
            };
            let wanted = bar.map_or(String::new(), |bar| format!(" (at least {bar})"));
            println!("  {work}: {ours} is {ratio:.1} times as fast as {theirs}{wanted}");
            if bar.is_some_and(|bar| ratio < bar) {
                missed.push(format!("{language}: {theirs} by {ratio:.1}{wanted}"));
            }
        }
    }
    if missed.is_empty() {
        return Ok(());
    }
    Err(Stop(format!("a bar is missed: {}", missed.join("; "))))
}

fn ours(speed: &Path, folder: &Path, note: &mut impl FnMut(&'static str, Option<f64>)) -> Done {
    let mut command = Command::new(speed);
    command.arg("measure").arg(folder);
    let [write, both, read] = figures(command, ["write_ms", "md_to_docx_ms", "read_ms"])?;
    note("ours write", write);
    note("ours md → docx", both);
    note("ours read", read);
    Ok(())
}

fn theirs(peers: &Peers, folder: &Path, note: &mut impl FnMut(&'static str, Option<f64>)) -> Done {
    if let Some(npm) = &peers.npm {
        let mut command = Command::new("node");
        command
            .arg(npm.join("npm.mjs"))
            .arg(folder)
            .arg(folder.join("npm.docx"));
        let [write] = figures(command, ["write_ms"])?;
        note("npm docx write", write);
    }
    if let Some(python) = &peers.python {
        let mut command = Command::new(python);
        command
            .args(["-X", "utf8", "-c", PYTHON])
            .arg(folder)
            .arg(folder.join("python.docx"));
        let [write, read] = figures(command, ["write_ms", "read_ms"])?;
        note("python-docx write", write);
        note("python-docx read", read);
    }
    if peers.pandoc {
        for (name, from, to) in [
            ("pandoc md → docx", "contract.md", "pandoc.docx"),
            ("pandoc docx → md", "contract.docx", "pandoc.md"),
        ] {
            let mut command = Command::new("pandoc");
            command
                .arg(folder.join(from))
                .arg("-o")
                .arg(folder.join(to));
            let start = Instant::now();
            figures(command, [])?;
            note(name, Some(start.elapsed().as_secs_f64() * 1e3));
        }
    }
    Ok(())
}

/// Finds the others, installs npm docx, and prints their versions.
fn peers(folder: &Path) -> Result<Peers, Stop> {
    let npm = if on_path("node") && on_path("npm") {
        let place = folder.join("npm");
        let installed = place.join("node_modules/docx/package.json");
        fs::create_dir_all(&place).map_err(|error| broken(&place, error))?;
        if !installed.is_file() {
            println!("Installing npm docx into {}", place.display());
            let prefix = place.to_string_lossy();
            Step::new(
                "npm",
                &[
                    "install",
                    "--silent",
                    "--no-audit",
                    "--no-fund",
                    "--prefix",
                    &prefix,
                    "docx",
                ],
            )
            .run()?;
        }
        let script = place.join("npm.mjs");
        fs::write(&script, NPM).map_err(|error| broken(&script, error))?;
        let about = fs::read_to_string(&installed).map_err(|error| broken(&installed, error))?;
        let version = about
            .lines()
            .find_map(|line| line.trim().strip_prefix("\"version\":"))
            .map_or("", |version| version.trim_matches([' ', '"', ',']));
        println!(
            "npm docx {version} with node {}",
            version_of("node", &["--version"])
        );
        Some(place)
    } else {
        println!("skipped: npm docx, there is no node or npm on the path");
        None
    };
    let python = std::env::var("MOQI_WORD_PYTHON").ok();
    match &python {
        Some(python) => {
            let say =
                "import sys, docx; print(docx.__version__, 'with Python', sys.version.split()[0])";
            println!("python-docx {}", version_of(python, &["-c", say]));
        }
        None => println!("skipped: python-docx, MOQI_WORD_PYTHON names no Python"),
    }
    let pandoc = on_path("pandoc");
    if pandoc {
        println!("{}", version_of("pandoc", &["--version"]));
    } else {
        println!("skipped: pandoc, it is not on the path");
    }
    Ok(Peers {
        npm,
        python,
        pandoc,
    })
}

/// The first line that a program says of itself.
fn version_of(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let said = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    said.unwrap_or_default()
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned()
}

fn broken(path: &Path, error: std::io::Error) -> Stop {
    Stop(format!("{}: {error}", path.display()))
}
