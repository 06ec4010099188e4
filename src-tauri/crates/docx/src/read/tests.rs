//! What goes out comes in again, and damage never does harm.

use std::time::{Duration, Instant};

use moqi_document::{number, parse};

use super::*;
use crate::{Look, write};

const TEXT: &str = "# 设备买卖合同\n\n出卖人：**华东公司**（以下简称“甲方”）\n\n## 价款 {#price}\n\n1. 总价 100 元。\n2. 分期：\n   1. 首期；\n   2. 尾款。\n\n## 交付\n\n见[](#price)。[^1]\n\n| 名称 | 数量 |\n| --- | --- |\n| 机床 & <件> | 12 |\n\n[^1]: 脚注文字。\n";

fn written() -> Vec<u8> {
    let document = parse(TEXT);
    write(&document, &Look::for_document(&document))
        .unwrap()
        .value
}

#[test]
fn what_was_written_is_read_again() {
    let read = read(&written()).unwrap();
    let text = read.value.text;
    for words in [
        "# 设备买卖合同",
        "**华东公司**",
        "1. 总价 100 元。",
        "首期；",
        "机床 & ",
        "脚注文字",
        "## 价款 {#price}",
        "见[](#price)。",
    ] {
        assert!(text.contains(words), "{words} is missing in\n{text}");
    }
    let labels: Vec<_> = number(&parse(&format!("---\nlanguage: zh\n---\n\n{text}")))
        .labels
        .into_iter()
        .flatten()
        .map(|label| label.text)
        .collect();
    assert_eq!(labels[..5], ["第一条", "一、", "二、", "（一）", "（二）"]);
}

#[test]
fn foreign_files_are_named() {
    let word = |bytes: &[u8]| read(bytes).unwrap_err();
    assert_eq!(word(b""), ReadError::Empty);
    assert_eq!(word(b"%PDF-1.7 ..."), ReadError::Pdf);
    assert_eq!(word(b"{\\rtf1\\ansi"), ReadError::Rtf);
    assert_eq!(word(b"\xef\xbb\xbf <!DOCTYPE html><p>"), ReadError::Html);
    assert_eq!(word(b"<?xml version=\"1.0\"?><html>"), ReadError::Html);
    assert_eq!(word(b"PK\x03\x04 and no more"), ReadError::NotAnArchive);
    assert_eq!(word(b"Dear Sirs"), ReadError::NotAnArchive);
    assert_eq!(
        word(&ole(&["EncryptionInfo", "EncryptedPackage"], 9)),
        ReadError::Encrypted
    );
    assert_eq!(
        word(&ole(&["1Table", "WordDocument"], 9)),
        ReadError::OldWord
    );
    assert_eq!(
        word(&ole(
            &["1Table", "WordDocument", "a", "b", "c", "WpsCustomData"],
            12
        )),
        ReadError::Wps
    );
    assert_eq!(word(&ole(&["Workbook"], 9)), ReadError::OtherOle);
    // A header and nothing else, and a directory that is chained in a circle without the name.
    assert_eq!(word(&ole(&[], 9)[..12]), ReadError::OtherOle);
}

/// An OLE file with a directory of these streams, one sector of it after the other; the last leads to the first.
fn ole(names: &[&str], shift: u32) -> Vec<u8> {
    let sector = 1usize << shift;
    let per_sector = sector / 128;
    let mut bytes = vec![0u8; sector];
    bytes[..8].copy_from_slice(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
    bytes[30] = u8::try_from(shift).unwrap();
    // The table of sectors is sector 0, the directory begins in sector 1.
    bytes[48] = 1;
    let sectors = names.len().div_ceil(per_sector).max(1);
    let mut table = vec![0u8; sector];
    for n in 1..=sectors {
        let next = if n == sectors { 1 } else { n + 1 };
        table[4 * n] = u8::try_from(next).unwrap();
    }
    bytes.extend(table);
    let mut directory = vec![0u8; sectors * sector];
    for (entry, name) in directory.chunks_exact_mut(128).zip(names) {
        for (place, unit) in name.encode_utf16().enumerate() {
            entry[2 * place..2 * place + 2].copy_from_slice(&unit.to_le_bytes());
        }
        entry[64] = u8::try_from(2 * name.len() + 2).unwrap();
    }
    bytes.extend(directory);
    bytes
}

/// The written file with one part replaced.
fn with_part(name: &str, part: &[u8]) -> Vec<u8> {
    with_parts(&[(name, part)])
}

fn with_parts(parts: &[(&str, &[u8])]) -> Vec<u8> {
    use std::io::{Cursor, Write};
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, part) in parts {
        out.start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        out.write_all(part).unwrap();
    }
    out.finish().unwrap().into_inner()
}

#[test]
fn bombs_nests_and_document_types_are_refused() {
    let deep = format!("<w:document><w:body>{}", "<w:p>".repeat(50_000));
    let entities = "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><w:document><w:body/></w:document>";
    for part in [
        deep.as_bytes(),
        entities.as_bytes(),
        b"<w:document><w:body><w:p>",
        b"\0\0\0",
    ] {
        assert!(read(&with_part("word/document.xml", part)).is_err());
    }
    let bomb = vec![b' '; 70 << 20];
    assert!(matches!(
        read(&with_part("word/document.xml", &bomb)),
        Err(ReadError::TooLarge(_))
    ));
    assert!(matches!(
        read(&with_part("word/other.xml", b"<x/>")),
        Err(ReadError::NotWord)
    ));
}

#[test]
fn two_hundred_damaged_files_do_no_harm() {
    let whole = written();
    let mut seed = 7u64;
    for round in 0..240 {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let mut bytes = whole.clone();
        let at = (seed >> 20) as usize % bytes.len();
        match round % 4 {
            0 => bytes.truncate(at),
            1 => bytes[at] ^= 1 << (seed % 8),
            2 => drop(bytes.drain(at..(at + 40).min(whole.len()))),
            _ => bytes[at..(at + 16).min(whole.len())].fill(0xff),
        }
        let start = Instant::now();
        let _ = read(&bytes);
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "round {round} hangs"
        );
    }
}

/// What is read of a body.
fn body(xml: &str) -> String {
    let part = format!("<w:document><w:body>{xml}</w:body></w:document>");
    read(&with_part("word/document.xml", part.as_bytes()))
        .unwrap()
        .value
        .text
}

#[test]
fn formats_of_the_past_do_not_count() {
    let text = body(
        "<w:p><w:pPr><w:outlineLvl w:val=\"9\"/><w:pPrChange><w:pPr><w:outlineLvl w:val=\"0\"/></w:pPr></w:pPrChange></w:pPr>\
         <w:r><w:rPr><w:rPrChange><w:rPr><w:b/></w:rPr></w:rPrChange></w:rPr><w:t>Words</w:t></w:r></w:p>",
    );
    assert_eq!(text.trim(), "Words");
}

#[test]
fn blanks_and_hyphens_of_word_become_plain_text() {
    let text = body(
        "<w:p><w:r><w:rPr><w:b/></w:rPr><w:t xml:space=\"preserve\"> Non</w:t><w:noBreakHyphen/><w:t xml:space=\"preserve\">compete </w:t></w:r>\
         <w:r><w:t>clause</w:t><w:cr/><w:t>next</w:t></w:r></w:p>",
    );
    assert!(text.starts_with("**Non-compete** clause"), "{text}");
    assert!(
        text.contains("next") && !text.contains("clausenext"),
        "{text}"
    );
}

#[test]
fn a_style_on_several_levels_of_a_list_leaves_the_level_to_the_list() {
    let clause = |level: u8, words: &str| {
        format!(
            "<w:p><w:pPr><w:pStyle w:val=\"Clause\"/><w:numPr><w:ilvl w:val=\"{level}\"/><w:numId w:val=\"4\"/></w:numPr></w:pPr>\
             <w:r><w:t>{words}</w:t></w:r></w:p>"
        )
    };
    let item = "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"2\"/><w:numId w:val=\"4\"/></w:numPr></w:pPr>\
                <w:r><w:t>Point</w:t></w:r></w:p>";
    let part = format!(
        "<w:document><w:body>{}{}{item}{}</w:body></w:document>",
        clause(0, "Access"),
        clause(1, "Licence"),
        clause(0, "Secrecy")
    );
    let styles = "<w:styles><w:style w:type=\"paragraph\" w:styleId=\"Clause\"><w:name w:val=\"heading 3\"/></w:style></w:styles>";
    let levels: String = (0..3)
        .map(|level| format!("<w:lvl w:ilvl=\"{level}\"><w:numFmt w:val=\"decimal\"/></w:lvl>"))
        .collect();
    let numbering = format!(
        "<w:numbering><w:abstractNum w:abstractNumId=\"7\">{levels}</w:abstractNum>\
         <w:num w:numId=\"4\"><w:abstractNumId w:val=\"7\"/></w:num></w:numbering>"
    );
    let file = with_parts(&[
        ("word/document.xml", part.as_bytes()),
        ("word/styles.xml", styles.as_bytes()),
        ("word/numbering.xml", numbering.as_bytes()),
    ]);
    let text = read(&file).unwrap().value.text;
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(
        lines[lines.len() - 4..],
        ["## Access", "### Licence", "1. Point", "## Secrecy"],
        "{text}"
    );
}

#[test]
fn schedules_stay_schedules() {
    for (text, label) in [
        (
            "# 买卖合同\n\n## 标的\n\n1. 见附件。\n\n## 技术规格 {.schedule}\n\n1. 型号。\n",
            "附件一",
        ),
        (
            "---\nlanguage: en\n---\n\n# Services\n\n## Fees\n\n1. See the schedule.\n\n## Rates {.schedule}\n\n1. Hourly.\n",
            "Schedule 1",
        ),
    ] {
        let document = moqi_document::parse(text);
        let word = crate::write(&document, &crate::Look::for_document(&document))
            .unwrap()
            .value;
        let read = read(&word).unwrap().value;
        assert!(read.labels.iter().any(|found| found.label == label));
        let again = moqi_document::parse(&read.text);
        let labels = moqi_document::number(&again).labels;
        let count = |wanted: &str| {
            let found = labels.iter().flatten();
            found.filter(|found| found.text.trim() == wanted).count()
        };
        assert_eq!(count(label), 1, "{}", read.text);
    }
}
