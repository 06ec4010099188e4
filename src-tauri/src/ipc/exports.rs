//! What leaves the program, how it is wished, and the comments that came in.

use moqi_app as app;

use super::*;

/// How a document is to be exported. What is not said is left to the document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ExportWish {
    /// `zh-contract`, `zh-pleading`, `zh-official`, `en-contract`, `plain`, or the path of a firm's .docx file.
    pub look: Option<String>,
    /// A table of contents.
    pub contents: Option<bool>,
    /// `off`, `pages`, `number`, `dashed`.
    pub page_numbers: Option<String>,
    /// Printed on both sides.
    pub two_sided: Option<bool>,
    /// `read-only`, `comments`, `changes`, `forms`.
    pub protection: Option<String>,
    /// Fields stand in content controls.
    pub controls: bool,
    /// Findings stand in comments.
    pub findings: bool,
    /// The comments of the file it was imported from stay.
    pub comments: bool,
}

impl ExportWish {
    /// The wish, or why it cannot be had.
    pub fn read(self) -> app::Result<app::Wish> {
        let ExportWish {
            look,
            contents,
            page_numbers,
            two_sided,
            protection,
            controls,
            findings,
            comments,
        } = self;
        let mut wish = app::Wish {
            contents,
            two_sided,
            controls,
            findings,
            comments,
            ..app::Wish::default()
        };
        for (key, value) in [
            ("look", look),
            ("page-numbers", page_numbers),
            ("protection", protection),
        ] {
            if let Some(value) = value {
                wish.set(key, &value)?;
            }
        }
        Ok(wish)
    }
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Exported {
    pub path: String,
    /// What could not be expressed in Word.
    pub warnings: Vec<String>,
    /// Open findings by severity at the time.
    pub errors: usize,
    pub warnings_open: usize,
}

impl From<app::Exported> for Exported {
    fn from(exported: app::Exported) -> Self {
        let app::Exported {
            path,
            warnings,
            errors,
            warnings_open,
        } = exported;
        Exported {
            path: path.display().to_string(),
            warnings,
            errors,
            warnings_open,
        }
    }
}

/// A comment of the file a document was imported from, with its answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ThreadView {
    /// The words it stands at; empty for one at a point.
    pub quoted: String,
    /// The comment, then its answers.
    pub said: Vec<SaidView>,
    pub done: bool,
}

/// What somebody says in a thread.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SaidView {
    pub author: String,
    /// As the file writes it: `2026-11-23T09:00:00Z`.
    pub date: Option<String>,
    pub text: String,
}

impl From<app::Thread> for ThreadView {
    fn from(thread: app::Thread) -> Self {
        let app::Thread { quoted, said, done } = thread;
        ThreadView {
            quoted,
            said: said.into_iter().map(Into::into).collect(),
            done,
        }
    }
}

impl From<app::Said> for SaidView {
    fn from(said: app::Said) -> Self {
        let app::Said {
            author,
            initials: _,
            date,
            text,
        } = said;
        SaidView { author, date, text }
    }
}
