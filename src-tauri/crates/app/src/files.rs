//! Files are written whole or not at all: a temporary file beside the target, fsync, rename.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The largest text or Word file that is read: a thousand-page contract has less than a tenth of it.
const LARGEST_INPUT: u64 = 256 * 1024 * 1024;

/// Writes `bytes` to `path` so that a reader sees the old file or the new one, never a part, even after a power cut.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if path.is_dir() {
        return Err(Error::io(path, std::io::ErrorKind::IsADirectory.into()));
    }
    fs::create_dir_all(folder).map_err(|error| Error::io(folder, error))?;
    let failed = |error| Error::io(path, error);
    let mut file = tempfile::Builder::new()
        .prefix(".moqi-")
        .tempfile_in(folder)
        .map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    // A temporary file is private; a document in a shared folder should follow the folder's custom.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(path).map_or(0o644, |old| old.permissions().mode());
        file.as_file()
            .set_permissions(fs::Permissions::from_mode(mode))
            .map_err(failed)?;
    }
    file.persist(path).map_err(|error| failed(error.error))?;
    // The rename itself must reach the disk; a file system that cannot sync a folder loses nothing by it.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}

/// Reads a file of reasonable size.
pub fn read_whole(path: &Path) -> Result<Vec<u8>> {
    let failed = |error| Error::io(path, error);
    let file = File::open(path).map_err(failed)?;
    let found = file.metadata().map_err(failed)?;
    if found.is_dir() {
        return Err(Error::io(path, std::io::ErrorKind::IsADirectory.into()));
    }
    if found.len() > LARGEST_INPUT {
        return Err(Error::input(
            format!(
                "{} 太大（{} MB），最多 256 MB。",
                path.display(),
                found.len() >> 20
            ),
            format!(
                "{} is too large ({} MB); the limit is 256 MB.",
                path.display(),
                found.len() >> 20
            ),
        ));
    }
    let mut bytes = Vec::with_capacity(found.len() as usize);
    file.take(LARGEST_INPUT)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    Ok(bytes)
}

/// Reads a text file: UTF-8, UTF-16 with a byte-order mark, or GB 18030.
pub fn read_text(path: &Path) -> Result<String> {
    text_of(path, read_whole(path)?)
}

/// The text of the bytes of a file.
pub(crate) fn text_of(path: &Path, bytes: Vec<u8>) -> Result<String> {
    moqi_docx::decode_text(&bytes).ok_or_else(|| {
        Error::input(
            format!("{} 不是文本文件，或编码无法识别。", path.display()),
            format!(
                "{} is not text, or in an encoding that is not known.",
                path.display()
            ),
        )
        .hint(
            "请用编辑器另存为 UTF-8，或直接打开 .docx 文件。",
            "Save it as UTF-8, or open the .docx file itself.",
        )
    })
}

/// What a person sees in a folder, in the order of the names: each with whether it is a folder itself. Hidden entries, the
/// lock files of Word and links are passed over.
///
/// # Errors
/// The folder cannot be read.
pub(crate) fn seen_in(folder: &Path) -> std::io::Result<Vec<(PathBuf, bool)>> {
    let mut entries: Vec<_> = std::fs::read_dir(folder)?.flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    let seen = entries.into_iter().filter_map(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let kind = entry.file_type().ok()?;
        let passed = name.starts_with('.') || name.starts_with("~$") || kind.is_symlink();
        (!passed).then(|| (entry.path(), kind.is_dir()))
    });
    Ok(seen.collect())
}

/// A path in `folder` that is not taken: `name.ext`, then `name (2).ext` …
pub fn free_path(folder: &Path, name: &str, extension: &str) -> PathBuf {
    let clean = clean_name(name);
    let mut path = folder.join(format!("{clean}.{extension}"));
    let mut count = 2;
    while path.exists() {
        path = folder.join(format!("{clean} ({count}).{extension}"));
        count += 1;
    }
    path
}

/// A title as a file name on every system: no separators, no control characters, at most 80 characters.
pub fn clean_name(name: &str) -> String {
    let kept: String = name
        .chars()
        .map(|c| {
            if c.is_control() || "/\\:*?\"<>|".contains(c) {
                ' '
            } else {
                c
            }
        })
        .take(80)
        .collect();
    let kept = kept.split_whitespace().collect::<Vec<_>>().join(" ");
    let kept = kept.trim_matches(['.', ' ']).to_owned();
    if kept.is_empty() {
        "Moqi".to_owned()
    } else {
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_replaces_the_whole_file_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("合同.docx");
        write_whole(&path, b"one").unwrap();
        write_whole(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_refused_write_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kept");
        fs::create_dir(&path).unwrap();
        let error = write_whole(&path, b"x").unwrap_err();
        assert!(error.message.en.contains("is a folder"), "{error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn names_are_safe_on_every_system() {
        let cases = [
            ("设备买卖合同（华东）", "设备买卖合同（华东）"),
            ("a/b\\c:d", "a b c d"),
            ("..", "Moqi"),
            ("  \u{1}  ", "Moqi"),
            ("NDA.", "NDA"),
        ];
        for (name, wanted) in cases {
            assert_eq!(clean_name(name), wanted);
        }
    }

    #[test]
    fn a_taken_name_is_counted_up() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("NDA.docx"), "").unwrap();
        fs::write(folder.path().join("NDA (2).docx"), "").unwrap();
        assert_eq!(
            free_path(folder.path(), "NDA", "docx"),
            folder.path().join("NDA (3).docx")
        );
    }

    #[test]
    fn text_of_old_programs_is_read_and_what_is_no_text_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gbk.txt");
        let gbk = [0xba, 0xcf, 0xcd, 0xac, 0xbc, 0xd7, 0xb7, 0xbd];
        fs::write(&path, gbk).unwrap();
        assert_eq!(read_text(&path).unwrap(), "合同甲方");
        fs::write(&path, [0, 1, 2, 0xff, 0xfe, 0]).unwrap();
        let error = read_text(&path).unwrap_err();
        assert!(error.message.zh.contains("gbk.txt"), "{}", error.message.zh);
    }
}
