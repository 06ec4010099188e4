//! What a text could have as fields: what it leaves open, and what is filled in that changes from one contract to the next.

mod about;
mod accept;
mod blanks;
mod context;
mod control;
mod detail;
mod form;
mod glossary;
mod known;
mod label;
mod lines;
mod name;
mod named;
mod offer;
mod party;
mod values;

pub use accept::templated;
pub use blanks::{Blank, BlankForm, blanks};
pub use control::Control;
pub use form::{suggest, suggest_with};
pub(crate) use label::{SIDES, last_chars};
pub use label::{kind_around, label_around, label_of_hint};
pub(crate) use name::name_of;
pub(crate) use named::{Named, named};
pub use offer::{Suggestion, Why};
pub(crate) use party::{definition, is_han, is_organisation};
