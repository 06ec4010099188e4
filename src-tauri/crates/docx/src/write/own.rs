//! Markup of our own in the body: what docx-rs cannot say stands for itself as a numbered run or paragraph until the
//! mending pass puts the markup in its place.

use super::body::Body;
use super::inline::run;
use super::mend::{OWN_MARKUP, SECTION_END};
use docx_rs as word;

/// Where the properties of a section that ends before the last one stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Breaks {
    /// In those of its last paragraph.
    #[default]
    InText,
    /// In a paragraph of their own, which belongs to the block that begins the next section, so that it can come and go
    /// without a paragraph of the text.
    Alone,
}

impl Body<'_> {
    /// A run that stands for markup of our own among the runs of a paragraph.
    pub(super) fn own(&mut self, markup: String) -> word::ParagraphChild {
        self.own.push(markup);
        let number = (self.own.len() - 1).to_string();
        run(
            word::RunProperty::new().style(OWN_MARKUP),
            word::RunChild::Text(word::Text::new(number)),
        )
    }

    /// Markup of our own that stands beside paragraphs.
    pub(super) fn whole(&mut self, markup: String) {
        let run = self.own(markup);
        let mut paragraph = word::Paragraph::new().style(OWN_MARKUP);
        paragraph.children.push(run);
        self.push(word::DocumentChild::Paragraph(Box::new(paragraph)));
    }

    /// Markup of our own behind the last words.
    pub(super) fn behind(&mut self, markup: String) {
        let run = self.own(markup);
        match self.out.last_mut() {
            Some(word::DocumentChild::Paragraph(last)) => last.children.push(run),
            _ => self.paragraph("BodyText", &[], |mut paragraph| {
                paragraph.children.push(run);
                paragraph
            }),
        }
    }

    /// Ends a section with the last paragraph, or with one of its own where that cannot carry its properties.
    pub(super) fn end_section(&mut self, number: usize) {
        // A page break that waits is the next paragraph's.
        let waiting = std::mem::take(&mut self.page_break);
        let run = run(
            word::RunProperty::new().style(SECTION_END),
            word::RunChild::Text(word::Text::new(number.to_string())),
        );
        let last = match self.out.last_mut() {
            Some(word::DocumentChild::Paragraph(last)) if self.breaks == Breaks::InText => {
                Some(last)
            }
            _ => None,
        };
        let carries = |paragraph: &word::Paragraph| {
            let style = paragraph.property.style.as_ref();
            style.is_none_or(|style| style.val != OWN_MARKUP)
        };
        match last.filter(|paragraph| carries(paragraph)) {
            Some(last) => last.children.push(run),
            None => self.paragraph("AfterTable", &[], |mut paragraph| {
                paragraph.children.push(run);
                paragraph
            }),
        }
        self.page_break = waiting;
    }
}
