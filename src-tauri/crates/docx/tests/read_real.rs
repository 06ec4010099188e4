//! Real contracts are read whole: every word, every number, the same text again after writing.
//!
//! They lie outside the repository; `MOQI_DATA` names their folder.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at the first fault and says when it is skipped"
)]

use std::collections::HashMap;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use moqi_document::{BlockKind, Inline, InlineKind, parse};
use moqi_docx::{Look, ReadLabel, read, write};
use quick_xml::events::Event;

/// The files of both collections, or `None` with a line where there are none.
fn files(folders: &[&str]) -> Option<Vec<PathBuf>> {
    let Some(root) = std::env::var_os("MOQI_DATA") else {
        println!("skipped: MOQI_DATA is not set");
        return None;
    };
    let mut found: Vec<PathBuf> = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(Path::new(&root).join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "docx"))
        .collect();
    found.sort();
    Some(found)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

fn part(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    archive
        .by_name(name)
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    text
}

/// The words between `w:t` tags, paragraph by paragraph; deletions have no `w:t`.
fn visible(xml: &str) -> String {
    let mut reader = quick_xml::Reader::from_str(xml);
    let (mut out, mut inside) = (String::new(), false);
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) if tag.name().as_ref() == "w:t" => inside = true,
            Event::End(tag) if tag.name().as_ref() == "w:t" => inside = false,
            Event::End(tag) if tag.name().as_ref() == "w:p" => out.push(' '),
            Event::Empty(tag) if matches!(tag.name().as_ref(), "w:tab" | "w:br") => out.push(' '),
            Event::Text(words) if inside => out.push_str(&words.xml10_content()),
            Event::GeneralRef(name) if inside => {
                let name = name.xml10_content();
                out.push_str(&quick_xml::escape::unescape(&format!("&{name};")).unwrap());
            }
            Event::Eof => return out,
            _ => {}
        }
    }
}

fn elements(xml: &str, wanted: &[&str]) -> usize {
    wanted
        .iter()
        .map(|name| {
            let open = format!("<{name}");
            xml.match_indices(&open)
                .filter(|(at, _)| xml[at + open.len()..].starts_with([' ', '>', '/']))
                .count()
        })
        .sum()
}

fn plain(content: &[Inline]) -> String {
    content
        .iter()
        .map(|inline| match &inline.kind {
            InlineKind::Text(text) => text.as_str(),
            InlineKind::Break => " ",
            _ => "",
        })
        .collect()
}

/// The words of our text, and the numbers that were typed before them.
fn words_of(text: &str, labels: &[ReadLabel]) -> String {
    let mut typed: HashMap<usize, &str> = labels
        .iter()
        .filter(|label| label.typed)
        .map(|label| (label.line, label.label.as_str()))
        .collect();
    let mut out = String::new();
    for block in parse(text).blocks {
        let line = moqi_document::line_of(text, block.span.start);
        out.push_str(typed.remove(&line).unwrap_or_default());
        out.push(' ');
        match &block.kind {
            BlockKind::Title(content)
            | BlockKind::Heading { content, .. }
            | BlockKind::Item { content, .. }
            | BlockKind::Paragraph { content, .. } => out.push_str(&plain(content)),
            BlockKind::Table(table) => {
                for cell in table.rows.iter().flatten() {
                    out.push_str(&plain(&cell.content));
                    out.push(' ');
                }
            }
            BlockKind::Verbatim(text) => out.push_str(text),
            _ => {}
        }
        out.push(' ');
    }
    assert!(typed.is_empty(), "labels on lines of no block: {typed:?}");
    out
}

/// Share of the runs of five words of one text that another has too.
fn recall(of: &str, found: &str) -> f64 {
    let grams = |text: &str| {
        let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        let mut counts: HashMap<Vec<String>, usize> = HashMap::new();
        for gram in words.windows(5) {
            *counts.entry(gram.to_vec()).or_default() += 1;
        }
        counts
    };
    let (wanted, have) = (grams(of), grams(found));
    let all: usize = wanted.values().sum();
    let met: usize = wanted
        .iter()
        .map(|(gram, count)| (*count).min(have.get(gram).copied().unwrap_or(0)))
        .sum();
    met as f64 / all.max(1) as f64
}

#[test]
fn no_word_is_lost() {
    let Some(files) = files(&["standard-en", "firm-en"]) else {
        return;
    };
    assert!(files.len() >= 50);
    let (mut worst, mut seconds) = (1.0f64, 0.0);
    for path in &files {
        let bytes = std::fs::read(path).unwrap();
        let start = Instant::now();
        let found = read(&bytes).unwrap().value;
        seconds += start.elapsed().as_secs_f64();
        let share = recall(
            &visible(&part(&bytes, "word/document.xml")),
            &words_of(&found.text, &found.labels),
        );
        assert!(share >= 0.999, "{}: {share}", name(path));
        worst = worst.min(share);
    }
    println!(
        "recall of {} files: {worst:.5} or more; read in {seconds:.3} s",
        files.len()
    );
}

#[test]
fn what_is_anchored_is_counted_as_in_the_file() {
    let Some(files) = files(&["standard-en", "firm-en"]) else {
        return;
    };
    let mut margins = 0;
    for path in &files {
        let bytes = std::fs::read(path).unwrap();
        let xml = part(&bytes, "word/document.xml");
        let found = read(&bytes).unwrap().value;
        assert_eq!(
            found.controls.len(),
            elements(&xml, &["w:sdt"]),
            "{}",
            name(path)
        );
        let changes = [
            "w:ins",
            "w:del",
            "w:moveFrom",
            "w:moveTo",
            "w:rPrChange",
            "w:pPrChange",
        ];
        assert_eq!(
            found.changes.len(),
            elements(&xml, &changes),
            "{}",
            name(path)
        );
        let notes = elements(&xml, &["w:footnoteReference", "w:endnoteReference"]);
        let written = parse(&found.text)
            .blocks
            .iter()
            .filter(|block| matches!(block.kind, BlockKind::Footnote { .. }))
            .count();
        assert_eq!(written, notes, "{}", name(path));
        let references = elements(&xml, &["w:headerReference", "w:footerReference"]);
        assert_eq!(found.margins.len(), references, "{}", name(path));
        margins += references;
    }
    assert!(margins > 100, "the files have headers and footers");
}

#[test]
fn our_text_is_a_fixed_point_of_writing_and_reading() {
    let Some(files) = files(&["standard-en", "firm-en"]) else {
        return;
    };
    for path in &files {
        let first = read(&std::fs::read(path).unwrap()).unwrap().value.text;
        let document = parse(&first);
        let look = Look::for_document(&document);
        let again = read(&write(&document, &look).unwrap().value)
            .unwrap()
            .value
            .text;
        if let Some((a, b)) = first.lines().zip(again.lines()).find(|(a, b)| a != b) {
            panic!("{}:\n{a}\nbecomes\n{b}", name(path));
        }
        assert_eq!(
            first.lines().count(),
            again.lines().count(),
            "{}",
            name(path)
        );
    }
}

/// Labels are those LibreOffice prints into a text file. It needs a moment for each file.
#[test]
fn labels_are_those_libreoffice_prints() {
    let Some(files) = files(&["standard-en"]) else {
        return;
    };
    let Ok(scratch) = tempdir() else { return };
    let command = Command::new("soffice")
        .arg("--headless")
        .arg(format!(
            "-env:UserInstallation=file://{}/profile",
            scratch.display()
        ))
        .args(["--convert-to", "txt:Text (encoded):UTF8", "--outdir"])
        .arg(&scratch)
        .args(&files)
        .output();
    let Ok(output) = command else {
        println!("skipped: no soffice");
        return;
    };
    assert!(output.status.success());
    let mut compared = 0;
    for path in &files {
        let found = read(&std::fs::read(path).unwrap()).unwrap().value;
        let text = scratch.join(path.with_extension("txt").file_name().unwrap());
        let theirs = std::fs::read_to_string(text).unwrap();
        let mut lines = theirs.lines().map(squeezed);
        let ours: Vec<&str> = found.text.lines().collect();
        for label in found.labels.iter().filter(|label| !label.typed) {
            let line = ours[label.line - 1];
            // Bullets are drawn in fonts of their own, and rows hold several paragraphs.
            if line.starts_with('|') || !label.label.chars().any(char::is_alphanumeric) {
                continue;
            }
            let block = parse(line)
                .blocks
                .into_iter()
                .next()
                .map(|block| block.kind);
            let words = match &block {
                Some(
                    BlockKind::Heading { content, .. }
                    | BlockKind::Item { content, .. }
                    | BlockKind::Paragraph { content, .. }
                    | BlockKind::Title(content),
                ) => plain(content),
                // Deeper items are indented, which alone is code.
                _ => {
                    let inner = parse(line.trim_start()).blocks.into_iter().next().unwrap();
                    let BlockKind::Item { content, .. } = inner.kind else {
                        panic!("{line}");
                    };
                    plain(&content)
                }
            };
            let wanted = squeezed(&format!("{}{words}", label.label));
            let wanted: String = wanted.chars().take(40).collect();
            assert!(
                lines.any(|line| line.starts_with(&wanted)),
                "{}: LibreOffice has no line {} {words}",
                name(path),
                label.label
            );
            compared += 1;
        }
    }
    std::fs::remove_dir_all(&scratch).unwrap();
    println!("{compared} labels equal LibreOffice's");
    assert!(compared > 200);
}

/// Letters, digits and signs without the blanks between them.
fn squeezed(line: &str) -> String {
    line.chars().filter(|c| !c.is_whitespace()).collect()
}

fn tempdir() -> std::io::Result<PathBuf> {
    let path = std::env::temp_dir().join(format!("moqi-labels-{}", std::process::id()));
    std::fs::create_dir_all(&path)?;
    Ok(path)
}
