//! `models`, `write`, `score`.

use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::Path;

use moqi_app::{App, Language, Result, files, models as installed};
use serde_json::{Value, json};

use super::{ModelAction, Outcome, Progress, Score, Write_};

/// `moqi models …`
pub fn models(app: &App, action: ModelAction, language: Language) -> Result<Outcome> {
    let home = app.home();
    match action {
        ModelAction::List => {}
        ModelAction::Fetch { id, accept_licence } => {
            let asked = moqi_app::fetch::Asked {
                accepted: accept_licence,
                hub: app.hub()?,
            };
            let mut progress = Progress::new();
            let fetched = moqi_app::fetch::fetch(home, &id, &asked, &mut |done, total| {
                progress.bytes(done, total);
                true
            });
            progress.end();
            fetched?;
        }
        ModelAction::Add { file } => {
            let mut progress = Progress::new();
            let added = installed::add(home, &file, &mut |done, total| {
                progress.bytes(done, total);
                true
            });
            progress.end();
            added?;
        }
        ModelAction::Device { name } => return device(app, name.as_deref()),
        ModelAction::Hub { address } => return hub(app, address.as_deref(), language),
        ModelAction::Remove { id } => installed::remove(home, &id)?,
        ModelAction::Server { action } => return super::server::server(app, action, language),
    }
    let list = installed::list(home);
    let lines = list
        .iter()
        .map(|model| {
            let mark = if model.file.is_some() { "●" } else { "○" };
            let entry = &model.entry;
            let about = if entry.size_bytes == 0 { "~" } else { "" };
            let size = match model.fetch_bytes() {
                0 => "–".into(),
                bytes => format!("{about}{:.0} MB", bytes as f64 / 1e6),
            };
            let recommended = match (entry.recommended.is_empty(), language) {
                (true, _) => String::new(),
                (false, Language::Zh) => format!("  推荐用于 {}", entry.recommended.join(",")),
                (false, Language::En) => {
                    format!("  recommended for {}", entry.recommended.join(","))
                }
            };
            let note = installed::note(model)
                .map(|note| format!("\n    {}", note.in_language(language)))
                .unwrap_or_default();
            format!(
                "{mark} {:<34} {size:>10}  {:<8} {}{recommended}{note}",
                entry.id,
                entry.languages.join(","),
                entry.licence
            )
        })
        .collect();
    let rows: Vec<Value> = list
        .iter()
        .map(|model| {
            let entry = &model.entry;
            json!({
                "id": entry.id, "name": entry.name, "licence": entry.licence, "languages": entry.languages,
                "size": entry.size_bytes, "supported": entry.supported,
                "memory": entry.memory_bytes, "recommended": entry.recommended, "partial": model.partial,
                "file": model.file.as_ref().map(|path| path.display().to_string()),
            })
        })
        .collect();
    Ok(Outcome::new(json!({ "models": rows }), lines))
}

/// `moqi models device`
fn device(app: &App, name: Option<&str>) -> Result<Outcome> {
    let device = match name {
        Some(name) => app.set_device(name)?,
        None => app.device()?,
    };
    let json = json!({ "device": device.choice, "cards": device.cards });
    Ok(Outcome::new(json, vec![device.choice.to_owned()]))
}

/// `moqi models hub`
fn hub(app: &App, address: Option<&str>, language: Language) -> Result<Outcome> {
    if let Some(address) = address {
        let typed = moqi_app::fetch::Hub::parse(address)?;
        app.set_setting("hub", typed.address().unwrap_or_default())?;
    }
    let hub = app.hub()?;
    let usual = match language {
        Language::Zh => "默认站点",
        Language::En => "the usual hub",
    };
    let line = hub.address().unwrap_or(usual).to_owned();
    Ok(Outcome::new(json!({ "hub": hub.address() }), vec![line]))
}

/// `moqi write`
pub fn write(app: &App, write: &Write_, language: Language, json: bool) -> Result<Outcome> {
    let prompt = match write.prompt.strip_prefix('@') {
        Some(path) => files::read_text(Path::new(path))?,
        None => write.prompt.clone(),
    };
    let base = write.tuned.base(app, &write.model)?;
    super::server::say_where(&base, language);
    let options = moqi_app::WriteOptions {
        max_tokens: write.max_tokens,
        temperature: write.temperature,
        seed: write.seed,
    };
    let mut printed = Ok(());
    let written = base.write(&prompt, &options, &mut |text| {
        if !json {
            let mut out = std::io::stdout().lock();
            printed = out.write_all(text.as_bytes()).and_then(|()| out.flush());
            if printed.is_err() {
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    })?;
    super::unless_closed(printed)?;
    if !json {
        eprintln!(
            "\n{} tokens, {:.1} a second; reading {:.1} a second",
            written.tokens, written.decode_tps, written.prefill_tps
        );
    }
    let json = json!({
        "text": written.text, "tokens": written.tokens, "prompt_tokens": written.prompt_tokens, "prefill_tps": written.prefill_tps,
        "decode_tps": written.decode_tps, "accepted_drafts": written.accepted_drafts, "stop": written.stop,
    });
    Ok(Outcome::new(json, Vec::new()))
}

/// `moqi score`
pub fn score(app: &App, score: &Score, language: Language) -> Result<Outcome> {
    let text = files::read_text(&score.file)?;
    let base = score.tuned.base(app, &score.model)?;
    super::server::say_where(&base, language);
    if !score.choices.is_empty() {
        return choose(&base, score, &text);
    }
    let scores = base.score(&text)?;
    let lines = vec![format!(
        "{} tokens, negative log-likelihood {:.4} a token, perplexity {:.3}",
        scores.logprobs.len(),
        scores.nll,
        scores.perplexity
    )];
    let json = json!({
        "model": score.model, "adapter": score.tuned.adapter, "tokens": scores.tokens, "nll": scores.nll, "perplexity": scores.perplexity,
        "logprobs": scores.logprobs, "top1": scores.top1,
    });
    Ok(Outcome::new(json, lines))
}

/// `moqi score --choice A --choice B`
fn choose(base: &moqi_app::Base, score: &Score, prompt: &str) -> Result<Outcome> {
    let ranked = base.choose(prompt, &score.choices)?;
    let lines = ranked
        .iter()
        .map(|one| format!("{:>6.1} %  {}", one.share * 100.0, one.text))
        .collect();
    let rows: Vec<Value> = ranked
        .iter()
        .map(|one| {
            json!({ "text": one.text, "share": one.share, "logprob": one.logprob, "tokens": one.tokens })
        })
        .collect();
    let json = json!({ "model": score.model, "adapter": score.tuned.adapter, "choices": rows });
    Ok(Outcome::new(json, lines))
}
