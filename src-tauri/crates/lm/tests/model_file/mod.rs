//! The real model file that some tests need: `MOQI_TEST_MODEL` names it, or it lies under `MOQI_HOME/models`.

use std::path::PathBuf;

/// Tests on the model file run one at a time: they measure nothing, but the file is large for a small machine.
pub fn find() -> Option<PathBuf> {
    let named = std::env::var_os("MOQI_TEST_MODEL").map(PathBuf::from);
    let found = named.or_else(|| {
        let folder =
            PathBuf::from(std::env::var_os("MOQI_HOME")?).join("models/smollm2-135m-instruct-q4_1");
        std::fs::read_dir(folder)
            .ok()?
            .flatten()
            .map(|file| file.path())
            .find(|path| path.extension().is_some_and(|end| end == "gguf"))
    });
    if found.is_none() {
        assert!(
            std::env::var_os("MOQI_GATES").is_none(),
            "the model file is required: set MOQI_TEST_MODEL"
        );
        println!("skipped: no model");
    }
    found
}
