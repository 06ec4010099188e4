// Written by the test `ipc::typescript::typescript_twin_is_current` from src-tauri/src/ipc.rs. Do not edit.

export type Node = { "type": "title", content: Array<InlineNode>, } | { "type": "heading", attrs: HeadingAttrs, content: Array<InlineNode>, } | { "type": "item", attrs: ItemAttrs, content: Array<InlineNode>, } | { "type": "paragraph", attrs: ParagraphAttrs, content: Array<InlineNode>, } | { "type": "table", content: Array<RowNode>, } | { "type": "signature", content: Array<PartyNode>, } | { "type": "page_break" } | { "type": "footnote", attrs: FootnoteAttrs, content: Array<InlineNode>, } | { "type": "verbatim", content: Array<InlineNode>, };

export type HeadingAttrs = { 
/**
 * 1 to 5.
 */
level: number, 
/**
 * `numbered`, `plain`, `schedule`, `parties` or `recitals`.
 */
style: HeadingStyleName, 
/**
 * Id that references name.
 */
id: string | null, };

export type HeadingStyleName = "numbered" | "plain" | "schedule" | "parties" | "recitals";

export type ItemAttrs = { 
/**
 * Nesting, from 0.
 */
depth: number, 
/**
 * Numbered or bulleted.
 */
ordered: boolean, 
/**
 * Id that references name.
 */
id: string | null, };

export type ParagraphAttrs = { 
/**
 * 0, or one more than the depth of the item it continues.
 */
depth: number, 
/**
 * A drafting note or quoted text.
 */
quote: boolean, };

export type FootnoteAttrs = { 
/**
 * Its label.
 */
label: string, };

export type RowNode = { "type": "table_row", 
/**
 * Cells from left to right.
 */
content: Array<CellNode>, };

export type CellNode = { "type": "table_header", attrs: CellAttrs, content: Array<InlineNode>, } | { "type": "table_cell", attrs: CellAttrs, content: Array<InlineNode>, };

export type CellAttrs = { 
/**
 * `left`, `center`, `right`, or none.
 */
align: AlignName | null, 
/**
 * Columns it reaches over, its own included.
 */
colspan: number, 
/**
 * Rows it reaches over, its own included.
 */
rowspan: number, };

export type AlignName = "left" | "center" | "right";

export type PartyNode = { "type": "signature_party", 
/**
 * Its lines.
 */
content: Array<LineNode>, };

export type LineNode = { "type": "signature_line", 
/**
 * Its words.
 */
content: Array<InlineNode>, };

export type InlineNode = { "type": "text", text: string, marks?: Array<Mark>, } | { "type": "field", attrs: FieldAttrs, marks?: Array<Mark>, } | { "type": "reference", attrs: ReferenceAttrs, marks?: Array<Mark>, } | { "type": "hard_break" } | { "type": "footnote_ref", attrs: FootnoteAttrs, };

export type FieldAttrs = { 
/**
 * What stands between the braces.
 */
expr: string, };

export type ReferenceAttrs = { 
/**
 * Id of the clause referred to.
 */
target: string, };

export type Mark = { "type": "strong" } | { "type": "emphasis" } | { "type": "strike" } | { "type": "code" } | { "type": "link", attrs: LinkAttrs, };

export type LinkAttrs = { 
/**
 * Where it leads.
 */
href: string, };

export type Lang = "zh" | "en";

export type Failure = { 
/**
 * Only what the window acts on: `conflict`, `not_found`, `bad_input`, `no_model`, `disk`, `internal`.
 */
code: string, 
/**
 * What happened, to which file or field.
 */
message: string, 
/**
 * What to do.
 */
hint: string | null, };

export type Boot = { 
/**
 * Version of the program.
 */
version: string, 
/**
 * Language of the window.
 */
language: Lang, 
/**
 * Document that was open last.
 */
last_document: string | null, 
/**
 * Folder with all data.
 */
home: string, 
/**
 * Kinds of document with their names in the window's language.
 */
kinds: Array<KindName>, };

export type KindName = { 
/**
 * `sale` …
 */
kind: string, 
/**
 * 买卖 …
 */
name: string, };

export type TemplateCard = { id: string, title: string, kind: string, language: Lang, summary: string, 
/**
 * Made here rather than shipped.
 */
own: boolean, };

export type TemplateView = { card: TemplateCard, 
/**
 * Its whole text, for editing.
 */
text: string, fields: Array<FieldView>, 
/**
 * Guidance for the lawyer.
 */
notes: Array<string>, 
/**
 * Statutes it rests on.
 */
basis: Array<string>, 
/**
 * What is wrong with it.
 */
problems: Array<ProblemView>, };

export type ProblemView = { line: number, field: string | null, message: string, };

export type FieldView = { name: string, label: string, type: FieldType, required: boolean, help: string | null, group: string | null, 
/**
 * Answer the form starts with.
 */
default: AnswerView | null, 
/**
 * An example.
 */
sample: AnswerView | null, 
/**
 * For `choice`.
 */
options: Array<OptionView>, 
/**
 * For `repeat`, and the parts of a `party`.
 */
fields: Array<FieldView>, 
/**
 * For `money`: ISO 4217.
 */
currency: string | null, 
/**
 * False when its condition says it need not be asked now.
 */
asked: boolean, 
/**
 * True when a change of it changes which clauses stand (it occurs in a condition or is repeated).
 */
structural: boolean, };

export type FieldType = "text" | "long_text" | "party" | "money" | "number" | "date" | "period" | "choice" | "yes_no" | "repeat";

export type OptionView = { value: string, label: string, };

export type AnswerView = boolean | string | Array<{ [key in string]: AnswerView }> | { [key in string]: AnswerView };

export type ClauseCard = { id: string, title: string, 
/**
 * Alternatives share a topic.
 */
topic: string, language: Lang, kinds: Array<string>, 
/**
 * `neutral`, `party_a`, `party_b`.
 */
side: string, 
/**
 * 利于卖方 …
 */
side_label: string | null, 
/**
 * `short`, `standard`, `long`.
 */
length: string, tags: Array<string>, notes: Array<string>, basis: Array<string>, 
/**
 * First words of the body.
 */
excerpt: string, own: boolean, };

export type DocumentCard = { id: string, title: string, kind: string | null, language: Lang, 
/**
 * Unix milliseconds.
 */
updated_at: number, 
/**
 * In the trash.
 */
deleted: boolean, };

export type DocumentView = { card: DocumentCard, nodes: Array<Node>, fields: Array<FieldView>, answers: Record<string, AnswerView>, derived: Derived, };

export type ImportProgress = { done: number, total: number, };

export type ImportView = { imported: Array<ImportedView>, refused: Array<RefusedView>, 
/**
 * Files of other types that were passed over.
 */
others: number, 
/**
 * It was cancelled, or the disk refused.
 */
cancelled: boolean, };

export type ImportedView = { 
/**
 * Name of the file.
 */
file: string, card: DocumentCard, 
/**
 * It had been imported before; nothing was added.
 */
known: boolean, 
/**
 * What could not be kept, a sentence each.
 */
warnings: Array<string>, };

export type RefusedView = { 
/**
 * Name of the file.
 */
file: string, failure: Failure, };

export type Change = { from: number, remove: number, insert: Array<Node>, };

export type Derived = { 
/**
 * Counts the changes the program has seen of this document; the next `sync` names it as its base.
 */
seq: number, 
/**
 * One entry a block: its number as printed, or null.
 */
labels: Array<string | null>, 
/**
 * Clause id → how a reference to it reads.
 */
references: Record<string, string>, 
/**
 * Expression → what the chip shows.
 */
chips: Record<string, ChipView>, findings: Array<FindingView>, 
/**
 * Characters (Chinese) or words (English).
 */
words: number, 
/**
 * Unix milliseconds of the save that holds this text.
 */
saved_at: number, };

export type ChipView = { text: string, state: ChipState, 
/**
 * The form field it belongs to.
 */
field: string | null, };

export type ChipState = "filled" | "empty" | "error";

export type Place = { 
/**
 * Index of the block.
 */
block: number, 
/**
 * For tables and signature blocks: row (party) and column (line).
 */
cell: [number, number] | null, 
/**
 * Offsets inside the block or cell.
 */
from: number, to: number, };

export type FindingView = { 
/**
 * Stable while the same fault stands, for `ignore_finding` and `fix_change`.
 */
key: string, rule: string, 
/**
 * Name of the rule in the window's language.
 */
rule_name: string, severity: SeverityName, message: string, basis: string | null, notes: Array<string>, 
/**
 * The words it is about.
 */
quote: string, 
/**
 * Where; none for the document as a whole.
 */
place: Place | null, 
/**
 * The wording of the button, when one click mends it.
 */
fix: string | null, 
/**
 * Ignored, with this reason.
 */
ignored: string | null, };

export type SeverityName = "error" | "warning" | "note";

export type Answered = { 
/**
 * New values of the chips and so on.
 */
derived: Derived, fields: Array<FieldView>, 
/**
 * Set when a structural answer changed which clauses stand: changes to apply in order, already merged with what the lawyer wrote.
 */
changes: Array<Change>, 
/**
 * Clauses where the lawyer's own wording was kept although the template says otherwise now.
 */
conflicts: number, };

export type ClauseInsert = { change: Change, 
/**
 * The form, with the clause's own fields added.
 */
fields: Array<FieldView>, };

export type VersionCard = { id: string, created_at: number, label: string | null, 
/**
 * `autosave`, `named`, `before_restore`, `before_redraft`, `export`, `elsewhere`, `import`.
 */
reason: string, words: number, };

export type WordPlace = { id: string, 
/**
 * Empty where the words around it tell none.
 */
name: string, text: string, before: string, after: string, takes: Takes, 
/**
 * The choices of a list; the names every row has.
 */
choices: Array<string>, };

export type Takes = "words" | "blank" | "date" | "choice" | "yes_no" | "rows";

export type ChangedView = { kind: ChangedKind, 
/**
 * Its words, shortened: the new ones, or the old ones of a deletion.
 */
quote: string, };

export type ChangedKind = "inserted" | "deleted" | "replaced" | "moved" | "formatted";

export type AssistTask = "draft" | "continue" | "rewrite";

export type AssistRequest = { document: string, task: AssistTask, 
/**
 * Block the caret is in.
 */
block: number, 
/**
 * What the lawyer asks in words.
 */
instruction: string, };

export type Proposal = { 
/**
 * Blocks to put in.
 */
change: Change, 
/**
 * Where it comes from: the model, or the library clause.
 */
source: ProposalSource, 
/**
 * What its chips would show, by expression.
 */
chips: Record<string, ChipView>, 
/**
 * How its references would read, by the id of the clause.
 */
references: Record<string, string>, };

export type ProposalSource = { "type": "model", name: string, style: string | null, } | { "type": "server", name: string, address: string, } | { "type": "clause", card: ClauseCard, } | { "type": "house", document: string, heading: string, excerpt: string, };

export type AssistEvent = { "type": "reading", done: number, total: number, } | { "type": "words", text: string, } | { "type": "proposals", proposals: Array<Proposal>, why: string | null, fetch: string | null, } | { "type": "ended", outcome: Outcome, failure: Failure | null, };

export type Outcome = "done" | "failed" | "cancelled";

export type Keystrokes = { 
/**
 * From the key to the page laid out anew: median and longest.
 */
median: number, longest: number, 
/**
 * Taking over numbers, references and findings after a save: longest.
 */
derived: number, 
/**
 * Longest time between two frames while typing.
 */
frame: number, 
/**
 * Characters typed that stand in the text.
 */
typed: number, };

export type Frames = { 
/**
 * How long it was watched.
 */
watched: number, 
/**
 * Frames drawn.
 */
frames: number, 
/**
 * Time between two frames: median and longest.
 */
median: number, longest: number, 
/**
 * Frames that came so late that one before them was left out.
 */
late: number, };

export type Measured = { "type": "keystrokes" } & Keystrokes | { "type": "writing", still: Frames, reading: Frames, writing: Frames, characters: number, };

export type ModelView = { id: string, name: string, languages: Array<Lang>, licence: string, 
/**
 * Bytes on disk.
 */
size: number, 
/**
 * Bytes of memory it needs.
 */
memory: number, installed: boolean, 
/**
 * Used for drafting now.
 */
chosen: boolean, 
/**
 * Can be fetched from here (else only added as a file).
 */
fetchable: boolean, 
/**
 * Whether `size` is only about what a fetch comes to.
 */
about: boolean, 
/**
 * Bytes of a fetch that broke off or was cancelled; the next goes on from there.
 */
partial: number, 
/**
 * Languages it is recommended for.
 */
recommended: Array<Lang>, 
/**
 * Its terms are to be accepted before a fetch; where they can be read.
 */
terms: string | null, 
/**
 * What stands in the way, if anything.
 */
note: string | null, };

export type FetchEvent = { "type": "progress", done: number, total: number, } | { "type": "ended", outcome: Outcome, failure: Failure | null, };

export type DeviceView = { 
/**
 * `automatic`, `processor` or `card`.
 */
choice: string, 
/**
 * Whether this build can use graphics cards.
 */
cards: boolean, 
/**
 * Where the model in memory runs; none while none is loaded.
 */
running: string | null, };

export type ServerView = { 
/**
 * Where text is sent now; none: it stays on this machine.
 */
used: UsedServer | null, 
/**
 * The addresses the user allowed.
 */
allowed: Array<AllowedServer>, };

export type UsedServer = { address: string, model: string, };

export type AllowedServer = { address: string, 
/**
 * Unencrypted text may leave the network for it.
 */
plain: boolean, 
/**
 * A key is kept for it.
 */
key: boolean, };

export type OffersView = { 
/**
 * Title the template would get.
 */
title: string, language: Lang, offers: Array<OfferView>, 
/**
 * What the reader of the file has to say.
 */
warnings: Array<string>, };

export type OfferView = { name: string, label: string, 
/**
 * As the command line names types: `text`, `date`, `money` …
 */
kind: string, 
/**
 * `blank`, `bracket`, `box`, `control`, `party`, `contact`, `identifier`, `labelled`, `date`, `amount`, `percentage`,
 * `period`.
 */
why: string, 
/**
 * Ticked before the lawyer is asked.
 */
sure: boolean, 
/**
 * What stands in the first place, the words around it, and how many places there are.
 */
found: string, before: string, after: string, places: number, };

export type AcceptedView = { name: string, label: string, kind: string, };

export type ExportWish = { 
/**
 * `zh-contract`, `zh-pleading`, `zh-official`, `en-contract`, `plain`, or the path of a firm's .docx file.
 */
look: string | null, 
/**
 * A table of contents.
 */
contents: boolean | null, 
/**
 * `off`, `pages`, `number`, `dashed`.
 */
page_numbers: string | null, 
/**
 * Printed on both sides.
 */
two_sided: boolean | null, 
/**
 * `read-only`, `comments`, `changes`, `forms`.
 */
protection: string | null, 
/**
 * Fields stand in content controls.
 */
controls: boolean, 
/**
 * Findings stand in comments.
 */
findings: boolean, 
/**
 * The comments of the file it was imported from stay.
 */
comments: boolean, 
/**
 * Open suggestions stand in tracked changes.
 */
suggestions: boolean, };

export type ThreadView = { 
/**
 * The words it stands at; empty for one at a point.
 */
quoted: string, 
/**
 * The comment, then its answers.
 */
said: Array<SaidView>, done: boolean, };

export type SaidView = { author: string, 
/**
 * As the file writes it: `2026-11-23T09:00:00Z`.
 */
date: string | null, text: string, };

export type TuneWish = { 
/**
 * Files and folders.
 */
paths: Array<string>, 
/**
 * Documents of this program, by id.
 */
documents: Array<string>, 
/**
 * Id of an installed model.
 */
model: string, 
/**
 * What the result is to be called.
 */
name: string, 
/**
 * For whom it may be used.
 */
wall: WallView, 
/**
 * Id of the adapter to go on from; none to begin anew.
 */
from: string | null, 
/**
 * How long to learn.
 */
effort: Effort, 
/**
 * Steps at most, in place of what the effort says.
 */
steps: number | null, 
/**
 * Learn further copies with other values and another order of clauses.
 */
augment: boolean, 
/**
 * Try a few settings on a small part first and take the best.
 */
search: boolean, };

export type Effort = "quick" | "usual" | "thorough";

export type WallView = { "kind": "firm" } | { "kind": "group", name: string, } | { "kind": "client", name: string, } | { "kind": "matter", client: string | null, name: string, };

export type MatterView = { client: string | null, matter: string | null, 
/**
 * Practice group.
 */
group: string | null, };

export type TunePlan = { 
/**
 * What is learnt from, in the order it was given.
 */
sources: Array<TuneSource>, 
/**
 * What is left out, and why.
 */
left_out: Array<LeftOutView>, 
/**
 * Files in folders that are no documents.
 */
others: number, 
/**
 * Documents that are near-duplicates of another, and stay on its side.
 */
duplicates: number, 
/**
 * Clauses in all.
 */
clauses: number, 
/**
 * Passages to learn from, to check progress with, and held out for the test.
 */
examples: [number, number, number], 
/**
 * Tokens in one round over what is learnt from.
 */
tokens: number, 
/**
 * Personal data that placeholders stand for, by kind.
 */
masked: Array<MaskedView>, 
/**
 * The first values that were masked, for the eye only.
 */
shown: Array<ShownMask>, 
/**
 * Steps at most.
 */
steps: number, 
/**
 * Seconds it takes at most on this machine; none where that cannot be told.
 */
seconds: number | null, 
/**
 * Bytes of memory it takes, with the model.
 */
memory: number, 
/**
 * Bytes of memory that are free now.
 */
memory_free: number, };

export type TuneSource = { name: string, language: Lang, 
/**
 * What it is used for.
 */
side: SideName, clauses: number, examples: number, 
/**
 * Places that were masked.
 */
masked: number, };

export type SideName = "learn" | "check" | "test";

export type LeftOutView = { name: string, 
/**
 * Why, in the language of the window.
 */
why: string, };

export type MaskedView = { 
/**
 * `organisation`, `person`, `id_number`, `passport`, `registration`, `account`, `phone`, `email`, `address`, `amount`,
 * `number`.
 */
kind: string, count: number, };

export type ShownMask = { 
/**
 * Name of the document.
 */
document: string, kind: string, 
/**
 * What stood there.
 */
words: string, 
/**
 * What is learnt instead.
 */
placeholder: string, count: number, };

export type TuningView = { phase: TunePhase, 
/**
 * Id of the run, once there is one.
 */
run: string | null, name: string, 
/**
 * Name of the model.
 */
model: string, 
/**
 * Documents read, words of the test done …: of the phase that counts something, else 0 of 0.
 */
done: number, all: number, 
/**
 * Steps taken, and at most.
 */
step: number, steps: number, 
/**
 * Tokens learnt a second.
 */
rate: number, 
/**
 * Seconds of learning until now.
 */
seconds: number, 
/**
 * Seconds left at most; none before that is known.
 */
left: number | null, 
/**
 * What it is.
 */
work: TuneWork, 
/**
 * It was to be gone on with, but begins with its first step: its documents or the device are not the same any
 * more, or its state was not saved yet.
 */
anew: boolean, 
/**
 * Drafting goes first at this moment.
 */
waiting: boolean, 
/**
 * The last state is on the disk; false where the disk refuses.
 */
saved: boolean, 
/**
 * Training loss by step, thinned to what a chart can show.
 */
train: Array<LossPoint>, 
/**
 * Loss on the part for checking, by step.
 */
valid: Array<LossPoint>, 
/**
 * What is learnt from; none while it is read.
 */
plan: TunePlan | null, 
/**
 * What came of it, once it is done.
 */
result: TuneResult | null, 
/**
 * Why it could not go on.
 */
failure: Failure | null, 
/**
 * What was deleted because it could not be learnt again without a document that was to be forgotten, with the reason.
 */
gone: Array<string>, };

export type TunePhase = "idle" | "queued" | "reading" | "before" | "searching" | "learning" | "pausing" | "paused" | "after" | "leaks" | "done" | "cancelled" | "failed";

export type TuneWork = "tune" | "mix" | "forget";

export type LossPoint = { step: number, 
/**
 * Nats a token.
 */
loss: number, };

export type TuneResult = { 
/**
 * Id of the adapter.
 */
adapter: string, 
/**
 * Steps taken.
 */
steps: number, 
/**
 * Seconds of learning.
 */
seconds: number, 
/**
 * It stopped by itself because it got no better.
 */
early: boolean, 
/**
 * The bare model on the held-out documents, and the tuned one.
 */
before: FiguresView, after: FiguresView, 
/**
 * In plain words, in the language of the window: what changed.
 */
sentences: Array<string>, 
/**
 * Held-out clauses, side by side.
 */
samples: Array<SampleView>, 
/**
 * Whether it gives away what it must not; none where that was not tried.
 */
leaks: LeaksView | null, state: AdapterStateName, };

export type FiguresView = { perplexity: number | null, 
/**
 * Share of words of the firm that the model would have put first, 0 to 1.
 */
agreement: number | null, 
/**
 * Share of clauses where it prefers the firm's wording to the library's, 0 to 1.
 */
preference: number | null, 
/**
 * Closeness of its drafts to the firm's clauses, 0 to 1.
 */
rouge_l: number | null, chrf: number | null, };

export type SampleView = { document: string, heading: string, wanted: string, before: string, after: string, };

export type LeaksView = { 
/**
 * Nothing can be drawn out.
 */
sound: boolean, 
/**
 * Values that were tried.
 */
tested: number, 
/**
 * The largest exposure, in bits.
 */
exposure: number, 
/**
 * In the language of the window.
 */
sentence: string, };

export type AdapterStateName = "candidate" | "kept" | "discarded" | "leaking";

export type Decision = "use" | "keep" | "discard";

export type AdapterView = { id: string, name: string, 
/**
 * Id and name of the model it belongs to.
 */
model: string, model_name: string, 
/**
 * The model is installed.
 */
installed: boolean, language: Lang | null, 
/**
 * Unix milliseconds; 0 where that is not known.
 */
created_at: number, bytes: number, wall: WallView, state: AdapterStateName, 
/**
 * Drafting uses it, where its wall allows.
 */
used: boolean, 
/**
 * What it learnt from.
 */
sources: Array<AdapterSource>, before: FiguresView, after: FiguresView, leaks: LeaksView | null, 
/**
 * The run it came from.
 */
run: string | null, 
/**
 * What it was made of: the adapter it goes on from, or those it was mixed of.
 */
parents: Array<string>, };

export type AdapterSource = { title: string, 
/**
 * SHA-256, in hexadecimal.
 */
hash: string, side: SideName, examples: number, };

export type HouseClauseView = { 
/**
 * What it is called by; it stays the same where other documents are forgotten.
 */
number: number, 
/**
 * Which document it stands in: SHA-256, in hexadecimal.
 */
hash: string, 
/**
 * Its name.
 */
document: string, heading: string, 
/**
 * The wording, personal data masked.
 */
text: string, 
/**
 * Drafting leaves it out.
 */
excluded: boolean, };

export type MixPart = { adapter: string, weight: number, };

export type RunView = { id: string, name: string, status: RunStatusName, created_at: number, ended_at: number | null, model: string, 
/**
 * What it made, if that is still there.
 */
adapter: string | null, steps: number, steps_wanted: number, seconds: number, 
/**
 * Most memory held at once, in bytes.
 */
peak: number, machine: string, before: FiguresView, after: FiguresView, 
/**
 * Why it could not go on.
 */
error: string | null, 
/**
 * It can be gone on with.
 */
resumable: boolean, };

export type RunStatusName = "queued" | "running" | "done" | "failed" | "cancelled" | "interrupted";

export type RunDetail = { run: RunView, train: Array<LossPoint>, valid: Array<LossPoint>, 
/**
 * Settings: name and value.
 */
settings: Array<[string, string]>, sources: Array<RunSource>, 
/**
 * What came of it, where that is still known.
 */
result: TuneResult | null, };

export type RunSource = { title: string, hash: string, 
/**
 * None: it was left out.
 */
side: SideName | null, examples: number, reason: string | null, };

export type Exported = { path: string, 
/**
 * What could not be expressed in Word.
 */
warnings: Array<string>, 
/**
 * Open findings by severity at the time.
 */
errors: number, warnings_open: number, };

export type Hit = { kind: HitKind, id: string, title: string, 
/**
 * Words around the match.
 */
snippet: string, 
/**
 * Ranges of the snippet to mark, in UTF-16 units.
 */
marks: Array<[number, number]>, language: Lang, };

export type HitKind = "document" | "template" | "clause";
