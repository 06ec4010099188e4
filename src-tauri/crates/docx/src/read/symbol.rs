//! Signs of the fonts Symbol and Wingdings as characters that every font has.
//!
//! Such fonts draw letters as signs; Word writes them as letters, or as U+F000 and more. Symbol follows Adobe's
//! encoding (Unicode's ADOBE/symbol.txt), of Wingdings those signs are known that stand in contracts.

use super::label::bullet;

/// Fonts that draw letters as signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Font {
    #[default]
    Letters,
    Symbol,
    Wingdings,
    Wingdings2,
    /// Another font of signs.
    Other,
}

impl Font {
    pub(super) fn of(name: Option<&str>) -> Font {
        match name.map(str::trim).unwrap_or_default() {
            "Symbol" => Font::Symbol,
            "Wingdings" => Font::Wingdings,
            "Wingdings 2" => Font::Wingdings2,
            "Wingdings 3" | "Webdings" => Font::Other,
            _ => Font::Letters,
        }
    }
}

/// From U+0040 in the font Symbol.
const SYMBOL_LETTERS: &str = "≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼";
/// From U+00A0 in the font Symbol.
const SYMBOL_SIGNS: &str =
    "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑";

/// What a character of a font of signs shows; false where that is not known, and the character is kept.
pub(super) fn symbol(font: Font, sign: char) -> (char, bool) {
    let own = u32::from(sign);
    let code = match own {
        0xf020..=0xf0ff => own - 0xf000,
        0x20..=0xff if font != Font::Letters => own,
        // A private character without a font of signs is mostly a bullet.
        0xe000..=0xf8ff => return (bullet(sign), bullet(sign) != sign),
        _ => return (sign, true),
    };
    let shown = match font {
        Font::Symbol => adobe(code),
        Font::Wingdings => wingdings(code),
        Font::Wingdings2 => wingdings2(code),
        Font::Letters => Some(bullet(sign)).filter(|shown| *shown != sign),
        Font::Other => None,
    };
    match shown {
        Some(shown) => (shown, true),
        None if code == 0x20 => (' ', true),
        None => (sign, false),
    }
}

fn adobe(code: u32) -> Option<char> {
    let nth = |signs: &str, first: u32| signs.chars().nth((code - first) as usize);
    match code {
        0x22 => Some('∀'),
        0x24 => Some('∃'),
        0x27 => Some('∋'),
        0x2a => Some('∗'),
        0x2d => Some('−'),
        0x20..=0x3f => char::from_u32(code),
        0x40..=0x7e => nth(SYMBOL_LETTERS, 0x40),
        0xa0..=0xe5 => nth(SYMBOL_SIGNS, 0xa0),
        0xf1 => Some('〉'),
        0xf2 => Some('∫'),
        _ => None,
    }
}

fn wingdings(code: u32) -> Option<char> {
    Some(match code {
        0x28 => '☎',
        0x2a => '✉',
        0x46 => '☞',
        0x6c => '●',
        0x6d => '❍',
        0x6e => '■',
        0x6f | 0xa8 => '□',
        0x71 => '❑',
        0x72 => '❒',
        0x74 | 0x75 => '◆',
        0x76 => '❖',
        0x78 | 0xfd => '☒',
        0x80 => '⓪',
        0x81..=0x8a => char::from_u32(0x2460 + code - 0x81)?,
        0x8b => '⓿',
        0x8c..=0x95 => char::from_u32(0x2776 + code - 0x8c)?,
        0x9f => '•',
        0xa1 => '○',
        0xa7 => '▪',
        0xab => '★',
        0xd8 => '➢',
        0xdf => '←',
        0xe0 | 0xe8 => '→',
        0xe1 => '↑',
        0xe2 => '↓',
        0xf0 => '⇨',
        0xfb => '✗',
        0xfc => '✓',
        0xfe => '☑',
        _ => return None,
    })
}

fn wingdings2(code: u32) -> Option<char> {
    Some(match code {
        0x4f => '✗',
        0x50 => '✓',
        0x51 | 0x53 | 0x54 => '☒',
        0x52 => '☑',
        0x97 => '•',
        0x98 => '●',
        0xa3 => '□',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_those_their_font_draws() {
        let table = [
            ("Symbol", '\u{f0b3}', '≥'),
            ("Symbol", 'a', 'α'),
            ("Symbol", '~', '∼'),
            ("Symbol", '\u{f0b7}', '•'),
            ("Symbol", '\u{f0e5}', '∑'),
            ("Symbol", '\u{f0d2}', '®'),
            ("Symbol", '1', '1'),
            ("Wingdings", '\u{f0fe}', '☑'),
            ("Wingdings", 'o', '□'),
            ("Wingdings", '\u{f083}', '③'),
            ("Wingdings 2", 'R', '☑'),
            ("Wingdings 2", '\u{f0a3}', '□'),
            ("Arial", 'R', 'R'),
            ("Arial", '\u{f0b7}', '•'),
            ("Wingdings", '中', '中'),
        ];
        for (font, sign, shown) in table {
            assert_eq!(
                symbol(Font::of(Some(font)), sign),
                (shown, true),
                "{sign:?} in {font}"
            );
        }
        let unknown = symbol(Font::of(Some("Webdings")), 'a');
        assert_eq!(unknown, ('a', false));
    }
}
