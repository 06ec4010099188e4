//! Cross-references: fields and links that print the number of a clause become live references of ours.
//!
//! Word prints a reference by a field, and often words before and after it that belong to the number (第 … 条, a clause
//! above). It becomes live only where what we print for its target is what stands there, so that no word changes;
//! otherwise its words stay words and are counted.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use moqi_document::{
    Block, BlockKind, Document, Inline, InlineKind, Marks, Span, normalize, number,
};

use super::compose::Composed;
use super::pins::{AimKind, Pins};

/// Bytes of what a reference prints; a longer heading is no reference.
const LONGEST: usize = 400;
/// Places in a reference at which the words of a field are looked for.
const MOST_PLACES: usize = 16;
/// Characters of an id that is made from a heading.
const LONGEST_ID: usize = 32;

/// References whose words stayed words.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Left {
    pub(super) fields: usize,
    pub(super) links: usize,
}

/// The inline contents of a block, cells row by row.
pub(super) fn contents(block: &mut Block) -> Vec<&mut Vec<Inline>> {
    match &mut block.kind {
        BlockKind::Title(content)
        | BlockKind::Heading { content, .. }
        | BlockKind::Item { content, .. }
        | BlockKind::Paragraph { content, .. }
        | BlockKind::Footnote { content, .. } => vec![content],
        BlockKind::Table(table) => table
            .rows
            .iter_mut()
            .flatten()
            .map(|cell| &mut cell.content)
            .collect(),
        _ => Vec::new(),
    }
}

/// Makes references live, and gives their targets ids.
pub(super) fn resolve(composed: &mut Composed, pins: &mut Pins) -> Left {
    let mut left = Left::default();
    if pins.aims.is_empty() {
        return left;
    }
    let targets = Targets::of(composed, pins);
    let mut plans: Vec<(usize, usize, Vec<Window>)> = Vec::new();
    // What an accepted reference was called, by its target.
    let mut wanted: BTreeMap<usize, usize> = BTreeMap::new();
    for (at, block) in composed.blocks.iter_mut().enumerate() {
        for (part, content) in contents(block).into_iter().enumerate() {
            let windows = windows(content, pins, &targets, &mut left);
            for window in &windows {
                wanted.entry(window.target).or_insert(window.aim);
            }
            if !windows.is_empty() {
                plans.push((at, part, windows));
            }
        }
    }
    let mut ids = Ids::of(&composed.blocks);
    for (block, aim) in wanted {
        let printed = targets.words.get(&block).map_or("", String::as_str);
        let id = ids.fresh(&composed.blocks[block], &pins.aims[aim].bookmark, printed);
        composed.blocks[block].id.get_or_insert(id);
    }
    for (at, part, windows) in plans {
        let named: Vec<(Range<usize>, String)> = windows
            .into_iter()
            .filter_map(|window| Some((window.range, composed.blocks[window.target].id.clone()?)))
            .collect();
        if let Some(content) = contents(&mut composed.blocks[at]).into_iter().nth(part) {
            *content = put(std::mem::take(content), &named, pins);
        }
    }
    left
}

/// Where the references lead, and what is printed for it.
struct Targets {
    /// The block of each reference that leads to a heading or an item.
    by_aim: Vec<Option<usize>>,
    /// What a reference to the block prints, as [`moqi_document::references`] says.
    words: HashMap<usize, String>,
}

impl Targets {
    fn of(composed: &Composed, pins: &Pins) -> Targets {
        let by_aim: Vec<Option<usize>> = pins
            .aims
            .iter()
            .map(|aim| {
                let site = composed.spots.get(pins.spot(aim)?).copied().flatten()?;
                let block = composed.blocks.get(site.block)?;
                let named = matches!(
                    block.kind,
                    BlockKind::Title(_) | BlockKind::Heading { .. } | BlockKind::Item { .. }
                );
                named.then_some(site.block)
            })
            .collect();
        // The numbers are those of the text that is printed, which has no item inside one that is not there.
        let mut document = Document {
            blocks: composed.blocks.clone(),
            ..Document::default()
        };
        normalize(&mut document);
        let numbering = number(&document);
        let mut words = HashMap::new();
        for &block in by_aim.iter().flatten() {
            if words.contains_key(&block) {
                continue;
            }
            let label = numbering.labels.get(block).and_then(Option::as_ref);
            let printed = match (label, &composed.blocks[block].kind) {
                (Some(label), _) => label.reference.clone(),
                (None, BlockKind::Title(content) | BlockKind::Heading { content, .. }) => {
                    texts(content).unwrap_or_default()
                }
                _ => String::new(),
            };
            if !printed.trim().is_empty() && printed.len() <= LONGEST {
                words.insert(block, printed);
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
    /// The block it refers to.
    target: usize,
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
fn windows(content: &[Inline], pins: &Pins, targets: &Targets, left: &mut Left) -> Vec<Window> {
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
            let target = (*targets.by_aim.get(*aim)?)?;
            let range = flat.find(field, targets.words.get(&target)?, pins)?;
            let window = Window {
                range,
                target,
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
            AimKind::Field => left.fields += 1,
            AimKind::Link => left.links += 1,
        }
    }
    taken.into_values().collect()
}

/// Puts references in the place of their words.
fn put(content: Vec<Inline>, windows: &[(Range<usize>, String)], pins: &mut Pins) -> Vec<Inline> {
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
        while let Some((range, id)) = windows.peek()
            && range.start < end
        {
            if range.start >= start {
                part(&inline, from - start..range.start - start, &mut out);
                let control = pins.of(&inline.marks).and_then(|pin| pin.control);
                let link = pins.mark(None, None, control);
                out.push(Inline {
                    kind: InlineKind::Reference(id.clone()),
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

/// The ids of a text.
struct Ids {
    taken: HashSet<String>,
    /// Last number given to each beginning.
    counts: HashMap<String, usize>,
}

impl Ids {
    fn of(blocks: &[Block]) -> Ids {
        Ids {
            taken: blocks.iter().filter_map(|block| block.id.clone()).collect(),
            counts: HashMap::new(),
        }
    }

    /// An id for a block: the one in a bookmark `_Ref_id`, the name a person gave the bookmark, the words of the
    /// heading, or the number of the item. Word's own names say nothing and change from file to file.
    fn fresh(&mut self, block: &Block, bookmark: &str, printed: &str) -> String {
        let named = match bookmark.strip_prefix('_') {
            None => Some(kept(bookmark)),
            Some(own) => own
                .strip_prefix("Ref_")
                .map(|id| kept(&id.replace("__", "-"))),
        };
        let words = match &block.kind {
            BlockKind::Title(content) | BlockKind::Heading { content, .. } => of_words(content),
            _ => None,
        };
        let number = || match of_text(printed) {
            Some(id) if id.starts_with(|c: char| c.is_ascii_digit()) => {
                Some(format!("clause-{id}"))
            }
            other => other,
        };
        let base = named
            .filter(|id| !id.is_empty())
            .or(words)
            .or_else(number)
            .unwrap_or_else(|| "clause".to_owned());
        if self.taken.insert(base.clone()) {
            return base;
        }
        let count = self.counts.entry(base.clone()).or_insert(1);
        loop {
            *count += 1;
            let id = format!("{base}-{count}");
            if self.taken.insert(id.clone()) {
                return id;
            }
        }
    }
}

/// The characters of an id in some words.
fn kept(words: &str) -> String {
    let is_kept = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_');
    words.chars().filter(is_kept).take(64).collect()
}

/// An id from the words of a heading: the first of them, in small letters.
fn of_words(content: &[Inline]) -> Option<String> {
    let words: Vec<&str> = content
        .iter()
        .filter_map(|inline| match &inline.kind {
            InlineKind::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    of_text(&words.concat())
}

fn of_text(text: &str) -> Option<String> {
    let mut id = String::new();
    let mut length = 0;
    for word in text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        length += word.chars().count() + 1;
        if !id.is_empty() {
            if length > LONGEST_ID + 1 {
                break;
            }
            id.push('-');
        }
        id.extend(word.chars().take(LONGEST_ID).flat_map(char::to_lowercase));
    }
    (!id.is_empty()).then_some(id)
}
