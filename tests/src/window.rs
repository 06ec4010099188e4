//! A real window on a display of its own, driven through WebDriver.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::json;

/// A window with its display and driver; all three end with the value.
pub struct Window {
    client: Client,
    driver: Child,
    display: Child,
    name: String,
}

/// How long a step may take on a busy machine before the test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

impl Window {
    /// Opens the program on a data folder, in a window of this size, with this locale.
    pub async fn open(
        program: &Path,
        driver: &Path,
        home: &Path,
        locale: &str,
        size: (u32, u32),
    ) -> Window {
        static COUNT: AtomicU16 = AtomicU16::new(0);
        // Displays and ports of their own, so that windows of several tests and runs do not meet.
        let turn = COUNT.fetch_add(1, Ordering::Relaxed) + (std::process::id() % 40) as u16 * 20;
        let number = 200 + turn;
        let name = format!(":{number}");
        let screen = format!("{}x{}x24", size.0, size.1);
        let display = Command::new("Xvfb")
            .args([&name, "-screen", "0", &screen, "-nolisten", "tcp"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is installed");
        std::thread::sleep(Duration::from_millis(700));
        let port = 4500 + turn;
        let driver = Command::new("dbus-run-session")
            .arg("--")
            .arg(driver)
            .args([
                "--port",
                &port.to_string(),
                "--native-port",
                &(port + 900).to_string(),
            ])
            .env("DISPLAY", &name)
            .env("MOQI_HOME", home)
            .env("HOME", home)
            .env("LANG", locale)
            .env_remove("LC_ALL")
            .process_group(0)
            .env("WEBKIT_DISABLE_COMPOSITING_MODE", "1")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("tauri-driver is installed");
        let mut capabilities = serde_json::Map::new();
        capabilities.insert("tauri:options".into(), json!({ "application": program }));
        let start = Instant::now();
        let client = loop {
            let built =
                ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
                    .capabilities(capabilities.clone())
                    .connect(&format!("http://127.0.0.1:{port}"))
                    .await;
            match built {
                Ok(client) => break client,
                Err(error) if start.elapsed() > PATIENCE => {
                    panic!("the window did not open: {error}")
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(300)).await,
            }
        };
        let window = Window {
            client,
            driver,
            display,
            name,
        };
        window.find("app").await;
        window
    }

    /// An element by its test id and further CSS.
    fn css(id: &str) -> String {
        match id.split_once('[') {
            Some((id, rest)) => format!("[data-testid=\"{id}\"][{rest}"),
            None if id.starts_with(['.', '#']) => id.to_owned(),
            None => format!("[data-testid=\"{id}\"]"),
        }
    }

    /// Waits for an element.
    pub async fn find(&self, id: &str) -> Element {
        let css = Self::css(id);
        let found = self
            .client
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::Css(&css))
            .await;
        match found {
            Ok(element) => element,
            Err(error) => {
                self.picture("failure");
                panic!("{id} did not appear: {error}")
            }
        }
    }

    /// The words of an element, once it shows any: one that is still fading in has none.
    pub async fn words(&self, id: &str) -> String {
        let start = Instant::now();
        loop {
            match self.find(id).await.text().await {
                Ok(words) if !words.is_empty() => return words,
                other if start.elapsed() > PATIENCE => {
                    self.picture("failure");
                    panic!("{id} shows no words: {other:?}")
                }
                _ => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    }

    /// Waits for an element and clicks it; one that is replaced in that moment is looked for again.
    pub async fn click(&self, id: &str) {
        let start = Instant::now();
        loop {
            match self.find(id).await.click().await {
                Ok(()) => return,
                Err(error) if start.elapsed() > PATIENCE => {
                    panic!("{id} could not be clicked: {error}")
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    }

    /// Types into an element.
    pub async fn fill(&self, id: &str, words: &str) {
        let element = self.find(id).await;
        element.click().await.expect("an input can be clicked");
        element.send_keys(words).await.expect("an input takes keys");
    }

    /// Runs a script of the test's own and returns what it returns.
    pub async fn script(&self, code: &str) -> serde_json::Value {
        self.client
            .execute(code, Vec::new())
            .await
            .expect("the script runs")
    }

    /// The words of the page, numbers and chips as shown.
    pub async fn page(&self) -> String {
        self.find("page").await.text().await.unwrap_or_default()
    }

    /// Waits until a condition on the page's words holds.
    pub async fn until(&self, what: &str, holds: impl Fn(&str) -> bool) -> String {
        let start = Instant::now();
        loop {
            let words = self.page().await;
            if holds(&words) {
                return words;
            }
            if start.elapsed() > PATIENCE {
                self.picture("failure");
                panic!("{what} did not happen; the page says:\n{words}");
            }
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
    }

    /// Waits until the status line says that everything is saved.
    pub async fn saved(&self) {
        tokio::time::sleep(Duration::from_millis(400)).await;
        self.find("saved[data-state=\"saved\"]").await;
    }

    /// A picture of the display, into `MOQI_SHOTS` when that is set.
    pub fn picture(&self, name: &str) {
        if let Some(folder) = std::env::var_os("MOQI_SHOTS") {
            let path = PathBuf::from(folder).join(format!("{name}.png"));
            let _ = Command::new("import")
                .args(["-window", "root"])
                .arg(path)
                .env("DISPLAY", &self.name)
                .status();
        }
    }

    /// Closes the window as a person would end the day.
    pub async fn close(mut self) {
        let _ = self.client.clone().close().await;
        self.end();
    }

    fn end(&mut self) {
        // The driver, the web view's own driver and the program are one group of processes.
        let group = format!("-{}", self.driver.id());
        let _ = Command::new("kill").args(["-TERM", "--", &group]).status();
        for child in [&mut self.driver, &mut self.display] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        self.end();
    }
}
