//! What a Word file says, as other rooms see it.

use moqi_document::Span;

/// Which side of the tracked changes is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Changes {
    /// The text as it is once every change is accepted.
    #[default]
    Accepted,
    /// The text as it was before the changes.
    Rejected,
}

/// How a file is read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ReadOptions {
    /// Which side of the tracked changes is read.
    pub changes: Changes,
}

impl ReadOptions {
    /// Options that read this side of the tracked changes.
    #[must_use]
    pub fn with_changes(changes: Changes) -> Self {
        ReadOptions { changes }
    }
}

/// What a Word file says.
///
/// A `line` is a line of `text`, counted from 1. Things keep the order of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ReadText {
    /// Its words as our text. It has front matter only where its numbers are those of another scheme than the usual one of
    /// its language (`numbering: zh-decimal`).
    pub text: String,
    /// Its title in the core properties.
    pub title: Option<String>,
    /// The language its styles name by default, as Word writes it (`zh-CN`, `en-GB`): the East Asian one where the
    /// text has Chinese characters.
    pub language: Option<String>,
    /// The numbers and bullets Word prints before paragraphs.
    pub labels: Vec<ReadLabel>,
    /// Comments, in the order of the comments part.
    pub comments: Vec<ReadComment>,
    /// Tracked changes, one for each element that records one.
    pub changes: Vec<ReadChange>,
    /// Content controls and form fields, those inside others after them.
    pub controls: Vec<ReadControl>,
    /// Headers and footers each section names.
    pub margins: Vec<ReadMargin>,
}

/// The number or bullet before a paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadLabel {
    /// The line of the paragraph; of the row, for a paragraph in a table.
    pub line: usize,
    /// The label as Word prints it: `第一条`, `3.1`, `(a)`, `•`.
    pub label: String,
    /// It was typed as words and taken out of them, rather than counted by Word.
    pub typed: bool,
}

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadComment {
    /// Who wrote it.
    pub author: String,
    /// The author's initials; empty where the file gives none.
    pub initials: String,
    /// When, as the file writes it (`2026-11-23T10:00:00Z`).
    pub date: Option<String>,
    /// What it says; paragraphs are lines.
    pub text: String,
    /// The words it stands at, 4,096 bytes of them at most; empty for a comment at a point.
    pub quoted: String,
    /// Where it begins; 0 where the text does not refer to it.
    pub line: usize,
    /// The comment it answers, as an index into [`ReadText::comments`].
    pub parent: Option<usize>,
    /// Its thread is marked as done.
    pub done: bool,
}

/// What a tracked change did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChangeKind {
    /// Words, a paragraph mark or a table row came.
    Inserted,
    /// Words, a paragraph mark or a table row went.
    Deleted,
    /// Words went elsewhere.
    MovedFrom,
    /// Words came from elsewhere.
    MovedTo,
    /// Only looks, numbering or a style changed.
    Formatted,
}

/// A tracked change.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadChange {
    /// What it did.
    pub kind: ChangeKind,
    /// Who made it.
    pub author: String,
    /// When, as the file writes it.
    pub date: Option<String>,
    /// The words that came or went; a line end for a paragraph mark, nothing for a row or a change of looks.
    pub text: String,
    /// Where it stands; for words that are not in the text, where they would stand. 0 in a header or footer.
    pub line: usize,
}

/// What a content control takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ControlKind {
    /// Words.
    Text,
    /// A day.
    Date,
    /// One of these, as they are shown (also a combination box).
    DropDown(Vec<String>),
    /// A box to tick.
    CheckBox,
    /// Anything else: a picture, a group, a repeating section, a citation.
    Other,
}

/// A content control, or a field of a form as Word had them before.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadControl {
    /// Its name for programs; of a form field, its bookmark.
    pub tag: Option<String>,
    /// Its name for people.
    pub alias: Option<String>,
    /// What it takes.
    pub kind: ControlKind,
    /// What stands in it, 4,096 bytes at most; its prompt where `placeholder` is set.
    pub text: String,
    /// It shows its prompt: nobody has filled it in. In the text a prompt stands in brackets, and a control without
    /// any words is a line to write on (`____`).
    pub placeholder: bool,
    /// Whether a box to tick is ticked, where the file says so.
    pub checked: Option<bool>,
    /// Where it begins; 0 in a header or footer.
    pub line: usize,
    /// The bytes of the text it is written as, brackets and escapes included, the marks around it not. `None` for a
    /// control in a header, a footer or a comment, and for one without words (a picture).
    pub span: Option<Span>,
}

/// Above or below the text of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MarginPlace {
    /// Above.
    Header,
    /// Below.
    Footer,
}

/// The pages of a section a header or footer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MarginPages {
    /// All pages no other is for.
    Default,
    /// The first page.
    First,
    /// Pages with even numbers.
    Even,
}

/// A header or footer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadMargin {
    /// Above or below.
    pub place: MarginPlace,
    /// On which pages.
    pub which: MarginPages,
    /// The section that names it, counted from 1; later sections without one of their own take it over.
    pub section: usize,
    /// Its words, plain; paragraphs and rows are lines, cells are parted by tabs. Fields show their last result.
    pub text: String,
}
