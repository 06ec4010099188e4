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
        "## 价款",
        "1. 总价 100 元。",
        "首期；",
        "机床 & ",
        "脚注文字",
        "见第一条",
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
    assert!(matches!(read(b""), Err(ReadError::NotAnArchive)));
    assert!(matches!(
        read(b"%PDF-1.7 ..."),
        Err(ReadError::NotAnArchive)
    ));
    assert!(matches!(
        read(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0, 0]),
        Err(ReadError::Encrypted)
    ));
}

/// The written file with one part replaced.
fn with_part(name: &str, part: &[u8]) -> Vec<u8> {
    use std::io::{Cursor, Write};
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    out.start_file(name, zip::write::SimpleFileOptions::default())
        .unwrap();
    out.write_all(part).unwrap();
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
