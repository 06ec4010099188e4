//! Word files and others: from a text, from an open document, whole or not at all.

use std::path::PathBuf;

use moqi_document::{
    Answers, Document, FieldKind, Filled, Language, Shown, field_at, fill, parse, value_of,
};
use moqi_docx::{Attached, Comment, Control, ControlKind, Remark};
use moqi_rules::{Finding, Profile};

use crate::App;
use crate::derive::{counts, field_name};
use crate::desk::Change;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::formats::Format;
use crate::language_of;
use crate::remarks::{Thread, placed};
use crate::suggested::AUTHOR;
use crate::wish::{Look, Wish};

/// A file, Word as a rule, and what could not be expressed in it.
#[derive(Debug, Clone)]
pub struct Word {
    /// The file.
    pub bytes: Vec<u8>,
    /// A sentence for each thing that was left out.
    pub warnings: Vec<String>,
}

/// What stands beside the text of a document when it leaves.
#[derive(Debug, Clone, Default)]
pub(crate) struct Beside {
    /// Comments of people.
    pub threads: Vec<Thread>,
    /// Proposals nobody has decided on.
    pub changes: Vec<Change>,
    /// Pages of the entries of the table of contents, where they are known.
    pub pages: Vec<u32>,
}

/// A file on the disk.
#[derive(Debug, Clone)]
pub struct Exported {
    /// Where it lies.
    pub path: PathBuf,
    /// A sentence for each thing that was left out.
    pub warnings: Vec<String>,
    /// Errors the check still finds in the document.
    pub errors: usize,
    /// Warnings it still finds.
    pub warnings_open: usize,
}

impl App {
    /// A text as a Word file.
    ///
    /// # Errors
    /// The firm's document that is to be the look cannot be used.
    pub fn word(&self, text: &str, answers: &Answers, wish: &Wish) -> Result<Word> {
        self.word_with(text, answers, wish, Beside::default())
    }

    /// As [`App::word`], with what stands beside the text.
    pub(crate) fn word_with(
        &self,
        text: &str,
        answers: &Answers,
        wish: &Wish,
        beside: Beside,
    ) -> Result<Word> {
        let filled = fill(text, answers);
        let document = parse(&filled.text);
        let mut look = wish.look(&document);
        let Beside {
            threads,
            changes,
            pages,
        } = beside;
        look.contents_pages = pages;
        if let Some(author) = self
            .setting("author")?
            .filter(|author| !author.trim().is_empty())
        {
            look.author = Some(author);
        }
        let attached = Attached {
            controls: match wish.controls {
                true => controls(text, &filled, answers),
                false => Vec::new(),
            },
            comments: {
                let mut comments = placed(threads, &document);
                // Beside suggestions they are the reasons of these already.
                if wish.findings && !wish.suggestions {
                    comments.extend(self.found(&document, &filled.text));
                }
                comments
            },
        };
        if wish.suggestions {
            let open = self.open_suggestions(text, answers, &filled, &document, changes);
            let written = moqi_docx::write_suggested_with(&filled.text, &look, &open, &attached)
                .map_err(crate::word::write_error)?;
            return Ok(self.said(written));
        }
        let written = match &wish.look {
            Some(Look::Firm { path, bytes }) => {
                moqi_docx::write_onto_with(&document, &look, &attached, bytes)
                    .map_err(|error| crate::word::onto_error(path, error))?
            }
            _ => moqi_docx::write_with(&document, &look, &attached)
                .map_err(crate::word::write_error)?,
        };
        Ok(self.said(written))
    }

    fn said(&self, written: moqi_docx::Warned<Vec<u8>>) -> Word {
        let warnings = written.warnings.iter();
        let warnings = warnings
            .map(|warning| crate::word::warning(warning, self.language()))
            .collect();
        Word {
            bytes: written.value,
            warnings,
        }
    }

    /// What the check finds in a filled text.
    pub(crate) fn findings_of(&self, document: &Document, text: &str) -> Vec<Finding> {
        let profile = Profile {
            kind: document.meta.kind.clone(),
            language: Some(language_of(document, text)),
            ui: self.language(),
            ..Profile::default()
        };
        moqi_rules::check(document, &profile)
    }

    /// What the check finds in a filled text, as comments of the program.
    fn found(&self, document: &Document, text: &str) -> Vec<Comment> {
        let date = crate::redline::moment(crate::now());
        self.findings_of(document, text)
            .into_iter()
            .map(|finding| {
                let mut lines = vec![finding.message];
                lines.extend(finding.basis);
                lines.extend(finding.fix.map(|fix| fix.title));
                Comment {
                    span: finding.span,
                    remark: Remark {
                        author: AUTHOR.to_owned(),
                        initials: "M".to_owned(),
                        date: Some(date.clone()),
                        text: lines.join("\n"),
                    },
                    replies: Vec::new(),
                    done: false,
                }
            })
            .collect()
    }

    /// Where an export of a document would go: the export folder, never an existing file.
    pub fn export_path(&self, id: &str) -> Result<PathBuf> {
        let folder = self.export_folder()?;
        Ok(files::free_path(&folder, &self.document_title(id)?, "docx"))
    }

    /// The folder exports go to.
    pub(crate) fn export_folder(&self) -> Result<PathBuf> {
        let folder = match self
            .setting("export_folder")?
            .filter(|folder| !folder.trim().is_empty())
        {
            Some(folder) => PathBuf::from(folder),
            None => self.home().exports(),
        };
        Ok(folder)
    }

    /// Exports an open document as the kind of file that the path names: .docx, .pdf, .md or .txt, Word where it names
    /// none. Findings never stand in the way; their number is reported.
    ///
    /// # Errors
    /// The firm's document that is to be the look cannot be used; the file cannot be written.
    pub fn export(&self, id: &str, path: Option<PathBuf>, wish: &Wish) -> Result<Exported> {
        self.export_with(id, path, wish, Vec::new())
    }

    /// As [`App::export`], with proposals for the document that nobody has decided on; they stand in the file where
    /// suggestions are wished for.
    ///
    /// # Errors
    /// As [`App::export`].
    pub fn export_with(
        &self,
        id: &str,
        path: Option<PathBuf>,
        wish: &Wish,
        changes: Vec<Change>,
    ) -> Result<Exported> {
        let path = match path {
            Some(path) if Format::of(&path).is_ok() => path,
            Some(path) => PathBuf::from(format!("{}.docx", path.display())),
            None => self.export_path(id)?,
        };
        let format = Format::of(&path)?;
        let (text, answers, derived) = self.snapshot(id)?;
        let mut threads = self.remarks(id)?;
        let left = match wish.comments {
            true => 0,
            false => std::mem::take(&mut threads).len(),
        };
        let beside = Beside {
            threads,
            changes,
            ..Beside::default()
        };
        let mut word = self.written_with(&text, &answers, wish, beside, format)?;
        if left > 0 && format == Format::Word {
            word.warnings.push(match self.language() {
                Language::Zh => format!("原文件的 {left} 条批注未写入；可在导出选项中带上。"),
                Language::En => format!("Comments of the original file left out: {left}. The export options can keep them."),
            });
        }
        files::write_whole(&path, &word.bytes)?;
        self.keep_version(id, "export", None)?;
        let (errors, warnings_open, _) = counts(&derived.findings);
        Ok(self.was_exported(Exported {
            path,
            warnings: word.warnings,
            errors,
            warnings_open,
        }))
    }

    /// Remembers a file that was written in this session, so that the window may open it.
    pub(crate) fn was_exported(&self, exported: Exported) -> Exported {
        let path = std::path::absolute(&exported.path).unwrap_or(exported.path);
        self.exported
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .push(path.clone());
        Exported { path, ..exported }
    }

    /// A path the window may open or show: only one that was exported in this session.
    pub fn exported(&self, path: &str) -> Result<PathBuf> {
        let known = self
            .exported
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let found = known
            .iter()
            .find(|known| known.as_os_str() == path)
            .cloned();
        found.filter(|path| path.exists()).ok_or_else(|| {
            Error::new(
                Code::NotFound,
                format!("{path} 不是本次导出的文件，或已被移走。"),
                format!("{path} was not exported in this session, or has been moved."),
            )
        })
    }
}

/// The values of fields in a filled text, as content controls.
fn controls(text: &str, filled: &Filled, answers: &Answers) -> Vec<Control> {
    let meta = parse(text).meta;
    let values = filled.pieces.iter().filter(|piece| piece.value);
    values
        .filter_map(|piece| {
            let source = text.get(piece.source.start..piece.source.end)?;
            let expression = source.trim_start_matches('{').trim_end_matches('}').trim();
            let name = field_name(source);
            let field = field_at(&meta, &name)?;
            // What a filter made of the value (an amount in words) is not the value.
            let kind = match &field.kind {
                _ if source.contains('|') => ControlKind::Text,
                FieldKind::Date => ControlKind::Date,
                FieldKind::Choice(options) => ControlKind::DropDown(
                    options.iter().map(|option| option.label.clone()).collect(),
                ),
                _ => ControlKind::Text,
            };
            Some(Control {
                span: piece.filled,
                tag: name,
                title: field.label.clone(),
                kind,
                prompt: matches!(value_of(expression, &meta, answers), Ok(Shown::Missing(_))),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "---\nlanguage: zh\nfields:\n  buyer: {type: party, label: 买方}\n  day: {type: date, label: 交货日}\n  price: {type: money, label: 价款}\n---\n\n# 合同\n\n## 价款\n\n买方{{buyer.name}}应于{{day}}支付{{price | rmb_upper}}，依第九条办理。\n\n## 交货\n\n另议。\n";

    fn app() -> (tempfile::TempDir, App) {
        let folder = tempfile::tempdir().unwrap();
        let home = crate::Home::at(folder.path().join("home")).unwrap();
        let app = App::open(home, crate::Language::Zh).unwrap();
        (folder, app)
    }

    #[test]
    fn fields_become_controls_and_findings_comments() {
        let (_folder, app) = app();
        let answers = crate::answers::from_json_text(
            r#"{"buyer": {"name": "江南有限公司"}, "price": "1200.00"}"#,
            "answers",
        )
        .unwrap();
        let wish = Wish {
            controls: true,
            findings: true,
            ..Wish::default()
        };
        let word = app.word(TEXT, &answers, &wish).unwrap();
        let read = moqi_docx::read(&word.bytes).unwrap().value;
        let controls: Vec<_> = read
            .controls
            .iter()
            .map(|control| {
                (
                    control.tag.as_deref().unwrap_or_default(),
                    control.alias.as_deref().unwrap_or_default(),
                    control.text.as_str(),
                )
            })
            .collect();
        assert_eq!(
            controls,
            [
                ("buyer.name", "买方", "江南有限公司"),
                ("day", "交货日", "【交货日】"),
                ("price", "价款", "壹仟贰佰元整")
            ]
        );
        assert_eq!(read.controls[1].kind, ControlKind::Date);
        assert!(read.controls[1].placeholder && !read.controls[0].placeholder);
        let dead = read
            .comments
            .iter()
            .find(|comment| comment.quoted.contains("第九条"));
        let dead = dead.expect("a comment on the clause that does not exist");
        assert_eq!(dead.author, "Moqi");
        // Without the wish neither stands in the file.
        let plain = app.word(TEXT, &answers, &Wish::default()).unwrap();
        let plain = moqi_docx::read(&plain.bytes).unwrap().value;
        assert!(plain.controls.is_empty() && plain.comments.is_empty());
    }
}
