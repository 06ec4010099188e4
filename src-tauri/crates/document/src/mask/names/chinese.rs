//! Names of persons in Chinese characters: a surname, one or two characters of a given name, and what stands around them
//! wherever they stand in the document.
//!
//! A string of characters is judged once for a document: by its surname, by the characters of its given name, and by the
//! best that stands before and behind it anywhere. Names with a point (阿依古丽·买买提) are known by it.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::suggest::is_han;

mod context;
mod tables;

use tables::Surname;

/// The weight of signs that makes a person.
const ENOUGH: i32 = 5;
/// The same where nothing behind the name shows that it ends there.
const ENOUGH_OPEN: i32 = 6;
/// Most strings that are judged; a hostile text has no end of them.
const MOST: usize = 200_000;

/// What is known of a string that may be a name.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    own: i32,
    left: i32,
    right: i32,
    /// Characters of its given name that are in few given names.
    strange: i32,
    /// How often it stands between signs or words that join.
    parted: u32,
    /// Whether it is all that stands behind a label: 见证人：管彤、…
    labelled: bool,
    /// The character behind it where it stood first.
    next: Option<char>,
    /// Whether others stand behind it elsewhere: it ends there, whatever follows.
    varied: bool,
}

impl Seen {
    fn is_person(self) -> bool {
        // A role before it or a title behind it makes a strange name a name.
        let strange = if self.left.max(self.right) >= 3 {
            self.strange
        } else {
            0
        };
        let right = self.right.max(i32::from(self.varied));
        if self.labelled && self.own >= -3 {
            return true;
        }
        let score = self.own + strange + self.left + right + i32::from(self.parted >= 2);
        match right {
            0 => self.left >= 3 && score >= ENOUGH_OPEN || self.left == 2 && self.own >= 4,
            _ => self.left >= 1 && score >= ENOUGH,
        }
    }
}

/// The persons in the lines of a document.
pub(super) fn persons<'a>(lines: impl Iterator<Item = &'a str> + Clone) -> Vec<&'a str> {
    let mut seen: HashMap<&str, Seen> = HashMap::new();
    for line in lines.clone() {
        for range in candidates(line) {
            let name = &line[range.clone()];
            let full = seen.len() >= MOST;
            let entry = match seen.entry(name) {
                std::collections::hash_map::Entry::Vacant(_) if full => continue,
                entry => entry.or_insert_with(|| Seen {
                    own: own(name),
                    strange: strange(name),
                    next: line[range.end..].chars().next(),
                    ..Seen::default()
                }),
            };
            let left = context::left(&line[..range.start]);
            let right = context::right(&line[range.end..]);
            entry.left = entry.left.max(left);
            entry.right = entry.right.max(right);
            entry.parted += u32::from(left >= 1 && right >= 1);
            entry.labelled |= left == 4 && right >= 1 && !line[range.end..].starts_with(is_han);
            let telling = entry.own >= 1;
            entry.varied |= telling && entry.next != line[range.end..].chars().next();
        }
    }
    let mut sure: HashSet<&str> = HashSet::new();
    sure.extend(
        seen.iter()
            .filter(|(_, seen)| seen.is_person())
            .map(|(name, _)| *name),
    );
    let mut found = Vec::new();
    for line in lines {
        let formed = dotted(line).chain(labelled(line)).chain(spaced(line));
        let formed = formed.chain(by_sound(line));
        sure.extend(formed.map(|range| &line[range]));
        in_lists(line, &seen, &mut sure);
    }
    found.extend(sure);
    found.sort_unstable();
    found
}

/// Whether some words as a whole can be the name of a person.
pub(super) fn is_person(words: &str) -> bool {
    if words.contains('·') {
        return dotted(words).any(|range| range == (0..words.len()));
    }
    let count = words.chars().count();
    let Some((kind, end)) = tables::surname(words) else {
        return false;
    };
    let most = if kind == Surname::Compound { 4 } else { 3 };
    let given = &words[end..];
    (2..=most).contains(&count)
        && !given.is_empty()
        && given.chars().all(|c| is_han(c) && !tables::is_never(c))
        && !tables::is_word(words)
}

/// Whether some words can be a name without a usual surname: 哈斯木其格.
pub(super) fn is_strange_name(words: &str) -> bool {
    let han = |c: char| is_han(c) && (tables::is_sound(c) || !tables::is_never(c));
    (2..=6).contains(&words.chars().count())
        && words.chars().all(han)
        && !tables::is_word(words)
        && !context::is_role(words)
}

/// The surname of a name.
pub(super) fn surname(name: &str) -> Option<&str> {
    tables::surname(name).map(|(_, end)| &name[..end])
}

/// Whether a short name stands in a line as a name: it looks like no word, or it is beside a sign, a role or a word that
/// joins.
pub(super) fn stands(line: &str, range: &Range<usize>) -> bool {
    own(&line[range.clone()]) >= 2
        || context::left(&line[..range.start]) >= 1
        || context::right(&line[range.end..]) >= 1
}

/// Whether a title behind a surname is one of a person: the surname alone is masked then, 温先生.
pub(super) fn titled(line: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    ["先生", "女士", "小姐", "太太"]
        .into_iter()
        .flat_map(move |title| {
            line.match_indices(title).filter_map(move |(at, _)| {
                let mut back = line[..at].char_indices().rev();
                let (one, c) = back.next()?;
                let two = back.next().map(|(i, _)| i);
                let surname = [two, Some(one)].into_iter().flatten().find(|start| {
                    tables::surname(&line[*start..]).is_some_and(|(_, end)| start + end == at)
                });
                // 凡女士: what is no surname elsewhere is one here, unless it counts or points.
                let any = is_han(c) && !tables::is_never(c) && !"老小大两诸男妇".contains(c);
                let start = surname.or(any.then_some(one))?;
                (context::left(&line[..start]) >= 1).then_some(start..at)
            })
        })
        .chain(saluted(line))
}

/// The surname that a letter begins with: 佴总：
fn saluted(line: &str) -> Option<Range<usize>> {
    let (_, end) = tables::surname(line)?;
    let (words, _) = line.split_once(['：', ':', '，'])?;
    let title = words.get(end..)?;
    let fits = [
        "总", "工", "董", "经理", "律师", "主任", "老师", "教授", "医生", "法官",
    ]
    .contains(&title);
    (fits && !tables::is_word(words)).then_some(0..end)
}

/// Strings of a line that have the form of a name.
fn candidates(line: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let starts = line.char_indices().filter(|(_, c)| is_han(*c));
    starts.flat_map(move |(start, _)| {
        let ends = ends(&line[start..]).into_iter().flatten();
        ends.map(move |end| start..start + end)
    })
}

/// Where names end that some words begin with: behind one and behind two characters of a given name.
fn ends(rest: &str) -> [Option<usize>; 2] {
    let mut ends = [None, None];
    let Some((kind, end)) = tables::surname(rest) else {
        return ends;
    };
    let mut given = rest[end..].char_indices();
    let mut joined = false;
    for (at, slot) in ends.iter_mut().enumerate() {
        let Some((i, c)) = given
            .next()
            .filter(|(_, c)| is_han(*c) && !tables::is_never(*c))
        else {
            break;
        };
        let end = end + i + c.len_utf8();
        let after = &rest[end..];
        // 柴可已…: no surname stands alone, what follows it is its given name.
        let alone =
            at == 0 && tables::is_given(c) && !matches!(kind, Surname::Wordy | Surname::Joining);
        // 王伟和李明, 赔偿金和实现: what joins is no part of a name where other words follow.
        let joins = matches!(c, '和' | '与' | '及' | '同');
        let small = context::is_small(c) && (joins || context::right(after) < 2);
        let open = joined && context::right(after) == 0;
        if !(open || after.starts_with(is_han) && small && !alone) {
            *slot = Some(end);
        }
        joined = matches!(c, '和' | '于' | '向');
    }
    ends
}

/// How many characters of a given name are in few given names.
fn strange(name: &str) -> i32 {
    let Some((kind, end)) = tables::surname(name) else {
        return 0;
    };
    if matches!(kind, Surname::Wordy | Surname::Joining) {
        return 0;
    }
    let strange = name[end..].chars().filter(|c| !tables::is_given(*c));
    strange.count().min(2) as i32
}

/// The weight of what a string itself is.
fn own(name: &str) -> i32 {
    let Some((kind, end)) = tables::surname(name) else {
        return -9;
    };
    let given = &name[end..];
    // 张某甲 is one who is not named, 张某在 is not.
    let unnamed = given.strip_prefix('某').is_some_and(|rest| {
        !rest.is_empty() && !rest.starts_with(['某', '甲', '乙', '丙', '丁', '戊'])
    });
    if unnamed || tables::is_word(name) || tables::joins_word(kind, given) {
        return -9;
    }
    let usual: i32 = given
        .chars()
        .map(|c| if tables::is_given(c) { 1 } else { -1 })
        .sum();
    let short = i32::from(given.chars().count() == 1);
    usual - short
        + match kind {
            Surname::Compound => 3,
            Surname::Usual => 2,
            Surname::Rare => 1,
            Surname::Wordy => -1,
            Surname::Joining => -2,
        }
}

/// In a list of persons all are persons: 选举司马长风、缪建军和冉启超为董事.
fn in_lists<'a>(line: &'a str, seen: &HashMap<&str, Seen>, sure: &mut HashSet<&'a str>) {
    if !line.contains(['、', '和', '与', '及', '\u{3000}']) {
        return;
    }
    let mut all: Vec<Range<usize>> = candidates(line).collect();
    all.retain(|range| {
        seen.get(&line[range.clone()])
            .is_some_and(|seen| seen.own >= -1)
            || line[range.clone()].chars().all(tables::is_sound)
    });
    all.extend(dotted(line));
    let joins: Vec<(usize, usize)> = line
        .char_indices()
        .filter(|(_, c)| matches!(c, '、' | '和' | '与' | '及' | '\u{3000}'))
        .map(|(at, c)| (at, at + c.len_utf8()))
        .collect();
    let mut starts: HashMap<usize, Vec<Range<usize>>> = HashMap::new();
    let mut ends: HashMap<usize, Vec<Range<usize>>> = HashMap::new();
    for range in all {
        starts.entry(range.start).or_default().push(range.clone());
        ends.entry(range.end).or_default().push(range);
    }
    let is_sure = |list: Option<&Vec<Range<usize>>>, sure: &HashSet<&str>| {
        list.is_some_and(|list| list.iter().any(|range| sure.contains(&line[range.clone()])))
    };
    for &(at, end) in &joins {
        if is_sure(ends.get(&at), sure) && !is_sure(starts.get(&end), sure) {
            let fits = |range: &&Range<usize>| context::right(&line[range.end..]) >= 1;
            let next = starts
                .get(&end)
                .and_then(|list| list.iter().rev().find(fits));
            sure.extend(next.map(|range| &line[range.clone()]));
        }
    }
    for &(at, end) in joins.iter().rev() {
        if is_sure(starts.get(&end), sure) && !is_sure(ends.get(&at), sure) {
            let fits = |range: &&Range<usize>| context::left(&line[..range.start]) >= 1;
            let next = ends.get(&at).and_then(|list| list.iter().find(fits));
            sure.extend(next.map(|range| &line[range.clone()]));
        }
    }
}

/// Names without a usual surname, behind a label and before what a card says or written by their sounds: 原告：哈斯木其格，女.
fn labelled(line: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    line.match_indices(['：', ':'])
        .filter_map(move |(at, sign)| {
            let start = at + sign.len();
            let start = start + line[start..].len()
                - line[start..].trim_start_matches([' ', '\u{3000}']).len();
            let value = line[start..]
                .char_indices()
                .take(7)
                .take_while(|(_, c)| is_han(*c));
            let (last, c) = value.last()?;
            let end = start + last + c.len_utf8();
            let (words, after) = (&line[start..end], &line[end..]);
            let count = words.chars().count();
            let sounds = words.chars().all(tables::is_sound);
            let told = context::right(after) == 3 && !words.chars().any(tables::is_never);
            let fits = (2..=6).contains(&count) && (sounds || told) && context::right(after) >= 1;
            (fits
                && context::left(&line[..start]) == 4
                && !tables::is_word(words)
                && !context::is_role(words))
            .then_some(start..end)
        })
}

/// Names written by their sounds without a point, between a sign or a word that joins and what persons do: 、乌云其木格二人.
fn by_sound(line: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    // 提高依法, 特别措施: characters that statutes are full of tell nothing here.
    let sounds = |c: char| tables::is_sound(c) && !"约得别措策高法可许依不施".contains(c);
    let mut from = 0;
    line.char_indices().filter_map(move |(start, c)| {
        if start < from || !sounds(c) {
            return None;
        }
        let run = line[start..].char_indices().take(7);
        let ends = run.take_while(|(_, c)| sounds(*c));
        let ends: Vec<usize> = ends.map(|(i, c)| start + i + c.len_utf8()).collect();
        let fits = |end: &&usize| {
            let words = &line[start..**end];
            context::right(&line[**end..]) >= 2
                && !tables::is_word(words)
                && !context::is_role(words)
        };
        // Four at least: many words of three are made of these characters.
        let end = *ends.get(3..6.min(ends.len()))?.iter().find(fits)?;
        if context::left(&line[..start]) == 0 {
            return None;
        }
        from = end;
        Some(start..end)
    })
}

/// Names of two characters with a space between them, as they are set in columns: 审判员 王　刚.
fn spaced(line: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let space = |c: char| matches!(c, ' ' | '\u{3000}' | '\u{a0}');
    line.match_indices(space).filter_map(move |(at, _)| {
        let (start, surname) = line[..at].char_indices().next_back()?;
        let spaces = line[at..].chars().take(4).take_while(|c| space(*c));
        let rest = &line[at + spaces.map(char::len_utf8).sum::<usize>()..];
        let given = rest
            .chars()
            .next()
            .filter(|c| is_han(*c) && !tables::is_never(*c))?;
        let end = line.len() - rest.len() + given.len_utf8();
        let fits = tables::surname(&line[start..])
            .is_some_and(|(_, end)| end == surname.len_utf8())
            && !line[end..].starts_with(is_han);
        (fits && context::left(&line[..start]) >= 3).then_some(start..end)
    })
}

/// Longest part of a name with points, in characters.
const LONGEST_PART: usize = 8;

/// Names with a point: 阿依古丽·买买提, 约翰·史密斯.
fn dotted(line: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut from = 0;
    line.match_indices(['·', '•', '‧', '・'])
        .filter_map(move |(at, point)| {
            if at < from {
                return None;
            }
            let sounds = |(_, c): &(usize, char)| is_han(*c) && tables::is_sound(*c);
            let back = line[from..at]
                .char_indices()
                .rev()
                .take(LONGEST_PART)
                .take_while(sounds);
            let mut start = from + back.last()?.0;
            // 股东阿依古丽: a role before it is no part of it.
            let role = |(i, _): &(usize, char)| context::left(&line[..start + i]) >= 3;
            let cut = line[start..at].char_indices().skip(1).filter(role).last();
            start += cut.map_or(0, |(i, _)| i);
            let mut end = at + point.len();
            let mut length = 0;
            for (i, c) in line[end..].char_indices().take(4 * LONGEST_PART) {
                let after = &line[at + point.len() + i..];
                let goes_on = length > 0 && matches!(c, '·' | '•' | '‧' | '・');
                if goes_on {
                    length = 0;
                    continue;
                }
                if !is_han(c)
                    || !tables::is_sound(c)
                    || length == LONGEST_PART
                    || (length >= 1 && context::right(after) >= 2)
                {
                    break;
                }
                length += 1;
                end = at + point.len() + i + c.len_utf8();
            }
            from = end;
            (end > at + point.len()).then_some(start..end)
        })
}
