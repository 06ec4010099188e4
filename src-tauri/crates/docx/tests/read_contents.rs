//! A table of contents is no text: a text remembers that it has one, and it is made anew.
#![allow(clippy::unwrap_used, reason = "a test stops at the first fault")]

mod file;

use file::{file as word, p, r};
use moqi_docx::{Look, WarningKind, read, write};

fn text(body: &str) -> String {
    read(&word(body, &[])).unwrap().value.text
}

fn mark(kind: &str) -> String {
    format!("<w:r><w:fldChar w:fldCharType=\"{kind}\"/></w:r>")
}

fn begin(levels: &str) -> String {
    format!(
        "{}<w:r><w:instrText> TOC \\o \"{levels}\" \\h \\z \\u </w:instrText></w:r>{}",
        mark("begin"),
        mark("separate")
    )
}

#[test]
fn a_written_contract_with_contents_comes_back_as_it_was() {
    let source = "---\ncontents: 2\n---\n\n# Services Agreement\n\nThis agreement is dated 1 May 2026.\n\n## Services {#services}\n\n1. The Supplier performs them.\n2. See [](#services).\n\n## Charges\n\n1. The Customer pays.\n\n## Rates {.schedule}\n\n1. GBP 500 a day.\n";
    let document = moqi_document::parse(source);
    let first = write(&document, &Look::for_document(&document)).unwrap();
    let found = read(&first.value).unwrap();
    assert_eq!(found.value.text, source);
    assert!(found.warnings.iter().any(|warning| warning.kind
        == WarningKind::LeftOut {
            what: "table of contents",
            count: 1
        }));
    // Once more, and nothing is different.
    let again = moqi_document::parse(&found.value.text);
    let second = write(&again, &Look::for_document(&again)).unwrap();
    assert_eq!(second.value, first.value);
}

#[test]
fn only_the_table_goes_whatever_stands_in_its_paragraphs() {
    let entries = format!(
        "<w:p>{}{}</w:p>{}<w:p>{}</w:p>",
        begin("1-3"),
        r("1 Term 2"),
        p("2 Law 3"),
        mark("end")
    );
    let body = format!("{}{}{entries}{}", p("Before"), p("CONTENTS"), p("After"));
    assert_eq!(text(&body), "---\ncontents: 3\n---\n\nBefore\n\nAfter\n");
    // Words before it in its first paragraph, and behind it in its last, stay.
    let body = format!(
        "<w:p>{}{}{}</w:p><w:p>{}{}{}</w:p>",
        r("See: "),
        begin("1-2"),
        r("1 Term 2"),
        r("2 Law 3"),
        mark("end"),
        r("End.")
    );
    let found = text(&body);
    assert!(
        found.contains("See:") && found.ends_with("End.\n"),
        "{found}"
    );
    assert!(!found.contains("Law"), "{found}");
    // One that never ends is damage, and an index is no table of contents: their words stay.
    let open = format!("<w:p>{}{}</w:p>{}", begin("1-2"), r("1 Term 2"), p("End"));
    assert_eq!(text(&open), "1 Term 2\n\nEnd\n");
    let index = entries.replace(" TOC ", " INDEX ");
    assert!(text(&index).contains("2 Law 3"));
    // In a table it stays as well: who drew it there wants it there.
    let cell = format!("<w:tbl><w:tr><w:tc>{entries}</w:tc></w:tr></w:tbl>");
    assert!(text(&cell).contains("2 Law 3"));
}
