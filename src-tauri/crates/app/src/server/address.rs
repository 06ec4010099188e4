//! The address of a server as a person types it: scheme, host and port, nothing else.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Scheme, host and port of a server, in one spelling, so that equal addresses compare equal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address {
    tls: bool,
    host: Host,
    port: u16,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Host {
    Number(IpAddr),
    /// Lower-case letters, digits, hyphens and dots.
    Name(String),
}

/// Longest host name of the domain name system.
const LONGEST_NAME: usize = 253;

impl Address {
    /// Reads `http://host:port` or `https://host:port`; `/` and `/v1` behind it, which manuals print, are left off.
    ///
    /// # Errors
    /// Anything else: another scheme, a name with a password, a path, a host that is none.
    pub fn parse(typed: &str) -> Result<Address> {
        read(typed.trim()).ok_or_else(|| {
            let shown: String = typed.chars().filter(|c| !c.is_control()).take(80).collect();
            Error::input(
                format!("“{shown}”不是服务器地址。"),
                format!("“{shown}” is not the address of a server."),
            )
            .hint(
                "请写协议、主机和端口，例如 http://127.0.0.1:8000。",
                "Write scheme, host and port, such as http://127.0.0.1:8000.",
            )
        })
    }

    /// Whether the text travels encrypted.
    pub fn encrypted(&self) -> bool {
        self.tls
    }

    /// Whether plain text may go to this host unasked, as far as the spelling tells: a name is known only when it is looked up.
    pub(super) fn surely_far(&self) -> bool {
        matches!(self.host, Host::Number(number) if !near(number))
    }
}

fn read(typed: &str) -> Option<Address> {
    let (scheme, rest) = typed.split_once("://")?;
    let tls = match scheme.to_ascii_lowercase().as_str() {
        "http" => false,
        "https" => true,
        _ => return None,
    };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let rest = rest.strip_suffix("/v1").unwrap_or(rest);
    let (host, port) = match rest.strip_prefix('[') {
        Some(rest) => {
            let (number, port) = rest.split_once(']')?;
            (
                Host::Number(Ipv6Addr::from_str(number).ok()?.into()),
                match port {
                    "" => None,
                    port => Some(port.strip_prefix(':')?),
                },
            )
        }
        None => {
            let (host, port) = match rest.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (rest, None),
            };
            (of_words(host)?, port)
        }
    };
    let port = match port {
        None if tls => 443,
        None => 80,
        Some(digits) if digits.bytes().all(|c| c.is_ascii_digit()) => digits.parse().ok()?,
        Some(_) => return None,
    };
    (port != 0).then_some(Address { tls, host, port })
}

fn of_words(host: &str) -> Option<Host> {
    if let Ok(number) = Ipv4Addr::from_str(host) {
        return Some(Host::Number(number.into()));
    }
    let name = host.to_ascii_lowercase();
    let sound = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_')
    };
    (name.len() <= LONGEST_NAME && name.split('.').all(sound)).then_some(Host::Name(name))
}

/// This machine, or a number that only a network of one's own can have.
pub(super) fn near(number: IpAddr) -> bool {
    match number.to_canonical() {
        IpAddr::V4(number) => number.is_loopback() || number.is_private(),
        IpAddr::V6(number) => number.is_loopback() || number.is_unique_local(),
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "https" } else { "http" };
        let port = self.port;
        match &self.host {
            Host::Number(IpAddr::V6(number)) => write!(f, "{scheme}://[{number}]:{port}"),
            Host::Number(number) => write!(f, "{scheme}://{number}:{port}"),
            Host::Name(name) => write!(f, "{scheme}://{name}:{port}"),
        }
    }
}

impl TryFrom<String> for Address {
    type Error = Error;

    fn try_from(typed: String) -> Result<Address> {
        Address::parse(&typed)
    }
}

impl From<Address> for String {
    fn from(address: Address) -> String {
        address.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_spelling() {
        for (typed, wanted) in [
            (" HTTP://LocalHost:8000/v1/ ", "http://localhost:8000"),
            ("https://127.0.0.1", "https://127.0.0.1:443"),
            ("http://127.0.0.1/", "http://127.0.0.1:80"),
            ("http://[::1]:8080/v1", "http://[::1]:8080"),
            ("http://gpu-2:11434", "http://gpu-2:11434"),
        ] {
            let read = Address::parse(typed).unwrap();
            assert_eq!(read.to_string(), wanted);
            assert_eq!(Address::parse(wanted).unwrap(), read);
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for typed in [
            "",
            "localhost:8000",
            "ftp://localhost",
            "file:///etc/passwd",
            "http://",
            "http://user:word@localhost:8000",
            "http://localhost:8000/other",
            "http://localhost:8000?x=1",
            "http://localhost:8000#x",
            "http://localhost:0",
            "http://localhost:65536",
            "http://localhost:+80",
            "http://local host",
            "http://-gpu",
            "http://gpu..2",
            "http://[::1",
            "http://[::1]8000",
            "http://::1:8000",
            "http://主机:8000",
            "http://localhost\r\nX: y",
        ] {
            let refused = Address::parse(typed).unwrap_err();
            assert!(refused.message.en.contains("not the address"), "{typed}");
        }
    }

    #[test]
    fn near_is_this_machine_and_private_networks() {
        for (number, wanted) in [
            ("127.0.0.1", true),
            ("10.1.2.3", true),
            ("172.31.0.1", true),
            ("192.168.1.9", true),
            ("::1", true),
            ("fd00::7", true),
            ("::ffff:192.168.1.9", true),
            ("172.32.0.1", false),
            ("169.254.169.254", false),
            ("203.0.113.7", false),
            ("0.0.0.0", false),
            ("2001:db8::1", false),
            ("::ffff:203.0.113.7", false),
        ] {
            assert_eq!(near(number.parse().unwrap()), wanted, "{number}");
        }
    }
}
