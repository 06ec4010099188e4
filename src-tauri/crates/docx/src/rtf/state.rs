//! What a group inherits and its end takes back; which groups hold what.

use super::flow::Shape;

/// Where the words of a group go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Destination {
    /// Into the text.
    Body,
    /// Nowhere.
    Skip,
    /// The font table.
    Fonts,
    /// The style sheet.
    Styles,
    /// An entry of the style sheet.
    Style,
    /// The list table.
    Lists,
    /// The list override table.
    Overrides,
    /// Properties of the file.
    Info,
    /// The title of the file.
    Title,
    /// The instruction of a field.
    Instruction,
    /// A header or footer; carries its name.
    Margin(&'static str),
    /// A list of the old kind.
    OldList,
    /// The same words twice, of which the Unicode ones are read.
    Twice,
}

/// Which kind of characters `\ab` and its like speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Side {
    /// Left to right, single byte.
    #[default]
    Single,
    /// East Asian.
    Double,
    /// Right to left.
    Right,
}

/// Character properties.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Look {
    pub(super) font: Option<i32>,
    pub(super) strong: bool,
    pub(super) emphasis: bool,
    pub(super) strike: bool,
    pub(super) hidden: bool,
    pub(super) deleted: bool,
    pub(super) side: Side,
    /// Bold and italic of East Asian characters alone.
    pub(super) double_strong: bool,
    pub(super) double_emphasis: bool,
}

/// Everything a group inherits.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    pub(super) destination: Destination,
    /// Where words go once the Unicode half of [`Destination::Twice`] begins.
    pub(super) outer: Destination,
    /// Characters that stand after a `\u` for readers without Unicode.
    pub(super) spare: usize,
    pub(super) look: Look,
    pub(super) shape: Shape,
    /// Index of the link whose words these are.
    pub(super) link: Option<usize>,
}

impl State {
    pub(super) fn new() -> State {
        State {
            destination: Destination::Body,
            outer: Destination::Body,
            spare: 1,
            look: Look::default(),
            shape: Shape::default(),
            link: None,
        }
    }
}

impl Look {
    /// A character property; false when the word is none.
    pub(super) fn set(&mut self, word: &str, number: Option<i32>) -> bool {
        let on = number != Some(0);
        match word {
            "plain" => *self = Look::default(),
            "f" => self.font = number,
            "b" => self.strong = on,
            "i" => self.emphasis = on,
            "strike" | "striked" => self.strike = on,
            "v" => self.hidden = on,
            "deleted" | "mvf" => self.deleted = on,
            "rtlch" => self.side = Side::Right,
            "ltrch" | "loch" | "hich" => self.side = Side::Single,
            "dbch" => self.side = Side::Double,
            "ab" if self.side == Side::Double => self.double_strong = on,
            "ai" if self.side == Side::Double => self.double_emphasis = on,
            _ => return false,
        }
        true
    }
}

/// The set of a paragraph property; false when the word is none.
pub(super) fn set_shape(shape: &mut Shape, word: &str, number: Option<i32>) -> bool {
    let small = || u8::try_from(number.unwrap_or(0)).ok();
    match word {
        "pard" => *shape = Shape::default(),
        "s" => shape.style = number.unwrap_or(0),
        "ls" => shape.list = number.unwrap_or(0),
        "ilvl" => shape.level = small().unwrap_or(0).min(8),
        "outlinelevel" => shape.outline = small(),
        "intbl" => shape.in_table = number != Some(0),
        "itap" => shape.in_table = number.unwrap_or(0) > 0,
        "pagebb" => shape.begins_page = number != Some(0),
        _ => return false,
    }
    true
}

/// The character a word stands for.
pub(super) fn character(word: &str) -> Option<&'static str> {
    Some(match word {
        "tab" => "\t",
        "emdash" => "—",
        "endash" => "–",
        "lquote" => "‘",
        "rquote" => "’",
        "ldblquote" => "“",
        "rdblquote" => "”",
        "bullet" => "•",
        "emspace" => "\u{2003}",
        "enspace" => "\u{2002}",
        "qmspace" => "\u{2005}",
        _ => return None,
    })
}

/// What a group is by its first word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    /// Its words go there.
    To(Destination),
    /// It is left out and counted under this name.
    LeftOut(&'static str),
    /// A footnote or endnote.
    Note,
    /// A field.
    Field,
    /// The result of a field.
    Result,
    /// The Unicode half of words written twice.
    Unicode,
    /// It goes on as the group around it.
    Open,
}

/// Tells a group by its first word and by the group around it; `None` where the word opens no group of its own.
pub(super) fn group(word: &str, around: Destination) -> Option<Group> {
    use Destination as D;
    let body = around == D::Body;
    let found = match word {
        "fonttbl" => Group::To(D::Fonts),
        "stylesheet" => Group::To(D::Styles),
        "listtable" => Group::To(D::Lists),
        "listoverridetable" => Group::To(D::Overrides),
        "info" => Group::To(D::Info),
        "title" if around == D::Info => Group::To(D::Title),
        "upr" => Group::To(D::Twice),
        "ud" if around == D::Twice => Group::Unicode,
        "field" => Group::Field,
        "fldinst" if body || around == D::Instruction => Group::To(D::Instruction),
        "fldrslt" => Group::Result,
        "footnote" if body => Group::Note,
        "shppict" if body => Group::Open,
        "pn" if body => Group::To(D::OldList),
        "header" | "headerl" | "headerr" | "headerf" if body => Group::To(D::Margin("header")),
        "footer" | "footerl" | "footerr" | "footerf" if body => Group::To(D::Margin("footer")),
        "pict" | "shp" | "do" if body => Group::LeftOut("drawing"),
        "object" if body => Group::LeftOut("object"),
        "annotation" if body => Group::LeftOut("comment"),
        "mmath" | "moMath" | "moMathPara" if body => Group::LeftOut("equation"),
        "colortbl" | "filetbl" | "listtext" | "pntext" | "nonshppict" | "nonesttables" | "pict"
        | "shp" | "do" | "object" | "shppict" | "fldinst" | "footnote" | "header" | "headerl"
        | "headerr" | "headerf" | "footer" | "footerl" | "footerr" | "footerf" | "ftnsep"
        | "ftnsepc" | "ftncn" | "aftnsep" | "aftnsepc" | "aftncn" | "xe" | "tc" | "tcn" | "rxe"
        | "txe" | "private" | "private1" | "template" | "bkmkstart" | "bkmkend" | "nextfile"
        | "mhtmltag" | "fldtype" | "annotation" | "result" | "revtbl" | "panose" | "falt"
        | "keycode" | "leveltext" | "levelnumbers" | "listname" => Group::To(D::Skip),
        _ => return None,
    };
    Some(found)
}
