//! One-click tuning: ten documents, a few steps, the chart moves, the house style drafts.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use moqi_tests::window::Window;
use moqi_tests::{checkout, files_below, program};

use super::{Scene, draft_from, run};

/// Ten documents: three of the shipped English templates as Word files, and further texts of the shipped clauses. A passage
/// held out is measured before and after, so more of them would make the test long and not better.
fn documents(home: &Path) -> PathBuf {
    let folder = home.join("House style");
    std::fs::create_dir_all(&folder).unwrap();
    let templates = ["en-nda-one-way", "en-loan", "en-services"];
    for id in templates {
        let made = std::process::Command::new(program())
            .args(["draft", "--template", id, "--answers", "sample", "--out"])
            .arg(folder.join(format!("{id}.docx")))
            .env("MOQI_HOME", home)
            .output()
            .unwrap();
        assert!(made.status.success(), "{id}");
    }
    let clauses = files_below(&checkout().join("templates/en/clauses"));
    let texts: Vec<String> = clauses
        .iter()
        .map(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            let body = text.splitn(3, "---\n").nth(2).unwrap_or(&text);
            body.trim().to_owned()
        })
        .collect();
    let left = 10 - templates.len();
    for n in 0..left {
        let some: Vec<&str> = texts
            .iter()
            .skip(n)
            .step_by(left)
            .map(String::as_str)
            .collect();
        let text = format!("# Standard clauses {}\n\n{}\n", n + 1, some.join("\n\n"));
        std::fs::write(folder.join(format!("clauses {n}.md")), text).unwrap();
    }
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 10);
    folder
}

/// Waits until a script says true.
async fn until(window: &Window, what: &str, code: &str, patience: Duration) {
    let start = Instant::now();
    while window.script(code).await != true {
        if start.elapsed() > patience {
            window.picture("failure");
            panic!("{what} did not happen");
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Puts the caret into the clause on remedies.
const REMEDIES: &str = r#"
    const entries = [...document.querySelectorAll('[data-testid="outline-entry"][data-block]')];
    const entry = entries.find((entry) => entry.textContent.includes('Remedies'));
    entry?.click();
    return entry !== undefined;
"#;

/// Has the model write where the caret is, and gives what the proposal says of its source.
async fn asked(window: &Window) -> String {
    window.click("right-assistant").await;
    window.click("assist-task[data-task=\"draft\"]").await;
    window.click("assist-ask").await;
    window.find("suggestion-accept").await;
    let proposal = window.find("assist-proposal[data-source=\"model\"]").await;
    proposal.text().await.unwrap()
}

#[test]
fn a_house_style_is_learnt_from_ten_documents_and_drafts() {
    let Some(scene) = Scene::new() else { return };
    scene.install_model();
    let folder = documents(scene.home.path());
    run(async {
        let window = scene.open("en_GB.UTF-8").await;
        window.click("language-en").await;
        draft_from(&window, "en-nda-mutual").await;
        window.click("left-outline").await;
        // A clause that the one-way agreement below has too.
        until(
            &window,
            "a clause on remedies",
            REMEDIES,
            Duration::from_secs(20),
        )
        .await;

        // Chosen as if the folder was dropped there; the dialog of the system cannot be driven.
        window.click("rail-tune").await;
        window.find("tune-choose-folder").await;
        window.picture("tune-empty");
        let path = folder.display().to_string();
        window
            .script(&format!("window.__moqi.import([{path:?}])"))
            .await;
        window.find("tune-chosen").await;
        window.click("tune-effort[data-effort=\"quick\"]").await;
        window.click("tune-more").await;
        window.fill("tune-steps", "6").await;
        window.picture("tune-chosen");
        window.click("tune-look").await;
        let plan = window.words("tune-plan").await;
        window.picture("tune-plan");
        assert!(plan.contains("10"), "{plan}");
        assert_eq!(
            window
                .script("return document.querySelectorAll('[data-testid=\"tune-source\"]').length")
                .await,
            10
        );
        window.click("tune-start").await;

        // The chart moves, and drafting goes first.
        let points = |least: u32| {
            format!(
                "return Number(document.querySelector('[data-testid=\"tune-chart\"]')?.dataset.points ?? 0) >= {least}"
            )
        };
        let long = Duration::from_secs(600);
        until(&window, "the first step", &points(1), long).await;
        window.picture("tune-learning");
        window.click("document-tab").await;
        let written = asked(&window).await;
        window.find("tune-sign").await;
        assert!(!written.contains("House style"), "{written}");
        window.click("suggestion-refuse").await;
        window.click("rail-tune").await;
        until(&window, "a further step", &points(2), long).await;

        // A pause, and on.
        window.click("tune-pause").await;
        window.find("tune-resume").await;
        window.picture("tune-paused");
        window.click("tune-resume").await;
        until(
            &window,
            "the end",
            "return document.querySelector('[data-testid=\"tune-result\"]') !== null",
            3 * long,
        )
        .await;
        let result = window.words("tune-result").await;
        window.picture("tune-result");
        assert!(result.contains("House style"), "{result}");
        window.click("decide-use").await;
        window.find("adapter[data-used=\"true\"]").await;
        window.picture("tune-styles");
        // What it will draft from can be read through.
        window.click("house-clauses").await;
        window
            .click("house-document[data-document=\"en-nda-one-way.docx\"]")
            .await;
        window
            .words("house-document[data-document=\"en-nda-one-way.docx\"] ~ [data-testid=\"house-clause\"]")
            .await;
        window.picture("tune-house-clauses");
        window.click("tune-tab-record").await;
        window.find("run[data-status=\"done\"]").await;
        window.picture("tune-record");

        // It drafts, and says so.
        window.click("document-tab").await;
        let written = asked(&window).await;
        window.picture("tune-drafted");
        assert!(written.contains("House style"), "{written}");
        // Beside it stands the firm's own wording, with the document it is from.
        let house = window.words("assist-proposal[data-source=\"house\"]").await;
        assert!(house.contains("en-nda-one-way.docx"), "{house}");
        window.click("suggestion-accept").await;
        window.saved().await;
        window.close().await;
    });
}
