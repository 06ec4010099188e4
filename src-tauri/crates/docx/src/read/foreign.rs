//! Files that only bear the name of a Word file.

use super::ReadError;
use crate::kind::{FileKind, kind_of};

/// First bytes of an OLE compound file.
const OLE: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// What a file is that is no zip archive; `None` where its bytes do not say.
pub(super) fn foreign(bytes: &[u8]) -> Option<ReadError> {
    if bytes.starts_with(b"PK") {
        return None;
    }
    Some(match kind_of(bytes) {
        FileKind::Empty => ReadError::Empty,
        FileKind::Encrypted => ReadError::Encrypted,
        FileKind::OldDoc => ReadError::OldWord,
        FileKind::Wps => ReadError::Wps,
        FileKind::Rtf => ReadError::Rtf,
        FileKind::Pdf => ReadError::Pdf,
        FileKind::Html => ReadError::Html,
        _ if bytes.starts_with(&OLE) => ReadError::OtherOle,
        _ => return None,
    })
}
