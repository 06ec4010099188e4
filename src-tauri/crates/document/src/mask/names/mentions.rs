//! Mentions of names that are known: in full, and what a person is called further on.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use super::super::{Find, Private};
use super::{chinese, english};
use crate::suggest::is_han;

/// Words that are masked wherever they stand.
#[derive(Debug, Clone)]
pub(in crate::mask) struct Known {
    pub words: String,
    /// The part of the words that is the name: `温` of 温先生.
    pub name: Range<usize>,
    pub kind: Private,
    pub key: String,
}

impl Known {
    pub fn of(words: &str, kind: Private, key: &str) -> Known {
        Known {
            words: words.to_owned(),
            name: 0..words.len(),
            kind,
            key: key.to_owned(),
        }
    }
}

/// Known words, found in one pass over a line.
#[derive(Debug, Clone, Default)]
pub(in crate::mask) struct Mentions {
    all: HashMap<String, Known>,
    /// How long the words are, in bytes, that begin with two characters: what is looked up at a place is few.
    lengths: HashMap<(char, char), BTreeSet<usize>>,
}

impl Mentions {
    pub fn of(known: &BTreeMap<String, Known>) -> Mentions {
        let mut lengths: HashMap<(char, char), BTreeSet<usize>> = HashMap::new();
        for words in known.keys() {
            let mut chars = words.chars();
            if let (Some(one), Some(two)) = (chars.next(), chars.next()) {
                lengths.entry((one, two)).or_default().insert(words.len());
            }
        }
        let all = known
            .iter()
            .map(|(words, known)| (words.clone(), known.clone()));
        Mentions {
            all: all.collect(),
            lengths,
        }
    }

    /// The mentions in a line; those of longer names come first.
    pub fn in_line(&self, line: &str) -> Vec<Find> {
        let mut found: Vec<Find> = Vec::new();
        let mut chars = line.char_indices().peekable();
        while let Some((at, one)) = chars.next() {
            let Some((_, two)) = chars.peek() else {
                break;
            };
            for length in self.lengths.get(&(one, *two)).into_iter().flatten() {
                let words = line.get(at..at + length);
                let known = words.and_then(|words| self.all.get(words));
                let Some(known) = known.filter(|known| stands(known, line, at..at + length)) else {
                    continue;
                };
                found.push(Find {
                    range: at + known.name.start..at + known.name.end,
                    kind: known.kind,
                    key: known.key.clone(),
                });
            }
        }
        found.sort_by_key(|find| (Reverse(find.range.len()), find.range.start));
        found
    }
}

/// Whether known words stand somewhere as a name of their own.
fn stands(known: &Known, line: &str, range: Range<usize>) -> bool {
    let words = known.words.as_str();
    let before = line[..range.start].chars().next_back();
    let after = line[range.end..].chars().next();
    // A Latin name between Chinese characters stands alone.
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && !is_han(c));
    if joins(words.chars().next()) && joins(before)
        || joins(words.chars().next_back()) && joins(after)
    {
        return false;
    }
    if known.kind != Private::Person {
        return true;
    }
    if words.chars().all(is_han) {
        // A name of two characters may be a part of other words.
        return words.chars().count() > 2
            || known.name.len() < words.len()
            || chinese::stands(line, &range);
    }
    // `Brandt Holdings` is no person.
    let one = !words.contains(' ');
    let next = line[range.end..]
        .strip_prefix(' ')
        .and_then(|rest| rest.split([' ', ',', '.']).next());
    !(one
        && next.is_some_and(|next| {
            next.starts_with(char::is_uppercase) && english::is_body(&next.to_lowercase())
        }))
}

/// What a person is called further on, beside the full name.
pub(super) fn further(name: &str, key: &str, small: &english::Small) -> Vec<Known> {
    match name.chars().any(is_han) {
        true => chinese_further(name, key),
        false => english_further(name, key, small),
    }
}

const CHINESE_TITLES: [&str; 12] = [
    "先生", "女士", "小姐", "太太", "总", "经理", "律师", "主任", "老师", "医生", "教授", "工",
];

/// 温先生, 温律师, 德顺先生
fn chinese_further(name: &str, key: &str) -> Vec<Known> {
    let Some(surname) = chinese::surname(name) else {
        return Vec::new();
    };
    let given = &name[surname.len()..];
    let mut found = Vec::new();
    // 王　刚 is 王刚 elsewhere.
    if given.starts_with(char::is_whitespace) {
        let whole = format!("{surname}{}", given.trim_start());
        found.push(Known::of(&whole, Private::Person, key));
    }
    for short in [surname, given] {
        // A surname and 总 or 工 begins other words: 王总 stands as a name, 高工程 does not.
        let titles = CHINESE_TITLES
            .iter()
            .filter(|title| title.chars().count() == 2);
        if short == given && given.chars().count() < 2 {
            continue;
        }
        for title in titles {
            let words = format!("{short}{title}");
            let mut known = Known::of(&words, Private::Person, key);
            known.name.end = short.len();
            found.push(known);
        }
    }
    found
}

/// Titles that a name stands behind.
const TITLES: [&str; 12] = [
    "Mr. ",
    "Ms. ",
    "Mrs. ",
    "Dr. ",
    "Mr ",
    "Ms ",
    "Mrs ",
    "Dr ",
    "Miss ",
    "Prof. ",
    "Professor ",
    "Judge ",
];

/// `John Smith` of John A. Smith, `SMITH`, `Smith, John`, `Mr. Smith`, and `Smith` and `John` alone where they are no words.
fn english_further(name: &str, key: &str, small: &english::Small) -> Vec<Known> {
    let mut found = Vec::new();
    let mut add = |words: &str, skip: usize| {
        for words in [words.to_owned(), upper(words), lower(words)] {
            let mut known = Known::of(&words, Private::Person, key);
            known.name.start = skip;
            found.push(known);
        }
    };
    add(name, 0);
    let plain = name.replace(['.', ','], "");
    let parts = english::parts(name);
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
        return found;
    };
    // What begins with the first name and ends with the last: `Tobias van der Meer`.
    let family = surname(name, last);
    if parts.len() >= 2 {
        add(&plain, 0);
        add(&format!("{first} {family}"), 0);
        add(&format!("{first} {last}"), 0);
        let given = name.split(family).next().unwrap_or(first).trim();
        add(&format!("{family}, {given}"), 0);
        add(&format!("{family}, {first}"), 0);
    }
    for short in [family, last] {
        for title in TITLES {
            add(&format!("{title}{short}"), title.len());
        }
        if english::is_telling(short, small) {
            add(short, 0);
        }
    }
    if parts.len() >= 2 && english::is_telling(first, small) {
        add(first, 0);
    }
    found
}

/// The surname of a name with the particles before it.
fn surname<'a>(name: &'a str, last: &str) -> &'a str {
    let Some(end) = name.rfind(last) else {
        return name;
    };
    let mut start = end;
    for (at, _) in name[..end]
        .match_indices(' ')
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
    {
        let word = name[at + 1..start].trim();
        if !word.starts_with(char::is_lowercase) {
            break;
        }
        start = at + 1;
    }
    &name[start..end + last.len()]
}

/// A name in capitals as it is written elsewhere: `JANE ROE` is Jane Roe; other names stay.
fn lower(words: &str) -> String {
    if words.chars().any(char::is_lowercase) {
        return words.to_owned();
    }
    let mut first = true;
    let lower = |c: char| {
        let own = std::mem::replace(&mut first, !c.is_alphabetic());
        match own {
            true => c.to_string(),
            false => c.to_lowercase().to_string(),
        }
    };
    words.chars().map(lower).collect()
}

/// A name in capitals; a title before it stays.
fn upper(words: &str) -> String {
    match TITLES
        .iter()
        .find_map(|title| Some((title, words.strip_prefix(title)?)))
    {
        Some((title, name)) => format!("{title}{}", name.to_uppercase()),
        None => words.to_uppercase(),
    }
}
