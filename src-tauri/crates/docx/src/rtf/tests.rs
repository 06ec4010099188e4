//! Files in the manner of each program, every feature by itself, the real peer, and damage.

mod damage;
mod features;
mod peer;

use crate::{ReadText, Warned, WarningKind, read_rtf};

/// What is read of a whole file.
fn whole(rtf: impl AsRef<[u8]>) -> Warned<ReadText> {
    read_rtf(rtf.as_ref()).unwrap()
}

/// The text of a body after the usual head.
fn body(rtf: &str) -> String {
    whole(format!("{{\\rtf1\\ansi\\ansicpg1252\\deff0{{\\fonttbl{{\\f0\\fcharset0 Arial;}}{{\\f1\\fcharset134 SimSun;}}{{\\f2\\fcharset128 MS Mincho;}}{{\\f3\\fcharset2 Wingdings;}}}}{rtf}}}"))
        .value
        .text
}

/// How often each kind of thing was left out.
fn left_out(read: &Warned<ReadText>) -> Vec<(&'static str, usize)> {
    read.warnings
        .iter()
        .filter_map(|warning| match warning.kind {
            WarningKind::LeftOut { what, count } => Some((what, count)),
            _ => None,
        })
        .collect()
}
