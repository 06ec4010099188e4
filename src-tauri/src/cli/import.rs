//! `import`: a Word file, or a text, as our own text. `compare`: what changed between two.

use moqi_app::document::parse;
use moqi_app::read::{ControlKind, ReadText, change_name, read_file};
use moqi_app::{App, Format, Language, Result, files, language_of, language_tag};
use serde_json::{Value, json};

use super::{Compare, Import, Outcome};

/// `moqi import`
pub fn import(import: &Import, ui: Language) -> Result<Outcome> {
    let read = read_file(&import.file)?;
    let warnings = read.said(ui);
    let language = language_of(&parse(&read.text), &read.text);
    let mut lines = Vec::new();
    match &import.out {
        Some(out) => {
            files::write_whole(out, read.text.as_bytes())?;
            let path = out.display();
            lines.push(match ui {
                Language::Zh => format!("已写入 {path}"),
                Language::En => format!("Wrote {path}"),
            });
            lines.extend(warnings.iter().cloned());
        }
        None => lines.extend(read.text.lines().map(str::to_owned)),
    }
    let mut json = json!({
        "file": import.file.display().to_string(), "text": read.text, "title": read.title,
        "lang": language_tag(language), "warnings": warnings,
    });
    if let (Some(json), Value::Object(word)) = (json.as_object_mut(), word(&read.word)) {
        json.extend(word);
    }
    Ok(Outcome::new(json, lines))
}

/// `moqi compare`
pub fn compare(app: &App, compare: &Compare, ui: Language) -> Result<Outcome> {
    for out in [Some(&compare.out), compare.clean.as_ref()]
        .into_iter()
        .flatten()
    {
        Format::word_only(out)?;
    }
    let redline = app.compare_files(&compare.old, &compare.new)?;
    files::write_whole(&compare.out, &redline.word.bytes)?;
    if let Some(clean) = &compare.clean {
        files::write_whole(clean, &redline.clean)?;
    }
    let counts = &redline.counts;
    let path = compare.out.display().to_string();
    let (inserted, deleted, moved) = (counts.insertions, counts.deletions, counts.moves);
    let mut lines = vec![match ui {
        Language::Zh => {
            format!("已写入 {path}：{inserted} 处插入，{deleted} 处删除，{moved} 处移动")
        }
        Language::En => {
            format!("Wrote {path}: {inserted} insertions, {deleted} deletions, {moved} moves")
        }
    }];
    lines.extend(redline.word.warnings.iter().cloned());
    let json = json!({
        "out": path, "insertions": inserted, "deletions": deleted, "moves": moved, "formats": counts.formats,
        "words": {"inserted": counts.inserted_words, "deleted": counts.deleted_words, "moved": counts.moved_words},
        "warnings": redline.word.warnings,
    });
    Ok(Outcome::new(json, lines))
}

/// What a Word file holds beside its words.
fn word(word: &ReadText) -> Value {
    let labels = word
        .labels
        .iter()
        .map(|label| json!({"line": label.line, "label": label.label, "typed": label.typed}));
    let fields = word.controls.iter().map(|control| {
        let (kind, choices) = match &control.kind {
            ControlKind::Text => ("text", None),
            ControlKind::Date => ("date", None),
            ControlKind::DropDown(choices) => ("choice", Some(choices)),
            ControlKind::CheckBox => ("yesno", None),
            ControlKind::Other => ("other", None),
        };
        json!({
            "tag": control.tag, "alias": control.alias, "type": kind, "choices": choices, "text": control.text,
            "placeholder": control.placeholder, "checked": control.checked, "line": control.line,
            "start": control.span.map(|span| span.start), "end": control.span.map(|span| span.end),
        })
    });
    let comments = word.comments.iter().map(|comment| {
        json!({
            "author": comment.author, "initials": comment.initials, "date": comment.date, "text": comment.text,
            "quoted": comment.quoted, "line": comment.line, "parent": comment.parent, "done": comment.done,
        })
    });
    let changes = word.changes.iter().map(|change| {
        json!({
            "kind": change_name(change.kind), "author": change.author, "date": change.date, "text": change.text,
            "line": change.line,
        })
    });
    let margins = word.margins.iter().map(|margin| {
        json!({
            "place": format!("{:?}", margin.place).to_lowercase(), "pages": format!("{:?}", margin.which).to_lowercase(),
            "section": margin.section, "text": margin.text,
        })
    });
    json!({
        "labels": labels.collect::<Vec<_>>(), "fields": fields.collect::<Vec<_>>(), "comments": comments.collect::<Vec<_>>(),
        "changes": changes.collect::<Vec<_>>(), "margins": margins.collect::<Vec<_>>(),
    })
}
