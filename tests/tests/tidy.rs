//! The house rules that a compiler does not know, held against the files themselves.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at the first fault and says when it is skipped"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use moqi_tests::{checkout, files_below};

/// Which rooms a room may use; see the house map in the README.
const ARROWS: &[(&str, &[&str])] = &[
    ("document", &[]),
    ("rules", &["document"]),
    ("docx", &["document"]),
    ("lm", &[]),
    ("store", &[]),
    ("app", &["document", "rules", "docx", "lm", "store"]),
];

/// Crates of the outside that belong to one room only.
const POWERS: &[(&str, &str)] = &[
    ("rusqlite", "store"),
    ("docx-rs", "docx"),
    ("quick-xml", "docx"),
    ("candle-core", "lm"),
    ("tokenizers", "lm"),
    ("pulldown-cmark", "document"),
    ("tauri", "window"),
    // The one client of the network, behind the list of allowed servers.
    ("ureq", "app"),
];

const TOP_LEVEL: &[&str] = &[
    "Cargo.lock",
    "Cargo.toml",
    "README.md",
    "icons",
    "models",
    "src-tauri",
    "templates",
    "tests",
    "ui",
];

/// Lines after which a file has more than one idea.
const LONGEST: usize = 600;

fn normal_dependencies(manifest: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(manifest).unwrap();
    let table: toml::Table = text.parse().unwrap();
    let mut names = BTreeSet::new();
    if let Some(toml::Value::Table(found)) = table.get("dependencies") {
        names.extend(found.keys().cloned());
    }
    names
}

/// Wrong arrows in one manifest.
fn wrong_arrows(room: &str, dependencies: &BTreeSet<String>) -> Vec<String> {
    let allowed = ARROWS
        .iter()
        .find(|(name, _)| *name == room)
        .map_or(&[][..], |(_, allowed)| allowed);
    let mut wrong = Vec::new();
    for name in dependencies {
        if let Some(other) = name.strip_prefix("moqi-")
            && !allowed.contains(&other)
        {
            wrong.push(format!("{room} → {other}"));
        }
        if let Some((_, owner)) = POWERS.iter().find(|(power, _)| power == name)
            && *owner != room
        {
            wrong.push(format!("{room} → {name}, which belongs to {owner}"));
        }
    }
    wrong
}

#[test]
fn arrows_between_rooms_are_the_planned_ones() {
    let crates = checkout().join("src-tauri/crates");
    let mut wrong = Vec::new();
    let mut rooms = BTreeSet::new();
    for folder in fs::read_dir(&crates).unwrap() {
        let folder = folder.unwrap();
        let room = folder.file_name().into_string().unwrap();
        wrong.extend(wrong_arrows(
            &room,
            &normal_dependencies(&folder.path().join("Cargo.toml")),
        ));
        rooms.insert(room);
    }
    let window = normal_dependencies(&checkout().join("src-tauri/Cargo.toml"));
    let past_app: Vec<_> = window
        .iter()
        .filter(|name| name.starts_with("moqi-") && *name != "moqi-app")
        .collect();
    assert!(
        past_app.is_empty(),
        "the window goes past app: {past_app:?}"
    );
    assert_eq!(wrong, Vec::<String>::new());
    let planned: BTreeSet<String> = ARROWS.iter().map(|(room, _)| (*room).to_owned()).collect();
    assert_eq!(rooms, planned, "a new room needs its reason in the README");
}

#[test]
fn a_wrong_arrow_is_seen() {
    let found = |room, names: &[&str]| {
        wrong_arrows(room, &names.iter().map(|name| (*name).to_owned()).collect())
    };
    assert_eq!(found("rules", &["moqi-document"]), Vec::<String>::new());
    assert_eq!(found("rules", &["moqi-lm"]), ["rules → lm"]);
    assert_eq!(
        found("app", &["rusqlite"]),
        ["app → rusqlite, which belongs to store"]
    );
}

#[test]
fn the_top_level_is_the_given_one() {
    let mut found: Vec<String> = fs::read_dir(checkout())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('.') && name != "target")
        .collect();
    found.sort();
    assert_eq!(found, TOP_LEVEL);
}

fn sources(endings: &[&str]) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for root in ["src-tauri", "tests", "ui/src"] {
        all.extend(files_below(&checkout().join(root)));
    }
    all.retain(|path| {
        let name = path.to_string_lossy();
        endings.iter().any(|ending| name.ends_with(ending)) && !name.contains("/gen/")
    });
    assert!(all.len() > 20, "the walk found only {} files", all.len());
    all
}

#[test]
fn files_are_short() {
    let long: Vec<String> = sources(&[".rs", ".ts", ".svelte", ".css"])
        .into_iter()
        .filter(|path| !path.ends_with("ui/src/ipc.ts") && !path.ends_with("src-tauri/src/ipc.rs"))
        .filter_map(|path| {
            let lines = fs::read_to_string(&path).unwrap().lines().count();
            (lines > LONGEST).then(|| format!("{} has {lines} lines", path.display()))
        })
        .collect();
    assert_eq!(long, Vec::<String>::new());
}

/// Lines of code outside tests: a file ends, for this purpose, where its tests begin.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
        .filter(|(_, line)| {
            let line = line.trim_start();
            !line.starts_with("//")
        })
}

/// What may not stand in code, with the reason.
const BANNED: &[(&str, &str)] = &[
    (
        ".unwrap()",
        "say why it cannot fail with expect, or return the error",
    ),
    ("todo!(", "nothing is left for later"),
    ("unimplemented!(", "nothing is left for later"),
];

/// Whether a line names a `Result` whose second part is `String`.
fn error_is_text(line: &str) -> bool {
    line.split("Result<").skip(1).any(|rest| {
        let mut depth = 0;
        let mut parts = vec![String::new()];
        for c in rest.chars() {
            match c {
                '<' | '(' | '[' => depth += 1,
                '>' | ')' | ']' if depth == 0 => break,
                '>' | ')' | ']' => depth -= 1,
                ',' if depth == 0 => {
                    parts.push(String::new());
                    continue;
                }
                _ => {}
            }
            parts.last_mut().unwrap().push(c);
        }
        parts.get(1).is_some_and(|error| error.trim() == "String")
    })
}

fn banned(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in code(text) {
        for (words, why) in BANNED {
            if line.contains(words) {
                found.push(format!("{}: `{words}`: {why}", number + 1));
            }
        }
        if error_is_text(line) {
            found.push(format!("{}: Result<_, String>", number + 1));
        }
    }
    found
}

#[test]
fn code_has_no_unwrap_outside_tests() {
    let mut found = Vec::new();
    for path in sources(&[".rs"]) {
        let name = path.to_string_lossy().into_owned();
        let is_test = name.contains("/tests/")
            || name.contains("/examples/")
            || name.ends_with("tests.rs")
            || name.contains("_tests");
        if is_test
            || fs::read_to_string(&path)
                .unwrap()
                .contains("//! The TypeScript twin")
        {
            continue;
        }
        found.extend(
            banned(&fs::read_to_string(&path).unwrap())
                .into_iter()
                .map(|fault| format!("{name}:{fault}")),
        );
    }
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn an_unwrap_is_seen() {
    assert_eq!(
        banned("fn f() {\n    x.unwrap();\n}\n#[cfg(test)]\nmod tests { y.unwrap() }").len(),
        1
    );
    assert_eq!(banned("fn f() -> Result<(), String> {").len(), 1);
    assert_eq!(
        banned("fn f() -> Result<BTreeMap<String, String>> {").len(),
        0
    );
    assert_eq!(
        banned("// x.unwrap()\nlet m: BTreeMap<u8, String> = x;").len(),
        0
    );
}

#[test]
fn every_template_names_its_licence() {
    let templates = files_below(&checkout().join("templates"));
    let missing: Vec<_> = templates
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .filter(|path| {
            !fs::read_to_string(path)
                .unwrap()
                .lines()
                .any(|line| line == "licence: CC0-1.0")
        })
        .collect();
    assert!(
        missing.is_empty(),
        "no line `licence: CC0-1.0` in {missing:?}"
    );
    assert!(templates.len() > 70);
}

#[test]
fn every_model_names_its_licence() {
    let text = fs::read_to_string(checkout().join("models/catalogue.toml")).unwrap();
    let table: toml::Table = text.parse().unwrap();
    let models = table["model"].as_array().unwrap();
    assert!(models.len() >= 3);
    for model in models {
        let licence = model
            .get("licence")
            .and_then(toml::Value::as_str)
            .unwrap_or_default();
        assert!(!licence.is_empty(), "{} names no licence", model["id"]);
    }
}

#[test]
fn every_crate_is_apache_licensed() {
    for manifest in files_below(&checkout())
        .into_iter()
        .filter(|path| path.ends_with("Cargo.toml"))
    {
        let text = fs::read_to_string(&manifest).unwrap();
        if text.contains("[package]") {
            assert!(
                text.contains("license.workspace = true"),
                "{}",
                manifest.display()
            );
        }
    }
    let licence = fs::read_to_string(checkout().join("src-tauri/LICENSE")).unwrap();
    assert!(licence.contains("Apache License") && licence.contains("Version 2.0"));
}

#[test]
fn the_editor_names_no_remote_address() {
    let mut files = files_below(&checkout().join("ui/src"));
    files.push(checkout().join("ui/index.html"));
    let allowed = ["http://ipc.localhost", "http://www.w3.org/"];
    let mut found = Vec::new();
    for path in files
        .iter()
        .filter(|path| !path.to_string_lossy().contains(".test."))
    {
        for line in fs::read_to_string(path).unwrap_or_default().lines() {
            let mut line = line.to_owned();
            for known in allowed {
                line = line.replace(known, "");
            }
            // Showing or checking a scheme is no address.
            if line.contains("http://") || line.contains("https://") {
                let addressed = line
                    .split("://")
                    .skip(1)
                    .any(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric()));
                if addressed {
                    found.push(format!("{}: {}", path.display(), line.trim()));
                }
            }
        }
    }
    assert_eq!(found, Vec::<String>::new());
}
