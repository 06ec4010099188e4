//! A document becomes a template, and the template with what stood there says what it said.

use std::path::Path;

use moqi_document::{
    Answer, Answers, Prose, Suggestion, Template, Why, fill, instantiate, parse, sample_answers,
    suggest, templated,
};

/// The words of a text, line by line.
fn words(text: &str) -> String {
    let blocks = parse(text).blocks;
    let lines: Vec<String> = blocks.iter().flat_map(Prose::of).map(|p| p.text).collect();
    lines.join("\n")
}

/// The body of a text, as a document drafted from a template holds it: no fields are left in its front matter.
fn body(text: &str) -> String {
    match text
        .strip_prefix("---\n")
        .and_then(|t| t.split_once("\n---\n"))
    {
        Some((_, body)) => body.trim_start().to_owned(),
        None => text.to_owned(),
    }
}

/// Every shipped template, drafted with its examples: its name, itself, its document.
fn drafts() -> Vec<(String, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../templates");
    let mut all = Vec::new();
    for language in ["zh", "en"] {
        let folder = std::fs::read_dir(root.join(language)).expect("the shipped templates");
        for entry in folder {
            let path = entry.expect("an entry").path();
            if path.extension().is_none_or(|e| e != "md") {
                continue;
            }
            let template = std::fs::read_to_string(&path).expect("a template");
            let answers = sample_answers(&parse(&template).meta);
            let draft = fill(&instantiate(&template, &answers).text, &answers).text;
            let name = path
                .file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            all.push((name, template, body(&draft)));
        }
    }
    all.sort();
    assert!(all.len() >= 15, "{}", all.len());
    all
}

/// The words a template has when every field is answered with what stood there.
fn refilled(template: &str, accepted: &[Suggestion]) -> String {
    let answers: Answers = accepted
        .iter()
        .filter_map(|s| Some((s.name.clone(), s.sample.clone()?)))
        .collect();
    let mut text = words(&fill(template, &answers).text);
    // A blank has no answer: its label stands there in brackets.
    for s in accepted.iter().filter(|s| s.sample.is_none()) {
        for shown in [format!("【{}】", s.label), format!("[{}]", s.label)] {
            text = text.replacen(&shown, &s.found, s.places.len());
        }
    }
    text
}

#[test]
fn a_draft_becomes_a_template_that_says_the_same() {
    for (name, _, draft) in drafts() {
        let all = suggest(&draft);
        let template = templated(&draft, &all);
        assert_eq!(Template::parse(&template).problems, [], "{name}");
        assert_eq!(refilled(&template, &all), words(&draft), "{name}");
        // Its samples are written into the template itself.
        let answers = sample_answers(&parse(&template).meta);
        let filled = words(&fill(&template, &answers).text);
        if all.iter().all(|s| s.sample.is_some()) {
            assert_eq!(filled, words(&draft), "{name}");
        }
        for s in &all {
            assert_eq!(s.places.len(), s.filters.len());
            assert!(s.places.is_sorted(), "{name} {s:?}");
        }
    }
}

/// The figures of a template that its draft shows: how many parties, days and amounts it fills in, and how many are offered.
#[test]
fn what_a_template_filled_in_is_offered_again() {
    let (mut wanted, mut met, mut missed) = (0, 0, Vec::new());
    for (name, template, draft) in drafts() {
        let all = suggest(&draft);
        let offered = |text: &str| all.iter().any(|s| s.found == text);
        let meta = parse(&template).meta;
        let said = words(&draft);
        for field in &meta.fields {
            let values: Vec<String> = match (&field.kind, &field.sample) {
                (moqi_document::FieldKind::Party, Some(Answer::Group(parts))) => parts
                    .values()
                    .filter_map(|part| match part {
                        Answer::Text(text) => Some(text.clone()),
                        _ => None,
                    })
                    .collect(),
                (moqi_document::FieldKind::Date, Some(Answer::Text(text))) => {
                    let date = moqi_document::Date::parse(text).expect("a day");
                    vec![if name.starts_with("en") {
                        date.en()
                    } else {
                        date.zh()
                    }]
                }
                (moqi_document::FieldKind::Money { .. }, Some(Answer::Text(text))) => {
                    vec![moqi_document::money(
                        moqi_document::parse_money(text).expect("an amount"),
                    )]
                }
                _ => Vec::new(),
            };
            // 360,000.00 does not stand in 1,360,000.00.
            let stands = |value: &String| {
                said.match_indices(value.as_str())
                    .any(|(at, _)| !said[..at].ends_with(|c: char| c.is_ascii_digit() || c == ','))
            };
            for value in values.into_iter().filter(stands) {
                wanted += 1;
                if offered(&value) {
                    met += 1;
                } else {
                    missed.push(format!("{name}: {} {value}", field.name));
                }
            }
        }
    }
    println!("{met} of {wanted} offered; not: {missed:#?}");
    assert!(met * 100 >= wanted * 98, "{met} of {wanted}: {missed:#?}");
}

#[test]
fn parties_are_one_field_each() {
    for (_, template, draft) in drafts() {
        let all = suggest(&draft);
        for s in all.iter().filter(|s| s.why == Why::Party) {
            let same = all
                .iter()
                .filter(|other| other.found == s.found && other.why == Why::Party);
            assert_eq!(same.count(), 1, "{}", s.found);
            assert!(template.contains("type: party"));
        }
    }
}
