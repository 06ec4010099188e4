//! Values that are written out in a text: days, amounts, percentages, lengths of time.

use std::ops::Range;

use crate::model::{FieldKind, Language};
use crate::words::{Date, Decimal, Period, money, parse_money, parse_rmb_upper, rmb_upper};

/// A value and where it stands in the words searched.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub range: Range<usize>,
    pub value: Value,
}

/// A value that is written out.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Date(Date),
    /// An amount in its smallest unit, its currency, and whether it is in capital characters.
    Money {
        minor: i128,
        currency: &'static str,
        capitals: bool,
    },
    /// A figure before 万元 or 亿元.
    Myriads(String),
    /// The figure before a per cent sign.
    Percent(String),
    Period(Period),
}

/// How a value is put into a template.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Written {
    pub kind: FieldKind,
    /// The answer that prints what stood there.
    pub sample: String,
    /// Filters, without the bar before them; empty for none.
    pub filter: &'static str,
}

/// The values of some words, in order, none overlapping. Linear in their length.
pub(super) fn values(words: &str) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut at = 0;
    while let Some(c) = words[at..].chars().next() {
        let next = match c {
            '0'..='9' => figures(words, at, &mut found),
            '零' | '壹' | '贰' | '叁' | '肆' | '伍' | '陆' | '柒' | '捌' | '玖' | '貳' | '參'
            | '陸' => capitals(words, at, &mut found),
            '〇' | '一' | '二' => date_in_words(words, at, &mut found),
            'A'..='Z' => named_month(words, at, &mut found),
            _ => None,
        };
        at = next.unwrap_or(at + c.len_utf8());
    }
    found
}

/// How a value prints exactly the words that stand there: its kind, the answer and the filters. A spelling that no
/// type prints is a text.
pub(super) fn written(value: &Value, words: &str, language: Language) -> Written {
    let plain = |kind, sample: String, filter| Written {
        kind,
        sample,
        filter,
    };
    let exact = match value {
        Value::Date(date) => {
            let usual = match language {
                Language::Zh => date.zh(),
                Language::En => date.en(),
            };
            [
                (usual, ""),
                (date.zh(), "zh_date"),
                (date.en(), "en_date"),
                (date.us(), "us_date"),
                (date.zh_words(), "zh_date_words"),
                (date.to_string(), "iso_date"),
            ]
            .into_iter()
            .find(|(printed, _)| printed == words)
            .map(|(_, filter)| plain(FieldKind::Date, date.to_string(), filter))
        }
        Value::Money {
            minor,
            currency,
            capitals,
        } => {
            let kind = FieldKind::Money {
                currency: (*currency).to_owned(),
            };
            let figures = money(*minor);
            let answer = figures.replace(',', "");
            let upper = if *capitals {
                rmb_upper(*minor)
            } else {
                String::new()
            };
            [
                (figures.clone(), ""),
                (figures.replace(".00", ""), "replace('.00', '')"),
                (answer.clone(), "replace(',', '')"),
                (
                    answer.replace(".00", ""),
                    "replace(',', '') | replace('.00', '')",
                ),
                (upper.clone(), "rmb_upper"),
                (upper.replace('元', "圆"), "rmb_upper | replace('元', '圆')"),
                (upper.replace('整', "正"), "rmb_upper | replace('整', '正')"),
                (upper.replace('整', ""), "rmb_upper | replace('整', '')"),
            ]
            .into_iter()
            .find(|(printed, _)| printed == words)
            .map(|(_, filter)| plain(kind, answer, filter))
        }
        Value::Myriads(figure) | Value::Percent(figure) => Decimal::parse(figure)
            .filter(|n| n.to_string() == words)
            .map(|_| plain(FieldKind::Number, figure.clone(), "")),
        Value::Period(period) => {
            let usual = match language {
                Language::Zh => period.zh(),
                Language::En => period.en(),
            };
            (usual == words).then(|| plain(FieldKind::Period, period.en(), ""))
        }
    };
    exact.unwrap_or_else(|| plain(FieldKind::Text, words.to_owned(), ""))
}

fn is_spaced(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{3000}')
}

/// The digits and separators that begin at `at`.
fn run_of_figures(words: &str, at: usize) -> usize {
    let bytes = words.as_bytes();
    let mut end = at;
    while let Some(b) = bytes.get(end) {
        let next_digit = bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
        if b.is_ascii_digit() || (matches!(b, b',' | b'.') && next_digit) {
            end += 1;
        } else {
            break;
        }
    }
    end
}

fn figures(words: &str, at: usize, found: &mut Vec<Found>) -> Option<usize> {
    let end = run_of_figures(words, at);
    let before = &words[..at];
    let run = &words[at..end];
    // A figure inside a word or a number of a document is none of ours: A12, 2026-01-15-001, §3.2.
    let joined = before.chars().next_back().is_some_and(|c| {
        c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '§' | '第' | '.' | '/')
    }) && money_sign(before).is_none();
    if let Some((range, date)) = date_at(words, at, end) {
        let stop = range.end;
        if !joined {
            found.push(Found {
                range,
                value: Value::Date(date),
            });
        }
        return Some(stop);
    }
    if joined || found.last().is_some_and(|last| last.range.end > at) {
        return Some(end);
    }
    let after = words[end..].trim_start_matches(is_spaced);
    let sign = money_sign(before.trim_end_matches(is_spaced));
    let unit = money_unit(after);
    let big = ["万", "亿", "million", "billion", "bn", "m ", "k "]
        .iter()
        .any(|word| after.starts_with(word));
    let value = if (after.starts_with("万元") || after.starts_with("亿元"))
        && sign.is_none_or(|sign| sign == "CNY")
    {
        Some(Value::Myriads(run.to_owned()))
    } else if big {
        None
    } else if let Some(currency) = sign.or(unit) {
        parse_money(run).map(|minor| Value::Money {
            minor,
            currency,
            capitals: false,
        })
    } else if after.starts_with(['%', '％']) && !run.contains(',') {
        Some(Value::Percent(run.to_owned()))
    } else {
        return Some(period_at(words, at, end, found).unwrap_or(end));
    };
    if let Some(value) = value {
        found.push(Found {
            range: at..end,
            value,
        });
    }
    Some(end)
}

/// The currency whose sign stands right before an amount.
fn money_sign(before: &str) -> Option<&'static str> {
    const SIGNS: [(&str, &str); 20] = [
        ("人民币", "CNY"),
        ("RMB", "CNY"),
        ("CNY", "CNY"),
        ("¥", "CNY"),
        ("￥", "CNY"),
        ("HK$", "HKD"),
        ("HKD", "HKD"),
        ("S$", "SGD"),
        ("A$", "AUD"),
        ("C$", "CAD"),
        ("US$", "USD"),
        ("USD", "USD"),
        ("$", "USD"),
        ("＄", "USD"),
        ("€", "EUR"),
        ("EUR", "EUR"),
        ("£", "GBP"),
        ("GBP", "GBP"),
        ("美元", "USD"),
        ("欧元", "EUR"),
    ];
    SIGNS
        .iter()
        .find(|(sign, _)| before.ends_with(sign))
        .map(|(_, currency)| *currency)
}

/// The currency that an amount is counted in by the word after it.
fn money_unit(after: &str) -> Option<&'static str> {
    const UNITS: [(&str, &str); 12] = [
        ("元/", ""),
        ("元", "CNY"),
        ("圆", "CNY"),
        ("美元", "USD"),
        ("港元", "HKD"),
        ("港币", "HKD"),
        ("欧元", "EUR"),
        ("英镑", "GBP"),
        ("US dollars", "USD"),
        ("pounds sterling", "GBP"),
        ("euros", "EUR"),
        ("dollars", "USD"),
    ];
    UNITS
        .iter()
        .find(|(unit, _)| after.starts_with(unit))
        .map(|(_, currency)| {
            if currency.is_empty() {
                "CNY"
            } else {
                *currency
            }
        })
}

/// A day that begins with the figures at `at`.
fn date_at(words: &str, at: usize, end: usize) -> Option<(Range<usize>, Date)> {
    let run = &words[at..end];
    let rest = &words[end..];
    let read = |stop: usize| {
        let stop = at + stop;
        Date::parse(words.get(at..stop)?).map(|date| (at..stop, date))
    };
    // 2026年11月29日
    if run.len() == 4 && rest.trim_start_matches(is_spaced).starts_with('年') {
        let (i, c) = words[at..]
            .char_indices()
            .take(24)
            .find(|(_, c)| matches!(c, '日' | '号'))?;
        return read(i + c.len_utf8());
    }
    // 2026.11.29 was read as one run.
    if run.matches('.').count() == 2 && run.len() >= 8 && run.find('.') == Some(4) {
        return read(run.len());
    }
    // 2026-11-29, 2026/11/29
    if run.len() == 4
        && let Some(mark) = rest.chars().next().filter(|c| matches!(c, '-' | '/'))
    {
        let tail = &rest[1..];
        let len = tail
            .find(|c: char| !c.is_ascii_digit() && c != mark)
            .unwrap_or(tail.len());
        let after = tail[len..].chars().next();
        if after.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '/' | '_')) {
            return None;
        }
        return read(5 + len);
    }
    // 29 November 2026, 29th November 2026
    if run.len() <= 2 {
        let tail = ["st", "nd", "rd", "th"]
            .iter()
            .find_map(|ending| rest.strip_prefix(ending))
            .unwrap_or(rest);
        let month = tail.strip_prefix([' ', '\u{a0}'])?;
        let name = month.find(|c: char| !c.is_ascii_alphabetic())?;
        if !(3..=9).contains(&name) {
            return None;
        }
        let year = month[name..].trim_start_matches([',', ' ', '\u{a0}']);
        let digits = year.bytes().take_while(u8::is_ascii_digit).count();
        if digits != 4 {
            return None;
        }
        let stop = words.len() - year.len() + 4;
        return Date::parse(&words[at..stop].replace('\u{a0}', " ")).map(|date| (at..stop, date));
    }
    None
}

/// November 29, 2026
fn named_month(words: &str, at: usize, found: &mut Vec<Found>) -> Option<usize> {
    let rest = &words[at..];
    let name = rest
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(rest.len());
    let end = at + name;
    let before = words[..at].chars().next_back();
    if !(3..=9).contains(&name) || before.is_some_and(char::is_alphanumeric) {
        return Some(end);
    }
    let tail = rest[name..].strip_prefix([' ', '\u{a0}']);
    let stop = tail.and_then(|tail| {
        let day = tail.bytes().take_while(u8::is_ascii_digit).count();
        let rest = tail.get(day..).filter(|_| (1..=2).contains(&day))?;
        let rest = ["st", "nd", "rd", "th"]
            .iter()
            .find_map(|ending| rest.strip_prefix(ending))
            .unwrap_or(rest);
        let year = rest.trim_start_matches([',', ' ', '\u{a0}']);
        let digits = year.bytes().take_while(u8::is_ascii_digit).count();
        (digits == 4).then(|| words.len() - year.len() + 4)
    });
    if let Some(stop) = stop
        && let Some(date) = Date::parse(&words[at..stop].replace('\u{a0}', " "))
    {
        found.push(Found {
            range: at..stop,
            value: Value::Date(date),
        });
        return Some(stop);
    }
    Some(end)
}

/// 二〇二六年十一月二十九日
fn date_in_words(words: &str, at: usize, found: &mut Vec<Found>) -> Option<usize> {
    let (year, _) = words[at..].char_indices().nth(4)?;
    if !words[at + year..].starts_with('年') {
        return None;
    }
    let (i, c) = words[at..]
        .char_indices()
        .take(16)
        .find(|(_, c)| matches!(c, '日' | '号'))?;
    let stop = at + i + c.len_utf8();
    let date = Date::parse(&words[at..stop])?;
    found.push(Found {
        range: at..stop,
        value: Value::Date(date),
    });
    Some(stop)
}

/// An amount in capital characters.
fn capitals(words: &str, at: usize, found: &mut Vec<Found>) -> Option<usize> {
    let is_capital = |c: char| "零壹贰叁肆伍陆柒捌玖拾佰仟万亿元圆圓角分整正貳參陸萬億".contains(c);
    let rest = &words[at..];
    let len = rest.find(|c| !is_capital(c)).unwrap_or(rest.len());
    if let Some(minor) = parse_rmb_upper(&rest[..len]) {
        found.push(Found {
            range: at..at + len,
            value: Value::Money {
                minor,
                currency: "CNY",
                capitals: true,
            },
        });
    }
    Some(at + len)
}

/// A length of time that begins with the figures at `at`; gives where it ends.
fn period_at(words: &str, at: usize, end: usize, found: &mut Vec<Found>) -> Option<usize> {
    const UNITS: [&str; 22] = [
        "个工作日",
        "工作日",
        "个月",
        "个星期",
        "年",
        "周",
        "日",
        "天",
        "business days",
        "business day",
        "working days",
        "working day",
        "workdays",
        "months",
        "month",
        "weeks",
        "week",
        "years",
        "year",
        "days",
        "day",
        "Business Days",
    ];
    if end - at > 4 {
        return None;
    }
    let rest = &words[end..];
    let space = rest.len() - rest.trim_start_matches(is_spaced).len();
    let unit = UNITS
        .iter()
        .find(|unit| rest[space..].starts_with(**unit))?;
    let stop = end + space + unit.len();
    if unit.is_ascii() && words[stop..].starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    // 2026年 is a year and 30日 after 月 a day of the calendar.
    if *unit == "年" && end - at == 4 || *unit == "日" && words[..at].trim_end().ends_with('月')
    {
        return Some(stop);
    }
    let period = Period::parse(&words[at..stop])?;
    found.push(Found {
        range: at..stop,
        value: Value::Period(period),
    });
    Some(stop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &str, expected: &[&str]) {
        let found: Vec<_> = values(words).into_iter().map(|f| &words[f.range]).collect();
        assert_eq!(found, expected, "{words}");
    }

    #[test]
    fn values_are_found_where_they_stand() {
        check(
            "于2026年11月29日、2026 年 1 月 5 日、二〇二六年十一月二十九日和2026-11-29、2026/1/5、2026.11.29付清",
            &[
                "2026年11月29日",
                "2026 年 1 月 5 日",
                "二〇二六年十一月二十九日",
                "2026-11-29",
                "2026/1/5",
                "2026.11.29",
            ],
        );
        check(
            "on 29 November 2026, 29th November 2026 and November 29, 2026 (May be)",
            &[
                "29 November 2026",
                "29th November 2026",
                "November 29, 2026",
            ],
        );
        check(
            "人民币1,200,000.00元（大写：壹佰贰拾万元整），¥50000、50万元、US$ 3,000.5、£20、300美元",
            &[
                "1,200,000.00",
                "壹佰贰拾万元整",
                "50000",
                "50",
                "3,000.5",
                "20",
                "300",
            ],
        );
        check(
            "年利率4.35%，期限为12个月，10日内，5个工作日，for 30 days",
            &["4.35", "12个月", "10日", "5个工作日", "30 days"],
        );
    }

    #[test]
    fn numbers_of_articles_and_documents_are_no_values() {
        check(
            "第585条第2款、编号2026-01-15-001、A12元、2026年度、12月30日、第3年",
            &[],
        );
        check(
            "§ 3.2 and §3.2 years, SI 2003/2426, £2 million, 2026/679",
            &[],
        );
    }

    #[test]
    fn what_is_written_prints_as_it_stood() {
        let spelt = |words: &str| {
            let found = values(words).remove(0);
            written(&found.value, &words[found.range], Language::Zh)
        };
        for (words, filter, sample) in [
            ("2026年11月29日", "", "2026-11-29"),
            ("2026年01月05日", "", "2026年01月05日"),
            ("November 29, 2026", "us_date", "2026-11-29"),
            ("2026-11-29", "iso_date", "2026-11-29"),
            (
                "¥1200000",
                "replace(',', '') | replace('.00', '')",
                "1200000.00",
            ),
            ("¥1,200,000", "replace('.00', '')", "1200000.00"),
            ("壹佰贰拾万元整", "rmb_upper", "1200000.00"),
            (
                "壹佰贰拾万圆整",
                "rmb_upper | replace('元', '圆')",
                "1200000.00",
            ),
            ("4.350%", "", "4.350"),
            ("10天", "", "10天"),
        ] {
            let written = spelt(words);
            assert_eq!(
                (written.filter, written.sample.as_str()),
                (filter, sample),
                "{words}"
            );
        }
    }
}
