//! Word: a document becomes a real .docx file, and the other way.

mod warned;
mod write;

pub use warned::{Warned, Warning, WarningKind};
pub use write::{Family, Look, Paper, WriteError, write};
