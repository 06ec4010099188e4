//! Adding a model that is already on this machine: a GGUF file, or a folder as Hugging Face lays it out.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::home::Home;
use crate::models::{
    Model, bytes_of, cancelled, catalogue, find, hash_of, install, opened_again, settle,
};
use crate::scratch::Scratch;

/// Adds a GGUF file or a folder with safetensors: checked to be one this program runs, copied whole. A file of the
/// catalogue is recognised by its hash. `report(done, total)` in bytes returns false to cancel.
pub fn add(home: &Home, path: &Path, report: &mut dyn FnMut(u64, u64) -> bool) -> Result<Model> {
    fs::metadata(path).map_err(|error| Error::io(path, error))?;
    crate::model::check(path)?;
    if path.is_dir() {
        return folder(home, path, report);
    }
    let size = bytes_of(path);
    let hash = hash_of(path)?;
    let known = catalogue()
        .into_iter()
        .find(|entry| entry.sha256.as_deref() == Some(hash.as_str()));
    let named = |name: Option<&std::ffi::OsStr>, other: &str| {
        name.map_or_else(|| other.into(), |name| name.to_string_lossy().into_owned())
    };
    let id = known.map_or_else(|| slug(&named(path.file_stem(), "model")), |entry| entry.id);
    let name = named(path.file_name(), "model.gguf");
    let mut reader = opened_again(path)?;
    install(home, &id, &name, &mut reader, size, None, report)?;
    find(home, &id)
}

/// Copies the files of a model that lie in a folder, and nothing else of it.
fn folder(home: &Home, folder: &Path, report: &mut dyn FnMut(u64, u64) -> bool) -> Result<Model> {
    let whole = fs::canonicalize(folder).map_err(|error| Error::io(folder, error))?;
    let name = whole.file_name().unwrap_or_default().to_string_lossy();
    let id = slug(&name);
    let files: Vec<PathBuf> = fs::read_dir(folder)
        .map_err(|error| Error::io(folder, error))?
        .flatten()
        .map(|found| found.path())
        .filter(|path| path.is_file() && belongs(path))
        .collect();
    let total = files.iter().map(|file| bytes_of(file)).sum();
    let scratch = Scratch::below(&home.models())?;
    let making = scratch.path().join("model");
    fs::create_dir(&making).map_err(|error| Error::io(&making, error))?;
    let mut buffer = vec![0u8; 1 << 20];
    let mut done = 0;
    for from in files {
        let to = making.join(from.file_name().unwrap_or_default());
        let mut reader = opened_again(&from)?;
        let mut file = fs::File::create(&to).map_err(|error| Error::io(&to, error))?;
        loop {
            let count = reader
                .read(&mut buffer)
                .map_err(|error| Error::io(&from, error))?;
            if count == 0 {
                break;
            }
            file.write_all(&buffer[..count])
                .map_err(|error| Error::io(&to, error))?;
            done += count as u64;
            if !report(done, total) {
                return Err(cancelled());
            }
        }
        file.sync_all().map_err(|error| Error::io(&to, error))?;
    }
    settle(home, &id, &making)?;
    find(home, &id)
}

/// Whether a file is part of a model: its weights, its settings, its tokenizer, its licence.
fn belongs(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    let upper = name.to_ascii_uppercase();
    matches!(&*extension, "safetensors" | "json" | "jinja" | "model")
        || upper.starts_with("LICENSE")
        || upper.starts_with("NOTICE")
}

/// `Qwen3-0.6B Q4_K_M` → `qwen3-0.6b-q4_k_m`.
fn slug(name: &str) -> String {
    let kept: String = name
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || "._-".contains(c) {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect();
    let kept = kept.trim_matches(['.', '-']).to_owned();
    if kept.is_empty() {
        "model".into()
    } else {
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::{file_of, list};

    const REAL: &str = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../tests/reference/lm/folders/qwen3"
    );

    #[test]
    fn a_folder_is_added_listed_loaded_and_left_as_it_was() {
        let place = tempfile::tempdir().unwrap();
        let home = Home::at(place.path()).unwrap();
        let from = place.path().join("My Qwen3");
        fs::create_dir(&from).unwrap();
        for found in fs::read_dir(REAL).unwrap().flatten() {
            fs::copy(found.path(), from.join(found.file_name())).unwrap();
        }
        fs::write(from.join("matter notes.txt"), "not of the model").unwrap();
        let mut last = (0, 0);
        let model = add(&home, &from, &mut |done, total| {
            last = (done, total);
            true
        })
        .unwrap();
        assert_eq!(model.entry.id, "my-qwen3");
        assert!(last.0 == last.1 && last.1 > 0);
        assert_eq!(model.entry.size_bytes, last.1);
        let path = file_of(&home, "my-qwen3").unwrap();
        assert!(!path.join("matter notes.txt").exists());
        moqi_lm::Base::load(&path).unwrap();
        assert!(from.join("config.json").exists());
    }

    #[test]
    fn a_cancel_or_a_folder_without_a_model_adds_nothing() {
        let place = tempfile::tempdir().unwrap();
        let home = Home::at(place.path()).unwrap();
        add(&home, Path::new(REAL), &mut |_, _| false).unwrap_err();
        let empty = place.path().join("contracts");
        fs::create_dir(&empty).unwrap();
        let error = add(&home, &empty, &mut |_, _| true).unwrap_err();
        assert!(error.message.en.contains("contracts"), "{error}");
        assert!(list(&home).iter().all(|model| model.file.is_none()));
    }
}
