//! What a text leaves open: its blanks, what they are called and what kind of value they want.

mod blanks;
mod form;
mod label;

pub use blanks::{Blank, BlankForm, blanks};
pub use form::{Suggestion, suggest, templated};
pub use label::{kind_around, label_around, label_of_hint};
