//! Redlines resolved both ways give both documents again.

mod around;
#[path = "../../../../document/tests/edits/mod.rs"]
pub(super) mod edits;
mod kinds;
mod merged;
mod shape;

use super::{Revision, write_redline};
use crate::write::tests::{check, parts as unzipped};
use crate::{Look, PageNumbers, accept_all, contents, read, reject_all, write};
use edits::{Dice, edited, templates};
use moqi_document::{Document, parse};

fn by() -> Revision {
    Revision {
        author: "Zhang & Partners".into(),
        date: "2026-11-28T09:00:00Z".into(),
        track: false,
    }
}

pub(super) fn text(bytes: &[u8]) -> String {
    read(bytes).unwrap().value.text
}

/// Writes a redline and resolves it both ways.
fn resolve(old: &Document, new: &Document, name: &str) -> Vec<u8> {
    resolve_in(&Look::for_document(new), old, new, name)
}

fn resolve_in(look: &Look, old: &Document, new: &Document, name: &str) -> Vec<u8> {
    let redline = write_redline(old, new, look, &by()).unwrap().value;
    check_sides(&redline, old, new, look, name);
    redline
}

/// A look with all that stands around a text.
pub(super) fn full(document: &Document) -> Look {
    Look {
        header: Some("Draft & secret".into()),
        contents: Some(3),
        page_numbers: PageNumbers::Number,
        ..Look::for_document(document)
    }
}

/// Accepting all changes of a file gives the new document, rejecting all the old one.
pub(super) fn check_sides(redline: &[u8], old: &Document, new: &Document, look: &Look, name: &str) {
    // There are no contents where one of the two has no headings for them.
    let both = [old, new].map(|document| !contents(document, look).0.is_empty());
    let look = &Look {
        contents: look.contents.filter(|_| both == [true; 2]),
        ..look.clone()
    };
    for (resolved, document, side) in [
        (accept_all(redline).unwrap(), new, "accepted"),
        (reject_all(redline).unwrap(), old, "rejected"),
    ] {
        let plain = write(document, look).unwrap().value;
        let expected = text(&plain);
        let found = text(&resolved);
        if found != expected {
            if let Some(folder) = std::env::var_os("MOQI_KEEP") {
                let folder = std::path::Path::new(&folder);
                std::fs::write(folder.join("redline.docx"), redline).unwrap();
                std::fs::write(folder.join("expected.md"), &expected).unwrap();
                std::fs::write(folder.join("found.md"), &found).unwrap();
                let labels = |bytes: &[u8]| format!("{:#?}", read(bytes).unwrap().value.labels);
                std::fs::write(folder.join("found.labels"), labels(&resolved)).unwrap();
                std::fs::write(folder.join("expected.labels"), labels(&plain)).unwrap();
                std::fs::write(folder.join("resolved.docx"), &resolved).unwrap();
                std::fs::write(folder.join("plain.docx"), &plain).unwrap();
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
        for mark in ["<w:ins ", "<w:del ", "<w:move", "PrChange ", "<w:delText"] {
            assert!(!part.contains(mark), "{name} {side}: {mark}");
        }
        shape::same(
            &unzipped(&resolved),
            &unzipped(&plain),
            &format!("{name} {side}"),
        );
        // References, bookmarks, fields, styles of the resolved file are sound too.
        check(&resolved);
    }
    let parts = check(redline);
    // Word cannot take away the last paragraph: its mark is in both, unless a table that comes or goes stands before it.
    let mut tracked = parts["word/document.xml"]
        .rsplit("<w:p ")
        .take_while(|paragraph| {
            let properties = paragraph.split("</w:pPr>").next().unwrap_or_default();
            properties.contains("<w:rPr><w:ins ") || properties.contains("<w:rPr><w:del ")
        });
    assert!(
        tracked.next().is_none() || parts["word/document.xml"].contains("<w:tbl>"),
        "{name}: the last paragraph"
    );
}

#[test]
fn both_documents_come_back_after_any_edits() {
    let templates = templates();
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    for round in 0..240 {
        let (name, old) = &templates[round % templates.len()];
        let new = edited(&mut dice, old);
        let look = match round / templates.len() % 2 {
            0 => Look::for_document(&new),
            _ => full(&new),
        };
        resolve_in(&look, old, &new, &format!("{name} {round}"));
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
fn the_last_paragraphs_come_and_go() {
    let all = [
        "# T",
        "One.",
        "Two words.",
        "1. Three",
        "Four and more.",
        "- Five",
    ];
    for (old, new) in [
        (&all[..2], &all[..]),
        (&all[..], &all[..2]),
        (&all[..3], &["# T", "One.", "Quite other.", "1. Things"][..]),
        (&all[..], &["Nothing alike."][..]),
        (&all[3..], &all[..3]),
    ] {
        let (old, new) = (parse(&old.join("\n\n")), parse(&new.join("\n\n")));
        resolve(&old, &new, "end");
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

/// Every value of an attribute of elements whose name starts so.
fn values<'a>(part: &'a str, element: &str, attribute: &str) -> Vec<&'a str> {
    part.split('<')
        .filter(|tag| tag.starts_with(element))
        .filter_map(|tag| {
            let (_, rest) = tag.split_once(&format!("{attribute}=\""))?;
            rest.split_once('"').map(|(value, _)| value)
        })
        .collect()
}

#[test]
fn each_kind_of_change_comes_back() {
    for (name, old, new) in kinds::kinds() {
        let parts = unzipped(&resolve(&parse(&old), &parse(&new), name));
        let document = &parts["word/document.xml"];
        let count = |what: &str| document.matches(what).count();
        let words = count("<w:delText") + count("<w:ins ");
        match name {
            "bold" | "not bold" | "italic and struck" | "bold reference and note" => {
                assert!(
                    count("<w:rPrChange ") > 0 && words == 0,
                    "{name}: {document}"
                );
            }
            "level of a heading" | "style of a heading" | "item to text" | "quote"
            | "level of an item" => {
                assert!(
                    count("<w:pPrChange ") > 0 && words == 0,
                    "{name}: {document}"
                );
            }
            "column inserted" => assert_eq!(count("<w:cellIns "), 4, "{document}"),
            "column deleted, row inserted" => {
                // The cells of the kept rows, and the one that fills the inserted row.
                assert_eq!(count("<w:cellDel "), 5, "{document}");
            }
            "column and row deleted" => assert_eq!(count("<w:cellDel "), 3, "{document}"),
            "clause moved" | "clause moved and edited" | "note moved" => {
                assert!(count("<w:moveFromRangeStart ") == 1, "{name}: {document}");
            }
            "clause with a table moved" => {
                assert_eq!(count("<w:moveToRangeStart "), 2, "{document}");
                let mut names = values(document, "w:moveFromRangeStart", "w:name");
                let mut to = values(document, "w:moveToRangeStart", "w:name");
                names.sort_unstable();
                to.sort_unstable();
                assert_eq!(names, to);
                assert_eq!(names, ["move1", "move2"]);
            }
            _ => {}
        }
    }
}

const OLD: &str = "# Agreement\n\n## Term {#term}\n\n1. This Agreement runs for two years from the date of signature.\n\n## Fees {#fees}\n\n1. The Client pays **the fees** within thirty days[^a].\n\n2. See clause [](#law).\n\n| Item | Price |\n|---|---|\n| Drawing | 3 |\n| Model | 1 |\n\n## Law {#law}\n\n1. The laws of England and Wales govern this Agreement.\n\nEnd.\n\n[^a]: Days are working days.\n";
const NEW: &str = "# Agreement\n\n## Fees {#fees}\n\n1. The Client pays the fees within sixty days[^a].\n\n2. See clause [](#law).\n\n| Item | Price |\n|---|---|\n| Drawing | 5 |\n| Sample | 9 |\n| Model | 1 |\n\n## Term {#term}\n\n1. This Agreement runs for five years from the date of signature.\n\n## Law {#law}\n\n1. The laws of England and Wales govern this Agreement.\n\nEnd.\n\n[^a]: Days are calendar days.\n";

#[test]
fn each_kind_of_change_is_words_own() {
    let parts = unzipped(&resolve(&parse(OLD), &parse(NEW), "kinds"));
    let document = &parts["word/document.xml"];
    let holds = |what: &str| assert!(document.contains(what), "{what} in {document}");
    holds("<w:delText xml:space=\"preserve\">thirty</w:delText>");
    holds("<w:t xml:space=\"preserve\">sixty</w:t>");
    // Bold taken away is a change of format, not of words.
    holds("<w:rPrChange ");
    assert!(!document.contains("<w:delText xml:space=\"preserve\">the fees"));
    // The clause moved with its heading, and its words changed on the way.
    for name in ["moveFromRangeStart", "moveToRangeStart"] {
        assert_eq!(values(document, &format!("w:{name}"), "w:name"), ["move1"]);
    }
    assert_eq!(document.matches("<w:moveFromRangeEnd ").count(), 1);
    holds(">This Agreement runs for two years from the date of signature.</w:t>");
    holds("<w:r><w:t xml:space=\"preserve\">five</w:t></w:r></w:ins>");
    assert!(!document.contains(">two</w:delText>"));
    // Fees was clause 2 and is clause 1; Law stays 3, so its reference does not change.
    assert!(!document.contains("w:delInstrText"));
    // A row came, and its neighbours stayed.
    assert_eq!(document.matches("<w:trPr>").count(), 4);
    let inserted = document.split("<w:tr>").skip(1).filter(|row| {
        row.split("</w:trPr>")
            .next()
            .is_some_and(|properties| properties.contains("<w:ins "))
    });
    assert_eq!(inserted.count(), 1);
    let notes = &parts["word/footnotes.xml"];
    assert_eq!(notes.matches("<w:footnote w:id=\"1\">").count(), 1);
    assert!(notes.contains(">working</w:delText>") && notes.contains(">calendar</w:t>"));
    // Ids are used once in the file, and every change is signed.
    let mut ids = Vec::new();
    for part in [document, notes] {
        for kind in [
            "w:ins ",
            "w:del ",
            "w:move",
            "w:rPrChange",
            "w:pPrChange",
            "w:bookmarkStart",
        ] {
            let is_end = |tag: &str| tag.contains("RangeEnd");
            ids.extend(
                part.split('<')
                    .filter(|tag| tag.starts_with(kind) && !is_end(tag))
                    .map(|tag| {
                        tag.split("w:id=\"")
                            .nth(1)
                            .and_then(|id| id.split('"').next())
                    }),
            );
        }
    }
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert!(count > 10 && ids.len() == count);
    assert!(
        values(document, "w:ins ", "w:author")
            .iter()
            .all(|who| *who == "Zhang &amp; Partners")
    );
    assert!(!parts["word/settings.xml"].contains("trackRevisions"));
    let tracked = Revision {
        track: true,
        ..by()
    };
    let (old, new) = (parse(OLD), parse(NEW));
    let file = write_redline(&old, &new, &Look::for_document(&new), &tracked)
        .unwrap()
        .value;
    assert!(unzipped(&file)["word/settings.xml"].contains("<w:trackRevisions/><w:defaultTabStop"));
}

#[test]
fn a_reference_whose_number_changed_is_replaced_whole() {
    let old = "## A {#a}\n\nOne.\n\n## B {#b}\n\nSee clause [](#b) here.\n";
    let new = "## B {#b}\n\nSee clause [](#b) here.\n";
    let text = format!("---\nlanguage: en\n---\n{old}");
    let parts = unzipped(&resolve(
        &parse(&text),
        &parse(&format!("---\nlanguage: en\n---\n{new}")),
        "reference",
    ));
    let document = &parts["word/document.xml"];
    let deleted = document
        .split("<w:del ")
        .find(|part| part.contains("<w:delInstrText"))
        .and_then(|part| part.split("</w:del>").next())
        .unwrap();
    assert_eq!(deleted.matches("w:fldCharType=").count(), 3, "{deleted}");
    assert!(deleted.contains(">2</w:delText>"), "{deleted}");
}

/// The texts of the real documents of `MOQI_DATA`, by name; says so where there are none.
pub(super) fn real_texts() -> Vec<(String, String)> {
    let Some(data) = std::env::var_os("MOQI_DATA") else {
        println!("skipped: MOQI_DATA is not set");
        return Vec::new();
    };
    let mut files: Vec<_> = ["standard-en", "firm-en"]
        .iter()
        .flat_map(|folder| std::fs::read_dir(std::path::Path::new(&data).join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "docx"))
        .collect();
    files.sort();
    assert!(files.len() >= 50, "{}", files.len());
    files
        .iter()
        .map(|path| {
            let bytes = std::fs::read(path).unwrap();
            (path.display().to_string(), text(&bytes))
        })
        .collect()
}

/// The real documents of `MOQI_DATA`: read, edited, compared.
#[test]
fn redlines_of_real_contracts_come_back() {
    let mut dice = Dice(0x0DDB_1A5E_5BAD_5EED);
    let texts = real_texts();
    let times = if std::env::var_os("MOQI_GATES").is_some() {
        4
    } else {
        1
    };
    let all = texts.iter().cycle().take(texts.len() * times);
    for (round, (name, text)) in all.enumerate() {
        let old = parse(text);
        let new = edited(&mut dice, &old);
        let look = match round % 2 {
            0 => full(&new),
            _ => Look::for_document(&new),
        };
        resolve_in(&look, &old, &new, name);
    }
}

/// What LibreOffice 7.4 does not do, by kind of change and side. All of it is its own limit:
///
/// - it knows no cell that came or went, so a tracked column stays or goes on one side only;
/// - it takes no last paragraph away, which a table at the end leaves behind;
/// - a paragraph that goes whole leaves an empty one where a field or the mark of a footnote stands in it;
/// - where what moved was edited, it joins the paragraph after it when the move is rejected;
/// - it keeps the number of a paragraph when the style that gave it is taken back.
const NOT_IN_LIBREOFFICE: [(&str, &str); 19] = [
    ("level of a heading", "rejected"),
    ("level of an item", "rejected"),
    ("column inserted", "rejected"),
    ("column deleted, row inserted", "accepted"),
    ("column and row deleted", "accepted"),
    ("column inserted into merged cells", "accepted"),
    ("table inserted at the end", "rejected"),
    ("table deleted at the end", "accepted"),
    ("plain clause moved and edited", "rejected"),
    ("clause moved", "accepted"),
    ("clause moved", "rejected"),
    ("clause moved and edited", "accepted"),
    ("clause moved and edited", "rejected"),
    ("clause with a table moved", "accepted"),
    ("clause with a table moved", "rejected"),
    ("note moved", "rejected"),
    ("note deleted", "accepted"),
    ("note inserted", "rejected"),
    ("all but one clause new", "rejected"),
];

/// Lines as LibreOffice exports them. It loses the paragraph that ends a section, and what becomes of its mark; so where
/// sections come and go the line this leaves is passed over, and so are the pages of the contents, which are estimates.
fn lines(text: &str, sections: bool) -> Vec<String> {
    // How far a label is set in depends on more than its paragraph.
    let lines = text.lines().map(str::trim);
    if !sections {
        return lines.map(str::to_owned).collect();
    }
    lines
        .map(|line| match line.rsplit_once('\t') {
            Some((entry, page)) if page.parse::<u32>().is_ok() => entry,
            _ => line,
        })
        .filter(|line| !line.is_empty() && !line.strip_prefix("Schedule ").is_some_and(is_number))
        .filter(|line| !is_number(line))
        .map(str::to_owned)
        .collect()
}

fn is_number(label: &str) -> bool {
    label.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// LibreOffice accepts and rejects as we do. `MOQI_OFFICE_PYTHON` is a Python with its `uno`.
#[test]
fn libreoffice_agrees() {
    let Some(python) = std::env::var_os("MOQI_OFFICE_PYTHON") else {
        println!("skipped: MOQI_OFFICE_PYTHON is not set");
        return;
    };
    let folder = std::env::temp_dir().join("moqi-redline-office");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let mut names = Vec::new();
    let mut add = |name: String, file: &[u8], old: &[u8], new: &[u8]| {
        let path = |kind: &str| folder.join(format!("{name}{kind}.docx"));
        std::fs::write(path(""), file).unwrap();
        std::fs::write(path(".old"), old).unwrap();
        std::fs::write(path(".new"), new).unwrap();
        names.push(name);
    };
    for (name, old, new) in kinds::kinds() {
        let (old, new) = (parse(&old), parse(&new));
        let look = Look::for_document(&new);
        let plain = |document: &Document| write(document, &look).unwrap().value;
        let file = write_redline(&old, &new, &look, &by()).unwrap().value;
        add(name.replace(' ', "-"), &file, &plain(&old), &plain(&new));
    }
    for (name, old, new) in around::kinds() {
        let (old, new) = (parse(&old), parse(&new));
        let look = full(&new);
        let plain = |document: &Document| write(document, &look).unwrap().value;
        let file = write_redline(&old, &new, &look, &by()).unwrap().value;
        add(name.replace(' ', "-"), &file, &plain(&old), &plain(&new));
    }
    for (name, [file, old, new]) in super::suggested::words_suggested() {
        add(format!("suggested-{name}"), &file, &old, &new);
    }
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gate/office.py");
    let output = std::process::Command::new(python)
        .arg(script)
        .arg(&folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.is_empty(), "{said}");
    let mut failures = Vec::new();
    for name in &names {
        for (found, expected) in [("accepted", "new"), ("rejected", "old")] {
            let sections = name.contains("schedule") || name.contains("all-but");
            let text = |kind: &str| -> Vec<String> {
                let text = std::fs::read_to_string(folder.join(format!("{name}.{kind}.txt")));
                lines(&text.unwrap_or_default(), sections)
            };
            let (found_lines, expected_lines) = (text(found), text(expected));
            let known = NOT_IN_LIBREOFFICE
                .iter()
                .any(|(kind, side)| kind.replace(' ', "-") == *name && *side == found);
            if known {
                assert_ne!(found_lines, expected_lines, "{name} {found} is right now");
                continue;
            }
            if found_lines != expected_lines || found_lines.len() < 2 {
                failures.push(format!("{name} {found}"));
            }
        }
    }
    assert!(names.len() > 35, "{}", names.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// A strict validator has nothing to say. `MOQI_WORD_PYTHON` is a Python with openxml-audit 0.8 installed.
#[test]
fn a_validator_finds_nothing() {
    let Some(python) = std::env::var_os("MOQI_WORD_PYTHON") else {
        println!("skipped: MOQI_WORD_PYTHON is not set");
        return;
    };
    let audit = std::path::Path::new(&python).with_file_name("openxml-audit");
    let folder = std::env::temp_dir().join("moqi-redline-gates");
    std::fs::create_dir_all(&folder).unwrap();
    let mut dice = Dice(0xA5A5_5A5A_1234_5678);
    let mut pairs: Vec<(String, Document, Document)> = templates()
        .into_iter()
        .map(|(name, old)| {
            let new = edited(&mut dice, &old);
            (name, old, new)
        })
        .collect();
    pairs.push(("kinds".into(), parse(OLD), parse(NEW)));
    pairs.push(("from-nothing".into(), Document::default(), parse(NEW)));
    pairs.push(("to-nothing".into(), parse(OLD), Document::default()));
    let mut files: Vec<(String, Vec<u8>)> = pairs
        .iter()
        .map(|(name, old, new)| {
            let file = write_redline(old, new, &full(new), &by());
            (name.clone(), file.unwrap().value)
        })
        .collect();
    for (name, old, new) in around::kinds() {
        let (old, new) = (parse(&old), parse(&new));
        let file = write_redline(&old, &new, &full(&new), &by()).unwrap().value;
        files.push((name.replace(' ', "-"), file));
    }
    files.extend(around::samples());
    for (name, old, new) in kinds::kinds() {
        let (old, new) = (parse(&old), parse(&new));
        let file = write_redline(&old, &new, &Look::for_document(&new), &by());
        files.push((
            format!("kind-{}", name.replace(' ', "-")),
            file.unwrap().value,
        ));
    }
    files.extend(super::suggested::samples());
    for (name, file) in files {
        let path = folder.join(format!("{name}.docx"));
        std::fs::write(&path, file).unwrap();
        let output = std::process::Command::new(&audit)
            .args(["-f", "office2021", "-m", "0", "-o", "json"])
            .arg(&path)
            .output()
            .unwrap();
        let report = String::from_utf8_lossy(&output.stdout);
        assert!(report.contains("\"valid\": true"), "{name}: {report}");
    }
}
