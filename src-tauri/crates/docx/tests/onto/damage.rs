//! Damaged and odd files.

use moqi_document::parse;
use moqi_docx::{Look, OntoError, read, write_onto};

use super::firm::Firm;
use super::gate;
use super::gate::package::unpack;

#[test]
fn damaged_and_odd_files_are_refused_and_never_panic() {
    let document = parse("# A\n\n## B\n\n1. Text[^n].\n\n[^n]: Note.\n");
    let look = Look::for_document(&document);
    let firm = Firm::numbered().with_old_text().bytes();
    let (mut tried, mut refused) = (0, 0);
    let mut judge = |bytes: &[u8]| {
        tried += 1;
        match write_onto(&document, &look, bytes) {
            Ok(written) => assert!(read(&written.value).is_ok()),
            Err(_) => refused += 1,
        }
    };
    for cut in (0..firm.len()).step_by(firm.len() / 60) {
        judge(&firm[..cut]);
    }
    for at in (7..firm.len()).step_by(firm.len() / 150) {
        let mut other = firm.clone();
        other[at] ^= 0x55;
        judge(&other);
    }
    let all = unpack(&firm).unwrap();
    for (index, (_, part)) in all.iter().enumerate() {
        for with in [
            Vec::new(),
            part[..part.len() / 2].to_vec(),
            part[..part.len() - 1].to_vec(),
            b"<a/>".to_vec(),
            "<a>".repeat(50_000).into_bytes(),
            b"<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>".to_vec(),
            vec![0xff; 64],
        ] {
            let mut other = all.clone();
            other[index].1 = with;
            judge(&gate::package::pack(&other));
        }
        let mut other = all.clone();
        other.remove(index);
        judge(&gate::package::pack(&other));
    }
    for (from, to) in [
        (
            "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
            "http://purl.oclc.org/ooxml/wordprocessingml/main",
        ),
        ("<w:numId w:val=\"3\"/>", "<w:numId w:val=\"4294967295\"/>"),
        ("w:abstractNumId=\"4\"", "w:abstractNumId=\"-4\""),
        ("w:basedOn w:val=\"0\"", "w:basedOn w:val=\"1\""),
        (
            "<w:lvlText w:val=\"%1.%2\"/>",
            "<w:lvlText w:val=\"%9%8%7%0%\"/>",
        ),
        ("<w:start w:val=\"1\"/>", "<w:start w:val=\"99999999999\"/>"),
        ("media/logo.png", "../../../etc/passwd"),
        ("w:ilvl=\"1\"", "w:ilvl=\"77\""),
        ("w:w=\"11906\"", "w:w=\"1e300\""),
        ("w:left=\"1440\"", "w:left=\"-9999999999\""),
    ] {
        let other: Vec<_> = all
            .iter()
            .map(|(name, part)| match std::str::from_utf8(part) {
                Ok(part) => (name.clone(), part.replace(from, to).into_bytes()),
                Err(_) => (name.clone(), part.clone()),
            })
            .collect();
        assert_ne!(other, all, "{from}");
        judge(&gate::package::pack(&other));
    }
    println!("{tried} files, {refused} refused");
    assert!(tried >= 250 && refused >= 80 && refused < tried);
    let strict = write_onto(&document, &look, &Firm::strict().bytes());
    assert!(matches!(strict, Err(OntoError::Unusual)));
    for bytes in [&b""[..], b"PK", b"%PDF-1.7", b"{\\rtf1 a}"] {
        assert!(matches!(
            write_onto(&document, &look, bytes),
            Err(OntoError::Form(_))
        ));
    }
}

#[test]
fn a_text_of_one_run_takes_no_time_that_grows_with_its_square() {
    let document = parse("# A\n\nText.\n");
    let look = Look::for_document(&document);
    let firm = unpack(&Firm::plain().bytes()).unwrap();
    let words = "<w:t>a</w:t>".repeat(60_000);
    let inside = format!("<w:p><w:r><w:sdt>{words}</w:sdt></w:r></w:p>");
    for part in ["word/document.xml", "word/header1.xml"] {
        let mut other = firm.clone();
        let (_, bytes) = other.iter_mut().find(|(name, _)| name == part).unwrap();
        let source = String::from_utf8(bytes.clone()).unwrap();
        *bytes = source
            .replacen("<w:p>", &format!("{inside}<w:p>"), 1)
            .into_bytes();
        let start = std::time::Instant::now();
        assert!(write_onto(&document, &look, &gate::package::pack(&other)).is_ok());
        // Unoptimized, and beside other tests; the square of that many took minutes.
        assert!(
            start.elapsed().as_secs() < 20,
            "{part}: {:?}",
            start.elapsed()
        );
    }
}
