//! The parts that hold what comments say, and which answers which.

use super::attach::{Comment, Remark};
use super::parts::{MAIN, signed};
use super::text::escape;
use std::fmt::Write;

/// Ids of the paragraphs of comments count from here; those of the text and the notes stay below.
const FIRST_ID: usize = 0x7000_0000;

/// Where a remark begins.
pub(super) fn opening(id: usize) -> String {
    format!("<w:commentRangeStart w:id=\"{id}\"/>")
}

/// Where its words end.
pub(super) fn closing(id: usize) -> String {
    format!("<w:commentRangeEnd w:id=\"{id}\"/>")
}

/// Its mark, a run that follows the words.
pub(super) fn mark(id: usize) -> String {
    format!(
        "<w:r><w:rPr><w:rStyle w:val=\"CommentReference\"/></w:rPr><w:commentReference w:id=\"{id}\"/></w:r>"
    )
}

/// `word/comments.xml` and `word/commentsExtended.xml`. With each comment comes the id of its first remark; those of its
/// answers follow.
pub(super) fn parts<'c>(
    comments: impl IntoIterator<Item = (usize, &'c Comment)>,
) -> (String, String) {
    let mut said = format!(
        "<w:comments {MAIN} xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\" \
         xmlns:w14=\"http://schemas.microsoft.com/office/word/2010/wordml\" mc:Ignorable=\"w14\">"
    );
    let mut threads = "<w15:commentsEx xmlns:w15=\"http://schemas.microsoft.com/office/word/2012/wordml\" \
         xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\" mc:Ignorable=\"w15\">"
        .to_owned();
    let mut paragraph = FIRST_ID;
    for (first, comment) in comments {
        let mut parent = None;
        for (number, remark) in std::iter::once(&comment.remark)
            .chain(&comment.replies)
            .enumerate()
        {
            // Word knows a comment by its last paragraph.
            let last = one(&mut said, remark, first + number, &mut paragraph);
            let _ = write!(threads, "<w15:commentEx w15:paraId=\"{last:08X}\"");
            if let Some(parent) = parent {
                let _ = write!(threads, " w15:paraIdParent=\"{parent:08X}\"");
            }
            let _ = write!(threads, " w15:done=\"{}\"/>", u8::from(comment.done));
            parent.get_or_insert(last);
        }
    }
    said.push_str("</w:comments>");
    threads.push_str("</w15:commentsEx>");
    (said, threads)
}

/// Writes a remark; gives the id of its last paragraph.
fn one(out: &mut String, remark: &Remark, id: usize, paragraph: &mut usize) -> usize {
    let _ = write!(
        out,
        "<w:comment w:id=\"{id}\" {} w:initials=\"{}\">",
        signed(&remark.author, remark.date.as_deref().unwrap_or_default()),
        escape(&remark.initials)
    );
    let lines: Vec<&str> = remark.text.lines().collect();
    let lines = if lines.is_empty() { vec![""] } else { lines };
    for (number, line) in lines.into_iter().enumerate() {
        *paragraph += 1;
        let _ = write!(
            out,
            "<w:p w14:paraId=\"{:08X}\"><w:pPr><w:pStyle w:val=\"CommentText\"/></w:pPr>",
            *paragraph
        );
        if number == 0 {
            out.push_str("<w:r><w:rPr><w:rStyle w:val=\"CommentReference\"/></w:rPr><w:annotationRef/></w:r>");
        }
        if !line.is_empty() {
            let _ = write!(
                out,
                "<w:r><w:t xml:space=\"preserve\">{}</w:t></w:r>",
                escape(line)
            );
        }
        out.push_str("</w:p>");
    }
    out.push_str("</w:comment>");
    *paragraph
}
