//! The runner of the rule tables: pass, fail, fix.

use crate::{Finding, Profile, check};
use moqi_document::{Language, apply, parse};

/// Checks a text with Chinese or English messages, by its own language.
fn findings(text: &str) -> Vec<Finding> {
    let document = parse(text);
    let english = text.chars().filter(|c| crate::scan::is_han(*c)).count() == 0;
    let ui = if english { Language::En } else { Language::Zh };
    check(
        &document,
        &Profile {
            ui,
            ..Profile::default()
        },
    )
}

/// Texts in which the rule finds nothing.
pub(crate) fn pass(rule: &str, texts: &[&str]) {
    for text in texts {
        let found: Vec<_> = findings(text)
            .into_iter()
            .filter(|f| f.rule == rule)
            .collect();
        assert!(
            found.is_empty(),
            "{rule} must be silent on:\n{text}\n{found:#?}"
        );
    }
}

/// Texts with the findings the rule must give: the words found, and a part of the message.
pub(crate) fn fail(rule: &str, cases: &[(&str, &[(&str, &str)])]) {
    for (text, wanted) in cases {
        let found: Vec<_> = findings(text)
            .into_iter()
            .filter(|f| f.rule == rule)
            .collect();
        let quotes: Vec<_> = found
            .iter()
            .map(|f| (&text[f.span.start..f.span.end], f.message.as_str()))
            .collect();
        assert_eq!(
            quotes.len(),
            wanted.len(),
            "{rule} on:\n{text}\n{quotes:#?}"
        );
        for ((quote, message), (words, part)) in quotes.iter().zip(*wanted) {
            assert_eq!(quote, words, "{rule} on:\n{text}\n{quotes:#?}");
            assert!(message.contains(part), "{rule}: {message:?} lacks {part:?}");
        }
    }
}

/// Texts, the button of the first fix of the rule, and the text after it. The fix must remove its finding and
/// add none of any rule.
pub(crate) fn fix(rule: &str, cases: &[(&str, &str, &str)]) {
    for (text, title, wanted) in cases {
        let before = findings(text);
        let finding = before.iter().find(|f| f.rule == rule && f.fix.is_some());
        let finding =
            finding.unwrap_or_else(|| panic!("{rule} has no fix on:\n{text}\n{before:#?}"));
        let fix = finding.fix.as_ref().expect("looked for just above");
        assert_eq!(fix.title, *title, "{rule} on:\n{text}");
        let after_text = apply(text, &fix.edits);
        assert_eq!(after_text, *wanted, "{rule} on:\n{text}");
        let mut left: Vec<_> = before.iter().map(|f| (f.rule, f.message.clone())).collect();
        let gone = left
            .iter()
            .position(|key| *key == (finding.rule, finding.message.clone()))
            .expect("it is there");
        left.remove(gone);
        for after in findings(&after_text) {
            let place = left
                .iter()
                .position(|key| *key == (after.rule, after.message.clone()));
            let place = place.unwrap_or_else(|| {
                panic!("{rule}: the fix left or added {after:#?} in:\n{after_text}")
            });
            left.remove(place);
        }
    }
}
