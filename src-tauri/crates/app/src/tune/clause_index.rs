//! The firm's own clauses, looked up by what is known before anything is written: the heading, and what else the document is.
//!
//! Documents are alike as far as their titles and the headings of their clauses are the same (Jaccard index, rare ones
//! counting for more). Of the clauses under a heading two can be asked for: that of the document which is most alike, and
//! the firm's usual wording, which agrees best with what like documents say there.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::words::tokens;
use crate::rank::terms;

/// What of a document says how like it another is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Profile<'a> {
    /// Its title.
    pub title: &'a str,
    /// Its kind, where that is known.
    pub kind: Option<&'a str>,
    /// The headings of its clauses.
    pub outline: &'a [String],
}

/// A clause that is to be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry<'a> {
    /// Its document, by a number of the caller's own.
    pub number: usize,
    /// That document.
    pub profile: Profile<'a>,
    /// Its heading.
    pub heading: &'a str,
    /// Its wording.
    pub text: &'a str,
}

/// Clauses, numbered as they came.
#[derive(Default)]
pub(crate) struct ClauseIndex {
    clauses: Vec<Clause>,
    documents: Vec<Features>,
    /// Clauses by their heading, and by each word of it.
    same: HashMap<String, Vec<usize>>,
    alike: HashMap<String, Vec<usize>>,
    /// Documents that have a title word or a heading, or clauses that have a word of a heading.
    counts: HashMap<Feature, usize>,
}

struct Clause {
    /// In [`ClauseIndex::documents`].
    document: usize,
    number: usize,
    heading: String,
    pairs: Pairs,
}

/// What is compared of documents and headings.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Feature {
    TitleWord(String),
    Heading(String),
    HeadingWord(String),
}

struct Features {
    title: HashSet<Feature>,
    outline: HashSet<Feature>,
    kind: Option<String>,
}

/// Clauses that are looked at for the usual wording: more of them say no more.
const LOOKED_AT: usize = 12;
/// How much nearer documents count: one that is like another by this much more counts for e times as much.
const SHARPNESS: f64 = 0.2;
/// What the same kind adds to the likeness of documents, which else is 0 to 2.
const SAME_KIND: f64 = 0.5;
/// What the words of a heading weigh beside the document, where no heading is the same.
const HEADING: f64 = 3.0;

impl ClauseIndex {
    /// Of clauses, those of a document one after another.
    pub fn of<'a>(entries: impl Iterator<Item = Entry<'a>>) -> ClauseIndex {
        let mut index = ClauseIndex::default();
        for one in entries {
            if index
                .clauses
                .last()
                .is_none_or(|last| last.number != one.number)
            {
                let features = features(&one.profile);
                for feature in features.title.iter().chain(&features.outline) {
                    *index.counts.entry(feature.clone()).or_default() += 1;
                }
                index.documents.push(features);
            }
            let (at, heading) = (index.clauses.len(), plain(one.heading));
            for word in heading_words(&heading) {
                if let Feature::HeadingWord(word) = &word {
                    index.alike.entry(word.clone()).or_default().push(at);
                }
                *index.counts.entry(word).or_default() += 1;
            }
            index.same.entry(heading.clone()).or_default().push(at);
            index.clauses.push(Clause {
                document: index.documents.len() - 1,
                number: one.number,
                heading,
                pairs: Pairs::of(one.text),
            });
        }
        index
    }

    /// Asks for clauses on behalf of a document.
    pub fn query(&self, profile: &Profile<'_>) -> Query<'_> {
        let asked = features(profile);
        let likeness = self.documents.iter().map(|one| {
            let kind = asked.kind.is_some() && asked.kind == one.kind;
            self.likeness(&asked.title, &one.title)
                + self.likeness(&asked.outline, &one.outline)
                + if kind { SAME_KIND } else { 0.0 }
        });
        Query {
            index: self,
            likeness: likeness.collect(),
        }
    }

    /// The containment of a text in a clause (Broder 1997), by pairs of words, 0 to 1: how much of it can be taken from there.
    pub fn containment(&self, at: usize, text: &str) -> f64 {
        let pairs = Pairs::of(text);
        let shared = pairs.shared(&self.clauses[at].pairs);
        shared as f64 / pairs.all.max(1) as f64
    }

    /// The weighted Jaccard index of two sets: what is rare in the index counts for more.
    fn likeness(&self, a: &HashSet<Feature>, b: &HashSet<Feature>) -> f64 {
        // A sum of floating-point numbers depends on their order.
        let both: BTreeMap<&Feature, bool> = a
            .iter()
            .map(|one| (one, b.contains(one)))
            .chain(
                b.iter()
                    .filter(|one| !a.contains(*one))
                    .map(|one| (one, false)),
            )
            .collect();
        let (mut shared, mut all) = (0.0, 0.0);
        for (feature, shares) in both {
            let weight = self.weight(feature);
            all += weight;
            shared += if shares { weight } else { 0.0 };
        }
        if all > 0.0 { shared / all } else { 0.0 }
    }

    fn weight(&self, feature: &Feature) -> f64 {
        let of = match feature {
            Feature::HeadingWord(_) => self.clauses.len(),
            Feature::TitleWord(_) | Feature::Heading(_) => self.documents.len(),
        };
        let known = self.counts.get(feature).copied().unwrap_or(0);
        (of as f64 / (known as f64 + 0.5) + 1.0).ln()
    }
}

/// The index as it is asked on behalf of a document.
pub(crate) struct Query<'a> {
    index: &'a ClauseIndex,
    /// Of that document to each in the index.
    likeness: Vec<f64>,
}

impl Query<'_> {
    /// Clauses for a heading, the nearest first: those under the same heading in the order of their documents' likeness;
    /// where there are none, those under a heading that has a word in common. `but` is the number of a document whose clauses
    /// are passed over.
    pub fn nearest(&self, heading: &str, but: Option<usize>) -> Vec<usize> {
        let found = self.ranked(heading, but).into_iter();
        found.map(|(at, _)| at).collect()
    }

    /// The clause that agrees best with what like documents say under a heading: of the nearest, the one with the greatest
    /// expected agreement (Dice's coefficient of pairs of words), documents counting by their likeness. Of equals the
    /// nearest.
    pub fn usual(&self, heading: &str, but: Option<usize>) -> Option<usize> {
        let mut near = self.ranked(heading, but);
        near.truncate(LOOKED_AT);
        let mut best: Option<(f64, usize)> = None;
        for (at, _) in &near {
            let pairs = &self.index.clauses[*at].pairs;
            let agreement = near.iter().map(|(other, likeness)| {
                (likeness / SHARPNESS).exp() * pairs.agreement(&self.index.clauses[*other].pairs)
            });
            let agreement: f64 = agreement.sum();
            if best.is_none_or(|(most, _)| agreement > most) {
                best = Some((agreement, *at));
            }
        }
        best.map(|(_, at)| at)
    }

    fn ranked(&self, heading: &str, but: Option<usize>) -> Vec<(usize, f64)> {
        let heading = plain(heading);
        let index = self.index;
        let may = |at: &usize| but != Some(index.clauses[*at].number);
        let likeness = |at: usize| self.likeness[index.clauses[at].document];
        let same = index.same.get(&heading).into_iter().flatten().copied();
        let mut found: Vec<(usize, f64)> = same.filter(may).map(|at| (at, likeness(at))).collect();
        if found.is_empty() {
            let words = heading_words(&heading);
            let by_word = words.iter().filter_map(|word| match word {
                Feature::HeadingWord(word) => index.alike.get(word),
                _ => None,
            });
            let alike: HashSet<usize> = by_word.flatten().copied().filter(may).collect();
            let nearness = |at: usize| {
                let other = heading_words(&index.clauses[at].heading);
                likeness(at) + HEADING * index.likeness(&words, &other)
            };
            found = alike.into_iter().map(|at| (at, nearness(at))).collect();
        }
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        found
    }
}

fn plain(heading: &str) -> String {
    heading.trim().to_lowercase()
}

fn heading_words(heading: &str) -> HashSet<Feature> {
    terms(heading)
        .into_iter()
        .map(Feature::HeadingWord)
        .collect()
}

fn features(profile: &Profile<'_>) -> Features {
    let headings = profile.outline.iter().map(|heading| plain(heading));
    Features {
        title: terms(profile.title)
            .into_iter()
            .map(Feature::TitleWord)
            .collect(),
        outline: headings.map(Feature::Heading).collect(),
        kind: profile.kind.map(str::to_owned),
    }
}

/// Pairs of neighbouring words and how often each stands there; a text of one word is a pair with nothing.
struct Pairs {
    counts: HashMap<(String, String), usize>,
    all: usize,
}

impl Pairs {
    fn of(text: &str) -> Pairs {
        let mut words = tokens(text);
        if words.len() == 1 {
            words.push(String::new());
        }
        let mut counts = HashMap::new();
        for pair in words.windows(2) {
            let [a, b] = pair else { continue };
            *counts.entry((a.clone(), b.clone())).or_insert(0) += 1;
        }
        Pairs {
            all: words.len().saturating_sub(1),
            counts,
        }
    }

    /// Dice's coefficient, 0 to 1.
    fn agreement(&self, other: &Pairs) -> f64 {
        match self.all + other.all {
            0 => 0.0,
            all => 2.0 * self.shared(other) as f64 / all as f64,
        }
    }

    fn shared(&self, other: &Pairs) -> usize {
        let each = self.counts.iter();
        each.map(|(pair, count)| *count.min(other.counts.get(pair).unwrap_or(&0)))
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(headings: &[&str]) -> Vec<String> {
        headings.iter().map(|one| (*one).to_owned()).collect()
    }

    fn entry<'a>(
        number: usize,
        title: &'a str,
        outline: &'a [String],
        heading: &'a str,
        text: &'a str,
    ) -> Entry<'a> {
        Entry {
            number,
            profile: Profile {
                title,
                kind: None,
                outline,
            },
            heading,
            text,
        }
    }

    #[test]
    fn the_containment_of_a_text_in_a_clause_is_counted_in_pairs_of_words() {
        let none = outline(&[]);
        let text = "The seller delivers the goods in May.";
        let index = ClauseIndex::of([entry(0, "Sale", &none, "Delivery", text)].into_iter());
        assert_eq!(index.containment(0, text), 1.0);
        // "the seller", "seller delivers", "delivers the", "the goods" of five.
        let part = index.containment(0, "The seller delivers the goods late");
        assert!((part - 0.8).abs() < 1e-9, "{part}");
        assert_eq!(index.containment(0, "Arbitration in London"), 0.0);
        assert_eq!(index.containment(0, ""), 0.0);
    }

    #[test]
    fn the_nearest_is_of_the_document_that_is_most_alike() {
        let a = outline(&["Duties", "Price", "Warranty"]);
        let b = outline(&["Duties", "Rent", "Repairs"]);
        let index = ClauseIndex::of(
            [
                entry(0, "Sale of goods", &a, "Duties", "The seller delivers."),
                entry(
                    1,
                    "Lease of the second floor",
                    &b,
                    "Duties",
                    "The landlord keeps it dry.",
                ),
                entry(
                    1,
                    "Lease of the second floor",
                    &b,
                    "Duties of both",
                    "Both keep the peace.",
                ),
            ]
            .into_iter(),
        );
        let lease = Profile {
            title: "Lease of a shed",
            kind: None,
            outline: &b,
        };
        let query = index.query(&lease);
        // The same heading goes before any likeness, and its capitals do not count.
        assert_eq!(query.nearest("DUTIES", None), [1, 0]);
        assert_eq!(query.nearest("duties", Some(1)), [0]);
        assert_eq!(query.nearest("Duties of the tenant", None), [1, 2, 0]);
        assert!(query.nearest("Arbitration", None).is_empty());
        let sale = Profile {
            title: "",
            kind: None,
            outline: &a,
        };
        assert_eq!(index.query(&sale).nearest("Duties", None), [0, 1]);
        // An empty index has nothing to find.
        let none = ClauseIndex::of(std::iter::empty());
        assert!(none.query(&lease).usual("Duties", None).is_none());
    }

    #[test]
    fn the_usual_wording_is_what_most_like_documents_say() {
        let own = outline(&["Term", "Notices", "Fees"]);
        let other = outline(&["Wills", "Heirs"]);
        let usual = "Either party may end this agreement by thirty days notice in writing.";
        let index = ClauseIndex::of(
            [
                // The first is nearest, but says what nobody else says.
                entry(0, "Advice", &own, "Term", "It never ends."),
                entry(1, "Advice", &own, "Term", usual),
                entry(
                    2,
                    "Advice",
                    &own,
                    "Term",
                    "Either party may end this agreement by sixty days notice in writing.",
                ),
                entry(3, "Advice", &own, "Term", usual),
                entry(6, "Advice", &own, "Term", usual),
                entry(4, "Testament", &other, "Term", "It never ends."),
                entry(5, "Testament", &other, "Term", "It never ends."),
            ]
            .into_iter(),
        );
        let asked = Profile {
            title: "Advice",
            kind: None,
            outline: &own,
        };
        let query = index.query(&asked);
        assert_eq!(query.nearest("Term", None)[0], 0);
        assert_eq!(query.usual("Term", None), Some(1));
        // Nobody is his own precedent.
        assert_eq!(query.usual("Term", Some(1)), Some(3));
        // To a document of the other kind the other wording is usual.
        let asked = Profile {
            title: "Testament",
            kind: None,
            outline: &other,
        };
        assert_eq!(index.query(&asked).usual("Term", None), Some(5));
    }
}
