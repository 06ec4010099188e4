//! Styles of what stands around the text: contents, comments, prompts.

use super::super::design::{Design, Indent, Shape};
use super::{Style, Used};
use std::fmt::Write;

/// The table of contents: its heading, and an entry of each level.
pub(super) fn contents(out: &mut String, design: &Design, used: &Used) {
    if used.contents == 0 {
        return;
    }
    Style::new("TOCHeading", "TOC Heading")
        .next("BodyText")
        .paragraph(&[
            "<w:keepNext/><w:keepLines/>",
            "<w:spacing w:before=\"240\" w:after=\"240\" w:line=\"240\" w:lineRule=\"auto\"/>",
            "<w:jc w:val=\"center\"/>",
        ])
        .run(&format!(
            "{}<w:b/><w:bCs/><w:sz w:val=\"{1}\"/><w:szCs w:val=\"{1}\"/>",
            design.headings[0].markup(),
            design.size + 4
        ))
        .write(out);
    for level in 1..=used.contents {
        let indent = Indent {
            left: contents_indent(design, level),
            ..Indent::default()
        };
        Style::new(&format!("TOC{level}"), &format!("toc {level}"))
            .next("BodyText")
            .shown(39)
            .paragraph(&[
                &format!(
                    "<w:tabs><w:tab w:val=\"right\" w:leader=\"dot\" w:pos=\"{}\"/></w:tabs>",
                    used.width
                ),
                "<w:spacing w:before=\"0\" w:after=\"60\" w:line=\"300\" w:lineRule=\"auto\"/>",
                &indent.markup(),
                "<w:jc w:val=\"left\"/>",
            ])
            .write(out);
    }
}

/// Where entries of a level of the contents begin.
pub(in crate::write) fn contents_indent(design: &Design, level: u8) -> i32 {
    let step = match design.shape {
        Shape::Hang => design.step,
        Shape::Flow => design.two_characters(),
    };
    step * (i32::from(level) - 1)
}

/// Comments, and the words of controls nobody has filled in.
pub(super) fn notes(out: &mut String, used: &Used) {
    if used.comments {
        Style::new("CommentText", "annotation text")
            .paragraph(&[
                "<w:spacing w:before=\"0\" w:after=\"0\" w:line=\"240\" w:lineRule=\"auto\"/>",
                "<w:jc w:val=\"left\"/>",
            ])
            .run("<w:sz w:val=\"20\"/><w:szCs w:val=\"20\"/>")
            .write(out);
        character(
            out,
            "CommentReference",
            "annotation reference",
            "<w:sz w:val=\"16\"/><w:szCs w:val=\"16\"/>",
        );
    }
    if used.prompts {
        character(
            out,
            "PlaceholderText",
            "Placeholder Text",
            "<w:color w:val=\"666666\"/>",
        );
    }
}

/// A character style of Word's own.
fn character(out: &mut String, id: &str, name: &str, run: &str) {
    let _ = write!(
        out,
        "<w:style w:type=\"character\" w:styleId=\"{id}\"><w:name w:val=\"{name}\"/><w:basedOn w:val=\"DefaultParagraphFont\"/>\
         <w:uiPriority w:val=\"99\"/><w:unhideWhenUsed/><w:rPr>{run}</w:rPr></w:style>"
    );
}
