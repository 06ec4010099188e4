//! What words belong to until the whole text is known: a reference to a bookmark, a control.
//!
//! A pinned inline bears `#` and a number in the place of its link, with which no address that is kept begins. So what
//! tidies and joins words leaves pinned ones apart from others.

use std::collections::HashMap;

use moqi_document::Marks;

/// Bytes of a bookmark's name that are compared; Word takes 40 characters.
const LONGEST_NAME: usize = 255;

/// What an inline belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pin {
    /// Where its words lead outside the document.
    pub(super) link: Option<String>,
    /// The innermost reference it is printed by, as an index into [`Pins::aims`].
    pub(super) aim: Option<usize>,
    /// The innermost control it stands in.
    pub(super) control: Option<usize>,
}

/// What a reference is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AimKind {
    /// A field `REF`.
    Field,
    /// A link inside the document.
    Link,
    /// A field `NOTEREF`, another mark of a note.
    Note,
}

/// A reference inside the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Aim {
    pub(super) kind: AimKind,
    /// The bookmark, as it is written.
    pub(super) bookmark: String,
}

/// Where a bookmark begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) spot: usize,
    /// How many notes were referred to before it.
    pub(super) notes: usize,
}

/// The pins of a file, its references and its bookmarks.
#[derive(Debug, Default)]
pub(super) struct Pins {
    pins: Vec<Pin>,
    pub(super) aims: Vec<Aim>,
    /// Where each bookmark begins, by its name in small letters: Word does not tell capitals apart.
    bookmarks: HashMap<String, Mark>,
}

impl Pins {
    /// The link an inline bears that belongs to these.
    pub(super) fn mark(
        &mut self,
        link: Option<String>,
        aim: Option<usize>,
        control: Option<usize>,
    ) -> Option<String> {
        if aim.is_none() && control.is_none() {
            return link;
        }
        let pin = Pin { link, aim, control };
        if self.pins.last() != Some(&pin) {
            self.pins.push(pin);
        }
        Some(format!("#{}", self.pins.len() - 1))
    }

    /// What an inline belongs to.
    pub(super) fn of(&self, marks: &Marks) -> Option<&Pin> {
        let number = marks.link.as_deref()?.strip_prefix('#')?;
        self.pins.get(number.parse::<usize>().ok()?)
    }

    pub(super) fn aim(&mut self, kind: AimKind, bookmark: &str) -> Option<usize> {
        if bookmark.is_empty() || bookmark.len() > LONGEST_NAME {
            return None;
        }
        self.aims.push(Aim {
            kind,
            bookmark: bookmark.to_owned(),
        });
        Some(self.aims.len() - 1)
    }

    /// A bookmark begins; of two with one name the first counts.
    pub(super) fn bookmark(&mut self, name: &str, mark: Mark) {
        if name.len() <= LONGEST_NAME {
            self.bookmarks.entry(name.to_lowercase()).or_insert(mark);
        }
    }

    /// The bookmark a reference leads to.
    pub(super) fn place(&self, aim: &Aim) -> Option<Mark> {
        self.bookmarks.get(&aim.bookmark.to_lowercase()).copied()
    }
}
