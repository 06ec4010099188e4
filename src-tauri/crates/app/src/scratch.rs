//! A folder in which a model is made before it takes its place.
//!
//! It goes when it is dropped. Where the program was killed meanwhile it stays, and the next one removes it: a folder
//! whose lock nobody holds belongs to nobody.

use std::fs::{self, File};
use std::path::Path;

use crate::error::{Error, Result};

const PREFIX: &str = ".making-";
const LOCK: &str = "lock";

/// The folder; locked for as long as this value lives.
pub(crate) struct Scratch {
    folder: tempfile::TempDir,
    _lock: File,
}

impl Scratch {
    /// A new folder below `parent`, which is made where it is missing; what killed programs left there goes.
    pub(crate) fn below(parent: &Path) -> Result<Scratch> {
        fs::create_dir_all(parent).map_err(|error| Error::io(parent, error))?;
        remove_left_over(parent);
        let folder = tempfile::Builder::new()
            .prefix(PREFIX)
            .tempdir_in(parent)
            .map_err(|error| Error::io(parent, error))?;
        let path = folder.path().join(LOCK);
        let lock = File::create(&path).map_err(|error| Error::io(&path, error))?;
        // A file system without locks only loses the tidying up after a kill.
        let _ = lock.try_lock();
        Ok(Scratch {
            folder,
            _lock: lock,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

fn remove_left_over(parent: &Path) {
    for found in fs::read_dir(parent).into_iter().flatten().flatten() {
        if !found.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        let free = File::open(found.path().join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok());
        if free {
            // What cannot be removed now is tried again the next time.
            let _ = fs::remove_dir_all(found.path());
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first fault")]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_program_left_goes_and_what_is_in_use_stays() {
        let parent = tempfile::tempdir().unwrap();
        let left = parent.path().join(".making-left");
        fs::create_dir(&left).unwrap();
        fs::write(left.join(LOCK), "").unwrap();
        fs::write(left.join("part.whl"), "half").unwrap();
        let model = parent.path().join("model");
        fs::create_dir(&model).unwrap();

        let first = Scratch::below(parent.path()).unwrap();
        assert!(!left.exists());
        let second = Scratch::below(parent.path()).unwrap();
        assert!(first.path().exists() && second.path().exists() && model.exists());

        let path = first.path().to_path_buf();
        drop(first);
        assert!(!path.exists());
    }
}
