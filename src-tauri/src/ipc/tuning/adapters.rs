//! Adapters, in the shapes that cross.

use moqi_app::tune::Side;
use moqi_app::{self as app, App, Language};

use super::views::{figures_view, leaks_view};
use super::*;

/// All adapters of this machine, the newest first.
pub fn adapter_views(app: &App) -> Vec<AdapterView> {
    let models = app::models::list(app.home());
    let all = app.adapters().into_iter();
    all.map(|info| view(app, &models, info)).collect()
}

/// The clauses that a house style drafts from.
///
/// # Errors
/// The data file cannot be read.
pub fn house_clause_views(app: &App, id: &str) -> app::Result<Vec<HouseClauseView>> {
    let clauses = app.house_clauses(id)?.into_iter();
    let views = clauses.map(|clause| HouseClauseView {
        number: clause.number,
        hash: clause.hash,
        document: clause.document,
        heading: clause.heading,
        text: clause.text,
        excluded: clause.excluded,
    });
    Ok(views.collect())
}

fn view(app: &App, models: &[app::models::Model], info: app::AdapterInfo) -> AdapterView {
    let app::AdapterInfo {
        id,
        folder: _,
        bytes,
        manifest,
        wall,
        state,
        used,
        run,
        parents,
    } = info;
    let model = models
        .iter()
        .find(|model| model.entry.id == manifest.base.name);
    let outcome = run.as_deref().and_then(|run| app.outcome(run));
    // A mix has no run; what was found of it is in its manifest.
    let leaks = outcome
        .as_ref()
        .and_then(|outcome| outcome.leaks.clone())
        .or_else(|| manifest.leaks());
    let sources = manifest.sources.into_iter().map(|source| AdapterSource {
        side: Side::named(&source.part).into(),
        title: source.title,
        hash: source.hash,
        examples: usize::try_from(source.examples).unwrap_or(0),
    });
    AdapterView {
        model_name: model.map_or_else(
            || manifest.base.name.clone(),
            |model| model.entry.name.clone(),
        ),
        installed: model.is_some_and(|model| model.file.is_some()),
        model: manifest.base.name,
        language: match manifest.language.as_str() {
            "zh" => Some(Language::Zh.into()),
            "en" => Some(Language::En.into()),
            _ => None,
        },
        name: manifest.name,
        created_at: manifest.created_at,
        bytes,
        wall: wall.into(),
        state: state.into(),
        used,
        sources: sources.collect(),
        before: figures_view(
            outcome.as_ref().map(|of| of.before),
            manifest.before.perplexity,
        ),
        after: figures_view(
            outcome.as_ref().map(|of| of.after),
            manifest.after.perplexity,
        ),
        leaks: leaks.map(|leaks| leaks_view(&leaks, app.language())),
        run,
        parents,
        id,
    }
}

impl From<app::Matter> for MatterView {
    fn from(matter: app::Matter) -> Self {
        let app::Matter {
            client,
            matter,
            group,
        } = matter;
        MatterView {
            client,
            matter,
            group,
        }
    }
}

impl From<MatterView> for app::Matter {
    fn from(matter: MatterView) -> Self {
        let said = |words: Option<String>| {
            let words = words.map(|words| words.trim().to_owned());
            words.filter(|words| !words.is_empty())
        };
        app::Matter {
            client: said(matter.client),
            matter: said(matter.matter),
            group: said(matter.group),
        }
    }
}
