//! The command line: the same verbs as the window, over the same rooms.
//!
//! Exit status: 0 done; 1 `--fail-on` was met; 2 the input is at fault; 3 something failed here.
#![allow(
    clippy::print_stdout,
    reason = "a command line speaks on standard output"
)]

mod bench;
mod documents;
mod frames;
mod import;
mod infer;
mod models;
mod server;
mod tuning;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use moqi_app::{App, Code, Error, Language, Result};
use serde_json::Value;

/// Drafting for lawyers. Without a command, opens the window.
#[derive(Parser)]
#[command(name = "moqi", version, about, disable_help_subcommand = true)]
struct CommandLine {
    /// Prints one JSON object on standard output and nothing else there.
    #[arg(long, global = true)]
    json: bool,
    /// Language of messages: zh or en; else that of the settings, else that of the system.
    #[arg(long, global = true, value_name = "LANG")]
    ui: Option<Tag>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Lists shipped and own templates.
    Templates {
        /// Only this language.
        #[arg(long)]
        lang: Option<Tag>,
    },
    /// Drafts a document from a template and answers.
    Draft(Draft),
    /// Checks a document like a senior lawyer.
    Check(Check),
    /// Writes a Word file, or a PDF, from a text.
    Export(Export),
    /// Reads a Word file, or a text, as Moqi's own text.
    Import(Import),
    /// Writes a Word file with tracked changes from one file to another.
    Compare(Compare),
    /// Lists, fetches, adds and removes models.
    Models {
        #[command(subcommand)]
        action: Option<ModelAction>,
    },
    /// Lets a model write.
    Write(Write_),
    /// Log-probability of each token of a text.
    Score(Score),
    /// Tunes a model on documents, and keeps what it learns as an adapter.
    Tune(tuning::Tune),
    /// Lists, shows, exports, adds, mixes, renames and removes adapters, and says for whom and whether they are used.
    Adapters {
        #[command(subcommand)]
        action: Option<tuning::AdapterAction>,
    },
    /// Forgets a document: what was learnt from it is learnt again without it.
    Forget(tuning::Forget),
    /// The record of all trainings.
    Runs {
        #[command(subcommand)]
        action: Option<tuning::RunAction>,
    },
    /// Prints figures of this machine.
    Bench {
        /// What to measure.
        what: Bench,
        /// A model file, for `infer`, `tune` and `frames`; the default model where none is given.
        #[arg(long)]
        file: Option<PathBuf>,
        /// Threads of the arithmetic, for `infer` and `tune`.
        #[arg(long)]
        threads: Option<usize>,
        /// For `infer`: also drafts so many clauses of the library in each language.
        #[arg(long, default_value_t = 0)]
        clauses: usize,
        /// For `tune`: all numbers in single precision.
        #[arg(long)]
        exact: bool,
        /// For `tune`: where, `processor` or `card`.
        #[arg(long, value_enum, default_value = "processor")]
        device: TunedOn,
    },
}

#[derive(Args)]
struct Draft {
    /// Id of a template, or a file; a .docx file is filled in place and keeps all its looks.
    #[arg(long)]
    template: String,
    /// A JSON file of answers, or `sample` for each field's own example.
    #[arg(long)]
    answers: String,
    /// Adds a clause of the library; may be given several times.
    #[arg(long = "clause")]
    clauses: Vec<String>,
    /// Has this model write the clauses that the draft leaves open.
    #[arg(long, conflicts_with = "no_model")]
    model: Option<String>,
    #[command(flatten)]
    tuned: Tuned,
    /// Uses no model, which is the default; the option makes a script say so.
    #[arg(long)]
    no_model: bool,
    /// Where to write: .docx, .pdf, .md or .txt.
    #[arg(long)]
    out: PathBuf,
}

/// The adapter a model is to use.
#[derive(Args)]
struct Tuned {
    /// Id, name or folder of an adapter to use the model with.
    #[arg(long)]
    adapter: Option<String>,
    /// Puts the adapter into the weights, instead of computing it beside them: slower to load and larger, the same words but
    /// for rounding.
    #[arg(long, requires = "adapter")]
    merge: bool,
}

impl Tuned {
    /// The base that a name of a model means, with the adapter.
    fn base(&self, app: &App, model: &str) -> Result<moqi_app::Base> {
        let base = app.base_with(model, self.adapter.as_deref())?;
        Ok(match self.merge {
            true => base.merging(),
            false => base,
        })
    }
}

#[derive(Args)]
struct Check {
    /// A .docx, .md or .txt file.
    file: PathBuf,
    /// Kind of contract: sale, lease, loan …
    #[arg(long)]
    kind: Option<String>,
    /// Language of the document.
    #[arg(long)]
    lang: Option<Tag>,
    /// Exit status 1 when a finding is at least this bad.
    #[arg(long)]
    fail_on: Option<FailOn>,
}

#[derive(Args)]
struct Export {
    /// A text file.
    file: PathBuf,
    /// zh-contract, zh-pleading, zh-official, en-contract, plain, or a .docx file of the firm whose paper and type it takes.
    #[arg(long)]
    look: Option<String>,
    /// A table of contents after the title.
    #[arg(long)]
    contents: bool,
    /// off, pages (page X of Y), number, dashed (— X —).
    #[arg(long)]
    page_numbers: Option<String>,
    /// Printed on both sides: page numbers stand at the outer edge.
    #[arg(long)]
    two_sided: bool,
    /// What Word lets a reader change: read-only, comments, changes, forms.
    #[arg(long)]
    protect: Option<String>,
    /// Fields without a value become content controls.
    #[arg(long)]
    controls: bool,
    /// What the check finds stands in comments.
    #[arg(long)]
    findings: bool,
    /// What the check would mend stands in tracked changes by Moqi.
    #[arg(long)]
    suggestions: bool,
    /// The file to write: .docx, .pdf, .md or .txt.
    #[arg(long)]
    out: PathBuf,
}

#[derive(Args)]
struct Import {
    /// A .docx, .md or .txt file.
    file: PathBuf,
    /// The text file to write; standard output where none is given.
    #[arg(long)]
    out: Option<PathBuf>,
}

#[derive(Args)]
struct Compare {
    /// The earlier file: .docx, .rtf, .md or .txt.
    old: PathBuf,
    /// The later file.
    new: PathBuf,
    /// The Word file with tracked changes to write.
    #[arg(long)]
    out: PathBuf,
    /// Also writes the later text without any mark of a change.
    #[arg(long, value_name = "FILE.docx")]
    clean: Option<PathBuf>,
}

#[derive(Subcommand)]
enum ModelAction {
    /// Lists them.
    List,
    /// Fetches one.
    Fetch {
        /// Its id.
        id: String,
        /// Says that the terms of the model were read and are accepted, where it asks for that.
        #[arg(long)]
        accept_licence: bool,
    },
    /// Shows or sets where models run.
    Device {
        /// automatic, processor or card.
        name: Option<String>,
    },
    /// Shows or sets the hub that models are fetched from.
    Hub {
        /// Its address, or default.
        address: Option<String>,
    },
    /// Adds a GGUF file, or a folder with safetensors and config.json.
    Add {
        /// The file or folder.
        file: PathBuf,
    },
    /// Removes one.
    Remove {
        /// Its id.
        id: String,
    },
    /// Uses a server of your own that speaks OpenAI's interface; off until you turn it on.
    Server {
        #[command(subcommand)]
        action: Option<server::ServerAction>,
    },
}

#[derive(Args)]
struct Write_ {
    /// Id of an installed model, or server:NAME for one on the server in use.
    #[arg(long)]
    model: String,
    #[command(flatten)]
    tuned: Tuned,
    /// What to write, or @FILE.
    #[arg(long)]
    prompt: String,
    /// Stops after this many tokens.
    #[arg(long, default_value_t = 256)]
    max_tokens: usize,
    /// 0 takes the likeliest token each time.
    #[arg(long, default_value_t = 0.7)]
    temperature: f32,
    /// The same seed gives the same text.
    #[arg(long, default_value_t = 42)]
    seed: u64,
}

#[derive(Args)]
struct Score {
    /// Id of an installed model, or server:NAME for one on the server in use.
    #[arg(long)]
    model: String,
    #[command(flatten)]
    tuned: Tuned,
    /// A text file.
    file: PathBuf,
    /// A text the model may answer with; given twice or more, they are ranked as answers to the file.
    #[arg(long = "choice", value_name = "TEXT")]
    choices: Vec<String>,
}

/// A language tag.
#[derive(Clone, Copy, ValueEnum)]
enum Tag {
    /// Chinese.
    Zh,
    /// English.
    En,
}

impl From<Tag> for Language {
    fn from(tag: Tag) -> Language {
        match tag {
            Tag::Zh => Language::Zh,
            Tag::En => Language::En,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum FailOn {
    Error,
    Warning,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TunedOn {
    Processor,
    Card,
}

#[derive(Clone, Copy, ValueEnum)]
enum Bench {
    Open,
    Infer,
    Frames,
    /// Tuning a model.
    Tune,
}

/// What a command leaves: the object for `--json`, the lines for people, and whether `--fail-on` was met.
struct Outcome {
    json: Value,
    lines: Vec<String>,
    failed_on: bool,
}

impl Outcome {
    fn new(json: Value, lines: Vec<String>) -> Outcome {
        Outcome {
            json,
            lines,
            failed_on: false,
        }
    }
}

/// Runs a command, or returns `None` when the window is wanted.
pub fn run() -> Option<ExitCode> {
    let line = match CommandLine::try_parse() {
        Ok(line) => line,
        Err(error) => {
            let _ = error.print();
            return Some(if error.use_stderr() {
                ExitCode::from(2)
            } else {
                ExitCode::SUCCESS
            });
        }
    };
    let command = line.command?;
    quiet_panics();
    let outcome = std::panic::catch_unwind(|| execute(command, line.ui, line.json))
        .unwrap_or_else(|panic| Err(Box::new((moqi_app::of_panic(&*panic), Language::En))));
    Some(match outcome {
        Ok(status) => status,
        Err(failed) => {
            let (error, language) = *failed;
            eprintln!("moqi: {}", error.sentence(language).replace('\n', " "));
            ExitCode::from(
                if matches!(error.code, Code::BadInput | Code::NotFound | Code::NoModel) {
                    2
                } else {
                    3
                },
            )
        }
    })
}

/// A panic is reported as one sentence, by the code above.
fn quiet_panics() {
    std::panic::set_hook(Box::new(|_| {}));
}

fn execute(
    command: Command,
    ui: Option<Tag>,
    json: bool,
) -> std::result::Result<ExitCode, Box<(Error, Language)>> {
    let language = ui.map_or_else(moqi_app::system_language, Language::from);
    let app = App::open_default(language).map_err(|error| Box::new((error, language)))?;
    let language = if ui.is_some() {
        language
    } else {
        app.language()
    };
    let result = match command {
        Command::Templates { lang } => documents::templates(&app, lang.map(Language::from)),
        Command::Draft(draft) => documents::draft(&app, &draft, language),
        Command::Check(check) => documents::check(&app, &check, language),
        Command::Export(export) => documents::export(&app, &export, language),
        Command::Compare(compare) => import::compare(&app, &compare, language),
        Command::Import(import) => import::import(&import, language),
        Command::Models { action } => {
            models::models(&app, action.unwrap_or(ModelAction::List), language)
        }
        Command::Write(write) => models::write(&app, &write, language, json),
        Command::Score(score) => models::score(&app, &score, language),
        Command::Tune(tune) => tuning::tune(&app, &tune, language),
        Command::Forget(forget) => tuning::forget(&app, &forget, language),
        Command::Runs { action } => {
            tuning::runs(&app, action.unwrap_or(tuning::RunAction::List), language)
        }
        Command::Adapters { action } => tuning::adapters(
            &app,
            action.unwrap_or(tuning::AdapterAction::List),
            language,
        ),
        Command::Bench {
            what: Bench::Open, ..
        } => bench::open(&app),
        Command::Bench {
            what: Bench::Frames,
            file,
            ..
        } => frames::frames(&app, file),
        Command::Bench {
            what: Bench::Tune,
            file,
            threads,
            exact,
            device,
            ..
        } => infer::tune(&app, file, threads, exact, device == TunedOn::Card),
        Command::Bench {
            what: Bench::Infer,
            file,
            threads,
            clauses,
            ..
        } => infer::infer(&app, file, threads, clauses),
    };
    result
        .and_then(|outcome| print(&outcome, json))
        .map_err(|error| Box::new((error, language)))
}

fn print(outcome: &Outcome, json: bool) -> Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    let printed = if json {
        writeln!(out, "{}", outcome.json)
    } else {
        outcome
            .lines
            .iter()
            .try_for_each(|line| writeln!(out, "{line}"))
    };
    unless_closed(printed.and_then(|()| out.flush()))?;
    Ok(if outcome.failed_on {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    })
}

/// A reader that closes its end of standard output early, such as `head`, is no failure; a full disk behind it is.
fn unless_closed(printed: std::io::Result<()>) -> Result<()> {
    printed
        .or_else(|error| match error.kind() {
            std::io::ErrorKind::BrokenPipe => Ok(()),
            _ => Err(error),
        })
        .map_err(|error| Error::io(Path::new("stdout"), error))
}

/// A progress bar on standard error, when that is a terminal: done, total, rate and time left.
struct Progress {
    start: std::time::Instant,
    shown: Option<std::time::Instant>,
    terminal: bool,
}

impl Progress {
    fn new() -> Progress {
        Progress {
            start: std::time::Instant::now(),
            shown: None,
            terminal: std::io::stderr().is_terminal(),
        }
    }

    fn bytes(&mut self, done: u64, total: u64) {
        let due = self
            .shown
            .is_none_or(|shown| shown.elapsed().as_millis() > 200);
        if !self.terminal || !due {
            return;
        }
        self.shown = Some(std::time::Instant::now());
        let seconds = self.start.elapsed().as_secs_f64().max(0.001);
        let rate = done as f64 / seconds;
        let left = if rate > 0.0 {
            total.saturating_sub(done) as f64 / rate
        } else {
            0.0
        };
        let share = usize::try_from((done * 20).checked_div(total).unwrap_or(0))
            .unwrap_or(0)
            .min(20);
        eprint!(
            "\r[{}{}] {:.1} / {:.1} MB, {:.1} MB/s, {left:.0} s left   ",
            "█".repeat(share),
            "·".repeat(20usize.saturating_sub(share)),
            done as f64 / 1e6,
            total as f64 / 1e6,
            rate / 1e6
        );
    }

    fn end(&self) {
        if self.terminal && self.shown.is_some() {
            eprintln!();
        }
    }
}
