//! Between the program's own types and the rows of the store.

use std::collections::BTreeMap;
use std::path::Path;

use moqi_document::{Answers, Document, Language};
pub use moqi_store::VersionRow;
use moqi_store::{ClauseRow, DocumentRow, Error as StoreError, Kind, Shipped, Store, TemplateRow};

use crate::desk::DocumentInfo;
use crate::error::{Code, Error, Result};
use crate::models::tag;
use crate::shipped::{self, language_of};
use crate::{App, answers, new_id, now};

/// A document as it is saved.
#[derive(Debug, Clone, PartialEq)]
pub struct Saved {
    pub id: String,
    pub title: String,
    /// A person chose the title; it no longer follows the text.
    pub renamed: bool,
    pub kind: Option<String>,
    pub language: Language,
    pub text: String,
    pub answers: Answers,
    pub template_id: Option<String>,
    pub template_text: Option<String>,
    pub template_answers: Option<Answers>,
    pub created_at: i64,
    pub updated_at: i64,
    pub deleted: bool,
    pub revision: i64,
    pub ignored: BTreeMap<String, String>,
}

impl Saved {
    /// A document that was not saved yet.
    pub fn new(
        text: String,
        answers: Answers,
        template_id: Option<String>,
        template_text: Option<String>,
    ) -> Saved {
        let document = moqi_document::parse(&text);
        let language = language_of(&document, &text);
        let mut saved = Saved {
            id: new_id(),
            title: String::new(),
            renamed: false,
            kind: None,
            language,
            template_answers: template_text.is_some().then(|| answers.clone()),
            answers,
            template_id,
            template_text,
            created_at: now(),
            updated_at: now(),
            deleted: false,
            revision: 1,
            ignored: BTreeMap::new(),
            text,
        };
        saved.refresh(&document);
        saved
    }

    /// Takes title, kind and language from the text, unless a person chose the title.
    pub fn refresh(&mut self, document: &Document) {
        self.kind = document.meta.kind.clone();
        self.language = language_of(document, &self.text);
        if !self.renamed {
            let printed = document.blocks.iter().find_map(|block| match &block.kind {
                moqi_document::BlockKind::Title(content) => Some(moqi_document::plain(content)),
                _ => None,
            });
            let fallback = if self.language == Language::Zh {
                "未命名文件"
            } else {
                "Untitled document"
            };
            let found = printed
                .filter(|title| !title.trim().is_empty())
                .or_else(|| document.meta.title.clone());
            self.title = found.unwrap_or_else(|| fallback.to_owned());
        }
    }

    pub fn info(&self) -> DocumentInfo {
        DocumentInfo {
            id: self.id.clone(),
            title: self.title.clone(),
            kind: self.kind.clone(),
            language: self.language,
            updated_at: self.updated_at,
            deleted: self.deleted,
        }
    }

    fn row(&self) -> DocumentRow {
        DocumentRow {
            id: self.id.clone(),
            title: self.title.clone(),
            title_set: self.renamed,
            kind: self.kind.clone(),
            language: tag(self.language).to_owned(),
            text: self.text.clone(),
            answers: json(&self.answers),
            template_id: self.template_id.clone(),
            template_text: self.template_text.clone(),
            template_answers: self.template_answers.as_ref().map(json),
            created_at: self.created_at,
            updated_at: self.updated_at,
            deleted_at: self.deleted.then_some(self.updated_at),
            revision: self.revision,
        }
    }
}

fn json(answers: &Answers) -> String {
    answers::to_json(answers).to_string()
}

fn answers_of(text: &str) -> Answers {
    // The store gives back what was put in; a row edited by hand loses its answers, not its text.
    answers::from_json_text(text, "answers").unwrap_or_default()
}

fn language(tag: &str) -> Language {
    if tag == "zh" {
        Language::Zh
    } else {
        Language::En
    }
}

type Kept<T> = std::result::Result<T, StoreError>;

/// Adds a document.
pub fn insert(store: &Store, saved: &Saved) -> Kept<()> {
    store.documents().insert(&saved.row())
}

/// Saves a document and returns its new revision.
pub fn save(store: &Store, saved: &Saved) -> Kept<i64> {
    store.documents().save(&saved.row())
}

/// Reads a document.
pub fn load(store: &Store, id: &str) -> Kept<Option<Saved>> {
    let Some(row) = store.documents().get(id)? else {
        return Ok(None);
    };
    let ignored = store.ignored().of(id)?;
    Ok(Some(Saved {
        id: row.id,
        title: row.title,
        renamed: row.title_set,
        kind: row.kind,
        language: language(&row.language),
        text: row.text,
        answers: answers_of(&row.answers),
        template_id: row.template_id,
        template_text: row.template_text,
        template_answers: row.template_answers.as_deref().map(answers_of),
        created_at: row.created_at,
        updated_at: row.updated_at,
        deleted: row.deleted_at.is_some(),
        revision: row.revision,
        ignored,
    }))
}

/// The documents, newest first.
pub fn documents(store: &Store) -> Kept<Vec<DocumentInfo>> {
    Ok(store
        .documents()
        .list()?
        .into_iter()
        .map(|row| DocumentInfo {
            id: row.id,
            title: row.title,
            kind: row.kind,
            language: language(&row.language),
            updated_at: row.updated_at,
            deleted: row.deleted_at.is_some(),
        })
        .collect())
}

pub fn set_deleted(store: &Store, id: &str, at: Option<i64>) -> Kept<()> {
    store.documents().set_deleted(id, at)
}

pub fn delete(store: &Store, id: &str) -> Kept<()> {
    store.documents().delete(id)
}

pub fn ignore(store: &Store, id: &str, key: &str, reason: &str, at: i64) -> Kept<()> {
    store.ignored().add(id, key, reason, at)
}

pub fn unignore(store: &Store, id: &str, key: &str) -> Kept<()> {
    store.ignored().remove(id, key)
}

/// An own template.
pub struct OwnTemplate {
    pub id: String,
    pub title: String,
    pub kind: String,
    pub language: Language,
    pub text: String,
    pub copy_of: Option<String>,
}

fn own_template(row: TemplateRow) -> OwnTemplate {
    let TemplateRow {
        id,
        title,
        kind,
        language: tag,
        text,
        copy_of,
    } = row;
    OwnTemplate {
        id,
        title,
        kind,
        language: language(&tag),
        text,
        copy_of,
    }
}

pub fn templates(store: &Store) -> Kept<Vec<OwnTemplate>> {
    Ok(store
        .templates()
        .list()?
        .into_iter()
        .map(own_template)
        .collect())
}

pub fn template(store: &Store, id: &str) -> Kept<Option<OwnTemplate>> {
    Ok(store.templates().get(id)?.map(own_template))
}

pub fn put_template(store: &Store, own: &OwnTemplate, now: i64) -> Kept<()> {
    let OwnTemplate {
        id,
        title,
        kind,
        language,
        text,
        copy_of,
    } = own;
    let row = TemplateRow {
        id: id.clone(),
        title: title.clone(),
        kind: kind.clone(),
        language: tag(*language).to_owned(),
        text: text.clone(),
        copy_of: copy_of.clone(),
    };
    store.templates().put(&row, now)
}

pub fn delete_template(store: &Store, id: &str) -> Kept<()> {
    store.templates().delete(id)
}

/// An own clause.
pub struct OwnClause {
    pub id: String,
    pub title: String,
    pub language: Language,
    pub topic: String,
    pub text: String,
}

fn own_clause(row: ClauseRow) -> OwnClause {
    let ClauseRow {
        id,
        title,
        topic,
        language: tag,
        text,
    } = row;
    OwnClause {
        id,
        title,
        topic,
        language: language(&tag),
        text,
    }
}

pub fn clauses(store: &Store) -> Kept<Vec<OwnClause>> {
    Ok(store
        .clauses()
        .list()?
        .into_iter()
        .map(own_clause)
        .collect())
}

pub fn clause(store: &Store, id: &str) -> Kept<Option<OwnClause>> {
    Ok(store.clauses().get(id)?.map(own_clause))
}

pub fn put_clause(store: &Store, own: &OwnClause, now: i64) -> Kept<()> {
    let OwnClause {
        id,
        title,
        language,
        topic,
        text,
    } = own;
    let row = ClauseRow {
        id: id.clone(),
        title: title.clone(),
        topic: topic.clone(),
        language: tag(*language).to_owned(),
        text: text.clone(),
    };
    store.clauses().put(&row, now)
}

pub fn delete_clause(store: &Store, id: &str) -> Kept<()> {
    store.clauses().delete(id)
}

/// A version with its answers read.
pub struct SavedVersion {
    pub id: String,
    pub created_at: i64,
    pub label: Option<String>,
    pub reason: String,
    pub text: String,
    pub answers: Answers,
}

fn saved_version(row: VersionRow) -> SavedVersion {
    let VersionRow {
        id,
        document_id: _,
        created_at,
        label,
        reason,
        text,
        answers,
    } = row;
    SavedVersion {
        id,
        created_at,
        label,
        reason,
        answers: answers_of(&answers),
        text,
    }
}

pub fn versions(store: &Store, document: &str) -> Kept<Vec<SavedVersion>> {
    Ok(store
        .versions()
        .list(document)?
        .into_iter()
        .map(saved_version)
        .collect())
}

pub fn version(store: &Store, id: &str) -> Kept<Option<SavedVersion>> {
    Ok(store.versions().get(id)?.map(saved_version))
}

pub fn last_version(store: &Store, document: &str) -> Kept<Option<i64>> {
    store.versions().last(document)
}

pub fn thin_versions(store: &Store, now: i64) -> Kept<usize> {
    store.versions().thin(now)
}

/// Keeps a version of a document; one without a name that equals the last is not kept again.
pub fn keep_version(
    store: &Store,
    document: &str,
    reason: &str,
    label: Option<&str>,
    text: &str,
    answers: &Answers,
) -> Kept<()> {
    let row = VersionRow {
        id: new_id(),
        document_id: document.to_owned(),
        created_at: now(),
        label: label.map(str::to_owned),
        reason: reason.to_owned(),
        text: text.to_owned(),
        answers: json(answers),
    };
    store.versions().keep(&row).map(|_| ())
}

impl App {
    /// A setting.
    pub fn setting(&self, key: &str) -> Result<Option<String>> {
        self.store()
            .settings()
            .get(key)
            .map_err(|error| self.store_error(error))
    }

    /// Sets a setting.
    pub fn set_setting(&self, key: &str, value: &str) -> Result<()> {
        if key == crate::fetch::HUB {
            crate::fetch::Hub::parse(value)?;
        }
        if key == crate::device::SETTING {
            crate::device::parse(value)?;
        }
        self.store()
            .settings()
            .set(key, value)
            .map_err(|error| self.store_error(error))
    }

    /// All settings a person made.
    pub fn settings(&self) -> Result<BTreeMap<String, String>> {
        self.store()
            .settings()
            .all()
            .map_err(|error| self.store_error(error))
    }

    /// The shipped texts in the search index, when the program brought new ones.
    pub(crate) fn refresh_shipped(&self) -> Result<()> {
        let mut rows = Vec::new();
        for (kind, texts) in [
            (Kind::Template, shipped::templates()),
            (Kind::Clause, shipped::clauses()),
        ] {
            rows.extend(
                texts
                    .iter()
                    .map(|text| (kind, text, text.title(), tag(text.language()))),
            );
        }
        let rows: Vec<Shipped<'_>> = rows
            .iter()
            .map(|(kind, text, title, language)| Shipped {
                kind: *kind,
                id: &text.id,
                title,
                language,
                text: &text.text,
            })
            .collect();
        self.store()
            .replace_shipped(&shipped::fingerprint(), &rows)
            .map_err(|error| self.store_error(error))
    }

    pub(crate) fn store_error(&self, error: StoreError) -> Error {
        as_error(&self.home().database(), error)
    }
}

/// What the store refused, as a sentence that names the file and what to do.
pub fn as_error(path: &Path, error: StoreError) -> Error {
    let name = path.display();
    let made = match &error {
        StoreError::Newer { .. } => Error::input(
            format!("{name} 由更新版本的墨契写成，本版本不能打开，文件没有改动。"),
            format!("{name} was written by a newer Moqi; this version cannot open it, and has not touched it."),
        )
        .hint("请安装新版本。", "Install the newer version."),
        StoreError::NotADatabase => Error::input(format!("{name} 不是墨契的数据文件，没有改动。"), format!("{name} is not a data file of Moqi; it was not touched."))
            .hint("请移走该文件，或用 MOQI_HOME 指定另一个文件夹。", "Move it away, or name another folder with MOQI_HOME."),
        StoreError::Damaged => Error::new(Code::Disk, format!("数据文件 {name} 已损坏。"), format!("The data file {name} is damaged."))
            .hint("请保留该文件，并从备份恢复。", "Keep the file and restore it from a backup."),
        StoreError::DiskFull => Error::new(Code::Disk, "磁盘已满，这次没有保存。", "The disk is full; this was not saved.")
            .hint("请腾出空间，程序会再次保存；之前的内容完好。", "Free some space and it will be saved again; what was saved before is whole."),
        StoreError::ReadOnly => Error::new(Code::Disk, format!("不能写入 {name}。"), format!("{name} cannot be written."))
            .hint("请检查文件夹的权限。", "Check the permissions of the folder."),
        StoreError::Locked => Error::new(Code::Disk, format!("另一个程序正占用 {name}。"), format!("Another program holds {name}."))
            .hint("请关闭另一个墨契后再试。", "Close the other Moqi and try again."),
        StoreError::Conflict => Error::new(Code::Conflict, "文件已在别处修改。", "The document was changed elsewhere."),
        StoreError::NotFound => Error::new(Code::NotFound, "要找的内容已经不在了。", "What was asked for is no longer there."),
        StoreError::Io(_) | StoreError::Sqlite(_) => {
            Error::new(Code::Disk, format!("读写 {name} 时出错：{error}。"), format!("{name} could not be read or written: {error}."))
        }
        _ => Error::new(Code::Internal, format!("数据文件出错：{error}。"), format!("The data file failed: {error}.")),
    };
    made.caused_by(error)
}
