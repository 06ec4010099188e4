//! Whole numbers in words.

const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];

/// A whole number in everyday Chinese: 12 is 十二, 110 is 一百一十, 1005 is 一千零五.
#[must_use]
pub fn zh_number(n: u64) -> String {
    if n == 0 {
        return "零".to_owned();
    }
    let all = forms(n, &DIGITS, &['十', '百', '千']);
    let text = all.into_iter().next().unwrap_or_default();
    match text.strip_prefix('一') {
        Some(rest) if rest.starts_with('十') => rest.to_owned(),
        _ => text,
    }
}

/// Reads a number as [`zh_number`] writes it; 两 for 二, 〇 for 零 and a leading 一十 are accepted, as is an
/// optional 零 after a full ten of thousands. Anything else is `None`: 一百二, 廿 and 二〇二六 are not numbers.
#[must_use]
pub fn parse_zh_number(text: &str) -> Option<u64> {
    let text: String = text
        .chars()
        .map(|c| match c {
            '两' => '二',
            '〇' => '零',
            c => c,
        })
        .collect();
    if text == "零" {
        return Some(0);
    }
    let full = if text.starts_with('十') {
        format!("一{text}")
    } else {
        text
    };
    let n = rough(&full, &DIGITS, &['十', '百', '千'])?;
    forms(n, &DIGITS, &['十', '百', '千'])
        .contains(&full)
        .then_some(n)
}

/// All accepted spellings of `n > 0` with the given digits and small units, the usual one first.
///
/// A gap of zeros is one 零. Where the higher group ends in 0 and the lower group is full (the 万 or 亿
/// place is zero), the 零 may be written or left out, so there are two spellings.
pub(super) fn forms(n: u64, digits: &[char; 10], units: &[char; 3]) -> Vec<String> {
    if n < 10_000 {
        return vec![group(n, digits, units)];
    }
    let (size, unit) = if n < 100_000_000 {
        (10_000, '万')
    } else {
        (100_000_000, '亿')
    };
    let (high, low) = (n / size, n % size);
    let mut all = Vec::new();
    for head in forms(high, digits, units) {
        let head = format!("{head}{unit}");
        if low == 0 {
            all.push(head);
            continue;
        }
        for tail in forms(low, digits, units) {
            let zero = digits[0];
            if low < size / 10 {
                all.push(format!("{head}{zero}{tail}"));
            } else {
                all.push(format!("{head}{tail}"));
                if high.is_multiple_of(10) {
                    all.push(format!("{head}{zero}{tail}"));
                }
            }
        }
    }
    all
}

fn group(n: u64, digits: &[char; 10], units: &[char; 3]) -> String {
    let mut out = String::new();
    let mut gap = false;
    for (place, power) in [(3usize, 1000u64), (2, 100), (1, 10), (0, 1)] {
        let digit = (n / power) % 10;
        if digit == 0 {
            gap = !out.is_empty();
            continue;
        }
        if gap {
            out.push(digits[0]);
            gap = false;
        }
        out.push(digits[digit as usize]);
        if place > 0 {
            out.push(units[place - 1]);
        }
    }
    out
}

/// The value a spelling can only have, without judging the spelling; the caller compares it with [`forms`].
pub(super) fn rough(text: &str, digits: &[char; 10], units: &[char; 3]) -> Option<u64> {
    if text.is_empty() || text.chars().count() > 64 {
        return None;
    }
    // `total` is closed by 亿, `section` by 万, `low` collects digits with 千百十.
    let (mut total, mut section, mut low, mut digit) = (0u64, 0u64, 0u64, 0u64);
    for c in text.chars() {
        if let Some(d) = digits.iter().position(|x| *x == c) {
            digit = d as u64;
            continue;
        }
        if let Some(u) = units.iter().position(|x| *x == c) {
            low = low.checked_add(digit.checked_mul([10, 100, 1000][u])?)?;
        } else if c == '万' {
            section = section.checked_add(low.checked_add(digit)?.checked_mul(10_000)?)?;
            low = 0;
        } else if c == '亿' {
            let sum = total
                .checked_add(section)?
                .checked_add(low)?
                .checked_add(digit)?;
            total = sum.checked_mul(100_000_000)?;
            (section, low) = (0, 0);
        } else {
            return None;
        }
        digit = 0;
    }
    let n = total
        .checked_add(section)?
        .checked_add(low)?
        .checked_add(digit)?;
    (n > 0).then_some(n)
}

/// `1st`, `2nd`, `3rd`, `4th`, `11th` …
#[must_use]
pub fn ordinal(n: u64) -> String {
    let ending = match (n % 100, n % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{n}{ending}")
}

const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] = [
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];

/// A whole number in English words: `twelve`, `one hundred and five`, `two thousand and twenty-six`.
#[must_use]
pub fn en_words(n: u64) -> String {
    if n < 20 {
        return SMALL[n as usize].to_owned();
    }
    if n < 100 {
        let ten = TENS[(n / 10) as usize];
        return if n.is_multiple_of(10) {
            ten.to_owned()
        } else {
            format!("{ten}-{}", SMALL[(n % 10) as usize])
        };
    }
    let (size, name) = match n {
        0..1_000 => (100, "hundred"),
        1_000..1_000_000 => (1_000, "thousand"),
        1_000_000..1_000_000_000 => (1_000_000, "million"),
        1_000_000_000..1_000_000_000_000 => (1_000_000_000, "billion"),
        _ => (1_000_000_000_000, "trillion"),
    };
    let head = format!("{} {name}", en_words(n / size));
    match n % size {
        0 => head,
        rest if rest < 100 => format!("{head} and {}", en_words(rest)),
        rest if size == 100 => format!("{head} and {}", en_words(rest)),
        rest => format!("{head} {}", en_words(rest)),
    }
}

/// One English number word: its value, and whether it multiplies what stands before it.
#[must_use]
pub fn en_number_word(word: &str) -> Option<(u64, bool)> {
    let lower = word.to_ascii_lowercase();
    let place = |words: &[&str]| words.iter().position(|known| *known == lower);
    if let Some(n) = place(&SMALL) {
        return Some((n as u64, false));
    }
    match lower.as_str() {
        "" => None,
        "hundred" => Some((100, true)),
        "thousand" => Some((1_000, true)),
        "million" => Some((1_000_000, true)),
        "billion" => Some((1_000_000_000, true)),
        _ => place(&TENS).map(|n| (10 * n as u64, false)),
    }
}

/// English number words such as `one thousand two hundred and five` or `thirty-two`.
#[must_use]
pub fn parse_en_number(text: &str) -> Option<u64> {
    let (mut total, mut section, mut seen) = (0u64, 0u64, false);
    // What may still be added below the last word: 100 after "hundred", 10 after "twenty", 0 after "five".
    let mut room = u64::MAX;
    let words = text.split([' ', '-', ',', '\u{a0}']);
    for word in words.filter(|word| !word.is_empty()) {
        if word.eq_ignore_ascii_case("and") {
            continue;
        }
        let (value, multiplies) = en_number_word(word)?;
        seen = true;
        if !multiplies {
            if value >= room {
                return None;
            }
            section = section.checked_add(value)?;
            room = if value >= 20 { 10 } else { 0 };
        } else if value == 100 {
            section = section.max(1).checked_mul(100)?;
            room = 100;
        } else {
            total = total.checked_add(section.max(1).checked_mul(value)?)?;
            section = 0;
            room = 1000;
        }
    }
    seen.then_some(total.checked_add(section)?)
}

/// Small Roman numerals: `i`, `ii`, `iv`. Numbers from 4000 on are written in figures.
#[must_use]
pub fn roman(n: u32) -> String {
    if n == 0 || n >= 4000 {
        return n.to_string();
    }
    const PARTS: [(u32, &str); 13] = [
        (1000, "m"),
        (900, "cm"),
        (500, "d"),
        (400, "cd"),
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ];
    let mut rest = n;
    let mut out = String::new();
    for (value, letters) in PARTS {
        while rest >= value {
            out.push_str(letters);
            rest -= value;
        }
    }
    out
}

/// Small letters: `a` … `z`, then `aa`, `bb` … as lawyers and Word count. Beyond 26 rounds, figures.
#[must_use]
pub fn letters(n: u32) -> String {
    if n == 0 || n > 26 * 26 {
        return n.to_string();
    }
    let letter = char::from(b'a' + ((n - 1) % 26) as u8);
    std::iter::repeat_n(letter, ((n - 1) / 26 + 1) as usize).collect()
}

/// A number in a circle: ① … ㊿; from 51 on in brackets, as Unicode has no more circles.
#[must_use]
pub fn circled(n: u32) -> String {
    let base = match n {
        1..=20 => 0x2460 + n - 1,
        21..=35 => 0x3251 + n - 21,
        36..=50 => 0x32B1 + n - 36,
        _ => return format!("（{n}）"),
    };
    char::from_u32(base).map_or_else(|| format!("（{n}）"), String::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_numbers_both_ways() {
        for (n, text) in [
            (0, "零"),
            (1, "一"),
            (10, "十"),
            (12, "十二"),
            (20, "二十"),
            (21, "二十一"),
            (100, "一百"),
            (101, "一百零一"),
            (110, "一百一十"),
            (1000, "一千"),
            (1005, "一千零五"),
            (1010, "一千零一十"),
            (9999, "九千九百九十九"),
            (10_000, "一万"),
            (100_000, "十万"),
            (107_000, "十万七千"),
            (100_010_000, "一亿零一万"),
        ] {
            assert_eq!(zh_number(n), text);
            assert_eq!(parse_zh_number(text), Some(n), "{text}");
        }
        for n in 0..20_000 {
            assert_eq!(parse_zh_number(&zh_number(n)), Some(n));
        }
        for bad in [
            "",
            "廿",
            "一百二",
            "二〇二六",
            "十十",
            "一二",
            "百",
            "一零",
            "零五",
            "一百五零",
            "12",
            "一万万",
        ] {
            assert_eq!(parse_zh_number(bad), None, "{bad}");
        }
        assert_eq!(parse_zh_number("两千"), Some(2000));
        assert_eq!(parse_zh_number("一十二"), Some(12));
    }

    #[test]
    fn english_words_and_labels() {
        for (n, text) in [
            (0, "zero"),
            (12, "twelve"),
            (21, "twenty-one"),
            (90, "ninety"),
            (105, "one hundred and five"),
            (2026, "two thousand and twenty-six"),
            (1_200_000, "one million two hundred thousand"),
            (1_000_001, "one million and one"),
            (
                123_456,
                "one hundred and twenty-three thousand four hundred and fifty-six",
            ),
        ] {
            assert_eq!(en_words(n), text);
        }
        assert_eq!(
            [1, 2, 3, 4, 11, 12, 13, 21, 102, 111]
                .map(ordinal)
                .join(" "),
            "1st 2nd 3rd 4th 11th 12th 13th 21st 102nd 111th"
        );
        assert_eq!(
            [1, 4, 9, 14, 40, 1994].map(roman).join(" "),
            "i iv ix xiv xl mcmxciv"
        );
        assert_eq!([1, 26, 27, 28, 53].map(letters).join(" "), "a z aa bb aaa");
        assert_eq!(
            [1, 20, 21, 35, 36, 50, 51].map(circled).join(" "),
            "① ⑳ ㉑ ㉟ ㊱ ㊿ （51）"
        );
        assert!(!en_words(u64::MAX).is_empty() && !zh_number(u64::MAX).is_empty());
    }

    #[test]
    fn english_numbers_are_read() {
        for (text, wanted) in [
            ("thirty", Some(30)),
            ("One Thousand Two Hundred", Some(1200)),
            ("one hundred and five", Some(105)),
            ("twenty-one million", Some(21_000_000)),
            ("Two Hundred Fifty Thousand", Some(250_000)),
            ("one two", None),
            ("party", None),
        ] {
            assert_eq!(parse_en_number(text), wanted, "{text}");
        }
        for n in (0..3000).chain([1_234_567, 20_000_000_019]) {
            assert_eq!(parse_en_number(&en_words(n)), Some(n));
        }
    }
}
