//! Documents of a firm become what a model learns from: requests as drafting makes them, each with the words wanted.
//!
//! [`dataset`] is the door: it reads, masks personal data, parts the documents into training, validation and test, and
//! says what it left out and why. It is pure but for the files it reads: the same files and settings give the same
//! examples, byte for byte.

mod augment;
pub(crate) mod clause_index;
mod clauses;
mod duplicates;
mod example;
mod examples;
pub mod export;
pub mod labelled;
pub mod leak;
mod make;
pub mod measure;
mod practice;
mod precedents;
mod replay;
mod sources;
mod split;
mod words;

use std::collections::BTreeMap;

use moqi_document::Language;

pub use augment::Augment;
pub use duplicates::{NEAR, SHINGLE};
pub use example::{Example, Lesson, Wording};
pub use make::dataset;
pub use moqi_document::mask::{Masked, Private};
pub use precedents::Clause;
pub use replay::replay;
pub use sources::{
    Given, LARGEST_FILE, LeftOut, MOST_FILES, MOST_TEXT, SHORTEST, Source, Why, hash_of,
};
pub use split::{Refusal, Shared, Side};

/// What is heard on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Documents read, of all that were found.
    Read {
        /// Done.
        done: usize,
        /// In all.
        all: usize,
    },
    /// Documents that became examples, of all that were read.
    Made {
        /// Done.
        done: usize,
        /// In all.
        all: usize,
    },
}

/// How examples are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataConfig {
    /// Decides which documents are held out.
    pub seed: u64,
    /// Learn from documents in this language only.
    pub language: Option<Language>,
    /// Longest wanted text in bytes. Drafting stops an answer at 320 tokens: about 1400 bytes, whatever the language.
    pub longest: usize,
    /// Whether names, numbers, addresses and amounts are learned.
    pub personal: Personal,
    /// Whether clauses are asked for with a precedent, the firm's nearest other clause, as drafting asks for them.
    pub precedents: bool,
    /// More examples for training, made of those there are; `None` for none.
    pub augment: Option<Augment>,
    /// SHA-256 of sources, in hex, that are left out although they are given: what is to be forgotten. Labelled files are
    /// among them.
    pub without: Vec<String>,
    /// Invented secrets that are planted before masking, to test what a model gives away; `None` for none.
    pub canaries: Option<leak::Canaries>,
    /// Documents, by their SHA-256 in hex, and rows of labelled files, by the hash of their words, whose side is not drawn:
    /// what was learnt before, and what was held out then.
    pub settled: BTreeMap<String, Side>,
    /// What identifies somebody or something, of documents that were learnt before: see [`Dataset::identifiers`].
    pub identifiers: Vec<Masked>,
}

/// What becomes of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Personal {
    /// Placeholders stand for it.
    #[default]
    Masked,
    /// It is learned as it stands: for measuring whether a model gives away what it learned.
    Kept,
}

impl Default for DataConfig {
    fn default() -> Self {
        DataConfig {
            seed: 0,
            language: None,
            longest: 1400,
            personal: Personal::Masked,
            precedents: true,
            augment: None,
            without: Vec::new(),
            canaries: None,
            settled: BTreeMap::new(),
            identifiers: Vec::new(),
        }
    }
}

/// What a model learns from and is measured by.
#[derive(Debug, Clone, Default)]
pub struct Dataset {
    /// The documents, in the order they were given; then labelled files; then what is repeated of earlier ones.
    pub sources: Vec<Source>,
    /// Examples to learn from.
    pub train: Vec<Example>,
    /// Examples that decide when to stop.
    pub valid: Vec<Example>,
    /// Examples to measure the result with; empty where there are two documents only.
    pub test: Vec<Example>,
    /// The clauses of all documents that were given, whichever side they are on: precedents for drafting.
    pub clauses: Vec<Clause>,
    /// What is not learned from.
    pub left_out: Vec<LeftOut>,
    /// What masking found that identifies somebody or something wherever it stands. In memory only.
    pub identifiers: Vec<Masked>,
    /// What a model that learns from it is asked for by the leak test. In memory only.
    pub secrets: leak::Secrets,
    /// Figures for the user.
    pub report: Report,
    /// Why there are no examples, where there are none.
    pub refused: Option<Refusal>,
    /// It was cancelled; there are no examples.
    pub cancelled: bool,
}

/// Figures of a dataset.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// One entry a document; documents are the first of [`Dataset::sources`].
    pub documents: Vec<Learned>,
    /// One entry a labelled file; these are the further sources.
    pub labelled: Vec<Rows>,
    /// What is repeated of documents that were learnt before; these are the last of the sources.
    pub repeated: Vec<Repeated>,
    /// Indices of sources that are near-duplicates of each other; families of one are not listed.
    pub families: Vec<Vec<usize>>,
    /// What training and the held-out parts have in common.
    pub shared: Shared,
    /// Files in folders that are no documents.
    pub others: usize,
}

/// What is learned from a labelled file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    /// Index of the file in [`Dataset::sources`].
    pub source: usize,
    /// The hash of each row's words, and where it went.
    pub sides: Vec<(String, Side)>,
    /// How many places of each kind were masked.
    pub masked: Vec<(Private, usize)>,
}

/// What is repeated of a document or labelled file that was learnt before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeated {
    /// Its index in [`Dataset::sources`].
    pub source: usize,
    /// Examples of it.
    pub examples: usize,
}

/// What is learned from a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Learned {
    /// Where it went.
    pub side: Side,
    /// Clauses it has; a text without headings has none.
    pub clauses: usize,
    /// Examples made of it.
    pub examples: usize,
    /// How many places of each kind were masked.
    pub masked: Vec<(Private, usize)>,
    /// The first values that were masked, at most [`MOST_SHOWN`], to be shown to the user. They are kept in memory only:
    /// what holds a dataset on a disk must leave them out.
    pub shown: Vec<Masked>,
}

/// Masked values of one document that are kept for showing.
pub const MOST_SHOWN: usize = 20;

#[cfg(test)]
mod tests;
