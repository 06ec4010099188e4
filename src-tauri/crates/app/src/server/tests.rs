//! Whatever a server on loopback says or does not say, the client ends, and says what happened.

use std::io::Write;
use std::net::{Shutdown, TcpListener};

use super::*;
use crate::error::{Code, Error};

mod assistant;
mod scripted;

use scripted::{Line, serve, server};

const ASK: Ask<'static> = Ask {
    system: Some("You draft."),
    user: "违约金",
    max_tokens: 16,
    temperature: 0.0,
    seed: Some(7),
};

/// The pieces an answer came in, and how it ended.
fn written(server: &Server) -> (Vec<String>, Result<Answered>) {
    let mut pieces = Vec::new();
    let answered = server.write(ASK, &mut |heard| {
        if let Progress::Words(words) = heard {
            pieces.push(words.to_owned());
        }
        ControlFlow::Continue(())
    });
    (pieces, answered)
}

/// The failure of a script, which names the address and says what to do, and tells no key.
fn failure(script: impl FnMut(Line) + Send + 'static) -> Error {
    let (server, _results) = serve(script);
    let error = written(&server).1.unwrap_err();
    let address = server.address().to_string();
    assert_eq!(error.code, Code::Server, "{error}");
    for sentence in [&error.message.zh, &error.message.en] {
        assert!(sentence.contains(&address), "{sentence}");
        assert!(!sentence.chars().any(char::is_control), "{sentence:?}");
    }
    assert!(error.hint.is_some(), "{error}");
    assert!(!format!("{error:?}").contains("sk-secret"));
    error
}

#[test]
fn an_answer_streams_however_its_bytes_are_cut() {
    let mut stream: Vec<u8> = b"\xef\xbb\xbf: keep-alive\n\n".to_vec();
    for words in ["逾期", "付款的，", "", "支付违约金。😀"] {
        let piece = json!({"choices": [{"delta": {"content": words}}]});
        stream.extend_from_slice(format!("data: {piece}\r\n\r\n: ping\r\n\r\n").as_bytes());
    }
    stream.extend_from_slice(b"data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4}}\n\ndata: [DONE]\n\n");
    let length = stream.len();
    for size in [1, 2, 3, 7, 64, length] {
        let bytes = stream.clone();
        let (server, _results) = serve(move |mut line| {
            // Chunks of HTTP and packets of the network are cut alike, inside a character too.
            line.head(
                "200 OK",
                "text/event-stream",
                "Transfer-Encoding: chunked\r\n",
            );
            line.stream.set_nodelay(true).unwrap();
            for chunk in bytes.chunks(size) {
                line.say(format!("{:x}\r\n", chunk.len()).as_bytes());
                line.say(chunk);
                line.say(b"\r\n");
            }
            line.say(b"0\r\n\r\n");
        });
        let (pieces, answered) = written(&server);
        let answered = answered.unwrap();
        assert_eq!(
            pieces,
            ["逾期", "付款的，", "支付违约金。😀"],
            "in pieces of {size}"
        );
        assert_eq!(answered.text, "逾期付款的，支付违约金。😀");
        assert_eq!((answered.tokens, answered.prompt_tokens), (4, 9));
        assert_eq!(answered.end, End::MaxTokens);
    }
}

#[test]
fn a_request_says_what_is_asked_and_carries_the_key_in_its_head() {
    let (server, requests) = serve(|mut line| {
        line.events();
        line.words("x");
        line.finish();
        line.request
    });
    written(&server).1.unwrap();
    let request = requests.recv().unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(
        head.starts_with("POST /v1/chat/completions HTTP/1.1"),
        "{head}"
    );
    assert!(
        head.to_ascii_lowercase()
            .contains("authorization: bearer sk-secret"),
        "{head}"
    );
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["messages"][1]["content"], "违约金");
    assert_eq!(
        (&body["stream"], &body["max_tokens"], &body["seed"]),
        (&true.into(), &16.into(), &7.into())
    );
    assert!(body.get("chat_template_kwargs").is_none());
    let thinking = Server {
        model: "Qwen3-8B".into(),
        ..server
    };
    assert!(thinking.chat(ASK).contains("enable_thinking"));
}

#[test]
fn a_server_that_does_not_stream_is_heard_too() {
    let (server, _results) = serve(|mut line| {
        line.head("200 OK", "application/json", "");
        line.say(br#"{"choices":[{"message":{"role":"assistant","content":"<think>hm</think>\n\nOne."},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}"#);
    });
    let (pieces, answered) = written(&server);
    assert_eq!(
        (pieces, answered.unwrap().tokens),
        (vec!["One.".to_owned()], 2)
    );
}

#[test]
fn what_a_terminal_would_obey_is_left_out() {
    let (server, _results) = serve(|mut line| {
        line.events();
        line.words("One\u{1b}[2J\r\n\ttwo\u{7}");
        line.finish();
    });
    assert_eq!(written(&server).1.unwrap().text, "One[2J\n\ttwo");
}

#[test]
fn a_stream_without_its_last_mark_is_whole_when_the_model_had_finished() {
    let (server, _results) = serve(|mut line| {
        line.events();
        line.words("One.");
        line.say(b"data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n");
    });
    assert_eq!(written(&server).1.unwrap().text, "One.");
}

#[test]
fn statuses_that_are_no_success_say_what_to_do() {
    for (status, body, wanted, hint) in [
        (
            "401 Unauthorized",
            r#"{"error":{"message":"Invalid API key"}}"#,
            "refused access (401): “Invalid API key”",
            "right key",
        ),
        ("403 Forbidden", "", "refused access (403).", "right key"),
        (
            "404 Not Found",
            r#"{"error":{"message":"model 'm' not found"}}"#,
            "does not know the model “m”",
            "choose one",
        ),
        (
            "400 Bad Request",
            r#"{"detail":"context of 2048\ntokens"}"#,
            "“context of 2048 tokens”",
            "shorten",
        ),
        ("429 Too Many Requests", "{}", "is busy (429)", "later"),
        (
            "500 Internal Server Error",
            "<html>\u{1b}[31m</html>",
            "failed (500).",
            "log",
        ),
        (
            "502 Bad Gateway",
            "upstream \u{1b}[31m gone",
            "failed (502): “upstream [31m gone”",
            "log",
        ),
        ("204 No Content", "", "failed (204)", "log"),
    ] {
        let error = failure(move |mut line| {
            line.head(status, "application/json", "");
            line.say(body.as_bytes());
        });
        assert!(error.message.en.contains(wanted), "{error}");
        assert!(error.to_string().contains(hint), "{error}");
    }
}

#[test]
fn a_failure_in_the_middle_of_an_answer_is_told() {
    let error = failure(|mut line| {
        line.events();
        line.words("One");
        line.say(b"data: {\"error\":{\"message\":\"CUDA out of memory\"}}\n\n");
    });
    assert!(error.message.en.contains("“CUDA out of memory”"), "{error}");
    for cut in [
        &b""[..],
        b"data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n",
        b"data: {\"choi",
    ] {
        let error = failure(move |mut line| {
            line.events();
            line.say(cut);
        });
        assert!(error.message.en.contains("broke off"), "{error}");
    }
    let error = failure(|line| drop(line.stream.shutdown(Shutdown::Both)));
    assert!(error.message.en.contains("broke off"), "{error}");
}

#[test]
fn what_is_no_answer_of_that_interface_is_refused() {
    for said in [
        &b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html>hello"[..],
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: hello\n\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: \xff\xfe\n\n",
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    ] {
        let error = failure(move |mut line| {
            line.say(said);
        });
        assert!(error.message.en.contains("not in the form"), "{error}");
    }
}

#[test]
fn a_redirect_is_told_and_never_followed() {
    let (other, asked) = serve(|line| drop(line.stream));
    let target = other.address().to_string();
    for status in [
        "301 Moved",
        "302 Found",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let to = format!("{target}/v1/chat/completions");
        let shown = to.clone();
        let error = failure(move |mut line| {
            line.head(status, "text/plain", &format!("Location: {to}\r\n"))
        });
        assert!(
            error.message.en.contains(&format!("points to “{shown}”")),
            "{error}"
        );
    }
    assert!(
        asked.recv_timeout(Duration::from_millis(100)).is_err(),
        "the other server was asked"
    );
}

#[test]
fn silence_has_an_end_wherever_it_begins() {
    for silent_after in 0..3 {
        let error = failure(move |mut line| {
            if silent_after > 0 {
                line.events();
            }
            if silent_after > 1 {
                line.words("One");
            }
            line.until_closed();
        });
        assert!(
            error.message.en.contains("said nothing for 1 seconds"),
            "{error}"
        );
    }
}

#[test]
fn a_stream_without_end_is_cut_off() {
    // Words, comments, one line, one event, and a head that never ends.
    let endless: [(&str, &[u8], bool); 5] = [
        (
            "words",
            b"data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n",
            true,
        ),
        ("comments", b": ping\n\n", true),
        ("line", &[b'x'; 4096], true),
        ("event", b"data: one more line of the same event\n", true),
        (
            "head",
            b"X-More: 0123456789012345678901234567890123456789\r\n",
            false,
        ),
    ];
    for (what, piece, in_body) in endless {
        let block = piece.repeat(64 * 1024 / piece.len());
        let error = failure(move |mut line| {
            if in_body {
                line.events();
            } else {
                line.say(b"HTTP/1.1 200 OK\r\n");
            }
            while line.say(&block) {}
        });
        let wanted = if in_body {
            "far too long"
        } else {
            "not in the form"
        };
        assert!(error.message.en.contains(wanted), "{what}: {error}");
    }
}

#[test]
fn a_trickle_without_end_is_cut_off_by_the_clock() {
    let (mut server, _results) = serve(|mut line| {
        line.events();
        while line.say(b": ping\n\n") {
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    server.patience.whole = Duration::from_millis(700);
    let error = written(&server).1.unwrap_err();
    assert!(error.message.en.contains("did not finish"), "{error}");
}

#[test]
fn where_no_server_runs_that_is_said() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = written(&server(&address)).1.unwrap_err();
    assert!(
        error
            .message
            .en
            .contains(&format!("{address} refused the connection")),
        "{error}"
    );
    let error = server(&address).models().unwrap_err();
    assert!(
        error.message.en.contains("refused the connection"),
        "{error}"
    );
}

#[test]
fn plain_text_and_no_encryption_are_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let _ = stream
                .unwrap()
                .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let error = written(&server(&address)).1.unwrap_err();
    assert!(
        error.message.en.contains("No encrypted connection"),
        "{error}"
    );
    // A number far away is refused before anything is sent, whatever the list says.
    let error = written(&server("http://203.0.113.7:9")).1.unwrap_err();
    assert!(error.message.en.contains("outside this machine"), "{error}");
}

#[test]
fn a_cancel_closes_the_connection_at_once_silent_or_not() {
    for speaking in [false, true] {
        let (server, closed) = serve(move |mut line| {
            line.events();
            line.words("One");
            if speaking {
                // Ends when the client has gone.
                while line.words("more") {
                    std::thread::sleep(Duration::from_millis(5));
                }
            } else {
                line.until_closed();
            }
        });
        let mut server = server;
        server.patience = Patience::default();
        let (mut heard, mut waited, mut pulled) = (0, 0, false);
        let answered = server.write(ASK, &mut |progress| {
            heard += usize::from(progress != Progress::Waiting);
            waited += usize::from(heard > 0 && progress == Progress::Waiting);
            // In the middle of a flow of words, or well into the silence.
            if if speaking { heard < 3 } else { waited < 5 } {
                return ControlFlow::Continue(());
            }
            assert!(!pulled, "asked again after a break");
            pulled = true;
            ControlFlow::Break(())
        });
        assert!(pulled);
        assert_eq!(answered.unwrap().end, End::Cancelled);
        closed
            .recv_timeout(Duration::from_secs(2))
            .expect("the server sees the connection closed");
    }
}

#[test]
fn a_list_of_models_is_read() {
    let (server, requests) = serve(|mut line| {
        line.head("200 OK", "application/json", "");
        line.say(br#"{"object":"list","data":[{"id":"qwen3:8b","object":"model"},{"id":"m"}]}"#);
        line.request
    });
    assert_eq!(server.models().unwrap(), ["qwen3:8b", "m"]);
    assert!(
        requests
            .recv()
            .unwrap()
            .starts_with("GET /v1/models HTTP/1.1")
    );
    let (server, _results) = serve(|mut line| {
        line.head("200 OK", "application/json", "");
        while line.say(&[b' '; 65536]) {}
    });
    assert!(
        server
            .models()
            .unwrap_err()
            .message
            .en
            .contains("far too long")
    );
}

#[test]
fn a_text_is_scored_where_the_server_can() {
    let (able, _results) = serve(|mut line| {
        line.head("200 OK", "application/json", "");
        line.say(br#"{"choices":[{"text":"One two three","logprobs":{"tokens":["One"," two"," three"],"token_logprobs":[null,-0.5,-2.0],"top_logprobs":[null,{" two":-0.5},{" three":-2.0}]}}]}"#);
    });
    assert_eq!(able.score("One two").unwrap(), [(-0.5, true)]);
    for (status, body) in [
        (
            "200 OK",
            r#"{"choices":[{"text":" three","logprobs":null}]}"#,
        ),
        ("400 Bad Request", r#"{"error":"echo is not supported"}"#),
        ("404 Not Found", ""),
    ] {
        let (unable, _results) = serve(move |mut line| {
            line.head(status, "application/json", "");
            line.say(body.as_bytes());
        });
        let error = unable.score("One two").unwrap_err();
        assert!(error.message.en.contains("cannot score"), "{error}");
    }
}
