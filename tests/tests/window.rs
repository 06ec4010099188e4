//! The main job end to end, in the real window, in both languages.
//!
//! `cargo xtask test window` sets what this needs; without it the tests say that they were skipped.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at the first fault and says when it is skipped"
)]

use std::path::{Path, PathBuf};

#[path = "window/tuning.rs"]
mod tuning;
#[path = "window/wishes.rs"]
mod wishes;

use moqi_tests::window::Window;
use moqi_tests::{part, program};

struct Scene {
    home: tempfile::TempDir,
    driver: PathBuf,
}

impl Scene {
    fn new() -> Option<Scene> {
        if std::env::var_os("MOQI_WINDOW").is_none() {
            println!("skipped: the window is tested by cargo xtask test window");
            return None;
        }
        let driver =
            std::env::var_os("MOQI_DRIVER").map_or_else(|| "tauri-driver".into(), PathBuf::from);
        Some(Scene {
            home: tempfile::tempdir().unwrap(),
            driver,
        })
    }

    async fn open(&self, locale: &str) -> Window {
        Window::open(
            &program(),
            &self.driver,
            self.home.path(),
            locale,
            (1280, 800),
        )
        .await
    }

    /// The default model, linked from where the tests keep it.
    fn install_model(&self) {
        let file = PathBuf::from(
            std::env::var_os("MOQI_TEST_MODEL").expect("the test command names the model"),
        );
        let folder = self.home.path().join("models/smollm2-135m-instruct-q4_1");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::hard_link(&file, folder.join("SmolLM2.gguf"))
            .or_else(|_| std::fs::copy(&file, folder.join("SmolLM2.gguf")).map(|_| ()))
            .unwrap();
    }
}

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(test);
}

/// Puts the caret at the end of the first paragraph that holds these words.
async fn caret_after(window: &Window, words: &str) {
    let code = format!(
        "const walk = document.createTreeWalker(document.querySelector('[data-testid=\"page\"]'), NodeFilter.SHOW_TEXT);
         while (walk.nextNode()) {{
             const at = walk.currentNode.data.indexOf({words:?});
             if (at >= 0) {{
                 walk.currentNode.parentElement.closest('[contenteditable=\"true\"]').focus();
                 getSelection().collapse(walk.currentNode, at + {words:?}.length);
                 return true;
             }}
         }}
         return false;"
    );
    assert_eq!(
        window.script(&code).await,
        true,
        "{words} stands nowhere on the page"
    );
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
}

/// Types where the caret is.
async fn type_words(window: &Window, words: &str) {
    let code = format!("return document.execCommand('insertText', false, {words:?});");
    window.script(&code).await;
}

/// The block that is typed in has a frame of fixed size; it must be the size its words need.
async fn frame_fits(window: &Window, when: &str) {
    let code = "const block = document.querySelector('[data-framed]');
         const framed = block.getBoundingClientRect().height;
         const style = block.style.cssText;
         block.style.cssText = '';
         const natural = block.getBoundingClientRect().height;
         block.style.cssText = style;
         return [framed, natural];";
    let mut heights = (0.0, 1.0);
    for _ in 0..20 {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        let both = window.script(code).await;
        heights = (
            both[0].as_f64().unwrap_or(0.0),
            both[1].as_f64().unwrap_or(1.0),
        );
        if f64::abs(heights.0 - heights.1) < 1.0 {
            return;
        }
    }
    panic!(
        "{when}: the frame is {} high, its words need {}",
        heights.0, heights.1
    );
}

/// Brings the caret to the foot of the view and counts, from now on, the frames in which the last of the words being written
/// is in sight and in which it is not.
async fn watch_the_writing(window: &Window) {
    let code = "const page = document.querySelector('[data-testid=\"page\"]');
         const desk = page.closest('.desk');
         const inside = (box) => box.bottom <= desk.getBoundingClientRect().bottom + 1 && box.bottom >= desk.getBoundingClientRect().top;
         const caret = getSelection().anchorNode;
         (caret.nodeType === 1 ? caret : caret.parentElement).closest('.b').scrollIntoView({ block: 'end' });
         desk.scrollTop -= 60;
         window.__writing = { seen: 0, unseen: 0 };
         const look = () => {
             const stop = document.querySelector('[data-testid=\"suggestion-stop\"]');
             if (stop) {
                 const words = document.querySelector('.suggestion-words .writing').getBoundingClientRect();
                 __writing[inside(words) ? 'seen' : 'unseen']++;
             }
             requestAnimationFrame(look);
         };
         requestAnimationFrame(look);
         return true;";
    assert_eq!(window.script(code).await, true);
}

async fn draft_from(window: &Window, template: &str) {
    window.click("documents-empty-new").await;
    let card = format!("template[data-template=\"{template}\"]");
    window.find(&card).await;
    window.click(&card).await;
    window.click("new-sample").await;
    // A party is asked part by part.
    for part in ["name", "address", "representative"] {
        window
            .find(&format!("field[data-field$=\".{part}\"]"))
            .await;
    }
    window.click("new-create").await;
    window.find("page").await;
}

/// Exports and returns the body of the Word file.
async fn export(window: &Window) -> String {
    window.saved().await;
    window.click("export").await;
    let path = window.words("export-path").await;
    let path = Path::new(path.trim());
    assert!(path.is_file(), "{} is not there", path.display());
    window.click("export-close").await;
    part(path, "word/document.xml")
}

/// Text of the body without markup.
fn text_of(body: &str) -> String {
    let mut text = String::new();
    let mut rest = body;
    while let Some(at) = rest.find("<w:t") {
        rest = &rest[at..];
        let Some(open) = rest.find('>') else { break };
        let end = rest.find("</w:t>").unwrap_or(rest.len());
        if open < end
            && !rest.starts_with("<w:tbl")
            && !rest.starts_with("<w:tc")
            && !rest.starts_with("<w:tr")
            && !rest.starts_with("<w:tab")
        {
            text.push_str(&rest[open + 1..end]);
            rest = &rest[end..];
        } else {
            rest = &rest[open..];
        }
    }
    text
}

#[test]
fn a_chinese_sale_contract_from_an_empty_folder_to_word() {
    let Some(scene) = Scene::new() else { return };
    run(async {
        let window = scene.open("zh_CN.UTF-8").await;
        window.click("language-zh").await;
        draft_from(&window, "zh-sale").await;
        let page = window
            .until("the draft", |page| {
                page.contains("第一条") && page.contains("违约责任")
            })
            .await;
        let clauses = page.matches("第").count();
        assert!(clauses > 5, "{page}");
        window.picture("zh-draft");

        // A clause of the library.
        window.click("left-clauses").await;
        window.fill("clauses-search", "不可抗力").await;
        window.click("clause-insert").await;
        window
            .until("the inserted clause", |page| {
                page.matches("不可抗力").count() > 1
            })
            .await;

        // The assistant: no installed model writes Chinese, so the library answers and says which model to fetch.
        window.click("right-assistant").await;
        window.fill("assist-instruction", "通知与送达的方式").await;
        window.click("assist-ask").await;
        let why = window.words("assist-why").await;
        assert!(why.contains("中文") && why.contains("Qwen"), "{why}");
        window.picture("zh-proposals");
        window.find("suggestion-accept").await;
        let count = "return document.querySelectorAll('[data-testid=page] > .b').length";
        let before = window.script(count).await;
        window.click("assist-proposal-accept").await;
        window
            .until("the accepted proposal", |page| {
                page.contains("诉讼或者仲裁程序") && !page.contains("拒绝 Esc")
            })
            .await;
        assert!(
            window.script(count).await.as_u64() > before.as_u64(),
            "nothing stood in the text before it was accepted"
        );

        // A finding, and its mending by one click.
        caret_after(&window, "合同总价为").await;
        type_words(&window, "人民币壹佰万元整（¥1,200,000.00），即").await;
        window.saved().await;
        window.click("right-findings").await;
        window.find("finding[data-rule=\"money\"]").await;
        let underlined = "return getComputedStyle(document.querySelector('.page .finding.error')).textDecorationLine";
        assert_eq!(window.script(underlined).await, "underline");
        window.picture("zh-findings");
        window
            .click("finding[data-rule=\"money\"] [data-testid=\"finding-fix\"]")
            .await;
        let mended = window
            .until("the mended amount", |page| {
                page.contains("壹佰贰拾万元整（¥1,200,000.00）")
            })
            .await;
        assert!(!mended.contains("壹佰万元整"), "{mended}");

        let body = export(&window).await;
        let text = text_of(&body);
        assert!(text.contains("壹佰贰拾万元整（¥1,200,000.00）"), "{text}");
        assert!(
            !body.contains("<w:t>第一条</w:t>"),
            "numbers are Word's own"
        );
        assert!(
            body.contains("<w:pStyle w:val=\"Heading1\"/>") && body.contains(" REF _Ref"),
            "headings and references are live"
        );
        wishes::dressed(&window).await;
        window.close().await;

        // Close and reopen: the last document is open again by itself, and nothing is lost.
        let window = scene.open("zh_CN.UTF-8").await;
        let again = window
            .until("the same document", |page| {
                page.contains("壹佰贰拾万元整（¥1,200,000.00）")
            })
            .await;
        assert_eq!(again.matches("第").count(), mended.matches("第").count());
        window.close().await;
    });
}

#[test]
fn an_english_nda_with_the_models_wording() {
    let Some(scene) = Scene::new() else { return };
    scene.install_model();
    run(async {
        let window = scene.open("en_GB.UTF-8").await;
        window.click("language-en").await;
        draft_from(&window, "en-nda-mutual").await;
        window
            .until("the draft", |page| {
                page.contains("1.") && page.to_lowercase().contains("confidential")
            })
            .await;
        window.picture("en-draft");

        // A clause of the library.
        window.click("left-clauses").await;
        window.fill("clauses-search", "force majeure").await;
        window.click("clause-insert").await;
        window
            .until("the inserted clause", |page| {
                page.to_lowercase().contains("force majeure")
            })
            .await;

        // The model writes; nothing changes until it is accepted.
        window.click("left-outline").await;
        window
            .click("outline-entry[data-block]:nth-of-type(4)")
            .await;
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        watch_the_writing(&window).await;
        window.click("right-assistant").await;
        window.click("assist-task[data-task=\"draft\"]").await;
        window
            .fill(
                "assist-instruction",
                "notice of termination in writing, thirty days",
            )
            .await;
        let before = window.page().await;
        window.click("assist-ask").await;
        window.find("suggestion-accept").await;
        window.picture("en-suggestion");
        let [seen, unseen] = ["seen", "unseen"].map(|name| format!("return __writing.{name};"));
        let frames = (
            window.script(&seen).await.as_u64().unwrap(),
            window.script(&unseen).await.as_u64().unwrap(),
        );
        assert!(
            frames.0 > 0 && frames.1 == 0,
            "frames with the words in sight, and out of it: {frames:?}"
        );
        window.click("suggestion-accept").await;
        let accepted = window
            .until("the accepted wording", |page| page != before)
            .await;
        window.click("tool-undo").await;
        window
            .until("the undone wording", |page| page != accepted)
            .await;
        window.click("tool-redo").await;

        // A finding, and its mending.
        caret_after(&window, "Agreement").await;
        type_words(&window, " (the (said agreement)").await;
        frame_fits(&window, "after a few words").await;
        // Words typed after a pause are an undo step of their own.
        tokio::time::sleep(std::time::Duration::from_millis(800)).await;
        let long = " and every schedule to it".repeat(12);
        type_words(&window, &long).await;
        frame_fits(&window, "after words that take more lines").await;
        window.click("toggle-right").await;
        frame_fits(&window, "on a page of another width").await;
        window.click("toggle-right").await;
        window.click("tool-undo").await;
        window
            .until("the long words undone", |page| !page.contains(&long))
            .await;
        frame_fits(&window, "after words were taken back").await;
        window.saved().await;
        window.click("right-findings").await;
        window.find("finding[data-rule=\"punctuation\"]").await;
        type_words(&window, " by the the Parties").await;
        window.saved().await;
        let doubled = "finding[data-rule=\"punctuation\"] [data-testid=\"finding-fix\"]";
        window.click(doubled).await;
        let mended = window
            .until("the mended doubled word", |page| {
                page.contains("(the (said agreement) by the Parties")
            })
            .await;
        let body = export(&window).await;
        let text = text_of(&body);
        assert!(text.contains("(the (said agreement) by the Parties"));
        assert!(text.to_lowercase().contains("force majeure"));
        assert!(body.contains("<w:pStyle w:val=\"Heading1\"/>"));
        assert!(
            body.contains("<w:pStyle w:val=\"Clause2L"),
            "sub-clauses have a numbered style"
        );
        window.close().await;

        let window = scene.open("en_GB.UTF-8").await;
        window
            .until("the same document", |page| {
                page.contains("(the (said agreement) by the Parties")
            })
            .await;
        let again = window.page().await;
        assert_eq!(again.lines().count(), mended.lines().count());
        window.close().await;
    });
}

#[test]
fn the_models_room_recommends_asks_for_terms_and_says_where_models_run() {
    let Some(scene) = Scene::new() else { return };
    scene.install_model();
    run(async {
        let window = scene.open("zh_CN.UTF-8").await;
        window.click("language-zh").await;
        window.click("rail-models").await;
        window.find("model[data-model=\"qwen3-1.7b-q8_0\"]").await;
        let card = "return document.querySelector('[data-model=\"qwen3-1.7b-q8_0\"]').innerText";
        let words = window.script(card).await;
        let words = words.as_str().unwrap_or_default();
        assert!(
            words.contains("推荐：中文") && words.contains("获取 约 1.8 GB"),
            "{words}"
        );

        // Nothing is fetched before the terms are accepted.
        window.click("language-en").await;
        window
            .click("model[data-model=\"gemma-3-270m-q4_k_m\"] [data-testid=\"model-fetch\"]")
            .await;
        let terms = window.words("model-terms").await;
        assert!(
            terms.contains("Gemma Terms of Use") && terms.contains("ai.google.dev/gemma/terms"),
            "{terms}"
        );
        window.find("model-accept").await;
        assert!(
            !scene
                .home
                .path()
                .join("models/.partial-gemma-3-270m-q4_k_m")
                .exists()
        );

        // The model in memory and the device it runs on.
        let mut line = String::new();
        for _ in 0..100 {
            line = window.words("model-device").await;
            if line.contains("CPU (") {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        window.picture("en-models");
        assert!(line.contains("CPU (") && line.contains("threads"), "{line}");

        window.click("rail-settings").await;
        window.fill("setting-hub", "mirror").await;
        window.click("setting-hub-save").await;
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        let page = window.script("return document.body.innerText").await;
        let said = page.as_str().unwrap_or_default();
        assert!(said.contains("is not the address of a model hub"), "{said}");
        window.picture("en-hub");
        window.close().await;
    });
}

#[test]
fn the_firms_files_become_documents() {
    let Some(scene) = Scene::new() else { return };
    let firm = scene.home.path().join("firm");
    std::fs::create_dir_all(&firm).unwrap();
    let made = std::process::Command::new(program())
        .args([
            "draft",
            "--template",
            "zh-sale",
            "--answers",
            "sample",
            "--out",
        ])
        .arg(firm.join("买卖合同.docx"))
        .env("MOQI_HOME", scene.home.path())
        .output()
        .unwrap();
    assert!(made.status.success());
    let form = scene.home.path().join("委托函.docx");
    let source = scene.home.path().join("form.md");
    std::fs::write(&source, "# 委托函\n\n致\\{client}：\n\n费用 ____ 元。\n").unwrap();
    let exported = std::process::Command::new(program())
        .arg("export")
        .arg(&source)
        .arg("--out")
        .arg(&form)
        .env("MOQI_HOME", scene.home.path())
        .output()
        .unwrap();
    assert!(exported.status.success());
    std::fs::write(firm.join("broken.docx"), "no archive").unwrap();
    std::fs::write(firm.join("logo.png"), "png").unwrap();
    run(async {
        let window = scene.open("zh_CN.UTF-8").await;
        window.click("language-zh").await;
        window.click("rail-documents").await;
        window.find("documents-import").await;
        // As if the folder was dropped on the window; the dialog of the system cannot be driven.
        let folder = firm.display().to_string();
        window
            .script(&format!("window.__moqi.import([{folder:?}])"))
            .await;
        window.find("import-close").await;
        let said = window.words("import-panel").await;
        window.picture("zh-import");
        for words in ["新增 1 份文书", "broken.docx", "1 个其他类型的文件"] {
            assert!(said.contains(words), "{words}: {said}");
        }
        window.click("import-close").await;
        window.find("document-original").await;
        window.picture("zh-imported");

        // The same file once more opens the document that is there.
        let file = firm.join("买卖合同.docx").display().to_string();
        window
            .script(&format!("window.__moqi.import([{file:?}])"))
            .await;
        let page = window
            .until("the imported contract", |page| page.contains("第一条"))
            .await;
        assert!(page.contains("违约"), "{page}");
        window.picture("zh-imported-page");

        // What has changed since the import, as tracked changes.
        caret_after(&window, "标的").await;
        type_words(&window, "（修改）").await;
        window.saved().await;
        window.click("right-versions").await;
        window.click("version[data-reason=\"import\"] button").await;
        let changed = window.words("version-changes").await;
        window.picture("zh-changes");
        assert!(changed.contains("（修改）"), "{changed}");
        window.click("version-redline").await;
        let path = window.words("export-path").await;
        window.picture("zh-redline");
        assert!(path.contains("修订稿"), "{path}");
        let body = part(Path::new(&path), "word/document.xml");
        assert!(
            body.contains("<w:ins ") && body.contains("（修改）"),
            "no tracked change"
        );
        window.click("export-close").await;

        // A Word form dropped among the templates is filled in place.
        window.click("rail-templates").await;
        window.find("word-form").await;
        let form = form.display().to_string();
        window
            .script(&format!("window.__moqi.import([{form:?}])"))
            .await;
        window
            .fill("word-place[data-key=\"client\"] textarea", "华东公司")
            .await;
        window.picture("zh-form");
        window.click("word-fill").await;
        let path = window.words("export-path").await;
        let filled = text_of(&part(Path::new(&path), "word/document.xml"));
        assert!(filled.contains("致华东公司"), "{filled}");
        window.click("export-close").await;

        // The imported contract becomes a template: its parties and sums are offered, the lawyer says which are fields.
        window.click("rail-templates").await;
        window.click("template-from-document").await;
        let offered = window.find("offer[data-name^=\"party\"]").await;
        let words = offered.text().await.unwrap();
        window.picture("zh-offers");
        assert!(words.contains("公司"), "{words}");
        window.fill("offers-title", "买卖合同（本所）").await;
        window.click("offers-make").await;
        let source =
            "return [...document.querySelectorAll('textarea')].map((area) => area.value).join('')";
        window.find("template-text").await;
        let source = window.script(source).await;
        window.picture("zh-made-template");
        let source = source.as_str().unwrap();
        assert!(
            source.contains("买卖合同（本所）") && source.contains("{{party_a"),
            "{source}"
        );
        window.close().await;
    });
}
