//! The numbers of clauses, and the words that refer to them.

use std::collections::BTreeMap;

use crate::inline::plain;
use crate::model::{
    BlockKind, Document, HeadingStyle, Inline, InlineKind, Label, Language, Numbering, Scheme,
};
use crate::parse::language;
use crate::words::{circled, letters, roman, zh_number};

/// Computes the label of every heading and item.
///
/// The scheme is that of the front matter, or the default of the language. Counting starts again below every
/// heading and every item. Items of one parent count on across paragraphs, except after a paragraph that
/// ends in a colon, which opens a new list; labels that carry their parent's number (`2.1`), parties and
/// recitals always count on.
#[must_use]
pub fn number(document: &Document) -> Numbering {
    let scheme = scheme_of(document);
    let zh = scheme != Scheme::EnDecimal;
    let labels = count(document, scheme)
        .into_iter()
        .map(|found| {
            found
                .filter(|_| scheme != Scheme::None)
                .map(|f| f.label(scheme, zh))
        })
        .collect();
    Numbering { labels }
}

/// What a reference to each id prints: the reference of its label, or the words of a heading without number.
/// Ids without either are absent.
#[must_use]
pub fn references(document: &Document, numbering: &Numbering) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (i, block) in document.blocks.iter().enumerate() {
        let Some(id) = &block.id else { continue };
        let words = match (&numbering.labels.get(i).cloned().flatten(), &block.kind) {
            (Some(label), _) => label.reference.clone(),
            (None, BlockKind::Title(content) | BlockKind::Heading { content, .. }) => {
                plain(content)
            }
            _ => continue,
        };
        // The first block of a doubled id wins, as in the problems that `parse` reports.
        all.entry(id.clone()).or_insert(words);
    }
    all
}

/// The scheme in force: that of the front matter, or the default of the language.
#[must_use]
pub fn scheme_of(document: &Document) -> Scheme {
    document.meta.numbering.unwrap_or(match language(document) {
        Language::Zh => Scheme::ZhArticle,
        Language::En => Scheme::EnDecimal,
    })
}

/// The count of every numbered block within its parent, in any scheme: what `print` writes before items.
pub(crate) fn ordinals(document: &Document) -> Vec<Option<u32>> {
    let scheme = match scheme_of(document) {
        Scheme::None => Scheme::ZhArticle,
        scheme => scheme,
    };
    count(document, scheme)
        .into_iter()
        .map(|f| f.and_then(|f| f.path.last().map(|p| p.1)))
        .collect()
}

/// In what part of a document a block stands.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    /// Below numbered headings, or before any.
    Body,
    Parties,
    Recitals,
    Schedule(u32),
}

/// A numbered block: its place in the scheme.
struct Found {
    part: Part,
    /// The schedule itself.
    whole_schedule: bool,
    /// Level in the scheme and count, of the parents and of the block.
    path: Vec<(u8, u32)>,
}

fn count(document: &Document, scheme: Scheme) -> Vec<Option<Found>> {
    let mut all = Vec::with_capacity(document.blocks.len());
    let mut state = Counter {
        scheme,
        part: Part::Body,
        schedules: 0,
        heading: 0,
        floor: 0,
        counts: [0; 24],
        main: [0; 24],
        fresh: None,
    };
    for block in &document.blocks {
        all.push(match &block.kind {
            BlockKind::Heading { level, style, .. } => state.heading(*level, *style),
            BlockKind::Item { depth, ordered, .. } => state.item(*depth, *ordered),
            BlockKind::Paragraph {
                depth,
                quote: false,
                content,
            } => {
                state.fresh = opens_list(content).then_some(*depth);
                None
            }
            _ => None,
        });
    }
    all
}

fn opens_list(content: &[Inline]) -> bool {
    content.iter().rev().find_map(|i| match &i.kind {
        InlineKind::Text(t) if t.trim().is_empty() => None,
        InlineKind::Text(t) => Some(t.trim_end().ends_with(['：', ':'])),
        _ => Some(false),
    }) == Some(true)
}

struct Counter {
    scheme: Scheme,
    part: Part,
    schedules: u32,
    /// Level of the last numbered heading in the part; 0 when there is none.
    heading: u8,
    /// Level of the schedule's own heading.
    floor: u8,
    /// Count of each level in the part.
    counts: [u32; 24],
    /// Counts of the body, kept while a schedule lasts.
    main: [u32; 24],
    /// A paragraph of this depth has just opened a list.
    fresh: Option<u8>,
}

impl Counter {
    /// Headings count at their own level; those in a schedule one level higher in decimal schemes, whose
    /// schedules begin at `1.`, and from 一、 on in Chinese ones.
    fn heading(&mut self, level: u8, style: HeadingStyle) -> Option<Found> {
        self.fresh = None;
        let in_schedule = matches!(self.part, Part::Schedule(_)) && level > self.floor;
        if !in_schedule && style != HeadingStyle::Schedule {
            if matches!(self.part, Part::Schedule(_)) {
                self.counts = self.main;
            }
            self.part = Part::Body;
        }
        match style {
            HeadingStyle::Schedule => {
                if !matches!(self.part, Part::Schedule(_)) {
                    self.main = self.counts;
                }
                self.schedules += 1;
                self.part = Part::Schedule(self.schedules);
                self.floor = level;
                self.heading = 0;
                self.counts = [0; 24];
                return Some(Found {
                    part: self.part,
                    whole_schedule: true,
                    path: vec![(1, self.schedules)],
                });
            }
            HeadingStyle::Numbered if self.scheme != Scheme::ZhPleading => {}
            _ => {
                // No number of its own: items below start again, the numbered headings around go on.
                self.heading = 0;
                match style {
                    HeadingStyle::Parties if !in_schedule => self.part = Part::Parties,
                    HeadingStyle::Recitals if !in_schedule => self.part = Part::Recitals,
                    _ => {}
                }
                self.counts[usize::from(LOOSE)..].fill(0);
                return None;
            }
        }
        let level = if in_schedule {
            level - self.floor + u8::from(self.zh() && self.scheme != Scheme::ZhOfficial)
        } else {
            level
        };
        self.heading = level;
        Some(self.next(level))
    }

    fn zh(&self) -> bool {
        self.scheme != Scheme::EnDecimal
    }

    fn item(&mut self, depth: u8, ordered: bool) -> Option<Found> {
        let level = if self.heading > 0 && self.part_is_plain() {
            self.heading + depth + 1
        } else {
            LOOSE + depth
        };
        let fresh = self.fresh.take();
        if !ordered {
            self.counts[usize::from(level) + 1..].fill(0);
            return None;
        }
        let carries = match self.scheme {
            Scheme::EnDecimal => level == 2 || level == LOOSE + 1,
            Scheme::ZhDecimal => level == 2,
            _ => false,
        };
        let steady = carries || matches!(self.part, Part::Parties | Part::Recitals);
        // A list of an item's own paragraph is one deeper than the paragraph that opens it.
        if fresh.is_some_and(|d| d <= depth) && !steady {
            self.counts[usize::from(level)] = 0;
        }
        Some(self.next(level))
    }

    fn part_is_plain(&self) -> bool {
        matches!(self.part, Part::Body | Part::Schedule(_))
    }

    fn next(&mut self, level: u8) -> Found {
        let at = usize::from(level);
        self.counts[at] += 1;
        self.counts[at + 1..].fill(0);
        let first = if level >= LOOSE {
            usize::from(LOOSE)
        } else {
            1
        };
        let path = (first..=at)
            .map(|l| (l as u8, self.counts[l]))
            .filter(|(_, n)| *n > 0)
            .collect();
        Found {
            part: self.part,
            whole_schedule: false,
            path,
        }
    }
}

/// First level of items that stand under no numbered heading.
const LOOSE: u8 = 14;

impl Found {
    fn label(&self, scheme: Scheme, zh: bool) -> Label {
        let ordinal = self.path.last().map_or(1, |p| p.1);
        let make = |text: String, reference: String, level: u8| Label {
            text,
            reference,
            level,
            ordinal,
        };
        if self.whole_schedule {
            let text = if zh {
                format!("附件{}", zh_number(u64::from(ordinal)))
            } else {
                format!("Schedule {ordinal}")
            };
            return make(text.clone(), text, 1);
        }
        let deepest = self.path.last().map_or(1, |p| p.0);
        let depth = if deepest >= LOOSE {
            deepest - LOOSE
        } else {
            deepest - 1
        };
        if matches!(self.part, Part::Parties | Part::Recitals) {
            let first = self.part == Part::Parties;
            let parts: Vec<String> = self
                .path
                .iter()
                .map(|(level, n)| {
                    let inner = match level.saturating_sub(LOOSE) {
                        0 if first => n.to_string(),
                        0 => letters(*n).to_uppercase(),
                        1 => letters(*n),
                        _ => roman(*n),
                    };
                    if zh {
                        format!("（{inner}）")
                    } else {
                        format!("({inner})")
                    }
                })
                .collect();
            return make(
                parts.last().cloned().unwrap_or_default(),
                parts.concat(),
                depth + 1,
            );
        }
        // Items under no numbered heading take the styles that follow the heading's in Chinese schemes.
        let shift = if deepest >= LOOSE && matches!(scheme, Scheme::ZhArticle | Scheme::ZhDecimal) {
            2
        } else {
            1
        };
        let path: Vec<(u8, u32)> = self
            .path
            .iter()
            .map(|(l, n)| (if *l >= LOOSE { l - LOOSE + shift } else { *l }, *n))
            .collect();
        let level = path.last().map_or(1, |p| p.0);
        let schedule = match self.part {
            Part::Schedule(n) => Some(n),
            _ => None,
        };
        let (text, reference) = match scheme {
            Scheme::ZhArticle => (article(level, ordinal), article_reference(&path)),
            Scheme::ZhDecimal => zh_decimal(&path),
            Scheme::ZhPleading => (pleading(level, ordinal), pleading_reference(&path)),
            Scheme::ZhOfficial => official(&path),
            _ => en_decimal(&path),
        };
        let reference = match schedule {
            Some(n) if zh => format!("附件{}{reference}", zh_number(u64::from(n))),
            Some(n) => format!("paragraph {reference} of Schedule {n}"),
            None => reference,
        };
        make(text, reference, level)
    }
}

fn zh(n: u32) -> String {
    zh_number(u64::from(n))
}

/// 第一条 / 一、 / （一） / 1. / （1） / ① …
fn article(level: u8, n: u32) -> String {
    match level {
        1 => format!("第{}条", zh(n)),
        2 => format!("{}、", zh(n)),
        3 => format!("（{}）", zh(n)),
        4 => format!("{n}."),
        5 => format!("（{n}）"),
        _ => circled(n),
    }
}

/// 第二条第一款第（一）项第1目; where there is no article, 一、 is the article.
fn article_reference(path: &[(u8, u32)]) -> String {
    let whole = path.iter().any(|(l, _)| *l == 1);
    path.iter()
        .map(|(level, n)| match level {
            1 => format!("第{}条", zh(*n)),
            2 if whole => format!("第{}款", zh(*n)),
            2 => format!("第{}条", zh(*n)),
            3 => format!("第（{}）项", zh(*n)),
            4 => format!("第{n}目"),
            l => article(*l, *n),
        })
        .collect()
}

/// 第一条 / 1.1 / （1） / ①; where there is no article the second level is `1.`
fn zh_decimal(path: &[(u8, u32)]) -> (String, String) {
    let (level, n) = path.last().copied().unwrap_or((1, 1));
    let first = path.iter().find(|(l, _)| *l == 1).map(|p| p.1);
    let mut reference = String::new();
    for (l, n) in path {
        match (l, first) {
            (1, _) if level == 1 => reference.push_str(&format!("第{}条", zh(*n))),
            (1, _) => reference.push_str(&n.to_string()),
            (2, Some(_)) => reference.push_str(&format!(".{n}")),
            (2, None) => reference.push_str(&n.to_string()),
            (l, _) => reference.push_str(&small_zh(*l, *n)),
        }
    }
    let text = match (level, first) {
        (1, _) => reference.clone(),
        (2, Some(a)) => format!("{a}.{n}"),
        (2, None) => format!("{n}."),
        (l, _) => small_zh(l, n),
    };
    (text, reference)
}

fn small_zh(level: u8, n: u32) -> String {
    if level == 3 {
        format!("（{n}）")
    } else {
        circled(n)
    }
}

/// 一、 / （一） / 1. / （1） / ①: the articles' levels without articles.
fn official(path: &[(u8, u32)]) -> (String, String) {
    let path: Vec<(u8, u32)> = path.iter().map(|(level, n)| (level + 1, *n)).collect();
    let (level, n) = path.last().copied().unwrap_or((2, 1));
    (article(level, n), article_reference(&path))
}

/// 1. / （1） / ①
fn pleading(level: u8, n: u32) -> String {
    match level {
        1 => format!("{n}."),
        2 => format!("（{n}）"),
        _ => circled(n),
    }
}

fn pleading_reference(path: &[(u8, u32)]) -> String {
    path.iter()
        .map(|(l, n)| {
            if *l == 1 {
                format!("第{n}项")
            } else {
                pleading(*l, *n)
            }
        })
        .collect()
}

/// 1. / 1.1 / (a) / (i) / (A) / (1) …
fn en_decimal(path: &[(u8, u32)]) -> (String, String) {
    let mut reference = String::new();
    let mut text = String::new();
    for (level, n) in path {
        let part = match level {
            1 => n.to_string(),
            2 if reference.is_empty() => n.to_string(),
            2 => format!(".{n}"),
            3 => format!("({})", letters(*n)),
            4 => format!("({})", roman(*n)),
            5 => format!("({})", letters(*n).to_uppercase()),
            _ => format!("({n})"),
        };
        reference.push_str(&part);
        text = match level {
            1 => format!("{n}."),
            2 if reference.contains('.') => reference.clone(),
            2 => format!("{n}."),
            _ => part,
        };
    }
    (text, reference)
}
