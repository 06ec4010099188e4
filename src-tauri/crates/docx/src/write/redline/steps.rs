//! The tokens of two paragraphs side by side.

use super::flat::{Control, Flat, Inner, Token};
use super::marks::State;
use super::remarks::Edge;
use moqi_document::compare::align_words;

/// A token in the merged paragraph.
pub(super) struct Step<'t> {
    pub state: State,
    pub token: &'t Token,
    /// How it was formatted before, where that changed.
    pub before: Option<&'t str>,
    /// The number of its note before and now, where both sides have it.
    pub notes: Option<(usize, usize)>,
    /// The token of the old document, where both sides have it.
    other: Option<&'t Token>,
}

impl<'t> Step<'t> {
    /// Who changed it; `None` for what did not change.
    pub fn who(&self) -> Option<usize> {
        let changed = self.state != State::Same || self.before.is_some();
        changed.then_some(self.token.who)
    }

    /// Remarks that begin before it.
    pub fn opens(&self) -> impl Iterator<Item = Edge> + '_ {
        let other = self.other.iter().flat_map(|other| &other.remarked.before);
        self.token.remarked.before.iter().chain(other).copied()
    }

    /// Remarks that end after it, or stand there.
    pub fn closes(&self) -> impl Iterator<Item = Edge> + '_ {
        let other = self.other.iter().flat_map(|other| &other.remarked.after);
        self.token.remarked.after.iter().chain(other).copied()
    }

    /// The control it stands in.
    pub fn control(&self) -> Option<&'t Control> {
        let other = || self.other.and_then(|other| other.control.as_ref());
        self.token.control.as_ref().or_else(other)
    }
}

/// The tokens of two paragraphs in one order: what was deleted, then what was inserted, between what stays.
pub(super) fn merged<'t>(old: &'t Flat, new: &'t Flat) -> Vec<Step<'t>> {
    let (a, b) = (old.tokens.as_slice(), new.tokens.as_slice());
    let mut out = Vec::with_capacity(a.len().max(b.len()));
    if !(old.signed && new.signed) {
        merge(a, b, &mut out);
        return out;
    }
    let (mut x, mut y) = (0, 0);
    while x < a.len() || y < b.len() {
        let first = |tokens: &[Token], at: usize| tokens.get(at).map_or(usize::MAX, |t| t.segment);
        let segment = first(a, x).min(first(b, y));
        let end = |tokens: &[Token], from: usize| {
            let inside = tokens[from..].iter().take_while(|t| t.segment <= segment);
            from + inside.count()
        };
        let (next_x, next_y) = (end(a, x), end(b, y));
        merge(&a[x..next_x], &b[y..next_y], &mut out);
        (x, y) = (next_x, next_y);
    }
    out
}

fn merge<'t>(a: &'t [Token], b: &'t [Token], out: &mut Vec<Step<'t>>) {
    let keys = |tokens: &'t [Token]| -> Vec<(&'t str, usize)> {
        tokens
            .iter()
            .map(|token| (token.key.as_str(), token.weight))
            .collect()
    };
    let pairs = align_words(&keys(a), &keys(b), |key| key.1);
    let (mut x, mut y) = (0, 0);
    for (next_x, next_y) in pairs.into_iter().chain([(a.len(), b.len())]) {
        out.extend(all(&a[x..next_x], State::Deleted));
        out.extend(all(&b[y..next_y], State::Inserted));
        if let (Some(before), Some(now)) = (a.get(next_x), b.get(next_y)) {
            let number = |token: &Token| match token.inner {
                Inner::Whole(_, number) => number,
                _ => None,
            };
            out.push(Step {
                state: State::Same,
                token: now,
                before: (unhinted(&before.look) != unhinted(&now.look)).then_some(&*before.look),
                notes: number(before).zip(number(now)),
                other: Some(before),
            });
        }
        (x, y) = (next_x + 1, next_y + 1);
    }
}

/// All tokens in one state.
pub(super) fn all(tokens: &[Token], state: State) -> impl Iterator<Item = Step<'_>> {
    tokens.iter().map(move |token| Step {
        state,
        token,
        before: None,
        notes: None,
        other: None,
    })
}

/// What stands where words moved to: those that came along, and among them those that are new. All earlier words stand
/// where they came from, and none of them here: Word takes away at once what somebody deletes from words they moved
/// themselves, and LibreOffice would keep a deletion inside a move as text.
pub(super) fn arrived<'t>(old: &'t Flat, new: &'t Flat) -> Vec<Step<'t>> {
    let mut steps = merged(old, new);
    steps.retain_mut(|step| {
        // What was said of the old words stands where they came from.
        step.other = None;
        step.before = None;
        if step.state == State::Same {
            step.state = State::MovedTo;
        }
        step.state != State::Deleted
    });
    steps
}

/// The look without the hint which font to take for ambiguous signs: it follows from the words around.
fn unhinted(look: &str) -> String {
    let look = look.replace("<w:rFonts w:hint=\"eastAsia\"/>", "");
    if look == "<w:rPr></w:rPr>" {
        String::new()
    } else {
        look
    }
}
