//! Commands about tuning that need more than a verb: a channel, a dialog, or the program itself.

use std::path::PathBuf;
use std::time::Instant;

use moqi_app::{Error, Tune};
use tauri::ipc::Channel;
use tauri::{AppHandle, State};

use super::assist::BATCH;
use super::commands::{Reply, call};
use super::{Shared, dialog};
use crate::ipc::*;

/// What would be learnt; progress counts documents, ten times a second at most.
#[tauri::command]
pub async fn tune_plan(
    shared: State<'_, Shared>,
    wish: TuneWish,
    events: Channel<ImportProgress>,
) -> Reply<TunePlan> {
    call(shared, move |app| {
        let mut sent: Option<Instant> = None;
        let plan = app.plan_tuning(&wish.into(), &mut |done, total| {
            if sent.is_none_or(|sent| sent.elapsed() >= BATCH) {
                sent = Some(Instant::now());
                let _ = events.send(ImportProgress { done, total });
            }
        })?;
        Ok(plan_view(plan, app.language()))
    })
    .await
}

/// Starts a tuning.
#[tauri::command]
pub async fn tune(shared: State<'_, Shared>, wish: TuneWish) -> Reply<()> {
    call(shared, move |app| app.start_tuning(wish.into())).await
}

/// Has the window told how the tuning stands, now and whenever that changes.
#[tauri::command]
pub async fn watch_tuning(shared: State<'_, Shared>, events: Channel<TuningView>) -> Reply<()> {
    call(shared, move |app| {
        let weak = std::sync::Arc::downgrade(app);
        app.watch_tuning(move |now| {
            if let Some(app) = weak.upgrade() {
                let _ = events.send(tuning_view(&app, now.clone()));
            }
        });
        Ok(())
    })
    .await
}

/// Goes on with an interrupted tuning.
#[tauri::command]
pub async fn resume_tuning(shared: State<'_, Shared>, run: String) -> Reply<()> {
    call(shared, move |app| app.resume_tuning(&run)).await
}

/// Learns everything that knows a source again without it.
#[tauri::command]
pub async fn forget_source(shared: State<'_, Shared>, hash: String, title: String) -> Reply<()> {
    call(shared, move |app| app.start_forgetting(hash, title)).await
}

/// Makes one adapter of several, by weight.
#[tauri::command]
pub async fn mix_adapters(
    shared: State<'_, Shared>,
    parts: Vec<MixPart>,
    name: String,
) -> Reply<()> {
    let parts = parts.into_iter().map(|part| (part.adapter, part.weight));
    let parts = parts.collect();
    call(shared, move |app| app.start_mixing(parts, name)).await
}

/// Writes examples and settings for a cluster into a folder that is chosen.
#[tauri::command]
pub async fn export_tuning(
    handle: AppHandle,
    shared: State<'_, Shared>,
    wish: TuneWish,
) -> Reply<Option<String>> {
    let Some(folder) = dialog::folder(&handle).await else {
        return Ok(None);
    };
    let wanted = Tune::from(wish);
    let out = folder.join(moqi_app::files::clean_name(&wanted.name));
    let path = out.display().to_string();
    call(shared, move |app| {
        app.export_tuning(&wanted, &wanted.model, &out)
    })
    .await?;
    Ok(Some(path))
}

/// Copies an adapter into a new folder inside the one that is chosen.
#[tauri::command]
pub async fn export_adapter(
    handle: AppHandle,
    shared: State<'_, Shared>,
    id: String,
) -> Reply<Option<String>> {
    let Some(folder) = dialog::folder(&handle).await else {
        return Ok(None);
    };
    call(shared, move |app| {
        let info = app.adapter(&id)?;
        let name = format!("{} {}", info.manifest.name, info.id);
        let out = folder.join(moqi_app::files::clean_name(&name));
        app.export_adapter(&id, &out)?;
        Ok(Some(out.display().to_string()))
    })
    .await
}

/// Takes in an adapter from a folder that is chosen.
#[tauri::command]
pub async fn add_adapter(
    handle: AppHandle,
    shared: State<'_, Shared>,
) -> Reply<Option<Vec<AdapterView>>> {
    let Some(folder) = dialog::folder(&handle).await else {
        return Ok(None);
    };
    call(shared, move |app| {
        app.add_adapter(&folder)?;
        Ok(Some(adapter_views(app)))
    })
    .await
}

/// Writes the record of all runs or of one, where the person chooses.
#[tauri::command]
pub async fn export_run(
    handle: AppHandle,
    shared: State<'_, Shared>,
    id: Option<String>,
    format: String,
) -> Reply<Option<String>> {
    let chosen: Option<PathBuf> = match format.as_str() {
        "tensorboard" => dialog::folder(&handle).await,
        _ => {
            let save = |dialog: tauri_plugin_dialog::FileDialogBuilder<tauri::Wry>| {
                dialog.add_filter("CSV", &["csv"]).set_file_name("moqi.csv")
            };
            dialog::save(&handle, save).await
        }
    };
    let Some(path) = chosen else {
        return Ok(None);
    };
    call(shared, move |app| match (format.as_str(), id) {
        ("csv", id) => {
            app.export_runs(id.as_deref(), &path)?;
            Ok(Some(path.display().to_string()))
        }
        ("tensorboard", Some(id)) => {
            let file = app.export_events(&id, &path)?;
            Ok(Some(file.display().to_string()))
        }
        _ => Err(Error::input(
            "没有这种格式的训练记录。",
            "The record cannot be written in this format.",
        )),
    })
    .await
}
