//! A server whose every word a test scripts.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::server::settings::Allowed;
use crate::server::wire::Patience;
use crate::server::{Address, Key, Server};

/// A connection, with the request that came in on it.
pub(super) struct Line {
    pub(super) stream: TcpStream,
    pub(super) request: String,
}

impl Line {
    pub(super) fn of(mut stream: TcpStream) -> Line {
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        let mut bytes = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head.to_ascii_lowercase();
                let length = length
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length: "));
                if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                    return Line {
                        stream,
                        request: text,
                    };
                }
            }
            let count = stream.read(&mut buffer).unwrap();
            assert!(count > 0, "closed in the middle of a request: {text}");
            bytes.extend_from_slice(&buffer[..count]);
        }
    }

    /// The head of an answer whose body ends with the connection.
    pub(super) fn head(&mut self, status: &str, kind: &str, more: &str) {
        let head =
            format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nConnection: close\r\n{more}\r\n");
        self.say(head.as_bytes());
    }

    pub(super) fn events(&mut self) {
        self.head("200 OK", "text/event-stream; charset=utf-8", "");
    }

    /// Says something; a client that has gone is no fault of the script.
    pub(super) fn say(&mut self, bytes: &[u8]) -> bool {
        self.stream
            .write_all(bytes)
            .and_then(|()| self.stream.flush())
            .is_ok()
    }

    pub(super) fn words(&mut self, words: &str) -> bool {
        let piece =
            json!({"choices": [{"index": 0, "delta": {"content": words}, "finish_reason": null}]});
        self.say(format!("data: {piece}\n\n").as_bytes())
    }

    pub(super) fn finish(&mut self) {
        self.say(
            b"data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
        );
        self.say(b"data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4,\"total_tokens\":13}}\n\n");
        self.say(b"data: [DONE]\n\n");
    }

    /// Time until the other side closes; fails after ten seconds.
    pub(super) fn until_closed(&mut self) -> Duration {
        let start = Instant::now();
        let mut buffer = [0; 64];
        match self.stream.read(&mut buffer) {
            Ok(0) => {}
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
            other => panic!("not closed: {other:?}"),
        }
        start.elapsed()
    }
}

/// Serves each connection by a script, and gives back what the script gives.
pub(super) fn serve<T: Send + 'static>(
    mut script: impl FnMut(Line) -> T + Send + 'static,
) -> (Server, Receiver<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (sender, results) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let result = script(Line::of(stream.unwrap()));
            if sender.send(result).is_err() {
                return;
            }
        }
    });
    (server(&address), results)
}

pub(super) fn server(address: &str) -> Server {
    Server {
        to: Allowed {
            address: Address::parse(address).unwrap(),
            plain: false,
            key: Some(Key::new("sk-secret").unwrap()),
        },
        model: "m".into(),
        patience: Patience {
            connect: Duration::from_millis(800),
            silence: Duration::from_millis(800),
            whole: Duration::from_secs(20),
        },
    }
}
