//! Any bytes as a file, and any words as the parts of one: a fuzzer rarely finds its way through a zip archive.
#![no_main]

use std::io::{Cursor, Write};

use libfuzzer_sys::fuzz_target;
use moqi_docx::{Changes, ReadOptions, read, read_with};

/// Parts of a file, in the order the input gives them, parted by a line `%%`.
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
    let Some(file) = packed(bytes) else { return };
    let _ = read(&file);
    let _ = read_with(&file, &ReadOptions::with_changes(Changes::Rejected));
});

/// An archive of the parts, stored as they are.
fn packed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored);
    let mut rest = bytes;
    for name in NAMES {
        let cut = rest.windows(4).position(|part| part == b"\n%%\n");
        let (part, after) = cut.map_or((rest, &[][..]), |cut| (&rest[..cut], &rest[cut + 4..]));
        out.start_file(name, stored).ok()?;
        out.write_all(part).ok()?;
        rest = after;
    }
    Some(out.finish().ok()?.into_inner())
}
