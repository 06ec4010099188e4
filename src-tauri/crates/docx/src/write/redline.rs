//! Redlines: two documents become one Word file whose tracked changes lead from the first to the second.
//!
//! Both documents are written whole, in one look; their XML is then merged paragraph by paragraph, as the comparison of
//! the documents aligned them. So accepting all changes gives what [`super::write()`] makes of the new document, rejecting
//! all what it makes of the old one: text, styles, live numbers, references and notes.

mod body;
mod columns;
mod comments;
mod credit;
mod ending;
mod flat;
mod marks;
mod names;
mod notes;
mod order;
mod rows;
mod suggested;

pub use suggested::{Suggested, write_suggested};

use super::look::Look;
use super::tree::{self, Element, Node};
use super::{Composed, WriteError, compose, package, parts};
use crate::Warned;
use body::Merger;
use comments::Comments;
use credit::Credit;
use marks::{Marks, Signer};
use moqi_document::{Comparison, Document, compare, number};
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
/// Words, marks, levels and styles, paragraphs, rows, columns and footnotes are tracked; a clause that changed its place
/// is a move, but a table in it is deleted and inserted: Word has no moves of rows. Warnings are those of writing `new`.
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
    let signer = Signer {
        author: &by.author,
        date: &by.date,
    };
    let changes = Changes {
        comparison: compare(old, new),
        credit: None,
        signers: vec![signer],
        comments: Comments::default(),
        track: by.track,
    };
    let (value, _) = redline(&earlier, &later, changes, |_| (signer, ""))?;
    Ok(Warned {
        value,
        warnings: later.warnings,
    })
}

/// What lies between two composed documents.
struct Changes<'a> {
    comparison: Comparison,
    /// Which change is whose, where there are several signers.
    credit: Option<Credit<'a>>,
    signers: Vec<Signer<'a>>,
    /// The numbers of the signers who say why.
    comments: Comments,
    track: bool,
}

/// The file, and the comments that found no place in it.
fn redline<'a>(
    earlier: &'a Composed,
    later: &'a Composed,
    changes: Changes<'a>,
    comment: impl Fn(usize) -> (Signer<'a>, &'a str),
) -> Result<(Vec<u8>, Vec<usize>), WriteError> {
    let names = Names::new(earlier, later)?;
    let marks = Marks::new(&changes.signers, changes.comments);
    let mut merger = Merger::new(&names, marks, changes.credit, earlier, later);
    let body = merger.body(&changes.comparison, children(earlier)?, children(later)?);
    let notes = merger.notes(
        part(earlier, "word/footnotes.xml"),
        part(later, "word/footnotes.xml"),
    )?;
    let comments = merger.marks.comments.part(comment);

    let present = parts::Present {
        numbering: earlier.present.numbering || later.present.numbering,
        footnotes: earlier.present.footnotes || later.present.footnotes,
        ..later.present
    };
    let mut out: Vec<(&str, String)> = Vec::with_capacity(later.parts.len() + 4);
    for (name, text) in &later.parts {
        let text = match name.as_ref() {
            "[Content_Types].xml" => {
                let types = parts::content_types(present);
                with(types, "</Types>", comments.as_ref().map(|_| comments::TYPE))
            }
            "word/document.xml" => document(text, &body)?,
            "word/_rels/document.xml.rels" => {
                let relations = parts::document_relations(present, &names.links);
                let relation = comments.as_ref().map(|_| comments::RELATION);
                with(relations, "</Relationships>", relation)
            }
            "word/styles.xml" => names.styles.clone(),
            "word/settings.xml" => settings(present, changes.track),
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
    if let Some(comments) = comments {
        out.push(("word/comments.xml", comments));
    }
    let left = merger.marks.comments.left().collect();
    Ok((package::pack(&out)?, left))
}

/// A part with more markup before its end, where there is more.
fn with(part: String, end: &str, more: Option<&str>) -> String {
    match more {
        Some(more) => part.replacen(end, &format!("{more}{end}"), 1),
        None => part,
    }
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
fn settings(present: parts::Present, track: bool) -> String {
    let settings = parts::settings(present);
    if track {
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
