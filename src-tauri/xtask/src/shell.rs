//! Running other programs.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Why a step stopped, in one line.
#[derive(Debug)]
pub struct Stop(pub String);

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub type Done = Result<(), Stop>;

/// The checkout.
pub fn root() -> PathBuf {
    // Where cargo runs it, which need not be where it was built: two checkouts may share a build folder.
    let here = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    here.ancestors()
        .nth(2)
        .expect("xtask lies two folders below the checkout")
        .to_path_buf()
}

/// The build folder: `CARGO_TARGET_DIR`, or `target` in the checkout.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => std::path::absolute(&folder).unwrap_or_else(|_| folder.into()),
        None => root().join("target"),
    }
}

/// A command in the checkout, its words shown when it runs.
pub struct Step {
    command: Command,
    words: String,
}

impl Step {
    /// A program with its arguments.
    pub fn new(program: impl AsRef<Path>, arguments: &[&str]) -> Step {
        let program = program.as_ref();
        let mut command = Command::new(program);
        command.args(arguments).current_dir(root());
        Step {
            words: format!("{} {}", program.display(), arguments.join(" ")),
            command,
        }
    }

    /// Runs in this folder of the checkout.
    pub fn below(mut self, folder: &str) -> Step {
        self.command.current_dir(root().join(folder));
        self
    }

    /// Sets an environment variable.
    pub fn with(mut self, key: &str, value: impl AsRef<std::ffi::OsStr>) -> Step {
        self.command.env(key, value);
        self
    }

    /// Runs it and stops if it fails.
    pub fn run(mut self) -> Done {
        println!("· {}", self.words.trim_end());
        let status = self
            .command
            .status()
            .map_err(|error| Stop(format!("{}: {error}", self.words)))?;
        if status.success() {
            Ok(())
        } else {
            Err(Stop(format!(
                "{} ended with {status}",
                self.words.trim_end()
            )))
        }
    }
}

/// Cargo itself, the one that runs us.
pub fn cargo(arguments: &[&str]) -> Step {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    Step::new(PathBuf::from(program), arguments)
}

/// Whether a program can be found on the path.
pub fn on_path(program: &str) -> bool {
    let Some(path) = std::env::var_os("PATH") else {
        return false;
    };
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
