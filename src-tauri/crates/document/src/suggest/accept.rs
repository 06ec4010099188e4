//! The text with its accepted offers as a template.

use super::offer::Suggestion;
use crate::edit::{Lines, apply};
use crate::front::{front_matter, write};
use crate::model::{Document, Edit, Field, Meta, Span};
use crate::parse::{language, parse};

/// The text as a template: the accepted suggestions are fields of its front matter and stand in their places; the
/// fields it has stay. A place that lies in front matter or outside the text is passed over.
#[must_use]
pub fn templated(text: &str, accepted: &[Suggestion]) -> String {
    let (mut meta, body, _) = front_matter(text, &Lines::of(text));
    let spoken = language(&parse(text));
    let edits: Vec<Edit> = accepted
        .iter()
        .flat_map(|s| {
            let filters = s.filters.iter().map(String::as_str);
            let filters = filters.chain(std::iter::repeat(""));
            s.places.iter().zip(filters).map(move |place| (s, place))
        })
        .filter(|(_, (place, _))| place.start >= body)
        .map(|(s, (span, filter))| Edit {
            span: *span,
            text: match filter {
                "" => format!("{{{{{}}}}}", s.name),
                filter => format!("{{{{{} | {filter}}}}}", s.name),
            },
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
        sample: suggestion.sample.clone(),
        when: None,
        group: None,
        span: Span::default(),
    }
}
