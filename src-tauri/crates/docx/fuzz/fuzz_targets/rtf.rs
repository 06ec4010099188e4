//! Any bytes as rich text. What is read is text that prints as itself.
#![no_main]

use libfuzzer_sys::fuzz_target;
use moqi_document::{parse, print};
use moqi_docx::read_rtf;

fuzz_target!(|bytes: &[u8]| {
    let whole;
    let file = if bytes.starts_with(b"{\\rtf") {
        bytes
    } else {
        whole = [b"{\\rtf1\\ansi ", bytes].concat();
        &whole
    };
    if let Ok(read) = read_rtf(file) {
        let text = read.value.text;
        assert_eq!(print(&parse(&text)), text);
    }
});
