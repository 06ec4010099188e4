//! Any bytes as a file, and any words as the parts of one. What is read is text that prints as itself; controls stand
//! where they say, and become fields of it.
#![no_main]

#[path = "../parts.rs"]
mod parts;

use libfuzzer_sys::fuzz_target;
use moqi_document::{parse, print};
use moqi_docx::{Changes, ReadOptions, controls_as_fields, read, read_with};

const NAMES: [&str; 6] = [
    "word/document.xml",
    "word/styles.xml",
    "word/numbering.xml",
    "word/footnotes.xml",
    "word/comments.xml",
    "word/_rels/document.xml.rels",
];

fuzz_target!(|bytes: &[u8]| {
    if bytes.starts_with(b"PK") || bytes.starts_with(&[0xd0, 0xcf]) {
        let _ = read(bytes);
        return;
    }
    let Some(file) = parts::packed(&NAMES, bytes) else {
        return;
    };
    if let Ok(read) = read(&file) {
        let text = &read.value.text;
        assert_eq!(&print(&parse(text)), text);
        for span in read
            .value
            .controls
            .iter()
            .filter_map(|control| control.span)
        {
            assert!(
                text.get(span.start..span.end)
                    .is_some_and(|words| !words.is_empty())
            );
        }
        let fields = controls_as_fields(text, &read.value.controls).text;
        assert_eq!(print(&parse(&fields)), fields);
    }
    let _ = read_with(&file, &ReadOptions::with_changes(Changes::Rejected));
});
