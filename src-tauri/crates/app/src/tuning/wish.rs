//! What is asked of a tuning.

use std::path::PathBuf;

use moqi_store::Wall;
use serde::{Deserialize, Serialize};

use crate::tune::Lesson;

/// What is to be learnt, and how. It is written down with the run, so that the same can be asked for again; it names files
/// and holds no text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tune {
    /// Files and folders that are learnt from.
    pub paths: Vec<PathBuf>,
    /// Ids of documents of this program that are learnt from.
    pub documents: Vec<String>,
    /// SHA-256 of sources that are not learnt from although they are among these: what is to be forgotten.
    pub without: Vec<String>,
    /// Id of an installed model.
    pub model: String,
    /// What the adapter is to be called.
    pub name: String,
    /// For whom it may be used.
    pub wall: Wall,
    /// Only what teaches this, where a labelled file teaches several things.
    pub task: Goal,
    /// How long to learn.
    pub effort: Effort,
    /// Steps at most, in place of what the effort says.
    pub steps: Option<usize>,
    /// Rank of the updates.
    pub rank: usize,
    /// The learning rate at its height; the usual one where none is given.
    pub learning_rate: Option<f64>,
    /// Learn further copies with other values and another order of clauses.
    pub augment: bool,
    /// Try a few settings on a part first and take the best.
    pub search: bool,
    /// Id of the adapter to go on from.
    pub from: Option<String>,
    /// Share of examples of what that one learnt from, among all examples.
    pub replay: f64,
    /// Decides which documents are held out, and the order of learning.
    pub seed: u64,
}

impl Default for Tune {
    fn default() -> Self {
        Tune {
            paths: Vec::new(),
            documents: Vec::new(),
            without: Vec::new(),
            model: String::new(),
            name: String::new(),
            wall: Wall::Firm,
            task: Goal::Draft,
            effort: Effort::Usual,
            steps: None,
            rank: 8,
            learning_rate: None,
            augment: false,
            search: false,
            from: None,
            replay: 0.25,
            seed: 0,
        }
    }
}

impl Tune {
    /// All that decides the numbers beside the examples and the base.
    pub(super) fn settings(&self) -> String {
        format!(
            "{:?} {:?} {:?} {} {:?} {} {:?} {}",
            self.task,
            self.effort,
            self.steps,
            self.rank,
            self.learning_rate,
            self.search,
            self.from,
            self.seed
        )
    }
}

/// How long to learn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effort {
    /// A first impression: a quarter of a round over the examples.
    Quick,
    /// One round.
    #[default]
    Usual,
    /// Three rounds, as long as it gets better.
    Thorough,
}

impl Effort {
    /// Rounds over the examples.
    pub(super) fn rounds(self) -> f64 {
        match self {
            Effort::Quick => 0.25,
            Effort::Usual => 1.0,
            Effort::Thorough => 3.0,
        }
    }

    /// Held-out clauses that are drafted at the end, to look at and to measure: a draft takes seconds.
    pub(super) fn drafts(self) -> usize {
        match self {
            Effort::Quick => 6,
            Effort::Usual => 12,
            Effort::Thorough => 24,
        }
    }

    /// Held-out passages that measure the result, at most: a firm of five hundred contracts has more than a thousand, which
    /// would take longer than the learning and tell the same.
    pub(super) fn measured(self) -> usize {
        match self {
            Effort::Quick => 40,
            Effort::Usual => 150,
            Effort::Thorough => 400,
        }
    }
}

/// What a model is tuned for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// Drafting clauses.
    #[default]
    Draft,
    /// Naming the class of a text.
    Classify,
    /// Finding values in a text.
    Extract,
}

impl Goal {
    pub(super) fn takes(self, lesson: Lesson) -> bool {
        match self {
            Goal::Draft => matches!(lesson, Lesson::Draft | Lesson::Continue | Lesson::Instruct),
            Goal::Classify => matches!(lesson, Lesson::Classify | Lesson::Instruct),
            Goal::Extract => matches!(lesson, Lesson::Extract | Lesson::Instruct),
        }
    }
}
