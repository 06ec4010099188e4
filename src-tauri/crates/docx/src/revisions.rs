//! A clean copy of a redline: every tracked change of a .docx file accepted, or every one rejected, in its own XML.
//!
//! Handled are inserted and deleted text, paragraph marks, moves, rows and cells, and every recorded change of
//! properties, in the document, its notes, comments, headers and footers. Other parts stay byte for byte as they are,
//! and so does a part without a tracked change.

mod resolve;

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::read::ReadError;
use crate::write::tree::parse_foreign;
use resolve::{Notes, Resolver, Side};

/// Bytes of one part.
const LARGEST_PART: u64 = 64 << 20;
/// Bytes of all parts that are looked into.
const LARGEST_FILE: u64 = 256 << 20;
/// Entries of the archive.
const MOST_ENTRIES: usize = 4096;
/// Elements inside one another.
const DEEPEST: usize = 256;

/// The file as it is when all its tracked changes are accepted.
///
/// # Errors
/// As [`crate::read()`]: no archive, no Word document, encrypted, too large, damaged XML.
pub fn accept_all(bytes: &[u8]) -> Result<Vec<u8>, ReadError> {
    resolved(bytes, Side::New)
}

/// The file as it was before its tracked changes: all of them rejected.
///
/// # Errors
/// As [`accept_all`].
pub fn reject_all(bytes: &[u8]) -> Result<Vec<u8>, ReadError> {
    resolved(bytes, Side::Old)
}

/// True for a part that can hold tracked changes.
fn holds_changes(name: &str) -> bool {
    let Some(file) = name
        .strip_prefix("word/")
        .and_then(|file| file.strip_suffix(".xml"))
    else {
        return false;
    };
    let kind = file.trim_end_matches(|c: char| c.is_ascii_digit());
    matches!(
        kind,
        "document" | "footnotes" | "endnotes" | "comments" | "header" | "footer"
    )
}

/// Footnotes, endnotes and comments last: which of them are still marked is known from the document.
fn rank(name: &str) -> u8 {
    u8::from(name.ends_with("notes.xml") || name.ends_with("comments.xml"))
}

fn resolved(bytes: &[u8], side: Side) -> Result<Vec<u8>, ReadError> {
    // An encrypted file, and an old .doc, is an OLE compound file.
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]) {
        return Err(ReadError::Encrypted);
    }
    let damaged = |_| ReadError::NotAnArchive;
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.len() > MOST_ENTRIES {
        return Err(ReadError::TooLarge("it has more than 4,096 parts"));
    }
    let mut names = Vec::with_capacity(archive.len());
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(damaged)?;
        let name = entry.name().map_err(|_| ReadError::NotAnArchive)?;
        names.push(name.trim_start_matches('/').to_owned());
    }
    if !names.iter().any(|name| name == "word/document.xml") {
        return Err(ReadError::NotWord);
    }
    let mut order: Vec<usize> = (0..names.len())
        .filter(|&index| holds_changes(&names[index]))
        .collect();
    order.sort_by_key(|&index| rank(&names[index]));
    let mut changed: Vec<Option<String>> = vec![None; names.len()];
    let mut notes = Notes::default();
    let mut total = 0;
    for index in order {
        let mut source = Vec::new();
        let entry = archive.by_index(index).map_err(damaged)?;
        let read = entry.take(LARGEST_PART + 1).read_to_end(&mut source);
        total += source.len() as u64;
        if source.len() as u64 > LARGEST_PART {
            return Err(ReadError::TooLarge("a part has more than 64 MB"));
        }
        if total > LARGEST_FILE {
            return Err(ReadError::TooLarge("it has more than 256 MB"));
        }
        read.map_err(|_| ReadError::NotAnArchive)?;
        changed[index] = part(&names[index], &source, side, &mut notes)?;
    }
    packed(archive, changed)
}

/// A part without its tracked changes; `None` where it has none.
fn part(
    name: &str,
    source: &[u8],
    side: Side,
    notes: &mut Notes,
) -> Result<Option<String>, ReadError> {
    let bad = |why: &str| ReadError::BadXml {
        part: name.to_owned(),
        why: why.to_owned(),
    };
    let source = source.strip_prefix(b"\xef\xbb\xbf").unwrap_or(source);
    let source = std::str::from_utf8(source).map_err(|_| bad("it is not UTF-8"))?;
    let mut tree = parse_foreign(source, DEEPEST)
        .ok_or_else(|| bad("it is not well formed, or nested too deeply"))?;
    let mut resolver = Resolver::new(side, notes);
    resolver.part(&mut tree);
    if !resolver.changed {
        return Ok(None);
    }
    // What stands before the root, the declaration above all, is kept.
    let start = source.find(&format!("<{}", tree.name)).unwrap_or_default();
    let mut out = String::with_capacity(source.len());
    out.push_str(&source[..start]);
    tree.print(&mut out);
    Ok(Some(out))
}

/// The archive with the changed parts; all else is copied as it is compressed.
fn packed(
    mut archive: ZipArchive<Cursor<&[u8]>>,
    changed: Vec<Option<String>>,
) -> Result<Vec<u8>, ReadError> {
    let damaged = |_| ReadError::NotAnArchive;
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (index, part) in changed.into_iter().enumerate() {
        let entry = archive.by_index_raw(index).map_err(damaged)?;
        let Some(part) = part else {
            zip.raw_copy_file(entry).map_err(damaged)?;
            continue;
        };
        let mut options =
            SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        if let Some(time) = entry.last_modified() {
            options = options.last_modified_time(time);
        }
        let name = entry
            .name()
            .map_err(|_| ReadError::NotAnArchive)?
            .into_owned();
        zip.start_file(name, options).map_err(damaged)?;
        zip.write_all(part.as_bytes())
            .map_err(|_| ReadError::NotAnArchive)?;
    }
    Ok(zip.finish().map_err(damaged)?.into_inner())
}

#[cfg(test)]
mod tests;
