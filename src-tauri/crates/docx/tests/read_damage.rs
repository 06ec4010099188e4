//! Damaged and hostile files: no panic, no hang, and an answer in seconds for each.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at the first fault and says how long it took"
)]

mod file;

use std::io::{Cursor, Read, Write};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use file::{archive, document, file as word, p};
use moqi_document::parse;
use moqi_docx::{Changes, Look, ReadError, ReadOptions, read, read_with, write};

/// A file that takes longer hangs; a debug build on a busy machine takes some of it.
const PATIENCE: Duration = Duration::from_secs(30);

/// What reading made of a file: whether it was read, and the seconds it took. Panics where it hangs.
fn answer(name: &str, bytes: Vec<u8>) -> (Result<(), ReadError>, f64) {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let start = Instant::now();
        let accepted = read(&bytes).map(drop);
        let seconds = start.elapsed().as_secs_f64();
        let rejected = read_with(&bytes, &ReadOptions::with_changes(Changes::Rejected)).map(drop);
        assert_eq!(accepted.is_ok(), rejected.is_ok());
        let _ = send.send((accepted, seconds));
    });
    match receive.recv_timeout(PATIENCE) {
        Ok(answer) => answer,
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("{name} hangs"),
        Err(mpsc::RecvTimeoutError::Disconnected) => panic!("{name} panics"),
    }
}

/// Reads them all and returns which were read.
fn all(files: Vec<(String, Vec<u8>)>) -> Vec<(String, Result<(), ReadError>)> {
    let mut slowest = (0.0, String::new());
    let count = files.len();
    let mut out = Vec::new();
    for (name, bytes) in files {
        let (result, seconds) = answer(&name, bytes);
        if seconds > slowest.0 {
            slowest = (seconds, name.clone());
        }
        out.push((name, result));
    }
    let read = out.iter().filter(|(_, result)| result.is_ok()).count();
    println!(
        "{count} files, {read} read; slowest {:.3} s: {}",
        slowest.0, slowest.1
    );
    out
}

fn random(seed: &mut u64) -> usize {
    *seed = seed
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) as usize
}

fn parts_of(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut entry = archive.by_index(index).unwrap();
            let mut part = Vec::new();
            entry.read_to_end(&mut part).unwrap();
            (entry.name().unwrap().into_owned(), part)
        })
        .collect()
}

fn packed(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, part) in parts {
        out.start_file(name.as_str(), zip::write::SimpleFileOptions::default())
            .unwrap();
        out.write_all(part).unwrap();
    }
    out.finish().unwrap().into_inner()
}

/// Every way a file is damaged that does not need to know what is in it.
fn mutated(name: &str, whole: &[u8], rounds: usize, out: &mut Vec<(String, Vec<u8>)>) {
    let mut seed = 7;
    for round in 0..rounds {
        let mut bytes = whole.to_vec();
        let at = random(&mut seed) % bytes.len();
        let end = (at + 16).min(bytes.len());
        match round % 4 {
            0 => bytes.truncate(at),
            1 => bytes[at] ^= 1 << (round % 8),
            2 => drop(bytes.drain(at..end)),
            _ => bytes[at..end].fill(0xff),
        }
        out.push((format!("{name}, bytes, round {round}"), bytes));
    }
    let parts = parts_of(whole);
    let xml = |name: &str| name.ends_with(".xml") || name.ends_with(".rels");
    for (place, (part, content)) in parts.iter().enumerate().filter(|(_, (part, _))| xml(part)) {
        let mut change = |what: &str, content: Option<Vec<u8>>| {
            let mut parts = parts.clone();
            match content {
                Some(content) => parts[place].1 = content,
                None => drop(parts.remove(place)),
            }
            out.push((format!("{name}, {part} {what}"), packed(&parts)));
        };
        change("missing", None);
        change("empty", Some(Vec::new()));
        change("of nothing", Some(b"<x/>".to_vec()));
        for share in 1..4 {
            change(
                "cut short",
                Some(content[..content.len() * share / 4].to_vec()),
            );
        }
        let mut flipped = content.clone();
        for _ in 0..20 {
            let at = random(&mut seed) % flipped.len().max(1);
            if let Some(byte) = flipped.get_mut(at) {
                *byte ^= 1 << (at % 8);
            }
        }
        change("with flipped bits", Some(flipped));
        // Words of the markup exchanged: the XML stays XML, its sense goes.
        let text = String::from_utf8_lossy(content).into_owned();
        for (from, to) in [
            ("<w:p>", "<w:tc>"),
            ("w:tr", "w:p"),
            ("w:r", "w:txbxContent"),
            ("\"1\"", "\"99999999999\""),
        ] {
            let text = text
                .replace(from, to)
                .replace(&from.replace('<', "</"), &to.replace('<', "</"));
            change("with other elements", Some(text.into_bytes()));
        }
    }
}

fn contract() -> Vec<u8> {
    let document = parse(
        "# 设备买卖合同\n\n出卖人：**华东公司**\n\n## 价款 {#price}\n\n1. 总价 100 元。\n2. 分期：\n   1. 首期；\n   2. 尾款。\n\n\
         ## 交付\n\n见[](#price)。[^1] [网站](https://example.com)\n\n| 名称 | 数量 |\n| --- | --- |\n| 机床 & <件> | 12 |\n\n[^1]: 脚注。\n",
    );
    write(&document, &Look::for_document(&document))
        .unwrap()
        .value
}

#[test]
fn hundreds_of_damaged_files_do_no_harm() {
    let mut files = Vec::new();
    mutated("a contract of ours", &contract(), 120, &mut files);
    if let Some(root) = std::env::var_os("MOQI_DATA") {
        let folder = std::path::Path::new(&root).join("standard-en");
        let mut paths: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().path())
            .collect();
        paths.sort();
        for path in paths.iter().take(2) {
            mutated(
                &path.display().to_string(),
                &std::fs::read(path).unwrap(),
                60,
                &mut files,
            );
        }
    } else {
        println!("without real files: MOQI_DATA is not set");
    }
    assert!(files.len() >= 200, "{}", files.len());
    let results = all(files);
    // A missing body is no Word file; anything else may be missing.
    for (name, result) in &results {
        if name.ends_with("missing") {
            assert_eq!(
                result.is_err(),
                name.contains("word/document.xml missing"),
                "{name}: {result:?}"
            );
        }
    }
}

#[test]
fn hostile_files_get_a_clear_answer() {
    let nested = |element: &str, times: usize| {
        document(&format!(
            "{}{}",
            format!("<{element}>").repeat(times),
            format!("</{element}>").repeat(times)
        ))
    };
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let mut put = |name: &str, bytes: Vec<u8>| files.push((name.to_owned(), bytes));
    for element in [
        "w:p",
        "w:tbl",
        "w:sdt",
        "w:ins",
        "w:pict",
        "mc:AlternateContent",
        "w:rPr",
    ] {
        put(
            &format!("refused: 50,000 nested {element}"),
            archive(&[("word/document.xml", &nested(element, 50_000))]),
        );
        put(
            &format!("read: 200 nested {element}"),
            archive(&[("word/document.xml", &nested(element, 200))]),
        );
    }
    let cells =
        nested("w:tbl><w:tr><w:tc", 80).replace("</w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>");
    put(
        "read: tables in tables",
        archive(&[("word/document.xml", &cells)]),
    );
    let entity = "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]>";
    put(
        "refused: entities",
        archive(&[(
            "word/document.xml",
            &format!("{entity}{}", document(&p("&b;"))),
        )]),
    );
    put(
        "read: entities in styles",
        word(
            &p("words"),
            &[("word/styles.xml", &format!("{entity}<w:styles/>"))],
        ),
    );
    put(
        "refused: a bomb of blanks",
        archive(&[("word/document.xml", &" ".repeat(70 << 20))]),
    );
    put(
        "refused: a bomb of words",
        word(&p(&"word ".repeat(5 << 20)), &[]),
    );
    put(
        "refused: a bomb of paragraphs",
        word(&"<w:p/>".repeat(1_000_000), &[]),
    );
    put(
        "refused: a bomb of line ends",
        word(
            &format!("<w:p><w:r>{}</w:r></w:p>", "<w:br/>".repeat(2_000_000)),
            &[],
        ),
    );
    put(
        "refused: a bomb of changes",
        word(&"<w:ins/>".repeat(1_000_000), &[]),
    );
    let wide = format!(
        "<w:tbl><w:tr>{}</w:tr>{}</w:tbl>",
        "<w:tc/>".repeat(300_000),
        "<w:tr><w:tc/></w:tr>".repeat(100_000)
    );
    put("refused: a wide and long table", word(&wide, &[]));
    let bombs: Vec<(String, String)> = (0..5)
        .map(|n| (format!("word/header{n}.xml"), " ".repeat(60 << 20)))
        .collect();
    let relations: String = (0..5)
        .map(|n| format!("<Relationship Id=\"h{n}\" Type=\"x/header\" Target=\"header{n}.xml\"/>"))
        .collect();
    let relations = format!("<Relationships>{relations}</Relationships>");
    let references: String = (0..5)
        .map(|n| format!("<w:sectPr><w:headerReference r:id=\"h{n}\"/></w:sectPr>"))
        .collect();
    let mut parts: Vec<(&str, &str)> = bombs
        .iter()
        .map(|(name, part)| (name.as_str(), part.as_str()))
        .collect();
    parts.push(("word/_rels/document.xml.rels", &relations));
    put("refused: bombs in five headers", word(&references, &parts));
    let attributes: String = (0..200_000).map(|n| format!(" a{n}=\"\"")).collect();
    put(
        "read: 200,000 attributes",
        word(
            &format!("<w:p{attributes}><w:pPr><w:pStyle{attributes}/></w:pPr></w:p>"),
            &[],
        ),
    );
    let fields = "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r>".repeat(20_000);
    put(
        "read: 20,000 open fields",
        word(
            &format!("<w:p>{fields}</w:p>{}", p("words").repeat(2_000)),
            &[],
        ),
    );
    let note = "<w:p><w:r><w:footnoteReference w:id=\"1\"/></w:r></w:p>".repeat(50_000);
    put(
        "read: one note 50,000 times",
        word(
            &note,
            &[(
                "word/footnotes.xml",
                &format!(
                    "<w:footnotes><w:footnote w:id=\"1\">{}</w:footnote></w:footnotes>",
                    p("note")
                ),
            )],
        ),
    );
    let ranges: String = (0..20_000)
        .map(|n| format!("<w:commentRangeStart w:id=\"{n}\"/>"))
        .collect();
    let comments: String = (0..20_000)
        .map(|n| format!("<w:comment w:id=\"{n}\"/>"))
        .collect();
    let ends = ranges.replace("Start", "End");
    put(
        "read: 20,000 comments on all words",
        word(
            &format!("{ranges}{}{ends}", p("word ").repeat(5_000)),
            &[(
                "word/comments.xml",
                &format!("<w:comments>{comments}</w:comments>"),
            )],
        ),
    );
    let long = format!(
        "<w:numbering><w:abstractNum w:abstractNumId=\"1\"><w:lvl w:ilvl=\"0\"><w:lvlText w:val=\"{}\"/></w:lvl></w:abstractNum><w:num w:numId=\"1\"><w:abstractNumId w:val=\"1\"/></w:num></w:numbering>",
        "%1".repeat(1 << 20)
    );
    let listed = "<w:p><w:pPr><w:numPr><w:numId w:val=\"1\"/></w:numPr></w:pPr><w:r><w:t>x</w:t></w:r></w:p>".repeat(5_000);
    put(
        "read: a label of a megabyte",
        word(&listed, &[("word/numbering.xml", &long)]),
    );
    put(
        "read: names that lead out",
        word(
            &p("words"),
            &[("../../etc/passwd", "x"), ("C:\\x", "y"), ("/abs", "z")],
        ),
    );
    let mut twice = archive(&[
        ("word/document.xml", &document(&p("one"))),
        ("word/documenu.xml", &document(&p("two"))),
    ]);
    let at: Vec<usize> = twice
        .windows(17)
        .enumerate()
        .filter(|(_, name)| *name == b"word/documenu.xml")
        .map(|(at, _)| at)
        .collect();
    at.iter().for_each(|at| twice[at + 12] = b't');
    put("any: two bodies of one name", twice);
    for offset in [18, 22] {
        let mut bytes = word(&p("words"), &[]);
        bytes[offset..offset + 4].fill(0xfe);
        put("any: wrong size in a local header", bytes);
        let mut bytes = word(&p("words"), &[]);
        let central = bytes
            .windows(4)
            .position(|sign| sign == b"PK\x01\x02")
            .unwrap();
        bytes[central + offset + 2..central + offset + 6].fill(0xfe);
        put("any: wrong size in the directory", bytes);
    }
    for (name, result) in all(files) {
        match name.split(':').next() {
            Some("read") => assert!(result.is_ok(), "{name}: {result:?}"),
            Some("refused") => assert!(
                matches!(
                    result,
                    Err(ReadError::TooLarge(_) | ReadError::BadXml { .. })
                ),
                "{name}: {result:?}"
            ),
            _ => {}
        }
    }
}
