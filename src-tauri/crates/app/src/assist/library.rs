//! Clauses of the library as proposals: ranked by what is asked, made fit for the document, filled from its answers.

use std::collections::BTreeMap;

use moqi_document::{Answers, Document, Language, fill, number, parse, print, references};

use super::scene::Scene;
use super::{Assist, Proposal, Source};
use crate::derive::{Chip, chips};
use crate::error::{Result, Sentence};
use crate::library::{ClauseInfo, clause_info};
use crate::rank::{Candidate, Index};
use crate::shipped::Text;
use crate::{App, draft, models, prompt};

/// Proposals of the library shown at most.
const SHOWN: usize = 6;

/// A clause of the library or of the firm that answers a request.
pub(super) struct Precedent {
    /// The clause as a proposal.
    pub(super) proposal: Proposal,
    /// Its wording with the document's answers, a line for each paragraph.
    pub(super) wording: String,
    /// Its text where it comes from, with the fields it declares.
    pub(super) text: String,
}

impl App {
    /// Clauses of the library, ranked by what the request is about, filled from the document's answers.
    pub(super) fn precedents(
        &self,
        document: &Document,
        request: &Assist,
        scene: &Scene,
        language: Language,
        answers: &Answers,
    ) -> Result<Vec<Precedent>> {
        let kind = document.meta.kind.clone().unwrap_or_default();
        let clauses: Vec<(ClauseInfo, Text)> = self
            .all_clauses()?
            .into_iter()
            .filter(|(text, _)| text.language() == language)
            .map(|(text, own)| (clause_info(&text, own), text))
            .collect();
        let index = index(&clauses, &kind);
        // What the lawyer writes says more than the heading the caret is under.
        let mut ranked = index.rank(&[(scene.heading.as_str(), 1.0), (&request.instruction, 2.0)]);
        if ranked.is_empty() {
            let passage = prompt::reading(document, scene.passage.clone());
            ranked = index.rank(&[(&passage, 1.0)]);
        }
        let nearest = ranked
            .into_iter()
            .filter(|(index, _)| fits(&clauses[*index].0, &kind))
            .take(SHOWN);
        Ok(nearest
            .map(|(index, _)| {
                let (info, text) = &clauses[index];
                let source = Source::Clause(Box::new(info.clone()));
                precedent(document, scene, source, &text.text, answers)
            })
            .collect())
    }
}

/// The clauses of the library, to be asked for a document of a kind.
pub(crate) fn index(clauses: &[(ClauseInfo, Text)], kind: &str) -> Index {
    let tags: Vec<String> = clauses
        .iter()
        .map(|(info, _)| info.tags.join(" "))
        .collect();
    let candidates: Vec<Candidate<'_>> = clauses
        .iter()
        .zip(&tags)
        .map(|((info, text), tags)| Candidate {
            parts: vec![
                (&info.title, 4.0),
                (&info.topic, 3.0),
                (tags, 2.0),
                (&text.text, 0.5),
            ],
            bonus: match info.own || info.kinds.iter().any(|known| known == kind) {
                true => 0.6,
                false => 0.0,
            },
        })
        .collect();
    Index::of(&candidates)
}

/// Whether a clause is for documents of a kind; where that is not known, every one is.
pub(crate) fn fits(info: &ClauseInfo, kind: &str) -> bool {
    let mut kinds = info.kinds.iter();
    kind.is_empty() || info.kinds.is_empty() || kinds.any(|known| *known == kind || known == "any")
}

/// Why the library answers instead of a model, and the model to fetch.
pub(super) fn without_model(language: Language) -> (Sentence, Option<String>) {
    let tag = models::tag(language);
    let speaking = |entry: &models::Entry| entry.languages.iter().any(|known| known == tag);
    // The first that runs in this version, else the one that a coming version will run.
    let mut able: Vec<models::Entry> = models::catalogue().into_iter().filter(speaking).collect();
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
    (why, fetch.map(|entry| entry.id))
}

/// A clause as it would read in the document.
pub(super) fn precedent(
    document: &Document,
    scene: &Scene,
    source: Source,
    text: &str,
    answers: &Answers,
) -> Precedent {
    let (blocks, raw) = draft::clause_blocks(document, text);
    let change = scene.clause_change(document, blocks);
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
    let chips: BTreeMap<String, Chip> = chips(&part, answers);
    let references = references(&whole, &number(&whole));
    let filled = parse(&fill(&print(&part), answers).text);
    // The heading is the document's own; a precedent is what stands under it.
    let body = filled
        .blocks
        .iter()
        .take_while(|block| super::scene::is_heading(block))
        .count();
    let wording = prompt::reading(&filled, body..filled.blocks.len());
    Precedent {
        proposal: Proposal {
            change,
            source,
            chips,
            references,
        },
        wording,
        text: text.to_owned(),
    }
}
