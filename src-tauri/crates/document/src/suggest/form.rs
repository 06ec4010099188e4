//! The blanks of a text as fields, and the text as a template.

use std::collections::BTreeSet;

use super::blanks::{BlankForm, blanks};
use super::label::{kind_around, label_around, label_of_hint, side};
use crate::edit::{Lines, apply};
use crate::fields::is_name;
use crate::front::{front_matter, write};
use crate::model::{Document, Edit, Field, FieldKind, Language, Meta, Span};
use crate::parse::{language, parse};
use crate::prose::Prose;

/// A field that a text could have.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// Its name: ASCII, unlike that of any other suggestion or field of the text.
    pub name: String,
    /// Its label, in the language of the text.
    pub label: String,
    /// Its kind, guessed from the words around.
    pub kind: FieldKind,
    /// Where it stands in the text: every blank that asks for the same in brackets is one field.
    pub places: Vec<Span>,
    /// What stands there now.
    pub found: String,
}

/// The blanks of a text as fields, in reading order. Linear in the length of the text.
#[must_use]
pub fn suggest(text: &str) -> Vec<Suggestion> {
    let document = parse(text);
    let mut taken: BTreeSet<String> = document
        .meta
        .fields
        .iter()
        .map(|f| f.name.clone())
        .collect();
    let spoken = language(&document);
    let mut all: Vec<Suggestion> = Vec::new();
    let mut asked = std::collections::HashMap::new();
    for prose in document.blocks.iter().flat_map(Prose::of) {
        for blank in blanks(&prose.text) {
            let words = &prose.text[blank.span.start..blank.span.end];
            let place = unescaped(text, prose.source(blank.span.start..blank.span.end));
            if let Some(place_of) = asked.get(words) {
                let known: &mut Suggestion = &mut all[*place_of];
                known.places.push(place);
                continue;
            }
            let (before, after) = prose.text.split_at(blank.span.start);
            let after = &after[words.len()..];
            let label = blank
                .hint
                .as_deref()
                .and_then(label_of_hint)
                .or_else(|| label_around(before, after));
            let label = label.unwrap_or_else(|| usual(spoken).to_owned());
            let kind = match blank.form {
                BlankForm::Date => FieldKind::Date,
                BlankForm::Box => FieldKind::YesNo,
                _ => kind_around(&label, before, after),
            };
            if blank.hint.is_some() {
                asked.insert(words.to_owned(), all.len());
            }
            all.push(Suggestion {
                name: named(&label, &mut taken),
                label,
                kind,
                places: vec![place],
                found: words.to_owned(),
            });
        }
    }
    all
}

fn usual(language: Language) -> &'static str {
    match language {
        Language::Zh => "填写项",
        Language::En => "Value",
    }
}

/// The place with the backslash that takes its first sign's meaning away.
fn unescaped(text: &str, span: Span) -> Span {
    let before = &text[..span.start];
    let slashes = before.len() - before.trim_end_matches('\\').len();
    Span {
        start: span.start - slashes % 2,
        end: span.end,
    }
}

/// A new name from a label: the side of a contract, its English words, or a number.
fn named(label: &str, taken: &mut BTreeSet<String>) -> String {
    let words = label
        .to_ascii_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(5)
        .collect::<Vec<_>>()
        .join("_");
    let base = side(label)
        .or_else(|| is_name(&words).then_some(words))
        .unwrap_or_else(|| "field".to_owned());
    let mut name = base.clone();
    // Names that only count up start where the set already is, so that a thousand blanks take no square of time.
    let mut count = if taken.contains(&base) {
        taken.len()
    } else {
        1
    };
    while taken.contains(&name) {
        count += 1;
        name = format!("{base}_{count}");
    }
    taken.insert(name.clone());
    name
}

/// The text as a template: the accepted suggestions are fields of its front matter and stand in their places; the
/// fields it has stay. A place that lies in front matter or outside the text is passed over.
#[must_use]
pub fn templated(text: &str, accepted: &[Suggestion]) -> String {
    let (mut meta, body, _) = front_matter(text, &Lines::of(text));
    let spoken = language(&parse(text));
    let edits: Vec<Edit> = accepted
        .iter()
        .flat_map(|s| s.places.iter().map(move |place| (s, *place)))
        .filter(|(_, place)| place.start >= body)
        .map(|(s, span)| Edit {
            span,
            text: format!("{{{{{}}}}}", s.name),
        })
        .collect();
    if edits.is_empty() {
        return text.to_owned();
    }
    let rest = apply(text, &edits)[body..].to_owned();
    let fields: Vec<Field> = accepted.iter().map(declared).collect();
    meta.language.get_or_insert(spoken);
    meta.fields.extend(fields);
    meta.raw = None;
    let front = write(&Document {
        meta: Meta { ..meta },
        ..Document::default()
    });
    format!("{front}{}", rest.trim_start_matches(['\r', '\n']))
}

fn declared(suggestion: &Suggestion) -> Field {
    Field {
        name: suggestion.name.clone(),
        label: suggestion.label.clone(),
        kind: suggestion.kind.clone(),
        required: true,
        help: None,
        default: None,
        sample: None,
        when: None,
        group: None,
        span: Span::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Answer, Answers, Template, fill};

    const ZH: &str = "# 买卖合同\n\n甲方：____\n\n乙方（盖章）：【】\n\n价款为人民币____元，于____年__月__日支付。\n\n```\ncode ____\n```\n";
    const EN: &str = "---\ntitle: T\nfields:\n  rate: number\n---\n\n# T\n\nBy [Name of the Seller] and \\[Name of the Seller\\] at {{rate}}, see [](#x).\n\n| Buyer | [●] |\n| --- | --- |\n| a | b |\n";

    #[test]
    fn blanks_become_fields_and_the_rest_stays() {
        for (text, names) in [
            (ZH, vec!["party_a", "party_b", "field", "field_4"]),
            (EN, vec!["seller", "value"]),
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
