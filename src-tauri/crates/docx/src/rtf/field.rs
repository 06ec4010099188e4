//! Field instructions: where a link leads, which picture a symbol is.

use super::codepage::picture;

/// What the instruction of a field says of its result.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The result is a link to this address, which a reader may follow.
    Link(String),
    /// The result is a link to an address of another kind.
    Unsafe(String),
    /// The field is this picture; its result is empty or the same.
    Symbol(char),
    /// The result stands for itself.
    Words,
}

/// Longest address that is kept.
const LONGEST_LINK: usize = 2048;

/// Reads an instruction.
pub(super) fn meaning(instruction: &str) -> Meaning {
    let mut words = words(instruction);
    let Some(name) = words.next() else {
        return Meaning::Words;
    };
    if name.eq_ignore_ascii_case("SYMBOL") {
        let code = words.next().and_then(number);
        return match code.and_then(|code| u8::try_from(code & 0xff).ok()) {
            Some(byte) => Meaning::Symbol(picture(byte)),
            None => Meaning::Words,
        };
    }
    if !name.eq_ignore_ascii_case("HYPERLINK") {
        return Meaning::Words;
    }
    let (mut target, mut place) = (None, None);
    while let Some(word) = words.next() {
        match word.strip_prefix('\\') {
            Some("l") => place = words.next(),
            // A screen tip and a frame are words for others.
            Some("o" | "t" | "s") => drop(words.next()),
            Some(_) => {}
            None => target = target.or(Some(word)),
        }
    }
    let Some(target) = target.filter(|target| !target.is_empty()) else {
        return Meaning::Words;
    };
    let mut target = target.to_owned();
    if let Some(place) = place {
        target.push('#');
        target.push_str(place);
    }
    let lower = target.get(..8).unwrap_or(&target).to_ascii_lowercase();
    let safe = ["http://", "https://", "mailto:"]
        .iter()
        .any(|scheme| lower.starts_with(scheme));
    if safe && target.len() <= LONGEST_LINK {
        Meaning::Link(target)
    } else {
        Meaning::Unsafe(target.chars().take(200).collect())
    }
}

fn number(word: &str) -> Option<u32> {
    match word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => word.parse().ok(),
    }
}

/// Words and quoted words, the quotes taken off.
fn words(mut text: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        text = text.trim_start();
        if text.is_empty() {
            return None;
        }
        let (word, rest) = match text.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => text.split_at(
                text.find(|c: char| c.is_whitespace() || c == '"')
                    .unwrap_or(text.len()),
            ),
        };
        text = rest;
        Some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions() {
        let link = |address: &str| Meaning::Link(address.into());
        for (instruction, wanted) in [
            ("HYPERLINK \"https://a.cn/x y\" ", link("https://a.cn/x y")),
            (
                " hyperlink \\o \"http://tip\" HTTP://A.CN",
                link("HTTP://A.CN"),
            ),
            (
                "HYPERLINK \"https://a.cn\" \\l \"part\"",
                link("https://a.cn#part"),
            ),
            ("HYPERLINK mailto:a@b.cn", link("mailto:a@b.cn")),
            ("HYPERLINK \\l \"_Toc1\"", Meaning::Words),
            (
                "HYPERLINK \"file:///etc\"",
                Meaning::Unsafe("file:///etc".into()),
            ),
            ("HYPERLINK \"https://open", link("https://open")),
            ("SYMBOL 168 \\f \"Wingdings\"", Meaning::Symbol('☐')),
            ("SYMBOL 0xF0FE", Meaning::Symbol('☑')),
            (" PAGE ", Meaning::Words),
            ("", Meaning::Words),
        ] {
            assert_eq!(meaning(instruction), wanted, "{instruction}");
        }
    }
}
