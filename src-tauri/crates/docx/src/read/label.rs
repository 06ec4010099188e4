//! The labels Word prints before paragraphs: counting, and the number formats.

use std::collections::{HashMap, HashSet};

use moqi_document::{circled, en_words, letters, ordinal, roman, zh_number};

use super::numbering::{LEVELS, Level, Listed, Numbering};

/// Counts the lists of a file, paragraph by paragraph in its order.
pub(super) struct Counts<'a> {
    numbering: &'a Numbering,
    /// Last number of each level by definition: lists of one definition count on.
    counts: HashMap<u32, [Option<u32>; LEVELS]>,
    /// Lists and levels that have started anew, which they do once.
    started: HashSet<(u32, u8)>,
}

impl<'a> Counts<'a> {
    pub(super) fn new(numbering: &'a Numbering) -> Self {
        Counts {
            numbering,
            counts: HashMap::new(),
            started: HashSet::new(),
        }
    }

    /// Counts a paragraph and gives its label, without what stands between label and words. Empty where the level
    /// prints nothing.
    pub(super) fn label(&mut self, definition: u32, listed: Listed) -> String {
        let Listed { number, level } = listed;
        let at = usize::from(level);
        let numbering = self.numbering;
        let Some(shape) = numbering.level(number, definition, level) else {
            return String::new();
        };
        let counts = self.counts.entry(definition).or_default();
        let Some(&current) = counts.get(at) else {
            return String::new();
        };
        let start = shape.start.unwrap_or(0);
        let anew = numbering
            .start_override(number, level)
            .filter(|_| self.started.insert((number, level)));
        counts[at] = Some(match (anew, current) {
            (Some(start), _) => start,
            (None, Some(last)) => last.saturating_add(1),
            (None, None) => start,
        });
        for (deeper, count) in counts.iter_mut().enumerate().skip(at + 1) {
            let restart = u8::try_from(deeper)
                .ok()
                .and_then(|deeper| numbering.level(number, definition, deeper))
                .and_then(|level| level.restart);
            // `lvlRestart` counts from 1 and names the deepest level after which this one starts again.
            if restart.is_none_or(|after| at < after as usize) {
                *count = None;
            }
        }
        let counts = *counts;
        let format_of = |position: usize| {
            let level = numbering.level(number, definition, u8::try_from(position).ok()?)?;
            // A higher level that has not come yet shows its first number.
            let count = counts[position].unwrap_or(level.start.unwrap_or(0));
            let format = level.format.as_deref().unwrap_or("decimal");
            let format = match format {
                "decimalZero" | "none" => format,
                _ if shape.legal && position != at => "decimal",
                _ => format,
            };
            Some(formatted(count, format))
        };
        label_text(shape, format_of)
    }
}

/// Puts the numbers into the text of a level.
fn label_text(level: &Level, format_of: impl Fn(usize) -> Option<String>) -> String {
    let text = level.text.as_deref().unwrap_or_default();
    if level.format.as_deref() == Some("bullet") {
        return text.chars().map(bullet).collect();
    }
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let digit = chars
            .peek()
            .and_then(|next| next.to_digit(10))
            .filter(|digit| c == '%' && *digit > 0);
        match digit {
            Some(digit) => {
                chars.next();
                out.push_str(&format_of(digit as usize - 1).unwrap_or_default());
            }
            None => out.push(c),
        }
    }
    out.trim().to_owned()
}

/// A bullet as a character that does not depend on the fonts Symbol and Wingdings.
pub(super) fn bullet(c: char) -> char {
    match u32::from(c) {
        0xf0b7 | 0xf06c | 0xf09f => '•',
        0xf06f | 0xf071 | 0xf0a8 => '□',
        0xf06e | 0xf0a7 => '▪',
        0xf075 | 0xf074 => '◆',
        0xf076 => '❖',
        0xf0d8 => '➢',
        0xf0e0 | 0xf0e8 => '→',
        0xf0fc => '✓',
        0xf0fd | 0xf0fe | 0xf052 => '☑',
        0xf02d => '-',
        _ => c,
    }
}

/// A number in one of Word's formats (ISO 29500-1, 17.18.59); decimal in a format not known here.
pub(crate) fn formatted(n: u32, format: &str) -> String {
    let wide = u64::from(n);
    let cycle = |signs: &str, all: u32| {
        let place = n.checked_sub(1)? % all;
        signs.chars().nth(place as usize).map(String::from)
    };
    let within = |first: u32, last: u32| {
        let found = (1..=last).contains(&n).then(|| first + n - 1)?;
        char::from_u32(found).map(String::from)
    };
    let special = match format {
        "lowerLetter" if n > 0 => Some(letters(n)),
        "upperLetter" if n > 0 => Some(letters(n).to_uppercase()),
        "lowerRoman" if n > 0 => Some(roman(n)),
        "upperRoman" if n > 0 => Some(roman(n).to_uppercase()),
        "lowerLetter" | "upperLetter" | "lowerRoman" | "upperRoman" | "none" | "bullet" => {
            Some(String::new())
        }
        "decimalZero" => Some(format!("{n:02}")),
        "ordinal" => Some(ordinal(wide)),
        "cardinalText" => Some(capital(&en_words(wide))),
        "ordinalText" => Some(capital(&ordinal_words(wide))),
        "numberInDash" => Some(format!("- {n} -")),
        "decimalEnclosedCircle" | "decimalEnclosedCircleChinese" => Some(circled(n)),
        "decimalEnclosedParen" => within(0x2474, 20),
        "decimalEnclosedFullstop" => within(0x2488, 20),
        "ideographEnclosedCircle" => within(0x3280, 10),
        "decimalFullWidth" | "decimalFullWidth2" => Some(
            n.to_string()
                .chars()
                .filter_map(|c| char::from_u32(u32::from(c) + 0xfee0))
                .collect(),
        ),
        "chineseCounting"
        | "chineseCountingThousand"
        | "japaneseCounting"
        | "taiwaneseCounting"
        | "taiwaneseCountingThousand"
        | "koreanCounting" => Some(zh_number(wide)),
        "ideographDigital" | "japaneseDigitalTenThousand" | "taiwaneseDigital" => Some(
            n.to_string()
                .chars()
                .filter_map(|c| "〇一二三四五六七八九".chars().nth(c.to_digit(10)? as usize))
                .collect(),
        ),
        "chineseLegalSimplified" => Some(legal(&zh_number(wide), false)),
        "ideographLegalTraditional" | "japaneseLegal" => Some(legal(&zh_number(wide), true)),
        "ideographTraditional" => cycle("甲乙丙丁戊己庚辛壬癸", 10),
        "ideographZodiac" => cycle("子丑寅卯辰巳午未申酉戌亥", 12),
        "hex" => Some(format!("{n:X}")),
        "chicago" => n.checked_sub(1).and_then(|place| {
            let sign = "*†‡§".chars().nth(place as usize % 4)?;
            let times = (place as usize / 4 + 1).min(64);
            Some(std::iter::repeat_n(sign, times).collect())
        }),
        _ => None,
    };
    special.unwrap_or_else(|| n.to_string())
}

/// Everyday Chinese figures as those nobody can alter.
fn legal(number: &str, traditional: bool) -> String {
    let (figures, old) = (
        "〇零一二三四五六七八九十百千万亿",
        "零零壹贰叁肆伍陆柒捌玖拾佰仟万亿",
    );
    let old = if traditional {
        "零零壹貳參肆伍陸柒捌玖拾佰仟萬億"
    } else {
        old
    };
    // Ten is 拾 in speech and 壹拾 in figures nobody can alter.
    let one = number.starts_with('十').then_some('一');
    one.into_iter()
        .chain(number.chars())
        .map(|c| {
            let place = figures.chars().position(|figure| figure == c);
            place.and_then(|place| old.chars().nth(place)).unwrap_or(c)
        })
        .collect()
}

fn capital(words: &str) -> String {
    let mut chars = words.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

/// `first`, `twenty-second`, `one hundred and fifth`.
fn ordinal_words(n: u64) -> String {
    let words = en_words(n);
    let cut = words.rfind([' ', '-']).map_or(0, |place| place + 1);
    let (head, last) = words.split_at(cut);
    let last = match last {
        "one" => "first".to_owned(),
        "two" => "second".to_owned(),
        "three" => "third".to_owned(),
        "five" => "fifth".to_owned(),
        "eight" => "eighth".to_owned(),
        "nine" => "ninth".to_owned(),
        "twelve" => "twelfth".to_owned(),
        other => other
            .strip_suffix('y')
            .map_or_else(|| format!("{other}th"), |stem| format!("{stem}ieth")),
    };
    format!("{head}{last}")
}

#[cfg(test)]
mod tests {
    use super::formatted;

    #[test]
    fn numbers_look_as_word_prints_them() {
        let table = [
            (3, "decimal", "3"),
            (3, "decimalZero", "03"),
            (28, "lowerLetter", "bb"),
            (14, "upperRoman", "XIV"),
            (23, "chineseCounting", "二十三"),
            (105, "chineseCountingThousand", "一百零五"),
            (10, "japaneseCounting", "十"),
            (11, "ideographTraditional", "甲"),
            (12, "ideographZodiac", "亥"),
            (21, "decimalEnclosedCircle", "㉑"),
            (7, "decimalFullWidth", "７"),
            (3, "decimalEnclosedParen", "⑶"),
            (10, "ideographDigital", "一〇"),
            (12, "chineseLegalSimplified", "壹拾贰"),
            (22, "ordinal", "22nd"),
            (12, "ordinalText", "Twelfth"),
            (30, "ordinalText", "Thirtieth"),
            (2, "cardinalText", "Two"),
            (5, "chicago", "**"),
            (0, "upperLetter", ""),
            (4, "unheardOf", "4"),
        ];
        for (n, format, label) in table {
            assert_eq!(formatted(n, format), label, "{n} in {format}");
        }
    }
}
