//! One exchange with a server: connect to the allowed address only, send, and hand over what comes piece by piece.
//!
//! The connection lives on a thread of its own, so that whoever waits can give up at any moment, also while the server
//! is silent: giving up closes the connection. No redirect is followed and no proxy of the environment is used.

use std::io::Read;
use std::ops::ControlFlow;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use ureq::Agent;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

use super::settings::Allowed;
use super::{Key, address, trouble};
use crate::error::Result;

/// How long a server may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// Until the connection stands.
    pub(super) connect: Duration,
    /// Without a byte: a model on a busy server reads a long prompt before it says a word.
    pub(super) silence: Duration,
    /// For the whole exchange.
    pub(super) whole: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience {
            connect: Duration::from_secs(5),
            silence: Duration::from_secs(120),
            whole: Duration::from_secs(15 * 60),
        }
    }
}

impl Patience {
    /// A list needs no model to think, and somebody looks at the screen.
    pub(super) fn for_a_list(self) -> Patience {
        Patience {
            silence: self.silence.min(Duration::from_secs(10)),
            whole: self.whole.min(Duration::from_secs(30)),
            ..self
        }
    }
}

/// What is sent.
pub(super) enum Request {
    /// Asks for a path.
    Get(&'static str),
    /// Sends JSON to a path.
    Post(&'static str, String),
}

/// What is heard of a server, in order: the head once, then bytes. `Waiting` comes in between, many times a second.
pub(super) enum Heard<'a> {
    Waiting,
    Head(Head),
    Bytes(&'a [u8]),
}

/// The head of an answer.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) status: u16,
    /// The answer is a stream of events.
    pub(super) events: bool,
    /// Where a redirect points.
    pub(super) location: String,
}

/// How often whoever waits is asked whether to go on.
const BEAT: Duration = Duration::from_millis(40);

enum Parcel {
    Head(Head),
    Bytes(Vec<u8>),
    End(Option<ureq::Error>),
}

/// Sends a request and hands over the answer until it ends, or until `hear` breaks or fails: then the connection is
/// closed at once.
pub(super) fn exchange(
    to: &Allowed,
    patience: Patience,
    request: Request,
    hear: &mut dyn FnMut(Heard<'_>) -> Result<ControlFlow<()>>,
) -> Result<()> {
    let agent = agent(to, patience);
    let (sender, parcels) = sync_channel(16);
    let (for_thread, address, key) = (agent.clone(), to.address.to_string(), to.key.clone());
    let started = std::thread::Builder::new()
        .name("moqi-server".into())
        .spawn(move || talk(&for_thread, &address, key.as_ref(), request, &sender));
    if started.is_err() {
        return Err(trouble::broke_off(&to.address));
    }
    let result = listen(to, patience, &parcels, hear);
    // The thread is left behind: it ends as soon as its connection is closed, or was refused.
    agent.shutdown();
    result
}

fn listen(
    to: &Allowed,
    patience: Patience,
    parcels: &std::sync::mpsc::Receiver<Parcel>,
    hear: &mut dyn FnMut(Heard<'_>) -> Result<ControlFlow<()>>,
) -> Result<()> {
    let start = Instant::now();
    loop {
        if start.elapsed() > patience.whole {
            return Err(trouble::too_slow(&to.address, patience.whole));
        }
        let flow = match parcels.recv_timeout(BEAT) {
            Err(RecvTimeoutError::Timeout) => hear(Heard::Waiting)?,
            Err(RecvTimeoutError::Disconnected) => return Err(trouble::broke_off(&to.address)),
            Ok(Parcel::Head(head)) => hear(Heard::Head(head))?,
            Ok(Parcel::Bytes(bytes)) => hear(Heard::Bytes(&bytes))?,
            Ok(Parcel::End(None)) => return Ok(()),
            Ok(Parcel::End(Some(error))) => {
                return Err(trouble::connection(
                    &to.address,
                    error,
                    patience.connect,
                    patience.silence,
                ));
            }
        };
        if flow.is_break() {
            return Ok(());
        }
    }
}

/// The thread of a connection: ends when the answer does, or when nobody listens any more.
fn talk(
    agent: &Agent,
    address: &str,
    key: Option<&Key>,
    request: Request,
    sender: &SyncSender<Parcel>,
) {
    let answered = match request {
        Request::Get(path) => {
            let mut request = agent.get(format!("{address}{path}"));
            if let Some(key) = key {
                request = request.header("Authorization", key.header());
            }
            request.call()
        }
        Request::Post(path, json) => {
            let mut request = agent
                .post(format!("{address}{path}"))
                .header("Content-Type", "application/json")
                .header("Accept", "text/event-stream, application/json");
            if let Some(key) = key {
                request = request.header("Authorization", key.header());
            }
            request.send(json.as_bytes())
        }
    };
    let end = match answered {
        Ok(response) => {
            let head = |name: &str| {
                let value = response.headers().get(name);
                String::from_utf8_lossy(value.map_or(b"", |value| value.as_bytes())).into_owned()
            };
            let kind = head("content-type").to_ascii_lowercase();
            let head = Head {
                status: response.status().as_u16(),
                events: kind.trim_start().starts_with("text/event-stream"),
                location: head("location"),
            };
            if sender.send(Parcel::Head(head)).is_err() {
                return;
            }
            let mut body = response.into_body().into_reader();
            let mut buffer = vec![0; 16 * 1024];
            loop {
                match body.read(&mut buffer) {
                    Ok(0) => break None,
                    Ok(count) => {
                        if sender
                            .send(Parcel::Bytes(buffer[..count].to_vec()))
                            .is_err()
                        {
                            return;
                        }
                    }
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                    Err(error) => break Some(error.into()),
                }
            }
        }
        Err(error) => Some(error),
    };
    let _ = sender.send(Parcel::End(end));
}

fn agent(to: &Allowed, patience: Patience) -> Agent {
    let config: Config = Agent::config_builder()
        // The environment's proxy is an address nobody allowed.
        .proxy(None)
        // A redirect is an answer like any other, and is told, never followed.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .max_idle_connections(0)
        .max_response_header_size(32 * 1024)
        .user_agent("moqi")
        .timeout_resolve(Some(patience.connect))
        .timeout_connect(Some(patience.connect))
        .timeout_per_read(Some(patience.silence))
        .timeout_per_write(Some(patience.silence))
        .timeout_global(Some(patience.whole + patience.connect))
        .tls_config(
            TlsConfig::builder()
                // A firm's own authority is known to its machines, not to a list of ours.
                .root_certs(RootCerts::PlatformVerifier)
                .build(),
        )
        .build();
    let far_too = to.plain || to.address.encrypted();
    Agent::with_parts(config, DefaultConnector::default(), Nearby { far_too })
}

/// Looks a name up and lets only addresses through that may be connected to: what is looked up is what is connected to.
#[derive(Debug)]
struct Nearby {
    far_too: bool,
}

impl Resolver for Nearby {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> std::result::Result<ResolvedSocketAddrs, ureq::Error> {
        let found = DefaultResolver::default()
            .resolve(uri, config, timeout)
            .map_err(|error| match error {
                // The system's own error for a name it does not know has no kind.
                ureq::Error::Io(_) => ureq::Error::HostNotFound,
                other => other,
            })?;
        if self.far_too || found.iter().all(|place| address::near(place.ip())) {
            Ok(found)
        } else {
            Err(ureq::Error::Other(Box::new(trouble::Far)))
        }
    }
}
