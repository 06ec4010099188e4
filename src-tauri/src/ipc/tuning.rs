//! Tuning, adapters and the record of runs, as they cross.

use moqi_app as app;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Failure, Lang};

#[macro_use]
mod twin;
mod adapters;
mod views;

pub use adapters::{adapter_views, house_clause_views};
pub use views::{plan_view, run_detail, run_view, tuning_view};

/// What is to be learnt from, on which model, and for whom.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct TuneWish {
    /// Files and folders.
    pub paths: Vec<String>,
    /// Documents of this program, by id.
    pub documents: Vec<String>,
    /// Id of an installed model.
    pub model: String,
    /// What the result is to be called.
    pub name: String,
    /// For whom it may be used.
    pub wall: WallView,
    /// Id of the adapter to go on from; none to begin anew.
    pub from: Option<String>,
    /// How long to learn.
    pub effort: Effort,
    /// Steps at most, in place of what the effort says.
    pub steps: Option<u32>,
    /// Learn further copies with other values and another order of clauses.
    pub augment: bool,
    /// Try a few settings on a small part first and take the best.
    pub search: bool,
}

twin! {
    /// How long to learn.
    enum Effort = app::Effort {
        /// A first impression, in minutes.
        Quick,
        /// What serves most.
        Usual,
        /// As long as it gets better.
        Thorough,
    }
}

/// For whom something learnt may be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum WallView {
    /// The whole firm.
    Firm,
    /// A practice group.
    Group { name: String },
    /// A client.
    Client { name: String },
    /// A matter of a client.
    Matter {
        client: Option<String>,
        name: String,
    },
}

/// Whose a document is, as far as it was said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MatterView {
    pub client: Option<String>,
    pub matter: Option<String>,
    /// Practice group.
    pub group: Option<String>,
}

/// What would be learnt, before anything is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct TunePlan {
    /// What is learnt from, in the order it was given.
    pub sources: Vec<TuneSource>,
    /// What is left out, and why.
    pub left_out: Vec<LeftOutView>,
    /// Files in folders that are no documents.
    pub others: usize,
    /// Documents that are near-duplicates of another, and stay on its side.
    pub duplicates: usize,
    /// Clauses in all.
    pub clauses: usize,
    /// Passages to learn from, to check progress with, and held out for the test.
    pub examples: [usize; 3],
    /// Tokens in one round over what is learnt from.
    pub tokens: usize,
    /// Personal data that placeholders stand for, by kind.
    pub masked: Vec<MaskedView>,
    /// The first values that were masked, for the eye only.
    pub shown: Vec<ShownMask>,
    /// Steps at most.
    pub steps: usize,
    /// Seconds it takes at most on this machine; none where that cannot be told.
    pub seconds: Option<f64>,
    /// Bytes of memory it takes, with the model.
    #[ts(type = "number")]
    pub memory: u64,
    /// Bytes of memory that are free now.
    #[ts(type = "number")]
    pub memory_free: u64,
}

/// A document or labelled file that is learnt from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct TuneSource {
    pub name: String,
    pub language: Lang,
    /// What it is used for.
    pub side: SideName,
    pub clauses: usize,
    pub examples: usize,
    /// Places that were masked.
    pub masked: usize,
}

/// What a source is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SideName {
    /// Learnt from.
    Learn,
    /// Looked at on the way, to stop in time.
    Check,
    /// Looked at before and after only.
    Test,
}

/// A file that is not learnt from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct LeftOutView {
    pub name: String,
    /// Why, in the language of the window.
    pub why: String,
}

/// How many places of a kind of personal data are masked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct MaskedView {
    /// `organisation`, `person`, `id_number`, `passport`, `registration`, `account`, `phone`, `email`, `address`, `amount`,
    /// `number`.
    pub kind: String,
    pub count: usize,
}

/// A masked value, shown and never kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ShownMask {
    /// Name of the document.
    pub document: String,
    pub kind: String,
    /// What stood there.
    pub words: String,
    /// What is learnt instead.
    pub placeholder: String,
    pub count: usize,
}

/// How the tuning stands: all the window shows of it. It comes whole, at most four times a second.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct TuningView {
    pub phase: TunePhase,
    /// Id of the run, once there is one.
    pub run: Option<String>,
    pub name: String,
    /// Name of the model.
    pub model: String,
    /// Documents read, words of the test done …: of the phase that counts something, else 0 of 0.
    pub done: usize,
    pub all: usize,
    /// Steps taken, and at most.
    pub step: usize,
    pub steps: usize,
    /// Tokens learnt a second.
    pub rate: f64,
    /// Seconds of learning until now.
    pub seconds: f64,
    /// Seconds left at most; none before that is known.
    pub left: Option<f64>,
    /// What it is.
    pub work: TuneWork,
    /// It was to be gone on with, but begins with its first step: its documents or the device are not the same any
    /// more, or its state was not saved yet.
    pub anew: bool,
    /// Drafting goes first at this moment.
    pub waiting: bool,
    /// The last state is on the disk; false where the disk refuses.
    pub saved: bool,
    /// Training loss by step, thinned to what a chart can show.
    pub train: Vec<LossPoint>,
    /// Loss on the part for checking, by step.
    pub valid: Vec<LossPoint>,
    /// What is learnt from; none while it is read.
    pub plan: Option<TunePlan>,
    /// What came of it, once it is done.
    pub result: Option<TuneResult>,
    /// Why it could not go on.
    pub failure: Option<Failure>,
    /// What was deleted because it could not be learnt again without a document that was to be forgotten, with the reason.
    pub gone: Vec<String>,
}

/// What is done as a tuning is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TuneWork {
    /// It learns from documents.
    Tune,
    /// It mixes what was learnt.
    Mix,
    /// It learns again what has to forget a document.
    Forget,
}

/// Where a tuning is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TunePhase {
    /// None is under way.
    Idle,
    /// It waits for its turn.
    Queued,
    /// Documents are read and made into examples.
    Reading,
    /// The held-out documents are measured with the bare model.
    Before,
    /// Settings are tried.
    Searching,
    /// Steps are taken.
    Learning,
    /// It breaks off after the step at hand, to be gone on with.
    Pausing,
    /// It can be gone on with.
    Paused,
    /// The held-out documents are measured with what was learnt, and sample clauses are written.
    After,
    /// It is tried whether what was learnt gives away what it must not.
    Leaks,
    /// It is done, and a decision is wanted.
    Done,
    /// It was cancelled: nothing is left of it.
    Cancelled,
    /// It could not go on.
    Failed,
}

/// A point of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct LossPoint {
    pub step: usize,
    /// Nats a token.
    pub loss: f64,
}

/// What came of a tuning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct TuneResult {
    /// Id of the adapter.
    pub adapter: String,
    /// Steps taken.
    pub steps: usize,
    /// Seconds of learning.
    pub seconds: f64,
    /// It stopped by itself because it got no better.
    pub early: bool,
    /// The bare model on the held-out documents, and the tuned one.
    pub before: FiguresView,
    pub after: FiguresView,
    /// In plain words, in the language of the window: what changed.
    pub sentences: Vec<String>,
    /// Held-out clauses, side by side.
    pub samples: Vec<SampleView>,
    /// Whether it gives away what it must not; none where that was not tried.
    pub leaks: Option<LeaksView>,
    pub state: AdapterStateName,
}

twin! {
    /// How well held-out documents are foretold.
    struct FiguresView = app::Figures {
        perplexity: Option<f64>,
        /// Share of words of the firm that the model would have put first, 0 to 1.
        agreement: Option<f64>,
        /// Share of clauses where it prefers the firm's wording to the library's, 0 to 1.
        preference: Option<f64>,
        /// Closeness of its drafts to the firm's clauses, 0 to 1.
        rouge_l: Option<f64>,
        chrf: Option<f64>,
    }
}

twin! {
    /// A held-out clause: the firm's words, and what the model writes without and with what it learnt.
    struct SampleView = app::Sample {
        document: String,
        heading: String,
        wanted: String,
        before: String,
        after: String,
    }
}

/// The leak test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct LeaksView {
    /// Nothing can be drawn out.
    pub sound: bool,
    /// Values that were tried.
    pub tested: usize,
    /// The largest exposure, in bits.
    pub exposure: f64,
    /// In the language of the window.
    pub sentence: String,
}

twin! {
    /// What was decided about an adapter.
    enum AdapterStateName = app::AdapterState {
        /// Nobody has decided yet.
        Candidate,
        /// It may be used.
        Kept,
        /// Nobody wants it.
        Discarded,
        /// It gives away what it must not, so it is never offered.
        Leaking,
    }
}

twin! {
    /// What to do with a new adapter.
    enum Decision = app::Decision {
        /// Keep it and draft with it.
        Use,
        /// Keep it for later.
        Keep,
        /// Delete it.
        Discard,
    }
}

/// An adapter: what a model has learnt, called "house style" in the window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AdapterView {
    pub id: String,
    pub name: String,
    /// Id and name of the model it belongs to.
    pub model: String,
    pub model_name: String,
    /// The model is installed.
    pub installed: bool,
    pub language: Option<Lang>,
    /// Unix milliseconds; 0 where that is not known.
    #[ts(type = "number")]
    pub created_at: i64,
    #[ts(type = "number")]
    pub bytes: u64,
    pub wall: WallView,
    pub state: AdapterStateName,
    /// Drafting uses it, where its wall allows.
    pub used: bool,
    /// What it learnt from.
    pub sources: Vec<AdapterSource>,
    pub before: FiguresView,
    pub after: FiguresView,
    pub leaks: Option<LeaksView>,
    /// The run it came from.
    pub run: Option<String>,
    /// What it was made of: the adapter it goes on from, or those it was mixed of.
    pub parents: Vec<String>,
}

/// A source of an adapter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AdapterSource {
    pub title: String,
    /// SHA-256, in hexadecimal.
    pub hash: String,
    pub side: SideName,
    pub examples: usize,
}

/// A clause of the firm's that a house style drafts from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct HouseClauseView {
    /// What it is called by; it stays the same where other documents are forgotten.
    pub number: u32,
    /// Which document it stands in: SHA-256, in hexadecimal.
    pub hash: String,
    /// Its name.
    pub document: String,
    pub heading: String,
    /// The wording, personal data masked.
    pub text: String,
    /// Drafting leaves it out.
    pub excluded: bool,
}

/// An adapter and how much of it goes into a mix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct MixPart {
    pub adapter: String,
    pub weight: f32,
}

/// A run, for the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct RunView {
    pub id: String,
    pub name: String,
    pub status: RunStatusName,
    #[ts(type = "number")]
    pub created_at: i64,
    #[ts(type = "number | null")]
    pub ended_at: Option<i64>,
    pub model: String,
    /// What it made, if that is still there.
    pub adapter: Option<String>,
    pub steps: usize,
    pub steps_wanted: usize,
    pub seconds: f64,
    /// Most memory held at once, in bytes.
    #[ts(type = "number")]
    pub peak: u64,
    pub machine: String,
    pub before: FiguresView,
    pub after: FiguresView,
    /// Why it could not go on.
    pub error: Option<String>,
    /// It can be gone on with.
    pub resumable: bool,
}

twin! {
    /// How a run stands.
    enum RunStatusName = app::RunStatus {
        Queued,
        Running,
        Done,
        Failed,
        Cancelled,
        Interrupted,
    }
}

/// All that is known of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct RunDetail {
    pub run: RunView,
    pub train: Vec<LossPoint>,
    pub valid: Vec<LossPoint>,
    /// Settings: name and value.
    pub settings: Vec<[String; 2]>,
    pub sources: Vec<RunSource>,
    /// What came of it, where that is still known.
    pub result: Option<TuneResult>,
}

/// A source of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct RunSource {
    pub title: String,
    pub hash: String,
    /// None: it was left out.
    pub side: Option<SideName>,
    pub examples: usize,
    pub reason: Option<String>,
}
