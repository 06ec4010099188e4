//! What stands around the words: schedules with their sections, contents, controls, comments of people, styles.

use super::super::{Revision, write_redline_with, write_suggested_with};
use super::shape::words;
use super::{by, check_sides, full, resolve_in, text};
use crate::write::redline::Suggested;
use crate::write::tests::{check, parts as unzipped};
use crate::write::tree::parse as tree;
use crate::{Attached, Comment, Control, ControlKind, Look, Remark, accept_all, read, reject_all};
use moqi_document::{Span, parse};

const WIDE: &str = "| Machine number | Description of the machine | Year of manufacture | Country of origin | Serial designation | Inspection authority | Responsible engineer | Warehouse location | Replacement machine | Customs declaration |\n|---|---|---|---|---|---|---|---|---|---|\n| Lathe | Precision lathe | Nineteen | Germany | Designation | Authority | Engineer | Warehouse | Replacement | Declaration |\n";

/// Name, old text, new text.
pub(in super::super) fn kinds() -> Vec<(&'static str, String, String)> {
    let text = |schedules: &[&str]| {
        let head = "---\nlanguage: en\n---\n\n# Agreement\n\n## Term {#term}\n\n1. It runs for two years under [](#term).\n\n## Fees\n\n1. The Client pays the fees in cash.\n\n";
        format!("{head}{}\n", schedules.join("\n\n"))
    };
    let one = "## Machines {.schedule #one}\n\nThe machines are new and are kept dry.";
    let two = "## Persons {.schedule #two}\n\nThe persons named here answer for the machines.";
    let three = "## Places {.schedule #three}\n\nThe machines stand in Leeds and in York.";
    let behind = "## Closing\n\n1. The laws of England govern.";
    let wide = format!("## Machines {{.schedule #one}}\n\n{WIDE}");
    let pair = |name, old: &[&str], new: &[&str]| (name, text(old), text(new));
    vec![
        pair(
            "schedule inserted between",
            &[one, three],
            &[one, two, three],
        ),
        pair(
            "schedule deleted between",
            &[one, two, three],
            &[one, three],
        ),
        pair("schedule inserted at the end", &[one], &[one, two]),
        pair("schedule deleted at the end", &[one, two], &[one]),
        pair("first schedule", &[], &[one]),
        pair("no schedule any more", &[one, two], &[]),
        pair(
            "schedule renamed",
            &[one, two],
            &[one, &two.replace("Persons", "Natural persons")],
        ),
        pair(
            "schedules changed places",
            &[one, two, three],
            &[two, three, one],
        ),
        pair("schedule turned", &[one, two], &[&wide, two]),
        pair("last schedule turned back", &[two, &wide], &[two, one]),
        pair("schedule before a clause", &[behind], &[one, behind]),
        pair(
            "all but one clause new",
            &[one],
            &["## Quite other\n\n1. Words of no kind known.", two],
        ),
    ]
}

#[test]
fn sections_and_contents_come_back() {
    for (name, old, new) in kinds() {
        let (old, new) = (parse(&old), parse(&new));
        let file = resolve_in(&full(&new), &old, &new, name);
        let parts = unzipped(&file);
        let document = &parts["word/document.xml"];
        let count = |what: &str| document.matches(what).count();
        // One table of contents, whose entries are those of both.
        assert_eq!(count("TOC \\o"), 1, "{name}");
        assert_eq!(count("<w:sdt>"), 1, "{name}");
        let headers = parts
            .iter()
            .filter(|(name, _)| name.starts_with("word/header"));
        let tracked = headers.filter(|(_, part)| part.contains("<w:ins ")).count();
        match name {
            "schedule renamed" => assert_eq!(tracked, 1, "{name}"),
            "schedule turned" | "last schedule turned back" => {
                assert_eq!(count("<w:sectPrChange "), 1, "{name}: {document}");
            }
            "schedule inserted between" => assert_eq!(count("<w:sectPrChange "), 0, "{name}"),
            _ => {}
        }
    }
}

#[test]
fn without_headings_on_both_sides_there_are_no_contents() {
    let (old, new) = (
        parse("# A\n\nWords.\n"),
        parse("# A\n\n## One\n\nWords.\n\n## Two\n\nMore.\n"),
    );
    let file = crate::write_redline(&old, &new, &full(&new), &by()).unwrap();
    assert!(!unzipped(&file.value)["word/document.xml"].contains("TOC"));
    assert!(text(&reject_all(&file.value).unwrap()).ends_with("# A\n\nWords.\n"));
}

#[test]
fn a_clause_that_stays_shows_no_change_of_style() {
    let base = "# A\n\n## Term\n\n1. It runs for two years.\n2. It ends by itself.\n\n## Fees\n\n1. The fees are due at once.\n   1. In cash.\n\n- A point.\n\n## List {.schedule}\n\n1. One thing.\n\n## Closing\n\nThe end.\n";
    for (name, from, to) in [
        (
            "a list before it",
            "# A\n",
            "# A\n\n1. Loose words.\n2. More.\n",
        ),
        (
            "recitals",
            "# A\n",
            "# A\n\n## Background {.recitals}\n\n1. The parties know each other.\n",
        ),
        (
            "bullets in bullets",
            "- A point.\n",
            "- A point.\n  - A lesser one.\n",
        ),
        (
            "words under an item",
            "   1. In cash.\n",
            "   1. In cash.\n\n      At any counter.\n",
        ),
        (
            "another level",
            "2. It ends by itself.\n",
            "2. It ends by itself.\n   1. At noon.\n      1. By the clock.\n",
        ),
        (
            "no schedule",
            "## List {.schedule}\n\n1. One thing.\n\n",
            "",
        ),
        (
            "first clause goes",
            "## Term\n\n1. It runs for two years.\n2. It ends by itself.\n\n",
            "",
        ),
    ] {
        let full_text = format!("---\nlanguage: en\n---\n\n{base}");
        let other = full_text.replace(from, to);
        assert_ne!(full_text, other);
        for (old, new) in [(&full_text, &other), (&other, &full_text)] {
            let (old, new) = (parse(old), parse(new));
            let parts = unzipped(&resolve_in(&Look::for_document(&new), &old, &new, name));
            let document = &parts["word/document.xml"];
            assert!(!document.contains("<w:pPrChange "), "{name}: {document}");
            assert!(!parts["word/styles.xml"].contains("Earlier"), "{name}");
        }
    }
}

#[test]
fn what_moved_shows_its_edits_where_it_went() {
    let kinds = super::kinds::kinds();
    let (_, old, new) = kinds
        .iter()
        .find(|(name, ..)| *name == "clause moved and edited")
        .unwrap();
    let (old, new) = (parse(old), parse(new));
    let file = resolve_in(&Look::for_document(&new), &old, &new, "moved");
    let parts = unzipped(&file);
    let document = tree(&parts["word/document.xml"]).unwrap();
    let mut paragraphs = Vec::new();
    super::shape::visit(&document, &mut |element| {
        if element.name == "w:p" {
            let mut markup = String::new();
            element.print(&mut markup);
            paragraphs.push(markup);
        }
    });
    let of = |mark: &str| -> Vec<&String> {
        let flag = format!("<w:rPr><w:{mark} ");
        paragraphs.iter().filter(|p| p.contains(&flag)).collect()
    };
    let (from, to) = (of("moveFrom"), of("moveTo"));
    assert!(from.len() == 3 && to.len() == 3, "{paragraphs:#?}");
    assert!(
        from.iter()
            .all(|p| !p.contains("<w:ins ") && !p.contains("<w:del "))
    );
    let edited: Vec<_> = to.iter().filter(|p| p.contains("five full")).collect();
    assert_eq!(edited.len(), 1);
    assert!(edited[0].contains("<w:ins ") && edited[0].contains("<w:moveTo "));
    // The earlier words are where the clause came from, and nowhere else.
    assert!(from.iter().any(|p| p.contains(" two years ")));
    assert!(to.iter().all(|p| !p.contains("<w:del ")));
}

fn span(text: &str, words: &str) -> Span {
    let start = text.find(words).unwrap_or_else(|| panic!("no {words}"));
    Span {
        start,
        end: start + words.len(),
    }
}

fn comment(text: &str, words: &str, says: &str, replies: usize) -> Comment {
    let remark = |text: String| Remark {
        author: "Li".into(),
        initials: "L".into(),
        date: Some("2026-11-28".into()),
        text,
    };
    Comment {
        span: span(text, words),
        remark: remark(says.into()),
        replies: (0..replies)
            .map(|n| remark(format!("{says}, answer {n}")))
            .collect(),
        done: replies > 0,
    }
}

fn control(text: &str, words: &str, tag: &str) -> Control {
    Control {
        span: span(text, words),
        tag: tag.into(),
        title: tag.to_uppercase(),
        kind: ControlKind::Text,
        prompt: false,
    }
}

/// What comments say and what they stand on, answers apart.
fn said(file: &[u8]) -> Vec<(String, String)> {
    let text = read(file).unwrap().value;
    let mut said: Vec<_> = text
        .comments
        .iter()
        .filter(|comment| !comment.text.contains("answer"))
        .map(|comment| (comment.text.clone(), comment.quoted.clone()))
        .collect();
    said.sort();
    said
}

fn held(file: &[u8]) -> Vec<(String, String)> {
    let text = read(file).unwrap().value;
    // The table of contents has no tag.
    let controls = text.controls.into_iter();
    controls
        .filter(|control| control.tag.is_some())
        .map(|control| (control.tag.unwrap_or_default(), control.text))
        .collect()
}

fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter()
        .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
        .collect()
}

const BEFORE: &str = "---\nlanguage: en\n---\n\n# Agreement\n\n## Fees\n\n1. The Client pays 1,200 pounds to Alpha within thirty days of the invoice.\n\nWords that go.\n\n| Item | Price |\n|---|---|\n| Lathe | 300 |\n\nThe end of it.\n";
const AFTER: &str = "---\nlanguage: en\n---\n\n# Agreement\n\n## Fees\n\n1. The Client pays 1,500 pounds to Alpha within sixty working days of the invoice.\n\n| Item | Price |\n|---|---|\n| Lathe | 400 |\n\nThe end of it.\n\nWords that come.\n";

/// Files for judges outside.
pub(in super::super) fn samples() -> Vec<(String, Vec<u8>)> {
    let (old, new) = (parse(BEFORE), parse(AFTER));
    let [earlier, later] = attached();
    let attached = [&earlier, &later];
    let file = write_redline_with(&old, &new, &full(&new), &by(), attached).unwrap();
    vec![("attached".to_owned(), file.value)]
}

/// What is attached to the two texts.
fn attached() -> [Attached; 2] {
    let earlier = Attached {
        controls: vec![
            control(BEFORE, "1,200", "sum"),
            control(BEFORE, "Alpha", "party"),
        ],
        comments: vec![
            comment(BEFORE, "Words that go.", "on what goes", 1),
            comment(BEFORE, "invoice", "old, on what stays", 0),
        ],
    };
    let later = Attached {
        controls: vec![
            control(AFTER, "1,500", "sum"),
            control(AFTER, "Alpha", "party"),
        ],
        comments: vec![
            comment(AFTER, "Client", "on what stays", 2),
            comment(AFTER, "sixty working", "on what comes", 0),
            comment(AFTER, "days of", "on a part", 0),
            comment(AFTER, "400", "in a cell", 0),
            comment(AFTER, "that come", "on a new paragraph", 1),
            comment(AFTER, "pounds to Alpha within sixty", "on both", 0),
        ],
    };
    [earlier, later]
}

#[test]
fn comments_and_controls_stand_where_their_words_are() {
    let [earlier, later] = attached();
    let (old, new) = (parse(BEFORE), parse(AFTER));
    let by = Revision {
        track: true,
        ..by()
    };
    let look = full(&new);
    let file = write_redline_with(&old, &new, &look, &by, [&earlier, &later])
        .unwrap()
        .value;
    check_sides(&file, &old, &new, &look, "attached");
    let parts = check(&file);
    // Nine remarks on the new text and three on the old one, each begun, ended and marked once.
    let comments = &parts["word/comments.xml"];
    assert_eq!(comments.matches("<w:comment ").count(), 9 + 3);
    assert!(comments.contains("w:date=\"2026-11-28T00:00:00Z\""));
    assert_eq!(
        parts["word/commentsExtended.xml"]
            .matches("paraIdParent")
            .count(),
        4
    );
    for mark in ["RangeStart ", "RangeEnd ", "Reference "] {
        let count = parts["word/document.xml"]
            .matches(&format!("<w:comment{mark}"))
            .count();
        assert_eq!(count, 12, "{mark}");
    }
    let accepted = said(&accept_all(&file).unwrap());
    assert_eq!(
        accepted,
        pairs(&[
            ("in a cell", "400"),
            ("old, on what stays", "invoice"),
            ("on a new paragraph", "that come"),
            ("on a part", "days of"),
            ("on both", "pounds to Alpha within sixty"),
            ("on what comes", "sixty working"),
            ("on what stays", "Client"),
        ])
    );
    let rejected = said(&reject_all(&file).unwrap());
    assert_eq!(
        rejected,
        pairs(&[
            ("old, on what stays", "invoice"),
            ("on a part", "days of"),
            ("on both", "pounds to Alpha within thirty"),
            ("on what goes", "Words that go."),
            ("on what stays", "Client"),
        ])
    );
    // One control around either value.
    assert_eq!(
        parts["word/document.xml"]
            .matches("<w:tag w:val=\"sum\"/>")
            .count(),
        1
    );
    let sums = |sum| pairs(&[("sum", sum), ("party", "Alpha")]);
    assert_eq!(held(&accept_all(&file).unwrap()), sums("1,500"));
    assert_eq!(held(&reject_all(&file).unwrap()), sums("1,200"));
}

#[test]
fn a_control_comes_and_goes_with_its_words() {
    let new = AFTER.replace("Words that come.", "Signed by Beta.");
    let later = Attached {
        controls: vec![control(&new, "Beta", "signer")],
        comments: Vec::new(),
    };
    let (old, new) = (parse(BEFORE), parse(&new));
    let look = Look::for_document(&new);
    let nothing = Attached::default();
    let file = write_redline_with(&old, &new, &look, &by(), [&nothing, &later])
        .unwrap()
        .value;
    check_sides(&file, &old, &new, &look, "control");
    assert!(unzipped(&file)["word/document.xml"].contains("<w:customXmlInsRangeStart "));
    assert_eq!(
        held(&accept_all(&file).unwrap()),
        pairs(&[("signer", "Beta")])
    );
    assert_eq!(held(&reject_all(&file).unwrap()), []);
}

#[test]
fn fields_without_a_value_ask_for_one_in_a_redline_too() {
    let text = "---\nlanguage: en\nfields:\n  buyer: {type: text, label: Buyer}\n---\n\n# A\n\nThe buyer is {{buyer}} and pays.\n";
    let (old, new) = (parse(text), parse(&text.replace("pays", "pays at once")));
    let look = Look {
        controls: true,
        ..Look::for_document(&new)
    };
    let file = resolve_in(&look, &old, &new, "prompt");
    assert_eq!(held(&file).len(), 1);
    assert!(unzipped(&file)["word/document.xml"].contains("<w:showingPlcHdr/>"));
}

#[test]
fn suggestions_keep_what_is_attached() {
    let mut suggestions = Vec::new();
    for (words, instead, why) in [
        ("1,200", "1,500", Some("Too little")),
        ("Words that go.\n\n", "", None),
        ("## Fees", "## Fees and costs", Some("Costs too")),
    ] {
        suggestions.push(Suggested {
            span: span(BEFORE, words),
            text: instead.into(),
            author: "Moqi".into(),
            date: Some("2026-11-28T09:00:00Z".into()),
            comment: why.map(str::to_owned),
        });
    }
    let attached = Attached {
        controls: vec![
            control(BEFORE, "1,200", "sum"),
            control(BEFORE, "Alpha", "party"),
        ],
        comments: vec![
            comment(BEFORE, "Words that go.", "on what goes", 1),
            comment(BEFORE, "pays 1,200 pounds", "on both", 1),
        ],
    };
    let old = parse(BEFORE);
    let look = full(&old);
    let written = write_suggested_with(BEFORE, &look, &suggestions, &attached).unwrap();
    assert_eq!(written.warnings, []);
    let file = written.value;
    let after = BEFORE
        .replace("1,200", "1,500")
        .replace("Words that go.\n\n", "")
        .replace("## Fees", "## Fees and costs");
    check_sides(&file, &old, &parse(&after), &look, "suggested");
    check(&file);
    assert_eq!(
        said(&accept_all(&file).unwrap()),
        pairs(&[
            ("Costs too", "and costs"),
            ("Too little", "1,500"),
            ("on both", "pays 1,500 pounds")
        ])
    );
    assert_eq!(
        said(&reject_all(&file).unwrap()),
        pairs(&[
            ("Too little", "1,200"),
            ("on both", "pays 1,200 pounds"),
            ("on what goes", "Words that go.")
        ])
    );
    let sums = |sum| pairs(&[("sum", sum), ("party", "Alpha")]);
    assert_eq!(held(&accept_all(&file).unwrap()), sums("1,500"));
    assert_eq!(held(&reject_all(&file).unwrap()), sums("1,200"));
    // The entry of the contents is the suggester's change, and its reason stands in the text.
    let parts = unzipped(&file);
    let document = tree(&parts["word/document.xml"]).unwrap();
    let contents = document.child("w:body").unwrap().child("w:sdt").unwrap();
    let mut markup = String::new();
    contents.print(&mut markup);
    assert!(words(contents).contains("Fees and costs"), "{markup}");
    assert!(
        markup.contains("<w:ins ") && !markup.contains("w:comment"),
        "{markup}"
    );
}
