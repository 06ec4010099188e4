//! Redlines: two documents become one Word file whose tracked changes lead from the first to the second.
//!
//! Both documents are written whole, in one look; their XML is then merged paragraph by paragraph, as the comparison of
//! the documents aligned them. So accepting all changes gives what [`super::write()`] makes of the new document, rejecting
//! all what it makes of the old one: text, styles, live numbers, references and notes, contents, sections and headers.

mod body;
mod columns;
mod comments;
mod contents;
mod credit;
mod ending;
mod flat;
mod marks;
mod names;
mod notes;
mod order;
mod remarks;
mod rows;
mod runs;
mod sections;
mod steps;
mod suggested;

pub use suggested::{Suggested, write_suggested, write_suggested_with};

use super::attach::{self, Attached, Comment};
use super::compose::Draft;
use super::look::Look;
use super::own::Breaks;
use super::tree::{self, Element, Node};
use super::{Composed, WriteError, contents as entries, package, parts};
use crate::Warned;
use body::Merger;
use comments::Comments;
use credit::Credit;
use marks::{Marks, Signer};
use moqi_document::{Comparison, Document, compare, number};
use names::Names;
use std::borrow::Cow;
use std::collections::BTreeMap;

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
/// Words, marks, levels and styles, paragraphs, rows, columns and footnotes are tracked, and so are the sections of
/// schedules, the words of their headers and the entries of the table of contents; a table of contents is left out where
/// one of the texts has no headings for it. A clause that changed its place is a move, and what was edited on the way shows
/// where it went; a table in it is deleted and inserted, because a row can only be marked as inserted or deleted
/// (CT_TrPr). The file is never protected, because nobody could take or leave its changes.
/// Warnings are those of writing `new`.
///
/// # Errors
/// As [`super::write()`].
pub fn write_redline(
    old: &Document,
    new: &Document,
    look: &Look,
    by: &Revision,
) -> Result<Warned<Vec<u8>>, WriteError> {
    let nothing = Attached::default();
    write_redline_with(old, new, look, by, [&nothing; 2])
}

/// As [`write_redline()`], with what is attached to the old and to the new text.
///
/// A comment on words that come or go comes or goes with them, and one that also stands on words that stay, stays. A
/// content control around a value that changed stays around both values if it is attached to either text under the same
/// tag.
///
/// # Errors
/// As [`super::write()`].
pub fn write_redline_with(
    old: &Document,
    new: &Document,
    look: &Look,
    by: &Revision,
    attached: [&Attached; 2],
) -> Result<Warned<Vec<u8>>, WriteError> {
    let [earlier, later] = composed([old, new], look, attached, false)?;
    let signer = Signer {
        author: &by.author,
        date: &by.date,
    };
    let changes = Changes {
        comparison: compare(old, new),
        credit: None,
        signers: vec![signer],
        reasons: BTreeMap::new(),
        people: attached.map(|attached| attached.comments.as_slice()),
        track: by.track,
    };
    let (value, _) = redline(&earlier, &later, changes)?;
    Ok(Warned {
        value,
        warnings: later.warnings,
    })
}

/// Both documents as files in one look, with the same lists and styles.
fn composed(
    [old, new]: [&Document; 2],
    look: &Look,
    attached: [&Attached; 2],
    reasons: bool,
) -> Result<[Composed; 2], WriteError> {
    let mut look = look.open();
    // Where one text has no headings there is nothing a table of contents could come from or go to.
    let has_contents = |document| !entries(document, &look).0.is_empty();
    if !(has_contents(old) && has_contents(new)) {
        look.contents = None;
    }
    // Pages that somebody set are those of the new text.
    let before = Look {
        contents_pages: Vec::new(),
        ..look.clone()
    };
    let (a, b) = (number(old), number(new));
    let comments = reasons || attached.iter().any(|one| !one.comments.is_empty());
    let [mut earlier, mut later] = Draft::pair((old, &a, &before), (new, &b, &look));
    for draft in [&mut earlier, &mut later] {
        if comments {
            draft.with_comments();
        }
    }
    Ok([
        earlier.compose(attached[0], Breaks::Alone)?,
        later.compose(attached[1], Breaks::Alone)?,
    ])
}

/// What lies between two composed documents.
struct Changes<'a> {
    comparison: Comparison,
    /// Which change is whose, where there are several signers.
    credit: Option<Credit<'a>>,
    signers: Vec<Signer<'a>>,
    /// Why, by the number of the signer.
    reasons: BTreeMap<usize, Comment>,
    /// Comments of people on the old and on the new text.
    people: [&'a [Comment]; 2],
    track: bool,
}

/// The file, and the signers whose reasons found no place in it.
fn redline<'a>(
    earlier: &'a Composed,
    later: &'a Composed,
    changes: Changes<'a>,
) -> Result<(Vec<u8>, Vec<usize>), WriteError> {
    // Remarks on the new text have the first ids, then come those on the old text, then the reasons.
    let [old, new] = changes.people;
    let remarks = |comments: &[Comment]| -> usize {
        comments
            .iter()
            .map(|comment| 1 + comment.replies.len())
            .sum()
    };
    let shift = remarks(new);
    let names = Names::new(earlier, later, shift)?;
    let reasons = Comments::new(shift + remarks(old), changes.reasons.keys().copied());
    let marks = Marks::new(&changes.signers, reasons);
    let mut merger = Merger::new(&names, marks, changes.credit, earlier, later)?;
    let (old_body, old_section) = children(earlier)?;
    let (new_body, new_section) = children(later)?;
    let mut body = merger.body(&changes.comparison, old_body, new_body);
    body.push_str(&merger.section(Some(&old_section), Some(&new_section)));
    let notes = merger.notes(
        part(earlier, "word/footnotes.xml"),
        part(later, "word/footnotes.xml"),
    )?;
    let reasons = &merger.marks.comments;
    let mut threads: Vec<(usize, &Comment)> = attach::ids(new).into_iter().zip(new).collect();
    let shifted = attach::ids(old).into_iter().map(|id| id + shift);
    threads.extend(shifted.zip(old));
    threads.extend(reasons.placed().filter_map(|number| {
        let reason = changes.reasons.get(&number)?;
        Some((reasons.id(number), reason))
    }));

    let present = parts::Present {
        numbering: earlier.present.numbering || later.present.numbering,
        footnotes: earlier.present.footnotes || later.present.footnotes,
        comments: !threads.is_empty(),
        headers: merger.headers.parts.len(),
        ..later.present
    };
    let mut out: Vec<(Cow<'_, str>, String)> = Vec::with_capacity(later.parts.len() + 4);
    for (name, text) in &later.parts {
        let text = match name.as_ref() {
            "[Content_Types].xml" => parts::content_types(present),
            "word/document.xml" => document(text, &body)?,
            "word/_rels/document.xml.rels" => parts::document_relations(present, &names.links),
            "word/styles.xml" => names.styles.clone(),
            "word/settings.xml" => settings(present, changes.track),
            // What is put together from both comes after all that is the new document's own.
            name if is_merged(name) => continue,
            _ => text.clone(),
        };
        out.push((name.as_ref().into(), text));
    }
    if let Some(numbering) = names.numbering.clone() {
        out.push(("word/numbering.xml".into(), numbering));
    }
    if let Some(notes) = notes {
        out.push(("word/footnotes.xml".into(), notes));
        if !names.note_links.is_empty() {
            out.push((
                "word/_rels/footnotes.xml.rels".into(),
                parts::links_only(&names.note_links),
            ));
        }
    }
    if present.comments {
        let (said, answers) = super::comments::parts(threads);
        out.push(("word/comments.xml".into(), said));
        out.push(("word/commentsExtended.xml".into(), answers));
    }
    for (number, header) in std::mem::take(&mut merger.headers.parts)
        .into_iter()
        .enumerate()
    {
        let name = format!("word/header{}.xml", number + 1);
        out.push((name.into(), header));
    }
    let left = merger.marks.comments.left().collect();
    Ok((package::pack(&out)?, left))
}

/// True for a part that is put together from those of both documents.
fn is_merged(name: &str) -> bool {
    matches!(
        name,
        "word/numbering.xml"
            | "word/footnotes.xml"
            | "word/_rels/footnotes.xml.rels"
            | "word/comments.xml"
            | "word/commentsExtended.xml"
    ) || name.starts_with("word/header")
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

/// The children of a body with the blocks they come from.
type Children<'a> = Vec<(Option<usize>, Element<'a>)>;

/// The children of the body, and the section at its end.
fn children(composed: &Composed) -> Result<(Children<'_>, Element<'_>), WriteError> {
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
    let mut elements: Vec<Element<'_>> = body
        .children
        .into_iter()
        .filter_map(|node| match node {
            Node::Element(child) => Some(child),
            _ => None,
        })
        .collect();
    let section = elements.pop().filter(|last| last.name == "w:sectPr");
    let section = section.ok_or(WriteError::Markup(NAME))?;
    let origins = composed.origins.iter().copied();
    Ok((origins.zip(elements).collect(), section))
}

/// The document part of the new document, with another body.
fn document(source: &str, body: &str) -> Result<String, WriteError> {
    const BODY: &str = "<w:body>";
    let start = source.find(BODY).map(|at| at + BODY.len());
    let start = start.ok_or(WriteError::Markup("document.xml"))?;
    Ok(format!("{}{body}</w:body></w:document>", &source[..start]))
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
