//! The sample of every template before the judges of Word files: no error, and every number in the printed pages.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at the first fault and says when it is skipped"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use moqi_app::{App, Home, Language, draft};
use moqi_document::{number, parse};

fn judge(name: &str) -> Command {
    let bin = PathBuf::from(
        std::env::var_os("MOQI_PYTHON_BIN").expect("the test command names the judges"),
    );
    Command::new(bin.join(name))
}

fn passes(command: &mut Command) -> Result<(), Box<dyn std::error::Error>> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
    .into())
}

#[test]
fn samples_of_every_template_pass_the_judges_and_print_their_numbers() {
    if !moqi_tests::gates() {
        println!("skipped: cargo xtask test runs the judges of Word files");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let app = App::open(Home::at(folder.path().join("home")).unwrap(), Language::En).unwrap();
    let mut expected = Vec::new();
    for template in app.templates("", None).unwrap() {
        let (name, text) = app.template_or_file(&template.id).unwrap();
        let drafted = draft::draft(&name, &text, &draft::sample(&text)).unwrap();
        let word = app
            .word(&drafted.text, &drafted.answers, &Default::default())
            .unwrap();
        let path = folder.path().join(format!("{}.docx", template.id));
        fs::write(&path, word.bytes).unwrap();
        let document = parse(&moqi_app::filled_text(&drafted.text, &drafted.answers));
        let labels = number(&document)
            .labels
            .into_iter()
            .flatten()
            .map(|label| label.text)
            .collect::<Vec<_>>();
        // A pleading may have no number at all; a contract without one is a fault.
        let pleading = matches!(template.kind.as_str(), "complaint" | "defence");
        assert!(
            labels.len() > 3 || pleading,
            "{} has hardly a number",
            template.id
        );
        expected.push((path, labels));
    }
    assert!(expected.len() >= 8);
    let mut faults = Vec::new();
    for (path, _) in &expected {
        if let Err(said) = passes(
            judge("openxml-audit")
                .args(["-f", "office2021", "-m", "0", "-o", "json"])
                .arg(path),
        ) {
            faults.push(format!("openxml-audit, {}: {said}", path.display()));
        }
        if let Err(said) = passes(judge("docx-integrity").arg("check").arg(path)) {
            faults.push(format!("docx-integrity, {}: {said}", path.display()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let mut office = Command::new("soffice");
    office
        .args(["--headless", "--convert-to", "pdf", "--outdir"])
        .arg(folder.path());
    office.arg(format!(
        "-env:UserInstallation=file://{}/office",
        folder.path().display()
    ));
    office.args(expected.iter().map(|(path, _)| path));
    passes(&mut office).unwrap();
    for (path, labels) in &expected {
        let pages = printed(&path.with_extension("pdf"));
        let mut rest = pages.as_str();
        for label in labels
            .iter()
            .filter(|label| !label.contains('•') && !is_isolated(label))
        {
            let plain: String = label.split_whitespace().collect();
            match rest.find(&plain) {
                Some(at) => rest = &rest[at + plain.len()..],
                None => panic!("{}: {label} is not printed in its place", path.display()),
            }
        }
    }
}

/// LibreOffice ignores `w:isLgl` and prints 二.1 for 2.1 below a Chinese first level; Word prints it right.
fn is_isolated(label: &str) -> bool {
    let mut parts = label.split('.');
    parts.clone().count() == 2
        && parts.all(|part| part.chars().all(|c| c.is_ascii_digit()) && !part.is_empty())
}

/// The text of a PDF without spaces.
fn printed(pdf: &Path) -> String {
    let output = Command::new("pdftotext")
        .arg("-layout")
        .arg(pdf)
        .arg("-")
        .output()
        .unwrap();
    assert!(output.status.success(), "{} was not made", pdf.display());
    String::from_utf8_lossy(&output.stdout)
        .split_whitespace()
        .collect()
}
