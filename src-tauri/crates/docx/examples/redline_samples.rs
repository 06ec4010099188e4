//! Writes redlines to look at and to judge: `cargo run -p moqi-docx --example redline_samples -- FOLDER [OLD.docx NEW.docx]`.
//!
//! Without files, each shipped template is compared with an edit of it made by a fixed script.

#[path = "../../document/tests/edits/mod.rs"]
mod edits;

use std::path::Path;

use moqi_document::{Document, parse};
use moqi_docx::{Look, Revision, read, write_redline};

fn save(folder: &Path, name: &str, old: &Document, new: &Document) {
    let by = Revision {
        author: "Moqi".into(),
        date: "2026-11-28T09:00:00Z".into(),
        track: false,
    };
    let file = write_redline(old, new, &Look::for_document(new), &by).expect("a redline");
    std::fs::write(folder.join(format!("{name}.docx")), file.value).expect("a writable folder");
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = Path::new(arguments.first().expect("a folder"));
    std::fs::create_dir_all(folder).expect("a folder");
    if let [_, old, new] = arguments.as_slice() {
        let document = |path: &String| {
            let bytes = std::fs::read(path).expect("a file");
            parse(&read(&bytes).expect("a Word file").value.text)
        };
        save(folder, "redline", &document(old), &document(new));
        return;
    }
    let mut dice = edits::Dice(0xA5A5_5A5A_1234_5678);
    for (name, old) in edits::templates() {
        let new = edits::edited(&mut dice, &old);
        save(folder, &name, &old, &new);
    }
    let empty = Document::default();
    let (_, first) = &edits::templates()[0];
    save(folder, "from-nothing", &empty, first);
    save(folder, "to-nothing", first, &empty);
}
