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
    fn roman_numbers_are_read() {
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
