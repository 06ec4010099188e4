//! What a style was taught is kept as house clauses, so that drafting in it has precedents of the firm's own.

use std::collections::HashSet;

use moqi_document::mask::Gazetteer;
use moqi_store::HouseClauseRow;

use super::Tune;
use crate::error::Result;
use crate::tune::Dataset;
use crate::{App, models};

impl App {
    /// Keeps the clauses of a tuning with its adapter, and behind them those of what it goes on from.
    ///
    /// # Errors
    /// The data file cannot be written.
    pub(super) fn keep_house_clauses(
        &self,
        id: &str,
        wanted: &Tune,
        dataset: &Dataset,
    ) -> Result<()> {
        let own = dataset.clauses.iter().filter_map(|clause| {
            let source = dataset.sources.get(clause.source)?;
            Some(HouseClauseRow {
                number: 0,
                hash: source.hash.clone(),
                document: source.name.clone(),
                title: clause.title.clone(),
                heading: clause.heading.clone(),
                kind: clause.kind.clone(),
                language: models::tag(clause.language).to_owned(),
                text: clause.text.clone(),
                excluded: false,
            })
        });
        let mut clauses: Vec<HouseClauseRow> = own.collect();
        if let Some(from) = &wanted.from {
            let given: HashSet<String> = clauses.iter().map(|one| one.hash.clone()).collect();
            let known = Gazetteer::of(dataset.identifiers.iter());
            clauses.extend(self.house_clauses(from)?.into_iter().filter(|clause| {
                let told = [&clause.title, &clause.heading, &clause.text];
                !given.contains(&clause.hash)
                    && !wanted.without.contains(&clause.hash)
                    && !told.into_iter().any(|text| known.stands_in(text))
            }));
        }
        self.set_house_clauses(id, &clauses)
    }
}
