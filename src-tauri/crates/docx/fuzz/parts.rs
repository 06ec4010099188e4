//! A file of parts: a fuzzer rarely finds its way through a zip archive.

use std::io::{Cursor, Write};

/// An archive of the parts of these names, stored as they are; the input gives them in this order, parted by lines `%%`.
pub fn packed(names: &[&str], bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut rest = bytes;
    for name in names {
        let cut = rest.windows(4).position(|part| part == b"\n%%\n");
        let (part, after) = cut.map_or((rest, &[][..]), |cut| (&rest[..cut], &rest[cut + 4..]));
        rest = after;
        // A part that is not there is no damage.
        if !part.is_empty() {
            out.start_file(*name, stored).ok()?;
            out.write_all(part).ok()?;
        }
    }
    Some(out.finish().ok()?.into_inner())
}
