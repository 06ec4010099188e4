//! `bench open`: figures of this machine for opening, checking and exporting. Figures are printed, never judged.

use std::process::{Command, Stdio};
use std::time::Instant;

use moqi_app::document::{Answers, number, parse, references};
use moqi_app::{App, Home, Language, Result};
use serde_json::{Map, Value, json};

use super::Outcome;
use crate::ipc::Keystrokes;
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
        let text = contract(pages);
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
    let text = contract(100);
    note(
        "export to Word, 100 pages",
        median(|| {
            let _ = std::hint::black_box(app.word(&text, &Answers::new(), None));
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
    let shown = |key: &str| std::env::var_os(key).is_some_and(|value| !value.is_empty());
    if cfg!(target_os = "linux") && !shown("DISPLAY") && !shown("WAYLAND_DISPLAY") {
        return Ok(None);
    }
    let folder = tempfile::tempdir()?;
    let contract = folder.path().join("contract.md");
    std::fs::write(&contract, text)?;
    Home::at(folder.path())
        .and_then(|home| App::open(home, Language::Zh))
        .and_then(|app| {
            let file = contract.to_string_lossy();
            app.create_document(Some(&file), None, Language::Zh, &Answers::new())
        })
        .map_err(std::io::Error::other)?;
    let run = |probe: &str| {
        Command::new(std::env::current_exe()?)
            .env(PROBE, probe)
            .env("MOQI_HOME", folder.path())
            .stderr(Stdio::null())
            .output()
    };
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
    let keys: Keystrokes = serde_json::from_slice(&output)?;
    if keys.typed == 0 {
        return Err(std::io::Error::other("the keys did not reach the text"));
    }
    Ok(Some((times[times.len() / 2], keys)))
}

/// A contract of about so many pages: clauses with items, references, amounts and dates.
fn contract(pages: usize) -> String {
    let mut text = String::from(
        "---\ntitle: 设备买卖合同\nkind: sale\nlanguage: zh\n---\n\n# 设备买卖合同\n\n出卖人：华东精密机械有限公司（以下简称“甲方”）\n\n买受人：苏州恒信科技有限公司（以下简称“乙方”）\n",
    );
    let clauses = pages * BLOCKS_A_PAGE / 5;
    for n in 0..clauses {
        text.push_str(&format!(
            "\n## 第{n}批设备的价款与交付 {{#c{n}}}\n\n1. 甲方向乙方出售第{n}批设备，单价人民币{},000.00元，乙方应当在收到发票之日起{}日内支付。\n2. 乙方逾期付款的，每逾期一日，应当按照逾期未付金额的万分之五向甲方支付违约金，适用[](#c{})的约定。\n   1. 因不可抗力不能履行的，应当在{}日内通知对方并提供证明；\n   2. 通知应当采用书面形式，送达本合同载明的地址后生效。\n",
            n + 1,
            n % 60 + 1,
            n / 2,
            n % 28 + 1
        ));
    }
    text.push_str("\n```signature\n甲方（盖章）：\n日期：\n\n乙方（盖章）：\n日期：\n```\n");
    text
}
