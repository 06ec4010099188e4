//! Filling in place: what changes is what was filled, and nothing else.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod kept;
mod real;
mod template;

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};

use moqi_document::{Answer, Answers};
use moqi_docx::{Slot, Values, Warning, WarningKind, fill, slots};

const W: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" xmlns:w14=\"http://schemas.microsoft.com/office/word/2010/wordml\"";

/// A Word file with this body; the other parts are there to be kept.
fn file(body: &str) -> Vec<u8> {
    let document = format!(
        "<?xml version=\"1.0\"?>\r\n<w:document {W}><w:body>{body}<w:sectPr/></w:body></w:document>"
    );
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    let stored = options.compression_method(zip::CompressionMethod::Stored);
    for (name, part, options) in [
        ("[Content_Types].xml", "<Types/>", stored),
        ("word/theme/theme1.xml", "<a:theme/>", options),
        ("word/document.xml", document.as_str(), options),
        ("word/media/image1.png", "\u{1}\u{2}no picture", options),
    ] {
        out.start_file(name, options).unwrap();
        out.write_all(part.as_bytes()).unwrap();
    }
    out.finish().unwrap().into_inner()
}

/// The entries of an archive in order: names, bytes as packed, bytes.
fn entries(bytes: &[u8]) -> Vec<(String, Vec<u8>, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|index| {
            let (mut packed, mut plain) = (Vec::new(), Vec::new());
            archive
                .by_index_raw(index)
                .unwrap()
                .read_to_end(&mut packed)
                .unwrap();
            let mut entry = archive.by_index(index).unwrap();
            entry.read_to_end(&mut plain).unwrap();
            (entry.name().unwrap().into_owned(), packed, plain)
        })
        .collect()
}

fn part(bytes: &[u8], name: &str) -> String {
    let found = entries(bytes)
        .into_iter()
        .find(|(n, ..)| n == name)
        .unwrap();
    String::from_utf8(found.2).unwrap()
}

/// The body of a filled file, between its tags.
fn filled(body: &str, values: &Values) -> (String, Vec<Warning>) {
    let file = file(body);
    let out = fill(&file, values).unwrap();
    let document = part(&out.value, "word/document.xml");
    let (_, rest) = document.split_once("<w:body>").unwrap();
    (
        rest.split_once("<w:sectPr/></w:body>")
            .unwrap()
            .0
            .to_owned(),
        out.warnings,
    )
}

fn named(pairs: &[(&str, &str)]) -> Answers {
    pairs
        .iter()
        .map(|(k, v)| ((*k).to_owned(), Answer::Text((*v).to_owned())))
        .collect()
}

fn values(pairs: &[(&str, &str)]) -> Values {
    Values {
        slots: BTreeMap::new(),
        named: named(pairs),
    }
}

fn found(body: &str) -> Vec<Slot> {
    slots(&file(body)).unwrap().value
}

fn p(words: &str) -> String {
    format!("<w:p><w:r><w:t>{words}</w:t></w:r></w:p>")
}

/// The visible words of some markup, a line a paragraph.
fn words(xml: &str) -> String {
    let mut out = String::new();
    for piece in xml.split('<').skip(1) {
        let Some((tag, text)) = piece.split_once('>') else {
            continue;
        };
        match tag.split([' ', '/']).next() {
            Some("w:t") => out.push_str(text),
            Some("w:tab") => out.push('\t'),
            Some("w:br") => out.push('\n'),
            _ if tag.starts_with("/w:p") && !tag.starts_with("/w:pPr") => out.push('\n'),
            _ => {}
        }
    }
    out.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&amp;", "&")
}

#[test]
fn a_tag_split_over_runs_is_filled_in_the_looks_of_its_first() {
    let body = "<w:p w14:paraId=\"0A\"><w:pPr><w:jc w:val=\"both\"/></w:pPr><w:r><w:t>A: {</w:t></w:r><w:r w:rsidR=\"1\"><w:rPr><w:b/></w:rPr><w:t>{ seller</w:t></w:r><w:proofErr w:type=\"x\"/><w:r><w:t>.name }</w:t></w:r><w:r><w:t>} end</w:t></w:r><w:r><w:rPr><w:i/></w:rPr><w:t>kept</w:t></w:r></w:p>";
    let seller = Answers::from([(
        "seller".to_owned(),
        Answer::Group(named(&[("name", "A & <B>\nC\u{1}")])),
    )]);
    let (out, warnings) = filled(
        body,
        &Values {
            named: seller,
            ..Values::default()
        },
    );
    assert_eq!(
        out,
        "<w:p w14:paraId=\"0A\"><w:pPr><w:jc w:val=\"both\"/></w:pPr><w:r><w:t xml:space=\"preserve\">A: A &amp; &lt;B&gt;</w:t><w:br/><w:t xml:space=\"preserve\">C</w:t></w:r><w:proofErr w:type=\"x\"/><w:r><w:t xml:space=\"preserve\"> end</w:t></w:r><w:r><w:rPr><w:i/></w:rPr><w:t>kept</w:t></w:r></w:p>"
    );
    assert_eq!(warnings.len(), 1);
    assert_eq!(warnings[0].kind, WarningKind::ControlCharacters(1));
}

#[test]
fn only_touched_paragraphs_change() {
    let kept = "<w:p ><w:r><w:t>it&apos;s  kept</w:t></w:r ></w:p>\n<!-- kept -->";
    let body = format!("{kept}{}{kept}", p("Name: ____"));
    let file = file(&body);
    let out = fill(&file, &values(&[("Name", "Ada")])).unwrap();
    assert!(out.warnings.is_empty(), "{:?}", out.warnings);
    let (before, after) = (entries(&file), entries(&out.value));
    assert_eq!(before.len(), after.len());
    for (a, b) in before.iter().zip(&after) {
        assert_eq!(a.0, b.0);
        assert!(a.0 == "word/document.xml" || a == b, "{} changed", a.0);
    }
    let (before, after) = (
        part(&file, "word/document.xml"),
        part(&out.value, "word/document.xml"),
    );
    assert_eq!(
        after,
        before.replace(
            "<w:t>Name: ____</w:t>",
            "<w:t xml:space=\"preserve\">Name: Ada</w:t>"
        )
    );
    // Without any value, the whole file is the same.
    let same = fill(&file, &Values::default()).unwrap();
    assert_eq!(entries(&same.value), entries(&file));
    assert!(
        matches!(&same.warnings[..], [Warning { kind: WarningKind::NoValue { name, .. }, .. }] if name == "Name")
    );
}

#[test]
fn blanks_are_named_by_what_stands_around_them() {
    let row = "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Employer</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>____</w:t></w:r></w:p></w:tc></w:tr></w:tbl>";
    let underlined = "<w:p><w:r><w:t>地址：</w:t></w:r><w:r><w:rPr><w:u w:val=\"single\"/></w:rPr><w:t xml:space=\"preserve\">     </w:t></w:r><w:r><w:rPr><w:u w:val=\"single\"/></w:rPr><w:tab/></w:r></w:p>";
    let body = [
        &p("甲方：____，签订日期：____年__月__日，价款为人民币【】元"),
        row,
        underlined,
        &p("[Legal name of the employer] shall pay [●] within [insert number of days] days"),
        &p("[  ] Insurance. See [2019] UKSC 5"),
    ]
    .concat();
    let slots = found(&body);
    let got: Vec<_> = slots
        .iter()
        .map(|s| (s.name.as_str(), s.text.as_str()))
        .collect();
    assert_eq!(
        got,
        [
            ("甲方", "____"),
            ("签订日期", "____年__月__日"),
            ("价款", "【】"),
            ("Employer", "____"),
            ("地址", "     \t"),
            ("Legal name of the employer", "[Legal name of the employer]"),
            ("shall pay", "[●]"),
            ("number of days", "[insert number of days]"),
            ("Insurance", "[  ]"),
        ]
    );
    use moqi_document::FieldKind::{Date, Money, Number, Party, Text, YesNo};
    let kinds: Vec<_> = slots.iter().map(|s| s.value.clone()).collect();
    assert_eq!(
        kinds,
        [
            Party,
            Date,
            Money {
                currency: "CNY".into()
            },
            Party,
            Text,
            Party,
            Text,
            Number,
            YesNo
        ]
    );
    assert_eq!(slots[2].id, "document:2");
    assert_eq!(
        (slots[0].paragraph, slots[1].before.as_str()),
        (0, "甲方：____，签订日期：")
    );
    let values = Values {
        slots: slots
            .iter()
            .enumerate()
            .map(|(n, s)| {
                (
                    s.id.clone(),
                    if n == 8 {
                        "yes".into()
                    } else {
                        format!("v{n}")
                    },
                )
            })
            .collect(),
        named: Answers::new(),
    };
    let (out, warnings) = filled(&body, &values);
    assert!(warnings.is_empty(), "{warnings:?}");
    let out = words(&out);
    for line in [
        "甲方：v0，签订日期：v1，价款为人民币v2元",
        "Employer\nv3",
        "地址：v4",
        "v5 shall pay v6 within v7 days",
        "[x] Insurance. See [2019]",
    ] {
        assert!(out.contains(line), "{line} is missing in\n{out}");
    }
}

#[test]
fn damage_never_panics() {
    let body = include_str!("sample.xml");
    let whole = file(body);
    let all = slots(&whole).unwrap().value;
    assert!(all.len() > 10, "{all:?}");
    let values = Values {
        slots: all
            .iter()
            .map(|s| (s.id.clone(), "yes".to_owned()))
            .collect(),
        named: template::data(),
    };
    let mut seed = 11u64;
    let mut read = 0;
    for round in 0..240 {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let mut bytes = whole.clone();
        let mut text = body.to_owned();
        let at = (seed >> 20) as usize;
        let mut cut = at % text.len();
        while !text.is_char_boundary(cut) {
            cut -= 1;
        }
        match round % 6 {
            0 => bytes.truncate(at % whole.len()),
            1 => bytes[at % whole.len()] ^= 1 << (seed % 8),
            2 => bytes = file(&text[..cut]),
            3 => {
                // A whole run goes, so that what is left is XML still.
                if let Some(from) = text[cut..].find("</w:r>").map(|n| cut + n + 6)
                    && let Some(to) = text[from..].find("</w:r>").map(|n| from + n + 6)
                {
                    text.replace_range(from..to, "");
                }
                bytes = file(&text);
            }
            4 => bytes = file(&text.replace(["{%", "%}", "{{", "begin", "separate"][at % 5], "x")),
            _ => {
                bytes = file(&text.replace(
                    ["w:sdtPr", "w:sdtContent", "w:tr", "w:fldChar", "w:p>"][at % 5],
                    "w:x",
                ))
            }
        }
        let start = std::time::Instant::now();
        if slots(&bytes).is_ok() {
            read += 1;
        }
        if let Ok(out) = fill(&bytes, &values) {
            // What was filled is a whole file still.
            slots(&out.value).unwrap();
        }
        assert!(
            start.elapsed() < std::time::Duration::from_secs(5),
            "round {round} hangs"
        );
    }
    assert!(read > 80, "only {read} of the damaged files could be read");
}

#[test]
fn hostile_words_take_no_time() {
    for unit in [
        "{{",
        "{%",
        "{#x}",
        "{{x}}",
        "[",
        "_",
        "____ ",
        "【",
        "{% if a %}",
        "{/a}",
        "[●]",
        "年 月 ",
    ] {
        let began = std::time::Instant::now();
        let many = unit.repeat(300_000 / unit.len());
        let body = p(&many);
        let _ = slots(&file(&body)).map(|found| found.value.len());
        let _ = fill(&file(&body), &values(&[("x", "1"), ("a", "yes")]));
        let _ = slots(&file(&p(unit).repeat(5_000)));
        let took = began.elapsed();
        eprintln!("{unit}: {took:?}");
        assert!(
            took < std::time::Duration::from_secs(20),
            "{unit}: {took:?}"
        );
    }
    let deep = format!(
        "{}{}",
        "<w:sdt><w:sdtContent>".repeat(300),
        "</w:sdtContent></w:sdt>".repeat(300)
    );
    assert!(slots(&file(&deep)).is_err());
}
