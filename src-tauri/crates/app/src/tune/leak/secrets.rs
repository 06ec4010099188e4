//! What a model must not give away: canaries, and the values that masking took out of the training documents, each with
//! the request and the words before it, as the model would be asked for it.
//!
//! They live in memory only: nothing here can be written to a disk, and nothing shows them.

use std::collections::{HashMap, HashSet};
use std::fmt;

use moqi_document::mask::{Masked, Private};

use super::super::examples::Example;
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
    pub system: String,
    pub user: String,
    /// The answer up to it.
    pub before: String,
}

impl Secrets {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.all.len()
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
const MOST: usize = 24;
/// Fewest bits of a value that can be a secret. A value of fewer is one of so few that it says nothing of anyone
/// (USD 100,000), and that being right about it is no proof of anything.
pub(super) const FEWEST_BITS: f64 = 13.0;

/// A training document, as secrets are gathered from it.
pub(crate) struct Gathered<'a> {
    /// Its number.
    pub source: usize,
    /// Its name.
    pub name: &'a str,
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
        secrets.all.push(Secret {
            kind: canary.kind,
            document: document.to_owned(),
            planted: Some(canary.times),
            stands: stands.is_some(),
            words: format!("{}{}{}", around.0, canary.words, around.1),
            format: canary.format.between(around.0, around.1),
            system: example.system.clone(),
            user: example.user.clone(),
            before: example.wanted[..at].to_owned(),
        });
    }
}

/// Values that masking found in training documents, some of each kind.
pub(crate) fn masked(documents: &[Gathered<'_>], seed: u64, secrets: &mut Secrets) {
    let mut seen = HashSet::new();
    let mut found: Vec<(u64, Secret)> = Vec::new();
    for document in documents {
        let mut open: HashMap<&str, &Masked> = HashMap::new();
        for found in &document.found {
            open.insert(&found.placeholder, found);
        }
        for example in &document.examples {
            for (at, placeholder) in placeholders(&example.wanted) {
                let Some(masked) = open.remove(placeholder) else {
                    continue;
                };
                let format = Format::of(&masked.words, masked.kind, example.language);
                if format.bits() < FEWEST_BITS || !seen.insert(masked.words.clone()) {
                    continue;
                }
                let secret = Secret {
                    kind: masked.kind,
                    document: document.name.to_owned(),
                    planted: None,
                    stands: false,
                    words: masked.words.clone(),
                    format,
                    system: example.system.clone(),
                    user: example.user.clone(),
                    before: example.wanted[..at].to_owned(),
                };
                let drawn = draw(seed, &["secret", document.name, &masked.placeholder]);
                found.push((drawn, secret));
            }
        }
    }
    found.sort_by_key(|(drawn, _)| *drawn);
    // One of each kind in turn, so that many amounts do not leave out the one account.
    let mut turns: HashMap<Private, usize> = HashMap::new();
    let mut order: Vec<(usize, u64, Secret)> = found
        .into_iter()
        .map(|(drawn, secret)| {
            let turn = turns.entry(secret.kind).or_insert(0);
            *turn += 1;
            (*turn, drawn, secret)
        })
        .collect();
    order.sort_by_key(|(turn, drawn, _)| (*turn, *drawn));
    let chosen = order.into_iter().take(MOST).map(|(_, _, mut secret)| {
        let document = documents
            .iter()
            .find(|document| document.name == secret.document);
        secret.stands = document.is_some_and(|document| {
            let mut examples = document.examples.iter();
            examples.any(|example| example.wanted.contains(&secret.words))
        });
        secret
    });
    secrets.all.extend(chosen);
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
