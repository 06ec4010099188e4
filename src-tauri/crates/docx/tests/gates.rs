//! The gates of written Word files: our own checks, strict validators, python-docx and LibreOffice; and defects planted
//! in a good file, to see that the gates are shut. The judges in Python run where `MOQI_PYTHON_BIN` names their folder.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at the first fault and says what it skips"
)]

mod gate;

use std::fs;
use std::path::PathBuf;

use gate::defects::{self, Defect};
use gate::faults::faults;
use gate::good::good;
use gate::judges;
use gate::package::pack;
use gate::samples::{self, Sample};
use moqi_document::{InlineKind, number, parse};
use moqi_docx::read;

const VALIDATORS: [&str; 2] = ["openxml-audit", "docx-integrity"];

#[test]
fn our_own_checks_see_what_the_validators_miss() {
    let good = good();
    assert_eq!(faults(&pack(&good)), Vec::<String>::new());
    let mut missed = Vec::new();
    for Defect(name, wanted, edit) in defects::SEVEN.iter().chain(defects::OTHERS) {
        let Some(wanted) = wanted else { continue };
        let found = faults(&defects::plant(&good, edit));
        if !found.iter().any(|fault| fault.contains(wanted)) {
            missed.push(format!("{name}: no “{wanted}” in {found:?}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
    assert!(
        defects::SEVEN
            .iter()
            .all(|Defect(_, wanted, _)| wanted.is_some())
    );
}

#[test]
fn our_own_checks_raise_no_alarm_at_real_files() {
    let Some(data) = std::env::var_os("MOQI_DATA") else {
        println!("skipped: MOQI_DATA names no folder with standard-en and firm-en");
        return;
    };
    let mut files = 0;
    for folder in ["standard-en", "firm-en"] {
        for entry in fs::read_dir(PathBuf::from(&data).join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "docx") {
                files += 1;
                let found = faults(&fs::read(&path).unwrap());
                assert_eq!(found, Vec::<String>::new(), "{}", path.display());
            }
        }
    }
    assert!(files >= 50, "only {files} files");
}

#[test]
fn every_planted_defect_is_caught() {
    let Some(python) = judges::python() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let good = good();
    fs::write(folder.path().join("good.docx"), pack(&good)).unwrap();
    let all: Vec<&Defect> = defects::SEVEN.iter().chain(defects::OTHERS).collect();
    for Defect(name, _, edit) in &all {
        let docx = defects::plant(&good, edit);
        fs::write(folder.path().join(format!("{name}.docx")), docx).unwrap();
    }
    let verdicts = judges::ask(&python, folder.path());
    let passed = |name: &str, judge: &str| &verdicts[&(name.to_owned(), judge.to_owned())];
    for judge in VALIDATORS {
        let (ok, why) = passed("good", judge);
        assert!(ok, "{judge} on the good file: {why}");
    }
    let (mut counts, mut missed) = ([0; 3], Vec::new());
    println!(
        "{:<34} ours  {}  {}",
        "planted", VALIDATORS[0], VALIDATORS[1]
    );
    for Defect(name, own, _) in &all {
        let [audit, integrity] = VALIDATORS.map(|judge| !passed(name, judge).0);
        let caught = [own.is_some(), audit, integrity];
        let [a, b, c] = caught.map(|caught| if caught { "yes" } else { "-" });
        println!("{name:<34} {a:<5} {b:<14} {c}");
        for (count, caught) in counts.iter_mut().zip(caught) {
            *count += usize::from(caught);
        }
        if caught == [false; 3] {
            missed.push(*name);
        }
    }
    println!("{} planted, caught by each: {counts:?}", all.len());
    assert!(missed.is_empty(), "nobody caught {missed:?}");
    assert!(all.len() >= 30);
}

#[test]
fn samples_have_every_feature_and_no_fault() {
    for Sample {
        name,
        document,
        docx,
    } in samples::all()
    {
        let has = samples::features(&document);
        for feature in samples::FEATURES {
            assert!(has.contains(*feature), "{name} has no {feature}");
        }
        assert!(
            document.problems.is_empty(),
            "{name}: {:?}",
            document.problems
        );
        assert_eq!(faults(&docx), Vec::<String>::new(), "{name}");
        let back = parse(&read(&docx).unwrap().value.text);
        assert_eq!(samples::merges(&back), samples::merges(&document), "{name}");
    }
}

#[test]
fn samples_pass_the_judges_and_open_in_python() {
    let Some(python) = judges::python() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let samples = samples::all();
    for Sample {
        name,
        document,
        docx,
    } in &samples
    {
        fs::write(folder.path().join(format!("{name}.docx")), docx).unwrap();
        fs::write(
            folder.path().join(format!("{name}.words")),
            words(document).join("\n"),
        )
        .unwrap();
    }
    let verdicts = judges::ask(&python, folder.path());
    assert_eq!(verdicts.len(), samples.len() * 3, "{:?}", verdicts.keys());
    let bad: Vec<_> = verdicts.iter().filter(|(_, (ok, _))| !ok).collect();
    assert!(bad.is_empty(), "{bad:#?}");
}

/// What the body of a document says, each run without spaces; footnotes are another part.
fn words(document: &moqi_document::Document) -> Vec<String> {
    let mut body = document.clone();
    body.blocks
        .retain(|block| !matches!(block.kind, moqi_document::BlockKind::Footnote { .. }));
    let mut words = Vec::new();
    samples::each_inline(&body, &mut |inline| {
        if let InlineKind::Text(text) = &inline.kind {
            words.push(squeezed(text));
        }
    });
    words.retain(|words| !words.is_empty());
    words
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

#[test]
fn libreoffice_prints_every_number_in_its_place() {
    if !judges::office() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let samples = samples::all();
    let files: Vec<PathBuf> = samples
        .iter()
        .map(|sample| {
            let file = folder.path().join(format!("{}.docx", sample.name));
            fs::write(&file, &sample.docx).unwrap();
            file
        })
        .collect();
    let mut faults = Vec::new();
    for (sample, pages) in samples.iter().zip(judges::printed(&files, folder.path())) {
        let mut at = 0;
        for line in numbered(&sample.document) {
            let places = [Some(line.clone()), chinese_first(&line)];
            let ends = places.iter().flatten().filter_map(|line| {
                let found = pages[at..].find(line.as_str())?;
                Some(at + found + line.len())
            });
            match ends.min() {
                Some(end) => at = end,
                None => faults.push(format!(
                    "{}: {line} is not printed in its place",
                    sample.name
                )),
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The labels of a document, each with the first words of its block.
fn numbered(document: &moqi_document::Document) -> Vec<String> {
    let labels = number(document).labels;
    let lines = document
        .blocks
        .iter()
        .zip(labels)
        .filter_map(|(block, label)| {
            let mut words = String::new();
            let one = moqi_document::Document {
                blocks: vec![block.clone()],
                ..Default::default()
            };
            samples::each_inline(&one, &mut |inline| {
                if let InlineKind::Text(text) = &inline.kind {
                    words.push_str(&squeezed(text));
                }
            });
            let start: String = words.chars().take(4).collect();
            label.map(|label| squeezed(&label.text) + &start)
        });
    lines.collect()
}

/// LibreOffice before 24 does not know `w:isLgl` and prints 二.1 for 2.1 below a Chinese first level; Word knows it.
fn chinese_first(line: &str) -> Option<String> {
    let (first, rest) = line.split_once('.')?;
    let figure = moqi_document::zh_number(first.parse().ok()?);
    let legal = rest.starts_with(|c: char| c.is_ascii_digit()) && !line.is_ascii();
    legal.then(|| format!("{figure}.{rest}"))
}
