//! Real templates of a firm, where they are at hand.

use std::collections::BTreeMap;

use moqi_document::FieldKind;
use moqi_docx::{Slot, Values, fill, read, slots};

use super::{entries, words};

/// The words with every box empty and of one width.
fn boxes(words: &str) -> String {
    let mut words = words.replace("[x]", "[]").replace('☒', "☐");
    while words.contains("[ ") {
        words = words.replace("[ ", "[");
    }
    words
}

fn is_box(slot: &Slot) -> bool {
    slot.value == FieldKind::YesNo && (slot.text == "☐" || slot.text.starts_with("[ "))
}

/// A mark to find again; a box is ticked.
fn mark(n: usize, slot: &Slot) -> String {
    if is_box(slot) {
        "yes".to_owned()
    } else {
        format!("⟦{n}⟧")
    }
}

#[test]
fn real_templates_keep_everything_but_their_slots() {
    let Ok(root) = std::env::var("MOQI_DATA") else {
        eprintln!("skipped: MOQI_DATA is not set");
        return;
    };
    let (mut files, mut filled) = (0, 0);
    for folder in ["firm-en", "standard-en"] {
        for path in std::fs::read_dir(format!("{root}/{folder}"))
            .unwrap()
            .map(|e| e.unwrap().path())
        {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let file = std::fs::read(&path).unwrap();
            let found = slots(&file).unwrap().value;
            let values = Values {
                slots: found
                    .iter()
                    .enumerate()
                    .map(|(n, s)| (s.id.clone(), mark(n, s)))
                    .collect(),
                ..Values::default()
            };
            let out = fill(&file, &values).unwrap();
            // Every slot that takes a value of its own holds its mark, and the file can be read.
            let text = read(&out.value).unwrap().value.text;
            let parts: BTreeMap<_, _> = entries(&out.value)
                .into_iter()
                .map(|(n, _, plain)| (n, plain))
                .collect();
            for (n, slot) in found.iter().enumerate() {
                let valued = !matches!(
                    slot.kind,
                    moqi_docx::SlotKind::Condition | moqi_docx::SlotKind::Loop
                );
                let part = String::from_utf8(parts[&slot.part].clone()).unwrap();
                if is_box(slot) {
                    continue;
                }
                let there = words(&part).contains(&format!("⟦{n}⟧"));
                assert_eq!(there, valued, "{name}: {slot:?}");
                if valued && slot.part == "word/document.xml" {
                    assert!(
                        text.contains(&format!("⟦{n}⟧")),
                        "{name}: {slot:?} is not in the text"
                    );
                    filled += 1;
                }
            }
            if folder == "firm-en" {
                assert!(found.len() >= 5, "{name} has {} slots only", found.len());
            }
            // With the marks taken out and the slots put back, the words are those of before; all else is equal.
            let (before, after) = (entries(&file), entries(&out.value));
            assert_eq!(before.len(), after.len());
            for (a, b) in before.iter().zip(&after) {
                assert_eq!(a.0, b.0);
                let touched = found.iter().any(|s| s.part == a.0);
                if !touched {
                    assert_eq!((&a.1, &a.2), (&b.1, &b.2), "{name}: {}", a.0);
                    continue;
                }
                let (a, b) = (
                    String::from_utf8(a.2.clone()).unwrap(),
                    String::from_utf8(b.2.clone()).unwrap(),
                );
                let mut back = words(&b);
                for (n, slot) in found.iter().enumerate() {
                    let put = if slot.text == "[x]" {
                        "[x]"
                    } else {
                        &slot.text
                    };
                    back = back
                        .replace(&format!("[⟦{n}⟧]"), put)
                        .replace(&format!("⟦{n}⟧"), put);
                }
                assert_eq!(boxes(&back), boxes(&words(&a)), "{name}");
                let paragraphs =
                    |xml: &str| xml.split("</w:p>").map(str::to_owned).collect::<Vec<_>>();
                let (a, b) = (paragraphs(&a), paragraphs(&b));
                assert_eq!(a.len(), b.len(), "{name}");
                for (a, b) in a.iter().zip(&b) {
                    assert!(
                        b.contains('⟦') || b.contains("[x]") || b.contains('☒') || a == b,
                        "{name}: a paragraph without a slot changed:\n{a}\n{b}"
                    );
                }
            }
            files += 1;
        }
    }
    eprintln!("{files} files, {filled} slots filled");
    assert!(files >= 50 && filled >= 240);
}
