//! Any words as the parts of a template that is filled in place: every place takes a value, and what comes out is a file.
#![no_main]

#[path = "../parts.rs"]
mod parts;

use libfuzzer_sys::fuzz_target;
use moqi_document::{Answer, Answers};
use moqi_docx::{ReadError, SlotKind, Values, fill, slots};

const NAMES: [&str; 4] = [
    "word/document.xml",
    "word/header1.xml",
    "word/footnotes.xml",
    "word/_rels/document.xml.rels",
];

fuzz_target!(|bytes: &[u8]| {
    let Some(file) = parts::packed(&NAMES, bytes) else {
        return;
    };
    let Ok(found) = slots(&file) else { return };
    let mut values = Values::default();
    for (place, slot) in found.value.iter().enumerate() {
        let rows = || Answer::List(vec![Answers::new(), Answers::new()]);
        match slot.kind {
            SlotKind::Loop => drop(values.named.insert(slot.name.clone(), rows())),
            SlotKind::Condition => {
                drop(
                    values
                        .named
                        .insert(slot.name.clone(), Answer::Bool(place % 2 == 0)),
                );
            }
            _ if place % 3 == 0 => {
                drop(
                    values
                        .named
                        .insert(slot.name.clone(), Answer::Text("<&\"甲".into())),
                );
            }
            _ => drop(
                values
                    .slots
                    .insert(slot.id.clone(), "one\ntwo & {three}".into()),
            ),
        }
    }
    for values in [Values::default(), values] {
        match fill(&file, &values) {
            Ok(filled) => {
                if let Err(error) = slots(&filled.value) {
                    assert!(matches!(error, ReadError::TooLarge(_)), "{error:?}");
                }
            }
            Err(error) => assert!(matches!(error, ReadError::TooLarge(_)), "{error:?}"),
        }
    }
});
