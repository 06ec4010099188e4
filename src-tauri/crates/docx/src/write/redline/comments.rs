//! Comments that say why a change is suggested.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::flat::Step;
use super::marks::{Marks, Signer, State};
use crate::write::text::escape;

const MAIN: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"";

/// The entry of the part among the content types.
pub(super) const TYPE: &str = "<Override PartName=\"/word/comments.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml\"/>";
/// The relation of the document to the part.
pub(super) const RELATION: &str = "<Relationship Id=\"rIdComments\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments\" Target=\"comments.xml\"/>";

/// Comments by the suggestion they belong to, whose number is theirs.
#[derive(Debug, Default)]
pub(super) struct Comments {
    waiting: BTreeSet<usize>,
    placed: BTreeSet<usize>,
    left: BTreeSet<usize>,
}

/// Comments of one paragraph: before and after which of its tokens they begin and end.
pub(super) struct Anchors {
    begin: BTreeMap<usize, Vec<usize>>,
    end: BTreeMap<usize, Vec<usize>>,
}

impl Comments {
    /// Comments that are to find a place.
    pub fn new(numbers: impl IntoIterator<Item = usize>) -> Self {
        Self {
            waiting: numbers.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Gives the comments a place whose suggestions change something among these tokens.
    pub fn on(&mut self, steps: &[Step<'_>]) -> Anchors {
        let mut found: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
        if !self.waiting.is_empty() {
            for (at, step) in steps.iter().enumerate() {
                if let Some(who) = step.who().filter(|who| self.waiting.contains(who)) {
                    found.entry(who).or_insert((at, at)).1 = at;
                }
            }
        }
        let mut anchors = Anchors {
            begin: BTreeMap::new(),
            end: BTreeMap::new(),
        };
        for (who, (first, last)) in found {
            self.waiting.remove(&who);
            self.placed.insert(who);
            anchors.begin.entry(first).or_default().push(who);
            anchors.end.entry(last + 1).or_default().push(who);
        }
        anchors
    }

    /// Those of these comments that have no place yet get one.
    pub fn take(&mut self, of: &[usize]) -> Vec<usize> {
        let taken: Vec<usize> = of
            .iter()
            .copied()
            .filter(|number| self.waiting.remove(number))
            .collect();
        self.placed.extend(&taken);
        taken
    }

    /// No comment finds a place any more: Word has none in footnotes.
    pub fn close(&mut self) {
        self.left = std::mem::take(&mut self.waiting);
    }

    /// Comments that found no place.
    pub fn left(&self) -> impl Iterator<Item = usize> + '_ {
        self.left.iter().copied()
    }

    /// The part, where there are any: `of` gives the signer of a comment and its words.
    pub fn part<'t>(&self, of: impl Fn(usize) -> (Signer<'t>, &'t str)) -> Option<String> {
        if self.placed.is_empty() {
            return None;
        }
        let mut out = format!("<w:comments {MAIN}>");
        for &number in &self.placed {
            let (by, words) = of(number);
            let initials: String = by
                .author
                .split_whitespace()
                .filter_map(|word| word.chars().next())
                .take(3)
                .collect();
            let _ = write!(
                out,
                "<w:comment w:id=\"{number}\" {} w:initials=\"{}\">",
                by.attributes(),
                escape(&initials)
            );
            // A comment has a paragraph, even an empty one.
            let words = if words.is_empty() { "\n" } else { words };
            for (at, line) in words.lines().enumerate() {
                let mark = if at == 0 {
                    "<w:r><w:annotationRef/></w:r>"
                } else {
                    ""
                };
                let _ = write!(
                    out,
                    "<w:p>{mark}<w:r><w:t xml:space=\"preserve\">{}</w:t></w:r></w:p>",
                    escape(line)
                );
            }
            out.push_str("</w:comment>");
        }
        out.push_str("</w:comments>");
        Some(out)
    }
}

impl Anchors {
    /// What stands before a token.
    pub fn opening(&mut self, at: usize) -> String {
        let begin = self.begin.remove(&at).unwrap_or_default();
        begin.into_iter().map(opening).collect()
    }

    /// What stands before a token, or at the end, of the comments that end there. `state` is that of the mark of a comment.
    pub fn closing(&mut self, at: usize, state: State, marks: &mut Marks) -> String {
        let end = self.end.remove(&at).unwrap_or_default();
        end.into_iter()
            .map(|number| closing(number, state, marks))
            .collect()
    }
}

/// Where a comment begins.
pub(super) fn opening(number: usize) -> String {
    format!("<w:commentRangeStart w:id=\"{number}\"/>")
}

/// Where it ends, with its mark.
pub(super) fn closing(number: usize, state: State, marks: &mut Marks) -> String {
    marks.sign(number);
    let mark = format!("<w:r><w:commentReference w:id=\"{number}\"/></w:r>");
    format!(
        "<w:commentRangeEnd w:id=\"{number}\"/>{}",
        marks.wrap(state, &mark)
    )
}
