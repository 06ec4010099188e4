//! The text of a file: Markdown as it stands, plain text line by line, Word by our own reader.

use std::path::Path;

use moqi_document::{Block, BlockKind, Document, Inline, InlineKind, Language, Marks, Span, print};
use moqi_docx::{ChangeKind, Changes, FileKind, ReadOptions};
pub use moqi_docx::{ControlKind, ReadText};

use crate::error::{Error, Result, Sentence};
use crate::files;
use crate::word;

/// Endings of files that can be read, in lower case.
pub const ENDINGS: [&str; 8] = [
    "docx", "docm", "dotx", "dotm", "rtf", "md", "markdown", "txt",
];
/// Endings of files that are looked into all the same, so that the refusal says what they are: some are misnamed.
const KNOWN: [&str; 4] = ["doc", "wps", "pdf", "html"];

/// What a file says.
#[derive(Debug, Clone, Default)]
pub struct FileText {
    /// Its words as our text.
    pub text: String,
    /// Its title, where it states one.
    pub title: Option<String>,
    /// What else a Word file holds; its text and title stand above.
    pub word: ReadText,
    /// What could not be kept, a sentence each.
    pub warnings: Vec<Sentence>,
}

impl FileText {
    /// The warnings in one language.
    pub fn said(&self, language: Language) -> Vec<String> {
        let said = self.warnings.iter();
        said.map(|warning| warning.in_language(language).to_owned())
            .collect()
    }
}

/// Reads a file.
pub fn read_file(path: &Path) -> Result<FileText> {
    known(path)?;
    read_bytes(path, files::read_whole(path)?)
}

/// Refuses a file whose ending says that it is of no kind this program knows.
pub(crate) fn known(path: &Path) -> Result<()> {
    let ending = ending(path);
    match ENDINGS.iter().chain(&KNOWN).any(|known| *known == ending) {
        true => Ok(()),
        false => Err(unknown(path)),
    }
}

/// Reads the bytes of a file that can be read, by its ending.
pub(crate) fn read_bytes(path: &Path, bytes: Vec<u8>) -> Result<FileText> {
    let plain = |text: String| FileText {
        text,
        ..FileText::default()
    };
    match ending(path).as_str() {
        "md" | "markdown" => Ok(plain(files::text_of(path, bytes)?)),
        "txt" => Ok(plain(from_plain(&files::text_of(path, bytes)?))),
        _ => {
            // A file is read as what it is: rich text is often saved with the ending of Word.
            let read = match moqi_docx::kind_of(&bytes) {
                FileKind::Rtf => moqi_docx::read_rtf(&bytes),
                _ => moqi_docx::read(&bytes),
            };
            let read = read.map_err(|error| word::as_error(path, error))?;
            let warnings = read.warnings.iter().map(word::sentence).collect();
            let mut word = read.value;
            Ok(FileText {
                text: std::mem::take(&mut word.text),
                title: word.title.take(),
                word,
                warnings,
            })
        }
    }
}

/// The text of a Word file as it was before its tracked changes; nothing for a file of another kind.
pub(crate) fn before_changes(bytes: &[u8]) -> Option<String> {
    let options = ReadOptions::with_changes(Changes::Rejected);
    let read = moqi_docx::read_with(bytes, &options).ok()?;
    Some(read.value.text)
}

/// The name of a kind of tracked change, for programs.
pub fn change_name(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Inserted => "inserted",
        ChangeKind::Deleted => "deleted",
        ChangeKind::MovedFrom => "moved_from",
        ChangeKind::MovedTo => "moved_to",
        ChangeKind::Formatted => "formatted",
    }
}

pub(crate) fn ending(path: &Path) -> String {
    path.extension()
        .map(|ending| ending.to_string_lossy().to_lowercase())
        .unwrap_or_default()
}

fn unknown(path: &Path) -> Error {
    Error::input(
        format!("不认识的文件类型：{}。", path.display()),
        format!("Unknown type of file: {}.", path.display()),
    )
    .hint(
        "可以读取 .docx、.rtf、.md 和 .txt。",
        ".docx, .rtf, .md and .txt can be read.",
    )
}

/// Plain text as our text: each line is a paragraph, and nothing in it is markup.
fn from_plain(text: &str) -> String {
    let blocks = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| {
            let inline = Inline {
                kind: InlineKind::Text(line.to_owned()),
                marks: Marks::default(),
                span: Span::default(),
            };
            Block {
                kind: BlockKind::Paragraph {
                    depth: 0,
                    quote: false,
                    content: vec![inline],
                },
                id: None,
                span: Span::default(),
            }
        });
    print(&Document {
        blocks: blocks.collect(),
        ..Document::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use moqi_document::parse;

    #[test]
    fn plain_text_keeps_its_lines_and_its_signs() {
        let text = from_plain("合同\n1. 第一\n# 不是标题\n\n  *原样*  \n");
        let document = parse(&text);
        let lines: Vec<String> = document
            .blocks
            .iter()
            .map(|block| match &block.kind {
                BlockKind::Paragraph { content, .. } => moqi_document::plain(content),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(lines, ["合同", "1. 第一", "# 不是标题", "*原样*"]);
    }

    #[test]
    fn a_type_that_cannot_be_read_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes, words) in [
            ("a.pdf", b"%PDF-1.7 x".as_slice(), "text recognition"),
            ("a.docx", b"", "is empty"),
            ("a.xyz", b"x", "can be read"),
        ] {
            std::fs::write(folder.path().join(name), bytes).unwrap();
            let error = read_file(&folder.path().join(name)).unwrap_err();
            assert!(error.sentence(Language::En).contains(words), "{error}");
        }
        let error = read_file(Path::new("missing.doc")).unwrap_err();
        assert!(
            error.sentence(Language::En).contains("does not exist"),
            "{error}"
        );
    }
}
