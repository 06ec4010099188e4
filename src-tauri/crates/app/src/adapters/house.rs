//! The clauses of the firm's that a style drafts from: to be read through, and left out one by one.

use moqi_store::HouseClauseRow;

use crate::App;
use crate::error::{Error, Result};

impl App {
    /// The house clauses of an adapter: what it was taught, and what those it is made of were taught. Personal data in them is
    /// masked.
    ///
    /// # Errors
    /// The data file cannot be read.
    pub fn house_clauses(&self, id: &str) -> Result<Vec<HouseClauseRow>> {
        let clauses = self.store().house_clauses().of(id);
        clauses.map_err(|error| self.store_error(error))
    }

    /// Leaves house clauses of an adapter out of drafting, or takes them in again; they are numbered from 1. A clause that is
    /// left out stays so where a style is learnt again.
    ///
    /// # Errors
    /// There is none of such a number, or the data file cannot be written.
    pub fn exclude_house_clauses(&self, id: &str, numbers: &[u32], excluded: bool) -> Result<()> {
        for number in numbers {
            let done = self
                .store()
                .house_clauses()
                .exclude(id, (*number).into(), excluded);
            done.map_err(|error| match error {
                moqi_store::Error::NotFound => Error::input(
                    format!("文风没有第 {number} 条条款。"),
                    format!("The style has no clause {number}."),
                ),
                error => self.store_error(error),
            })?;
        }
        Ok(())
    }

    /// Notes the house clauses of an adapter.
    pub(crate) fn set_house_clauses(&self, id: &str, clauses: &[HouseClauseRow]) -> Result<()> {
        let noted = self.store().house_clauses().put(id, clauses);
        noted.map_err(|error| self.store_error(error))
    }
}
