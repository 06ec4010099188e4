//! Saved versions of a document, and the documents as a shelf: list, trash, rename, duplicate.

use std::path::Path;

use moqi_document::{Answers, Language};

use crate::desk::{DocumentInfo, OpenedDocument, State};
use crate::error::{Code, Error, Result};
use crate::memory::{self, Saved};
use crate::{App, new_id, now};

/// A version in the list.
#[derive(Debug, Clone, PartialEq)]
pub struct VersionInfo {
    /// Id.
    pub id: String,
    /// When it was kept, Unix milliseconds.
    pub created_at: i64,
    /// The lawyer's name for it.
    pub label: Option<String>,
    /// `autosave`, `named`, `before_restore`, `before_redraft`, `export`, `elsewhere`, `import`, `file`.
    pub reason: String,
    /// Its length.
    pub words: usize,
}

/// An automatic version is kept at most this often while somebody writes.
const AUTOMATIC: i64 = 5 * 60 * 1000;

/// Reason of a version that is the text of a file somebody sent.
pub(crate) const FROM_FILE: &str = "file";

impl App {
    /// The versions of a document, newest first.
    pub fn versions(&self, id: &str) -> Result<Vec<VersionInfo>> {
        let rows = memory::versions(&self.store(), id).map_err(|error| self.store_error(error))?;
        Ok(rows
            .into_iter()
            .map(|row| VersionInfo {
                words: crate::derive::words(&moqi_document::parse(&row.text)),
                id: row.id,
                created_at: row.created_at,
                label: row.label,
                reason: row.reason,
            })
            .collect())
    }

    /// Keeps the document as it is now under a name.
    pub fn save_version(&self, id: &str, label: &str) -> Result<VersionInfo> {
        let label = label.trim();
        self.keep_version(id, "named", (!label.is_empty()).then_some(label))?;
        self.versions(id)?.into_iter().next().ok_or_else(|| {
            Error::new(
                Code::Internal,
                "版本没有保存。",
                "The version was not kept.",
            )
        })
    }

    /// Keeps the text of a file beside a document, to compare: the other side's draft, for instance. The document stays.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn add_file_version(&self, id: &str, path: &Path) -> Result<VersionInfo> {
        let file = crate::read::read_file(path)?;
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        self.with_open(id, |_| Ok(()))?;
        memory::keep_version(
            &self.store(),
            id,
            FROM_FILE,
            name.as_deref(),
            &file.text,
            &Answers::new(),
        )
        .map_err(|error| self.store_error(error))?;
        self.versions(id)?
            .into_iter()
            .find(|version| version.reason == FROM_FILE)
            .ok_or_else(|| {
                Error::new(
                    Code::Internal,
                    "版本没有保存。",
                    "The version was not kept.",
                )
            })
    }

    /// A version as it was kept.
    pub(crate) fn kept_version(&self, version: &str) -> Result<memory::SavedVersion> {
        memory::version(&self.store(), version)
            .map_err(|error| self.store_error(error))?
            .ok_or_else(|| {
                Error::new(
                    Code::NotFound,
                    "找不到这个版本。",
                    "This version is not there.",
                )
            })
    }

    /// A version to look at.
    pub fn version(&self, version: &str) -> Result<OpenedDocument> {
        let row = self.kept_version(version)?;
        let mut saved = Saved::new(row.text, row.answers, None, None);
        saved.updated_at = row.created_at;
        Ok(crate::desk::view(saved, self.language()))
    }

    /// Brings a version back; what stood before is kept as a version first.
    pub fn restore_version(&self, id: &str, version: &str) -> Result<OpenedDocument> {
        let row = self.kept_version(version)?;
        self.keep_version(id, "before_restore", None)?;
        let _: State = self.step(id, |open| {
            open.restore(row.text, row.answers);
            Ok(())
        })?;
        self.open_document(id)
    }

    /// Keeps a version for a reason; one that equals the last is not kept twice.
    pub(crate) fn keep_version(&self, id: &str, reason: &str, label: Option<&str>) -> Result<()> {
        let (text, answers, _) = self.snapshot(id)?;
        memory::keep_version(&self.store(), id, reason, label, &text, &answers)
            .map_err(|error| self.store_error(error))
    }

    /// Keeps an automatic version when the last one is old enough; called as documents are saved.
    pub(crate) fn keep_automatic(&self, id: &str) -> Result<()> {
        let last =
            memory::last_version(&self.store(), id).map_err(|error| self.store_error(error))?;
        if last.is_none_or(|at| now() - at >= AUTOMATIC) {
            self.keep_version(id, "autosave", None)?;
        }
        Ok(())
    }

    /// Thins out old automatic versions.
    pub(crate) fn thin_versions(&self) -> Result<()> {
        memory::thin_versions(&self.store(), now())
            .map(|_| ())
            .map_err(|error| self.store_error(error))
    }

    /// Documents whose title holds the query, newest first.
    pub fn documents(&self, query: &str, trash: bool) -> Result<Vec<DocumentInfo>> {
        let rows = memory::documents(&self.store()).map_err(|error| self.store_error(error))?;
        let query = query.trim().to_lowercase();
        Ok(rows
            .into_iter()
            .filter(|info| info.deleted == trash && info.title.to_lowercase().contains(&query))
            .collect())
    }

    pub(crate) fn document_title(&self, id: &str) -> Result<String> {
        self.with_open(id, |open| Ok(open.saved.title.clone()))
    }

    /// Renames a document in the lists and in its front matter; its printed title is text like any other.
    pub fn rename_document(&self, id: &str, title: &str) -> Result<DocumentInfo> {
        let title = title.trim();
        if title.is_empty() {
            return Err(Error::input("名称不能为空。", "The name may not be empty."));
        }
        self.step(id, |open| {
            open.saved.title = title.to_owned();
            open.saved.renamed = true;
            Ok(())
        })?;
        self.with_open(id, |open| Ok(open.saved.info()))
    }

    /// Puts a document into the trash.
    pub fn trash_document(&self, id: &str) -> Result<()> {
        memory::set_deleted(&self.store(), id, Some(now()))
            .map_err(|error| self.store_error(error))?;
        self.put_away(id);
        Ok(())
    }

    /// Takes a document out of the trash.
    pub fn restore_document(&self, id: &str) -> Result<()> {
        memory::set_deleted(&self.store(), id, None).map_err(|error| self.store_error(error))?;
        self.put_away(id);
        Ok(())
    }

    /// Deletes a document and its versions for good.
    pub fn delete_document(&self, id: &str) -> Result<()> {
        // With the desk held, so that a save on its way does not bring the document back.
        let mut desk = self.desk();
        memory::delete(&self.store(), id).map_err(|error| self.store_error(error))?;
        desk.remove(id);
        Ok(())
    }

    /// A copy of a document as it is now.
    pub fn duplicate_document(&self, id: &str) -> Result<DocumentInfo> {
        let language = self.language();
        let copy = self.with_open(id, |open| {
            let mut copy = open.saved.clone();
            copy.id = new_id();
            copy.title = match language {
                Language::Zh => format!("{}（副本）", copy.title),
                Language::En => format!("{} (copy)", copy.title),
            };
            copy.renamed = true;
            copy.created_at = now();
            copy.updated_at = now();
            copy.ignored.clear();
            Ok(copy)
        })?;
        memory::insert(&self.store(), &copy).map_err(|error| self.store_error(error))?;
        Ok(copy.info())
    }
}
