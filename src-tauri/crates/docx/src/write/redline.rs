//! Redlines: two documents become one Word file whose tracked changes lead from the first to the second.
//!
//! Both documents are written whole, in one look; their XML is then merged paragraph by paragraph, as the comparison of
//! the documents aligned them. So accepting all changes gives what [`super::write()`] makes of the new document, rejecting
//! all what it makes of the old one: text, styles, live numbers, references and notes.

mod body;
mod flat;
mod marks;
mod names;
mod rows;

use super::look::Look;
use super::tree::{self, Element, Node};
use super::{Composed, WriteError, compose, package, parts};
use crate::Warned;
use body::Merger;
use moqi_document::{Document, compare, number};
use names::Names;

/// Who changed the document, and when; printed with every tracked change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Revision {
    /// Name of the author.
    pub author: String,
    /// Time of the changes as W3CDTF (`2026-11-23T09:00:00Z`), never taken from a clock. A value of another shape is
    /// left out.
    pub date: String,
    /// Word goes on tracking what is changed in the file.
    pub track: bool,
}

/// Writes a .docx file with real tracked changes that lead from `old` to `new`, in a look for both.
///
/// Words, marks, paragraphs, rows and footnotes are tracked; a clause that changed its place is a move. Warnings are
/// those of writing `new`.
///
/// # Errors
/// As [`super::write()`].
pub fn write_redline(
    old: &Document,
    new: &Document,
    look: &Look,
    by: &Revision,
) -> Result<Warned<Vec<u8>>, WriteError> {
    // Contents, and sections around schedules that may come and go, would stand in the way of the changes.
    let look = &look.bare();
    let earlier = compose(old, &number(old), look)?;
    let later = compose(new, &number(new), look)?;
    let names = Names::new(&earlier, &later)?;
    let comparison = compare(old, new);
    let mut merger = Merger::new(&names, by, &earlier, &later);
    let body = merger.body(&comparison, children(&earlier)?, children(&later)?);
    let notes = merger.notes(
        part(&earlier, "word/footnotes.xml"),
        part(&later, "word/footnotes.xml"),
    )?;

    let present = parts::Present {
        numbering: earlier.present.numbering || later.present.numbering,
        footnotes: earlier.present.footnotes || later.present.footnotes,
        ..later.present
    };
    let mut out: Vec<(&str, String)> = Vec::with_capacity(later.parts.len() + 3);
    for (name, text) in &later.parts {
        let text = match name.as_ref() {
            "[Content_Types].xml" => parts::content_types(present),
            "word/document.xml" => document(text, &body)?,
            "word/_rels/document.xml.rels" => parts::document_relations(present, &names.links),
            "word/styles.xml" => names.styles.clone(),
            "word/settings.xml" => settings(present, by),
            "word/numbering.xml" | "word/footnotes.xml" | "word/_rels/footnotes.xml.rels" => {
                continue;
            }
            _ => text.clone(),
        };
        out.push((name.as_ref(), text));
    }
    if let Some(numbering) = names.numbering.clone() {
        out.push(("word/numbering.xml", numbering));
    }
    if let Some(notes) = notes {
        out.push(("word/footnotes.xml", notes));
        if !names.note_links.is_empty() {
            out.push((
                "word/_rels/footnotes.xml.rels",
                parts::links_only(&names.note_links),
            ));
        }
    }
    Ok(Warned {
        value: package::pack(&out)?,
        warnings: later.warnings.clone(),
    })
}

/// A part by name.
fn part<'a>(composed: &'a Composed, name: &str) -> Option<&'a str> {
    let found = composed.parts.iter().find(|(part, _)| *part == name)?;
    Some(&found.1)
}

/// A part of a composed file as a tree.
fn parsed<'a>(source: &'a str, name: &'static str) -> Result<Element<'a>, WriteError> {
    tree::parse(source).ok_or(WriteError::Markup(name))
}

/// The children of the body with the blocks they come from, without the section.
fn children(composed: &Composed) -> Result<Vec<(Option<usize>, Element<'_>)>, WriteError> {
    const NAME: &str = "document.xml";
    let source = part(composed, "word/document.xml").ok_or(WriteError::Markup(NAME))?;
    let root = parsed(source, NAME)?;
    let body = root
        .children
        .into_iter()
        .find_map(|node| match node {
            Node::Element(body) if body.name == "w:body" => Some(body),
            _ => None,
        })
        .ok_or(WriteError::Markup(NAME))?;
    let elements = body.children.into_iter().filter_map(|node| match node {
        Node::Element(child) if child.name != "w:sectPr" => Some(child),
        _ => None,
    });
    Ok(composed.origins.iter().copied().zip(elements).collect())
}

/// The document part of the new document, with another body before the section.
fn document(source: &str, body: &str) -> Result<String, WriteError> {
    const NAME: &str = "document.xml";
    let bad = WriteError::Markup(NAME);
    let start = source.find("<w:body>").map(|at| at + "<w:body>".len());
    let end = source.rfind("<w:sectPr>");
    let (Some(start), Some(end)) = (start, end) else {
        return Err(bad);
    };
    Ok(format!("{}{body}{}", &source[..start], &source[end..]))
}

/// The settings, with tracking switched on where that is asked for.
fn settings(present: parts::Present, by: &Revision) -> String {
    let settings = parts::settings(present);
    if by.track {
        settings.replacen(
            "<w:defaultTabStop",
            "<w:trackRevisions/><w:defaultTabStop",
            1,
        )
    } else {
        settings
    }
}

#[cfg(test)]
mod tests;
