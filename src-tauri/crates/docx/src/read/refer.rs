//! Cross-references: fields and links that print the number of a clause become live references of ours.
//!
//! Word prints a reference by a field, and often words before and after it that belong to the number (第 … 条, a clause
//! above). It becomes live only where what we print for its target is what stands there, so that no word changes;
//! otherwise its words stay words and are counted.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use moqi_document::{BlockKind, Inline, InlineKind, Marks, Numbering, Span};

use super::compose::Composed;
use super::ids::Ids;
use super::pins::{AimKind, Pins};

/// Bytes of what a reference prints; a longer heading is no reference.
const LONGEST: usize = 400;
/// Places in a reference at which the words of a field are looked for.
const MOST_PLACES: usize = 16;

/// References whose words stayed words.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Left {
    pub(super) fields: usize,
    pub(super) links: usize,
}

/// What a reference leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum To {
    Block(usize),
    /// The note of this number, which another mark of it prints.
    Note(usize),
}

/// Makes references live, and gives their targets ids. `notes` is how many notes the text has.
pub(super) fn resolve(
    composed: &mut Composed,
    numbering: &Numbering,
    pins: &mut Pins,
    notes: usize,
) -> Left {
    let mut left = Left::default();
    if pins.aims.is_empty() {
        return left;
    }
    let targets = Targets::of(composed, numbering, pins, notes);
    let mut plans: HashMap<usize, Vec<(usize, Vec<Window>)>> = HashMap::new();
    // What an accepted reference was called, by its target.
    let mut wanted: BTreeMap<usize, usize> = BTreeMap::new();
    for (at, block) in composed.blocks.iter_mut().enumerate() {
        let in_note = matches!(block.kind, BlockKind::Footnote { .. });
        for (part, content) in block.contents_mut().into_iter().enumerate() {
            let windows = windows(content, pins, &targets, in_note, &mut left);
            for window in &windows {
                if let To::Block(block) = window.to {
                    wanted.entry(block).or_insert(window.aim);
                }
            }
            if !windows.is_empty() {
                plans.entry(at).or_default().push((part, windows));
            }
        }
    }
    let mut ids = Ids::of(&composed.blocks);
    for (&block, &aim) in &wanted {
        let printed = targets.words.get(&To::Block(block));
        let printed = printed.map_or("", String::as_str);
        let id = ids.fresh(&composed.blocks[block], &pins.aims[aim].bookmark, printed);
        composed.blocks[block].id.get_or_insert(id);
    }
    let id_of: HashMap<usize, String> = wanted
        .keys()
        .filter_map(|block| Some((*block, composed.blocks[*block].id.clone()?)))
        .collect();
    let kind = |to: To| match to {
        To::Block(block) => id_of.get(&block).cloned().map(InlineKind::Reference),
        To::Note(number) => Some(InlineKind::FootnoteRef(number.to_string())),
    };
    for (at, plans) in plans {
        let mut contents = composed.blocks[at].contents_mut();
        for (part, windows) in plans {
            let atoms: Vec<(Range<usize>, InlineKind)> = windows
                .into_iter()
                .filter_map(|window| Some((window.range, kind(window.to)?)))
                .collect();
            if let Some(content) = contents.get_mut(part) {
                **content = put(std::mem::take(*content), &atoms, pins);
            }
        }
    }
    left
}

/// Where the references lead, and what is printed for it.
struct Targets {
    /// What each reference leads to, where that is a heading, an item or a note.
    by_aim: Vec<Option<To>>,
    /// What a reference prints: to a block as [`moqi_document::references`] says.
    words: HashMap<To, String>,
}

impl Targets {
    fn of(composed: &Composed, numbering: &Numbering, pins: &Pins, notes: usize) -> Targets {
        let by_aim: Vec<Option<To>> = pins
            .aims
            .iter()
            .map(|aim| {
                let mark = pins.place(aim)?;
                if aim.kind == AimKind::Note {
                    return (mark.notes < notes).then_some(To::Note(mark.notes + 1));
                }
                let site = composed.spots.get(mark.spot).copied().flatten()?;
                let block = composed.blocks.get(site.block)?;
                let named = matches!(
                    block.kind,
                    BlockKind::Title(_) | BlockKind::Heading { .. } | BlockKind::Item { .. }
                );
                named.then_some(To::Block(site.block))
            })
            .collect();
        let mut words = HashMap::new();
        for &to in by_aim.iter().flatten() {
            let block = match to {
                To::Note(number) => {
                    words.insert(to, number.to_string());
                    continue;
                }
                To::Block(_) if words.contains_key(&to) => continue,
                To::Block(block) => block,
            };
            let label = numbering.labels.get(block).and_then(Option::as_ref);
            let printed = match (label, &composed.blocks[block].kind) {
                (Some(label), _) => label.reference.clone(),
                (None, BlockKind::Title(content) | BlockKind::Heading { content, .. }) => {
                    texts(content).unwrap_or_default()
                }
                _ => String::new(),
            };
            if !printed.trim().is_empty() && printed.len() <= LONGEST {
                words.insert(to, printed);
            }
        }
        Targets { by_aim, words }
    }
}

/// The words of inlines that are nothing but words.
fn texts(content: &[Inline]) -> Option<String> {
    content
        .iter()
        .map(|inline| match &inline.kind {
            InlineKind::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

/// Words that become a reference.
struct Window {
    /// Bytes of the words of its content.
    range: Range<usize>,
    to: To,
    aim: usize,
}

/// The words of a content in one piece.
struct Flat<'a> {
    content: &'a [Inline],
    text: String,
    /// First byte of each inline.
    starts: Vec<usize>,
}

impl<'a> Flat<'a> {
    fn of(content: &'a [Inline]) -> Flat<'a> {
        let mut text = String::new();
        let mut starts = Vec::with_capacity(content.len());
        for inline in content {
            starts.push(text.len());
            match &inline.kind {
                InlineKind::Text(words) => text.push_str(words),
                // A sign no reference prints.
                _ => text.push('\0'),
            }
        }
        Flat {
            content,
            text,
            starts,
        }
    }

    fn inlines(&self, range: &Range<usize>) -> &'a [Inline] {
        let first = self
            .starts
            .partition_point(|start| *start <= range.start)
            .saturating_sub(1);
        let last = self.starts.partition_point(|start| *start < range.end);
        self.content.get(first..last).unwrap_or_default()
    }

    /// Whether one inline can stand for these words: they look alike, lead nowhere else and stand in one control.
    fn is_uniform(&self, range: &Range<usize>, pins: &Pins) -> bool {
        let looks = |inline: &Inline| {
            let pin = pins.of(&inline.marks);
            let link = match pin {
                Some(pin) => pin.link.clone(),
                None => inline.marks.link.clone(),
            };
            let marks = Marks {
                link: None,
                ..inline.marks.clone()
            };
            (link, marks, pin.and_then(|pin| pin.control))
        };
        let inlines = self.inlines(range);
        let Some(first) = inlines.first().map(looks) else {
            return false;
        };
        first.0.is_none()
            && inlines
                .iter()
                .all(|inline| matches!(inline.kind, InlineKind::Text(_)) && looks(inline) == first)
    }

    /// Where `words` stand around or within the words of a field.
    fn find(&self, field: &Range<usize>, words: &str, pins: &Pins) -> Option<Range<usize>> {
        let shown = self.text.get(field.clone())?;
        let around = words
            .match_indices(shown)
            .take(MOST_PLACES)
            .filter_map(|(at, _)| {
                let start = field.start.checked_sub(at)?;
                let range = start..start + words.len();
                (self.text.get(range.clone())? == words && self.is_whole(&range, field))
                    .then_some(range)
            })
            .find(|range| self.is_uniform(range, pins));
        around.or_else(|| {
            // Section 3.1 of which we print 3.1.
            let at = shown.rfind(words)?;
            let (before, after) = (&shown[..at], &shown[at + words.len()..]);
            let apart = before.ends_with(char::is_whitespace) || before.is_empty();
            let goes_on =
                after.is_empty() || after == "." || after.starts_with(char::is_whitespace);
            let counts = |part: &str| part.chars().any(is_figure);
            let range = field.start + at..field.start + at + words.len();
            (apart && goes_on && !counts(before) && !counts(after) && self.is_uniform(&range, pins))
                .then_some(range)
        })
    }

    /// Whether words that go beyond their field end where a number ends: 2.1(a) is not part of 12.1(a).
    fn is_whole(&self, range: &Range<usize>, field: &Range<usize>) -> bool {
        let before = self.text[..range.start].chars().next_back();
        let after = self.text[range.end..].chars().next();
        let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && c.is_ascii());
        let words = &self.text[range.clone()];
        let opens = range.start < field.start
            && joins(words.chars().next())
            && (joins(before) || before == Some('.'));
        let goes_on = range.end > field.end && joins(words.chars().next_back()) && joins(after);
        !opens && !goes_on
    }
}

/// A figure a number is made of.
fn is_figure(c: char) -> bool {
    c.is_numeric() || "〇零一二三四五六七八九十百千".contains(c)
}

/// The words of a content that become references; counts those that do not.
fn windows(
    content: &[Inline],
    pins: &Pins,
    targets: &Targets,
    in_note: bool,
    left: &mut Left,
) -> Vec<Window> {
    let aim_of = |inline: &Inline| pins.of(&inline.marks).and_then(|pin| pin.aim);
    if content.iter().all(|inline| aim_of(inline).is_none()) {
        return Vec::new();
    }
    let flat = Flat::of(content);
    let mut fields: Vec<(usize, Range<usize>)> = Vec::new();
    for (inline, &start) in content.iter().zip(&flat.starts) {
        let Some(aim) = aim_of(inline) else { continue };
        let end = match &inline.kind {
            InlineKind::Text(text) => start + text.len(),
            _ => start + 1,
        };
        match fields.last_mut() {
            Some((same, range)) if *same == aim => range.end = end,
            _ => fields.push((aim, start..end)),
        }
    }
    let mut found: Vec<Window> = fields
        .iter()
        .filter_map(|(aim, field)| {
            let to = (*targets.by_aim.get(*aim)?)?;
            let range = flat.find(field, targets.words.get(&to)?, pins)?;
            // A note holds no mark of another, and a mark stands for its whole field.
            if matches!(to, To::Note(_)) && (in_note || range != *field) {
                return None;
            }
            let window = Window {
                range,
                to,
                aim: *aim,
            };
            // Part of another field's words would be torn from the rest.
            let first = fields.partition_point(|(_, other)| other.end <= window.range.start);
            let torn = fields[first..]
                .iter()
                .take_while(|(_, other)| other.start < window.range.end)
                .any(|(_, other)| {
                    other != field
                        && (other.start < window.range.start || other.end > window.range.end)
                });
            (!torn).then_some(window)
        })
        .collect();
    // The whole of a reference goes before the clause above that it names.
    found.sort_by_key(|window| (std::cmp::Reverse(window.range.len()), window.range.start));
    let mut taken: BTreeMap<usize, Window> = BTreeMap::new();
    for window in found {
        let before = taken.range(..window.range.end).next_back();
        if before.is_none_or(|(_, other)| other.range.end <= window.range.start) {
            taken.insert(window.range.start, window);
        }
    }
    let mut counted = HashSet::new();
    for (aim, field) in &fields {
        let live = taken
            .range(..field.end)
            .next_back()
            .is_some_and(|(_, window)| window.range.end > field.start);
        if live || !counted.insert(*aim) {
            continue;
        }
        match pins.aims[*aim].kind {
            AimKind::Field | AimKind::Note => left.fields += 1,
            AimKind::Link => left.links += 1,
        }
    }
    taken.into_values().collect()
}

/// Puts references in the place of their words.
fn put(
    content: Vec<Inline>,
    windows: &[(Range<usize>, InlineKind)],
    pins: &mut Pins,
) -> Vec<Inline> {
    let mut out = Vec::with_capacity(content.len());
    let mut windows = windows.iter().peekable();
    let mut at = 0;
    for inline in content {
        let InlineKind::Text(text) = &inline.kind else {
            at += 1;
            out.push(inline);
            continue;
        };
        let (start, end) = (at, at + text.len());
        at = end;
        let mut from = start;
        while let Some((range, kind)) = windows.peek()
            && range.start < end
        {
            if range.start >= start {
                part(&inline, from - start..range.start - start, &mut out);
                let control = pins.of(&inline.marks).and_then(|pin| pin.control);
                let link = pins.mark(None, None, control);
                out.push(Inline {
                    kind: kind.clone(),
                    marks: Marks {
                        link,
                        ..inline.marks.clone()
                    },
                    span: Span::default(),
                });
            }
            from = range.end.min(end);
            if range.end > end {
                break;
            }
            windows.next();
        }
        part(&inline, from - start..end - start, &mut out);
    }
    out
}

fn part(inline: &Inline, range: Range<usize>, out: &mut Vec<Inline>) {
    if let InlineKind::Text(text) = &inline.kind
        && let Some(words) = text.get(range).filter(|words| !words.is_empty())
    {
        out.push(Inline {
            kind: InlineKind::Text(words.to_owned()),
            ..inline.clone()
        });
    }
}
