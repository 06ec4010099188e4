//! The words: text is the ground state, and everything here is derived from it.
//!
//! [`parse()`] turns any text into a [`Document`] and never fails; [`print()`] turns it back, and
//! `print(&parse(x))` is a fixed point; [`number()`] computes the labels of clauses and [`references`];
//! [`instantiate()`] and [`fill()`] put a lawyer's answers into a template. Trouble is data
//! ([`Problem`]) with a place in the text, never an `Err`. The other way, [`suggest()`] offers what a contract could have
//! as fields, [`templated()`] makes it a template, and [`from_tags()`] reads the templates of other programs.
//!
//! ```
//! use moqi_document::{Answer, Answers, fill, instantiate, number, parse, references};
//!
//! let template = concat!(
//!     "---\nlanguage: zh\nfields:\n  price: {type: money, label: 总价}\n---\n",
//!     "## 价款 {#price}\n\n",
//!     "{% if price %}\n1. 总价为人民币{{price | rmb_upper}}（¥{{price}}）。\n{% endif %}\n\n",
//!     "## 付款\n\n买受人按[](#price)付款。\n",
//! );
//! let answers = Answers::from([("price".to_owned(), Answer::Text("1200000.00".to_owned()))]);
//! let filled = fill(&instantiate(template, &answers).text, &answers);
//! assert!(filled.text.contains("人民币壹佰贰拾万元整（¥1,200,000.00）"));
//!
//! let document = parse(&filled.text);
//! let numbering = number(&document);
//! assert_eq!(numbering.labels[1].as_ref().map(|l| l.text.as_str()), Some("一、"));
//! assert_eq!(references(&document, &numbering)["price"], "第一条");
//! ```
//!
//! # What holds
//!
//! - Every span is a byte range of the text that was given, on character boundaries.
//! - A text inline is its source byte for byte, or as a whole the meaning of its source (an entity, a space for a
//!   line end). Neighbouring texts may be cut where the source has an escape; [`normalize`] joins them, and
//!   [`Prose`] hides the cuts.
//! - `parse(&print(&d))` equals the normalized `d` up to spans, for any words in any block.
//! - No function panics, and none takes more than linear time in practice on hostile text.
//! - No float: amounts are integers of 分 or cents, numbers are decimals ([`words`]).

mod answers;
pub mod check_digits;
mod clause;
pub mod compare;
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
pub mod mask;
mod merge;
mod model;
mod normal;
mod number;
mod parse;
mod print;
mod prose;
mod signature;
mod suggest;
mod tables;
mod tagged;
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
pub use compare::{Change, Comparison, compare};
pub use edit::{apply, line_of};
pub use fill::{Shown, fill, value_of};
pub use inline::plain;
pub use instantiate::{Instance, instantiate};
pub use model::*;
pub use normal::normalize;
pub use number::{number, references, scheme_of};
pub use parse::{language, parse};
pub use print::print;
pub use prose::Prose;
pub use suggest::{
    Blank, BlankForm, Control, Suggestion, Why, blanks, kind_around, label_around, label_of_hint,
    suggest, suggest_with, templated,
};
pub use tagged::{KeptTag, KeptWhy, TagStyle, Tagged, from_tags, tag_style};
pub use template::Template;
pub use value::party_parts;
pub use words::{
    Date, Decimal, Period, Unit, circled, en_words, letters, money, ordinal, parse_money,
    parse_rmb_upper, parse_zh_number, rmb_upper, roman, zh_number,
};
