//! Why a file is not read, in sentences for people.

use std::fmt;

/// Why a file could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadError {
    /// It is no zip archive, or one cut short.
    NotAnArchive,
    /// It is an archive, but not of a Word document.
    NotWord,
    /// It is encrypted.
    Encrypted,
    /// It is a document of Word 97 to 2003 (.doc).
    OldWord,
    /// It is a document of WPS Writer, or of Works (.wps).
    Wps,
    /// It is an OLE file of some other program: an old workbook, a message.
    OtherOle,
    /// It is rich text (.rtf), whatever its name says.
    Rtf,
    /// It is a web page, whatever its name says.
    Html,
    /// It is a PDF file.
    Pdf,
    /// It has no bytes.
    Empty,
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
            ReadError::OldWord => f.write_str("it is a .doc file of Word 97 to 2003"),
            ReadError::Wps => f.write_str("it is a .wps file of WPS Writer or Works"),
            ReadError::OtherOle => f.write_str("it is an Office file, but not of Word"),
            ReadError::Rtf => f.write_str("it is rich text (RTF), not a .docx file"),
            ReadError::Html => f.write_str("it is a web page (HTML), not a .docx file"),
            ReadError::Pdf => f.write_str("it is a PDF file"),
            ReadError::Empty => f.write_str("it is empty"),
            ReadError::TooLarge(what) => write!(f, "it is too large: {what}"),
            ReadError::BadXml { part, why } => write!(f, "its part {part} is damaged: {why}"),
        }
    }
}

impl std::error::Error for ReadError {}
