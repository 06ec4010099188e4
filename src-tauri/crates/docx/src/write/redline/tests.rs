//! Redlines resolved both ways give both documents again.

#[path = "../../../../document/tests/edits/mod.rs"]
mod edits;

use super::{Revision, write_redline};
use crate::write::tests::{check, parts as unzipped};
use crate::{Look, accept_all, read, reject_all, write};
use edits::{Dice, edited, templates};
use moqi_document::{Document, parse};

fn by() -> Revision {
    Revision {
        author: "Zhang & Partners".into(),
        date: "2026-11-28T09:00:00Z".into(),
        track: false,
    }
}

fn text(bytes: &[u8]) -> String {
    read(bytes).unwrap().value.text
}

/// Writes a redline and resolves it both ways.
fn resolve(old: &Document, new: &Document, name: &str) -> Vec<u8> {
    let look = Look::for_document(new);
    let redline = write_redline(old, new, &look, &by()).unwrap().value;
    for (resolved, document, side) in [
        (accept_all(&redline).unwrap(), new, "accepted"),
        (reject_all(&redline).unwrap(), old, "rejected"),
    ] {
        let expected = text(&write(document, &look).unwrap().value);
        let found = text(&resolved);
        if found != expected {
            if let Some(folder) = std::env::var_os("MOQI_KEEP") {
                let folder = std::path::Path::new(&folder);
                std::fs::write(folder.join("redline.docx"), &redline).unwrap();
                std::fs::write(folder.join("expected.md"), &expected).unwrap();
                std::fs::write(folder.join("found.md"), &found).unwrap();
            }
            let line = found
                .lines()
                .zip(expected.lines())
                .position(|(a, b)| a != b);
            let line = line.unwrap_or_else(|| found.lines().count().min(expected.lines().count()));
            panic!(
                "{name} {side}, line {line}:\nfound    {:?}\nexpected {:?}",
                found.lines().skip(line).take(3).collect::<Vec<_>>(),
                expected.lines().skip(line).take(3).collect::<Vec<_>>()
            );
        }
        let part = &unzipped(&resolved)["word/document.xml"];
        for mark in ["<w:ins ", "<w:del ", "<w:move", "Change ", "<w:delText"] {
            assert!(!part.contains(mark), "{name} {side}: {mark}");
        }
        // References, bookmarks, fields, styles of the resolved file are sound too.
        check(&resolved);
    }
    check(&redline);
    redline
}

#[test]
fn both_documents_come_back_after_any_edits() {
    let templates = templates();
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    for round in 0..240 {
        let (name, old) = &templates[round % templates.len()];
        let new = edited(&mut dice, old);
        resolve(old, &new, &format!("{name} {round}"));
    }
}

#[test]
fn any_two_documents_make_a_redline() {
    let templates = templates();
    let empty = Document::default();
    let table = parse("| a | b |\n|---|---|\n| 1 | 2 |\n");
    let (_, one) = &templates[0];
    let (_, two) = &templates[7];
    for (name, old, new) in [
        ("empty", &empty, &empty),
        ("from nothing", &empty, one),
        ("to nothing", one, &empty),
        ("everything", one, two),
        ("equal", one, one),
        ("table", &table, &empty),
        ("to table", &empty, &table),
        ("table to text", &table, two),
        ("text to table", two, &table),
    ] {
        resolve(old, new, name);
    }
}

#[test]
fn equal_documents_have_no_changes() {
    for (name, document) in templates() {
        let look = Look::for_document(&document);
        let redline = write_redline(&document, &document, &look, &by())
            .unwrap()
            .value;
        let (redline, plain) = (
            unzipped(&redline),
            unzipped(&write(&document, &look).unwrap().value),
        );
        for part in ["word/document.xml", "word/footnotes.xml"] {
            let text = redline.get(part).map_or("", String::as_str);
            assert!(!text.contains("w:author"), "{name}");
        }
        for part in ["word/styles.xml", "word/numbering.xml", "word/settings.xml"] {
            assert_eq!(redline.get(part), plain.get(part), "{name} {part}");
        }
    }
}
