//! The assistant: a model's wording, or the library's, as proposals that change nothing until they are accepted.

use std::collections::BTreeMap;

use moqi_document::Language;
use moqi_store::Matter;

use crate::base::Base;
use crate::derive::Chip;
use crate::desk::Change;
use crate::device::Local;
use crate::error::{Code, Error, Result, Sentence};
use crate::jobs::{Ended, JobId, Priority};
use crate::library::ClauseInfo;
use crate::models::{self, Model};
use crate::prompt::{self, Task};
use crate::{App, model};

mod house;
mod library;
mod open;
mod scene;

pub(crate) use library::{fits, index};
use scene::Scene;

/// A request.
#[derive(Debug, Clone)]
pub struct Assist {
    /// Id of the document.
    pub document: String,
    /// What to do.
    pub task: Task,
    /// The block the caret is in.
    pub block: usize,
    /// What the lawyer asks.
    pub instruction: String,
}

/// A proposal.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// What accepting it does.
    pub change: Change,
    /// Where the words come from.
    pub source: Source,
    /// What its chips would show, by expression.
    pub chips: BTreeMap<String, Chip>,
    /// How its references would read, by the id of the clause.
    pub references: BTreeMap<String, String>,
}

/// Where the words of a proposal come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// A model on this machine.
    Model {
        /// Its name.
        name: String,
        /// Name of the adapter it wrote with.
        style: Option<String>,
    },
    /// A model of a server of the firm's own, by name and address.
    Server(String, String),
    /// A clause of the firm's own, which the style in use was taught.
    House {
        /// Name of the document it stands in.
        document: String,
        /// Its heading.
        heading: String,
        /// Its first words.
        excerpt: String,
    },
    /// A clause of the library.
    Clause(Box<ClauseInfo>),
}

/// What happens on the way.
#[derive(Debug)]
pub enum Written {
    /// The model reads: tokens done, tokens in all.
    Reading {
        /// Tokens read.
        done: usize,
        /// Tokens to read.
        total: usize,
    },
    /// More words.
    Words(String),
    /// Wordings to choose from, best first.
    Proposals {
        /// The wordings.
        proposals: Vec<Proposal>,
        /// Why the library answers instead of a model.
        why: Option<Sentence>,
        /// The model to fetch for this language.
        fetch: Option<String>,
    },
}

impl App {
    /// Starts the assistant. Events come through `report`, the end exactly once through `ended`.
    pub fn assist(
        &self,
        request: Assist,
        mut report: impl FnMut(Written) + Send + 'static,
        ended: impl FnOnce(Ended) + Send + 'static,
    ) -> Result<JobId> {
        let (document, language, answers) = self.with_open(&request.document, |open| {
            Ok((
                open.document().clone(),
                open.language(),
                open.saved.answers.clone(),
            ))
        })?;
        let scene = Scene::of(&document, &request)?;
        // A paragraph that is written again has its own words; everything else has precedents.
        let writer = self.writer_for(&request.document, language)?;
        let precedents = match &writer {
            Some(_) if request.task == Task::Rewrite => Vec::new(),
            Some((base, _)) => {
                let house = self.house(base, language)?;
                let mut of_firm = house.precedents(&document, &scene, &answers);
                of_firm.extend(self.precedents(&document, &request, &scene, language, &answers)?);
                of_firm
            }
            None => self.precedents(&document, &request, &scene, language, &answers)?,
        };
        self.with_open(&request.document, |open| {
            open.offer(precedents.iter().map(|found| found.text.clone()).collect());
            Ok(())
        })?;
        let wording = precedents.first().map(|nearest| nearest.wording.clone());
        let mut proposals: Vec<Proposal> =
            precedents.into_iter().map(|found| found.proposal).collect();
        let Some((base, source)) = writer else {
            let (why, fetch) = library::without_model(language);
            let job = self.jobs.start(
                Priority::Interactive,
                move |_, _| {
                    report(Written::Proposals {
                        proposals,
                        why: Some(why),
                        fetch,
                    });
                    Ok(())
                },
                ended,
            );
            return Ok(job);
        };
        let context = scene.context(&document, &request, wording);
        let (system, user) = prompt::messages(request.task, language, &context);
        let job = self.jobs.start(
            Priority::Interactive,
            move |loaded, brake| {
                let mut heard = |event| {
                    report(event);
                    brake.flow()
                };
                let words = base.chat(loaded, &system, &user, &mut heard, &mut || brake.flow())?;
                if brake.pulled() {
                    return Ok(());
                }
                let insert = prompt::blocks(&words, &scene.heading);
                if insert.is_empty() {
                    return Err(Error::new(
                        Code::NoModel,
                        "模型没有写出可用的文字。",
                        "The model wrote nothing that could be used.",
                    )
                    .hint(
                        "请换一种说法再试，或从条款库中选择。",
                        "Try again in other words, or choose from the clause library.",
                    ));
                }
                let (from, remove) = scene.place;
                let proposal = Proposal {
                    change: Change {
                        from,
                        remove,
                        insert,
                    },
                    source,
                    chips: BTreeMap::new(),
                    references: BTreeMap::new(),
                };
                proposals.insert(0, proposal);
                report(Written::Proposals {
                    proposals,
                    why: None,
                    fetch: None,
                });
                Ok(())
            },
            ended,
        );
        Ok(job)
    }

    /// What writes now, and as what its words are shown: the server in use, else a model on this machine with what is in use
    /// for those the document is for.
    pub(crate) fn writer_for(
        &self,
        document: &str,
        language: Language,
    ) -> Result<Option<(Base, Source)>> {
        if let Some(server) = self.server_in_use(None)? {
            let source = Source::Server(server.model().to_owned(), server.address().to_string());
            return Ok(Some((Base::Server(Box::new(server)), source)));
        }
        let Some(model) = self.model_for(language) else {
            return Ok(None);
        };
        let Some(file) = model.file else {
            return Ok(None);
        };
        let (style, adapter) = match self.style_for(&model.entry.id, &self.matter(document)?)? {
            Some((name, folder)) => (Some(name), Some(folder)),
            None => (None, None),
        };
        let base = Base::Here(Local {
            adapter,
            ..self.local(file)?
        });
        let name = model.entry.name;
        Ok(Some((base, Source::Model { name, style })))
    }

    /// The chosen model if it speaks the language, else any installed one that does.
    fn model_for(&self, language: Language) -> Option<Model> {
        let chosen = self.chosen_model();
        let mut able: Vec<Model> = models::list(self.home())
            .into_iter()
            .filter(|model| model.file.is_some() && model.entry.supported && model.speaks(language))
            .collect();
        able.sort_by_key(|model| Some(&model.entry.id) != chosen.as_ref());
        able.into_iter().next()
    }

    /// Loads the model that was chosen, with what the whole firm uses, in the background, so that the first request does not
    /// wait for it. While a server writes, no memory is taken for another model.
    pub fn warm_up(&self) {
        if self.server_shown().is_on() {
            return;
        }
        let local = self.chosen_model().and_then(|id| {
            let file = models::file_of(self.home(), &id).ok()?;
            let style = self.style_for(&id, &Matter::default()).ok()?;
            Some(Local {
                adapter: style.map(|(_, folder)| folder),
                ..self.local(file).ok()?
            })
        });
        if let Some(local) = local {
            self.jobs.start(
                Priority::Background,
                move |loaded, _| model::ready(loaded, &local).map(|_| ()),
                |_| {},
            );
        }
    }
}
