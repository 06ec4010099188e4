//! `bench open`: figures of this machine for opening, checking and exporting. Figures are printed, never judged.

use std::time::Instant;

use moqi_app::document::{Answers, number, parse, references};
use moqi_app::{App, Result};
use serde_json::{Map, Value, json};

use super::Outcome;
use crate::window::PROBE;

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
    match start() {
        Some(milliseconds) => note("start to usable window", milliseconds),
        None => lines.push(
            "start to usable window: not measured, there is no display (try xvfb-run)".into(),
        ),
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

/// Milliseconds from starting the program to its window answering, the second time, on a warm disk.
fn start() -> Option<f64> {
    if std::env::var_os("DISPLAY").is_none() && std::env::var_os("WAYLAND_DISPLAY").is_none() {
        return None;
    }
    let program = std::env::current_exe().ok()?;
    let mut times = Vec::new();
    for _ in 0..4 {
        let start = Instant::now();
        let child = std::process::Command::new(&program)
            .env(PROBE, "1")
            .stdout(std::process::Stdio::null())
            .spawn();
        child.ok()?.wait().ok()?;
        times.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    // The first run warms the disk.
    times.remove(0);
    times.sort_by(f64::total_cmp);
    Some(times[times.len() / 2])
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
