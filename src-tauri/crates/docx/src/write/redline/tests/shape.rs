//! What stands around the words of a resolved file is what stands around those of the clean one.

use crate::write::tree::{Element, Node, parse};
use std::collections::BTreeMap;

type Parts = BTreeMap<String, String>;

/// A section: what it says of itself, and the words of the headers its pages show.
#[derive(Debug, PartialEq)]
struct Section {
    properties: String,
    headers: Vec<(String, String)>,
}

pub fn words(element: &Element<'_>) -> String {
    let mut out = String::new();
    visit(element, &mut |found| {
        if found.name == "w:t" {
            for node in &found.children {
                if let Node::Text(text) = node {
                    out.push_str(&quick_xml::escape::unescape(text).unwrap());
                }
            }
        }
    });
    out
}

pub fn visit<'e, 'a>(element: &'e Element<'a>, to: &mut impl FnMut(&'e Element<'a>)) {
    to(element);
    for node in &element.children {
        if let Node::Element(child) = node {
            visit(child, to);
        }
    }
}

fn section(element: &Element<'_>, parts: &Parts) -> Section {
    let mut properties = String::new();
    let mut headers = Vec::new();
    let first = element.child("w:titlePg").is_some();
    for node in &element.children {
        let Node::Element(child) = node else { continue };
        let pages = child.attribute("w:type").unwrap_or_default().to_owned();
        match child.name {
            "w:headerReference" if pages != "first" || first => {
                let id = child.attribute("r:id").unwrap();
                let number = id.strip_prefix("rIdHeader").unwrap();
                let part = &parts[&format!("word/header{number}.xml")];
                headers.push((pages, words(&parse(part).unwrap())));
            }
            "w:headerReference" | "w:footerReference" => {}
            _ => child.print(&mut properties),
        }
    }
    Section {
        properties,
        headers,
    }
}

/// Words of the paragraphs but for those that only end a section, sections, and entries of the contents without their
/// pages.
fn shape(parts: &Parts) -> (Vec<String>, Vec<Section>, Vec<String>) {
    let tree = parse(&parts["word/document.xml"]).unwrap();
    let (mut paragraphs, mut sections, mut entries) = (Vec::new(), Vec::new(), Vec::new());
    let body = tree.child("w:body").unwrap();
    let mut behind_table = false;
    for node in &body.children {
        let Node::Element(child) = node else { continue };
        let properties = child.child("w:pPr");
        let ends = properties.is_some_and(|own| own.child("w:sectPr").is_some());
        // The paragraph behind a table is there anyhow.
        let only_ends = ends && words(child).is_empty() && !behind_table;
        behind_table = child.name == "w:tbl";
        visit(child, &mut |element| match element.name {
            "w:p" => {
                let said = words(element);
                let style = element
                    .child("w:pPr")
                    .and_then(|own| own.child("w:pStyle"))
                    .and_then(|style| style.attribute("w:val"));
                if style.is_some_and(|style| style.starts_with("TOC")) {
                    entries.push(
                        said.trim_end_matches(|c: char| c.is_ascii_digit())
                            .to_owned(),
                    );
                } else if !only_ends {
                    paragraphs.push(said);
                }
            }
            "w:sectPr" => sections.push(section(element, parts)),
            _ => {}
        });
    }
    (paragraphs, sections, entries)
}

pub fn same(found: &Parts, expected: &Parts, name: &str) {
    let ((a, b, c), (x, y, z)) = (shape(found), shape(expected));
    // No empty paragraph is left behind.
    let other = a.iter().zip(&x).position(|(a, x)| a != x);
    let at = other.unwrap_or(a.len().min(x.len()));
    assert_eq!(a.get(at..), x.get(at..), "{name}: paragraphs");
    assert_eq!(b, y, "{name}: sections");
    assert_eq!(c, z, "{name}: contents");
}
