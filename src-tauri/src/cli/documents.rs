//! `templates`, `draft`, `check`, `export`.

use std::io::IsTerminal;
use std::path::Path;

use moqi_app::{
    App, Checked, Error, Format, Language, Placed, Result, Severity, Wish, answers, files,
    language_tag,
};
use serde_json::{Value, json};

use super::{Check, Draft, Export, FailOn, Outcome};

/// `moqi templates`
pub fn templates(app: &App, language: Option<Language>) -> Result<Outcome> {
    let templates = app.templates("", language)?;
    let mut rows = Vec::new();
    let mut lines = Vec::new();
    for template in &templates {
        let read = app.template(&template.id)?;
        let fields: Vec<Value> = read
            .fields()
            .iter()
            .map(|field| json!({"name": field.name, "label": field.label, "type": moqi_app::field_type(field), "required": field.required}))
            .collect();
        lines.push(format!(
            "{:<24} {:<3} {:<20} {}",
            template.id,
            language_tag(template.language),
            template.kind,
            template.title
        ));
        rows.push(json!({
            "id": template.id, "title": template.title, "kind": template.kind, "language": language_tag(template.language),
            "own": template.own, "fields": fields,
        }));
    }
    Ok(Outcome::new(json!({ "templates": rows }), lines))
}

/// `moqi draft`
pub fn draft(app: &App, draft: &Draft, language: Language) -> Result<Outcome> {
    let format = Format::of(&draft.out)?;
    if draft.template.to_lowercase().ends_with(".docx") {
        return in_place(app, draft, language);
    }
    let (name, template) = app.template_or_file(&draft.template)?;
    let given = if draft.answers == "sample" {
        moqi_app::draft::sample(&template)
    } else {
        answers::from_json_text(
            &files::read_text(Path::new(&draft.answers))?,
            &draft.answers,
        )?
    };
    let mut drafted = moqi_app::draft::draft(&name, &template, &given)?;
    for id in &draft.clauses {
        drafted.text = moqi_app::draft::add_clause(&drafted.text, &app.clause_text(id)?);
    }
    let adapter = draft.tuned.adapter.as_deref();
    let base = match (&draft.model, adapter) {
        (Some(model), _) => {
            let base = draft.tuned.base(app, model)?;
            super::server::say_where(&base, language);
            Some((model, base))
        }
        (None, Some(name)) => {
            let found = app.adapter(name)?;
            return Err(Error::input(
                "适配器须与模型一起使用。",
                "An adapter is used with a model.",
            )
            .hint(
                format!("请加上 --model {}。", found.manifest.base.name),
                format!("Add --model {}.", found.manifest.base.name),
            ));
        }
        (None, None) => None,
    };
    let written = match &base {
        Some((model, base)) => {
            app.write_open_clauses(&mut drafted, model, base, &mut |heading| {
                if std::io::stderr().is_terminal() {
                    eprintln!("{model}: {heading} …");
                }
            })?
        }
        None => Vec::new(),
    };
    let checked = app.check_text(&drafted.text, &drafted.answers, None, None);
    let made = app.written(&drafted.text, &drafted.answers, &Wish::default(), format)?;
    files::write_whole(&draft.out, &made.bytes)?;
    let warnings = made.warnings;
    let (errors, warned, notes) = checked.counts();
    let path = draft.out.display().to_string();
    let mut lines = vec![path.clone()];
    lines.extend(warnings.iter().cloned());
    lines.push(format!(
        "{errors} errors, {warned} warnings, {notes} notes (moqi check shows them)"
    ));
    let json = json!({
        "out": path, "template": name, "written": written, "warnings": warnings, "counts": {"error": errors, "warning": warned, "note": notes},
    });
    Ok(Outcome::new(json, lines))
}

/// `moqi draft` with a firm's own Word template, which is filled in place.
fn in_place(app: &App, draft: &Draft, language: Language) -> Result<Outcome> {
    Format::word_only(&draft.out)?;
    let template = Path::new(&draft.template);
    let places = app.places(template)?;
    let given = if draft.answers == "sample" {
        Default::default()
    } else {
        answers::from_json_text(
            &files::read_text(Path::new(&draft.answers))?,
            &draft.answers,
        )?
    };
    let word = app.fill_in_place(template, &given)?;
    files::write_whole(&draft.out, &word.bytes)?;
    let path = draft.out.display().to_string();
    let count = places.len();
    let mut lines = vec![match language {
        Language::Zh => format!("已写入 {path}：模板有 {count} 处待填"),
        Language::En => format!("Wrote {path}: the template has {count} places to fill"),
    }];
    lines.extend(word.warnings.iter().cloned());
    let places: Vec<Value> = places
        .iter()
        .map(|place| json!({"id": place.id, "name": place.name, "text": place.text, "before": place.before}))
        .collect();
    let json = json!({
        "out": path, "template": draft.template, "places": places, "warnings": word.warnings,
    });
    Ok(Outcome::new(json, lines))
}

/// `moqi check`
pub fn check(app: &App, check: &Check, ui: Language) -> Result<Outcome> {
    let checked = app.check_file(
        &check.file,
        check.kind.as_deref(),
        check.lang.map(Language::from),
    )?;
    let file = check.file.display().to_string();
    let mut findings = Vec::new();
    let mut lines = Vec::new();
    for placed in &checked.findings {
        let line = moqi_app::derive::line(&checked.text, placed);
        findings.push(finding(placed, line));
        lines.push(format!(
            "{file}:{line}: {} [{}] {}",
            severity(placed),
            placed.finding.rule,
            placed.finding.message
        ));
    }
    let (errors, warned, notes) = checked.counts();
    lines.push(match ui {
        Language::Zh => format!("{errors} 处错误，{warned} 处提醒，{notes} 处说明"),
        Language::En => format!("{errors} errors, {warned} warnings, {notes} notes"),
    });
    let json = json!({
        "file": file, "kind": checked.kind, "lang": language_tag(checked.language), "findings": findings,
        "counts": {"error": errors, "warning": warned, "note": notes},
    });
    let mut outcome = Outcome::new(json, lines);
    outcome.failed_on = match check.fail_on {
        None => false,
        Some(FailOn::Error) => errors > 0,
        Some(FailOn::Warning) => errors + warned > 0,
    };
    Ok(outcome)
}

fn severity(placed: &Placed) -> &'static str {
    match placed.finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn finding(placed: &Placed, line: usize) -> Value {
    let found = &placed.finding;
    let fix = found.fix.as_ref().map(|fix| {
        let edits: Vec<Value> = fix
            .edits
            .iter()
            .map(|edit| json!({"start": edit.span.start, "end": edit.span.end, "text": edit.text}))
            .collect();
        json!({"title": fix.title, "edits": edits})
    });
    json!({
        "rule": found.rule, "severity": severity(placed), "start": found.span.start, "end": found.span.end, "line": line,
        "quote": placed.quote, "message": found.message, "basis": found.basis, "notes": found.notes, "fix": fix,
    })
}

/// `moqi export`
pub fn export(app: &App, export: &Export, ui: Language) -> Result<Outcome> {
    let format = Format::of(&export.out)?;
    let Checked { text, .. } = app.check_file(&export.file, None, None)?;
    let mut wish = Wish {
        contents: export.contents.then_some(true),
        two_sided: export.two_sided.then_some(true),
        controls: export.controls,
        findings: export.findings,
        suggestions: export.suggestions,
        ..Wish::default()
    };
    for (key, value) in [
        ("look", &export.look),
        ("page-numbers", &export.page_numbers),
        ("protection", &export.protect),
    ] {
        if let Some(value) = value {
            wish.set(key, value)?;
        }
    }
    let word = app.written(&text, &Default::default(), &wish, format)?;
    files::write_whole(&export.out, &word.bytes)?;
    let path = export.out.display().to_string();
    let mut lines = vec![match ui {
        Language::Zh => format!("已写入 {path}"),
        Language::En => format!("Wrote {path}"),
    }];
    lines.extend(word.warnings.iter().cloned());
    Ok(Outcome::new(
        json!({"out": path, "bytes": word.bytes.len(), "warnings": word.warnings}),
        lines,
    ))
}
