//! OLE compound files ([MS-CFB]): which program wrote one, by the names of its streams.

use super::FileKind;

/// First bytes of an OLE compound file.
pub(super) const MAGIC: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// Directory sectors that are looked at; a document has fewer than ten. Ends chains that go in a circle.
const MOST_SECTORS: usize = 1024;

/// What an OLE file is.
pub(super) fn kind(bytes: &[u8]) -> FileKind {
    let file = Ole::new(bytes);
    let entries = file.directory();
    let find = |wanted: &str| {
        entries
            .iter()
            .find(|entry| entry.name.eq_ignore_ascii_case(wanted))
    };
    if find("EncryptedPackage").is_some() || find("EncryptionInfo").is_some() {
        return FileKind::Encrypted;
    }
    let document = find("WordDocument");
    if document.is_some_and(|entry| file.is_encrypted(entry)) {
        return FileKind::Encrypted;
    }
    let wps = entries.iter().any(|entry| {
        let name = entry.name.to_ascii_lowercase();
        // Streams of WPS Writer beside those of Word; MatOST and CONTENTS are of Works.
        name.starts_with("wps") || name.starts_with("kso") || name == "matost"
    });
    match document {
        _ if wps => FileKind::Wps,
        Some(_) => FileKind::OldDoc,
        None if find("CONTENTS").is_some() => FileKind::Wps,
        None => FileKind::Unknown,
    }
}

/// An entry of the directory.
struct Entry {
    name: String,
    start: u32,
    size: u32,
}

struct Ole<'a> {
    bytes: &'a [u8],
    /// Size of a sector as a power of two.
    shift: u32,
}

impl<'a> Ole<'a> {
    fn new(bytes: &'a [u8]) -> Ole<'a> {
        let mut file = Ole { bytes, shift: 9 };
        if file.short(30) == Some(12) {
            file.shift = 12;
        }
        file
    }

    fn short(&self, at: usize) -> Option<u16> {
        let bytes = self.bytes.get(at..at.checked_add(2)?)?;
        Some(u16::from_le_bytes(bytes.try_into().ok()?))
    }

    fn long(&self, at: usize) -> Option<u32> {
        let bytes = self.bytes.get(at..at.checked_add(4)?)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    }

    /// Where a sector begins: the first one follows the header, which fills one.
    fn at(&self, sector: u32) -> Option<usize> {
        let at = (u64::from(sector) + 1) << self.shift;
        usize::try_from(at).ok()
    }

    /// The sector after this one in its chain. The header names the first 109 sectors of the table of chains, which
    /// reach 7 MB; a directory further out is not followed.
    fn next(&self, sector: u32) -> Option<u32> {
        let per_sector = 1 << (self.shift - 2);
        let table = usize::try_from(sector / per_sector).ok()?;
        if table >= 109 {
            return None;
        }
        let table = self.at(self.long(76 + 4 * table)?)?;
        self.long(table.checked_add(4 * (sector % per_sector) as usize)?)
    }

    fn directory(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        let mut sector = self.long(48);
        for _ in 0..MOST_SECTORS {
            let Some(start) = sector.and_then(|sector| self.at(sector)) else {
                break;
            };
            let Some(rest) = self.bytes.get(start..) else {
                break;
            };
            for entry in rest[..rest.len().min(1 << self.shift)].chunks_exact(128) {
                entries.extend(read_entry(entry));
            }
            sector = sector.and_then(|sector| self.next(sector));
        }
        entries
    }

    /// Whether the main stream of Word says that the document is encrypted ([MS-DOC] 2.5.2, bit fEncrypted).
    fn is_encrypted(&self, document: &Entry) -> bool {
        // Streams below 4,096 bytes lie elsewhere; the main stream of Word is never one of them.
        document.size >= 4096
            && self
                .at(document.start)
                .and_then(|start| self.short(start.checked_add(10)?))
                .is_some_and(|flags| flags & 0x0100 != 0)
    }
}

/// Reads an entry of 128 bytes; `None` for an empty one.
fn read_entry(entry: &[u8]) -> Option<Entry> {
    let long = |at: usize| Some(u32::from_le_bytes(entry.get(at..at + 4)?.try_into().ok()?));
    let length = usize::from(u16::from_le_bytes([entry[64], entry[65]])).min(64);
    let units = entry[..length]
        .chunks_exact(2)
        .map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    let name: String = char::decode_utf16(units)
        .filter_map(Result::ok)
        .filter(|c| !c.is_control())
        .collect();
    (!name.is_empty()).then_some(Entry {
        name,
        start: long(116)?,
        size: long(120)?,
    })
}
