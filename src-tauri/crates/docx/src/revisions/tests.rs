//! Tracked changes as Word itself writes them, resolved both ways.

use super::{accept_all, part, reject_all};
use crate::revisions::resolve::{Notes, Side};
use std::io::{Cursor, Read, Write};

/// A body resolved: accepted, rejected.
fn both(body: &str) -> [String; 2] {
    let source = format!("<w:document><w:body>{body}</w:body></w:document>");
    [Side::New, Side::Old].map(|side| {
        let out = part(
            "word/document.xml",
            source.as_bytes(),
            side,
            &mut Notes::default(),
        )
        .unwrap()
        .unwrap_or_else(|| source.clone());
        out.trim_start_matches("<w:document><w:body>")
            .trim_end_matches("</w:body></w:document>")
            .to_owned()
    })
}

fn check(body: &str, accepted: &str, rejected: &str) {
    assert_eq!(both(body), [accepted, rejected]);
}

#[test]
fn words_come_and_go() {
    check(
        "<w:p><w:r><w:t>a</w:t></w:r><w:ins w:id=\"1\"><w:r><w:t>b</w:t></w:r></w:ins><w:del w:id=\"2\"><w:r><w:delText>c</w:delText></w:r></w:del></w:p>",
        "<w:p><w:r><w:t>a</w:t></w:r><w:r><w:t>b</w:t></w:r></w:p>",
        "<w:p><w:r><w:t>a</w:t></w:r><w:r><w:t>c</w:t></w:r></w:p>",
    );
    // Inserted by one, deleted by another: gone either way.
    check(
        "<w:p><w:ins><w:del><w:r><w:delText>x</w:delText></w:r></w:del></w:ins><w:r/></w:p>",
        "<w:p><w:r/></w:p>",
        "<w:p><w:r/></w:p>",
    );
    check(
        "<w:p><w:hyperlink r:id=\"a\"><w:ins><w:r><w:t>x</w:t></w:r></w:ins></w:hyperlink><w:r/></w:p>",
        "<w:p><w:hyperlink r:id=\"a\"><w:r><w:t>x</w:t></w:r></w:hyperlink><w:r/></w:p>",
        "<w:p><w:r/></w:p>",
    );
    check(
        "<w:p><w:del><w:r><w:delInstrText> REF a </w:delInstrText></w:r></w:del></w:p>",
        "<w:p/>",
        "<w:p><w:r><w:instrText> REF a </w:instrText></w:r></w:p>",
    );
}

#[test]
fn deleted_text_outside_a_deletion_is_deleted() {
    check(
        "<w:p><w:r><w:delText>x</w:delText></w:r></w:p>",
        "<w:p><w:r/></w:p>",
        "<w:p><w:r><w:t>x</w:t></w:r></w:p>",
    );
}

#[test]
fn paragraphs_whose_mark_goes_run_into_the_next() {
    let mark = |kind: &str, style: &str| {
        format!("<w:pPr><w:pStyle w:val=\"{style}\"/><w:rPr><w:{kind}/></w:rPr></w:pPr>")
    };
    check(
        &format!(
            "<w:p>{}<w:r><w:t>a</w:t></w:r></w:p><w:p><w:pPr><w:pStyle w:val=\"B\"/></w:pPr><w:r><w:t>b</w:t></w:r></w:p>",
            mark("del", "A")
        ),
        "<w:p><w:pPr><w:pStyle w:val=\"B\"/></w:pPr><w:r><w:t>a</w:t></w:r><w:r><w:t>b</w:t></w:r></w:p>",
        "<w:p><w:pPr><w:pStyle w:val=\"A\"/><w:rPr/></w:pPr><w:r><w:t>a</w:t></w:r></w:p><w:p><w:pPr><w:pStyle w:val=\"B\"/></w:pPr><w:r><w:t>b</w:t></w:r></w:p>",
    );
    // A whole paragraph inserted before a table, and one at the very end, leave nothing behind.
    check(
        &format!(
            "<w:p/><w:p>{0}<w:ins><w:r/></w:ins></w:p><w:tbl><w:tr/></w:tbl><w:p/><w:p>{0}<w:ins><w:r/></w:ins></w:p><w:sectPr/>",
            mark("ins", "A")
        ),
        "<w:p/><w:p><w:pPr><w:pStyle w:val=\"A\"/><w:rPr/></w:pPr><w:r/></w:p><w:tbl><w:tr/></w:tbl><w:p/><w:p><w:pPr><w:pStyle w:val=\"A\"/><w:rPr/></w:pPr><w:r/></w:p><w:sectPr/>",
        "<w:p/><w:tbl><w:tr/></w:tbl><w:p/><w:sectPr/>",
    );
    // The only paragraph of a cell stays.
    let [_, rejected] = both(&format!(
        "<w:tbl><w:tr><w:tc><w:p>{}<w:ins><w:r/></w:ins></w:p></w:tc></w:tr></w:tbl>",
        mark("ins", "A")
    ));
    assert_eq!(rejected.matches("<w:p>").count(), 1, "{rejected}");
}

#[test]
fn moves_are_made_or_undone() {
    check(
        "<w:moveFromRangeStart w:id=\"1\" w:name=\"m\"/><w:p><w:pPr><w:rPr><w:moveFrom w:id=\"2\"/></w:rPr></w:pPr><w:moveFrom w:id=\"3\"><w:r><w:t>a</w:t></w:r></w:moveFrom></w:p><w:moveFromRangeEnd w:id=\"1\"/>\
         <w:p><w:r><w:t>b</w:t></w:r></w:p>\
         <w:moveToRangeStart w:id=\"4\" w:name=\"m\"/><w:p><w:pPr><w:rPr><w:moveTo w:id=\"5\"/></w:rPr></w:pPr><w:moveTo w:id=\"6\"><w:r><w:t>a</w:t></w:r></w:moveTo></w:p><w:moveToRangeEnd w:id=\"4\"/><w:p/>",
        "<w:p><w:r><w:t>b</w:t></w:r></w:p><w:p><w:pPr><w:rPr/></w:pPr><w:r><w:t>a</w:t></w:r></w:p><w:p/>",
        "<w:p><w:pPr><w:rPr/></w:pPr><w:r><w:t>a</w:t></w:r></w:p><w:p><w:r><w:t>b</w:t></w:r></w:p><w:p/>",
    );
}

#[test]
fn properties_change_and_change_back() {
    check(
        "<w:p><w:pPr><w:pStyle w:val=\"B\"/><w:rPr><w:b/></w:rPr><w:pPrChange w:id=\"1\"><w:pPr><w:pStyle w:val=\"A\"/></w:pPr></w:pPrChange></w:pPr>\
         <w:r><w:rPr><w:b/><w:rPrChange w:id=\"2\"><w:rPr><w:i/></w:rPr></w:rPrChange></w:rPr><w:t>x</w:t></w:r></w:p>",
        "<w:p><w:pPr><w:pStyle w:val=\"B\"/><w:rPr><w:b/></w:rPr></w:pPr><w:r><w:rPr><w:b/></w:rPr><w:t>x</w:t></w:r></w:p>",
        "<w:p><w:pPr><w:pStyle w:val=\"A\"/><w:rPr><w:b/></w:rPr></w:pPr><w:r><w:rPr><w:i/></w:rPr><w:t>x</w:t></w:r></w:p>",
    );
    check(
        "<w:tbl><w:tblPr><w:jc/><w:tblPrChange><w:tblPr><w:tblInd/></w:tblPr></w:tblPrChange></w:tblPr><w:tblGrid><w:gridCol w:w=\"2\"/><w:tblGridChange w:id=\"1\"><w:tblGrid><w:gridCol w:w=\"1\"/></w:tblGrid></w:tblGridChange></w:tblGrid><w:tr/></w:tbl>",
        "<w:tbl><w:tblPr><w:jc/></w:tblPr><w:tblGrid><w:gridCol w:w=\"2\"/></w:tblGrid><w:tr/></w:tbl>",
        "<w:tbl><w:tblPr><w:tblInd/></w:tblPr><w:tblGrid><w:gridCol w:w=\"1\"/></w:tblGrid><w:tr/></w:tbl>",
    );
    check(
        "<w:sectPr><w:headerReference r:id=\"h\"/><w:pgSz w:w=\"2\"/><w:sectPrChange><w:sectPr><w:pgSz w:w=\"1\"/></w:sectPr></w:sectPrChange></w:sectPr>",
        "<w:sectPr><w:headerReference r:id=\"h\"/><w:pgSz w:w=\"2\"/></w:sectPr>",
        "<w:sectPr><w:headerReference r:id=\"h\"/><w:pgSz w:w=\"1\"/></w:sectPr>",
    );
    check(
        "<w:p><w:pPr><w:numPr><w:numId w:val=\"1\"/><w:numberingChange w:id=\"1\" w:original=\"1.\"/></w:numPr></w:pPr></w:p>",
        "<w:p><w:pPr><w:numPr><w:numId w:val=\"1\"/></w:numPr></w:pPr></w:p>",
        "<w:p><w:pPr><w:numPr><w:numId w:val=\"1\"/></w:numPr></w:pPr></w:p>",
    );
}

#[test]
fn rows_and_cells_come_and_go() {
    let row = |flag: &str, text: &str| {
        format!(
            "<w:tr><w:trPr><w:cantSplit/>{flag}</w:trPr><w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc></w:tr>"
        )
    };
    let table = |rows: &str| format!("<w:tbl>{rows}</w:tbl>");
    check(
        &table(&format!(
            "{}{}{}",
            row("", "a"),
            row("<w:ins/>", "b"),
            row("<w:del/>", "c")
        )),
        &table(&format!("{}{}", row("", "a"), row("", "b"))),
        &table(&format!("{}{}", row("", "a"), row("", "c"))),
    );
    check(
        &format!("{}<w:p/>", table(&row("<w:del/>", "c"))),
        "<w:p/>",
        &format!("{}<w:p/>", table(&row("", "c"))),
    );
    check(
        "<w:tbl><w:tr><w:tc><w:p/></w:tc><w:tc><w:tcPr><w:cellDel/></w:tcPr><w:p/></w:tc></w:tr></w:tbl>",
        "<w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>",
        "<w:tbl><w:tr><w:tc><w:p/></w:tc><w:tc><w:tcPr/><w:p/></w:tc></w:tr></w:tbl>",
    );
}

/// A package of parts.
fn package(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn unpacked(bytes: &[u8], name: &str) -> String {
    let mut text = String::new();
    zip::ZipArchive::new(Cursor::new(bytes))
        .unwrap()
        .by_name(name)
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    text
}

#[test]
fn the_grid_follows_its_columns() {
    let cell = |flag: &str, text: &str| {
        format!("<w:tc><w:tcPr>{flag}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>")
    };
    let row = |cells: &str| format!("<w:tr>{cells}</w:tr>");
    let grid = |widths: &[u8]| -> String {
        let columns: String = widths
            .iter()
            .map(|width| format!("<w:gridCol w:w=\"{width}\"/>"))
            .collect();
        format!("<w:tblGrid>{columns}</w:tblGrid>")
    };
    let cells = [
        cell("", "a"),
        cell("<w:cellDel/>", "b"),
        cell("<w:cellIns/>", "c"),
    ]
    .concat();
    let table =
        |grid: &str, cells: &str| format!("<w:tbl>{grid}{}{}</w:tbl>", row(cells), row(cells));
    check(
        &table(&grid(&[1, 2, 3]), &cells),
        &table(
            &grid(&[1, 3]),
            &[cell("", "a"), cell("", "c")]
                .concat()
                .replace("<w:tcPr></w:tcPr>", "<w:tcPr/>"),
        ),
        &table(
            &grid(&[1, 2]),
            &[cell("", "a"), cell("", "b")]
                .concat()
                .replace("<w:tcPr></w:tcPr>", "<w:tcPr/>"),
        ),
    );
    // A cell that goes in one row only leaves the grid as it is.
    let odd = format!(
        "<w:tbl>{}{}{}</w:tbl>",
        grid(&[1, 2]),
        row(&[cell("", "a"), cell("<w:cellDel/>", "b")].concat()),
        row(&[cell("", "c"), cell("", "d")].concat())
    );
    assert!(both(&odd)[0].contains(&grid(&[1, 2])));
}

#[test]
fn notes_go_with_their_marks_and_other_parts_stay() {
    let document = "<?xml version=\"1.0\"?>\n<w:document><w:body><w:p><w:ins><w:r><w:footnoteReference w:id=\"1\"/></w:r></w:ins><w:del><w:r><w:footnoteReference w:id=\"2\"/></w:r></w:del></w:p></w:body></w:document>";
    let notes = "<w:footnotes><w:footnote w:id=\"0\"/><w:footnote w:id=\"1\"><w:p/></w:footnote><w:footnote w:id=\"2\"><w:p/></w:footnote></w:footnotes>";
    let styles = "<w:styles  ><!-- as it is -->\n</w:styles>";
    let file = package(&[
        ("word/footnotes.xml", notes),
        ("word/styles.xml", styles),
        ("word/document.xml", document),
        ("word/header1.xml", "<w:hdr><w:p ><w:r/></w:p></w:hdr>"),
    ]);
    let accepted = accept_all(&file).unwrap();
    assert_eq!(
        unpacked(&accepted, "word/footnotes.xml"),
        "<w:footnotes><w:footnote w:id=\"0\"/><w:footnote w:id=\"1\"><w:p/></w:footnote></w:footnotes>"
    );
    assert!(
        unpacked(&accepted, "word/document.xml")
            .starts_with("<?xml version=\"1.0\"?>\n<w:document>")
    );
    assert_eq!(unpacked(&accepted, "word/styles.xml"), styles);
    assert_eq!(
        unpacked(&accepted, "word/header1.xml"),
        "<w:hdr><w:p ><w:r/></w:p></w:hdr>"
    );
    let rejected = unpacked(&reject_all(&file).unwrap(), "word/footnotes.xml");
    assert!(
        rejected.contains("w:id=\"2\"") && !rejected.contains("w:id=\"1\""),
        "{rejected}"
    );
}

#[test]
fn what_is_no_word_file_is_refused() {
    assert!(accept_all(b"no zip").is_err());
    assert!(accept_all(&package(&[("a.xml", "<a/>")])).is_err());
    for bad in [
        "<w:document>".to_owned(),
        "<!DOCTYPE a><a/>".to_owned(),
        "<a>".repeat(50_000) + &"</a>".repeat(50_000),
        "<a/><a/>".to_owned(),
    ] {
        assert!(reject_all(&package(&[("word/document.xml", &bad)])).is_err());
    }
}
