//! What a text says once with a label and then again: its parties, and their addresses, numbers and telephones.

use std::collections::HashMap;
use std::ops::Range;

use super::Why;
use super::about::{About, of_side};
use super::detail::{details, of_a_party};
use super::label::{clean, side as side_of};
use super::lines::{Lines, Place};
use super::name::known as known_label;
use super::party::{introduced, is_han, is_organisation};
use super::values::{Found, Value, values};

/// Words that stand for one field wherever they stand.
pub(super) struct Known {
    /// The words.
    pub words: String,
    /// The side it is of, as it is written.
    pub side: Option<String>,
    /// The label of the field: 甲方, 甲方地址, `Lender registered office`.
    pub label: String,
    pub why: Why,
    /// Places where a label stands before them: the line, and the place in its words.
    pub labelled: Vec<(usize, Range<usize>)>,
}

/// Most parties and most details of a text; a hostile text of names would cost its size for each.
const MOST_PARTIES: usize = 40;
const MOST_DETAILS: usize = 120;
/// Most sides that share an address or a number.
const MOST_SIDES: usize = 8;

/// The parties and details of a text, in the order they are introduced.
pub(super) fn known(lines: &Lines) -> Vec<Known> {
    let mut all: Vec<Known> = Vec::new();
    // Words that stand for one field; the same words of two sides are two.
    let mut places: HashMap<(String, bool), Vec<usize>> = HashMap::new();
    let (mut parties, mut others) = (0, 0);
    let mut add =
        |words: &str, side: Option<String>, label: String, why: Why, at: (usize, Range<usize>)| {
            // The holder of an account is the party itself.
            let party = places
                .get(&(words.to_owned(), true))
                .and_then(|same| same.first());
            if let Some(known) = party.filter(|_| why != Why::Party)
                && side.as_ref().is_none_or(|side| all[*known].label == *side)
            {
                all[*known].labelled.push(at);
                return;
            }
            let same = places
                .entry((words.to_owned(), why == Why::Party))
                .or_default();
            let one = |i: &&usize| {
                let other = &all[**i].side;
                why == Why::Party || side.is_none() || other.is_none() || *other == side
            };
            if let Some(known) = same.iter().take(MOST_SIDES).find(one) {
                all[*known].labelled.push(at);
                return;
            }
            let (count, most) = match why {
                Why::Party => (&mut parties, MOST_PARTIES),
                _ => (&mut others, MOST_DETAILS),
            };
            if *count < most {
                *count += 1;
                same.push(all.len());
                all.push(Known {
                    words: words.to_owned(),
                    side,
                    label,
                    why,
                    labelled: vec![at],
                });
            }
        };
    // The side that the lines read now are about, and the parties with their sides.
    let mut about = About::default();
    let mut full: Vec<(String, String)> = Vec::new();
    for (index, line) in lines.all.iter().enumerate() {
        match line.place {
            Place::Quote | Place::Note => continue,
            _ => about.enter(line),
        }
        if line.place == Place::Heading {
            continue;
        }
        // In a table of two columns the left one names the right one; in others it is a row of values.
        let lead = lines.words(line.left).filter(|_| line.columns == 2);
        let lead = lead
            .filter(|_| clean(&line.prose.text).is_none_or(|own| known_label(&own).is_none()))
            .map(str::to_owned);
        let mut start = 0;
        for part in line.prose.text.split_inclusive('\n') {
            let at = start;
            start += part.len();
            let here = |range: &Range<usize>| (index, at + range.start..at + range.end);
            let named = introduced(part, lead.as_deref());
            for party in &named {
                let words = &part[party.name.clone()];
                let label = party.label.clone();
                add(words, None, label, Why::Party, here(&party.name));
                if full.len() < MOST_PARTIES && party.name.len() >= 6 {
                    full.push((words.to_owned(), party.label.clone()));
                }
            }
            if let Some(party) = named.iter().find(|party| party.lasting) {
                about.set(line, &party.label);
            } else if let Some(label) = party_before_details(part) {
                about.set(line, &label);
            }
            let found = details(part, lead.as_deref());
            if found.is_empty() && named.is_empty() {
                about.ends(line, part);
            }
            // The side that a label before named, and the labels of the line.
            let mut told: Option<String> = None;
            let mut labels: Vec<String> = Vec::new();
            for detail in found.into_iter().take(MOST_DETAILS) {
                let inside = |range: &Range<usize>| {
                    range.start <= detail.range.start && detail.range.end <= range.end
                };
                if named.iter().any(|party| {
                    party.name.start < detail.range.end && detail.range.start < party.name.end
                }) {
                    continue;
                }
                let words = &part[detail.range.clone()];
                // A day or an amount behind a label is better than a text.
                let better = |value: &Found| {
                    value.range.start < 6 || matches!(value.value, Value::Money { .. })
                };
                if detail.why == Why::Labelled && values(words).iter().any(better) {
                    continue;
                }
                // Two columns of one label are of two sides.
                let again = labels.contains(&detail.label);
                labels.push(detail.label.clone());
                if detail.side.is_some() {
                    told.clone_from(&detail.side);
                }
                let side = detail.side.clone().or_else(|| told.clone()).or_else(|| {
                    if again {
                        return None;
                    }
                    named
                        .iter()
                        .find(|party| inside(&party.reach))
                        .map(|party| party.label.clone())
                        .or_else(|| about.side(line).cloned())
                        .or_else(|| named_before(&part[..detail.range.start], &full))
                });
                let side = side.filter(|_| detail.side.is_some() || of_a_party(&detail.label));
                let label = match &side {
                    Some(side) => of_side(side, &detail.label),
                    None => capital(&detail.label),
                };
                add(words, side, label, detail.why, here(&detail.range));
            }
        }
    }
    all
}

/// `Acme Ltd: 1 High Street; …`: the party whose full name stands at the start of the words.
fn named_before(before: &str, full: &[(String, String)]) -> Option<String> {
    let start = before.trim_start();
    full.iter()
        .find(|(words, _)| start.starts_with(words.as_str()))
        .map(|(_, label)| label.clone())
}

fn capital(label: &str) -> String {
    let mut chars = label.chars();
    chars
        .next()
        .map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

/// `1. 甲方：地址…`, `甲方信息`: a side before details of it.
fn party_before_details(part: &str) -> Option<String> {
    let head: String = part.chars().take(20).collect();
    let (label, _) = head.split_once(['：', ':'])?;
    let label = clean(label)?;
    side_of(&label).map(|_| label)
}

impl Known {
    /// Where the words stand in others, as a name of their own and not as a part of a longer one.
    pub fn places(&self, words: &str) -> Vec<Range<usize>> {
        let han = self.words.chars().all(is_han);
        let count = self.words.chars().count();
        // A name of two or three characters is found only between signs.
        let short = han && count <= 4 && !is_organisation(&self.words);
        if !han && count < 4 || self.why == Why::Labelled && count < 6 {
            return Vec::new();
        }
        words
            .match_indices(self.words.as_str())
            .map(|(at, found)| at..at + found.len())
            .filter(|range| {
                let before = words[..range.start].chars().next_back();
                let after = words[range.end..].chars().next();
                let joined = |inner: Option<char>, outer: Option<char>| {
                    let word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
                    word(inner) && word(outer)
                };
                let apart = !joined(self.words.chars().next(), before)
                    && !joined(self.words.chars().next_back(), after);
                let joins = |c: Option<char>, words: &str| {
                    c.is_none_or(|c| !is_han(c) || words.contains(c))
                };
                let alone = !short
                    || joins(before, "与和及向由对给即")
                        && joins(after, "与和及的应向将对在之于未已不");
                apart && alone && !goes_on(&words[range.end..])
            })
            .collect()
    }
}

/// Whether a longer name begins here: 某某公司建邺分公司 is another.
fn goes_on(after: &str) -> bool {
    let end = after
        .char_indices()
        .take(12)
        .find(|(_, c)| !is_han(*c))
        .map_or_else(
            || after.char_indices().nth(12).map_or(after.len(), |(i, _)| i),
            |(i, _)| i,
        );
    let next = &after[..end];
    ["分公司", "支行", "分行", "子公司", "分所", "办事处", "工会"]
        .iter()
        .any(|body| next.contains(body))
}
