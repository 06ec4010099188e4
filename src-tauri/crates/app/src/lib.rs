//! The use cases: every verb of the product, and the queue of long work.
//!
//! [`App`] is the door. The window and the command line call its verbs; it joins the words, the checks, Word, the
//! model and the memory, none of which know each other. It knows no framework and no SQL, and every failure is an
//! [`Error`] with a sentence for people in both languages.
//!
//! ```no_run
//! use moqi_app::{App, Language};
//!
//! let app = App::open_default(Language::Zh)?;
//! let (name, template) = app.template_or_file("zh-sale")?;
//! let drafted = moqi_app::draft::draft(&name, &template, &moqi_app::draft::sample(&template))?;
//! let word = app.word(&drafted.text, &drafted.answers, &Default::default())?;
//! moqi_app::files::write_whole("sale.docx".as_ref(), &word.bytes)?;
//! # Ok::<(), moqi_app::Error>(())
//! ```
//!
//! Invariants: a proposal of a model never changes a document; a save is confirmed only when it is on the disk; a
//! file is written whole or not at all; nothing uses the network but an asked-for fetch of a model, and a server of
//! one's own that was allowed and turned on.

mod adapters;
mod add;
pub mod answers;
mod assist;
mod base;
mod bind;
mod check;
pub mod derive;
mod desk;
mod device;
pub mod draft;
mod error;
mod export;
pub mod fetch;
pub mod fields;
pub mod files;
mod forget;
mod formats;
mod home;
mod import;
mod inplace;
mod jobs;
pub mod kinds;
mod library;
mod memory;
mod model;
pub mod models;
mod offers;
mod pdf;
mod place;
mod problems;
mod prompt;
mod rank;
pub mod read;
mod reconcile;
pub mod record;
mod redline;
mod redraft;
mod remarks;
mod runs;
mod scratch;
mod search;
pub mod server;
mod shipped;
pub mod speed;
mod suggested;
pub mod tune;
mod tuner;
mod tuning;
mod versions;
pub mod walls;
mod wish;
mod word;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub use moqi_document as document;
pub use moqi_document::Language;
pub use moqi_rules::{Finding, Severity};

pub use adapters::AdapterInfo;
pub use assist::{Assist, Proposal, Source, Written};
pub use base::Base;
pub use check::Checked;
pub use derive::{Chip, ChipState, Derived, Placed};
pub use desk::{Answered, Change, ClauseInsert, DocumentInfo, OpenedDocument, State};
pub use device::{Device, Local};
pub use error::{Code, Error, Result, Sentence};
pub use export::{Exported, Word};
pub use fields::{FormField, field_type, kind_name};
pub use forget::{ForgetPlan, Forgotten, Gone};
pub use formats::{Format, plain_text};
pub use home::Home;
pub use import::{Import, Imported, Refused};
pub use inplace::{Place as WordPlace, Takes};
pub use jobs::{Ended, JobId, of_panic};
pub use library::{ClauseInfo, OpenedTemplate, TemplateInfo, TemplateProblem};
pub use model::{Choice, Scored, WriteOptions, WrittenText};
pub use models::tag as language_tag;
pub use moqi_document::compare::{Listed, ListedKind};
pub use moqi_store::{
    AdapterState, HouseClauseRow, Matter, Part, RunStatus, SourceRow, TrainingRunRow, Wall,
};
pub use offers::{Accepted, Material, Offer, Offers};
pub use pdf::office;
pub use place::Place;
pub use prompt::Task;
pub use redline::Redline;
pub use remarks::{Said, Thread};
pub use search::{Hit, HitKind};
pub use shipped::language_of;
pub use tuner::{Stand, TuningNow, Work};
pub use tuning::{
    Candidate, Effort, Figures, Goal, Halt, Outcome, Phase, Plan, PlanSource, Sample, Stopped,
    Tune, TunedModel, Tuning,
};
pub use versions::VersionInfo;
pub use walls::Decision;
pub use wish::{Look, Wish};

use desk::Open;
use jobs::Jobs;
use model::Loaded;
use moqi_store::Store;

/// Models that are fetched are numbered from here, so that a number names one job only.
const FETCHES: JobId = 1 << 40;

/// The program, without a window.
pub struct App {
    home: Home,
    store: Mutex<Store>,
    desk: Mutex<HashMap<String, Open>>,
    jobs: Jobs<Option<Loaded>>,
    fetches: Jobs<()>,
    language: Mutex<Language>,
    exported: Mutex<Vec<std::path::PathBuf>>,
    server_shown: server::Shown,
    running: device::Running,
    importing: jobs::Brake,
    planning: jobs::Brake,
    tuner: tuner::Tuner,
}

impl App {
    /// Opens the data folder named by `MOQI_HOME`, or the platform's own. `language` is used until a setting says otherwise.
    pub fn open_default(language: Language) -> Result<App> {
        App::open(Home::from_environment()?, language)
    }

    /// Opens a data folder.
    pub fn open(home: Home, language: Language) -> Result<App> {
        let path = home.database();
        let store = Store::open(&path).map_err(|error| memory::as_error(&path, error))?;
        let app = App {
            server_shown: server::Shown::at_start(&home.server()),
            home,
            running: device::Running::default(),
            importing: jobs::Brake::default(),
            planning: jobs::Brake::default(),
            tuner: tuner::Tuner::default(),
            store: Mutex::new(store),
            desk: Mutex::new(HashMap::new()),
            jobs: Jobs::new(None),
            fetches: Jobs::numbered_from(FETCHES, ()),
            language: Mutex::new(language),
            exported: Mutex::new(Vec::new()),
        };
        if let Some(tag) = app.setting("language")? {
            *app.language.lock().unwrap_or_else(PoisonError::into_inner) = if tag == "zh" {
                Language::Zh
            } else {
                Language::En
            };
        }
        app.refresh_shipped()?;
        Ok(app)
    }

    /// The data folder.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// Language of messages and of the window.
    pub fn language(&self) -> Language {
        *self.language.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the language of messages and of the window, and remembers it.
    pub fn set_language(&self, language: Language) -> Result<()> {
        *self.language.lock().unwrap_or_else(PoisonError::into_inner) = language;
        self.set_setting("language", language_tag(language))
    }

    /// Cancels a job.
    pub fn cancel(&self, job: JobId) {
        self.jobs.cancel(job);
        self.fetches.cancel(job);
    }

    /// The last words before the program ends: a training is put aside, and the shelf is tidied.
    pub fn close(&self) {
        self.put_tuning_aside();
        let _ = self.thin_versions();
    }

    // The rooms behind the locks stay whole after every statement, so a panic in another thread poisons nothing.
    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn server_shown(&self) -> &server::Shown {
        &self.server_shown
    }

    pub(crate) fn desk(&self) -> MutexGuard<'_, HashMap<String, Open>> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The language of the system: Chinese when the locale says so.
pub fn system_language() -> Language {
    let named = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|key| std::env::var(key).ok().filter(|value| !value.is_empty()));
    if named.is_some_and(|value| value.to_lowercase().starts_with("zh")) {
        Language::Zh
    } else {
        Language::En
    }
}

/// Now, in Unix milliseconds.
pub(crate) fn now() -> i64 {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// A new id: time first, so that ids sort by age, then a count and the process, so that two never meet.
pub(crate) fn new_id() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!(
        "{:012x}{:06x}{:04x}",
        now(),
        std::process::id() & 0xff_ffff,
        count & 0xffff
    )
}

/// The name of a rule in one language.
pub fn rule_name(id: &str, language: Language) -> &'static str {
    moqi_rules::rules()
        .iter()
        .find(|rule| rule.id == id)
        .map_or("", |rule| rule.name.of(language))
}

/// A profile for a check of a document as it says of itself.
pub fn check_profile(language: Language) -> moqi_rules::Profile {
    moqi_rules::Profile {
        ui: language,
        ..moqi_rules::Profile::default()
    }
}

/// The findings of a document, in reading order.
pub fn check_document(
    document: &moqi_document::Document,
    profile: &moqi_rules::Profile,
) -> Vec<Finding> {
    moqi_rules::check(document, profile)
}

/// The text with every field replaced by its value; the front matter stays.
pub fn filled_text(text: &str, answers: &moqi_document::Answers) -> String {
    moqi_document::fill(text, answers).text
}
