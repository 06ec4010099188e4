//! The assistant: a model's wording, or the library's, as proposals that change nothing until they are accepted.

use std::collections::BTreeMap;

use moqi_document::{
    Answers, Block, BlockKind, Document, HeadingStyle, Language, clauses, number, parse, plain,
    print, references,
};

use crate::derive::{Chip, chips};
use crate::desk::Change;
use crate::error::{Code, Error, Result, Sentence};
use crate::jobs::{Ended, JobId, Priority};
use crate::library::{ClauseInfo, clause_info};
use crate::models::{self, Model};
use crate::prompt::{self, Context, Task};
use crate::rank::{Candidate, rank};
use crate::shipped::Text;
use crate::{App, draft, model};

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
    /// A model, by name.
    Model(String),
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

/// Proposals of the library shown at most.
const SHOWN: usize = 6;

impl App {
    /// Starts the assistant. Events come through `report`, the end exactly once through `ended`.
    pub fn assist(
        &self,
        request: Assist,
        mut report: impl FnMut(Written) + Send + 'static,
        ended: impl FnOnce(Ended) + Send + 'static,
    ) -> Result<JobId> {
        let (document, language) = self.with_open(&request.document, |open| {
            Ok((open.document().clone(), open.language()))
        })?;
        let scene = Scene::of(&document, &request)?;
        let Some(model) = self.model_for(language) else {
            let (proposals, why, fetch) =
                self.library_proposals(&document, &request, &scene, language)?;
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
        let context = scene.context(&document, &request);
        let (system, user) = prompt::messages(request.task, language, &context);
        let name = model.entry.name.clone();
        let file = model
            .file
            .clone()
            .expect("model_for gives installed models only");
        let job = self.jobs.start(
            Priority::Interactive,
            move |loaded, brake| {
                let loaded = model::ready(loaded, &file)?;
                let words = model::chat(loaded, &system, &user, &mut |event| {
                    report(event);
                    brake.flow()
                })?;
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
                    source: Source::Model(name),
                    chips: BTreeMap::new(),
                    references: BTreeMap::new(),
                };
                report(Written::Proposals {
                    proposals: vec![proposal],
                    why: None,
                    fetch: None,
                });
                Ok(())
            },
            ended,
        );
        Ok(job)
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

    /// Loads the model that was chosen, in the background, so that the first request does not wait for it.
    pub fn warm_up(&self) {
        let file = self
            .chosen_model()
            .and_then(|id| models::file_of(self.home(), &id).ok());
        if let Some(file) = file {
            self.jobs.start(
                Priority::Background,
                move |loaded, _| model::ready(loaded, &file).map(|_| ()),
                |_| {},
            );
        }
    }

    /// Clauses of the library, ranked by what the request is about, filled from the document's own answers.
    fn library_proposals(
        &self,
        document: &Document,
        request: &Assist,
        scene: &Scene,
        language: Language,
    ) -> Result<(Vec<Proposal>, Sentence, Option<String>)> {
        let kind = document.meta.kind.clone().unwrap_or_default();
        let clauses: Vec<(Text, bool)> = self
            .all_clauses()?
            .into_iter()
            .filter(|(text, _)| text.language() == language)
            .collect();
        let infos: Vec<ClauseInfo> = clauses
            .iter()
            .map(|(text, own)| clause_info(text, *own))
            .collect();
        let tags: Vec<String> = infos.iter().map(|info| info.tags.join(" ")).collect();
        let candidates: Vec<Candidate<'_>> = infos
            .iter()
            .zip(&clauses)
            .zip(&tags)
            .map(|((info, (text, own)), tags)| Candidate {
                parts: vec![
                    (&info.title, 4.0),
                    (&info.topic, 3.0),
                    (tags, 2.0),
                    (&text.text, 0.5),
                ],
                bonus: if *own || info.kinds.contains(&kind) {
                    0.6
                } else {
                    0.0
                },
            })
            .collect();
        let asked = format!(
            "{} {} {}",
            scene.heading, scene.heading, request.instruction
        );
        let mut ranked = rank(&asked, &candidates);
        if ranked.is_empty() {
            let passage = prompt::reading(document, scene.passage.clone());
            ranked = rank(&passage, &candidates);
        }
        let fits = |info: &ClauseInfo| {
            info.kinds.is_empty()
                || info
                    .kinds
                    .iter()
                    .any(|known| *known == kind || known == "any")
        };
        let answers = self.with_open(&request.document, |open| Ok(open.saved.answers.clone()))?;
        let mut proposals = Vec::new();
        let mut offered = Vec::new();
        for (index, _) in ranked
            .into_iter()
            .filter(|(index, _)| kind.is_empty() || fits(&infos[*index]))
            .take(SHOWN)
        {
            let text = &clauses[index].0.text;
            let (blocks, raw) = draft::clause_blocks(document, text);
            let change = scene.clause_change(document, blocks);
            let (chips, references) = preview(document, &change, raw, &answers);
            proposals.push(Proposal {
                change,
                source: Source::Clause(Box::new(infos[index].clone())),
                chips,
                references,
            });
            offered.push(text.clone());
        }
        self.with_open(&request.document, |open| {
            open.offer(offered);
            Ok(())
        })?;
        let tag = models::tag(language);
        let speaking = |entry: &models::Entry| entry.languages.iter().any(|known| known == tag);
        // The first that runs in this version, else the one that a coming version will run.
        let mut able: Vec<models::Entry> =
            models::catalogue().into_iter().filter(speaking).collect();
        able.sort_by_key(|entry| (!entry.supported, entry.family != "qwen3"));
        let fetch = able.into_iter().next();
        let named = fetch
            .as_ref()
            .map_or_else(|| "Qwen3".to_owned(), |entry| entry.name.clone());
        let why = match language {
            Language::Zh => Sentence::new(
                format!(
                    "已安装的模型都不支持中文，以下是条款库中最相关的条款。要让模型起草中文，请在“模型”中添加 {named}。"
                ),
                format!(
                    "No installed model writes Chinese; these are the nearest clauses of the library. To let a model draft in Chinese, add {named} under Models."
                ),
            ),
            Language::En => Sentence::new(
                format!(
                    "没有安装可用的英文模型，以下是条款库中最相关的条款。请在“模型”中获取 {named}。"
                ),
                format!(
                    "No model for English is installed; these are the nearest clauses of the library. Fetch {named} under Models."
                ),
            ),
        };
        Ok((proposals, why, fetch.map(|entry| entry.id)))
    }
}

/// How the chips and references of a change would read in the document.
fn preview(
    document: &Document,
    change: &Change,
    raw: Option<String>,
    answers: &Answers,
) -> (BTreeMap<String, Chip>, BTreeMap<String, String>) {
    let mut whole = document.clone();
    whole.meta.raw = raw;
    whole.blocks.splice(
        change.from..change.from + change.remove,
        change.insert.iter().cloned(),
    );
    let whole = parse(&print(&whole));
    let part = Document {
        meta: whole.meta.clone(),
        blocks: change.insert.clone(),
        ..Document::default()
    };
    (chips(&part, answers), references(&whole, &number(&whole)))
}

/// Where in the document the request stands.
struct Scene {
    heading: String,
    /// Blocks the model reads.
    passage: std::ops::Range<usize>,
    /// Where its words go: first block, how many they replace.
    place: (usize, usize),
    /// The whole clause with its heading.
    clause: std::ops::Range<usize>,
}

impl Scene {
    fn of(document: &Document, request: &Assist) -> Result<Scene> {
        let count = document.blocks.len();
        if request.block >= count {
            return Err(Error::new(
                Code::Conflict,
                "这个位置已经不在文件中。",
                "This place is no longer in the document.",
            ));
        }
        let clause = clause_of(document, request.block);
        let body =
            (clause.start + usize::from(is_heading(&document.blocks[clause.start])))..clause.end;
        let heading = match &document.blocks[clause.start].kind {
            BlockKind::Heading { content, .. } | BlockKind::Title(content) => plain(content),
            _ => String::new(),
        };
        let (passage, place) = match request.task {
            Task::Draft => (body.start..body.start, (body.start, body.len())),
            Task::Continue => (
                body.start..(request.block + 1).max(body.start),
                (request.block + 1, 0),
            ),
            Task::Rewrite => (request.block..request.block + 1, (request.block, 1)),
        };
        if request.task == Task::Rewrite && is_heading(&document.blocks[request.block]) {
            return Err(Error::input(
                "请先把光标放在要改写的正文中。",
                "Put the caret into the text to be rewritten first.",
            ));
        }
        Ok(Scene {
            heading,
            passage,
            place,
            clause,
        })
    }

    fn context(&self, document: &Document, request: &Assist) -> Context {
        let outline = clauses(document)
            .into_iter()
            .map(|clause| clause.heading)
            .filter(|heading| !heading.trim().is_empty());
        Context {
            title: document.meta.title.clone().unwrap_or_default(),
            outline: outline.take(40).collect(),
            heading: self.heading.clone(),
            passage: prompt::reading(document, self.passage.clone()),
            instruction: request.instruction.trim().to_owned(),
        }
    }

    /// A library clause fills the clause at hand when that is still empty, else it comes behind it.
    fn clause_change(&self, document: &Document, blocks: Vec<Block>) -> Change {
        let Some(BlockKind::Heading { .. }) = document
            .blocks
            .get(self.clause.start)
            .map(|block| &block.kind)
        else {
            return Change {
                from: draft::end_of_clauses(document)
                    .max(self.clause.end.min(document.blocks.len())),
                remove: 0,
                insert: blocks,
            };
        };
        let body = &document.blocks[self.clause.start + 1..self.clause.end];
        let empty = body.iter().all(|block| match &block.kind {
            BlockKind::Paragraph { content, .. } | BlockKind::Item { content, .. } => {
                plain(content).trim().is_empty()
            }
            _ => false,
        });
        if empty {
            Change {
                from: self.clause.start,
                remove: self.clause.len(),
                insert: blocks,
            }
        } else {
            Change {
                from: self.clause.end,
                remove: 0,
                insert: blocks,
            }
        }
    }
}

fn is_heading(block: &Block) -> bool {
    matches!(block.kind, BlockKind::Heading { .. } | BlockKind::Title(_))
}

/// The clause around a block: from its heading of the first level to the next one, or to schedules and signatures.
fn clause_of(document: &Document, block: usize) -> std::ops::Range<usize> {
    let starts = |block: &Block| {
        matches!(
            block.kind,
            BlockKind::Title(_) | BlockKind::Heading { level: 1, .. }
        )
    };
    let ends = |block: &Block| {
        starts(block)
            || matches!(
                block.kind,
                BlockKind::Signature(_)
                    | BlockKind::PageBreak
                    | BlockKind::Heading {
                        style: HeadingStyle::Schedule,
                        ..
                    }
            )
    };
    let start = (0..=block)
        .rev()
        .find(|at| starts(&document.blocks[*at]))
        .unwrap_or(0);
    let end = (start + 1..document.blocks.len())
        .find(|at| *at > block && ends(&document.blocks[*at]))
        .unwrap_or(document.blocks.len());
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clause_reaches_from_its_heading_to_the_next() {
        let document = parse(
            "# T\n\n前言\n\n## 一\n\n1. 甲\n2. 乙\n\n### 细\n\n丙\n\n## 二\n\n丁\n\n```signature\n甲方：\n```\n",
        );
        let cases = [
            (0, 0..2),
            (1, 0..2),
            (2, 2..7),
            (4, 2..7),
            (6, 2..7),
            (7, 7..9),
            (8, 7..9),
        ];
        for (block, wanted) in cases {
            assert_eq!(clause_of(&document, block), wanted, "block {block}");
        }
    }
}
