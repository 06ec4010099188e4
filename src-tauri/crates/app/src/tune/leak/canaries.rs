//! Canaries: invented secrets that are planted into the documents before they are masked, so that the whole way of a
//! tuning is tried by them.
//!
//! They are values of the kinds that contracts hold, each in a sentence of a contract, drawn from a seed among the very
//! candidates that they are ranked with, and the same as nothing in the documents. Right masking turns each into a
//! placeholder. A document of which every canary was masked is learned as it was given, without the sentences: a model is
//! not to learn wording that the firm never wrote. Where masking lets one through, the document is learned with it, and the
//! test of the model ([`super::leak_test`]) asks for it.

use std::collections::BTreeMap;

use moqi_document::Language;
use moqi_document::mask::Private;

use super::super::sources::Source;
use super::draws::Draws;
use super::formats::Format;

/// Which canaries are planted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canaries {
    /// For each canary its kind, and in how many places it is planted.
    pub planted: Vec<(Private, usize)>,
}

/// Places of a canary in a usual run.
const PLACES: usize = 10;

impl Canaries {
    /// One of each kind, in as many places.
    pub fn of_each_kind(places: usize) -> Canaries {
        let each = Private::ALL.into_iter();
        Canaries {
            planted: each.map(|kind| (kind, places)).collect(),
        }
    }
}

impl Default for Canaries {
    /// One of each kind in ten places: what masking finds depends on what stands around it, and as nothing of them stays
    /// where it finds all, more places cost no more than the time of masking them.
    fn default() -> Self {
        Canaries::of_each_kind(PLACES)
    }
}

/// An invented secret.
#[derive(Clone)]
pub(crate) struct Canary {
    pub kind: Private,
    /// The value.
    pub words: String,
    pub format: Format,
    /// How often it is planted, where there is room.
    pub times: usize,
    sentence: [&'static str; 2],
}

/// The sentence of a contract that a value of a kind stands in, before and after it.
fn sentence(kind: Private, language: Language) -> [&'static str; 2] {
    let (zh, en) = match kind {
        Private::Organisation => (["监理单位为", "。"], "The monitoring agent is "),
        Private::Person => (["受托方的项目经理：", "。"], "The project manager is Ms. "),
        Private::IdNumber => (
            ["保证人的公民身份号码为", "。"],
            "The social security number of the guarantor is ",
        ),
        Private::Passport => (
            ["保证人的护照号码为", "。"],
            "The guarantor signs with passport number ",
        ),
        Private::Registration => (
            ["受托方的统一社会信用代码为", "。"],
            "The escrow agent is registered under company number ",
        ),
        Private::Account => (
            ["保证金应当汇入账号", "。"],
            "The deposit is to be paid into account number ",
        ),
        Private::Phone => (
            ["现场联络的手机号码为", "。"],
            "The site office can be reached by phone at ",
        ),
        Private::Email => (
            ["通知应当同时发送至电子邮箱", "。"],
            "A copy of each notice is sent by email to ",
        ),
        Private::Address => (
            ["现场办公室的地址：", "。"],
            "The site office is located at ",
        ),
        Private::Amount => (
            ["履约保证金为人民币", "元。"],
            "The performance deposit amounts to USD ",
        ),
        Private::Number => (
            ["原合同编号：", "。"],
            "The deposit replaces that of contract no. ",
        ),
    };
    match language {
        Language::Zh => zh,
        Language::En => [en, "."],
    }
}

/// Texts with canaries.
pub(crate) struct Planted {
    pub all: Vec<Canary>,
    /// The texts of documents by their numbers, with the numbers of the canaries in them.
    pub texts: BTreeMap<usize, (String, Vec<usize>)>,
}

/// Plants canaries into documents, each in other places as evenly as there is room. They are in the language of most of
/// the documents, and stand in documents of that language only.
pub(crate) fn plant(documents: &[(usize, &Source)], config: &Canaries, seed: u64) -> Planted {
    let chinese = |source: &Source| source.language == Language::Zh;
    let count = documents.iter().filter(|(_, source)| chinese(source));
    let language = match 2 * count.count() > documents.len() {
        true => Language::Zh,
        false => Language::En,
    };
    let mut draws = Draws::of(seed, &["canaries"]);
    let all = drawn(documents, config, language, &mut draws);
    let mut fitting: Vec<(usize, &Source, Vec<usize>)> = documents
        .iter()
        .filter(|(_, source)| source.language == language)
        .map(|(number, source)| (*number, *source, places(&source.text)))
        .filter(|(_, _, places)| !places.is_empty())
        .collect();
    draws.shuffle(&mut fitting);
    // For each document the sentences, by the places where they go.
    let mut sentences: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
    for (canary, times) in all.iter().map(|canary| canary.times).enumerate() {
        let first = draws.below(fitting.len() as u64) as usize;
        for time in 0..times {
            let at = (first + time) % fitting.len().max(1);
            let Some((number, _, places)) = fitting.get(at) else {
                break;
            };
            // A second one of the same canary in a document goes to another place; where none is left, nowhere.
            let turn = time / fitting.len();
            if turn >= places.len() {
                break;
            }
            let start = draws.below(places.len() as u64) as usize;
            let taken = |place: usize| {
                let there = sentences.get(number);
                there.is_some_and(|there| there.contains(&(place, canary)))
            };
            let free = (0..places.len())
                .map(|step| places[(start + step) % places.len()])
                .find(|place| !taken(*place));
            if let Some(place) = free {
                sentences.entry(*number).or_default().push((place, canary));
            }
        }
    }
    let texts = fitting
        .into_iter()
        .filter_map(|(number, source, _)| {
            let there = sentences.remove(&number)?;
            Some((number, with(&source.text, there, &all, language)))
        })
        .collect();
    Planted { all, texts }
}

/// The canaries, none the same as anything in the documents or as another.
fn drawn(
    documents: &[(usize, &Source)],
    config: &Canaries,
    language: Language,
    draws: &mut Draws,
) -> Vec<Canary> {
    let mut all: Vec<Canary> = Vec::new();
    for (kind, times) in &config.planted {
        let format = Format::of_canary(*kind, language);
        let there = |words: &String, all: &[Canary]| {
            all.iter().any(|canary| canary.words == *words)
                || documents
                    .iter()
                    .any(|(_, source)| source.text.contains(words.as_str()))
        };
        // Of a billion values the first is new but for the oddest of luck.
        let words = (0..100).map(|_| format.draw(draws));
        let mut words = words.skip_while(|words| there(words, &all));
        if let Some(words) = words.next() {
            all.push(Canary {
                kind: *kind,
                words,
                format,
                times: *times,
                sentence: sentence(*kind, language),
            });
        }
    }
    all
}

/// A text with sentences at some places, and which canaries stand there.
fn with(
    text: &str,
    mut there: Vec<(usize, usize)>,
    all: &[Canary],
    language: Language,
) -> (String, Vec<usize>) {
    there.sort_unstable();
    let mut planted = String::with_capacity(text.len() + 100 * there.len());
    let mut from = 0;
    for (place, canary) in &there {
        let [before, after] = all[*canary].sentence;
        planted.push_str(&text[from..*place]);
        if language == Language::En {
            planted.push(' ');
        }
        planted.push_str(before);
        planted.push_str(&all[*canary].words);
        planted.push_str(after);
        from = *place;
    }
    planted.push_str(&text[from..]);
    let mut canaries: Vec<usize> = there.into_iter().map(|(_, canary)| canary).collect();
    canaries.sort_unstable();
    canaries.dedup();
    (planted, canaries)
}

/// Bytes of a line that is a passage of its own.
const LONG: usize = 40;

/// Where a sentence can be added to a text: behind the lines of its passages, and where it has none, in the last cells of rows
/// of tables, which are learned from too. Headings, quotations, code and the front matter are none.
fn places(text: &str) -> Vec<usize> {
    let (mut found, mut cells) = (Vec::new(), Vec::new());
    let (mut at, mut front, mut code) = (0, false, false);
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let end = at + line.trim_end().len();
        let words = line.trim();
        match words {
            "---" if number == 0 => front = true,
            "---" if front => front = false,
            _ if words.starts_with("```") => code = !code,
            _ if front || code => {}
            _ if words.starts_with('|') => {
                let row = line.trim_end().trim_end_matches('|').trim_end();
                let cell = row.rsplit('|').next().unwrap_or(row);
                if cell.trim().len() >= LONG && cell.ends_with(['。', '.']) {
                    cells.push(at + row.len());
                }
            }
            _ if words.starts_with(['#', '>', '<', '[', '{', '!', ':', '=', '`']) => {}
            _ if words.len() >= LONG && words.ends_with(['。', '.']) => found.push(end),
            _ => {}
        }
        at += line.len();
    }
    match found.is_empty() {
        true => cells,
        false => found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use moqi_document::mask::mask;
    use moqi_document::parse;

    fn source(text: String, language: Language) -> Source {
        Source {
            name: "a contract".into(),
            path: None,
            document: None,
            hash: String::new(),
            title: "a contract".into(),
            text,
            language,
            warnings: Vec::new(),
        }
    }

    fn documents(language: Language) -> Vec<Source> {
        let clauses = |n: usize| -> String {
            let each = (0..12).map(|clause| match language {
                Language::Zh => format!(
                    "## 第{clause}项\n\n当事人应当按照约定全面履行第{n}号文件的第{clause}项义务，并及时通知对方履行的情况。\n\n"
                ),
                Language::En => format!(
                    "## Duty {clause}\n\nThe parties perform duty {clause} of document {n} as agreed, and tell each other how it goes.\n\n"
                ),
            });
            each.collect()
        };
        (0..7)
            .map(|n| source(format!("# 合同 Contract\n\n{}", clauses(n)), language))
            .collect()
    }

    fn planted(language: Language, times: &[usize], seed: u64) -> (Vec<Source>, Planted) {
        let sources = documents(language);
        let numbered: Vec<(usize, &Source)> = sources.iter().enumerate().collect();
        let each = times
            .iter()
            .flat_map(|n| Canaries::of_each_kind(*n).planted);
        let config = Canaries {
            planted: each.collect(),
        };
        let planted = plant(&numbered, &config, seed);
        (sources, planted)
    }

    #[test]
    fn canaries_stand_as_often_as_was_asked_and_spread_over_the_documents() {
        for language in [Language::Zh, Language::En] {
            let (sources, planted) = planted(language, &[1, 5, 20], 3);
            assert_eq!(planted.all.len(), 33);
            let text: String = planted
                .texts
                .values()
                .map(|(text, _)| text.as_str())
                .collect();
            for canary in &planted.all {
                let stands = text.matches(&canary.words).count();
                assert_eq!(stands, canary.times, "{:?}", canary.kind);
                assert!(
                    sources
                        .iter()
                        .all(|source| !source.text.contains(&canary.words))
                );
                let documents = planted.texts.values();
                let most = documents
                    .map(|(text, _)| text.matches(&canary.words).count())
                    .max();
                assert_eq!(most, Some(canary.times.div_ceil(7)));
            }
        }
    }

    #[test]
    fn the_same_seed_plants_the_same_and_another_seed_others() {
        let texts = |seed| planted(Language::Zh, &[10], seed).1.texts;
        assert_eq!(texts(1), texts(1));
        assert_ne!(texts(1), texts(2));
    }

    #[test]
    fn masking_turns_every_canary_into_a_placeholder() {
        for language in [Language::Zh, Language::En] {
            for seed in 0..40 {
                let (_, planted) = planted(language, &[7], seed);
                for (text, there) in planted.texts.values() {
                    let masked = mask(&parse(text), &[]);
                    let left = moqi_document::print(&masked.document);
                    for canary in there.iter().map(|at| &planted.all[*at]) {
                        assert!(!left.contains(&canary.words), "{}: {left}", canary.words);
                        let found = masked.found.iter();
                        let found = found.filter(|found| found.words.contains(&canary.words));
                        assert_eq!(found.count(), 1, "{}", canary.words);
                    }
                }
            }
        }
    }

    #[test]
    fn nothing_is_planted_where_there_is_no_place() {
        for text in [
            "",
            "---\ntitle: x\n---\n",
            "# A\n\n| a long row of a table with words. |\n",
        ] {
            let one = source(text.into(), Language::En);
            let planted = plant(&[(0, &one)], &Canaries::default(), 1);
            assert!(planted.texts.is_empty(), "{text}");
        }
        assert!(plant(&[], &Canaries::default(), 1).texts.is_empty());
    }

    #[test]
    fn a_term_sheet_has_its_places_in_the_cells_of_its_rows() {
        let rows = "| Fees | The Fees are due within thirty days of the invoice. |\n| --- | --- |\n| Term | The agreement ends a year after the day it is signed. |\n| Date | {{date}} |\n";
        let one = source(format!("# Terms\n\n{rows}"), Language::En);
        let planted = plant(&[(0, &one)], &Canaries::default(), 1);
        let (text, canaries) = &planted.texts[&0];
        assert!(!canaries.is_empty());
        let masked = mask(&parse(text), &[]);
        for canary in canaries {
            let words = &planted.all[*canary].words;
            assert!(text.contains(words.as_str()));
            assert!(
                masked
                    .found
                    .iter()
                    .any(|found| found.words.contains(words.as_str())),
                "{words}"
            );
        }
        // The rows stay rows of two cells.
        let lines = text.lines().filter(|line| line.starts_with('|'));
        assert!(
            lines.clone().count() == 4 && lines.clone().all(|line| line.matches('|').count() == 3)
        );
        // Where there are passages, they are taken.
        let both = format!("The parties perform all duties of this agreement as agreed.\n\n{rows}");
        let both = plant(&[(0, &source(both, Language::En))], &Canaries::default(), 1);
        assert!(both.texts[&0].0.ends_with(rows));
    }
}
