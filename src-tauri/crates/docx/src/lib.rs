//! Word: a document becomes a real .docx file, and the other way.
//!
//! ```
//! let document = moqi_document::parse("# 保密协议\n\n## 保密义务 {#duty}\n\n1. 不得披露。\n\n## 责任\n\n违反[](#duty)的，承担责任。\n");
//! let look = moqi_docx::Look::for_document(&document);
//! let written = moqi_docx::write(&document, &look)?;
//! assert!(written.value.starts_with(b"PK") && written.warnings.is_empty());
//! # Ok::<(), moqi_docx::WriteError>(())
//! ```
//!
//! Invariants: equal documents and looks give equal bytes; no clock, no path, no type of docx-rs leaves; numbers
//! are Word's own, never text, and equal those of `moqi_document::number`; trouble with a document is a
//! [`Warning`], an error is trouble of this crate.

mod fill;
mod kind;
mod plain;
mod read;
mod revisions;
mod rtf;
mod warned;
mod write;

pub use fill::{Slot, SlotKind, Values, fill, slots};
pub use kind::{FileKind, kind_of};
pub use plain::decode_text;
pub use read::{
    ChangeKind, Changes, ControlFields, ControlKind, MarginPages, MarginPlace, ReadChange,
    ReadComment, ReadControl, ReadError, ReadLabel, ReadMargin, ReadOptions, ReadText,
    controls_as_fields, read, read_with,
};
pub use revisions::{accept_all, reject_all};
pub use rtf::read_rtf;
pub use warned::{Warned, Warning, WarningKind};
pub use write::{
    Attached, Comment, ContentsEntry, Control, Family, House, HouseText, Look, OntoError,
    PageNumbers, Paper, Protection, Remark, Revision, Suggested, WriteError, contents, write,
    write_onto, write_onto_with, write_redline, write_redline_with, write_suggested,
    write_suggested_with, write_with,
};
