//! Small Word files made in code.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test uses a part of it, and stops at the first fault"
)]

use std::io::{Cursor, Write};

/// An archive of these parts.
pub fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, part) in parts {
        out.start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        out.write_all(part.as_bytes()).unwrap();
    }
    out.finish().unwrap().into_inner()
}

/// A body around these elements.
pub fn document(body: &str) -> String {
    format!("<w:document><w:body>{body}</w:body></w:document>")
}

/// A file of a body and other parts.
pub fn file(body: &str, parts: &[(&str, &str)]) -> Vec<u8> {
    let document = document(body);
    let mut all = vec![("word/document.xml", document.as_str())];
    all.extend(parts);
    archive(&all)
}

/// A paragraph of words.
pub fn p(words: &str) -> String {
    format!("<w:p>{}</w:p>", r(words))
}

/// A run of words.
pub fn r(words: &str) -> String {
    format!("<w:r><w:t xml:space=\"preserve\">{words}</w:t></w:r>")
}
