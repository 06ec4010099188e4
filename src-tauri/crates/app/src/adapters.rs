//! Adapters on this machine: what tuning has made, and what was brought from elsewhere.
//!
//! Each has a folder named by the hash of its contents, in the format of PEFT (adapter_config.json,
//! adapter_model.safetensors), and beside them moqi.json, which says where it comes from. For whom it may be used and
//! what was decided about it stands in its row of the record, and every adapter has one.

mod house;
mod mix;
mod rows;

use std::fs;
use std::path::{Path, PathBuf};

use moqi_store::{AdapterState, Wall};
use sha2::{Digest, Sha256};

use crate::App;
use crate::error::{Code, Error, Result};
use crate::record::{BaseNamed, MANIFEST, Manifest};
use crate::{files, models, walls};
pub(crate) use rows::Standing;
use rows::usable;

/// Files of an adapter, in the order they are hashed.
const FILES: [&str; 2] = ["adapter_config.json", "adapter_model.safetensors"];
/// Hexadecimal digits of an id.
const DIGITS: usize = 16;

/// An adapter on this machine.
#[derive(Debug, Clone, PartialEq)]
pub struct AdapterInfo {
    /// The beginning of the hash of its contents.
    pub id: String,
    /// Its folder.
    pub folder: PathBuf,
    /// Bytes on the disk.
    pub bytes: u64,
    /// Where it comes from.
    pub manifest: Manifest,
    /// For whom it may be used.
    pub wall: Wall,
    /// What was decided about it.
    pub state: AdapterState,
    /// Drafting uses it, where its wall allows.
    pub used: bool,
    /// The run it came from, where that was on this machine.
    pub run: Option<String>,
    /// The adapter it goes on from, or those it was mixed of.
    pub parents: Vec<String>,
}

impl App {
    /// The adapters on this machine, the newest first. Where the record cannot be read there are none, since nobody could
    /// say for whom they are.
    pub fn adapters(&self) -> Vec<AdapterInfo> {
        let folders = fs::read_dir(self.home().adapters());
        let folders = folders.into_iter().flatten().flatten();
        let found: Vec<Found> = folders.filter_map(|entry| found(entry.path())).collect();
        let mut all = self.with_rows(found).unwrap_or_default();
        all.sort_by(|a, b| (b.manifest.created_at, &b.id).cmp(&(a.manifest.created_at, &a.id)));
        all
    }

    /// What was decided about an adapter; none for one that is not in the record.
    pub fn adapter_state(&self, id: &str) -> Option<AdapterState> {
        let row = self.store().adapters().get(id).ok().flatten()?;
        Some(row.state)
    }

    /// The adapter of an id, or of a beginning of one that no other has, or of a name.
    ///
    /// # Errors
    /// There is none, or there are several.
    pub fn adapter(&self, name: &str) -> Result<AdapterInfo> {
        let all = self.adapters();
        let of = |fits: &dyn Fn(&AdapterInfo) -> bool| -> Vec<&AdapterInfo> {
            all.iter().filter(|info| fits(info)).collect()
        };
        let exact = of(&|info| info.id == name);
        let found = match exact.is_empty() {
            false => exact,
            true => of(&|info| {
                info.manifest.name == name || (name.len() >= 4 && info.id.starts_with(name))
            }),
        };
        match found[..] {
            [one] => Ok(one.clone()),
            [] => Err(Error::new(
                Code::NotFound,
                format!("没有名为“{name}”的适配器。"),
                format!("There is no adapter “{name}”."),
            )
            .hint(
                "运行 moqi adapters 可查看全部。",
                "moqi adapters lists them all.",
            )),
            _ => Err(Error::input(
                format!("有多个适配器叫“{name}”。"),
                format!("Several adapters are called “{name}”."),
            )
            .hint("请用编号指定。", "Name it by its id.")),
        }
    }

    /// The folder of an adapter that is named by its id, its name or its folder, if it may be used at all.
    pub(crate) fn adapter_folder(&self, name: &str) -> Result<PathBuf> {
        let folder = Path::new(name);
        if folder.join(FILES[0]).is_file() {
            self.not_barred(folder)?;
            return Ok(folder.to_owned());
        }
        let info = self.adapter(name)?;
        info.usable()?;
        Ok(info.folder)
    }

    /// Refuses a folder whose contents are those of an adapter that must not be used.
    fn not_barred(&self, folder: &Path) -> Result<()> {
        let id = contents(folder)?.0;
        let row = self.store().adapters().get(&id);
        match row.map_err(|error| self.store_error(error))? {
            Some(row) => usable(&row.name, row.state),
            None => Ok(()),
        }
    }

    /// Takes in an adapter that PEFT or this program has made. It is tried on the installed models: one that fits none of
    /// them is refused. It may be used for whom its manifest says, where those are known here; for the whole
    /// firm, where it says nothing; and else for nobody until a person says for whom.
    ///
    /// # Errors
    /// The folder holds no adapter, one that must not be used, a damaged one, or one that fits no installed model.
    pub fn add_adapter(&self, folder: &Path) -> Result<AdapterInfo> {
        self.not_barred(folder)?;
        let (model, fingerprint) = self.base_of(folder)?;
        // One that cannot be read may name a client: it is not taken for one that says nothing.
        let mut manifest = match folder.join(MANIFEST).exists() {
            true => Manifest::read(&files::read_whole(&folder.join(MANIFEST))?)?,
            false => Manifest::default(),
        };
        if manifest.name.is_empty() {
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            manifest.name = name.into_owned();
        }
        manifest.base = BaseNamed {
            fingerprint,
            name: model,
        };
        if manifest.created_at == 0 {
            manifest.created_at = crate::now();
        }
        let standing = Standing {
            wall: walls::marked(manifest.wall.as_deref(), &self.walls()?),
            state: AdapterState::Kept,
            run: None,
            parents: Vec::new(),
        };
        self.keep_adapter(folder, &manifest, standing)
    }

    /// The first installed model an adapter fits, by id, and its fingerprint.
    fn base_of(&self, folder: &Path) -> Result<(String, String)> {
        let mut refused = None;
        let mut installed: Vec<models::Model> = models::list(self.home())
            .into_iter()
            .filter(|model| model.file.is_some())
            .collect();
        // The smallest first: most adapters are tried in vain on most models.
        installed.sort_by_key(|model| model.entry.memory_bytes);
        for model in installed {
            let Some(path) = model.file else { continue };
            let base = self.local(path)?.load()?;
            match moqi_lm::Adapter::load(&base, folder) {
                Ok(_) => return Ok((model.entry.id, base.fingerprint().to_owned())),
                Err(error @ moqi_lm::Error::OtherBase { .. }) => {
                    refused.get_or_insert(error);
                }
                Err(error) => return Err(as_error(error)),
            }
        }
        Err(refused.map_or_else(
            || {
                Error::new(
                    Code::NoModel,
                    "还没有安装任何模型，无法核对适配器。",
                    "No model is installed, so the adapter cannot be checked.",
                )
            },
            as_error,
        ))
    }

    /// Copies the files of an adapter into the folder of its hash, whole or not at all, with its row in the record.
    ///
    /// # Errors
    /// The same adapter is there already behind a wall that parts people, or the disk refuses.
    pub(crate) fn keep_adapter(
        &self,
        folder: &Path,
        manifest: &Manifest,
        standing: Standing,
    ) -> Result<AdapterInfo> {
        let (id, contents) = contents(folder)?;
        let all = self.home().adapters();
        let place = all.join(&id);
        let beside = all.join(format!(".{id}.part"));
        let io = |path: &Path| {
            let path = path.to_owned();
            move |error| Error::io(&path, error)
        };
        // The row comes first: a folder without one would be taken for what an earlier version left.
        let bytes = contents.iter().map(|(_, bytes)| bytes.len() as u64).sum();
        let known = self.enter_adapter(&id, bytes, manifest, &standing)?;
        let there = found(place.clone()).map(|found| found.manifest);
        let manifest = Manifest {
            wall: Some(walls::mark(&known.wall)),
            ..there.as_ref().unwrap_or(manifest).clone()
        };
        if there.is_some_and(|there| there != manifest) {
            write_manifest(&place, &manifest)?;
        } else if !place.exists() {
            let written = fs::create_dir_all(&beside)
                .map_err(io(&beside))
                .and_then(|()| {
                    contents
                        .iter()
                        .try_for_each(|(name, bytes)| files::write_whole(&beside.join(name), bytes))
                })
                .and_then(|()| write_manifest(&beside, &manifest))
                .and_then(|()| fs::rename(&beside, &place).map_err(io(&place)));
            if let Err(error) = written {
                // What is not whole is no adapter; the next try makes it anew.
                let _ = fs::remove_dir_all(&beside);
                if known.fresh {
                    let _ = self.store().adapters().delete(&id);
                }
                return Err(error);
            }
        }
        self.adapter(&id)
    }

    /// Copies an adapter into a new folder, for PEFT and for other machines.
    ///
    /// # Errors
    /// There is no such adapter, it must not be used, something is in the folder already, or it cannot be written.
    pub fn export_adapter(&self, name: &str, folder: &Path) -> Result<AdapterInfo> {
        let info = self.adapter(name)?;
        info.usable()?;
        let taken = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
        if taken {
            return Err(Error::input(
                format!("文件夹 {} 里已有文件。", folder.display()),
                format!("The folder {} is not empty.", folder.display()),
            )
            .hint("请选择空的文件夹。", "Choose an empty folder."));
        }
        fs::create_dir_all(folder).map_err(|error| Error::io(folder, error))?;
        for name in FILES.into_iter().chain([MANIFEST]) {
            let bytes = files::read_whole(&info.folder.join(name))?;
            files::write_whole(&folder.join(name), &bytes)?;
        }
        Ok(info)
    }

    /// Gives an adapter another name.
    ///
    /// # Errors
    /// There is no such adapter, or it cannot be written.
    pub fn rename_adapter(&self, name: &str, to: &str) -> Result<AdapterInfo> {
        let mut info = self.adapter(name)?;
        info.manifest.name = to.trim().to_owned();
        write_manifest(&info.folder, &info.manifest)?;
        let store = self.store();
        let known = store.adapters().get(&info.id).ok().flatten();
        if let Some(row) = known {
            // The folder is what counts; the record follows it.
            let _ = store
                .adapters()
                .rename(&info.id, &info.manifest.name, &row.note);
        }
        Ok(info)
    }
}

/// A folder that holds an adapter, before its row is looked up.
struct Found {
    id: String,
    folder: PathBuf,
    bytes: u64,
    manifest: Manifest,
}

fn found(folder: PathBuf) -> Option<Found> {
    let id = folder
        .file_name()?
        .to_str()
        .filter(|name| !name.starts_with('.'))?
        .to_owned();
    let sizes = FILES.map(|name| {
        fs::metadata(folder.join(name))
            .ok()
            .map(|about| about.len())
    });
    let bytes = sizes.into_iter().sum::<Option<u64>>()?;
    Some(Found {
        manifest: manifest_of(&folder),
        id,
        folder,
        bytes,
    })
}

/// The files of an adapter by name, in the order they are hashed.
type Contents = [(&'static str, Vec<u8>); 2];

/// The id of an adapter's contents, and the contents.
fn contents(folder: &Path) -> Result<(String, Contents)> {
    let mut hash = Sha256::new();
    let mut contents = FILES.map(|name| (name, Vec::new()));
    for (name, bytes) in &mut contents {
        *bytes = files::read_whole(&folder.join(name))?;
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(&bytes);
    }
    Ok((models::hex(&hash.finalize())[..DIGITS].to_owned(), contents))
}

/// What a folder says of itself; nothing where it says nothing that can be read.
fn manifest_of(folder: &Path) -> Manifest {
    let bytes = files::read_whole(&folder.join(MANIFEST)).ok();
    bytes
        .and_then(|bytes| Manifest::read(&bytes).ok())
        .unwrap_or_default()
}

pub(crate) fn write_manifest(folder: &Path, manifest: &Manifest) -> Result<()> {
    files::write_whole(&folder.join(MANIFEST), &manifest.write()?)
}

/// A failure of the model room where an adapter is at hand.
pub(crate) fn as_error(error: moqi_lm::Error) -> Error {
    use moqi_lm::Error as E;
    let made = match &error {
        E::OtherBase { what } => Error::input(
            format!("此适配器是为另一个模型训练的，不能用于当前模型：{what}。"),
            format!("This adapter was learnt for another model and cannot be used with this one: {what}."),
        )
        .hint("请选择训练时所用的模型。", "Choose the model it was learnt on."),
        E::Io { path, .. } => Error::input(
            format!("无法读取 {}：这不是完整的适配器文件夹。", path.display()),
            format!("{} cannot be read: this is no whole folder of an adapter.", path.display()),
        )
        .hint(
            "适配器文件夹须有 adapter_config.json 和 adapter_model.safetensors。",
            "The folder of an adapter holds adapter_config.json and adapter_model.safetensors.",
        ),
        E::Damaged { path, what } => Error::input(
            format!("{} 已损坏：{what}。", path.display()),
            format!("{} is damaged: {what}.", path.display()),
        ),
        E::Unsupported { path, what } => Error::input(
            format!("不支持适配器 {}：{what}。", path.display()),
            format!("The adapter {} cannot be used: {what}.", path.display()),
        ),
        E::CannotCombine { what } => Error::input(
            format!("这些适配器不能合用：{what}。"),
            format!("These adapters cannot be combined: {what}."),
        ),
        E::CannotMerge { what } => Error::input(
            format!("该适配器不能并入模型权重：{what}。"),
            format!("This adapter cannot be put into the weights of the model: {what}."),
        )
        .hint("请去掉 --merge。", "Leave out --merge."),
        E::NotOnCard { .. } => Error::input(
            "这种适配器只能用于在处理器上运行的模型。",
            "An adapter of this kind can only be used with a model that runs on the processor.",
        )
        .hint("请运行 moqi models device processor。", "Run: moqi models device processor."),
        _ => return crate::model::as_error(error),
    };
    made.caused_by(error)
}
