//! For whom what was learnt may be used, and `forget`.

use std::path::Path;

use moqi_app::{
    AdapterInfo, AdapterState, App, Decision, Error, ForgetPlan, Language, Result, Wall, files,
    walls,
};
use serde_json::{Value, json};

use super::args::Forget;
use super::{Outcome, Shown};

/// A wall as it is written on the command line.
pub fn wall(text: &str) -> std::result::Result<Wall, &'static str> {
    let wanted = "firm, group:NAME, client:NAME, matter:NAME or matter:CLIENT/NAME";
    let text = text.trim();
    if text == "firm" {
        return Ok(Wall::Firm);
    }
    let (kind, name) = text.split_once([':', '：']).ok_or(wanted)?;
    let (kind, name) = (kind.trim(), name.trim());
    if name.is_empty() {
        return Err(wanted);
    }
    match kind {
        "group" => Ok(Wall::Group(name.to_owned())),
        "client" => Ok(Wall::Client(name.to_owned())),
        "matter" => Ok(match name.split_once('/') {
            Some((client, matter)) if !client.trim().is_empty() && !matter.trim().is_empty() => {
                Wall::Matter {
                    client: Some(client.trim().to_owned()),
                    matter: matter.trim().to_owned(),
                }
            }
            _ => Wall::Matter {
                client: None,
                matter: name.to_owned(),
            },
        }),
        _ => Err(wanted),
    }
}

/// A wall for programs, as it is written on the command line.
pub fn written(wall: &Wall) -> String {
    match wall {
        Wall::Firm => "firm".to_owned(),
        Wall::Group(name) => format!("group:{name}"),
        Wall::Client(name) => format!("client:{name}"),
        Wall::Matter {
            client: None,
            matter,
        } => format!("matter:{matter}"),
        Wall::Matter {
            client: Some(client),
            matter,
        } => format!("matter:{client}/{matter}"),
    }
}

/// How an adapter stands, for people: for whom, and what was decided.
pub fn standing(info: &AdapterInfo, language: Language) -> String {
    let zh = language == Language::Zh;
    let state = match (info.state, info.used, zh) {
        (AdapterState::Kept, true, true) => "使用中",
        (AdapterState::Kept, true, false) => "in use",
        (AdapterState::Kept, false, true) => "已保留",
        (AdapterState::Kept, false, false) => "kept",
        (AdapterState::Candidate, _, true) => "待决定",
        (AdapterState::Candidate, _, false) => "undecided",
        (AdapterState::Discarded, _, true) => "已停用",
        (AdapterState::Discarded, _, false) => "out of use",
        (AdapterState::Leaking, _, true) => "会泄露，不能使用",
        (AdapterState::Leaking, _, false) => "leaks, cannot be used",
    };
    let wall = walls::sentence(&info.wall);
    match zh {
        true => format!("{}，{state}", wall.zh),
        false => format!("for {}, {state}", wall.en),
    }
}

/// Keeps what was just learnt, unless it leaks. Who tunes on the command line wants the result.
pub fn keep(app: &App, id: &str) -> Result<()> {
    match app.adapter(id)?.state {
        AdapterState::Candidate => app.decide_adapter(id, Decision::Keep),
        _ => Ok(()),
    }
}

/// `moqi forget`
pub fn forget(app: &App, forget: &Forget, language: Language) -> Result<Outcome> {
    let path = Path::new(&forget.what);
    let what = match path.is_file() {
        true => moqi_app::tune::hash_of(&files::read_whole(path)?),
        false => forget.what.trim().to_owned(),
    };
    let plan = app.forget_plan(&what)?;
    let zh = language == Language::Zh;
    if plan == ForgetPlan::default() && path.extension().is_some() && !path.is_file() {
        return Err(Error::input(
            format!("找不到 {}。", forget.what),
            format!("{} does not exist.", forget.what),
        )
        .hint(
            "文件已删除时，请用它的 SHA-256（moqi adapters show 可查看）。",
            "Where the file was deleted, name it by its SHA-256: moqi adapters show lists them.",
        ));
    }
    let named = |info: &AdapterInfo| json!({ "id": info.id, "name": info.manifest.name });
    if forget.dry_run {
        let mut lines = Vec::new();
        for info in &plan.again {
            let (id, name) = (&info.id, &info.manifest.name);
            lines.push(match zh {
                true => format!("{id}  {name}：重新训练"),
                false => format!("{id}  {name}: learnt again"),
            });
        }
        for info in &plan.deleted {
            let (id, name) = (&info.id, &info.manifest.name);
            lines.push(match zh {
                true => format!("{id}  {name}：删除"),
                false => format!("{id}  {name}: deleted"),
            });
        }
        if lines.is_empty() {
            lines.push(nothing(zh));
        }
        let json = json!({
            "hash": what,
            "again": plan.again.iter().map(named).collect::<Vec<Value>>(),
            "deleted": plan.deleted.iter().map(named).collect::<Vec<Value>>(),
        });
        return Ok(Outcome::new(json, lines));
    }
    let mut shown = Shown::new(language);
    let done = app.forget(&what, &mut |event| shown.hear(event))?;
    shown.end();
    let mut lines = Vec::new();
    for (old, new) in &done.retrained {
        lines.push(match zh {
            true => format!("{old} 已重新训练为 {new}"),
            false => format!("{old} learnt again as {new}"),
        });
    }
    for gone in &done.deleted {
        let (id, name, why) = (&gone.id, &gone.name, gone.why.in_language(language));
        lines.push(match zh {
            true => format!("{id}  {name}：已删除。{why}"),
            false => format!("{id}  {name}: deleted. {why}"),
        });
    }
    if lines.is_empty() {
        lines.push(nothing(zh));
    }
    let retrained: Vec<Value> = done
        .retrained
        .iter()
        .map(|(old, new)| json!({ "old": old, "new": new }))
        .collect();
    let deleted: Vec<Value> = done
        .deleted
        .iter()
        .map(|gone| json!({ "id": gone.id, "name": gone.name, "why": gone.why.in_language(language) }))
        .collect();
    let json =
        json!({ "hash": what, "retrained": retrained, "deleted": deleted, "left": done.left });
    Ok(Outcome::new(json, lines))
}

fn nothing(zh: bool) -> String {
    match zh {
        true => "没有适配器学过这份文件。".to_owned(),
        false => "No adapter has learnt from it.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walls_are_written_as_they_are_read() {
        for text in [
            "firm",
            "group:M&A",
            "client:恒通",
            "matter:A-1",
            "matter:恒通/增资",
        ] {
            assert_eq!(written(&wall(text).unwrap()), text);
        }
        assert_eq!(
            wall(" client： 恒通 ").unwrap(),
            Wall::Client("恒通".into())
        );
        for text in ["", "client", "client:", "friend:X", "恒通"] {
            assert!(wall(text).is_err(), "{text}");
        }
    }
}
