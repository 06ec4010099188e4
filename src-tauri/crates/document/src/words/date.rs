//! Calendar days.

use std::fmt;

/// A day of the Gregorian calendar between the years 1 and 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const ZH_DIGITS: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];

impl Date {
    /// The day, if it exists: 30 February is `None`.
    #[must_use]
    pub fn new(year: u16, month: u8, day: u8) -> Option<Date> {
        let real = (1..=9999).contains(&year)
            && (1..=12).contains(&month)
            && day >= 1
            && day <= days_in(year, month);
        real.then_some(Date { year, month, day })
    }

    /// Year, 1 to 9999.
    #[must_use]
    pub fn year(self) -> u16 {
        self.year
    }

    /// Month, 1 to 12.
    #[must_use]
    pub fn month(self) -> u8 {
        self.month
    }

    /// Day of the month, 1 to 31.
    #[must_use]
    pub fn day(self) -> u8 {
        self.day
    }

    /// Reads `2026-11-23` and nothing else.
    #[must_use]
    pub fn parse_iso(text: &str) -> Option<Date> {
        let mut parts = text.split('-');
        let (y, m, d) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || y.len() != 4 || m.len() != 2 || d.len() != 2 {
            return None;
        }
        Date::new(
            figure(y)?,
            u8::try_from(figure(m)?).ok()?,
            u8::try_from(figure(d)?).ok()?,
        )
    }

    /// Reads a whole text that is a day: `2026-11-23`, `2026/11/23`, `2026.11.23`, `2026年11月23日`, 二〇二六年十一月二十三日,
    /// `23 November 2026`, `23rd November, 2026`, `November 23, 2026`. An impossible day is `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Date> {
        let text = text.trim();
        if text.chars().count() > 40 {
            return None;
        }
        if text.contains('年') {
            Date::parse_zh(text)
        } else {
            Date::parse_figures(text).or_else(|| Date::parse_en(text))
        }
    }

    fn parse_zh(text: &str) -> Option<Date> {
        let (year, rest) = text.split_once('年')?;
        let (month, rest) = rest.split_once('月')?;
        let day = rest.trim().strip_suffix(['日', '号'])?;
        let small = |s: &str| {
            let s = s.trim();
            let n = figure(s)
                .or_else(|| super::parse_zh_number(s).and_then(|n| u16::try_from(n).ok()))?;
            u8::try_from(n).ok()
        };
        let year = year.trim();
        let year = if year.len() == 4 {
            figure(year)?
        } else {
            zh_year(year)?
        };
        Date::new(year, small(month)?, small(day)?)
    }

    fn parse_figures(text: &str) -> Option<Date> {
        let mark = ['-', '/', '.'].into_iter().find(|m| text.contains(*m))?;
        let mut parts = text.split(mark);
        let (y, m, d) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || y.len() != 4 {
            return None;
        }
        Date::new(
            figure(y)?,
            u8::try_from(figure(m)?).ok()?,
            u8::try_from(figure(d)?).ok()?,
        )
    }

    fn parse_en(text: &str) -> Option<Date> {
        let text = text.replace(',', " ");
        let mut words = text.split_whitespace();
        let (a, b, year) = (words.next()?, words.next()?, words.next()?);
        if words.next().is_some() || year.len() != 4 {
            return None;
        }
        let month = |w: &str| {
            MONTHS
                .iter()
                .position(|m| m.eq_ignore_ascii_case(w))
                .map(|i| i as u8 + 1)
        };
        let day = |w: &str| {
            let digits = w.trim_end_matches(|c: char| c.is_ascii_alphabetic());
            let n = figure(digits)?;
            let ending = &w[digits.len()..];
            (ending.is_empty() || super::ordinal(u64::from(n)) == w).then_some(n)
        };
        let (month, day) = match month(b) {
            Some(m) => (m, day(a)?),
            None => (month(a)?, day(b)?),
        };
        Date::new(figure(year)?, month, u8::try_from(day).ok()?)
    }

    /// `2026年11月23日`
    #[must_use]
    pub fn zh(self) -> String {
        format!("{}年{}月{}日", self.year, self.month, self.day)
    }

    /// 二〇二六年十一月二十三日
    #[must_use]
    pub fn zh_words(self) -> String {
        let year: String = format!("{:04}", self.year)
            .bytes()
            .map(|b| ZH_DIGITS[usize::from(b - b'0')])
            .collect();
        let word = |n: u8| super::zh_number(u64::from(n));
        format!("{year}年{}月{}日", word(self.month), word(self.day))
    }

    /// `23 November 2026`
    #[must_use]
    pub fn en(self) -> String {
        format!(
            "{} {} {}",
            self.day,
            MONTHS[usize::from(self.month - 1)],
            self.year
        )
    }

    /// `November 23, 2026`, as it is written in the United States.
    #[must_use]
    pub fn us(self) -> String {
        format!(
            "{} {}, {}",
            MONTHS[usize::from(self.month - 1)],
            self.day,
            self.year
        )
    }

    /// Day of the week, 1 for Monday to 7 for Sunday.
    #[must_use]
    pub fn weekday(self) -> u8 {
        // 1 January of the year 1 was a Monday in the proleptic Gregorian calendar.
        self.number().rem_euclid(7) as u8 + 1
    }

    /// Days from this day to the other; negative when the other is earlier.
    #[must_use]
    pub fn days_until(self, other: Date) -> i64 {
        other.number() - self.number()
    }

    /// The day `days` later (or earlier), if the calendar reaches it.
    #[must_use]
    pub fn add_days(self, days: i64) -> Option<Date> {
        let number = self.number().checked_add(days)?;
        if !(0..=Date {
            year: 9999,
            month: 12,
            day: 31,
        }
        .number())
            .contains(&number)
        {
            return None;
        }
        let mut year = u16::try_from(number / 366 + 1).ok()?;
        while year < 9999 && before_year(year + 1) <= number {
            year += 1;
        }
        let mut rest = number - before_year(year);
        let mut month = 1;
        while rest >= i64::from(days_in(year, month)) {
            rest -= i64::from(days_in(year, month));
            month += 1;
        }
        Date::new(year, month, u8::try_from(rest).ok()? + 1)
    }

    /// The matching day `months` later, or the last day of that month where it has none (Civil Code art. 202:
    /// 到期月的对应日为期间的最后一日；没有对应日的，月末日为期间的最后一日).
    #[must_use]
    pub fn add_months(self, months: i64) -> Option<Date> {
        let index = (i64::from(self.year) * 12 + i64::from(self.month) - 1).checked_add(months)?;
        let year = u16::try_from(index.div_euclid(12)).ok()?;
        let month = u8::try_from(index.rem_euclid(12)).ok()? + 1;
        if !(1..=9999).contains(&year) {
            return None;
        }
        Date::new(year, month, self.day.min(days_in(year, month)))
    }

    /// Days since 1 January of the year 1.
    fn number(self) -> i64 {
        let months: i64 = (1..self.month)
            .map(|m| i64::from(days_in(self.year, m)))
            .sum();
        before_year(self.year) + months + i64::from(self.day) - 1
    }
}

/// `2026-11-23`
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

fn before_year(year: u16) -> i64 {
    let y = i64::from(year) - 1;
    y * 365 + y / 4 - y / 100 + y / 400
}

fn days_in(year: u16, month: u8) -> u8 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn figure(text: &str) -> Option<u16> {
    let plain = !text.is_empty() && text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

fn zh_year(text: &str) -> Option<u16> {
    let mut year = 0u16;
    if text.chars().count() != 4 {
        return None;
    }
    for c in text.chars() {
        let c = if matches!(c, '零' | '○' | 'Ｏ') {
            '〇'
        } else {
            c
        };
        year = year * 10 + ZH_DIGITS.iter().position(|d| *d == c)? as u16;
    }
    Some(year)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_prints() {
        let day = Date::new(2026, 11, 23).expect("a day");
        for text in [
            "2026-11-23",
            "2026/11/23",
            "2026.11.23",
            "2026年11月23日",
            "2026 年 11 月 23 日",
            "二〇二六年十一月二十三日",
            "二零二六年十一月二十三日",
            "23 November 2026",
            "23rd November 2026",
            "November 23, 2026",
        ] {
            assert_eq!(Date::parse(text), Some(day), "{text}");
        }
        assert_eq!(
            (day.zh(), day.en(), day.to_string()),
            (
                "2026年11月23日".into(),
                "23 November 2026".into(),
                "2026-11-23".into()
            )
        );
        assert_eq!(day.us(), "November 23, 2026");
        assert_eq!(day.zh_words(), "二〇二六年十一月二十三日");
        assert_eq!(day.weekday(), 1);
        for bad in [
            "2026-02-30",
            "2026-13-01",
            "2026-1",
            "26-01-01",
            "2026-02-29",
            "31 June 2026",
            "23th November 2026",
            "",
            "年月日",
            "2026年",
        ] {
            assert_eq!(Date::parse(bad), None, "{bad}");
        }
        assert_eq!(Date::parse_iso("2026-1-2"), None);
    }

    #[test]
    fn counts() {
        let d = |s: &str| Date::parse_iso(s).expect("a day");
        assert_eq!(d("2026-01-31").add_months(1), Some(d("2026-02-28")));
        assert_eq!(d("2028-01-31").add_months(1), Some(d("2028-02-29")));
        assert_eq!(d("2026-03-15").add_months(-3), Some(d("2025-12-15")));
        assert_eq!(d("2026-02-28").add_days(1), Some(d("2026-03-01")));
        assert_eq!(d("2026-01-01").days_until(d("2027-01-01")), 365);
        assert_eq!(d("0001-01-01").add_days(-1), None);
        assert_eq!(d("9999-12-31").add_days(1), None);
        assert_eq!(d("9999-12-31").add_months(1), None);
        assert_eq!(d("2026-01-01").add_days(i64::MAX), None);
        assert_eq!(d("2000-01-01").weekday(), 6);
        let mut day = d("1899-12-25");
        for n in 0..80_000 {
            assert_eq!(d("1899-12-25").add_days(n), Some(day));
            assert_eq!(Date::parse(&day.zh()), Some(day));
            assert_eq!(Date::parse(&day.en()), Some(day));
            day = day.add_days(1).expect("next");
        }
    }
}
