//! What changed between two texts: as a list, and as a Word file with tracked changes.

use std::path::{Path, PathBuf};

use moqi_document::compare::{Counts, Listed};
use moqi_document::{Document, compare, fill, parse};
use moqi_docx::{Look as DocxLook, Revision};

use crate::error::{Code, Error, Result};
use crate::export::{Exported, Word};
use crate::versions::FROM_FILE;
use crate::{App, files, read, word};

/// A redline, and what it holds.
#[derive(Debug, Clone)]
pub struct Redline {
    /// The Word file with tracked changes.
    pub word: Word,
    /// The same with every change accepted.
    pub clean: Vec<u8>,
    /// Insertions, deletions, moves.
    pub counts: Counts,
}

impl App {
    /// Compares two files and makes a redline from the first to the second.
    ///
    /// # Errors
    /// One of them cannot be read.
    pub fn compare_files(&self, old: &Path, new: &Path) -> Result<Redline> {
        let [old, new] = [read::read_file(old)?, read::read_file(new)?];
        self.redlined(&parse(&old.text), &parse(&new.text))
    }

    /// What changed in an open document since a version, in reading order; for a file that was sent, what it changes in the
    /// document.
    ///
    /// # Errors
    /// There is no such version.
    pub fn changes_since(&self, id: &str, version: &str) -> Result<Vec<Listed>> {
        let [old, new] = self.both(id, version)?;
        Ok(compare(&old, &new).list(&old, &new))
    }

    /// A version and the document as it is now, filled, the older first.
    fn both(&self, id: &str, version: &str) -> Result<[Document; 2]> {
        let row = self.kept_version(version)?;
        let (text, answers, _) = self.snapshot(id)?;
        let filled = |text: &str, answers| parse(&fill(text, answers).text);
        let mut both = [filled(&row.text, &row.answers), filled(&text, &answers)];
        // What somebody sent is newer than what they were sent.
        if row.reason == FROM_FILE {
            both.reverse();
        }
        Ok(both)
    }

    /// Writes what changed in an open document since a version, as a Word file with tracked changes. Without a path it
    /// goes where exports go, never over an existing file.
    ///
    /// # Errors
    /// There is no such version, or the file cannot be written.
    pub fn export_redline(
        &self,
        id: &str,
        version: &str,
        path: Option<PathBuf>,
    ) -> Result<Exported> {
        let [old, new] = self.both(id, version)?;
        let (text, _, derived) = self.snapshot(id)?;
        let redline = self.redlined(&old, &new)?;
        let path = match path {
            Some(path) => path,
            None => {
                let usual = self.export_path(id)?;
                let folder = usual.parent().unwrap_or(Path::new("."));
                let title = self.document_title(id)?;
                let name = match crate::language_of(&new, &text) {
                    moqi_document::Language::Zh => format!("{title}（修订稿）"),
                    moqi_document::Language::En => format!("{title} (redline)"),
                };
                files::free_path(folder, &name, "docx")
            }
        };
        files::write_whole(&path, &redline.word.bytes)?;
        let (errors, warnings_open, _) = crate::derive::counts(&derived.findings);
        Ok(self.was_exported(Exported {
            path,
            warnings: redline.word.warnings,
            errors,
            warnings_open,
        }))
    }

    fn redlined(&self, old: &Document, new: &Document) -> Result<Redline> {
        let failed = |error: &dyn std::fmt::Display| {
            Error::new(
                Code::Internal,
                format!("没能生成修订稿：{error}。"),
                format!("The redline could not be made: {error}."),
            )
        };
        let author = self
            .setting("author")?
            .filter(|author| !author.trim().is_empty());
        let by = Revision {
            author: author.unwrap_or_else(|| "Moqi".to_owned()),
            date: moment(crate::now()),
            track: false,
        };
        let counts = compare(old, new).counts(old, new);
        let written = moqi_docx::write_redline(old, new, &DocxLook::for_document(new), &by)
            .map_err(|error| failed(&error))?;
        let clean = moqi_docx::accept_all(&written.value).map_err(|error| failed(&error))?;
        let warnings = written.warnings.iter();
        let warnings = warnings
            .map(|warning| word::warning(warning, self.language()))
            .collect();
        Ok(Redline {
            word: Word {
                bytes: written.value,
                warnings,
            },
            clean,
            counts,
        })
    }
}

/// A time as Word wants it, to the second.
/// A time as W3CDTF.
pub(crate) fn moment(milliseconds: i64) -> String {
    let second = jiff::Timestamp::from_second(milliseconds.div_euclid(1000));
    second.unwrap_or_default().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Home, Language};

    const OLD: &str = "# 借款合同\n\n## 利率\n\n1. 年利率为百分之五。\n2. 按季付息。\n\n## 担保\n\n1. 乙方提供抵押。\n";
    const NEW: &str = "# 借款合同\n\n## 利率\n\n1. 年利率为百分之六。\n2. 按季付息。\n3. 逾期加收罚息。\n\n## 担保\n\n1. 乙方提供抵押。\n";

    #[test]
    fn two_files_become_a_redline_and_a_clean_copy() {
        let folder = tempfile::tempdir().unwrap();
        let app = App::open(Home::at(folder.path().join("home")).unwrap(), Language::Zh).unwrap();
        app.set_setting("author", "周律师").unwrap();
        let [old, new] = ["old.md", "new.md"].map(|name| folder.path().join(name));
        std::fs::write(&old, OLD).unwrap();
        std::fs::write(&new, NEW).unwrap();
        let redline = app.compare_files(&old, &new).unwrap();
        assert_eq!(
            (redline.counts.insertions, redline.counts.deletions),
            (2, 1)
        );
        let read = moqi_docx::read(&redline.word.bytes).unwrap().value;
        assert!(read.changes.iter().all(|change| change.author == "周律师"));
        assert!(
            read.changes
                .iter()
                .any(|change| change.text.contains("逾期加收罚息"))
        );
        let date = read.changes[0].date.as_deref().unwrap();
        assert!(
            date.ends_with('Z') && date.len() == "2026-11-29T00:00:00Z".len(),
            "{date}"
        );
        let clean = moqi_docx::read(&redline.clean).unwrap().value;
        assert!(clean.changes.is_empty() && clean.text.contains("百分之六"));
        // The file may be one of ours as well.
        let word = folder.path().join("redline.docx");
        std::fs::write(&word, &redline.word.bytes).unwrap();
        let none = app.compare_files(&word, &new).unwrap();
        assert_eq!((none.counts.insertions, none.counts.deletions), (0, 0));
    }

    #[test]
    fn a_document_shows_what_changed_since_a_version() {
        let folder = tempfile::tempdir().unwrap();
        let app = App::open(Home::at(folder.path().join("home")).unwrap(), Language::Zh).unwrap();
        let path = folder.path().join("loan.md");
        std::fs::write(&path, OLD).unwrap();
        let id = app.import_file(&path).unwrap().document.id;
        let first = app.versions(&id).unwrap()[0].id.clone();
        app.replace(&id, parse(NEW).blocks).unwrap();
        let out = folder.path().join("out.docx");
        let exported = app.export_redline(&id, &first, Some(out.clone())).unwrap();
        assert_eq!(exported.path, out);
        assert!(app.exported(&out.display().to_string()).is_ok());
        let read = moqi_docx::read(&std::fs::read(out).unwrap()).unwrap().value;
        assert!(
            read.changes
                .iter()
                .any(|change| change.text.contains("罚息"))
        );
        let listed = app.changes_since(&id, &first).unwrap();
        let quotes: Vec<&str> = listed.iter().map(|one| one.quote.as_str()).collect();
        assert!(
            quotes.iter().any(|quote| quote.contains("罚息")),
            "{quotes:?}"
        );
        let error = app.export_redline(&id, "none", None).unwrap_err();
        assert_eq!(error.code, Code::NotFound);
    }
}
