//! A result with its warnings: trouble with a document is data, never an error.

use moqi_document::Span;

/// A value, and what was noticed on the way to it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Warned<T> {
    /// The value; always whole and usable.
    pub value: T,
    /// What was noticed, in reading order.
    pub warnings: Vec<Warning>,
}

/// Something a reader or writer noticed and coped with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Where, in the text the document was parsed from; `None` where there is no such place.
    pub span: Option<Span>,
    /// What.
    pub kind: WarningKind,
}

/// What a reader or writer noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WarningKind {
    /// A field has no value; its `{{…}}` is printed highlighted. Carries the expression.
    UnfilledField(String),
    /// A reference points to an id that no heading or item has; its id is printed highlighted.
    MissingTarget(String),
    /// A footnote is referred to but not written. Carries its label.
    MissingFootnote(String),
    /// A footnote is written but nothing refers to it, so that Word has no place for it. Carries its label.
    UnusedFootnote(String),
    /// A link is neither `http`, `https` nor `mailto`; its words are printed without it. Carries the address.
    UnsafeLink(String),
    /// Characters that XML cannot hold were left out.
    ControlCharacters(usize),
    /// Things of a Word file that are not read.
    LeftOut {
        /// `drawing`, `deletion` or `insertion` (of the side of the changes that is not read), `equation` (its words
        /// stay), `nested table` (its words become lines of the cell), `merged cell` (one that is
        /// merged in the file and not in the text), `number in a table` (kept among the labels), `symbol` (of a font of signs; kept as it is
        /// written), `cross-reference` and `link in the document` (their words stay words), `macro`
        /// (of a firm's file that a text is written onto).
        what: &'static str,
        /// How many.
        count: usize,
    },
    /// A part of a Word file beside its body is damaged and was not read. Carries its name.
    DamagedPart(String),
    /// Runs that Word hides are read as words. Carries how many.
    HiddenWords(usize),
    /// A place to fill has no value and stays as it is.
    NoValue {
        /// Id of the slot.
        slot: String,
        /// Its name.
        name: String,
    },
    /// A tag of a template cannot be carried out and stays as it is. Carries its words.
    NotUnderstood(String),
    /// A value is none of the choices of its list or box, which stays as it is.
    NotAChoice {
        /// Id of the slot.
        slot: String,
        /// The value.
        value: String,
    },
    /// A content control showed data kept elsewhere in the file; now it shows its value only. Carries the slot's id.
    Unbound(String),
    /// A suggestion is for a place that the text does not have (any more), so that it is not shown.
    StaleSuggestion,
    /// A suggestion is for words another one changes already, so that it is not shown.
    OverlappingSuggestion,
    /// A number has no counterpart among Word's number formats and is printed as text. Carries the number.
    LiteralNumber(String),
}
