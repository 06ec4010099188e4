//! The archive: the parts that hold words, and a copy of the archive in which only some parts differ.

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use crate::ReadError;

/// Bytes of one part, of all parts together; entries of the archive. As in `read`.
const LARGEST_PART: u64 = 64 << 20;
const LARGEST_FILE: u64 = 256 << 20;
const MOST_ENTRIES: usize = 4096;

/// A part that holds words.
pub(super) struct Part {
    /// Place in the archive.
    pub index: usize,
    /// Name in the archive.
    pub name: String,
    /// Its bytes, unpacked.
    pub bytes: Vec<u8>,
}

/// Whether a part holds words of the document itself.
fn has_words(name: &str) -> bool {
    let Some(file) = name
        .strip_prefix("word/")
        .and_then(|n| n.strip_suffix(".xml"))
    else {
        return false;
    };
    matches!(file, "document" | "footnotes" | "endnotes")
        || ["header", "footer"].iter().any(|kind| {
            file.strip_prefix(kind)
                .is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
        })
}

/// Unpacks the parts that hold words: the body first, then headers, footers and notes as the archive orders them.
pub(super) fn parts(bytes: &[u8]) -> Result<Vec<Part>, ReadError> {
    // An encrypted file, and an old .doc, is an OLE compound file.
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]) {
        return Err(ReadError::Encrypted);
    }
    let mut archive = open(bytes)?;
    let mut parts: Vec<Part> = Vec::new();
    let mut total = 0;
    for index in 0..archive.len() {
        let mut entry = archive
            .by_index(index)
            .map_err(|_| ReadError::NotAnArchive)?;
        let Some(name) = entry
            .name()
            .ok()
            .map(|n| n.trim_start_matches('/').to_owned())
        else {
            continue;
        };
        if !has_words(&name) || parts.iter().any(|part| part.name == name) {
            continue;
        }
        let mut part = Vec::new();
        // The size an archive states of itself is a claim; what counts is what comes out.
        let read = entry.by_ref().take(LARGEST_PART + 1).read_to_end(&mut part);
        if part.len() as u64 > LARGEST_PART {
            return Err(ReadError::TooLarge("a part has more than 64 MB"));
        }
        read.map_err(|_| ReadError::NotAnArchive)?;
        total += part.len() as u64;
        if total > LARGEST_FILE {
            return Err(ReadError::TooLarge("it has more than 256 MB"));
        }
        parts.push(Part {
            index,
            name,
            bytes: part,
        });
    }
    parts.sort_by_key(|part| part.name != "word/document.xml");
    if parts
        .first()
        .is_none_or(|part| part.name != "word/document.xml")
    {
        return Err(ReadError::NotWord);
    }
    Ok(parts)
}

fn open(bytes: &[u8]) -> Result<ZipArchive<Cursor<&[u8]>>, ReadError> {
    let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| ReadError::NotAnArchive)?;
    if archive.len() > MOST_ENTRIES {
        return Err(ReadError::TooLarge("it has more than 4,096 parts"));
    }
    Ok(archive)
}

/// What becomes of an entry.
pub(crate) enum Entry<'a> {
    /// It is copied as it is packed.
    Kept,
    /// It gets these bytes.
    Replaced(&'a [u8]),
    /// It goes.
    Gone,
}

/// The archive with some entries replaced; all others are copied as they are packed, in the same order.
pub(super) fn replaced(bytes: &[u8], changed: &[(usize, Vec<u8>)]) -> Result<Vec<u8>, ReadError> {
    let entry = |index: usize, _: &str| {
        let found = changed.iter().find(|(i, _)| *i == index);
        found.map_or(Entry::Kept, |(_, part)| Entry::Replaced(part))
    };
    repacked(bytes, entry, &[])
}

/// The archive with every entry as `entry` says by its place and name, and more entries at its end.
pub(crate) fn repacked<'a>(
    bytes: &[u8],
    entry: impl Fn(usize, &str) -> Entry<'a>,
    added: &[(String, Vec<u8>)],
) -> Result<Vec<u8>, ReadError> {
    let bad = |_| ReadError::NotAnArchive;
    let mut archive = open(bytes)?;
    let mut out = ZipWriter::new(Cursor::new(Vec::with_capacity(bytes.len() + 4096)));
    let options = |date| {
        SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(date)
    };
    for index in 0..archive.len() {
        let raw = archive.by_index_raw(index).map_err(bad)?;
        let name = raw.name().map_err(bad)?.into_owned();
        match entry(index, &name) {
            Entry::Kept => out.raw_copy_file(raw).map_err(bad)?,
            Entry::Gone => {}
            Entry::Replaced(part) => {
                let date = raw.last_modified().unwrap_or(DateTime::default());
                out.start_file(name, options(date)).map_err(bad)?;
                out.write_all(part).map_err(|_| ReadError::NotAnArchive)?;
            }
        }
    }
    for (name, part) in added {
        out.start_file(name.as_str(), options(DateTime::default()))
            .map_err(bad)?;
        out.write_all(part).map_err(|_| ReadError::NotAnArchive)?;
    }
    out.set_raw_comment(archive.comment().into()).map_err(bad)?;
    Ok(out.finish().map_err(bad)?.into_inner())
}
