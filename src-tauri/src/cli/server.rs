//! `models server`: which servers of one's own may be used, and which one is.

use std::io::Read;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use moqi_app::server::ServerState;
use moqi_app::{App, Base, Error, Language, Result, files};
use serde_json::{Value, json};

use super::Outcome;

/// What to do with servers.
#[derive(Subcommand)]
pub enum ServerAction {
    /// Says what is set, and what the server in use offers.
    Status,
    /// Adds an address to those that may be used; nothing is sent to it.
    Allow(Allow),
    /// Takes an address from the list.
    Forget {
        /// Such as http://127.0.0.1:8000.
        address: String,
    },
    /// Lists what an allowed server offers.
    Models {
        /// Such as http://127.0.0.1:8000.
        address: String,
    },
    /// Turns a server on: text is sent there from now on.
    Use {
        /// Such as http://127.0.0.1:8000; must be allowed before.
        address: String,
        /// A model the server offers.
        #[arg(long)]
        model: String,
    },
    /// Turns it off; the list stays.
    Off,
}

/// An address to allow.
#[derive(Args)]
pub struct Allow {
    /// Such as http://127.0.0.1:8000.
    address: String,
    /// A file with the key the server asks for, or - for standard input: a key on the command line could be seen.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Lets unencrypted text leave this machine and the network of your own.
    #[arg(long)]
    plain: bool,
}

/// `moqi models server …`
pub fn server(app: &App, action: Option<ServerAction>, language: Language) -> Result<Outcome> {
    match action.unwrap_or(ServerAction::Status) {
        ServerAction::Status => {
            let state = app.server()?;
            let offered = match &state.used {
                Some(used) => app.server_models(&used.address.to_string()),
                None => Ok(Vec::new()),
            };
            let mut outcome = told(&state, language);
            match offered {
                Ok(names) => {
                    outcome
                        .lines
                        .extend(names.iter().map(|name| format!("  {name}")));
                    outcome.json["offered"] = names.into();
                }
                // What is set is known also while the server is not there.
                Err(error) => {
                    outcome.lines.push(error.sentence(language));
                    outcome.json["failure"] = error.sentence(language).into();
                }
            }
            Ok(outcome)
        }
        ServerAction::Allow(allow) => {
            let key = allow.key_file.map(key_of).transpose()?;
            let state = app.allow_server(&allow.address, key.as_deref(), allow.plain)?;
            Ok(told(&state, language))
        }
        ServerAction::Forget { address } => Ok(told(&app.forget_server(&address)?, language)),
        ServerAction::Models { address } => {
            let names = app.server_models(&address)?;
            Ok(Outcome::new(json!({ "offered": names }), names))
        }
        ServerAction::Use { address, model } => {
            Ok(told(&app.use_server(&address, &model)?, language))
        }
        ServerAction::Off => Ok(told(&app.server_off()?, language)),
    }
}

fn key_of(file: PathBuf) -> Result<String> {
    if file.as_os_str() != "-" {
        return files::read_text(&file);
    }
    let mut key = String::new();
    std::io::stdin()
        .take(1 << 16)
        .read_to_string(&mut key)
        .map_err(|error| Error::io("stdin".as_ref(), error))?;
    Ok(key)
}

fn told(state: &ServerState, language: Language) -> Outcome {
    let zh = language == Language::Zh;
    let mut lines = Vec::new();
    lines.push(match &state.used {
        Some(used) => sent_to(&format!("{} ({})", used.address, used.model), language),
        None if zh => "未启用服务器；文字留在本机。".to_owned(),
        None => "No server is in use; text stays on this machine.".to_owned(),
    });
    for one in &state.allowed {
        let used = state
            .used
            .as_ref()
            .is_some_and(|used| used.address == one.address);
        let mark = if used { "●" } else { "○" };
        let key = match (one.key, zh) {
            (false, _) => "",
            (true, true) => "  有密钥",
            (true, false) => "  with a key",
        };
        let plain = match (one.plain, zh) {
            (false, _) => "",
            (true, true) => "  允许不加密",
            (true, false) => "  unencrypted allowed",
        };
        lines.push(format!("{mark} {}{key}{plain}", one.address));
    }
    let allowed: Vec<Value> = state
        .allowed
        .iter()
        .map(|one| json!({"address": one.address.to_string(), "plain": one.plain, "key": one.key}))
        .collect();
    let used = state
        .used
        .as_ref()
        .map(|used| json!({"address": used.address.to_string(), "model": used.model}));
    Outcome::new(json!({"used": used, "allowed": allowed}), lines)
}

fn sent_to(address: &str, language: Language) -> String {
    match language {
        Language::Zh => format!("文本会发送到 {address}"),
        Language::En => format!("Text is sent to {address}"),
    }
}

/// One line on standard error before text leaves the machine.
pub fn say_where(base: &Base, language: Language) {
    if let Some(address) = base.sends_to() {
        eprintln!("moqi: {}", sent_to(&address.to_string(), language));
    }
}
