//! Real files as forms.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use moqi_document::{number, parse};
use moqi_docx::{MarginPages, read};

use super::gate::faults::faults;
use super::gate::judges;
use super::{both, in_order, onto, parts, printed, squeezed, text, words};

/// Real files: all of the standard ones, and some of the firm's.
fn real() -> Vec<(String, Vec<u8>)> {
    let Some(data) = std::env::var_os("MOQI_DATA") else {
        println!("skipped: MOQI_DATA names no folder with standard-en and firm-en");
        return Vec::new();
    };
    let mut files = Vec::new();
    for (folder, most) in [("standard-en", 10), ("firm-en", 8)] {
        let entries = fs::read_dir(PathBuf::from(&data).join(folder)).unwrap();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.extension().is_some_and(|ending| ending == "docx"));
        paths.sort();
        for path in paths.into_iter().take(most) {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            files.push((name, fs::read(path).unwrap()));
        }
    }
    assert!(files.len() >= 15, "only {} files", files.len());
    files
}

/// Parts our text may change.
fn may_change(name: &str) -> bool {
    let usual = [
        "[Content_Types].xml",
        "_rels/.rels",
        "docProps/app.xml",
        "docProps/core.xml",
        "word/_rels/document.xml.rels",
        "word/document.xml",
        "word/numbering.xml",
        "word/settings.xml",
        "word/styles.xml",
    ];
    usual.contains(&name) || name.contains("footnotes") || name.contains("endnotes")
}

#[test]
fn real_files_keep_their_looks_and_say_our_words() {
    let (mut written, mut outlined) = (0, 0);
    for (name, firm) in real() {
        let before = parts(&firm);
        for (language, document) in both() {
            let name = format!("{name} {language}");
            let docx = onto(&document, &firm);
            assert_eq!(
                docx,
                onto(&document, &firm),
                "{name}: another time, other bytes"
            );
            assert_eq!(faults(&docx), Vec::<String>::new(), "{name}");
            let after = parts(&docx);
            for (part, bytes) in &before {
                match after.get(part) {
                    Some(now) => {
                        assert!(now == bytes || may_change(part), "{name}: {part} differs")
                    }
                    // Only what the old text alone showed may go.
                    None => assert!(
                        ["media", "header", "footer", "comments", "footnotes"]
                            .iter()
                            .any(|kind| part.contains(kind)),
                        "{name}: {part} is gone"
                    ),
                }
            }
            for part in ["word/theme/theme1.xml", "word/fontTable.xml"] {
                assert_eq!(before.get(part), after.get(part), "{name}: {part}");
            }
            let styles = String::from_utf8(after["word/styles.xml"].clone()).unwrap();
            let own = String::from_utf8(before["word/styles.xml"].clone()).unwrap();
            let own = own.trim_end().trim_end_matches("</w:styles>");
            assert!(styles.starts_with(own), "{name}: the firm's styles differ");

            let found = read(&docx).unwrap();
            let back = parse(&found.value.text);
            let told: String = words(&back).concat();
            assert_eq!(in_order(&words(&document), &told), None, "{name}");
            let labels: Vec<&str> = found
                .value
                .labels
                .iter()
                .map(|label| label.label.as_str())
                .filter(|label| !["•", "–"].contains(label))
                .collect();
            let ours: Vec<String> = number(&document)
                .labels
                .into_iter()
                .flatten()
                .map(|label| label.text)
                .collect();
            if labels != ours {
                outlined += 1;
                let clauses = ["1.", "2.", "2.1", "2.2", "(a)", "(b)", "(i)", "(ii)"];
                let start = labels.iter().position(|label| *label == "1.").unwrap();
                assert_eq!(labels[start..start + clauses.len()], clauses, "{name}");
                assert_eq!(labels.len(), ours.len(), "{name}");
                let reference = if language == "zh" {
                    "第2.2(a)条"
                } else {
                    "clause 2.2(a)"
                };
                let body = text(&docx, "word/document.xml");
                let all = squeezed(&printed(&body));
                assert!(all.contains(&squeezed(reference)), "{name}: no {reference}");
            }
            written += 1;
        }
    }
    println!("{written} files written, {outlined} in the firm's own numbers");
    assert!(written == 0 || outlined >= 6, "{outlined} of {written}");
}

#[test]
fn judges_find_no_more_than_in_the_firms_own_file() {
    let (Some(python), files) = (judges::python(), real()) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    for (name, firm) in &files {
        fs::write(folder.path().join(format!("{name}.docx")), firm).unwrap();
        for (language, document) in both() {
            let path = folder.path().join(format!("{name}+{language}.docx"));
            fs::write(path, onto(&document, firm)).unwrap();
        }
    }
    let verdicts = judges::ask(&python, folder.path());
    let mut worse = Vec::new();
    for ((file, judge), (ok, why)) in &verdicts {
        let Some((own, _)) = file.split_once('+') else {
            continue;
        };
        let (_, known) = &verdicts[&(own.to_owned(), judge.clone())];
        let known: BTreeSet<&str> = known.split("; ").collect();
        if !ok && !why.split("; ").all(|fault| known.contains(fault)) {
            worse.push(format!("{file}: {judge}: {why}"));
        }
    }
    println!("{} verdicts", verdicts.len());
    assert!(worse.is_empty(), "{worse:#?}");
}

#[test]
fn libreoffice_prints_the_headers_of_the_firm() {
    let files: Vec<_> = real()
        .into_iter()
        .filter(|(name, _)| {
            [
                "restrictive-covenant-alaska",
                "common-paper-cloud-service-agreement",
                "common-paper-mutual-nda",
            ]
            .contains(&name.as_str())
        })
        .collect();
    if files.is_empty() || !judges::office() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut paths = Vec::new();
    for (name, firm) in &files {
        for (language, document) in both() {
            let path = folder.path().join(format!("{name}-{language}.docx"));
            fs::write(&path, onto(&document, firm)).unwrap();
            paths.push(path);
        }
    }
    for (path, pages) in paths.iter().zip(judges::printed(&paths, folder.path())) {
        let read = read(&fs::read(path).unwrap()).unwrap().value;
        let mut seen = 0;
        for margin in &read.margins {
            if margin.which != MarginPages::Default {
                continue;
            }
            // What counts pages is printed anew, and capitals may be a matter of looks.
            let words = squeezed(margin.text.split("Page").next().unwrap_or_default());
            if !words.is_empty() {
                seen += 1;
                let found = pages.to_lowercase().contains(&words.to_lowercase());
                assert!(found, "{}: no {words}", path.display());
            }
        }
        assert!(seen > 0, "{} has no header", path.display());
        let title = if pages.contains("设备买卖合同") {
            "设备买卖合同"
        } else {
            "EquipmentSaleAgreement"
        };
        assert!(pages.contains(title), "{}", path.display());
    }
}
