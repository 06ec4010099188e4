//! The servers of one's own, as they cross. A key goes in and never comes out.

use moqi_app::server as app;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What is set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ServerView {
    /// Where text is sent now; none: it stays on this machine.
    pub used: Option<UsedServer>,
    /// The addresses the user allowed.
    pub allowed: Vec<AllowedServer>,
}

/// The server that writes now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct UsedServer {
    pub address: String,
    pub model: String,
}

/// An address the user allowed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AllowedServer {
    pub address: String,
    /// Unencrypted text may leave the network for it.
    pub plain: bool,
    /// A key is kept for it.
    pub key: bool,
}

impl From<app::ServerState> for ServerView {
    fn from(state: app::ServerState) -> Self {
        let app::ServerState { used, allowed } = state;
        let told = |app::AllowedServer {
                        address,
                        plain,
                        key,
                    }| AllowedServer {
            address: address.to_string(),
            plain,
            key,
        };
        ServerView {
            used: used.map(|app::Used { address, model }| UsedServer {
                address: address.to_string(),
                model,
            }),
            allowed: allowed.into_iter().map(told).collect(),
        }
    }
}
