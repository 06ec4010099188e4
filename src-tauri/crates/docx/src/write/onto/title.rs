//! Fields that print the title of the file: what they print now.

use std::collections::{HashMap, HashSet};

use super::OntoError;
use super::form::{Source, parsed};
use super::parts::spliced;
use crate::fill::tree::{Id, Tree};
use crate::write::text::{clean, escape};

/// A field that is open.
struct Field {
    first: Id,
    instruction: String,
    /// It prints the title, and its instruction is over.
    title: bool,
}

/// A header or footer whose fields and controls of the title print these words; `None` where it has none.
pub(super) fn retitled(source: &Source, words: &str) -> Result<Option<String>, OntoError> {
    let tree = parsed(source)?;
    let words = escape(&clean(words).0.replace(['\n', '\r', '\t'], " "));
    let mut open: Vec<Field> = Vec::new();
    // Those of them that print the title.
    let mut titles: Vec<Id> = Vec::new();
    // What stands around words is asked once, however many words stand in it.
    let mut known = HashMap::new();
    let mut done = HashSet::new();
    let mut edits = Vec::new();
    for id in 0..tree.elements.len() as Id {
        match tree.at(id).name {
            "fldChar" => match tree.attribute(id, "fldCharType").as_deref() {
                Some("begin") => open.push(Field {
                    first: id,
                    instruction: String::new(),
                    title: false,
                }),
                Some("separate") => {
                    if let Some(field) = open.last_mut().filter(|field| !field.title)
                        && is_title(&field.instruction)
                    {
                        field.title = true;
                        titles.push(field.first);
                    }
                }
                _ => {
                    if open.pop().is_some_and(|field| field.title) {
                        titles.pop();
                    }
                }
            },
            "instrText" => {
                // No instruction of the title is as long.
                if let Some(field) = open
                    .last_mut()
                    .filter(|field| field.instruction.len() < 256)
                {
                    field.instruction.push_str(&tree.words(id));
                }
            }
            "t" => {
                let place = titles.last().copied();
                let place = place.or_else(|| around(&tree, id, &mut known));
                let inner = tree.at(id).inner.clone();
                // An empty element stays as it is: there is no room between its tags.
                if let Some(place) = place
                    && tree.at(id).span.end > inner.end
                {
                    let first = done.insert(place);
                    edits.push((inner, if first { words.clone() } else { String::new() }));
                }
            }
            _ => {}
        }
    }
    Ok((!edits.is_empty()).then(|| spliced(&source.text, &edits)))
}

/// True for `TITLE`, and `DOCPROPERTY` of the title.
fn is_title(instruction: &str) -> bool {
    let mut words = instruction.split_whitespace();
    let first = words.next().unwrap_or_default().to_ascii_lowercase();
    let second = words
        .next()
        .unwrap_or_default()
        .trim_matches('"')
        .to_ascii_lowercase();
    match first.as_str() {
        // Words behind it would set the title.
        "title" => second.is_empty() || second.starts_with('\\'),
        "docproperty" => second == "title",
        _ => false,
    }
}

/// The simple field, or the control bound to the title, that words stand in.
fn around(tree: &Tree<'_>, id: Id, known: &mut HashMap<Id, bool>) -> Option<Id> {
    let mut asked = |name: &str, prints: fn(&Tree<'_>, Id) -> bool| {
        let found = tree.around(id, name)?;
        let title = *known.entry(found).or_insert_with(|| prints(tree, found));
        title.then_some(found)
    };
    asked("fldSimple", |tree, field| {
        let instruction = tree.attribute(field, "instr");
        instruction.is_some_and(|instruction| is_title(&instruction))
    })
    .or_else(|| {
        asked("sdt", |tree, control| {
            is_bound(tree, control).unwrap_or(false)
        })
    })
}

/// True for a control that shows the title of the file.
fn is_bound(tree: &Tree<'_>, control: Id) -> Option<bool> {
    let binding = tree.child(tree.child(control, "sdtPr")?, "dataBinding")?;
    let path = tree.attribute(binding, "xpath")?.to_ascii_lowercase();
    Some(path.contains("coreproperties") && path.contains(":title["))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(inside: &str) -> Option<String> {
        let source = Source {
            name: "header1.xml".into(),
            text: format!("<w:hdr>{inside}</w:hdr>"),
        };
        let text = retitled(&source, "A & B").unwrap()?;
        Some(
            text.trim_start_matches("<w:hdr>")
                .trim_end_matches("</w:hdr>")
                .into(),
        )
    }

    #[test]
    fn fields_of_the_title_print_ours_and_others_stay() {
        let field = |instruction: &str| {
            format!(
                "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText> {instruction} </w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>Old</w:t></w:r><w:r><w:t> title</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r><w:r><w:t>behind</w:t></w:r>"
            )
        };
        for instruction in [
            "TITLE",
            "TITLE \\* MERGEFORMAT",
            "DOCPROPERTY \"Title\"",
            "docproperty title \\* upper",
        ] {
            let changed = now(&field(instruction)).unwrap();
            assert!(
                changed.contains("<w:t>A &amp; B</w:t></w:r><w:r><w:t></w:t>"),
                "{changed}"
            );
            assert!(changed.contains("<w:t>behind</w:t>"));
        }
        for instruction in [
            "PAGE",
            "DOCPROPERTY Company",
            "TITLE \"New\"",
            "STYLEREF Title",
        ] {
            assert_eq!(now(&field(instruction)), None, "{instruction}");
        }
        let simple = "<w:fldSimple w:instr=\" TITLE \"><w:r><w:t>Old</w:t></w:r></w:fldSimple>";
        assert!(now(simple).unwrap().contains("<w:t>A &amp; B</w:t>"));
        let bound = "<w:sdt><w:sdtPr><w:dataBinding w:xpath=\"/ns1:coreProperties[1]/ns0:title[1]\"/></w:sdtPr><w:sdtContent><w:r><w:t>Old</w:t></w:r></w:sdtContent></w:sdt>";
        assert!(now(bound).unwrap().contains("<w:t>A &amp; B</w:t>"));
    }
}
