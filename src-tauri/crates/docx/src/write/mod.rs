//! Writing Word: a filled document and a look become the bytes of a .docx file.
//!
//! docx-rs builds the body and the numbering; a mending pass puts its XML into schema order; styles,
//! settings, header, footer, footnotes, fonts, theme and the zip are our own. Same document and look,
//! same bytes: there is no clock and no counter that outlives a call.

mod attach;
mod body;
mod build;
mod comments;
mod contents;
mod design;
mod inline;
mod label;
mod lists;
mod look;
mod mend;
mod notes;
mod onto;
mod own;
mod package;
mod pages;
mod parts;
mod plan;
mod redline;
mod reference;
mod sections;
mod styles;
mod tables;
mod text;
pub(crate) mod tree;

pub use attach::{Attached, Comment, Control, Remark};
pub use contents::{ContentsEntry, contents};
pub use look::{Family, House, HouseText, Look, PageNumbers, Paper, Protection};
pub use onto::{OntoError, write_onto, write_onto_with};
pub use redline::{Revision, Suggested, write_redline, write_suggested};

use crate::Warned;
use design::Design;
use docx_rs as word;
use docx_rs::BuildXML;
use mend::Mender;
use moqi_document::{BlockKind, Document, Numbering};
use parts::Edge;
use std::borrow::Cow;
use std::fmt;
use tree::{Element, Node};

/// Why no file could be made. Nothing a document says leads here.
#[derive(Debug)]
#[non_exhaustive]
pub enum WriteError {
    /// A part built for the file is not well-formed XML; carries its name.
    Markup(&'static str),
    /// The archive could not be made.
    Archive(std::io::Error),
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Markup(part) => write!(f, "the part {part} of the Word file is not well formed"),
            Self::Archive(_) => write!(f, "the archive of the Word file could not be made"),
        }
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Markup(_) => None,
            Self::Archive(error) => Some(error),
        }
    }
}

/// Writes a document as a .docx file.
///
/// The document is expected to be filled; a field that is left prints its `{{…}}` highlighted, with a
/// warning. Labels are those of [`moqi_document::number`], counted by Word itself.
pub fn write(document: &Document, look: &Look) -> Result<Warned<Vec<u8>>, WriteError> {
    write_numbered(document, &moqi_document::number(document), look)
}

/// As [`write()`], with content controls and comments around words of the text the document was parsed from.
///
/// # Errors
/// As [`write()`].
pub fn write_with(
    document: &Document,
    look: &Look,
    attached: &Attached,
) -> Result<Warned<Vec<u8>>, WriteError> {
    let composed = compose_with(document, &moqi_document::number(document), look, attached)?;
    packed(composed)
}

/// As [`write()`], with numbers computed before.
fn write_numbered(
    document: &Document,
    numbering: &Numbering,
    look: &Look,
) -> Result<Warned<Vec<u8>>, WriteError> {
    packed(compose(document, numbering, look)?)
}

fn packed(composed: Composed) -> Result<Warned<Vec<u8>>, WriteError> {
    Ok(Warned {
        value: package::pack(&composed.parts)?,
        warnings: composed.warnings,
    })
}

/// The parts of a file before they are packed, and what a redline needs to know of them.
struct Composed {
    parts: Vec<(Cow<'static, str>, String)>,
    present: parts::Present,
    /// The block each child of the body comes from, but for the section at the end.
    origins: Vec<Option<usize>>,
    /// Labels of the footnotes, by number.
    note_labels: Vec<String>,
    /// Addresses of links in the body; relation `rIdLink1` is the first.
    links: Vec<String>,
    /// Addresses of links in footnotes.
    note_links: Vec<String>,
    warnings: Vec<crate::Warning>,
}

/// Writes every part.
fn compose(
    document: &Document,
    numbering: &Numbering,
    look: &Look,
) -> Result<Composed, WriteError> {
    compose_with(document, numbering, look, &Attached::default())
}

/// Writes every part, with what is attached to the text.
fn compose_with(
    document: &Document,
    numbering: &Numbering,
    look: &Look,
    attached: &Attached,
) -> Result<Composed, WriteError> {
    let scheme = moqi_document::scheme_of(document);
    let design = Design::new(look, scheme);
    let plan = plan::Plan::new(document, numbering);
    let links = lists::Links::new(&plan);
    let references = reference::References::new(document, numbering, &plan, look.language);
    let contents = contents::Contents::new(document, numbering, &plan, look, &design);
    let text_starts = contents
        .as_ref()
        .map(|_| usize::from(starts_with_title(document)));
    let sections = sections::Sections::new(document, numbering, &plan, look, &design, text_starts);
    let mut used = body::used(document, &design, &plan);
    used.contents = contents.as_ref().and(look.contents).unwrap_or(0);
    used.width = look.page().0 - design.margins[1] - design.margins[3];
    used.comments = !attached.comments.is_empty();
    used.prompts = look.controls;
    let mut body = body::Body::new(
        document,
        look,
        &design,
        &plan,
        &links,
        &references,
        &used,
        numbering,
    );
    body.marks = attach::Marks::new(attached, look.language);
    body.controls = attached.controls.len();
    body.sections = sections.breaks();
    body.landscape = sections.list[0].landscape;
    body.contents = contents.as_ref().map(|contents| {
        let apart = sections.counts_anew(look);
        let start = text_starts.unwrap_or(0);
        let markup = contents.markup(document, look, &design, start, apart);
        (contents, markup)
    });
    let written = body.write(document);

    let footers = match (look.page_numbers, look.two_sided) {
        (PageNumbers::Off, _) => 0,
        (_, false) => 1,
        (_, true) => 2,
    };
    let present = parts::Present {
        numbering: !plan.lists.is_empty() || !used.bullets.is_empty(),
        footnotes: !written.notes.is_empty(),
        comments: used.comments,
        headers: sections.headers.len(),
        footers,
        two_sided: look.two_sided,
        update_fields: contents.is_some() && look.contents_pages.is_empty(),
        protection: look.protection,
    };
    let mut properties: Vec<String> = (0..sections.list.len())
        .map(|number| sections.markup(number, look, &design, footers))
        .collect();
    let last = properties.pop().unwrap_or_default();
    let own = mend::Own {
        pieces: &written.own,
        sections: &properties,
    };
    let mut mender = Mender::default();
    let document = build::document(written.children, own, &last, &mut mender)?;
    let mut parts: Vec<(Cow<'static, str>, String)> = vec![
        ("[Content_Types].xml".into(), parts::content_types(present)),
        ("_rels/.rels".into(), parts::package_relations()),
        ("word/document.xml".into(), document),
        (
            "word/_rels/document.xml.rels".into(),
            parts::document_relations(present, &written.links),
        ),
        (
            "word/styles.xml".into(),
            styles::part(&design, &plan, &links, &used),
        ),
        ("word/settings.xml".into(), parts::settings(present)),
        ("word/fontTable.xml".into(), parts::fonts(&design)),
        ("word/theme/theme1.xml".into(), parts::theme(&design)),
    ];
    if present.numbering {
        parts.push((
            "word/numbering.xml".into(),
            mended(
                &lists::numberings(&design, &plan, &links, &used.bullets).build(),
                "numbering.xml",
                &mut mender,
                without_defaults,
            )?,
        ));
    }
    if present.footnotes {
        parts.push((
            "word/footnotes.xml".into(),
            footnotes(written.notes, &mut mender)?,
        ));
        if !written.note_links.is_empty() {
            parts.push((
                "word/_rels/footnotes.xml.rels".into(),
                parts::links_only(&written.note_links),
            ));
        }
    }
    if used.comments {
        let (said, threads) = comments::parts(&attached.comments);
        parts.push(("word/comments.xml".into(), said));
        parts.push(("word/commentsExtended.xml".into(), threads));
    }
    for (number, text) in sections.headers.iter().enumerate() {
        let name = format!("word/header{}.xml", number + 1);
        parts.push((name.into(), parts::header(text)));
    }
    let edges = match footers {
        2 => &[Edge::Right, Edge::Left][..],
        count => &[Edge::Middle][..count],
    };
    for (number, &edge) in edges.iter().enumerate() {
        let name = format!("word/footer{}.xml", number + 1);
        parts.push((name.into(), parts::footer(look, edge)));
    }
    parts.push(("docProps/core.xml".into(), parts::core_properties(look)));
    parts.push(("docProps/app.xml".into(), parts::app_properties()));
    Ok(Composed {
        parts,
        present,
        origins: written.origins,
        note_labels: written.note_labels,
        links: written.links,
        note_links: written.note_links,
        warnings: written.warnings,
    })
}

/// True when the first block is the title.
fn starts_with_title(document: &Document) -> bool {
    let first = document.blocks.first();
    first.is_some_and(|block| matches!(block.kind, BlockKind::Title(_)))
}

/// Takes out the list and the counting number 1 that docx-rs puts before all others; ours have these ids too.
fn without_defaults(numbering: &mut Element<'_>) {
    for name in ["w:abstractNum", "w:num"] {
        let first = numbering
            .children
            .iter()
            .position(|node| matches!(node, Node::Element(child) if child.name == name));
        if let Some(first) = first {
            numbering.children.remove(first);
        }
    }
}

/// A part of docx-rs, changed and mended.
fn mended(
    built: &[u8],
    name: &'static str,
    mender: &mut Mender,
    before: impl FnOnce(&mut Element<'_>),
) -> Result<String, WriteError> {
    let source = std::str::from_utf8(built).map_err(|_| WriteError::Markup(name))?;
    let mut tree = tree::parse(source).ok_or(WriteError::Markup(name))?;
    before(&mut tree);
    mender.mend(&mut tree);
    let mut out = String::with_capacity(source.len());
    tree.print(&mut out);
    Ok(out)
}

/// The footnotes part: paragraphs built by docx-rs as a document of their own, each put into its note.
fn footnotes(notes: Vec<word::Paragraph>, mender: &mut Mender) -> Result<String, WriteError> {
    const NAME: &str = "footnotes.xml";
    let mut docx = word::Docx::new();
    docx.document.children = notes
        .into_iter()
        .map(|note| word::DocumentChild::Paragraph(Box::new(note)))
        .collect();
    let built = docx.build().document;
    let source = std::str::from_utf8(&built).map_err(|_| WriteError::Markup(NAME))?;
    let mut tree = tree::parse(source).ok_or(WriteError::Markup(NAME))?;
    mender.mend(&mut tree);
    let body = tree.child("w:body").ok_or(WriteError::Markup(NAME))?;
    let mut out = parts::footnotes_opening();
    let mut number = 0;
    for node in &body.children {
        let Node::Element(paragraph) = node else {
            continue;
        };
        if paragraph.name != "w:p" {
            continue;
        }
        number += 1;
        let mut paragraph = paragraph.clone();
        let at = usize::from(paragraph.child("w:pPr").is_some());
        let mark = "<w:r><w:rPr><w:rStyle w:val=\"FootnoteReference\"/></w:rPr><w:footnoteRef/></w:r><w:r><w:t xml:space=\"preserve\"> </w:t></w:r>";
        paragraph.children.insert(at, Node::Raw(mark.to_owned()));
        out.push_str(&format!("<w:footnote w:id=\"{number}\">"));
        paragraph.print(&mut out);
        out.push_str("</w:footnote>");
    }
    out.push_str("</w:footnotes>");
    Ok(out)
}

#[cfg(test)]
mod tests;
