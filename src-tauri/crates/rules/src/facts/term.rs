//! Defined terms: （以下简称“甲方”）, (the "Buyer"), "Goods" means …

use super::passage::Passage;
use crate::scan::{has, head, is_han, is_space, places, tail};
use std::collections::HashSet;
use std::ops::Range;

/// How a term is defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// In brackets or an aside after the thing it names.
    Aside,
    /// By a sentence: "Goods" means …, “保密信息”是指….
    Sentence,
    /// By a pointer: "Goods" has the meaning given in clause 3.
    Pointer,
}

/// One definition.
#[derive(Debug, Clone)]
pub(crate) struct Term {
    /// The words, without quotation marks.
    pub(crate) name: String,
    /// Index of its passage.
    pub(crate) passage: usize,
    /// The words in the passage, without quotation marks.
    pub(crate) range: Range<usize>,
    /// The whole aside with its brackets, or the words again.
    pub(crate) whole: Range<usize>,
    pub(crate) form: Form,
    /// Other names are given in the same aside: （以下简称“甲方”或“买方”）.
    pub(crate) shared: bool,
}

/// Every definition in a passage.
pub(crate) fn terms(index: usize, passage: &Passage, found: &mut Vec<Term>) {
    let text = passage.text.as_str();
    let quoted = quotations(text);
    chinese_asides(index, text, &quoted, found);
    for quote in &quoted {
        sentence(index, text, quote, found);
        english_aside(index, text, quote, &quoted, found);
    }
    if passage.bold_start && quoted.first().is_none_or(|q| q.start > 3) {
        bold_sentence(index, passage, found);
    }
}

/// The words inside each pair of double quotation marks.
pub(crate) fn quotations(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open: Option<(usize, char)> = None;
    if !text.contains(['“', '"', '「']) {
        return found;
    }
    for (at, c) in text.char_indices() {
        match (c, open) {
            ('“' | '「', _) => open = Some((at + c.len_utf8(), c)),
            ('"', None) => open = Some((at + 1, '"')),
            ('”', Some((start, '“' | '”')))
            | ('」', Some((start, '「')))
            | ('"', Some((start, '"'))) => {
                found.push(start..at);
                open = None;
            }
            _ => {}
        }
    }
    found
}

/// Whether words can be a defined term: short, and a name in form.
fn is_name(words: &str) -> bool {
    let first = words.chars().next();
    let upper = first.is_some_and(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    let english = upper && words.len() <= 60 && words.split(' ').count() <= 7;
    let chinese = first.is_some_and(is_han) && words.chars().count() <= 20;
    (english || chinese)
        && !words.contains(['，', '。', ',', ';', '；', '\n', super::passage::CHIP])
}

/// How many characters an aside may have on either side of a name; no bracket is looked for beyond.
const ASIDE: usize = 300;

const ASIDES: &[&str] = &[
    "简称",
    "以下称",
    "下称",
    "合称",
    "统称",
    "单称",
    "以下分别称",
];

fn chinese_asides(index: usize, text: &str, quoted: &[Range<usize>], found: &mut Vec<Term>) {
    // Each of them has this character, and few paragraphs do.
    if !has(text, "称") {
        return;
    }
    let first = found.len();
    for word in ASIDES {
        for at in places(text, word) {
            let end = at + word.len();
            let lead = tail(text, at, ASIDE);
            let bracket = lead
                .rfind(['（', '('])
                .map(|b| at - lead.len() + b)
                .filter(|b| !text[*b..at].contains(['）', ')']));
            let close = head(text, end, ASIDE).find(['）', ')']).map(|c| end + c);
            let limit = match (bracket, close) {
                (Some(_), Some(close)) => close,
                _ => crate::scan::sentence_end(text, end),
            };
            let names: Vec<_> = quoted[quoted.partition_point(|q| q.start < end)..]
                .iter()
                .take_while(|q| q.end <= limit)
                .collect();
            let near = names
                .first()
                .is_some_and(|q| text[end..q.start].chars().count() <= 4);
            let whole = match (bracket, close) {
                (Some(open), Some(close)) => {
                    open..close + text[close..].chars().next().map_or(1, char::len_utf8)
                }
                _ => at..at,
            };
            if near {
                for name in &names {
                    add(
                        index,
                        text,
                        (*name).clone(),
                        &whole,
                        Form::Aside,
                        names.len() > 1,
                        found,
                    );
                }
            } else if let (Some(_), Some(close)) = (bracket, close) {
                // （以下简称甲方）: no quotation marks; the words run to the bracket.
                let start = end + text[end..close].len()
                    - text[end..close]
                        .trim_start_matches(['为', '：', ':', ' '])
                        .len();
                add(index, text, start..close, &whole, Form::Aside, false, found);
            }
        }
    }
    let mut seen = HashSet::new();
    let mut kept = found.split_off(first);
    kept.retain(|term| seen.insert(term.range.clone()));
    found.append(&mut kept);
}

const SENTENCES: &[&str] = &["means", "shall mean", "mean ", "refers to"];
/// In Chinese only after a quotation that starts its line or clause.
const SENTENCES_AT_START: &[&str] = &[
    "指",
    "是指",
    "：指",
    ":指",
    "系指",
    "，是指",
    "，指",
    "，系指",
];

fn sentence(index: usize, text: &str, quote: &Range<usize>, found: &mut Vec<Term>) {
    let close = quote.end + text[quote.end..].chars().next().map_or(0, char::len_utf8);
    let rest = text[close..].trim_start_matches(|c| is_space(c) || c == '*');
    // A quotation inside running text is an example, not a definition, unless it starts its line or clause.
    let lead = tail(text, quote.start, 40).trim_end_matches(['“', '"', '「']);
    let starts = lead.trim_end().is_empty()
        || lead
            .trim_end()
            .ends_with([';', '；', ':', '：', '\n', '。', '.', '）', ')']);
    let form = if rest.starts_with("has the meaning")
        || rest.starts_with("have the meaning")
        || rest.starts_with("shall have the meaning")
    {
        Form::Pointer
    } else if SENTENCES.iter().any(|w| rest.starts_with(w))
        || (starts && SENTENCES_AT_START.iter().any(|w| rest.starts_with(w)))
    {
        Form::Sentence
    } else {
        return;
    };
    add(
        index,
        text,
        quote.clone(),
        &quote.clone(),
        form,
        false,
        found,
    );
}

fn bold_sentence(index: usize, passage: &Passage, found: &mut Vec<Term>) {
    let text = passage.text.as_str();
    let end = text
        .char_indices()
        .find(|(at, _)| !passage.is_bold(*at))
        .map_or(text.len(), |(at, _)| at);
    let name = text[..end].trim_end_matches([' ', ':', '：', '.']);
    let rest = text[name.len()..].trim_start_matches([' ', ':', '：']);
    let defines = ["means ", "shall mean ", "mean ", "是指", "指", "系指"]
        .iter()
        .any(|w| rest.starts_with(w));
    if defines {
        add(
            index,
            text,
            0..name.len(),
            &(0..name.len()),
            Form::Sentence,
            false,
            found,
        );
    }
}

/// Words that may stand around the names in (together, the "Parties" and each a "Party").
const FILLERS: &[&str] = &[
    "the",
    "a",
    "an",
    "each",
    "together",
    "collectively",
    "individually",
    "hereinafter",
    "referred",
    "to",
    "as",
    "and",
    "or",
    "such",
    "called",
    "defined",
    "any",
    "both",
    "this",
    "these",
    "being",
    "with",
    "its",
    "affiliates",
    "jointly",
    "in",
    "all",
    "of",
];

fn english_aside(
    index: usize,
    text: &str,
    quote: &Range<usize>,
    quoted: &[Range<usize>],
    found: &mut Vec<Term>,
) {
    let lead = tail(text, quote.start, ASIDE);
    let Some(open) = lead
        .rfind('(')
        .map(|open| quote.start - lead.len() + open)
        .filter(|open| !text[*open..quote.start].contains(')'))
    else {
        return;
    };
    let Some(close) = head(text, quote.end, ASIDE)
        .find(')')
        .map(|c| quote.end + c)
    else {
        return;
    };
    let inside: Vec<_> = quoted[quoted.partition_point(|q| q.start <= open)..]
        .iter()
        .take_while(|q| q.end < close)
        .collect();
    let mut at = open + 1;
    let mut between = String::new();
    for q in &inside {
        between.push_str(&text[at..q.start]);
        at = q.end;
    }
    between.push_str(&text[at..close]);
    let only_fillers = between
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .all(|word| FILLERS.iter().any(|f| word.eq_ignore_ascii_case(f)));
    if only_fillers && text[quote.clone()].starts_with(|c: char| c.is_ascii()) {
        add(
            index,
            text,
            quote.clone(),
            &(open..close + 1),
            Form::Aside,
            inside.len() > 1,
            found,
        );
    }
}

fn add(
    index: usize,
    text: &str,
    range: Range<usize>,
    whole: &Range<usize>,
    form: Form,
    shared: bool,
    found: &mut Vec<Term>,
) {
    let words = &text[range.clone()];
    let trimmed = words.trim_matches(|c: char| is_space(c) || matches!(c, ',' | '.' | '*'));
    let start = range.start + words.find(trimmed).unwrap_or(0);
    let range = start..start + trimmed.len();
    if is_name(trimmed) && !trimmed.is_empty() {
        found.push(Term {
            name: trimmed.to_owned(),
            passage: index,
            range,
            whole: whole.clone(),
            form,
            shared,
        });
    }
}
