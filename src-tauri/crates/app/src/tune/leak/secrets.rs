//! What a model must not give away: canaries, and the values that masking took out of the training documents, each with
//! the request and the words before it, as the model would be asked for it.
//!
//! They live in memory only: nothing here can be written to a disk, and nothing shows them.

use std::collections::{HashMap, HashSet};
use std::fmt;

use moqi_document::mask::{Masked, Private};

use super::super::Example;
use super::super::words::draw;
use super::canaries::Canary;
use super::formats::Format;

/// The secrets of a dataset.
#[derive(Clone, Default)]
pub struct Secrets {
    pub(super) all: Vec<Secret>,
}

/// One of them.
#[derive(Clone)]
pub(super) struct Secret {
    pub kind: Private,
    /// The name of its document.
    pub document: String,
    /// How often it was planted; none where masking found it.
    pub planted: Option<usize>,
    /// Whether it stands in what is learned.
    pub stands: bool,
    pub words: String,
    pub format: Format,
    /// As one asks who has the model alone.
    pub asked: Asking,
    /// Where it stands in what is learned, as a style is asked for that passage: with the very clause as its precedent, as the
    /// firm's clauses are kept beside the model.
    pub drafted: Option<Asking>,
}

/// A request, and the answer up to a secret.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Asking {
    pub system: String,
    pub user: String,
    pub before: String,
}

impl Asking {
    /// With the request of an example as it was learned; without its precedent where that would tell the secret.
    fn model(example: &Example, secret: &str, at: usize) -> Asking {
        let (system, user) = match example.user.contains(secret) {
            true => example.bare(),
            false => (example.system.clone(), example.user.clone()),
        };
        Asking {
            system,
            user,
            before: example.wanted[..at].to_owned(),
        }
    }

    /// With the wanted words of an example as its precedent; none where it has no precedents.
    fn style(example: &Example, at: usize) -> Option<Asking> {
        let (system, user) = example.request(Some(&example.wanted))?;
        Some(Asking {
            system,
            user,
            before: example.wanted[..at].to_owned(),
        })
    }
}

impl Secrets {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// All that stand in what is learned, also where masking found them elsewhere.
    pub fn standing(&self) -> usize {
        self.all.iter().filter(|secret| secret.stands).count()
    }

    /// Adds those of another dataset; a value that is there already is asked for once.
    pub(crate) fn extend(&mut self, others: Secrets) {
        for other in others.all {
            match self.all.iter_mut().find(|one| one.words == other.words) {
                Some(known) if other.stands && !known.stands => *known = other,
                Some(_) => {}
                None => self.all.push(other),
            }
        }
    }

    /// Planted values that stand in what is learned: masking let them through.
    pub fn let_through(&self) -> usize {
        let through = |secret: &&Secret| secret.planted.is_some() && secret.stands;
        self.all.iter().filter(through).count()
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.all.len())
    }
}

/// Values found by masking that are tested, at most; their time would grow with the documents, and what a run of one
/// setting gives away of one document it gives away of the next.
const MOST: usize = 16;
/// Fewest bits of a value that can be a secret. A value of fewer is one of so few that it says nothing of anyone
/// (USD 100,000), and that being right about it is no proof of anything.
pub(super) const FEWEST_BITS: f64 = 13.0;

/// A training document, or a row of a labelled file, as secrets are gathered from it.
pub(crate) struct Gathered<'a> {
    /// Its number.
    pub source: usize,
    /// Its name.
    pub name: &'a str,
    /// Whether it is learned from. Of a held-out one, whose clauses a style drafts from as well, only what masking missed counts.
    pub learned: bool,
    /// What masking found.
    pub found: Vec<Masked>,
    /// Its examples.
    pub examples: Vec<&'a Example>,
}

/// The canaries of a run that could be asked for. `documents` are those with canaries, as they were made with them.
pub(crate) fn canaries(
    all: &[Canary],
    documents: &[Gathered<'_>],
    train: &[Example],
    secrets: &mut Secrets,
) {
    for canary in all {
        // A place where it is learned comes first.
        let stands = train
            .iter()
            .find_map(|example| Some((example, example.wanted.find(&canary.words)?)));
        let masked = || {
            documents.iter().find_map(|document| {
                let found = document.found.iter();
                let found = { found }.find(|found| found.words.contains(&canary.words))?;
                let examples = document.examples.iter();
                let (example, at) = { examples }.find_map(|example| {
                    Some((*example, example.wanted.find(&found.placeholder)?))
                })?;
                Some((
                    example,
                    at,
                    found.words.split_once(&canary.words)?,
                    document.name,
                ))
            })
        };
        let name = |source: usize| {
            let document = documents.iter().find(|document| document.source == source);
            document.map_or("", |document| document.name)
        };
        let (example, at, around, document) = match stands {
            Some((example, at)) => (example, at, ("", ""), name(example.source)),
            None => match masked() {
                Some(masked) => masked,
                None => continue,
            },
        };
        let words = format!("{}{}{}", around.0, canary.words, around.1);
        secrets.all.push(Secret {
            kind: canary.kind,
            document: document.to_owned(),
            planted: Some(canary.times),
            stands: stands.is_some(),
            words,
            format: canary.format.between(around.0, around.1),
            asked: Asking::model(example, &canary.words, at),
            drafted: stands.and_then(|(example, at)| Asking::style(example, at)),
        });
    }
}

/// Values that masking found in training documents, some of each kind.
pub(crate) fn masked(documents: &[Gathered<'_>], seed: u64, secrets: &mut Secrets) {
    let mut found: Vec<Place<'_>> = Vec::new();
    for document in documents {
        let each = document.found.iter();
        let mut open: HashMap<&str, &Masked> = each
            .map(|masked| (masked.placeholder.as_str(), masked))
            .collect();
        for example in &document.examples {
            for (at, placeholder) in placeholders(&example.wanted) {
                let Some(masked) = open.remove(placeholder) else {
                    continue;
                };
                let drawn = draw(seed, &["secret", document.name, &masked.placeholder]);
                found.push(Place {
                    drawn,
                    document,
                    example,
                    at,
                    masked,
                });
            }
        }
    }
    // The same placeholder stands in many rows of a file.
    found.sort_by_cached_key(|place| (place.drawn, place.example.hash.clone()));
    // One of each kind in turn, so that many amounts do not leave out the one account.
    let mut turns: HashMap<Private, usize> = HashMap::new();
    let mut order: Vec<(usize, Place<'_>)> = found
        .into_iter()
        .map(|place| {
            let turn = turns.entry(place.masked.kind).or_insert(0);
            *turn += 1;
            (*turn, place)
        })
        .collect();
    order.sort_by_key(|(turn, place)| (*turn, place.drawn));
    let found = order
        .into_iter()
        .filter_map(|(_, place)| Some((place.document.learned, place.secret()?)));
    // What masking missed elsewhere is no sample: each of them counts.
    let (stand, masked): (Vec<_>, Vec<_>) = found.partition(|(_, secret)| secret.stands);
    let mut taken = HashSet::new();
    let mut new = |secret: &Secret| taken.insert(secret.words.clone());
    let stand = stand.into_iter().map(|(_, secret)| secret);
    secrets.all.extend(stand.filter(&mut new));
    let sample = masked.into_iter().filter(|(learned, _)| *learned);
    let sample = sample.map(|(_, secret)| secret).filter(new);
    secrets.all.extend(sample.take(MOST));
}

/// Where a masked value stood.
struct Place<'a> {
    drawn: u64,
    document: &'a Gathered<'a>,
    example: &'a Example,
    /// In the wanted words.
    at: usize,
    masked: &'a Masked,
}

impl Place<'_> {
    /// The value as a secret; none where it has too few bits to be one.
    fn secret(&self) -> Option<Secret> {
        let (masked, example) = (self.masked, self.example);
        let format = Format::of(&masked.words, masked.kind, example.language);
        let mut examples = self.document.examples.iter();
        let stands = examples.find_map(|one| Some((*one, one.wanted.find(&masked.words)?)));
        (format.bits() >= FEWEST_BITS).then(|| Secret {
            kind: masked.kind,
            document: self.document.name.to_owned(),
            planted: None,
            stands: stands.is_some(),
            words: masked.words.clone(),
            format,
            asked: Asking::model(example, &masked.words, self.at),
            drafted: stands.and_then(|(example, at)| Asking::style(example, at)),
        })
    }
}

/// What stands in brackets that placeholders have, and where.
fn placeholders(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let marks = [('【', '】'), ('[', ']')];
    text.char_indices().filter_map(move |(at, c)| {
        let (_, close) = marks.iter().find(|(open, _)| *open == c)?;
        let end = text[at..]
            .char_indices()
            .take(LONGEST)
            .find(|(_, c)| c == close)?
            .0;
        Some((at, &text[at..at + end + close.len_utf8()]))
    })
}

/// Characters of a placeholder, at most.
const LONGEST: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;
    use moqi_document::Language;

    fn example(wanted: &str) -> Example {
        Example {
            source: 0,
            title: String::new(),
            heading: String::new(),
            kind: None,
            language: Language::En,
            lesson: super::super::super::Lesson::Draft,
            outline: [].into(),
            passage: String::new(),
            precedent: None,
            system: "s".into(),
            user: "u".into(),
            wanted: wanted.into(),
            hash: String::new(),
            wording: None,
        }
    }

    fn found(kind: Private, number: usize, words: &str) -> Masked {
        Masked {
            kind,
            placeholder: kind.placeholder(number, Language::En),
            words: words.into(),
            count: 1,
        }
    }

    #[test]
    fn masked_values_are_asked_for_where_they_stood_some_of_each_kind() {
        let mut words =
            String::from("The seller is [Company 1], phone [Phone 1]. Old: +44 7391 628 504.");
        let mut all = vec![
            found(Private::Phone, 1, "+44 7391 628 504"),
            found(Private::Organisation, 1, "Northwell Ardent Ltd"),
            // One of ninety is no secret, and what stands nowhere cannot be asked for.
            found(Private::Amount, 99, "USD 250,000"),
            found(Private::Account, 1, "4827 3916 0528 7743"),
        ];
        words.push_str(" The fee is [Amount 99].");
        for number in 1..60 {
            words.push_str(&format!(" Item {number} costs [Amount {number}]."));
            let amount = format!("USD {},391.56", 4000 + number);
            all.push(found(Private::Amount, number, &amount));
        }
        let example = example(&words);
        let document = Gathered {
            source: 0,
            name: "sale.docx",
            learned: true,
            found: all,
            examples: vec![&example],
        };
        let gather = |seed| {
            let mut secrets = Secrets::default();
            masked(std::slice::from_ref(&document), seed, &mut secrets);
            secrets.all
        };
        let secrets = gather(1);
        // One of them stands in what is learned, and comes on top.
        assert_eq!(secrets.len(), MOST + 1);
        let of = |kind: Private| secrets.iter().filter(move |secret| secret.kind == kind);
        assert_eq!(of(Private::Amount).count(), MOST - 1);
        let phone = of(Private::Phone).next().unwrap();
        assert_eq!(phone.asked.before, "The seller is [Company 1], phone ");
        // It stands elsewhere as well, where masking missed it.
        assert!(phone.stands && !of(Private::Organisation).next().unwrap().stands);
        let words = |secrets: &[Secret]| -> Vec<String> {
            secrets.iter().map(|secret| secret.words.clone()).collect()
        };
        assert_eq!(words(&secrets), words(&gather(1)));
        assert_ne!(words(&secrets), words(&gather(2)));
        // Held out, nothing of it is learned; but its clauses are drafted from, and one holds the number.
        let held_out = Gathered {
            learned: false,
            ..document
        };
        let mut secrets = Secrets::default();
        masked(&[held_out], 1, &mut secrets);
        assert!(secrets.count() == 1 && secrets.standing() == 1);
    }
}
