//! From a base, an adapter and held-out examples to figures.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use moqi_document::Language;
use moqi_lm::{Adapter, Base, Measured, Sampling, measure_each};

use super::super::words::draw;
use super::super::{Dataset, Example, Lesson, Wording};
use super::choice::{Library, differ};
use super::drafts::{Draft, draft};
use super::nearest::Copies;
use super::{
    Both, Choices, Clause, Closeness, Comparison, Copied, Drafted, Fit, Four, Group, MOST_CHOICES,
    Options, Progress,
};
use crate::adapters::as_error;
use crate::error::Result;

/// Drafts that are shown.
const SHOWN: usize = 3;
/// What a draft takes, in measured examples.
const DRAFT: usize = 10;

type Report<'a> = &'a mut dyn FnMut(Progress) -> ControlFlow<()>;

/// Compares a base with what an adapter makes of it, on the held-out part of a dataset; of its examples only those are to
/// be in it which the model was tuned for. There is no result where `report`, which hears several times a second, breaks off.
///
/// # Errors
/// The adapter is of another base, or of a kind that cannot be applied where the base runs.
pub fn compare(
    base: &Base,
    adapter: &Adapter,
    dataset: &Dataset,
    options: &Options,
    report: Report<'_>,
) -> Result<Option<Comparison>> {
    let held = match dataset.test.is_empty() {
        false => &dataset.test,
        true => &dataset.valid,
    };
    let asked = drawn(held, options.seed, MOST_CHOICES);
    let drafted = &asked[..asked.len().min(options.drafts)];
    let mut work = Work {
        base,
        adapter,
        held,
        options,
        done: 0,
        all: 0,
    };
    // The wanted texts, and behind them the other wordings of the test of choice: whose, and where.
    let mut texts = Vec::with_capacity(held.len());
    for one in held {
        texts.push(work.example(one, &one.wanted)?);
    }
    let mut others = Vec::new();
    let mut libraries = Libraries::default();
    for at in &asked {
        if let Some(wording) = libraries.wording(&held[*at]) {
            others.push((*at, texts.len()));
            texts.push(work.example(&held[*at], &wording)?);
        }
    }
    let known = match options.before.len() == held.len() {
        true => options.before.as_slice(),
        false => &[],
    };
    work.all = 2 * (texts.len() + DRAFT * drafted.len()) - known.len();
    let Some(mut figures) = work.measure(&texts, known, report)? else {
        return Ok(None);
    };
    let Some(by_base) = work.drafts(base, &options.sampling.before, drafted, report)? else {
        return Ok(None);
    };
    let tuned = base.adapted(adapter).map_err(as_error)?;
    let Some(by_tuned) = work.drafts(&tuned, &options.sampling.after, drafted, report)? else {
        return Ok(None);
    };
    // Where the library has nothing else to say, the model's own words stand against the firm's.
    let first_own = texts.len();
    let mut own = Vec::new();
    for at in drafted {
        let known = others.iter().any(|(other, _)| other == at);
        let words = by_base.get(at).filter(|words| !known && !words.is_empty());
        if let Some(words) = words.filter(|words| differ(words, &held[*at].wanted)) {
            others.push((*at, first_own + own.len()));
            own.push(work.example(&held[*at], words)?);
        }
    }
    let Some(more) = work.measure(&own, &[], report)? else {
        return Ok(None);
    };
    figures.before.extend(more.before);
    figures.after.extend(more.after);
    let mut clauses = Vec::new();
    let mut places = Vec::new();
    let mut copies: Option<Copies<'_>> = None;
    for at in drafted {
        let (Some(base), Some(tuned)) = (by_base.get(at), by_tuned.get(at)) else {
            continue;
        };
        if work.pulse(report).is_break() {
            return Ok(None);
        }
        let one = &held[*at];
        // What is drafted is of one kind: clauses, or further paragraphs.
        let copies = copies.get_or_insert_with(|| Copies::of(&dataset.train, one));
        clauses.push(clause(dataset, one, [base, tuned], copies));
        places.push(*at);
    }
    let group = |of: &dyn Fn(&Example) -> bool| {
        let inside: Vec<bool> = held.iter().map(of).collect();
        let others = others.iter().filter(|(at, _)| inside[*at]);
        let drafts = clauses.iter().zip(&places).filter(|(_, at)| inside[**at]);
        Group {
            choices: choices(others.copied(), first_own, &figures),
            drafts: drafted_figures(drafts.map(|(clause, _)| clause)),
            ..fits(&inside, &figures)
        }
    };
    let documents: HashSet<usize> = held.iter().map(|one| one.source).collect();
    Ok(Some(Comparison {
        documents: documents.len(),
        all: group(&|_| true),
        novel: group(&|one| !is_shared(one)),
        shared: group(&is_shared),
        shown: typical(&clauses),
        clauses,
    }))
}

/// What a comparison works with, and how far it is.
struct Work<'a> {
    base: &'a Base,
    adapter: &'a Adapter,
    held: &'a [Example],
    options: &'a Options,
    done: usize,
    all: usize,
}

impl Work<'_> {
    /// A text as the answer to a request.
    fn example(&self, asked: &Example, answer: &str) -> Result<moqi_lm::Example> {
        let made = self.base.example(&asked.messages(), answer);
        let made = made.map_err(as_error)?;
        Ok(made.cut(self.options.length))
    }

    fn pulse(&self, report: Report<'_>) -> ControlFlow<()> {
        report(Progress {
            done: self.done.min(self.all),
            all: self.all,
        })
    }

    /// Measures texts without and with the adapter; of the first ones it is known what they are without.
    fn measure(
        &mut self,
        texts: &[moqi_lm::Example],
        known: &[Measured],
        report: Report<'_>,
    ) -> Result<Option<Both<Vec<Measured>>>> {
        let (base, threads) = (self.base, self.options.threads);
        let mut both = [known.to_vec(), Vec::new()];
        for (adapter, figures) in [None, Some(self.adapter)].into_iter().zip(&mut both) {
            let texts = &texts[figures.len()..];
            let first = self.done;
            let mut pulse = |more: usize| {
                self.done = first + more;
                self.pulse(report)
            };
            let measured = measure_each(base, adapter, texts, threads, &mut pulse);
            match measured.map_err(as_error)? {
                Some(each) => figures.extend(each),
                None => return Ok(None),
            }
        }
        let [before, after] = both;
        Ok(Some(Both { before, after }))
    }

    /// Drafts of held-out clauses, by their places.
    fn drafts(
        &mut self,
        model: &Base,
        sampling: &Sampling,
        places: &[usize],
        report: Report<'_>,
    ) -> Result<Option<HashMap<usize, String>>> {
        let mut session = model.session().map_err(as_error)?;
        let mut written = HashMap::new();
        for at in places {
            let one = &self.held[*at];
            let mut pulse = || self.pulse(report);
            match draft(model, &mut session, one, sampling, &mut pulse)? {
                Draft::Text(text) => {
                    written.insert(*at, text);
                }
                // Neither model drafts it, and it counts in no figure of drafts.
                Draft::TooLong => {}
                Draft::Cancelled => return Ok(None),
            }
            self.done += DRAFT;
        }
        Ok(Some(written))
    }
}

fn is_shared(example: &Example) -> bool {
    example.wording == Some(Wording::Shared)
}

/// Held-out clauses in an order of the seed; further paragraphs where there are no clauses.
pub(super) fn drawn(held: &[Example], seed: u64, most: usize) -> Vec<usize> {
    let of = |lesson: Lesson| -> Vec<usize> {
        (0..held.len())
            .filter(|at| held[*at].lesson == lesson)
            .collect()
    };
    let mut order = of(Lesson::Draft);
    if order.is_empty() {
        order = of(Lesson::Continue);
    }
    order.sort_by_key(|at| draw(seed, &["drafts", &held[*at].hash]));
    order.truncate(most);
    order
}

/// The shipped clauses of the languages that were asked for.
#[derive(Default)]
struct Libraries(Vec<(Language, Library)>);

impl Libraries {
    fn wording(&mut self, asked: &Example) -> Option<String> {
        let known = |(language, _): &(Language, Library)| *language == asked.language;
        if !self.0.iter().any(known) {
            self.0.push((asked.language, Library::of(asked.language)));
        }
        let (_, library) = self.0.iter().find(|one| known(one))?;
        library.wording(asked)
    }
}

fn clause(
    dataset: &Dataset,
    one: &Example,
    [base, tuned]: [&String; 2],
    copies: &Copies<'_>,
) -> Clause {
    let name = |example: &Example| -> String {
        let source = dataset.sources.get(example.source);
        source.map_or_else(String::new, |source| source.name.clone())
    };
    let nearest = copies.by_request(one);
    let oracle = copies.by_wanted(&one.wanted);
    let close = |text: &str| Closeness::of(text, &one.wanted);
    Clause {
        document: name(one),
        heading: one.heading.clone(),
        shared: is_shared(one),
        closeness: Four {
            base: close(base),
            tuned: close(tuned),
            nearest: close(nearest.map_or("", |one| &one.wanted)),
            oracle: close(oracle.map_or("", |one| &one.wanted)),
        },
        wanted: one.wanted.clone(),
        base: base.clone(),
        tuned: tuned.clone(),
        nearest: nearest.map(|one| Copied {
            document: name(one),
            heading: one.heading.clone(),
            text: one.wanted.clone(),
        }),
    }
}

/// The fit of the examples that are inside.
fn fits(inside: &[bool], figures: &Both<Vec<Measured>>) -> Group {
    let sum = |each: &[Measured]| {
        let mut sum = Measured::default();
        for (one, _) in each.iter().zip(inside).filter(|(_, inside)| **inside) {
            sum.nll += one.nll;
            sum.tokens += one.tokens;
            sum.top1 += one.top1;
        }
        sum
    };
    let (before, after) = (sum(&figures.before), sum(&figures.after));
    let fit = |sum: Measured| {
        let loss = sum.nll / sum.tokens as f64;
        Fit {
            loss,
            perplexity: loss.exp(),
            agreement: sum.top1 as f64 / sum.tokens as f64,
        }
    };
    Group {
        examples: inside.iter().filter(|inside| **inside).count(),
        tokens: before.tokens,
        fit: (before.tokens > 0).then(|| Both {
            before: fit(before),
            after: fit(after),
        }),
        ..Group::default()
    }
}

fn choices(
    others: impl Iterator<Item = (usize, usize)>,
    first_own: usize,
    figures: &Both<Vec<Measured>>,
) -> Choices {
    let mut told = Choices::default();
    for (firm, other) in others {
        let prefers = |each: &[Measured]| {
            let mean = |one: &Measured| one.nll / one.tokens.max(1) as f64;
            usize::from(mean(&each[firm]) < mean(&each[other]))
        };
        told.clauses += 1;
        told.own_drafts += usize::from(other >= first_own);
        told.firm.before += prefers(&figures.before);
        told.firm.after += prefers(&figures.after);
    }
    told
}

fn drafted_figures<'a>(clauses: impl Iterator<Item = &'a Clause>) -> Option<Drafted> {
    let mut told = Drafted::default();
    for clause in clauses {
        let four = &clause.closeness;
        told.clauses += 1;
        told.closer_than_base += usize::from(four.tuned.both() > four.base.both());
        told.closer_than_nearest += usize::from(four.tuned.both() > four.nearest.both());
        for (sum, one) in told.mean.each_mut().into_iter().zip(four.each()) {
            sum.rouge_l += one.rouge_l;
            sum.chrf += one.chrf;
        }
    }
    let count = told.clauses as f64;
    for mean in told.mean.each_mut() {
        mean.rouge_l /= count;
        mean.chrf /= count;
    }
    (told.clauses > 0).then_some(told)
}

/// The clauses whose gain is nearest to the median.
pub(super) fn typical(clauses: &[Clause]) -> Vec<usize> {
    let gain = |clause: &Clause| clause.closeness.tuned.both() - clause.closeness.base.both();
    let mut order: Vec<usize> = (0..clauses.len()).collect();
    order.sort_by(|a, b| {
        gain(&clauses[*a])
            .total_cmp(&gain(&clauses[*b]))
            .then(a.cmp(b))
    });
    let first = order.len().saturating_sub(SHOWN) / 2;
    order.into_iter().skip(first).take(SHOWN).collect()
}
