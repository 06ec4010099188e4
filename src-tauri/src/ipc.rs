//! Everything that crosses between the window and the program, in one file.
//!
//! The TypeScript twin, `ui/src/ipc.ts`, is written by the test at the end and committed; CI fails when they differ.
//! Positions inside a block are counted as ProseMirror counts them: a UTF-16 unit of text is one, an atom (field,
//! reference, footnote mark, line break) is one.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

mod exports;
mod imports;
mod nodes;
mod offers;
mod server;
mod tuning;
mod views;

pub use exports::*;
pub use imports::import_view;
pub use nodes::blocks;
pub use offers::*;
pub use server::*;
pub use tuning::*;
pub use views::*;

/// A block of the document, shaped as the editor's own JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Node {
    /// The title.
    Title { content: Vec<InlineNode> },
    /// A heading; `attrs.level` is 1 for `##`.
    Heading {
        attrs: HeadingAttrs,
        content: Vec<InlineNode>,
    },
    /// A numbered sub-clause or a bullet.
    Item {
        attrs: ItemAttrs,
        content: Vec<InlineNode>,
    },
    /// Unnumbered text.
    Paragraph {
        attrs: ParagraphAttrs,
        content: Vec<InlineNode>,
    },
    /// A table; the first row is its header.
    Table { content: Vec<RowNode> },
    /// Where the parties sign.
    Signature { content: Vec<PartyNode> },
    /// A new page.
    PageBreak,
    /// The text of a footnote.
    Footnote {
        attrs: FootnoteAttrs,
        content: Vec<InlineNode>,
    },
    /// Text kept as it stands.
    Verbatim { content: Vec<InlineNode> },
}

/// Attributes of a heading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct HeadingAttrs {
    /// 1 to 5.
    pub level: u8,
    /// `numbered`, `plain`, `schedule`, `parties` or `recitals`.
    pub style: HeadingStyleName,
    /// Id that references name.
    pub id: Option<String>,
}

/// Style of a heading by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum HeadingStyleName {
    /// Takes a number.
    Numbered,
    /// Takes none.
    Plain,
    /// 附件 / Schedule.
    Schedule,
    /// The parties.
    Parties,
    /// The background.
    Recitals,
}

/// Attributes of an item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ItemAttrs {
    /// Nesting, from 0.
    pub depth: u8,
    /// Numbered or bulleted.
    pub ordered: bool,
    /// Id that references name.
    pub id: Option<String>,
}

/// Attributes of a paragraph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ParagraphAttrs {
    /// 0, or one more than the depth of the item it continues.
    pub depth: u8,
    /// A drafting note or quoted text.
    pub quote: bool,
}

/// Attributes of a footnote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct FootnoteAttrs {
    /// Its label.
    pub label: String,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename = "table_row")]
pub struct RowNode {
    /// Cells from left to right.
    pub content: Vec<CellNode>,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum CellNode {
    /// A cell of the first row.
    TableHeader {
        attrs: CellAttrs,
        content: Vec<InlineNode>,
    },
    /// Any other cell.
    TableCell {
        attrs: CellAttrs,
        content: Vec<InlineNode>,
    },
}

/// Attributes of a cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct CellAttrs {
    /// `left`, `center`, `right`, or none.
    pub align: Option<AlignName>,
    /// Columns it reaches over, its own included.
    pub colspan: u16,
    /// Rows it reaches over, its own included.
    pub rowspan: u16,
}

/// Alignment by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AlignName {
    /// Left.
    Left,
    /// Centre.
    Center,
    /// Right.
    Right,
}

/// One party of a signature block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename = "signature_party")]
pub struct PartyNode {
    /// Its lines.
    pub content: Vec<LineNode>,
}

/// One line of a signature block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename = "signature_line")]
pub struct LineNode {
    /// Its words.
    pub content: Vec<InlineNode>,
}

/// Inline content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum InlineNode {
    /// Words.
    Text {
        text: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[ts(optional, as = "Option<Vec<Mark>>")]
        marks: Vec<Mark>,
    },
    /// A field chip; `expr` is what stands between the braces.
    Field {
        attrs: FieldAttrs,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[ts(optional, as = "Option<Vec<Mark>>")]
        marks: Vec<Mark>,
    },
    /// A live reference.
    Reference {
        attrs: ReferenceAttrs,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[ts(optional, as = "Option<Vec<Mark>>")]
        marks: Vec<Mark>,
    },
    /// A line break.
    HardBreak,
    /// The mark of a footnote.
    FootnoteRef { attrs: FootnoteAttrs },
}

/// Attributes of a field chip.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct FieldAttrs {
    /// What stands between the braces.
    pub expr: String,
}

/// Attributes of a reference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ReferenceAttrs {
    /// Id of the clause referred to.
    pub target: String,
}

/// A mark on inline content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Mark {
    /// Bold.
    Strong,
    /// Italic, or dots under Chinese text.
    Emphasis,
    /// Struck out.
    Strike,
    /// Code.
    Code,
    /// A link.
    Link { attrs: LinkAttrs },
}

/// Attributes of a link.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct LinkAttrs {
    /// Where it leads.
    pub href: String,
}

/// Language by tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Lang {
    /// Chinese.
    Zh,
    /// English.
    En,
}

/// A failure, for people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Failure {
    /// Only what the window acts on: `conflict`, `not_found`, `bad_input`, `no_model`, `disk`, `internal`.
    pub code: String,
    /// What happened, to which file or field.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

/// What the window needs to start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Boot {
    /// Version of the program.
    pub version: String,
    /// Language of the window.
    pub language: Lang,
    /// Document that was open last.
    pub last_document: Option<String>,
    /// Folder with all data.
    pub home: String,
    /// Kinds of document with their names in the window's language.
    pub kinds: Vec<KindName>,
}

/// A kind of document and its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct KindName {
    /// `sale` …
    pub kind: String,
    /// 买卖 …
    pub name: String,
}

/// A template as the list shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct TemplateCard {
    pub id: String,
    pub title: String,
    pub kind: String,
    pub language: Lang,
    pub summary: String,
    /// Made here rather than shipped.
    pub own: bool,
}

/// A template opened for its form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct TemplateView {
    pub card: TemplateCard,
    /// Its whole text, for editing.
    pub text: String,
    pub fields: Vec<FieldView>,
    /// Guidance for the lawyer.
    pub notes: Vec<String>,
    /// Statutes it rests on.
    pub basis: Vec<String>,
    /// What is wrong with it.
    pub problems: Vec<ProblemView>,
}

/// Something wrong in a template: line and field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ProblemView {
    pub line: usize,
    pub field: Option<String>,
    pub message: String,
}

/// A field of the form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct FieldView {
    pub name: String,
    pub label: String,
    #[serde(rename = "type")]
    pub kind: FieldType,
    pub required: bool,
    pub help: Option<String>,
    pub group: Option<String>,
    /// Answer the form starts with.
    pub default: Option<AnswerView>,
    /// An example.
    pub sample: Option<AnswerView>,
    /// For `choice`.
    pub options: Vec<OptionView>,
    /// For `repeat`, and the parts of a `party`.
    pub fields: Vec<FieldView>,
    /// For `money`: ISO 4217.
    pub currency: Option<String>,
    /// False when its condition says it need not be asked now.
    pub asked: bool,
    /// True when a change of it changes which clauses stand (it occurs in a condition or is repeated).
    pub structural: bool,
}

/// Type of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    Text,
    LongText,
    Party,
    Money,
    Number,
    Date,
    Period,
    Choice,
    YesNo,
    Repeat,
}

/// An option of a choice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct OptionView {
    pub value: String,
    pub label: String,
}

/// An answer: text, yes or no, a group, or rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(untagged)]
pub enum AnswerView {
    Bool(bool),
    Text(String),
    List(Vec<std::collections::BTreeMap<String, AnswerView>>),
    Group(std::collections::BTreeMap<String, AnswerView>),
}

/// Answers by field.
pub type AnswersView = std::collections::BTreeMap<String, AnswerView>;

/// A clause of the library as a card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ClauseCard {
    pub id: String,
    pub title: String,
    /// Alternatives share a topic.
    pub topic: String,
    pub language: Lang,
    pub kinds: Vec<String>,
    /// `neutral`, `party_a`, `party_b`.
    pub side: String,
    /// 利于卖方 …
    pub side_label: Option<String>,
    /// `short`, `standard`, `long`.
    pub length: String,
    pub tags: Vec<String>,
    pub notes: Vec<String>,
    pub basis: Vec<String>,
    /// First words of the body.
    pub excerpt: String,
    pub own: bool,
}

/// A document as the list shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct DocumentCard {
    pub id: String,
    pub title: String,
    pub kind: Option<String>,
    pub language: Lang,
    /// Unix milliseconds.
    #[ts(type = "number")]
    pub updated_at: i64,
    /// In the trash.
    pub deleted: bool,
}

/// A document opened in the editor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct DocumentView {
    pub card: DocumentCard,
    pub nodes: Vec<Node>,
    pub fields: Vec<FieldView>,
    #[ts(type = "Record<string, AnswerView>")]
    pub answers: AnswersView,
    pub derived: Derived,
}

/// Replace `remove` blocks from `from` by `insert`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Change {
    pub from: usize,
    pub remove: usize,
    pub insert: Vec<Node>,
}

/// Everything computed from the text and the answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Derived {
    /// Counts the changes the program has seen of this document; the next `sync` names it as its base.
    #[ts(type = "number")]
    pub seq: u64,
    /// One entry a block: its number as printed, or null.
    pub labels: Vec<Option<String>>,
    /// Clause id → how a reference to it reads.
    #[ts(type = "Record<string, string>")]
    pub references: std::collections::BTreeMap<String, String>,
    /// Expression → what the chip shows.
    #[ts(type = "Record<string, ChipView>")]
    pub chips: std::collections::BTreeMap<String, ChipView>,
    pub findings: Vec<FindingView>,
    /// Characters (Chinese) or words (English).
    pub words: usize,
    /// Unix milliseconds of the save that holds this text.
    #[ts(type = "number")]
    pub saved_at: i64,
}

/// What a chip shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ChipView {
    pub text: String,
    pub state: ChipState,
    /// The form field it belongs to.
    pub field: Option<String>,
}

/// State of a chip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ChipState {
    Filled,
    Empty,
    Error,
}

/// A place in the editor's document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Place {
    /// Index of the block.
    pub block: usize,
    /// For tables and signature blocks: row (party) and column (line).
    pub cell: Option<(usize, usize)>,
    /// Offsets inside the block or cell.
    pub from: usize,
    pub to: usize,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct FindingView {
    /// Stable while the same fault stands, for `ignore_finding` and `fix_change`.
    pub key: String,
    pub rule: String,
    /// Name of the rule in the window's language.
    pub rule_name: String,
    pub severity: SeverityName,
    pub message: String,
    pub basis: Option<String>,
    pub notes: Vec<String>,
    /// The words it is about.
    pub quote: String,
    /// Where; none for the document as a whole.
    pub place: Option<Place>,
    /// The wording of the button, when one click mends it.
    pub fix: Option<String>,
    /// Ignored, with this reason.
    pub ignored: Option<String>,
}

/// Severity by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SeverityName {
    Error,
    Warning,
    Note,
}

/// Result of changing answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Answered {
    /// New values of the chips and so on.
    pub derived: Derived,
    pub fields: Vec<FieldView>,
    /// Set when a structural answer changed which clauses stand: changes to apply in order, already merged with what the lawyer wrote.
    pub changes: Vec<Change>,
    /// Clauses where the lawyer's own wording was kept although the template says otherwise now.
    pub conflicts: usize,
}

/// Result of inserting a clause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ClauseInsert {
    pub change: Change,
    /// The form, with the clause's own fields added.
    pub fields: Vec<FieldView>,
}

/// A saved version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct VersionCard {
    pub id: String,
    #[ts(type = "number")]
    pub created_at: i64,
    pub label: Option<String>,
    /// `autosave`, `named`, `before_restore`, `before_redraft`, `export`, `elsewhere`, `import`.
    pub reason: String,
    pub words: usize,
}

/// A place of a Word template that wants a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct WordPlace {
    pub id: String,
    /// Empty where the words around it tell none.
    pub name: String,
    pub text: String,
    pub before: String,
    pub after: String,
    pub takes: Takes,
    /// The choices of a list; the names every row has.
    pub choices: Vec<String>,
}

/// What a place of a Word template takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Takes {
    Words,
    Blank,
    Date,
    Choice,
    YesNo,
    Rows,
}

/// Something that changed since a version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ChangedView {
    pub kind: ChangedKind,
    /// Its words, shortened: the new ones, or the old ones of a deletion.
    pub quote: String,
}

/// How something changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ChangedKind {
    Inserted,
    Deleted,
    Replaced,
    Moved,
    Formatted,
}

/// What the assistant is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AssistTask {
    /// Write the clause whose heading is at the block.
    Draft,
    /// Go on after the block.
    Continue,
    /// Write the block again.
    Rewrite,
}

/// A request to the assistant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AssistRequest {
    pub document: String,
    pub task: AssistTask,
    /// Block the caret is in.
    pub block: usize,
    /// What the lawyer asks in words.
    pub instruction: String,
}

/// A proposal: never applied unasked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Proposal {
    /// Blocks to put in.
    pub change: Change,
    /// Where it comes from: the model, or the library clause.
    pub source: ProposalSource,
    /// What its chips would show, by expression.
    #[ts(type = "Record<string, ChipView>")]
    pub chips: std::collections::BTreeMap<String, ChipView>,
    /// How its references would read, by the id of the clause.
    #[ts(type = "Record<string, string>")]
    pub references: std::collections::BTreeMap<String, String>,
}

/// Source of a proposal. The style is the name of what a model has learnt and wrote with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ProposalSource {
    Model {
        name: String,
        style: Option<String>,
    },
    Server {
        name: String,
        address: String,
    },
    Clause {
        card: Box<ClauseCard>,
    },
    /// A clause of the firm's own, which the house style in use was taught.
    House {
        document: String,
        heading: String,
        excerpt: String,
    },
}

/// Events of a job in the assistant; exactly one `Ended` comes last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AssistEvent {
    /// The model reads the context.
    Reading { done: usize, total: usize },
    /// More words.
    Words { text: String },
    /// Wordings to choose from, best first; `why` says why the library answers instead of a model, and what to fetch.
    Proposals {
        proposals: Vec<Proposal>,
        why: Option<String>,
        fetch: Option<String>,
    },
    /// The end.
    Ended {
        outcome: Outcome,
        failure: Option<Failure>,
    },
}

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Done,
    Failed,
    Cancelled,
}

/// What keystrokes in the open document cost, for `bench open`; milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Keystrokes {
    /// From the key to the page laid out anew: median and longest.
    pub median: f64,
    pub longest: f64,
    /// Taking over numbers, references and findings after a save: longest.
    pub derived: f64,
    /// Longest time between two frames while typing.
    pub frame: f64,
    /// Characters typed that stand in the text.
    pub typed: u32,
}

/// Frames that the window drew during a while, for `bench frames`; milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Frames {
    /// How long it was watched.
    pub watched: f64,
    /// Frames drawn.
    pub frames: u32,
    /// Time between two frames: median and longest.
    pub median: f64,
    pub longest: f64,
    /// Frames that came so late that one before them was left out.
    pub late: u32,
}

/// Figures of the window for the benchmark.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Measured {
    Keystrokes(Keystrokes),
    /// While nothing happens, while the model reads, and while it writes into the page, which ended with so many
    /// characters.
    Writing {
        still: Frames,
        reading: Frames,
        writing: Frames,
        characters: u32,
    },
}

/// A model of the catalogue, or one added by hand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ModelView {
    pub id: String,
    pub name: String,
    pub languages: Vec<Lang>,
    pub licence: String,
    /// Bytes on disk.
    #[ts(type = "number")]
    pub size: u64,
    /// Bytes of memory it needs.
    #[ts(type = "number")]
    pub memory: u64,
    pub installed: bool,
    /// Used for drafting now.
    pub chosen: bool,
    /// Can be fetched from here (else only added as a file).
    pub fetchable: bool,
    /// Whether `size` is only about what a fetch comes to.
    pub about: bool,
    /// Bytes of a fetch that broke off or was cancelled; the next goes on from there.
    #[ts(type = "number")]
    pub partial: u64,
    /// Languages it is recommended for.
    pub recommended: Vec<Lang>,
    /// Its terms are to be accepted before a fetch; where they can be read.
    pub terms: Option<String>,
    /// What stands in the way, if anything.
    pub note: Option<String>,
}

/// Where models on this machine run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct DeviceView {
    /// `automatic`, `processor` or `card`.
    pub choice: String,
    /// Whether this build can use graphics cards.
    pub cards: bool,
    /// Where the model in memory runs; none while none is loaded.
    pub running: Option<String>,
}

/// Events of a fetch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FetchEvent {
    Progress {
        #[ts(type = "number")]
        done: u64,
        #[ts(type = "number")]
        total: u64,
    },
    Ended {
        outcome: Outcome,
        failure: Option<Failure>,
    },
}

/// Progress of an import.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ImportProgress {
    pub done: usize,
    pub total: usize,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ImportView {
    pub imported: Vec<ImportedView>,
    pub refused: Vec<RefusedView>,
    /// Files of other types that were passed over.
    pub others: usize,
    /// It was cancelled, or the disk refused.
    pub cancelled: bool,
}

/// A file that became a document, or was one before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ImportedView {
    /// Name of the file.
    pub file: String,
    pub card: DocumentCard,
    /// It had been imported before; nothing was added.
    pub known: bool,
    /// What could not be kept, a sentence each.
    pub warnings: Vec<String>,
}

/// A file that could not be imported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct RefusedView {
    /// Name of the file.
    pub file: String,
    pub failure: Failure,
}

/// A hit of the search over everything.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Hit {
    pub kind: HitKind,
    pub id: String,
    pub title: String,
    /// Words around the match.
    pub snippet: String,
    /// Ranges of the snippet to mark, in UTF-16 units.
    pub marks: Vec<(usize, usize)>,
    pub language: Lang,
}

/// What a hit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum HitKind {
    Document,
    Template,
    Clause,
}

#[cfg(test)]
mod typescript;
