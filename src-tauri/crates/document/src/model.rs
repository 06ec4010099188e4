//! The types of a document, as every other room sees them.

/// A half-open range of UTF-8 byte offsets into the text that was parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// The language a document is written in; decides numbering, punctuation and looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// Chinese (`zh`).
    Zh,
    /// English (`en`).
    En,
}

/// A whole document or template: front matter and a flat list of blocks.
///
/// The list is flat on purpose: a clause is a run of blocks, promoting or demoting one changes one
/// number, and an editor can replace a part without rebuilding a tree. `clauses` derives the tree.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Document {
    /// Front matter.
    pub meta: Meta,
    /// Blocks in reading order.
    pub blocks: Vec<Block>,
    /// What the parser noticed; never fatal.
    pub problems: Vec<Problem>,
}

/// Something wrong in a text, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where, in the text that was parsed.
    pub span: Span,
    /// Line, counted from 1.
    pub line: usize,
    /// The field or front-matter key concerned, if any.
    pub field: Option<String>,
    /// What is wrong.
    pub kind: ProblemKind,
}

/// The kinds of trouble a text can have.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProblemKind {
    /// The front matter is not readable; carries the reader's words.
    FrontMatter(String),
    /// A front-matter key has a value that it cannot have.
    BadValue {
        /// The key.
        key: String,
        /// What was expected.
        expected: &'static str,
    },
    /// Two blocks carry the same id.
    DuplicateId(String),
    /// A template expression or tag cannot be read or evaluated.
    Template(String),
    /// A field is used that the front matter does not declare.
    UnknownField(String),
    /// A field is declared twice.
    DuplicateField(String),
}

/// Front matter: what the document says of itself.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Meta {
    /// Title; the first heading of level one when the front matter has none.
    pub title: Option<String>,
    /// Stable id of a template or library clause.
    pub id: Option<String>,
    /// Kind of contract or pleading: `sale`, `lease`, `nda`, `complaint` …
    pub kind: Option<String>,
    /// Language.
    pub language: Option<Language>,
    /// Governing law as written: `PRC`, `England and Wales` …
    pub governing_law: Option<String>,
    /// Numbering scheme; `None` means the default of the language.
    pub numbering: Option<Scheme>,
    /// Look for Word: `zh-contract`, `zh-pleading`, `zh-official`, `en-contract`, `plain`.
    pub look: Option<String>,
    /// Declared fields, in form order.
    pub fields: Vec<Field>,
    /// Keys this crate does not interpret (tags, notes, side, basis …): name and values as text.
    pub extra: Vec<(String, Vec<String>)>,
    /// The front matter as it stood, without its fences; printed back unchanged.
    pub raw: Option<String>,
}

/// How headings and items are numbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// `zh-article`: 第一条 / 一、 / （一） / 1. / （1）.
    ZhArticle,
    /// `zh-decimal`: 第一条 / 1.1 / （1） / ①.
    ZhDecimal,
    /// `zh-pleading`: headings without number; items 1. / （1）.
    ZhPleading,
    /// `zh-official`: 一、 / （一） / 1. / （1）, as GB/T 9704-2012, 7.3.3, orders the parts of an official document.
    ZhOfficial,
    /// `en-decimal`: 1. / 1.1 / (a) / (i) / (A).
    EnDecimal,
    /// `none`: nothing is numbered.
    None,
}

/// One block of text.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// The id other text refers to (`{#conf}`), for headings and items.
    pub id: Option<String>,
    /// The whole source of the block, without the blank line after it.
    pub span: Span,
}

impl Block {
    /// Its inline contents in reading order: those of a table cell by cell, those of signatures line by line.
    pub fn contents_mut(&mut self) -> Vec<&mut Vec<Inline>> {
        match &mut self.kind {
            BlockKind::Title(content)
            | BlockKind::Heading { content, .. }
            | BlockKind::Item { content, .. }
            | BlockKind::Paragraph { content, .. }
            | BlockKind::Footnote { content, .. } => vec![content],
            BlockKind::Table(table) => {
                let cells = table.rows.iter_mut().flatten();
                cells.map(|cell| &mut cell.content).collect()
            }
            BlockKind::Signature(parties) => parties
                .iter_mut()
                .flat_map(|party| &mut party.lines)
                .collect(),
            BlockKind::PageBreak | BlockKind::Verbatim(_) => Vec::new(),
        }
    }
}

/// The kinds of block.
#[derive(Debug, Clone, PartialEq)]
pub enum BlockKind {
    /// `# Title`: the title of the document.
    Title(Vec<Inline>),
    /// `## Heading` and deeper.
    Heading {
        /// 1 for `##`, 2 for `###`, up to 5.
        level: u8,
        /// Numbered clause, plain, schedule …
        style: HeadingStyle,
        /// The words.
        content: Vec<Inline>,
    },
    /// The first paragraph of a list item: a numbered sub-clause, or a bullet.
    Item {
        /// Nesting of lists, 0 for the outermost.
        depth: u8,
        /// Numbered (`1.`) or bulleted (`-`).
        ordered: bool,
        /// The words.
        content: Vec<Inline>,
    },
    /// An unnumbered paragraph.
    Paragraph {
        /// 0 for body text; n continues an item of depth n - 1.
        depth: u8,
        /// A block quote: a drafting note to the lawyer, or quoted text.
        quote: bool,
        /// The words.
        content: Vec<Inline>,
    },
    /// A table; the first row is its header.
    Table(Table),
    /// A signature block: a fence ```` ```signature ````, one party a paragraph, one line each.
    Signature(Vec<SignatureParty>),
    /// `---` in the body: a new page.
    PageBreak,
    /// `[^label]: text`.
    Footnote {
        /// The label.
        label: String,
        /// The words.
        content: Vec<Inline>,
    },
    /// Code or HTML, kept as it stands (without fences for code).
    Verbatim(String),
}

/// How a heading behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum HeadingStyle {
    /// Takes the next number of its level.
    #[default]
    Numbered,
    /// `{.plain}`: no number.
    Plain,
    /// `{.schedule}`: 附件一 / Schedule 1, counted on their own; items below start again.
    Schedule,
    /// `{.parties}`: no number; items below are (1), (2).
    Parties,
    /// `{.recitals}`: no number; items below are (A), (B).
    Recitals,
}

/// A table.
///
/// Cells may be merged, in rectangles only. In the text a cell that is nothing but `<` belongs to the cell on its
/// left and one that is nothing but `^` to the cell above; `\<` and `\^` are the characters themselves. The top row of
/// a merged rectangle is written with `<`, every cell of the rows below it with `^`:
///
/// ```text
/// | price | <    | total |
/// | ---   | ---  | ---   |
/// | ^     | ^    | 12    |
/// ```
///
/// `<` and `^` that belong to no rectangle stay words.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Alignment of each column.
    pub align: Vec<Align>,
    /// Rows of cells; the first is the header. Every row has `align.len()` cells.
    pub rows: Vec<Vec<Cell>>,
}

/// Alignment of a table column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Align {
    /// Not said.
    #[default]
    None,
    /// `:--`
    Left,
    /// `:-:`
    Center,
    /// `--:`
    Right,
}

/// A table cell.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cell {
    /// The words; none in a cell that is merged into another.
    pub content: Vec<Inline>,
    /// The cell it belongs to, where it is merged into another.
    pub merge: Merge,
    /// Its source, without the bars.
    pub span: Span,
}

/// Which neighbour a table cell is merged into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Merge {
    /// None: a cell of its own.
    #[default]
    None,
    /// The cell on its left (`<`): in the top row of a merged rectangle.
    Left,
    /// The cell above (`^`): in the rows below it.
    Up,
}

/// How far a table cell reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Extent {
    /// Columns, its own included.
    pub columns: usize,
    /// Rows, its own included.
    pub rows: usize,
}

/// A cell of its own, with its place and how far it reaches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placed<'a> {
    /// Its row, from 0.
    pub row: usize,
    /// Its column, from 0.
    pub column: usize,
    /// How far it reaches.
    pub extent: Extent,
    /// The cell.
    pub cell: &'a Cell,
}

/// One signing party: lines such as 甲方（盖章）：{{seller.name}}.
#[derive(Debug, Clone, PartialEq)]
pub struct SignatureParty {
    /// Lines from top to bottom.
    pub lines: Vec<Vec<Inline>>,
}

/// A run of text or one atom, with its marks.
#[derive(Debug, Clone, PartialEq)]
pub struct Inline {
    /// What it is.
    pub kind: InlineKind,
    /// How it is marked.
    pub marks: Marks,
    /// Its source. For text, `text.len()` differs from the span where the source was escaped.
    pub span: Span,
}

/// The kinds of inline content.
#[derive(Debug, Clone, PartialEq)]
pub enum InlineKind {
    /// Words.
    Text(String),
    /// `{{expr}}`: a field or a computed value; carries the expression without braces, trimmed.
    Field(String),
    /// `[](#id)`: a live reference to the clause with that id.
    Reference(String),
    /// A hard line break.
    Break,
    /// `[^label]`.
    FootnoteRef(String),
}

/// Marks of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash)]
pub struct Marks {
    /// `**bold**`
    pub strong: bool,
    /// `*emphasis*`
    pub emphasis: bool,
    /// `~~struck~~`
    pub strike: bool,
    /// `` `code` ``
    pub code: bool,
    /// `[text](href)`
    pub link: Option<String>,
}

/// A declared field of a template.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Name used in `{{name}}`: ASCII letters, digits and `_`.
    pub name: String,
    /// What the form asks; falls back to the name.
    pub label: String,
    /// Type.
    pub kind: FieldKind,
    /// Must be answered.
    pub required: bool,
    /// Help under the input.
    pub help: Option<String>,
    /// Value the form starts with.
    pub default: Option<Answer>,
    /// An example; `--answers sample` fills it in. Every shipped field has one.
    pub sample: Option<Answer>,
    /// Expression that must be true for the field to be asked (`when: has_deposit`).
    pub when: Option<String>,
    /// Heading in the form under which the field stands.
    pub group: Option<String>,
    /// The whole declaration in the text.
    pub span: Span,
}

/// The types of field.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldKind {
    /// One line.
    Text,
    /// Several lines.
    LongText,
    /// A person or company: name, id_number, address, representative, contact, phone, email.
    Party,
    /// An amount; answered as a decimal with at most two places.
    Money {
        /// ISO 4217 code, `CNY` when not said in a Chinese document, `GBP` in an English one.
        currency: String,
    },
    /// A number.
    Number,
    /// A day, `YYYY-MM-DD`.
    Date,
    /// A length of time such as `12 months`: a number and a unit (day, workday, week, month, year).
    Period,
    /// One of several values.
    Choice(Vec<ChoiceOption>),
    /// Yes or no.
    YesNo,
    /// A group of fields, repeated.
    Repeat(Vec<Field>),
}

/// One option of a choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoiceOption {
    /// What expressions see, and what is printed when there is no label.
    pub value: String,
    /// What the form shows and the text prints.
    pub label: String,
}

/// One answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// Text, also dates (`2026-11-23`), periods (`12 months`), choice values, and decimal numbers and amounts as
    /// they were typed ("1200000.00").
    Text(String),
    /// Yes or no.
    Bool(bool),
    /// A party or one row of a repeating group.
    Group(Answers),
    /// The rows of a repeating group.
    List(Vec<Answers>),
}

/// Answers by field name, in a stable order.
pub type Answers = std::collections::BTreeMap<String, Answer>;

/// Replace `span` of a text by `text`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What goes.
    pub span: Span,
    /// What comes.
    pub text: String,
}

/// The computed numbers of a document.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Numbering {
    /// One entry a block: its label, where it has one.
    pub labels: Vec<Option<Label>>,
}

/// The number of a heading or item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// As printed before the text: `第一条`, `一、`, `2.1`, `(a)`.
    pub text: String,
    /// As printed by a reference to it: `第二条`, `第二条第一款`, `2.1(a)`, `Schedule 1`, `附件一`.
    pub reference: String,
    /// Level in the scheme, from 1.
    pub level: u8,
    /// Count within its parent, from 1.
    pub ordinal: u32,
}

/// A template with its answers put in: the text, and where each part of it came from.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filled {
    /// The text with every field replaced.
    pub text: String,
    /// Pieces in order, covering `text` wholly.
    pub pieces: Vec<Piece>,
    /// Fields without a usable answer, bad expressions.
    pub problems: Vec<Problem>,
}

/// A piece of a filled text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// In the filled text.
    pub filled: Span,
    /// In the source.
    pub source: Span,
    /// True when the piece is the value of a field, false when it was copied byte for byte.
    pub value: bool,
}
