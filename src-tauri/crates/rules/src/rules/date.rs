//! `date`: days that do not exist, wrong weekdays, periods that end before they start or do not fit their term.
//!
//! Why: a period that cannot be computed is a dispute waiting.
//!
//! Wrong: 2026年2月30日 · 2026年11月23日（星期二） · 自2026年12月1日起至2026年11月30日止 · 租期两年，自2026年1月1日起至2026年12月31日止
//! Right: 2026年2月28日 · 2026年11月23日（星期一）
//! Basis: 《民法典》第二百零二条 (months and years end on the matching day) for the length of a term.

use crate::citations::{Cited, basis};
use crate::facts::Facts;
use crate::facts::day::Day;
use crate::facts::numeral;
use crate::finding::{Finding, RuleInfo, Severity, Words};
use crate::scan::{head, is_space, run_back, sentence_start, tail};
use moqi_document::words::Date;
use std::ops::Range;

pub(crate) const INFO: RuleInfo = RuleInfo {
    id: "date",
    name: Words {
        zh: "日期与期间",
        en: "Dates and periods",
    },
    what: Words {
        zh: "查找不存在的日期、错误的星期、早于起始日的终止日，以及与期限长度不符的起止日。",
        en: "Looks for impossible days, wrong weekdays, ends before starts, and terms that do not fit their dates.",
    },
    why: Words {
        zh: "期间算不清，履行和违约就说不清。",
        en: "A period that cannot be computed cannot be performed.",
    },
    severity: Severity::Error,
};

pub(crate) fn check(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    for (i, day) in facts.days.iter().enumerate() {
        let text = &facts.passages[day.passage].text;
        let words = &text[day.range.clone()];
        let Some(date) = day.date else {
            let message = facts.say(
                format!("日历上没有“{words}”这一天。"),
                format!("There is no such day as “{words}”."),
            );
            findings.push(facts.at(INFO.id, Severity::Error, day.passage, &day.range, message));
            continue;
        };
        weekday(facts, day, date, findings);
        if let Some(next) = facts
            .days
            .get(i + 1)
            .filter(|next| next.passage == day.passage)
            && let Some(end) = next.date
            && is_period(text, day, next)
        {
            period(facts, (day, date), (next, end), findings);
        }
    }
}

const ZH_DAYS: [&str; 7] = ["一", "二", "三", "四", "五", "六", "日"];
const EN_DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// 2026年11月23日（星期二）, Tuesday 23 November 2026, 23 November 2026 (Tuesday)
fn weekday(facts: &Facts<'_>, day: &Day, date: Date, findings: &mut Vec<Finding>) {
    let text = facts.passages[day.passage].text.as_str();
    let right = usize::from(date.weekday()) - 1;
    let found = zh_weekday(text, day.range.end).or_else(|| en_weekday(text, day));
    let Some((range, said, names)) = found.filter(|(_, said, _)| *said != right) else {
        return;
    };
    let zh = format!(
        "{}是星期{}，不是“{}”。",
        &text[day.range.clone()],
        ZH_DAYS[right],
        &text[range.clone()]
    );
    let en = format!(
        "{} is a {}, not a {}.",
        &text[day.range.clone()],
        EN_DAYS[right],
        EN_DAYS[said]
    );
    let mut finding = facts.at(
        INFO.id,
        Severity::Error,
        day.passage,
        &range,
        facts.say(zh, en),
    );
    finding.fix = facts.replace(day.passage, &range, names[right]);
    findings.push(finding);
}

type Weekday = (Range<usize>, usize, &'static [&'static str; 7]);

fn zh_weekday(text: &str, end: usize) -> Option<Weekday> {
    let rest = head(text, end, 6);
    let open = rest.trim_start_matches(|c| is_space(c) || matches!(c, '（' | '(' | '，' | ','));
    let word = ["星期", "周", "礼拜"]
        .iter()
        .find(|w| open.starts_with(**w))?;
    let name = open[word.len()..].chars().next()?;
    let said = ZH_DAYS
        .iter()
        .position(|d| d.starts_with(name))
        .or((name == '天').then_some(6))?;
    let start = end + (rest.len() - open.len()) + word.len();
    Some((start..start + name.len_utf8(), said, &ZH_DAYS))
}

fn en_weekday(text: &str, day: &Day) -> Option<Weekday> {
    let lead = text[..day.range.start].trim_end_matches(|c| is_space(c) || c == ',');
    let lead = lead
        .strip_suffix("the")
        .map_or(lead, |l| l.trim_end_matches(|c| is_space(c) || c == ','));
    if let Some(said) = EN_DAYS.iter().position(|d| lead.ends_with(d)) {
        return Some((lead.len() - EN_DAYS[said].len()..lead.len(), said, &EN_DAYS));
    }
    let rest = &text[day.range.end..];
    let open = rest.trim_start_matches([' ', '(']);
    let said = EN_DAYS
        .iter()
        .position(|d| open.starts_with(d))
        .filter(|_| rest.contains('(') && rest.len() - open.len() <= 2)?;
    let start = day.range.end + rest.len() - open.len();
    Some((start..start + EN_DAYS[said].len(), said, &EN_DAYS))
}

/// Whether two neighbouring days are the start and the end of one period.
fn is_period(text: &str, first: &Day, second: &Day) -> bool {
    let between = text[first.range.end..second.range.start]
        .trim_matches(|c| is_space(c) || matches!(c, '（' | '）' | '(' | ')' | ','));
    let zh = [
        "起至",
        "至",
        "起到",
        "到",
        "（含）至",
        "起，至",
        "开始至",
        "起计算至",
    ]
    .contains(&between);
    let lead = tail(text, first.range.start, 12).to_ascii_lowercase();
    let en_word = [
        "to",
        "until",
        "through",
        "and ending on",
        "to and including",
        "until and including",
        "and ends on",
        "and ending",
    ]
    .contains(&between);
    let from = [
        "from ",
        "from and including ",
        "commencing on ",
        "beginning on ",
        "starting on ",
        "begins on ",
        "on ",
    ]
    .iter()
    .any(|w| lead.ends_with(w));
    let dash = matches!(between, "-" | "—" | "–" | "——" | "~" | "～");
    zh || dash || (en_word && from)
}

fn period(
    facts: &Facts<'_>,
    (first, start): (&Day, Date),
    (second, end): (&Day, Date),
    findings: &mut Vec<Finding>,
) {
    let text = facts.passages[first.passage].text.as_str();
    let range = first.range.start..second.range.end;
    if end < start {
        let zh = format!(
            "期间的终止日“{}”早于起始日“{}”。",
            &text[second.range.clone()],
            &text[first.range.clone()]
        );
        let en = format!(
            "The period ends on {}, before it starts on {}.",
            &text[second.range.clone()],
            &text[first.range.clone()]
        );
        findings.push(facts.at(
            INFO.id,
            Severity::Error,
            first.passage,
            &range,
            facts.say(zh, en),
        ));
        return;
    }
    let sentence = &text[sentence_start(text, first.range.start)..first.range.start];
    let Some((months, said)) = term(sentence) else {
        return;
    };
    let fits = |slack: i64| {
        start
            .add_months(months)
            .and_then(|d| d.add_days(slack))
            .is_some_and(|d| d == end)
    };
    // The last day is the matching day or the day before it; a day more or less is how people count.
    if (-2..=1).any(fits) {
        return;
    }
    let zh = format!(
        "期限写明“{said}”，但起止日从{}到{}，不是这个长度。",
        start.zh(),
        end.zh()
    );
    let en = format!(
        "The term is said to be “{said}”, but {} to {} is not that long.",
        start.en(),
        end.en()
    );
    let mut finding = facts.at(
        INFO.id,
        Severity::Error,
        first.passage,
        &range,
        facts.say(zh, en),
    );
    finding.basis = Some(basis(facts.ui, Cited::Period));
    findings.push(finding);
}

/// The length of a term said right before its dates, in months: 租赁期限为2年，自…; for a term of two years from ….
fn term(sentence: &str) -> Option<(i64, String)> {
    let lead = sentence.trim_end_matches(|c: char| {
        is_space(c) || matches!(c, '，' | ',' | '（' | '(' | '：' | ':' | '即')
    });
    let lead = [
        "自",
        "从",
        "from",
        "commencing on",
        "beginning on",
        "starting on",
        "，即自",
    ]
    .iter()
    .find_map(|w| lead.strip_suffix(w))
    .unwrap_or(lead);
    let lead = lead.trim_end_matches(|c: char| {
        is_space(c) || matches!(c, '，' | ',' | '（' | '(' | '：' | '即')
    });
    for (unit, months) in [
        ("个月", 1),
        ("年", 12),
        ("years", 12),
        ("year", 12),
        ("months", 1),
        ("month", 1),
    ] {
        let Some(rest) = lead.strip_suffix(unit) else {
            continue;
        };
        let rest = rest.trim_end();
        let digits = run_back(rest, rest.len(), |c| {
            c.is_ascii_digit()
                || numeral::is_chinese_numeral(c)
                || matches!(c, '（' | '）' | '(' | ')')
        });
        let shown = rest[digits.clone()].trim_matches(['（', '）', '(', ')']);
        let plain = shown.rsplit(['（', '(']).next().unwrap_or(shown);
        let word = run_back(rest, rest.len(), |c| c.is_ascii_alphabetic());
        let number = numeral::whole(plain)
            .or_else(|| moqi_document::words::parse_en_number(&rest[word.clone()]))?;
        let from = match rest[digits.clone()].starts_with(['（', '(']) {
            // two (2): the word belongs to the number.
            true => {
                run_back(rest, rest[..digits.start].trim_end().len(), |c| {
                    c.is_ascii_alphabetic()
                })
                .start
            }
            false if digits.is_empty() => word.start,
            false => digits.start,
        };
        // 每年, 第二年 and "per year" are no terms; only words that name a term count.
        let named = tail(rest, from, 12).to_lowercase();
        let is_term = ["期", "限", "为", "共", "term of", "period of", "for "]
            .iter()
            .any(|w| named.contains(w))
            && !named.ends_with('第');
        let said = lead[from..].trim_start_matches(['（', '(']).to_owned();
        return (is_term && number < 100).then_some((i64::try_from(number).ok()? * months, said));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::INFO;
    use crate::testing;

    #[test]
    fn pass() {
        testing::pass(
            INFO.id,
            &[
                "于2026年11月23日（星期一）签订。\n",
                "租赁期限为2年，自2026年1月1日起至2027年12月31日止。\n",
                "租赁期限为一年，自2026年3月15日起至2027年3月15日止。\n",
                "合同期限共6个月，自2026年8月31日至2027年2月28日。\n",
                "甲方于2026年12月1日付款，乙方于2026年11月30日交货。\n",
                "On Monday, 23 November 2026 the term of two (2) years from 1 January 2026 to 31 December 2027 is agreed.\n",
                "Signed on 2 March 2026 and delivered on 1 March 2026.\n",
                "每年4月30日、2月29日和2026年4月30日付款；在3月31日内，按第13月45日计。On 30 June in each year.\n",
            ],
        );
    }

    #[test]
    fn fail() {
        testing::fail(
            INFO.id,
            &[
                ("交付日期为2026年2月30日。\n", &[("2026年2月30日", "没有")]),
                ("每年4月31日前付款。\n", &[("4月31日", "没有")]),
                (
                    "On 31 June in each year, and on February 30 again.\n",
                    &[("31 June", "no such day"), ("February 30", "no such day")],
                ),
                ("于2026年11月23日（星期二）签订。\n", &[("二", "星期一")]),
                (
                    "自2026年12月1日起至2026年11月30日止。\n",
                    &[("2026年12月1日起至2026年11月30日", "早于")],
                ),
                (
                    "租赁期限为3年，自2026年1月1日起至2027年12月31日止。\n",
                    &[("2026年1月1日起至2027年12月31日", "3年")],
                ),
                ("Due on 31 June 2026.\n", &[("31 June 2026", "no such day")]),
                ("On Tuesday, 23 November 2026.\n", &[("Tuesday", "Monday")]),
                (
                    "The term runs from 1 May 2026 to 30 April 2025.\n",
                    &[("1 May 2026 to 30 April 2025", "before it starts")],
                ),
                (
                    "Let for a term of two (2) years from 1 January 2026 to 31 December 2028.\n",
                    &[("1 January 2026 to 31 December 2028", "two (2) years")],
                ),
            ],
        );
    }

    #[test]
    fn fix() {
        testing::fix(
            INFO.id,
            &[
                (
                    "于2026年11月23日（星期二）签订。\n",
                    "改为“一”",
                    "于2026年11月23日（星期一）签订。\n",
                ),
                (
                    "On Tuesday, 23 November 2026.\n",
                    "Change to “Monday”",
                    "On Monday, 23 November 2026.\n",
                ),
            ],
        );
    }
}
