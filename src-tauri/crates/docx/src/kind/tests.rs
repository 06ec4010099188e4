//! Small files of every kind, files LibreOffice makes, and damage.

use super::*;
use crate::{Look, write};

/// An OLE file with streams of these names; the first stream begins with `first` in a sector of its own.
fn ole(names: &[&str], first: &[u8]) -> Vec<u8> {
    let mut file = ole::MAGIC.to_vec();
    file.resize(512, 0);
    file[30] = 9;
    file[48] = 1;
    file[76..512].fill(0xff);
    file[76..80].fill(0);
    // Sector 0 is the table of chains, sector 1 and the ones after 2 the directory, sector 2 the first stream.
    let directories = names.len().div_ceil(4).max(1) as u32;
    let mut table = vec![0xfffffffdu32, 0, 0xfffffffe];
    table[1] = if directories > 1 { 3 } else { 0xfffffffe };
    for n in 1..directories {
        table.push(if n + 1 < directories {
            3 + n
        } else {
            0xfffffffe
        });
    }
    table.resize(128, 0xffffffff);
    file.extend(table.iter().flat_map(|entry| entry.to_le_bytes()));
    let mut entries = Vec::new();
    for name in names {
        let mut entry: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let length = entry.len() as u8 + 2;
        entry.resize(128, 0);
        entry[64] = length;
        entry[116] = 2;
        entry[121] = 0x10;
        entries.push(entry);
    }
    let mut entries = entries.concat();
    entries.resize(512 * directories as usize, 0);
    file.extend_from_slice(&entries[..512]);
    let mut stream = first.to_vec();
    stream.resize(512, 0);
    file.extend(stream);
    file.extend_from_slice(&entries[512..]);
    file
}

fn zipped(parts: &[(&str, &str)]) -> Vec<u8> {
    use std::io::Write;
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, part) in parts {
        out.start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        out.write_all(part.as_bytes()).unwrap();
    }
    out.finish().unwrap().into_inner()
}

fn docx() -> Vec<u8> {
    let document = moqi_document::parse("# 合同\n\n甲方。\n");
    write(&document, &Look::for_document(&document))
        .unwrap()
        .value
}

#[test]
fn ole_files_by_their_streams() {
    let mut fib = vec![0xec, 0xa5, 0xc1, 0, 0, 0, 0, 0, 0, 0, 0, 0x12];
    let many: Vec<String> = (0..9).map(|n| format!("S{n}")).collect();
    let mut far: Vec<&str> = many.iter().map(String::as_str).collect();
    far.push("WordDocument");
    for (names, kind) in [
        (
            &["WordDocument", "Root Entry", "1Table"][..],
            FileKind::OldDoc,
        ),
        (&far, FileKind::OldDoc),
        (&["WordDocument", "WpsCustomData"], FileKind::Wps),
        (&["CONTENTS", "MatOST"], FileKind::Wps),
        (&["EncryptionInfo", "EncryptedPackage"], FileKind::Encrypted),
        (&["Workbook"], FileKind::Unknown),
        (&[], FileKind::Unknown),
    ] {
        assert_eq!(kind_of(&ole(names, &fib)), kind, "{names:?}");
    }
    fib[11] |= 0x01;
    assert_eq!(kind_of(&ole(&["WordDocument"], &fib)), FileKind::Encrypted);
}

#[test]
fn a_chain_in_a_circle_ends() {
    let mut file = ole(&["Workbook"], b"");
    file[512 + 4..512 + 8].copy_from_slice(&1u32.to_le_bytes());
    let start = std::time::Instant::now();
    assert_eq!(kind_of(&file), FileKind::Unknown);
    assert!(start.elapsed().as_secs() < 1);
}

#[test]
fn archives_by_their_entries() {
    let docx = docx();
    assert_eq!(kind_of(&docx), FileKind::Docx);
    assert_eq!(kind_of(&docx[..docx.len() - 40]), FileKind::Docx);
    let text = "application/vnd.oasis.opendocument.text";
    assert_eq!(kind_of(&zipped(&[("mimetype", text)])), FileKind::Odt);
    let sheet = "application/vnd.oasis.opendocument.spreadsheet";
    assert_eq!(kind_of(&zipped(&[("mimetype", sheet)])), FileKind::Unknown);
    assert_eq!(
        kind_of(&zipped(&[("xl/workbook.xml", "")])),
        FileKind::Unknown
    );
}

#[test]
fn texts_pages_and_the_rest() {
    let gbk = encoding_rs::GBK.encode("<html><body>合同</body></html>").0;
    for (bytes, kind) in [
        (&b""[..], FileKind::Empty),
        (b"{\\rtf1 x}", FileKind::Rtf),
        (b"\xef\xbb\xbf\r\n{\\rtf1 x}", FileKind::Rtf),
        (b"%PDF-1.7\n\x80\x81", FileKind::Pdf),
        (b"junk\n%PDF-1.4", FileKind::Pdf),
        (b"<!DOCTYPE html><p>x", FileKind::Html),
        (
            b"\xef\xbb\xbf <?xml version='1.0'?>\n<!-- a > b -->\n<HTML xmlns='x'>",
            FileKind::Html,
        ),
        (&gbk, FileKind::Html),
        (b"<html>caf\xe9 \xff</html>", FileKind::Html),
        (
            b"MIME-Version: 1.0\nContent-Type: multipart/related",
            FileKind::Html,
        ),
        (b"<!DOCTYPE book><book/>", FileKind::Text),
        (b"<!-- no end", FileKind::Text),
        (b"# Title\n\n<details>", FileKind::Text),
        ("合同".as_bytes(), FileKind::Text),
        (&[0x89, b'P', b'N', b'G', 0, 1], FileKind::Unknown),
    ] {
        assert_eq!(kind_of(bytes), kind, "{}", String::from_utf8_lossy(bytes));
    }
    assert_eq!(format!("it is {}", FileKind::Pdf), "it is a PDF file");
}

#[test]
fn damage_does_no_harm() {
    let mut seed = 5u64;
    let wholes = [docx(), ole(&["WordDocument", "x", "y", "z", "w"], b"")];
    for round in 0..400 {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(99);
        let mut bytes = wholes[round % 2].clone();
        // Most of an OLE file is fill; damage counts in its head.
        let room = if round % 4 < 2 {
            bytes.len()
        } else {
            520.min(bytes.len())
        };
        let at = (seed >> 20) as usize % room;
        match round % 3 {
            0 => bytes.truncate(at),
            1 => bytes[at] ^= 1 << (seed >> 60 & 7),
            _ => bytes[at..(at + 8).min(room)].fill((seed >> 50) as u8),
        }
        let _ = kind_of(&bytes);
    }
}

#[test]
fn files_libreoffice_makes() {
    let folder = std::env::temp_dir().join(format!("moqi-kind-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let source = folder.join("x.docx");
    std::fs::write(&source, docx()).unwrap();
    for (name, kind) in [
        ("doc", FileKind::OldDoc),
        ("rtf", FileKind::Rtf),
        ("odt", FileKind::Odt),
        ("html", FileKind::Html),
        ("pdf", FileKind::Pdf),
        ("txt:Text (encoded):UTF8", FileKind::Text),
    ] {
        let profile = folder.join("profile").display().to_string();
        let run = std::process::Command::new("soffice")
            .arg(format!("-env:UserInstallation=file://{profile}"))
            .args(["--headless", "--convert-to", name, "--outdir"])
            .args([&folder, &source])
            .output();
        if run.is_err() {
            return println!("skipped: LibreOffice is not installed");
        }
        let extension = name.split(':').next().unwrap_or(name);
        let bytes = std::fs::read(source.with_extension(extension)).unwrap();
        assert_eq!(kind_of(&bytes), kind, "{name}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}
