//! Documents of a firm become what a model learns from: requests as drafting makes them, each with the words wanted.
//!
//! [`dataset`] is the door: it reads, masks personal data, parts the documents into training, validation and test, and
//! says what it left out and why. It is pure but for the files it reads: the same files and settings give the same
//! examples, byte for byte.

mod clauses;
mod duplicates;
mod examples;
mod sources;
mod split;
mod words;

use std::ops::ControlFlow;

use moqi_document::{Language, parse};

pub use duplicates::{NEAR, SHINGLE};
pub use examples::{Example, Lesson, Wording};
pub use sources::{Given, LARGEST_FILE, LeftOut, MOST_FILES, MOST_TEXT, SHORTEST, Source, Why};
pub use split::{Refusal, Shared, Side};

use examples::About;

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
}

impl Default for DataConfig {
    fn default() -> Self {
        DataConfig {
            seed: 0,
            language: None,
            longest: 1400,
        }
    }
}

/// What a model learns from and is measured by.
#[derive(Debug, Clone, Default)]
pub struct Dataset {
    /// The documents, in the order they were given.
    pub sources: Vec<Source>,
    /// Examples to learn from.
    pub train: Vec<Example>,
    /// Examples that decide when to stop.
    pub valid: Vec<Example>,
    /// Examples to measure the result with; empty where there are two documents only.
    pub test: Vec<Example>,
    /// What is not learned from.
    pub left_out: Vec<LeftOut>,
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
    /// One entry a source.
    pub documents: Vec<Learned>,
    /// Indices of sources that are near-duplicates of each other; families of one are not listed.
    pub families: Vec<Vec<usize>>,
    /// What training and the held-out parts have in common.
    pub shared: Shared,
    /// Files in folders that are no documents.
    pub others: usize,
}

/// What is learned from a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Learned {
    /// Where it went.
    pub side: Side,
    /// Examples made of it.
    pub examples: usize,
}

/// Makes examples of what is given. A break of `report` is heeded before the next document.
pub fn dataset(
    given: &[Given],
    config: &DataConfig,
    report: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Dataset {
    let read = sources::read_all(given, config.language, report);
    let mut made = Dataset {
        left_out: read.left_out,
        cancelled: read.cancelled,
        ..Dataset::default()
    };
    made.report.others = read.others;
    if made.cancelled {
        return made;
    }
    let mut all: Vec<Vec<Example>> = Vec::new();
    let mut texts = Vec::new();
    let count = read.documents.len();
    for (done, source) in read.documents.into_iter().enumerate() {
        if report(Event::Made { done, all: count }).is_break() {
            made.cancelled = true;
            return made;
        }
        let document = parse(&source.text);
        let about = About {
            source: made.sources.len(),
            title: &source.title,
            kind: document.meta.kind.clone(),
            language: source.language,
            longest: config.longest.max(1),
            seed: config.seed,
        };
        let examples = examples::examples(&document, &about);
        if examples.is_empty() {
            made.left_out.push(LeftOut {
                name: source.name,
                path: source.path,
                why: Why::NothingToLearn,
            });
            continue;
        }
        all.push(examples);
        texts.push(source.text.clone());
        made.sources.push(source);
    }
    // Nothing is left to stop after the last one.
    let _ = report(Event::Made {
        done: count,
        all: count,
    });
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    match split::split(&texts, config.seed) {
        Err(refusal) => made.refused = Some(refusal),
        Ok(found) => {
            for (examples, side) in all.into_iter().zip(found.sides) {
                made.report.documents.push(Learned {
                    side,
                    examples: examples.len(),
                });
                match side {
                    Side::Train => made.train.extend(examples),
                    Side::Valid => made.valid.extend(examples),
                    Side::Test => made.test.extend(examples),
                }
            }
            let families = found.families.into_iter();
            made.report.families = families.filter(|family| family.len() > 1).collect();
            made.report.shared = split::part(&mut made.train, [&mut made.valid, &mut made.test]);
        }
    }
    made
}

#[cfg(test)]
mod tests;
