//! The command line as a script would use it: the contract of its JSON, its exit status, and what it says of bad input.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at the first fault and says when it is skipped"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use moqi_tests::program;
use serde_json::Value;

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Option<Desk> {
        if !program().is_file() {
            println!(
                "skipped: {} is not built (cargo build -p moqi)",
                program().display()
            );
            assert!(
                !moqi_tests::gates(),
                "the gates are on, but the program is not built"
            );
            return None;
        }
        Some(Desk {
            folder: tempfile::tempdir().unwrap(),
        })
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn write(&self, name: &str, words: &str) -> String {
        fs::write(self.folder.path().join(name), words).unwrap();
        self.path(name)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(program())
            .args(arguments)
            .env("MOQI_HOME", self.folder.path().join("home"))
            .env("LANG", "en_GB.UTF-8")
            .env_remove("LC_ALL")
            .output()
            .unwrap()
    }

    /// Runs a command that succeeds and reads its JSON, the only thing on standard output.
    fn json(&self, arguments: &[&str]) -> Value {
        let mut words = vec!["--json"];
        words.extend(arguments);
        let output = self.run(&words);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {said}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Runs a command that fails: its status and its one line.
    fn refusal(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.run(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!said.contains("panicked"), "{said}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        (output.status.code().unwrap(), said)
    }
}

#[test]
fn every_template_drafts_its_sample_without_an_error() {
    let Some(desk) = Desk::new() else { return };
    let listed = desk.json(&["templates"]);
    let templates = listed["templates"].as_array().unwrap();
    assert!(templates.len() >= 8, "{} templates", templates.len());
    for template in templates {
        let id = template["id"].as_str().unwrap();
        assert!(
            !template["fields"].as_array().unwrap().is_empty(),
            "{id} asks nothing"
        );
        let (text, word) = (
            desk.path(&format!("{id}.md")),
            desk.path(&format!("{id}.docx")),
        );
        let drafted = desk.json(&[
            "draft",
            "--template",
            id,
            "--answers",
            "sample",
            "--out",
            &text,
        ]);
        assert_eq!(
            drafted["counts"]["error"], 0,
            "{id} has errors in its own sample"
        );
        let drafted = desk.json(&[
            "draft",
            "--template",
            id,
            "--answers",
            "sample",
            "--out",
            &word,
        ]);
        assert_eq!(drafted["warnings"], serde_json::json!([]), "{id}");
        let checked = desk.json(&["check", &text]);
        assert_eq!(checked["lang"], template["language"], "{id}");
        let read = desk.json(&[
            "check",
            &word,
            "--lang",
            template["language"].as_str().unwrap(),
        ]);
        assert!(read["counts"]["error"].is_u64(), "{id}");
    }
}

#[test]
fn a_check_gives_spans_fixes_and_the_status() {
    let Some(desk) = Desk::new() else { return };
    let text = "# 买卖合同\n\n合同总价为人民币壹佰万元整（¥1,200,000.00）。\n";
    let file = desk.write("sale.md", text);
    let checked = desk.json(&["check", &file, "--kind", "sale", "--lang", "zh"]);
    let finding = checked["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|found| found["rule"] == "money")
        .unwrap();
    let (start, end) = (
        finding["start"].as_u64().unwrap() as usize,
        finding["end"].as_u64().unwrap() as usize,
    );
    assert_eq!(finding["quote"], text[start..end]);
    assert_eq!(finding["line"], 3);
    assert_eq!(finding["severity"], "error");
    let edit = &finding["fix"]["edits"][0];
    let mut mended = text.to_owned();
    mended.replace_range(
        edit["start"].as_u64().unwrap() as usize..edit["end"].as_u64().unwrap() as usize,
        edit["text"].as_str().unwrap(),
    );
    assert!(mended.contains("壹佰贰拾万元整"), "{mended}");
    assert_eq!(
        desk.run(&["check", &file, "--fail-on", "error"])
            .status
            .code(),
        Some(1)
    );
    fs::write(&file, &mended).unwrap();
    let again = desk.json(&["check", &file, "--kind", "sale", "--lang", "zh"]);
    assert!(
        again["findings"]
            .as_array()
            .unwrap()
            .iter()
            .all(|found| found["rule"] != "money")
    );
}

#[test]
fn word_files_come_in_are_compared_and_filled_in_place() {
    let Some(desk) = Desk::new() else { return };
    let [word, text, redline, clean, filled] = [
        "a.docx",
        "a.md",
        "redline.docx",
        "clean.docx",
        "filled.docx",
    ]
    .map(|name| desk.path(name));
    let draft = [
        "draft",
        "--template",
        "en-nda-mutual",
        "--answers",
        "sample",
    ];
    desk.json(&[&draft[..], &["--out", &word]].concat());

    // The text, and the labels Word prints, by line.
    let read = desk.json(&["import", &word, "--out", &text]);
    let words = read["text"].as_str().unwrap();
    assert_eq!(fs::read_to_string(&text).unwrap(), words);
    assert_eq!(read["lang"], "en");
    let labels = read["labels"].as_array().unwrap();
    assert!(labels.iter().any(|label| label["label"] == "1."));
    for label in labels {
        let line = label["line"].as_u64().unwrap() as usize;
        assert!(!words.lines().nth(line - 1).unwrap().is_empty(), "{label}");
    }

    // A redline from the file to a changed text, and back by accepting all.
    let changed = words.replacen("Confidential", "Secret", 1);
    assert_ne!(changed, words);
    let changed = desk.write("b.md", &changed);
    let said = desk.json(&[
        "compare", &word, &changed, "--out", &redline, "--clean", &clean,
    ]);
    assert_eq!(
        (&said["insertions"], &said["deletions"], &said["moves"]),
        (&1.into(), &1.into(), &0.into())
    );
    let marked = desk.json(&["import", &redline]);
    let kinds: Vec<&str> = marked["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["kind"].as_str().unwrap())
        .collect();
    assert!(
        kinds.contains(&"inserted") && kinds.contains(&"deleted"),
        "{kinds:?}"
    );
    let accepted = desk.json(&["import", &clean]);
    assert_eq!(accepted["changes"].as_array().unwrap().len(), 0);
    assert!(accepted["text"].as_str().unwrap().contains("Secret"));

    // A firm's own form.
    let form = desk.write(
        "form.md",
        "# Letter\n\nDear [Name],\n\nYour fee is {{ fee }}.\n",
    );
    let form = fs::read_to_string(form)
        .unwrap()
        .replace("{{ fee }}", "\\{fee}");
    let form = desk.write("form.md", &form);
    let template = desk.path("form.docx");
    desk.json(&["export", &form, "--out", &template]);
    let answers = desk.write("answers.json", r#"{"fee": "EUR 500"}"#);
    let said = desk.json(&[
        "draft",
        "--template",
        &template,
        "--answers",
        &answers,
        "--out",
        &filled,
    ]);
    let places = said["places"].as_array().unwrap();
    assert!(
        places.iter().any(|place| place["name"] == "fee"),
        "{places:?}"
    );
    let read = desk.json(&["import", &filled]);
    assert!(
        read["text"]
            .as_str()
            .unwrap()
            .contains("Your fee is EUR 500.")
    );
    // The name has no answer: it stays, and that is said.
    assert!(read["text"].as_str().unwrap().contains("Name"));
    assert!(said["warnings"].to_string().contains("has no value"));
}

#[test]
fn bad_input_is_one_clear_line_and_status_two() {
    let Some(desk) = Desk::new() else { return };
    let out = desk.path("out.docx");
    let broken = desk.write("broken.json", "{\"price\": ");
    let date = desk.write("date.json", "{\"delivery_date\": \"2026-02-30\"}");
    let unknown = desk.write("unknown.json", "{\"no_such_field\": \"x\"}");
    let template = desk.write(
        "own.md",
        "---\ntitle: T\nlanguage: en\nfields:\n  a: {type: colour}\n---\n\n{{b}}\n",
    );
    let fake = desk.write("fake.docx", "PK but no zip");
    let text = desk.write("text.md", "# T\n\nwords\n");
    let cases: &[(&[&str], &str)] = &[
        (
            &[
                "draft",
                "--template",
                "no-such",
                "--answers",
                "sample",
                "--out",
                &out,
            ],
            "no template “no-such”",
        ),
        (
            &[
                "draft",
                "--template",
                "zh-sale",
                "--answers",
                &broken,
                "--out",
                &out,
            ],
            "broken.json is not valid JSON: line 1",
        ),
        (
            &[
                "draft",
                "--template",
                "zh-sale",
                "--answers",
                &date,
                "--out",
                &out,
            ],
            "delivery_date",
        ),
        (
            &[
                "draft",
                "--template",
                "zh-sale",
                "--answers",
                &unknown,
                "--out",
                &out,
            ],
            "no_such_field",
        ),
        (
            &[
                "draft",
                "--template",
                &template,
                "--answers",
                "sample",
                "--out",
                &out,
            ],
            "own.md, line",
        ),
        (
            &[
                "draft",
                "--template",
                "zh-sale",
                "--answers",
                "sample",
                "--out",
                "out.odt",
            ],
            "should end in .docx, .pdf",
        ),
        (&["check", "missing.md"], "missing.md does not exist"),
        (&["check", &fake], "fake.docx is not a .docx file"),
        (
            &["export", &template, "--look", "gothic", "--out", &out],
            "no look “gothic”",
        ),
        (
            &["export", &text, "--look", &fake, "--out", &out],
            "fake.docx is not a .docx file",
        ),
        (&["models", "fetch", "no-such"], "no model “no-such”"),
        (
            &[
                "draft",
                "--template",
                "zh-sale",
                "--answers",
                "sample",
                "--adapter",
                "ours",
                "--out",
                &out,
            ],
            "no adapter “ours”",
        ),
        (
            &[
                "tune",
                &text,
                "--model",
                "smollm2-135m-instruct-q4_1",
                "--name",
                "ours",
            ],
            "text.md: ",
        ),
        (
            &["tune", "nowhere", "--model", "m", "--name", "ours"],
            "nowhere",
        ),
        (&["adapters", "show", "ours"], "no adapter “ours”"),
        (&["adapters", "clauses", "ours"], "no adapter “ours”"),
        (
            &["score", "--model", "qwen3-0.6b", "missing.txt"],
            "missing.txt does not exist",
        ),
    ];
    for (arguments, words) in cases {
        let (status, said) = desk.refusal(arguments);
        assert_eq!(status, 2, "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
        assert!(!Path::new(&out).exists(), "{arguments:?} left a file");
    }
}

#[test]
fn the_sentence_is_in_the_language_that_was_asked_for() {
    let Some(desk) = Desk::new() else { return };
    let (status, said) = desk.refusal(&["--ui", "zh", "check", "没有.md"]);
    assert_eq!(status, 2);
    assert!(said.contains("找不到 没有.md"), "{said}");
}

#[test]
fn a_foreign_or_newer_data_file_is_refused_and_left_alone() {
    let Some(desk) = Desk::new() else { return };
    let home = desk.folder.path().join("home");
    fs::create_dir_all(&home).unwrap();
    let database = home.join("moqi.db");
    fs::write(
        &database,
        "this is a letter, not a database, and long enough to look at",
    )
    .unwrap();
    let (status, said) = desk.refusal(&["templates"]);
    assert_eq!(status, 2, "{said}");
    assert!(
        said.contains("moqi.db is not a data file of Moqi"),
        "{said}"
    );
    assert!(
        fs::read_to_string(&database)
            .unwrap()
            .starts_with("this is a letter")
    );
    fs::remove_file(&database).unwrap();
    assert!(desk.run(&["templates"]).status.success());
    rusqlite::Connection::open(&database)
        .unwrap()
        .execute_batch("PRAGMA user_version = 99")
        .unwrap();
    let (status, said) = desk.refusal(&["templates"]);
    assert_eq!(status, 2, "{said}");
    assert!(said.contains("written by a newer Moqi"), "{said}");
}

#[test]
fn a_full_disk_behind_standard_output_is_told_and_a_closed_pipe_is_not() {
    let Some(desk) = Desk::new() else { return };
    let run = |out: Stdio| {
        let mut child = Command::new(program())
            .args(["--ui", "en", "templates"])
            .env("MOQI_HOME", desk.path("home"))
            .stdout(out)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let (status, said) = run(full.into());
    assert_eq!(status, Some(3), "{said}");
    assert!(said.contains("The disk is full"), "{said}");
    assert_eq!(run(Stdio::piped()), (Some(0), String::new()));
}

#[test]
fn a_file_in_place_of_the_data_folder_is_named() {
    let Some(desk) = Desk::new() else { return };
    let home = desk.write("home", "a letter");
    let (status, said) = desk.refusal(&["templates"]);
    assert_eq!(status, 2, "{said}");
    assert!(
        said.contains("home is a file, and cannot be the data folder"),
        "{said}"
    );
    assert_eq!(fs::read_to_string(home).unwrap(), "a letter");
}

#[test]
fn a_model_that_cannot_be_run_is_refused_when_it_is_added() {
    let Some(desk) = Desk::new() else { return };
    let header = |tensors: u64, values: u64| {
        let mut bytes = b"GGUF\x03\0\0\0".to_vec();
        bytes.extend(tensors.to_le_bytes());
        bytes.extend(values.to_le_bytes());
        bytes
    };
    let short = desk.path("short.gguf");
    fs::write(&short, header(9, 200)).unwrap();
    let other = desk.path("other.gguf");
    let mut bytes = header(0, 1);
    for (text, kind) in [("general.architecture", Some(8u32)), ("zebra", None)] {
        bytes.extend((text.len() as u64).to_le_bytes());
        bytes.extend(text.as_bytes());
        bytes.extend(kind.iter().flat_map(|kind| kind.to_le_bytes()));
    }
    fs::write(&other, bytes).unwrap();
    for (file, words) in [
        (&short, "short.gguf is damaged or cut short"),
        (&other, "zebra"),
    ] {
        let (status, said) = desk.refusal(&["models", "add", file]);
        assert_eq!(status, 2, "{said}");
        assert!(said.contains(words), "{said}");
    }
    let list = desk.json(&["models"]);
    assert!(
        list["models"]
            .as_array()
            .unwrap()
            .iter()
            .all(|model| model["file"].is_null())
    );
}

#[test]
fn a_model_file_that_was_cut_short_is_to_be_fetched_again() {
    let Some(desk) = Desk::new() else { return };
    let id = "smollm2-135m-instruct-q4_1";
    let folder = desk.folder.path().join("home/models").join(id);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("model.gguf"), b"GGUF\x03\0\0\0").unwrap();
    let (status, said) = desk.refusal(&["write", "--model", id, "--prompt", "x"]);
    assert_eq!(status, 2, "{said}");
    assert!(said.contains("models fetch"), "{said}");
}

#[test]
fn a_model_that_is_asked_writes_the_open_clauses_and_nothing_else() {
    let Some(desk) = Desk::new() else { return };
    let Some(file) = std::env::var_os("MOQI_TEST_MODEL") else {
        println!("skipped: cargo xtask test fetches the model");
        return;
    };
    let id = "smollm2-135m-instruct-q4_1";
    let folder = desk.folder.path().join("home/models").join(id);
    fs::create_dir_all(&folder).unwrap();
    std::os::unix::fs::symlink(file, folder.join("model.gguf")).unwrap();
    let template = desk.write(
        "own.md",
        "---\ntitle: Services\nlanguage: en\nkind: services\n---\n\n# Services\n\n## Term\n\nOne year.\n\n## Confidentiality\n\n## Governing law\n\nEnglish law.\n",
    );
    let (bare, out) = (desk.path("bare.md"), desk.path("out.md"));
    let words = [
        "draft",
        "--template",
        &template,
        "--answers",
        "sample",
        "--out",
    ];
    let drafted = desk.json(&[&words[..], &[&bare]].concat());
    assert_eq!(drafted["written"], serde_json::json!([]));
    let drafted = desk.json(&[&words[..], &[&out, "--model", id]].concat());
    assert_eq!(drafted["written"], serde_json::json!(["Confidentiality"]));
    let (bare, out) = (
        fs::read_to_string(bare).unwrap(),
        fs::read_to_string(out).unwrap(),
    );
    let split = |text: &str| {
        let (before, rest) = text.split_once("## Confidentiality").unwrap();
        let (clause, after) = rest.split_once("## Governing law").unwrap();
        (
            before.to_owned(),
            clause.trim().to_owned(),
            after.to_owned(),
        )
    };
    let ((before, clause, after), (kept, written, rest)) = (split(&bare), split(&out));
    assert_eq!((before, after), (kept, rest));
    assert!(clause.is_empty() && written.len() > 40, "{written}");

    let (status, said) = desk.refusal(&[
        "draft",
        "--template",
        "zh-sale",
        "--answers",
        "sample",
        "--model",
        id,
        "--out",
        &desk.path("zh.md"),
    ]);
    assert_eq!(status, 2, "{said}");
    assert!(said.contains("does not write the language"), "{said}");
}
