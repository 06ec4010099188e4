//! Damaged and hostile files made in code.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "each test uses a part of it, stops at the first fault and says what it leaves out"
)]

use std::io::{Cursor, Read, Write};

use moqi_document::parse;
use moqi_docx::{Look, write};

use crate::file::{archive, document, file as word, p};

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

/// More than two hundred files damaged in every way; names that end in `missing` miss a part.
pub fn mutations() -> Vec<(String, Vec<u8>)> {
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
    files
}

/// Files made to take time or memory. Their names begin with what reading makes of them.
pub fn hostile() -> Vec<(String, Vec<u8>)> {
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
    near_the_limits(&mut put);
    files
}

/// Files just below what is refused, which take most.
fn near_the_limits(put: &mut impl FnMut(&str, Vec<u8>)) {
    put(
        "read: 15 MB of words",
        word(&p(&"word ".repeat(3_000_000)), &[]),
    );
    put(
        "read: 900,000 signs that are escaped",
        word(&p(&"*".repeat(900_000)), &[]),
    );
    put(
        "refused: 15 MB of signs that are escaped",
        word(&p(&"*".repeat(15_000_000)), &[]),
    );
    put(
        "read: 190,000 paragraphs",
        word(&p("a").repeat(190_000), &[]),
    );
    put(
        "read: 450,000 runs of two looks",
        word(
            &format!(
                "<w:p>{}</w:p>",
                "<w:r><w:rPr><w:b/></w:rPr><w:t>a</w:t></w:r><w:r><w:t>b</w:t></w:r>"
                    .repeat(225_000)
            ),
            &[],
        ),
    );
    let ends = "<w:t>a</w:t><w:br/>".repeat(450_000);
    put(
        "read: 450,000 line ends in a prompt",
        word(
            &format!(
                "<w:p><w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:r>{ends}</w:r></w:sdtContent></w:sdt></w:p>"
            ),
            &[],
        ),
    );
    put(
        "read: 450,000 line ends",
        word(&format!("<w:p><w:r>{ends}</w:r></w:p>"), &[]),
    );
    let row = format!("<w:tr>{}</w:tr>", "<w:tc><w:p/></w:tc>".repeat(60));
    put(
        "read: a table of 180,000 cells",
        word(&format!("<w:tbl>{}</w:tbl>", row.repeat(3_000)), &[]),
    );
    put(
        "read: 150,000 links",
        word(
            &format!(
                "<w:p>{}</w:p>",
                "<w:hyperlink w:anchor=\"a\"><w:r><w:t>1</w:t></w:r></w:hyperlink>".repeat(150_000)
            ),
            &[],
        ),
    );
    let clause = "<w:p><w:pPr><w:outlineLvl w:val=\"0\"/><w:numPr><w:numId w:val=\"1\"/></w:numPr></w:pPr><w:bookmarkStart w:name=\"a\"/><w:r><w:t>Price</w:t></w:r></w:p>";
    let numbering = "<w:numbering><w:abstractNum w:abstractNumId=\"1\"><w:lvl w:ilvl=\"0\"><w:start w:val=\"1\"/><w:lvlText w:val=\"%1.\"/></w:lvl></w:abstractNum>\
                     <w:num w:numId=\"1\"><w:abstractNumId w:val=\"1\"/></w:num></w:numbering>";
    let reference = "<w:fldSimple w:instr=\" REF a \\r \"><w:r><w:t>1</w:t></w:r></w:fldSimple>";
    put(
        "read: 100,000 references of one paragraph",
        word(
            &format!("{clause}<w:p>{}</w:p>", reference.repeat(100_000)),
            &[("word/numbering.xml", numbering)],
        ),
    );
    put(
        "read: 100,000 references apart",
        word(
            &format!(
                "{clause}<w:p>{}</w:p>",
                format!("{reference}<w:r><w:t> x </w:t></w:r>").repeat(100_000)
            ),
            &[("word/numbering.xml", numbering)],
        ),
    );
    let control = "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:r><w:t>a</w:t></w:r></w:sdtContent></w:sdt>";
    put(
        "read: 100,000 controls",
        word(&format!("<w:p>{}</w:p>", control.repeat(100_000)), &[]),
    );
    let form = "<w:r><w:fldChar w:fldCharType=\"begin\"><w:ffData><w:checkBox/></w:ffData></w:fldChar></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r>";
    put(
        "read: 100,000 boxes of a form",
        word(&format!("<w:p>{}</w:p>", form.repeat(100_000)), &[]),
    );
    let item = format!("<w:listItem w:value=\"{}\"/>", "a".repeat(60));
    put(
        "any: a list of 500,000 options",
        word(
            &format!(
                "<w:sdt><w:sdtPr><w:dropDownList>{}</w:dropDownList></w:sdtPr></w:sdt>",
                item.repeat(500_000)
            ),
            &[],
        ),
    );
    put(
        "any: 1,000,000 bookmarks",
        word(
            &(0..1_000_000)
                .map(|n| format!("<w:bookmarkStart w:name=\"{n}\"/>"))
                .collect::<String>(),
            &[],
        ),
    );
}
