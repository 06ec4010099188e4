//! From a base, an adapter and held-out examples to figures.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use moqi_lm::{Adapter, Base, Measured, Message, Role, measure_each};

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
/// The base runs on a graphics card, or the adapter is of another base.
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
    let tuned = base.adapted(adapter).map_err(as_error)?;
    let example = |asked: &Example, wanted: &str| -> Result<moqi_lm::Example> {
        let messages = [
            Message::new(Role::System, &asked.system),
            Message::new(Role::User, &asked.user),
        ];
        let made = base.example(&messages, wanted).map_err(as_error)?;
        Ok(made.cut(options.length))
    };
    let asked = drawn(held, options.seed, MOST_CHOICES);
    let drafted: Vec<usize> = asked.iter().copied().take(options.drafts).collect();
    let mut wordings = Wordings::default();
    let mut texts = Vec::with_capacity(held.len());
    for one in held {
        texts.push(example(one, &one.wanted)?);
    }
    for at in asked {
        if let Some(wording) = wordings.of(&held[at]) {
            wordings.others.push((at, texts.len()));
            texts.push(example(&held[at], &wording)?);
        }
    }
    let all = 2 * (texts.len() + DRAFT * drafted.len());
    let mut done = 0;
    let measured = |texts: &[moqi_lm::Example], done: usize, report: Report<'_>| {
        let mut both = Vec::with_capacity(2);
        for (n, adapter) in [None, Some(adapter)].into_iter().enumerate() {
            let mut pulse = |more: usize| {
                report(Progress {
                    done: (done + n * texts.len() + more).min(all),
                    all,
                })
            };
            match measure_each(base, adapter, texts, options.threads, &mut pulse) {
                Ok(Some(each)) => both.push(each),
                Ok(None) => return Ok(None),
                Err(error) => return Err(as_error(error)),
            }
        }
        Ok(both
            .pop()
            .zip(both.pop())
            .map(|(after, before)| Both { before, after }))
    };
    let Some(mut figures) = measured(&texts, done, report)? else {
        return Ok(None);
    };
    done += 2 * texts.len();
    let mut written: [HashMap<usize, String>; 2] = Default::default();
    for (model, written) in [base, &tuned].into_iter().zip(&mut written) {
        let mut session = model.session().map_err(as_error)?;
        for at in &drafted {
            let mut pulse = || report(Progress { done, all });
            let text = draft(
                model,
                &mut session,
                &held[*at],
                &options.sampling,
                &mut pulse,
            )?;
            match text {
                Draft::Text(text) => {
                    written.insert(*at, text);
                }
                Draft::TooLong => {}
                Draft::Cancelled => return Ok(None),
            }
            done += DRAFT;
        }
    }
    let [by_base, by_tuned] = written;
    // Where the library has nothing to say, the model's own words stand against the firm's.
    let mut own = Vec::new();
    for at in &drafted {
        let known = wordings.others.iter().any(|(other, _)| other == at);
        let words = by_base.get(at).filter(|words| !words.is_empty());
        if let Some(words) = words.filter(|words| !known && differ(words, &held[*at].wanted)) {
            wordings.others.push((*at, texts.len() + own.len()));
            own.push(example(&held[*at], words)?);
        }
    }
    let first_own = texts.len();
    let Some(more) = measured(&own, done, report)? else {
        return Ok(None);
    };
    figures.before.extend(more.before);
    figures.after.extend(more.after);
    let mut clauses = Vec::new();
    let mut places = Vec::new();
    let mut copies: HashMap<Lesson, Copies<'_>> = HashMap::new();
    for at in drafted {
        let (Some(base), Some(tuned)) = (by_base.get(&at), by_tuned.get(&at)) else {
            continue;
        };
        if report(Progress { done, all }).is_break() {
            return Ok(None);
        }
        let one = &held[at];
        let copies = copies
            .entry(one.lesson)
            .or_insert_with(|| Copies::of(&dataset.train, one));
        clauses.push(clause(dataset, one, [base, tuned], copies));
        places.push(at);
    }
    let group = |of: &dyn Fn(&Example) -> bool| {
        let inside: Vec<bool> = held.iter().map(of).collect();
        let others = wordings.others.iter().filter(|(at, _)| inside[*at]);
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

/// The other wordings of the test of choice.
#[derive(Default)]
struct Wordings {
    libraries: Vec<(moqi_document::Language, Library)>,
    /// A held-out example, and the place of its other wording among the texts that are measured.
    others: Vec<(usize, usize)>,
}

impl Wordings {
    fn of(&mut self, asked: &Example) -> Option<String> {
        let language = asked.language;
        if !self.libraries.iter().any(|(known, _)| *known == language) {
            self.libraries.push((language, Library::of(language)));
        }
        let (_, library) = self
            .libraries
            .iter()
            .find(|(known, _)| *known == language)?;
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
