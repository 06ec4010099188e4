//! The parts of the archive, with limits: a small file that unpacks to gigabytes is refused while it is unpacked.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use super::ReadError;

/// Bytes of one part.
const LARGEST_PART: u64 = 64 << 20;
/// Bytes of all parts together.
const LARGEST_FILE: u64 = 256 << 20;
/// Entries of the archive.
const MOST_ENTRIES: usize = 4096;

/// The XML parts by name.
pub(super) struct Parts(BTreeMap<String, Vec<u8>>);

impl Parts {
    /// A part.
    pub(super) fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name).map(Vec::as_slice)
    }
}

/// Unpacks the parts that hold words, styles and numbering.
pub(super) fn parts(bytes: &[u8]) -> Result<Parts, ReadError> {
    let mut archive =
        zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| ReadError::NotAnArchive)?;
    if archive.len() > MOST_ENTRIES {
        return Err(ReadError::TooLarge("it has more than 4,096 parts"));
    }
    let mut parts = BTreeMap::new();
    let mut total = 0;
    for index in 0..archive.len() {
        let Ok(mut entry) = archive.by_index(index) else {
            return Err(ReadError::NotAnArchive);
        };
        let Ok(name) = entry
            .name()
            .map(|name| name.trim_start_matches('/').to_owned())
        else {
            continue;
        };
        let wanted = matches!(
            name.as_str(),
            "word/document.xml"
                | "word/styles.xml"
                | "word/numbering.xml"
                | "word/footnotes.xml"
                | "word/theme/theme1.xml"
                | "docProps/core.xml"
        );
        if !wanted {
            continue;
        }
        // The size an archive states of itself is a claim; what counts is what comes out.
        let mut part = Vec::new();
        let read = entry.by_ref().take(LARGEST_PART + 1).read_to_end(&mut part);
        if part.len() as u64 > LARGEST_PART {
            return Err(ReadError::TooLarge("a part has more than 64 MB"));
        }
        read.map_err(|_| ReadError::NotAnArchive)?;
        total += part.len() as u64;
        if total > LARGEST_FILE {
            return Err(ReadError::TooLarge("it has more than 256 MB"));
        }
        parts.insert(name, part);
    }
    if !parts.contains_key("word/document.xml") {
        return Err(ReadError::NotWord);
    }
    Ok(Parts(parts))
}
