//! House clauses as precedents: what the style in use was taught, of the firm's own documents.

use moqi_document::{Answers, Document, Language, parse};
use moqi_store::HouseClauseRow;

use super::Source;
use super::library::{Precedent, precedent};
use super::scene::{Scene, outline};
use crate::base::Base;
use crate::error::Result;
use crate::library::excerpt;
use crate::tune::clause_index::{ClauseIndex, Entry, Profile};
use crate::{App, models};

/// House clauses shown at most: several documents of one firm say much the same.
const SHOWN: usize = 2;

/// The clauses that a style was taught, to be looked up.
#[derive(Default)]
pub(super) struct House {
    clauses: Vec<HouseClauseRow>,
    /// Numbered as [`House::clauses`] are.
    index: ClauseIndex,
}

impl App {
    /// The clauses in a language that the style of a base was taught; none of a base without a style, or of one whose style
    /// was brought from elsewhere.
    ///
    /// # Errors
    /// The data file cannot be read.
    pub(super) fn house(&self, base: &Base, language: Language) -> Result<House> {
        let Base::Here(local) = base else {
            return Ok(House::default());
        };
        // The folder of an adapter is named by its id.
        let folder = local.adapter.as_ref();
        let id = folder.and_then(|folder| folder.file_name()?.to_str());
        let Some(id) = id else {
            return Ok(House::default());
        };
        let tag = models::tag(language);
        let mut clauses = self.house_clauses(id)?;
        clauses.retain(|clause| clause.language == tag && !clause.excluded);
        Ok(House::of(clauses))
    }
}

impl House {
    fn of(clauses: Vec<HouseClauseRow>) -> House {
        let documents: Vec<&[HouseClauseRow]> = clauses.chunk_by(|a, b| a.hash == b.hash).collect();
        let headings = |clauses: &&[HouseClauseRow]| -> Vec<String> {
            let each = clauses.iter().map(|clause| clause.heading.clone());
            each.collect()
        };
        let outlines: Vec<Vec<String>> = documents.iter().map(headings).collect();
        let documents = documents.iter().zip(&outlines).enumerate();
        let entries = documents.flat_map(|(number, (clauses, outline))| {
            clauses.iter().map(move |clause| Entry {
                number,
                profile: Profile {
                    title: &clause.title,
                    kind: clause.kind.as_deref(),
                    outline,
                },
                heading: &clause.heading,
                text: &clause.text,
            })
        });
        House {
            index: ClauseIndex::of(entries),
            clauses,
        }
    }

    /// What it offers for the clause at hand, the best first.
    pub(super) fn precedents(
        &self,
        document: &Document,
        scene: &Scene,
        answers: &Answers,
    ) -> Vec<Precedent> {
        let found = self.nearest(document, scene).into_iter();
        found
            .map(|clause| {
                let text = format!("## {}\n\n{}\n", clause.heading, clause.text);
                let source = Source::House {
                    document: clause.document.clone(),
                    heading: clause.heading.clone(),
                    excerpt: excerpt(&parse(&text), 80),
                };
                Precedent {
                    // The model reads it as it learned to: without a heading, in Markdown.
                    wording: clause.text.clone(),
                    ..precedent(document, scene, source, &text, answers)
                }
            })
            .collect()
    }

    /// The usual wording, and behind it what the document that is most alike says; none twice.
    fn nearest(&self, document: &Document, scene: &Scene) -> Vec<&HouseClauseRow> {
        let headings = outline(document);
        let query = self.index.query(&Profile {
            title: document.meta.title.as_deref().unwrap_or_default(),
            kind: document.meta.kind.as_deref(),
            outline: &headings,
        });
        let usual = query.usual(&scene.heading, None);
        let near = query.nearest(&scene.heading, None);
        let mut found: Vec<&HouseClauseRow> = Vec::new();
        for clause in usual.into_iter().chain(near).map(|at| &self.clauses[at]) {
            if found.len() < SHOWN && found.iter().all(|known| known.text != clause.text) {
                found.push(clause);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::super::Assist;
    use super::*;
    use crate::Decision;
    use crate::prompt::Task;
    use crate::tuning::tests::{app, wanted};
    use moqi_document::plain;
    use std::ops::ControlFlow;

    const TEXT: &str = "---\nlanguage: en\ntitle: Agreement on the repair of lifts\n---\n\n# Agreement on the repair of lifts\n\n\
                        ## Payment\n\nTo be agreed.\n\n## Arbitration\n\nTo be agreed.\n";

    /// What the style in use offers for the clause at a block.
    fn offered(app: &App, id: &str, block: usize) -> Vec<Precedent> {
        let request = Assist {
            document: id.to_owned(),
            task: Task::Draft,
            block,
            instruction: String::new(),
        };
        let document = app
            .with_open(id, |open| Ok(open.document().clone()))
            .unwrap();
        let scene = Scene::of(&document, &request).unwrap();
        let (base, _) = app.writer_for(id, Language::En).unwrap().unwrap();
        let house = app.house(&base, Language::En).unwrap();
        house.precedents(&document, &scene, &Answers::new())
    }

    #[test]
    fn drafting_in_a_style_has_the_clauses_it_was_taught() {
        let (_folder, app) = app();
        let tuned = app
            .tune(&wanted(&app, 6), &mut |_| ControlFlow::Continue(()))
            .unwrap();
        let adapter = tuned.adapter.unwrap();
        let opened = app
            .create_document(None, Some("Agreement"), Language::En, &Answers::new())
            .unwrap();
        let id = opened.info.id;
        app.with_open(&id, |open| {
            open.restore(TEXT.to_owned(), Answers::new());
            Ok(())
        })
        .unwrap();
        assert!(offered(&app, &id, 2).is_empty(), "no style is in use");
        app.decide_adapter(&adapter, Decision::Use).unwrap();
        let found = offered(&app, &id, 2);
        assert_eq!(found.len(), SHOWN);
        let Source::House {
            document,
            heading,
            excerpt,
        } = &found[0].proposal.source
        else {
            panic!("of the library");
        };
        // Of all clauses on payment that of the document which is most like this one.
        assert_eq!(
            (document.as_str(), heading.as_str()),
            ("Agreement 2.md", "Payment")
        );
        assert!(
            excerpt.starts_with("The parties settle all invoices"),
            "{excerpt}"
        );
        assert!(found[0].wording.starts_with(excerpt.trim_end_matches('…')));
        let block = &found[0].proposal.change.insert[0];
        assert!(
            matches!(&block.kind, moqi_document::BlockKind::Heading { content, .. } if plain(content) == "Payment")
        );
        // Nothing was taught under a heading of these words.
        assert!(offered(&app, &id, 4).is_empty());
        // What a person leaves out is none, until it is taken in again.
        let of = app.house_clauses(&adapter).unwrap();
        let is_payment =
            |clause: &HouseClauseRow| clause.document == *document && clause.heading == "Payment";
        let payment = of.iter().find(|clause| is_payment(clause)).unwrap();
        app.exclude_house_clauses(&adapter, &[payment.number], true)
            .unwrap();
        let without = offered(&app, &id, 2);
        assert!(!without.is_empty());
        let same = |one: &Precedent| one.wording == found[0].wording;
        assert!(!without.iter().any(same));
        app.exclude_house_clauses(&adapter, &[payment.number], false)
            .unwrap();
        assert!(offered(&app, &id, 2).iter().any(same));
        assert!(app.exclude_house_clauses(&adapter, &[0], true).is_err());
        // What is forgotten is no precedent any more.
        app.forget(&payment.hash, &mut |_| ControlFlow::Continue(()))
            .unwrap();
        let again = offered(&app, &id, 2);
        assert!(!again.is_empty());
        for one in again {
            assert!(
                !matches!(one.proposal.source, Source::House { document, .. } if document == "Agreement 2.md")
            );
        }
    }
}
