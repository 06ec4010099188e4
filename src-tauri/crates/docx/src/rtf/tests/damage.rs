//! Damage never does harm: no panic, no long wait.

use std::time::{Duration, Instant};

use super::*;
use crate::ReadError;

/// Every feature in one file.
const ALL: &str = include_str!("libreoffice.rtf");

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below.max(1)
    }
}

const WORDS: &[&str] = &[
    "\\par ",
    "\\cell ",
    "\\row ",
    "\\trowd ",
    "\\cellx1 ",
    "\\intbl ",
    "\\pard ",
    "\\plain ",
    "{",
    "}",
    "{\\*\\footnote ",
    "{\\field ",
    "{\\*\\fldinst HYPERLINK \"http://x\" ",
    "{\\fldrslt ",
    "{\\stylesheet ",
    "{\\s1 ",
    "\\s1 ",
    "\\ls1 ",
    "\\ilvl9 ",
    "\\bin9 ",
    "\\u-10179 ",
    "\\uc9 ",
    "\\'",
    "\\'81",
    "\\f1 ",
    "\\page ",
    "\\nestcell ",
    "{\\upr ",
    "{\\*\\ud ",
    "{\\pict ",
    "\\deleted ",
    "\\v ",
    "{\\header ",
    "{\\*\\pn\\pnlvl9 ",
    "\\line ",
    "\\outlinelevel99999999 ",
    "\\itap-1 ",
    "{\\info ",
    "{\\title ",
    "\\dbch\\ab ",
    "\\",
];

#[test]
fn six_hundred_damaged_files_do_no_harm() {
    let mut dice = Dice(11);
    let mut longest = Duration::ZERO;
    for round in 0..600 {
        let mut bytes = ALL.as_bytes().to_vec();
        let at = dice.roll(bytes.len());
        match round % 6 {
            0 => bytes.truncate(at),
            1 => bytes[at] ^= 1 << dice.roll(8),
            2 => drop(bytes.drain(at..(at + 1 + dice.roll(400)).min(ALL.len()))),
            3 => bytes[at..(at + 16).min(ALL.len())].fill(dice.roll(256) as u8),
            4 => {
                for _ in 0..20 {
                    let at = dice.roll(bytes.len());
                    let word = WORDS[dice.roll(WORDS.len())].bytes();
                    bytes.splice(at..at, word);
                }
            }
            _ => {
                bytes = b"{\\rtf1".to_vec();
                for _ in 0..400 {
                    bytes.extend_from_slice(WORDS[dice.roll(WORDS.len())].as_bytes());
                    bytes.push(dice.roll(256) as u8);
                }
            }
        }
        let start = Instant::now();
        if let Ok(read) = read_rtf(&bytes) {
            // What was read is our text: printing what it says gives it again.
            let again = moqi_document::print(&moqi_document::parse(&read.value.text));
            assert_eq!(again, read.value.text, "round {round}");
        }
        longest = longest.max(start.elapsed());
    }
    assert!(longest < Duration::from_secs(5), "{longest:?}");
}

#[test]
fn nests_and_sizes_have_limits() {
    let deep = format!(
        "{{\\rtf1{}x{}}}",
        "{\\b ".repeat(50_000),
        "}".repeat(50_000)
    );
    assert!(matches!(
        read_rtf(deep.as_bytes()),
        Err(ReadError::TooLarge(_))
    ));
    let allowed = format!("{{\\rtf1{}x{}}}", "{\\b ".repeat(200), "}".repeat(200));
    assert_eq!(whole(allowed).value.text, "**x**\n");
    let mut large = b"{\\rtf1 ".to_vec();
    large.resize((64 << 20) + 1, b'x');
    assert!(matches!(read_rtf(&large), Err(ReadError::TooLarge(_))));
    assert_eq!(
        whole("{\\rtf1 a{\\*\\blob\\bin2147483647 }}").value.text,
        "a\n"
    );
    assert_eq!(whole("{\\rtf1 a\\bin3 }}}b}").value.text, "ab\n");
}

#[test]
fn many_small_things_take_linear_time() {
    for piece in [
        "\\b x\\b0 y",
        "{\\footnote a}",
        "\\page x",
        "\\trowd\\cellx9\\pard\\intbl a\\cell\\row",
        "\\intbl a\\cell ",
        "\\intbl a\\par ",
        "{\\field{\\*\\fldinst HYPERLINK \"http://aaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}{\\fldrslt x}}",
        "\\u20320 ?",
        "\\line ",
        "{",
        "}",
        "\\'81",
        "\\tab ",
        "{\\pict ",
        "\\intbl\\cell\\row\\pard a\\par ",
    ] {
        let time = |bytes: usize| {
            let rtf = format!(
                "{{\\rtf1{{\\fonttbl{{\\f0\\fcharset134 a;}}}}{}",
                piece.repeat(bytes / piece.len())
            );
            let start = Instant::now();
            let _ = read_rtf(rtf.as_bytes());
            start.elapsed()
        };
        let (small, large) = (time(50_000), time(400_000));
        // Eight times the work; a square would take sixty-four times as long.
        assert!(
            large < small * 30 + Duration::from_millis(300),
            "{piece}: {small:?}, then {large:?}"
        );
    }
}
