//! Lengths of time such as `12 months`.

use super::Date;

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Calendar day.
    Day,
    /// Working day.
    Workday,
    /// Seven days.
    Week,
    /// Calendar month.
    Month,
    /// Calendar year.
    Year,
}

/// A length of time: a number and a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period {
    /// How many; up to 99999.
    pub count: u32,
    /// Of what.
    pub unit: Unit,
}

impl Period {
    /// Reads `12 months`, `1 month`, `30 working days`, `30 workdays`, `12个月`, `3年`, `10日`, `10天`, `5个工作日`, `2周`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Period> {
        let text = text.trim();
        let split = text.find(|c: char| !c.is_ascii_digit())?;
        let (digits, unit) = text.split_at(split);
        if digits.is_empty() || digits.len() > 5 {
            return None;
        }
        let unit = match unit.trim().to_ascii_lowercase().as_str() {
            "day" | "days" | "日" | "天" => Unit::Day,
            "workday" | "workdays" | "working day" | "working days" | "business day"
            | "business days" | "工作日" | "个工作日" => Unit::Workday,
            "week" | "weeks" | "周" | "个星期" => Unit::Week,
            "month" | "months" | "个月" | "月" => Unit::Month,
            "year" | "years" | "年" => Unit::Year,
            _ => return None,
        };
        Some(Period {
            count: digits.parse().ok()?,
            unit,
        })
    }

    /// `12个月`, `5个工作日`, `10日`.
    #[must_use]
    pub fn zh(self) -> String {
        let unit = match self.unit {
            Unit::Day => "日",
            Unit::Workday => "个工作日",
            Unit::Week => "周",
            Unit::Month => "个月",
            Unit::Year => "年",
        };
        format!("{}{unit}", self.count)
    }

    /// `12 months`, `1 working day`.
    #[must_use]
    pub fn en(self) -> String {
        let unit = match self.unit {
            Unit::Day => "day",
            Unit::Workday => "working day",
            Unit::Week => "week",
            Unit::Month => "month",
            Unit::Year => "year",
        };
        format!(
            "{} {unit}{}",
            self.count,
            if self.count == 1 { "" } else { "s" }
        )
    }

    /// The last day of the period when it starts on `start` (Civil Code arts 201, 202: the day of the start does not
    /// count; months and years end on the matching day). Working days need a calendar of holidays: `None`. The
    /// shift of art. 203 from a holiday is left to the caller, who knows the holidays.
    #[must_use]
    pub fn end(self, start: Date) -> Option<Date> {
        let count = i64::from(self.count);
        match self.unit {
            Unit::Day => start.add_days(count),
            Unit::Workday => None,
            Unit::Week => start.add_days(count * 7),
            Unit::Month => start.add_months(count),
            Unit::Year => start.add_months(count * 12),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_prints_and_ends() {
        for (text, zh, en) in [
            ("12 months", "12个月", "12 months"),
            ("1 year", "1年", "1 year"),
            ("5个工作日", "5个工作日", "5 working days"),
            ("10天", "10日", "10 days"),
            ("2 weeks", "2周", "2 weeks"),
        ] {
            let period = Period::parse(text).expect("a period");
            assert_eq!((period.zh().as_str(), period.en().as_str()), (zh, en));
            assert_eq!(Period::parse(zh), Some(period));
            assert_eq!(Period::parse(en), Some(period));
        }
        for bad in [
            "",
            "12",
            "months",
            "1.5 years",
            "-1 day",
            "999999 days",
            "十二个月",
        ] {
            assert_eq!(Period::parse(bad), None, "{bad}");
        }
        let start = Date::parse_iso("2026-08-31").expect("a day");
        let end = |text: &str| {
            Period::parse(text)
                .and_then(|p| p.end(start))
                .map(|d| d.to_string())
        };
        assert_eq!(end("6 months").as_deref(), Some("2027-02-28"));
        assert_eq!(end("10 days").as_deref(), Some("2026-09-10"));
        assert_eq!(end("1 year").as_deref(), Some("2027-08-31"));
        assert_eq!(end("3 workdays"), None);
    }
}
