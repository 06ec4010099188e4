//! Runs of capitalised words: what a name in Latin letters looks like before anything is known of it.

use std::ops::Range;

use crate::suggest::is_han;

/// A word of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// Where it stands, without signs around it.
    pub range: Range<usize>,
    pub shape: Shape,
}

/// What a word of a run looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// `Smith`, `O’Brien`, `al-Mansour`, `SMITH`
    Name,
    /// `A.`, `J.R.`
    Initial,
    /// `van`, `de`, `Ó`: inside a name only.
    Particle,
    /// `Jr.`, `III`: behind a name only.
    Suffix,
    /// `Mr.`, `Dr`, `Dear`, `Hi`: before a name only.
    Title,
}

/// Words that stand together without a sign between them.
pub(super) type Run = Vec<Word>;

/// Longest run that is looked at, in words; a longer one is a heading.
const LONGEST: usize = 12;

const TITLES: &str = "mr mr. mrs mrs. ms ms. miss dr dr. prof prof. professor hon hon. honorable honourable sir dame \
    madam dear messrs messrs. mx mx. rev rev. judge justice lord lady hi hello";
const PARTICLES: &str = "van von der den de del della di da dos das du la le el bin binti ibn ter ten zu y e st st. ó ní mac ap ab ben abu af zum zur vom";
const SUFFIXES: &str = "jr jr. sr sr. ii iii iv";

/// Whether a list of words has a word.
fn has(list: &str, word: &str) -> bool {
    list.split(' ').any(|other| other == word)
}

/// The runs of some words, in order.
pub(super) fn runs(words: &str) -> Vec<Run> {
    let mut all: Vec<Run> = Vec::new();
    let mut run: Run = Vec::new();
    let mut at = 0;
    // Underscores are the line to sign on; they part words as spaces do.
    let parts = |c: char| is_han(c) || " \u{a0}\u{3000}\n\t|_/，。、；：（）".contains(c);
    for part in words.split_inclusive(parts) {
        let whole = part.trim_end_matches(parts);
        let start = at;
        at += part.len();
        let hard = !part.ends_with([' ', '\u{a0}']);
        if whole.is_empty() {
            if hard {
                close(&mut all, &mut run);
            }
            continue;
        }
        let (range, opened, closed) = bare(whole, start);
        if opened {
            close(&mut all, &mut run);
        }
        match shape(&words[range.clone()], run.is_empty()) {
            Some(shape) => {
                let stops = stops(shape, &words[range.clone()], closed);
                run.push(Word { range, shape });
                if stops {
                    close(&mut all, &mut run);
                }
            }
            None => close(&mut all, &mut run),
        }
        if hard {
            close(&mut all, &mut run);
        }
    }
    close(&mut all, &mut run);
    all
}

/// Whether a run ends behind a word with such signs.
fn stops(shape: Shape, word: &str, closed: bool) -> bool {
    match shape {
        // The point of `Mr.` ends no sentence.
        Shape::Title | Shape::Initial => closed && !word.ends_with('.'),
        _ => closed,
    }
}

fn close(all: &mut Vec<Run>, run: &mut Run) {
    while run.last().is_some_and(|word| word.shape == Shape::Particle) {
        run.pop();
    }
    match run.len() {
        0 => {}
        1..=LONGEST => all.push(std::mem::take(run)),
        _ => run.clear(),
    }
}

/// A word without the signs and the possessive around it, and whether there are such.
fn bare(part: &str, start: usize) -> (Range<usize>, bool, bool) {
    let open = |c: char| matches!(c, '(' | '“' | '"' | '‘' | '\'' | '[' | '—' | '–');
    let rest = part.trim_start_matches(open);
    let from = start + part.len() - rest.len();
    let close = |c: char| matches!(c, ',' | ';' | ':' | ')' | '”' | '"' | ']' | '!' | '?');
    let mut word = rest.trim_end_matches(close);
    let point = word.trim_end_matches('.');
    // A point belongs to an initial, a title, or a suffix; elsewhere it ends the sentence.
    if word.len() > point.len() && !takes_point(word) {
        word = point;
    }
    // `Smith’)` has a sign behind it, `Smith’s` says whose.
    for possessive in ["’s", "'s", "’S", "'S", "’", "'"] {
        if let Some(owner) = word.strip_suffix(possessive) {
            word = owner;
            break;
        }
    }
    let closed = word.len() < rest.len();
    (from..from + word.len(), rest.len() < part.len(), closed)
}

fn takes_point(word: &str) -> bool {
    let low = word.to_lowercase();
    is_initial(word) || has(TITLES, &low) || has(SUFFIXES, &low) || low == "st."
}

/// `A.`, `J.R.`, `J.-P.`
fn is_initial(word: &str) -> bool {
    let mut letters = 0;
    let mut point = true;
    for c in word.chars() {
        match c {
            '.' if !point => point = true,
            '-' if point => {}
            c if c.is_uppercase() && point => {
                letters += 1;
                point = false;
            }
            _ => return false,
        }
    }
    point && (1..=3).contains(&letters)
}

/// What a word looks like, if it can stand in a run. `first`: it would begin one.
fn shape(word: &str, first: bool) -> Option<Shape> {
    if word.is_empty() {
        return None;
    }
    let low = word.to_lowercase();
    let capital = word.starts_with(char::is_uppercase);
    if capital && has(TITLES, &low) {
        return Some(Shape::Title);
    }
    if !first && has(SUFFIXES, &low) && capital {
        return Some(Shape::Suffix);
    }
    if is_initial(word) || (word.len() == 1 && capital && !first && word != "I") {
        return Some(Shape::Initial);
    }
    if !first && has(PARTICLES, &low) {
        return Some(Shape::Particle);
    }
    // `al-Mansour`, `d’Arcy`
    let joined = word
        .split_once(['-', '’', '\''])
        .is_some_and(|(head, tail)| head.len() <= 2 && tail.starts_with(char::is_uppercase));
    let letters = word
        .chars()
        .all(|c| c.is_alphabetic() || matches!(c, '-' | '’' | '\''));
    let latin = word.chars().all(|c| (c as u32) < 0x0250 || c == '’');
    ((capital || joined) && letters && latin && word.chars().count() >= 2).then_some(Shape::Name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &str, expected: &[&str]) {
        let found: Vec<&str> = runs(words)
            .iter()
            .map(|run| &words[run[0].range.start..run[run.len() - 1].range.end])
            .collect();
        assert_eq!(found, expected, "{words}");
    }

    #[test]
    fn runs_end_at_signs_and_small_words() {
        check(
            "by Benedict R. Amsel, Esq. and Tobias van der Meer’s wife",
            &["Benedict R. Amsel", "Esq", "Tobias van der Meer"],
        );
        check(
            "Mr. Yusuf al-Mansour (“Buyer”)",
            &["Mr. Yusuf al-Mansour", "Buyer"],
        );
        check(
            "____ Seán Ó Briain\nEverett Stanhope III",
            &["Seán Ó Briain", "Everett Stanhope III"],
        );
        check(
            "Signed. Then J.R. Smith, Jr. left",
            &["Signed", "Then J.R. Smith"],
        );
        check("由John Smith签字", &["John Smith"]);
        check("12 Main Street", &["Main Street"]);
    }
}
