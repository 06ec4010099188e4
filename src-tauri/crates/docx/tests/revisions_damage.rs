//! Damaged files with tracked changes: accepting and rejecting them neither panics nor hangs, and leaves no change behind.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at the first fault and says what it skips"
)]

mod file;

use std::io::{Cursor, Read};
use std::sync::mpsc;
use std::time::Duration;

use file::archive;
use moqi_document::{Span, parse};
use moqi_docx::{
    Look, Revision, Suggested, accept_all, read, reject_all, write_redline, write_suggested,
};

/// A file that takes longer hangs; a debug build on a busy machine takes some of it.
const PATIENCE: Duration = Duration::from_secs(60);

/// xorshift: the same numbers everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides.max(1) as u64) as usize
    }
}

/// The parts of a file that are text.
fn parts(bytes: &[u8]) -> Vec<(String, String)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .filter_map(|index| {
            let mut entry = archive.by_index(index).unwrap();
            let mut part = String::new();
            entry.read_to_string(&mut part).ok()?;
            Some((entry.name().unwrap().into_owned(), part))
        })
        .collect()
}

fn packed(parts: &[(String, String)]) -> Vec<u8> {
    let parts: Vec<(&str, &str)> = parts
        .iter()
        .map(|(name, part)| (name.as_str(), part.as_str()))
        .collect();
    archive(&parts)
}

/// Elements that mean something to tracked changes, and some that do not.
const NAMES: [&str; 24] = [
    "w:ins",
    "w:del",
    "w:moveFrom",
    "w:moveTo",
    "w:p",
    "w:pPr",
    "w:rPr",
    "w:r",
    "w:t",
    "w:delText",
    "w:tbl",
    "w:tr",
    "w:tc",
    "w:trPr",
    "w:tcPr",
    "w:cellIns",
    "w:cellDel",
    "w:rPrChange",
    "w:pPrChange",
    "w:tblGrid",
    "w:hyperlink",
    "w:footnoteReference",
    "w:commentReference",
    "w:sdt",
];

/// Damage to the markup that leaves it well formed: elements get other names, go, come twice, or stand in one another.
fn rearranged(dice: &mut Dice, part: &str) -> String {
    let mut tags: Vec<&str> = part.split_inclusive('>').collect();
    let mut renamed: Vec<String> = Vec::new();
    for _ in 0..1 + dice.roll(6) {
        let start = dice.roll(tags.len());
        let Some((first, last)) = element(&tags, start) else {
            continue;
        };
        match dice.roll(5) {
            0 => drop(tags.drain(first..=last)),
            1 => {
                let again: Vec<&str> = tags[first..=last].to_vec();
                if again.len() < 400 {
                    tags.splice(first..first, again);
                }
            }
            2 => {
                // It moves elsewhere, between two elements.
                let own: Vec<&str> = tags.drain(first..=last).collect();
                let to = dice.roll(tags.len()).max(3).min(tags.len());
                tags.splice(to..to, own);
            }
            3 => {
                let name = NAMES[dice.roll(NAMES.len())];
                tags.insert(last + 1, name);
                tags.insert(first, name);
                renamed.push(name.to_owned());
            }
            _ => {
                let name = NAMES[dice.roll(NAMES.len())];
                tags[first] = name;
                if last > first {
                    tags[last] = name;
                }
            }
        }
    }
    // A bare name stands for a tag: the first of a pair opens.
    let mut out = String::with_capacity(part.len());
    let mut open: Vec<&str> = Vec::new();
    for tag in tags {
        if !NAMES.contains(&tag) {
            out.push_str(tag);
        } else if open.last() == Some(&tag) {
            open.pop();
            out.push_str(&format!("</{tag}>"));
        } else {
            open.push(tag);
            out.push_str(&format!("<{tag} w:id=\"1\" w:author=\"A\">"));
        }
    }
    while let Some(tag) = open.pop() {
        out.push_str(&format!("</{tag}>"));
    }
    out
}

/// The tags of the element that begins at one or after it.
fn element(tags: &[&str], start: usize) -> Option<(usize, usize)> {
    let opens = |tag: &str| {
        tag.rfind('<')
            .is_some_and(|at| !tag[at..].starts_with("</") && !tag.ends_with("/>"))
    };
    let first = (start.max(3)..tags.len()).find(|&at| {
        let tag = tags[at];
        tag.contains('<') && !tag.contains("</")
    })?;
    if !opens(tags[first]) {
        return Some((first, first));
    }
    let mut depth = 0usize;
    for (at, tag) in tags.iter().enumerate().skip(first) {
        if opens(tag) {
            depth += 1;
        } else if tag.contains("</") {
            depth = depth.checked_sub(1)?;
        }
        if depth == 0 {
            return Some((first, at));
        }
    }
    None
}

/// A redline and a file of suggestions with every kind of change.
fn ours() -> Vec<Vec<u8>> {
    let old = "# Agreement\n\n## Term {#term}\n\n1. It runs for two years from signature[^a].\n\n## Fees\n\n1. The Client pays **the fees** under [](#term).\n\n| Item | Price |\n|---|---|\n| Drawing | 3 |\n| Model | 1 |\n\n## Law\n\n1. The laws of England and Wales govern this Agreement.\n\nEnd.\n\n[^a]: Days are working days.\n";
    let new = "# Agreement\n\n## Fees\n\n1. The Client pays the fees under [](#term) and [this](https://example.com).\n\n| Item | Number | Price |\n|---|---|---|\n| Drawing | 2 | 3 |\n| Sample | 4 | 5 |\n| Model | 6 | 1 |\n\n## Law\n\n1. The laws of England and Wales govern this Agreement.\n\n## Term {#term}\n\n1. It runs for five years from signature[^a].\n\n> End.\n\n[^a]: Days are calendar days.\n";
    let (a, b) = (parse(old), parse(new));
    let by = Revision {
        author: "A".into(),
        date: "2026-11-28".into(),
        track: false,
    };
    let redline = write_redline(&a, &b, &Look::for_document(&b), &by).unwrap();
    let suggestions: Vec<Suggested> = ["two years", "pays", "| Model | 1 |\n", "End."]
        .iter()
        .map(|words| {
            let start = old.find(words).unwrap();
            Suggested {
                span: Span {
                    start,
                    end: start + words.len(),
                },
                text: String::from("other\n\nwords"),
                author: (*words).into(),
                date: None,
                comment: Some("why".into()),
            }
        })
        .collect();
    let suggested = write_suggested(old, &Look::for_document(&a), &suggestions).unwrap();
    vec![redline.value, suggested.value]
}

/// The real files of `MOQI_DATA`.
fn real() -> Vec<Vec<u8>> {
    let Some(root) = std::env::var_os("MOQI_DATA") else {
        println!("without real files: MOQI_DATA is not set");
        return Vec::new();
    };
    let mut paths: Vec<_> = ["standard-en", "firm-en"]
        .iter()
        .flat_map(|folder| std::fs::read_dir(std::path::Path::new(&root).join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "docx"))
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect()
}

/// Does something with a file in good time.
fn in_time(name: &str, work: impl FnOnce() -> bool + Send + 'static) -> bool {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let _ = send.send(work());
    });
    match receive.recv_timeout(PATIENCE) {
        Ok(done) => done,
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("{name} hangs"),
        Err(mpsc::RecvTimeoutError::Disconnected) => panic!("{name} panics"),
    }
}

/// Accepts, rejects; what is left has no change in it, and is the same however often that is done. False where the file
/// was refused.
fn resolves(bytes: &[u8]) -> bool {
    let (accepted, rejected) = (accept_all(bytes), reject_all(bytes));
    assert_eq!(accepted.is_ok(), rejected.is_ok());
    let (Ok(accepted), Ok(rejected)) = (accepted, rejected) else {
        return false;
    };
    for resolved in [accepted, rejected] {
        let once = parts(&resolved);
        for again in [
            accept_all(&resolved).unwrap(),
            reject_all(&resolved).unwrap(),
        ] {
            for ((name, a), (_, b)) in once.iter().zip(&parts(&again)) {
                assert!(a == b, "{name}\n{a}\n{b}");
            }
        }
    }
    true
}

#[test]
fn what_is_resolved_stays_resolved_whatever_the_damage() {
    let rounds = if std::env::var_os("MOQI_GATES").is_some() {
        1500
    } else {
        150
    };
    let (ours, mut dice) = (ours(), Dice(0xDA_4A6E_0000_0001));
    let mut sources: Vec<Vec<u8>> = ours.clone();
    sources.extend(real());
    for (number, source) in sources.iter().enumerate() {
        assert!(resolves(source), "{number}");
    }
    let (mut done, mut count) = (0, 0);
    for round in 0..rounds {
        // Every other file is one with changes; those of others have few.
        let source = if round % 2 == 0 {
            &ours[dice.roll(ours.len())]
        } else {
            &sources[dice.roll(sources.len())]
        };
        let mut parts = parts(source);
        for (name, part) in &mut parts {
            let rank = if name == "word/document.xml" { 1 } else { 4 };
            let is_text = ["document", "footnotes", "comments", "header1"]
                .iter()
                .any(|kind| *name == format!("word/{kind}.xml"));
            if is_text && dice.roll(rank) == 0 {
                *part = rearranged(&mut dice, part);
            }
        }
        let mut bytes = packed(&parts);
        if round % 10 == 9 {
            // And sometimes the file itself.
            let at = dice.roll(bytes.len());
            bytes[at] ^= 1 << dice.roll(8);
        }
        count += 1;
        done += usize::from(in_time(&format!("round {round}"), move || resolves(&bytes)));
    }
    println!("{count} files, {done} resolved");
    assert!(done * 2 > count, "{done} of {count}");
}

/// What is read of a damaged file is a text like any other: a redline to it can be written and resolved.
#[test]
fn a_redline_to_what_is_left_of_a_file_comes_back() {
    let rounds = if std::env::var_os("MOQI_GATES").is_some() {
        200
    } else {
        20
    };
    let mut dice = Dice(0xDA_4A6E_0000_0002);
    let sources: Vec<Vec<u8>> = ours().into_iter().chain(real()).collect();
    let mut done = 0;
    for round in 0..rounds {
        let source = sources[dice.roll(sources.len())].clone();
        let mut parts = parts(&source);
        for (name, part) in &mut parts {
            if name == "word/document.xml" {
                *part = rearranged(&mut dice, part);
            }
        }
        done += usize::from(in_time(&format!("round {round}"), move || {
            let Ok(left) = read(&packed(&parts)) else {
                return false;
            };
            let (old, new) = (
                parse(&read(&source).unwrap().value.text),
                parse(&left.value.text),
            );
            let look = Look::for_document(&old);
            let file = write_redline(&old, &new, &look, &Revision::default()).unwrap();
            // Word tracks no bookmarks: where the name of a clause went to another paragraph, both have it in the file, and
            // the second is read under a number.
            let text = |bytes: Vec<u8>| {
                let text = read(&bytes).unwrap().value.text;
                text.replace("#term-2", "#term")
            };
            let plain = |document| moqi_docx::write(document, &look).unwrap().value;
            assert_eq!(text(accept_all(&file.value).unwrap()), text(plain(&new)));
            assert_eq!(text(reject_all(&file.value).unwrap()), text(plain(&old)));
            true
        }));
    }
    println!("{rounds} files, {done} compared");
    assert!(done * 2 > rounds, "{done} of {rounds}");
}
