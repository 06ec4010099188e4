//! What a file is, told by its content and never by its name.

mod ole;

use std::fmt;
use std::io::{Cursor, Read};

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileKind {
    /// A document of Word 2007 or later (.docx, .docm, .dotx).
    Docx,
    /// Rich text (.rtf).
    Rtf,
    /// A document of Word 97 to 2003 (.doc).
    OldDoc,
    /// A document of WPS Writer or of Works (.wps).
    Wps,
    /// An Office document protected by a password.
    Encrypted,
    /// A PDF file.
    Pdf,
    /// A web page, or a page saved with its pictures as one file (.mht).
    Html,
    /// A text of OpenDocument (.odt, .ott).
    Odt,
    /// Plain text, which [`decode_text`](crate::decode_text) can read.
    Text,
    /// It has no bytes.
    Empty,
    /// Anything else.
    Unknown,
}

impl fmt::Display for FileKind {
    /// As the end of a sentence that begins "it is": `a PDF file`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FileKind::Docx => "a Word document (.docx)",
            FileKind::Rtf => "rich text (RTF)",
            FileKind::OldDoc => "a document of Word 97 to 2003 (.doc)",
            FileKind::Wps => "a document of WPS Writer or Works (.wps)",
            FileKind::Encrypted => "an Office document protected by a password",
            FileKind::Pdf => "a PDF file",
            FileKind::Html => "a web page (HTML)",
            FileKind::Odt => "an OpenDocument text (.odt)",
            FileKind::Text => "plain text",
            FileKind::Empty => "an empty file",
            FileKind::Unknown => "a file of another kind",
        })
    }
}

/// Bytes at the start in which marks of a format are looked for.
const HEAD: usize = 4096;
/// Entries of an archive whose names are read.
const MOST_ENTRIES: usize = 4096;

/// Tells what a file is. Takes time linear in the size of the file, on hostile ones too.
#[must_use]
pub fn kind_of(bytes: &[u8]) -> FileKind {
    if bytes.is_empty() {
        return FileKind::Empty;
    }
    if bytes.starts_with(&ole::MAGIC) {
        return ole::kind(bytes);
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return archive(bytes);
    }
    let head = &bytes[..bytes.len().min(HEAD)];
    let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let start = start.trim_ascii_start();
    if start.starts_with(b"{\\rtf") {
        return FileKind::Rtf;
    }
    // Readers allow other bytes before the mark of a PDF file (ISO 32000-1, Annex H.3.4.1).
    let near = &head[..head.len().min(1024)];
    if near.windows(5).any(|part| part == b"%PDF-") {
        return FileKind::Pdf;
    }
    match crate::decode_text(bytes) {
        Some(text) if is_html(&text) => FileKind::Html,
        Some(_) => FileKind::Text,
        // A page in an old code page is a page all the same.
        None if is_html(&String::from_utf8_lossy(head)) => FileKind::Html,
        None => FileKind::Unknown,
    }
}

/// What an archive is, by the names of its entries.
fn archive(bytes: &[u8]) -> FileKind {
    let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes)) else {
        // The list of names stands at the end; where the file was cut, the first names still stand before the data.
        let head = &bytes[..bytes.len().min(64 << 10)];
        let names = |name: &[u8]| head.windows(name.len()).any(|part| part == name);
        return if names(b"word/") {
            FileKind::Docx
        } else if names(ODT) {
            FileKind::Odt
        } else {
            FileKind::Unknown
        };
    };
    let is_word = archive
        .file_names()
        .take(MOST_ENTRIES)
        .filter_map(Result::ok)
        .any(|name| name.trim_start_matches('/').starts_with("word/"));
    if is_word {
        return FileKind::Docx;
    }
    let mut mimetype = Vec::new();
    if let Ok(entry) = archive.by_name("mimetype")
        && entry.take(200).read_to_end(&mut mimetype).is_ok()
        && mimetype.starts_with(ODT)
    {
        return FileKind::Odt;
    }
    FileKind::Unknown
}

/// The media type of OpenDocument texts, also with `-template` behind it.
const ODT: &[u8] = b"application/vnd.oasis.opendocument.text";

/// Whether a text is a web page, by its first tag.
fn is_html(text: &str) -> bool {
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    if starts(rest, "mime-version:") {
        return true;
    }
    // Comments, declarations and the XML head stand before the first tag.
    loop {
        let end = if rest.starts_with("<!--") {
            "-->"
        } else if rest.starts_with("<?") {
            "?>"
        } else {
            break;
        };
        match rest.split_once(end) {
            Some((_, after)) => rest = after.trim_start(),
            None => return false,
        }
    }
    if starts(rest, "<!doctype") {
        return starts(rest["<!doctype".len()..].trim_start(), "html");
    }
    let Some(tag) = rest.strip_prefix('<') else {
        return false;
    };
    let name: String = tag
        .chars()
        .take(12)
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    // Tags with which pages begin that lack the first ones; Markdown begins with few of them.
    const FIRST: [&str; 10] = [
        "html", "head", "body", "meta", "title", "table", "div", "p", "style", "font",
    ];
    FIRST.iter().any(|first| name.eq_ignore_ascii_case(first))
}

fn starts(text: &str, with: &str) -> bool {
    text.get(..with.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(with))
}

#[cfg(test)]
mod tests;
