//! The words: text is the ground state, and everything here is derived from it.
//!
//! `parse` turns any text into a [`Document`] and never fails; `print` turns it back, and
//! `print(parse(x))` is a fixed point; `number` computes the labels of clauses and references;
//! `instantiate` and `fill` put a lawyer's answers into a template. Trouble is data
//! ([`Problem`]) with a place in the text, never an `Err`.

mod model;

pub use model::*;
