//! Reading a Word file: its words as our text. The file is hostile input.
//!
//! What is read: paragraphs, headings (by style or outline level), numbered and bulleted lists, tables, line and page
//! breaks, bold and italic, footnotes, inserted text; deleted text is left out. What is not kept is named in a warning.

mod archive;
mod body;
mod house;
mod levels;
mod styles;
mod tidy;

use std::fmt;

pub use house::house;

use moqi_document::{Document, print};

use crate::warned::{Warned, Warning};

/// What a Word file says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadText {
    /// Its words as our text.
    pub text: String,
    /// Its title in the core properties.
    pub title: Option<String>,
}

/// Why a file could not be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadError {
    /// It is no zip archive, or one cut short.
    NotAnArchive,
    /// It is an archive, but not of a Word document.
    NotWord,
    /// It is encrypted.
    Encrypted,
    /// It unpacks to more than a document can hold.
    TooLarge(&'static str),
    /// A part is no XML.
    BadXml {
        /// Name of the part.
        part: String,
        /// What the reader said.
        why: String,
    },
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::NotAnArchive => f.write_str("it is not a .docx file, or it was cut short"),
            ReadError::NotWord => f.write_str("it holds no Word document"),
            ReadError::Encrypted => f.write_str("it is protected by a password"),
            ReadError::TooLarge(what) => write!(f, "it is too large: {what}"),
            ReadError::BadXml { part, why } => write!(f, "its part {part} is damaged: {why}"),
        }
    }
}

impl std::error::Error for ReadError {}

/// Reads a .docx file.
pub fn read(bytes: &[u8]) -> Result<Warned<ReadText>, ReadError> {
    // An encrypted file, and an old .doc, is an OLE compound file.
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]) {
        return Err(ReadError::Encrypted);
    }
    let parts = archive::parts(bytes)?;
    let styles = styles::Styles::read(&parts)?;
    let mut warnings: Vec<Warning> = Vec::new();
    let blocks = body::blocks(&parts, &styles, &mut warnings)?;
    let text = print(&Document {
        blocks,
        ..Document::default()
    });
    Ok(Warned {
        value: ReadText {
            text,
            title: styles.title,
        },
        warnings,
    })
}

#[cfg(test)]
mod tests;
