//! From what is given to a dataset.

use std::collections::HashMap;
use std::ops::ControlFlow;

use moqi_document::mask::{Gazetteer, Mask, Masked, Private, mask_knowing};
use moqi_document::{parse, print};

use super::examples::{self, About};
use super::sources::{self, Source};
use super::split::{self, Refusal, Side};
use super::{
    Clause, DataConfig, Dataset, Event, Example, Given, Learned, LeftOut, Lesson, MOST_SHOWN,
    Personal, Why, augment, labelled, leak, precedents,
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
        let read = Read::of(&source, made.sources.len(), config, &Gazetteer::default());
        let identifying = read.found.iter().filter(|one| one.identifies());
        made.identifiers.extend(identifying.cloned());
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
    // Whom one document introduces, another may only name.
    let gazetteer = Gazetteer::of(made.identifiers.iter().chain(&config.identifiers));
    for (number, read) in all.iter_mut().enumerate() {
        let at = Event::Made {
            done: number,
            all: count,
        };
        if report(at).is_break() {
            made.cancelled = true;
            return made;
        }
        if read.names_one_of(&gazetteer) {
            *read = Read::of(&made.sources[number], number, config, &gazetteer);
        }
    }
    // Nothing is left to stop after the last one.
    let _ = report(Event::Made {
        done: count,
        all: count,
    });
    let documents = part(&mut made, all, config);
    let (documents, masked) = match documents {
        Ok(masked) => (Ok(()), masked),
        Err(refusal) => (Err(refusal), Vec::new()),
    };
    let trial = Trial::of(&mut made, config, &gazetteer);
    let (rows, trained_rows) = labelled::add(&mut made, &read.labelled, config, &gazetteer);
    made.refused = match (documents, rows) {
        (Ok(()), _) | (Err(Refusal::Nothing), Ok(())) => None,
        (Err(Refusal::Nothing), Err(refusal)) => Some(refusal),
        (Err(refusal), _) => Some(refusal),
    };
    if made.refused.is_some() {
        made.train.clear();
        made.valid.clear();
        made.test.clear();
        made.clauses.clear();
        return made;
    }
    made.report.shared = split::part(&mut made.train, [&mut made.valid, &mut made.test]);
    if config.precedents {
        precedents::add(&mut made, config.seed);
    }
    made.secrets = trial.secrets(&made, masked, trained_rows, config.seed);
    if let Some(augment) = &config.augment {
        let more = augment::more(&made.train, augment, config.seed);
        made.train.extend(more);
    }
    made
}

/// A document that was masked and made into examples.
struct Read {
    title: String,
    /// All of it, masked.
    text: String,
    examples: Vec<Example>,
    clauses: Vec<Clause>,
    masked: Vec<(Private, usize)>,
    found: Vec<Masked>,
}

impl Read {
    fn of(source: &Source, index: usize, config: &DataConfig, gazetteer: &Gazetteer) -> Read {
        let document = parse(&source.text);
        let masked = match config.personal {
            Personal::Masked => mask_knowing(&document, &[&source.title], gazetteer),
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
            title: about.title.to_owned(),
            examples: examples::examples(&masked.document, &about),
            clauses: precedents::clauses(&masked.document, &about),
            masked: counts.filter(|(_, count)| *count > 0).collect(),
            text: print(&masked.document),
            found: masked.found,
        }
    }
}

impl Read {
    /// Whether what is learned from it names anybody or anything in a gazetteer.
    fn names_one_of(&self, gazetteer: &Gazetteer) -> bool {
        let wanted = self.examples.iter().map(|example| &example.wanted);
        let clauses = self.clauses.iter().map(|clause| &clause.text);
        let own = [&self.title, &self.text].into_iter();
        let mut all = own.chain(wanted).chain(clauses);
        all.any(|text| gazetteer.stands_in(text))
    }
}

/// The text that is compared with others: placeholders of two documents are the same whatever their numbers.
fn without_numbers(text: &str) -> String {
    match text.contains(['【', '[']) {
        false => text.to_owned(),
        true => text.chars().filter(|c| !c.is_ascii_digit()).collect(),
    }
}

/// Parts documents into the three sides. Gives what masking found in each document, by its number.
fn part(
    made: &mut Dataset,
    all: Vec<Read>,
    config: &DataConfig,
) -> Result<Vec<(usize, Vec<Masked>)>, Refusal> {
    let texts: Vec<String> = all.iter().map(|read| without_numbers(&read.text)).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let sources = made.sources.iter();
    let settled: Vec<Option<Side>> = sources
        .map(|source| config.settled.get(&source.hash).copied())
        .collect();
    let shortest = split::shortest_held_out(&texts);
    let split = split::split(&texts, &settled, shortest, config.seed)?;
    let mut masked = Vec::new();
    for (number, (read, side)) in all.into_iter().zip(split.sides).enumerate() {
        let drafts = |example: &&Example| example.lesson == Lesson::Draft;
        made.report.documents.push(Learned {
            side,
            clauses: read.examples.iter().filter(drafts).count(),
            examples: read.examples.len(),
            masked: read.masked,
            shown: read.found.iter().take(MOST_SHOWN).cloned().collect(),
        });
        made.side_mut(side).extend(read.examples);
        made.clauses.extend(read.clauses);
        masked.push((number, read.found));
    }
    let families = split.families.into_iter();
    made.report.families = families.filter(|family| family.len() > 1).collect();
    Ok(masked)
}

/// The training documents with canaries in them.
struct Trial {
    planted: Option<leak::Planted>,
    documents: Vec<(usize, Read)>,
}

impl Trial {
    /// Plants canaries and makes the documents anew. Where masking let one through, or nothing is masked, the document is
    /// learned with it; elsewhere it stays as it was.
    fn of(made: &mut Dataset, config: &DataConfig, gazetteer: &Gazetteer) -> Trial {
        let mut trial = Trial {
            planted: None,
            documents: Vec::new(),
        };
        let Some(canaries) = &config.canaries else {
            return trial;
        };
        let sides = made.report.documents.iter().map(|learned| learned.side);
        let training: Vec<(usize, &Source)> = sides
            .zip(&made.sources)
            .enumerate()
            .filter(|(_, (side, _))| *side == Side::Train)
            .map(|(number, (_, source))| (number, source))
            .collect();
        let planted = leak::plant(&training, canaries, config.seed);
        for (number, (text, there)) in &planted.texts {
            let source = Source {
                text: text.clone(),
                ..made.sources[*number].clone()
            };
            let read = Read::of(&source, *number, config, gazetteer);
            let learned = |words: &str| {
                let mut examples = read.examples.iter();
                examples
                    .any(|example| example.wanted.contains(words) || example.user.contains(words))
            };
            if there.iter().any(|at| learned(&planted.all[*at].words)) {
                // The examples of a document stand together.
                let first = made.train.iter().position(|e| e.source == *number);
                let first = first.unwrap_or(made.train.len());
                made.train.retain(|example| example.source != *number);
                made.train
                    .splice(first..first, read.examples.iter().cloned());
            }
            trial.documents.push((*number, read));
        }
        trial.planted = Some(planted);
        trial
    }

    /// What the tuned model will be asked for: canaries, and what masking found in documents, by their numbers, and in rows.
    fn secrets(
        &self,
        made: &Dataset,
        masked: Vec<(usize, Vec<Masked>)>,
        rows: Vec<labelled::Found>,
        seed: u64,
    ) -> leak::Secrets {
        let mut secrets = leak::Secrets::default();
        if let Some(planted) = &self.planted {
            let documents: Vec<leak::Gathered<'_>> = self
                .documents
                .iter()
                .map(|(number, read)| leak::Gathered {
                    source: *number,
                    name: &made.sources[*number].name,
                    learned: true,
                    found: read.found.clone(),
                    examples: read.examples.iter().collect(),
                })
                .collect();
            leak::gather_canaries(&planted.all, &documents, &made.train, &mut secrets);
        }
        let mut by_source: HashMap<usize, Vec<&Example>> = HashMap::new();
        let all = [&made.train, &made.valid, &made.test].into_iter().flatten();
        for example in all {
            by_source.entry(example.source).or_default().push(example);
        }
        let documents = masked.into_iter().map(|(number, found)| leak::Gathered {
            source: number,
            name: &made.sources[number].name,
            learned: made.report.documents[number].side == Side::Train,
            found,
            examples: by_source.remove(&number).unwrap_or_default(),
        });
        // Each row has placeholders of its own.
        let by_hash: HashMap<&str, &Example> = match rows.is_empty() {
            true => HashMap::new(),
            false => made.train.iter().map(|e| (e.hash.as_str(), e)).collect(),
        };
        let rows = rows.into_iter().filter_map(|(hash, found)| {
            let example = *by_hash.get(hash.as_str())?;
            Some(leak::Gathered {
                source: example.source,
                name: &made.sources[example.source].name,
                learned: true,
                found,
                examples: vec![example],
            })
        });
        let all: Vec<leak::Gathered<'_>> = documents.chain(rows).collect();
        leak::gather_masked(&all, seed, &mut secrets);
        secrets
    }
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
