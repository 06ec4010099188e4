//! What is offered as a field, and the places that are one field.

use std::collections::HashMap;
use std::ops::Range;

use super::name::Names;
use crate::model::{Answer, FieldKind, Span};

/// A field that a text could have.
///
/// A window shows the label, the kind, each place with the words around it (`found` stands there), the reason, and a
/// tick that is set where it is `sure`.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// Its name: ASCII, unlike that of any other suggestion or field of the text.
    pub name: String,
    /// Its label, in the language of the text.
    pub label: String,
    /// Its kind, guessed from the words around.
    pub kind: FieldKind,
    /// Where it stands in the text, in order: every place that says the same is one field.
    pub places: Vec<Span>,
    /// The filters its value passes in each of `places`, without the bar before them: `rmb_upper` for an amount in
    /// capital characters, empty where the value prints as its kind does. A missing entry is empty.
    pub filters: Vec<String>,
    /// What stands in the first place now.
    pub found: String,
    /// Why it is offered.
    pub why: Why,
    /// Whether it is certain enough to be ticked before the lawyer is asked.
    pub sure: bool,
    /// The answer with which each place says what it says now; `None` for a blank.
    pub sample: Option<Answer>,
}

/// Why words are offered as a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Why {
    /// A line to write on, or a date with its parts left open.
    Blank,
    /// Empty brackets, or brackets around words that ask for a value.
    Bracket,
    /// A box to tick.
    Box,
    /// A content control of a Word file.
    Control,
    /// The name of a party.
    Party,
    /// An address, a telephone, a person, a bank account of a party.
    Contact,
    /// A number that tells one thing from others: of a company, a person, a contract, an account.
    Identifier,
    /// The rest of a line behind a usual label, such as 项目名称：.
    Labelled,
    /// A day.
    Date,
    /// An amount of money.
    Amount,
    /// A percentage that is called something.
    Percentage,
    /// A length of time that is called something.
    Period,
}

/// Words that could be a field, in the words of one line.
pub(super) struct Find {
    pub range: Range<usize>,
    pub label: String,
    pub kind: FieldKind,
    pub sample: Option<String>,
    pub filter: &'static str,
    pub why: Why,
    /// A label of its own says what it is; also whether it is ticked.
    pub said: bool,
    /// What is the same field elsewhere; `None` where each place is a field of its own.
    pub key: Option<String>,
    /// The smaller one stays where two overlap.
    pub rank: u8,
}

/// The finds that stay where some overlap, in order.
pub(super) fn apart(mut finds: Vec<Find>) -> Vec<Find> {
    finds.sort_by_key(|find| (find.rank, find.range.start));
    let mut kept: std::collections::BTreeMap<usize, Find> = std::collections::BTreeMap::new();
    for find in finds {
        let before = kept.range(..find.range.end).next_back();
        if before.is_none_or(|(_, other)| other.range.end <= find.range.start) {
            kept.insert(find.range.start, find);
        }
    }
    kept.into_values().collect()
}

/// The fields found so far.
#[derive(Default)]
pub(super) struct Offers {
    all: Vec<Offer>,
    keys: HashMap<String, Vec<usize>>,
}

struct Offer {
    find: Find,
    found: String,
    places: Vec<Span>,
    filters: Vec<String>,
}

/// Fields of one key that are told apart by their labels; more are told apart no longer.
const MOST_LABELS: usize = 8;

impl Offers {
    pub fn add(&mut self, find: Find, found: &str, place: Span) {
        let known = find.key.as_ref().and_then(|key| {
            let same = self.keys.get(key)?;
            // A day that is called two things is two fields; one that is called nothing belongs to the first.
            let other = |i: &&usize| {
                let offer = &self.all[**i].find;
                find.said && offer.said && offer.label != find.label
            };
            match same.iter().find(|i| !other(i)) {
                None if same.len() >= MOST_LABELS => same.first().copied(),
                found => found.copied(),
            }
        });
        if let Some(offer) = known.and_then(|i| self.all.get_mut(i)) {
            offer.places.push(place);
            offer.filters.push(find.filter.to_owned());
            if find.said && !offer.find.said {
                offer.find.label = find.label;
                offer.find.said = true;
            }
            return;
        }
        if let Some(key) = &find.key {
            self.keys
                .entry(key.clone())
                .or_default()
                .push(self.all.len());
        }
        self.all.push(Offer {
            found: found.to_owned(),
            places: vec![place],
            filters: vec![find.filter.to_owned()],
            find,
        });
    }

    pub fn done(self, mut names: Names) -> Vec<Suggestion> {
        self.all
            .into_iter()
            .map(|offer| Suggestion {
                name: names.take(&offer.find.label),
                label: offer.find.label,
                kind: offer.find.kind,
                // An amount in figures and in characters is what the contract is about.
                sure: offer.find.said
                    || (offer.find.why == Why::Amount
                        && offer.filters.iter().any(|f| f.starts_with("rmb_upper"))
                        && offer.filters.iter().any(|f| !f.starts_with("rmb_upper"))),
                places: offer.places,
                filters: offer.filters,
                found: offer.found,
                why: offer.find.why,
                sample: offer.find.sample.map(Answer::Text),
            })
            .collect()
    }
}
