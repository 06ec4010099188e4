//! Files of the firm become documents: one, several, or whole folders.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use moqi_document::{Answers, Language};
use moqi_store::OriginalRow;
use sha2::{Digest, Sha256};

use crate::desk::DocumentInfo;
use crate::error::{Code, Error, Result};
use crate::memory::{self, Saved};
use crate::models::hex;
use crate::read::FileText;
use crate::{App, files, now, read};

/// Files that one import takes at most; a folder with more is chosen by mistake.
const MOST_FILES: usize = 10_000;
/// Folders inside one another that are looked into.
const DEEPEST: usize = 32;

/// A file that became a document, or was one before.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The file.
    pub path: PathBuf,
    /// The document.
    pub document: DocumentInfo,
    /// The same file had been imported before; nothing was added.
    pub known: bool,
    /// What could not be kept, in the language of the window.
    pub warnings: Vec<String>,
}

/// A file that could not be imported.
#[derive(Debug)]
pub struct Refused {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub why: Error,
}

/// A file on its way into the memory.
struct Read {
    bytes: Vec<u8>,
    hash: String,
    /// The document of the same bytes.
    known: Option<String>,
    text: FileText,
}

/// What an import did.
#[derive(Debug, Default)]
pub struct Import {
    /// Documents, in the order of the files.
    pub imported: Vec<Imported>,
    /// Files that could not be imported.
    pub refused: Vec<Refused>,
    /// Files of other types in the folders, which were passed over.
    pub others: usize,
    /// It was cancelled, or the disk refused; what had been imported until then stays.
    pub cancelled: bool,
}

impl App {
    /// Imports files and folders. `report` hears how many files are done and how many there are, before each file and at
    /// the end; with [`App::cancel_import`] it stops after the file at hand.
    ///
    /// # Errors
    /// More than 10,000 files. A file that cannot be read is data, not an error.
    pub fn import(
        &self,
        paths: &[PathBuf],
        report: &mut dyn FnMut(usize, usize),
    ) -> Result<Import> {
        self.importing.release();
        let mut import = Import::default();
        let mut found = Vec::new();
        for path in paths {
            collect(path, 0, &mut found, &mut import)?;
        }
        for (done, path) in found.iter().enumerate() {
            if self.importing.flow() == ControlFlow::Break(()) {
                import.cancelled = true;
                break;
            }
            report(done, found.len());
            let refused = |why| Refused {
                path: path.clone(),
                why,
            };
            match self.read_in(path) {
                Ok(read) => match self.keep(path, read) {
                    Ok(imported) => import.imported.push(imported),
                    // What refuses one document refuses those after it as well: a full disk, for instance.
                    Err(why) => {
                        import.refused.push(refused(why));
                        import.cancelled = true;
                        break;
                    }
                },
                Err(why) => import.refused.push(refused(why)),
            }
        }
        report(found.len(), found.len());
        Ok(import)
    }

    /// Stops the import that is running after the file at hand.
    pub fn cancel_import(&self) {
        self.importing.pull();
    }

    /// Imports one file. Where the same bytes were imported before, that document is given.
    ///
    /// # Errors
    /// The file cannot be read, or its document not be saved.
    pub fn import_file(&self, path: &Path) -> Result<Imported> {
        let read = self.read_in(path)?;
        self.keep(path, read)
    }

    fn read_in(&self, path: &Path) -> Result<Read> {
        read::known(path)?;
        let bytes = files::read_whole(path)?;
        let hash = hex(&Sha256::digest(&bytes));
        let known = self
            .store()
            .originals()
            .same(&hash)
            .map_err(|error| self.store_error(error))?;
        let text = match known {
            Some(_) => FileText::default(),
            None => read::read_bytes(path, bytes.clone())?,
        };
        Ok(Read {
            bytes,
            hash,
            known,
            text,
        })
    }

    fn keep(&self, path: &Path, read: Read) -> Result<Imported> {
        let imported = |document, known, warnings| Imported {
            path: path.to_owned(),
            document,
            known,
            warnings,
        };
        if let Some(id) = read.known {
            // Read beside the desk: a folder of a thousand known files is not to lie open afterwards.
            let found =
                memory::load(&self.store(), &id).map_err(|error| self.store_error(error))?;
            let Some(saved) = found else {
                return Err(Error::new(
                    Code::NotFound,
                    "这份文件刚刚被删除。",
                    "This document was deleted just now.",
                ));
            };
            return Ok(imported(saved.info(), true, Vec::new()));
        }
        let name = |name: Option<&std::ffi::OsStr>| {
            name.map_or_else(String::new, |name| name.to_string_lossy().into_owned())
        };
        let warnings = read.text.said(self.language());
        // Tracked changes are read as accepted; the text without them is a version beside it, to compare and go back to.
        let before = match read.text.word.changes.is_empty() {
            true => None,
            false => read::before_changes(&read.bytes).map(|text| {
                let label = match self.language() {
                    Language::Zh => "修订前的文本（拒绝全部修订）",
                    Language::En => "Before the tracked changes (all rejected)",
                };
                (label, text)
            }),
        };
        let mut saved = Saved::new(read.text.text, Answers::new(), None, None);
        // A file without a title in its text is known by its name, as in its folder.
        if !titled(&saved.text) {
            saved.title = read.text.title.unwrap_or_else(|| name(path.file_stem()));
            saved.renamed = true;
        }
        let store = self.store();
        let kept = memory::insert(&store, &saved).and_then(|()| {
            let original = OriginalRow {
                document_id: saved.id.clone(),
                name: name(path.file_name()),
                hash: read.hash,
                bytes: read.bytes,
                imported_at: now(),
            };
            // A document without its file would look whole and not be.
            store
                .originals()
                .keep(&original)
                .and_then(|()| match &before {
                    Some((label, text)) => {
                        let (id, answers) = (&saved.id, &saved.answers);
                        memory::keep_version(&store, id, "import", Some(label), text, answers)
                    }
                    None => Ok(()),
                })
                .and_then(|()| {
                    let (text, answers) = (&saved.text, &saved.answers);
                    memory::keep_version(&store, &saved.id, "import", None, text, answers)
                })
                .inspect_err(|_| {
                    let _ = memory::delete(&store, &saved.id);
                })
        });
        drop(store);
        kept.map_err(|error| self.store_error(error))?;
        Ok(imported(saved.info(), false, warnings))
    }

    /// The names of the files that documents were imported from, by document.
    pub fn originals(&self) -> Result<std::collections::BTreeMap<String, String>> {
        self.store()
            .originals()
            .names()
            .map_err(|error| self.store_error(error))
    }

    /// The file a document was imported from.
    pub(crate) fn original(&self, id: &str) -> Result<Option<OriginalRow>> {
        self.store()
            .originals()
            .of(id)
            .map_err(|error| self.store_error(error))
    }

    /// Writes the file a document was imported from, byte for byte, to `path`.
    ///
    /// # Errors
    /// The document was not imported, or the file cannot be written.
    pub fn save_original(&self, id: &str, path: &Path) -> Result<()> {
        let Some(original) = self.original(id)? else {
            return Err(Error::new(
                Code::NotFound,
                "这份文件不是导入的，没有原文件。",
                "This document was not imported; there is no original file.",
            ));
        };
        files::write_whole(path, &original.bytes)
    }
}

/// Whether a text begins with a title of its own.
fn titled(text: &str) -> bool {
    let document = moqi_document::parse(text);
    document.meta.title.is_some()
        || document
            .blocks
            .iter()
            .any(|block| matches!(block.kind, moqi_document::BlockKind::Title(_)))
}

/// The files of a path that can be read, folders in the order of their names. Hidden files, the lock files of Word
/// (`~$…`) and links are passed over inside folders.
fn collect(path: &Path, depth: usize, found: &mut Vec<PathBuf>, import: &mut Import) -> Result<()> {
    if !path.is_dir() {
        if found.len() >= MOST_FILES {
            return Err(Error::input(
                format!("一次最多导入 {MOST_FILES} 个文件。"),
                format!("At most {MOST_FILES} files can be imported at a time."),
            )
            .hint("请选择较小的文件夹。", "Choose a smaller folder."));
        }
        found.push(path.to_owned());
        return Ok(());
    }
    if depth >= DEEPEST {
        return Ok(());
    }
    let entries = match files::seen_in(path) {
        Ok(entries) => entries,
        Err(error) => {
            import.refused.push(Refused {
                path: path.to_owned(),
                why: Error::io(path, error),
            });
            return Ok(());
        }
    };
    for (path, folder) in entries {
        if folder || read::ENDINGS.contains(&read::ending(&path).as_str()) {
            collect(&path, depth + 1, found, import)?;
        } else {
            import.others += 1;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Home;

    fn app(folder: &Path) -> App {
        App::open(Home::at(folder.join("home")).unwrap(), Language::En).unwrap()
    }

    fn word(app: &App, text: &str) -> Vec<u8> {
        app.word(text, &Answers::new(), &Default::default())
            .unwrap()
            .bytes
    }

    #[test]
    fn a_folder_becomes_documents_and_is_known_when_it_comes_again() {
        let folder = tempfile::tempdir().unwrap();
        let app = app(folder.path());
        let firm = folder.path().join("firm");
        std::fs::create_dir_all(firm.join("old/.git")).unwrap();
        let contract = word(&app, "# 买卖合同\n\n## 标的\n\n1. 甲方交付货物。\n");
        for (name, bytes) in [
            ("a.docx", contract.as_slice()),
            ("b.txt", "备忘\n第一段。\n".as_bytes()),
            ("old/c.md", b"# Lease\n\nText.\n".as_slice()),
            ("old/copy.docx", contract.as_slice()),
            ("broken.docx", b"PK no".as_slice()),
            ("~$a.docx", b"lock".as_slice()),
            ("logo.png", b"png".as_slice()),
            ("old/.git/x.md", b"no".as_slice()),
        ] {
            std::fs::write(firm.join(name), bytes).unwrap();
        }
        let mut heard = Vec::new();
        let import = app
            .import(std::slice::from_ref(&firm), &mut |done, total| {
                heard.push((done, total))
            })
            .unwrap();
        let titles: Vec<(&str, bool)> = import
            .imported
            .iter()
            .map(|one| (one.document.title.as_str(), one.known))
            .collect();
        assert_eq!(
            titles,
            [
                ("买卖合同", false),
                ("b", false),
                ("Lease", false),
                ("买卖合同", true)
            ]
        );
        assert_eq!(heard, [(0, 5), (1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]);
        let [refused] = import.refused.as_slice() else {
            panic!("{:?}", import.refused);
        };
        assert!(refused.path.ends_with("broken.docx"));
        assert_eq!((import.others, import.cancelled), (1, false));
        assert_eq!(app.documents("", false).unwrap().len(), 3);
        // The file itself comes back byte for byte.
        let first = &import.imported[0].document.id;
        let out = folder.path().join("again.docx");
        app.save_original(first, &out).unwrap();
        assert_eq!(std::fs::read(&out).unwrap(), contract);
        assert_eq!(app.originals().unwrap()[first], "a.docx");
        // The text is that of the file, and can be worked with.
        let opened = app.open_document(first).unwrap();
        assert_eq!(opened.state.derived.labels.iter().flatten().count(), 2);
        // Once more: nothing is added.
        let again = app.import(&[firm], &mut |_, _| {}).unwrap();
        assert!(again.imported.iter().all(|one| one.known));
        assert_eq!(app.documents("", false).unwrap().len(), 3);
    }

    #[test]
    fn a_cancelled_import_keeps_what_it_has() {
        let folder = tempfile::tempdir().unwrap();
        let app = app(folder.path());
        let paths: Vec<PathBuf> = (0..4)
            .map(|n| {
                let path = folder.path().join(format!("{n}.md"));
                std::fs::write(&path, format!("Text {n}.\n")).unwrap();
                path
            })
            .collect();
        let import = app.import(&paths, &mut |done, _| {
            if done == 1 {
                app.cancel_import();
            }
        });
        let import = import.unwrap();
        assert_eq!((import.imported.len(), import.cancelled), (2, true));
        // The brake does not hold the next one.
        let rest = app.import(&paths, &mut |_, _| {}).unwrap();
        assert_eq!((rest.imported.len(), rest.cancelled), (4, false));
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let app = app(folder.path());
        for (name, words) in [("a.xyz", "can be read"), ("gone.docx", "does not exist")] {
            let error = app.import_file(&folder.path().join(name)).unwrap_err();
            assert!(error.sentence(Language::En).contains(words), "{error}");
        }
        let error = app
            .save_original("none", &folder.path().join("x"))
            .unwrap_err();
        assert_eq!(error.code, Code::NotFound);
    }

    #[test]
    fn tracked_changes_come_accepted_with_the_text_before_them_as_a_version() {
        let folder = tempfile::tempdir().unwrap();
        let app = app(folder.path());
        let old = moqi_document::parse("# Lease\n\n## Rent\n\n1. The rent is GBP 500.\n");
        let new = moqi_document::parse("# Lease\n\n## Rent\n\n1. The rent is GBP 650.\n");
        let by = moqi_docx::Revision {
            author: "Other side".into(),
            date: "2026-11-23T09:00:00Z".into(),
            track: false,
        };
        let look = moqi_docx::Look::for_document(&new);
        let redline = moqi_docx::write_redline(&old, &new, &look, &by).unwrap();
        let path = folder.path().join("redline.docx");
        std::fs::write(&path, redline.value).unwrap();
        let imported = app.import_file(&path).unwrap();
        let id = imported.document.id;
        app.open_document(&id).unwrap();
        let (text, ..) = app.snapshot(&id).unwrap();
        assert!(text.contains("GBP 650"), "{text}");
        let before = app.versions(&id).unwrap();
        let before = before
            .iter()
            .find(|version| version.label.is_some())
            .expect("the text before the changes");
        let changes = app.changes_since(&id, &before.id).unwrap();
        assert!(
            changes.iter().any(|change| change.quote.contains("650")),
            "{changes:?}"
        );
    }
}
