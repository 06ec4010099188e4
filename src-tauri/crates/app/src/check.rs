//! Checking a text or a file.

use std::path::Path;

use moqi_document::{
    Answers, Block, BlockKind, Document, Inline, InlineKind, Language, Marks, Span, parse, print,
};
use moqi_rules::Profile;

use crate::App;
use crate::derive::{Placed, counts, findings};
use crate::error::{Error, Result};
use crate::files;
use crate::shipped::language_of;

/// A checked text.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The text that the spans of the findings refer to.
    pub text: String,
    /// Kind it was checked as.
    pub kind: Option<String>,
    /// Language it was checked as.
    pub language: Language,
    /// Findings in reading order.
    pub findings: Vec<Placed>,
}

impl Checked {
    /// Errors, warnings, notes.
    pub fn counts(&self) -> (usize, usize, usize) {
        counts(&self.findings)
    }
}

impl App {
    /// Checks a .docx, .md or .txt file.
    pub fn check_file(
        &self,
        path: &Path,
        kind: Option<&str>,
        language: Option<Language>,
    ) -> Result<Checked> {
        let text = read_file(path)?;
        Ok(self.check_text(&text, &Answers::new(), kind, language))
    }

    /// Checks a text as it reads with these answers.
    pub fn check_text(
        &self,
        text: &str,
        answers: &Answers,
        kind: Option<&str>,
        language: Option<Language>,
    ) -> Checked {
        let document = parse(text);
        let language = language.unwrap_or_else(|| language_of(&document, text));
        let kind = kind
            .map(str::to_owned)
            .or_else(|| document.meta.kind.clone());
        let profile = Profile {
            kind: kind.clone(),
            language: Some(language),
            ui: self.language(),
            ..Profile::default()
        };
        let findings = findings(text, &document, answers, &profile);
        Checked {
            text: text.to_owned(),
            kind,
            language,
            findings,
        }
    }
}

/// The text of a file: Markdown as it stands, plain text line by line, Word by our own reader.
pub fn read_file(path: &Path) -> Result<String> {
    let ending = path
        .extension()
        .map(|ending| ending.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    match ending.as_str() {
        "md" | "markdown" => files::read_text(path),
        "txt" => Ok(from_plain(&files::read_text(path)?)),
        "docx" => {
            let read = moqi_docx::read(&files::read_whole(path)?)
                .map_err(|error| crate::problems::word_as_error(path, error))?;
            Ok(read.value.text)
        }
        "doc" | "wps" | "pdf" | "rtf" => Err(Error::input(
            format!("还不能读取 .{ending} 文件：{}。", path.display()),
            format!(
                "Files of type .{ending} cannot be read yet: {}.",
                path.display()
            ),
        )
        .hint(
            "请在 Word 或 WPS 中另存为 .docx。",
            "Save it as .docx in Word or WPS first.",
        )),
        _ => Err(Error::input(
            format!("不认识的文件类型：{}。", path.display()),
            format!("Unknown type of file: {}.", path.display()),
        )
        .hint(
            "可以读取 .docx、.md 和 .txt。",
            ".docx, .md and .txt can be read.",
        )),
    }
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
        for (name, words) in [
            ("a.doc", "Save it as .docx"),
            ("a.xyz", "can be read"),
            ("missing.md", "does not exist"),
        ] {
            let error = read_file(Path::new(name)).unwrap_err();
            assert!(error.sentence(Language::En).contains(words), "{error}");
        }
    }
}
