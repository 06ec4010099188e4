//! The words: text is the ground state, and everything here is derived from it.
//!
//! `parse` turns any text into a [`Document`] and never fails; `print` turns it back, and
//! `print(parse(x))` is a fixed point; `number` computes the labels of clauses and references;
//! `instantiate` and `fill` put a lawyer's answers into a template. Trouble is data
//! ([`Problem`]) with a place in the text, never an `Err`.

mod clause;
mod edit;
mod escape;
mod fields;
mod front;
mod guard;
mod inline;
mod model;
mod normal;
mod number;
mod parse;
mod print;
mod prose;
mod signature;
pub mod words;
mod yaml;

pub use clause::{Clause, clauses};
pub use edit::{apply, line_of};
pub use inline::plain;
pub use model::*;
pub use normal::normalize;
pub use number::{number, references, scheme_of};
pub use parse::{language, parse};
pub use print::print;
pub use prose::Prose;
