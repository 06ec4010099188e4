//! The words: text is the ground state, and everything here is derived from it.
//!
//! `parse` turns any text into a [`Document`] and never fails; `print` turns it back, and
//! `print(parse(x))` is a fixed point; `number` computes the labels of clauses and references;
//! `instantiate` and `fill` put a lawyer's answers into a template. Trouble is data
//! ([`Problem`]) with a place in the text, never an `Err`.

mod answers;
mod clause;
mod edit;
mod escape;
mod eval;
mod expr;
mod fields;
mod fill;
mod filters;
mod front;
mod guard;
mod inline;
mod instantiate;
mod model;
mod normal;
mod number;
mod parse;
mod print;
mod prose;
mod signature;
mod tables;
mod tags;
mod template;
mod value;
mod walk;
pub mod words;
mod yaml;

pub use answers::{
    AnswerProblem, AnswerProblemKind, asked, check_answers, field_at, sample_answers,
};
pub use clause::{Clause, clauses};
pub use edit::{apply, line_of};
pub use fill::{fill, value_of};
pub use inline::plain;
pub use instantiate::{Instance, instantiate};
pub use model::*;
pub use normal::normalize;
pub use number::{number, references, scheme_of};
pub use parse::{language, parse};
pub use print::print;
pub use prose::Prose;
pub use template::Template;
pub use words::{
    Date, Decimal, Period, Unit, circled, en_words, letters, money, ordinal, parse_money,
    parse_rmb_upper, parse_zh_number, rmb_upper, roman, zh_number,
};
