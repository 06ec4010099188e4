//! Which servers may be used, and which one is: `server.toml` in the data folder, off until somebody turns it on.
//!
//! The file is its owner's alone, because a key of a server may stand in it. What a program shows is what it does: a
//! server that was turned on, changed or turned off by another program is used only after this one has shown it.

use std::io::Write;
use std::path::Path;
use std::sync::{MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::{Address, Key, Server, answer};
use crate::App;
use crate::error::{Code, Error, Result};
use crate::files;

/// The whole file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    used: Option<Used>,
    #[serde(default)]
    allowed: Vec<Allowed>,
}

/// The server that writes now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Used {
    /// Where the text goes.
    pub address: Address,
    /// The model asked for there.
    pub model: String,
}

/// An address the user allowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Allowed {
    pub(super) address: Address,
    /// The user confirmed that unencrypted text may leave the network of their own for it.
    #[serde(default)]
    pub(super) plain: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<Key>,
}

/// What is set, for people; a key is told of, never told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerState {
    /// The server that writes now.
    pub used: Option<Used>,
    /// The addresses the user allowed.
    pub allowed: Vec<AllowedServer>,
}

/// An address the user allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedServer {
    /// The address.
    pub address: Address,
    /// Unencrypted text may leave the network for it.
    pub plain: bool,
    /// A key is kept for it.
    pub key: bool,
}

fn read(path: &Path) -> Result<Settings> {
    if !path.exists() {
        return Ok(Settings::default());
    }
    let text = files::read_text(path)?;
    let settings: Option<Settings> = toml::from_str(&text).ok();
    let sound = |settings: &Settings| {
        settings.used.as_ref().is_none_or(|used| {
            let listed = settings
                .allowed
                .iter()
                .any(|one| one.address == used.address);
            listed && answer::is_name(&used.model)
        })
    };
    // The cause is left out: it would quote lines of the file, and one of them may be a key.
    settings.filter(sound).ok_or_else(|| {
        Error::input(
            format!("服务器设置 {} 无法读取。", path.display()),
            format!(
                "The settings of the server in {} cannot be read.",
                path.display()
            ),
        )
        .hint(
            "请改正或删除该文件；没有它就不使用服务器。",
            "Correct or remove the file; without it no server is used.",
        )
    })
}

/// Writes the file whole and for its owner only: a temporary file is private, and stays so.
fn write(path: &Path, settings: &Settings) -> Result<()> {
    let text = toml::to_string(settings).map_err(|_| {
        Error::new(
            Code::Internal,
            "服务器设置无法写成文件。",
            "The settings of the server cannot be written as a file.",
        )
    })?;
    let failed = |error| Error::io(path, error);
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new()
        .prefix(".moqi-")
        .tempfile_in(folder)
        .map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// What this program shows as the server in use.
#[derive(Default)]
pub(crate) struct Shown(std::sync::Mutex<Option<Used>>);

impl Shown {
    /// Begins with what the file says; a file that cannot be read uses no server.
    pub(crate) fn at_start(path: &Path) -> Shown {
        let used = read(path).ok().and_then(|settings| settings.used);
        Shown(std::sync::Mutex::new(used))
    }

    /// Whether a server is shown as in use.
    pub(crate) fn is_on(&self) -> bool {
        self.lock().is_some()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Used>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl App {
    /// What is set. From here on this program may use the server that is in use.
    pub fn server(&self) -> Result<ServerState> {
        let mut shown = self.server_shown().lock();
        let settings = read(&self.home().server())?;
        *shown = settings.used.clone();
        Ok(state(settings))
    }

    /// Allows an address, with the key it asks for; allowing it again replaces both. Nothing is sent to it.
    ///
    /// # Errors
    /// What is no address; an unencrypted address outside one's own network, unless `plain` confirms it; a key that is none.
    pub fn allow_server(
        &self,
        address: &str,
        key: Option<&str>,
        plain: bool,
    ) -> Result<ServerState> {
        let address = Address::parse(address)?;
        let key = key
            .map(str::trim)
            .filter(|key| !key.is_empty())
            .map(Key::new)
            .transpose()?;
        if !plain && !address.encrypted() && address.surely_far() {
            return Err(super::trouble::unencrypted(&address));
        }
        self.change_server(|settings| {
            settings.allowed.retain(|one| one.address != address);
            settings.allowed.push(Allowed {
                plain: plain && !address.encrypted(),
                address,
                key,
            });
            Ok(())
        })
    }

    /// Takes an address from the list; a server in use there is used no longer.
    pub fn forget_server(&self, address: &str) -> Result<ServerState> {
        let address = Address::parse(address)?;
        self.change_server(|settings| {
            let before = settings.allowed.len();
            settings.allowed.retain(|one| one.address != address);
            if settings.allowed.len() == before {
                return Err(not_allowed(&address));
            }
            if settings
                .used
                .as_ref()
                .is_some_and(|used| used.address == address)
            {
                settings.used = None;
            }
            Ok(())
        })
    }

    /// Names of the models that an allowed server offers. Asks the server; no text is sent.
    pub fn server_models(&self, address: &str) -> Result<Vec<String>> {
        let address = Address::parse(address)?;
        let settings = read(&self.home().server())?;
        allowed(&settings, &address, "").and_then(|server| server.models())
    }

    /// Turns a server on: from now on it writes, and the window says so. The server is asked whether it has the model.
    pub fn use_server(&self, address: &str, model: &str) -> Result<ServerState> {
        let address = Address::parse(address)?;
        let server = allowed(&read(&self.home().server())?, &address, model)?;
        let offered = server.models()?;
        if !offered.iter().any(|name| name == model) {
            return Err(super::trouble::no_such_model(&address, model, &offered));
        }
        self.change_server(|settings| {
            if !settings.allowed.iter().any(|one| one.address == address) {
                return Err(not_allowed(&address));
            }
            settings.used = Some(Used {
                address,
                model: model.to_owned(),
            });
            Ok(())
        })
    }

    /// Turns the server off. The list stays.
    pub fn server_off(&self) -> Result<ServerState> {
        self.change_server(|settings| {
            settings.used = None;
            Ok(())
        })
    }

    /// The server that writes now, with the model that is in use there or another one by name.
    pub(crate) fn server_in_use(&self, model: Option<&str>) -> Result<Option<Server>> {
        let mut shown = self.server_shown().lock();
        let settings = read(&self.home().server())?;
        if settings.used != *shown {
            *shown = settings.used;
            return Err(Error::new(
                Code::Server,
                "服务器设置刚在别处更改，没有发送任何文字。",
                "The setting of the server was just changed elsewhere; no text was sent.",
            )
            .hint(
                "请看清当前设置后再试。",
                "Look at it as it stands now, then try again.",
            ));
        }
        let Some(used) = &settings.used else {
            return Ok(None);
        };
        allowed(&settings, &used.address, model.unwrap_or(&used.model)).map(Some)
    }

    fn change_server(
        &self,
        change: impl FnOnce(&mut Settings) -> Result<()>,
    ) -> Result<ServerState> {
        let mut shown = self.server_shown().lock();
        let path = self.home().server();
        let mut settings = read(&path)?;
        let before = settings.clone();
        change(&mut settings)?;
        if settings != before {
            write(&path, &settings)?;
        }
        *shown = settings.used.clone();
        Ok(state(settings))
    }
}

fn state(settings: Settings) -> ServerState {
    let Settings { used, allowed } = settings;
    let told = |Allowed {
                    address,
                    plain,
                    key,
                }| AllowedServer {
        address,
        plain,
        key: key.is_some(),
    };
    ServerState {
        used,
        allowed: allowed.into_iter().map(told).collect(),
    }
}

fn allowed(settings: &Settings, address: &Address, model: &str) -> Result<Server> {
    let found = settings.allowed.iter().find(|one| one.address == *address);
    let found = found.ok_or_else(|| not_allowed(address))?;
    Ok(Server::new(found.clone(), model))
}

fn not_allowed(address: &Address) -> Error {
    Error::new(
        Code::NotFound,
        format!("{address} 不在允许的服务器之列。"),
        format!("{address} is not among the servers you allowed."),
    )
    .hint(
        format!("请先在“设置”中添加，或运行 moqi models server allow {address}。"),
        format!("Add it under Settings first, or run: moqi models server allow {address}."),
    )
}

#[cfg(test)]
mod tests {
    use moqi_document::Language;

    use super::*;
    use crate::Home;

    fn app(folder: &Path) -> App {
        App::open(Home::at(folder).unwrap(), Language::En).unwrap()
    }

    #[test]
    fn a_list_is_kept_and_no_server_is_used_until_it_is_turned_on() {
        let folder = tempfile::tempdir().unwrap();
        let one = app(folder.path());
        assert_eq!(one.server().unwrap(), ServerState::default());
        assert!(one.server_in_use(None).unwrap().is_none());
        one.allow_server("http://127.0.0.1:8000/v1", Some(" sk-secret "), false)
            .unwrap();
        let state = app(folder.path()).server().unwrap();
        assert_eq!(state.allowed.len(), 1);
        assert!(state.allowed[0].key && !state.allowed[0].plain && state.used.is_none());
        let refused = one.use_server("http://127.0.0.1:8001", "m").unwrap_err();
        assert!(
            refused.message.en.contains("not among the servers"),
            "{refused}"
        );
        assert!(
            one.forget_server("http://127.0.0.1:8000")
                .unwrap()
                .allowed
                .is_empty()
        );
        assert_eq!(
            one.forget_server("http://127.0.0.1:8000").unwrap_err().code,
            Code::NotFound
        );
    }

    #[test]
    fn unencrypted_text_leaves_the_network_only_when_the_user_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let one = app(folder.path());
        let refused = one
            .allow_server("http://203.0.113.7:8000", None, false)
            .unwrap_err();
        assert!(refused.message.en.contains("203.0.113.7"), "{refused}");
        assert!(one.server().unwrap().allowed.is_empty());
        one.allow_server("http://203.0.113.7:8000", None, true)
            .unwrap();
        one.allow_server("https://203.0.113.7", None, true).unwrap();
        let state = one.server().unwrap();
        assert!(state.allowed[0].plain && !state.allowed[1].plain);
        let refused = one
            .allow_server("http://127.0.0.1:1", Some("a\r\nX: y"), false)
            .unwrap_err();
        assert!(!refused.to_string().contains("X: y"), "{refused}");
    }

    #[test]
    fn a_key_is_kept_private_and_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        let one = app(folder.path());
        one.allow_server("http://127.0.0.1:8000", Some("sk-secret"), false)
            .unwrap();
        let path = one.home().server();
        assert!(
            std::fs::read_to_string(&path)
                .unwrap()
                .contains("sk-secret")
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        let settings = read(&path).unwrap();
        let server = allowed(&settings, &settings.allowed[0].address, "m").unwrap();
        let shown = format!(
            "{settings:?} {server:?} {:?} {:?}",
            one.server(),
            one.settings()
        );
        assert!(!shown.contains("sk-secret"), "{shown}");
    }

    #[test]
    fn a_file_that_cannot_be_read_uses_no_server_and_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server.toml");
        for text in [
            "key = \"sk-secret\"",
            "used = {address = \"http://127.0.0.1:8000\", model = \"m\"}",
            "\u{1}",
        ] {
            std::fs::write(&path, text).unwrap();
            let one = app(folder.path());
            for error in [
                one.server().unwrap_err(),
                one.server_in_use(None).unwrap_err(),
                one.allow_server("http://127.0.0.1:8000", None, false)
                    .unwrap_err(),
            ] {
                assert!(error.message.en.contains("server.toml"), "{error}");
                assert!(!format!("{error:?}").contains("secret"));
            }
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[test]
    fn a_server_turned_on_elsewhere_is_used_only_when_it_is_shown() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (app(folder.path()), app(folder.path()));
        other
            .allow_server("http://127.0.0.1:8000", None, false)
            .unwrap();
        other
            .change_server(|settings| {
                settings.used = Some(Used {
                    address: settings.allowed[0].address.clone(),
                    model: "m".into(),
                });
                Ok(())
            })
            .unwrap();
        let error = one.server_in_use(None).unwrap_err();
        assert!(error.message.en.contains("changed elsewhere"), "{error}");
        assert!(one.server_in_use(None).unwrap().is_some());
        other.server_off().unwrap();
        assert!(one.server().unwrap().used.is_none());
        assert!(one.server_in_use(None).unwrap().is_none());
    }
}
