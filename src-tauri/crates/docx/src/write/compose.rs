//! From a document and a look to the parts of a file.

use super::attach::{self, Attached};
use super::body;
use super::contents::Contents;
use super::design::Design;
use super::lists::{self, Links};
use super::look::{Look, PageNumbers};
use super::mend::{Mender, Own};
use super::own::Breaks;
use super::parts::{self, Edge, Present};
use super::plan::Plan;
use super::reference::References;
use super::sections::Sections;
use super::styles::{self, Used};
use super::tree::{self, Element, Node};
use super::{WriteError, build, comments, starts_with_title};
use docx_rs as word;
use docx_rs::BuildXML;
use moqi_document::{Document, Numbering};
use std::borrow::Cow;

/// The parts of a file before they are packed, and what a redline needs to know of them.
pub(super) struct Composed {
    pub parts: Vec<(Cow<'static, str>, String)>,
    pub present: Present,
    /// The block each child of the body comes from, but for the section at the end.
    pub origins: Vec<Option<usize>>,
    /// The headings of the entries of the table of contents.
    pub entries: Vec<usize>,
    /// Labels of the footnotes, by number.
    pub note_labels: Vec<String>,
    /// Addresses of links in the body; relation `rIdLink1` is the first.
    pub links: Vec<String>,
    /// Addresses of links in footnotes.
    pub note_links: Vec<String>,
    pub warnings: Vec<crate::Warning>,
}

/// Writes every part, with what is attached to the text.
pub(super) fn compose(
    document: &Document,
    numbering: &Numbering,
    look: &Look,
    attached: &Attached,
) -> Result<Composed, WriteError> {
    Draft::new(document, numbering, look).compose(attached, Breaks::InText)
}

/// A document whose lists and styles are planned.
pub(super) struct Draft<'d> {
    document: &'d Document,
    numbering: &'d Numbering,
    look: &'d Look,
    design: Design<'d>,
    plan: Plan,
    used: Used,
}

impl<'d> Draft<'d> {
    pub fn new(document: &'d Document, numbering: &'d Numbering, look: &'d Look) -> Self {
        Self::within(document, numbering, look, Plan::new(document, numbering))
    }

    fn within(
        document: &'d Document,
        numbering: &'d Numbering,
        look: &'d Look,
        plan: Plan,
    ) -> Self {
        let design = Design::new(look, moqi_document::scheme_of(document));
        let used = body::used(document, &design, &plan);
        Self {
            document,
            numbering,
            look,
            design,
            plan,
            used,
        }
    }

    /// Two documents with the same lists and styles: what one of them does not use is there for the other, so that a
    /// paragraph both have says the same of itself in both files.
    pub fn pair(
        old: (&'d Document, &'d Numbering, &'d Look),
        new: (&'d Document, &'d Numbering, &'d Look),
    ) -> [Self; 2] {
        let mut earlier = Plan::new(old.0, old.1);
        let mut later = Plan::new(new.0, new.1);
        earlier.share(&mut later);
        let mut earlier = Self::within(old.0, old.1, old.2, earlier);
        let mut later = Self::within(new.0, new.1, new.2, later);
        earlier.used.join(&later.used);
        later.used.join(&earlier.used);
        [earlier, later]
    }

    /// Styles of comments are there even if the text itself has none.
    pub fn with_comments(&mut self) {
        self.used.comments = true;
    }

    /// Writes every part, with what is attached to the text.
    pub fn compose(self, attached: &Attached, breaks: Breaks) -> Result<Composed, WriteError> {
        let Self {
            document,
            numbering,
            look,
            design,
            plan,
            mut used,
        } = self;
        let links = Links::new(&plan);
        let references = References::new(document, numbering, &plan, look.language);
        let contents = Contents::new(document, numbering, &plan, look, &design);
        let text_starts = contents
            .as_ref()
            .map(|_| usize::from(starts_with_title(document)));
        let sections = Sections::new(document, numbering, &plan, look, &design, text_starts);
        used.contents = contents.as_ref().and(look.contents).unwrap_or(0);
        used.width = look.page().0 - design.margins[1] - design.margins[3];
        used.comments |= !attached.comments.is_empty();
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
        body.breaks = breaks;
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
        let present = Present {
            numbering: !plan.lists.is_empty() || !used.bullets.is_empty(),
            footnotes: !written.notes.is_empty(),
            comments: !attached.comments.is_empty(),
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
        let own = Own {
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
        if present.comments {
            let threads = attach::ids(&attached.comments).into_iter();
            let (said, threads) = comments::parts(threads.zip(&attached.comments));
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
            entries: contents.iter().flat_map(Contents::blocks).collect(),
            note_labels: written.note_labels,
            links: written.links,
            note_links: written.note_links,
            warnings: written.warnings,
        })
    }
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
