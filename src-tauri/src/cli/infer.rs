//! `bench infer`: figures of a model on this machine. Figures are printed, never judged.

use std::path::PathBuf;

use moqi_app::{App, Language, Result, models, speed};
use serde_json::{Map, json};

use super::Outcome;

/// `moqi bench infer`
pub fn infer(
    app: &App,
    file: Option<PathBuf>,
    threads: Option<usize>,
    clauses: usize,
) -> Result<Outcome> {
    let file = match file {
        Some(file) => file,
        None => models::file_of(app.home(), models::DEFAULT_MODEL)?,
    };
    let run = speed::speed(&file, threads)?;
    let mut lines = vec![
        format!("{}: {}", file.display(), run.device),
        format!("load                      {:>9.2} s", run.load),
        format!(
            "read  {} tokens          {:>9.1} tokens/s",
            speed::PROMPT,
            run.prefill
        ),
        format!(
            "write {} tokens          {:>9.1} tokens/s",
            speed::NEW,
            run.decode
        ),
    ];
    let mut figures = Map::new();
    for (name, value) in [
        ("load_s", run.load),
        ("prefill_tps", run.prefill),
        ("decode_tps", run.decode),
    ] {
        figures.insert(name.into(), json!(value));
    }
    figures.insert("device".into(), json!(run.device));
    if let Some(peak) = peak_mb() {
        lines.push(format!("most memory               {peak:>9.0} MB"));
        figures.insert("peak_mb".into(), json!(peak));
    }
    for (name, language) in [("en", Language::En), ("zh", Language::Zh)] {
        if clauses == 0 {
            break;
        }
        let drafted = speed::drafting(app, &file, threads, language, clauses)?;
        let rate = drafted.accepted as f64 / drafted.guessed.max(1) as f64;
        lines.push(format!(
            "draft {name}: {} clauses, {} tokens, {:.1} tokens/s with guesses, {:.1} without; {} of {} guesses right ({:.0} %)",
            drafted.clauses, drafted.tokens, drafted.with, drafted.without, drafted.accepted, drafted.guessed, 100.0 * rate
        ));
        figures.insert(
            format!("draft_{name}"),
            json!({
                "clauses": drafted.clauses, "tokens": drafted.tokens, "guessed": drafted.guessed, "accepted": drafted.accepted,
                "with_tps": drafted.with, "without_tps": drafted.without,
            }),
        );
    }
    Ok(Outcome::new(json!(figures), lines))
}

/// `moqi bench tune`
pub fn tune(
    app: &App,
    file: Option<PathBuf>,
    threads: Option<usize>,
    exact: bool,
    card: bool,
) -> Result<Outcome> {
    let file = match file {
        Some(file) => file,
        None => models::file_of(app.home(), models::DEFAULT_MODEL)?,
    };
    let run = speed::tuning(&file, threads, exact, card)?;
    let rate = (speed::TEXTS * speed::LENGTH) as f64 / run.step;
    let mut lines = vec![
        format!(
            "{} on {}, {} x {} tokens a step",
            file.display(),
            run.device,
            speed::TEXTS,
            speed::LENGTH
        ),
        format!("step                      {:>9.3} s", run.step),
        format!("learn                     {rate:>9.1} tokens/s"),
    ];
    let mut figures = Map::new();
    for (name, value) in [
        ("step_s", run.step),
        ("tune_tps", rate),
        ("first_loss", run.loss),
    ] {
        figures.insert(name.into(), json!(value));
    }
    figures.insert("device".into(), json!(run.device));
    if let Some(card) = run.card {
        lines.push(format!(
            "memory of the card        {:>9} MB",
            card / 1_000_000
        ));
        figures.insert("card_mb".into(), json!(card / 1_000_000));
    }
    if let Some(peak) = peak_mb() {
        lines.push(format!("most memory               {peak:>9.0} MB"));
        figures.insert("peak_mb".into(), json!(peak));
    }
    Ok(Outcome::new(json!(figures), lines))
}

/// The most memory this process has had, in MB, where the system tells.
pub fn peak_mb() -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "a figure to look at")]
    models::peak_memory().map(|bytes| bytes as f64 / 1e6)
}
