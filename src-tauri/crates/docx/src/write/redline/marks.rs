//! The marks of tracked changes: who, when, and an id that is used once in the file.

use super::comments::Comments;
use crate::write::parts::signed;

/// The first id of a change; bookmarks have the smaller ones.
const FIRST: u64 = 2_000_000;
/// The first id of a paragraph of the old document.
const FIRST_PARAGRAPH: u32 = 0x1000_0000;

/// What becomes of words or of the mark of a paragraph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum State {
    #[default]
    Same,
    Inserted,
    Deleted,
    MovedFrom,
    MovedTo,
}

impl State {
    /// The element for it; `None` for what did not change.
    pub fn element(self) -> Option<&'static str> {
        Some(match self {
            Self::Same => return None,
            Self::Inserted => "w:ins",
            Self::Deleted => "w:del",
            Self::MovedFrom => "w:moveFrom",
            Self::MovedTo => "w:moveTo",
        })
    }

    /// True when it stands in the old document only.
    pub fn is_old(self) -> bool {
        matches!(self, Self::Deleted | Self::MovedFrom)
    }

    /// True when it stands in the new document only.
    pub fn is_new(self) -> bool {
        matches!(self, Self::Inserted | Self::MovedTo)
    }
}

/// Who made changes, and when: name, and time as W3CDTF. A time of another shape is left out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signer<'a> {
    pub author: &'a str,
    pub date: &'a str,
}

impl Signer<'_> {
    /// As attributes of a change or a comment.
    pub fn attributes(self) -> String {
        signed(self.author, self.date)
    }
}

/// Counts ids, and knows the authors and the dates.
pub(super) struct Marks {
    signed: Vec<String>,
    who: usize,
    next: u64,
    paragraphs: u32,
    /// Comments that have no place yet.
    pub comments: Comments,
}

impl Marks {
    pub fn new(by: &[Signer<'_>], comments: Comments) -> Self {
        Self {
            signed: by.iter().map(|by| by.attributes()).collect(),
            who: 0,
            next: FIRST,
            paragraphs: FIRST_PARAGRAPH,
            comments,
        }
    }

    /// What comes next is by this one of those who made changes.
    pub fn sign(&mut self, who: usize) {
        self.who = who;
    }

    /// The id that was given last.
    pub fn last(&self) -> u64 {
        self.next
    }

    /// The id of a change.
    pub fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// The attributes of a change.
    pub fn attributes(&mut self) -> String {
        let number = self.number();
        let signed = self.signed.get(self.who).map_or("", String::as_str);
        format!("w:id=\"{number}\" {signed}")
    }

    /// The id of a paragraph that had none or whose own could be taken.
    pub fn paragraph(&mut self) -> String {
        self.paragraphs += 1;
        format!("w14:paraId=\"{:08X}\"", self.paragraphs)
    }

    /// Content with its change around it.
    pub fn wrap(&mut self, state: State, content: &str) -> String {
        match state.element() {
            Some(name) if !content.is_empty() => {
                format!("<{name} {}>{content}</{name}>", self.attributes())
            }
            _ => content.to_owned(),
        }
    }

    /// The mark of a paragraph, or of a row, as an element of its properties; nothing where it did not change.
    pub fn flag(&mut self, state: State) -> String {
        state
            .element()
            .map(|name| format!("<{name} {}/>", self.attributes()))
            .unwrap_or_default()
    }
}
