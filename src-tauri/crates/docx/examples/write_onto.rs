//! Writes a text onto a firm's own Word file: `write_onto FIRM.docx TEXT.md OUT.docx`.

use std::error::Error;
use std::{env, fs};

use moqi_docx::{Look, write_onto};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1);
    let (Some(firm), Some(text), Some(out)) =
        (arguments.next(), arguments.next(), arguments.next())
    else {
        return Err("write_onto FIRM.docx TEXT.md OUT.docx".into());
    };
    let document = moqi_document::parse(&fs::read_to_string(text)?);
    let written = write_onto(&document, &Look::for_document(&document), &fs::read(firm)?)?;
    fs::write(out, written.value)?;
    Ok(())
}
