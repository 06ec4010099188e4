//! Days written in a passage, whether the calendar has them or not.

use super::numeral;
use super::passage::Passage;
use crate::scan::{after, before, is_space, places, run, run_back, skip_spaces};
use moqi_document::words::Date;
use std::ops::Range;

/// A day as written.
#[derive(Debug, Clone)]
pub(crate) struct Day {
    /// Index of its passage.
    pub(crate) passage: usize,
    /// From the year to the day, or from the day to the year.
    pub(crate) range: Range<usize>,
    /// The day, or `None` when the calendar has no such day.
    pub(crate) date: Option<Date>,
}

/// Every day of a passage that has a year, a month and a day, and every day that no year has.
pub(crate) fn days(index: usize, passage: &Passage, found: &mut Vec<Day>) {
    let text = passage.text.as_str();
    let first = found.len();
    for at in places(text, "年") {
        if let Some((range, date)) = chinese(text, at) {
            found.push(Day {
                passage: index,
                range,
                date,
            });
        }
    }
    for at in places(text, "月") {
        if let Some(range) = without_year(text, at) {
            found.push(Day {
                passage: index,
                range,
                date: None,
            });
        }
    }
    if passage.latin {
        english(index, text, found);
    }
    figures(index, text, found);
    found[first..].sort_by_key(|day| day.range.start);
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || numeral::is_chinese_numeral(c)
}

fn day_of(year: u64, month: u64, day: u64) -> Option<Date> {
    Date::new(
        u16::try_from(year).ok()?,
        u8::try_from(month).ok()?,
        u8::try_from(day).ok()?,
    )
}

fn chinese(text: &str, at: usize) -> Option<(Range<usize>, Option<Date>)> {
    let end_of_year = text[..at].trim_end_matches(is_space).len();
    let year = run_back(text, end_of_year, is_digit);
    let value = numeral::whole(&text[year.clone()]).filter(|y| (1900..2200).contains(y))?;
    let month = run(text, skip_spaces(text, at + '年'.len_utf8()), is_digit);
    let month_mark = skip_spaces(text, month.end);
    let day = run(
        text,
        skip_spaces(
            text,
            text[month_mark..]
                .strip_prefix('月')
                .map(|_| month_mark + '月'.len_utf8())?,
        ),
        is_digit,
    );
    let day_mark = skip_spaces(text, day.end);
    let end = ["日", "号"]
        .iter()
        .find(|m| text[day_mark..].starts_with(**m))
        .map(|m| day_mark + m.len())?;
    // 2026年1月10日内 would be a length of time only without the year, so a year makes it a day.
    let (month, day) = (numeral::whole(&text[month])?, numeral::whole(&text[day])?);
    Some((year.start..end, day_of(value, month, day)))
}

/// 4月31日 without a year, where no year has it.
fn without_year(text: &str, at: usize) -> Option<Range<usize>> {
    let month = run_back(text, at, is_digit);
    let lead = text[..month.start].trim_end_matches(is_space);
    // 2026年4月31日 is looked at with its year; 每年4月31日 has none.
    let year = lead.strip_suffix('年').unwrap_or("");
    if year.trim_end_matches(is_space).ends_with(is_digit) {
        return None;
    }
    let day = run(text, skip_spaces(text, at + '月'.len_utf8()), is_digit);
    let rest = text[day.end..].strip_prefix(['日', '号'])?;
    let (m, d) = (
        numeral::whole(&text[month.clone()])?,
        numeral::whole(&text[day])?,
    );
    no_year_has(m, d).then(|| month.start..text.len() - rest.len())
}

/// A day of the month that is missing from every year, such as 31 June; 45 is no day at all and may be something else.
fn no_year_has(month: u64, day: u64) -> bool {
    const LEAP: u64 = 2024;
    (1..=12).contains(&month) && (29..=31).contains(&day) && day_of(LEAP, month, day).is_none()
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

fn english(index: usize, text: &str, found: &mut Vec<Day>) {
    // Months start with a capital letter; looking only there keeps this cheap.
    let bytes = text.as_bytes();
    for at in 0..bytes.len() {
        if !matches!(
            bytes[at],
            b'J' | b'F' | b'M' | b'A' | b'S' | b'O' | b'N' | b'D'
        ) || (at > 0 && bytes[at - 1].is_ascii_alphanumeric())
        {
            continue;
        }
        let word = run(text, at, |c| c.is_ascii_alphabetic());
        let Some(month) = MONTHS
            .iter()
            .position(|m| m.eq_ignore_ascii_case(&text[word.clone()]))
        else {
            continue;
        };
        let day = day_month(text, &word, month as u64 + 1)
            .or_else(|| month_day(text, &word, month as u64 + 1));
        if let Some((range, date)) = day {
            found.push(Day {
                passage: index,
                range,
                date,
            });
        }
    }
}

/// 23 November 2026, 23rd day of November 2026
fn day_month(
    text: &str,
    month: &Range<usize>,
    number: u64,
) -> Option<(Range<usize>, Option<Date>)> {
    let lead = text[..month.start].trim_end_matches(is_space);
    let lead = ["day of", "of"]
        .iter()
        .find_map(|w| lead.strip_suffix(w))
        .unwrap_or(lead)
        .trim_end_matches(is_space);
    let lead = ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|w| lead.strip_suffix(w))
        .unwrap_or(lead);
    let day = run_back(lead, lead.len(), |c| c.is_ascii_digit());
    let value: u64 = lead[day.clone()].parse().ok().filter(|d| *d < 100)?;
    match year_at(text, month.end) {
        Some((year, end)) => Some((day.start..end, day_of(year, number, value))),
        None => no_year_has(number, value).then_some((day.start..month.end, None)),
    }
}

/// November 23, 2026
fn month_day(
    text: &str,
    month: &Range<usize>,
    number: u64,
) -> Option<(Range<usize>, Option<Date>)> {
    let day = run(text, skip_spaces(text, month.end), |c| c.is_ascii_digit());
    let value: u64 = text[day.clone()].parse().ok().filter(|d| *d < 100)?;
    let end = ["st", "nd", "rd", "th"]
        .iter()
        .find(|w| text[day.end..].starts_with(**w))
        .map_or(day.end, |w| day.end + w.len());
    match year_at(text, end) {
        Some((year, end)) => Some((month.start..end, day_of(year, number, value))),
        None => no_year_has(number, value).then_some((month.start..end, None)),
    }
}

fn year_at(text: &str, at: usize) -> Option<(u64, usize)> {
    let comma = if text[at..].starts_with(',') {
        at + 1
    } else {
        at
    };
    let year = run(text, skip_spaces(text, comma), |c| c.is_ascii_digit());
    let value = text[year.clone()]
        .parse()
        .ok()
        .filter(|y| (1900..2200).contains(y))?;
    (year.start > at).then_some((value, year.end))
}

/// 2026-11-23, 2026/11/23, 2026.11.23
fn figures(index: usize, text: &str, found: &mut Vec<Day>) {
    for mark in ["-", "/", "."] {
        for at in places(text, mark) {
            let year = run_back(text, at, |c| c.is_ascii_digit());
            let month = run(text, at + 1, |c| c.is_ascii_digit());
            if year.len() != 4
                || !(1..=2).contains(&month.len())
                || !text[month.end..].starts_with(mark)
            {
                continue;
            }
            let day = run(text, month.end + 1, |c| c.is_ascii_digit());
            let joined = |c: Option<char>| {
                c.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '/' | '.' | '_'))
            };
            let alone = !joined(before(text, year.start))
                && !after(text, day.end)
                    .is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '/' | '_'));
            let number = |r: &Range<usize>| text[r.clone()].parse::<u64>().ok();
            let (Some(y), Some(m), Some(d)) = (number(&year), number(&month), number(&day)) else {
                continue;
            };
            if alone && (1..=2).contains(&day.len()) && (1900..2200).contains(&y) {
                found.push(Day {
                    passage: index,
                    range: year.start..day.end,
                    date: day_of(y, m, d),
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_with_and_without_a_place_in_the_calendar() {
        for (text, wanted) in [
            ("于2026年11月23日签订", vec![("2026年11月23日", true)]),
            (
                "二〇二六年二月三十日",
                vec![("二〇二六年二月三十日", false)],
            ),
            (
                "on 23rd November 2026 and February 30, 2026.",
                vec![("23rd November 2026", true), ("February 30, 2026", false)],
            ),
            ("期限2026-13-01", vec![("2026-13-01", false)]),
            ("GB-2026-01-01-9", vec![]),
            ("10日内", vec![]),
        ] {
            let document = moqi_document::parse(&format!("{text}\n"));
            let passages =
                super::super::passage::passages(&document, &moqi_document::Numbering::default());
            let mut found = Vec::new();
            days(0, &passages[0], &mut found);
            let words = |d: &Day| passages[0].text[d.range.clone()].to_owned();
            let found: Vec<_> = found.iter().map(|d| (words(d), d.date.is_some())).collect();
            let wanted: Vec<_> = wanted
                .into_iter()
                .map(|(t, v): (&str, bool)| (t.to_owned(), v))
                .collect();
            assert_eq!(found, wanted, "{text}");
        }
    }
}
