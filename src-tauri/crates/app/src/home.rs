//! The data folder: one place for the database, the models and what was fetched.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Where everything lies. `MOQI_HOME` names it; else the platform's own place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    root: PathBuf,
}

impl Home {
    /// The folder named by `MOQI_HOME`, or the platform's own.
    pub fn from_environment() -> Result<Home> {
        let named = |key: &str| {
            std::env::var_os(key)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        let root = named("MOQI_HOME")
            .or_else(|| named("XDG_DATA_HOME").map(|base| base.join("moqi")))
            .or_else(|| {
                cfg!(windows)
                    .then(|| named("APPDATA").map(|base| base.join("Moqi")))
                    .flatten()
            })
            .or_else(|| {
                let home = named("HOME").or_else(|| named("USERPROFILE"))?;
                Some(if cfg!(target_os = "macos") {
                    home.join("Library/Application Support/Moqi")
                } else {
                    home.join(".local/share/moqi")
                })
            })
            .ok_or_else(|| {
                Error::input("找不到个人文件夹。", "There is no home folder.").hint(
                    "请设置环境变量 MOQI_HOME。",
                    "Set the environment variable MOQI_HOME.",
                )
            })?;
        Home::at(root)
    }

    /// The data folder at `root`, made if it is missing.
    pub fn at(root: impl Into<PathBuf>) -> Result<Home> {
        let root = root.into();
        std::fs::create_dir_all(&root).map_err(|error| {
            let file = root.ancestors().find(|place| place.is_file());
            file.map_or_else(|| Error::io(&root, error), in_the_way)
        })?;
        Ok(Home { root })
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.root.join("moqi.db")
    }

    /// Which servers of the firm's own may be used, and which one is.
    pub fn server(&self) -> PathBuf {
        self.root.join("server.toml")
    }

    /// Installed models, a folder each.
    pub fn models(&self) -> PathBuf {
        self.root.join("models")
    }

    /// Adapters, a folder each.
    pub fn adapters(&self) -> PathBuf {
        self.root.join("adapters")
    }

    /// States of trainings that are not finished.
    pub fn trainings(&self) -> PathBuf {
        self.root.join("trainings")
    }

    /// Where exports go when nobody said otherwise: the user's documents, or the data folder itself.
    pub fn exports(&self) -> PathBuf {
        let documents = std::env::var_os("XDG_DOCUMENTS_DIR")
            .map(PathBuf::from)
            .or_else(|| {
                let home = PathBuf::from(
                    std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE"))?,
                );
                let folder = home.join("Documents");
                folder.is_dir().then_some(folder)
            });
        documents.map_or_else(|| self.root.join("exports"), |folder| folder.join("Moqi"))
    }
}

/// A file stands where the data folder, or one above it, should be.
fn in_the_way(file: &Path) -> Error {
    let name = file.display();
    Error::input(
        format!("{name} 是文件，不能用作数据文件夹。"),
        format!("{name} is a file, and cannot be the data folder."),
    )
    .hint(
        "请用 MOQI_HOME 指定一个文件夹。",
        "Name a folder with MOQI_HOME.",
    )
}
