//! What the program says of tunings, in the shapes that cross.

use moqi_app::document::mask::Private;
use moqi_app::tune::Side;
use moqi_app::{self as app, App, Language};

use super::*;

/// Points of a curve that a chart shows.
const POINTS: usize = 400;

impl From<TuneWish> for app::Tune {
    fn from(wish: TuneWish) -> Self {
        let TuneWish {
            paths,
            documents,
            model,
            name,
            wall,
            from,
            effort,
            steps,
            augment,
            search,
        } = wish;
        app::Tune {
            paths: paths.into_iter().map(Into::into).collect(),
            documents,
            model,
            name,
            wall: wall.into(),
            from,
            effort: effort.into(),
            steps: steps.map(|steps| steps as usize),
            augment,
            search,
            ..app::Tune::default()
        }
    }
}

impl From<WallView> for app::Wall {
    fn from(wall: WallView) -> Self {
        match wall {
            WallView::Firm => app::Wall::Firm,
            WallView::Group { name } => app::Wall::Group(name),
            WallView::Client { name } => app::Wall::Client(name),
            WallView::Matter { client, name } => app::Wall::Matter {
                client,
                matter: name,
            },
        }
    }
}

impl From<app::Wall> for WallView {
    fn from(wall: app::Wall) -> Self {
        match wall {
            app::Wall::Firm => WallView::Firm,
            app::Wall::Group(name) => WallView::Group { name },
            app::Wall::Client(name) => WallView::Client { name },
            app::Wall::Matter { client, matter } => WallView::Matter {
                client,
                name: matter,
            },
        }
    }
}

impl From<Side> for SideName {
    fn from(side: Side) -> Self {
        match side {
            Side::Train => SideName::Learn,
            Side::Valid => SideName::Check,
            Side::Test => SideName::Test,
        }
    }
}

/// A plan, with its reasons in the language of the window.
pub fn plan_view(plan: app::Plan, language: Language) -> TunePlan {
    let app::Plan {
        sources,
        left_out,
        others,
        duplicates,
        examples,
        tokens,
        masked,
        shown,
        steps,
        seconds,
        memory,
        memory_free,
    } = plan;
    let clauses = sources.iter().map(|source| source.clauses).sum();
    let sources = sources.into_iter().map(
        |app::PlanSource {
             name,
             language,
             side,
             clauses,
             examples,
             masked,
         }| TuneSource {
            name,
            language: language.into(),
            side: side.into(),
            clauses,
            examples,
            masked,
        },
    );
    let kind = |kind| kind_name(kind).to_owned();
    TunePlan {
        sources: sources.collect(),
        left_out: left_out
            .into_iter()
            .map(|left| LeftOutView {
                why: left.why.sentence().in_language(language).to_owned(),
                name: left.name,
            })
            .collect(),
        others,
        duplicates,
        clauses,
        examples,
        tokens,
        masked: masked
            .into_iter()
            .map(|(of, count)| MaskedView {
                kind: kind(of),
                count,
            })
            .collect(),
        shown: shown
            .into_iter()
            .map(|(document, masked)| ShownMask {
                document,
                kind: kind(masked.kind),
                words: masked.words,
                placeholder: masked.placeholder,
                count: masked.count,
            })
            .collect(),
        steps,
        seconds: seconds.is_finite().then_some(seconds),
        memory,
        memory_free,
    }
}

/// A kind of personal data, as the window looks up its words.
fn kind_name(kind: Private) -> &'static str {
    match kind {
        Private::Organisation => "organisation",
        Private::Person => "person",
        Private::IdNumber => "id_number",
        Private::Passport => "passport",
        Private::Registration => "registration",
        Private::Account => "account",
        Private::Phone => "phone",
        Private::Email => "email",
        Private::Address => "address",
        Private::Amount => "amount",
        Private::Number => "number",
    }
}

/// How the tuning stands, in the language of the window.
pub fn tuning_view(app: &App, now: app::TuningNow) -> TuningView {
    let language = app.language();
    let app::TuningNow {
        stand,
        run,
        name,
        model,
        count: (done, all),
        steps: (step, steps),
        rate,
        seconds,
        left,
        work,
        before: _,
        anew,
        waiting,
        saved,
        train,
        valid,
        plan,
        outcome,
        failure,
        gone,
    } = now;
    TuningView {
        phase: stand.into(),
        run,
        name,
        model,
        done,
        all,
        step,
        steps,
        rate,
        seconds,
        left,
        work: match work {
            app::Work::Tune => TuneWork::Tune,
            app::Work::Mix => TuneWork::Mix,
            app::Work::Forget => TuneWork::Forget,
        },
        anew,
        waiting,
        saved,
        train: points(train),
        valid: points(valid),
        plan: plan.map(|plan| plan_view(*plan, language)),
        result: outcome.map(|outcome| result_view(app, outcome)),
        failure: failure.map(|error| crate::window::failure(&error, language)),
        gone: gone.iter().map(|gone| deletion(gone, language)).collect(),
    }
}

/// That an adapter is deleted, and why.
fn deletion(gone: &app::Gone, language: Language) -> String {
    let why = gone.why.in_language(language);
    match language {
        Language::Zh => format!("“{}”已删除：{why}", gone.name),
        Language::En => format!("“{}” is deleted. {why}", gone.name),
    }
}

impl From<app::Stand> for TunePhase {
    fn from(stand: app::Stand) -> Self {
        match stand {
            app::Stand::Idle => TunePhase::Idle,
            app::Stand::Queued => TunePhase::Queued,
            app::Stand::At(app::Phase::Reading) => TunePhase::Reading,
            app::Stand::At(app::Phase::Before) => TunePhase::Before,
            app::Stand::At(app::Phase::Searching) => TunePhase::Searching,
            app::Stand::At(app::Phase::Learning) => TunePhase::Learning,
            app::Stand::At(app::Phase::After) => TunePhase::After,
            app::Stand::At(app::Phase::Leaks) => TunePhase::Leaks,
            app::Stand::Pausing => TunePhase::Pausing,
            app::Stand::Paused => TunePhase::Paused,
            app::Stand::Done => TunePhase::Done,
            app::Stand::Cancelled => TunePhase::Cancelled,
            app::Stand::Failed => TunePhase::Failed,
        }
    }
}

/// Evenly thinned, with the last.
fn points(all: Vec<(usize, f64)>) -> Vec<LossPoint> {
    let every = all.len().div_ceil(POINTS).max(1);
    let last = all.len().saturating_sub(1);
    all.into_iter()
        .enumerate()
        .filter(|(at, _)| at % every == 0 || *at == last)
        .map(|(_, (step, loss))| LossPoint { step, loss })
        .collect()
}

/// What came of a tuning, in the language of the window.
pub fn result_view(app: &App, outcome: app::Outcome) -> TuneResult {
    let app::Outcome {
        adapter,
        steps,
        seconds,
        early,
        before,
        after,
        sentences,
        samples,
        leaks,
        figures: _,
    } = outcome;
    let language = app.language();
    let sentences = sentences.iter();
    let sentences = sentences.map(|sentence| sentence.in_language(language).to_owned());
    TuneResult {
        state: app
            .adapter_state(&adapter)
            .map_or(AdapterStateName::Discarded, Into::into),
        adapter,
        steps,
        seconds,
        early,
        before: before.into(),
        after: after.into(),
        sentences: sentences.collect(),
        samples: samples.into_iter().map(Into::into).collect(),
        leaks: leaks.map(|leaks| leaks_view(&leaks, language)),
    }
}

/// The leak test, in the language of the window.
pub fn leaks_view(leaks: &app::tune::leak::Leaks, language: Language) -> LeaksView {
    LeaksView {
        sound: leaks.sound(),
        tested: leaks.tested,
        exposure: leaks.exposure,
        sentence: leaks.sentence().in_language(language).to_owned(),
    }
}

/// The figures that are told at the end of a tuning; where they are not known, the perplexity alone.
pub fn figures_view(told: Option<app::Figures>, perplexity: Option<f64>) -> FiguresView {
    let measured = app::Figures {
        perplexity,
        ..app::Figures::default()
    };
    told.unwrap_or(measured).into()
}

/// A run, for the table.
pub fn run_view(app: &App, run: app::TrainingRunRow) -> RunView {
    let count = |number: i64| usize::try_from(number).unwrap_or(0);
    let outcome = app.outcome(&run.id);
    RunView {
        model: app.run_model(&run),
        resumable: run.status == app::RunStatus::Interrupted && app.resumable(&run.id),
        status: run.status.into(),
        created_at: run.created_at,
        ended_at: run.ended_at,
        adapter: run.adapter.filter(|id| {
            app.adapter_state(id)
                .is_some_and(|state| state != app::AdapterState::Discarded)
        }),
        steps: count(run.progress.steps),
        steps_wanted: count(run.steps_wanted),
        seconds: run.progress.seconds,
        peak: u64::try_from(run.progress.peak_bytes).unwrap_or(0),
        machine: run.machine,
        before: figures_view(outcome.as_ref().map(|of| of.before), run.before.perplexity),
        after: figures_view(outcome.as_ref().map(|of| of.after), run.after.perplexity),
        error: run.error,
        id: run.id,
        name: run.name,
    }
}

/// All that is known of a run.
pub fn run_detail(app: &App, id: &str) -> app::Result<RunDetail> {
    let run = app.run(id)?;
    let (train, valid) = app.run_losses(&run.id)?;
    let settings =
        serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&run.configuration);
    let settings = settings
        .unwrap_or_default()
        .into_iter()
        .map(|(name, value)| {
            let value = match value {
                serde_json::Value::String(text) => text,
                other => other.to_string(),
            };
            [name, value]
        });
    let sources = app
        .run_sources(&run.id)?
        .into_iter()
        .map(|source| RunSource {
            side: Side::of(source.part).map(Into::into),
            title: source.title,
            hash: source.hash,
            examples: usize::try_from(source.examples).unwrap_or(0),
            reason: source.reason,
        });
    Ok(RunDetail {
        train: points(train),
        valid: points(valid),
        settings: settings.collect(),
        sources: sources.collect(),
        result: app
            .outcome(&run.id)
            .map(|outcome| result_view(app, outcome)),
        run: run_view(app, run),
    })
}
