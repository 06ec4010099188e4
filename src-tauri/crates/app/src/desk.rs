//! Documents that are open: the program's copy of each, kept in step with the window and saved at every step.

use std::collections::BTreeMap;

use moqi_document::{
    Answers, Block, Document, Language, apply, instantiate, normalize, parse, print,
};
use moqi_rules::Profile;

use crate::derive::{Derived, derive};
use crate::error::{Code, Error, Result};
use crate::fields::{FormField, form};
use crate::memory::Saved;
use crate::shipped::language_of;
use crate::{App, draft, memory, now, reconcile, redraft};

/// A document in the lists.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentInfo {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Kind of contract, where known.
    pub kind: Option<String>,
    /// Language.
    pub language: Language,
    /// Last save, Unix milliseconds.
    pub updated_at: i64,
    /// In the trash.
    pub deleted: bool,
}

/// A document for the editor.
#[derive(Debug, Clone)]
pub struct OpenedDocument {
    /// What the lists say of it.
    pub info: DocumentInfo,
    /// Its blocks.
    pub blocks: Vec<Block>,
    /// Its form.
    pub form: Vec<FormField>,
    /// Its answers.
    pub answers: Answers,
    /// What follows from both.
    pub state: State,
}

/// What the window needs after every step.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Counts the steps since the document was opened.
    pub seq: u64,
    /// Numbers, chips, findings.
    pub derived: Derived,
    /// Findings that are ignored, with the reasons.
    pub ignored: BTreeMap<String, String>,
    /// The save that holds this text, Unix milliseconds.
    pub saved_at: i64,
}

/// Replace `remove` blocks from `from` by `insert`.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// First block.
    pub from: usize,
    /// How many go.
    pub remove: usize,
    /// What comes.
    pub insert: Vec<Block>,
}

/// The result of new answers.
#[derive(Debug, Clone)]
pub struct Answered {
    /// New chips and findings.
    pub state: State,
    /// Which fields are asked now.
    pub form: Vec<FormField>,
    /// What the template changes in the text, merged with the lawyer's own changes; from last to first.
    pub changes: Vec<Change>,
    /// Places where the lawyer's wording was kept against the template.
    pub conflicts: usize,
}

/// A library clause on its way into the text.
#[derive(Debug, Clone)]
pub struct ClauseInsert {
    /// Where and what.
    pub change: Change,
    /// The form with the clause's fields.
    pub form: Vec<FormField>,
}

/// The program's copy of an open document.
pub struct Open {
    pub(crate) saved: Saved,
    document: Document,
    seq: u64,
    /// Front matter with the fields of clauses that were offered; taken over once one of them is used.
    offered: Vec<String>,
}

impl Open {
    fn new(saved: Saved) -> Open {
        let document = parse(&saved.text);
        Open {
            saved,
            document,
            seq: 0,
            offered: Vec::new(),
        }
    }

    pub(crate) fn document(&self) -> &Document {
        &self.document
    }

    pub(crate) fn language(&self) -> Language {
        language_of(&self.document, &self.saved.text)
    }

    /// Remembers clauses that were offered, so that their fields are declared once one is used.
    pub(crate) fn offer(&mut self, clauses: Vec<String>) {
        self.offered.extend(clauses);
        let from = self.offered.len().saturating_sub(24);
        self.offered.drain(..from);
    }

    /// Takes over the text and answers of a version.
    pub(crate) fn restore(&mut self, text: String, answers: Answers) {
        self.document = parse(&text);
        self.saved.text = text;
        self.saved.answers = answers.clone();
        self.saved.template_answers = Some(answers);
        self.seq += 1;
    }

    fn profile(&self, ui: Language) -> Profile {
        Profile {
            kind: self.document.meta.kind.clone(),
            language: Some(self.language()),
            ui,
            ..Profile::default()
        }
    }

    fn state(&self, ui: Language) -> State {
        State {
            seq: self.seq,
            derived: derive(
                &self.saved.text,
                &self.document,
                &self.saved.answers,
                &self.profile(ui),
            ),
            ignored: self.saved.ignored.clone(),
            saved_at: self.saved.updated_at,
        }
    }

    fn form(&self) -> Vec<FormField> {
        form(
            &self.document.meta,
            &self.saved.answers,
            self.saved.template_text.as_deref(),
        )
    }

    /// Takes over new blocks: declares the fields of offered clauses they use, and reads the printed text again, so
    /// that spans are those of the text that is saved.
    fn set_blocks(&mut self, blocks: Vec<Block>) {
        let mut document = Document {
            meta: self.document.meta.clone(),
            blocks,
            problems: Vec::new(),
        };
        normalize(&mut document);
        for clause in std::mem::take(&mut self.offered) {
            let read = parse(&clause);
            if crate::fields::uses_any(&document, &read.meta.fields) {
                document.meta.raw = crate::fields::declare(&document, &clause, &read.meta);
                document.meta = parse(&print(&document)).meta;
            } else {
                self.offered.push(clause);
            }
        }
        let text = print(&document);
        self.document = parse(&text);
        self.saved.text = text;
        self.seq += 1;
    }
}

/// A document that is only looked at.
pub(crate) fn view(saved: Saved, ui: Language) -> OpenedDocument {
    let open = Open::new(saved);
    let state = open.state(ui);
    OpenedDocument {
        info: open.saved.info(),
        form: open.form(),
        answers: open.saved.answers.clone(),
        blocks: open.document.blocks,
        state,
    }
}

impl App {
    /// Starts a document from a template, or an empty one.
    pub fn create_document(
        &self,
        template: Option<&str>,
        title: Option<&str>,
        language: Language,
        answers: &Answers,
    ) -> Result<OpenedDocument> {
        let (text, template_text) = match template {
            Some(id) => {
                let (name, template) = self.template_or_file(id)?;
                (
                    draft::draft(&name, &template, answers)?.text,
                    Some(template),
                )
            }
            None => (draft::blank(title, language), None),
        };
        let mut saved = Saved::new(
            text,
            answers.clone(),
            template.map(str::to_owned),
            template_text,
        );
        if let Some(title) = title.map(str::trim).filter(|title| !title.is_empty()) {
            saved.title = title.to_owned();
        }
        memory::insert(&self.store(), &saved).map_err(|error| self.store_error(error))?;
        let id = saved.id.clone();
        self.desk().insert(id.clone(), Open::new(saved));
        self.keep_version(&id, "autosave", None)?;
        self.open_document(&id)
    }

    /// Opens a document, or gives the program's copy of one that is open.
    pub fn open_document(&self, id: &str) -> Result<OpenedDocument> {
        let ui = self.language();
        let opened = self.with_open(id, |open| {
            Ok(OpenedDocument {
                info: open.saved.info(),
                blocks: open.document.blocks.clone(),
                form: open.form(),
                answers: open.saved.answers.clone(),
                state: open.state(ui),
            })
        })?;
        // On a full disk a document can still be read; only the next start does not know that it was the last.
        let _ = self.set_setting("last_document", id);
        Ok(opened)
    }

    /// The document that was open last, if it is still there.
    pub fn last_document(&self) -> Option<String> {
        let id = self.setting("last_document").ok().flatten()?;
        self.with_open(&id, |open| Ok(!open.saved.deleted))
            .ok()?
            .then_some(id)
    }

    /// Takes over a change of the window. `seq` must be the program's own; else the window's copy is another one.
    pub fn sync(
        &self,
        id: &str,
        seq: u64,
        from: usize,
        remove: usize,
        insert: Vec<Block>,
    ) -> Result<State> {
        self.step(id, |open| {
            let end = from.checked_add(remove).filter(|end| *end <= open.document.blocks.len());
            let Some(end) = end.filter(|_| seq == open.seq) else {
                return Err(Error::new(
                    Code::Conflict,
                    "窗口与程序中的文件不同步，正在重新同步。",
                    "The window and the program hold different copies; they are being brought together.",
                ));
            };
            let mut blocks = open.document.blocks.clone();
            blocks.splice(from..end, insert);
            open.set_blocks(blocks);
            Ok(())
        })
    }

    /// Takes over the whole document of the window.
    pub fn replace(&self, id: &str, blocks: Vec<Block>) -> Result<State> {
        self.step(id, |open| {
            open.set_blocks(blocks);
            Ok(())
        })
    }

    /// Takes over new answers. Where one of them decides which clauses stand, the template is read again and merged.
    pub fn set_answers(&self, id: &str, answers: Answers) -> Result<Answered> {
        let mut changes = Vec::new();
        let mut conflicts = 0;
        let mut redrafted = false;
        let state = self.step(id, |open| {
            let before = std::mem::replace(&mut open.saved.answers, answers);
            if let Some(template) = open.saved.template_text.clone() {
                let old = instantiate(
                    &template,
                    open.saved.template_answers.as_ref().unwrap_or(&before),
                )
                .text;
                let new = instantiate(&template, &open.saved.answers).text;
                if old != new {
                    let merged = redraft::merge(&old, &new, &open.document);
                    conflicts = merged.conflicts;
                    changes = redraft::changes(&open.document.blocks, &merged.document.blocks)
                        .into_iter()
                        .map(|(from, remove, insert)| Change {
                            from,
                            remove,
                            insert,
                        })
                        .collect();
                    redrafted = !changes.is_empty();
                }
            }
            open.saved.template_answers = Some(open.saved.answers.clone());
            open.seq += 1;
            Ok(())
        })?;
        if redrafted {
            self.keep_version(id, "before_redraft", None)?;
        }
        let form = self.with_open(id, |open| Ok(open.form()))?;
        Ok(Answered {
            state,
            form,
            changes,
            conflicts,
        })
    }

    /// A library clause made fit for a document; nothing changes until the window sends it back.
    pub fn insert_clause(&self, id: &str, clause: &str, at: usize) -> Result<ClauseInsert> {
        let text = self.clause_text(clause)?;
        self.with_open(id, |open| {
            let (insert, raw) = draft::clause_blocks(&open.document, &text);
            let mut document = open.document.clone();
            document.meta.raw = raw;
            let meta = parse(&print(&document)).meta;
            open.offer(vec![text.clone()]);
            // A caret in the title or among the parties names no clause to come after.
            let first =
                open.document.blocks.iter().position(|block| {
                    matches!(block.kind, moqi_document::BlockKind::Heading { .. })
                });
            let at = match first {
                Some(first) if at > first => at.min(open.document.blocks.len()),
                _ => draft::end_of_clauses(&open.document),
            };
            Ok(ClauseInsert {
                change: Change {
                    from: at,
                    remove: 0,
                    insert,
                },
                form: form(
                    &meta,
                    &open.saved.answers,
                    open.saved.template_text.as_deref(),
                ),
            })
        })
    }

    /// What mending one finding, or all of a rule, or all, changes; from last to first, computed only.
    pub fn fix(&self, id: &str, key: Option<&str>, rule: Option<&str>) -> Result<Vec<Change>> {
        let ui = self.language();
        self.with_open(id, |open| {
            let state = open.state(ui);
            let chosen = state.derived.findings.iter().filter(|placed| {
                !state.ignored.contains_key(&placed.key)
                    && key.is_none_or(|key| placed.key == key)
                    && rule.is_none_or(|rule| placed.finding.rule == rule)
            });
            let edits: Vec<_> = chosen
                .filter_map(|placed| placed.finding.fix.clone())
                .flat_map(|fix| fix.edits)
                .collect();
            if edits.is_empty() {
                return Err(Error::new(
                    Code::NotFound,
                    "这处问题已经不在了。",
                    "This finding is no longer there.",
                ));
            }
            let mended = parse(&apply(&open.saved.text, &edits));
            Ok(redraft::changes(&open.document.blocks, &mended.blocks)
                .into_iter()
                .map(|(from, remove, insert)| Change {
                    from,
                    remove,
                    insert,
                })
                .collect())
        })
    }

    /// Ignores a finding, with the reason for the file.
    pub fn ignore_finding(&self, id: &str, key: &str, reason: &str) -> Result<State> {
        memory::ignore(&self.store(), id, key, reason, now())
            .map_err(|error| self.store_error(error))?;
        self.after_ignoring(id, |ignored| {
            ignored.insert(key.to_owned(), reason.to_owned());
        })
    }

    /// Shows an ignored finding again.
    pub fn unignore_finding(&self, id: &str, key: &str) -> Result<State> {
        memory::unignore(&self.store(), id, key).map_err(|error| self.store_error(error))?;
        self.after_ignoring(id, |ignored| {
            ignored.remove(key);
        })
    }

    fn after_ignoring(
        &self,
        id: &str,
        change: impl FnOnce(&mut BTreeMap<String, String>),
    ) -> Result<State> {
        let ui = self.language();
        self.with_open(id, |open| {
            change(&mut open.saved.ignored);
            Ok(open.state(ui))
        })
    }

    /// Text, answers and what follows from them.
    pub(crate) fn snapshot(&self, id: &str) -> Result<(String, Answers, Derived)> {
        let ui = self.language();
        self.with_open(id, |open| {
            Ok((
                open.saved.text.clone(),
                open.saved.answers.clone(),
                open.state(ui).derived,
            ))
        })
    }

    /// Changes an open document and saves it before it answers; a refused save leaves the copy as it was.
    pub(crate) fn step(
        &self,
        id: &str,
        change: impl FnOnce(&mut Open) -> Result<()>,
    ) -> Result<State> {
        let ui = self.language();
        let state = self.with_open(id, |open| {
            let before = (
                open.saved.clone(),
                open.document.clone(),
                open.seq,
                open.offered.clone(),
            );
            let done = change(open).and_then(|()| {
                open.saved.updated_at = now();
                open.saved.refresh(&open.document);
                reconcile::save(&self.store(), &mut open.saved)
                    .map_err(|error| self.store_error(error))
            });
            if let Err(error) = done {
                (open.saved, open.document, open.seq, open.offered) = before;
                return Err(error);
            }
            Ok(open.state(ui))
        })?;
        self.keep_automatic(id)?;
        Ok(state)
    }

    /// The open document, read from the store when it is not open yet.
    pub(crate) fn with_open<T>(
        &self,
        id: &str,
        see: impl FnOnce(&mut Open) -> Result<T>,
    ) -> Result<T> {
        let mut desk = self.desk();
        if !desk.contains_key(id) {
            let saved = memory::load(&self.store(), id)
                .map_err(|error| self.store_error(error))?
                .ok_or_else(|| {
                    Error::new(
                        Code::NotFound,
                        "找不到这份文件，可能已被删除。",
                        "This document is not there; it may have been deleted.",
                    )
                })?;
            desk.insert(id.to_owned(), Open::new(saved));
        }
        let open = desk.get_mut(id).expect("it was put there above");
        see(open)
    }

    /// Forgets the program's copy; the next opening reads the store.
    pub(crate) fn put_away(&self, id: &str) {
        self.desk().remove(id);
    }
}
