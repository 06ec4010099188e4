//! Amounts of money, in figures and in words. Only the number is taken: its currency stays, as it is the house's way to
//! write it.

use std::ops::Range;

use super::{Find, Private};
use crate::words::{en_number_word, parse_en_number, parse_rmb_upper, parse_zh_number};

/// The amounts of some words.
pub(super) fn amounts(words: &str) -> Vec<Find> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = words[at..].chars().next() {
        let next = match c {
            '0'..='9' => figures(words, at, &mut found),
            c if CAPITALS.contains(c) => capitals(words, at, &mut found),
            c if NUMERALS.contains(c) => numerals(words, at, &mut found),
            c if c.is_ascii_alphabetic() => spelt(words, at, &mut found),
            _ => None,
        };
        at = next.unwrap_or(at + c.len_utf8());
    }
    found
}

const CAPITALS: &str = "壹贰叁肆伍陆柒捌玖貳參陸";
const NUMERALS: &str = "一二三四五六七八九十百千两";
const SIGNS: [&str; 22] = [
    "人民币",
    "¥",
    "￥",
    "RMB",
    "CNY",
    "$",
    "＄",
    "USD",
    "HKD",
    "€",
    "EUR",
    "£",
    "GBP",
    "美元",
    "港币",
    "欧元",
    "SGD",
    "AUD",
    "CAD",
    "JPY",
    "CHF",
    "币",
];
const UNITS: [&str; 24] = [
    "元",
    "圆",
    "美元",
    "港元",
    "港币",
    "欧元",
    "英镑",
    "日元",
    "块",
    "人民币",
    "dollars",
    "Dollars",
    "pounds",
    "euros",
    "US dollars",
    "U.S. dollars",
    "US Dollars",
    "USD",
    "RMB",
    "CNY",
    "HKD",
    "EUR",
    "GBP",
    "€",
];
const MULTIPLES: [(&str, i128); 13] = [
    ("万", 10_000),
    ("亿", 100_000_000),
    ("千", 1000),
    ("百", 100),
    ("百万", 1_000_000),
    ("million", 1_000_000),
    ("Million", 1_000_000),
    ("billion", 1_000_000_000),
    ("Billion", 1_000_000_000),
    ("thousand", 1000),
    ("bn", 1_000_000_000),
    ("m", 1_000_000),
    ("k", 1000),
];

fn spaces(words: &str) -> usize {
    words.len() - words.trim_start_matches([' ', '\u{a0}', '\u{3000}']).len()
}

fn figures(words: &str, at: usize, found: &mut Vec<Find>) -> Option<usize> {
    let bytes = words.as_bytes();
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    let mut end = at;
    let mut comma = false;
    while digit(end) || (matches!(bytes.get(end), Some(b',' | b'.')) && digit(end + 1)) {
        comma |= bytes[end] == b',';
        end += 1;
    }
    // ８,０００ with a wide comma, as some forms have it.
    while words[end..].starts_with('，') && comma && digit(end + '，'.len_utf8()) {
        end += '，'.len_utf8();
        while digit(end) {
            end += 1;
        }
    }
    let number = &words[at..end];
    let before = words[..at].trim_end_matches([' ', '\u{a0}', '\u{3000}', '：', ':']);
    let sign = SIGNS.iter().any(|sign| before.ends_with(sign));
    let joined = words[..at].ends_with(|c: char| {
        c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '第')
    });
    if joined && !sign {
        return Some(end);
    }
    let mut stop = end;
    let mut times = 1;
    let rest = &words[end..];
    let gap = spaces(rest);
    let multiple = MULTIPLES
        .iter()
        .filter(|(word, _)| {
            let after = rest[gap..].strip_prefix(word);
            after.is_some_and(|after| {
                !word.is_ascii() || !after.starts_with(|c: char| c.is_ascii_alphabetic())
            })
        })
        .max_by_key(|(word, _)| word.len());
    if let Some((word, by)) = multiple
        && (!word.is_ascii() || word.len() > 2 || sign)
    {
        stop = end + gap + word.len();
        times = *by;
    }
    let after = words[stop..].trim_start_matches(['余', '多', '整']);
    let after = &after[spaces(after)..];
    let unit = UNITS.iter().any(|unit| after.starts_with(unit))
        && !after.starts_with("元月")
        && !after.starts_with("元旦");
    if !sign && !unit {
        return Some(end);
    }
    let key = value(number, times).unwrap_or_else(|| number.to_owned());
    found.push(Find {
        range: at..stop,
        kind: Private::Amount,
        key,
    });
    Some(stop)
}

/// The smallest unit of an amount as a key: the same in figures and in words.
fn value(number: &str, times: i128) -> Option<String> {
    let number = number.replace([',', '，'], "");
    let (whole, part) = number.split_once('.').unwrap_or((&number, ""));
    let digits = part.len().min(12);
    let scale = 10i128.checked_pow(digits as u32)?;
    let whole: i128 = whole.parse().ok()?;
    let part: i128 = if digits == 0 {
        0
    } else {
        part[..digits].parse().ok()?
    };
    let all = whole.checked_mul(scale)?.checked_add(part)?;
    let minor = all.checked_mul(times)?.checked_mul(100)? / scale;
    Some(minor.to_string())
}

/// 壹佰贰拾万元整
fn capitals(words: &str, at: usize, found: &mut Vec<Find>) -> Option<usize> {
    const RUN: &str = "零〇壹贰叁肆伍陆柒捌玖拾佰仟万亿元圆圓角分整正貳參陸萬億";
    let rest = &words[at..];
    let len = rest.find(|c| !RUN.contains(c)).unwrap_or(rest.len());
    let run = &rest[..len];
    let key = parse_rmb_upper(run).map(|minor| minor.to_string());
    let amount = key.is_some() || run.contains(['元', '圆', '圓', '拾', '佰', '仟']);
    if amount && run.chars().count() >= 2 {
        found.push(Find {
            range: at..at + len,
            kind: Private::Amount,
            key: key.unwrap_or_else(|| run.to_owned()),
        });
    }
    Some(at + len)
}

/// 五万元, 三千五百元
fn numerals(words: &str, at: usize, found: &mut Vec<Find>) -> Option<usize> {
    let rest = &words[at..];
    let run = "一二三四五六七八九十百千万亿零〇两";
    let len = rest.find(|c| !run.contains(c)).unwrap_or(rest.len());
    let after = rest[len..].trim_start_matches(['余', '多']);
    let is_unit = ["元", "美元", "港元", "港币", "欧元", "英镑", "块钱"]
        .iter()
        .any(|unit| after.starts_with(unit))
        && !["元月", "元旦", "元件", "元素", "元化", "元首"]
            .iter()
            .any(|word| after.starts_with(word));
    let joined = words[..at].ends_with(['第', '之']);
    if is_unit && !joined {
        let number = &rest[..len];
        let key = parse_zh_number(number)
            .map_or_else(|| number.to_owned(), |n| (i128::from(n) * 100).to_string());
        found.push(Find {
            range: at..at + len,
            kind: Private::Amount,
            key,
        });
    }
    Some(at + len)
}

/// `Fifty Thousand Dollars`
fn spelt(words: &str, at: usize, found: &mut Vec<Find>) -> Option<usize> {
    let word_end = |from: usize| {
        words[from..]
            .find(|c: char| !c.is_ascii_alphabetic())
            .map_or(words.len(), |n| from + n)
    };
    let first = word_end(at);
    if words[..at].ends_with(|c: char| c.is_alphanumeric())
        || !is_number_word(&words[at..first], true)
    {
        return Some(first);
    }
    let mut end = first;
    let mut next = first;
    loop {
        let gap = words[next..].len()
            - words[next..]
                .trim_start_matches([' ', '-', ',', '\u{a0}'])
                .len();
        let from = next + gap;
        let to = word_end(from);
        if gap == 0 || to == from || !is_number_word(&words[from..to], false) {
            break;
        }
        next = to;
        if !words[from..to].eq_ignore_ascii_case("and") {
            end = to;
        }
    }
    let rest = words[end..]
        .trim_start_matches([' ', '\u{a0}'])
        .to_ascii_lowercase();
    let rest = rest.strip_prefix("and 00/100 ").unwrap_or(&rest);
    let unit = [
        "dollar",
        "us dollar",
        "u.s. dollar",
        "united states dollar",
        "hong kong dollar",
        "pound",
        "euro",
        "renminbi",
        "rmb",
        "yuan",
    ]
    .iter()
    .any(|unit| rest.starts_with(unit));
    if unit {
        let range: Range<usize> = at..end;
        let number = words[range.clone()].to_ascii_lowercase();
        let key = parse_en_number(&number).map_or(number, |n| (u128::from(n) * 100).to_string());
        found.push(Find {
            range,
            kind: Private::Amount,
            key,
        });
    }
    Some(end)
}

fn is_number_word(word: &str, first: bool) -> bool {
    en_number_word(word).is_some() || (!first && word.eq_ignore_ascii_case("and"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &str, wanted: &[(&str, &str)]) {
        let found = amounts(words);
        let found: Vec<_> = found
            .iter()
            .map(|f| (&words[f.range.clone()], f.key.as_str()))
            .collect();
        assert_eq!(found, wanted, "{words}");
    }

    #[test]
    fn an_amount_has_one_key_however_it_is_written() {
        let key = "120000000";
        check(
            "人民币1,200,000.00元（大写：壹佰贰拾万元整），即120万元、¥1200000、一百二十万元",
            &[
                ("1,200,000.00", key),
                ("壹佰贰拾万元整", key),
                ("120万", key),
                ("1200000", key),
                ("一百二十万", key),
            ],
        );
        check(
            "One Million Two Hundred Thousand Dollars (US$1,200,000), USD 1.2 million, £1.2m, 1,200,000 euros",
            &[
                ("One Million Two Hundred Thousand", key),
                ("1,200,000", key),
                ("1.2 million", key),
                ("1.2m", key),
                ("1,200,000", key),
            ],
        );
    }

    #[test]
    fn other_numbers_are_no_amounts() {
        for words in [
            "第585条",
            "30日",
            "5%",
            "2026年元月",
            "一元化管理",
            "三份",
            "one or more parties",
            "thirty (30) days",
            "one hundred percent",
            "12个月",
            "第三元件",
            "2 million users",
        ] {
            check(words, &[]);
        }
    }
}
