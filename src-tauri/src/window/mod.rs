//! The window: one web view over the program's verbs.

mod assist;
mod commands;
mod dialog;
mod tuning;
pub use commands::failure;
#[cfg(test)]
mod tests;

use std::process::ExitCode;
use std::sync::Arc;

use moqi_app::{App, Error};
use tauri::{Manager, WebviewUrl, WebviewWindowBuilder};

/// Set by `bench open`: the program ends as soon as its window has answered and shown itself.
pub const PROBE: &str = "MOQI_PROBE";
/// The value of [`PROBE`] that first has keystrokes typed into the open document and their cost printed.
pub const PROBE_KEYSTROKES: &str = "keystrokes";
/// The value of [`PROBE`] that has the assistant write into the open document and the frames counted meanwhile.
pub const PROBE_WRITING: &str = "writing";

/// What the commands share.
pub struct Shared(pub Arc<App>);

/// Opens the window and runs until it is closed.
pub fn open() -> ExitCode {
    let language = moqi_app::system_language();
    let app = match App::open_default(language) {
        Ok(app) => Arc::new(app),
        Err(error) => return refuse(&error, language),
    };
    let closing = Arc::clone(&app);
    let built = tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_opener::init())
        .manage(Shared(app))
        .invoke_handler(commands::handler())
        .setup(|program| {
            let app = &program.state::<Shared>().0;
            let window =
                WebviewWindowBuilder::new(program, "main", WebviewUrl::App("index.html".into()))
                    .title("墨契 Moqi")
                    .inner_size(1280.0, 800.0)
                    .min_inner_size(880.0, 560.0)
                    // Nothing outside the program is ever loaded; a link in a document opens nowhere.
                    .on_navigation(|url| {
                        matches!(url.scheme(), "tauri" | "asset")
                            || url.host_str() == Some("tauri.localhost")
                    })
                    .build()?;
            save_before_closing(&window);
            import_what_is_dropped(&window);
            let _ = window.set_focus();
            app.warm_up();
            Ok(())
        })
        .build(tauri::generate_context!());
    match built {
        Ok(program) => {
            program.run(move |_, event| {
                if let tauri::RunEvent::Exit = event {
                    closing.close();
                }
            });
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("moqi: the window could not be opened: {error}");
            ExitCode::from(3)
        }
    }
}

/// A close is held back until the window has handed over what was typed in the last moment; a window that does not
/// answer within three seconds is closed all the same, because all but that moment is saved already.
fn save_before_closing(window: &tauri::WebviewWindow) {
    let closing = window.clone();
    window.on_window_event(move |event| {
        if let tauri::WindowEvent::CloseRequested { api, .. } = event {
            let asked = closing.eval("window.__moqi.close()");
            if asked.is_ok() {
                api.prevent_close();
                let waiting = closing.clone();
                std::thread::spawn(move || {
                    std::thread::sleep(std::time::Duration::from_secs(3));
                    let _ = waiting.destroy();
                });
            }
        }
    });
}

/// Files and folders that are dropped on the window are imported, as those that are chosen in its room.
fn import_what_is_dropped(window: &tauri::WebviewWindow) {
    let onto = window.clone();
    window.on_window_event(move |event| {
        if let tauri::WindowEvent::DragDrop(tauri::DragDropEvent::Drop { paths, .. }) = event {
            let paths: Vec<_> = paths
                .iter()
                .map(|path| path.display().to_string())
                .collect();
            let list = serde_json::Value::from(paths);
            let _ = onto.eval(format!("window.__moqi.import({list})"));
        }
    });
}

/// Says why the program cannot start, in a dialog where there is a display and on standard error in any case.
fn refuse(error: &Error, language: moqi_app::Language) -> ExitCode {
    let words = error.sentence(language);
    eprintln!("moqi: {words}");
    let shown = words.clone();
    let built = tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .setup(move |program| {
            use tauri_plugin_dialog::DialogExt;
            let handle = program.handle().clone();
            program
                .dialog()
                .message(shown)
                .title("墨契 Moqi")
                .show(move |_| handle.exit(3));
            Ok(())
        })
        .build(tauri::generate_context!());
    if let Ok(program) = built {
        program.run(|_, _| {});
    }
    ExitCode::from(3)
}
