//! Content controls as fields of a template: the words in them go, `{{name}}` stands in their place.

use std::collections::{BTreeMap, BTreeSet};

use moqi_document::{
    Answer, ChoiceOption, Field, FieldKind, Inline, InlineKind, Span, kind_around, label_around,
    label_of_hint, parse, plain, print,
};

use super::found::{ControlKind, ReadControl};

/// Characters of a name.
const LONGEST_NAME: usize = 40;
/// Inlines before and after a control that may name it.
const AROUND: usize = 8;
/// Characters of words that are taken for a label.
const LONGEST_LABEL: usize = 60;

/// A text whose controls became fields.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct ControlFields {
    /// The text with `{{name}}` in the place of each control that became one; front matter as it was.
    pub text: String,
    /// The fields, in the order of the text, each once; not yet declared in the front matter. What stood in a control is
    /// the sample of its field, unless it was its prompt.
    pub fields: Vec<Field>,
}

/// Makes fields of the controls of a file that was read, given its text as it was read.
///
/// Controls with one tag and of one kind are one field. The name is made from the tag, else from the alias, the prompt or
/// the words before it; it is one that templates can use. A box to tick prints `☒` or `☐`. Words stay words where a
/// control holds a picture, several paragraphs, a note or a reference, or other controls (those become fields).
///
/// ```
/// use moqi_document::{Template, parse, print};
/// # let body = r#"<w:document><w:body><w:p><w:r><w:t xml:space="preserve">Rent: </w:t></w:r><w:sdt><w:sdtPr><w:tag w:val="Monthly rent"/></w:sdtPr>
/// # <w:sdtContent><w:r><w:t>100</w:t></w:r></w:sdtContent></w:sdt></w:p></w:body></w:document>"#;
/// # let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
/// # zip.start_file("word/document.xml", zip::write::SimpleFileOptions::default())?;
/// # std::io::Write::write_all(&mut zip, body.as_bytes())?;
/// # let file = zip.finish()?.into_inner();
/// let read = moqi_docx::read(&file)?.value;
/// let found = moqi_docx::controls_as_fields(&read.text, &read.controls);
/// assert_eq!(found.text, "Rent: {{monthly_rent}}\n");
/// let mut document = parse(&found.text);
/// document.meta.fields = found.fields;
/// assert!(Template::parse(&print(&document)).problems.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn controls_as_fields(text: &str, controls: &[ReadControl]) -> ControlFields {
    let mut document = parse(text);
    let mut places: Vec<(Span, &ReadControl)> = controls
        .iter()
        .filter(|control| control.kind != ControlKind::Other)
        .filter_map(|control| Some((control.span?, control)))
        .filter(|(span, _)| span.start < span.end && text.get(span.start..span.end).is_some())
        .collect();
    places.sort_by_key(|(span, _)| (span.start, std::cmp::Reverse(span.end)));
    // Those around others are parts of the contract.
    let inner: Vec<(Span, &ReadControl)> = places
        .iter()
        .zip(places.iter().skip(1).map(Some).chain([None]))
        .filter(|((span, _), next)| next.is_none_or(|(next, _)| next.start >= span.end))
        .map(|(place, _)| *place)
        .collect();
    let mut named = Named {
        taken: document
            .meta
            .fields
            .iter()
            .map(|field| field.name.clone())
            .collect(),
        by_tag: BTreeMap::new(),
        counts: BTreeMap::new(),
        fields: Vec::new(),
    };
    let mut places = inner.as_slice();
    for content in document
        .blocks
        .iter_mut()
        .flat_map(moqi_document::Block::contents_mut)
    {
        let Some(end) = content.last().map(|inline| inline.span.end) else {
            continue;
        };
        let (here, rest) = places.split_at(places.partition_point(|(span, _)| span.start < end));
        places = rest;
        if !here.is_empty() {
            *content = with_fields(content, here, &mut named);
        }
    }
    let fields = named.fields;
    if fields.is_empty() {
        return ControlFields {
            text: text.to_owned(),
            fields,
        };
    }
    ControlFields {
        text: print(&document),
        fields,
    }
}

/// The content with fields in the place of controls, which are in order and apart.
fn with_fields(
    content: &[Inline],
    places: &[(Span, &ReadControl)],
    named: &mut Named,
) -> Vec<Inline> {
    let pieces = cut(content, places);
    let mut out: Vec<Inline> = Vec::with_capacity(pieces.len());
    let mut at = 0;
    for (span, control) in places {
        let start = at + pieces[at..].partition_point(|piece| piece.span.end <= span.start);
        let end = start + pieces[start..].partition_point(|piece| piece.span.start < span.end);
        out.extend_from_slice(&pieces[at..start]);
        at = end;
        let inside = &pieces[start..end];
        let is_words =
            |piece: &Inline| matches!(piece.kind, InlineKind::Text(_) | InlineKind::Break);
        let ends_here = inside.last().is_some_and(|last| last.span.end >= span.end);
        match inside.first() {
            Some(first) if ends_here && inside.iter().all(is_words) => {
                let before = plain(&out[out.len().saturating_sub(AROUND)..]);
                let after = plain(&pieces[end..(end + AROUND).min(pieces.len())]);
                out.push(Inline {
                    kind: InlineKind::Field(named.printed(control, &before, &after)),
                    ..first.clone()
                });
            }
            _ => out.extend_from_slice(inside),
        }
    }
    out.extend_from_slice(&pieces[at..]);
    out
}

/// Inlines cut where a control begins or ends.
fn cut(content: &[Inline], places: &[(Span, &ReadControl)]) -> Vec<Inline> {
    let mut edges = places
        .iter()
        .flat_map(|(span, _)| [span.start, span.end])
        .peekable();
    let mut out = Vec::with_capacity(content.len() + places.len());
    for inline in content {
        let Span { start, end } = inline.span;
        let mut from = start;
        let mut put = |from: usize, to: usize| {
            let piece = match &inline.kind {
                InlineKind::Text(text) => text.get(from - start..to - start).map(|words| Inline {
                    kind: InlineKind::Text(words.to_owned()),
                    marks: inline.marks.clone(),
                    span: Span {
                        start: from,
                        end: to,
                    },
                }),
                _ => None,
            };
            out.extend(piece);
        };
        let exact = matches!(&inline.kind, InlineKind::Text(text) if text.len() == end - start);
        while let Some(edge) = edges.next_if(|edge| *edge < end) {
            if exact && edge > from {
                put(from, edge);
                from = edge;
            }
        }
        if exact {
            put(from, end);
        } else {
            out.push(inline.clone());
        }
    }
    out
}

/// The fields so far.
struct Named {
    taken: BTreeSet<String>,
    /// What the control of each tag takes, and its field.
    by_tag: BTreeMap<String, (ControlKind, usize)>,
    /// Last number given to each beginning of a name.
    counts: BTreeMap<String, usize>,
    fields: Vec<Field>,
}

impl Named {
    /// The expression that prints the field of a control.
    fn printed(&mut self, control: &ReadControl, before: &str, after: &str) -> String {
        let hint = || label_of_hint(&control.text).filter(|_| control.placeholder);
        let words = |words: &Option<String>| words.clone().filter(|words| !words.trim().is_empty());
        let label = words(&control.alias)
            .or_else(|| words(&control.tag))
            .or_else(|| label_around(before, after))
            .or_else(hint)
            .filter(|label| label.chars().count() <= LONGEST_LABEL);
        let kind = match &control.kind {
            ControlKind::Date => FieldKind::Date,
            ControlKind::CheckBox => FieldKind::YesNo,
            ControlKind::DropDown(shown) => FieldKind::Choice(options(shown)),
            _ if control.text.contains('\n') => FieldKind::LongText,
            _ => match kind_around(label.as_deref().unwrap_or_default(), before, after) {
                // Only a list has options, only a box is ticked.
                FieldKind::YesNo => FieldKind::Text,
                kind => kind,
            },
        };
        // A list without options takes words.
        let kind = match kind {
            FieldKind::Choice(options) if options.is_empty() => FieldKind::Text,
            kind => kind,
        };
        let known = control.tag.as_ref().and_then(|tag| self.by_tag.get(tag));
        let name = match known {
            Some((same, field)) if *same == control.kind => self.fields[*field].name.clone(),
            _ => {
                let name = self.fresh([
                    control.tag.as_deref(),
                    control.alias.as_deref(),
                    label.as_deref(),
                ]);
                if let Some(tag) = &control.tag {
                    let place = (control.kind.clone(), self.fields.len());
                    self.by_tag.insert(tag.clone(), place);
                }
                self.fields.push(Field {
                    label: label.unwrap_or_else(|| name.clone()),
                    name: name.clone(),
                    sample: sample(control, &kind),
                    kind,
                    required: true,
                    help: None,
                    default: None,
                    when: None,
                    group: None,
                    span: Span::default(),
                });
                name
            }
        };
        match control.kind {
            ControlKind::CheckBox => format!("'☒' if {name} else '☐'"),
            _ => name,
        }
    }

    fn fresh(&mut self, words: [Option<&str>; 3]) -> String {
        let base = words.into_iter().flatten().find_map(name_of);
        let base = base.unwrap_or_else(|| "field".to_owned());
        if self.taken.insert(base.clone()) {
            return base;
        }
        let count = self.counts.entry(base.clone()).or_insert(1);
        loop {
            *count += 1;
            let name = format!("{base}_{count}");
            if self.taken.insert(name.clone()) {
                return name;
            }
        }
    }
}

/// A name of a field from words: their ASCII letters and figures in small letters.
fn name_of(words: &str) -> Option<String> {
    let mut name = String::new();
    for c in words.chars() {
        if c.is_ascii_alphanumeric() {
            name.push(c.to_ascii_lowercase());
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
        if name.len() >= LONGEST_NAME {
            break;
        }
    }
    let name = name.trim_end_matches('_');
    // Words of the expression language are no names: a tag `if` is no field `if`.
    let expression = [
        "and", "or", "not", "in", "is", "if", "else", "true", "false", "none", "loop",
    ];
    match name.chars().next()? {
        c if c.is_ascii_digit() => Some(format!("field_{name}")),
        _ if expression.contains(&name) => Some(format!("{name}_field")),
        _ => Some(name.to_owned()),
    }
}

/// The options of a list, each once.
fn options(shown: &[String]) -> Vec<ChoiceOption> {
    let mut seen = BTreeSet::new();
    shown
        .iter()
        .map(|words| words.trim())
        .filter(|words| !words.is_empty() && seen.insert(*words))
        .map(|words| ChoiceOption {
            value: words.to_owned(),
            label: words.to_owned(),
        })
        .collect()
}

/// What stands in a control, where it is an answer of its kind.
fn sample(control: &ReadControl, kind: &FieldKind) -> Option<Answer> {
    if let FieldKind::YesNo = kind {
        return control.checked.map(Answer::Bool);
    }
    let words =
        Some(control.text.trim()).filter(|words| !words.is_empty() && !control.placeholder)?;
    let fits = match kind {
        FieldKind::Text | FieldKind::LongText => true,
        FieldKind::Choice(options) => options.iter().any(|option| option.value == words),
        _ => false,
    };
    fits.then(|| Answer::Text(words.to_owned()))
}
