//! What a text could have as fields: what it leaves open, and what is filled in that changes from one contract to the next.

mod blanks;
mod context;
mod detail;
mod form;
mod glossary;
mod known;
mod label;
mod lines;
mod name;
mod offer;
mod party;
mod values;

pub use blanks::{Blank, BlankForm, blanks};
pub use form::{Control, suggest, suggest_with, templated};
pub use label::{kind_around, label_around, label_of_hint};
pub(crate) use name::name_of;
pub use offer::{Suggestion, Why};
