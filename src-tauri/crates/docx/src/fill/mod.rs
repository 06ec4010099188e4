//! Filling in place: a firm's own Word template gets its values by changing its XML where they go, and nowhere else.
//!
//! [`slots()`] finds the places that want a value, [`fill()`] puts values there. All other parts of the file, and
//! all paragraphs without a value, keep their bytes; so the looks of the template are those of the result.

mod blocks;
mod content;
mod control;
mod expr;
mod field;
mod line;
pub(crate) mod package;
mod paragraph;
mod render;
mod scan;
mod scope;
mod syntax;
pub(crate) mod tree;

use std::collections::BTreeMap;

use moqi_document::{Answers, Field, FieldKind, Span};

use crate::ReadError;
use crate::warned::{Warned, Warning, WarningKind};

/// A place in a Word file that wants a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Slot {
    /// Names this place in this file: part and ordinal, such as `document:3`.
    pub id: String,
    /// How it is written.
    pub kind: SlotKind,
    /// What it is called: the tag of a control, the path in a template's tag, the words around a blank. Several slots
    /// may share a name; a blank without any words around it has none.
    pub name: String,
    /// What kind of value it wants, guessed where the file does not say. A loop wants rows: [`FieldKind::Repeat`] with
    /// the names its tags use.
    pub value: FieldKind,
    /// What stands there now.
    pub text: String,
    /// Words before it in its paragraph.
    pub before: String,
    /// Words after it.
    pub after: String,
    /// The part it is in, such as `word/document.xml`.
    pub part: String,
    /// Its paragraph, counted from 0 among those of the part.
    pub paragraph: usize,
}

/// How a slot is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SlotKind {
    /// A content control.
    Control,
    /// `{{ name }}` of docxtpl and docassemble, `{name}` of docxtemplater.
    Tag,
    /// `{% if … %}`, `{^name}`: what follows stays or goes.
    Condition,
    /// `{% for … %}`, `{#rows}`: what follows is repeated.
    Loop,
    /// `MERGEFIELD`.
    MergeField,
    /// A field of a form: text, check box or list.
    FormField,
    /// A blank: `____`, `[●]`, `【】`, `[Name]`, underlined spaces.
    Blank,
}

/// The values for a file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Values {
    /// For one slot, by its id; goes before a value by name.
    pub slots: BTreeMap<String, String>,
    /// For all slots of a name: texts, yes or no for conditions, groups for dotted names, lists for loops. A key may
    /// also be a whole dotted path.
    pub named: Answers,
}

/// Finds the places of a Word file that want a value, in reading order: the body, then headers, footers and notes.
///
/// # Errors
/// [`ReadError`] where the file is no Word file, is damaged, or is larger than a document can be.
pub fn slots(bytes: &[u8]) -> Result<Warned<Vec<Slot>>, ReadError> {
    let parts = package::parts(bytes)?;
    let (mut scans, _) = scans(&parts)?;
    let mut warned = Warned {
        value: Vec::new(),
        warnings: Vec::new(),
    };
    for scan in &mut scans {
        scan.rows();
        for (p, t) in &scan.blocks.lost {
            let paragraph = &scan.paragraphs[*p];
            let words = paragraph.words[paragraph.tokens[*t].words.clone()].to_owned();
            warned.warnings.push(Warning {
                span: None,
                kind: WarningKind::NotUnderstood(words),
            });
        }
        warned.value.append(&mut scan.slots);
    }
    Ok(warned)
}

/// Puts values into a Word file.
///
/// Each value stands in the looks of the words it replaces; its line ends are line breaks. A content control keeps its
/// tag and shows the value instead of its placeholder; where the file's own data fed it, it no longer does. A tag of
/// a condition or loop that is decided goes, with its paragraph or row if nothing else stands there. A slot without a
/// value stays as it is, and a warning names it.
///
/// # Errors
/// As [`slots()`]; also where loops make more of a part than a document can hold.
pub fn fill(bytes: &[u8], values: &Values) -> Result<Warned<Vec<u8>>, ReadError> {
    let parts = package::parts(bytes)?;
    let (scans, chinese) = scans(&parts)?;
    let mut changed: Vec<(usize, Vec<u8>)> = Vec::new();
    let mut warnings = Vec::new();
    for (part, scan) in parts.iter().zip(&scans) {
        let (text, differs, too_large, mut noticed) =
            render::Render::new(scan, values, chinese).part();
        if too_large {
            return Err(ReadError::TooLarge("its loops make more than 64 MB"));
        }
        warnings.append(&mut noticed);
        if differs {
            changed.push((part.index, text.into_bytes()));
        }
    }
    let value = package::replaced(bytes, &changed)?;
    Ok(Warned { value, warnings })
}

/// Reads all parts; also says whether the words are Chinese.
fn scans(parts: &[package::Part]) -> Result<(Vec<scan::Scan<'_>>, bool), ReadError> {
    let mut read = Vec::with_capacity(parts.len());
    for part in parts {
        let tree = tree::Tree::parse(&part.name, &part.bytes)?;
        let paragraphs = scan::paragraphs(&tree);
        read.push((part.name.as_str(), tree, paragraphs));
    }
    let all = || read.iter().flat_map(|(_, _, paragraphs)| paragraphs);
    let syntax = scan::language(all());
    let chinese = all().any(|p| {
        p.words
            .contains(|c: char| ('\u{4E00}'..='\u{9FFF}').contains(&c))
    });
    let scans = read
        .into_iter()
        .map(|(name, tree, paragraphs)| scan::scan(name, tree, paragraphs, syntax))
        .collect::<Result<_, _>>()?;
    Ok((scans, chinese))
}

/// A text field of that name.
fn text_field(name: &str) -> Field {
    Field {
        name: name.to_owned(),
        label: name.to_owned(),
        kind: FieldKind::Text,
        required: true,
        help: None,
        default: None,
        sample: None,
        when: None,
        group: None,
        span: Span::default(),
    }
}
