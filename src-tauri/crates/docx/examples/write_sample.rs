//! Writes a .docx from a Markdown file: `write_sample IN.md OUT.docx [zh-contract|zh-pleading|en-contract|plain]`.

#![allow(
    clippy::print_stdout,
    reason = "an example speaks to the person who runs it"
)]

use moqi_docx::{Family, Look, write};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [input, output, rest @ ..] = arguments.as_slice() else {
        return Err("usage: write_sample IN.md OUT.docx [look]".into());
    };
    let document = moqi_document::parse(&std::fs::read_to_string(input)?);
    let mut look = Look::for_document(&document);
    if let Some(name) = rest.first() {
        look.wear(Family::from_name(name).ok_or("no such look")?);
    }
    let written = write(&document, &look)?;
    std::fs::write(output, &written.value)?;
    println!(
        "{output}: {} bytes, {} blocks",
        written.value.len(),
        document.blocks.len()
    );
    for warning in &written.warnings {
        println!("  {:?} at {:?}", warning.kind, warning.span);
    }
    Ok(())
}
