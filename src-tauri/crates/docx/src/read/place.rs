//! Where the controls stand in the text: exact places, and brackets around a prompt, which are no words of the contract.
//!
//! Words are counted by their characters without blanks, which no tidying changes, so that a place among the inlines is
//! found again in the text that is printed from them.

use moqi_document::{Block, Inline, InlineKind, Span};

use super::pins::Pins;
use super::tidy::tidy;

/// A place in the words: a block, a content of it, and how many units stand before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Point {
    block: usize,
    content: usize,
    unit: usize,
}

/// What is known of a control when its words are settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Held {
    /// The control it stands in; always one that began before it.
    pub(super) outer: Option<usize>,
    /// It shows its prompt.
    pub(super) prompts: bool,
}

/// First and last place of each control that has words.
pub(super) struct Places {
    of: Vec<Option<(Point, Point)>>,
}

/// Settles the words of a text: prompts get brackets, pins become links again, and what they kept apart is joined.
pub(super) fn settle(blocks: &mut [Block], pins: &Pins, controls: &[Held]) -> Places {
    let mut of: Vec<Option<(Point, Point)>> = vec![None; controls.len()];
    for (at, block) in blocks.iter_mut().enumerate() {
        for (number, content) in block.contents_mut().into_iter().enumerate() {
            if content
                .iter()
                .all(|inline| pins.of(&inline.marks).is_none())
            {
                continue;
            }
            bracket(content, pins, controls);
            let mut unit = 0;
            for inline in content.iter_mut() {
                let start = unit;
                unit += units(&inline.kind);
                let Some(pin) = pins.of(&inline.marks).cloned() else {
                    continue;
                };
                inline.marks.link = pin.link;
                if let Some(control) = pin.control.filter(|_| unit > start) {
                    let point = |unit| Point {
                        block: at,
                        content: number,
                        unit,
                    };
                    let place = of[control].get_or_insert((point(start), point(unit)));
                    place.1 = point(unit);
                }
            }
            *content = tidy(std::mem::take(content));
        }
    }
    // Those inside come after those around them.
    for control in (0..controls.len()).rev() {
        let Some(outer) = controls[control].outer.filter(|outer| *outer < control) else {
            continue;
        };
        if let Some((start, end)) = of[control] {
            let place = of[outer].get_or_insert((start, end));
            *place = (place.0.min(start), place.1.max(end));
        }
    }
    Places { of }
}

fn units(kind: &InlineKind) -> usize {
    match kind {
        InlineKind::Text(text) => text.chars().filter(|c| !c.is_whitespace()).count(),
        InlineKind::Break => 0,
        _ => 1,
    }
}

/// Puts brackets around the words of controls that show their prompt.
fn bracket(content: &mut Vec<Inline>, pins: &Pins, controls: &[Held]) {
    let prompt = |inline: &Inline| {
        let control = pins.of(&inline.marks)?.control?;
        controls[control].prompts.then_some(control)
    };
    if content.iter().all(|inline| prompt(inline).is_none()) {
        return;
    }
    let mut out: Vec<Inline> = Vec::with_capacity(content.len() + 2);
    for run in content.chunk_by(|a, b| prompt(a) == prompt(b)) {
        let words: String = run
            .iter()
            .filter_map(|inline| match &inline.kind {
                InlineKind::Text(text) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        let (Some(first), Some(last)) = (run.first(), run.last()) else {
            continue;
        };
        let sign = |beside: &Inline, sign: &str| Inline {
            kind: InlineKind::Text(sign.to_owned()),
            ..beside.clone()
        };
        let around = prompt(first).and_then(|_| brackets(words.trim()));
        out.extend(around.map(|[open, _]| sign(first, open)));
        out.extend_from_slice(run);
        out.extend(around.map(|[_, close]| sign(last, close)));
    }
    *content = out;
}

/// The brackets for a prompt; `None` for one that already looks like a blank.
fn brackets(prompt: &str) -> Option<[&'static str; 2]> {
    let blank = prompt.is_empty()
        || prompt.starts_with(['[', '【', '［', '〔', '{', '<'])
        || prompt.contains(['_', '＿']);
    let wide = prompt.chars().any(|c| c >= '\u{2e80}');
    (!blank).then_some(if wide { ["【", "】"] } else { ["[", "]"] })
}

impl Places {
    /// The bytes of the printed text each control stands at. `blocks` are those the text is parsed into.
    pub(super) fn spans(&self, text: &str, blocks: &mut [Block]) -> Vec<Option<Span>> {
        let mut starts: Vec<(Point, usize)> = Vec::new();
        let mut ends: Vec<(Point, usize)> = Vec::new();
        for (control, place) in self.of.iter().enumerate() {
            if let Some((start, end)) = place {
                starts.push((*start, control));
                ends.push((*end, control));
            }
        }
        starts.sort_unstable();
        ends.sort_unstable();
        let mut from: Vec<Option<usize>> = vec![None; self.of.len()];
        let mut to: Vec<Option<usize>> = vec![None; self.of.len()];
        let (mut start, mut end) = (0, 0);
        // Each unit of the text in turn, with the bytes it is written as.
        each_unit(blocks, |point, bytes| {
            while let Some((at, control)) = starts.get(start)
                && *at <= point
            {
                if *at == point {
                    from[*control] = Some(unescaped(text, bytes.start));
                }
                start += 1;
            }
            let after = Point {
                unit: point.unit + 1,
                ..point
            };
            while let Some((at, control)) = ends.get(end)
                && *at <= after
            {
                if *at == after {
                    to[*control] = Some(bytes.end);
                }
                end += 1;
            }
        });
        from.into_iter()
            .zip(to)
            .map(|(start, end)| {
                let (start, end) = start.zip(end)?;
                (start <= end).then_some(Span { start, end })
            })
            .collect()
    }
}

fn each_unit(blocks: &mut [Block], mut visit: impl FnMut(Point, Span)) {
    for (block, found) in blocks.iter_mut().enumerate() {
        for (content, inlines) in found.contents_mut().into_iter().enumerate() {
            let mut point = Point {
                block,
                content,
                unit: 0,
            };
            for inline in inlines.iter() {
                let span = inline.span;
                let InlineKind::Text(words) = &inline.kind else {
                    if units(&inline.kind) == 1 {
                        visit(point, span);
                        point.unit += 1;
                    }
                    continue;
                };
                let exact = words.len() == span.end.saturating_sub(span.start);
                for (at, c) in words.char_indices().filter(|(_, c)| !c.is_whitespace()) {
                    let start = span.start + at;
                    let bytes = Span {
                        start,
                        end: start + c.len_utf8(),
                    };
                    visit(point, if exact { bytes } else { span });
                    point.unit += 1;
                }
            }
        }
    }
}

/// With the backslash that takes the meaning of the sign at this place away.
fn unescaped(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default();
    let slashes = before.len() - before.trim_end_matches('\\').len();
    at - slashes % 2
}
