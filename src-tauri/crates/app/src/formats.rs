//! The kinds of file a document can be written as: Word, Markdown, plain text, PDF.

use std::path::Path;

use moqi_document::{
    Answers, BlockKind, Document, Inline, InlineKind, Prose, fill, number, parse, references,
};

use crate::error::{Error, Result};
use crate::export::{Beside, Word};
use crate::wish::Wish;
use crate::{App, pdf, read};

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `.docx`
    Word,
    /// `.md`: the text with its ids and references, filled.
    Markdown,
    /// `.txt`: the words with their numbers.
    Text,
    /// `.pdf`, made of the Word file by LibreOffice.
    Pdf,
}

impl Format {
    /// The kind a file is to have by its name.
    ///
    /// # Errors
    /// Its ending is none of these.
    pub fn of(path: &Path) -> Result<Format> {
        Ok(match read::ending(path).as_str() {
            "docx" => Format::Word,
            "md" | "markdown" => Format::Markdown,
            "txt" => Format::Text,
            "pdf" => Format::Pdf,
            _ => {
                return Err(Error::input(
                    format!("不能写成 {}。", path.display()),
                    format!("Cannot write {}.", path.display()),
                )
                .hint(
                    "文件名应以 .docx、.pdf、.md 或 .txt 结尾。",
                    "The name should end in .docx, .pdf, .md or .txt.",
                ));
            }
        })
    }
}

impl Format {
    /// Refuses every name but that of a Word file.
    ///
    /// # Errors
    /// Its ending is another one.
    pub fn word_only(path: &Path) -> Result<()> {
        match read::ending(path).as_str() {
            "docx" => Ok(()),
            _ => Err(Error::input(
                format!("不能写成 {}：文件名应以 .docx 结尾。", path.display()),
                format!(
                    "Cannot write {}: the name should end in .docx.",
                    path.display()
                ),
            )),
        }
    }
}

impl App {
    /// A text as a file of some kind. Wishes are for Word and PDF.
    ///
    /// # Errors
    /// For PDF: LibreOffice is not installed, or failed.
    pub fn written(
        &self,
        text: &str,
        answers: &Answers,
        wish: &Wish,
        format: Format,
    ) -> Result<Word> {
        self.written_with(text, answers, wish, Beside::default(), format)
    }

    /// As [`App::written`], with what stands beside the text.
    pub(crate) fn written_with(
        &self,
        text: &str,
        answers: &Answers,
        wish: &Wish,
        beside: Beside,
        format: Format,
    ) -> Result<Word> {
        let plain = |bytes: String| Word {
            bytes: bytes.into_bytes(),
            warnings: Vec::new(),
        };
        match format {
            Format::Word => self.word_with(text, answers, wish, beside),
            Format::Markdown => Ok(plain(fill(text, answers).text)),
            Format::Text => Ok(plain(plain_text(&parse(&fill(text, answers).text)))),
            Format::Pdf => {
                let word = self.word_with(text, answers, wish, beside.clone())?;
                let made = pdf::made(&word.bytes)?;
                let document = parse(&fill(text, answers).text);
                let (entries, apart) = moqi_docx::contents(&document, &wish.look(&document));
                let pages = pdf::pages(&made, &entries, apart);
                // The contents were written with estimates; now it is known where the headings stand.
                let told = !pages.is_empty()
                    && entries
                        .iter()
                        .map(|entry| entry.page)
                        .ne(pages.iter().copied());
                let bytes = match told {
                    true => {
                        let beside = Beside { pages, ..beside };
                        pdf::made(&self.word_with(text, answers, wish, beside)?.bytes)?
                    }
                    false => made,
                };
                Ok(Word {
                    bytes,
                    warnings: word.warnings,
                })
            }
        }
    }
}

/// The words of a document as they read, with their numbers: a paragraph a line, an empty line between them, cells parted
/// by tabs, footnotes at the end.
pub fn plain_text(document: &Document) -> String {
    let numbering = number(document);
    let references = references(document, &numbering);
    let line = |content: &[Inline]| {
        let mut words = String::new();
        // A footnote's mark is its label.
        for part in content.chunk_by(|a, b| !is_note(a) && !is_note(b)) {
            match &part[0].kind {
                InlineKind::FootnoteRef(label) => words.push_str(&format!("[{label}]")),
                _ => words.push_str(&Prose::line(part, Some(&references)).text),
            }
        }
        words
    };
    let mut out = String::new();
    let mut notes = String::new();
    for (block, label) in document.blocks.iter().zip(&numbering.labels) {
        let label = label
            .as_ref()
            .map_or_else(String::new, |label| format!("{} ", label.text.trim_end()));
        match &block.kind {
            BlockKind::Title(content) | BlockKind::Heading { content, .. } => {
                out.push_str(&format!("{label}{}\n\n", line(content)));
            }
            BlockKind::Item {
                content, ordered, ..
            } => {
                let bullet = if *ordered { "" } else { "• " };
                out.push_str(&format!("{label}{bullet}{}\n\n", line(content)));
            }
            BlockKind::Paragraph { content, .. } => out.push_str(&format!("{}\n\n", line(content))),
            BlockKind::Table(table) => {
                for row in &table.rows {
                    let cells: Vec<String> = row
                        .iter()
                        .map(|cell| line(&cell.content).replace('\n', " "))
                        .collect();
                    out.push_str(cells.join("\t").trim_end());
                    out.push('\n');
                }
                out.push('\n');
            }
            BlockKind::Signature(parties) => {
                for party in parties {
                    for words in &party.lines {
                        out.push_str(&line(words));
                        out.push('\n');
                    }
                    out.push('\n');
                }
            }
            BlockKind::Footnote { label, content } => {
                notes.push_str(&format!("[{label}] {}\n", line(content)));
            }
            BlockKind::Verbatim(text) => out.push_str(&format!("{}\n\n", text.trim_end())),
            BlockKind::PageBreak => {}
        }
    }
    out.push_str(&notes);
    let mut out = out.trim_end().to_owned();
    out.push('\n');
    out
}

fn is_note(inline: &Inline) -> bool {
    matches!(inline.kind, InlineKind::FootnoteRef(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_reads_as_the_printed_page() {
        let text = "# 买卖合同\n\n## 标的 {#goods}\n\n1. 甲方交付货物。[^1]\n2. 依[](#goods)执行：\n\n| 名称 | 数量 |\n| --- | --- |\n| 机床 | 2 |\n\n- 其他\n\n```signature\n甲方：\n\n乙方：\n```\n\n[^1]: 见清单。\n";
        assert_eq!(
            plain_text(&parse(text)),
            "买卖合同\n\n第一条 标的\n\n一、 甲方交付货物。[1]\n\n二、 依第一条执行：\n\n名称\t数量\n机床\t2\n\n• 其他\n\n甲方：\n\n乙方：\n\n[1] 见清单。\n"
        );
    }

    #[test]
    fn the_name_says_the_kind() {
        for (name, wanted) in [
            ("a.DOCX", Format::Word),
            ("a.md", Format::Markdown),
            ("a.txt", Format::Text),
            ("a.pdf", Format::Pdf),
        ] {
            assert_eq!(Format::of(Path::new(name)).unwrap(), wanted);
        }
        let error = Format::of(Path::new("a.odt")).unwrap_err();
        assert!(error.hint.is_some_and(|hint| hint.en.contains(".pdf")));
    }

    #[test]
    fn a_pdf_is_made_where_there_is_an_office_and_refused_with_a_way_out_where_not() {
        let folder = tempfile::tempdir().unwrap();
        let home = crate::Home::at(folder.path().join("home")).unwrap();
        let app = App::open(home, crate::Language::En).unwrap();
        let text = "# Lease\n\n## Rent\n\n1. The rent is due.\n";
        match app.written(text, &Answers::new(), &Wish::default(), Format::Pdf) {
            Ok(made) => assert!(made.bytes.starts_with(b"%PDF")),
            Err(error) => {
                assert!(pdf::office().is_none(), "{error}");
                assert!(
                    error
                        .hint
                        .is_some_and(|hint| hint.en.contains("LibreOffice"))
                );
            }
        }
    }
}
