//! Failures as people read them: what happened, to which file or field, and what to do.

use std::fmt;
use std::path::Path;

use moqi_document::Language;
use serde::{Deserialize, Serialize};

/// A sentence in both languages of the program; the edge picks one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Sentence {
    /// A sentence in both languages.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Sentence {
            zh: zh.into(),
            en: en.into(),
        }
    }

    /// Puts another sentence behind it.
    #[must_use]
    pub fn and(mut self, next: Sentence) -> Self {
        self.zh.push_str(&next.zh);
        if !self.en.is_empty() && !next.en.is_empty() {
            self.en.push(' ');
        }
        self.en.push_str(&next.en);
        self
    }

    /// The sentence in one language.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Zh => &self.zh,
            Language::En => &self.en,
        }
    }
}

/// What the caller can act on. A code exists only because the window or the exit status depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The window's copy of a document is not the program's: send the whole document.
    Conflict,
    /// The thing asked for is not there.
    NotFound,
    /// The input is at fault: a file, a field, an argument.
    BadInput,
    /// No model is installed that could do this.
    NoModel,
    /// A server of the firm's own did not do as asked, or its setting changed: look at the setting again.
    Server,
    /// The disk refused: full, read-only, locked.
    Disk,
    /// A fault of the program itself.
    Internal,
}

impl Code {
    /// The name that crosses to the window.
    pub fn name(self) -> &'static str {
        match self {
            Code::Conflict => "conflict",
            Code::NotFound => "not_found",
            Code::BadInput => "bad_input",
            Code::NoModel => "no_model",
            Code::Server => "server",
            Code::Disk => "disk",
            Code::Internal => "internal",
        }
    }
}

/// A failure of a verb of the program.
#[derive(Debug)]
pub struct Error {
    /// What the caller can act on.
    pub code: Code,
    /// What happened, to which file or field.
    pub message: Sentence,
    /// What to do about it.
    pub hint: Option<Sentence>,
    /// The cause, for the log; never holds document text.
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The result of a verb.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A failure with its sentence in both languages.
    pub fn new(code: Code, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Error {
            code,
            message: Sentence::new(zh, en),
            hint: None,
            source: None,
        }
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.hint = Some(Sentence::new(zh, en));
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn caused_by(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
    }

    /// A fault of the input.
    pub fn input(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Error::new(Code::BadInput, zh, en)
    }

    /// A file could not be read or written.
    pub fn io(path: &Path, error: std::io::Error) -> Self {
        use std::io::ErrorKind;
        let name = path.display();
        let full = matches!(
            error.kind(),
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded
        );
        let made = match error.kind() {
            _ if full => Error::new(
                Code::Disk,
                format!("磁盘已满，没有写入 {name}。"),
                format!("The disk is full; {name} was not written."),
            )
            .hint(
                "请腾出空间后再试；原有内容没有改变。",
                "Free some space and try again; nothing was changed.",
            ),
            ErrorKind::NotFound => Error::input(
                format!("找不到 {name}。"),
                format!("{name} does not exist."),
            )
            .hint("请检查路径。", "Check the path."),
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Error::new(
                Code::Disk,
                format!("没有权限读写 {name}。"),
                format!("No permission to read or write {name}."),
            )
            .hint(
                "请换一个文件夹，或修改权限。",
                "Choose another folder, or change its permissions.",
            ),
            ErrorKind::IsADirectory => Error::input(
                format!("{name} 是文件夹，不是文件。"),
                format!("{name} is a folder, not a file."),
            ),
            _ => Error::new(
                Code::Disk,
                format!("读写 {name} 时出错：{error}。"),
                format!("{name} could not be read or written: {error}."),
            ),
        };
        made.caused_by(error)
    }

    /// The message in one language, with the hint behind it.
    pub fn sentence(&self, language: Language) -> String {
        let mut text = self.message.in_language(language).to_owned();
        if let Some(hint) = &self.hint {
            if language == Language::En {
                text.push(' ');
            }
            text.push_str(hint.in_language(language));
        }
        text
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence(Language::En))
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
