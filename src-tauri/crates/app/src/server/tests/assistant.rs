//! The assistant, written by a scripted server.

use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use moqi_document::{Answers, Language};

use super::scripted::{Line, serve};
use crate::{App, Assist, Ended, Home, Source, Task, Written};

/// A program with an open document whose assistant writes by a scripted server.
fn drafting<T: Send + 'static>(
    script: impl Fn(&mut Line) -> T + Send + 'static,
) -> (tempfile::TempDir, App, String, Receiver<Option<T>>) {
    let (server, results) = serve(move |mut line| {
        if line.request.starts_with("GET ") {
            line.head("200 OK", "application/json", "");
            line.say(br#"{"data":[{"id":"m"}]}"#);
            return None;
        }
        Some(script(&mut line))
    });
    let folder = tempfile::tempdir().unwrap();
    let app = App::open(Home::at(folder.path()).unwrap(), Language::Zh).unwrap();
    let address = server.address().to_string();
    app.allow_server(&address, None, false).unwrap();
    let missing = app.use_server(&address, "other").unwrap_err();
    assert!(missing.to_string().contains("It offers: m."), "{missing}");
    assert!(app.server().unwrap().used.is_none());
    app.use_server(&address, "m").unwrap();
    for _ in 0..2 {
        results.recv().unwrap();
    }
    let opened = app
        .create_document(None, Some("合同"), Language::Zh, &Answers::new())
        .unwrap();
    (folder, app, opened.info.id, results)
}

fn ask(app: &App, document: &str) -> (u64, Receiver<Written>, Receiver<Ended>) {
    let ((words, heard), (end, ended)) = (channel(), channel());
    let request = Assist {
        document: document.to_owned(),
        task: Task::Continue,
        block: 1,
        instruction: "写违约金条款".into(),
    };
    let job = app
        .assist(
            request,
            move |event| drop(words.send(event)),
            move |how| drop(end.send(how)),
        )
        .unwrap();
    (job, heard, ended)
}

#[test]
fn the_assistant_writes_by_the_server_in_use() {
    let (_folder, app, document, results) = drafting(|line| {
        line.events();
        line.words("乙方逾期付款的，");
        line.words("应支付违约金。");
        line.finish();
        line.request.clone()
    });
    let (_, heard, ended) = ask(&app, &document);
    assert!(matches!(
        ended.recv_timeout(Duration::from_secs(10)),
        Ok(Ended::Done)
    ));
    let mut words = String::new();
    let mut sources = Vec::new();
    for event in heard {
        match event {
            Written::Words(more) => words.push_str(&more),
            Written::Proposals { proposals, .. } => {
                sources.extend(proposals.into_iter().map(|found| found.source))
            }
            Written::Reading { .. } => {}
        }
    }
    assert_eq!(words, "乙方逾期付款的，应支付违约金。");
    let address = app.server().unwrap().used.unwrap().address.to_string();
    assert!(matches!(&sources[0], Source::Server(name, to) if name == "m" && *to == address));
    assert!(results.recv().unwrap().unwrap().contains("写违约金条款"));
    // Turned off, nothing goes there any more.
    app.server_off().unwrap();
    let (_, _heard, ended) = ask(&app, &document);
    ended.recv_timeout(Duration::from_secs(20)).unwrap();
    assert!(results.recv_timeout(Duration::from_millis(100)).is_err());
}

#[test]
fn a_job_is_cancelled_while_the_server_is_silent_and_the_next_one_runs() {
    let (_folder, app, document, results) = drafting(|line| {
        line.until_closed();
    });
    let (job, _heard, ended) = ask(&app, &document);
    std::thread::sleep(Duration::from_millis(300));
    app.cancel(job);
    assert!(matches!(
        ended.recv_timeout(Duration::from_secs(5)),
        Ok(Ended::Cancelled)
    ));
    results
        .recv_timeout(Duration::from_secs(2))
        .expect("the server sees the connection closed");
    let (job, _heard, ended) = ask(&app, &document);
    app.cancel(job);
    assert!(matches!(
        ended.recv_timeout(Duration::from_secs(5)),
        Ok(Ended::Cancelled)
    ));
}

#[test]
fn a_failure_of_the_server_is_the_failure_of_the_job() {
    let (_folder, app, document, _results) =
        drafting(|line| line.head("401 Unauthorized", "text/plain", ""));
    let (_, _heard, ended) = ask(&app, &document);
    match ended.recv_timeout(Duration::from_secs(10)) {
        Ok(Ended::Failed(error)) => assert!(error.message.zh.contains("拒绝了访问"), "{error}"),
        other => panic!("{other:?}"),
    }
}
