//! `bench open`: figures of this machine for opening, checking and exporting. Figures are printed, never judged.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use moqi_app::document::{Answers, BlockKind, InlineKind, number, parse, print, references};
use moqi_app::{App, Error, Home, Language, Result, draft, language_tag};
use serde_json::{Map, Value, json};

use super::Outcome;
use crate::ipc::{Keystrokes, Measured};
use crate::window::{PROBE, PROBE_KEYSTROKES};

/// Runs of each figure; the median is shown.
const RUNS: usize = 15;
/// Blocks on a page of a contract, measured on the shipped templates.
const BLOCKS_A_PAGE: usize = 15;

/// `moqi bench open`
pub fn open(app: &App) -> Result<Outcome> {
    let mut figures = Map::new();
    let mut lines = Vec::new();
    let mut note = |name: &str, milliseconds: f64| {
        lines.push(format!("{name:<46} {milliseconds:>9.1} ms"));
        figures.insert(
            name.replace([' ', '+'], "_"),
            json!((milliseconds * 100.0).round() / 100.0),
        );
    };
    for pages in [30, 100] {
        let text = contract(app, Language::Zh, pages)?;
        note(
            &format!("parse + number, {pages} pages"),
            median(|| {
                let document = parse(&text);
                let numbering = number(&document);
                std::hint::black_box(references(&document, &numbering));
            }),
        );
        let document = parse(&text);
        let profile = moqi_app::check_profile(app.language());
        note(
            &format!("check, {pages} pages"),
            median(|| {
                std::hint::black_box(moqi_app::check_document(&document, &profile));
            }),
        );
        note(
            &format!("parse + number + check, {pages} pages"),
            median(|| {
                let document = parse(&text);
                let numbering = number(&document);
                std::hint::black_box(references(&document, &numbering));
                std::hint::black_box(moqi_app::check_document(&document, &profile));
            }),
        );
    }
    let text = contract(app, Language::Zh, 100)?;
    note(
        "export to Word, 100 pages",
        median(|| {
            let _ = std::hint::black_box(app.word(&text, &Answers::new(), &Default::default()));
        }),
    );
    match window(&text) {
        Ok(Some((start, keys))) => {
            note("start to usable window, 100 pages open", start);
            note("keystroke, 100 pages, median", keys.median);
            note("keystroke, 100 pages, longest", keys.longest);
            note("numbers and findings drawn, longest", keys.derived);
            note("longest frame while typing", keys.frame);
        }
        Ok(None) => lines.push(
            "start and keystrokes: not measured, there is no display (try xvfb-run -a)".into(),
        ),
        Err(why) => lines.push(format!("start and keystrokes: not measured, {why}")),
    }
    Ok(Outcome::new(Value::Object(figures), lines))
}

fn median(mut run: impl FnMut()) -> f64 {
    run();
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[RUNS / 2]
}

/// Milliseconds from starting the program to its window answering on a warm disk, and what keystrokes cost, in a
/// window of its own with a document open and a data folder of its own. `None` without a display.
fn window(text: &str) -> std::io::Result<Option<(f64, Keystrokes)>> {
    if !displayed() {
        return Ok(None);
    }
    let folder = tempfile::tempdir()?;
    furnish(folder.path(), text, Language::Zh).map_err(std::io::Error::other)?;
    let run = |probe: &str| probe_window(folder.path(), probe);
    let mut times = Vec::new();
    for _ in 0..4 {
        let start = Instant::now();
        run("start")?;
        times.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    // The first run warms the disk.
    times.remove(0);
    times.sort_by(f64::total_cmp);
    let output = run(PROBE_KEYSTROKES)?.stdout;
    match serde_json::from_slice(&output)? {
        Measured::Keystrokes(keys) if keys.typed > 0 => Ok(Some((times[times.len() / 2], keys))),
        _ => Err(std::io::Error::other("the keys did not reach the text")),
    }
}

/// Whether there is a display to open a window on.
pub(super) fn displayed() -> bool {
    let shown = |key: &str| std::env::var_os(key).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || shown("DISPLAY") || shown("WAYLAND_DISPLAY")
}

/// A data folder in which a document with this text is open.
pub(super) fn furnish(folder: &Path, text: &str, language: Language) -> Result<()> {
    let contract = folder.join("contract.md");
    std::fs::write(&contract, text).map_err(|error| Error::io(&contract, error))?;
    let app = App::open(Home::at(folder)?, language)?;
    let file = contract.to_string_lossy();
    app.create_document(Some(&file), None, language, &Answers::new())?;
    Ok(())
}

/// Opens a window on a data folder, which measures something and ends.
pub(super) fn probe_window(home: &Path, probe: &str) -> std::io::Result<Output> {
    Command::new(std::env::current_exe()?)
        .env(PROBE, probe)
        .env("MOQI_HOME", home)
        .stderr(Stdio::null())
        .output()
}

/// A contract of about so many pages, from the clauses of the shipped templates and of the library as their examples
/// fill them, so that its language and its findings are those of real work.
pub(super) fn contract(app: &App, language: Language, pages: usize) -> Result<String> {
    let mut texts = Vec::new();
    for template in app.templates("", Some(language))? {
        let (name, text) = app.template_or_file(&template.id)?;
        let drafted = draft::draft(&name, &text, &draft::sample(&text))?;
        texts.push(moqi_app::filled_text(&drafted.text, &drafted.answers));
    }
    for clause in app.clauses("", None, Some(language), None)? {
        let text = app.clause_text(&clause.id)?;
        texts.push(moqi_app::filled_text(&text, &draft::sample(&text)));
    }
    let (title, parties, signed) = match language {
        Language::Zh => (
            "设备买卖合同",
            "甲方（出卖人）：苏州启明装备有限公司\n\n乙方（买受人）：宁波海川机电有限公司",
            "甲方（盖章）：\n日期：\n\n乙方（盖章）：\n日期：",
        ),
        Language::En => (
            "Equipment Supply Agreement",
            "Seller: Northgate Machines Limited\n\nBuyer: Harbour Tools Limited",
            "Seller:\nDate:\n\nBuyer:\nDate:",
        ),
    };
    let tag = language_tag(language);
    let head = format!(
        "---\ntitle: {title}\nkind: sale\nlanguage: {tag}\n---\n\n# {title}\n\n{parties}\n"
    );
    let tail = format!("```signature\n{signed}\n```\n");
    let mut document = parse(&head);
    let wanted = pages * BLOCKS_A_PAGE;
    for (turn, text) in texts.iter().cycle().enumerate() {
        if document.blocks.len() >= wanted {
            break;
        }
        let kept = parse(text).blocks.into_iter().filter(|block| {
            matches!(
                block.kind,
                BlockKind::Heading { .. }
                    | BlockKind::Item { .. }
                    | BlockKind::Paragraph { .. }
                    | BlockKind::Table(_)
            )
        });
        // Ids stay different where two texts have the same.
        document.blocks.extend(kept.map(|mut block| {
            block.id = block.id.map(|id| format!("{id}-{turn}"));
            moqi_app::fields::for_each_inline_mut(&mut block, &mut |inline| {
                if let InlineKind::Reference(id) = &mut inline.kind {
                    id.push_str(&format!("-{turn}"));
                }
            });
            block
        }));
    }
    document.blocks.truncate(wanted);
    document.blocks.extend(parse(&tail).blocks);
    Ok(print(&document))
}
