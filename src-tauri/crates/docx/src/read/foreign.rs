//! Files that only bear the name of a Word file, told by their first bytes.

use super::ReadError;

/// First bytes of an OLE compound file.
const OLE: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// What a file is that is no zip archive; `None` where its first bytes do not say.
pub(super) fn foreign(bytes: &[u8]) -> Option<ReadError> {
    if bytes.is_empty() {
        return Some(ReadError::Empty);
    }
    if bytes.starts_with(&OLE) {
        return Some(ole(bytes));
    }
    let head = &bytes[..bytes.len().min(1024)];
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let head = head.trim_ascii_start();
    if head.starts_with(b"{\\rtf") {
        return Some(ReadError::Rtf);
    }
    if head.starts_with(b"%PDF-") {
        return Some(ReadError::Pdf);
    }
    let lower = head.to_ascii_lowercase();
    let begins = [&b"<!doctype html"[..], b"<html", b"<head", b"<body"]
        .iter()
        .any(|start| lower.starts_with(start));
    // Word's own "filtered HTML" may begin with an XML declaration.
    let later = lower.starts_with(b"<?xml") && lower.windows(5).any(|part| part == b"<html");
    (begins || later).then_some(ReadError::Html)
}

/// Which program wrote an OLE file, by the names of its streams. Where the directory cannot be read the file is
/// [`ReadError::OtherOle`].
fn ole(bytes: &[u8]) -> ReadError {
    let names = streams(bytes);
    let has = |name: &str| names.iter().any(|found| found.eq_ignore_ascii_case(name));
    if has("EncryptedPackage") {
        ReadError::Encrypted
    } else if names.iter().any(|name| is_wps(name)) {
        ReadError::Wps
    } else if has("WordDocument") {
        ReadError::OldWord
    } else {
        ReadError::OtherOle
    }
}

/// Streams WPS Writer puts beside the ones of Word, and those of Works.
fn is_wps(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.starts_with("wps") || lower.contains("kso") || lower == "matost" || lower == "contents"
}

/// Directory sectors that are looked at; a document has fewer than ten.
const MOST_SECTORS: usize = 1024;

/// The names in the directory of an OLE file, as far as its sector chain can be followed ([MS-CFB] 2.2, 2.3, 2.6).
fn streams(bytes: &[u8]) -> Vec<String> {
    let short = |at: usize| Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
    let long = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let shift = match short(30) {
        Some(12) => 12,
        _ => 9,
    };
    // Sector 0 begins after the header, which fills one sector.
    let start_of = |sector: u32| (usize::try_from(sector).ok()?.checked_add(1)?).checked_shl(shift);
    let per_sector = 1u32 << (shift - 2);
    // The header lists the first 109 sectors of the table that chains sectors; a directory further out than they
    // reach (7 MB) is not followed, and a chain in a circle ends with the bound.
    let next = |sector: u32| {
        let table = sector / per_sector;
        if table >= 109 {
            return None;
        }
        let table = long(76 + 4 * table as usize)?;
        long(start_of(table)?.checked_add(4 * (sector % per_sector) as usize)?)
    };
    let mut names = Vec::new();
    let mut sector = long(48);
    for _ in 0..MOST_SECTORS {
        let Some(start) = sector.and_then(start_of) else {
            break;
        };
        let Some(entries) = start
            .checked_add(1 << shift)
            .and_then(|end| bytes.get(start..end.min(bytes.len())))
        else {
            break;
        };
        for entry in entries.chunks_exact(128) {
            let length = usize::from(u16::from_le_bytes([entry[64], entry[65]])).min(64);
            let units = entry[..length]
                .chunks_exact(2)
                .map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
            let name: String = char::decode_utf16(units)
                .filter_map(Result::ok)
                .filter(|c| !c.is_control())
                .collect();
            if !name.is_empty() {
                names.push(name);
            }
        }
        sector = sector.and_then(next);
    }
    names
}
