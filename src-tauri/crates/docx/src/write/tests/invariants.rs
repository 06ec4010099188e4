//! What no validator checks: references, bookmarks, fields, ids, style chains; and hard documents.

use super::samples::*;
use super::unzip::parts;
use crate::write::tree::{Element, Node, parse};
use crate::write::{Family, Look, Paper, write};
use crate::{Warned, WarningKind};
use moqi_document::*;
use std::collections::{BTreeMap, BTreeSet};

/// Every element below and including this one.
fn each<'a, 'b>(element: &'b Element<'a>, visit: &mut dyn FnMut(&'b Element<'a>)) {
    visit(element);
    for node in &element.children {
        if let Node::Element(child) = node {
            each(child, visit);
        }
    }
}

fn attributes<'a>(tree: &Element<'a>, name: &str, attribute: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    each(tree, &mut |element| {
        if element.name == name {
            found.extend(element.attribute(attribute));
        }
    });
    found
}

/// Checks a written file, and returns its parts.
pub(in crate::write) fn check(bytes: &[u8]) -> BTreeMap<String, String> {
    let parts = parts(bytes);
    check_parts(&parts);
    parts
}

fn check_parts(parts: &BTreeMap<String, String>) {
    let trees: BTreeMap<&str, Element<'_>> = parts
        .iter()
        .map(|(name, text)| {
            (
                name.as_str(),
                parse(text).unwrap_or_else(|| panic!("{name} is not well formed: {text}")),
            )
        })
        .collect();
    let document = &trees["word/document.xml"];

    let starts = attributes(document, "w:bookmarkStart", "w:name");
    let names: BTreeSet<_> = starts.iter().collect();
    assert_eq!(starts.len(), names.len(), "bookmark names");
    let ids = attributes(document, "w:bookmarkStart", "w:id");
    let ends = attributes(document, "w:bookmarkEnd", "w:id");
    assert_eq!(
        ids.iter().collect::<BTreeSet<_>>().len(),
        ids.len(),
        "bookmark ids"
    );
    assert_eq!(
        ids.iter().collect::<BTreeSet<_>>(),
        ends.iter().collect::<BTreeSet<_>>(),
        "bookmark ends"
    );

    for (name, tree) in &trees {
        // Fields nest properly within each paragraph, but for the contents, whose field is closed with its part; and
        // they name bookmarks that exist.
        let open = |within: &Element<'_>| {
            let mut open = 0;
            each(
                within,
                &mut |element| match (element.name, element.attribute("w:fldCharType")) {
                    ("w:fldChar", Some("begin")) => open += 1,
                    ("w:fldChar", Some("end")) => open -= 1,
                    _ => {}
                },
            );
            open
        };
        each(tree, &mut |paragraph| {
            let style = paragraph
                .child("w:pPr")
                .and_then(|properties| properties.child("w:pStyle"))
                .and_then(|style| style.attribute("w:val"));
            if paragraph.name == "w:p" && !style.is_some_and(|style| style.starts_with("TOC")) {
                assert_eq!(open(paragraph), 0, "an open field in {name}");
            }
        });
        assert_eq!(open(tree), 0, "an open field in {name}");
        each(tree, &mut |element| {
            if element.name == "w:instrText" {
                let Some(Node::Text(text)) = element.children.first() else {
                    panic!("an empty instruction")
                };
                let mut words = text.split_whitespace();
                if matches!(words.next(), Some("REF" | "NOTEREF")) {
                    let target = words.next().unwrap();
                    assert!(names.contains(&target), "{text}");
                }
            }
            if let Some(anchor) = element.attribute("w:anchor") {
                assert!(names.contains(&anchor), "{anchor}");
            }
        });
    }

    let mut para_ids = Vec::new();
    for tree in trees.values() {
        para_ids.extend(attributes(tree, "w:p", "w14:paraId"));
    }
    assert_eq!(
        para_ids.iter().collect::<BTreeSet<_>>().len(),
        para_ids.len(),
        "paragraph ids"
    );

    // Styles: unique ids, every parent exists, no cycle, every style that is used exists.
    let mut parents: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    each(&trees["word/styles.xml"], &mut |style| {
        if style.name == "w:style" {
            let id = style.attribute("w:styleId").unwrap();
            let parent = style
                .child("w:basedOn")
                .map(|parent| parent.attribute("w:val").unwrap());
            assert!(parents.insert(id, parent).is_none(), "style {id} twice");
        }
    });
    for id in parents.keys() {
        let (mut at, mut steps) = (*id, 0);
        while let Some(Some(parent)) = parents.get(at).copied() {
            assert!(parents.contains_key(parent), "{parent}");
            (at, steps) = (parent, steps + 1);
            assert!(steps < 20, "a cycle at {id}");
        }
    }
    for tree in trees.values() {
        for name in ["w:pStyle", "w:rStyle", "w:tblStyle", "w:next"] {
            for style in attributes(tree, name, "w:val") {
                assert!(parents.contains_key(style), "style {style} is not defined");
            }
        }
    }

    // Numbers: every numId names a w:num, every w:num an abstract list.
    if let Some(numbering) = trees.get("word/numbering.xml") {
        let lists = attributes(numbering, "w:abstractNum", "w:abstractNumId");
        let counts = attributes(numbering, "w:num", "w:numId");
        for used in attributes(numbering, "w:abstractNumId", "w:val") {
            assert!(lists.contains(&used), "list {used}");
        }
        for tree in [document, &trees["word/styles.xml"]] {
            for used in attributes(tree, "w:numId", "w:val") {
                assert!(used == "0" || counts.contains(&used), "count {used}");
            }
        }
    }

    // Relations: every r:id is there, every target is a part.
    for (part, relations) in [
        ("word/document.xml", "word/_rels/document.xml.rels"),
        ("word/footnotes.xml", "word/_rels/footnotes.xml.rels"),
    ] {
        let Some(tree) = trees.get(part) else {
            continue;
        };
        let known = trees
            .get(relations)
            .map(|tree| attributes(tree, "Relationship", "Id"))
            .unwrap_or_default();
        assert_eq!(
            known.iter().collect::<BTreeSet<_>>().len(),
            known.len(),
            "relation ids"
        );
        each(tree, &mut |element| {
            if let Some(id) = element.attribute("r:id") {
                assert!(known.contains(&id), "relation {id} of {part}");
            }
        });
    }
    each(&trees["word/_rels/document.xml.rels"], &mut |relation| {
        if relation.name == "Relationship" && relation.attribute("TargetMode").is_none() {
            let target = format!("word/{}", relation.attribute("Target").unwrap());
            assert!(trees.contains_key(target.as_str()), "{target}");
        }
    });
    each(&trees["[Content_Types].xml"], &mut |kind| {
        if let Some(part) = kind.attribute("PartName") {
            assert!(trees.contains_key(&part[1..]), "{part}");
        }
    });
    for (name, text) in parts {
        assert!(
            text.chars().all(crate::write::text::is_xml),
            "a character XML cannot hold in {name}"
        );
    }
}

/// Every family, scheme, language and paper.
pub(super) fn each_look(mut visit: impl FnMut(&str, &Document, &Look)) {
    for (language, scheme, family) in [
        (Language::Zh, Scheme::ZhArticle, Family::ZhContract),
        (Language::Zh, Scheme::ZhDecimal, Family::ZhContract),
        (Language::Zh, Scheme::ZhPleading, Family::ZhPleading),
        (Language::Zh, Scheme::None, Family::Plain),
        (Language::Zh, Scheme::ZhArticle, Family::Plain),
        (Language::En, Scheme::EnDecimal, Family::EnContract),
        (Language::En, Scheme::EnDecimal, Family::Plain),
        (Language::En, Scheme::None, Family::EnContract),
    ] {
        let document = everything(language, scheme);
        let mut look = Look::for_document(&document);
        look.family = family;
        if language == Language::En && family == Family::Plain {
            look.paper = Paper::Letter;
        }
        look.author = Some("Wang & Partners <law>".into());
        look.created = Some("2026-11-23T09:00:00Z".into());
        let name = format!("{language:?}-{scheme:?}-{family:?}").to_lowercase();
        visit(&name, &document, &look);
        if family != Family::Plain {
            look.house = Some(super::super::House {
                paper: Some((11906, 16838)),
                margins: Some([1300, 1100, 1200, 1500]),
                body: type_of("Georgia", "楷体", 21),
                headings: std::array::from_fn(|_| type_of("Arial", "黑体", 26)),
                title: type_of("Arial Black", "华文中宋", 40),
            });
            visit(&format!("{name}-house"), &document, &look);
        }
    }
}

fn type_of(latin: &str, chinese: &str, size: i32) -> super::super::HouseText {
    super::super::HouseText {
        latin: Some(latin.into()),
        chinese: Some(chinese.into()),
        size: Some(size),
    }
}

#[test]
fn every_block_in_every_look_keeps_the_invariants() {
    each_look(|name, document, look| {
        let Warned { value, warnings } = write(document, look).unwrap();
        let parts = check(&value);
        assert_eq!(
            write(document, look).unwrap().value,
            value,
            "{name}: equal bytes"
        );
        let kinds: Vec<_> = warnings.iter().map(|warning| &warning.kind).collect();
        assert!(
            kinds.contains(&&WarningKind::UnfilledField("buyer.name".into())),
            "{name}"
        );
        assert!(kinds.contains(&&WarningKind::MissingTarget("nowhere".into())));
        assert!(kinds.contains(&&WarningKind::UnsafeLink("javascript:alert(1)".into())));
        assert!(kinds.contains(&&WarningKind::UnusedFootnote("unused".into())));
        assert!(
            !kinds
                .iter()
                .any(|kind| matches!(kind, WarningKind::LiteralNumber(_))),
            "{name}: {kinds:?}"
        );
        assert!(!parts["word/document.xml"].contains("javascript"));
        assert!(parts["word/document.xml"].contains("<w:tblHeader/>"));
        assert!(parts["docProps/core.xml"].contains("Wang &amp; Partners &lt;law&gt;"));
    });
}

#[test]
fn hard_documents_become_sound_files() {
    let empty = Document::default();
    let hard = hard();
    for document in [&empty, &hard] {
        for family in [
            Family::ZhContract,
            Family::ZhPleading,
            Family::ZhOfficial,
            Family::EnContract,
            Family::Plain,
        ] {
            let mut look = Look::for_document(document);
            look.family = family;
            look.contents = Some(5);
            look.controls = true;
            look.two_sided = true;
            look.header = Some(WILD.into());
            look.created = Some("now".into());
            let written = write(document, &look).unwrap();
            let parts = check(&written.value);
            assert!(!parts["docProps/core.xml"].contains("created"));
            assert!(parts["word/document.xml"].contains("<w:p "));
            assert_eq!(
                parts["word/document.xml"].contains(&"长".repeat(5_000)),
                document.blocks.len() > 1
            );
        }
    }
    let filtered = write(&hard, &Look::for_document(&hard)).unwrap().warnings;
    assert!(
        filtered
            .iter()
            .any(|w| matches!(w.kind, WarningKind::ControlCharacters(3)))
    );
}

#[test]
fn a_page_break_belongs_to_the_next_paragraph() {
    let document = Document {
        blocks: vec![
            block(paragraph(0, false, vec![text("a")])),
            block(BlockKind::PageBreak),
            block(paragraph(0, false, vec![text("b")])),
        ],
        ..Document::default()
    };
    let parts = check(
        &write(&document, &Look::for_document(&document))
            .unwrap()
            .value,
    );
    let body = &parts["word/document.xml"];
    assert_eq!(body.matches("<w:pageBreakBefore").count(), 1);
    assert_eq!(body.matches("<w:p ").count(), 2, "{body}");
}

#[test]
fn a_line_end_between_chinese_characters_is_no_space() {
    let document = Document {
        blocks: vec![block(paragraph(
            0,
            false,
            vec![text("第一\n第二"), text("a\nb")],
        ))],
        ..Document::default()
    };
    let parts = check(
        &write(&document, &Look::for_document(&document))
            .unwrap()
            .value,
    );
    assert!(
        parts["word/document.xml"].contains(">第一第二<")
            && parts["word/document.xml"].contains(">a b<")
    );
}

#[test]
fn the_court_a_pleading_is_addressed_to_stands_at_the_margin() {
    let say = |words| block(paragraph(0, false, vec![text(words)]));
    let document = Document {
        blocks: vec![say("此致"), say("某某人民法院"), say("附：副本一份")],
        ..Document::default()
    };
    let parts = check(
        &write(&document, &Look::for_document(&document))
            .unwrap()
            .value,
    );
    let body = &parts["word/document.xml"];
    let styles: Vec<_> = body
        .match_indices("<w:pStyle w:val=\"")
        .map(|(at, mark)| body[at + mark.len()..].split('"').next().unwrap())
        .collect();
    assert_eq!(styles, ["BodyText", "Addressee", "BodyText"]);
    assert_eq!(body.matches("<w:keepNext/>").count(), 1);
}

#[test]
fn a_doubled_entry_of_the_archive_is_caught() {
    let mut document = everything(Language::Zh, Scheme::ZhArticle);
    document.meta.title = Some("合同".into());
    let mut bytes = write(&document, &Look::for_document(&document))
        .unwrap()
        .value;
    check(&bytes);
    let name = b"word/header2.xml";
    while let Some(at) = bytes.windows(name.len()).position(|part| part == name) {
        bytes[at + 11] = b'1';
    }
    assert!(std::panic::catch_unwind(|| parts(&bytes)).is_err());
}

#[test]
fn planted_defects_are_caught() {
    let document = everything(Language::Zh, Scheme::ZhArticle);
    let sound = parts(
        &write(&document, &Look::for_document(&document))
            .unwrap()
            .value,
    );
    let plant = |part: &str, from: &str, to: &str| {
        let mut parts = sound.clone();
        let text = parts.get_mut(part).unwrap();
        assert!(text.contains(from), "{from} is not in {part}");
        *text = text.replacen(from, to, 1);
        std::panic::catch_unwind(|| check_parts(&parts)).is_err()
    };
    let body = "word/document.xml";
    assert!(!plant(body, "<w:r>", "<w:r>"), "a sound file");
    assert!(
        plant(body, " REF _Ref100000001_pay ", " REF _Ref1 "),
        "a reference to a missing bookmark"
    );
    assert!(
        plant(
            body,
            "w:name=\"_Ref100000002_pay1\"",
            "w:name=\"_Ref100000001_pay\""
        ),
        "a doubled bookmark name"
    );
    assert!(
        plant(body, "<w:bookmarkEnd w:id=\"1\"/>", ""),
        "a bookmark without end"
    );
    assert!(
        plant(body, "<w:fldChar w:fldCharType=\"end\"/>", ""),
        "an open field"
    );
    assert!(
        plant(body, "w14:paraId=\"00000002\"", "w14:paraId=\"00000001\""),
        "a doubled paragraph id"
    );
    assert!(
        plant(
            body,
            "<w:pStyle w:val=\"Title\"/>",
            "<w:pStyle w:val=\"Tilte\"/>"
        ),
        "an unknown style"
    );
    assert!(
        plant(body, "r:id=\"rIdLink1\"", "r:id=\"rIdLink9\""),
        "a missing relation"
    );
    assert!(plant(body, "</w:body>", ""), "broken markup");
    assert!(plant(body, "定义", "定\u{1}义"), "a control character");
    let styles = "word/styles.xml";
    assert!(
        plant(
            styles,
            "<w:basedOn w:val=\"Normal\"/>",
            "<w:basedOn w:val=\"BodyText\"/>"
        ),
        "a style cycle"
    );
    assert!(
        plant(
            styles,
            "w:styleId=\"BodyTextIndent\"",
            "w:styleId=\"BodyText\""
        ),
        "a doubled style"
    );
    assert!(
        plant(styles, "<w:numId w:val=\"1\"/>", "<w:numId w:val=\"99\"/>"),
        "a missing count"
    );
}
