//! A server of the firm's own, through the program: a scripted one on loopback, and llama-cpp-python's real one.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at the first fault and says when it is skipped"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use moqi_app::{App, Home, Language, WriteOptions};
use moqi_tests::program;
use serde_json::Value;

fn moqi(home: &Path, arguments: &[&str]) -> Output {
    Command::new(program())
        .args(arguments)
        .env("MOQI_HOME", home)
        .env("LANG", "en_GB.UTF-8")
        .env_remove("LC_ALL")
        // Nothing listens there: a program that asked the environment's proxy would fail.
        .envs(["http_proxy", "HTTP_PROXY", "ALL_PROXY"].map(|name| (name, "http://127.0.0.1:9")))
        .output()
        .unwrap()
}

fn built() -> bool {
    let there = program().is_file();
    if !there {
        println!(
            "skipped: {} is not built (cargo build -p moqi)",
            program().display()
        );
        assert!(
            !moqi_tests::gates(),
            "the gates are on, but the program is not built"
        );
    }
    there
}

/// Answers every connection: the list of models, or an answer in three pieces.
fn scripted() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            answer(stream.unwrap());
        }
    });
    address
}

fn answer(mut stream: TcpStream) {
    let mut lines = BufReader::new(stream.try_clone().unwrap());
    let (mut first, mut length, mut key) = (String::new(), 0, false);
    lines.read_line(&mut first).unwrap();
    loop {
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        let line = line.trim().to_ascii_lowercase();
        if let Some(count) = line.strip_prefix("content-length: ") {
            length = count.parse().unwrap();
        }
        key |= line == "authorization: bearer sk-secret";
        if line.is_empty() {
            break;
        }
    }
    lines.read_exact(&mut vec![0; length]).unwrap();
    let (status, kind, body) = if !key {
        (
            "401 Unauthorized",
            "application/json",
            r#"{"error":{"message":"no key"}}"#.to_owned(),
        )
    } else if first.starts_with("GET ") {
        (
            "200 OK",
            "application/json",
            r#"{"object":"list","data":[{"id":"firm-8b"}]}"#.to_owned(),
        )
    } else {
        let piece = |words: &str| {
            format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{words}\"}}}}]}}\n\n")
        };
        let end =
            "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
        (
            "200 OK",
            "text/event-stream",
            piece("逾期") + &piece("付款") + &piece("。") + end,
        )
    };
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n");
    let _ = stream.write_all((head + &body).as_bytes());
}

#[test]
fn a_server_is_allowed_turned_on_written_with_and_turned_off() {
    if !built() {
        return;
    }
    let address = scripted();
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let run = |arguments: &[&str]| moqi(&home, arguments);
    let json = |arguments: &[&str]| -> Value {
        let output = run(&[&["--json"], arguments].concat());
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let refused = |arguments: &[&str], words: &str, status: i32| {
        let output = run(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.contains(words) && said.trim_end().lines().count() == 1,
            "{said}"
        );
        assert!(!said.contains("sk-secret"));
        assert_eq!(output.status.code(), Some(status), "{said}");
    };
    let write = ["write", "--model", "server:firm-8b", "--prompt", "违约金"];

    // Off, with nothing on the list, until somebody says otherwise.
    assert_eq!(json(&["models", "server"])["used"], Value::Null);
    refused(&write, "No server is in use; no text was sent.", 2);
    refused(
        &["models", "server", "use", &address, "--model", "firm-8b"],
        "not among the servers",
        2,
    );
    refused(
        &["models", "server", "allow", "http://203.0.113.7:8000"],
        "unencrypted",
        2,
    );
    refused(
        &["models", "server", "allow", "127.0.0.1:8000"],
        "not the address of a server",
        2,
    );

    json(&["models", "server", "allow", &address]);
    refused(
        &["models", "server", "use", &address, "--model", "firm-8b"],
        "refused access (401): “no key”",
        3,
    );
    let key = folder.path().join("key.txt");
    std::fs::write(&key, "sk-secret\n").unwrap();
    let set = json(&[
        "models",
        "server",
        "allow",
        &address,
        "--key-file",
        &key.display().to_string(),
    ]);
    assert_eq!(set["allowed"][0]["key"], true);
    assert!(!set.to_string().contains("sk-secret"));
    refused(
        &["models", "server", "use", &address, "--model", "other"],
        "It offers: firm-8b.",
        2,
    );
    assert_eq!(
        json(&["models", "server", "use", &address, "--model", "firm-8b"])["used"]["model"],
        "firm-8b"
    );
    assert_eq!(
        json(&["models", "server", "status"])["offered"][0],
        "firm-8b"
    );

    let output = run(&write);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "逾期付款。");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.starts_with(&format!("moqi: Text is sent to {address}\n")),
        "{said}"
    );
    let output = run(&[&["--json", "--ui", "zh"], &write[..]].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(said, format!("moqi: 文本会发送到 {address}\n"));
    let written: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&written["text"], &written["tokens"], &written["stop"]),
        (&"逾期付款。".into(), &3.into(), &"end".into())
    );

    json(&["models", "server", "off"]);
    refused(&write, "No server is in use", 2);
    assert_eq!(
        json(&["models", "server", "forget", &address])["allowed"],
        Value::Array(Vec::new())
    );
}

/// A program that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The real server of llama-cpp-python with the default model. Building that package takes minutes, so the test
/// command does not install it: name a Python that has `llama-cpp-python[server]` with `MOQI_LLAMA_PYTHON`, and a
/// model file with `MOQI_TEST_MODEL` (which `cargo xtask test` does), and the test runs.
#[test]
fn a_real_server_streams_and_is_cancelled() {
    let named = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let (Some(python), Some(model)) = (named("MOQI_LLAMA_PYTHON"), named("MOQI_TEST_MODEL")) else {
        println!("skipped: MOQI_LLAMA_PYTHON or MOQI_TEST_MODEL is not set");
        return;
    };
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let port = free.to_string();
    let child = Command::new(python)
        .args([
            "-m",
            "llama_cpp.server",
            "--host",
            "127.0.0.1",
            "--port",
            &port,
        ])
        .args([
            "--model_alias",
            "smol",
            "--n_ctx",
            "1024",
            "--n_threads",
            "1",
            "--model",
        ])
        .arg(&model)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _server = Running(child);
    let address = format!("http://127.0.0.1:{port}");
    let folder = tempfile::tempdir().unwrap();
    let app = App::open(Home::at(folder.path()).unwrap(), Language::En).unwrap();
    app.allow_server(&address, None, false).unwrap();
    let start = Instant::now();
    while let Err(error) = app.server_models(&address) {
        assert!(start.elapsed() < Duration::from_secs(120), "{error}");
        std::thread::sleep(Duration::from_millis(300));
    }
    app.use_server(&address, "smol").unwrap();
    let base = app.base("server:smol").unwrap();
    assert_eq!(base.sends_to().unwrap().to_string(), address);
    let options = WriteOptions {
        max_tokens: 48,
        temperature: 0.0,
        seed: 1,
    };
    let prompt = "Write one sentence about late payment.";
    let begin = Instant::now();
    let (mut pieces, mut times) = (Vec::new(), Vec::new());
    let written = base
        .write(prompt, &options, &mut |words| {
            pieces.push(words.to_owned());
            times.push(begin.elapsed());
            ControlFlow::Continue(())
        })
        .unwrap();
    println!(
        "{} pieces from {:?} to {:?}: {written:?}",
        pieces.len(),
        times[0],
        times[times.len() - 1]
    );
    assert!(pieces.len() > 8, "{pieces:?}");
    let over = times[times.len() - 1] - times[0];
    assert!(
        over > Duration::from_millis(40),
        "all came at once: {times:?}"
    );
    assert_eq!(pieces.concat(), written.text);

    // A cancel comes back at once, and the server answers the next request.
    let mut pulled = None;
    let long = WriteOptions {
        max_tokens: 800,
        ..options.clone()
    };
    let stopped = base
        .write("Write a long story.", &long, &mut |_| {
            pulled = Some(Instant::now());
            ControlFlow::Break(())
        })
        .unwrap();
    let back = pulled.unwrap().elapsed();
    println!("cancelled in {back:?}");
    assert_eq!(stopped.stop, "cancelled");
    assert!(back < Duration::from_millis(200), "{back:?}");
    let again = base
        .write(prompt, &options, &mut |_| ControlFlow::Continue(()))
        .unwrap();
    println!("again: {again:?}");
    assert_eq!(
        again.text, written.text,
        "temperature 0 gives the same words"
    );

    // What it does not have or cannot do is said in a sentence.
    let error = app.use_server(&address, "other").unwrap_err();
    assert!(error.to_string().contains("It offers: smol."), "{error}");
    // This one gives each token of a text the figure of its neighbour, which is seen and not passed on.
    let error = base
        .score("Either party may end this contract.")
        .unwrap_err();
    assert!(error.message.en.contains("cannot score"), "{error}");
}
