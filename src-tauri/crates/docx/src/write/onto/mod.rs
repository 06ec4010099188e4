//! Writing onto a firm's own file: its styles, lists, headers, footers, logo and page stay, our text goes in.
//!
//! The firm's parts are kept byte for byte where our text does not need otherwise; its old text goes, with the notes,
//! comments and pictures only that text named. Our document is composed as for any look, then dressed: each paragraph
//! gets the firm's style for what it is, numbered clauses count in the list of the firm's headings where it has one, and
//! styles and lists the firm lacks are added beside its own.

mod assemble;
mod body;
mod cast;
mod changes;
mod form;
mod lists;
mod notes;
mod parts;
mod properties;
mod roles;
mod section;
mod sheet;
mod styles;
mod title;
mod usage;

use std::fmt;

use moqi_document::{Document, number};

use super::look::{House, HouseText, Look, PageNumbers};
use super::plan::{Part, Plan};
use super::{Attached, WriteError, compose};
use crate::{ReadError, Warned, Warning, WarningKind};
use cast::Cast;
use form::{Form, parsed};
use lists::Outline;

use section::Page;
use sheet::Sheet;
use usage::Usage;

/// Why a text could not be written onto a firm's file.
#[derive(Debug)]
#[non_exhaustive]
pub enum OntoError {
    /// The firm's file is no Word file, is damaged, or is larger than a document can be.
    Form(ReadError),
    /// The firm's file is written unlike Word writes it, such as Strict Open XML; Word saves it as a usual .docx file.
    Unusual,
    /// The text could not be written.
    Write(WriteError),
}

impl fmt::Display for OntoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(error) => write!(f, "the firm's file cannot be used: {error}"),
            Self::Unusual => f.write_str(
                "the firm's file is not written as Word writes a .docx file: save it from Word as a Word document (.docx), not as Strict Open XML",
            ),
            Self::Write(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for OntoError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Form(error) => Some(error),
            Self::Write(error) => Some(error),
            Self::Unusual => None,
        }
    }
}

impl From<ReadError> for OntoError {
    fn from(error: ReadError) -> Self {
        Self::Form(error)
    }
}

impl From<WriteError> for OntoError {
    fn from(error: WriteError) -> Self {
        Self::Write(error)
    }
}

/// Writes a document as a .docx file in the look of a firm's own file (.docx, .docm, .dotx or .dotm).
///
/// Paper, margins, headers and footers are those of the section most of the firm's words stand in. Numbered clauses take
/// the numbers of the list of the firm's headings where it has one that can count them, and references print these;
/// other numbers are those of [`moqi_document::number`]. Header, footer, paper and page numbers of `look` are not used;
/// its title, author and time become the properties of the file, and fields of the firm's headers that print the title
/// print this one. Macros of the firm's file go, with a warning.
///
/// # Errors
/// [`OntoError`] where the firm's file cannot be used.
pub fn write_onto(
    document: &Document,
    look: &Look,
    firm: &[u8],
) -> Result<Warned<Vec<u8>>, OntoError> {
    write_onto_with(document, look, &Attached::default(), firm)
}

/// As [`write_onto()`], with content controls and comments around words of the text the document was parsed from.
///
/// # Errors
/// As [`write_onto()`].
pub fn write_onto_with(
    document: &Document,
    look: &Look,
    attached: &Attached,
    firm: &[u8],
) -> Result<Warned<Vec<u8>>, OntoError> {
    let mut form = Form::open(firm)?;
    let relations = form.body_relations()?;
    let source = std::mem::take(&mut form.document);
    let text = parsed(&source)?;
    let sheet = match &form.styles {
        Some(styles) => Sheet::read(&parsed(styles)?),
        None => Sheet::default(),
    };
    let usage = Usage::read(&text, &sheet);
    let cast = Cast::new(&sheet, &usage);
    let page = Page::choose(&text, |id| {
        let relation = relations.iter().find(|relation| relation.id == id);
        let part = relation.and_then(|relation| form.part(&relation.target).ok().flatten());
        part.is_some_and(|part| {
            part.text.contains("r:embed=") || part.text.contains("<v:imagedata")
        })
    });

    let numbering = number(document);
    let outline = match (&form.numbering, &cast.headings[0]) {
        (Some(lists), Some(heading)) => Outline::of(&parsed(lists)?, &sheet, heading),
        _ => None,
    };
    let labels = outline
        .as_ref()
        .and_then(|outline| outline.labels(document, &numbering, look.language));
    let outline = outline.filter(|_| labels.is_some());
    let labels = labels.unwrap_or(numbering);
    let dressed = dressed(look, page.as_ref(), &cast);
    let composed = compose(document, &labels, &dressed, attached)?;
    let plan = Plan::new(document, &labels);
    let clauses = plan
        .lists
        .iter()
        .position(|list| list.part == Part::Clauses);
    let mut warnings = composed.warnings.clone();
    if relations
        .iter()
        .any(|relation| relation.kind == "vbaProject")
    {
        warnings.push(Warning {
            span: None,
            kind: WarningKind::LeftOut {
                what: "macro",
                count: 1,
            },
        });
    }
    let value = assemble::assemble(
        &mut form,
        &assemble::Given {
            firm,
            name: &source.name,
            text: &text,
            relations: &relations,
            document,
            title: look.title.as_deref(),
            composed: &composed,
            sheet: &sheet,
            usage: &usage,
            cast: &cast,
            page: page.as_ref(),
            outline: outline.as_ref(),
            outlined: clauses.filter(|_| outline.is_some()),
        },
    )?;
    Ok(Warned { value, warnings })
}

/// The look in the firm's measures, without what the firm's file has itself.
fn dressed(look: &Look, page: Option<&Page>, cast: &Cast) -> Look {
    let size = |size: i32| HouseText {
        size: Some(size.clamp(12, 144)),
        ..HouseText::default()
    };
    Look {
        header: None,
        page_numbers: PageNumbers::Off,
        two_sided: false,
        house: Some(House {
            paper: page.and_then(Page::paper),
            margins: page.and_then(Page::sides),
            body: size(cast.size),
            headings: std::array::from_fn(|_| size(cast.size + 2)),
            title: size(cast.size + 10),
        }),
        ..look.clone()
    }
}
