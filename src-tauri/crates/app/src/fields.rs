//! The form of a document: which fields are asked, which decide about clauses, and how a clause brings its own.

use std::collections::BTreeSet;

use moqi_document::{
    Answers, Block, BlockKind, Document, Field, FieldKind, Inline, InlineKind, Language, Meta,
    asked,
};

use crate::derive::{field_name, for_each_inline};

/// A field of the form.
#[derive(Debug, Clone, PartialEq)]
pub struct FormField {
    /// The declaration.
    pub field: Field,
    /// The language its labels are in.
    pub language: Language,
    /// Whether it is asked with the answers as they are.
    pub asked: bool,
    /// Whether a change of it may change which clauses stand.
    pub structural: bool,
}

/// The form of a document with these answers. `template` is the text whose conditions decide about clauses.
pub fn form(meta: &Meta, answers: &Answers, template: Option<&str>) -> Vec<FormField> {
    let asked = asked(meta, answers);
    let deciding = template.map(words_in_tags).unwrap_or_default();
    meta.fields
        .iter()
        .map(|field| FormField {
            language: meta.language.unwrap_or(Language::Zh),
            asked: asked.contains(&field.name),
            structural: deciding.contains(&field.name)
                || matches!(field.kind, FieldKind::Repeat(_)),
            field: field.clone(),
        })
        .collect()
}

/// Every name in a `{% … %}` tag.
fn words_in_tags(text: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for part in text.split("{%").skip(1) {
        let tag = part.split("%}").next().unwrap_or_default();
        words.extend(
            tag.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                .map(str::to_owned),
        );
    }
    words
}

/// The type of a field as the command line names it.
pub fn field_type(field: &Field) -> &'static str {
    kind_name(&field.kind)
}

/// A type of field as the command line names it.
pub fn kind_name(kind: &FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => "text",
        FieldKind::LongText => "longtext",
        FieldKind::Party => "party",
        FieldKind::Money { .. } => "money",
        FieldKind::Number => "number",
        FieldKind::Date => "date",
        FieldKind::Period => "period",
        FieldKind::Choice(_) => "choice",
        FieldKind::YesNo => "yesno",
        FieldKind::Repeat(_) => "repeat",
    }
}

/// Whether a document has a chip of one of these fields.
pub fn uses_any(document: &Document, fields: &[Field]) -> bool {
    let mut found = false;
    for block in &document.blocks {
        for_each_inline(block, &mut |inline| {
            if let InlineKind::Field(expression) = &inline.kind {
                let name = field_name(expression);
                let first = name.split('.').next().unwrap_or_default();
                found |= fields.iter().any(|field| field.name == first);
            }
        });
    }
    found
}

/// The document's front matter with the clause's fields declared that it does not have yet, each in the words of the
/// clause's own declaration.
pub fn declare(document: &Document, clause: &str, meta: &Meta) -> Option<String> {
    let raw = document.meta.raw.as_deref();
    let known = &document.meta.fields;
    let same = crate::bind::same(document, meta);
    let missing: Vec<&Field> = meta
        .fields
        .iter()
        .filter(|field| known.iter().all(|other| other.name != field.name))
        .filter(|field| !same.contains_key(&field.name))
        .collect();
    if missing.is_empty() {
        return raw.map(str::to_owned);
    }
    let mut lines: Vec<String> = raw.unwrap_or_default().lines().map(str::to_owned).collect();
    let has_fields = lines
        .iter()
        .position(|line| line.trim_end() == "fields:" || line.starts_with("fields: {}"));
    let at = match has_fields {
        Some(at) => {
            lines[at] = "fields:".into();
            // The block of fields ends at the next line that is not indented.
            let next = lines[at + 1..]
                .iter()
                .position(|line| !line.is_empty() && !line.starts_with([' ', '\t', '#']));
            next.map_or(lines.len(), |offset| at + 1 + offset)
        }
        None => {
            lines.push("fields:".into());
            lines.len()
        }
    };
    let mut added = Vec::new();
    for field in missing {
        added.extend(declaration(clause, field));
    }
    lines.splice(at..at, added);
    Some(lines.join("\n"))
}

/// The lines of a field's declaration in the clause, moved to two spaces of indent.
fn declaration(clause: &str, field: &Field) -> Vec<String> {
    let start = clause[..field.span.start]
        .rfind('\n')
        .map_or(0, |at| at + 1);
    let end = field.span.end.min(clause.len());
    let source = clause.get(start..end).unwrap_or_default();
    let indent = source.len() - source.trim_start().len();
    source
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let kept = line
                .get(indent.min(line.len() - line.trim_start().len())..)
                .unwrap_or(line);
            format!("  {}", kept.trim_end())
        })
        .collect()
}

/// Calls `change` for every inline of a block.
pub fn for_each_inline_mut(block: &mut Block, change: &mut dyn FnMut(&mut Inline)) {
    match &mut block.kind {
        BlockKind::Title(content)
        | BlockKind::Heading { content, .. }
        | BlockKind::Item { content, .. }
        | BlockKind::Paragraph { content, .. }
        | BlockKind::Footnote { content, .. } => content.iter_mut().for_each(change),
        BlockKind::Table(table) => table
            .rows
            .iter_mut()
            .flatten()
            .flat_map(|cell| &mut cell.content)
            .for_each(change),
        BlockKind::Signature(parties) => {
            parties
                .iter_mut()
                .flat_map(|party| party.lines.iter_mut().flatten())
                .for_each(change);
        }
        BlockKind::PageBreak | BlockKind::Verbatim(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use moqi_document::{parse, print};

    const CLAUSE: &str = "---\nid: c\ntitle: 违约金\nlanguage: zh\nfields:\n  rate: {type: text, label: 比例, sample: 万分之五}\n  cap:\n    type: text\n    label: 上限\n    sample: 百分之二十\n---\n\n## 违约金 {#penalty}\n\n按{{rate}}支付，不超过{{cap}}。\n";

    fn declared(raw: &str) -> Vec<String> {
        let document = parse(&format!("---\n{raw}\n---\n\n正文\n"));
        let clause = parse(CLAUSE);
        let mut with = document.clone();
        with.meta.raw = declare(&document, CLAUSE, &clause.meta);
        let read = parse(&print(&with));
        assert_eq!(read.problems, [], "{}", print(&with));
        read.meta
            .fields
            .iter()
            .map(|field| format!("{}={}", field.name, field.label))
            .collect()
    }

    #[test]
    fn a_clause_brings_the_fields_the_document_lacks() {
        assert_eq!(declared("title: T"), ["rate=比例", "cap=上限"]);
        assert_eq!(
            declared("fields:\n  price: {type: money, label: 价}\ntitle: T"),
            ["price=价", "rate=比例", "cap=上限"]
        );
        assert_eq!(
            declared("fields:\n  rate: {type: text, label: 自己的}"),
            ["rate=自己的", "cap=上限"]
        );
    }

    #[test]
    fn fields_in_conditions_are_structural() {
        let text = "---\nfields:\n  a: {type: yesno, label: A}\n  b: {type: text, label: B}\n---\n\n{% if a %}\nx\n{% endif %}\n{{b}}\n";
        let meta = parse(text).meta;
        let structural: Vec<bool> = form(&meta, &Answers::new(), Some(text))
            .iter()
            .map(|field| field.structural)
            .collect();
        assert_eq!(structural, [true, false]);
    }
}
