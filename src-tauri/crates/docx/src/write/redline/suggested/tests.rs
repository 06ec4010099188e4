//! Suggestions taken and left alone, all together and one by one.

use super::super::tests::edits::{Dice, templates, words};
use super::super::tests::{check_sides, real_texts, text};
use super::{Suggested, fitting, write_suggested};
use crate::write::tests::{check, parts as unzipped};
use crate::{Look, Warning, WarningKind, accept_all, read, reject_all, write};
use moqi_document::compare::{tokens, weight};
use moqi_document::{BlockKind, Edit, Span, apply, parse, print};

fn suggested(span: std::ops::Range<usize>, text: &str, author: &str) -> Suggested {
    Suggested {
        span: Span {
            start: span.start,
            end: span.end,
        },
        text: text.into(),
        author: author.into(),
        date: Some("2026-11-28T09:00:00Z".into()),
        comment: None,
    }
}

/// A suggestion for the place where words stand.
fn at(document: &str, words: &str, text: &str, author: &str) -> Suggested {
    let start = document.find(words).unwrap();
    suggested(start..start + words.len(), text, author)
}

fn applied(text: &str, suggestions: &[&Suggested]) -> String {
    let edits: Vec<Edit> = suggestions
        .iter()
        .map(|one| Edit {
            span: one.span,
            text: one.text.clone(),
        })
        .collect();
    apply(text, &edits)
}

/// Writes suggestions and resolves them both ways.
fn resolve(text: &str, suggestions: &[Suggested], name: &str) -> Vec<u8> {
    let old = parse(text);
    let new = parse(&applied(text, &suggestions.iter().collect::<Vec<_>>()));
    let look = Look::for_document(&old);
    let file = write_suggested(text, &look, suggestions).unwrap().value;
    check_sides(&file, &old, &new, &look, name);
    file
}

/// Every author's name on an element of that kind.
fn authors<'a>(part: &'a str, element: &str) -> Vec<&'a str> {
    part.split(&format!("<{element} "))
        .skip(1)
        .filter_map(|tag| tag.split("w:author=\"").nth(1)?.split('"').next())
        .collect()
}

const TEXT: &str = "---\nlanguage: en\n---\n\n# Agreement\n\n## Fees {#fees}\n\n1. The Client pays the fees in cash within thirty days[^a].\n\n2. See clause [](#fees).\n\n| Item | Price |\n|---|---|\n| Drawing | 3 |\n| Model | 1 |\n\nThe end.\n\n[^a]: Days are working days.\n";

#[test]
fn each_suggestion_is_its_authors() {
    let suggestions = [
        at(TEXT, "the fees", "a sum", "Moqi"),
        at(TEXT, "cash", "coin", "Zhang"),
        at(TEXT, "thirty", "**thirty**", "Li"),
        at(TEXT, "working", "calendar", "Wang"),
        at(TEXT, "Drawing | 3", "Drawing | 4", "Zhao"),
        at(TEXT, "| Model | 1 |\n", "", "Qian"),
        at(TEXT, "The end.", "> The end.", "Sun"),
    ];
    let parts = unzipped(&resolve(TEXT, &suggestions, "authors"));
    let document = &parts["word/document.xml"];
    assert_eq!(
        authors(document, "w:del"),
        ["Moqi", "Zhang", "Zhao", "Qian", "Qian", "Qian"]
    );
    assert_eq!(authors(document, "w:ins"), ["Moqi", "Zhang", "Zhao"]);
    // The word between two suggestions is nobody's.
    assert!(document.contains("<w:t xml:space=\"preserve\"> in </w:t>"));
    assert_eq!(authors(document, "w:rPrChange"), ["Li"]);
    assert_eq!(authors(document, "w:pPrChange"), ["Sun"]);
    let notes = &parts["word/footnotes.xml"];
    assert_eq!(authors(notes, "w:del"), ["Wang"]);
    assert_eq!(authors(notes, "w:ins"), ["Wang"]);
}

#[test]
fn what_cannot_be_shown_is_said() {
    let start = TEXT.find("Client").unwrap();
    let suggestions = [
        suggested(start..start + 6, "Customer", "Moqi"),
        suggested(start + 2..start + 9, "x", "Moqi"),
        suggested(TEXT.len()..TEXT.len() + 3, "x", "Moqi"),
        #[allow(clippy::reversed_empty_ranges, reason = "a span nobody should send")]
        suggested(9..4, "x", "Moqi"),
    ];
    let written = write_suggested(TEXT, &Look::for_document(&parse(TEXT)), &suggestions).unwrap();
    let kinds: Vec<_> = written
        .warnings
        .into_iter()
        .map(|warning| (warning.span.unwrap().start, warning.kind))
        .collect();
    assert_eq!(
        kinds,
        [
            (9, WarningKind::StaleSuggestion),
            (start + 2, WarningKind::OverlappingSuggestion),
            (TEXT.len(), WarningKind::StaleSuggestion),
        ]
    );
    assert!(text(&accept_all(&written.value).unwrap()).contains("The Customer pays"));
    // A character is not cut, and a warning of the new text is where the suggestion is in the text as it stands.
    let zh = "甲方付款。\n\n乙方交货。\n";
    let suggestions = [
        suggested(1..3, "x", "Moqi"),
        suggested(0..0, "若干的字", "Moqi"),
        at(zh, "交货", "见[](#nowhere)", "Moqi"),
    ];
    let written = write_suggested(zh, &Look::for_document(&parse(zh)), &suggestions).unwrap();
    let place = suggestions[2].span;
    assert_eq!(
        written.warnings,
        [
            Warning {
                span: Some(suggestions[0].span),
                kind: WarningKind::StaleSuggestion
            },
            Warning {
                span: Some(place),
                kind: WarningKind::MissingTarget("nowhere".into())
            }
        ]
    );
}

#[test]
fn reasons_are_comments() {
    let mut suggestions = [
        at(TEXT, "pays", "remits", "Moqi"),
        at(TEXT, "The end.", "The end.\n\nNot yet.", "Zhang San"),
        at(TEXT, "working", "calendar", "Wang"),
        at(TEXT, "| Model | 1 |\n", "", "Qian"),
        // Nothing a reader sees.
        at(TEXT, "{#fees}", "{#price}", "Li"),
    ];
    suggestions[4].text = "{#fees}".into();
    for (number, one) in suggestions.iter_mut().enumerate() {
        one.comment = Some(format!("Why & {number}\nsecond line"));
    }
    let file = resolve(TEXT, &suggestions, "comments");
    let parts = unzipped(&file);
    let (document, comments) = (&parts["word/document.xml"], &parts["word/comments.xml"]);
    assert_eq!(comments.matches("<w:comment ").count(), 5);
    assert!(comments.contains("w:initials=\"ZS\"") && comments.contains("Why &amp; 3"));
    for part in [
        "w:commentRangeStart ",
        "w:commentRangeEnd ",
        "w:commentReference ",
    ] {
        assert_eq!(document.matches(part).count(), 5, "{part}");
    }
    // Around the words deleted and inserted, in that order.
    let around = document
        .split("<w:commentRangeStart ")
        .find(|part| part.contains(">pays<"))
        .and_then(|part| part.split("<w:commentRangeEnd ").next())
        .unwrap();
    assert!(around.contains(">remits<"), "{around}");
    let found = read(&file).unwrap().value;
    assert_eq!(found.comments.len(), 5);
    // The comment on a paragraph that is only suggested goes when it is rejected.
    let rejected = reject_all(&file).unwrap();
    let left = unzipped(&rejected);
    assert_eq!(left["word/comments.xml"].matches("<w:comment ").count(), 4);
    assert_eq!(
        left["word/document.xml"]
            .matches("<w:commentRangeStart ")
            .count(),
        4
    );
    // A row that was deleted takes its comment along.
    let accepted = unzipped(&accept_all(&file).unwrap());
    assert_eq!(
        accepted["word/comments.xml"].matches("<w:comment ").count(),
        4
    );
}

#[test]
fn without_suggestions_nothing_is_marked() {
    let file = resolve(TEXT, &[], "none");
    assert!(!unzipped(&file)["word/document.xml"].contains("w:author"));
    resolve("", &[suggested(0..0, "# New\n\nWords.\n", "Moqi")], "empty");
}

/// Time grows with the text and the suggestions, not with their product.
#[test]
fn thousands_of_suggestions_are_no_trouble() {
    let text = "One more paragraph with words in it.\n\n".repeat(1500);
    let mut suggestions = Vec::new();
    for number in 0..6000 {
        // Half of them at one place, without an effect; the others everywhere.
        let (span, new) = match number % 2 {
            0 => (4..4, ""),
            _ => (number * 9..number * 9 + 2, "ab"),
        };
        let mut one = suggested(span, new, "Moqi");
        one.comment = Some("Why".into());
        suggestions.push(one);
    }
    let start = std::time::Instant::now();
    let written = write_suggested(&text, &Look::for_document(&parse(&text)), &suggestions);
    let kept = 6000 - written.unwrap().warnings.len();
    assert!(kept > 5000, "{kept}");
    let seconds = start.elapsed().as_secs_f64();
    assert!(seconds < 60.0, "{seconds}");
    println!("{seconds:.1} s");
}

/// A place between two characters of a range.
fn cut(dice: &mut Dice, text: &str, range: Span) -> usize {
    let mut at = range.start + dice.roll(range.end - range.start + 1);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// A few words in a block, cut anywhere.
fn stretch(dice: &mut Dice, text: &str, block: Span) -> std::ops::Range<usize> {
    let start = cut(dice, text, block);
    let mut end = (start + dice.roll(40)).min(block.end);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    start..end.max(start)
}

/// Any suggestions: words, marks, blocks, several blocks at once, the front matter.
fn any(dice: &mut Dice, text: &str) -> Vec<Suggested> {
    let blocks = parse(text).blocks;
    let mut out = Vec::new();
    for _ in 0..1 + dice.roll(10) {
        let at = dice.roll(blocks.len().max(1));
        let block = blocks.get(at).map_or(Span::default(), |block| block.span);
        let span = stretch(dice, text, block);
        let own = &text[span.clone()];
        let fresh = words(dice);
        let (span, new) = match dice.roll(11) {
            0 | 1 => (span.clone(), fresh),
            2 => (span.start..span.start, fresh),
            3 => (span.clone(), String::new()),
            4 => (span.clone(), format!("**{own}**")),
            5 => (block.end..block.end, format!("\n\n{fresh} {fresh}")),
            6 => (
                block.end..block.end,
                format!("\n\n1. {fresh}\n\n## {fresh}\n"),
            ),
            7 => (block.start..block.end, String::new()),
            8 => (
                block.start..block.end,
                text[block.start..block.end].replacen(' ', &format!(" {fresh} "), 3),
            ),
            9 => {
                let next = blocks.get(at + 1 + dice.roll(2)).map_or(block, |b| b.span);
                (span.start..cut(dice, text, next).max(span.start), fresh)
            }
            _ => {
                let start = cut(
                    dice,
                    text,
                    Span {
                        start: 0,
                        end: text.len(),
                    },
                );
                (start..start, format!("{fresh}\n\n{fresh}"))
            }
        };
        let author = ["Moqi", "Zhang & Li", "王五"][dice.roll(3)];
        let mut one = suggested(span, &new, author);
        one.comment = (dice.roll(3) == 0).then(|| words(dice));
        out.push(one);
    }
    out
}

/// Files for judges outside.
pub(in super::super) fn samples() -> Vec<(String, Vec<u8>)> {
    let mut dice = Dice(0x0123_4567_89AB_CDEF);
    let mut texts: Vec<(String, String)> = templates()
        .into_iter()
        .map(|(name, document)| (name, print(&document)))
        .collect();
    texts.push(("kinds".into(), TEXT.into()));
    texts
        .into_iter()
        .map(|(name, text)| {
            let look = Look::for_document(&parse(&text));
            let file = write_suggested(&text, &look, &any(&mut dice, &text)).unwrap();
            (format!("suggested-{name}"), file.value)
        })
        .collect()
}

#[test]
fn any_suggestions_are_taken_or_left_alone() {
    let mut texts: Vec<(String, String)> = templates()
        .into_iter()
        .map(|(name, document)| (name, print(&document)))
        .collect();
    let mut dice = Dice(0x5AFE_C0DE_1234_9876);
    let (rounds, times) = match std::env::var_os("MOQI_GATES") {
        Some(_) => (120, 4),
        None => (30, 1),
    };
    for round in 0..rounds {
        let (name, text) = &texts[round % texts.len()];
        resolve(text, &any(&mut dice, text), &format!("{name} {round}"));
    }
    texts = real_texts();
    for (name, text) in texts.iter().cycle().take(texts.len() * times) {
        resolve(text, &any(&mut dice, text), name);
    }
}

/// Rejects the changes of those authors that are not in the list, and accepts the others.
fn taken(file: &[u8], authors: &[&str]) -> Vec<u8> {
    let turned = |part: &str| -> String {
        let mut out = String::new();
        // Open changes, true for those that were turned round.
        let mut open = Vec::new();
        for (at, piece) in part.split('<').enumerate() {
            if at > 0 {
                out.push('<');
            }
            let tag = piece.split('>').next().unwrap_or_default();
            let name = tag.split(' ').next().unwrap_or_default();
            let other = match name.trim_start_matches('/') {
                "w:ins" => "w:del",
                "w:del" => "w:ins",
                "w:delText" | "w:t" => "",
                _ => {
                    out.push_str(piece);
                    continue;
                }
            };
            let inside = open.last().copied();
            if other.is_empty() {
                out.push_str(&match inside {
                    Some(true) if name.contains("delText") => piece.replacen("w:delText", "w:t", 1),
                    _ => piece.to_owned(),
                });
                continue;
            }
            let turns = if name.starts_with('/') {
                open.pop().unwrap()
            } else {
                let author = tag.split("w:author=\"").nth(1).unwrap();
                let turns = !authors.contains(&author.split('"').next().unwrap());
                if !tag.ends_with('/') {
                    open.push(turns);
                }
                turns
            };
            let own = name.trim_start_matches('/');
            out.push_str(&if turns {
                piece.replacen(own, other, 1)
            } else {
                piece.to_owned()
            });
        }
        out
    };
    let parts: Vec<(String, String)> = unzipped(file)
        .into_iter()
        .map(|(name, part)| {
            let part = if name.ends_with("document.xml") || name.ends_with("footnotes.xml") {
                turned(&part)
            } else {
                part
            };
            (name, part)
        })
        .collect();
    let borrowed: Vec<(&str, String)> = parts
        .iter()
        .map(|(name, part)| (name.as_str(), part.clone()))
        .collect();
    accept_all(&crate::write::package::pack(&borrowed).unwrap()).unwrap()
}

/// Suggestions for words that stand together, so that little is left between two of them. Words only: what they mean to
/// the form of the text does not depend on the others.
fn words_only(dice: &mut Dice, text: &str) -> Vec<Suggested> {
    let blocks = parse(text).blocks;
    let mut suggestions = Vec::new();
    for _ in 0..4 {
        let block = &blocks[dice.roll(blocks.len())];
        let source = &text[block.span.start..block.span.end];
        let mut start = block.span.start;
        let first = dice.roll(source.chars().count());
        for (place, word) in tokens(source).into_iter().enumerate() {
            let span = start..start + word.len();
            start = span.end;
            let plain = |c: char| c == ' ' || c.is_alphabetic() && !c.is_ascii();
            if (first..first + 16).contains(&place)
                && weight(word) > 0
                && text[..span.start].ends_with(plain)
                && text[span.end..].starts_with(plain)
                && !matches!(block.kind, BlockKind::Signature(_) | BlockKind::Verbatim(_))
                && dice.roll(2) == 0
            {
                let new = ["words", "其他", "", "more of them"][dice.roll(4)];
                suggestions.push(suggested(span, new, &format!("A{}", suggestions.len())));
            }
        }
    }
    suggestions
}

/// Suggestions for words of every template: the file, and those of the text without them and with them applied.
pub(in super::super) fn words_suggested() -> Vec<(String, [Vec<u8>; 3])> {
    let mut dice = Dice(0x0FF1_CE00_5EED_0001);
    templates()
        .into_iter()
        .map(|(name, document)| {
            let text = print(&document);
            let suggestions = words_only(&mut dice, &text);
            let new = applied(&text, &suggestions.iter().collect::<Vec<_>>());
            let look = Look::for_document(&document);
            let plain = |text: &str| write(&parse(text), &look).unwrap().value;
            let file = write_suggested(&text, &look, &suggestions).unwrap().value;
            (name, [file, plain(&text), plain(&new)])
        })
        .collect()
}

/// Some of the suggestions accepted and the others rejected gives the text with these applied, whatever they are.
#[test]
fn some_are_taken_and_others_left() {
    let mut dice = Dice(0xBEEF_5EED_0000_4242);
    let mut count = 0;
    for (round, (name, document)) in templates().iter().cycle().take(60).enumerate() {
        let text = print(document);
        let suggestions = words_only(&mut dice, &text);
        count += suggestions.len();
        let (kept, _) = fitting(&text, &suggestions);
        let (some, names): (Vec<&Suggested>, Vec<&str>) = kept
            .iter()
            .filter(|_| dice.roll(2) == 0)
            .map(|one| (*one, one.author.as_str()))
            .unzip();
        let look = Look::for_document(document);
        let file = write_suggested(&text, &look, &suggestions).unwrap().value;
        check(&file);
        let expected = write(&parse(&applied(&text, &some)), &look).unwrap().value;
        let read = |bytes: &[u8]| read(bytes).unwrap().value.text;
        let (found, expected) = (read(&taken(&file, &names)), read(&expected));
        let line = found.lines().zip(expected.lines()).find(|(a, b)| a != b);
        assert!(found == expected, "{name} {round}: {line:#?}");
    }
    assert!(count > 400, "{count}");
}
