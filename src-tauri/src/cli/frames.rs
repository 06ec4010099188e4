//! `bench frames`: the frames of the window while a model reads and writes. Figures are printed, never judged.

use std::path::{Path, PathBuf};

use moqi_app::{App, Code, Error, Home, Language, Result, models};
use serde_json::json;

use super::Outcome;
use super::bench::{contract, displayed, furnish, probe_window};
use crate::ipc::{Frames, Measured};
use crate::window::PROBE_WRITING;

/// Pages of the contract that is open meanwhile.
const PAGES: usize = 30;

/// `moqi bench frames`
pub fn frames(app: &App, file: Option<PathBuf>) -> Result<Outcome> {
    let file = match file {
        Some(file) => file,
        None => models::file_of(app.home(), models::DEFAULT_MODEL)?,
    };
    if !displayed() {
        let line = "frames: not measured, there is no display (try xvfb-run -a)";
        return Ok(Outcome::new(json!({}), vec![line.into()]));
    }
    let (measured, model) = watch(app, &file)?;
    let line = |name: &str, frames: &Frames| {
        format!(
            "{name:<34} {:>6.1} frames/s over {:>5.1} s, median {:>5.1} ms, longest {:>5.0} ms, {} of {} late",
            f64::from(frames.frames) / (frames.watched / 1000.0).max(1e-9),
            frames.watched / 1000.0,
            frames.median,
            frames.longest,
            frames.late,
            frames.frames,
        )
    };
    match measured {
        Measured::Writing {
            still,
            reading,
            writing,
            characters,
        } if writing.frames > 0 => Ok(Outcome::new(
            json!({ "still": still, "reading": reading, "writing": writing, "characters": characters }),
            vec![
                format!("{model}, {PAGES} pages open, {characters} characters proposed"),
                line("window at rest", &still),
                line("while the model reads", &reading),
                line("while the model writes", &writing),
            ],
        )),
        _ => Err(no_figures()),
    }
}

/// What a window of its own measures while a model drafts in a contract of a language it speaks, and the model's name.
fn watch(app: &App, model: &Path) -> Result<(Measured, String)> {
    let failed = |error: std::io::Error| no_figures().caused_by(error);
    let folder = tempfile::tempdir().map_err(failed)?;
    let own = App::open(Home::at(folder.path())?, Language::Zh)?;
    let model = own.add_model(model)?;
    own.choose_model(&model.entry.id)?;
    drop(own);
    let language = if model.speaks(Language::Zh) {
        Language::Zh
    } else {
        Language::En
    };
    furnish(folder.path(), &contract(app, language, PAGES)?, language)?;
    let output = probe_window(folder.path(), PROBE_WRITING).map_err(failed)?;
    let measured = serde_json::from_slice(&output.stdout).map_err(|error| failed(error.into()))?;
    Ok((measured, model.entry.name))
}

fn no_figures() -> Error {
    Error::new(
        Code::Internal,
        "模型没有在窗口中写出文字，因此没有数字。",
        "The model wrote nothing in the window, so there are no figures.",
    )
}
