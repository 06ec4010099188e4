//! The fields that a text could have.

use std::collections::HashMap;
use std::ops::Range;

use super::about::{About, of_side};
use super::blanks::{BlankForm, blanks};
use super::context::{bound, called};
use super::control::{Control, in_lines};
use super::detail::of_a_party;
use super::known::{Known, known};
use super::label::{kind_around, label_around, label_of_hint, side};
use super::lines::{Line, Lines, Place};
use super::name::Names;
use super::offer::{Find, Offers, Suggestion, Why, apart};
use super::values::{Value, values, written};
use crate::model::{FieldKind, Language, Span};
use crate::parse::{language, parse};

/// The fields that a text could have, in reading order: its blanks, and what is filled in that changes from one
/// contract to the next (parties and what is said of them, days, amounts, rates and periods that are called something).
/// Linear in the length of the text.
///
/// A defined short name (甲方, the “Seller”) is no field, only the name it stands for; what is a part of the law (a date
/// of a statute, the number of an article) is never offered.
#[must_use]
pub fn suggest(text: &str) -> Vec<Suggestion> {
    suggest_with(text, &[])
}

/// As [`suggest`], and the content controls of the file the text was read from. A control whose words do not stand on
/// its line (several paragraphs, a header) is passed over.
#[must_use]
pub fn suggest_with(text: &str, controls: &[Control]) -> Vec<Suggestion> {
    let document = parse(text);
    let names = Names::new(document.meta.fields.iter().map(|f| f.name.clone()));
    let spoken = language(&document);
    let lines = Lines::of(&document);
    let known = known(&lines);
    let mut labelled: HashMap<usize, Vec<(usize, Range<usize>)>> = HashMap::new();
    for (i, known) in known.iter().enumerate() {
        for (line, range) in &known.labelled {
            labelled.entry(*line).or_default().push((i, range.clone()));
        }
    }
    let mut controls = in_lines(text, &lines, controls, spoken);
    let mut offers = Offers::default();
    let mut about = About::default();
    for (index, line) in lines.all.iter().enumerate() {
        let mut finds = left_open(line, &lines, spoken);
        let named = labelled.get(&index).map_or(&[][..], Vec::as_slice);
        of_sides(&mut finds, line, &mut about, &known, named);
        finds.extend(fields(line));
        finds.extend(controls.remove(&index).unwrap_or_default());
        if !matches!(line.place, Place::Quote | Place::Note) {
            finds.extend(repeated(line, &known, named));
            finds.extend(written_out(line, &lines, spoken));
        }
        for find in apart(finds) {
            // A field that is there already only keeps its place.
            if find.rank == FIELD {
                continue;
            }
            let words = &line.prose.text[find.range.clone()];
            let source = line.prose.source(find.range.clone());
            if let Some(place) = place(text, source, words, find.rank <= BLANK) {
                let words = words.to_owned();
                offers.add(find, &words, place);
            }
        }
    }
    offers.done(names)
}

/// Ranks of finds that overlap: what is in a field or blank already, then what a label says.
const FIELD: u8 = 0;
const BLANK: u8 = 1;
pub(super) const CONTROL: u8 = 2;
const LABELLED: u8 = 3;
const NAME: u8 = 4;
const REPEATED: u8 = 5;
const VALUE: u8 = 6;

/// The blanks of a line.
fn left_open(line: &Line, lines: &Lines, spoken: Language) -> Vec<Find> {
    let words = &line.prose.text;
    blanks(words)
        .into_iter()
        .map(|blank| {
            let (before, after) = (&words[..blank.span.start], &words[blank.span.end..]);
            let cell = || beside(line, lines);
            let day = || match blank.form {
                BlankForm::Date => bound(before, after).map(str::to_owned),
                _ => None,
            };
            let chosen = || match blank.form {
                BlankForm::Box => first_words(after),
                _ => None,
            };
            let label = blank
                .hint
                .as_deref()
                .and_then(label_of_hint)
                .or_else(chosen)
                .or_else(day)
                .or_else(|| label_around(before, after))
                .or_else(cell);
            let label = label.unwrap_or_else(|| match (blank.form, spoken) {
                (BlankForm::Date, Language::Zh) => "日期".to_owned(),
                (BlankForm::Date, Language::En) => "Date".to_owned(),
                _ => usual(spoken).to_owned(),
            });
            Find {
                kind: match blank.form {
                    BlankForm::Date => FieldKind::Date,
                    BlankForm::Box => FieldKind::YesNo,
                    _ => kind_around(&label, before, after),
                },
                label,
                sample: None,
                filter: "",
                why: match blank.form {
                    BlankForm::Line | BlankForm::Date => Why::Blank,
                    BlankForm::Brackets => Why::Bracket,
                    BlankForm::Box => Why::Box,
                },
                said: true,
                key: blank
                    .hint
                    .map(|_| format!("[{}", &words[blank.span.start..blank.span.end])),
                range: blank.span.start..blank.span.end,
                rank: BLANK,
            }
        })
        .collect()
}

/// Blanks of a party are called by its side: ____ behind 地址 after 甲方：____ is 甲方地址.
fn of_sides(
    finds: &mut [Find],
    line: &Line,
    about: &mut About,
    known: &[Known],
    named: &[(usize, Range<usize>)],
) {
    about.enter(line);
    let party = named
        .iter()
        .map(|(i, _)| &known[*i])
        .find(|k| k.why == Why::Party);
    if let Some(party) = party {
        about.set(line, &party.label);
    }
    if finds.is_empty() && named.is_empty() {
        about.ends(line, &line.prose.text);
    }
    for find in finds {
        if side(&find.label).is_some() && find.kind == FieldKind::Party {
            about.set(line, &find.label);
        } else if let Some(side) = about.side(line)
            && of_a_party(&find.label)
        {
            find.label = of_side(side, &find.label);
        }
    }
}

/// The words of the cell to the left or of the head of the column, as a label.
pub(super) fn beside(line: &Line, lines: &Lines) -> Option<String> {
    lines
        .words(line.left)
        .or_else(|| lines.words(line.top))
        .filter(|label| blanks(label).is_empty())
        .and_then(super::label::clean)
        .filter(|label| label.chars().count() <= 30)
}

/// The words behind a box, which say what is chosen by a tick.
fn first_words(after: &str) -> Option<String> {
    let line = after.split('\n').next().unwrap_or(after).trim_start();
    let limit = line.char_indices().nth(40).map_or(line.len(), |(i, _)| i);
    let head = &line[..limit];
    let end = head.find([
        ',', '，', '.', '。', ';', '；', ':', '：', '(', '（', '[', '_', '\t', '{', '$',
    ]);
    let head = &head[..end.unwrap_or(limit)];
    // A word that the limit cuts is left out.
    let whole = match (end, head.rfind(' ')) {
        (None, Some(space)) if limit < line.len() => &head[..space],
        _ => head,
    };
    let small = [
        "a", "an", "the", "of", "with", "as", "is", "to", "at", "and", "or", "by", "for", "in",
    ];
    let mut whole = whole.trim();
    while let Some((rest, last)) = whole.rsplit_once(' ') {
        if !small.contains(&last) {
            break;
        }
        whole = rest;
    }
    super::label::clean(whole)
}

/// The fields and references that stand in a line already.
fn fields(line: &Line) -> Vec<Find> {
    let words = &line.prose.text;
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = words[at..].find("{{").map(|n| at + n) {
        let Some(end) = words[open..].find("}}").map(|n| open + n + 2) else {
            break;
        };
        found.push(Find {
            range: open..end,
            label: String::new(),
            kind: FieldKind::Text,
            sample: None,
            filter: "",
            why: Why::Blank,
            said: false,
            key: None,
            rank: FIELD,
        });
        at = end;
    }
    found
}

/// The parties and details that stand in a line, here with their label or again.
fn repeated(line: &Line, known: &[Known], labelled: &[(usize, Range<usize>)]) -> Vec<Find> {
    let find = |i: usize, range: Range<usize>, rank| Find {
        range,
        label: known[i].label.clone(),
        kind: match known[i].why {
            Why::Party => FieldKind::Party,
            _ => FieldKind::Text,
        },
        sample: Some(known[i].words.clone()),
        filter: "",
        why: known[i].why,
        said: true,
        key: Some(format!("k{i}")),
        rank,
    };
    let mut found: Vec<Find> = labelled
        .iter()
        .map(|(i, range)| find(*i, range.clone(), LABELLED))
        .collect();
    for (i, known) in known.iter().enumerate() {
        let places = known.places(&line.prose.text).into_iter();
        let rank = match known.why {
            Why::Party => NAME,
            _ => REPEATED,
        };
        found.extend(places.map(|range| find(i, range, rank)));
    }
    found
}

/// The days, amounts, rates and periods of a line.
fn written_out(line: &Line, lines: &Lines, spoken: Language) -> Vec<Find> {
    let words = &line.prose.text;
    values(words)
        .into_iter()
        .filter_map(|found| {
            let called = called(&found.value, &found.range, line, lines, spoken)?;
            let text = &words[found.range.clone()];
            let written = written(&found.value, text, spoken);
            let as_text = written.kind == FieldKind::Text;
            let key = match &found.value {
                _ if as_text => format!("t{text}"),
                Value::Date(date) => format!("d{date}"),
                Value::Money {
                    minor, currency, ..
                } => format!("m{currency}{minor}"),
                Value::Myriads(_) | Value::Percent(_) => format!("n{}%{text}", called.label),
                Value::Period(_) => format!("p{}%{text}", called.label),
            };
            Some(Find {
                range: found.range,
                label: called.label,
                kind: written.kind,
                sample: Some(written.sample),
                filter: written.filter,
                why: match found.value {
                    Value::Date(_) => Why::Date,
                    Value::Money { .. } | Value::Myriads(_) => Why::Amount,
                    Value::Percent(_) => Why::Percentage,
                    Value::Period(_) => Why::Period,
                },
                said: called.said,
                key: Some(key),
                rank: VALUE,
            })
        })
        .collect()
}

pub(super) fn usual(language: Language) -> &'static str {
    match language {
        Language::Zh => "填写项",
        Language::En => "Value",
    }
}

/// The place in the source, with the backslash that takes its first sign's meaning away. `None` where the source holds
/// more than the words, so that marks would be torn. `blank`: marks may stand inside, in pairs.
fn place(text: &str, span: Span, words: &str, blank: bool) -> Option<Span> {
    let before = &text[..span.start];
    let slashes = before
        .bytes()
        .rev()
        .take(MOST_SLASHES)
        .take_while(|b| *b == b'\\')
        .count();
    let place = Span {
        start: span.start - slashes % 2,
        end: span.end,
    };
    let source = text.get(place.start..place.end)?;
    let whole = blank
        && source.trim_start_matches('\\').chars().next() == words.chars().next()
        && source.chars().next_back() == words.chars().next_back()
        && source.matches("**").count().is_multiple_of(2)
        && !source.contains("](");
    (whole || literal(source) == words).then_some(place)
}

/// Backslashes that are counted before a place; a longer run escapes itself.
const MOST_SLASHES: usize = 64;

/// The words of a source without marks.
fn literal(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut chars = source.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some(next)) if next.is_ascii_punctuation() => {
                out.push(*next);
                chars.next();
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suggest::templated;
    use crate::{Answer, Answers, Prose, Template, fill};

    const ZH: &str = "# 买卖合同\n\n甲方：____\n\n乙方（盖章）：【】\n\n价款为人民币____元，于____年__月__日支付。\n\n```\ncode ____\n```\n";
    const EN: &str = "---\ntitle: T\nfields:\n  rate: number\n---\n\n# T\n\nBy [Name of the Seller] and \\[Name of the Seller\\] at {{rate}}, see [](#x).\n\n| Buyer | [●] |\n| --- | --- |\n| a | b |\n";

    #[test]
    fn blanks_become_fields_and_the_rest_stays() {
        for (text, names) in [
            (ZH, vec!["party_a", "party_b", "price", "date"]),
            (EN, vec!["seller", "buyer"]),
        ] {
            let all = suggest(text);
            assert_eq!(
                all.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(),
                names
            );
            let template = templated(text, &all);
            let read = Template::parse(&template);
            assert_eq!(read.problems, [], "{template}");
            // With what stood there as answers, the words are those of before.
            let mut answers: Answers = all
                .iter()
                .filter(|s| matches!(s.kind, FieldKind::Text | FieldKind::Party))
                .map(|s| (s.name.clone(), Answer::Text(s.found.clone())))
                .collect();
            answers.insert("rate".to_owned(), Answer::Text("5".into()));
            let words = |text: &str| {
                let blocks = parse(text).blocks;
                let proses: Vec<String> =
                    blocks.iter().flat_map(Prose::of).map(|p| p.text).collect();
                proses.join("\n")
            };
            let mut expected = words(text).replace("{{rate}}", "5");
            for s in all
                .iter()
                .filter(|s| !matches!(s.kind, FieldKind::Text | FieldKind::Party))
            {
                let shown = format!("【{}】", s.label);
                expected = expected.replacen(&format!("币{}", s.found), &format!("币{shown}"), 1);
                expected =
                    expected.replacen(&format!("于{}支", s.found), &format!("于{shown}支"), 1);
            }
            assert_eq!(words(&fill(&template, &answers).text), expected);
        }
        assert_eq!(suggest(EN)[0].places.len(), 2);
        assert!(templated(ZH, &suggest(ZH)).contains("code ____"));
    }

    #[test]
    fn a_text_of_blanks_takes_no_time() {
        let start = std::time::Instant::now();
        for unit in ["_", "[", "____ ", "[●]\n\n", "【", "[a]"] {
            let text = unit.repeat(100_000 / unit.len());
            let all = suggest(&text);
            let _ = templated(&text, &all);
        }
        assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
    }
}
