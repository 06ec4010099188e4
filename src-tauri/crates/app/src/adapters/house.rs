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

    /// Leaves house clauses of an adapter out of drafting, or takes them in again; all or none, by
    /// [`HouseClauseRow::number`]. A clause that is left out stays so where a style is learnt again.
    ///
    /// # Errors
    /// There is none of such a number, or the data file cannot be written.
    pub fn exclude_house_clauses(&self, id: &str, numbers: &[u32], excluded: bool) -> Result<()> {
        let done = self.store().house_clauses().exclude(id, numbers, excluded);
        done.map_err(|error| match error {
            moqi_store::Error::NotFound => Error::input(
                "文风中没有这样编号的条款。",
                "The style has no clause of such a number.",
            )
            .hint(
                "请重新列出其条款。",
                "List its clauses again: documents may have been forgotten since.",
            ),
            error => self.store_error(error),
        })
    }

    /// Notes the house clauses of an adapter.
    pub(crate) fn set_house_clauses(&self, id: &str, clauses: &[HouseClauseRow]) -> Result<()> {
        let noted = self.store().house_clauses().put(id, clauses);
        noted.map_err(|error| self.store_error(error))
    }
}
