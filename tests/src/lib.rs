//! Shared pieces of the whole-program tests: where things lie, and how the program is run.

use std::path::{Path, PathBuf};

/// The checkout.
pub fn checkout() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent()
        .expect("tests lies in the checkout")
        .to_path_buf()
}

/// Every file below a folder that belongs to the project, in a stable order.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else {
        return files;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() {
            if !["target", "node_modules", "dist", ".git", "gen"]
                .iter()
                .any(|skipped| name == *skipped)
            {
                files.extend(files_below(&path));
            }
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The heavy checks run only when the test command asks for them.
pub fn gates() -> bool {
    std::env::var_os("MOQI_GATES").is_some()
}

pub mod window;

/// The built program, beside the tests.
pub fn program() -> PathBuf {
    let test = std::env::current_exe().expect("a test is a program");
    let folder = test
        .parent()
        .and_then(Path::parent)
        .expect("tests lie in deps");
    folder.join(if cfg!(windows) { "moqi.exe" } else { "moqi" })
}

/// The words of one part of a Word file.
pub fn part(docx: &Path, name: &str) -> String {
    let file = std::fs::File::open(docx).expect("the file is there");
    let mut archive = zip::ZipArchive::new(file).expect("a Word file is a zip archive");
    let mut words = String::new();
    let mut entry = archive.by_name(name).expect("the part is there");
    std::io::Read::read_to_string(&mut entry, &mut words).expect("a part is text");
    words
}
