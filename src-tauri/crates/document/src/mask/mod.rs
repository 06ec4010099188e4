//! Personal data out of a document: names, numbers, addresses and amounts become typed placeholders.
//!
//! A placeholder is a kind and a number in brackets, 【单位1】 or `[Company 1]`: the same value has the same one
//! everywhere in its document. That is how lawyers write what is to be filled in, so it reads naturally in both
//! languages; [`crate::blanks`] finds it, so a placeholder that a model writes is shown as a blank and offered as a field,
//! and never passes for a name. Blanks, fields and placeholders that are there already stay, and so do roles (甲方, the
//! Seller), days, percentages, articles and what courts, authorities and statutes are called.
//!
//! Nothing here keeps a map from placeholders to values; [`Mask::found`] is for showing and dies with its owner.

mod addresses;
mod amounts;
mod checks;
mod codes;
mod gazetteer;
mod names;
mod property;
mod swap;

#[cfg(test)]
mod annotated_tests;
#[cfg(test)]
mod persons_tests;

use std::collections::HashMap;
use std::ops::Range;

use crate::inline::plain;
use crate::model::{BlockKind, Cell, Document, Language, Merge};
use crate::parse::language;
use crate::suggest::blanks;

pub use gazetteer::Gazetteer;
use names::Names;

/// Longest code with its separators, in characters.
const LONGEST_CODE: usize = 44;

/// Kinds of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Private {
    /// A company or other organisation, also its short name.
    Organisation,
    /// A person.
    Person,
    /// The number of an identity card: Chinese, of Hong Kong, a social security number.
    IdNumber,
    /// The number of a passport or of another travel document.
    Passport,
    /// What an organisation is registered under: the unified social credit code, a company or tax number.
    Registration,
    /// A bank account or card.
    Account,
    /// A telephone or fax.
    Phone,
    /// An address of electronic mail.
    Email,
    /// A place where somebody lives or has an office.
    Address,
    /// An amount of money.
    Amount,
    /// Another number that tells one thing from others: of a contract, of a case.
    Number,
}

impl Private {
    /// All kinds.
    pub const ALL: [Private; 11] = [
        Private::Organisation,
        Private::Person,
        Private::IdNumber,
        Private::Passport,
        Private::Registration,
        Private::Account,
        Private::Phone,
        Private::Email,
        Private::Address,
        Private::Amount,
        Private::Number,
    ];

    /// Its name in a placeholder.
    #[must_use]
    pub fn name(self, language: Language) -> &'static str {
        let (zh, en) = match self {
            Private::Organisation => ("单位", "Company"),
            Private::Person => ("姓名", "Name"),
            Private::IdNumber => ("身份证号", "ID Number"),
            Private::Passport => ("护照号", "Passport Number"),
            Private::Registration => ("登记号", "Registration Number"),
            Private::Account => ("账号", "Account Number"),
            Private::Phone => ("电话", "Phone"),
            Private::Email => ("邮箱", "Email"),
            Private::Address => ("地址", "Address"),
            Private::Amount => ("金额", "Amount"),
            Private::Number => ("编号", "Number"),
        };
        match language {
            Language::Zh => zh,
            Language::En => en,
        }
    }

    /// The placeholder of the value with this number: 【金额2】, `[Amount 2]`.
    #[must_use]
    pub fn placeholder(self, number: usize, language: Language) -> String {
        match language {
            Language::Zh => format!("【{}{number}】", self.name(language)),
            Language::En => format!("[{} {number}]", self.name(language)),
        }
    }
}

/// A value that was masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Masked {
    /// Its kind.
    pub kind: Private,
    /// What stands there now.
    pub placeholder: String,
    /// What stood there first.
    pub words: String,
    /// How often it was replaced.
    pub count: usize,
}

/// A document without personal data.
#[derive(Debug, Clone, PartialEq)]
pub struct Mask {
    /// The document.
    pub document: Document,
    /// The further texts that were given, masked alike: the title of a file.
    pub others: Vec<String>,
    /// What was masked, in the order of the document.
    pub found: Vec<Masked>,
}

/// Masks a document, and further words that belong to it. Front matter loses what it says but kind and language.
#[must_use]
pub fn mask(document: &Document, others: &[&str]) -> Mask {
    mask_knowing(document, others, &Gazetteer::default())
}

/// The same, and what is known to be personal from other documents: a client whom one letter introduces is masked in the
/// next one too, which only names him.
#[must_use]
pub fn mask_knowing(document: &Document, others: &[&str], gazetteer: &Gazetteer) -> Mask {
    let mut placeholders = Placeholders {
        language: language(document),
        gazetteer,
        numbers: HashMap::new(),
        counts: HashMap::new(),
        found: Vec::new(),
    };
    let names = Names::of(document);
    let mut masked = document.clone();
    masked.meta.raw = None;
    masked.meta.extra.clear();
    masked.meta.fields.clear();
    for block in &mut masked.blocks {
        if let BlockKind::Table(table) = &mut block.kind {
            for row in &mut table.rows {
                placeholders.row(row, &names);
            }
            continue;
        }
        for content in block.contents_mut() {
            swap::swap(content, |words| placeholders.replace("", words, &names));
        }
    }
    let mut line = |words: &str| swap::swapped(words, &placeholders.replace("", words, &names));
    if let Some(title) = &mut masked.meta.title {
        *title = line(title);
    }
    let others = others.iter().map(|words| line(words)).collect();
    Mask {
        document: masked,
        others,
        found: placeholders.found,
    }
}

/// Personal data in the words of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Find {
    range: Range<usize>,
    kind: Private,
    /// Finds of one kind and key are one value.
    key: String,
}

impl Find {
    /// A find whose key is what it says without spaces and signs between its parts.
    fn new(words: &str, range: Range<usize>, kind: Private) -> Find {
        let key = names::key(&words[range.clone()]);
        Find { range, kind, key }
    }
}

/// The placeholders given out so far.
struct Placeholders<'a> {
    language: Language,
    gazetteer: &'a Gazetteer,
    numbers: HashMap<(Private, String), usize>,
    counts: HashMap<Private, usize>,
    found: Vec<Masked>,
}

/// Characters of a cell that can be the label of the next one.
const LONGEST_LABEL: usize = 24;

impl Placeholders<'_> {
    /// Masks the cells of a row. What stands on the left of a cell is its label.
    fn row(&mut self, row: &mut [Cell], names: &Names) {
        let mut label = String::new();
        for cell in row.iter_mut().filter(|cell| cell.merge == Merge::None) {
            let own = plain(&cell.content);
            swap::swap(&mut cell.content, |words| {
                self.replace(&label, words, names)
            });
            let own = own.trim().trim_end_matches([':', '：']);
            if !own.is_empty() {
                let short = own.chars().count() <= LONGEST_LABEL && !own.contains('\n');
                label = if short {
                    format!("{own}：")
                } else {
                    String::new()
                };
            }
        }
    }

    /// What is to be replaced in the words of a line, in order, none overlapping. `label` stands before them elsewhere.
    fn replace(&mut self, label: &str, words: &str, names: &Names) -> Vec<(Range<usize>, String)> {
        let labelled = format!("{label}{words}");
        let known = |finder: fn(&str) -> Vec<Find>| {
            // What the label tells comes first; what stands in the label itself is found there.
            let mut found = match label {
                "" => Vec::new(),
                _ => finder(&labelled),
            };
            found.retain_mut(|find| {
                let starts = find.range.start.checked_sub(label.len());
                find.range = starts.unwrap_or(0)..find.range.end.saturating_sub(label.len());
                starts.is_some()
            });
            found.extend(finder(words));
            found
        };
        let mut finds = known(codes::codes);
        finds.extend(known(property::certificates));
        // A name of the gazetteer may be longer than the part of it that is somebody else's here; of equals the document's own
        // comes first.
        let mut named = names.in_words(words);
        named.extend(self.gazetteer.in_words(words));
        named.sort_by_key(|find| std::cmp::Reverse(find.range.len()));
        finds.extend(named);
        finds.extend(known(addresses::addresses));
        finds.extend(known(amounts::amounts));
        let kept = apart(words, finds, left_open(words));
        kept.into_iter()
            .map(|find| {
                let text = words[find.range.clone()].to_owned();
                (find.range, self.placeholder(find.kind, find.key, text))
            })
            .collect()
    }

    fn placeholder(&mut self, kind: Private, key: String, words: String) -> String {
        if let Some(at) = self.numbers.get(&(kind, key.clone())) {
            let masked = &mut self.found[*at];
            masked.count += 1;
            return masked.placeholder.clone();
        }
        let count = self.counts.entry(kind).or_insert(0);
        *count += 1;
        let placeholder = kind.placeholder(*count, self.language);
        self.numbers.insert((kind, key), self.found.len());
        self.found.push(Masked {
            kind,
            placeholder: placeholder.clone(),
            words,
            count: 1,
        });
        placeholder
    }
}

/// What is open in a line already: blanks and fields.
fn left_open(words: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = blanks(words)
        .into_iter()
        .map(|blank| blank.span.start..blank.span.end)
        .collect();
    let mut at = 0;
    while let Some(open) = words[at..].find("{{").map(|n| at + n) {
        let Some(close) = words[open..].find("}}").map(|n| open + n + 2) else {
            break;
        };
        found.push(open..close);
        at = close;
    }
    found
}

/// The finds that stay where some overlap, in order: those that come first in the list, and none over what is open.
fn apart(words: &str, finds: Vec<Find>, open: Vec<Range<usize>>) -> Vec<Find> {
    let mut taken: std::collections::BTreeMap<usize, (usize, Option<Find>)> = open
        .into_iter()
        .map(|range| (range.start, (range.end, None)))
        .collect();
    for find in finds {
        let mut find = find;
        // An address may run on into the name of who is there.
        if find.kind == Private::Address
            && let Some((start, _)) = taken.range(find.range.start + 1..find.range.end).next()
        {
            find.range.end = *start;
            if words[find.range.clone()].chars().count() < 5 {
                continue;
            }
        }
        let before = taken.range(..find.range.end).next_back();
        if !find.range.is_empty() && before.is_none_or(|(_, (end, _))| *end <= find.range.start) {
            taken.insert(find.range.start, (find.range.end, Some(find)));
        }
    }
    taken.into_values().filter_map(|(_, find)| find).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{parse, print};

    #[test]
    fn the_cell_on_the_left_is_a_label() {
        for (text, kind) in [
            (
                "| 收款账号 | 12345678，变更账号的，应当提前十日书面通知。 |\n| --- | --- |\n",
                Private::Account,
            ),
            (
                "| Item | Value |\n| --- | --- |\n| **Passport No.:** | E1234567 |\n",
                Private::Passport,
            ),
            (
                "| 1 | 护照 | | E12345678 |\n| --- | --- | --- | --- |\n",
                Private::Passport,
            ),
        ] {
            let masked = mask(&parse(text), &[]);
            let kinds: Vec<Private> = masked.found.iter().map(|found| found.kind).collect();
            assert_eq!(kinds, [kind], "{text}");
            let after = print(&masked.document);
            assert!(after.contains(&masked.found[0].placeholder), "{after}");
            assert!(!after.contains(&masked.found[0].words), "{after}");
        }
        // A label never hides what is known without one: an address that seems to begin on the left.
        let address = "南京市建邺区江东中路100号远见大厦12层1203室";
        let alone = mask(&parse(&format!("{address}\n")), &[]).found;
        let beside = format!("| 江苏省 | {address} |\n| --- | --- |\n");
        let beside = mask(&parse(&beside), &[]).found;
        assert_eq!(alone[0].words, beside[0].words);
        // Without a label it is a number like others, and a long text is none.
        for text in [
            "| 数量 | 12345678 |\n| --- | --- |\n",
            "| 乙方变更收款账号的，应当提前十日以书面形式通知甲方，并说明理由 | 12345678 |\n| --- | --- |\n",
        ] {
            assert_eq!(mask(&parse(text), &[]).found, [], "{text}");
        }
    }
}
