//! Reading RTF (Rich Text Format 1.9.1) as Word, WordPad, WPS and LibreOffice write it. The file is hostile input.
//!
//! What is read: paragraphs, headings (by style name or outline level), numbered and bulleted lists, tables, line and
//! page breaks, bold, italic and struck words, footnotes and endnotes, links, results of other fields, the title.
//! What is not kept is named in a warning.

mod codepage;
mod field;
mod flow;
mod grid;
mod reader;
mod state;
mod tables;
mod tokens;
mod words;

use moqi_document::{Document, print};

use crate::read::{ReadError, ReadText};
use crate::warned::Warned;

/// Bytes of a file at most.
const LARGEST: usize = 64 << 20;

/// Reads an RTF file.
///
/// Text is Unicode, or bytes in the code page of their font, East Asian pairs of bytes among them. Deleted and hidden
/// words, headers, footers, pictures, objects and comments are left out with a warning; so is the rest of a file that
/// was cut short. A file of more than 64 MB, or of groups nested more than 256 deep, is refused.
pub fn read_rtf(bytes: &[u8]) -> Result<Warned<ReadText>, ReadError> {
    if bytes.len() > LARGEST {
        return Err(ReadError::TooLarge("it has more than 64 MB"));
    }
    let file = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let file = file.trim_ascii_start();
    if !file.starts_with(b"{\\rtf") {
        return Err(ReadError::NotWord);
    }
    let reader::Read {
        blocks,
        title,
        warnings,
    } = reader::read(file)?;
    let text = print(&Document {
        blocks,
        ..Document::default()
    });
    let title = title.trim();
    Ok(Warned {
        value: ReadText {
            text,
            title: (!title.is_empty()).then(|| title.to_owned()),
            ..ReadText::default()
        },
        warnings,
    })
}

#[cfg(test)]
mod tests;
