use moqi_store::{
    AdapterRow, AdapterState, LossKind, LossRow, Measured, Part, Progress, RunStatus, SourceRow,
    TrainingRunRow, Wall,
};
use serde_json::json;

use super::*;

fn run() -> TrainingRunRow {
    TrainingRunRow {
        id: "r1".into(),
        name: "设备合同".into(),
        adapter: Some("a1".into()),
        begun_from: None,
        base: "b0".into(),
        status: RunStatus::Done,
        created_at: 1_767_225_000_000,
        started_at: Some(1_767_225_600_250),
        ended_at: None,
        configuration: "{\"method\": \"lora\", \"rank\": 8}".into(),
        data_hash: "d0".into(),
        machine: "16 cores, 32 GB".into(),
        seed: u64::MAX,
        steps_wanted: 300,
        progress: Progress {
            steps: 300,
            tokens: 307_200,
            seconds: 86_401.5,
            peak_bytes: 1 << 30,
        },
        before: Measured {
            loss: Some(3.25),
            perplexity: Some(25.790_339_917_193_06),
        },
        after: Measured::default(),
        program: "0.1.0".into(),
        error: None,
    }
}

fn row(
    kind: LossKind,
    step: i64,
    seconds: f64,
    loss: f64,
    rate: Option<f64>,
    gradient: Option<f64>,
) -> LossRow {
    LossRow {
        step,
        kind,
        loss,
        rate,
        gradient,
        seconds,
    }
}

/// The steps of make_events.py, the validation part first, as two reads of the memory give them.
fn losses() -> Vec<LossRow> {
    use LossKind::{Train, Valid};
    vec![
        row(Valid, 2, 1.5, 2.875, None, None),
        row(Valid, 100_000, 86_401.0, 0.1, None, None),
        row(Train, 1, 0.5, 3.25, Some(1e-4), Some(0.75)),
        row(Train, 2, 1.0, f64::NAN, Some(3e-4), None),
        row(Train, 300, 2.0, 0.0, Some(0.0), Some(1e-42)),
        row(
            Train,
            100_000,
            86_400.0,
            f64::INFINITY,
            Some(2e-4),
            Some(1e30),
        ),
    ]
}

#[test]
fn event_files_are_those_of_tensorboard() {
    let reference = include_bytes!("../../../../../tests/reference/record/events.ref");
    assert_eq!(events(&run(), &losses()), reference);
    // A run without a loss is a file all the same: its first record.
    assert_eq!(events(&run(), &[]), reference[..40]);
}

#[test]
fn an_event_file_has_a_name_that_tensorboard_looks_for() {
    let cases = [
        ("buero-3", "events.out.tfevents.1767225600.buero-3"),
        ("../律所\0pc", "events.out.tfevents.1767225600.______pc"),
        ("", "events.out.tfevents.1767225600.moqi"),
    ];
    for (host, wanted) in cases {
        assert_eq!(events_name(&run(), host), wanted);
    }
    let mut early = run();
    early.started_at = None;
    assert_eq!(events_name(&early, "a"), "events.out.tfevents.1767225000.a");
}

/// A reader of RFC 4180, strict: quotes only around a whole cell, lines end in CR LF.
fn read(csv: &str) -> Vec<Vec<String>> {
    let text: Vec<char> = csv
        .strip_prefix('\u{feff}')
        .expect("Excel needs it")
        .chars()
        .collect();
    let (mut lines, mut line, mut at) = (Vec::new(), Vec::new(), 0);
    while at < text.len() {
        let mut cell = String::new();
        if text[at] == '"' {
            at += 1;
            loop {
                match (text[at], text.get(at + 1)) {
                    ('"', Some('"')) => {
                        cell.push('"');
                        at += 2;
                    }
                    ('"', _) => break,
                    (c, _) => {
                        cell.push(c);
                        at += 1;
                    }
                }
            }
            at += 1;
        } else {
            while !matches!(text[at], ',' | '\r') {
                assert!(!matches!(text[at], '"' | '\n'), "outside quotes");
                cell.push(text[at]);
                at += 1;
            }
        }
        line.push(cell);
        if text[at] == ',' {
            at += 1;
        } else {
            assert_eq!(text[at..at + 2], ['\r', '\n']);
            at += 2;
            lines.push(std::mem::take(&mut line));
        }
    }
    lines
}

#[test]
fn the_losses_of_a_run_as_a_table() {
    let csv = csv_of_run(&losses());
    let lines = read(&csv);
    assert_eq!(
        lines[0],
        ["kind", "step", "loss", "rate", "gradient", "seconds"]
    );
    assert_eq!(lines.len(), 7);
    assert_eq!(lines[1], ["valid", "2", "2.875", "", "", "1.5"]);
    assert_eq!(lines[4][2], "NaN");
    assert_eq!(lines[5], ["train", "300", "0.0", "0.0", "1e-42", "2.0"]);
    // No digit is lost on the way.
    for (line, row) in lines[1..].iter().zip(losses()) {
        let loss: f64 = line[2].parse().unwrap();
        assert!(loss == row.loss || loss.is_nan() && row.loss.is_nan());
        assert_eq!(line[4].parse().ok(), row.gradient);
    }
    assert_eq!(read(&csv_of_run(&[])).len(), 1);
}

#[test]
fn all_runs_as_a_table() {
    let mut odd = run();
    odd.name = "a, \"b\"\r\n第二行".into();
    odd.error = Some("=HYPERLINK(\"http\",\"x\")".into());
    odd.machine = "＝1+1".into();
    odd.created_at = i64::MAX;
    odd.ended_at = Some(0);
    let lines = read(&csv_of_runs(&[run(), odd]));
    let cell = |line: usize, column: &str| {
        let at = lines[0].iter().position(|name| name == column).unwrap();
        lines[line][at].as_str()
    };
    assert!(lines.iter().all(|line| line.len() == lines[0].len()));
    for (column, wanted) in [
        ("name", "设备合同"),
        ("status", "Done"),
        ("created", "2025-12-31T23:50:00Z"),
        ("started", "2026-01-01T00:00:00.25Z"),
        ("ended", ""),
        ("seed", "18446744073709551615"),
        ("steps_taken", "300"),
        ("peak_bytes", "1073741824"),
        ("loss_before", "3.25"),
        ("loss_after", ""),
        ("perplexity_before", "25.79033991719306"),
        ("machine", "16 cores, 32 GB"),
        ("configuration", "{\"method\": \"lora\", \"rank\": 8}"),
    ] {
        assert_eq!(cell(1, column), wanted, "{column}");
    }
    assert_eq!(cell(2, "name"), "a, \"b\"\r\n第二行");
    assert_eq!(cell(2, "created"), i64::MAX.to_string());
    assert_eq!(cell(2, "ended"), "1970-01-01T00:00:00Z");
    // A spreadsheet must not take what others wrote for a formula.
    assert_eq!(cell(2, "error"), "'=HYPERLINK(\"http\",\"x\")");
    assert_eq!(cell(2, "machine"), "'＝1+1");
}

fn manifest() -> Manifest {
    let adapter = AdapterRow {
        id: "a1".into(),
        name: "我们的合同".into(),
        base: "b0".into(),
        base_name: "Gemma 3 270M".into(),
        method: "lora".into(),
        language: "zh".into(),
        created_at: 1_767_226_000_000,
        wall: Wall::Client("恒通".into()),
        state: AdapterState::Kept,
        run: Some("r1".into()),
        bytes: 1,
        note: "内部备注".into(),
        used: false,
    };
    let source = |title: &str, part| SourceRow {
        title: title.into(),
        hash: "0a1b".into(),
        document_id: (part == Part::Test).then(|| "d-secret".into()),
        examples: 3,
        tokens: 900,
        part,
        reason: None,
    };
    let sources = [
        source("/home/律师/恒通/供货.docx", Part::Train),
        source("C:\\恒通\\保密.docx", Part::Valid),
        source("租赁 2026/05", Part::Test),
        source("扫描.pdf", Part::LeftOut),
    ];
    Manifest::of(&adapter, &run(), &sources)
}

#[test]
fn a_manifest_says_where_an_adapter_comes_from() {
    let made = manifest();
    let bytes = made.write().unwrap();
    assert_eq!(Manifest::read(&bytes).unwrap(), made);
    let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(
        json["base"],
        json!({"fingerprint": "b0", "name": "Gemma 3 270M"})
    );
    assert_eq!(json["configuration"]["rank"], 8);
    assert_eq!(json["before"]["loss"], 3.25);
    assert_eq!(json["after"]["loss"], json!(null));
    assert_eq!(json["program"], "0.1.0");
    let titles: Vec<&str> = made
        .sources
        .iter()
        .map(|source| source.title.as_str())
        .collect();
    assert_eq!(titles, ["供货.docx", "保密.docx", "租赁 2026/05"]);
    // A folder goes to others: what is of this machine or this firm alone stays here.
    let text = String::from_utf8(bytes).unwrap();
    for inside in ["律师", "恒通", "d-secret", "内部备注", "扫描"] {
        assert!(!text.contains(inside), "{inside}");
    }
}

#[test]
fn a_manifest_of_another_version_is_read() {
    let later = json!({
        "base": {"fingerprint": "b0", "sort": "new"},
        "name": "x",
        "sources": [{"title": "t", "pages": 3}],
        "after": {"loss": 1.5, "rouge": 0.5},
        "shape": [1, 2, {"deep": null}],
    });
    let found = Manifest::read(later.to_string().as_bytes()).unwrap();
    assert_eq!((&*found.base.fingerprint, &*found.name), ("b0", "x"));
    assert_eq!(found.sources[0].title, "t");
    assert_eq!(found.after.loss, Some(1.5));
    assert_eq!(found.before, Figures::default());
}

#[test]
fn what_is_no_manifest_is_refused_with_a_sentence() {
    let deep = "[".repeat(1_000_000);
    let deep_inside = format!("{{\"base\":{{\"fingerprint\":\"b\"}},\"configuration\":{deep}");
    let large = vec![b' '; 17 << 20];
    let good = manifest().write().unwrap();
    for bytes in [
        b"".as_slice(),
        b"\xff\xfe{}",
        b"{}",
        b"[]",
        b"{\"base\": {\"name\": \"no fingerprint\"}}",
        b"{\"base\": {\"fingerprint\": \"b\"}, \"name\": 3}",
        deep.as_bytes(),
        deep_inside.as_bytes(),
        &large,
        &good[..good.len() / 2],
    ] {
        let error = Manifest::read(bytes).unwrap_err();
        assert!(error.message.en.contains("moqi.json"), "{error}");
    }
}
