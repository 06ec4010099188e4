//! Writing onto a firm's own Word file: what stays, what comes, what goes. Real files are read where `MOQI_DATA` names their
//! folder.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at the first fault and says what it skips"
)]

mod damage;
mod firm;
#[path = "../gate/mod.rs"]
#[allow(
    dead_code,
    reason = "the gates have more checks than this test asks for"
)]
mod gate;
mod real;

use std::collections::{BTreeMap, BTreeSet};

use firm::Firm;
use gate::faults::faults;
use gate::package::unpack;
use gate::samples;
use moqi_document::{BlockKind, Document, InlineKind, Language, Scheme, Span, number, parse};
use moqi_docx::{
    Attached, Comment, Look, Protection, Remark, WarningKind, read, write, write_onto,
    write_onto_with,
};

fn both() -> [(&'static str, Document); 2] {
    [
        ("zh", samples::everything(Language::Zh, Scheme::ZhArticle)),
        ("en", samples::everything(Language::En, Scheme::EnDecimal)),
    ]
}

fn onto(document: &Document, firm: &[u8]) -> Vec<u8> {
    write_onto(document, &Look::for_document(document), firm)
        .unwrap()
        .value
}

fn parts(docx: &[u8]) -> BTreeMap<String, Vec<u8>> {
    unpack(docx).unwrap().into_iter().collect()
}

fn text(docx: &[u8], part: &str) -> String {
    String::from_utf8(parts(docx).remove(part).unwrap_or_default()).unwrap()
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

/// The words of a document, each run by itself. Those who sign stand side by side, in an order of their own.
fn words(document: &Document) -> Vec<String> {
    let mut words = Vec::new();
    let mut document = document.clone();
    document
        .blocks
        .retain(|block| !matches!(block.kind, BlockKind::Signature(_)));
    samples::each_inline(&document, &mut |inline| {
        if let InlineKind::Text(text) = &inline.kind {
            words.push(squeezed(text));
        }
    });
    words.retain(|words| !words.is_empty());
    words
}

/// What the text elements of a part say.
fn printed(part: &str) -> String {
    let mut out = String::new();
    for piece in part.split("<w:t").skip(1) {
        // Other elements begin so too, such as tables and tabs.
        if piece.starts_with('>') || piece.starts_with(' ') {
            let words = piece.split_once('>').map_or("", |(_, words)| words);
            out.push_str(words.split('<').next().unwrap_or_default());
        }
    }
    out
}

/// Words in order: each is found after the one before it.
fn in_order(words: &[String], text: &str) -> Option<String> {
    let mut at = 0;
    for word in words {
        match text[at..].find(word.as_str()) {
            Some(place) => at += place + word.len(),
            None => return Some(word.clone()),
        }
    }
    None
}

#[test]
fn clauses_wear_the_firms_headings_and_numbers() {
    let firm = Firm::numbered().bytes();
    let document = parse(
        "---\nlanguage: zh\n---\n\n# 合同\n\n## 定义 {#def}\n\n正文。\n\n1. 甲。\n2. 乙： {#b}\n\n   1. 丙。 {#c}\n\n## 依据\n\n依[](#def)、[](#b)和[](#c)。\n",
    );
    let docx = onto(&document, &firm);
    assert_eq!(faults(&docx), Vec::<String>::new());
    let body = text(&docx, "word/document.xml");
    // Headings need no number of their own: the firm's style has it.
    assert!(
        body.contains("<w:pPr><w:pStyle w:val=\"1\"/></w:pPr>"),
        "{body}"
    );
    assert!(body.contains("<w:pStyle w:val=\"BodyFirm\"/>"), "{body}");
    let labels: Vec<String> = read(&docx)
        .unwrap()
        .value
        .labels
        .into_iter()
        .map(|l| l.label)
        .collect();
    assert_eq!(labels, ["第1章", "1.1", "1.2", "(a)", "第2章"]);
    let words = squeezed(&printed(&body));
    assert!(words.contains("依第1章、第1.2条和第1.2(a)条。"), "{words}");
    assert!(!text(&docx, "word/styles.xml").contains("w:styleId=\"Heading1\""));
}

#[test]
fn without_numbered_headings_our_lists_stand_beside_the_firms() {
    let firm = Firm::plain().bytes();
    for (_, document) in both() {
        let docx = onto(&document, &firm);
        assert_eq!(faults(&docx), Vec::<String>::new());
        let lists = text(&docx, "word/numbering.xml");
        // The firm's own list and number stand where they stood.
        assert!(
            lists.contains("<w:abstractNum w:abstractNumId=\"4\">")
                && lists.contains("<w:num w:numId=\"1\">")
        );
        let first_number = lists.find("<w:num ").unwrap();
        assert!(
            lists.rfind("<w:abstractNum ").unwrap() < first_number,
            "{lists}"
        );
        assert!(
            lists.ends_with("<w:numIdMacAtCleanup w:val=\"1\"/></w:numbering>"),
            "{lists}"
        );
        let signs: Vec<&str> = lists
            .split("<w:nsid w:val=\"")
            .skip(1)
            .map(|rest| &rest[..8])
            .collect();
        assert_eq!(
            signs.iter().collect::<BTreeSet<_>>().len(),
            signs.len(),
            "{signs:?}"
        );
        let labels: Vec<String> = read(&docx)
            .unwrap()
            .value
            .labels
            .into_iter()
            .map(|l| l.label)
            .collect();
        let ours = number(&document).labels;
        let ours: Vec<String> = ours.into_iter().flatten().map(|label| label.text).collect();
        let labels: Vec<String> = labels
            .into_iter()
            .filter(|label| !["•", "–"].contains(&label.as_str()))
            .collect();
        assert_eq!(labels, ours);
    }
}

#[test]
fn names_that_clash_stay_the_firms() {
    let firm = Firm::plain().bytes();
    let (_, document) = &both()[1];
    let docx = onto(document, &firm);
    let styles = text(&docx, "word/styles.xml");
    // The firm has another style of that id, and one of that name.
    assert_eq!(styles.matches("w:styleId=\"TableText\"").count(), 1);
    assert!(styles.contains("w:styleId=\"HouseTableText\""), "{styles}");
    let body = text(&docx, "word/document.xml");
    assert!(body.contains("<w:pStyle w:val=\"HouseTableText\"/>"));
}

#[test]
fn the_old_text_goes_with_all_that_was_its_own() {
    let firm = Firm::plain().with_old_text().bytes();
    let before = parts(&firm);
    assert!(before.contains_key("word/comments.xml") && before.contains_key("word/media/old.png"));
    let (_, document) = &both()[0];
    let docx = onto(document, &firm);
    assert_eq!(faults(&docx), Vec::<String>::new());
    let after = parts(&docx);
    for part in [
        "word/comments.xml",
        "word/media/old.png",
        "docProps/thumbnail.jpeg",
    ] {
        assert!(!after.contains_key(part), "{part}");
    }
    for part in [
        "word/header1.xml",
        "word/media/logo.png",
        "word/_rels/header1.xml.rels",
    ] {
        assert_eq!(before[part], after[part], "{part}");
    }
    for (name, part) in &after {
        let part = String::from_utf8_lossy(part);
        assert!(!part.contains("OLD WORDS"), "{name}: {part}");
    }
    let notes = text(&docx, "word/footnotes.xml");
    assert!(
        notes.contains("w:type=\"separator\" w:id=\"0\"")
            && notes.contains("w:type=\"continuationSeparator\" w:id=\"1\"")
    );
    assert!(notes.contains("<w:footnote w:id=\"2\">"), "{notes}");
    let properties = text(&docx, "docProps/core.xml");
    assert!(
        properties.contains("<dc:title>设备买卖合同</dc:title>")
            && properties.contains("<cp:category>Sales</cp:category>")
    );
}

#[test]
fn templates_and_macros_become_documents() {
    for kind in [
        "template.main+xml",
        "document.macroEnabled.main+xml",
        "template.macroEnabledTemplate.main+xml",
    ] {
        let firm = Firm::plain().of_type(kind).with_macros().bytes();
        let document = parse("# A\n\nText.\n");
        let written = write_onto(&document, &Look::for_document(&document), &firm).unwrap();
        assert_eq!(faults(&written.value), Vec::<String>::new(), "{kind}");
        assert!(!parts(&written.value).contains_key("word/vbaProject.bin"));
        let types = text(&written.value, "[Content_Types].xml");
        assert!(
            types.contains("wordprocessingml.document.main+xml") && !types.contains("macro"),
            "{types}"
        );
        let said: Vec<_> = written
            .warnings
            .iter()
            .map(|warning| &warning.kind)
            .collect();
        assert_eq!(
            said,
            [&WarningKind::LeftOut {
                what: "macro",
                count: 1
            }]
        );
    }
}

#[test]
fn the_page_is_that_of_the_most_words_and_the_letterhead_stays_on_the_first() {
    let firm = Firm::plain().with_cover().bytes();
    let document = parse("# A\n\nText.\n");
    let docx = onto(&document, &firm);
    assert_eq!(faults(&docx), Vec::<String>::new());
    let margins = read(&docx).unwrap().value.margins;
    let said: Vec<(String, String)> = margins
        .iter()
        .map(|margin| {
            (
                format!("{:?} {:?}", margin.place, margin.which),
                margin.text.clone(),
            )
        })
        .collect();
    let said: Vec<(&str, &str)> = said.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(
        said,
        [("Header Default", "TERMS"), ("Header First", "LETTERHEAD")]
    );
    let body = text(&docx, "word/document.xml");
    assert!(
        body.contains("<w:pgSz w:w=\"11906\" w:h=\"16838\"/>") && body.contains("<w:titlePg/>"),
        "{body}"
    );
    assert_eq!(body.matches("<w:sectPr").count(), 1);
}

#[test]
fn a_file_of_hardly_any_parts_will_do() {
    for (language, document) in both() {
        let docx = onto(&document, &Firm::bare().bytes());
        assert_eq!(faults(&docx), Vec::<String>::new(), "{language}");
        let told = words(&parse(&read(&docx).unwrap().value.text)).concat();
        assert_eq!(in_order(&words(&document), &told), None, "{language}");
    }
}

#[test]
fn our_own_files_will_do_again_and_again() {
    for (language, document) in both() {
        let mut docx = write(&document, &Look::for_document(&document))
            .unwrap()
            .value;
        let mut sizes = Vec::new();
        for _ in 0..3 {
            docx = onto(&document, &docx);
            assert_eq!(faults(&docx), Vec::<String>::new(), "{language}");
            sizes.push(text(&docx, "word/styles.xml").matches("<w:style ").count());
            let told = words(&parse(&read(&docx).unwrap().value.text)).concat();
            assert_eq!(in_order(&words(&document), &told), None, "{language}");
            let labels = read(&docx).unwrap().value.labels.into_iter();
            let labels: Vec<String> = labels
                .map(|label| label.label)
                .filter(|label| !["•", "–"].contains(&label.as_str()))
                .collect();
            let ours = number(&document).labels.into_iter().flatten();
            assert_eq!(labels, ours.map(|label| label.text).collect::<Vec<_>>());
            // The firm's list counts as ours would: references stay as they were.
            let said = squeezed(&printed(&text(&docx, "word/document.xml")));
            let reference = match language {
                "zh" => {
                    "违反第二条第二款第（一）项、第二条第一款或者第二条的，依第三条第二款处理。"
                }
                _ => "Abreachofclause2.2(a),2.1or2isdealtwithunder3.2.",
            };
            assert!(said.contains(reference), "{said}");
        }
        assert!(
            sizes.windows(2).all(|pair| pair[0] == pair[1]),
            "{language}: {sizes:?}"
        );
    }
}

#[test]
fn every_kind_of_block_is_dressed() {
    // A style of ours that the firm's file lacks would be found by our own checks; here every block has one.
    let firm = Firm::plain().bytes();
    let (_, document) = &both()[1];
    let body = text(&onto(document, &firm), "word/document.xml");
    let tables = document
        .blocks
        .iter()
        .filter(|block| matches!(block.kind, BlockKind::Table(_)))
        .count();
    assert_eq!(
        body.matches("<w:tblStyle w:val=\"FirmTable\"/>").count(),
        tables
    );
    assert!(
        body.contains("<w:pStyle w:val=\"FirmTitle\"/>")
            && body.contains("<w:pStyle w:val=\"FirmHeading\"/>")
    );
    assert!(
        !body.contains("w:fill=\"EDEDED\""),
        "the firm's table has a header row of its own"
    );
}

#[test]
fn contents_controls_comments_protection_and_paper_that_lies_across_come_too() {
    let columns = "| Sixteencharacters ".repeat(14);
    let source = format!(
        "---\nlanguage: en\ntitle: Deal & Co\n---\n\n# Deal\n\n## Definitions {{#def}}\n\n1. First {{{{buyer.name}}}}.\n2. See [](#def).\n\n## Wide {{.schedule}}\n\n{columns}|\n{}|\n\n## Last {{.schedule}}\n\nEnd.\n",
        "|---".repeat(14)
    );
    let document = parse(&source);
    let at = source.find("First").unwrap();
    let attached = Attached {
        controls: Vec::new(),
        comments: vec![Comment {
            span: Span {
                start: at,
                end: at + 5,
            },
            remark: Remark {
                author: "A".into(),
                initials: "A".into(),
                date: None,
                text: "Why?".into(),
            },
            replies: Vec::new(),
            done: false,
        }],
    };
    let look = Look {
        contents: Some(2),
        controls: true,
        protection: Some(Protection::Forms),
        ..Look::for_document(&document)
    };
    for firm in [
        Firm::plain().with_old_text().with_title_in_header(),
        Firm::numbered().with_title_in_header(),
        Firm::bare(),
    ] {
        let title = firm.prints_title();
        let firm = firm.bytes();
        let docx = write_onto_with(&document, &look, &attached, &firm)
            .unwrap()
            .value;
        assert_eq!(faults(&docx), Vec::<String>::new());
        let body = text(&docx, "word/document.xml");
        assert!(
            body.contains(" TOC \\o ")
                && body.contains("<w:sdt>")
                && body.contains("w:commentReference"),
            "{body}"
        );
        assert!(text(&docx, "word/comments.xml").contains("Why?"));
        let settings = text(&docx, "word/settings.xml");
        assert_eq!(
            settings.matches("w:documentProtection").count(),
            1,
            "{settings}"
        );
        assert!(settings.contains("w:edit=\"forms\""));
        if title {
            assert!(text(&docx, "word/header1.xml").contains("<w:t>Deal &amp; Co</w:t>"));
        }
        // Contents, text, the wide schedule, the last one.
        if body.contains("w:headerReference") {
            let sections: Vec<&str> = body.split("<w:sectPr>").skip(1).collect();
            assert_eq!(sections.len(), 4, "{body}");
            assert!(
                sections[2].contains("w:orient=\"landscape\""),
                "{}",
                sections[2]
            );
            assert!(
                sections
                    .iter()
                    .all(|section| section.contains("w:headerReference"))
            );
        }
        assert_eq!(read(&docx).unwrap().value.comments.len(), 1);
    }
}

#[test]
fn every_look_of_ours_goes_onto_every_form() {
    let mut written = 0;
    for sample in samples::all() {
        let lost = |docx: &[u8]| {
            let told = words(&parse(&read(docx).unwrap().value.text)).concat();
            in_order(&words(&sample.document), &told)
        };
        // What is read back of our own file is read back of this one.
        let look = Look::for_document(&sample.document);
        let before = lost(&write(&sample.document, &look).unwrap().value);
        for firm in [
            Firm::plain(),
            Firm::numbered(),
            Firm::numbered().with_cover(),
            Firm::bare(),
        ] {
            let docx = onto(&sample.document, &firm.bytes());
            assert_eq!(faults(&docx), Vec::<String>::new(), "{}", sample.name);
            assert_eq!(lost(&docx), before, "{}", sample.name);
            let back = parse(&read(&docx).unwrap().value.text);
            assert_eq!(samples::merges(&back), samples::merges(&sample.document));
            written += 1;
        }
    }
    assert!(written >= 40);
}
