//! Outside judges: strict validators, and LibreOffice's idea of the numbers. Run with `MOQI_GATES=1`;
//! the Python tools are looked for in `MOQI_PYTHON_BIN`, then on the path.

use super::count::{LISTS_EN, LISTS_ZH};
use super::invariants::each_look;
use super::samples::hard;
use crate::write::{Look, write};
use moqi_document::{Document, Numbering};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the samples go; kept, so that a person can look at them.
fn folder() -> PathBuf {
    let folder = std::env::temp_dir().join("moqi-docx-gates");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn tool(name: &str) -> PathBuf {
    let here = std::env::var_os("MOQI_PYTHON_BIN")
        .map(|bin| Path::new(&bin).join(name))
        .filter(|path| path.exists());
    here.unwrap_or_else(|| PathBuf::from(name))
}

/// Output of a command; panics when it cannot be started.
fn run(command: &mut Command) -> (bool, String) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    (
        output.status.success(),
        format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        ),
    )
}

/// The lines of a document that carry a number, as they must begin on paper, without spaces.
fn numbered_lines(document: &Document, numbering: &Numbering) -> Vec<String> {
    let squeeze = |text: &str| {
        text.chars()
            .filter(|&c| !c.is_whitespace() && crate::write::text::is_xml(c))
            .collect::<String>()
    };
    document
        .blocks
        .iter()
        .zip(&numbering.labels)
        .filter_map(|(block, label)| {
            let mut words = String::new();
            super::super::reference::each_inline(block, &mut |inline| {
                if let moqi_document::InlineKind::Text(text) = &inline.kind {
                    words.push_str(text);
                }
            });
            let start: String = squeeze(&words).chars().take(4).collect();
            label.as_ref().map(|label| squeeze(&label.text) + &start)
        })
        .collect()
}

/// A Chinese line that begins `2.1`, as a program prints it that counts its first part in Chinese figures.
fn without_legal(line: &str) -> Option<String> {
    let (first, rest) = line.split_once('.')?;
    let figure = crate::write::label::Digits::Chinese.print(first.parse().ok()?)?;
    (rest.starts_with(|c: char| c.is_ascii_digit()) && !line.is_ascii())
        .then(|| format!("{figure}.{rest}"))
}

#[test]
fn validators_and_libreoffice_agree() {
    if std::env::var_os("MOQI_GATES").is_none() {
        return;
    }
    let folder = folder();
    let mut files = Vec::new();
    let mut add = |name: &str, document: &Document, look: &Look| {
        let path = folder.join(format!("{name}.docx"));
        std::fs::write(&path, write(document, look).unwrap().value).unwrap();
        let lines = numbered_lines(document, &moqi_document::number(document));
        files.push((path, lines));
    };
    each_look(&mut add);
    for (language, scheme, text) in [
        ("zh", "zh-article", LISTS_ZH),
        ("zh", "zh-decimal", LISTS_ZH),
        ("zh", "zh-pleading", LISTS_ZH),
        ("en", "en-decimal", LISTS_EN),
    ] {
        let text = format!("---\nlanguage: {language}\nnumbering: {scheme}\n---\n\n{text}");
        let document = moqi_document::parse(&text);
        add(
            &format!("lists-{scheme}"),
            &document,
            &Look::for_document(&document),
        );
    }
    let empty = Document::default();
    add("empty", &empty, &Look::for_document(&empty));
    let hard = hard();
    add("hard", &hard, &Look::for_document(&hard));
    let mut convert = Command::new("soffice");
    convert.arg(format!(
        "-env:UserInstallation=file://{}",
        folder.join("profile").display()
    ));
    convert
        .args(["--headless", "--convert-to", "pdf", "--outdir"])
        .arg(&folder);
    convert.args(files.iter().map(|(path, _)| path));
    let (converted, log) = run(&mut convert);
    assert!(converted, "{log}");
    let mut failures = Vec::new();
    for (path, lines) in &files {
        let (_, report) = run(Command::new(tool("openxml-audit"))
            .args(["-f", "office2021", "-m", "0", "-o", "json"])
            .arg(path));
        if !report.contains("\"valid\": true") {
            failures.push(format!("openxml-audit {}: {report}", path.display()));
        }
        let (sound, report) = run(Command::new(tool("docx-integrity")).arg("check").arg(path));
        if !sound {
            failures.push(format!("docx-integrity {}: {report}", path.display()));
        }
        let (read, text) = run(Command::new("pdftotext")
            .arg("-layout")
            .arg(path.with_extension("pdf"))
            .arg("-"));
        assert!(read, "{text}");
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let mut at = 0;
        for line in lines {
            // LibreOffice before 24 does not know w:isLgl and prints 二.1 for 2.1; Word and WPS know it.
            let places = [Some(line.clone()), without_legal(line)];
            let found = places
                .iter()
                .flatten()
                .filter_map(|line| {
                    text[at..]
                        .find(line.as_str())
                        .map(|found| found + line.len())
                })
                .min();
            match found {
                Some(found) => at += found,
                None => failures.push(format!(
                    "{}: no {line:?} after {:?}",
                    path.display(),
                    text[..at].chars().rev().take(20).collect::<Vec<_>>()
                )),
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
