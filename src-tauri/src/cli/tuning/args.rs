//! What the commands about tuning are told.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use moqi_app::Wall;

/// What `moqi tune` is told.
#[derive(Args)]
pub struct Tune {
    /// Documents or folders: .docx, .md, .txt; labelled files: .jsonl, .csv.
    #[arg(required = true, value_name = "FILE|DIR")]
    pub from: Vec<PathBuf>,
    /// Id of an installed model.
    #[arg(long)]
    pub model: String,
    /// What the adapter is to be called.
    #[arg(long)]
    pub name: String,
    /// What the model is tuned for.
    #[arg(long, default_value = "draft")]
    pub task: Goal,
    /// How long to learn.
    #[arg(long, default_value = "usual")]
    pub effort: Effort,
    /// Steps at most, in place of what the effort says.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub steps: Option<u32>,
    /// Rank of the updates: how much can be learnt.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=256))]
    pub rank: u32,
    /// Decides which documents are held out, and the order of learning.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Tries a few learning rates and ranks on a part of the steps first, and takes the best.
    #[arg(long)]
    pub search: bool,
    /// Id or name of an adapter to go on from; what that was for, this is for as well, unless `--wall` narrows it.
    #[arg(long, value_name = "ID")]
    pub from_adapter: Option<String>,
    /// Share of examples of what that one learnt from, among all examples, so that the old is not forgotten: 0 to 0.9.
    #[arg(long, default_value_t = 0.25, requires = "from_adapter", value_parser = share)]
    pub replay: f64,
    /// For whom the result may be used: `firm`, `group:NAME`, `client:NAME`, `matter:NAME` or `matter:CLIENT/NAME`.
    #[arg(long, value_parser = super::walls::wall)]
    pub wall: Option<Wall>,
    /// Tunes nothing: writes the examples and settings for LLaMA-Factory, Axolotl and TRL into this folder. `--model` is then
    /// what the model is called there.
    #[arg(long, value_name = "DIR")]
    pub export: Option<PathBuf>,
}

/// A share that can be asked for.
fn share(text: &str) -> Result<f64, &'static str> {
    let share = text
        .parse()
        .ok()
        .filter(|share| (0.0..=0.9).contains(share));
    share.ok_or("between 0 and 0.9, such as 0.25")
}

/// How long to learn.
#[derive(Clone, Copy, ValueEnum)]
pub enum Effort {
    /// A first impression: a quarter of a round over the examples.
    Quick,
    /// One round.
    Usual,
    /// Three rounds, as long as it gets better.
    Thorough,
}

impl From<Effort> for moqi_app::Effort {
    fn from(effort: Effort) -> Self {
        match effort {
            Effort::Quick => Self::Quick,
            Effort::Usual => Self::Usual,
            Effort::Thorough => Self::Thorough,
        }
    }
}

/// What a model is tuned for.
#[derive(Clone, Copy, ValueEnum)]
pub enum Goal {
    /// Drafting clauses.
    Draft,
    /// Naming the class of a text.
    Classify,
    /// Finding values in a text.
    Extract,
}

/// What `moqi adapters` is told.
#[derive(Subcommand)]
pub enum AdapterAction {
    /// Lists them, the newest first.
    List,
    /// Shows where one comes from.
    Show {
        /// Id or name.
        id: String,
    },
    /// Shows the firm's clauses that one drafts from, by their numbers, and leaves some out.
    Clauses {
        /// Id or name.
        id: String,
        /// Numbers of clauses to be left out of drafting.
        #[arg(long, value_name = "N", value_delimiter = ',')]
        leave_out: Vec<u32>,
        /// Numbers of clauses to be taken in again.
        #[arg(long, value_name = "N", value_delimiter = ',')]
        take_in: Vec<u32>,
    },
    /// Copies one into an empty folder.
    Export {
        /// Id or name.
        id: String,
        /// The format of the files.
        #[arg(long, default_value = "peft")]
        format: AdapterFormat,
        /// The folder.
        #[arg(long)]
        out: PathBuf,
    },
    /// Takes in one that PEFT or this program has made.
    Add {
        /// Its folder.
        folder: PathBuf,
    },
    /// Makes one of several, each as much as its weight says; it is kept only where the leak test finds nothing.
    Mix {
        /// Id or name, and its weight: `house=0.7`.
        #[arg(required = true, value_name = "ID=WEIGHT")]
        parts: Vec<String>,
        /// What it is to be called.
        #[arg(long)]
        name: String,
    },
    /// Gives one another name.
    Rename {
        /// Id or name.
        id: String,
        /// The new name.
        to: String,
    },
    /// Has drafting use one, for those it is for, in place of another of the same model.
    Use {
        /// Id or name.
        id: String,
    },
    /// Has drafting no longer use one.
    Unuse {
        /// Id or name.
        id: String,
    },
    /// Says for whom one may be used; it is out of use until it is said to be used again.
    Wall {
        /// Id or name.
        id: String,
        /// `firm`, `group:NAME`, `client:NAME`, `matter:NAME` or `matter:CLIENT/NAME`.
        #[arg(value_parser = super::walls::wall)]
        wall: Wall,
    },
    /// Keeps one that nobody has decided about.
    Keep {
        /// Id or name.
        id: String,
    },
    /// Deletes one that nobody wants.
    Discard {
        /// Id or name.
        id: String,
    },
    /// Deletes one.
    Remove {
        /// Id or name.
        id: String,
    },
}

/// What `moqi forget` is told.
#[derive(Args)]
pub struct Forget {
    /// A file as it was learnt from, its SHA-256, or the id of a document of this program.
    #[arg(value_name = "FILE|HASH")]
    pub what: String,
    /// Only shows what would be learnt again and what deleted.
    #[arg(long)]
    pub dry_run: bool,
}

/// What `moqi runs` is told.
#[derive(Subcommand)]
pub enum RunAction {
    /// Lists the trainings, the newest first.
    List,
    /// Shows what one learnt from and what it came to.
    Show {
        /// Its id.
        id: String,
    },
    /// Writes a table for spreadsheets: the losses of one, or all trainings.
    Csv {
        /// Its id.
        id: Option<String>,
        /// The file.
        #[arg(long)]
        out: PathBuf,
    },
    /// Writes the losses of one for TensorBoard.
    Tensorboard {
        /// Its id.
        id: String,
        /// The folder TensorBoard looks into.
        #[arg(long)]
        out: PathBuf,
    },
}

/// The format of an adapter's files.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AdapterFormat {
    /// adapter_config.json and adapter_model.safetensors, as the Python library PEFT reads them.
    Peft,
}
