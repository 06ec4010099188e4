//! The parts of a written file, read back.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

/// Parts by name; panics on a name that occurs twice.
pub(in crate::write) fn parts(bytes: &[u8]) -> BTreeMap<String, String> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut parts = BTreeMap::new();
    for index in 0..zip.len() {
        let mut file = zip.by_index(index).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert!(
            parts
                .insert(file.name().unwrap().into_owned(), text)
                .is_none(),
            "{:?} twice",
            file.name()
        );
    }
    // The reader merges entries of one name: count them in the directory itself.
    let entries = bytes
        .windows(4)
        .filter(|bytes| bytes == b"PK\x01\x02")
        .count();
    assert_eq!(entries, parts.len(), "entries in the directory");
    parts
}
