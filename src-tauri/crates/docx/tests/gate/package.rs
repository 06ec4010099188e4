//! The archive of a Word file: its parts, and the same file with other parts.

use std::error::Error;
use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// Parts in the order of the archive: name and bytes.
pub type Parts = Vec<(String, Vec<u8>)>;

/// Names of all entries as the directory lists them, a doubled one twice; the reader of the `zip` crate hides it.
pub fn listed(docx: &[u8]) -> Vec<String> {
    // The record of the end is 22 bytes and a comment long.
    let Some(end) = docx.windows(4).rposition(|bytes| bytes == b"PK\x05\x06") else {
        return Vec::new();
    };
    let half = |at: usize| match docx.get(at..at + 2) {
        Some(&[low, high]) => usize::from(u16::from_le_bytes([low, high])),
        _ => 0,
    };
    let mut at = half(end + 16) | half(end + 18) << 16;
    let mut names = Vec::new();
    while docx.get(at..at + 4) == Some(b"PK\x01\x02") {
        let length = half(at + 28);
        let name = docx.get(at + 46..at + 46 + length).unwrap_or_default();
        names.push(String::from_utf8_lossy(name).into_owned());
        at += 46 + length + half(at + 30) + half(at + 32);
    }
    names
}

/// Reads all entries; a doubled one comes once. An entry that cannot be read is named.
pub fn unpack(docx: &[u8]) -> Result<Parts, Box<dyn Error>> {
    let mut zip = ZipArchive::new(Cursor::new(docx))?;
    let mut parts = Parts::new();
    for index in 0..zip.len() {
        let mut file = zip
            .by_index(index)
            .map_err(|error| format!("entry {index}: {error}"))?;
        let name = match file.name() {
            Ok(name) => name.into_owned(),
            Err(error) => return Err(format!("entry {index}: {error}").into()),
        };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)
            .map_err(|error| format!("{name}: {error}"))?;
        parts.push((name, bytes));
    }
    Ok(parts)
}

/// Makes an archive of parts; a name may come twice.
pub fn pack(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut doubled = Vec::new();
    for (index, (name, bytes)) in parts.iter().enumerate() {
        // The writer refuses a doubled name, so that it gets another of its length, changed back below.
        let mut name = name.clone();
        if parts[..index].iter().any(|(before, _)| *before == name) {
            let stand_in = "#".repeat(name.len());
            doubled.push((stand_in.clone(), std::mem::replace(&mut name, stand_in)));
        }
        zip.start_file(name.as_str(), SimpleFileOptions::default())
            .unwrap();
        zip.write_all(bytes).unwrap();
    }
    let mut docx = zip.finish().unwrap().into_inner();
    for (stand_in, name) in doubled {
        while let Some(at) = docx
            .windows(name.len())
            .position(|bytes| bytes == stand_in.as_bytes())
        {
            docx[at..at + name.len()].copy_from_slice(name.as_bytes());
        }
    }
    docx
}
