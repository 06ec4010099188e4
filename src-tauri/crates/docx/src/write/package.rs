//! The zip file: parts in a fixed order, deflated, all dated 1980-01-01 so that equal documents are equal bytes.

use super::WriteError;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

const DECLARATION: &[u8] = b"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// Packs parts; names are written in the order given.
pub(super) fn pack<N: AsRef<str>>(parts: &[(N, String)]) -> Result<Vec<u8>, WriteError> {
    let archive = |error: zip::result::ZipError| WriteError::Archive(std::io::Error::other(error));
    let mut zip = ZipWriter::new(Cursor::new(Vec::with_capacity(64 * 1024)));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(6))
        .last_modified_time(DateTime::default());
    for (name, content) in parts {
        zip.start_file(name.as_ref(), options).map_err(archive)?;
        zip.write_all(DECLARATION).map_err(WriteError::Archive)?;
        zip.write_all(content.as_bytes())
            .map_err(WriteError::Archive)?;
    }
    Ok(zip.finish().map_err(archive)?.into_inner())
}
