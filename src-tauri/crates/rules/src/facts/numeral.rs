//! Numbers as contracts write them: 三十二, 12, １２, iv, b, thirty-two.

use crate::scan::CharSet;

/// A Chinese or Arabic whole number such as `十二`, `12`, `１２`, `贰拾`; `None` when it is not one.
pub(crate) fn whole(text: &str) -> Option<u64> {
    let narrow: String = text.chars().map(crate::scan::narrow).collect();
    if !narrow.is_empty() && narrow.bytes().all(|b| b.is_ascii_digit()) {
        return narrow.parse().ok();
    }
    chinese(text)
}

/// The value of one Chinese digit, in the small or the capital writing.
pub(crate) fn digit(c: char) -> Option<u64> {
    Some(match c {
        '零' | '〇' => 0,
        '一' | '壹' => 1,
        '二' | '贰' | '两' | '貳' => 2,
        '三' | '叁' | '參' | '叄' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' | '陸' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    })
}

fn place(c: char) -> Option<u64> {
    Some(match c {
        '十' | '拾' => 10,
        '百' | '佰' => 100,
        '千' | '仟' => 1000,
        _ => return None,
    })
}

/// Whether a character can stand in a Chinese number.
pub(crate) fn is_chinese_numeral(c: char) -> bool {
    static NUMERALS: CharSet =
        CharSet::of("〇零一二三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟两萬億貳參叄陸");
    NUMERALS.has(c)
}

/// A Chinese whole number: `三百零五`, `壹佰贰拾万`, and digit by digit `二〇二六`.
pub(crate) fn chinese(text: &str) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    if text.chars().all(|c| digit(c).is_some()) {
        let count = text.chars().count();
        // 二〇二六 is read digit by digit; 二三 as a count would be a slip, so only years and zero-padded runs are.
        if count == 1 || text.contains(['〇', '零']) || count == 4 {
            return text
                .chars()
                .try_fold(0u64, |sum, c| sum.checked_mul(10)?.checked_add(digit(c)?));
        }
        return None;
    }
    let (mut total, mut section, mut current) = (0u64, 0u64, None::<u64>);
    let mut last_place = u64::MAX;
    for c in text.chars() {
        if let Some(value) = digit(c) {
            if current.is_some_and(|v| v != 0) {
                return None;
            }
            current = Some(value);
        } else if let Some(unit) = place(c) {
            if unit >= last_place {
                return None;
            }
            last_place = unit;
            // A leading 十 means ten: 十二. Inside a number it needs its digit.
            let count = match current {
                Some(0) | None if unit == 10 && section == 0 => 1,
                Some(value) if value > 0 => value,
                _ => return None,
            };
            section = section.checked_add(count.checked_mul(unit)?)?;
            current = None;
        } else {
            let unit = match c {
                '万' | '萬' => 10_000,
                '亿' | '億' => 100_000_000,
                _ => return None,
            };
            let part = section.checked_add(current.unwrap_or(0))?;
            if part == 0 && total == 0 {
                return None;
            }
            total = if unit == 100_000_000 {
                total.checked_add(part)?.checked_mul(unit)?
            } else {
                total.checked_add(part.checked_mul(unit)?)?
            };
            (section, current, last_place) = (0, None, u64::MAX);
        }
    }
    total
        .checked_add(section)?
        .checked_add(current.unwrap_or(0))
}

/// A lower-case Roman number up to 89 (`iv`), as sub-clauses are counted.
pub(crate) fn roman(text: &str) -> Option<u64> {
    let value = |c| match c {
        'i' => Some(1u64),
        'v' => Some(5),
        'x' => Some(10),
        'l' => Some(50),
        _ => None,
    };
    let values: Option<Vec<u64>> = text.chars().map(value).collect();
    let values = values.filter(|v| !v.is_empty() && v.len() <= 8)?;
    let mut total = 0i64;
    for (i, v) in values.iter().enumerate() {
        let smaller = values.get(i + 1).is_some_and(|next| next > v);
        total += if smaller { -(*v as i64) } else { *v as i64 };
    }
    let total = u64::try_from(total).ok()?;
    (total > 0 && total < 90).then_some(total)
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
const TENS: [&str; 8] = [
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];

/// One English number word: its value, and whether it multiplies what stands before it.
pub(crate) fn english_word(word: &str) -> Option<(u64, bool)> {
    let lower = word.to_ascii_lowercase();
    if let Some(i) = SMALL.iter().position(|w| *w == lower) {
        return Some((i as u64, false));
    }
    if let Some(i) = TENS.iter().position(|w| *w == lower) {
        return Some((20 + 10 * i as u64, false));
    }
    match lower.as_str() {
        "hundred" => Some((100, true)),
        "thousand" => Some((1_000, true)),
        "million" => Some((1_000_000, true)),
        "billion" => Some((1_000_000_000, true)),
        _ => None,
    }
}

/// English number words such as `one thousand two hundred and five` or `thirty-two`.
pub(crate) fn english(text: &str) -> Option<u64> {
    let (mut total, mut section, mut seen) = (0u64, 0u64, false);
    // What may still be added below the last word: 100 after "hundred", 10 after "twenty", 0 after "five".
    let mut room = u64::MAX;
    for word in text
        .split([' ', '-', ',', '\u{a0}'])
        .filter(|w| !w.is_empty())
    {
        if word.eq_ignore_ascii_case("and") {
            continue;
        }
        let (value, multiplies) = english_word(word)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_numbers_are_read() {
        for (text, wanted) in [
            ("十二", Some(12)),
            ("二十", Some(20)),
            ("一百零五", Some(105)),
            ("壹佰贰拾万", Some(1_200_000)),
            ("壹亿零叁万", Some(100_030_000)),
            ("贰仟零伍", Some(2005)),
            ("二〇二六", Some(2026)),
            ("１２", Some(12)),
            ("万", None),
            ("百二", None),
            ("二三", None),
            ("一百百", None),
            ("", None),
        ] {
            assert_eq!(whole(text), wanted, "{text}");
        }
    }

    #[test]
    fn english_and_roman_numbers_are_read() {
        for (text, wanted) in [
            ("thirty", Some(30)),
            ("One Thousand Two Hundred", Some(1200)),
            ("one hundred and five", Some(105)),
            ("twenty-one million", Some(21_000_000)),
            ("Two Hundred Fifty Thousand", Some(250_000)),
            ("one two", None),
            ("party", None),
        ] {
            assert_eq!(english(text), wanted, "{text}");
        }
        for (text, wanted) in [
            ("i", Some(1)),
            ("iv", Some(4)),
            ("ix", Some(9)),
            ("xiv", Some(14)),
            ("b", None),
        ] {
            assert_eq!(roman(text), wanted, "{text}");
        }
    }
}
