//! PDF by LibreOffice, with the pages LibreOffice sets in the table of contents.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use moqi_docx::ContentsEntry;

use crate::error::{Code, Error, Result};

/// LibreOffice may take so long for one document.
const PATIENCE: Duration = Duration::from_secs(120);

/// Where LibreOffice is installed, where it is.
pub fn office() -> Option<PathBuf> {
    let usual = [
        "/Applications/LibreOffice.app/Contents/MacOS/soffice",
        r"C:\Program Files\LibreOffice\program\soffice.exe",
        "/usr/lib/libreoffice/program/soffice",
        "/opt/libreoffice/program/soffice",
    ];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let named = std::env::split_paths(&path)
        .flat_map(|folder| ["soffice", "libreoffice", "soffice.exe"].map(|name| folder.join(name)));
    named
        .chain(usual.map(PathBuf::from))
        .find(|path| path.is_file())
}

/// A Word file as a PDF.
pub(crate) fn made(word: &[u8]) -> Result<Vec<u8>> {
    let Some(office) = office() else {
        return Err(Error::input(
            "导出 PDF 需要 LibreOffice，本机没有安装。",
            "A PDF is made by LibreOffice, which is not installed on this machine.",
        )
        .hint(
            "请安装 LibreOffice，或导出 Word 文件后在 Word 中另存为 PDF。",
            "Install LibreOffice, or export a Word file and save it as PDF in Word.",
        ));
    };
    let failed = |why: String| {
        Error::new(
            Code::Internal,
            format!("LibreOffice 没有生成 PDF：{why}。"),
            format!("LibreOffice made no PDF: {why}."),
        )
        .hint(
            "请导出 Word 文件后在 Word 中另存为 PDF。",
            "Export a Word file and save it as PDF in Word.",
        )
    };
    let io = |error: std::io::Error| failed(error.to_string());
    let folder = tempfile::tempdir().map_err(io)?;
    let source = folder.path().join("document.docx");
    std::fs::write(&source, word).map_err(io)?;
    // A profile of its own: an office that is open already would take the job over and leave nothing here.
    let profile = format!(
        "-env:UserInstallation=file://{}/profile",
        folder.path().display()
    );
    let mut running = Command::new(office)
        .args([&profile, "--headless", "--convert-to", "pdf", "--outdir"])
        .arg(folder.path())
        .arg(&source)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(io)?;
    let started = Instant::now();
    loop {
        match running.try_wait().map_err(io)? {
            Some(status) if status.success() => break,
            Some(status) => return Err(failed(status.to_string())),
            None if started.elapsed() > PATIENCE => {
                let _ = running.kill();
                let _ = running.wait();
                return Err(failed("no answer in two minutes".into()));
            }
            None => std::thread::sleep(Duration::from_millis(50)),
        }
    }
    std::fs::read(folder.path().join("document.pdf")).map_err(io)
}

/// The page that is to be printed behind each entry of the contents: where the bookmarks of a PDF say that its heading
/// stands. Nothing where they do not name every heading. `apart` says that the text begins on page 1 whatever stands
/// before it.
pub(crate) fn pages(pdf: &[u8], entries: &[ContentsEntry], apart: bool) -> Vec<u32> {
    let Some(first) = entries.first() else {
        return Vec::new();
    };
    let Ok(toc) = lopdf::Document::load_mem(pdf).and_then(|read| read.get_toc()) else {
        return Vec::new();
    };
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    let mut marks = toc.toc.iter();
    let mut pages = Vec::with_capacity(entries.len());
    for entry in entries {
        let wanted = squeezed(&entry.words);
        let found = marks.find(|mark| squeezed(&mark.title).ends_with(&wanted));
        let Some(page) = found.and_then(|mark| u32::try_from(mark.page).ok()) else {
            return Vec::new();
        };
        pages.push(page);
    }
    if apart {
        // Pages before the text: the first heading stands on its first page, or as many behind as was estimated.
        let before = pages[0].saturating_sub(first.page);
        for page in &mut pages {
            *page = page.saturating_sub(before).max(1);
        }
    }
    pages
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{App, Format, Home, Language, Wish};
    use moqi_document::{Answers, parse};

    /// A contract of several pages whose headings stand on pages that are told only by setting it.
    fn contract() -> String {
        let mut text = "---\nlanguage: en\ncontents: true\n---\n\n# Long Agreement\n\n".to_owned();
        for clause in 1..=20 {
            text.push_str(&format!("## Clause called {clause}\n\n"));
            for item in 1..=(clause % 5 + 2) {
                text.push_str(&format!(
                    "{item}. The Supplier shall, in respect of matter {item} of clause {clause}, do all that a careful \
                     supplier would do, and shall tell the Customer without delay of whatever stands in the way.\n"
                ));
            }
            text.push('\n');
        }
        text
    }

    #[test]
    fn the_contents_of_a_pdf_print_the_pages_of_the_headings() {
        if office().is_none() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let app = App::open(Home::at(folder.path().join("home")).unwrap(), Language::En).unwrap();
        for numbers in ["pages", "number"] {
            let text = contract().replace(
                "contents: true",
                &format!("contents: true\npage_numbers: {numbers}"),
            );
            let wish = Wish::default();
            let made = app
                .written(&text, &Answers::new(), &wish, Format::Pdf)
                .unwrap();
            let document = parse(&text);
            let look = wish.look(&document);
            let (entries, apart) = moqi_docx::contents(&document, &look);
            assert_eq!((entries.len(), apart), (20, numbers == "number"));
            let stand = pages(&made.bytes, &entries, apart);
            let read = lopdf::Document::load_mem(&made.bytes).unwrap();
            let first: String = read
                .extract_text(&[1])
                .unwrap()
                .split_whitespace()
                .collect();
            for (entry, page) in entries.iter().zip(&stand) {
                let words: String = entry.words.split_whitespace().collect();
                let at = first.find(&format!("{words}.")).expect("an entry");
                let printed: String = first[at + words.len()..]
                    .trim_start_matches('.')
                    .chars()
                    .take_while(char::is_ascii_digit)
                    .collect();
                assert!(
                    printed.starts_with(&page.to_string()),
                    "{words}: {printed}, not {page}"
                );
            }
            assert!(stand.last() > stand.first());
        }
    }
}
