//! Word files and others: from a text, from an open document, whole or not at all.

use std::path::{Path, PathBuf};

use moqi_document::{Answers, fill, parse};
pub use moqi_docx::Look as DocxLook;
use moqi_docx::{Family, House};

use crate::App;
use crate::derive::counts;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::formats::Format;

/// A look that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// One of the program's own.
    Family(Family),
    /// The document's own, in the paper and type of a firm's document.
    House(Box<House>),
}

impl Look {
    /// The look with this name, or of a firm's own document where the name ends in `.docx`.
    pub fn named(name: &str) -> Result<Look> {
        if name.to_lowercase().ends_with(".docx") {
            let path = Path::new(name);
            let house = moqi_docx::house(&files::read_whole(path)?)
                .map_err(|error| crate::word::as_error(path, error))?;
            return Ok(Look::House(Box::new(house)));
        }
        Family::from_name(name).map(Look::Family).ok_or_else(|| {
            Error::input(
                format!("没有名为“{name}”的版式。"),
                format!("There is no look “{name}”."),
            )
            .hint(
                "可用：zh-contract、zh-pleading、en-contract、plain，或本所的一份 .docx 文件。",
                "Use zh-contract, zh-pleading, en-contract, plain, or a .docx file of your firm.",
            )
        })
    }
}

/// A file, Word as a rule, and what could not be expressed in it.
#[derive(Debug, Clone)]
pub struct Word {
    /// The file.
    pub bytes: Vec<u8>,
    /// A sentence for each thing that was left out.
    pub warnings: Vec<String>,
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
    /// A text as a Word file. Without a look, the document's own.
    pub fn word(&self, text: &str, answers: &Answers, look: Option<Look>) -> Result<Word> {
        let document = parse(&fill(text, answers).text);
        let mut dress = DocxLook::for_document(&document);
        match look {
            Some(Look::Family(family)) => dress.family = family,
            Some(Look::House(house)) => dress.house = Some(*house),
            None => {}
        }
        if let Some(author) = self
            .setting("author")?
            .filter(|author| !author.trim().is_empty())
        {
            dress.author = Some(author);
        }
        let written = moqi_docx::write(&document, &dress).map_err(|error| {
            Error::new(
                Code::Internal,
                format!("没能生成 Word 文件：{error}。"),
                format!("The Word file could not be made: {error}."),
            )
            .caused_by(error)
        })?;
        let warnings = written
            .warnings
            .iter()
            .map(|warning| crate::word::warning(warning, self.language()))
            .collect();
        Ok(Word {
            bytes: written.value,
            warnings,
        })
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

    /// Exports an open document as the kind of file that the path names: .docx, .pdf, .md or .txt, Word where it names none. Findings never stand in the way; their number is reported.
    pub fn export(&self, id: &str, path: Option<PathBuf>) -> Result<Exported> {
        let path = match path {
            Some(path) if Format::of(&path).is_ok() => path,
            Some(path) => PathBuf::from(format!("{}.docx", path.display())),
            None => self.export_path(id)?,
        };
        let format = Format::of(&path)?;
        let (text, answers, derived) = self.snapshot(id)?;
        let word = self.written(&text, &answers, None, format)?;
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
