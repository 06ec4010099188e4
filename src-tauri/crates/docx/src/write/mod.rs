//! Writing Word: a filled document and a look become the bytes of a .docx file.
//!
//! docx-rs builds the body and the numbering; a mending pass puts its XML into schema order; styles,
//! settings, header, footer, footnotes, fonts, theme and the zip are our own. Same document and look,
//! same bytes: there is no clock and no counter that outlives a call.

mod attach;
mod body;
mod build;
mod comments;
mod compose;
mod contents;
mod design;
mod inline;
mod label;
mod lists;
mod look;
mod mend;
mod notes;
mod onto;
mod own;
mod package;
mod pages;
mod parts;
mod plan;
mod redline;
mod reference;
mod sections;
mod styles;
mod tables;
mod text;
pub(crate) mod tree;

pub use attach::{Attached, Comment, Control, Remark};
pub use contents::{ContentsEntry, contents};
pub use look::{Family, House, HouseText, Look, PageNumbers, Paper, Protection};
pub use onto::{OntoError, write_onto, write_onto_with};
pub use redline::{
    Revision, Suggested, write_redline, write_redline_with, write_suggested, write_suggested_with,
};

use crate::Warned;
use compose::{Composed, compose};
use moqi_document::{BlockKind, Document, Numbering};
use std::fmt;

/// Why no file could be made. Nothing a document says leads here.
#[derive(Debug)]
#[non_exhaustive]
pub enum WriteError {
    /// A part built for the file is not well-formed XML; carries its name.
    Markup(&'static str),
    /// The archive could not be made.
    Archive(std::io::Error),
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Markup(part) => write!(f, "the part {part} of the Word file is not well formed"),
            Self::Archive(_) => write!(f, "the archive of the Word file could not be made"),
        }
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Markup(_) => None,
            Self::Archive(error) => Some(error),
        }
    }
}

/// Writes a document as a .docx file.
///
/// The document is expected to be filled; a field that is left prints its `{{…}}` highlighted, with a
/// warning. Labels are those of [`moqi_document::number`], counted by Word itself.
pub fn write(document: &Document, look: &Look) -> Result<Warned<Vec<u8>>, WriteError> {
    write_numbered(document, &moqi_document::number(document), look)
}

/// As [`write()`], with content controls and comments around words of the text the document was parsed from.
///
/// # Errors
/// As [`write()`].
pub fn write_with(
    document: &Document,
    look: &Look,
    attached: &Attached,
) -> Result<Warned<Vec<u8>>, WriteError> {
    packed(compose(
        document,
        &moqi_document::number(document),
        look,
        attached,
    )?)
}

/// As [`write()`], with numbers computed before.
fn write_numbered(
    document: &Document,
    numbering: &Numbering,
    look: &Look,
) -> Result<Warned<Vec<u8>>, WriteError> {
    packed(compose(document, numbering, look, &Attached::default())?)
}

fn packed(composed: Composed) -> Result<Warned<Vec<u8>>, WriteError> {
    Ok(Warned {
        value: package::pack(&composed.parts)?,
        warnings: composed.warnings,
    })
}

/// True when the first block is the title.
fn starts_with_title(document: &Document) -> bool {
    let first = document.blocks.first();
    first.is_some_and(|block| matches!(block.kind, BlockKind::Title(_)))
}

#[cfg(test)]
mod tests;
