//! The native dialogs for files and folders. Nothing comes back where the person chooses nothing.

use std::path::PathBuf;

use tauri::{AppHandle, Wry};
use tauri_plugin_dialog::{DialogExt, FileDialogBuilder};

/// A folder that is there.
pub async fn folder(handle: &AppHandle) -> Option<PathBuf> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    handle.dialog().file().pick_folder(move |path| {
        let _ = sender.send(path);
    });
    receiver.await.ok().flatten()?.into_path().ok()
}

/// Files of some endings, `kind` being what people call them.
pub async fn files(handle: &AppHandle, kind: &str, endings: &[&str]) -> Vec<PathBuf> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let dialog = handle.dialog().file().add_filter(kind, endings);
    dialog.pick_files(move |paths| {
        let _ = sender.send(paths);
    });
    let chosen = receiver.await.ok().flatten().unwrap_or_default();
    chosen
        .into_iter()
        .filter_map(|path| path.into_path().ok())
        .collect()
}

/// Where to save, in a dialog that `with` has made ready.
pub async fn save(
    handle: &AppHandle,
    with: impl FnOnce(FileDialogBuilder<Wry>) -> FileDialogBuilder<Wry>,
) -> Option<PathBuf> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    with(handle.dialog().file()).save_file(move |path| {
        let _ = sender.send(path);
    });
    receiver.await.ok().flatten()?.into_path().ok()
}
