//! What is told of a tuning at its end, and kept with its run.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Sentence;
use crate::tune::leak::Leaks;
use crate::tune::measure::{Closeness, Comparison, Fit};

/// What came of a tuning. It holds words of the documents, so it stays in the record of this machine and goes nowhere with
/// the adapter.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Outcome {
    /// Id of the adapter.
    pub adapter: String,
    /// Steps taken.
    pub steps: usize,
    /// Seconds of learning.
    pub seconds: f64,
    /// It stopped by itself because it got no better.
    pub early: bool,
    /// The bare base on the held-out documents.
    pub before: Figures,
    /// The tuned one.
    pub after: Figures,
    /// What the figures say, the most important first.
    pub sentences: Vec<Sentence>,
    /// Held-out clauses, side by side.
    pub samples: Vec<Sample>,
    /// Whether it gives away what it must not.
    pub leaks: Option<Leaks>,
    /// All figures, novel and shared wording apart.
    pub figures: Value,
}

/// How good a model is on held-out documents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Figures {
    /// Perplexity of the wanted words.
    pub perplexity: Option<f64>,
    /// Share of words that it would have put there itself, 0 to 1.
    pub agreement: Option<f64>,
    /// Share of clauses where it finds the firm's wording likelier than another, 0 to 1.
    pub preference: Option<f64>,
    /// Closeness of its drafts to the firm's clauses: ROUGE-L, 0 to 1.
    pub rouge_l: Option<f64>,
    /// The same by chrF, 0 to 1.
    pub chrf: Option<f64>,
}

/// A held-out clause: the firm's words, and what is drafted without and with what was learnt.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Name of the document.
    pub document: String,
    /// Heading of the clause.
    pub heading: String,
    /// The firm's words.
    pub wanted: String,
    /// The bare model's.
    pub before: String,
    /// The tuned model's.
    pub after: String,
}

impl Outcome {
    /// What a comparison says; the rest is to be filled in.
    pub(super) fn of(compared: &Comparison) -> Outcome {
        let group = &compared.all;
        let mean = group.drafts.map(|drafts| drafts.mean);
        let (asked, firm) = (group.choices.clauses, group.choices.firm);
        let before = Figures::of(
            group.fit.map(|fit| fit.before),
            (firm.before, asked),
            mean.map(|mean| mean.base),
        );
        let after = Figures::of(
            group.fit.map(|fit| fit.after),
            (firm.after, asked),
            mean.map(|mean| mean.tuned),
        );
        let shown = compared.shown.iter();
        let samples = shown.filter_map(|at| compared.clauses.get(*at));
        let samples = samples.map(|clause| Sample {
            document: clause.document.clone(),
            heading: clause.heading.clone(),
            wanted: clause.wanted.clone(),
            before: clause.base.clone(),
            after: clause.tuned.clone(),
        });
        let told = [&compared.all, &compared.novel, &compared.shared];
        let figures = serde_json::to_value(told).unwrap_or_default();
        Outcome {
            before,
            after,
            sentences: compared.sentences(),
            samples: samples.collect(),
            figures,
            ..Outcome::default()
        }
    }
}

impl Figures {
    /// `chosen`: clauses where the firm's wording was likelier, of how many.
    fn of(fit: Option<Fit>, chosen: (usize, usize), drafts: Option<Closeness>) -> Figures {
        let (firm, asked) = chosen;
        Figures {
            perplexity: fit.map(|fit| fit.perplexity).filter(|x| x.is_finite()),
            agreement: fit.map(|fit| fit.agreement),
            preference: (asked > 0).then(|| firm as f64 / asked as f64),
            rouge_l: drafts.map(|drafts| drafts.rouge_l),
            chrf: drafts.map(|drafts| drafts.chrf),
        }
    }
}
