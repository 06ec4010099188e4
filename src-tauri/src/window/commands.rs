//! Every command of the window: take a request, call one verb off the main thread, convert.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use moqi_app::{App, Code, Error, Result};
use tauri::ipc::{Channel, Invoke};
use tauri::{AppHandle, State, Wry};
use tauri_plugin_opener::OpenerExt;

use super::{Shared, assist as jobs, dialog, tuning};
use crate::ipc::*;

/// The handlers; a test holds this list against `command_names.rs`.
pub fn handler() -> impl Fn(Invoke<Wry>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        boot,
        set_language,
        settings,
        set_setting,
        templates,
        template,
        copy_template,
        remarks,
        add_file_version,
        template_from,
        template_offers,
        save_template,
        delete_template,
        clauses,
        clause_text,
        save_clause,
        delete_clause,
        documents,
        choose_files,
        import,
        cancel_import,
        originals,
        save_original,
        create_document,
        open_document,
        rename_document,
        trash_document,
        restore_document,
        delete_document,
        duplicate_document,
        sync,
        replace,
        preview_answers,
        set_answers,
        insert_clause,
        fix_change,
        fix_all,
        ignore_finding,
        unignore_finding,
        versions,
        save_version,
        version,
        restore_version,
        export,
        choose_export_path,
        word_places,
        fill_word,
        export_redline,
        version_changes,
        open_path,
        show_in_folder,
        assist,
        cancel,
        models,
        choose_model,
        fetch_model,
        add_model,
        pick_model_file,
        remove_model,
        device,
        set_device,
        server,
        allow_server,
        forget_server,
        server_models,
        use_server,
        server_off,
        tuning::tune_plan,
        cancel_plan,
        tuning::tune,
        tuning::watch_tuning,
        pause_tuning,
        tuning::resume_tuning,
        cancel_tuning,
        dismiss_tuning,
        tuning::export_tuning,
        decide,
        adapters,
        use_adapter,
        rename_adapter,
        house_clauses,
        exclude_house_clauses,
        set_wall,
        tuning::export_adapter,
        tuning::add_adapter,
        delete_adapter,
        tuning::mix_adapters,
        tuning::forget_source,
        walls,
        matter,
        set_matter,
        runs,
        run,
        tuning::export_run,
        search,
        usable,
        measured,
        flushed,
        log_error,
    ]
}

pub(super) type Reply<T> = std::result::Result<T, Failure>;

/// Runs a verb on a thread that may block, and puts its failure into the language of the window. A panic is a failure too.
pub(super) async fn call<T: Send + 'static>(
    shared: State<'_, Shared>,
    verb: impl FnOnce(&Arc<App>) -> Result<T> + Send + 'static,
) -> Reply<T> {
    let app = Arc::clone(&shared.0);
    let language = app.language();
    let for_verb = Arc::clone(&app);
    let done = tauri::async_runtime::spawn_blocking(move || {
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| verb(&for_verb)))
    })
    .await;
    let result = match done {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => Err(moqi_app::of_panic(&*panic)),
        Err(error) => Err(
            Error::new(Code::Internal, "任务没有完成。", "The task did not finish.")
                .caused_by(error),
        ),
    };
    result.map_err(|error| failure(&error, language))
}

/// A failure in the language of the window.
pub fn failure(error: &Error, language: moqi_app::Language) -> Failure {
    Failure {
        code: error.code.name().to_owned(),
        message: error.message.in_language(language).to_owned(),
        hint: error
            .hint
            .as_ref()
            .map(|hint| hint.in_language(language).to_owned()),
    }
}

macro_rules! commands {
    ($($(#[$doc:meta])* fn $name:ident($($argument:ident: $kind:ty),*) -> $reply:ty = $verb:expr;)*) => { $(
        $(#[$doc])*
        #[tauri::command]
        async fn $name(shared: State<'_, Shared>, $($argument: $kind),*) -> Reply<$reply> {
            call(shared, move |app| {
                let verb: fn(&App, $($kind),*) -> Result<$reply> = $verb;
                verb(app, $($argument),*)
            })
            .await
        }
    )* };
}

commands! {
    fn boot() -> Boot = |app| Ok(boot_of(app));
    fn set_language(language: Lang) -> Boot = |app, language| { app.set_language(language.into())?; Ok(boot_of(app)) };
    fn settings() -> BTreeMap<String, String> = |app| app.settings();
    fn set_setting(key: String, value: String) -> () = |app, key, value| app.set_setting(&key, &value);

    fn templates(query: String, language: Option<Lang>) -> Vec<TemplateCard> =
        |app, query, language| Ok(app.templates(&query, language.map(Into::into))?.into_iter().map(Into::into).collect());
    fn template(id: String) -> TemplateView = |app, id| Ok(template_view(app, app.template(&id)?));
    fn copy_template(id: String) -> TemplateView = |app, id| Ok(template_view(app, app.copy_template(&id)?));
    fn remarks(id: String) -> Vec<ThreadView> = |app, id| Ok(app.remarks(&id)?.into_iter().map(Into::into).collect());
    fn template_offers(document: Option<String>, path: Option<String>) -> OffersView =
        |app, document, path| Ok(app.template_offers(&material(document, path))?.into());
    fn template_from(document: Option<String>, path: Option<String>, title: String, accepted: Vec<AcceptedView>) -> TemplateView =
        |app, document, path, title, accepted| {
            let accepted: Vec<moqi_app::Accepted> = accepted.into_iter().map(Into::into).collect();
            Ok(template_view(app, app.template_from(&material(document, path), &title, &accepted)?))
        };
    fn save_template(id: String, text: String) -> TemplateView = |app, id, text| Ok(template_view(app, app.save_template(&id, &text)?));
    fn delete_template(id: String) -> () = |app, id| app.delete_template(&id);

    fn clauses(query: String, kind: Option<String>, language: Option<Lang>, topic: Option<String>) -> Vec<ClauseCard> =
        |app, query, kind, language, topic| {
            let found = app.clauses(&query, kind.as_deref(), language.map(Into::into), topic.as_deref())?;
            Ok(found.into_iter().map(Into::into).collect())
        };
    fn clause_text(id: String) -> String = |app, id| app.clause_text(&id);
    fn save_clause(id: Option<String>, text: String) -> ClauseCard = |app, id, text| Ok(app.save_clause(id.as_deref(), &text)?.into());
    fn delete_clause(id: String) -> () = |app, id| app.delete_clause(&id);

    fn documents(query: String, trash: bool) -> Vec<DocumentCard> =
        |app, query, trash| Ok(app.documents(&query, trash)?.into_iter().map(Into::into).collect());
    fn originals() -> BTreeMap<String, String> = |app| app.originals();
    fn create_document(template: Option<String>, title: Option<String>, language: Lang, answers: AnswersView) -> DocumentView =
        |app, template, title, language, answers| {
            let answers = answers_from(answers);
            Ok(document_view(app, app.create_document(template.as_deref(), title.as_deref(), language.into(), &answers)?))
        };
    fn open_document(id: String) -> DocumentView = |app, id| Ok(document_view(app, app.open_document(&id)?));
    fn rename_document(id: String, title: String) -> DocumentCard = |app, id, title| Ok(app.rename_document(&id, &title)?.into());
    fn trash_document(id: String) -> () = |app, id| app.trash_document(&id);
    fn restore_document(id: String) -> () = |app, id| app.restore_document(&id);
    fn delete_document(id: String) -> () = |app, id| app.delete_document(&id);
    fn duplicate_document(id: String) -> DocumentCard = |app, id| Ok(app.duplicate_document(&id)?.into());

    fn sync(id: String, seq: u64, change: Change) -> Derived = |app, id, seq, change| {
        let Change { from, remove, insert } = change;
        Ok(derived(app, app.sync(&id, seq, from, remove, blocks(insert))?))
    };
    fn replace(id: String, nodes: Vec<Node>) -> Derived = |app, id, nodes| Ok(derived(app, app.replace(&id, blocks(nodes))?));
    fn preview_answers(template: String, answers: AnswersView) -> Vec<FieldView> =
        |app, template, answers| Ok(field_views(&app.preview_answers(&template, &answers_from(answers))?));
    fn set_answers(id: String, answers: AnswersView) -> Answered =
        |app, id, answers| Ok(answered(app, app.set_answers(&id, answers_from(answers))?));
    fn insert_clause(id: String, clause: String, at: usize) -> ClauseInsert =
        |app, id, clause, at| Ok(clause_insert(app.insert_clause(&id, &clause, at)?));
    fn fix_change(id: String, key: String) -> Vec<Change> = |app, id, key| Ok(changes(app.fix(&id, Some(&key), None)?));
    fn fix_all(id: String, rule: Option<String>) -> Vec<Change> = |app, id, rule| Ok(changes(app.fix(&id, None, rule.as_deref())?));
    fn ignore_finding(id: String, key: String, reason: String) -> Derived =
        |app, id, key, reason| Ok(derived(app, app.ignore_finding(&id, &key, &reason)?));
    fn unignore_finding(id: String, key: String) -> Derived = |app, id, key| Ok(derived(app, app.unignore_finding(&id, &key)?));

    fn versions(id: String) -> Vec<VersionCard> = |app, id| Ok(app.versions(&id)?.into_iter().map(Into::into).collect());
    fn save_version(id: String, label: String) -> VersionCard = |app, id, label| Ok(app.save_version(&id, &label)?.into());
    fn add_file_version(id: String, path: String) -> VersionCard = |app, id, path| Ok(app.add_file_version(&id, path.as_ref())?.into());
    fn version(version: String) -> DocumentView = |app, version| Ok(document_view(app, app.version(&version)?));
    fn restore_version(id: String, version: String) -> DocumentView =
        |app, id, version| Ok(document_view(app, app.restore_version(&id, &version)?));

    fn export(id: String, path: Option<String>, wish: Option<ExportWish>, proposal: Option<Change>) -> Exported =
        |app, id, path, wish, proposal| {
            let wish = wish.map(ExportWish::read).transpose()?.unwrap_or_default();
            let proposals = proposal.into_iter().map(|change| moqi_app::Change {
                from: change.from,
                remove: change.remove,
                insert: blocks(change.insert),
            });
            Ok(app.export_with(&id, path.map(PathBuf::from), &wish, proposals.collect())?.into())
        };
    fn word_places(path: String) -> Vec<WordPlace> =
        |app, path| Ok(app.places(path.as_ref())?.into_iter().map(Into::into).collect());
    fn fill_word(path: String, values: BTreeMap<String, String>, rows: BTreeMap<String, Vec<BTreeMap<String, String>>>) -> Exported =
        |app, path, values, rows| Ok(app.export_filled(path.as_ref(), &values, &rows)?.into());
    fn version_changes(id: String, version: String) -> Vec<ChangedView> =
        |app, id, version| Ok(app.changes_since(&id, &version)?.into_iter().map(Into::into).collect());
    fn export_redline(id: String, version: String) -> Exported =
        |app, id, version| Ok(app.export_redline(&id, &version, None)?.into());
    fn models() -> Vec<ModelView> = |app| Ok(model_views(app));
    fn choose_model(id: String) -> Vec<ModelView> = |app, id| { app.choose_model(&id)?; Ok(model_views(app)) };
    fn add_model(path: String) -> Vec<ModelView> = |app, path| { app.add_model(path.as_ref())?; Ok(model_views(app)) };
    fn remove_model(id: String) -> Vec<ModelView> = |app, id| { app.remove_model(&id)?; Ok(model_views(app)) };

    fn device() -> DeviceView = |app| app.device().map(Into::into);
    fn set_device(name: String) -> DeviceView = |app, name| app.set_device(&name).map(Into::into);

    fn server() -> ServerView = |app| app.server().map(Into::into);
    fn allow_server(address: String, key: Option<String>, plain: bool) -> ServerView =
        |app, address, key, plain| app.allow_server(&address, key.as_deref(), plain).map(Into::into);
    fn forget_server(address: String) -> ServerView = |app, address| app.forget_server(&address).map(Into::into);
    fn server_models(address: String) -> Vec<String> = |app, address| app.server_models(&address);
    fn use_server(address: String, model: String) -> ServerView =
        |app, address, model| app.use_server(&address, &model).map(Into::into);
    fn server_off() -> ServerView = |app| app.server_off().map(Into::into);
    fn cancel_plan() -> () = |app| { app.cancel_plan(); Ok(()) };
    fn pause_tuning() -> () = |app| { app.pause_tuning(); Ok(()) };
    fn cancel_tuning(run: Option<String>) -> () = |app, run| app.cancel_tuning(run.as_deref());
    fn dismiss_tuning() -> () = |app| { app.dismiss_tuning(); Ok(()) };
    fn adapters() -> Vec<AdapterView> = |app| Ok(adapter_views(app));
    fn rename_adapter(id: String, name: String) -> Vec<AdapterView> =
        |app, id, name| { app.rename_adapter(&id, &name)?; Ok(adapter_views(app)) };
    fn house_clauses(id: String) -> Vec<HouseClauseView> = |app, id| house_clause_views(app, &id);
    fn exclude_house_clauses(id: String, numbers: Vec<u32>, excluded: bool) -> Vec<HouseClauseView> =
        |app, id, numbers, excluded| { app.exclude_house_clauses(&id, &numbers, excluded)?; house_clause_views(app, &id) };
    fn delete_adapter(id: String) -> Vec<AdapterView> = |app, id| { app.remove_adapter(&id)?; Ok(adapter_views(app)) };
    fn decide(adapter: String, decision: Decision) -> Vec<AdapterView> =
        |app, adapter, decision| { app.decide_adapter(&adapter, decision.into())?; Ok(adapter_views(app)) };
    fn use_adapter(id: String, on: bool) -> Vec<AdapterView> = |app, id, on| { app.use_adapter(&id, on)?; Ok(adapter_views(app)) };
    fn set_wall(id: String, wall: WallView) -> Vec<AdapterView> =
        |app, id, wall| { app.wall_adapter(&id, wall.into())?; Ok(adapter_views(app)) };
    fn walls() -> Vec<WallView> = |app| Ok(app.walls()?.into_iter().map(Into::into).collect());
    fn matter(document: String) -> MatterView = |app, document| Ok(app.matter(&document)?.into());
    fn set_matter(document: String, matter: MatterView) -> MatterView = |app, document, matter| {
        app.set_matter(&document, &matter.into())?;
        Ok(app.matter(&document)?.into())
    };
    fn runs() -> Vec<RunView> = |app| Ok(app.runs()?.into_iter().map(|run| run_view(app, run)).collect());
    fn run(id: String) -> RunDetail = |app, id| run_detail(app, &id);
    fn search(query: String) -> Vec<Hit> = |app, query| Ok(app.search(&query)?.into_iter().map(Into::into).collect());
}

/// The native open dialog for documents: files, or a folder with them.
#[tauri::command]
async fn choose_files(handle: AppHandle, folder: bool) -> Reply<Vec<String>> {
    let paths = match folder {
        true => dialog::folder(&handle).await.into_iter().collect(),
        false => dialog::files(&handle, "Word, Markdown, text", &moqi_app::read::ENDINGS).await,
    };
    Ok(paths
        .iter()
        .map(|path| path.display().to_string())
        .collect())
}

/// Imports files and folders; progress arrives through the channel, ten times a second at most.
#[tauri::command]
async fn import(
    shared: State<'_, Shared>,
    paths: Vec<String>,
    events: Channel<ImportProgress>,
) -> Reply<ImportView> {
    call(shared, move |app| {
        let paths: Vec<PathBuf> = paths.into_iter().map(PathBuf::from).collect();
        let mut sent: Option<Instant> = None;
        let import = app.import(&paths, &mut |done, total| {
            if sent.is_none_or(|sent| sent.elapsed() >= jobs::BATCH) {
                sent = Some(Instant::now());
                let _ = events.send(ImportProgress { done, total });
            }
        })?;
        Ok(import_view(import, app.language()))
    })
    .await
}

/// Stops the import that is running after the file at hand.
#[tauri::command]
async fn cancel_import(shared: State<'_, Shared>) -> Reply<()> {
    shared.0.cancel_import();
    Ok(())
}

/// Saves the file a document was imported from, where the person chooses; the path, unless they chose none.
#[tauri::command]
async fn save_original(
    handle: AppHandle,
    shared: State<'_, Shared>,
    id: String,
    name: String,
) -> Reply<Option<String>> {
    let Some(path) = dialog::save(&handle, |dialog| dialog.set_file_name(name)).await else {
        return Ok(None);
    };
    let to = path.clone();
    call(shared, move |app| app.save_original(&id, &to)).await?;
    Ok(Some(path.display().to_string()))
}

/// The native save dialog, with the name the export would get.
#[tauri::command]
async fn choose_export_path(
    handle: AppHandle,
    shared: State<'_, Shared>,
    id: String,
) -> Reply<Option<String>> {
    let proposed = call(shared, move |app| app.export_path(&id)).await?;
    let path = dialog::save(&handle, |dialog| {
        let mut dialog = dialog.add_filter("Word", &["docx"]);
        if moqi_app::office().is_some() {
            dialog = dialog.add_filter("PDF", &["pdf"]);
        }
        dialog = dialog
            .add_filter("Markdown", &["md"])
            .add_filter("Text", &["txt"]);
        if let Some(folder) = proposed.parent() {
            dialog = dialog.set_directory(folder);
        }
        match proposed.file_name() {
            Some(name) => dialog.set_file_name(name.to_string_lossy()),
            None => dialog,
        }
    });
    Ok(path.await.map(|path| path.display().to_string()))
}

/// The native open dialog for a model: a file, or a folder with safetensors.
#[tauri::command]
async fn pick_model_file(handle: AppHandle, folder: bool) -> Reply<Option<String>> {
    let chosen = match folder {
        true => dialog::folder(&handle).await,
        false => dialog::files(&handle, "GGUF", &["gguf"])
            .await
            .into_iter()
            .next(),
    };
    Ok(chosen.map(|path| path.display().to_string()))
}

/// Opens an exported file in the program that belongs to it, Word as a rule.
#[tauri::command]
async fn open_path(handle: AppHandle, shared: State<'_, Shared>, path: String) -> Reply<()> {
    let path = call(shared, move |app| app.exported(&path)).await?;
    tauri::async_runtime::spawn_blocking(move || {
        handle
            .opener()
            .open_path(path.to_string_lossy(), None::<&str>)
    })
    .await
    .ok()
    .and_then(std::result::Result::ok)
    .ok_or_else(no_program)
}

/// Shows an exported file in its folder.
#[tauri::command]
async fn show_in_folder(handle: AppHandle, shared: State<'_, Shared>, path: String) -> Reply<()> {
    let path = call(shared, move |app| app.exported(&path)).await?;
    tauri::async_runtime::spawn_blocking(move || handle.opener().reveal_item_in_dir(path))
        .await
        .ok()
        .and_then(std::result::Result::ok)
        .ok_or_else(no_program)
}

fn no_program() -> Failure {
    Failure {
        code: "bad_input".into(),
        message: "没有能打开这个文件的程序。 No program can open this file.".into(),
        hint: Some("文件已保存在上面的位置。 The file lies at the path above.".into()),
    }
}

/// Starts the assistant; words arrive through the channel.
#[tauri::command]
async fn assist(
    shared: State<'_, Shared>,
    request: AssistRequest,
    events: Channel<AssistEvent>,
) -> Reply<u64> {
    call(shared, move |app| jobs::assist(app, request, events)).await
}

/// Starts a fetch; progress arrives through the channel.
#[tauri::command]
async fn fetch_model(
    shared: State<'_, Shared>,
    id: String,
    accepted: bool,
    events: Channel<FetchEvent>,
) -> Reply<u64> {
    call(shared, move |app| jobs::fetch(app, id, accepted, events)).await
}

/// Cancels a job; one that has ended is left alone.
#[tauri::command]
async fn cancel(shared: State<'_, Shared>, job: u64) -> Reply<()> {
    shared.0.cancel(job);
    Ok(())
}

/// The window is usable. Only the benchmark listens: it wants the start alone, or figures as well.
#[tauri::command]
async fn usable(handle: AppHandle, window: tauri::WebviewWindow) -> Reply<()> {
    match std::env::var(super::PROBE).as_deref() {
        Ok(super::PROBE_KEYSTROKES) => {
            let _ = window.eval("window.__moqi.keystrokes()");
        }
        Ok(super::PROBE_WRITING) => {
            let _ = window.eval("window.__moqi.writing()");
        }
        Ok(_) => handle.exit(0),
        Err(_) => {}
    }
    Ok(())
}

/// Figures of the window for the benchmark, which reads them from standard output.
#[tauri::command]
async fn measured(handle: AppHandle, figures: Measured) -> Reply<()> {
    if std::env::var_os(super::PROBE).is_some() {
        use std::io::Write;
        let line = serde_json::to_string(&figures).unwrap_or_default();
        let _ = writeln!(std::io::stdout(), "{line}");
        handle.exit(0);
    }
    Ok(())
}

/// Everything the window held is saved: it may close now.
#[tauri::command]
async fn flushed(window: tauri::WebviewWindow) -> Reply<()> {
    let _ = window.destroy();
    Ok(())
}

/// A script error of the window, for the log; never document text.
#[tauri::command]
async fn log_error(message: String) -> Reply<()> {
    let line: String = message
        .chars()
        .filter(|c| !c.is_control())
        .take(500)
        .collect();
    eprintln!("moqi window: {line}");
    Ok(())
}
