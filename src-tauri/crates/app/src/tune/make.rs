//! From what is given to a dataset.

use std::ops::ControlFlow;

use moqi_document::mask::{Mask, Private, mask};
use moqi_document::{Document, parse, print};

use super::examples::{self, About};
use super::sources::{self, Source};
use super::split::{self, Refusal, Side};
use super::{
    DataConfig, Dataset, Event, Example, Given, Learned, LeftOut, Lesson, MOST_SHOWN, Personal,
    Why, augment, labelled,
};

/// Makes examples of what is given. A break of `report` is heeded before the next document.
///
/// Documents are split by families of near-duplicates, on their masked texts: one form that was filled in for two
/// clients is one text. Labelled files are split row by row, in the same way.
pub fn dataset(
    given: &[Given],
    config: &DataConfig,
    report: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Dataset {
    let read = sources::read_all(given, config.language, &config.without, report);
    let mut made = Dataset {
        left_out: read.left_out,
        cancelled: read.cancelled,
        ..Dataset::default()
    };
    made.report.others = read.others;
    if made.cancelled {
        return made;
    }
    let mut all = Vec::new();
    let count = read.documents.len();
    for (done, source) in read.documents.into_iter().enumerate() {
        if report(Event::Made { done, all: count }).is_break() {
            made.cancelled = true;
            return made;
        }
        let read = Read::of(&source, made.sources.len(), config);
        if read.examples.is_empty() {
            made.left_out.push(LeftOut {
                name: source.name,
                path: source.path,
                why: Why::NothingToLearn,
            });
            continue;
        }
        all.push(read);
        made.sources.push(source);
    }
    // Nothing is left to stop after the last one.
    let _ = report(Event::Made {
        done: count,
        all: count,
    });
    let documents = part(&mut made, all, config);
    let rows = labelled::add(&mut made, &read.labelled, config);
    made.refused = match (documents, rows) {
        (Ok(()), _) | (Err(Refusal::Nothing), Ok(())) => None,
        (Err(Refusal::Nothing), Err(refusal)) => Some(refusal),
        (Err(refusal), _) => Some(refusal),
    };
    if made.refused.is_some() {
        made.train.clear();
        made.valid.clear();
        made.test.clear();
        return made;
    }
    made.report.shared = split::part(&mut made.train, [&mut made.valid, &mut made.test]);
    if let Some(augment) = &config.augment {
        let more = augment::more(&made.train, augment, config.seed);
        made.train.extend(more);
    }
    made
}

/// A document that was masked and made into examples.
struct Read {
    text: String,
    examples: Vec<Example>,
    masked: Vec<(Private, usize)>,
    shown: Vec<super::Masked>,
}

impl Read {
    fn of(source: &Source, index: usize, config: &DataConfig) -> Read {
        let document = parse(&source.text);
        let masked = match config.personal {
            Personal::Masked => mask(&document, &[&source.title]),
            Personal::Kept => Mask {
                document,
                others: vec![source.title.clone()],
                found: Vec::new(),
            },
        };
        let about = About {
            source: index,
            title: masked.others.first().map_or("", String::as_str),
            kind: masked.document.meta.kind.clone(),
            language: source.language,
            longest: config.longest.max(1),
            seed: config.seed,
        };
        let counts = Private::ALL.into_iter().map(|kind| {
            let of_kind = masked.found.iter().filter(|found| found.kind == kind);
            (kind, of_kind.map(|found| found.count).sum())
        });
        Read {
            examples: examples::examples(&masked.document, &about),
            masked: counts.filter(|(_, count)| *count > 0).collect(),
            text: without_numbers(&masked.document),
            shown: masked.found.into_iter().take(MOST_SHOWN).collect(),
        }
    }
}

/// The text that is compared with others: placeholders of two documents are the same whatever their numbers.
fn without_numbers(document: &Document) -> String {
    let text = print(document);
    match text.contains(['【', '[']) {
        false => text,
        true => text.chars().filter(|c| !c.is_ascii_digit()).collect(),
    }
}

/// Parts documents into the three sides.
fn part(made: &mut Dataset, all: Vec<Read>, config: &DataConfig) -> Result<(), Refusal> {
    let texts: Vec<&str> = all.iter().map(|read| read.text.as_str()).collect();
    let sources = made.sources.iter();
    let settled: Vec<Option<Side>> = sources
        .map(|source| config.settled.get(&source.hash).copied())
        .collect();
    let found = split::split(&texts, &settled, config.seed)?;
    for (read, side) in all.into_iter().zip(found.sides) {
        let drafts = |example: &&Example| example.lesson == Lesson::Draft;
        made.report.documents.push(Learned {
            side,
            clauses: read.examples.iter().filter(drafts).count(),
            examples: read.examples.len(),
            masked: read.masked,
            shown: read.shown,
        });
        made.side_mut(side).extend(read.examples);
    }
    let families = found.families.into_iter();
    made.report.families = families.filter(|family| family.len() > 1).collect();
    Ok(())
}

impl Dataset {
    /// The examples of a side.
    pub fn side(&self, side: Side) -> &[Example] {
        match side {
            Side::Train => &self.train,
            Side::Valid => &self.valid,
            Side::Test => &self.test,
        }
    }

    pub(super) fn side_mut(&mut self, side: Side) -> &mut Vec<Example> {
        match side {
            Side::Train => &mut self.train,
            Side::Valid => &mut self.valid,
            Side::Test => &mut self.test,
        }
    }
}
