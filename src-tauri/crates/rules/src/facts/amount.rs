//! Amounts of money in figures and in words, in Chinese and English, as whole 分 or cents.

use super::numeral;
use super::passage::Passage;
use crate::scan::{after, before, is_space, run, run_back, skip_spaces};
use moqi_document::words::{parse_money, parse_rmb_upper};
use std::ops::Range;

/// A currency, as far as contracts here use them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Currency {
    Cny,
    Usd,
    Gbp,
    Eur,
    Hkd,
}

/// How an amount is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writing {
    /// 1,200,000.00, 120万
    Figures,
    /// 壹佰贰拾万元整, One Thousand Pounds
    Words,
}

/// An amount in a passage.
#[derive(Debug, Clone)]
pub(crate) struct Amount {
    /// Index of its passage.
    pub(crate) passage: usize,
    /// Everything from the currency sign to the unit.
    pub(crate) range: Range<usize>,
    /// The number alone, without currency and 元: what a fix replaces in words.
    pub(crate) number: Range<usize>,
    /// Value in 分 or cents; `None` when the words are not well formed.
    pub(crate) minor: Option<i128>,
    pub(crate) currency: Option<Currency>,
    pub(crate) writing: Writing,
    /// Written in units of 万 or 亿.
    pub(crate) scaled: bool,
    /// In words: in the capital writing of bills, which has one right form.
    pub(crate) capital: bool,
}

/// Every amount of a passage, in order.
pub(crate) fn amounts(index: usize, passage: &Passage, found: &mut Vec<Amount>) {
    let text = passage.text.as_str();
    let first = found.len();
    figures(index, text, found);
    if text.contains(['元', '圆']) {
        chinese_words(index, text, found);
    }
    if passage.latin {
        english_words(index, text, found);
    }
    found[first..].sort_by_key(|amount| amount.range.start);
}

const SIGNS: &[(&str, Currency)] = &[
    ("人民币", Currency::Cny),
    ("¥", Currency::Cny),
    ("￥", Currency::Cny),
    ("RMB", Currency::Cny),
    ("CNY", Currency::Cny),
    ("HK$", Currency::Hkd),
    ("港币", Currency::Hkd),
    ("US$", Currency::Usd),
    ("USD", Currency::Usd),
    ("美元", Currency::Usd),
    ("$", Currency::Usd),
    ("£", Currency::Gbp),
    ("GBP", Currency::Gbp),
    ("€", Currency::Eur),
    ("EUR", Currency::Eur),
    ("欧元", Currency::Eur),
];

fn figures(index: usize, text: &str, found: &mut Vec<Amount>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(offset) = bytes[at..].iter().position(u8::is_ascii_digit) {
        let start = at + offset;
        let digits = run(text, start, |c| {
            c.is_ascii_digit() || matches!(c, ',' | '.' | '，')
        });
        let token = text[digits.clone()].trim_end_matches([',', '.', '，']);
        let number = start..start + token.len();
        at = number.end.max(start + 1);
        if token.contains('，') {
            // A full-width comma between figures ends the number unless it groups thousands; too unsure to read.
            at = digits.end;
            continue;
        }
        let lead = text[..start].trim_end_matches(is_space);
        let sign = SIGNS.iter().find(|(sign, _)| lead.ends_with(sign));
        // 1,200,000.00 and 120 万 元 or 120万元.
        let scale_at = skip_spaces(text, number.end);
        let (scale, scale_end) = match after(text, scale_at) {
            Some('万') => (10_000, scale_at + '万'.len_utf8()),
            Some('亿') => (100_000_000, scale_at + '亿'.len_utf8()),
            _ => (1, number.end),
        };
        let unit_at = skip_spaces(text, scale_end);
        let unit = ["元", "圆", "美元", "港元", "欧元", "英镑"]
            .iter()
            .find(|u| text[unit_at..].starts_with(**u));
        let end = unit.map_or(scale_end, |u| unit_at + u.len());
        if sign.is_none() && unit.is_none() {
            continue;
        }
        // "million" after the figures scales them; that is left to the words of the sentence.
        let tail = text[skip_spaces(text, end)..]
            .chars()
            .take(8)
            .collect::<String>()
            .to_lowercase();
        let worded = ["million", "billion", "thousand", "m ", "bn", "k "]
            .iter()
            .any(|w| tail.starts_with(w));
        let minor = scaled(token, scale).filter(|_| !worded);
        let named = unit.and_then(|u| match *u {
            "美元" => Some(Currency::Usd),
            "港元" => Some(Currency::Hkd),
            "欧元" => Some(Currency::Eur),
            "英镑" => Some(Currency::Gbp),
            _ => None,
        });
        let currency = named
            .or(sign.map(|(_, c)| *c))
            .or(unit.map(|_| Currency::Cny));
        let from = sign.map_or(start, |(sign, _)| lead.len() - sign.len());
        at = end;
        found.push(Amount {
            passage: index,
            range: from..end,
            number,
            minor,
            currency,
            writing: Writing::Figures,
            scaled: scale > 1,
            capital: false,
        });
    }
}

/// A decimal times 万 or 亿 in whole 分.
fn scaled(token: &str, scale: i128) -> Option<i128> {
    if scale == 1 {
        return parse_money(token);
    }
    let (whole, decimals) = token.split_once('.').unwrap_or((token, ""));
    if decimals.len() > 8 || !decimals.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let whole = parse_money(whole)? / 100;
    let power = 10i128.pow(u32::try_from(decimals.len()).ok()?);
    let fraction: i128 = if decimals.is_empty() {
        0
    } else {
        decimals.parse().ok()?
    };
    let minor = whole
        .checked_mul(power)?
        .checked_add(fraction)?
        .checked_mul(scale * 100)?;
    (minor % power == 0).then_some(minor / power)
}

fn is_amount_word(c: char) -> bool {
    numeral::is_chinese_numeral(c) || matches!(c, '元' | '圆' | '圓' | '角' | '分' | '整' | '正')
}

fn chinese_words(index: usize, text: &str, found: &mut Vec<Amount>) {
    let mut from = 0;
    while let Some(offset) = text[from..].find(['元', '圆']) {
        let at = from + offset;
        let start = run_back(text, at, numeral::is_chinese_numeral).start;
        let mut end = run(text, at, is_amount_word).end;
        from = end;
        let words = &text[start..at];
        // A lone 万 or 百 belongs to figures (120万元); a word such as 一元化 is no amount.
        if words.is_empty()
            || !(words.chars().any(|c| numeral::digit(c).is_some())
                || words.starts_with(['拾', '十']))
            || !text.is_char_boundary(end)
        {
            continue;
        }
        if before(text, start).is_some_and(|c| c.is_ascii_digit() || ".第数几上".contains(c))
            || after(text, at + '元'.len_utf8()) == Some('化')
        {
            continue;
        }
        // 分 after anything but a digit starts the next word: 壹万元分三期.
        let cut = crate::scan::places(&text[at..end], "分")
            .find(|i| before(text, at + i).is_none_or(|c| numeral::digit(c).is_none()));
        end = cut.map_or(end, |i| at + i);
        // So may 正: 壹万元正式.
        let next = after(text, end);
        let word = text[start..end].ends_with('正')
            && next.is_some_and(|c| "式常确规当本面品".contains(c));
        if word {
            end -= '正'.len_utf8();
        }
        let token = &text[start..end];
        let capital = token.contains([
            '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖', '拾', '佰', '仟',
        ]);
        let minor = if capital {
            parse_rmb_upper(token)
        } else {
            plain(token)
        };
        if !capital && minor.is_none() {
            continue;
        }
        let lead = text[..start].trim_end_matches(is_space);
        let sign = ["人民币", "RMB"].iter().find(|sign| lead.ends_with(**sign));
        found.push(Amount {
            passage: index,
            range: sign.map_or(start, |sign| lead.len() - sign.len())..end,
            number: start..end,
            minor,
            currency: Some(Currency::Cny),
            writing: Writing::Words,
            scaled: false,
            capital,
        });
    }
}

/// 一百二十万元整 in 分.
fn plain(token: &str) -> Option<i128> {
    let body = token.trim_end_matches(['整', '正']);
    let whole = body.strip_suffix(['元', '圆'])?;
    i128::from(numeral::chinese(whole)?).checked_mul(100)
}

fn english_words(index: usize, text: &str, found: &mut Vec<Amount>) {
    const UNITS: &[(&str, Currency)] = &[
        ("pounds", Currency::Gbp),
        ("dollars", Currency::Usd),
        ("euros", Currency::Eur),
        ("euro", Currency::Eur),
        ("yuan", Currency::Cny),
        ("renminbi", Currency::Cny),
    ];
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    if letters < 7 {
        return;
    }
    let lower = text.to_ascii_lowercase();
    for (unit, currency) in UNITS {
        for at in crate::scan::places(&lower, unit) {
            if !crate::scan::is_whole_word(&lower, &(at..at + unit.len())) {
                continue;
            }
            let Some(start) = words_before(&lower, at) else {
                continue;
            };
            let number = start..text[..at].trim_end_matches(is_space).len();
            let number = number.start..trim_currency(&lower, number.clone());
            let Some(value) = moqi_document::words::parse_en_number(&lower[number.clone()]) else {
                continue;
            };
            found.push(Amount {
                passage: index,
                range: start..at + unit.len(),
                number,
                minor: i128::from(value).checked_mul(100),
                currency: Some(*currency),
                writing: Writing::Words,
                scaled: false,
                capital: false,
            });
        }
    }
}

/// "one thousand us dollars": the number ends before the name of the currency's country.
fn trim_currency(lower: &str, range: Range<usize>) -> usize {
    let mut text = lower[range.clone()].trim_end();
    for word in ["us", "u.s.", "united states", "hong kong", "sterling"] {
        text = text.strip_suffix(word).unwrap_or(text).trim_end();
    }
    range.start + text.len()
}

/// Where the number words that end before `at` start.
fn words_before(lower: &str, at: usize) -> Option<usize> {
    let mut start = None;
    let mut end = trim_currency(lower, 0..at);
    loop {
        let trimmed = lower[..end]
            .trim_end_matches([' ', '-', ',', '\u{a0}'])
            .len();
        let word = run_back(lower, trimmed, |c| c.is_ascii_alphabetic());
        let known = moqi_document::words::en_number_word(&lower[word.clone()]).is_some();
        if word.is_empty() || !(known || (&lower[word.clone()] == "and" && start.is_some())) {
            return start;
        }
        if known {
            start = Some(word.start);
        }
        end = word.start;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, Option<i128>)> {
        let document = moqi_document::parse(&format!("{text}\n"));
        let passages =
            super::super::passage::passages(&document, &moqi_document::Numbering::default());
        let mut found = Vec::new();
        amounts(0, &passages[0], &mut found);
        found
            .iter()
            .map(|a| (passages[0].text[a.range.clone()].to_owned(), a.minor))
            .collect()
    }

    #[test]
    fn amounts_are_read_in_either_writing() {
        for (text, wanted) in [
            (
                "价款为人民币1,200,000.00元。",
                vec![("人民币1,200,000.00元", Some(120_000_000))],
            ),
            ("共120万元", vec![("120万元", Some(120_000_000))]),
            ("共1.5亿元", vec![("1.5亿元", Some(15_000_000_000))]),
            (
                "人民币壹佰贰拾万元整",
                vec![("人民币壹佰贰拾万元整", Some(120_000_000))],
            ),
            ("一百二十万元", vec![("一百二十万元", Some(120_000_000))]),
            ("壹万元正式支付", vec![("壹万元", Some(1_000_000))]),
            ("壹万元分三期支付", vec![("壹万元", Some(1_000_000))]),
            ("玖元伍分", vec![("玖元伍分", None)]),
            ("拾万元整", vec![("拾万元整", None)]),
            ("数十万元", vec![]),
            ("pay £1,200.50 now", vec![("£1,200.50", Some(120_050))]),
            (
                "One Thousand Two Hundred Pounds (£1,200)",
                vec![
                    ("One Thousand Two Hundred Pounds", Some(120_000)),
                    ("£1,200", Some(120_000)),
                ],
            ),
            ("$3 million", vec![("$3", None)]),
            ("共12台，一元化管理", vec![]),
        ] {
            let wanted: Vec<_> = wanted
                .into_iter()
                .map(|(t, v): (&str, _)| (t.to_owned(), v))
                .collect();
            assert_eq!(read(text), wanted, "{text}");
        }
    }
}
