//! What a value written out in a text is called, and whether it is one that changes from contract to contract.

use std::ops::Range;

use super::label::{clean, last_chars, named};
use super::lines::{Line, Lines, Place};
use super::name::{all_known, known, known_end};
use super::party::{definition, is_han};
use super::values::Value;
use crate::model::Language;

/// What a value is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Called {
    pub label: String,
    /// A label of its own says so: 签订日期：, `(the “Effective Date”)`. Otherwise it is guessed from what it stands under.
    pub said: bool,
}

/// What a value is called; `None` where it is no matter of this contract (a date of a statute, a percentage in a
/// definition).
pub(super) fn called(
    value: &Value,
    range: &Range<usize>,
    line: &Line,
    lines: &Lines,
    language: Language,
) -> Option<Called> {
    let words = &line.prose.text;
    let (before, after) = (last_chars(&words[..range.start], 160), &words[range.end..]);
    if of_a_statute(value, before, after) {
        return None;
    }
    let said = |label: String| Some(Called { label, said: true });
    if let Some(label) = defined(before, after) {
        return said(label);
    }
    let lead = stripped(before);
    // 签订日期：2026年11月29日
    if let Some(before) = lead.strip_suffix([':', '：'])
        && let Some(label) = named(before).filter(|label| label.chars().count() <= 30)
    {
        match known_end(&label) {
            // What stands before the label may be the end of what stood behind another one.
            Some(own) if !all_known(&label[..label.len() - own.len()]) => {
                if fits(value, own) {
                    return said(own.to_owned());
                }
            }
            None if label.chars().any(is_han) && label.chars().count() > 10 => {}
            _ => return said(label),
        }
    }
    if let Some(label) = lines
        .words(line.left)
        .filter(|_| lead.trim().is_empty())
        .and_then(clean)
        .filter(|label| fits(value, label))
    {
        return said(label);
    }
    let label = match language {
        Language::Zh => chinese(value, lead, after),
        Language::En => english(value, lead, after),
    };
    if let Some(label) = label {
        return said(label);
    }
    // A threshold is wording: `less than $70,000`, `$75,000 or less`.
    let low = last_chars(before, 30).to_ascii_lowercase();
    let threshold = ["less than", "more than", "at least", "exceeds", "exceeding"]
        .iter()
        .any(|word| stripped(&low).ends_with(word))
        && !low.contains("not less than")
        || ["or less", "or more"]
            .iter()
            .any(|word| after.trim_start().starts_with(word));
    if threshold {
        return None;
    }
    // A percentage or a length of time without a label is wording.
    if matches!(
        value,
        Value::Percent(_) | Value::Period(_) | Value::Myriads(_)
    ) {
        return None;
    }
    let under = lines
        .words(line.top)
        .and_then(clean)
        .or_else(|| (line.place != Place::Heading).then(|| lines.heading(line).and_then(clean))?)
        .filter(|words| words.chars().count() <= if language == Language::Zh { 10 } else { 40 });
    let usual = usual(value, language);
    let under = under.map(|words| unnumbered(&words).to_owned());
    let label = match under {
        Some(words) if fits(value, &words) => words,
        Some(words) if language == Language::Zh => format!("{words}{usual}"),
        Some(words) => format!("{words} {}", usual.to_lowercase()),
        None => usual.to_owned(),
    };
    Some(Called { label, said: false })
}

/// A heading without a number that was typed, and without article: 第二条 价款 is 价款.
fn unnumbered(words: &str) -> &str {
    let typed = words.strip_prefix('第').and_then(|rest| {
        let (number, after) = rest.split_once(['条', '章', '节'])?;
        (number.chars().count() <= 5 && !after.trim().is_empty()).then(|| after.trim())
    });
    typed.unwrap_or_else(|| words.strip_prefix("The ").unwrap_or(words))
}

fn usual(value: &Value, language: Language) -> &'static str {
    let zh = language == Language::Zh;
    match value {
        Value::Date(_) if zh => "日期",
        Value::Date(_) => "Date",
        Value::Money { .. } | Value::Myriads(_) if zh => "金额",
        Value::Money { .. } | Value::Myriads(_) => "Amount",
        Value::Percent(_) if zh => "比例",
        Value::Percent(_) => "Percentage",
        Value::Period(_) if zh => "期限",
        Value::Period(_) => "Period",
    }
}

/// Whether a label asks for a value of this kind.
fn fits(value: &Value, label: &str) -> bool {
    let low = label.to_lowercase();
    let zh = |ends: &[&str]| ends.iter().any(|end| label.ends_with(end));
    let en = |words: &[&str]| low.split(' ').any(|word| words.contains(&word));
    match value {
        Value::Date(_) => zh(&["日", "日期", "时间", "年月日"]) || en(&["date", "day", "due"]),
        Value::Money { .. } | Value::Myriads(_) => {
            zh(&[
                "额", "款", "价", "金", "费", "费用", "酬", "资本", "租", "资",
            ]) || en(&[
                "amount",
                "price",
                "fee",
                "fees",
                "rent",
                "salary",
                "deposit",
                "principal",
                "cap",
                "sum",
                "cost",
                "rate",
            ])
        }
        Value::Percent(_) => {
            zh(&["率", "比例", "份额", "折扣", "违约金"])
                || en(&["rate", "percentage", "share", "margin"])
        }
        Value::Period(_) => {
            zh(&["期", "期限", "期间", "时间"]) || en(&["period", "term", "duration"])
        }
    }
}

/// The words before a value without the signs and words that only lead up to it.
fn stripped(before: &str) -> &str {
    let mut words = before;
    loop {
        let start = words.len();
        words = words.trim_end_matches([
            '¥', '￥', '$', '€', '£', ' ', '\u{3000}', '\u{a0}', '（', '(', '*', '“', '＄',
        ]);
        for lead in [
            "（大写）",
            "(大写)",
            "（小写）",
            "(小写)",
            "人民币",
            "RMB",
            "CNY",
            "USD",
            "US",
            "HK",
            "EUR",
            "GBP",
            "大写：",
            "大写:",
            "大写",
            "小写：",
            "小写",
        ] {
            words = words.strip_suffix(lead).unwrap_or(words);
        }
        if words.len() == start {
            return words;
        }
    }
}

/// “基准日”是指2026年…, `“Start Date” means 2 January 2027`, `2 January 2027 (the “Start Date”)`.
fn defined(before: &str, after: &str) -> Option<String> {
    let rest = after.trim_start_matches(['元', ' ', '%']);
    if rest.starts_with('(')
        && let Some((label, _)) = definition(rest, 0)
    {
        return Some(label);
    }
    if let Some(inner) = rest.strip_prefix('（') {
        let head: String = inner.chars().take(24).collect();
        if let Some((_, label)) = head.split_once("简称") {
            let label = label.trim_start_matches(['为', '“', '"', '：', ':']);
            let end = label.find(['”', '"', '）'])?;
            return clean(&label[..end]);
        }
    }
    let lead = stripped(before);
    let lead = [
        "是指",
        "指的是",
        "系指",
        "指",
        "为",
        "means",
        "shall mean",
        "is",
    ]
    .iter()
    .find_map(|verb| lead.strip_suffix(verb))?;
    let lead = lead.trim_end().strip_suffix(['”', '"'])?;
    let open = lead.rfind(['“', '"'])?;
    let label = lead[open..].trim_start_matches(['“', '"']);
    (label.chars().count() <= 40).then(|| clean(label))?
}

/// 合同总价为人民币1,200,000.00元, 租赁期限为3年
fn chinese(value: &Value, lead: &str, after: &str) -> Option<String> {
    if let Value::Date(_) = value {
        let from = lead.ends_with(['自', '从']);
        let to = lead.ends_with(['至', '到']);
        let next = after.trim_start();
        for (label, is) in [
            (
                "起始日",
                from && (next.starts_with("起至") || next.starts_with('至')),
            ),
            ("终止日", to && next.starts_with('止')),
            ("到期日", lead.ends_with("有效期至")),
            (
                "出生日期",
                next.starts_with("出生") || next.starts_with('生'),
            ),
        ] {
            if is {
                return Some(label.to_owned());
            }
        }
    }
    let lead = lead.trim_end_matches(['：', ':']);
    // 作为预付款，即人民币…
    let lead = lead
        .strip_suffix('即')
        .map_or(lead, |lead| lead.trim_end_matches(['，', ',', '、']));
    let joined = lead.trim_end_matches([
        '为', '是', '共', '计', '按', '即', '于', '暂', '总', '定', '合',
    ]);
    let label = known_end(joined)?;
    // 金额 and 期限 alone say nothing that the heading would not say better, unless they are said to be this.
    fits(value, label).then(|| {
        let before = &joined[..joined.len() - label.len()];
        widened(before, label)
    })
}

/// The label with the words that belong to it: 首期+租金, 第二期+转让价款.
fn widened(before: &str, label: &'static str) -> String {
    let start = before
        .char_indices()
        .rev()
        .take(6)
        .take_while(|(_, c)| is_han(*c))
        .last()
        .map(|(i, _)| i);
    let near = start.map_or("", |start| &before[start..]);
    for modifier in [
        "首期",
        "第一期",
        "第二期",
        "第三期",
        "剩余",
        "年",
        "月",
        "日",
        "不含税",
        "含税",
        "甲方",
        "乙方",
        "认缴",
        "实缴",
        "逾期",
        "保底",
        "最低",
        "最高",
    ] {
        if near.ends_with(modifier) && !label.starts_with(modifier) {
            let whole = format!("{modifier}{label}");
            return known(&whole).map_or(whole, str::to_owned);
        }
    }
    label.to_owned()
}

/// `a Purchase Price of $1,200,000`, `dated 29 November 2026`, `for a term of 12 months`
fn english(value: &Value, lead: &str, after: &str) -> Option<String> {
    let low = lead.to_ascii_lowercase();
    let ends = |words: &[&str]| words.iter().any(|word| low.trim_end().ends_with(word));
    match value {
        Value::Date(_) => {
            for (label, leads) in [
                (
                    "Date of agreement",
                    &[
                        "agreement is dated",
                        "agreement dated",
                        "this agreement is made on",
                        "made and entered into as of",
                        "entered into as of",
                        "is made as of",
                        "is made on",
                        "entered into on",
                        "effective as of",
                        "dated as of",
                        "made as of",
                    ] as &[&str],
                ),
                (
                    "Start date",
                    &[
                        "commencing on",
                        "starting on",
                        "commences on",
                        "begins on",
                        "beginning on",
                        "starts on",
                    ],
                ),
                (
                    "End date",
                    &[
                        "ending on",
                        "expiring on",
                        "expires on",
                        "ends on",
                        "terminates on",
                    ],
                ),
                ("Due date", &["due on", "payable on"]),
            ] {
                if ends(leads) {
                    return Some(label.to_owned());
                }
            }
            capitalised_before(lead, &["is", "on", "of", "means"])
                .filter(|label| fits(value, label))
        }
        Value::Money { .. } | Value::Myriads(_) => capitalised_before(
            lead,
            &[
                "of", "is", "in", "the", "amount", "sum", "fixed", "a", "equal", "to", "total",
                "be", "shall",
            ],
        )
        .filter(|label| fits(value, label))
        .or_else(|| {
            let per = after.trim_start();
            [
                ("per month", "Monthly amount"),
                ("per annum", "Annual amount"),
                ("per year", "Annual amount"),
                ("per hour", "Hourly rate"),
                ("per day", "Daily rate"),
            ]
            .iter()
            .find(|(words, _)| per.starts_with(words))
            .map(|(_, label)| (*label).to_owned())
        }),
        Value::Percent(_) => {
            let per_year = after
                .trim_start_matches(['%', ' '])
                .starts_with("per annum");
            (ends(&[
                "interest at",
                "rate of",
                "interest of",
                "at the rate of",
                "margin of",
            ]) || per_year)
                .then(|| {
                    if per_year || low.contains("interest") {
                        "Interest rate"
                    } else {
                        "Rate"
                    }
                    .to_owned()
                })
        }
        Value::Period(_) => {
            for (label, leads) in [
                (
                    "Term",
                    &[
                        "term of",
                        "for a term of",
                        "initial term of",
                        "term is",
                        "term shall be",
                    ] as &[&str],
                ),
                ("Notice period", &["notice of", "not less than", "at least"]),
            ] {
                let notice = label == "Notice period";
                let of_notice = after.trim_start().starts_with("’ notice")
                    || after.trim_start().starts_with("’ written notice")
                    || after.trim_start().starts_with("' notice")
                    || after.trim_start().starts_with("' written notice");
                if ends(leads) && (!notice || of_notice) {
                    return Some(label.to_owned());
                }
            }
            None
        }
    }
}

/// The capitalised words that stand before words of no weight: `the Purchase Price of`.
fn capitalised_before(lead: &str, light: &[&str]) -> Option<String> {
    let words: Vec<&str> = last_chars(lead, 80).split_whitespace().collect();
    let end = words.iter().rposition(|word| !light.contains(word))? + 1;
    let start = words[..end]
        .iter()
        .rposition(|word| !word.starts_with(|c: char| c.is_ascii_uppercase()))
        .map_or(0, |i| i + 1);
    let label = &words[start.max(end.saturating_sub(4))..end];
    let label: Vec<&&str> = label
        .iter()
        .skip_while(|word| matches!(**word, "The" | "A" | "An" | "This"))
        .collect();
    let label: Vec<&str> = label.into_iter().copied().collect();
    (!label.is_empty()).then(|| clean(&label.join(" ")))?
}

/// Whether a value is a part of the law or of another document: `自2021年1月1日起施行`, `Regulation of 27 April 2016`,
/// `Version 2.0 of 1 May 2024`.
fn of_a_statute(value: &Value, before: &str, after: &str) -> bool {
    let next: String = after.chars().take(24).collect();
    let near = last_chars(before, 80);
    // Inside a title: 《…2026年…》.
    if near.rfind('《') > near.rfind('》') {
        return true;
    }
    if let Value::Date(_) = value {
        let clause = next
            .split(['，', '。', '；', ',', ';'])
            .next()
            .unwrap_or("");
        if [
            "施行", "实施", "修正", "修订", "颁布", "公布", "通过", "发布", "号令", "版",
        ]
        .iter()
        .any(|word| clause.contains(word))
        {
            return true;
        }
    }
    let sentence = near.rsplit(". ").next().unwrap_or(near);
    let low = sentence.to_ascii_lowercase();
    let statute = [
        " act ",
        " act,",
        " act)",
        "regulation",
        "directive",
        "statute",
        "u.s.c",
        "c.f.r",
        "§",
        "public law",
        "code of",
        "rev. stat",
        "gen. laws",
        "gdpr",
        "decision 20",
        "convention",
        "treaty",
        "penal",
        "penalt",
        "fine of",
        "fines",
    ];
    let version = [
        "took effect",
        "on or after",
        "came into force",
        "version",
        "updated",
        "published",
        "posted",
        "copyright",
        "©",
        "revised",
        "form of",
    ];
    match value {
        Value::Date(_) => statute
            .iter()
            .chain(&version)
            .any(|word| low.contains(word)),
        Value::Money { .. } | Value::Myriads(_) | Value::Percent(_) => {
            let ahead = next.to_ascii_lowercase();
            statute.iter().any(|word| low.contains(word)) && !low.contains("liquidated")
                || ["fine", "civil penalt", "penalt"]
                    .iter()
                    .any(|word| ahead.contains(word))
        }
        Value::Period(_) => false,
    }
}
